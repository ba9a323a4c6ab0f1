// SPDX-License-Identifier: Apache-2.0
#include "engine/backbone/c3d.h"

#include <ATen/ATen.h>

#include <array>

#include "engine/model/plain_tensor.h"
#include "support/error.h"

namespace hvlm {
namespace {

constexpr int64_t kFrames = 16, kSide = 112, kHidden = 4096;

struct Layer {
  const char* name;
  const char* other;  // what other ports call it
  int64_t in, out;
  bool pool;          // 2x2x2 behind it (the first one 1x2x2)
};
constexpr std::array<Layer, 8> kLayers = {{{"conv1a", "conv1", 3, 64, true}, {"conv2a", "conv2", 64, 128, true}, {"conv3a", "conv3_1", 128, 256, false}, {"conv3b", "conv3_2", 256, 256, true},
                                           {"conv4a", "conv4_1", 256, 512, false}, {"conv4b", "conv4_2", 512, 512, true}, {"conv5a", "conv5_1", 512, 512, false}, {"conv5b", "conv5_2", 512, 512, true}}};

std::string text(const std::vector<int64_t>& shape) {
  std::string s = "[";
  for (const int64_t n : shape) s += (s.size() > 1 ? ", " : "") + std::to_string(n);
  return s + "]";
}

// The one tensor whose name is, or ends in ".", one of the two names.
at::Tensor find(const TensorMap& weights, const std::string& where, const std::string& name, const std::string& other, const std::string& part, const std::vector<int64_t>& shape) {
  for (const auto& [key, tensor] : weights) {
    for (const std::string& wanted : {name + "." + part, other + "." + part}) {
      if (key != wanted && !key.ends_with("." + wanted)) continue;
      if (tensor.shape == shape) return fromPlain(tensor, where + ": " + key).to(at::kFloat);
      throw InputError({.where = where + ": " + key, .expected = "shape " + text(shape) + " (C3D, Sports-1M)", .found = text(tensor.shape), .remedy = "Use weights of the Sports-1M network."});
    }
  }
  std::string known;
  for (const auto& [key, tensor] : weights) {
    if (known.size() < 200) known += (known.empty() ? "" : ", ") + key;
  }
  throw InputError({.where = where, .expected = "a tensor " + name + "." + part + " (or " + other + "." + part + ")", .found = "none; there are " + known, .remedy = "Use weights of the Sports-1M network."});
}

class C3d : public Backbone {
 public:
  C3d(const TensorMap& weights, const std::string& where, bool fc7, std::string hash) : fc7_(fc7), hash_(std::move(hash)) {
    for (const Layer& layer : kLayers) {
      const at::Tensor weight = find(weights, where, layer.name, layer.other, "weight", {layer.out, layer.in, 3, 3, 3});
      convolutions_.emplace_back(weight, find(weights, where, layer.name, layer.other, "bias", {layer.out}));
    }
    full_.emplace_back(find(weights, where, "fc6", "fc6-1", "weight", {kHidden, 8192}), find(weights, where, "fc6", "fc6-1", "bias", {kHidden}));
    if (fc7) full_.emplace_back(find(weights, where, "fc7", "fc7-1", "weight", {kHidden, kHidden}), find(weights, where, "fc7", "fc7-1", "bias", {kHidden}));
  }
  std::string name() const override { return fc7_ ? "c3d-fc7" : "c3d-fc6"; }
  int64_t width() const override { return kHidden; }
  int64_t inputSize() const override { return kSide; }
  int64_t clipFrames() const override { return kFrames; }
  std::string weightsHash() const override { return hash_; }

  at::Tensor forward(const at::Tensor& frames) override {
    const at::NoGradGuard no_grad;
    // [N, T, H, W, RGB] -> [N, BGR, T, H, W]
    at::Tensor x = frames.to(at::kFloat).flip({4}) - at::tensor({104.0f, 117.0f, 128.0f});
    x = x.permute({0, 4, 1, 2, 3}).contiguous();
    for (size_t i = 0; i < convolutions_.size(); ++i) {
      x = at::relu(at::conv3d(x, convolutions_[i].first, convolutions_[i].second, at::IntArrayRef({1, 1, 1}), at::IntArrayRef({1, 1, 1})));
      if (!kLayers[i].pool) continue;
      const int64_t steps = i == 0 ? 1 : 2;
      const bool last = i + 1 == convolutions_.size();  // 7 x 7 becomes 4 x 4
      x = at::max_pool3d(x, {steps, 2, 2}, {steps, 2, 2}, {0, last ? 1 : 0, last ? 1 : 0});
    }
    x = x.flatten(1);
    for (const auto& [weight, bias] : full_) x = at::relu(at::addmm(bias, x, weight.t()));
    return x;
  }

 private:
  bool fc7_;
  std::string hash_;
  std::vector<std::pair<at::Tensor, at::Tensor>> convolutions_, full_;
};

}  // namespace

std::unique_ptr<Backbone> makeC3d(const TensorMap& weights, const std::string& where, const std::string& layer, const std::string& hash) {
  if (!layer.empty() && layer != "fc6" && layer != "fc7") {
    throw InputError({.where = "--layer", .expected = "fc6 or fc7", .found = layer, .remedy = "Choose one of them."});
  }
  return std::make_unique<C3d>(weights, where, layer == "fc7", hash);
}

}  // namespace hvlm
