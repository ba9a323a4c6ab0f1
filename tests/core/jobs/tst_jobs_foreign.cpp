// SPDX-License-Identifier: Apache-2.0
// Detections of other programs as runs.
#include <QDir>
#include <QtTest>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "../runs/numpy_pickles.h"
#include "jobs/foreign_run.h"
#include "made_annotations.h"
#include "runs/checkpoint.h"
#include "runs/export.h"
#include "runs/run_comparison.h"
#include "runs/run_folder.h"
#include "runs/run_list.h"
#include "score/detection.h"

using namespace hvlm;
using namespace hvlm::testing;
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

// Both videos found, jump missed by a wrong label; a late false positive.
const char* const kResults = R"({"version": "VERSION 1.3", "results": {
  "v_one": [{"label": "run", "score": 0.9, "segment": [0, 4]}, {"label": "swim", "score": 0.8, "segment": [5, 9]}],
  "two": [{"label": "swim", "score": 0.7, "segment": [2, 11]}, {"label": "swim", "score": 0.1, "segment": [15, 16]}]}, "external_data": {}})";

}  // namespace

class TestJobsForeign : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init() { set_ = std::make_unique<MadeAnnotations>(); }
  void theReportIsTheOfficialScore();
  void everyFormGivesTheSameRun_data();
  void everyFormGivesTheSameRun();
  void actionFormersPickleIsRead();
  void defectsAreCountedNamedAndTheRestIsScored();
  void theFolderIsARun();
  void comparisonsShowItApart();
  void trainingOnItIsRefused();
  void unusableInputIsRefused_data();
  void unusableInputIsRefused();
  void nothingIsLeftOfARefusedImport();

 private:
  json import(const std::string& file, const std::string& out = "run", const std::string& subset = "validation", const std::string& name = "") {
    return importForeignRun({.file = file, .data = set_->path("dataset.yaml"), .out = set_->path(out), .name = name, .subset = subset});
  }
  std::unique_ptr<MadeAnnotations> set_;
};

void TestJobsForeign::theReportIsTheOfficialScore() {
  const std::string file = set_->write("results.json", kResults);
  const json report = import(file);
  const std::string bare = set_->write("bare.json", QString::fromUtf8(kResults).replace(QStringLiteral("v_one"), QStringLiteral("one")).toStdString());  // the official scorer takes ids as they stand
  const json official = scoreDetectionFiles(set_->path("annotations.json"), bare, "validation");
  const json& localization = report.at("localization");
  QCOMPARE(localization.at("map"), official.at("map"));
  QCOMPARE(localization.at("average_map"), official.at("average_map"));
  QCOMPARE(localization.at("map").at("0.50"), json(0.5));  // run whole, swim behind a false one, jump never
  QCOMPARE(localization.at("ground_truth"), 3);
  QCOMPARE(localization.at("predictions"), 4);
  QCOMPARE(localization.at("hit_at_50"), 1.0);
  QCOMPARE(localization.at("labels"), "imported: results.json");
  for (const char* key : {"instance_recall_at_1", "average_recall", "auc", "readings", "average_map_interval", "map_50_interval"}) QVERIFY2(localization.contains(key), key);
  QCOMPARE(report.at("error_profile").at("wrong_label").at("count"), 1);
  QCOMPARE(report.at("videos"), 3);
  for (const char* key : {"temporal_consistency", "classification", "retrieval", "verdict"}) {
    QVERIFY(!report.contains(key));
    QVERIFY2(!report.at("absent").at(key).get<std::string>().empty(), key);
  }
  QCOMPARE(report.at("imported").at("tool"), "an ActivityNet submission");
}

void TestJobsForeign::everyFormGivesTheSameRun_data() {
  QTest::addColumn<QByteArray>("text");
  QTest::newRow("OpenTAD's results") << QByteArray(R"({"results": {"one": [{"segment": [5, 9], "label": "swim", "score": 0.8}, {"segment": [0, 4], "label": "run", "score": 0.9}],
    "two": [{"segment": [2, 11], "label": "swim", "score": 0.7}, {"segment": [15, 16], "label": "swim", "score": 0.1}]}})");
  QTest::newRow("a table with class names, and one video by two names") << QByteArray("video,start,end,label,score\none,0,4,run,0.9\none,5,9,swim,0.8\nv_two,2,11,swim,0.7\ntwo,15,16,swim,0.1\n");
  QTest::newRow("a table with class numbers") << QByteArray("one,0,4,1,0.9\none,5,9,2,0.8\ntwo,2,11,2,0.7\ntwo,15,16,2,0.1\n");
}
void TestJobsForeign::everyFormGivesTheSameRun() {
  QFETCH(QByteArray, text);
  const json expected = import(set_->write("results.json", kResults), "first");
  json found = import(set_->write("other", text.toStdString()), "second");
  if (text.contains("v_two")) {  // one video by two names: the first one counts
    QCOMPARE(found.at("imported").at("problems").at("duplicate_video"), 1);
    QCOMPARE(found.at("localization").at("predictions"), 3);
    return;
  }
  found.at("localization")["labels"] = expected.at("localization").at("labels");
  QCOMPARE(found.at("localization"), expected.at("localization"));
  QCOMPARE(found.at("error_profile"), expected.at("error_profile"));
  QCOMPARE(readFile(set_->path("second/predictions/validation.json")), readFile(set_->path("first/predictions/validation.json")));
}

void TestJobsForeign::actionFormersPickleIsRead() {
  const json report = import(set_->write("eval_results.pkl", pickled(kNumpy2)));
  QCOMPARE(report.at("imported").at("tool"), "ActionFormer");
  const Predictions predictions = readPredictions(set_->path("run/predictions/validation.json"));
  QCOMPARE(predictions.at("one").size(), size_t{2});
  QCOMPARE(predictions.at("one")[0].label, "run");  // 1 of jump, run, swim
  QCOMPARE(predictions.at("one")[0].score, .5);
  QCOMPARE(predictions.at("one")[1].label, "jump");
  QCOMPARE(predictions.at("two")[0].end_seconds, 3.25);
  QVERIFY(refusalOf([&] { import(set_->write("evil.pkl", "\x80\x04" "cos\nsystem\nX\x04\x00\x00\x00true\x85R."), "evil"); }).contains(QStringLiteral("never executed")));
}

void TestJobsForeign::defectsAreCountedNamedAndTheRestIsScored() {
  const json report = import(set_->write("results.json", R"({"results": {
    "one": [{"label": "run", "score": 0.5, "segment": [5, 9]}],
    "one": [{"label": "run", "score": 0.9, "segment": [0, 4]}, {"label": "fly", "score": 0.9, "segment": [0, 4]}, {"label": "run", "segment": [0, 4]}, {"label": "run", "score": 1, "segment": [4, 0]},
            {"label": "run", "score": 1, "segment": [3, 3]}, {"label": "run", "score": NaN, "segment": [0, 4]}, {"label": "run", "score": 1, "segment": [0, null]}, {"score": 1, "segment": [0, 4]}, 5, {"label": 7, "score": 1, "segment": [0, 4]}],
    "two": {"label": "run"}, "four": [{"label": "run", "score": 1, "segment": [1, 2]}],
    "p": [{"label": "run", "score": 1, "segment": [1, 2]}], "q": [], "r": [], "s": [], "t": [], "u": [], "w": []}})"));
  const json &imported = report.at("imported"), &problems = imported.at("problems"), &examples = imported.at("problem_examples");
  QCOMPARE(problems.at("duplicate_video"), 1);
  QCOMPARE(problems.at("unknown_label"), 2);
  QCOMPARE(examples.at("unknown_label"), json({"fly", "7"}));
  QCOMPARE(problems.at("reversed"), 1);
  QCOMPARE(problems.at("zero_length"), 1);
  QCOMPARE(problems.at("not_finite"), 2);
  QCOMPARE(problems.at("bad_entry"), 4);
  QCOMPARE(problems.at("unknown_video"), 7);
  QCOMPARE(examples.at("unknown_video"), json({"p", "q", "r", "s", "t"}));  // up to five
  QCOMPARE(imported.at("elsewhere"), 1);
  QCOMPARE(imported.at("used"), 1);
  QCOMPARE(report.at("localization").at("predictions"), 1);
  QVERIFY(std::abs(report.at("localization").at("average_map").get<double>() - 1.0 / 3.0) < 1e-12);
}

void TestJobsForeign::theFolderIsARun() {
  const std::string file = set_->write("results.json", kResults);
  import(file, "runs/theirs/", "validation", "their model");  // a last slash is fine
  const RunSummary run = summariseRun(set_->path("runs/theirs"));
  QCOMPARE(run.problem, std::string());
  QCOMPARE(run.state, std::string("done"));
  QCOMPARE(run.record.name, std::string("their model"));
  QCOMPARE(run.record.tags, std::vector<std::string>{"imported"});
  QCOMPARE(run.notes.tags, std::vector<std::string>{"imported"});
  QVERIFY(run.record.isImported());
  QCOMPARE(run.record.imported.file, std::string("results.json"));
  QCOMPARE(run.record.imported.tool, std::string("an ActivityNet submission"));
  QCOMPARE(run.record.imported.hash.size(), size_t{32});
  QCOMPARE(run.record.dataset_name, std::string("made"));
  QVERIFY(run.figures.contains("average_map") && run.figures.contains("map_50") && !run.figures.contains("temporal_consistency"));
  QVERIFY(run.verdict.empty());
  QCOMPARE(listRuns({set_->path("runs")}).size(), size_t{1});
  const RunRecord again = readRunRecord(set_->path("runs/theirs"));
  QCOMPARE(again.imported.hash, run.record.imported.hash);
  readRunConfig(set_->path("runs/theirs/config.yaml"));
}

void TestJobsForeign::comparisonsShowItApart() {
  const std::string file = set_->write("results.json", kResults);
  import(file, "theirs");
  import(file, "again");
  for (const auto& [name, lr] : {std::pair("mine", 0.1), std::pair("other", 0.2)}) {
    RunConfig config;
    config.train.lr = lr;
    writeRunRecord(set_->path(name), freshRecord(config));
    writeFileAtomic(set_->path(std::string(name) + "/config.yaml"), configYaml(config));
    writeReport(set_->path(name), {{"localization", {{"average_map", 0.2}}}});
  }
  std::vector<ComparedRun> runs;
  for (const char* name : {"theirs", "mine", "other", "again"}) runs.push_back(readComparedRun(set_->path(name)));
  const ResultTable table = compareRuns(runs, {});
  QCOMPARE(table.rows.size(), size_t{4});  // equal imports are not seeds of one run
  QCOMPARE(table.columns[1].title, std::string("train.lr"));
  QCOMPARE(table.columns[2].title, std::string("tags"));
  QCOMPARE(table.rows[0].cells[1].text, std::string("–"));
  QCOMPARE(table.rows[0].cells[2].text, std::string("imported"));
  QCOMPARE(table.rows[1].cells[1].text, std::string("0.1"));
  QVERIFY(!table.rows[0].struck);
  QVERIFY(table.notes.empty());
  const ComparisonAxes axes = comparisonAxes(runs, "average_map");
  QCOMPARE(axes.names, (std::vector<std::string>{"train.lr", "average_map"}));
  QVERIFY(axes.categories[0].empty());  // still numbers
  QVERIFY(std::isnan(axes.rows[0][0]));
  QCOMPARE(axes.rows[2][0], 0.2);
  QVERIFY(!std::isnan(axes.rows[0][1]));
}

void TestJobsForeign::trainingOnItIsRefused() {
  import(set_->write("results.json", kResults));
  const fs::path run = set_->path("run");
  const QString message = refusalOf([&] { openRunForTraining(run, readRunConfig(run / "config.yaml"), true, freshRecord({})); });
  QVERIFY2(message.contains(QStringLiteral("imported from results.json")), qPrintable(message));
  QVERIFY(!refusalOf([&] { openRunForTraining(run, {}, false, freshRecord({})); }).isEmpty());
  QCOMPARE(readRunRecord(run).state, std::string("done"));  // untouched
}

void TestJobsForeign::unusableInputIsRefused_data() {
  QTest::addColumn<QByteArray>("text");
  QTest::addColumn<QString>("subset");
  QTest::addColumn<QString>("part");
  const QByteArray good(kResults);
  QTest::newRow("an unknown subset names the known ones") << good << "val" << "testing, training, validation";
  QTest::newRow("a subset without annotations") << good << "testing" << "empty subset";
  QTest::newRow("detections of another subset") << QByteArray(R"({"results": {"four": [{"label": "run", "score": 1, "segment": [0, 1]}]}})") << "validation" << "1 of other subsets";
  QTest::newRow("only unknown videos") << QByteArray(R"({"results": {"x": [{"label": "run", "score": 1, "segment": [0, 1]}]}})") << "validation" << "unknown_video";
  QTest::newRow("no detection") << QByteArray(R"({"results": {}})") << "validation" << "none at all";
  QTest::newRow("only defects") << QByteArray(R"({"results": {"one": [{"label": "run", "score": 1, "segment": [3, 1]}]}})") << "validation" << "reversed";
  QTest::newRow("annotations") << QByteArray(R"({"database": {}})") << "validation" << "\"database\"";
  QTest::newRow("an empty file") << QByteArray() << "validation" << "an empty file";
  QTest::newRow("a cut file") << good.left(60) << "validation" << "line";
}
void TestJobsForeign::unusableInputIsRefused() {
  QFETCH(QByteArray, text);
  QFETCH(QString, subset);
  QFETCH(QString, part);
  const QString message = refusalOf([&] { import(set_->write("file", text.toStdString()), "run", subset.toStdString()); });
  QVERIFY2(message.contains(part), qPrintable(message));
  QVERIFY(!fs::exists(set_->path("run")));
}

void TestJobsForeign::nothingIsLeftOfARefusedImport() {
  const std::string file = set_->write("results.json", kResults);
  set_->write("taken/mine.txt", "kept");
  QVERIFY(refusalOf([&] { import(file, "taken"); }).contains(QStringLiteral("a new folder")));
  QCOMPARE(readFile(set_->path("taken/mine.txt")), std::string("kept"));
  QVERIFY(!refusalOf([&] { import(set_->path("missing.json")); }).isEmpty());
  QVERIFY(!fs::exists(set_->path("run")));
}

QTEST_APPLESS_MAIN(TestJobsForeign)
#include "tst_jobs_foreign.moc"
