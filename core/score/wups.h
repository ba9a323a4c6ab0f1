// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "score/answers.h"

namespace hvlm {

inline const std::string kSystemWordNet = "/usr/share/wordnet";  // where Debian's wordnet-base puts it

// The nouns and verbs of a WordNet database (version 3.0: index.*, data.*, *.exc), read once into memory. Safe to share
// between threads. Adjectives and adverbs have no hypernyms, so no Wu-Palmer similarity either.
class WordNet {
 public:
  // Throws InputError when index.noun or data.noun is absent, larger than 64 MB or of another format. The verbs and the
  // lists of irregular forms may be absent. A pointer to nowhere and a cycle of hypernyms are passed over.
  explicit WordNet(const std::filesystem::path& folder);
  ~WordNet();
  WordNet(const WordNet&) = delete;
  WordNet& operator=(const WordNet&) = delete;

  // Largest Wu-Palmer similarity over the senses of both words, nouns with nouns and verbs with verbs, in [0, 1]: 2 d /
  // (d + a + d + b) with d the nodes from the root to the deepest common hypernym and a, b the steps up to it; verbs
  // share one imaginary root. Equal words give 1, a word without senses gives 0 with any other. Inflected forms are
  // looked up by their base. Source: Wu and Palmer 1994 (P94-1019), section 4; depths as in NLTK, which however takes
  // the first by name of common hypernyms equally deep, where this takes the one that gives most, so that the order of
  // the words plays no part.
  double similarity(const std::string& a, const std::string& b) const;
  size_t synsets() const;  // nouns and verbs

 private:
  struct Part;
  std::vector<std::unique_ptr<Part>> parts_;
};

// WUPS over answers taken as sets of words (split at spaces and commas, lower case):
//   min( prod_{a in A} max_{t in T} w(a, t), prod_{t in T} max_{a in A} w(a, t) ),  w times 0.1 when below the
//   threshold.
// An unanswered question and an answer without words give 0. Keeps the similarities of word pairs: one thread at a
// time. Source: Malinowski and Fritz 2014, arXiv:1410.0210, section 5.2.
class Wups {
 public:
  explicit Wups(const WordNet& words) : words_(words) {}
  double of(const std::string& answer, const std::string& truth, double threshold);
  double mean(std::span<const AnsweredQuestion> questions, double threshold);  // 0 without questions

 private:
  double similarity(const std::string& a, const std::string& b);
  const WordNet& words_;
  std::unordered_map<std::string, double> known_;
};

}  // namespace hvlm
