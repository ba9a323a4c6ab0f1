// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace hvlm {

// Softmax attention of narrow windows over a whole pack in one pass, forwards and backwards: row t of a run sees rows t - reach ..
// t + reach of it. Time and memory O(N (2 reach + 1)); kept for the backward pass: the projected rows and the weights.
//
//   projected  [N, 3 d]  float or double, CPU: query, key, value side by side, each of `heads` parts
//   offsets    [R+1]     borders of the runs
//   returns    [N, d]    softmax(query key^T / sqrt(d / heads)) value of each head, heads side by side
//
// The same numbers as tiledAttention() up to rounding, without a call per run: the levels of a pyramid are many short runs.
// Each head of each run is summed by one thread in a fixed order. Float rows take the fused kernel where there is one
// (engine/kernels/band_attention.h), which keeps two numbers per row and head instead of the weights. Throws ShapeError when shapes disagree.
at::Tensor bandedAttention(const at::Tensor& projected, const std::vector<int64_t>& offsets, int64_t heads, int64_t reach);

}  // namespace hvlm
