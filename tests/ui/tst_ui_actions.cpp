// SPDX-License-Identifier: GPL-3.0-or-later
// Every action of the window, fired while it is enabled; those that train, measure, queue or end the window with what they are for.
#include <QDialog>
#include <QPushButton>
#include <QSet>
#include <QSignalSpy>
#include <QTabWidget>

#include "runs/run_record.h"
#include "ui/jobs/job_queue.h"
#include "ui/player/video_panel.h"
#include "ui/shell/action_list.h"
#include "ui/shell/workers.h"
#include "ui/training/config_form.h"
#include "ui/training/job_controller.h"
#include "ui/training/training_panel.h"
#include "ui/window/main_window.h"
#include "ui_fixtures.h"

using namespace hvlm;
using namespace hvlm::ui;
using namespace hvlm::ui::testing;

namespace {

constexpr int kLong = 120000;  // ms; only an upper bound for a state that must come

// Those that end the window, train, or start minutes of work, and those that need a run that trains: each is fired in a test of its own below,
// the last two (which need a run that trains and one that was lost) in tst_ui_training_states.
const QSet<QString> kApart = {"closeWindow", "quit", "openDemo", "estimateRun", "queueRun", "runOrResume", "pause", "stop", "cancelRun", "closeLostRun"};

RunConfig config(int64_t epochs) {
  RunConfig made = tinyConfig(epochs);
  made.train.threads = 1;
  made.train.evaluate_epochs = 0;
  return made;
}

}  // namespace

class TestActions : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init();
  void cleanup();
  void whatIsEnabledCanBeFired_data();
  void whatIsEnabledCanBeFired();
  void withARunAndAVideoEachIsFired();
  void openDemo();
  void estimateRun();
  void queueRun();
  void runOrResume();
  void theWindowIsClosed_data();
  void theWindowIsClosed();

 private:
  QAction* action(const char* id) { return window_->actionList()[id]; }
  void openSynth();
  void fire(QSet<QString>& fired);
  void settle();
  std::unique_ptr<Sandbox> box_;
  std::unique_ptr<QueuedPrompts> prompts_;
  std::unique_ptr<MainWindow> window_;
};

void TestActions::init() {
  box_ = std::make_unique<Sandbox>();
  prompts_ = std::make_unique<QueuedPrompts>();
  window_ = std::make_unique<MainWindow>(*prompts_, Session{});
  window_->saveSessionOnClose(false);
  window_->resize(1280, 800);
  window_->show();
  QVERIFY(QTest::qWaitForWindowActive(window_.get()));
}

void TestActions::cleanup() {
  window_.reset();
  Workers::instance().waitForDone();
  prompts_.reset();
  box_.reset();
  Theme::instance().setKind(ThemeKind::kLight);
}

void TestActions::openSynth() {
  window_->openData(makeSynth(*box_));
  QTRY_VERIFY_WITH_TIMEOUT(window_->workspace().video(), kLong);
  QTRY_VERIFY_WITH_TIMEOUT(!window_->training().runFolder().isEmpty(), kLong);
}

// What the workers have found arrives.
void TestActions::settle() {
  Workers::instance().waitForDone();
  QCoreApplication::processEvents();
}

// Those that are enabled when their turn comes and have not been fired. Whatever is asked is answered with nothing, and the window stays.
void TestActions::fire(QSet<QString>& fired) {
  for (QAction* each : window_->actionList().all()) {
    const QString id = ActionList::idOf(each);
    if (kApart.contains(id) || fired.contains(id) || !each->isEnabled()) continue;
    QSignalSpy triggered(each, &QAction::triggered);
    each->trigger();
    QVERIFY2(triggered.count() == 1, qPrintable(id));
    if (each->isCheckable() && each->isEnabled()) each->trigger();  // and back
    QCoreApplication::processEvents();
    for (QDialog* dialog : window_->findChildren<QDialog*>()) dialog->close();
    QVERIFY2(window_->isVisible(), qPrintable(id));
    fired.insert(id);
  }
}

void TestActions::whatIsEnabledCanBeFired_data() {
  QTest::addColumn<bool>("with_data");
  QTest::newRow("nothing open") << false;
  QTest::newRow("a data set open") << true;
}
void TestActions::whatIsEnabledCanBeFired() {
  QFETCH(bool, with_data);
  if (with_data) openSynth();
  QSet<QString> fired;
  fire(fired);
  QVERIFY2(fired.size() > 100, qPrintable(QString::number(fired.size())));
  QTRY_VERIFY_WITH_TIMEOUT(!window_->jobQueue().busy(), kLong);
}

// The demo has all that an action can need: a data set, a finished run and videos. What one action enables (undo, redo, the places) the next round fires.
void TestActions::withARunAndAVideoEachIsFired() {
  window_->openDemo();
  QTRY_COMPARE_WITH_TIMEOUT(window_->controller().status().state, JobState::kDone, kLong);
  QTRY_VERIFY_WITH_TIMEOUT(window_->player().hasVideo(), kLong);
  QTRY_VERIFY_WITH_TIMEOUT(window_->workspace().inspection(), kLong);
  settle();
  QSet<QString> fired;
  for (qsizetype before = -1; before != fired.size();) {
    before = fired.size();
    fire(fired);
    settle();
  }
  QStringList missing;
  for (const QAction* each : window_->actionList().all()) {
    const QString id = ActionList::idOf(each);
    if (!fired.contains(id) && !kApart.contains(id)) missing.append(id);
  }
  QVERIFY2(missing.isEmpty(), qPrintable(missing.join(", ")));
  for (const char* id : {"undo", "redo", "evaluate", "pinPanel", "placeBack", "placeForward"}) QVERIFY2(fired.contains(id), id);
  for (const QString& id : kApart) QVERIFY2(window_->actionList()[qPrintable(id)], qPrintable(id));
  // The evaluation that was asked for is not waited for.
  window_->controller().stop();
  QTRY_VERIFY_WITH_TIMEOUT(!window_->controller().busy(), kLong);
  QTRY_VERIFY_WITH_TIMEOUT(!window_->jobQueue().busy(), kLong);
}

void TestActions::openDemo() {
  action("openDemo")->trigger();
  QTRY_COMPARE_WITH_TIMEOUT(window_->workspace().run(), box_->path("data/hvlm/demo-bundled/run"), kLong);
  QCOMPARE(window_->workspace().data()->catalogue.videos.size(), size_t{8});
  QTRY_COMPARE_WITH_TIMEOUT(window_->controller().status().state, JobState::kDone, kLong);
  QCOMPARE(window_->tabs().currentWidget(), static_cast<QWidget*>(&window_->player()));
}

void TestActions::estimateRun() {
  action("estimateRun")->trigger();  // nothing to estimate for
  QVERIFY(window_->training().estimateShown().isEmpty());
  openSynth();
  window_->training().form()->setConfig(config(1));
  action("estimateRun")->trigger();
  QTRY_VERIFY_WITH_TIMEOUT(window_->training().estimateShown().contains("parameters"), kLong);
}

void TestActions::queueRun() {
  action("queueRun")->trigger();  // without a data set: nothing is queued
  QVERIFY(!window_->jobQueue().busy());
  openSynth();
  window_->training().form()->setConfig(config(1));
  const QString run = box_->path("runs/0001");
  window_->training().setRunFolder(run);
  action("queueRun")->trigger();
  QTRY_VERIFY_WITH_TIMEOUT(window_->jobQueue().busy(), kLong);  // once its config is written
  QCOMPARE(window_->training().runFolder(), box_->path("runs/0002"));  // the next one goes there
  QTRY_VERIFY_WITH_TIMEOUT(!window_->jobQueue().busy(), kLong);
  QCOMPARE(window_->jobQueue().jobAt(0)->state, QueueState::kDone);
  QCOMPARE(readRunRecord(pathOf(run)).state, std::string("done"));
}

// One key starts, goes on after a pause and goes on from a checkpoint; Pause and Stop are actions too.
void TestActions::runOrResume() {
  action("runOrResume")->trigger();
  QVERIFY(!window_->controller().busy());  // no data set
  openSynth();
  QVERIFY(!action("pause")->isEnabled() && !action("stop")->isEnabled());
  const QString run = box_->path("run");
  window_->training().form()->setConfig(config(2000));
  window_->training().setRunFolder(run);
  action("runOrResume")->trigger();
  QVERIFY(window_->controller().busy());
  const auto& status = window_->controller().status();
  QTRY_VERIFY_WITH_TIMEOUT(status.step >= 3, kLong);
  QVERIFY(action("pause")->isEnabled() && action("stop")->isEnabled());
  action("pause")->trigger();
  QTRY_COMPARE_WITH_TIMEOUT(status.state, JobState::kPaused, kLong);
  const int64_t paused_at = status.step;
  action("runOrResume")->trigger();
  QTRY_VERIFY_WITH_TIMEOUT(status.step > paused_at + 1, kLong);
  action("stop")->trigger();
  QTRY_VERIFY_WITH_TIMEOUT(!window_->controller().busy(), kLong);
  QCOMPARE(status.state, JobState::kStopped);
  QVERIFY(!action("stop")->isEnabled());
  const int64_t stopped_at = readRunRecord(pathOf(run)).step;
  QTRY_VERIFY_WITH_TIMEOUT(window_->findChild<QPushButton*>("resumeButton")->isEnabled(), kLong);
  action("runOrResume")->trigger();
  QTRY_VERIFY_WITH_TIMEOUT(status.step > stopped_at, kLong);
  QCOMPARE(status.from_step, stopped_at);
  QCOMPARE(status.run_folder, run);
  action("stop")->trigger();
  QTRY_VERIFY_WITH_TIMEOUT(!window_->controller().busy(), kLong);
}

void TestActions::theWindowIsClosed_data() {
  QTest::addColumn<QString>("id");
  QTest::newRow("close window") << "closeWindow";
  QTest::newRow("quit") << "quit";
}
void TestActions::theWindowIsClosed() {
  QFETCH(QString, id);
  openSynth();
  QSignalSpy closed(window_.get(), &MainWindow::closed);
  action(qPrintable(id))->trigger();
  QCOMPARE(closed.count(), 1);
  QVERIFY(!window_->isVisible());
  QVERIFY(prompts_->asked.isEmpty());
}

HVLM_GUI_TEST_MAIN(TestActions)
#include "tst_ui_actions.moc"
