// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "engine/language/decoder.h"
#include "engine/model/parameters.h"

namespace hvlm {

// The shape that a Hugging Face config.json describes: LlamaForCausalLM, or MistralForCausalLM without a sliding window (or with one
// that spans all positions). Reads transformers 4's rope_theta and rope_scaling as well as transformers 5's rope_parameters. Throws
// InputError naming `where` and the key for another architecture or activation, for a kind of positions that is not built in, and for
// sizes that are missing or out of range.
DecoderShape decoderShape(const nlohmann::json& config, const std::string& where);
// The other way: a config.json that decoderShape and transformers read.
nlohmann::json decoderConfigJson(const DecoderShape& shape);

struct LoadedDecoder {
  Decoder decoder;
  std::string architecture;  // "LlamaForCausalLM"
  int64_t files = 0;         // of weights that were read
};

// Reads a folder with config.json (at most 1 MB) and model.safetensors, or model.safetensors.index.json with its shards; F32, F16, BF16
// or F64 become the type of `options` (float or double). Weights go into `set` as `prefix` + Hugging Face's name; before that, all names
// and shapes are compared, and every tensor that is missing, unexpected or of another shape or type is named in one InputError. `set`
// stays as it was when something fails. A file larger than the weights that config.json announces can be is refused unread, so memory
// stays within two copies of the model. Left aside: rotary_emb.inv_freq of old files, lm_head.weight of a tied model.
LoadedDecoder loadDecoder(ParameterSet& set, const std::string& prefix, const std::filesystem::path& folder, at::TensorOptions options);

// Writes config.json and model.safetensors (adapters merged, types as they are) into an existing folder, readable by the above and by
// transformers. Throws InputError when it cannot.
void writeDecoder(const Decoder& decoder, const std::filesystem::path& folder);

}  // namespace hvlm
