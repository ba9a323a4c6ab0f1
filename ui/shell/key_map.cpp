// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/key_map.h"

#include <nlohmann/json.hpp>

#include "support/atomic_file.h"
#include "support/error.h"
#include "support/json_file.h"
#include "support/paths.h"
#include "ui/shell/action_list.h"
#include "ui/text.h"

namespace hvlm::ui {
namespace {

constexpr size_t kLargestFile = size_t{1} << 20;

}  // namespace

std::filesystem::path keyMapFile() { return configFolder() / "keys.json"; }

std::string keyMapJson(const KeyMap& keys) {
  nlohmann::json object = nlohmann::json::object();
  for (auto it = keys.cbegin(); it != keys.cend(); ++it) {
    nlohmann::json list = nlohmann::json::array();
    for (const QKeySequence& key : it.value()) list.push_back(stdText(key.toString(QKeySequence::PortableText)));
    object[stdText(it.key())] = std::move(list);
  }
  return nlohmann::json{{"version", 1}, {"keys", std::move(object)}}.dump(2) + "\n";
}

KeyMap parseKeyMap(const std::string& text) {
  const nlohmann::json json = parseJson(text, "keys.json");
  KeyMap keys;
  try {
    const nlohmann::json& object = json.at("keys");
    for (const auto& [id, list] : object.items()) {
      QList<QKeySequence> sequences;
      for (const auto& key : list) sequences.append(QKeySequence(qText(key.get<std::string>()), QKeySequence::PortableText));
      keys.insert(qText(id), sequences);
    }
  } catch (const nlohmann::json::exception& error) {
    throw InputError({.where = "keys.json", .expected = "lists of keys by action", .found = error.what(), .remedy = ""});
  }
  return keys;
}

KeyMap loadKeyMap(const std::filesystem::path& file, QString* problem) {
  std::error_code none;
  if (!std::filesystem::exists(file, none)) return {};
  try {
    return parseKeyMap(readFile(file, kLargestFile));
  } catch (const std::exception& error) {
    const std::filesystem::path aside = file.string() + ".bad";
    std::filesystem::rename(file, aside, none);
    if (problem) *problem = uiText("The chosen keys could not be read and were set aside as %1; the standard keys are in place. %2").arg(qText(aside), qText(error.what()));
    return {};
  }
}

void saveKeyMap(const std::filesystem::path& file, const KeyMap& keys) {
  std::filesystem::create_directories(file.parent_path());
  writeFileAtomic(file, keyMapJson(keys));
}

QStringList applyKeyMap(ActionList& actions, const KeyMap& keys) {
  actions.resetKeys();
  for (auto it = keys.cbegin(); it != keys.cend(); ++it) actions.setKeys(it.key(), it.value());
  const QStringList clashes = actions.clashes();
  if (!clashes.isEmpty()) actions.resetKeys();
  return clashes;
}

}  // namespace hvlm::ui
