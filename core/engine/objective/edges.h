// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "engine/objective/detection.h"

namespace hvlm {

// Targets of the start and end scores of borders: an end between two borders gives each 1 - its distance in steps, so that an end on a
// border is 1 there; of two ends near a border the larger counts. Ends outside the video count at its first or last border.
//   segments [B] in positions (input steps, border i at i - 0.5), offsets [B+1] of the pack;  returns [N + B, 2]
at::Tensor edgeTargets(const std::vector<std::vector<TruthSegment>>& segments, const std::vector<int64_t>& offsets, at::TensorOptions options);

// Binary cross-entropy of all borders over the number of true ends (2 a segment, at least 1): [N + B, 2] twice -> scalar. Throws ShapeError.
at::Tensor edgeLoss(const at::Tensor& logits, const at::Tensor& targets, int64_t segments);

// Second look (rescore.h) against the truth: a span is right for a class when its tIoU with a segment of it reaches `positive`; spans whose
// best tIoU lies in [`ignore`, `positive`) teach no class. Quality is the best tIoU with any segment.
struct SpanTargets {
  at::Tensor classes;  // [P, C] 0 or 1
  at::Tensor weights;  // [P] 1, or 0 for spans that teach no class
  at::Tensor quality;  // [P] 0..1
};
struct SpanOfVideo {
  int64_t video = 0;
  double first = 0.0, last = 0.0;  // positions
};
SpanTargets spanTargets(const std::vector<SpanOfVideo>& spans, const std::vector<std::vector<TruthSegment>>& segments, int64_t classes, at::TensorOptions options,
                        double ignore = 0.4, double positive = 0.5);
// Sum of both cross-entropies over spans, divided by `normaliser`: scalar. Throws ShapeError.
at::Tensor rescoreLoss(const at::Tensor& class_logits, const at::Tensor& quality_logits, const SpanTargets& targets, double normaliser);

}  // namespace hvlm
