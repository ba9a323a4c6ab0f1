// SPDX-License-Identifier: GPL-3.0-or-later
// What is done with a file or folder that was dropped on the window, or chosen among the recent ones.
#include <QFileInfo>
#include <QStackedWidget>
#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "jobs/foreign_file.h"
#include "jobs/foreign_run.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/paths.h"
#include "ui/log/log_panel.h"
#include "ui/player/video_files.h"
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

void MainWindow::openPath(const QString& path) { openPaths({path}); }

void MainWindow::openPaths(const QStringList& paths) {
  if (paths.isEmpty()) return;
  const auto recognise_all = [paths, loaded = workspace_->data()] {
    std::vector<Dropped> all;
    for (const QString& path : paths) all.push_back(recognise(path, loaded));
    return all;
  };
  inBackground(this, recognise_all, [this, paths](const std::vector<Dropped>& all) {
    const auto set = std::find_if(all.begin(), all.end(), [](const Dropped& d) { return d.kind == DropKind::kDataset; });
    if (set == all.end()) return takeAll(all);
    QStringList others = paths;
    others.removeAt(std::distance(all.begin(), set));
    opening_drop_ = set->path;
    waiting_drop_ = others;
    openData(set->path);
  }, [this](const QString& message) { dropFailed(message); });
}

// The data set that was dropped is open, or cannot be: what came with it is counted against what is open now.
void MainWindow::dataArrived() {
  if (!waiting_drop_) return;
  const QStringList others = *std::exchange(waiting_drop_, std::nullopt);
  inBackground(
      this,
      [others, own = std::exchange(opening_drop_, QString()), loaded = workspace_->data()] {
        std::vector<Dropped> all;
        std::error_code none;
        if (loaded && fs::equivalent(pathOf(loaded->file), pathOf(own), none)) {
          if (others.isEmpty() && importHasFindings(*loaded)) return all;  // told already, with its report
          all.push_back({DropKind::kDataset, own});
          all.back().summary = importSummary(*loaded);
        }
        for (const QString& path : others) all.push_back(recognise(path, loaded));
        return all;
      },
      [this](const std::vector<Dropped>& all) {
        if (!all.empty()) takeAll(all);
      },
      [this](const QString& message) { dropFailed(message); });
}

void MainWindow::dropFailed(const QString& message) {
  log_->add(LogLevel::kError, message);
  dropNotice()->show(NoticeLevel::kBad, message);
}

void MainWindow::takeAll(const std::vector<Dropped>& all) {
  dropped_ = all;
  for (auto dropped = all.begin(); dropped != all.end(); ++dropped) {
    const bool is_first = std::none_of(all.begin(), dropped, [&](const Dropped& d) { return d.kind == dropped->kind; });
    take(*dropped, is_first);
  }
  tellDropped(all);
}

// Of several of a kind the first is shown, the others are listed or linked.
void MainWindow::take(const Dropped& dropped, bool is_first) {
  switch (dropped.kind) {
    case DropKind::kDataset:
    case DropKind::kDataFile:
    case DropKind::kUnknown: break;
    case DropKind::kRun:
      if (dropped.file) log_->add(LogLevel::kInfo, tr("%1 is an event file of the run %2: its curves are shown").arg(qText(dropped.file->path), dropped.path));
      runs_->addFolder(dropped.path);
      showWelcome(false);
      if (is_first) openRun(dropped.path);
      break;
    case DropKind::kRunFolder: openRuns(dropped.path); break;
    case DropKind::kReproduction:
      if (is_first) openReproduction(dropped.path);
      break;
    case DropKind::kProject:
      if (is_first) openProject(dropped.path);
      break;
    case DropKind::kConfig:
      showWelcome(false);
      if (is_first) training_->loadConfigFile(dropped.path);
      break;
    case DropKind::kVideo:
      if (!dropped.videos.isEmpty()) video_files_->linkAll(dropped.videos);
      if (is_first) openVideo(dropped.path);
      break;
  }
}

// Says what each was taken for and how much of it fits; the buttons do what comes next, the import report has the rest.
void MainWindow::tellDropped(const std::vector<Dropped>& all) {
  QStringList lines;
  bool good = true, listed = all.size() > 1;
  std::vector<NoticeAction> actions;
  for (const Dropped& dropped : all) {
    QString line = dropped.summary;
    if (dropped.kind == DropKind::kDataFile) {
      line = droppedSummary(*dropped.file);
      log_->add(LogLevel::kInfo, line);
      const QString next = nextStepOf(dropped.file, actions);
      if (!next.isEmpty()) line += QLatin1Char(' ') + next;
      listed = listed || actions.empty();
    } else if (dropped.kind == DropKind::kUnknown) {
      line = !dropped.problem.isEmpty() ? dropped.problem
                                        : tr("%1 is neither a data set (dataset.yaml) or a part of one, a video, a run folder, a reproduction (tables.json), a project (project.json), detections nor a config.").arg(dropped.path);
      log_->add(LogLevel::kWarning, line);
    } else if (!line.isEmpty()) {
      log_->add(LogLevel::kInfo, line);
    }
    listed = listed || !dropped.others.isEmpty() || dropped.kind == DropKind::kDataset;
    good = good && (dropped.kind == DropKind::kDataFile ? dropped.file->problems.empty() : dropped.isGood());
    if (!line.isEmpty()) lines.append(line);
  }
  if (lines.isEmpty()) return;
  if (all.size() > 1) lines.prepend(tr("%n thing(s) were dropped:", nullptr, static_cast<int>(all.size())));
  if (listed) actions.push_back({tr("Details…"), [this] { showImportReport(); }});
  dropNotice()->show(good ? NoticeLevel::kInfo : NoticeLevel::kWarning, lines.join(QLatin1Char('\n')), actions);
}

// What can be done with a part of a data set or with detections, as a sentence and its button.
QString MainWindow::nextStepOf(const std::shared_ptr<const DataFile>& file, std::vector<NoticeAction>& actions) {
  const QString dataset = qText(file->dataset);
  const auto loaded = workspace_->data();
  const bool open_already = loaded && !file->dataset.empty() && pathOf(loaded->file) == file->dataset;
  if (file->kind == DataFileKind::kResults && loaded && file->matched > 0) {
    actions.push_back({tr("Import as a run"), [this, file] { importResults(file); }});
    return tr("Imported, they stand beside your runs.");
  }
  if (file->kind == DataFileKind::kResults && !loaded) {
    actions.push_back({tr("Open data set…"), [this, path = qText(file->path)] {
      waiting_results_ = path;
      askForData();
    }});
    return tr("Open the data set they belong to; they are offered as a run then.");
  }
  if (!dataset.isEmpty() && !open_already) {
    actions.push_back({tr("Open data set"), [this, dataset] { openData(dataset); }});
    return tr("It belongs to %1.").arg(QFileInfo(dataset).fileName());
  }
  if (file->kind == DataFileKind::kAnnotations && dataset.isEmpty()) {
    actions.push_back({tr("Make dataset.yaml…"), [this, file] { makeDataset(file); }});
    return tr("A dataset.yaml beside it makes it a data set.");
  }
  return {};
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
  for (const Dropped& dropped : dropped_) {
    if (dropped.kind != DropKind::kDataset) parts.append(droppedReport(dropped));
  }
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
