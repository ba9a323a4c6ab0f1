// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

namespace hvlm {

// Terms 1 - cos(h_i, h_{i+1}) of neighbouring steps. A pair in which one vector has a norm below 1e-8 has cos 0 and
// gradient 0.
//
//   h        [..., T, D]  float or double
//   returns  [..., T-1]   T = 1 gives no term
//
// Source: method.md 2, temporal loss.
at::Tensor temporalTerms(const at::Tensor& h);

struct TemporalLoss {
  at::Tensor per_video_sum;    // [B] sum of a video's terms; 0 for one step
  std::vector<int64_t> pairs;  // [B] T_b - 1
  at::Tensor sum;              // over all pairs of all videos
  at::Tensor mean_pairs;       // sum / number of pairs
  at::Tensor mean_videos;      // mean over the videos with a pair of each video's own mean; 0 when there is none
};
// Packed batch: h [N, D], offsets [B+1]. `gate` [N-1] (or undefined) scales the term of rows i and i+1; see
// smoothnessGate. Throws ShapeError when offsets and rows disagree.
TemporalLoss temporalLoss(const at::Tensor& h, const std::vector<int64_t>& offsets, const at::Tensor& gate = {});
// Padded batch: h [B, T, D]; steps at or past a video's length have no influence and gradient 0.
TemporalLoss temporalLossPadded(const at::Tensor& h, const std::vector<int64_t>& lengths);
// What enters the total: "mean" = mean_videos, "sum" = sum / B. Throws ShapeError for another form.
at::Tensor temporalObjective(const TemporalLoss& loss, const std::string& form);

// max(0, cos(x_i, x_{i+1}))^4 of the raw features, [N, D] -> [N-1], without gradient: a real boundary is not blurred.
// Source: method.md 4.5.
at::Tensor smoothnessGate(const at::Tensor& x);

}  // namespace hvlm
