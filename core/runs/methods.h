// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "runs/claims.h"
#include "runs/config.h"

// The registry: every row of the paper's tables as data (method.md 3 and 6). `hvlm reproduce` trains what stands here.
namespace hvlm {

struct MethodRow {
  std::string id;                     // of folders and of --only: "moco", "a04", "pooling-mean"
  std::string name;                   // as tables show it
  std::string table;                  // "main", "ablation" or "side"
  std::string group;                  // of side rows: "pooling", "length mode" …
  std::string config;                 // file below the bundled configs/
  std::vector<std::string> settings;  // "key=value", after the budget
  std::string same_as;                // not empty: the runs are those of this row
  std::string derived_from;           // not empty: not trained, but made from this row's run of the same seed
  std::string initial = {};           // not empty: training starts from the weights of this row's run of the same seed
  const Claim* claim = nullptr;       // what the paper claims of it
  bool controls = false;              // evaluated with the control rows, which become the trivial rows of the main table
  int64_t tuned_configurations = 1;   // configurations that were tried on the held-out slice before this one was fixed
  bool on_request = false;            // trained only when --only names it or its group, and not missing until then
  std::string help;
};

const std::vector<MethodRow>& methodRows();                 // in the order of the tables
const MethodRow* findMethodRow(const std::string& id);      // nullptr when unknown
const MethodRow& methodRowOf(const std::string& word);      // id or name, any case; throws UsageError naming the nearest one
std::vector<const MethodRow*> methodRowsOf(const std::string& word);  // all of a group of side rows, else that one row
const MethodRow& runningRow(const MethodRow& row);          // the row whose runs these are: `same_as`, else itself

// The config of one cell: the row's file, overlaid by the budget's file, then the row's settings, then the seed. Validated.
RunConfig methodConfig(const MethodRow& row, const std::filesystem::path& budget_file, uint64_t seed);
std::filesystem::path budgetFile(const std::string& budget);  // configs/budgets/<budget>.yaml

// What every table says about a row's text vectors: "text: hashed", and "label-text" when they are made of class names.
std::vector<std::string> textTags(const RunConfig& config);

}  // namespace hvlm
