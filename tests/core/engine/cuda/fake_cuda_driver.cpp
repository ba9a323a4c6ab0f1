// SPDX-License-Identifier: Apache-2.0
// Stands in for libcuda.so.1: what it answers is set by environment variables, so that every message can be seen without a GPU.
//   FAKE_CUDA_VERSION (13000)  FAKE_CUDA_DEVICES (1)  FAKE_CUDA_CAPABILITY (90)  FAKE_CUDA_INIT (0, an error code)
#include <cstdlib>
#include <cstring>

namespace {
int setting(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  return text ? std::atoi(text) : otherwise;
}
}  // namespace

extern "C" {
int cuInit(unsigned) { return setting("FAKE_CUDA_INIT", 0); }
int cuDriverGetVersion(int* version) {
  *version = setting("FAKE_CUDA_VERSION", 13000);
  return 0;
}
int cuDeviceGetCount(int* count) {
  *count = setting("FAKE_CUDA_DEVICES", 1);
  return 0;
}
int cuDeviceGetName(char* name, int bytes, int device) {
  std::strncpy(name, device == 0 ? "Fake GPU" : "Other Fake GPU", static_cast<size_t>(bytes));
  return 0;
}
int cuDeviceTotalMem_v2(size_t* bytes, int) {
  *bytes = size_t{8} << 30;
  return 0;
}
int cuDeviceGetAttribute(int* value, int attribute, int) {
  const int capability = setting("FAKE_CUDA_CAPABILITY", 90);
  *value = attribute == 75 ? capability / 10 : capability % 10;
  return 0;
}
int cuGetErrorString(int code, const char** text) {
  *text = code == 803 ? "system has unsupported display driver / cuda driver combination" : "fake error";
  return 0;
}
}
