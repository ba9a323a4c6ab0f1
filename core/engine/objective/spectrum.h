// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

namespace hvlm {

// Effective rank exp(-sum p log p), p = sigma / sum sigma, zeros left out; 0 for a zero matrix.
//   singular [k] double.  Source: Roy and Vetterli 2007.
double effectiveRank(const at::Tensor& singular);
double rankMe(const at::Tensor& singular);  // the same with p + 1e-7 (Garrido et al. 2023, arXiv:2210.02885)
double participationRatio(const at::Tensor& singular);  // (sum s^2)^2 / sum s^4; 0 for a zero matrix

// Singular values [min(N, D)] of x [N, D] in double, column means taken away first when `centred`. Values below the
// rounding error of the centring count as zero.
at::Tensor singularValues(const at::Tensor& x, bool centred);
// The same from the D x D Gram matrix, for N >> D: one pass over the rows, precision sqrt(eps) of the largest value.
at::Tensor singularValuesByGram(const at::Tensor& x, bool centred);

// Principal components (Pearson 1901) of centred data; each sign is set so that the loading of largest magnitude is positive.
struct PrincipalComponents {
  at::Tensor mean;                // [D]
  at::Tensor components;          // [k, D], unit rows
  at::Tensor explained_variance;  // [k], divided by N - 1
  at::Tensor explained_ratio;     // [k]
};

// Collects rows that come in parts, so that memory does not grow with them; in double, about the first part's mean (no cancellation).
class PrincipalSums {
 public:
  void add(const at::Tensor& rows);  // [n, D]
  int64_t rows() const { return rows_; }
  int64_t width() const { return rows_ > 0 ? sum_.size(0) : 0; }
  PrincipalComponents fit(int64_t count) const;  // at least one row; count in 1..D

 private:
  at::Tensor origin_, sum_, products_;
  int64_t rows_ = 0;
};

}  // namespace hvlm
