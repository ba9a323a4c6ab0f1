// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "data/catalogue.h"
#include "engine/model/model.h"
#include "jobs/inspection.h"
#include "runs/config.h"

namespace hvlm {

// Position of a time in input steps and back; step i stands at position i (its centre).
double positionOfSeconds(const FeatureSpec& spec, double seconds);
double secondsOfPosition(const FeatureSpec& spec, double position);

// Segments of every video of a batch from the head's outputs (method.md 4.7): score = p_segment^(1-f) p_video^f with
// f = video_fusion, drop low scores, keep the best `pre_nms`, clamp to [0, duration], drop zero lengths, Gaussian soft-NMS by
// class, optional voting, keep `keep`. Falling score.
//   durations     [B] seconds
//   video_scores  [B, C] in place of the model's own p_video; undefined: its own
std::vector<std::vector<DetectedSegment>> detectSegments(const ModelOutput& output, const FeatureSpec& spec,
                                                         const std::vector<double>& durations, const DetectOptions& options,
                                                         const at::Tensor& video_scores = {});

}  // namespace hvlm
