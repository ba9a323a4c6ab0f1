// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runs/config.h"

namespace hvlm {

// What run.json says. Everything needed to reproduce or to distrust a run (method.md 7).
struct RunRecord {
  std::string id;            // random, stable for the life of the run
  std::string name;          // folder name at creation
  std::string created;       // UTC
  std::string version, revision, compiler, build_type;
  std::string config_hash;
  std::string dataset_name, dataset_file, dataset_hash, split_hash;
  uint64_t seed = 0;
  int64_t threads = 0;
  std::string device, host;
  std::vector<std::pair<std::string, std::string>> libraries;  // name, version
  struct Resume {
    int64_t from_step = 0;
    std::string time, host;
  };
  std::vector<Resume> resumes;
  std::string state;   // "running", "paused", "done", "failed", "stopped"
  std::string failure; // one line when failed
  int64_t step = 0, epochs_done = 0, total_epochs = 0;  // as last saved
  std::vector<std::string> tags;
  std::string derived_from;  // id of the run whose weights these are, when it was not trained itself
  struct Import {            // detections of another program, with neither weights nor curves
    std::string file, hash;  // its name without folders, and its content
    std::string tool;        // who wrote it, as far as the file tells
  };
  Import imported;  // empty `file`: made by this program
  bool isImported() const { return !imported.file.empty(); }
};
// Throws InputError for a run of another program; `wanted` is what it lacks ("a run that can be resumed").
void refuseImported(const std::filesystem::path& run, const RunRecord& record, const std::string& wanted);
void writeRunRecord(const std::filesystem::path& run, const RunRecord& record);
RunRecord readRunRecord(const std::filesystem::path& run);  // throws InputError
std::vector<int64_t> resumeSteps(const RunRecord& record);  // from_step of segment 1, 2, … as `curvesOf` takes them

// A record of a run that starts now: random id, build, host, time, config hash, seed, threads and device of `config`.
// The engine adds data set, libraries and the device really used.
RunRecord freshRecord(const RunConfig& config);
std::string hostName();
std::string bootId();  // changes at each start of the machine; empty when the system has none

// report.json, the object that `eval --json` prints. nullopt when the run has none; throws InputError when it is damaged.
std::optional<nlohmann::json> readReport(const std::filesystem::path& run);
void writeReport(const std::filesystem::path& run, const nlohmann::json& report);

}  // namespace hvlm
