// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QAbstractButton>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QTableView>
#include <QToolButton>

#include "ui/shell/elided_label.h"

// Texts of a window that have too little room.
namespace hvlm::ui::testing {

inline QString nameOf(const QWidget* widget, const QString& text) {
  const QString own = widget->objectName().isEmpty() ? QString::fromLatin1(widget->metaObject()->className()) : widget->objectName();
  return own + QStringLiteral(" \"") + text + QStringLiteral("\"");
}

// Lines of text that stand in less room than they take. What may be cut is cut with an ellipsis and says the rest in its tool tip (ElidedLabel), or wraps.
inline QStringList cutTexts(const QWidget& root) {
  QStringList cut;
  const auto check = [&](const QWidget* widget, const QString& text, QSize needed) {
    if (text.isEmpty() || !widget->isVisible() || widget->visibleRegion().isEmpty()) return;
    if (widget->height() + 1 < needed.height() || widget->width() + 1 < needed.width()) {
      cut.append(nameOf(widget, text) + QStringLiteral(": %1 x %2 of %3 x %4").arg(widget->width()).arg(widget->height()).arg(needed.width()).arg(needed.height()));
    }
  };
  for (const QLabel* label : root.findChildren<QLabel*>()) {
    if (label->wordWrap() || qobject_cast<const ElidedLabel*>(label) || label->textFormat() == Qt::RichText) continue;
    const QString line = label->text().section(QLatin1Char('\n'), 0, 0);
    check(label, label->text(), {label->fontMetrics().horizontalAdvance(line), label->fontMetrics().height()});
  }
  for (const QAbstractButton* button : root.findChildren<QAbstractButton*>()) {
    const auto* tool = qobject_cast<const QToolButton*>(button);
    if (tool && tool->toolButtonStyle() == Qt::ToolButtonIconOnly && !tool->icon().isNull()) continue;  // its text is for the screen reader
    QString text = button->text();
    text.remove(QLatin1Char('&'));
    check(button, text, {button->fontMetrics().horizontalAdvance(text), button->fontMetrics().height()});
  }
  for (const QComboBox* combo : root.findChildren<QComboBox*>()) check(combo, combo->currentText(), {0, combo->fontMetrics().height()});
  for (const QLineEdit* edit : root.findChildren<QLineEdit*>()) check(edit, edit->text() + edit->placeholderText(), {0, edit->fontMetrics().height()});
  for (const QTableView* table : root.findChildren<QTableView*>()) {
    if (!table->isVisible() || !table->model() || table->model()->rowCount() == 0) continue;
    if (table->rowHeight(0) < table->fontMetrics().height()) cut.append(nameOf(table, QStringLiteral("rows of %1 for %2").arg(table->rowHeight(0)).arg(table->fontMetrics().height())));
  }
  return cut;
}

}  // namespace hvlm::ui::testing
