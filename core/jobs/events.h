// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

// What a job says while it works: copied values, never views into the trainer. The same whether the job runs in this process,
// in a child, or was followed in its run folder.
namespace hvlm {

struct StartedEvent {
  std::string run_folder;
  int64_t from_step = 0;
  int64_t total_steps = 0;
  int64_t total_epochs = 0;
  std::string device;    // what it computes on; empty: not told
  int64_t patience = 0;  // train.patience of its config
};
struct PhaseEvent {  // "loading features", "fitting probes", "embedding", … with progress
  std::string phase;
  int64_t done = 0;
  int64_t total = 0;  // 0 = unknown
};
struct StepEvent {
  int64_t step = 0;  // optimiser steps since the run began
  double epoch = 0.0;
  double wall_seconds = 0.0;
  int64_t videos_done = 0;       // in this process, for items/s
  std::vector<std::pair<std::string, double>> values;  // tag, value: exactly what goes to metrics.jsonl
};
struct EpochEvent {
  int64_t epoch = 0;  // finished epochs
  int64_t step = 0;
  double wall_seconds = 0.0;
  std::vector<std::pair<std::string, double>> values;
};
struct EvaluatedEvent {
  int64_t step = 0;
  std::string subset;
  bool is_best = false;
  std::vector<std::pair<std::string, double>> values;
};
struct CheckpointEvent {
  int64_t step = 0;
  std::string folder;
  bool is_best = false;
};
struct StateEvent {  // "paused", "running", "stopping"; of a followed run "lost"
  std::string state;
  int64_t step = 0;
  double age_seconds = 0.0;  // how long ago that began; a run that is followed was there before
};
struct WarningEvent {
  std::string text;
};
struct FinishedEvent {
  std::string summary;      // one line
  std::string result_json;  // what `--json` prints; may be empty
  bool stopped = false;     // ended by request with everything saved
  double age_seconds = 0.0; // as in StateEvent
};
struct FailedEvent {
  std::string message;  // one line: where, expected, found, what to do
  double age_seconds = 0.0;  // as in StateEvent
};
using JobEvent = std::variant<StartedEvent, PhaseEvent, StepEvent, EpochEvent, EvaluatedEvent, CheckpointEvent, StateEvent,
                              WarningEvent, FinishedEvent, FailedEvent>;

// Gets every event of a job, on the thread that works. Must return at once.
class JobObserver {
 public:
  virtual ~JobObserver() = default;
  virtual void onEvent(const JobEvent& event) = 0;
};

}  // namespace hvlm
