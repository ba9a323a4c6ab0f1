// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>

namespace hvlm {

// Floating-point operations of the products that `work` does on this thread, from the shapes of their operands: 2 m n k for m x k
// times k x n, once, whatever calls what. Attention kernels count their two products (2 x 2 T K c a head; banded ones only the keys
// that are there), recurrences two for each state and step (addcmul_). Norms, activations, softmax and sums are left out: they are
// bound by memory. For passes without backward: the gradients of attention kernels are not counted.
int64_t countFlops(const std::function<void()>& work);

// Highest number of bytes in tensors that `work` allocated on this thread and had not freed yet, over what was there before: exact,
// from the allocator's own reports (c10::MemoryReportingInfoBase). Gradients of a backward pass on the CPU are made on this thread
// too. Scratch memory inside a kernel that is no tensor (the BLAS's packing buffers) is not seen.
int64_t peakTensorBytes(const std::function<void()>& work);

}  // namespace hvlm
