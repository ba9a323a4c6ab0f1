// SPDX-License-Identifier: GPL-3.0-or-later
// The project that is open: kept in a folder of its own, with earlier versions. Nobody needs one: the session keeps the same without.
#include <QDir>
#include <QFileInfo>
#include <QLocale>
#include <QStackedWidget>
#include <QTimer>
#include <utility>

#include "support/atomic_file.h"
#include "support/error.h"
#include "ui/compare/compare_view.h"
#include "ui/log/log_panel.h"
#include "ui/player/video_files.h"
#include "ui/runs/run_model.h"
#include "ui/runs/run_table.h"
#include "ui/runs/runs_panel.h"
#include "ui/shell/action_list.h"
#include "ui/shell/background.h"
#include "ui/shell/history.h"
#include "ui/shell/notice_strip.h"
#include "ui/shell/project.h"
#include "ui/shell/prompts.h"
#include "ui/text.h"
#include "ui/timeline/options_state.h"
#include "ui/timeline/timeline_panel.h"
#include "ui/window/change_kinds.h"
#include "ui/window/main_window.h"
#include "ui/window/versions_dialog.h"
#include "ui/workspace.h"

namespace hvlm::ui {
namespace {

// As the window would say it: a file of before leaves out what there is now.
std::string savedContent(Project project, const QString& folder) {
  project.timeline = timelineState(timelineOptions(project.timeline));
  return projectContent(std::move(project), pathOf(folder));
}

}  // namespace

void MainWindow::makeProjectActions() {
  const QString file = tr("File");
  actions_->add("newProject", file, tr("&New project…"), {}, [this] { newProject(); }, "save");
  actions_->add("openProject", file, tr("Open pro&ject…"), {}, [this] {
    const QString folder = prompts_.openFolder(this, tr("Open a project: the folder with project.json"));
    if (!folder.isEmpty()) openProject(folder);
  }, "folder");
  actions_->add("saveProject", file, tr("Save projec&t"), {QKeySequence(QStringLiteral("Ctrl+S"))}, [this] {
    if (project_.isEmpty()) newProject();
    else saveProject();
  }, "save");
  actions_->add("saveProjectAs", file, tr("Sa&ve project as…"), {QKeySequence(QStringLiteral("Ctrl+Shift+S"))}, [this] { newProject(); }, "save");
  actions_->add("projectVersions", file, tr("Project &versions…"), {}, [this] { showVersions(); }, "log");
}

Project MainWindow::project() const {
  return {.data = project_data_,
          .runs_folders = runs_->folders(),
          .overlaid = runs_->model()->wanted(),
          .baseline = table_->baseline(),
          .reproduction = compare_->wanted(),
          .video_links = video_files_->links(),
          .timeline = timelineState(timeline_->view()->options()),
          .layout = centre_->currentIndex() == 1 ? layoutNow() : QJsonObject()};
}

// Whether what is open is what was saved. A data set or reproduction that is still being read counts as there.
void MainWindow::followProject() {
  if (project_.isEmpty() || project_saved_.empty() || workspace_->loading()) return;
  const bool before = project_changed_;
  project_changed_ = projectContent(project(), pathOf(project_)) != project_saved_;
  if (project_changed_ != before) retitle();
}

// Also "save as": what is open goes on in the new folder; the old one stays as it was saved.
void MainWindow::newProject() {
  const QString folder = prompts_.saveFile(this, tr("A folder for the project"), QDir(QDir::homePath()).filePath(tr("my project")), QString());
  if (folder.isEmpty()) return;
  inBackground(
      this,
      [folder] {
        const std::filesystem::path place = pathOf(folder);
        std::error_code none;
        if (std::filesystem::exists(place, none) && !(std::filesystem::is_directory(place, none) && std::filesystem::is_empty(place, none))) {
          throw InputError({.where = stdText(folder), .expected = "a new or an empty folder", .found = isProject(place) ? "another project" : "other files", .remedy = "Choose another name."});
        }
      },
      [this, folder] {
        const QString before = std::exchange(project_, folder);
        const std::string saved_before = std::exchange(project_saved_, {});
        saveProject({}, [this, before, saved_before] {  // it could not be made
          project_ = before;
          project_saved_ = saved_before;
          retitle();
        });
      },
      [this](const QString& message) { runs_->notice()->show(NoticeLevel::kBad, message); });
}

void MainWindow::saveProject(std::function<void()> then, std::function<void()> failed) {
  inJournal(
      this,
      [folder = project_, now = project()] {
        hvlm::ui::saveProject(pathOf(folder), now);
        return projectContent(now, pathOf(folder));
      },
      [this, folder = project_, then](const std::string& saved) {
        if (folder != project_) return;
        project_saved_ = saved;
        history_->note(tr("saved the project %1").arg(folder));
        log_->add(LogLevel::kInfo, tr("project saved in %1").arg(folder));
        project_changed_ = false;
        retitle();
        if (then) then();
      },
      [this, folder = project_, failed](const QString& message) {
        runs_->notice()->show(NoticeLevel::kBad, message);
        if (folder == project_ && failed) failed();
      });
}

// After a start: what is open comes from the session; the file says whether that was saved.
void MainWindow::readSavedProject() {
  retitle();
  if (project_.isEmpty()) return;
  inBackground(
      this, [folder = project_] { return savedContent(readProject(pathOf(folder)), folder); },
      [this, folder = project_](const std::string& saved) {
        if (folder == project_ && project_saved_.empty()) project_saved_ = saved;  // else another one, or it was saved meanwhile
      },
      [this, folder = project_](const QString& message) {
        log_->add(LogLevel::kWarning, message);
        if (folder != project_) return;
        project_.clear();
        retitle();
      });
}

// No question: what is not saved becomes a version of its project, then comes `then`.
void MainWindow::leaveProject(const std::function<void()>& then) {
  followProject();
  if (project_.isEmpty() || !project_changed_) {
    then();
    return;
  }
  inJournal(
      this, [folder = project_, now = project()] { keepVersion(pathOf(folder), now); },
      [this, folder = project_, then] {
        log_->add(LogLevel::kInfo, tr("What was not saved in the project %1 is kept as a version (File > Project versions).").arg(folder));
        then();
      },
      [this, then](const QString& message) { runs_->notice()->show(NoticeLevel::kBad, message, tr("Open all the same"), then); });
}

void MainWindow::openProject(const QString& folder) {
  leaveProject([this, folder] {
    inBackground(
        this, [folder] { return readProject(pathOf(folder)); },
        [this, folder](const Project& project) {
          project_saved_ = savedContent(project, folder);
          remember(folder);
          history_->note(tr("opened the project %1").arg(folder));
          takeProject(folder, project);
        },
        [this](const QString& message) {
          log_->add(LogLevel::kError, message);
          runs_->notice()->show(NoticeLevel::kBad, message);
        });
  });
}

// After the sizes of a window that has just opened.
void MainWindow::takeLayout(const QString& name, const QJsonObject& layout) {
  QTimer::singleShot(0, this, [this, name, layout] {
    const QJsonObject before = layoutNow();
    if (before == layout) return;
    if (!putLayout(layout)) {
      log_->add(LogLevel::kWarning, tr("The layout of the project %1 cannot be taken up: the panels stay as they are.").arg(name));
      putLayout(before);
      return;
    }
    history_->did({tr("layout of the project %1").arg(name), kLayout, before, layout, {}});
  });
}

void MainWindow::takeProject(const QString& folder, const Project& project, const QString& from) {
  showWelcome(false);
  project_ = folder;
  project_data_ = project.data;
  runs_->setFolders(project.runs_folders);
  takeUp(project.overlaid, project.baseline);
  putLinks(project.video_links);
  timeline_->restore(timelineOptions(project.timeline));
  if (!project.data.isEmpty() && (!workspace_->data() || workspace_->data()->file != project.data)) openData(project.data);
  if (!project.reproduction.isEmpty() && project.reproduction != compare_->wanted()) compare_->open(project.reproduction);
  if (!from.isEmpty()) log_->add(LogLevel::kInfo, tr("project as of %1; it is saved when you save it").arg(from));
  if (!project.layout.isEmpty()) takeLayout(QFileInfo(folder).fileName(), project.layout);
  project_changed_ = false;
  retitle();
}

void MainWindow::showVersions() {
  if (project_.isEmpty()) {
    runs_->notice()->show(NoticeLevel::kInfo, tr("Open or save a project first: versions are kept each time one is saved."));
    return;
  }
  inBackground(
      this, [folder = project_] { return projectVersions(pathOf(folder)); },
      [this, folder = project_](const std::vector<ProjectVersion>& versions) {
        auto* dialog = new VersionsDialog(QFileInfo(folder).fileName(), versions, this);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        connect(dialog, &VersionsDialog::versionChosen, this, [this, folder](const ProjectVersion& version) {
          inBackground(
              this, [folder, file = version.file] { return parseProject(readFile(file, size_t{4} << 20), pathOf(folder)); },
              [this, folder, time = version.time](const Project& project) {
                leaveProject([this, folder, time, project] { takeProject(folder, project, QLocale().toString(time, QLocale::ShortFormat)); });
              },
              [this](const QString& message) { runs_->notice()->show(NoticeLevel::kBad, message); });
        });
        dialog->show();
      });
}

bool MainWindow::mayTakeUp(const Session& last, const KeptTimes& kept) {
  QStringList items;
  const auto when = [](const QDateTime& time) { return QLocale().toString(time, QLocale::ShortFormat); };
  if (!last.project.isEmpty()) items.append(tr("project %1, as it was saved; changes that were not saved are marked").arg(QFileInfo(last.project).fileName()));
  if (!last.data.isEmpty()) items.append(tr("data set %1").arg(last.data));
  if (!last.run.isEmpty()) items.append(tr("run %1: its checkpoints are its own and safe").arg(last.run));
  if (!last.overlaid.isEmpty()) items.append(tr("%n ticked run(s)", nullptr, static_cast<int>(last.overlaid.size())));
  if (kept.form.isValid()) items.append(tr("the training form, from %1").arg(when(kept.form)));
  if (kept.history.isValid()) items.append(tr("the history, from %1").arg(when(kept.history)));
  if (items.isEmpty()) return true;
  const bool saves = std::exchange(saves_session_, false);  // whatever happens while the question stands, also the end of the program
  const int answer = prompts_.choose(this, tr("The window was not closed last time. Take up again what was open at %1?").arg(when(kept.session)), items.join(QLatin1Char('\n')), {tr("Take it up"), tr("Begin with nothing"), tr("Not now")});
  if (answer == 0) saves_session_ = saves;
  if (answer == 1) {
    inJournal(this, [] { return setKeptAside(); }, [this, saves](const QStringList& files) {
      saves_session_ = saves;  // not before: it would write over what is set aside
      for (const QString& file : files) log_->add(LogLevel::kInfo, tr("kept as %1").arg(file));
    }, [this](const QString& message) { log_->add(LogLevel::kError, message); });
  }
  return answer == 0;  // else nothing is written over it until the next start
}

}  // namespace hvlm::ui
