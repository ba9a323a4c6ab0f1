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

// Segments of every video of a batch from the heads' outputs (method.md 4.7). Ends move to better borders when the run has start and end
// scores (candidates.h); score = p_segment^(1-f) p_video^f with f = video_fusion, then with the second look's class x quality in the same
// way (rescore_fusion). Low scores are dropped, the best `pre_nms` kept, ends clamped to [0, duration]; Gaussian soft-NMS by class or over
// all, optional voting, `keep` stay. Falling score.
//   durations     [B] seconds
//   video_scores  [B, C] in place of the model's own p_video; undefined: its own
std::vector<std::vector<DetectedSegment>> detectSegments(const HierarchicalModel& model, const ModelOutput& output, const FeatureSpec& spec,
                                                         const std::vector<double>& durations, const DetectOptions& options,
                                                         const at::Tensor& video_scores = {});

}  // namespace hvlm
