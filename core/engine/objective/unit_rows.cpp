// SPDX-License-Identifier: Apache-2.0
#include "engine/objective/unit_rows.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace hvlm {

// The root is taken of 1 where the norm is too small, so that no infinite derivative is ever multiplied by the zero.
at::Tensor unitRows(const at::Tensor& x) {
  const at::Tensor norm2 = (x * x).sum(1, true);  // [n, 1]
  const at::Tensor seen = norm2.detach() > 1e-24;
  const at::Tensor norm = at::where(seen, norm2, at::ones({}, x.options())).sqrt();
  return at::where(seen, x / norm, at::zeros({}, x.options()));
}

at::Tensor integerTensor(const std::vector<int64_t>& values, at::Device device) {
  at::Tensor t = at::empty({static_cast<int64_t>(values.size())}, at::kLong);
  std::copy(values.begin(), values.end(), t.data_ptr<int64_t>());
  return t.to(device);
}

at::Tensor equalPairs(const std::vector<int64_t>& a, const std::vector<int64_t>& b, at::Device device) {
  return integerTensor(a, device).unsqueeze(1).eq(integerTensor(b, device).unsqueeze(0));
}

}  // namespace hvlm
