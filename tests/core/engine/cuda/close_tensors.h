// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/ATen.h>

#include <algorithm>
#include <sstream>
#include <string>

namespace hvlm::cuda::testing {

// Empty when every number of `a` lies within `relative` of the largest number of `b`; else what differs.
inline std::string difference(const at::Tensor& a, const at::Tensor& b, double relative) {
  if (a.sizes() != b.sizes()) return "other shapes";
  if (a.numel() == 0) return "";
  const at::Tensor mine = a.detach().to(at::kCPU, at::kDouble), plain = b.detach().to(at::kCPU, at::kDouble);
  if (!mine.isfinite().all().item<bool>()) return "not finite";
  const double apart = (mine - plain).abs().max().item<double>();
  const double scale = std::max(plain.abs().max().item<double>(), 1e-12);
  if (apart <= relative * scale) return "";
  std::ostringstream text;
  text << apart << " apart, largest " << scale;
  return text.str();
}

}  // namespace hvlm::cuda::testing
