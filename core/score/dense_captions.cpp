// SPDX-License-Identifier: Apache-2.0
#include "score/dense_captions.h"

#include <algorithm>
#include <tuple>

namespace hvlm {
namespace {

const Tokens kNothingAlike = {
    "abc123!@#"};  // what an unmatched caption is compared with, as the public tokenizer gives it

std::vector<CaptionPair> pairsOf(const DenseVideo& video, double threshold) {
  std::vector<CaptionPair> pairs;
  for (const CaptionEvent& event : video.predicted) {
    bool matched = false;
    for (const auto& set : video.references) {
      for (const CaptionEvent& reference : set) {
        if (!(eventOverlap(event, reference) >= threshold)) continue;
        pairs.push_back({event.caption, {reference.caption}});
        matched = true;
      }
    }
    if (!matched) pairs.push_back({event.caption, {kNothingAlike}});
  }
  return pairs;
}

// Share of `events` that overlap any of `others` by more than the threshold.
double covered(const std::vector<CaptionEvent>& events, const std::vector<CaptionEvent>& others, double threshold) {
  if (events.empty()) return 0.0;
  const auto count = std::count_if(events.begin(), events.end(), [&](const CaptionEvent& e) {
    return std::any_of(others.begin(), others.end(),
                       [&](const CaptionEvent& o) { return eventOverlap(e, o) > threshold; });
  });
  return static_cast<double>(count) / static_cast<double>(events.size());
}

std::vector<CaptionEvent> inOrder(std::vector<CaptionEvent> events) {
  std::stable_sort(events.begin(), events.end(), [](const CaptionEvent& a, const CaptionEvent& b) {
    return std::tie(a.start_seconds, a.end_seconds) < std::tie(b.start_seconds, b.end_seconds);
  });
  return events;
}

template <class SentenceScore>
SodaScore sodaOf(const std::vector<CaptionEvent>& references, const std::vector<CaptionEvent>& predicted,
                 SentenceScore sentence) {
  std::vector<double> gain;
  gain.reserve(references.size() * predicted.size());
  for (const CaptionEvent& r : references) {
    for (const CaptionEvent& p : predicted) {
      const double overlap = eventOverlap(p, r);
      gain.push_back(overlap > 0.0 ? overlap * sentence(p.caption, r.caption) : 0.0);
    }
  }
  SodaScore score;
  const double sum = bestOrderedMatch(gain, references.size(), predicted.size());
  if (!(sum > 0.0)) return score;
  score.precision = sum / static_cast<double>(predicted.size());
  score.recall = sum / static_cast<double>(references.size());
  score.f1 = 2.0 * score.precision * score.recall / (score.precision + score.recall);
  return score;
}

template <class SentenceScore>
SodaScore meanSoda(std::span<const DenseVideo> videos, SentenceScore sentence) {
  SodaScore mean;
  for (const DenseVideo& video : videos) {
    const std::vector<CaptionEvent> predicted = inOrder(video.predicted);
    SodaScore best;
    for (const auto& set : video.references) {
      const SodaScore score = sodaOf(inOrder(set), predicted, sentence);
      if (score.f1 > best.f1) best = score;
    }
    mean.precision += best.precision, mean.recall += best.recall, mean.f1 += best.f1;
  }
  const auto count = static_cast<double>(std::max<size_t>(videos.size(), 1));
  return {mean.precision / count, mean.recall / count, mean.f1 / count};
}

}  // namespace

double eventOverlap(const CaptionEvent& a, const CaptionEvent& b) {
  const double shared =
      std::max(0.0, std::min(a.end_seconds, b.end_seconds) - std::max(a.start_seconds, b.start_seconds));
  const double hull = std::max(a.end_seconds, b.end_seconds) - std::min(a.start_seconds, b.start_seconds);
  const double lengths = a.end_seconds - a.start_seconds + b.end_seconds - b.start_seconds;
  return shared / (std::min(hull, lengths) + 1e-8);
}

DenseScore scoreDense(std::span<const DenseVideo> videos, double threshold) {
  DenseScore score;
  if (videos.empty()) return score;
  for (const DenseVideo& video : videos) {
    const CaptionScore one = scoreCaptions(pairsOf(video, threshold));
    for (size_t n = 0; n < one.bleu.size(); ++n) score.captions.bleu[n] += one.bleu[n];
    score.captions.rouge_l += one.rouge_l;
    score.captions.cider += one.cider;
    double precision = 0.0;
    double recall = 0.0;
    for (const auto& set : video.references) {
      precision = std::max(precision, covered(video.predicted, set, threshold));
      recall = std::max(recall, covered(set, video.predicted, threshold));
    }
    score.precision += precision;
    score.recall += recall;
  }
  const auto count = static_cast<double>(videos.size());
  for (double& b : score.captions.bleu) b /= count;
  score.captions.rouge_l /= count;
  score.captions.cider /= count;
  score.precision /= count;
  score.recall /= count;
  return score;
}

double bestOrderedMatch(std::span<const double> scores, size_t rows, size_t columns) {
  std::vector<double> best(columns + 1, 0.0);
  for (size_t r = 0; r < rows; ++r) {
    double diagonal = 0.0;
    for (size_t c = 0; c < columns; ++c) {
      const double above = best[c + 1];
      best[c + 1] = std::max({above, best[c], diagonal + scores[r * columns + c]});
      diagonal = above;
    }
  }
  return best.back();
}

SodaScores scoreSoda(std::span<const DenseVideo> videos) {
  std::vector<std::vector<Tokens>> documents;
  for (const DenseVideo& video : videos) {
    for (const auto& set : video.references) {
      for (const CaptionEvent& event : set) documents.push_back({event.caption});
    }
  }
  const CiderWeights weights(documents);
  return {meanSoda(videos,
                   [](const Tokens& p, const Tokens& r) {
                     return rougeL(p, {&r, 1});
                   }),
          meanSoda(videos, [&](const Tokens& p, const Tokens& r) {
            return weights.score(p, {&r, 1});
          })};
}

}  // namespace hvlm
