// SPDX-License-Identifier: Apache-2.0
// Tasks of unequal size shared among the threads of LibTorch's pool. Include below ATen.
#pragma once
#include <ATen/Parallel.h>

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace hvlm {

// Calls make()(i) for every i of [0, tasks): make() once on each thread, for its scratch, then each thread takes the next task when it
// is done with its last. Which thread does a task must not show in its result.
template <class Make>
void overTasks(int64_t tasks, bool small, const Make& make) {
  std::atomic<int64_t> next = 0;
  const auto work = [&](int64_t, int64_t) {
    auto task = make();
    for (int64_t i = next++; i < tasks; i = next++) task(i);
  };
  if (small || tasks < 2) {
    work(0, 1);
  } else {
    at::parallel_for(0, std::min<int64_t>(tasks, at::get_num_threads()), 1, work);
  }
}

}  // namespace hvlm
