// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace hvlm {

// Whether fusedBandAttention() takes rows like these with heads of so many channels: fusedFor(rows), and channels in eights.
bool bandIsFused(const at::Tensor& rows, int64_t channels);

// Softmax attention in which row t of a run sees rows t - reach .. t + reach of it; what bandedAttention() and tiledAttention() of
// model/mixers give, shapes checked by the caller.
//
//   projected  [N, 3 d]  float: query, key, value side by side, each of `heads` parts
//   offsets    [R+1]     borders of the runs, empty ones included
//   returns    [N, d]
//
// Eight queries at a time meet the keys they see; kept for the backward pass are the projected rows and two numbers per row and head
// (largest score, sum), from which it makes the weights again. O(N (2 reach + 8)) time, memory O(N). One head of one run is one thread's work.
// Source: Dao et al. 2022, arXiv:2205.14135 (what is kept, and the backward pass).
at::Tensor fusedBandAttention(const at::Tensor& projected, const std::vector<int64_t>& offsets, int64_t heads, int64_t reach);

}  // namespace hvlm
