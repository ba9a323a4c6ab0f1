// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "engine/model/layers.h"
#include "engine/model/packed.h"
#include "engine/model/parameters.h"
#include "engine/model/pyramid.h"
#include "engine/model/rescore.h"
#include "runs/config.h"

namespace hvlm {

// Positions along a video are counted in input steps, step i standing at position i (its centre), so
//   seconds = FeatureSpec::stepCentreSeconds(0) + position * FeatureSpec::stepSeconds().
struct DetectionNode {
  int64_t video = 0;  // in the batch
  int64_t level = 0;
  int64_t first_step = 0;  // of the steps under the node, both included
  int64_t last_step = 0;
  double position = 0.0;  // centre of that span: the point from which the boundaries are measured
};

struct ModelOutput {
  at::Tensor h;             // [N, d] the encoder's output: what the temporal loss acts on
  Pyramid pyramid;          // one level (h itself) when the pyramid is off
  at::Tensor video_vector;  // [B, d]
  at::Tensor video_logits;  // [B, C]; undefined without the classifier
  at::Tensor router_logits;  // [B, D] likelihoods of the domains before the softmax; undefined without a router (head.experts)
  // The detection head on the first M rows of pyramid.nodes; undefined and empty without it.
  at::Tensor class_logits;                     // [M, C] before the sigmoid
  at::Tensor boundaries;                       // [M, 2] left and right of the node's position, in input steps, >= 0
  std::vector<DetectionNode> detection_nodes;  // [M]
  std::vector<int64_t> offsets;                // [B+1] of the pack: rows of each video in h
  at::Tensor edge_logits;                      // [N + B, 2] start and end of every border (edges.h); undefined without head.edges
  // The two sides of the cross-scale term, nodes above level 0; undefined while its weight is 0.
  at::Tensor cross_projection;  // [N - N_0, d] p(h_j)
  at::Tensor cross_target;      // [N - N_0, d] what was pooled; detached
};

// Encoder, pyramid and heads of one run. Owned by whoever trains or evaluates; one thread at a time. The same config
// and seed give the same weights; forward() draws only from the options' generator.
class HierarchicalModel {
 public:
  // `classes` may be 0 when no head is on. `options` set type and device (double serves the gradient tests).
  HierarchicalModel(const RunConfig& config, int64_t input_dim, int64_t classes, uint64_t seed,
                    at::TensorOptions options = {});
  ~HierarchicalModel();
  HierarchicalModel(const HierarchicalModel&) = delete;
  HierarchicalModel& operator=(const HierarchicalModel&) = delete;

  // Throws ShapeError when the columns are not input_dim or the offsets do not fit the rows.
  ModelOutput forward(const Packed& batch, const ForwardOptions& options = {}) const;
  // Encoder alone: [N, d].
  at::Tensor encode(const Packed& batch, const ForwardOptions& options = {}) const;

  // Classes and quality of stretches of the batch's videos (rescore.h). Throws ShapeError without head.rescore.
  RescoreHead::Scores rescore(const ModelOutput& output, std::span<const BorderSpan> spans, const ForwardOptions& options = {}) const;

  // Heads that losses read, each only when the config uses it (else ShapeError).
  at::Tensor contrastVectors(const at::Tensor& vectors) const;  // [n, width] -> [n, contrast.dim]: the two-layer head of MoCo v2
  at::Tensor sharedVideo(const at::Tensor& vectors) const;      // [n, width] -> [n, text.dim]: g_v of method.md 2
  at::Tensor sharedText(const at::Tensor& text) const;          // [n, buckets] -> [n, text.dim]: g_t
  const at::Tensor& logLogitScale() const;                      // scalar, learned, starts at ln(1 / text.temperature)

  ParameterSet& parameters();
  const ParameterSet& parameters() const;
  // Channel mean and standard deviation [D] of the training steps; channels that do not vary are only centred.
  void setChannelStatistics(const at::Tensor& mean, const at::Tensor& deviation);
  // From detection scores to shares of right detections, [slope, offset] (score/calibration.h): 1 and 0 without detect.calibrate, and
  // until they are set.
  void setScoreCalibration(double slope, double offset);
  std::pair<double, double> scoreCalibration() const;
  // "buffers.channel_mean", "buffers.channel_deviation", the calibration and what the mixers drew: stored with the weights; write into
  // them to restore.
  std::vector<NamedTensor> buffers() const;

  int64_t inputDim() const;
  int64_t width() const;  // of step and video vectors: encoder.dim, or input_dim with encoder.kind = raw
  int64_t classes() const;
  int64_t detectLevels() const;  // levels the detection head reads: head.detect_levels, less when the pyramid is lower
  const RunConfig& config() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace hvlm
