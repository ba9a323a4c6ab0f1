// SPDX-License-Identifier: Apache-2.0
#include "score/detection_curves.h"

#include <algorithm>
#include <unordered_map>

namespace hvlm {
namespace {

constexpr double kLeastOverlap = 0.1;  // of the error profile: below it a prediction has nothing to do with the instance

const ScoredSegment& at(std::span<const ScoredSegment> list, int64_t index) { return list[static_cast<size_t>(index)]; }

double overlapOf(const ScoredSegment& a, const ScoredSegment& b) {
  return overlapOrZero(a.start_seconds, a.end_seconds, b.start_seconds, b.end_seconds);
}

// Which kept prediction finds which instance. A prediction below the score comes after all kept ones of its class, so leaving it out
// changes nothing for them.
struct Hits {
  std::vector<uint8_t> is_hit;    // [predictions]
  std::vector<uint8_t> is_found;  // [truth]
};

Hits hitsAt(size_t instances, std::span<const ScoredSegment> predictions, const DetectionMatches& matches, const DetectionPoint& point) {
  Hits hits{std::vector<uint8_t>(predictions.size(), 0), std::vector<uint8_t>(instances, 0)};
  for (const ClassMatches& m : matches.classes) {
    const std::span<const int32_t> found = m.foundAt(point.threshold);
    for (size_t rank = 0; rank < found.size(); ++rank) {
      if (found[rank] < 0 || !(at(predictions, m.ranked[rank]).score >= point.score)) continue;
      hits.is_hit[static_cast<size_t>(m.ranked[rank])] = 1;
      hits.is_found[static_cast<size_t>(m.instances[static_cast<size_t>(found[rank])])] = 1;
    }
  }
  return hits;
}

using ByVideo = std::unordered_map<int64_t, std::vector<int64_t>>;  // instances

ByVideo instancesByVideo(std::span<const ScoredSegment> truth) {
  ByVideo videos;
  for (size_t i = 0; i < truth.size(); ++i) videos[truth[i].video].push_back(static_cast<int64_t>(i));
  return videos;
}

// The instance of the video with the highest overlap, of equal ones one of the same class; as the error profile takes it.
DetectionFault faultOf(int64_t index, std::span<const ScoredSegment> truth, std::span<const ScoredSegment> predictions, const ByVideo& videos,
                       double threshold) {
  DetectionFault fault{.prediction = index};
  const ScoredSegment& p = at(predictions, index);
  const auto inside = videos.find(p.video);
  if (inside == videos.end()) return fault;
  bool same = false;
  for (const int64_t i : inside->second) {
    const double overlap = overlapOf(at(truth, i), p);
    const bool alike = at(truth, i).label == p.label;
    if (fault.instance >= 0 && !(overlap > fault.tiou || (overlap == fault.tiou && alike && !same))) continue;
    fault.instance = i;
    fault.tiou = overlap;
    same = alike;
  }
  if (fault.tiou < kLeastOverlap) return fault;
  if (fault.tiou >= threshold) fault.error = same ? DetectionError::kDouble : DetectionError::kWrongLabel;
  else fault.error = same ? DetectionError::kLocalization : DetectionError::kConfusion;
  return fault;
}

}  // namespace

double PrecisionRecall::precisionAt(double at_recall) const {
  const auto step = std::lower_bound(recall.begin(), recall.end(), at_recall);
  return step == recall.end() ? 0.0 : precision[static_cast<size_t>(step - recall.begin())];
}

std::vector<PrecisionRecall> precisionRecall(const DetectionMatches& matches, std::span<const ScoredSegment> predictions, size_t threshold) {
  std::vector<PrecisionRecall> curves;
  for (const ClassMatches& m : matches.classes) {
    PrecisionRecall& curve = curves.emplace_back();
    curve.label = m.label;
    curve.instances = static_cast<int64_t>(m.instances.size());
    curve.predictions = static_cast<int64_t>(m.ranked.size());
    const std::span<const int32_t> found = m.foundAt(threshold);
    for (size_t rank = 0; rank < found.size(); ++rank) {
      if (found[rank] < 0) continue;
      const auto hits = static_cast<double>(curve.recall.size() + 1);
      curve.recall.push_back(hits / static_cast<double>(m.instances.size()));
      curve.precision.push_back(hits / static_cast<double>(rank + 1));
      curve.score.push_back(at(predictions, m.ranked[rank]).score);
    }
    double sum = 0.0;  // in the order of interpolatedAp(): equal to the last bit
    for (size_t k = curve.precision.size(); k-- > 0;) {
      if (k + 1 < curve.precision.size()) curve.precision[k] = std::max(curve.precision[k], curve.precision[k + 1]);
      sum += curve.precision[k];
    }
    curve.ap = sum / static_cast<double>(m.instances.size());
  }
  return curves;
}

PrecisionRecall meanPrecisionRecall(std::span<const PrecisionRecall> classes) {
  PrecisionRecall mean;
  if (classes.empty()) return mean;
  struct Fall {
    double recall, by;  // the sum of the classes' precisions falls past this recall
  };
  std::vector<Fall> falls;
  long double sum = 0.0L;  // of as many terms as there are hits
  for (const PrecisionRecall& c : classes) {
    mean.instances += c.instances;
    mean.predictions += c.predictions;
    mean.ap += c.ap;
    if (!c.precision.empty()) sum += c.precision.front();
    for (size_t k = 0; k < c.recall.size(); ++k) {
      falls.push_back({c.recall[k], c.precision[k] - (k + 1 < c.precision.size() ? c.precision[k + 1] : 0.0)});
    }
  }
  const auto count = static_cast<double>(classes.size());
  mean.ap /= count;
  std::sort(falls.begin(), falls.end(), [](const Fall& a, const Fall& b) { return a.recall < b.recall; });
  for (size_t i = 0; i < falls.size();) {
    const double recall = falls[i].recall;
    mean.recall.push_back(recall);
    mean.precision.push_back(std::max(0.0, static_cast<double>(sum) / count));
    for (; i < falls.size() && falls[i].recall == recall; ++i) sum -= falls[i].by;
  }
  return mean;
}

std::vector<VideoDetections> summarizeVideos(std::span<const ScoredSegment> truth, std::span<const ScoredSegment> predictions,
                                             const DetectionMatches& matches, const DetectionPoint& point, int64_t videos) {
  const Hits hits = hitsAt(truth.size(), predictions, matches, point);
  const ByVideo instances = instancesByVideo(truth);
  std::vector<VideoDetections> out(static_cast<size_t>(std::max<int64_t>(videos, 0)));
  const auto inside = [videos](const ScoredSegment& s) { return s.video >= 0 && s.video < videos; };
  for (size_t v = 0; v < out.size(); ++v) out[v].video = static_cast<int64_t>(v);
  for (size_t i = 0; i < truth.size(); ++i) {
    if (!inside(truth[i])) continue;
    VideoDetections& video = out[static_cast<size_t>(truth[i].video)];
    ++video.instances;
    video.missed += hits.is_found[i] == 0 ? 1 : 0;
  }
  for (size_t i = 0; i < predictions.size(); ++i) {
    const ScoredSegment& p = predictions[i];
    if (!inside(p) || !(p.score >= point.score)) continue;
    VideoDetections& video = out[static_cast<size_t>(p.video)];
    ++video.predictions;
    video.false_positives += hits.is_hit[i] == 0 ? 1 : 0;
    const auto own = instances.find(p.video);
    if (own == instances.end()) continue;
    for (const int64_t t : own->second) {
      if (at(truth, t).label == p.label) video.best_tiou = std::max(video.best_tiou, overlapOf(at(truth, t), p));
    }
  }
  return out;
}

std::vector<DetectionFault> detectionFaults(std::span<const ScoredSegment> truth, std::span<const ScoredSegment> predictions,
                                            const DetectionMatches& matches, const DetectionPoint& point) {
  const Hits hits = hitsAt(truth.size(), predictions, matches, point);
  const ByVideo videos = instancesByVideo(truth);
  std::vector<double> nearest(truth.size(), 0.0);  // of a kept prediction of its class
  std::vector<int64_t> wrong;
  for (size_t i = 0; i < predictions.size(); ++i) {
    const ScoredSegment& p = predictions[i];
    if (!(p.score >= point.score)) continue;
    if (hits.is_hit[i] == 0) wrong.push_back(static_cast<int64_t>(i));
    const auto inside = videos.find(p.video);
    if (inside == videos.end()) continue;
    for (const int64_t t : inside->second) {
      double& best = nearest[static_cast<size_t>(t)];
      if (at(truth, t).label == p.label) best = std::max(best, overlapOf(at(truth, t), p));
    }
  }
  std::stable_sort(wrong.begin(), wrong.end(), [&](int64_t a, int64_t b) { return at(predictions, a).score > at(predictions, b).score; });
  std::vector<DetectionFault> faults;
  for (size_t i = 0; i < truth.size(); ++i) {
    if (hits.is_found[i] == 0) faults.push_back({.instance = static_cast<int64_t>(i), .tiou = nearest[i]});
  }
  for (const int64_t i : wrong) faults.push_back(faultOf(i, truth, predictions, videos, point.tiou));
  return faults;
}

}  // namespace hvlm
