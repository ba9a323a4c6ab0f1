// SPDX-License-Identifier: Apache-2.0
#include "engine/objective/detection.h"

#include "support/error.h"

namespace hvlm {
namespace {

constexpr double kSmallestDenominator = 1e-8;

void checkPairs(const at::Tensor& predicted, const at::Tensor& target, const char* name) {
  if (predicted.dim() != 2 || predicted.size(1) != 2 || predicted.sizes() != target.sizes()) {
    throw ShapeError(std::string(name) + ": expected two [P, 2], found " + std::to_string(predicted.numel()) + " and " +
                     std::to_string(target.numel()) + " numbers");
  }
}

at::Tensor diou(const at::Tensor& inter, const at::Tensor& length_sum, const at::Tensor& hull,
                const at::Tensor& centre_distance) {
  const at::Tensor iou = inter / (length_sum - inter).clamp_min(kSmallestDenominator);
  return 1.0 - iou + (centre_distance / hull.clamp_min(kSmallestDenominator)).square();
}

}  // namespace

at::Tensor focalLoss(const at::Tensor& logits, const at::Tensor& targets, FocalOptions options) {
  if (logits.sizes() != targets.sizes()) {
    throw ShapeError("focalLoss: " + std::to_string(logits.numel()) + " logits, " + std::to_string(targets.numel()) +
                     " targets");
  }
  const at::Tensor entropy = at::binary_cross_entropy_with_logits(logits, targets, {}, {}, at::Reduction::None);
  at::Tensor loss = entropy;
  if (options.gamma != 0.0) {
    // 1 - p_t with sigmoid(-z) for 1 - p: no digits are lost at large logits. The floor keeps roots differentiable.
    const at::Tensor miss = logits.sigmoid() * (1.0 - targets) + logits.neg().sigmoid() * targets;
    loss = loss * (options.gamma == 2.0 ? miss * miss : miss.clamp_min(1e-30).pow(options.gamma));
  }
  if (options.alpha >= 0.0) loss = loss * (targets * (2.0 * options.alpha - 1.0) + (1.0 - options.alpha));
  return loss;
}

at::Tensor focalSumPerVideo(const at::Tensor& logits, const at::Tensor& targets, const at::Tensor& offsets,
                            FocalOptions options) {
  if (logits.dim() != 2 || logits.sizes() != targets.sizes() || offsets.dim() != 1 || offsets.size(0) < 1) {
    throw ShapeError("focalSumPerVideo: logits of " + std::to_string(logits.numel()) + ", targets of " +
                     std::to_string(targets.numel()) + ", offsets of " + std::to_string(offsets.numel()) + " numbers");
  }
  const at::Tensor borders = offsets.to(at::kCPU, at::kLong);
  if (borders[-1].item<int64_t>() != logits.size(0))
    throw ShapeError("focalSumPerVideo: offsets do not end at the last row");
  const at::Tensor rows = focalLoss(logits, targets, options).sum(1);  // [N]
  const at::Tensor lengths = borders.narrow(0, 1, borders.size(0) - 1) - borders.narrow(0, 0, borders.size(0) - 1);
  const at::Tensor video = at::repeat_interleave(lengths).to(logits.device());
  return at::zeros({lengths.size(0)}, logits.options()).index_add(0, video, rows);
}

at::Tensor diouOffsets(const at::Tensor& predicted, const at::Tensor& target) {
  checkPairs(predicted, target, "diouOffsets");
  const at::Tensor inter = at::minimum(predicted, target).sum(1);
  const at::Tensor hull = at::maximum(predicted, target).sum(1);
  const at::Tensor away = predicted - target;
  return diou(inter, predicted.sum(1) + target.sum(1), hull, 0.5 * (away.select(1, 1) - away.select(1, 0)));
}

at::Tensor diouSegments(const at::Tensor& predicted, const at::Tensor& target) {
  checkPairs(predicted, target, "diouSegments");
  const at::Tensor p_start = predicted.select(1, 0);
  const at::Tensor p_end = predicted.select(1, 1);
  const at::Tensor t_start = target.select(1, 0);
  const at::Tensor t_end = target.select(1, 1);
  const at::Tensor inter = (at::minimum(p_end, t_end) - at::maximum(p_start, t_start)).clamp_min(0.0);
  const at::Tensor hull = at::maximum(p_end, t_end) - at::minimum(p_start, t_start);
  return diou(inter, (p_end - p_start) + (t_end - t_start), hull, 0.5 * (predicted.sum(1) - target.sum(1)));
}

DetectionLoss detectionLoss(const at::Tensor& class_logits, const at::Tensor& boundaries,
                            const DetectionTargets& targets, double normaliser, FocalOptions focal) {
  if (class_logits.sizes() != targets.classes.sizes() || boundaries.dim() != 2 ||
      boundaries.size(0) != class_logits.size(0)) {
    throw ShapeError("detectionLoss: " + std::to_string(class_logits.numel()) + " logits, " +
                     std::to_string(targets.classes.numel()) + " targets, " + std::to_string(boundaries.numel()) +
                     " distances");
  }
  DetectionLoss loss;
  loss.focal = focalLoss(class_logits, targets.classes, focal).sum() / normaliser;
  loss.diou = diouOffsets(boundaries.index_select(0, targets.positive_rows), targets.distances).sum() / normaliser;
  return loss;
}

}  // namespace hvlm
