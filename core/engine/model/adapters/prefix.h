// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "engine/model/parameters.h"

namespace hvlm {

// Learned rows that the queries of frozen attention layers see beside their own keys: per layer and head
//   out + tanh(gate) softmax(q K^T / sqrt(c)) V
// with K, V [rows, c]. The gate begins at zero, so at first it changes nothing (and only the gate has a gradient). Queries carry no
// positions for these rows when they are given before the rotation. Handles to leaves that a ParameterSet owns. Sources: Li & Liang
// 2021, arXiv:2101.00190, section 4; the gate: Zhang et al. 2023 (LLaMA-Adapter), arXiv:2303.16199, section 3.2, with tanh as in its code.
class PrefixAttention {
 public:
  PrefixAttention() = default;
  // Adds `name`.N.key, `name`.N.value [key_heads, rows, c] and `name`.N.gate [heads] for each layer N. `heads` is a multiple of
  // `key_heads`: with grouped queries the heads of a group share their rows. Throws ShapeError when it is not.
  PrefixAttention(ParameterSet& set, const std::string& name, int64_t layers, int64_t heads, int64_t key_heads, int64_t rows,
                  int64_t head_dim, at::Generator& generator, at::TensorOptions options);

  int64_t layers() const { return static_cast<int64_t>(layers_.size()); }
  // What `layer` attends to with the rows added:  out, query [B, heads, T, c]  ->  [B, heads, T, c]. Throws ShapeError.
  at::Tensor operator()(const at::Tensor& out, const at::Tensor& query, int64_t layer) const;

 private:
  struct Layer {
    at::Tensor key, value;  // [key_heads, rows, c]
    at::Tensor gate;        // [heads]
  };
  std::vector<Layer> layers_;
};

}  // namespace hvlm
