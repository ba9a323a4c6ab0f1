// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "jobs/engine.h"

namespace hvlm::ui::testing {

// An engine of a few lines in place of LibTorch's: what it is asked for is kept, what it answers is the test's. Outlives its controller.
class FakeEngine : public JobEngine {
 public:
  std::function<VideoInspection(const InspectSpec&)> on_inspect = [](const InspectSpec&) { return VideoInspection{}; };
  std::function<void(JobControl&, JobObserver&)> on_run = [](JobControl&, JobObserver&) {};

  std::function<JobEngine&()> factory() {
    return [this]() -> JobEngine& { return *this; };
  }
  std::vector<InspectSpec> inspected() const {
    const std::lock_guard lock(mutex_);
    return inspected_;
  }

  void setThreads(int64_t) override {}
  void run(const JobSpec&, JobControl& control, JobObserver& observer) override { on_run(control, observer); }
  VideoInspection inspect(const InspectSpec& spec) override {
    {
      const std::lock_guard lock(mutex_);
      inspected_.push_back(spec);
    }
    return on_inspect(spec);
  }
  RetrievalAnswer retrieve(const RetrieveSpec&, std::stop_token) override { return {}; }
  VideoEvidence evidence(const EvidenceSpec&) override { return {}; }
  AskAnswer ask(const AskSpec&, std::stop_token, const std::function<void(std::string_view)>&) override { return {}; }
  std::vector<std::pair<std::string, std::string>> libraries() override { return {}; }

 private:
  mutable std::mutex mutex_;
  std::vector<InspectSpec> inspected_;
};

}  // namespace hvlm::ui::testing
