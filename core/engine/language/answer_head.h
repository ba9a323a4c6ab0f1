// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "engine/model/layers.h"
#include "engine/model/model.h"
#include "runs/config.h"

namespace hvlm {

// A question about one video of a batch, as the text tower sees it.
struct AskedQuestion {
  int64_t video = 0;   // place in the batch; questions of a batch come in rising order
  at::Tensor states;   // [n, textWidth] float, n >= 1
};

// Answers from a closed list: the tokens of a question attend, layer by layer, to the nodes of all pyramid levels of its video, which
// carry their level and time; beside the usual softmax attention, gated sums over the steps, which unlike a mean can tell how much
// of something there is. The mean token is classified.
class AnswerHead {
 public:
  AnswerHead() = default;
  // `text_width` columns of token states, `width` of the pyramid, `answers` classes; parameters go into `set` below "answer.".
  AnswerHead(ParameterSet& set, const LanguageOptions& options, int64_t text_width, int64_t width, int64_t answers, at::Generator& generator, at::TensorOptions tensor_options);
  explicit operator bool() const { return !layers_.empty(); }

  // [Q, answers], in the order of `questions`; Q = 0 gives [0, answers]. A question's result does not depend on the others.
  at::Tensor operator()(const Pyramid& pyramid, const std::vector<AskedQuestion>& questions, double step_seconds, const ForwardOptions& forward) const;

 private:
  struct Layer {
    LayerNorm norm;
    Linear query, key, value;                 // softmax attention over all nodes
    Linear gate_query, gate_key, gate_value;  // gated sums over level 0
    Linear out;                               // [d, 2 d]
    LayerNorm feed_norm;
    Linear feed_in, feed_out;
  };
  struct Memory {
    at::Tensor nodes;   // [K, d] of one video, level by level, with level and time added
    int64_t steps = 0;  // rows of level 0
  };
  Memory memoryOf(const Pyramid& pyramid, int64_t video, double step_seconds) const;
  at::Tensor attend(const Layer& layer, const at::Tensor& x, const Memory& memory, const ForwardOptions& forward) const;

  LanguageOptions options_;
  int64_t width_ = 0;
  Linear question_;          // [d, text width]
  LayerNorm question_norm_, node_norm_, last_norm_;
  at::Tensor level_;         // [16, d]
  Linear time_;              // [d, 2]: share of the video, minutes
  std::vector<Layer> layers_;
  Linear classifier_;        // [answers, d]
};

}  // namespace hvlm
