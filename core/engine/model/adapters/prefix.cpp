// SPDX-License-Identifier: Apache-2.0
#include "engine/model/adapters/prefix.h"

#include <ATen/ATen.h>

#include <cmath>

#include "support/error.h"

namespace hvlm {

PrefixAttention::PrefixAttention(ParameterSet& set, const std::string& name, int64_t layers, int64_t heads, int64_t key_heads, int64_t rows,
                                 int64_t head_dim, at::Generator& generator, at::TensorOptions options) {
  if (layers < 1 || key_heads < 1 || rows < 1 || head_dim < 1 || heads % key_heads != 0) {
    throw ShapeError("a prefix of " + std::to_string(layers) + " layers, " + std::to_string(rows) + " rows of " + std::to_string(head_dim) +
                     " and " + std::to_string(key_heads) + " key heads for " + std::to_string(heads) + " heads");
  }
  for (int64_t i = 0; i < layers; ++i) {
    const std::string part = name + "." + std::to_string(i);
    const at::Tensor key = set.add(part + ".key", normalInit({key_heads, rows, head_dim}, 1.0, generator, options));
    const at::Tensor value = set.add(part + ".value", normalInit({key_heads, rows, head_dim}, 1.0, generator, options));
    layers_.push_back({key, value, set.add(part + ".gate", at::zeros({heads}, options), false)});
  }
}

at::Tensor PrefixAttention::operator()(const at::Tensor& out, const at::Tensor& query, int64_t layer) const {
  const Layer& rows = layers_.at(static_cast<size_t>(layer));
  const int64_t heads = rows.gate.size(0), width = rows.key.size(2);
  if (query.dim() != 4 || query.size(1) != heads || query.size(3) != width || out.sizes() != query.sizes()) {
    throw ShapeError("a prefix of " + std::to_string(heads) + " heads of " + std::to_string(width) + " takes [B, heads, T, c] twice");
  }
  const int64_t groups = heads / rows.key.size(0);
  const at::Tensor key = rows.key.repeat_interleave(groups, 0), value = rows.value.repeat_interleave(groups, 0);  // [heads, rows, c]
  const at::Tensor scores = at::matmul(query, key.transpose(1, 2)) / std::sqrt(static_cast<double>(width));       // [B, heads, T, rows]
  return out + at::tanh(rows.gate).view({heads, 1, 1}) * at::matmul(scores.softmax(-1), value);
}

}  // namespace hvlm
