// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "runs/run_lock.h"
#include "runs/run_notes.h"
#include "runs/run_record.h"

namespace hvlm {

// A run as a reader sees it, derived from files only. A folder that cannot be read gives `problem` and nothing else fails.
struct RunSummary {
  std::filesystem::path folder;
  std::string problem;  // empty when readable
  RunRecord record;
  std::string state;    // "running", "lost", "done", "stopped", "failed", "paused"
  // From report.json, where present: temporal_consistency, cac, r_x, effective_rank, top1, average_map, map_50, videos.
  std::map<std::string, double> figures;
  std::string verdict;
  RunNotes notes;
};

// Summaries of runs that have ended, kept by a reader that polls: a run is read again when its record, report or notes changed. One thread at a time.
class RunCache {
 public:
  const RunSummary* find(const std::filesystem::path& run);  // null when it must be read
  void keep(const RunSummary& summary);

 private:
  struct Kept {
    std::string stamp;
    RunSummary summary;
  };
  std::map<std::filesystem::path, Kept> kept_;
};

// `tracker` (kept by a reader that polls) decides between running and lost by the moving heartbeat; without it one look does.
RunSummary summariseRun(const std::filesystem::path& run, LivenessTracker* tracker = nullptr, RunCache* cache = nullptr);

// Runs, folders of runs (one level deep) or sweeps, in path order. A folder named here that holds neither gives a row with `problem`.
std::vector<RunSummary> listRuns(const std::vector<std::filesystem::path>& folders, LivenessTracker* tracker = nullptr, RunCache* cache = nullptr);

}  // namespace hvlm
