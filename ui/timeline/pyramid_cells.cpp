// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/timeline/pyramid_cells.h"

#include <algorithm>

namespace hvlm::ui {

std::pair<int64_t, int64_t> cellsTouching(const PyramidLevel& level, int64_t from_step, int64_t to_step) {
  const auto first = std::lower_bound(level.last_step.begin(), level.last_step.end(), from_step);
  const auto last = std::lower_bound(level.first_step.begin(), level.first_step.end(), to_step);
  const auto begin = static_cast<int64_t>(first - level.last_step.begin());
  return {begin, std::max(begin, static_cast<int64_t>(last - level.first_step.begin()))};
}

int64_t cellAtStep(const PyramidLevel& level, int64_t step) {
  const auto [first, last] = cellsTouching(level, step, step + 1);
  return first < last ? first : -1;
}

std::pair<int64_t, int64_t> childrenOf(const VideoInspection& inspection, CellAddress cell) {
  if (cell.level <= 0) return {0, 0};
  // Orphans (-1) come last, so `parent` rises up to them.
  const std::vector<int64_t>& parent = inspection.levels[static_cast<size_t>(cell.level - 1)].parent;
  auto end = parent.end();
  while (end != parent.begin() && *std::prev(end) < 0) --end;
  const auto [first, last] = std::equal_range(parent.begin(), end, cell.cell);
  return {first - parent.begin(), last - parent.begin()};
}

CellAddress parentOf(const VideoInspection& inspection, CellAddress cell) {
  if (!cell.valid()) return {};
  const int64_t parent = inspection.levels[static_cast<size_t>(cell.level)].parent[static_cast<size_t>(cell.cell)];
  return parent >= 0 ? CellAddress{cell.level + 1, parent} : CellAddress{};
}

std::pair<double, double> secondsOf(const VideoInspection& inspection, CellAddress cell) {
  const PyramidLevel& level = inspection.levels[static_cast<size_t>(cell.level)];
  const auto at = static_cast<size_t>(cell.cell);
  return {static_cast<double>(level.first_step[at]) * inspection.step_seconds,
          static_cast<double>(level.last_step[at] + 1) * inspection.step_seconds};
}

}  // namespace hvlm::ui
