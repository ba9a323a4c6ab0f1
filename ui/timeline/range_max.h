// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

namespace hvlm::ui {

// Largest value of any range of a series in O(log n), so that a long video costs no more to draw than a short one.
class RangeMax {
 public:
  RangeMax() = default;
  explicit RangeMax(std::vector<float> values) : levels_{std::move(values)} {
    while (levels_.back().size() > 1) {
      const std::vector<float>& below = levels_.back();
      std::vector<float> above((below.size() + 1) / 2);
      for (size_t i = 0; i < above.size(); ++i) {
        above[i] = 2 * i + 1 < below.size() ? std::max(below[2 * i], below[2 * i + 1]) : below[2 * i];
      }
      levels_.push_back(std::move(above));
    }
  }
  int64_t size() const { return levels_.empty() ? 0 : static_cast<int64_t>(levels_.front().size()); }
  float at(int64_t i) const { return levels_.front()[static_cast<size_t>(i)]; }
  // Of [first, last); the range must hold at least one value.
  float over(int64_t first, int64_t last) const {
    float largest = at(first);
    for (size_t level = 0; first < last; ++level) {
      const auto& values = levels_[level];
      if (first & 1) largest = std::max(largest, values[static_cast<size_t>(first++)]);
      if (last & 1) largest = std::max(largest, values[static_cast<size_t>(--last)]);
      first /= 2;
      last /= 2;
    }
    return largest;
  }
  float overAll() const { return levels_.empty() || levels_.front().empty() ? 0.0f : levels_.back().front(); }

 private:
  std::vector<std::vector<float>> levels_;
};

}  // namespace hvlm::ui
