// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

namespace hvlm {

// Products of many rows with one vector, as a search through an index asks for them: the rows are read once, as float16, and
// multiplied and added in float32.
//
//   rows     [M, D]  float16, on the CPU
//   query    [D]     float32
//   returns  [M]     float32; the same for any number of threads. No gradient.
//
// Throws ShapeError when types or shapes disagree.
at::Tensor halfRowProducts(const at::Tensor& rows, const at::Tensor& query);

}  // namespace hvlm
