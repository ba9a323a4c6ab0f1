// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace hvlm {

struct InfoNce {
  at::Tensor logits;  // [n, n] cosine over temperature, before masking
  at::Tensor a2b;     // mean cross-entropy of the rows
  at::Tensor b2a;     // of the columns
  at::Tensor loss;    // their mean
};
// Symmetric InfoNCE: row i of `a` belongs to row i of `b`; all others are negatives.
//
//   a, b         [n, D]   any length; normalised here (norm floor 1e-12)
//   temperature  [] or [1]  > 0; gradient flows to it
//   groups       [n]      entries of the same group are never each other's negatives (same video, same sentence); empty
//   = none
//
// n = 1 gives 0. Throws ShapeError. Source: Radford et al. 2021, arXiv:2103.00020, fig. 3.
InfoNce infoNce(const at::Tensor& a, const at::Tensor& b, const at::Tensor& temperature,
                const std::vector<int64_t>& groups = {});

}  // namespace hvlm
