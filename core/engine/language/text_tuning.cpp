// SPDX-License-Identifier: Apache-2.0
#include "engine/language/text_tuning.h"

#include <ATen/ATen.h>

#include <cmath>
#include <cstdio>

#include "support/describe.h"
#include "support/error.h"

namespace hvlm {
namespace {

// Uniform within 1 / sqrt(d), as LoraLinear begins.
at::Tensor initialA(int64_t rank, int64_t width, at::Generator& generator, const at::TensorOptions& options) {
  const double bound = 1.0 / std::sqrt(static_cast<double>(width));
  at::Tensor values = at::empty({rank, width}, at::kFloat);
  values.uniform_(-bound, bound, generator);
  return values.to(options);
}

}  // namespace

void TextTuningOptions::check(const std::string& where) const {
  TextTuningOptions copy = *this;
  const Fields fields(copy);
  for (const Field& field : fields.all()) fields.set(field.path, fieldText(field), where);
}

TextTuning::TextTuning(ParameterSet& set, const TextTuningOptions& options, const TextEncoder& encoder, at::Generator& generator,
                       at::TensorOptions tensor_options)
    : options_(options) {
  options.check("text tuning");
  const int64_t before = set.count(), width = encoder.width(), heads = encoder.heads();
  const auto lowRank = [&](const std::string& name) {
    const at::Tensor a = set.add(name + ".lora_A.weight", initialA(options.rank, width, generator, tensor_options));
    return LowRank{a, set.add(name + ".lora_B.weight", at::zeros({width, options.rank}, tensor_options))};
  };
  const auto bottleneck = [&](const std::string& name) {
    return Bottleneck::create(set, name, width, options.bottleneck, "gelu", generator, tensor_options);
  };
  for (int64_t l = 0; l < encoder.layers() && options.kind != "prefix"; ++l) {
    const std::string name = "tuning.layers." + std::to_string(l);
    Layer layer;
    if (options.kind == "lora") {
      layer.query = lowRank(name + ".query");
      layer.value = lowRank(name + ".value");
    } else {
      layer.attention = bottleneck(name + ".attention");
      layer.feed_forward = bottleneck(name + ".feed_forward");
    }
    layers_.push_back(std::move(layer));
  }
  if (options.kind == "prefix") {
    rows_ = PrefixAttention(set, "tuning.layers", encoder.layers(), heads, heads, options.prefix, width / heads, generator, tensor_options);
  }
  trained_ = set.count() - before;
}

at::Tensor TextTuning::projected(int64_t layer, Projection which, const at::Tensor& x, const at::Tensor& y) const {
  if (options_.kind != "lora" || (which != Projection::kQuery && which != Projection::kValue)) return y;
  const Layer& own = layers_.at(static_cast<size_t>(layer));
  const LowRank& change = which == Projection::kQuery ? own.query : own.value;
  const at::Tensor low = at::linear(dropout(x, options_.dropout, forward_), change.a);  // [B, T, rank]
  return y + at::linear(low, change.b) * (options_.alpha / static_cast<double>(options_.rank));
}

at::Tensor TextTuning::branch(int64_t layer, Branch which, const at::Tensor& y) const {
  if (options_.kind != "bottleneck") return y;
  const Layer& own = layers_.at(static_cast<size_t>(layer));
  return kept(y, which == Branch::kAttention ? own.attention(y) : own.feed_forward(y));
}

at::Tensor TextTuning::attended(int64_t layer, const at::Tensor& query, const at::Tensor& context) const {
  return options_.kind == "prefix" ? kept(context, rows_(context, query, layer)) : context;
}

// What an adapter adds, with dropout on it.
at::Tensor TextTuning::kept(const at::Tensor& before, const at::Tensor& after) const {
  if (!forward_.training || options_.dropout == 0.0) return after;
  return before + dropout(after - before, options_.dropout, forward_);
}

double TextTuning::trainedShare(int64_t frozen) const { return static_cast<double>(trained_) / static_cast<double>(trained_ + frozen); }

std::string TextTuning::summary(int64_t frozen) const {
  char share[32];
  std::snprintf(share, sizeof share, "%.2f", 100.0 * trainedShare(frozen));
  return "text encoder with " + options_.kind + ": " + std::to_string(trained_) + " of " + std::to_string(trained_ + frozen) +
         " numbers are trained (" + share + " %)";
}

int64_t numbersIn(const TensorMap& weights) {
  int64_t count = 0;
  for (const auto& [name, tensor] : weights) {
    if (tensor.dtype.find('F') == std::string::npos) continue;  // F16, BF16, F32, F64
    int64_t numbers = 1;
    for (const int64_t extent : tensor.shape) numbers *= extent;
    count += numbers;
  }
  return count;
}

}  // namespace hvlm
