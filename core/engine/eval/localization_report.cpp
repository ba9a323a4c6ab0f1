// SPDX-License-Identifier: Apache-2.0
#include "engine/eval/localization_report.h"

#include <nlohmann/json.hpp>

#include "score/calibration.h"
#include "score/controls.h"
#include "score/localization.h"
#include "score/localization_json.h"

namespace hvlm {
namespace {

using Json = nlohmann::json;

}  // namespace

std::vector<ScoredSegment> truthOf(const Catalogue& catalogue, const std::vector<int64_t>& videos) {
  std::vector<ScoredSegment> truth;
  for (size_t i = 0; i < videos.size(); ++i) {
    for (const Segment& s : catalogue.videos[static_cast<size_t>(videos[i])].segments) {
      truth.push_back({static_cast<int64_t>(i), s.label, s.start_seconds, s.end_seconds, 1.0});
    }
  }
  return truth;
}

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
  Json json = localizationKeys(truth, predictions, label_source, intervals ? videos.size() : 0);
  std::vector<double> scores;
  for (const ScoredSegment& d : predictions) scores.push_back(d.score);
  json["calibration_error"] = calibrationError(scores, rightDetections(truth, predictions));
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
  return errorProfileKeys(truthOf(catalogue, videos), predictions, durations, of);
}

}  // namespace hvlm
