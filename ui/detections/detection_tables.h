// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "runs/table.h"
#include "ui/detections/detection_data.h"
#include "ui/detections/sorted_table.h"

namespace hvlm::ui {

using SharedDetections = std::shared_ptr<const DetectionData>;
using SharedLook = std::shared_ptr<const DetectionLook>;

// Columns over the classes of the matches, the videos and the faults of a look. They keep what they show alive.
std::vector<SortedColumn> classColumns(const SharedDetections& data, size_t threshold);  // AP by tIoU, the one looked at strongly
std::vector<SortedColumn> videoColumns(const SharedDetections& data, const SharedLook& look);
std::vector<SortedColumn> faultColumns(const SharedDetections& data, const SharedLook& look);

// The same for files: AP by class with the mean first, and the videos, the worst first.
ResultTable classTable(const DetectionData& data);
ResultTable videoTable(const DetectionData& data, const DetectionLook& look);
// The faults of a look in its order, or those of `items` only.
ResultTable faultTable(const DetectionData& data, const DetectionLook& look, const std::vector<int>* items = nullptr);

}  // namespace hvlm::ui
