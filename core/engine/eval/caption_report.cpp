// SPDX-License-Identifier: Apache-2.0
#include "engine/eval/caption_report.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "engine/eval/control_rows.h"

namespace hvlm {

using Json = nlohmann::json;

Json captionJson(const CaptionScore& score) {
  return {{"bleu1", score.bleu[0]}, {"bleu2", score.bleu[1]}, {"bleu3", score.bleu[2]}, {"bleu4", score.bleu[3]}, {"rouge_l", score.rouge_l}, {"cider", score.cider}};
}

int64_t classOfStretch(const Video& video, double start, double end) {
  int64_t best = -1;
  double most = 0.0;
  for (const Segment& s : video.segments) {
    const double meet = std::min(end, s.end_seconds) - std::max(start, s.start_seconds);
    if (meet > most) {
      most = meet;
      best = s.label;
    }
  }
  return best;
}

namespace {

constexpr size_t kMostConstants = 400;     // sentences tried as the constant one
constexpr size_t kMostDocuments = 5'000;   // training captions; every pair of a class is compared

// The sentence of `candidates` with the highest CIDEr on the stretches of `rows`, said of each of them.
Tokens bestConstant(const std::vector<Spoken>& spoken, const std::vector<size_t>& rows, const std::vector<Tokens>& candidates, const CiderWeights& weights) {
  Tokens best;
  double most = -1.0;
  for (const Tokens& candidate : candidates) {
    double sum = 0.0;
    for (const size_t i : rows) sum += weights.score(candidate, std::span(&spoken[i].reference, 1));
    if (sum > most) {
      most = sum;
      best = candidate;
    }
  }
  return best;
}

// Each caption once, evenly thinned; the candidates for constant sentences come from training.
std::vector<Tokens> trainingSentences(const EvaluationRequest& request) {
  std::map<Tokens, bool> seen;
  for (const int64_t v : request.catalogue.subset(request.model.config().train.training_subset)) {
    for (const Caption& c : request.catalogue.videos[static_cast<size_t>(v)].captions) seen.emplace(captionTokens(c.text), true);
  }
  std::vector<Tokens> out;
  const size_t every = std::max<size_t>(1, (seen.size() + kMostConstants - 1) / kMostConstants);
  size_t i = 0;
  for (const auto& [tokens, unused] : seen) {
    if (i++ % every == 0) out.push_back(tokens);
  }
  return out;
}

// Of each true class the training caption that agrees most with the other captions of that class in training: what a system that
// knows the class could say without having seen this subset.
Json bestOfTraining(std::vector<CaptionPair> pairs, const std::map<int64_t, std::vector<size_t>>& of_class, const EvaluationRequest& request) {
  std::map<int64_t, std::map<Tokens, int64_t>> told;
  std::vector<std::vector<Tokens>> documents;
  for (const int64_t v : request.catalogue.subset(request.model.config().train.training_subset)) {
    const Video& video = request.catalogue.videos[static_cast<size_t>(v)];
    for (const Caption& c : video.captions) {
      documents.push_back({captionTokens(c.text)});
      ++told[classOfStretch(video, c.start_seconds, c.end_seconds)][documents.back().front()];
    }
  }
  if (documents.size() > kMostDocuments) return nullptr;
  const CiderWeights weights(documents);
  for (const auto& [label, rows] : of_class) {
    Tokens best;
    double most = -1.0;
    for (const auto& [candidate, unused] : told[label]) {
      double sum = 0.0;
      for (const auto& [other, count] : told[label]) sum += static_cast<double>(count) * weights.score(candidate, std::span(&other, 1));
      if (sum > most) {
        most = sum;
        best = candidate;
      }
    }
    for (const size_t i : rows) pairs[i].hypothesis = best;
  }
  return captionJson(scoreCaptions(pairs));
}

}  // namespace

Json captionsJson(const std::vector<Spoken>& spoken, const EvaluationRequest& request, const PhaseProgress& progress) {
  std::vector<CaptionPair> own;
  std::vector<std::vector<Tokens>> documents;
  std::map<int64_t, std::vector<size_t>> of_class;
  std::vector<size_t> everyone;
  for (size_t i = 0; i < spoken.size(); ++i) {
    own.push_back({spoken[i].given, {spoken[i].reference}});
    documents.push_back({spoken[i].reference});
    of_class[spoken[i].label].push_back(i);
    everyone.push_back(i);
  }
  Json out = captionJson(scoreCaptions(own));
  out["stretches"] = spoken.size();
  if (!request.controls) return out;
  stepOn(progress, "constant captions");
  const CiderWeights weights(documents);
  const std::vector<Tokens> candidates = trainingSentences(request);
  const auto said = [&](const std::map<int64_t, std::vector<size_t>>& groups) {
    std::vector<CaptionPair> pairs = own;
    for (const auto& [label, rows] : groups) {
      const Tokens best = bestConstant(spoken, rows, candidates, weights);
      for (const size_t i : rows) pairs[i].hypothesis = best;
    }
    return captionJson(scoreCaptions(pairs));
  };
  out["controls"]["best constant sentence"] = said({{-1, everyone}});
  out["controls"]["oracle class + best training sentence"] = bestOfTraining(own, of_class, request);
  out["controls"]["oracle class + its best sentence"] = said(of_class);
  return out;
}

}  // namespace hvlm
