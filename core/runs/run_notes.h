// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace hvlm {

// What people say about a run: notes.json in its folder, apart from run.json, so that it can be written while a trainer writes the record.
struct RunNotes {
  std::string text;
  std::vector<std::string> tags;
  bool operator==(const RunNotes&) const = default;
};
constexpr size_t kLongestNote = 100'000;  // bytes
constexpr size_t kMostTags = 50;

RunNotes readRunNotes(const std::filesystem::path& run);                      // empty without the file; throws InputError when it is damaged
void writeRunNotes(const std::filesystem::path& run, const RunNotes& notes);  // atomic; an empty one removes the file
std::vector<std::string> tagsFrom(const std::string& text);                   // "a, b c" -> {"a", "b c"}; trimmed, without doubles

}  // namespace hvlm
