// SPDX-License-Identifier: Apache-2.0
#include "engine/train/terms.h"

#include <ATen/ATen.h>

#include <set>

#include "data/labels.h"
#include "engine/model/experts.h"
#include "engine/objective/classification.h"
#include "engine/objective/collapse.h"
#include "engine/objective/cross_scale.h"
#include "engine/objective/temporal.h"

namespace hvlm {

BatchTargets batchTargets(const Catalogue& catalogue, const FeatureSpec& spec, const std::vector<int64_t>& videos, const std::vector<Batch::Remade>& remade) {
  BatchTargets targets;
  const auto position = [&](double seconds) { return (seconds - spec.stepCentreSeconds(0)) / spec.stepSeconds(); };
  for (size_t b = 0; b < videos.size(); ++b) {
    Video video{.segments = catalogue.videos[static_cast<size_t>(videos[b])].segments};
    if (b < remade.size() && remade[b].changed) video.segments = remade[b].segments;
    targets.label_sets.push_back(labelSet(video));
    std::set<int64_t> domains;
    for (const int64_t label : targets.label_sets.back()) {
      if (static_cast<size_t>(label) < catalogue.domain_of_class.size() && catalogue.domain_of_class[static_cast<size_t>(label)] >= 0) {
        domains.insert(catalogue.domain_of_class[static_cast<size_t>(label)]);
      }
    }
    targets.domain_sets.emplace_back(domains.begin(), domains.end());
    std::vector<TruthSegment> segments;
    for (const Segment& s : video.segments) segments.push_back({position(s.start_seconds), position(s.end_seconds), s.label});
    targets.segments.push_back(std::move(segments));
  }
  return targets;
}

namespace {

// The temporal loss of the steps; with temporal_scope = levels also of every level above with two or more nodes, summed
// (golden pyramid.npz: temporal_mean_sum). Only the steps are gated.
at::Tensor temporalTerm(const ModelOutput& output, const Packed& batch, const LossOptions& options) {
  const at::Tensor gate = options.gate_smoothness ? smoothnessGate(batch.x) : at::Tensor();
  at::Tensor sum = temporalObjective(temporalLoss(output.h, batch.offsets, gate), options.temporal_form);
  if (options.temporal_scope != "levels") return sum;
  const Pyramid& pyramid = output.pyramid;
  for (int64_t l = 1; l < pyramid.levels() && pyramid.rows(l) > 1; ++l) {
    const at::Tensor& rows = pyramid.levels_of_nodes[static_cast<size_t>(l)];
    sum = sum + temporalObjective(temporalLoss(rows, pyramid.offsets[l]), options.temporal_form);
  }
  return sum;
}

// The router against the domains of the videos that have one, and its load balance.
void addRouterTerms(const at::Tensor& logits, const BatchTargets& targets, const LossOptions& options, std::vector<LossTerm>& terms) {
  std::vector<int64_t> rows;
  std::vector<std::vector<int64_t>> domains;
  for (size_t b = 0; b < targets.domain_sets.size(); ++b) {
    if (targets.domain_sets[b].empty() || targets.domain_sets[b].back() >= logits.size(1)) continue;
    rows.push_back(static_cast<int64_t>(b));
    domains.push_back(targets.domain_sets[b]);
  }
  if (options.router > 0.0 && !rows.empty()) {
    const at::Tensor known = logits.index_select(0, indexTensor(rows, logits.device()));
    terms.push_back({"router", options.router, crossEntropy(known, labelSetTargets(domains, logits.size(1), logits.options()), 0.0), {}});
  }
  if (options.balance > 0.0) terms.push_back({"balance", options.balance, routerBalance(logits), {}});
}

}  // namespace

bool readsWholeVideos(const RunConfig& c) {
  const LossOptions& o = c.loss;
  const bool head = (c.head.classify && o.classification > 0) || (c.head.detect && (o.focal > 0 || o.diou > 0 || (c.head.edges && o.edges > 0) || (c.head.rescore && o.rescore > 0)));
  return head || o.temporal > 0 || o.regulariser > 0 || o.cross > 0 || o.variance > 0 || o.covariance > 0 || o.step_contrast > 0 || o.persistence > 0 ||
         o.text > 0 || o.segment_text > 0 || (c.head.answer && o.answer > 0) || (c.head.caption && o.caption > 0) ||
         (usesRouter(c) && (o.router > 0 || o.balance > 0));
}

TotalLoss totalLoss(const ModelOutput& output, const Packed& batch, const BatchTargets& targets, const LossOptions& options,
                    int64_t classes, int64_t detect_levels, RunningPositives& positives, std::vector<LossTerm> more) {
  TotalLoss out;
  const auto add = [&](const char* name, double weight, const at::Tensor& value) { out.terms.push_back({name, weight, value, {}}); };
  if (options.temporal > 0.0) add("temporal", options.temporal, temporalTerm(output, batch, options));
  if (options.regulariser > 0.0) add("regulariser", options.regulariser, collapseObjective(output.h, options.tau, options.regulariser_form));
  if (options.cross > 0.0 && output.cross_projection.defined()) {
    add("cross", options.cross, crossScaleLoss(output.cross_projection, output.cross_target));
  }
  if (options.classification > 0.0 && output.video_logits.defined()) {
    const at::Tensor wanted = labelSetTargets(targets.label_sets, classes, output.video_logits.options());
    add("classification", options.classification, crossEntropy(output.video_logits, wanted, options.label_smoothing));
  }
  if (output.router_logits.defined()) {
    addRouterTerms(output.router_logits, targets, options, out.terms);
  }
  if (output.class_logits.defined() && (options.focal > 0.0 || options.diou > 0.0)) {
    std::vector<AssignmentNode> nodes;
    std::vector<int64_t> node_video;
    nodes.reserve(output.detection_nodes.size());
    node_video.reserve(output.detection_nodes.size());
    for (const DetectionNode& node : output.detection_nodes) {
      nodes.push_back({node.level, node.position});
      node_video.push_back(node.video);
    }
    const DetectionTargets wanted = detectionTargets(nodes, node_video, targets.segments, classes,
                                                     {.levels = detect_levels, .centre_radius = options.centre_radius},
                                                     output.class_logits.options());
    out.positives = wanted.positives;
    out.segments = wanted.segments;
    out.segments_without_positive = wanted.segments_without_positive;
    const DetectionLoss loss = detectionLoss(output.class_logits, output.boundaries, wanted, positives.update(wanted.positives),
                                             {.alpha = options.focal_alpha, .gamma = options.focal_gamma});
    if (options.focal > 0.0) add("focal", options.focal, loss.focal);
    if (options.diou > 0.0) add("diou", options.diou, loss.diou);
  }
  for (LossTerm& term : more) out.terms.push_back(std::move(term));
  for (const LossTerm& term : out.terms) {
    const at::Tensor weighted = term.value * term.weight;
    out.total = out.total.defined() ? out.total + weighted : weighted;
  }
  return out;
}

}  // namespace hvlm
