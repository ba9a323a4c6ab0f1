// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>

namespace hvlm::ui {

// Lets `hvlm train --resume` go on with a stopped run as a process of its own, which outlives the window, and waits until it holds the run
// and its heart beats. Returns what is wrong, in one line, or nothing. Blocks for some seconds: on a worker. `program`: the command line
// program.
QString continueInBackground(const QString& run, const QString& program);

}  // namespace hvlm::ui
