// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <c10/core/Device.h>

#include <string>
#include <vector>

namespace hvlm::testing {

// A second device on a machine without one, for finding what a GPU would trip over. Its memory is the CPU's, but its pointers are not:
// code that reads a device tensor's numbers through data_ptr() ends with SIGSEGV. Operators run on the CPU, copy by copy; one that is given
// device tensors together with CPU tensors of one dimension or more is refused, as on CUDA, and named in mixedUses(). The first call
// registers it with LibTorch, for the whole process.
at::Device pretendDevice();

// Operators that were refused since the last call, with the tensors' devices.
std::vector<std::string> mixedUses();

}  // namespace hvlm::testing
