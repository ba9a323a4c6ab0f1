// SPDX-License-Identifier: Apache-2.0
#include "engine/entry/tune_decoder_job.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>

#include "data/report.h"
#include "engine/entry/engine.h"
#include "engine/language/decoder_files.h"
#include "engine/train/trainer.h"
#include "runs/run_folder.h"
#include "support/describe.h"
#include "support/error.h"
#include "support/hash.h"
#include "support/json_file.h"
#include "support/log.h"
#include "support/text.h"
#include "support/version.h"

namespace hvlm {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr double kLoraDropout = 0.05;

std::string absolutePath(const std::string& path) {
  std::error_code error;
  const fs::path whole = fs::weakly_canonical(fs::absolute(path, error), error);
  return error ? path : whole.string();
}

double largestFile(const fs::path& folder) {
  double largest = 0.0;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".safetensors") largest = std::max(largest, static_cast<double>(entry.file_size(error)));
  }
  return largest;
}

// An output folder that stays only if something was written into it.
class Claim {
 public:
  explicit Claim(const fs::path& folder) : folder_(folder) {
    std::error_code error;
    made_ = fs::create_directories(folder, error);
    if (error) throw systemError(folder.string(), "make the folder", error.value());
  }
  ~Claim() {
    std::error_code error;
    if (made_ && fs::is_empty(folder_, error) && !error) fs::remove(folder_, error);
  }
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;

 private:
  fs::path folder_;
  bool made_ = false;
};

}  // namespace

void TuneDecoderJob::warn(const std::string& text) {
  logWarning(text);
  observer_.onEvent(WarningEvent{text});
}

void TuneDecoderJob::checkSpec() {
  TuneDecoderSpec copy = spec_;
  const Fields fields(copy);
  for (const Field& field : fields.all()) fields.set(field.path, fieldText(field), "tune");
  requireDevice(spec_.device);
  record_.stage = spec_.stage;
  record_.visual = visualOptions(spec_.visual_levels, spec_.visual_tokens);
  lr_ = spec_.lr > 0.0 ? spec_.lr : spec_.stage == "lora" ? 2e-4 : 1e-3;
  std::error_code error;
  if (fs::exists(spec_.out, error) && (!fs::is_directory(spec_.out, error) || !fs::is_empty(spec_.out, error))) {
    throw InputError({.where = spec_.out,
                      .expected = "a folder that is new or empty",
                      .found = "something in it",
                      .remedy = "Choose another --out, or remove it."});
  }
  if (spec_.init.empty()) {
    if (spec_.stage != "lora") return;
    throw InputError({.where = "init",
                      .expected = "the folder of the first stage (its projector is gone on with)",
                      .found = "none",
                      .remedy = "Train one first: hvlm tune --stage projector; then name it with --init."});
  }
  init_ = std::make_shared<const TunedRecord>(readTunedRecord(spec_.init));
  if (spec_.stage == "projector" && init_->stage == "lora") {
    throw InputError({.where = spec_.init,
                      .expected = "a folder of stage projector to go on from",
                      .found = "stage lora",
                      .remedy = "Go on with --stage lora."});
  }
  record_.visual = init_->visual;
}

void TuneDecoderJob::openModel() {
  const fs::path folder = spec_.model_folder;
  observer_.onEvent(PhaseEvent{"reading the language model", 0, 0});
  const std::string config = (folder / "config.json").string();
  shape_ = decoderShape(readJsonFile(config, size_t{1} << 20), config);
  requireMemory(shape_, largestFile(folder), std::max(kTokensAtOnce, spec_.max_tokens), availableMemory(), spec_.model_folder);
  tokenizer_ = loadTokenizer(folder / "tokenizer.json");
  tokenizer_->requireFit(shape_.vocabulary, spec_.model_folder);
  TalkTemplate how =
      openTalkTemplate(folder, spec_.chat_template.empty() && init_ ? init_->chat_template : spec_.chat_template, *tokenizer_);
  if (how.missing) warn(spec_.model_folder + " has no chat template: the plain form USER: … ASSISTANT: … is used");
  if (endIds(*tokenizer_).empty()) warn(spec_.model_folder + " has no token that ends a text: answers will go on until --max-tokens");
  record_.chat_template = how.name;
  record_.model_folder = absolutePath(spec_.model_folder);
  record_.model_width = shape_.width;
  reader_ = std::make_unique<TalkReader>(*tokenizer_, std::move(how));
}

void TuneDecoderJob::openVideos() {
  observer_.onEvent(PhaseEvent{"reading the run and the data set", 0, 0});
  run_ = loadModel(spec_.run_folder, spec_.checkpoint);
  for (const std::string& warning : run_.warnings) warn(warning);
  data_ = inClassesOf(run_.state, openDataset(spec_.data), spec_.run_folder);
  videos_ = usableVideos(*data_, spec_.subset, run_.state.input_dim, spec_.run_folder);
  record_.run_folder = absolutePath(spec_.run_folder);
  record_.run_id = readRunRecord(spec_.run_folder).id;
  record_.checkpoint_step = run_.state.step;
  record_.node_width = run_.model->width();
  if (init_ && init_->run_id != record_.run_id) {
    throw InputError({.where = spec_.init + "/tune.json: run_id",
                      .expected = record_.run_id + ", the run " + spec_.run_folder,
                      .found = init_->run_id + " (" + init_->run_folder + ")",
                      .remedy = "Both stages need the same run: name it with --run."});
  }
}

void TuneDecoderJob::readTalks() {
  observer_.onEvent(PhaseEvent{"reading the texts", 0, 0});
  const int64_t most = std::min(spec_.max_tokens, shape_.max_positions) - record_.visual.tokens + 1;
  if (most < 8) {
    throw InputError({.where = "visual_tokens",
                      .expected = "room for some words in " + std::to_string(std::min(spec_.max_tokens, shape_.max_positions)) +
                                  " tokens (--max-tokens, max_position_embeddings)",
                      .found = std::to_string(record_.visual.tokens) + " visual tokens",
                      .remedy = "Lower --visual-tokens or raise --max-tokens."});
  }
  talks_ = spec_.instructions.empty() ? captionTalks(*data_, videos_, spec_.subset, *reader_, most)
                                      : instructionTalks(*data_, videos_, spec_.subset, spec_.instructions, *reader_, most);
  // Kept out are whole videos, of those that have talks.
  std::vector<int64_t> spoken;
  for (const LearnedTalk& talk : talks_.talks) spoken.push_back(talk.video);
  std::sort(spoken.begin(), spoken.end());
  spoken.erase(std::unique(spoken.begin(), spoken.end()), spoken.end());
  const auto kept = splitHoldout(data_->catalogue, spoken, spec_.holdout).first;
  for (size_t i = 0; i < talks_.talks.size(); ++i) {
    (std::binary_search(kept.begin(), kept.end(), talks_.talks[i].video) ? trained_ : held_out_).push_back(i);
  }
}

void TuneDecoderJob::loadWeights() {
  observer_.onEvent(PhaseEvent{"loading the weights", 0, 0});
  record_.model_hash = modelHash(spec_.model_folder);
  if (init_ && init_->model_hash != record_.model_hash) {
    throw InputError({.where = spec_.init + "/tune.json: model_hash",
                      .expected = record_.model_hash + ", the files in " + spec_.model_folder,
                      .found = init_->model_hash,
                      .remedy = "Both stages need the same model (" + init_->model_folder + ")."});
  }
  model_.decoder = loadDecoder(model_.base, "", spec_.model_folder, at::TensorOptions().dtype(at::kFloat)).decoder;
  at::Generator generator = makeGenerator(mixSeed(spec_.seed, 0x70726f6a));
  if (init_) {
    loadTuned(spec_.init, *init_, record_.node_width, true, model_);
    record_.lora = init_->lora;
  } else {
    model_.addProjector(record_.node_width, generator);
  }
  if (spec_.stage != "lora" || (init_ && init_->stage == "lora")) return;
  record_.lora = tunedLora(spec_.lora_rank, spec_.lora_alpha, kLoraDropout);
  model_.decoder.addLora(model_.adapting, record_.lora, generator);
}

void TuneDecoderJob::work() {
  checkSpec();
  openModel();
  openVideos();
  readTalks();
  loadWeights();
  const Claim claim(spec_.out);
  sight_ = std::make_unique<TalkSight>(run_, *data_, record_.visual);
  sight_->prepare(talks_.talks, [&](int64_t done, int64_t total) {
    observer_.onEvent(PhaseEvent{"passing the videos through the run", done, total});
    return !control_.stopRequested();
  });
  train();
}

void TuneDecoderJob::write(int64_t best_epoch) {
  TuneDecoderSpec options = spec_;
  options.lr = lr_;
  options.visual_levels = levelsText(record_.visual);
  options.visual_tokens = record_.visual.tokens;
  record_.history = {{"created", utcNow()},
                     {"version", versionText()},
                     {"revision", revisionText()},
                     {"threads", at::get_num_threads()},
                     {"seed", spec_.seed},
                     {"options", fieldsAsJson(Fields(options))},
                     {"dataset", data_->catalogue.name},
                     {"dataset_file", absolutePath(spec_.data)},
                     {"dataset_hash", datasetHash(data_->spec)},
                     {"subset", spec_.subset},
                     {"instructions", spec_.instructions},
                     {"init", spec_.init},
                     {"talks", trained_.size()},
                     {"held_out_talks", held_out_.size()},
                     {"dropped", talks_.dropped},
                     {"epochs", epochs_},
                     {"best_epoch", best_epoch}};
  if (std::isfinite(first_held_out_)) record_.history["held_out_loss_before"] = first_held_out_;
  writeTuned(spec_.out, record_, model_);
}

void TuneDecoderJob::finish(int64_t best_epoch, bool stopped) {
  json result = {{"out", spec_.out},
                 {"stage", spec_.stage},
                 {"talks", trained_.size()},
                 {"held_out_talks", held_out_.size()},
                 {"dropped", talks_.dropped},
                 {"epochs", epochs_},
                 {"best_epoch", best_epoch},
                 {"chat_template", record_.chat_template},
                 {"parameters", model_.projecting.count() + model_.adapting.count()}};
  if (std::isfinite(first_held_out_)) result["held_out_loss_before"] = first_held_out_;
  std::string text = spec_.out + ": ";
  if (best_epoch == 0) {
    text += "stopped before the end of the first epoch; nothing was written";
  } else {
    const json& e = epochs_[static_cast<size_t>(best_epoch - 1)];
    text += "stage " + spec_.stage + ", " + std::to_string(trained_.size()) + " talks, epoch " + std::to_string(best_epoch) + " of " +
            std::to_string(spec_.epochs) + " kept, loss " + fixedNumber(e["loss"].get<double>(), 4);
    if (e["held_out_loss"].is_number())
      text += ", held out " + fixedNumber(e["held_out_loss"].get<double>(), 4) + " (before: " + fixedNumber(first_held_out_, 4) + ")";
  }
  observer_.onEvent(FinishedEvent{text, result.dump(), stopped});
}

void TorchEngine::tuneDecoder(const TuneDecoderSpec& spec, JobControl& control, JobObserver& observer) {
  setThreads(spec.threads);
  language_model_.reset();  // two models at once may not fit
  TuneDecoderJob(spec, control, observer).work();
}

}  // namespace hvlm
