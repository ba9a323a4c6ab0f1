// SPDX-License-Identifier: Apache-2.0
// Gradients by central differences, for tests of losses in double. Include below ATen.
#pragma once
#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <functional>

namespace hvlm::testing {

// Largest difference between the gradient of the scalar `loss` at x and its central differences.
inline double gradientError(const std::function<at::Tensor(const at::Tensor&)>& loss, const at::Tensor& at_x) {
  const double step = 1e-6;
  const at::Tensor leaf = at_x.detach().clone().requires_grad_(true);
  const at::Tensor gradient = torch::autograd::grad({loss(leaf)}, {leaf})[0].contiguous();
  at::Tensor moved = at_x.detach().clone().contiguous();
  double worst = 0.0;
  for (int64_t i = 0; i < moved.numel(); ++i) {
    double& value = moved.data_ptr<double>()[i];
    const double kept = value;
    value = kept + step;
    const double above = loss(moved).item<double>();
    value = kept - step;
    const double below = loss(moved).item<double>();
    value = kept;
    worst = std::max(worst, std::abs((above - below) / (2.0 * step) - gradient.data_ptr<double>()[i]));
  }
  return worst;
}

// Values between -1 and 1 that are no multiples of each other, the same on every machine.
inline at::Tensor someRows(int64_t rows, int64_t width, double phase = 0.0) {
  return (at::arange(rows * width, at::kDouble) * 1.7 + phase).sin().view({rows, width});
}

}  // namespace hvlm::testing
