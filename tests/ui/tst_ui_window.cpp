// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAccessible>
#include <QComboBox>
#include <QDockWidget>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QSignalSpy>
#include <QMenu>
#include <QMimeData>
#include <QPushButton>
#include <QSlider>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTableView>
#include <QRegularExpression>
#include <QTreeWidget>
#include <QXmlStreamReader>
#include <nlohmann/json.hpp>
#include <fstream>
#include <set>

#include "runs/run_notes.h"
#include "runs/run_record.h"
#include "support/error.h"
#include "support/atomic_file.h"
#include "support/paths.h"
#include "ui/compare/compare_view.h"
#include "ui/curves/curves_view.h"
#include "ui/jobs/job_dialog.h"
#include "ui/jobs/job_queue.h"
#include "ui/jobs/jobs_panel.h"
#include "ui/player/video_panel.h"
#include "ui/results/results_view.h"
#include "ui/runs/run_model.h"
#include "ui/runs/run_table.h"
#include "ui/runs/runs_panel.h"
#include "ui/shell/history.h"
#include "ui/shell/text_dialog.h"
#include "ui/shell/translation.h"
#include "ui/shell/action_list.h"
#include "ui/shell/workers.h"
#include "ui/shell/command_palette.h"
#include "ui/shell/notice_strip.h"
#include "ui/shell/session.h"
#include "ui/timeline/timeline_panel.h"
#include "ui/training/config_form.h"
#include "ui/training/job_controller.h"
#include "ui/training/training_panel.h"
#include "ui/videos/video_model.h"
#include "ui/videos/videos_panel.h"
#include "ui/window/drop.h"
#include "ui/window/import_report.h"
#include "ui/window/colour_editor.h"
#include "ui/window/key_editor.h"
#include "ui/window/main_window.h"
#include "ui_fixtures.h"

using namespace hvlm;
using namespace hvlm::ui;
using namespace hvlm::ui::testing;

class TestWindow : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init();
  void cleanup();
  void noTwoActionsShareAKey();
  void thePaletteReachesEveryAction();
  void thePaletteFindsByWords_data();
  void thePaletteFindsByWords();
  void everyActionHasATipAndAMenu();
  void theFirstScreenOffersThreeChoices();
  void openingADataSetFillsThePanels();
  void aBrokenDataSetIsOneMessage();
  void lettersActOnlyOutsideTextFields();
  void pageKeysWalkTheVideos();
  void panelsShareTheCursor();
  void droppedThingsAreRecognised();
  void aCrashCostsNothing();
  void theSessionComesBack();
  void aDamagedSessionIsSetAside();
  void resetLayoutShowsEveryDock();
  void everyControlHasAName();
  void themesSwitchWhileRunning();
  void theImportReportListsWhatIsMissing();
  void whatWasDoneCanBeUndone();
  void whatWasDoneCanBeUndoneLater();
  void keysCanBeChosen();
  void classColoursCanBeChosen();
  void brokenKeysAreSetAside();
  void runsHaveTagsNotesABaselineAndATrash();
  void theWindowSpeaksGerman();
  void translationsKeepTheirPlaces();
  void recentThingsAreOffered();
  void jobsStartFromTheMenu();
  void aRunningJobIsAskedAboutOnClosing();
  void theVideoTakesTheWholeScreen();

 private:
  void openSynth();
  std::unique_ptr<Sandbox> box_;
  std::unique_ptr<QueuedPrompts> prompts_;
  std::unique_ptr<MainWindow> window_;
};

void TestWindow::init() {
  box_ = std::make_unique<Sandbox>();
  prompts_ = std::make_unique<QueuedPrompts>();
  window_ = std::make_unique<MainWindow>(*prompts_, Session{});
  window_->saveSessionOnClose(false);
  window_->resize(1280, 800);
  window_->show();
  QVERIFY(QTest::qWaitForWindowActive(window_.get()));
}

void TestWindow::cleanup() {
  window_.reset();
  Workers::instance().waitForDone();
  prompts_.reset();
  box_.reset();
}

void TestWindow::openSynth() {
  prompts_->paths.enqueue(makeSynth(*box_));
  window_->actionList()["openData"]->trigger();
  QTRY_VERIFY(window_->workspace().video());
}

void TestWindow::noTwoActionsShareAKey() {
  QCOMPARE(window_->actionList().clashes(), QStringList());
  // The check itself finds a clash.
  QWidget other;
  ActionList list(&other);
  list.add("one", "g", "One", {QKeySequence("Ctrl+R")}, [] {});
  list.add("two", "g", "Two", {QKeySequence("Ctrl+R")}, [] {});
  QCOMPARE(list.clashes().size(), 1);
}

void TestWindow::thePaletteReachesEveryAction() {
  window_->actionList()["palette"]->trigger();
  QTRY_VERIFY(window_->palettePanel().isVisible());
  CommandModel* model = window_->palettePanel().model();
  std::set<QAction*> reached;
  for (int row = 0; row < model->rowCount(); ++row) reached.insert(model->actionAt(row));
  for (QAction* action : window_->actionList().all()) QVERIFY2(reached.contains(action), qPrintable(action->objectName()));
  // And no shortcut lives outside the list.
  for (QAction* action : window_->findChildren<QAction*>()) {
    if (action->shortcut().isEmpty() || qobject_cast<QLineEdit*>(action->parent())) continue;
    QVERIFY2(reached.contains(action), qPrintable(action->text()));
  }
}

void TestWindow::thePaletteFindsByWords_data() {
  QTest::addColumn<QString>("query");
  QTest::addColumn<QString>("action");
  QTest::newRow("a word") << "palette" << "paletteAction";
  QTest::newRow("two words in any order") << "keep stop" << "stopAction";
  QTest::newRow("beginnings of words") << "exp tim" << "exportTimelineAction";
}
void TestWindow::thePaletteFindsByWords() {
  QFETCH(QString, query);
  QFETCH(QString, action);
  CommandModel* model = window_->palettePanel().model();
  model->setQuery(query);
  QVERIFY(model->rowCount() > 0);
  QCOMPARE(model->actionAt(0)->objectName(), action);
}

void TestWindow::everyActionHasATipAndAMenu() {
  std::set<QAction*> in_menus;
  for (const QMenu* menu : window_->findChildren<QMenu*>()) {
    for (QAction* action : menu->actions()) in_menus.insert(action);
  }
  for (QAction* action : window_->actionList().all()) {
    QVERIFY2(in_menus.contains(action), qPrintable(action->objectName()));
    QVERIFY(!action->toolTip().isEmpty());
    if (!action->shortcut().isEmpty()) QVERIFY(action->toolTip().contains(action->shortcut().toString(QKeySequence::NativeText)));
  }
}

void TestWindow::theFirstScreenOffersThreeChoices() {
  for (const char* name : {"openDemoButton", "openDataButton", "openRunsButton"}) {
    auto* button = window_->findChild<QPushButton*>(name);
    QVERIFY2(button && button->isVisible(), name);
  }
  window_->findChild<QPushButton*>("openDataButton")->click();
  QCOMPARE(prompts_->asked.size(), 1);
}

void TestWindow::openingADataSetFillsThePanels() {
  openSynth();
  QCOMPARE(window_->videos().model()->rowCount(), 24);
  QVERIFY(window_->timeline().view()->isVisible());
  QVERIFY(window_->findChild<QPushButton*>("runButton")->isEnabled() || window_->training().runFolder().isEmpty());
  QTRY_VERIFY(window_->findChild<QPushButton*>("runButton")->isEnabled());
  QVERIFY(window_->windowTitle().contains("synth"));
  QVERIFY(!window_->findChild<QPushButton*>("openDemoButton")->isVisible());
}

void TestWindow::aBrokenDataSetIsOneMessage() {
  QFile file(box_->path("dataset.yaml"));
  QVERIFY(file.open(QIODevice::WriteOnly));
  file.write("name: x\nannotations: nowhere.json\nfeatures: {store: nowhere.h5, steps_per_second: 1}\n");
  file.close();
  window_->openData(file.fileName());
  auto* welcome = window_->findChild<QWidget*>("welcomePage");
  NoticeStrip* notice = welcome->findChild<NoticeStrip*>();
  QTRY_VERIFY(notice->isVisible());
  QVERIFY2(notice->text().contains("nowhere.json"), qPrintable(notice->text()));
  QVERIFY(prompts_->asked.isEmpty());  // no dialog
}

void TestWindow::lettersActOnlyOutsideTextFields() {
  openSynth();
  QAction* truth = window_->actionList()["showTruth"];
  QVERIFY(truth->isChecked());
  auto* search = window_->findChild<QLineEdit*>("videoSearchEdit");
  search->setFocus();
  QTest::keyClick(search, Qt::Key_G);
  QCOMPARE(search->text(), QString("g"));
  QVERIFY(truth->isChecked());
  window_->timeline().view()->setFocus();
  QTest::keyClick(window_->timeline().view(), Qt::Key_G);
  QVERIFY(!truth->isChecked());
}

void TestWindow::pageKeysWalkTheVideos() {
  openSynth();
  const QString first = window_->workspace().videoId();
  window_->timeline().view()->setFocus();
  QTest::keyClick(window_->timeline().view(), Qt::Key_PageDown);
  QVERIFY(window_->workspace().videoId() != first);
  QTest::keyClick(window_->timeline().view(), Qt::Key_PageUp);
  QCOMPARE(window_->workspace().videoId(), first);
}

void TestWindow::panelsShareTheCursor() {
  openSynth();
  TimelineView* view = window_->timeline().view();
  view->setFocus();
  QTest::keyClick(view, Qt::Key_End);
  QCOMPARE(window_->workspace().cursorSeconds(), window_->workspace().video()->duration_seconds);
  prompts_->paths.enqueue("0:05.5");
  window_->actionList()["goToTime"]->trigger();
  QCOMPARE(window_->workspace().cursorSeconds(), 5.5);
  QTest::keyClick(view, Qt::Key_Right);
  QCOMPARE(window_->workspace().cursorSeconds(), 6.5);
}

void TestWindow::droppedThingsAreRecognised() {
  const QString dataset = makeSynth(*box_);
  std::filesystem::create_directories(pathOf(box_->path("run")));
  writeRunRecord(pathOf(box_->path("run")), freshRecord(RunConfig{}));
  {
    std::ofstream(pathOf(box_->path("config.yaml"))) << configYaml(tinyConfig(1));
    std::ofstream(pathOf(box_->path("notes.txt"))) << "hello";
  }
  QCOMPARE(recognise(dataset).kind, DropKind::kDataset);
  QCOMPARE(recognise(box_->path("synth")).path, dataset);
  QCOMPARE(recognise(box_->path("run")).kind, DropKind::kRun);
  QCOMPARE(recognise(box_->path("")).kind, DropKind::kRunFolder);
  QCOMPARE(recognise(box_->path("config.yaml")).kind, DropKind::kConfig);
  QCOMPARE(recognise(box_->path("notes.txt")).kind, DropKind::kUnknown);
  QMimeData mime;
  mime.setUrls({QUrl::fromLocalFile(dataset)});
  QDragEnterEvent enter(QPoint(100, 100), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
  QApplication::sendEvent(window_.get(), &enter);
  QVERIFY(enter.isAccepted());
  QDropEvent drop(QPointF(100, 100), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
  QApplication::sendEvent(window_.get(), &drop);
  QTRY_VERIFY(window_->workspace().data());
}

void TestWindow::aCrashCostsNothing() {
  openSynth();
  window_->saveSessionOnClose(true);
  window_->workspace().setCursor(3.0);
  QString problem;
  QTRY_COMPARE_WITH_TIMEOUT(loadSession(sessionFile(), &problem).cursor_seconds, 3.0, 10000);
  // The window was never closed: what was open is there all the same.
  const Session kept = loadSession(sessionFile(), &problem);
  QVERIFY(problem.isEmpty());
  QCOMPARE(kept.data, window_->workspace().data()->file);
  QCOMPARE(kept.video, window_->workspace().videoId());
  window_->saveSessionOnClose(false);
}

void TestWindow::theSessionComesBack() {
  openSynth();
  window_->actionList()["nextVideo"]->trigger();
  window_->workspace().setCursor(4.0);
  window_->timeline().setThreshold(0.35);
  window_->player().link("nobody", box_->path("n.mp4"));
  const QString preset = qText(bundled("configs/quick.yaml"));
  window_->training().loadConfigFile(preset);
  QTRY_COMPARE(window_->training().presetFile(), preset);
  RunConfig edited = window_->training().form()->config();
  edited.train.lr = 0.0123;
  window_->training().form()->setConfig(edited);
  window_->saveSessionOnClose(true);
  const QString video = window_->workspace().videoId();
  QVERIFY(window_->close());
  Workers::instance().waitForDone();
  QString problem;
  const Session last = loadSession(sessionFile(), &problem);
  QVERIFY(problem.isEmpty());
  QCOMPARE(last.video_links.value("nobody"), box_->path("n.mp4"));
  window_ = std::make_unique<MainWindow>(*prompts_, last);
  window_->saveSessionOnClose(false);
  window_->show();
  window_->restore(last);
  QTRY_COMPARE(window_->workspace().videoId(), video);
  QCOMPARE(window_->workspace().cursorSeconds(), 4.0);
  QCOMPARE(window_->timeline().view()->options().threshold, 0.35);
  QCOMPARE(last.preset, preset);
  window_->training().takeUp(last.preset, qText(formFile()));  // what was typed and not saved is there, over the preset it began with
  QTRY_COMPARE(window_->training().form()->config().train.lr, 0.0123);
  QCOMPARE(window_->training().presetFile(), preset);
  writeFileAtomic(formFile(), "train:\n  lr: fast\n");
  window_->training().takeUp(last.preset, qText(formFile()));
  QTRY_VERIFY(window_->training().notice()->text().contains("train.lr"));
}

void TestWindow::aDamagedSessionIsSetAside() {
  const auto file = pathOf(box_->path("window.json"));
  std::ofstream(file) << "{\"version\": 1, \"geometry\": 5";
  QString problem;
  const Session session = loadSession(file, &problem);
  QVERIFY(!problem.isEmpty());
  QVERIFY(session.data.isEmpty());
  QVERIFY(std::filesystem::exists(file.string() + ".bad"));
  QVERIFY(!std::filesystem::exists(file));
}

void TestWindow::resetLayoutShowsEveryDock() {
  openSynth();
  for (QDockWidget* dock : window_->findChildren<QDockWidget*>()) dock->hide();
  window_->actionList()["resetLayout"]->trigger();
  for (QDockWidget* dock : window_->findChildren<QDockWidget*>()) QVERIFY2(!dock->isHidden(), qPrintable(dock->objectName()));
}

void TestWindow::everyControlHasAName() {
  openSynth();
  for (QWidget* widget : window_->findChildren<QWidget*>()) {
    const bool control = qobject_cast<QAbstractButton*>(widget) || qobject_cast<QLineEdit*>(widget) ||
                         qobject_cast<QAbstractItemView*>(widget) || qobject_cast<QComboBox*>(widget) || qobject_cast<QSlider*>(widget);
    if (!control || widget->objectName().startsWith("qt_") || widget->inherits("QLineEditIconButton") ||
        widget->inherits("QHeaderView") || !widget->isVisible()) continue;
    QAccessibleInterface* face = QAccessible::queryAccessibleInterface(widget);
    QVERIFY2(face && !face->text(QAccessible::Name).isEmpty(),
             qPrintable(QString("%1 %2").arg(widget->metaObject()->className(), widget->objectName())));
  }
}

void TestWindow::themesSwitchWhileRunning() {
  openSynth();
  const QImage light = window_->timeline().view()->grab().toImage();
  window_->actionList()["themeDark"]->trigger();
  const QImage dark = window_->timeline().view()->grab().toImage();
  QVERIFY(light != dark);
  QCOMPARE(dark.pixelColor(3, dark.height() - 3), tokensOf(ThemeKind::kDark).base);
  window_->actionList()["themeContrast"]->trigger();
  QCOMPARE(Theme::instance().kind(), ThemeKind::kHighContrast);
  window_->actionList()["themeLight"]->trigger();
}

void TestWindow::theImportReportListsWhatIsMissing() {
  openSynth();
  QVERIFY(!importHasFindings(*window_->workspace().data()));
  window_->actionList()["importReport"]->trigger();
  auto* report = window_->findChild<TextDialog*>();
  QVERIFY(report && report->findChild<QPlainTextEdit*>("textDialogText")->toPlainText().contains("24 videos"));
  report->close();
  QFile file(box_->path("synth/more.json"));
  QVERIFY(file.open(QIODevice::WriteOnly));
  file.write(R"({"version": "1", "taxonomy": [], "database": {
    "synth000000": {"duration": 9, "subset": "training", "annotations": [{"label": "x", "segment": [5, 2]}]},
    "elsewhere": {"duration": 9, "subset": "training", "annotations": [{"label": "x", "segment": [1, 1]}]}}})");
  file.close();
  QFile yaml(box_->path("synth/more.yaml"));
  QVERIFY(yaml.open(QIODevice::WriteOnly));
  yaml.write("name: more\nannotations: more.json\nfeatures: {store: features.h5, key: c3d_features, steps_per_second: 1}\n");
  yaml.close();
  window_->openData(yaml.fileName());
  QTRY_COMPARE(window_->workspace().data()->spec.name, std::string("more"));
  const LoadedData& data = *window_->workspace().data();
  QCOMPARE(data.without_features, std::vector<std::string>{"elsewhere"});
  QCOMPARE(data.unannotated, int64_t{23});
  const QString text = importText(data);
  for (const char* part : {"elsewhere", "synth000000", "1 with features, 1 without", "23 with features but no annotation", "2 defects"}) QVERIFY2(text.contains(part), qPrintable(text));
  QVERIFY(window_->videos().notice()->isVisible());
}

void TestWindow::whatWasDoneCanBeUndone() {
  openSynth();
  QAction* undo = window_->actionList()["undo"];
  QAction* redo = window_->actionList()["redo"];
  QVERIFY(!undo->isEnabled());
  window_->actionList()["showTruth"]->trigger();
  QVERIFY(undo->isEnabled());
  QVERIFY(!window_->timeline().view()->options().truth);
  undo->trigger();
  QVERIFY(window_->timeline().view()->options().truth);
  QVERIFY(window_->actionList()["showTruth"]->isChecked());
  redo->trigger();
  QVERIFY(!window_->timeline().view()->options().truth);
  undo->trigger();
  // A slider that is dragged is one step.
  auto* slider = window_->findChild<QSlider*>("thresholdSlider");
  const int before = slider->value();
  for (int i = 1; i <= 10; ++i) slider->setValue(before + i);
  undo->trigger();
  QCOMPARE(slider->value(), before);
  QCOMPARE(window_->timeline().view()->options().threshold, before / 100.0);
  window_->actionList()["themeDark"]->trigger();
  QCOMPARE(Theme::instance().kind(), ThemeKind::kDark);
  undo->trigger();
  QCOMPARE(Theme::instance().kind(), ThemeKind::kLight);
  // What cannot be undone is listed.
  const auto& entries = window_->history().entries();
  QVERIFY(std::any_of(entries.begin(), entries.end(), [](const History::Entry& e) { return !e.undoable && e.text.contains("synth"); }));
  window_->actionList()["history"]->trigger();
  auto* list = window_->findChild<QTreeWidget*>("historyList");
  QVERIFY(list && list->topLevelItemCount() == static_cast<int>(entries.size()));
}

// Over sessions: what was done is listed, can be undone and done again, and taking up a session is no change itself.
void TestWindow::whatWasDoneCanBeUndoneLater() {
  openSynth();
  window_->actionList()["showTruth"]->trigger();
  window_->timeline().setThreshold(0.35);
  window_->actionList()["themeDark"]->trigger();
  window_->actionList()["undo"]->trigger();
  const auto listed = window_->history().entries().size();
  window_->saveSessionOnClose(true);
  QVERIFY(window_->close());
  Workers::instance().waitForDone();
  const auto again = [&] {
    QString problem;
    const Session last = loadSession(sessionFile(), &problem);
    window_ = std::make_unique<MainWindow>(*prompts_, last);
    window_->show();
    window_->restore(last);
    window_->restoreHistory();
    Workers::instance().waitForDone();
    return problem;
  };
  QCOMPARE(again(), QString());
  QTRY_VERIFY(window_->history().canUndo() && window_->history().canRedo());
  QTRY_VERIFY(window_->workspace().data());
  QVERIFY(window_->history().entries().size() >= listed);
  QVERIFY(!window_->timeline().view()->options().truth && !window_->actionList()["showTruth"]->isChecked());
  window_->actionList()["redo"]->trigger();
  QCOMPARE(Theme::instance().kind(), ThemeKind::kDark);
  window_->actionList()["undo"]->trigger();
  QCOMPARE(Theme::instance().kind(), ThemeKind::kLight);
  window_->actionList()["undo"]->trigger();
  QCOMPARE(window_->timeline().view()->options().threshold, TimelineOptions().threshold);
  window_->actionList()["undo"]->trigger();
  QVERIFY(window_->timeline().view()->options().truth && window_->actionList()["showTruth"]->isChecked());
  QVERIFY(!window_->history().canUndo());
  // One that cannot be read is set aside, and said.
  QVERIFY(window_->close());
  Workers::instance().waitForDone();
  for (const QByteArray& broken : {QByteArray("{\"version\": 1, \"steps\": ["), QByteArray("[]"), QByteArray("{\"version\": 7, \"steps\": [], \"entries\": []}")}) {
    QFile file(qText(historyFile()));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write(broken) == broken.size());
    file.close();
    again();
    QTRY_VERIFY(QFile::exists(qText(historyFile()) + ".bad"));
    QVERIFY(!window_->history().canUndo());
    window_->saveSessionOnClose(false);
    window_->close();
    QVERIFY(QFile::remove(qText(historyFile()) + ".bad"));
  }
}

void TestWindow::keysCanBeChosen() {
  ActionList& actions = window_->actionList();
  KeyEditor editor(actions, {});
  QSignalSpy changed(&editor, &KeyEditor::keysChanged);
  QVERIFY(editor.setKey("export", QKeySequence("Ctrl+Alt+E")));
  QCOMPARE(actions["export"]->shortcut(), QKeySequence("Ctrl+Alt+E"));
  QVERIFY(actions["export"]->toolTip().contains("Alt"));
  QCOMPARE(changed.count(), 1);
  QVERIFY(!editor.setKey("export", QKeySequence("Ctrl+O")));  // belongs to another
  QVERIFY2(editor.problem().contains("Open data set"), qPrintable(editor.problem()));
  QCOMPARE(actions["export"]->shortcut(), QKeySequence("Ctrl+Alt+E"));
  // The freed key can be given away; then the first cannot have it back.
  QVERIFY(editor.setKey("openDemo", QKeySequence("Ctrl+E")));
  editor.resetKey("export");
  QVERIFY(editor.problem().contains("demo"));
  // They come back over a session, and a map that clashes is refused as a whole.
  const KeyMap kept = parseKeyMap(keyMapJson(editor.chosen()));
  QCOMPARE(kept, editor.chosen());
  editor.resetAll();
  QCOMPARE(actions["export"]->shortcut(), QKeySequence("Ctrl+E"));
  window_->useKeys(kept);
  QCOMPARE(actions["openDemo"]->shortcut(), QKeySequence("Ctrl+E"));
  window_->useKeys({{"openDemo", {QKeySequence("Ctrl+S")}}});
  QVERIFY(actions["openDemo"]->shortcut().isEmpty());
  QVERIFY(actions.clashes().isEmpty());
}

void TestWindow::classColoursCanBeChosen() {
  openSynth();
  const QString name = qText(window_->workspace().data()->catalogue.classes.front());
  const QColor standard = classColour(name);
  // The docks may still be finding their sizes.
  QSize size;
  for (int same = 0; same < 5; same = window_->timeline().view()->size() == size ? same + 1 : 0) {
    size = window_->timeline().view()->size();
    QTest::qWait(20);
  }
  const QImage before = window_->timeline().view()->grab().toImage();
  window_->actionList()["editColours"]->trigger();
  auto* editor = window_->findChild<ColourEditor*>();
  QVERIFY(editor && editor->findChild<QTreeWidget*>("colourList")->topLevelItemCount() == static_cast<int>(window_->workspace().data()->catalogue.classes.size()));
  editor->setColour(name, QColor("#123456"));
  QCOMPARE(classColour(name), QColor("#123456"));
  QTRY_VERIFY(QFile::exists(qText(classColoursFile())));
  QString problem;
  QTRY_COMPARE(loadClassColours(classColoursFile(), &problem).value(name), QColor("#123456"));
  window_->actionList()["undo"]->trigger();
  QCOMPARE(classColour(name), standard);
  QCOMPARE(window_->timeline().view()->grab().toImage(), before);
  window_->actionList()["redo"]->trigger();
  QCOMPARE(classColour(name), QColor("#123456"));
  editor->setColour(name, QColor());
  QCOMPARE(classColour(name), standard);
  // A file that is no colours is set aside.
  const auto file = pathOf(box_->path("colours.json"));
  std::ofstream(file) << "{\"classes\": {\"a\": \"no colour\"}}";
  QVERIFY(loadClassColours(file, &problem).isEmpty());
  QVERIFY(!problem.isEmpty() && std::filesystem::exists(file.string() + ".bad"));
  QCOMPARE(parseClassColours(classColoursJson({{"ä \"b\"", QColor("#010203")}})).value("ä \"b\""), QColor("#010203"));
}

void TestWindow::brokenKeysAreSetAside() {
  const auto file = pathOf(box_->path("keys.json"));
  std::ofstream(file) << "{\"keys\": {\"export\": 5}}";
  QString problem;
  QVERIFY(loadKeyMap(file, &problem).isEmpty());
  QVERIFY(!problem.isEmpty() && std::filesystem::exists(file.string() + ".bad"));
}

void TestWindow::runsHaveTagsNotesABaselineAndATrash() {
  openSynth();
  for (const char* name : {"runs/a", "runs/b"}) {
    RunConfig config;
    config.train.lr = *(name + 5) == 'a' ? 0.001 : 0.01;
    std::filesystem::create_directories(pathOf(box_->path(name)));
    RunRecord record = freshRecord(config);
    record.state = "done";
    writeRunRecord(pathOf(box_->path(name)), record);
    std::ofstream(pathOf(box_->path(name)) / "config.yaml") << configYaml(config);
    writeReport(pathOf(box_->path(name)), {{"classification", {{"top1", *(name + 5) == 'a' ? 0.5 : 0.75}}}, {"verdict", "healthy"}});
  }
  window_->runs().addFolder(box_->path("runs"));
  RunModel* model = window_->runs().model();
  QTRY_VERIFY(model->rowOf(box_->path("runs/b")) >= 0);
  auto* table = window_->runs().findChild<QTableView*>("runTable");
  const auto choose = [&](const char* name) { table->selectRow(model->rowOf(box_->path(name))); };
  choose("runs/b");
  prompts_->paths.enqueue("paper, good one");
  window_->actionList()["tagRun"]->trigger();
  QTRY_COMPARE(readRunNotes(pathOf(box_->path("runs/b"))).tags, (std::vector<std::string>{"paper", "good one"}));
  QTRY_VERIFY(window_->actionList()["undo"]->isEnabled());
  window_->actionList()["undo"]->trigger();
  QTRY_VERIFY(readRunNotes(pathOf(box_->path("runs/b"))).tags.empty());
  window_->actionList()["noteRun"]->trigger();
  QTRY_VERIFY(window_->findChild<TextDialog*>());
  auto* note = window_->findChild<TextDialog*>();
  note->findChild<QPlainTextEdit*>("textDialogText")->setPlainText("why");
  note->accept();
  QTRY_COMPARE(readRunNotes(pathOf(box_->path("runs/b"))).text, std::string("why"));
  QTRY_VERIFY(!window_->findChild<TextDialog*>());
  model->setTicked({box_->path("runs/a"), box_->path("runs/b")});
  QTRY_COMPARE(window_->runTable().table().rows.size(), size_t{2});
  choose("runs/a");
  window_->actionList()["pinBaseline"]->trigger();
  QVERIFY(window_->tabs().currentWidget() == &window_->compare());
  QVERIFY(window_->compare().showsRuns() && window_->runTable().isVisible());
  const ResultTable& shown = window_->runTable().table();
  const auto delta = std::find_if(shown.columns.begin(), shown.columns.end(), [](const TableColumn& c) { return c.title == "Δ top-1"; });
  QVERIFY(delta != shown.columns.end());
  double largest = 0.0;
  for (const TableRow& row : shown.rows) largest = std::max(largest, row.cells[static_cast<size_t>(delta - shown.columns.begin())].value.value_or(0.0));
  QCOMPARE(largest, 0.25);
  choose("runs/b");
  window_->actionList()["runDifferences"]->trigger();
  QTRY_VERIFY(window_->findChild<TextDialog*>());
  QVERIFY(window_->findChild<TextDialog*>()->text().contains("train.lr"));
  window_->findChild<TextDialog*>()->close();
  prompts_->paths.enqueue(box_->path("runs.csv"));
  window_->actionList()["exportRunTable"]->trigger();
  QTRY_VERIFY(QFile::exists(box_->path("runs.csv")));
  // To the trash only when asked for, and back.
  for (const int answer : {-1, 0}) {  // Esc, and the button that keeps it
    prompts_->choices.enqueue(answer);
    window_->actionList()["trashRun"]->trigger();
    Workers::instance().waitForDone();
    QVERIFY(QFile::exists(box_->path("runs/b/run.json")));
  }
  prompts_->choices.enqueue(1);
  window_->actionList()["trashRun"]->trigger();
  QTRY_VERIFY(!QFile::exists(box_->path("runs/b")));
  QVERIFY(QFile::exists(box_->path("data/Trash/files/b/run.json")));  // the user's trash, nowhere else
  QTRY_VERIFY(window_->actionList()["undo"]->text().contains("trash"));
  window_->actionList()["undo"]->trigger();
  QTRY_VERIFY(QFile::exists(box_->path("runs/b/run.json")));
  QTRY_VERIFY(!QFile::exists(box_->path("data/Trash/info/b.trashinfo")));
  window_->actionList()["redo"]->trigger();
  QTRY_VERIFY(!QFile::exists(box_->path("runs/b")));
  QTRY_VERIFY(QFile::exists(box_->path("data/Trash/info/b.trashinfo")));
  Workers::instance().waitForDone();
  QCoreApplication::processEvents();
  window_->actionList()["undo"]->trigger();
  QTRY_VERIFY(QFile::exists(box_->path("runs/b/run.json")));
}

void TestWindow::theWindowSpeaksGerman() {
  if (!languages().contains("de")) QSKIP("lrelease (qt6-l10n-tools) was not installed when this was built");
  QCOMPARE(languageFor("de"), QString("de"));
  QCOMPARE(languageFor("de_AT"), QString("de"));
  QCOMPARE(languageFor("xx"), QString("en"));
  QVERIFY(useLanguage("de"));
  window_ = std::make_unique<MainWindow>(*prompts_, Session{});
  window_->saveSessionOnClose(false);
  window_->show();
  openSynth();
  QCOMPARE(window_->tabs().tabText(0), QString("Kurven"));
  // Every action is translated, and no two in a menu have the same letter by accident of translation more often than in English.
  int same = 0;
  for (const QAction* action : window_->actionList().all()) {
    QString text = action->text();
    QVERIFY(!text.isEmpty());
    same += text.remove('&') == QString("Open data set…");
  }
  QCOMPARE(same, 0);
  QCOMPARE(window_->actionList()["openData"]->text(), QString("Datensatz ö&ffnen…"));
  QCOMPARE(QCoreApplication::translate("any", "%n prediction(s) below the threshold were left out.", nullptr, 1), QString("1 Vorhersage unter der Schwelle fehlt."));
  QCOMPARE(QCoreApplication::translate("any", "%n prediction(s) below the threshold were left out.", nullptr, 3), QString("3 Vorhersagen unter der Schwelle fehlen."));
  QVERIFY(window_->actionList().clashes().isEmpty());
  window_->actionList()["languageEnglish"]->trigger();
  QCOMPARE(window_->session().language, QString("en"));
  QVERIFY(useLanguage("en"));
  QCOMPARE(parseSession(sessionJson(window_->session())).language, QString("en"));
}

// Places in a text (%1) are those of its translation: none is lost, none is made up.
void TestWindow::translationsKeepTheirPlaces() {
  QFile file(qText(bundled("resources/translations/hvlm_de.ts")));
  QVERIFY(file.open(QIODevice::ReadOnly));
  QXmlStreamReader xml(&file);
  QString source;
  int messages = 0;
  const auto places = [](const QString& text) {
    QStringList found;
    static const QRegularExpression place("%[0-9n]");
    for (auto it = place.globalMatch(text); it.hasNext();) found.append(it.next().captured());
    found.sort();
    found.removeDuplicates();
    return found;
  };
  while (!xml.atEnd()) {
    if (xml.readNext() != QXmlStreamReader::StartElement) continue;
    if (xml.name() == QLatin1String("source")) source = xml.readElementText();
    const bool plain = xml.name() == QLatin1String("numerusform") || (xml.name() == QLatin1String("translation") && !source.contains("%n"));
    if (!plain) continue;
    QVERIFY2(xml.attributes().value("type") != QLatin1String("unfinished"), qPrintable(source));
    const QString text = xml.readElementText();
    QVERIFY2(!text.isEmpty(), qPrintable(source));
    QCOMPARE(places(text), places(source));
    QCOMPARE(text.count('&') > 0, source.count('&') > 0);
    ++messages;
  }
  QVERIFY(messages > 800);
}

void TestWindow::recentThingsAreOffered() {
  openSynth();
  const Session now = window_->session();
  QCOMPARE(now.recent.first(), window_->workspace().data()->file);
  QCOMPARE(parseSession(sessionJson(now)).recent, now.recent);
}

void TestWindow::jobsStartFromTheMenu() {
  openSynth();
  window_->actionList()["evaluateJob"]->trigger();
  auto* dialog = window_->findChild<JobDialog*>();
  QVERIFY(dialog);
  QCOMPARE(dialog->kindId(), QString("evaluate"));
  QCOMPARE(dialog->value("Data set"), window_->workspace().data()->file);
  dialog->chooseKind("doctor");
  QSignalSpy ended(&window_->jobQueue(), &JobQueue::ended);
  dialog->findChild<QPushButton*>("jobStartButton")->click();
  QVERIFY(window_->jobQueue().busy());
  QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, 30000);
  QVERIFY2(window_->jobsPanel().outputText().contains("LibTorch"), qPrintable(window_->jobsPanel().outputText()));
}

void TestWindow::aRunningJobIsAskedAboutOnClosing() {
  openSynth();
  window_->jobQueue().add("long", {"watch", "/nowhere", "--help"});
  window_->jobQueue().add("long", {"bench", "video"});
  QVERIFY(window_->jobQueue().busy());
  QVERIFY(!window_->close());  // Esc
  prompts_->choices.enqueue(0);
  QVERIFY(!window_->close());
  QVERIFY(window_->isVisible());
  prompts_->choices.enqueue(1);
  QVERIFY(window_->close());
}

void TestWindow::theVideoTakesTheWholeScreen() {
  openSynth();
  QAction* alone = window_->actionList()["videoAlone"];
  alone->trigger();
  QVERIFY(window_->isFullScreen());
  QVERIFY(!window_->timeline().isVisible());
  QVERIFY(window_->player().isVisible());
  for (QDockWidget* dock : window_->findChildren<QDockWidget*>()) QVERIFY(!dock->isVisible());
  alone->trigger();
  QVERIFY(!window_->isFullScreen());
  QVERIFY(window_->timeline().isVisible());
  QVERIFY(window_->findChild<QDockWidget*>("videosDock")->isVisible());
}

HVLM_GUI_TEST_MAIN(TestWindow)
#include "tst_ui_window.moc"
