// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <c10/core/Device.h>
#include <c10/util/Exception.h>

#include <filesystem>
#include <string>

#include "support/cuda_driver.h"
#include "support/error.h"

namespace hvlm {

// Where a job computes: `text` is auto, cpu, cuda or cuda:I. Engine thread, before the job's first tensor. The first call that does not
// say cpu opens CUDA when the driver answers: LibTorch's libtorch_cuda.so with what it needs, then our kernels; without the kernels
// the plain versions run on the device.
//
// cuda throws InputError when the driver, a library or the device is missing, too old or full; auto then takes the CPU, and says so in
// the log when there is a device that could have been used. Autograd counts devices once per process: cuda after a job on `cpu` asks
// for a new start.
at::Device openDevice(const std::string& text);

// "cpu", or "cuda:0 (NVIDIA H100 80GB HBM3)" for run.json and the log.
std::string deviceTitle(const at::Device& device);

// Device number of "cuda" (0) and "cuda:I"; -1 for auto and cpu. Throws InputError for anything else.
int deviceIndex(const std::string& text);

// Throws InputError when device `index` of this driver cannot be computed on; `text` is what was asked for.
void requireUsable(const CudaDriver& driver, int index, const std::string& text);

// libtorch_cuda.so of the LibTorch that this process runs with.
std::filesystem::path torchCudaLibrary();
// Opens it with all it needs. Throws InputError naming the library that is missing.
void loadTorchCuda(const std::filesystem::path& library, const std::string& text);

// What LibTorch threw on a device, for people: out of memory (with what can be lowered), or the first line of anything else.
InputError deviceError(const c10::Error& error, const std::string& device);

}  // namespace hvlm
