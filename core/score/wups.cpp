// SPDX-License-Identifier: Apache-2.0
#include "score/wups.h"

#include <algorithm>

namespace hvlm {
namespace {

std::vector<std::string> wordsOf(const std::string& answer) {
  std::vector<std::string> words(1);
  for (const char c : answer) {
    if (c == ' ' || c == ',' || c == '\t' || c == '\n') {
      if (!words.back().empty()) words.emplace_back();
    } else {
      words.back() += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  if (words.back().empty()) words.pop_back();
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return words;
}

}  // namespace

double Wups::similarity(const std::string& a, const std::string& b) {
  const std::string key = std::min(a, b) + ' ' + std::max(a, b);
  if (const auto found = known_.find(key); found != known_.end()) return found->second;
  return known_[key] = words_.similarity(std::min(a, b), std::max(a, b));
}

double Wups::of(const std::string& answer, const std::string& truth, double threshold) {
  const std::vector<std::string> given = wordsOf(answer);
  const std::vector<std::string> right = wordsOf(truth);
  if (given.empty() || right.empty()) return 0.0;
  const auto product = [&](const std::vector<std::string>& from, const std::vector<std::string>& to) {
    double all = 1.0;
    for (const std::string& a : from) {
      double best = 0.0;
      for (const std::string& b : to) {
        const double w = similarity(a, b);
        best = std::max(best, w < threshold ? 0.1 * w : w);
      }
      all *= best;
    }
    return all;
  };
  return std::min(product(given, right), product(right, given));
}

double Wups::mean(std::span<const AnsweredQuestion> questions, double threshold) {
  double sum = 0.0;
  for (const AnsweredQuestion& q : questions) sum += q.answered ? of(q.predicted, q.truth, threshold) : 0.0;
  return questions.empty() ? 0.0 : sum / static_cast<double>(questions.size());
}

}  // namespace hvlm
