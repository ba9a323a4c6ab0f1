// SPDX-License-Identifier: Apache-2.0
// Hard and soft non-maximum suppression and boundary voting, declared in detection.h.
#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "score/detection.h"

namespace hvlm {
namespace {

double overlap(const ScoredSegment& a, const ScoredSegment& b) {
  return overlapOrZero(a.start_seconds, a.end_seconds, b.start_seconds, b.end_seconds);
}

bool full(const std::vector<Kept>& kept, const SuppressionOptions& options) {
  return options.keep > 0 && static_cast<int64_t>(kept.size()) >= options.keep;
}

}  // namespace

double overlapOrZero(double start_a, double end_a, double start_b, double end_b) {
  const double inter = std::max(0.0, std::min(end_a, end_b) - std::max(start_a, start_b));
  const double both = (end_a - start_a) + (end_b - start_b) - inter;
  return both > 0.0 ? inter / both : 0.0;
}

std::vector<Kept> hardNms(std::span<const ScoredSegment> segments, const SuppressionOptions& options) {
  std::vector<size_t> order(segments.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return segments[a].score > segments[b].score; });
  std::vector<Kept> kept;
  for (const size_t i : order) {
    if (full(kept, options)) break;
    const bool dropped = std::any_of(kept.begin(), kept.end(), [&](const Kept& k) {
      return overlap(segments[static_cast<size_t>(k.index)], segments[i]) >= options.threshold;
    });
    if (!dropped) kept.push_back({static_cast<int64_t>(i), segments[i].score});
  }
  return kept;
}

std::vector<Kept> softNms(std::span<const ScoredSegment> segments, const SuppressionOptions& options) {
  std::vector<Kept> live(segments.size());  // in input order, so the first maximum is the lower index
  for (size_t i = 0; i < segments.size(); ++i) live[i] = {static_cast<int64_t>(i), segments[i].score};
  std::vector<Kept> kept;
  while (!live.empty() && !full(kept, options)) {
    const auto best =
        std::max_element(live.begin(), live.end(), [](const Kept& a, const Kept& b) { return a.score < b.score; });
    const Kept picked = *best;
    live.erase(best);
    kept.push_back(picked);
    const ScoredSegment& winner = segments[static_cast<size_t>(picked.index)];
    for (Kept& other : live) {
      const double iou = overlap(winner, segments[static_cast<size_t>(other.index)]);
      if (iou > 0.0) other.score *= std::exp(-iou * iou / options.sigma);
    }
    std::erase_if(live, [&](const Kept& other) { return other.score < options.min_score; });
  }
  return kept;
}

std::vector<Kept> softNmsByClass(std::span<const ScoredSegment> segments, const SuppressionOptions& options) {
  std::map<int64_t, std::vector<int64_t>> of_label;
  for (size_t i = 0; i < segments.size(); ++i) of_label[segments[i].label].push_back(static_cast<int64_t>(i));
  std::vector<Kept> kept;
  for (const auto& [label, indices] : of_label) {
    std::vector<ScoredSegment> own;
    for (const int64_t i : indices) own.push_back(segments[static_cast<size_t>(i)]);
    for (const Kept& k : softNms(own, options)) kept.push_back({indices[static_cast<size_t>(k.index)], k.score});
  }
  std::sort(kept.begin(), kept.end(),
            [](const Kept& a, const Kept& b) { return a.score != b.score ? a.score > b.score : a.index < b.index; });
  if (options.keep > 0 && static_cast<int64_t>(kept.size()) > options.keep)
    kept.resize(static_cast<size_t>(options.keep));
  return kept;
}

std::vector<ScoredSegment> voteBoundaries(std::span<const ScoredSegment> segments, std::span<const Kept> kept,
                                          double threshold) {
  std::vector<ScoredSegment> voted;
  for (const Kept& k : kept) {
    ScoredSegment result = segments[static_cast<size_t>(k.index)];
    result.score = k.score;
    double weight = 0.0, start = 0.0, end = 0.0;
    for (const ScoredSegment& voter : segments) {
      if (voter.label != result.label || voter.video != result.video) continue;
      if (overlap(segments[static_cast<size_t>(k.index)], voter) < threshold) continue;
      weight += voter.score;
      start += voter.score * voter.start_seconds;
      end += voter.score * voter.end_seconds;
    }
    if (weight > 0.0) {
      result.start_seconds = start / weight;
      result.end_seconds = end / weight;
    }
    voted.push_back(result);
  }
  return voted;
}

}  // namespace hvlm
