// SPDX-License-Identifier: Apache-2.0
#include "runs/run_folder.h"

#include <cerrno>
#include <optional>
#include <utility>

#include "runs/run_folder_parts.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/text.h"

namespace hvlm {
namespace fs = std::filesystem;
namespace {

bool isLeftByLocks(const std::string& name) {
  return name == "run.lock" || name == "heartbeat.json" || name == "control.json" || name.find(".tmp-") != std::string::npos;
}

InputError foreignFolder(const fs::path& run) {
  return InputError({.where = run.string(), .expected = "a run folder or an empty one", .found = "a folder with other files (no run.json)",
                     .remedy = "Choose another folder; nothing in this one was changed."});
}

// The config the run was started with; nullopt when config.yaml is missing or no longer read by this version.
std::optional<RunConfig> storedConfig(const fs::path& run) {
  try {
    RunConfig config;
    readYaml(run / "config.yaml", Fields(config));
    return config;
  } catch (const InputError&) {
    return std::nullopt;
  }
}

void checkSameConfig(const fs::path& run, const RunConfig& config, const RunRecord& record) {
  if (record.config_hash == configHash(config)) return;
  std::string keys;
  if (const auto stored = storedConfig(run)) {
    for (const std::string& difference : configDifferences(*stored, config, true)) keys += (keys.empty() ? "" : "; ") + difference;
  }
  if (keys.empty()) keys = "config.yaml was changed, or is of another version of this program";
  throw InputError({.where = run.string(), .expected = "the config this run was started with",
                    .found = "another one (run / now: " + keys + ")",
                    .remedy = "Resume with " + (run / "config.yaml").string() + " or choose a new run folder."});
}

void checkSameData(const fs::path& run, const RunRecord& record, const RunRecord& fresh) {
  if (record.dataset_hash.empty() || fresh.dataset_hash.empty() || record.dataset_hash == fresh.dataset_hash) return;
  throw InputError({.where = run.string(),
                    .expected = "the data set this run was started with (" + record.dataset_name + ", " + record.dataset_file + ")",
                    .found = "another one (" + fresh.dataset_name + ", " + fresh.dataset_file + ")",
                    .remedy = "Resume with that data set or choose a new run folder."});
}

// Detections of another program have nothing to train on or to resume, and are kept as they came.
void refuseToTrainImported(const fs::path& run, bool resume) {
  std::optional<RunRecord> record;
  try {
    record = readRunRecord(run);
  } catch (const InputError&) {
    if (resume) throw;  // without it the folder is refused anyhow
  }
  if (!record || !record->isImported()) return;
  throw InputError({.where = run.string(), .expected = resume ? "a run to resume" : "a new or empty folder",
                    .found = "an imported, read-only run (imported from " + record->imported.file + ", without weights)",
                    .remedy = "Choose another folder; nothing in this one was changed."});
}

std::string folderName(const fs::path& run) {
  const fs::path whole = fs::absolute(run).lexically_normal();
  return whole.filename().empty() ? whole.parent_path().filename().string() : whole.filename().string();
}

RunOpening openFresh(const fs::path& run, const RunConfig& config, RunRecord record) {
  if (record.name.empty()) record.name = folderName(run);
  if (record.created.empty()) record.created = utcNow();
  record.config_hash = configHash(config);
  record.seed = config.seed;
  record.state = "running";
  writeRunRecord(run, record);
  writeFileAtomic(run / "config.yaml", configYaml(config));
  std::error_code error;
  fs::create_directories(run / "checkpoints", error);
  if (error) throw systemError((run / "checkpoints").string(), "create the folder", error.value());
  return {.record = std::move(record), .segment = 0};
}

RunOpening openAgain(const fs::path& run, const RunConfig& config, const RunRecord& fresh) {
  RunRecord record = readRunRecord(run);
  checkSameData(run, record, fresh);
  sweepTemporaries(run);
  sweepTemporaries(run / "checkpoints");
  if (!fs::exists(run / "config.yaml")) writeFileAtomic(run / "config.yaml", configYaml(config));
  record.resumes.push_back({.from_step = 0, .time = utcNow(), .host = hostName()});
  record.state = "running";
  record.failure.clear();
  const auto segment = static_cast<int64_t>(record.resumes.size());
  return {.record = std::move(record), .segment = segment};
}

}  // namespace

FolderKind folderKind(const fs::path& run) {
  std::error_code error;
  const fs::file_status status = fs::status(run, error);
  if (status.type() == fs::file_type::not_found) return FolderKind::kMissing;
  if (status.type() != fs::file_type::directory) {
    throw systemError(run.string(), "open the run folder", error ? error.value() : ENOTDIR);
  }
  fs::directory_iterator entries(run, error);
  if (error) throw systemError(run.string(), "read the run folder", error.value());
  bool empty = true;
  for (const auto& entry : entries) {
    const std::string name = entry.path().filename().string();
    if (name == "run.json") return FolderKind::kRun;
    empty = empty && isLeftByLocks(name);
  }
  return empty ? FolderKind::kEmpty : FolderKind::kForeign;
}

void refuseForeignFolder(const fs::path& run) {
  if (folderKind(run) == FolderKind::kForeign) throw foreignFolder(run);
}

void checkRunFolder(const fs::path& run, const RunConfig& config, bool resume) {
  switch (folderKind(run)) {
    case FolderKind::kForeign:
      throw foreignFolder(run);
    case FolderKind::kMissing:
    case FolderKind::kEmpty:
      if (!resume) return;
      throw InputError({.where = run.string(), .expected = "a run to resume", .found = "no run.json in it",
                        .remedy = "Leave --resume out to start a new run, or check the path."});
    case FolderKind::kRun:
      break;
  }
  refuseToTrainImported(run, resume);
  if (!resume) {
    throw InputError({.where = run.string(), .expected = "a new or empty folder", .found = "a run that was started before",
                      .remedy = "Add --resume to go on with it, or choose another folder."});
  }
  if (isLocked(run) && !isLockedByThisProcess(run)) throw busyRun(run);
  checkSameConfig(run, config, readRunRecord(run));
}

RunOpening openRunForTraining(const fs::path& run, const RunConfig& config, bool resume, RunRecord fresh) {
  checkRunFolder(run, config, resume);
  return resume ? openAgain(run, config, fresh) : openFresh(run, config, std::move(fresh));
}

void closeLostRun(const fs::path& run) {
  const auto is_open = [](const RunRecord& record) { return record.state == "running" || record.state == "paused"; };
  if (!is_open(readRunRecord(run))) return;
  const RunLock lock(run);
  RunRecord record = readRunRecord(run);
  if (!is_open(record)) return;
  record.state = "stopped";
  writeRunRecord(run, record);
}

}  // namespace hvlm
