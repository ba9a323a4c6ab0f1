// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "engine/cuda/bodies/body.h"

// Softmax attention of a window over a whole pack (engine/model/mixers/banded_attention.h): row t of a run sees rows t - reach ..
// t + reach of it. A block owns kGroups rows of one head and walks over the rows they see, kLanes at a time, with a running maximum
// and sum; nothing of size rows x rows, nor rows x window, is kept. Source: Dao et al. 2022, arXiv:2205.14135.
namespace hvlm::cuda {

constexpr int kMostChannels = 128;                         // of a head
constexpr int kOwnChannels = kMostChannels / kLanes;       // of a lane

template <class T>
struct WindowAttentionArgs {
  const T* projected = nullptr;    // [rows, 3 width] query, key, value side by side, each of `heads` parts
  const int64_t* first = nullptr;  // [rows] first row of the row's run
  const int64_t* last = nullptr;   // [rows] last row of the row's run
  T* out = nullptr;                // [rows, width]
  T* log_sum = nullptr;            // [rows, heads] ln of the sum of the exponentials
  const T* gradient = nullptr;     // backward: [rows, width] of `out`
  const T* dot = nullptr;          // backward: [rows, heads] sum over a head's channels of gradient x out
  T* into = nullptr;               // backward: [rows, 3 width] of `projected`
  int64_t rows = 0;
  int64_t heads = 0;
  int64_t channels = 0;  // of a head, up to kMostChannels
  int64_t reach = 0;
  HVLM_HD int64_t width() const { return heads * channels; }
};

// The place of a block in the work, and the rows that its own rows see.
template <class T>
struct AttentionTile {
  int64_t head, first, low, high;  // low .. high, both included
  HVLM_HD AttentionTile(const WindowAttentionArgs<T>& a, int64_t block) : head(block % a.heads), first(block / a.heads * kGroups) {
    const int64_t end = smaller(first + kGroups, a.rows) - 1;
    low = larger(a.first[first], first - a.reach);
    high = smaller(a.last[end], end + a.reach);
  }
  HVLM_HD int64_t chunks() const { return partsOf(high - low + 1, kLanes); }
};

template <class T>
HVLM_HD inline bool sees(const WindowAttentionArgs<T>& a, int64_t t, int64_t u) {
  return t < a.rows && u >= larger(a.first[t], t - a.reach) && u <= smaller(a.last[t], t + a.reach);
}

// Memory of a block: two chunks of kLanes rows (one number apart, so that a column lies in all banks), two sets of kGroups rows of
// its own, two sets of weights.
template <class T>
struct AttentionMemory {
  T *chunk_a, *chunk_b, *own_a, *own_b, *weight_a, *weight_b;
  int64_t stride;
  HVLM_HD AttentionMemory(T* shared, int64_t channels) : stride(channels + 1) {
    chunk_a = shared;
    chunk_b = chunk_a + kLanes * stride;
    own_a = chunk_b + kLanes * stride;
    own_b = own_a + kGroups * channels;
    weight_a = own_b + kGroups * channels;
    weight_b = weight_a + kThreads;
  }
  static HVLM_HD int64_t values(int64_t channels) { return 2 * kLanes * (channels + 1) + 2 * kGroups * channels + 2 * kThreads; }
};

// Rows first .. first + count - 1 of `from` (those past `end` are left out) to `into`.
template <class T>
HVLM_HD inline void loadRows(const T* from, int64_t row_values, int64_t first, int64_t end, int64_t count, int64_t channels, T* into, int64_t stride, Place place) {
  for (int64_t row = place.group(); row < smaller(count, end - first); row += kGroups) {
    for (int64_t c = place.lane(); c < channels; c += kLanes) into[row * stride + c] = from[(first + row) * row_values + c];
  }
}

template <class T>
HVLM_HD inline T dotOf(const T* a, const T* b, int64_t channels) {
  T sum = 0;
  for (int64_t c = 0; c < channels; ++c) sum += a[c] * b[c];
  return sum;
}

// sums[k] += sum over the chunk of weight x row, for the lane's own channels.
template <class T>
HVLM_HD inline void addWeighted(T* sums, const T* weights, const T* rows, int64_t count, int64_t stride, int64_t channels, int lane) {
  HVLM_UNROLL
  for (int k = 0; k < kOwnChannels; ++k) {
    const int64_t c = lane + k * kLanes;
    if (c >= channels) continue;
    for (int64_t j = 0; j < count; ++j) sums[k] += weights[j] * rows[j * stride + c];
  }
}

template <class T>
HVLM_HD inline void storeOwn(T* into, const T* sums, T factor, int64_t channels, int lane) {
  HVLM_UNROLL
  for (int k = 0; k < kOwnChannels; ++k) {
    const int64_t c = lane + k * kLanes;
    if (c < channels) into[c] = sums[k] * factor;
  }
}

template <class T>
struct WindowAttentionBody {
  using Args = WindowAttentionArgs<T>;
  struct State {
    T top = T(-1e30), total = 0, keep = 1;
    T sums[kOwnChannels] = {};
  };
  static HVLM_HD int64_t blocks(const Args& a) { return partsOf(a.rows, kGroups) * a.heads; }
  static HVLM_HD int64_t sharedValues(const Args& a) { return AttentionMemory<T>::values(a.channels); }
  static HVLM_HD int64_t phases(const Args& a, int64_t block) { return 4 * AttentionTile<T>(a, block).chunks(); }

  static HVLM_HD void phase(int64_t phase, Place place, T* shared, const Args& a, State& state) {
    const AttentionTile<T> tile(a, place.block);
    const AttentionMemory<T> memory(shared, a.channels);
    const int64_t at = tile.low + phase / 4 * kLanes;
    const int64_t count = smaller<int64_t>(kLanes, tile.high + 1 - at);
    const int64_t t = tile.first + place.group();
    const int64_t row_values = 3 * a.width();
    const T* head = a.projected + tile.head * a.channels;
    T* scores = memory.weight_a + place.group() * kLanes;
    T* weights = memory.weight_b + place.group() * kLanes;
    const bool seen = place.lane() < count && sees(a, t, at + place.lane());
    switch (phase % 4) {
      case 0:
        loadRows(head + a.width(), row_values, at, tile.high + 1, count, a.channels, memory.chunk_a, memory.stride, place);
        loadRows(head + 2 * a.width(), row_values, at, tile.high + 1, count, a.channels, memory.chunk_b, memory.stride, place);
        if (phase == 0) loadRows(head, row_values, tile.first, a.rows, kGroups, a.channels, memory.own_a, a.channels, place);
        break;
      case 1:
        scores[place.lane()] = T(-1e30);
        if (seen) scores[place.lane()] = dotOf(memory.own_a + place.group() * a.channels, memory.chunk_a + place.lane() * memory.stride, a.channels) / root(static_cast<T>(a.channels));
        break;
      case 2: {
        T top = state.top;
        for (int j = 0; j < kLanes; ++j) top = larger(top, scores[j]);
        state.keep = exponential(state.top - top);
        state.top = top;
        weights[place.lane()] = seen ? exponential(scores[place.lane()] - top) : T(0);
        break;
      }
      default:
        state.total = state.total * state.keep + laneSum(weights);
        HVLM_UNROLL
        for (int k = 0; k < kOwnChannels; ++k) state.sums[k] *= state.keep;
        addWeighted(state.sums, weights, memory.chunk_b, count, memory.stride, a.channels, place.lane());
        if (at + kLanes > tile.high && t < a.rows) {
          storeOwn(a.out + t * a.width() + tile.head * a.channels, state.sums, T(1) / state.total, a.channels, place.lane());
          if (place.lane() == 0) a.log_sum[t * a.heads + tile.head] = logarithm(state.total) + state.top;
        }
    }
  }
};

// Gradient of the queries: each row over the rows it sees.
template <class T>
struct WindowAttentionQueryBody {
  using Args = WindowAttentionArgs<T>;
  struct State {
    T sums[kOwnChannels] = {};
  };
  static HVLM_HD int64_t blocks(const Args& a) { return partsOf(a.rows, kGroups) * a.heads; }
  static HVLM_HD int64_t sharedValues(const Args& a) { return AttentionMemory<T>::values(a.channels); }
  static HVLM_HD int64_t phases(const Args& a, int64_t block) { return 3 * AttentionTile<T>(a, block).chunks(); }

  static HVLM_HD void phase(int64_t phase, Place place, T* shared, const Args& a, State& state) {
    const AttentionTile<T> tile(a, place.block);
    const AttentionMemory<T> memory(shared, a.channels);
    const int64_t at = tile.low + phase / 3 * kLanes;
    const int64_t count = smaller<int64_t>(kLanes, tile.high + 1 - at);
    const int64_t t = tile.first + place.group();
    const int64_t row_values = 3 * a.width();
    const T* head = a.projected + tile.head * a.channels;
    const T scale = T(1) / root(static_cast<T>(a.channels));
    T* weights = memory.weight_a + place.group() * kLanes;
    if (phase % 3 == 0) {
      loadRows(head + a.width(), row_values, at, tile.high + 1, count, a.channels, memory.chunk_a, memory.stride, place);
      loadRows(head + 2 * a.width(), row_values, at, tile.high + 1, count, a.channels, memory.chunk_b, memory.stride, place);
      if (phase == 0) {
        loadRows(head, row_values, tile.first, a.rows, kGroups, a.channels, memory.own_a, a.channels, place);
        loadRows(a.gradient + tile.head * a.channels, a.width(), tile.first, a.rows, kGroups, a.channels, memory.own_b, a.channels, place);
      }
    } else if (phase % 3 == 1) {
      T weight = 0;
      if (place.lane() < count && sees(a, t, at + place.lane())) {
        const int64_t entry = t * a.heads + tile.head;
        const T score = scale * dotOf(memory.own_a + place.group() * a.channels, memory.chunk_a + place.lane() * memory.stride, a.channels);
        const T upstream = dotOf(memory.own_b + place.group() * a.channels, memory.chunk_b + place.lane() * memory.stride, a.channels);
        weight = exponential(score - a.log_sum[entry]) * (upstream - a.dot[entry]);
      }
      weights[place.lane()] = weight;
    } else {
      addWeighted(state.sums, weights, memory.chunk_a, count, memory.stride, a.channels, place.lane());
      if (at + kLanes > tile.high && t < a.rows) storeOwn(a.into + t * row_values + tile.head * a.channels, state.sums, scale, a.channels, place.lane());
    }
  }
};

// Gradients of keys and values: each row over the rows that see it, which are the rows it sees.
template <class T>
struct WindowAttentionKeyBody {
  using Args = WindowAttentionArgs<T>;
  struct State {
    T keys[kOwnChannels] = {};
    T values[kOwnChannels] = {};
  };
  static HVLM_HD int64_t blocks(const Args& a) { return partsOf(a.rows, kGroups) * a.heads; }
  static HVLM_HD int64_t sharedValues(const Args& a) { return AttentionMemory<T>::values(a.channels); }
  static HVLM_HD int64_t phases(const Args& a, int64_t block) { return 3 * AttentionTile<T>(a, block).chunks(); }

  static HVLM_HD void phase(int64_t phase, Place place, T* shared, const Args& a, State& state) {
    const AttentionTile<T> tile(a, place.block);
    const AttentionMemory<T> memory(shared, a.channels);
    const int64_t at = tile.low + phase / 3 * kLanes;
    const int64_t count = smaller<int64_t>(kLanes, tile.high + 1 - at);
    const int64_t u = tile.first + place.group();
    const int64_t row_values = 3 * a.width();
    const T* head = a.projected + tile.head * a.channels;
    const T scale = T(1) / root(static_cast<T>(a.channels));
    T* weights = memory.weight_a + place.group() * kLanes;
    T* score_gradients = memory.weight_b + place.group() * kLanes;
    if (phase % 3 == 0) {
      loadRows(head, row_values, at, tile.high + 1, count, a.channels, memory.chunk_a, memory.stride, place);
      loadRows(a.gradient + tile.head * a.channels, a.width(), at, tile.high + 1, count, a.channels, memory.chunk_b, memory.stride, place);
      if (phase == 0) {
        loadRows(head + a.width(), row_values, tile.first, a.rows, kGroups, a.channels, memory.own_a, a.channels, place);
        loadRows(head + 2 * a.width(), row_values, tile.first, a.rows, kGroups, a.channels, memory.own_b, a.channels, place);
      }
    } else if (phase % 3 == 1) {
      T weight = 0, score_gradient = 0;
      const int64_t t = at + place.lane();
      if (place.lane() < count && sees(a, u, t)) {
        const int64_t entry = t * a.heads + tile.head;
        const T score = scale * dotOf(memory.own_a + place.group() * a.channels, memory.chunk_a + place.lane() * memory.stride, a.channels);
        const T upstream = dotOf(memory.own_b + place.group() * a.channels, memory.chunk_b + place.lane() * memory.stride, a.channels);
        weight = exponential(score - a.log_sum[entry]);
        score_gradient = weight * (upstream - a.dot[entry]);
      }
      weights[place.lane()] = weight;
      score_gradients[place.lane()] = score_gradient;
    } else {
      addWeighted(state.keys, score_gradients, memory.chunk_a, count, memory.stride, a.channels, place.lane());
      addWeighted(state.values, weights, memory.chunk_b, count, memory.stride, a.channels, place.lane());
      if (at + kLanes > tile.high && u < a.rows) {
        T* into = a.into + u * row_values + a.width() + tile.head * a.channels;
        storeOwn(into, state.keys, scale, a.channels, place.lane());
        storeOwn(into + a.width(), state.values, T(1), a.channels, place.lane());
      }
    }
  }
};

}  // namespace hvlm::cuda
