// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <mutex>
#include <utility>
#include <vector>

#include "jobs/events.h"

namespace hvlm::ui {

// Takes the events of a job on the thread that works and gives them out on the GUI thread. Appends and returns.
class EventQueue : public JobObserver {
 public:
  void onEvent(const JobEvent& event) override {
    const std::lock_guard lock(mutex_);
    pending_.push_back(event);
  }
  std::vector<JobEvent> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(pending_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<JobEvent> pending_;
};

}  // namespace hvlm::ui
