// SPDX-License-Identifier: Apache-2.0
#include "engine/objective/spectrum.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace hvlm {

double effectiveRank(const at::Tensor& singular) {
  const at::Tensor s = singular.to(at::kDouble);
  const double total = s.sum().item<double>();
  if (total <= 0.0) return 0.0;
  const at::Tensor p = s / total;
  return std::exp(-at::special_xlogy(p, p).sum().item<double>());
}

double rankMe(const at::Tensor& singular) {
  const at::Tensor s = singular.to(at::kDouble);
  const at::Tensor p = s / std::max(s.sum().item<double>(), 1e-300) + 1e-7;
  return std::exp(-(p * p.log()).sum().item<double>());
}

double participationRatio(const at::Tensor& singular) {
  const at::Tensor squared = singular.to(at::kDouble).pow(2);
  const double fourth = squared.pow(2).sum().item<double>();
  return std::pow(squared.sum().item<double>(), 2) / std::max(fourth, 1e-300);
}

at::Tensor singularValues(const at::Tensor& x, bool centred) {
  const at::Tensor d = x.to(at::kDouble);
  if (!centred) return at::linalg_svdvals(d);
  const at::Tensor deviations = d - d.mean(0, true);
  // Identical rows centre to rounding noise, which must not pass for structure.
  const double noise = std::numeric_limits<double>::epsilon() * d.abs().max().item<double>() * 4.0;
  if (deviations.abs().max().item<double>() <= noise) return at::zeros({std::min(d.size(0), d.size(1))}, d.options());
  return at::linalg_svdvals(deviations);
}

at::Tensor singularValuesByGram(const at::Tensor& x, bool centred) {
  const int64_t rows = x.size(0);
  at::Tensor gram = at::zeros({x.size(1), x.size(1)}, x.options().dtype(at::kDouble));
  // Some rows after the others: a float64 copy of all of them would be twice what they take.
  constexpr int64_t kBlock = 2048;
  const auto overBlocks = [&](const auto& each) {
    for (int64_t first = 0; first < rows; first += kBlock) each(x.narrow(0, first, std::min(kBlock, rows - first)));
  };
  at::Tensor mean = at::zeros({1, x.size(1)}, gram.options());
  double largest_number = 0.0;
  overBlocks([&](const at::Tensor& block) {
    if (centred) mean += block.sum(0, true, at::kDouble) / static_cast<double>(rows);
    largest_number = std::max(largest_number, block.abs().max().template item<double>());
  });
  overBlocks([&](const at::Tensor& rows_of_block) {
    at::Tensor block = rows_of_block.to(at::kDouble);
    if (centred) block = block - mean;
    gram.addmm_(block.t(), block);
  });
  const at::Tensor values = at::linalg_eigvalsh(gram).clamp_min(0.0).sqrt().flip(0);
  // What lies under the rounding floor of the product or of the input itself is not a direction: identical rows centre
  // to noise.
  const double largest = values.numel() > 0 ? values[0].item<double>() : 0.0;
  const double unit =
      x.scalar_type() == at::kDouble ? std::numeric_limits<double>::epsilon() : std::numeric_limits<float>::epsilon();
  const double noise =
      rows > 0 ? unit * largest_number * std::sqrt(static_cast<double>(rows * x.size(1))) : 0.0;
  return at::where(values > std::max(largest * 1e-7, noise), values, at::zeros_like(values));
}

void PrincipalSums::add(const at::Tensor& part) {
  const at::NoGradGuard no_grad;
  const at::Tensor rows = part.to(at::kDouble);
  if (rows.size(0) == 0) return;
  if (!origin_.defined()) {
    origin_ = rows.mean(0);
    sum_ = at::zeros_like(origin_);
    products_ = at::zeros({rows.size(1), rows.size(1)}, rows.options());
  }
  const at::Tensor centred = rows - origin_;
  sum_ += centred.sum(0);
  products_.addmm_(centred.t(), centred);
  rows_ += rows.size(0);
}

PrincipalComponents PrincipalSums::fit(int64_t count) const {
  const at::NoGradGuard no_grad;
  const at::Tensor shift = sum_ / rows_;
  const at::Tensor covariance = (products_ - at::outer(shift, shift) * rows_) / static_cast<double>(std::max<int64_t>(1, rows_ - 1));
  const auto [values, vectors] = at::linalg_eigh(covariance);  // rising
  const at::Tensor variance = values.clamp_min(0.0).flip(0);
  const at::Tensor components = vectors.flip(1).narrow(1, 0, count).t().contiguous();
  const at::Tensor largest = components.gather(1, components.abs().argmax(1, true));
  PrincipalComponents out;
  out.mean = origin_ + shift;
  out.components = components * at::where(largest < 0, -at::ones_like(largest), at::ones_like(largest));
  out.explained_variance = variance.narrow(0, 0, count).contiguous();
  out.explained_ratio = out.explained_variance / variance.sum().clamp_min(1e-300);
  return out;
}

}  // namespace hvlm
