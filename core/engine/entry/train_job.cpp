// SPDX-License-Identifier: Apache-2.0
#include <ATen/Parallel.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "data/report.h"
#include "engine/cuda/device.h"
#include "engine/entry/engine.h"
#include "engine/entry/inspect_video.h"
#include "engine/eval/evaluate.h"
#include "engine/eval/language_report.h"
#include "engine/eval/retrieval_report.h"
#include "engine/language/text_tower.h"
#include "engine/train/trainer.h"
#include "runs/attention_log.h"
#include "runs/run_folder.h"
#include "score/calibration.h"
#include "support/error.h"
#include "support/log.h"
#include "support/text.h"

namespace hvlm {
namespace {

// The calibration that the held-out detections ask for, with its error before and after (at tIoU 0.5).
void addCalibration(const Catalogue& catalogue, const std::vector<int64_t>& videos, const std::vector<ScoredSegment>& detections, NamedValues& values) {
  const std::vector<uint8_t> right = rightDetections(truthOf(catalogue, videos), detections);
  std::vector<double> scores, after;
  for (const ScoredSegment& d : detections) scores.push_back(d.score);
  const ScoreCalibration fitted = fitCalibration(scores, right);
  for (const double score : scores) after.push_back(calibrated(score, fitted));
  values.insert(values.end(), {{"calibration_slope", fitted.slope}, {"calibration_offset", fitted.offset}, {"calibration_error_before", calibrationError(scores, right)},
                               {"calibration_error", calibrationError(after, right)}});
}

// Figures of the held-out slice that curves show and `best` is chosen by: the mean of top-1 and average mAP over its annotated
// videos, as far as the run has them; a run without heads is chosen by its chance-adjusted consistency unless it has collapsed.
NamedValues holdoutFigures(const HierarchicalModel& model, const LanguageHeads* heads, const Dataset& data, const std::vector<int64_t>& videos, JobControl& control) {
  const EmbeddedSet set = embedVideos(model, *data.store, data.catalogue, data.spec.features, videos,
                                      [&](int64_t, int64_t) { return !control.stopRequested(); });
  NamedValues values;
  std::vector<double> parts;
  Consistency c;
  if (hasNeighbours(set.offsets)) {
    c = measureConsistency(set.steps, set.offsets, {});
    values = {{"tc", c.tc}, {"effective_rank", c.effective_rank}, {"mean_std", c.mean_std}};
    if (c.has_other_videos) values.insert(values.end(), {{"r_x", c.r_x}, {"cac", c.cac}});
  }
  const LabelledVideos labelled = labelledVideos(data.catalogue, videos);
  if (!labelled.places.empty() && set.video_scores.defined()) {
    parts.push_back(classificationOf(set.video_scores, labelled).top1);
    values.emplace_back("top1", parts.back());
  }
  if (!labelled.places.empty() && model.config().head.detect) {
    const auto json = localizationJson(data.catalogue, videos, scoredSegments(set.detections), "own");
    parts.push_back(json.at("average_map").get<double>());
    values.emplace_back("average_map", parts.back());
    values.emplace_back("map_50", json.at("map").at("0.50").get<double>());
    if (model.config().detect.calibrate) addCalibration(data.catalogue, videos, scoredSegments(set.detections), values);
  }
  // Texts, answers and descriptions are shown, not chosen by: the same rule for runs with and without them.
  if (usesText(model.config())) {
    const auto found = retrievalJson(model, *(heads ? heads->tower() : openTextTower(model.config().text)), set, data.catalogue, data.spec.features);
    for (const char* which : {"text_to_video", "text_to_moment"}) {
      if (found.contains(which)) values.emplace_back(std::string(which) + "_mrr", found.at(which).at("mean_reciprocal_rank").get<double>());
    }
  }
  if (heads) {
    nlohmann::json absent;
    LanguageOutput said;
    const std::optional<Baselines> none;
    const EvaluationRequest request{model, *data.store, data.catalogue, data.spec.features, videos, none, false, false, heads};
    const auto found = languageJson(request, set, [&](const std::string&, int64_t, int64_t) { return !control.stopRequested(); }, said, absent);
    if (found.contains("qa")) values.emplace_back("qa_accuracy", found.at("qa").at("accuracy").get<double>());
    if (found.contains("captions")) values.emplace_back("cider", found.at("captions").at("cider").get<double>());
  }
  if (parts.empty()) parts.push_back(c.verdict == "collapsed" ? -1.0 : c.cac);
  values.emplace_back("score", std::accumulate(parts.begin(), parts.end(), 0.0) / static_cast<double>(parts.size()));
  return values;
}

std::string endSummary(const RunRecord& record, const TrainState& state) {
  std::string text = "trained " + std::to_string(state.step) + " steps (" + std::to_string(record.epochs_done) + " epochs)";
  if (state.best_step >= 0) text += ", best held-out score " + fixedNumber(state.best_score, 3) + " at step " + std::to_string(state.best_step);
  return text;
}

class TrainJob {
 public:
  TrainJob(TorchEngine& engine, const TrainSpec& spec, JobControl& control, JobObserver& observer)
      : engine_(engine), spec_(spec), control_(control), observer_(observer) {}

  void work() {
    validateConfig(spec_.config, "config");
    if (spec_.config.text.tuning == "none") device_ = openDevice(spec_.config.device);
    else requireDevice(spec_.config.device);  // adapters inside the sentence encoder learn on the CPU
    if (spec_.config.head.experts != "none" && spec_.config.head.domains == 0) resolveDomains();  // part of what the run is: before it is compared
    checkRunFolder(spec_.run_folder, spec_.config, spec_.resume);
    if (!spec_.config.train.init.empty() && !spec_.resume) initialRun();  // before any work
    observer_.onEvent(PhaseEvent{"reading the data set", 0, 0});
    if (!data_) data_ = openDataset(spec_.data);
    const auto videos = usableVideos(*data_, spec_.config.train.training_subset);
    requireAnnotations(videos);
    requireTexts(videos);
    requireLanguage(videos);
    requireCrops(videos);
    const RunLock lock(spec_.run_folder);
    RunOpening opening = openRunForTraining(spec_.run_folder, spec_.config, spec_.resume, freshProvenance());
    record_ = std::move(opening.record);
    try {
      trainAndReport(videos, opening.segment);
    } catch (const Interrupted&) {
      close(trained_ ? "done" : "stopped", "");
      throw;
    } catch (const std::exception& error) {
      // What fails after the training (an evaluation that was asked for as well) leaves a finished run.
      close(trained_ ? "done" : "failed", trained_ ? "" : error.what());
      throw;
    }
  }

 private:
  RunRecord freshProvenance() {
    RunRecord fresh = freshRecord(spec_.config);
    fresh.dataset_name = data_->catalogue.name;
    fresh.dataset_file = std::filesystem::weakly_canonical(spec_.data).string();
    fresh.dataset_hash = datasetHash(data_->spec);
    fresh.split_hash = splitHash(data_->catalogue, spec_.config.train.training_subset);
    fresh.threads = at::get_num_threads();
    fresh.device = deviceTitle(device_);
    fresh.libraries = engine_.libraries();
    return fresh;
  }

  // One expert for each domain of the taxonomy.
  void resolveDomains() {
    constexpr size_t kMost = 64;  // as head.domains
    data_ = openDataset(spec_.data);
    const size_t count = data_->catalogue.domains.size();
    if (count < 1 || count > kMost) {
      throw InputError({.where = data_->spec.annotations.string() + ": taxonomy",
                        .expected = "a tree whose top level names the domains of the classes, at most " + std::to_string(kMost) + " (head.experts = " + spec_.config.head.experts + ")",
                        .found = count < 1 ? "none that leads to a class below it" : std::to_string(count) + " names at its top",
                        .remedy = "Set head.domains to a number of your own, or head.experts to none."});
    }
    spec_.config.head.domains = static_cast<int64_t>(count);
  }

  void requireAnnotations(const std::vector<int64_t>& videos) const {
    const LossOptions& loss = spec_.config.loss;
    const bool needs = (spec_.config.head.classify && loss.classification > 0) || (spec_.config.head.detect && (loss.focal > 0 || loss.diou > 0 || (spec_.config.head.edges && loss.edges > 0) || (spec_.config.head.rescore && loss.rescore > 0)));
    if (!needs) return;
    for (const int64_t v : videos) {
      if (!data_->catalogue.videos[static_cast<size_t>(v)].segments.empty()) return;
    }
    throw InputError({.where = data_->spec.annotations.string(), .expected = "annotated videos (loss.classification, loss.focal and loss.diou need them)",
                      .found = "none in \"" + spec_.config.train.training_subset + "\"", .remedy = "Set these weights to 0 or use an annotated subset."});
  }

  // Before any work: a term that reads text needs some, in two videos at least.
  void requireTexts(const std::vector<int64_t>& videos) const {
    const RunConfig& c = spec_.config;
    if (!usesText(c)) return;
    int64_t found = 0;
    for (const int64_t v : videos) {
      const Video& video = data_->catalogue.videos[static_cast<size_t>(v)];
      found += c.text.source == "labels" ? !video.segments.empty() : !video.captions.empty();
    }
    if (found >= 2) return;
    const std::string by = c.contrast.method == "videoclip" ? "contrast.method = videoclip" : c.loss.text > 0 ? "loss.text" : "loss.segment_text";
    throw InputError({.where = data_->spec.file.string() + ": captions", .expected = "captions of two videos of \"" + c.train.training_subset + "\" at least (" + by + " needs them)",
                      .found = std::to_string(found) + " videos with " + (c.text.source == "labels" ? "annotations" : "captions"),
                      .remedy = "Name the captions of this subset in dataset.yaml, set text.source to labels, or turn " + by + " off."});
  }

  // Before any work: a head that answers or describes needs something to learn from.
  void requireLanguage(const std::vector<int64_t>& videos) const {
    const RunConfig& c = spec_.config;
    const auto require = [&](bool wanted, const char* key, const char* what, const auto& has) {
      if (!wanted) return;
      for (const int64_t v : videos) {
        if (has(data_->catalogue.videos[static_cast<size_t>(v)])) return;
      }
      throw InputError({.where = data_->spec.file.string() + ": " + what, .expected = std::string(what) + " of videos of \"" + c.train.training_subset + "\" (" + key + " learns from them)",
                        .found = "none", .remedy = std::string("Name them in dataset.yaml, or set ") + key + " to false."});
    };
    require(c.head.answer, "head.answer", "questions", [](const Video& video) {
      return std::any_of(video.questions.begin(), video.questions.end(), [](const Question& q) { return !q.answer.empty(); });
    });
    require(c.head.caption, "head.caption", "captions", [](const Video& video) { return !video.captions.empty(); });
  }

  // Before any work: a queue that could never fill is a mistake.
  void requireCrops(const std::vector<int64_t>& videos) const {
    const RunConfig& c = spec_.config;
    if (c.contrast.method != "moco" || c.train.epochs == 0) return;
    const auto kept = static_cast<int64_t>(splitHoldout(data_->catalogue, videos, c.train.holdout).first.size());
    const int64_t crops = kept * c.train.epochs;
    if (c.contrast.queue <= crops) return;
    throw InputError({.where = "config: contrast.queue", .expected = "at most " + std::to_string(crops) + ", the key crops of the whole training (" + std::to_string(kept) +
                                                                         " videos x train.epochs = " + std::to_string(c.train.epochs) + ")",
                      .found = std::to_string(c.contrast.queue), .remedy = "Lower contrast.queue or raise train.epochs."});
  }

  void trainAndReport(const std::vector<int64_t>& videos, int64_t segment) {
    auto [kept, held_out] = splitHoldout(data_->catalogue, videos, spec_.config.train.holdout);
    TrainerHooks hooks;
    hooks.evaluate = [&](const HierarchicalModel& model, const LanguageHeads* heads) { return holdoutFigures(model, heads, *data_, held_out, control_); };
    hooks.inspect = [&](const HierarchicalModel& model, int64_t step, const std::string& video) {
      return inspectVideo(model, *data_, video, step, spec_.run_folder);
    };
    const auto tracked = trackedVideos(held_out, kept);
    hooks.epoch_ended = [&, tracked](const HierarchicalModel& model, int64_t step, int64_t epoch) { trackAttention(model, step, epoch, tracked); };
    if (!spec_.config.train.init.empty()) hooks.initialise = [&](HierarchicalModel& model, const TrainState& state) { startFromOtherRun(model, state); };
    Trainer trainer(spec_.config, {data_->catalogue, *data_->store, data_->spec.features, kept, held_out, device_}, spec_.run_folder, record_, segment,
                    control_, observer_, hooks);
    if (spec_.resume) restore(trainer);
    resume_point_known_ = true;
    record_.total_epochs = spec_.config.train.epochs;
    record_.state = "running";
    record_.failure.clear();
    writeRunRecord(spec_.run_folder, record_);
    const bool finished = trainer.run();
    if (!finished) {
      close("stopped", "");
      observer_.onEvent(FinishedEvent{"stopped at step " + std::to_string(trainer.state().step) + ", checkpoint kept", resultJson(trainer.state()), true});
      return;
    }
    fitAndStore(videos);
    trained_ = true;
    if (spec_.evaluate_after && !data_->catalogue.subset("validation").empty()) {
      evaluateToJson({.run_folder = spec_.run_folder, .data = spec_.data, .subset = "validation", .controls = spec_.controls}, control_, observer_);
    }
    close("done", "");
    observer_.onEvent(FinishedEvent{endSummary(record_, trainer.state()), resultJson(trainer.state()), false});
  }

  // Where the model looks in a few videos after each epoch, for people to see; nothing is chosen by it. Validation videos, since those are what people
  // look at; without any, held-out ones, then those trained on.
  std::vector<std::string> trackedVideos(const std::vector<int64_t>& held_out, const std::vector<int64_t>& kept) const {
    constexpr size_t kTracked = 4;
    constexpr int64_t kLongest = 20000;  // steps: a pass over more would be felt
    std::vector<std::string> ids;
    for (const auto& videos : {videosWithFeatures(data_->catalogue, *data_->store, data_->catalogue.subset("validation")), held_out, kept}) {
      for (const int64_t v : videos) {
        if (ids.size() == kTracked) return ids;
        const std::string& id = data_->catalogue.videos[static_cast<size_t>(v)].id;
        const auto shape = data_->store->shape(id);
        if (shape && shape->rows <= kLongest && std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
      }
    }
    return ids;
  }

  void trackAttention(const HierarchicalModel& model, int64_t step, int64_t epoch, const std::vector<std::string>& tracked) {
    try {
      std::vector<AttentionSnapshot> snapshots;
      for (const std::string& id : tracked) {
        const VideoInspection seen = inspectVideo(model, *data_, id, step, spec_.run_folder);
        snapshots.push_back({epoch, step, id, seen.duration_seconds, attentionParts(seen.attention)});
      }
      appendAttention(spec_.run_folder, snapshots);
    } catch (const InputError& error) {
      if (!std::exchange(tracking_failed_, true)) logWarning(error.what());  // no reason to end a training
    }
  }

  // train.init: the evaluation weights of another run, where they fit. A resume has its own and does not need that run any more.
  void startFromOtherRun(HierarchicalModel& model, const TrainState& state) {
    namespace fs = std::filesystem;
    std::error_code ignored;
    if (spec_.resume && fs::exists(fs::path(spec_.run_folder) / "checkpoints" / "last", ignored)) return;
    const fs::path origin = initialRun();
    std::vector<std::string> warnings;
    const auto content = loadCheckpoint(origin, "best", &warnings);
    for (const std::string& warning : warnings) observer_.onEvent(WarningEvent{warning});
    if (!content) {
      throw InputError({.where = origin.string() + "/checkpoints", .expected = "a checkpoint (train.init starts from it)", .found = "none that reads back whole",
                        .remedy = "Train that run first, or leave train.init empty."});
    }
    const MatchedWeights matched = loadMatchingWeights(*content, origin.string() + "/checkpoints/" + checkpointName(content->step), state, model);
    logInfo(std::to_string(matched.copied) + " of " + std::to_string(model.parameters().size()) + " tensors start from " + origin.string());
    if (!matched.fresh.empty()) logInfo(std::to_string(matched.fresh.size()) + " start anew: " + firstOf(matched.fresh));
  }

  std::filesystem::path initialRun() const {
    namespace fs = std::filesystem;
    const fs::path named = spec_.config.train.init;
    const fs::path origin = (named.is_absolute() ? named : fs::absolute(spec_.run_folder) / named).lexically_normal();
    if (fs::exists(origin / "run.json")) return origin;
    throw InputError({.where = "config: train.init", .expected = "a run folder (a relative path is seen from the run folder " + spec_.run_folder + ")",
                      .found = origin.string() + (fs::exists(origin) ? " without run.json" : ", which does not exist"),
                      .remedy = "Name a run that hvlm train has written, or leave train.init empty."});
  }

  // A resume must say from where; starting over silently would be a failure.
  void restore(Trainer& trainer) {
    std::vector<std::string> warnings;
    const auto content = loadCheckpoint(spec_.run_folder, "last", &warnings);
    int64_t from = 0;
    if (content) {
      from = trainer.restore(*content, spec_.run_folder + "/checkpoints/" + checkpointName(content->step));
    } else {
      warnings.push_back(spec_.run_folder + ": no checkpoint to resume from; training starts at step 0 of the same run");
    }
    for (const std::string& warning : warnings) {
      logWarning(warning);
      observer_.onEvent(WarningEvent{warning});
    }
    if (!record_.resumes.empty()) record_.resumes.back().from_step = from;
    logInfo("resuming from step " + std::to_string(from));
  }

  void fitAndStore(const std::vector<int64_t>& videos) {
    LoadedModel best = loadModel(spec_.run_folder, "best");
    const Baselines baselines = fitBaselines(*best.model, best.state.step, *data_->store, data_->catalogue, data_->spec.features, videos,
                                             [&](const std::string& phase, int64_t done, int64_t total) {
                                               observer_.onEvent(PhaseEvent{"fitting probes: " + phase, done, total});
                                               return !control_.stopRequested();
                                             }, spec_.controls);
    saveBaselines(spec_.run_folder, baselines);
  }

  std::string resultJson(const TrainState& state) const {
    nlohmann::json json = {{"run", spec_.run_folder}, {"step", state.step}, {"epochs", state.epoch}, {"best_step", state.best_step}, {"state", record_.state}};
    if (state.best_step >= 0) json["best_score"] = state.best_score;
    return json.dump();
  }

  void close(const std::string& state, const std::string& failure) {
    // An attempt that failed before its step was known took nothing back: readers would drop the curves past its step 0.
    if (spec_.resume && !resume_point_known_ && !record_.resumes.empty()) record_.resumes.pop_back();
    record_.state = state;
    record_.failure = failure;
    try {
      writeRunRecord(spec_.run_folder, record_);
    } catch (const InputError& error) {
      logError(error.what());  // the reason that ended the run matters more
    }
  }

  TorchEngine& engine_;
  TrainSpec spec_;
  JobControl& control_;
  JobObserver& observer_;
  at::Device device_ = at::kCPU;
  std::shared_ptr<const Dataset> data_;
  RunRecord record_;
  bool tracking_failed_ = false;
  bool resume_point_known_ = false;
  bool trained_ = false;  // to the last step, probes stored
};

}  // namespace

void TorchEngine::train(const TrainSpec& spec, JobControl& control, JobObserver& observer) {
  setThreads(spec.config.train.threads);
  TrainJob(*this, spec, control, observer).work();
}

}  // namespace hvlm
