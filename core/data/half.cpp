// SPDX-License-Identifier: Apache-2.0
#include "data/half.h"

#include <bit>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace hvlm {
namespace {

float widenOne(uint16_t half) {
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000u) << 16;
  const uint32_t exponent = (half >> 10) & 0x1Fu;
  uint32_t mantissa = half & 0x3FFu;
  if (exponent == 31) {  // Inf; a NaN is made quiet, as the processor does
    return std::bit_cast<float>(sign | 0x7F800000u | (mantissa << 13) | (mantissa != 0 ? 0x400000u : 0u));
  }
  if (exponent == 0) {
    if (mantissa == 0) return std::bit_cast<float>(sign);
    uint32_t shifted = 113;  // subnormal: bring the leading one to its place
    while ((mantissa & 0x400u) == 0) {
      mantissa <<= 1;
      --shifted;
    }
    return std::bit_cast<float>(sign | (shifted << 23) | ((mantissa & 0x3FFu) << 13));
  }
  return std::bit_cast<float>(sign | ((exponent + 112) << 23) | (mantissa << 13));
}

#if defined(__x86_64__)
__attribute__((target("avx,f16c"))) void widenByEight(const uint16_t* halves, float* floats, size_t count) {
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const __m128i packed = _mm_loadu_si128(reinterpret_cast<const __m128i*>(halves + i));
    _mm256_storeu_ps(floats + i, _mm256_cvtph_ps(packed));
  }
  for (; i < count; ++i) floats[i] = widenOne(halves[i]);
}
__attribute__((target("avx,f16c"))) void narrowByEight(const float* floats, uint16_t* halves, size_t count) {
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const __m128i packed = _mm256_cvtps_ph(_mm256_loadu_ps(floats + i), _MM_FROUND_TO_NEAREST_INT);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(halves + i), packed);
  }
  for (; i < count; ++i) halves[i] = narrowToHalf(floats[i]);
}
bool hasF16c() {
  static const bool has = __builtin_cpu_supports("avx") && __builtin_cpu_supports("f16c");
  return has;
}
#endif

}  // namespace

void widenHalfPortably(const uint16_t* halves, float* floats, size_t count) {
  for (size_t i = 0; i < count; ++i) floats[i] = widenOne(halves[i]);
}

void widenHalf(const uint16_t* halves, float* floats, size_t count) {
#if defined(__x86_64__)
  if (hasF16c()) {
    widenByEight(halves, floats, count);
    return;
  }
#endif
  widenHalfPortably(halves, floats, count);
}

void narrowHalf(const float* floats, uint16_t* halves, size_t count) {
#if defined(__x86_64__)
  if (hasF16c()) {
    narrowByEight(floats, halves, count);
    return;
  }
#endif
  for (size_t i = 0; i < count; ++i) halves[i] = narrowToHalf(floats[i]);
}

uint16_t narrowToHalf(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  const uint32_t sign = (bits >> 16) & 0x8000u;
  const uint32_t magnitude = bits & 0x7FFFFFFFu;
  if (magnitude > 0x7F800000u) return static_cast<uint16_t>(sign | 0x7E00u);   // NaN
  if (magnitude >= 0x477FF000u) return static_cast<uint16_t>(sign | 0x7C00u);  // 65520 and above round to Inf
  if (magnitude < 0x33000001u) return static_cast<uint16_t>(sign);             // 2^-25 and below round to zero
  uint32_t mantissa = (magnitude & 0x7FFFFFu) | 0x800000u;
  const int exponent = static_cast<int>(magnitude >> 23) - 127;
  uint32_t base = 0;
  int drop = 13;
  if (exponent >= -14) {
    base = static_cast<uint32_t>(exponent + 14) << 10;  // the leading one adds the last exponent step
  } else {
    drop += -14 - exponent;
  }
  const uint32_t rest = mantissa & ((1u << drop) - 1u);
  const uint32_t middle = 1u << (drop - 1);
  mantissa >>= drop;
  if (rest > middle || (rest == middle && (mantissa & 1u))) ++mantissa;
  return static_cast<uint16_t>(sign | (base + mantissa));
}

}  // namespace hvlm
