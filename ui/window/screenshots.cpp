// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/screenshots.h"

#include <QCoreApplication>
#include <QDir>
#include <QDockWidget>
#include <QElapsedTimer>
#include <QPixmap>
#include <QTabWidget>
#include <QThread>

#include "support/error.h"
#include "ui/compare/compare_view.h"
#include "ui/curves/curves_view.h"
#include "ui/detections/stored_detections.h"
#include "ui/detections/detection_panel.h"
#include "ui/jobs/job_queue.h"
#include "ui/look/attention_panel.h"
#include "ui/look/features_panel.h"
#include "ui/look/pyramid_panel.h"
#include "ui/results/results_view.h"
#include "ui/runs/run_table.h"
#include "ui/shell/action_list.h"
#include "ui/style/theme.h"
#include "ui/text.h"
#include "ui/player/video_panel.h"
#include "ui/player/video_view.h"
#include "ui/timeline/timeline_panel.h"
#include "ui/window/main_window.h"
#include "ui/workspace.h"

namespace hvlm::ui {
namespace {

constexpr int kLongestWait = 120000;  // ms, for the engine to load and to look at the video
constexpr int kSettle = 700;          // ms, so that every card has been drawn

void settle(int milliseconds) {
  QElapsedTimer clock;
  clock.start();
  while (clock.elapsed() < milliseconds) {
    QCoreApplication::processEvents(QEventLoop::AllEvents, 20);
    QThread::msleep(5);
  }
}

template <class Condition>
void waitFor(const char* what, Condition condition) {
  QElapsedTimer clock;
  clock.start();
  while (!condition()) {
    if (clock.elapsed() > kLongestWait) {
      throw InputError({.where = "--screenshots", .expected = what, .found = "nothing within two minutes",
                        .remedy = "Give a finished run with --run and its data set with --data."});
    }
    settle(20);
  }
}

void save(QWidget& widget, const QString& file, QStringList& files) {
  if (!widget.grab().save(file)) {
    throw InputError({.where = stdText(file), .expected = "a folder that can be written to", .found = "the picture could not be saved",
                      .remedy = "Choose another folder."});
  }
  files.append(file);
}

// The features need vectors, which a job makes.
void embedRun(MainWindow& window) {
  if (window.features().store().embedding()) return;
  window.actionList()["embedRun"]->trigger();
  waitFor("the end of the embedding job", [&] { return !window.jobQueue().busy(); });
  waitFor("the vectors of the run", [&] { return window.features().store().embedding() || !window.features().store().problem().isEmpty(); });
}

}  // namespace

QStringList takeScreenshots(MainWindow& window, const QString& folder) {
  QDir().mkpath(folder);
  QStringList files;
  const ThemeKind before = Theme::instance().kind();
  waitFor("the videos of the data set", [&] { return window.workspace().video() != nullptr; });
  // A run without a model, an imported one, has neither curves nor vectors: its panels say so.
  waitFor("what the run has to say of the video", [&] { return window.workspace().inspection() || window.workspace().stored(); });
  const auto seen = window.workspace().inspection();
  if (seen) waitFor("the curves of the run", [&] { return !window.curves().cards().isEmpty(); });
  if (seen && seen->levels.size() > 3) window.timeline().view()->selectCell({3, static_cast<int64_t>(seen->levels[3].first_step.size()) / 3});
  window.workspace().setCursor(window.workspace().video()->duration_seconds * 0.42);
  if (seen) embedRun(window);
  for (const ThemeKind kind : {ThemeKind::kLight, ThemeKind::kDark}) {
    Theme::instance().setKind(kind);
    const QString end = QStringLiteral("-%1.png").arg(themeName(kind));
    const auto path = [&](const char* name) { return folder + QLatin1Char('/') + QLatin1String(name) + end; };
    window.tabs().setCurrentWidget(&window.curves());
    settle(kSettle);
    save(window, path("window"), files);
    save(window.curves(), path("curves"), files);
    save(window.timeline(), path("timeline"), files);
    window.tabs().setCurrentWidget(&window.results());
    settle(kSettle / 2);
    save(window, path("window-results"), files);
    save(window.results(), path("results"), files);
    if (window.player().hasVideo()) {
      window.tabs().setCurrentWidget(&window.player());
      waitFor("a frame of the video", [&] { return window.player().view()->frame().exact; });
      settle(kSettle / 2);
      save(window, path("window-video"), files);
    }
    window.tabs().setCurrentWidget(&window.pyramid());
    settle(kSettle / 3);
    save(window, path("window-pyramid"), files);
    window.tabs().setCurrentWidget(&window.attention());
    for (int page = 0; page < 2; ++page) {
      window.attention().findChild<QTabWidget*>(QStringLiteral("attentionTabs"))->setCurrentIndex(page);
      settle(kSettle / 3);
      save(window, path(qPrintable(QStringLiteral("window-attention-%1").arg(page + 1))), files);
    }
    window.tabs().setCurrentWidget(&window.compare());
    window.compare().showRuns();
    settle(kSettle / 3);
    save(window, path("window-run-table"), files);
    window.compare().showTables();
    settle(kSettle / 3);
    save(window, path("window-compare"), files);
    window.tabs().setCurrentWidget(&window.features());
    for (int page = 0; page < window.features().pages()->count(); ++page) {
      window.features().pages()->setCurrentIndex(page);
      waitFor("the map of the embedding", [&] { return !window.features().map().busy(); });
      settle(kSettle / 3);
      save(window, path(qPrintable(QStringLiteral("window-features-%1").arg(page + 1))), files);
    }
    window.features().pages()->setCurrentIndex(0);
    window.tabs().setCurrentWidget(&window.detections());
    waitFor("the detections of the run", [&] { return !window.detections().busy(); });
    for (int page = 0; page < window.detections().pages()->count(); ++page) {
      window.detections().pages()->setCurrentIndex(page);
      settle(kSettle / 3);
      save(window, path(qPrintable(QStringLiteral("window-detection-%1").arg(page + 1))), files);
      if (page == 0) save(window.detections(), path("detection"), files);
    }
    window.detections().pages()->setCurrentIndex(0);
    for (QDockWidget* dock : window.findChildren<QDockWidget*>()) {
      dock->raise();
      settle(kSettle / 4);
      QString name = dock->objectName();
      name.chop(4);  // "Dock"
      save(*dock, path(qPrintable(name)), files);
    }
    window.findChild<QDockWidget*>(QStringLiteral("trainingDock"))->raise();
  }
  Theme::instance().setKind(before);
  return files;
}

}  // namespace hvlm::ui
