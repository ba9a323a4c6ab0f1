// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "runs/safetensors.h"

namespace hvlm {

// Where a tuned text encoder differs from the frozen one: adapters hook in here (text_tuning.h). The defaults change nothing.
class LayerTuning {
 public:
  enum class Projection { kQuery, kKey, kValue, kOutput };
  enum class Branch { kAttention, kFeedForward };
  virtual ~LayerTuning() = default;
  // y = x W^T + b of the frozen projection; [B, T, d] both.
  virtual at::Tensor projected(int64_t, Projection, const at::Tensor&, const at::Tensor& y) const { return y; }
  // What a branch gives before it is added to its input; [B, T, d].
  virtual at::Tensor branch(int64_t, Branch, const at::Tensor& y) const { return y; }
  // `context` of the heads' attention, [B, H, T, d/H] as the query is.
  virtual at::Tensor attended(int64_t, const at::Tensor&, const at::Tensor& context) const { return context; }
};

// A BERT encoder (post-norm, learned positions, erf GELU) with mean pooling over the tokens, as sentence encoders use it. Weights are
// those of Hugging Face's BertModel and stay frozen. Sources: Devlin et al. 2019, arXiv:1810.04805; Reimers and Gurevych 2019,
// arXiv:1908.10084 (mean pooling); Wang et al. 2020, arXiv:2002.10957 (MiniLM).
class TextEncoder {
 public:
  // Sizes come from the tensors; `heads` is not to be seen in them. Throws InputError naming the first tensor that is missing or of
  // another shape.
  TextEncoder(const TensorMap& weights, const std::string& where, int64_t heads, at::ScalarType type = at::kFloat);

  // ids [B, T] int64, right-padded with any id; lengths [B], 1 .. T. Embedding layer and each layer's output, [B, T, d] each; rows
  // behind a length mean nothing.
  std::vector<at::Tensor> states(const at::Tensor& ids, const std::vector<int64_t>& lengths, const LayerTuning* tuning = nullptr) const;
  // Mean of the last layer over the valid tokens, unit norm: [B, d].
  at::Tensor embed(const at::Tensor& ids, const std::vector<int64_t>& lengths, const LayerTuning* tuning = nullptr) const;

  int64_t width() const { return width_; }
  int64_t layers() const { return static_cast<int64_t>(layers_.size()); }
  int64_t heads() const { return heads_; }
  int64_t vocabulary() const { return words_.size(0); }
  int64_t positions() const { return positions_.size(0); }

 private:
  struct Norm {
    at::Tensor weight, bias;
    at::Tensor operator()(const at::Tensor& x) const;
  };
  struct Affine {
    at::Tensor weight, bias;
    at::Tensor operator()(const at::Tensor& x) const;
  };
  struct Layer {
    Affine query, key, value, output, intermediate, dense;
    Norm attention_norm, output_norm;
  };
  at::Tensor embeddings(const at::Tensor& ids) const;
  at::Tensor layer(int64_t l, const at::Tensor& x, const at::Tensor& mask, const LayerTuning* tuning) const;

  int64_t width_ = 0, heads_ = 0;
  at::Tensor words_, positions_, type_;  // [V, d], [P, d], [d] of segment 0
  Norm embedding_norm_;
  std::vector<Layer> layers_;
};

}  // namespace hvlm
