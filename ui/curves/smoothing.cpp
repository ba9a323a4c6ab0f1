// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/curves/smoothing.h"

#include <algorithm>
#include <cmath>

namespace hvlm::ui {

double DebiasedAverage::next(double value) {
  if (!std::isfinite(value)) return value;
  sum_ = weight_ * sum_ + (1.0 - weight_) * value;
  bias_ *= weight_;
  return sum_ / (1.0 - bias_);
}

std::vector<double> smoothed(std::span<const double> values, double weight) {
  DebiasedAverage average(weight);
  std::vector<double> out;
  out.reserve(values.size());
  for (const double value : values) out.push_back(average.next(value));
  return out;
}

ValueRange valueRange(std::span<const double> values, bool clip, bool log_scale) {
  ValueRange range;
  std::vector<double> usable;
  usable.reserve(values.size());
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    if (log_scale && value <= 0.0) {
      ++range.hidden;
      continue;
    }
    usable.push_back(value);
  }
  if (usable.empty()) return range;
  range.any = true;
  if (!clip || usable.size() < 10) {
    const auto [low, high] = std::minmax_element(usable.begin(), usable.end());
    range.lowest = *low;
    range.highest = *high;
    return range;
  }
  std::vector<double> sorted = usable;
  const auto at = [&](double share) {
    const auto nth = sorted.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(sorted.size() - 1));
    std::nth_element(sorted.begin(), nth, sorted.end());
    return *nth;
  };
  const double low = at(0.02);
  const double high = at(0.98);
  const double slack = (high - low) / 2.0;
  const auto [smallest, largest] = std::minmax_element(usable.begin(), usable.end());
  range.lowest = std::max(*smallest, log_scale ? std::max(low / 2.0, *smallest) : low - slack);
  range.highest = std::min(*largest, high + slack);
  for (const double value : usable) range.hidden += value < range.lowest || value > range.highest;
  return range;
}

}  // namespace hvlm::ui
