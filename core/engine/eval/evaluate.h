// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/eval/baselines.h"
#include "engine/eval/consistency.h"
#include "engine/eval/embed.h"
#include "engine/eval/fit_baselines.h"
#include "score/classification.h"
#include "score/detection.h"

namespace hvlm {

struct EvaluationRequest {
  const HierarchicalModel& model;
  const FeatureStore& store;
  const Catalogue& catalogue;
  const FeatureSpec& spec;
  std::vector<int64_t> videos;            // of the subset, with features
  const std::optional<Baselines>& baselines;  // stored by the run; without them probes and controls are absent, with the reason
  bool baselines_fit_weights = true;      // run_* probes belong to these weights
  bool controls = true;                   // the control rows too
};

struct Evaluation {
  nlohmann::json report;  // keys of `eval --json`, DESIGN.md; "absent" {key: reason} for what this run cannot have
  EmbeddedSet set;        // with the detections behind the report
};
// All metrics of method.md 5.1-5.4 that the run supports, with its control rows under the same definitions. Fits nothing.
Evaluation evaluateRun(const EvaluationRequest& request, const PhaseProgress& progress);

// p_video of the detections by detect.labels, [videos, C]; undefined for the run's own. "external" are the probabilities of the linear
// model of the raw features that the run stored (InputError when it has none), "oracle" is 1 for each true label and 0 for the others.
at::Tensor detectionLabelScores(const EvaluationRequest& request);

// Pieces that training's own look at the held-out slice shares.

// The videos of a list that carry labels, and what they are.
struct LabelledVideos {
  std::vector<int64_t> places;  // in the list
  std::vector<int64_t> main;
  std::vector<std::vector<int64_t>> sets;
};
LabelledVideos labelledVideos(const Catalogue& catalogue, const std::vector<int64_t>& videos);
ClassificationScore classificationOf(const at::Tensor& scores, const LabelledVideos& labelled);  // scores [videos, C]
nlohmann::json localizationJson(const Catalogue& catalogue, const std::vector<int64_t>& videos, const std::vector<ScoredSegment>& predictions,
                                const std::string& label_source);
std::vector<ScoredSegment> scoredSegments(const std::vector<std::vector<DetectedSegment>>& detections);  // `video` = place in the list

}  // namespace hvlm
