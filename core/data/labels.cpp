// SPDX-License-Identifier: Apache-2.0
#include "data/labels.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace hvlm {
namespace {

// A step index, halves to even (the rounding mode is never changed in this program).
int64_t roundedStep(double seconds, double step_seconds, int64_t steps) {
  const double step = std::nearbyint(seconds / step_seconds);
  return static_cast<int64_t>(std::clamp(step, 0.0, static_cast<double>(steps)));
}

}  // namespace

StepRange stepRange(double start_seconds, double end_seconds, double step_seconds, int64_t steps) {
  StepRange range{roundedStep(start_seconds, step_seconds, steps), roundedStep(end_seconds, step_seconds, steps)};
  range.last = std::max(range.first, range.last);
  return range;
}

std::vector<int64_t> stepLabels(const Video& video, int64_t steps, double step_seconds) {
  std::vector<const Segment*> order;
  for (const Segment& segment : video.segments) order.push_back(&segment);
  // Painted from the longest to the shortest, and of equals the earlier one last.
  std::stable_sort(order.begin(), order.end(), [](const Segment* a, const Segment* b) {
    const double length_a = a->end_seconds - a->start_seconds;
    const double length_b = b->end_seconds - b->start_seconds;
    return length_a != length_b ? length_a > length_b : a->start_seconds > b->start_seconds;
  });
  std::vector<int64_t> labels(static_cast<size_t>(steps), -1);
  for (const Segment* segment : order) {
    const StepRange range = stepRange(segment->start_seconds, segment->end_seconds, step_seconds, steps);
    std::fill(labels.begin() + range.first, labels.begin() + range.last, segment->label);
  }
  return labels;
}

int64_t mainLabel(const Video& video) {
  std::map<int64_t, double> seconds;
  for (const Segment& segment : video.segments) seconds[segment.label] += segment.end_seconds - segment.start_seconds;
  int64_t best = -1;
  double longest = -1.0;
  for (const auto& [label, total] : seconds) {
    if (total > longest) {
      best = label;
      longest = total;
    }
  }
  return best;
}

std::vector<int64_t> labelSet(const Video& video) {
  std::vector<int64_t> labels;
  for (const Segment& segment : video.segments) labels.push_back(segment.label);
  std::sort(labels.begin(), labels.end());
  labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
  return labels;
}

}  // namespace hvlm
