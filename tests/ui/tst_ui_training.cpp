// SPDX-License-Identifier: GPL-3.0-or-later
// The window on the real job: the engine trains a model on synthetic features; nothing here is mocked.
#include <QCheckBox>
#include <QLabel>
#include <QProcess>
#include <QMenu>
#include <QPushButton>
#include <QToolButton>
#include <QTabWidget>
#include <fstream>
#include <numeric>
#include <random>

#include "jobs/runner.h"
#include "runs/run_folder.h"
#include "support/golden.h"
#include "support/paths.h"
#include "ui/curves/curve_store.h"
#include "ui/curves/curves_view.h"
#include "ui/results/results_view.h"
#include "ui/shell/action_list.h"
#include "ui/shell/workers.h"
#include "ui/shell/notice_strip.h"
#include "ui/timeline/timeline_panel.h"
#include "ui/training/config_form.h"
#include "ui/training/job_controller.h"
#include "ui/training/training_panel.h"
#include "ui/jobs/job_queue.h"
#include "ui/player/video_panel.h"
#include "ui/shell/text_dialog.h"
#include "ui/window/import_report.h"
#include "ui/window/main_window.h"
#include "ui_fixtures.h"

using namespace hvlm;
using namespace hvlm::ui;
using namespace hvlm::ui::testing;

namespace {

constexpr int kLong = 120000;  // ms; only an upper bound for a state that must come

// Steps of a tenth of a second and more, so that a press falls inside one.
RunConfig slowConfig() {
  RunConfig config = tinyConfig(1000);
  config.encoder.dim = 192;
  config.encoder.layers = 3;
  config.encoder.heads = 4;
  config.train.batch_size = 16;
  config.train.threads = 1;
  config.train.evaluate_epochs = 0;
  return config;
}

// The longest time the event loop did not come round.
class LoopWatch : public QObject {
 public:
  LoopWatch() {
    timer_.setTimerType(Qt::PreciseTimer);
    timer_.setInterval(5);
    connect(&timer_, &QTimer::timeout, this, [this] {
      const double gap = static_cast<double>(clock_.nsecsElapsed() - last_) / 1e6;
      last_ = clock_.nsecsElapsed();
      gaps_.push_back(gap);
    });
  }
  void start() {
    clock_.start();
    last_ = 0;
    gaps_.clear();
    timer_.start();
  }
  void stop() { timer_.stop(); }
  size_t beats() const { return gaps_.size(); }
  double longest() const { return gaps_.empty() ? 0.0 : *std::max_element(gaps_.begin(), gaps_.end()); }
  double percentile(double share) {
    std::sort(gaps_.begin(), gaps_.end());
    return gaps_.empty() ? 0.0 : gaps_[static_cast<size_t>(share * static_cast<double>(gaps_.size() - 1))];
  }

 private:
  QTimer timer_;
  QElapsedTimer clock_;
  qint64 last_ = 0;
  std::vector<double> gaps_;
};

}  // namespace

class TestTraining : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init();
  void cleanup();
  void theWindowNeverWaitsWhileAllCoresTrain();  // first: the engine is loaded in it
  void aRunTrainsAndIsShownWhileItDoes();
  void pauseHaltsWithinOneStep();
  void stopKeepsACheckpointThatResumes();
  void aFailureIsOneLineInThePanel();
  void closingMidRunKeepsAResumableCheckpoint();
  void aRunOfAnotherProcessIsFollowedAndObeys();
  void whateverIsPressedTheRunIsWhole();
  void closingCanLeaveItToTheBackground();
  void aConfigIsEstimatedComparedAndQueued();
  void theDemoOpensOnAFinishedRunWithItsVideos();

 private:
  QPushButton* button(const char* name) { return window_->findChild<QPushButton*>(name); }
  void open(const QString& dataset);
  void start(const RunConfig& config, const QString& folder);
  JobState state() const { return window_->controller().status().state; }
  std::map<std::string, Curve> curvesOfFile(const QString& folder) const;

  std::unique_ptr<Sandbox> box_;
  std::unique_ptr<QueuedPrompts> prompts_;
  std::unique_ptr<MainWindow> window_;
};

void TestTraining::init() {
  box_ = std::make_unique<Sandbox>();
  prompts_ = std::make_unique<QueuedPrompts>();
  window_ = std::make_unique<MainWindow>(*prompts_, Session{});
  window_->saveSessionOnClose(false);
  window_->resize(1280, 800);
  window_->show();
  QVERIFY(QTest::qWaitForWindowExposed(window_.get()));
}

void TestTraining::cleanup() {
  window_.reset();
  Workers::instance().waitForDone();
  prompts_.reset();
  box_.reset();
}

void TestTraining::open(const QString& dataset) {
  window_->openData(dataset);
  QTRY_VERIFY_WITH_TIMEOUT(window_->workspace().video(), 20000);
  QTRY_VERIFY(!window_->training().runFolder().isEmpty());
}

void TestTraining::start(const RunConfig& config, const QString& folder) {
  window_->training().form()->setConfig(config);
  window_->training().setRunFolder(folder);
  QVERIFY(button("runButton")->isEnabled());
  QTest::mouseClick(button("runButton"), Qt::LeftButton);
  QVERIFY(window_->controller().busy());
}

std::map<std::string, Curve> TestTraining::curvesOfFile(const QString& folder) const {
  return curvesOf(MetricReader(pathOf(folder)).poll(), resumeSteps(readRunRecord(pathOf(folder))));
}

void TestTraining::aRunTrainsAndIsShownWhileItDoes() {
  open(makeSynth(*box_, 40, 24, 30));
  const QString run = box_->path("run");
  std::vector<StepEvent> steps;
  std::set<int64_t> inspected;
  std::set<JobState> states;
  connect(&window_->controller(), &JobController::eventsArrived, this, [&](const std::vector<JobEvent>& events) {
    for (const JobEvent& event : events) {
      if (const auto* step = std::get_if<StepEvent>(&event)) steps.push_back(*step);
    }
  });
  connect(&window_->controller(), &JobController::statusChanged, this, [&] { states.insert(state()); });
  connect(&window_->workspace(), &Workspace::inspectionChanged, this, [&] {
    if (window_->workspace().inspection()) inspected.insert(window_->workspace().inspection()->step);
  });
  start(tinyConfig(20), run);
  QTRY_VERIFY_WITH_TIMEOUT(!window_->controller().busy(), kLong);
  QVERIFY2(state() == JobState::kDone, qPrintable(window_->controller().status().failure));
  QVERIFY(states.contains(JobState::kQueued) && states.contains(JobState::kRunning));

  // The loss falls.
  const auto file = curvesOfFile(run);
  const std::vector<double>& loss = file.at("loss/total").values;
  QVERIFY(loss.size() >= 100);
  const double early = std::accumulate(loss.begin(), loss.begin() + 10, 0.0) / 10;
  const double late = std::accumulate(loss.end() - 10, loss.end(), 0.0) / 10;
  qInfo("loss: %.4f in the first ten steps, %.4f in the last ten", early, late);
  QVERIFY(late < 0.75 * early);

  // The curves are the file, point by point, and so are the events.
  QTRY_COMPARE(window_->curveStore().of(run)->curves.at("loss/total").steps.size(), loss.size());
  const auto& shown = window_->curveStore().of(run)->curves;
  QCOMPARE(shown.size(), file.size());
  for (const auto& [tag, curve] : file) {
    QVERIFY2(shown.contains(tag), tag.c_str());
    QCOMPARE(shown.at(tag).steps, curve.steps);
    QCOMPARE(shown.at(tag).epochs, curve.epochs);
    QCOMPARE(shown.at(tag).hours, curve.hours);
    QCOMPARE(shown.at(tag).values, curve.values);
  }
  QCOMPARE(steps.size(), loss.size());
  for (size_t i = 0; i < steps.size(); ++i) {
    for (const auto& [tag, value] : steps[i].values) {
      if (tag == "loss/total") QCOMPARE(value, loss[i]);
    }
  }
  window_->tabs().setCurrentWidget(&window_->curves());
  QTRY_COMPARE(window_->curves().card(CardKind::kRate)->plot()->pointCount(), static_cast<int64_t>(file.at("train/lr").values.size()));

  // The timeline was drawn from the model as it improved, and the report is there.
  QVERIFY2(inspected.size() >= 2, qPrintable(QString::number(inspected.size())));
  QTRY_VERIFY(window_->timeline().view()->content().levels() > 2);
  const auto seen = window_->workspace().inspection();
  QVERIFY(std::abs(std::accumulate(seen->attention.begin(), seen->attention.end(), 0.0f) - 1.0f) < 1e-3f);
  QTRY_VERIFY(window_->results().hasTable());
  QVERIFY(window_->results().table().rows.size() > 3);
}

void TestTraining::pauseHaltsWithinOneStep() {
  open(makeSynth(*box_, 60, 64, 200));
  int64_t last_step = 0, paused_at = -1;
  connect(&window_->controller(), &JobController::eventsArrived, this, [&](const std::vector<JobEvent>& events) {
    for (const JobEvent& event : events) {
      if (const auto* step = std::get_if<StepEvent>(&event)) last_step = step->step;
      if (const auto* said = std::get_if<StateEvent>(&event); said && said->state == "paused") paused_at = said->step;
    }
  });
  start(slowConfig(), box_->path("run"));
  QTRY_VERIFY_WITH_TIMEOUT(last_step >= 2, kLong);
  const int64_t seen = last_step + 1;
  QTRY_VERIFY_WITH_TIMEOUT(last_step >= seen, kLong);  // a step has just ended: the next one has begun
  const int64_t at_press = last_step;
  QTest::mouseClick(button("pauseButton"), Qt::LeftButton);
  QCOMPARE(state(), JobState::kPausing);
  QTRY_COMPARE_WITH_TIMEOUT(state(), JobState::kPaused, kLong);
  qInfo("pressed after step %lld, halted after step %lld", static_cast<long long>(at_press), static_cast<long long>(paused_at));
  QVERIFY(paused_at <= at_press + 1);
  QTest::qWait(700);  // several steps long
  QCOMPARE(last_step, paused_at);
  QCOMPARE(window_->findChild<QLabel*>("jobStateLabel")->text(), QString("paused"));
  QTest::mouseClick(button("resumeButton"), Qt::LeftButton);
  QTRY_VERIFY_WITH_TIMEOUT(last_step >= paused_at + 2, kLong);
  QTest::mouseClick(button("stopRunButton"), Qt::LeftButton);
  const int64_t at_stop = last_step;
  QTRY_VERIFY_WITH_TIMEOUT(!window_->controller().busy(), kLong);
  QCOMPARE(state(), JobState::kStopped);
  QVERIFY(last_step <= at_stop + 2);
}

void TestTraining::stopKeepsACheckpointThatResumes() {
  open(makeSynth(*box_));
  const QString run = box_->path("run");
  start(tinyConfig(400), run);
  QTRY_VERIFY_WITH_TIMEOUT(window_->controller().status().step >= 5, kLong);
  window_->actionList()["stop"]->trigger();
  QTRY_VERIFY_WITH_TIMEOUT(!window_->controller().busy(), kLong);
  QCOMPARE(state(), JobState::kStopped);
  const int64_t stopped_at = readRunRecord(pathOf(run)).step;
  QCOMPARE(checkpointLink(pathOf(run), "last"), checkpointName(stopped_at));
  // One press goes on; the numbering goes on too and the curve is one line.
  QTRY_VERIFY(button("resumeButton")->isEnabled());
  QTest::mouseClick(button("resumeButton"), Qt::LeftButton);
  QTRY_VERIFY_WITH_TIMEOUT(window_->controller().busy() && window_->controller().status().step > stopped_at + 3, kLong);
  QCOMPARE(window_->controller().status().from_step, stopped_at);
  QTest::mouseClick(button("stopRunButton"), Qt::LeftButton);
  QTRY_VERIFY_WITH_TIMEOUT(!window_->controller().busy(), kLong);
  QCOMPARE(readRunRecord(pathOf(run)).resumes.size(), size_t{1});
  QCOMPARE(readRunRecord(pathOf(run)).resumes.front().from_step, stopped_at);
  const auto file = curvesOfFile(run);
  QTRY_COMPARE(window_->curveStore().of(run)->curves.at("loss/total").steps, file.at("loss/total").steps);
  QCOMPARE(window_->curveStore().of(run)->curves.at("loss/total").values, file.at("loss/total").values);
  QCOMPARE(window_->curveStore().of(run)->resumes, std::vector<int64_t>{stopped_at});
  const auto& steps = file.at("loss/total").steps;
  for (size_t i = 1; i < steps.size(); ++i) QCOMPARE(steps[i], steps[i - 1] + 1);
}

void TestTraining::aFailureIsOneLineInThePanel() {
  open(makeSynth(*box_));
  const QString used = box_->path("used");
  std::filesystem::create_directories(pathOf(used));
  std::ofstream(pathOf(used) / "thesis.txt") << "keep me";
  start(tinyConfig(2), used);
  QTRY_COMPARE_WITH_TIMEOUT(state(), JobState::kFailed, kLong);
  QVERIFY(!window_->controller().busy());
  QVERIFY2(window_->training().notice()->isVisible(), "the strip of the training panel");
  QVERIFY2(window_->training().notice()->text().contains("used"), qPrintable(window_->training().notice()->text()));
  QVERIFY(!window_->training().notice()->text().contains('\n'));
  QVERIFY(prompts_->asked.isEmpty());  // no dialog
  std::ifstream kept(pathOf(used) / "thesis.txt");
  std::string text;
  std::getline(kept, text);
  QCOMPARE(text, std::string("keep me"));
  QVERIFY(button("runButton")->isEnabled());
}

void TestTraining::closingMidRunKeepsAResumableCheckpoint() {
  open(makeSynth(*box_));
  const QString run = box_->path("run");
  start(tinyConfig(400), run);
  QTRY_VERIFY_WITH_TIMEOUT(window_->controller().status().step >= 5, kLong);
  prompts_->choices.enqueue(0);
  prompts_->choices.enqueue(2);  // first: go on training; then: stop, keep and close
  window_->close();
  QVERIFY(window_->isVisible());
  QVERIFY(window_->controller().busy());
  const int64_t before = window_->controller().status().step;
  QTRY_VERIFY_WITH_TIMEOUT(window_->controller().status().step > before, kLong);
  QSignalSpy closed(window_.get(), &MainWindow::closed);
  window_->close();
  QTRY_COMPARE_WITH_TIMEOUT(closed.count(), 1, kLong);
  QVERIFY(!window_->isVisible());
  QCOMPARE(prompts_->asked.size(), 2);
  window_.reset();
  const RunRecord record = readRunRecord(pathOf(run));
  QCOMPARE(record.state, std::string("stopped"));
  std::vector<std::string> warnings;
  const auto checkpoint = loadCheckpoint(pathOf(run), "last", &warnings);
  QVERIFY(checkpoint && warnings.empty());
  QCOMPARE(checkpoint->step, record.step);
  QVERIFY(!isLocked(pathOf(run)));
  // And it does go on.
  JobController again;
  TrainSpec spec{.config = readRunConfig(pathOf(run) / "config.yaml"), .data = record.dataset_file, .run_folder = stdText(run), .resume = true};
  again.start(spec);
  QTRY_VERIFY_WITH_TIMEOUT(again.status().step > record.step, kLong);
  QCOMPARE(again.status().from_step, record.step);
  again.stop();
  QTRY_VERIFY_WITH_TIMEOUT(!again.busy(), kLong);
}

void TestTraining::aRunOfAnotherProcessIsFollowedAndObeys() {
  const QString dataset = makeSynth(*box_, 40, 24, 40);
  const QString run = box_->path("run");
  RunConfig config = tinyConfig(2000);
  config.train.threads = 1;
  std::ofstream(pathOf(box_->path("config.yaml"))) << configYaml(config);
  QProcess other;
  other.start(qText(hvlm::testing::binFolder()) + "/hvlm",
              {"train", "--config", box_->path("config.yaml"), "--data", dataset, "--run", run});
  QVERIFY(other.waitForStarted());
  QTRY_VERIFY_WITH_TIMEOUT(std::filesystem::exists(pathOf(run) / "metrics.jsonl"), kLong);
  window_->openRuns(run);
  QTRY_VERIFY_WITH_TIMEOUT(window_->controller().status().step >= 3, kLong);
  QVERIFY(window_->controller().status().attached);
  QVERIFY(!window_->controller().busy());  // it is not ours
  QTRY_VERIFY(window_->workspace().video());  // its data set opened by itself
  const int64_t first = window_->controller().status().step;
  QTRY_VERIFY_WITH_TIMEOUT(window_->controller().status().step >= first + 10, kLong);
  QTRY_VERIFY_WITH_TIMEOUT(window_->curveStore().of(run)->curves.at("loss/total").steps.back() >= first + 10, kLong);
  QTest::mouseClick(button("pauseButton"), Qt::LeftButton);
  QTRY_COMPARE_WITH_TIMEOUT(state(), JobState::kPaused, kLong);
  QTest::mouseClick(button("resumeButton"), Qt::LeftButton);
  const int64_t paused_at = window_->controller().status().step;
  QTRY_VERIFY_WITH_TIMEOUT(window_->controller().status().step > paused_at + 2, kLong);
  QTest::mouseClick(button("stopRunButton"), Qt::LeftButton);
  QVERIFY(other.waitForFinished(kLong));
  QTRY_COMPARE_WITH_TIMEOUT(state(), JobState::kStopped, kLong);
  const auto file = curvesOfFile(run);
  QTRY_COMPARE(window_->curveStore().of(run)->curves.at("loss/total").steps, file.at("loss/total").steps);
  QCOMPARE(window_->curveStore().of(run)->curves.at("loss/total").values, file.at("loss/total").values);
  QTRY_VERIFY(button("resumeButton")->isEnabled());  // and could go on here
}

void TestTraining::theWindowNeverWaitsWhileAllCoresTrain() {
  open(makeSynth(*box_, 60, 128, 80));
  RunConfig config = tinyConfig(1000);
  config.encoder.dim = 128;
  config.encoder.layers = 2;
  config.train.batch_size = 8;
  config.train.threads = 0;  // all cores
  config.train.evaluate_epochs = 1;
  LoopWatch heart;
  heart.start();
  start(config, box_->path("run"));
  // A user at work meanwhile: videos, zoom, tabs.
  int turn = 0;
  QTimer user;
  user.setInterval(120);
  connect(&user, &QTimer::timeout, this, [&] {
    switch (turn++ % 4) {
      case 0: window_->actionList()["nextVideo"]->trigger(); break;
      case 1: window_->timeline().view()->zoom(1.5); break;
      case 2: window_->timeline().view()->moveCursor(3.0); break;
      default: window_->tabs().setCurrentIndex(turn / 4 % 2); break;
    }
  });
  user.start();
  // Through several evaluations, checkpoints and inspections, then through the stop.
  QTRY_VERIFY_WITH_TIMEOUT(window_->controller().status().epochs_done >= 5 && heart.beats() > 1000, kLong);
  QTest::mouseClick(button("stopRunButton"), Qt::LeftButton);
  QTRY_VERIFY_WITH_TIMEOUT(!window_->controller().busy(), kLong);
  heart.stop();
  user.stop();
  QCOMPARE(state(), JobState::kStopped);
  QTRY_VERIFY_WITH_TIMEOUT(window_->workspace().inspection(), kLong);  // of the last video chosen
  QVERIFY(heart.beats() > 100);
  const double longest = heart.longest();
  qInfo("event loop while training on all cores: longest gap %.1f ms, p99 %.1f ms, median %.1f ms, %zu beats", longest,
        heart.percentile(0.99), heart.percentile(0.5), heart.beats());
  QVERIFY2(longest < 100.0, "the longest gap must stay under 100 ms");
}

// 200 random presses of start, pause, resume, stop, attach and another data set: no dead state, and each run folder can be read and gone on with.
void TestTraining::whateverIsPressedTheRunIsWhole() {
  open(makeSynth(*box_, 16, 8, 12));
  std::mt19937 random(7);
  RunConfig config = tinyConfig(3);
  config.encoder.dim = 16;
  config.train.threads = 1;
  config.train.evaluate_epochs = 1;
  std::map<JobState, int> seen;
  int runs = 0;
  for (int i = 0; i < 200; ++i) {
    ++seen[state()];
    switch (random() % 8) {
      case 0:
      case 6:
      case 7:
        if (button("runButton")->isEnabled() && !window_->controller().busy()) {
          window_->training().form()->setConfig(config);
          window_->training().setRunFolder(box_->path(QString("random/%1").arg(runs++)));
          QTest::mouseClick(button("runButton"), Qt::LeftButton);
        }
        break;
      case 1: QTest::mouseClick(button("pauseButton"), Qt::LeftButton); break;
      case 2: QTest::mouseClick(button("resumeButton"), Qt::LeftButton); break;
      case 3: QTest::mouseClick(button("stopRunButton"), Qt::LeftButton); break;
      case 4:
        if (runs > 0) window_->openRun(box_->path(QString("random/%1").arg(random() % static_cast<unsigned>(runs))));
        break;
      default: QTest::qWait(static_cast<int>(random() % 60)); break;
    }
    QCoreApplication::processEvents();
    const JobState now = state();
    QCOMPARE(button("pauseButton")->isEnabled(), canPause(now));
    QCOMPARE(button("stopRunButton")->isEnabled(), canStop(now));
  }
  if (window_->controller().busy()) window_->controller().stop();
  QTRY_VERIFY_WITH_TIMEOUT(!window_->controller().busy(), kLong);
  QVERIFY2(runs >= 5 && seen.size() >= 4, qPrintable(QString("%1 runs, %2 states").arg(runs).arg(seen.size())));
  int read = 0;
  for (int r = 0; r < runs; ++r) {
    const auto folder = pathOf(box_->path(QString("random/%1").arg(r)));
    if (!std::filesystem::exists(folder / "run.json")) continue;  // stopped before it began
    ++read;
    const RunRecord record = readRunRecord(folder);
    QVERIFY2(record.state == "done" || record.state == "stopped", record.state.c_str());
    QVERIFY(!isLocked(folder));
    std::vector<std::string> warnings;
    if (!checkpointNames(folder).empty()) QVERIFY(loadCheckpoint(folder, "last", &warnings));
    QVERIFY(warnings.empty());
  }
  QVERIFY(read > 2);
}

void TestTraining::closingCanLeaveItToTheBackground() {
  open(makeSynth(*box_, 24, 16, 24));
  const QString run = box_->path("run");
  RunConfig config = tinyConfig(400);
  config.train.evaluate_epochs = 0;
  config.train.threads = 1;
  start(config, run);
  QTRY_VERIFY_WITH_TIMEOUT(window_->controller().status().step >= 2, kLong);
  prompts_->choices.enqueue(1);  // in the background
  QVERIFY(!window_->close());    // the step has to end first
  QTRY_VERIFY_WITH_TIMEOUT(!window_->isVisible(), kLong);
  // The window has waited for it: another process holds the run now, and its heart beats.
  QVERIFY(isLocked(pathOf(run)) && !isLockedByThisProcess(pathOf(run)));
  QVERIFY(readHeartbeat(pathOf(run)) && readHeartbeat(pathOf(run))->pid != QCoreApplication::applicationPid());
  // It takes the lock before it writes where it goes on from.
  int64_t from = 0;
  const auto known = [&] {
    const auto resumes = readRunRecord(pathOf(run)).resumes;
    if (!resumes.empty()) from = resumes.back().from_step;
    return from >= 2;
  };
  QTRY_VERIFY_WITH_TIMEOUT(known(), kLong);
  // The window opens again and follows it; stop is obeyed.
  window_ = std::make_unique<MainWindow>(*prompts_, Session{});
  window_->saveSessionOnClose(false);
  window_->show();
  window_->openRun(run);
  QTRY_VERIFY_WITH_TIMEOUT(window_->controller().status().attached && window_->controller().status().step > from, kLong);
  window_->controller().stop();
  QTRY_VERIFY_WITH_TIMEOUT(!isLocked(pathOf(run)), kLong);
  QCOMPARE(readRunRecord(pathOf(run)).state, std::string("stopped"));
}

void TestTraining::aConfigIsEstimatedComparedAndQueued() {
  open(makeSynth(*box_, 24, 16, 24));
  TrainingPanel& panel = window_->training();
  QTRY_VERIFY(!panel.presetMenu()->actions().isEmpty());
  const auto actions = panel.presetMenu()->actions();
  const auto quick = std::find_if(actions.begin(), actions.end(), [](const QAction* a) { return a->text() == "quick"; });
  QVERIFY(quick != actions.end());
  (*quick)->trigger();
  auto* name = window_->findChild<QLabel*>("configNameLabel");
  QTRY_VERIFY(name->toolTip().contains("quick") || name->text().contains("quick"));
  QVERIFY(!window_->findChild<QToolButton*>("configDifferencesButton")->isEnabled());
  RunConfig config = panel.form()->config();
  config.encoder.dim = 32;
  config.encoder.heads = 2;
  config.train.epochs = 1;
  config.train.threads = 1;
  panel.form()->setConfig(config);
  Q_EMIT panel.form()->changed();
  QVERIFY(window_->findChild<QToolButton*>("configDifferencesButton")->isEnabled());
  window_->actionList()["configDifferences"]->trigger();
  auto* differences = window_->findChild<TextDialog*>();
  QVERIFY(differences && differences->text().contains("train.epochs"));
  differences->close();
  panel.estimate();
  QTRY_VERIFY_WITH_TIMEOUT(panel.estimateShown().contains("parameters"), kLong);
  const QString folder = panel.runFolder();
  panel.queueRun();
  QVERIFY(panel.runFolder() != folder);  // the next one goes elsewhere
  QTRY_COMPARE_WITH_TIMEOUT(window_->jobQueue().rowCount(), 1, kLong);
  QTRY_VERIFY_WITH_TIMEOUT(!window_->jobQueue().busy(), kLong);
  QCOMPARE(window_->jobQueue().jobAt(0)->state, QueueState::kDone);
  QCOMPARE(readRunRecord(pathOf(folder)).state, std::string("done"));
}

void TestTraining::theDemoOpensOnAFinishedRunWithItsVideos() {
  QTest::mouseClick(button("openDemoButton"), Qt::LeftButton);
  QTRY_VERIFY_WITH_TIMEOUT(window_->workspace().data() && !window_->workspace().run().isEmpty(), kLong);
  QVERIFY(!window_->controller().busy());  // nothing is trained: it is finished
  QTRY_COMPARE_WITH_TIMEOUT(state(), JobState::kDone, kLong);
  QCOMPARE(window_->workspace().run(), box_->path("data/hvlm/demo-bundled/run"));
  QCOMPARE(window_->workspace().data()->catalogue.videos.size(), size_t{8});
  QVERIFY2(!importHasFindings(*window_->workspace().data()), qPrintable(importText(*window_->workspace().data())));
  QTRY_VERIFY_WITH_TIMEOUT(window_->player().hasVideo(), kLong);
  QTRY_VERIFY_WITH_TIMEOUT(window_->workspace().inspection(), kLong);
  // The weights are kept in half precision; what the model saw is still what its report says.
  const auto seen = window_->workspace().inspection();
  QVERIFY(!seen->detections.empty());
  double sum = 0.0;
  for (const float share : seen->attention) sum += static_cast<double>(share);
  QVERIFY(std::abs(sum - 1.0) < 1e-3);
  const Video* video = window_->workspace().video();
  const auto best = std::max_element(seen->class_scores.begin(), seen->class_scores.end()) - seen->class_scores.begin();
  const auto is_best = [&](const Segment& s) { return window_->workspace().data()->catalogue.classes[static_cast<size_t>(s.label)] == seen->classes[static_cast<size_t>(best)]; };
  QVERIFY(std::any_of(video->segments.begin(), video->segments.end(), is_best));
  // Nothing of the copy points outside it, and a damaged copy is made anew.
  std::filesystem::remove(pathOf(box_->path("data/hvlm/demo-bundled/run/run.json")));
  window_ = std::make_unique<MainWindow>(*prompts_, Session{});
  window_->saveSessionOnClose(false);
  window_->show();
  window_->openDemo();
  QTRY_COMPARE_WITH_TIMEOUT(state(), JobState::kDone, kLong);
}

HVLM_GUI_TEST_MAIN(TestTraining)
#include "tst_ui_training.moc"
