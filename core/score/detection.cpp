// SPDX-License-Identifier: Apache-2.0
#include "score/detection.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <unordered_map>

#include "score/classification.h"
#include "support/error.h"

namespace hvlm {
namespace {

constexpr double kCommonTolerance = 1e-3;  // seconds: shorter segments and nearer duplicates are dropped (common)

using Indices = std::vector<int64_t>;

// numpy's order of numbers: NaN sorts above every number.
bool above(double a, double b) { return std::isnan(a) ? !std::isnan(b) : a > b; }

// Predictions or instances of every label, each list in input order.
std::map<int64_t, Indices> byLabel(std::span<const ScoredSegment> segments) {
  std::unordered_map<int64_t, Indices> groups;
  for (size_t i = 0; i < segments.size(); ++i) groups[segments[i].label].push_back(static_cast<int64_t>(i));
  std::map<int64_t, Indices> sorted;
  for (auto& [label, indices] : groups) sorted.emplace(label, std::move(indices));
  return sorted;
}

void sortByRank(std::span<const ScoredSegment> segments, DetectionProtocol protocol, Indices& indices) {
  const auto at = [&](int64_t i) -> const ScoredSegment& { return segments[static_cast<size_t>(i)]; };
  if (protocol == DetectionProtocol::kOfficial) {  // a stable ascending sort, reversed: the later entry first
    std::sort(indices.begin(), indices.end(), [&](int64_t a, int64_t b) {
      if (above(at(a).score, at(b).score)) return true;
      if (above(at(b).score, at(a).score)) return false;
      return a > b;
    });
    return;
  }
  std::sort(indices.begin(), indices.end(), [&](int64_t a, int64_t b) {
    const ScoredSegment& x = at(a);
    const ScoredSegment& y = at(b);
    if (above(x.score, y.score)) return true;
    if (above(y.score, x.score)) return false;
    if (x.video != y.video) return x.video < y.video;
    if (x.start_seconds != y.start_seconds) return x.start_seconds < y.start_seconds;
    return a < b;
  });
}

// Members of runs of equal score in a ranked list.
int64_t countTies(std::span<const ScoredSegment> segments, const Indices& ranked) {
  int64_t ties = 0;
  for (size_t i = 0; i < ranked.size();) {
    size_t end = i + 1;
    const double score = segments[static_cast<size_t>(ranked[i])].score;
    while (end < ranked.size() && segments[static_cast<size_t>(ranked[end])].score == score) ++end;
    if (end - i > 1) ties += static_cast<int64_t>(end - i);
    i = end;
  }
  return ties;
}

// Protocol `common`: of segments whose two ends agree within the tolerance the first in `ranked` stays. Kept ones are
// found through a grid of cells as wide as the tolerance, so one video may hold a million segments.
void dropDuplicates(std::span<const ScoredSegment> segments, Indices& ranked) {
  struct Cell {
    int64_t video, start, end;
    bool operator==(const Cell&) const = default;
  };
  struct CellHash {
    size_t operator()(const Cell& c) const {
      uint64_t h = static_cast<uint64_t>(c.video) * 0x9E3779B97F4A7C15ull;
      h = (h ^ static_cast<uint64_t>(c.start)) * 0xBF58476D1CE4E5B9ull;
      h = (h ^ static_cast<uint64_t>(c.end)) * 0x94D049BB133111EBull;
      return static_cast<size_t>(h ^ (h >> 31));
    }
  };
  const auto cellOf = [](double seconds) {
    return static_cast<int64_t>(std::floor(std::clamp(seconds / kCommonTolerance, -1e15, 1e15)));
  };
  std::unordered_map<Cell, Indices, CellHash> kept;
  kept.reserve(ranked.size());
  const auto isDuplicate = [&](const ScoredSegment& s, int64_t start, int64_t end) {
    for (int64_t i = start - 1; i <= start + 1; ++i) {
      for (int64_t j = end - 1; j <= end + 1; ++j) {
        const auto found = kept.find({s.video, i, j});
        if (found == kept.end()) continue;
        for (const int64_t k : found->second) {
          const ScoredSegment& other = segments[static_cast<size_t>(k)];
          if (std::abs(s.start_seconds - other.start_seconds) <= kCommonTolerance &&
              std::abs(s.end_seconds - other.end_seconds) <= kCommonTolerance) {
            return true;
          }
        }
      }
    }
    return false;
  };
  std::erase_if(ranked, [&](int64_t index) {
    const ScoredSegment& s = segments[static_cast<size_t>(index)];
    const int64_t start = cellOf(s.start_seconds);
    const int64_t end = cellOf(s.end_seconds);
    if (isDuplicate(s, start, end)) return true;
    kept[{s.video, start, end}].push_back(index);
    return false;
  });
}

void dropShort(std::span<const ScoredSegment> segments, Indices& indices) {
  std::erase_if(indices, [&](int64_t i) {
    const ScoredSegment& s = segments[static_cast<size_t>(i)];
    return !(s.end_seconds - s.start_seconds >= kCommonTolerance);
  });
}

struct Candidate {
  double iou;
  int64_t instance;  // position in the class's list of instances
};

// Fills `hits` [thresholds x ranked]: which predictions of one class find an instance of their own.
void matchClass(std::span<const ScoredSegment> truth, std::span<const ScoredSegment> predictions,
                std::span<const double> thresholds, DetectionProtocol protocol, ClassMatches& matches) {
  const Indices& instances = matches.instances;
  const Indices& ranked = matches.ranked;
  std::unordered_map<int64_t, Indices> of_video;
  for (size_t i = 0; i < instances.size(); ++i) {
    of_video[truth[static_cast<size_t>(instances[i])].video].push_back(static_cast<int64_t>(i));
  }
  const size_t n = ranked.size();
  const bool later_first = protocol == DetectionProtocol::kOfficial;
  std::vector<uint8_t> locked(thresholds.size() * instances.size(), 0);
  matches.found.assign(thresholds.size() * n, -1);
  std::vector<Candidate> candidates;
  for (size_t rank = 0; rank < n; ++rank) {
    const ScoredSegment& p = predictions[static_cast<size_t>(ranked[rank])];
    const auto found = of_video.find(p.video);
    if (found == of_video.end()) continue;
    candidates.clear();
    for (const int64_t i : found->second) {
      const ScoredSegment& t = truth[static_cast<size_t>(instances[static_cast<size_t>(i)])];
      candidates.push_back({temporalIou(t.start_seconds, t.end_seconds, p.start_seconds, p.end_seconds), i});
    }
    if (candidates.size() > 1) {
      std::sort(candidates.begin(), candidates.end(), [&](const Candidate& a, const Candidate& b) {
        if (above(a.iou, b.iou)) return true;
        if (above(b.iou, a.iou)) return false;
        return later_first ? a.instance > b.instance : a.instance < b.instance;
      });
    }
    for (size_t t = 0; t < thresholds.size(); ++t) {
      for (const Candidate& c : candidates) {
        if (c.iou < thresholds[t]) break;  // NaN is not below
        uint8_t& lock = locked[t * instances.size() + static_cast<size_t>(c.instance)];
        if (lock != 0) continue;
        lock = 1;
        matches.found[t * n + rank] = static_cast<int32_t>(c.instance);
        break;
      }
    }
  }
}

double meanOf(std::span<const double> values) {
  if (values.empty()) return 0.0;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

std::vector<double> defaultThresholds() {
  constexpr double kFirst = 0.5;
  constexpr double kLast = 0.95;
  constexpr int kCount = 10;
  const double step = (kLast - kFirst) / (kCount - 1);
  std::vector<double> thresholds(kCount);
  for (int i = 0; i < kCount; ++i) thresholds[static_cast<size_t>(i)] = i * step + kFirst;
  thresholds.back() = kLast;
  return thresholds;
}

double temporalIou(double start_a, double end_a, double start_b, double end_b) {
  const double inter = std::max(0.0, std::min(end_a, end_b) - std::max(start_a, start_b));
  const double both = (end_a - start_a) + (end_b - start_b) - inter;
  return inter / both;  // IEEE: 0/0 is NaN
}

DetectionMatches matchDetections(std::span<const ScoredSegment> truth, std::span<const ScoredSegment> predictions,
                                 std::span<const double> thresholds, DetectionProtocol protocol) {
  if (truth.empty()) {
    throw InputError({.where = "ground truth",
                      .expected = "at least one instance",
                      .found = "none",
                      .remedy = "Choose a subset that has annotations."});
  }
  std::map<int64_t, Indices> instances = byLabel(truth);
  std::map<int64_t, Indices> ranked = byLabel(predictions);
  DetectionMatches out;
  for (auto& [label, indices] : ranked) {
    if (protocol == DetectionProtocol::kCommon) dropShort(predictions, indices);
    sortByRank(predictions, protocol, indices);
    if (protocol == DetectionProtocol::kCommon) dropDuplicates(predictions, indices);
    out.ties += countTies(predictions, indices);
    out.predictions += static_cast<int64_t>(indices.size());
  }
  if (protocol == DetectionProtocol::kCommon) {
    for (auto& [label, indices] : instances) {
      dropShort(truth, indices);
      dropDuplicates(truth, indices);
    }
    std::erase_if(instances, [](const auto& entry) { return entry.second.empty(); });
  }
  if (instances.empty()) {
    throw InputError({.where = "ground truth",
                      .expected = "instances of 0.001 s or more",
                      .found = "none",
                      .remedy = "Score with the official protocol or check the annotations."});
  }
  for (auto& [label, indices] : instances) {
    const auto found = ranked.find(label);
    ClassMatches& matches = out.classes.emplace_back();
    matches.label = label;
    matches.instances = std::move(indices);
    if (found != ranked.end()) matches.ranked = std::move(found->second);
    matchClass(truth, predictions, thresholds, protocol, matches);
  }
  return out;
}

DetectionScore scoreDetections(std::span<const ScoredSegment> truth, std::span<const ScoredSegment> predictions,
                               std::span<const double> thresholds, DetectionProtocol protocol) {
  const DetectionMatches matches = matchDetections(truth, predictions, thresholds, protocol);
  DetectionScore score;
  score.thresholds.assign(thresholds.begin(), thresholds.end());
  score.ties = matches.ties;
  score.predictions = matches.predictions;
  score.map.assign(thresholds.size(), 0.0);
  std::vector<uint8_t> hits;
  for (const ClassMatches& c : matches.classes) {
    if (c.ranked.empty()) score.labels_without_predictions.push_back(c.label);
    score.labels.push_back(c.label);
    score.ground_truth += static_cast<int64_t>(c.instances.size());
    std::vector<double>& ap = score.class_ap.emplace_back(thresholds.size());
    for (size_t t = 0; t < thresholds.size(); ++t) {
      const std::span<const int32_t> found = c.foundAt(t);
      hits.assign(found.size(), 0);
      for (size_t i = 0; i < found.size(); ++i) hits[i] = found[i] >= 0 ? 1 : 0;
      ap[t] = interpolatedAp(hits, static_cast<int64_t>(c.instances.size()));
      score.map[t] += ap[t];
    }
  }
  for (double& value : score.map) value /= static_cast<double>(score.labels.size());
  score.average_map = meanOf(score.map);
  return score;
}

}  // namespace hvlm
