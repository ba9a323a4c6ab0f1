// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/training/estimate.h"
#include "ui/training/job_status.h"
#include "ui_fixtures.h"

using namespace hvlm;
using namespace hvlm::ui;

class TestJobStatus : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void statesFollowTheEvents_data();
  void statesFollowTheEvents();
  void sinceIsWhenTheStateBegan();
  void speedAndTimeLeftComeFromTheSteps();
  void theBestIsKeptWithItsEpoch();
  void healthIsTold();
  void anEstimateIsRead();
  void buttonsFitTheState_data();
  void buttonsFitTheState();
};

using Events = std::vector<JobEvent>;
Q_DECLARE_METATYPE(Events)
Q_DECLARE_METATYPE(hvlm::ui::JobState)

void TestJobStatus::statesFollowTheEvents_data() {
  QTest::addColumn<Events>("events");
  QTest::addColumn<JobState>("state");
  const StartedEvent started{"/r", 0, 100, 10};
  const StepEvent step{1, 0.1, 1.0, 4, {{"loss/total", 2.0}}};
  QTest::newRow("a phase before the first step is preparation") << Events{PhaseEvent{"loading features", 1, 2}} << JobState::kPreparing;
  QTest::newRow("a step runs") << Events{started, step} << JobState::kRunning;
  QTest::newRow("a phase after a step is an evaluation") << Events{started, step, PhaseEvent{"embedding", 0, 9}} << JobState::kEvaluating;
  QTest::newRow("the next step runs again") << Events{started, step, PhaseEvent{"embedding", 0, 9}, step} << JobState::kRunning;
  QTest::newRow("paused when the engine says so") << Events{started, step, StateEvent{"paused", 1}} << JobState::kPaused;
  QTest::newRow("a stopped job is no finished one") << Events{started, step, FinishedEvent{"", "", true}} << JobState::kStopped;
  QTest::newRow("done") << Events{started, step, FinishedEvent{"good", "", false}} << JobState::kDone;
  QTest::newRow("failed") << Events{started, FailedEvent{"no"}} << JobState::kFailed;
  QTest::newRow("a followed run can be lost") << Events{started, step, StateEvent{"lost", 1}} << JobState::kLost;
}
void TestJobStatus::statesFollowTheEvents() {
  QFETCH(Events, events);
  QFETCH(JobState, state);
  JobStatus status;
  for (const JobEvent& event : events) applyEvent(status, event, 0.0);
  QCOMPARE(status.state, state);
  QVERIFY(!stateText(state).isEmpty());
}

void TestJobStatus::sinceIsWhenTheStateBegan() {
  JobStatus status;
  applyEvent(status, StartedEvent{"/r", 0, 10, 1}, 5.0);
  applyEvent(status, StepEvent{.step = 1}, 6.0);
  applyEvent(status, StepEvent{.step = 2}, 7.0);
  QCOMPARE(status.since_seconds, 6.0);
  enter(status, JobState::kStopping, 8.0);
  applyEvent(status, StepEvent{.step = 3}, 9.0);  // the step in progress ends
  QCOMPARE(status.state, JobState::kStopping);
  QCOMPARE(status.since_seconds, 8.0);
}

void TestJobStatus::speedAndTimeLeftComeFromTheSteps() {
  JobStatus status;
  applyEvent(status, StartedEvent{"/r", 0, 100, 10}, 0.0);
  for (int i = 1; i <= 20; ++i) {
    applyEvent(status, StepEvent{.step = i, .epoch = i / 10.0, .wall_seconds = i * 0.5, .videos_done = i * 8}, i * 0.5);
  }
  QVERIFY(std::abs(status.steps_per_second - 2.0) < 1e-9);
  QVERIFY(std::abs(status.items_per_second - 16.0) < 1e-9);
  QVERIFY(std::abs(*secondsLeft(status) - 40.0) < 1e-9);
}

void TestJobStatus::theBestIsKeptWithItsEpoch() {
  JobStatus status;
  applyEvent(status, StartedEvent{"/r", 0, 100, 10}, 0.0);
  applyEvent(status, StepEvent{.step = 20, .epoch = 2.0}, 1.0);
  applyEvent(status, EvaluatedEvent{20, "holdout", true, {{"holdout/average_map", 0.4}}}, 1.0);
  applyEvent(status, StepEvent{.step = 40, .epoch = 4.0}, 2.0);
  applyEvent(status, EvaluatedEvent{40, "holdout", false, {{"holdout/average_map", 0.3}}}, 2.0);
  QCOMPARE(*status.best, 0.4);
  QCOMPARE(status.best_epoch, 2.0);
}

void TestJobStatus::healthIsTold() {
  JobStatus status;
  QVERIFY(liveVerdict(status).isEmpty());
  applyEvent(status, StartedEvent{"/r", 0, 100, 10}, 0.0);
  applyEvent(status, StepEvent{.step = 1, .values = {{"train/mean_std", 0.5}, {"train/effective_rank", 12.0}, {"train/r_x", 0.3}}}, 1.0);
  QCOMPARE(*status.mean_std, 0.5);
  QCOMPARE(liveVerdict(status), QString("healthy"));
  applyEvent(status, StepEvent{.step = 2, .values = {{"train/r_x", 0.9995}}}, 2.0);
  QCOMPARE(liveVerdict(status), QString("collapsed"));
  applyEvent(status, StepEvent{.step = 3, .values = {{"train/r_x", 0.2}, {"train/effective_rank", 1.4}}}, 3.0);
  QCOMPARE(liveVerdict(status), QString("collapsed"));
  applyEvent(status, EvaluatedEvent{3, "holdout", true, {{"holdout/score", 0.4}}}, 3.0);
  applyEvent(status, EvaluatedEvent{4, "holdout", false, {{"holdout/score", 0.3}}}, 4.0);
  applyEvent(status, EvaluatedEvent{5, "holdout", false, {{"holdout/score", 0.3}}}, 5.0);
  QCOMPARE(status.evaluations_since_best, int64_t{2});
}

void TestJobStatus::anEstimateIsRead() {
  RunConfig config;
  config.train.epochs = 10;
  config.train.batch_size = 4;
  config.train.ema = 0.0;
  const std::string json = R"({"parameters": 1000, "bytes_fp32": 4000, "lengths": [{"train_videos_per_second": 20.0, "train_peak_bytes": 100}]})";
  const auto e = estimateFrom(json, config, {.videos = 100});
  QVERIFY(e);
  QCOMPARE(e->seconds, 50.0);
  QCOMPARE(e->memory_bytes, 16400.0);
  QCOMPARE(e->disk_bytes, 36000.0);
  QVERIFY(estimateText(*e).contains("50 s"));
  TrainingEstimate huge = *e;
  huge.memory_bytes = 1e18;
  QVERIFY(estimateText(huge).contains("batch_size"));
  QVERIFY(!estimateFrom("not json", config, {}));
  QVERIFY(!estimateFrom("{\"lengths\": []}", config, {}));
  QVERIFY(freeMemoryBytes() > 1e6);
}

void TestJobStatus::buttonsFitTheState_data() {
  QTest::addColumn<JobState>("state");
  QTest::addColumn<bool>("pause");
  QTest::addColumn<bool>("stop");
  QTest::addColumn<bool>("resume");
  QTest::newRow("idle offers nothing") << JobState::kIdle << false << false << false;
  QTest::newRow("running can pause and stop") << JobState::kRunning << true << true << false;
  QTest::newRow("paused can stop and resume") << JobState::kPaused << false << true << true;
  QTest::newRow("stopping waits") << JobState::kStopping << false << false << false;
  QTest::newRow("done offers nothing") << JobState::kDone << false << false << false;
}
void TestJobStatus::buttonsFitTheState() {
  QFETCH(JobState, state);
  QFETCH(bool, pause);
  QFETCH(bool, stop);
  QFETCH(bool, resume);
  QCOMPARE(canPause(state), pause);
  QCOMPARE(canStop(state), stop);
  QCOMPARE(canResume(state), resume);
}

HVLM_GUI_TEST_MAIN(TestJobStatus)
#include "tst_ui_job_status.moc"
