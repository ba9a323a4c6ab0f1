// SPDX-License-Identifier: GPL-3.0-or-later
// Search by words and the talk about a video: their actions, and the way from a moment found to player and timeline.
#include <QDockWidget>
#include <QTabWidget>

#include "support/atomic_file.h"
#include "support/error.h"
#include "ui/language/chat_panel.h"
#include "ui/language/found_mark.h"
#include "ui/language/search_panel.h"
#include "ui/log/log_panel.h"
#include "ui/player/video_files.h"
#include "ui/player/video_panel.h"
#include "ui/shell/action_list.h"
#include "ui/shell/background.h"
#include "ui/text.h"
#include "ui/training/job_controller.h"
#include "ui/videos/videos_panel.h"
#include "ui/window/main_window.h"
#include "ui/workspace.h"

namespace hvlm::ui {
void MainWindow::showDock(const char* name) {
  showWelcome(false);
  QDockWidget* wanted = docks_.value(QLatin1String(name));
  wanted->show();
  wanted->raise();
}

void MainWindow::makeLanguageActions() {
  const QString tools = tr("Tools");
  actions_->add("searchByWords", tools, tr("Search by &words"), {QKeySequence(QStringLiteral("Ctrl+Shift+F"))}, [this] {
    showDock("searchDock");
    search_->focusSearch();
  }, "search");
  actions_->add("askVideo", tools, tr("&Ask about the video"), {QKeySequence(QStringLiteral("Ctrl+Shift+A"))}, [this] {
    showDock("chatDock");
    chat_->focusInput();
  }, "help");
  actions_->add("saveTalk", tools, tr("Save the &talk…"), {}, [this] {
    showDock("chatDock");
    chat_->saveTalk();
  }, "save");
  actions_->add("loadTalk", tools, tr("&Load a talk…"), {}, [this] {
    showDock("chatDock");
    chat_->loadTalk();
  }, "folder");
}

void MainWindow::setLanguageRunner(JobRunner* runner) {
  search_->setRunner(runner);
  chat_->setRunner(runner);
}

void MainWindow::connectLanguage() {
  connect(search_, &SearchPanel::momentChosen, this, &MainWindow::goToMoment);
  connect(search_, &SearchPanel::cleared, found_mark_, &FoundMark::clear);
  connect(search_, &SearchPanel::failed, this, [this](const QString& message) { log_->add(LogLevel::kWarning, message); });
  connect(search_, &SearchPanel::openDataAsked, videos_, &VideosPanel::openDataAsked);
  connect(chat_, &ChatPanel::momentChosen, this, &MainWindow::goToMoment);
  connect(chat_, &ChatPanel::openDataAsked, videos_, &VideosPanel::openDataAsked);
  connect(chat_, &ChatPanel::talksChanged, this, [this] { talks_changed_ = true; });
  setLanguageRunner(&controller_->runner());
}

void MainWindow::keepTalks() {
  if (!std::exchange(talks_changed_, false)) return;
  inJournal(this, [talks = chat_->talksJson()] { writeFileAtomic(talksFile(), talks.toStdString()); }, [] {}, [this](const QString& message) { log_->add(LogLevel::kWarning, message); });
}

void MainWindow::restoreTalks() {
  if (!saves_session_) return;
  constexpr size_t kLargest = size_t{16} << 20;
  const auto read = [] {
    std::error_code none;
    return std::filesystem::exists(talksFile(), none) ? readFile(talksFile(), kLargest) : std::string();
  };
  const auto aside = [this](const QString& why) {
    inJournal(this, [] {
      std::filesystem::rename(talksFile(), talksFile().string() + ".bad");
    }, [] {});
    log_->add(LogLevel::kWarning, tr("The talks of earlier sessions could not be read and were set aside as talks.json.bad. %1").arg(why));
  };
  inBackground(this, read, [this, aside](const std::string& text) {
    if (text.empty()) return;
    try {
      chat_->restoreTalks(QByteArray::fromStdString(text));
    } catch (const InputError& error) {
      aside(qText(error.what()));
    }
  }, aside);
}

// A whole video is opened at its beginning, without a mark.
bool MainWindow::showMoment(const QString& id, double from_seconds, double to_seconds) {
  if (!workspace_->data() || !workspace_->data()->catalogue.find(stdText(id))) return false;
  showWelcome(false);
  leavePlace();
  visitSoon(true);
  workspace_->selectVideo(id);
  workspace_->setCursor(from_seconds);
  if (from_seconds <= 0.0 && to_seconds >= workspace_->video()->duration_seconds) found_mark_->clear();
  else found_mark_->mark(from_seconds, to_seconds);
  return true;
}

void MainWindow::goToMoment(const QString& id, double from_seconds, double to_seconds) {
  if (!showMoment(id, from_seconds, to_seconds)) return;
  if (!video_files_->fileOf(id).isEmpty()) tabs_->setCurrentWidget(player_);
}

}  // namespace hvlm::ui
