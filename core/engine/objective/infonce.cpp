// SPDX-License-Identifier: Apache-2.0
#include "engine/objective/infonce.h"

#include <limits>

#include "support/error.h"

namespace hvlm {
namespace {

at::Tensor normalised(const at::Tensor& x) { return x / x.norm(2, 1, true).clamp_min(1e-12); }

// True where column j must not be a negative of row i.
at::Tensor sameGroup(const std::vector<int64_t>& groups, at::Device device) {
  const auto n = static_cast<int64_t>(groups.size());
  at::Tensor same = at::zeros({n, n}, at::kBool);
  auto cells = same.accessor<bool, 2>();
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < n; ++j) cells[i][j] = i != j && groups[i] == groups[j];
  }
  return same.to(device);
}

}  // namespace

InfoNce infoNce(const at::Tensor& a, const at::Tensor& b, const at::Tensor& temperature,
                const std::vector<int64_t>& groups) {
  if (a.dim() != 2 || a.sizes() != b.sizes() || temperature.numel() != 1 || a.size(0) < 1) {
    throw ShapeError("infoNce: expected two [n, D] and one temperature, found " + std::to_string(a.numel()) + ", " +
                     std::to_string(b.numel()) + " and " + std::to_string(temperature.numel()) + " numbers");
  }
  if (!groups.empty() && static_cast<int64_t>(groups.size()) != a.size(0))
    throw ShapeError("infoNce: one group for each row is needed");
  InfoNce result;
  result.logits = at::mm(normalised(a), normalised(b).t()) / temperature;  // [n, n]
  const at::Tensor seen = groups.empty() ? result.logits
                                         : result.logits.masked_fill(sameGroup(groups, a.device()),
                                                                     -std::numeric_limits<double>::infinity());
  result.a2b = -seen.log_softmax(1).diagonal().mean();
  result.b2a = -seen.log_softmax(0).diagonal().mean();
  result.loss = 0.5 * (result.a2b + result.b2a);
  return result;
}

}  // namespace hvlm
