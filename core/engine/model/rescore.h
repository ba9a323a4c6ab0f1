// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "engine/model/layers.h"
#include "engine/model/packed.h"
#include "engine/model/parameters.h"

namespace hvlm {

// A stretch of one video between two borders (edges.h): steps first .. last - 1, 0 <= first < last <= T.
struct BorderSpan {
  int64_t video = 0;  // in the pack
  int64_t first = 0;
  int64_t last = 0;
  bool operator==(const BorderSpan&) const = default;
};

// Second look at proposed segments: classes and quality (the tIoU that a segment would reach) from the mean step inside, just within
// each end, and outside each end, with the start and end scores of all borders around. The temporal form of a second stage with pooled
// regions (R-C3D, Xu et al. 2017, arXiv:1703.07814; context on both sides as in SSN, Zhao et al. 2017, arXiv:1704.06228).
// Means come from running sums, so the cost of a span does not grow with its length. Where nothing is learned and spans are many, the first layer multiplies the
// steps before they are summed, so that a step is multiplied once and not once for each span that holds it: the same up to rounding.
class RescoreHead {
 public:
  struct Scores {
    at::Tensor class_logits;    // [P, C] before the sigmoid
    at::Tensor quality_logits;  // [P]
  };
  RescoreHead() = default;
  RescoreHead(ParameterSet& set, int64_t width, int64_t hidden, int64_t classes, double dropout, bool with_edges, at::Generator& generator, at::TensorOptions options);
  // h [N, d]; edge_logits [N + R, 2], not read without edges. Gradients reach h, not the edge scores. Throws ShapeError for a span that is
  // empty or leaves its video.
  Scores operator()(const at::Tensor& h, const at::Tensor& edge_logits, const RunIndex& index, std::span<const BorderSpan> spans, const ForwardOptions& forward) const;

 private:
  struct Reading;  // the borders that the spans read between
  at::Tensor firstLayer(const Reading& reading, const at::Tensor& h, const ForwardOptions& forward) const;  // [P, hidden]
  at::Tensor firstLayerOfSteps(const Reading& reading, const at::Tensor& h) const;                          // the same, steps first
  double dropout_ = 0.0;
  bool with_edges_ = false;
  Linear first_, second_, class_out_, quality_out_;
};

}  // namespace hvlm
