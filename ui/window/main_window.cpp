// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/main_window.h"

#include <QCloseEvent>
#include <QDockWidget>
#include <QLabel>
#include <QMenu>
#include <QMimeData>
#include <QSplitter>
#include <QStackedWidget>
#include <QStatusBar>
#include <QTabWidget>
#include <QTimer>
#include <QUrl>

#include "support/atomic_file.h"
#include "support/paths.h"
#include "ui/compare/compare_view.h"
#include "ui/curves/curves_state.h"
#include "ui/curves/curves_view.h"
#include "ui/detections/detection_panel.h"
#include "ui/inspector/inspector_panel.h"
#include "ui/jobs/job_queue.h"
#include "ui/jobs/jobs_panel.h"
#include "ui/language/chat_panel.h"
#include "ui/language/found_mark.h"
#include "ui/language/search_panel.h"
#include "ui/log/log_panel.h"
#include "ui/look/attention_panel.h"
#include "ui/look/features_panel.h"
#include "ui/look/pyramid_panel.h"
#include "ui/results/results_view.h"
#include "ui/runs/run_model.h"
#include "ui/runs/run_table.h"
#include "ui/runs/runs_panel.h"
#include "ui/shell/action_list.h"
#include "ui/shell/background.h"
#include "ui/shell/command_palette.h"
#include "ui/shell/history.h"
#include "ui/shell/prompts.h"
#include "ui/style/icons.h"
#include "ui/style/text_size.h"
#include "ui/style/theme.h"
#include "ui/text.h"
#include "ui/player/video_files.h"
#include "ui/player/video_panel.h"
#include "ui/timeline/options_state.h"
#include "ui/timeline/timeline_panel.h"
#include "ui/training/background_run.h"
#include "ui/training/job_controller.h"
#include "ui/training/training_panel.h"
#include "ui/videos/videos_panel.h"
#include "ui/window/exporter.h"
#include "ui/window/panel_pins.h"
#include "ui/window/video_inspector.h"
#include "ui/window/welcome_page.h"
#include "ui/workspace.h"

namespace hvlm::ui {
namespace {

constexpr int kKeepInterval = 1000;   // ms between looks whether what is open has changed
constexpr int kTimelineHeight = 296;  // nine levels without scrolling

}  // namespace

MainWindow::MainWindow(Prompts& prompts, const Session& session, QWidget* parent, std::function<JobEngine&()> engine)
    : QMainWindow(parent), prompts_(prompts), initial_(session), workspace_(new Workspace(this)), pins_(new PanelPins(*workspace_, this)),
      controller_(engine ? new JobController(this, std::move(engine)) : new JobController(this)), store_(new CurveStore(this)), actions_(new ActionList(this)),
      history_(new History(this)), recent_menu_(new QMenu(tr("Open re&cent"), this)), video_files_(new VideoFiles(*workspace_, this)), jobs_(new JobQueue(qText(executableFolder() / "hvlm"), this)) {
  setObjectName(QStringLiteral("mainWindow"));
  setWindowIcon(QIcon(QStringLiteral(":/icons/hvlm.svg")));
  setAcceptDrops(true);
  setDockNestingEnabled(true);
  setAnimated(false);  // Qt's own takes 200 ms
  theme_chosen_ = session.theme_chosen;
  go_on_in_background_ = [program = jobs_->program()](const QString& run) { return continueInBackground(run, program); };
  makePanels();
  arrange();
  makeActions();
  tipButtons();
  makeMenus();
  connectPanels();
  connectJobs();
  connectQueue();
  if (!session.timeline.isEmpty()) {  // before anybody listens: it is no change
    timeline_->restore(timelineOptions(session.timeline));
    followRows(timeline_->view()->options());
  }
  trashed_ = session.trashed;
  QHash<QString, QColor> run_colours;
  for (auto it = session.run_colours.cbegin(); it != session.run_colours.cend(); ++it) {
    if (const QColor colour(*it); colour.isValid()) run_colours.insert(it.key(), colour);
  }
  curves_->setRunColours(run_colours);
  connectHistory();
  connectLooks();
  connectDetections();
  connectLanguage();
  language_ = session.language;
  recent_ = session.recent;
  fillRecentMenu();
  putLinks(session.video_links);
  restoreLayout(session);
  (*actions_)["hardwareVideo"]->setChecked(session.hardware_video);
  compare_->setRecent(session.recent_reproductions);
  auto* keeper = new QTimer(this);
  keeper->setInterval(kKeepInterval);
  connect(keeper, &QTimer::timeout, this, &MainWindow::keepSession);
  keeper->start();
  showWelcome(true);
  retitle();
  showStatus();
}

// A layout that cannot be taken up is said and kept beside the session, which is written anew in a second.
void MainWindow::restoreLayout(const Session& session) {
  QStringList refused;
  if (!session.geometry.isEmpty() && !restoreGeometry(session.geometry)) refused.append(tr("place and size of the window"));
  if (!session.centre.isEmpty() && !split_->restoreState(session.centre)) refused.append(tr("heights of the centre"));
  if (!session.docks.isEmpty() && !restoreState(session.docks)) {
    refused.append(tr("panels"));
    resetLayout();
  }
  if (refused.isEmpty()) return;
  const QString what = refused.join(QStringLiteral(", "));
  inJournal(this, [] { return copyAside(sessionFile()); }, [this, what](const QString& copy) {
    log_->add(LogLevel::kWarning, copy.isEmpty() ? tr("The saved layout could not be taken up (%1): the standard one is in place.").arg(what)
                                                 : tr("The saved layout could not be taken up (%1): the standard one is in place. The session as it was is kept as %2.").arg(what, copy));
  }, [this](const QString& message) { log_->add(LogLevel::kWarning, message); });
}

MainWindow::~MainWindow() {
  setLanguageRunner(nullptr);  // the engine's thread is joined when it has left what it is asked here
  // Closing a window that is being destroyed hides its docks and takes its tabs away; they must not call back into it.
  disconnect(tabs_, nullptr, this, nullptr);
  for (QDockWidget* each : std::as_const(docks_)) disconnect(each, nullptr, this, nullptr);
}

void MainWindow::makePanels() {
  videos_ = new VideosPanel(*workspace_, *video_files_, this);
  runs_ = new RunsPanel(this);
  curves_ = new CurvesView(*store_, this);
  results_ = new ResultsView(this);
  table_ = new RunTable(this);
  compare_ = new CompareView(this);
  compare_->setRuns(table_);
  const auto pinnable = [this](auto*& panel, auto make) {
    Workspace& own = pins_->add();
    panel = make(own);
    pins_->setPanel(panel, own);
  };
  pinnable(timeline_, [this](Workspace& own) { return new TimelinePanel(own, this); });
  pinnable(player_, [this](Workspace& own) { return new VideoPanel(own, *video_files_, this); });
  pinnable(search_, [this](Workspace& own) { return new SearchPanel(own, *video_files_, this); });
  pinnable(chat_, [this](Workspace& own) { return new ChatPanel(own, prompts_, this); });
  for (QWidget* each : {static_cast<QWidget*>(curves_), static_cast<QWidget*>(results_), static_cast<QWidget*>(compare_)}) pins_->addKeeper(each);
  pinnable(pyramid_, [this](Workspace& own) { return new PyramidPanel(own, this); });
  pinnable(attention_, [this](Workspace& own) { return new AttentionPanel(own, *controller_, this); });
  pinnable(features_, [this](Workspace& own) { return new FeaturesPanel(own, this); });
  pinnable(detections_, [this](Workspace& own) { return new DetectionPanel(own, this); });
  pinnable(inspector_panel_, [this](Workspace& own) { return new InspectorPanel(own, this); });
  training_ = new TrainingPanel(*workspace_, *controller_, prompts_, this);
  log_ = new LogPanel(this);
  jobs_panel_ = new JobsPanel(*jobs_, this);
  found_mark_ = new FoundMark(*timeline_->view(), pins_->workspaceOf(timeline_));
  welcome_ = new WelcomePage(this);
  palette_ = new CommandPalette(*actions_, this);
  exporter_ = new Exporter(*timeline_, *curves_, *results_, *table_, *compare_, prompts_, this);
  exporter_->setOptions(initial_.exports);
  video_inspector_ = new VideoInspector(*workspace_, *controller_, this);
}

QDockWidget* MainWindow::dock(const char* name, const QString& title, QWidget* panel, Qt::DockWidgetArea area) {
  auto* made = new QDockWidget(title, this);
  made->setObjectName(QLatin1String(name));
  made->setWidget(panel);
  made->setFeatures(QDockWidget::DockWidgetMovable | QDockWidget::DockWidgetClosable | QDockWidget::DockWidgetFloatable);
  panel->setMinimumWidth(withText(*this, 200));
  addDockWidget(area, made);
  docks_.insert(made->objectName(), made);
  return made;
}

void MainWindow::arrange() {
  tabs_ = new QTabWidget(this);
  tabs_->setObjectName(QStringLiteral("centreTabs"));
  tabs_->setDocumentMode(true);
  tabs_->addTab(curves_, tr("Curves"));
  tabs_->addTab(results_, tr("Results"));
  tabs_->addTab(compare_, tr("Compare"));
  tabs_->addTab(player_, tr("Video"));
  tabs_->addTab(pyramid_, tr("Pyramid"));
  tabs_->addTab(attention_, tr("Attention"));
  tabs_->addTab(features_, tr("Features"));
  tabs_->addTab(detections_, tr("Detection"));
  split_ = new QSplitter(Qt::Vertical, this);
  split_->setObjectName(QStringLiteral("centreSplitter"));
  split_->setHandleWidth(6);
  split_->setChildrenCollapsible(false);
  split_->addWidget(tabs_);
  split_->addWidget(timeline_);
  split_->setStretchFactor(0, 1);
  split_->setStretchFactor(1, 1);
  centre_ = new QStackedWidget(this);
  centre_->addWidget(welcome_);
  centre_->addWidget(split_);
  setCentralWidget(centre_);
  setCorner(Qt::BottomLeftCorner, Qt::LeftDockWidgetArea);
  setCorner(Qt::BottomRightCorner, Qt::RightDockWidgetArea);
  QDockWidget* search = dock("searchDock", tr("Search"), search_, Qt::LeftDockWidgetArea);
  QDockWidget* videos = dock("videosDock", tr("Videos"), videos_, Qt::LeftDockWidgetArea);
  dock("runsDock", tr("Runs"), runs_, Qt::LeftDockWidgetArea);
  QDockWidget* training = dock("trainingDock", tr("Training"), training_, Qt::RightDockWidgetArea);
  QDockWidget* inspector = dock("inspectorDock", tr("Inspector"), inspector_panel_, Qt::RightDockWidgetArea);
  QDockWidget* jobs = dock("jobsDock", tr("Jobs"), jobs_panel_, Qt::RightDockWidgetArea);
  QDockWidget* chat = dock("chatDock", tr("Chat"), chat_, Qt::RightDockWidgetArea);
  QDockWidget* log = dock("logDock", tr("Log"), log_, Qt::BottomDockWidgetArea);
  log->setTitleBarWidget(log_->titleBar());
  setTabPosition(Qt::AllDockWidgetAreas, QTabWidget::North);
  tabifyDockWidget(training, inspector);
  tabifyDockWidget(inspector, jobs);
  tabifyDockWidget(jobs, chat);
  tabifyDockWidget(videos, search);
  training->raise();
  videos->raise();
  for (QDockWidget* each : {training, inspector, jobs, chat, videos, search}) {  // the tab says the title already
    const auto retitle_dock = [this, each, plain = new QWidget(each)] {
      const bool tabbed = !each->isFloating() && !tabifiedDockWidgets(each).isEmpty();
      each->setTitleBarWidget(tabbed ? plain : nullptr);
      plain->setVisible(false);
    };
    connect(each, &QDockWidget::topLevelChanged, this, retitle_dock);
    connect(each, &QDockWidget::dockLocationChanged, this, retitle_dock);
    connect(each, &QDockWidget::visibilityChanged, this, retitle_dock);
    retitle_dock();
  }
  resize(1280, 800);
  standard_docks_ = saveState();

  status_job_ = new QLabel(this);
  status_machine_ = new QLabel(this);
  status_place_ = new QLabel(this);
  status_unsaved_ = new QLabel(this);
  status_unsaved_->setObjectName(QStringLiteral("statusUnsaved"));
  status_unsaved_->setToolTip(tr("The project has changes that are not saved (File > Save project)."));
  status_job_->setObjectName(QStringLiteral("statusJob"));
  status_place_->setObjectName(QStringLiteral("statusPlace"));
  status_machine_->setObjectName(QStringLiteral("statusMachine"));
  for (QLabel* label : {status_job_, status_machine_, status_place_, status_unsaved_}) {
    label->setProperty("role", "muted");
    label->setContentsMargins(8, 2, 8, 2);
  }
  statusBar()->addWidget(status_job_, 1);
  statusBar()->addPermanentWidget(status_machine_);
  statusBar()->addPermanentWidget(status_place_);
  statusBar()->addPermanentWidget(status_unsaved_);
  statusBar()->setSizeGripEnabled(false);
}

void MainWindow::resetLayout() {
  restoreState(standard_docks_);
  for (QDockWidget* each : std::as_const(docks_)) each->show();
  for (const char* name : {"trainingDock", "videosDock"}) docks_.value(QLatin1String(name))->raise();
  QTimer::singleShot(0, this, &MainWindow::standardSizes);  // sizes are given once the docks have some
}

void MainWindow::standardSizes() {
  const auto named = [this](const char* name) { return docks_.value(QLatin1String(name)); };
  resizeDocks({named("videosDock"), named("trainingDock")}, {withText(*this, 264), withText(*this, 284)}, Qt::Horizontal);
  resizeDocks({named("videosDock"), named("runsDock")}, {460, 240}, Qt::Vertical);
  resizeDocks({named("logDock")}, {withText(*this, 92)}, Qt::Vertical);
  const int timeline = withText(*this, kTimelineHeight);
  split_->setSizes({split_->height() - timeline, timeline});
}

void MainWindow::showWelcome(bool on) {
  if (std::exchange(welcome_shown_, on) == on) return;
  const bool first = !on && initial_.docks.isEmpty();
  centre_->setCurrentIndex(on ? 0 : 1);
  if (first) QTimer::singleShot(0, this, &MainWindow::standardSizes);
  for (QDockWidget* each : std::as_const(docks_)) {
    if (on) {
      each->setProperty("hidden_for_welcome", !each->isHidden());
      each->hide();
    } else if (each->property("hidden_for_welcome").toBool()) {
      each->setProperty("hidden_for_welcome", false);
      each->show();
    }
  }
  if (on) return;
  for (const char* name : {"trainingDock", "videosDock"}) docks_.value(QLatin1String(name))->raise();
}

void MainWindow::retitle() {
  QStringList parts;
  if (!project_.isEmpty()) parts.append(QFileInfo(project_).fileName() + (project_changed_ ? QStringLiteral("*") : QString()));
  if (const auto loaded = workspace_->data()) parts.append(qText(loaded->spec.name));
  const auto named = [](const QString& run) { return tr("run %1").arg(qText(pathOf(run).filename())); };
  const JobStatus& job = controller_->status();
  const QString progress = progressText(job);
  const bool of_this = !progress.isEmpty() && job.run_folder == workspace_->run();
  if (!workspace_->run().isEmpty()) parts.append(named(workspace_->run()) + (of_this ? QLatin1Char(' ') + progress : QString()));
  if (!progress.isEmpty() && !of_this) parts.append(named(job.run_folder) + QLatin1Char(' ') + progress);
  parts.append(tr("HierarchicalVLM Workbench"));
  setWindowTitle(parts.join(QStringLiteral(" · ")));
  status_unsaved_->setText(project_changed_ ? tr("not saved") : QString());
  status_unsaved_->setVisible(project_changed_);
}

// Of the work, also while the welcome page or the video alone has hidden them.
QByteArray MainWindow::docksNow() const {
  if (!before_video_alone_.isEmpty()) return before_video_alone_;
  return centre_->currentIndex() == 1 ? saveState() : initial_.docks;
}

Session MainWindow::session() const {
  Session s;
  s.geometry = saveGeometry();
  s.docks = docksNow();
  s.centre = split_->saveState();
  s.theme = Theme::instance().kind();
  s.theme_chosen = theme_chosen_;
  s.data = workspace_->data() ? workspace_->data()->file : project_data_;
  s.run = workspace_->run();
  s.reproduction = compare_->wanted();
  s.recent_reproductions = compare_->recent();
  s.runs_folders = runs_->folders();
  s.language = language_;
  s.recent = recent_;
  s.video_links = video_files_->links();
  const bool placed = wanted_video_.isEmpty();  // else what was open is still being read
  s.video = placed ? workspace_->videoId() : wanted_video_;
  s.cursor_seconds = placed ? workspace_->cursorSeconds() : wanted_cursor_;
  s.shown_seconds = placed ? timeline_->view()->zoomedTo() : wanted_seconds_;
  s.tab = tabs_->currentWidget()->objectName();
  s.curves = curvesState(*curves_);
  s.exports = exporter_->optionsState();
  s.timeline = timelineState(timeline_->view()->options());
  s.baseline = table_->baseline();
  s.trashed = trashed_;
  const auto& colours = curves_->runColours().chosen();
  for (auto it = colours.cbegin(); it != colours.cend(); ++it) s.run_colours.insert(it.key(), it->name());
  s.project = project_;
  s.preset = training_->presetFile();
  s.hardware_video = (*actions_)["hardwareVideo"]->isChecked();
  s.overlaid = runs_->model()->wanted();
  return s;
}

bool MainWindow::event(QEvent* event) {
  const bool taken = QMainWindow::event(event);
  Theme& theme = Theme::instance();
  const bool scheme = event->type() == QEvent::ThemeChange || (event->type() == QEvent::ApplicationPaletteChange && theme.othersChanged());
  if (scheme && !theme_chosen_) theme.setKind(theme.systemKind());
  return taken;
}

void MainWindow::closeEvent(QCloseEvent* event) {
  if (confirming_) {
    event->ignore();
    return;
  }
  if (controller_->busy()) {
    event->ignore();
    if (closing_) return;  // stopping already
    QString waiting = jobs_->waiting() > 0 ? QLatin1Char(' ') + tr("%n job(s) that wait in the panel Jobs will not begin.", nullptr, jobs_->waiting()) : QString();
    if (jobs_->busy()) waiting += QLatin1Char(' ') + tr("A job is running.") + QLatin1Char(' ') + tr("Stopping keeps what it has finished; the same job goes on from there later.");
    const int answer = prompts_.choose(this, tr("A run is training."),
                                       tr("Stopping keeps a checkpoint of this very step; Resume goes on from it later. In the background, a process of its own goes on from there; opening the run again follows it.") + waiting,
                                       {tr("Go on training here"), tr("Go on training in the background"), tr("Stop, keep and close")});
    if (answer == 1) detach_ = controller_->status().run_folder;
    if (answer == 1 || answer == 2) stopAndClose();
    return;
  }
  if (jobs_->busy() && !closing_) {
    const int answer = prompts_.choose(this, tr("A job is running."), tr("Stopping keeps what it has finished; the same job goes on from there later."), {tr("Go on working"), tr("Stop, keep and close")});
    if (answer != 1) {
      event->ignore();
      return;
    }
  }
  if (saves_session_) {
    inJournal(this, [file = sessionFile(), state = session(), history = history_->json(), form = training_->presetFile().isEmpty() ? std::string() : training_->formText()] {
      saveSession(file, state);
      if (!form.empty()) writeFileAtomic(formFile(), form);
      writeFileAtomic(historyFile(), history.toStdString());
    }, [] {});
  }
  if (saves_session_) keepTalks();
  event->accept();
  Q_EMIT closed();
}

// What is open is kept within seconds, so that a crash or a power cut costs nothing. Written when it changed, on a worker.
void MainWindow::keepSession() {
  followProject();
  if (!saves_session_ || centre_->currentIndex() != 1) return;
  if (std::exchange(history_changed_, false)) {
    const auto failed = [this](const QString& message) {
      history_changed_ = true;  // tried again
      log_->add(LogLevel::kWarning, message);
    };
    inJournal(this, [history = history_->json()] { writeFileAtomic(historyFile(), history.toStdString()); }, [] {}, failed);
  }
  if (std::exchange(form_changed_, false) && !training_->presetFile().isEmpty()) {
    inJournal(this, [form = training_->formText()] { writeFileAtomic(formFile(), form); }, [] {}, [this](const QString& message) {
      form_changed_ = true;
      log_->add(LogLevel::kWarning, message);
    });
  }
  keepTalks();
  Session now = session();
  std::string text = sessionJson(now);
  if (text == kept_session_) return;
  kept_session_ = std::move(text);
  inJournal(this, [file = sessionFile(), now] { saveSession(file, now); }, [] {}, [this](const QString& message) {
    kept_session_.clear();
    log_->add(LogLevel::kWarning, message);
  });
}

void MainWindow::stopAndClose() {
  if (!controller_->busy()) {
    close();
    return;
  }
  if (std::exchange(closing_, true)) return;
  holdQueue();
  controller_->stop();
  setEnabled(false);
  showStatus();
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
  if (event->mimeData()->hasUrls()) event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event) {
  QStringList paths;
  for (const QUrl& url : event->mimeData()->urls()) {
    if (url.isLocalFile()) paths.append(url.toLocalFile());
  }
  openPaths(paths);
  event->acceptProposedAction();
}

}  // namespace hvlm::ui
