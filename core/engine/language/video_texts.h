// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "data/catalogue.h"
#include "data/text_vectors.h"
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

// All texts of a video as one, a blank between two; empty without any.
std::string paragraphOf(const std::vector<VideoText>& texts);

// Texts through the tower: [n, width] float. Identical texts (case and blanks aside) get the same group number. A tuned
// tower's rows carry the gradient of its adapters.
struct TextRows {
  at::Tensor vectors;
  std::vector<int64_t> groups;  // [n]
};
TextRows textRows(const TextTower& tower, const std::vector<std::string>& texts);

// "ApplyLipstick", "apply_lipstick" or "Apply lipstick" as words: "apply lipstick".
std::string classWords(const std::string& name);
// What a class is asked for by in the space of texts: "a video of someone doing: apply lipstick".
std::string classPrompt(const std::string& name);

}  // namespace hvlm
