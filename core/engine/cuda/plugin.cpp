// SPDX-License-Identifier: Apache-2.0
#include "engine/cuda/plugin.h"

#include <dlfcn.h>

#include <cstdlib>

#include "support/paths.h"

namespace hvlm::cuda {
namespace {

namespace fs = std::filesystem;

const KernelSet* in_use = nullptr;  // engine thread only

std::string lastDlError() {
  const char* text = dlerror();
  return text ? text : "no reason given";
}

template <class F>
bool find(void* library, const std::string& name, F& function, std::string& problem) {
  function = reinterpret_cast<F>(dlsym(library, name.c_str()));
  if (!function && problem.empty()) problem = "it has no " + name;
  return function != nullptr;
}

}  // namespace

fs::path pluginLibrary() {
  if (const char* chosen = std::getenv("HVLM_CUDA_PLUGIN"); chosen && *chosen) return chosen;
  const fs::path name = "libhvlm_cuda.so";
  std::error_code error;
  Dl_info own;
  if (dladdr(reinterpret_cast<const void*>(&pluginLibrary), &own) && own.dli_fname) {
    const fs::path beside = fs::absolute(own.dli_fname, error).parent_path() / name;
    if (fs::exists(beside, error)) return beside;
  }
  return (executableFolder() / ".." / "lib" / name).lexically_normal();
}

const KernelSet* loadPlugin(const fs::path& library, std::string& problem) {
  static KernelTable<float> table;
  static const KernelSet loaded{&table, nullptr};
  static bool done = false;
  if (done) return &loaded;
  problem.clear();
  void* opened = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!opened) {
    problem = lastDlError();
    return nullptr;
  }
  int (*version)() = nullptr;
  if (!find(opened, "hvlm_cuda_version", version, problem)) return nullptr;
  if (version() != kPluginVersion) {
    problem = "it has version " + std::to_string(version()) + ", this program needs " + std::to_string(kPluginVersion);
    return nullptr;
  }
  find(opened, "hvlm_cuda_error_text", table.error_text, problem);
  forEachKernel<float>([&](const char* name, auto member, auto) {
    std::string symbol = "hvlm_cuda_";
    find(opened, symbol.append(name), table.*member, problem);
  });
  done = problem.empty();
  return done ? &loaded : nullptr;
}

const KernelSet* kernelsFor(const at::Tensor& tensor) {
  const bool fits = in_use && tensor.is_cuda() && tensor.scalar_type() == at::kFloat && tensor.is_contiguous();
  return fits ? in_use : nullptr;
}

void useKernels(const KernelSet* kernels) { in_use = kernels; }

}  // namespace hvlm::cuda
