// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "engine/language/decoder.h"
#include "engine/language/vocabulary.h"
#include "engine/model/layers.h"
#include "engine/model/model.h"
#include "runs/config.h"

namespace hvlm {

// A stretch of a video of a batch that is to be described.
struct DescribedSegment {
  int64_t video = 0;       // place in the batch
  int64_t first_step = 0;  // steps first .. last-1 of that video, at least one
  int64_t last_step = 0;
};

// Describes segments: some tokens of the pyramid (four parts of the segment in time, its mean, the node that overlaps it most, the
// video's own vector) go through a projector and stand before the words that a small LLaMA decoder writes (LLaVA's form: Liu et al.
// 2023, arXiv:2304.08485, section 4.1).
class CaptionHead {
 public:
  static constexpr int64_t kVisualTokens = 7;

  CaptionHead() = default;
  // Parameters go into `set` below "caption.". `width` is the model's, `words` the vocabulary without the four signs.
  CaptionHead(ParameterSet& set, const LanguageOptions& options, int64_t width, int64_t words, at::Generator& generator, at::TensorOptions tensor_options);
  explicit operator bool() const { return decoder_.shape().layers > 0 && projector_in_.weight.defined(); }

  // What stands before the words: [S, kVisualTokens, language.width].
  at::Tensor prefix(const ModelOutput& output, const std::vector<int64_t>& offsets, const std::vector<DescribedSegment>& segments, const ForwardOptions& forward) const;
  // Mean cross-entropy a word, end sign included, of one sentence of word ids for each row of `prefix`; [].
  at::Tensor loss(const at::Tensor& prefix, const std::vector<std::vector<int64_t>>& sentences, const ForwardOptions& forward) const;
  // Log-probabilities of the words and the end of each sentence, summed: [S]. No gradient.
  at::Tensor logLikelihood(const at::Tensor& prefix, const std::vector<std::vector<int64_t>>& sentences) const;

  // Word ids of descriptions of each row of `prefix`, as language.decoding asks: one, or with "consensus" language.samples of which the
  // first is the likeliest. Words are drawn with seeds[i] for row i: no row depends on the others.
  std::vector<std::vector<std::vector<int64_t>>> candidates(const at::Tensor& prefix, const std::vector<uint64_t>& seeds) const;

  const Decoder& decoder() const { return decoder_; }

 private:
  struct Sentences {
    at::Tensor inputs;   // [S, L] begin and words, padded
    at::Tensor targets;  // [S, L] words and end, -100 where padded
    at::Tensor lengths;  // [S] of inputs
  };
  Sentences padded(const std::vector<std::vector<int64_t>>& sentences) const;
  at::Tensor choose(const at::Tensor& logits, bool draw, at::Generator& generator) const;
  // All rows side by side, a word at a time.
  std::vector<std::vector<int64_t>> write(const at::Tensor& prefix, bool draw, at::Generator& generator) const;
  at::Tensor wordLogits(const at::Tensor& prefix, const Sentences& sentences, const ForwardOptions& forward) const;  // [S, L, V]

  LanguageOptions options_;
  Linear projector_in_, projector_out_;
  LayerNorm norm_;
  at::Tensor slots_;  // [kVisualTokens, d]: which token it is
  Linear time_;       // [d, 3]: start, end and length
  Decoder decoder_;
};

}  // namespace hvlm
