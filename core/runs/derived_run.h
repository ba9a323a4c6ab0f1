// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>

#include "runs/config.h"

namespace hvlm {

// Makes a run out of a finished one without training: its weights and probes under `config`, which may differ in detect.* alone (what
// the weights know nothing of). The new run.json has its own id and config hash and names its origin in `derived_from`; there is
// no report yet. Appears as a whole. Throws InputError when `base` is not done, `target` exists, or other keys differ.
void deriveRun(const std::filesystem::path& base, const std::filesystem::path& target, const RunConfig& config);

}  // namespace hvlm
