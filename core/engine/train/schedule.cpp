// SPDX-License-Identifier: Apache-2.0
#include "engine/train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace hvlm {

double learningRate(int64_t step, int64_t total, int64_t warmup, double base, double minimum) {
  if (step < warmup) return base * static_cast<double>(step + 1) / static_cast<double>(warmup);
  if (warmup >= total) return base;
  const double share = static_cast<double>(std::min(step, total) - warmup) / static_cast<double>(total - warmup);
  return minimum + (base - minimum) / 2.0 * (1.0 + std::cos(std::numbers::pi * share));
}

}  // namespace hvlm
