// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

namespace hvlm {

inline constexpr char32_t kReplacementCharacter = 0xFFFD;

// Code points of UTF-8 text. Each maximal subsequence that is no UTF-8 becomes one U+FFFD (Unicode 15, section 3.9, table 3-8).
std::u32string decodeUtf8(std::string_view text);
void appendUtf8(std::string& out, char32_t code);
std::string encodeUtf8(std::u32string_view codes);
std::string validUtf8(std::string_view text);  // the same text, bad parts replaced as above

// The next code point of `text` from byte `at`, which moves past it; `at` must be inside the text. `whole` says whether the bytes were
// valid; `cut` whether they are the beginning of a character that the end of the text cuts off.
struct Utf8Step {
  char32_t code = kReplacementCharacter;
  bool whole = false;
  bool cut = false;
};
Utf8Step nextUtf8(std::string_view text, size_t& at);

// True when the last bytes could go on to a whole character: more text has to come before they can be shown.
bool endsInsideCharacter(std::string_view text);

}  // namespace hvlm
