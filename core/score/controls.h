// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "score/detection.h"

namespace hvlm {

// The trivial localisation rows of method.md 5.3, as predictions in the same form as a detector's. Where the classes of
// a video come from is the caller's choice and part of the row's name (majority, raw features + linear, oracle, …).
struct ControlLabel {
  int64_t label = -1;
  double score = 1.0;
};
struct ControlVideo {
  int64_t video = -1;
  double duration_seconds = 0.0;
  std::vector<ControlLabel> labels;  // one segment each
};

// The whole video for each of its labels.
std::vector<ScoredSegment> wholeVideoSegments(std::span<const ControlVideo> videos);

// The same share of every video, e.g. [.25, .80] of the duration.
struct ConstantSegment {
  double start_share = 0.0;
  double end_share = 1.0;
};
std::vector<ScoredSegment> constantSegments(std::span<const ControlVideo> videos, ConstantSegment constant);

// The constant with the highest hit@0.5 on training videos, over all pairs of multiples of 0.05; among equals the one
// with the highest mean tIoU to each video's best instance, then the shorter start and end.
//   durations  seconds by video;  truth  instances with `video` an index into `durations`; videos without any are
//   skipped
ConstantSegment fitConstantSegment(std::span<const double> durations, std::span<const ScoredSegment> truth);

// For each class the median start and the median end of its training instances, as shares of the duration: what is known of a class
// without seeing the video. `otherwise` for a class without instances. [classes]
std::vector<ConstantSegment> fitMedianSegments(std::span<const double> durations, std::span<const ScoredSegment> truth,
                                               int64_t classes, ConstantSegment otherwise);
// The segment of the class, for each label of each video.
std::vector<ScoredSegment> classSegments(std::span<const ControlVideo> videos, std::span<const ConstantSegment> by_class);

// Per-second runs (data/README.md, "detection from (a)"): class probabilities are averaged over `window` (odd) steps
// around each step, the end steps repeated; runs of one best class become segments, background runs are left out, score
// = mean smoothed probability of the run. Segments lie on the grid of the steps.
//   probabilities  [T, classes + 1] row-major, last column background;  step i covers [i, i+1) * step_seconds
std::vector<ScoredSegment> runsOfSteps(int64_t video, std::span<const float> probabilities, int64_t classes,
                                       double step_seconds, int64_t window = 5);

}  // namespace hvlm
