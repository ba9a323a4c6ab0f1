// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/command_palette.h"

#include <QAction>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListView>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QTimer>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/shell/action_list.h"
#include "ui/style/theme.h"

namespace hvlm::ui {
namespace {

constexpr int kKeysRole = Qt::UserRole + 1;

QString plainText(const QAction* action) {
  QString text = action->text();
  text.remove(QLatin1Char('&'));
  return QStringLiteral("%1: %2").arg(ActionList::groupOf(action), text);
}

// Text on the left, keys in muted letters on the right.
class CommandDelegate : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    QStyledItemDelegate::paint(painter, option, index);
    const bool selected = option.state.testFlag(QStyle::State_Selected);
    painter->setPen(selected ? tokens().on_accent : tokens().muted);
    painter->drawText(option.rect.adjusted(0, 0, -10, 0), Qt::AlignRight | Qt::AlignVCenter, index.data(kKeysRole).toString());
  }
  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    return {QStyledItemDelegate::sizeHint(option, index).width(), 28};
  }
};

}  // namespace

int matchScore(const QString& text, const QString& query) {
  int score = 1;
  for (const QString& word : query.split(QLatin1Char(' '), Qt::SkipEmptyParts)) {
    const qsizetype at = text.indexOf(word, 0, Qt::CaseInsensitive);
    if (at < 0) return 0;
    const bool starts_word = at == 0 || !text[at - 1].isLetterOrNumber();
    score += starts_word ? 10 : 3;
  }
  return score;
}

CommandModel::CommandModel(const ActionList& actions, QObject* parent) : QAbstractListModel(parent), actions_(actions) {
  setQuery(QString());
}

void CommandModel::setQuery(const QString& query) {
  beginResetModel();
  QList<std::pair<int, QAction*>> found;
  for (QAction* action : actions_.all()) {
    const int score = matchScore(plainText(action), query);
    if (score > 0) found.append({score, action});
  }
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  shown_.clear();
  for (const auto& [score, action] : found) shown_.append(action);
  endResetModel();
}

int CommandModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(shown_.size()); }

QVariant CommandModel::data(const QModelIndex& index, int role) const {
  const QAction* action = actionAt(index.row());
  if (!action) return {};
  switch (role) {
    case Qt::DisplayRole: return plainText(action);
    case Qt::DecorationRole: return action->icon();
    case kKeysRole: return action->shortcut().toString(QKeySequence::NativeText);
    case Qt::CheckStateRole: return action->isCheckable() ? QVariant(action->isChecked() ? Qt::Checked : Qt::Unchecked) : QVariant();
    default: return {};
  }
}

Qt::ItemFlags CommandModel::flags(const QModelIndex& index) const {
  const QAction* action = actionAt(index.row());
  if (!action) return Qt::NoItemFlags;
  return action->isEnabled() ? Qt::ItemIsEnabled | Qt::ItemIsSelectable : Qt::ItemIsSelectable;
}

QAction* CommandModel::actionAt(int row) const { return row >= 0 && row < shown_.size() ? shown_[row] : nullptr; }

CommandPalette::CommandPalette(const ActionList& actions, QWidget* parent) : QDialog(parent, Qt::Dialog | Qt::FramelessWindowHint) {
  setObjectName(QStringLiteral("commandPalette"));
  setAccessibleName(tr("Command palette"));
  setModal(true);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(8, 8, 8, 8);
  query_ = new QLineEdit(this);
  query_->setObjectName(QStringLiteral("commandQueryEdit"));
  query_->setPlaceholderText(tr("Type a command"));
  query_->setAccessibleName(tr("Command to find"));
  query_->installEventFilter(this);
  list_ = new QListView(this);
  list_->setObjectName(QStringLiteral("commandList"));
  list_->setAccessibleName(tr("Commands"));
  list_->setUniformItemSizes(true);
  list_->setIconSize(QSize(16, 16));
  list_->setItemDelegate(new CommandDelegate(list_));
  model_ = new CommandModel(actions, this);
  list_->setModel(model_);
  column->addWidget(query_);
  column->addWidget(list_, 1);
  connect(query_, &QLineEdit::textChanged, this, [this](const QString& text) {
    model_->setQuery(text);
    list_->setCurrentIndex(model_->index(0));
  });
  connect(list_, &QListView::clicked, this, &CommandPalette::runSelected);
}

void CommandPalette::popUp() {
  query_->clear();
  model_->setQuery(QString());
  list_->setCurrentIndex(model_->index(0));
  if (const QWidget* host = parentWidget()) {
    const int width = std::min(560, host->width() - 40);
    resize(width, std::min(420, host->height() - 80));
    move(host->mapToGlobal(QPoint((host->width() - width) / 2, 56)));
  }
  query_->setFocus();
  open();
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::KeyPress) {
    const auto* key = static_cast<QKeyEvent*>(event);
    if (key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter) {
      runSelected();
      return true;
    }
    if (key->key() == Qt::Key_Down || key->key() == Qt::Key_Up) {
      const int step = key->key() == Qt::Key_Down ? 1 : -1;
      const int row = std::clamp(list_->currentIndex().row() + step, 0, std::max(0, model_->rowCount() - 1));
      list_->setCurrentIndex(model_->index(row));
      return true;
    }
  }
  return QDialog::eventFilter(watched, event);
}

void CommandPalette::runSelected() {
  QPointer<QAction> action = model_->actionAt(list_->currentIndex().row());
  if (!action || !action->isEnabled()) return;
  accept();
  QTimer::singleShot(0, this, [action] {
    if (action) action->trigger();
  });
}

}  // namespace hvlm::ui
