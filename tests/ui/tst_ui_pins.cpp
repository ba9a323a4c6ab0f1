// SPDX-License-Identifier: GPL-3.0-or-later
// Panels that are pinned: they keep their video, run and cursor while the others go on, and catch up when they are let go.
#include <QSignalSpy>
#include <QTabWidget>
#include <QToolButton>
#include <QTreeWidget>

#include "jobs/foreign_run.h"
#include "made_annotations.h"
#include "ui/curves/curve_store.h"
#include "ui/curves/curves_view.h"
#include "ui/language/chat_panel.h"
#include "ui/language/search_panel.h"
#include "ui/player/video_panel.h"
#include "ui/detections/detection_panel.h"
#include "ui/look/pyramid_panel.h"
#include "ui/shell/action_list.h"
#include "ui/shell/workers.h"
#include "ui/timeline/timeline_panel.h"
#include "ui/window/main_window.h"
#include "ui/window/panel_pins.h"
#include "ui_fixtures.h"

using namespace hvlm;
using namespace hvlm::ui;
using namespace hvlm::ui::testing;

namespace {
constexpr int kPatience = 20000;  // ms
}

class TestPins : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase();
  void init();
  void cleanup();
  void aFollowerShowsTheSame();
  void aPinnedOneKeepsWhatItShows();
  void lettingGoCatchesUp();
  void whatAPinnedOneAsksForIsPassedOn();
  void theWindowPinsTheTabThatIsShown();
  void theInspectorKeepsItsVideo();
  void runsArePinnedToo();
  void theVideoAndTheTimelineArePinnedApart();

 private:
  void openData(MainWindow& window);
  Sandbox box_;
  std::unique_ptr<hvlm::testing::MadeAnnotations> set_;
  std::unique_ptr<Workspace> shared_, follower_;
};

void TestPins::initTestCase() { set_ = std::make_unique<hvlm::testing::MadeAnnotations>(); }

void TestPins::init() {
  shared_ = std::make_unique<Workspace>();
  follower_ = std::make_unique<Workspace>(*shared_, nullptr);
  shared_->openData(qText(set_->path("dataset.yaml")));
  QTRY_VERIFY_WITH_TIMEOUT(shared_->video(), kPatience);
}

void TestPins::cleanup() {
  follower_.reset();
  shared_.reset();
  Workers::instance().waitForDone();
}

void TestPins::aFollowerShowsTheSame() {
  QCOMPARE(follower_->data(), shared_->data());
  QCOMPARE(follower_->videoId(), shared_->videoId());
  QSignalSpy videos(follower_.get(), &Workspace::videoChanged), cursors(follower_.get(), &Workspace::cursorChanged);
  shared_->selectVideo("two");
  QCOMPARE(videos.count(), 1);
  QCOMPARE(follower_->videoId(), QString("two"));
  follower_->setCursor(3.5);  // by its panel: everybody's
  QCOMPARE(shared_->cursorSeconds(), 3.5);
  QCOMPARE(cursors.count(), 1);
  QCOMPARE(follower_->cursorSeconds(), 3.5);
}

void TestPins::aPinnedOneKeepsWhatItShows() {
  shared_->selectVideo("one");
  shared_->setInspection(std::make_shared<VideoInspection>(makeInspection(10)));
  follower_->setPinned(true);
  QSignalSpy videos(follower_.get(), &Workspace::videoChanged), cursors(follower_.get(), &Workspace::cursorChanged);
  shared_->selectVideo("two");
  shared_->setRun("/elsewhere");
  shared_->setCursor(4.0);
  QCOMPARE(videos.count(), 0);
  QCOMPARE(follower_->videoId(), QString("one"));
  QVERIFY(follower_->run().isEmpty() && follower_->inspection() && !shared_->inspection());
  follower_->setCursor(7.0);  // its own
  QCOMPARE(cursors.count(), 1);
  QCOMPARE(follower_->cursorSeconds(), 7.0);
  QCOMPARE(shared_->cursorSeconds(), 4.0);
}

void TestPins::lettingGoCatchesUp() {
  follower_->setPinned(true);
  shared_->selectVideo("three");
  shared_->setRun("/elsewhere");
  shared_->setCursor(2.0);
  QSignalSpy videos(follower_.get(), &Workspace::videoChanged), runs(follower_.get(), &Workspace::runChanged), data(follower_.get(), &Workspace::dataChanged);
  follower_->setPinned(false);
  QCOMPARE(videos.count(), 1);
  QCOMPARE(runs.count(), 1);
  QCOMPARE(data.count(), 0);
  QCOMPARE(follower_->videoId(), QString("three"));
  QCOMPARE(follower_->run(), QString("/elsewhere"));
  QCOMPARE(follower_->cursorSeconds(), 2.0);
}

void TestPins::whatAPinnedOneAsksForIsPassedOn() {
  shared_->selectVideo("one");
  follower_->setPinned(true);
  follower_->selectVideo("two");
  QCOMPARE(shared_->videoId(), QString("two"));
  QCOMPARE(follower_->videoId(), QString("one"));
}

void TestPins::openData(MainWindow& window) {
  window.saveSessionOnClose(false);
  window.resize(1280, 800);
  window.show();
  window.openData(qText(set_->path("dataset.yaml")));
  (void)QTest::qWaitFor([&] { return window.workspace().video() != nullptr; }, kPatience);
}

void TestPins::theWindowPinsTheTabThatIsShown() {
  QueuedPrompts prompts;
  MainWindow window(prompts, Session{});
  openData(window);
  window.tabs().setCurrentWidget(&window.pyramid());
  QAction* pin = window.actionList()["pinPanel"];
  QVERIFY(pin->isEnabled() && !pin->isChecked());
  window.workspace().selectVideo("one");
  auto* button = window.findChild<QToolButton*>("pinPanelButton");
  QVERIFY(button);
  button->click();
  QVERIFY(pin->isChecked() && window.pins().pinned(&window.pyramid()));
  const int tab = window.tabs().indexOf(&window.pyramid());
  QVERIFY(!window.tabs().tabIcon(tab).isNull());
  QVERIFY2(window.tabs().tabToolTip(tab).contains("one"), qPrintable(window.tabs().tabToolTip(tab)));
  window.workspace().selectVideo("two");
  QVERIFY(window.tabs().tabToolTip(tab).contains("one"));
  window.tabs().setCurrentWidget(&window.detections());
  QVERIFY(pin->isEnabled() && !pin->isChecked());
  QVERIFY(!window.pins().pinned(&window.detections()));
  window.tabs().setCurrentWidget(&window.pyramid());
  QVERIFY(pin->isChecked());
  pin->trigger();
  QVERIFY(!window.pins().pinned(&window.pyramid()));
  QVERIFY(window.tabs().tabIcon(tab).isNull() && window.tabs().tabToolTip(tab).isEmpty());
}

void TestPins::theInspectorKeepsItsVideo() {
  QueuedPrompts prompts;
  MainWindow window(prompts, Session{});
  openData(window);
  window.workspace().selectVideo("one");
  auto* tree = window.findChild<QTreeWidget*>("inspectorTree");
  const auto shows = [&](const QString& id) { return !tree->findItems(id, Qt::MatchExactly | Qt::MatchRecursive, 1).isEmpty(); };
  QVERIFY(shows("one"));
  window.actionList()["pinInspector"]->trigger();
  window.workspace().selectVideo("two");
  QVERIFY(shows("one") && !shows("two"));
  window.actionList()["pinInspector"]->trigger();
  QVERIFY(shows("two") && !shows("one"));
}

// Curves, results and runs side by side have no video: pinned, they keep the run they show.
void TestPins::runsArePinnedToo() {
  QueuedPrompts prompts;
  MainWindow window(prompts, Session{});
  openData(window);
  const QString first = box_.path("first"), second = box_.path("second");
  window.openRun(first);
  QCOMPARE(window.curveStore().runs(), QStringList{first});
  window.actionList()["showCurves"]->trigger();
  QAction* pin = window.actionList()["pinPanel"];
  QVERIFY(pin->isEnabled() && !pin->isChecked());
  pin->trigger();
  QVERIFY(window.pins().pinned(&window.curves()));
  QCOMPARE(window.pins().text(&window.curves()), QString("run first"));
  window.openRun(second);
  QCOMPARE(window.curveStore().runs(), QStringList{first});
  window.actionList()["showResults"]->trigger();
  QVERIFY(!pin->isChecked());
  window.actionList()["showCurves"]->trigger();
  pin->trigger();
  QCOMPARE(window.curveStore().runs(), QStringList{second});
}

void TestPins::theVideoAndTheTimelineArePinnedApart() {
  QueuedPrompts prompts;
  MainWindow window(prompts, Session{});
  openData(window);
  window.workspace().selectVideo("one");
  window.actionList()["pinTimeline"]->trigger();
  window.workspace().selectVideo("two");
  QCOMPARE(window.timeline().view()->content().video, QString("one"));
  window.workspace().setCursor(1.5);
  QCOMPARE(window.timeline().view()->cursorSeconds(), 0.0);
  window.actionList()["pinTimeline"]->trigger();
  QCOMPARE(window.timeline().view()->content().video, QString("two"));
  window.tabs().setCurrentWidget(&window.player());
  window.actionList()["pinPanel"]->trigger();
  QVERIFY(window.pins().pinned(&window.player()));
  QCOMPARE(window.pins().text(&window.player()), QString("two"));
  for (const char* id : {"pinSearch", "pinChat"}) {
    window.actionList()[id]->trigger();
    QVERIFY(window.actionList()[id]->isChecked());
  }
  QVERIFY(window.pins().pinned(&window.search()) && window.pins().pinned(&window.chat()));
}

HVLM_GUI_TEST_MAIN(TestPins)
#include "tst_ui_pins.moc"
