// SPDX-License-Identifier: Apache-2.0
#include "support/paths.h"

#include <cstdlib>
#include <system_error>
#include <vector>

#include "support/error.h"

namespace hvlm {
namespace fs = std::filesystem;
namespace {

fs::path xdg(const char* variable, const char* below_home) {
  const char* value = std::getenv(variable);
  if (value && fs::path(value).is_absolute()) return fs::path(value) / "hvlm";
  const char* home = std::getenv("HOME");
  return fs::path(home && *home ? home : "/tmp") / below_home / "hvlm";
}

}  // namespace

fs::path configFolder() { return xdg("XDG_CONFIG_HOME", ".config"); }
fs::path dataFolder() { return xdg("XDG_DATA_HOME", ".local/share"); }
fs::path stateFolder() { return xdg("XDG_STATE_HOME", ".local/state"); }
fs::path cacheFolder() { return xdg("XDG_CACHE_HOME", ".cache"); }

fs::path executableFolder() {
  static const fs::path folder = [] {  // looked up once: it is asked for on threads that must not wait for a disk
    std::error_code error;
    const fs::path exe = fs::read_symlink("/proc/self/exe", error);
    return error ? fs::current_path() : exe.parent_path();
  }();
  return folder;
}

fs::path engineLibrary() {
  if (const char* given = std::getenv("HVLM_ENGINE"); given && *given) return given;
  const fs::path here = executableFolder();
  const std::vector<fs::path> candidates = {here / ".." / "lib" / "libhvlm_engine.so", here / "libhvlm_engine.so",
                                            here / ".." / "lib" / "hvlm" / "libhvlm_engine.so"};
  for (const fs::path& path : candidates) {
    if (fs::exists(path)) return fs::weakly_canonical(path);
  }
  throw InputError({.where = (here / "../lib/libhvlm_engine.so").lexically_normal().string(),
                    .expected = "the compute engine",
                    .found = "no such file",
                    .remedy = "Build it with ./run --setup-only, or point HVLM_ENGINE at it."});
}

fs::path bundled(const fs::path& name) {
  std::vector<fs::path> roots;
  if (const char* given = std::getenv("HVLM_SHARE"); given && *given) roots.emplace_back(given);
  const fs::path here = executableFolder();
  roots.push_back(here / ".." / "share" / "hvlm");
  roots.push_back(here / ".." / "..");  // build/bin in the source tree
  for (const fs::path& root : roots) {
    if (fs::exists(root / name)) return fs::weakly_canonical(root / name);
  }
  throw InputError({.where = name.string(),
                    .expected = "a file that comes with the program",
                    .found = "none beside " + here.string(),
                    .remedy = "Set HVLM_SHARE to the folder that holds it."});
}

}  // namespace hvlm
