// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/timeline/matching.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "score/detection.h"

namespace hvlm::ui {
namespace {

// Instances of one label.
struct LabelTruth {
  std::vector<size_t> by_start;
  std::vector<double> latest_end;  // of by_start up to here
  std::vector<size_t> by_index;
  size_t unlocked = 0;  // all of by_index before it are taken
};

std::unordered_map<int64_t, LabelTruth> byLabel(std::span<const Segment> truth) {
  std::unordered_map<int64_t, LabelTruth> labels;
  for (size_t t = 0; t < truth.size(); ++t) labels[truth[t].label].by_index.push_back(t);
  for (auto& [label, own] : labels) {
    own.by_start = own.by_index;
    std::stable_sort(own.by_start.begin(), own.by_start.end(),
                     [&](size_t a, size_t b) { return truth[a].start_seconds < truth[b].start_seconds; });
    for (const size_t t : own.by_start) {
      own.latest_end.push_back(own.latest_end.empty() ? truth[t].end_seconds : std::max(own.latest_end.back(), truth[t].end_seconds));
    }
  }
  return labels;
}

// Finds the instance that a detection answers and how well it overlaps with any.
void findTruth(const DetectedSegment& found, std::span<const Segment> truth, LabelTruth& own, double tiou, Matching& matching,
               MatchedDetection& result) {
  const auto after = std::partition_point(own.by_start.begin(), own.by_start.end(),
                                          [&](size_t t) { return truth[t].start_seconds < found.end_seconds; });
  for (auto i = static_cast<size_t>(after - own.by_start.begin()); i > 0 && own.latest_end[i - 1] > found.start_seconds; --i) {
    const size_t t = own.by_start[i - 1];
    const double iou = temporalIou(found.start_seconds, found.end_seconds, truth[t].start_seconds, truth[t].end_seconds);
    if (!(iou > 0.0)) continue;
    result.best_iou = std::max(result.best_iou, iou);
    if (iou < tiou || !matching.missed[t]) continue;
    const auto index = static_cast<int64_t>(t);
    if (iou > result.matched_iou || (iou == result.matched_iou && index < result.truth)) {
      result.matched_iou = iou;
      result.truth = index;
    }
  }
  if (result.truth >= 0 || tiou > 0.0) return;
  // At a limit of nothing an instance without any overlap is answered too: the first one that is left.
  while (own.unlocked < own.by_index.size() && !matching.missed[own.by_index[own.unlocked]]) ++own.unlocked;
  for (size_t i = own.unlocked; i < own.by_index.size() && result.truth < 0; ++i) {
    const size_t t = own.by_index[i];
    if (!matching.missed[t]) continue;
    const double iou = temporalIou(found.start_seconds, found.end_seconds, truth[t].start_seconds, truth[t].end_seconds);
    if (iou >= tiou) result.truth = static_cast<int64_t>(t);  // not where both have no length
  }
}

void makeLookups(std::span<const DetectedSegment> detections, std::span<const Segment> truth, size_t lanes, Matching& matching) {
  std::vector<std::vector<SpanLookup::Span>> shown(lanes);
  for (size_t i = 0; i < detections.size(); ++i) {
    const MatchedDetection& match = matching.detections[i];
    if (!match.shown) continue;
    shown[static_cast<size_t>(match.lane)].push_back({detections[i].start_seconds, detections[i].end_seconds, static_cast<int64_t>(i)});
  }
  for (const auto& lane : shown) matching.shown_at.emplace_back(lane);
  std::vector<SpanLookup::Span> missed;
  for (size_t t = 0; t < truth.size(); ++t) {
    if (matching.missed[t]) missed.push_back({truth[t].start_seconds, truth[t].end_seconds, static_cast<int64_t>(t)});
  }
  matching.missed_at = SpanLookup(missed);
}

}  // namespace

Matching matchDetections(std::span<const DetectedSegment> detections, std::span<const Segment> truth, double threshold, double tiou,
                         int lanes) {
  Matching matching;
  matching.detections.resize(detections.size());
  matching.missed.assign(truth.size(), true);
  auto labels = byLabel(truth);
  // By lane: what lies in it so far, from start to end. The last one takes whatever is left, and needs no list.
  const auto last_lane = static_cast<size_t>(std::max(1, lanes)) - 1;
  std::vector<std::multimap<double, double>> taken(last_lane);
  for (size_t i = 0; i < detections.size(); ++i) {
    const DetectedSegment& found = detections[i];
    MatchedDetection& result = matching.detections[i];
    if (found.score < threshold) continue;
    result.shown = true;
    if (const auto own = labels.find(found.label); own != labels.end()) findTruth(found, truth, own->second, tiou, matching, result);
    if (result.truth >= 0) {
      matching.missed[static_cast<size_t>(result.truth)] = false;
      ++matching.matched;
    } else {
      ++matching.false_ones;
    }
    result.lane = static_cast<int>(last_lane);
    for (size_t lane = 0; lane < last_lane; ++lane) {
      auto& row = taken[lane];
      const auto after = row.lower_bound(found.end_seconds);
      if (after != row.begin() && std::prev(after)->second > found.start_seconds) continue;
      result.lane = static_cast<int>(lane);
      row.emplace_hint(after, found.start_seconds, found.end_seconds);
      break;
    }
  }
  makeLookups(detections, truth, last_lane + 1, matching);
  return matching;
}

}  // namespace hvlm::ui
