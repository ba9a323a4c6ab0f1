// SPDX-License-Identifier: Apache-2.0
#include "engine/model/mixers/kinds.h"

namespace hvlm {
namespace {

// Gram-Schmidt on the rows of a square matrix, in their order.
void orthonormalise(at::Tensor& square) {
  auto cells = square.accessor<double, 2>();
  const int64_t n = square.size(0);
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < i; ++j) {
      double along = 0.0;
      for (int64_t k = 0; k < n; ++k) along += cells[i][k] * cells[j][k];
      for (int64_t k = 0; k < n; ++k) cells[i][k] -= along * cells[j][k];
    }
    double length = 0.0;
    for (int64_t k = 0; k < n; ++k) length += cells[i][k] * cells[i][k];
    length = std::sqrt(length);
    for (int64_t k = 0; k < n; ++k) cells[i][k] /= length;
  }
}

class PerformerMixer : public AttentionMixer {
 public:
  PerformerMixer(AttentionProjections projections, NamedTensor features)
      : AttentionMixer(std::move(projections)), features_(std::move(features)) {}
  std::vector<NamedTensor> buffers() const override { return {features_}; }

 private:
  // w x - |x|^2 / 2 of each feature; x carries the fourth root of the softmax's scale.
  at::Tensor exponents(const at::Tensor& x) const {
    const at::Tensor scaled = x * std::pow(static_cast<double>(x.size(-1)), -0.25);
    return at::matmul(scaled, features_.value.t()) - 0.5 * scaled.square().sum(-1, true);  // [1, H, T, m]
  }

  // Softmax attention's numerator and denominator are both sums over features of phi(q) phi(k). Each feature's largest
  // key exponent moves over to the query, then each query's largest exponent cancels: every key sum and every
  // denominator is at least 1, so nothing overflows, vanishes or needs an epsilon.
  at::Tensor attend(const HeadRows& run) const override {
    const at::Tensor key_exponent = exponents(run.key);
    const at::Tensor key_top = key_exponent.detach().amax(-2, true);  // [1, H, 1, m]
    const at::Tensor key = (key_exponent - key_top).exp();
    const at::Tensor query_exponent = exponents(run.query) + key_top;
    const at::Tensor query = (query_exponent - query_exponent.detach().amax(-1, true)).exp();
    const at::Tensor read = at::matmul(query, at::matmul(key.transpose(-2, -1), run.value));  // [1, H, T, c]
    return read / at::matmul(query, key.sum(-2, true).transpose(-2, -1));
  }

  NamedTensor features_;  // [m, c]
};

}  // namespace

at::Tensor orthogonalFeatures(int64_t features, int64_t channels, at::Generator& generator, at::TensorOptions options) {
  std::vector<at::Tensor> blocks;
  for (int64_t first = 0; first < features; first += channels) {
    at::Tensor block = normalInit({channels, channels}, 1.0, generator, at::kDouble);
    orthonormalise(block);
    blocks.push_back(block.narrow(0, 0, std::min(channels, features - first)));
  }
  const at::Tensor lengths = normalInit({features, channels}, 1.0, generator, at::kDouble).norm(2, {1}, true);
  return (at::cat(blocks, 0) * lengths).to(options);
}

MixerPointer performerMixer(AttentionProjections projections, NamedTensor features) {
  return std::make_shared<PerformerMixer>(std::move(projections), std::move(features));
}

}  // namespace hvlm
