// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/key_editor.h"

#include <QAction>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeySequenceEdit>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTreeWidget>
#include <QVBoxLayout>

#include "ui/shell/action_list.h"

namespace hvlm::ui {
namespace {

QString keysText(const QAction* action) {
  QStringList keys;
  for (const QKeySequence& key : action->shortcuts()) keys.append(key.toString(QKeySequence::NativeText));
  return keys.join(QStringLiteral(", "));
}

}  // namespace

KeyEditor::KeyEditor(ActionList& actions, const KeyMap& chosen, QWidget* parent) : QDialog(parent), actions_(actions), chosen_(chosen) {
  setObjectName(QStringLiteral("keyEditor"));
  setWindowTitle(tr("Keyboard shortcuts"));
  resize(560, 560);
  auto* column = new QVBoxLayout(this);
  search_ = new QLineEdit(this);
  search_->setPlaceholderText(tr("Search actions"));
  search_->setAccessibleName(tr("Search actions"));
  search_->setClearButtonEnabled(true);
  tree_ = new QTreeWidget(this);
  tree_->setObjectName(QStringLiteral("keyTree"));
  tree_->setAccessibleName(tr("Actions and their keys"));
  tree_->setColumnCount(3);
  tree_->setHeaderLabels({tr("Action"), tr("Keys"), tr("Menu")});
  tree_->setRootIsDecorated(false);
  tree_->header()->setSectionResizeMode(0, QHeaderView::Stretch);
  tree_->header()->setSectionResizeMode(1, QHeaderView::ResizeToContents);
  tree_->header()->setStretchLastSection(false);
  edit_ = new QKeySequenceEdit(this);
  edit_->setObjectName(QStringLiteral("keyEdit"));
  edit_->setAccessibleName(tr("New key"));
  reset_ = new QPushButton(tr("Standard key"), this);
  auto* remove = new QPushButton(tr("No key"), this);
  auto* all = new QPushButton(tr("All standard"), this);
  auto* close = new QPushButton(tr("Close"), this);
  problem_ = new QLabel(this);
  problem_->setObjectName(QStringLiteral("keyProblem"));
  problem_->setWordWrap(true);
  problem_->setMinimumHeight(2 * problem_->fontMetrics().lineSpacing() + 4);  // words come and go without moving the rest
  auto* line = new QHBoxLayout;
  line->addWidget(new QLabel(tr("Press the new key:"), this));
  line->addWidget(edit_, 1);
  line->addWidget(remove);
  line->addWidget(reset_);
  auto* buttons = new QHBoxLayout;
  buttons->addWidget(all);
  buttons->addStretch(1);
  buttons->addWidget(close);
  column->addWidget(search_);
  column->addWidget(tree_, 1);
  column->addLayout(line);
  column->addWidget(problem_);
  column->addLayout(buttons);
  connect(search_, &QLineEdit::textChanged, this, &KeyEditor::filter);
  connect(tree_, &QTreeWidget::currentItemChanged, this, [this](QTreeWidgetItem* item) { showItem(item); });
  connect(edit_, &QKeySequenceEdit::editingFinished, this, [this] {
    if (!current().isEmpty() && !edit_->keySequence().isEmpty()) setKey(current(), edit_->keySequence());
  });
  connect(remove, &QPushButton::clicked, this, [this] {
    if (!current().isEmpty()) setKey(current(), QKeySequence());
  });
  connect(reset_, &QPushButton::clicked, this, [this] {
    if (!current().isEmpty()) resetKey(current());
  });
  connect(all, &QPushButton::clicked, this, &KeyEditor::resetAll);
  connect(close, &QPushButton::clicked, this, &QDialog::accept);
  for (QPushButton* button : {reset_, remove, all, close}) button->setAutoDefault(false);
  fill();
}

void KeyEditor::fill() {
  const QString kept = current();
  tree_->clear();
  for (const QAction* action : actions_.all()) {
    auto* item = new QTreeWidgetItem(tree_, {ActionList::plainText(action), keysText(action), ActionList::groupOf(action)});
    item->setData(0, Qt::UserRole, ActionList::idOf(action));
    if (chosen_.contains(ActionList::idOf(action))) {
      QFont font = item->font(1);
      font.setBold(true);
      item->setFont(1, font);
      item->setToolTip(1, tr("Chosen by you"));
    }
  }
  filter(search_->text());
  if (!kept.isEmpty()) choose(kept);
}

void KeyEditor::filter(const QString& text) {
  for (int i = 0; i < tree_->topLevelItemCount(); ++i) {
    QTreeWidgetItem* item = tree_->topLevelItem(i);
    const QString all = item->text(0) + QLatin1Char(' ') + item->text(1) + QLatin1Char(' ') + item->text(2);
    item->setHidden(!all.contains(text, Qt::CaseInsensitive));
  }
}

QString KeyEditor::current() const {
  const QTreeWidgetItem* item = tree_->currentItem();
  return item ? item->data(0, Qt::UserRole).toString() : QString();
}

void KeyEditor::choose(const QString& action_id) {
  for (int i = 0; i < tree_->topLevelItemCount(); ++i) {
    if (tree_->topLevelItem(i)->data(0, Qt::UserRole).toString() == action_id) tree_->setCurrentItem(tree_->topLevelItem(i));
  }
}

void KeyEditor::showItem(QTreeWidgetItem* item) {
  edit_->setEnabled(item != nullptr);
  if (!item) return;
  const QSignalBlocker blocker(edit_);
  const QAction* action = actions_[qPrintable(current())];
  edit_->setKeySequence(action ? action->shortcut() : QKeySequence());
}

void KeyEditor::told(const QString& problem) {
  problem_->setText(problem);
  fill();
}

QString KeyEditor::problem() const { return problem_->text(); }

bool KeyEditor::setKey(const QString& action_id, const QKeySequence& key) {
  const QAction* action = actions_[qPrintable(action_id)];
  if (!action) return false;
  const QList<QKeySequence> before = action->shortcuts();
  QList<QKeySequence> wanted;  // the first key changes, the others stay
  if (!key.isEmpty()) {
    wanted = before.mid(1);
    wanted.removeAll(key);
    wanted.prepend(key);
  }
  actions_.setKeys(action_id, wanted);
  const QStringList clashes = actions_.clashes();
  if (!clashes.isEmpty()) {
    const QAction* other = actions_.clashing(action_id);
    actions_.setKeys(action_id, before);
    told(tr("%1 belongs to \"%2\" already. Choose another key, or take it from there first.").arg(key.toString(QKeySequence::NativeText), other ? ActionList::plainText(other) : clashes.first()));
    return false;
  }
  chosen_.insert(action_id, wanted);
  if (wanted == actions_.standardKeys(action_id)) chosen_.remove(action_id);
  told(QString());
  Q_EMIT keysChanged(chosen_);
  return true;
}

void KeyEditor::resetKey(const QString& action_id) {
  const QAction* action = actions_[qPrintable(action_id)];
  if (!action) return;
  const QList<QKeySequence> before = action->shortcuts();
  actions_.setKeys(action_id, actions_.standardKeys(action_id));
  if (!actions_.clashes().isEmpty()) {
    const QAction* other = actions_.clashing(action_id);
    actions_.setKeys(action_id, before);
    told(tr("Its standard key belongs to \"%1\" now. Take it from there first.").arg(other ? ActionList::plainText(other) : QString()));
    return;
  }
  chosen_.remove(action_id);
  told(QString());
  Q_EMIT keysChanged(chosen_);
}

void KeyEditor::take(const KeyMap& chosen) {
  chosen_ = chosen;
  told(QString());
}

void KeyEditor::resetAll() {
  actions_.resetKeys();
  chosen_.clear();
  told(QString());
  Q_EMIT keysChanged(chosen_);
}

}  // namespace hvlm::ui
