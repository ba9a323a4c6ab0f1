// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/avx2.h"
#include "engine/kernels/simd.h"

#ifdef HVLM_AVX2
namespace hvlm::avx2 {
namespace {

struct TwoDots {
  float of_a = 0;
  float of_b = 0;
};

// w . a and w . b in one pass, two partial sums each.
TwoDots dots(const float* a, const float* b, const float* w, int64_t width) {
  Floats a0 = zero(), a1 = zero(), b0 = zero(), b1 = zero();
  int64_t i = 0;
  for (; i + 2 * kLanes <= width; i += 2 * kLanes) {
    const Floats w0 = load(w + i), w1 = load(w + i + kLanes);
    a0 = fma(load(a + i), w0, a0);
    b0 = fma(load(b + i), w0, b0);
    a1 = fma(load(a + i + kLanes), w1, a1);
    b1 = fma(load(b + i + kLanes), w1, b1);
  }
  for (; i < width; i += kLanes) {
    const __m256i lanes = firstLanes(width - i);
    const Floats w0 = load(w + i, lanes);
    a0 = fma(load(a + i, lanes), w0, a0);
    b0 = fma(load(b + i, lanes), w0, b0);
  }
  return {sumOf(_mm256_add_ps(a0, a1)), sumOf(_mm256_add_ps(b0, b1))};
}

// g . (a - b): the difference first, since close children would cancel after it.
float dotOfDifference(const float* g, const float* a, const float* b, int64_t width) {
  Floats s0 = zero(), s1 = zero();
  int64_t i = 0;
  for (; i + 2 * kLanes <= width; i += 2 * kLanes) {
    s0 = fma(load(g + i), _mm256_sub_ps(load(a + i), load(b + i)), s0);
    s1 = fma(load(g + i + kLanes), _mm256_sub_ps(load(a + i + kLanes), load(b + i + kLanes)), s1);
  }
  for (; i < width; i += kLanes) {
    const __m256i lanes = firstLanes(width - i);
    s0 = fma(load(g + i, lanes), _mm256_sub_ps(load(a + i, lanes), load(b + i, lanes)), s0);
  }
  return sumOf(_mm256_add_ps(s0, s1));
}

// Calls f(load, store, i) for each eight channels, the last ones masked.
template <class F>
inline __attribute__((always_inline)) void overChannels(int64_t width, const F& f) {
  int64_t i = 0;
  for (; i + kLanes <= width; i += kLanes) {
    f([i](const float* p) { return load(p + i); }, [i](float* p, Floats v) { store(p + i, v); }, i);
  }
  if (i < width) {
    const __m256i lanes = firstLanes(width - i);
    f([i, lanes](const float* p) { return load(p + i, lanes); }, [i, lanes](float* p, Floats v) { store(p + i, lanes, v); }, i);
  }
}

void poolOne(const float* a, int64_t width, float* out, float* maxima, float* weights) {
  weights[0] = 1;
  weights[1] = 0;
  overChannels(width, [&](auto get, auto put, int64_t) {
    const Floats x = get(a);
    put(out, x);
    if (maxima) put(maxima, x);
  });
}

void poolOneBackward(const PoolGradient& g, int64_t width) {
  overChannels(width, [&](auto get, auto put, int64_t) {
    Floats sum = g.of_a ? get(g.of_a) : zero();
    if (g.of_out) sum = _mm256_add_ps(sum, get(g.of_out));
    if (g.of_maxima) sum = _mm256_add_ps(sum, get(g.of_maxima));
    put(g.into_a, sum);
  });
}

// The gradient of the maxima to the larger child, half to each of equal ones.
inline void addMaxima(Floats a, Floats b, Floats arriving, Floats& into_a, Floats& into_b) {
  const Floats equal = _mm256_cmp_ps(a, b, _CMP_EQ_OQ);
  const Floats share = _mm256_blendv_ps(arriving, _mm256_mul_ps(arriving, splat(0.5F)), equal);
  into_a = _mm256_add_ps(into_a, _mm256_andnot_ps(_mm256_cmp_ps(a, b, _CMP_LT_OQ), share));
  into_b = _mm256_add_ps(into_b, _mm256_andnot_ps(_mm256_cmp_ps(b, a, _CMP_LT_OQ), share));
}

template <bool kHasOwn, bool kHasMaxima, bool kHasW, bool kPastCaches = false>
void poolTwoBackward(const PoolGradient& given, float score, int64_t width) {
  const PoolGradient g = given;  // a copy no store can reach: its pointers stay in registers
  const Floats weight_a = splat(g.weights[0]), weight_b = splat(g.weights[1]), of_score = splat(score);
  overChannels(width, [&](auto get, auto put, [[maybe_unused]] int64_t i) {
    const Floats up = g.of_out ? get(g.of_out) : zero();
    Floats into_a = kHasOwn ? fma(weight_a, up, get(g.of_a)) : _mm256_mul_ps(weight_a, up);
    Floats into_b = kHasOwn ? fma(weight_b, up, get(g.of_b)) : _mm256_mul_ps(weight_b, up);
    if (kHasW) {
      const Floats along = _mm256_mul_ps(of_score, get(g.w));
      into_a = _mm256_add_ps(into_a, along);
      into_b = _mm256_sub_ps(into_b, along);
      if (g.into_w) put(g.into_w, fma(of_score, _mm256_sub_ps(get(g.a), get(g.b)), get(g.into_w)));
    }
    if (kHasMaxima) addMaxima(get(g.a), get(g.b), get(g.of_maxima), into_a, into_b);
    if (kPastCaches) {
      _mm256_stream_ps(g.into_a + i, into_a);
      _mm256_stream_ps(g.into_b + i, into_b);
    } else {
      put(g.into_a, into_a);
      put(g.into_b, into_b);
    }
  });
}

}  // namespace

void poolWindow(const float* a, const float* b, const float* w, int64_t width, float* out, float* maxima, float* weights) {
  if (!b) return poolOne(a, width, out, maxima, weights);
  weights[0] = weights[1] = 0.5F;
  if (w) {
    const TwoDots score = dots(a, b, w, width);
    const float top = score.of_a > score.of_b ? score.of_a : score.of_b;
    const float to_a = __builtin_expf(score.of_a - top), to_b = __builtin_expf(score.of_b - top);
    weights[0] = to_a / (to_a + to_b);
    weights[1] = to_b / (to_a + to_b);
  }
  const Floats weight_a = splat(weights[0]), weight_b = splat(weights[1]);
  overChannels(width, [&](auto get, auto put, int64_t) {
    const Floats x = get(a), y = get(b);
    put(out, fma(weight_a, x, _mm256_mul_ps(weight_b, y)));
    if (maxima) put(maxima, _mm256_blendv_ps(_mm256_max_ps(x, y), x, _mm256_cmp_ps(x, x, _CMP_UNORD_Q)));
  });
}

void poolWindowBackward(const PoolGradient& g, int64_t width) {
  if (!g.b) return poolOneBackward(g, width);
  // d loss / d score of a; that of b is its opposite.
  const float score = g.w && g.of_out ? g.weights[0] * g.weights[1] * dotOfDifference(g.of_out, g.a, g.b, width) : 0.0F;
  const bool along_w = g.w && g.of_out;
  if (g.past_caches && g.of_a && !g.of_maxima) return along_w ? poolTwoBackward<true, false, true, true>(g, score, width) : poolTwoBackward<true, false, false, true>(g, score, width);
  if (g.of_a) {
    if (along_w) return g.of_maxima ? poolTwoBackward<true, true, true>(g, score, width) : poolTwoBackward<true, false, true>(g, score, width);
    return g.of_maxima ? poolTwoBackward<true, true, false>(g, score, width) : poolTwoBackward<true, false, false>(g, score, width);
  }
  if (along_w) return g.of_maxima ? poolTwoBackward<false, true, true>(g, score, width) : poolTwoBackward<false, false, true>(g, score, width);
  return g.of_maxima ? poolTwoBackward<false, true, false>(g, score, width) : poolTwoBackward<false, false, false>(g, score, width);
}

void copyFloats(const float* from, int64_t count, bool past_caches, float* to) {
  if (!past_caches) {
    __builtin_memcpy(to, from, static_cast<size_t>(count) * sizeof(float));
    return;
  }
  for (int64_t i = 0; i < count; i += kLanes) _mm256_stream_ps(to + i, load(from + i));
}

void fenceStores() { _mm_sfence(); }

}  // namespace hvlm::avx2
#else
namespace hvlm::avx2 {
void poolWindow(const float*, const float*, const float*, int64_t, float*, float*, float*) {}
void poolWindowBackward(const PoolGradient&, int64_t) {}
void copyFloats(const float*, int64_t, bool, float*) {}
void fenceStores() {}
}  // namespace hvlm::avx2
#endif
