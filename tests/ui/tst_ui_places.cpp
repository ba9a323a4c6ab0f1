// SPDX-License-Identifier: GPL-3.0-or-later
// Back and forward in visited places.
#include <QSignalSpy>
#include <QTabWidget>

#include "made_annotations.h"
#include "ui/player/video_panel.h"
#include "ui/shell/action_list.h"
#include "ui/shell/places.h"
#include "ui/shell/workers.h"
#include "ui/timeline/timeline_panel.h"
#include "ui/window/main_window.h"
#include "ui_fixtures.h"

using namespace hvlm;
using namespace hvlm::ui;
using namespace hvlm::ui::testing;

namespace {
constexpr int kPatience = 20000;  // ms

Place at(const char* video, double seconds = 0.0, int tab = 0) { return {{}, QString::fromLatin1(video), tab, seconds}; }
}  // namespace

class TestPlaces : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() { set_ = std::make_unique<hvlm::testing::MadeAnnotations>(); }
  void goingElsewhereForgetsWhatLayAhead();
  void theCursorMovesWithinAPlaceAndAJumpLeavesIt();
  void theNewestHundredAreKept();
  void theWindowGoesBackAndForward();
  void goToTimeIsAJump();
  void anotherDataSetForgetsThem();

 private:
  std::unique_ptr<MainWindow> window(QueuedPrompts& prompts);
  Sandbox box_;
  std::unique_ptr<hvlm::testing::MadeAnnotations> set_;
};

void TestPlaces::goingElsewhereForgetsWhatLayAhead() {
  Places places;
  QVERIFY(!places.back() && !places.forward());
  for (const char* video : {"a", "b", "c"}) places.visit(at(video));
  QCOMPARE(places.back()->video, QString("b"));
  QCOMPARE(places.back()->video, QString("a"));
  QVERIFY(!places.canGoBack() && !places.back());
  QCOMPARE(places.forward()->video, QString("b"));
  places.visit(at("d"));
  QVERIFY(!places.canGoForward());
  QCOMPARE(places.back()->video, QString("b"));
  QCOMPARE(places.back()->video, QString("a"));
}

void TestPlaces::theCursorMovesWithinAPlaceAndAJumpLeavesIt() {
  Places places;
  places.visit(at("a", 0.0));
  places.visit(at("a", 4.0));
  places.visit(at("a", 9.0));
  QVERIFY(!places.canGoBack());
  places.visit(at("a", 60.0), true);
  places.visit(at("a", 60.0), true);  // the same jump twice is one
  QCOMPARE(places.back()->seconds, 9.0);
  QVERIFY(!places.canGoBack());
  places.visit(at("a", 10.0));  // a little further: what lies ahead stays
  QCOMPARE(places.forward()->seconds, 60.0);
  QCOMPARE(places.back()->seconds, 10.0);
  places.visit(at("a", 10.0, 3));  // another tab
  QCOMPARE(places.back()->tab, 0);
}

void TestPlaces::theNewestHundredAreKept() {
  Places places;
  for (int i = 0; i < 250; ++i) places.visit(at(qPrintable(QString::number(i))));
  size_t count = 1;
  QString oldest;
  while (const auto place = places.back()) {
    ++count;
    oldest = place->video;
  }
  QCOMPARE(count, Places::kMost);
  QCOMPARE(oldest, QString("150"));
}

std::unique_ptr<MainWindow> TestPlaces::window(QueuedPrompts& prompts) {
  auto made = std::make_unique<MainWindow>(prompts, Session{});
  made->saveSessionOnClose(false);
  made->resize(1280, 800);
  made->show();
  made->openData(qText(set_->path("dataset.yaml")));
  [&] { QTRY_VERIFY_WITH_TIMEOUT(made->workspace().video(), kPatience); }();
  QCoreApplication::processEvents();
  return made;
}

void TestPlaces::theWindowGoesBackAndForward() {
  QueuedPrompts prompts;
  auto shown = window(prompts);
  Workspace& workspace = shown->workspace();
  QAction* back = shown->actionList()["placeBack"];
  QAction* forward = shown->actionList()["placeForward"];
  QVERIFY(!back->isEnabled() && !forward->isEnabled());
  const QString first = workspace.videoId();
  const QString second = first == "two" ? "three" : "two";
  workspace.setCursor(3.0);
  workspace.selectVideo(second);
  QTRY_VERIFY(back->isEnabled());
  workspace.setCursor(2.0);
  shown->tabs().setCurrentWidget(&shown->player());
  QCoreApplication::processEvents();
  QTest::keyClick(shown.get(), Qt::Key_Left, Qt::AltModifier);  // the tab
  QCOMPARE(workspace.videoId(), second);
  QVERIFY(shown->tabs().currentWidget() != &shown->player());
  back->trigger();  // the video, at the time at which it was left
  QCOMPARE(workspace.videoId(), first);
  QCOMPARE(workspace.cursorSeconds(), 3.0);
  QVERIFY(!back->isEnabled() && forward->isEnabled());
  QTest::keyClick(shown.get(), Qt::Key_Right, Qt::AltModifier);
  QCOMPARE(workspace.videoId(), second);
  QCOMPARE(workspace.cursorSeconds(), 2.0);
  forward->trigger();
  QCOMPARE(shown->tabs().currentWidget(), &shown->player());
  QCoreApplication::processEvents();
  QVERIFY(back->isEnabled() && !forward->isEnabled());  // going there was no new place
}

void TestPlaces::goToTimeIsAJump() {
  QueuedPrompts prompts;
  auto shown = window(prompts);
  shown->workspace().setCursor(1.0);
  prompts.paths.enqueue("0:05");
  shown->actionList()["goToTime"]->trigger();
  QCOMPARE(shown->workspace().cursorSeconds(), 5.0);
  QTRY_VERIFY(shown->actionList()["placeBack"]->isEnabled());
  shown->actionList()["placeBack"]->trigger();
  QCOMPARE(shown->workspace().cursorSeconds(), 1.0);
  shown->actionList()["placeForward"]->trigger();
  QCOMPARE(shown->workspace().cursorSeconds(), 5.0);
}

void TestPlaces::anotherDataSetForgetsThem() {
  QueuedPrompts prompts;
  auto shown = window(prompts);
  shown->workspace().selectVideo("two");
  shown->workspace().selectVideo("three");
  QCoreApplication::processEvents();
  QVERIFY(shown->actionList()["placeBack"]->isEnabled());
  QSignalSpy read(&shown->workspace(), &Workspace::dataChanged);
  shown->openData(makeSynth(box_));
  QTRY_COMPARE_WITH_TIMEOUT(read.count(), 1, kPatience);
  QTRY_VERIFY_WITH_TIMEOUT(!shown->workspace().loading(), kPatience);
  QCoreApplication::processEvents();
  QVERIFY(!shown->actionList()["placeBack"]->isEnabled());
  Workers::instance().waitForDone();
}

HVLM_GUI_TEST_MAIN(TestPlaces)
#include "tst_ui_places.moc"
