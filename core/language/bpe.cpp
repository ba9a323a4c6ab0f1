// SPDX-License-Identifier: Apache-2.0
#include "language/bpe.h"

#include <algorithm>
#include <limits>
#include <queue>

#include "language/text_codes.h"
#include "support/error.h"
#include "support/text.h"

namespace hvlm {
namespace {

constexpr size_t kLongestWord = std::numeric_limits<int32_t>::max() / 2;

uint64_t pairKey(int64_t left, int64_t right) { return (static_cast<uint64_t>(left) << 32) | static_cast<uint64_t>(right); }

// A symbol of the word that is being merged, linked to its neighbours; -1 is none.
struct Symbol {
  int64_t id = -1;
  int32_t before = -1, after = -1;
  bool gone = false;  // joined to the symbol before it
};

struct Candidate {
  uint32_t rank;
  int32_t place;  // of the left symbol
  int32_t id;     // of the joined token
  bool operator>(const Candidate& other) const { return rank != other.rank ? rank > other.rank : place > other.place; }
};

}  // namespace

Bpe::Bpe(BpeParts parts)
    : options_(std::move(parts.options)),
      normalize_(std::move(parts.normalize)),
      cut_(std::move(parts.cut)),
      decode_(std::move(parts.decode)),
      byte_level_(parts.byte_level) {
  where_ = std::move(parts.where);
  setVocabulary(std::move(parts.vocabulary));
  const auto known = [this](const std::string& token, const std::string& what) {
    const int64_t id = idOf(token);
    if (id < 0) {
      throw InputError({.where = where_ + ", model",
                        .expected = what + " in the vocabulary",
                        .found = "no token \"" + shortened(token) + "\"",
                        .remedy = "The file is damaged: get it again."});
    }
    return id;
  };
  merges_.reserve(parts.merges.size());
  for (size_t rank = 0; rank < parts.merges.size(); ++rank) {
    const auto& [left, right] = parts.merges[rank];
    const std::string what = "the tokens of merge " + std::to_string(rank);
    const Merge merge{static_cast<uint32_t>(rank), static_cast<int32_t>(known(left + right, what))};
    merges_.insert_or_assign(pairKey(known(left, what), known(right, what)), merge);
  }
  for (int byte = 0; byte < 256; ++byte) {
    constexpr const char* kDigits = "0123456789ABCDEF";
    byte_ids_.push_back(idOf(std::string("<0x") + kDigits[byte / 16] + kDigits[byte % 16] + ">"));
  }
  if (!options_.unknown.empty()) special_.unknown = known(options_.unknown, "the unknown token");
  for (const AddedToken& token : parts.added) added_ids_.insert(token.id);
  setAdded(AddedTokens(std::move(parts.added), [this](std::string_view token) { return normalized(token); }));
  setAround(std::move(parts.around));
}

const Bpe::Merge* Bpe::mergeOf(int64_t left, int64_t right) const {
  const auto found = merges_.find(pairKey(left, right));
  return found == merges_.end() ? nullptr : &found->second;
}

bool Bpe::appendBytes(std::string_view character, std::vector<int64_t>& ids) const {
  const auto id_of = [this](char byte) { return byte_ids_[static_cast<uint8_t>(byte)]; };
  if (std::any_of(character.begin(), character.end(), [&](char byte) { return id_of(byte) < 0; })) return false;
  for (const char byte : character) ids.push_back(id_of(byte));
  return true;
}

std::vector<int64_t> Bpe::characters(std::string_view word) const {
  std::vector<int64_t> ids;
  bool pending = false;  // an unknown token that later unknown characters may join
  for (size_t at = 0; at < word.size();) {
    const size_t begin = at;
    nextUtf8(word, at);
    const std::string_view character = word.substr(begin, at - begin);
    const int64_t id = idOf(character);
    if (id >= 0) {
      if (pending) ids.push_back(special_.unknown);
      pending = false;
      ids.push_back(id);
    } else if (!(options_.byte_fallback && appendBytes(character, ids)) && special_.unknown >= 0) {
      if (pending && !options_.fuse_unknown) ids.push_back(special_.unknown);
      pending = true;
    }
  }
  if (pending) ids.push_back(special_.unknown);
  return ids;
}

void Bpe::appendMerged(const std::vector<int64_t>& characters, std::vector<int64_t>& ids) const {
  const auto count = static_cast<int32_t>(characters.size());
  std::vector<Symbol> symbols(characters.size());
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> queue;
  const auto consider = [&](int32_t left) {
    const int32_t right = symbols[static_cast<size_t>(left)].after;
    if (right < 0) return;
    const Merge* merge = mergeOf(symbols[static_cast<size_t>(left)].id, symbols[static_cast<size_t>(right)].id);
    if (merge) queue.push({merge->rank, left, merge->id});
  };
  for (int32_t i = 0; i < count; ++i) {
    symbols[static_cast<size_t>(i)] = {.id = characters[static_cast<size_t>(i)], .before = i - 1, .after = i + 1 < count ? i + 1 : -1};
  }
  for (int32_t i = 0; i + 1 < count; ++i) consider(i);
  while (!queue.empty()) {
    const Candidate best = queue.top();
    queue.pop();
    Symbol& left = symbols[static_cast<size_t>(best.place)];
    if (left.gone || left.after < 0) continue;
    Symbol& right = symbols[static_cast<size_t>(left.after)];
    const Merge* merge = mergeOf(left.id, right.id);
    if (!merge || merge->id != best.id) continue;  // one of the two has changed since
    left.id = best.id;
    left.after = right.after;
    right.gone = true;
    if (left.after >= 0) symbols[static_cast<size_t>(left.after)].before = best.place;
    if (left.before >= 0) consider(left.before);
    consider(best.place);
  }
  for (const Symbol& symbol : symbols) {
    if (!symbol.gone) ids.push_back(symbol.id);
  }
}

void Bpe::encodePiece(std::string_view piece, bool at_start, size_t enough, std::vector<int64_t>& ids) const {
  std::vector<TextPiece> whole;
  whole.push_back({std::string(piece), at_start});
  for (const TextPiece& word : cut_(std::move(whole))) {
    if (ids.size() >= enough) return;
    if (word.text.empty()) continue;
    if (word.text.size() > kLongestWord) {
      throw InputError({.where = where_,
                        .expected = "words of less than 1 GB",
                        .found = humanBytes(static_cast<double>(word.text.size())),
                        .remedy = "Use a shorter text."});
    }
    const int64_t id = options_.ignore_merges ? idOf(word.text) : -1;
    if (id >= 0) {
      ids.push_back(id);
    } else {
      appendMerged(characters(word.text), ids);
    }
  }
}

std::string Bpe::bytesOf(int64_t id) const {
  const std::string& token = tokenOf(id);
  if (added_ids_.contains(id)) return token;
  std::string bytes;
  if (byte_level_ && bytesOfLetters(token, bytes)) return bytes;
  const int byte = byteOfToken(token);
  return byte >= 0 && options_.byte_fallback ? std::string(1, static_cast<char>(static_cast<uint8_t>(byte))) : token;
}

std::string Bpe::joined(std::vector<std::string> tokens) const {
  std::string text;
  for (const std::string& token : decode_(std::move(tokens))) text += token;
  return text;
}

}  // namespace hvlm
