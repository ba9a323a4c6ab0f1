// SPDX-License-Identifier: Apache-2.0
#include "engine/objective/edges.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "support/error.h"

namespace hvlm {

at::Tensor edgeTargets(const std::vector<std::vector<TruthSegment>>& segments, const std::vector<int64_t>& offsets, at::TensorOptions options) {
  if (offsets.size() != segments.size() + 1) {
    throw ShapeError("edgeTargets: segments of " + std::to_string(segments.size()) + " videos, " + std::to_string(offsets.size()) + " offsets");
  }
  at::Tensor targets = at::zeros({offsets.back() + static_cast<int64_t>(segments.size()), 2}, at::kFloat);
  auto cells = targets.accessor<float, 2>();
  for (size_t b = 0; b < segments.size(); ++b) {
    const int64_t base = offsets[b] + static_cast<int64_t>(b), last = offsets[b + 1] - offsets[b];
    const auto mark = [&](double position, int64_t which) {
      const double border = std::clamp(position + 0.5, 0.0, static_cast<double>(last));
      const auto below = static_cast<int64_t>(std::floor(border));
      const auto share = static_cast<float>(border - std::floor(border));
      cells[base + below][which] = std::max(cells[base + below][which], 1.0F - share);
      if (share > 0.0F) cells[base + below + 1][which] = std::max(cells[base + below + 1][which], share);
    };
    for (const TruthSegment& segment : segments[b]) {
      mark(segment.start, 0);
      mark(segment.end, 1);
    }
  }
  return targets.to(options);
}

at::Tensor edgeLoss(const at::Tensor& logits, const at::Tensor& targets, int64_t segments) {
  if (logits.sizes() != targets.sizes()) {
    throw ShapeError("edgeLoss: " + std::to_string(logits.numel()) + " logits, " + std::to_string(targets.numel()) + " targets");
  }
  return at::binary_cross_entropy_with_logits(logits, targets, {}, {}, at::Reduction::Sum) / static_cast<double>(std::max<int64_t>(1, 2 * segments));
}

SpanTargets spanTargets(const std::vector<SpanOfVideo>& spans, const std::vector<std::vector<TruthSegment>>& segments, int64_t classes, at::TensorOptions options,
                        double ignore, double positive) {
  const auto count = static_cast<int64_t>(spans.size());
  at::Tensor right = at::zeros({count, classes}, at::kFloat), weights = at::ones({count}, at::kFloat), quality = at::zeros({count}, at::kFloat);
  auto cell = right.accessor<float, 2>();
  auto weight = weights.accessor<float, 1>();
  auto best = quality.accessor<float, 1>();
  for (int64_t i = 0; i < count; ++i) {
    const SpanOfVideo& span = spans[static_cast<size_t>(i)];
    double highest = 0.0;
    for (const TruthSegment& truth : segments.at(static_cast<size_t>(span.video))) {
      const double inter = std::max(0.0, std::min(span.last, truth.end) - std::max(span.first, truth.start));
      const double both = (span.last - span.first) + (truth.end - truth.start) - inter;
      const double iou = both > 0.0 ? inter / both : 0.0;
      highest = std::max(highest, iou);
      if (iou < positive) continue;
      if (truth.label < 0 || truth.label >= classes) throw ShapeError("spanTargets: label " + std::to_string(truth.label) + " of " + std::to_string(classes) + " classes");
      cell[i][truth.label] = 1.0F;
    }
    best[i] = static_cast<float>(highest);
    if (highest >= ignore && highest < positive) weight[i] = 0.0F;
  }
  return {right.to(options), weights.to(options), quality.to(options)};
}

at::Tensor rescoreLoss(const at::Tensor& class_logits, const at::Tensor& quality_logits, const SpanTargets& targets, double normaliser) {
  if (class_logits.sizes() != targets.classes.sizes() || quality_logits.sizes() != targets.quality.sizes()) {
    throw ShapeError("rescoreLoss: " + std::to_string(class_logits.numel()) + " and " + std::to_string(quality_logits.numel()) + " logits, " +
                     std::to_string(targets.classes.numel()) + " and " + std::to_string(targets.quality.numel()) + " targets");
  }
  const at::Tensor classes = at::binary_cross_entropy_with_logits(class_logits, targets.classes, {}, {}, at::Reduction::None).sum(1);
  const at::Tensor quality = at::binary_cross_entropy_with_logits(quality_logits, targets.quality, {}, {}, at::Reduction::None);
  return ((classes * targets.weights).sum() + quality.sum()) / normaliser;
}

}  // namespace hvlm
