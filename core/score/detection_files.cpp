// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "score/detection.h"
#include "score/official_files.h"
#include "support/text.h"

namespace hvlm {
namespace {

// Videos of both files numbered by their sorted ids, so that protocol `common` orders by id.
std::unordered_map<std::string_view, int64_t> numbered(const OfficialFile& truth, const OfficialFile& predictions) {
  std::vector<std::string_view> ids;
  for (const FileVideo& video : truth.videos) ids.push_back(video.id);
  for (const FileVideo& video : predictions.videos) ids.push_back(video.id);
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  std::unordered_map<std::string_view, int64_t> numbers;
  for (size_t i = 0; i < ids.size(); ++i) numbers.emplace(ids[i], static_cast<int64_t>(i));
  return numbers;
}

std::vector<ScoredSegment> flattened(const OfficialFile& file,
                                     const std::unordered_map<std::string_view, int64_t>& numbers) {
  std::vector<ScoredSegment> segments;
  for (const FileVideo& video : file.videos) {
    const int64_t number = numbers.at(video.id);
    for (const FileEntry& e : video.entries)
      segments.push_back({number, e.label, e.start_seconds, e.end_seconds, e.score});
  }
  return segments;
}

void noteLengths(const OfficialFile& file, const std::string& side, DefectList& defects) {
  for (const FileVideo& video : file.videos) {
    for (const FileEntry& e : video.entries) {
      if (e.end_seconds == e.start_seconds) defects.add("zero_length_" + side, video.id);
      if (e.end_seconds < e.start_seconds) defects.add("reversed_" + side, video.id);
    }
  }
}

void notePredictions(const OfficialFile& truth, const OfficialFile& predictions, const LabelTable& labels,
                     DefectList& defects) {
  std::unordered_set<std::string_view> inside;
  std::unordered_set<int64_t> known;
  for (const FileVideo& video : truth.videos) {
    inside.insert(video.id);
    for (const FileEntry& e : video.entries) known.insert(e.label);
  }
  std::unordered_set<std::string_view> answered;
  for (const FileVideo& video : predictions.videos) {
    if (video.entries.empty()) continue;
    answered.insert(video.id);
    if (!inside.contains(video.id)) defects.add("video_outside", video.id, static_cast<int64_t>(video.entries.size()));
    for (const FileEntry& e : video.entries) {
      if (!known.contains(e.label)) defects.add("unknown_class", shortened(labels.name(e.label)));
    }
  }
  for (const FileVideo& video : truth.videos) {
    if (!answered.contains(video.id)) defects.add("video_without_predictions", video.id);
  }
}

nlohmann::json asJson(const DetectionScore& score, const LabelTable& labels) {
  nlohmann::json out;
  for (size_t t = 0; t < score.thresholds.size(); ++t) out["map"][fixedNumber(score.thresholds[t], 2)] = score.map[t];
  out["average_map"] = score.average_map;
  nlohmann::json& per_class = out["per_class"] = nlohmann::json::object();
  for (size_t c = 0; c < score.labels.size(); ++c) {
    const std::vector<double>& ap = score.class_ap[c];
    const double average = std::accumulate(ap.begin(), ap.end(), 0.0) / static_cast<double>(ap.size());
    per_class[labels.name(score.labels[c])] = {{"ap", ap}, {"average", average}};
  }
  out["ground_truth"] = score.ground_truth;
  out["predictions"] = score.predictions;
  out["ties"] = score.ties;
  return out;
}

}  // namespace

nlohmann::json scoreDetectionFiles(const std::string& truth_json, const std::string& predictions_json,
                                   const std::string& subset, DetectionProtocol protocol) {
  LabelTable labels;
  DefectList defects;
  const OfficialFile truth = readOfficialTruth(truth_json, subset, true, labels, defects);
  const OfficialFile predictions = readOfficialPredictions(predictions_json, true, labels, defects);
  noteLengths(truth, "truth", defects);
  noteLengths(predictions, "prediction", defects);
  notePredictions(truth, predictions, labels, defects);
  const auto numbers = numbered(truth, predictions);
  const std::vector<double> thresholds = defaultThresholds();
  const DetectionScore score =
      scoreDetections(flattened(truth, numbers), flattened(predictions, numbers), thresholds, protocol);
  for (const int64_t label : score.labels_without_predictions)
    defects.add("class_without_predictions", labels.name(label));
  nlohmann::json out = asJson(score, labels);
  out["subset"] = subset;
  out["protocol"] = protocol == DetectionProtocol::kOfficial ? "official" : "common";
  out["problems"] = defects.counts();
  out["problem_examples"] = defects.examples();
  return out;
}

}  // namespace hvlm
