// SPDX-License-Identifier: Apache-2.0
#include "runs/run_trash.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <optional>
#include <tuple>

#include "runs/run_lock.h"
#include "runs/run_record.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/paths.h"
#include "support/text.h"

namespace hvlm {
namespace {

namespace fs = std::filesystem;

// A trash folder; paths in its info files are relative to `top`, or absolute where that is empty.
struct Trash {
  fs::path folder, top;
};

std::optional<dev_t> deviceOf(fs::path path) {
  struct stat status {};
  while (stat(path.c_str(), &status) != 0) {
    if (!path.has_relative_path()) return std::nullopt;
    path = path.parent_path();
  }
  return status.st_dev;
}

Trash homeTrash() { return {dataFolder().parent_path() / "Trash", {}}; }

fs::path topOf(fs::path path) {
  while (path.has_relative_path() && deviceOf(path.parent_path()) == deviceOf(path)) path = path.parent_path();
  return path;
}

// Where things of a path's file system go. The shared .Trash only where it is a real folder with the sticky bit, as the specification asks.
Trash trashFor(const fs::path& path) {
  const Trash home = homeTrash();
  if (deviceOf(path) == deviceOf(home.folder)) return home;
  const fs::path top = topOf(path), shared = top / ".Trash";
  const std::string user = std::to_string(getuid());
  struct stat status {};
  const bool usable = lstat(shared.c_str(), &status) == 0 && S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX);
  return {usable ? shared / user : top / (".Trash-" + user), top};
}

void makePrivate(const fs::path& folder) {
  std::error_code none;
  fs::create_directories(folder.parent_path(), none);
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) throw systemError(folder.string(), "make the trash folder", errno);
}

std::string percentEncoded(const std::string& text) {
  constexpr const char* kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
                       c == '~' || c == '/';
    if (plain) out += c;
    else out += {'%', kHex[byte >> 4], kHex[byte & 15]};
  }
  return out;
}

int hexOf(char c) {
  return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::string percentDecoded(const std::string& text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hexOf(text[i + 1]) : -1, low = high >= 0 ? hexOf(text[i + 2]) : -1;
    if (low < 0) {
      out += text[i];
      continue;
    }
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

std::string timeNow() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  localtime_r(&now, &parts);
  char text[32];
  return std::string(text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts));
}

fs::path infoOf(const Trash& trash, const std::string& name) { return trash.folder / "info" / (name + ".trashinfo"); }

// Reserves a name: the info file is made first and belongs to whoever could make it.
std::string reserve(const Trash& trash, const fs::path& run, const std::string& info) {
  for (int number = 1;; ++number) {
    const std::string name = run.filename().string() + (number == 1 ? "" : "." + std::to_string(number));
    const fs::path file = infoOf(trash, name);
    const int descriptor = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0) {
      if (errno == EEXIST) continue;
      throw systemError(file.string(), "write into the trash", errno);
    }
    const ssize_t written = write(descriptor, info.data(), info.size());
    const int error = errno;
    close(descriptor);
    if (written == static_cast<ssize_t>(info.size())) return name;
    unlink(file.c_str());
    throw systemError(file.string(), "write into the trash", written < 0 ? error : ENOSPC);
  }
}

fs::path absoluteOf(const fs::path& run) {
  fs::path path = fs::absolute(run).lexically_normal();
  return path.has_filename() ? path : path.parent_path();  // "run/" names the same
}

std::optional<TrashedRun> readInfo(const Trash& trash, const fs::path& info) {
  constexpr size_t kLongest = 64 << 10;
  TrashedRun run;
  try {
    for (const std::string& line : split(readFile(info, kLongest), '\n')) {
      if (line.rfind("Path=", 0) == 0 && run.original.empty()) run.original = percentDecoded(line.substr(5));
      if (line.rfind("DeletionDate=", 0) == 0) run.deleted = trimmed(line.substr(13));
    }
  } catch (const InputError&) {
    return std::nullopt;  // of another program, or gone meanwhile
  }
  if (run.original.empty()) return std::nullopt;
  if (run.original.is_relative()) run.original = trash.top / run.original;
  run.place = trash.folder / "files" / info.stem();
  return run;
}

}  // namespace

fs::path moveRunToTrash(const fs::path& run) {
  const fs::path path = absoluteOf(run);
  readRunRecord(path);  // what is no run is told as such
  if (aliveNow(path)) {
    throw InputError(
        {.where = path.string(), .expected = "a run that nobody writes", .found = "one that is being trained", .remedy = "Stop it first."});
  }
  const Trash trash = trashFor(path.parent_path());
  for (const fs::path& folder : {trash.folder, trash.folder / "files", trash.folder / "info"}) makePrivate(folder);
  const std::string named = (trash.top.empty() ? path : path.lexically_relative(trash.top)).string();
  const std::string name = reserve(trash, path, "[Trash Info]\nPath=" + percentEncoded(named) + "\nDeletionDate=" + timeNow() + "\n");
  const fs::path place = trash.folder / "files" / name;
  // RENAME_NOREPLACE: a stray folder without info is not run over.
  if (renameat2(AT_FDCWD, path.c_str(), AT_FDCWD, place.c_str(), RENAME_NOREPLACE) != 0) {
    const int error = errno;
    unlink(infoOf(trash, name).c_str());
    throw systemError(path.string(), "move to the trash", error);
  }
  return place;
}

std::vector<TrashedRun> trashedFrom(const fs::path& run) {
  const fs::path path = absoluteOf(run);
  const Trash home = homeTrash(), own = trashFor(path.parent_path());
  std::vector<Trash> places = {home};
  if (own.folder != home.folder) places.push_back(own);
  std::vector<TrashedRun> found;
  for (const Trash& trash : places) {
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(trash.folder / "info", none)) {
      if (entry.path().extension() != ".trashinfo") continue;
      auto known = readInfo(trash, entry.path());
      if (known && known->original.lexically_normal() == path && fs::exists(known->place, none)) found.push_back(std::move(*known));
    }
  }
  // Of one second the one with the later number: names of the same length sort by it.
  std::sort(found.begin(), found.end(), [](const TrashedRun& a, const TrashedRun& b) {
    const auto key = [](const TrashedRun& r) { return std::tuple(r.deleted, r.place.string().size(), r.place.string()); };
    return key(a) > key(b);
  });
  return found;
}

void restoreRunFromTrash(const fs::path& run) {
  const fs::path path = absoluteOf(run);
  const std::vector<TrashedRun> there = trashedFrom(path);
  if (there.empty()) {
    throw InputError({.where = path.string(),
                      .expected = "a run in the trash that stood here",
                      .found = "none",
                      .remedy = "The trash was emptied, or the run taken out by hand."});
  }
  std::error_code none;
  fs::create_directories(path.parent_path(), none);
  const fs::path& place = there.front().place;
  if (renameat2(AT_FDCWD, place.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) != 0) {
    if (errno == EEXIST)
      throw InputError({.where = path.string(), .expected = "a free place", .found = "another run", .remedy = "Move that one away first."});
    throw systemError(path.string(), "take out of the trash", errno);
  }
  fs::remove(place.parent_path().parent_path() / "info" / (place.filename().string() + ".trashinfo"), none);
}

}  // namespace hvlm
