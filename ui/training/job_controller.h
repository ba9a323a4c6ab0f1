// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QElapsedTimer>
#include <QHash>
#include <QObject>
#include <QString>
#include <QTimer>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

#include "jobs/engine.h"
#include "jobs/runner.h"
#include "runs/control.h"
#include "ui/training/event_queue.h"
#include "ui/training/job_status.h"

namespace hvlm::ui {

// Runs jobs and inspections for the window and follows runs of other processes. Owned by MainWindow; GUI thread only. Never
// waits: every request returns at once and the answer comes as a signal, at most thirty times a second.
class JobController : public QObject {
  Q_OBJECT
 public:
  // For short work with the engine (a search, a question): the one thread that all tensor work is done on.
  JobRunner& runner() { return runner_; }
  explicit JobController(QObject* parent = nullptr, JobRunner::EngineFactory engine = loadEngine);  // another engine: for tests
  ~JobController() override;

  void start(JobSpec spec);
  void attach(const QString& run_folder);  // follow a run that any process writes
  void detach();
  void pause();
  void resume();
  void stop();  // at the next step, with a checkpoint

  const JobStatus& status() const { return status_; }
  double secondsInState() const;
  bool busy() const { return isActive(status_.state) && !status_.attached; }  // this process trains

  // The newest request of a slot answers; older ones are dropped. Returns its number.
  int64_t inspect(const QString& slot, InspectSpec spec);

 Q_SIGNALS:
  void statusChanged();
  void eventsArrived(const std::vector<hvlm::JobEvent>& events);
  void modelImproved(const QString& run_folder);  // other weights: after an epoch, an evaluation, a checkpoint or the end
  void finished(bool good);                       // a job of this process ended
  void inspected(const QString& slot, std::shared_ptr<const hvlm::VideoInspection> inspection);
  void inspectionFailed(const QString& slot, const QString& message);

 private:
  void drain();
  void take(const std::vector<JobEvent>& events);
  void follow(std::stop_token stop);
  void setFollowed(const QString& run_folder, std::shared_ptr<EventQueue> queue);
  double now() const { return static_cast<double>(clock_.elapsed()) / 1000.0; }
  void request(ControlRequest request);

  QElapsedTimer clock_;
  QTimer drain_timer_;
  JobStatus status_;
  std::shared_ptr<EventQueue> queue_;
  JobRunner::JobId job_ = 0;
  int64_t last_request_ = 0;
  QHash<QString, int64_t> newest_;
  std::mutex follow_mutex_;
  std::condition_variable_any follow_changed_;
  QString follow_folder_;                        // under follow_mutex_; empty: nothing to follow
  std::shared_ptr<EventQueue> follow_queue_;     // under follow_mutex_
  int64_t follow_number_ = 0;                    // under follow_mutex_; grows with each change
  std::jthread follower_;                        // made with the controller, see Workers
  JobRunner runner_;  // last: joins while the rest still lives
};

}  // namespace hvlm::ui
