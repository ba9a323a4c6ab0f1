// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Generator.h>

#include <cstdint>
#include <vector>

#include "engine/model/model.h"
#include "engine/train/terms.h"
#include "runs/config.h"

namespace hvlm {

// Self-supervision by level (method.md 4.5) on the pyramid of one forward pass:
//   step_contrast  levels 0 and 1: a neighbour against steps more than loss.step_gap away and all steps of other videos
//   persistence    levels from 3 up: the means of two crops of a video's nodes against those of the other videos (crops of the
//                  nodes and not of the input: one pass serves both views)
//   variance, covariance  on levels 0, 1 and from 3 up, as far as two rows are there
// Each is the mean over its levels. Random choices draw from `generator`. Terms of weight 0 or without a level are left out.
std::vector<LossTerm> levelTerms(const ModelOutput& output, const LossOptions& options, at::Generator& generator);

}  // namespace hvlm
