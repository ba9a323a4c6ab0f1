// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hvlm {

// What becomes of the matches when a text is cut at them.
enum class SplitBehaviour { kRemoved, kIsolated, kMergedWithPrevious, kMergedWithNext, kContiguous };
std::optional<SplitBehaviour> splitBehaviour(std::string_view name);  // "Removed", "Isolated" …

// A stretch of a text, bytes [begin, end): a match, or what lies between two.
struct Stretch {
  size_t begin = 0, end = 0;
  bool match = false;
};
using StretchFinder = std::function<std::vector<Stretch>(std::string_view)>;  // end to end over the whole text

// A regular expression in the form tokenizer files use, through ICU; \s, \S, \w and \W mean what they mean there. Throws InputError naming
// `place` for one that ICU does not take; the finder throws it when a match takes more memory or time than is allowed.
StretchFinder findPattern(const std::string& pattern, const std::string& place);
StretchFinder findText(const std::string& text);                     // every place of a text
StretchFinder findCharacters(std::function<bool(char32_t)> wanted);  // every character that is wanted, one by one

// Cuts [begin, end) by the behaviour; empty pieces are left out. `invert` swaps matches and the rest.
std::vector<Stretch> cut(std::vector<Stretch> stretches, SplitBehaviour behaviour, bool invert);

}  // namespace hvlm
