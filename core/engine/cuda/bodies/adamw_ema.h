// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "engine/cuda/bodies/body.h"

// One optimiser step of many tensors and their moving average, every number read and written once (engine/train/optimizer.h).
namespace hvlm::cuda {

// One tensor of a step; all of `count` numbers.
template <class T>
struct AdamWSlot {
  T* value = nullptr;
  const T* gradient = nullptr;  // null: the tensor is left alone, its average is not
  T* first = nullptr;           // moments
  T* second = nullptr;
  T* average = nullptr;         // null: none is kept
  int64_t count = 0;
  T keep = 1;                   // 1 - lr x weight decay
};

template <class T>
struct AdamWArgs {
  const AdamWSlot<T>* slots = nullptr;
  const int64_t* block_slot = nullptr;   // [count of blocks]
  const int64_t* block_first = nullptr;  // [count of blocks] first number of the slot
  int64_t count = 0;                     // of blocks, each of kNumbersPerBlock
  T gradient_scale = 1;                  // what clipping multiplies gradients with
  T beta1 = 0, beta2 = 0;
  T rest1 = 1, rest2 = 1;                // 1 - beta, in double before it was rounded
  T eps = 0;
  T step = 0;                            // lr / (1 - beta1^n)
  T second_root = 1;                     // sqrt(1 - beta2^n)
  T average_rest = 0;                    // 1 - decay of the average
};

constexpr int64_t kNumbersPerBlock = 16 * kThreads;

// a + weight (b - a), the way that is exact at both ends.
template <class T>
HVLM_HD inline T between(T a, T b, T weight) {
  return weight < T(0.5) ? a + weight * (b - a) : b - (b - a) * (T(1) - weight);
}

template <class T>
struct AdamWBody {
  using Args = AdamWArgs<T>;
  using State = NoState;
  static HVLM_HD int64_t blocks(const Args& a) { return a.count; }
  static HVLM_HD int64_t sharedValues(const Args&) { return 0; }
  static HVLM_HD int64_t phases(const Args&, int64_t) { return 1; }

  static HVLM_HD void phase(int64_t, Place place, T*, const Args& a, State&) {
    const AdamWSlot<T> slot = a.slots[a.block_slot[place.block]];
    const int64_t first = a.block_first[place.block];
    const int64_t end = smaller(first + kNumbersPerBlock, slot.count);
    for (int64_t i = first + place.thread; i < end; i += kThreads) {
      T value = slot.value[i];
      if (slot.gradient) {
        const T g = slot.gradient[i] * a.gradient_scale;
        const T m = slot.first[i] * a.beta1 + g * a.rest1;
        const T v = slot.second[i] * a.beta2 + g * g * a.rest2;
        value = value * slot.keep - a.step * (m / (root(v) / a.second_root + a.eps));
        slot.first[i] = m;
        slot.second[i] = v;
        slot.value[i] = value;
      }
      if (slot.average) slot.average[i] = between(slot.average[i], value, a.average_rest);
    }
  }
};

}  // namespace hvlm::cuda
