// SPDX-License-Identifier: Apache-2.0
#include "score/error_profile.h"

#include <algorithm>
#include <limits>
#include <unordered_map>

namespace hvlm {
namespace {

constexpr int64_t kPerInstance = 10;   // predictions of a class that count, for each of its instances
constexpr double kLeastOverlap = 0.1;  // below it a prediction has nothing to do with the instance

// The nearest instance of any class.
struct Nearest {
  double overlap = 0.0;
  bool same_label = false;
};

using Videos = std::unordered_map<int64_t, std::vector<const ScoredSegment*>>;

Nearest nearestOf(const ScoredSegment& p, const Videos& videos) {
  Nearest nearest;
  const auto found = videos.find(p.video);
  if (found == videos.end()) return nearest;
  for (const ScoredSegment* t : found->second) {
    const double overlap = overlapOrZero(t->start_seconds, t->end_seconds, p.start_seconds, p.end_seconds);
    const bool same = t->label == p.label;
    if (overlap > nearest.overlap || (overlap == nearest.overlap && same)) nearest = {overlap, same};
  }
  return nearest;
}

DetectionError errorOf(const Nearest& nearest, double threshold) {
  if (nearest.overlap < kLeastOverlap) return DetectionError::kBackground;
  if (nearest.overlap >= threshold) return nearest.same_label ? DetectionError::kDouble : DetectionError::kWrongLabel;
  return nearest.same_label ? DetectionError::kLocalization : DetectionError::kConfusion;
}

// The considered predictions of one class.
struct OfClass {
  const ClassMatches* matches = nullptr;
  std::vector<Nearest> nearest;  // [considered]
};

constexpr int kNothing = -1;  // left out of an AP

// Normalised AP of one class at one threshold (`place`, its value `threshold`), without the errors of kind `left_out`.
double normalizedAp(const OfClass& own, size_t place, double threshold, int left_out, double mean_instances) {
  const auto positives = static_cast<double>(own.matches->instances.size());
  const std::span<const int32_t> found = own.matches->foundAt(place);
  std::vector<double> precision;  // at each hit
  double wrong = 0.0;
  for (size_t rank = 0; rank < own.nearest.size(); ++rank) {
    if (found[rank] >= 0) {
      const double hits = static_cast<double>(precision.size() + 1) / positives * mean_instances;
      precision.push_back(hits / (hits + wrong));
    } else if (left_out == kNothing || static_cast<int>(errorOf(own.nearest[rank], threshold)) != left_out) {
      wrong += 1.0;
    }
  }
  double ap = 0.0, best = 0.0;
  for (size_t i = precision.size(); i-- > 0;) {
    best = std::max(best, precision[i]);
    ap += best;
  }
  return ap / positives;
}

// Mean over classes and `thresholds`, whose matches begin at place `first`.
double averageNormalizedMap(const std::vector<OfClass>& classes, std::span<const double> thresholds, size_t first, int left_out,
                            double mean_instances) {
  double sum = 0.0;
  for (const OfClass& own : classes) {
    for (size_t t = 0; t < thresholds.size(); ++t) sum += normalizedAp(own, first + t, thresholds[t], left_out, mean_instances);
  }
  return sum / static_cast<double>(classes.size() * thresholds.size());
}

std::vector<RecallBin> binsOf(std::initializer_list<double> borders) {
  std::vector<RecallBin> bins;
  double above = 0.0;
  for (const double border : borders) {
    bins.push_back({.above = above, .up_to = border});
    above = border;
  }
  bins.push_back({.above = above, .up_to = std::numeric_limits<double>::infinity()});
  return bins;
}

void count(std::vector<RecallBin>& bins, double value, bool found) {
  RecallBin& bin = *std::find_if(bins.begin(), bins.end() - 1, [value](const RecallBin& b) { return value <= b.up_to; });
  ++bin.instances;
  bin.found += found ? 1 : 0;
}

// The errors of one class at the profile's threshold, whose matches come first; `is_found` [instances] learns what was met.
void countPredictions(OfClass& own, std::span<const ScoredSegment> predictions, const Videos& videos, ErrorProfile& profile,
                      std::vector<uint8_t>& is_found) {
  const ClassMatches& m = *own.matches;
  const size_t considered = std::min(m.ranked.size(), static_cast<size_t>(kPerInstance) * m.instances.size());
  const std::span<const int32_t> found = m.foundAt(0);
  for (size_t rank = 0; rank < considered; ++rank) {
    own.nearest.push_back(nearestOf(predictions[static_cast<size_t>(m.ranked[rank])], videos));
    if (found[rank] >= 0) {
      ++profile.true_positives;
      is_found[static_cast<size_t>(found[rank])] = 1;
    } else {
      ++profile.errors[static_cast<size_t>(errorOf(own.nearest.back(), profile.threshold))].count;
    }
  }
  profile.predictions += static_cast<int64_t>(considered);
}

void countInstances(const ClassMatches& m, std::span<const ScoredSegment> truth, std::span<const double> durations,
                    const std::vector<uint8_t>& is_found, ErrorProfile& profile) {
  std::unordered_map<int64_t, int64_t> in_video;
  for (const int64_t i : m.instances) ++in_video[truth[static_cast<size_t>(i)].video];
  for (size_t i = 0; i < m.instances.size(); ++i) {
    const ScoredSegment& t = truth[static_cast<size_t>(m.instances[i])];
    const double seconds = t.end_seconds - t.start_seconds;
    const double duration = durations[static_cast<size_t>(t.video)];
    count(profile.coverage, duration > 0.0 ? seconds / duration : 1.0, is_found[i] != 0);
    count(profile.length, seconds, is_found[i] != 0);
    count(profile.instances, static_cast<double>(in_video[t.video]), is_found[i] != 0);
  }
}

}  // namespace

const char* errorName(DetectionError error) {
  switch (error) {
    case DetectionError::kDouble: return "double";
    case DetectionError::kWrongLabel: return "wrong_label";
    case DetectionError::kLocalization: return "localization";
    case DetectionError::kConfusion: return "confusion";
    case DetectionError::kBackground: break;
  }
  return "background";
}

ErrorProfile profileErrors(std::span<const ScoredSegment> truth, std::span<const ScoredSegment> predictions,
                           std::span<const double> durations, double threshold) {
  // The profile's own threshold comes first, for the counts; the gains use the others.
  std::vector<double> thresholds = {threshold};
  const std::vector<double> defaults = defaultThresholds();
  thresholds.insert(thresholds.end(), defaults.begin(), defaults.end());
  const DetectionMatches matches = matchDetections(truth, predictions, thresholds);
  Videos videos;
  for (const ScoredSegment& t : truth) videos[t.video].push_back(&t);

  ErrorProfile profile{.threshold = threshold,
                       .coverage = binsOf({0.2, 0.4, 0.6, 0.8}),
                       .length = binsOf({30.0, 60.0, 120.0, 180.0}),
                       .instances = binsOf({1.0, 4.0, 8.0})};
  std::vector<OfClass> classes;
  for (const ClassMatches& m : matches.classes) {
    OfClass& own = classes.emplace_back(OfClass{&m, {}});
    std::vector<uint8_t> is_found(m.instances.size(), 0);
    countPredictions(own, predictions, videos, profile, is_found);
    countInstances(m, truth, durations, is_found, profile);
  }

  const double mean_instances = static_cast<double>(truth.size()) / static_cast<double>(classes.size());
  const auto average = [&](int left_out) { return averageNormalizedMap(classes, defaults, 1, left_out, mean_instances); };
  profile.normalized_average_map = average(kNothing);
  const double considered = std::max<double>(1.0, static_cast<double>(profile.predictions));
  profile.true_positive_share = static_cast<double>(profile.true_positives) / considered;
  for (size_t e = 0; e < kDetectionErrors; ++e) {
    profile.errors[e].share = static_cast<double>(profile.errors[e].count) / considered;
    profile.errors[e].gain = average(static_cast<int>(e)) - profile.normalized_average_map;
  }
  return profile;
}

}  // namespace hvlm
