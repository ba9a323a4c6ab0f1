// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>

namespace hvlm::ui {

// A finished demo run to look into: what `hvlm demo` has made in the user's data folder, else a copy of the small one that comes with the program.
struct DemoPlace {
  QString folder;   // …/hvlm/demo or …/hvlm/demo-bundled
  QString dataset;  // dataset.yaml
  QString run;      // run folder, finished
  QString config;   // a short one to begin with, that comes with the program; empty when it is missing
  bool bundled = false;
};

// Copies the bundled one on first use. Any thread but the GUI's; throws InputError.
DemoPlace prepareDemo();

}  // namespace hvlm::ui
