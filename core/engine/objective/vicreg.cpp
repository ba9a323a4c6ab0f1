// SPDX-License-Identifier: Apache-2.0
#include "engine/objective/vicreg.h"

#include <ATen/ATen.h>

#include "support/error.h"

namespace hvlm {
namespace {

constexpr double kVarianceFloor = 1e-4;

void check(const at::Tensor& x, const char* name) {
  if (x.dim() != 2 || x.size(1) < 1) throw ShapeError(std::string(name) + ": expected [N, D], found " + std::to_string(x.dim()) + " dimensions");
}

}  // namespace

at::Tensor varianceLoss(const at::Tensor& x, double target) {
  check(x, "varianceLoss");
  if (x.size(0) < 2) return x.sum() * 0.0;  // keeps the graph: gradient zero, not missing
  const at::Tensor away = x - x.mean(0);
  const at::Tensor variance = (away * away).sum(0) / static_cast<double>(x.size(0) - 1);  // [D]
  return at::relu(target - (variance + kVarianceFloor).sqrt()).mean();
}

at::Tensor covarianceLoss(const at::Tensor& x) {
  check(x, "covarianceLoss");
  if (x.size(0) < 2) return x.sum() * 0.0;
  const at::Tensor away = x - x.mean(0);
  const at::Tensor covariance = at::mm(away.t(), away) / static_cast<double>(x.size(0) - 1);  // [D, D]
  const at::Tensor others = covariance - covariance.diagonal().diag_embed();
  return (others * others).sum() / static_cast<double>(x.size(1));
}

}  // namespace hvlm
