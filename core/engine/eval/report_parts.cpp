// SPDX-License-Identifier: Apache-2.0
#include "engine/eval/report_parts.h"

#include <ATen/ATen.h>

#include <nlohmann/json.hpp>

#include "engine/eval/consistency.h"
#include "engine/eval/separation.h"
#include "engine/objective/spectrum.h"
#include "score/bootstrap.h"
#include "score/controls.h"

namespace hvlm {
namespace {

using Json = nlohmann::json;

at::Tensor rowsAt(const at::Tensor& rows, const std::vector<int64_t>& places) { return rows.index_select(0, at::tensor(places, at::kLong)); }

}  // namespace

LabelledVideos labelledVideos(const Catalogue& catalogue, const std::vector<int64_t>& videos) {
  LabelledVideos out;
  const auto main = mainLabelsOf(catalogue, videos);
  const auto sets = labelSetsOf(catalogue, videos);
  for (size_t i = 0; i < videos.size(); ++i) {
    if (main[i] < 0) continue;
    out.places.push_back(static_cast<int64_t>(i));
    out.main.push_back(main[i]);
    out.sets.push_back(sets[i]);
  }
  return out;
}

ClassificationScore classificationOf(const at::Tensor& scores, const LabelledVideos& labelled) {
  const at::Tensor kept = rowsAt(scores.to(at::kFloat), labelled.places).contiguous();
  return scoreClassification({kept.const_data_ptr<float>(), static_cast<size_t>(kept.numel())}, kept.size(1), labelled.sets, labelled.main);
}

Json classificationJson(const ClassificationScore& s, const std::string& protocol) {
  // hit@1 of the official evaluator: the best class is one of the video's, which is top-1 here because every class has a score.
  return {{"protocol", protocol}, {"top1", s.top1}, {"hit_at_1", s.top1}, {"top1_main", s.top1_main}, {"top5", s.top5}, {"map", s.map},
          {"macro_top1", s.macro_top1}, {"top1_interval", {s.low, s.high}}};
}

Json featureQualityJson(const at::Tensor& all_vectors, const LabelledVideos& labelled) {
  const at::Tensor vectors = rowsAt(all_vectors, labelled.places);
  const std::vector<int64_t>& labels = labelled.main;
  const CentredSeparation separation = centredSeparation(vectors, labels);
  return {{"intra", separation.intra}, {"inter", separation.inter}, {"separation", separation.separation},
          {"silhouette", silhouette(centredUnitRows(vectors), labels, Distance::kCosine).mean},
          {"scatter_ratio", scatterRatio(vectors, labels)}, {"kmeans_nmi", clusterAgreement(vectors, labels)},
          {"effective_rank", effectiveRank(singularValuesByGram(vectors, true))}};
}

Json consistencyJson(const EmbeddedSet& set, const std::vector<int64_t>& step_labels, Json* absent) {
  const auto missing = [&](std::initializer_list<const char*> keys, const char* reason) {
    if (!absent) return;
    for (const char* key : keys) (*absent)[key] = reason;
  };
  if (!hasNeighbours(set.offsets)) {
    missing({"temporal_consistency", "consistency", "collapse", "verdict"}, "no video of this subset has two steps");
    return Json::object();
  }
  const Consistency c = measureConsistency(set.steps, set.offsets, step_labels);
  Json json = {{"temporal_consistency", c.tc},
               {"consistency", {{"centred", c.centred}, {"within_std", c.within_std}, {"within_std_share", c.within_std_share}}},
               {"collapse", {{"mean_std", c.mean_std}, {"min_std", c.min_std}, {"effective_rank", c.effective_rank},
                             {"dead_dimensions", c.dead_dimensions}}},
               {"verdict", c.verdict}};
  const Interval tc = bootstrapMean(c.tc_of_video);
  json["consistency"]["tc_interval"] = {tc.low, tc.high};
  if (c.has_other_videos) {
    json["consistency"]["cac_interval"] = {chanceAdjusted(tc.low, c.r_x), chanceAdjusted(tc.high, c.r_x)};
    json["consistency"].update({{"cac", c.cac}, {"r_x", c.r_x}, {"uniformity", c.uniformity}});
  } else {
    missing({"consistency.cac", "consistency.r_x", "consistency.uniformity"}, "the subset has one video only");
  }
  if (c.has_far_steps) {
    json["consistency"].update({{"ts", c.ts}, {"r_in", c.r_in}});
  } else {
    missing({"consistency.ts", "consistency.r_in"}, "no video is longer than 5 steps");
  }
  if (c.has_boundaries) {
    json["consistency"].update({{"boundary_auc", c.boundary_auc}, {"boundary_contrast", c.boundary_contrast}});
  } else {
    missing({"consistency.boundary_auc", "consistency.boundary_contrast"}, "no annotated segment begins or ends inside a video");
  }
  return json;
}

void FrameCount::add(const at::Tensor& scores, const std::vector<int64_t>& labels) {
  const at::Tensor best = scores.argmax(1).contiguous();
  const int64_t background = scores.size(1) - 1;
  for (size_t i = 0; i < labels.size(); ++i) right += best.const_data_ptr<int64_t>()[i] == (labels[i] < 0 ? background : labels[i]);
  all += static_cast<int64_t>(labels.size());
}

std::vector<ScoredSegment> runsOfSet(const EmbeddedSet& set, const at::Tensor& step_probabilities, double step_seconds, int64_t place) {
  const at::Tensor probabilities = step_probabilities.contiguous();
  const int64_t columns = probabilities.size(1);
  std::vector<ScoredSegment> runs;
  for (size_t b = 0; b + 1 < set.offsets.size(); ++b, ++place) {
    const float* first = probabilities.const_data_ptr<float>() + set.offsets[b] * columns;
    const auto values = static_cast<size_t>((set.offsets[b + 1] - set.offsets[b]) * columns);
    const auto found = runsOfSteps(place, {first, values}, columns - 1, step_seconds);
    runs.insert(runs.end(), found.begin(), found.end());
  }
  return runs;
}

}  // namespace hvlm
