// SPDX-License-Identifier: GPL-3.0-or-later
// The key map of the window: every key of the table is an action's, and does what the table says.
#include <QClipboard>
#include <QComboBox>
#include <QDockWidget>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QStatusBar>
#include <QTabBar>
#include <QTabWidget>
#include <QTextBrowser>
#include <QToolButton>
#include <QTreeWidget>

#include "core/video/clips.h"
#include "ui/curves/curves_view.h"
#include "ui/inspector/inspector_panel.h"
#include "ui/jobs/jobs_panel.h"
#include "ui/language/chat_panel.h"
#include "ui/log/log_panel.h"
#include "ui/look/pyramid_panel.h"
#include "ui/player/video_panel.h"
#include "ui/player/video_view.h"
#include "ui/runs/runs_panel.h"
#include "ui/shell/action_list.h"
#include "ui/shell/background.h"
#include "ui/shell/notice_strip.h"
#include "ui/shell/workers.h"
#include "ui/timeline/timeline_panel.h"
#include "ui/training/training_panel.h"
#include "ui/videos/videos_panel.h"
#include "ui/window/key_editor.h"
#include "ui/window/main_window.h"
#include "ui_fixtures.h"

using namespace hvlm;
using namespace hvlm::ui;
using namespace hvlm::ui::testing;

namespace {

constexpr int kLong = 30000;  // ms; an upper bound for a state that must come

// ux.md 3, cell by cell: the action and all of its keys.
const std::pair<const char*, const char*> kKeyMap[] = {
    {"playHere", "Space"}, {"playPause", "K"}, {"playBack", "J"}, {"playOn", "L"}, {"frameBack", "Left|,"}, {"frameOn", "Right|."},
    {"secondBack", "Shift+Left"}, {"secondOn", "Shift+Right"}, {"previousEdge", "Ctrl+Left"}, {"nextEdge", "Ctrl+Right"},
    {"placeBack", "Alt+Left"}, {"placeForward", "Alt+Right"}, {"toStart", "Home"}, {"toEnd", "End"}, {"goToTime", "Ctrl+G"},
    {"markIn", "I"}, {"markOut", "O"}, {"clearMarks", "Shift+X"}, {"loopMarks", "Shift+Space"}, {"zoomIn", "+"}, {"zoomOut", "-"},
    {"zoomWhole", "0"}, {"zoomSelection", "Z"}, {"level1", "1"}, {"level5", "5"}, {"level9", "9"}, {"allLevels", "*"}, {"showTruth", "G"},
    {"showPredictions", "P"}, {"showAttention", "A"}, {"threshold", "T"}, {"previousVideo", "PgUp"}, {"nextVideo", "PgDown"},
    {"findInPanel", "Ctrl+F|/"}, {"palette", "Ctrl+P|Ctrl+Shift+P"}, {"keySheet", "F1|Ctrl+?"}, {"newRun", "Ctrl+N"}, {"openData", "Ctrl+O"},
    {"closeWindow", "Ctrl+W"}, {"quit", "Ctrl+Q"}, {"undo", "Ctrl+Z"}, {"redo", "Ctrl+Shift+Z|Ctrl+Y"}, {"runOrResume", "Ctrl+R"},
    {"stop", "Ctrl+."}, {"export", "Ctrl+E"}, {"settings", "Ctrl+,"}, {"fullScreen", "F11"}, {"nextPanel", "F6"}, {"previousPanel", "Shift+F6"}};

void press(QWidget* widget, const QKeySequence& keys) {
  const QKeyCombination combination = keys[0];
  QTest::keyClick(widget, combination.key(), combination.keyboardModifiers());
}

}  // namespace

class TestKeys : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase();
  void init();
  void cleanup();
  void theMapIsInForce();
  void eachKeyFiresItsAction();
  void keysOfTheTimeMoveTheCursorInBothPlaces_data();
  void keysOfTheTimeMoveTheCursorInBothPlaces();
  void withAVideoTheArrowsStepFrames();
  void framesAreFoundByTheirIndex();
  void textFieldsKeepTheirKeys();
  void theLoopButtonAndItsActionAreOne();
  void panelsAreGoneThroughWithThoseBehindOthers();
  void findingStaysInThePanel();
  void settingsAreInOnePlace();
  void theKeySheetLeadsToTheManual();
  void otherKeysOfAnActionStay();
  void tipsFollowTheKeys();
  void thePanelsButtonsAreActions();
  void keysOfTwoPlacesClashWhereTheyMeet();
  void panningWhilePlayingEndsFollowing();
  void playAtTheEndStaysThere();
  void whatFollowsAnAnswerCannotEndTheProgram();
  void theStatusBarSaysJobDeviceMemoryAndPlace();

 private:
  QAction* action(const char* id) { return window_->actionList()[id]; }
  TimelineView* timeline() { return window_->timeline().view(); }
  double cursor() { return window_->workspace().cursorSeconds(); }
  void openSynth();
  void openClip();
  QTemporaryDir folder_;
  std::unique_ptr<Sandbox> box_;
  std::unique_ptr<QueuedPrompts> prompts_;
  std::unique_ptr<MainWindow> window_;
};

void TestKeys::initTestCase() {
  WriterOptions options;
  options.gop = 12;
  std::vector<double> times;  // every third frame lasts three times as long
  for (int i = 0; i < 120; ++i) times.push_back(times.empty() ? 0.0 : times.back() + (i % 3 == 0 ? 0.12 : 0.04));
  hvlm::testing::writeClip(folder_.filePath("vfr.mp4").toStdString(), options, 120, times);
}

void TestKeys::init() {
  box_ = std::make_unique<Sandbox>();
  prompts_ = std::make_unique<QueuedPrompts>();
  window_ = std::make_unique<MainWindow>(*prompts_, Session{});
  window_->saveSessionOnClose(false);
  window_->resize(1280, 800);
  window_->show();
  QVERIFY(QTest::qWaitForWindowActive(window_.get()));
}

void TestKeys::cleanup() {
  window_.reset();
  Workers::instance().waitForDone();
  prompts_.reset();
  box_.reset();
  Theme::instance().setKind(ThemeKind::kLight);
}

void TestKeys::openSynth() {
  window_->openData(makeSynth(*box_));
  QTRY_VERIFY_WITH_TIMEOUT(window_->workspace().video(), kLong);
  QTRY_VERIFY_WITH_TIMEOUT(!window_->training().runFolder().isEmpty(), kLong);
}

// A video of the data set gets a file.
void TestKeys::openClip() {
  openSynth();
  QSignalSpy opened(&window_->player(), &VideoPanel::opened);
  window_->player().link(window_->workspace().videoId(), folder_.filePath("vfr.mp4"));
  QTRY_VERIFY_WITH_TIMEOUT(!opened.isEmpty() && window_->player().view()->frame().exact, kLong);
  action("showVideo")->trigger();
}

void TestKeys::theMapIsInForce() {
  for (const auto& [id, text] : kKeyMap) {
    QVERIFY2(action(id), id);
    for (const QString& key : QString::fromLatin1(text).split('|')) QVERIFY2(action(id)->shortcuts().contains(QKeySequence(key)), qPrintable(QStringLiteral("%1: %2").arg(id, key)));
  }
  for (int level = 1; level <= 9; ++level) QVERIFY(action(qPrintable(QStringLiteral("level%1").arg(level)))->shortcuts().contains(QKeySequence(Qt::Key_0 + level)));
  QCOMPARE(window_->actionList().clashes(), QStringList());
}

void TestKeys::eachKeyFiresItsAction() {
  // They close, ask or train: tests of their own fire them.
  static const QSet<QString> apart = {"closeWindow", "quit", "openData", "runOrResume", "stop", "undo", "redo", "placeBack", "placeForward", "fullScreen"};
  openSynth();
  for (const auto& [id, text] : kKeyMap) {
    if (apart.contains(QLatin1String(id))) continue;
    for (const QString& key : QString::fromLatin1(text).split('|')) {
      timeline()->setFocus();
      QTRY_VERIFY(timeline()->hasFocus());
      QSignalSpy fired(action(id), &QAction::triggered);
      press(timeline(), QKeySequence(key));
      QVERIFY2(fired.count() == 1, qPrintable(QStringLiteral("%1: %2").arg(QLatin1String(id), key)));
      for (QDialog* dialog : window_->findChildren<QDialog*>()) dialog->close();
      QCoreApplication::processEvents();
      window_->activateWindow();
      QVERIFY(QTest::qWaitForWindowActive(window_.get()));
    }
  }
}

void TestKeys::keysOfTheTimeMoveTheCursorInBothPlaces_data() {
  QTest::addColumn<bool>("in_video");
  QTest::newRow("in the timeline") << false;
  QTest::newRow("in the video panel") << true;
}
void TestKeys::keysOfTheTimeMoveTheCursorInBothPlaces() {
  QFETCH(bool, in_video);
  openClip();
  QWidget* place = in_video ? static_cast<QWidget*>(window_->findChild<QToolButton*>("playButton")) : timeline();
  place->setFocus();
  QTRY_VERIFY(place->hasFocus());
  window_->workspace().setCursor(2.0);
  press(place, QKeySequence("Shift+Right"));
  QCOMPARE(cursor(), 3.0);
  press(place, QKeySequence("Shift+Left"));
  QCOMPARE(cursor(), 2.0);
  press(place, QKeySequence("End"));
  QCOMPARE(cursor(), window_->workspace().video()->duration_seconds);
  press(place, QKeySequence("Home"));
  QCOMPARE(cursor(), 0.0);
  press(place, QKeySequence("Ctrl+Right"));
  const double edge = cursor();
  const auto& segments = window_->workspace().video()->segments;
  QVERIFY(edge > 0.0);
  QVERIFY(std::any_of(segments.begin(), segments.end(), [edge](const Segment& s) { return edge == s.start_seconds || edge == s.end_seconds; }));
  press(place, QKeySequence("Ctrl+Left"));
  QCOMPARE(cursor(), 0.0);
  if (in_video) return;  // Space presses the button that has the focus; the panel itself plays
  press(place, QKeySequence("Space"));
  QVERIFY(window_->player().clock().isPlaying());
  press(place, QKeySequence("Space"));
  QVERIFY(!window_->player().clock().isPlaying());
}

void TestKeys::withAVideoTheArrowsStepFrames() {
  openClip();
  timeline()->setFocus();
  window_->workspace().setCursor(0.0);
  QTRY_COMPARE_WITH_TIMEOUT(window_->player().view()->frame().index, int64_t{0}, kLong);
  // Frames 1, 2 lie 0.04 s apart, frame 3 comes 0.12 s later.
  const std::pair<const char*, double> steps[] = {{"Right", 0.04}, {".", 0.08}, {"Right", 0.20}, {"Left", 0.08}, {",", 0.04}};
  for (const auto& [key, seconds] : steps) {
    press(timeline(), QKeySequence(QLatin1String(key)));
    QTRY_VERIFY2_WITH_TIMEOUT(std::abs(cursor() - seconds) < 1e-3, key, kLong);
  }
  // Feature steps have keys of their own.
  press(timeline(), QKeySequence("Alt+."));
  QVERIFY(std::abs(cursor() - 0.04 - timeline()->content().step_seconds) < 1e-3);
}

void TestKeys::framesAreFoundByTheirIndex() {
  openClip();
  NoticeStrip* notice = window_->timeline().notice();
  for (const char* text : {"#50", "f50", " F 50"}) {
    window_->workspace().setCursor(0.0);
    prompts_->paths.enqueue(QLatin1String(text));
    action("goToTime")->trigger();
    // 16 triples of 0.2 s and two frames more: never 50 over the mean rate.
    QTRY_VERIFY2_WITH_TIMEOUT(std::abs(cursor() - 3.28) < 1e-3, text, kLong);
    QTRY_COMPARE_WITH_TIMEOUT(window_->player().view()->frame().index, int64_t{50}, kLong);
    QCOMPARE(hvlm::testing::codeOf(*window_->player().view()->frame().frame), int64_t{50});
  }
  prompts_->paths.enqueue("#120");
  action("goToTime")->trigger();
  QVERIFY2(notice->text().contains("119"), qPrintable(notice->text()));
  prompts_->paths.enqueue("#x");
  action("goToTime")->trigger();
  QVERIFY2(notice->text().contains("neither"), qPrintable(notice->text()));
  prompts_->paths.enqueue("2.5");
  action("goToTime")->trigger();
  QCOMPARE(cursor(), 2.5);
  // Without a file there are no frames.
  action("nextVideo")->trigger();
  prompts_->paths.enqueue("#5");
  action("goToTime")->trigger();
  QVERIFY2(notice->text().contains("Frames are those"), qPrintable(notice->text()));
}

void TestKeys::textFieldsKeepTheirKeys() {
  openClip();
  window_->workspace().setCursor(2.0);
  auto* field = window_->findChild<QLineEdit*>("videoSearchEdit");
  field->setText("abc");
  field->setFocus();
  for (const char* key : {"Home", "Shift+Right", "Ctrl+Right", "Left", "End", "Space"}) press(field, QKeySequence(QLatin1String(key)));
  QCOMPARE(cursor(), 2.0);
  QCOMPARE(field->text(), QString("abc "));
  QVERIFY(!window_->player().clock().isPlaying());
}

void TestKeys::theLoopButtonAndItsActionAreOne() {
  openClip();
  auto* button = window_->findChild<QToolButton*>("loopButton");
  button->click();
  QVERIFY(action("loopMarks")->isChecked() && window_->player().clock().loops());
  timeline()->setFocus();
  press(timeline(), QKeySequence("Shift+Space"));
  QVERIFY(!button->isChecked() && !action("loopMarks")->isChecked() && !window_->player().clock().loops());
}

void TestKeys::panelsAreGoneThroughWithThoseBehindOthers() {
  openSynth();
  auto* inspector = window_->findChild<InspectorPanel*>();
  auto* dock = window_->findChild<QDockWidget*>("inspectorDock");
  QVERIFY(inspector && dock);
  window_->timeline().view()->setFocus();
  bool reached = false;
  QSet<QWidget*> seen;
  for (int i = 0; i < 12; ++i) {
    action("nextPanel")->trigger();
    QWidget* focus = QApplication::focusWidget();
    QVERIFY(focus);
    seen.insert(focus);
    if (!inspector->isAncestorOf(focus)) continue;
    reached = true;
    QVERIFY(!inspector->visibleRegion().isEmpty());  // in front
    action("previousPanel")->trigger();
    QVERIFY(window_->training().isAncestorOf(QApplication::focusWidget()));
    break;
  }
  QVERIFY(reached);
}

void TestKeys::findingStaysInThePanel() {
  openSynth();
  window_->findChild<QDockWidget*>("jobsDock")->raise();
  auto* jobs = window_->jobsPanel().findChild<QWidget*>("jobNewButton");
  jobs->setFocus();
  QTRY_VERIFY(jobs->hasFocus());
  action("findInPanel")->trigger();
  QVERIFY(jobs->hasFocus());
  QVERIFY2(window_->statusBar()->currentMessage().contains("Jobs"), qPrintable(window_->statusBar()->currentMessage()));
  action("showResults")->trigger();
  window_->tabs().tabBar()->setFocus();
  action("findInPanel")->trigger();
  QVERIFY2(window_->statusBar()->currentMessage().contains("Results"), qPrintable(window_->statusBar()->currentMessage()));
  window_->timeline().view()->setFocus();
  action("findInPanel")->trigger();
  QCOMPARE(QApplication::focusWidget(), window_->findChild<QLineEdit*>("videoSearchEdit"));
}

void TestKeys::settingsAreInOnePlace() {
  openSynth();
  action("settings")->trigger();
  auto* dialog = window_->findChild<QDialog*>("settingsDialog");
  QVERIFY(dialog);
  auto* theme = dialog->findChild<QComboBox*>("themeCombo");
  QCOMPARE(theme->count(), 4);
  theme->setCurrentIndex(2);
  Q_EMIT theme->activated(2);
  QCOMPARE(Theme::instance().kind(), ThemeKind::kDark);
  auto* language = dialog->findChild<QComboBox*>("languageCombo");
  language->setCurrentIndex(2);
  Q_EMIT language->activated(2);
  QCOMPARE(window_->session().language, QString("de"));
  auto* hardware = dialog->findChild<QAbstractButton*>("hardwareBox");
  hardware->click();
  QVERIFY(action("hardwareVideo")->isChecked());
  dialog->findChild<QPushButton*>("threadsButton")->click();
  QCOMPARE(window_->findChild<QLineEdit*>("configSearchEdit")->text(), QString("threads"));
  QVERIFY(dialog->findChild<QPushButton*>("exportOptionsButton"));
  dialog->findChild<QPushButton*>("editKeysButton")->click();
  QVERIFY(window_->findChild<KeyEditor*>());
}

void TestKeys::theKeySheetLeadsToTheManual() {
  action("keySheet")->trigger();
  auto* button = window_->findChild<QPushButton*>("manualButton");
  QVERIFY(button);
  button->click();
  auto* text = window_->findChild<QTextBrowser*>("manualText");
  QVERIFY(text);
  QVERIFY2(text->toPlainText().contains("First start"), qPrintable(text->toPlainText().left(200)));
}

void TestKeys::otherKeysOfAnActionStay() {
  KeyEditor editor(window_->actionList(), {});
  QVERIFY(editor.setKey("redo", QKeySequence("Ctrl+Alt+Z")));
  QCOMPARE(action("redo")->shortcuts(), (QList<QKeySequence>{QKeySequence("Ctrl+Alt+Z"), QKeySequence("Ctrl+Y")}));
  QVERIFY(editor.setKey("redo", QKeySequence("Ctrl+Y")));  // its own second key: now the only one
  QCOMPARE(action("redo")->shortcuts(), QList<QKeySequence>{QKeySequence("Ctrl+Y")});
  QVERIFY(editor.setKey("redo", QKeySequence()));
  QVERIFY(action("redo")->shortcuts().isEmpty());
}

void TestKeys::tipsFollowTheKeys() {
  const std::tuple<const char*, const char*, const char*> buttons[] = {
      {"playButton", "playPause", "Ctrl+Alt+K"}, {"loopButton", "loopMarks", "Ctrl+Alt+L"}, {"zoomInButton", "zoomIn", "Ctrl+Alt+I"},
      {"thresholdSlider", "threshold", "Ctrl+Alt+T"}, {"runButton", "runOrResume", "Ctrl+Alt+R"}, {"stopRunButton", "stop", "Ctrl+Alt+S"}};
  KeyEditor editor(window_->actionList(), {});
  for (const auto& [name, id, key] : buttons) {
    auto* button = window_->findChild<QWidget*>(QLatin1String(name));
    QVERIFY2(button, name);
    const QString before = action(id)->shortcut().toString(QKeySequence::NativeText);
    QVERIFY2(button->toolTip().contains(before), qPrintable(button->toolTip()));
    QVERIFY(editor.setKey(QLatin1String(id), QKeySequence(QLatin1String(key))));
    const QString after = QKeySequence(QLatin1String(key)).toString(QKeySequence::NativeText);
    QVERIFY2(button->toolTip().contains(after), qPrintable(button->toolTip()));
    QVERIFY2(!button->toolTip().contains(QStringLiteral("(%1)").arg(before)), qPrintable(button->toolTip()));
  }
}

void TestKeys::thePanelsButtonsAreActions() {
  openSynth();
  window_->log().add(LogLevel::kWarning, "a line to be copied");
  QTRY_VERIFY(window_->log().model()->allText().contains("a line to be copied"));
  action("copyLog")->trigger();
  QVERIFY(QApplication::clipboard()->text().contains("a line to be copied"));
  action("curvesOverHours")->trigger();
  QCOMPARE(window_->curves().options().axis, CurveAxis::kHours);
  const std::tuple<const char*, const char*> toggles[] = {{"curvesLogX", "logXButton"}, {"curvesClip", "clipButton"}, {"followCurves", "followButton"}};
  for (const auto& [id, name] : toggles) {
    auto* button = window_->curves().findChild<QToolButton*>(QLatin1String(name));
    const bool before = button->isChecked();
    action(id)->trigger();
    QCOMPARE(button->isChecked(), !before);
    button->click();
    QCOMPARE(action(id)->isChecked(), before);
  }
  QVERIFY(window_->curves().options().follow);
  for (const char* id : {"jobAgain", "copyJobLine", "removeJob", "sendQuestion", "stopAnswer", "clearTalk"}) QVERIFY2(action(id), id);
}

void TestKeys::keysOfTwoPlacesClashWhereTheyMeet() {
  QWidget window, left(&window), inner(&left), right(&window);
  ActionList list(&window);
  list.add("one", "g", "One", {QKeySequence("X")}, [] {}, nullptr, {&left});
  list.add("two", "g", "Two", {QKeySequence("X")}, [] {}, nullptr, {&right});
  QVERIFY(list.clashes().isEmpty());
  list.add("three", "g", "Three", {QKeySequence("X")}, [] {}, nullptr, KeyPlaces{&right, &inner});  // inner lies in left
  QCOMPARE(list.clashes().size(), 2);
}

void TestKeys::panningWhilePlayingEndsFollowing() {
  openClip();
  TimelineView* view = timeline();
  view->zoom(8.0);
  const double span = view->scale().seconds_per_pixel * view->scale().width;
  QVERIFY(span < window_->workspace().video()->duration_seconds);
  QVERIFY(view->follows() && action("followCursor")->isChecked());
  view->setPlaying(true);
  view->setCursor(window_->workspace().video()->duration_seconds);  // the player's
  QVERIFY(view->scale().start_seconds > 0.0);                       // the view goes along
  QWheelEvent wheel(QPointF(400, 40), view->mapToGlobal(QPointF(400, 40)), {}, {0, 120 * 40}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
  QApplication::sendEvent(view, &wheel);
  QVERIFY(!view->follows() && !action("followCursor")->isChecked());
  QVERIFY(window_->timeline().notice()->text().contains("no longer"));
  const double start = view->scale().start_seconds;
  view->setCursor(window_->workspace().video()->duration_seconds - 0.1);
  QCOMPARE(view->scale().start_seconds, start);  // not pulled back
  action("followCursor")->trigger();
  QVERIFY(view->scale().start_seconds > start);
  view->setPlaying(false);
  QApplication::sendEvent(view, &wheel);
  QVERIFY(view->follows());  // nobody is pulled back while nothing plays
}

void TestKeys::playAtTheEndStaysThere() {
  openClip();
  window_->workspace().setCursor(1e6);
  VideoPanel& player = window_->player();
  const double end = player.clock().end();
  QTRY_COMPARE(player.clock().position(), end);
  action("playPause")->trigger();
  QVERIFY(!player.clock().isPlaying());
  QCOMPARE(player.clock().position(), end);
  QVERIFY2(player.notice()->text().contains("at its end"), qPrintable(player.notice()->text()));
  action("playFromStart")->trigger();
  QVERIFY(player.clock().isPlaying());
  QVERIFY(player.clock().position() < end);
  action("playPause")->trigger();
}

void TestKeys::whatFollowsAnAnswerCannotEndTheProgram() {
  bool later = false;
  inBackground(window_.get(), [] { return 1; }, [](int) { throw std::runtime_error("the answer was unexpected"); });
  inBackground(window_.get(), [] {}, [&later] { later = true; });
  QTRY_VERIFY(later);
  QTRY_VERIFY2(window_->log().model()->allText().contains("the answer was unexpected"), qPrintable(window_->log().model()->allText()));
}

void TestKeys::theStatusBarSaysJobDeviceMemoryAndPlace() {
  const auto text = [this](const char* name) { return window_->findChild<QLabel*>(QLatin1String(name))->text(); };
  QVERIFY(text("statusPlace").isEmpty());
  openSynth();
  window_->workspace().setCursor(2.5);
  QVERIFY2(text("statusPlace").contains("0:02") && text("statusPlace").contains("step 2 of"), qPrintable(text("statusPlace")));
  QVERIFY2(text("statusJob").startsWith("job "), qPrintable(text("statusJob")));
  QVERIFY2(text("statusMachine").startsWith(QStringLiteral("cpu %1 cores").arg(QThread::idealThreadCount())), qPrintable(text("statusMachine")));
  QTRY_VERIFY2_WITH_TIMEOUT(text("statusMachine").endsWith("MB") || text("statusMachine").endsWith("GB"), qPrintable(text("statusMachine")), kLong);
}

HVLM_GUI_TEST_MAIN(TestKeys)
#include "tst_ui_keys.moc"
