// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "runs/table.h"

// A reproduction: a folder OUT with every run of the paper's tables and the tables made from them.
//   OUT/runs/<budget>/<row id>/seed-<n>/   run folders (a cell: one row, one seed, one budget)
//   OUT/efficiency/<row id>-threads-<n>-<hash>.json   what `hvlm bench model` measured
//   OUT/failures.json       {"quick/moco/seed-1": last error line} of cells that failed and have not succeeded since
//   OUT/tables.json         all numbers, see collectTables
//   OUT/<table>.csv .md .tex, all.md, collapse.csv, figures/
// When OUT holds both budgets, tables.json and the files beside it tell of `quick`; `full` has its own key and folder OUT/full/.
namespace hvlm {

struct ReproductionCell {
  std::string row;     // id of the row that is run (methods.h), never one with `same_as`
  std::string budget;  // "quick", "full"
  uint64_t seed = 1;
};
std::string cellName(const ReproductionCell& cell);  // "quick/moco/seed-1"
std::filesystem::path cellFolder(const std::filesystem::path& out, const ReproductionCell& cell);
std::vector<ReproductionCell> cellsBelow(const std::filesystem::path& out);  // folders that are there, finished or not, in order

std::map<std::string, std::string> readFailures(const std::filesystem::path& out);  // by cell name
void writeFailures(const std::filesystem::path& out, const std::map<std::string, std::string>& failures);

// Makes links in `out` to the finished cells and measurements of another reproduction that `out` lacks; returns how many cells.
// Throws InputError when `from` holds no finished cell, or runs on another data set than those of `out`, or than `dataset_hash` unless that is empty.
int64_t joinReproduction(const std::filesystem::path& out, const std::filesystem::path& from, const std::string& dataset_hash = {});

// One number of a report. Tables publish it under "metrics", so that every mean can be recomputed from the reports.
struct ReproductionMetric {
  std::string name;                    // key in "measured"
  std::string title;                   // column title
  std::vector<std::string> pointers;   // JSON pointers into report.json; a row takes the first that its reports have
  std::vector<std::string> trivial;    // the same within a trivial row (below /controls/<row>)
  int decimals = 3;
  bool higher_is_better = true;
};
const std::vector<ReproductionMetric>& reproductionMetrics();

// The tables of every finished cell below `out`:
//   "main", "ablation", "side"   rows (below), of the budget "budget": quick where there is one
//   "full"                       {"main", "ablation", "side", "missing", "collapse", "notes"} when both budgets are there
//   "efficiency"                 {"rows": […], "scaling": […], "claims": [{"what", "claimed", "measured", "note"}]}
//   "metrics"                    {name: {"title", "pointers", "trivial_pointers", "higher_is_better", "decimals"}}; "average" has "of"
//   "collapse"                   [{"row", "name", "seed", "run", "epoch": […], "tc": […], "r_x": […], "effective_rank": […]}]
//   "missing" [row id …] rows without a finished cell, "notes" […], "claim_problems" […], "dataset", "dataset_hash", "out"
// A row: "id", "name", "table", "group" (side), "tags", "config", "same_as", "derived_from", "seeds", "runs" (absolute folders),
//   "measured" {metric: {"mean", "std" (sample, null for one run), "runs", "values", "pointer"}}, "claimed" {metric: value},
//   "claim_notes", "verdict" (the worst of its runs), "verdicts", "localization_source", "parameters", "epochs", "wall_seconds",
//   "tuned_configurations", "oracle" (it was told the truth: never best), "trivial" and "pointer_prefix" (rows that need no model), "failed" (no seed came to an end: why).
// Throws InputError naming the file when a record or report is damaged, when runs are of different data sets, or when the runs
// of one row differ in more than their seed.
nlohmann::json collectTables(const std::filesystem::path& out);

// Writes tables.json and every text file made from it. Pictures are the window's program's.
void writeReproduction(const std::filesystem::path& out, const nlohmann::json& tables);

// ---- for readers: the window, the writers

// What one column of a table holds.
struct ReproductionColumn {
  std::string metric;    // "temporal_consistency" …; empty for text and for costs
  bool claimed = false;  // the paper's value of this metric
};
struct ReproductionTable {
  std::string key;     // "main", "ablation", "side", "consistency", "localization", "feature_quality", "efficiency", "efficiency_claims"
  std::string budget;  // "quick", "full"; empty for efficiency
  ResultTable table;
  std::vector<ReproductionColumn> columns;  // one for each of table.columns
  std::vector<std::string> row_ids;         // one for each of table.rows; trivial rows: "control-…"
  std::vector<std::vector<std::filesystem::path>> row_runs;  // [row] absolute run folders behind the row; empty for claims and efficiency
  // [row][column] absolute folders of the runs behind that number, in seed order; empty where there is no measured number.
  std::vector<std::vector<std::vector<std::filesystem::path>>> cell_runs;
  std::vector<std::vector<std::vector<double>>> cell_values;  // [row][column] what each of these runs measured
  std::vector<std::vector<std::string>> claim_notes;          // [row] what is known against the claims of this row
};
struct CollapseCurve {  // of one run of rows 4 and 5 of the ablation
  std::string row, name, budget;
  uint64_t seed = 0;
  std::filesystem::path run;
  std::vector<double> epochs, tc, r_x, effective_rank;  // same length; NaN where a value is missing
};
struct EfficiencyCurve {  // of one model of the efficiency table, over the lengths it was measured at
  std::string row, name, mixer;
  std::vector<double> steps, seconds, peak_bytes;  // same length; NaN where a value is missing; seconds: median of one pass
  std::optional<double> slope_time, slope_memory;  // of log value against log steps
};
struct ReproductionTables {
  std::filesystem::path folder;  // absolute OUT
  std::string dataset;           // name
  std::vector<std::string> budgets;
  std::vector<ReproductionTable> tables;  // main, ablation, side … of the first budget, then of the second, then efficiency
  std::vector<CollapseCurve> collapse;
  std::vector<EfficiencyCurve> efficiency;
  std::vector<std::string> missing;  // names of rows without a finished run ("full: …" for the second budget)
};
// Reads OUT/tables.json (`path`: OUT or that file). Run folders are found again when OUT was moved as a whole. Throws InputError
// when there is none or it is damaged.
ReproductionTables readReproduction(const std::filesystem::path& path);
ReproductionTables reproductionTables(const std::filesystem::path& out, const nlohmann::json& tables);  // of what collectTables gave

}  // namespace hvlm
