// SPDX-License-Identifier: Apache-2.0
#include "data/text_vectors.h"

#include <cmath>
#include <map>

#include "support/error.h"
#include "support/hash.h"

namespace hvlm {
namespace {

constexpr uint64_t kSeed = 0x7465787476656373ull;  // fixed: vectors of one run must mean the same in the next

bool isBlank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool isWord(char c) {
  const char small = lower(c);
  return (small >= 'a' && small <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) > 127;
}

std::vector<std::string> wordsOf(std::string_view text) {
  std::vector<std::string> words;
  bool inside = false;
  for (const char c : text) {
    if (isWord(c)) {
      if (!inside) words.emplace_back();
      words.back() += lower(c);
    }
    inside = isWord(c);
  }
  return words;
}

// Words and pairs of neighbours (joined by a blank, which no word holds) with their counts, in a fixed order.
std::map<std::string, int64_t> features(const std::vector<std::string>& words) {
  std::map<std::string, int64_t> counts;
  for (size_t i = 0; i < words.size(); ++i) {
    ++counts[words[i]];
    if (i + 1 < words.size()) ++counts[words[i] + " " + words[i + 1]];
  }
  return counts;
}

}  // namespace

std::vector<std::vector<float>> TextTower::encodeAll(const std::vector<std::string>& texts) const {
  std::vector<std::vector<float>> vectors;
  for (const std::string& text : texts) vectors.push_back(encode(text));
  return vectors;
}

HashedTextTower::HashedTextTower(int64_t buckets) : buckets_(buckets) {
  if (buckets < 1) {
    throw InputError({.where = "text.buckets", .expected = "at least 1", .found = std::to_string(buckets),
                      .remedy = "Set the width of the hashed text vector."});
  }
}

std::vector<float> HashedTextTower::encode(std::string_view text) const {
  std::vector<double> sums(static_cast<size_t>(buckets_), 0.0);
  for (const auto& [feature, count] : features(wordsOf(text))) {
    const uint64_t hash = hash64(feature, kSeed);
    const double root = std::sqrt(static_cast<double>(count));
    sums[(hash >> 1) % static_cast<uint64_t>(buckets_)] += (hash & 1) != 0 ? root : -root;
  }
  double norm2 = 0.0;
  for (const double sum : sums) norm2 += sum * sum;
  const double scale = norm2 > 0.0 ? 1.0 / std::sqrt(norm2) : 0.0;
  std::vector<float> vector;
  vector.reserve(sums.size());
  for (const double sum : sums) vector.push_back(static_cast<float>(sum * scale));
  return vector;
}

std::unique_ptr<TextTower> makeTextTower(const std::string& name, int64_t buckets) {
  if (name == "hashed") return std::make_unique<HashedTextTower>(buckets);
  throw InputError({.where = "text.tower", .expected = "hashed", .found = name, .remedy = "Choose a text tower that this version has."});
}

std::string normalisedSentence(std::string_view text) {
  std::string out;
  bool blank = false;
  for (const char c : text) {
    if (isBlank(c)) {
      blank = !out.empty();
      continue;
    }
    if (blank) out += ' ';
    blank = false;
    out += lower(c);
  }
  return out;
}

}  // namespace hvlm
