// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "data/catalogue.h"
#include "runs/config.h"

namespace hvlm {

// What the answer head can say and what words a description is made of, from training videos alone; kept with the weights.
struct LanguageVocabulary {
  std::vector<std::string> answers;  // most frequent first, equals in the order of bytes
  std::vector<std::string> words;    // the same; word i has id i + kFirstWord
  std::vector<std::string> sentences;  // captions of training, at most 5,000 spread evenly: what weighs words against each other
  bool operator==(const LanguageVocabulary&) const = default;
};
enum WordId : int64_t { kPadWord = 0, kBeginWord = 1, kEndWord = 2, kUnknownWord = 3, kFirstWord = 4 };

// Answers and caption words of `videos`, for the heads that the config has. Throws InputError when a head has nothing to learn from.
LanguageVocabulary vocabularyOf(const Catalogue& catalogue, const std::vector<int64_t>& videos, const RunConfig& config);

nlohmann::json vocabularyJson(const LanguageVocabulary& vocabulary);
LanguageVocabulary vocabularyOfJson(const nlohmann::json& json, const std::string& where);  // throws InputError

// Lower-case words of a sentence: runs of ASCII letters, digits, apostrophes and bytes above 127; marks are left out.
std::vector<std::string> wordsOfSentence(std::string_view sentence);
// "a man rides" as "A man rides."; empty for no word.
std::string sentenceOfWords(const std::vector<std::string>& words);

// Finds words and answers by their text.
class VocabularyIndex {
 public:
  explicit VocabularyIndex(const LanguageVocabulary& vocabulary);
  int64_t answer(const std::string& text) const;  // -1: not among them
  // Ids of a sentence's first `most` words, without begin and end.
  std::vector<int64_t> encode(std::string_view sentence, int64_t most) const;

 private:
  std::map<std::string, int64_t> answers_, words_;
};

}  // namespace hvlm
