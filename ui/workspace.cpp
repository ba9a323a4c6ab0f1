// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/workspace.h"

#include <unordered_set>

#include "data/feature_store.h"
#include "ui/shell/background.h"
#include "ui/text.h"

namespace hvlm::ui {

LoadedData loadData(const QString& dataset_yaml) {
  LoadedData data;
  data.file = dataset_yaml;
  data.spec = readDatasetSpec(pathOf(dataset_yaml));
  data.catalogue = readCatalogue(data.spec);
  try {
    const auto store = FeatureStore::open(data.spec.features);
    data.store_text = qText(store->describe());
    const std::vector<std::string> ids = store->ids();
    const std::unordered_set<std::string> known(ids.begin(), ids.end());
    for (const Video& video : data.catalogue.videos) {
      if (!known.contains(video.id)) data.without_features.push_back(video.id);
    }
    for (const std::string& id : ids) {
      if (const auto shape = store->shape(id); shape && data.columns == 0) data.columns = shape->columns;
      if (data.columns > 0) break;
    }
    data.unannotated = static_cast<int64_t>(ids.size()) - static_cast<int64_t>(data.catalogue.videos.size() - data.without_features.size());
  } catch (const std::exception& error) {
    data.store_problem = qText(error.what());
  }
  return data;
}

Workspace::Workspace(Workspace& leader, QObject* parent) : QObject(parent), leader_(&leader) {
  copyFrom(leader);
  const auto follow = [this](auto signal) {
    connect(leader_, signal, this, [this, signal](auto... values) {
      if (pinned_) return;
      copyFrom(*leader_);
      Q_EMIT (this->*signal)(values...);
    });
  };
  for (const auto signal : {&Workspace::loadingChanged, &Workspace::dataChanged, &Workspace::runChanged, &Workspace::videoChanged, &Workspace::inspectionChanged}) follow(signal);
  follow(&Workspace::cursorChanged);
}

void Workspace::copyFrom(const Workspace& leader) {
  data_ = leader.data_;
  run_ = leader.run_;
  video_ = leader.video_;
  free_ = leader.free_;
  inspection_ = leader.inspection_;
  awaiting_ = leader.awaiting_;
  stored_ = leader.stored_;
  cursor_ = leader.cursor_;
  loading_ = leader.loading_;
}

// Takes on all that happened while it was pinned, and tells of what is another thing now.
void Workspace::catchUp() {
  const auto data = data_;
  const QString run = run_, video = video_, file = free_.file;
  copyFrom(*leader_);
  if (data != data_) Q_EMIT dataChanged();
  if (run != run_) Q_EMIT runChanged();
  if (video != video_ || file != free_.file || data != data_) Q_EMIT videoChanged();
  Q_EMIT inspectionChanged();
  Q_EMIT cursorChanged(cursor_);
}

void Workspace::setPinned(bool pinned) {
  if (!leader_ || pinned == pinned_) return;
  pinned_ = pinned;
  if (!pinned) catchUp();
  Q_EMIT pinnedChanged(pinned);
}

void Workspace::openData(const QString& dataset_yaml) {
  if (leader_) return leader_->openData(dataset_yaml);
  const int64_t number = ++newest_load_;
  ++loading_;
  Q_EMIT loadingChanged();
  inBackground(
      this, [dataset_yaml] { return std::make_shared<const LoadedData>(loadData(dataset_yaml)); },
      [this, number](std::shared_ptr<const LoadedData> data) {
        --loading_;
        if (number == newest_load_) {
          data_ = std::move(data);
          forgetSeen();
          free_ = {};
          if (!video()) video_.clear();
          Q_EMIT dataChanged();
          if (video_.isEmpty() && !data_->catalogue.videos.empty()) {
            const auto preferred = data_->catalogue.subset("validation");
            selectVideo(qText(data_->catalogue.videos[static_cast<size_t>(preferred.empty() ? 0 : preferred.front())].id));
          } else {
            Q_EMIT videoChanged();
          }
        }
        Q_EMIT loadingChanged();
      },
      [this](const QString& message) {
        --loading_;
        Q_EMIT dataFailed(message);
        Q_EMIT loadingChanged();
      });
}

void Workspace::setRun(const QString& folder) {
  if (leader_) return leader_->setRun(folder);
  if (folder == run_) return;
  run_ = folder;
  forgetSeen();
  Q_EMIT runChanged();
  Q_EMIT inspectionChanged();
}

const Video* Workspace::video() const { return data_ ? data_->catalogue.find(stdText(video_)) : nullptr; }

void Workspace::selectVideo(const QString& id) {
  if (leader_) return leader_->selectVideo(id);
  if (id == video_ && free_.file.isEmpty()) return;
  video_ = id;
  free_ = {};
  forgetSeen();
  cursor_ = 0.0;
  Q_EMIT videoChanged();
}

void Workspace::setFreeVideo(const QString& file, double seconds) {
  if (leader_) return leader_->setFreeVideo(file, seconds);
  video_.clear();
  free_ = {file, seconds};
  forgetSeen();
  cursor_ = 0.0;
  Q_EMIT videoChanged();
}

void Workspace::setInspection(std::shared_ptr<const VideoInspection> inspection) {
  inspection_ = std::move(inspection);
  stored_.reset();
  awaiting_ = false;
  Q_EMIT inspectionChanged();
}

void Workspace::setStored(std::shared_ptr<const StoredDetections> stored) {
  stored_ = std::move(stored);
  inspection_.reset();
  awaiting_ = false;
  Q_EMIT inspectionChanged();
}

void Workspace::forgetSeen() {
  awaiting_ = true;
  inspection_.reset();
  stored_.reset();
}

void Workspace::setCursor(double seconds) {
  if (leader_ && !pinned_) return leader_->setCursor(seconds);
  if (seconds == cursor_) return;
  cursor_ = seconds;
  Q_EMIT cursorChanged(seconds);
}

}  // namespace hvlm::ui
