// SPDX-License-Identifier: Apache-2.0
// Eight queries are the eight lanes of a vector, so softmax needs no sum across lanes: scores, weights and their gradients are kept
// as [keys, 8 queries]. Keys and values of a chunk are copied side by side first: in the projected rows they lie pages apart.
#include "engine/kernels/avx2.h"
#include "engine/kernels/simd.h"

#ifdef HVLM_AVX2
namespace hvlm::avx2 {
namespace {

constexpr int64_t kShortestChunk = 128;
constexpr int64_t kLongestChunk = 512;

int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
int64_t largest(int64_t a, int64_t b) { return a > b ? a : b; }

// Queries that share one copy of keys and values.
int64_t chunkOf(const Band& b) { return largest(kShortestChunk, least(kLongestChunk, 2 * b.reach / kLanes * kLanes)); }
int64_t keysOfChunk(const Band& b) { return least(b.last - b.first, chunkOf(b) + 2 * b.reach); }
int64_t keysOfBlock(const Band& b) { return least(b.last - b.first, kLanes + 2 * b.reach); }

// Scratch of one call: blocks of eight rows as they lie and turned over, keys, values and their gradients, weights of a block.
struct Scratch {
  float *query, *turned_query, *gradient, *turned_gradient;  // [8, c], [c, 8]
  float *weight, *weight_gradient;                           // [keys of the block, 8]
  float *key, *value, *key_gradient, *value_gradient;        // [keys of the chunk, c]
  Scratch(float* memory, const Band& b) {
    const int64_t block = kLanes * b.channels;
    query = memory, turned_query = query + block, gradient = turned_query + block, turned_gradient = gradient + block;
    weight = turned_gradient + block, weight_gradient = weight + weightFloats(b);
    key = weight_gradient + weightFloats(b), value = key + chunkFloats(b);
    key_gradient = value + chunkFloats(b), value_gradient = key_gradient + chunkFloats(b);  // of the backward pass alone
  }
  static int64_t weightFloats(const Band& b) { return (keysOfBlock(b) + kLanes) * kLanes; }
  static int64_t chunkFloats(const Band& b) { return (keysOfChunk(b) + kLanes) * b.channels; }
};

// Keys of one block of queries, counted from the chunk's first.
struct Block {
  int64_t query;   // row of its first query
  int64_t count;   // queries, at most 8
  int64_t first;   // first key
  int64_t keys;
  int64_t offset;  // row of the first key minus that of the first query
};

Block blockAt(const Band& b, int64_t query, int64_t last_query, int64_t chunk_first) {
  const int64_t low = largest(b.first, query - b.reach), high = least(b.last, query + kLanes + b.reach);
  return {query, least(kLanes, last_query - query), low - chunk_first, high - low, low - query};
}

void copyRows(const float* from, int64_t stride, int64_t rows, int64_t channels, float* to) {
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t c = 0; c < channels; c += kLanes) store(to + i * channels + c, load(from + i * stride + c));
  }
}

// Up to eight rows scaled, as they lie [8, c] and turned over [c, 8]; rows that are not there are zero.
void takeBlock(const float* from, int64_t stride, int64_t count, int64_t channels, float scale, float* rows, float* turned) {
  const Floats factor = splat(scale);
  for (int64_t c = 0; c < channels; c += kLanes) {
    Floats r[kLanes];
    for (int64_t i = 0; i < kLanes; ++i) {
      r[i] = i < count ? _mm256_mul_ps(factor, load(from + i * stride + c)) : zero();
      store(rows + i * channels + c, r[i]);
    }
    transpose(r);
    for (int64_t i = 0; i < kLanes; ++i) store(turned + (c + i) * kLanes, r[i]);
  }
}

// products[k] = rows_k . each of eight turned rows: [keys, 8]. Rows are read in eights: those past the end give numbers of no use.
void dotRows(const float* rows, int64_t keys, int64_t channels, const float* turned, float* products) {
  for (int64_t k = 0; k < keys; k += kLanes) {
    const float* row = rows + k * channels;
    Floats sum[kLanes];
    for (int64_t j = 0; j < kLanes; ++j) sum[j] = zero();
    for (int64_t c = 0; c < channels; ++c) {
      const Floats x = load(turned + c * kLanes);
      for (int64_t j = 0; j < kLanes; ++j) sum[j] = fma(_mm256_broadcast_ss(row + j * channels + c), x, sum[j]);
    }
    for (int64_t j = 0; j < kLanes; ++j) store(products + (k + j) * kLanes, sum[j]);
  }
}

// out_i = scale[i] sum over keys of weight[k][i] rows_k, the first `count` of eight.
void mixRows(const float* weight, const float* rows, int64_t keys, int64_t channels, const float* scale, float* out, int64_t stride, int64_t count) {
  for (int64_t c = 0; c < channels; c += kLanes) {
    Floats sum[kLanes];
    for (int64_t i = 0; i < kLanes; ++i) sum[i] = zero();
    for (int64_t k = 0; k < keys; ++k) {
      const Floats x = load(rows + k * channels + c);
      for (int64_t i = 0; i < kLanes; ++i) sum[i] = fma(_mm256_broadcast_ss(weight + k * kLanes + i), x, sum[i]);
    }
    for (int64_t i = 0; i < kLanes; ++i) {  // a loop to `count` would keep the sums in memory
      if (i < count) store(out + i * stride + c, _mm256_mul_ps(splat(scale[i]), sum[i]));
    }
  }
}

// into_k += sum over the eight rows of weight[k][i] rows_i.
void spreadRows(const float* weight, const float* rows, int64_t keys, int64_t channels, float* into) {
  for (int64_t c = 0; c < channels; c += kLanes) {
    Floats x[kLanes];
    for (int64_t i = 0; i < kLanes; ++i) x[i] = load(rows + i * channels + c);
    for (int64_t k = 0; k < keys; ++k) {
      const float* w = weight + k * kLanes;
      Floats even = load(into + k * channels + c), odd = zero();
      for (int64_t i = 0; i < kLanes; i += 2) {
        even = fma(_mm256_broadcast_ss(w + i), x[i], even);
        odd = fma(_mm256_broadcast_ss(w + i + 1), x[i + 1], odd);
      }
      store(into + k * channels + c, _mm256_add_ps(even, odd));
    }
  }
}

// -inf for the queries that do not see this key, `away` = row of the key minus that of the first query.
inline Floats hideUnseen(Floats score, int64_t away, int64_t reach) {
  if (away - reach <= 0 && away + reach >= kLanes - 1) return score;
  const Floats lane = _mm256_setr_ps(0, 1, 2, 3, 4, 5, 6, 7);
  const Floats low = _mm256_cmp_ps(lane, splat(static_cast<float>(away - reach)), _CMP_LT_OQ);
  const Floats high = _mm256_cmp_ps(lane, splat(static_cast<float>(away + reach)), _CMP_GT_OQ);
  return _mm256_blendv_ps(score, splat(-__builtin_inff()), _mm256_or_ps(low, high));
}

// Scores to weights, still to be divided by the returned sums; `tops` are the largest scores.
Floats softmaxOf(float* weight, const Block& block, int64_t reach, Floats& tops) {
  tops = splat(-__builtin_inff());
  for (int64_t k = 0; k < block.keys; ++k) {
    const Floats score = hideUnseen(load(weight + k * kLanes), block.offset + k, reach);
    store(weight + k * kLanes, score);
    tops = _mm256_max_ps(score, tops);
  }
  Floats total = zero();
  for (int64_t k = 0; k < block.keys; ++k) {
    const Floats w = expOf(_mm256_sub_ps(load(weight + k * kLanes), tops));
    store(weight + k * kLanes, w);
    total = _mm256_add_ps(total, w);
  }
  return total;
}

const float* partOf(const Band& b, int64_t row, int64_t part) { return b.projected + row * 3 * b.width + part * b.width + b.head * b.channels; }
float scaleOf(const Band& b) { return 1.0F / __builtin_sqrtf(static_cast<float>(b.channels)); }

void forwardBlock(const Band& b, const Block& block, const Scratch& s, float* out, float* softmax) {
  takeBlock(partOf(b, block.query, 0), 3 * b.width, block.count, b.channels, scaleOf(b), s.query, s.turned_query);
  dotRows(s.key + block.first * b.channels, block.keys, b.channels, s.turned_query, s.weight);
  Floats tops;
  const Floats total = softmaxOf(s.weight, block, b.reach, tops);
  alignas(32) float top[kLanes], share[kLanes];
  store(top, tops);
  store(share, _mm256_div_ps(splat(1.0F), total));
  for (int64_t i = 0; i < block.count; ++i) {
    float* const own = softmax + 2 * ((block.query + i) * b.heads + b.head);
    own[0] = top[i], own[1] = share[i];
  }
  mixRows(s.weight, s.value + block.first * b.channels, block.keys, b.channels, share, out + block.query * b.width + b.head * b.channels, b.width,
          block.count);
}

// Weights again, as in the forward pass; then gradients of the scores in place of those of the weights.
void scoreGradients(const Band& b, const Block& block, const Scratch& s, const float* softmax) {
  alignas(32) float top[kLanes] = {}, share[kLanes] = {};
  for (int64_t i = 0; i < block.count; ++i) {
    const float* own = softmax + 2 * ((block.query + i) * b.heads + b.head);
    top[i] = own[0], share[i] = own[1];
  }
  const Floats tops = load(top), shares = load(share);
  Floats mean = zero();
  for (int64_t k = 0; k < block.keys; ++k) {
    const Floats away = _mm256_sub_ps(hideUnseen(load(s.weight + k * kLanes), block.offset + k, b.reach), tops);
    const Floats w = _mm256_mul_ps(shares, expOf(away));
    store(s.weight + k * kLanes, w);
    mean = fma(w, load(s.weight_gradient + k * kLanes), mean);
  }
  for (int64_t k = 0; k < block.keys; ++k) {
    float* const place = s.weight_gradient + k * kLanes;
    store(place, _mm256_mul_ps(load(s.weight + k * kLanes), _mm256_sub_ps(load(place), mean)));
  }
}

void backwardBlock(const Band& b, const Block& block, const Scratch& s, const float* softmax, const float* gradient, float* into) {
  const int64_t first = block.first * b.channels;
  takeBlock(partOf(b, block.query, 0), 3 * b.width, block.count, b.channels, scaleOf(b), s.query, s.turned_query);
  takeBlock(gradient + block.query * b.width + b.head * b.channels, b.width, block.count, b.channels, 1.0F, s.gradient, s.turned_gradient);
  dotRows(s.key + first, block.keys, b.channels, s.turned_query, s.weight);
  dotRows(s.value + first, block.keys, b.channels, s.turned_gradient, s.weight_gradient);
  scoreGradients(b, block, s, softmax);
  alignas(32) float scale[kLanes];
  store(scale, splat(scaleOf(b)));
  mixRows(s.weight_gradient, s.key + first, block.keys, b.channels, scale, into + block.query * 3 * b.width + b.head * b.channels, 3 * b.width,
          block.count);
  spreadRows(s.weight_gradient, s.query, block.keys, b.channels, s.key_gradient + first);
  spreadRows(s.weight, s.gradient, block.keys, b.channels, s.value_gradient + first);
}

// Rows from .. to-1 of a chunk's gradients go to `into`; those below `written` hold a part of an earlier chunk already.
void handOver(const float* rows, int64_t from, int64_t to, int64_t written, int64_t channels, float* into, int64_t stride) {
  for (int64_t t = from; t < to; ++t) {
    const float* row = rows + (t - from) * channels;
    float* const place = into + t * stride;
    for (int64_t c = 0; c < channels; c += kLanes) store(place + c, t < written ? _mm256_add_ps(load(place + c), load(row + c)) : load(row + c));
  }
}

}  // namespace

int64_t bandScratch(const Band& band, bool backward) {
  return 4 * kLanes * band.channels + 2 * Scratch::weightFloats(band) + (backward ? 4 : 2) * Scratch::chunkFloats(band);
}

void bandForward(const Band& b, float* out, float* softmax, float* scratch) {
  const Scratch s(scratch, b);
  for (int64_t t = b.first; t < b.last; t += chunkOf(b)) {
    const int64_t end = least(b.last, t + chunkOf(b)), low = largest(b.first, t - b.reach), high = least(b.last, end + b.reach);
    copyRows(partOf(b, low, 1), 3 * b.width, high - low, b.channels, s.key);
    copyRows(partOf(b, low, 2), 3 * b.width, high - low, b.channels, s.value);
    for (int64_t query = t; query < end; query += kLanes) forwardBlock(b, blockAt(b, query, end, low), s, out, softmax);
  }
}

void bandBackward(const Band& b, const float* softmax, const float* gradient, float* into, float* scratch) {
  const Scratch s(scratch, b);
  int64_t written = b.first;
  for (int64_t t = b.first; t < b.last; t += chunkOf(b)) {
    const int64_t end = least(b.last, t + chunkOf(b)), low = largest(b.first, t - b.reach), high = least(b.last, end + b.reach);
    copyRows(partOf(b, low, 1), 3 * b.width, high - low, b.channels, s.key);
    copyRows(partOf(b, low, 2), 3 * b.width, high - low, b.channels, s.value);
    for (int64_t i = 0; i < (high - low) * b.channels; i += kLanes) {
      store(s.key_gradient + i, zero());
      store(s.value_gradient + i, zero());
    }
    for (int64_t query = t; query < end; query += kLanes) backwardBlock(b, blockAt(b, query, end, low), s, softmax, gradient, into);
    float* const keys = into + b.width + b.head * b.channels;
    handOver(s.key_gradient, low, high, written, b.channels, keys, 3 * b.width);
    handOver(s.value_gradient, low, high, written, b.channels, keys + b.width, 3 * b.width);
    written = high;
  }
}

}  // namespace hvlm::avx2
#else
namespace hvlm::avx2 {
int64_t bandScratch(const Band&, bool) { return 0; }
void bandForward(const Band&, float*, float*, float*) {}
void bandBackward(const Band&, const float*, const float*, float*, float*) {}
}  // namespace hvlm::avx2
#endif
