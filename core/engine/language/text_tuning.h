// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "engine/model/adapters/bottleneck.h"
#include "engine/model/adapters/prefix.h"
#include "engine/model/layers.h"
#include "engine/model/parameters.h"
#include "engine/model/text_encoder.h"
#include "runs/safetensors.h"

namespace hvlm {

// How a frozen text encoder is tuned.
struct TextTuningOptions {
  std::string kind = "lora";  // "lora", "bottleneck" or "prefix"
  int64_t rank = 8;           // "lora": rank of the change
  double alpha = 16.0;        // "lora": the change is scaled by alpha / rank
  int64_t bottleneck = 32;    // "bottleneck": inner width
  int64_t prefix = 8;         // "prefix": learned rows a layer and head
  double dropout = 0.0;       // while training, a share: on the input of A ("lora"), or on what is added ("bottleneck", "prefix")

  template <class Fields>
  void describe(Fields& f) {
    f("kind", kind, {"lora", "bottleneck", "prefix"},
      "Adapter of the text encoder: lora changes its queries and values, bottleneck follows both parts of a layer, prefix adds rows to "
      "attend to");
    f("rank", rank, {1, 1024}, "Rank of the change (kind lora)");
    f("alpha", alpha, {1e-6, 1e6}, "Scale of the change times the rank (kind lora)");
    f("bottleneck", bottleneck, {1, 4096}, "Inner width (kind bottleneck)");
    f("prefix", prefix, {1, 512}, "Learned rows of each layer (kind prefix)");
    f("dropout", dropout, {0.0, 0.9}, "Dropout in the adapter, a share");
  }
  // Throws InputError naming `where` and the option that is out of range or unknown.
  void check(const std::string& where) const;
};

// Adapters on all layers of a frozen TextEncoder, given to its states() and embed(). At first they change nothing, to the last bit;
// gradients reach them alone. Handles to leaves that a ParameterSet owns; the encoder is not kept. One thread while training; apart from
// that, any number. Sources: Hu et al. 2021, arXiv:2106.09685, section 4.2 (queries and values); Houlsby et al. 2019, arXiv:1902.00751,
// section 2.1 (behind both parts); Li and Liang 2021, arXiv:2101.00190, section 4 (rows).
class TextTuning : public LayerTuning {
 public:
  // Adds to `set`, for each layer N,
  //   lora        tuning.layers.N.query.lora_A.weight [rank, d], .lora_B.weight [d, rank]; the same of value
  //   bottleneck  tuning.layers.N.attention.down.weight [inner, d], .down.bias, .up.weight [d, inner], .up.bias; the same of feed_forward
  //   prefix      tuning.layers.N.key, .value [heads, rows, d/heads], .gate [heads]
  // Type and device are those of `tensor_options`, the encoder's. Throws InputError for options out of range; `set` is then as it was.
  TextTuning(ParameterSet& set, const TextTuningOptions& options, const TextEncoder& encoder, at::Generator& generator,
             at::TensorOptions tensor_options);

  at::Tensor projected(int64_t layer, Projection which, const at::Tensor& x, const at::Tensor& y) const override;
  at::Tensor branch(int64_t layer, Branch which, const at::Tensor& y) const override;
  at::Tensor attended(int64_t layer, const at::Tensor& query, const at::Tensor& context) const override;

  // What later passes read: dropout while training, with its generator. The default is no training.
  void setForward(const ForwardOptions& forward) { forward_ = forward; }

  const TextTuningOptions& options() const { return options_; }
  int64_t trained() const { return trained_; }  // numbers in the adapters
  // Trained numbers over all, those of the frozen encoder (numbersIn its file) included.
  double trainedShare(int64_t frozen) const;
  std::string summary(int64_t frozen) const;  // "text encoder with lora: 6144 of 30000 numbers are trained (20.48 %)"

 private:
  struct LowRank {
    at::Tensor a, b;  // [rank, d], [d, rank]; undefined: none
  };
  struct Layer {
    LowRank query, value;
    Bottleneck attention, feed_forward;
  };
  at::Tensor kept(const at::Tensor& before, const at::Tensor& after) const;

  TextTuningOptions options_;
  ForwardOptions forward_;
  std::vector<Layer> layers_;
  PrefixAttention rows_;
  int64_t trained_ = 0;
};

int64_t numbersIn(const TensorMap& weights);  // of all tensors of floating point together

}  // namespace hvlm
