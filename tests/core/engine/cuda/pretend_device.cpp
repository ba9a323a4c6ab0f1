// SPDX-License-Identifier: Apache-2.0
#include "pretend_device.h"

#include <ATen/ATen.h>
#include <ATen/EmptyTensor.h>
#include <ATen/detail/PrivateUse1HooksInterface.h>
#include <ATen/native/CPUFallback.h>
#include <c10/core/Allocator.h>
#include <c10/core/DeviceType.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <torch/library.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <stdexcept>

namespace hvlm::testing {
namespace {

constexpr uintptr_t kOffset = uintptr_t{1} << 62;  // no address of a program: reading there ends it
const at::Device kDevice(at::kPrivateUse1, 0);

std::mutex uses_mutex;
std::vector<std::string> uses;

struct PretendAllocator : at::Allocator {
  at::DataPtr allocate(size_t bytes) override {
    void* real = std::malloc(std::max<size_t>(bytes, 1));
    return {reinterpret_cast<void*>(reinterpret_cast<uintptr_t>(real) + kOffset), real, &std::free, kDevice};
  }
  at::DeleterFnPtr raw_deleter() const override { return nullptr; }
  void copy_data(void*, const void*, size_t) const override { throw std::logic_error("copy_data of the pretend device"); }
};
PretendAllocator allocator;
constexpr at::DispatchKeySet kKeys(at::DispatchKey::PrivateUse1);

struct PretendGuard : c10::impl::NoOpDeviceGuardImpl<at::kPrivateUse1> {
  at::Device exchangeDevice(at::Device) const override { return kDevice; }
  at::Device getDevice() const override { return kDevice; }
  at::Stream getStream(at::Device) const noexcept override { return at::Stream(at::Stream::DEFAULT, kDevice); }
  at::Stream exchangeStream(at::Stream) const noexcept override { return at::Stream(at::Stream::DEFAULT, kDevice); }
  void record(void**, const at::Stream&, const at::DeviceIndex, const c10::EventFlag) const override {}
  void block(void*, const at::Stream&) const override {}
  bool queryEvent(void*) const override { return true; }
};
C10_REGISTER_GUARD_IMPL(PrivateUse1, PretendGuard);

struct PretendHooks : at::PrivateUse1HooksInterface {
  bool hasPrimaryContext(at::DeviceIndex) const override { return true; }
  bool isBuilt() const override { return true; }
  bool isAvailable() const override { return true; }
};

// The same numbers as a tensor of the CPU.
at::Tensor seen(const at::Tensor& t) {
  if (t.is_cpu()) return t;
  auto* real = reinterpret_cast<void*>(reinterpret_cast<uintptr_t>(t.unsafeGetTensorImpl()->mutable_data()) - kOffset);
  return at::from_blob(real, t.sizes(), t.strides(), t.options().device(at::kCPU).requires_grad(false));
}

at::Tensor emptyOf(at::IntArrayRef sizes, std::optional<at::ScalarType> type, std::optional<at::Layout>, std::optional<at::Device>, std::optional<bool>, std::optional<at::MemoryFormat> format) {
  return at::detail::empty_generic(sizes, &allocator, kKeys, type.value_or(at::kFloat), format);
}
at::Tensor emptyStrided(at::IntArrayRef sizes, at::IntArrayRef strides, std::optional<at::ScalarType> type, std::optional<at::Layout>, std::optional<at::Device>, std::optional<bool>) {
  return at::detail::empty_strided_generic(sizes, strides, &allocator, kKeys, type.value_or(at::kFloat));
}
at::Tensor copyFrom(const at::Tensor& from, const at::Tensor& to, bool) {
  if (to.numel() > 0) seen(to).copy_(seen(from));
  return to;
}
at::Tensor copyFromAndResize(const at::Tensor& from, const at::Tensor& to) {
  if (to.sizes() != from.sizes()) {  // an output that was made empty
    const at::Tensor fresh = at::detail::empty_generic(from.sizes(), &allocator, kKeys, to.scalar_type(), std::nullopt);
    to.unsafeGetTensorImpl()->set_storage_keep_dtype(fresh.storage());
    to.unsafeGetTensorImpl()->set_sizes_contiguous(from.sizes());
  }
  return copyFrom(from, to, false);
}
at::Tensor asStrided(const at::Tensor& self, c10::SymIntArrayRef sizes, c10::SymIntArrayRef strides, std::optional<c10::SymInt> offset) {
  at::Tensor view = at::detail::make_tensor<at::TensorImpl>(at::TensorImpl::VIEW, at::Storage(self.storage()), self.key_set(), self.dtype());
  view.unsafeGetTensorImpl()->set_sizes_and_strides(sizes, strides, offset ? offset : std::optional<c10::SymInt>(self.sym_storage_offset()));
  return view;
}
at::Tensor reshapeAlias(const at::Tensor& self, c10::SymIntArrayRef sizes, c10::SymIntArrayRef strides) { return asStrided(self, sizes, strides, self.sym_storage_offset()); }
at::Tensor viewOf(const at::Tensor& self, c10::SymIntArrayRef asked) {
  const at::Tensor shape = at::empty_strided_symint(self.sym_sizes(), self.sym_strides(), self.options().device(at::kMeta)).view_symint(asked);
  return asStrided(self, shape.sym_sizes(), shape.sym_strides(), self.sym_storage_offset());
}
at::Scalar scalarOf(const at::Tensor& self) { return seen(self).item(); }

// CUDA takes indices of the CPU here.
bool mayMix(const std::string& name) { return name == "aten::index" || name == "aten::index_put_" || name == "aten::_index_put_impl_"; }

void fallback(const c10::OperatorHandle& op, torch::jit::Stack* stack) {
  std::string devices;
  bool here = false, cpu = false;
  const auto look = [&](const at::Tensor& t) {
    if (!t.defined()) return;
    here = here || t.device() == kDevice;
    cpu = cpu || (t.is_cpu() && t.dim() > 0);
    devices += (devices.empty() ? "" : ", ") + t.device().str() + "[" + std::to_string(t.dim()) + "]";
  };
  for (const c10::IValue& value : torch::jit::last(stack, op.schema().arguments().size())) {
    if (value.isTensor()) look(value.toTensor());
    if (value.isTensorList()) {
      for (const at::Tensor& t : value.toTensorVector()) look(t);
    }
    if (value.isOptionalTensorList()) {
      for (const auto& t : value.toOptionalTensorVector()) {
        if (t) look(*t);
      }
    }
  }
  if (here && cpu && !mayMix(op.schema().name())) {
    const std::string said = op.schema().name() + " of " + devices;
    const std::lock_guard lock(uses_mutex);
    uses.push_back(said);
    throw std::runtime_error("tensors of two devices: " + said);
  }
  at::native::cpu_fallback(op, stack);
}

TORCH_LIBRARY_IMPL(_, PrivateUse1, m) { m.fallback(torch::CppFunction::makeFromBoxedFunction<&fallback>()); }
TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  m.impl("empty.memory_format", TORCH_FN(emptyOf));
  m.impl("empty_strided", TORCH_FN(emptyStrided));
  m.impl("_copy_from", TORCH_FN(copyFrom));
  m.impl("_copy_from_and_resize", TORCH_FN(copyFromAndResize));
  m.impl("as_strided", TORCH_FN(asStrided));
  m.impl("_reshape_alias", TORCH_FN(reshapeAlias));
  m.impl("view", TORCH_FN(viewOf));
  m.impl("_local_scalar_dense", TORCH_FN(scalarOf));
}

}  // namespace

at::Device pretendDevice() {
  static const bool registered = [] {
    c10::register_privateuse1_backend("pretend");
    c10::SetAllocator(at::kPrivateUse1, &allocator);
    at::RegisterPrivateUse1HooksInterface(new PretendHooks);
    return true;
  }();
  return registered ? kDevice : at::Device(at::kCPU);
}

std::vector<std::string> mixedUses() {
  const std::lock_guard lock(uses_mutex);
  return std::exchange(uses, {});
}

}  // namespace hvlm::testing
