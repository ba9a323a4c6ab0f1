// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace hvlm {

enum class TextDirection { kBoth, kVideoToText };

constexpr double kLargestLogitScale = 100.0;

// InfoNCE between videos and texts with a learned temperature (L_vlm of method.md 2, and 4.6).
//
//   v, t             [n, D]  row i of both belong together; any length, normalised here (below 1e-12: cosine 0, gradient 0)
//   logit_scale_log  [], [1] log(1 / temperature); the scale is held at 100, where the gradient is the one at the bound, so that a
//                            parameter that has passed it can come back
//   groups_video     [n]     rows of the same video are never each other's negatives; empty = none
//   groups_text      [n]     nor are rows with the same text; empty = none
//   apart            [n, n]  bool, true where row i and row j are no negatives beyond that; undefined = none
//   direction                mean of both cross-entropies, or from video to text only (the paper)
//   returns          scalar  n = 1 gives 0
//
// Throws ShapeError. Source: Radford et al. 2021, arXiv:2103.00020, fig. 3 and section 2.5.
at::Tensor textInfoNce(const at::Tensor& v, const at::Tensor& t, const at::Tensor& logit_scale_log, const std::vector<int64_t>& groups_video,
                       const std::vector<int64_t>& groups_text, TextDirection direction, const at::Tensor& apart = {});

}  // namespace hvlm
