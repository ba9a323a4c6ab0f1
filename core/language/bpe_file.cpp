// SPDX-License-Identifier: Apache-2.0
#include "language/bpe_file.h"

#include "language/tokenizer_json.h"
#include "support/text.h"

namespace hvlm {
namespace {

using nlohmann::json;

json partOf(const json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? json() : *found;
}

std::vector<std::pair<std::string, std::string>> readMerges(const json& model, const std::string& place) {
  const json& list = field(model, "merges", place);
  if (!list.is_array() || list.size() > static_cast<size_t>(kMostTokens))
    throw partError(place + ".merges", "a list of at most " + std::to_string(kMostTokens) + " merges", list);
  std::vector<std::pair<std::string, std::string>> merges;
  merges.reserve(list.size());
  for (const json& entry : list) {
    const std::string where = place + ".merges[" + std::to_string(merges.size()) + "]";
    if (entry.is_array() && entry.size() == 2 && entry[0].is_string() && entry[1].is_string()) {
      merges.emplace_back(entry[0].get<std::string>(), entry[1].get<std::string>());
      continue;
    }
    if (!entry.is_string()) throw partError(where, "\"a b\" or [\"a\", \"b\"]", entry);
    std::vector<std::string> parts = split(entry.get<std::string>(), ' ');
    if (parts.size() != 2) throw partError(where, "two tokens with one blank between", entry);
    merges.emplace_back(std::move(parts[0]), std::move(parts[1]));
  }
  return merges;
}

// Settings that change the result and that this program does not have: only their empty value will do.
void refuseUnsupported(const json& model, const std::string& place) {
  for (const char* key : {"dropout", "continuing_subword_prefix", "end_of_word_suffix"}) {
    const json value = partOf(model, key);
    const bool empty = value.is_null() || (value.is_string() && value.get<std::string>().empty()) || (value.is_number() && value == 0);
    if (!empty) throw partError(place + "." + key, "no " + std::string(key) + " (this program has none)", value);
  }
}

bool usesByteLevel(const json& decoder) {
  if (!decoder.is_object()) return false;
  if (decoder.value("type", json()) == "ByteLevel") return true;
  for (const json& one : decoder.value("decoders", json::array())) {
    if (usesByteLevel(one)) return true;
  }
  return false;
}

}  // namespace

Bpe readBpe(const json& file, const std::string& where) {
  const json& model = field(file, "model", where);
  const std::string place = where + ", model";
  onlyKeys(model,
           {"dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk", "byte_fallback", "ignore_merges",
            "vocab", "merges"},
           place);
  refuseUnsupported(model, place);
  BpeParts parts;
  parts.where = where;
  parts.options = {.unknown = partOf(model, "unk_token").is_null() ? "" : textField(model, "unk_token", place),
                   .byte_fallback = flagField(model, "byte_fallback", false, place),
                   .fuse_unknown = flagField(model, "fuse_unk", false, place),
                   .ignore_merges = flagField(model, "ignore_merges", false, place)};
  parts.vocabulary = readVocabulary(model, place);
  parts.merges = readMerges(model, place);
  parts.added = readAddedTokens(file, where);
  parts.normalize = readNormalizer(partOf(file, "normalizer"), where + ", normalizer");
  parts.cut = readPreTokenizer(partOf(file, "pre_tokenizer"), where + ", pre_tokenizer");
  const json decoder = partOf(file, "decoder");
  parts.decode = readTokenDecoder(decoder, where + ", decoder");
  parts.byte_level = usesByteLevel(decoder);
  parts.around = readPostProcessor(partOf(file, "post_processor"), where + ", post_processor");
  return Bpe(std::move(parts));
}

}  // namespace hvlm
