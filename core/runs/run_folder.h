// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>

#include "runs/checkpoint.h"
#include "runs/config.h"
#include "runs/control.h"
#include "runs/metrics.h"
#include "runs/run_list.h"
#include "runs/run_lock.h"
#include "runs/run_record.h"
#include "runs/safetensors.h"

// The run folder of DESIGN.md, "Files": run.json, config.yaml, metrics.jsonl, checkpoints/, predictions/, report.json,
// figures/, heartbeat.json, run.lock, control.json. This header brings all its parts.
namespace hvlm {

// Refuses, without changing anything: an imported run, a used folder without resume, a folder that is not a run with resume, a folder with
// other things in it, another config (naming the keys that differ), a run that another process is writing.
void checkRunFolder(const std::filesystem::path& run, const RunConfig& config, bool resume);

struct RunOpening {
  RunRecord record;
  int64_t segment = 0;  // of MetricWriter: 0, then one more at each resume
};

// Opens a run for training; checks as above. A trainer calls checkRunFolder, takes a RunLock, then calls this.
//   fresh:  writes run.json and config.yaml, makes checkpoints/.
//   resume: keeps id and provenance, sweeps what a dead writer left, and adds an entry to `resumes` with from_step 0. The
//           caller sets from_step and writes the record before its first step; nothing is written here. `fresh` of a resume
//           gives dataset_hash: another data set than the run's is refused.
RunOpening openRunForTraining(const std::filesystem::path& run, const RunConfig& config, bool resume, RunRecord fresh);

// A run whose process is gone counts as stopped from now on, and can be resumed as before. Nothing happens to one that has ended. Throws
// InputError when somebody writes it.
void closeLostRun(const std::filesystem::path& run);

}  // namespace hvlm
