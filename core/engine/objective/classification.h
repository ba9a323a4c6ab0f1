// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace hvlm {

// Target distribution of videos with several labels: 1 / |set| on each label of the set; an empty set gives a row of
// zeros.
//   sets     [B] label indices (repeats count once);  returns [B, classes] in the type of `options`
at::Tensor labelSetTargets(const std::vector<std::vector<int64_t>>& sets, int64_t classes, at::TensorOptions options);

// Cross-entropy against target distributions with label smoothing: t <- (1 - s) t + s / C, mean over the rows whose
// target is not all zero (0 when there is none).
//
//   logits     [B, C]  before the softmax
//   targets    [B, C]  rows sum to 1, or are all zero (row is left out)
//   smoothing  in [0, 1)
//
// Throws ShapeError. Source: Szegedy et al. 2016, arXiv:1512.00567, section 7.
at::Tensor crossEntropy(const at::Tensor& logits, const at::Tensor& targets, double smoothing = 0.0);

}  // namespace hvlm
