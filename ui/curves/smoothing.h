// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace hvlm::ui {

// Debiased exponential moving average, point by point: s <- w s + (1 - w) v, given as s / (1 - w^n). Weight 0 gives the values
// back. NaN and Inf are passed through and leave the average as it was.
class DebiasedAverage {
 public:
  explicit DebiasedAverage(double weight) : weight_(weight) {}
  double next(double value);

 private:
  double weight_;
  double sum_ = 0.0;
  double bias_ = 1.0;  // weight^n
};
std::vector<double> smoothed(std::span<const double> values, double weight);

struct ValueRange {
  double lowest = 0.0, highest = 1.0;
  int64_t hidden = 0;  // finite points outside
  bool any = false;
};
// Range of the finite values; with `clip`, of those between the 2nd and the 98th percentile, widened by half of that span.
// With `log_scale` only positive values count, the others are hidden.
ValueRange valueRange(std::span<const double> values, bool clip, bool log_scale);

}  // namespace hvlm::ui
