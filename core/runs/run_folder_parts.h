// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>

#include "support/error.h"

// Inside this room only: what may lie in a run folder.
namespace hvlm {

enum class FolderKind { kMissing, kEmpty, kRun, kForeign };
// kEmpty: nothing but what a lock leaves (run.lock, heartbeat.json, control.json, temporaries). kRun: has run.json.
// Throws InputError when the folder cannot be read or is a file.
FolderKind folderKind(const std::filesystem::path& run);
void refuseForeignFolder(const std::filesystem::path& run);  // throws InputError for kForeign
InputError busyRun(const std::filesystem::path& run);                // another process holds the lock; names it

}  // namespace hvlm
