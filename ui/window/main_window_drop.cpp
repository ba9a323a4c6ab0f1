// SPDX-License-Identifier: GPL-3.0-or-later
// What is done with a file or folder that was dropped on the window, or chosen among the recent ones.
#include <QFileInfo>
#include <QStackedWidget>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "jobs/foreign_file.h"
#include "jobs/foreign_run.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/paths.h"
#include "ui/log/log_panel.h"
#include "ui/runs/runs_panel.h"
#include "ui/shell/background.h"
#include "ui/shell/history.h"
#include "ui/shell/notice_strip.h"
#include "ui/shell/prompts.h"
#include "ui/shell/text_dialog.h"
#include "ui/text.h"
#include "ui/training/training_panel.h"
#include "ui/videos/videos_panel.h"
#include "ui/window/import_report.h"
#include "ui/window/main_window.h"
#include "ui/window/welcome_page.h"
#include "ui/workspace.h"

namespace hvlm::ui {
namespace {

namespace fs = std::filesystem;

// A folder beside other runs of the data set that is not there yet: "results", "results-2", …
fs::path freeRunFolder(const fs::path& runs, const std::string& name) {
  fs::path folder = runs / name;
  std::error_code none;
  for (int number = 2; fs::exists(fs::symlink_status(folder, none)); ++number) folder = runs / (name + "-" + std::to_string(number));
  return folder;
}

void writeNewDataset(const fs::path& file, const std::string& text) {
  std::error_code none;
  if (fs::exists(file, none)) {
    throw InputError({.where = file.string(), .expected = "a file that is not there yet", .found = "one that is", .remedy = "Choose another name: data sets are never written over."});
  }
  writeFileAtomic(file, text);
}

}  // namespace

NoticeStrip* MainWindow::dropNotice() { return centre_->currentIndex() == 0 ? welcome_->notice() : videos_->notice(); }

void MainWindow::openPath(const QString& path) {
  inBackground(this, [path, loaded = workspace_->data()] { return recognise(path, loaded); }, [this](const Dropped& dropped) { take(dropped); });
}

void MainWindow::take(const Dropped& dropped) {
  switch (dropped.kind) {
    case DropKind::kDataset: openData(dropped.path); break;
    case DropKind::kRun:
      if (dropped.file) log_->add(LogLevel::kInfo, tr("%1 is an event file of the run %2: its curves are shown").arg(qText(dropped.file->path), dropped.path));
      runs_->addFolder(dropped.path);
      showWelcome(false);
      openRun(dropped.path);
      break;
    case DropKind::kRunFolder: openRuns(dropped.path); break;
    case DropKind::kReproduction: openReproduction(dropped.path); break;
    case DropKind::kProject: openProject(dropped.path); break;
    case DropKind::kConfig:
      showWelcome(false);
      training_->loadConfigFile(dropped.path);
      break;
    case DropKind::kVideo:
      log_->add(LogLevel::kInfo, tr("%1 is a video").arg(dropped.path));
      openVideo(dropped.path);
      break;
    case DropKind::kDataFile: takeDataFile(dropped.file); break;
    case DropKind::kUnknown: {
      const QString text = !dropped.problem.isEmpty() ? dropped.problem
                                                      : tr("%1 is neither a data set (dataset.yaml) or a part of one, a video, a run folder, a reproduction (tables.json), a project (project.json), detections nor a config.").arg(dropped.path);
      log_->add(LogLevel::kWarning, text);
      dropNotice()->show(NoticeLevel::kWarning, text);
      break;
    }
  }
}

// Says what it was taken for; the one button does what comes next, the import report has the rest.
void MainWindow::takeDataFile(const std::shared_ptr<const DataFile>& file) {
  dropped_ = file;
  const QString text = droppedSummary(*file), dataset = qText(file->dataset);
  log_->add(LogLevel::kInfo, text);
  const auto loaded = workspace_->data();
  const bool open_already = loaded && !file->dataset.empty() && pathOf(loaded->file) == file->dataset;
  const auto offer = [&](const QString& more, const QString& button, std::function<void()> act) {
    dropNotice()->show(file->problems.empty() ? NoticeLevel::kInfo : NoticeLevel::kWarning, more.isEmpty() ? text : text + QLatin1Char(' ') + more, button, std::move(act));
  };
  if (file->kind == DataFileKind::kResults && loaded && file->matched > 0) {
    offer(tr("Imported, they stand beside your runs."), tr("Import as a run"), [this, file] { importResults(file); });
  } else if (file->kind == DataFileKind::kResults && !loaded) {
    offer(tr("Open the data set they belong to; they are offered as a run then."), tr("Open data set…"), [this, path = qText(file->path)] {
      waiting_results_ = path;
      askForData();
    });
  } else if (!dataset.isEmpty() && !open_already) {
    offer(tr("It belongs to %1.").arg(QFileInfo(dataset).fileName()), tr("Open data set"), [this, dataset] { openData(dataset); });
  } else if (file->kind == DataFileKind::kAnnotations && dataset.isEmpty()) {
    offer(tr("A dataset.yaml beside it makes it a data set."), tr("Make dataset.yaml…"), [this, file] { makeDataset(file); });
  } else {
    offer(QString(), tr("Details…"), [this] { showImportReport(); });
  }
}

void MainWindow::importResults(const std::shared_ptr<const DataFile>& file) {
  const auto loaded = workspace_->data();
  if (!loaded) return;
  ForeignRunSpec spec;
  spec.file = file->path;
  spec.data = pathOf(loaded->file);
  spec.subset = file->mainSubset();
  const fs::path runs = dataFolder() / "runs" / loaded->spec.name;
  videos_->notice()->show(NoticeLevel::kInfo, tr("Importing %1 …").arg(qText(file->path.filename())));
  inBackground(
      this,
      [spec, runs]() mutable {
        spec.out = freeRunFolder(runs, spec.file.stem().string());
        fs::create_directories(runs);
        const nlohmann::json report = importForeignRun(spec);
        return std::pair(qText(spec.out), qText(matchText(report.at("imported"))));
      },
      [this](const std::pair<QString, QString>& made) {
        videos_->notice()->show(NoticeLevel::kGood, tr("Imported %1").arg(made.second));
        log_->add(LogLevel::kInfo, tr("imported as the run %1: %2").arg(made.first, made.second));
        history_->note(tr("imported the run %1").arg(made.first));
        runs_->addFolder(made.first);
        openRun(made.first);
      },
      [this](const QString& message) {
        log_->add(LogLevel::kError, message);
        videos_->notice()->show(NoticeLevel::kBad, message);
      });
}

void MainWindow::makeDataset(const std::shared_ptr<const DataFile>& annotations) {
  const QString beside = qText(fs::absolute(annotations->path).parent_path() / "dataset.yaml");
  const QString chosen = prompts_.saveFile(this, tr("Make a data set of %1").arg(qText(annotations->path.filename())), beside, tr("Data sets (*.yaml *.yml)"));
  if (chosen.isEmpty()) return;
  inBackground(
      this, [annotations, chosen] { writeNewDataset(pathOf(chosen), datasetYamlFor(*annotations)); },
      [this, chosen] {
        log_->add(LogLevel::kInfo, tr("wrote %1; check how many rows of features it says there are for each second").arg(chosen));
        openData(chosen);
      },
      [this](const QString& message) { dropNotice()->show(NoticeLevel::kBad, message); });
}

void MainWindow::showImportReport() {
  const auto loaded = workspace_->data();
  QStringList parts;
  if (dropped_) parts.append(droppedText(*dropped_));
  if (loaded) parts.append(importText(*loaded));
  if (parts.isEmpty()) {
    log_->add(LogLevel::kInfo, tr("No data set is open: there is nothing to report."));
    return;
  }
  auto* report = new TextDialog(tr("Import report"), parts.join(QStringLiteral("\n――――――――――\n\n")), this);
  report->setAttribute(Qt::WA_DeleteOnClose);
  report->show();
}

}  // namespace hvlm::ui
