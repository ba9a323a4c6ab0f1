// SPDX-License-Identifier: Apache-2.0
// Rows, switches and comparisons for tests of the fused kernels. Include below ATen.
#pragma once
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/autograd.h>

#include <QString>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <vector>

#include "engine/kernels/kernels.h"
#include "engine/model/parameters.h"

namespace hvlm::testing {

using Lengths = std::vector<int64_t>;

inline at::Tensor randomRows(at::IntArrayRef sizes, uint64_t seed, double scale = 1.0) {
  at::Generator generator = makeGenerator(seed);
  return at::empty(sizes, at::kFloat).normal_(0.0, scale, generator);
}

inline std::vector<int64_t> offsetsOf(const Lengths& lengths) {
  std::vector<int64_t> offsets{0};
  for (const int64_t length : lengths) offsets.push_back(offsets.back() + length);
  return offsets;
}

// Plain kernels while it lives.
struct PlainGuard {
  PlainGuard() { forcePlain(true); }
  ~PlainGuard() { forcePlain(false); }
  PlainGuard(const PlainGuard&) = delete;
  PlainGuard& operator=(const PlainGuard&) = delete;
};

struct ThreadsGuard {
  explicit ThreadsGuard(int threads) : before_(at::get_num_threads()) { at::set_num_threads(threads); }
  ~ThreadsGuard() { at::set_num_threads(before_); }
  ThreadsGuard(const ThreadsGuard&) = delete;
  ThreadsGuard& operator=(const ThreadsGuard&) = delete;

 private:
  int before_;
};

// |a - b| / |b| over all numbers; infinite when the shapes differ or a number is not finite.
inline double relativeDistance(const at::Tensor& a, const at::Tensor& b) {
  if (!a.defined() || !b.defined() || a.sizes() != b.sizes()) return std::numeric_limits<double>::infinity();
  const at::Tensor x = a.detach().to(at::kDouble), y = b.detach().to(at::kDouble);
  const double distance = (x - y).norm().item<double>(), length = y.norm().item<double>();
  if (!std::isfinite(distance)) return std::numeric_limits<double>::infinity();
  return length > 0.0 ? distance / length : distance;
}

inline bool sameBits(const at::Tensor& a, const at::Tensor& b) {
  if (a.sizes() != b.sizes() || a.scalar_type() != b.scalar_type()) return false;
  const at::Tensor x = a.detach().contiguous(), y = b.detach().contiguous();
  return x.numel() == 0 || std::memcmp(x.const_data_ptr(), y.const_data_ptr(), x.nbytes()) == 0;
}
inline bool sameBits(const std::vector<at::Tensor>& a, const std::vector<at::Tensor>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const at::Tensor& x, const at::Tensor& y) { return sameBits(x, y); });
}

// Outputs of `work` on leaves with these values and type, then the leaves' gradients under fixed random upstream gradients.
using Work = std::function<std::vector<at::Tensor>(const std::vector<at::Tensor>& leaves)>;
inline std::vector<at::Tensor> resultsOf(const Work& work, const std::vector<at::Tensor>& values, at::ScalarType type = at::kFloat) {
  std::vector<at::Tensor> leaves;
  for (const at::Tensor& value : values) leaves.push_back(value.detach().to(type).clone().requires_grad_(true));
  std::vector<at::Tensor> results = work(leaves);
  std::vector<at::Tensor> roots, upstream;
  for (size_t i = 0; i < results.size(); ++i) {
    if (!results[i].requires_grad()) continue;
    roots.push_back(results[i]);
    upstream.push_back(randomRows(results[i].sizes(), 1000 + i).to(type));
  }
  const auto gradients = torch::autograd::grad(roots, leaves, upstream, {}, false, /*allow_unused=*/true);
  for (size_t i = 0; i < leaves.size(); ++i) results.push_back(gradients[i].defined() ? gradients[i] : at::zeros_like(leaves[i]));
  return results;
}

// Fused float against plain double: empty, or which result is farther away than 1e-6 of its length. Where the numbers cancel more than
// that in float, twice as far as the plain version in float.
inline QString differenceFromPlain(const Work& work, const std::vector<at::Tensor>& values) {
  const auto fused = resultsOf(work, values);
  const PlainGuard plain;
  const auto exact = resultsOf(work, values, at::kDouble), rounded = resultsOf(work, values);
  for (size_t i = 0; i < exact.size(); ++i) {
    const double distance = relativeDistance(fused[i], exact[i]), usual = relativeDistance(rounded[i], exact[i]);
    if (!(distance <= std::max(1e-6, 2.0 * usual))) return QStringLiteral("result %1: %2, plain %3").arg(i).arg(distance).arg(usual);
  }
  return {};
}

// Gradients of the fused float kernel against central differences of the plain double one, for every cell of every leaf.
inline QString differenceFromSlopes(const Work& work, const std::vector<at::Tensor>& values) {
  const auto fused = resultsOf(work, values);
  const size_t outputs = fused.size() - values.size();
  const PlainGuard plain;
  std::vector<at::Tensor> moved;
  for (const at::Tensor& value : values) moved.push_back(value.detach().to(at::kDouble).clone());
  const auto loss = [&] {
    const auto results = work(moved);
    double sum = 0.0;
    for (size_t i = 0; i < outputs; ++i) sum += (results[i] * randomRows(results[i].sizes(), 1000 + i).to(at::kDouble)).sum().item<double>();
    return sum;
  };
  for (size_t leaf = 0; leaf < moved.size(); ++leaf) {
    at::Tensor slopes = at::zeros_like(moved[leaf]);
    for (int64_t i = 0; i < slopes.numel(); ++i) {
      double& cell = moved[leaf].data_ptr<double>()[i];
      const double kept = cell;
      cell = kept + 1e-5;
      const double above = loss();
      cell = kept - 1e-5;
      slopes.data_ptr<double>()[i] = (above - loss()) / 2e-5;
      cell = kept;
    }
    const double distance = relativeDistance(fused[outputs + leaf], slopes);
    if (!(distance < 2e-6)) return QStringLiteral("leaf %1: %2").arg(leaf).arg(distance);
  }
  return {};
}

// Whether the results are the same bit by bit with any number of threads, and twice.
inline bool sameForAnyThreads(const Work& work, const std::vector<at::Tensor>& values) {
  const ThreadsGuard one(1);
  const auto first = resultsOf(work, values);
  for (const int threads : {1, 2, 3, 7}) {
    const ThreadsGuard more(threads);
    if (!sameBits(resultsOf(work, values), first)) return false;
  }
  return true;
}

}  // namespace hvlm::testing

// The processor or HVLM_PLAIN_KERNELS leaves nothing to compare.
#define SKIP_WITHOUT_FUSED() \
  if (!hvlm::fusedAvailable()) QSKIP("only the plain kernels run here")
