// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "runs/config.h"
#include "runs/metrics.h"
#include "runs/safetensors.h"

// The run folder of DESIGN.md, "Files": run.json, config.yaml, metrics.jsonl, checkpoints/, predictions/, report.json,
// figures/, heartbeat.json, run.lock, control.json.
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
  std::string state;   // "running", "done", "failed", "stopped"
  std::string failure; // one line when failed
  int64_t step = 0, epochs_done = 0, total_epochs = 0;  // as last saved
  std::vector<std::string> tags;
};
void writeRunRecord(const std::filesystem::path& run, const RunRecord& record);
RunRecord readRunRecord(const std::filesystem::path& run);  // throws InputError

// Exclusive writing rights on a run, by an OFD lock on run.lock that the kernel drops at death. With a heartbeat thread
// that writes heartbeat.json every 2 s while held.
class RunLock {
 public:
  explicit RunLock(const std::filesystem::path& run);  // throws InputError when another process holds it
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

 private:
  void beat();
  std::filesystem::path run_;
  int descriptor_ = -1;
  std::jthread heart_;
};
bool isLocked(const std::filesystem::path& run);  // by any process; changes nothing

// Opens a run for training. A used folder without resume is refused; another config hash is refused with the differing keys.
//   fresh: creates the folder, config.yaml, run.json. resume: appends to `resumes` (from_step filled by the caller).
struct RunOpening {
  RunRecord record;
  int64_t segment = 0;
};
RunOpening openRunForTraining(const std::filesystem::path& run, const RunConfig& config, bool resume, RunRecord fresh);

// A checkpoint: checkpoints/step-NNNNNNNN/ with *.safetensors and state.json, renamed in as a whole, then `last` (and `best`)
// replaced. Keeps last, previous, best; removes older ones.
struct CheckpointContent {
  int64_t step = 0;
  std::map<std::string, TensorMap> files;  // "weights", "ema", "optimiser", "queue" …; written as <name>.safetensors
  std::string state_json;                  // RNG, data order, epoch … no clock or host data
};
std::filesystem::path saveCheckpoint(const std::filesystem::path& run, const CheckpointContent& content, bool is_best);
// The newest checkpoint that reads back whole (each file's digest is in state.json's neighbour "digests.json"). Damaged ones
// are skipped; `warnings` names each. nullopt when there is none.
std::optional<CheckpointContent> loadCheckpoint(const std::filesystem::path& run, const std::string& which,  // "last", "best", "step-…"
                                                std::vector<std::string>* warnings);
std::vector<std::string> checkpointNames(const std::filesystem::path& run);  // "step-00000120", oldest first

// Requests of another process: written by `watch`, the window or `runs`, read by the trainer between steps.
enum class ControlRequest { kNone, kPause, kStop, kResume };
void writeControl(const std::filesystem::path& run, ControlRequest request);
// Reads and keeps state; cheap (one stat) when nothing changed.
class ControlReader {
 public:
  explicit ControlReader(std::filesystem::path run) : run_(std::move(run)) {}
  ControlRequest poll();  // a new request since the last poll, else kNone

 private:
  std::filesystem::path run_;
  std::string seen_;
};

// A run as a reader sees it, derived from files only. A folder that cannot be read gives `problem` and nothing else fails.
struct RunSummary {
  std::filesystem::path folder;
  std::string problem;  // empty when readable
  RunRecord record;
  std::string state;    // "running", "lost", "done", "stopped", "failed", "paused"
  nlohmann::json* report = nullptr;  // unused by the list; see readReport
  std::map<std::string, double> figures;  // top1, average_map, temporal_consistency, effective_rank … from report.json
  std::string verdict;
};
// `lost` needs the heartbeat's counter to stand for 8 s on the reader's clock; LivenessTracker remembers when it last moved.
class LivenessTracker {
 public:
  // Returns true while the run counts as alive; `now` is injectable for tests.
  bool alive(const std::filesystem::path& run, std::chrono::steady_clock::time_point now = std::chrono::steady_clock::now());

 private:
  struct Seen {
    int64_t counter = -1;
    std::chrono::steady_clock::time_point when;
  };
  std::map<std::string, Seen> seen_;
};
RunSummary summariseRun(const std::filesystem::path& run);
std::vector<RunSummary> listRuns(const std::vector<std::filesystem::path>& folders);  // runs, or folders of runs

}  // namespace hvlm
