// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "data/catalogue.h"
#include "jobs/inspection.h"
#include "ui/timeline/span_lookup.h"

namespace hvlm::ui {

// What became of one detection of the video shown.
struct MatchedDetection {
  bool shown = false;        // at or above the score threshold
  int64_t truth = -1;        // index of the instance it answers; -1 = false
  double matched_iou = 0.0;  // with that instance; 0 where there is none
  double best_iou = 0.0;     // with any instance of the same label, also one that another detection answers
  int lane = 0;              // row of the predictions, 0 first
};
struct Matching {
  std::vector<MatchedDetection> detections;  // as VideoInspection::detections
  std::vector<bool> missed;                  // by truth instance: no shown detection answers it
  int64_t matched = 0, false_ones = 0;
  std::vector<SpanLookup> shown_at;  // by lane: the shown detection at a moment, the best-scored one
  SpanLookup missed_at;              // the missed instance at a moment, the first in order
};

// By falling score, each detection takes the unlocked instance of its label with the highest tIoU at or above `tiou`
// (method.md 5.3). `detections` come in falling score. Labels of truth are indices into the same class list.
// O((D + T) log(D + T)) plus the pairs of one label that overlap.
Matching matchDetections(std::span<const DetectedSegment> detections, std::span<const Segment> truth, double threshold, double tiou,
                         int lanes);

}  // namespace hvlm::ui
