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

void Workspace::openData(const QString& dataset_yaml) {
  const int64_t number = ++newest_load_;
  ++loading_;
  Q_EMIT loadingChanged();
  inBackground(
      this, [dataset_yaml] { return std::make_shared<const LoadedData>(loadData(dataset_yaml)); },
      [this, number](std::shared_ptr<const LoadedData> data) {
        --loading_;
        if (number == newest_load_) {
          data_ = std::move(data);
          inspection_.reset();
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
  if (folder == run_) return;
  run_ = folder;
  inspection_.reset();
  Q_EMIT runChanged();
  Q_EMIT inspectionChanged();
}

const Video* Workspace::video() const { return data_ ? data_->catalogue.find(stdText(video_)) : nullptr; }

void Workspace::selectVideo(const QString& id) {
  if (id == video_ && free_.file.isEmpty()) return;
  video_ = id;
  free_ = {};
  inspection_.reset();
  cursor_ = 0.0;
  Q_EMIT videoChanged();
}

void Workspace::setFreeVideo(const QString& file, double seconds) {
  video_.clear();
  free_ = {file, seconds};
  inspection_.reset();
  cursor_ = 0.0;
  Q_EMIT videoChanged();
}

void Workspace::setInspection(std::shared_ptr<const VideoInspection> inspection) {
  inspection_ = std::move(inspection);
  Q_EMIT inspectionChanged();
}

void Workspace::setCursor(double seconds) {
  if (seconds == cursor_) return;
  cursor_ = seconds;
  Q_EMIT cursorChanged(seconds);
}

}  // namespace hvlm::ui
