// SPDX-License-Identifier: Apache-2.0
#include "engine/eval/evaluate.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <numeric>

#include "engine/eval/separation.h"
#include "engine/objective/spectrum.h"
#include "score/controls.h"
#include "score/localization.h"
#include "support/error.h"
#include "support/text.h"

namespace hvlm {
namespace {

using Json = nlohmann::json;

constexpr int64_t kControlLabels = 3;  // classes a whole-video or constant-segment row names per video

// `absent` (may be null) learns what these videos cannot have, and why.
Json consistencyJson(const EmbeddedSet& set, const std::vector<int64_t>& step_labels, Json* absent) {
  const auto missing = [&](std::initializer_list<const char*> keys, const char* reason) {
    if (!absent) return;
    for (const char* key : keys) (*absent)[key] = reason;
  };
  if (!hasNeighbours(set.offsets)) {
    missing({"temporal_consistency", "consistency", "collapse", "verdict"}, "no video of this subset has two steps");
    return Json::object();
  }
  const Consistency c = measureConsistency(set.steps, set.offsets, step_labels);
  Json json = {{"temporal_consistency", c.tc},
               {"consistency", {{"centred", c.centred}, {"within_std_share", c.within_std_share}}},
               {"collapse", {{"mean_std", c.mean_std}, {"min_std", c.min_std}, {"effective_rank", c.effective_rank},
                             {"dead_dimensions", c.dead_dimensions}}},
               {"verdict", c.verdict}};
  if (c.has_other_videos) {
    json["consistency"].update({{"cac", c.cac}, {"r_x", c.r_x}, {"uniformity", c.uniformity}});
  } else {
    missing({"consistency.cac", "consistency.r_x"}, "the subset has one video only");
  }
  if (c.has_far_steps) {
    json["consistency"].update({{"ts", c.ts}, {"r_in", c.r_in}});
  } else {
    missing({"consistency.ts", "consistency.r_in"}, "no video is longer than 5 steps");
  }
  if (c.has_boundaries) {
    json["consistency"].update({{"boundary_auc", c.boundary_auc}, {"boundary_contrast", c.boundary_contrast}});
  } else {
    missing({"consistency.boundary_auc"}, "no annotated segment begins or ends inside a video");
  }
  return json;
}

Json featureQualityJson(const at::Tensor& vectors, const std::vector<int64_t>& labels) {
  const CentredSeparation separation = centredSeparation(vectors, labels);
  return {{"intra", separation.intra}, {"inter", separation.inter}, {"separation", separation.separation},
          {"silhouette", silhouette(centredUnitRows(vectors), labels, Distance::kCosine).mean},
          {"scatter_ratio", scatterRatio(vectors, labels)}, {"kmeans_nmi", clusterAgreement(vectors, labels)},
          {"effective_rank", effectiveRank(singularValuesByGram(vectors, true))}};
}

at::Tensor rowsAt(const at::Tensor& rows, const std::vector<int64_t>& places) { return rows.index_select(0, at::tensor(places, at::kLong)); }

Json classificationJson(const at::Tensor& scores, const LabelledVideos& labelled, const std::string& protocol) {
  const ClassificationScore s = classificationOf(scores, labelled);
  return {{"protocol", protocol}, {"top1", s.top1}, {"top1_main", s.top1_main}, {"top5", s.top5}, {"map", s.map},
          {"macro_top1", s.macro_top1}, {"top1_interval", {s.low, s.high}}};
}

// Steps that the probe names rightly, background being its last class.
struct FrameCount {
  int64_t right = 0;
  int64_t all = 0;
  void add(const at::Tensor& scores, const std::vector<int64_t>& labels) {
    const at::Tensor best = scores.argmax(1).contiguous();
    const int64_t background = scores.size(1) - 1;
    for (size_t i = 0; i < labels.size(); ++i) right += best.const_data_ptr<int64_t>()[i] == (labels[i] < 0 ? background : labels[i]);
    all += static_cast<int64_t>(labels.size());
  }
  double accuracy() const { return all > 0 ? static_cast<double>(right) / static_cast<double>(all) : 0.0; }
};

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
  const EmbeddedSet& raw;  // untouched features, thinned when there are very many
  const Json& of_raw;      // their consistency
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

// Raw features or the untrained encoder, with a linear probe on the mean step. `row` has their consistency already.
Json linearRow(const ControlContext& c, const EmbeddedSet& vectors, Json row, const LinearProbe& probe) {
  row["classification"] = classificationJson(probe.probabilities(vectors.video_vectors), c.labelled, "linear probe");
  row["feature_quality"] = featureQualityJson(rowsAt(vectors.video_vectors, c.labelled.places), c.labelled.main);
  row["videos"] = c.request.videos.size();
  return row;
}

// Runs of one class among the steps' probabilities of a set; `place` is that of its first video in the whole list.
std::vector<ScoredSegment> runsOfSet(const EmbeddedSet& set, const at::Tensor& step_probabilities, double step_seconds, int64_t place) {
  const at::Tensor probabilities = step_probabilities.contiguous();
  const int64_t columns = probabilities.size(1);
  std::vector<ScoredSegment> runs;
  for (size_t b = 0; b + 1 < set.offsets.size(); ++b, ++place) {
    const float* first = probabilities.const_data_ptr<float>() + set.offsets[b] * columns;
    const auto values = static_cast<size_t>((set.offsets[b + 1] - set.offsets[b]) * columns);
    const auto found = runsOfSteps(place, {first, values}, columns - 1, step_seconds);
    runs.insert(runs.end(), found.begin(), found.end());
  }
  return runs;
}

// The shared localisation of every row: per-second linear classification of the raw steps, over every video of the subset.
Json perSecondRow(const ControlContext& c) {
  const auto& [model, store, catalogue, spec, videos, baselines, fit, controls] = c.request;
  const LinearProbe& probe = *c.baselines.raw_step;
  std::vector<ScoredSegment> runs;
  FrameCount frames;
  int64_t place = 0;
  for (const auto& portion : portions(catalogue, store, videos, c.raw.steps.size(1))) {
    const bool whole = portion.size() == videos.size() && c.raw.videos.size() == videos.size();
    const EmbeddedSet own = whole ? c.raw : rawSet(store, catalogue, portion, true);
    const at::Tensor probabilities = probe.probabilities(own.steps);
    const auto found = runsOfSet(own, probabilities, spec.stepSeconds(), place);
    runs.insert(runs.end(), found.begin(), found.end());
    place += static_cast<int64_t>(portion.size());
    frames.add(probabilities, stepLabelsOf(catalogue, spec, own));
    stepOn(c.progress, "per-second runs");
  }
  return {{"localization", localizationJson(catalogue, videos, runs, "own: per-second probe")}, {"frame_accuracy", frames.accuracy()},
          {"videos", videos.size()}};
}

// The rows of the report that a reader must see beside any number of a run.
Json controlRows(const ControlContext& c) {
  Json rows = Json::object();
  const auto& [model, store, catalogue, spec, videos, baselines, fit, wanted] = c.request;
  rows["majority"] = majorityRow(c);
  stepOn(c.progress, "raw features");
  const bool whole = c.raw.videos.size() == videos.size();
  const EmbeddedSet raw = whole ? c.raw : rawSet(store, catalogue, videos, false);
  rows["raw features + linear"] = linearRow(c, raw, c.of_raw, *c.baselines.raw_video);
  if (c.baselines.random_video) {
    stepOn(c.progress, "random encoder");
    const auto untrained = untrainedLike(model, c.baselines.random_seed);
    const auto few = thinned(catalogue, store, videos, model.width());
    const EmbeddedSet random_steps = rawSet(store, catalogue, few, true, untrained.get());
    const EmbeddedSet random = few.size() == videos.size() ? random_steps : rawSet(store, catalogue, videos, false, untrained.get());
    rows["random encoder + linear"] =
        linearRow(c, random, consistencyJson(random_steps, stepLabelsOf(catalogue, spec, random_steps), nullptr), *c.baselines.random_video);
  }

  stepOn(c.progress, "trivial localisation");
  const std::string source = "own: raw features + linear";
  const auto controls = controlVideos(catalogue, videos, c.baselines.raw_video->probabilities(raw.video_vectors));
  const ConstantSegment constant{c.baselines.constant_start, c.baselines.constant_end};
  rows["whole video"] = {{"localization", localizationJson(catalogue, videos, wholeVideoSegments(controls), source)}, {"videos", videos.size()}};
  rows["constant segment"] = {{"localization", localizationJson(catalogue, videos, constantSegments(controls, constant), source)},
                              {"segment", {constant.start_share, constant.end_share}}, {"videos", videos.size()}};
  rows["per-second linear runs"] = perSecondRow(c);
  return rows;
}

// The probe's own classification figures beside the run's headline.
void addProbeFigures(Json& classification, const ClassificationScore& s) {
  classification.update({{"probe", s.top1}, {"probe_top1_main", s.top1_main}, {"probe_top5", s.top5}, {"probe_map", s.map},
                         {"probe_macro_top1", s.macro_top1}, {"probe_interval", {s.low, s.high}}});
}

}  // namespace

at::Tensor detectionLabelScores(const EvaluationRequest& request) {
  const LabelledVideos labelled = labelledVideos(request.catalogue, request.videos);
  const std::string& source = request.model.config().detect.labels;
  if (source == "own" || !request.model.config().head.detect) return {};
  const auto videos = static_cast<int64_t>(request.videos.size());
  if (source == "oracle") {
    at::Tensor truth = at::zeros({videos, static_cast<int64_t>(request.catalogue.classes.size())});
    for (size_t i = 0; i < labelled.places.size(); ++i) {
      for (const int64_t label : labelled.sets[i]) truth[labelled.places[i]][label] = 1.0;
    }
    return truth;
  }
  if (!request.baselines || !request.baselines->raw_video) {
    throw InputError({.where = "config: detect.labels", .expected = "the linear model of the raw features, fitted at the end of training (external)", .found = "none in this run",
                      .remedy = "Finish the training with --resume, or set detect.labels to own."});
  }
  return request.baselines->raw_video->probabilities(rawSet(request.store, request.catalogue, request.videos, false).video_vectors);
}

namespace {

std::string labelSourceText(const HierarchicalModel& model, bool has_own_scores) {
  const std::string& source = model.config().detect.labels;
  if (source == "external") return "external: raw features + linear";
  if (source == "oracle") return "oracle: true labels";
  return has_own_scores && model.config().detect.video_fusion > 0.0 ? "own: head and video classifier" : "own: head";
}

// What the run's text came from, for every table that shows it.
void addTextTags(Json& report, const RunConfig& config) {
  if (!usesText(config)) return;
  report["text"] = config.text.tower;
  if (config.text.source == "labels") report["label_text"] = true;
}

// Why the run's probes cannot speak; empty when they can.
std::string reasonWithoutProbes(const EvaluationRequest& request) {
  if (!request.baselines) return "training has not ended: probes and control rows are fitted at its end";
  if (!request.baselines->run_video) return "the training videos had no annotations: no probe could be fitted";
  if (!request.baselines_fit_weights) return "the stored probes belong to another checkpoint";
  return "";
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

ClassificationScore classificationOf(const at::Tensor& scores, const LabelledVideos& labelled) {
  const at::Tensor kept = rowsAt(scores.to(at::kFloat), labelled.places).contiguous();
  return scoreClassification({kept.const_data_ptr<float>(), static_cast<size_t>(kept.numel())}, kept.size(1), labelled.sets, labelled.main);
}

Evaluation evaluateRun(const EvaluationRequest& request, const PhaseProgress& progress) {
  const auto started = std::chrono::steady_clock::now();
  const auto& [model, store, catalogue, spec, videos, baselines, fit, controls] = request;
  Evaluation out;
  const auto embedding = [&](int64_t done, int64_t total) { return !progress || progress("embedding", done, total); };
  const LabelledVideos labelled = labelledVideos(catalogue, videos);
  out.set = embedVideos(model, store, catalogue, spec, videos, embedding, detectionLabelScores(request));
  const EmbeddedSet& set = out.set;
  const auto step_labels = stepLabelsOf(catalogue, spec, set);
  const std::string no_probes = reasonWithoutProbes(request);
  Json absent = Json::object();

  stepOn(progress, "consistency");
  Json report = consistencyJson(set, step_labels, &absent);
  EmbeddedSet raw;
  if (model.config().encoder.kind != "raw" || controls) raw = rawSet(store, catalogue, thinned(catalogue, store, videos, model.inputDim()), true);
  const EmbeddedSet& untouched = raw.steps.defined() ? raw : set;
  const Json of_raw = consistencyJson(untouched, stepLabelsOf(catalogue, spec, untouched), nullptr);
  if (!of_raw.empty()) report["consistency"]["raw"] = of_raw.at("temporal_consistency");
  if (labelled.places.empty()) {
    for (const char* key : {"classification", "localization", "feature_quality", "frame_accuracy", "controls"}) {
      absent[key] = "no video of this subset has annotations";
    }
  } else {
    stepOn(progress, "classification and localisation");
    if (set.video_scores.defined()) {
      report["classification"] = classificationJson(set.video_scores, labelled, "fine-tuned head");
    } else if (no_probes.empty()) {
      report["classification"] = classificationJson(baselines->run_video->probabilities(set.video_vectors), labelled, "linear probe");
    } else {
      absent["classification"] = "the run has no classifier; " + no_probes;
    }
    report["feature_quality"] = featureQualityJson(rowsAt(set.video_vectors, labelled.places), labelled.main);
    if (model.config().head.detect) {
      report["localization"] = localizationJson(catalogue, videos, scoredSegments(set.detections), labelSourceText(model, set.video_scores.defined()));
    } else {
      absent["localization"] = "the run has no detection head";
    }
    if (no_probes.empty()) {
      const auto classes = static_cast<int64_t>(catalogue.classes.size());
      const auto votes = nearestNeighbourVotes(baselines->bank, baselines->bank_labels, set.video_vectors, classes);
      addProbeFigures(report["classification"], classificationOf(baselines->run_video->probabilities(set.video_vectors), labelled));
      report["classification"]["knn"] = classificationOf(votes, labelled).top1;
      FrameCount frames;
      const at::Tensor step_probabilities = baselines->run_step->probabilities(set.steps);
      frames.add(step_probabilities, step_labels);
      report["frame_accuracy"] = frames.accuracy();
      report["localization_probe"] = localizationJson(catalogue, videos, runsOfSet(set, step_probabilities, spec.stepSeconds(), 0), "own: per-second probe");
    } else {
      absent["classification.probe"] = absent["classification.knn"] = absent["frame_accuracy"] = absent["localization_probe"] = no_probes;
    }
    if (!controls || (baselines && baselines->raw_video && !baselines->raw_step)) {
      absent["controls"] = "left out on request";
    } else if (baselines && baselines->raw_video) {
      report["controls"] = controlRows({request, *baselines, labelled, raw, of_raw, progress});
    } else {
      absent["controls"] = no_probes;
    }
  }
  addTextTags(report, model.config());
  absent["qa"] = absent["captions"] = "the run has no head for it";
  absent["retrieval"] = usesText(model.config()) ? "a hashed bag of words is no language model: its retrieval is not reported" : "the run has no text tower";
  report["absent"] = absent;
  report["videos"] = videos.size();
  report["seconds"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  out.report = std::move(report);
  return out;
}

}  // namespace hvlm
