// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>

namespace hvlm {

// Floating-point operations of the products that `work` does on this thread, from the shapes of their operands: 2 m n k for m x k
// times k x n, once, whatever calls what. Attention kernels count their two products (2 x 2 T K c a head; banded ones only the keys
// that are there), recurrences two for each state and step (addcmul_). Norms, activations, softmax and sums are left out: they are
// bound by memory. Backward passes count as they come; those of attention kernels with what is computed again (2.5 times the forward
// products, 2 times of banded ones, whose backward pass is counted with the call that will need it).
int64_t countFlops(const std::function<void()>& work);

// Bytes of the operands and results of the calls that `work` makes of ATen on this thread, once, whatever calls what; views move
// nothing. What a cache keeps between two calls counts again, what one call reads twice does not: an estimate of the traffic, right
// where tensors are larger than the caches. Kernels of our own that are no operators count their operands only.
int64_t countTraffic(const std::function<void()>& work);

// Of a count that is going on on this thread: what it has seen so far.
int64_t flopsSoFar();
int64_t trafficSoFar();

// Highest number of bytes in tensors that `work` allocated on this thread and had not freed yet, over what was there before: exact,
// from the allocator's own reports (c10::MemoryReportingInfoBase). Gradients of a backward pass on the CPU are made on this thread
// too. Scratch memory inside a kernel that is no tensor (the BLAS's packing buffers) is not seen.
int64_t peakTensorBytes(const std::function<void()>& work);

}  // namespace hvlm
