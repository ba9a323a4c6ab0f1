// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <optional>

#include "children.h"
#include "command.h"
#include "console.h"
#include "data/catalogue.h"
#include "reproduce_progress.h"
#include "runs/run_list.h"
#include "runs/run_lock.h"
#include "runs/sweep.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/text.h"
#include "sweep_setup.h"

namespace hvlm::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kStopped = 130;  // exit code of a run that was stopped with everything saved
constexpr size_t kShownTrials = 10;

class Sweep {
 public:
  Sweep(const Session& session, const SweepArguments& a) : session_(session), a_(a), out_(a.out), setup_(setupOf(a)), lock_(out_), state_(openSweep(out_, setup_)) {}

  int work() {
    if (a_.retry) {
      for (SweepTrial& trial : state_.trials) trial.problem.clear();
    }
    saveSweep(out_, setup_, state_);
    const SignalWatch signals;
    tryAll();
    const auto winner = sweepWinner(state_);
    if (winner) writeFileAtomic(out_ / "best.yaml", configYaml(trialConfig(setup_, state_, state_.trials[*winner])));
    if (winner && a_.finish && state_.evaluated.empty()) evaluate(state_.trials[*winner]);
    saveSweep(out_, setup_, state_);
    tell(winner);
    if (winner) return kDone;
    std::fprintf(stderr, "hvlm: every trial failed, the first with: %s Once that is mended: hvlm sweep --retry --out %s\n", state_.trials.front().problem.c_str(), out_.c_str());
    return kFailed;
  }

 private:
  // Processes still to be run when no other trial fails.
  int64_t childrenLeft() const {
    int64_t left = 0, of_rung = static_cast<int64_t>(state_.trials.size());
    for (size_t rung = 0; rung < state_.rungs.size(); ++rung, of_rung = std::max<int64_t>(1, of_rung / state_.eta)) {
      left += of_rung;
      for (const SweepTrial& trial : state_.trials) left -= rung < trial.scores.size() || (rung == 0 && trial.failed()) ? 1 : 0;
    }
    return std::max<int64_t>(0, left);
  }

  void tryAll() {
    ReproduceProgress progress(childrenLeft(), machineShare(session_, a_.jobs, static_cast<int64_t>(state_.trials.size())).jobs);
    progress.say(std::to_string(state_.trials.size()) + " trials, " + planText());
    if (static_cast<int64_t>(state_.trials.size()) < setup_.trials) progress.say("the space has no more than " + std::to_string(state_.trials.size()) + " different trials");
    for (SweepStep step = nextStep(state_); !step.trials.empty(); step = nextStep(state_)) {
      // What an earlier call left finished but not written down.
      std::vector<size_t> open;
      for (const size_t i : step.trials) {
        if (const auto score = scoreOf(i, step.rung)) keepScore(i, step.rung, *score);
        else open.push_back(i);
      }
      if (!open.empty()) runRung(step.rung, open, progress);
    }
  }

  std::optional<double> scoreOf(size_t i, size_t rung) const {
    const auto score = rungScore(trialFolder(out_, state_.trials[i]), setup_.metric, state_.rungs[rung], setup_.config.train.select);
    return score && std::isfinite(*score) ? score : std::nullopt;
  }

  void keepScore(size_t i, size_t rung, double score) {
    auto& scores = state_.trials[i].scores;
    scores.resize(std::max(scores.size(), rung + 1));
    scores[rung] = score;
  }

  void runRung(size_t rung, const std::vector<size_t>& trials, ReproduceProgress& progress) {
    const MachineShare share = machineShare(session_, a_.jobs, static_cast<int64_t>(trialsOfRung(state_, rung).size()));
    std::vector<QueuedChild> children;
    std::map<std::string, size_t> by_name;
    for (const size_t i : trials) {
      const fs::path run = trialFolder(out_, state_.trials[i]);
      if (isLocked(run)) {
        throw InputError({.where = run.string(), .expected = "a run that nobody works on", .found = "one that another process is writing",
                          .remedy = "Wait for it, or stop it: hvlm watch " + run.string() + " --request stop"});
      }
      const std::string name = "epoch " + std::to_string(state_.rungs[rung]) + "/" + state_.trials[i].name;
      by_name[name] = i;
      children.push_back({.name = name, .after = "", .prepare = [this, i, rung, threads = share.threads] { return training(i, rung, threads); }});
    }
    bool told = false, stopped_outside = false;
    ChildQueueWatch watch;
    watch.stop_asked = [&] {
      if (SignalWatch::asked() && !told) progress.say("stopping: the running trials save and end; once more ends at once");
      told = told || SignalWatch::asked();
      return told || stopped_outside;
    };
    watch.started = [&](const std::string& name) { progress.started(name); };
    watch.tick = [&] { progress.tick(); };
    watch.ended = [&](const ChildOutcome& outcome) {
      const bool saved = outcome.started && outcome.end.exited && outcome.end.code == kStopped;
      stopped_outside = stopped_outside || (saved && !told);
      if ((told || stopped_outside) && !outcome.good()) return;  // stopped, not failed
      const size_t i = by_name.at(outcome.name);
      state_.trials[i].seconds += outcome.seconds;
      const std::string problem = settle(i, rung, outcome);
      saveSweep(out_, setup_, state_);
      progress.ended(outcome.name, problem.empty(), outcome.seconds, problem);
    };
    runChildren(children, share.jobs, watch);
    if (stopped_outside && !told) throw Interrupted("a trial was stopped from outside; go on with: hvlm sweep --out " + out_.string());
    if (told) throw Interrupted("stopped with everything saved; go on with: hvlm sweep --out " + out_.string());
  }

  // Writes down how a trial came out of a rung; returns why it failed.
  std::string settle(size_t i, size_t rung, const ChildOutcome& outcome) {
    SweepTrial& trial = state_.trials[i];
    if (!outcome.good()) {
      trial.problem = lastError(logOf(trial, rung), outcome);
      return trial.problem;
    }
    const fs::path run = trialFolder(out_, trial);
    if (const auto score = scoreOf(i, rung)) {
      keepScore(i, rung, *score);
      return "";
    }
    std::string tags;
    for (const std::string& tag : holdoutTags(run)) tags += (tags.empty() ? "" : ", ") + tag;
    trial.problem = "no finite " + setup_.metric + " at epoch " + std::to_string(state_.rungs[rung]) + (tags.empty() ? "" : " (there are " + tags + ")");
    return trial.problem;
  }

  fs::path logOf(const SweepTrial& trial, size_t rung) const { return out_ / "logs" / (trial.name + "-epoch-" + std::to_string(state_.rungs[rung]) + ".log"); }

  ChildSpec training(size_t i, size_t rung, int64_t threads) const {
    const SweepTrial& trial = state_.trials[i];
    const fs::path config = out_ / "configs" / (trial.name + ".yaml"), run = trialFolder(out_, trial);
    writeFileAtomic(config, configYaml(trialConfig(setup_, state_, trial)));
    std::vector<std::string> words = {program(), "train", "--config", config.string(), "--data", setup_.dataset_file, "--run", run.string(), "--no-controls"};
    if (fs::exists(run / "run.json")) words.emplace_back("--resume");
    if (rung + 1 < state_.rungs.size()) words.insert(words.end(), {"--until-epoch", std::to_string(state_.rungs[rung])});
    return {.words = withCommon(session_, std::move(words), threads), .log = logOf(trial, rung), .niceness = kChildNiceness, .environment = {}};
  }

  // The only look at validation: the winner, once.
  void evaluate(const SweepTrial& winner) {
    const fs::path run = trialFolder(out_, winner), log = out_ / "logs" / (winner.name + "-validation.log");
    if (!fs::exists(run / "report.json")) {
      const QueuedChild child{.name = "validation/" + winner.name, .after = "", .prepare = [&] {
                                const MachineShare share = machineShare(session_, 1, 1);
                                std::vector<std::string> words = {program(), "eval", "--run", run.string(), "--data", setup_.dataset_file, "--no-controls"};
                                return ChildSpec{.words = withCommon(session_, std::move(words), share.threads), .log = log, .niceness = kChildNiceness, .environment = {}};
                              }};
      ReproduceProgress progress(1, 1);
      ChildQueueWatch watch;
      watch.stop_asked = [] { return SignalWatch::asked(); };
      watch.started = [&](const std::string& name) { progress.started(name); };
      watch.tick = [&] { progress.tick(); };
      const auto outcomes = runChildren({child}, 1, watch);
      if (SignalWatch::asked()) throw Interrupted("stopped before the winner was evaluated; go on with: hvlm sweep --finish --out " + out_.string());
      if (!outcomes.front().good()) throw std::runtime_error("the evaluation of " + winner.name + " failed: " + lastError(log, outcomes.front()));
    }
    state_.evaluated = winner.name;
    state_.figures = summariseRun(run).figures;
  }

  std::string planText() const {
    std::string rungs;
    for (const int64_t rung : state_.rungs) rungs += (rungs.empty() ? "" : ", ") + std::to_string(rung);
    return state_.rungs.size() < 2 ? "each trained to epoch " + rungs : "compared at epochs " + rungs + ", where one of " + std::to_string(state_.eta) + " goes on";
  }

  std::vector<std::string> notes(const std::optional<size_t>& winner) const {
    const RunConfig& c = setup_.config;
    const Catalogue catalogue = readCatalogue(readDatasetSpec(setup_.dataset_file));
    const std::vector<int64_t> videos = catalogue.subset(c.train.training_subset);
    const auto listed = std::count_if(videos.begin(), videos.end(), [&](int64_t v) { return catalogue.videos[static_cast<size_t>(v)].held_out; });
    const std::string slice = listed > 0 ? "the " + std::to_string(listed) + " videos of lists.holdout, of the " : fixedNumber(100.0 * c.train.holdout, 0) + " % of the ";
    std::vector<std::string> notes = {std::to_string(state_.trials.size()) + " trials, " + planText() + "; by " + setup_.metric + " on " + slice + std::to_string(videos.size()) + " videos of \"" +
                                      c.train.training_subset + "\", which no trial was trained on"};
    if (winner) notes.push_back("the best of " + std::to_string(state_.trials.size()) + " is flattered by the slice it was chosen on");
    notes.push_back(state_.evaluated.empty() ? "no trial was evaluated on validation; hvlm sweep --finish --out " + out_.string() + " does it once, for the best alone"
                                             : "validation was evaluated once, for " + state_.evaluated + " alone");
    const int64_t every = sweepEvaluateEpochs(state_.rungs, c.train.evaluate_epochs);
    if (every != c.train.evaluate_epochs) notes.push_back("train.evaluate_epochs is " + std::to_string(every) + " in all trials, so that each rung is evaluated");
    return notes;
  }

  void tell(const std::optional<size_t>& winner) const {
    if (session_.json) {
      nlohmann::json json = sweepJson(out_, setup_, state_);
      json["notes"] = notes(winner);
      printJson(json);
      return;
    }
    ResultTable table = sweepTable(setup_, state_, false);
    if (table.rows.size() > kShownTrials) {
      table.notes.push_back("… and " + std::to_string(table.rows.size() - kShownTrials) + " more in trials.csv");
      table.rows.resize(kShownTrials);
    }
    std::string text = terminalTable(table);
    if (winner) {
      const SweepTrial& best = state_.trials[*winner];
      std::vector<std::vector<std::string>> rows = {{best.name, "best", "as it was"}};
      const TrialSettings own = state_.trials.front().settings;
      for (const auto& [key, value] : best.settings) {
        const auto before = std::find_if(own.begin(), own.end(), [&, &name = key](const auto& setting) { return setting.first == name; });
        rows.push_back({key, value, before == own.end() ? "" : before->second});
      }
      text += "\n" + alignedTable(rows) + "\n";
      for (const auto& [name, value] : state_.figures) text += "validation " + name + " " + fixedNumber(value, 3) + "\n";
      text += "Wrote " + (out_ / "best.yaml").string() + " and " + (out_ / "trials.csv").string() + "\n";
    }
    for (const std::string& note : notes(winner)) text += note + "\n";
    printText(text);
  }

  const Session& session_;
  const SweepArguments& a_;
  const fs::path out_;
  const SweepSetup setup_;
  const FolderLock lock_;
  SweepState state_;
};

}  // namespace

void addSweepCommand(CLI::App& app, Session& session) {
  auto a = std::make_shared<SweepArguments>();
  CLI::App* command = addCommand(app, session, "sweep", "Search config keys on a held-out slice of the training videos; goes on where it was stopped",
                                 [&session, a] { return Sweep(session, *a).work(); });
  command->add_option("--out", a->out, "Folder for trials and result; with a sweep in it, all other options may be left out")->required()->type_name("DIR");
  command->add_option("--config", a->config, "Config that trials change, or the name of a bundled one (recommended-small)")->type_name("C.yaml");
  command->add_option("--space", a->space, "Keys and what they may be, or the name of a bundled one of configs/spaces")->type_name("S.yaml");
  command->add_option("--trials", a->trials, "Trials, the config as it is being the first; more of them may be asked for later")->check(CLI::Range(int64_t{1}, kMostTrials))->type_name("N");
  command->add_option("--data", a->data, "dataset.yaml")->type_name("DATASET.yaml");
  command->add_option("--set", a->settings, "Change one config key of all trials; may be given often")->type_name("KEY=VALUE")->allow_extra_args(false);
  command->add_option("--metric", a->metric, "Figure of the held-out slice that trials are compared by [holdout/average_map]")->type_name("TAG");
  command->add_option("--eta", a->eta, "At each rung the best one of so many goes on, to so many times the epochs [3]")->check(CLI::Range(2, 100))->type_name("N");
  command->add_option("--min-epochs", a->min_epochs, "Epochs of the first rung [train.epochs / eta^2]; train.epochs or more: no halving")->check(CLI::Range(1, 1000000))->type_name("E");
  command->add_option("--seed", a->seed, "Seed of what is drawn [1]; every trial trains with the config's own seed")->type_name("S");
  command->add_option("--jobs", a->jobs, "Trials at once [one per core, one thread each]; 1 gives a trial all cores")->check(CLI::Range(1, 1024))->type_name("N");
  command->add_flag("--finish", a->finish, "At the end evaluate the best trial, and it alone, on validation; the sweep then takes no more trials");
  command->add_flag("--retry", a->retry, "Try the trials that failed again");
}

}  // namespace hvlm::cli
