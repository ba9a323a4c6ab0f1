// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/ATen.h>
#include <c10/core/DeviceGuard.h>
#include <c10/core/Stream.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "engine/cuda/operators.h"
#include "support/error.h"

// What the operators share; only for their sources.
namespace hvlm::cuda {

template <class T>
const KernelTable<T>& tableOf(const KernelSet& kernels) {
  const KernelTable<T>* table = nullptr;
  if constexpr (std::is_same_v<T, float>) {
    table = kernels.f32;
  } else {
    table = kernels.f64;
  }
  if (!table) throw ShapeError("the kernels have no code for this type");
  return *table;
}

// Calls f(T{}) for the type of `tensor`.
template <class F>
void byType(const at::Tensor& tensor, F f) {
  if (tensor.scalar_type() == at::kDouble) return f(double{});
  if (tensor.scalar_type() == at::kFloat) return f(float{});
  throw ShapeError("the kernels take float or double");
}

// Queues a kernel on the current stream of the tensor's device.
template <class T, class Args>
void launch(const KernelTable<T>& table, int (*kernel)(const Args*, void*), const Args& args, const at::Tensor& like) {
  int code = 0;
  if (like.is_cpu()) {
    code = kernel(&args, nullptr);
  } else {
    const c10::DeviceGuard guard(like.device());
    code = kernel(&args, c10::impl::VirtualGuardImpl(like.device().type()).getStream(like.device()).native_handle());
  }
  if (code != 0) throw std::runtime_error(std::string("a kernel could not be launched: ") + table.error_text(code));
}

inline at::Tensor numbersOn(const std::vector<int64_t>& numbers, const at::Device& device) {
  at::Tensor t = at::empty({static_cast<int64_t>(numbers.size())}, at::kLong);
  std::copy(numbers.begin(), numbers.end(), t.data_ptr<int64_t>());
  return t.to(device);
}

// How a set of kernels, which lives as long as the process, goes through a saved context.
inline int64_t handleOf(const KernelSet& kernels) { return reinterpret_cast<int64_t>(&kernels); }
inline const KernelSet& kernelsOf(int64_t handle) { return *reinterpret_cast<const KernelSet*>(handle); }

}  // namespace hvlm::cuda
