// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "runs/config.h"
#include "runs/methods.h"
#include "runs/reproduction.h"

// What is still to be done for a reproduction, found from the run folders alone.
namespace hvlm {

enum class CellWork {
  kKept,      // done, with a report, of this config and data set
  kTrain,     // nothing is there yet
  kResume,    // stopped, failed or lost
  kDerive,    // to be made from the finished run of another row, then evaluated
  kEvaluate,  // trained, without a report
};

struct PlannedCell {
  ReproductionCell cell;
  const MethodRow* row = nullptr;  // one that runs: no `same_as`
  RunConfig config;
  std::filesystem::path folder;
  CellWork work = CellWork::kTrain;
};

struct ReproductionRequest {
  std::filesystem::path out;
  std::vector<std::string> rows;      // ids; empty = all but those on request
  std::string budget = "quick";
  std::filesystem::path budget_file;
  int64_t seeds = 3;                  // 1 … seeds
  std::string dataset_hash;           // of the data the runs are to be of
  int64_t domains = 0;                // of its taxonomy: what head.domains = 0 of rows with experts stands for
};

// Every cell that the request needs, seed by seed, in the order of the tables; those that others are derived from are among them.
// Throws InputError, before anything is done, for a folder that holds a run of another config or data set, or that another process works on.
std::vector<PlannedCell> planReproduction(const ReproductionRequest& request);

// Costs that are measured: the config of each of three rows, without a budget, and where the numbers are kept.
struct EfficiencyTask {
  std::string row;
  int64_t threads = 1;
  RunConfig config;
  std::filesystem::path file;
  std::vector<int64_t> steps;  // lengths; empty = all that bench model has
};
// The Direct Transformer, the full model and the recommended one with `threads`; the last one with one and two threads too,
// at short lengths, which tell how threads scale.
std::vector<EfficiencyTask> efficiencyTasks(const std::filesystem::path& out, int64_t threads);

}  // namespace hvlm
