// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "engine/entry/engine.h"
#include "engine/entry/seen_video.h"
#include "engine/language/decoder_files.h"
#include "engine/language/decoding.h"
#include "engine/language/seeing_decoder.h"
#include "engine/language/tuned_files.h"
#include "language/stream_decoder.h"
#include "language/tokenizer.h"
#include "runs/run_folder.h"
#include "support/error.h"
#include "support/log.h"

namespace hvlm {

// A user's language model, opened; with what a folder of `hvlm tune` adds to it.
struct LanguageModel {
  std::string key;
  std::filesystem::path folder;
  SeeingDecoder model;
  std::unique_ptr<Tokenizer> tokenizer;
  std::optional<TunedRecord> tuned;
};

TorchEngine::~TorchEngine() = default;

namespace {

namespace fs = std::filesystem;

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

// Where the decoder and what was tuned for it lie.
struct Folders {
  fs::path model, tuned;    // `tuned` may be empty
  bool model_named = true;  // by the caller, not by tune.json
};

Folders foldersOf(const AskSpec& spec) {
  Folders out{spec.model_folder.empty() ? spec.tuned_folder : spec.model_folder, spec.tuned_folder, true};
  if (fs::exists(out.model / "config.json") || !isTunedFolder(out.model)) return out;
  if (out.tuned.empty()) out.tuned = out.model;
  const fs::path named = readTunedRecord(out.model).model_folder;
  if (!fs::exists(named / "config.json")) {
    throw InputError({.where = (out.model / "tune.json").string() + ": model",
                      .expected = "the folder of the language model",
                      .found = named.string() + ", which is not there",
                      .remedy = "Name the model where it is now with --model, and this folder with --projector."});
  }
  out.model = named;
  out.model_named = false;
  return out;
}

std::string keyOf(const Folders& folders) {
  std::error_code error;
  std::string key = folders.model.string() + "|" + folders.tuned.string();
  if (!folders.tuned.empty())
    key += "|" + std::to_string(fs::last_write_time(folders.tuned / "tune.json", error).time_since_epoch().count());
  return key;
}

// Adapters belong to the very weights they were trained on. Another model that a person names is taken as one they are merged into.
bool takesAdapters(const Folders& folders, const TunedRecord& record) {
  const std::string hash = modelHash(folders.model);
  if (hash == record.model_hash) return true;
  if (!folders.model_named) {
    throw InputError(
        {.where = (folders.tuned / "tune.json").string() + ": model_hash",
         .expected = hash + ", the files in " + folders.model.string(),
         .found = record.model_hash,
         .remedy = "The model has changed since: tune again, or name the model with --model and this folder with --projector."});
  }
  logWarning(folders.model.string() + " is not the model that " + folders.tuned.string() + " was tuned on: " +
             (record.stage == "lora" ? "its adapters are left out (right for a model they are merged into)" : "its projector may not fit"));
  return false;
}

std::shared_ptr<LanguageModel> opened(const Folders& folders, int64_t node_width) {
  auto out = std::make_shared<LanguageModel>();
  out->key = keyOf(folders);
  out->folder = folders.model;
  if (!folders.tuned.empty()) out->tuned = readTunedRecord(folders.tuned);
  out->model.decoder = loadDecoder(out->model.base, "", folders.model, at::TensorOptions().dtype(at::kFloat)).decoder;
  out->tokenizer = loadTokenizer(folders.model / "tokenizer.json");
  out->tokenizer->requireFit(out->model.decoder.shape().vocabulary, folders.model.string());
  if (out->tuned) loadTuned(folders.tuned, *out->tuned, node_width, takesAdapters(folders, *out->tuned), out->model);
  return out;
}

// The prompt of a model that only reads: with the evidence in its system text.
at::Tensor readingPrompt(const LanguageModel& model, const AskSpec& spec) {
  std::string prompt;
  if (spec.chat_template.empty()) {
    const TokenizerTemplate own = readTokenizerTemplate(model.folder / "tokenizer_config.json");
    prompt = own.chat.render(spec.messages, {.add_generation_prompt = true, .bos_token = own.bos_token, .eos_token = own.eos_token});
  } else {
    prompt = ChatTemplate::named(spec.chat_template).render(spec.messages);
  }
  const std::vector<int64_t> ids = model.tokenizer->encode(prompt, {.special_tokens = !spec.chat_template.empty(), .max_length = 0});
  return model.model.decoder.embed(at::tensor(ids, at::kLong));
}

// The prompt of a model that was tuned to see: the video in place of the evidence.
at::Tensor seeingPrompt(const LanguageModel& model, const AskSpec& spec, const LoadedModel& run) {
  const TunedRecord& record = *model.tuned;
  const std::string id = readRunRecord(spec.run_folder).id;
  if (id != record.run_id) {
    throw InputError({.where = spec.run_folder,
                      .expected = "the run that the projector was trained with (" + record.run_folder + ", id " + record.run_id + ")",
                      .found = "id " + id,
                      .remedy = "Name that run with --run, or tune for this one."});
  }
  if (run.state.step != record.checkpoint_step) {
    logWarning("the projector was trained with step " + std::to_string(record.checkpoint_step) + " of the run, asked is step " +
               std::to_string(run.state.step));
  }
  const auto data = inClassesOf(run.state, openDataset(spec.data), spec.run_folder);
  const SeenVideo seen = seeVideo(run, *data, spec.video, spec.run_folder);
  const VisualTokens tokens = visualTokens(seen.output.pyramid, 0, 0, seen.steps(), data->spec.features.stepSeconds(), record.visual);
  const TalkReader reader(
      *model.tokenizer,
      openTalkTemplate(model.folder, spec.chat_template.empty() ? record.chat_template : spec.chat_template, *model.tokenizer));
  std::vector<ChatMessage> messages = spec.messages;
  if (messages.empty()) messages.push_back({"user", spec.question});
  return model.model.embed(reader.prompt(messages), tokens);
}

}  // namespace

AskAnswer TorchEngine::askModel(const AskSpec& spec, std::stop_token stop, const std::function<void(std::string_view)>& on_text) {
  const double begun = now();
  const at::NoGradGuard no_grad;
  const Folders folders = foldersOf(spec);
  if (!folders.tuned.empty() && !isTunedFolder(folders.tuned)) readTunedRecord(folders.tuned);  // says what is missing
  std::shared_ptr<LoadedModel> run;
  if (!folders.tuned.empty()) run = cachedModel(spec.run_folder, spec.checkpoint);
  if (!language_model_ || language_model_->key != keyOf(folders)) {
    language_model_.reset();  // two models at once may not fit
    language_model_ = opened(folders, run ? run->model->width() : 0);
  }
  const LanguageModel& model = *language_model_;
  const at::Tensor prompt = model.tuned ? seeingPrompt(model, spec, *run) : readingPrompt(model, spec);  // [T, width]
  const int64_t room = model.model.decoder.shape().max_positions;
  if (prompt.size(0) + 1 >= room) {
    throw InputError({.where = model.folder.string(),
                      .expected = "a prompt of fewer than " + std::to_string(room) + " tokens (max_position_embeddings)",
                      .found = std::to_string(prompt.size(0)),
                      .remedy = "Begin a new conversation, or use a model with a longer context."});
  }
  GenerationOptions how{.method = spec.temperature > 0.0 ? "sample" : "greedy",
                        .max_tokens = std::min(spec.max_tokens, room - prompt.size(0) - 1),
                        .temperature = spec.temperature > 0.0 ? spec.temperature : 1.0,
                        .top_p = spec.top_p};
  how.end_ids = endIds(*model.tokenizer);
  StreamDecoder stream(*model.tokenizer);
  AskAnswer answer;
  const auto give = [&](const std::string& piece) {
    answer.text += piece;
    if (!piece.empty() && on_text) on_text(piece);
  };
  std::optional<at::Generator> generator;
  if (how.method == "sample") generator = makeGenerator(spec.seed);
  const Generated out = generate(model.model.decoder, prompt.unsqueeze(0), how, generator, [&](int64_t id, double) {
    give(stream.push(id));
    return !stop.stop_requested();
  });
  give(stream.finish());
  if (out.finish == Finish::kStopped) throw Interrupted("stopped");
  answer.by = model.folder.filename().empty() ? model.folder.parent_path().filename().string() : model.folder.filename().string();
  if (model.tuned) answer.by += ", tuned (" + model.tuned->stage + ")";
  answer.tokens = static_cast<int64_t>(out.ids.size());
  answer.seconds = now() - begun;
  return answer;
}

}  // namespace hvlm
