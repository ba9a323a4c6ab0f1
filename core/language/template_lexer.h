// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hvlm::jinja {

// One word of a chat template. Text and the marks of blocks are words too, so that a parser reads one flat list.
struct Word {
  enum class Kind { kText, kOutputBegin, kOutputEnd, kBlockBegin, kBlockEnd, kName, kString, kNumber, kSign, kEnd };
  Kind kind = Kind::kEnd;
  std::string text;  // of text and strings: what stands there, escapes resolved; of signs: "==", "[" …
  int64_t number = 0;
  int line = 1;
};

// Cuts a template into words, white space at the marks already dealt with: "-" takes all of it, a block's line end and the blanks before a
// block go as well, "+" keeps them; one line end at the very end of the template goes. Throws InputError with `where` and the line.
std::vector<Word> wordsOf(std::string_view source, const std::string& where);

// For the parser and the evaluation as well: an InputError at a line of the template.
[[noreturn]] void refuse(const std::string& where, int line, const std::string& expected, const std::string& found);

}  // namespace hvlm::jinja
