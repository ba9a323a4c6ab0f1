// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <QStringList>
#include <cstdint>

#include "ui/exports/picture.h"

namespace hvlm::ui {

// hvlm-workbench --export: writes one file without a window.
struct ExportRequest {
  QString what;    // "table", "curves", "curves/loss" (one card), "timeline", "pyramid", "detection", "reproduction" …: what exportFile() knows
  QString format;  // csv, md, tex; svg, pdf, png
  QString run;     // run folder; of a reproduction its OUT
  QString data;    // dataset.yaml, for timeline, pyramid and detection; empty: the run's own
  QString video;
  QString out;
  int64_t threads = 0;
  QString figure;  // of a reproduction: "collapse", "main", "ablation", "efficiency"; "main/full" draws the runs of that budget; of parallel the last axis;
                   // of "page" what stands on it, with commas: "icicle,confusion,map"
  QString other = {};       // of attention-pair: the run beside it
  double width_mm = 0.0;    // of a picture; 0: its usual one
  int dpi = kPngDpi;        // of a PNG
  ThemeKind style = ThemeKind::kLight;
  PictureOptions picture(double usual_mm) const { return {.width_mm = width_mm > 0.0 ? width_mm : usual_mm, .dpi = dpi, .style = style}; }
};
// Returns what the file does not hold, a sentence each. Throws InputError; blocks, so never from the window.
QStringList exportFile(const ExportRequest& request);

}  // namespace hvlm::ui
