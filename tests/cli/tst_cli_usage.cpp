// SPDX-License-Identifier: Apache-2.0
#include <QElapsedTimer>
#include <QtTest>

#include "cli.h"

using namespace hvlm::testing;

class TestUsage : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void helpGoesToStdoutAndNamesEveryCommand();
  void everyCommandExplainsItself_data();
  void everyCommandExplainsItself();
  void wrongUseIsExit2WithOneLine_data();
  void wrongUseIsExit2WithOneLine();
  void doctorTellsWhatIsThere();
  void doctorShowsWhatAGpuWouldNeed();
  void doctorSaysWhatIsMissingAndHowToGetIt();
  void completionIsAScriptTheShellTakes();
};

namespace {
const QStringList kCommands = {QStringLiteral("demo"), QStringLiteral("synth"), QStringLiteral("inspect"), QStringLiteral("train"),
                               QStringLiteral("eval"), QStringLiteral("predict"), QStringLiteral("embed"), QStringLiteral("pyramid"), QStringLiteral("score"),
                               QStringLiteral("runs"), QStringLiteral("watch"), QStringLiteral("export"), QStringLiteral("doctor"),
                               QStringLiteral("completion"), QStringLiteral("reproduce"), QStringLiteral("sweep"), QStringLiteral("bench"), QStringLiteral("probe"),
                               QStringLiteral("extract"), QStringLiteral("pca"), QStringLiteral("weights")};
}

void TestUsage::helpGoesToStdoutAndNamesEveryCommand() {
  QElapsedTimer timer;
  timer.start();
  const ProcessResult result = callHvlm({QStringLiteral("--help")});
  qInfo("hvlm --help took %lld ms", static_cast<long long>(timer.elapsed()));
  QCOMPARE(result.exit_code, 0);
  QVERIFY(result.err.isEmpty());
  for (const QString& command : kCommands) QVERIFY2(result.out.contains("\n  " + command.toUtf8() + ' '), qPrintable(command));
  QVERIFY(callHvlm({QStringLiteral("--version")}).out.startsWith("hvlm 0."));
}

void TestUsage::everyCommandExplainsItself_data() {
  QTest::addColumn<QStringList>("command");
  for (const QString& command : kCommands) QTest::newRow(qPrintable(command)) << QStringList{command};
  QTest::newRow("score detection") << QStringList{QStringLiteral("score"), QStringLiteral("detection")};
  QTest::newRow("score classification") << QStringList{QStringLiteral("score"), QStringLiteral("classification")};
  QTest::newRow("bench extract") << QStringList{QStringLiteral("bench"), QStringLiteral("extract")};
  QTest::newRow("weights import") << QStringList{QStringLiteral("weights"), QStringLiteral("import")};
  QTest::newRow("pca fit") << QStringList{QStringLiteral("pca"), QStringLiteral("fit")};
  QTest::newRow("pca apply") << QStringList{QStringLiteral("pca"), QStringLiteral("apply")};
  QTest::newRow("bench model") << QStringList{QStringLiteral("bench"), QStringLiteral("model")};
  QTest::newRow("runs list") << QStringList{QStringLiteral("runs"), QStringLiteral("list")};
  QTest::newRow("runs compare") << QStringList{QStringLiteral("runs"), QStringLiteral("compare")};
}
void TestUsage::everyCommandExplainsItself() {
  QFETCH(QStringList, command);
  const ProcessResult result = callHvlm(command + QStringList{QStringLiteral("--help")});
  QCOMPARE(result.exit_code, 0);
  QVERIFY(result.out.contains("Usage: "));
  const QStringList groups = {QStringLiteral("score"), QStringLiteral("runs"), QStringLiteral("bench"), QStringLiteral("pca"), QStringLiteral("weights")};
  const bool group = command.size() == 1 && groups.contains(command.first());
  if (group) return;
  for (const char* common : {"--json", "--threads", "--device"}) QVERIFY2(result.out.contains(common), common);
}

void TestUsage::wrongUseIsExit2WithOneLine_data() {
  QTest::addColumn<QString>("arguments");
  QTest::addColumn<QString>("fragment");
  QTest::newRow("no command") << "" << "name a command: demo, synth";
  QTest::newRow("an unknown command names the nearest") << "trian" << "unknown command 'trian'. Did you mean 'train'?";
  QTest::newRow("an unknown command of a group too") << "score detektion" << "Did you mean 'detection'?";
  QTest::newRow("a group without a command") << "runs" << "name a command: list, compare";
  QTest::newRow("an unknown option names the nearest") << "eval --run r --subsett validation" << "unknown option '--subsett'. Did you mean '--subset'?";
  QTest::newRow("a config key is not an option") << "train --run r --epochs 3" << "--set train.epochs=VALUE";
  QTest::newRow("a missing option") << "eval" << "--run is required";
  QTest::newRow("an option without its value") << "eval --run" << "--run";
  QTest::newRow("a word too many") << "eval --run r other" << "unexpected argument 'other'";
  QTest::newRow("threads that are no number") << "eval --run r --threads many" << "--threads";
  QTest::newRow("a device nobody has") << "eval --run r --device gpu" << "expected auto, cpu, cuda or cuda:N, found gpu";
  QTest::newRow("an option out of its range") << "synth --out x --videos 1" << "--videos";
  QTest::newRow("a format this cannot have") << "export --run r --what table --format png" << "a table can be written as csv, md, tex, json, not as png";
  QTest::newRow("a new run without data") << "train --run r" << "--data is required";
}
void TestUsage::wrongUseIsExit2WithOneLine() {
  QFETCH(QString, arguments);
  QFETCH(QString, fragment);
  QTemporaryDir empty;
  const ProcessResult result = callHvlm(arguments.split(QLatin1Char(' '), Qt::SkipEmptyParts), empty.path());
  QCOMPARE(result.exit_code, 2);
  QVERIFY(result.out.isEmpty());
  QCOMPARE(badErrorLine(result, {fragment}), QString());
  QVERIFY(QDir(empty.path()).isEmpty());
}

void TestUsage::doctorTellsWhatIsThere() {
  const auto answer = oneObject(callHvlm({QStringLiteral("doctor"), QStringLiteral("--json")}));
  QCOMPARE(answer.at("libtorch").at("version").get<std::string>().substr(0, 6), std::string("2.11.0"));
  QVERIFY(answer.at("machine").at("usable_cores").get<int>() > 0);
  QVERIFY(answer.at("folders").at("cache").at("free_bytes").get<double>() > 0);
  QVERIFY(!answer.at("libraries").at("hdf5").get<std::string>().empty());
  const ProcessResult text = callHvlm({QStringLiteral("doctor")});
  QCOMPARE(text.exit_code, 0);
  QVERIFY(text.out.contains("LibTorch"));
}

void TestUsage::doctorShowsWhatAGpuWouldNeed() {
  const QStringList no_driver = {QStringLiteral("HVLM_CUDA_DRIVER=libhvlm_no_such_driver.so.1")};
  const auto cuda = oneObject(callHvlm({QStringLiteral("doctor"), QStringLiteral("--json")}, {}, no_driver)).at("cuda");
  QVERIFY(cuda.at("devices").empty());
  QVERIFY(!cuda.at("usable").get<bool>());
  QVERIFY(cuda.at("driver").at("problem").get<std::string>().find("libhvlm_no_such_driver.so.1") != std::string::npos);
  QVERIFY(cuda.at("kernels").contains("built"));
  const ProcessResult text = callHvlm({QStringLiteral("doctor")}, {}, no_driver);
  QVERIFY2(text.out.contains("no driver"), text.out.constData());
}

void TestUsage::doctorSaysWhatIsMissingAndHowToGetIt() {
  const ProcessResult result = callHvlm({QStringLiteral("doctor"), QStringLiteral("--engine"), QStringLiteral("--json")}, {},
                                    {QStringLiteral("HVLM_ENGINE=/nowhere/libhvlm_engine.so")});
  QCOMPARE(result.exit_code, 0);
  bool found = false;
  const auto answer = oneObject(result);
  for (const auto& missing : answer.at("missing")) {
    found = found || (missing.at("what") == "/nowhere/libhvlm_engine.so" && missing.at("remedy").get<std::string>().find("./run --setup-only") != std::string::npos);
  }
  QVERIFY2(found, result.out.constData());
}

void TestUsage::completionIsAScriptTheShellTakes() {
  const ProcessResult script = callHvlm({QStringLiteral("completion"), QStringLiteral("bash")});
  QCOMPARE(script.exit_code, 0);
  const QString probe = QString::fromUtf8(script.out) +
                        QStringLiteral("\nCOMP_WORDS=(hvlm score detection --tru); COMP_CWORD=3; _hvlm; echo \"${COMPREPLY[*]}\"");
  const ProcessResult bash = runProgram(QStringLiteral("/bin/bash"), {QStringLiteral("-c"), probe});
  QCOMPARE(bash.out.trimmed(), QByteArray("--truth"));
  QVERIFY(callHvlm({QStringLiteral("completion"), QStringLiteral("fish")}).out.contains("complete -c hvlm"));
  QVERIFY(callHvlm({QStringLiteral("completion"), QStringLiteral("zsh")}).out.startsWith("#compdef hvlm"));
}

QTEST_GUILESS_MAIN(TestUsage)
#include "tst_cli_usage.moc"
