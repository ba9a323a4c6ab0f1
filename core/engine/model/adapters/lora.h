// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "engine/model/adapters/lora_options.h"
#include "engine/model/layers.h"
#include "engine/model/parameters.h"

namespace hvlm {

// A frozen linear layer and a trained low-rank change of it: x W^T + b + (alpha / rank) dropout(x) A^T B^T. B begins at zero, so at
// first this is the frozen layer. Handles to leaves that ParameterSets own. Source: Hu et al. 2021, arXiv:2106.09685, eq. 3.
struct LoraLinear {
  Linear base;  // wants no gradient; bias may be undefined
  at::Tensor a;  // [rank, in]
  at::Tensor b;  // [out, rank]
  double scale = 1.0;
  double dropout_share = 0.0;

  // Adds `name`.lora_A.weight and `name`.lora_B.weight, named as Hugging Face PEFT does, and takes the gradient from `base`. Type and
  // device are those of the base; the random numbers are drawn on the CPU. Throws InputError for options out of range.
  static LoraLinear create(ParameterSet& set, const std::string& name, const Linear& base, const LoraOptions& options,
                           at::Generator& generator);
  at::Tensor operator()(const at::Tensor& x, const ForwardOptions& forward = {}) const;  // [..., in] -> [..., out]
  at::Tensor merged() const;  // [out, in]: W + scale B A; gradient flows to A and B
};

// Parameters whose name begins with `prefix` no longer want a gradient (or want one again); their gradients are dropped. Returns how
// many there are. Training only a projector is freeze(set, "language.") before the optimiser is made (Liu et al. 2023, arXiv:2304.08485,
// section 4.2, stage 1).
int64_t freeze(ParameterSet& set, const std::string& prefix, bool frozen = true);
std::vector<at::Tensor> trainable(const ParameterSet& set);  // handles to the leaves that want a gradient

}  // namespace hvlm
