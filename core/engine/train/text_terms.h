// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "data/text_vectors.h"
#include "engine/language/video_texts.h"
#include "engine/model/model.h"
#include "engine/train/terms.h"
#include "runs/config.h"

namespace hvlm {

// The terms of method.md 2 (L_vlm) and 4.6 for one batch: the paragraph of a video against its video vector ("text"), each
// sentence against the mean of its steps ("segment_text"); with segment_text_nodes = levels also against the mean of the nodes within it of
// every level ("segment_text_1" …), the weight shared out evenly. Fewer than two texts in a batch give no term.
std::vector<LossTerm> textTerms(const HierarchicalModel& model, const TextTower& tower, const ModelOutput& output,
                                const std::vector<std::vector<VideoText>>& texts, const std::vector<int64_t>& offsets, const LossOptions& options);

}  // namespace hvlm
