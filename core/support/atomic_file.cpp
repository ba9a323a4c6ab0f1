// SPDX-License-Identifier: Apache-2.0
#include "support/atomic_file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <system_error>
#include <utility>

#include "support/error.h"

namespace hvlm {
namespace fs = std::filesystem;
namespace {

std::string temporaryName(const fs::path& path) {
  static std::atomic<unsigned> counter{0};
  return path.string() + ".tmp-" + std::to_string(getpid()) + "-" + std::to_string(counter++);
}

// Owns a descriptor; closing errors matter only where the caller checks them.
struct Descriptor {
  int value = -1;
  ~Descriptor() {
    if (value >= 0) ::close(value);
  }
  int release() { return std::exchange(value, -1); }
};

void writeAll(int descriptor, std::string_view bytes, const std::string& where) {
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = ::write(descriptor, bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw systemError(where, "write", errno);
    if (n == 0) throw systemError(where, "write", ENOSPC);
    done += static_cast<size_t>(n);
  }
}

void syncPath(const fs::path& path, int flags) {
  Descriptor d{::open(path.c_str(), flags | O_CLOEXEC)};
  if (d.value < 0) throw systemError(path.string(), "open for syncing", errno);
  if (::fsync(d.value) != 0 && errno != EINVAL && errno != EROFS) throw systemError(path.string(), "sync", errno);
}

fs::path parentOf(const fs::path& path) {
  const fs::path parent = path.parent_path();
  return parent.empty() ? fs::path(".") : parent;
}

void makeFolders(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw systemError(folder.string(), "create the folder", error.value());
}

void renameOver(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) throw systemError(to.string(), "rename into place", errno);
}

void syncTree(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_symlink()) continue;
    if (entry.is_directory()) {
      syncTree(entry.path());
    } else {
      syncPath(entry.path(), O_RDONLY);
    }
  }
  syncPath(folder, O_RDONLY | O_DIRECTORY);
}

}  // namespace

void writeFileAtomic(const fs::path& path, std::string_view bytes) {
  makeFolders(parentOf(path));
  const std::string aside = temporaryName(path);
  try {
    Descriptor d{::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644)};
    if (d.value < 0) throw systemError(path.string(), "create", errno);
    writeAll(d.value, bytes, path.string());
    if (::fsync(d.value) != 0) throw systemError(path.string(), "sync", errno);
    if (::close(d.release()) != 0) throw systemError(path.string(), "close", errno);
    renameOver(aside, path);
  } catch (...) {
    ::unlink(aside.c_str());
    throw;
  }
  syncPath(parentOf(path), O_RDONLY | O_DIRECTORY);
}

PendingFile::PendingFile(const fs::path& path) : path_(path), aside_(temporaryName(path)) { makeFolders(parentOf(path)); }

PendingFile::~PendingFile() {
  if (!aside_.empty()) ::unlink(aside_.c_str());
}

void PendingFile::commit() {
  syncPath(aside_, O_RDONLY);
  renameOver(aside_, path_);
  aside_.clear();
  syncPath(parentOf(path_), O_RDONLY | O_DIRECTORY);
}

void writeFolderAtomic(const fs::path& path, const std::function<void(const fs::path&)>& fill) {
  makeFolders(parentOf(path));
  const fs::path aside = temporaryName(path);
  try {
    if (::mkdir(aside.c_str(), 0755) != 0) throw systemError(path.string(), "create the folder", errno);
    fill(aside);
    syncTree(aside);
    renameOver(aside, path);
  } catch (...) {
    std::error_code ignored;
    fs::remove_all(aside, ignored);
    throw;
  }
  syncPath(parentOf(path), O_RDONLY | O_DIRECTORY);
}

void replaceSymlink(const fs::path& link, const std::string& target) {
  const std::string aside = temporaryName(link);
  if (::symlink(target.c_str(), aside.c_str()) != 0) throw systemError(link.string(), "create the link", errno);
  if (::rename(aside.c_str(), link.c_str()) != 0) {
    const int error = errno;
    ::unlink(aside.c_str());
    throw systemError(link.string(), "replace the link", error);
  }
  syncPath(parentOf(link), O_RDONLY | O_DIRECTORY);
}

std::string readFile(const fs::path& path, size_t limit_bytes) {
  Descriptor d{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (d.value < 0) throw systemError(path.string(), "read the file", errno);
  struct stat info = {};
  if (::fstat(d.value, &info) != 0) throw systemError(path.string(), "read the file", errno);
  if (S_ISDIR(info.st_mode)) throw systemError(path.string(), "read the file", EISDIR);
  const auto tooLarge = [&](size_t found) {
    return InputError({.where = path.string(),
                       .expected = "at most " + std::to_string(limit_bytes) + " bytes",
                       .found = std::to_string(found) + " or more",
                       .remedy = "This is probably another kind of file."});
  };
  if (S_ISREG(info.st_mode) && static_cast<size_t>(info.st_size) > limit_bytes) {
    throw tooLarge(static_cast<size_t>(info.st_size));
  }
  std::string bytes;
  bytes.resize(S_ISREG(info.st_mode) ? static_cast<size_t>(info.st_size) + 1 : size_t{1} << 16);
  size_t done = 0;
  for (;;) {
    if (done == bytes.size()) bytes.resize(bytes.size() * 2);
    const ssize_t n = ::read(d.value, bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw systemError(path.string(), "read the file", errno);
    if (n == 0) break;
    done += static_cast<size_t>(n);
    if (done > limit_bytes) throw tooLarge(done);
  }
  bytes.resize(done);
  return bytes;
}

void sweepTemporaries(const fs::path& folder) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    const size_t at = name.rfind(".tmp-");
    if (at == std::string::npos) continue;
    pid_t pid = 0;
    const char* first = name.data() + at + 5;
    const auto parsed = std::from_chars(first, name.data() + name.size(), pid);
    if (parsed.ec != std::errc() || parsed.ptr == first || *parsed.ptr != '-' || pid <= 0) continue;
    if (pid == getpid() || ::kill(pid, 0) == 0 || errno == EPERM) continue;
    std::error_code ignored;
    fs::remove_all(entry.path(), ignored);
  }
}

AppendFile::AppendFile(const fs::path& path) : path_(path.string()) {
  makeFolders(parentOf(path));
  descriptor_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (descriptor_ < 0) throw systemError(path_, "open for appending", errno);
}
AppendFile::AppendFile(AppendFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}
AppendFile& AppendFile::operator=(AppendFile&& other) noexcept {
  if (this != &other) {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = std::exchange(other.descriptor_, -1);
    path_ = std::move(other.path_);
  }
  return *this;
}
AppendFile::~AppendFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}
void AppendFile::append(std::string_view bytes) { writeAll(descriptor_, bytes, path_); }
void AppendFile::sync() {
  if (descriptor_ >= 0 && ::fdatasync(descriptor_) != 0) throw systemError(path_, "sync", errno);
}

}  // namespace hvlm
