// SPDX-License-Identifier: Apache-2.0
#include "runs/checkpoint.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "support/atomic_file.h"
#include "support/error.h"
#include "support/hash.h"
#include "support/json_file.h"
#include "support/text.h"

namespace hvlm {
namespace fs = std::filesystem;
namespace {

constexpr const char* kDigests = "digests.json";
constexpr const char* kState = "state.json";
constexpr const char* kTensorSuffix = ".safetensors";
constexpr size_t kLargestState = size_t{256} << 20;

fs::path folderOf(const fs::path& run) { return run / "checkpoints"; }

int64_t stepOf(std::string_view name) {  // -1 when it is no checkpoint's name
  if (!name.starts_with("step-") || name.size() < 13) return -1;
  int64_t step = -1;
  const auto parsed = std::from_chars(name.data() + 5, name.data() + name.size(), step);
  return parsed.ec == std::errc() && parsed.ptr == name.data() + name.size() ? step : -1;
}

void fill(const fs::path& folder, const CheckpointContent& content) {
  nlohmann::json digests = nlohmann::json::object();
  for (const auto& [name, tensors] : content.files) {
    const std::string file = name + kTensorSuffix;
    writeSafetensors(folder / file, tensors);
    digests[file] = contentHashOfFile(folder / file);
  }
  AppendFile(folder / kState).append(content.state_json);
  digests[kState] = contentHash(content.state_json);
  AppendFile(folder / kDigests).append(digests.dump(2) + "\n");
}

// A name that sweepTemporaries clears when this process dies before it does.
fs::path asideOf(const fs::path& path, const char* what) {
  return path.string() + ".tmp-" + std::to_string(getpid()) + "-" + what;
}

void renameTo(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) throw systemError(to.string(), "rename into place", errno);
}

// Out of sight first, so that nobody meets half a checkpoint.
void removeCheckpoint(const fs::path& path) {
  const fs::path aside = asideOf(path, "old");
  std::error_code ignored;
  fs::remove_all(aside, ignored);
  if (::rename(path.c_str(), aside.c_str()) == 0) fs::remove_all(aside, ignored);
}

// The same step again (a run that went back, or was evaluated since): swapped in one rename.
void replaceFolder(const fs::path& path, const std::function<void(const fs::path&)>& filler) {
  const fs::path aside = asideOf(path, "new");
  std::error_code ignored;
  fs::remove_all(aside, ignored);
  writeFolderAtomic(aside, filler);
  if (::renameat2(AT_FDCWD, aside.c_str(), AT_FDCWD, path.c_str(), RENAME_EXCHANGE) != 0) {
    removeCheckpoint(path);  // a file system that cannot swap
    renameTo(aside, path);
  }
  fs::remove_all(aside, ignored);
}

void prune(const fs::path& run, int64_t step) {
  const fs::path folder = folderOf(run);
  std::set<std::string> kept = {checkpointName(step)};
  const std::string best = checkpointLink(run, "best");
  if (stepOf(best) <= step) kept.insert(best);
  const auto names = checkpointNames(run);
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    if (stepOf(*name) < step) {
      kept.insert(*name);  // the previous one
      break;
    }
  }
  for (const std::string& name : names) {
    if (!kept.contains(name)) removeCheckpoint(folder / name);
  }
  if (!best.empty() && !kept.contains(best)) ::unlink((folder / "best").c_str());
}

[[noreturn]] void damaged(const std::string& file, const std::string& found) {
  throw InputError({.where = file, .expected = "", .found = found, .remedy = ""});
}

// Throws InputError for anything that is not as it was saved.
CheckpointContent readWhole(const fs::path& folder) {
  CheckpointContent content;
  content.step = stepOf(folder.filename().string());
  const nlohmann::json digests = readJsonFile(folder / kDigests, kLargestState);
  if (!digests.is_object() || !digests.contains(kState)) damaged(kDigests, "another schema");
  for (const auto& [file, digest] : digests.items()) {
    if (file.find('/') != std::string::npos || !digest.is_string()) damaged(kDigests, "another schema");
    if (contentHashOfFile(folder / file) != digest.get_ref<const std::string&>()) damaged(file, "other bytes than were saved");
    if (file == kState) {
      content.state_json = readFile(folder / file, kLargestState);
    } else if (file.ends_with(kTensorSuffix)) {
      content.files[fs::path(file).stem().string()] = readSafetensors(folder / file);
    }
  }
  return content;
}

// Names to try, the wished one first, then the rest from the newest on.
std::vector<std::string> candidates(const fs::path& run, const std::string& which) {
  std::vector<std::string> names = checkpointNames(run);
  std::reverse(names.begin(), names.end());
  if (which == "last") return names;
  if (which == "best") {
    const std::string best = checkpointLink(run, "best");
    if (best.empty()) return names;
    std::erase(names, best);
    names.insert(names.begin(), best);
    return names;
  }
  const int64_t step = stepOf(which);
  if (step < 0 || std::find(names.begin(), names.end(), which) == names.end()) {
    std::string there;
    for (const std::string& name : names) there += ", " + name;
    throw InputError({.where = folderOf(run).string(), .expected = "last, best" + there, .found = "\"" + shortened(which) + "\"",
                      .remedy = "Choose one of these checkpoints."});
  }
  std::erase_if(names, [&](const std::string& name) { return stepOf(name) > step; });
  return names;
}

}  // namespace

std::string checkpointName(int64_t step) {
  std::string digits = std::to_string(step);
  if (digits.size() < 8) digits.insert(0, 8 - digits.size(), '0');
  return "step-" + digits;
}

std::vector<std::string> checkpointNames(const fs::path& run) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folderOf(run), error)) {
    std::string name = entry.path().filename().string();
    std::error_code ignored;
    if (stepOf(name) >= 0 && entry.is_directory(ignored)) names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end(), [](const auto& a, const auto& b) { return stepOf(a) < stepOf(b); });
  return names;
}

std::string checkpointLink(const fs::path& run, const std::string& link) {
  std::error_code error;
  const std::string target = fs::read_symlink(folderOf(run) / link, error).filename().string();
  return error || stepOf(target) < 0 ? "" : target;
}

fs::path saveCheckpoint(const fs::path& run, const CheckpointContent& content, bool is_best) {
  const fs::path folder = folderOf(run);
  const std::string name = checkpointName(content.step);
  const auto filler = [&](const fs::path& aside) { fill(aside, content); };
  if (fs::exists(folder / name)) {
    replaceFolder(folder / name, filler);
  } else {
    writeFolderAtomic(folder / name, filler);
  }
  replaceSymlink(folder / "last", name);
  if (is_best) replaceSymlink(folder / "best", name);
  prune(run, content.step);
  return folder / name;
}

std::optional<CheckpointContent> loadCheckpoint(const fs::path& run, const std::string& which, std::vector<std::string>* warnings) {
  std::vector<std::pair<std::string, std::string>> bad;  // name, what is wrong
  const auto report = [&](const std::string& outcome) {
    for (const auto& [name, wrong] : bad) {
      if (warnings) warnings->push_back((folderOf(run) / name).string() + " is damaged (" + wrong + "); " + outcome);
    }
  };
  for (const std::string& name : candidates(run, which)) {
    try {
      CheckpointContent content = readWhole(folderOf(run) / name);
      report(name + " is used instead.");
      return content;
    } catch (const InputError& error) {
      bad.emplace_back(name, trimmed(error.what()));
    }
  }
  report("no other checkpoint is whole.");
  return std::nullopt;
}

}  // namespace hvlm
