// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "engine/model/model.h"

// From the heads' outputs to proposed segments, in borders (edges.h): border 0 is where the first step begins, border i stands at
// position i - 0.5.
namespace hvlm {

struct ProposedSegment {
  double first = 0.0;  // borders, between steps too
  double last = 0.0;
  int64_t label = -1;
  double score = 0.0;
  int64_t row = -1;  // of the detection head
};

// Log scores of the borders of one video, [T + 1] each; empty without head.edges.
struct BorderScores {
  std::vector<float> start, end;
};
BorderScores borderScores(const ModelOutput& output, int64_t video);

// Segments of the nodes of `rows` whose class score is at least `floor`, within [0, T], half a step long at least. Row-major as the
// head gave them.
//   probabilities [M, C], boundaries [M, 2], both float on the CPU, contiguous
std::vector<ProposedSegment> proposedSegments(const ModelOutput& output, const at::Tensor& probabilities, const at::Tensor& boundaries,
                                              const std::vector<int64_t>& rows, int64_t steps, double floor);
// Rows of the detection head by video.
std::vector<std::vector<int64_t>> detectionRowsByVideo(const ModelOutput& output);

// The border to which an end of a segment of `length` steps moves: the best of log score - distance^2 / (2 (r / 2)^2) with r = max(1,
// reach x length) steps, of the borders within r + 0.5, then the mean of it and its two neighbours by their scores (sub-step).
double movedBorder(double border, double length, std::span<const float> log_scores, double reach);
// Both ends of each; among segments of one label that come to lie on the same ends the best score stays. Falling score within a label
// is not kept: the order is that of the first of each.
std::vector<ProposedSegment> movedSegments(std::vector<ProposedSegment> segments, const BorderScores& borders, double reach);

// Whole borders of a segment, a step apart at least.
BorderSpan spanOf(const ProposedSegment& segment, int64_t video, int64_t steps);

}  // namespace hvlm
