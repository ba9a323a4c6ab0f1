// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "score/detection.h"

namespace hvlm {

// What a localiser does apart from naming classes (method.md 5.3); labels play no part. Segments of one video are
// ranked by score, ties to the lower index. Means over videos are over videos with an instance; a video without
// predictions counts 0.
struct LocalizationScore {
  double hit_at_50 = 0.0;          // the best segment of a video has tIoU >= .5 with any instance
  double instance_recall_1 = 0.0;  // share of instances that the best segment of their video meets at tIoU >= .5
  double frame_mask_50 = 0.0;      // share of videos whose predicted and true times have IoU >= .5 (see maskedIou)
  double frame_mask_iou = 0.0;     // mean of that IoU
  double ar_1 = 0.0, ar_5 = 0.0, ar_10 = 0.0,
         ar_100 = 0.0;              // recall with the k best segments a video, mean over tIoU .50:.05:.95
  double auc = 0.0;                 // area under AR at 1..100 segments a video, over 100
  double class_agnostic_map = 0.0;  // official average mAP with all labels made one
  int64_t videos = 0;               // with an instance
};
LocalizationScore scoreLocalization(std::span<const ScoredSegment> truth, std::span<const ScoredSegment> predictions);

// IoU of the union of two lists of segments as sets of time; 0 when both are empty of time.
double maskedIou(std::span<const ScoredSegment> a, std::span<const ScoredSegment> b);

}  // namespace hvlm
