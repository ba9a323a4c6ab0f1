// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <nlohmann/json.hpp>

#include "runs/sweep.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/json_file.h"
#include "support/text.h"

namespace hvlm {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::json;
constexpr size_t kLargestState = size_t{64} << 20;

fs::path stateFile(const fs::path& out) { return out / "sweep.json"; }

[[noreturn]] void damaged(const fs::path& file, const std::string& why) {
  throw InputError({.where = file.string(), .expected = "what hvlm sweep wrote", .found = shortened(why, 200), .remedy = "The file was changed by hand or is damaged."});
}

std::string spaceYaml(const SweepSpace& space) {
  std::string text = "# What trials are drawn from; JSON's form of the same is YAML too.\n";
  for (Json form : spaceJson(space)) {
    const auto key = form.at("key").get<std::string>();
    form.erase("key");
    text += key + ": " + form.dump() + "\n";
  }
  return text;
}

// Keys that change how a run is made, not what comes out, may change from call to call.
RunConfig comparable(RunConfig config) {
  const RunConfig none;
  config.device = none.device;
  config.train.threads = none.train.threads;
  config.train.checkpoint_steps = none.train.checkpoint_steps;
  config.train.checkpoint_minutes = none.train.checkpoint_minutes;
  return config;
}

Json trialJson(const SweepTrial& trial) {
  Json json = {{"name", trial.name}, {"settings", Json::object()}, {"scores", Json::array()}, {"problem", trial.problem}, {"seconds", trial.seconds}};
  for (const auto& [key, value] : trial.settings) json["settings"][key] = value;
  for (const auto& score : trial.scores) json["scores"].push_back(score ? Json(*score) : Json());
  return json;
}

SweepTrial trialOf(const Json& json, const SweepSpace& space) {
  SweepTrial trial;
  trial.name = json.at("name").get<std::string>();
  trial.problem = json.at("problem").get<std::string>();
  trial.seconds = json.at("seconds").get<double>();
  for (const SpaceKey& key : space.keys) {
    if (json.at("settings").contains(key.path)) trial.settings.emplace_back(key.path, json.at("settings").at(key.path).get<std::string>());
  }
  for (const Json& score : json.at("scores")) trial.scores.push_back(score.is_null() ? std::nullopt : std::optional<double>(score.get<double>()));
  return trial;
}

// What differs between the sweep in the folder and what is asked for now.
std::string differences(const SweepSetup& there, const SweepSetup& now) {
  std::string text;
  const auto add = [&](const std::string& what) { text += (text.empty() ? "" : "; ") + what; };
  for (const std::string& key : configDifferences(comparable(there.config), comparable(now.config))) add(key);
  if (spaceJson(there.space) != spaceJson(now.space)) add("another space");
  if (!there.dataset_hash.empty() && !now.dataset_hash.empty() && there.dataset_hash != now.dataset_hash) add("another data set (" + there.dataset_file + " / " + now.dataset_file + ")");
  const auto number = [&](const char* what, auto a, auto b) {
    if (a != b) add(std::string(what) + ": " + std::to_string(a) + " / " + std::to_string(b));
  };
  number("--eta", there.eta, now.eta);
  number("--min-epochs", there.min_epochs, now.min_epochs);
  number("--seed", there.seed, now.seed);
  if (there.metric != now.metric) add("--metric: " + there.metric + " / " + now.metric);
  if (now.trials < there.trials) number("fewer --trials", there.trials, now.trials);
  return text;
}

SweepState stateOf(const fs::path& out, const SweepSetup& setup, const Json& json) {
  SweepState state;
  try {
    state.eta = json.at("eta").get<int64_t>();
    state.rungs = json.at("rungs").get<std::vector<int64_t>>();
    if (!json.at("trials").is_array() || json.at("trials").size() > static_cast<size_t>(kMostTrials)) damaged(stateFile(out), "no list of trials");
    for (const Json& trial : json.at("trials")) state.trials.push_back(trialOf(trial, setup.space));
    if (const Json& evaluated = json.at("validation"); !evaluated.is_null()) {
      state.evaluated = evaluated.at("trial").get<std::string>();
      state.figures = evaluated.at("figures").get<std::map<std::string, double>>();
    }
  } catch (const Json::exception& error) {
    damaged(stateFile(out), error.what());
  }
  if (state.eta < 2 || state.rungs.empty() || state.rungs != sweepRungs(setup.min_epochs, setup.config.train.epochs, state.eta)) damaged(stateFile(out), "rungs that are not of this plan");
  return state;
}

bool isEmptyOrMissing(const fs::path& out) {
  std::error_code error;
  if (!fs::exists(out, error)) return true;
  for (const auto& entry : fs::directory_iterator(out, error)) {
    if (entry.path().filename() != "sweep.lock") return false;
  }
  return !error;
}

std::string stateWord(const SweepState& state, size_t i, const std::optional<size_t>& winner) {
  const SweepTrial& trial = state.trials[i];
  if (trial.failed()) return "failed";
  if (winner == i) return "best";
  const SweepStep step = nextStep(state);
  if (step.trials.empty()) return "done";
  const auto now = trialsOfRung(state, step.rung);
  return std::find(now.begin(), now.end(), i) != now.end() ? "under way" : "done";
}

// The best first: who came further, then by the score there; failed ones last.
std::vector<size_t> byStanding(const SweepState& state) {
  std::vector<size_t> order(state.trials.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    const SweepTrial &x = state.trials[a], &y = state.trials[b];
    if (x.failed() != y.failed()) return y.failed();
    if (x.scores.size() != y.scores.size()) return x.scores.size() > y.scores.size();
    return !x.scores.empty() && x.scores.back().value_or(-1e300) > y.scores.back().value_or(-1e300);
  });
  return order;
}

}  // namespace

bool isSweep(const fs::path& out) {
  std::error_code ignored;
  return fs::exists(stateFile(out), ignored);
}

SweepSetup storedSetup(const fs::path& out) {
  const Json json = readJsonFile(stateFile(out), kLargestState);
  SweepSetup setup;
  try {
    setup.trials = json.at("asked").get<int64_t>();
    setup.eta = json.at("eta").get<int64_t>();
    setup.min_epochs = json.at("min_epochs").get<int64_t>();
    setup.seed = json.at("seed").get<uint64_t>();
    setup.metric = json.at("metric").get<std::string>();
    setup.dataset_file = json.at("dataset").get<std::string>();
    setup.dataset_hash = json.at("dataset_hash").get<std::string>();
  } catch (const Json::exception& error) {
    damaged(stateFile(out), error.what());
  }
  setup.config = readRunConfig(out / "config.yaml");
  setup.space = readSweepSpace(out / "space.yaml");
  return setup;
}

void checkSweepFolder(const fs::path& out) {
  if (isSweep(out) || isEmptyOrMissing(out)) return;
  throw InputError({.where = out.string(), .expected = "a new or empty folder, or one of a sweep", .found = "a folder with other files (no sweep.json)", .remedy = "Choose another folder."});
}

SweepState openSweep(const fs::path& out, const SweepSetup& setup) {
  checkSweepFolder(out);
  if (!isSweep(out)) {
    SweepState state;
    state.eta = setup.eta;
    state.rungs = sweepRungs(setup.min_epochs, setup.config.train.epochs, setup.eta);
    drawTrials(setup, state);
    writeFileAtomic(out / "config.yaml", configYaml(setup.config));
    writeFileAtomic(out / "space.yaml", spaceYaml(setup.space));
    saveSweep(out, setup, state);
    return state;
  }
  const SweepSetup there = storedSetup(out);
  if (const std::string text = differences(there, setup); !text.empty()) {
    throw InputError({.where = out.string(), .expected = "the sweep that was begun there", .found = "another one (there / now: " + text + ")",
                      .remedy = "Go on with the same options, or choose another --out."});
  }
  SweepState state = stateOf(out, there, readJsonFile(stateFile(out), kLargestState));
  if (!state.evaluated.empty() && setup.trials > there.trials) {
    throw InputError({.where = out.string(), .expected = std::to_string(there.trials) + " trials, as the sweep had when its winner was evaluated on validation",
                      .found = std::to_string(setup.trials), .remedy = "Choosing among more trials now would use what validation has shown: choose another --out."});
  }
  drawTrials(setup, state);
  return state;
}

void saveSweep(const fs::path& out, const SweepSetup& setup, const SweepState& state) {
  writeJsonFile(stateFile(out), sweepJson(out, setup, state));
  writeFileAtomic(out / "trials.csv", tableCsv(sweepTable(setup, state, true)));
}

nlohmann::json sweepJson(const fs::path& out, const SweepSetup& setup, const SweepState& state) {
  Json json = {{"asked", setup.trials},   {"seed", setup.seed},         {"eta", state.eta},
               {"min_epochs", setup.min_epochs}, {"rungs", state.rungs}, {"metric", setup.metric},
               {"dataset", setup.dataset_file},  {"dataset_hash", setup.dataset_hash}, {"space", spaceJson(setup.space)},
               {"holdout", setup.config.train.holdout}, {"trials", Json::array()}, {"best", Json()}, {"validation", Json()}};
  const auto winner = sweepWinner(state);
  for (size_t i = 0; i < state.trials.size(); ++i) {
    const SweepTrial& trial = state.trials[i];
    json["trials"].push_back(trialJson(trial));
    json["trials"].back()["state"] = stateWord(state, i, winner);
    json["trials"].back()["run"] = fs::absolute(trialFolder(out, trial)).lexically_normal().string();
  }
  if (winner) {
    const SweepTrial& best = state.trials[*winner];
    json["best"] = {{"trial", best.name}, {"score", *best.scores.back()}, {"config", fs::absolute(out / "best.yaml").lexically_normal().string()}};
  }
  if (!state.evaluated.empty()) json["validation"] = {{"trial", state.evaluated}, {"figures", state.figures}};
  return json;
}

ResultTable sweepTable(const SweepSetup& setup, const SweepState& state, bool with_settings) {
  ResultTable table;
  table.columns = {{.title = "trial", .is_text = true}, {.title = "state", .is_text = true}};
  for (const int64_t rung : state.rungs) table.columns.push_back({.title = "epoch " + std::to_string(rung), .decimals = 4});
  if (with_settings) {
    for (const SpaceKey& key : setup.space.keys) table.columns.push_back({.title = key.path, .is_text = true});
  }
  table.columns.push_back({.title = "seconds", .decimals = 0, .higher_is_better = false, .is_ranked = false});
  if (with_settings) table.columns.push_back({.title = "problem", .is_text = true});
  const auto winner = sweepWinner(state);
  for (const size_t i : byStanding(state)) {
    const SweepTrial& trial = state.trials[i];
    TableRow row;
    row.cells = {{.text = trial.name}, {.text = stateWord(state, i, winner)}};
    for (size_t rung = 0; rung < state.rungs.size(); ++rung) {
      row.cells.push_back({.text = "", .value = rung < trial.scores.size() ? trial.scores[rung] : std::nullopt});
    }
    for (const SpaceKey& key : setup.space.keys) {
      if (!with_settings) break;
      const auto own = std::find_if(trial.settings.begin(), trial.settings.end(), [&](const auto& setting) { return setting.first == key.path; });
      row.cells.push_back({.text = own == trial.settings.end() ? "" : own->second});
    }
    row.cells.push_back({.text = "", .value = trial.seconds});
    if (with_settings) row.cells.push_back({.text = trial.problem});
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::optional<double> sweepScoreOf(const fs::path& run) {
  fs::path folder = fs::absolute(run).lexically_normal();
  if (folder.filename().empty()) folder = folder.parent_path();
  const fs::path out = folder.parent_path().parent_path();
  if (!isSweep(out)) return std::nullopt;
  try {
    const Json json = readJsonFile(stateFile(out), kLargestState);
    for (const Json& trial : json.at("trials")) {
      if (trial.at("name").get<std::string>() != folder.filename().string() || trial.at("scores").empty() || trial.at("scores").back().is_null()) continue;
      return trial.at("scores").back().get<double>();
    }
  } catch (const std::exception&) {  // a list of runs shows what it can
  }
  return std::nullopt;
}

}  // namespace hvlm
