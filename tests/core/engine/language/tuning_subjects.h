// SPDX-License-Identifier: Apache-2.0
// A tiny text encoder with adapters, and texts to put through it.
#pragma once
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cmath>
#include <string>
#include <vector>

#include "core/engine/language/tiny_bert.h"
#include "engine/language/text_tuning.h"

namespace hvlm::testing {

// Eight texts of 3 to 10 tokens; every second one belongs to the one before it.
struct Texts {
  at::Tensor ids;
  std::vector<int64_t> lengths{3, 8, 5, 10, 4, 6, 7, 9};
  Texts() {
    at::Generator generator = makeGenerator(8);
    ids = at::randint(5, 60, {8, 10}, generator, at::kLong);
    ids.select(1, 0).fill_(2);
    for (int64_t b = 0; b < 8; ++b) ids[b][lengths[static_cast<size_t>(b)] - 1].fill_(3);
  }
};

inline TextTuningOptions optionsOf(const std::string& kind, double dropout = 0.0) {
  return {.kind = kind, .rank = 3, .alpha = 6.0, .bottleneck = 5, .prefix = 4, .dropout = dropout};
}

// The tiny encoder with a tuning of its own.
struct Tuned {
  ParameterSet set;
  TextEncoder encoder;
  at::Generator generator = makeGenerator(6);
  TextTuning tuning;
  explicit Tuned(const TextTuningOptions& options, at::ScalarType type = at::kDouble)
      : encoder(tinyBert(1), "tiny", kBertHeads, type), tuning(set, options, encoder, generator, type) {}
  // As after some training: every number at a random place.
  Tuned& scatter(double deviation = 0.5) {
    const at::NoGradGuard no_grad;
    for (const at::Tensor& p : set.tensors()) p.copy_(normalInit(p.sizes(), deviation, generator, p.options().requires_grad(false)));
    return *this;
  }
  at::Tensor embed(const Texts& texts) const { return encoder.embed(texts.ids, texts.lengths, &tuning); }
  at::Tensor frozen(const Texts& texts) const { return encoder.embed(texts.ids, texts.lengths); }
  const at::Tensor& leaf(const std::string& name) const { return *set.find("tuning.layers." + name); }
};

inline double distance(const at::Tensor& a, const at::Tensor& b) {
  return a.sizes() == b.sizes() ? (a - b).abs().max().item<double>() : INFINITY;
}

}  // namespace hvlm::testing
