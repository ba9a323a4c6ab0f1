// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "language/tokenizer.h"
#include "support/error.h"

namespace hvlm {

// Reading fields of a tokenizer.json. `place` is the file with the path inside; every fault is an InputError naming it.
InputError partError(const std::string& place, const std::string& expected, const nlohmann::json& found);
InputError unknownPart(const std::string& place, const std::string& kind, const std::string& name, const std::string& known);

const nlohmann::json& field(const nlohmann::json& object, const char* key, const std::string& place);
std::string textField(const nlohmann::json& object, const char* key, const std::string& place);
int64_t numberField(const nlohmann::json& object, const char* key, const std::string& place);
bool flagField(const nlohmann::json& object, const char* key, bool absent, const std::string& place);  // null is `absent`

// The "type" of a part. Throws unless all its other keys are in `keys`, so that no setting is passed over in silence.
void onlyKeys(const nlohmann::json& object, std::initializer_list<const char*> keys, const std::string& place);

std::vector<std::pair<std::string, int64_t>> readVocabulary(const nlohmann::json& model, const std::string& place);

// TemplateProcessing (its form for one text), ByteLevel, Sequence or null.
AroundText readPostProcessor(const nlohmann::json& part, const std::string& place, int depth = 0);

// The whole file, parsed within the bounds; an object.
nlohmann::json readTokenizerJson(const std::filesystem::path& path);

}  // namespace hvlm
