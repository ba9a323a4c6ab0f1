// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cstdint>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

#include "engine/cuda/plugin.h"

// Runs a kernel's body on the CPU as a device would: blocks in any order, the threads of a block in any order between two barriers.
// A body whose result depends on the order reads what another thread has not finished writing. Shared memory starts as NaN in each
// block, so a body that reads before it writes shows; numbers past its end must stay what they were.
namespace hvlm::cuda::testing {

enum class Order { kForward, kBackward, kShuffled };

struct EmulatorState {
  Order order = Order::kForward;
  std::mt19937 random{7};
  int64_t blocks = 0;          // run since the start
  bool wrote_past_end = false;
};
inline EmulatorState& emulator() {
  static EmulatorState state;
  return state;
}

inline std::vector<int64_t> inOrder(int64_t count) {
  std::vector<int64_t> list(static_cast<size_t>(count));
  std::iota(list.begin(), list.end(), int64_t{0});
  if (emulator().order == Order::kBackward) std::reverse(list.begin(), list.end());
  if (emulator().order == Order::kShuffled) std::shuffle(list.begin(), list.end(), emulator().random);
  return list;
}

template <class Body, class T>
int runGrid(const typename Body::Args* args, void*) {
  constexpr int64_t kGuard = 64;
  constexpr T kUntouched = T(-12345.5);
  const int64_t values = Body::sharedValues(*args);
  if (values * static_cast<int64_t>(sizeof(float)) > kSharedBytes) return kNoSuchShape;
  for (const int64_t block : inOrder(Body::blocks(*args))) {
    std::vector<T> shared(static_cast<size_t>(values), std::numeric_limits<T>::quiet_NaN());
    shared.resize(static_cast<size_t>(values + kGuard), kUntouched);
    std::vector<typename Body::State> states(kThreads);
    const int64_t phases = Body::phases(*args, block);
    for (int64_t phase = 0; phase < phases; ++phase) {
      for (const int64_t thread : inOrder(kThreads)) {
        Body::phase(phase, Place{block, static_cast<int>(thread)}, shared.data(), *args, states[static_cast<size_t>(thread)]);
      }
    }
    ++emulator().blocks;
    emulator().wrote_past_end |= std::any_of(shared.begin() + values, shared.end(), [](T value) { return value != kUntouched; });
  }
  return 0;
}

template <class T>
const KernelTable<T>& emulatedTable() {
  static const KernelTable<T> table = [] {
    KernelTable<T> made;
    forEachKernel<T>([&](const char*, auto member, auto body) { made.*member = &runGrid<decltype(body), T>; });
    made.error_text = [](int) { return "the problem does not fit a block"; };
    return made;
  }();
  return table;
}

// The kernels of float and double on the CPU.
inline const KernelSet& emulatedKernels() {
  static const KernelSet set{&emulatedTable<float>(), &emulatedTable<double>()};
  return set;
}

}  // namespace hvlm::cuda::testing
