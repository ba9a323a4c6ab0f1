// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>

#include "jobs/data_file.h"
#include "ui/workspace.h"

namespace hvlm::ui {

struct Dropped;

// What a data set was taken for and how its parts fit together, in one line: "data set demo: 8 videos, 8 with features, 0 repaired".
QString importSummary(const LoadedData& data);
// The whole of it: counts, each kind of defect with what was done about it, and the items concerned (at most `kMostItems` of each kind).
QString importText(const LoadedData& data);
// The same of a part of a data set, or of detections, that was dropped or opened alone: what it is, what fits, and how to use it.
QString droppedSummary(const DataFile& file);
QString droppedReport(const Dropped& dropped);  // of anything that was dropped: what it was taken for, and what does not fit
QString droppedText(const DataFile& file);
bool importHasFindings(const LoadedData& data);  // something is missing or was repaired

}  // namespace hvlm::ui
