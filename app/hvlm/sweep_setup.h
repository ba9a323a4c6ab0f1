// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "runs/sweep.h"

// What `hvlm sweep` is asked for.
namespace hvlm::cli {

struct SweepArguments {
  std::string config, space, data, out, metric;
  std::vector<std::string> settings;
  int64_t trials = 0, jobs = 0, eta = 0, min_epochs = 0;
  std::optional<uint64_t> seed;
  bool finish = false;
  bool retry = false;
};

// The options of this call; where they are left out, those of the sweep in the folder. Throws UsageError for what is missing or unknown,
// InputError for a config whose trials could not be compared. Changes nothing.
SweepSetup setupOf(const SweepArguments& a);

// One sweep at a time works in a folder; the kernel drops the lock at death. Makes the folder. Throws InputError when another one does.
class FolderLock {
 public:
  explicit FolderLock(const std::filesystem::path& out);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int file_ = -1;
};

}  // namespace hvlm::cli
