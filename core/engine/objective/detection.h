// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

namespace hvlm {

struct FocalOptions {
  double alpha = 0.25;  // weight of the positive class; negative turns class weighting off
  double gamma = 2.0;   // 0 is plain binary cross-entropy
};
// Sigmoid focal loss of every score: alpha_t (1 - p_t)^gamma BCE, stable for large logits.
//   logits, targets [...] targets in [0, 1], soft ones are fine;  returns [...]
// Source: Lin et al. 2017, arXiv:1708.02002, eq. 5.
at::Tensor focalLoss(const at::Tensor& logits, const at::Tensor& targets, FocalOptions options = {});
// Summed over all classes of all rows of each video: logits, targets [N, K], offsets int64 [B+1] -> [B]. Throws
// ShapeError.
at::Tensor focalSumPerVideo(const at::Tensor& logits, const at::Tensor& targets, const at::Tensor& offsets,
                            FocalOptions options = {});

// 1-D distance IoU loss, 1 - inter / union + (centre distance / hull)^2, denominators at least 1e-8: [P, 2] x [P, 2] ->
// [P].
at::Tensor diouOffsets(const at::Tensor& predicted,
                       const at::Tensor& target);  // (left, right) >= 0 from a shared point
at::Tensor diouSegments(const at::Tensor& predicted, const at::Tensor& target);  // (start, end), may be disjoint

// --- Which node of the pyramid answers for which segment (method.md 4.3) ---

struct AssignmentNode {
  int64_t level = 0;
  double position = 0.0;  // in input steps
};
struct TruthSegment {
  double start = 0.0;  // position in input steps
  double end = 0.0;
  int64_t label = -1;
};
struct AssignmentOptions {
  int64_t levels = 6;          // of the detection head; the last one has no upper end of its range
  double centre_radius = 1.5;  // in strides of the node's level
};
// Regression range of a level in input steps: [0,4) [4,8) [8,16) … [.., inf) for the last.
std::pair<double, double> regressionRange(int64_t level, int64_t levels);

struct Assignment {
  std::vector<int64_t> segment;  // [nodes] index of the segment it answers for, -1 = background
  std::vector<double> left;      // [nodes] distances to the segment's ends, in input steps; 0 for background
  std::vector<double> right;
  int64_t positives = 0;  // nodes with a segment
  int64_t segments_without_positive = 0;
};
// Nodes of one video against its segments. A node is positive for a segment when it lies inside it, within
// centre_radius strides (2^level steps) of its centre, and its larger distance to the ends falls in the level's range.
// Of several segments the shortest wins, then the first.
Assignment assignSegments(std::span<const AssignmentNode> nodes, std::span<const TruthSegment> segments,
                          const AssignmentOptions& options = {});

// Targets of a batch for the two losses of the detection head.
struct DetectionTargets {
  at::Tensor classes;        // [M, C] 0 or 1; segments of the same extent share their node
  at::Tensor positive_rows;  // [P] int64
  at::Tensor distances;      // [P, 2] left, right in input steps
  int64_t positives = 0;
  int64_t segments = 0;
  int64_t segments_without_positive = 0;
};
//   nodes [M] with node_video [M] naming the video of each;  segments [B] of each video
DetectionTargets detectionTargets(const std::vector<AssignmentNode>& nodes, const std::vector<int64_t>& node_video,
                                  const std::vector<std::vector<TruthSegment>>& segments, int64_t classes,
                                  const AssignmentOptions& options, at::TensorOptions tensor_options);

// Running mean of the number of positives by which both sums are divided. Its `value` is the state to save.
struct RunningPositives {
  double value = -1.0;  // negative: nothing seen yet
  double momentum = 0.9;
  double update(int64_t positives);  // returns the new mean, at least 1
};

struct DetectionLoss {
  at::Tensor focal;  // scalar: sum over all nodes and classes / normaliser
  at::Tensor diou;   // scalar: sum over the positives / normaliser
};
// Throws ShapeError when rows disagree.
DetectionLoss detectionLoss(const at::Tensor& class_logits, const at::Tensor& boundaries,
                            const DetectionTargets& targets, double normaliser, FocalOptions focal = {});

}  // namespace hvlm
