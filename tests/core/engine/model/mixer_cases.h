// SPDX-License-Identifier: Apache-2.0
// Tiny mixers, dense references and an allocation counter for tests of the sequence mixers. Include below ATen.
#pragma once
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <c10/core/Allocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>

#include <QString>
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "engine/model/mixers/mixer.h"

namespace hvlm::testing {

inline const std::vector<std::string>& allMixers() {
  static const std::vector<std::string> names = {"full",   "flash",  "window",    "strided", "global",
                                                 "memory", "linear", "performer", "mamba",   "maxpool"};
  return names;
}

inline at::Tensor randomTensor(at::IntArrayRef sizes, uint64_t seed, at::ScalarType type = at::kDouble) {
  at::Generator generator = makeGenerator(seed);
  return normalInit(sizes, 1.0, generator, type);
}

inline EncoderOptions tinyOptions(const std::string& mixer) {
  EncoderOptions options;
  options.mixer = mixer;
  options.dim = 8;
  options.heads = 2;
  options.mixer_window = 3;
  options.mixer_stride = 3;
  options.mixer_globals = 2;
  options.mixer_memory = 4;
  options.mixer_features = 16;
  options.mixer_state = 3;
  return options;
}

// A mixer with its parameters, moved off their initial zeros.
struct TinyMixer {
  ParameterSet set;
  std::shared_ptr<const SequenceMixer> mixer;
  EncoderOptions options;

  explicit TinyMixer(const EncoderOptions& o, at::ScalarType type = at::kDouble, uint64_t seed = 1) : options(o) {
    at::Generator generator = makeGenerator(seed);
    mixer = makeMixer(set, "m", o, generator, type);
    at::Generator other = makeGenerator(seed + 100);
    for (const at::Tensor& p : set.tensors()) p.detach().add_(normalInit(p.sizes(), 0.1, other, type));
  }
  at::Tensor operator()(const at::Tensor& x, const std::vector<int64_t>& offsets) const {
    return (*mixer)(x, makeRunIndex(offsets, at::kCPU));
  }
  at::Tensor operator()(const at::Tensor& run) const { return (*this)(run, {0, run.size(0)}); }
  at::Tensor value(const std::string& name) const { return *set.find("m." + name); }

  // Query, key and value rows of the attention mixers as [H, T, c].
  std::vector<at::Tensor> projected(const at::Tensor& rows) const {
    std::vector<at::Tensor> parts;
    for (const at::Tensor& part :
         at::linear(rows, value("self_attn.in_proj_weight"), value("self_attn.in_proj_bias")).chunk(3, 1)) {
      parts.push_back(part.view({rows.size(0), options.heads, options.dim / options.heads}).transpose(0, 1));
    }
    return parts;
  }
  at::Tensor outwards(const at::Tensor& heads) const {  // [H, T, c] -> [T, d]
    const at::Tensor rows = heads.transpose(0, 1).reshape({heads.size(1), options.dim});
    return at::linear(rows, value("self_attn.out_proj.weight"), value("self_attn.out_proj.bias"));
  }
};

// Softmax attention with the whole matrix: heads [H, T, c] and [H, K, c], `seen` [T, K] bool, `bias` [K].
inline at::Tensor denseAttention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                                 const at::Tensor& seen = {}, const at::Tensor& bias = {}) {
  at::Tensor scores = at::matmul(query, key.transpose(1, 2)) / std::sqrt(static_cast<double>(query.size(2)));
  if (bias.defined()) scores = scores + bias;
  if (seen.defined()) scores = scores.masked_fill(seen.logical_not(), -std::numeric_limits<double>::infinity());
  return at::matmul(scores.softmax(-1), value);
}

inline at::Tensor bandMask(int64_t steps, int64_t reach) {
  const at::Tensor rows = at::arange(steps);
  return (rows.unsqueeze(1) - rows).abs() <= reach;
}

inline double largestDifference(const at::Tensor& a, const at::Tensor& b) {
  if (a.sizes() != b.sizes()) return std::numeric_limits<double>::infinity();
  const double difference = (a - b).abs().max().item<double>();
  return std::isfinite(difference) ? difference : std::numeric_limits<double>::infinity();
}

// Bytes of tensors on this thread while it lives: the largest single one, and the most that lived at once.
class AllocationCounter : public c10::MemoryReportingInfoBase {
 public:
  void reportMemoryUsage(void*, int64_t size, size_t, size_t, c10::Device) override {
    live_ += size;
    peak_ = std::max(peak_, live_);
    largest_ = std::max(largest_, size);
  }
  bool memoryProfilingEnabled() const override { return true; }
  int64_t peak() const { return peak_; }
  int64_t largest() const { return largest_; }

  static std::shared_ptr<AllocationCounter> during(const std::function<void()>& work) {
    auto counter = std::make_shared<AllocationCounter>();
    const c10::DebugInfoGuard guard(c10::DebugInfoKind::PROFILER_STATE, counter);
    work();
    return counter;
  }

 private:
  int64_t live_ = 0;
  int64_t peak_ = 0;
  int64_t largest_ = 0;
};

// Compares the gradient of sum(output * upstream) with central differences, a few cells of each leaf; empty when equal.
inline QString gradientFault(const std::function<at::Tensor()>& output,
                             const std::vector<std::pair<std::string, at::Tensor>>& leaves, int64_t cells = 6) {
  const at::Tensor first = output();
  const at::Tensor upstream = randomTensor(first.sizes(), 77);
  const auto loss = [&] { return (output() * upstream).sum(); };
  for (const auto& leaf : leaves) leaf.second.mutable_grad() = at::Tensor();
  loss().backward();
  const at::NoGradGuard no_grad;
  for (const auto& [name, leaf] : leaves) {
    const at::Tensor gradient = leaf.grad();
    for (int64_t i = 0; i < leaf.numel(); i += std::max<int64_t>(leaf.numel() / cells, 1)) {
      const at::Tensor cell = leaf.view({-1})[i];
      const double value = cell.item<double>();
      const double step = 1e-5;
      cell.fill_(value + step);
      const double above = loss().item<double>();
      cell.fill_(value - step);
      const double below = loss().item<double>();
      cell.fill_(value);
      const double expected = (above - below) / (2 * step);
      const double actual = gradient.defined() ? gradient.view({-1})[i].item<double>() : 0.0;
      if (!(std::abs(actual - expected) < 1e-7 + 1e-5 * std::abs(expected))) {
        return QStringLiteral("%1[%2]: %3, differences %4")
            .arg(QString::fromStdString(name))
            .arg(i)
            .arg(actual)
            .arg(expected);
      }
    }
  }
  return {};
}

}  // namespace hvlm::testing
