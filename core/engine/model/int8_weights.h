// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <unordered_map>

#include "engine/model/parameters.h"

struct LinearPackedParamsBase;

namespace hvlm {

// While one lives, the linear layers of one model multiply with int8 weights wherever this thread wants no gradient: each row of a weight
// has its own scale, symmetric around 0; each row of what comes in has its own range and 127 codes, so a step's result depends on nothing
// else in its pack. Sums are whole numbers; the layer gives float32. Layers with fewer than 64 rows or columns (the last ones of the heads)
// stay as they are, and so does the model: its own weights are only read, and stay in memory. A weight is packed at its first product, and packed again when it
// has changed. One at a time in a thread. Source: Jacob et al. 2018, arXiv:1712.05877, 2.
class Int8Weights {
 public:
  explicit Int8Weights(const ParameterSet& parameters);  // float32, on the CPU
  ~Int8Weights();
  Int8Weights(const Int8Weights&) = delete;
  Int8Weights& operator=(const Int8Weights&) = delete;

  // FBGEMM's products and the fused kernels (kernels/kernels.h): x86 with AVX2 and FMA.
  static bool supported();
  static bool active();     // one lives on this thread and multiplies
  int64_t layers() const;  // packed so far
  void setActive(bool active) { active_ = active; }  // false: multiplies as ever until it is true again; what was packed is kept

  // What a linear layer with this weight gives, [..., out]; undefined when it is not one of these.
  static at::Tensor product(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias);

 private:
  struct Layer;
  std::unordered_map<const void*, std::unique_ptr<Layer>> layers_;  // by the weight's TensorImpl
  Int8Weights* before_;
  bool active_ = true;
};

}  // namespace hvlm
