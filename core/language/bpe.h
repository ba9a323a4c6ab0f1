// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>

#include "language/text_steps.h"
#include "language/tokenizer.h"

namespace hvlm {

// The settings of a BPE model.
struct BpeOptions {
  std::string unknown;         // token for characters that are not in the vocabulary; empty: they are left out
  bool byte_fallback = false;  // such characters become tokens <0xNN>, one a byte, where the vocabulary has them all
  bool fuse_unknown = false;   // neighbouring unknown characters become one token
  bool ignore_merges = false;  // a word that is a token is that token, whatever the merges say
};

// Everything a BPE tokenizer is made of; bpe_file.h fills it from a tokenizer.json.
struct BpeParts {
  std::string where;  // the file, for errors
  BpeOptions options;
  std::vector<std::pair<std::string, int64_t>> vocabulary;
  std::vector<std::pair<std::string, std::string>> merges;  // the first ones come first
  std::vector<AddedToken> added;
  Normalizer normalize;
  PreTokenizer cut;
  TokenDecoder decode;
  bool byte_level = false;  // tokens are written in ByteLevel's alphabet
  AroundText around;
};

// Byte-pair encoding: each word begins as its characters; the neighbouring pair whose merge stands first in the list is joined, the
// leftmost of several, until no pair has a merge. O(n log n) in the length of a word.
// Source: Sennrich et al. 2016, arXiv:1508.07909; the details (ties, unknown ones, byte fallback) as the package tokenizers has them.
class Bpe final : public Tokenizer {
 public:
  // Throws InputError for merges of tokens that are not in the vocabulary, and for an unknown token that is not.
  explicit Bpe(BpeParts parts);

  std::string bytesOf(int64_t id) const override;

 protected:
  void encodePiece(std::string_view piece, bool at_start, size_t enough, std::vector<int64_t>& ids) const override;
  std::string normalized(std::string_view piece) const override { return normalize_(std::string(piece)); }
  std::string joined(std::vector<std::string> tokens) const override;

 private:
  struct Merge {
    uint32_t rank = 0;
    int32_t id = 0;
  };
  const Merge* mergeOf(int64_t left, int64_t right) const;
  std::vector<int64_t> characters(std::string_view word) const;
  void appendMerged(const std::vector<int64_t>& characters, std::vector<int64_t>& ids) const;
  bool appendBytes(std::string_view character, std::vector<int64_t>& ids) const;

  BpeOptions options_;
  std::unordered_map<uint64_t, Merge> merges_;  // by left id * 2^32 + right id
  std::vector<int64_t> byte_ids_;               // [256], -1 where there is no <0xNN>
  Normalizer normalize_;
  PreTokenizer cut_;
  TokenDecoder decode_;
  bool byte_level_ = false;
  std::set<int64_t> added_ids_;
};

}  // namespace hvlm
