// SPDX-License-Identifier: Apache-2.0
#include "runs/reproduction.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "runs/claims.h"
#include "runs/metrics.h"
#include "runs/reproduction_parts.h"
#include "support/error.h"
#include "support/json_file.h"
#include "support/text.h"

namespace hvlm {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::json;
using Pointer = nlohmann::json::json_pointer;

constexpr const char* kAverageOf[] = {"temporal_consistency", "classification", "localization"};

// A finished cell.
struct Finished {
  ReproductionCell cell;
  fs::path folder;  // absolute, links kept
  RunRecord record;
  RunConfig config;
  Json report;
  double wall_seconds = 0.0;  // of training
};
using Cells = std::map<std::string, std::vector<Finished>>;  // of one budget, by row that is run

std::map<std::string, Curve> curvesIn(const Finished& run) { return curvesOf(MetricReader(run.folder).poll(), resumeSteps(run.record)); }

double trainingSeconds(const Finished& run) {
  double seconds = 0.0;
  for (const auto& [tag, curve] : curvesIn(run)) {
    if (!curve.hours.empty()) seconds = std::max(seconds, 3600.0 * curve.hours.back());
  }
  return seconds;
}

Finished readFinished(const ReproductionCell& cell, const fs::path& folder, RunRecord record) {
  Finished run{.cell = cell, .folder = folder, .record = std::move(record), .config = storedConfig(folder), .report = *readReport(folder)};
  run.wall_seconds = run.record.derived_from.empty() ? trainingSeconds(run) : 0.0;
  return run;
}

void requireOneDataSet(const std::vector<Finished>& runs) {
  for (const Finished& run : runs) {
    const Finished& first = runs.front();
    if (run.record.dataset_hash == first.record.dataset_hash) continue;
    throw InputError({.where = run.folder.string(), .expected = "a run on the data set of " + first.folder.string() + " (" + first.record.dataset_name + ")",
                      .found = "one on another (" + run.record.dataset_name + ", " + run.record.dataset_file + ")",
                      .remedy = "Tables hold one data set: remove these runs or use another folder."});
  }
}

// A fine-tuned run starts from the run of its own seed: that name differs with the seed too.
std::string hashButSeed(RunConfig config) {
  const std::string own = "seed-" + std::to_string(config.seed);
  if (config.train.init.ends_with(own)) config.train.init.resize(config.train.init.size() - own.size());
  config.seed = 0;
  return configHash(config);
}

void requireOneConfig(const std::vector<Finished>& runs) {
  for (const Finished& run : runs) {
    const Finished& first = runs.front();
    if (hashButSeed(run.config) == hashButSeed(first.config)) continue;
    std::string keys;
    for (const std::string& difference : configDifferences(first.config, run.config, true)) keys += (keys.empty() ? "" : "; ") + difference;
    throw InputError({.where = run.folder.string(), .expected = "the options of " + first.folder.string() + " but for the seed", .found = "others (" + keys + ")",
                      .remedy = "A mean over different configs means nothing: remove one of these runs."});
  }
}

// ---- numbers

std::optional<double> numberAt(const Json& report, const std::string& pointer) {
  const Pointer place(pointer);
  if (!report.contains(place) || !report.at(place).is_number()) return std::nullopt;
  const double value = report.at(place).get<double>();
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

double meanOf(const std::vector<double>& values) {
  double sum = 0.0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

// Sample standard deviation; nothing for one value.
std::optional<double> deviationOf(const std::vector<double>& values) {
  if (values.size() < 2) return std::nullopt;
  const double mean = meanOf(values);
  double sum = 0.0;
  for (const double value : values) sum += (value - mean) * (value - mean);
  return std::sqrt(sum / static_cast<double>(values.size() - 1));
}

Json measuredJson(const std::vector<double>& values, const std::vector<std::string>& runs) {
  const auto deviation = deviationOf(values);
  return {{"mean", meanOf(values)}, {"std", deviation ? Json(*deviation) : Json(nullptr)}, {"runs", runs}, {"values", values}};
}

// The headline of a fine-tuned head stands under "top1" only where there is such a head.
bool isOffered(const std::string& metric, const Json& report) {
  if (metric != "classification_own") return true;
  const Pointer protocol("/classification/protocol");
  return report.contains(protocol) && report.at(protocol) == "fine-tuned head";
}

// The values of one metric over the runs, by the first of `pointers` that any report has.
Json measure(const std::string& metric, const std::vector<std::string>& pointers, const std::string& prefix, const std::vector<Finished>& runs) {
  for (const std::string& pointer : pointers) {
    std::vector<double> values;
    std::vector<std::string> folders;
    for (const Finished& run : runs) {
      const auto value = isOffered(metric, run.report) ? numberAt(run.report, prefix + pointer) : std::nullopt;
      if (!value) continue;
      values.push_back(*value);
      folders.push_back(run.folder.string());
    }
    if (values.empty()) continue;
    Json measured = measuredJson(values, folders);
    measured["pointer"] = prefix + pointer;
    return measured;
  }
  return nullptr;
}

// The paper's table averages its three columns; over the runs that have all three.
Json averageOf(const Json& measured) {
  std::map<std::string, std::pair<double, int>> sums;
  std::vector<std::string> order;
  for (const char* part : kAverageOf) {
    if (!measured.contains(part)) return nullptr;
    const Json& m = measured.at(part);
    for (size_t i = 0; i < m.at("runs").size(); ++i) {
      const std::string run = m.at("runs")[i].get<std::string>();
      if (!sums.contains(run)) order.push_back(run);
      sums[run].first += m.at("values")[i].get<double>();
      sums[run].second += 1;
    }
  }
  std::vector<double> values;
  std::vector<std::string> runs;
  for (const std::string& run : order) {
    if (sums[run].second != 3) continue;
    values.push_back(sums[run].first / 3.0);
    runs.push_back(run);
  }
  if (values.empty()) return nullptr;
  Json average = measuredJson(values, runs);
  average["of"] = kAverageOf;
  return average;
}

// `own_head` turns the order of the two sources of localisation round: rows about the label source differ in their own head alone.
Json measureAll(const std::vector<Finished>& runs, const std::string& prefix, bool own_head = false) {
  Json measured = Json::object();
  for (const ReproductionMetric& metric : reproductionMetrics()) {
    if (metric.name == "average") continue;
    std::vector<std::string> pointers = prefix.empty() ? metric.pointers : metric.trivial;
    if (own_head) std::reverse(pointers.begin(), pointers.end());
    Json m = measure(metric.name, pointers, prefix, runs);
    if (!m.is_null()) measured[metric.name] = std::move(m);
  }
  if (Json average = averageOf(measured); !average.is_null()) measured["average"] = std::move(average);
  return measured;
}

int gravity(const std::string& verdict) { return verdict.starts_with("collapsed") ? 2 : verdict.starts_with("constant") ? 1 : 0; }

void addVerdicts(Json& row, const std::vector<Finished>& runs) {
  std::string worst;
  Json all = Json::array();
  for (const Finished& run : runs) {
    const auto found = run.report.find("verdict");
    const std::string verdict = found != run.report.end() && found->is_string() ? found->get<std::string>() : "";
    all.push_back(verdict);
    if (!verdict.empty() && (worst.empty() || gravity(verdict) > gravity(worst))) worst = verdict;
  }
  row["verdict"] = worst.empty() ? "none" : worst;
  row["verdicts"] = all;
}

// ---- rows

void addClaim(Json& row, const Claim* claim) {
  Json claimed = Json::object(), notes = Json::array();
  if (claim) {
    claimed = {{"temporal_consistency", claim->consistency}, {"classification", claim->classification}, {"localization", claim->localisation}};
    if (claim->average) claimed["average"] = *claim->average;
    row["claimed_as"] = claim->method;
    for (const ClaimNote& note : kClaimNotes) {
      if (note.of == claim->method) notes.push_back(note.text);
    }
  }
  row["claimed"] = claimed;
  row["claim_notes"] = notes;
}

void addRuns(Json& row, const std::vector<Finished>& runs) {
  Json folders = Json::array(), seeds = Json::array(), ids = Json::array();
  std::vector<double> seconds;
  for (const Finished& run : runs) {
    folders.push_back(run.folder.string());
    seeds.push_back(run.cell.seed);
    ids.push_back(run.record.id);
    seconds.push_back(run.wall_seconds);
  }
  row["runs"] = folders;
  row["seeds"] = seeds;
  row["run_ids"] = ids;
  if (!seconds.empty()) row["wall_seconds"] = meanOf(seconds);
}

std::string localizationSource(const Json& measured) {
  if (!measured.contains("localization")) return "";
  return measured.at("localization").at("pointer") == "/localization/map/0.50" ? "own head" : "shared probe";
}

Json headOf(const MethodRow& row) {
  const MethodRow& running = runningRow(row);
  Json json = {{"id", row.id}, {"name", row.name}, {"table", row.table}, {"config", running.config}, {"settings", running.settings},
               {"tuned_configurations", running.tuned_configurations}, {"measured", Json::object()}};
  if (!row.group.empty()) json["group"] = row.group;
  if (!row.same_as.empty()) json["same_as"] = row.same_as;
  if (!running.derived_from.empty()) json["derived_from"] = running.derived_from;
  if (!running.initial.empty()) json["initial"] = running.initial;
  addClaim(json, row.claim);
  return json;
}

Json rowOf(const MethodRow& row, const std::vector<Finished>& runs) {
  Json json = headOf(row);
  const Finished& first = runs.front();
  json["tags"] = textTags(first.config);
  addRuns(json, runs);
  json["measured"] = measureAll(runs, "", row.group == "label source");
  json["localization_source"] = localizationSource(json["measured"]);
  addVerdicts(json, runs);
  if (const auto parameters = numberAt(first.report, "/parameters")) json["parameters"] = std::llround(*parameters);
  if (first.config.detect.labels == "oracle") json["oracle"] = true;
  json["epochs"] = first.record.derived_from.empty() ? first.config.train.epochs : 0;
  json["batch_size"] = first.config.train.batch_size;
  return json;
}

Json failedRow(const MethodRow& row, const std::string& reason) {
  Json json = headOf(row);
  json.update({{"tags", Json::array()}, {"runs", Json::array()}, {"seeds", Json::array()}, {"verdict", "none"}, {"failed", reason}});
  return json;
}

bool isTrivial(const std::string& control) { return !control.starts_with("raw features") && !control.starts_with("random encoder"); }

std::string capitalised(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

std::string slug(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (plain) {
      out += c;
    } else if (!out.empty() && out.back() != '-') {
      out += '-';
    }
  }
  return out;
}

// The rows that need no model, from the control rows of the raw row's reports.
void addTrivialRows(const std::vector<Finished>& raw, Json& rows) {
  std::vector<std::string> names;
  for (const Finished& run : raw) {
    const auto controls = run.report.find("controls");
    if (controls == run.report.end() || !controls->is_object()) continue;
    for (const auto& [name, values] : controls->items()) {
      if (isTrivial(name) && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  for (const std::string& name : names) {
    const std::string prefix = (Pointer("/controls") / name).to_string();
    Json row = {{"id", "control-" + slug(name)}, {"name", capitalised(name)}, {"table", "main"}, {"trivial", true}, {"pointer_prefix", prefix},
                {"tags", Json::array()}, {"verdict", "none"}, {"claimed", Json::object()}, {"claim_notes", Json::array()}};
    if (name.starts_with("oracle")) row["oracle"] = true;
    addRuns(row, raw);
    row.erase("wall_seconds");
    row["measured"] = measureAll(raw, prefix);
    if (row["measured"].contains("localization")) row["localization_source"] = "trivial";
    rows.push_back(std::move(row));
  }
}

// ---- collapse curves

// The points of a tag by epoch (measured on the held-out slice at its end), or the mean of its steps when the tag is one per step.
std::map<int64_t, double> byEpoch(const Curve& curve, bool is_per_step) {
  std::map<int64_t, std::pair<double, int64_t>> sums;
  for (size_t i = 0; i < curve.values.size(); ++i) {
    if (!std::isfinite(curve.values[i])) continue;
    const auto epoch = static_cast<int64_t>(is_per_step ? std::max(1.0, std::ceil(curve.epochs[i] - 1e-9)) : std::llround(curve.epochs[i]));
    sums[epoch].first += curve.values[i];
    sums[epoch].second += 1;
  }
  std::map<int64_t, double> means;
  for (const auto& [epoch, sum] : sums) means[epoch] = sum.first / static_cast<double>(sum.second);
  return means;
}

Json collapseOf(const MethodRow& row, const Finished& run) {
  const auto curves = curvesIn(run);
  std::map<std::string, std::map<int64_t, double>> series;
  std::set<int64_t> epochs;
  for (const char* name : {"tc", "r_x", "effective_rank"}) {
    const auto exact = curves.find(std::string("holdout/") + name);
    const auto found = exact != curves.end() ? exact : curves.find(std::string("train/") + name);
    if (found == curves.end()) continue;
    series[name] = byEpoch(found->second, exact == curves.end());
    for (const auto& [epoch, value] : series[name]) epochs.insert(epoch);
  }
  Json json = {{"row", row.id}, {"name", row.name}, {"seed", run.cell.seed}, {"run", run.folder.string()}, {"epoch", epochs}};
  for (const char* name : {"tc", "r_x", "effective_rank"}) {
    Json& values = json[name] = Json::array();
    for (const int64_t epoch : epochs) values.push_back(series[name].contains(epoch) ? Json(series[name][epoch]) : Json(nullptr));
  }
  return json;
}

Json collapseCurves(const Cells& cells) {
  Json curves = Json::array();
  for (const char* id : {"a04", "a05"}) {
    const auto runs = cells.find(id);
    if (runs == cells.end()) continue;
    for (const Finished& run : runs->second) curves.push_back(collapseOf(*findMethodRow(id), run));
  }
  return curves;
}

// ---- tables

// All trained rows are to share data, optimiser and steps; says which do not.
Json fairnessNotes(const Cells& cells) {
  Json notes = Json::array();
  const Finished* first = nullptr;
  for (const MethodRow& row : methodRows()) {
    const auto runs = cells.find(row.id);
    if (runs == cells.end() || runs->second.front().config.train.epochs == 0) continue;
    const Finished& run = runs->second.front();
    if (!run.record.derived_from.empty()) continue;
    if (!first) first = &run;
    std::string keys;
    for (const std::string& difference : configDifferences(first->config, run.config, true)) {
      if (difference.starts_with("train.")) keys += (keys.empty() ? "" : "; ") + difference;
    }
    if (!keys.empty()) notes.push_back("Not under the same budget: " + first->cell.row + " / " + row.id + ": " + keys + ".");
  }
  return notes;
}

// The last error of a row none of whose cells came to an end; empty when none failed.
std::string failureOf(const std::string& row, const std::string& budget, const std::map<std::string, std::string>& failures) {
  const std::string prefix = budget + "/" + row + "/";
  std::string reason;
  for (const auto& [cell, text] : failures) {
    if (cell.starts_with(prefix)) reason = text;
  }
  return reason;
}

// A group on request is shown once a run of its own is there; the runs that it shares with other rows are none.
bool isAskedFor(const MethodRow& row, const std::string& budget, const Cells& cells, const std::map<std::string, std::string>& failures) {
  if (!row.on_request) return true;
  return std::any_of(methodRows().begin(), methodRows().end(), [&](const MethodRow& other) {
    return other.group == row.group && other.same_as.empty() && (cells.contains(other.id) || !failureOf(other.id, budget, failures).empty());
  });
}

Json tablesOfBudget(const std::string& budget, const Cells& cells, const std::map<std::string, std::string>& failures) {
  Json tables = {{"main", Json::array()}, {"ablation", Json::array()}, {"side", Json::array()}, {"missing", Json::array()}};
  for (const MethodRow& row : methodRows()) {
    if (!isAskedFor(row, budget, cells, failures)) continue;
    const std::string running = runningRow(row).id;
    const auto runs = cells.find(running);
    const std::string failure = runs == cells.end() ? failureOf(running, budget, failures) : "";
    if (runs != cells.end()) {
      tables[row.table].push_back(rowOf(row, runs->second));
    } else if (!failure.empty()) {
      tables[row.table].push_back(failedRow(row, failure));
    } else {
      tables["missing"].push_back(row.id);
    }
  }
  if (const auto raw = cells.find("raw"); raw != cells.end()) addTrivialRows(raw->second, tables["main"]);
  tables["collapse"] = collapseCurves(cells);
  tables["notes"] = fairnessNotes(cells);
  return tables;
}

Json metricsJson() {
  Json metrics = Json::object();
  for (const ReproductionMetric& metric : reproductionMetrics()) {
    Json& one = metrics[metric.name] = {{"title", metric.title}, {"higher_is_better", metric.higher_is_better}, {"decimals", metric.decimals}};
    if (metric.name == "average") {
      one["of"] = kAverageOf;
      continue;
    }
    one["pointer"] = metric.pointers.front();
    one["pointers"] = metric.pointers;
    one["trivial_pointers"] = metric.trivial;
  }
  return metrics;
}

std::vector<Finished> finishedBelow(const fs::path& out) {
  std::vector<Finished> runs;
  for (const ReproductionCell& cell : cellsBelow(out)) {
    const fs::path folder = fs::absolute(cellFolder(out, cell)).lexically_normal();
    if (!fs::exists(folder / "run.json")) continue;
    RunRecord record = readRunRecord(folder);
    if (isFinished(folder, record)) runs.push_back(readFinished(cell, folder, std::move(record)));
  }
  return runs;
}

// Failures that are on record, and runs that say so themselves.
std::map<std::string, std::string> failuresBelow(const fs::path& out) {
  auto failures = readFailures(out);
  for (const ReproductionCell& cell : cellsBelow(out)) {
    const fs::path folder = cellFolder(out, cell);
    if (failures.contains(cellName(cell)) || !fs::exists(folder / "run.json")) continue;
    const RunRecord record = readRunRecord(folder);
    if (record.state == "failed") failures[cellName(cell)] = record.failure;
  }
  return failures;
}

}  // namespace

const std::vector<ReproductionMetric>& reproductionMetrics() {
  const auto same = [](std::string name, std::string title, std::string pointer, int decimals = 3, bool higher = true) {
    return ReproductionMetric{std::move(name), std::move(title), {pointer}, {pointer}, decimals, higher};
  };
  const auto probed = [](std::string name, std::string title, const std::string& probe, const std::string& trivial) {
    return ReproductionMetric{std::move(name), std::move(title), {"/classification/" + probe}, {"/classification/" + trivial}};
  };
  const auto located = [](std::string name, std::string title, const std::string& key) {
    return ReproductionMetric{std::move(name), std::move(title), {"/localization_probe/" + key, "/localization/" + key}, {"/localization/" + key}};
  };
  static const std::vector<ReproductionMetric> metrics = {
      same("temporal_consistency", "TC", "/temporal_consistency"),
      probed("classification", "Classification", "probe", "top1"),
      located("localization", "mAP@0.5", "map/0.50"),
      {"average", "Average", {}, {}},
      same("raw_consistency", "TC of raw features", "/consistency/raw"),
      same("cac", "CAC", "/consistency/cac"),
      same("ts", "TS", "/consistency/ts"),
      same("r_in", "R_in", "/consistency/r_in", 3, false),
      same("r_x", "R_x", "/consistency/r_x", 3, false),
      same("centred", "Centred TC", "/consistency/centred"),
      same("boundary_auc", "Boundary AUC", "/consistency/boundary_auc"),
      same("effective_rank", "Effective rank", "/collapse/effective_rank", 1),
      same("mean_std", "Mean std", "/collapse/mean_std"),
      same("classification_own", "Own classifier", "/classification/top1"),
      same("knn", "kNN-20", "/classification/knn"),
      probed("top5", "Top-5", "probe_top5", "top5"),
      probed("map", "Classification mAP", "probe_map", "map"),
      located("average_map", "Average mAP", "average_map"),
      located("hit_at_50", "Hit@0.5", "hit_at_50"),
      located("instance_recall_at_1", "Instance recall@1", "instance_recall_at_1"),
      located("frame_mask_at_50", "Frame mask IoU >= 0.5", "frame_mask_at_50"),
      {"localization_own", "mAP@0.5, own head", {"/localization/map/0.50"}, {}},
      {"average_map_own", "Average mAP, own head", {"/localization/average_map"}, {}},
      same("frame_accuracy", "Frame accuracy", "/frame_accuracy"),
      same("qa_accuracy", "Answers", "/qa/accuracy"),
      same("cider", "CIDEr", "/captions/cider"),
      same("bleu4", "BLEU-4", "/captions/bleu4"),
      same("rouge_l", "ROUGE-L", "/captions/rouge_l"),
      same("intra", "Intra", "/feature_quality/intra", 3, false),
      same("inter", "Inter", "/feature_quality/inter"),
      same("separation", "Separation", "/feature_quality/separation"),
      same("silhouette", "Silhouette", "/feature_quality/silhouette")};
  return metrics;
}

Json collectTables(const fs::path& out) {
  const std::vector<Finished> runs = finishedBelow(out);
  requireOneDataSet(runs);
  const auto failures = failuresBelow(out);
  std::map<std::string, Cells> by_budget;
  for (const Finished& run : runs) by_budget[run.cell.budget][run.cell.row].push_back(run);
  for (const auto& [budget, cells] : by_budget) {
    for (const auto& [row, of_row] : cells) requireOneConfig(of_row);
  }
  for (const auto& [cell, reason] : failures) by_budget[cell.substr(0, cell.find('/'))];
  const std::string first = by_budget.contains("full") && !by_budget.contains("quick") ? "full" : "quick";

  Json tables = tablesOfBudget(first, by_budget[first], failures);
  tables["budget"] = first;
  if (first == "quick" && by_budget.contains("full")) tables["full"] = tablesOfBudget("full", by_budget["full"], failures);
  tables["efficiency"] = collectEfficiency(out);
  tables["metrics"] = metricsJson();
  tables["claim_problems"] = kClaimProblems;
  tables["dataset"] = runs.empty() ? "" : runs.front().record.dataset_name;
  tables["dataset_hash"] = runs.empty() ? "" : runs.front().record.dataset_hash;
  tables["out"] = fs::absolute(out).lexically_normal().string();
  return tables;
}

}  // namespace hvlm
