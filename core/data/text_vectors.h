// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hvlm {

// Turns a text (a sentence, or a paragraph: its sentences joined by a blank) into a vector. Towers do not change after they are
// made, so any thread may call them; the same text gives the same vector on every machine.
class TextTower {
 public:
  virtual ~TextTower() = default;
  virtual int64_t width() const = 0;
  virtual std::string tag() const = 0;  // what tables say about rows that used it: "hashed"
  virtual std::vector<float> encode(std::string_view text) const = 0;  // [width], unit norm or all zero
  virtual std::vector<std::vector<float>> encodeAll(const std::vector<std::string>& texts) const;  // the same, maybe sooner than one by one
  virtual void save() const {}  // stores what a cache on disk does not have yet
  // States of the text's tokens, [n, width] row by row, n >= 1, for heads that attend to words; a tower without tokens gives its
  // vector as the only row.
  virtual std::vector<float> tokenStates(std::string_view text) const { return encode(text); }
};

// A bag of words and of pairs of neighbouring words without any learning: each is hashed to a bucket and a sign, adds the root
// of its count there, and the whole is made unit norm. Words are runs of ASCII letters and digits (in lower case) and of bytes
// above 127, which are kept as they are. A text without a word gives the zero vector.
// Source: Weinberger et al. 2009, arXiv:0902.2206, eq. 3 (signed hashing).
class HashedTextTower : public TextTower {
 public:
  explicit HashedTextTower(int64_t buckets);  // throws InputError below 1
  int64_t width() const override { return buckets_; }
  std::string tag() const override { return "hashed"; }
  std::vector<float> encode(std::string_view text) const override;

 private:
  int64_t buckets_;
};

// "hashed". Throws InputError for another name.
std::unique_ptr<TextTower> makeTextTower(const std::string& name, int64_t buckets);

// Without blanks at the ends, one blank for each run of them, ASCII letters in lower case: texts that are equal in this form
// count as the same sentence.
std::string normalisedSentence(std::string_view text);

}  // namespace hvlm
