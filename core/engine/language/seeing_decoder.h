// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

#include "engine/language/decoder.h"
#include "engine/language/talk_tokens.h"
#include "engine/language/visual_prefix.h"

namespace hvlm {

// A talk with what is seen while it is read. Both must outlive it.
struct SeenTalk {
  const TalkTokens* talk = nullptr;
  const VisualTokens* seen = nullptr;
  int64_t length() const { return static_cast<int64_t>(talk->ids.size()) - 1 + seen->nodes.size(0); }  // in the decoder
};

// A decoder that reads visual tokens among words (Liu et al. 2023, arXiv:2304.08485, section 4.1). Owns the leaves of three sets: the
// user's decoder (frozen), the projector and the adapters. One thread at a time while it is trained.
struct SeeingDecoder {
  ParameterSet base, projecting, adapting;
  Decoder decoder;
  VisualProjector projector;

  // A projector from nodes of `width` numbers to the decoder's embeddings; the decoder must be there, and is frozen.
  void addProjector(int64_t width, at::Generator& generator);

  // Embeddings of ids, those of the visual tokens at kVisualPlace.  ids [T]  ->  [T - 1 + V, decoder width]
  at::Tensor embed(const std::vector<int64_t>& ids, const VisualTokens& seen) const;

  struct Loss {
    at::Tensor sum;      // scalar: cross-entropy of the next token, summed over all learned tokens
    int64_t tokens = 0;  // how many
  };
  // Talks side by side, padded. Prompt and visual tokens are masked. `talks` must not be empty.
  Loss loss(std::span<const SeenTalk> talks, const ForwardOptions& forward) const;
};

// Root mean square of the rows of an embedding of a decoder.
double embeddingDeviation(const Decoder& decoder);

// Bytes that a decoder of this shape takes while it is loaded from files of `file_bytes` and then trained on `tokens` tokens at a
// time: weights in float, the largest copy beside them while reading, activations that the gradient needs.
double tuningBytes(const DecoderShape& shape, double file_bytes, int64_t tokens);
// Throws InputError naming `where` when this is more than `available` bytes; 0 is unknown.
void requireMemory(const DecoderShape& shape, double file_bytes, int64_t tokens, double available, const std::string& where);
double availableMemory();  // bytes; 0 when the system does not say

}  // namespace hvlm
