// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "engine/model/layers.h"
#include "engine/model/parameters.h"
#include "engine/model/pyramid.h"

namespace hvlm {

// Which nodes of a video's pyramid a language model sees.
struct VisualOptions {
  std::vector<int64_t> levels;  // 0 are the steps; empty: from the top down, level by level, as long as one fits whole
  int64_t tokens = 32;          // most tokens; nodes of a named level that has more are averaged in equal groups
};
// "auto" or "0,2,4", in any order. Throws InputError for anything else and for more levels than `tokens`.
VisualOptions visualOptions(const std::string& levels, int64_t tokens);
std::string levelsText(const VisualOptions& options);  // the other way

// The nodes above a stretch of a video, coarse ones first, within a level in time.
struct VisualTokens {
  static constexpr int64_t kPlaceNumbers = 5;
  at::Tensor nodes;   // [V, width], 1 <= V <= options.tokens
  at::Tensor places;  // [V, 5] start and end as shares of the video, level / 16, log2(1 + seconds) / 16 of start and end
};
// Steps first .. last-1 (at least one) of video `video` of the batch. A named level that this video does not reach is left out; its
// highest one stands in when none is left.
VisualTokens visualTokens(const Pyramid& pyramid, int64_t video, int64_t first_step, int64_t last_step, double step_seconds,
                          const VisualOptions& options);

// From pyramid nodes to a decoder's embeddings: two layers with GELU between, as LLaVA-1.5 has them (Liu et al. 2023,
// arXiv:2310.03744, section 3.3), on normalised nodes to which a linear map of their place is added. Handles to leaves of a set.
class VisualProjector {
 public:
  VisualProjector() = default;
  // Parameters go into `set` below "projector.". At first, outputs are as long as rows of deviation `deviation`: those of the
  // decoder's own embedding, so that frozen layers get what they are used to.
  VisualProjector(ParameterSet& set, int64_t in, int64_t out, double deviation, at::Generator& generator, at::TensorOptions options);
  at::Tensor operator()(const VisualTokens& tokens) const;  // [V, out]

  int64_t in() const { return in_.weight.size(1); }
  int64_t out() const { return out_.weight.size(0); }

 private:
  LayerNorm norm_;
  Linear places_;    // [in, 5]
  Linear in_, out_;  // [out, in], [out, out]
};

}  // namespace hvlm
