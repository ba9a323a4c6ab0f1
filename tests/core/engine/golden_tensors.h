// SPDX-License-Identifier: Apache-2.0
// Golden arrays as tensors, and comparisons for tests of the engine. Include below ATen.
#pragma once
#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <QtTest>
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "support/golden.h"

namespace hvlm::testing {

constexpr double kDoubleTolerance = 1e-9;  // relative to the largest magnitude of the array
constexpr double kFloatTolerance = 2e-5;
constexpr double kFloatGradientTolerance = 1e-4;  // through several layers
constexpr double kRounding = 1e-12;  // below this two numbers are equal: an exact zero may come out at rounding size

inline at::Tensor tensorOf(const NpyArray& array, at::ScalarType type = at::kDouble) {
  return at::tensor(array.values, at::kDouble).view(array.shape).to(type);
}
inline at::Tensor leafOf(const NpyArray& array, at::ScalarType type = at::kDouble) {
  return tensorOf(array, type).requires_grad_(true);
}
inline std::vector<int64_t> integersOf(const NpyArray& array) { return {array.values.begin(), array.values.end()}; }
inline std::vector<double> valuesOf(const at::Tensor& tensor) {
  const at::Tensor flat = tensor.detach().to(at::kCPU, at::kDouble).contiguous().view({-1});
  return {flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel()};
}

// Gradients of sum(output * upstream) (upstream undefined: of the scalar output); zeros for an input without influence.
inline std::vector<at::Tensor> gradientsOf(const at::Tensor& output, const std::vector<at::Tensor>& inputs,
                                           const at::Tensor& upstream = {}) {
  const at::Tensor scalar = upstream.defined() ? (output * upstream).sum() : output.sum();
  std::vector<at::Tensor> gradients;
  if (scalar.requires_grad()) gradients = torch::autograd::grad({scalar}, inputs, {}, true, false, true);
  gradients.resize(inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!gradients[i].defined()) gradients[i] = at::zeros_like(inputs[i]);
  }
  return gradients;
}

// Largest difference over the largest expected magnitude; infinity for another shape, 0 for differences of rounding
// size.
inline double errorOf(const at::Tensor& actual, const NpyArray& expected, double rounding = kRounding) {
  if (actual.numel() != expected.size()) return std::numeric_limits<double>::infinity();
  const bool scalar = expected.size() == 1 && actual.dim() == 0;
  if (!scalar && actual.sizes() != at::IntArrayRef(expected.shape)) return std::numeric_limits<double>::infinity();
  const std::vector<double> values = valuesOf(actual);
  double largest = 0.0;
  double difference = 0.0;
  for (size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) return std::numeric_limits<double>::infinity();
    largest = std::max(largest, std::abs(expected.values[i]));
    difference = std::max(difference, std::abs(values[i] - expected.values[i]));
  }
  return difference <= rounding ? 0.0 : difference / std::max(largest, rounding);
}

// The error of one array of float32 results: their own rounding size is larger.
inline double floatErrorOf(const at::Tensor& actual, const NpyArray& expected) {
  return errorOf(actual, expected, 1e-6);
}

}  // namespace hvlm::testing

// Both return from the calling slot on failure.
#define VERIFY_WITHIN(error, tolerance, what)                                                           \
  do {                                                                                                  \
    const double error_ = (error);                                                                      \
    QVERIFY2(error_ <= (tolerance),                                                                     \
             qPrintable(QStringLiteral("%1: error %2").arg(QString::fromStdString(what)).arg(error_))); \
  } while (false)
#define VERIFY_ALL_USED(file)                                                                       \
  do {                                                                                              \
    const auto unused_ = (file).unused();                                                           \
    QVERIFY2(unused_.empty(), unused_.empty() ? "" : ("unknown field " + unused_.front()).c_str()); \
  } while (false)
