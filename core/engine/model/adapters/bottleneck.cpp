// SPDX-License-Identifier: Apache-2.0
#include "engine/model/adapters/bottleneck.h"

#include <ATen/ATen.h>

namespace hvlm {

Bottleneck Bottleneck::create(ParameterSet& set, const std::string& name, int64_t width, int64_t inner, const std::string& activation,
                              at::Generator& generator, at::TensorOptions options) {
  activate(at::zeros({1}), activation);  // an unknown one is refused now, not in the first forward pass
  Bottleneck adapter{.down = Linear::create(set, name + ".down", width, inner, generator, options), .up = {}, .activation = activation};
  adapter.up.weight = set.add(name + ".up.weight", at::zeros({width, inner}, options));
  adapter.up.bias = set.add(name + ".up.bias", at::zeros({width}, options), false);
  return adapter;
}

at::Tensor Bottleneck::operator()(const at::Tensor& x) const { return x + up(activate(down(x), activation)); }

}  // namespace hvlm
