// SPDX-License-Identifier: Apache-2.0
#include "engine/eval/localization_report.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "score/bootstrap.h"
#include "score/controls.h"
#include "score/error_profile.h"
#include "score/localization.h"
#include "support/text.h"

namespace hvlm {
namespace {

using Json = nlohmann::json;

std::vector<ScoredSegment> truthOf(const Catalogue& catalogue, const std::vector<int64_t>& videos) {
  std::vector<ScoredSegment> truth;
  for (size_t i = 0; i < videos.size(); ++i) {
    for (const Segment& s : catalogue.videos[static_cast<size_t>(videos[i])].segments) {
      truth.push_back({static_cast<int64_t>(i), s.label, s.start_seconds, s.end_seconds, 1.0});
    }
  }
  return truth;
}

Json binsJson(const std::vector<RecallBin>& bins) {
  Json list = Json::array();
  for (const RecallBin& bin : bins) {
    Json item = {{"above", bin.above}, {"instances", bin.instances}};
    if (std::isfinite(bin.up_to)) item["up_to"] = bin.up_to;
    if (bin.instances > 0) item["recall"] = bin.recall();
    list.push_back(std::move(item));
  }
  return list;
}

}  // namespace

std::vector<ScoredSegment> scoredSegments(const std::vector<std::vector<DetectedSegment>>& detections) {
  std::vector<ScoredSegment> out;
  for (size_t i = 0; i < detections.size(); ++i) {
    for (const DetectedSegment& d : detections[i]) out.push_back({static_cast<int64_t>(i), d.label, d.start_seconds, d.end_seconds, d.score});
  }
  return out;
}

Json localizationJson(const Catalogue& catalogue, const std::vector<int64_t>& videos, const std::vector<ScoredSegment>& predictions,
                      const std::string& label_source, bool intervals) {
  const std::vector<ScoredSegment> truth = truthOf(catalogue, videos);
  const auto thresholds = defaultThresholds();
  const DetectionScore score = scoreDetections(truth, predictions, thresholds);
  const LocalizationScore extra = scoreLocalization(truth, predictions);
  Json map = Json::object();
  for (size_t i = 0; i < thresholds.size(); ++i) map[fixedNumber(thresholds[i], 2)] = score.map[i];
  Json json = {{"map", map}, {"average_map", score.average_map}, {"hit_at_50", extra.hit_at_50}, {"instance_recall_at_1", extra.instance_recall_1},
               {"frame_mask_at_50", extra.frame_mask_50}, {"frame_mask_iou", extra.frame_mask_iou},
               {"average_recall", {{"1", extra.ar_1}, {"5", extra.ar_5}, {"10", extra.ar_10}, {"100", extra.ar_100}}},
               {"auc", extra.auc}, {"class_agnostic_average_map", extra.class_agnostic_map}, {"labels", label_source}, {"ties", score.ties},
               {"ground_truth", score.ground_truth}, {"predictions", score.predictions}};
  // What "IoU@0.5" of a localiser may mean, in one place.
  json["readings"] = {{"map_50", score.map.front()}, {"hit_at_50", extra.hit_at_50}, {"instance_recall_at_1", extra.instance_recall_1},
                      {"frame_mask_at_50", extra.frame_mask_50}};
  if (intervals) {
    const DetectionIntervals found = bootstrapDetections(truth, predictions, videos.size());
    json["average_map_interval"] = {found.average_map.low, found.average_map.high};
    json["map_50_interval"] = {found.map_50.low, found.map_50.high};
  }
  return json;
}

Json alwaysActionJson(const Catalogue& catalogue, const std::vector<int64_t>& videos) {
  std::vector<ControlVideo> whole;
  for (size_t i = 0; i < videos.size(); ++i) {
    whole.push_back({static_cast<int64_t>(i), catalogue.videos[static_cast<size_t>(videos[i])].duration_seconds, {{0, 1.0}}});
  }
  const LocalizationScore score = scoreLocalization(truthOf(catalogue, videos), wholeVideoSegments(whole));
  return {{"frame_mask_at_50", score.frame_mask_50}, {"frame_mask_iou", score.frame_mask_iou}, {"labels", "none: a mask of the whole video"},
          {"readings", {{"frame_mask_at_50", score.frame_mask_50}}}};
}

Json errorProfileJson(const Catalogue& catalogue, const std::vector<int64_t>& videos, const std::vector<ScoredSegment>& predictions,
                      const std::string& of) {
  std::vector<double> durations;
  for (const int64_t v : videos) durations.push_back(catalogue.videos[static_cast<size_t>(v)].duration_seconds);
  const ErrorProfile profile = profileErrors(truthOf(catalogue, videos), predictions, durations);
  Json json = {{"of", of}, {"threshold", profile.threshold}, {"predictions", profile.predictions},
               {"true_positive", {{"count", profile.true_positives}, {"share", profile.true_positive_share}}},
               {"normalized_average_map", profile.normalized_average_map},
               {"recall", {{"coverage", binsJson(profile.coverage)}, {"length", binsJson(profile.length)}, {"instances", binsJson(profile.instances)}}}};
  for (size_t e = 0; e < kDetectionErrors; ++e) {
    const ErrorOfKind& error = profile.errors[e];
    json[errorName(static_cast<DetectionError>(e))] = {{"count", error.count}, {"share", error.share}, {"gain", error.gain}};
  }
  return json;
}

}  // namespace hvlm
