// SPDX-License-Identifier: Apache-2.0
#include "engine/train/level_terms.h"

#include <ATen/ATen.h>

#include "engine/objective/contrast.h"
#include "engine/objective/infonce.h"
#include "engine/objective/vicreg.h"

namespace hvlm {
namespace {

constexpr double kShortestCrop = 0.3;  // of a level's nodes, as in the two views of method.md 3

// Rows of one level of all videos, and their borders without the videos that have stopped below it.
struct LevelRows {
  at::Tensor rows;
  std::vector<int64_t> offsets;
};
LevelRows levelRows(const Pyramid& pyramid, int64_t level) {
  LevelRows out{pyramid.levels_of_nodes[static_cast<size_t>(level)], {0}};
  for (const int64_t offset : pyramid.offsets[level]) {
    if (offset != out.offsets.back()) out.offsets.push_back(offset);
  }
  return out;
}

bool isRegularised(int64_t level) { return level != 2; }

void addMean(std::vector<LossTerm>& terms, const char* name, double weight, const std::vector<at::Tensor>& values) {
  if (!values.empty()) terms.push_back({name, weight, at::stack(values).mean(), {}});
}

int64_t videosWithPairs(const std::vector<int64_t>& offsets) {
  int64_t count = 0;
  for (size_t b = 0; b + 1 < offsets.size(); ++b) count += offsets[b + 1] - offsets[b] >= 2 ? 1 : 0;
  return count;
}

}  // namespace

std::vector<LossTerm> levelTerms(const ModelOutput& output, const LossOptions& o, at::Generator& generator) {
  std::vector<LossTerm> terms;
  std::vector<at::Tensor> variances, covariances, contrasts, persistences;
  for (int64_t level = 0; level < output.pyramid.levels(); ++level) {
    const LevelRows own = levelRows(output.pyramid, level);
    if (own.rows.size(0) < 2) break;
    if (o.variance > 0.0 && isRegularised(level)) variances.push_back(varianceLoss(own.rows, o.variance_target));
    if (o.covariance > 0.0 && isRegularised(level)) covariances.push_back(covarianceLoss(own.rows));
    if (o.step_contrast > 0.0 && level <= 1 && videosWithPairs(own.offsets) > 0) {
      const StepPairs pairs = drawStepPairs(own.offsets, o.step_anchors, generator);
      const std::vector<int64_t> candidates = drawSteps(own.offsets, o.step_anchors, generator);
      contrasts.push_back(stepContrast(own.rows, own.offsets, pairs.anchors, pairs.positives, candidates, o.step_gap >> level, o.contrast_temperature));
    }
    if (o.persistence > 0.0 && level >= 3 && videosWithPairs(own.offsets) >= 2) {
      const CropPair crops = twoCropVectors(own.rows, own.offsets, kShortestCrop, generator);
      const at::Tensor temperature = at::full({}, o.contrast_temperature, own.rows.options());
      persistences.push_back(infoNce(crops.first, crops.second, temperature).loss);
    }
  }
  addMean(terms, "variance", o.variance, variances);
  addMean(terms, "covariance", o.covariance, covariances);
  addMean(terms, "step_contrast", o.step_contrast, contrasts);
  addMean(terms, "persistence", o.persistence, persistences);
  return terms;
}

}  // namespace hvlm
