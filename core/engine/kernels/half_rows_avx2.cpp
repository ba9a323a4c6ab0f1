// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/avx2.h"
#include "engine/kernels/simd.h"

#if defined(HVLM_AVX2) && defined(__F16C__)
namespace hvlm::avx2 {
namespace {

constexpr int64_t kAhead = 4096;  // bytes: the next page, where the processor's own prefetch begins anew

inline Floats widened(const uint16_t* p) { return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))); }
inline float widenedOne(uint16_t half) { return _mm_cvtss_f32(_mm_cvtph_ps(_mm_cvtsi32_si128(half))); }

}  // namespace

void halfRowProducts(const uint16_t* rows, int64_t count, int64_t width, const float* query, float* out) {
  for (int64_t r = 0; r < count; ++r) {
    const uint16_t* row = rows + r * width;
    Floats sums[4] = {zero(), zero(), zero(), zero()};  // one alone would wait for itself
    int64_t i = 0;
    for (; i + 4 * kLanes <= width; i += 4 * kLanes) {
      _mm_prefetch(reinterpret_cast<const char*>(row + i) + kAhead, _MM_HINT_T0);
      for (int64_t k = 0; k < 4; ++k) sums[k] = fma(widened(row + i + k * kLanes), load(query + i + k * kLanes), sums[k]);
    }
    for (; i + kLanes <= width; i += kLanes) sums[0] = fma(widened(row + i), load(query + i), sums[0]);
    float sum = sumOf(_mm256_add_ps(_mm256_add_ps(sums[0], sums[1]), _mm256_add_ps(sums[2], sums[3])));
    for (; i < width; ++i) sum += widenedOne(row[i]) * query[i];
    out[r] = sum;
  }
}

}  // namespace hvlm::avx2
#endif
