// SPDX-License-Identifier: Apache-2.0
#include "engine/train/optimizer.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

namespace hvlm {

AdamW::AdamW(std::vector<OptimizedTensor> tensors, AdamWOptions options) : tensors_(std::move(tensors)), options_(options) {
  for (const OptimizedTensor& tensor : tensors_) {
    first_.push_back(at::zeros_like(tensor.value.detach()));
    second_.push_back(at::zeros_like(tensor.value.detach()));
  }
}

void AdamW::zeroGrad() {
  for (OptimizedTensor& tensor : tensors_) tensor.value.mutable_grad() = at::Tensor();
}

double AdamW::clipGradients(double clip) {
  double sum = 0.0;
  for (const OptimizedTensor& tensor : tensors_) {
    const at::Tensor& gradient = tensor.value.grad();
    if (gradient.defined()) {
      const double norm = at::linalg_vector_norm(gradient, 2, at::OptionalIntArrayRef(), false, at::kDouble).item<double>();
      sum += norm * norm;
    }
  }
  const double norm = std::sqrt(sum);
  const double factor = clip > 0.0 ? clip / (norm + 1e-6) : 1.0;
  if (factor < 1.0) {
    for (OptimizedTensor& tensor : tensors_) {
      if (tensor.value.grad().defined()) tensor.value.mutable_grad().mul_(factor);
    }
  }
  return norm;
}

void AdamW::step(double lr) {
  ++steps_;
  const double correction1 = 1.0 - std::pow(options_.beta1, static_cast<double>(steps_));
  const double correction2 = 1.0 - std::pow(options_.beta2, static_cast<double>(steps_));
  const at::NoGradGuard no_grad;
  for (size_t i = 0; i < tensors_.size(); ++i) {
    at::Tensor& value = tensors_[i].value;
    const at::Tensor& gradient = value.grad();
    if (!gradient.defined()) continue;
    if (tensors_[i].weight_decay != 0.0) value.mul_(1.0 - lr * tensors_[i].weight_decay);
    first_[i].mul_(options_.beta1).add_(gradient, 1.0 - options_.beta1);
    second_[i].mul_(options_.beta2).addcmul_(gradient, gradient, 1.0 - options_.beta2);
    const at::Tensor denominator = second_[i].sqrt().div_(std::sqrt(correction2)).add_(options_.eps);
    value.addcdiv_(first_[i], denominator, -lr / correction1);
  }
}

MovingAverage::MovingAverage(const std::vector<at::Tensor>& values, double decay) : decay_(decay) {
  for (const at::Tensor& value : values) averages_.push_back(value.detach().clone());
}

void MovingAverage::update(const std::vector<at::Tensor>& values) {
  const auto n = static_cast<double>(updates_++);
  const double decay = std::min(decay_, (1.0 + n) / (10.0 + n));
  const at::NoGradGuard no_grad;
  for (size_t i = 0; i < values.size(); ++i) averages_[i].lerp_(values[i].detach(), 1.0 - decay);
}

}  // namespace hvlm
