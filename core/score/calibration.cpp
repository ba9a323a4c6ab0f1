// SPDX-License-Identifier: Apache-2.0
#include "score/calibration.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "support/error.h"

namespace hvlm {
namespace {

constexpr size_t kFewest = 10;
constexpr int kIterations = 100;
constexpr double kSmallest = 1e-6;  // scores nearer to 0 or 1 count as this far away
constexpr double kLowestSlope = 1e-3;

double logit(double score) {
  const double p = std::clamp(score, kSmallest, 1.0 - kSmallest);
  return std::log(p / (1.0 - p));
}
double sigmoid(double z) { return z >= 0 ? 1.0 / (1.0 + std::exp(-z)) : std::exp(z) / (1.0 + std::exp(z)); }

void requireEqual(size_t scores, size_t right, const char* name) {
  if (scores != right) throw ShapeError(std::string(name) + ": " + std::to_string(scores) + " scores, " + std::to_string(right) + " outcomes");
}

double crossEntropy(std::span<const double> z, std::span<const double> wanted, double slope, double offset) {
  double sum = 0.0;
  for (size_t i = 0; i < z.size(); ++i) {
    const double t = slope * z[i] + offset;
    sum += std::max(t, 0.0) - t * wanted[i] + std::log1p(std::exp(-std::abs(t)));
  }
  return sum;
}

// Newton's method; without `free_slope` the offset alone moves.
ScoreCalibration leastCrossEntropy(std::span<const double> z, std::span<const double> wanted, ScoreCalibration from, bool free_slope) {
  double slope = from.slope, offset = from.offset;
  double loss = crossEntropy(z, wanted, slope, offset);
  for (int i = 0; i < kIterations; ++i) {
    std::array<double, 2> g{};
    std::array<double, 3> h{1e-9, 0.0, 1e-9};  // a ridge, so that equal scores have a step too
    for (size_t k = 0; k < z.size(); ++k) {
      const double p = sigmoid(slope * z[k] + offset), w = p * (1.0 - p);
      g[0] += (p - wanted[k]) * z[k];
      g[1] += p - wanted[k];
      h[0] += w * z[k] * z[k];
      h[1] += w * z[k];
      h[2] += w;
    }
    const double determinant = h[0] * h[2] - h[1] * h[1];
    if (free_slope && !(determinant > 0.0)) break;
    const double by_slope = free_slope ? (h[2] * g[0] - h[1] * g[1]) / determinant : 0.0;
    const double by_offset = free_slope ? (h[0] * g[1] - h[1] * g[0]) / determinant : g[1] / h[2];
    double step = 1.0, next = loss;
    for (; step > 1e-10; step *= 0.5) {
      next = crossEntropy(z, wanted, slope - step * by_slope, offset - step * by_offset);
      if (next <= loss) break;
    }
    if (step <= 1e-10) break;
    slope -= step * by_slope;
    offset -= step * by_offset;
    const bool settled = loss - next < 1e-12 * std::max(1.0, loss);
    loss = next;
    if (settled) break;
  }
  return {slope, offset};
}

}  // namespace

double calibrated(double score, const ScoreCalibration& c) { return c.identity() ? score : sigmoid(c.slope * logit(score) + c.offset); }

ScoreCalibration fitCalibration(std::span<const double> scores, std::span<const uint8_t> right) {
  requireEqual(scores.size(), right.size(), "fitCalibration");
  const auto positives = static_cast<double>(std::count(right.begin(), right.end(), uint8_t{1}));
  const double negatives = static_cast<double>(right.size()) - positives;
  if (scores.size() < kFewest || positives == 0.0 || negatives == 0.0) return {};
  std::vector<double> z, wanted;
  for (size_t i = 0; i < scores.size(); ++i) {
    z.push_back(logit(scores[i]));
    wanted.push_back(right[i] ? (positives + 1.0) / (positives + 2.0) : 1.0 / (negatives + 2.0));
  }
  const ScoreCalibration fitted = leastCrossEntropy(z, wanted, {}, true);
  if (fitted.slope >= kLowestSlope) return fitted;
  return leastCrossEntropy(z, wanted, {kLowestSlope, 0.0}, false);  // scores that fall with the share: only their mean can be right
}

double calibrationError(std::span<const double> scores, std::span<const uint8_t> right, int64_t bins) {
  requireEqual(scores.size(), right.size(), "calibrationError");
  if (scores.empty() || bins < 1) return 0.0;
  std::vector<double> excess(static_cast<size_t>(bins), 0.0);  // sum of (right - score)
  for (size_t i = 0; i < scores.size(); ++i) {
    const auto bin = std::clamp<int64_t>(static_cast<int64_t>(scores[i] * static_cast<double>(bins)), 0, bins - 1);
    excess[static_cast<size_t>(bin)] += (right[i] ? 1.0 : 0.0) - scores[i];
  }
  double sum = 0.0;
  for (const double e : excess) sum += std::abs(e);
  return sum / static_cast<double>(scores.size());
}

std::vector<uint8_t> rightDetections(std::span<const ScoredSegment> truth, std::span<const ScoredSegment> predictions, double threshold) {
  std::vector<uint8_t> right(predictions.size(), 0);
  if (truth.empty()) return right;
  const std::array<double, 1> thresholds{threshold};
  for (const ClassMatches& matches : matchDetections(truth, predictions, thresholds).classes) {
    const auto found = matches.foundAt(0);
    for (size_t i = 0; i < found.size(); ++i) right[static_cast<size_t>(matches.ranked[i])] = found[i] >= 0;
  }
  return right;
}

}  // namespace hvlm
