// SPDX-License-Identifier: Apache-2.0
#include "engine/train/language_terms.h"

#include <ATen/ATen.h>

#include <array>

#include "engine/language/video_texts.h"

namespace hvlm {
namespace {

// The task of a term; -1 for one that is no task.
int64_t taskOf(const std::string& term) {
  if (term == "classification") return 0;
  if (term == "focal" || term == "diou" || term == "edges" || term == "rescore") return 1;
  if (term == "answer") return 2;
  return term == "caption" ? 3 : -1;
}

}  // namespace

std::vector<LossTerm> languageTerms(const LanguageHeads& heads, const TextTower* tower, const ModelOutput& output, const std::vector<int64_t>& offsets,
                                    const std::vector<int64_t>& videos, const Catalogue& catalogue, const FeatureSpec& spec, const LossOptions& options,
                                    const ForwardOptions& forward) {
  std::vector<LossTerm> terms;
  if (heads.answers() && tower && options.answer > 0) {
    std::vector<std::pair<int64_t, std::string>> questions;
    std::vector<int64_t> wanted;
    for (size_t b = 0; b < videos.size(); ++b) {
      if (videos[b] < 0) continue;
      for (const Question& question : catalogue.videos[static_cast<size_t>(videos[b])].questions) {
        const int64_t answer = heads.index().answer(question.answer);
        if (answer < 0) continue;
        questions.emplace_back(static_cast<int64_t>(b), question.text);
        wanted.push_back(answer);
      }
    }
    if (!questions.empty()) {
      const at::Tensor logits = heads.answerLogits(output, *tower, questions, spec.stepSeconds(), forward);
      terms.push_back({"answer", options.answer, at::cross_entropy_loss(logits, indexTensor(wanted, logits.device())), {}});
    }
  }
  if (heads.captions() && options.caption > 0) {
    std::vector<DescribedSegment> segments;
    std::vector<std::vector<int64_t>> sentences;
    for (size_t b = 0; b < videos.size(); ++b) {
      if (videos[b] < 0) continue;
      for (const VideoText& text : textsOf(catalogue.videos[static_cast<size_t>(videos[b])], catalogue, spec, offsets[b + 1] - offsets[b], TextOptions{})) {
        segments.push_back({static_cast<int64_t>(b), text.first_step, text.last_step});
        sentences.push_back(heads.index().encode(text.text, heads.captions().decoder().shape().max_positions - CaptionHead::kVisualTokens - 2));
      }
    }
    if (!segments.empty()) {
      terms.push_back({"caption", options.caption, heads.captions().loss(heads.captions().prefix(output, offsets, segments, forward), sentences, forward), {}});
    }
  }
  return terms;
}

void weighTasks(TotalLoss& loss, const at::Tensor& log_variance) {
  std::array<at::Tensor, 4> tasks;
  at::Tensor total;
  const auto add = [&total](const at::Tensor& value) { total = total.defined() ? total + value : value; };
  for (const LossTerm& term : loss.terms) {
    const at::Tensor value = term.value * term.weight;
    const int64_t task = taskOf(term.name);
    if (task < 0) {
      add(value);
      continue;
    }
    at::Tensor& sum = tasks[static_cast<size_t>(task)];
    sum = sum.defined() ? sum + value : value;
  }
  for (size_t i = 0; i < tasks.size(); ++i) {
    if (!tasks[i].defined()) continue;
    const at::Tensor s = log_variance[static_cast<int64_t>(i)];
    add(tasks[i] * (-s).exp() + 0.5 * s);
  }
  if (total.defined()) loss.total = total;
}

}  // namespace hvlm
