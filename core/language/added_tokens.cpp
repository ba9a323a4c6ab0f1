// SPDX-License-Identifier: Apache-2.0
#include "language/added_tokens.h"

#include <unicode/uchar.h>

#include <algorithm>

#include "language/text_codes.h"
#include "language/tokenizer_json.h"

namespace hvlm {
namespace {

bool isWordCode(char32_t code) {
  const auto c = static_cast<UChar32>(code);
  const uint32_t kind = U_MASK(u_charType(c));
  return u_hasBinaryProperty(c, UCHAR_ALPHABETIC) || (kind & (U_GC_M_MASK | U_GC_ND_MASK | U_GC_PC_MASK)) != 0 ||
         u_hasBinaryProperty(c, UCHAR_JOIN_CONTROL);
}

bool isSpace(char32_t code) { return u_isUWhiteSpace(static_cast<UChar32>(code)) != 0; }

size_t startOfCharacterBefore(std::string_view text, size_t at) {
  do {
    --at;
  } while (at > 0 && (static_cast<uint8_t>(text[at]) & 0xC0) == 0x80);
  return at;
}

char32_t codeAt(std::string_view text, size_t at) { return nextUtf8(text, at).code; }

bool standsAlone(std::string_view text, size_t begin, size_t end) {
  return (begin == 0 || !isWordCode(codeAt(text, startOfCharacterBefore(text, begin)))) &&
         (end == text.size() || !isWordCode(codeAt(text, end)));
}

}  // namespace

AddedTokens::AddedTokens(std::vector<AddedToken> tokens, const std::function<std::string(std::string_view)>& normalize)
    : tokens_(std::move(tokens)) {
  for (size_t i = 0; i < tokens_.size(); ++i) {
    const AddedToken& token = tokens_[i];
    if (token.special) special_.insert(token.id);
    const std::string content = token.normalized ? normalize(token.content) : token.content;
    if (content.empty()) continue;
    Finder& finder = token.normalized ? normalized_ : plain_;
    finder.index.insert_or_assign(content, i);
    std::vector<size_t>& lengths = finder.lengths[static_cast<uint8_t>(content[0])];
    if (std::find(lengths.begin(), lengths.end(), content.size()) == lengths.end()) lengths.push_back(content.size());
  }
  for (Finder* finder : {&plain_, &normalized_}) {
    for (std::vector<size_t>& lengths : finder->lengths) std::sort(lengths.rbegin(), lengths.rend());
  }
}

const size_t* AddedTokens::Finder::find(std::string_view text, size_t at, size_t& length) const {
  for (const size_t candidate : lengths[static_cast<uint8_t>(text[at])]) {
    if (candidate > text.size() - at) continue;
    const auto found = index.find(text.substr(at, candidate));
    if (found == index.end()) continue;
    length = candidate;
    return &found->second;
  }
  return nullptr;
}

std::vector<TextPart> AddedTokens::partsOf(std::string_view text, bool in_normalized) const {
  const Finder& finder = in_normalized ? normalized_ : plain_;
  std::vector<TextPart> parts;
  size_t done = 0;  // everything before is in `parts`
  size_t at = 0;
  while (at < text.size() && !finder.index.empty()) {
    size_t length = 0;
    const size_t* found = finder.find(text, at, length);
    if (!found) {
      ++at;
      continue;
    }
    const AddedToken& token = tokens_[*found];
    size_t begin = at;
    size_t end = at + length;
    at = end;
    if (token.single_word && !standsAlone(text, begin, end)) continue;
    if (token.left_strip) {
      while (begin > done) {
        const size_t before = startOfCharacterBefore(text, begin);
        if (!isSpace(codeAt(text, before))) break;
        begin = before;
      }
    }
    if (token.right_strip) {
      for (size_t next = end; end < text.size() && isSpace(nextUtf8(text, next).code);) end = next;
    }
    if (done < begin) parts.push_back({.begin = done, .end = begin});
    parts.push_back({.id = token.id, .begin = begin, .end = end});
    done = end;
    at = std::max(at, end);
  }
  if (done < text.size()) parts.push_back({.begin = done, .end = text.size()});
  return parts;
}

std::vector<AddedToken> readAddedTokens(const nlohmann::json& file, const std::string& where) {
  std::vector<AddedToken> tokens;
  const auto list = file.find("added_tokens");
  if (list == file.end() || list->is_null()) return tokens;
  if (!list->is_array()) throw partError(where + ", added_tokens", "a list", *list);
  for (const nlohmann::json& entry : *list) {
    const std::string place = where + ", added_tokens[" + std::to_string(tokens.size()) + "]";
    tokens.push_back({.content = textField(entry, "content", place),
                      .id = numberField(entry, "id", place),
                      .special = flagField(entry, "special", false, place),
                      .single_word = flagField(entry, "single_word", false, place),
                      .left_strip = flagField(entry, "lstrip", false, place),
                      .right_strip = flagField(entry, "rstrip", false, place),
                      .normalized = flagField(entry, "normalized", false, place)});
  }
  return tokens;
}

}  // namespace hvlm
