// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/avx2.h"
#include "engine/kernels/simd.h"

#ifdef HVLM_AVX2
namespace hvlm::avx2 {
namespace {

struct RowProducts {
  float square = 0;
  float product = 0;
};

RowProducts rowProducts(const float* h, const float* next, int64_t width) {
  Floats s0 = zero(), s1 = zero(), p0 = zero(), p1 = zero();
  int64_t i = 0;
  for (; i + 2 * kLanes <= width; i += 2 * kLanes) {
    const Floats x0 = load(h + i), x1 = load(h + i + kLanes);
    s0 = fma(x0, x0, s0);
    p0 = fma(x0, load(next + i), p0);
    s1 = fma(x1, x1, s1);
    p1 = fma(x1, load(next + i + kLanes), p1);
  }
  for (; i < width; i += kLanes) {
    const __m256i lanes = firstLanes(width - i);
    const Floats x0 = load(h + i, lanes);
    s0 = fma(x0, x0, s0);
    p0 = fma(x0, load(next + i, lanes), p0);
  }
  return {sumOf(_mm256_add_ps(s0, s1)), sumOf(_mm256_add_ps(p0, p1))};
}

struct Part {
  const float* row;
  float factor;
};

// out = the sum of `kParts` scaled rows.
template <int kParts>
void mixRow(const Part* given, float* out, int64_t width) {
  Floats factor[kParts > 0 ? kParts : 1];
  const float* row[kParts > 0 ? kParts : 1];
  for (int k = 0; k < kParts; ++k) {
    factor[k] = splat(given[k].factor);
    row[k] = given[k].row;
  }
  int64_t i = 0;
  for (; i + kLanes <= width; i += kLanes) {
    Floats sum = zero();
    for (int k = 0; k < kParts; ++k) sum = fma(factor[k], load(row[k] + i), sum);
    store(out + i, sum);
  }
  if (i < width) {
    const __m256i lanes = firstLanes(width - i);
    Floats sum = zero();
    for (int k = 0; k < kParts; ++k) sum = fma(factor[k], load(row[k] + i, lanes), sum);
    store(out + i, lanes, sum);
  }
}

}  // namespace

void neighbourProducts(const float* h, int64_t rows, int64_t width, int64_t begin, int64_t end, float* squares, float* products) {
  for (int64_t i = begin; i < end; ++i) {
    const float* row = h + i * width;
    const bool last = i + 1 == rows;
    const RowProducts own = rowProducts(row, last ? row : row + width, width);
    squares[i] = own.square;
    products[i] = last ? 0.0F : own.product;
  }
}

void neighbourMix(const float* h, int64_t rows, int64_t width, int64_t begin, int64_t end, const float* own, const float* next, float* out) {
  for (int64_t i = begin; i < end; ++i) {
    const float* row = h + i * width;
    Part parts[3];
    int count = 0;
    if (own[i] != 0.0F) parts[count++] = {row, own[i]};
    if (i + 1 < rows && next[i] != 0.0F) parts[count++] = {row + width, next[i]};
    if (i > 0 && next[i - 1] != 0.0F) parts[count++] = {row - width, next[i - 1]};
    float* to = out + i * width;
    switch (count) {
      case 0: mixRow<0>(parts, to, width); break;
      case 1: mixRow<1>(parts, to, width); break;
      case 2: mixRow<2>(parts, to, width); break;
      default: mixRow<3>(parts, to, width); break;
    }
  }
}

}  // namespace hvlm::avx2
#else
namespace hvlm::avx2 {
void neighbourProducts(const float*, int64_t, int64_t, int64_t, int64_t, float*, float*) {}
void neighbourMix(const float*, int64_t, int64_t, int64_t, int64_t, const float*, const float*, float*) {}
}  // namespace hvlm::avx2
#endif
