// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "data/batch.h"
#include "data/catalogue.h"
#include "engine/model/model.h"
#include "engine/objective/detection.h"
#include "runs/config.h"

namespace hvlm {

// One weighted part of the total loss.
struct LossTerm {
  std::string name;  // "temporal", "regulariser", "cross", "classification", "router", "focal", "diou", "text", "step_contrast" …
  double weight = 0.0;
  at::Tensor value;  // scalar, before the weight
  at::Tensor at;     // step vectors that the term's gradient norm is measured on; undefined: the encoder's output of the batch
};
struct TotalLoss {
  std::vector<LossTerm> terms;  // those with a weight above 0 that apply
  at::Tensor total;
  int64_t positives = 0;                  // nodes that answer for a segment
  int64_t segments = 0;
  int64_t segments_without_positive = 0;
};

// What the terms need to know of the videos of a batch.
struct BatchTargets {
  std::vector<std::vector<int64_t>> label_sets;        // [B]
  std::vector<std::vector<int64_t>> domain_sets;       // [B] domains of those classes (Catalogue::domains), sorted; empty where unknown
  std::vector<std::vector<TruthSegment>> segments;     // [B] in positions (input steps)
};
// Of the catalogue, or of `remade` (Batch::remade) where a video was changed.
BatchTargets batchTargets(const Catalogue& catalogue, const FeatureSpec& spec, const std::vector<int64_t>& videos, const std::vector<Batch::Remade>& remade = {});

// A term of these options reads the encoder's output of the whole batch (contrast alone has its own views).
bool readsWholeVideos(const RunConfig& config);

// The total loss of method.md 2 and 4 for one batch, with the terms of `more` (by level, text, contrast) at its end. `positives`
// is the running normaliser of the detection terms and is moved on by this call.
TotalLoss totalLoss(const ModelOutput& output, const Packed& batch, const BatchTargets& targets, const LossOptions& options,
                    int64_t classes, int64_t detect_levels, RunningPositives& positives, std::vector<LossTerm> more = {});

}  // namespace hvlm
