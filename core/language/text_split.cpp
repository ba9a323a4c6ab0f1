// SPDX-License-Identifier: Apache-2.0
#include "language/text_split.h"

#include <unicode/regex.h>
#include <unicode/unistr.h>

#include <algorithm>

#include "language/text_codes.h"
#include "support/error.h"
#include "support/text.h"

namespace hvlm {
namespace {

constexpr int32_t kStackBytes = 64 << 20;  // of one match; ICU keeps it on the heap
constexpr int32_t kTimeSteps = 20'000;     // ICU's units, about a millisecond each

void append(std::vector<Stretch>& stretches, size_t begin, size_t end, bool match) {
  if (begin < end) stretches.push_back({begin, end, match});
}

// The pattern language of these files counts U+000B and U+0085 as \s, which ICU does not, and has the
// numbers of Latin-1 but no joiners (U+200C, U+200D) in \w.
std::string withTheirClasses(const std::string& pattern) {
  std::string out;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '\\' || i + 1 == pattern.size()) {
      out.push_back(pattern[i]);
      continue;
    }
    const char letter = pattern[++i];
    if (letter == 's') {
      out += "\\p{White_Space}";
    } else if (letter == 'S') {
      out += "\\P{White_Space}";
    } else if (letter == 'w' || letter == 'W') {
      out += letter == 'w' ? "[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\u00B2\\u00B3\\u00B9\\u00BC-\\u00BE]"
                           : "[^\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\u00B2\\u00B3\\u00B9\\u00BC-\\u00BE]";
    } else {
      out.push_back('\\');
      out.push_back(letter);
    }
  }
  return out;
}

// Bytes of UTF-8 that UTF-16 units [from, to) take.
size_t utf8Length(const icu::UnicodeString& text, int32_t from, int32_t to) {
  size_t bytes = 0;
  for (int32_t i = from; i < to; ++i) {
    const char16_t unit = text[i];
    bytes += unit < 0x80 ? 1 : unit < 0x800 ? 2 : U16_IS_SURROGATE(unit) ? 2 : 3;  // a pair is four bytes
  }
  return bytes;
}

std::vector<Stretch> patternStretches(const icu::RegexPattern& pattern, std::string_view text, const std::string& place) {
  const icu::UnicodeString wide = icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::RegexMatcher> matcher(pattern.matcher(wide, status));
  if (U_SUCCESS(status)) matcher->setStackLimit(kStackBytes, status);
  if (U_SUCCESS(status)) matcher->setTimeLimit(kTimeSteps, status);
  std::vector<Stretch> stretches;
  int32_t unit = 0;  // UTF-16 units that are done
  size_t done = 0;   // and their bytes
  while (U_SUCCESS(status) && matcher->find(status)) {
    const int32_t start = matcher->start(status);
    const int32_t end = matcher->end(status);
    const size_t begin = done + utf8Length(wide, unit, start);
    append(stretches, done, begin, false);
    done = begin + utf8Length(wide, start, end);
    append(stretches, begin, done, true);
    unit = end;
  }
  if (U_FAILURE(status)) {
    throw InputError({.where = place,
                      .expected = "a pattern that finds its matches in bounded memory and time",
                      .found = u_errorName(status),
                      .remedy = "Use a shorter text, or a tokenizer with a plainer pattern."});
  }
  append(stretches, done, text.size(), false);
  return stretches;
}

// Joins each match to the stretch before it, seen in the order given; a match right after a match stays apart.
std::vector<Stretch> mergedIntoNeighbour(const std::vector<Stretch>& stretches) {
  std::vector<Stretch> out;
  bool after_match = false;
  for (const Stretch& stretch : stretches) {
    if (stretch.match && !after_match && !out.empty()) {
      out.back().begin = std::min(out.back().begin, stretch.begin);
      out.back().end = std::max(out.back().end, stretch.end);
    } else {
      out.push_back(stretch);
    }
    after_match = stretch.match;
  }
  return out;
}

}  // namespace

std::optional<SplitBehaviour> splitBehaviour(std::string_view name) {
  if (name == "Removed") return SplitBehaviour::kRemoved;
  if (name == "Isolated") return SplitBehaviour::kIsolated;
  if (name == "MergedWithPrevious") return SplitBehaviour::kMergedWithPrevious;
  if (name == "MergedWithNext") return SplitBehaviour::kMergedWithNext;
  if (name == "Contiguous") return SplitBehaviour::kContiguous;
  return std::nullopt;
}

StretchFinder findPattern(const std::string& pattern, const std::string& place) {
  UErrorCode status = U_ZERO_ERROR;
  UParseError error{};
  const std::shared_ptr<const icu::RegexPattern> compiled(
      icu::RegexPattern::compile(icu::UnicodeString::fromUTF8(withTheirClasses(pattern)), 0, error, status));
  if (U_FAILURE(status) || !compiled) {
    throw InputError({.where = place,
                      .expected = "a regular expression",
                      .found = "\"" + shortened(pattern) + "\" (" + u_errorName(status) + ")",
                      .remedy = "This program cannot use the tokenizer's pattern: use another tokenizer file."});
  }
  return [compiled, place](std::string_view text) { return patternStretches(*compiled, text, place); };
}

StretchFinder findText(const std::string& wanted) {
  return [wanted](std::string_view text) {
    std::vector<Stretch> stretches;
    size_t done = 0;
    for (size_t at = wanted.empty() ? text.npos : text.find(wanted); at != text.npos; at = text.find(wanted, done)) {
      append(stretches, done, at, false);
      done = at + wanted.size();
      append(stretches, at, done, true);
    }
    append(stretches, done, text.size(), false);
    return stretches;
  };
}

StretchFinder findCharacters(std::function<bool(char32_t)> wanted) {
  return [wanted = std::move(wanted)](std::string_view text) {
    std::vector<Stretch> stretches;
    size_t done = 0;
    for (size_t at = 0; at < text.size();) {
      const size_t begin = at;
      if (!wanted(nextUtf8(text, at).code)) continue;
      append(stretches, done, begin, false);
      append(stretches, begin, at, true);
      done = at;
    }
    append(stretches, done, text.size(), false);
    return stretches;
  };
}

std::vector<Stretch> cut(std::vector<Stretch> stretches, SplitBehaviour behaviour, bool invert) {
  if (invert) {
    for (Stretch& stretch : stretches) stretch.match = !stretch.match;
  }
  std::vector<Stretch> out;
  switch (behaviour) {
    case SplitBehaviour::kIsolated:
      return stretches;
    case SplitBehaviour::kRemoved:
      std::erase_if(stretches, [](const Stretch& stretch) { return stretch.match; });
      return stretches;
    case SplitBehaviour::kMergedWithPrevious:
      return mergedIntoNeighbour(stretches);
    case SplitBehaviour::kMergedWithNext:
      std::reverse(stretches.begin(), stretches.end());
      out = mergedIntoNeighbour(stretches);
      std::reverse(out.begin(), out.end());
      return out;
    case SplitBehaviour::kContiguous:
      for (const Stretch& stretch : stretches) {
        if (!out.empty() && out.back().match == stretch.match) {
          out.back().end = stretch.end;
        } else {
          out.push_back(stretch);
        }
      }
      return out;
  }
  return stretches;
}

}  // namespace hvlm
