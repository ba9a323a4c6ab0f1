// SPDX-License-Identifier: Apache-2.0
// Eight floats at a time, for the *_avx2.cpp only. Everything is static: nothing compiled for AVX2 may be shared with other sources.
#pragma once
#if defined(__AVX2__) && defined(__FMA__)
#define HVLM_AVX2 1
#include <immintrin.h>

#include <cstdint>

namespace hvlm::avx2 {

using Floats = __m256;
constexpr int64_t kLanes = 8;

static inline Floats load(const float* p) { return _mm256_loadu_ps(p); }
static inline void store(float* p, Floats v) { _mm256_storeu_ps(p, v); }
static inline Floats splat(float x) { return _mm256_set1_ps(x); }
static inline Floats zero() { return _mm256_setzero_ps(); }
static inline Floats fma(Floats a, Floats b, Floats c) { return _mm256_fmadd_ps(a, b, c); }  // a b + c

// Mask of the first `count` (< 8) lanes.
static inline __m256i firstLanes(int64_t count) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
static inline Floats load(const float* p, __m256i lanes) { return _mm256_maskload_ps(p, lanes); }
static inline void store(float* p, __m256i lanes, Floats v) { _mm256_maskstore_ps(p, lanes, v); }

static inline float sumOf(Floats v) {
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps(two, two, 1)));
}
static inline float largestOf(Floats v) {
  const __m128 four = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_max_ss(two, _mm_shuffle_ps(two, two, 1)));
}

// Turns eight rows of eight.
static inline void transpose(Floats* r) {
  const Floats t0 = _mm256_unpacklo_ps(r[0], r[1]), t1 = _mm256_unpackhi_ps(r[0], r[1]), t2 = _mm256_unpacklo_ps(r[2], r[3]),
               t3 = _mm256_unpackhi_ps(r[2], r[3]), t4 = _mm256_unpacklo_ps(r[4], r[5]), t5 = _mm256_unpackhi_ps(r[4], r[5]),
               t6 = _mm256_unpacklo_ps(r[6], r[7]), t7 = _mm256_unpackhi_ps(r[6], r[7]);
  const Floats u0 = _mm256_shuffle_ps(t0, t2, 0x44), u1 = _mm256_shuffle_ps(t0, t2, 0xEE), u2 = _mm256_shuffle_ps(t1, t3, 0x44),
               u3 = _mm256_shuffle_ps(t1, t3, 0xEE), u4 = _mm256_shuffle_ps(t4, t6, 0x44), u5 = _mm256_shuffle_ps(t4, t6, 0xEE),
               u6 = _mm256_shuffle_ps(t5, t7, 0x44), u7 = _mm256_shuffle_ps(t5, t7, 0xEE);
  r[0] = _mm256_permute2f128_ps(u0, u4, 0x20), r[1] = _mm256_permute2f128_ps(u1, u5, 0x20);
  r[2] = _mm256_permute2f128_ps(u2, u6, 0x20), r[3] = _mm256_permute2f128_ps(u3, u7, 0x20);
  r[4] = _mm256_permute2f128_ps(u0, u4, 0x31), r[5] = _mm256_permute2f128_ps(u1, u5, 0x31);
  r[6] = _mm256_permute2f128_ps(u2, u6, 0x31), r[7] = _mm256_permute2f128_ps(u3, u7, 0x31);
}

// e^x to about one unit in the last place for x <= 0; 0 below -87.3, so that -inf is a weight of nothing. NaN stays.
// Source: the polynomial of Cephes' expf (Moshier).
static inline Floats expOf(Floats x) {
  const Floats lowest = splat(-87.3365F);
  const Floats hidden = _mm256_cmp_ps(x, lowest, _CMP_LT_OQ);
  const Floats kept = _mm256_max_ps(lowest, x);  // the second operand wins when one is NaN
  const Floats n = _mm256_round_ps(_mm256_mul_ps(kept, splat(1.44269504088896341F)), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  Floats r = _mm256_fnmadd_ps(n, splat(0.693359375F), kept);
  r = _mm256_fnmadd_ps(n, splat(-2.12194440e-4F), r);
  Floats p = splat(1.9875691500e-4F);
  p = fma(p, r, splat(1.3981999507e-3F));
  p = fma(p, r, splat(8.3334519073e-3F));
  p = fma(p, r, splat(4.1665795894e-2F));
  p = fma(p, r, splat(1.6666665459e-1F));
  p = fma(p, r, splat(5.0000001201e-1F));
  p = fma(p, _mm256_mul_ps(r, r), _mm256_add_ps(r, splat(1.0F)));
  const __m256i power = _mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23);
  return _mm256_andnot_ps(hidden, _mm256_mul_ps(p, _mm256_castsi256_ps(power)));
}

}  // namespace hvlm::avx2
#endif
