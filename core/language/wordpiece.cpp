// SPDX-License-Identifier: Apache-2.0
#include "language/wordpiece.h"

#include <unicode/uchar.h>

#include <algorithm>

#include "language/text_codes.h"
#include "language/tokenizer_json.h"
#include "support/atomic_file.h"
#include "support/text.h"

namespace hvlm {
namespace {

using nlohmann::json;

bool isBertPunctuation(char32_t code) {
  const bool ascii = (code >= 33 && code <= 47) || (code >= 58 && code <= 64) || (code >= 91 && code <= 96) || (code >= 123 && code <= 126);
  return ascii || (U_MASK(u_charType(static_cast<UChar32>(code))) & U_GC_P_MASK) != 0;
}

void replaceAll(std::string& text, std::string_view from, std::string_view to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
}

std::string cleanJoin(std::string token) {
  constexpr std::pair<const char*, const char*> kJoins[] = {{" .", "."},   {" ?", "?"},     {" !", "!"},    {" ,", ","},
                                                            {" ' ", "'"},  {" n't", "n't"}, {" 'm", "'m"},  {" do not", " don't"},
                                                            {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"}};
  for (const auto& [from, to] : kJoins) replaceAll(token, from, to);
  return token;
}

BertNormalizerOptions readNormalizer(const json& part, const std::string& place) {
  if (part.is_null()) return {.clean_text = false, .handle_chinese_chars = false, .strip_accents = false, .lowercase = false};
  const std::string type = textField(part, "type", place);
  if (type != "BertNormalizer") throw unknownPart(place, "normaliser of WordPiece", type, "BertNormalizer");
  onlyKeys(part, {"clean_text", "handle_chinese_chars", "strip_accents", "lowercase"}, place);
  const bool lowercase = flagField(part, "lowercase", true, place);
  return {.clean_text = flagField(part, "clean_text", true, place),
          .handle_chinese_chars = flagField(part, "handle_chinese_chars", true, place),
          .strip_accents = flagField(part, "strip_accents", lowercase, place),
          .lowercase = lowercase};
}

json partOf(const json& file, const char* key) {
  const auto found = file.find(key);
  return found == file.end() ? json() : *found;
}

}  // namespace

WordPiece WordPiece::fromVocabulary(const std::filesystem::path& path) {
  WordPiece made;
  made.where_ = path.string();
  const std::string text = readFile(path, kMostTokenizerBytes);
  std::vector<std::pair<std::string, int64_t>> entries;
  for (std::string& line : split(text, '\n')) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    const auto id = static_cast<int64_t>(entries.size());
    entries.emplace_back(std::move(line), id);
  }
  if (!entries.empty() && entries.back().first.empty()) entries.pop_back();  // after the final line end
  made.setVocabulary(std::move(entries));
  std::vector<AddedToken> added;
  for (const char* name : {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}) {
    const int64_t id = made.idOf(name);
    if (id < 0) {
      throw InputError({.where = path.string(),
                        .expected = std::string("BERT's vocabulary, one token a line, with ") + name,
                        .found = "no such line",
                        .remedy = "Check that this is the vocab.txt of the model."});
    }
    added.push_back({.content = name, .id = id, .special = true});
  }
  made.setAdded(AddedTokens(std::move(added), [&made](std::string_view token) { return made.normalized(token); }));
  made.setUnknown("[UNK]");
  made.setAround({.before = {made.idOf("[CLS]")}, .after = {made.idOf("[SEP]")}});
  return made;
}

WordPiece WordPiece::fromJson(const json& file, const std::string& where) {
  WordPiece made;
  made.where_ = where;
  const json& model = field(file, "model", where);
  const std::string place = where + ", model";
  onlyKeys(model, {"unk_token", "continuing_subword_prefix", "max_input_chars_per_word", "vocab"}, place);
  made.continuation_ = textField(model, "continuing_subword_prefix", place);
  made.longest_word_ = static_cast<size_t>(numberField(model, "max_input_chars_per_word", place));
  made.normalizer_ = readNormalizer(partOf(file, "normalizer"), where + ", normalizer");
  const json cutter = partOf(file, "pre_tokenizer");
  const std::string cutter_type = cutter.is_null() ? "null" : textField(cutter, "type", where + ", pre_tokenizer");
  if (cutter_type != "BertPreTokenizer")
    throw unknownPart(where + ", pre_tokenizer", "pre-tokenizer of WordPiece", cutter_type, "BertPreTokenizer");
  if (const json decoder = partOf(file, "decoder"); !decoder.is_null()) {
    const std::string type = textField(decoder, "type", where + ", decoder");
    if (type != "WordPiece") throw unknownPart(where + ", decoder", "decoder of WordPiece", type, "WordPiece");
    made.clean_joins_ = flagField(decoder, "cleanup", true, where + ", decoder");
  }
  made.setVocabulary(readVocabulary(model, place));
  made.setAdded(AddedTokens(readAddedTokens(file, where), [&made](std::string_view token) { return made.normalized(token); }));
  made.setUnknown(textField(model, "unk_token", place));
  made.setAround(readPostProcessor(partOf(file, "post_processor"), where + ", post_processor"));
  return made;
}

void WordPiece::setUnknown(const std::string& token) {
  special_.unknown = idOf(token);
  if (special_.unknown < 0) {
    throw InputError({.where = where_,
                      .expected = "the unknown token \"" + shortened(token) + "\" in the vocabulary",
                      .found = "none",
                      .remedy = "The file is damaged: get it again."});
  }
  for (int64_t id = 0; id < vocabularySize(); ++id) longest_token_ = std::max(longest_token_, decodeUtf8(tokenOf(id)).size());
}

void WordPiece::encodePiece(std::string_view piece, bool, size_t enough, std::vector<int64_t>& ids) const {
  const std::u32string codes = decodeUtf8(piece);
  size_t start = 0;
  const auto flush = [&](size_t end) {
    if (end > start) appendWord(std::u32string_view(codes).substr(start, end - start), ids);
  };
  for (size_t i = 0; i < codes.size() && ids.size() < enough; ++i) {
    const bool blank = u_isUWhiteSpace(static_cast<UChar32>(codes[i]));
    if (!blank && !isBertPunctuation(codes[i])) continue;
    flush(i);
    start = i;
    if (!blank) flush(i + 1);
    start = i + 1;
  }
  if (ids.size() < enough) flush(codes.size());
}

void WordPiece::appendWord(std::u32string_view word, std::vector<int64_t>& ids) const {
  const size_t before = ids.size();
  const auto unknown = [&] {
    ids.resize(before);
    ids.push_back(special_.unknown);
  };
  if (word.size() > longest_word_) return unknown();
  for (size_t start = 0; start < word.size();) {
    size_t length = std::min(word.size() - start, longest_token_);
    int64_t id = -1;
    for (; length > 0; --length) {
      id = idOf((start > 0 ? continuation_ : std::string()) + encodeUtf8(word.substr(start, length)));
      if (id >= 0) break;
    }
    if (id < 0) return unknown();
    ids.push_back(id);
    start += length;
  }
}

std::string WordPiece::bytesOf(int64_t id) const {
  const std::string& token = tokenOf(id);
  return token.starts_with(continuation_) ? token.substr(continuation_.size()) : token;
}

std::string WordPiece::joined(std::vector<std::string> tokens) const {
  std::string text;
  for (size_t i = 0; i < tokens.size(); ++i) {
    std::string token = std::move(tokens[i]);
    if (i > 0) token = token.starts_with(continuation_) ? token.substr(continuation_.size()) : " " + token;
    text += clean_joins_ ? cleanJoin(std::move(token)) : token;
  }
  return text;
}

}  // namespace hvlm
