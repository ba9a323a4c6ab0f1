// SPDX-License-Identifier: Apache-2.0
#include "runs/run_notes.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "support/atomic_file.h"
#include "support/error.h"
#include "support/json_file.h"

namespace hvlm {
namespace {

constexpr const char* kFile = "notes.json";

}  // namespace

RunNotes readRunNotes(const std::filesystem::path& run) {
  const std::filesystem::path file = run / kFile;
  std::error_code none;
  if (!std::filesystem::exists(file, none)) return {};
  const nlohmann::json json = parseJson(readFile(file, kLongestNote * 2), file.string());
  RunNotes notes;
  try {
    json.at("text").get_to(notes.text);
    json.at("tags").get_to(notes.tags);
  } catch (const nlohmann::json::exception& error) {
    throw InputError({.where = file.string(), .expected = "a text and a list of tags", .found = error.what(), .remedy = "Mend or remove the file; the run itself is whole."});
  }
  return notes;
}

void writeRunNotes(const std::filesystem::path& run, const RunNotes& notes) {
  const std::filesystem::path file = run / kFile;
  if (notes.text.size() > kLongestNote || notes.tags.size() > kMostTags) {
    throw InputError({.where = file.string(), .expected = "at most " + std::to_string(kLongestNote) + " bytes and " + std::to_string(kMostTags) + " tags",
                      .found = std::to_string(notes.text.size()) + " and " + std::to_string(notes.tags.size()), .remedy = "Shorten it."});
  }
  if (notes == RunNotes{}) {
    std::error_code none;
    std::filesystem::remove(file, none);
    return;
  }
  writeJsonFile(file, {{"text", notes.text}, {"tags", notes.tags}});
}

std::vector<std::string> tagsFrom(const std::string& text) {
  std::vector<std::string> tags;
  for (size_t at = 0; at <= text.size();) {
    const size_t comma = std::min(text.find(',', at), text.size());
    std::string tag = text.substr(at, comma - at);
    tag.erase(0, tag.find_first_not_of(" \t"));
    tag.erase(tag.find_last_not_of(" \t") + 1);
    if (!tag.empty() && std::find(tags.begin(), tags.end(), tag) == tags.end()) tags.push_back(tag);
    at = comma + 1;
  }
  return tags;
}

}  // namespace hvlm
