// SPDX-License-Identifier: Apache-2.0
#include "runs/run_comparison.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "runs/run_list.h"
#include "runs/sweep.h"
#include "support/error.h"

namespace hvlm {
namespace {

struct Figure {
  const char* key;
  const char* title;
  bool higher_is_better;
  bool ranked;
};
// Consistency and rank say whether a run is healthy; more of them is not better. Trials of a sweep may have been scored at different epochs.
constexpr Figure kFigures[] = {{"top1", "top-1", true, true},          {"map_50", "mAP@0.5", true, true}, {"average_map", "average mAP", true, true},
                               {"temporal_consistency", "TC", true, false}, {"r_x", "R_x", true, false},       {"effective_rank", "rank", true, false},
                               {"sweep_score", "held-out score", true, false}};

std::map<std::string, std::string> mapOf(const ComparedRun& run) { return {run.config.begin(), run.config.end()}; }

double mean(const std::vector<double>& values) {
  double sum = 0.0;
  for (const double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}
// Sample standard deviation (n - 1); none of a single value.
std::optional<double> deviation(const std::vector<double>& values) {
  if (values.size() < 2) return std::nullopt;
  const double m = mean(values);
  double sum = 0.0;
  for (const double v : values) sum += (v - m) * (v - m);
  return std::sqrt(sum / static_cast<double>(values.size() - 1));
}

using Group = std::vector<const ComparedRun*>;

std::vector<Group> groupsOf(const std::vector<ComparedRun>& runs, bool group) {
  std::vector<Group> groups;
  std::map<std::string, size_t> place;
  for (const ComparedRun& run : runs) {
    if (!run.problem.empty()) continue;
    const std::string key = group ? run.config_hash + "|" + run.dataset : run.folder.string();
    const auto [found, fresh] = place.emplace(key, groups.size());
    if (fresh) groups.emplace_back();
    groups[found->second].push_back(&run);
  }
  return groups;
}

std::vector<double> valuesOf(const Group& group, const char* figure) {
  std::vector<double> values;
  for (const ComparedRun* run : group) {
    if (const auto found = run->figures.find(figure); found != run->figures.end()) values.push_back(found->second);
  }
  return values;
}

std::string joined(const std::set<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : ", ") + text;
  return all;
}

TableRow rowOf(const Group& group, const std::vector<std::string>& keys, bool tags, const std::vector<const Figure*>& figures, const Group* baseline) {
  TableRow row;
  row.cells.push_back({.text = group.size() == 1 ? group.front()->name : group.front()->name + " … " + std::to_string(group.size()) + " runs"});
  const auto config = mapOf(*group.front());
  for (const std::string& key : keys) {
    const auto found = config.find(key);
    row.cells.push_back({.text = found == config.end() ? "–" : found->second});
  }
  if (tags) {
    std::set<std::string> all;
    for (const ComparedRun* run : group) all.insert(run->notes.tags.begin(), run->notes.tags.end());
    row.cells.push_back({.text = joined(all)});
  }
  std::set<std::string> verdicts;
  for (const ComparedRun* run : group) {
    if (!run->verdict.empty()) verdicts.insert(run->verdict);
  }
  row.cells.push_back({.text = verdicts.empty() ? "–" : joined(verdicts)});
  row.struck = std::any_of(verdicts.begin(), verdicts.end(), [](const std::string& v) { return v != "healthy"; });
  for (const Figure* figure : figures) {
    const auto values = valuesOf(group, figure->key);
    TableCell cell;
    if (values.empty()) cell.text = "not measured";
    else cell.value = mean(values), cell.deviation = deviation(values);
    row.cells.push_back(cell);
    if (!baseline) continue;
    const auto reference = valuesOf(*baseline, figure->key);
    TableCell delta;
    if (values.empty() || reference.empty()) delta.text = "–";
    else delta.value = mean(values) - mean(reference);
    row.cells.push_back(delta);
  }
  return row;
}

}  // namespace

ComparedRun readComparedRun(const std::filesystem::path& folder) {
  ComparedRun run;
  run.folder = folder;
  run.name = folder.filename().string();
  try {
    const RunSummary summary = summariseRun(folder);
    if (!summary.problem.empty()) {
      run.problem = summary.problem;
      return run;
    }
    if (summary.record.isImported()) {
      run.config_hash = summary.record.id;
      if (!summary.record.name.empty()) run.name = summary.record.name;  // as the import was called (`hvlm runs import --name`)
    } else {
      RunConfig config = readRunConfig(folder / "config.yaml");
      const Fields fields(config);
      for (const Field& field : fields.all()) run.config.emplace_back(field.path, fieldText(field));
      config.seed = 0;
      run.config_hash = configHash(config);
    }
    run.figures = summary.figures;
    if (const auto score = sweepScoreOf(folder)) run.figures["sweep_score"] = *score;
    run.verdict = summary.verdict;
    run.dataset = summary.record.dataset_name;
    run.notes = readRunNotes(folder);
  } catch (const std::exception& error) {
    run.problem = error.what();
  }
  return run;
}

std::vector<std::string> differingKeys(const std::vector<ComparedRun>& runs) {
  static const std::set<std::string> kBeside = {"seed", "device", "train.threads"};
  std::vector<std::string> keys;
  const ComparedRun* first = nullptr;
  std::set<std::string> differing;
  for (const ComparedRun& run : runs) {
    if (!run.problem.empty() || run.config.empty()) continue;
    if (!first) {
      first = &run;
      continue;
    }
    const auto mine = mapOf(run);
    for (const auto& [key, value] : first->config) {
      const auto found = mine.find(key);
      if (found == mine.end() || found->second != value) differing.insert(key);
    }
  }
  if (!first) return keys;
  for (const auto& [key, value] : first->config) {
    if (differing.contains(key) && !kBeside.contains(key)) keys.push_back(key);
  }
  return keys;
}

ResultTable compareRuns(const std::vector<ComparedRun>& runs, const RunComparisonOptions& options) {
  ResultTable table;
  table.title = "Runs";
  std::vector<std::string> keys = differingKeys(runs), more;
  if (keys.size() > kMostKeys) {
    more.assign(keys.begin() + kMostKeys, keys.end());
    keys.resize(kMostKeys);
  }
  const std::vector<Group> groups = groupsOf(runs, options.group);
  const Group* baseline = nullptr;
  for (const Group& group : groups) {
    const bool holds = std::any_of(group.begin(), group.end(), [&](const ComparedRun* run) { return run->folder == options.baseline; });
    if (!options.baseline.empty() && holds) baseline = &group;
  }
  const bool tags = options.tags && std::any_of(runs.begin(), runs.end(), [](const ComparedRun& run) { return !run.notes.tags.empty(); });
  std::vector<const Figure*> figures;
  for (const Figure& figure : kFigures) {
    if (std::any_of(runs.begin(), runs.end(), [&](const ComparedRun& run) { return run.figures.contains(figure.key); })) figures.push_back(&figure);
  }
  table.columns.push_back({.title = "run", .is_text = true});
  for (const std::string& key : keys) table.columns.push_back({.title = key, .is_text = true});
  if (tags) table.columns.push_back({.title = "tags", .is_text = true});
  table.columns.push_back({.title = "verdict", .is_text = true});
  for (const Figure* figure : figures) {
    const int decimals = std::string(figure->key) == "effective_rank" ? 1 : 3;
    table.columns.push_back({.title = figure->title, .decimals = decimals, .higher_is_better = figure->higher_is_better, .is_ranked = figure->ranked});
    if (baseline) table.columns.push_back({.title = std::string("Δ ") + figure->title, .decimals = decimals, .is_ranked = false});
  }
  for (const Group& group : groups) table.rows.push_back(rowOf(group, keys, tags, figures, baseline));
  if (!more.empty()) table.notes.push_back("also differing: " + joined(std::set<std::string>(more.begin(), more.end())));
  if (baseline) table.notes.push_back("Δ is the difference to " + baseline->front()->name + (baseline->size() > 1 ? " and the other seeds of it" : ""));
  for (const ComparedRun& run : runs) {
    if (!run.problem.empty()) table.notes.push_back(run.name + ": " + run.problem);
  }
  return table;
}

ComparisonAxes comparisonAxes(const std::vector<ComparedRun>& runs, const std::string& figure) {
  ComparisonAxes axes;
  std::vector<const ComparedRun*> readable;
  for (const ComparedRun& run : runs) {
    if (run.problem.empty()) readable.push_back(&run);
  }
  axes.rows.resize(readable.size());
  const double none = std::numeric_limits<double>::quiet_NaN();
  for (const std::string& key : differingKeys(runs)) {
    std::vector<std::string> texts;
    std::set<std::string> distinct;
    bool numbers = true;
    for (const ComparedRun* run : readable) {
      const auto config = mapOf(*run);
      const auto found = config.find(key);
      texts.push_back(found == config.end() ? "" : found->second);
      if (texts.back().empty() && run->config.empty()) continue;
      distinct.insert(texts.back());
      char* end = nullptr;
      std::strtod(texts.back().c_str(), &end);
      numbers = numbers && !texts.back().empty() && *end == '\0';
    }
    axes.names.push_back(key);
    axes.categories.emplace_back();
    if (!numbers) axes.categories.back().assign(distinct.begin(), distinct.end());
    double low = INFINITY, high = 0.0;
    for (size_t i = 0; i < readable.size(); ++i) {
      double value = 0.0;
      if (readable[i]->config.empty()) {
        axes.rows[i].push_back(none);
        continue;
      }
      if (numbers) value = std::strtod(texts[i].c_str(), nullptr);
      else value = static_cast<double>(std::distance(distinct.begin(), distinct.find(texts[i])));
      low = std::min(low, value), high = std::max(high, value);
      axes.rows[i].push_back(value);
    }
    axes.logarithmic.push_back(numbers && low > 0.0 && high / low > 100.0);
  }
  axes.names.push_back(figure);
  axes.categories.emplace_back();
  axes.logarithmic.push_back(false);
  for (size_t i = 0; i < readable.size(); ++i) {
    const auto found = readable[i]->figures.find(figure);
    axes.rows[i].push_back(found == readable[i]->figures.end() ? none : found->second);
  }
  return axes;
}

}  // namespace hvlm
