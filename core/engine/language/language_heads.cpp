// SPDX-License-Identifier: Apache-2.0
#include "engine/language/language_heads.h"

#include <ATen/ATen.h>

#include <map>

#include "engine/language/text_tower.h"
#include "engine/language/tuned_tower.h"
#include "support/hash.h"

namespace hvlm {

LanguageHeads::LanguageHeads(HierarchicalModel& model, LanguageVocabulary vocabulary, uint64_t seed) : vocabulary_(std::move(vocabulary)), index_(vocabulary_) {
  const RunConfig& config = model.config();
  const at::TensorOptions options = model.parameters().all().front().value.options().requires_grad(false);
  at::Generator generator = makeGenerator(mixSeed(seed, 0x616e7377));
  if (config.head.answer) {
    answers_ = AnswerHead(model.parameters(), config.language, textWidth(config.text), model.width(), static_cast<int64_t>(vocabulary_.answers.size()), generator, options);
  }
  if (config.head.caption) captions_ = CaptionHead(model.parameters(), config.language, model.width(), static_cast<int64_t>(vocabulary_.words.size()), generator, options);
  text_ = config.text;
  if (usesTower(config) && config.text.tuning != "none") {
    const auto frozen = std::dynamic_pointer_cast<const MiniLmTower>(openTextTower(config.text));
    tuned_ = std::make_shared<TunedTower>(frozen, model.parameters(), config.text, seed, options);
  }
  if (config.loss.task_weights == "learned") log_variance_ = model.parameters().add("tasks.log_variance", at::zeros({4}, options), false);
}

std::shared_ptr<const TextTower> LanguageHeads::tower() const { return tuned_ ? tuned_ : openTextTower(text_); }

at::Tensor LanguageHeads::answerLogits(const ModelOutput& output, const TextTower& tower, const std::vector<std::pair<int64_t, std::string>>& questions, double step_seconds,
                                       const ForwardOptions& forward) const {
  std::vector<AskedQuestion> asked;
  for (const auto& [video, text] : questions) asked.push_back({video, tokenStatesOf(tower, text)});
  return answers_(output.pyramid, asked, step_seconds, forward);
}

// The candidate with the highest mean CIDEr against all of them, each as often as it was drawn.
std::vector<int64_t> LanguageHeads::elected(const std::vector<std::vector<int64_t>>& candidates) const {
  std::map<std::vector<int64_t>, int64_t> votes;
  for (const auto& candidate : candidates) ++votes[candidate];
  if (votes.size() == 1) return candidates.front();
  const auto tokens = [](const std::vector<int64_t>& ids) {
    Tokens out;
    for (const int64_t id : ids) out.push_back(std::to_string(id));
    return out;
  };
  if (!weights_) {
    std::vector<std::vector<Tokens>> documents;
    for (const std::string& sentence : vocabulary_.sentences) documents.push_back({tokens(index_.encode(sentence, 1000))});
    weights_ = std::make_unique<CiderWeights>(documents);
  }
  std::vector<std::pair<Tokens, int64_t>> rivals;
  for (const auto& [ids, count] : votes) rivals.emplace_back(tokens(ids), count);
  const std::vector<int64_t>* best = &candidates.front();
  double most = -1.0;
  for (const auto& [ids, count] : votes) {
    const Tokens own = tokens(ids);
    double sum = 0.0;
    for (const auto& [other, times] : rivals) sum += static_cast<double>(times) * weights_->score(own, std::span(&other, 1));
    if (sum > most) {
      most = sum;
      best = &ids;
    }
  }
  return *best;
}

std::vector<std::string> LanguageHeads::describe(const ModelOutput& output, const std::vector<int64_t>& offsets, const std::vector<DescribedSegment>& segments, uint64_t seed) const {
  const at::NoGradGuard no_grad;
  std::vector<std::string> out;
  if (segments.empty()) return out;
  std::vector<uint64_t> seeds;
  for (const DescribedSegment& s : segments) seeds.push_back(mixSeed(seed, static_cast<uint64_t>(s.first_step), static_cast<uint64_t>(s.last_step)));
  for (const auto& candidates : captions_.candidates(captions_.prefix(output, offsets, segments, {}), seeds)) {
    std::vector<std::string> words;
    for (const int64_t id : elected(candidates)) {
      if (id >= kFirstWord && id < kFirstWord + static_cast<int64_t>(vocabulary_.words.size())) words.push_back(vocabulary_.words[static_cast<size_t>(id - kFirstWord)]);
    }
    out.push_back(sentenceOfWords(words));
  }
  return out;
}

at::Tensor tokenStatesOf(const TextTower& tower, const std::string& text) {
  std::vector<float> states = tower.tokenStates(text);
  const auto width = tower.width();
  return at::from_blob(states.data(), {static_cast<int64_t>(states.size()) / width, width}, at::kFloat).clone();
}

}  // namespace hvlm
