// SPDX-License-Identifier: Apache-2.0
#include "engine/cuda/device.h"

#include <ATen/ATen.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <dlfcn.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "engine/cuda/plugin.h"
#include "support/log.h"

namespace hvlm {
namespace {

namespace fs = std::filesystem;

constexpr const char* kOnCpu = "use --device cpu";

InputError fault(const std::string& text, const std::string& expected, const std::string& found, const std::string& remedy) {
  return InputError({.where = "--device " + text, .expected = expected, .found = found, .remedy = remedy});
}

// LibTorch's messages go on for pages.
std::string firstLine(const std::string& text) { return text.substr(0, std::min<size_t>(text.find('\n'), 200)); }

// What this process has tried; engine thread only.
struct Opened {
  bool cpu_only = false;               // a job has run without CUDA being opened
  bool loaded = false;
  std::optional<InputError> failure;   // of the first try: the libraries stay as they are while the process lives
};
Opened& opened() {
  static Opened state;
  return state;
}

void loadKernels() {
  std::string problem;
  const fs::path library = cuda::pluginLibrary();
  const cuda::KernelSet* kernels = cuda::loadPlugin(library, problem);
  cuda::useKernels(kernels);
  if (!kernels) logInfo("CUDA without our own kernels, the plain ones are used: " + problem);
}

// One number there and back: finds a device that is full, broken or has no code in these libraries.
void touch(const at::Device& device, const std::string& text) {
  try {
    at::ones({1}, at::TensorOptions().device(device)).add(1).item<float>();
  } catch (const c10::Error& error) {
    throw deviceError(error, text);
  }
}

at::Device openCuda(int index, const std::string& text) {
  Opened& state = opened();
  const CudaDriver driver = probeCudaDriver();
  requireUsable(driver, index, text);
  if (state.failure) throw *state.failure;
  if (!state.loaded) {
    if (state.cpu_only) {
      throw fault(text, "the first job of this process", "a job has already run on the CPU alone", "Start the program anew for CUDA, or " + std::string(kOnCpu) + ".");
    }
    try {
      loadTorchCuda(torchCudaLibrary(), text);
    } catch (const InputError& error) {
      state.failure = error;
      throw;
    }
    loadKernels();
    state.loaded = true;
  }
  const at::Device device(at::kCUDA, static_cast<c10::DeviceIndex>(index));
  touch(device, text);
  return device;
}

}  // namespace

int deviceIndex(const std::string& text) {
  if (text.empty() || text == "auto" || text == "cpu") return -1;
  if (text == "cuda") return 0;
  int index = -1;
  if (text.starts_with("cuda:")) {
    const auto [end, error] = std::from_chars(text.data() + 5, text.data() + text.size(), index);
    if (error == std::errc() && end == text.data() + text.size() && index >= 0 && index < 64) return index;
  }
  throw InputError({.where = "device", .expected = "auto, cpu or cuda[:i]", .found = text, .remedy = "Use --device cpu."});
}

void requireUsable(const CudaDriver& driver, int index, const std::string& text) {
  std::string wanted = "an NVIDIA driver for CUDA " + cudaVersionText(kNeededCuda);
  wanted.append(" (").append(kNeededDriver).append(" or newer)");
  if (driver.version > 0 && driver.version < kNeededCuda) {
    throw fault(text, wanted, "a driver for CUDA " + cudaVersionText(driver.version), std::string("Update the driver, or ") + kOnCpu + ".");
  }
  if (!driver.problem.empty()) {
    throw fault(text, wanted + " with a device", driver.problem, std::string("Install the driver and look at `hvlm doctor`, or ") + kOnCpu + ".");
  }
  const auto devices = static_cast<int>(driver.devices.size());
  if (index >= devices) {
    throw fault(text, devices == 1 ? "cuda:0, the only device" : "cuda:0 to cuda:" + std::to_string(devices - 1), "cuda:" + std::to_string(index), "`hvlm doctor` lists the devices.");
  }
  const CudaDevice& device = driver.devices[static_cast<size_t>(index)];
  if (10 * device.major + device.minor < kNeededCapability) {
    throw fault(text, "a device of compute capability " + std::to_string(kNeededCapability / 10) + "." + std::to_string(kNeededCapability % 10) + " or newer",
                device.name + " of " + std::to_string(device.major) + "." + std::to_string(device.minor), "Choose another device, or " + std::string(kOnCpu) + ".");
  }
}

fs::path torchCudaLibrary() {
  Dl_info torch;
  if (dladdr(reinterpret_cast<const void*>(&at::globalContext), &torch) == 0 || !torch.dli_fname) return "libtorch_cuda.so";
  return fs::path(torch.dli_fname).parent_path() / "libtorch_cuda.so";
}

void loadTorchCuda(const fs::path& library, const std::string& text) {
  // Global: further libraries of LibTorch that it opens by itself (linear algebra) look for its symbols.
  if (!dlopen(library.c_str(), RTLD_NOW | RTLD_GLOBAL)) {
    const char* reason = dlerror();
    throw fault(text, "CUDA's libraries beside LibTorch", reason ? reason : library.string() + " does not open", "Fetch them with ./run --setup-cuda, or " + std::string(kOnCpu) + ".");
  }
  if (!at::detail::getCUDAHooks().hasCUDA()) {
    // The hooks were asked for before the library was there, or it sees no device where the driver saw one.
    throw fault(text, "a device that LibTorch can use", "none", "Start the program anew; if that does not help, look at CUDA_VISIBLE_DEVICES and `nvidia-smi`, or " + std::string(kOnCpu) + ".");
  }
}

InputError deviceError(const c10::Error& error, const std::string& device) {
  const std::string said = firstLine(error.what_without_backtrace());
  if (dynamic_cast<const c10::OutOfMemoryError*>(&error)) {
    return fault(device, "enough memory on the device", said, "Lower train.batch_size or the model's width, close what else uses the device, or " + std::string(kOnCpu) + ".");
  }
  return fault(device, "a device that computes", said, "Look at `nvidia-smi` and `hvlm doctor`, or " + std::string(kOnCpu) + ".");
}

std::string deviceTitle(const at::Device& device) {
  if (!device.is_cuda()) return "cpu";
  const CudaDriver driver = probeCudaDriver();
  const auto index = static_cast<size_t>(device.index());
  return device.str() + (index < driver.devices.size() ? " (" + driver.devices[index].name + ")" : "");
}

at::Device openDevice(const std::string& text) {
  const int index = deviceIndex(text);
  if (index >= 0) return openCuda(index, text);
  Opened& state = opened();
  if (text != "cpu") {
    const CudaDriver driver = probeCudaDriver();
    try {
      return openCuda(0, "auto");
    } catch (const InputError& error) {
      if (!driver.devices.empty()) logInfo(std::string("computing on the CPU: ") + error.what());
    }
  }
  state.cpu_only = state.cpu_only || !state.loaded;
  return at::Device(at::kCPU);
}

}  // namespace hvlm
