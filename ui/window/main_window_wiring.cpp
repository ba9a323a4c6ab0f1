// SPDX-License-Identifier: GPL-3.0-or-later
// How the panels of the main window hear of each other.
#include <QLabel>
#include <QLocale>
#include <QDockWidget>
#include <QMenu>
#include <QSplitter>
#include <QTabWidget>
#include <QTimer>

#include "runs/run_record.h"
#include "support/error.h"
#include "support/paths.h"
#include "support/text.h"
#include "ui/compare/compare_view.h"
#include "ui/curves/curves_state.h"
#include "ui/curves/curves_view.h"
#include "ui/detections/detection_panel.h"
#include "ui/inspector/inspector_panel.h"
#include "ui/jobs/job_queue.h"
#include "ui/jobs/jobs_panel.h"
#include "ui/log/log_panel.h"
#include "ui/look/attention_panel.h"
#include "ui/look/features_panel.h"
#include "ui/look/parallel_view.h"
#include "ui/look/pyramid_panel.h"
#include "ui/results/results_view.h"
#include "ui/runs/run_model.h"
#include "ui/runs/run_table.h"
#include "ui/runs/runs_panel.h"
#include "ui/shell/background.h"
#include "ui/shell/empty_state.h"
#include "ui/shell/history.h"
#include "ui/shell/notice_strip.h"
#include "ui/shell/prompts.h"
#include "ui/shell/text_dialog.h"
#include "ui/text.h"
#include "ui/player/video_panel.h"
#include "ui/timeline/timeline_panel.h"
#include "ui/training/job_controller.h"
#include "ui/training/training_panel.h"
#include "ui/videos/videos_panel.h"
#include "ui/window/demo.h"
#include "ui/window/exporter.h"
#include "ui/window/import_report.h"
#include "ui/window/main_window.h"
#include "ui/window/panel_pins.h"
#include "ui/window/video_inspector.h"
#include "ui/window/welcome_page.h"
#include "ui/workspace.h"

namespace hvlm::ui {
void MainWindow::connectPanels() {
  const auto ask_data = [this] { askForData(); };
  const auto ask_runs = [this] {
    const QString folder = prompts_.openFolder(this, tr("Open a run, or a folder of runs"));
    if (!folder.isEmpty()) openRuns(folder);
  };
  const auto ask_reproduction = [this] {
    const QString folder = prompts_.openFolder(this, tr("Open a reproduction: the folder with tables.json"));
    if (!folder.isEmpty()) openReproduction(folder);
  };
  for (EmptyState* empty : findChildren<EmptyState*>()) {
    connect(empty, &EmptyState::asked, this, [this, ask_data, ask_runs](EmptyAsk ask) {
      if (ask == EmptyAsk::kData) ask_data();
      else if (ask == EmptyAsk::kRuns) ask_runs();
      else if (ask == EmptyAsk::kVideos) showDock("videosDock"), videos_->focusSearch();
    });
  }
  connect(videos_, &VideosPanel::openDataAsked, this, ask_data);
  connect(timeline_, &TimelinePanel::openDataAsked, this, ask_data);
  connect(training_, &TrainingPanel::openDataAsked, this, ask_data);
  connect(welcome_, &WelcomePage::dataAsked, this, ask_data);
  connect(welcome_, &WelcomePage::runsAsked, this, ask_runs);
  connect(welcome_, &WelcomePage::demoAsked, this, &MainWindow::openDemo);
  connect(runs_, &RunsPanel::openRunsAsked, this, ask_runs);
  connect(runs_, &RunsPanel::runChosen, this, &MainWindow::openRun);
  connect(runs_->model(), &RunModel::tickedChanged, this, &MainWindow::overlayRuns);
  // Runs that were ticked before they were listed, as those of the last session are.
  connect(runs_->model(), &QAbstractItemModel::modelReset, this, [this] {
    if (runs_->model()->ticked() != overlaid_) overlayRuns();
  });
  const auto follow_state = [this] {
    const int row = runs_->model()->rowOf(workspace_->run());
    const RunSummary* run = runs_->model()->runAt(row);
    if (run && !controller_->busy()) training_->setRunState(workspace_->run(), qText(run->state));
    tellImported();
  };
  connect(runs_->model(), &QAbstractItemModel::dataChanged, this, follow_state);
  connect(runs_->model(), &QAbstractItemModel::modelReset, this, follow_state);
  connect(player_, &VideoPanel::linkAsked, this, [this](const QString& id) {
    const QString file = prompts_.openFile(this, tr("The video file of %1").arg(id), tr("Videos (*.mp4 *.mkv *.webm *.avi *.mov *.ts *.m4v);;All files (*)"));
    if (!file.isEmpty()) player_->link(id, file);
  });
  connect(timeline_, &TimelinePanel::exportAsked, exporter_, &Exporter::exportTimeline);
  connect(curves_, &CurvesView::exportAsked, exporter_, &Exporter::exportCurves);
  connect(compare_, &CompareView::openAsked, this, ask_reproduction);
  connect(compare_, &CompareView::openRunAsked, this, &MainWindow::showRunBehind);
  connect(compare_, &CompareView::exportAsked, exporter_, &Exporter::exportComparison);
  connect(compare_->recentMenu(), &QMenu::triggered, this, [this] {
    showWelcome(false);
    tabs_->setCurrentWidget(compare_);
    compare_->showTables();
  });
  connect(results_, &ResultsView::exportAsked, exporter_, &Exporter::exportTable);
  connect(exporter_, &Exporter::written, this, [this](const QString& file) {
    log_->add(LogLevel::kInfo, tr("exported %1").arg(file));
    history_->note(tr("exported %1").arg(file));
  });
  connect(player_, &VideoPanel::fileEnds, timeline_->view(), &TimelineView::setFileEnd);
  connect(player_, &VideoPanel::clipWritten, exporter_, &Exporter::written);
  connect(table_, &RunTable::exportAsked, exporter_, &Exporter::exportRunTable);
  connect(results_, &ResultsView::evaluateAsked, this, &MainWindow::evaluate);
  connect(video_inspector_, &VideoInspector::waiting, timeline_, &TimelinePanel::setWaiting);
  connect(video_inspector_, &VideoInspector::succeeded, this, [this] { timeline_->notice()->clear(); });
  connect(video_inspector_, &VideoInspector::failed, this,
          [this](const QString& message) { timeline_->notice()->show(NoticeLevel::kWarning, message); });
  connect(store_, &CurveStore::failed, this, [this](const QString& run, const QString& message) {
    const bool starting = controller_->busy() && controller_->status().run_folder == run;
    if (!starting) curves_->notice()->show(NoticeLevel::kWarning, message);
  });

  connect(workspace_, &Workspace::dataChanged, this, [this] {
    showWelcome(false);
    welcome_->showWork(QString(), 0, 0);
    const auto loaded = workspace_->data();
    log_->add(LogLevel::kInfo, importSummary(*loaded));
    history_->note(tr("opened the data set %1").arg(loaded->file));
    remember(loaded->file);
    project_data_ = loaded->file;
    if (importHasFindings(*loaded)) {
      const QString text = loaded->store_problem.isEmpty() ? importSummary(*loaded) : loaded->store_problem;
      videos_->notice()->show(NoticeLevel::kWarning, text, tr("Details…"), [this] { showImportReport(); });
    } else {
      videos_->notice()->clear();
    }
    runs_->addFolder(qText(dataFolder() / "runs" / loaded->spec.name));
    retitle();
    dataArrived();
    if (!waiting_results_.isEmpty()) openPath(std::exchange(waiting_results_, QString()));
  });
  connect(workspace_, &Workspace::videoChanged, this, [this] {
    if (workspace_->data() && !wanted_video_.isEmpty()) {
      const QString video = std::exchange(wanted_video_, QString());
      if (workspace_->data()->catalogue.find(stdText(video))) {
        workspace_->selectVideo(video);
        workspace_->setCursor(wanted_cursor_);
        if (const auto shown = std::exchange(wanted_seconds_, {})) timeline_->view()->zoomTo(shown->first, shown->second);
      }
    }
    showStatus();
  });
  connect(workspace_, &Workspace::dataFailed, this, [this](const QString& message) {
    log_->add(LogLevel::kError, message);
    videos_->notice()->show(NoticeLevel::kBad, message);
    welcome_->notice()->show(NoticeLevel::kBad, message);
    welcome_->showWork(QString(), 0, 0);
    dataArrived();
  });
  connect(workspace_, &Workspace::cursorChanged, this, &MainWindow::showStatus);
  connect(workspace_, &Workspace::inspectionChanged, this, &MainWindow::showStatus);
}

void MainWindow::showMachine() {
  const QString device = deviceText(controller_->status(), QThread::idealThreadCount());
  status_machine_->setText(window_bytes_ > 0.0 ? tr("%1 · %2").arg(device, qText(humanBytes(window_bytes_))) : device);
}

void MainWindow::showStatus() {
  showMachine();
  const JobStatus& s = controller_->status();
  QString job = tr("job %1").arg(stateText(s.state));
  if (!s.run_folder.isEmpty() && s.state != JobState::kIdle) {
    job += tr(" · run %1").arg(qText(pathOf(s.run_folder).filename()));
    if (s.total_epochs > 0) job += tr(" · epoch %1/%2").arg(s.epochs_done).arg(s.total_epochs);
    if (const auto left = secondsLeft(s); left && s.state == JobState::kRunning) job += tr(" · ETA %1").arg(durationText(*left));
  }
  if (closing_) job = confirming_ ? tr("waiting until the background process has taken the run, then closing") : tr("stopping after this step, then closing");
  if (jobs_->busy()) job += tr(" · a job runs in the panel Jobs");
  status_job_->setText(job);
  retitle();
  const Video* video = workspace_->video();
  if (!video && workspace_->freeVideo().seconds > 0.0) {
    status_place_->setText(timeText(workspace_->cursorSeconds()));
    return;
  }
  if (!video) {
    status_place_->clear();
    return;
  }
  const auto seen = workspace_->inspection();
  const double step_seconds = seen ? seen->step_seconds : workspace_->data()->spec.features.stepSeconds();
  const auto step = static_cast<int64_t>(workspace_->cursorSeconds() / step_seconds);
  const auto steps = static_cast<int64_t>(video->duration_seconds / step_seconds);
  status_place_->setText(tr("%1 · step %2 of %3").arg(timeText(workspace_->cursorSeconds())).arg(step).arg(steps));
}

void MainWindow::askForData() {
  const QString file = prompts_.openFile(this, tr("Open a data set"), tr("Data sets (*.yaml *.yml);;All files (*)"));
  if (!file.isEmpty()) openData(file);
}

void MainWindow::openData(const QString& dataset_yaml) {
  welcome_->notice()->clear();
  welcome_->showWork(tr("Reading %1 …").arg(dataset_yaml), 0, 0);
  workspace_->openData(dataset_yaml);
}

void MainWindow::openRun(const QString& folder) {
  history_->note(tr("opened the run %1").arg(folder));
  remember(folder);
  showRun(folder);
  const auto follow = [this, folder] {
    if (!controller_->busy() && workspace_->run() == folder) controller_->attach(folder);
  };
  inBackground(
      this, [folder] { return readRunRecord(pathOf(folder)); },
      [this, folder, follow](const RunRecord& record) {
        if (!record.isImported()) follow();  // there is nobody to follow
        else if (!controller_->busy() && workspace_->run() == folder) controller_->detach();
        if (!record.dataset_file.empty() && !workspace_->data() && !workspace_->loading()) openData(qText(record.dataset_file));
      },
      [follow](const QString&) { follow(); });  // which says what is wrong
}

void MainWindow::openRuns(const QString& folder) {
  showWelcome(false);
  inBackground(this, [folder] { return recognise(folder); }, [this, folder](const Dropped& found) {
    if (found.kind == DropKind::kReproduction) {
      openReproduction(found.path);
      return;
    }
    runs_->addFolder(folder);
    if (found.kind == DropKind::kRun) openRun(found.path);
    if (found.kind == DropKind::kUnknown) {
      runs_->notice()->show(NoticeLevel::kWarning, tr("%1 holds no run: expected run.json in it or in a folder below.").arg(found.path));
    }
  });
}

void MainWindow::openReproduction(const QString& path) {
  history_->note(tr("opened the reproduction %1").arg(path));
  showWelcome(false);
  tabs_->setCurrentWidget(compare_);
  compare_->showTables();
  // Without a data set the timeline has nothing to show: the tables take its room. After the sizes of a window that has just opened.
  if (!workspace_->data() && !workspace_->loading()) {
    QTimer::singleShot(0, this, [this] { split_->setSizes({split_->height() * 4 / 5, split_->height() / 5}); });
  }
  compare_->open(path);
}

// A number of the comparison leads to the report of its run.
void MainWindow::showRunBehind(const QString& folder) {
  inBackground(this, [folder] { return recognise(folder); }, [this, folder](const Dropped& found) {
    if (found.kind != DropKind::kRun) {
      compare_->notice()->show(NoticeLevel::kWarning, tr("%1 holds no run any more: it was moved or removed. "
                                                         "Rebuild the tables with \"hvlm reproduce --merge\".").arg(folder));
      return;
    }
    runs_->addFolder(folder);
    openRun(folder);
    tabs_->setCurrentWidget(results_);
  });
}

void MainWindow::showRun(const QString& folder) {
  showWelcome(false);
  workspace_->setRun(folder);
  curves_->notice()->clear();
  timeline_->notice()->clear();
  overlayRuns();
  if (!pins_->pinned(results_)) results_->setRun(folder);
  tellImported();
  runs_->showCurrent(folder);
  retitle();
}

// An imported run has neither curves nor a model that could be evaluated.
void MainWindow::tellImported() {
  if (workspace_->run().isEmpty()) return;
  const RunSummary* run = runs_->model()->runAt(runs_->model()->rowOf(workspace_->run()));
  const bool imported = run && run->record.isImported();
  curves_->setEmptyText(imported ? tr("An imported run has no curves: its training was not seen here. Its detections are in Results, Detection, the run table and the timeline.")
                                 : tr("Loss terms, consistency and held-out figures of this run appear here. It has measured nothing yet."));
  results_->setCanEvaluate(!imported && !controller_->busy() && workspace_->data());
  detections_->setCanEvaluate(!imported && !controller_->busy());
}

void MainWindow::overlayRuns() {
  QStringList shown;
  if (!workspace_->run().isEmpty()) shown.append(workspace_->run());
  overlaid_ = runs_->model()->ticked();
  for (const QString& folder : std::as_const(overlaid_)) {
    if (folder != workspace_->run()) shown.append(folder);
  }
  if (!pins_->pinned(curves_)) curves_->setRuns(shown);
  if (!pins_->pinned(compare_)) table_->setRuns(shown);
  features_->map().setOtherRuns(shown.mid(0, RunTable::kMostRuns));
}

void MainWindow::evaluate() {
  if (controller_->busy() || !workspace_->data() || workspace_->run().isEmpty()) return;
  EvaluateSpec spec;
  spec.run_folder = stdText(workspace_->run());
  spec.data = stdText(workspace_->data()->file);
  controller_->start(std::move(spec));
}

void MainWindow::openDemo() {
  welcome_->notice()->clear();
  welcome_->showWork(tr("Opening the demo …"), 0, 0);
  inBackground(
      this, [] { return prepareDemo(); },
      [this](const DemoPlace& place) {
        if (!place.config.isEmpty()) training_->loadConfigFile(place.config);
        runs_->addFolder(place.run);
        connect(workspace_, &Workspace::dataChanged, this, [this, place] {
          openRun(place.run);
          tabs_->setCurrentWidget(player_);
          const QString what = place.bundled ? tr("The finished demo that comes with the program: eight of its 200 videos.") : tr("Your own demo, finished.");
          training_->notice()->show(NoticeLevel::kInfo, what, tr("Make it anew"), [this] { remakeDemo(); });
        }, Qt::SingleShotConnection);
        openData(place.dataset);
      },
      [this](const QString& message) {
        welcome_->showWork(QString(), 0, 0);
        welcome_->notice()->show(NoticeLevel::kBad, message);
      });
}

// Draws the videos, extracts, trains: minutes, as a job; then opens what it made.
void MainWindow::remakeDemo() {
  docks_.value(QStringLiteral("jobsDock"))->show();
  docks_.value(QStringLiteral("jobsDock"))->raise();
  demo_job_ = jobs_->add(tr("Make the demo anew"), {QStringLiteral("demo")});
  jobs_panel_->choose(demo_job_);
}

void MainWindow::connectLooks() {
  // One cell is chosen, wherever it was clicked; a pinned panel has its own.
  connect(pyramid_->view(), &PyramidView::cellSelected, this, [this](CellAddress cell) {
    if (pins_->pinned(pyramid_)) return;
    if (!pins_->pinned(timeline_)) timeline_->view()->selectCell(cell);
    if (!pins_->pinned(inspector_panel_)) inspector_panel_->showCell(cell);
  });
  connect(timeline_->view(), &TimelineView::cellSelected, this, [this](CellAddress cell) {
    if (pins_->pinned(timeline_)) return;
    if (!pins_->pinned(inspector_panel_)) inspector_panel_->showCell(cell);
    if (!pins_->pinned(pyramid_)) pyramid_->view()->select(cell);
    const TimelineContent& shown = timeline_->view()->content();
    if (!pins_->pinned(player_)) player_->showSpan(cell.valid() && shown.inspection ? MarkedRange(secondsOf(*shown.inspection, cell)) : std::nullopt);
  });
  // A range marked on the ruler and the player's marks are one.
  const auto together = [this] { return !pins_->pinned(timeline_) && !pins_->pinned(player_); };
  connect(timeline_->view(), &TimelineView::rangeMarked, this, [this, together](const MarkedRange& range) {
    if (together()) player_->setMarks(range);
  });
  connect(player_, &VideoPanel::marksChanged, this, [this, together](const MarkedRange& range) {
    if (together()) timeline_->view()->setRange(range);
  });
  // What was let go shows what the others show.
  connect(pins_, &PanelPins::changed, this, [this, before = std::make_shared<std::pair<bool, bool>>()] {
    const std::pair<bool, bool> now(pins_->pinned(curves_) || pins_->pinned(compare_), pins_->pinned(results_));
    if (before->first) overlayRuns();
    if (before->second && !now.second) results_->setRun(workspace_->run());
    *before = now;
  });
  connect(timeline_->view(), &TimelineView::segmentSelected, this, [this] {
    if (!pins_->pinned(inspector_panel_) && !pins_->pinned(timeline_)) inspector_panel_->showSegment(timeline_->view()->selectedSegment());
  });
  connect(table_, &RunTable::baselineChanged, inspector_panel_, &InspectorPanel::setBaseline);
  connect(controller_, &JobController::finished, inspector_panel_, &InspectorPanel::refreshRun);
  connect(jobs_, &JobQueue::ended, inspector_panel_, &InspectorPanel::refreshRun);
  connect(pyramid_, &PyramidPanel::exportAsked, this, [this] { exportFigure(); });
  connect(attention_, &AttentionPanel::exportAsked, this, [this] { exportFigure(); });
  const auto list_runs = [this] {
    QStringList folders;
    for (int row = 0; row < runs_->model()->rowCount() && folders.size() < 200; ++row) folders.append(runs_->model()->folderAt(row));
    attention_->setOtherRuns(folders, runs_->model()->rowCount() - static_cast<int>(folders.size()));
    inspector_panel_->setOtherRuns(folders);
  };
  connect(runs_->model(), &QAbstractItemModel::modelReset, this, list_runs);
  connect(features_, &FeaturesPanel::exportAsked, this, [this] { exportFigure(); });
  connect(features_, &FeaturesPanel::embedAsked, this, &MainWindow::embed);
  connect(table_, &RunTable::runChosen, this, &MainWindow::openRun);
}

void MainWindow::embed() {
  if (workspace_->run().isEmpty()) {
    features_->notice()->show(NoticeLevel::kInfo, tr("No run is shown: choose one in the list."));
    return;
  }
  QStringList arguments = {QStringLiteral("embed"), QStringLiteral("--run"), workspace_->run(), QStringLiteral("--out"), EmbeddingStore::fileOf(workspace_->run())};
  if (const auto loaded = workspace_->data()) arguments << QStringLiteral("--data") << loaded->file;
  embed_job_ = jobs_->add(tr("Embed: %1").arg(qText(pathOf(workspace_->run()).filename())), arguments);
  jobs_panel_->choose(embed_job_);
  features_->notice()->show(NoticeLevel::kInfo, tr("The vectors are being computed; see the panel Jobs."));
}

void MainWindow::connectDetections() {
  connect(detections_, &DetectionPanel::evaluateAsked, this, &MainWindow::evaluate);
  connect(detections_, &DetectionPanel::openDataAsked, videos_, &VideosPanel::openDataAsked);
  connect(detections_, &DetectionPanel::exportAsked, this, &MainWindow::exportDetections);
  connect(detections_, &DetectionPanel::momentAsked, this, [this](const QString& video, double from_seconds, double to_seconds) {
    if (!showMoment(video, from_seconds, to_seconds)) return;
    // The timeline counts matched, false and missed by the thresholds of the table that was pressed.
    TimelineOptions options = timeline_->view()->options();
    options.threshold = detections_->point().score;
    options.tiou = detections_->point().tiou;
    timeline_->restore(options);
  });
}

void MainWindow::connectQueue() {
  connect(jobs_panel_, &JobsPanel::newJobAsked, this, [this] { newJob(QString()); });
  connect(jobs_, &JobQueue::busyChanged, this, &MainWindow::showStatus);
  connect(jobs_, &JobQueue::ended, this, [this](qint64 id) {
    const QueuedJob* job = jobs_->job(id);
    if (!job) return;
    const bool failed = job->state == QueueState::kFailed;
    log_->add(failed ? LogLevel::kError : LogLevel::kInfo, tr("%1: %2. %3").arg(job->title, queueStateText(job->state), job->line));
    history_->note(tr("job ended: %1, %2").arg(job->title, queueStateText(job->state)));
    runs_->refresh();
    results_->refresh();
    detections_->refresh();
    if (id == embed_job_) {
      if (failed) features_->notice()->show(NoticeLevel::kBad, job->line);
      else features_->notice()->clear();
      features_->store().refresh();
    }
    if (id == demo_job_ && job->state == QueueState::kDone) openDemo();
  });
}

void MainWindow::restore(const Session& last) {
  wanted_video_ = last.video;
  wanted_cursor_ = last.cursor_seconds;
  wanted_seconds_ = last.shown_seconds;
  if (!last.curves.isEmpty()) restoreCurves(*curves_, last.curves);
  for (int i = 0; i < tabs_->count(); ++i) {
    if (!last.tab.isEmpty() && tabs_->widget(i)->objectName() == last.tab) tabs_->setCurrentIndex(i);
  }
  if (!last.runs_folders.isEmpty()) runs_->setFolders(last.runs_folders);
  takeUp(last.overlaid, last.baseline);
  if (!last.data.isEmpty()) openData(last.data);
  if (!last.run.isEmpty()) openRun(last.run);
  if (!last.reproduction.isEmpty()) compare_->open(last.reproduction);
  project_ = last.project;
  project_data_ = last.data;
  readSavedProject();
}

// What is taken up again is no change.
void MainWindow::takeUp(const QStringList& ticked, const QString& baseline) {
  last_ticked_ = ticked;
  last_ticked_.sort();
  runs_->model()->setTicked(ticked);
  last_baseline_ = baseline;
  table_->setBaseline(baseline);
  inspector_panel_->setBaseline(baseline);
}

void MainWindow::restoreHistory() {
  if (!saves_session_) return;
  inBackground(this,
               [] {
                 QString problem;
                 const QByteArray json = readHistoryFile(historyFile(), &problem);
                 return std::pair(json, problem);
               },
               [this](const std::pair<QByteArray, QString>& read) {
                 const auto say = [this](const QString& problem) { log_->add(LogLevel::kWarning, problem); };
                 try {
                   if (!read.first.isEmpty() && !history_->canUndo()) history_->load(read.first);
                   if (!read.second.isEmpty()) say(read.second);
                 } catch (const InputError& error) {
                   inJournal(this, [why = qText(error.what())] { return setHistoryAside(historyFile(), why); }, say);
                 }
               });
}

}  // namespace hvlm::ui
