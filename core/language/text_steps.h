// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace hvlm {

// The parts of a tokenizer.json around its model, each made into one function when the file is read. Texts are valid UTF-8 (but for
// the bytes of the ByteLevel alphabet, which stand as its letters). The functions may be called on several threads.

// A piece of text; `at_start`: it begins where the whole text begins.
struct TextPiece {
  std::string text;
  bool at_start = false;
};

using Normalizer = std::function<std::string(std::string)>;
using PreTokenizer = std::function<std::vector<TextPiece>(std::vector<TextPiece>)>;
using TokenDecoder = std::function<std::vector<std::string>(std::vector<std::string>)>;  // the results are joined

// Prepend, Replace (of a text), NFC, NFD, NFKC, NFKD, Lowercase, Sequence or null. Throws InputError naming anything else.
Normalizer readNormalizer(const nlohmann::json& part, const std::string& place, int depth = 0);

// ByteLevel, Metaspace, Split, Digits, Whitespace, Sequence or null. Throws InputError naming anything else, and for patterns that are
// no regular expression.
PreTokenizer readPreTokenizer(const nlohmann::json& part, const std::string& place, int depth = 0);

// ByteLevel, Metaspace, ByteFallback, Fuse, Strip, Replace (of a text), Sequence; null puts blanks between the tokens.
TokenDecoder readTokenDecoder(const nlohmann::json& part, const std::string& place, int depth = 0);

// What both Metaspace parts say.
struct Metaspace {
  enum class Prepend { kFirst, kAlways, kNever };
  std::string replacement;  // one character
  Prepend prepend = Prepend::kAlways;
  bool split = true;
};
Metaspace readMetaspace(const nlohmann::json& part, const std::string& place);

// ByteLevel's alphabet: each byte as one visible character, and back.
std::string byteLetters(std::string_view bytes);
bool bytesOfLetters(std::string_view letters, std::string& bytes);  // false when a character is not of the alphabet
int byteOfToken(std::string_view token);                            // of "<0x0A>"; -1 for other tokens

void replaceEvery(std::string& text, std::string_view from, std::string_view to);
[[noreturn]] void refuseDepth(const std::string& place);
inline constexpr int kDeepestSteps = 16;

}  // namespace hvlm
