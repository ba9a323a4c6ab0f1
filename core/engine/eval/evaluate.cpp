// SPDX-License-Identifier: Apache-2.0
#include "engine/eval/evaluate.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <numeric>

#include "engine/eval/separation.h"
#include "engine/objective/spectrum.h"
#include "score/classification.h"
#include "score/controls.h"
#include "score/localization.h"
#include "support/error.h"
#include "support/text.h"

namespace hvlm {
namespace {

using Json = nlohmann::json;

constexpr int64_t kControlLabels = 3;  // classes a whole-video or constant-segment row names per video

Json consistencyJson(const Consistency& c) {
  Json json = {{"temporal_consistency", c.tc},
               {"consistency", {{"cac", c.cac}, {"ts", c.ts}, {"r_in", c.r_in}, {"r_x", c.r_x}, {"centred", c.centred},
                                {"uniformity", c.uniformity}, {"within_std_share", c.within_std_share}}},
               {"collapse", {{"mean_std", c.mean_std}, {"min_std", c.min_std}, {"effective_rank", c.effective_rank},
                             {"dead_dimensions", c.dead_dimensions}}},
               {"verdict", c.verdict}};
  if (c.has_boundaries) {
    json["consistency"]["boundary_auc"] = c.boundary_auc;
    json["consistency"]["boundary_contrast"] = c.boundary_contrast;
  }
  return json;
}

Json featureQualityJson(const at::Tensor& vectors, const std::vector<int64_t>& labels) {
  const CentredSeparation separation = centredSeparation(vectors, labels);
  return {{"intra", separation.intra}, {"inter", separation.inter}, {"separation", separation.separation},
          {"silhouette", silhouette(vectors, labels, Distance::kCosine).mean},
          {"effective_rank", effectiveRank(singularValuesByGram(vectors, true))}};
}

// The videos of the subset that carry labels, and what they are.
struct LabelledVideos {
  std::vector<int64_t> places;  // in the subset's list
  std::vector<int64_t> main;
  std::vector<std::vector<int64_t>> sets;
};

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

at::Tensor rowsAt(const at::Tensor& rows, const std::vector<int64_t>& places) { return rows.index_select(0, at::tensor(places, at::kLong)); }

ClassificationScore classificationOf(const at::Tensor& scores, const LabelledVideos& labelled) {
  const at::Tensor kept = rowsAt(scores.to(at::kFloat), labelled.places).contiguous();
  return scoreClassification({kept.const_data_ptr<float>(), static_cast<size_t>(kept.numel())}, kept.size(1), labelled.sets, labelled.main);
}

Json classificationJson(const at::Tensor& scores, const LabelledVideos& labelled, const std::string& protocol) {
  const ClassificationScore s = classificationOf(scores, labelled);
  return {{"protocol", protocol}, {"top1", s.top1}, {"top1_main", s.top1_main}, {"top5", s.top5}, {"map", s.map},
          {"macro_top1", s.macro_top1}, {"top1_interval", {s.low, s.high}}};
}

double frameAccuracy(const LinearProbe& probe, const at::Tensor& steps, const std::vector<int64_t>& labels) {
  const at::Tensor best = probe.logits(steps).argmax(1).contiguous();
  const int64_t background = probe.bias.size(0) - 1;
  int64_t right = 0;
  for (size_t i = 0; i < labels.size(); ++i) right += best.const_data_ptr<int64_t>()[i] == (labels[i] < 0 ? background : labels[i]);
  return labels.empty() ? 0.0 : static_cast<double>(right) / static_cast<double>(labels.size());
}

// One whole-video-like row: each video with its likeliest classes by `probabilities` [B, C].
std::vector<ControlVideo> controlVideos(const Catalogue& catalogue, const std::vector<int64_t>& videos, const at::Tensor& probabilities) {
  const auto [scores, classes] = probabilities.topk(std::min(kControlLabels, probabilities.size(1)), 1);
  std::vector<ControlVideo> out;
  for (size_t i = 0; i < videos.size(); ++i) {
    ControlVideo video{static_cast<int64_t>(i), catalogue.videos[static_cast<size_t>(videos[i])].duration_seconds, {}};
    for (int64_t k = 0; k < scores.size(1); ++k) {
      video.labels.push_back({classes[static_cast<int64_t>(i)][k].item<int64_t>(), scores[static_cast<int64_t>(i)][k].item<double>()});
    }
    out.push_back(std::move(video));
  }
  return out;
}

// Everything the control rows need of the subset.
struct ControlContext {
  const EvaluationRequest& request;
  const Baselines& baselines;
  const LabelledVideos& labelled;
  const PhaseProgress& progress;
};

void stepOn(const PhaseProgress& progress, const std::string& phase) {
  if (progress && !progress(phase, 0, 0)) throw Interrupted("stopped while evaluating");
}

Json majorityRow(const ControlContext& c) {
  const auto videos = static_cast<int64_t>(c.request.videos.size());
  const at::Tensor share = at::tensor(c.baselines.main_label_share, at::kFloat).expand({videos, -1});
  return {{"classification", classificationJson(share, c.labelled, "constant")}, {"videos", videos}};
}

// Raw features or the untrained encoder, with a linear probe on the mean step.
Json linearRow(const ControlContext& c, const EmbeddedSet& vectors, const EmbeddedSet& steps, const LinearProbe& probe) {
  const Consistency consistency = measureConsistency(steps.steps, steps.offsets, stepLabelsOf(c.request.catalogue, c.request.spec, steps));
  Json row = consistencyJson(consistency);
  row["classification"] = classificationJson(probe.probabilities(vectors.video_vectors), c.labelled, "linear probe");
  row["feature_quality"] = featureQualityJson(rowsAt(vectors.video_vectors, c.labelled.places), c.labelled.main);
  row["videos"] = c.request.videos.size();
  return row;
}

// The rows of the report that a reader must see beside any number of a run.
Json controlRows(const ControlContext& c, double& raw_consistency) {
  Json rows = Json::object();
  const auto& [model, store, catalogue, spec, videos, baselines, fit] = c.request;
  rows["majority"] = majorityRow(c);
  if (!c.baselines.raw_video) return rows;
  stepOn(c.progress, "raw features");
  const EmbeddedSet raw = rawSet(store, catalogue, videos, false);
  const EmbeddedSet raw_steps = rawSet(store, catalogue, thinned(catalogue, store, videos, raw.video_vectors.size(1)), true);
  rows["raw features + linear"] = linearRow(c, raw, raw_steps, *c.baselines.raw_video);
  raw_consistency = rows["raw features + linear"]["temporal_consistency"].get<double>();
  stepOn(c.progress, "random encoder");
  const auto untrained = untrainedLike(model, c.baselines.random_seed);
  const auto few = thinned(catalogue, store, videos, model.config().encoder.dim);
  const EmbeddedSet random_steps = rawSet(store, catalogue, few, true, untrained.get());
  const EmbeddedSet random = few.size() == videos.size() ? random_steps : rawSet(store, catalogue, videos, false, untrained.get());
  rows["random encoder + linear"] = linearRow(c, random, random_steps, *c.baselines.random_video);

  stepOn(c.progress, "trivial localisation");
  const std::string source = "own: raw features + linear";
  const auto controls = controlVideos(catalogue, videos, c.baselines.raw_video->probabilities(raw.video_vectors));
  rows["whole video"] = {{"localization", localizationJson(catalogue, videos, wholeVideoSegments(controls), source)}};
  rows["constant segment"] = {{"localization", localizationJson(catalogue, videos, constantSegments(controls, {c.baselines.constant_start, c.baselines.constant_end}), source)},
                              {"segment", {c.baselines.constant_start, c.baselines.constant_end}}};
  std::vector<ScoredSegment> runs;
  const at::Tensor probabilities = c.baselines.raw_step->probabilities(raw_steps.steps).contiguous();
  const int64_t columns = probabilities.size(1);
  for (size_t b = 0; b < raw_steps.videos.size(); ++b) {
    const auto place = static_cast<int64_t>(std::find(videos.begin(), videos.end(), raw_steps.videos[b]) - videos.begin());
    const float* first = probabilities.const_data_ptr<float>() + raw_steps.offsets[b] * columns;
    const auto values = static_cast<size_t>((raw_steps.offsets[b + 1] - raw_steps.offsets[b]) * columns);
    const auto found = runsOfSteps(place, {first, values}, columns - 1, spec.stepSeconds(), catalogue.videos[static_cast<size_t>(raw_steps.videos[b])].duration_seconds);
    runs.insert(runs.end(), found.begin(), found.end());
  }
  rows["per-second linear runs"] = {{"localization", localizationJson(catalogue, videos, runs, "own: per-second probe")},
                                    {"frame_accuracy", frameAccuracy(*c.baselines.raw_step, raw_steps.steps, stepLabelsOf(catalogue, spec, raw_steps))}};
  for (const char* name : {"whole video", "constant segment", "per-second linear runs"}) rows[name]["videos"] = videos.size();
  return rows;
}

}  // namespace

std::vector<ScoredSegment> scoredSegments(const std::vector<std::vector<DetectedSegment>>& detections) {
  std::vector<ScoredSegment> out;
  for (size_t i = 0; i < detections.size(); ++i) {
    for (const DetectedSegment& d : detections[i]) out.push_back({static_cast<int64_t>(i), d.label, d.start_seconds, d.end_seconds, d.score});
  }
  return out;
}

nlohmann::json localizationJson(const Catalogue& catalogue, const std::vector<int64_t>& videos, const std::vector<ScoredSegment>& predictions,
                                const std::string& label_source) {
  std::vector<ScoredSegment> truth;
  for (size_t i = 0; i < videos.size(); ++i) {
    for (const Segment& s : catalogue.videos[static_cast<size_t>(videos[i])].segments) {
      truth.push_back({static_cast<int64_t>(i), s.label, s.start_seconds, s.end_seconds, 1.0});
    }
  }
  const auto thresholds = defaultThresholds();
  const DetectionScore score = scoreDetections(truth, predictions, thresholds);
  const LocalizationScore extra = scoreLocalization(truth, predictions);
  Json map = Json::object();
  for (size_t i = 0; i < thresholds.size(); ++i) map[fixedNumber(thresholds[i], 2)] = score.map[i];
  return {{"map", map}, {"average_map", score.average_map}, {"hit_at_50", extra.hit_at_50}, {"instance_recall_at_1", extra.instance_recall_1},
          {"frame_mask_at_50", extra.frame_mask_50}, {"average_recall", {{"1", extra.ar_1}, {"5", extra.ar_5}, {"10", extra.ar_10}, {"100", extra.ar_100}}},
          {"auc", extra.auc}, {"class_agnostic_average_map", extra.class_agnostic_map}, {"labels", label_source}, {"ties", score.ties},
          {"ground_truth", score.ground_truth}, {"predictions", score.predictions}};
}

Evaluation evaluateRun(const EvaluationRequest& request, const PhaseProgress& progress) {
  const auto started = std::chrono::steady_clock::now();
  Evaluation out;
  const auto embedding = [&](int64_t done, int64_t total) { return !progress || progress("embedding", done, total); };
  out.set = embedVideos(request.model, request.store, request.catalogue, request.spec, request.videos, embedding);
  const EmbeddedSet& set = out.set;
  const LabelledVideos labelled = labelledVideos(request.catalogue, request.videos);
  const auto step_labels = stepLabelsOf(request.catalogue, request.spec, set);
  Json absent = Json::object();

  stepOn(progress, "consistency");
  Json report = consistencyJson(measureConsistency(set.steps, set.offsets, step_labels));
  if (labelled.places.empty()) {
    for (const char* key : {"classification", "localization", "feature_quality", "frame_accuracy"}) absent[key] = "no video of this subset has annotations";
  } else {
    if (set.video_scores.defined()) {
      report["classification"] = classificationJson(set.video_scores, labelled, "fine-tuned head");
    } else if (request.baselines && request.baselines->run_video && request.baselines_fit_weights) {
      report["classification"] = classificationJson(request.baselines->run_video->probabilities(set.video_vectors), labelled, "linear probe");
    } else {
      absent["classification"] = "the run has no classifier and no stored probe";
    }
    report["feature_quality"] = featureQualityJson(rowsAt(set.video_vectors, labelled.places), labelled.main);
    if (request.model.config().head.detect) {
      const bool fused = set.video_scores.defined() && request.model.config().detect.video_fusion > 0.0;
      report["localization"] = localizationJson(request.catalogue, request.videos, scoredSegments(set.detections), fused ? "own: head and video classifier" : "own: head");
    } else {
      absent["localization"] = "the run has no detection head";
    }
    if (request.baselines && request.baselines->run_video && request.baselines_fit_weights) {
      const int64_t classes = static_cast<int64_t>(request.catalogue.classes.size());
      report["classification"]["probe"] = classificationOf(request.baselines->run_video->probabilities(set.video_vectors), labelled).top1;
      report["classification"]["knn"] =
          classificationOf(nearestNeighbourVotes(request.baselines->bank, request.baselines->bank_labels, set.video_vectors, classes), labelled).top1;
      report["frame_accuracy"] = frameAccuracy(*request.baselines->run_step, set.steps, step_labels);
    } else {
      const std::string reason = !request.baselines ? "training has not ended: probes are fitted at its end"
                                                    : "the stored probes belong to another checkpoint";
      absent["classification.probe"] = absent["classification.knn"] = absent["frame_accuracy"] = reason;
    }
    if (request.baselines) {
      double raw = 0.0;
      report["controls"] = controlRows({request, *request.baselines, labelled, progress}, raw);
      if (request.baselines->raw_video) report["consistency"]["raw"] = raw;
    } else {
      absent["controls"] = "training has not ended: control rows are fitted at its end";
    }
  }
  absent["retrieval"] = absent["qa"] = absent["captions"] = "the run has no text tower";
  report["absent"] = absent;
  report["videos"] = request.videos.size();
  report["seconds"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  out.report = std::move(report);
  return out;
}

}  // namespace hvlm
