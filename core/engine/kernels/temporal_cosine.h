// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace hvlm {

// Sum over the pairs of neighbouring rows of each video of gate (1 - cos(h_i, h_i+1)), one sweep over the rows forwards and one
// backwards; kept between them are the rows' square norms and products. A pair in which a norm is below `smallest_norm` has cos 0 and
// gradient 0. What temporalLoss() of objective/temporal.h gives; shapes are checked there.
//
//   h        [N, D]   float, fusedFor(h)
//   offsets  [B+1]    borders of the videos; videos without a pair give 0
//   gate     [N-1]    or undefined; no gradient
//   returns  [B]      sums are taken in double
at::Tensor fusedTemporalSums(const at::Tensor& h, const std::vector<int64_t>& offsets, const at::Tensor& gate, double smallest_norm);

// cos(h_i, h_i+1) of [N, D]: [max(N-1, 0)], without gradient.
at::Tensor fusedNeighbourCosine(const at::Tensor& h, double smallest_norm);

}  // namespace hvlm
