// SPDX-License-Identifier: Apache-2.0
#include "score/captions.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <unordered_map>

namespace hvlm {
namespace {

constexpr size_t kLongest = 4;  // words of an n-gram
constexpr double kBeta = 1.2;
constexpr double kSigma = 6.0;  // words

// Counts of the n-grams of one caption, each named by a number; sorted by it.
struct Grams {
  struct Count {
    uint32_t gram;
    uint32_t times;
    uint8_t n;  // 0 for single words
  };
  std::vector<Count> counts;
  int64_t words = 0;
};

// Numbers words and n-grams: an n-gram is the one without its last word, and that word.
class Numbering {
 public:
  Grams count(const Tokens& tokens) {
    std::vector<uint32_t> words;
    for (const std::string& token : tokens)
      words.push_back(words_.try_emplace(token, static_cast<uint32_t>(words_.size() + 1)).first->second);
    Grams grams;
    grams.words = static_cast<int64_t>(words.size());
    for (size_t from = 0; from < words.size(); ++from) {
      uint32_t gram = 0;
      for (size_t n = 0; n < kLongest && from + n < words.size(); ++n) {
        const uint64_t key = (uint64_t{gram} << 32) | words[from + n];
        gram = grams_.try_emplace(key, static_cast<uint32_t>(grams_.size() + 1)).first->second;
        grams.counts.push_back({gram, 1, static_cast<uint8_t>(n)});
      }
    }
    std::sort(grams.counts.begin(), grams.counts.end(), [](const auto& a, const auto& b) { return a.gram < b.gram; });
    size_t kept = 0;
    for (const Grams::Count& c : grams.counts) {
      if (kept > 0 && grams.counts[kept - 1].gram == c.gram) {
        ++grams.counts[kept - 1].times;
      } else {
        grams.counts[kept++] = c;
      }
    }
    grams.counts.resize(kept);
    return grams;
  }

 private:
  std::unordered_map<std::string, uint32_t> words_;
  std::unordered_map<uint64_t, uint32_t> grams_;
};

// Calls back for every n-gram that both have.
template <class OnBoth>
void common(const Grams& a, const Grams& b, OnBoth on_both) {
  for (size_t i = 0, j = 0; i < a.counts.size() && j < b.counts.size();) {
    if (a.counts[i].gram == b.counts[j].gram) {
      on_both(a.counts[i], b.counts[j]), ++i, ++j;
    } else if (a.counts[i].gram < b.counts[j].gram) {
      ++i;
    } else {
      ++j;
    }
  }
}

int64_t nearestLength(const std::vector<Tokens>& references, int64_t length) {
  int64_t nearest = references.empty() ? 0 : static_cast<int64_t>(references[0].size());
  for (const Tokens& r : references) {
    const auto other = static_cast<int64_t>(r.size());
    const int64_t gain = std::abs(nearest - length) - std::abs(other - length);
    if (gain > 0 || (gain == 0 && other < nearest)) nearest = other;
  }
  return nearest;
}

size_t commonSubsequence(const std::vector<uint32_t>& a, const std::vector<uint32_t>& b) {
  std::vector<size_t> row(b.size() + 1, 0);
  for (const uint32_t word : a) {
    size_t diagonal = 0;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t above = row[j + 1];
      row[j + 1] = word == b[j] ? diagonal + 1 : std::max(above, row[j]);
      diagonal = above;
    }
  }
  return row.back();
}

}  // namespace

std::array<double, 4> bleu(std::span<const CaptionPair> pairs) {
  std::array<double, 4> score{};
  if (pairs.empty()) return score;
  std::array<int64_t, 4> correct{}, given{};
  int64_t length = 0;
  int64_t reference_length = 0;
  for (const CaptionPair& pair : pairs) {
    Numbering numbering;
    const Grams hypothesis = numbering.count(pair.hypothesis);
    std::unordered_map<uint32_t, uint32_t> most;  // n-gram -> largest count in one reference
    for (const Tokens& reference : pair.references) {
      for (const Grams::Count& c : numbering.count(reference).counts) most[c.gram] = std::max(most[c.gram], c.times);
    }
    for (const Grams::Count& c : hypothesis.counts) {
      if (const auto found = most.find(c.gram); found != most.end()) correct[c.n] += std::min(c.times, found->second);
    }
    for (size_t n = 0; n < kLongest; ++n) given[n] += std::max<int64_t>(0, hypothesis.words - static_cast<int64_t>(n));
    length += hypothesis.words;
    reference_length += nearestLength(pair.references, hypothesis.words);
  }
  constexpr double kSmall = 1e-9, kTiny = 1e-15;
  const double ratio = (static_cast<double>(length) + kTiny) / (static_cast<double>(reference_length) + kSmall);
  const double brevity = ratio < 1.0 ? std::exp(1.0 - 1.0 / ratio) : 1.0;
  double product = 1.0;
  for (size_t n = 0; n < kLongest; ++n) {
    product *= (static_cast<double>(correct[n]) + kTiny) / (static_cast<double>(given[n]) + kSmall);
    score[n] = std::pow(product, 1.0 / static_cast<double>(n + 1)) * brevity;
  }
  return score;
}

double rougeL(const Tokens& hypothesis, std::span<const Tokens> references) {
  if (hypothesis.empty()) return 0.0;
  std::unordered_map<std::string_view, uint32_t> numbers;
  const auto numbered = [&](const Tokens& tokens) {
    std::vector<uint32_t> list;
    for (const std::string& token : tokens)
      list.push_back(numbers.try_emplace(token, static_cast<uint32_t>(numbers.size())).first->second);
    return list;
  };
  const std::vector<uint32_t> given = numbered(hypothesis);
  double precision = 0.0;
  double recall = 0.0;
  for (const Tokens& reference : references) {
    if (reference.empty()) continue;
    const auto length = static_cast<double>(commonSubsequence(given, numbered(reference)));
    precision = std::max(precision, length / static_cast<double>(given.size()));
    recall = std::max(recall, length / static_cast<double>(reference.size()));
  }
  if (precision == 0.0 || recall == 0.0) return 0.0;
  return (1.0 + kBeta * kBeta) * precision * recall / (recall + kBeta * kBeta * precision);
}

struct CiderWeights::Table {
  mutable Numbering numbering;  // a caption may bring n-grams that no document has
  std::unordered_map<uint32_t, int64_t> documents;
  double log_count = 0.0;

  double weight(const Grams::Count& c) const {
    const auto found = documents.find(c.gram);
    const double in = found == documents.end() ? 1.0 : static_cast<double>(found->second);
    return static_cast<double>(c.times) * (log_count - std::log(in));
  }
  std::array<double, kLongest> norms(const Grams& grams) const {
    std::array<double, kLongest> norm{};
    for (const Grams::Count& c : grams.counts) norm[c.n] += weight(c) * weight(c);
    for (double& n : norm) n = std::sqrt(n);
    return norm;
  }
};

CiderWeights::CiderWeights(std::span<const std::vector<Tokens>> documents) : table_(std::make_unique<Table>()) {
  for (const std::vector<Tokens>& document : documents) {
    std::vector<uint32_t> seen;
    for (const Tokens& caption : document) {
      for (const Grams::Count& c : table_->numbering.count(caption).counts) seen.push_back(c.gram);
    }
    std::sort(seen.begin(), seen.end());
    seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
    for (const uint32_t gram : seen) ++table_->documents[gram];
  }
  table_->log_count = documents.empty() ? 0.0 : std::log(static_cast<double>(documents.size()));
}
CiderWeights::~CiderWeights() = default;
CiderWeights::CiderWeights(CiderWeights&&) noexcept = default;
CiderWeights& CiderWeights::operator=(CiderWeights&&) noexcept = default;

double CiderWeights::score(const Tokens& hypothesis, std::span<const Tokens> references) const {
  if (references.empty()) return 0.0;
  const Grams given = table_->numbering.count(hypothesis);
  const std::array<double, kLongest> given_norm = table_->norms(given);
  double sum = 0.0;
  for (const Tokens& reference : references) {
    const Grams right = table_->numbering.count(reference);
    const std::array<double, kLongest> right_norm = table_->norms(right);
    std::array<double, kLongest> product{};
    common(given, right, [&](const Grams::Count& a, const Grams::Count& b) {
      product[a.n] += std::min(table_->weight(a), table_->weight(b)) * table_->weight(b);
    });
    // The reference tool counts the pairs of words for the length.
    const auto difference =
        static_cast<double>(std::max<int64_t>(0, given.words - 1) - std::max<int64_t>(0, right.words - 1));
    const double penalty = std::exp(-difference * difference / (2.0 * kSigma * kSigma));
    for (size_t n = 0; n < kLongest; ++n) {
      const double norm = given_norm[n] * right_norm[n];
      if (norm > 0.0) sum += product[n] / norm * penalty;
    }
  }
  return 10.0 * sum / static_cast<double>(kLongest) / static_cast<double>(references.size());
}

CaptionScore scoreCaptions(std::span<const CaptionPair> pairs) {
  CaptionScore score;
  if (pairs.empty()) return score;
  score.bleu = bleu(pairs);
  std::vector<std::vector<Tokens>> documents;
  for (const CaptionPair& pair : pairs) documents.push_back(pair.references);
  const CiderWeights weights(documents);
  for (const CaptionPair& pair : pairs) {
    score.rouge_l += rougeL(pair.hypothesis, pair.references);
    score.cider += weights.score(pair.hypothesis, pair.references);
  }
  score.rouge_l /= static_cast<double>(pairs.size());
  score.cider /= static_cast<double>(pairs.size());
  return score;
}

}  // namespace hvlm
