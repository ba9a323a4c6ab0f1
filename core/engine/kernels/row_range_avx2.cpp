// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/avx2.h"
#include "engine/kernels/simd.h"

#ifdef HVLM_AVX2
namespace hvlm::avx2 {

RowRange rowRange(const float* x, int64_t width) {
  Floats low = splat(x[0]), high = low, others = zero();
  int64_t i = 0;
  for (; i + kLanes <= width; i += kLanes) {
    const Floats value = load(x + i);
    low = _mm256_min_ps(low, value);
    high = _mm256_max_ps(high, value);
    others = fma(value, zero(), others);
  }
  float least = -largestOf(_mm256_sub_ps(zero(), low)), most = largestOf(high), finite = sumOf(others);
  for (; i < width; ++i) {
    least = x[i] < least ? x[i] : least;
    most = x[i] > most ? x[i] : most;
    finite += x[i] * 0.0F;
  }
  return {least, most - least, finite == 0.0F};
}

void moveRow(const float* x, float low, float by, int64_t width, float* out) {
  const Floats from = splat(low), factor = splat(by);
  int64_t i = 0;
  for (; i + kLanes <= width; i += kLanes) store(out + i, _mm256_mul_ps(_mm256_sub_ps(load(x + i), from), factor));
  for (; i < width; ++i) out[i] = (x[i] - low) * by;
}

void moveRowBack(const float* y, float range, float low, const float* sums, const float* bias, int64_t width, float* out) {
  const Floats by = splat(range), from = splat(low);
  int64_t i = 0;
  for (; i + kLanes <= width; i += kLanes) store(out + i, fma(by, load(y + i), fma(from, load(sums + i), load(bias + i))));
  if (i == width) return;
  const __m256i lanes = firstLanes(width - i);
  store(out + i, lanes, fma(by, load(y + i, lanes), fma(from, load(sums + i, lanes), load(bias + i, lanes))));
}

}  // namespace hvlm::avx2
#endif
