// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDockWidget>
#include <QFile>
#include <QLabel>
#include <QProcess>
#include <QPushButton>
#include <QToolButton>
#include <QTreeWidget>
#include <QtTest>
#include <filesystem>

#include "support/atomic_file.h"
#include "support/error.h"
#include "ui/compare/compare_view.h"
#include "ui/log/log_panel.h"
#include "ui/player/video_files.h"
#include "ui/runs/run_table.h"
#include "ui/runs/runs_panel.h"
#include "ui/shell/action_list.h"
#include "ui/shell/history.h"
#include "ui/shell/notice_strip.h"
#include "ui/shell/project.h"
#include "ui/shell/session.h"
#include "ui/shell/workers.h"
#include "ui/style/theme.h"
#include "ui/text.h"
#include "ui/timeline/options_state.h"
#include "ui/timeline/timeline_panel.h"
#include "ui/timeline/timeline_view.h"
#include "ui/window/drop.h"
#include "ui/window/main_window.h"
#include "ui/window/versions_dialog.h"
#include "ui/workspace.h"
#include "ui_fixtures.h"

using namespace hvlm;
using namespace hvlm::ui;
using namespace hvlm::ui::testing;
namespace fs = std::filesystem;

namespace {

Project someProject(const QString& base) {
  Project p;
  p.data = base + "/data/dataset.yaml";
  p.runs_folders = {base + "/work/runs", QString::fromUtf8("/elsewhere/Läufe")};
  p.overlaid = {base + "/work/runs/b", base + "/work/runs/a"};
  p.baseline = base + "/work/runs/a";
  p.video_links = {{"v_1", base + "/work/films/one.mp4"}};
  p.timeline = timelineState({.truth = false, .threshold = 0.4});
  return p;
}

QDateTime before(const QDateTime& now, qint64 seconds) { return now.addSecs(-seconds); }

}  // namespace

class TestProject : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() { Theme::instance().install(*qApp, ThemeKind::kLight); }
  void init() { box_ = std::make_unique<Sandbox>(); }
  void cleanup() {
    Workers::instance().waitForDone();
    box_.reset();
  }
  void itMovesWithWhatItNames();
  void damagedProjectsAreNamed_data();
  void damagedProjectsAreNamed();
  void theStateOfBeforeBecomesAVersion();
  void versionsGrowSparserWithAge();
  void theWindowSavesOpensAndMarksIt();
  void changesAreNotLostByOpeningAnother();
  void theLayoutComesBack();
  void savingAsGoesOnInTheCopy();
  void aVersionCanBeOpened();
  void whatCannotBeReadIsNotForgotten();
  void theSessionKeepsItOpen();
  void aWindowThatWasNotClosedIsNoticed();
  void withoutOneTheActionsSaySo();

 private:
  std::unique_ptr<MainWindow> window(QueuedPrompts& prompts, const Session& session = {}) const {
    auto made = std::make_unique<MainWindow>(prompts, session);
    made->saveSessionOnClose(false);
    made->resize(1280, 800);
    made->show();
    return made;
  }
  fs::path folder(const char* name) const { return pathOf(box_->path(name)); }
  std::unique_ptr<Sandbox> box_;
};

void TestProject::itMovesWithWhatItNames() {
  const Project saved = someProject(box_->path("one"));
  const fs::path place = folder("one/work/study");
  saveProject(place, saved);
  const std::string text = readFile(place / "project.json");
  QVERIFY2(text.find("../../data/dataset.yaml") != std::string::npos && text.find(stdText(box_->path("one"))) == std::string::npos, text.c_str());
  fs::rename(folder("one"), folder("two"));
  const Project moved = readProject(folder("two/work/study"));
  QCOMPARE(moved.data, box_->path("two/data/dataset.yaml"));
  QCOMPARE(moved.runs_folders.at(0), box_->path("two/work/runs"));
  QCOMPARE(moved.baseline, box_->path("two/work/runs/a"));
  QCOMPARE(moved.video_links.value("v_1"), box_->path("two/work/films/one.mp4"));
  QVERIFY(moved.reproduction.isEmpty());
  QCOMPARE(moved.timeline, saved.timeline);
  QCOMPARE(projectJson(moved, folder("two/work/study")), text);  // ticks in whatever order
  QCOMPARE(recognise(qText(folder("two/work/study"))).kind, DropKind::kProject);
  QCOMPARE(recognise(qText(folder("two/work/study/project.json"))).path, qText(folder("two/work/study")));
}

void TestProject::damagedProjectsAreNamed_data() {
  QTest::addColumn<QByteArray>("content");
  QTest::addColumn<QString>("part");
  QTest::newRow("cut") << QByteArray("{\"version\": 1, \"data\": \"") << "project.json";
  QTest::newRow("a later version") << QByteArray("{\"version\": 2}") << "version 2";
  QTest::newRow("a number for a path") << QByteArray("{\"version\": 1, \"data\": 7}") << "earlier ones";
  QTest::newRow("a list of numbers") << QByteArray("{\"version\": 1, \"runs_folders\": [1]}") << "earlier ones";
  QTest::newRow("a list") << QByteArray("[]") << "project.json";
}
void TestProject::damagedProjectsAreNamed() {
  QFETCH(QByteArray, content);
  QFETCH(QString, part);
  writeFileAtomic(folder("p/project.json"), content.toStdString());
  try {
    readProject(folder("p"));
    QFAIL("read");
  } catch (const InputError& error) {
    QVERIFY2(qText(error.what()).contains(part) && qText(error.what()).contains("project.json"), error.what());
  }
  // The window stays with what it has, and says why.
  QueuedPrompts prompts;
  const auto shown = window(prompts);
  shown->openProject(box_->path("p"));
  QTRY_VERIFY(shown->runs().notice()->text().contains("project.json"));
  QVERIFY(shown->projectFolder().isEmpty());
}

void TestProject::theStateOfBeforeBecomesAVersion() {
  Project p = someProject(box_->path("one"));
  const fs::path place = folder("study");
  saveProject(place, p);
  QVERIFY(projectVersions(place).empty());
  saveProject(place, p);  // nothing to keep
  QVERIFY(projectVersions(place).empty());
  const std::string first = readFile(place / "project.json");
  p.baseline.clear();
  saveProject(place, p);
  const auto versions = projectVersions(place);
  QCOMPARE(versions.size(), size_t{1});
  QCOMPARE(readFile(versions[0].file), first);
  QVERIFY(std::abs(versions[0].time.secsTo(QDateTime::currentDateTime())) < 60);
  QVERIFY(readProject(place).baseline.isEmpty());
  writeFileAtomic(place / "versions" / "notes.txt", "mine");
  writeFileAtomic(place / "versions" / "other.json", "{}");
  for (int i = 0; i < 30; ++i) {
    p.baseline = box_->path(qPrintable(QString::number(i)));
    QTest::qSleep(2);
    saveProject(place, p);
  }
  const auto many = projectVersions(place);
  QVERIFY2(!many.empty() && many.size() <= kMostVersions, qPrintable(QString::number(many.size())));
  QCOMPARE(parseProject(readFile(many[0].file), place).baseline, box_->path("28"));  // always the one before
  QVERIFY(fs::exists(place / "versions" / "notes.txt") && fs::exists(place / "versions" / "other.json"));
}

void TestProject::versionsGrowSparserWithAge() {
  const QDateTime now = QDateTime::currentDateTime();
  std::vector<QDateTime> times;
  for (qint64 minute = 0; minute < 60 * 24 * 60; minute += 10) times.push_back(before(now, 60 * minute));  // two months
  const auto kept = keptVersions(times, now);
  QCOMPARE(kept.size(), kMostVersions);
  QCOMPARE(kept.front(), size_t{0});
  QVERIFY(std::is_sorted(kept.begin(), kept.end()));
  const auto within = [&](qint64 from, qint64 to) {
    return std::count_if(kept.begin(), kept.end(), [&](size_t i) {
      const qint64 age = times[i].secsTo(now);
      return age >= from && age < to;
    });
  };
  QCOMPARE(within(0, 3600), 5);
  QCOMPARE(within(3600, 86400), 5);
  QCOMPARE(within(86400, 7 * 86400), 5);
  QCOMPARE(within(7 * 86400, 70 * 86400), 5);
  QVERIFY(times[kept.back()].secsTo(now) > 40 * 86400);
  QVERIFY(keptVersions({}, now).empty());
  QCOMPARE(keptVersions({before(now, -50)}, now), std::vector<size_t>{0});  // a clock that was set back
  QCOMPARE(keptVersions({now, before(now, 4000), before(now, 900000)}, now).size(), size_t{3});
}

void TestProject::theWindowSavesOpensAndMarksIt() {
  QueuedPrompts prompts;
  auto shown = window(prompts);
  shown->openData(makeSynth(*box_));
  QTRY_VERIFY(shown->workspace().data());
  fs::create_directories(folder("runs"));
  shown->openRuns(box_->path("runs"));
  prompts.paths.enqueue(box_->path("my study"));
  shown->actionList()["saveProject"]->trigger();  // asks for a place the first time
  QTRY_VERIFY(isProject(folder("my study")));
  QTRY_VERIFY2(shown->windowTitle().startsWith("my study ·"), qPrintable(shown->windowTitle()));
  shown->actionList()["showTruth"]->trigger();
  QTRY_VERIFY2(shown->windowTitle().startsWith("my study* ·"), qPrintable(shown->windowTitle()));
  shown->actionList()["saveProject"]->trigger();
  QTRY_VERIFY2(shown->windowTitle().startsWith("my study ·"), qPrintable(shown->windowTitle()));
  QCOMPARE(projectVersions(folder("my study")).size(), size_t{1});
  const Project saved = readProject(folder("my study"));
  QCOMPARE(saved.data, shown->workspace().data()->file);
  QVERIFY(!timelineOptions(saved.timeline).truth);
  prompts.paths.enqueue(box_->path("my study"));  // not over another one
  shown->actionList()["newProject"]->trigger();
  QTRY_VERIFY(shown->runs().notice()->text().contains("another project"));
  auto again = window(prompts);
  again->openPath(box_->path("my study"));
  QTRY_VERIFY(again->workspace().data());
  QCOMPARE(again->projectFolder(), box_->path("my study"));
  QVERIFY(!again->timeline().view()->options().truth && !again->actionList()["showTruth"]->isChecked());
  QTRY_COMPARE(again->runs().folders(), saved.runs_folders);
  QTest::qWait(50);
  QVERIFY2(again->windowTitle().startsWith("my study ·"), qPrintable(again->windowTitle()));
  QVERIFY(!again->projectChanged());
}

void TestProject::changesAreNotLostByOpeningAnother() {
  Project p;
  saveProject(folder("a"), p);
  p.timeline = timelineState({.tiou = 0.75});
  saveProject(folder("b"), p);
  QueuedPrompts prompts;
  auto shown = window(prompts);
  shown->openProject(box_->path("a"));
  QTRY_COMPARE(shown->projectFolder(), box_->path("a"));
  shown->openProject(box_->path("a"));  // nothing to keep: no version
  QTRY_VERIFY(shown->history().entries().size() >= 2);
  Workers::instance().waitForDone();
  QVERIFY(projectVersions(folder("a")).empty());
  shown->actionList()["showTruth"]->trigger();
  shown->openProject(box_->path("b"));
  QTRY_COMPARE(shown->projectFolder(), box_->path("b"));
  QVERIFY2(prompts.asked.isEmpty(), qPrintable(prompts.asked.join('\n')));  // there is no "did you forget to save"
  QCOMPARE(shown->timeline().view()->options().tiou, 0.75);
  QCOMPARE(timelineOptions(readProject(folder("a")).timeline).truth, true);  // saved only when it is asked for
  const auto versions = projectVersions(folder("a"));
  QCOMPARE(versions.size(), size_t{1});
  QVERIFY(!timelineOptions(parseProject(readFile(versions[0].file), folder("a")).timeline).truth);
  QTRY_VERIFY2(shown->log().model()->allText().contains(box_->path("a")), qPrintable(shown->log().model()->allText()));
  // Where no version can be written, nothing is thrown away unless the user says so.
  fs::remove_all(folder("b") / "versions");
  writeFileAtomic(folder("b") / "versions", "a file");
  shown->actionList()["showTruth"]->trigger();
  shown->openProject(box_->path("a"));
  QTRY_VERIFY2(shown->runs().notice()->text().contains("versions"), qPrintable(shown->runs().notice()->text()));
  QCOMPARE(shown->projectFolder(), box_->path("b"));
  QVERIFY(shown->projectChanged());
  for (QToolButton* each : shown->runs().notice()->findChildren<QToolButton*>()) {
    if (each->text() == "Open all the same") each->click();
  }
  QTRY_COMPARE(shown->projectFolder(), box_->path("a"));
}

// Panels and centre belong to the project; that they differ is no change of it.
void TestProject::theLayoutComesBack() {
  QueuedPrompts prompts;
  auto shown = window(prompts);
  fs::create_directories(folder("runs"));
  shown->openRuns(box_->path("runs"));
  QTRY_VERIFY(!shown->findChild<QDockWidget*>("chatDock")->isHidden());
  QTest::qWait(50);  // the sizes of a window that has just opened
  shown->findChild<QDockWidget*>("chatDock")->hide();
  prompts.paths.enqueue(box_->path("study"));
  shown->actionList()["saveProjectAs"]->trigger();
  QTRY_VERIFY(isProject(folder("study")));
  QTRY_VERIFY2(shown->windowTitle().startsWith("study"), qPrintable(shown->windowTitle()));
  shown->findChild<QDockWidget*>("logDock")->hide();
  QTest::qWait(1500);  // it has been looked whether it changed
  QVERIFY(!shown->projectChanged());
  shown->actionList()["saveProject"]->trigger();  // the layout alone makes no version
  Workers::instance().waitForDone();
  QVERIFY(projectVersions(folder("study")).empty());
  auto again = window(prompts);
  again->openProject(box_->path("study"));
  auto* chat = again->findChild<QDockWidget*>("chatDock");
  auto* log = again->findChild<QDockWidget*>("logDock");
  QTRY_VERIFY(again->history().canUndo());
  QVERIFY(chat->isHidden() && log->isHidden() && !again->findChild<QDockWidget*>("videosDock")->isHidden());
  QVERIFY(!again->projectChanged());
  again->actionList()["undo"]->trigger();
  QVERIFY(!chat->isHidden() && !log->isHidden());
  again->actionList()["redo"]->trigger();
  QVERIFY(chat->isHidden());
  // One that cannot be read costs nothing.
  Project p = readProject(folder("study"));
  p.layout["docks"] = "garbage";
  saveProject(folder("broken"), p);
  again->actionList()["resetLayout"]->trigger();
  again->openProject(box_->path("broken"));
  QTRY_VERIFY2(again->log().model()->allText().contains("layout of the project broken"), qPrintable(again->log().model()->allText()));
  QVERIFY(!chat->isHidden());
}

void TestProject::savingAsGoesOnInTheCopy() {
  Project p;
  p.timeline = timelineState({.tiou = 0.75});
  saveProject(folder("a"), p);
  QueuedPrompts prompts;
  auto shown = window(prompts);
  shown->openProject(box_->path("a"));
  QTRY_COMPARE(shown->projectFolder(), box_->path("a"));
  shown->timeline().setThreshold(0.9);
  prompts.paths.enqueue(box_->path("b"));
  shown->actionList()["saveProjectAs"]->trigger();
  QTRY_VERIFY(isProject(folder("b")));
  QTRY_VERIFY(shown->projectFolder() == box_->path("b") && !shown->projectChanged());
  QCOMPARE(timelineOptions(readProject(folder("b")).timeline).threshold, 0.9);
  QVERIFY(timelineOptions(readProject(folder("a")).timeline).threshold != 0.9);
  // A place where nothing can be made leaves the one that is open.
  writeFileAtomic(folder("blocked"), "a file");
  prompts.paths.enqueue(box_->path("blocked/c"));
  shown->actionList()["saveProjectAs"]->trigger();
  QTRY_VERIFY2(shown->runs().notice()->text().contains("blocked"), qPrintable(shown->runs().notice()->text()));
  QTRY_COMPARE(shown->projectFolder(), box_->path("b"));
  QCOMPARE(shown->actionList()["saveProject"]->shortcut(), QKeySequence(QKeySequence::Save));
  QCOMPARE(shown->actionList()["saveProjectAs"]->shortcut(), QKeySequence("Ctrl+Shift+S"));
}

void TestProject::aVersionCanBeOpened() {
  Project p;
  p.timeline = timelineState({.threshold = 0.11});
  saveProject(folder("study"), p);
  p.timeline = timelineState({.threshold = 0.66});
  saveProject(folder("study"), p);
  for (const qint64 age : {40 * 60, 5 * 3600, 30 * 3600, 4 * 86400, 20 * 86400}) {
    const QDateTime time = before(QDateTime::currentDateTimeUtc(), age);
    writeFileAtomic(folder("study") / "versions" / (stdText(time.toString("yyyyMMdd-HHmmss-zzz")) + ".json"), projectJson({}, folder("study")));
  }
  QueuedPrompts prompts;
  auto shown = window(prompts);
  shown->openProject(box_->path("study"));
  QTRY_COMPARE(shown->timeline().view()->options().threshold, 0.66);
  shown->actionList()["projectVersions"]->trigger();
  QTRY_VERIFY(shown->findChild<VersionsDialog*>());
  auto* dialog = shown->findChild<VersionsDialog*>();
  auto* list = dialog->findChild<QTreeWidget*>("versionList");
  auto* open = dialog->findChild<QPushButton*>("openVersionButton");
  QCOMPARE(list->topLevelItemCount(), 6);
  VersionStrip* strip = dialog->strip();
  const QPointF place(strip->placeOf(projectVersions(folder("study"))[0].time), strip->height() / 2.0);
  QCOMPARE(strip->versionAt(place), 0);
  QCOMPARE(strip->versionAt(place - QPointF(100, 0)), -1);
  QTest::mouseClick(strip, Qt::LeftButton, {}, place.toPoint());
  QVERIFY(list->currentItem() && list->currentItem()->isSelected() && open->isEnabled());
  if (const QString pictures = qEnvironmentVariable("HVLM_PICTURES"); !pictures.isEmpty()) QVERIFY(dialog->grab().save(pictures + "/project-versions.png"));
  open->click();
  QTRY_COMPARE(shown->timeline().view()->options().threshold, 0.11);
  QCOMPARE(timelineOptions(readProject(folder("study")).timeline).threshold, 0.66);  // what is saved stays
  QTRY_VERIFY2(shown->windowTitle().startsWith("study*"), qPrintable(shown->windowTitle()));
}

// A disk that is not there today: what the project names is kept, and not what happens to be open.
void TestProject::whatCannotBeReadIsNotForgotten() {
  Project p;
  p.data = box_->path("unplugged/dataset.yaml");
  p.reproduction = box_->path("unplugged/repro");
  saveProject(folder("study"), p);
  QueuedPrompts prompts;
  auto shown = window(prompts);
  shown->openProject(box_->path("study"));
  QTRY_COMPARE(shown->projectFolder(), box_->path("study"));
  QTRY_VERIFY(!shown->workspace().loading() && shown->compare().notice()->isVisibleTo(&shown->compare()));
  shown->timeline().setThreshold(0.77);
  shown->actionList()["saveProject"]->trigger();
  QTRY_COMPARE(timelineOptions(readProject(folder("study")).timeline).threshold, 0.77);
  QCOMPARE(readProject(folder("study")).data, p.data);
  QCOMPARE(readProject(folder("study")).reproduction, p.reproduction);
  writeFileAtomic(folder("blocked"), "a file");  // no folder can be made in there
  prompts.paths.enqueue(box_->path("blocked/study"));
  auto fresh = window(prompts);
  fresh->actionList()["newProject"]->trigger();
  QTRY_VERIFY(fresh->runs().notice()->text().contains("blocked"));
  QTRY_VERIFY(fresh->projectFolder().isEmpty());
}

void TestProject::theSessionKeepsItOpen() {
  saveProject(folder("study"), {});
  QueuedPrompts prompts;
  auto shown = window(prompts);
  shown->openProject(box_->path("study"));
  QTRY_COMPARE(shown->projectFolder(), box_->path("study"));
  shown->timeline().setThreshold(0.9);
  const Session last = parseSession(sessionJson(shown->session()));
  QCOMPARE(last.project, box_->path("study"));
  shown.reset();
  auto again = window(prompts, last);
  again->restore(last);
  QTRY_VERIFY2(again->windowTitle().startsWith("study*"), qPrintable(again->windowTitle()));  // still not saved
  auto* unsaved = again->findChild<QLabel*>("statusUnsaved");
  QVERIFY(unsaved && unsaved->isVisible() && !unsaved->text().isEmpty());
  bool saved = false;
  again->saveProject([&saved] { saved = true; });
  QTRY_VERIFY(saved && !unsaved->isVisible());
  QCOMPARE(again->timeline().view()->options().threshold, 0.9);
  again.reset();
  fs::remove_all(folder("study"));
  auto gone = window(prompts, last);
  gone->restore(last);
  QTRY_VERIFY(gone->projectFolder().isEmpty());
  QCOMPARE(gone->timeline().view()->options().threshold, 0.9);  // nothing else is lost
}

void TestProject::aWindowThatWasNotClosedIsNoticed() {
  const fs::path mark = openMarkFile();
  QVERIFY(!leftOpen(mark));
  setOpenMark(mark);
  QVERIFY(!leftOpen(mark));  // of a program that runs: this one
  QProcess gone;
  gone.start("true", {});
  QVERIFY(gone.waitForStarted());
  const qint64 process = gone.processId();
  QVERIFY(gone.waitForFinished());
  writeFileAtomic(mark, std::to_string(process) + "\n");
  QVERIFY(leftOpen(mark));
  writeFileAtomic(mark, "nonsense");
  QVERIFY(leftOpen(mark));
  removeOpenMark(mark);
  QVERIFY(!leftOpen(mark));

  Session last;
  QueuedPrompts prompts;
  auto shown = window(prompts);
  QVERIFY(shown->mayTakeUp(last, keptTimes()) && prompts.asked.isEmpty());  // nothing to ask about
  last.data = box_->path("synth/dataset.yaml");
  saveSession(sessionFile(), last);
  const std::string saved = readFile(sessionFile());
  prompts.choices.enqueue(0);
  QVERIFY(keptTimes().session.isValid() && !keptTimes().form.isValid());
  QVERIFY(shown->mayTakeUp(last, keptTimes()));
  QCOMPARE(prompts.asked.size(), 1);
  {
    QueuedPrompts escaped;
    escaped.choices.enqueue(-1);  // Esc: not now
    MainWindow later(escaped, Session{});
    later.show();
    QVERIFY(!later.mayTakeUp(last, keptTimes()));
    later.close();
    Workers::instance().waitForDone();
    QCOMPARE(readFile(sessionFile()), saved);  // and is not written over
  }
  prompts.choices.enqueue(1);
  QVERIFY(!shown->mayTakeUp(last, keptTimes()));
  Workers::instance().waitForDone();
  QVERIFY(!fs::exists(sessionFile()));
  int kept = 0;
  for (const auto& entry : fs::directory_iterator(sessionFile().parent_path())) kept += entry.path().filename().string().starts_with("window-") && readFile(entry.path()) == saved ? 1 : 0;
  QCOMPARE(kept, 1);
}

void TestProject::withoutOneTheActionsSaySo() {
  QueuedPrompts prompts;
  auto shown = window(prompts);
  shown->actionList()["projectVersions"]->trigger();
  QTRY_VERIFY(shown->runs().notice()->text().contains("project"));
  shown->actionList()["openProject"]->trigger();  // thought better of it
  QVERIFY(shown->projectFolder().isEmpty());
  VersionsDialog empty("nothing", {});
  empty.show();
  QVERIFY(!empty.strip()->isVisible());
}

QTEST_MAIN(TestProject)
#include "tst_ui_project.moc"
