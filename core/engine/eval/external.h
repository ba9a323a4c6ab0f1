// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/eval/evaluate.h"
#include "score/detection.h"

namespace hvlm {

// What files of other systems say of the videos of one evaluation (jobs/external_scores.h), made ready for detection.
struct ExternalEvidence {
  at::Tensor video_scores;   // [videos, C] class shares: the file's, and the run's own where it has none; undefined without a file
  std::vector<bool> scored;  // [videos] something is known of the video's classes; empty without a file
  std::string label_source;  // for reports: "external: FILE (N of M videos)"; empty without a file of scores
  std::vector<std::vector<ScoredSegment>> proposals;  // [videos]; empty without a file
  nlohmann::json report;                              // key `external`: video_scores, proposals with their counts
  std::vector<std::string> warnings;
};

// Reads both files (empty names: none). Videos that the file of scores lacks keep what detect.labels gives them: the stored scores, or the
// model's own softmax (one more forward pass of these videos), or an even share when the run has no classifier. Throws InputError as the
// readers do, and for proposals without labels when nothing is known of the videos' classes.
ExternalEvidence readExternal(const EvaluationRequest& request, const std::string& video_scores_file, const std::string& proposals_file, const PhaseProgress& progress);

// p_video of the detections: the external shares, else those of detectionLabelScores().
at::Tensor labelScoresWith(const EvaluationRequest& request, const ExternalEvidence* external);

// Joins the proposals with the run's detections (score/fusion.h): labels by `label_scores` (or the run's own classifier when undefined), scores
// as geometric means, soft-NMS by detect.sigma, min_score, nms and keep once more over both. Does nothing without proposals.
void joinProposals(const EvaluationRequest& request, const ExternalEvidence& external, const at::Tensor& label_scores, EmbeddedSet& set);

}  // namespace hvlm
