// SPDX-License-Identifier: Apache-2.0
#include "score/localization.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

namespace hvlm {
namespace {

constexpr size_t kMostProposals = 100;

// A segment belongs to the predicted time of a video when its score is at least this share of the best one's.
constexpr double kMaskShare = 0.5;

using Spans = std::vector<std::pair<double, double>>;

// Disjoint spans in order that cover the same time.
Spans merged(std::span<const ScoredSegment> segments) {
  Spans spans;
  for (const ScoredSegment& s : segments) {
    if (s.end_seconds > s.start_seconds) spans.emplace_back(s.start_seconds, s.end_seconds);
  }
  std::sort(spans.begin(), spans.end());
  Spans out;
  for (const auto& span : spans) {
    if (!out.empty() && span.first <= out.back().second) {
      out.back().second = std::max(out.back().second, span.second);
    } else {
      out.push_back(span);
    }
  }
  return out;
}

double lengthOf(const Spans& spans) {
  double total = 0.0;
  for (const auto& [start, end] : spans) total += end - start;
  return total;
}

struct VideoLists {
  std::vector<ScoredSegment> truth;
  std::vector<ScoredSegment> ranked;
};

std::map<int64_t, VideoLists> byVideo(std::span<const ScoredSegment> truth,
                                      std::span<const ScoredSegment> predictions) {
  std::map<int64_t, VideoLists> videos;
  for (const ScoredSegment& t : truth) videos[t.video].truth.push_back(t);
  for (const ScoredSegment& p : predictions) {
    const auto found = videos.find(p.video);
    if (found != videos.end()) found->second.ranked.push_back(p);
  }
  for (auto& [id, lists] : videos) {
    std::stable_sort(lists.ranked.begin(), lists.ranked.end(),
                     [](const ScoredSegment& a, const ScoredSegment& b) { return a.score > b.score; });
  }
  return videos;
}

// Adds, for each number of proposals k = 1..100, how many of the thresholds one instance is found at.
void addFound(const ScoredSegment& instance, const std::vector<ScoredSegment>& ranked,
              const std::vector<double>& thresholds, std::array<double, kMostProposals>& found) {
  double best = 0.0;
  for (size_t k = 0; k < kMostProposals; ++k) {
    if (k < ranked.size()) {
      const ScoredSegment& p = ranked[k];
      best =
          std::max(best, overlapOrZero(instance.start_seconds, instance.end_seconds, p.start_seconds, p.end_seconds));
    }
    for (const double t : thresholds) found[k] += best >= t ? 1.0 : 0.0;
  }
}

double classAgnosticMap(std::span<const ScoredSegment> truth, std::span<const ScoredSegment> predictions) {
  std::vector<ScoredSegment> t(truth.begin(), truth.end());
  std::vector<ScoredSegment> p(predictions.begin(), predictions.end());
  for (ScoredSegment& s : t) s.label = 0;
  for (ScoredSegment& s : p) s.label = 0;
  return scoreDetections(t, p, defaultThresholds()).average_map;
}

std::vector<ScoredSegment> confident(const std::vector<ScoredSegment>& ranked) {
  std::vector<ScoredSegment> out;
  for (const ScoredSegment& p : ranked) {
    if (p.score >= kMaskShare * ranked.front().score) out.push_back(p);
  }
  return out;
}

}  // namespace

double maskedIou(std::span<const ScoredSegment> a, std::span<const ScoredSegment> b) {
  const Spans x = merged(a);
  const Spans y = merged(b);
  double inter = 0.0;
  for (size_t i = 0, j = 0; i < x.size() && j < y.size();) {
    inter += std::max(0.0, std::min(x[i].second, y[j].second) - std::max(x[i].first, y[j].first));
    if (x[i].second < y[j].second) {
      ++i;
    } else {
      ++j;
    }
  }
  const double either = lengthOf(x) + lengthOf(y) - inter;
  return either > 0.0 ? inter / either : 0.0;
}

LocalizationScore scoreLocalization(std::span<const ScoredSegment> truth, std::span<const ScoredSegment> predictions) {
  LocalizationScore score;
  if (truth.empty()) return score;
  const std::vector<double> thresholds = defaultThresholds();
  std::array<double, kMostProposals> found{};
  for (const auto& [id, lists] : byVideo(truth, predictions)) {
    bool hit = false;
    for (const ScoredSegment& instance : lists.truth) {
      addFound(instance, lists.ranked, thresholds, found);
      if (lists.ranked.empty()) continue;
      const ScoredSegment& best = lists.ranked.front();
      const bool met =
          overlapOrZero(instance.start_seconds, instance.end_seconds, best.start_seconds, best.end_seconds) >= 0.5;
      hit = hit || met;
      score.instance_recall_1 += met ? 1.0 : 0.0;
    }
    const double mask = maskedIou(confident(lists.ranked), lists.truth);
    score.hit_at_50 += hit ? 1.0 : 0.0;
    score.frame_mask_50 += mask >= 0.5 ? 1.0 : 0.0;
    score.frame_mask_iou += mask;
    ++score.videos;
  }
  const auto videos = static_cast<double>(score.videos);
  const auto instances = static_cast<double>(truth.size());
  score.hit_at_50 /= videos;
  score.frame_mask_50 /= videos;
  score.frame_mask_iou /= videos;
  score.instance_recall_1 /= instances;
  for (double& value : found) value /= instances * static_cast<double>(thresholds.size());
  score.ar_1 = found[0];
  score.ar_5 = found[4];
  score.ar_10 = found[9];
  score.ar_100 = found[99];
  for (size_t k = 1; k < kMostProposals; ++k) score.auc += 0.5 * (found[k - 1] + found[k]);
  score.auc /= static_cast<double>(kMostProposals);
  score.class_agnostic_map = classAgnosticMap(truth, predictions);
  return score;
}

}  // namespace hvlm
