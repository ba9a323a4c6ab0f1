// SPDX-License-Identifier: Apache-2.0
// What other programs found: imported as runs, or joined with a run's own detections.
#include <QtTest>
#include <cmath>
#include <set>

#include "cli.h"

using namespace hvlm::testing;
using nlohmann::json;

class TestImport : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase();
  void anImportScoresAsTheRunThatWroteIt();
  void listAndCompareShowIt();
  void whatNeedsWeightsIsRefused_data();
  void whatNeedsWeightsIsRefused();
  void badImportsAreToldInOneLine_data();
  void badImportsAreToldInOneLine();
  void videoScoresRuleTheLabels();
  void videosThatTheFileLacksKeepTheirOwn();
  void proposalsAreJoined();
  void badExternalFilesAreToldInOneLine();

 private:
  QString file(const char* name) const { return folder_.filePath(QString::fromLatin1(name)); }
  QStringList onRun(const char* command, const QString& run) const { return {QString::fromLatin1(command), QStringLiteral("--run"), run, QStringLiteral("--threads"), QStringLiteral("1")}; }
  json predicted(const QStringList& more) const {
    const ProcessResult result = callHvlm(onRun("predict", run_) + QStringList{QStringLiteral("--out"), file("now.json")} + more);
    if (result.exit_code != 0) throw std::runtime_error(result.err.toStdString());
    return jsonOf(file("now.json")).at("results");
  }
  QString written(const char* name, const json& content) const {
    writeBytes(file(name), QByteArray::fromStdString(content.dump()));
    return file(name);
  }
  QTemporaryDir folder_;
  QString dataset_, run_, predictions_;
  json truth_;  // annotations by validation video
};

void TestImport::initTestCase() {
  dataset_ = makeSet(file("set"));
  run_ = file("runs/mine");
  const ProcessResult trained = trainTiny(dataset_, run_);
  QVERIFY2(trained.exit_code == 0, trained.err.constData());
  predictions_ = file("predictions.json");
  const ProcessResult result = callHvlm(onRun("predict", run_) + QStringList{QStringLiteral("--out"), predictions_});
  QVERIFY2(result.exit_code == 0, result.err.constData());
  const json database = jsonOf(file("set/annotations.json")).at("database");
  for (const auto& [id, video] : database.items()) {
    if (video.at("subset") == "validation") truth_[id] = video.at("annotations");
  }
  QVERIFY(truth_.size() >= 3);
  const ProcessResult imported = callHvlm({QStringLiteral("runs"), QStringLiteral("import"), predictions_, QStringLiteral("--data"), dataset_, QStringLiteral("--out"), file("runs/theirs")});
  QVERIFY2(imported.exit_code == 0, imported.err.constData());
  QVERIFY2(imported.out.contains("Imported predictions.json (ActivityNet results)"), imported.out.constData());
}

void TestImport::anImportScoresAsTheRunThatWroteIt() {
  const json own = oneObject(callHvlm(onRun("eval", run_) + QStringList{QStringLiteral("--json")}));
  const json report = jsonOf(file("runs/theirs/report.json"));
  for (const char* key : {"average_map", "hit_at_50", "auc"}) {
    QVERIFY2(std::abs(report.at("localization").at(key).get<double>() - own.at("localization").at(key).get<double>()) < 1e-9, key);
  }
  QCOMPARE(report.at("error_profile"), own.at("error_profile"));
  for (const auto& [key, value] : report.at("localization").items()) QVERIFY2(own.at("localization").contains(key), key.c_str());
  for (const char* key : {"map", "ground_truth", "predictions", "ties", "average_recall", "readings", "average_map_interval", "map_50_interval"}) {
    QVERIFY2(report.at("localization").at(key) == own.at("localization").at(key), key);
  }
  QCOMPARE(jsonOf(file("runs/theirs/predictions/validation.json")), jsonOf(predictions_));
  const json again = oneObject(callHvlm({QStringLiteral("runs"), QStringLiteral("import"), predictions_, QStringLiteral("--data"), dataset_, QStringLiteral("--out"), file("again"), QStringLiteral("--name"),
                                         QStringLiteral("other name"), QStringLiteral("--json")}));
  QCOMPARE(again.at("name"), "other name");
  QCOMPARE(again.at("localization").at("map"), report.at("localization").at("map"));
}

void TestImport::listAndCompareShowIt() {
  const QString runs = file("runs");
  const ProcessResult list = callHvlm({QStringLiteral("runs"), QStringLiteral("list"), runs});
  QCOMPARE(list.exit_code, 0);
  QVERIFY2(list.out.contains("imported"), list.out.constData());
  const json entries = oneObject(callHvlm({QStringLiteral("runs"), QStringLiteral("list"), runs, QStringLiteral("--json")})).at("runs");
  QCOMPARE(entries.size(), size_t{2});
  QCOMPARE(entries[1].at("imported").at("file"), "predictions.json");
  QCOMPARE(entries[1].at("tags"), json({"imported"}));
  QVERIFY(!entries[0].contains("imported"));
  const QStringList compare = {QStringLiteral("runs"), QStringLiteral("compare"), run_, file("runs/theirs")};
  const ProcessResult text = callHvlm(compare);
  QVERIFY2(text.exit_code == 0, text.err.constData());
  QVERIFY(text.out.contains("average_map"));
  const json compared = oneObject(callHvlm(compare + QStringList{QStringLiteral("--json")}));
  QVERIFY2(compared.at("config").empty(), compared.at("config").dump().c_str());  // defaults of an import are no difference
  QCOMPARE(compared.at("provenance").at("imported from"), json({"not imported", "predictions.json"}));
  const ProcessResult mlflow = callHvlm({QStringLiteral("runs"), QStringLiteral("mlflow"), runs, QStringLiteral("--out"), file("mlflow")});
  QVERIFY2(mlflow.exit_code == 0, mlflow.err.constData());
  const ProcessResult table = callHvlm({QStringLiteral("export"), QStringLiteral("--run"), file("runs/theirs"), QStringLiteral("--what"), QStringLiteral("table"), QStringLiteral("--format"), QStringLiteral("csv"),
                                        QStringLiteral("--out"), file("table.csv")});
  QVERIFY2(table.exit_code == 0, table.err.constData());
}

void TestImport::whatNeedsWeightsIsRefused_data() {
  QTest::addColumn<QStringList>("command");
  QTest::newRow("eval") << QStringList{QStringLiteral("eval")};
  QTest::newRow("predict") << QStringList{QStringLiteral("predict"), QStringLiteral("--out"), file("x.json")};
  QTest::newRow("train --resume") << QStringList{QStringLiteral("train"), QStringLiteral("--resume")};
}
void TestImport::whatNeedsWeightsIsRefused() {
  QFETCH(QStringList, command);
  const ProcessResult result = callHvlm(command + QStringList{QStringLiteral("--run"), file("runs/theirs")});
  QCOMPARE(result.exit_code, 1);
  const QString wrong = badErrorLine(result, {QStringLiteral("imported from predictions.json")});
  QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
}

void TestImport::badImportsAreToldInOneLine_data() {
  QTest::addColumn<QByteArray>("content");
  QTest::addColumn<QStringList>("more");
  QTest::addColumn<QString>("part");
  QTest::newRow("no such subset") << QByteArray(R"({"results": {"a": []}})") << QStringList{QStringLiteral("--subset"), QStringLiteral("val")} << "training, validation";
  QTest::newRow("annotations in place of results") << QByteArray(R"({"database": {}})") << QStringList{} << "\"database\"";
  QTest::newRow("a pickle that names code") << QByteArray("\x80\x04" "cos\nsystem\n.") << QStringList{} << "never executed";
  QTest::newRow("an empty file") << QByteArray() << QStringList{} << "an empty file";
  QTest::newRow("unknown videos") << QByteArray("x,0,1,a,1\n") << QStringList{} << "unknown_video (x)";
}
void TestImport::badImportsAreToldInOneLine() {
  QFETCH(QByteArray, content);
  QFETCH(QStringList, more);
  QFETCH(QString, part);
  writeBytes(file("bad"), content);
  const ProcessResult result = callHvlm(QStringList{QStringLiteral("runs"), QStringLiteral("import"), file("bad"), QStringLiteral("--data"), dataset_, QStringLiteral("--out"), file("refused")} + more);
  QCOMPARE(result.exit_code, 1);
  const QString wrong = badErrorLine(result, {part});
  QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
  QVERIFY(!QFile::exists(file("refused")));
}

void TestImport::videoScoresRuleTheLabels() {
  json scores = {{"results", json::object()}};
  for (const auto& [id, annotations] : truth_.items()) {
    for (const json& a : annotations) scores["results"]["v_" + id].push_back({{"label", a.at("label")}, {"score", 2.0}});
  }
  const QString given = written("labels.json", scores);
  const json now = predicted({QStringLiteral("--video-scores"), given});
  QCOMPARE(now.size(), truth_.size());
  for (const auto& [id, detections] : now.items()) {
    std::set<std::string> labels;
    for (const json& a : truth_.at(id)) labels.insert(a.at("label").get<std::string>());
    for (const json& d : detections) QVERIFY2(labels.contains(d.at("label").get<std::string>()), id.c_str());
  }
  const json report = oneObject(callHvlm(onRun("eval", run_) + QStringList{QStringLiteral("--video-scores"), given, QStringLiteral("--no-report"), QStringLiteral("--json")}));
  const std::string count = std::to_string(truth_.size());
  QCOMPARE(report.at("localization").at("labels").get<std::string>(), "external: labels.json (" + count + " of " + count + " videos)");
  const json& external = report.at("external").at("video_scores");
  QCOMPARE(external.at("matched"), truth_.size());
  QCOMPARE(external.at("others"), "none");
  QVERIFY(!report.at("external").contains("proposals"));
  QVERIFY(!jsonOf(run_ + QStringLiteral("/report.json")).contains("external"));
}

void TestImport::videosThatTheFileLacksKeepTheirOwn() {
  const std::string id = truth_.begin().key(), label = truth_.begin().value()[0].at("label").get<std::string>();
  writeBytes(file("one.csv"), QByteArray::fromStdString(id + "," + label + ",1\n"));
  const json before = jsonOf(predictions_).at("results"), now = predicted({QStringLiteral("--video-scores"), file("one.csv")});
  QVERIFY(now.at(id) != before.at(id));
  for (const auto& [video, detections] : before.items()) {
    if (video == id) continue;
    QCOMPARE(now.at(video).size(), detections.size());
    for (size_t i = 0; i < detections.size(); ++i) {
      QCOMPARE(now.at(video)[i].at("label"), detections[i].at("label"));
      QVERIFY(std::abs(now.at(video)[i].at("score").get<double>() - detections[i].at("score").get<double>()) < 1e-5);
    }
  }
  const ProcessResult told = callHvlm(onRun("predict", run_) + QStringList{QStringLiteral("--out"), file("x.json"), QStringLiteral("--video-scores"), file("one.csv")});
  QVERIFY2(told.out.contains("one.csv (table): 1 of " + QByteArray::number(static_cast<int>(truth_.size())) + " videos"), told.out.constData());
  QVERIFY2(told.err.contains("keep the run's own class scores"), told.err.constData());
}

void TestImport::proposalsAreJoined() {
  json scores = {{"results", json::object()}}, segments = scores;
  for (const auto& [id, annotations] : truth_.items()) {
    for (const json& a : annotations) {
      scores["results"][id].push_back({{"label", a.at("label")}, {"score", 1.0}});
      segments["results"][id].push_back({{"score", 1.0}, {"segment", a.at("segment")}});
    }
  }
  segments["results"]["unknown"] = json::array();
  const QStringList both = {QStringLiteral("--video-scores"), written("s.json", scores), QStringLiteral("--proposals"), written("p.json", segments)};
  const json report = oneObject(callHvlm(onRun("eval", run_) + both + QStringList{QStringLiteral("--no-report"), QStringLiteral("--json")}));
  QCOMPARE(report.at("localization").at("hit_at_50"), 1.0);  // the truth itself is on top
  const json& external = report.at("external").at("proposals");
  QCOMPARE(external.at("matched"), truth_.size());
  QCOMPARE(external.at("problem_examples").at("unknown_video"), json({"unknown"}));
  const json now = predicted(both);
  for (const auto& [id, annotations] : truth_.items()) {
    for (const json& a : annotations) {
      bool there = false;
      for (const json& d : now.at(id)) {
        there = there || (std::abs(d.at("segment")[0].get<double>() - a.at("segment")[0].get<double>()) < 1e-9 && std::abs(d.at("segment")[1].get<double>() - a.at("segment")[1].get<double>()) < 1e-9);
      }
      QVERIFY2(there, id.c_str());
    }
    for (size_t i = 1; i < now.at(id).size(); ++i) QVERIFY(now.at(id)[i - 1].at("score").get<double>() >= now.at(id)[i].at("score").get<double>());
  }
}

void TestImport::badExternalFilesAreToldInOneLine() {
  const QString rows = written("rows.json", {{"results", {{truth_.begin().key(), {1, 2, 3}}}}});
  const ProcessResult order = callHvlm(onRun("eval", run_) + QStringList{QStringLiteral("--no-report"), QStringLiteral("--video-scores"), rows});
  QCOMPARE(order.exit_code, 1);
  QVERIFY2(badErrorLine(order, {QStringLiteral("an order is not guessed")}).isEmpty(), order.err.constData());
  const ProcessResult missing = callHvlm(onRun("predict", run_) + QStringList{QStringLiteral("--out"), file("x.json"), QStringLiteral("--proposals"), file("nothing.json")});
  QCOMPARE(missing.exit_code, 1);
  QVERIFY2(badErrorLine(missing, {QStringLiteral("nothing.json")}).isEmpty(), missing.err.constData());
}

QTEST_GUILESS_MAIN(TestImport)
#include "tst_cli_import.moc"
