// SPDX-License-Identifier: Apache-2.0
#include <QtTest>

#include "cli.h"
#include "support/golden.h"

using namespace hvlm::testing;

class TestData : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void synthWritesWhatItWasAskedFor();
  void synthRefusesAFolderThatHoldsASet();
  void inspectCountsAndListsDefects();
  void inspectReadsTheRealSet();
  void scoreEqualsTheOfficialEvaluator_data();
  void scoreEqualsTheOfficialEvaluator();
  void scoreTakesTheCommonProtocol();
  void scoreOfAnswersAndCaptions();
};

void TestData::synthWritesWhatItWasAskedFor() {
  QTemporaryDir folder;
  const QString dataset = makeSet(folder.filePath(QStringLiteral("set")));
  const auto report = oneObject(callHvlm({QStringLiteral("inspect"), dataset, QStringLiteral("--json")}));
  QCOMPARE(report.at("videos").get<int>(), 12);
  QVERIFY2(callHvlm({QStringLiteral("inspect"), dataset}).out.contains("Videos 12,"), "the text for people");
  makeSet(folder.filePath(QStringLiteral("again")));
  for (const char* file : {"features.h5", "annotations.json"}) {  // the same seed gives the same files
    const QString name = QString::fromLatin1(file);
    QCOMPARE(bytesOf(folder.filePath(QStringLiteral("set/") + name)), bytesOf(folder.filePath(QStringLiteral("again/") + name)));
  }
}

void TestData::synthRefusesAFolderThatHoldsASet() {
  QTemporaryDir folder;
  const QString dataset = makeSet(folder.path() + QStringLiteral("/set"));
  const QByteArray before = bytesOf(dataset);
  const ProcessResult result = callHvlm({QStringLiteral("synth"), QStringLiteral("--out"), folder.path() + QStringLiteral("/set"), QStringLiteral("--videos"), QStringLiteral("4")});
  QCOMPARE(result.exit_code, 1);
  QCOMPARE(badErrorLine(result, {QStringLiteral("set")}), QString());
  QCOMPARE(bytesOf(dataset), before);
}

void TestData::inspectCountsAndListsDefects() {
  QTemporaryDir folder;
  const QString dataset = makeSet(folder.filePath(QStringLiteral("set")));
  const QString file = folder.filePath(QStringLiteral("set/annotations.json"));
  auto annotations = jsonOf(file);
  auto& video = *annotations.at("database").begin();
  const double duration = video.at("duration").get<double>();
  const std::string label = video.at("annotations").at(0).at("label").get<std::string>();
  const auto segment = [&](double start, double end) { return nlohmann::json{{"label", label}, {"segment", {start, end}}}; };
  video["annotations"] = {segment(1, 3), segment(1, 3), segment(2, 2), segment(5, 4), segment(4, duration + 9)};
  annotations["database"]["no_features"] = {{"duration", 20.0}, {"subset", "training"}, {"annotations", {segment(1, 3)}}};
  writeBytes(file, QByteArray::fromStdString(annotations.dump()));
  const ProcessResult result = callHvlm({QStringLiteral("inspect"), dataset, QStringLiteral("--json")});
  QCOMPARE(result.exit_code, 0);  // defects are counted, never fatal
  const std::string text = oneObject(result).dump();
  for (const char* kind : {"duplicate_segment", "zero_length", "reversed", "past_end", "missing_features"}) {
    QVERIFY2(text.find(kind) != std::string::npos, kind);
  }
}

void TestData::inspectReadsTheRealSet() {
  const std::string shared = sharedFolder("data/ucf15");
  if (shared.empty()) QSKIP("../shared/data/ucf15 is not here");
  const auto report = oneObject(callHvlm({QStringLiteral("inspect"), QString::fromStdString(shared + "/dataset.yaml"), QStringLiteral("--json")}));
  QCOMPARE(report.at("videos").get<int>(), 450);
}

void TestData::scoreEqualsTheOfficialEvaluator_data() {
  QTest::addColumn<QString>("kind");
  QTest::addColumn<QString>("which");
  for (const char* kind : {"detection", "classification"}) {
    for (const char* which : {"sample", "perturbed"}) QTest::addRow("%s of the %s file", kind, which) << QString::fromLatin1(kind) << QString::fromLatin1(which);
  }
}
void TestData::scoreEqualsTheOfficialEvaluator() {
  QFETCH(QString, kind);
  QFETCH(QString, which);
  const QString shared = QString::fromStdString(sharedFolder("data/activitynet"));
  if (shared.isEmpty()) QSKIP("../shared/data/activitynet is not here");
  QElapsedTimer timer;
  timer.start();
  const auto score = oneObject(callHvlm({QStringLiteral("score"), kind, QStringLiteral("--truth"), shared + QStringLiteral("/activity_net.v1-3.min.json"),
                                     QStringLiteral("--predictions"), shared + QLatin1Char('/') + which + QLatin1Char('_') + kind + QStringLiteral("_prediction.json"),
                                     QStringLiteral("--json")}));
  qInfo("scored in %lld ms", static_cast<long long>(timer.elapsed()));
  if (which == QStringLiteral("sample")) {
    QVERIFY(std::abs(score.at("map").is_number() ? score["map"].get<double>() - 1.0 : score.at("average_map").get<double>() - 1.0) < 1e-9);
    return;
  }
  // The figures of data/README.md.
  if (kind == QStringLiteral("detection")) {
    QVERIFY(std::abs(score.at("average_map").get<double>() - 0.13277290337702766) < 1e-9);
    QVERIFY(score.at("map").contains("0.50"));
    QVERIFY(score.at("ties").get<int>() > 0);
  } else {
    QVERIFY(std::abs(score.at("map").get<double>() - 0.14090267280072033) < 1e-9);
    QVERIFY(std::abs(score.at("hit_at").at("1").get<double>() - 0.12383272431993504) < 1e-9);
    QVERIFY(std::abs(score.at("hit_at").at("3").get<double>() - 0.2614697523345514) < 1e-9);
  }
}

void TestData::scoreOfAnswersAndCaptions() {
  const QString shared = QString::fromStdString(sharedFolder("data/activitynet_qa"));
  if (shared.isEmpty()) QSKIP("../shared/data/activitynet_qa is not here");
  const auto qa = oneObject(callHvlm({QStringLiteral("score"), QStringLiteral("qa"), QStringLiteral("--truth"), shared + QStringLiteral("/val_a.json"),
                                      QStringLiteral("--predictions"), shared + QStringLiteral("/pred_val_example.json"), QStringLiteral("--json")}));
  QCOMPARE(qa.at("questions").get<int>(), 18000);
  QVERIFY(std::abs(qa.at("all").get<double>() - 0.39844444444444443) < 1e-9);
  const QString captions = shared + QStringLiteral("/../activitynet_captions");
  const auto pairs = oneObject(callHvlm({QStringLiteral("score"), QStringLiteral("captions"), QStringLiteral("--truth"), captions + QStringLiteral("/eval_pairs.json"),
                                         QStringLiteral("--predictions"), captions + QStringLiteral("/eval_pairs.json"), QStringLiteral("--json")}));
  QVERIFY(std::abs(pairs.at("bleu4").get<double>() - 0.12442679056546248) < 1e-9);
  QVERIFY(std::abs(pairs.at("cider").get<double>() - 0.9685428932260242) < 1e-9);
  QVERIFY(std::abs(pairs.at("rouge_l").get<double>() - 0.2652360369214299) < 1e-9);
}

void TestData::scoreTakesTheCommonProtocol() {
  QTemporaryDir folder;
  const QString truth = folder.filePath(QStringLiteral("truth.json")), predictions = folder.filePath(QStringLiteral("predictions.json"));
  writeBytes(truth, R"({"version": "1", "taxonomy": [], "database": {"a": {"duration": 10, "subset": "validation", "annotations": [{"label": "x", "segment": [0, 4]}]}}})");
  writeBytes(predictions, R"({"version": "1", "external_data": {}, "results": {"a": [{"label": "x", "score": 0.5, "segment": [0, 4]}, {"label": "x", "score": 0.5, "segment": [6, 9]}]}})");
  const QStringList arguments = {QStringLiteral("score"), QStringLiteral("detection"), QStringLiteral("--truth"), truth, QStringLiteral("--predictions"), predictions, QStringLiteral("--json")};
  // Tied scores: the official protocol takes the later entry first, the common one the earlier.
  QCOMPARE(oneObject(callHvlm(arguments)).at("average_map").get<double>(), 0.5);
  QCOMPARE(oneObject(callHvlm(arguments + QStringList{QStringLiteral("--protocol"), QStringLiteral("common")})).at("average_map").get<double>(), 1.0);
}

QTEST_GUILESS_MAIN(TestData)
#include "tst_cli_data.moc"
