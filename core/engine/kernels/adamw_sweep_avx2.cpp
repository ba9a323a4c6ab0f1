// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/avx2.h"
#include "engine/kernels/simd.h"

#ifdef HVLM_AVX2
namespace hvlm::avx2 {
namespace {

struct Step {
  explicit Step(const AdamWFactors& f)
      : gradient(splat(f.gradient)), keep1(splat(f.keep1)), take1(splat(f.take1)), keep2(splat(f.keep2)), take2(splat(f.take2)), decay(splat(f.decay)),
        root_scale(splat(f.root_scale)), eps(splat(f.eps)), rate(splat(f.rate)), average_take(splat(f.average_take)) {}
  Floats gradient, keep1, take1, keep2, take2, decay, root_scale, eps, rate, average_take;

  // New value; the moments are changed in place.
  inline __attribute__((always_inline)) Floats operator()(Floats value, Floats g, Floats& first, Floats& second) const {
    g = _mm256_mul_ps(g, gradient);
    first = fma(first, keep1, _mm256_mul_ps(g, take1));
    second = fma(second, keep2, _mm256_mul_ps(_mm256_mul_ps(g, g), take2));
    const Floats below = fma(_mm256_sqrt_ps(second), root_scale, eps);
    return _mm256_fnmadd_ps(rate, _mm256_div_ps(first, below), _mm256_mul_ps(value, decay));
  }
};

inline Floats moved(Floats average, Floats value, Floats take) { return fma(take, _mm256_sub_ps(value, average), average); }

template <bool kAverages>
void sweep(const AdamWFactors& f, float* value, const float* gradient, float* first, float* second, float* average, int64_t count) {
  const Step step(f);
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    Floats m = load(first + i), v = load(second + i);
    const Floats p = step(load(value + i), load(gradient + i), m, v);
    store(first + i, m);
    store(second + i, v);
    store(value + i, p);
    if (kAverages) store(average + i, moved(load(average + i), p, step.average_take));
  }
  if (i == count) return;
  const __m256i lanes = firstLanes(count - i);
  Floats m = load(first + i, lanes), v = load(second + i, lanes);
  const Floats p = step(load(value + i, lanes), load(gradient + i, lanes), m, v);
  store(first + i, lanes, m);
  store(second + i, lanes, v);
  store(value + i, lanes, p);
  if (kAverages) store(average + i, lanes, moved(load(average + i, lanes), p, step.average_take));
}

inline __m256d squareAdded(__m128 x, __m256d sum) {
  const __m256d wide = _mm256_cvtps_pd(x);
  return _mm256_fmadd_pd(wide, wide, sum);
}

}  // namespace

double squaredNorm(const float* x, int64_t count) {
  __m256d sums[4] = {_mm256_setzero_pd(), _mm256_setzero_pd(), _mm256_setzero_pd(), _mm256_setzero_pd()};
  int64_t i = 0;
  for (; i + 16 <= count; i += 16) {
    for (int k = 0; k < 4; ++k) sums[k] = squareAdded(_mm_loadu_ps(x + i + 4 * k), sums[k]);
  }
  const __m256d all = _mm256_add_pd(_mm256_add_pd(sums[0], sums[1]), _mm256_add_pd(sums[2], sums[3]));
  double parts[4];
  _mm256_storeu_pd(parts, all);
  double sum = (parts[0] + parts[1]) + (parts[2] + parts[3]);
  for (; i < count; ++i) sum += static_cast<double>(x[i]) * static_cast<double>(x[i]);
  return sum;
}

void adamwSweep(const AdamWFactors& f, float* value, const float* gradient, float* first, float* second, float* average, int64_t count) {
  if (average) return sweep<true>(f, value, gradient, first, second, average, count);
  sweep<false>(f, value, gradient, first, second, nullptr, count);
}

void averageSweep(float take, const float* value, float* average, int64_t count) {
  const Floats taken = splat(take);
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) store(average + i, moved(load(average + i), load(value + i), taken));
  if (i == count) return;
  const __m256i lanes = firstLanes(count - i);
  store(average + i, lanes, moved(load(average + i, lanes), load(value + i, lanes), taken));
}

}  // namespace hvlm::avx2
#else
namespace hvlm::avx2 {
double squaredNorm(const float*, int64_t) { return 0; }
void adamwSweep(const AdamWFactors&, float*, const float*, float*, float*, float*, int64_t) {}
void averageSweep(float, const float*, float*, int64_t) {}
}  // namespace hvlm::avx2
#endif
