// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <string>

namespace hvlm {

// Standard deviation of each column over the rows: [N, D] -> [D]. A column of exactly zero variance has deviation 0 and
// gradient 0; there is no epsilon. Fewer than two rows: zeros. `unbiased` divides by N-1.
at::Tensor columnDeviation(const at::Tensor& x, bool unbiased = true);

// Collapse hinges on rows x [N, D] (all valid steps of the batch). Both return a scalar; fewer than two rows give 0
// with the unbiased form. Source: method.md 2, collapse prevention.
at::Tensor collapsePaper(const at::Tensor& x, double tau, bool unbiased = true);   // max(0, tau - mean_k s_k)
at::Tensor collapsePerDim(const at::Tensor& x, double tau, bool unbiased = true);  // mean_k max(0, tau - s_k)
// By name: "paper" or "per_dim". Throws ShapeError for another form.
at::Tensor collapseObjective(const at::Tensor& x, double tau, const std::string& form);

// The rows of a padded batch x [B, T, D] that `mask` [B, T] (bool) keeps: [N, D].
at::Tensor maskedRows(const at::Tensor& x, const at::Tensor& mask);

}  // namespace hvlm
