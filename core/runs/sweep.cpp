// SPDX-License-Identifier: Apache-2.0
#include "runs/sweep.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "runs/metrics.h"
#include "runs/run_record.h"
#include "support/error.h"
#include "support/hash.h"

namespace hvlm {
namespace fs = std::filesystem;
namespace {

constexpr double kSameEpoch = 1e-6;
constexpr int kMostAttempts = 2000;  // draws of one trial before the space counts as used up

std::string trialName(size_t number) {
  const std::string digits = std::to_string(number);
  return "trial-" + std::string(digits.size() < 3 ? 3 - digits.size() : 0, '0') + digits;
}

bool hasScore(const SweepTrial& trial, size_t rung) { return rung < trial.scores.size() && trial.scores[rung].has_value(); }
bool isDecided(const SweepTrial& trial, size_t rung) { return trial.failed() || hasScore(trial, rung); }

// Of these trials, those with a score at the rung, best first; equal ones in the order of drawing.
std::vector<size_t> ranked(const SweepState& state, std::vector<size_t> trials, size_t rung) {
  std::erase_if(trials, [&](size_t i) { return !hasScore(state.trials[i], rung); });
  std::sort(trials.begin(), trials.end(), [&](size_t a, size_t b) {
    const double score_a = *state.trials[a].scores[rung], score_b = *state.trials[b].scores[rung];
    return score_a != score_b ? score_a > score_b : a < b;
  });
  return trials;
}

RunConfig baseConfig(const SweepSetup& setup, const SweepState& state) {
  RunConfig config = setup.config;
  config.train.evaluate_epochs = sweepEvaluateEpochs(state.rungs, config.train.evaluate_epochs);
  return config;
}

std::map<std::string, Curve> curvesOfRun(const fs::path& run) {
  return curvesOf(MetricReader(run).poll(), resumeSteps(readRunRecord(run)));
}

std::optional<size_t> lastUntil(const Curve& curve, double epochs) {
  std::optional<size_t> last;
  for (size_t i = 0; i < curve.epochs.size(); ++i) {
    if (curve.epochs[i] <= epochs + kSameEpoch) last = i;
  }
  return last;
}

}  // namespace

std::vector<int64_t> sweepRungs(int64_t min_epochs, int64_t epochs, int64_t eta) {
  std::vector<int64_t> rungs;
  for (int64_t rung = std::max<int64_t>(1, min_epochs); rung < epochs; rung *= std::max<int64_t>(2, eta)) rungs.push_back(rung);
  rungs.push_back(epochs);
  return rungs;
}

int64_t sweepEvaluateEpochs(const std::vector<int64_t>& rungs, int64_t wanted) {
  if (rungs.size() < 2) return wanted;  // the end is evaluated in any case
  const int64_t common = std::accumulate(rungs.begin(), rungs.end() - 1, int64_t{0}, [](int64_t a, int64_t b) { return std::gcd(a, b); });
  int64_t every = wanted > 0 ? std::min(wanted, common) : common;
  while (common % every != 0) --every;
  return every;
}

std::vector<size_t> trialsOfRung(const SweepState& state, size_t rung) {
  std::vector<size_t> trials(state.trials.size());
  std::iota(trials.begin(), trials.end(), size_t{0});
  for (size_t k = 0; k < rung; ++k) {
    if (std::any_of(trials.begin(), trials.end(), [&](size_t i) { return !isDecided(state.trials[i], k); })) return {};
    const size_t places = std::max<size_t>(1, trials.size() / static_cast<size_t>(state.eta));
    std::vector<size_t> best = ranked(state, trials, k);
    std::erase_if(best, [&](size_t i) { return state.trials[i].failed(); });
    if (best.size() > places) best.resize(places);
    trials = std::move(best);
  }
  return trials;
}

SweepStep nextStep(const SweepState& state) {
  SweepStep step;
  for (step.rung = 0; step.rung < state.rungs.size(); ++step.rung) {
    step.trials = trialsOfRung(state, step.rung);
    std::erase_if(step.trials, [&](size_t i) { return isDecided(state.trials[i], step.rung); });
    if (!step.trials.empty()) {
      std::sort(step.trials.begin(), step.trials.end());
      return step;
    }
  }
  return {};
}

std::optional<size_t> sweepWinner(const SweepState& state) {
  if (state.rungs.empty() || !nextStep(state).trials.empty()) return std::nullopt;
  const size_t last = state.rungs.size() - 1;
  const auto best = ranked(state, trialsOfRung(state, last), last);
  if (best.empty()) return std::nullopt;
  return best.front();
}

fs::path trialFolder(const fs::path& out, const SweepTrial& trial) { return out / "runs" / trial.name; }

RunConfig trialConfig(const SweepSetup& setup, const SweepState& state, const SweepTrial& trial) {
  RunConfig config = baseConfig(setup, state);
  std::vector<std::string> settings;
  for (const auto& [key, value] : trial.settings) settings.push_back(key + "=" + value);
  applySettings(config, settings);
  validateConfig(config, trial.name);
  return config;
}

void drawTrials(const SweepSetup& setup, SweepState& state) {
  std::set<std::string> known;
  for (const SweepTrial& trial : state.trials) known.insert(configHash(trialConfig(setup, state, trial)));
  while (static_cast<int64_t>(state.trials.size()) < setup.trials) {
    const size_t number = state.trials.size() + 1;
    SweepTrial trial{.name = trialName(number), .settings = {}, .scores = {}, .problem = "", .seconds = 0.0};
    std::string invalid;
    bool drawn = false;
    for (int attempt = 0; attempt < kMostAttempts && !drawn; ++attempt) {
      SplitMix random(mixSeed(setup.seed, number, static_cast<uint64_t>(attempt)));
      trial.settings = number == 1 ? ownSettings(setup.space, setup.config) : drawTrial(setup.space, setup.config, random);
      try {
        drawn = known.insert(configHash(trialConfig(setup, state, trial))).second;
      } catch (const InputError& error) {  // keys that cannot go together
        invalid = error.what();
      }
    }
    if (!drawn && state.trials.size() <= 1 && !invalid.empty()) {
      throw InputError({.where = "the space", .expected = "a config that can work", .found = "none in " + std::to_string(kMostAttempts) + " draws (" + invalid + ")",
                        .remedy = "Narrow the space, or give a key a condition (when)."});
    }
    if (!drawn) return;
    state.trials.push_back(std::move(trial));
  }
}

std::optional<double> rungScore(const fs::path& run, const std::string& metric, int64_t epochs, const std::string& select) {
  std::error_code ignored;
  if (!fs::exists(run / "run.json", ignored)) return std::nullopt;
  const auto curves = curvesOfRun(run);
  const auto scored = curves.find("holdout/score"), measured = curves.find(metric);
  if (scored == curves.end() || measured == curves.end()) return std::nullopt;
  const auto at_end = lastUntil(scored->second, static_cast<double>(epochs));
  if (!at_end) return std::nullopt;
  const bool is_there = std::abs(scored->second.epochs[*at_end] - static_cast<double>(epochs)) < kSameEpoch;
  if (!is_there && readRunRecord(run).state != "done") return std::nullopt;
  size_t chosen = *at_end;
  if (select == "holdout") {
    chosen = 0;
    for (size_t i = 1; i <= *at_end; ++i) {
      if (scored->second.values[i] > scored->second.values[chosen] || !std::isfinite(scored->second.values[chosen])) chosen = i;
    }
  }
  const auto& steps = measured->second.steps;
  const auto same = std::find(steps.begin(), steps.end(), scored->second.steps[chosen]);
  if (same == steps.end()) return std::nullopt;
  return measured->second.values[static_cast<size_t>(same - steps.begin())];
}

std::vector<std::string> holdoutTags(const fs::path& run) {
  std::vector<std::string> tags;
  std::error_code ignored;
  if (!fs::exists(run / "run.json", ignored)) return tags;
  for (const auto& [tag, curve] : curvesOfRun(run)) {
    if (tag.starts_with("holdout/")) tags.push_back(tag);
  }
  return tags;
}

}  // namespace hvlm
