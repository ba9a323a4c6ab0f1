// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <stop_token>
#include <string>

#include "jobs/engine.h"
#include "jobs/runner.h"

// Runs jobs for a person at a terminal: progress on stderr, Ctrl+C as a stop that keeps everything.
namespace hvlm::cli {

struct JobOutcome {
  FinishedEvent finished;
  int64_t from_step = 0;
  int64_t step = 0;  // the last one told
  double seconds = 0.0;
};

// Owns the engine thread of this call. Commands make one, on the main thread.
class Console {
 public:
  Console();
  ~Console();
  // Waits for the end of the job. A failure is thrown. SIGINT and SIGTERM ask the job to stop; a second one ends the process at once.
  // `enough`, asked on the engine thread at every event, ends it as a signal does, before another step is taken.
  using Enough = std::function<bool(const JobEvent&)>;
  JobOutcome run(JobSpec spec, Enough enough = {});
  VideoInspection inspect(InspectSpec spec);  // throws; SIGINT and SIGTERM end the wait with Interrupted
  // Other work with the engine, on its thread; throws what it threw, as one message. SIGINT and SIGTERM ask it to stop.
  void call(std::function<void(JobEngine&, std::stop_token)> work);

 private:
  JobRunner runner_;
};

// True once SIGINT or SIGTERM came; the handlers are in place while `SignalWatch` lives.
class SignalWatch {
 public:
  SignalWatch();
  ~SignalWatch();
  static bool asked();
};

// Runs `work` on a thread of its own and waits for it; SIGINT and SIGTERM ask it to stop. Throws what it threw.
void runStoppable(const std::function<void(std::stop_token)>& work);

// "3 min 05 s"
std::string durationText(double seconds);

}  // namespace hvlm::cli
