// SPDX-License-Identifier: Apache-2.0
#include "language/tokenizer.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "language/bpe_file.h"
#include "language/text_codes.h"
#include "language/tokenizer_json.h"
#include "language/wordpiece.h"
#include "support/text.h"

namespace hvlm {
namespace {

const std::string kNoToken;

}  // namespace

std::vector<int64_t> Tokenizer::encode(std::string_view text, const EncodeOptions& options) const {
  const size_t around = options.special_tokens ? around_.before.size() + around_.after.size() : 0;
  size_t room = std::numeric_limits<size_t>::max();
  const int64_t longest = options.max_length < 0 ? longest_ : options.max_length;
  if (longest > 0) {
    if (static_cast<size_t>(longest) < around) {
      throw InputError({.where = where_,
                        .expected = "a longest length of at least " + std::to_string(around) + " ids",
                        .found = std::to_string(longest),
                        .remedy = "Allow more ids, or leave the special tokens out."});
    }
    room = static_cast<size_t>(longest) - around;
  }
  std::vector<int64_t> ids;
  const std::string valid = validUtf8(text);
  for (const TextPart& part : added_.partsOf(valid, false)) {
    if (ids.size() >= room) break;
    if (part.id >= 0) {
      ids.push_back(part.id);
      continue;
    }
    const std::string piece = normalized(std::string_view(valid).substr(part.begin, part.end - part.begin));
    for (const TextPart& inner : added_.partsOf(piece, true)) {
      if (inner.id >= 0) {
        ids.push_back(inner.id);
      } else {
        const bool at_start = part.begin == 0 && inner.begin == 0;
        encodePiece(std::string_view(piece).substr(inner.begin, inner.end - inner.begin), at_start, room, ids);
      }
    }
  }
  if (ids.size() > room) ids.resize(room);
  if (options.special_tokens) {
    ids.insert(ids.begin(), around_.before.begin(), around_.before.end());
    ids.insert(ids.end(), around_.after.begin(), around_.after.end());
  }
  return ids;
}

std::string Tokenizer::decode(std::span<const int64_t> ids, bool skip_special) const {
  std::vector<std::string> tokens;
  tokens.reserve(ids.size());
  for (const int64_t id : ids) {
    if (isKnown(id) && !(skip_special && isSpecial(id))) tokens.push_back(tokenOf(id));
  }
  return joined(std::move(tokens));
}

int64_t Tokenizer::idOf(std::string_view token) const {
  const auto found = ids_.find(token);
  return found == ids_.end() ? -1 : found->second;
}

const std::string& Tokenizer::tokenOf(int64_t id) const { return isKnown(id) ? tokens_[static_cast<size_t>(id)] : kNoToken; }

bool Tokenizer::isKnown(int64_t id) const { return id >= 0 && id < vocabularySize() && known_[static_cast<size_t>(id)]; }

void Tokenizer::requireFit(int64_t rows, const std::string& weights) const {
  if (fits(rows)) return;
  throw InputError({.where = where_,
                    .expected = "ids below " + std::to_string(rows) + ", the rows of the embedding table of " + weights,
                    .found = "the id " + std::to_string(vocabularySize() - 1) + " (\"" + shortened(tokens_.back()) + "\")",
                    .remedy = "The tokenizer belongs to other weights: take the one that came with these."});
}

void Tokenizer::setVocabulary(std::vector<std::pair<std::string, int64_t>> entries) {
  if (entries.empty() || static_cast<int64_t>(entries.size()) > kMostTokens) {
    throw InputError({.where = where_ + ", vocabulary",
                      .expected = "1 to " + std::to_string(kMostTokens) + " tokens",
                      .found = std::to_string(entries.size()),
                      .remedy = "Check that this is the right file."});
  }
  for (auto& [token, id] : entries) {
    const auto refuse = [&, &name = token](const std::string& expected, const std::string& found) {
      throw InputError({.where = where_ + ", token \"" + shortened(name) + "\"",
                        .expected = expected,
                        .found = found,
                        .remedy = "The file is damaged: get it again."});
    };
    if (id < 0 || id >= kMostTokens) refuse("an id from 0 to " + std::to_string(kMostTokens - 1), std::to_string(id));
    if (id >= vocabularySize()) {
      tokens_.resize(static_cast<size_t>(id) + 1);
      known_.resize(static_cast<size_t>(id) + 1);
    }
    if (known_[static_cast<size_t>(id)])
      refuse("an id of its own", std::to_string(id) + ", which \"" + shortened(tokenOf(id)) + "\" has too");
    if (!ids_.emplace(token, id).second) refuse("one entry for a token", "two");
    known_[static_cast<size_t>(id)] = true;
    tokens_[static_cast<size_t>(id)] = std::move(token);
  }
}

void Tokenizer::setAdded(AddedTokens added) {
  std::vector<std::pair<std::string, int64_t>> fresh;
  for (const AddedToken& token : added.all()) {
    const int64_t known = idOf(token.content);
    if (known == token.id) continue;
    if (known >= 0) {
      throw InputError({.where = where_ + ", added token \"" + shortened(token.content) + "\"",
                        .expected = "the id " + std::to_string(known) + ", as in the vocabulary",
                        .found = std::to_string(token.id),
                        .remedy = "The file contradicts itself: get it again."});
    }
    fresh.emplace_back(token.content, token.id);
  }
  if (!fresh.empty()) setVocabulary(std::move(fresh));
  added_ = std::move(added);
}

void Tokenizer::setAround(AroundText around) {
  around_ = std::move(around);
  for (const std::vector<int64_t>* ids : {&around_.before, &around_.after}) {
    for (const int64_t id : *ids) {
      if (isKnown(id)) continue;
      throw InputError({.where = where_ + ", post-processor",
                        .expected = "ids of the vocabulary",
                        .found = std::to_string(id),
                        .remedy = "The file contradicts itself: get it again."});
    }
  }
  const auto firstOf = [this](std::initializer_list<const char*> names) {
    for (const char* name : names) {
      if (idOf(name) >= 0) return idOf(name);
    }
    return int64_t{-1};
  };
  special_.begin = around_.before.empty() ? firstOf({"<s>", "<|begin_of_text|>", "[CLS]"}) : around_.before.front();
  special_.end = around_.after.empty() ? firstOf({"</s>", "<|eot_id|>", "<|im_end|>", "<|end_of_text|>", "<|endoftext|>", "[SEP]"})
                                       : around_.after.back();
  special_.pad = firstOf({"[PAD]", "<pad>", "<|pad|>", "<|finetune_right_pad_id|>"});
  special_.mask = firstOf({"[MASK]", "<mask>"});
}

std::unique_ptr<Tokenizer> loadTokenizer(const std::filesystem::path& path) {
  if (path.extension() == ".txt") return std::make_unique<WordPiece>(WordPiece::fromVocabulary(path));
  const nlohmann::json file = readTokenizerJson(path);
  const std::string place = path.string() + ", model";
  const nlohmann::json& model = field(file, "model", path.string());
  const bool old_bpe = model.is_object() && !model.contains("type") && model.contains("merges");  // early files name no type
  const std::string type = old_bpe ? "BPE" : textField(model, "type", place);
  if (type == "WordPiece") return std::make_unique<WordPiece>(WordPiece::fromJson(file, path.string()));
  if (type == "BPE") return std::make_unique<Bpe>(readBpe(file, path.string()));
  throw unknownPart(place, "model", type, "WordPiece, BPE");
}

}  // namespace hvlm
