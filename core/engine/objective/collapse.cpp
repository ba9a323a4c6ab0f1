// SPDX-License-Identifier: Apache-2.0
#include "engine/objective/collapse.h"

#include "support/error.h"

namespace hvlm {

at::Tensor columnDeviation(const at::Tensor& x, bool unbiased) {
  if (x.dim() != 2)
    throw ShapeError("columnDeviation: expected [N, D], found " + std::to_string(x.dim()) + " dimensions");
  const int64_t n = x.size(0);
  if (n < 2) return x.sum(0) * 0.0;  // keeps the graph: gradient zero, not missing
  // Counted from the first row: exactly equal rows then have exactly zero variance, and a far offset costs no digits.
  const at::Tensor shifted = x - x.detach().narrow(0, 0, 1);
  const at::Tensor away = shifted - shifted.mean(0);
  const at::Tensor variance = (away * away).sum(0) / static_cast<double>(unbiased ? n - 1 : n);
  const at::Tensor varies = variance.detach() > 0;
  const at::Tensor root = at::where(varies, variance, at::ones({}, x.options())).sqrt();
  return at::where(varies, root, at::zeros({}, x.options()));
}

at::Tensor collapsePaper(const at::Tensor& x, double tau, bool unbiased) {
  const at::Tensor deviation = columnDeviation(x, unbiased);
  if (x.size(0) < (unbiased ? 2 : 1)) return deviation.sum() * 0.0;
  return at::relu(tau - deviation.mean());
}

at::Tensor collapsePerDim(const at::Tensor& x, double tau, bool unbiased) {
  const at::Tensor deviation = columnDeviation(x, unbiased);
  if (x.size(0) < (unbiased ? 2 : 1)) return deviation.sum() * 0.0;
  return at::relu(tau - deviation).mean();
}

at::Tensor collapseObjective(const at::Tensor& x, double tau, const std::string& form) {
  if (form == "paper") return collapsePaper(x, tau);
  if (form == "per_dim") return collapsePerDim(x, tau);
  throw ShapeError("unknown regulariser form " + form + ", expected paper or per_dim");
}

at::Tensor maskedRows(const at::Tensor& x, const at::Tensor& mask) {
  if (x.dim() != 3 || mask.sizes() != x.sizes().slice(0, 2)) throw ShapeError("maskedRows: mask and rows disagree");
  const at::Tensor rows = mask.to(at::kBool).reshape({-1}).nonzero().squeeze(1);
  return x.reshape({-1, x.size(2)}).index_select(0, rows);
}

}  // namespace hvlm
