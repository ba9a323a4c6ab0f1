// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

namespace hvlm {

// Video classification of a set under method.md 5.2. `scores` [videos x classes] row-major; `labels[v]` = label set of
// video v (not empty), `main_label[v]` = label of the longest total time.
struct ClassificationScore {
  double top1 = 0.0;       // best class is in the set
  double top1_main = 0.0;  // best class is the main label
  double top5 = 0.0;
  double macro_top1 = 0.0;       // mean over classes of top1 of the videos whose main label it is
  double map = 0.0;              // official: interpolated AP per class over (video, label) pairs
  double low = 0.0, high = 0.0;  // 95 % bootstrap interval of top1 over videos, 1,000 draws, fixed seed
};
ClassificationScore scoreClassification(std::span<const float> scores, int64_t classes,
                                        const std::vector<std::vector<int64_t>>& labels,
                                        const std::vector<int64_t>& main_label);

// Interpolated AP as in VOC 2011 (right-maximum precision at recall changes) from matched flags in rank order.
//   hits      true positive (1) or false positive (0) by rank;  positives  number of ground-truth items
double interpolatedAp(std::span<const uint8_t> hits, int64_t positives);

// Share of rows whose true class is among the k best; ties go to the lower class.
double topKAccuracy(std::span<const double> scores, int64_t classes, std::span<const int64_t> truth, int64_t k);
std::vector<int64_t> topClasses(std::span<const double> scores,
                                int64_t classes);  // best class a row, ties to the lower
// [classes x classes] counts, rows = truth.
std::vector<int64_t> confusionMatrix(std::span<const int64_t> predicted, std::span<const int64_t> truth,
                                     int64_t classes);
double meanClassRecall(std::span<const int64_t> confusion,
                       int64_t classes);  // over the classes that occur in the truth
// Average precision with ties as one threshold (scikit-learn's average_precision_score).
double averagePrecision(std::span<const double> scores, std::span<const int64_t> relevant);

// `hvlm score classification`: official files in, the JSON object of DESIGN.md out: map, hit_at and average_hit_at
// {"1", "3", "5"}, per_class {label: AP}, ground_truth, predictions, ties, problems {kind: count}, problem_examples.
// Ties as in detection. A prediction of a class that the truth does not know takes its place among a video's k best.
// Throws InputError likewise.
nlohmann::json scoreClassificationFiles(const std::string& truth_json, const std::string& predictions_json,
                                        const std::string& subset);

}  // namespace hvlm
