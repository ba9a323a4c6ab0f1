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
  void anEvaluationEvaluates();
  void thePhasesAreListed();
  void aFollowedRunTellsItsLengthWithItsSteps();
  void sinceOfAFollowedRunIsItsOwn();
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
  QTest::newRow("a pause that comes while it stops is none") << Events{started, step, StateEvent{"stopping", 1}, StateEvent{"paused", 1}} << JobState::kStopping;
  QTest::newRow("a phase after a pause is an evaluation") << Events{started, step, StateEvent{"paused", 1}, StateEvent{"running", 1}, PhaseEvent{"embedding", 0, 9}} << JobState::kEvaluating;
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

void TestJobStatus::anEvaluationEvaluates() {
  JobStatus status;
  status.evaluates = true;
  enter(status, JobState::kQueued, 0.0);
  applyEvent(status, PhaseEvent{"loading the run", 0, 0}, 1.0);
  QCOMPARE(status.state, JobState::kEvaluating);
  QVERIFY(!canPause(status) && canStop(status.state) && !canCancel(status));  // a run is not thrown away with its evaluation
  applyEvent(status, PhaseEvent{"embedding", 3, 9}, 2.0);
  QCOMPARE(status.state, JobState::kEvaluating);
  QCOMPARE(waitingText(status), QString("embedding 3 of 9"));
  applyEvent(status, FinishedEvent{"evaluated", "", false}, 3.0);
  QCOMPARE(status.state, JobState::kDone);
}

void TestJobStatus::thePhasesAreListed() {
  JobStatus status;
  QVERIFY(phasesText(status).isEmpty());
  status.phases = {JobPhase{"loading the engine"}, JobPhase{"reading the data set"}, JobPhase{"reading features"}};
  enter(status, JobState::kQueued, 0.0);
  QCOMPARE(phasesText(status), QString::fromUtf8("·  loading the engine\n·  reading the data set\n·  reading features"));
  applyEvent(status, PhaseEvent{"loading the engine", 0, 0}, 0.0);
  applyEvent(status, PhaseEvent{"reading the data set", 0, 0}, 0.0);
  QCOMPARE(phasesText(status), QString::fromUtf8("✓  loading the engine\n▸  reading the data set\n·  reading features"));
  applyEvent(status, PhaseEvent{"counting videos", 2, 5}, 0.0);  // one that nobody foresaw
  applyEvent(status, PhaseEvent{"reading features", 7, 20}, 0.0);
  QCOMPARE(phasesText(status), QString::fromUtf8("✓  loading the engine\n✓  reading the data set\n✓  counting videos 2 of 5\n▸  reading features 7 of 20"));
  applyEvent(status, StepEvent{.step = 1}, 1.0);
  QVERIFY(phasesText(status).isEmpty());
  applyEvent(status, PhaseEvent{"embedding", 1, 4}, 2.0);  // of the evaluation alone
  QCOMPARE(phasesText(status), QString::fromUtf8("▸  embedding 1 of 4"));
}

void TestJobStatus::aFollowedRunTellsItsLengthWithItsSteps() {
  JobStatus status;
  status.attached = true;
  applyEvent(status, StartedEvent{.run_folder = "/r", .total_epochs = 10, .device = "cpu", .patience = 3}, 0.0);
  QCOMPARE(status.total_steps, int64_t{0});
  QCOMPARE(status.device, QString("cpu"));
  QCOMPARE(status.patience, int64_t{3});
  for (int i = 1; i <= 8; ++i) applyEvent(status, StepEvent{.step = i, .epoch = i / 5.0, .wall_seconds = i * 1.0, .videos_done = i * 4}, i * 1.0);
  QCOMPARE(status.total_steps, int64_t{50});
  QVERIFY(std::abs(*secondsLeft(status) - 42.0) < 1e-9);
  QVERIFY(std::abs(status.items_per_second - 4.0) < 1e-9);
}

void TestJobStatus::sinceOfAFollowedRunIsItsOwn() {
  JobStatus status;
  status.attached = true;
  applyEvent(status, StartedEvent{.run_folder = "/r", .total_epochs = 10}, 1000.0);
  applyEvent(status, StepEvent{.step = 5, .epoch = 1.0}, 1000.0);
  applyEvent(status, StateEvent{.state = "running", .step = 5, .age_seconds = 700.0}, 1000.0);
  QCOMPARE(status.since_seconds, 300.0);
  applyEvent(status, StepEvent{.step = 6, .epoch = 1.2}, 1010.0);
  QCOMPARE(status.since_seconds, 300.0);
  // What was asked for here begins here, whatever the files say.
  enter(status, JobState::kPausing, 1020.0);
  applyEvent(status, StateEvent{.state = "paused", .step = 6, .age_seconds = 9.0}, 1021.0);
  QCOMPARE(status.since_seconds, 1021.0);
  JobStatus ended;
  ended.attached = true;
  applyEvent(ended, FinishedEvent{.stopped = true, .age_seconds = 50.0}, 60.0);
  QCOMPARE(ended.since_seconds, 10.0);
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
  const FreeRoom room{.memory_bytes = 1e9, .disk_bytes = 2e9};
  QVERIFY(estimateText(*e, room).contains("50 s"));
  QVERIFY(roomProblem(*e, room).isEmpty());
  TrainingEstimate huge = *e;
  huge.memory_bytes = 1e18;
  QVERIFY(estimateText(huge, room).contains("batch_size"));
  QVERIFY(!roomProblem(huge, room).contains("disk"));
  huge.disk_bytes = 3e9;
  QVERIFY(roomProblem(huge, room).contains("batch_size") && roomProblem(huge, room).contains("disk"));
  QVERIFY(roomProblem(huge, FreeRoom{}).isEmpty());  // not known: nothing is claimed
  // What a video costs does not depend on how many there are, or on the seed.
  RunConfig other = config;
  other.seed = 99;
  other.train.epochs = 500;
  other.train.batch_size = 64;
  QCOMPARE(estimateKey(other, {.videos = 7}), estimateKey(config, {.videos = 100}));
  other.encoder.dim = 64;
  QVERIFY(estimateKey(other, {}) != estimateKey(config, {}));
  QVERIFY(estimateKey(config, {.steps = 5}) != estimateKey(config, {.steps = 6}));
  QVERIFY(!estimateFrom("not json", config, {}));
  QVERIFY(!estimateFrom("{\"lengths\": []}", config, {}));
  const QTemporaryDir folder;
  const FreeRoom now = freeRoom(pathOf(folder.filePath("not/yet/there")));
  QVERIFY(now.memory_bytes > 1e6 && now.disk_bytes > 1e3);
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
