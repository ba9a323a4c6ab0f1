// SPDX-License-Identifier: GPL-3.0-or-later
// The states of a training in the window, with an engine that computes nothing: cancelling, closing, what waits, what is told. Where
// another process is meant, it is the real program.
#include <signal.h>

#include <QLabel>
#include <QProcess>
#include <QPushButton>
#include <fstream>
#include <random>
#include <set>
#include <thread>

#include "jobs/engine.h"
#include "runs/run_folder.h"
#include "support/error.h"
#include "support/golden.h"
#include "support/paths.h"
#include "ui/jobs/job_queue.h"
#include "ui/shell/action_list.h"
#include "ui/shell/notice_strip.h"
#include "ui/shell/workers.h"
#include "ui/training/background_run.h"
#include "ui/training/config_form.h"
#include "ui/training/cost_meter.h"
#include "ui/training/job_controller.h"
#include "ui/training/training_panel.h"
#include "ui/window/main_window.h"
#include "ui_fixtures.h"

using namespace hvlm;
using namespace hvlm::ui;
using namespace hvlm::ui::testing;

namespace {

constexpr int kLong = 120000;  // ms; only an upper bound for a state that must come

// Holds, writes and lets go of its run folder as a training does, and speaks as one; a step is a millisecond.
class IdleEngine : public JobEngine {
 public:
  void setThreads(int64_t) override {}
  void run(const JobSpec& spec, JobControl& control, JobObserver& observer) override {
    if (const auto* train = std::get_if<TrainSpec>(&spec)) {
      this->train(*train, control, observer);
      return;
    }
    observer.onEvent(PhaseEvent{"loading the run", 0, 0});
    while (evaluation_holds && !control.stopRequested()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    observer.onEvent(FinishedEvent{.summary = "evaluated", .stopped = control.stopRequested()});
  }
  VideoInspection inspect(const InspectSpec&) override {
    throw InputError({.where = "run", .expected = "a model", .found = "none", .remedy = ""});
  }
  RetrievalAnswer retrieve(const RetrieveSpec&, std::stop_token) override { return {}; }
  VideoEvidence evidence(const EvidenceSpec&) override { return {}; }
  AskAnswer ask(const AskSpec&, std::stop_token, const std::function<void(std::string_view)>&) override { return {}; }
  std::vector<std::pair<std::string, std::string>> libraries() override { return {}; }

  std::atomic<int64_t> steps{1000000};
  std::atomic<bool> evaluation_holds{true};

 private:
  void train(const TrainSpec& spec, JobControl& control, JobObserver& observer) {
    const std::filesystem::path run = spec.run_folder;
    checkRunFolder(run, spec.config, spec.resume);
    observer.onEvent(PhaseEvent{"reading the data set", 0, 0});
    const RunLock lock(run);
    RunRecord record = openRunForTraining(run, spec.config, spec.resume, freshRecord(spec.config)).record;
    record.state = "running";
    record.dataset_file = spec.data;
    writeRunRecord(run, record);
    observer.onEvent(StartedEvent{.run_folder = spec.run_folder,
                                  .total_steps = steps,
                                  .total_epochs = 10,
                                  .device = "made of air",
                                  .patience = spec.config.train.patience});
    const auto close = [&](const char* state) {
      record.state = state;
      writeRunRecord(run, record);
      observer.onEvent(FinishedEvent{.summary = state, .stopped = control.stopRequested()});
    };
    for (int64_t step = 1; step <= steps; ++step) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      observer.onEvent(StepEvent{.step = step,
                                 .epoch = static_cast<double>(step) / 100.0,
                                 .wall_seconds = static_cast<double>(step) / 1000.0,
                                 .videos_done = step});
      if (step == 2) observer.onEvent(EvaluatedEvent{.step = 2, .subset = "holdout", .is_best = true, .values = {{"holdout/score", 0.5}}});
      bool said = false;
      do {
        if (control.between_steps) control.between_steps(spec.run_folder, [this](const std::string&) { return inspect({}); });
        if (control.stopRequested()) {
          observer.onEvent(StateEvent{.state = "stopping", .step = step});
          close("stopped");
          return;
        }
        if (!control.pauseRequested()) break;
        if (!std::exchange(said, true)) observer.onEvent(StateEvent{.state = "paused", .step = step});
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      } while (true);
      if (said) observer.onEvent(StateEvent{.state = "running", .step = step});
    }
    close("done");
  }
};

// What may be seen to follow a state. Events come in batches, so that short states may be passed over.
bool mayFollow(JobState before, JobState after) {
  using enum JobState;
  const std::set<JobState> ends = {kDone, kStopped, kFailed};
  switch (before) {
    case kIdle: return after == kQueued;
    case kQueued: return ends.contains(after) || std::set{kPreparing, kRunning, kEvaluating, kStopping}.contains(after);
    case kPreparing: return ends.contains(after) || std::set{kRunning, kEvaluating, kPausing, kStopping}.contains(after);
    // A pause that was taken back too late is one for a moment.
    case kRunning: return ends.contains(after) || std::set{kEvaluating, kPausing, kPaused, kStopping}.contains(after);
    case kEvaluating: return ends.contains(after) || std::set{kRunning, kPausing, kStopping}.contains(after);
    case kPausing: return ends.contains(after) || std::set{kPaused, kRunning, kStopping}.contains(after);
    case kPaused: return ends.contains(after) || std::set{kRunning, kStopping}.contains(after);
    case kStopping: return ends.contains(after);
    case kDone:
    case kStopped:
    case kFailed: return after == kQueued;
    case kLost: return false;
  }
  return false;
}

}  // namespace

class TestTrainingStates : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init();
  void cleanup();
  void anySequenceOfPressesIsSound();
  void cancellingAsksAndMovesTheRunToTheTrash();
  void theHeaderTellsTheMachineAndTheRunsOwnPatience();
  void anEvaluationIsNoPreparation();
  void queuedJobsWaitForTheTraining();
  void theWindowStaysWhenNobodyTakesTheRun();
  void aBackgroundProcessThatDiesIsTold();
  void whatDoesNotFitIsAskedAbout();
  void aKilledProcessIsLostAndCanBeClosed();

 private:
  void makeWindow();
  void start(const QString& folder);
  QPushButton* button(const char* name) { return window_->findChild<QPushButton*>(name); }
  JobState state() const { return window_->controller().status().state; }
  void press(std::mt19937& random, int& runs);
  void close(int answer);

  std::unique_ptr<Sandbox> box_;
  std::unique_ptr<QueuedPrompts> prompts_;
  std::unique_ptr<IdleEngine> engine_;
  std::unique_ptr<MainWindow> window_;
  QString dataset_;
  QString wrong_;                    // the first edge that may not be
  std::map<JobState, int> seen_;
  std::map<QString, int> closings_;  // by what came of them
};

void TestTrainingStates::init() {
  box_ = std::make_unique<Sandbox>();
  prompts_ = std::make_unique<QueuedPrompts>();
  engine_ = std::make_unique<IdleEngine>();
  dataset_ = makeSynth(*box_, 8, 4, 8);
  makeWindow();
}

void TestTrainingStates::cleanup() {
  window_.reset();
  Workers::instance().waitForDone();
  engine_.reset();
  prompts_.reset();
  box_.reset();
}

void TestTrainingStates::makeWindow() {
  window_.reset();
  window_ = std::make_unique<MainWindow>(*prompts_, Session{}, nullptr, [this]() -> JobEngine& { return *engine_; });
  window_->saveSessionOnClose(false);
  connect(&window_->controller(), &JobController::statusChanged, this, [this, before = JobState::kIdle]() mutable {
    ++seen_[state()];
    if (state() != before && !mayFollow(before, state()) && wrong_.isEmpty()) wrong_ = stateText(before) + " -> " + stateText(state());
    before = state();
  });
  window_->show();
  window_->openData(dataset_);
  QTRY_VERIFY_WITH_TIMEOUT(window_->workspace().data() && !window_->training().runFolder().isEmpty(), kLong);
}

void TestTrainingStates::start(const QString& folder) {
  window_->training().setRunFolder(folder);
  QVERIFY(button("runButton")->isEnabled());
  button("runButton")->click();
  QVERIFY(window_->controller().busy());
}

// Closes with that answer to the question; afterwards the window is gone and all is let go of, or it is there and of use.
void TestTrainingStates::close(int answer) {
  QSignalSpy closed(window_.get(), &MainWindow::closed);
  const bool refuses = answer == 1 && closings_["refused"] < closings_["taken over"];
  window_->setBackgroundStarter([refuses](const QString& run) -> QString {
    for (int i = 0; i < 1000 && isLocked(pathOf(run)); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    if (isLocked(pathOf(run))) return QStringLiteral("the run is still held");
    return refuses ? QStringLiteral("it would not") : QString();
  });
  const bool asked = window_->controller().busy();
  prompts_->choices = {};
  prompts_->choices.enqueue(answer);
  window_->close();
  if (asked && answer < 1) {
    ++closings_["stayed"];
    QCOMPARE(closed.count(), 0);
    QVERIFY(window_->isVisible() && window_->isEnabled());
    return;
  }
  QTRY_VERIFY_WITH_TIMEOUT(closed.count() == 1 || (window_->isEnabled() && !window_->controller().busy()), kLong);
  QVERIFY(!window_->controller().busy());
  if (closed.count() == 0) {
    ++closings_["refused"];
    QVERIFY(refuses && window_->isVisible());
    QVERIFY2(window_->training().notice()->text().contains("it would not"), qPrintable(window_->training().notice()->text()));
    return;
  }
  ++closings_[!asked ? "nothing ran" : answer == 1 ? "taken over" : "stopped"];
  QVERIFY(!window_->isVisible());
  QVERIFY(!isActive(state()));
  QTest::qWait(1);
  QVERIFY(!isActive(state()));
}

void TestTrainingStates::press(std::mt19937& random, int& runs) {
  switch (random() % 9) {
    case 0:
    case 1:
      if (!window_->controller().busy()) start(box_->path(QStringLiteral("random/%1").arg(runs++)));
      break;
    case 2:
      button("pauseButton")->click();
      QTest::qWait(static_cast<int>(random() % 80));
      break;
    case 3: button("resumeButton")->click(); break;
    case 4: button("stopRunButton")->click(); break;
    case 5:
      prompts_->choices = {};
      prompts_->choices.enqueue(static_cast<int>(random() % 3));
      if (random() % 3 == 0) button("cancelRunButton")->click();
      break;
    default: QTest::qWait(static_cast<int>(random() % 50)); break;
  }
}

// 200 sequences of start, pause, resume, stop, cancel and close: states follow each other along allowed edges only, nothing is at work in a
// window that was closed, and every run folder is let go of, with a record that says how it ended.
void TestTrainingStates::anySequenceOfPressesIsSound() {
  std::mt19937 random(11);
  int runs = 0;
  for (int sequence = 0; sequence < 200; ++sequence) {
    engine_->steps = random() % 4 == 0 ? 20 : 1000000;  // some end by themselves
    const size_t presses = 3 + random() % 5;
    for (size_t i = 0; i < presses; ++i) {
      press(random, runs);
      if (QTest::currentTestFailed()) return;
      QVERIFY2(wrong_.isEmpty(), qPrintable(wrong_));
      QCOMPARE(button("pauseButton")->isEnabled(), canPause(window_->controller().status()));
      QCOMPARE(button("stopRunButton")->isEnabled(), canStop(state()));
      QCOMPARE(button("cancelRunButton")->isEnabled(), canCancel(window_->controller().status()));
    }
    if (sequence % 3 == 0) {
      if (random() % 4 != 0 && !window_->controller().busy()) start(box_->path(QStringLiteral("random/%1").arg(runs++)));
      close(static_cast<int>(random() % 4) - 1);
      if (QTest::currentTestFailed()) return;
    }
    if (!window_->isVisible()) {
      makeWindow();
    } else if (window_->controller().busy()) {
      window_->controller().stop();
      QTRY_VERIFY_WITH_TIMEOUT(!window_->controller().busy(), kLong);
    }
    QVERIFY2(wrong_.isEmpty(), qPrintable(wrong_));
  }
  QTRY_VERIFY_WITH_TIMEOUT(window_->controller().runner().idle(), kLong);
  Workers::instance().waitForDone();
  int whole = 0;
  for (int i = 0; i < runs; ++i) {
    const auto folder = pathOf(box_->path(QStringLiteral("random/%1").arg(i)));
    QVERIFY2(!isLocked(folder), qPrintable(qText(folder)));
    if (!std::filesystem::exists(folder / "run.json")) continue;  // stopped before it began, or in the trash
    ++whole;
    const std::string end = readRunRecord(folder).state;
    QVERIFY2(end == "done" || end == "stopped", end.c_str());
  }
  for (const char* end : {"stayed", "stopped", "taken over", "refused", "nothing ran"}) QVERIFY2(closings_[end] > 0, end);
  for (const JobState each : {JobState::kQueued, JobState::kRunning, JobState::kPausing, JobState::kPaused, JobState::kStopping,
                              JobState::kStopped, JobState::kDone}) {
    QVERIFY2(seen_[each] > 0, qPrintable(stateText(each)));
  }
  qInfo("%d runs, %d of them still there; closed %d times with nothing at work, %d stopped, %d taken over", runs, whole,
        closings_["nothing ran"], closings_["stopped"], closings_["taken over"]);
  QVERIFY(whole > 50);
}

void TestTrainingStates::cancellingAsksAndMovesTheRunToTheTrash() {
  const QString run = box_->path("runs/unwanted");
  QVERIFY(!button("cancelRunButton")->isEnabled() && !window_->actionList()["cancelRun"]->isEnabled());
  start(run);
  QTRY_COMPARE_WITH_TIMEOUT(state(), JobState::kRunning, kLong);
  // The default and Esc lose nothing.
  for (const int answer : {0, -1}) {
    prompts_->choices.enqueue(answer);
    button("cancelRunButton")->click();
    const int64_t step = window_->controller().status().step;
    QTRY_VERIFY_WITH_TIMEOUT(window_->controller().status().step > step, kLong);
    QCOMPARE(state(), JobState::kRunning);
  }
  QCOMPARE(prompts_->asked.size(), 2);
  prompts_->choices.enqueue(2);
  window_->actionList()["cancelRun"]->trigger();
  QTRY_COMPARE_WITH_TIMEOUT(state(), JobState::kStopped, kLong);
  const QString trashed = box_->path("data/Trash/files/unwanted/run.json");
  QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(trashed), kLong);
  QVERIFY(!QFile::exists(run));
  QTRY_VERIFY(window_->workspace().run().isEmpty());
  QVERIFY(!button("resumeButton")->isEnabled());  // there is nothing to resume
  QCOMPARE(readRunRecord(pathOf(box_->path("data/Trash/files/unwanted"))).state, std::string("stopped"));
  QTRY_VERIFY(window_->actionList()["undo"]->text().contains("trash"));
  window_->actionList()["undo"]->trigger();
  QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(run + "/run.json"), kLong);
  // Stopping and keeping is offered there as well.
  start(box_->path("runs/kept"));
  QTRY_COMPARE_WITH_TIMEOUT(state(), JobState::kRunning, kLong);
  prompts_->choices.enqueue(1);
  button("cancelRunButton")->click();
  QTRY_COMPARE_WITH_TIMEOUT(state(), JobState::kStopped, kLong);
  QTRY_VERIFY(button("resumeButton")->isEnabled());
  Workers::instance().waitForDone();
  QVERIFY(QFile::exists(box_->path("runs/kept/run.json")));
}

void TestTrainingStates::theHeaderTellsTheMachineAndTheRunsOwnPatience() {
  RunConfig config = window_->training().form()->config();
  config.train.patience = 6;
  window_->training().form()->setConfig(config);
  start(box_->path("run"));
  auto* machine = window_->findChild<QLabel*>("jobMachineLabel");
  auto* speed = window_->findChild<QLabel*>("jobSpeedLabel");
  QTRY_VERIFY2_WITH_TIMEOUT(machine->text().contains("made of air") && machine->text().contains("memory"), qPrintable(machine->text()),
                            kLong);
  QTRY_VERIFY2_WITH_TIMEOUT(speed->text().contains("0/6"), qPrintable(speed->text()), kLong);
  button("stopRunButton")->click();
  QTRY_VERIFY_WITH_TIMEOUT(!window_->controller().busy(), kLong);
  QTRY_VERIFY(!machine->isVisible());
  // A run that is followed has its own, whatever stands in the form.
  const QString other = box_->path("other");
  config.train.patience = 3;
  RunRecord record = openRunForTraining(pathOf(other), config, false, freshRecord(config)).record;
  record.device = "a second machine";
  record.total_epochs = 5;
  writeRunRecord(pathOf(other), record);
  const RunLock lock(pathOf(other));
  MetricWriter(pathOf(other), 0)
      .write({{.step = 10, .epoch = 1.0, .wall_seconds = 1.0, .tag = "loss/total", .value = 1.0},
              {.step = 10, .epoch = 1.0, .wall_seconds = 1.0, .tag = "holdout/score", .value = 0.5}});
  window_->openRun(other);
  QTRY_VERIFY2_WITH_TIMEOUT(machine->text().contains("a second machine"), qPrintable(machine->text()), kLong);
  QTRY_VERIFY2_WITH_TIMEOUT(speed->text().contains("0/3"), qPrintable(speed->text()), kLong);
  auto* bar = window_->findChild<QProgressBar*>("jobProgress");
  QCOMPARE(bar->maximum(), 50);
  QCOMPARE(bar->value(), 10);
}

void TestTrainingStates::anEvaluationIsNoPreparation() {
  EvaluateSpec spec;
  spec.run_folder = stdText(box_->path("run"));
  window_->controller().start(spec);
  QTRY_COMPARE_WITH_TIMEOUT(state(), JobState::kEvaluating, kLong);
  QCOMPARE(window_->findChild<QLabel*>("jobStateLabel")->text(), QString("evaluating"));
  auto* waiting = window_->findChild<QLabel*>("jobWaitingLabel");
  QTRY_VERIFY2_WITH_TIMEOUT(waiting->toolTip().contains(QString::fromUtf8("▸  loading the run")), qPrintable(waiting->toolTip()), kLong);
  QVERIFY(!button("pauseButton")->isEnabled() && !button("cancelRunButton")->isEnabled());
  engine_->evaluation_holds = false;
  QTRY_COMPARE_WITH_TIMEOUT(state(), JobState::kDone, kLong);
}

void TestTrainingStates::queuedJobsWaitForTheTraining() {
  start(box_->path("run"));
  JobQueue& queue = window_->jobQueue();
  const int64_t id = queue.add("waits", {"doctor", "--help"});
  QCOMPARE(queue.job(id)->state, QueueState::kQueued);
  QTRY_COMPARE_WITH_TIMEOUT(state(), JobState::kRunning, kLong);
  QCOMPARE(queue.job(id)->state, QueueState::kQueued);
  QVERIFY(window_->findChild<QLabel*>("jobsHeldLabel")->text().contains("training"));
  button("stopRunButton")->click();
  QTRY_COMPARE_WITH_TIMEOUT(queue.job(id)->state, QueueState::kDone, kLong);
  QVERIFY(!window_->controller().busy());
}

// The real program, on a run it cannot go on with: the data set is gone.
void TestTrainingStates::theWindowStaysWhenNobodyTakesTheRun() {
  const QString run = box_->path("run");
  start(run);
  QTRY_COMPARE_WITH_TIMEOUT(state(), JobState::kRunning, kLong);
  std::filesystem::remove(pathOf(dataset_));
  prompts_->choices.enqueue(1);
  QVERIFY(!window_->close());
  QTRY_VERIFY_WITH_TIMEOUT(window_->isEnabled(), kLong);
  QVERIFY(window_->isVisible());
  const QString told = window_->training().notice()->text();
  QVERIFY2(told.contains("dataset.yaml") && told.contains("Resume"), qPrintable(told));
  QCOMPARE(state(), JobState::kStopped);
  QVERIFY(!isLocked(pathOf(run)));
  QVERIFY(window_->close());  // and now it may
}

void TestTrainingStates::aBackgroundProcessThatDiesIsTold() {
  const QString run = box_->path("run");
  std::filesystem::create_directories(pathOf(run));
  const auto script = [this](const char* name, const char* text) {
    const QString path = box_->path(QLatin1String(name));
    std::ofstream(pathOf(path)) << "#!/bin/sh\n" << text << "\n";
    std::filesystem::permissions(pathOf(path), std::filesystem::perms::owner_all);
    return path;
  };
  QCOMPARE(continueInBackground(run, script("speaks", "echo \"hvlm: no $1 today\" >&2; exit 1")), QString("hvlm: no train today"));
  QVERIFY(continueInBackground(run, script("silent", "exit 3")).contains("ended"));
  QVERIFY(continueInBackground(run, QStringLiteral("/nowhere/hvlm")).contains("/nowhere/hvlm"));
  // A heart that beat before, for somebody else, is none.
  std::ofstream(pathOf(run) / "heartbeat.json") << R"({"host":")" << hostName() << R"(","boot_id":"x","pid":1,"counter":5,"locked":false})";
  QVERIFY(!continueInBackground(run, script("again", "exit 3")).isEmpty());
  // One that moves is: as where there are no locks.
  const std::string beat =
      R"(printf '{"host":"%s","boot_id":"x","pid":1,"counter":6,"locked":false}' )" + hostName() + " > \"$4/heartbeat.json\"; sleep 1";
  QCOMPARE(continueInBackground(run, script("beats", beat.c_str())), QString());
}

void TestTrainingStates::whatDoesNotFitIsAskedAbout() {
  // Full attention over long videos, thousands of them a batch: a few steps of one tell that it is too much.
  SynthOptions options;
  options.videos = 4;
  options.dim = 4;
  options.classes = 2;
  options.mean_steps = 3000;
  writeSynthetic(options, pathOf(box_->path("long")));
  window_->openData(box_->path("long/dataset.yaml"));
  QTRY_COMPARE_WITH_TIMEOUT(window_->workspace().data() ? window_->workspace().data()->file : QString(), box_->path("long/dataset.yaml"),
                            kLong);
  RunConfig config = tinyConfig(2);
  config.train.batch_size = 4096;
  config.train.threads = 1;
  window_->training().form()->setConfig(config);  // nobody presses anything: it is measured by itself
  QTRY_VERIFY2_WITH_TIMEOUT(window_->training().estimateShown().contains("parameters"), qPrintable(window_->training().estimateShown()),
                            kLong);
  QTRY_VERIFY2_WITH_TIMEOUT(window_->training().estimateShown().contains("free"), qPrintable(window_->training().estimateShown()), kLong);
  window_->training().setRunFolder(box_->path("too-much"));
  prompts_->asked.clear();
  prompts_->choices.enqueue(0);
  button("runButton")->click();
  QCOMPARE(prompts_->asked.size(), 1);
  QVERIFY(!window_->controller().busy());
  prompts_->choices.enqueue(1);
  button("runButton")->click();
  QVERIFY(window_->controller().busy());
  QVERIFY(!window_->training().cost().measuring());  // never beside a training
  button("stopRunButton")->click();
  QTRY_VERIFY_WITH_TIMEOUT(!window_->controller().busy(), kLong);
  // A batch of two fits: another batch needs no other measurement, and no question.
  config.train.batch_size = 2;
  window_->training().form()->setConfig(config);
  QVERIFY2(window_->training().estimateShown().contains("parameters") && !window_->training().estimateShown().contains("free"),
           qPrintable(window_->training().estimateShown()));
  prompts_->asked.clear();
  window_->training().setRunFolder(box_->path("fits"));
  button("runButton")->click();
  QVERIFY(window_->controller().busy());
  QVERIFY(prompts_->asked.isEmpty());
}

void TestTrainingStates::aKilledProcessIsLostAndCanBeClosed() {
  const QString run = box_->path("run");
  RunConfig config = tinyConfig(100000);
  config.train.threads = 1;
  config.train.evaluate_epochs = 0;
  config.train.checkpoint_steps = 1;
  std::ofstream(pathOf(box_->path("config.yaml"))) << configYaml(config);
  QProcess other;
  other.start(qText(hvlm::testing::binFolder()) + "/hvlm",
              {"train", "--config", box_->path("config.yaml"), "--data", dataset_, "--run", run});
  QVERIFY(other.waitForStarted());
  QTRY_VERIFY_WITH_TIMEOUT(checkpointNames(pathOf(run)).size() >= 2, kLong);
  window_->openRuns(run);
  QTRY_COMPARE_WITH_TIMEOUT(state(), JobState::kRunning, kLong);
  QVERIFY(!button("closeLostButton")->isVisible() && !window_->actionList()["closeLostRun"]->isEnabled());
  ::kill(static_cast<pid_t>(other.processId()), SIGKILL);
  QVERIFY(other.waitForFinished(kLong));
  QTRY_COMPARE_WITH_TIMEOUT(state(), JobState::kLost, kLong);
  QTRY_VERIFY(button("closeLostButton")->isVisible() && window_->actionList()["closeLostRun"]->isEnabled());
  QTRY_VERIFY(button("resumeButton")->isEnabled());  // that is offered as well
  QCOMPARE(readRunRecord(pathOf(run)).state, std::string("running"));  // nobody has said otherwise yet
  window_->actionList()["closeLostRun"]->trigger();
  QTRY_COMPARE_WITH_TIMEOUT(readRunRecord(pathOf(run)).state, std::string("stopped"), kLong);
  QTRY_COMPARE_WITH_TIMEOUT(state(), JobState::kStopped, kLong);
  QTRY_VERIFY(!button("closeLostButton")->isVisible());
  QTRY_VERIFY(!isLocked(pathOf(run)));
  // It can still be resumed, here as anywhere.
  QTRY_VERIFY(button("resumeButton")->isEnabled());
  wrong_.clear();  // following has edges of its own
  button("resumeButton")->click();
  QTRY_VERIFY_WITH_TIMEOUT(window_->controller().busy() && state() == JobState::kRunning, kLong);
  QCOMPARE(readRunRecord(pathOf(run)).resumes.size(), size_t{1});
}

HVLM_GUI_TEST_MAIN(TestTrainingStates)
#include "tst_ui_training_states.moc"
