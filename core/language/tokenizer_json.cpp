// SPDX-License-Identifier: Apache-2.0
#include "language/tokenizer_json.h"

#include <algorithm>
#include <string_view>

#include "support/json_file.h"
#include "support/text.h"

namespace hvlm {
namespace {

using nlohmann::json;

constexpr const char* kRemedy = "Export the tokenizer again, or use one of the kinds the manual lists.";

std::string shortText(const json& value) { return shortened(value.dump(-1, ' ', false, json::error_handler_t::replace)); }

// Ids of the special token `name` as the post-processor's own table lists them.
void appendSpecial(const json& part, const std::string& name, const std::string& place, std::vector<int64_t>& ids) {
  const json& entry = field(field(part, "special_tokens", place), name.c_str(), place + ".special_tokens");
  const json& list = field(entry, "ids", place + ".special_tokens." + name);
  if (!list.is_array()) throw partError(place + ".special_tokens." + name + ".ids", "a list of ids", list);
  for (const json& id : list) {
    if (!id.is_number_integer() || id < 0 || id >= kMostTokens) throw partError(place + ".special_tokens." + name, "ids", id);
    ids.push_back(id.get<int64_t>());
  }
}

AroundText readTemplate(const json& part, const std::string& place) {
  onlyKeys(part, {"single", "pair", "special_tokens"}, place);
  const json& single = field(part, "single", place);
  if (!single.is_array()) throw partError(place + ".single", "a list", single);
  AroundText around;
  bool seen_text = false;
  for (const json& piece : single) {
    if (piece.is_object() && piece.contains("SpecialToken")) {
      const std::string name = textField(piece["SpecialToken"], "id", place + ".single");
      appendSpecial(part, name, place, seen_text ? around.after : around.before);
    } else if (piece.is_object() && piece.contains("Sequence") && !seen_text) {
      seen_text = true;
    } else {
      throw partError(place + ".single", "SpecialToken, or Sequence once", piece);
    }
  }
  if (!seen_text) throw partError(place + ".single", "one Sequence", single);
  return around;
}

}  // namespace

InputError partError(const std::string& place, const std::string& expected, const json& found) {
  return InputError({.where = place, .expected = expected, .found = shortText(found), .remedy = kRemedy});
}

InputError unknownPart(const std::string& place, const std::string& kind, const std::string& name, const std::string& known) {
  return InputError(
      {.where = place, .expected = "a known " + kind + " (" + known + ")", .found = "\"" + shortened(name) + "\"", .remedy = kRemedy});
}

const json& field(const json& object, const char* key, const std::string& place) {
  if (!object.is_object()) throw partError(place, "an object", object);
  const auto found = object.find(key);
  if (found == object.end()) {
    throw InputError({.where = place, .expected = std::string("the key \"") + key + "\"", .found = "none", .remedy = kRemedy});
  }
  return *found;
}

std::string textField(const json& object, const char* key, const std::string& place) {
  const json& value = field(object, key, place);
  if (!value.is_string()) throw partError(place + "." + key, "a text", value);
  return value.get<std::string>();
}

int64_t numberField(const json& object, const char* key, const std::string& place) {
  const json& value = field(object, key, place);
  if (!value.is_number_integer() || value < 0 || value > kMostTokens) {
    throw partError(place + "." + key, "a whole number from 0 to " + std::to_string(kMostTokens), value);
  }
  return value.get<int64_t>();
}

bool flagField(const json& object, const char* key, bool absent, const std::string& place) {
  if (!object.is_object()) throw partError(place, "an object", object);
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return absent;
  if (!found->is_boolean()) throw partError(place + "." + key, "true or false", *found);
  return found->get<bool>();
}

void onlyKeys(const json& object, std::initializer_list<const char*> keys, const std::string& place) {
  if (!object.is_object()) throw partError(place, "an object", object);
  for (const auto& [key, value] : object.items()) {
    const bool known = key == "type" || std::any_of(keys.begin(), keys.end(), [&](const char* k) { return key == k; });
    if (!known)
      throw InputError({.where = place,
                        .expected = "settings this program knows",
                        .found = "\"" + shortened(key) + "\": " + shortText(value),
                        .remedy = kRemedy});
  }
}

std::vector<std::pair<std::string, int64_t>> readVocabulary(const json& model, const std::string& place) {
  const json& vocabulary = field(model, "vocab", place);
  if (!vocabulary.is_object()) throw partError(place + ".vocab", "an object of tokens and ids", vocabulary);
  std::vector<std::pair<std::string, int64_t>> entries;
  entries.reserve(vocabulary.size());
  for (const auto& [token, id] : vocabulary.items()) {
    if (!id.is_number_integer()) throw partError(place + ".vocab, token \"" + shortened(token) + "\"", "a whole number", id);
    entries.emplace_back(token, id.is_number_unsigned() && id > kMostTokens ? kMostTokens : id.get<int64_t>());
  }
  return entries;
}

AroundText readPostProcessor(const json& part, const std::string& place, int depth) {
  if (part.is_null()) return {};
  const std::string type = textField(part, "type", place);
  if (type == "ByteLevel") return {};  // moves offsets only, which are not kept here
  if (type == "TemplateProcessing") return readTemplate(part, place);
  if (type != "Sequence" || depth > 8) throw unknownPart(place, "post-processor", type, "TemplateProcessing, ByteLevel, Sequence");
  const json& list = field(part, "processors", place);
  if (!list.is_array()) throw partError(place + ".processors", "a list", list);
  AroundText around;
  for (const json& one : list) {
    AroundText inner = readPostProcessor(one, place + ".processors", depth + 1);
    around.before.insert(around.before.begin(), inner.before.begin(), inner.before.end());
    around.after.insert(around.after.end(), inner.after.begin(), inner.after.end());
  }
  return around;
}

json readTokenizerJson(const std::filesystem::path& path) {
  json file = readJsonFile(path, kMostTokenizerBytes);
  if (!file.is_object()) throw partError(path.string(), "a tokenizer.json", file);
  return file;
}

}  // namespace hvlm
