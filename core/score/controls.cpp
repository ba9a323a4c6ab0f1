// SPDX-License-Identifier: Apache-2.0
#include "score/controls.h"

#include <algorithm>
#include <cassert>

namespace hvlm {
namespace {

constexpr int kGrid = 20;  // shares are multiples of 1/20

struct Fit {
  int64_t hits = 0;
  double overlap = 0.0;
  bool betterThan(const Fit& other) const { return hits != other.hits ? hits > other.hits : overlap > other.overlap; }
};

Fit fitOf(ConstantSegment constant, std::span<const double> durations,
          const std::vector<std::vector<ScoredSegment>>& instances) {
  Fit fit;
  for (size_t v = 0; v < durations.size(); ++v) {
    double best = 0.0;
    for (const ScoredSegment& s : instances[v]) {
      best = std::max(best, overlapOrZero(constant.start_share * durations[v], constant.end_share * durations[v],
                                          s.start_seconds, s.end_seconds));
    }
    fit.hits += best >= 0.5 ? 1 : 0;
    fit.overlap += best;
  }
  return fit;
}

double medianOf(std::vector<double>& values) {  // not empty
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : 0.5 * (values[middle - 1] + values[middle]);
}

// Mean over a window around each step; the first and last step stand in for those outside.
std::vector<double> smoothed(std::span<const float> rows, int64_t columns, int64_t steps, int64_t window) {
  std::vector<double> out(rows.size());
  const int64_t reach = window / 2;
  for (int64_t t = 0; t < steps; ++t) {
    for (int64_t i = t - reach; i <= t + reach; ++i) {
      const int64_t row = std::clamp<int64_t>(i, 0, steps - 1);
      for (int64_t c = 0; c < columns; ++c) {
        out[static_cast<size_t>(t * columns + c)] += static_cast<double>(rows[static_cast<size_t>(row * columns + c)]);
      }
    }
    for (int64_t c = 0; c < columns; ++c)
      out[static_cast<size_t>(t * columns + c)] /= static_cast<double>(2 * reach + 1);
  }
  return out;
}

}  // namespace

std::vector<ScoredSegment> wholeVideoSegments(std::span<const ControlVideo> videos) {
  return constantSegments(videos, {.start_share = 0.0, .end_share = 1.0});
}

std::vector<ScoredSegment> constantSegments(std::span<const ControlVideo> videos, ConstantSegment constant) {
  std::vector<ScoredSegment> segments;
  for (const ControlVideo& v : videos) {
    for (const ControlLabel& l : v.labels) {
      segments.push_back({v.video, l.label, constant.start_share * v.duration_seconds,
                          constant.end_share * v.duration_seconds, l.score});
    }
  }
  return segments;
}

ConstantSegment fitConstantSegment(std::span<const double> durations, std::span<const ScoredSegment> truth) {
  std::vector<std::vector<ScoredSegment>> instances(durations.size());
  for (const ScoredSegment& s : truth) instances[static_cast<size_t>(s.video)].push_back(s);
  ConstantSegment best;
  Fit best_fit = fitOf(best, durations, instances);
  for (int start = 0; start < kGrid; ++start) {
    for (int end = start + 1; end <= kGrid; ++end) {
      const ConstantSegment constant = {.start_share = static_cast<double>(start) / kGrid,
                                        .end_share = static_cast<double>(end) / kGrid};
      const Fit fit = fitOf(constant, durations, instances);
      if (!fit.betterThan(best_fit)) continue;
      best = constant;
      best_fit = fit;
    }
  }
  return best;
}

std::vector<ConstantSegment> fitMedianSegments(std::span<const double> durations, std::span<const ScoredSegment> truth,
                                               int64_t classes, ConstantSegment otherwise) {
  std::vector<std::vector<double>> starts(static_cast<size_t>(classes)), ends(static_cast<size_t>(classes));
  for (const ScoredSegment& s : truth) {
    const double duration = durations[static_cast<size_t>(s.video)];
    if (!(duration > 0.0)) continue;
    starts[static_cast<size_t>(s.label)].push_back(s.start_seconds / duration);
    ends[static_cast<size_t>(s.label)].push_back(s.end_seconds / duration);
  }
  std::vector<ConstantSegment> segments(static_cast<size_t>(classes), otherwise);
  for (size_t c = 0; c < segments.size(); ++c) {
    if (starts[c].empty()) continue;
    segments[c] = {.start_share = medianOf(starts[c]), .end_share = medianOf(ends[c])};
  }
  return segments;
}

std::vector<ScoredSegment> classSegments(std::span<const ControlVideo> videos, std::span<const ConstantSegment> by_class) {
  std::vector<ScoredSegment> segments;
  for (const ControlVideo& v : videos) {
    for (const ControlLabel& l : v.labels) {
      const ConstantSegment& own = by_class[static_cast<size_t>(l.label)];
      segments.push_back({v.video, l.label, own.start_share * v.duration_seconds, own.end_share * v.duration_seconds, l.score});
    }
  }
  return segments;
}

std::vector<ScoredSegment> runsOfSteps(int64_t video, std::span<const float> probabilities, int64_t classes,
                                       double step_seconds, int64_t window) {
  const int64_t columns = classes + 1;
  const int64_t steps = static_cast<int64_t>(probabilities.size()) / columns;
  assert(steps * columns == static_cast<int64_t>(probabilities.size()));
  const std::vector<double> means = smoothed(probabilities, columns, steps, window);
  std::vector<int64_t> best(static_cast<size_t>(steps));
  for (int64_t t = 0; t < steps; ++t) {
    const auto row = means.begin() + t * columns;
    best[static_cast<size_t>(t)] = std::max_element(row, row + columns) - row;
  }
  std::vector<ScoredSegment> segments;
  for (int64_t first = 0; first < steps;) {
    const int64_t label = best[static_cast<size_t>(first)];
    double sum = 0.0;
    int64_t end = first;
    for (; end < steps && best[static_cast<size_t>(end)] == label; ++end)
      sum += means[static_cast<size_t>(end * columns + label)];
    if (label < classes) {
      segments.push_back({video, label, static_cast<double>(first) * step_seconds,
                          static_cast<double>(end) * step_seconds, sum / static_cast<double>(end - first)});
    }
    first = end;
  }
  return segments;
}

}  // namespace hvlm
