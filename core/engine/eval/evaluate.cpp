// SPDX-License-Identifier: Apache-2.0
#include "engine/eval/evaluate.h"

#include <ATen/ATen.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "engine/eval/consistency.h"
#include "engine/eval/control_rows.h"
#include "engine/eval/external.h"
#include "engine/eval/language_report.h"
#include "engine/eval/retrieval_report.h"
#include "engine/language/text_tower.h"
#include "support/error.h"

namespace hvlm {
namespace {

using Json = nlohmann::json;

std::string labelSourceText(const HierarchicalModel& model, bool has_own_scores, const ExternalEvidence* external) {
  if (external && !external->label_source.empty()) return external->label_source;
  const std::string& source = model.config().detect.labels;
  const bool fused = model.config().detect.video_fusion > 0.0;
  if (source == "oracle") return "oracle: true labels";
  if (source == "external" && fused) return "external: raw features + linear";
  return has_own_scores && fused ? "own: head and video classifier" : "own: head";
}

// What the run's text came from, for every table that shows it.
void addTextTags(Json& report, const RunConfig& config) {
  if (!usesTower(config)) return;
  report["text"] = config.text.tower + (config.text.tuning == "none" ? "" : ", " + config.text.tuning);
  if (usesText(config) && config.text.source == "labels") report["label_text"] = true;
}

// Why the run's probes cannot speak; empty when they can.
std::string reasonWithoutProbes(const EvaluationRequest& request) {
  if (!request.baselines) return "training has not ended: probes and control rows are fitted at its end";
  if (!request.baselines->run_video) return "the training videos had no annotations: no probe could be fitted";
  if (!request.baselines_fit_weights) return "the stored probes belong to another checkpoint";
  return "";
}

// Classification, feature quality and localisation by the run's own heads.
void addOwnFigures(const EvaluationRequest& request, const EmbeddedSet& set, const LabelledVideos& labelled, const std::string& no_probes,
                   Json& report, Json& absent) {
  if (set.video_scores.defined()) {
    report["classification"] = classificationJson(classificationOf(set.video_scores, labelled), "fine-tuned head");
    report["classification"]["fine_tuned"] = report["classification"]["top1"];
  } else {
    absent["classification.fine_tuned"] = "the run has no classifier";
    if (!no_probes.empty()) absent["classification"] = "the run has no classifier; " + no_probes;
  }
  report["feature_quality"] = featureQualityJson(set.video_vectors, labelled);
  if (!request.model.config().head.detect) {
    absent["localization"] = "the run has no detection head";
    return;
  }
  const std::vector<ScoredSegment> detections = scoredSegments(set.detections);
  report["localization"] = localizationJson(request.catalogue, request.videos, detections, labelSourceText(request.model, set.video_scores.defined(), request.external), true);
  if (request.model.config().detect.calibrate) report["localization"]["calibrated"] = true;
  report["error_profile"] = errorProfileJson(request.catalogue, request.videos, detections, "localization");
}

// The same by the probes that every run has alike, whatever its heads.
void addProbeFigures(const EvaluationRequest& request, const EmbeddedSet& set, const LabelledVideos& labelled, const std::vector<int64_t>& step_labels,
                     const std::string& no_probes, Json& report, Json& absent) {
  if (!no_probes.empty()) {
    for (const char* key : {"classification.probe", "classification.knn", "frame_accuracy", "localization_probe"}) absent[key] = no_probes;
    if (!report.contains("error_profile")) absent["error_profile"] = no_probes;
    return;
  }
  const Baselines& baselines = *request.baselines;
  const ClassificationScore probe = classificationOf(baselines.run_video->probabilities(set.video_vectors), labelled);
  if (!report.contains("classification")) report["classification"] = classificationJson(probe, "linear probe");
  const auto classes = static_cast<int64_t>(request.catalogue.classes.size());
  const at::Tensor votes = nearestNeighbourVotes(baselines.bank, baselines.bank_labels, set.video_vectors, classes);
  const ClassificationScore knn = classificationOf(votes, labelled);
  report["classification"].update({{"probe", probe.top1}, {"probe_top1_main", probe.top1_main}, {"probe_top5", probe.top5}, {"probe_map", probe.map},
                                   {"probe_macro_top1", probe.macro_top1}, {"probe_interval", {probe.low, probe.high}},
                                   {"knn", knn.top1}, {"knn_interval", {knn.low, knn.high}}});
  report["feature_quality"]["knn"] = knn.top1;

  const at::Tensor step_probabilities = baselines.run_step->probabilities(set.steps);
  FrameCount frames;
  frames.add(step_probabilities, step_labels);
  report["frame_accuracy"] = frames.accuracy();
  const auto runs = runsOfSet(set, step_probabilities, request.spec.stepSeconds());
  report["localization_probe"] = localizationJson(request.catalogue, request.videos, runs, "own: per-second probe", true);
  if (!report.contains("error_profile")) report["error_profile"] = errorProfileJson(request.catalogue, request.videos, runs, "localization_probe");
}

// Retrieval, and classes by the nearest prompt as a row of its own.
void addTextFigures(const EvaluationRequest& request, const EmbeddedSet& set, const LabelledVideos& labelled, Json& report, Json& absent) {
  const auto tower = request.heads ? request.heads->tower() : openTextTower(request.model.config().text);
  const Json found = retrievalJson(request.model, *tower, set, request.catalogue, request.spec);
  if (found.empty()) {
    absent["retrieval"] = "fewer than two videos of this subset have texts";
  } else {
    report["retrieval"] = found;
  }
  if (labelled.places.empty()) {
    absent["classification.zero_shot"] = "no video of this subset has annotations";
    return;
  }
  const Json zero_shot = classificationJson(classificationOf(promptScores(request.model, *tower, set, request.catalogue.classes), labelled), "zero-shot: class prompts");
  tower->save();
  report["classification"]["zero_shot"] = zero_shot.at("top1");
  report["zero_shot"] = zero_shot;
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
  const at::Tensor means = request.stretches ? meanFeatures(request.store, request.catalogue, request.videos, request.stretches->steps)
                                             : rawSet(request.store, request.catalogue, request.videos, false).video_vectors;
  return request.baselines->raw_video->probabilities(means);
}

Evaluation evaluateRun(const EvaluationRequest& request, const PhaseProgress& progress) {
  const auto started = std::chrono::steady_clock::now();
  const auto& [model, store, catalogue, spec, videos, baselines, fit, controls, heads, external, stretches] = request;
  Evaluation out;
  const auto embedding = [&](int64_t done, int64_t total) { return !progress || progress("embedding", done, total); };
  const LabelledVideos labelled = labelledVideos(catalogue, videos);
  const at::Tensor label_scores = labelScoresWith(request, external);
  out.set = embedVideos(model, store, catalogue, spec, videos, embedding, label_scores);
  if (external) joinProposals(request, *external, label_scores, out.set);
  const EmbeddedSet& set = out.set;
  const auto step_labels = stepLabelsOf(catalogue, spec, set);
  const std::string no_probes = reasonWithoutProbes(request);
  Json absent = Json::object();

  stepOn(progress, "consistency");
  Json report = consistencyJson(set, step_labels, &absent);
  EmbeddedSet raw;
  if (model.config().encoder.kind != "raw" || controls) raw = rawSet(store, catalogue, thinned(catalogue, store, videos, model.inputDim()), true);
  const EmbeddedSet& untouched = raw.steps.defined() ? raw : set;
  if (hasNeighbours(untouched.offsets)) report["consistency"]["raw"] = temporalConsistency(untouched.steps, untouched.offsets);
  if (labelled.places.empty()) {
    for (const char* key : {"classification", "localization", "localization_probe", "error_profile", "feature_quality", "frame_accuracy", "controls"}) {
      absent[key] = "no video of this subset has annotations";
    }
  } else {
    stepOn(progress, "classification and localisation");
    addOwnFigures(request, set, labelled, no_probes, report, absent);
    addProbeFigures(request, set, labelled, step_labels, no_probes, report, absent);
    if (!controls) {
      absent["controls"] = "left out on request";
    } else if (!baselines || !baselines->raw_video) {
      absent["controls"] = no_probes;
    } else if (!baselines->raw_step) {
      absent["controls"] = "left out on request: the run was trained with --no-controls";
    } else {
      const Json of_raw = consistencyJson(untouched, stepLabelsOf(catalogue, spec, untouched), nullptr);
      report["controls"] = controlRows({request, *baselines, labelled, untouched, of_raw, progress});
    }
  }
  addTextTags(report, model.config());
  if (usesText(model.config())) {
    stepOn(progress, "retrieval");
    addTextFigures(request, set, labelled, report, absent);
  } else {
    absent["retrieval"] = absent["classification.zero_shot"] = "the run has no text tower";
  }
  if (!model.config().head.answer) absent["qa"] = "the run has no head for it (head.answer)";
  if (!model.config().head.caption) absent["captions"] = "the run has no head for it (head.caption)";
  report.update(languageJson(request, set, progress, out.language, absent));
  if (external && !external->report.empty()) report["external"] = external->report;
  report["absent"] = absent;
  report["videos"] = videos.size();
  report["seconds"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  out.report = std::move(report);
  return out;
}

}  // namespace hvlm
