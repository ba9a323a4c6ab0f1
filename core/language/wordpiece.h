// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json_fwd.hpp>

#include "language/tokenizer.h"

namespace hvlm {

// How BERT prepares a text. `strip_accents` is what the file says, or `lowercase` where it says null.
struct BertNormalizerOptions {
  bool clean_text = true;            // drops control characters and U+FFFD, makes every white space a blank
  bool handle_chinese_chars = true;  // blanks around CJK ideographs
  bool strip_accents = true;         // NFD, then without nonspacing marks
  bool lowercase = true;             // code point by code point
};

// The normalised form of valid UTF-8 text.
std::string bertNormalized(std::string_view text, const BertNormalizerOptions& options);

// BERT's WordPiece: the text is normalised, cut at white space and around punctuation, then each word into the longest known pieces
// from the left; a word with an unknown rest, or of more than `longest_word` characters, is one [UNK].
// Unless told otherwise encode() gives at most 256 ids, as the sentence network was trained with (sentence_bert_config.json).
// Special tokens that stand literally in the text ("[SEP]") become those tokens. Time grows linearly with the text.
// Source: Devlin et al. 2019, arXiv:1810.04805; rules as in the reference BasicTokenizer and WordpieceTokenizer.
class WordPiece final : public Tokenizer {
 public:
  // One token a line, id = line number from 0; uncased BERT with [PAD], [UNK], [CLS], [SEP] and [MASK]. Throws InputError.
  static WordPiece fromVocabulary(const std::filesystem::path& path);
  // A tokenizer.json whose model is WordPiece; `where` names it in errors. Throws InputError for parts other than BertNormalizer,
  // BertPreTokenizer and TemplateProcessing.
  static WordPiece fromJson(const nlohmann::json& file, const std::string& where);

  std::string bytesOf(int64_t id) const override;

 protected:
  void encodePiece(std::string_view piece, bool at_start, size_t enough, std::vector<int64_t>& ids) const override;
  std::string normalized(std::string_view piece) const override { return bertNormalized(piece, normalizer_); }
  std::string joined(std::vector<std::string> tokens) const override;

 private:
  WordPiece() { longest_ = 256; }
  void appendWord(std::u32string_view word, std::vector<int64_t>& ids) const;
  void setUnknown(const std::string& token);

  BertNormalizerOptions normalizer_;
  std::string continuation_ = "##";  // in front of a piece inside a word
  size_t longest_word_ = 100;        // characters
  size_t longest_token_ = 0;         // characters
  bool clean_joins_ = true;          // decode() takes the blank before punctuation away again
};

}  // namespace hvlm
