// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "jobs/child_process.h"

namespace hvlm {

struct QueuedChild {
  std::string name;
  std::string after;                   // starts when the child of this name has ended well; one that is not in the list counts as done
  std::function<ChildSpec()> prepare;  // called when its turn comes; may throw what a person can mend
};

struct ChildOutcome {
  std::string name;
  bool started = false;
  ChildEnd end;         // when started
  std::string problem;  // why it did not start: prepare() threw, or what it waits for failed; empty after a stop
  double seconds = 0.0;
  bool good() const { return started && end.good(); }
};

// What a watcher sees. All on the thread that calls runChildren.
struct ChildQueueWatch {
  std::function<bool()> stop_asked;                          // true: no more starts, SIGTERM to those that run, then wait for them
  std::function<void(const std::string& name)> started;      // may be empty
  std::function<void(const ChildOutcome& outcome)> ended;    // may be empty; also for those that could not start
  std::function<void()> tick;                                // may be empty; a few times a second
};

// Runs all children, at most `jobs` at once, in the order of the list as far as `after` lets it; a failed one stops only those that
// wait for it. Returns one outcome each, in the order of the list.
std::vector<ChildOutcome> runChildren(const std::vector<QueuedChild>& children, int64_t jobs, const ChildQueueWatch& watch);

}  // namespace hvlm
