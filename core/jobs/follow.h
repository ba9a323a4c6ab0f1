// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <filesystem>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "jobs/events.h"
#include "runs/metrics.h"
#include "runs/run_lock.h"
#include "runs/run_record.h"

namespace hvlm {

// Follows a run folder that any process writes, from its files alone, and tells it in the words of a job. One thread at a time.
//   Started            at the first poll and at each resume; points past its from_step that came earlier no longer count. Its total_steps
//                      come from the points, 0 before the first one
//   Step               the points of one step, videos_done by the batch size; those under "holdout/", "validation/" and "training/" come as
//                      Evaluated, the best so far by the trainer's own rule
//   Epoch              when run.json counts another one
//   CheckpointSaved    for each checkpoint that appears
//   State              "running", "paused", "lost" (its heart stands still)
//   Finished, Failed   when run.json says so, after all points; a resume begins with another Started
class RunFollower {
 public:
  using Clock = std::chrono::steady_clock;
  explicit RunFollower(std::filesystem::path run);  // throws InputError when there is no readable run.json

  // What is new since the last call. Reads the new part of metrics.jsonl each time, the small files at most twice a second.
  // Throws InputError when the folder can no longer be read; a later call may succeed again.
  std::vector<JobEvent> poll(Clock::time_point now = Clock::now());

  const RunRecord& record() const { return record_; }
  const std::string& state() const { return state_; }  // "running", "paused", "lost", "done", "stopped", "failed"
  bool ended() const { return state_ == "done" || state_ == "stopped" || state_ == "failed"; }

 private:
  void tellStarted(int64_t segment, std::vector<JobEvent>& events);
  void tellPoints(const std::vector<MetricPoint>& points, std::vector<JobEvent>& events);
  void judge(EvaluatedEvent& evaluated, double epoch);
  void tellCheckpoints(std::vector<JobEvent>& events);
  void tellState(const std::string& state, std::vector<JobEvent>& events);
  double ageOf(const std::string& state) const;  // seconds since it is in that state, as far as its files tell

  std::filesystem::path run_;
  MetricReader metrics_;
  LivenessTracker liveness_;
  RunRecord record_;
  std::string state_;
  std::set<std::string> checkpoints_;
  int64_t segments_told_ = 0;  // Started events given
  int64_t epochs_told_ = 0;
  int64_t last_step_ = 0;
  int64_t from_step_ = 0;           // of the present segment
  int64_t steps_per_epoch_ = 0;     // 0 until a point tells
  int64_t batch_size_ = 0, patience_ = 0;  // of its config; 0 when that cannot be read
  bool selects_last_ = false;
  std::vector<std::pair<int64_t, double>> best_;  // (step, score), each better than the one before
  double last_wall_seconds_ = 0.0;
  Clock::time_point record_read_;
};

}  // namespace hvlm
