// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstring>

#include "engine/cuda/operator_parts.h"

namespace hvlm::cuda {
namespace {

// The memory that autograd does not watch.
template <class T>
T* numbersOf(const at::Tensor& tensor, const at::Tensor& like) {
  if (!tensor.defined()) return nullptr;
  if (!tensor.is_contiguous() || tensor.scalar_type() != like.scalar_type() || tensor.sizes() != like.sizes() || tensor.device() != like.device()) {
    throw ShapeError("adamwStep: tensors of one parameter disagree");
  }
  return static_cast<T*>(tensor.mutable_data_ptr());
}

template <class T>
void stepAll(const KernelSet& kernels, const std::vector<AdamWTensor>& tensors, const AdamWStep& s) {
  std::vector<AdamWSlot<T>> slots;
  std::vector<int64_t> block_slot, block_first;
  std::vector<at::Tensor> kept;  // contiguous copies of gradients live until the launch is queued
  for (const AdamWTensor& t : tensors) {
    if (t.gradient.defined() && !(t.first.defined() && t.second.defined())) throw ShapeError("adamwStep: a tensor without moments");
    const at::Tensor gradient = t.gradient.defined() ? t.gradient.contiguous() : at::Tensor();
    kept.push_back(gradient);
    AdamWSlot<T> slot;
    slot.value = numbersOf<T>(t.value, t.value);
    slot.gradient = numbersOf<T>(gradient, t.value);
    slot.first = numbersOf<T>(t.first, t.value);
    slot.second = numbersOf<T>(t.second, t.value);
    slot.average = numbersOf<T>(t.average, t.value);
    slot.count = t.value.numel();
    slot.keep = static_cast<T>(1.0 - s.lr * t.weight_decay);
    for (int64_t first = 0; first < slot.count; first += kNumbersPerBlock) {
      block_slot.push_back(static_cast<int64_t>(slots.size()));
      block_first.push_back(first);
    }
    slots.push_back(slot);
  }
  // One copy to the device: the slots, then the two lists of the blocks.
  static_assert(sizeof(AdamWSlot<T>) % sizeof(int64_t) == 0);
  std::vector<int64_t> packed(slots.size() * sizeof(AdamWSlot<T>) / sizeof(int64_t));
  if (!slots.empty()) std::memcpy(packed.data(), slots.data(), packed.size() * sizeof(int64_t));
  const size_t lists = packed.size();
  packed.insert(packed.end(), block_slot.begin(), block_slot.end());
  packed.insert(packed.end(), block_first.begin(), block_first.end());
  const at::Tensor& like = tensors.front().value;
  const at::Tensor on_device = numbersOn(packed, like.device());
  AdamWArgs<T> args;
  args.slots = reinterpret_cast<const AdamWSlot<T>*>(on_device.const_data_ptr<int64_t>());
  args.block_slot = on_device.const_data_ptr<int64_t>() + lists;
  args.block_first = args.block_slot + block_slot.size();
  args.count = static_cast<int64_t>(block_slot.size());
  args.gradient_scale = static_cast<T>(s.gradient_scale);
  args.beta1 = static_cast<T>(s.beta1);
  args.beta2 = static_cast<T>(s.beta2);
  args.rest1 = static_cast<T>(1.0 - s.beta1);
  args.rest2 = static_cast<T>(1.0 - s.beta2);
  args.eps = static_cast<T>(s.eps);
  args.step = static_cast<T>(s.lr / (1.0 - std::pow(s.beta1, static_cast<double>(s.step))));
  args.second_root = static_cast<T>(std::sqrt(1.0 - std::pow(s.beta2, static_cast<double>(s.step))));
  args.average_rest = static_cast<T>(1.0 - s.average_decay);
  const auto& table = tableOf<T>(kernels);
  launch(table, table.adamw, args, like);
}

}  // namespace

void adamwStep(const KernelSet& kernels, const std::vector<AdamWTensor>& tensors, const AdamWStep& step) {
  if (tensors.empty()) return;
  for (const AdamWTensor& t : tensors) {
    if (t.value.scalar_type() != tensors.front().value.scalar_type() || t.value.device() != tensors.front().value.device()) throw ShapeError("adamwStep: tensors of several types or devices");
  }
  byType(tensors.front().value, [&](auto zero) { stepAll<decltype(zero)>(kernels, tensors, step); });
}

}  // namespace hvlm::cuda
