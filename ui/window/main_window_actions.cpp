// SPDX-License-Identifier: GPL-3.0-or-later
// Every action of the main window; menus, command palette and key sheet are made from the one list.
#include <QApplication>
#include <QClipboard>
#include <QDockWidget>
#include <QLineEdit>
#include <QSplitter>
#include <QMenuBar>
#include <QProcess>
#include <QStatusBar>
#include <QTabBar>
#include <QTabWidget>
#include <QToolButton>

#include "support/paths.h"
#include "support/error.h"
#include "support/version.h"
#include "ui/compare/compare_view.h"
#include "ui/curves/curves_view.h"
#include "ui/detections/detection_panel.h"
#include "ui/inspector/inspector_panel.h"
#include "ui/jobs/job_dialog.h"
#include "ui/jobs/job_queue.h"
#include "ui/jobs/jobs_panel.h"
#include "ui/language/chat_panel.h"
#include "ui/language/search_panel.h"
#include "ui/log/log_panel.h"
#include "ui/look/attention_panel.h"
#include "ui/look/features_panel.h"
#include "ui/look/pyramid_panel.h"
#include "ui/results/results_view.h"
#include "ui/runs/run_table.h"
#include "ui/shell/history.h"
#include "ui/runs/runs_panel.h"
#include "ui/shell/action_list.h"
#include "ui/shell/background.h"
#include "ui/shell/command_palette.h"
#include "ui/shell/notice_strip.h"
#include "ui/shell/prompts.h"
#include "ui/shell/text_dialog.h"
#include "ui/style/icons.h"
#include "ui/style/theme.h"
#include "ui/text.h"
#include "ui/player/video_panel.h"
#include "ui/timeline/timeline_panel.h"
#include "ui/window/change_kinds.h"
#include "ui/training/job_controller.h"
#include "ui/training/training_panel.h"
#include "ui/videos/videos_panel.h"
#include "ui/window/exporter.h"
#include "ui/window/key_sheet.h"
#include "ui/window/main_window.h"
#include "ui/window/panel_pins.h"
#include "ui/workspace.h"

namespace hvlm::ui {
namespace {

QKeySequence key(const char* text) { return QKeySequence(QLatin1String(text)); }

}  // namespace

void MainWindow::makeActions() {
  const QString file = tr("File");
  actions_->add("openData", file, tr("&Open data set…"), {key("Ctrl+O")}, [this] { Q_EMIT videos_->openDataAsked(); }, "folder");
  actions_->add("openRuns", file, tr("Open &runs…"), {key("Ctrl+Shift+O")}, [this] { Q_EMIT runs_->openRunsAsked(); }, "runs");
  actions_->add("openReproduction", file, tr("Open re&production…"), {}, [this] { Q_EMIT compare_->openAsked(); }, "table");
  actions_->add("openDemo", file, tr("Open the &demo"), {}, [this] { openDemo(); }, "demo");
  makeProjectActions();
  actions_->add("importReport", file, tr("&Import report…"), {}, [this] { showImportReport(); }, "info");
  actions_->add("loadConfig", file, tr("&Load config…"), {}, [this] { training_->loadConfig(); }, "folder");
  actions_->add("saveConfig", file, tr("&Save config…"), {}, [this] { training_->saveConfig(); }, "save");
  actions_->add("export", file, tr("&Export…"), {key("Ctrl+E")}, [this] {
    if (timeline_->isAncestorOf(QApplication::focusWidget())) {
      exporter_->exportTimeline();
    } else if (tabs_->currentWidget() == results_) {
      exporter_->exportTable();
    } else if (tabs_->currentWidget() == pyramid_ || tabs_->currentWidget() == attention_ || tabs_->currentWidget() == features_) {
      exportFigure();
    } else if (tabs_->currentWidget() == detections_) {
      exportDetections();
    } else if (tabs_->currentWidget() == compare_) {
      compare_->showsRuns() ? exporter_->exportRunTable() : exporter_->exportComparison();
    } else {
      exporter_->exportCurves(QString());
    }
  }, "export");
  actions_->add("exportTimeline", file, tr("Export &timeline…"), {}, [this] { exporter_->exportTimeline(); }, "pyramid");
  actions_->add("exportCurves", file, tr("Export &curves…"), {}, [this] { exporter_->exportCurves(QString()); }, "curve");
  actions_->add("exportTable", file, tr("Export result t&able…"), {}, [this] { exporter_->exportTable(); }, "table");
  actions_->add("exportPage", file, tr("Fi&gure page…"), {key("Ctrl+Shift+E")}, [this] { exporter_->exportPage(allFigures()); }, "export");
  actions_->add("exportRunTable", file, tr("Export r&un table…"), {}, [this] { exporter_->exportRunTable(); }, "table");
  actions_->add("exportComparison", file, tr("Export co&mparison…"), {}, [this] { exporter_->exportComparison(); }, "table");
  actions_->add("exportDetections", file, tr("Export detection fi&gure or table…"), {}, [this] { exportDetections(); }, "curve");
  makeExportActions();
  actions_->add("copyComparisonCsv", file, tr("Copy comparison as CS&V"), {}, [this] { compare_->copyAs(QStringLiteral("csv")); }, "copy");
  actions_->add("copyComparisonMarkdown", file, tr("Copy comparison as Mar&kdown"), {}, [this] { compare_->copyAs(QStringLiteral("md")); }, "copy");
  actions_->add("copyComparisonLatex", file, tr("Copy comparison as LaTe&X"), {}, [this] { compare_->copyAs(QStringLiteral("tex")); }, "copy");
  actions_->add("closeWindow", file, tr("Close &window"), {key("Ctrl+W")}, [this] { close(); }, "close");
  actions_->add("quit", file, tr("&Quit"), {key("Ctrl+Q")}, [this] { close(); });
  makeEditActions();
  makeRunActions();
  makeRunListActions();
  makeTimelineActions();
  makePlayerActions();
  makeToolActions();
  makeLanguageActions();
  makeViewActions();
  makePanelActions();
  const QString help = tr("Help");
  actions_->add("keySheet", help, tr("&Keys"), {key("F1"), key("Ctrl+?")}, [this] {
    auto* sheet = new KeySheet(*actions_, this);
    sheet->setAttribute(Qt::WA_DeleteOnClose);
    connect(sheet, &KeySheet::manualAsked, this, &MainWindow::showManual);
    sheet->show();
  }, "help");
  actions_->add("manual", help, tr("&Manual"), {}, [this] { showManual(); }, "log");
  actions_->add("palette", help, tr("&Command palette"), {key("Ctrl+P"), key("Ctrl+Shift+P")}, [this] { palette_->popUp(); }, "command");
  actions_->add("doctor", help, tr("&Machine report…"), {}, [this] { showDoctor(); }, "info");
  actions_->add("copyReport", help, tr("Copy &report"), {}, [this] {
    const QString report = tr("HierarchicalVLM Workbench %1 (%2), %3 %4, Qt %5, %6 cores\nconfig %7\ndata %8\nstate %9")
                               .arg(qText(versionText()), qText(revisionText()), qText(compilerText()), qText(buildType()),
                                    QLatin1String(qVersion()))
                               .arg(QThread::idealThreadCount())
                               .arg(qText(configFolder()), qText(dataFolder()), qText(stateFolder()));
    QApplication::clipboard()->setText(report);
    log_->add(LogLevel::kInfo, tr("copied the report of versions and folders"));
  }, "copy");
}

// What `hvlm doctor` says, with a button that copies it.
void MainWindow::showDoctor() {
  const auto ask = [program = jobs_->program()] {
    QProcess doctor;
    doctor.start(program, {QStringLiteral("doctor")});
    constexpr int kMost = 60000;  // ms
    if (!doctor.waitForFinished(kMost) || doctor.exitCode() != 0) {
      throw InputError({.where = stdText(program) + " doctor", .expected = "a report", .found = doctor.readAllStandardError().trimmed().toStdString(), .remedy = "Run it in a terminal."});
    }
    return QString::fromUtf8(doctor.readAllStandardOutput());
  };
  inBackground(
      this, ask,
      [this](const QString& text) {
        auto* report = new TextDialog(tr("Report"), text, this);
        report->setAttribute(Qt::WA_DeleteOnClose);
        report->show();
      },
      [this](const QString& message) { log_->add(LogLevel::kError, message); });
}

void MainWindow::makeRunActions() {
  const QString run = tr("Run");
  actions_->add("runOrResume", run, tr("&Run or resume"), {key("Ctrl+R")}, [this] { training_->runOrResume(); }, "play");
  actions_->add("newRun", run, tr("&New run"), {key("Ctrl+N")}, [this] {
    training_->suggestRunFolder();
    docks_.value(QStringLiteral("trainingDock"))->show();
    docks_.value(QStringLiteral("trainingDock"))->raise();
    training_->focusSearch();
  }, "play");
  actions_->add("queueRun", run, tr("&Queue this run"), {key("Ctrl+Shift+R")}, [this] { training_->queueRun(); }, "queued");
  actions_->add("estimateRun", run, tr("Est&imate time and memory"), {}, [this] { training_->estimate(); }, "lost");
  actions_->add("configDifferences", run, tr("Options that differ from the &preset…"), {}, [this] { training_->showDifferences(); }, "table");
  QAction* pause = actions_->add("pause", run, tr("&Pause"), {}, [this] { controller_->pause(); }, "pause");
  QAction* stop = actions_->add("stop", run, tr("&Stop and keep"), {key("Ctrl+.")}, [this] { controller_->stop(); }, "stop");
  QAction* cancel = actions_->add("cancelRun", run, tr("&Cancel…"), {}, [this] { training_->cancelRun(); }, "close");
  QAction* close_lost = actions_->add("closeLostRun", run, tr("Close the &lost run"), {}, [this] { training_->closeLostRun(); }, "stopped");
  close_lost->setEnabled(false);
  connect(training_, &TrainingPanel::lostShown, close_lost, &QAction::setEnabled);
  QAction* evaluation = actions_->add("evaluate", run, tr("&Evaluate on validation"), {}, [this] { evaluate(); }, "refresh");
  actions_->add("refreshRuns", run, tr("Read the run list &again"), {key("F5")}, [this] { runs_->refresh(); }, "refresh");
  const auto follow = [this, pause, stop, cancel, evaluation] {
    const JobStatus& status = controller_->status();
    pause->setEnabled(canPause(status));
    stop->setEnabled(canStop(status.state));
    cancel->setEnabled(canCancel(status));
    evaluation->setEnabled(!controller_->busy() && workspace_->data() && !workspace_->run().isEmpty());
  };
  connect(controller_, &JobController::statusChanged, this, follow);
  connect(workspace_, &Workspace::dataChanged, this, follow);
  connect(workspace_, &Workspace::runChanged, this, follow);
  follow();
}

void MainWindow::makeTimelineActions() {
  const QString group = tr("Timeline");
  TimelineView* view = timeline_->view();
  actions_->add("previousVideo", group, tr("&Previous video"), {key("PgUp")}, [this] { videos_->selectNext(-1); });
  actions_->add("nextVideo", group, tr("&Next video"), {key("PgDown")}, [this] { videos_->selectNext(1); });
  actions_->addToggle("showTruth", group, tr("&Ground truth"), {key("G")}, true,
                      [this](bool on) { timeline_->setRowShown(RowKind::kTruth, on); });
  actions_->addToggle("showPredictions", group, tr("&Predictions"), {key("P")}, true,
                      [this](bool on) { timeline_->setRowShown(RowKind::kPredictions, on); });
  actions_->addToggle("showAttention", group, tr("&Attention curve"), {key("A")}, true,
                      [this](bool on) { timeline_->setRowShown(RowKind::kAttention, on); });
  actions_->add("threshold", group, tr("Score &threshold"), {key("T")}, [this] { timeline_->focusThreshold(); });
  for (int level = 1; level <= 9; ++level) {
    actions_->add(qPrintable(QStringLiteral("level%1").arg(level)), group, tr("Only pyramid level %1").arg(level),
                  {QKeySequence(Qt::Key_0 + level)}, [this, level] { timeline_->showLevel(level); });
  }
  actions_->add("allLevels", group, tr("All &levels"), {key("*")}, [this] { timeline_->showLevel(-1); }, "pyramid");
  actions_->add("collapseLevel", group, tr("Collapse or expand the chosen level"), {key("C")}, [this] { timeline_->toggleChosenLevel(); });
  actions_->add("zoomIn", group, tr("Zoom &in"), {key("+"), key("=")}, [view] { view->zoom(1.5); }, "zoom-in", view);
  actions_->add("zoomOut", group, tr("Zoom &out"), {key("-")}, [view] { view->zoom(1 / 1.5); }, "zoom-out", view);
  actions_->add("zoomWhole", group, tr("&Whole video"), {key("0")}, [view] { view->zoomWhole(); }, "fit", view);
  actions_->add("zoomSelection", group, tr("Zoom to &selection"), {key("Z")}, [view] { view->zoomToSelection(); }, "zoom-in");
  actions_->add("stepBack", group, tr("One feature step back"), {key("Alt+,")}, [this] { moveBy(-1, timeline_->view()->content().step_seconds); });
  actions_->add("stepOn", group, tr("One feature step on"), {key("Alt+.")}, [this] { moveBy(1, timeline_->view()->content().step_seconds); });
  // In the timeline and in the video: text fields, tables and trees have these keys for themselves.
  const KeyPlaces both{view, player_};
  actions_->add("secondBack", group, tr("One second back"), {key("Shift+Left")}, [this] { moveBy(-1, 1.0); }, nullptr, both);
  actions_->add("secondOn", group, tr("One second on"), {key("Shift+Right")}, [this] { moveBy(1, 1.0); }, nullptr, both);
  actions_->add("previousEdge", group, tr("Previous segment edge"), {key("Ctrl+Left")}, [view] { view->goToEdge(-1); }, nullptr, both);
  actions_->add("nextEdge", group, tr("Next segment edge"), {key("Ctrl+Right")}, [view] { view->goToEdge(1); }, nullptr, both);
  actions_->add("toStart", group, tr("To the start"), {key("Home")}, [this] { moveBy(-1, 1e12); }, nullptr, both);
  actions_->add("toEnd", group, tr("To the end"), {key("End")}, [this] { moveBy(1, 1e12); }, nullptr, both);
  actions_->add("goToTime", group, tr("&Go to time or frame…"), {key("Ctrl+G")}, [this] { askForTime(); });
  QAction* follow = actions_->addToggle("followCursor", group, tr("&Follow the cursor while it plays"), {}, true, [view](bool on) { view->setFollow(on); }, "follow");
  connect(view, &TimelineView::followChanged, follow, &QAction::setChecked);
  connect(player_, &VideoPanel::playingChanged, view, &TimelineView::setPlaying);
}

void MainWindow::makePlayerActions() {
  const QString group = tr("Video");
  actions_->add("playPause", group, tr("&Play or pause"), {key("K")}, [this] { player_->togglePlay(); }, "play");
  // Space presses the button that has the focus everywhere else.
  const KeyPlaces both{timeline_->view(), player_};
  actions_->add("playHere", group, tr("Play or pause, in the video and the timeline"), {key("Space")}, [this] { player_->togglePlay(); }, nullptr, both);
  actions_->add("playFromStart", group, tr("Play from the st&art"), {}, [this] { player_->restart(); }, "reset");
  actions_->add("playBack", group, tr("Play &backward, faster"), {key("J")}, [this] { player_->press(-1); });
  actions_->add("playOn", group, tr("Play &forward, faster"), {key("L")}, [this] { player_->press(1); });
  // Without a video there are no frames: a step of the features then.
  actions_->add("frameBack", group, tr("One frame back"), {key("Left"), key(",")}, [this] { stepFrame(-1); }, nullptr, both);
  actions_->add("frameOn", group, tr("One frame on"), {key("Right"), key(".")}, [this] { stepFrame(1); }, nullptr, both);
  actions_->add("markIn", group, tr("Mark &in"), {key("I")}, [this] { player_->markIn(); });
  actions_->add("markOut", group, tr("Mark &out"), {key("O")}, [this] { player_->markOut(); });
  actions_->add("clearMarks", group, tr("&Clear marks"), {key("Shift+X")}, [this] { player_->clearMarks(); });
  actions_->addToggle("loopMarks", group, tr("&Loop the marks"), {key("Shift+Space")}, false, [this](bool on) { player_->setLoop(on); });
  actions_->addToggle("videoLabels", group, tr("Labels over the &video"), {}, true, [this](bool on) { player_->showLabels(on); });
  actions_->addToggle("videoAttention", group, tr("Attention as a bo&rder"), {}, true, [this](bool on) { player_->showAttention(on); });
  actions_->addToggle("videoSimilarity", group, tr("&Similarity curve over the video"), {}, false, [this](bool on) { player_->showSimilarity(on); });
  actions_->addToggle("hardwareVideo", group, tr("Decode by &hardware where it can"), {}, false, [this](bool on) { player_->setHardware(on); });
  actions_->add("exportClip", group, tr("Export a clip with the segments drawn in…"), {}, [this] {
    if (!player_->hasVideo()) {
      player_->notice()->show(NoticeLevel::kInfo, tr("There is no video to export a clip of: choose one that has a file."));
      return;
    }
    player_->exportClip(prompts_.saveFile(this, tr("Export a clip"), workspace_->videoId() + QStringLiteral("-segments.mp4"), tr("Videos (*.mp4 *.mkv *.webm *.avi)")));
  }, "export");
  actions_->add("showVideo", group, tr("Show the v&ideo"), {}, [this] {
    showWelcome(false);
    tabs_->setCurrentWidget(player_);
  }, "play");
  actions_->addToggle("videoAlone", group, tr("Video over the &whole screen"), {key("Shift+F11")}, false, [this](bool on) { showVideoAlone(on); });
  actions_->add("linkVideo", group, tr("Open or &link a video file…"), {}, [this] {
    const QString file = prompts_.openFile(this, tr("Open a video file"), tr("Videos (*.mp4 *.mkv *.webm *.avi *.mov *.ts *.m4v);;All files (*)"));
    if (!file.isEmpty()) openVideo(file);
  }, "folder");
}

void MainWindow::makeToolActions() {
  const QString group = tr("Tools");
  actions_->add("newJob", group, tr("&New job…"), {key("Ctrl+J")}, [this] { newJob(QString()); }, "play");
  actions_->add("stopJob", group, tr("&Stop the job"), {}, [this] { jobs_->stop(jobs_panel_->chosen()); }, "stop");
  actions_->add("clearJobs", group, tr("&Clear the jobs that have ended"), {}, [this] { jobs_->clearEnded(); }, "close");
  for (const JobKind& kind : jobKinds()) {
    actions_->add(qPrintable(kind.id + QStringLiteral("Job")), group, kind.name + QStringLiteral("…"), {}, [this, id = kind.id] { newJob(id); }, qPrintable(kind.icon));
  }
}

void MainWindow::newJob(const QString& kind) {
  JobContext context;
  if (const auto loaded = workspace_->data()) context.data = loaded->file;
  context.run = workspace_->run();
  auto* dialog = new JobDialog(kind, context, prompts_, this);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(dialog, &JobDialog::asked, this, [this](const QString& title, const QStringList& arguments) {
    showWelcome(false);
    docks_.value(QStringLiteral("jobsDock"))->show();
    docks_.value(QStringLiteral("jobsDock"))->raise();
    jobs_panel_->choose(jobs_->add(title, arguments));
  });
  dialog->show();
}

void MainWindow::showVideoAlone(bool on) {
  showWelcome(false);
  if (on == !before_video_alone_.isEmpty()) return;
  if (on) {
    before_video_alone_ = saveState();
    tabs_->setCurrentWidget(player_);
    for (QDockWidget* each : std::as_const(docks_)) each->hide();
  } else {
    restoreState(std::exchange(before_video_alone_, QByteArray()));
  }
  timeline_->setVisible(!on);
  tabs_->tabBar()->setVisible(!on);
  menuBar()->setMaximumHeight(on ? 0 : QWIDGETSIZE_MAX);  // hidden, its keys would be dead
  statusBar()->setVisible(!on);
  setWindowState(on ? windowState() | Qt::WindowFullScreen : windowState() & ~Qt::WindowFullScreen);
  player_->setFocus();
}

void MainWindow::openVideo(const QString& file) {
  history_->note(tr("opened the video %1").arg(file));
  showWelcome(false);
  tabs_->setCurrentWidget(player_);
  player_->openFile(file);
}

QWidget* MainWindow::pinnablePanel() const {
  QWidget* shown = tabs_->currentWidget();
  return pins_->canPin(shown) ? shown : nullptr;
}

// Pinned, a panel goes on showing its video under its run, whatever is chosen elsewhere.
void MainWindow::makePinAction() {
  const QString group = tr("View");
  QAction* pin = actions_->addToggle("pinPanel", group, tr("P&in this panel to its video and run"), {key("Ctrl+Shift+L")}, false,
                                     [this](bool on) { pins_->setPinned(pinnablePanel(), on); });
  struct Beside {  // panels that are no tab: their docks say that they are pinned, the timeline its tip
    QAction* action;
    QWidget* panel;
    QDockWidget* dock;
    QString title;
  };
  QList<Beside> others;
  const auto add = [&](const char* id, const QString& text, QWidget* panel, const char* dock) {
    QDockWidget* around = docks_.value(QLatin1String(dock));
    others.append({actions_->addToggle(id, group, text, {}, false, [this, panel](bool on) { pins_->setPinned(panel, on); }), panel, around, around ? around->windowTitle() : QString()});
  };
  add("pinInspector", tr("Pin the &inspector"), inspector_panel_, "inspectorDock");
  add("pinTimeline", tr("Pin the timeline"), timeline_, "");
  add("pinSearch", tr("Pin the search"), search_, "searchDock");
  add("pinChat", tr("Pin the chat"), chat_, "chatDock");
  pin->setIcon(icon("pin"));
  auto* button = new QToolButton(tabs_);
  button->setObjectName(QStringLiteral("pinPanelButton"));
  button->setDefaultAction(pin);
  button->setToolButtonStyle(Qt::ToolButtonIconOnly);
  button->setAccessibleName(tr("Pin this panel to its video and run"));
  button->setAutoRaise(true);
  tabs_->setCornerWidget(button);
  const auto follow = [this, pin, others] {
    const QWidget* panel = pinnablePanel();
    pin->setEnabled(panel);
    pin->setChecked(pins_->pinned(panel));
    for (int i = 0; i < tabs_->count(); ++i) {
      const bool pinned = pins_->pinned(tabs_->widget(i));
      tabs_->setTabIcon(i, pinned ? icon("pin") : QIcon());
      tabs_->setTabToolTip(i, pinned ? tr("Pinned to %1").arg(pins_->text(tabs_->widget(i))) : QString());
    }
    for (const Beside& each : others) {
      const bool pinned = pins_->pinned(each.panel);
      each.action->setChecked(pinned);
      each.panel->setToolTip(pinned ? tr("Pinned to %1").arg(pins_->text(each.panel)) : QString());
      if (each.dock) each.dock->setWindowTitle(pinned ? tr("%1 (pinned)").arg(each.title) : each.title);
    }
  };
  connect(pins_, &PanelPins::changed, this, follow);
  connect(tabs_, &QTabWidget::currentChanged, this, follow);
  follow();
}

void MainWindow::makeViewActions() {
  const QString group = tr("View");
  for (const char* name : {"videosDock", "runsDock", "trainingDock", "inspectorDock", "jobsDock", "searchDock", "chatDock", "logDock"}) {
    QDockWidget* each = docks_.value(QLatin1String(name));
    QAction* toggle = actions_->addToggle(name, group, each->windowTitle(), {}, true, [this, each](bool on) {
      each->setVisible(on);
      if (on) each->raise();
      tellPanel(each, on);
    });
    connect(each, &QDockWidget::visibilityChanged, toggle, [toggle, each] {
      const QSignalBlocker blocker(toggle);
      toggle->setChecked(!each->isHidden());
    });
  }
  makePinAction();
  makePlaceActions();
  actions_->add("showCurves", group, tr("&Curves"), {}, [this] { tabs_->setCurrentWidget(curves_); }, "curve");
  actions_->add("showResults", group, tr("&Results"), {}, [this] { tabs_->setCurrentWidget(results_); }, "table");
  actions_->add("showRunTable", group, tr("Run ta&ble"), {}, [this] {
    showRunTable();
  }, "table");
  actions_->add("showCompare", group, tr("Co&mpare: the paper's tables"), {}, [this] {
    showWelcome(false);
    tabs_->setCurrentWidget(compare_);
    compare_->showTables();
  }, "table");
  actions_->add("showPyramid", group, tr("Pyrami&d"), {}, [this] {
    showWelcome(false);
    tabs_->setCurrentWidget(pyramid_);
  }, "pyramid");
  actions_->add("showAttentionTab", group, tr("Atte&ntion of two models, and how it was learned"), {}, [this] {
    showWelcome(false);
    tabs_->setCurrentWidget(attention_);
  }, "attach");
  actions_->add("showFeatures", group, tr("&Features"), {}, [this] {
    showWelcome(false);
    tabs_->setCurrentWidget(features_);
  }, "classes");
  actions_->add("showDetection", group, tr("De&tection"), {}, [this] {
    showWelcome(false);
    tabs_->setCurrentWidget(detections_);
  }, "curve");
  actions_->add("embedRun", tr("Tools"), tr("Embed the validation &videos of the run"), {}, [this] { embed(); }, "classes");
  actions_->add("themeSystem", group, tr("Colours: like the s&ystem"), {}, [this] { chooseTheme(true, Theme::instance().systemKind()); }, "theme");
  actions_->add("themeLight", group, tr("Colours: &light"), {}, [this] { chooseTheme(false, ThemeKind::kLight); }, "theme");
  actions_->add("themeDark", group, tr("Colours: &dark"), {}, [this] { chooseTheme(false, ThemeKind::kDark); }, "theme");
  actions_->add("themeContrast", group, tr("Colours: &high contrast"), {}, [this] { chooseTheme(false, ThemeKind::kHighContrast); },
                "theme");
  const auto speak = [this](const QString& language) {
    language_ = language;
    log_->add(LogLevel::kInfo, tr("The language changes with the next start."));
  };
  actions_->add("languageSystem", group, tr("Language: like the syste&m"), {}, [speak] { speak(QString()); }, "help");
  actions_->add("languageEnglish", group, tr("Language: &English"), {}, [speak] { speak(QStringLiteral("en")); }, "help");
  actions_->add("languageGerman", group, tr("Language: &German (Deutsch)"), {}, [speak] { speak(QStringLiteral("de")); }, "help");
  actions_->add("findInPanel", group, tr("Fi&nd in panel"), {key("Ctrl+F"), key("/")}, [this] { findInPanel(); }, "search");
  actions_->add("nextPanel", group, tr("Ne&xt panel"), {key("F6")}, [this] { goToPanel(1); });
  actions_->add("previousPanel", group, tr("&Previous panel"), {key("Shift+F6")}, [this] { goToPanel(-1); });
  actions_->add("fullScreen", group, tr("F&ull screen"), {key("F11")}, [this] { setWindowState(windowState() ^ Qt::WindowFullScreen); });
  actions_->add("resetLayout", group, tr("Reset la&yout"), {}, [this] {
    const QJsonObject before = layoutNow();
    resetLayout();
    history_->did({tr("layout reset"), kLayout, before, QJsonValue(), {}});
  }, "reset");
}

void MainWindow::makeMenus() {
  const std::pair<QString, QString> menus[] = {{tr("File"), tr("&File")}, {tr("Edit"), tr("&Edit")}, {tr("View"), tr("&View")}, {tr("Timeline"), tr("&Timeline")}, {tr("Video"), tr("Vi&deo")},
                                               {tr("Run"), tr("&Run")}, {tr("Tools"), tr("T&ools")}, {tr("Help"), tr("&Help")}};
  for (const auto& [group, title] : menus) {
    QMenu* menu = menuBar()->addMenu(title);
    menu->setToolTipsVisible(true);
    QMenu* levels = nullptr;
    for (QAction* action : actions_->group(group)) {
      if (action->objectName().startsWith(QLatin1String("level"))) {
        if (!levels) levels = menu->addMenu(tr("Pyramid le&vel"));
        levels->addAction(action);
        continue;
      }
      const QString name = action->objectName();
      const bool begins = name == QLatin1String("exportAction") || name == QLatin1String("newProjectAction") || name == QLatin1String("importReportAction") || name == QLatin1String("closeWindowAction") ||
                          name == QLatin1String("placeBackAction") || name == QLatin1String("showCurvesAction") || name == QLatin1String("themeSystemAction") || name == QLatin1String("languageSystemAction") ||
                          name == QLatin1String("findInPanelAction") || name == QLatin1String("pauseAction") ||
                          name == QLatin1String("evaluateAction") || name == QLatin1String("extractJobAction") || name == QLatin1String("bench-modelJobAction") || name == QLatin1String("zoomInAction") ||
                          name == QLatin1String("frameBackAction") || name == QLatin1String("showTruthAction") ||
                          name == QLatin1String("searchByWordsAction") || name == QLatin1String("copyReportAction") || name == QLatin1String("tagRunAction") || name == QLatin1String("historyAction");
      if (begins) menu->addSeparator();
      menu->addAction(action);
      if (name == QLatin1String("openReproductionAction")) menu->addMenu(compare_->recentMenu());
      if (name == QLatin1String("openDemoAction")) menu->addMenu(recent_menu_);
    }
  }
}

void MainWindow::chooseTheme(bool follow_system, ThemeKind kind) {
  const bool chosen_before = std::exchange(theme_chosen_, !follow_system);
  const ThemeKind before = Theme::instance().kind();
  Theme::instance().setKind(kind);
  if (before == kind && chosen_before == theme_chosen_) return;
  const auto state = [](bool chosen, ThemeKind of) { return QJsonObject{{"chosen", chosen}, {"kind", themeName(of)}}; };
  history_->did({tr("colours: %1").arg(themeName(kind)), kScheme, state(chosen_before, before), state(theme_chosen_, kind), {}});
}

}  // namespace hvlm::ui
