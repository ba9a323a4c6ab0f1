// SPDX-License-Identifier: Apache-2.0
#include "score/question_lookup.h"

#include <algorithm>

#include "support/text.h"

namespace hvlm {
namespace {

// Lower case, letters and digits only, one space between words.
std::string normalised(const std::string& question) {
  std::string text;
  for (const char c : question) {
    const bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c & 0x80) != 0;
    if (kept) text += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (!kept && c != '\'' && !text.empty() && text.back() != ' ') text += ' ';
  }
  return trimmed(text);
}

// The first `words` words, or the whole text when it has no more.
std::string start(const std::string& text, int words) {
  size_t end = 0;
  for (int w = 0; w < words && end != std::string::npos; ++w) end = text.find(' ', w == 0 ? 0 : end + 1);
  return text.substr(0, end);
}

}  // namespace

void AnswerTally::add(const std::string& answer) {
  best_.clear();
  const int64_t now = ++counts_[answer].first;
  if (now == 1) counts_[answer].second = static_cast<int64_t>(counts_.size());
}

const std::string& AnswerTally::best() {
  if (best_.empty() && !counts_.empty()) {
    const auto less = [](const auto& a, const auto& b) {
      return a.second.first != b.second.first ? a.second.first < b.second.first : a.second.second > b.second.second;
    };
    best_ = std::max_element(counts_.begin(), counts_.end(), less)->first;
  }
  return best_;
}

void QuestionLookup::add(const std::string& question, const std::string& answer) {
  const std::string text = normalised(question);
  of_question_[text].add(answer);
  for (int words = 1; words <= kMostWords; ++words) of_start_[start(text, words)].add(answer);
}

std::string QuestionLookup::answer(const std::string& question, const std::string& otherwise) {
  const std::string text = normalised(question);
  if (const auto found = of_question_.find(text); found != of_question_.end()) return found->second.best();
  for (int words = kMostWords; words > 0; --words) {
    if (const auto found = of_start_.find(start(text, words)); found != of_start_.end()) return found->second.best();
  }
  return otherwise;
}

}  // namespace hvlm
