// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QTimer>
#include <memory>

namespace hvlm::ui {

class JobController;
class StoredRun;
class Workspace;

// Keeps the inspection of the selected video up to date: asks the engine when video, run or weights change and puts the answer
// into the workspace. Of a run without a checkpoint (an imported one) it puts the stored detections there. While a run trains it asks at most about once a second. GUI thread.
class VideoInspector : public QObject {
  Q_OBJECT
 public:
  VideoInspector(Workspace& workspace, JobController& controller, QObject* parent = nullptr);

 Q_SIGNALS:
  void waiting(const QString& text);  // empty: nothing is asked for
  void failed(const QString& message);
  void succeeded();

 private:
  void refresh();
  void ask();
  void readStored();

  Workspace& workspace_;
  JobController& controller_;
  QTimer throttle_;
  std::shared_ptr<StoredRun> stored_;  // of the run shown; the workers use it one after the other
  bool reading_ = false, read_again_ = false;
  bool pending_ = false;  // an answer is on its way
  bool stale_ = false;    // asked again since
  QString asked_video_, asked_run_;
};

}  // namespace hvlm::ui
