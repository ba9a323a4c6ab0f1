// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <thread>

#include "children.h"
#include "command.h"
#include "console.h"
#include "data/catalogue.h"
#include "data/feature_store.h"
#include "data/report.h"
#include "jobs/child_queue.h"
#include "reproduce_progress.h"
#include "runs/derived_run.h"
#include "runs/reproduction.h"
#include "runs/reproduction_plan.h"
#include "runs/run_record.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/paths.h"
#include "support/text.h"

namespace hvlm::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kEfficiency = "efficiency";  // what --only calls the measurements that follow the runs

struct ReproduceArguments {
  std::string data, out, budget_file;
  std::string budget = "quick";
  int64_t seeds = 3;
  int64_t jobs = 0;
  std::vector<std::string> only, from;
  bool merge = false;
  bool list = false;
  bool no_figures = false;
};

int listRows() {
  std::vector<std::vector<std::string>> rows = {{"id", "row", "table", "config"}};
  for (const MethodRow& row : methodRows()) {
    std::string config = row.same_as.empty() ? "configs/" + row.config : "the runs of " + row.same_as;
    if (!row.derived_from.empty()) config = "made from the runs of " + row.derived_from;
    if (!row.initial.empty()) config += " from the weights of " + row.initial;
    for (const std::string& setting : row.settings) config += " " + setting;
    if (row.on_request) config += " (only with --only)";
    rows.push_back({row.id, row.name, row.group.empty() ? row.table : row.table + ": " + row.group, config});
  }
  rows.push_back({kEfficiency, "parameters, speed, memory, scaling", kEfficiency, "hvlm bench model"});
  printText(alignedTable(rows, false));
  return kDone;
}

// One call: what is asked for, where, and how it went.
class Reproduction {
 public:
  Reproduction(const Session& session, const ReproduceArguments& a) : session_(session), a_(a), out_(a.out) {
    cores_ = std::max<int64_t>(1, std::thread::hardware_concurrency());
    const MachineShare share = machineShare(session, a.jobs, std::numeric_limits<int64_t>::max());
    jobs_ = share.jobs;
    threads_ = share.threads;
  }

  int work() {
    takeRows();
    const bool trains = !a_.merge || !a_.only.empty();
    if (a_.data.empty() && trains) throw UsageError("hvlm reproduce: --data is required (see hvlm reproduce --help)");
    if (!a_.data.empty()) dataset_hash_ = datasetHash(readDatasetSpec(a_.data));
    for (const std::string& folder : a_.from) {
      const int64_t joined = joinReproduction(out_, folder, dataset_hash_);
      std::fprintf(stderr, "%s: %lld finished runs joined\n", folder.c_str(), static_cast<long long>(joined));
    }
    if (trains) {
      train();
    } else if (cellsBelow(out_).empty()) {
      throw InputError({.where = out_.string(), .expected = "runs to make tables of (runs/quick/… or runs/full/…)", .found = "none",
                        .remedy = "Train them with hvlm reproduce --data DATASET.yaml --out " + out_.string() + ", or join others with --from."});
    }
    return finish();
  }

 private:
  void takeRows() {
    for (const std::string& word : a_.only) {
      if (word == kEfficiency) {
        only_efficiency_ = true;
      } else {
        for (const MethodRow* row : methodRowsOf(word)) rows_.push_back(row->id);
      }
    }
  }

  // Costs are of models for this data.
  void readShape() {
    const DatasetSpec spec = readDatasetSpec(a_.data);
    classes_ = std::max<int64_t>(1, static_cast<int64_t>(readCatalogue(spec).classes.size()));
    const auto store = FeatureStore::open(spec.features);
    for (const std::string& id : store->ids()) {
      if (const auto shape = store->shape(id)) {
        columns_ = shape->columns;
        return;
      }
    }
  }

  // Asked of the annotations only when a row has experts.
  int64_t domains() const {
    const bool asked = std::any_of(rows_.begin(), rows_.end(), [](const std::string& id) {
      const std::vector<std::string>& settings = findMethodRow(id)->settings;
      return std::any_of(settings.begin(), settings.end(), [](const std::string& setting) { return setting.starts_with("head.experts="); });
    });
    return asked ? static_cast<int64_t>(readCatalogue(readDatasetSpec(a_.data)).domains.size()) : 0;
  }

  fs::path logOf(const std::string& name) const { return out_ / "logs" / (name + ".log"); }

  ChildSpec evaluating(const PlannedCell& cell) const {
    std::vector<std::string> words = {program(), "eval", "--run", cell.folder.string(), "--data", a_.data};
    if (!cell.row->controls) words.emplace_back("--no-controls");
    return {.words = withCommon(session_, std::move(words), threads_), .log = logOf(cellName(cell.cell)), .niceness = kChildNiceness, .environment = {}};
  }

  ChildSpec training(const PlannedCell& cell) const {
    const fs::path config = out_ / "configs" / (cellName(cell.cell) + ".yaml");
    writeFileAtomic(config, configYaml(cell.config));
    std::vector<std::string> words = {program(), "train", "--config", config.string(), "--data", a_.data, "--run", cell.folder.string(), "--evaluate"};
    if (!cell.row->controls) words.emplace_back("--no-controls");
    if (cell.work == CellWork::kResume) words.emplace_back("--resume");
    return {.words = withCommon(session_, std::move(words), threads_), .log = logOf(cellName(cell.cell)), .niceness = kChildNiceness, .environment = {}};
  }

  ReproductionCell originOf(const PlannedCell& cell) const { return {.row = cell.row->derived_from, .budget = cell.cell.budget, .seed = cell.cell.seed}; }

  QueuedChild childOf(const PlannedCell& cell) const {
    QueuedChild child{.name = cellName(cell.cell), .after = "", .prepare = {}};
    if (cell.work == CellWork::kDerive) {
      child.after = cellName(originOf(cell));
      child.prepare = [this, &cell] {
        deriveRun(cellFolder(out_, originOf(cell)), cell.folder, cell.config);
        return evaluating(cell);
      };
    } else if (cell.work == CellWork::kEvaluate) {
      child.prepare = [this, &cell] { return evaluating(cell); };
    } else {
      if (!cell.row->initial.empty()) child.after = cellName({.row = cell.row->initial, .budget = cell.cell.budget, .seed = cell.cell.seed});
      child.prepare = [this, &cell] { return training(cell); };
    }
    return child;
  }

  QueuedChild measuring(const EfficiencyTask& task) const {
    return {.name = std::string(kEfficiency) + "/" + task.file.stem().string(), .after = "", .prepare = [this, &task] {
              const fs::path config = out_ / "configs" / kEfficiency / (task.row + ".yaml");
              writeFileAtomic(config, configYaml(task.config));
              fs::create_directories(task.file.parent_path());
              std::vector<std::string> words = {program(), "bench", "model", "--config", config.string(), "--json", "--out", task.file.string(),
                                                "--threads", std::to_string(task.threads), "--repeats", a_.budget == "full" ? "7" : "3",
                                                "--dim", std::to_string(columns_), "--classes", std::to_string(classes_)};
              std::string steps;
              for (const int64_t length : task.steps) steps += (steps.empty() ? "" : ",") + std::to_string(length);
              if (!steps.empty()) words.insert(words.end(), {"--steps", steps});
              return ChildSpec{.words = std::move(words),
                               .log = logOf(std::string(kEfficiency) + "/" + task.file.stem().string()), .niceness = 0, .environment = {}};
            }};
  }

  void train() {
    std::vector<PlannedCell> plan;
    if (!rows_.empty() || !only_efficiency_) {
      const fs::path budget = a_.budget_file.empty() ? budgetFile(a_.budget) : fs::path(a_.budget_file);
      plan = planReproduction({.out = out_, .rows = rows_, .budget = a_.budget, .budget_file = budget, .seeds = a_.seeds, .dataset_hash = dataset_hash_, .domains = domains()});
    }
    std::vector<EfficiencyTask> costs;
    if (only_efficiency_ || rows_.empty()) costs = efficiencyTasks(out_, session_.threads > 0 ? session_.threads : cores_);
    std::erase_if(costs, [](const EfficiencyTask& task) { return fs::exists(task.file); });
    if (!costs.empty()) readShape();
    std::vector<QueuedChild> cells, measurements;
    for (const PlannedCell& cell : plan) {
      if (cell.work != CellWork::kKept) cells.push_back(childOf(cell));
    }
    for (const EfficiencyTask& task : costs) measurements.push_back(measuring(task));
    const size_t kept = plan.size() - cells.size();
    ReproduceProgress progress(static_cast<int64_t>(cells.size() + measurements.size()), jobs_);
    progress.say(std::to_string(cells.size()) + " cells to run, " + std::to_string(kept) + " kept, " + std::to_string(measurements.size()) + " measurements; " +
                 std::to_string(jobs_) + " at once with " + std::to_string(threads_) + (threads_ == 1 ? " thread" : " threads") + " each");
    const SignalWatch watch;
    runAll(cells, jobs_, progress);
    runAll(measurements, 1, progress);  // alone on the machine
  }

  void runAll(const std::vector<QueuedChild>& children, int64_t jobs, ReproduceProgress& progress) {
    auto failures = readFailures(out_);
    bool told = false;
    ChildQueueWatch watch;
    watch.stop_asked = [&] {
      if (SignalWatch::asked() && !told) progress.say("stopping: the running cells save and end; once more ends at once");
      told = told || SignalWatch::asked();
      return told;
    };
    watch.started = [&](const std::string& name) { progress.started(name); };
    watch.tick = [&] { progress.tick(); };
    watch.ended = [&](const ChildOutcome& outcome) {
      if (told && !outcome.good()) return;  // stopped, not failed
      const std::string problem = outcome.good() ? "" : lastError(logOf(outcome.name), outcome);
      progress.ended(outcome.name, outcome.good(), outcome.seconds, problem);
      const bool changed = outcome.good() ? failures.erase(outcome.name) > 0 : true;
      if (!outcome.good()) {
        failures[outcome.name] = problem;
        failed_[outcome.name] = problem;
      }
      if (changed) writeFailures(out_, failures);
    };
    runChildren(children, jobs, watch);
    if (!told) return;
    throw Interrupted("stopped with everything saved; go on with the same command");
  }

  // Pictures are the window's program's; without it the numbers are all there.
  void drawFigures(const nlohmann::json& tables) {
    const fs::path painter = executableFolder() / "hvlm-workbench";
    if (a_.no_figures) return;
    if (access(painter.c_str(), X_OK) != 0) {
      std::fprintf(stderr, "warning: %s is not there, so no figures were drawn\n", painter.c_str());
      return;
    }
    std::vector<QueuedChild> pictures;
    for (const char* figure : {"collapse", "main", "ablation", "efficiency"}) {
      const bool measured = std::string_view(figure) == "efficiency" ? !tables.at("efficiency").at("rows").empty() : !tables.at(figure).empty();
      if (!measured) continue;  // nothing to draw yet
      for (const char* format : {"svg", "pdf"}) {
        const std::string file = std::string(figure) + "." + format;
        pictures.push_back({.name = "figures/" + file, .after = "", .prepare = [this, painter, figure, format, file] {
                              fs::create_directories(out_ / "figures");
                              return ChildSpec{.words = {painter.string(), "--export", "reproduction", "--figure", figure, "--run", out_.string(), "--format", format, "--out",
                                                         (out_ / "figures" / file).string()},
                                               .log = logOf("figures/" + file), .niceness = 0, .environment = {{"QT_QPA_PLATFORM", "offscreen"}}};
                            }});
      }
    }
    std::string problem;
    const SignalWatch signals;
    ChildQueueWatch watch;
    watch.stop_asked = [] { return SignalWatch::asked(); };
    watch.ended = [&](const ChildOutcome& outcome) {
      if (!outcome.good() && problem.empty()) problem = outcome.name + ": " + lastError(logOf(outcome.name), outcome);
    };
    runChildren(pictures, jobs_, watch);
    if (SignalWatch::asked()) throw Interrupted("stopped while drawing; all numbers are written");
    if (!problem.empty()) std::fprintf(stderr, "warning: not every figure could be drawn (%s)\n", problem.c_str());
  }

  int finish() {
    nlohmann::json tables = collectTables(out_);
    writeReproduction(out_, tables);
    drawFigures(tables);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    if (session_.json) {
      tables["seconds"] = seconds;
      tables["failed"] = failed_;
      printJson(tables);
    } else {
      const ReproductionTables all = readReproduction(out_);
      printText(terminalTable(all.tables.front().table) + "\nWrote " + (out_ / "all.md").string() + " and every table beside it, after " + durationText(seconds) + ".");
      if (!all.missing.empty()) std::fprintf(stderr, "%zu rows have no finished run yet\n", all.missing.size());
    }
    if (failed_.empty()) return kDone;
    std::string text;
    for (const auto& [cell, problem] : failed_) text += (text.empty() ? "" : "; ") + cell + ": " + problem;
    std::fprintf(stderr, "hvlm: %zu failed, tables are written without them: %s\n", failed_.size(), text.c_str());
    return kFailed;
  }

  const Session& session_;
  const ReproduceArguments& a_;
  const fs::path out_;
  int64_t jobs_ = 1, cores_ = 1, threads_ = 1;
  std::vector<std::string> rows_;
  bool only_efficiency_ = false;
  std::string dataset_hash_;
  int64_t columns_ = 512, classes_ = 10;
  std::map<std::string, std::string> failed_;  // in this call
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

int reproduce(const Session& session, const ReproduceArguments& a) {
  if (a.list) return listRows();
  if (a.out.empty()) throw UsageError("hvlm reproduce: --out is required (see hvlm reproduce --help)");
  if (!a.from.empty() && !a.merge) throw UsageError("hvlm reproduce: --from joins other reproductions; it needs --merge");
  return Reproduction(session, a).work();
}

}  // namespace

void addReproduceCommand(CLI::App& app, Session& session) {
  auto a = std::make_shared<ReproduceArguments>();
  CLI::App* command = addCommand(app, session, "reproduce", "Every table of the paper, measured beside claimed; goes on where it was stopped",
                                 [&session, a] { return reproduce(session, *a); });
  command->add_option("--data", a->data, "dataset.yaml; may be left out with --merge")->type_name("DATASET.yaml");
  command->add_option("--out", a->out, "Folder for runs and tables")->type_name("DIR");
  command->add_option("--budget", a->budget, "quick or full [quick]")->check(CLI::IsMember({"quick", "full"}))->type_name("NAME");
  command->add_option("--seeds", a->seeds, "Seeds 1 to N of every row [3]")->check(CLI::Range(1, 1000))->type_name("N");
  command->add_option("--only", a->only, "Only this row, by id or name, or this group of side rows; may be given often (--list names them). The groups experts and heads run only when they are named here")->type_name("ROW")->allow_extra_args(false);
  command->add_flag("--merge", a->merge, "Rebuild the tables from the runs that are there; trains only what --only names");
  command->add_option("--from", a->from, "With --merge: another reproduction of the same data to join; may be given often")->type_name("DIR")->allow_extra_args(false);
  command->add_option("--jobs", a->jobs, "Runs at once [one per core, one thread each]; 1 gives a run all cores")->check(CLI::Range(1, 1024))->type_name("N");
  command->add_flag("--list", a->list, "Name all rows and end");
  command->add_flag("--no-figures", a->no_figures, "Draw no pictures");
  command->add_option("--budget-file", a->budget_file, "Config keys in place of the budget's")->type_name("FILE")->group("");
}

}  // namespace hvlm::cli
