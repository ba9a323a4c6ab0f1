// SPDX-License-Identifier: GPL-3.0-or-later
// The queue of command line calls, its form and its panel; the calls go to small shell scripts.
#include <QAbstractItemModelTester>
#include <QApplication>
#include <QClipboard>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

#include "ui_fixtures.h"
#include "support/paths.h"
#include "ui/jobs/job_dialog.h"
#include "ui/jobs/job_queue.h"
#include "ui/jobs/jobs_panel.h"
#include "ui/text.h"

using namespace hvlm;
using namespace hvlm::ui;
using hvlm::ui::testing::Sandbox;

namespace {
constexpr int kLong = 20000;
}

class TestJobs : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init();
  void aShareIsReadFromALine_data();
  void aShareIsReadFromALine();
  void aCommandLineCanBePasted();
  void jobsRunOneAfterTheOther();
  void aFailureKeepsItsMessage();
  void stoppingAsksFirstAndKillsSecond();
  void aQueuedJobCanBeTakenOut();
  void aHeldQueueBeginsNothing();
  void thePanelSaysWhatIsWaitedFor();
  void progressWritesOverALine();
  void aProgramThatIsNotThereFails();
  void outputIsBounded();
  void theQueueEndsWithTheWindow();
  void everyKindIsACommandOfTheProgram_data();
  void everyKindIsACommandOfTheProgram();
  void theFormBuildsTheLine();
  void theFormSaysWhatIsMissing();
  void thePanelShowsTheOutputOfTheChosenJob();
  void thePanelShowsALongOutputAsItGrows();
  void thePanelSaysWhyItIsEmpty();

 private:
  QString script(const QString& text);
  std::unique_ptr<QTemporaryDir> folder_;
  int scripts_ = 0;
};

void TestJobs::init() { folder_ = std::make_unique<QTemporaryDir>(); }

QString TestJobs::script(const QString& text) {
  const QString path = folder_->filePath(QStringLiteral("s%1").arg(++scripts_));
  QFile file(path);
  if (!file.open(QIODevice::WriteOnly)) return {};
  file.write("#!/bin/sh\n" + text.toUtf8() + "\n");
  file.close();
  file.setPermissions(file.permissions() | QFile::ExeOwner);
  return path;
}

void TestJobs::aShareIsReadFromALine_data() {
  QTest::addColumn<QString>("line");
  QTest::addColumn<double>("share");
  QTest::newRow("of") << "  20 of 200 videos" << 0.1;
  QTest::newRow("slash") << "epoch 3/30  loss 1.2" << 0.1;
  QTest::newRow("none") << "loading features" << -1.0;
  QTest::newRow("nothing of nothing") << "0 of 0" << -1.0;
  QTest::newRow("more than all") << "7 of 5" << -1.0;
}
void TestJobs::aShareIsReadFromALine() {
  QFETCH(QString, line);
  QFETCH(double, share);
  QCOMPARE(shareTold(line), share);
}

void TestJobs::aCommandLineCanBePasted() {
  QCOMPARE(commandLine("hvlm", {"eval", "--run", "/a b/c", "it's", ""}), QString("hvlm eval --run '/a b/c' 'it'\\''s' ''"));
}

void TestJobs::jobsRunOneAfterTheOther() {
  JobQueue queue(script("echo begin $1; sleep 0.2; echo 1 of 2; echo end $1"));
  QAbstractItemModelTester tester(&queue, QAbstractItemModelTester::FailureReportingMode::QtTest);
  QSignalSpy ended(&queue, &JobQueue::ended);
  const int64_t a = queue.add("first", {"a"}), b = queue.add("second", {"b"});
  QVERIFY(queue.busy());
  QCOMPARE(queue.job(a)->state, QueueState::kRunning);
  QCOMPARE(queue.job(b)->state, QueueState::kQueued);
  QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 2, kLong);
  QCOMPARE(ended.at(0).at(0).toLongLong(), a);
  QCOMPARE(queue.job(a)->state, QueueState::kDone);
  QCOMPARE(queue.job(b)->state, QueueState::kDone);
  QCOMPARE(queue.job(b)->output, QStringList({"begin b", "1 of 2", "end b"}));
  QVERIFY(queue.job(a)->seconds >= 0.2);
  QVERIFY(!queue.busy());
  queue.clearEnded();
  QCOMPARE(queue.rowCount(), 0);
}

void TestJobs::aFailureKeepsItsMessage() {
  JobQueue queue(script("echo 'hvlm: no such file' >&2; exit 1"));
  QSignalSpy ended(&queue, &JobQueue::ended);
  const int64_t id = queue.add("x", {});
  QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, kLong);
  QCOMPARE(queue.job(id)->state, QueueState::kFailed);
  QCOMPARE(queue.job(id)->line, QString("hvlm: no such file"));
  const int64_t anew = queue.again(id);
  QVERIFY(anew != id);
  QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 2, kLong);
  QCOMPARE(queue.job(anew)->state, QueueState::kFailed);
}

void TestJobs::stoppingAsksFirstAndKillsSecond() {
  JobQueue polite(script("trap 'echo kept; exit 130' TERM; echo ready; while true; do sleep 0.05; done"));
  QSignalSpy ended(&polite, &JobQueue::ended);
  const int64_t id = polite.add("x", {});
  QTRY_VERIFY_WITH_TIMEOUT(polite.job(id)->output.contains("ready"), kLong);
  polite.stop(id);
  QCOMPARE(polite.job(id)->state, QueueState::kStopping);
  QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, kLong);
  QCOMPARE(polite.job(id)->state, QueueState::kStopped);
  QVERIFY(polite.job(id)->output.contains("kept"));

  JobQueue deaf(script("trap '' TERM; echo ready; while true; do sleep 0.05; done"));
  QSignalSpy killed(&deaf, &JobQueue::ended);
  const int64_t other = deaf.add("y", {});
  QTRY_VERIFY_WITH_TIMEOUT(deaf.job(other)->output.contains("ready"), kLong);
  deaf.stop(other);
  QVERIFY(!killed.wait(300));
  deaf.stop(other);
  QTRY_COMPARE_WITH_TIMEOUT(killed.count(), 1, kLong);
  QCOMPARE(deaf.job(other)->state, QueueState::kStopped);
}

void TestJobs::aQueuedJobCanBeTakenOut() {
  JobQueue queue(script("sleep 0.3"));
  QSignalSpy ended(&queue, &JobQueue::ended);
  const int64_t a = queue.add("a", {}), b = queue.add("b", {}), c = queue.add("c", {});
  queue.stop(b);
  QCOMPARE(queue.job(b)->state, QueueState::kStopped);
  queue.remove(a);  // runs: stays
  QVERIFY(queue.job(a));
  queue.remove(b);
  QVERIFY(!queue.job(b));
  QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 3, kLong);
  QCOMPARE(queue.job(c)->state, QueueState::kDone);
}

void TestJobs::aHeldQueueBeginsNothing() {
  JobQueue queue(script("echo did $1"));
  QAbstractItemModelTester tester(&queue, QAbstractItemModelTester::FailureReportingMode::QtTest);
  QSignalSpy ended(&queue, &JobQueue::ended);
  queue.setHeld(true);
  const int64_t a = queue.add("a", {"a"}), b = queue.add("b", {"b"});
  QVERIFY(!queue.busy());
  QCOMPARE(queue.waiting(), 2);
  QCOMPARE(queue.job(a)->state, QueueState::kQueued);
  QVERIFY(queue.index(0, JobQueue::kProgress).data().toString().contains("training"));
  queue.startNow(b);  // that one all the same; the other one goes on waiting
  QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, kLong);
  QCOMPARE(queue.job(b)->state, QueueState::kDone);
  QCOMPARE(queue.job(a)->state, QueueState::kQueued);
  QVERIFY(!queue.busy());
  queue.setHeld(false);
  QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 2, kLong);
  QCOMPARE(queue.job(a)->output, QStringList({"did a"}));
  QCOMPARE(queue.waiting(), 0);
}

void TestJobs::thePanelSaysWhatIsWaitedFor() {
  JobQueue queue(script("echo did it"));
  JobsPanel panel(queue);
  panel.resize(320, 400);
  panel.show();
  auto* held = panel.findChild<QLabel*>("jobsHeldLabel");
  auto* now = panel.findChild<QToolButton*>("jobNowButton");
  queue.setHeld(true);
  QVERIFY(!held->isVisible());  // nothing waits
  const int64_t id = queue.add("x", {});
  QVERIFY(held->isVisible() && held->text().contains("training"));
  QVERIFY(now->isEnabled());
  QSignalSpy ended(&queue, &JobQueue::ended);
  now->click();
  QVERIFY(!now->isEnabled() && !held->isVisible());
  QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, kLong);
  QCOMPARE(queue.job(id)->state, QueueState::kDone);
}

void TestJobs::progressWritesOverALine() {
  JobQueue queue(script("printf '1 of 10\\r5 of 10\\r'; sleep 0.4; printf '9 of 10\\ndone\\n'"));
  QSignalSpy ended(&queue, &JobQueue::ended);
  const int64_t id = queue.add("x", {});
  QTRY_COMPARE_WITH_TIMEOUT(queue.job(id)->share, 0.5, kLong);
  QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, kLong);
  QCOMPARE(queue.job(id)->output, QStringList({"9 of 10", "done"}));
}

void TestJobs::aProgramThatIsNotThereFails() {
  JobQueue queue(QStringLiteral("/nowhere/hvlm"));
  QSignalSpy ended(&queue, &JobQueue::ended);
  const int64_t id = queue.add("x", {});
  QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, kLong);
  QCOMPARE(queue.job(id)->state, QueueState::kFailed);
  QVERIFY(queue.job(id)->line.contains("/nowhere/hvlm"));
}

void TestJobs::outputIsBounded() {
  JobQueue queue(script("i=0; while [ $i -lt 2500 ]; do echo line $i; i=$((i+1)); done"));
  QSignalSpy ended(&queue, &JobQueue::ended);
  const int64_t id = queue.add("x", {});
  QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, kLong);
  QCOMPARE(queue.job(id)->output.size(), static_cast<qsizetype>(JobQueue::kMostLines));
  QCOMPARE(queue.job(id)->output.last(), QString("line 2499"));
}

void TestJobs::theQueueEndsWithTheWindow() {
  const QString mark = folder_->filePath("ended");
  {
    JobQueue queue(script("trap 'touch " + mark + "; exit 130' TERM; echo ready; while true; do sleep 0.05; done"));
    const int64_t id = queue.add("x", {});
    QTRY_VERIFY_WITH_TIMEOUT(queue.job(id)->output.contains("ready"), kLong);
  }
  QVERIFY(QFile::exists(mark));  // it was asked, not shot
}

void TestJobs::everyKindIsACommandOfTheProgram_data() {
  QTest::addColumn<QString>("id");
  for (const JobKind& kind : jobKinds()) QTest::newRow(qPrintable(kind.id)) << kind.id;
}
void TestJobs::everyKindIsACommandOfTheProgram() {
  QFETCH(QString, id);
  const JobKind* kind = jobKind(id);
  QVERIFY(kind && !kind->what.isEmpty());
  QProcess help;
  help.start(qText(executableFolder() / "hvlm"), kind->verb + QStringList{"--help"});
  QVERIFY(help.waitForFinished(kLong));
  QCOMPARE(help.exitCode(), 0);
  const QString text = QString::fromUtf8(help.readAllStandardOutput());
  for (const JobField& field : kind->fields) {
    if (!field.key.isEmpty()) QVERIFY2(text.contains(field.key + QLatin1Char(' ')), qPrintable(field.key));
  }
}

void TestJobs::theFormBuildsTheLine() {
  hvlm::ui::testing::QueuedPrompts prompts;
  JobDialog dialog("predict", {"/d/dataset.yaml", "/r/one"}, prompts);
  QSignalSpy asked(&dialog, &JobDialog::asked);
  QCOMPARE(dialog.value("Run"), QString("/r/one"));
  auto* start = dialog.findChild<QPushButton*>("jobStartButton");
  QVERIFY(!start->isEnabled());
  dialog.setValue("Output", "/o/p.json");
  QCOMPARE(dialog.findChild<QLabel*>("jobLine")->text(), QString("hvlm predict --run /r/one --data /d/dataset.yaml --out /o/p.json"));
  dialog.setValue("Checkpoint", "last");
  start->click();
  QCOMPARE(asked.count(), 1);
  QCOMPARE(asked.first().at(0).toString(), QString("Predict segments: one"));
  QCOMPARE(asked.first().at(1).toStringList(), QStringList({"predict", "--run", "/r/one", "--data", "/d/dataset.yaml", "--checkpoint", "last", "--out", "/o/p.json"}));
}

void TestJobs::theFormSaysWhatIsMissing() {
  hvlm::ui::testing::QueuedPrompts prompts;
  JobDialog dialog("extract", {}, prompts);
  auto* problem = dialog.findChild<QLabel*>("jobProblem");
  QVERIFY(problem->text().contains("Videos"));
  dialog.setValue("Videos", "/v");
  QVERIFY(problem->text().contains("Output"));
  dialog.setValue("Output", "/o.h5");
  QVERIFY(problem->text().isEmpty());
  dialog.setValue("Steps a second", "fast");
  QVERIFY(problem->text().contains("fast"));
  dialog.setValue("Steps a second", "2");
  QCOMPARE(dialog.findChild<QLabel*>("jobLine")->text(), QString("hvlm extract --out /o.h5 --fps 2 /v"));
  dialog.chooseKind("doctor");
  QCOMPARE(dialog.findChild<QLabel*>("jobLine")->text(), QString("hvlm doctor"));
}

void TestJobs::thePanelShowsTheOutputOfTheChosenJob() {
  JobQueue queue(script("echo out of $1"));
  JobsPanel panel(queue);
  panel.resize(320, 400);
  panel.show();
  QSignalSpy ended(&queue, &JobQueue::ended);
  const int64_t a = queue.add("first", {"a"}), b = queue.add("second", {"b"});
  QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 2, kLong);
  panel.choose(a);
  QCOMPARE(panel.outputText(), QString("out of a"));
  panel.choose(b);
  QCOMPARE(panel.outputText(), QString("out of b"));
  panel.findChild<QToolButton*>("jobCopyButton")->click();
  QCOMPARE(QApplication::clipboard()->text(), QString("hvlm b"));
  panel.findChild<QToolButton*>("jobAgainButton")->click();
  QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 3, kLong);
  QVERIFY(panel.chosen() != b);
  panel.findChild<QToolButton*>("jobRemoveButton")->click();
  QCOMPARE(queue.rowCount(), 2);
}

// In several pieces, past the most lines that are kept.
void TestJobs::thePanelShowsALongOutputAsItGrows() {
  JobQueue queue(script("for part in 1 2 3; do i=0; while [ $i -lt 800 ]; do echo part $part line $i; i=$((i+1)); done; sleep 0.1; done"));
  JobsPanel panel(queue);
  panel.resize(320, 400);
  panel.show();
  QSignalSpy ended(&queue, &JobQueue::ended);
  const int64_t id = queue.add("long", {});
  panel.choose(id);
  const auto shown = [&] { return panel.outputText() == queue.job(id)->output.join(QLatin1Char('\n')); };
  QTRY_VERIFY_WITH_TIMEOUT(panel.outputText().contains("part 1 line 799"), kLong);
  QVERIFY(shown());
  QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, kLong);
  QVERIFY(panel.outputText().endsWith("part 3 line 799"));
  QVERIFY(!panel.outputText().contains("part 1 line 0\n"));  // gone with the oldest lines
  QVERIFY(shown());
  QCOMPARE(queue.job(id)->told, int64_t{2400});
}

void TestJobs::thePanelSaysWhyItIsEmpty() {
  JobQueue queue(script("true"));
  JobsPanel panel(queue);
  QSignalSpy asked(&panel, &JobsPanel::newJobAsked);
  panel.findChild<QAbstractButton*>("emptyStateButton")->click();
  QCOMPARE(asked.count(), 1);
  QVERIFY(!panel.findChild<QToolButton*>("jobStopButton")->isEnabled());
}

HVLM_GUI_TEST_MAIN(TestJobs)
#include "tst_ui_jobs.moc"
