// SPDX-License-Identifier: Apache-2.0
#include "engine/model/candidates.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "engine/model/edges.h"

namespace hvlm {
namespace {

constexpr double kShortest = 0.5;  // steps

std::vector<float> column(const at::Tensor& rows, int64_t which) {
  const at::Tensor values = rows.select(1, which).contiguous();
  return {values.const_data_ptr<float>(), values.const_data_ptr<float>() + values.numel()};
}

}  // namespace

BorderScores borderScores(const ModelOutput& output, int64_t video) {
  if (!output.edge_logits.defined()) return {};
  const auto v = static_cast<size_t>(video);
  const int64_t steps = output.offsets[v + 1] - output.offsets[v];
  const at::Tensor rows = at::log_sigmoid(output.edge_logits.detach().narrow(0, output.offsets[v] + video, steps + 1)).to(at::kCPU, at::kFloat);
  return {column(rows, 0), column(rows, 1)};
}

std::vector<std::vector<int64_t>> detectionRowsByVideo(const ModelOutput& output) {
  std::vector<std::vector<int64_t>> rows(output.offsets.empty() ? 0 : output.offsets.size() - 1);
  for (size_t row = 0; row < output.detection_nodes.size(); ++row) rows[static_cast<size_t>(output.detection_nodes[row].video)].push_back(static_cast<int64_t>(row));
  return rows;
}

std::vector<ProposedSegment> proposedSegments(const ModelOutput& output, const at::Tensor& probabilities, const at::Tensor& boundaries,
                                              const std::vector<int64_t>& rows, int64_t steps, double floor) {
  const int64_t classes = probabilities.size(1);
  const float* p = probabilities.const_data_ptr<float>();
  const float* d = boundaries.const_data_ptr<float>();
  const auto end_of_video = static_cast<double>(steps);
  std::vector<ProposedSegment> found;
  for (const int64_t row : rows) {
    const double border = output.detection_nodes[static_cast<size_t>(row)].position + 0.5;
    const double first = std::clamp(border - d[row * 2], 0.0, end_of_video);
    const double last = std::clamp(border + d[row * 2 + 1], 0.0, end_of_video);
    if (last - first < kShortest) continue;
    for (int64_t c = 0; c < classes; ++c) {
      if (p[row * classes + c] >= floor) found.push_back({first, last, c, p[row * classes + c], row});
    }
  }
  return found;
}

double movedBorder(double border, double length, std::span<const float> log_scores, double reach) {
  if (log_scores.empty()) return border;
  const double radius = std::max(1.0, reach * length);
  const auto last = static_cast<int64_t>(log_scores.size()) - 1;
  const auto low = std::clamp<int64_t>(std::llround(std::ceil(border - radius - 0.5)), 0, last);
  const auto high = std::clamp<int64_t>(std::llround(std::floor(border + radius + 0.5)), low, last);
  int64_t best = low;
  double best_score = -1e300;
  for (int64_t i = low; i <= high; ++i) {
    const double away = (static_cast<double>(i) - border) / (0.5 * radius);
    const double score = log_scores[static_cast<size_t>(i)] - 0.5 * away * away;
    if (score > best_score) {
      best_score = score;
      best = i;
    }
  }
  double sum = 0.0, weight = 0.0;
  for (int64_t i = std::max<int64_t>(best - 1, 0); i <= std::min(best + 1, last); ++i) {
    const double share = std::exp(static_cast<double>(log_scores[static_cast<size_t>(i)]));
    sum += share * static_cast<double>(i);
    weight += share;
  }
  return weight > 1e-12 ? sum / weight : static_cast<double>(best);
}

std::vector<ProposedSegment> movedSegments(std::vector<ProposedSegment> segments, const BorderScores& borders, double reach) {
  if (borders.start.empty() || reach <= 0.0) return segments;
  std::map<std::tuple<int64_t, double, double>, size_t> places;
  std::vector<ProposedSegment> kept;
  for (ProposedSegment segment : segments) {
    const double length = segment.last - segment.first;
    segment.first = movedBorder(segment.first, length, borders.start, reach);
    segment.last = movedBorder(segment.last, length, borders.end, reach);
    if (segment.last - segment.first < kShortest) continue;
    const auto [place, is_new] = places.try_emplace({segment.label, segment.first, segment.last}, kept.size());
    if (is_new) {
      kept.push_back(segment);
    } else if (segment.score > kept[place->second].score) {
      kept[place->second] = segment;
    }
  }
  return kept;
}

BorderSpan spanOf(const ProposedSegment& segment, int64_t video, int64_t steps) {
  const int64_t first = std::clamp<int64_t>(std::llround(segment.first), 0, steps - 1);
  return {video, first, std::clamp<int64_t>(std::llround(segment.last), first + 1, steps)};
}

}  // namespace hvlm
