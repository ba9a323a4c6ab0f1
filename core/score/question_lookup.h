// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>

namespace hvlm {

// Counts answers; among equals the one seen first is the most frequent.
class AnswerTally {
 public:
  void add(const std::string& answer);
  const std::string& best();  // "" without any
  bool contains(const std::string& answer) const { return counts_.contains(answer); }

 private:
  std::unordered_map<std::string, std::pair<int64_t, int64_t>> counts_;  // answer -> times, place of its first
  std::string best_;
};

// Answers a question from the training questions alone, the control that shows what a video adds: the most frequent answer of the
// same question (case and marks aside), else of questions with the same first 4, 3, 2 or 1 words.
class QuestionLookup {
 public:
  void add(const std::string& question, const std::string& answer);
  std::string answer(const std::string& question, const std::string& otherwise);

 private:
  static constexpr int kMostWords = 4;
  std::unordered_map<std::string, AnswerTally> of_question_, of_start_;
};

}  // namespace hvlm
