// SPDX-License-Identifier: Apache-2.0
#include <QtTest>
#include <cmath>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "runs/metrics.h"
#include "runs/run_comparison.h"
#include "runs/run_list.h"
#include "runs/run_record.h"
#include "runs/sweep.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/hash.h"
#include "support/paths.h"

using namespace hvlm;
namespace fs = std::filesystem;

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

SweepSpace space(const std::string& yaml) { return parseSweepSpace(yaml, "space.yaml"); }

// The values of a key over many draws; absent ones are empty texts.
std::vector<std::string> draws(const SweepSpace& of, const std::string& key, int count, const RunConfig& base = {}) {
  std::vector<std::string> values;
  for (int i = 0; i < count; ++i) {
    SplitMix random(mixSeed(7, static_cast<uint64_t>(i)));
    std::string value;
    for (const auto& [path, text] : drawTrial(of, base, random)) {
      if (path == key) value = text;
    }
    values.push_back(value);
  }
  return values;
}
std::vector<double> numbers(const std::vector<std::string>& texts) {
  std::vector<double> values;
  for (const std::string& text : texts) values.push_back(std::stod(text));
  return values;
}

// Trials whose scores at the first rung are given; NaN: not yet.
SweepState stateWith(const std::vector<double>& scores, std::vector<int64_t> rungs, int64_t eta) {
  SweepState state;
  state.eta = eta;
  state.rungs = std::move(rungs);
  for (size_t i = 0; i < scores.size(); ++i) {
    SweepTrial trial;
    trial.name = "trial-" + std::to_string(i);
    if (!std::isnan(scores[i])) trial.scores = {scores[i]};
    state.trials.push_back(trial);
  }
  return state;
}

SweepSetup setupWith(int64_t trials) {
  SweepSetup setup;
  setup.space = space("train.lr: {log_uniform: [0.0001, 0.01]}\nencoder.dropout: [0.1, 0.2, 0.3]\n");
  setup.config.train.epochs = 9;
  setup.trials = trials;
  setup.min_epochs = 1;
  setup.dataset_file = "/data/dataset.yaml";
  setup.dataset_hash = "d1";
  return setup;
}

std::string problemOf(const std::function<void()>& work) {
  try {
    work();
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}
bool has(const std::string& text, const QString& part) { return QString::fromStdString(text).contains(part); }

}  // namespace

class TestSweep : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void aSpaceIsRead();
  void aBadSpaceIsNamed_data();
  void aBadSpaceIsNamed();
  void theBundledSpaceFitsItsConfig();
  void drawsFollowTheirRange();
  void conditionsHold();
  void trialsAreAFunctionOfTheSeedAndDiffer();
  void aUsedUpSpaceEndsEarly();
  void configsThatCannotWorkAreNotDrawn();
  void rungsGrowByEta_data();
  void rungsGrowByEta();
  void everyRungIsEvaluated_data();
  void everyRungIsEvaluated();
  void oneOfEtaGoesOn();
  void failedTrialsLeaveTheirPlace();
  void equalScoresGoByNumber();
  void theScoreOfARungIsThatOfItsWeights();
  void stateComesBack();
  void anotherSweepIsRefused_data();
  void anotherSweepIsRefused();
  void moreTrialsAreAsIfAskedForAtOnce();
  void aClosedSweepTakesNoMoreTrials();
  void aForeignFolderIsLeftAlone();
  void damagedFilesAreTold();
  void theTableHasTheBestFirst();
  void listsOfRunsKnowTheScore();

 private:
  fs::path fresh(const char* name) const { return fs::path(folder_.path().toStdString()) / name; }
  QTemporaryDir folder_;
};

void TestSweep::aSpaceIsRead() {
  const SweepSpace read = space("encoder:\n  mixer: [window, full]\n  mixer_window: {choice: [9, 17], when: {encoder.mixer: window}}\ntrain.lr: {log_uniform: [1e-4, 2e-3]}\nhead.edges: [yes, no]\n");
  QCOMPARE(read.keys.size(), size_t{4});
  QCOMPARE(read.keys[0].path, std::string("encoder.mixer"));
  QCOMPARE(read.keys[1].choices, (std::vector<std::string>{"9", "17"}));
  QCOMPARE(read.keys[1].when.at(0).first, std::string("encoder.mixer"));
  QCOMPARE(read.keys[2].low, 1e-4);
  QCOMPARE(read.keys[2].high, 2e-3);
  QCOMPARE(read.keys[3].choices, (std::vector<std::string>{"true", "false"}));  // as a config has them
  QCOMPARE(spaceJson(read).at(2).dump(), std::string(R"({"key":"train.lr","log_uniform":[0.0001,0.002]})"));
}

void TestSweep::aBadSpaceIsNamed_data() {
  QTest::addColumn<QString>("yaml");
  QTest::addColumn<QStringList>("fragments");
  const auto row = [](const char* name, const char* yaml, const QStringList& fragments) { QTest::newRow(name) << QString::fromUtf8(yaml) << fragments; };
  row("a typo names the nearest key", "train.lrr: [0.1]", {"line 1", "train.lrr", "train.lr"});
  row("a typo in a group", "encoder:\n  mixr: [full]", {"line 2", "encoder.mixr", "encoder.mixer"});
  row("a value out of range", "encoder.dropout: [0.1, 1.5]", {"encoder.dropout", "between 0 and 0.9", "1.5"});
  row("an end out of range", "encoder.dropout: {uniform: [0, 2]}", {"encoder.dropout", "between 0 and 0.9"});
  row("an unknown choice", "encoder.mixer: [windw]", {"encoder.mixer", "one of", "windw"});
  row("a typo in the form", "train.lr: {log_unifrm: [0.1, 0.2]}", {"log_unifrm", "log_uniform"});
  row("two forms", "train.lr: {uniform: [0.1, 0.2], log_uniform: [0.1, 0.2]}", {"two of them"});
  row("no form", "train.lr: {when: {encoder.mixer: full}}", {"no values"});
  row("ends the wrong way round", "train.lr: {uniform: [0.2, 0.1]}", {"lower end"});
  row("a logarithm from zero", "train.lr: {log_uniform: [0, 0.1]}", {"above 0"});
  row("one end", "train.lr: {uniform: [0.2]}", {"two ends"});
  row("a range of texts", "encoder.mixer: {uniform: [0, 1]}", {"encoder.mixer", "a list of values"});
  row("a real range of whole numbers", "head.width: {uniform: [64, 128]}", {"head.width", "int or log_int"});
  row("a broken whole number", "head.width: {int: [64.5, 128]}", {"head.width", "whole number"});
  row("a value twice", "head.width: [64, 128, 64]", {"each value once"});
  row("a key twice", "head.width: [64, 128]\nhead:\n  width: [64]", {"line 3", "each key once"});
  row("a single value", "head.width: 64", {"head.width", "a single value"});
  row("an empty list", "head.width: []", {"0 values"});
  row("a key that trials share", "train.epochs: [10, 20]", {"train.epochs", "--set"});
  row("the seed is not chosen", "seed: [1, 2]", {"seed"});
  row("a condition on a key below", "encoder:\n  mixer_window: {choice: [9], when: {encoder.mixer: window}}\n  mixer: [window, full]", {"encoder.mixer_window", "written above"});
  row("a condition on no key", "encoder.mixer_window: {choice: [9], when: {encoder.mixr: window}}", {"encoder.mixer"});
  row("a condition that cannot be", "encoder.mixer_window: {choice: [9], when: {encoder.mixer: windw}}", {"windw"});
  row("nothing", "# only a comment", {"at least one config key"});
  row("a list", "- a\n- b", {"config keys"});
  row("no YAML", "a: [", {"valid YAML"});
}
void TestSweep::aBadSpaceIsNamed() {
  QFETCH(QString, yaml);
  QFETCH(QStringList, fragments);
  const std::string problem = problemOf([&] { space(yaml.toStdString()); });
  QVERIFY2(has(problem, QStringLiteral("space.yaml")), problem.c_str());
  for (const QString& fragment : fragments) QVERIFY2(has(problem, fragment), problem.c_str());
}

void TestSweep::theBundledSpaceFitsItsConfig() {
  const RunConfig base = readRunConfig(bundled("configs/recommended-small.yaml"));
  const SweepSpace bundled_space = readSweepSpace(bundled("configs/spaces/recommended-small.yaml"));
  SweepState state;
  state.rungs = sweepRungs(9, base.train.epochs, 3);
  SweepSetup setup;
  setup.config = base;
  setup.space = bundled_space;
  setup.trials = 50;
  drawTrials(setup, state);
  QCOMPARE(state.trials.size(), size_t{50});
  for (const SweepTrial& trial : state.trials) trialConfig(setup, state, trial);  // valid
}

void TestSweep::drawsFollowTheirRange() {
  constexpr int kDraws = 4000;
  const SweepSpace all = space("encoder.dropout: {uniform: [0.1, 0.5]}\ntrain.lr: {log_uniform: [0.0001, 0.01]}\nencoder.layers: {int: [1, 4]}\nhead.width: {log_int: [8, 2048]}\nencoder.mixer: [window, full, none]\n");
  double sum = 0.0;
  for (const double v : numbers(draws(all, "encoder.dropout", kDraws))) {
    QVERIFY(v >= 0.1 && v <= 0.5);
    sum += v;
  }
  QVERIFY(std::abs(sum / kDraws - 0.3) < 0.01);  // five deviations of the mean are 0.009
  int below = 0;
  for (const double v : numbers(draws(all, "train.lr", kDraws))) {
    QVERIFY(v >= 0.0001 && v <= 0.01);
    below += v < 0.001;  // half of the decades
  }
  QVERIFY(std::abs(below - kDraws / 2) < 160);
  std::map<std::string, int> layers, mixers;
  for (const std::string& v : draws(all, "encoder.layers", kDraws)) ++layers[v];
  QCOMPARE(layers.size(), size_t{4});  // both ends included
  for (const auto& [value, count] : layers) QVERIFY2(std::abs(count - kDraws / 4) < 140, value.c_str());
  int narrow = 0;
  for (const double v : numbers(draws(all, "head.width", kDraws))) {
    QVERIFY(v >= 8 && v <= 2048 && v == std::floor(v));
    narrow += v < 128;
  }
  QVERIFY(std::abs(narrow - kDraws / 2) < 160);
  for (const std::string& v : draws(all, "encoder.mixer", kDraws)) ++mixers[v];
  QCOMPARE(mixers.size(), size_t{3});
  for (const auto& [value, count] : mixers) QVERIFY2(std::abs(count - kDraws / 3) < 150, value.c_str());
  for (const std::string& v : draws(all, "train.lr", 100)) QVERIFY2(v.find_first_not_of("0123456789.e-") == std::string::npos && v.size() <= 10, v.c_str());  // four digits
}

void TestSweep::conditionsHold() {
  const SweepSpace with = space("encoder:\n  mixer: [window, full]\n  mixer_window: {choice: [5, 17], when: {encoder.mixer: window}}\n  dropout: {uniform: [0.1, 0.5]}\n");
  const auto mixers = draws(with, "encoder.mixer", 200), windows = draws(with, "encoder.mixer_window", 200);
  std::set<std::string> seen;
  for (size_t i = 0; i < mixers.size(); ++i) {
    QCOMPARE(windows[i].empty(), mixers[i] == "full");
    seen.insert(windows[i]);
  }
  QCOMPARE(seen.size(), size_t{3});
  // A key takes its number whether its condition holds or not: what follows is drawn alike.
  const SweepSpace without = space("encoder:\n  mixer: [window, full]\n  mixer_window: [5, 17]\n  dropout: {uniform: [0.1, 0.5]}\n");
  QCOMPARE(draws(with, "encoder.dropout", 50), draws(without, "encoder.dropout", 50));
  // On a key that the space does not draw, the config decides.
  const SweepSpace fixed = space("loss.edges: {when: {head.edges: true}, uniform: [0.5, 2]}");
  RunConfig base;
  base.head.edges = false;
  QCOMPARE(draws(fixed, "loss.edges", 3, base), (std::vector<std::string>{"", "", ""}));
  base.head.edges = true;
  QVERIFY(!draws(fixed, "loss.edges", 1, base).front().empty());
}

void TestSweep::trialsAreAFunctionOfTheSeedAndDiffer() {
  const auto drawn = [](uint64_t seed, int64_t count) {
    SweepSetup setup = setupWith(count);
    setup.seed = seed;
    SweepState state;
    state.rungs = {1, 3, 9};
    drawTrials(setup, state);
    std::vector<TrialSettings> all;
    for (const SweepTrial& trial : state.trials) all.push_back(trial.settings);
    return all;
  };
  const auto first = drawn(1, 20);
  QCOMPARE(first.size(), size_t{20});
  QCOMPARE(drawn(1, 20), first);
  QVERIFY(drawn(2, 20) != first);
  const auto more = drawn(1, 30);
  QVERIFY(std::equal(first.begin(), first.end(), more.begin()));
  QCOMPARE(std::set<TrialSettings>(more.begin(), more.end()).size(), size_t{30});
  QCOMPARE(first.front(), (TrialSettings{{"train.lr", "0.0005"}, {"encoder.dropout", "0.1"}}));  // the config as it is
}

void TestSweep::aUsedUpSpaceEndsEarly() {
  SweepSetup setup = setupWith(20);
  // The window is not read by full attention: 2 * 1 + 1 configs, not 4. One of them may be the config as it is.
  setup.space = space("encoder.mixer: [window, full]\nencoder.mixer_window: [5, 17]\n");
  SweepState state;
  state.rungs = {9};
  drawTrials(setup, state);
  QCOMPARE(state.trials.size(), size_t{3});
  std::set<std::string> hashes;
  for (const SweepTrial& trial : state.trials) hashes.insert(configHash(trialConfig(setup, state, trial)));
  QCOMPARE(hashes.size(), size_t{3});
}

void TestSweep::configsThatCannotWorkAreNotDrawn() {
  SweepSetup setup = setupWith(6);
  setup.space = space("encoder.heads: [4, 3, 7, 8]\nencoder.dropout: {uniform: [0, 0.5]}\n");  // 3 and 7 do not divide the width
  SweepState state;
  state.rungs = {9};
  drawTrials(setup, state);
  QCOMPARE(state.trials.size(), size_t{6});
  for (const SweepTrial& trial : state.trials) QVERIFY(trial.settings[0].second == "4" || trial.settings[0].second == "8");
  setup.space = space("encoder.heads: [3, 7]\n");
  SweepState none;
  none.rungs = {9};
  const std::string problem = problemOf([&] { drawTrials(setup, none); });
  QVERIFY2(has(problem, QStringLiteral("encoder.heads")), problem.c_str());
}

void TestSweep::rungsGrowByEta_data() {
  QTest::addColumn<int>("least");
  QTest::addColumn<int>("epochs");
  QTest::addColumn<int>("eta");
  QTest::addColumn<QList<int>>("rungs");
  QTest::newRow("a power") << 9 << 81 << 3 << QList<int>{9, 27, 81};
  QTest::newRow("the last is the whole training") << 10 << 80 << 3 << QList<int>{10, 30, 80};
  QTest::newRow("by two") << 5 << 40 << 2 << QList<int>{5, 10, 20, 40};
  QTest::newRow("as many as there are: no halving") << 80 << 80 << 3 << QList<int>{80};
  QTest::newRow("more than there are") << 100 << 80 << 3 << QList<int>{80};
  QTest::newRow("one epoch") << 1 << 1 << 3 << QList<int>{1};
}
void TestSweep::rungsGrowByEta() {
  QFETCH(int, least);
  QFETCH(int, epochs);
  QFETCH(int, eta);
  QFETCH(QList<int>, rungs);
  const auto found = sweepRungs(least, epochs, eta);
  QCOMPARE(std::vector<int64_t>(rungs.begin(), rungs.end()), found);
}

void TestSweep::everyRungIsEvaluated_data() {
  QTest::addColumn<QList<int>>("rungs");
  QTest::addColumn<int>("wanted");
  QTest::addColumn<int>("every");
  QTest::newRow("it divides already") << QList<int>{10, 30, 80} << 5 << 5;
  QTest::newRow("the next smaller divisor") << QList<int>{9, 27, 80} << 5 << 3;
  QTest::newRow("no common divisor") << QList<int>{7, 21, 60} << 5 << 1;
  QTest::newRow("rarer than the first rung") << QList<int>{9, 27, 80} << 40 << 9;
  QTest::newRow("at the end only") << QList<int>{9, 27, 80} << 0 << 9;
  QTest::newRow("without halving it stays") << QList<int>{80} << 7 << 7;
}
void TestSweep::everyRungIsEvaluated() {
  QFETCH(QList<int>, rungs);
  QFETCH(int, wanted);
  QFETCH(int, every);
  QCOMPARE(sweepEvaluateEpochs(std::vector<int64_t>(rungs.begin(), rungs.end()), wanted), int64_t{every});
}

void TestSweep::oneOfEtaGoesOn() {
  SweepState state = stateWith({0.1, 0.9, 0.5, kNone, 0.7, 0.2, 0.3, 0.8}, {1, 3, 9}, 3);
  QCOMPARE(nextStep(state).trials, std::vector<size_t>{3});  // the one without a score
  QCOMPARE(nextStep(state).rung, size_t{0});
  QVERIFY(trialsOfRung(state, 1).empty());
  state.trials[3].scores = {0.6};
  QCOMPARE(trialsOfRung(state, 1), (std::vector<size_t>{1, 7}));  // 8 / 3
  QCOMPARE(nextStep(state).trials, (std::vector<size_t>{1, 7}));
  QCOMPARE(nextStep(state).rung, size_t{1});
  QVERIFY(!sweepWinner(state));
  state.trials[1].scores = {0.9, 0.4};
  state.trials[7].scores = {0.8, 0.95};
  QCOMPARE(trialsOfRung(state, 2), std::vector<size_t>{7});  // one at least
  state.trials[7].scores.push_back(0.97);
  QVERIFY(nextStep(state).trials.empty());
  QCOMPARE(sweepWinner(state), std::optional<size_t>(7));
}

void TestSweep::failedTrialsLeaveTheirPlace() {
  SweepState state = stateWith({0.1, 0.9, 0.5, kNone}, {1, 3}, 2);
  state.trials[3].problem = "loss.focal was NaN";
  QCOMPARE(trialsOfRung(state, 1), (std::vector<size_t>{1, 2}));  // it counts as the worst of four
  state.trials[1].problem = "out of memory";  // at the second rung
  QCOMPARE(trialsOfRung(state, 1), (std::vector<size_t>{2, 0}));
  state.trials[2].scores.push_back(0.3);
  state.trials[0].scores.push_back(0.4);
  QCOMPARE(sweepWinner(state), std::optional<size_t>(0));
  for (SweepTrial& trial : state.trials) trial.problem = "disk full";
  QVERIFY(nextStep(state).trials.empty());
  QVERIFY(!sweepWinner(state));
}

void TestSweep::equalScoresGoByNumber() {
  const SweepState state = stateWith({0.5, 0.5, 0.5, 0.5}, {1, 3}, 2);
  QCOMPARE(trialsOfRung(state, 1), (std::vector<size_t>{0, 1}));
}

void TestSweep::theScoreOfARungIsThatOfItsWeights() {
  const fs::path run = fresh("scored");
  QVERIFY(!rungScore(run, "holdout/average_map", 3, "holdout"));  // nothing there
  fs::create_directories(run);
  RunRecord record = freshRecord(RunConfig());
  record.state = "stopped";
  writeRunRecord(run, record);
  MetricWriter writer(run, 0);
  const auto evaluated = [&](int64_t epoch, double score, double average_map) {
    writer.write({{0, epoch * 10, static_cast<double>(epoch), 1.0, "holdout/score", score}, {0, epoch * 10, static_cast<double>(epoch), 1.0, "holdout/average_map", average_map}});
  };
  evaluated(1, 0.5, 0.2);
  evaluated(2, 0.7, 0.3);  // chosen by "score" though the figure is better later
  evaluated(3, 0.6, 0.4);
  QCOMPARE(rungScore(run, "holdout/average_map", 1, "holdout"), std::optional<double>(0.2));
  QCOMPARE(rungScore(run, "holdout/average_map", 3, "holdout"), std::optional<double>(0.3));
  QCOMPARE(rungScore(run, "holdout/average_map", 3, "last"), std::optional<double>(0.4));
  QVERIFY(!rungScore(run, "holdout/top1", 3, "holdout"));
  QVERIFY(!rungScore(run, "holdout/average_map", 9, "holdout"));  // it is not there yet
  record.state = "done";  // ended early, out of patience
  writeRunRecord(run, record);
  QCOMPARE(rungScore(run, "holdout/average_map", 9, "holdout"), std::optional<double>(0.3));
  QCOMPARE(holdoutTags(run), (std::vector<std::string>{"holdout/average_map", "holdout/score"}));
  // A resume takes later points back.
  record.resumes.push_back({.from_step = 15, .time = "", .host = ""});
  record.state = "stopped";
  writeRunRecord(run, record);
  QVERIFY(!rungScore(run, "holdout/average_map", 3, "holdout"));
  QCOMPARE(rungScore(run, "holdout/average_map", 1, "holdout"), std::optional<double>(0.2));
}

void TestSweep::stateComesBack() {
  const fs::path out = fresh("state");
  const SweepSetup setup = setupWith(5);
  SweepState state = openSweep(out, setup);
  QCOMPARE(state.trials.size(), size_t{5});
  QCOMPARE(state.rungs, (std::vector<int64_t>{1, 3, 9}));
  QVERIFY(isSweep(out));
  state.trials[0].scores = {0.25};
  state.trials[1].scores = {0.5, 0.125};
  state.trials[2].problem = "loss.focal was NaN, \"really\"";
  state.trials[1].seconds = 12.5;
  saveSweep(out, setup, state);
  const SweepState back = openSweep(out, setup);
  QCOMPARE(back.eta, state.eta);
  QCOMPARE(back.rungs, state.rungs);
  for (size_t i = 0; i < 5; ++i) {
    QCOMPARE(back.trials[i].name, state.trials[i].name);
    QCOMPARE(back.trials[i].settings, state.trials[i].settings);
    QCOMPARE(back.trials[i].scores, state.trials[i].scores);
    QCOMPARE(back.trials[i].problem, state.trials[i].problem);
    QCOMPARE(back.trials[i].seconds, state.trials[i].seconds);
  }
  // The folder alone knows what was asked for.
  const SweepSetup there = storedSetup(out);
  QCOMPARE(configYaml(there.config), configYaml(setup.config));
  QCOMPARE(spaceJson(there.space), spaceJson(setup.space));
  QCOMPARE(there.trials, setup.trials);
  openSweep(out, there);
  // Threads and device may change from call to call.
  SweepSetup elsewhere = setup;
  elsewhere.config.train.threads = 3;
  openSweep(out, elsewhere);
}

void TestSweep::anotherSweepIsRefused_data() {
  QTest::addColumn<QString>("what");
  QTest::addColumn<QString>("fragment");
  for (const auto& [what, fragment] : {std::pair{"config", "encoder.dim"}, {"a key that only some trials read", "encoder.mixer_window"}, {"space", "another space"}, {"data", "another data set"}, {"eta", "--eta: 3 / 2"},
                                       {"epochs", "--min-epochs: 1 / 2"}, {"seed", "--seed: 1 / 9"}, {"metric", "--metric"}, {"trials", "fewer --trials"}}) {
    QTest::newRow(what) << QString::fromLatin1(what) << QString::fromLatin1(fragment);
  }
}
void TestSweep::anotherSweepIsRefused() {
  QFETCH(QString, what);
  QFETCH(QString, fragment);
  const fs::path out = fresh("refused");
  const SweepSetup setup = setupWith(4);
  openSweep(out, setup);
  const std::string before = readFile(out / "sweep.json");
  SweepSetup other = setup;
  if (what == QLatin1String("config")) other.config.encoder.dim = 128;
  if (what.startsWith(QLatin1String("a key"))) other.config.encoder.mixer_window = 33;
  if (what == QLatin1String("space")) other.space = space("train.lr: {log_uniform: [0.0001, 0.02]}");
  if (what == QLatin1String("data")) other.dataset_hash = "d2";
  if (what == QLatin1String("eta")) other.eta = 2;
  if (what == QLatin1String("epochs")) other.min_epochs = 2;
  if (what == QLatin1String("seed")) other.seed = 9;
  if (what == QLatin1String("metric")) other.metric = "holdout/top1";
  if (what == QLatin1String("trials")) other.trials = 3;
  const std::string problem = problemOf([&] { openSweep(out, other); });
  QVERIFY2(has(problem, fragment) && has(problem, QStringLiteral("--out")), problem.c_str());
  QCOMPARE(readFile(out / "sweep.json"), before);
}

void TestSweep::moreTrialsAreAsIfAskedForAtOnce() {
  const fs::path grown = fresh("grown"), whole = fresh("whole");
  SweepState few = openSweep(grown, setupWith(3));
  few.trials[1].scores = {0.5};
  saveSweep(grown, setupWith(3), few);
  const SweepState more = openSweep(grown, setupWith(7)), all = openSweep(whole, setupWith(7));
  QCOMPARE(more.trials.size(), size_t{7});
  for (size_t i = 0; i < 7; ++i) QCOMPARE(more.trials[i].settings, all.trials[i].settings);
  QCOMPARE(more.trials[1].scores, few.trials[1].scores);
}

void TestSweep::aClosedSweepTakesNoMoreTrials() {
  const fs::path out = fresh("closed");
  SweepState state = openSweep(out, setupWith(3));
  state.evaluated = "trial-002";
  state.figures = {{"average_map", 0.25}};
  saveSweep(out, setupWith(3), state);
  const SweepState back = openSweep(out, setupWith(3));
  QCOMPARE(back.evaluated, state.evaluated);
  QCOMPARE(back.figures, state.figures);
  const std::string problem = problemOf([&] { openSweep(out, setupWith(4)); });
  QVERIFY2(has(problem, QStringLiteral("validation")), problem.c_str());
}

void TestSweep::aForeignFolderIsLeftAlone() {
  const fs::path out = fresh("foreign");
  writeFileAtomic(out / "thesis.tex", "text");
  const std::string problem = problemOf([&] { openSweep(out, setupWith(3)); });
  QVERIFY2(has(problem, QStringLiteral("other files")), problem.c_str());
  QVERIFY(!fs::exists(out / "sweep.json"));
}

void TestSweep::damagedFilesAreTold() {
  const fs::path out = fresh("damaged");
  openSweep(out, setupWith(3));
  const auto good = nlohmann::json::parse(readFile(out / "sweep.json"));
  const auto problemWith = [&](const char* pointer, const nlohmann::json& value) {
    nlohmann::json bad = good;
    bad[nlohmann::json::json_pointer(pointer)] = value;
    writeFileAtomic(out / "sweep.json", bad.dump());
    return problemOf([&] { openSweep(out, storedSetup(out)); });
  };
  for (const auto& [pointer, value] : {std::pair<const char*, nlohmann::json>{"/trials/0/scores", "many"}, {"/trials/1/name", 7}, {"/rungs", {1, 2}}, {"/eta", 0}, {"/trials", nullptr}, {"/metric", 3}}) {
    const std::string problem = problemWith(pointer, value);
    QVERIFY2(has(problem, QStringLiteral("sweep.json")), (std::string(pointer) + ": " + problem).c_str());
  }
  writeFileAtomic(out / "sweep.json", "{");
  QVERIFY(!problemOf([&] { openSweep(out, setupWith(3)); }).empty());
}

void TestSweep::theTableHasTheBestFirst() {
  SweepSetup setup = setupWith(4);
  SweepState state;
  state.eta = 2;
  state.rungs = {3, 9};
  drawTrials(setup, state);
  state.trials[0].scores = {0.3};
  state.trials[1].scores = {0.2, 0.6};
  state.trials[2].scores = {0.9, 0.5};
  state.trials[3].problem = "loss.focal was NaN, step 7";
  state.trials[1].scores[0] = 0.8;
  const ResultTable table = sweepTable(setup, state, true);
  QCOMPARE(table.rows.size(), size_t{4});
  QCOMPARE(table.rows[0].cells[0].text, std::string("trial-002"));
  QCOMPARE(table.rows[0].cells[1].text, std::string("best"));
  QCOMPARE(table.rows[1].cells[0].text, std::string("trial-003"));
  QCOMPARE(table.rows[2].cells[0].text, std::string("trial-001"));
  QCOMPARE(table.rows[3].cells[1].text, std::string("failed"));
  const std::string csv = tableCsv(table);
  QVERIFY2(has(csv, QStringLiteral("trial,state,epoch 3,epoch 9,train.lr,encoder.dropout,seconds,problem")), csv.c_str());
  QVERIFY2(has(csv, QStringLiteral("\"loss.focal was NaN, step 7\"")), csv.c_str());
}

void TestSweep::listsOfRunsKnowTheScore() {
  const fs::path out = fresh("listed");
  const SweepSetup setup = setupWith(3);
  SweepState state = openSweep(out, setup);
  state.trials[1].scores = {0.25, 0.5};
  saveSweep(out, setup, state);
  QCOMPARE(sweepScoreOf(trialFolder(out, state.trials[1])), std::optional<double>(0.5));
  QCOMPARE(sweepScoreOf(trialFolder(out, state.trials[1]) / ""), std::optional<double>(0.5));
  QVERIFY(!sweepScoreOf(trialFolder(out, state.trials[0])));
  QVERIFY(!sweepScoreOf(fresh("elsewhere") / "runs" / "trial-002"));
  // The folder of a sweep lists its trials, and their scores stand beside their configs.
  for (const SweepTrial& trial : state.trials) {
    const fs::path run = trialFolder(out, trial);
    fs::create_directories(run);
    RunRecord record = freshRecord(trialConfig(setup, state, trial));
    record.state = "stopped";
    writeRunRecord(run, record);
    writeFileAtomic(run / "config.yaml", configYaml(trialConfig(setup, state, trial)));
  }
  const auto listed = listRuns({out});
  QCOMPARE(listed.size(), size_t{3});
  std::vector<ComparedRun> compared;
  for (const RunSummary& run : listed) compared.push_back(readComparedRun(run.folder));
  QCOMPARE(compared[1].figures.at("sweep_score"), 0.5);
  QVERIFY(!compared[0].figures.contains("sweep_score"));
  const ComparisonAxes axes = comparisonAxes(compared, "sweep_score");
  QCOMPARE(axes.names.back(), std::string("sweep_score"));
  QVERIFY(std::find(axes.names.begin(), axes.names.end(), "train.lr") != axes.names.end());
  QCOMPARE(axes.rows[1].back(), 0.5);
  QVERIFY(std::isnan(axes.rows[0].back()));
}

QTEST_GUILESS_MAIN(TestSweep)
#include "tst_runs_sweep.moc"
