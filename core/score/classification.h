// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

namespace hvlm {

// Video classification of a set under method.md 5.2. `scores` [videos x classes] row-major; `labels[v]` = label set of video v
// (not empty), `main_label[v]` = label of the longest total time.
struct ClassificationScore {
  double top1 = 0.0;        // best class is in the set
  double top1_main = 0.0;   // best class is the main label
  double top5 = 0.0;
  double macro_top1 = 0.0;  // mean over classes of top1 of the videos whose main label it is
  double map = 0.0;         // official: interpolated AP per class over (video, label) pairs
  double low = 0.0, high = 0.0;  // 95 % bootstrap interval of top1 over videos, 1,000 draws, fixed seed
};
ClassificationScore scoreClassification(std::span<const float> scores, int64_t classes,
                                        const std::vector<std::vector<int64_t>>& labels, const std::vector<int64_t>& main_label);

// Interpolated AP as in VOC 2011 (right-maximum precision at recall changes) from matched flags in rank order.
//   hits      true positive (1) or false positive (0) by rank;  positives  number of ground-truth items
double interpolatedAp(std::span<const uint8_t> hits, int64_t positives);

struct TopK {
  std::vector<double> share;  // per k
};
double topKAccuracy(std::span<const double> scores, int64_t classes, std::span<const int64_t> truth, int64_t k);
std::vector<int64_t> confusionMatrix(std::span<const int64_t> predicted, std::span<const int64_t> truth, int64_t classes);  // rows = truth
// Average precision with ties as one threshold (scikit-learn's average_precision_score).
double averagePrecision(std::span<const double> scores, std::span<const int64_t> relevant);

nlohmann::json scoreClassificationFiles(const std::string& truth_json, const std::string& predictions_json, const std::string& subset);

}  // namespace hvlm
