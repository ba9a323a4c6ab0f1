// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <vector>

// The desktop's trash as the freedesktop.org Trash specification 1.0 lays it out, where the window and file managers find a run again:
// $XDG_DATA_HOME/Trash, or for another file system .Trash/UID or .Trash-UID at its top.
namespace hvlm {

// Moves a run folder there and returns where it lies. Throws InputError when it is no run, while it is being written, and when
// the system refuses; then it stands where it stood.
std::filesystem::path moveRunToTrash(const std::filesystem::path& run);

struct TrashedRun {
  std::filesystem::path place, original;  // both absolute
  std::string deleted;                    // local time as YYYY-MM-DDThh:mm:ss
};
// What went to the trash from this very place and is still there, the newest first.
std::vector<TrashedRun> trashedFrom(const std::filesystem::path& run);

// Puts the newest of these back. Throws InputError when there is none, or something stands at the place.
void restoreRunFromTrash(const std::filesystem::path& run);

}  // namespace hvlm
