// SPDX-License-Identifier: Apache-2.0
#include "score/answers.h"

#include <algorithm>
#include <vector>

namespace hvlm {
namespace {

bool knownType(int type) { return type >= 0 && type < static_cast<int>(kAnswerTypes); }

// The divisor of the public script: questions of every type except the first three to appear.
std::optional<int64_t> officialDivisor(const AnswerScore& score, const std::vector<size_t>& by_appearance) {
  if (by_appearance.size() < kAnswerTypes) return std::nullopt;
  int64_t divisor = 0;
  for (size_t place = kFirstFreeAnswer; place < by_appearance.size(); ++place)
    divisor += score.types[by_appearance[place]].questions;
  return divisor;
}

}  // namespace

const char* answerTypeName(size_t type) {
  static constexpr const char* kNames[kAnswerTypes] = {"motion", "spatial",  "temporal", "yes/no", "colour",
                                                       "object", "location", "number",   "other"};
  return type < kAnswerTypes ? kNames[type] : "";
}

std::optional<double> AnswerCount::share() const {
  if (questions == 0) return std::nullopt;
  return static_cast<double>(correct) / static_cast<double>(questions);
}

AnswerScore scoreAnswers(std::span<const AnsweredQuestion> questions) {
  AnswerScore score;
  std::vector<size_t> by_appearance;
  for (const AnsweredQuestion& q : questions) {
    const int64_t right = q.answered && q.predicted == q.truth ? 1 : 0;
    ++score.all.questions;
    score.all.correct += right;
    score.missing += q.answered ? 0 : 1;
    if (!knownType(q.type)) continue;
    const auto type = static_cast<size_t>(q.type);
    AnswerCount& count = score.types[type];
    if (count.questions == 0) by_appearance.push_back(type);
    ++count.questions;
    count.correct += right;
    if (type < kFirstFreeAnswer) continue;
    ++score.free.questions;
    score.free.correct += right;
  }
  if (const std::optional<int64_t> divisor = officialDivisor(score, by_appearance)) {
    score.official_free = static_cast<double>(score.free.correct) / static_cast<double>(*divisor);
  }
  return score;
}

}  // namespace hvlm
