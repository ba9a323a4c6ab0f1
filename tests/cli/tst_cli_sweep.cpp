// SPDX-License-Identifier: Apache-2.0
#include <signal.h>

#include <QProcess>
#include <QtTest>

#include "cli.h"
#include "support/golden.h"

using namespace hvlm::testing;

namespace {

// Everything about the trials that may not depend on how often the sweep was interrupted.
nlohmann::json outcomeOf(const nlohmann::json& sweep) {
  nlohmann::json trials = nlohmann::json::array();
  for (const nlohmann::json& trial : sweep.at("trials")) trials.push_back({trial.at("name"), trial.at("settings"), trial.at("scores"), trial.at("state")});
  return {{"trials", trials}, {"best", sweep.at("best").at("trial")}, {"score", sweep.at("best").at("score")}};
}

QStringList trialRuns(const QString& out) { return QDir(out + QStringLiteral("/runs")).entryList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name); }
QString runOf(const QString& out, const QString& trial) { return out + QStringLiteral("/runs/") + trial; }
nlohmann::json recordOf(const QString& run) { return jsonOf(run + QStringLiteral("/run.json")); }

}  // namespace

class TestSweepCommand : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase();
  void theBestGoOnAndValidationIsLeftAlone();
  void aStoppedTrainingAtAnEpochIsTheSameTraining();
  void anInterruptedSweepGoesOnToTheSameWinner();
  void aTrialThatFailsStopsNoOther();
  void theWinnerAloneIsEvaluated();
  void twoSweepsDoNotShareAFolder();
  void wrongUseIsTold_data();
  void wrongUseIsTold();
  void badInputIsNamed_data();
  void badInputIsNamed();

 private:
  QString spaceFile(const QByteArray& yaml) {
    const QString file = folder_.filePath(QStringLiteral("space-%1.yaml").arg(++files_));
    writeBytes(file, yaml);
    return file;
  }
  // A sweep of four small trials with rungs at epochs 2 and 4; one process at a time unless said otherwise.
  QStringList call(const QString& out, const QString& space, const QStringList& settings = {}, const QStringList& more = {}) const {
    QStringList words = {QStringLiteral("sweep"), QStringLiteral("--config"), QStringLiteral("quick"), QStringLiteral("--space"), space, QStringLiteral("--data"), dataset_, QStringLiteral("--out"), out,
                         QStringLiteral("--trials"), QStringLiteral("4"), QStringLiteral("--eta"), QStringLiteral("2"), QStringLiteral("--min-epochs"), QStringLiteral("2"), QStringLiteral("--json"),
                         QStringLiteral("--threads"), QStringLiteral("1")};
    for (qsizetype i = 0; i + 1 < more.size(); i += 2) {  // in place of one that stands there already
      const auto at = words.indexOf(more[i]);
      if (at >= 0) words[at + 1] = more[i + 1];
      else words << more[i] << more[i + 1];
    }
    return words + tinyModel(QStringList{QStringLiteral("train.epochs=4"), QStringLiteral("train.holdout=0.4")} + settings);
  }
  QTemporaryDir folder_;
  QString dataset_, space_;
  int files_ = 0;
  nlohmann::json whole_;  // the answer of the sweep that was never stopped
};

void TestSweepCommand::initTestCase() {
  dataset_ = makeSet(folder_.filePath(QStringLiteral("set")), {QStringLiteral("--videos"), QStringLiteral("20")});
  space_ = spaceFile("train.lr: {log_uniform: [0.0005, 0.02]}\nencoder.mixer: [full, window]\nencoder.mixer_window: {choice: [3, 5], when: {encoder.mixer: window}}\n");
}

void TestSweepCommand::theBestGoOnAndValidationIsLeftAlone() {
  const QString out = folder_.filePath(QStringLiteral("whole"));
  const ProcessResult result = callHvlm(call(out, space_, {}, {QStringLiteral("--jobs"), QStringLiteral("2")}));
  QVERIFY2(result.exit_code == 0, result.err.constData());
  whole_ = oneObject(result);
  QCOMPARE(whole_.at("rungs"), nlohmann::json({2, 4}));
  QCOMPARE(whole_.at("trials").size(), size_t{4});
  QCOMPARE(whole_.at("metric").get<std::string>(), std::string("holdout/average_map"));
  QVERIFY(whole_.at("validation").is_null());
  // Two of four went on, those with the best scores at the first rung.
  std::vector<double> on, out_of_it;
  for (const nlohmann::json& trial : whole_.at("trials")) {
    QVERIFY(trial.at("problem").get<std::string>().empty());
    const QString run = QString::fromStdString(trial.at("run").get<std::string>());
    const bool further = trial.at("scores").size() == 2;
    (further ? on : out_of_it).push_back(trial.at("scores")[0].get<double>());
    QCOMPARE(recordOf(run).at("state").get<std::string>(), std::string(further ? "done" : "stopped"));
    QCOMPARE(recordOf(run).at("epochs_done").get<int>(), further ? 4 : 2);
    QCOMPARE(recordOf(run).at("total_epochs").get<int>(), 4);  // the whole schedule from the start
    QVERIFY(!QFile::exists(run + QStringLiteral("/report.json")));
    QVERIFY(!bytesOf(run + QStringLiteral("/metrics.jsonl")).contains("validation/"));
  }
  QCOMPARE(on.size(), size_t{2});
  QVERIFY(*std::min_element(on.begin(), on.end()) >= *std::max_element(out_of_it.begin(), out_of_it.end()));
  // The winner's config can be run again: it is the run's own.
  const QString best = QString::fromStdString(whole_.at("best").at("trial").get<std::string>());
  const QByteArray best_yaml = bytesOf(out + QStringLiteral("/best.yaml")), run_yaml = bytesOf(runOf(out, best) + QStringLiteral("/config.yaml"));
  const auto withoutThreads = [](QByteArray yaml) { return yaml.replace("threads: 1\n", "threads: 0\n"); };
  QCOMPARE(withoutThreads(best_yaml), withoutThreads(run_yaml));
  QVERIFY(bytesOf(out + QStringLiteral("/trials.csv")).startsWith("trial,state,epoch 2,epoch 4,train.lr,encoder.mixer,encoder.mixer_window,seconds,problem"));
  QCOMPARE(bytesOf(out + QStringLiteral("/trials.csv")).count('\n'), 5);
  QVERIFY(QString::fromStdString(whole_.at("notes").dump()).contains(QStringLiteral("no trial was evaluated on validation")));
  // Asked again, nothing is trained.
  const ProcessResult again = callHvlm({QStringLiteral("sweep"), QStringLiteral("--out"), out, QStringLiteral("--json")});
  QVERIFY2(again.exit_code == 0, again.err.constData());
  QCOMPARE(outcomeOf(oneObject(again)), outcomeOf(whole_));
  QVERIFY(recordOf(runOf(out, best)).at("resumes").size() == 1);
}

void TestSweepCommand::aStoppedTrainingAtAnEpochIsTheSameTraining() {
  const QStringList settings = {QStringLiteral("train.epochs=6"), QStringLiteral("train.evaluate_epochs=3")};
  const QString parts = folder_.filePath(QStringLiteral("parts")), once = folder_.filePath(QStringLiteral("once"));
  const ProcessResult first = trainTiny(dataset_, parts, settings, {QStringLiteral("--until-epoch"), QStringLiteral("3"), QStringLiteral("--json")});
  QVERIFY2(first.exit_code == 0, first.err.constData());
  QCOMPARE(oneObject(first).at("state").get<std::string>(), std::string("stopped"));
  QCOMPARE(recordOf(parts).at("epochs_done").get<int>(), 3);
  const QByteArray at_three = bytesOf(parts + QStringLiteral("/checkpoints/last/state.json"));
  // It is there already: nothing is trained.
  QCOMPARE(trainTiny(dataset_, parts, settings, {QStringLiteral("--resume"), QStringLiteral("--until-epoch"), QStringLiteral("2")}).exit_code, 0);
  QCOMPARE(bytesOf(parts + QStringLiteral("/checkpoints/last/state.json")), at_three);
  QCOMPARE(trainTiny(dataset_, parts, settings, {QStringLiteral("--resume"), QStringLiteral("--until-epoch"), QStringLiteral("6")}).exit_code, 0);  // the end
  QCOMPARE(recordOf(parts).at("state").get<std::string>(), std::string("done"));
  QCOMPARE(trainTiny(dataset_, once, settings).exit_code, 0);
  QVERIFY(lastCheckpoint(parts)[QStringLiteral("weights.safetensors")] == lastCheckpoint(once)[QStringLiteral("weights.safetensors")]);
}

void TestSweepCommand::anInterruptedSweepGoesOnToTheSameWinner() {
  const QString out = folder_.filePath(QStringLiteral("cut"));
  const QStringList words = call(out, space_, {}, {QStringLiteral("--jobs"), QStringLiteral("1")});
  // Stopped as soon as the second trial is there, then killed in the second rung, then left alone.
  for (const auto& [signal_number, reached] : {std::pair<int, std::function<bool()>>{SIGINT, [&] { return trialRuns(out).size() >= 2; }},
                                               {SIGKILL, [&] { return !QDir(out + QStringLiteral("/logs")).entryList({QStringLiteral("*-epoch-4.log")}).isEmpty(); }}}) {
    QProcess process;
    process.start(QString::fromStdString(binFolder()) + QStringLiteral("/hvlm"), words);
    QVERIFY(process.waitForStarted());
    QVERIFY(QTest::qWaitFor([&, &r = reached] { return r() || process.state() != QProcess::Running; }, 100000));
    ::kill(static_cast<pid_t>(process.processId()), signal_number);
    QVERIFY(process.waitForFinished(60000));
    if (signal_number != SIGINT) continue;
    const QByteArray err = process.readAllStandardError();
    QVERIFY2(process.exitCode() == 130, err.constData());
    QVERIFY2(err.contains("go on with: hvlm sweep --out"), err.constData());
    QVERIFY(jsonOf(out + QStringLiteral("/sweep.json")).at("best").is_null());
  }
  // A child of the killed one may still be saving.
  QVERIFY(QTest::qWaitFor([&] {
    const QStringList runs = trialRuns(out);
    return std::all_of(runs.begin(), runs.end(), [&](const QString& trial) { return recordOf(runOf(out, trial)).at("state") != "running"; });
  }, 30000));
  const ProcessResult result = callHvlm(words);
  QVERIFY2(result.exit_code == 0, result.err.constData());
  QCOMPARE(outcomeOf(oneObject(result)), outcomeOf(whole_));
}

void TestSweepCommand::aTrialThatFailsStopsNoOther() {
  const QString out = folder_.filePath(QStringLiteral("failing"));
  // A few crops never fill the queue of MoCo: it refuses before any work.
  const QString half = spaceFile("contrast.method: [none, moco]\ntrain.lr: [0.002, 0.003]\n");
  const QStringList words = call(out, half, {QStringLiteral("train.lr=0.002")});
  const ProcessResult result = callHvlm(words);
  QVERIFY2(result.exit_code == 0, result.err.constData());
  const nlohmann::json sweep = oneObject(result);
  int failed = 0;
  for (const nlohmann::json& trial : sweep.at("trials")) {
    const bool is_moco = trial.at("settings").at("contrast.method") == "moco";
    QCOMPARE(trial.at("state") == "failed", is_moco);
    QCOMPARE(QString::fromStdString(trial.at("problem").get<std::string>()).contains(QStringLiteral("contrast.queue")), is_moco);
    QCOMPARE(trial.at("scores").empty(), is_moco);
    failed += is_moco;
  }
  QCOMPARE(failed, 2);
  QVERIFY2(result.err.contains("failed: config: contrast.queue"), result.err.constData());
  QVERIFY(bytesOf(out + QStringLiteral("/trials.csv")).contains("contrast.queue"));
  // They stay as they are until they are asked for again.
  const ProcessResult again = callHvlm({QStringLiteral("sweep"), QStringLiteral("--out"), out});
  QVERIFY(again.exit_code == 0 && !again.err.contains("failed: "));
  const ProcessResult retried = callHvlm({QStringLiteral("sweep"), QStringLiteral("--out"), out, QStringLiteral("--retry")});
  QCOMPARE(retried.exit_code, 0);
  QVERIFY2(retried.err.contains("failed: config: contrast.queue"), retried.err.constData());
  QVERIFY(sweep.at("best").at("trial").is_string());
}

void TestSweepCommand::theWinnerAloneIsEvaluated() {
  const QString out = folder_.filePath(QStringLiteral("whole"));
  const ProcessResult result = callHvlm({QStringLiteral("sweep"), QStringLiteral("--out"), out, QStringLiteral("--finish"), QStringLiteral("--json"), QStringLiteral("--threads"), QStringLiteral("1")});
  QVERIFY2(result.exit_code == 0, result.err.constData());
  const nlohmann::json sweep = oneObject(result);
  const QString best = QString::fromStdString(whole_.at("best").at("trial").get<std::string>());
  QCOMPARE(sweep.at("validation").at("trial").get<std::string>(), best.toStdString());
  for (const QString& trial : trialRuns(out)) QCOMPARE(QFile::exists(runOf(out, trial) + QStringLiteral("/report.json")), trial == best);
  const nlohmann::json report = jsonOf(runOf(out, best) + QStringLiteral("/report.json"));
  QCOMPARE(sweep.at("validation").at("figures").at("average_map"), report.at("localization").at("average_map"));
  // What validation has shown chooses no trial any more.
  const ProcessResult more = callHvlm({QStringLiteral("sweep"), QStringLiteral("--out"), out, QStringLiteral("--trials"), QStringLiteral("6")});
  QCOMPARE(more.exit_code, 1);
  QCOMPARE(badErrorLine(more, {QStringLiteral("validation"), QStringLiteral("--out")}), QString());
}

void TestSweepCommand::twoSweepsDoNotShareAFolder() {
  const QString out = folder_.filePath(QStringLiteral("shared"));
  QProcess process;
  process.start(QString::fromStdString(binFolder()) + QStringLiteral("/hvlm"), call(out, space_, {QStringLiteral("train.epochs=100000")}, {QStringLiteral("--jobs"), QStringLiteral("1")}));
  QVERIFY(process.waitForStarted());
  QVERIFY(QTest::qWaitFor([&] { return !trialRuns(out).isEmpty() || process.state() != QProcess::Running; }, 60000));
  const ProcessResult second = callHvlm({QStringLiteral("sweep"), QStringLiteral("--out"), out});
  QCOMPARE(second.exit_code, 1);
  QCOMPARE(badErrorLine(second, {QStringLiteral("another hvlm sweep")}), QString());
  ::kill(static_cast<pid_t>(process.processId()), SIGINT);
  QVERIFY(process.waitForFinished(60000));
  QCOMPARE(process.exitCode(), 130);
}

void TestSweepCommand::wrongUseIsTold_data() {
  QTest::addColumn<QStringList>("arguments");
  QTest::addColumn<QString>("fragment");
  const QString out = folder_.filePath(QStringLiteral("unused"));
  QTest::newRow("no folder") << QStringList{QStringLiteral("sweep")} << "--out";
  QTest::newRow("nothing but a new folder") << QStringList{QStringLiteral("sweep"), QStringLiteral("--out"), out} << "--config is required";
  QTest::newRow("no trials") << call(out, space_, {}, {QStringLiteral("--trials"), QStringLiteral("0")}) << "--trials: Value 0";
  QTest::newRow("eta of one") << call(out, space_, {}, {QStringLiteral("--eta"), QStringLiteral("1")}) << "--eta: Value 1";
  QTest::newRow("a figure of validation") << call(out, space_, {}, {QStringLiteral("--metric"), QStringLiteral("validation/average_map")}) << "held-out slice";
  QTest::newRow("a slip in the figure") << call(out, space_, {}, {QStringLiteral("--metric"), QStringLiteral("averge_map")}) << "holdout/average_map";
}
void TestSweepCommand::wrongUseIsTold() {
  QFETCH(QStringList, arguments);
  QFETCH(QString, fragment);
  const ProcessResult result = callHvlm(arguments);
  QCOMPARE(result.exit_code, 2);
  QVERIFY2(result.err.contains(fragment.toUtf8()), result.err.constData());
  QVERIFY(!QFile::exists(folder_.filePath(QStringLiteral("unused"))));
}

void TestSweepCommand::badInputIsNamed_data() {
  QTest::addColumn<QStringList>("arguments");
  QTest::addColumn<QStringList>("fragments");
  const QString out = folder_.filePath(QStringLiteral("refused"));
  QTest::newRow("a slip in the space") << call(out, spaceFile("train.lrr: [0.1]\n")) << QStringList{QStringLiteral("train.lrr"), QStringLiteral("train.lr")};
  QTest::newRow("no space") << call(out, folder_.filePath(QStringLiteral("none.yaml"))) << QStringList{QStringLiteral("none.yaml")};
  QTest::newRow("no slice to compare on") << call(out, space_, {QStringLiteral("train.holdout=0")}) << QStringList{QStringLiteral("train.holdout")};
  QTest::newRow("no segments to compare") << call(out, space_, {QStringLiteral("head.detect=false")}) << QStringList{QStringLiteral("head.detect"), QStringLiteral("--metric")};
  QTest::newRow("another sweep's folder") << call(folder_.filePath(QStringLiteral("whole")), space_, {QStringLiteral("encoder.dim=32")}) << QStringList{QStringLiteral("encoder.dim"), QStringLiteral("--out")};
  QTest::newRow("a folder of other things") << call(folder_.filePath(QStringLiteral("set")), space_) << QStringList{QStringLiteral("other files")};
}
void TestSweepCommand::badInputIsNamed() {
  QFETCH(QStringList, arguments);
  QFETCH(QStringList, fragments);
  const ProcessResult result = callHvlm(arguments);
  QCOMPARE(result.exit_code, 1);
  QVERIFY(oneObject(result).contains("error"));
  QCOMPARE(badErrorLine(result, fragments), QString());
  QVERIFY(!QFile::exists(folder_.filePath(QStringLiteral("refused"))));
  QVERIFY(!QFile::exists(folder_.filePath(QStringLiteral("set/sweep.lock"))));
}

QTEST_GUILESS_MAIN(TestSweepCommand)
#include "tst_cli_sweep.moc"
