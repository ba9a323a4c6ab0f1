// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/prompts.h"

#include <QFileDialog>
#include <QInputDialog>
#include <QKeyEvent>
#include <QMessageBox>
#include <QPushButton>

namespace hvlm::ui {
namespace {

// Esc and the window's own close button answer nothing. A plain message box would take the button of the reject role for Esc, or refuse to close.
class Question : public QMessageBox {
 public:
  using QMessageBox::QMessageBox;

 protected:
  void keyPressEvent(QKeyEvent* event) override {
    if (event->matches(QKeySequence::Cancel)) reject();
    else QMessageBox::keyPressEvent(event);
  }
  void closeEvent(QCloseEvent* event) override { QDialog::closeEvent(event); }
};

}  // namespace

std::optional<ExportOptions> Prompts::exportOptions(QWidget*, const ExportOptions& now) { return now; }

std::optional<ExportOptions> DialogPrompts::exportOptions(QWidget* parent, const ExportOptions& now) {
  ExportOptionsDialog dialog(now, parent);
  return dialog.exec() == QDialog::Accepted ? std::optional(dialog.options()) : std::nullopt;
}

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
  Question box(parent);
  box.setIcon(QMessageBox::NoIcon);
  box.setText(question);
  box.setInformativeText(detail);
  QList<QAbstractButton*> pushed;
  for (const QString& text : buttons) {
    pushed.append(box.addButton(text, pushed.isEmpty() ? QMessageBox::AcceptRole : QMessageBox::RejectRole));
  }
  if (!pushed.isEmpty()) box.setDefaultButton(qobject_cast<QPushButton*>(pushed.first()));
  box.exec();
  return static_cast<int>(pushed.indexOf(box.clickedButton()));
}

}  // namespace hvlm::ui
