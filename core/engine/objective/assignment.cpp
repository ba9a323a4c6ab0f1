// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "engine/objective/detection.h"
#include "support/error.h"

namespace hvlm {
namespace {

bool answersFor(const AssignmentNode& node, const TruthSegment& segment, const AssignmentOptions& options) {
  const double left = node.position - segment.start;
  const double right = segment.end - node.position;
  if (left < 0.0 || right < 0.0) return false;
  const double stride = std::ldexp(1.0, static_cast<int>(node.level));
  if (std::abs(node.position - 0.5 * (segment.start + segment.end)) > options.centre_radius * stride) return false;
  const auto [lowest, end] = regressionRange(node.level, options.levels);
  const double reach = std::max(left, right);
  return reach >= lowest && reach < end;
}

}  // namespace

std::pair<double, double> regressionRange(int64_t level, int64_t levels) {
  const double lowest = level == 0 ? 0.0 : std::ldexp(2.0, static_cast<int>(level));  // 4 2^(l-1)
  const double end =
      level + 1 >= levels ? std::numeric_limits<double>::infinity() : std::ldexp(4.0, static_cast<int>(level));
  return {lowest, end};
}

Assignment assignSegments(std::span<const AssignmentNode> nodes, std::span<const TruthSegment> segments,
                          const AssignmentOptions& options) {
  Assignment assignment;
  assignment.segment.assign(nodes.size(), -1);
  assignment.left.assign(nodes.size(), 0.0);
  assignment.right.assign(nodes.size(), 0.0);
  std::vector<bool> answered(segments.size(), false);
  for (size_t i = 0; i < nodes.size(); ++i) {
    double shortest = std::numeric_limits<double>::infinity();
    for (size_t s = 0; s < segments.size(); ++s) {
      const double length = segments[s].end - segments[s].start;
      if (length >= shortest || !answersFor(nodes[i], segments[s], options)) continue;
      shortest = length;
      assignment.segment[i] = static_cast<int64_t>(s);
    }
    const int64_t chosen = assignment.segment[i];
    if (chosen < 0) continue;
    assignment.left[i] = nodes[i].position - segments[chosen].start;
    assignment.right[i] = segments[chosen].end - nodes[i].position;
    answered[chosen] = true;
    ++assignment.positives;
  }
  // Segments of the same extent share their nodes, whatever their labels.
  for (size_t s = 0; s < segments.size(); ++s) {
    bool reached = answered[s];
    for (size_t t = 0; t < segments.size() && !reached; ++t) {
      reached = answered[t] && segments[t].start == segments[s].start && segments[t].end == segments[s].end;
    }
    if (!reached) ++assignment.segments_without_positive;
  }
  return assignment;
}

DetectionTargets detectionTargets(const std::vector<AssignmentNode>& nodes, const std::vector<int64_t>& node_video,
                                  const std::vector<std::vector<TruthSegment>>& segments, int64_t classes,
                                  const AssignmentOptions& options, at::TensorOptions tensor_options) {
  if (nodes.size() != node_video.size()) {
    throw ShapeError("detectionTargets: " + std::to_string(nodes.size()) + " nodes, videos of " +
                     std::to_string(node_video.size()));
  }
  std::vector<std::vector<int64_t>> rows(segments.size());  // of each video
  for (size_t i = 0; i < nodes.size(); ++i) rows.at(node_video[i]).push_back(static_cast<int64_t>(i));
  DetectionTargets targets;
  at::Tensor labels = at::zeros({static_cast<int64_t>(nodes.size()), classes}, at::kFloat);
  auto cells = labels.accessor<float, 2>();
  std::vector<int64_t> positive_rows;
  std::vector<double> distances;
  for (size_t b = 0; b < segments.size(); ++b) {
    std::vector<AssignmentNode> own;
    for (const int64_t row : rows[b]) own.push_back(nodes[row]);
    const Assignment assignment = assignSegments(own, segments[b], options);
    targets.segments += static_cast<int64_t>(segments[b].size());
    targets.segments_without_positive += assignment.segments_without_positive;
    for (size_t i = 0; i < own.size(); ++i) {
      if (assignment.segment[i] < 0) continue;
      const TruthSegment& chosen = segments[b][assignment.segment[i]];
      for (const TruthSegment& segment : segments[b]) {
        if (segment.start != chosen.start || segment.end != chosen.end) continue;
        if (segment.label < 0 || segment.label >= classes) {
          throw ShapeError("detectionTargets: label " + std::to_string(segment.label) + " of " +
                           std::to_string(classes) + " classes");
        }
        cells[rows[b][i]][segment.label] = 1.0F;
      }
      positive_rows.push_back(rows[b][i]);
      distances.insert(distances.end(), {assignment.left[i], assignment.right[i]});
    }
  }
  targets.positives = static_cast<int64_t>(positive_rows.size());
  at::Tensor row_index = at::empty({targets.positives}, at::kLong);
  std::copy(positive_rows.begin(), positive_rows.end(), row_index.data_ptr<int64_t>());
  at::Tensor distance = at::empty({targets.positives, 2}, at::kDouble);
  std::copy(distances.begin(), distances.end(), distance.data_ptr<double>());
  targets.classes = labels.to(tensor_options);
  targets.positive_rows = row_index.to(targets.classes.device());
  targets.distances = distance.to(tensor_options);
  return targets;
}

double RunningPositives::update(int64_t positives) {
  const auto count = static_cast<double>(std::max<int64_t>(positives, 1));
  value = value < 0.0 ? count : momentum * value + (1.0 - momentum) * count;
  return value;
}

}  // namespace hvlm
