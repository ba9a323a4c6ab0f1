// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "score/detection.h"

namespace hvlm {

// Why detections are wrong (method.md 5.3, "Error profile"). With g the instance of highest tIoU u in the video of a false positive
// (of equal ones one of its own label) and a the threshold:
enum class DetectionError : uint8_t {
  kDouble,        // u >= a, same label: the instance is taken already
  kWrongLabel,    // u >= a, other label
  kLocalization,  // .1 <= u < a, same label
  kConfusion,     // .1 <= u < a, other label
  kBackground     // u < .1, or no instance in the video
};
inline constexpr size_t kDetectionErrors = 5;
const char* errorName(DetectionError error);  // "double", "wrong_label", "localization", "confusion", "background"

struct ErrorOfKind {
  int64_t count = 0;   // at the threshold of the profile
  double share = 0.0;  // of the predictions considered
  double gain = 0.0;   // average normalised mAP without such predictions minus with them, see below
};
struct RecallBin {
  double above = 0.0;  // bin (above, up_to]; the first one includes 0
  double up_to = 0.0;  // infinite in the last one
  int64_t instances = 0;
  int64_t found = 0;
  double recall() const { return instances > 0 ? static_cast<double>(found) / static_cast<double>(instances) : 0.0; }
};
struct ErrorProfile {
  double threshold = 0.5;
  int64_t predictions = 0;  // considered: the best 10 N_j of each class j with N_j instances
  int64_t true_positives = 0;
  double true_positive_share = 0.0;  // adds up to 1 with the shares of the errors
  std::array<ErrorOfKind, kDetectionErrors> errors;  // by DetectionError
  // Mean over classes and tIoU .50:.05:.95 of the AP of the considered predictions with precision_N = R N / (R N + F): R recall and F false
  // positives so far, N the mean number of instances per class. A gain deletes, at each of these thresholds, the predictions that are the
  // error at that threshold (a = threshold), so what is deleted is never a hit and no gain is negative.
  double normalized_average_map = 0.0;
  // Instances found by the considered predictions at the threshold.
  std::vector<RecallBin> coverage;   // share of the video's duration: .2 .4 .6 .8
  std::vector<RecallBin> length;     // seconds: 30 60 120 180
  std::vector<RecallBin> instances;  // of the same class in the video: 1 4 8
};
// `durations`: seconds by video, `video` of both lists an index into it (predictions outside it count as background). Official
// protocol. Throws InputError when the truth is empty.
// Source: Alwassel et al. 2018, "Diagnosing error in temporal action detectors", arXiv:1807.10706.
ErrorProfile profileErrors(std::span<const ScoredSegment> truth, std::span<const ScoredSegment> predictions,
                           std::span<const double> durations, double threshold = 0.5);

}  // namespace hvlm
