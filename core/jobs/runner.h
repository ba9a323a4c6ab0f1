// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "jobs/engine.h"

namespace hvlm {

// Owns the one engine thread of the process: jobs queue, inspection requests are served between training steps. All methods
// are thread-safe and return at once; callbacks come on the engine thread. Destroying it stops the running job (checkpointed),
// drops the queued ones and joins; it must not happen on the engine thread.
class JobRunner {
 public:
  using EngineFactory = std::function<JobEngine&()>;
  JobRunner();                                // loadEngine(), when the first job or inspection needs it
  explicit JobRunner(EngineFactory factory);  // called on the engine thread, again after it has thrown
  ~JobRunner();
  JobRunner(const JobRunner&) = delete;
  JobRunner& operator=(const JobRunner&) = delete;

  using JobId = int64_t;
  // Events go to `observer` (kept alive by the runner until the job ended). Ends with exactly one Finished or Failed.
  JobId start(JobSpec spec, std::shared_ptr<JobObserver> observer);
  void pause(JobId id);
  void resume(JobId id);
  void stop(JobId id);  // at the next step; a checkpoint is kept. A queued job is dropped with Finished{stopped}.
  // Newer requests for the same `slot` replace waiting older ones. Exactly one of the two callbacks is called unless replaced.
  void inspect(const std::string& slot, InspectSpec spec, std::function<void(VideoInspection)> done,
               std::function<void(std::string)> failed);
  // Any other short work with the engine on its thread (a search, a question), between training steps too. Newer work of the same `slot`
  // replaces waiting older work. `failed` gets what it threw, Interrupted as "Stopped.".
  void call(const std::string& slot, std::function<void(JobEngine&)> work, std::function<void(std::string)> failed);
  bool idle() const;  // nothing runs and nothing waits

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hvlm
