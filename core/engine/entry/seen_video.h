// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "engine/entry/session.h"
#include "engine/eval/detect.h"

namespace hvlm {

// One video through the model, with what can be said of it.
struct SeenVideo {
  const Video* video = nullptr;
  std::vector<int64_t> offsets;  // [0, steps]
  ModelOutput output;
  std::vector<DetectedSegment> detections;  // falling score
  int64_t steps() const { return offsets.back(); }
};

// Runs the video with this id (with or without "v_") through the model, without a gradient. Throws InputError for an unknown video
// and for features that are missing or of another width.
SeenVideo seeVideo(const LoadedModel& loaded, const Dataset& data, const std::string& id, const std::string& run_folder);

}  // namespace hvlm
