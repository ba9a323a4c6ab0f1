// SPDX-License-Identifier: Apache-2.0
#include "engine/entry/inspect_video.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "engine/eval/detect.h"
#include "engine/model/heads.h"
#include "engine/model/packed.h"
#include "support/error.h"

namespace hvlm {
namespace {

// Scores of the detection head on the nodes of its levels, level by level in time order (the batch holds one video).
void addHeadScores(const ModelOutput& output, std::vector<PyramidLevel>& levels) {
  if (!output.class_logits.defined()) return;
  const at::Tensor probabilities = output.class_logits.sigmoid().to(at::kCPU, at::kFloat);
  const auto [best, label] = probabilities.max(1);
  const at::Tensor scores = best.contiguous();
  const at::Tensor labels = label.contiguous();
  for (size_t row = 0; row < output.detection_nodes.size(); ++row) {
    PyramidLevel& level = levels[static_cast<size_t>(output.detection_nodes[row].level)];
    level.score.push_back(scores.const_data_ptr<float>()[row]);
    level.label.push_back(labels.const_data_ptr<int64_t>()[row]);
  }
}

std::vector<PyramidLevel> levelsOf(const ModelOutput& output, int64_t steps, const std::string& mode) {
  const Pyramid& pyramid = output.pyramid;
  const auto shares = alphaShares(pyramid, 0);
  const auto spans = levelSpans(steps, mode, static_cast<int64_t>(shares.size()) - 1);
  std::vector<PyramidLevel> levels(shares.size());
  for (size_t l = 0; l < levels.size(); ++l) {
    for (const auto& [first, last] : spans[l]) {
      levels[l].first_step.push_back(first);
      levels[l].last_step.push_back(last);
    }
    levels[l].share.assign(shares[l].begin(), shares[l].end());
    if (l + 1 < levels.size()) {
      const at::Tensor alpha = pyramid.alpha[l].to(at::kCPU, at::kFloat).contiguous();
      levels[l].alpha.assign(alpha.const_data_ptr<float>(), alpha.const_data_ptr<float>() + alpha.numel());
      levels[l].parent = pyramid.parent[l];
    } else {
      levels[l].alpha.assign(spans[l].size(), 0.0f);
      levels[l].parent.assign(spans[l].size(), -1);
    }
  }
  addHeadScores(output, levels);
  return levels;
}

// Share of each step in the vector that the video head reads (the batch holds one video). A node of a higher level passes its
// share on to the nodes it pooled, by their weights; convolution blocks between the levels are left out of account.
std::vector<float> stepShares(const HierarchicalModel& model, const ModelOutput& output, int64_t steps) {
  const Pyramid& pyramid = output.pyramid;
  const std::string& kind = model.config().head.video_vector;
  if (kind != "attention") {
    if (kind == "mean" || pyramid.levels() == 1) return std::vector<float>(static_cast<size_t>(steps), 1.0f / static_cast<float>(steps));
    const auto path = alphaPath(pyramid, 0);
    return {path.begin(), path.end()};
  }
  const auto rows = attentionRows(pyramid, 0);
  const at::Tensor nodes = pyramid.nodes.index_select(0, indexTensor(rows, pyramid.nodes.device()));
  const at::Tensor weights = at::mv(nodes, *model.parameters().find("head.pooling")).softmax(0).to(at::kCPU, at::kDouble).contiguous();
  std::vector<double> share(static_cast<size_t>(pyramid.level_start.back()), 0.0);
  for (size_t i = 0; i < rows.size(); ++i) share[static_cast<size_t>(rows[i])] = weights.const_data_ptr<double>()[i];
  for (int64_t l = pyramid.levels() - 2; l >= 0; --l) {
    const auto level = static_cast<size_t>(l);
    const at::Tensor alpha = pyramid.alpha[level].to(at::kCPU, at::kDouble).contiguous();
    const auto& parent = pyramid.parent[level];
    for (size_t i = 0; i < parent.size(); ++i) {
      if (parent[i] < 0) continue;
      const auto above = static_cast<size_t>(pyramid.level_start[level + 1] + parent[i]);
      share[static_cast<size_t>(pyramid.level_start[level]) + i] += alpha.const_data_ptr<double>()[i] * share[above];
    }
  }
  return {share.begin(), share.begin() + steps};
}

}  // namespace

VideoInspection inspectVideo(const HierarchicalModel& model, const Dataset& data, const std::string& video_id, int64_t step,
                             const std::string& run_folder) {
  const Video* video = data.catalogue.find(video_id);
  if (!video) {
    throw InputError({.where = data.spec.annotations.string(), .expected = "a video with the id \"" + video_id + "\"", .found = "none",
                      .remedy = "See the ids with hvlm inspect."});
  }
  const FeatureMatrix matrix = data.store->read(video->id);
  if (matrix.columns != model.inputDim()) {
    throw InputError({.where = data.spec.features.store.string() + ": " + video->id, .expected = std::to_string(model.inputDim()) + " columns",
                      .found = std::to_string(matrix.columns), .remedy = "Use features of the same extractor."});
  }
  if (const int64_t row = firstNonFinite(matrix); row >= 0) {
    throw InputError({.where = data.spec.features.store.string() + ": " + video->id, .expected = "finite features",
                      .found = "NaN or Inf in row " + std::to_string(row), .remedy = "Extract the features of this video again."});
  }
  const at::NoGradGuard no_grad;
  const Packed packed{at::tensor(matrix.values).view({matrix.rows, matrix.columns}), {0, matrix.rows}};
  const ModelOutput output = model.forward(packed);
  VideoInspection out;
  out.video = video->id;
  out.run_folder = run_folder;
  out.step = step;
  out.step_seconds = data.spec.features.stepSeconds();
  out.duration_seconds = video->duration_seconds;
  out.classes = data.catalogue.classes;
  out.mode = model.config().pyramid.mode;
  out.levels = levelsOf(output, matrix.rows, out.mode);
  out.attention = stepShares(model, output, matrix.rows);
  out.width = output.h.size(1);
  if (output.h.numel() <= kMostStepValues) {
    const at::Tensor plain = output.h.to(at::kCPU, at::kFloat).contiguous();
    out.step_vectors.assign(plain.const_data_ptr<float>(), plain.const_data_ptr<float>() + plain.numel());
  }
  const at::Tensor unit = output.h / output.h.norm(2, 1, true).clamp_min(1e-8);
  const int64_t pairs = matrix.rows - 1;
  const at::Tensor cosines = (unit.narrow(0, 0, pairs) * unit.narrow(0, 1, pairs)).sum(1).to(at::kCPU, at::kFloat).contiguous();
  out.neighbour_similarity.assign(cosines.const_data_ptr<float>(), cosines.const_data_ptr<float>() + pairs);
  if (output.video_logits.defined()) {
    const at::Tensor p = output.video_logits.softmax(1).to(at::kCPU, at::kFloat).contiguous();
    out.class_scores.assign(p.const_data_ptr<float>(), p.const_data_ptr<float>() + p.numel());
  }
  out.detections = detectSegments(model, output, data.spec.features, {video->duration_seconds}, model.config().detect).front();
  return out;
}

}  // namespace hvlm
