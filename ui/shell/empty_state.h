// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

class QLabel;
class QPushButton;

namespace hvlm::ui {

// What an empty panel shows: what will appear, why it is empty now, and the one button that fills it.
class EmptyState : public QWidget {
  Q_OBJECT
 public:
  explicit EmptyState(const QString& text, const QString& button = {}, QWidget* parent = nullptr);
  void setText(const QString& text);
  void setButton(const QString& text);
  QString text() const;

 Q_SIGNALS:
  void pressed();

 private:
  QLabel* label_;
  QPushButton* button_;
};

}  // namespace hvlm::ui
