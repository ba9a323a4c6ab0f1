// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/timeline/timeline_range.h"

#include <algorithm>
#include <cmath>

#include "ui/timeline/pyramid_cells.h"

namespace hvlm::ui {

std::pair<int64_t, int64_t> cellsOfRange(const TimelineContent& content, int64_t level, const std::pair<double, double>& range) {
  if (level < 0 || level >= content.levels()) return {0, 0};
  constexpr double kSame = 1e-6;  // steps: an edge that only rounding puts beyond the boundary of a step lies on it
  const auto first = static_cast<int64_t>(std::floor(range.first / content.step_seconds + kSame));
  const auto end = static_cast<int64_t>(std::ceil(range.second / content.step_seconds - kSame));
  return cellsTouching(content.inspection->levels[static_cast<size_t>(level)], first, std::max(first + 1, end));
}

bool touchesRange(const std::pair<double, double>& range, double start_seconds, double end_seconds) {
  if (start_seconds == end_seconds) return start_seconds >= range.first && start_seconds <= range.second;
  return start_seconds < range.second && end_seconds > range.first;
}

RangeCount countOf(const TimelineContent& content, const std::pair<double, double>& range) {
  RangeCount count;
  for (int64_t level = 0; level < content.levels(); ++level) {
    const auto [first, last] = cellsOfRange(content, level, range);
    count.cells += last - first;
    if (level == 0) count.steps = last - first;
  }
  return count;
}

}  // namespace hvlm::ui
