// SPDX-License-Identifier: Apache-2.0
#include "engine/objective/text.h"

#include <ATen/ATen.h>

#include <cmath>
#include <limits>
#include <string>

#include "engine/objective/unit_rows.h"
#include "support/error.h"

namespace hvlm {
namespace {

// exp of the logarithm, at most 100. Past the bound the value is held while the gradient passes: with a plain clamp it would be
// zero there, and one step too far would fix the temperature for good.
at::Tensor logitScale(const at::Tensor& logarithm) {
  const at::Tensor held = logarithm.detach().clamp_max(std::log(kLargestLogitScale)) - logarithm.detach();
  return (logarithm + held).exp();
}

void check(const at::Tensor& v, const at::Tensor& t, const at::Tensor& scale, size_t groups_video, size_t groups_text) {
  if (v.dim() != 2 || v.sizes() != t.sizes() || v.size(0) < 1 || scale.numel() != 1) {
    throw ShapeError("textInfoNce: expected two [n, d] and one scale, found " + std::to_string(v.numel()) + ", " + std::to_string(t.numel()) +
                     " and " + std::to_string(scale.numel()) + " numbers");
  }
  const auto n = static_cast<size_t>(v.size(0));
  if ((groups_video != 0 && groups_video != n) || (groups_text != 0 && groups_text != n))
    throw ShapeError("textInfoNce: one group for each of the " + std::to_string(n) + " rows is needed");
}

}  // namespace

at::Tensor textInfoNce(const at::Tensor& v, const at::Tensor& t, const at::Tensor& logit_scale_log, const std::vector<int64_t>& groups_video,
                       const std::vector<int64_t>& groups_text, TextDirection direction, const at::Tensor& apart) {
  check(v, t, logit_scale_log, groups_video.size(), groups_text.size());
  const int64_t n = v.size(0);
  at::Tensor left_out = at::zeros({n, n}, at::TensorOptions(at::kBool).device(v.device()));
  if (!groups_video.empty()) left_out = left_out.logical_or(equalPairs(groups_video, groups_video, v.device()));
  if (!groups_text.empty()) left_out = left_out.logical_or(equalPairs(groups_text, groups_text, v.device()));
  if (apart.defined() && (apart.dim() != 2 || apart.size(0) != n || apart.size(1) != n)) {
    throw ShapeError("textInfoNce: pairs to leave out must be [n, n] for the " + std::to_string(n) + " rows");
  }
  if (apart.defined()) left_out = left_out.logical_or(apart);
  left_out = left_out.logical_and(at::eye(n, left_out.options()).logical_not());
  const at::Tensor logits = (at::mm(unitRows(v), unitRows(t).t()) * logitScale(logit_scale_log.reshape({})))
                                .masked_fill(left_out, -std::numeric_limits<double>::infinity());  // [n, n]
  const at::Tensor to_text = -logits.log_softmax(1).diagonal().mean();
  if (direction == TextDirection::kVideoToText) return to_text;
  return 0.5 * (to_text - logits.log_softmax(0).diagonal().mean());
}

}  // namespace hvlm
