// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>

#include "ui/workspace.h"

namespace hvlm::ui {

// What a data set was taken for and how its parts fit together, in one line: "data set demo: 8 videos, 8 with features, 0 repaired".
QString importSummary(const LoadedData& data);
// The whole of it: counts, each kind of defect with what was done about it, and the items concerned (at most `kMostItems` of each kind).
QString importText(const LoadedData& data);
bool importHasFindings(const LoadedData& data);  // something is missing or was repaired

}  // namespace hvlm::ui
