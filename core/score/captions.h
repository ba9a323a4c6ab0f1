// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "score/caption_tokens.h"

namespace hvlm {

// One caption that a system gave and what people wrote for the same item.
struct CaptionPair {
  Tokens hypothesis;
  std::vector<Tokens> references;  // one or more; none counts as a reference without words
};

// BLEU-1 to BLEU-4 of a whole set: clipped n-gram precision summed over the pairs, geometric mean, brevity penalty with
// the reference length nearest to each hypothesis (the shorter of two as near). Shares in [0, 1]; 0 without pairs. As
// in pycocoevalcap, counts are lifted by 1e-15 and 1e-9, so a set without any 4-gram has a tiny BLEU-4 and a perfect
// one 1 - 1e-9. Source: Papineni et al. 2002 (P02-1040), section 2.3.
std::array<double, 4> bleu(std::span<const CaptionPair> pairs);

// ROUGE-L of one pair: F-measure (beta 1.2) of the best recall and the best precision of the longest common subsequence
// over the references, which may be of different references. In [0, 1]; 0 when either side has no words. Source: Lin
// 2004 (W04-1013), section 3.1, with the beta of the COCO caption tools.
double rougeL(const Tokens& hypothesis, std::span<const Tokens> references);

// The idf weights of a set of documents, each a list of reference captions, and CIDEr with them. Keeps its own copy of
// the words and remembers those of every caption scored: one thread at a time.
class CiderWeights {
 public:
  explicit CiderWeights(std::span<const std::vector<Tokens>> documents);
  ~CiderWeights();
  CiderWeights(CiderWeights&&) noexcept;
  CiderWeights& operator=(CiderWeights&&) noexcept;

  // CIDEr of one caption, in [0, 10]: tf-idf cosine of 1- to 4-grams with counts clipped at the reference's and a
  // Gaussian penalty (sigma 6) on the difference in length, mean over n and over the references, times 10. An n-gram
  // that no document has weighs like one of a single document; with one document all weights, and so all scores, are 0.
  // Source: Vedantam et al. 2015, arXiv:1411.5726, sections 4 and 6 (the CIDEr-D that pycocoevalcap calls CIDEr).
  double score(const Tokens& hypothesis, std::span<const Tokens> references) const;

 private:
  struct Table;
  std::unique_ptr<Table> table_;
};

struct CaptionScore {
  std::array<double, 4> bleu{};
  double rouge_l = 0.0;  // mean over the pairs
  double cider = 0.0;    // mean over the pairs; idf of their own references
};
CaptionScore scoreCaptions(std::span<const CaptionPair> pairs);  // all 0 without pairs

// Scores a pairs list [{references: [text, …], hypothesis: text, …}] given as both files, or dense captions: one or
// more files {video: {duration, timestamps, sentences}} against {"results": {video: [{sentence, timestamp}]}} (see
// dense_captions.h). Keys: `bleu1` … `bleu4`, `rouge_l`, `cider` (dense: means over the thresholds), `pairs` or
// `videos` and `events`, `problems`, `problem_examples`, `reasons` (METEOR, which is not offered), and for the dense
// files `dense` {"0.3": {bleu1, …, precision, recall}}, `precision`, `recall`, `soda`. Two pairs lists are taken too:
// the references of the first, the hypotheses of the second, by `id` or, without ids, by place. Characters outside
// ASCII count as spaces, as in the public dense-captioning script. Throws InputError for another schema and for truth
// without any caption.
nlohmann::json scoreCaptionFiles(std::span<const std::string> truth, const std::string& predictions);
nlohmann::json scoreCaptionFiles(const std::string& truth, const std::string& predictions);

}  // namespace hvlm
