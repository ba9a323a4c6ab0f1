// SPDX-License-Identifier: Apache-2.0
// A small LLaMA with a tokenizer, on disk, that a projector is trained for.
#pragma once
#include <filesystem>
#include <string>

#include "core/engine/language/tiny_decoder.h"
#include "engine/language/decoder_files.h"
#include "support/atomic_file.h"
#include "support/golden.h"

namespace hvlm::testing {

inline DecoderShape speakingShape() {
  DecoderShape shape = tinyShape();
  shape.vocabulary = 800;  // of bpe_metaspace.json
  shape.width = 32;
  shape.hidden = 48;
  shape.max_positions = 1024;
  return shape;
}

inline std::string tokenizerFile() { return std::string(sourceFolder()) + "/tests/data/language/bpe_metaspace.json"; }

constexpr const char* kOwnTemplate =
    R"({"bos_token": "<s>", "eos_token": "</s>", "chat_template": "{{ bos_token }}{% for m in messages %}{{ m.role }}: {{ m.content }}{% if m.role == 'assistant' %}{{ eos_token }}{% endif %}\n{% endfor %}{% if add_generation_prompt %}assistant:{% endif %}"})";

// Random weights large enough that attention is not flat.
inline std::string writeModel(const std::filesystem::path& folder, bool with_template = true, uint64_t seed = 3) {
  std::filesystem::create_directories(folder);
  const Tiny tiny(speakingShape(), at::kFloat, seed);
  writeDecoder(tiny.decoder, folder);
  std::filesystem::copy_file(tokenizerFile(), folder / "tokenizer.json");
  if (with_template) writeFileAtomic(folder / "tokenizer_config.json", kOwnTemplate);
  return folder.string();
}

}  // namespace hvlm::testing
