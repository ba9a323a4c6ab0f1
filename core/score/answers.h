// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>

namespace hvlm {

constexpr size_t kAnswerTypes = 9;        // motion, spatial, temporal, yes/no, colour, object, location, number, other
constexpr size_t kFirstFreeAnswer = 3;    // types 3 to 8 are "free"
const char* answerTypeName(size_t type);  // "motion", …; "" past the end

// One question of ActivityNet-QA with the answer that was given to it. The texts are compared byte by byte.
struct AnsweredQuestion {
  std::string truth;
  std::string predicted;
  int type = 8;           // 0 … 8; any other number counts in `all` only
  bool answered = false;  // an unanswered question counts as wrong
};

struct AnswerCount {
  int64_t questions = 0;
  int64_t correct = 0;
  std::optional<double> share() const;  // empty without questions
};

struct AnswerScore {
  AnswerCount all;
  AnswerCount free;  // types 3 to 8 by number
  std::array<AnswerCount, kAnswerTypes> types;
  std::optional<double> official_free;  // what the public script prints; empty when one of the nine types is absent
  int64_t missing = 0;                  // questions without an answer
};

// Accuracy by exact match. `official_free` repeats the public script's slip: it divides the right answers of types 3 to
// 8 by the counts of all types but the first three *to appear* in the list, so it depends on the order of the questions
// and may exceed 1. No question gives counts of 0. Source: Yu et al. 2019, arXiv:1906.02467, section 5.1, and the
// evaluation script beside the data.
AnswerScore scoreAnswers(std::span<const AnsweredQuestion> questions);

// What can be had beside the accuracy; every part is left out, with its reason, when its file is not given.
struct AnswerFileOptions {
  std::string questions;           // *_q.json of the truth: number of videos, `controls.question_only`
  std::string training_answers;    // *_a.json: `controls.majority`, `vocabulary_share`
  std::string training_questions;  // *_q.json: `controls.question_only`
  std::string wordnet;             // folder of the WordNet database; "" tries the system's, which may be absent
};

// Scores a list of {question_id, answer} against a list of {question_id, answer, type}.
// Keys: `all`, `free`, `official_free`, `per_type` {"0": share}, `per_type_counts` {"0": {name, questions, correct}},
// `questions`, `predictions`, `correct`, `missing`, `unknown_ids`, `distinct_answers`, `problems`, `problem_examples`,
// `wups` {"0.9", "0.0"}; with training files `vocabulary_share` and `controls` {name: {all, free, per_type}}:
//   majority          the most frequent training answer
//   majority_of_type  the most frequent one of the question's true type (told, so above what a system can know)
//   question_only     the most frequent one of the same question, else of questions with the same first 4, 3, 2 or 1
//   words, else of all
// Shares are in [0, 1]; what is absent is named in `reasons`. An id that occurs twice keeps its first truth and its
// last prediction. Throws InputError for another schema and for a truth without any usable question.
nlohmann::json scoreAnswerFiles(const std::string& truth, const std::string& predictions,
                                const AnswerFileOptions& options = {});

}  // namespace hvlm
