// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runs/config.h"
#include "runs/sweep_space.h"
#include "runs/table.h"

// A sweep: random search with successive halving (Jamieson and Talwalkar 2016, arXiv:1502.07943, algorithm 1), in a folder OUT.
//   OUT/sweep.json          all of it: what was asked, every trial with its settings and scores, the winner
//   OUT/config.yaml         the config that trials change; OUT/space.yaml the space they are drawn from
//   OUT/runs/trial-NNN/     one ordinary run each, with the whole schedule of train.epochs; OUT/configs/ and OUT/logs/ beside them
//   OUT/trials.csv          a row each; OUT/best.yaml the winner's config, fully resolved
// A trial is one run: it is stopped at the end of a rung and, when it is among the best 1/eta there, resumed. Schedule and batches are
// functions of the step, so a survivor's run is the one it would have been without the stops. Trials are compared on the held-out
// slice of the training videos alone.
namespace hvlm {

constexpr int64_t kMostTrials = 10000;

struct SweepSetup {
  RunConfig config;            // trial-001 is this config as it is; the others change the keys of the space
  SweepSpace space;
  int64_t trials = 0;
  int64_t eta = 3;             // one of so many goes on
  int64_t min_epochs = 0;      // of the first rung; 0 = train.epochs / eta^2
  uint64_t seed = 1;           // of the drawing alone; trials train with the config's own seed
  std::string metric = "holdout/average_map";  // tag of metrics.jsonl; higher is better
  std::string dataset_file, dataset_hash;
};

struct SweepTrial {
  std::string name;                           // "trial-001"
  TrialSettings settings;                     // keys of the space that it changes or, the first, has
  std::vector<std::optional<double>> scores;  // by rung, as far as it came
  std::string problem;                        // why it failed; empty: it has not
  double seconds = 0.0;                       // of its processes, all rungs together
  bool failed() const { return !problem.empty(); }
};

struct SweepState {
  int64_t eta = 3;
  std::vector<int64_t> rungs;       // finished epochs at which trials are compared; the last is train.epochs
  std::vector<SweepTrial> trials;   // fewer than asked for when the space has no more
  std::string evaluated;            // the trial that was evaluated on validation at the end; empty: none
  std::map<std::string, double> figures;  // what came out (RunSummary::figures)
};

// ---- the plan: pure functions of the state

// min_epochs * eta^k below `epochs`, then `epochs`.
std::vector<int64_t> sweepRungs(int64_t min_epochs, int64_t epochs, int64_t eta);
// The largest divisor of all rungs before the last that is no larger than `wanted` (0: than the first rung).
int64_t sweepEvaluateEpochs(const std::vector<int64_t>& rungs, int64_t wanted);
// Indices of the trials that belong to a rung: all of them to the first; then, best first, one of eta (one at least) of the rung before. A
// trial that failed leaves its place to the next best. Empty while the rung before is not decided.
std::vector<size_t> trialsOfRung(const SweepState& state, size_t rung);
// What is to be done next: the first rung with trials that have neither a score there nor failed. `trials` is empty when all is decided.
struct SweepStep {
  size_t rung = 0;
  std::vector<size_t> trials;
};
SweepStep nextStep(const SweepState& state);
std::optional<size_t> sweepWinner(const SweepState& state);  // once all is decided; nothing when every trial failed

// ---- trials

std::filesystem::path trialFolder(const std::filesystem::path& out, const SweepTrial& trial);
RunConfig trialConfig(const SweepSetup& setup, const SweepState& state, const SweepTrial& trial);  // validated
// Draws trials until there are `setup.trials`: a function of (seed, number), never two that configHash calls the same, never a config that is
// not valid. Stops early when the space seems to have no more. Throws InputError when it holds no valid config.
void drawTrials(const SweepSetup& setup, SweepState& state);

// The held-out score of a run at the end of a rung: of the weights that would be evaluated then (train.select: those of the best
// "holdout/score" so far, or the last). None while the run has not been evaluated there, unless it ended earlier by train.patience.
std::optional<double> rungScore(const std::filesystem::path& run, const std::string& metric, int64_t epochs, const std::string& select);
std::vector<std::string> holdoutTags(const std::filesystem::path& run);  // that its metrics have

// ---- files

void checkSweepFolder(const std::filesystem::path& out);  // throws InputError when it holds other things; changes nothing
// Begins a sweep in an empty or missing folder, or goes on with the one that is there. Throws InputError, without changing anything,
// when OUT holds other things, or a sweep of another config, space, data set, seed, plan or metric (saying which), of more trials than
// asked for, or one that is closed because validation has been looked at and that would need more trials.
SweepState openSweep(const std::filesystem::path& out, const SweepSetup& setup);
void saveSweep(const std::filesystem::path& out, const SweepSetup& setup, const SweepState& state);  // sweep.json and trials.csv

// For a call that names only the folder: what the sweep there was asked for.
bool isSweep(const std::filesystem::path& out);
SweepSetup storedSetup(const std::filesystem::path& out);  // throws InputError

// A row per trial, the best first: how far it came, its score at each rung, and its settings when asked.
ResultTable sweepTable(const SweepSetup& setup, const SweepState& state, bool with_settings);
nlohmann::json sweepJson(const std::filesystem::path& out, const SweepSetup& setup, const SweepState& state);  // what sweep.json holds

// The last score of a trial, for lists of runs: of `run` in the sweep.json two folders above it. Nothing when it is no trial.
std::optional<double> sweepScoreOf(const std::filesystem::path& run);

}  // namespace hvlm
