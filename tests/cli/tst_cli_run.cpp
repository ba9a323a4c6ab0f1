// SPDX-License-Identifier: Apache-2.0
#include <QtTest>
#include <cmath>

#include "cli.h"

using namespace hvlm::testing;

// One run, made once, looked at by every command that looks at runs.
class TestRun : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase();
  void trainTellsWhatItDid();
  void evalGivesTheKeysOfTheContract();
  void predictWritesWhatScoreReads();
  void predictByStretchesNeedsABoundedMixer();
  void pyramidHoldsEveryLevel();
  void exportWritesEveryText_data();
  void exportWritesEveryText();
  void exportDrawsPictures_data();
  void exportDrawsPictures();
  void embedWritesVectorsAndTheirFigures_data();
  void embedWritesVectorsAndTheirFigures();
  void runsListShowsTheRunAndTheBrokenOne();
  void runsCompareShowsWhatDiffers();
  void watchTellsTheStateOfAFinishedRun();
  void demoRunsEndToEndAndGoesOn();

 private:
  QString file(const char* name) const { return folder_.filePath(QString::fromLatin1(name)); }
  QStringList onRun(const char* command) const { return {QString::fromLatin1(command), QStringLiteral("--run"), run_, QStringLiteral("--threads"), QStringLiteral("1")}; }
  QTemporaryDir folder_;
  QString dataset_, run_;
  ProcessResult trained_;
};

void TestRun::initTestCase() {
  dataset_ = makeSet(file("set"));
  run_ = file("runs/first");
  trained_ = trainTiny(dataset_, run_, {}, {QStringLiteral("--json")});
  QVERIFY2(trained_.exit_code == 0, trained_.err.constData());
}

void TestRun::trainTellsWhatItDid() {
  const auto answer = oneObject(trained_);
  QCOMPARE(answer.at("state").get<std::string>(), std::string("done"));
  QCOMPARE(answer.at("from_step").get<int>(), 0);
  for (const char* name : {"run.json", "config.yaml", "metrics.jsonl", "checkpoints/last/state.json", "checkpoints/best/state.json"}) {
    QVERIFY2(QFile::exists(run_ + QLatin1Char('/') + QString::fromLatin1(name)), name);
  }
  QVERIFY(!QDir(run_).entryList({QStringLiteral("events.out.tfevents.*")}).isEmpty());
}

void TestRun::evalGivesTheKeysOfTheContract() {
  const ProcessResult result = callHvlm(onRun("eval") + QStringList{QStringLiteral("--json")});
  QVERIFY2(result.exit_code == 0, result.err.constData());
  const auto report = oneObject(result);
  for (const char* key : {"temporal_consistency", "verdict", "controls", "videos", "seconds", "frame_accuracy"}) QVERIFY2(report.contains(key), key);
  for (const char* key : {"raw", "cac", "ts", "r_in", "r_x", "centred", "boundary_auc"}) QVERIFY2(report.at("consistency").contains(key), key);
  for (const char* key : {"mean_std", "min_std", "effective_rank", "dead_dimensions"}) QVERIFY2(report.at("collapse").contains(key), key);
  for (const char* key : {"protocol", "top1", "top1_main", "top5", "map", "probe", "knn"}) QVERIFY2(report.at("classification").contains(key), key);
  for (const char* key : {"map", "average_map", "hit_at_50"}) QVERIFY2(report.at("localization").contains(key), key);
  for (const char* key : {"intra", "inter", "separation", "silhouette"}) QVERIFY2(report.at("feature_quality").contains(key), key);
  QVERIFY(report.at("localization").at("map").contains("0.50"));
  QVERIFY(report.at("absent").contains("qa"));  // a metric that is not there has its reason
  QCOMPARE(jsonOf(run_ + QStringLiteral("/report.json")).at("temporal_consistency"), report.at("temporal_consistency"));
  const ProcessResult text = callHvlm(onRun("eval") + QStringList{QStringLiteral("--data"), dataset_});
  QVERIFY(text.out.contains("Verdict: "));
}

void TestRun::predictByStretchesNeedsABoundedMixer() {
  const ProcessResult result = callHvlm(onRun("predict") + QStringList{QStringLiteral("--out"), file("stretches.json"), QStringLiteral("--chunk-steps"), QStringLiteral("8")});
  QCOMPARE(result.exit_code, 1);  // the tiny run has encoder.mixer=full
  const QString wrong = badErrorLine(result, {QStringLiteral("encoder.mixer"), QStringLiteral("Leave --chunk-steps out")});
  QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
  QVERIFY(!QFile::exists(file("stretches.json")));
  QCOMPARE(callHvlm(onRun("predict") + QStringList{QStringLiteral("--out"), file("stretches.json"), QStringLiteral("--chunk-steps"), QStringLiteral("0")}).exit_code, 2);
}

void TestRun::predictWritesWhatScoreReads() {
  const QString out = file("predictions.json");
  const ProcessResult result = callHvlm(onRun("predict") + QStringList{QStringLiteral("--out"), out, QStringLiteral("--json")});
  QVERIFY2(result.exit_code == 0, result.err.constData());
  QCOMPARE(oneObject(result).at("predictions").get<std::string>(), out.toStdString());
  const auto score = oneObject(callHvlm({QStringLiteral("score"), QStringLiteral("detection"), QStringLiteral("--truth"), file("set/annotations.json"),
                                     QStringLiteral("--predictions"), out, QStringLiteral("--json")}));
  const auto report = oneObject(callHvlm(onRun("eval") + QStringList{QStringLiteral("--json"), QStringLiteral("--no-report")}));
  QVERIFY(std::abs(score.at("average_map").get<double>() - report.at("localization").at("average_map").get<double>()) < 1e-9);
}

void TestRun::pyramidHoldsEveryLevel() {
  const auto annotations = jsonOf(file("set/annotations.json"));
  const std::string video = annotations.at("database").begin().key();
  const QString out = file("pyramid.json");
  const ProcessResult result = callHvlm(onRun("pyramid") + QStringList{QStringLiteral("--video"), QString::fromStdString(video), QStringLiteral("--out"), out});
  QVERIFY2(result.exit_code == 0, result.err.constData());
  const auto pyramid = jsonOf(out);
  QCOMPARE(pyramid.at("mode").get<std::string>(), std::string("ceil"));
  const auto& levels = pyramid.at("levels");
  for (size_t l = 1; l < levels.size(); ++l) {
    const size_t below = levels[l - 1].at("first_step").size();
    QCOMPARE(levels[l].at("first_step").size(), (below + 1) / 2);  // ceil
    for (size_t j = 0; j < below; ++j) QCOMPARE(levels[l - 1].at("parent")[j].get<size_t>(), j / 2);
  }
  QCOMPARE(levels.back().at("first_step").size(), size_t{1});
  double share = 0.0;
  for (const auto& value : levels[0].at("share")) share += value.get<double>();
  QVERIFY(std::abs(share - 1.0) < 1e-5);
}

void TestRun::exportWritesEveryText_data() {
  QTest::addColumn<QString>("what");
  QTest::addColumn<QString>("format");
  QTest::addColumn<QString>("fragment");
  QTest::newRow("table as csv") << "table" << "csv" << "Row,";
  QTest::newRow("table as Markdown") << "table" << "md" << "| Row |";
  QTest::newRow("table as LaTeX") << "table" << "tex" << "\\toprule";
  QTest::newRow("table as JSON") << "table" << "json" << "\"rows\"";
  QTest::newRow("curves as csv") << "curves" << "csv" << "tag,step,epoch,hours,value";
  QTest::newRow("curves as JSON") << "curves" << "json" << "\"loss/total\"";
  QTest::newRow("curves as pgfplots") << "curves" << "tex" << "pgfplots";
  QTest::newRow("pyramid as csv") << "pyramid" << "csv" << "level,cell,";
  QTest::newRow("pyramid as JSON") << "pyramid" << "json" << "\"levels\"";
  QTest::newRow("timeline as csv") << "timeline" << "csv" << "kind,level,index,start,end,";
  QTest::newRow("timeline as JSON") << "timeline" << "json" << "\"truth\"";
}
void TestRun::exportWritesEveryText() {
  QFETCH(QString, what);
  QFETCH(QString, format);
  QFETCH(QString, fragment);
  const QString out = folder_.filePath(QStringLiteral("export/") + what + QLatin1Char('.') + format);
  const QStringList arguments = onRun("export") + QStringList{QStringLiteral("--what"), what, QStringLiteral("--format"), format};
  const ProcessResult result = callHvlm(arguments + QStringList{QStringLiteral("--out"), out, QStringLiteral("--json")});
  QVERIFY2(result.exit_code == 0, result.err.constData());
  const auto answer = oneObject(result);
  QCOMPARE(answer.at("file").get<std::string>(), out.toStdString());
  const QByteArray text = bytesOf(out);
  QCOMPARE(static_cast<qint64>(answer.at("bytes").get<int64_t>()), static_cast<qint64>(text.size()));
  QVERIFY2(text.contains(fragment.toUtf8()), text.left(400).constData());
  if (what != QStringLiteral("curves") || format != QStringLiteral("tex")) {
    QCOMPARE(callHvlm(arguments).out, text);  // without --out it goes to stdout
  }
}

void TestRun::exportDrawsPictures_data() {
  QTest::addColumn<QString>("what");
  QTest::addColumn<QString>("format");
  QTest::addColumn<QByteArray>("beginning");
  for (const char* what : {"curves", "pyramid", "timeline"}) {
    QTest::addRow("%s as svg", what) << QString::fromLatin1(what) << QStringLiteral("svg") << QByteArray("<?xml");
    QTest::addRow("%s as pdf", what) << QString::fromLatin1(what) << QStringLiteral("pdf") << QByteArray("%PDF");
    QTest::addRow("%s as png", what) << QString::fromLatin1(what) << QStringLiteral("png") << QByteArray("\x89PNG");
  }
}
void TestRun::exportDrawsPictures() {
  QFETCH(QString, what);
  QFETCH(QString, format);
  QFETCH(QByteArray, beginning);
  const QString out = folder_.filePath(what + QLatin1Char('.') + format);
  const ProcessResult result = callHvlm(onRun("export") + QStringList{QStringLiteral("--what"), what, QStringLiteral("--format"), format, QStringLiteral("--out"), out});
  QVERIFY2(result.exit_code == 0, result.err.constData());
  const QByteArray picture = bytesOf(out);
  QVERIFY2(picture.startsWith(beginning), picture.left(8).toHex().constData());
  QVERIFY(picture.size() > 1000);
}

void TestRun::embedWritesVectorsAndTheirFigures_data() {
  QTest::addColumn<QString>("what");
  QTest::addColumn<QString>("fragment");
  QTest::newRow("icicle") << "icicle" << "level,node,first_step";
  QTest::newRow("tree") << "tree" << "level,node,first_step";
  QTest::newRow("similarity") << "similarity" << "step,other,cosine";
  QTest::newRow("attention-history") << "attention-history" << "epoch,step,part,share";
  QTest::newRow("map") << "map" << "x,y,group,label";
  QTest::newRow("map-tsne") << "map-tsne" << "x,y,group,label";
  QTest::newRow("confusion") << "confusion" << "truth,";
  QTest::newRow("reliability") << "reliability" << "confidence,accuracy,count";
  QTest::newRow("classes") << "classes" << "class,value,count";
}
void TestRun::embedWritesVectorsAndTheirFigures() {
  QFETCH(QString, what);
  QFETCH(QString, fragment);
  const QString vectors = run_ + QStringLiteral("/embedding/validation.safetensors");
  const QStringList wanted = onRun("export") + QStringList{QStringLiteral("--what"), what, QStringLiteral("--out"), folder_.filePath(QStringLiteral("figure"))};
  if (!QFile::exists(vectors)) {
    const ProcessResult without = callHvlm(onRun("export") + QStringList{QStringLiteral("--what"), QStringLiteral("map"), QStringLiteral("--format"), QStringLiteral("svg")});
    QVERIFY2(without.exit_code == 1 && without.err.contains("hvlm embed"), without.err.constData());  // says how to make them
    const ProcessResult made = callHvlm(onRun("embed") + QStringList{QStringLiteral("--out"), vectors, QStringLiteral("--moments"), QStringLiteral("7"), QStringLiteral("--json")});
    QVERIFY2(made.exit_code == 0, made.err.constData());
    QVERIFY(oneObject(made).at("moments").get<int64_t>() <= 7);
  }
  for (const char* format : {"csv", "svg"}) {
    const ProcessResult result = callHvlm(wanted + QStringList{QStringLiteral("--format"), QString::fromLatin1(format)});
    QVERIFY2(result.exit_code == 0, result.err.constData());
    const QByteArray text = bytesOf(folder_.filePath(QStringLiteral("figure")));
    QVERIFY2(text.contains(format == std::string("csv") ? fragment.toUtf8() : QByteArray("<svg")), text.left(300).constData());
  }
}

void TestRun::runsListShowsTheRunAndTheBrokenOne() {
  QDir().mkpath(file("runs/broken"));
  writeBytes(file("runs/broken/run.json"), "{\"id\": ");
  const ProcessResult result = callHvlm({QStringLiteral("runs"), QStringLiteral("list"), file("runs"), QStringLiteral("--json")});
  QCOMPARE(result.exit_code, 0);
  const auto runs = oneObject(result).at("runs");
  QCOMPARE(runs.size(), size_t{2});
  QVERIFY(runs[0].contains("problem"));  // one bad item costs one item
  QCOMPARE(runs[1].at("state").get<std::string>(), std::string("done"));
  QVERIFY(runs[1].at("figures").contains("top1"));
  QVERIFY(callHvlm({QStringLiteral("runs"), QStringLiteral("list"), file("runs")}).out.contains("unreadable"));
  QDir(file("runs/broken")).removeRecursively();
}

void TestRun::runsCompareShowsWhatDiffers() {
  const QString second = file("runs/second");
  const ProcessResult trained = trainTiny(dataset_, second, {QStringLiteral("train.lr=0.001"), QStringLiteral("train.epochs=1")});
  QVERIFY2(trained.exit_code == 0, trained.err.constData());
  const auto answer = oneObject(callHvlm({QStringLiteral("runs"), QStringLiteral("compare"), run_, second, QStringLiteral("--json")}));
  QCOMPARE(answer.at("config").size(), size_t{2});
  QCOMPARE(answer.at("config").at("train.lr")[1].get<std::string>(), std::string("0.001"));
  QVERIFY(!answer.at("provenance").contains("dataset_hash"));
  QVERIFY(callHvlm({QStringLiteral("runs"), QStringLiteral("compare"), run_, second}).out.contains("train.lr"));
  const auto exported = [&](const QString& run, const char* what, const QStringList& more) {
    const QString out = file("side.csv");
    const ProcessResult result = callHvlm(QStringList{QStringLiteral("export"), QStringLiteral("--run"), run, QStringLiteral("--what"), QString::fromLatin1(what), QStringLiteral("--format"), QStringLiteral("csv"), QStringLiteral("--out"), out} + more);
    return result.exit_code == 0 ? bytesOf(out) : result.err;
  };
  const QByteArray lines = exported(file("runs"), "parallel", {QStringLiteral("--figure"), QStringLiteral("temporal_consistency")});
  QVERIFY2(lines.startsWith("run,") && lines.contains("train.lr") && lines.contains("\nsecond,"), lines.constData());
  const QByteArray pair = exported(run_, "attention-pair", {QStringLiteral("--other"), second});
  QVERIFY2(pair.startsWith("seconds,first,second\n"), pair.left(200).constData());
}

void TestRun::watchTellsTheStateOfAFinishedRun() {
  const auto answer = oneObject(callHvlm({QStringLiteral("watch"), run_, QStringLiteral("--json")}));
  QCOMPARE(answer.at("state").get<std::string>(), std::string("done"));
  QCOMPARE(answer.at("step"), jsonOf(run_ + QStringLiteral("/run.json")).at("step"));
  QVERIFY(answer.at("values").contains("loss/total"));
  QVERIFY(callHvlm({QStringLiteral("watch"), run_, QStringLiteral("--once")}).out.startsWith("done"));
}

void TestRun::demoRunsEndToEndAndGoesOn() {
  const QString out = file("demo");
  const QStringList arguments = QStringList{QStringLiteral("demo"), QStringLiteral("--out"), out, QStringLiteral("--videos"), QStringLiteral("10"),
                                            QStringLiteral("--seconds"), QStringLiteral("14"), QStringLiteral("--threads"), QStringLiteral("1"), QStringLiteral("--json")} +
                                tinyModel({QStringLiteral("train.epochs=1")});
  const ProcessResult first = callHvlm(arguments);
  QVERIFY2(first.exit_code == 0, first.err.constData());
  QVERIFY(oneObject(first).at("report").contains("verdict"));
  const nlohmann::json answer = oneObject(first);
  if (qEnvironmentVariable("HVLM_REQUIRE_WEIGHTS") == QStringLiteral("1")) QCOMPARE(answer.at("backbone").get<std::string>(), std::string("efficientnet-lite0"));
  QVERIFY(answer.at("bag_of_frames").is_number() && answer.at("ours").is_number());
  QCOMPARE(answer.at("phases").size(), size_t{3});
  QCOMPARE(QDir(out + QStringLiteral("/data/videos")).entryList({QStringLiteral("*.mp4")}).size(), 10);
  QVERIFY(bytesOf(out + QStringLiteral("/phases/2/config.yaml")).contains("../1"));  // goes on from phase 1
  for (const char* name : {"data/dataset.yaml", "data/features.h5", "data/features.h5.manifest.json", "run/run.json", "report.md", "report.json", "table.csv", "table.tex", "curves.csv"}) {
    QVERIFY2(QFile::exists(out + QLatin1Char('/') + QString::fromLatin1(name)), name);
  }
  const QByteArray metrics = bytesOf(out + QStringLiteral("/run/metrics.jsonl"));
  const ProcessResult second = callHvlm(arguments);  // already trained: only the evaluation is done again
  QVERIFY2(second.exit_code == 0, second.err.constData());
  QCOMPARE(oneObject(second).at("report").at("temporal_consistency"), oneObject(first).at("report").at("temporal_consistency"));
  QVERIFY(bytesOf(out + QStringLiteral("/run/metrics.jsonl")).startsWith(metrics));
  const ProcessResult other = callHvlm({QStringLiteral("demo"), QStringLiteral("--out"), out, QStringLiteral("--videos"), QStringLiteral("11")});
  QCOMPARE(other.exit_code, 1);
  QVERIFY2(other.err.contains("--out"), other.err.constData());
}

QTEST_GUILESS_MAIN(TestRun)
#include "tst_cli_run.moc"
