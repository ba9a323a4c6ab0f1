// SPDX-License-Identifier: Apache-2.0
#include "engine/model/edges.h"

#include <ATen/ATen.h>

#include <cmath>

#include "engine/model/recompute.h"

namespace hvlm {
namespace {

constexpr double kBorderPrior = 0.05;  // share of borders that the scores start from

// Rows on the left and on the right of every border; row N stands for what lies past the ends.
struct Sides {
  at::Tensor left, right;  // [N + R] int64
};

Sides sidesOf(const RunIndex& index, at::Device device) {
  const int64_t past = index.rows();
  std::vector<int64_t> left, right;
  left.reserve(static_cast<size_t>(past + index.runs()));
  right.reserve(left.capacity());
  for (size_t r = 0; r < index.lengths.size(); ++r) {
    for (int64_t i = 0; i <= index.lengths[r]; ++i) {
      left.push_back(i == 0 ? past : index.offsets[r] + i - 1);
      right.push_back(i == index.lengths[r] ? past : index.offsets[r] + i);
    }
  }
  return {indexTensor(left, device), indexTensor(right, device)};
}

at::Tensor withZeroRow(const at::Tensor& rows) { return at::cat({rows, at::zeros({1, rows.size(1)}, rows.options())}); }

}  // namespace

EdgeHead::EdgeHead(ParameterSet& set, int64_t width, int64_t hidden, double dropout, at::Generator& generator, at::TensorOptions options) : dropout_(dropout) {
  hidden_ = Linear::create(set, "edges.hidden", 2 * width + 2, hidden, generator, options);
  out_.weight = set.add("edges.out.weight", normalInit({2, hidden}, 0.01, generator, options));
  out_.bias = set.add("edges.out.bias", at::full({2}, std::log(kBorderPrior / (1.0 - kBorderPrior)), options), false);
}

at::Tensor EdgeHead::operator()(const at::Tensor& h, const at::Tensor& x, const RunIndex& index, const ForwardOptions& forward) const {
  const Sides sides = sidesOf(index, h.device());
  // The change across a border: the cosine of its two sides, and their distance as a share of the longest it could be.
  const at::Tensor features = withZeroRow(x.to(h.options()));
  const at::Tensor left = features.index_select(0, sides.left), right = features.index_select(0, sides.right);
  const at::Tensor norms = features.norm(2, 1, true);  // [N + 1, 1]
  const at::Tensor left_norm = norms.index_select(0, sides.left), right_norm = norms.index_select(0, sides.right);
  const at::Tensor cosine = (left * right).sum(1, true) / (left_norm * right_norm).clamp_min(1e-6);
  const at::Tensor distance = (left - right).norm(2, 1, true) / (left_norm + right_norm).clamp_min(1e-6);
  const auto logits = [this, sides, cosine, distance](const at::Tensor& rows, const ForwardOptions& f) {
    const at::Tensor steps = withZeroRow(rows);
    const at::Tensor read = at::cat({steps.index_select(0, sides.left), steps.index_select(0, sides.right), cosine, distance}, 1);
    return out_(hvlm::dropout(at::gelu(hidden_(read)), dropout_, f));
  };
  return recomputed(logits, h, {hidden_.weight, hidden_.bias, out_.weight, out_.bias}, forward);
}

std::vector<int64_t> borderOffsets(const std::vector<int64_t>& offsets) {
  std::vector<int64_t> rows(offsets.size());
  for (size_t r = 0; r < offsets.size(); ++r) rows[r] = offsets[r] + static_cast<int64_t>(r);
  return rows;
}

}  // namespace hvlm
