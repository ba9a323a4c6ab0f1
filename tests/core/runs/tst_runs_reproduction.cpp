// SPDX-License-Identifier: Apache-2.0
#include <QtTest>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "runs/checkpoint.h"
#include "runs/derived_run.h"
#include "runs/metrics.h"
#include "runs/reproduction.h"
#include "runs/reproduction_plan.h"
#include "runs/run_record.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/json_file.h"

using namespace hvlm;
namespace fs = std::filesystem;
using Json = nlohmann::json;

namespace {

// A report with a head of its own or without, all numbers told apart by `value`.
Json report(double value, const std::string& verdict = "healthy", bool own_head = false) {
  Json json = {{"temporal_consistency", value},
               {"consistency", {{"raw", 0.9}, {"cac", value / 2}, {"r_x", 0.1}}},
               {"collapse", {{"effective_rank", 10.0 * value}, {"mean_std", 0.3}}},
               {"verdict", verdict},
               {"classification", {{"protocol", own_head ? "fine-tuned head" : "linear probe"}, {"top1", value + 0.05}, {"probe", value + 0.1}, {"knn", 0.4}}},
               {"localization_probe", {{"map", {{"0.50", value - 0.1}}}, {"average_map", 0.05}}},
               {"feature_quality", {{"intra", 0.2}, {"inter", 0.8}, {"separation", 0.6}, {"silhouette", 0.3}}},
               {"parameters", 1000},
               {"videos", 5}};
  if (own_head) json["localization"] = {{"map", {{"0.50", value + 0.2}}}, {"average_map", 0.3}};
  return json;
}

struct Made {
  std::string row;
  uint64_t seed = 1;
  std::string budget = "quick";
  std::string state = "done";
  std::string data = "d1";
  std::vector<std::string> settings;
};

// A run folder as training leaves it; without a report when `content` is null.
fs::path makeRun(const fs::path& out, const Made& made, const Json& content, const std::vector<MetricPoint>& points = {}) {
  const fs::path run = cellFolder(out, {.row = made.row, .budget = made.budget, .seed = made.seed});
  RunConfig config = methodConfig(*findMethodRow(made.row), budgetFile(made.budget), made.seed);
  applySettings(config, made.settings);
  fs::create_directories(run / "checkpoints");
  RunRecord record = freshRecord(config);
  record.dataset_hash = made.data;
  record.dataset_name = "toy";
  record.state = made.state;
  if (made.state == "failed") record.failure = "loss.temporal was NaN at step 3";
  writeRunRecord(run, record);
  writeFileAtomic(run / "config.yaml", configYaml(config));
  if (!content.is_null()) writeReport(run, content);
  if (!points.empty()) MetricWriter(run, 0).write(points);
  return run;
}

const Json& rowOf(const Json& table, const std::string& id) {
  for (const Json& row : table) {
    if (row.at("id") == id) return row;
  }
  throw std::runtime_error("no row " + id);
}
bool contains(const Json& list, const std::string& text) { return std::find(list.begin(), list.end(), text) != list.end(); }

const ReproductionTable& tableOf(const ReproductionTables& all, const std::string& key, const std::string& budget = "quick") {
  for (const ReproductionTable& table : all.tables) {
    if (table.key == key && (table.budget == budget || table.budget.empty())) return table;
  }
  throw std::runtime_error("no table " + key);
}
size_t columnOf(const ReproductionTable& table, const std::string& metric, bool claimed = false) {
  for (size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].metric == metric && table.columns[i].claimed == claimed) return i;
  }
  throw std::runtime_error("no column " + metric);
}
size_t rowIndex(const ReproductionTable& table, const std::string& id) {
  return static_cast<size_t>(std::find(table.row_ids.begin(), table.row_ids.end(), id) - table.row_ids.begin());
}

// The text of the InputError that `work` throws; empty when it throws none.
template <class Work>
QByteArray refusal(Work&& work) {
  try {
    work();
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

bool near(double a, double b) { return std::abs(a - b) < 1e-12; }

}  // namespace

class TestReproduction : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init();
  void meansAndDeviationsAreOfTheSeeds();
  void oneSeedHasNoDeviation();
  void everyMeanCanBeRecomputedFromTheReportsItNames();
  void theRowSaysWhoLocalised();
  void aMetricThatNoReportHasIsAbsent();
  void theVerdictIsTheWorst();
  void aCollapsedRowIsStruckAndNeverBest();
  void sharedRowsNameTheSameRuns();
  void claimsStandBesideAndAreNeverBest();
  void trivialRowsComeFromTheControls();
  void rowsWithoutRunsAreMissing();
  void aRowWhoseSeedsAllFailedSaysWhy();
  void failuresAreRemembered();
  void damageIsNamed_data();
  void damageIsNamed();
  void runsOfAnotherDataSetAreRefused();
  void seedsOfDifferentConfigsAreRefused();
  void bothBudgetsHaveTheirOwnTables();
  void everyFileIsWritten();
  void theWindowFindsTheRunsBehindANumber();
  void tablesThatMovedFindTheirRuns();
  void tablesOfAnotherSchemaAreRefused();
  void partsAreJoined();
  void partsOfOtherDataAreNotJoined();
  void thePlanTellsWhatIsLeft();
  void rowsOnRequestRunWhenNamed();
  void rowsOnRequestAreShownOnceTheyRan();
  void expertsKnowTheirDomains();
  void aRunOfAnotherConfigIsRefusedByName();
  void fineTunedSeedsStartFromTheirOwnOrigins();
  void aDerivedRunHasTheWeightsOfItsOrigin();
  void aDerivedRunDiffersInDetectionAlone();
  void collapseCurvesAreByEpoch();
  void efficiencyStandsBesideItsClaims();

 private:
  std::unique_ptr<QTemporaryDir> folder_;
  fs::path out_;
};

void TestReproduction::init() {
  folder_ = std::make_unique<QTemporaryDir>();
  out_ = folder_->path().toStdString() + "/out";
}

void TestReproduction::meansAndDeviationsAreOfTheSeeds() {
  makeRun(out_, {.row = "transformer", .seed = 1}, report(0.4));
  makeRun(out_, {.row = "transformer", .seed = 2}, report(0.6));
  makeRun(out_, {.row = "transformer", .seed = 10}, report(0.8));
  const Json tables = collectTables(out_);
  const Json& row = rowOf(tables.at("main"), "transformer");
  const Json& tc = row.at("measured").at("temporal_consistency");
  QVERIFY(near(tc.at("mean").get<double>(), 0.6));
  QVERIFY(near(tc.at("std").get<double>(), 0.2));  // sqrt((0.04 + 0 + 0.04) / 2)
  QCOMPARE(tc.at("runs").size(), size_t{3});
  QCOMPARE(row.at("seeds"), Json({1, 2, 10}));
  const Json& average = row.at("measured").at("average");
  QVERIFY(near(average.at("mean").get<double>(), 0.6));  // of v, v + 0.1, v - 0.1
  QVERIFY(near(average.at("std").get<double>(), 0.2));
  QCOMPARE(row.at("parameters"), Json(1000));
  QCOMPARE(tables.at("dataset"), Json("toy"));
}

void TestReproduction::oneSeedHasNoDeviation() {
  makeRun(out_, {.row = "tsn"}, report(0.5));
  const Json tables = collectTables(out_);
  QVERIFY(rowOf(tables.at("main"), "tsn").at("measured").at("classification").at("std").is_null());
}

void TestReproduction::everyMeanCanBeRecomputedFromTheReportsItNames() {
  makeRun(out_, {.row = "recommended", .seed = 1}, report(0.31, "healthy", true));
  makeRun(out_, {.row = "recommended", .seed = 2}, report(0.47, "healthy", true));
  const Json tables = collectTables(out_);
  int checked = 0;
  for (const auto& [metric, measured] : rowOf(tables.at("main"), "recommended").at("measured").items()) {
    if (metric == "average") continue;
    double sum = 0.0;
    for (const Json& run : measured.at("runs")) {
      const Json read = readJsonFile(fs::path(run.get<std::string>()) / "report.json");
      sum += read.at(Json::json_pointer(measured.at("pointer").get<std::string>())).get<double>();
    }
    QVERIFY2(near(measured.at("mean").get<double>(), sum / 2), metric.c_str());
    QVERIFY2(contains(tables.at("metrics").at(metric).at("pointers"), measured.at("pointer").get<std::string>()), metric.c_str());
    ++checked;
  }
  QVERIFY(checked > 12);
}

void TestReproduction::theRowSaysWhoLocalised() {
  makeRun(out_, {.row = "recommended"}, report(0.3, "healthy", true));
  makeRun(out_, {.row = "moco"}, report(0.3));
  const Json tables = collectTables(out_);
  const Json& with_head = rowOf(tables.at("main"), "recommended");
  const Json& localised = with_head.at("measured").at("localization");
  const bool own = localised.at("pointer") == "/localization/map/0.50";
  QVERIFY(own || localised.at("pointer") == "/localization_probe/map/0.50");
  QCOMPARE(with_head.at("localization_source").get<std::string>(), std::string(own ? "own head" : "shared probe"));
  QVERIFY(near(localised.at("mean").get<double>(), own ? 0.5 : 0.2));
  const Json& shared = rowOf(tables.at("main"), "moco");
  QCOMPARE(shared.at("localization_source").get<std::string>(), std::string("shared probe"));
  QVERIFY(near(shared.at("measured").at("localization").at("mean").get<double>(), 0.2));
  const Json& labels = rowOf(tables.at("side"), "labels-own");  // differs from its neighbours in its own head alone
  QCOMPARE(labels.at("localization_source").get<std::string>(), std::string("own head"));
}

void TestReproduction::aMetricThatNoReportHasIsAbsent() {
  makeRun(out_, {.row = "moco"}, report(0.3));
  const Json tables = collectTables(out_);
  const Json& measured = rowOf(tables.at("main"), "moco").at("measured");
  QVERIFY(!measured.contains("classification_own"));  // its top-1 is the probe's
  QVERIFY(!measured.contains("boundary_auc"));
  QVERIFY(measured.contains("cac"));
}

void TestReproduction::theVerdictIsTheWorst() {
  makeRun(out_, {.row = "moco", .seed = 1}, report(0.3));
  makeRun(out_, {.row = "moco", .seed = 2}, report(0.3, "constant in time"));
  makeRun(out_, {.row = "tsn", .seed = 1}, report(0.3, "collapsed"));
  makeRun(out_, {.row = "tsn", .seed = 2}, report(0.3, "constant in time"));
  const Json tables = collectTables(out_);
  QCOMPARE(rowOf(tables.at("main"), "moco").at("verdict"), Json("constant in time"));
  QCOMPARE(rowOf(tables.at("main"), "tsn").at("verdict"), Json("collapsed"));
  QCOMPARE(rowOf(tables.at("main"), "tsn").at("verdicts"), Json({"collapsed", "constant in time"}));
}

void TestReproduction::aCollapsedRowIsStruckAndNeverBest() {
  makeRun(out_, {.row = "moco"}, report(0.3));
  makeRun(out_, {.row = "tsn"}, report(0.99, "collapsed"));
  const ReproductionTables all = reproductionTables(out_, collectTables(out_));
  const ReproductionTable& main = tableOf(all, "main");
  QVERIFY(main.table.rows[rowIndex(main, "tsn")].struck);
  QCOMPARE(bestRows(main.table, columnOf(main, "temporal_consistency")), std::vector<size_t>{rowIndex(main, "moco")});
  QVERIFY(tableMarkdown(main.table).find("~~0.990~~") != std::string::npos);
}

void TestReproduction::sharedRowsNameTheSameRuns() {
  const fs::path run = makeRun(out_, {.row = "full"}, report(0.3));
  const Json tables = collectTables(out_);
  for (const auto& [table, id] : std::vector<std::pair<std::string, std::string>>{{"main", "full"}, {"ablation", "a07"}, {"side", "pooling-attention"}, {"side", "text-caption"}}) {
    QCOMPARE(rowOf(tables.at(table), id).at("runs"), Json({run.string()}));
    QCOMPARE(rowOf(tables.at(table), id).at("tags"), Json({"text: hashed"}));
  }
  QVERIFY(!contains(tables.at("missing"), "a07"));
}

void TestReproduction::claimsStandBesideAndAreNeverBest() {
  makeRun(out_, {.row = "transformer"}, report(0.3));
  makeRun(out_, {.row = "full"}, report(0.2));
  const Json tables = collectTables(out_);
  const Json& row = rowOf(tables.at("main"), "full");
  QCOMPARE(row.at("claimed"), Json({{"temporal_consistency", 0.747}, {"classification", 0.841}, {"localization", 0.728}, {"average", 0.785}}));
  QVERIFY(!row.at("claim_notes").empty());
  const ReproductionTables all = reproductionTables(out_, tables);
  const ReproductionTable& main = tableOf(all, "main");
  const size_t claimed = columnOf(main, "temporal_consistency", true);
  QCOMPARE(claimed, columnOf(main, "temporal_consistency") + 1);
  QCOMPARE(*main.table.rows[rowIndex(main, "full")].cells[claimed].value, 0.747);
  QVERIFY(bestRows(main.table, claimed).empty());
  QVERIFY(main.cell_runs[rowIndex(main, "full")][claimed].empty());
}

void TestReproduction::trivialRowsComeFromTheControls() {
  Json raw = report(0.3);
  raw["controls"] = {{"majority", {{"classification", {{"top1", 0.11}}}}},
                     {"oracle label + whole video", {{"localization", {{"map", {{"0.50", 0.9}}}, {"average_map", 0.7}}}}},
                     {"raw features + linear", {{"classification", {{"top1", 0.5}}}}},
                     {"random encoder + linear", {{"classification", {{"top1", 0.5}}}}}};
  const fs::path run = makeRun(out_, {.row = "raw"}, raw);
  const Json tables = collectTables(out_);
  const Json& majority = rowOf(tables.at("main"), "control-majority");
  QCOMPARE(majority.at("name"), Json("Majority"));
  const Json& measured = majority.at("measured").at("classification");
  QCOMPARE(measured.at("mean"), Json(0.11));
  QCOMPARE(measured.at("runs"), Json({run.string()}));
  QCOMPARE(raw.at(Json::json_pointer(measured.at("pointer").get<std::string>())), Json(0.11));
  QCOMPARE(tables.at("main").size(), size_t{3});  // raw, majority, oracle
  const ReproductionTables all = reproductionTables(out_, tables);
  const ReproductionTable& main = tableOf(all, "main");
  QCOMPARE(bestRows(main.table, columnOf(main, "localization")), std::vector<size_t>{rowIndex(main, "raw")});  // the oracle knows the truth
}

void TestReproduction::rowsWithoutRunsAreMissing() {
  makeRun(out_, {.row = "moco"}, report(0.3));
  makeRun(out_, {.row = "tsn", .state = "stopped"}, nullptr);
  makeRun(out_, {.row = "simclr"}, nullptr);  // trained, not evaluated
  const Json tables = collectTables(out_);
  QCOMPARE(tables.at("main").size(), size_t{1});
  for (const char* id : {"raw", "tsn", "simclr", "a13", "labels-oracle"}) QVERIFY2(contains(tables.at("missing"), id), id);
  QVERIFY(!contains(tables.at("missing"), "moco"));
}

void TestReproduction::aRowWhoseSeedsAllFailedSaysWhy() {
  makeRun(out_, {.row = "moco", .seed = 1, .state = "failed"}, nullptr);
  makeRun(out_, {.row = "tsn", .seed = 1, .state = "failed"}, nullptr);
  makeRun(out_, {.row = "tsn", .seed = 2}, report(0.4));
  writeFailures(out_, {{"quick/simclr/seed-1", "disk full"}});
  const Json tables = collectTables(out_);
  QCOMPARE(rowOf(tables.at("main"), "moco").at("failed"), Json("loss.temporal was NaN at step 3"));
  QCOMPARE(rowOf(tables.at("main"), "simclr").at("failed"), Json("disk full"));
  QVERIFY(rowOf(tables.at("main"), "moco").at("measured").empty());
  QVERIFY(!rowOf(tables.at("main"), "tsn").contains("failed"));
  const ReproductionTables all = reproductionTables(out_, tables);
  QVERIFY(tableMarkdown(tableOf(all, "main").table).find("disk full") != std::string::npos);
}

void TestReproduction::failuresAreRemembered() {
  QVERIFY(readFailures(out_).empty());
  writeFailures(out_, {});
  QVERIFY(!fs::exists(out_ / "failures.json"));
  writeFailures(out_, {{"quick/moco/seed-1", "why"}});
  QCOMPARE(readFailures(out_).at("quick/moco/seed-1"), std::string("why"));
  writeFailures(out_, {});
  QVERIFY(readFailures(out_).empty());
}

void TestReproduction::damageIsNamed_data() {
  QTest::addColumn<QString>("file");
  QTest::addColumn<QByteArray>("bytes");
  QTest::newRow("a report cut in half") << "report.json" << QByteArray("{\"temporal_cons");
  QTest::newRow("a report of another schema") << "report.json" << QByteArray("[]");
  QTest::newRow("a record without its state") << "run.json" << QByteArray("{\"id\": \"x\"}");
  QTest::newRow("a config with an unknown key") << "config.yaml" << QByteArray("nonsense: 1\n");
}
void TestReproduction::damageIsNamed() {
  QFETCH(QString, file);
  QFETCH(QByteArray, bytes);
  const fs::path run = makeRun(out_, {.row = "moco"}, report(0.3));
  const fs::path damaged = run / file.toStdString();
  writeFileAtomic(damaged, bytes.toStdString());
  const QByteArray said = refusal([&] { collectTables(out_); });
  QVERIFY2(said.contains(damaged.c_str()), said.constData());
}

void TestReproduction::runsOfAnotherDataSetAreRefused() {
  makeRun(out_, {.row = "moco"}, report(0.3));
  const fs::path other = makeRun(out_, {.row = "tsn", .data = "d2"}, report(0.3));
  const QByteArray said = refusal([&] { collectTables(out_); });
  QVERIFY2(said.contains("tsn/seed-1") || said.contains("moco/seed-1"), said.constData());
}

void TestReproduction::seedsOfDifferentConfigsAreRefused() {
  makeRun(out_, {.row = "moco", .seed = 1}, report(0.3));
  makeRun(out_, {.row = "moco", .seed = 2, .settings = {"encoder.layers=1"}}, report(0.3));
  const QByteArray said = refusal([&] { collectTables(out_); });
  QVERIFY2(said.contains("moco/seed-2") && said.contains("encoder.layers"), said.constData());
}

void TestReproduction::bothBudgetsHaveTheirOwnTables() {
  makeRun(out_, {.row = "moco", .budget = "full"}, report(0.8));
  QCOMPARE(collectTables(out_).at("budget"), Json("full"));
  QVERIFY(!collectTables(out_).contains("full"));
  makeRun(out_, {.row = "moco"}, report(0.3));
  const Json tables = collectTables(out_);
  QCOMPARE(tables.at("budget"), Json("quick"));
  QCOMPARE(rowOf(tables.at("main"), "moco").at("measured").at("temporal_consistency").at("mean"), Json(0.3));
  QCOMPARE(rowOf(tables.at("full").at("main"), "moco").at("measured").at("temporal_consistency").at("mean"), Json(0.8));
  writeReproduction(out_, tables);
  QVERIFY(fs::exists(out_ / "full" / "main.csv"));
  const ReproductionTables all = readReproduction(out_);
  QCOMPARE(all.budgets, (std::vector<std::string>{"quick", "full"}));
  QCOMPARE(tableOf(all, "main", "full").row_ids, std::vector<std::string>{"moco"});
}

void TestReproduction::everyFileIsWritten() {
  makeRun(out_, {.row = "full"}, report(0.3));
  writeReproduction(out_, collectTables(out_));
  for (const char* table : {"main", "ablation", "side", "consistency", "classification", "localization", "feature_quality", "efficiency", "efficiency_claims"}) {
    for (const char* format : {".csv", ".md", ".tex"}) QVERIFY2(fs::exists(out_ / (std::string(table) + format)), table);
  }
  for (const char* file : {"tables.json", "all.md", "collapse.csv"}) QVERIFY2(fs::exists(out_ / file), file);
  const std::string page = readFile(out_ / "all.md");
  QVERIFY(page.find("`runs/quick/full/seed-1`") != std::string::npos);
  QVERIFY(page.find("text: hashed") != std::string::npos);
  QVERIFY(page.find("298 MB") != std::string::npos);  // the claims' problems
  QVERIFY(page.find("Not run yet") != std::string::npos);
}

void TestReproduction::theWindowFindsTheRunsBehindANumber() {
  const fs::path first = makeRun(out_, {.row = "moco", .seed = 1}, report(0.3));
  const fs::path second = makeRun(out_, {.row = "moco", .seed = 2}, report(0.5));
  writeReproduction(out_, collectTables(out_));
  const ReproductionTables all = readReproduction(out_ / "tables.json");
  QCOMPARE(all.dataset, std::string("toy"));
  for (const ReproductionTable& table : all.tables) {
    QCOMPARE(table.columns.size(), table.table.columns.size());
    QCOMPARE(table.row_ids.size(), table.table.rows.size());
    QCOMPARE(table.row_runs.size(), table.table.rows.size());
    QCOMPARE(table.cell_runs.size(), table.table.rows.size());
    for (size_t row = 0; row < table.table.rows.size(); ++row) {
      QCOMPARE(table.table.rows[row].cells.size(), table.columns.size());
      QCOMPARE(table.cell_runs[row].size(), table.columns.size());
      QCOMPARE(table.cell_values[row].size(), table.columns.size());
    }
  }
  const ReproductionTable& main = tableOf(all, "main");
  const size_t row = rowIndex(main, "moco"), column = columnOf(main, "temporal_consistency");
  QCOMPARE(main.cell_runs[row][column], (std::vector<fs::path>{first, second}));
  QCOMPARE(main.row_runs[row], (std::vector<fs::path>{first, second}));
  QCOMPARE(main.cell_values[row][column], (std::vector<double>{0.3, 0.5}));
  QVERIFY(near(*main.table.rows[row].cells[column].value, 0.4));
  QVERIFY(main.table.rows[row].cells[column].deviation.has_value());
}

void TestReproduction::tablesThatMovedFindTheirRuns() {
  makeRun(out_, {.row = "moco"}, report(0.3));
  writeReproduction(out_, collectTables(out_));
  const fs::path moved = folder_->path().toStdString() + "/moved";
  fs::rename(out_, moved);
  const ReproductionTables all = readReproduction(moved);
  const ReproductionTable& main = tableOf(all, "main");
  QCOMPARE(main.row_runs.at(0).at(0), moved / "runs/quick/moco/seed-1");
}

void TestReproduction::tablesOfAnotherSchemaAreRefused() {
  QVERIFY(refusal([&] { readReproduction(out_); }).contains("hvlm reproduce"));
  writeFileAtomic(out_ / "tables.json", "{\"main\": 3}");
  QVERIFY(refusal([&] { readReproduction(out_); }).contains("tables.json"));
  writeFileAtomic(out_ / "tables.json", "{\"main");
  QVERIFY(refusal([&] { readReproduction(out_); }).contains("tables.json"));
}

void TestReproduction::partsAreJoined() {
  const fs::path other = folder_->path().toStdString() + "/other";
  makeRun(out_, {.row = "moco"}, report(0.3));
  makeRun(other, {.row = "moco"}, report(0.9));  // ours stays
  makeRun(other, {.row = "tsn"}, report(0.5));
  makeRun(other, {.row = "simclr", .state = "stopped"}, nullptr);
  QCOMPARE(joinReproduction(out_, other), int64_t{1});
  QCOMPARE(joinReproduction(out_, other), int64_t{0});
  const Json tables = collectTables(out_);
  QCOMPARE(rowOf(tables.at("main"), "moco").at("measured").at("temporal_consistency").at("mean"), Json(0.3));
  const Json& joined = rowOf(tables.at("main"), "tsn");
  QCOMPARE(joined.at("runs"), Json({(out_ / "runs/quick/tsn/seed-1").string()}));
  QCOMPARE(tables.at("main").size(), size_t{2});
}

void TestReproduction::partsOfOtherDataAreNotJoined() {
  const fs::path other = folder_->path().toStdString() + "/other";
  QVERIFY(refusal([&] { joinReproduction(out_, other); }).contains("other"));
  makeRun(out_, {.row = "moco"}, report(0.3));
  makeRun(other, {.row = "tsn", .data = "d2"}, report(0.5));
  QVERIFY(refusal([&] { joinReproduction(out_, other); }).contains("other"));
  QVERIFY(refusal([&] { joinReproduction(folder_->path().toStdString() + "/new", other, "d1"); }).contains("other"));
  QCOMPARE(cellsBelow(out_).size(), size_t{1});
}

void TestReproduction::thePlanTellsWhatIsLeft() {
  makeRun(out_, {.row = "recommended", .seed = 1}, report(0.3));
  makeRun(out_, {.row = "moco", .seed = 1, .state = "stopped"}, nullptr);
  makeRun(out_, {.row = "tsn", .seed = 1}, nullptr);
  makeRun(out_, {.row = "simclr", .seed = 1, .state = "running"}, nullptr);  // nobody holds its lock: lost
  std::map<std::string, CellWork> work;
  for (const PlannedCell& cell : planReproduction({.out = out_, .rows = {"moco", "tsn", "simclr", "labels-oracle"}, .budget_file = budgetFile("quick"), .seeds = 2, .dataset_hash = "d1"})) {
    work[cellName(cell.cell)] = cell.work;
  }
  QCOMPARE(work.size(), size_t{10});
  QCOMPARE(work.at("quick/recommended/seed-1"), CellWork::kKept);  // what labels-oracle is made of
  QCOMPARE(work.at("quick/recommended/seed-2"), CellWork::kTrain);
  QCOMPARE(work.at("quick/labels-oracle/seed-1"), CellWork::kDerive);
  QCOMPARE(work.at("quick/moco/seed-1"), CellWork::kResume);
  QCOMPARE(work.at("quick/simclr/seed-1"), CellWork::kResume);
  QCOMPARE(work.at("quick/tsn/seed-1"), CellWork::kEvaluate);
  QCOMPARE(work.at("quick/tsn/seed-2"), CellWork::kTrain);
  std::set<std::string> all;
  for (const PlannedCell& cell : planReproduction({.out = out_, .rows = {}, .budget_file = budgetFile("quick"), .seeds = 1, .dataset_hash = "d1"})) all.insert(cell.cell.row);
  for (const MethodRow& row : methodRows()) QCOMPARE(all.contains(row.id), row.same_as.empty() && !row.on_request);
}

void TestReproduction::rowsOnRequestRunWhenNamed() {
  std::vector<std::string> rows;
  for (const MethodRow* row : methodRowsOf("heads")) rows.push_back(row->id);
  std::set<std::string> planned;
  for (const PlannedCell& cell : planReproduction({.out = out_, .rows = rows, .budget_file = budgetFile("quick"), .seeds = 1, .dataset_hash = "d1"})) planned.insert(cell.cell.row);
  QCOMPARE(planned, (std::set<std::string>{"recommended", "heads-answers", "heads-captions", "heads-all", "heads-learned"}));
}

void TestReproduction::rowsOnRequestAreShownOnceTheyRan() {
  makeRun(out_, {.row = "recommended"}, report(0.3, "healthy", true));
  const Json before = collectTables(out_);
  for (const Json& row : before.at("side")) QVERIFY(row.at("group") != "heads" && row.at("group") != "experts");
  for (const Json& id : before.at("missing")) QVERIFY2(!findMethodRow(id)->on_request, id.dump().c_str());
  QVERIFY(tableOf(reproductionTables(out_, before), "heads").table.rows.empty());
  Json spoken = report(0.4, "healthy", true);
  spoken["qa"] = {{"accuracy", 0.61}};
  spoken["captions"] = {{"cider", 0.5}, {"bleu4", 0.1}, {"rouge_l", 0.3}};
  const fs::path run = makeRun(out_, {.row = "heads-learned"}, spoken);
  const Json tables = collectTables(out_);
  QCOMPARE(rowOf(tables.at("side"), "heads-learned").at("measured").at("qa_accuracy").at("mean"), Json(0.61));
  QCOMPARE(rowOf(tables.at("side"), "heads-learned").at("parameters"), Json(1000));
  QVERIFY(contains(tables.at("missing"), "heads-answers") && !contains(tables.at("missing"), "experts-soft"));
  const ReproductionTables all = reproductionTables(out_, tables);
  const ReproductionTable& heads = tableOf(all, "heads");
  QCOMPARE(heads.row_ids, (std::vector<std::string>{"heads-actions", "heads-learned"}));
  const size_t row = rowIndex(heads, "heads-learned");
  QCOMPARE(*heads.table.rows[row].cells[columnOf(heads, "cider")].value, 0.5);
  QVERIFY(!heads.table.rows[0].cells[columnOf(heads, "qa_accuracy")].value);
  QCOMPARE(heads.cell_runs[row][columnOf(heads, "qa_accuracy")], std::vector<fs::path>{run});
  QVERIFY(std::any_of(heads.table.columns.begin(), heads.table.columns.end(), [](const TableColumn& column) { return column.title == "Parameters"; }));
}

// A run says how many domains its data has; the same command later finds its own run.
void TestReproduction::expertsKnowTheirDomains() {
  makeRun(out_, {.row = "experts-soft", .settings = {"head.domains=5"}}, report(0.3));
  ReproductionRequest request{.out = out_, .rows = {"experts-soft", "experts-hard"}, .budget_file = budgetFile("quick"), .seeds = 1, .dataset_hash = "d1", .domains = 5};
  std::map<std::string, PlannedCell> plan;
  for (PlannedCell& cell : planReproduction(request)) plan[cell.cell.row] = std::move(cell);
  QCOMPARE(plan.at("experts-soft").work, CellWork::kKept);
  QCOMPARE(plan.at("experts-hard").work, CellWork::kTrain);
  QCOMPARE(plan.at("experts-hard").config.head.domains, int64_t{5});
  request.domains = 4;
  QVERIFY(refusal([&] { planReproduction(request); }).contains("head.domains"));
}

void TestReproduction::aRunOfAnotherConfigIsRefusedByName() {
  makeRun(out_, {.row = "moco", .settings = {"encoder.layers=1"}}, report(0.3));
  const ReproductionRequest request{.out = out_, .rows = {"moco"}, .budget_file = budgetFile("quick"), .seeds = 1, .dataset_hash = "d1"};
  const QByteArray said = refusal([&] { planReproduction(request); });
  QVERIFY2(said.contains("moco/seed-1") && said.contains("encoder.layers") && said.contains("--out"), said.constData());
  fs::remove_all(out_);
  makeRun(out_, {.row = "moco", .data = "d2"}, report(0.3));
  QVERIFY(refusal([&] { planReproduction(request); }).contains("moco/seed-1"));
}

void TestReproduction::fineTunedSeedsStartFromTheirOwnOrigins() {
  makeRun(out_, {.row = "tuned-moco", .seed = 1, .settings = {"train.init=../../moco/seed-1"}}, report(0.3));
  makeRun(out_, {.row = "tuned-moco", .seed = 2, .settings = {"train.init=../../moco/seed-2"}}, report(0.5));
  const nlohmann::json tables = collectTables(out_);
  QCOMPARE(rowOf(tables.at("side"), "tuned-moco").at("seeds").size(), size_t{2});
  QCOMPARE(rowOf(tables.at("side"), "tuned-moco").at("initial").get<std::string>(), std::string("moco"));
  makeRun(out_, {.row = "tuned-moco", .seed = 3, .settings = {"train.init=../../simclr/seed-3"}}, report(0.5));
  QVERIFY(refusal([&] { collectTables(out_); }).contains("train.init"));
}

void TestReproduction::aDerivedRunHasTheWeightsOfItsOrigin() {
  const fs::path base = makeRun(out_, {.row = "recommended"}, report(0.3));
  CheckpointContent content{.step = 12, .files = {}, .state_json = "{}"};
  saveCheckpoint(base, content, true);
  writeFileAtomic(base / "probes.safetensors", "probes");
  const fs::path target = cellFolder(out_, {.row = "labels-oracle", .budget = "quick", .seed = 1});
  const RunConfig config = methodConfig(*findMethodRow("labels-oracle"), budgetFile("quick"), 1);
  deriveRun(base, target, config);
  const RunRecord origin = readRunRecord(base), record = readRunRecord(target);
  QCOMPARE(record.derived_from, origin.id);
  QVERIFY(record.id != origin.id);
  QCOMPARE(record.config_hash, configHash(config));
  QCOMPARE(record.state, std::string("done"));
  QCOMPARE(record.dataset_hash, origin.dataset_hash);
  QVERIFY(origin.derived_from.empty());
  QCOMPARE(readFile(target / "probes.safetensors"), std::string("probes"));
  QCOMPARE(checkpointLink(target, "best"), std::string("step-00000012"));
  const auto loaded = loadCheckpoint(target, "best", nullptr);
  QVERIFY(loaded && loaded->step == 12);
  QVERIFY(!fs::exists(target / "report.json"));
  QVERIFY(refusal([&] { deriveRun(base, target, config); }).contains("labels-oracle"));
}

void TestReproduction::aDerivedRunDiffersInDetectionAlone() {
  const fs::path base = makeRun(out_, {.row = "recommended"}, report(0.3));
  RunConfig config = methodConfig(*findMethodRow("labels-oracle"), budgetFile("quick"), 1);
  config.loss.cross = 0.7;
  QVERIFY(refusal([&] { deriveRun(base, out_ / "x", config); }).contains("loss.cross"));
  QVERIFY(!fs::exists(out_ / "x"));
  const fs::path running = makeRun(out_, {.row = "full", .state = "stopped"}, nullptr);
  QVERIFY(refusal([&] { deriveRun(running, out_ / "x", config); }).contains("stopped"));
}

void TestReproduction::collapseCurvesAreByEpoch() {
  const auto point = [](int64_t step, double epoch, const char* tag, double value) {
    return MetricPoint{.segment = 0, .step = step, .epoch = epoch, .wall_seconds = 1.0 * static_cast<double>(step), .tag = tag, .value = value};
  };
  makeRun(out_, {.row = "a04"}, report(0.9, "collapsed"),
          {point(1, 0.5, "train/tc", 0.2), point(2, 1.0, "train/tc", 0.4), point(3, 1.5, "train/tc", 0.8), point(3, 1.5, "train/effective_rank", 7.0)});
  makeRun(out_, {.row = "a05"}, report(0.4),
          {point(1, 0.5, "train/tc", 0.9), point(2, 1.0, "holdout/tc", 0.5), point(2, 1.0, "holdout/r_x", 0.1), point(4, 2.0, "holdout/tc", 0.6), point(4, 2.0, "holdout/r_x", 0.2)});
  const Json tables = collectTables(out_);
  const ReproductionTables all = reproductionTables(out_, tables);
  QCOMPARE(all.collapse.size(), size_t{2});
  const CollapseCurve& steps = all.collapse[0];
  QCOMPARE(steps.row, std::string("a04"));
  QCOMPARE(steps.epochs, (std::vector<double>{1, 2}));
  QVERIFY(near(steps.tc[0], 0.3) && near(steps.tc[1], 0.8));
  QVERIFY(std::isnan(steps.effective_rank[0]) && near(steps.effective_rank[1], 7.0));
  QCOMPARE(all.collapse[1].tc, (std::vector<double>{0.5, 0.6}));
  QCOMPARE(all.collapse[1].r_x, (std::vector<double>{0.1, 0.2}));
  QVERIFY(near(rowOf(tables.at("ablation"), "a05").at("wall_seconds").get<double>(), 4.0));
  writeReproduction(out_, tables);
  const std::string csv = readFile(out_ / "collapse.csv");
  QVERIFY(csv.find("quick,1,2,0.6,0.2,,") != std::string::npos);
}

void TestReproduction::efficiencyStandsBesideItsClaims() {
  makeRun(out_, {.row = "moco"}, report(0.3));
  const auto tasks = efficiencyTasks(out_, 2);
  QCOMPARE(tasks.size(), size_t{4});  // three models with two threads, the recommended one with one as well
  for (const EfficiencyTask& task : tasks) {
    const double speed = task.threads == 1 ? 1000.0 : 1500.0;
    const double peak = task.row == "transformer" ? 90e6 : 30e6;
    Json lengths = Json::array();
    for (const int steps : {250, 1000, 8192}) lengths.push_back({{"steps", steps}, {"steps_per_second", speed}, {"videos_per_second", speed / steps}, {"utilisation", 0.5}, {"peak_bytes", peak}, {"seconds", {{"median", steps / speed}}}});
    writeJsonFile(task.file, {{"parameters", 2e6}, {"parameters_trainable", 2e6}, {"bytes_fp32", 8e6}, {"bytes_fp16", 4e6}, {"flops_per_step", 1e6},
                              {"slope_time", 1.02}, {"slope_memory", 1.0}, {"threads", task.threads}, {"lengths", lengths}});
  }
  writeJsonFile(out_ / "efficiency" / "recommended-threads-2-000000000000.json", {{"lengths", Json::array()}});  // of another config
  const Json efficiency = collectTables(out_).at("efficiency");
  QCOMPARE(efficiency.at("rows").size(), size_t{3});
  QCOMPARE(efficiency.at("rows")[2].at("slope_time"), Json(1.02));
  const ReproductionTables all = reproductionTables(out_, collectTables(out_));
  QCOMPARE(all.efficiency.size(), size_t{3});
  QCOMPARE(all.efficiency[0].steps, (std::vector<double>{250, 1000, 8192}));
  QVERIFY(near(all.efficiency[0].seconds[1], 1000.0 / 1500.0));
  QCOMPARE(all.efficiency[0].peak_bytes[0], 90e6);
  QCOMPARE(all.efficiency[2].slope_time, std::optional(1.02));
  QVERIFY(near(efficiency.at("scaling")[1].at("efficiency").get<double>(), 0.75));
  std::map<std::string, std::string> measured;
  for (const Json& claim : efficiency.at("claims")) measured[claim.at("what")] = claim.at("measured");
  QVERIFY(measured.at("scaling up to 4 GPUs").find("4 GPUs not measured here") != std::string::npos);
  QCOMPARE(measured.at("V100"), std::string("not measured here"));
  QVERIFY(measured.at("memory").starts_with("3.0x less"));
  QVERIFY(measured.at("parameters").starts_with("2.00 M"));
  writeJsonFile(tasks[0].file, {{"other", 1}});
  QVERIFY(refusal([&] { collectTables(out_); }).contains(tasks[0].file.c_str()));
}

QTEST_GUILESS_MAIN(TestReproduction)
#include "tst_runs_reproduction.moc"
