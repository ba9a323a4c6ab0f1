// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

namespace hvlm {

// Cross-scale term: mean over the nodes above level 0 of 1 - cos(p(h_j^l), stopgrad(sum alpha_i h_i^{l-1})).
//
//   projected  [M, D]  p(h_j^l), rows of all levels above the steps
//   pooled     [M, D]  what the level pooled, before its block; gets no gradient
//   returns    scalar  0 when M = 0; a pair with a norm below 1e-8 counts cos 0 and has gradient 0
//
// Throws ShapeError when the shapes differ. Source: method.md 2, L_cross.
at::Tensor crossScaleLoss(const at::Tensor& projected, const at::Tensor& pooled);

}  // namespace hvlm
