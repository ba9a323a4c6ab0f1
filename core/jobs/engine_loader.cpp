// SPDX-License-Identifier: Apache-2.0
#include <dlfcn.h>

#include <cstdlib>
#include <mutex>

#include "jobs/engine.h"
#include "support/error.h"
#include "support/paths.h"

namespace hvlm {
namespace {

std::mutex loading;
std::atomic<JobEngine*> engine{nullptr};

std::string lastDlError() {
  const char* text = dlerror();
  return text ? text : "no reason given";
}

}  // namespace

JobEngine& loadEngine() {
  const std::lock_guard lock(loading);
  if (JobEngine* loaded = engine) return *loaded;
  const std::string path = engineLibrary().string();
  // Read once by OpenMP when it starts: idle compute threads sleep instead of spinning beside the window.
  setenv("OMP_WAIT_POLICY", "PASSIVE", 0);
  setenv("GOMP_SPINCOUNT", "10000", 0);  // some 30 µs of waiting before a thread sleeps: a step has hundreds of short parallel parts
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    throw InputError({.where = path,
                      .expected = "a loadable compute engine",
                      .found = lastDlError(),
                      .remedy = "Run ./run --setup-only to install LibTorch and build it; `hvlm doctor` shows what is missing."});
  }
  const auto create = reinterpret_cast<HvlmCreateEngine>(dlsym(library, "hvlm_create_engine"));
  if (!create) {
    const std::string reason = lastDlError();
    dlclose(library);
    throw InputError({.where = path,
                      .expected = "the function hvlm_create_engine",
                      .found = reason,
                      .remedy = "Rebuild it with ./run --setup-only, or point HVLM_ENGINE at the right library."});
  }
  auto* made = static_cast<JobEngine*>(create());
  if (!made) {
    throw InputError({.where = path, .expected = "an engine", .found = "none", .remedy = "Rebuild it with ./run --setup-only."});
  }
  engine = made;  // the library stays open until the process ends
  return *made;
}

bool engineIsLoaded() { return engine != nullptr; }

}  // namespace hvlm
