// SPDX-License-Identifier: Apache-2.0
#include "jobs/child_queue.h"

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>

namespace hvlm {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kPause = std::chrono::milliseconds(30);

enum class Place { kWaiting, kRunning, kEnded };

struct Entry {
  Place place = Place::kWaiting;
  std::unique_ptr<ChildProcess> process;
  Clock::time_point start;
};

class Queue {
 public:
  Queue(const std::vector<QueuedChild>& children, int64_t jobs, const ChildQueueWatch& watch)
      : children_(children), jobs_(jobs), watch_(watch), entries_(children.size()), outcomes_(children.size()) {
    for (size_t i = 0; i < children.size(); ++i) outcomes_[i].name = children[i].name;
  }

  std::vector<ChildOutcome> run() {
    while (true) {
      reap();
      if (!stopping_ && watch_.stop_asked && watch_.stop_asked()) stop();
      if (!stopping_) startSome();
      if (count(Place::kRunning) == 0 && (stopping_ || count(Place::kWaiting) == 0)) break;
      if (watch_.tick) watch_.tick();
      std::this_thread::sleep_for(kPause);
    }
    return std::move(outcomes_);
  }

 private:
  int64_t count(Place place) const {
    return std::count_if(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.place == place; });
  }

  void end(size_t i) {
    entries_[i].place = Place::kEnded;
    entries_[i].process.reset();
    if (watch_.ended) watch_.ended(outcomes_[i]);
  }

  void reap() {
    for (size_t i = 0; i < entries_.size(); ++i) {
      if (entries_[i].place != Place::kRunning) continue;
      const auto ended = entries_[i].process->poll();
      if (!ended) continue;
      outcomes_[i].end = *ended;
      outcomes_[i].seconds = std::chrono::duration<double>(Clock::now() - entries_[i].start).count();
      end(i);
    }
  }

  void stop() {
    stopping_ = true;
    for (Entry& entry : entries_) {
      if (entry.place == Place::kRunning) entry.process->signal(SIGTERM);
    }
  }

  void refuse(size_t i, const std::string& problem) {
    outcomes_[i].problem = problem;
    end(i);
  }

  // The child that i waits for; children_.size() when it waits for none.
  size_t before(size_t i) const {
    const auto found = std::find_if(children_.begin(), children_.end(),
                                    [&](const QueuedChild& child) { return !children_[i].after.empty() && child.name == children_[i].after; });
    return static_cast<size_t>(found - children_.begin());
  }

  void startSome() {
    for (size_t i = 0; i < children_.size() && count(Place::kRunning) < jobs_; ++i) {
      if (entries_[i].place != Place::kWaiting) continue;
      const size_t first = before(i);
      if (first == children_.size()) {
        start(i);
      } else if (entries_[first].place == Place::kEnded) {
        if (outcomes_[first].good()) {
          start(i);
        } else {
          refuse(i, children_[i].after + " failed, from which this one is made");
        }
      }
    }
  }

  void start(size_t i) {
    try {
      entries_[i].process = std::make_unique<ChildProcess>(children_[i].prepare());
    } catch (const std::exception& error) {
      refuse(i, error.what());
      return;
    }
    entries_[i].start = Clock::now();
    entries_[i].place = Place::kRunning;
    outcomes_[i].started = true;
    if (watch_.started) watch_.started(children_[i].name);
  }

  const std::vector<QueuedChild>& children_;
  const int64_t jobs_;
  const ChildQueueWatch& watch_;
  std::vector<Entry> entries_;
  std::vector<ChildOutcome> outcomes_;
  bool stopping_ = false;
};

}  // namespace

std::vector<ChildOutcome> runChildren(const std::vector<QueuedChild>& children, int64_t jobs, const ChildQueueWatch& watch) {
  return Queue(children, std::max<int64_t>(1, jobs), watch).run();
}

}  // namespace hvlm
