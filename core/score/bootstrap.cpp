// SPDX-License-Identifier: Apache-2.0
#include "score/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "support/random.h"

namespace hvlm {
namespace {

constexpr uint64_t kBootstrapSeed = 20160707;

double quantile(const std::vector<double>& sorted, double q) {
  const double at = q * static_cast<double>(sorted.size() - 1);
  const auto lower = static_cast<size_t>(std::floor(at));
  const size_t upper = std::min(lower + 1, sorted.size() - 1);
  return sorted[lower] + (at - static_cast<double>(lower)) * (sorted[upper] - sorted[lower]);
}

}  // namespace

void eachBootstrapDraw(size_t items, const std::function<void(std::span<const int32_t> times)>& visit) {
  if (items == 0) return;
  SplitMix random(kBootstrapSeed);
  std::vector<int32_t> times(items);
  for (int draw = 0; draw < kBootstrapDraws; ++draw) {
    std::fill(times.begin(), times.end(), 0);
    for (size_t i = 0; i < items; ++i) ++times[static_cast<size_t>(random.next() % items)];
    visit(times);
  }
}

Interval percentileInterval(std::vector<double> values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  return {.low = quantile(values, 0.025), .high = quantile(values, 0.975)};
}

Interval bootstrapMean(std::span<const double> value_of_video) {
  std::vector<double> means;
  eachBootstrapDraw(value_of_video.size(), [&](std::span<const int32_t> times) {
    double sum = 0.0;
    for (size_t i = 0; i < times.size(); ++i) sum += times[i] * value_of_video[i];
    means.push_back(sum / static_cast<double>(times.size()));
  });
  return percentileInterval(std::move(means));
}

DetectionResampler::DetectionResampler(std::span<const ScoredSegment> truth, std::span<const ScoredSegment> predictions,
                                       std::span<const double> thresholds, size_t videos)
    : thresholds_(thresholds.size()), videos_(videos) {
  // What belongs to no video of the list stands in one more that is always drawn once.
  const auto place = [videos](int64_t video) {
    const bool inside = video >= 0 && video < static_cast<int64_t>(videos);
    return static_cast<int32_t>(inside ? video : static_cast<int64_t>(videos));
  };
  for (const ClassMatches& matches : matchDetections(truth, predictions, thresholds).classes) {
    OfClass& own = classes_.emplace_back();
    for (const int64_t i : matches.ranked) own.ranked_videos.push_back(place(predictions[static_cast<size_t>(i)].video));
    for (const int64_t i : matches.instances) own.instance_videos.push_back(place(truth[static_cast<size_t>(i)].video));
    own.hits.resize(thresholds_);
    for (size_t t = 0; t < thresholds_; ++t) {
      const std::span<const int32_t> found = matches.foundAt(t);
      for (size_t rank = 0; rank < found.size(); ++rank) {
        if (found[rank] >= 0) own.hits[t].push_back({static_cast<int32_t>(rank), own.ranked_videos[rank]});
      }
    }
  }
}

std::vector<double> DetectionResampler::map(std::span<const int32_t> times) const {
  std::vector<int32_t> weight(times.begin(), times.end());
  weight.resize(videos_ + 1, 1);
  std::vector<double> sums(thresholds_, 0.0), precision;
  std::vector<int64_t> above;  // predictions drawn up to and with a rank
  int64_t classes = 0;
  for (const OfClass& own : classes_) {
    int64_t positives = 0;
    for (const int32_t video : own.instance_videos) positives += weight[static_cast<size_t>(video)];
    if (positives == 0) continue;
    ++classes;
    above.resize(own.ranked_videos.size());
    int64_t drawn = 0;
    for (size_t rank = 0; rank < above.size(); ++rank) above[rank] = drawn += weight[static_cast<size_t>(own.ranked_videos[rank])];
    for (size_t t = 0; t < thresholds_; ++t) {
      const std::vector<Hit>& hits = own.hits[t];
      precision.resize(hits.size());
      int64_t right = 0;
      for (size_t i = 0; i < hits.size(); ++i) {
        right += weight[static_cast<size_t>(hits[i].video)];
        const int64_t all = above[static_cast<size_t>(hits[i].rank)];
        precision[i] = all > 0 ? static_cast<double>(right) / static_cast<double>(all) : 0.0;
      }
      // From the right, as interpolatedAp(); precision only rises over the copies of one hit, so they share the last one's.
      double ap = 0.0, best = 0.0;
      for (size_t i = hits.size(); i-- > 0;) {
        const int32_t copies = weight[static_cast<size_t>(hits[i].video)];
        if (copies == 0) continue;
        best = std::max(best, precision[i]);
        ap += copies * best;
      }
      sums[t] += ap / static_cast<double>(positives);
    }
  }
  if (classes == 0) return {};
  for (double& sum : sums) sum /= static_cast<double>(classes);
  return sums;
}

DetectionIntervals bootstrapDetections(std::span<const ScoredSegment> truth, std::span<const ScoredSegment> predictions,
                                       size_t videos) {
  const std::vector<double> thresholds = defaultThresholds();
  const DetectionResampler resampler(truth, predictions, thresholds, videos);
  std::vector<double> averages, firsts;
  eachBootstrapDraw(videos, [&](std::span<const int32_t> times) {
    const std::vector<double> map = resampler.map(times);
    if (map.empty()) return;
    averages.push_back(std::accumulate(map.begin(), map.end(), 0.0) / static_cast<double>(map.size()));
    firsts.push_back(map.front());
  });
  return {.average_map = percentileInterval(std::move(averages)), .map_50 = percentileInterval(std::move(firsts))};
}

}  // namespace hvlm
