// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "data/catalogue.h"
#include "engine/eval/embed.h"
#include "score/classification.h"
#include "score/detection.h"

namespace hvlm {

// Pieces that the report of a run, its control rows and training's own look at the held-out slice share.

// The videos of a list that carry labels, and what they are.
struct LabelledVideos {
  std::vector<int64_t> places;  // in the list
  std::vector<int64_t> main;
  std::vector<std::vector<int64_t>> sets;
};
LabelledVideos labelledVideos(const Catalogue& catalogue, const std::vector<int64_t>& videos);

ClassificationScore classificationOf(const at::Tensor& scores, const LabelledVideos& labelled);  // scores [videos, C]
nlohmann::json classificationJson(const ClassificationScore& score, const std::string& protocol);
// 5.4 of the labelled ones among `vectors` [videos, D].
nlohmann::json featureQualityJson(const at::Tensor& vectors, const LabelledVideos& labelled);
// 5.1: keys temporal_consistency, consistency, collapse, verdict. `absent` (may be null) learns what these videos cannot have, and why.
nlohmann::json consistencyJson(const EmbeddedSet& set, const std::vector<int64_t>& step_labels, nlohmann::json* absent);

// Steps that a probe of steps names rightly, background being its last class.
struct FrameCount {
  int64_t right = 0;
  int64_t all = 0;
  void add(const at::Tensor& scores, const std::vector<int64_t>& labels);
  double accuracy() const { return all > 0 ? static_cast<double>(right) / static_cast<double>(all) : 0.0; }
};
// Runs of one class among the steps' probabilities [N, C + 1] of a set; `place` is that of its first video in the whole list.
std::vector<ScoredSegment> runsOfSet(const EmbeddedSet& set, const at::Tensor& step_probabilities, double step_seconds, int64_t place = 0);

}  // namespace hvlm
