// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "language/added_tokens.h"

namespace hvlm {

struct EncodeOptions {
  bool special_tokens = true;  // put the tokens that the file's post-processor names around the text ([CLS] … [SEP], <s> …)
  int64_t max_length = -1;     // most ids, the ones put around included; the text's own last ids give way. 0 is no limit,
                               // -1 the tokenizer's own one
};

// Ids of the tokens with a meaning of their own; -1 when the tokenizer has none.
struct SpecialIds {
  int64_t unknown = -1;
  int64_t begin = -1;  // the first id put before a text: [CLS], <s>
  int64_t end = -1;    // the last id put after it: [SEP]; else the token named </s>, <|endoftext|>, <|eot_id|> or <|im_end|>
  int64_t pad = -1;
  int64_t mask = -1;
};

// Ids that go around a text.
struct AroundText {
  std::vector<int64_t> before, after;
};

// Text to ids and back. Made from files, then constant: encode() and decode() may run on several threads.
// Text that is no valid UTF-8 is read with each bad part replaced by U+FFFD.
class Tokenizer {
 public:
  virtual ~Tokenizer() = default;

  // Ids of a text, cut to the longest length. Throws InputError when max_length leaves no room for the ids around the text.
  std::vector<int64_t> encode(std::string_view text, const EncodeOptions& options = {}) const;

  // Text of ids, as the file's decoder gives it. Ids without a token are left out; special tokens too, unless asked for.
  std::string decode(std::span<const int64_t> ids, bool skip_special = true) const;

  int64_t vocabularySize() const { return static_cast<int64_t>(tokens_.size()); }  // the highest id + 1
  const SpecialIds& special() const { return special_; }
  int64_t idOf(std::string_view token) const;    // -1 when there is none
  const std::string& tokenOf(int64_t id) const;  // "" when there is none
  bool isSpecial(int64_t id) const { return added_.isSpecial(id); }
  bool isKnown(int64_t id) const;                     // a token has this id
  virtual std::string bytesOf(int64_t id) const = 0;  // the bytes a token stands for, maybe a part of a character

  // Whether every id has a row in an embedding table of `rows` rows; more rows than ids are fine (padding).
  bool fits(int64_t rows) const { return vocabularySize() <= rows; }
  // Throws InputError naming the highest id and the rows when it does not fit; `weights` names the table's file.
  void requireFit(int64_t rows, const std::string& weights) const;

 protected:
  // Appends the ids of a piece of text between added tokens; may stop once `ids` holds `enough`. `at_start`: it opens the text.
  virtual void encodePiece(std::string_view piece, bool at_start, size_t enough, std::vector<int64_t>& ids) const = 0;
  virtual std::string normalized(std::string_view piece) const = 0;
  virtual std::string joined(std::vector<std::string> tokens) const = 0;  // tokens to text

  void setVocabulary(std::vector<std::pair<std::string, int64_t>> entries);  // checked for bounds, doubles and negative ids
  void setAdded(AddedTokens added);                                          // after the vocabulary
  void setAround(AroundText around);                                         // last: works out special()

  std::string where_;    // the file, for errors
  int64_t longest_ = 0;  // ids of a text unless encode() is told otherwise; 0 is no limit
  SpecialIds special_;

 private:
  std::vector<std::string> tokens_;  // by id; "" is a hole unless known_
  std::vector<bool> known_;
  TokenIds ids_;
  AddedTokens added_;
  AroundText around_;
};

inline constexpr int64_t kMostTokens = 1'000'000;
inline constexpr size_t kMostTokenizerBytes = size_t{64} << 20;

// Reads tokenizer.json (WordPiece or BPE) or vocab.txt (BERT uncased), by the name's ending. Throws InputError for files that are
// damaged, too large (64 MiB, 1,000,000 tokens) or use a part this program does not know, naming that part.
std::unique_ptr<Tokenizer> loadTokenizer(const std::filesystem::path& path);

}  // namespace hvlm
