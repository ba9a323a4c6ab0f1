// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "data/catalogue.h"

namespace hvlm {

// Steps first .. last-1 of a video of `steps` steps that belong to [start, end] seconds: round(start/step) <= t <
// min(steps, round(end/step)), halves to even. Empty (first == last) when the segment lies between two steps.
struct StepRange {
  int64_t first = 0;
  int64_t last = 0;
  int64_t size() const { return last - first; }
};
StepRange stepRange(double start_seconds, double end_seconds, double step_seconds, int64_t steps);

// Class of each step, -1 for background. Where segments of two classes overlap the shorter one wins, then the earlier.
std::vector<int64_t> stepLabels(const Video& video, int64_t steps, double step_seconds);

// The class with the longest total time, the lowest index among equals; -1 without segments.
int64_t mainLabel(const Video& video);

// Classes that occur in the video, sorted.
std::vector<int64_t> labelSet(const Video& video);

}  // namespace hvlm
