// SPDX-License-Identifier: Apache-2.0
#include "jobs/runner.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <mutex>
#include <thread>
#include <vector>

#include "jobs/failure.h"
#include "support/error.h"
#include "support/log.h"

namespace hvlm {
namespace {

constexpr int kComputeNiceness = 5;  // the window's thread goes first

struct Job {
  JobRunner::JobId id = 0;
  JobSpec spec;
  std::shared_ptr<JobObserver> observer;
  JobControl control;
};

struct Request {
  std::string slot;
  InspectSpec spec;
  std::function<void(VideoInspection)> done;
  std::function<void(std::string)> failed;
  std::function<void(JobEngine&)> work;  // in place of an inspection
};

// Passes events on and remembers whether the job has said its last word.
class EndingObserver : public JobObserver {
 public:
  explicit EndingObserver(JobObserver* inner) : inner_(inner) {}
  void onEvent(const JobEvent& event) override {
    if (ended_) return;
    if (const auto* step = std::get_if<StepEvent>(&event)) step_ = step->step;
    ended_ = std::holds_alternative<FinishedEvent>(event) || std::holds_alternative<FailedEvent>(event);
    if (inner_) inner_->onEvent(event);
  }
  bool ended() const { return ended_; }
  int64_t step() const { return step_; }  // the last one that was told

 private:
  JobObserver* inner_;
  int64_t step_ = 0;
  bool ended_ = false;
};

// Links resolved, and with or without a slash at the end.
bool sameFolder(const std::string& a, const std::string& b) {
  std::error_code error;
  const auto resolved = [&error](const std::string& path) {
    return (std::filesystem::weakly_canonical(std::filesystem::absolute(path, error), error) / "").lexically_normal();
  };
  return resolved(a) == resolved(b);
}

void beNice() {
  // Linux keeps niceness per thread; the pool's threads, made by this one, inherit it.
  if (setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kComputeNiceness) != 0) {
    logLine(LogLevel::kDebug, "the engine thread keeps its priority");
  }
}

}  // namespace

struct JobRunner::Impl {
  explicit Impl(EngineFactory engine_factory) : factory(std::move(engine_factory)), worker([this] { work(); }) {}

  ~Impl() {
    {
      const std::lock_guard lock(mutex);
      closing = true;
      if (running) running->control.requestStop();
    }
    changed.notify_all();
    worker.join();
  }

  // The engine thread.
  void work() {
    beNice();
    for (;;) {
      std::shared_ptr<Job> job;
      {
        std::unique_lock lock(mutex);
        changed.wait(lock, [this] { return closing || !dropped.empty() || !requests.empty() || !waiting.empty(); });
        if (closing) break;
        if (dropped.empty() && requests.empty()) {
          job = waiting.front();
          waiting.pop_front();
          running = job;
        } else {
          busy = true;
        }
      }
      if (job) {
        runJob(*job);
        const std::lock_guard lock(mutex);
        running.reset();
      } else {
        tellDropped();
        serveRequests("", nullptr);
        const std::lock_guard lock(mutex);
        busy = false;
      }
    }
    refuseTheRest();
  }

  void runJob(Job& job) {
    EndingObserver observer(job.observer.get());
    try {
      JobEngine& engine = factory();
      job.control.between_steps = [this](const std::string& run_folder, const JobControl::InspectFn& inspect_current) {
        tellDropped();
        serveRequests(run_folder, inspect_current);
      };
      if (job.control.stopRequested()) {
        observer.onEvent(FinishedEvent{.summary = "Stopped before it began.", .stopped = true});
      } else {
        engine.run(job.spec, job.control, observer);
      }
      if (!observer.ended()) observer.onEvent(FinishedEvent{.stopped = job.control.stopRequested()});
    } catch (const Interrupted& stop) {
      observer.onEvent(FinishedEvent{.summary = stop.what(), .stopped = true});
    } catch (const std::exception& error) {
      if (observer.ended()) logWarning(std::string("after its end, the job said: ") + error.what());
      observer.onEvent(FailedEvent{failureText(error, job.spec, observer.step(), memoryAvailableBytes())});
    } catch (...) {
      observer.onEvent(FailedEvent{"The job ended with an unknown error."});
    }
    job.observer.reset();
  }

  // Answers every waiting request. `inspect_current` speaks for the model being trained in `training_folder`.
  void serveRequests(const std::string& training_folder, const JobControl::InspectFn& inspect_current) {
    for (;;) {
      Request request;
      {
        const std::lock_guard lock(mutex);
        if (requests.empty() || closing) return;
        request = std::move(requests.front());
        requests.pop_front();
      }
      std::string failure;
      VideoInspection inspection;
      if (request.work) {
        doWork(request);
        continue;
      }
      try {
        const bool current = inspect_current && sameFolder(request.spec.run_folder, training_folder);
        inspection = current ? inspect_current(request.spec.video) : factory().inspect(request.spec);
      } catch (const std::exception& error) {
        failure = *error.what() ? error.what() : "The inspection failed.";
      } catch (...) {
        failure = "The inspection ended with an unknown error.";
      }
      if (!failure.empty()) {
        if (request.failed) request.failed(failure);
      } else if (request.done) {
        request.done(std::move(inspection));
      }
    }
  }

  void doWork(const Request& request) {
    std::string failure;
    try {
      request.work(factory());
      return;
    } catch (const Interrupted&) {
      failure = "Stopped.";
    } catch (const std::exception& error) {
      failure = *error.what() ? error.what() : "The work failed.";
    } catch (...) {
      failure = "The work ended with an unknown error.";
    }
    if (request.failed) request.failed(failure);
  }

  void tellDropped() {
    std::vector<std::shared_ptr<Job>> gone;
    {
      const std::lock_guard lock(mutex);
      gone.swap(dropped);
    }
    for (const auto& job : gone) {
      if (job->observer) job->observer->onEvent(FinishedEvent{.summary = "Stopped before it began.", .stopped = true});
    }
  }

  void refuseTheRest() {
    std::deque<Request> refused;
    {
      const std::lock_guard lock(mutex);
      dropped.insert(dropped.end(), waiting.begin(), waiting.end());
      waiting.clear();
      refused.swap(requests);
    }
    tellDropped();
    for (const Request& request : refused) {
      if (request.failed) request.failed("The program is closing.");
    }
  }

  void enqueue(Request request) {
    {
      const std::lock_guard lock(mutex);
      const auto older = std::find_if(requests.begin(), requests.end(), [&](const Request& r) { return r.slot == request.slot; });
      if (older != requests.end()) {
        *older = std::move(request);
      } else {
        requests.push_back(std::move(request));
      }
    }
    changed.notify_all();
  }

  // Calls `act` on the control of a running or waiting job.
  template <class Act>
  void withControl(JobId id, Act act) {
    const std::lock_guard lock(mutex);
    if (running && running->id == id) act(running->control);
    for (const auto& job : waiting) {
      if (job->id == id) act(job->control);
    }
  }

  const EngineFactory factory;
  mutable std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::shared_ptr<Job>> waiting;
  std::vector<std::shared_ptr<Job>> dropped;  // stopped while waiting; told on the engine thread
  std::shared_ptr<Job> running;
  std::deque<Request> requests;
  JobId next_id = 1;
  bool busy = false;  // requests are being answered, no job runs
  bool closing = false;
  std::thread worker;  // last: joins while the rest still lives
};

JobRunner::JobRunner() : JobRunner([]() -> JobEngine& { return loadEngine(); }) {}
JobRunner::JobRunner(EngineFactory factory) : impl_(std::make_unique<Impl>(std::move(factory))) {}
JobRunner::~JobRunner() = default;

JobRunner::JobId JobRunner::start(JobSpec spec, std::shared_ptr<JobObserver> observer) {
  auto job = std::make_shared<Job>();
  job->spec = std::move(spec);
  job->observer = std::move(observer);
  {
    const std::lock_guard lock(impl_->mutex);
    job->id = impl_->next_id++;
    impl_->waiting.push_back(job);
  }
  impl_->changed.notify_all();
  return job->id;
}

void JobRunner::pause(JobId id) {
  impl_->withControl(id, [](JobControl& control) { control.requestPause(true); });
}

void JobRunner::resume(JobId id) {
  impl_->withControl(id, [](JobControl& control) { control.requestPause(false); });
}

void JobRunner::stop(JobId id) {
  {
    const std::lock_guard lock(impl_->mutex);
    if (impl_->running && impl_->running->id == id) impl_->running->control.requestStop();
    const auto found = std::find_if(impl_->waiting.begin(), impl_->waiting.end(), [id](const auto& job) { return job->id == id; });
    if (found == impl_->waiting.end()) return;
    impl_->dropped.push_back(*found);
    impl_->waiting.erase(found);
  }
  impl_->changed.notify_all();
}

void JobRunner::inspect(const std::string& slot, InspectSpec spec, std::function<void(VideoInspection)> done,
                        std::function<void(std::string)> failed) {
  impl_->enqueue({slot, std::move(spec), std::move(done), std::move(failed), {}});
}

void JobRunner::call(const std::string& slot, std::function<void(JobEngine&)> work, std::function<void(std::string)> failed) {
  impl_->enqueue({slot, {}, {}, std::move(failed), std::move(work)});
}

bool JobRunner::idle() const {
  const std::lock_guard lock(impl_->mutex);
  return !impl_->running && !impl_->busy && impl_->waiting.empty() && impl_->dropped.empty() && impl_->requests.empty();
}

}  // namespace hvlm
