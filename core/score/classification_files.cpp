// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "score/classification.h"
#include "score/official_files.h"
#include "support/text.h"

namespace hvlm {
namespace {

struct Truth {
  std::vector<std::vector<int64_t>> labels;  // by video that has any, without repetition
  std::unordered_map<std::string_view, int64_t> videos;
  std::map<int64_t, int64_t> positives;  // label -> videos
  int64_t pairs = 0;
};

struct Entry {
  int64_t video;  // -1: outside the truth
  int64_t label;
  double score;
};

Truth collect(const OfficialFile& file) {
  Truth truth;
  for (const FileVideo& video : file.videos) {
    if (video.entries.empty()) continue;
    truth.videos.emplace(video.id, static_cast<int64_t>(truth.labels.size()));
    std::vector<int64_t>& labels = truth.labels.emplace_back();
    for (const FileEntry& e : video.entries) {
      if (std::find(labels.begin(), labels.end(), e.label) != labels.end()) continue;
      labels.push_back(e.label);
      ++truth.positives[e.label];
      ++truth.pairs;
    }
  }
  return truth;
}

// Official order: by falling score, the later entry first among equals.
template <class List, class ScoreOf>
void rank(List& list, ScoreOf score_of) {
  std::reverse(list.begin(), list.end());
  std::stable_sort(list.begin(), list.end(), [&](const auto& a, const auto& b) { return score_of(a) > score_of(b); });
}

// AP of one class; a second prediction of a video is a false positive.
double classAp(const std::vector<Entry>& ranked, int64_t positives, const Truth& truth, int64_t label) {
  std::vector<uint8_t> hits;
  std::unordered_set<int64_t> taken;
  for (const Entry& e : ranked) {
    bool hit = false;
    if (e.video >= 0) {
      const std::vector<int64_t>& labels = truth.labels[static_cast<size_t>(e.video)];
      hit = std::find(labels.begin(), labels.end(), label) != labels.end() && taken.insert(e.video).second;
    }
    hits.push_back(hit ? 1 : 0);
  }
  return interpolatedAp(hits, positives);
}

struct Hits {
  double with_ceil = 0.0;
  double average = 0.0;
};

Hits hitAt(size_t k, const OfficialFile& predictions, const Truth& truth) {
  Hits hits;
  for (const FileVideo& video : predictions.videos) {
    const auto found = truth.videos.find(video.id);
    if (found == truth.videos.end() || video.entries.empty()) continue;
    std::vector<FileEntry> best = video.entries;
    rank(best, [](const FileEntry& e) { return e.score; });
    best.resize(std::min(best.size(), k));
    const std::vector<int64_t>& labels = truth.labels[static_cast<size_t>(found->second)];
    const auto matched = std::count_if(labels.begin(), labels.end(), [&](int64_t label) {
      return std::any_of(best.begin(), best.end(), [&](const FileEntry& e) { return e.label == label; });
    });
    hits.average += static_cast<double>(matched) / static_cast<double>(labels.size());
    hits.with_ceil += matched > 0 ? 1.0 : 0.0;
  }
  hits.average /= static_cast<double>(truth.labels.size());
  hits.with_ceil /= static_cast<double>(truth.labels.size());
  return hits;
}

int64_t countTies(const std::vector<Entry>& ranked) {
  int64_t ties = 0;
  for (size_t i = 0; i < ranked.size(); ++i) {
    const bool like_last = i > 0 && ranked[i - 1].score == ranked[i].score;
    const bool like_next = i + 1 < ranked.size() && ranked[i + 1].score == ranked[i].score;
    ties += like_last || like_next ? 1 : 0;
  }
  return ties;
}

std::map<int64_t, std::vector<Entry>> byLabel(const OfficialFile& truth_file, const OfficialFile& predictions,
                                              const Truth& truth, const LabelTable& labels, DefectList& defects) {
  std::unordered_set<std::string_view> inside;
  for (const FileVideo& video : truth_file.videos) inside.insert(video.id);
  std::unordered_set<std::string_view> answered;
  std::map<int64_t, std::vector<Entry>> entries;
  for (const FileVideo& video : predictions.videos) {
    if (video.entries.empty()) continue;
    answered.insert(video.id);
    if (!inside.contains(video.id)) defects.add("video_outside", video.id, static_cast<int64_t>(video.entries.size()));
    const auto found = truth.videos.find(video.id);
    for (const FileEntry& e : video.entries) {
      entries[e.label].push_back({found == truth.videos.end() ? -1 : found->second, e.label, e.score});
      if (!truth.positives.contains(e.label)) defects.add("unknown_class", shortened(labels.name(e.label)));
    }
  }
  for (const FileVideo& video : truth_file.videos) {
    if (!answered.contains(video.id)) defects.add("video_without_predictions", video.id);
  }
  return entries;
}

}  // namespace

nlohmann::json scoreClassificationFiles(const std::string& truth_json, const std::string& predictions_json,
                                        const std::string& subset) {
  LabelTable labels;
  DefectList defects;
  const OfficialFile truth_file = readOfficialTruth(truth_json, subset, false, labels, defects);
  const OfficialFile predictions = readOfficialPredictions(predictions_json, false, labels, defects);
  const Truth truth = collect(truth_file);
  std::map<int64_t, std::vector<Entry>> entries = byLabel(truth_file, predictions, truth, labels, defects);

  nlohmann::json out;
  int64_t count = 0;
  int64_t ties = 0;
  for (auto& [label, list] : entries) {
    rank(list, [](const Entry& e) { return e.score; });
    count += static_cast<int64_t>(list.size());
    ties += countTies(list);
  }
  double sum = 0.0;
  nlohmann::json& per_class = out["per_class"] = nlohmann::json::object();
  for (const auto& [label, positives] : truth.positives) {
    const auto found = entries.find(label);
    if (found == entries.end()) defects.add("class_without_predictions", labels.name(label));
    const double ap = found == entries.end() ? 0.0 : classAp(found->second, positives, truth, label);
    per_class[labels.name(label)] = ap;
    sum += ap;
  }
  out["map"] = sum / static_cast<double>(truth.positives.size());
  for (const size_t k : {1, 3, 5}) {
    const Hits hits = hitAt(k, predictions, truth);
    out["hit_at"][std::to_string(k)] = hits.with_ceil;
    out["average_hit_at"][std::to_string(k)] = hits.average;
  }
  out["ground_truth"] = truth.pairs;
  out["predictions"] = count;
  out["ties"] = ties;
  out["subset"] = subset;
  out["problems"] = defects.counts();
  out["problem_examples"] = defects.examples();
  return out;
}

}  // namespace hvlm
