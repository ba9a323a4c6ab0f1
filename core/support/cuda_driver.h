// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace hvlm {

struct CudaDevice {
  std::string name;
  int major = 0, minor = 0;   // compute capability
  double memory_bytes = 0.0;
};

// What the NVIDIA driver says of itself.
struct CudaDriver {
  std::string library;   // what was opened
  std::string problem;   // why nothing can be computed with it; empty: it answers and has a device
  int version = 0;       // newest CUDA it serves, 13000 = 13.0; 0 = unknown
  std::vector<CudaDevice> devices;
};

constexpr int kNeededCuda = 13000;              // of the libraries that LibTorch was built with
constexpr const char* kNeededDriver = "580";    // the first driver that serves it
constexpr int kNeededCapability = 75;           // 7.5, the oldest device those libraries have code for

// Opens the driver's library with dlopen and asks it; needs no CUDA to be installed. `library` empty: $HVLM_CUDA_DRIVER, else
// libcuda.so.1. Asked anew at each call. Any thread.
CudaDriver probeCudaDriver(std::string library = "");

std::string cudaVersionText(int version);  // 13000 -> "13.0"

}  // namespace hvlm
