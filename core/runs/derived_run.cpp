// SPDX-License-Identifier: Apache-2.0
#include "runs/derived_run.h"

#include <set>

#include "runs/checkpoint.h"
#include "runs/run_record.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/text.h"

namespace hvlm {
namespace fs = std::filesystem;
namespace {

// Finished files never change in place, so a second name is as good as a copy and takes no room.
void link(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::create_hard_link(from, to, error);
  if (error) fs::copy_file(from, to, error);
  if (error) throw systemError(to.string(), "copy the file", error.value());
}

void linkCheckpoints(const fs::path& base, const fs::path& target) {
  fs::create_directories(target / "checkpoints");
  std::set<std::string> wanted;
  for (const char* name : {"best", "last"}) {
    const std::string checkpoint = checkpointLink(base, name);
    if (checkpoint.empty()) continue;
    wanted.insert(checkpoint);
    replaceSymlink(target / "checkpoints" / name, checkpoint);
  }
  for (const std::string& checkpoint : wanted) {
    const fs::path folder = target / "checkpoints" / checkpoint;
    fs::create_directories(folder);
    for (const auto& entry : fs::directory_iterator(base / "checkpoints" / checkpoint)) link(entry.path(), folder / entry.path().filename());
  }
}

void requireOnlyDetection(const fs::path& base, const RunConfig& config) {
  RunConfig stored;
  readYaml(base / "config.yaml", Fields(stored));
  for (const std::string& difference : configDifferences(stored, config, true)) {
    if (difference.starts_with("detect.")) continue;
    throw InputError({.where = base.string(), .expected = "a run that differs in detect.* alone", .found = difference,
                      .remedy = "Train this run anew: its weights belong to other options."});
  }
}

}  // namespace

void deriveRun(const fs::path& base, const fs::path& target, const RunConfig& config) {
  const RunRecord origin = readRunRecord(base);
  if (origin.state != "done") {
    throw InputError({.where = base.string(), .expected = "a finished run", .found = "state " + origin.state, .remedy = "Finish it first: hvlm train --resume --run " + base.string()});
  }
  if (fs::exists(target)) {
    throw InputError({.where = target.string(), .expected = "a new folder", .found = "one that is there already", .remedy = "Remove it or choose another one."});
  }
  requireOnlyDetection(base, config);
  RunRecord record = origin;
  const RunRecord fresh = freshRecord(config);
  record.id = fresh.id;
  record.name = target.filename().string();
  record.created = utcNow();
  record.config_hash = fresh.config_hash;
  record.derived_from = origin.id;
  record.resumes.clear();
  writeFolderAtomic(target, [&](const fs::path& folder) {
    linkCheckpoints(base, folder);
    if (fs::exists(base / "probes.safetensors")) link(base / "probes.safetensors", folder / "probes.safetensors");
    writeFileAtomic(folder / "config.yaml", configYaml(config));
    writeRunRecord(folder, record);
  });
}

}  // namespace hvlm
