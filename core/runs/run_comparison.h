// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "runs/config.h"
#include "runs/run_notes.h"
#include "runs/table.h"

namespace hvlm {

// A run with its whole config and the figures of its report, for tables over many runs.
struct ComparedRun {
  std::filesystem::path folder;
  std::string name;
  std::string problem;  // why it cannot be read; the rest is empty then
  std::vector<std::pair<std::string, std::string>> config;  // path, value, in the order of the struct; empty for an imported run
  std::string config_hash;  // of what determines the result, without the seed; the id of an imported run, which is never grouped
  std::map<std::string, double> figures;  // as RunSummary has them, and "sweep_score" of a trial (sweepScoreOf)
  std::string verdict, dataset;
  RunNotes notes;
};
ComparedRun readComparedRun(const std::filesystem::path& folder);  // never throws

struct RunComparisonOptions {
  bool group = true;        // runs that differ only by seed are one row: mean and standard deviation
  std::string baseline;     // folder of the run (or a run of the group) that deltas are taken to; empty = none
  bool tags = true;         // a column of tags, where any run has one
};

// A row per run or group: name, the config keys that differ (at most `kMostKeys`, the others are named in a note), figures, with a baseline also their
// deltas. Collapsed rows are struck. Runs that cannot be read are named in the notes.
constexpr size_t kMostKeys = 12;
ResultTable compareRuns(const std::vector<ComparedRun>& runs, const RunComparisonOptions& options);
std::vector<std::string> differingKeys(const std::vector<ComparedRun>& runs);  // seed and what does not change results left out

// The same for parallel coordinates: a row per run, the keys that differ, and one figure at the end; NaN where a run has none (an imported
// run has no keys).
struct ComparisonAxes {
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> categories;  // by axis; empty for numbers
  std::vector<bool> logarithmic;                     // numbers that span more than two decades
  std::vector<std::vector<double>> rows;             // by run: the number, or the index into categories
};
ComparisonAxes comparisonAxes(const std::vector<ComparedRun>& runs, const std::string& figure);

}  // namespace hvlm
