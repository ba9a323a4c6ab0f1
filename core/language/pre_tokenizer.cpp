// SPDX-License-Identifier: Apache-2.0
// Pre-tokenizers of a tokenizer.json: how a text is cut before the model sees it.
#include <unicode/uchar.h>

#include <array>

#include "language/text_codes.h"
#include "language/text_split.h"
#include "language/text_steps.h"
#include "language/tokenizer_json.h"

namespace hvlm {
namespace {

using nlohmann::json;

// GPT-2's pattern. Source: Radford et al. 2019, the published encoder.
constexpr const char* kBytePattern = R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
constexpr const char* kWordPattern =
    R"([\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]+|[^\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}\s]+)";

PreTokenizer splitting(StretchFinder find, SplitBehaviour behaviour, bool invert) {
  return [find = std::move(find), behaviour, invert](std::vector<TextPiece> pieces) {
    std::vector<TextPiece> out;
    for (const TextPiece& piece : pieces) {
      for (const Stretch& stretch : cut(find(piece.text), behaviour, invert)) {
        out.push_back({piece.text.substr(stretch.begin, stretch.end - stretch.begin), piece.at_start && stretch.begin == 0});
      }
    }
    return out;
  };
}

PreTokenizer readByteLevel(const json& part, const std::string& place) {
  onlyKeys(part, {"add_prefix_space", "trim_offsets", "use_regex"}, place);
  const bool blank_first = flagField(part, "add_prefix_space", true, place);
  PreTokenizer words;
  if (flagField(part, "use_regex", true, place)) words = splitting(findPattern(kBytePattern, place), SplitBehaviour::kIsolated, false);
  return [blank_first, words](std::vector<TextPiece> pieces) {
    for (TextPiece& piece : pieces) {
      if (blank_first && !piece.text.empty() && piece.text.front() != ' ') piece.text.insert(0, 1, ' ');
    }
    if (words) pieces = words(std::move(pieces));
    for (TextPiece& piece : pieces) piece.text = byteLetters(piece.text);
    return pieces;
  };
}

PreTokenizer readMetaspaceCutter(const json& part, const std::string& place) {
  const Metaspace space = readMetaspace(part, place);
  const PreTokenizer words = splitting(findText(space.replacement), SplitBehaviour::kMergedWithNext, false);
  return [space, words](std::vector<TextPiece> pieces) {
    for (TextPiece& piece : pieces) {
      replaceEvery(piece.text, " ", space.replacement);
      const bool wanted = space.prepend == Metaspace::Prepend::kAlways || (space.prepend == Metaspace::Prepend::kFirst && piece.at_start);
      if (wanted && !piece.text.empty() && !piece.text.starts_with(space.replacement)) piece.text.insert(0, space.replacement);
    }
    return space.split ? words(std::move(pieces)) : pieces;
  };
}

PreTokenizer readSplit(const json& part, const std::string& place) {
  onlyKeys(part, {"pattern", "behavior", "invert"}, place);
  const json& pattern = field(part, "pattern", place);
  const std::string name = textField(part, "behavior", place);
  const auto behaviour = splitBehaviour(name);
  if (!behaviour)
    throw unknownPart(place + ".behavior", "behaviour", name, "Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous");
  const bool plain = pattern.is_object() && pattern.contains("String");
  const std::string text = textField(pattern, plain ? "String" : "Regex", place + ".pattern");
  return splitting(plain ? findText(text) : findPattern(text, place + ".pattern"), *behaviour, flagField(part, "invert", false, place));
}

PreTokenizer readDigits(const json& part, const std::string& place) {
  onlyKeys(part, {"individual_digits"}, place);
  const auto is_number = [](char32_t code) {
    return (U_MASK(u_charType(static_cast<UChar32>(code))) & (U_GC_ND_MASK | U_GC_NL_MASK | U_GC_NO_MASK)) != 0;
  };
  const bool single = flagField(part, "individual_digits", false, place);
  return splitting(findCharacters(is_number), single ? SplitBehaviour::kIsolated : SplitBehaviour::kContiguous, false);
}

PreTokenizer readSequence(const json& part, const std::string& place, int depth) {
  onlyKeys(part, {"pretokenizers"}, place);
  const json& list = field(part, "pretokenizers", place);
  if (!list.is_array()) throw partError(place + ".pretokenizers", "a list", list);
  std::vector<PreTokenizer> steps;
  for (const json& one : list)
    steps.push_back(readPreTokenizer(one, place + ".pretokenizers[" + std::to_string(steps.size()) + "]", depth + 1));
  return [steps](std::vector<TextPiece> pieces) {
    for (const PreTokenizer& step : steps) pieces = step(std::move(pieces));
    return pieces;
  };
}

}  // namespace

Metaspace readMetaspace(const json& part, const std::string& place) {
  onlyKeys(part, {"replacement", "prepend_scheme", "split", "add_prefix_space", "str_rep"}, place);
  Metaspace space;
  space.replacement = textField(part, "replacement", place);
  if (decodeUtf8(space.replacement).size() != 1) throw partError(place + ".replacement", "one character", part["replacement"]);
  if (!part.contains("prepend_scheme")) {  // older files
    space.prepend = flagField(part, "add_prefix_space", true, place) ? Metaspace::Prepend::kAlways : Metaspace::Prepend::kNever;
  } else if (const std::string scheme = textField(part, "prepend_scheme", place); scheme == "first") {
    space.prepend = Metaspace::Prepend::kFirst;
  } else if (scheme == "never") {
    space.prepend = Metaspace::Prepend::kNever;
  } else if (scheme != "always") {
    throw unknownPart(place + ".prepend_scheme", "scheme", scheme, "first, always, never");
  }
  space.split = flagField(part, "split", true, place);
  return space;
}

PreTokenizer readPreTokenizer(const json& part, const std::string& place, int depth) {
  if (depth > kDeepestSteps) refuseDepth(place);
  if (part.is_null()) return [](std::vector<TextPiece> pieces) { return pieces; };
  const std::string type = textField(part, "type", place);
  if (type == "ByteLevel") return readByteLevel(part, place);
  if (type == "Metaspace") return readMetaspaceCutter(part, place);
  if (type == "Split") return readSplit(part, place);
  if (type == "Digits") return readDigits(part, place);
  if (type == "Sequence") return readSequence(part, place, depth);
  if (type == "Whitespace") {
    onlyKeys(part, {}, place);
    return splitting(findPattern(kWordPattern, place), SplitBehaviour::kRemoved, true);
  }
  throw unknownPart(place, "pre-tokenizer", type, "ByteLevel, Metaspace, Split, Digits, Whitespace, Sequence");
}

}  // namespace hvlm
