// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/video_inspector.h"

#include "runs/checkpoint.h"
#include "ui/detections/stored_detections.h"
#include "ui/shell/background.h"
#include "ui/text.h"
#include "ui/training/job_controller.h"
#include "ui/workspace.h"

namespace hvlm::ui {
namespace {

constexpr auto kLeastInterval = std::chrono::milliseconds(1000);
const QString kSlot = QStringLiteral("timeline");

}  // namespace

VideoInspector::VideoInspector(Workspace& workspace, JobController& controller, QObject* parent)
    : QObject(parent), workspace_(workspace), controller_(controller) {
  throttle_.setSingleShot(true);
  throttle_.setInterval(kLeastInterval);
  connect(&throttle_, &QTimer::timeout, this, [this] {
    if (std::exchange(stale_, false)) refresh();
  });
  connect(&workspace_, &Workspace::videoChanged, this, &VideoInspector::refresh);
  connect(&workspace_, &Workspace::runChanged, this, &VideoInspector::refresh);
  connect(&controller_, &JobController::modelImproved, this, [this](const QString& run) {
    if (run != workspace_.run()) return;
    if (pending_ || throttle_.isActive()) {
      stale_ = true;
      return;
    }
    refresh();
  });
  connect(&controller_, &JobController::inspected, this, [this](const QString& slot, std::shared_ptr<const VideoInspection> seen) {
    if (slot != kSlot) return;
    pending_ = false;
    Q_EMIT waiting(QString());
    if (asked_video_ == workspace_.videoId() && asked_run_ == workspace_.run()) {
      workspace_.setInspection(std::move(seen));
      Q_EMIT succeeded();
    }
    throttle_.start();
  });
  connect(&controller_, &JobController::inspectionFailed, this, [this](const QString& slot, const QString& message) {
    if (slot != kSlot) return;
    pending_ = false;
    Q_EMIT waiting(QString());
    if (asked_video_ == workspace_.videoId() && asked_run_ == workspace_.run()) {
      if (workspace_.awaiting()) workspace_.setInspection(nullptr);
      Q_EMIT failed(message);
    }
    throttle_.start();
  });
}

void VideoInspector::refresh() {
  if (!workspace_.video() || workspace_.run().isEmpty()) return;
  const JobState state = controller_.status().state;
  const bool training_it = controller_.busy() && controller_.status().run_folder == workspace_.run();
  if (training_it && state != JobState::kQueued) {
    ask();
    return;
  }
  inBackground(
      this, [run = workspace_.run()] { return std::pair(run, !checkpointNames(pathOf(run)).empty()); },
      [this](const std::pair<QString, bool>& found) {
        if (found.first != workspace_.run() || !workspace_.video()) return;
        if (found.second && workspace_.data()->store_problem.isEmpty()) ask();
        else if (found.second && workspace_.awaiting()) workspace_.setInspection(nullptr);
        if (!found.second) readStored();
      });
}

// One read at a time; what was chosen meanwhile is read after it.
void VideoInspector::readStored() {
  if (reading_) {
    read_again_ = true;
    return;
  }
  reading_ = true;
  if (!stored_ || stored_->folder() != workspace_.run()) stored_ = std::make_shared<StoredRun>(workspace_.run());
  const auto done = [this] {
    reading_ = false;
    if (std::exchange(read_again_, false)) refresh();
  };
  inBackground(
      this, [run = stored_, video = *workspace_.video()] { return run->of(video); },
      [this, done](const std::shared_ptr<const StoredDetections>& found) {
        if (found && found->run == workspace_.run() && found->video == workspace_.videoId()) {
          workspace_.setStored(found);
          Q_EMIT succeeded();
        }
        done();
      },
      [this, done, run = workspace_.run()](const QString& message) {
        if (run == workspace_.run()) {
          if (workspace_.awaiting()) workspace_.setInspection(nullptr);
          Q_EMIT failed(message);
        }
        done();
      });
}

void VideoInspector::ask() {
  if (!workspace_.video()) return;
  asked_video_ = workspace_.videoId();
  asked_run_ = workspace_.run();
  InspectSpec spec;
  spec.run_folder = stdText(asked_run_);
  spec.data = stdText(workspace_.data()->file);
  spec.video = workspace_.video()->id;
  pending_ = true;
  if (!workspace_.inspection()) Q_EMIT waiting(tr("the model looks at the video …"));
  controller_.inspect(kSlot, std::move(spec));
}

}  // namespace hvlm::ui
