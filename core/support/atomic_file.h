// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace hvlm {

// Writes aside in the same folder, syncs, renames over `path`, syncs the folder. After a crash the file is either the
// old one or the new one. Creates missing parent folders. Throws InputError (systemError) and leaves the old file alone.
void writeFileAtomic(const std::filesystem::path& path, std::string_view bytes);

// A file that a library writes itself (HDF5, a video): it goes to `aside()`, in the same folder; commit() syncs it, renames it over the
// path and syncs the folder. Without commit() nothing is left. Creates missing parent folders. Throws InputError.
class PendingFile {
 public:
  explicit PendingFile(const std::filesystem::path& path);
  ~PendingFile();
  PendingFile(const PendingFile&) = delete;
  PendingFile& operator=(const PendingFile&) = delete;
  const std::filesystem::path& aside() const { return aside_; }
  void commit();

 private:
  std::filesystem::path path_, aside_;
};

// Builds a whole folder aside (`fill` gets the temporary folder and writes plain files into it), syncs everything in it
// and renames it to `path`. `path` must not exist. On an exception the temporary folder is removed and `path` is untouched.
void writeFolderAtomic(const std::filesystem::path& path,
                       const std::function<void(const std::filesystem::path& folder)>& fill);

// Replaces or creates the relative symlink `link` so that it points to `target`, by rename.
void replaceSymlink(const std::filesystem::path& link, const std::string& target);

// Reads a whole file; refuses one larger than `limit_bytes`. Throws InputError.
std::string readFile(const std::filesystem::path& path, size_t limit_bytes = size_t{1} << 30);

// Removes what interrupted writers left in `folder` (names ending in ".tmp-<pid>-<n>" whose process is gone).
void sweepTemporaries(const std::filesystem::path& folder);

// An append-only file (metrics, logs). Each append is one write(2). Not synced per line; `sync` does that.
class AppendFile {
 public:
  AppendFile() = default;
  explicit AppendFile(const std::filesystem::path& path);  // creates it when missing; throws InputError
  AppendFile(AppendFile&& other) noexcept;
  AppendFile& operator=(AppendFile&& other) noexcept;
  ~AppendFile();
  void append(std::string_view bytes);  // throws InputError on a full disk
  void sync();
  bool isOpen() const { return descriptor_ >= 0; }

 private:
  int descriptor_ = -1;
  std::string path_;
};

}  // namespace hvlm
