// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <string>

#include "engine/cuda/entry_points.h"

namespace hvlm::cuda {

// The kernels by type; a null table has none of that type. The plug-in has float only, the tests' emulator both.
struct KernelSet {
  const KernelTable<float>* f32 = nullptr;
  const KernelTable<double>* f64 = nullptr;
};

// Where libhvlm_cuda.so is expected: $HVLM_CUDA_PLUGIN, else beside the engine's library, else in ../lib of the program.
std::filesystem::path pluginLibrary();

// Opens the plug-in once; its C entry points stay good until the process ends. Null with the reason in `problem` when it is not
// there, of another version or not whole.
const KernelSet* loadPlugin(const std::filesystem::path& library, std::string& problem);

// The kernels for this tensor: those of the plug-in that openDevice() loaded, for a contiguous float tensor on a CUDA device; null
// for all others, which take the plain version.
const KernelSet* kernelsFor(const at::Tensor& tensor);
void useKernels(const KernelSet* kernels);  // what kernelsFor() gives from now on; device.cpp

}  // namespace hvlm::cuda
