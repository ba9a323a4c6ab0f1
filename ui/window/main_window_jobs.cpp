// SPDX-License-Identifier: GPL-3.0-or-later
// The window and what is at work: the training of this process or a followed one, cancelling, closing, and the jobs that wait for it.
#include <unistd.h>

#include <QDockWidget>
#include <QLabel>
#include <QTabWidget>
#include <QTimer>
#include <fstream>

#include "runs/run_lock.h"
#include "runs/run_record.h"
#include "support/paths.h"
#include "support/text.h"
#include "ui/curves/curves_view.h"
#include "ui/detections/detection_panel.h"
#include "ui/jobs/job_queue.h"
#include "ui/jobs/jobs_panel.h"
#include "ui/log/log_panel.h"
#include "ui/results/results_view.h"
#include "ui/runs/run_table.h"
#include "ui/runs/runs_panel.h"
#include "ui/shell/background.h"
#include "ui/shell/history.h"
#include "ui/shell/notice_strip.h"
#include "ui/text.h"
#include "ui/training/background_run.h"
#include "ui/training/job_controller.h"
#include "ui/training/training_panel.h"
#include "ui/window/main_window.h"
#include "ui/workspace.h"

namespace hvlm::ui {
namespace {

double residentBytes(int64_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/statm");
  double whole = 0.0, resident = 0.0;
  file >> whole >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

struct MemoryNow {
  double window = 0.0;
  double training = 0.0;  // of the process that trains; 0: not known
};

// `followed`: a run of another process, or nothing.
MemoryNow memoryNow(const QString& followed) {
  MemoryNow now;
  now.window = now.training = residentBytes(::getpid());
  if (followed.isEmpty()) return now;
  const auto beat = readHeartbeat(pathOf(followed));
  now.training = beat && beat->host == hostName() ? residentBytes(beat->pid) : 0.0;
  return now;
}

QString eventLine(const JobEvent& event) {
  if (const auto* started = std::get_if<StartedEvent>(&event)) {
    return started->from_step > 0 ? uiText("goes on from step %1").arg(started->from_step) : uiText("started");
  }
  if (const auto* seen = std::get_if<EvaluatedEvent>(&event)) {
    QString text = uiText("evaluated %1 at step %2").arg(qText(seen->subset)).arg(seen->step);
    int told = 0;
    for (const auto& [tag, value] : seen->values) {
      if (told++ == 4) break;
      text += QStringLiteral(" · %1 %2").arg(tagName(tag), valueText(value));
    }
    return text;
  }
  if (const auto* kept = std::get_if<CheckpointEvent>(&event)) return uiText("checkpoint of step %1 kept").arg(kept->step);
  if (const auto* state = std::get_if<StateEvent>(&event)) return uiText("%1 at step %2").arg(qText(state->state)).arg(state->step);
  if (const auto* done = std::get_if<FinishedEvent>(&event)) {
    return done->summary.empty() ? (done->stopped ? uiText("stopped, everything kept") : uiText("finished")) : qText(done->summary);
  }
  return {};
}

}  // namespace

void MainWindow::connectJobs() {
  connect(training_, &TrainingPanel::queueAsked, this, [this](const QString& title, const QStringList& arguments) {
    docks_.value(QStringLiteral("jobsDock"))->show();
    docks_.value(QStringLiteral("jobsDock"))->raise();
    jobs_panel_->choose(jobs_->add(title, arguments));
  });
  connect(training_, &TrainingPanel::started, this, [this](const QString& folder) {
    history_->note(tr("training started: %1").arg(folder));
    runs_->addFolder(folder);
    showRun(folder);
    tabs_->setCurrentWidget(curves_);
  });
  connect(controller_, &JobController::statusChanged, this, [this] {
    const JobStatus& s = controller_->status();
    tellImported();
    holdQueue();
    // Stopped, or another run is looked at meanwhile: what was cancelled goes as soon as nobody writes it.
    if (!cancelled_.isEmpty() && (s.run_folder != cancelled_ || !isActive(s.state))) throwAway(std::exchange(cancelled_, QString()));
    if (s.state == JobState::kStopped || s.state == JobState::kFailed || s.state == JobState::kLost) {
      const char* as_recorded = s.state == JobState::kLost ? "lost" : s.state == JobState::kFailed ? "failed" : "stopped";
      training_->setRunState(s.run_folder, QLatin1String(as_recorded));
    } else if (s.state == JobState::kDone || isActive(s.state)) {
      training_->setRunState(s.run_folder, QString());
    }
    showStatus();
  });
  connect(controller_, &JobController::eventsArrived, this, [this](const std::vector<JobEvent>& events) {
    const QString run = qText(pathOf(controller_->status().run_folder).filename());
    // A followed run tells its whole past at once: its last lines are enough.
    const size_t from = events.size() > 200 ? events.size() - 200 : 0;
    for (size_t i = from; i < events.size(); ++i) {
      const QString line = eventLine(events[i]);
      if (!line.isEmpty()) log_->add(LogLevel::kInfo, tr("run %1: %2").arg(run, line));
      if (const auto* warning = std::get_if<WarningEvent>(&events[i])) log_->add(LogLevel::kWarning, qText(warning->text));
      if (const auto* failed = std::get_if<FailedEvent>(&events[i])) log_->add(LogLevel::kError, qText(failed->message));
      if (std::holds_alternative<FinishedEvent>(events[i])) results_->refresh();
      if (std::holds_alternative<FinishedEvent>(events[i])) detections_->refresh();
    }
  });
  connect(controller_, &JobController::finished, this, [this](bool good) {
    const JobStatus& ended = controller_->status();
    if (!ended.attached) history_->note(tr("%1: %2").arg(stateText(ended.state), ended.run_folder));
    runs_->refresh();
    results_->refresh();
    table_->refresh();
    training_->suggestRunFolder();
    if (good && controller_->status().state == JobState::kDone && !closing_) tabs_->setCurrentWidget(results_);
    if (closing_) closeWhenStopped();
  });
  connect(training_, &TrainingPanel::cancelled, this, [this](const QString& folder) {
    if (controller_->status().run_folder == folder && isActive(controller_->status().state)) cancelled_ = folder;
    else throwAway(folder);
  });
  connect(training_, &TrainingPanel::closedLost, this, [this](const QString& folder) {
    log_->add(LogLevel::kInfo, tr("run %1: closed; it counts as stopped and can be resumed").arg(qText(pathOf(folder).filename())));
    runsChanged();
  });
  connect(jobs_, &JobQueue::busyChanged, this, [this] { training_->setMachineBusy(jobs_->busy()); });
  auto* pulse = new QTimer(this);
  pulse->setInterval(2000);
  connect(pulse, &QTimer::timeout, this, [this] {
    const JobStatus& s = controller_->status();
    const QString followed = s.attached && isActive(s.state) ? s.run_folder : QString();
    inBackground(this, [followed] { return memoryNow(followed); }, [this](const MemoryNow& now) {
      window_bytes_ = now.window;
      showMachine();
      training_->setMemoryNow(now.training);
    });
    training_->lookAtRoom();
  });
  pulse->start();
  showMachine();
}

// What waits in the panel Jobs would compute on the same cores; and nothing begins in a window that is about to close.
void MainWindow::holdQueue() { jobs_->setHeld(controller_->busy() || closing_); }

// A run that was cancelled: it has said its last word, and lets go of its folder in a moment.
void MainWindow::throwAway(const QString& folder) {
  QMetaObject::invokeMethod(this, [this, folder] {
    if (controller_->status().attached && controller_->status().run_folder == folder) controller_->detach();
    training_->setRunState(folder, QString());
    if (workspace_->run() == folder) showRun(QString());
    toTrash(folder, true);
  }, Qt::QueuedConnection);
}

// The run has stopped, and its lock is free in a moment: a process of its own takes it, or the window closes as it is.
void MainWindow::closeWhenStopped() {
  const auto leave = [this] {
    setEnabled(true);
    close();
  };
  const QString run = std::exchange(detach_, QString());
  if (run.isEmpty() || controller_->status().state != JobState::kStopped) {
    leave();
    return;
  }
  confirming_ = true;
  showStatus();
  const auto ended = [this, leave](const QString& problem) {
    confirming_ = false;
    if (problem.isEmpty()) {
      leave();
      return;
    }
    closing_ = false;
    setEnabled(true);
    holdQueue();
    showStatus();
    training_->notice()->show(NoticeLevel::kBad, tr("The background process did not take over: %1 The run is stopped and kept: Resume goes on here.").arg(problem));
  };
  inBackground(this, [run, go_on = go_on_in_background_] { return go_on(run); }, ended, ended);
}

}  // namespace hvlm::ui
