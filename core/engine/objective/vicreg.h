// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

namespace hvlm {

// Variance and covariance terms on rows x [N, D] (variances divide by N-1). Both return a scalar; fewer than two rows give 0.
//   variance    mean_k max(0, target - sqrt(var_k + 1e-4)); the 1e-4 keeps the gradient finite where a column does not vary
//   covariance  (1 / D) sum_{i != j} Cov_ij^2
// Throws ShapeError for another shape. Source: Bardes et al. 2022, arXiv:2105.04906, eq. 1 to 4; method.md 4.5.
at::Tensor varianceLoss(const at::Tensor& x, double target = 1.0);
at::Tensor covarianceLoss(const at::Tensor& x);

}  // namespace hvlm
