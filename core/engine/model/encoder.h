// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "engine/model/layers.h"
#include "engine/model/packed.h"
#include "engine/model/parameters.h"
#include "runs/config.h"

namespace hvlm {

// From step features to contextual step vectors H: channel standardisation, (noise and step mask while training),
// linear, residual convolutions, position table, transformer layers with the chosen mixer, LayerNorm. method.md 2,
// "Encoder"; 4.1. Kind "mlp" is two linear layers on each step alone (method.md 3, TSN), "raw" hands X through untouched.
// With merge.where = before the transformer layers see merged tokens, and every step gets its token's vector back.
class Encoder {
 public:
  Encoder() = default;
  Encoder(ParameterSet& set, const EncoderOptions& options, int64_t input_dim, at::Generator& generator,
          at::TensorOptions tensor_options, const MergeOptions& merge = {});
  at::Tensor operator()(const Packed& batch, const RunIndex& index,
                        const ForwardOptions& forward) const;  // [N, D] -> [N, d]
  at::Tensor normalised(const at::Tensor& x) const;  // [N, D] -> [N, D]: what encoder.input_norm makes of the features
  int64_t width() const { return width_; }
  std::vector<NamedTensor> mixerBuffers() const;               // of all layers

  at::Tensor mean;       // [D] channel statistics of the training steps; 0 and 1 until they are set
  at::Tensor deviation;  // [D]

 private:
  struct Stem {
    Convolution3 convolution;
    LayerNorm norm;
  };
  at::Tensor prepared(const at::Tensor& x, const ForwardOptions& forward) const;
  at::Tensor positions(const Packed& batch, const RunIndex& index) const;
  at::Tensor layersOn(at::Tensor h, const RunIndex& index, const ForwardOptions& forward) const;
  at::Tensor transformed(at::Tensor h, const Packed& batch, const RunIndex& index, const ForwardOptions& forward) const;

  EncoderOptions options_;
  MergeOptions merge_;
  int64_t width_ = 0;
  at::TensorOptions tensor_options_;
  Linear projection_;
  Linear second_;  // kind mlp
  std::vector<Stem> stem_;
  std::vector<TransformerLayer> layers_;
  std::vector<std::vector<at::Tensor>> stem_weights_, layer_weights_;  // leaves of each, for recomputed()
  LayerNorm final_norm_;
  mutable at::Tensor table_;  // sinusoids for the longest video so far
};

}  // namespace hvlm
