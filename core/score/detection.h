// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

namespace hvlm {

// A detection or a ground-truth instance in plain form; `video` and `label` are indices the caller chose.
struct ScoredSegment {
  int64_t video = -1;  // -1: a video outside the ground truth (always a false positive)
  int64_t label = -1;
  double start_seconds = 0.0;
  double end_seconds = 0.0;
  double score = 0.0;
};

enum class DetectionProtocol { kOfficial, kCommon };  // method.md 5.3: ties and duplicates

struct DetectionScore {
  std::vector<double> thresholds;  // tIoU
  std::vector<double> map;         // mean AP per threshold
  double average_map = 0.0;
  std::vector<int64_t> labels;                // classes that occur in the truth
  std::vector<std::vector<double>> class_ap;  // [labels][thresholds]
  int64_t ground_truth = 0;
  int64_t predictions = 0;
  int64_t ties = 0;  // predictions that share class and score with another one
  std::vector<int64_t> labels_without_predictions;
};
std::vector<double> defaultThresholds();  // 0.50:0.05:0.95 exactly as numpy.linspace gives them

// Official ActivityNet detection mAP (data/activitynet/expected_eval.json, "protocol"). `truth` in file order,
// `predictions` in file order. kCommon first drops segments shorter than 1e-3 s and duplicates within 1e-3 s (of one
// class and video) from both. Throws InputError when the truth is empty. 1,000,000 predictions in a few seconds: groups
// once by class and video.
DetectionScore scoreDetections(std::span<const ScoredSegment> truth, std::span<const ScoredSegment> predictions,
                               std::span<const double> thresholds,
                               DetectionProtocol protocol = DetectionProtocol::kOfficial);

// What scoreDetections() rests on: which prediction finds which instance. Indices point into the lists that were given.
struct ClassMatches {
  int64_t label = -1;
  std::vector<int64_t> instances;  // of the truth, in file order; never empty
  std::vector<int64_t> ranked;     // of the predictions, best first
  std::vector<int32_t> found;      // [thresholds x ranked] place in `instances` that the prediction takes, -1: a false positive
  std::span<const int32_t> foundAt(size_t threshold) const {
    return std::span(found).subspan(threshold * ranked.size(), ranked.size());
  }
};
struct DetectionMatches {
  std::vector<ClassMatches> classes;  // that occur in the truth, by rising label
  int64_t predictions = 0;            // of all classes
  int64_t ties = 0;
};
DetectionMatches matchDetections(std::span<const ScoredSegment> truth, std::span<const ScoredSegment> predictions,
                                 std::span<const double> thresholds,
                                 DetectionProtocol protocol = DetectionProtocol::kOfficial);

// tIoU of two segments in double: inter / ((len_a + len_b) - inter); NaN for 0/0 (method.md 5.3).
double temporalIou(double start_a, double end_a, double start_b, double end_b);
double overlapOrZero(double start_a, double end_a, double start_b,
                     double end_b);  // the same, 0 where the union is not positive

struct SuppressionOptions {
  double sigma = 0.5;        // Gaussian soft-NMS width (soft)
  double threshold = 0.5;    // tIoU at which hard NMS drops
  double min_score = 0.001;  // soft: dropped once the decayed score is below it
  int64_t keep = 0;          // 0 = no limit
};
// Segments of one video. Indices in pick order with their (decayed) scores; ties go to the lower index.
// Source: Bodla et al. 2017, arXiv:1704.04503.
struct Kept {
  int64_t index;
  double score;
};
std::vector<Kept> hardNms(std::span<const ScoredSegment> segments, const SuppressionOptions& options);
std::vector<Kept> softNms(std::span<const ScoredSegment> segments, const SuppressionOptions& options);  // one class
// Each class on its own, then merged by falling score.
std::vector<Kept> softNmsByClass(std::span<const ScoredSegment> segments, const SuppressionOptions& options);
// The kept segments with their decayed scores; each end becomes the mean over all segments of its class and video whose
// tIoU with it is at least `threshold`, weighted by their scores before suppression (method.md 4.7, "voting").
std::vector<ScoredSegment> voteBoundaries(std::span<const ScoredSegment> segments, std::span<const Kept> kept,
                                          double threshold);

// `hvlm score detection`: official files in, the JSON object of DESIGN.md out ("map", "average_map", "per_class", …).
// per_class: {label: {"ap": [by threshold], "average": x}}; problems: {kind: count}; problem_examples: {kind: [items]}.
// Throws InputError for other schemas and empty subsets.
nlohmann::json scoreDetectionFiles(const std::string& truth_json, const std::string& predictions_json,
                                   const std::string& subset,
                                   DetectionProtocol protocol = DetectionProtocol::kOfficial);

}  // namespace hvlm
