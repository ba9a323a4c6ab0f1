// SPDX-License-Identifier: Apache-2.0
#include "engine/language/rope.h"

#include <ATen/ATen.h>

#include <cmath>
#include <numbers>

#include "support/error.h"

namespace hvlm {
namespace {

// Wavelengths of up to original / high keep their frequency, those beyond original / low are divided by the factor.
double llama3(double frequency, const RopeOptions& rope) {
  const double turns = static_cast<double>(rope.original_positions) * frequency / (2.0 * std::numbers::pi);  // within the original length
  if (turns < rope.low_freq_factor) return frequency / rope.factor;
  if (turns > rope.high_freq_factor) return frequency;
  const double smooth = (turns - rope.low_freq_factor) / (rope.high_freq_factor - rope.low_freq_factor);
  return (1.0 - smooth) * frequency / rope.factor + smooth * frequency;
}

}  // namespace

at::Tensor ropeFrequencies(const RopeOptions& rope, int64_t head_dim) {
  if (rope.type != "default" && rope.type != "linear" && rope.type != "llama3") {
    throw InputError({.where = "rope_type", .expected = "default, linear or llama3", .found = rope.type,
                      .remedy = "Take a model without this kind of position scaling."});
  }
  at::Tensor frequencies = at::empty({head_dim / 2}, at::kDouble);
  double* out = frequencies.mutable_data_ptr<double>();
  for (int64_t i = 0; i < head_dim / 2; ++i) {
    const double frequency = std::pow(rope.theta, -2.0 * static_cast<double>(i) / static_cast<double>(head_dim));
    out[i] = rope.type == "linear" ? frequency / rope.factor : rope.type == "llama3" ? llama3(frequency, rope) : frequency;
  }
  return frequencies;
}

RopeTable ropeTable(const at::Tensor& positions, const at::Tensor& frequencies, at::TensorOptions options) {
  const at::Tensor angles = positions.to(at::kDouble).unsqueeze(-1) * frequencies.to(positions.device());  // [B, T, c/2]
  const auto plain = options.requires_grad(false);
  return {angles.cos().to(plain).unsqueeze(1), angles.sin().to(plain).unsqueeze(1)};
}

at::Tensor rotate(const at::Tensor& x, const RopeTable& table) {
  const std::vector<at::Tensor> half = x.chunk(2, -1);
  return at::cat({half[0] * table.cosine - half[1] * table.sine, half[1] * table.cosine + half[0] * table.sine}, -1);
}

}  // namespace hvlm
