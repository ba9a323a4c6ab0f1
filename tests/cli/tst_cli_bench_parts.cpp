// SPDX-License-Identifier: Apache-2.0
// Every kind of `hvlm bench` at a tiny size: whether it answers, never how fast it is.
#include <QtTest>
#include <cmath>
#include <thread>

#include "cli.h"
#include "support/golden.h"

using namespace hvlm::testing;

namespace {

QStringList words(const char* text) { return QString::fromLatin1(text).split(QLatin1Char(' ')); }

ProcessResult bench(const char* arguments, const QStringList& more = {}) { return callHvlm(QStringList{QStringLiteral("bench")} + words(arguments) + more); }

nlohmann::json answerOf(const char* arguments, const QStringList& more = {}) { return oneObject(bench(arguments, QStringList{QStringLiteral("--json")} + more)); }

constexpr const char* kTiny = " --set encoder.dim=8 --set encoder.heads=2 --set encoder.layers=1 --set head.width=8";

}  // namespace

class TestCliBenchParts : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void everyPartAnswersWithItsKeys_data();
  void everyPartAnswersWithItsKeys();
  void anyNumberOfThreads_data();
  void anyNumberOfThreads();
  void plainVersionsRunAlone();
  void packingWastesNothing();
  void aDataSetCanBeTrainedOnAndRead();
  void featuresThatAreKeptCanBeReadAgain();
  void scoresAreTheSameOnBothRoads();
  void filesThatAreKeptScoreTheSame();
  void theFileHoldsWhatIsPrinted();
  void wrongUseIsExit2WithOneLine_data();
  void wrongUseIsExit2WithOneLine();
  void whatCannotBeMeasuredIsExit1_data();
  void whatCannotBeMeasuredIsExit1();
};

void TestCliBenchParts::everyPartAnswersWithItsKeys_data() {
  QTest::addColumn<QString>("arguments");
  QTest::addColumn<QStringList>("keys");
  const QString tiny = QString::fromLatin1(kTiny);
  const QStringList common = {QStringLiteral("part"), QStringLiteral("threads"), QStringLiteral("repeats"), QStringLiteral("seconds"), QStringLiteral("peak_resident_bytes")};
  const QStringList moved = {QStringLiteral("bytes"), QStringLiteral("gbs"), QStringLiteral("copy_gbs"), QStringLiteral("bandwidth_share"), QStringLiteral("peak_bytes"),
                             QStringLiteral("videos_per_second"), QStringLiteral("steps_per_second")};
  const QStringList counted = {QStringLiteral("flops"), QStringLiteral("gflops"), QStringLiteral("gemm_gflops"), QStringLiteral("gemm_share"), QStringLiteral("waste"), QStringLiteral("parameters"),
                               QStringLiteral("config_hash"), QStringLiteral("mixer"), QStringLiteral("batch"), QStringLiteral("rows"), QStringLiteral("lengths"), QStringLiteral("mix")};
  const QStringList kernel = {QStringLiteral("kernel"), QStringLiteral("copy_gbs_same_size"), QStringLiteral("rows"), QStringLiteral("dim"), QStringLiteral("lengths")};
  QTest::newRow("model") << QStringLiteral("model --lengths ucf15 --videos 3 --batch 2 --dim 6 --classes 3 --repeats 2 --config quick") + tiny << common + moved + counted;
  QTest::newRow("train") << QStringLiteral("train --videos 4 --batch 2 --dim 6 --classes 3 --repeats 3 --config recommended") + tiny
                         << common + moved + counted + QStringList{QStringLiteral("updates_per_second"), QStringLiteral("optimizer")};
  QTest::newRow("pyramid") << QStringLiteral("pyramid --videos 2 --steps 9 --dim 8 --repeats 2") << common + moved + kernel;
  QTest::newRow("loss") << QStringLiteral("loss --lengths activitynet --videos 2 --dim 8 --repeats 2") << common + moved + kernel;
  QTest::newRow("data") << QStringLiteral("data --videos 3 --dim 8 --repeats 2 --cold")
                        << common + QStringList{QStringLiteral("stores"), QStringLiteral("bytes"), QStringLiteral("gbs"), QStringLiteral("copy_gbs"), QStringLiteral("bandwidth_share"), QStringLiteral("batch")};
  QTest::newRow("text") << QStringLiteral("text --videos 20 --dim 16 --repeats 2")
                        << common + QStringList{QStringLiteral("videos"), QStringLiteral("moments"), QStringLiteral("index_bytes"), QStringLiteral("sentence"), QStringLiteral("gbs")};
  QTest::newRow("score") << QStringLiteral("score --predictions 200 --videos 9 --classes 4 --repeats 2")
                         << common + QStringList{QStringLiteral("predictions"), QStringLiteral("predictions_per_second"), QStringLiteral("videos_per_second"), QStringLiteral("average_map"), QStringLiteral("files")};
  QTest::newRow("extract") << QStringLiteral("extract --backbone hog --videos 1 --seconds 2")
                           << common + QStringList{QStringLiteral("videos_per_second"), QStringLiteral("steps_per_second"), QStringLiteral("decode_seconds"), QStringLiteral("network_seconds"), QStringLiteral("limit_seconds")};
  QTest::newRow("start") << QStringLiteral("start --repeats 2 --engine-repeats 1") << common + QStringList{QStringLiteral("libraries_at_start"), QStringLiteral("engine")};
}
void TestCliBenchParts::everyPartAnswersWithItsKeys() {
  QFETCH(QString, arguments);
  QFETCH(QStringList, keys);
  const QByteArray latin = (arguments + QStringLiteral(" --threads 1")).toLatin1();
  const ProcessResult result = bench(latin.constData(), {QStringLiteral("--json")});
  QVERIFY2(result.exit_code == 0, result.err.constData());
  QVERIFY2(!result.err.contains("Memory block"), result.err.constData());  // the allocator's own warnings are not for the reader
  const auto answer = oneObject(result);
  for (const QString& key : keys) QVERIFY2(answer.contains(key.toStdString()), qPrintable(key));
  QCOMPARE(answer.at("part").get<std::string>(), arguments.section(QLatin1Char(' '), 0, 0).toStdString());
  QCOMPARE(answer.at("threads").get<int>(), 1);
  const auto& seconds = answer.at("seconds");
  QVERIFY(0 < seconds.at("iqr_low").get<double>() && seconds.at("iqr_low") <= seconds.at("median") && seconds.at("median") <= seconds.at("iqr_high"));
  QVERIFY(answer.at("peak_resident_bytes").get<double>() > 1e6);
  for (const char* key : {"flops", "gflops", "gemm_gflops", "gemm_share", "bytes", "gbs", "copy_gbs", "copy_gbs_same_size", "bandwidth_share", "peak_bytes", "videos_per_second", "steps_per_second"}) {
    if (answer.contains(key)) QVERIFY2(std::isfinite(answer.at(key).get<double>()) && answer.at(key).get<double>() > 0, key);
  }
  const ProcessResult text = bench(latin.constData());  // and for people
  QVERIFY2(text.exit_code == 0, text.err.constData());
  QVERIFY2(text.out.contains(" ms (") || text.out.contains(" s"), text.out.constData());
}

void TestCliBenchParts::anyNumberOfThreads_data() {
  QTest::addColumn<int>("threads");
  for (const int threads : {0, 1, 2, 64}) QTest::addRow("%d", threads) << threads;
}
void TestCliBenchParts::anyNumberOfThreads() {
  QFETCH(int, threads);
  const int wanted = threads > 0 ? threads : static_cast<int>(std::thread::hardware_concurrency());
  const QStringList option = {QStringLiteral("--threads"), QString::number(threads)};
  QCOMPARE(answerOf("pyramid --videos 1 --steps 3 --dim 4 --repeats 1", option).at("threads").get<int>(), wanted);
  QCOMPARE(answerOf("data --type float16 --videos 2 --dim 4 --repeats 1", option).at("threads").get<int>(), wanted);
  QCOMPARE(answerOf((QByteArrayLiteral("train --config quick --videos 2 --batch 1 --dim 4 --classes 2 --repeats 1") + kTiny).constData(), option).at("threads").get<int>(), wanted);
}

void TestCliBenchParts::plainVersionsRunAlone() {
  for (const char* part : {"pyramid --videos 2 --steps 9 --dim 8 --repeats 1 --threads 1 --plain", "loss --videos 2 --steps 9 --dim 8 --repeats 1 --threads 1 --plain"}) {
    const auto answer = answerOf(part);
    QCOMPARE(answer.at("kernel").get<std::string>(), std::string("plain"));
    QVERIFY(!answer.contains("plain"));
    QVERIFY(answer.at("traffic_bytes").get<double>() > 0);
  }
  const auto answer = answerOf("pyramid --videos 2 --steps 9 --dim 8 --repeats 1 --threads 1");  // both, where both are there
  QCOMPARE(answer.contains("plain"), answer.at("kernel") == "fused");
  QCOMPARE(answer.at("rows").get<int>(), 18);
  // Steps read, nodes written; nodes and their gradients read, the steps' gradient written: 9, 5, 3, 2, 1 nodes of each video.
  QCOMPARE(answer.at("bytes").get<int>(), 4 * 8 * 2 * (9 + 20 + 2 * 20 + 9));
}

void TestCliBenchParts::packingWastesNothing() {
  const auto answer = answerOf((QByteArrayLiteral("model --lengths activitynet --videos 8 --batch 4 --dim 6 --classes 3 --repeats 1 --threads 1 --config recommended") + kTiny).constData());
  const auto& waste = answer.at("waste");
  QVERIFY2(waste.at("wasted_share").get<double>() < 0.05, waste.dump().c_str());
  QVERIFY(waste.at("padded_shuffled_share").get<double>() > waste.at("padded_share").get<double>());
  QCOMPARE(answer.at("lengths").size(), size_t{8});
  QCOMPARE(answer.at("batch").get<int>(), 4);
  QVERIFY(!answer.contains("int8") || answer.at("int8").at("gain").get<double>() > 0.0);  // where the processor has it
}

void TestCliBenchParts::aDataSetCanBeTrainedOnAndRead() {
  QTemporaryDir folder;
  const QString dataset = makeSet(folder.filePath(QStringLiteral("set")));
  const auto trained = answerOf((QByteArrayLiteral("train --config quick --batch 3 --repeats 4 --threads 1") + kTiny).constData(), {QStringLiteral("--data"), dataset});
  QCOMPARE(trained.at("data").get<std::string>(), dataset.toStdString());
  QVERIFY(!trained.contains("mix"));
  const double waited = trained.at("data_wait_share").get<double>();
  QVERIFY(waited > 0.0 && waited < 1.0);
  QCOMPARE(trained.at("input_dim").get<int>(), 16);
  QCOMPARE(trained.at("classes").get<int>(), 3);
  const auto read = answerOf("data --batch 3 --repeats 2 --threads 1", {QStringLiteral("--data"), dataset}).at("stores");
  QCOMPARE(read.size(), size_t{1});
  QCOMPARE(read[0].at("type").get<std::string>(), std::string("float16"));
  QCOMPARE(read[0].at("videos"), trained.at("videos"));  // the training subset
  QCOMPARE(read[0].at("rows"), trained.at("rows"));
  QCOMPARE(read[0].at("columns").get<int>(), 16);
  const auto all = answerOf("data --repeats 1 --threads 1", {QStringLiteral("--features"), folder.filePath(QStringLiteral("set/features.h5"))}).at("stores");
  QCOMPARE(all[0].at("videos").get<int>(), 12);
}

void TestCliBenchParts::featuresThatAreKeptCanBeReadAgain() {
  QTemporaryDir folder;
  const QString file = folder.filePath(QStringLiteral("kept.h5"));
  for (const QString& type : {QStringLiteral("float32"), QStringLiteral("float16")}) {
    const auto made = answerOf("data --videos 3 --dim 8 --repeats 1 --threads 1", {QStringLiteral("--type"), type, QStringLiteral("--keep"), file}).at("stores");
    QCOMPARE(made.size(), size_t{1});
    const auto read = answerOf("data --repeats 1 --threads 1", {QStringLiteral("--features"), file}).at("stores");
    QCOMPARE(made[0].at("type").get<std::string>(), type.toStdString());
    for (const char* key : {"type", "videos", "rows", "columns", "file_bytes"}) QCOMPARE(read[0].at(key), made[0].at(key));
  }
}

void TestCliBenchParts::scoresAreTheSameOnBothRoads() {
  const auto answer = answerOf("score --predictions 3000 --videos 40 --classes 5 --repeats 1");
  const double average_map = answer.at("average_map");
  QVERIFY2(average_map > 0.01 && average_map < 0.99, qPrintable(QString::number(average_map)));
  QVERIFY(std::abs(average_map - answer.at("files").at("average_map").get<double>()) < 1e-12);
  QCOMPARE(answerOf("score --predictions 3000 --videos 40 --classes 5 --repeats 2").at("average_map").get<double>(), average_map);  // the same segments
  QCOMPARE(answerOf("score --predictions 1 --videos 1 --classes 1 --repeats 1").at("predictions").get<int>(), 1);
  QCOMPARE(answerOf("score --predictions 2 --videos 30 --classes 1 --repeats 1").at("videos").get<int>(), 30);  // most without predictions
}

void TestCliBenchParts::filesThatAreKeptScoreTheSame() {
  QTemporaryDir folder;
  const auto answer = answerOf("score --predictions 500 --videos 20 --classes 5 --repeats 1", {QStringLiteral("--keep"), folder.filePath(QStringLiteral("a/b"))});
  const auto score = oneObject(callHvlm({QStringLiteral("score"), QStringLiteral("detection"), QStringLiteral("--truth"), folder.filePath(QStringLiteral("a/b/truth.json")), QStringLiteral("--predictions"),
                                         folder.filePath(QStringLiteral("a/b/predictions.json")), QStringLiteral("--json")}));
  QCOMPARE(score.at("average_map"), answer.at("files").at("average_map"));
  QCOMPARE(score.at("predictions").get<int>(), 500);
  QCOMPARE(score.at("ground_truth"), answer.at("ground_truth"));
}

void TestCliBenchParts::theFileHoldsWhatIsPrinted() {
  QTemporaryDir folder;
  const QString out = folder.filePath(QStringLiteral("answer.json"));
  for (const char* part : {"loss --videos 1 --steps 4 --dim 4 --repeats 1 --threads 1", "score --predictions 20 --videos 3 --classes 2 --repeats 1"}) {
    const auto printed = answerOf(part, {QStringLiteral("--out"), out});
    QCOMPARE(jsonOf(out), printed);
  }
}

void TestCliBenchParts::wrongUseIsExit2WithOneLine_data() {
  QTest::addColumn<QString>("arguments");
  QTest::addColumn<QString>("fragment");
  const auto row = [](const char* name, const char* arguments, const char* fragment) { QTest::newRow(name) << QString::fromLatin1(arguments) << QString::fromLatin1(fragment); };
  row("fewer than no threads", "bench pyramid --threads -1", "--threads");
  row("more threads than any machine has", "bench train --threads 100000", "--threads");
  row("half a thread", "bench loss --threads 1.5", "--threads");
  row("no repeats", "bench train --repeats 0", "--repeats");
  row("a negative width", "bench pyramid --dim -8", "--dim");
  row("no width", "bench loss --dim 0", "--dim");
  row("no videos", "bench data --videos 0", "--videos");
  row("negative steps", "bench pyramid --steps -250", "--steps");
  row("an endless video", "bench loss --steps 2000000", "--steps");
  row("an unknown list of lengths", "bench train --lengths kinetics", "kinetics");
  row("an unknown list of the model", "bench model --lengths all", "all");
  row("videos of no list", "bench model --videos 3", "--lengths");
  row("no predictions", "bench score --predictions 0", "--predictions");
  row("more predictions than fit", "bench score --predictions 100000000", "--predictions");
  row("no classes", "bench score --classes 0", "--classes");
  row("no start", "bench start --repeats 0", "--repeats");
  row("an unknown type", "bench data --type float8", "float8");
  row("which of both to keep", "bench data --keep x.h5", "--type");
  row("features of two places", "bench data --data a.yaml --features b.h5", "--features");
  row("an unknown part", "bench everything", "everything");
}
void TestCliBenchParts::wrongUseIsExit2WithOneLine() {
  QFETCH(QString, arguments);
  QFETCH(QString, fragment);
  const ProcessResult result = callHvlm(arguments.split(QLatin1Char(' ')));
  QCOMPARE(result.exit_code, 2);
  QVERIFY(result.out.isEmpty());
  QCOMPARE(badErrorLine(result, {fragment}), QString());
}

void TestCliBenchParts::whatCannotBeMeasuredIsExit1_data() {
  QTest::addColumn<QString>("arguments");
  QTest::addColumn<QString>("fragment");
  const auto row = [](const char* name, const char* arguments, const char* fragment) { QTest::newRow(name) << QString::fromLatin1(arguments) << QString::fromLatin1(fragment); };
  row("no such data set", "bench train --data nowhere/dataset.yaml", "nowhere/dataset.yaml");
  row("no such features", "bench data --features nowhere.h5", "nowhere.h5");
  row("no such config", "bench train --config nowhere.yaml", "nowhere.yaml");
  row("no such key", "bench train --set train.batchsize=4", "train.batch_size");
  row("experts of unknown number", "bench train --set head.experts=soft", "head.domains");
  row("experts of unknown number, over lengths", "bench model --set head.experts=soft", "head.domains");
  row("no such device", "bench pyramid --device cuda", "cuda");
  row("more numbers than fit", "bench pyramid --videos 100000 --steps 1000000", "4,000,000,000");
  row("more features than fit", "bench data --lengths equal --videos 1000000 --steps 100000", "4,000,000,000");
  row("a file where nobody may write", "bench loss --videos 1 --steps 2 --dim 2 --repeats 1 --out /sys/loss.json", "/sys");
  row("a folder where nobody may write", "bench score --predictions 2 --videos 1 --repeats 1 --keep /sys/score", "/sys/score");
  row("features where nobody may write", "bench data --type float16 --videos 1 --dim 2 --repeats 1 --keep /sys/f.h5", "/sys/f.h5");
}
void TestCliBenchParts::whatCannotBeMeasuredIsExit1() {
  QFETCH(QString, arguments);
  QFETCH(QString, fragment);
  const ProcessResult result = callHvlm(arguments.split(QLatin1Char(' ')) + QStringList{QStringLiteral("--threads"), QStringLiteral("1")});
  QCOMPARE(result.exit_code, 1);
  QVERIFY(result.out.isEmpty());
  QCOMPARE(badErrorLine(result, {fragment}), QString());
}

QTEST_GUILESS_MAIN(TestCliBenchParts)
#include "tst_cli_bench_parts.moc"
