// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/manual_dialog.h"

#include <QFile>
#include <QPushButton>
#include <QRegularExpression>
#include <QTextBrowser>
#include <QVBoxLayout>

namespace hvlm::ui {

ManualDialog::ManualDialog(QWidget* parent) : QDialog(parent) {
  setObjectName(QStringLiteral("manualDialog"));
  setWindowTitle(tr("Manual"));
  resize(720, 620);
  auto* text = new QTextBrowser(this);
  text->setObjectName(QStringLiteral("manualText"));
  text->setAccessibleName(tr("Manual"));
  text->setOpenLinks(false);  // they lead to files of the source tree
  text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  text->setTabChangesFocus(true);
  QFile file(QStringLiteral(":/docs/window.md"));  // within the program: nothing is read from the disk
  if (file.open(QIODevice::ReadOnly)) {
    QString words = QString::fromUtf8(file.readAll());
    static const QRegularExpression pictures(QStringLiteral("^!\\[[^\\n]*$"), QRegularExpression::MultilineOption);
    words.remove(pictures);  // they are files of the source tree
    text->setMarkdown(words);
  }
  auto* close = new QPushButton(tr("Close"), this);
  close->setDefault(true);
  connect(close, &QPushButton::clicked, this, &QDialog::accept);
  auto* column = new QVBoxLayout(this);
  column->addWidget(text, 1);
  column->addWidget(close, 0, Qt::AlignRight);
}

}  // namespace hvlm::ui
