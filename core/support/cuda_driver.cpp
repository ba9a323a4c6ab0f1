// SPDX-License-Identifier: Apache-2.0
#include "support/cuda_driver.h"

#include <dlfcn.h>

#include <cstdlib>

namespace hvlm {
namespace {

// The driver's C interface, as far as it is used here; 0 is success.
struct Driver {
  int (*init)(unsigned flags) = nullptr;
  int (*version)(int* version) = nullptr;
  int (*count)(int* count) = nullptr;
  int (*name)(char* name, int bytes, int device) = nullptr;
  int (*memory)(size_t* bytes, int device) = nullptr;
  int (*attribute)(int* value, int attribute, int device) = nullptr;
  int (*error)(int code, const char** text) = nullptr;
};
constexpr int kMajor = 75, kMinor = 76;  // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, …_MINOR
constexpr int kMostDevices = 64;

template <class F>
bool find(void* library, const char* name, F& function) {
  function = reinterpret_cast<F>(dlsym(library, name));
  return function != nullptr;
}

std::string errorText(const Driver& driver, int code) {
  const char* text = nullptr;
  const bool known = driver.error && driver.error(code, &text) == 0 && text;
  return (known ? std::string(text) : std::string("the driver failed")) + " (code " + std::to_string(code) + ")";
}

CudaDevice describe(const Driver& driver, int index) {
  CudaDevice device;
  char name[256] = {};
  if (driver.name(name, sizeof name - 1, index) == 0) device.name = name;
  size_t bytes = 0;
  if (driver.memory(&bytes, index) == 0) device.memory_bytes = static_cast<double>(bytes);
  driver.attribute(&device.major, kMajor, index);
  driver.attribute(&device.minor, kMinor, index);
  return device;
}

}  // namespace

std::string cudaVersionText(int version) { return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10); }

CudaDriver probeCudaDriver(std::string library) {
  if (library.empty()) {
    const char* chosen = std::getenv("HVLM_CUDA_DRIVER");
    library = chosen && *chosen ? chosen : "libcuda.so.1";
  }
  CudaDriver found;
  found.library = library;
  void* opened = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);  // stays open: a driver does not like to be unloaded
  if (!opened) {
    const char* reason = dlerror();
    found.problem = reason ? reason : library + " does not open";
    return found;
  }
  Driver driver;
  const bool whole = find(opened, "cuInit", driver.init) && find(opened, "cuDriverGetVersion", driver.version) && find(opened, "cuDeviceGetCount", driver.count) &&
                     find(opened, "cuDeviceGetName", driver.name) && find(opened, "cuDeviceTotalMem_v2", driver.memory) && find(opened, "cuDeviceGetAttribute", driver.attribute);
  find(opened, "cuGetErrorString", driver.error);
  if (!whole) {
    found.problem = library + " is no CUDA driver";
    return found;
  }
  driver.version(&found.version);
  if (const int code = driver.init(0); code != 0) {
    found.problem = errorText(driver, code);
    return found;
  }
  int count = 0;
  if (const int code = driver.count(&count); code != 0) {
    found.problem = errorText(driver, code);
    return found;
  }
  for (int i = 0; i < count && i < kMostDevices; ++i) found.devices.push_back(describe(driver, i));
  if (found.devices.empty()) found.problem = "the driver sees no device";
  return found;
}

}  // namespace hvlm
