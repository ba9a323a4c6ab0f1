// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "engine/cuda/bodies/body.h"

// Attention pooling of a packed pyramid, window 2 (engine/model/pyramid.h, method.md 2). A pass takes up to kTileLevels levels: a
// block owns a tile of 2^levels rows of one video and everything above them, so nothing leaves the block before the pass ends.
namespace hvlm::cuda {

constexpr int kTileLevels = 5;  // 32 rows: 8 videos of 250 steps fill 64 blocks, and 36,000 steps take four passes

template <class T>
struct PyramidPoolArgs {
  T* nodes = nullptr;                    // [rows, width] all levels; level `level` is there, those above are written
  T* alpha = nullptr;                    // [rows] weight of a row in its parent's window; rows without parent are left alone
  const T* pooling = nullptr;            // [vectors, width] of level l + 1 in row min(l, vectors - 1)
  T* gradient = nullptr;                 // backward: [rows, width] of the nodes as results; in the end with what came from above
  T* score_gradient = nullptr;           // backward: [rows]; rows without parent are left alone
  const int64_t* level_start = nullptr;  // [levels in all + 1]
  const int64_t* offsets = nullptr;      // [levels in all, videos + 1]
  const int64_t* tile_video = nullptr;   // [tiles]
  const int64_t* tile_first = nullptr;   // [tiles] first row of level `level`, within the video; a multiple of 2^levels
  int64_t tiles = 0;
  int64_t videos = 0;
  int64_t width = 0;
  int64_t vectors = 0;
  int64_t level = 0;   // the lowest of this pass
  int64_t levels = 0;  // pooled in this pass, up to kTileLevels
};

// One window of a tile: its rows in the buffer.
struct PoolWindow {
  bool there = false;
  bool pair = false;     // else it has one row only
  int64_t first = 0;     // row of its first child; the second follows
  int64_t parent = 0;
  int64_t pooling = 0;
};

template <class T>
HVLM_HD inline PoolWindow poolWindow(const PyramidPoolArgs<T>& a, int64_t block, int64_t step, int64_t index) {
  const int64_t level = a.level + step;
  const int64_t video = a.tile_video[block];
  const int64_t* below = a.offsets + level * (a.videos + 1) + video;
  const int64_t* above = below + a.videos + 1;
  const int64_t window = (a.tile_first[block] >> (step + 1)) + index;
  PoolWindow w;
  w.there = window < above[1] - above[0];
  w.pair = 2 * window + 1 < below[1] - below[0];
  w.first = a.level_start[level] + below[0] + 2 * window;
  w.parent = a.level_start[level + 1] + above[0] + window;
  w.pooling = smaller(level, a.vectors - 1);
  return w;
}

// Partial dot products of both rows of `x` (the second only if there is a pair) with `with`, by lane.
template <class T>
HVLM_HD inline void dotOfPair(const T* x, const T* with, bool pair, int64_t width, int lane, T* partials) {
  T first = 0, second = 0;
  for (int64_t c = lane; c < width; c += kLanes) {
    first += x[c] * with[c];
    if (pair) second += x[width + c] * with[c];
  }
  partials[lane] = first;
  partials[kLanes + lane] = second;
}

template <class T>
struct PyramidPoolBody {
  using Args = PyramidPoolArgs<T>;
  using State = NoState;
  static HVLM_HD int64_t blocks(const Args& a) { return a.tiles; }
  static HVLM_HD int64_t sharedValues(const Args& a) { return (int64_t{1} << a.levels) * kLanes; }
  static HVLM_HD int64_t phases(const Args& a, int64_t) { return 2 * a.levels; }

  static HVLM_HD void phase(int64_t phase, Place place, T* shared, const Args& a, State&) {
    const int64_t step = phase / 2;
    const int64_t windows = (int64_t{1} << a.levels) >> (step + 1);
    for (int64_t i = place.group(); i < windows; i += kGroups) {
      const PoolWindow w = poolWindow(a, place.block, step, i);
      if (!w.there) break;
      T* partials = shared + i * 2 * kLanes;
      const T* rows = a.nodes + w.first * a.width;
      if (phase % 2 == 0) {
        dotOfPair(rows, a.pooling + w.pooling * a.width, w.pair, a.width, place.lane(), partials);
      } else {
        pool(a, w, rows, partials, place.lane());
      }
    }
  }

 private:
  static HVLM_HD void pool(const Args& a, const PoolWindow& w, const T* rows, const T* partials, int lane) {
    T first = 1, second = 0;
    if (w.pair) {
      const T score0 = laneSum(partials), score1 = laneSum(partials + kLanes);
      const T top = larger(score0, score1);
      first = exponential(score0 - top);
      second = exponential(score1 - top);
      const T total = first + second;
      first /= total;
      second /= total;
    }
    T* out = a.nodes + w.parent * a.width;
    for (int64_t c = lane; c < a.width; c += kLanes) out[c] = w.pair ? first * rows[c] + second * rows[a.width + c] : rows[c];
    if (lane == 0) {
      a.alpha[w.first] = first;
      if (w.pair) a.alpha[w.first + 1] = second;
    }
  }
};

// From the top of the tile down: a row's own gradient is whole before it is passed on.
template <class T>
struct PyramidPoolBackwardBody {
  using Args = PyramidPoolArgs<T>;
  using State = NoState;
  static HVLM_HD int64_t blocks(const Args& a) { return a.tiles; }
  static HVLM_HD int64_t sharedValues(const Args& a) { return (int64_t{1} << a.levels) * kLanes; }
  static HVLM_HD int64_t phases(const Args& a, int64_t) { return 2 * a.levels; }

  static HVLM_HD void phase(int64_t phase, Place place, T* shared, const Args& a, State&) {
    const int64_t step = a.levels - 1 - phase / 2;
    const int64_t windows = (int64_t{1} << a.levels) >> (step + 1);
    for (int64_t i = place.group(); i < windows; i += kGroups) {
      const PoolWindow w = poolWindow(a, place.block, step, i);
      if (!w.there) break;
      T* partials = shared + i * 2 * kLanes;
      if (phase % 2 == 0) {
        dotOfPair(a.nodes + w.first * a.width, a.gradient + w.parent * a.width, w.pair, a.width, place.lane(), partials);
      } else {
        passOn(a, w, partials, place.lane());
      }
    }
  }

 private:
  static HVLM_HD void passOn(const Args& a, const PoolWindow& w, const T* partials, int lane) {
    T score0 = 0, score1 = 0, first = 1, second = 0;
    if (w.pair) {
      const T dot0 = laneSum(partials), dot1 = laneSum(partials + kLanes);
      first = a.alpha[w.first];
      second = a.alpha[w.first + 1];
      const T mean = first * dot0 + second * dot1;
      score0 = first * (dot0 - mean);
      score1 = second * (dot1 - mean);
    }
    const T* above = a.gradient + w.parent * a.width;
    const T* pooling = a.pooling + w.pooling * a.width;
    T* into = a.gradient + w.first * a.width;
    for (int64_t c = lane; c < a.width; c += kLanes) {
      into[c] += first * above[c] + score0 * pooling[c];
      if (w.pair) into[a.width + c] += second * above[c] + score1 * pooling[c];
    }
    if (lane == 0) {
      a.score_gradient[w.first] = score0;
      if (w.pair) a.score_gradient[w.first + 1] = score1;
    }
  }
};

// Gradient of the pooling vectors: the rows of a vector's levels, each times the gradient of its score, in `slices` partial sums.
template <class T>
struct PoolingVectorArgs {
  const T* nodes = nullptr;              // [rows, width]
  const T* score_gradient = nullptr;     // [rows]
  T* partial = nullptr;                  // [slices, vectors, width]
  const int64_t* level_start = nullptr;  // [levels in all + 1]
  int64_t levels = 0;                    // in all
  int64_t vectors = 0;
  int64_t width = 0;
  int64_t slices = 0;
};

template <class T>
struct PoolingVectorBody {
  using Args = PoolingVectorArgs<T>;
  using State = NoState;
  static HVLM_HD int64_t blocks(const Args& a) { return a.slices * a.vectors * partsOf(a.width, kLanes); }
  static HVLM_HD int64_t sharedValues(const Args&) { return kThreads; }
  static HVLM_HD int64_t phases(const Args&, int64_t) { return 2; }

  static HVLM_HD void phase(int64_t phase, Place place, T* shared, const Args& a, State&) {
    const int64_t chunks = partsOf(a.width, kLanes);
    const int64_t column = place.block % chunks * kLanes + place.lane();
    const int64_t vector = place.block / chunks % a.vectors;
    const int64_t slice = place.block / chunks / a.vectors;
    if (column >= a.width) return;
    if (phase == 0) {
      // The last level is nobody's child; the last vector serves all levels past its own.
      const int64_t top = a.levels - 1;
      const int64_t first = a.level_start[smaller(vector, top)];
      const int64_t last = a.level_start[vector == a.vectors - 1 ? top : smaller(vector + 1, top)];
      T sum = 0;
      for (int64_t r = first + slice * kGroups + place.group(); r < last; r += a.slices * kGroups) sum += a.score_gradient[r] * a.nodes[r * a.width + column];
      shared[place.thread] = sum;
    } else if (place.group() == 0) {
      T sum = 0;
      for (int g = 0; g < kGroups; ++g) sum += shared[g * kLanes + place.lane()];
      a.partial[(slice * a.vectors + vector) * a.width + column] = sum;
    }
  }
};

}  // namespace hvlm::cuda
