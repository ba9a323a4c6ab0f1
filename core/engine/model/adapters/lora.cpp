// SPDX-License-Identifier: Apache-2.0
#include "engine/model/adapters/lora.h"

#include <ATen/ATen.h>

#include <cmath>

#include "support/describe.h"
#include "support/error.h"

namespace hvlm {
namespace {

// PEFT's reset_lora_parameters: Kaiming uniform with a = sqrt(5), which is uniform within 1 / sqrt(in), or a normal distribution.
at::Tensor initialA(int64_t rank, int64_t in, const std::string& init, at::Generator& generator, const at::TensorOptions& options) {
  if (init == "gaussian") return normalInit({rank, in}, 1.0 / static_cast<double>(rank), generator, options);
  const double bound = 1.0 / std::sqrt(static_cast<double>(in));
  at::Tensor values = at::empty({rank, in}, at::kFloat);
  values.uniform_(-bound, bound, generator);
  return values.to(options);
}

}  // namespace

void LoraOptions::check(const std::string& where) const {
  LoraOptions copy = *this;
  const Fields fields(copy);
  for (const Field& field : fields.all()) fields.set(field.path, fieldText(field), where);
}

LoraLinear LoraLinear::create(ParameterSet& set, const std::string& name, const Linear& base, const LoraOptions& options,
                              at::Generator& generator) {
  options.check("lora");
  if (base.weight.dim() != 2) throw ShapeError("an adapter needs a matrix, but " + name + " is none");
  const auto plain = base.weight.options().requires_grad(false);
  const double scale = options.alpha / static_cast<double>(options.rank);
  LoraLinear layer{.base = base, .a = {}, .b = {}, .scale = scale, .dropout_share = options.dropout};
  layer.base.weight.requires_grad_(false);
  if (layer.base.bias.defined()) layer.base.bias.requires_grad_(false);
  layer.a = set.add(name + ".lora_A.weight", initialA(options.rank, base.weight.size(1), options.init, generator, plain));
  layer.b = set.add(name + ".lora_B.weight", at::zeros({base.weight.size(0), options.rank}, plain));
  return layer;
}

at::Tensor LoraLinear::operator()(const at::Tensor& x, const ForwardOptions& forward) const {
  const at::Tensor low = at::linear(dropout(x, dropout_share, forward), a);  // [..., rank]
  return base(x) + at::linear(low, b) * scale;
}

at::Tensor LoraLinear::merged() const { return base.weight + at::matmul(b, a) * scale; }

int64_t freeze(ParameterSet& set, const std::string& prefix, bool frozen) {
  int64_t count = 0;
  for (const Parameter& p : set.all()) {
    if (!p.name.starts_with(prefix)) continue;
    at::Tensor leaf = p.value;
    leaf.requires_grad_(!frozen);
    if (frozen) leaf.mutable_grad() = at::Tensor();
    ++count;
  }
  return count;
}

std::vector<at::Tensor> trainable(const ParameterSet& set) {
  std::vector<at::Tensor> leaves;
  for (const Parameter& p : set.all()) {
    if (p.value.requires_grad()) leaves.push_back(p.value);
  }
  return leaves;
}

}  // namespace hvlm
