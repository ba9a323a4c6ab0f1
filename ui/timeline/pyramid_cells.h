// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "jobs/inspection.h"

// Look-ups in a video's pyramid. All O(log n) in the cells of a level.
namespace hvlm::ui {

struct CellAddress {
  int64_t level = -1;
  int64_t cell = -1;
  bool valid() const { return level >= 0 && cell >= 0; }
  bool operator==(const CellAddress&) const = default;
};

// Cells [first, last) that touch the steps [from_step, to_step).
std::pair<int64_t, int64_t> cellsTouching(const PyramidLevel& level, int64_t from_step, int64_t to_step);
// The cell that covers a step, or -1 (`floor` leaves odd steps uncovered).
int64_t cellAtStep(const PyramidLevel& level, int64_t step);
// Children of a cell: cells [first, last) of the level below.
std::pair<int64_t, int64_t> childrenOf(const VideoInspection& inspection, CellAddress cell);
CellAddress parentOf(const VideoInspection& inspection, CellAddress cell);  // invalid when it has none
std::pair<double, double> secondsOf(const VideoInspection& inspection, CellAddress cell);

}  // namespace hvlm::ui
