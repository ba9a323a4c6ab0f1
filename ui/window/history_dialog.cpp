// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/history_dialog.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLocale>
#include <QPushButton>
#include <QTreeWidget>
#include <QVBoxLayout>

#include "ui/shell/history.h"
#include "ui/style/icons.h"

namespace hvlm::ui {

HistoryDialog::HistoryDialog(History& history, QWidget* parent) : QDialog(parent), history_(history) {
  setObjectName(QStringLiteral("historyDialog"));
  setWindowTitle(tr("History"));
  resize(460, 420);
  auto* column = new QVBoxLayout(this);
  list_ = new QTreeWidget(this);
  list_->setObjectName(QStringLiteral("historyList"));
  list_->setAccessibleName(tr("What was done, the newest first"));
  list_->setColumnCount(3);
  list_->setHeaderLabels({tr("Time"), tr("What"), tr("Undo")});
  list_->setRootIsDecorated(false);
  list_->header()->setSectionResizeMode(0, QHeaderView::ResizeToContents);
  list_->header()->setSectionResizeMode(1, QHeaderView::Stretch);
  list_->header()->setSectionResizeMode(2, QHeaderView::ResizeToContents);
  list_->header()->setStretchLastSection(false);
  auto* undo = new QPushButton(tr("Undo"), this);
  auto* redo = new QPushButton(tr("Redo"), this);
  auto* close = new QPushButton(tr("Close"), this);
  auto* buttons = new QHBoxLayout;
  buttons->addWidget(undo);
  buttons->addWidget(redo);
  buttons->addStretch(1);
  buttons->addWidget(close);
  column->addWidget(list_, 1);
  column->addLayout(buttons);
  connect(undo, &QPushButton::clicked, &history_, &History::undo);
  connect(redo, &QPushButton::clicked, &history_, &History::redo);
  connect(close, &QPushButton::clicked, this, &QDialog::accept);
  const auto follow = [this, undo, redo] {
    undo->setEnabled(history_.canUndo());
    redo->setEnabled(history_.canRedo());
    fill();
  };
  connect(&history_, &History::changed, this, follow);
  follow();
}

void HistoryDialog::fill() {
  list_->clear();
  QList<QTreeWidgetItem*> items;
  const auto& entries = history_.entries();
  const QDate today = QDate::currentDate();
  for (auto it = entries.rbegin(); it != entries.rend(); ++it) {
    items.append(new QTreeWidgetItem({it->time.date() == today ? it->time.toString(QStringLiteral("hh:mm:ss")) : QLocale().toString(it->time, QLocale::ShortFormat), it->text, it->undoable ? tr("can be undone") : tr("listed only")}));
  }
  list_->addTopLevelItems(items);
}

}  // namespace hvlm::ui
