// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "score/detection.h"

namespace hvlm {

// A strictly rising map from scores in (0, 1) to shares of right detections: sigmoid(slope logit(score) + offset). It changes no ranking
// within the scores it is applied to. Source: Platt 1999, "Probabilistic outputs for support vector machines".
struct ScoreCalibration {
  double slope = 1.0;   // > 0
  double offset = 0.0;
  bool identity() const { return slope == 1.0 && offset == 0.0; }
};
double calibrated(double score, const ScoreCalibration& calibration);

// Least cross-entropy by Newton's method with Platt's smoothed targets, so that it is finite for separable scores too. The identity when
// there are fewer than ten scores, or only right or only wrong ones. `right` holds 0 or 1. Throws ShapeError for lists of unequal length.
ScoreCalibration fitCalibration(std::span<const double> scores, std::span<const uint8_t> right);

// Expected calibration error: mean over detections of |share of right ones - mean score| of their bin, `bins` of equal width.
// 0 for none. Source: Guo et al. 2017, arXiv:1706.04599, eq. 3.
double calibrationError(std::span<const double> scores, std::span<const uint8_t> right, int64_t bins = 15);

// Which of `predictions` take an instance of their class at this tIoU, as the official matching decides; 0 for classes that the truth
// does not have.
std::vector<uint8_t> rightDetections(std::span<const ScoredSegment> truth, std::span<const ScoredSegment> predictions, double threshold = 0.5);

}  // namespace hvlm
