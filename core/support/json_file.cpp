// SPDX-License-Identifier: Apache-2.0
#include "support/json_file.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "support/atomic_file.h"
#include "support/error.h"

namespace hvlm {
namespace {

constexpr int kDeepest = 64;

// A cheap scan before the parser builds anything: nested brackets outside strings.
void refuseDeep(std::string_view text, const std::string& where) {
  int depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kDeepest) {
        throw InputError({.where = where,
                          .expected = "JSON at most " + std::to_string(kDeepest) + " levels deep",
                          .found = "a deeper one",
                          .remedy = "Check that this is the right file."});
      }
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
}

}  // namespace

nlohmann::json parseJson(std::string_view text, const std::string& where) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    throw InputError({.where = where, .expected = "JSON", .found = "an empty file", .remedy = "Check the file."});
  }
  refuseDeep(text, where);
  try {
    return nlohmann::json::parse(text.begin(), text.end());
  } catch (const nlohmann::json::parse_error& error) {
    const size_t at = std::min<size_t>(error.byte > 0 ? error.byte - 1 : 0, text.size());
    const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    throw InputError({.where = where + ", line " + std::to_string(line) + ", byte " + std::to_string(error.byte),
                      .expected = "valid JSON",
                      .found = at >= text.size() ? "the end of the file" : "something else",
                      .remedy = "The file is damaged or of another kind: check it."});
  } catch (const nlohmann::json::exception& error) {  // a number out of range
    throw InputError({.where = where, .expected = "valid JSON", .found = error.what(), .remedy = "The file is damaged or of another kind: check it."});
  }
}

nlohmann::json readJsonFile(const std::filesystem::path& path, size_t limit_bytes) {
  return parseJson(readFile(path, limit_bytes), path.string());
}

void writeJsonFile(const std::filesystem::path& path, const nlohmann::json& value) {
  writeFileAtomic(path, value.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

}  // namespace hvlm
