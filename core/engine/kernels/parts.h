// SPDX-License-Identifier: Apache-2.0
// What the pooling operators share. Include below ATen.
#pragma once
#include <ATen/ATen.h>

#include <cstdint>

namespace hvlm {

constexpr int64_t kParts = 32;               // partial sums of a pooling vector's gradient, whatever the threads
constexpr int64_t kWorkOfAThread = 1 << 15;  // numbers read, below which a second thread costs more than it gives

// Autograd functions take no undefined tensor: an empty one stands for it.
inline at::Tensor orEmpty(const at::Tensor& t) { return t.defined() ? t : at::empty({0}, at::kFloat); }

// [parts, n] -> [n], one part after the other.
inline at::Tensor sumOfParts(const at::Tensor& partial) {
  at::Tensor sum = at::zeros(partial.sizes().slice(1), partial.options());
  float* const to = sum.data_ptr<float>();
  const float* from = partial.const_data_ptr<float>();
  const int64_t n = sum.numel();
  for (int64_t part = 0; part < partial.size(0); ++part, from += n) {
    for (int64_t i = 0; i < n; ++i) to[i] += from[i];
  }
  return sum;
}

}  // namespace hvlm
