// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QFrame>
#include <QString>
#include <functional>
#include <vector>

class QHBoxLayout;
class QLabel;
class QToolButton;
class QVBoxLayout;

namespace hvlm::ui {

enum class NoticeLevel { kInfo, kGood, kWarning, kBad };

// What can be done about a message: a verb, and what its button does.
struct NoticeAction {
  QString text;
  std::function<void()> act;
};

// A message that needs no answer, shown in the panel it concerns until it is closed or replaced. Selectable text; "Copy" takes
// it with the program's version. Hidden while empty.
class NoticeStrip : public QFrame {
  Q_OBJECT
 public:
  explicit NoticeStrip(QWidget* parent = nullptr);
  void show(NoticeLevel level, const QString& text, const QString& action = {}, std::function<void()> act = {});
  void show(NoticeLevel level, const QString& text, const std::vector<NoticeAction>& actions);  // a button each; each closes the strip
  void clear();
  QString text() const;

 private:
  void recolour();
  void removeActions();
  NoticeLevel level_ = NoticeLevel::kInfo;
  QLabel* icon_;
  QLabel* label_;
  QVBoxLayout* words_;
  std::vector<QToolButton*> actions_;
  QToolButton* copy_;
  QToolButton* close_;
};

}  // namespace hvlm::ui
