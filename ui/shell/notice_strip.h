// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QFrame>
#include <functional>

class QHBoxLayout;
class QLabel;
class QToolButton;

namespace hvlm::ui {

enum class NoticeLevel { kInfo, kGood, kWarning, kBad };

// A message that needs no answer, shown in the panel it concerns until it is closed or replaced. Selectable text; "Copy" takes
// it with the program's version. Hidden while empty.
class NoticeStrip : public QFrame {
  Q_OBJECT
 public:
  explicit NoticeStrip(QWidget* parent = nullptr);
  void show(NoticeLevel level, const QString& text, const QString& action = {}, std::function<void()> act = {});
  void clear();
  QString text() const;

 private:
  void recolour();
  NoticeLevel level_ = NoticeLevel::kInfo;
  QLabel* icon_;
  QLabel* label_;
  QToolButton* action_;
  QToolButton* copy_;
  QToolButton* close_;
  std::function<void()> act_;
};

}  // namespace hvlm::ui
