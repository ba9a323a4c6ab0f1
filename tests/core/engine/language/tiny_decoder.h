// SPDX-License-Identifier: Apache-2.0
// A small decoder with weights large enough that attention is not flat, and comparisons, for the tests of this room.
#pragma once
#include <ATen/core/grad_mode.h>
#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/language/decoder.h"
#include "support/error.h"
#include "support/golden.h"

namespace hvlm::testing {

inline DecoderShape tinyShape() {
  DecoderShape shape;
  shape.vocabulary = 23;
  shape.width = 16;
  shape.layers = 2;
  shape.heads = 4;
  shape.kv_heads = 2;
  shape.hidden = 24;
  shape.max_positions = 300;
  return shape;
}

struct Tiny {
  ParameterSet set;
  Decoder decoder;
  explicit Tiny(const DecoderShape& shape, at::ScalarType type = at::kFloat, uint64_t seed = 3) {
    at::Generator generator = makeGenerator(seed);
    decoder = Decoder(set, "language.", shape, [&](const std::string& name, at::IntArrayRef sizes) {
      const at::Tensor noise = normalInit(sizes, 0.3, generator, type);
      return name.find("norm") == std::string::npos ? noise : 1.0 + noise;
    });
  }
};

inline at::Tensor randomSteps(int64_t rows, int64_t steps, int64_t width, uint64_t seed, at::ScalarType type = at::kFloat) {
  at::Generator generator = makeGenerator(seed);
  return normalInit({rows, steps, width}, 1.0, generator, type);
}

inline double relativeDifference(const at::Tensor& a, const at::Tensor& b) {
  if (a.sizes() != b.sizes()) return INFINITY;
  return ((a - b).abs().max() / b.abs().max()).item<double>();
}

inline at::Tensor whole(std::initializer_list<int64_t> values) { return at::tensor(at::ArrayRef<int64_t>(values), at::kLong); }

inline std::filesystem::path referenceFolder(const std::string& name) {
  return std::filesystem::path(sourceFolder()) / "tests/data/llama" / name;
}

// The message of the InputError that `call` throws; empty when it throws none.
inline std::string messageOf(const std::function<void()>& call) {
  try {
    call();
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

// Adam without weight decay on a few leaves.
class Adam {
 public:
  Adam(std::vector<at::Tensor> leaves, double rate) : leaves_(std::move(leaves)), rate_(rate) {
    for (const at::Tensor& leaf : leaves_) {
      means_.push_back(at::zeros_like(leaf).detach());
      squares_.push_back(at::zeros_like(leaf).detach());
    }
  }
  double step(const at::Tensor& loss) {  // returns the loss before it
    const auto gradients = torch::autograd::grad({loss}, leaves_, {}, {}, false, true);
    const at::NoGradGuard no_grad;
    ++steps_;
    for (size_t i = 0; i < leaves_.size(); ++i) {
      if (!gradients[i].defined()) continue;
      means_[i].mul_(0.9).add_(gradients[i], 0.1);
      squares_[i].mul_(0.99).addcmul_(gradients[i], gradients[i], 0.01);
      const at::Tensor deviation = (squares_[i] / (1 - std::pow(0.99, steps_))).sqrt() + 1e-8;
      leaves_[i].sub_(rate_ * (means_[i] / (1 - std::pow(0.9, steps_))) / deviation);
    }
    return loss.item<double>();
  }

 private:
  std::vector<at::Tensor> leaves_, means_, squares_;
  double rate_ = 0.0;
  int steps_ = 0;
};

// Largest difference between the gradient of `loss` and central differences at the `places` entries of `leaf` (double) with the
// largest gradient, relative to that gradient or 1e-3. Infinity when there is no gradient.
inline double gradientError(const std::function<at::Tensor()>& loss, at::Tensor leaf, int64_t places) {
  const at::Tensor gradient = torch::autograd::grad({loss()}, {leaf}, {}, {}, false, true)[0];
  if (!gradient.defined()) return INFINITY;
  const at::NoGradGuard no_grad;
  const at::Tensor flat = gradient.reshape({-1});
  at::Tensor numbers = leaf.detach().view({-1});
  const at::Tensor largest = std::get<1>(flat.abs().topk(std::min(places, flat.numel())));
  double error = 0.0;
  for (int64_t i = 0; i < largest.numel(); ++i) {
    const int64_t place = largest[i].item<int64_t>();
    const double before = numbers[place].item<double>(), expected = flat[place].item<double>();
    const auto lossAt = [&](double value) {
      numbers[place].fill_(value);
      return loss().item<double>();
    };
    const double difference = (lossAt(before + 1e-5) - lossAt(before - 1e-5)) / 2e-5;
    numbers[place].fill_(before);
    error = std::max(error, std::abs(difference - expected) / std::max(1e-3, std::abs(expected)));
  }
  return error;
}

// What the likeliest next token is, `count` times.
inline std::vector<int64_t> likeliest(const Decoder& decoder, const at::Tensor& ids, int64_t count) {
  KvCache cache;
  std::vector<int64_t> out;
  at::Tensor next = ids.view({1, -1});
  for (int64_t i = 0; i < count; ++i) {
    const at::Tensor hidden = decoder.forward(decoder.embed(next), {}, &cache);
    out.push_back(decoder.logits(hidden.select(1, -1)).argmax(-1).item<int64_t>());
    next = whole({out.back()}).view({1, 1});
  }
  return out;
}

}  // namespace hvlm::testing
