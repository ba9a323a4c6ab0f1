// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace hvlm {

// Each row over its norm, [n, D] -> [n, D]; a row with a norm below 1e-12 becomes zero with gradient 0.
at::Tensor unitRows(const at::Tensor& x);

// int64 values as a tensor [n] on `device`.
at::Tensor integerTensor(const std::vector<int64_t>& values, at::Device device);

// True where a[i] equals b[j], [n] x [m] -> [n, m].
at::Tensor equalPairs(const std::vector<int64_t>& a, const std::vector<int64_t>& b, at::Device device);

}  // namespace hvlm
