// SPDX-License-Identifier: Apache-2.0
#include "engine/language/vocabulary.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "support/error.h"

namespace hvlm {
namespace {

constexpr size_t kLongestWord = 200;       // bytes
constexpr size_t kMostSentences = 5'000;
constexpr size_t kLongestList = 1'000'000;

std::vector<std::string> mostFrequent(const std::map<std::string, int64_t>& counts, int64_t most) {
  std::vector<std::pair<int64_t, std::string>> order;
  for (const auto& [text, count] : counts) order.emplace_back(-count, text);
  std::sort(order.begin(), order.end());
  std::vector<std::string> out;
  for (size_t i = 0; i < order.size() && i < static_cast<size_t>(most); ++i) out.push_back(order[i].second);
  return out;
}

std::vector<std::string> listOf(const nlohmann::json& json, const char* key, const std::string& where) {
  const auto found = json.find(key);
  if (found == json.end()) return {};
  const auto fail = [&](const std::string& what) {
    throw InputError({.where = where + ": " + key, .expected = "a list of texts", .found = what, .remedy = "The checkpoint is damaged: use another one."});
  };
  if (!found->is_array() || found->size() > kLongestList) fail("something else");
  std::vector<std::string> out;
  for (const auto& item : *found) {
    if (!item.is_string()) fail(item.dump().substr(0, 40));
    out.push_back(item.get<std::string>());
  }
  return out;
}

}  // namespace

std::vector<std::string> wordsOfSentence(std::string_view sentence) {
  std::vector<std::string> words;
  bool inside = false, full = false;
  for (const char c : sentence) {
    const char small = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool word = (small >= 'a' && small <= 'z') || (c >= '0' && c <= '9') || c == '\'' || static_cast<unsigned char>(c) > 127;
    if (word && !inside) {
      words.emplace_back();
      full = false;
    }
    if (word && (static_cast<unsigned char>(c) & 0xc0) != 0x80) full = words.back().size() + 4 > kLongestWord;  // no character is cut in two
    if (word && !full && words.back().size() < kLongestWord) words.back() += small;
    inside = word;
  }
  return words;
}

std::string sentenceOfWords(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  if (text.empty()) return text;
  if (text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text + ".";
}

LanguageVocabulary vocabularyOf(const Catalogue& catalogue, const std::vector<int64_t>& videos, const RunConfig& config) {
  std::map<std::string, int64_t> answers, words;
  std::vector<std::string> sentences;
  for (const int64_t v : videos) {
    const Video& video = catalogue.videos[static_cast<size_t>(v)];
    for (const Question& question : video.questions) {
      if (!question.answer.empty()) ++answers[question.answer];
    }
    for (const Caption& caption : video.captions) {
      sentences.push_back(caption.text);
      for (const std::string& word : wordsOfSentence(caption.text)) ++words[word];
    }
  }
  const auto require = [&](bool there, const char* head, const char* what) {
    if (there) return;
    throw InputError({.where = catalogue.name + ": training videos", .expected = std::string(what) + " (" + head + " learns from them)", .found = "none",
                      .remedy = std::string("Name them in dataset.yaml, or set ") + head + " to false."});
  };
  LanguageVocabulary out;
  if (config.head.answer) {
    require(!answers.empty(), "head.answer", "questions with answers");
    out.answers = mostFrequent(answers, config.language.answers);
  }
  if (config.head.caption) {
    require(!words.empty(), "head.caption", "captions");
    out.words = mostFrequent(words, config.language.words);
    const size_t every = (sentences.size() + kMostSentences - 1) / kMostSentences;
    for (size_t i = 0; i < sentences.size(); i += every) out.sentences.push_back(sentences[i]);
  }
  return out;
}

nlohmann::json vocabularyJson(const LanguageVocabulary& vocabulary) { return {{"answers", vocabulary.answers}, {"words", vocabulary.words}, {"sentences", vocabulary.sentences}}; }

LanguageVocabulary vocabularyOfJson(const nlohmann::json& json, const std::string& where) {
  if (!json.is_object()) return {};
  return {listOf(json, "answers", where), listOf(json, "words", where), listOf(json, "sentences", where)};
}

VocabularyIndex::VocabularyIndex(const LanguageVocabulary& vocabulary) {
  for (size_t i = 0; i < vocabulary.answers.size(); ++i) answers_.emplace(vocabulary.answers[i], static_cast<int64_t>(i));
  for (size_t i = 0; i < vocabulary.words.size(); ++i) words_.emplace(vocabulary.words[i], static_cast<int64_t>(i) + kFirstWord);
}

int64_t VocabularyIndex::answer(const std::string& text) const {
  const auto found = answers_.find(text);
  return found == answers_.end() ? -1 : found->second;
}

std::vector<int64_t> VocabularyIndex::encode(std::string_view sentence, int64_t most) const {
  std::vector<int64_t> ids;
  for (const std::string& word : wordsOfSentence(sentence)) {
    if (static_cast<int64_t>(ids.size()) == most) break;
    const auto found = words_.find(word);
    ids.push_back(found == words_.end() ? static_cast<int64_t>(kUnknownWord) : found->second);
  }
  return ids;
}

}  // namespace hvlm
