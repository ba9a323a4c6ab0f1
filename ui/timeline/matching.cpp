// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/timeline/matching.h"

#include <algorithm>

#include "score/detection.h"

namespace hvlm::ui {

Matching matchDetections(std::span<const DetectedSegment> detections, std::span<const Segment> truth, double threshold, double tiou,
                         int lanes) {
  Matching matching;
  matching.detections.resize(detections.size());
  matching.missed.assign(truth.size(), true);
  // By lane: what lies in it so far, in order of time.
  std::vector<std::vector<std::pair<double, double>>> taken(static_cast<size_t>(std::max(1, lanes)));
  for (size_t i = 0; i < detections.size(); ++i) {
    const DetectedSegment& found = detections[i];
    MatchedDetection& result = matching.detections[i];
    if (found.score < threshold) continue;
    result.shown = true;
    double best = -1.0;
    for (size_t t = 0; t < truth.size(); ++t) {
      if (truth[t].label != found.label) continue;
      const double iou = temporalIou(found.start_seconds, found.end_seconds, truth[t].start_seconds, truth[t].end_seconds);
      result.best_iou = std::max(result.best_iou, iou);
      if (iou >= tiou && matching.missed[t] && iou > best) {
        best = iou;
        result.truth = static_cast<int64_t>(t);
      }
    }
    if (result.truth >= 0) {
      matching.missed[static_cast<size_t>(result.truth)] = false;
      ++matching.matched;
    } else {
      ++matching.false_ones;
    }
    result.lane = static_cast<int>(taken.size()) - 1;
    for (size_t lane = 0; lane < taken.size(); ++lane) {
      auto& row = taken[lane];
      const auto after = std::lower_bound(row.begin(), row.end(), std::pair(found.end_seconds, -1e300));
      const bool free = after == row.begin() || std::prev(after)->second <= found.start_seconds;
      if (!free && lane + 1 < taken.size()) continue;
      result.lane = static_cast<int>(lane);
      row.insert(after, {found.start_seconds, found.end_seconds});
      break;
    }
  }
  return matching;
}

}  // namespace hvlm::ui
