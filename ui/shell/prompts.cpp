// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/prompts.h"

#include <QFileDialog>
#include <QInputDialog>
#include <QMessageBox>
#include <QPushButton>

namespace hvlm::ui {

QString DialogPrompts::openFile(QWidget* parent, const QString& title, const QString& filter) {
  return QFileDialog::getOpenFileName(parent, title, QString(), filter);
}

QString DialogPrompts::openFolder(QWidget* parent, const QString& title) {
  return QFileDialog::getExistingDirectory(parent, title);
}

QString DialogPrompts::saveFile(QWidget* parent, const QString& title, const QString& name, const QString& filter) {
  return QFileDialog::getSaveFileName(parent, title, name, filter);
}

QString DialogPrompts::line(QWidget* parent, const QString& title, const QString& label, const QString& now) {
  bool accepted = false;
  const QString text = QInputDialog::getText(parent, title, label, QLineEdit::Normal, now, &accepted);
  return accepted ? text : QString();
}

int DialogPrompts::choose(QWidget* parent, const QString& question, const QString& detail, const QStringList& buttons) {
  QMessageBox box(parent);
  box.setIcon(QMessageBox::NoIcon);
  box.setText(question);
  box.setInformativeText(detail);
  QList<QAbstractButton*> pushed;
  for (const QString& text : buttons) {
    pushed.append(box.addButton(text, pushed.isEmpty() ? QMessageBox::AcceptRole : QMessageBox::RejectRole));
  }
  if (!pushed.isEmpty()) {
    box.setDefaultButton(qobject_cast<QPushButton*>(pushed.first()));
    box.setEscapeButton(pushed.last());
  }
  box.exec();
  return static_cast<int>(pushed.indexOf(box.clickedButton()));
}

}  // namespace hvlm::ui
