// SPDX-License-Identifier: Apache-2.0
#include <QProcess>
#include <QtTest>
#include <cmath>

#include "cli.h"
#include "support/golden.h"

using namespace hvlm::testing;

namespace {

QStringList benchTiny(const QStringList& more = {}) {
  return QStringList{QStringLiteral("bench"), QStringLiteral("model"), QStringLiteral("--config"), QStringLiteral("quick"), QStringLiteral("--threads"), QStringLiteral("1"),
                     QStringLiteral("--dim"), QStringLiteral("8"), QStringLiteral("--classes"), QStringLiteral("3"), QStringLiteral("--repeats"), QStringLiteral("2")} +
         tinyModel() + more;
}

}  // namespace

class TestCliBench : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void jsonIsOneObjectWithEveryKey();
  void theTableNamesEveryLength();
  void settingsReachTheModel();
  void wrongUseIsExit2WithOneLine_data();
  void wrongUseIsExit2WithOneLine();
  void whatCannotBeMeasuredIsExit1_data();
  void whatCannotBeMeasuredIsExit1();
  void aStopWritesNothing();
};

void TestCliBench::jsonIsOneObjectWithEveryKey() {
  QTemporaryDir folder;
  const QString out = folder.filePath(QStringLiteral("cost.json"));
  const ProcessResult result = callHvlm(benchTiny({QStringLiteral("--steps"), QStringLiteral("16,32,64"), QStringLiteral("--json"), QStringLiteral("--out"), out}));
  QVERIFY2(result.exit_code == 0, result.err.constData());
  const auto answer = oneObject(result);
  for (const char* key : {"config_hash", "mixer", "parameters", "parameters_trainable", "bytes_fp32", "bytes_fp16", "dtype", "device", "threads", "batch", "input_dim", "gemm_gflops",
                          "flops_per_step", "slope_time", "slope_memory", "slope_flops", "lengths"}) {
    QVERIFY2(answer.contains(key), key);
  }
  QCOMPARE(answer.at("threads").get<int>(), 1);
  QCOMPARE(answer.at("input_dim").get<int>(), 8);
  QCOMPARE(answer.at("bytes_fp32").get<int64_t>(), 4 * answer.at("parameters").get<int64_t>());
  std::vector<int> steps;
  for (const auto& one : answer.at("lengths")) {
    steps.push_back(one.at("steps").get<int>());
    for (const char* key : {"seconds", "steps_per_second", "videos_per_second", "flops", "gflops", "utilisation", "peak_bytes", "train_seconds", "train_peak_bytes"}) {
      QVERIFY2(one.contains(key), key);
    }
    for (const char* key : {"median", "iqr_low", "iqr_high"}) QVERIFY2(one.at("seconds").at(key).get<double>() > 0, key);
  }
  QCOMPARE(steps, (std::vector<int>{16, 32, 64}));
  for (const char* key : {"slope_time", "slope_memory", "slope_flops"}) QVERIFY2(std::isfinite(answer.at(key).get<double>()), key);
  QCOMPARE(jsonOf(out), answer);
}

void TestCliBench::theTableNamesEveryLength() {
  QTemporaryDir folder;
  const QString out = folder.filePath(QStringLiteral("cost.json"));
  const ProcessResult result = callHvlm(benchTiny({QStringLiteral("--steps"), QStringLiteral("17,33"), QStringLiteral("--out"), out}));
  QVERIFY2(result.exit_code == 0, result.err.constData());
  QVERIFY2(!result.err.contains("Memory block"), result.err.constData());  // the allocator's own warnings are not for the reader
  for (const char* fragment : {"\n17 ", "\n33 ", "1 thread,", "FP32", "GEMM", "Log-log slopes", "Wrote "}) QVERIFY2(result.out.contains(fragment), result.out.constData());
  QCOMPARE(jsonOf(out).at("lengths").size(), size_t{2});
}

void TestCliBench::settingsReachTheModel() {
  const QStringList one = {QStringLiteral("--steps"), QStringLiteral("40"), QStringLiteral("--json"), QStringLiteral("--set")};
  const auto full = oneObject(callHvlm(benchTiny(one + QStringList{QStringLiteral("encoder.mixer=full")})));
  const auto window = oneObject(callHvlm(benchTiny(one + QStringList{QStringLiteral("encoder.mixer=window")})));
  QCOMPARE(window.at("mixer").get<std::string>(), std::string("window"));
  QCOMPARE(window.at("parameters"), full.at("parameters"));
  QVERIFY(window.at("lengths")[0].at("flops").get<int64_t>() < full.at("lengths")[0].at("flops").get<int64_t>());
  QVERIFY(full.at("slope_time").is_null());  // of a single length
}

void TestCliBench::wrongUseIsExit2WithOneLine_data() {
  QTest::addColumn<QString>("arguments");
  QTest::addColumn<QString>("fragment");
  QTest::newRow("a length that is no number") << "bench model --steps 250,many" << "found \"many\"";
  QTest::newRow("a length of nothing") << "bench model --steps 0" << "--steps";
  QTest::newRow("a negative length") << "bench model --steps 250,-5" << "found \"-5\"";
  QTest::newRow("half a step") << "bench model --steps 2.5" << "found \"2.5\"";
  QTest::newRow("a length twice") << "bench model --steps 250,500,250" << "found \"250\"";
  QTest::newRow("a comma too many") << "bench model --steps 250,,500" << "found \"\"";
  QTest::newRow("an endless video") << "bench model --steps 2000000" << "1000000";
  QTest::newRow("no repeats") << "bench model --repeats 0" << "--repeats";
  QTest::newRow("no columns") << "bench model --dim 0" << "--dim";
  QTest::newRow("a word too many") << "bench model --steps 250 500" << "500";
  QTest::newRow("the group alone") << "bench" << "name a command: model";
}
void TestCliBench::wrongUseIsExit2WithOneLine() {
  QFETCH(QString, arguments);
  QFETCH(QString, fragment);
  const ProcessResult result = callHvlm(arguments.split(QLatin1Char(' ')));
  QCOMPARE(result.exit_code, 2);
  QVERIFY(result.out.isEmpty());
  QCOMPARE(badErrorLine(result, {fragment}), QString());
}

void TestCliBench::whatCannotBeMeasuredIsExit1_data() {
  QTest::addColumn<QStringList>("arguments");
  QTest::addColumn<QString>("fragment");
  QTest::newRow("no such config") << QStringList{QStringLiteral("--config"), QStringLiteral("nowhere.yaml")} << "nowhere.yaml";
  QTest::newRow("no such key") << QStringList{QStringLiteral("--set"), QStringLiteral("encoder.mixr=full")} << "encoder.mixer";
  QTest::newRow("no such device") << QStringList{QStringLiteral("--device"), QStringLiteral("cuda")} << "cuda";
  QTest::newRow("a file where nobody may write") << QStringList{QStringLiteral("--steps"), QStringLiteral("8"), QStringLiteral("--out"), QStringLiteral("/sys/cost.json")} << "/sys";
}
void TestCliBench::whatCannotBeMeasuredIsExit1() {
  QFETCH(QStringList, arguments);
  QFETCH(QString, fragment);
  const QStringList common = {QStringLiteral("bench"), QStringLiteral("model"), QStringLiteral("--threads"), QStringLiteral("1"), QStringLiteral("--repeats"), QStringLiteral("1")};
  const ProcessResult result = callHvlm(common + arguments);
  QCOMPARE(result.exit_code, 1);
  QVERIFY(result.out.isEmpty());
  QCOMPARE(badErrorLine(result, {fragment}), QString());
}

void TestCliBench::aStopWritesNothing() {
  QTemporaryDir folder;
  const QString out = folder.filePath(QStringLiteral("cost.json"));
  QStringList arguments = benchTiny({QStringLiteral("--steps"), QStringLiteral("256"), QStringLiteral("--json"), QStringLiteral("--out"), out});
  arguments[arguments.indexOf(QStringLiteral("--repeats")) + 1] = QStringLiteral("1000");
  QProcess process;
  process.start(QString::fromStdString(binFolder()) + QStringLiteral("/hvlm"), arguments);
  QByteArray said;
  QTRY_VERIFY_WITH_TIMEOUT((process.waitForReadyRead(50), said += process.readAllStandardError(), said.contains("timing passes")), 60000);
  process.terminate();
  QVERIFY(process.waitForFinished(60000));
  QCOMPARE(process.exitCode(), 130);
  QVERIFY(process.readAllStandardOutput().isEmpty());
  QVERIFY(QDir(folder.path()).isEmpty());
}

QTEST_GUILESS_MAIN(TestCliBench)
#include "tst_cli_bench.moc"
