// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "jobs/engine.h"

namespace hvlm {

// Owns the one engine thread of the process: jobs queue, inspection requests are served between training steps. All methods
// are thread-safe and return at once; callbacks come on the engine thread. Destroying it stops the running job (checkpointed) and joins.
class JobRunner {
 public:
  JobRunner();
  ~JobRunner();
  using JobId = int64_t;
  // Events go to `observer` (kept alive by the runner until the job ended). Ends with exactly one Finished or Failed.
  JobId start(JobSpec spec, std::shared_ptr<JobObserver> observer);
  void pause(JobId id);
  void resume(JobId id);
  void stop(JobId id);  // at the next step; a checkpoint is kept. A queued job is dropped with Finished{stopped}.
  // Newer requests for the same `slot` replace waiting older ones. Exactly one of the two callbacks is called unless replaced.
  void inspect(const std::string& slot, InspectSpec spec, std::function<void(VideoInspection)> done,
               std::function<void(std::string)> failed);
  bool idle() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hvlm
