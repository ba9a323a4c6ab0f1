// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/training/job_controller.h"

#include <optional>
#include <utility>

#include "jobs/follow.h"
#include "runs/control.h"
#include "ui/shell/background.h"
#include "ui/text.h"

namespace hvlm::ui {
namespace {

constexpr auto kDrainInterval = std::chrono::milliseconds(33);
constexpr auto kFollowInterval = std::chrono::milliseconds(150);

bool changesModel(const JobEvent& event) {
  return std::holds_alternative<EpochEvent>(event) || std::holds_alternative<EvaluatedEvent>(event) ||
         std::holds_alternative<CheckpointEvent>(event) || std::holds_alternative<FinishedEvent>(event);
}

// What a job does before its first step, as far as its spec tells.
std::vector<JobPhase> plannedPhases(const JobSpec& spec) {
  std::vector<JobPhase> phases = {JobPhase{phaseName("loading the engine")}};
  if (const auto* train = std::get_if<TrainSpec>(&spec)) {
    phases.push_back(JobPhase{phaseName("reading the data set")});
    if (!train->resume) phases.push_back(JobPhase{phaseName("reading features")});  // its checkpoint holds what they are read for
    if (usesText(train->config) && train->config.text.tuning == "none") phases.push_back(JobPhase{phaseName("reading texts")});
  }
  if (std::holds_alternative<EvaluateSpec>(spec)) phases.push_back(JobPhase{phaseName("loading the run")});
  return phases;
}

}  // namespace

JobController::JobController(QObject* parent, JobRunner::EngineFactory engine) : QObject(parent), runner_(std::move(engine)) {
  clock_.start();
  drain_timer_.setTimerType(Qt::PreciseTimer);
  drain_timer_.setInterval(kDrainInterval);
  connect(&drain_timer_, &QTimer::timeout, this, &JobController::drain);
  Workers::instance();
  follower_ = std::jthread([this](std::stop_token stop) { follow(stop); });
}

JobController::~JobController() {
  follower_.request_stop();
  if (busy()) runner_.stop(job_);
}

double JobController::secondsInState() const { return now() - status_.since_seconds; }

void JobController::start(JobSpec spec) {
  detach();
  queue_ = std::make_shared<EventQueue>();
  status_ = {};
  if (const auto* train = std::get_if<TrainSpec>(&spec)) status_.run_folder = qText(train->run_folder);
  if (const auto* evaluate = std::get_if<EvaluateSpec>(&spec)) {
    status_.run_folder = qText(evaluate->run_folder);
    status_.evaluates = true;
  }
  status_.phases = plannedPhases(spec);
  enter(status_, JobState::kQueued, now());
  // Nothing is before it: what takes its time first is the engine.
  if (runner_.idle()) queue_->onEvent(PhaseEvent{"loading the engine", 0, 0});
  job_ = runner_.start(std::move(spec), queue_);
  drain_timer_.start();
  Q_EMIT statusChanged();
}

void JobController::attach(const QString& run_folder) {
  if (busy()) return;
  detach();
  queue_ = std::make_shared<EventQueue>();
  status_ = {};
  status_.run_folder = run_folder;
  status_.attached = true;
  enter(status_, JobState::kPreparing, now());
  status_.phase = tr("reading the run folder");
  status_.phases = {JobPhase{status_.phase}};
  setFollowed(run_folder, queue_);
  drain_timer_.start();
  Q_EMIT statusChanged();
}

void JobController::setFollowed(const QString& run_folder, std::shared_ptr<EventQueue> queue) {
  const std::lock_guard lock(follow_mutex_);
  follow_folder_ = run_folder;
  follow_queue_ = std::move(queue);
  ++follow_number_;
  follow_changed_.notify_all();
}

// On the follower's thread: reads the folder, fills the queue.
void JobController::follow(std::stop_token stop) {
  std::unique_lock lock(follow_mutex_);
  while (!stop.stop_requested()) {
    const int64_t number = follow_number_;
    const QString folder = follow_folder_;
    const std::shared_ptr<EventQueue> queue = follow_queue_;
    const auto changed = [&] { return follow_number_ != number; };
    if (!queue) {
      follow_changed_.wait(lock, stop, changed);
      continue;
    }
    lock.unlock();
    try {
      RunFollower follower(pathOf(folder));
      for (bool same = true; same && !stop.stop_requested();) {
        for (const JobEvent& event : follower.poll()) queue->onEvent(event);
        lock.lock();
        same = !follow_changed_.wait_for(lock, stop, kFollowInterval, changed);
        lock.unlock();
      }
      lock.lock();
    } catch (const std::exception& error) {
      queue->onEvent(FailedEvent{error.what()});
      lock.lock();
      follow_changed_.wait(lock, stop, changed);
    }
  }
}

void JobController::detach() {
  if (!status_.attached) return;
  setFollowed(QString(), nullptr);
  status_ = {};
  queue_.reset();
  Q_EMIT statusChanged();
}

void JobController::pause() {
  if (!canPause(status_)) return;
  if (status_.attached) {
    request(ControlRequest::kPause);
  } else {
    runner_.pause(job_);
  }
  enter(status_, JobState::kPausing, now());
  Q_EMIT statusChanged();
}

void JobController::resume() {
  if (!canResume(status_.state)) return;
  if (status_.attached) {
    request(ControlRequest::kResume);
  } else {
    runner_.resume(job_);
  }
  enter(status_, JobState::kRunning, now());
  Q_EMIT statusChanged();
}

void JobController::stop() {
  if (!canStop(status_.state)) return;
  if (status_.attached) {
    request(ControlRequest::kStop);
  } else {
    runner_.stop(job_);
  }
  enter(status_, JobState::kStopping, now());
  Q_EMIT statusChanged();
}

void JobController::request(ControlRequest asked) {
  inBackground(this, [run = pathOf(status_.run_folder), asked] { writeControl(run, asked); }, [] {},
               [this](const QString& message) { Q_EMIT eventsArrived({WarningEvent{stdText(message)}}); });
}

void JobController::drain() {
  if (!queue_) {
    drain_timer_.stop();
    return;
  }
  const std::vector<JobEvent> events = queue_->take();
  if (!events.empty()) take(events);
}

void JobController::take(const std::vector<JobEvent>& events) {
  bool improved = false;
  bool ended = false;
  for (const JobEvent& event : events) {
    applyEvent(status_, event, now());
    improved = improved || changesModel(event);
    ended = ended || std::holds_alternative<FinishedEvent>(event) || std::holds_alternative<FailedEvent>(event);
  }
  if (ended && !status_.attached) {
    drain_timer_.stop();
    queue_.reset();
  }
  Q_EMIT eventsArrived(events);
  Q_EMIT statusChanged();
  if (improved) Q_EMIT modelImproved(status_.run_folder);
  if (ended && !status_.attached) Q_EMIT finished(status_.state != JobState::kFailed);
}

int64_t JobController::inspect(const QString& slot, InspectSpec spec) {
  const int64_t number = ++last_request_;
  newest_[slot] = number;
  const auto answer = [this, slot, number](auto tell) {
    QMetaObject::invokeMethod(this, [this, slot, number, tell] {
      if (newest_.value(slot) == number) tell();
    }, Qt::QueuedConnection);
  };
  runner_.inspect(
      stdText(slot), std::move(spec),
      [this, slot, answer](VideoInspection inspection) {
        auto shared = std::make_shared<const VideoInspection>(std::move(inspection));
        answer([this, slot, shared] { Q_EMIT inspected(slot, shared); });
      },
      [this, slot, answer](const std::string& message) {
        answer([this, slot, text = qText(message)] { Q_EMIT inspectionFailed(slot, text); });
      });
  return number;
}

}  // namespace hvlm::ui
