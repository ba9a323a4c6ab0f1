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
#include "engine/eval/localization_report.h"
#include "engine/eval/report_parts.h"
#include "engine/eval/stream.h"
#include "engine/language/language_heads.h"

namespace hvlm {

struct ExternalEvidence;  // eval/external.h

struct EvaluationRequest {
  const HierarchicalModel& model;
  const FeatureStore& store;
  const Catalogue& catalogue;
  const FeatureSpec& spec;
  std::vector<int64_t> videos;                // of the subset, with features
  const std::optional<Baselines>& baselines;  // stored by the run; without them probes and controls are absent, with the reason
  bool baselines_fit_weights = true;          // run_* probes belong to these weights
  bool controls = true;                       // the control rows too
  const LanguageHeads* heads = nullptr;       // that answer and describe; belong to the model
  const ExternalEvidence* external = nullptr;  // class scores and segments of other systems, for the detections
  std::optional<StretchPlan> stretches = {};   // of long videos, where only detections are asked for (predict); none: whole videos
};

struct GivenAnswer {
  std::string question_id, answer;
};
struct GivenCaption {
  std::string video;
  double start_seconds = 0.0, end_seconds = 0.0;
  std::string sentence;
};
// What the heads said, in the order of the videos.
struct LanguageOutput {
  std::vector<GivenAnswer> answers;
  std::vector<GivenCaption> captions;  // of annotated stretches
  std::vector<GivenCaption> events;    // of the run's own detections
};

struct Evaluation {
  nlohmann::json report;  // keys of `eval --json`, DESIGN.md; "absent" {key: reason} for what this run cannot have
  EmbeddedSet set;        // with the detections behind the report
  LanguageOutput language;
};
// All metrics of method.md 5.1-5.4 that the run supports, with its control rows under the same definitions. Fits nothing.
Evaluation evaluateRun(const EvaluationRequest& request, const PhaseProgress& progress);

// p_video of the detections by detect.labels, [videos, C]; undefined for the run's own. "external" are the probabilities of the linear
// model of the raw features that the run stored (InputError when it has none), "oracle" is 1 for each true label and 0 for the others.
at::Tensor detectionLabelScores(const EvaluationRequest& request);

}  // namespace hvlm
