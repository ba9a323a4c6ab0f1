// SPDX-License-Identifier: Apache-2.0
#include "score/localization_json.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "score/bootstrap.h"
#include "score/error_profile.h"
#include "score/localization.h"
#include "support/text.h"

namespace hvlm {
namespace {

using Json = nlohmann::json;

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

Json localizationKeys(std::span<const ScoredSegment> truth, std::span<const ScoredSegment> predictions, const std::string& label_source, size_t videos) {
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
  if (videos > 0) {
    const DetectionIntervals found = bootstrapDetections(truth, predictions, videos);
    json["average_map_interval"] = {found.average_map.low, found.average_map.high};
    json["map_50_interval"] = {found.map_50.low, found.map_50.high};
  }
  return json;
}

Json errorProfileKeys(std::span<const ScoredSegment> truth, std::span<const ScoredSegment> predictions, std::span<const double> durations, const std::string& of) {
  const ErrorProfile profile = profileErrors(truth, predictions, durations);
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
