// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/training/job_status.h"

#include <algorithm>
#include <cmath>

#include "ui/text.h"

namespace hvlm::ui {
namespace {

constexpr double kSpeedSeconds = 2.0;  // speeds are means over about this long

std::optional<double> valueOf(const std::vector<std::pair<std::string, double>>& values, std::string_view tag) {
  for (const auto& [name, value] : values) {
    if (name == tag) return value;
  }
  return std::nullopt;
}

void takeSpeed(JobStatus& s, const StepEvent& e) {
  if (s.mark_step < 0 || e.step < s.mark_step || e.wall_seconds < s.mark_wall) {
    s.mark_step = e.step, s.mark_videos = e.videos_done, s.mark_wall = e.wall_seconds;
    return;
  }
  const double passed = e.wall_seconds - s.mark_wall;
  const bool first = s.steps_per_second <= 0.0;
  if (passed <= 0.0 || (passed < kSpeedSeconds && !first)) return;
  s.steps_per_second = static_cast<double>(e.step - s.mark_step) / passed;
  if (e.videos_done > s.mark_videos) s.items_per_second = static_cast<double>(e.videos_done - s.mark_videos) / passed;
  if (passed < kSpeedSeconds) return;  // a first guess; the mark stays until it is worth more
  s.mark_step = e.step, s.mark_videos = e.videos_done, s.mark_wall = e.wall_seconds;
}

void takePhase(JobStatus& s, const QString& name, int64_t done, int64_t total) {
  const auto named = [&](const QString& wanted) {
    return std::find_if(s.phases.begin(), s.phases.end(), [&](const JobPhase& phase) { return phase.name == wanted; });
  };
  auto at = named(name);
  if (at == s.phases.end()) {
    const auto present = named(s.phase);
    at = s.phases.insert(present == s.phases.end() ? present : present + 1, {name, 0, 0});
  }
  at->done = done, at->total = total;
  s.phase = name;
  s.phase_done = done;
  s.phase_total = total;
}

struct Apply {
  JobStatus& s;
  double now;

  void operator()(const StartedEvent& e) const {
    s.run_folder = qText(e.run_folder);
    s.from_step = e.from_step;
    s.step = e.from_step;
    s.mark_step = -1;
    if (!e.device.empty()) s.device = qText(e.device);
    s.patience = e.patience;
    if (e.total_steps > 0) s.total_steps = e.total_steps;
    if (e.total_epochs > 0) s.total_epochs = e.total_epochs;
    if (s.state != JobState::kStopping && s.state != JobState::kPausing) enter(s, JobState::kPreparing, now);
  }
  void operator()(const PhaseEvent& e) const {
    takePhase(s, phaseName(e.phase), e.done, e.total);
    if (s.state == JobState::kStopping || s.state == JobState::kPausing || s.state == JobState::kPaused) return;
    const bool evaluates = s.evaluates || s.mark_step >= 0 || s.step > s.from_step;
    enter(s, evaluates ? JobState::kEvaluating : JobState::kPreparing, now);
  }
  void operator()(const StepEvent& e) const {
    takeSpeed(s, e);
    s.step = e.step;
    s.epoch = e.epoch;
    s.wall_seconds = e.wall_seconds;
    // A followed run that has just begun tells its length with its first steps.
    if (s.total_steps <= 0 && e.epoch > 0.0 && e.step > 0)
      s.total_steps = s.total_epochs * std::llround(static_cast<double>(e.step) / e.epoch);
    if (const auto loss = valueOf(e.values, "loss/total")) s.loss = loss;
    takeHealth(e.values, "train/");
    endPhases();
    if (s.state != JobState::kStopping && s.state != JobState::kPausing) enter(s, JobState::kRunning, now);
  }
  void operator()(const EpochEvent& e) const {
    s.epochs_done = e.epoch;
    s.step = std::max(s.step, e.step);
    s.wall_seconds = std::max(s.wall_seconds, e.wall_seconds);
  }
  void operator()(const EvaluatedEvent& e) const {
    std::optional<double> score = valueOf(e.values, "holdout/average_map");
    if (!score) score = valueOf(e.values, "holdout/score");
    if (!score) score = valueOf(e.values, "holdout/top1");
    takeHealth(e.values, "holdout/");
    if (e.subset == "holdout") s.evaluations_since_best = e.is_best ? 0 : s.evaluations_since_best + 1;
    if (!score || !(e.is_best || !s.best || *score > *s.best)) return;
    s.best = score;
    // Of its own step: a followed run may tell of an evaluation long after.
    const double epoch = s.step > 0 && s.epoch > 0.0 ? s.epoch * static_cast<double>(e.step) / static_cast<double>(s.step) : s.epoch;
    s.best_epoch = std::round(epoch);
  }
  void takeHealth(const std::vector<std::pair<std::string, double>>& values, const std::string& prefix) const {
    if (const auto v = valueOf(values, (prefix + "mean_std").c_str())) s.mean_std = v;
    if (const auto v = valueOf(values, (prefix + "effective_rank").c_str())) s.effective_rank = v;
    if (const auto v = valueOf(values, (prefix + "r_x").c_str())) s.r_x = v;
  }
  void operator()(const CheckpointEvent&) const {}
  void operator()(const StateEvent& e) const {
    const JobState before = s.state;
    if (e.state == "lost") enter(s, JobState::kLost, now);
    if (e.state == "stopping") enter(s, JobState::kStopping, now);
    if (s.state == JobState::kStopping) return;  // a pause that began before it was told to stop
    if (e.state == "paused") enter(s, JobState::kPaused, now);
    if (e.state == "preparing") enter(s, JobState::kPreparing, now);
    if (e.state == "running") {
      s.mark_step = -1;
      enter(s, JobState::kRunning, now);
    }
    if (e.age_seconds > 0.0) began(before, e.age_seconds);
  }
  // A followed run was in its state before anybody looked; what was asked for here begins here.
  void began(JobState before, double age_seconds) const {
    if (s.attached && before != JobState::kPausing && before != JobState::kStopping) s.since_seconds = now - age_seconds;
  }
  void endPhases() const {
    s.phase.clear();
    s.phases.clear();
  }
  void operator()(const WarningEvent&) const {}
  void operator()(const FinishedEvent& e) const {
    s.summary = qText(e.summary);
    endPhases();
    enter(s, e.stopped ? JobState::kStopped : JobState::kDone, now);
    began(s.state, e.age_seconds);
  }
  void operator()(const FailedEvent& e) const {
    s.failure = qText(e.message);
    endPhases();
    enter(s, JobState::kFailed, now);
    began(s.state, e.age_seconds);
  }
};

}  // namespace

void enter(JobStatus& status, JobState state, double now) {
  if (status.state == state) return;
  status.state = state;
  status.since_seconds = now;
}

void applyEvent(JobStatus& status, const JobEvent& event, double now) { std::visit(Apply{status, now}, event); }

QString liveVerdict(const JobStatus& s) {
  if (!s.effective_rank) return {};
  const bool collapsed = *s.effective_rank < 2.0 || (s.r_x && 1.0 - *s.r_x < 1e-3);
  return collapsed ? uiText("collapsed") : uiText("healthy");
}

QString stateText(JobState state) {
  switch (state) {
    case JobState::kIdle: return uiText("idle");
    case JobState::kQueued: return uiText("queued");
    case JobState::kPreparing: return uiText("preparing");
    case JobState::kRunning: return uiText("running");
    case JobState::kPausing: return uiText("pausing");
    case JobState::kPaused: return uiText("paused");
    case JobState::kStopping: return uiText("stopping");
    case JobState::kEvaluating: return uiText("evaluating");
    case JobState::kDone: return uiText("done");
    case JobState::kStopped: return uiText("stopped");
    case JobState::kFailed: return uiText("failed");
    case JobState::kLost: return uiText("lost");
  }
  return {};
}

const char* stateIcon(JobState state) {
  switch (state) {
    case JobState::kRunning: return "running";
    case JobState::kPausing:
    case JobState::kPaused: return "pause";
    case JobState::kDone: return "good";
    case JobState::kFailed: return "bad";
    case JobState::kLost: return "lost";
    case JobState::kIdle:
    case JobState::kStopping:
    case JobState::kStopped: return "stopped";
    case JobState::kQueued:
    case JobState::kPreparing:
    case JobState::kEvaluating: return "queued";
  }
  return "info";
}

QString phaseName(const std::string& phase) {
  if (phase == "loading the engine") return uiText("loading the engine");
  if (phase == "reading the data set") return uiText("reading the data set");
  if (phase == "reading features") return uiText("reading features");
  if (phase == "reading texts") return uiText("reading texts");
  if (phase == "loading the run") return uiText("loading the run");
  return qText(phase);
}

QString phasesText(const JobStatus& s) {
  if (s.state != JobState::kQueued && s.state != JobState::kPreparing && s.state != JobState::kEvaluating) return {};
  QStringList lines;
  bool reached = s.state == JobState::kQueued;
  for (const JobPhase& phase : s.phases) {
    const bool present = !reached && phase.name == s.phase;
    const QString progress = phase.total > 0 ? uiText("%1 %2 of %3").arg(phase.name).arg(phase.done).arg(phase.total) : phase.name;
    lines.append((reached ? QStringLiteral("·  ") : present ? QStringLiteral("▸  ") : QStringLiteral("✓  ")) + progress);
    reached = reached || present;
  }
  return lines.join(QLatin1Char('\n'));
}

QString waitingText(const JobStatus& s) {
  const auto progress = [&] {
    if (s.phase.isEmpty()) return QString();
    return s.phase_total > 0 ? uiText("%1 %2 of %3").arg(s.phase).arg(s.phase_done).arg(s.phase_total) : s.phase;
  };
  switch (s.state) {
    case JobState::kQueued: return uiText("waits for the engine thread");
    case JobState::kPreparing: return s.phase.isEmpty() ? uiText("loading the engine") : progress();
    case JobState::kPausing: return uiText("waits for the end of this step");
    case JobState::kStopping: return uiText("waits for the end of this step and its checkpoint");
    case JobState::kEvaluating: return progress();
    case JobState::kLost: return uiText("its process is gone; resume goes on from the last checkpoint");
    case JobState::kPaused: return uiText("waits for Resume");
    default: return {};
  }
}

bool isActive(JobState state) {
  switch (state) {
    case JobState::kIdle:
    case JobState::kDone:
    case JobState::kStopped:
    case JobState::kFailed:
    case JobState::kLost: return false;
    default: return true;
  }
}

bool canPause(JobState state) {
  return state == JobState::kRunning || state == JobState::kEvaluating || state == JobState::kPreparing;
}
bool canStop(JobState state) { return isActive(state) && state != JobState::kStopping; }
bool canPause(const JobStatus& s) { return !s.evaluates && canPause(s.state); }
bool canCancel(const JobStatus& s) { return !s.evaluates && isActive(s.state) && s.state != JobState::kStopping; }
bool canResume(JobState state) { return state == JobState::kPaused || state == JobState::kPausing; }

std::optional<double> secondsLeft(const JobStatus& s) {
  if (s.steps_per_second <= 0.0 || s.total_steps <= 0 || s.step > s.total_steps || !isActive(s.state)) return std::nullopt;
  return static_cast<double>(s.total_steps - s.step) / s.steps_per_second;
}

QString progressText(const JobStatus& status) {
  if (!isActive(status.state) || status.evaluates || status.total_epochs <= 0) return {};
  const QString epoch = uiText("epoch %1/%2").arg(status.epochs_done).arg(status.total_epochs);
  const auto left = status.state == JobState::kRunning ? secondsLeft(status) : std::nullopt;
  return left ? uiText("%1 ETA %2").arg(epoch, durationText(*left)) : epoch;
}

QString deviceText(const JobStatus& s, int cores) {
  if (isActive(s.state) && !s.device.isEmpty() && s.device != QLatin1String("cpu")) return s.device;
  return uiText("cpu %1 cores").arg(cores);
}

QString durationText(double seconds) {
  const auto whole = static_cast<int64_t>(std::llround(std::max(0.0, seconds)));
  if (whole < 100) return uiText("%1 s").arg(whole);
  const QLatin1Char zero('0');
  if (whole < 3600) return QStringLiteral("%1:%2").arg(whole / 60).arg(whole % 60, 2, 10, zero);
  return QStringLiteral("%1:%2:%3").arg(whole / 3600).arg(whole / 60 % 60, 2, 10, zero).arg(whole % 60, 2, 10, zero);
}

}  // namespace hvlm::ui
