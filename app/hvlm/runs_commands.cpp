// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <set>

#include "command.h"
#include "jobs/foreign_file.h"
#include "jobs/foreign_run.h"
#include "runs/config.h"
#include "runs/mlflow.h"
#include "run_notes_commands.h"
#include "runs/run_comparison.h"
#include "runs/run_list.h"
#include "runs/table.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/text.h"

namespace hvlm::cli {
namespace {

namespace fs = std::filesystem;

nlohmann::json summaryJson(const RunSummary& run) {
  nlohmann::json entry = {{"folder", run.folder.string()}};
  if (!run.problem.empty()) {
    entry["problem"] = run.problem;
    return entry;
  }
  const RunRecord& record = run.record;
  entry.update({{"id", record.id},
                {"name", record.name},
                {"created", record.created},
                {"state", run.state},
                {"step", record.step},
                {"epochs_done", record.epochs_done},
                {"total_epochs", record.total_epochs},
                {"resumes", record.resumes.size()},
                {"config_hash", record.config_hash},
                {"dataset", record.dataset_name},
                {"dataset_hash", record.dataset_hash},
                {"seed", record.seed},
                {"threads", record.threads},
                {"device", record.device},
                {"version", record.version},
                {"revision", record.revision},
                {"tags", record.tags},
                {"notes", {{"text", run.notes.text}, {"tags", run.notes.tags}}},
                {"figures", run.figures},
                {"verdict", run.verdict}});
  if (!record.failure.empty()) entry["failure"] = record.failure;
  if (record.isImported()) entry["imported"] = {{"file", record.imported.file}, {"hash", record.imported.hash}, {"tool", record.imported.tool}};
  return entry;
}

std::string figure(const RunSummary& run, const std::string& name, int decimals = 3) {
  const auto found = run.figures.find(name);
  return found == run.figures.end() ? "–" : fixedNumber(found->second, decimals);
}

int list(const Session& session, const std::vector<std::string>& folders) {
  const std::vector<RunSummary> runs = listRuns(folders.empty() ? std::vector<fs::path>{fs::current_path()}
                                                                : std::vector<fs::path>(folders.begin(), folders.end()));
  if (session.json) {
    nlohmann::json entries = nlohmann::json::array();
    for (const RunSummary& run : runs) entries.push_back(summaryJson(run));
    printJson({{"runs", entries}});
    return kDone;
  }
  if (runs.empty()) {
    printText("No runs here. Train one with: hvlm train --config C.yaml --data DATASET.yaml --run DIR");
    return kDone;
  }
  std::vector<std::vector<std::string>> rows = {{"run", "state", "epoch", "step", "TC", "top-1", "mAP", "verdict"}};
  std::string problems;
  for (const RunSummary& run : runs) {
    if (!run.problem.empty()) {
      rows.push_back({run.folder.string(), "unreadable"});
      problems += run.problem + '\n';
      continue;
    }
    const bool imported = run.record.isImported();  // has no training to tell of
    rows.push_back({run.folder.string(), imported ? "imported" : run.state,
                    imported ? "–" : std::to_string(run.record.epochs_done) + "/" + std::to_string(run.record.total_epochs), imported ? "–" : std::to_string(run.record.step),
                    figure(run, "temporal_consistency"), figure(run, "top1"), figure(run, "average_map"), run.verdict});
  }
  printText(alignedTable(rows, false) + problems);
  return kDone;
}

// One row per thing that differs: name, then its text in each run.
using Differences = std::vector<std::pair<std::string, std::vector<std::string>>>;

constexpr const char* kNone = "–";  // of an imported run, which says nothing here

void addWhereDifferent(Differences& rows, const std::string& name, std::vector<std::string> texts) {
  std::set<std::string> distinct(texts.begin(), texts.end());
  distinct.erase(kNone);
  if (distinct.size() > 1) rows.emplace_back(name, std::move(texts));
}

Differences configRows(const std::vector<RunSummary>& runs) {
  std::vector<RunConfig> configs;
  for (const RunSummary& run : runs) configs.push_back(readRunConfig(run.folder / "config.yaml"));
  std::vector<Fields> fields;
  fields.reserve(configs.size());
  for (RunConfig& config : configs) fields.emplace_back(config);
  Differences rows;
  for (size_t key = 0; key < fields.front().all().size(); ++key) {
    std::vector<std::string> texts;
    for (size_t i = 0; i < runs.size(); ++i) texts.push_back(runs[i].record.isImported() ? kNone : fieldText(fields[i].all()[key]));
    addWhereDifferent(rows, fields.front().all()[key].path, std::move(texts));
  }
  return rows;
}

Differences provenanceRows(const std::vector<RunSummary>& runs) {
  Differences rows;
  const auto add = [&](const std::string& name, auto text) {
    std::vector<std::string> texts;
    for (const RunSummary& run : runs) texts.push_back(text(run.record));
    addWhereDifferent(rows, name, std::move(texts));
  };
  add("version", [](const RunRecord& r) { return r.version; });
  add("revision", [](const RunRecord& r) { return r.revision; });
  add("dataset", [](const RunRecord& r) { return r.dataset_name; });
  add("dataset_hash", [](const RunRecord& r) { return r.dataset_hash; });
  add("split_hash", [](const RunRecord& r) { return r.split_hash; });
  add("threads used", [](const RunRecord& r) { return r.isImported() ? kNone : std::to_string(r.threads); });
  add("device used", [](const RunRecord& r) { return r.isImported() ? kNone : r.device; });
  add("host", [](const RunRecord& r) { return r.host; });
  add("imported from", [](const RunRecord& r) { return r.isImported() ? r.imported.file : "not imported"; });
  return rows;
}

std::vector<std::string> figureNames(const std::vector<RunSummary>& runs) {
  std::set<std::string> names;
  for (const RunSummary& run : runs) {
    for (const auto& [name, value] : run.figures) names.insert(name);
  }
  return {names.begin(), names.end()};
}

nlohmann::json differencesJson(const Differences& rows) {
  nlohmann::json object = nlohmann::json::object();
  for (const auto& [name, texts] : rows) object[name] = texts;
  return object;
}

struct CompareArguments {
  std::vector<std::string> folders;
  std::string format, out, baseline;
  bool each_seed = false;
};

// The window's table of runs as a file: what differs, figures, seeds as mean and deviation.
int compareTable(const Session& session, const CompareArguments& a) {
  if (!a.baseline.empty() && std::find(a.folders.begin(), a.folders.end(), a.baseline) == a.folders.end()) {
    throw UsageError("hvlm runs compare: --baseline names one of the runs, spelled as there, not " + a.baseline);
  }
  std::vector<ComparedRun> runs;
  for (const std::string& folder : a.folders) {
    runs.push_back(readComparedRun(folder));
    if (!runs.back().problem.empty()) throw InputError({.where = folder, .expected = "a readable run folder", .found = runs.back().problem, .remedy = "Leave it out."});
  }
  const ResultTable table = compareRuns(runs, {.group = !a.each_seed, .baseline = a.baseline});
  const std::string text = a.format == "csv" ? tableCsv(table) : a.format == "md" ? tableMarkdown(table) : tableLatex(table);
  if (a.out.empty()) {
    if (session.json) printJson(tableJson(table));
    else printText(text);
    return kDone;
  }
  writeFileAtomic(a.out, text);
  if (session.json) printJson({{"file", a.out}, {"format", a.format}, {"rows", table.rows.size()}, {"bytes", text.size()}});
  else printText("Wrote " + a.out);
  return kDone;
}

int compare(const Session& session, const CompareArguments& a) {
  if (!a.format.empty()) return compareTable(session, a);
  const std::vector<std::string>& folders = a.folders;
  std::vector<RunSummary> runs;
  for (const std::string& folder : folders) {
    runs.push_back(summariseRun(folder));
    if (!runs.back().problem.empty()) {
      throw InputError({.where = folder, .expected = "a readable run folder", .found = runs.back().problem, .remedy = "Leave it out."});
    }
  }
  const Differences config = configRows(runs), provenance = provenanceRows(runs);
  if (session.json) {
    nlohmann::json entries = nlohmann::json::array();
    for (const RunSummary& run : runs) entries.push_back(summaryJson(run));
    printJson({{"runs", entries}, {"config", differencesJson(config)}, {"provenance", differencesJson(provenance)}});
    return kDone;
  }
  std::vector<std::vector<std::string>> rows = {{""}};
  for (const RunSummary& run : runs) rows.front().push_back(run.folder.string());
  for (const auto* differences : {&config, &provenance}) {
    for (const auto& [name, texts] : *differences) {
      rows.push_back({name});
      for (const std::string& text : texts) rows.back().push_back(shortened(text, 24));
    }
  }
  if (rows.size() == 1) rows.push_back({"same config and provenance"});
  for (const std::string& name : figureNames(runs)) {
    rows.push_back({name});
    for (const RunSummary& run : runs) rows.back().push_back(figure(run, name, 4));
  }
  rows.push_back({"verdict"});
  for (const RunSummary& run : runs) rows.back().push_back(run.verdict.empty() ? "–" : run.verdict);
  printText(alignedTable(rows, false));
  return kDone;
}

int import(const Session& session, const ForeignRunSpec& spec) {
  const nlohmann::json report = importForeignRun(spec);
  if (session.json) {
    printJson(report);
    return kDone;
  }
  printText(terminalTable(reportTable(report, false)) + "\nImported " + matchText(report.at("imported")) + "\nWritten by " + report.at("imported").at("tool").get<std::string>() + ", as far as the file tells. Wrote " + spec.out.string());
  return kDone;
}

struct MlflowArguments {
  std::vector<std::string> runs;
  std::string out, experiment = "hvlm";
};

int mlflow(const Session& session, const MlflowArguments& a) {
  std::vector<fs::path> folders;
  for (const RunSummary& run : listRuns(std::vector<fs::path>(a.runs.begin(), a.runs.end()))) {
    if (!run.problem.empty()) throw InputError({.where = run.folder.string(), .expected = "a run that can be read", .found = run.problem, .remedy = "Leave it out."});
    folders.push_back(run.folder);
  }
  exportMlflow(folders, a.out, a.experiment);
  if (session.json) printJson({{"out", a.out}, {"runs", folders.size()}, {"experiment", a.experiment}});
  else printText("Wrote " + std::to_string(folders.size()) + " runs to " + a.out + " (without checkpoints and predictions); look at them with: MLFLOW_ALLOW_FILE_STORE=true mlflow ui --backend-store-uri " + a.out);
  return kDone;
}

}  // namespace

void addRunsCommands(CLI::App& app, Session& session) {
  CLI::App* group = app.add_subcommand("runs", "Look at run folders");
  group->require_subcommand(1);

  auto listed = std::make_shared<std::vector<std::string>>();
  CLI::App* command = addCommand(*group, session, "list", "Table of runs, or of all runs in folders", [&session, listed] { return list(session, *listed); });
  command->add_option("folders", *listed, "Runs or folders of runs [.]")->type_name("DIR");

  auto compared = std::make_shared<CompareArguments>();
  command = addCommand(*group, session, "compare", "What differs between runs, and their figures", [&session, compared] { return compare(session, *compared); });
  command->add_option("folders", compared->folders, "Runs; the first is what the others are compared to")->required()->expected(2, 1000)->type_name("DIR");
  CLI::Option* format = command->add_option("--format", compared->format, "The window's table of runs in place of this one: csv, md or tex")->check(CLI::IsMember({"csv", "md", "tex"}))->type_name("FORMAT");
  command->add_option("--out", compared->out, "File to write; left out: to stdout")->type_name("FILE")->needs(format);
  command->add_option("--baseline", compared->baseline, "Also deltas to this one of the runs")->type_name("DIR")->needs(format);
  command->add_flag("--each-seed", compared->each_seed, "A row per run; left out, runs that differ by their seed are one row")->needs(format);

  addRunNotesCommands(*group, session);

  auto foreign = std::make_shared<ForeignRunSpec>();
  command = addCommand(*group, session, "import", "Make a run of another program's detections, to list, compare and look at beside own ones", [&session, foreign] { return import(session, *foreign); });
  command->add_option("file", foreign->file, "ActivityNet result JSON (OpenTAD's too), ActionFormer's eval_results.pkl, or a table video,start,end,label,score; a label is a class name or its place in the sorted names")
      ->required()
      ->type_name("FILE");
  command->add_option("--data", foreign->data, "Data set whose annotations it is scored against")->required()->type_name("DATASET.yaml");
  command->add_option("--out", foreign->out, "Run folder to make; must not exist")->required()->type_name("DIR");
  command->add_option("--name", foreign->name, "Name in tables [that of the folder]")->type_name("NAME");
  command->add_option("--subset", foreign->subset, "Subset [validation]")->type_name("NAME");

  auto mlflow_arguments = std::make_shared<MlflowArguments>();
  command = addCommand(*group, session, "mlflow", "Write runs as an experiment of MLflow's file store: curves, config, figures, tags", [&session, mlflow_arguments] { return mlflow(session, *mlflow_arguments); });
  command->add_option("RUN", mlflow_arguments->runs, "Run folders, or folders of runs")->required()->type_name("DIR ...");
  command->add_option("--out", mlflow_arguments->out, "Folder to write; must not exist")->required()->type_name("DIR");
  command->add_option("--experiment", mlflow_arguments->experiment, "Name of the experiment [hvlm]")->type_name("NAME");
}

}  // namespace hvlm::cli
