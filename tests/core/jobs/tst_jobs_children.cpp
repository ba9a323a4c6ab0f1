// SPDX-License-Identifier: Apache-2.0
#include <signal.h>
#include <unistd.h>

#include <QtTest>

#include "jobs/child_queue.h"
#include "support/error.h"

using namespace hvlm;

namespace {

ChildSpec shell(const std::string& script, const QString& log = {}) {
  return {.words = {"/bin/sh", "-c", script}, .log = log.toStdString(), .niceness = 0, .environment = {}};
}

QByteArray contentOf(const QString& file) {
  QFile source(file);
  return source.open(QIODevice::ReadOnly) ? source.readAll() : QByteArray();
}

QueuedChild queued(const std::string& name, const std::string& script, const std::string& after = {}) {
  return {.name = name, .after = after, .prepare = [script] { return shell(script); }};
}

}  // namespace

class TestChildren : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void theEndIsTold_data();
  void theEndIsTold();
  void bothStreamsGoToTheLogOfThisStart();
  void theEnvironmentIsOursAndMore();
  void aProgramThatIsMissingIsAnError();
  void aChildIsAskedToStopWhenItsStarterDies();
  void whoDropsAChildEndsIt();
  void itHasItsOwnProcessGroup();
  void theQueueKeepsOrderAndLimit();
  void aFailureStopsOnlyWhatWaitsForIt();
  void whatCannotBePreparedIsAFailure();
  void aStopAsksTheRunningAndStartsNoMore();

 private:
  QTemporaryDir folder_;
};

void TestChildren::theEndIsTold_data() {
  QTest::addColumn<QString>("script");
  QTest::addColumn<bool>("good");
  QTest::addColumn<QString>("text");
  QTest::newRow("exit 0 is good") << "exit 0" << true << "exit code 0";
  QTest::newRow("another code is not") << "exit 3" << false << "exit code 3";
  QTest::newRow("nor is a signal") << "kill -9 $$" << false << "signal 9 (Killed)";
}
void TestChildren::theEndIsTold() {
  QFETCH(QString, script);
  QFETCH(bool, good);
  QFETCH(QString, text);
  ChildProcess child(shell(script.toStdString()));
  const ChildEnd end = child.wait();
  QCOMPARE(end.good(), good);
  QCOMPARE(QString::fromStdString(end.text()), text);
  QVERIFY(child.poll().has_value());
}

void TestChildren::bothStreamsGoToTheLogOfThisStart() {
  const QString log = folder_.filePath(QStringLiteral("deep/er/log.txt"));
  ChildProcess(shell("echo first", log)).wait();
  ChildProcess(shell("echo out; echo err >&2; cat", log)).wait();  // cat ends: there is no terminal to read from
  QCOMPARE(contentOf(log), QByteArray("out\nerr\n"));
}

void TestChildren::theEnvironmentIsOursAndMore() {
  const QString log = folder_.filePath(QStringLiteral("environment.txt"));
  qputenv("HVLM_TEST_KEPT", "kept");
  qputenv("HVLM_TEST_REPLACED", "old");
  ChildSpec spec = shell("echo $HVLM_TEST_KEPT $HVLM_TEST_REPLACED", log);
  spec.environment = {{"HVLM_TEST_REPLACED", "new"}};
  ChildProcess(spec).wait();
  QCOMPARE(contentOf(log), QByteArray("kept new\n"));
}

void TestChildren::aProgramThatIsMissingIsAnError() {
  try {
    ChildProcess child({.words = {"/nowhere/program"}, .log = {}, .niceness = 0, .environment = {}});
    QFAIL("it started");
  } catch (const InputError& error) {
    QVERIFY2(QByteArray(error.what()).contains("/nowhere/program"), error.what());
  }
}

void TestChildren::aChildIsAskedToStopWhenItsStarterDies() {
  const QString ready = folder_.filePath(QStringLiteral("ready")), gone = folder_.filePath(QStringLiteral("gone"));
  const pid_t starter = ::fork();
  if (starter == 0) {
    auto* child = new ChildProcess(shell("trap 'echo asked > " + gone.toStdString() + "; exit' TERM; echo > " + ready.toStdString() + "; while :; do sleep 0.02; done"));
    for (;;) ::usleep(child->poll() ? 1000 : 1000);
  }
  QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(ready), 20000);
  ::kill(starter, SIGKILL);
  QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(gone), 20000);
}

void TestChildren::whoDropsAChildEndsIt() {
  pid_t id = 0;
  {
    const ChildProcess child(shell("sleep 1000"));
    id = child.id();
    QCOMPARE(::kill(id, 0), 0);
  }
  QCOMPARE(::kill(id, 0), -1);
}

void TestChildren::itHasItsOwnProcessGroup() {
  ChildProcess child(shell("sleep 1000"));
  QTRY_COMPARE(::getpgid(child.id()), child.id());
  child.signal(SIGTERM);
  QCOMPARE(child.wait().code, SIGTERM);
  child.signal(SIGTERM);  // nobody: nothing happens
}

void TestChildren::theQueueKeepsOrderAndLimit() {
  int running = 0, most = 0;
  QStringList starts;
  ChildQueueWatch watch;
  watch.started = [&](const std::string& name) {
    starts << QString::fromStdString(name);
    most = std::max(most, ++running);
  };
  watch.ended = [&](const ChildOutcome&) { --running; };
  const auto outcomes = runChildren({queued("d", "exit 0", "c"), queued("a", "sleep 0.1"), queued("b", "sleep 0.1"), queued("c", "sleep 0.1"), queued("e", "exit 0", "not there")}, 2, watch);
  QCOMPARE(most, 2);
  QCOMPARE(outcomes.size(), size_t{5});
  QCOMPARE(QString::fromStdString(outcomes[0].name), QStringLiteral("d"));
  for (const ChildOutcome& outcome : outcomes) QVERIFY(outcome.good());
  QVERIFY(starts.indexOf(QStringLiteral("d")) > starts.indexOf(QStringLiteral("c")));
  QCOMPARE(starts.first(), QStringLiteral("a"));
}

void TestChildren::aFailureStopsOnlyWhatWaitsForIt() {
  const auto outcomes = runChildren({queued("bad", "exit 1"), queued("child", "exit 0", "bad"), queued("other", "exit 0")}, 1, {});
  QVERIFY(outcomes[0].started && !outcomes[0].good());
  QVERIFY(!outcomes[1].started);
  QVERIFY2(outcomes[1].problem.find("bad failed") != std::string::npos, outcomes[1].problem.c_str());
  QVERIFY(outcomes[2].good());
}

void TestChildren::whatCannotBePreparedIsAFailure() {
  const QueuedChild broken{.name = "broken", .after = "", .prepare = []() -> ChildSpec { throw std::runtime_error("no disk"); }};
  const auto outcomes = runChildren({broken, queued("other", "exit 0")}, 1, {});
  QCOMPARE(outcomes[0].problem, std::string("no disk"));
  QVERIFY(outcomes[1].good());
}

void TestChildren::aStopAsksTheRunningAndStartsNoMore() {
  const QString ready = folder_.filePath(QStringLiteral("queue-ready"));
  ChildQueueWatch watch;
  watch.stop_asked = [&] { return QFile::exists(ready); };
  const auto outcomes = runChildren({queued("running", "trap 'exit 130' TERM; echo > " + ready.toStdString() + "; while :; do sleep 0.02; done"), queued("waiting", "exit 0")}, 1, watch);
  QVERIFY(outcomes[0].started);
  QCOMPARE(outcomes[0].end.code, 130);
  QVERIFY(!outcomes[1].started);
  QVERIFY(outcomes[1].problem.empty());
}

QTEST_GUILESS_MAIN(TestChildren)
#include "tst_jobs_children.moc"
