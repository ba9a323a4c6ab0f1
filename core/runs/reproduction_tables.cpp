// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "runs/reproduction.h"
#include "runs/reproduction_parts.h"
#include "support/error.h"
#include "support/json_file.h"
#include "support/text.h"

namespace hvlm {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::json;

constexpr const char* kClaimedNote = "Claimed columns are the paper's own statements, not measured here; they are never ranked.";

// What one kind of table shows.
struct Layout {
  std::string key, title;
  std::vector<std::string> parts;    // "main", "ablation", "side"
  std::vector<std::string> metrics;
  bool claims = false;
  bool costs = false;                // fairness columns and where the localisation comes from
  bool trivial = false;              // the rows that need no model
};

const std::vector<Layout>& layouts() {
  static const std::vector<std::string> kMain = {"temporal_consistency", "classification", "localization", "average", "cac", "effective_rank", "average_map", "average_map_own"};
  static const std::vector<Layout> all = {
      {"main", "Main table", {"main"}, kMain, true, true, true},
      {"ablation", "Ablation, rows 1 to 13 (cumulative)", {"ablation"}, kMain, true, true, false},
      {"side", "Side rows", {"side"}, kMain, false, true, false},
      {"heads", "Heads and experts", {"side"}, {"classification_own", "localization_own", "average_map_own", "qa_accuracy", "cider", "bleu4", "rouge_l"}, false, true, false},
      {"consistency", "Temporal consistency and its controls", {"main", "ablation"},
       {"raw_consistency", "temporal_consistency", "cac", "ts", "r_in", "r_x", "centred", "boundary_auc", "effective_rank", "mean_std"}, false, false, false},
      {"classification", "Classification", {"main", "ablation", "side"}, {"classification", "classification_own", "knn", "top5", "map"}, false, false, true},
      {"localization", "Localisation: four readings of \"IoU@0.5\"", {"main", "ablation"},
       {"localization", "hit_at_50", "instance_recall_at_1", "frame_mask_at_50", "average_map", "localization_own", "average_map_own", "frame_accuracy"}, false, false, true},
      {"feature_quality", "Feature quality", {"main", "ablation"}, {"intra", "inter", "separation", "silhouette", "knn", "effective_rank"}, false, false, false}};
  return all;
}

std::string textOf(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}
std::optional<double> numberOf(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? std::optional(found->get<double>()) : std::nullopt;
}
TableCell textCell(const std::string& text) { return {.text = text, .value = {}, .deviation = {}}; }
TableCell numberCell(std::optional<double> value, std::optional<double> deviation = {}) { return {.text = "", .value = value, .deviation = deviation}; }

std::string joined(const Json& list) {
  std::string text;
  for (const Json& item : list) text += (text.empty() ? "" : ", ") + (item.is_string() ? item.get<std::string>() : item.dump());
  return text;
}

// Tables that were moved with their runs name the old place.
struct Places {
  std::string before, now;
  fs::path operator()(const std::string& folder) const {
    const bool moved = !before.empty() && before != now && folder.starts_with(before + "/");
    return moved ? fs::path(now + folder.substr(before.size())) : fs::path(folder);
  }
  std::vector<fs::path> operator()(const Json& folders) const {
    std::vector<fs::path> out;
    for (const Json& folder : folders) out.push_back((*this)(folder.get<std::string>()));
    return out;
  }
};

// Builds one ReproductionTable column by column and row by row, so that its parallel lists stay parallel.
class Builder {
 public:
  Builder(const Layout& layout, const std::string& budget, const Json& metrics, const Places& places)
      : layout_(layout), metrics_(metrics), places_(places), grouped_(layout.key == "side" || layout.key == "heads") {
    out_.key = layout.key;
    out_.budget = budget;
    column({.title = "Row", .is_text = true});
    if (grouped_) column({.title = "Group", .is_text = true});
    for (const std::string& metric : layout.metrics) addMetricColumns(metric);
    column({.title = "Verdict", .is_text = true});
    column({.title = "Seeds", .decimals = 0, .is_ranked = false});
    if (!layout.costs) return;
    column({.title = "Localised by", .is_text = true});
    column({.title = "Parameters", .decimals = 0, .higher_is_better = false, .is_ranked = false});
    column({.title = "Epochs", .decimals = 0, .is_ranked = false});
    column({.title = "Training s", .decimals = 0, .higher_is_better = false, .is_ranked = false});
    column({.title = "Tuned configurations", .decimals = 0, .is_ranked = false});
  }

  void row(const Json& row) {
    const std::string verdict = textOf(row, "verdict");
    TableRow made;
    made.struck = verdict.starts_with("collapsed");
    made.ranked = !row.value("oracle", false);
    std::vector<std::vector<fs::path>> runs;
    std::vector<std::vector<double>> values;
    const auto add = [&](TableCell cell, std::vector<fs::path> behind = {}, std::vector<double> measured_there = {}) {
      made.cells.push_back(std::move(cell));
      runs.push_back(std::move(behind));
      values.push_back(std::move(measured_there));
    };
    add(textCell(nameOf(row)));
    if (grouped_) add(textCell(textOf(row, "group")));
    const Json& measured = row.at("measured");
    const Json& claimed = row.at("claimed");
    const bool failed = row.contains("failed");
    for (const std::string& metric : layout_.metrics) {
      const auto found = measured.find(metric);
      if (found != measured.end()) {
        add(numberCell(found->at("mean").get<double>(), numberOf(*found, "std")), places_(found->at("runs")), found->at("values").get<std::vector<double>>());
      } else {
        add(textCell(failed ? "failed" : ""));
      }
      if (hasClaim(metric)) add(numberCell(numberOf(claimed, metric.c_str())));
    }
    add(textCell(failed ? "failed" : verdict == "none" ? "" : verdict));
    add(numberCell(static_cast<double>(row.at("seeds").size())));
    if (layout_.costs) {
      add(textCell(textOf(row, "localization_source")));
      for (const char* key : {"parameters", "epochs", "wall_seconds", "tuned_configurations"}) add(numberCell(numberOf(row, key)));
    }
    out_.table.rows.push_back(std::move(made));
    out_.row_ids.push_back(row.at("id").get<std::string>());
    out_.row_runs.push_back(places_(row.at("runs")));
    out_.cell_runs.push_back(std::move(runs));
    out_.cell_values.push_back(std::move(values));
    out_.claim_notes.push_back(row.at("claim_notes").get<std::vector<std::string>>());
    if (failed) note(row.at("name").get<std::string>() + " failed: " + textOf(row, "failed"));
    if (!layout_.claims) return;
    for (const Json& text : row.at("claim_notes")) note(textOf(row, "name") + ", claimed: " + text.get<std::string>());
  }

  void note(const std::string& text) { out_.table.notes.push_back(text); }
  ReproductionTable take(const std::string& title) {
    out_.table.title = title;
    return std::move(out_);
  }

 private:
  static std::string nameOf(const Json& row) {
    const std::string tags = joined(row.at("tags"));
    return row.at("name").get<std::string>() + (tags.empty() ? "" : " (" + tags + ")");
  }
  bool hasClaim(const std::string& metric) const {
    static const std::set<std::string> kClaimed = {"temporal_consistency", "classification", "localization", "average"};
    const bool average = metric == "average" && layout_.key != "main";
    return layout_.claims && kClaimed.contains(metric) && !average;
  }
  static std::string claimedTitle(const std::string& metric, std::string title) {
    if (metric == "localization") return "\"IoU@0.5\"";
    if (metric != "temporal_consistency") title[0] = static_cast<char>(title[0] - 'A' + 'a');
    return title;
  }
  void column(TableColumn column, ReproductionColumn about = {}) {
    out_.table.columns.push_back(std::move(column));
    out_.columns.push_back(std::move(about));
  }
  void addMetricColumns(const std::string& name) {
    const Json& metric = metrics_.at(name);
    const std::string title = metric.at("title").get<std::string>();
    column({.title = title, .decimals = metric.at("decimals").get<int>(), .higher_is_better = metric.at("higher_is_better").get<bool>()}, {.metric = name});
    if (hasClaim(name)) {
      column({.title = "Claimed " + claimedTitle(name, title), .is_ranked = false}, {.metric = name, .claimed = true});
    }
  }

  const Layout& layout_;
  const Json& metrics_;
  const Places& places_;
  const bool grouped_;
  ReproductionTable out_;
};

std::vector<std::string> missingNames(const Json& part) {
  std::vector<std::string> names;
  for (const Json& id : part.at("missing")) {
    const MethodRow* row = findMethodRow(id.get<std::string>());
    names.push_back(row ? row->name : id.get<std::string>());
  }
  return names;
}

ReproductionTable tableOf(const Layout& layout, const std::string& budget, const Json& part, const Json& tables, const Places& places) {
  Builder builder(layout, budget, tables.at("metrics"), places);
  for (const std::string& name : layout.parts) {
    for (const Json& row : part.at(name)) {
      const std::string group = textOf(row, "group");
      const bool of_heads = group == "heads" || group == "experts";
      const bool repeated = layout.parts.size() > 1 && name != "main" && row.contains("same_as");
      const bool of_other_table = layout.key == "heads" ? !of_heads : layout.key == "classification" && name == "side" && group != "fine-tuned";
      if (!repeated && !of_other_table && (layout.trivial || !row.value("trivial", false))) builder.row(row);
    }
  }
  if (layout.key == "classification") {
    builder.note("Three protocols: a linear probe and kNN-20 on the frozen video vectors, and the network's own classifier (fine-tuned: rows without labels are given one and trained on from their weights with cross-entropy for the same number of steps, below as \"Fine-tuned\").");
  }
  if (layout.claims) {
    builder.note(kClaimedNote);
    for (const Json& problem : tables.at("claim_problems")) builder.note("About the claims: " + problem.get<std::string>());
  }
  if (layout.key == "heads") {
    builder.note("Each row by its own heads: classifier, detection head, answers to questions, descriptions of annotated stretches. Rows differ in their heads alone, under one budget; parameters are those of the whole model.");
    builder.note("Experts stand before the classifier, one a domain of the taxonomy, and are chosen by a router; \"One expert\" has the parameters of all of them and the router together.");
  } else if (layout.costs) {
    builder.note("Classification is the top-1 of the same linear probe on every row's frozen video vectors, mAP@0.5 and average mAP are those of the same per-second probe on every row's frozen step vectors (\"own head\": of the row's own detection head; rows about the label source show that one, as \"Localised by\" says).");
    builder.note("Mean ± sample standard deviation over seeds. A collapsed row is struck through and never best.");
    for (const Json& text : part.at("notes")) builder.note(text.get<std::string>());
  }
  return builder.take(layout.title + " · " + textOf(tables, "dataset") + " · budget " + budget);
}

// ---- efficiency

void leaveRunsEmpty(ReproductionTable& table) {
  const size_t rows = table.table.rows.size(), columns = table.table.columns.size();
  table.row_runs.resize(rows);
  table.cell_runs.assign(rows, std::vector<std::vector<fs::path>>(columns));
  table.cell_values.assign(rows, std::vector<std::vector<double>>(columns));
  table.claim_notes.resize(rows);
}

ReproductionTable efficiencyTable(const Json& efficiency) {
  struct Cost {
    const char* title;
    const char* key;
    double unit;
    int decimals;
    int64_t steps;  // 0: of the model; else of one length
  };
  static const std::vector<Cost> kCosts = {{"Parameters", "parameters", 1, 0, 0}, {"Trainable", "parameters_trainable", 1, 0, 0}, {"FP32 MB", "bytes_fp32", 1e6, 2, 0},
                                           {"FP16 MB", "bytes_fp16", 1e6, 2, 0}, {"MFLOPs a step", "flops_per_step", 1e6, 2, 0},
                                           {"Steps/s at 1,000 steps", "steps_per_second", 1, 0, 1000}, {"Videos/s at 250 steps", "videos_per_second", 1, 1, 250},
                                           {"Utilisation at 8,192 steps", "utilisation", 1, 2, 8192}, {"Peak MB at 8,192 steps", "peak_bytes", 1e6, 1, 8192},
                                           {"Slope of time", "slope_time", 1, 2, 0}, {"Slope of memory", "slope_memory", 1, 2, 0}, {"Threads", "threads", 1, 0, 0}};
  ReproductionTable out;
  out.key = "efficiency";
  out.table.title = "Efficiency, measured on this machine";
  out.table.columns.push_back({.title = "Model", .is_text = true});
  for (const Cost& cost : kCosts) out.table.columns.push_back({.title = cost.title, .decimals = cost.decimals, .is_ranked = false});
  out.columns.resize(out.table.columns.size());
  for (const Json& row : efficiency.at("rows")) {
    TableRow made;
    made.cells.push_back(textCell(textOf(row, "name")));
    for (const Cost& cost : kCosts) {
      const Json* object = &row;
      if (cost.steps > 0) {
        object = nullptr;
        for (const Json& length : row.at("lengths")) {
          if (numberOf(length, "steps") == static_cast<double>(cost.steps)) object = &length;
        }
      }
      auto value = object ? numberOf(*object, cost.key) : std::nullopt;
      if (value) *value /= cost.unit;
      made.cells.push_back(numberCell(value));
    }
    out.table.rows.push_back(std::move(made));
    out.row_ids.push_back(row.at("id").get<std::string>());
  }
  for (const Json& entry : efficiency.at("scaling")) {
    if (!entry.contains("efficiency")) continue;
    out.table.notes.push_back("Scaling, Recommended (pyramid), n = " + entry.at("threads").dump() + " threads: thr_n / (n thr_1) = " + fixedNumber(entry.at("efficiency").get<double>(), 2) + ".");
  }
  out.table.notes.emplace_back("Slopes are of log time and log peak memory against log length, 250 to 8,192 steps.");
  leaveRunsEmpty(out);
  return out;
}

ReproductionTable efficiencyClaims(const Json& efficiency) {
  ReproductionTable out;
  out.key = "efficiency_claims";
  out.table.title = "Efficiency, claimed beside measured";
  for (const char* title : {"What", "Claimed", "Measured here", "Known problem"}) out.table.columns.push_back({.title = title, .is_text = true});
  out.columns.resize(4);
  for (const Json& claim : efficiency.at("claims")) {
    TableRow row;
    for (const char* key : {"what", "claimed", "measured", "note"}) row.cells.push_back(textCell(textOf(claim, key)));
    out.table.rows.push_back(std::move(row));
    out.row_ids.push_back("claim-" + textOf(claim, "what"));
  }
  leaveRunsEmpty(out);
  return out;
}

// ---- curves

std::vector<double> numbersOf(const Json& list) {
  std::vector<double> numbers;
  for (const Json& value : list) numbers.push_back(value.is_number() ? value.get<double>() : std::numeric_limits<double>::quiet_NaN());
  return numbers;
}

void addCurves(const std::string& budget, const Json& part, const Places& places, std::vector<CollapseCurve>& curves) {
  for (const Json& json : part.at("collapse")) {
    CollapseCurve curve{.row = json.at("row").get<std::string>(), .name = json.at("name").get<std::string>(), .budget = budget, .seed = json.at("seed").get<uint64_t>(),
                        .run = places(json.at("run").get<std::string>()), .epochs = numbersOf(json.at("epoch")), .tc = numbersOf(json.at("tc")),
                        .r_x = numbersOf(json.at("r_x")), .effective_rank = numbersOf(json.at("effective_rank"))};
    const size_t length = curve.epochs.size();
    if (curve.tc.size() != length || curve.r_x.size() != length || curve.effective_rank.size() != length) {
      throw InputError({.where = "collapse curve of " + curve.row, .expected = "lists of one length", .found = "others", .remedy = "Rebuild the tables with hvlm reproduce --merge."});
    }
    curves.push_back(std::move(curve));
  }
}

EfficiencyCurve efficiencyCurve(const Json& row) {
  EfficiencyCurve curve{.row = textOf(row, "id"), .name = textOf(row, "name"), .mixer = textOf(row, "mixer"), .steps = {}, .seconds = {}, .peak_bytes = {},
                        .slope_time = numberOf(row, "slope_time"), .slope_memory = numberOf(row, "slope_memory")};
  const auto orNothing = [](std::optional<double> value) { return value.value_or(std::numeric_limits<double>::quiet_NaN()); };
  for (const Json& length : row.at("lengths")) {
    const auto seconds = length.find("seconds");
    curve.steps.push_back(length.at("steps").get<double>());
    curve.seconds.push_back(orNothing(seconds == length.end() ? std::nullopt : seconds->is_object() ? numberOf(*seconds, "median") : numberOf(length, "seconds")));
    curve.peak_bytes.push_back(orNothing(numberOf(length, "peak_bytes")));
  }
  return curve;
}

void addPart(const std::string& budget, const Json& part, const Json& tables, const Places& places, ReproductionTables& out) {
  out.budgets.push_back(budget);
  for (const Layout& layout : layouts()) out.tables.push_back(tableOf(layout, budget, part, tables, places));
  addCurves(budget, part, places, out.collapse);
  for (const std::string& name : missingNames(part)) out.missing.push_back((out.budgets.size() > 1 ? budget + ": " : "") + name);
}

}  // namespace

ReproductionTables reproductionTables(const fs::path& out, const Json& tables) {
  ReproductionTables result;
  result.folder = fs::absolute(out).lexically_normal();
  if (!result.folder.has_filename()) result.folder = result.folder.parent_path();
  fs::path before = textOf(tables, "out");
  if (!before.empty() && !before.has_filename()) before = before.parent_path();
  const Places places{.before = before.string(), .now = result.folder.string()};
  result.dataset = textOf(tables, "dataset");
  addPart(tables.at("budget").get<std::string>(), tables, tables, places, result);
  if (tables.contains("full")) addPart("full", tables.at("full"), tables, places, result);
  for (const Json& row : tables.at("efficiency").at("rows")) result.efficiency.push_back(efficiencyCurve(row));
  result.tables.push_back(efficiencyTable(tables.at("efficiency")));
  result.tables.push_back(efficiencyClaims(tables.at("efficiency")));
  return result;
}

ReproductionTables readReproduction(const fs::path& path) {
  std::error_code ignored;
  const fs::path file = fs::is_directory(path, ignored) ? path / "tables.json" : path;
  if (!fs::exists(file, ignored)) {
    throw InputError({.where = path.string(), .expected = "the tables of a reproduction (tables.json)", .found = "none",
                      .remedy = "Make them with: hvlm reproduce --data DATASET.yaml --out " + path.string()});
  }
  const fs::path absolute = fs::absolute(file).lexically_normal();
  const Json tables = readJsonFile(absolute);
  try {
    return reproductionTables(absolute.parent_path(), tables);
  } catch (const Json::exception&) {
    throw InputError({.where = file.string(), .expected = "tables that hvlm reproduce wrote", .found = "JSON of another schema",
                      .remedy = "Rebuild them: hvlm reproduce --merge --out " + absolute.parent_path().string()});
  }
}

}  // namespace hvlm
