// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "engine/cuda/bodies/body.h"

// Terms 1 - cos(h_i, h_{i+1}) of a packed batch and their sum by video (engine/objective/temporal.h, method.md 2).
namespace hvlm::cuda {

template <class T>
struct TemporalLossArgs {
  const T* h = nullptr;              // [rows, width]
  const int64_t* video = nullptr;    // [rows] of the pair of this row and the next; -1 for the last row of a video
  const int64_t* offsets = nullptr;  // [videos + 1]
  const T* gate = nullptr;           // [rows - 1] factor of each pair; null = 1
  T* norm = nullptr;                 // [rows] 0 where it is below 1e-8
  T* cosine = nullptr;               // [rows] of the row's pair, 0 where there is none or a norm is 0
  T* term = nullptr;                 // [rows] gated; 0 where there is no pair
  T* sum = nullptr;                  // [videos]
  const T* upstream = nullptr;       // backward: [videos]
  T* gradient = nullptr;             // backward: [rows, width]
  int64_t rows = 0;
  int64_t width = 0;
  int64_t videos = 0;
};

template <class T>
struct TemporalTermsBody {
  using Args = TemporalLossArgs<T>;
  using State = NoState;
  static HVLM_HD int64_t blocks(const Args& a) { return partsOf(a.rows, kGroups); }
  static HVLM_HD int64_t sharedValues(const Args&) { return 3 * kThreads; }
  static HVLM_HD int64_t phases(const Args&, int64_t) { return 2; }

  static HVLM_HD void phase(int64_t phase, Place place, T* shared, const Args& a, State&) {
    const int64_t row = place.block * kGroups + place.group();
    if (row >= a.rows) return;
    const bool pair = a.video[row] >= 0;
    T* partials = shared + place.group() * 3 * kLanes;
    if (phase == 0) {
      const T* own = a.h + row * a.width;
      T square = 0, next_square = 0, dot = 0;
      for (int64_t c = place.lane(); c < a.width; c += kLanes) {
        const T x = own[c], y = pair ? own[a.width + c] : T(0);
        square += x * x;
        next_square += y * y;
        dot += x * y;
      }
      partials[place.lane()] = square;
      partials[kLanes + place.lane()] = next_square;
      partials[2 * kLanes + place.lane()] = dot;
      return;
    }
    if (place.lane() != 0) return;
    const T norm = normOf(laneSum(partials)), next = normOf(laneSum(partials + kLanes));
    const T cosine = pair && norm > 0 && next > 0 ? laneSum(partials + 2 * kLanes) / norm / next : T(0);
    a.norm[row] = norm;
    a.cosine[row] = cosine;
    a.term[row] = pair ? (T(1) - cosine) * (a.gate ? a.gate[row] : T(1)) : T(0);
  }

 private:
  static HVLM_HD T normOf(T square) { return square > T(1e-16) ? root(square) : T(0); }
};

// One block for each video: its threads take every kThreads-th term, then halve their number.
template <class T>
struct TemporalSumBody {
  using Args = TemporalLossArgs<T>;
  using State = NoState;
  static constexpr int kHalvings = 8;
  static_assert(1 << kHalvings == kThreads);
  static HVLM_HD int64_t blocks(const Args& a) { return a.videos; }
  static HVLM_HD int64_t sharedValues(const Args&) { return kThreads; }
  static HVLM_HD int64_t phases(const Args&, int64_t) { return 1 + kHalvings; }

  static HVLM_HD void phase(int64_t phase, Place place, T* shared, const Args& a, State&) {
    if (phase == 0) {
      T sum = 0;
      for (int64_t i = a.offsets[place.block] + place.thread; i < a.offsets[place.block + 1]; i += kThreads) sum += a.term[i];
      shared[place.thread] = sum;
      return;
    }
    const int half = kThreads >> phase;
    if (place.thread < half) shared[place.thread] += shared[place.thread + half];
    if (phase == kHalvings && place.thread == 0) a.sum[place.block] = shared[0];
  }
};

template <class T>
struct TemporalBackwardBody {
  using Args = TemporalLossArgs<T>;
  using State = NoState;
  static HVLM_HD int64_t blocks(const Args& a) { return partsOf(a.rows, kGroups); }
  static HVLM_HD int64_t sharedValues(const Args&) { return 0; }
  static HVLM_HD int64_t phases(const Args&, int64_t) { return 1; }

  static HVLM_HD void phase(int64_t, Place place, T*, const Args& a, State&) {
    const int64_t row = place.block * kGroups + place.group();
    if (row >= a.rows) return;
    const T norm = a.norm[row];
    const T before = row > 0 ? weightOf(a, row - 1) : T(0), after = weightOf(a, row);
    const T own = norm > 0 ? -((before != 0 ? before * a.cosine[row - 1] : T(0)) + (after != 0 ? after * a.cosine[row] : T(0))) / (norm * norm) : T(0);
    const T left = before != 0 ? before / (norm * a.norm[row - 1]) : T(0);
    const T right = after != 0 ? after / (norm * a.norm[row + 1]) : T(0);
    const T* h = a.h + row * a.width;
    for (int64_t c = place.lane(); c < a.width; c += kLanes) {
      T g = own * h[c];
      if (before != 0) g += left * h[c - a.width];
      if (after != 0) g += right * h[c + a.width];
      a.gradient[row * a.width + c] = g;
    }
  }

 private:
  // Gradient of the loss by the cosine of a pair; 0 where the cosine is held at 0.
  static HVLM_HD T weightOf(const Args& a, int64_t pair) {
    const int64_t video = a.video[pair];
    if (video < 0 || !(a.norm[pair] > 0) || !(a.norm[pair + 1] > 0)) return T(0);
    return -a.upstream[video] * (a.gate ? a.gate[pair] : T(1));
  }
};

}  // namespace hvlm::cuda
