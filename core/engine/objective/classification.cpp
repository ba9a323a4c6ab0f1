// SPDX-License-Identifier: Apache-2.0
#include "engine/objective/classification.h"

#include <set>

#include "support/error.h"

namespace hvlm {

at::Tensor labelSetTargets(const std::vector<std::vector<int64_t>>& sets, int64_t classes, at::TensorOptions options) {
  at::Tensor targets = at::zeros({static_cast<int64_t>(sets.size()), classes}, at::kDouble);
  auto cells = targets.accessor<double, 2>();
  for (size_t b = 0; b < sets.size(); ++b) {
    const std::set<int64_t> labels(sets[b].begin(), sets[b].end());
    for (const int64_t label : labels) {
      if (label < 0 || label >= classes) {
        throw ShapeError("labelSetTargets: label " + std::to_string(label) + " of " + std::to_string(classes) +
                         " classes");
      }
      cells[static_cast<int64_t>(b)][label] = 1.0 / static_cast<double>(labels.size());
    }
  }
  return targets.to(options);
}

at::Tensor crossEntropy(const at::Tensor& logits, const at::Tensor& targets, double smoothing) {
  if (logits.dim() != 2 || logits.sizes() != targets.sizes())
    throw ShapeError("crossEntropy: logits and targets disagree");
  const at::Tensor labelled = (targets.sum(1) > 0).to(logits.options());  // [B]
  const at::Tensor smoothed = targets * (1.0 - smoothing) + smoothing / static_cast<double>(logits.size(1));
  const at::Tensor rows = -(smoothed * logits.log_softmax(1)).sum(1);  // [B]
  return (rows * labelled).sum() / labelled.sum().clamp_min(1.0);
}

}  // namespace hvlm
