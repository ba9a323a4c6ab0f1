// SPDX-License-Identifier: GPL-3.0-or-later
// What the session keeps and what can be undone beyond the timeline: the training form, keys, linked videos, panels.
#include <QDockWidget>
#include <QLineEdit>
#include <QTabWidget>

#include "runs/run_record.h"
#include "support/atomic_file.h"
#include "support/paths.h"
#include "ui/curves/curves_view.h"
#include "ui/jobs/job_queue.h"
#include "ui/player/video_panel.h"
#include "ui/runs/run_model.h"
#include "ui/runs/runs_panel.h"
#include "ui/shell/action_list.h"
#include "ui/shell/history.h"
#include "ui/shell/key_map.h"
#include "ui/shell/session.h"
#include "ui/shell/workers.h"
#include "ui/timeline/timeline_panel.h"
#include "ui/timeline/timeline_view.h"
#include "ui/training/config_form.h"
#include "ui/training/training_panel.h"
#include "ui/window/key_editor.h"
#include "ui/window/main_window.h"
#include "ui_fixtures.h"

using namespace hvlm;
using namespace hvlm::ui;
using namespace hvlm::ui::testing;

class TestUndo : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init();
  void cleanup();
  void theSessionKeepsTheView();
  void aSessionOfLessIsRead_data();
  void aSessionOfLessIsRead();
  void whatIsStillBeingReadIsKept();
  void theFormIsUndone();
  void typingInAFieldIsOneStep();
  void loadingAConfigIsUndone();
  void keysAreUndone();
  void linkedVideosAreUndone();
  void panelsAreUndone();
  void resettingTheLayoutIsUndone();
  void openingIsListed();

 private:
  void open();
  void undo() { window_->actionList()["undo"]->trigger(); }
  void redo() { window_->actionList()["redo"]->trigger(); }
  QDockWidget* dock(const char* name) const { return window_->findChild<QDockWidget*>(QLatin1String(name)); }
  bool listed(const QString& part) const {
    const auto& entries = window_->history().entries();
    return std::any_of(entries.begin(), entries.end(), [&](const History::Entry& each) { return each.text.contains(part); });
  }
  std::unique_ptr<Sandbox> box_;
  std::unique_ptr<QueuedPrompts> prompts_;
  std::unique_ptr<MainWindow> window_;
};

void TestUndo::init() {
  box_ = std::make_unique<Sandbox>();
  prompts_ = std::make_unique<QueuedPrompts>();
  window_ = std::make_unique<MainWindow>(*prompts_, Session{});
  window_->saveSessionOnClose(false);
  window_->resize(1280, 800);
  window_->show();
  QVERIFY(QTest::qWaitForWindowActive(window_.get()));
}

void TestUndo::cleanup() {
  window_.reset();
  Workers::instance().waitForDone();
  prompts_.reset();
  box_.reset();
}

void TestUndo::open() {
  window_->openData(makeSynth(*box_));
  QTRY_VERIFY(window_->workspace().video());
  QTest::qWait(50);  // the sizes of a window that has just opened
}

void TestUndo::theSessionKeepsTheView() {
  open();
  for (const char* name : {"runs/a", "runs/b"}) {
    std::filesystem::create_directories(pathOf(box_->path(name)));
    writeRunRecord(pathOf(box_->path(name)), freshRecord(tinyConfig(1)));
  }
  window_->runs().addFolder(box_->path("runs"));
  QTRY_VERIFY(window_->runs().model()->rowOf(box_->path("runs/b")) >= 0);
  window_->runs().model()->setTicked({box_->path("runs/b")});
  window_->actionList()["nextVideo"]->trigger();
  const QString video = window_->workspace().videoId();
  const double length = window_->workspace().video()->duration_seconds;
  window_->workspace().setCursor(length * 0.4);
  window_->timeline().view()->zoomTo(length * 0.25, length * 0.5);
  window_->actionList()["showResults"]->trigger();
  CurveOptions options;
  options.axis = CurveAxis::kHours;
  options.smoothing = 0.9;
  options.log_x = options.clip = true;
  options.follow = false;
  window_->curves().setOptions(options);
  window_->curves().setLogCards({CardKind::kRate, CardKind::kLoss});
  const Session last = parseSession(sessionJson(window_->session()));
  window_ = std::make_unique<MainWindow>(*prompts_, last);
  window_->saveSessionOnClose(false);
  window_->show();
  QCOMPARE(window_->curves().options(), CurveOptions());  // nothing before it is restored
  window_->restore(last);
  QTRY_COMPARE(window_->workspace().videoId(), video);
  const auto shown = window_->timeline().view()->zoomedTo();
  QVERIFY(shown);
  QVERIFY2(std::abs(shown->first - length * 0.25) < length * 0.02 && std::abs(shown->second - length * 0.5) < length * 0.02,
           qPrintable(QString("%1 %2 of %3").arg(shown->first).arg(shown->second).arg(length)));
  QCOMPARE(window_->workspace().cursorSeconds(), length * 0.4);
  QCOMPARE(window_->tabs().currentWidget()->objectName(), QString("resultsView"));
  QCOMPARE(window_->curves().options(), options);
  QCOMPARE(window_->curves().logCards(), (QSet<CardKind>{CardKind::kRate, CardKind::kLoss}));
  QTRY_COMPARE(window_->runs().model()->ticked(), QStringList{box_->path("runs/b")});
  window_->timeline().view()->zoomWhole();
  QVERIFY(!parseSession(sessionJson(window_->session())).shown_seconds);
}

void TestUndo::aSessionOfLessIsRead_data() {
  QTest::addColumn<QByteArray>("json");
  QTest::newRow("nothing of it") << QByteArray(R"({"version": 1})");
  QTest::newRow("null") << QByteArray(R"({"version": 1, "shown_seconds": null})");
  QTest::newRow("the other way round") << QByteArray(R"({"version": 1, "shown_seconds": [5, 2]})");
  QTest::newRow("before the start") << QByteArray(R"({"version": 1, "shown_seconds": [-5, 2]})");
}
void TestUndo::aSessionOfLessIsRead() {
  QFETCH(QByteArray, json);
  const Session session = parseSession(json.toStdString());
  QVERIFY(!session.shown_seconds && session.tab.isEmpty() && session.curves.isEmpty());
}

// A crash while the data set of the last session is being read: it is all there the next time.
void TestUndo::whatIsStillBeingReadIsKept() {
  Session last;
  last.data = box_->path("unplugged/dataset.yaml");
  last.video = "v_7";
  last.cursor_seconds = 3.5;
  last.shown_seconds = std::pair(2.0, 6.0);
  window_->restore(last);
  const Session now = window_->session();
  QCOMPARE(now.video, last.video);
  QCOMPARE(now.cursor_seconds, last.cursor_seconds);
  QVERIFY(now.shown_seconds == last.shown_seconds);
}

void TestUndo::theFormIsUndone() {
  ConfigForm* form = window_->training().form();
  const RunConfig before = form->config();
  RunConfig config = before;
  config.train.lr = 0.0123;
  config.train.epochs = 7;
  form->setConfig(config);
  QVERIFY(window_->history().canUndo());
  undo();
  QCOMPARE(form->config().train.lr, before.train.lr);
  QCOMPARE(configYaml(form->config()), configYaml(before));
  QVERIFY(!window_->history().canUndo());
  redo();
  QCOMPARE(configYaml(form->config()), configYaml(config));
  // Over sessions.
  const QByteArray kept = window_->history().json();
  window_->history().load(kept);
  undo();
  QCOMPARE(configYaml(form->config()), configYaml(before));
}

void TestUndo::typingInAFieldIsOneStep() {
  open();
  auto* edit = qobject_cast<QLineEdit*>(window_->training().form()->editorOf("train.lr"));
  QVERIFY(edit);
  const double before = window_->training().form()->config().train.lr;
  edit->setFocus();
  edit->selectAll();
  for (const char key : std::string("0.25")) QTest::keyClick(edit, key);
  QCOMPARE(window_->training().form()->config().train.lr, 0.25);
  QVERIFY2(window_->history().undoText().contains("train.lr"), qPrintable(window_->history().undoText()));
  auto* other = qobject_cast<QLineEdit*>(window_->training().form()->editorOf("train.epochs"));
  other->setFocus();
  other->selectAll();
  for (const char key : std::string("77")) QTest::keyClick(other, key);
  QCOMPARE(window_->training().form()->config().train.epochs, int64_t{77});
  // The field takes its own key, not the window's.
  QTest::keyClick(other, Qt::Key_Z, Qt::ControlModifier);
  QVERIFY(other->text() != "77");
  QCOMPARE(window_->training().form()->config().train.lr, 0.25);
  while (window_->history().canUndo() && window_->history().undoText().contains("train.epochs")) undo();
  QCOMPARE(window_->training().form()->config().train.lr, 0.25);
  undo();  // all that was typed into the one field
  QCOMPARE(window_->training().form()->config().train.lr, before);
  QCOMPARE(edit->text().toDouble(), before);
}

void TestUndo::loadingAConfigIsUndone() {
  const QString first = box_->path("first.yaml"), second = box_->path("second.yaml");
  writeFileAtomic(pathOf(first), configYaml(tinyConfig(3)));
  writeFileAtomic(pathOf(second), configYaml(tinyConfig(9)));
  window_->training().loadConfigFile(first);
  QTRY_COMPARE(window_->training().presetFile(), first);
  QVERIFY(!window_->history().canUndo());  // what is taken up at the start is no change
  window_->training().loadConfigFile(second);
  QTRY_COMPARE(window_->training().presetFile(), second);
  QVERIFY(listed("loaded the config second.yaml"));
  undo();
  QTRY_COMPARE(window_->training().presetFile(), first);
  QCOMPARE(window_->training().form()->config().train.epochs, int64_t{3});
  QVERIFY(!window_->history().canUndo());
  redo();
  QTRY_COMPARE(window_->training().presetFile(), second);
  QCOMPARE(window_->training().form()->config().train.epochs, int64_t{9});
  QVERIFY(!window_->history().canRedo());
}

void TestUndo::keysAreUndone() {
  ActionList& actions = window_->actionList();
  actions["editKeys"]->trigger();
  auto* editor = window_->findChild<KeyEditor*>();
  QVERIFY(editor);
  const QKeySequence standard = actions["openDemo"]->shortcut(), wanted("Ctrl+Alt+D");
  QVERIFY(editor->setKey("openDemo", wanted));
  QCOMPARE(actions["openDemo"]->shortcut(), wanted);
  const auto kept = [] {
    Workers::instance().waitForDone();
    QString problem;
    return loadKeyMap(keyMapFile(), &problem);
  };
  QCOMPARE(kept().value("openDemo"), QList<QKeySequence>{wanted});
  undo();
  QCOMPARE(actions["openDemo"]->shortcut(), standard);
  QVERIFY(kept().isEmpty());
  QVERIFY(editor->chosen().isEmpty());  // the one that is open does not bring it back
  redo();
  QCOMPARE(actions["openDemo"]->shortcut(), wanted);
  QCOMPARE(kept(), editor->chosen());
}

void TestUndo::linkedVideosAreUndone() {
  window_->player().link("a", box_->path("one.mp4"));
  window_->player().link("a", box_->path("two.mp4"));
  window_->player().link("b", box_->path("b.mp4"));
  const auto links = [this] { return window_->session().video_links; };
  undo();
  QVERIFY(!links().contains("b"));
  undo();
  QCOMPARE(links().value("a"), box_->path("one.mp4"));
  undo();
  QVERIFY(links().isEmpty());
  QVERIFY(!window_->history().canUndo());
  redo();
  redo();
  QCOMPARE(links(), (QHash<QString, QString>{{"a", box_->path("two.mp4")}}));
}

void TestUndo::panelsAreUndone() {
  open();
  const auto toggle = [this](const char* name) { window_->actionList()[name]->trigger(); };
  toggle("chatDock");
  QVERIFY(dock("chatDock")->isHidden() && listed("panel Chat hidden"));
  undo();
  QVERIFY(!dock("chatDock")->isHidden() && window_->actionList()["chatDock"]->isChecked());
  redo();
  QVERIFY(dock("chatDock")->isHidden());
  toggle("chatDock");
  undo();
  QVERIFY(dock("chatDock")->isHidden());
  dock("runsDock")->close();  // by the button in its title
  QVERIFY(dock("runsDock")->isHidden());
  undo();
  QVERIFY(!dock("runsDock")->isHidden());
}

void TestUndo::resettingTheLayoutIsUndone() {
  open();
  dock("chatDock")->hide();
  dock("runsDock")->hide();
  window_->actionList()["resetLayout"]->trigger();
  QVERIFY(!dock("chatDock")->isHidden() && !dock("runsDock")->isHidden());
  QTest::qWait(50);
  undo();
  QVERIFY(dock("chatDock")->isHidden() && dock("runsDock")->isHidden() && !dock("videosDock")->isHidden());
  redo();
  QVERIFY(!dock("chatDock")->isHidden() && !dock("runsDock")->isHidden());
}

void TestUndo::openingIsListed() {
  window_->openReproduction(box_->path("repro"));
  QVERIFY(listed("opened the reproduction " + box_->path("repro")));
  writeFileAtomic(pathOf(box_->path("film.mp4")), "no film");
  prompts_->paths.enqueue(box_->path("film.mp4"));
  window_->actionList()["linkVideo"]->trigger();
  QVERIFY(listed("opened the video " + box_->path("film.mp4")));
  window_->jobQueue().add("A job", {"no-such-command"});
  QTRY_VERIFY_WITH_TIMEOUT(listed("job ended: A job"), 30000);
  QVERIFY(!window_->history().canUndo());
}

HVLM_GUI_TEST_MAIN(TestUndo)
#include "tst_ui_undo.moc"
