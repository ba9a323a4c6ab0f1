// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>

namespace hvlm {

// The four XDG folders of this program (not created here). Relative values of the variables are ignored, as the
// specification asks.
std::filesystem::path configFolder();
std::filesystem::path dataFolder();
std::filesystem::path stateFolder();
std::filesystem::path cacheFolder();

std::filesystem::path executableFolder();  // of the running program
std::filesystem::path engineLibrary();     // libhvlm_engine.so beside the program's library folder, or $HVLM_ENGINE
// A file or folder that comes with the program ("configs/quick.yaml"): in $HVLM_SHARE, the source tree of this build,
// or <prefix>/share/hvlm. Throws InputError when it is in none.
std::filesystem::path bundled(const std::filesystem::path& name);

}  // namespace hvlm
