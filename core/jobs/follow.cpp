// SPDX-License-Identifier: Apache-2.0
#include "jobs/follow.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "runs/checkpoint.h"
#include "support/error.h"

namespace hvlm {
namespace {

constexpr auto kRecordInterval = std::chrono::milliseconds(500);

// The subset a tag was measured on, for tags that come from an evaluation: "holdout/average_map" -> "holdout".
std::string evaluatedSubset(const std::string& tag) {
  for (const char* subset : {"holdout", "validation", "training"}) {
    if (tag.rfind(std::string(subset) + "/", 0) == 0) return subset;
  }
  return "";
}

}  // namespace

RunFollower::RunFollower(std::filesystem::path run) : run_(std::move(run)), metrics_(run_), record_(readRunRecord(run_)) {}

std::vector<JobEvent> RunFollower::poll(Clock::time_point now) {
  std::vector<JobEvent> events;
  // The record is read before the points and its end told after them, so that nothing follows the last word.
  std::string state = state_;
  const bool look = segments_told_ == 0 || now - record_read_ >= kRecordInterval;
  if (look) {
    record_ = readRunRecord(run_);
    record_read_ = now;
    state = record_.state;
    if ((state == "running" || state == "paused") && !liveness_.alive(run_, now)) state = "lost";
  }
  const std::vector<MetricPoint> points = metrics_.poll();
  if (!points.empty() && points.back().segment > static_cast<int64_t>(record_.resumes.size())) record_ = readRunRecord(run_);
  tellStarted(0, events);
  tellPoints(points, events);
  if (look) {
    tellStarted(static_cast<int64_t>(record_.resumes.size()), events);
    if (record_.epochs_done > epochs_told_) {
      epochs_told_ = record_.epochs_done;
      events.push_back(EpochEvent{.epoch = epochs_told_, .step = last_step_, .wall_seconds = last_wall_seconds_, .values = {}});
    }
    tellCheckpoints(events);
    tellState(state, events);
  }
  return events;
}

void RunFollower::tellStarted(int64_t segment, std::vector<JobEvent>& events) {
  for (; segments_told_ <= segment; ++segments_told_) {
    StartedEvent started;
    started.run_folder = run_.string();
    started.total_epochs = record_.total_epochs;
    const auto index = static_cast<size_t>(segments_told_);
    if (index > 0 && index <= record_.resumes.size()) started.from_step = record_.resumes[index - 1].from_step;
    if (index > 0) epochs_told_ = 0;
    last_step_ = started.from_step;
    events.push_back(std::move(started));
  }
}

void RunFollower::tellPoints(const std::vector<MetricPoint>& points, std::vector<JobEvent>& events) {
  // Points of one step are written together; `step` and `evaluated` collect until the step changes.
  StepEvent step;
  std::vector<EvaluatedEvent> evaluated;
  const auto flush = [&] {
    if (!step.values.empty()) events.push_back(std::exchange(step, {}));
    for (EvaluatedEvent& event : evaluated) events.push_back(std::move(event));
    evaluated.clear();
  };
  const MetricPoint* before = nullptr;
  for (const MetricPoint& point : points) {
    if (before && (point.step != before->step || point.segment != before->segment)) flush();
    before = &point;
    tellStarted(point.segment, events);
    last_step_ = point.step;
    last_wall_seconds_ = point.wall_seconds;
    const std::string subset = evaluatedSubset(point.tag);
    if (subset.empty()) {
      step.step = point.step;
      step.epoch = point.epoch;
      step.wall_seconds = point.wall_seconds;
      step.values.emplace_back(point.tag, point.value);
      continue;
    }
    if (evaluated.empty() || evaluated.back().subset != subset) {
      evaluated.push_back({.step = point.step, .subset = subset, .is_best = false, .values = {}});
    }
    evaluated.back().values.emplace_back(point.tag, point.value);
  }
  flush();
}

void RunFollower::tellCheckpoints(std::vector<JobEvent>& events) {
  const std::string best = checkpointLink(run_, "best");
  std::set<std::string> present;
  for (const std::string& name : checkpointNames(run_)) {
    present.insert(name);
    if (checkpoints_.contains(name)) continue;
    CheckpointEvent event;
    event.step = std::strtoll(name.c_str() + name.find('-') + 1, nullptr, 10);
    event.folder = (run_ / "checkpoints" / name).string();
    event.is_best = name == best;
    events.push_back(std::move(event));
  }
  checkpoints_ = std::move(present);
}

void RunFollower::tellState(const std::string& state, std::vector<JobEvent>& events) {
  if (state == state_) return;
  state_ = state;
  if (state == "failed") {
    events.push_back(FailedEvent{record_.failure.empty() ? "The run failed." : record_.failure});
  } else if (state == "done" || state == "stopped") {
    FinishedEvent finished;
    finished.stopped = state == "stopped";
    finished.summary = (finished.stopped ? "Stopped at step " : "Done at step ") + std::to_string(record_.step) + ".";
    try {
      if (const auto report = readReport(run_)) finished.result_json = report->dump();
    } catch (const InputError& error) {
      events.push_back(WarningEvent{error.what()});
    }
    events.push_back(std::move(finished));
  } else {
    events.push_back(StateEvent{.state = state, .step = last_step_});
  }
}

}  // namespace hvlm
