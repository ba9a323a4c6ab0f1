// SPDX-License-Identifier: Apache-2.0
#include "jobs/follow.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <nlohmann/json.hpp>
#include <utility>

#include "runs/checkpoint.h"
#include "runs/config.h"
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

// Since a time of a run record, "2026-01-31T12:34:56Z"; 0 for anything else.
double secondsSince(const std::string& utc) {
  std::tm parts = {};
  const char* rest = strptime(utc.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return rest && !*rest ? std::max(0.0, std::difftime(std::time(nullptr), timegm(&parts))) : 0.0;
}
double secondsSinceWritten(const std::filesystem::path& file) {
  std::error_code error;
  const auto written = std::filesystem::last_write_time(file, error);
  return error ? 0.0 : std::max(0.0, std::chrono::duration<double>(std::filesystem::file_time_type::clock::now() - written).count());
}

}  // namespace

RunFollower::RunFollower(std::filesystem::path run) : run_(std::move(run)), metrics_(run_), record_(readRunRecord(run_)) {
  try {
    const RunConfig config = readRunConfig(run_ / "config.yaml");
    batch_size_ = config.train.batch_size;
    patience_ = config.train.patience;
    selects_last_ = config.train.select == "last";
  } catch (const InputError&) {  // of another version: items a second are not told
  }
}

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
  for (const MetricPoint& point : points) {
    if (point.step > 0 && point.epoch > 0.0) steps_per_epoch_ = std::llround(static_cast<double>(point.step) / point.epoch);
  }
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
    started.total_steps = record_.total_epochs * steps_per_epoch_;
    started.device = record_.device;
    started.patience = patience_;
    const auto index = static_cast<size_t>(segments_told_);
    if (index > 0 && index <= record_.resumes.size()) started.from_step = record_.resumes[index - 1].from_step;
    if (index > 0) epochs_told_ = 0;
    last_step_ = from_step_ = started.from_step;
    while (!best_.empty() && best_.back().first > from_step_ && index > 0) best_.pop_back();
    events.push_back(std::move(started));
  }
}

// As Trainer::evaluateHoldout does.
void RunFollower::judge(EvaluatedEvent& evaluated, double epoch) {
  if (evaluated.subset != "holdout") return;
  const auto score =
      std::find_if(evaluated.values.begin(), evaluated.values.end(), [](const auto& value) { return value.first == "holdout/score"; });
  if (selects_last_) {
    evaluated.is_best = record_.total_epochs > 0 && epoch > static_cast<double>(record_.total_epochs) - 1e-6;
  } else if (score != evaluated.values.end() && std::isfinite(score->second) && (best_.empty() || score->second > best_.back().second)) {
    evaluated.is_best = true;
    best_.emplace_back(evaluated.step, score->second);
  }
}

void RunFollower::tellPoints(const std::vector<MetricPoint>& points, std::vector<JobEvent>& events) {
  // Points of one step are written together; `step` and `evaluated` collect until the step changes.
  StepEvent step;
  std::vector<EvaluatedEvent> evaluated;
  const MetricPoint* before = nullptr;
  const auto flush = [&] {
    if (!step.values.empty()) events.push_back(std::exchange(step, {}));
    for (EvaluatedEvent& event : evaluated) {
      judge(event, before->epoch);
      events.push_back(std::move(event));
    }
    evaluated.clear();
  };
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
      step.videos_done = batch_size_ * std::max<int64_t>(0, point.step - from_step_);  // the last batch of an epoch may be smaller
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

double RunFollower::ageOf(const std::string& state) const {
  if (state == "lost") return secondsSinceWritten(run_ / "heartbeat.json");
  if (state != "running") return secondsSinceWritten(run_ / "run.json");  // written when it paused or ended
  if (!state_.empty()) return 0.0;                                        // it goes on before our eyes
  return secondsSince(record_.resumes.empty() ? record_.created : record_.resumes.back().time);
}

void RunFollower::tellState(const std::string& state, std::vector<JobEvent>& events) {
  if (state == state_) return;
  const double age = ageOf(state);
  state_ = state;
  if (state == "failed") {
    events.push_back(FailedEvent{record_.failure.empty() ? "The run failed." : record_.failure, age});
  } else if (state == "done" || state == "stopped") {
    FinishedEvent finished;
    finished.stopped = state == "stopped";
    finished.age_seconds = age;
    finished.summary = (finished.stopped ? "Stopped at step " : "Done at step ") + std::to_string(record_.step) + ".";
    try {
      if (const auto report = readReport(run_)) finished.result_json = report->dump();
    } catch (const InputError& error) {
      events.push_back(WarningEvent{error.what()});
    }
    events.push_back(std::move(finished));
  } else {
    events.push_back(StateEvent{.state = state, .step = last_step_, .age_seconds = age});
  }
}

}  // namespace hvlm
