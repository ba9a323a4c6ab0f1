// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

class QLabel;
class QPlainTextEdit;
class QStackedWidget;
class QTableView;
class QToolButton;

namespace hvlm::ui {

class EmptyState;
class JobQueue;

// The jobs that wait, run or have ended, and what the chosen one printed.
class JobsPanel : public QWidget {
  Q_OBJECT
 public:
  explicit JobsPanel(JobQueue& queue, QWidget* parent = nullptr);
  void choose(qint64 id);
  qint64 chosen() const { return chosen_; }
  QString outputText() const;
  // Of the chosen job, if there is one.
  void runAgain();
  void copyCommand();  // the line as a shell takes it
  void removeChosen();

 Q_SIGNALS:
  void newJobAsked();

 private:
  void refresh();
  void showOutput();

  JobQueue& queue_;
  QTableView* table_;
  QPlainTextEdit* output_;
  QToolButton* stop_;
  QToolButton* again_;
  QToolButton* remove_;
  QToolButton* copy_;
  QToolButton* now_;
  QLabel* held_;
  QStackedWidget* pages_;
  EmptyState* empty_;
  qint64 chosen_ = 0;
  qint64 shown_job_ = 0, shown_told_ = 0;  // whose output is on screen, up to which line
};

}  // namespace hvlm::ui
