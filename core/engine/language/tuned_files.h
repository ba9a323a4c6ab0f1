// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "engine/language/seeing_decoder.h"
#include "engine/language/visual_prefix.h"
#include "engine/model/adapters/lora_options.h"

namespace hvlm {

// tune.json: what a folder of `hvlm tune` was made from, and how. The folder holds beside it
//   projector.safetensors    the projector's leaves by their names
//   lora.safetensors         stage "lora": adapters as PEFT names them, which `hvlm merge-lora` reads with …
//   adapter_config.json      … this one
struct TunedRecord {
  std::string stage;         // "projector" or "lora"
  std::string model_folder;  // of the user's decoder, absolute
  std::string model_hash;    // see modelHash
  std::string run_folder, run_id;
  int64_t checkpoint_step = 0;
  std::string chat_template;  // "own" or a built-in name
  VisualOptions visual;
  int64_t node_width = 0;   // of the run
  int64_t model_width = 0;  // of the decoder
  LoraOptions lora;         // stage "lora"
  nlohmann::json history;   // object: data, counts, options and losses, for people
};

bool isTunedFolder(const std::filesystem::path& folder);           // has a tune.json
TunedRecord readTunedRecord(const std::filesystem::path& folder);  // throws InputError for a missing, damaged or foreign file

// Content hash of config.json and all safetensors files of a model's folder; reads them whole.
std::string modelHash(const std::filesystem::path& model_folder);

// The low-rank adapters of stage "lora": of all seven projections, as LLaVA's own recipe has them.
LoraOptions tunedLora(int64_t rank, double alpha, double dropout);

// Writes the folder as a whole: it is the old one or the new one at any time. Its parent must exist. Throws InputError.
void writeTuned(const std::filesystem::path& folder, const TunedRecord& record, const SeeingDecoder& model);

// The projector of a tuned folder, and with `adapters` its adapters if it has some, into a model whose decoder is loaded. Throws
// InputError when widths or tensors do not fit.
void loadTuned(const std::filesystem::path& folder, const TunedRecord& record, int64_t node_width, bool adapters, SeeingDecoder& model);

}  // namespace hvlm
