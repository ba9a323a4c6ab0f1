// SPDX-License-Identifier: GPL-3.0-or-later
// What the keys do that belong to no panel, and the actions behind the panels' own buttons.
#include <QApplication>
#include <QDockWidget>
#include <QLineEdit>
#include <QStatusBar>
#include <QTabWidget>
#include <QToolButton>
#include <algorithm>

#include "ui/compare/compare_view.h"
#include "ui/curves/curves_view.h"
#include "ui/detections/detection_panel.h"
#include "ui/inspector/inspector_panel.h"
#include "ui/jobs/jobs_panel.h"
#include "ui/language/chat_panel.h"
#include "ui/language/search_panel.h"
#include "ui/log/log_panel.h"
#include "ui/look/pyramid_panel.h"
#include "ui/player/video_panel.h"
#include "ui/results/results_view.h"
#include "ui/runs/runs_panel.h"
#include "ui/shell/action_list.h"
#include "ui/shell/notice_strip.h"
#include "ui/shell/prompts.h"
#include "ui/style/theme.h"
#include "ui/text.h"
#include "ui/timeline/timeline_panel.h"
#include "ui/training/training_panel.h"
#include "ui/videos/videos_panel.h"
#include "ui/window/main_window.h"
#include "ui/window/manual_dialog.h"
#include "ui/window/panel_pins.h"
#include "ui/window/settings_dialog.h"
#include "ui/workspace.h"

namespace hvlm::ui {
namespace {

constexpr int kNoteMs = 6000;  // a note in the status bar

// "#123" or "f123": a frame, counted from 0; nothing when it is something else.
std::optional<int64_t> frameFrom(const QString& text) {
  const QString plain = text.trimmed();
  if (!plain.startsWith(QLatin1Char('#')) && !plain.startsWith(QLatin1Char('f'), Qt::CaseInsensitive)) return std::nullopt;
  bool good = false;
  const qlonglong frame = plain.mid(1).trimmed().toLongLong(&good);
  return good && frame >= 0 ? std::optional<int64_t>(frame) : std::nullopt;
}

}  // namespace

void MainWindow::makePanelActions() {
  const QString edit = tr("Edit"), view = tr("View"), timeline = tr("Timeline"), tools = tr("Tools");
  actions_->add("settings", edit, tr("&Settings…"), {QKeySequence(QStringLiteral("Ctrl+,"))}, [this] { showSettings(); }, "command");
  for (const auto& [id, axis, text] : {std::tuple("curvesOverSteps", CurveAxis::kStep, tr("Curves over &steps")), std::tuple("curvesOverEpochs", CurveAxis::kEpoch, tr("Curves over &epochs")),
                                       std::tuple("curvesOverHours", CurveAxis::kHours, tr("Curves over h&ours"))}) {
    actions_->add(id, view, text, {}, [this, axis = axis] { curves_->setAxis(axis); }, "curve");
  }
  const auto toggle = [&](const char* id, const QString& text, QToolButton* button) {
    actions_->addToggle(id, view, text, {}, button->isChecked(), [](bool) {});
    actions_->tie(button, id);
  };
  toggle("followCurves", tr("Curves: &follow new points"), curves_->followButton());
  toggle("curvesLogX", tr("Curves: logarithmic hori&zontal axis"), curves_->logXButton());
  toggle("curvesClip", tr("Curves: c&lip outliers"), curves_->clipButton());
  actions_->add("copyLog", tools, tr("Co&py the log lines shown"), {}, [this] { log_->copyShown(); }, "copy");
  actions_->add("jobAgain", tools, tr("Run the chosen job a&gain"), {}, [this] { jobs_panel_->runAgain(); }, "refresh");
  actions_->add("copyJobLine", tools, tr("Copy the command line o&f the chosen job"), {}, [this] { jobs_panel_->copyCommand(); }, "copy");
  actions_->add("removeJob", tools, tr("Take the chosen job from the &list"), {}, [this] { jobs_panel_->removeChosen(); }, "close");
  actions_->add("sendQuestion", tools, tr("Send the &question about the video"), {}, [this] { chat_->send(); }, "play");
  actions_->add("stopAnswer", tools, tr("Stop the ans&wer"), {}, [this] { chat_->stop(); }, "stop");
  actions_->add("clearTalk", tools, tr("Clear the tal&k about this video"), {}, [this] { chat_->clear(); }, "close");
  compare_->addActions(*actions_, edit);
  pyramid_->view()->addActions(*actions_, timeline);
}

void MainWindow::tipButtons() {
  player_->useActions(*actions_);
  timeline_->useActions(*actions_);
  training_->useActions(*actions_);
}

// In a pinned video panel its own cursor moves.
void MainWindow::moveBy(int direction, double seconds) {
  if (!pins_->pinned(player_) || !player_->isAncestorOf(QApplication::focusWidget())) return timeline_->view()->moveCursor(direction * seconds);
  Workspace& own = pins_->workspaceOf(player_);
  const double length = own.video() ? own.video()->duration_seconds : own.freeVideo().seconds;
  own.setCursor(std::clamp(own.cursorSeconds() + direction * seconds, 0.0, length));
}

void MainWindow::stepFrame(int direction) {
  const bool other = pins_->pinned(player_) && timeline_->view()->hasFocus();  // the frames are another video's
  if (player_->hasVideo() && !other) player_->stepFrames(direction);
  else moveBy(direction, timeline_->view()->content().step_seconds);
}

void MainWindow::showSettings() {
  auto* dialog = new SettingsDialog(*actions_, {theme_chosen_, Theme::instance().kind(), language_}, this);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(dialog, &SettingsDialog::trainingOptionsAsked, this, [this](const QString& words) {
    showDock("trainingDock");
    training_->searchOptions(words);
  });
  dialog->show();
}

void MainWindow::showManual() {
  auto* manual = new ManualDialog(this);
  manual->setAttribute(Qt::WA_DeleteOnClose);
  manual->show();
}

// In the order in which they lie on the screen; one whose tab lies behind another comes to the front.
void MainWindow::goToPanel(int direction) {
  const QList<QWidget*> panels = {videos_, search_, runs_, tabs_, timeline_, training_, inspector_panel_, jobs_panel_, chat_, log_};
  const auto dock_of = [](QWidget* panel) { return qobject_cast<QDockWidget*>(panel->parentWidget()); };
  QWidget* focus = QApplication::focusWidget();
  qsizetype at = -1;
  for (qsizetype i = 0; i < panels.size(); ++i) {
    const QDockWidget* dock = dock_of(panels[i]);
    if (focus && (panels[i] == focus || panels[i]->isAncestorOf(focus) || (dock && dock->isAncestorOf(focus)))) at = i;
  }
  if (at < 0 && direction < 0) at = 0;
  for (qsizetype tried = 0; tried < panels.size(); ++tried) {
    at = (at + direction + panels.size()) % panels.size();
    QDockWidget* dock = dock_of(panels[at]);
    if (dock ? dock->isHidden() : !panels[at]->isVisible()) continue;
    if (dock) dock->raise();
    QWidget* target = panels[at] == timeline_ ? timeline_->view() : panels[at];
    for (QWidget* child : target->findChildren<QWidget*>()) {
      if (target->focusPolicy() != Qt::NoFocus) break;
      if (child->focusPolicy() & Qt::TabFocus && child->isVisibleTo(target) && child->isEnabled()) {
        target = child;
        break;
      }
    }
    if (target->focusPolicy() == Qt::NoFocus) continue;  // nothing in it takes keys now
    target->setFocus(Qt::TabFocusReason);
    return;
  }
}

void MainWindow::findInPanel() {
  QWidget* focus = QApplication::focusWidget();
  const auto within = [focus](const QWidget* panel) { return focus && (panel == focus || panel->isAncestorOf(focus)); };
  if (within(training_)) return training_->focusSearch();
  if (within(runs_)) return runs_->focusSearch();
  if (within(log_)) return log_->focusSearch();
  if (within(search_)) return search_->focusSearch();
  const QDockWidget* log_dock = docks_.value(QStringLiteral("logDock"));
  if (within(log_dock)) return log_->focusSearch();
  const std::pair<const QWidget*, QString> without[] = {{jobs_panel_, tr("Jobs")}, {chat_, tr("Chat")}, {inspector_panel_, tr("Inspector")}};
  for (const auto& [panel, name] : without) {
    if (within(panel)) return statusBar()->showMessage(tr("There is nothing to search in the panel %1.").arg(name), kNoteMs);
  }
  if (within(tabs_) && tabs_->currentWidget() != player_) {
    return statusBar()->showMessage(tr("There is nothing to search in the panel %1.").arg(tabs_->tabText(tabs_->currentIndex())), kNoteMs);
  }
  showDock("videosDock");
  videos_->focusSearch();
}

void MainWindow::askForTime() {
  if (!workspace_->video() && workspace_->freeVideo().seconds <= 0.0) return;
  const QString text = prompts_.line(this, tr("Go to time or frame"), tr("Time as m:ss, h:mm:ss or seconds; a frame as #123 or f123"));
  if (text.isEmpty()) return;
  if (const auto frame = frameFrom(text)) {
    if (!player_->hasVideo()) {
      timeline_->notice()->show(NoticeLevel::kInfo, tr("Frames are those of a video file, and none is open. Go to a time, or link the file."));
    } else if (*frame >= player_->frames()) {
      timeline_->notice()->show(NoticeLevel::kWarning, tr("There is no frame %1: the video has frames 0 to %2.").arg(*frame).arg(player_->frames() - 1));
    } else {
      leavePlace();
      visitSoon(true);
      player_->goToFrame(*frame);
    }
    return;
  }
  const double seconds = parseTime(text);
  if (seconds < 0.0) {
    timeline_->notice()->show(NoticeLevel::kWarning, tr("\"%1\" is neither a time nor a frame; write 1:02.5, 0:01:02, 62.5 or #123.").arg(text));
    return;
  }
  leavePlace();
  visitSoon(true);
  timeline_->view()->moveCursor(seconds - timeline_->view()->cursorSeconds());
}

}  // namespace hvlm::ui
