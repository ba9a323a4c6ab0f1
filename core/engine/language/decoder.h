// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/language/kv_cache.h"
#include "engine/language/rope.h"
#include "engine/model/adapters/lora.h"
#include "engine/model/layers.h"
#include "engine/model/parameters.h"

namespace hvlm {

// The sizes of a LLaMA decoder, as config.json of a Hugging Face model has them.
struct DecoderShape {
  int64_t vocabulary = 32000;    // tokens, rows of the embedding
  int64_t width = 4096;          // hidden_size
  int64_t layers = 32;           // num_hidden_layers
  int64_t heads = 32;            // num_attention_heads
  int64_t kv_heads = 32;         // num_key_value_heads, a divisor of heads
  int64_t head_dim = 0;          // even; 0: width / heads
  int64_t hidden = 11008;        // intermediate_size of the SwiGLU part
  int64_t max_positions = 2048;  // max_position_embeddings
  RopeOptions rope;
  double norm_epsilon = 1e-6;    // rms_norm_eps
  bool tied = false;             // the embedding is the head too (tie_word_embeddings)
  bool attention_bias = false;   // of all four projections
  bool mlp_bias = false;         // of all three

  int64_t headWidth() const { return head_dim > 0 ? head_dim : width / heads; }
  // Throws InputError naming `where` and the first size that is out of range or does not fit another.
  void check(const std::string& where) const;
};

// Names (Hugging Face's, without a prefix) and shapes of all weights of a decoder, in the order in which they are made.
using WeightShapes = std::vector<std::pair<std::string, std::vector<int64_t>>>;
WeightShapes decoderWeights(const DecoderShape& shape);

// Scales each row by its root mean square: x / sqrt(mean(x^2) + epsilon) * weight. Source: Zhang & Sennrich 2019, arXiv:1910.07467, eq. 4.
//   x [..., d], weight [d]  ->  [..., d]
at::Tensor rmsNorm(const at::Tensor& x, const at::Tensor& weight, double epsilon);

// A decoder of LLaMA's architecture: pre-norm layers of causal grouped-query attention with rotary positions and a SwiGLU part.
// Handles to leaves that a ParameterSet owns; copies share them. Sources: Touvron et al. 2023, arXiv:2302.13971, section 2.2; Ainslie
// et al. 2023, arXiv:2305.13245 (grouped queries); Shazeer 2020, arXiv:2002.05202, eq. 6 (SwiGLU). Numbers are those of Hugging
// Face's LlamaForCausalLM. One thread at a time for a set that is trained; forward passes without a gradient may run side by side.
class Decoder {
 public:
  // Gives the first value of a weight: its name without the prefix, and its shape.
  using WeightSource = std::function<at::Tensor(const std::string& name, at::IntArrayRef shape)>;

  Decoder() = default;
  // Weights go into `set` as `prefix` + name. Throws InputError for a shape that does not fit itself, ShapeError
  // when a name is taken; `set` is then as it was.
  Decoder(ParameterSet& set, const std::string& prefix, const DecoderShape& shape, const WeightSource& source);
  // New weights: matrices from a normal distribution of deviation 0.02, norms one, biases zero.
  Decoder(ParameterSet& set, const std::string& prefix, const DecoderShape& shape, at::Generator& generator, at::TensorOptions options);

  const DecoderShape& shape() const { return shape_; }

  // Rows of the embedding.  ids [B, T] int64 (any leading shape)  ->  [B, T, width]. Throws InputError for an id outside the vocabulary.
  at::Tensor embed(const at::Tensor& ids) const;

  // All layers and the last norm.
  //   embeddings  [B, T, width]
  //   lengths     [B]  int64 in [0, T]: row b's steps are its first lengths[b], padding follows; undefined: all T. Outputs at padded
  //               places are finite and mean nothing; they take part in no other place's result.
  //   cache       nullptr, or the steps seen before, to which these are added; then no gradient is kept
  //   forward     only dropout of LoRA reads it
  //   returns     [B, T, width]
  // Throws ShapeError when shapes disagree, InputError when a row grows past shape().max_positions.
  at::Tensor forward(const at::Tensor& embeddings, const at::Tensor& lengths = {}, KvCache* cache = nullptr,
                     const ForwardOptions& forward = {}) const;

  at::Tensor logits(const at::Tensor& hidden) const;  // [..., width] -> [..., vocabulary]

  // Puts low-rank adapters on the projections that `lora.targets` names, as parameters of `set` (the decoder's own or another) named
  // prefix + "model.layers.N.self_attn.q_proj.lora_A.weight" and so on; freezes all weights of the decoder itself. At first the
  // decoder computes what it did before. Throws InputError for an unknown target or options out of range.
  void addLora(ParameterSet& set, const LoraOptions& lora, at::Generator& generator);

  // All weights by Hugging Face's name, with adapters merged in: what a file of this model holds. Detached.
  std::vector<std::pair<std::string, at::Tensor>> weights() const;

 private:
  struct Projection {
    std::string name;                  // without prefix and ".weight"
    Linear linear;                     // bias may be undefined
    std::optional<LoraLinear> lora;
    at::Tensor operator()(const at::Tensor& x, const ForwardOptions& forward) const { return lora ? (*lora)(x, forward) : linear(x); }
  };
  struct Layer {
    at::Tensor attention_norm, mlp_norm;  // [width]
    Projection query, key, value, out;
    Projection gate, up, down;
    std::vector<Projection*> projections();
    std::vector<const Projection*> projections() const;
  };
  std::vector<std::pair<std::string, at::Tensor>> base() const;  // handles to the leaves, in decoderWeights' order
  struct Pass;  // what all layers of one forward pass share
  at::Tensor attend(const Layer& layer, const at::Tensor& x, int64_t index, const Pass& pass) const;

  DecoderShape shape_;
  std::string prefix_;
  at::Tensor embedding_;  // [vocabulary, width]
  at::Tensor norm_;       // [width]
  at::Tensor head_;       // [vocabulary, width]; the embedding itself when tied
  at::Tensor frequencies_;  // [head_dim / 2] double
  std::vector<Layer> layers_;
};

}  // namespace hvlm
