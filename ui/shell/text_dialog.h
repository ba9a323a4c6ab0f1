// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QDialog>
#include <QString>

class QPlainTextEdit;

namespace hvlm::ui {

// A longer text in a window of its own, to be read, selected and copied. With `editable` it can be changed and is asked for with `text()`.
class TextDialog : public QDialog {
  Q_OBJECT
 public:
  TextDialog(const QString& title, const QString& text, QWidget* parent = nullptr, bool editable = false);
  QString text() const;

 private:
  QPlainTextEdit* edit_;
};

}  // namespace hvlm::ui
