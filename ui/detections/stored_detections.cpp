// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/detections/stored_detections.h"

#include <algorithm>
#include <filesystem>
#include <unordered_map>

#include "runs/run_record.h"
#include "ui/detections/detection_data.h"
#include "ui/text.h"

namespace hvlm::ui {
namespace {

void addSegments(const std::vector<Prediction>& list, StoredDetections& out) {
  std::unordered_map<std::string, int64_t> labels;
  for (const Prediction& p : list) {
    const auto [label, is_new] = labels.emplace(p.label, static_cast<int64_t>(out.classes.size()));
    if (is_new) out.classes.push_back(p.label);
    out.detections.push_back({p.start_seconds, p.end_seconds, label->second, p.score});
  }
  std::stable_sort(out.detections.begin(), out.detections.end(), [](const DetectedSegment& a, const DetectedSegment& b) { return a.score > b.score; });
}

}  // namespace

QString StoredDetections::whyNoModel() const {
  return imported() ? uiText("imported run: no model, only the detections of %1").arg(source) : uiText("no checkpoint: only the detections that the run has stored");
}

void StoredRun::read(const QString& subset) {
  const QString stamp = detectionStamp(folder_, subset);
  if (subset == subset_ && stamp == stamp_) return;
  predictions_ = readPredictions(pathOf(folder_) / "predictions" / (stdText(subset) + ".json"));
  subset_ = subset;
  stamp_ = stamp;
}

std::shared_ptr<const StoredDetections> StoredRun::of(const Video& video) {
  std::error_code none;
  if (!std::filesystem::exists(pathOf(folder_) / "run.json", none)) return nullptr;  // a run that is about to begin
  const RunRecord record = readRunRecord(pathOf(folder_));
  const QStringList subsets = detectionSubsets(folder_);
  if (!record.isImported() && subsets.isEmpty()) return nullptr;
  auto found = std::make_shared<StoredDetections>();
  found->run = folder_;
  found->video = qText(video.id);
  found->source = qText(record.imported.file);
  const QString subset = qText(video.subset);
  found->searched = subsets.contains(subset);
  if (!found->searched) return found;
  read(subset);
  const auto list = predictions_.find(video.id);
  if (list != predictions_.end()) addSegments(list->second, *found);
  return found;
}

}  // namespace hvlm::ui
