// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "data/catalogue.h"
#include "data/text_vectors.h"
#include "engine/language/answer_head.h"
#include "engine/language/caption_head.h"
#include "engine/language/vocabulary.h"
#include "engine/model/model.h"
#include "score/captions.h"

namespace hvlm {

// The heads that answer and describe on top of one model. Their parameters are added to the model's own set, so whoever trains, stores,
// averages or loads the model does it with theirs too: make the heads right after the model. One thread at a time.
class LanguageHeads {
 public:
  // Adds "answer.…", "caption.…" and "tuning.…" as the model's config asks for, and "tasks.log_variance" with loss.task_weights = learned.
  LanguageHeads(HierarchicalModel& model, LanguageVocabulary vocabulary, uint64_t seed);

  const LanguageVocabulary& vocabulary() const { return vocabulary_; }
  const VocabularyIndex& index() const { return index_; }
  const AnswerHead& answers() const { return answers_; }    // false when the config has none
  const CaptionHead& captions() const { return captions_; }
  // Where this run's text vectors come from: the tuned tower (text.tuning) or the frozen one of text.tower.
  std::shared_ptr<const TextTower> tower() const;
  const at::Tensor& taskLogVariance() const { return log_variance_; }  // [4]: classes, segments, answers, captions; undefined when fixed

  // Scores of all answers to questions about videos of a batch (rising places): [Q, A].
  at::Tensor answerLogits(const ModelOutput& output, const TextTower& tower, const std::vector<std::pair<int64_t, std::string>>& questions, double step_seconds,
                          const ForwardOptions& forward = {}) const;
  // Descriptions of segments of a batch whose borders are `offsets`, in their order. With language.decoding = consensus the candidate
  // of the highest expected CIDEr under all candidates, its words weighed by the training captions (minimum Bayes risk: Kumar and Byrne
  // 2004, N04-1022). A segment's words depend on `seed` and its place in its video, not on the batch. No gradient.
  std::vector<std::string> describe(const ModelOutput& output, const std::vector<int64_t>& offsets, const std::vector<DescribedSegment>& segments, uint64_t seed) const;

 private:
  std::vector<int64_t> elected(const std::vector<std::vector<int64_t>>& candidates) const;

  LanguageVocabulary vocabulary_;
  VocabularyIndex index_;
  AnswerHead answers_;
  CaptionHead captions_;
  at::Tensor log_variance_;
  TextOptions text_;
  std::shared_ptr<const TextTower> tuned_;
  mutable std::unique_ptr<CiderWeights> weights_;  // made when first needed
};

// Token states of a text: [n, tower width] float.
at::Tensor tokenStatesOf(const TextTower& tower, const std::string& text);

}  // namespace hvlm
