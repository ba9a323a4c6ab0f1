// SPDX-License-Identifier: Apache-2.0
#include "runs/reproduction_plan.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "runs/reproduction_parts.h"
#include "runs/run_lock.h"
#include "runs/run_record.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/json_file.h"

namespace hvlm {
namespace fs = std::filesystem;
namespace {

std::optional<uint64_t> seedOf(const std::string& folder) {
  constexpr std::string_view kPrefix = "seed-";
  if (!folder.starts_with(kPrefix)) return std::nullopt;
  uint64_t seed = 0;
  const char* last = folder.data() + folder.size();
  const auto parsed = std::from_chars(folder.data() + kPrefix.size(), last, seed);
  if (parsed.ec != std::errc() || parsed.ptr != last) return std::nullopt;
  return seed;
}

std::vector<uint64_t> seedsIn(const fs::path& folder) {
  std::vector<uint64_t> seeds;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (const auto seed = seedOf(entry.path().filename().string())) seeds.push_back(*seed);
  }
  std::sort(seeds.begin(), seeds.end());
  return seeds;
}

// Rows that have runs of their own and are wanted, or that a wanted one is made from.
std::vector<const MethodRow*> runningRows(const std::vector<std::string>& wanted) {
  std::set<std::string> ids;
  for (const MethodRow& row : methodRows()) {
    if (wanted.empty() ? row.on_request : std::find(wanted.begin(), wanted.end(), row.id) == wanted.end()) continue;
    const MethodRow& running = runningRow(row);
    ids.insert(running.id);
    if (!running.derived_from.empty()) ids.insert(running.derived_from);
    if (!running.initial.empty()) ids.insert(running.initial);
  }
  std::vector<const MethodRow*> rows;
  for (const MethodRow& row : methodRows()) {
    if (ids.contains(row.id)) rows.push_back(&row);
  }
  return rows;
}

void requireSame(const PlannedCell& planned, const RunRecord& record, const ReproductionRequest& request) {
  const std::string remedy = "Choose another --out, or remove " + planned.folder.string() + " to have it trained anew.";
  if (record.config_hash != configHash(planned.config)) {
    std::string keys;
    for (const std::string& difference : configDifferences(storedConfig(planned.folder), planned.config, true)) {
      keys += (keys.empty() ? "" : "; ") + difference;
    }
    throw InputError({.where = planned.folder.string(), .expected = "a run of the config of row " + planned.row->id + ", budget " + planned.cell.budget,
                      .found = "another one (run / now: " + (keys.empty() ? "written by another version" : keys) + ")", .remedy = remedy});
  }
  if (!request.dataset_hash.empty() && !record.dataset_hash.empty() && record.dataset_hash != request.dataset_hash) {
    throw InputError({.where = planned.folder.string(), .expected = "a run on the data set of --data",
                      .found = "one on " + record.dataset_name + " (" + record.dataset_file + ")", .remedy = remedy});
  }
}

CellWork workOf(const PlannedCell& planned, const ReproductionRequest& request) {
  std::error_code ignored;
  if (!fs::exists(planned.folder / "run.json", ignored)) return planned.row->derived_from.empty() ? CellWork::kTrain : CellWork::kDerive;
  const RunRecord record = readRunRecord(planned.folder);
  requireSame(planned, record, request);
  if (isFinished(planned.folder, record)) return CellWork::kKept;
  if (isLocked(planned.folder)) {
    throw InputError({.where = planned.folder.string(), .expected = "a run that nobody works on", .found = "one that another process is writing",
                      .remedy = "Wait for it, or stop it: hvlm watch " + planned.folder.string() + " --request stop"});
  }
  return record.state == "done" ? CellWork::kEvaluate : CellWork::kResume;
}

bool hasFinishedCell(const fs::path& out, std::string* dataset_hash, std::string* dataset_name) {
  for (const ReproductionCell& cell : cellsBelow(out)) {
    const fs::path run = cellFolder(out, cell);
    if (!fs::exists(run / "run.json")) continue;
    const RunRecord record = readRunRecord(run);
    if (!isFinished(run, record)) continue;
    *dataset_hash = record.dataset_hash;
    *dataset_name = record.dataset_name;
    return true;
  }
  return false;
}

void linkMeasurements(const fs::path& out, const fs::path& from) {
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(from / "efficiency", none)) {
    const fs::path place = out / "efficiency" / entry.path().filename();
    if (entry.path().extension() != ".json" || fs::exists(place)) continue;
    std::error_code error;
    fs::create_directories(place.parent_path(), error);
    if (error) throw systemError(place.parent_path().string(), "create the folder", error.value());
    replaceSymlink(place, fs::canonical(entry.path()).string());
  }
}

}  // namespace

std::string cellName(const ReproductionCell& cell) { return cell.budget + "/" + cell.row + "/seed-" + std::to_string(cell.seed); }

fs::path cellFolder(const fs::path& out, const ReproductionCell& cell) { return out / "runs" / cellName(cell); }

std::vector<ReproductionCell> cellsBelow(const fs::path& out) {
  std::vector<ReproductionCell> cells;
  for (const char* budget : kBudgets) {
    for (const MethodRow& row : methodRows()) {
      if (!row.same_as.empty()) continue;
      for (const uint64_t seed : seedsIn(out / "runs" / budget / row.id)) cells.push_back({.row = row.id, .budget = budget, .seed = seed});
    }
  }
  return cells;
}

std::map<std::string, std::string> readFailures(const fs::path& out) {
  std::map<std::string, std::string> failures;
  const fs::path file = out / "failures.json";
  if (!fs::exists(file)) return failures;
  const nlohmann::json json = readJsonFile(file);
  for (const auto& [cell, reason] : json.items()) {
    if (reason.is_string()) failures[cell] = reason.get<std::string>();
  }
  return failures;
}

void writeFailures(const fs::path& out, const std::map<std::string, std::string>& failures) {
  if (failures.empty() && !fs::exists(out / "failures.json")) return;
  writeJsonFile(out / "failures.json", nlohmann::json(failures));
}

int64_t joinReproduction(const fs::path& out, const fs::path& from, const std::string& dataset_hash) {
  std::string theirs, ours = dataset_hash, their_name, our_name = "the data set of --data";
  if (!hasFinishedCell(from, &theirs, &their_name)) {
    throw InputError({.where = from.string(), .expected = "finished runs of another reproduction (runs/quick/… or runs/full/…)", .found = "none",
                      .remedy = "Name a folder that hvlm reproduce --out wrote."});
  }
  if (ours.empty()) hasFinishedCell(out, &ours, &our_name);
  if (!ours.empty() && ours != theirs) {
    throw InputError({.where = from.string(), .expected = "runs on the same data set (" + our_name + ")", .found = "runs on another one (" + their_name + ")",
                      .remedy = "Only reproductions of the same data can be joined."});
  }
  int64_t joined = 0;
  for (const ReproductionCell& cell : cellsBelow(from)) {
    const fs::path run = fs::canonical(cellFolder(from, cell)), place = cellFolder(out, cell);
    if (!fs::exists(run / "run.json") || !isFinished(run, readRunRecord(run)) || fs::exists(place)) continue;
    std::error_code error;
    fs::create_directories(place.parent_path(), error);
    if (error) throw systemError(place.parent_path().string(), "create the folder", error.value());
    replaceSymlink(place, run.string());
    ++joined;
  }
  linkMeasurements(out, from);
  return joined;
}

bool isFinished(const fs::path& run, const RunRecord& record) {
  std::error_code ignored;
  return record.state == "done" && fs::exists(run / "report.json", ignored);
}

RunConfig storedConfig(const fs::path& run) {
  RunConfig config;
  readYaml(run / "config.yaml", Fields(config));
  return config;
}

std::vector<PlannedCell> planReproduction(const ReproductionRequest& request) {
  std::vector<PlannedCell> plan;
  const auto rows = runningRows(request.rows);
  for (uint64_t seed = 1; seed <= static_cast<uint64_t>(request.seeds); ++seed) {
    for (const MethodRow* row : rows) {
      PlannedCell planned;
      planned.cell = {.row = row->id, .budget = request.budget, .seed = seed};
      planned.row = row;
      planned.config = methodConfig(*row, request.budget_file, seed);
      if (planned.config.head.experts != "none" && planned.config.head.domains == 0) planned.config.head.domains = request.domains;  // as the run will say
      planned.folder = cellFolder(request.out, planned.cell);
      planned.work = workOf(planned, request);
      plan.push_back(std::move(planned));
    }
  }
  return plan;
}

std::vector<EfficiencyTask> efficiencyTasks(const fs::path& out, int64_t threads) {
  std::vector<EfficiencyTask> tasks;
  const auto add = [&](const std::string& id, int64_t n) {
    EfficiencyTask task{.row = id, .threads = n, .config = efficiencyConfig(*findMethodRow(id)), .file = {}, .steps = {}};
    if (n != threads) task.steps = {250, 500, 1000};
    task.file = out / "efficiency" / (efficiencyStem(id, task.config, n) + ".json");
    const bool known = std::any_of(tasks.begin(), tasks.end(), [&](const EfficiencyTask& other) { return other.file == task.file; });
    if (!known) tasks.push_back(std::move(task));
  };
  for (const char* id : kEfficiencyRows) add(id, threads);
  for (const int64_t n : {1, 2}) add("recommended", n);
  return tasks;
}

}  // namespace hvlm
