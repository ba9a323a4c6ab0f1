// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <new>
#include <utility>
#include <vector>

namespace hvlm {

// Memory on boundaries of 64 bytes, as LibTorch's own, so that products of a view of it sum in the same order as those of a copy. Elements that
// are made without a value stay unset: what is about to be read from a file is written once.
template <class T>
struct UnsetAllocator {
  using value_type = T;
  static constexpr std::align_val_t kAlignment{64};
  UnsetAllocator() = default;
  template <class U>
  UnsetAllocator(const UnsetAllocator<U>&) noexcept {}
  T* allocate(size_t count) { return static_cast<T*>(::operator new(count * sizeof(T), kAlignment)); }
  void deallocate(T* memory, size_t) noexcept { ::operator delete(memory, kAlignment); }
  template <class U>
  void construct(U* place) noexcept {
    ::new (static_cast<void*>(place)) U;
  }
  template <class U, class... Arguments>
  void construct(U* place, Arguments&&... arguments) {
    ::new (static_cast<void*>(place)) U(std::forward<Arguments>(arguments)...);
  }
  friend bool operator==(const UnsetAllocator&, const UnsetAllocator&) { return true; }
};

using StepValues = std::vector<float, UnsetAllocator<float>>;

}  // namespace hvlm
