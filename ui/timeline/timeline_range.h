// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <utility>

#include "ui/timeline/timeline_content.h"

// What a marked range of the video holds. The read-out and the export both ask here, so that they count the same.
namespace hvlm::ui {

// Cells [first, last) of a level that the range, in seconds, has time in common with: a range of n cells ends at cell first + n - 1.
std::pair<int64_t, int64_t> cellsOfRange(const TimelineContent& content, int64_t level, const std::pair<double, double>& range);
// True when a segment, in seconds, has time in common with the range; one of no length when it lies inside.
bool touchesRange(const std::pair<double, double>& range, double start_seconds, double end_seconds);

struct RangeCount {
  int64_t steps = 0;  // cells of level 0
  int64_t cells = 0;  // of all levels, the steps among them
};
RangeCount countOf(const TimelineContent& content, const std::pair<double, double>& range);

}  // namespace hvlm::ui
