// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace hvlm {

struct TextHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
using TokenIds = std::unordered_map<std::string, int64_t, TextHash, std::equal_to<>>;

// A token that is found in the text as it stands, before the model cuts the rest: "[SEP]", "<s>".
struct AddedToken {
  std::string content;
  int64_t id = -1;
  bool special = false;      // left out by decode()
  bool single_word = false;  // only between characters that belong to no word
  bool left_strip = false;   // takes the white space before it along
  bool right_strip = false;  // and after it
  bool normalized = false;   // looked for in the normalised text
};

// A part of a text: an added token, or what lies between two.
struct TextPart {
  int64_t id = -1;  // -1: text for the model
  size_t begin = 0, end = 0;
};

// The added tokens of one tokenizer. Found from the left, the longest first, each in constant time.
class AddedTokens {
 public:
  AddedTokens() = default;
  // `normalize` is what the tokenizer's normaliser makes of a token looked for in normalised text.
  AddedTokens(std::vector<AddedToken> tokens, const std::function<std::string(std::string_view)>& normalize);

  const std::vector<AddedToken>& all() const { return tokens_; }
  bool isSpecial(int64_t id) const { return special_.contains(id); }
  // Parts of valid UTF-8 text, end to end, without empty ones; one of the two kinds of tokens is looked for.
  std::vector<TextPart> partsOf(std::string_view text, bool in_normalized) const;

 private:
  struct Finder {
    std::unordered_map<std::string, size_t, TextHash, std::equal_to<>> index;  // content -> place in tokens_
    std::array<std::vector<size_t>, 256> lengths;                              // by first byte, the longest first
    const size_t* find(std::string_view text, size_t at, size_t& length) const;
  };
  std::vector<AddedToken> tokens_;
  std::set<int64_t> special_;
  Finder plain_, normalized_;
};

// The `added_tokens` list of a tokenizer.json. Throws InputError naming the entry.
std::vector<AddedToken> readAddedTokens(const nlohmann::json& file, const std::string& where);

}  // namespace hvlm
