// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "data/catalogue.h"
#include "data/text_vectors.h"
#include "engine/model/model.h"
#include "engine/train/terms.h"
#include "runs/config.h"

namespace hvlm {

// One text of a video with the steps it speaks of.
struct VideoText {
  std::string text;
  int64_t first_step = 0;  // steps first .. last-1
  int64_t last_step = 0;
  double start_seconds = 0.0;
  double end_seconds = 0.0;
};
// The texts of a video of `steps` steps, in time order: its captions, or with text.source = labels the class names of its
// segments. Texts without a step are left out.
std::vector<VideoText> textsOf(const Video& video, const Catalogue& catalogue, const FeatureSpec& spec, int64_t steps, const TextOptions& options);

// Texts through the tower: [n, width] float. Identical texts (case and blanks aside) get the same group number.
struct TextRows {
  at::Tensor vectors;
  std::vector<int64_t> groups;  // [n]
};
TextRows textRows(const TextTower& tower, const std::vector<std::string>& texts);

// The terms of method.md 2 (L_vlm) and 4.6 for one batch: the paragraph of a video against its video vector ("text"), each
// sentence against the mean of its steps ("segment_text"). Fewer than two texts in a batch give no term.
std::vector<LossTerm> textTerms(const HierarchicalModel& model, const TextTower& tower, const ModelOutput& output,
                                const std::vector<std::vector<VideoText>>& texts, const std::vector<int64_t>& offsets, const LossOptions& options);

}  // namespace hvlm
