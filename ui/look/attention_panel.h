// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

#include <memory>

#include "jobs/inspection.h"
#include "ui/look/attention_view.h"

class QComboBox;
class QLabel;
class QSlider;
class QTabWidget;

namespace hvlm::ui {

class ElidedLabel;
class JobController;
class NoticeStrip;
class Workspace;

// The run's attention on the chosen video beside that of another run or checkpoint, and how it was learned, epoch by epoch.
class AttentionPanel : public QWidget {
  Q_OBJECT
 public:
  AttentionPanel(Workspace& workspace, JobController& controller, QWidget* parent = nullptr);
  void setOtherRuns(const QStringList& folders, int more = 0);  // to choose from; `more` of the list are not among them
  void compareWith(const QString& run, const QString& checkpoint);
  void readHistory();                              // again, from the run folder
  AttentionPair* pair() { return pair_; }
  AttentionHistory* history() { return history_; }
  QSlider* scrubber() { return scrubber_; }
  QString difference() const;
  FigureCanvas* currentFigure();
  NoticeStrip* notice() { return notice_; }

 Q_SIGNALS:
  void exportAsked();

 private:
  void fillChoices();
  void ask();
  void refresh();
  void showHistory();
  void play();

  Workspace& workspace_;
  JobController& controller_;
  NoticeStrip* notice_;
  QTabWidget* tabs_;
  QComboBox* other_;
  QLabel* difference_;
  AttentionPair* pair_;
  AttentionHistory* history_;
  AttentionPair* learned_;   // the epoch of the scrubber beside the last one
  QSlider* scrubber_;
  QLabel* epoch_;
  ElidedLabel *pair_read_out_, *history_read_out_;
  QStringList others_;
  int more_runs_ = 0;
  std::vector<AttentionSnapshot> all_;
  std::shared_ptr<const VideoInspection> compared_;
  QString asked_video_, compared_name_;
};

}  // namespace hvlm::ui
