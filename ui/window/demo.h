// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <functional>

namespace hvlm::ui {

// The demo's places in the XDG data folder: those of `hvlm demo` when it has made its videos and features, else a folder of its own.
struct DemoPlace {
  QString folder;   // …/hvlm/demo or …/hvlm/demo-vectors
  QString dataset;  // dataset.yaml
  QString run;      // run folder
  bool has_run = false;       // something was trained there
  bool finished = false;      // with a report
};

// Makes the data set when it is missing. Any thread but the GUI's; throws InputError.
DemoPlace prepareDemo(const std::function<void(int64_t, int64_t)>& progress);

}  // namespace hvlm::ui
