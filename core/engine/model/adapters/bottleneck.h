// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

#include "engine/model/layers.h"
#include "engine/model/parameters.h"

namespace hvlm {

// A narrow residual part put behind a frozen one: x + up(activation(down(x))). `up` begins at zero, so at first it changes nothing.
// Handles to leaves that a ParameterSet owns. Source: Houlsby et al. 2019, arXiv:1902.00751, section 2.1.
struct Bottleneck {
  Linear down;  // weight [inner, width]
  Linear up;    // weight [width, inner]
  std::string activation = "gelu";

  // Adds `name`.down.weight, `name`.down.bias, `name`.up.weight and `name`.up.bias. `activation` is one of activate(); throws ShapeError
  // for another.
  static Bottleneck create(ParameterSet& set, const std::string& name, int64_t width, int64_t inner, const std::string& activation,
                           at::Generator& generator, at::TensorOptions options);
  at::Tensor operator()(const at::Tensor& x) const;  // [..., width] -> [..., width]
};

}  // namespace hvlm
