// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdlib.h>

#include <cerrno>
#include <filesystem>
#include <string>

#include "support/error.h"

namespace hvlm {

// A folder of its own that goes with the object. Throws InputError when none can be made.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "hvlm-XXXXXX").string();
    if (!mkdtemp(name.data())) throw systemError(name, "create a temporary folder", errno);
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace hvlm
