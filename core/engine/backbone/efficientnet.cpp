// SPDX-License-Identifier: Apache-2.0
#include "engine/backbone/efficientnet.h"

#include <ATen/ATen.h>

#include <array>

#include "engine/model/plain_tensor.h"
#include "support/error.h"

namespace hvlm {
namespace {

constexpr double kEpsilon = 1e-3;  // of the batch norms

struct Stage {
  int64_t repeats, kernel, stride, expand, width;
};
constexpr std::array<Stage, 7> kStages = {{{1, 3, 1, 1, 16}, {2, 3, 2, 6, 24}, {2, 5, 2, 6, 40}, {3, 3, 2, 6, 80}, {3, 5, 1, 6, 112}, {4, 5, 2, 6, 192}, {1, 3, 1, 6, 320}}};

class Weights {
 public:
  Weights(const TensorMap& tensors, std::string where) : tensors_(tensors), where_(std::move(where)) {}
  at::Tensor get(const std::string& name, const std::vector<int64_t>& shape) const {
    const auto found = tensors_.find(name);
    if (found == tensors_.end()) refuse("a tensor " + name, "none");
    if (found->second.shape != shape) refuse(name + " of shape " + text(shape), text(found->second.shape));
    return fromPlain(found->second, where_ + ": " + name).to(at::kDouble);
  }
  // A convolution without bias and the batch norm behind it as one convolution with bias (in double, then float).
  std::pair<at::Tensor, at::Tensor> folded(const std::string& convolution, const std::string& norm, int64_t out, int64_t in, int64_t kernel) const {
    const at::Tensor weight = get(convolution + ".weight", {out, in, kernel, kernel});
    const at::Tensor scale = get(norm + ".weight", {out}) / (get(norm + ".running_var", {out}) + kEpsilon).sqrt();
    const at::Tensor bias = get(norm + ".bias", {out}) - get(norm + ".running_mean", {out}) * scale;
    return {(weight * scale.view({-1, 1, 1, 1})).to(at::kFloat).contiguous(), bias.to(at::kFloat)};
  }

 private:
  static std::string text(const std::vector<int64_t>& shape) {
    std::string s = "[";
    for (const int64_t n : shape) s += (s.size() > 1 ? ", " : "") + std::to_string(n);
    return s + "]";
  }
  [[noreturn]] void refuse(const std::string& expected, const std::string& found) const {
    throw InputError({.where = where_, .expected = expected + " (EfficientNet-Lite0)", .found = found, .remedy = "Import the package again: hvlm weights import efficientnet-lite0-….pth"});
  }
  const TensorMap& tensors_;
  std::string where_;
};

}  // namespace

EfficientNetLite0::EfficientNetLite0(const TensorMap& tensors, const std::string& where) {
  const Weights weights(tensors, where);
  const auto convolution = [&](const std::string& name, const std::string& norm, int64_t out, int64_t in, int64_t kernel, int64_t stride, int64_t groups, bool activate) {
    const auto [weight, bias] = weights.folded(name, norm, out, in / groups, kernel);
    return Convolution{.weight = weight, .bias = bias, .stride = stride, .groups = groups, .activate = activate};
  };
  stem_ = convolution("_conv_stem", "_bn0", 32, 3, 3, 2, 1, true);
  int64_t width = 32;
  for (const Stage& stage : kStages) {
    for (int64_t r = 0; r < stage.repeats; ++r) {
      const std::string at = "_blocks." + std::to_string(blocks_.size()) + ".";
      const int64_t stride = r == 0 ? stage.stride : 1, inner = width * stage.expand;
      Block block;
      if (stage.expand > 1) block.steps.push_back(convolution(at + "_expand_conv", at + "_bn0", inner, width, 1, 1, 1, true));
      block.steps.push_back(convolution(at + "_depthwise_conv", at + "_bn1", inner, inner, stage.kernel, stride, inner, true));
      block.steps.push_back(convolution(at + "_project_conv", at + "_bn2", stage.width, inner, 1, 1, 1, false));
      block.skip = stride == 1 && width == stage.width;
      width = stage.width;
      blocks_.push_back(std::move(block));
    }
  }
  head_ = convolution("_conv_head", "_bn1", 1280, width, 1, 1, 1, true);
  classifier_weight_ = weights.get("_fc.weight", {1000, 1280}).to(at::kFloat);
  classifier_bias_ = weights.get("_fc.bias", {1000}).to(at::kFloat);
}

at::Tensor EfficientNetLite0::apply(const Convolution& c, const at::Tensor& x) {
  const int64_t kernel = c.weight.size(2), n = x.size(2);
  // SAME: the smaller half goes before.
  const int64_t total = std::max<int64_t>(((n + c.stride - 1) / c.stride - 1) * c.stride + kernel - n, 0);
  at::Tensor y;
  if (total % 2 == 0) {
    y = at::conv2d(x, c.weight, c.bias, at::IntArrayRef({c.stride, c.stride}), at::IntArrayRef({total / 2, total / 2}), at::IntArrayRef({1, 1}), c.groups);
  } else {
    const int64_t before = total / 2, after = total - before;
    y = at::conv2d(at::constant_pad_nd(x, {before, after, before, after}, 0), c.weight, c.bias, at::IntArrayRef({c.stride, c.stride}), at::IntArrayRef({0, 0}), at::IntArrayRef({1, 1}), c.groups);
  }
  return c.activate ? at::clamp_(y, 0, 6) : y;
}

at::Tensor EfficientNetLite0::stem(const at::Tensor& x) const {
  const at::NoGradGuard no_grad;
  return apply(stem_, x);
}

at::Tensor EfficientNetLite0::block(size_t i, const at::Tensor& x) const {
  const at::NoGradGuard no_grad;
  at::Tensor y = x;
  for (const Convolution& step : blocks_[i].steps) y = apply(step, y);
  return blocks_[i].skip ? y.add_(x) : y;
}

at::Tensor EfficientNetLite0::features(const at::Tensor& x) const {
  const at::NoGradGuard no_grad;
  at::Tensor y = apply(stem_, x);
  for (size_t i = 0; i < blocks_.size(); ++i) y = block(i, y);
  return apply(head_, y).mean({2, 3});
}

at::Tensor EfficientNetLite0::logits(const at::Tensor& features) const {
  const at::NoGradGuard no_grad;
  return at::addmm(classifier_bias_, features, classifier_weight_.t());
}

}  // namespace hvlm
