// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <cstdint>

namespace hvlm::ui {

// hvlm-workbench --export: writes one file without a window and says nothing on success.
struct ExportRequest {
  QString what;    // "table", "curves", "curves/loss" (one card), "timeline", "pyramid", "detection", "reproduction"
  QString format;  // csv, md, tex; svg, pdf, png
  QString run;     // run folder; of a reproduction its OUT
  QString data;    // dataset.yaml, for timeline, pyramid and detection; empty: the run's own
  QString video;
  QString out;
  int64_t threads = 0;
  QString figure;  // of a reproduction: "collapse", "main", "ablation", "efficiency"; "main/full" draws the runs of that budget
};
void exportFile(const ExportRequest& request);  // throws InputError; blocks, so never from the window

}  // namespace hvlm::ui
