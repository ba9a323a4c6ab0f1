// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "data/catalogue.h"
#include "jobs/inspection.h"
#include "ui/detections/stored_detections.h"

namespace hvlm::ui {

// A part of a video as a film with what is known of each moment drawn in: true segments, predictions, attention as a border, place in the video.
struct ClipRequest {
  QString file, out;                 // `out`: .mp4, .mkv, .webm or .avi
  Video video;                       // its segments; empty for a video alone
  std::vector<std::string> classes;  // of the segments
  std::shared_ptr<const VideoInspection> inspection;  // or null
  std::shared_ptr<const StoredDetections> stored;     // or null; used without an inspection
  double from_seconds = 0.0, to_seconds = -1.0;       // from the first frame on; below 0: to the end
};
struct ClipResult {
  int64_t frames = 0;
  int64_t missing = 0;  // that could not be decoded: left out, told
};
// Any thread but the GUI's (text is drawn on images). `progress` false ends it, and nothing is left. Atomic; throws InputError.
ClipResult writeClip(const ClipRequest& request, const std::function<bool(int64_t done, int64_t total)>& progress);

}  // namespace hvlm::ui
