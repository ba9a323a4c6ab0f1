// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/key_sheet.h"

#include <QAction>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QPushButton>
#include <QTreeWidget>
#include <QVBoxLayout>

#include "ui/shell/action_list.h"
#include "ui/style/icons.h"

namespace hvlm::ui {

KeySheet::KeySheet(const ActionList& actions, QWidget* parent) : QDialog(parent) {
  setObjectName(QStringLiteral("keySheet"));
  setWindowTitle(tr("Keys"));
  resize(520, 560);
  auto* column = new QVBoxLayout(this);
  auto* tree = new QTreeWidget(this);
  tree->setAccessibleName(tr("Actions and their keys"));
  tree->setColumnCount(2);
  tree->setHeaderLabels({tr("Action"), tr("Keys")});
  tree->setRootIsDecorated(false);
  QTreeWidgetItem* group = nullptr;
  QString open;
  for (const QAction* action : actions.all()) {
    if (ActionList::groupOf(action) != open || !group) {
      open = ActionList::groupOf(action);
      group = new QTreeWidgetItem(tree, {open});
      group->setFirstColumnSpanned(true);
      QFont font = group->font(0);
      font.setBold(true);
      group->setFont(0, font);
      group->setExpanded(true);
    }
    QStringList keys;
    for (const QKeySequence& key : action->shortcuts()) keys.append(key.toString(QKeySequence::NativeText));
    QString text = action->text();
    text.remove(QLatin1Char('&'));
    new QTreeWidgetItem(group, {text, keys.join(QStringLiteral(", "))});
  }
  tree->expandAll();
  tree->header()->setSectionResizeMode(0, QHeaderView::Stretch);
  tree->header()->setSectionResizeMode(1, QHeaderView::ResizeToContents);
  tree->header()->setStretchLastSection(false);
  column->addWidget(tree);
  auto* manual = new QPushButton(icon("log"), tr("Manual"), this);
  manual->setObjectName(QStringLiteral("manualButton"));
  auto* close = new QPushButton(tr("Close"), this);
  auto* buttons = new QHBoxLayout;
  buttons->addWidget(manual);
  buttons->addStretch(1);
  buttons->addWidget(close);
  column->addLayout(buttons);
  connect(manual, &QPushButton::clicked, this, &KeySheet::manualAsked);
  connect(close, &QPushButton::clicked, this, &QDialog::accept);
}

}  // namespace hvlm::ui
