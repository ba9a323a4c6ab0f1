// SPDX-License-Identifier: Apache-2.0
#include "engine/train/optimizer.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "engine/cuda/operators.h"
#include "engine/kernels/adamw_sweep.h"
#include "engine/kernels/kernels.h"
#include "support/error.h"

namespace hvlm {
namespace {

bool sweepable(const at::Tensor& t) { return fusedFor(t) && t.is_contiguous(); }

}  // namespace

AdamW::AdamW(std::vector<OptimizedTensor> tensors, AdamWOptions options) : tensors_(std::move(tensors)), options_(options) {
  for (const OptimizedTensor& tensor : tensors_) {
    first_.push_back(at::zeros_like(tensor.value.detach()));
    second_.push_back(at::zeros_like(tensor.value.detach()));
  }
}

void AdamW::zeroGrad() {
  for (OptimizedTensor& tensor : tensors_) tensor.value.mutable_grad() = at::Tensor();
  pending_scale_ = 1.0;
}

// Whether the fused sweep can do all tensors.
bool AdamW::sweeps() const {
  for (size_t i = 0; i < tensors_.size(); ++i) {
    const at::Tensor& gradient = tensors_[i].value.grad();
    if (!sweepable(tensors_[i].value) || !sweepable(first_[i]) || !sweepable(second_[i])) return false;
    if (gradient.defined() && !fusedFor(gradient)) return false;
  }
  return !tensors_.empty();
}

void AdamW::scaleGradients(double factor) {
  for (OptimizedTensor& tensor : tensors_) {
    if (tensor.value.grad().defined()) tensor.value.mutable_grad().mul_(factor);
  }
}

double AdamW::clipGradients(double clip) {
  std::vector<at::Tensor> gradients;
  for (const OptimizedTensor& tensor : tensors_) {
    if (tensor.value.grad().defined()) gradients.push_back(tensor.value.grad());
  }
  const bool fused = sweeps();
  double sum = 0.0;
  if (fused) {
    sum = fusedSquareSum(gradients);
  } else {
    for (const at::Tensor& gradient : gradients) {
      const double norm = at::linalg_vector_norm(gradient, 2, at::OptionalIntArrayRef(), false, at::kDouble).item<double>();
      sum += norm * norm;
    }
  }
  const double norm = std::sqrt(sum);
  const double factor = clip > 0.0 ? clip / (norm + 1e-6) : 1.0;
  if (factor < 1.0 && fused) pending_scale_ *= factor;
  if (factor < 1.0 && !fused) scaleGradients(factor);
  return norm;
}

void AdamW::step(double lr, MovingAverage* average) {
  if (average && average->averages().size() != tensors_.size()) throw ShapeError("AdamW: average of other tensors");
  ++steps_;
  const at::NoGradGuard no_grad;
  if (sweeps()) {
    fusedStep(lr, average);
  } else if (const cuda::KernelSet* kernels = kernelsForAll(average)) {
    deviceStep(*kernels, lr, average);
  } else {
    if (pending_scale_ != 1.0) scaleGradients(pending_scale_);
    plainStep(lr);
    std::vector<at::Tensor> values;
    for (const OptimizedTensor& tensor : tensors_) values.push_back(tensor.value);
    if (average) average->update(values);
  }
  pending_scale_ = 1.0;
}

// The device's kernels, when they can do all tensors.
const cuda::KernelSet* AdamW::kernelsForAll(MovingAverage* average) const {
  const cuda::KernelSet* kernels = tensors_.empty() ? nullptr : cuda::kernelsFor(tensors_.front().value);
  for (size_t i = 0; kernels && i < tensors_.size(); ++i) {
    const bool fits = cuda::kernelsFor(tensors_[i].value) && cuda::kernelsFor(first_[i]) && cuda::kernelsFor(second_[i]) && (!average || cuda::kernelsFor(average->averages()[i]));
    if (!fits) kernels = nullptr;
  }
  return kernels;
}

void AdamW::deviceStep(const cuda::KernelSet& kernels, double lr, MovingAverage* average) {
  std::vector<cuda::AdamWTensor> tensors;
  for (size_t i = 0; i < tensors_.size(); ++i) {
    const at::Tensor& gradient = tensors_[i].value.grad();
    tensors.push_back({tensors_[i].value, gradient.defined() ? gradient.contiguous() : at::Tensor(), first_[i], second_[i], average ? average->averages()[i] : at::Tensor(), tensors_[i].weight_decay});
  }
  cuda::AdamWStep step{.step = steps_, .lr = lr, .beta1 = options_.beta1, .beta2 = options_.beta2, .eps = options_.eps, .gradient_scale = pending_scale_};
  if (average) step.average_decay = 1.0 - average->nextShare();
  cuda::adamwStep(kernels, tensors, step);
}

void AdamW::plainStep(double lr) {
  const double correction1 = 1.0 - std::pow(options_.beta1, static_cast<double>(steps_));
  const double correction2 = 1.0 - std::pow(options_.beta2, static_cast<double>(steps_));
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

void AdamW::fusedStep(double lr, MovingAverage* average) {
  const bool averages = average && std::all_of(average->averages().begin(), average->averages().end(), sweepable);
  SweepOptions options{.gradient_scale = pending_scale_, .beta1 = options_.beta1, .beta2 = options_.beta2, .eps = options_.eps, .lr = lr};
  options.correction1 = 1.0 - std::pow(options_.beta1, static_cast<double>(steps_));
  options.correction2 = 1.0 - std::pow(options_.beta2, static_cast<double>(steps_));
  if (averages) options.average_take = average->nextShare();
  std::vector<SweptTensor> swept;
  std::vector<at::Tensor> values;
  for (size_t i = 0; i < tensors_.size(); ++i) {
    const at::Tensor& gradient = tensors_[i].value.grad();
    swept.push_back({tensors_[i].value, gradient.defined() ? gradient.contiguous() : at::Tensor(), first_[i], second_[i],
                     averages ? average->averages()[i] : at::Tensor(), 1.0 - lr * tensors_[i].weight_decay});
    values.push_back(tensors_[i].value);
    if (gradient.defined()) tensors_[i].value.unsafeGetTensorImpl()->bump_version();  // autograd must see a change made through a pointer
  }
  fusedAdamW(swept, options);
  if (average && !averages) average->update(values);
}

MovingAverage::MovingAverage(const std::vector<at::Tensor>& values, double decay) : decay_(decay) {
  for (const at::Tensor& value : values) averages_.push_back(value.detach().clone());
}

double MovingAverage::nextShare() {
  const auto n = static_cast<double>(updates_++);
  return 1.0 - std::min(decay_, (1.0 + n) / (10.0 + n));
}

void MovingAverage::update(const std::vector<at::Tensor>& values) {
  const double share = nextShare();
  const at::NoGradGuard no_grad;
  const bool fused = std::equal(values.begin(), values.end(), averages_.begin(), averages_.end(), [](const at::Tensor& value, const at::Tensor& average) {
    return sweepable(value) && sweepable(average) && value.sizes() == average.sizes();
  });
  if (fused) return fusedAverage(values, averages_, share);
  for (size_t i = 0; i < values.size(); ++i) averages_[i].lerp_(values[i].detach(), share);
}

}  // namespace hvlm
