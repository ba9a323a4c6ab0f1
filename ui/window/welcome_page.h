// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

class QLabel;
class QProgressBar;

namespace hvlm::ui {

class NoticeStrip;

// The first screen: three choices, nothing else.
class WelcomePage : public QWidget {
  Q_OBJECT
 public:
  explicit WelcomePage(QWidget* parent = nullptr);
  void showWork(const QString& text, int64_t done, int64_t total);  // empty text: none
  NoticeStrip* notice() { return notice_; }

 Q_SIGNALS:
  void demoAsked();
  void dataAsked();
  void runsAsked();

 private:
  NoticeStrip* notice_;
  QLabel* work_;
  QProgressBar* progress_;
};

}  // namespace hvlm::ui
