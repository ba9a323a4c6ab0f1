// SPDX-License-Identifier: Apache-2.0
#include <signal.h>

#include <QProcess>
#include <QtTest>

#include "cli.h"
#include "support/golden.h"

using namespace hvlm::testing;

namespace {

nlohmann::json rowOf(const nlohmann::json& table, const std::string& id) {
  for (const nlohmann::json& row : table) {
    if (row.at("id") == id) return row;
  }
  throw std::runtime_error("no row " + id);
}

}  // namespace

class TestReproduce : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase();
  void aStoppedReproductionGoesOnAndTrainsNothingTwice();
  void aDerivedRowIsMadeFromItsOrigin();
  void aFineTunedRowStartsFromTheWeightsOfItsOrigin();
  void aCellThatFailsStopsNoOther();
  void anEmptyFolderHasNothingToMerge();
  void partsAreMerged();
  void wrongUseIsTold_data();
  void wrongUseIsTold();
  void bundledConfigsHaveNames();

 private:
  QStringList call(const QString& out, const QStringList& more) const {
    return QStringList{QStringLiteral("reproduce"), QStringLiteral("--data"), dataset_, QStringLiteral("--out"), out, QStringLiteral("--no-figures"), QStringLiteral("--json"), QStringLiteral("--jobs"),
                       QStringLiteral("1"), QStringLiteral("--threads"), QStringLiteral("1")} + more;
  }
  QStringList tiny(int epochs) const {
    const QString file = folder_.filePath(QStringLiteral("budget-%1.yaml").arg(epochs));
    writeBytes(file, QStringLiteral("train: {epochs: %1, batch_size: 4, warmup_epochs: 0, evaluate_epochs: 0, checkpoint_steps: 100, select: last}\n").arg(epochs).toUtf8());
    return {QStringLiteral("--seeds"), QStringLiteral("1"), QStringLiteral("--budget-file"), file};
  }
  QTemporaryDir folder_;
  QString dataset_;
};

void TestReproduce::initTestCase() { dataset_ = makeSet(folder_.filePath(QStringLiteral("set")), {QStringLiteral("--videos"), QStringLiteral("16")}); }

void TestReproduce::aStoppedReproductionGoesOnAndTrainsNothingTwice() {
  const QString out = folder_.filePath(QStringLiteral("out"));
  const QString raw = out + QStringLiteral("/runs/quick/raw/seed-1"), tsn = out + QStringLiteral("/runs/quick/tsn/seed-1");
  const QStringList words = call(out, tiny(800) + QStringList{QStringLiteral("--only"), QStringLiteral("raw"), QStringLiteral("--only"), QStringLiteral("TSN")});
  QProcess process;
  process.start(QString::fromStdString(binFolder()) + QStringLiteral("/hvlm"), words);
  QVERIFY(process.waitForStarted());
  QVERIFY(QTest::qWaitFor([&] { return QFile::exists(tsn + QStringLiteral("/checkpoints/last/state.json")) || process.state() != QProcess::Running; }, 60000));
  ::kill(static_cast<pid_t>(process.processId()), SIGTERM);
  QVERIFY(process.waitForFinished(60000));
  const QByteArray err = process.readAllStandardError();
  QCOMPARE(process.exitCode(), 130);
  QVERIFY2(err.contains("go on with the same command"), err.constData());
  QCOMPARE(jsonOf(tsn + QStringLiteral("/run.json")).at("state").get<std::string>(), std::string("stopped"));
  const nlohmann::json raw_before = jsonOf(raw + QStringLiteral("/run.json"));
  const QByteArray raw_report = bytesOf(raw + QStringLiteral("/report.json"));

  const ProcessResult result = callHvlm(words);
  QVERIFY2(result.exit_code == 0, result.err.constData());
  const nlohmann::json tables = oneObject(result);
  QCOMPARE(jsonOf(raw + QStringLiteral("/run.json")), raw_before);  // kept as it was
  QCOMPARE(bytesOf(raw + QStringLiteral("/report.json")), raw_report);
  const nlohmann::json record = jsonOf(tsn + QStringLiteral("/run.json"));
  QCOMPARE(record.at("state").get<std::string>(), std::string("done"));
  QCOMPARE(record.at("resumes").size(), size_t{1});
  QVERIFY(record.at("resumes")[0].at("from_step").get<int>() > 0);
  const nlohmann::json row = rowOf(tables.at("main"), "tsn");
  QCOMPARE(row.at("runs")[0].get<std::string>(), tsn.toStdString());
  QCOMPARE(row.at("measured").at("temporal_consistency").at("mean"), jsonOf(tsn + QStringLiteral("/report.json")).at("temporal_consistency"));
  QCOMPARE(row.at("claimed").at("temporal_consistency").get<double>(), 0.598);
  QVERIFY(rowOf(tables.at("main"), "control-whole-video").at("measured").contains("localization"));
  QVERIFY(!jsonOf(tsn + QStringLiteral("/report.json")).contains("controls"));
  QVERIFY(QFile::exists(out + QStringLiteral("/all.md")));

  const QStringList exporting = {QStringLiteral("export"), QStringLiteral("--run"), out, QStringLiteral("--what"), QStringLiteral("reproduction"), QStringLiteral("--format")};
  QCOMPARE(callHvlm(exporting + QStringList{QStringLiteral("csv")}).out.trimmed(), bytesOf(out + QStringLiteral("/main.csv")).trimmed());  // the same table
  QVERIFY(callHvlm(exporting + QStringList{QStringLiteral("tex"), QStringLiteral("--table"), QStringLiteral("ablation")}).out.contains("\\toprule"));
  const ProcessResult soup = callHvlm(exporting + QStringList{QStringLiteral("csv"), QStringLiteral("--table"), QStringLiteral("soup")});
  QVERIFY2(soup.exit_code == 1 && soup.err.contains("main, "), soup.err.constData());
  const ProcessResult drawn = callHvlm(exporting + QStringList{QStringLiteral("svg"), QStringLiteral("--figure"), QStringLiteral("main"), QStringLiteral("--out"), out + QStringLiteral("/drawn.svg")});
  QVERIFY2(drawn.exit_code == 0, drawn.err.constData());
  QVERIFY(bytesOf(out + QStringLiteral("/drawn.svg")).contains("<svg"));

  const nlohmann::json tsn_before = record;
  const ProcessResult again = callHvlm(words);
  QCOMPARE(again.exit_code, 0);
  QVERIFY2(again.err.contains("0 cells to run, 2 kept"), again.err.constData());
  QCOMPARE(jsonOf(tsn + QStringLiteral("/run.json")), tsn_before);
  QCOMPARE(oneObject(again).at("main"), tables.at("main"));

  const ProcessResult other = callHvlm(call(out, tiny(3) + QStringList{QStringLiteral("--only"), QStringLiteral("tsn")}));
  QCOMPARE(other.exit_code, 1);
  QVERIFY2(other.err.contains("runs/quick/tsn/seed-1") && other.err.contains("train.epochs"), other.err.constData());
}

void TestReproduce::aDerivedRowIsMadeFromItsOrigin() {
  const QString out = folder_.filePath(QStringLiteral("derived"));
  const ProcessResult result = callHvlm(call(out, tiny(1) + QStringList{QStringLiteral("--only"), QStringLiteral("labels-oracle")}));
  QVERIFY2(result.exit_code == 0, result.err.constData());
  const nlohmann::json tables = oneObject(result);
  const nlohmann::json oracle = jsonOf(out + QStringLiteral("/runs/quick/labels-oracle/seed-1/run.json"));
  const nlohmann::json origin = jsonOf(out + QStringLiteral("/runs/quick/recommended/seed-1/run.json"));
  QCOMPARE(oracle.at("derived_from"), origin.at("id"));
  QVERIFY(oracle.at("config_hash") != origin.at("config_hash"));
  QVERIFY(rowOf(tables.at("side"), "labels-oracle").at("measured").contains("average_map"));
  QCOMPARE(jsonOf(out + QStringLiteral("/runs/quick/labels-oracle/seed-1/report.json")).at("localization").at("labels").get<std::string>(), std::string("oracle: true labels"));
}

void TestReproduce::aFineTunedRowStartsFromTheWeightsOfItsOrigin() {
  const QString out = folder_.filePath(QStringLiteral("tuned"));
  const ProcessResult result = callHvlm(call(out, tiny(1) + QStringList{QStringLiteral("--only"), QStringLiteral("tuned-simclr")}));
  QVERIFY2(result.exit_code == 0, result.err.constData());
  const nlohmann::json tables = oneObject(result);
  QVERIFY(bytesOf(out + QStringLiteral("/runs/quick/tuned-simclr/seed-1/config.yaml")).contains("../../simclr/seed-1"));
  QVERIFY(bytesOf(out + QStringLiteral("/logs/quick/tuned-simclr/seed-1.log")).contains("tensors start from " + QFileInfo(out + QStringLiteral("/runs/quick/simclr/seed-1")).absoluteFilePath().toUtf8()));
  QVERIFY(rowOf(tables.at("side"), "tuned-simclr").at("measured").contains("classification_own"));  // the fine-tuned protocol
  QVERIFY(!rowOf(tables.at("main"), "simclr").at("measured").contains("classification_own"));
  QVERIFY(bytesOf(out + QStringLiteral("/classification.md")).contains("Fine-tuned: SimCLR"));
}

void TestReproduce::anEmptyFolderHasNothingToMerge() {
  const QString out = folder_.filePath(QStringLiteral("empty"));
  const ProcessResult result = callHvlm({QStringLiteral("reproduce"), QStringLiteral("--out"), out, QStringLiteral("--merge")});
  QCOMPARE(result.exit_code, 1);
  QVERIFY2(result.err.contains("--data"), result.err.constData());
  QVERIFY(!QFile::exists(out));
}

void TestReproduce::aCellThatFailsStopsNoOther() {
  const QString out = folder_.filePath(QStringLiteral("failing"));
  // One epoch of a few crops never fills the queue of MoCo: it refuses before any work.
  const ProcessResult result = callHvlm(call(out, tiny(1) + QStringList{QStringLiteral("--only"), QStringLiteral("moco"), QStringLiteral("--only"), QStringLiteral("tsn")}));
  QCOMPARE(result.exit_code, 1);
  QVERIFY2(result.err.contains("quick/moco/seed-1: config: contrast.queue"), result.err.constData());
  const nlohmann::json tables = oneObject(result);
  QVERIFY(QString::fromStdString(rowOf(tables.at("main"), "moco").at("failed").get<std::string>()).contains(QStringLiteral("contrast.queue")));
  QVERIFY(rowOf(tables.at("main"), "tsn").at("measured").contains("classification"));
  QCOMPARE(tables.at("failed").size(), size_t{1});
}

void TestReproduce::partsAreMerged() {
  const QString first = folder_.filePath(QStringLiteral("part-1")), second = folder_.filePath(QStringLiteral("part-2"));
  QCOMPARE(callHvlm(call(first, tiny(1) + QStringList{QStringLiteral("--only"), QStringLiteral("tsn")})).exit_code, 0);
  QCOMPARE(callHvlm(call(second, tiny(1) + QStringList{QStringLiteral("--only"), QStringLiteral("random")})).exit_code, 0);
  const ProcessResult merged = callHvlm({QStringLiteral("reproduce"), QStringLiteral("--out"), first, QStringLiteral("--merge"), QStringLiteral("--from"), second, QStringLiteral("--no-figures"), QStringLiteral("--json")});
  QVERIFY2(merged.exit_code == 0, merged.err.constData());
  const nlohmann::json tables = oneObject(merged);
  QCOMPARE(tables.at("main").size(), size_t{2});
  QVERIFY(!rowOf(tables.at("main"), "random").at("measured").empty());
}

void TestReproduce::wrongUseIsTold_data() {
  QTest::addColumn<QStringList>("arguments");
  QTest::addColumn<QString>("fragment");
  const QString out = folder_.filePath(QStringLiteral("unused"));
  QTest::newRow("no folder") << QStringList{QStringLiteral("--data"), dataset_} << "--out";
  QTest::newRow("no data") << QStringList{QStringLiteral("--out"), out} << "--data";
  QTest::newRow("an unknown row names the nearest") << QStringList{QStringLiteral("--data"), dataset_, QStringLiteral("--out"), out, QStringLiteral("--only"), QStringLiteral("mooco")} << "'moco'";
  QTest::newRow("an unknown budget") << QStringList{QStringLiteral("--data"), dataset_, QStringLiteral("--out"), out, QStringLiteral("--budget"), QStringLiteral("huge")} << "--budget";
  QTest::newRow("no seeds") << QStringList{QStringLiteral("--data"), dataset_, QStringLiteral("--out"), out, QStringLiteral("--seeds"), QStringLiteral("0")} << "--seeds";
  QTest::newRow("parts without a merge") << QStringList{QStringLiteral("--data"), dataset_, QStringLiteral("--out"), out, QStringLiteral("--from"), out} << "--merge";
}
void TestReproduce::wrongUseIsTold() {
  QFETCH(QStringList, arguments);
  QFETCH(QString, fragment);
  const ProcessResult result = callHvlm(QStringList{QStringLiteral("reproduce")} + arguments);
  QCOMPARE(result.exit_code, 2);
  QVERIFY2(result.err.contains(fragment.toUtf8()), result.err.constData());
  QVERIFY(!QFile::exists(folder_.filePath(QStringLiteral("unused"))));
}

void TestReproduce::bundledConfigsHaveNames() {
  const QString run = folder_.filePath(QStringLiteral("named"));
  const ProcessResult result = trainTiny(dataset_, run, {QStringLiteral("head.detect=false"), QStringLiteral("pyramid.enabled=false")}, {QStringLiteral("--config"), QStringLiteral("simclr"), QStringLiteral("--no-controls")});
  QVERIFY2(result.exit_code == 0, result.err.constData());
  QVERIFY(bytesOf(run + QStringLiteral("/config.yaml")).contains("method: simclr"));
  const ProcessResult missing = trainTiny(dataset_, folder_.filePath(QStringLiteral("none")), {}, {QStringLiteral("--config"), QStringLiteral("no-such-config")});
  QCOMPARE(missing.exit_code, 1);
  QVERIFY2(missing.err.contains("no-such-config"), missing.err.constData());
}

QTEST_GUILESS_MAIN(TestReproduce)
#include "tst_cli_reproduce.moc"
