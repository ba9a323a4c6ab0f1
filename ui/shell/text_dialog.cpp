// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/text_dialog.h"

#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/style/icons.h"

namespace hvlm::ui {

TextDialog::TextDialog(const QString& title, const QString& text, QWidget* parent, bool editable) : QDialog(parent) {
  setObjectName(QStringLiteral("textDialog"));
  setWindowTitle(title);
  resize(640, 420);
  auto* column = new QVBoxLayout(this);
  edit_ = new QPlainTextEdit(text, this);
  edit_->setObjectName(QStringLiteral("textDialogText"));
  edit_->setAccessibleName(title);
  edit_->setReadOnly(!editable);
  edit_->setTabChangesFocus(true);
  auto* buttons = new QHBoxLayout;
  buttons->addStretch(1);
  auto* close = new QPushButton(editable ? tr("Keep") : tr("Close"), this);
  close->setObjectName(QStringLiteral("textDialogCloseButton"));
  close->setDefault(!editable);
  if (!editable) {
    auto* copy = new QPushButton(icon("copy"), tr("Copy"), this);
    connect(copy, &QPushButton::clicked, this, [this] { QApplication::clipboard()->setText(edit_->toPlainText()); });
    buttons->addWidget(copy);
  }
  buttons->addWidget(close);
  column->addWidget(edit_, 1);
  column->addLayout(buttons);
  connect(close, &QPushButton::clicked, this, &QDialog::accept);
}

QString TextDialog::text() const { return edit_->toPlainText(); }

}  // namespace hvlm::ui
