// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "score/detection.h"
#include "score/error_profile.h"

// What a look into detections shows beside their score: precision over recall, what became of each video, every single fault.
// All of it follows from one matchDetections() of the official protocol; pure, any thread.
namespace hvlm {

// Precision over recall of one class at one threshold, interpolated as the official AP does: at each recall the highest precision at
// that recall or a higher one. A step function: precision[k] holds over recalls (recall[k-1], recall[k]], the first from 0 on; past
// the last recall it is 0.
struct PrecisionRecall {
  int64_t label = -1;  // -1: the mean over classes
  int64_t instances = 0;
  int64_t predictions = 0;
  std::vector<double> recall;     // [hits] rising, in (0, 1]
  std::vector<double> precision;  // [hits] never rising within a class
  std::vector<double> score;      // [hits] never rising: keeping what scores as much reaches this recall; empty for the mean
  double ap = 0.0;                // the area under the steps: what scoreDetections() gives
  double precisionAt(double at_recall) const;
};
// One by class of `matches`, in its order. `predictions` as they were matched; `threshold` is a place among the thresholds of the match.
std::vector<PrecisionRecall> precisionRecall(const DetectionMatches& matches, std::span<const ScoredSegment> predictions, size_t threshold);
// At each recall the mean precision of the classes, so that the area is the mAP. Instances and predictions are added up.
PrecisionRecall meanPrecisionRecall(std::span<const PrecisionRecall> classes);

// Where detections are looked at.
struct DetectionPoint {
  size_t threshold = 0;  // place among the thresholds of the match
  double tiou = 0.5;     // the threshold itself
  double score = 0.0;    // predictions below it are left out
  bool operator==(const DetectionPoint&) const = default;
};

// What became of one video.
struct VideoDetections {
  int64_t video = -1;
  int64_t instances = 0;
  int64_t missed = 0;           // instances that no prediction kept finds
  int64_t predictions = 0;      // kept: of at least the score
  int64_t false_positives = 0;  // kept ones that find no instance, of classes that the truth does not know too
  double best_tiou = 0.0;       // highest of a kept prediction with an instance of its class; 0 without any
};
// By video, `videos` of them; segments of other videos are nobody's.
std::vector<VideoDetections> summarizeVideos(std::span<const ScoredSegment> truth, std::span<const ScoredSegment> predictions,
                                             const DetectionMatches& matches, const DetectionPoint& point, int64_t videos);

// One thing that is wrong: a kept prediction that finds nothing, or an instance that no kept prediction finds.
struct DetectionFault {
  int64_t prediction = -1;  // index; -1: an instance is missed
  int64_t instance = -1;    // index into the truth: the missed one, or the nearest one in the video, -1 where there is none
  DetectionError error = DetectionError::kBackground;  // of a prediction, as profileErrors() tells it
  double tiou = 0.0;        // of the two; for a missed instance the highest of a kept prediction of its class
  bool isMissed() const { return prediction < 0; }
};
// The missed instances in the order of the truth, then the predictions by falling score.
std::vector<DetectionFault> detectionFaults(std::span<const ScoredSegment> truth, std::span<const ScoredSegment> predictions,
                                            const DetectionMatches& matches, const DetectionPoint& point);

}  // namespace hvlm
