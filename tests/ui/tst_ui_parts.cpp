// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPushButton>
#include <QScrollBar>
#include <QToolButton>
#include <fstream>
#include <thread>

#include "support/atomic_file.h"
#include "support/error.h"
#include "support/version.h"
#include "ui/log/log_panel.h"
#include "ui/shell/action_list.h"
#include "ui/shell/background.h"
#include "ui/shell/command_palette.h"
#include "ui/shell/empty_state.h"
#include "ui/shell/notice_strip.h"
#include "ui/shell/session.h"
#include "ui/shell/workers.h"
#include "ui/timeline/options_state.h"
#include "ui/training/event_queue.h"
#include "ui/training/job_status.h"
#include "ui_fixtures.h"

using namespace hvlm;
using namespace hvlm::ui;
using hvlm::ui::testing::Sandbox;

namespace {

constexpr int kPatience = 20000;  // ms: a busy machine is slow, not wrong

// A window with some actions that write down that they ran.
struct Actions {
  QWidget window;
  QWidget panel{&window};
  QWidget other{&window};
  ActionList list{&window};
  QStringList ran;
  Actions() {
    window.resize(800, 600);
    add("openData", "File", "&Open data set…", "Ctrl+O");
    add("exportTable", "File", "Export &table…", "");
    add("exportTimeline", "File", "Export t&imeline…", "Ctrl+E");
    add("run", "Run", "&Run training", "Ctrl+R");
    add("zoomIn", "Timeline", "Zoom &in", "+", &panel);
    list.addToggle("truth", "Timeline", "Ground &truth", {QKeySequence("G")}, true, [this](bool on) { ran.append(on ? "on" : "off"); });
  }
  void add(const char* id, const QString& group, const QString& text, const QString& keys, QWidget* where = nullptr) {
    QList<QKeySequence> sequences;
    if (!keys.isEmpty()) sequences.append(QKeySequence(keys));
    list.add(id, group, text, sequences, [this, id] { ran.append(id); }, nullptr, where);
  }
};

QStringList namesOf(const CommandModel& model) {
  QStringList names;
  for (int row = 0; row < model.rowCount(); ++row) names.append(model.data(model.index(row), Qt::DisplayRole).toString());
  return names;
}

Session someSession() {
  Session session;
  session.geometry = QByteArray("\x00\x01geo", 5);
  session.docks = QByteArray("docks\xff", 6);
  session.centre = "centre";
  session.theme = ThemeKind::kHighContrast;
  session.theme_chosen = true;
  session.data = QString::fromUtf8("/data/Kälte/dataset.yaml");
  session.run = "/runs/0002";
  session.runs_folders = {"/runs", "/more runs"};
  session.overlaid = {"/runs/0001"};
  session.video = "v_\"quoted\"";
  session.cursor_seconds = 41.2;
  session.shown_seconds = std::pair(12.5, 80.25);
  session.tab = "resultsView";
  session.curves = {{"axis", "epoch"}, {"log_x", true}};
  session.timeline = timelineState({.truth = false, .predictions = true, .attention = false, .only_level = 3, .value = CellValue::kAlpha, .threshold = 0.35, .tiou = 0.75});
  session.baseline = "/runs/0002";
  session.trashed = {{"/runs/0003", "/trash/0003"}};
  session.hardware_video = true;
  return session;
}

}  // namespace

class TestParts : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void matching_data();
  void matching();
  void paletteShowsEveryAction();
  void paletteFilters_data();
  void paletteFilters();
  void paletteRunsWhatIsChosen();
  void paletteRunsNothingThatIsOff();
  void paletteEndsWithoutHarmOnEscape();
  void toolTipsNameTheKeys();
  void clashesAreFound_data();
  void clashesAreFound();
  void noticeShowsAndHides();
  void noticeActs();
  void noticeIsCopiedWithTheVersion();
  void emptyStateHasOneButton();
  void logFiltersByLevelAndWords();
  void logCopiesWhatItShows();
  void logTakesLinesFromAnyThread();
  void logStaysWhereTheReaderIs();
  void queueGivesEachEventOnce();
  void aDroppedAnswerHarmsNothing();
  void failuresOfWorkersAreText();
  void sessionComesBack();
  void sessionReadsWhatItKnows_data();
  void sessionReadsWhatItKnows();
  void damagedSessionIsSetAside_data();
  void damagedSessionIsSetAside();
  void noSessionIsAFreshStart();
  void everyStateHasItsWords_data();
  void everyStateHasItsWords();
  void preparingTellsItsProgress();
  void aPressedButtonIsNotUndoneByLateEvents_data();
  void aPressedButtonIsNotUndoneByLateEvents();
  void aResumedRunCountsOn();
  void timeLeft_data();
  void timeLeft();
  void duration_data();
  void duration();
};

void TestParts::matching_data() {
  QTest::addColumn<QString>("query");
  QTest::addColumn<int>("score");
  QTest::newRow("nothing asked fits everything") << "" << 1;
  QTest::newRow("the start of a word counts ten") << "exp" << 11;
  QTest::newRow("the middle of a word counts three") << "xport" << 4;
  QTest::newRow("case does not matter") << "EXPORT" << 11;
  QTest::newRow("every word counts") << "exp tab" << 21;
  QTest::newRow("the order of words does not matter") << "table export" << 21;
  QTest::newRow("one word that does not occur is enough") << "export picture" << 0;
}
void TestParts::matching() {
  QFETCH(QString, query);
  QFETCH(int, score);
  QCOMPARE(matchScore("File: Export table…", query), score);
}

void TestParts::paletteShowsEveryAction() {
  Actions actions;
  CommandModel model(actions.list);
  QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
  QCOMPARE(model.rowCount(), static_cast<int>(actions.list.all().size()));
  for (QAction* action : actions.list.all()) {
    bool found = false;
    for (int row = 0; row < model.rowCount(); ++row) found = found || model.actionAt(row) == action;
    QVERIFY2(found, qPrintable(action->objectName()));
  }
  QVERIFY(!model.actionAt(99));
}

void TestParts::paletteFilters_data() {
  QTest::addColumn<QString>("query");
  QTest::addColumn<QStringList>("names");
  QTest::newRow("a word") << "export" << QStringList{"File: Export table…", "File: Export timeline…"};
  QTest::newRow("a group") << "timeline" << QStringList{"File: Export timeline…", "Timeline: Zoom in", "Timeline: Ground truth"};
  QTest::newRow("mnemonics do not stand in the way") << "truth" << QStringList{"Timeline: Ground truth"};
  QTest::newRow("the better hit is first") << "r" << QStringList{"Run: Run training", "File: Export table…", "File: Export timeline…", "Timeline: Ground truth"};
  QTest::newRow("nothing fits") << "swim" << QStringList{};
}
void TestParts::paletteFilters() {
  QFETCH(QString, query);
  QFETCH(QStringList, names);
  Actions actions;
  CommandModel model(actions.list);
  QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
  model.setQuery(query);
  QCOMPARE(namesOf(model), names);
}

void TestParts::paletteRunsWhatIsChosen() {
  Actions actions;
  actions.window.show();
  QVERIFY(QTest::qWaitForWindowExposed(&actions.window));
  CommandPalette palette(actions.list, &actions.window);
  palette.popUp();
  QVERIFY(palette.isVisible());
  auto* query = palette.findChild<QLineEdit*>("commandQueryEdit");
  auto* list = palette.findChild<QListView*>("commandList");
  QTest::keyClicks(query, "export");
  QCOMPARE(list->currentIndex().row(), 0);
  QTest::keyClick(query, Qt::Key_Down);
  QTest::keyClick(query, Qt::Key_Down);  // the end is the end
  QCOMPARE(list->currentIndex().row(), 1);
  QTest::keyClick(query, Qt::Key_Return);
  QVERIFY(!palette.isVisible());
  QTRY_COMPARE_WITH_TIMEOUT(actions.ran, QStringList{"exportTimeline"}, kPatience);
  palette.popUp();
  QVERIFY(query->text().isEmpty());  // anew each time
  QCOMPARE(palette.model()->rowCount(), static_cast<int>(actions.list.all().size()));
}

void TestParts::paletteRunsNothingThatIsOff() {
  Actions actions;
  actions.window.show();
  actions.list["run"]->setEnabled(false);
  CommandPalette palette(actions.list, &actions.window);
  palette.popUp();
  auto* query = palette.findChild<QLineEdit*>("commandQueryEdit");
  QTest::keyClicks(query, "run training");
  QCOMPARE(palette.model()->rowCount(), 1);
  QVERIFY(!palette.model()->flags(palette.model()->index(0)).testFlag(Qt::ItemIsEnabled));
  QTest::keyClick(query, Qt::Key_Return);
  QVERIFY(palette.isVisible());  // it stays, so that another can be chosen
  QVERIFY(actions.ran.isEmpty());
}

void TestParts::paletteEndsWithoutHarmOnEscape() {
  Actions actions;
  actions.window.show();
  CommandPalette palette(actions.list, &actions.window);
  palette.popUp();
  auto* query = palette.findChild<QLineEdit*>("commandQueryEdit");
  QTest::keyClicks(query, "nothing like this");
  QTest::keyClick(query, Qt::Key_Return);  // nothing is chosen
  QTest::keyClick(query, Qt::Key_Escape);
  QVERIFY(!palette.isVisible());
  QVERIFY(actions.ran.isEmpty());
}

void TestParts::toolTipsNameTheKeys() {
  Actions actions;
  QCOMPARE(actions.list["openData"]->toolTip(), QString("Open data set… (Ctrl+O)"));
  QCOMPARE(actions.list["exportTable"]->toolTip(), QString("Export table…"));
  QCOMPARE(actions.list.group("Timeline").size(), 2);
  QCOMPARE(ActionList::groupOf(actions.list["run"]), QString("Run"));
  QVERIFY(!actions.list["absent"]);
}

void TestParts::clashesAreFound_data() {
  QTest::addColumn<QString>("keys");
  QTest::addColumn<int>("where");  // 0: the window, 1: the panel that has +, 2: another panel
  QTest::addColumn<int>("clashes");
  QTest::newRow("new keys clash with nothing") << "Ctrl+J" << 0 << 0;
  QTest::newRow("keys of the window are taken everywhere") << "Ctrl+O" << 2 << 1;
  QTest::newRow("keys of a panel are taken in it") << "+" << 1 << 1;
  QTest::newRow("keys of a panel are free in another one") << "+" << 2 << 0;
  QTest::newRow("the window may not take keys of a panel") << "+" << 0 << 1;
}
void TestParts::clashesAreFound() {
  QFETCH(QString, keys);
  QFETCH(int, where);
  QFETCH(int, clashes);
  Actions actions;
  QCOMPARE(actions.list.clashes(), QStringList());
  actions.add("new", "Tools", "New", keys, where == 0 ? nullptr : where == 1 ? &actions.panel : &actions.other);
  QCOMPARE(actions.list.clashes().size(), clashes);
  if (clashes > 0) QVERIFY(actions.list.clashes().first().contains("newAction"));
}

void TestParts::noticeShowsAndHides() {
  QWidget window;
  NoticeStrip notice(&window);
  window.show();
  QVERIFY(!notice.isVisible());
  notice.show(NoticeLevel::kWarning, "<b>3</b> files & more");
  QVERIFY(notice.isVisible());
  QCOMPARE(notice.text(), QString("<b>3</b> files & more"));  // shown as it is, not as markup
  QCOMPARE(notice.property("level").toString(), QString("warning"));
  QCOMPARE(notice.accessibleDescription(), notice.text());
  QVERIFY(!notice.findChild<QToolButton*>("noticeActionButton"));
  notice.show(NoticeLevel::kBad, "worse");
  QCOMPARE(notice.property("level").toString(), QString("bad"));
  notice.findChild<QToolButton*>("noticeCloseButton")->click();
  QVERIFY(!notice.isVisible());
  QVERIFY(notice.text().isEmpty());
}

void TestParts::noticeActs() {
  QWidget window;
  NoticeStrip notice(&window);
  window.show();
  int acted = 0;
  notice.show(NoticeLevel::kInfo, "the file is gone", "Link another file", [&] {
    ++acted;
    notice.show(NoticeLevel::kGood, "linked");  // an action may say the next thing
  });
  auto* button = notice.findChild<QToolButton*>("noticeActionButton");
  QCOMPARE(button->text(), QString("Link another file"));
  QVERIFY(button->isVisible());
  button->click();
  QCOMPARE(acted, 1);
  QCOMPARE(notice.text(), QString("linked"));
  QVERIFY(notice.isVisible() && !button->isVisible());
  button->click();
  QCOMPARE(acted, 1);
  // Several things can be done: a button each, and only the one that was pressed acts.
  QStringList done;
  notice.show(NoticeLevel::kBad, "the file ends early", {{"Re-check file", [&] { done << "check"; }}, {"Link another file", [&] { done << "link"; }}});
  const QList<QToolButton*> buttons = notice.findChildren<QToolButton*>("noticeActionButton");
  QCOMPARE(buttons.size(), 2);
  QCOMPARE(buttons[0]->text(), QString("Re-check file"));
  buttons[1]->click();
  QCOMPARE(done, QStringList{"link"});
  QVERIFY(!notice.isVisible() && notice.findChildren<QToolButton*>("noticeActionButton").isEmpty());
}

void TestParts::noticeIsCopiedWithTheVersion() {
  NoticeStrip notice;
  notice.show(NoticeLevel::kBad, "features.h5: truncated");
  for (QToolButton* button : notice.findChildren<QToolButton*>()) {
    if (button->accessibleName() == "Copy message") button->click();
  }
  const QString copied = QGuiApplication::clipboard()->text();
  QVERIFY(copied.startsWith("features.h5: truncated\n"));
  QVERIFY2(copied.contains(qText(versionText())), qPrintable(copied));
}

void TestParts::emptyStateHasOneButton() {
  EmptyState empty("Runs appear here. No folder is open.", "Open runs…");
  empty.show();
  QCOMPARE(empty.findChildren<QPushButton*>().size(), 1);
  auto* button = empty.findChild<QPushButton*>("emptyStateButton");
  QVERIFY(button->isVisible());
  QCOMPARE(empty.text(), QString("Runs appear here. No folder is open."));
  QSignalSpy pressed(&empty, &EmptyState::pressed);
  QTest::mouseClick(button, Qt::LeftButton);
  button->setFocus();
  QTest::keyClick(button, Qt::Key_Space);
  QCOMPARE(pressed.count(), 2);
  empty.setButton(QString());
  empty.setText("Reading …");
  QVERIFY(!button->isVisible());
  QCOMPARE(empty.text(), QString("Reading …"));
}

void TestParts::logFiltersByLevelAndWords() {
  LogPanel panel;
  panel.show();
  panel.add(LogLevel::kInfo, "checkpoint step 10 kept");
  panel.add(LogLevel::kWarning, "checkpoint half written");
  panel.add(LogLevel::kError, "disk full");
  QTRY_COMPARE_WITH_TIMEOUT(panel.model()->rowCount(), 3, kPatience);
  auto* level = panel.findChild<QComboBox*>("logLevelCombo");
  auto* filter = panel.findChild<QLineEdit*>("logFilterEdit");
  const auto shown = [&] { return panel.model()->rowCount(); };
  level->setCurrentIndex(1);
  QCOMPARE(shown(), 2);
  QTest::keyClicks(filter, "CHECK");
  QCOMPARE(shown(), 1);
  level->setCurrentIndex(0);
  QCOMPARE(shown(), 2);
  panel.add(LogLevel::kInfo, "another checkpoint");
  panel.add(LogLevel::kInfo, "something else");
  QTRY_COMPARE_WITH_TIMEOUT(shown(), 3, kPatience);  // new lines pass the filter too
  filter->clear();
  QCOMPARE(shown(), 5);
  level->setCurrentIndex(2);
  QCOMPARE(shown(), 1);
}

void TestParts::logCopiesWhatItShows() {
  LogPanel panel;
  panel.add(LogLevel::kInfo, "one");
  panel.add(LogLevel::kError, "two");
  QTRY_COMPARE_WITH_TIMEOUT(panel.model()->rowCount(), 2, kPatience);
  panel.findChild<QComboBox*>("logLevelCombo")->setCurrentIndex(2);
  panel.findChild<QToolButton*>("copyLogButton")->click();
  const QString copied = QGuiApplication::clipboard()->text();
  QCOMPARE(copied.count('\n'), 1);
  QVERIFY2(copied.endsWith("two\n"), qPrintable(copied));
  QVERIFY(QTime::fromString(copied.left(8), "HH:mm:ss").isValid());
}

void TestParts::logTakesLinesFromAnyThread() {
  {
    LogPanel panel;
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([thread] {
        for (int i = 0; i < 50; ++i) logInfo("thread " + std::to_string(thread) + " line " + std::to_string(i));
      });
    }
    threads.clear();
    QTRY_COMPARE_WITH_TIMEOUT(panel.model()->rowCount(), 200, kPatience);
    int next[4] = {};
    for (int row = 0; row < 200; ++row) {  // each thread's lines in their order
      const QStringList words = panel.model()->data(panel.model()->index(row), Qt::ToolTipRole).toString().split(' ');
      QCOMPARE(words[3].toInt(), next[words[1].toInt()]++);
    }
  }
  logInfo("nobody listens any more");  // the panel is gone
}

void TestParts::logStaysWhereTheReaderIs() {
  LogPanel panel;
  panel.resize(400, 200);
  panel.show();
  for (int i = 0; i < 100; ++i) panel.add(LogLevel::kInfo, QString("line %1").arg(i));
  QTRY_COMPARE_WITH_TIMEOUT(panel.model()->rowCount(), 100, kPatience);
  auto* list = panel.findChild<QListView*>("logList");
  QScrollBar* bar = list->verticalScrollBar();
  QTRY_VERIFY_WITH_TIMEOUT(bar->maximum() > 0 && bar->value() == bar->maximum(), kPatience);  // it follows
  bar->setValue(3);
  panel.add(LogLevel::kInfo, "new");
  QTRY_COMPARE_WITH_TIMEOUT(panel.model()->rowCount(), 101, kPatience);
  QCOMPARE(bar->value(), 3);
  bar->setValue(bar->maximum());
  panel.add(LogLevel::kInfo, "newer");
  QTRY_VERIFY_WITH_TIMEOUT(panel.model()->rowCount() == 102 && bar->value() == bar->maximum(), kPatience);
}

void TestParts::queueGivesEachEventOnce() {
  EventQueue queue;
  std::vector<int64_t> taken;
  std::jthread worker([&queue] {
    for (int64_t i = 0; i < 2000; ++i) queue.onEvent(StepEvent{.step = i});
  });
  while (taken.size() < 2000) {
    for (const JobEvent& event : queue.take()) taken.push_back(std::get<StepEvent>(event).step);
  }
  for (int64_t i = 0; i < 2000; ++i) QCOMPARE(taken[static_cast<size_t>(i)], i);
  QVERIFY(queue.take().empty());
}

void TestParts::aDroppedAnswerHarmsNothing() {
  std::atomic<bool> release = false, worked = false;
  bool answered = false;
  auto owner = std::make_unique<QObject>();
  inBackground(
      owner.get(),
      [&] {
        while (!release) std::this_thread::yield();
        worked = true;
        return 1;
      },
      [&](int) { answered = true; });
  owner.reset();
  release = true;
  QTRY_VERIFY_WITH_TIMEOUT(worked.load(), kPatience);
  // The answer of a later request of a living owner comes after the dropped one.
  QObject alive;
  bool later = false;
  Workers::instance().waitForDone();
  inBackground(&alive, [] { return 2; }, [&](int value) { later = value == 2; });
  QTRY_VERIFY_WITH_TIMEOUT(later, kPatience);
  QVERIFY(!answered);
}

void TestParts::failuresOfWorkersAreText() {
  QObject owner;
  QString said;
  bool done = false;
  inBackground(
      &owner, [] { throw InputError({.where = "a.yaml:3", .expected = "a number", .found = "a word", .remedy = "Write 3."}); },
      [&] { done = true; }, [&](const QString& text) { said = text; });
  QTRY_VERIFY_WITH_TIMEOUT(!said.isEmpty(), kPatience);
  QVERIFY(said.contains("a.yaml:3") && said.contains("Write 3."));
  QVERIFY(!done);
}

void TestParts::sessionComesBack() {
  const Sandbox box;
  const auto file = pathOf(box.path("state/window.json"));
  std::filesystem::create_directories(file.parent_path());
  const Session saved = someSession();
  saveSession(file, saved);
  QString problem;
  const Session back = loadSession(file, &problem);
  QVERIFY2(problem.isEmpty(), qPrintable(problem));
  QCOMPARE(back.geometry, saved.geometry);
  QCOMPARE(back.docks, saved.docks);
  QCOMPARE(back.centre, saved.centre);
  QCOMPARE(back.theme, saved.theme);
  QVERIFY(back.theme_chosen);
  QCOMPARE(back.data, saved.data);
  QCOMPARE(back.run, saved.run);
  QCOMPARE(back.runs_folders, saved.runs_folders);
  QCOMPARE(back.overlaid, saved.overlaid);
  QCOMPARE(back.video, saved.video);
  QCOMPARE(back.cursor_seconds, saved.cursor_seconds);
  QVERIFY(back.shown_seconds == saved.shown_seconds);
  QCOMPARE(back.tab, saved.tab);
  QCOMPARE(back.curves, saved.curves);
  QCOMPARE(back.hardware_video, saved.hardware_video);
  QCOMPARE(back.timeline, saved.timeline);
  QCOMPARE(timelineState(timelineOptions(back.timeline)), saved.timeline);
  QCOMPARE(back.baseline, saved.baseline);
  QCOMPARE(back.trashed, saved.trashed);
  QCOMPARE(sessionJson(back), sessionJson(saved));
  Session plain;
  QVERIFY(!parseSession(sessionJson(plain)).theme_chosen);  // follows the platform
  QVERIFY(qText(sessionFile()).startsWith(box.path("state")));
}

void TestParts::sessionReadsWhatItKnows_data() {
  QTest::addColumn<QByteArray>("json");
  QTest::newRow("keys of a later version are passed over") << QByteArray(R"({"version": 1, "later": [1, 2], "video": "a"})");
  QTest::newRow("keys left out have their standard") << QByteArray(R"({"version": 1, "video": "a"})");
}
void TestParts::sessionReadsWhatItKnows() {
  QFETCH(QByteArray, json);
  const Session session = parseSession(json.toStdString());
  QCOMPARE(session.video, QString("a"));
  QVERIFY(!session.hardware_video);
  QVERIFY(timelineOptions(session.timeline) == TimelineOptions());
}

void TestParts::damagedSessionIsSetAside_data() {
  QTest::addColumn<QByteArray>("content");
  const std::string whole = sessionJson(someSession());
  QTest::newRow("cut in half") << QByteArray(whole.data(), static_cast<qsizetype>(whole.size() / 2));
  QTest::newRow("empty") << QByteArray();
  QTest::newRow("not JSON") << QByteArray("\x7f" "ELF");
  QTest::newRow("a list instead of an object") << QByteArray("[1]");
  QTest::newRow("a number where text belongs") << QByteArray(R"({"version": 1, "video": 3})");
  QTest::newRow("a list of numbers where folders belong") << QByteArray(R"({"version": 1, "runs_folders": [1]})");
  QTest::newRow("text where a number belongs") << QByteArray(R"({"version": 1, "threshold": "high"})");
  QTest::newRow("another version") << QByteArray(R"({"version": 2})");
  QTest::newRow("no version") << QByteArray("{}");
  QTest::newRow("nested without end") << QByteArray("[").repeated(100000);
}
void TestParts::damagedSessionIsSetAside() {
  QFETCH(QByteArray, content);
  const Sandbox box;
  const auto file = pathOf(box.path("window.json"));
  std::ofstream(file, std::ios::binary).write(content.data(), content.size());
  QString problem;
  const Session session = loadSession(file, &problem);
  QVERIFY2(problem.contains("window.json.bad"), qPrintable(problem));
  QVERIFY(session.video.isEmpty() && session.geometry.isEmpty());
  QVERIFY(!std::filesystem::exists(file));
  QCOMPARE(readFile(box.path("window.json.bad").toStdString(), size_t{1} << 20), content.toStdString());  // kept as it was
  saveSession(file, someSession());
  problem.clear();
  QCOMPARE(loadSession(file, &problem).video, someSession().video);
  QVERIFY(problem.isEmpty());
}

void TestParts::noSessionIsAFreshStart() {
  const Sandbox box;
  QString problem;
  const Session session = loadSession(pathOf(box.path("absent.json")), &problem);
  QVERIFY(problem.isEmpty());
  QVERIFY(session.data.isEmpty());
  loadSession(pathOf(box.path("absent.json")), nullptr);
}

void TestParts::everyStateHasItsWords_data() {
  QTest::addColumn<int>("state");
  QTest::addColumn<QString>("text");
  QTest::addColumn<bool>("active");
  QTest::addColumn<bool>("waits");  // says what for
  const auto row = [](JobState state, const char* text, bool active, bool waits) {
    QTest::addRow("%s", text) << static_cast<int>(state) << QString(text) << active << waits;
  };
  row(JobState::kIdle, "idle", false, false);
  row(JobState::kQueued, "queued", true, true);
  row(JobState::kPreparing, "preparing", true, true);
  row(JobState::kRunning, "running", true, false);
  row(JobState::kPausing, "pausing", true, true);
  row(JobState::kPaused, "paused", true, true);
  row(JobState::kStopping, "stopping", true, true);
  row(JobState::kEvaluating, "evaluating", true, false);
  row(JobState::kDone, "done", false, false);
  row(JobState::kStopped, "stopped", false, false);
  row(JobState::kFailed, "failed", false, false);
  row(JobState::kLost, "lost", false, true);
}
void TestParts::everyStateHasItsWords() {
  QFETCH(int, state);
  QFETCH(QString, text);
  QFETCH(bool, active);
  QFETCH(bool, waits);
  JobStatus status;
  enter(status, static_cast<JobState>(state), 3.0);
  QCOMPARE(stateText(status.state), text);
  QCOMPARE(isActive(status.state), active);
  QCOMPARE(!waitingText(status).isEmpty(), waits);
  QVERIFY(!icon(stateIcon(status.state)).pixmap(16, 16).isNull());
  QVERIFY(active || !canPause(status.state));
  QVERIFY(active || !canStop(status.state));
}

void TestParts::preparingTellsItsProgress() {
  JobStatus status;
  enter(status, JobState::kQueued, 0.0);
  applyEvent(status, PhaseEvent{"loading features", 3, 18}, 1.0);
  QCOMPARE(status.state, JobState::kPreparing);
  QCOMPARE(waitingText(status), QString("loading features 3 of 18"));
  applyEvent(status, PhaseEvent{"fitting probes", 0, 0}, 2.0);
  QCOMPARE(waitingText(status), QString("fitting probes"));  // how far is not known
  QCOMPARE(status.since_seconds, 1.0);
  applyEvent(status, StepEvent{.step = 1}, 3.0);
  QVERIFY(waitingText(status).isEmpty());
  applyEvent(status, FailedEvent{"out of memory"}, 4.0);
  QCOMPARE(status.failure, QString("out of memory"));
  QCOMPARE(status.since_seconds, 4.0);
}

void TestParts::aPressedButtonIsNotUndoneByLateEvents_data() {
  QTest::addColumn<int>("pressed");
  QTest::addColumn<int>("event");  // 0 started, 1 phase, 2 step, 3 "running"
  QTest::addColumn<bool>("kept");
  const auto stopping = static_cast<int>(JobState::kStopping), pausing = static_cast<int>(JobState::kPausing);
  QTest::newRow("a start while stopping") << stopping << 0 << true;
  QTest::newRow("a phase while stopping") << stopping << 1 << true;
  QTest::newRow("a step while stopping") << stopping << 2 << true;
  QTest::newRow("running again while stopping") << stopping << 3 << true;
  QTest::newRow("a start while pausing") << pausing << 0 << true;
  QTest::newRow("a phase while pausing") << pausing << 1 << true;
  QTest::newRow("a step while pausing") << pausing << 2 << true;
  QTest::newRow("a pause that was taken back runs") << pausing << 3 << false;
}
void TestParts::aPressedButtonIsNotUndoneByLateEvents() {
  QFETCH(int, pressed);
  QFETCH(int, event);
  QFETCH(bool, kept);
  const std::vector<JobEvent> events = {StartedEvent{"/r", 0, 10, 1}, PhaseEvent{"embedding", 1, 2}, StepEvent{.step = 2}, StateEvent{"running", 2}};
  JobStatus status;
  applyEvent(status, StepEvent{.step = 1}, 0.0);
  enter(status, static_cast<JobState>(pressed), 1.0);
  applyEvent(status, events[static_cast<size_t>(event)], 2.0);
  QCOMPARE(status.state == static_cast<JobState>(pressed), kept);
  applyEvent(status, FinishedEvent{"", "", true}, 3.0);
  QCOMPARE(status.state, JobState::kStopped);
}

void TestParts::aResumedRunCountsOn() {
  JobStatus status;
  applyEvent(status, StartedEvent{"/r", 400, 1000, 50}, 0.0);
  QCOMPARE(status.step, int64_t{400});
  QCOMPARE(status.total_steps, int64_t{1000});
  QVERIFY(!secondsLeft(status));  // no speed is known yet
  applyEvent(status, StepEvent{.step = 401, .epoch = 20.05, .wall_seconds = 100.0, .videos_done = 4}, 1.0);
  applyEvent(status, StepEvent{.step = 421, .epoch = 21.05, .wall_seconds = 104.0, .videos_done = 84}, 5.0);
  QVERIFY(std::abs(status.steps_per_second - 5.0) < 1e-9);  // of this segment, not 421 / 104
  QVERIFY(std::abs(status.items_per_second - 20.0) < 1e-9);
  QVERIFY(std::abs(*secondsLeft(status) - 579.0 / 5.0) < 1e-9);
}

void TestParts::timeLeft_data() {
  QTest::addColumn<int>("state");
  QTest::addColumn<qint64>("step");
  QTest::addColumn<qint64>("total");
  QTest::addColumn<double>("speed");
  QTest::addColumn<double>("left");  // negative: nobody knows
  const auto running = static_cast<int>(JobState::kRunning);
  QTest::newRow("steps left over speed") << running << qint64{40} << qint64{100} << 2.0 << 30.0;
  QTest::newRow("nothing is left at the end") << running << qint64{100} << qint64{100} << 2.0 << 0.0;
  QTest::newRow("unknown without a speed") << running << qint64{40} << qint64{100} << 0.0 << -1.0;
  QTest::newRow("unknown without an end") << running << qint64{40} << qint64{0} << 2.0 << -1.0;
  QTest::newRow("nothing to wait for once it is over") << static_cast<int>(JobState::kDone) << qint64{40} << qint64{100} << 2.0 << -1.0;
}
void TestParts::timeLeft() {
  QFETCH(int, state);
  QFETCH(qint64, step);
  QFETCH(qint64, total);
  QFETCH(double, speed);
  QFETCH(double, left);
  JobStatus status;
  status.state = static_cast<JobState>(state);
  status.step = step;
  status.total_steps = total;
  status.steps_per_second = speed;
  QCOMPARE(secondsLeft(status).value_or(-1.0), left);
}

void TestParts::duration_data() {
  QTest::addColumn<double>("seconds");
  QTest::addColumn<QString>("text");
  QTest::newRow("seconds") << 42.4 << "42 s";
  QTest::newRow("a hundred seconds are minutes") << 100.0 << "1:40";
  QTest::newRow("rounding carries") << 99.6 << "1:40";
  QTest::newRow("minutes") << 200.0 << "3:20";
  QTest::newRow("hours") << 3723.0 << "1:02:03";
  QTest::newRow("less than nothing is nothing") << -5.0 << "0 s";
}
void TestParts::duration() {
  QFETCH(double, seconds);
  QFETCH(QString, text);
  QCOMPARE(durationText(seconds), text);
}

HVLM_GUI_TEST_MAIN(TestParts)
#include "tst_ui_parts.moc"
