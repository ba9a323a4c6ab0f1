// SPDX-License-Identifier: Apache-2.0
#include "jobs/inspection_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "score/detection.h"
#include "support/text.h"

namespace hvlm {
namespace {

std::string className(const VideoInspection& inspection, int64_t label) {
  if (label < 0 || label >= static_cast<int64_t>(inspection.classes.size())) return "";
  return inspection.classes[static_cast<size_t>(label)];
}

nlohmann::json detectionsJson(const VideoInspection& inspection) {
  nlohmann::json detections = nlohmann::json::array();
  for (const DetectedSegment& segment : inspection.detections) {
    detections.push_back({{"segment", {segment.start_seconds, segment.end_seconds}},
                          {"label", className(inspection, segment.label)},
                          {"score", segment.score}});
  }
  return detections;
}

}  // namespace

nlohmann::json inspectionJson(const VideoInspection& inspection) {
  nlohmann::json levels = nlohmann::json::array();
  for (const PyramidLevel& level : inspection.levels) {
    nlohmann::json entry = {{"first_step", level.first_step},
                            {"last_step", level.last_step},
                            {"parent", level.parent},
                            {"alpha", level.alpha},
                            {"share", level.share}};
    if (!level.score.empty()) {
      entry["score"] = level.score;
      entry["label"] = level.label;
    }
    levels.push_back(std::move(entry));
  }
  return {{"video", inspection.video},
          {"run", inspection.run_folder},
          {"step", inspection.step},
          {"step_seconds", inspection.step_seconds},
          {"duration_seconds", inspection.duration_seconds},
          {"mode", inspection.mode},
          {"classes", inspection.classes},
          {"levels", std::move(levels)},
          {"attention", inspection.attention},
          {"neighbour_similarity", inspection.neighbour_similarity},
          {"class_scores", inspection.class_scores},
          {"detections", detectionsJson(inspection)}};
}

std::string pyramidCsv(const VideoInspection& inspection) {
  std::string text = "level,cell,first_step,last_step,start_seconds,end_seconds,parent,alpha,share,label,score\n";
  for (size_t l = 0; l < inspection.levels.size(); ++l) {
    const PyramidLevel& level = inspection.levels[l];
    for (size_t j = 0; j < level.first_step.size(); ++j) {
      const bool scored = j < level.score.size();
      text += std::to_string(l) + ',' + std::to_string(j) + ',' + std::to_string(level.first_step[j]) + ',' +
              std::to_string(level.last_step[j]) + ',' +
              exactNumber(static_cast<double>(level.first_step[j]) * inspection.step_seconds) + ',' +
              exactNumber(static_cast<double>(level.last_step[j] + 1) * inspection.step_seconds) + ',' +
              (level.parent[j] < 0 ? "" : std::to_string(level.parent[j])) + ',' + exactNumber(level.alpha[j]) + ',' +
              exactNumber(level.share[j]) + ',' + (scored ? csvText(className(inspection, level.label[j])) : "") + ',' +
              (scored ? exactNumber(level.score[j]) : "") + '\n';
    }
  }
  return text;
}

std::string attentionCsv(const VideoInspection& inspection) {
  std::string text = "step,start_seconds,attention,similarity_to_next\n";
  for (size_t i = 0; i < inspection.attention.size(); ++i) {
    text += std::to_string(i) + ',' + exactNumber(static_cast<double>(i) * inspection.step_seconds) + ',' +
            exactNumber(inspection.attention[i]) + ',' +
            (i < inspection.neighbour_similarity.size() ? exactNumber(inspection.neighbour_similarity[i]) : "") + '\n';
  }
  return text;
}

std::string timelineCsv(const VideoInspection& inspection, const std::vector<TrueSegment>& truth) {
  std::string text = "kind,level,index,start,end,label,score,value,truth\n";
  const auto span = [](double from, double to) { return exactNumber(from) + ',' + exactNumber(to) + ','; };
  for (size_t i = 0; i < truth.size(); ++i) {
    text += "truth,," + std::to_string(i) + ',' + span(truth[i].start_seconds, truth[i].end_seconds) + csvText(truth[i].label) + ",,,\n";
  }
  // The best first, each answers the instance left that it overlaps most, as the timeline matches at its usual tIoU.
  constexpr double kTiou = 0.5;
  std::vector<DetectedSegment> found(inspection.detections);
  std::stable_sort(found.begin(), found.end(), [](const DetectedSegment& a, const DetectedSegment& b) { return a.score > b.score; });
  std::vector<bool> taken(truth.size(), false);
  for (size_t i = 0; i < found.size(); ++i) {
    double best = 0.0, matched = 0.0;
    std::optional<size_t> answered;
    for (size_t t = 0; t < truth.size(); ++t) {
      if (truth[t].label != className(inspection, found[i].label)) continue;
      const double iou = temporalIou(found[i].start_seconds, found[i].end_seconds, truth[t].start_seconds, truth[t].end_seconds);
      best = std::max(best, iou);
      if (taken[t] || iou < kTiou || iou <= matched) continue;
      matched = iou;
      answered = t;
    }
    if (answered) taken[*answered] = true;
    text += "found,," + std::to_string(i) + ',' + span(found[i].start_seconds, found[i].end_seconds) + csvText(className(inspection, found[i].label)) + ',' +
            exactNumber(found[i].score) + ',' + exactNumber(answered ? matched : best) + ',' + (answered ? std::to_string(*answered) : "") + '\n';
  }
  for (size_t l = 0; l < inspection.levels.size(); ++l) {
    const PyramidLevel& level = inspection.levels[l];
    for (size_t j = 0; j < level.first_step.size(); ++j) {
      text += "cell," + std::to_string(l) + ',' + std::to_string(j) + ',' +
              span(static_cast<double>(level.first_step[j]) * inspection.step_seconds, static_cast<double>(level.last_step[j] + 1) * inspection.step_seconds) + ",," +
              exactNumber(level.share[j]) + ",\n";
    }
  }
  return text;
}

nlohmann::json timelineJson(const VideoInspection& inspection, const std::vector<TrueSegment>& truth) {
  nlohmann::json annotated = nlohmann::json::array();
  for (const TrueSegment& s : truth) annotated.push_back({{"segment", {s.start_seconds, s.end_seconds}}, {"label", s.label}});
  return {{"video", inspection.video},
          {"run", inspection.run_folder},
          {"step", inspection.step},
          {"duration_seconds", inspection.duration_seconds},
          {"step_seconds", inspection.step_seconds},
          {"truth", std::move(annotated)},
          {"predictions", detectionsJson(inspection)},
          {"attention", inspection.attention},
          {"neighbour_similarity", inspection.neighbour_similarity}};
}

}  // namespace hvlm
