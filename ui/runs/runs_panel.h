// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QElapsedTimer>
#include <QTimer>
#include <QWidget>
#include <memory>

#include <vector>

#include "runs/run_list.h"

class QLabel;
class QLineEdit;
class QStackedWidget;
class QTableView;
class QToolButton;

namespace hvlm::ui {

class EmptyState;
class NoticeStrip;
class RunModel;

// The run table, read again every two seconds on a worker while it is visible.
class RunsPanel : public QWidget {
  Q_OBJECT
 public:
  explicit RunsPanel(QWidget* parent = nullptr);
  void setFolders(const QStringList& folders);  // runs, or folders of runs
  const QStringList& folders() const { return folders_; }
  void addFolder(const QString& folder);
  void refresh();
  void showCurrent(const QString& folder);
  QString selected() const;  // folder of the row chosen, or empty
  void setContextActions(const QList<QAction*>& actions);  // of the chosen row
  void focusSearch();
  RunModel* model() { return model_; }
  NoticeStrip* notice() { return notice_; }

 Q_SIGNALS:
  void runChosen(const QString& folder);
  void openRunsAsked();

 private:
  void arrive(std::vector<RunSummary> runs);
  void recount();

  QStringList folders_;
  QString current_;
  RunModel* model_;
  QTableView* table_;
  QStackedWidget* pages_;
  EmptyState* empty_;
  NoticeStrip* notice_;
  QTimer refresh_timer_;
  QElapsedTimer reading_clock_;
  bool reading_ = false;
  bool again_ = false;
  std::shared_ptr<LivenessTracker> tracker_;  // used by one worker at a time
  std::shared_ptr<RunCache> cache_;           // the same
  QLineEdit* search_;
  QLabel* count_;
  QTimer search_timer_;
};

}  // namespace hvlm::ui
