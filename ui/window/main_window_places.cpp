// SPDX-License-Identifier: GPL-3.0-or-later
// Back and forward through the places visited.
#include <QStackedWidget>
#include <QTabWidget>
#include <QTimer>
#include <utility>

#include "ui/shell/action_list.h"
#include "ui/window/main_window.h"
#include "ui/workspace.h"

namespace hvlm::ui {

void MainWindow::makePlaceActions() {
  const QString group = tr("View");
  QAction* back = actions_->add("placeBack", group, tr("&Back to where I was"), {QKeySequence(QStringLiteral("Alt+Left"))}, [this] {
    leavePlace();
    if (const auto place = places_.back()) goToPlace(*place);
  }, "back");
  QAction* forward = actions_->add("placeForward", group, tr("Forward again"), {QKeySequence(QStringLiteral("Alt+Right"))}, [this] {
    leavePlace();
    if (const auto place = places_.forward()) goToPlace(*place);
  }, "forward");
  const auto follow = [this, back, forward] {
    back->setEnabled(places_.canGoBack());
    forward->setEnabled(places_.canGoForward());
  };
  connect(this, &MainWindow::placesChanged, this, follow);
  follow();
  place_timer_ = new QTimer(this);
  place_timer_->setSingleShot(true);
  place_timer_->setInterval(0);
  connect(place_timer_, &QTimer::timeout, this, [this] {
    const bool jump = std::exchange(place_is_jump_, false);
    if (centre_->currentIndex() != 1) return;
    places_.visit(here(), jump);
    Q_EMIT placesChanged();
  });
  connect(workspace_, &Workspace::videoChanged, this, [this] { visitSoon(false); });
  connect(workspace_, &Workspace::runChanged, this, [this] { visitSoon(false); });
  connect(tabs_, &QTabWidget::currentChanged, this, [this] { visitSoon(false); });
  connect(workspace_, &Workspace::dataChanged, this, [this] {
    places_.clear();
    Q_EMIT placesChanged();
  });
  // A place keeps the time at which it was left.
  connect(workspace_, &Workspace::cursorChanged, this, [this] {
    if (!place_timer_->isActive() && !going_to_place_) leavePlace();
  });
}

// Choosing a run may change the tab and the video too: one place, once all has settled.
void MainWindow::visitSoon(bool jump) {
  if (going_to_place_) return;
  place_is_jump_ = place_is_jump_ || jump;
  place_timer_->start();
}

Place MainWindow::here() const {
  return {workspace_->run(), workspace_->videoId(), tabs_->currentIndex(), workspace_->cursorSeconds()};
}

// The place that is shown keeps the time of now.
void MainWindow::leavePlace() {
  if (centre_->currentIndex() != 1) return;
  place_timer_->stop();
  places_.visit(here(), std::exchange(place_is_jump_, false));
}

void MainWindow::goToPlace(const Place& place) {
  going_to_place_ = true;
  showWelcome(false);
  if (!place.run.isEmpty() && place.run != workspace_->run()) openRun(place.run);
  if (!place.video.isEmpty()) workspace_->selectVideo(place.video);
  tabs_->setCurrentIndex(place.tab);
  workspace_->setCursor(place.seconds);
  going_to_place_ = false;
  Q_EMIT placesChanged();
}

}  // namespace hvlm::ui
