// SPDX-License-Identifier: Apache-2.0
#include <signal.h>

#include <QProcess>
#include <QtTest>

#include "cli.h"
#include "support/golden.h"

using namespace hvlm::testing;

namespace {

// Long enough to be stopped in the middle: 60 epochs of two steps, a checkpoint every five.
const QStringList kLong = {QStringLiteral("train.epochs=60"), QStringLiteral("train.checkpoint_steps=5"), QStringLiteral("train.evaluate_epochs=20"),
                           QStringLiteral("encoder.layers=2"), QStringLiteral("encoder.dim=64")};

bool hasCheckpoint(const QString& run) { return QFile::exists(run + QStringLiteral("/checkpoints/last/state.json")); }
QStringList checkpoints(const QString& run) { return QDir(run + QStringLiteral("/checkpoints")).entryList({QStringLiteral("step-*")}, QDir::Dirs, QDir::Name); }

// Starts a training in its own process and sends `signal_number` once `wanted` checkpoints are there; returns the exit code, -1 after a kill.
int interruptedTraining(const QString& dataset, const QString& run, int signal_number, QByteArray* err = nullptr, int wanted = 1) {
  QProcess process;
  process.start(QString::fromStdString(binFolder()) + QStringLiteral("/hvlm"),
                QStringList{QStringLiteral("train"), QStringLiteral("--data"), dataset, QStringLiteral("--run"), run, QStringLiteral("--threads"), QStringLiteral("1")} + tinyModel(kLong));
  if (!process.waitForStarted()) return -2;
  if (!QTest::qWaitFor([&] { return (hasCheckpoint(run) && checkpoints(run).size() >= wanted) || process.state() != QProcess::Running; }, 60000)) return -3;
  ::kill(static_cast<pid_t>(process.processId()), signal_number);
  if (!process.waitForFinished(60000)) return -4;
  if (err) *err = process.readAllStandardError();
  return process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
}

ProcessResult resumed(const QString& dataset, const QString& run) { return trainTiny(dataset, run, kLong, {QStringLiteral("--resume"), QStringLiteral("--json")}); }

}  // namespace

class TestResume : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase();
  void anInterruptedRunGoesOnByteForByte_data();
  void anInterruptedRunGoesOnByteForByte();
  void aCheckpointCutInHalfGivesWayToThePreviousOne();
  void requestsOfAnotherProcessAreObeyed();

 private:
  QTemporaryDir folder_;
  QString dataset_;
  QMap<QString, QByteArray> whole_;  // the last checkpoint of an uninterrupted run
};

void TestResume::initTestCase() {
  dataset_ = makeSet(folder_.filePath(QStringLiteral("set")));
  const QString run = folder_.filePath(QStringLiteral("whole"));
  const ProcessResult result = trainTiny(dataset_, run, kLong);
  QVERIFY2(result.exit_code == 0, result.err.constData());
  whole_ = lastCheckpoint(run);
  QVERIFY(whole_.contains(QStringLiteral("weights.safetensors")));
}

void TestResume::anInterruptedRunGoesOnByteForByte_data() {
  QTest::addColumn<int>("signal_number");
  QTest::addColumn<int>("exit_code");
  QTest::newRow("after Ctrl+C, which saves and exits 130") << SIGINT << 130;
  QTest::newRow("after SIGTERM, which saves and exits 130") << SIGTERM << 130;
  QTest::newRow("after kill -9") << SIGKILL << -1;
}
void TestResume::anInterruptedRunGoesOnByteForByte() {
  QFETCH(int, signal_number);
  QFETCH(int, exit_code);
  const QString run = folder_.filePath(QStringLiteral("cut-%1").arg(signal_number));
  QByteArray err;
  QCOMPARE(interruptedTraining(dataset_, run, signal_number, &err), exit_code);
  if (signal_number != SIGKILL) {
    QVERIFY2(err.contains("hvlm train --resume --run"), err.constData());  // says how to go on
    QCOMPARE(jsonOf(run + QStringLiteral("/run.json")).at("state").get<std::string>(), std::string("stopped"));
  }
  const int saved = jsonOf(run + QStringLiteral("/checkpoints/last/state.json")).value("step", -1);
  const ProcessResult result = resumed(dataset_, run);
  QVERIFY2(result.exit_code == 0, result.err.constData());
  const auto record = jsonOf(run + QStringLiteral("/run.json"));
  QCOMPARE(record.at("resumes").size(), size_t{1});
  const int from_step = record.at("resumes")[0].at("from_step").get<int>();
  QVERIFY(from_step > 0);  // it went on, it did not start over
  if (saved >= 0) QCOMPARE(from_step, saved);
  QCOMPARE(oneObject(result).at("from_step").get<int>(), from_step);
  QCOMPARE(record.at("state").get<std::string>(), std::string("done"));
  const auto files = lastCheckpoint(run);
  QCOMPARE(files.keys(), whole_.keys());
  for (auto it = whole_.begin(); it != whole_.end(); ++it) QVERIFY2(files[it.key()] == it.value(), qPrintable(it.key() + QStringLiteral(" differs")));
}

void TestResume::aCheckpointCutInHalfGivesWayToThePreviousOne() {
  const QString run = folder_.filePath(QStringLiteral("damaged"));
  QCOMPARE(interruptedTraining(dataset_, run, SIGINT, nullptr, 2), 130);  // the one of the stop may be the first itself
  const QStringList steps = checkpoints(run);
  QVERIFY2(steps.size() >= 2, qPrintable(steps.join(QLatin1Char(' '))));
  const QString weights = run + QStringLiteral("/checkpoints/") + steps.last() + QStringLiteral("/weights.safetensors");
  const QByteArray bytes = bytesOf(weights);
  writeBytes(weights, bytes.left(bytes.size() / 2));
  const ProcessResult result = resumed(dataset_, run);
  QVERIFY2(result.exit_code == 0, result.err.constData());
  QVERIFY2(result.err.contains(steps.last().toUtf8()), result.err.constData());                  // names the damaged one
  QVERIFY2(result.err.contains(steps[steps.size() - 2].toUtf8()), result.err.constData());       // and the one used
  const int from_step = jsonOf(run + QStringLiteral("/run.json")).at("resumes")[0].at("from_step").get<int>();
  QCOMPARE(from_step, steps[steps.size() - 2].mid(5).toInt());
  QVERIFY(lastCheckpoint(run)[QStringLiteral("weights.safetensors")] == whole_[QStringLiteral("weights.safetensors")]);
}

void TestResume::requestsOfAnotherProcessAreObeyed() {
  const QString run = folder_.filePath(QStringLiteral("asked"));
  QProcess process;
  process.start(QString::fromStdString(binFolder()) + QStringLiteral("/hvlm"),
                QStringList{QStringLiteral("train"), QStringLiteral("--data"), dataset_, QStringLiteral("--run"), run, QStringLiteral("--threads"), QStringLiteral("1")} +
                    tinyModel(kLong + QStringList{QStringLiteral("train.epochs=100000")}));
  QVERIFY(process.waitForStarted());
  QVERIFY(QTest::qWaitFor([&] { return hasCheckpoint(run) || process.state() != QProcess::Running; }, 60000));
  const auto ask = [&](const char* what) { return callHvlm({QStringLiteral("watch"), run, QStringLiteral("--request"), QString::fromLatin1(what)}).exit_code; };
  const auto state = [&] { return oneObject(callHvlm({QStringLiteral("watch"), run, QStringLiteral("--once"), QStringLiteral("--json")})).at("state").get<std::string>(); };
  QCOMPARE(state(), std::string("running"));
  QCOMPARE(ask("pause"), 0);
  QTRY_COMPARE_WITH_TIMEOUT(state(), std::string("paused"), 20000);
  QCOMPARE(ask("resume"), 0);
  QTRY_COMPARE_WITH_TIMEOUT(state(), std::string("running"), 20000);
  QCOMPARE(ask("stop"), 0);
  QVERIFY(process.waitForFinished(60000));
  QCOMPARE(process.exitCode(), 130);
  QCOMPARE(state(), std::string("stopped"));
}

QTEST_GUILESS_MAIN(TestResume)
#include "tst_cli_resume.moc"
