// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/cuda/device.h"
#include "engine/entry/engine.h"
#include "engine/eval/evaluate.h"
#include "engine/eval/external.h"
#include "engine/eval/stream.h"
#include "engine/model/int8_weights.h"
#include "runs/export.h"
#include "runs/run_folder.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/log.h"
#include "support/text.h"

namespace hvlm {
namespace {

// Progress of a job as events; a stop request ends the work.
PhaseProgress phaseEvents(JobControl& control, JobObserver& observer) {
  return [&control, &observer](const std::string& phase, int64_t done, int64_t total) {
    observer.onEvent(PhaseEvent{phase, done, total});
    return !control.stopRequested();
  };
}

Predictions predictionsOf(const Catalogue& catalogue, const std::vector<int64_t>& videos, const std::vector<std::vector<DetectedSegment>>& detections) {
  Predictions out;
  for (size_t i = 0; i < videos.size(); ++i) {
    auto& list = out[catalogue.videos[static_cast<size_t>(videos[i])].id];
    for (const DetectedSegment& d : detections[i]) {
      list.push_back({d.start_seconds, d.end_seconds, d.score, catalogue.classes[static_cast<size_t>(d.label)]});
    }
  }
  return out;
}

// The files that `hvlm score qa` and `hvlm score captions` read, in predictions/.
void writeLanguage(const std::filesystem::path& folder, const std::string& subset, const LanguageOutput& said) {
  if (!said.answers.empty()) {
    nlohmann::json list = nlohmann::json::array();
    for (const GivenAnswer& a : said.answers) list.push_back({{"question_id", a.question_id}, {"answer", a.answer}});
    writeFileAtomic(folder / (subset + "_answers.json"), list.dump() + "\n");
  }
  const auto write = [&](const std::string& name, const std::vector<GivenCaption>& captions) {
    if (captions.empty()) return;
    nlohmann::json results = nlohmann::json::object();
    for (const GivenCaption& c : captions) results["v_" + c.video].push_back({{"sentence", c.sentence}, {"timestamp", {c.start_seconds, c.end_seconds}}});
    writeFileAtomic(folder / (subset + name), nlohmann::json{{"version", "VERSION 1.0"}, {"results", results}, {"external_data", {{"used", false}, {"details", ""}}}}.dump() + "\n");
  };
  write("_captions.json", said.captions);
  write("_events.json", said.events);
}

// While it lives the model multiplies with weights of that format; none for float32, which they have.
std::unique_ptr<Int8Weights> weightsOf(const std::string& format, const HierarchicalModel& model, at::Device device) {
  if (format == "float32") return nullptr;
  if (format != "int8") throw InputError({.where = "--weights", .expected = "float32 or int8", .found = format, .remedy = "Choose one of them."});
  if (!device.is_cpu()) {
    throw InputError({.where = "--weights int8", .expected = "--device cpu", .found = device.str(), .remedy = "int8 products are the processor's: add --device cpu, or leave --weights out."});
  }
  if (!Int8Weights::supported()) {
    throw InputError({.where = "--weights int8", .expected = "a processor with AVX2 and FMA", .found = "one without", .remedy = "Leave --weights out."});
  }
  return std::make_unique<Int8Weights>(model.parameters());
}

void warnAll(const std::vector<std::string>& warnings, JobObserver& observer) {
  for (const std::string& warning : warnings) {
    logWarning(warning);
    observer.onEvent(WarningEvent{warning});
  }
}

std::vector<std::pair<std::string, double>> headline(const nlohmann::json& report) {
  std::vector<std::pair<std::string, double>> values;
  const auto take = [&](const char* name, const char* pointer) {
    const nlohmann::json::json_pointer at(pointer);
    if (report.contains(at) && report.at(at).is_number()) values.emplace_back(name, report.at(at).get<double>());
  };
  take("tc", "/temporal_consistency");
  take("cac", "/consistency/cac");
  take("r_x", "/consistency/r_x");
  take("effective_rank", "/collapse/effective_rank");
  take("top1", "/classification/top1");
  take("average_map", "/localization/average_map");
  take("text_to_video_r1", "/retrieval/text_to_video/r1");
  take("qa_accuracy", "/qa/accuracy");
  take("cider", "/captions/cider");
  return values;
}

}  // namespace

std::string evaluateToJson(const EvaluateSpec& spec, JobControl& control, JobObserver& observer) {
  const at::Device device = openDevice(spec.device);
  observer.onEvent(PhaseEvent{"loading the run", 0, 0});
  LoadedModel loaded = loadModel(spec.run_folder, spec.checkpoint, device);
  warnAll(loaded.warnings, observer);
  const auto format = weightsOf(spec.weights, *loaded.model, device);
  const auto data = inClassesOf(loaded.state, openDataset(spec.data), spec.run_folder);
  const auto videos = usableVideos(*data, spec.subset, loaded.state.input_dim, spec.run_folder);
  const auto baselines = loadBaselines(spec.run_folder);
  const bool fits = baselines && baselines->checkpoint_step == loaded.state.step;
  const auto progress = phaseEvents(control, observer);
  EvaluationRequest request{*loaded.model, *data->store, data->catalogue, data->spec.features, videos, baselines, fits, spec.controls, loaded.heads.get()};
  const ExternalEvidence external = readExternal(request, spec.video_scores, spec.proposals, progress);
  warnAll(external.warnings, observer);
  request.external = &external;
  Evaluation evaluation = evaluateRun(request, progress);
  nlohmann::json& report = evaluation.report;
  report["subset"] = spec.subset;
  if (format) report["weights"] = spec.weights;
  report["checkpoint_step"] = loaded.state.step;
  report["dataset"] = data->catalogue.name;
  report["step_seconds"] = data->spec.features.stepSeconds();
  report["videos_without_features"] = data->catalogue.subset(spec.subset).size() - videos.size();
  report["parameters"] = loaded.model->parameters().count();
  report["parameters_trainable"] = loaded.config.train.epochs > 0 ? loaded.model->parameters().count() : 0;
  report["encoder"] = loaded.config.encoder.kind;
  report["run"] = std::filesystem::weakly_canonical(spec.run_folder).string();
  if (spec.write_report) {
    writeReport(spec.run_folder, report);
    if (loaded.config.head.detect) {
      writePredictions(std::filesystem::path(spec.run_folder) / "predictions" / (spec.subset + ".json"),
                       predictionsOf(data->catalogue, videos, evaluation.set.detections));
    }
    writeLanguage(std::filesystem::path(spec.run_folder) / "predictions", spec.subset, evaluation.language);
  }
  observer.onEvent(EvaluatedEvent{loaded.state.step, spec.subset, false, headline(report)});
  return report.dump();
}

void TorchEngine::evaluate(const EvaluateSpec& spec, JobControl& control, JobObserver& observer) {
  setThreads(spec.threads);
  const std::string json = evaluateToJson(spec, control, observer);
  observer.onEvent(FinishedEvent{"evaluated " + spec.subset, json, false});
}

void TorchEngine::predict(const PredictSpec& spec, JobControl& control, JobObserver& observer) {
  const at::Device device = openDevice(spec.device);
  setThreads(spec.threads);
  LoadedModel loaded = loadModel(spec.run_folder, spec.checkpoint, device);
  warnAll(loaded.warnings, observer);
  if (!loaded.config.head.detect) {
    throw InputError({.where = spec.run_folder + "/config.yaml: head.detect", .expected = "true", .found = "false",
                      .remedy = "This run has no detection head: train one with head.detect=true."});
  }
  const auto data = inClassesOf(loaded.state, openDataset(spec.data), spec.run_folder);
  const auto videos = usableVideos(*data, spec.subset, loaded.state.input_dim, spec.run_folder);
  const auto format = weightsOf(spec.weights, *loaded.model, device);
  const auto progress = phaseEvents(control, observer);
  const auto baselines = loadBaselines(spec.run_folder);
  EvaluationRequest request{*loaded.model, *data->store, data->catalogue, data->spec.features, videos, baselines};
  if (spec.chunk_steps > 0) request.stretches = planStretches(*loaded.model, spec.chunk_steps);
  const ExternalEvidence external = readExternal(request, spec.video_scores, spec.proposals, progress);
  warnAll(external.warnings, observer);
  const at::Tensor labels = labelScoresWith(request, &external);
  const Progress predicting = [&](int64_t done, int64_t total) { return progress("predicting", done, total); };
  EmbeddedSet set = request.stretches ? embedByStretches(*loaded.model, *data->store, data->catalogue, data->spec.features, videos, *request.stretches, predicting, labels)
                                      : embedVideos(*loaded.model, *data->store, data->catalogue, data->spec.features, videos, predicting, labels);
  joinProposals(request, external, labels, set);
  writePredictions(spec.out, predictionsOf(data->catalogue, videos, set.detections));
  int64_t segments = 0;
  for (const auto& list : set.detections) segments += static_cast<int64_t>(list.size());
  nlohmann::json result = {{"out", spec.out}, {"subset", spec.subset}, {"videos", videos.size()}, {"segments", segments},
                                 {"videos_without_features", data->catalogue.subset(spec.subset).size() - videos.size()}, {"checkpoint_step", loaded.state.step}};
  if (format) result["weights"] = spec.weights;
  if (!external.report.empty()) result["external"] = external.report;
  if (request.stretches) {
    const auto lengths = lengthsOf(data->catalogue, *data->store, videos);
    const auto cut = std::count_if(lengths.begin(), lengths.end(), [&](int64_t steps) { return steps > request.stretches->steps; });
    result["stretches"] = {{"steps", request.stretches->steps}, {"margin_steps", request.stretches->margin}, {"videos", cut}};
  }
  observer.onEvent(FinishedEvent{std::to_string(segments) + " segments of " + std::to_string(videos.size()) + " videos written to " + spec.out, result.dump(), false});
}

}  // namespace hvlm
