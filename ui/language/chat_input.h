// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QKeyEvent>
#include <QPlainTextEdit>

namespace hvlm::ui {

// Three lines for a question: Enter sends, Shift+Enter begins a new line.
class ChatInput : public QPlainTextEdit {
  Q_OBJECT
 public:
  explicit ChatInput(QWidget* parent = nullptr) : QPlainTextEdit(parent) {
    setTabChangesFocus(true);
    setFixedHeight(3 * fontMetrics().lineSpacing() + 14);
  }

 Q_SIGNALS:
  void submitted();

 protected:
  void keyPressEvent(QKeyEvent* event) override {
    const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (enter && !event->modifiers().testFlag(Qt::ShiftModifier)) Q_EMIT submitted();
    else QPlainTextEdit::keyPressEvent(event);
  }
};

}  // namespace hvlm::ui
