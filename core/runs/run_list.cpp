// SPDX-License-Identifier: Apache-2.0
#include "runs/run_list.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "runs/sweep.h"
#include "support/error.h"

namespace hvlm {
namespace fs = std::filesystem;
namespace {

bool isThere(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

// What only a run folder has, so that a run without its record is shown and not skipped.
bool looksLikeARun(const fs::path& folder) {
  return isThere(folder / "run.json") || isThere(folder / "metrics.jsonl") || isThere(folder / "checkpoints");
}

void takeFigures(const nlohmann::json& report, RunSummary& summary) {
  const std::vector<std::pair<const char*, const char*>> places = {
      {"temporal_consistency", "/temporal_consistency"}, {"cac", "/consistency/cac"},
      {"r_x", "/consistency/r_x"},                       {"effective_rank", "/collapse/effective_rank"},
      {"top1", "/classification/top1"},                  {"average_map", "/localization/average_map"},
      {"map_50", "/localization/map/0.50"},              {"videos", "/videos"}};
  for (const auto& [name, pointer] : places) {
    const nlohmann::json::json_pointer place(pointer);
    if (report.contains(place) && report.at(place).is_number()) summary.figures[name] = report.at(place).get<double>();
  }
  const auto verdict = report.find("verdict");
  if (verdict != report.end() && verdict->is_string()) summary.verdict = verdict->get<std::string>();
}

RunSummary problemRow(const fs::path& folder, const std::string& problem) {
  RunSummary summary;
  summary.folder = folder;
  summary.problem = problem;
  return summary;
}

void listFolder(const fs::path& folder, LivenessTracker* tracker, RunCache* cache, std::vector<RunSummary>& rows) {
  if (looksLikeARun(folder)) {
    rows.push_back(summariseRun(folder, tracker, cache));
    return;
  }
  if (isSweep(folder)) {
    listFolder(folder / "runs", tracker, cache, rows);
    return;
  }
  std::error_code error;
  fs::directory_iterator entries(folder, error);
  if (error) {
    rows.push_back(problemRow(folder, systemError(folder.string(), "read the folder of runs", error.value()).what()));
    return;
  }
  std::vector<fs::path> runs;
  bool empty = true;
  for (const auto& entry : entries) {
    empty = false;
    std::error_code ignored;
    if (entry.is_directory(ignored) && looksLikeARun(entry.path())) runs.push_back(entry.path());
  }
  std::sort(runs.begin(), runs.end());
  for (const fs::path& run : runs) rows.push_back(summariseRun(run, tracker, cache));
  if (runs.empty() && !empty) {
    rows.push_back(problemRow(folder, InputError({.where = folder.string(), .expected = "a run, or a folder of runs",
                                                  .found = "neither", .remedy = "Check the path."}).what()));
  }
}

// Times and sizes of the files that a summary is made of.
std::string stampOf(const fs::path& run) {
  std::string stamp;
  for (const char* name : {"run.json", "report.json", "notes.json"}) {
    std::error_code error;
    const auto time = fs::last_write_time(run / name, error);
    stamp += error ? "-" : std::to_string(time.time_since_epoch().count()) + ":" + std::to_string(fs::file_size(run / name, error));
    stamp += ";";
  }
  return stamp;
}

}  // namespace

const RunSummary* RunCache::find(const fs::path& run) {
  const auto found = kept_.find(run);
  return found != kept_.end() && found->second.stamp == stampOf(run) ? &found->second.summary : nullptr;
}

void RunCache::keep(const RunSummary& summary) { kept_[summary.folder] = {stampOf(summary.folder), summary}; }

RunSummary summariseRun(const fs::path& run, LivenessTracker* tracker, RunCache* cache) {
  if (cache) {
    if (const RunSummary* known = cache->find(run)) return *known;
  }
  RunSummary summary;
  summary.folder = run;
  try {
    summary.record = readRunRecord(run);
    summary.state = summary.record.state;
    const bool ended = summary.state == "done" || summary.state == "failed" || summary.state == "stopped";
    if (!ended && !(tracker ? tracker->alive(run) : aliveNow(run))) summary.state = "lost";
    if (const auto report = readReport(run)) takeFigures(*report, summary);
    summary.notes = readRunNotes(run);
    if (cache && ended) cache->keep(summary);
  } catch (const std::exception& error) {
    summary.problem = error.what();
  }
  return summary;
}

std::vector<RunSummary> listRuns(const std::vector<fs::path>& folders, LivenessTracker* tracker, RunCache* cache) {
  std::vector<RunSummary> rows;
  for (const fs::path& folder : folders) listFolder(folder, tracker, cache, rows);
  return rows;
}

}  // namespace hvlm
