// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace hvlm {

// The recurrence of a selective state space layer, started anew at the first row of each run. For inner channel e with
// states s:
//   h_t[e, s] = exp(step_t[e] rate[e, s]) h_{t-1}[e, s] + step_t[e] input_t[s] x_t[e],   y_t[e] = sum_s output_t[s]
//   h_t[e, s]
//
//   x, step        [N, E]  step > 0
//   rate           [E, S]  < 0, so that the decay lies in (0, 1) and |h| stays below max |input x| (step + 1 / |rate|)
//   input, output  [N, S]  chosen by the data ("selective")
//   offsets        [R+1]   run r owns rows offsets[r] .. offsets[r+1]-1
//   returns        [N, E]  gradient flows to all five tensors
//
// Runs in chunks; kept for the backward pass: the inputs and one state for each chunk after a run's first, so memory
// grows with N. Throws ShapeError when shapes disagree. Source: Gu and Dao 2023, arXiv:2312.00752, eq. 2 with
// algorithm 2.
at::Tensor selectiveScan(const at::Tensor& x, const at::Tensor& step, const at::Tensor& rate, const at::Tensor& input,
                         const at::Tensor& output, const std::vector<int64_t>& offsets);

}  // namespace hvlm
