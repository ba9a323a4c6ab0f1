// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "score/detection.h"

namespace hvlm {

// 95 % percentile intervals by bootstrap over videos (method.md 5.2): 1,000 draws of as many videos as there are, with replacement,
// from one fixed seed, so the same figures give the same interval on every machine.
inline constexpr int kBootstrapDraws = 1000;

struct Interval {
  double low = 0.0;
  double high = 0.0;
};

// Calls `visit(times)` once per draw; times[i] says how often item i was drawn.
void eachBootstrapDraw(size_t items, const std::function<void(std::span<const int32_t> times)>& visit);

Interval percentileInterval(std::vector<double> values);         // 2.5 % and 97.5 % quantiles, linear between ranks; 0, 0 for none
Interval bootstrapMean(std::span<const double> value_of_video);  // of the mean

// Official detection mAP of resampled videos. Matching never leaves a video, so it is done once; a draw only weighs its results. The
// copies of a video that is drawn more than once count as different videos, their equal scores side by side.
class DetectionResampler {
 public:
  // `videos`: the segments' `video` lies in [0, videos), or is outside (a false positive in every draw).
  DetectionResampler(std::span<const ScoredSegment> truth, std::span<const ScoredSegment> predictions,
                     std::span<const double> thresholds, size_t videos);

  // mAP at each threshold with video v counted times[v] times; classes without a drawn instance are left out, as they are from the
  // official mean. Empty when nothing drawn has an instance.
  std::vector<double> map(std::span<const int32_t> times) const;

 private:
  struct Hit {
    int32_t rank;
    int32_t video;
  };
  struct OfClass {
    std::vector<int32_t> ranked_videos;     // [ranked]
    std::vector<int32_t> instance_videos;
    std::vector<std::vector<Hit>> hits;     // [thresholds], rising rank
  };
  std::vector<OfClass> classes_;
  size_t thresholds_;
  size_t videos_;
};

struct DetectionIntervals {
  Interval average_map;
  Interval map_50;  // at the first threshold
};
// Over `videos` videos, at the default thresholds. 13,000 predictions take about a tenth of a second. Throws InputError as
// scoreDetections() does.
DetectionIntervals bootstrapDetections(std::span<const ScoredSegment> truth, std::span<const ScoredSegment> predictions,
                                       size_t videos);

}  // namespace hvlm
