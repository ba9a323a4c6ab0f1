// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <vector>

namespace hvlm::ui {

// Which of many spans of time, both ends included, covers a moment. Made once in O(n log n), asked in O(log n).
class SpanLookup {
 public:
  struct Span {
    double from_seconds = 0.0;
    double to_seconds = 0.0;
    int64_t id = -1;
  };
  SpanLookup() = default;
  // Where several cover a moment, the one that comes first here. One that ends before it begins covers none.
  explicit SpanLookup(const std::vector<Span>& spans);
  int64_t at(double seconds) const;  // its id; -1: none

 private:
  std::vector<double> moments_;      // where a span begins or ends, rising
  std::vector<int64_t> on_, after_;  // the id at that moment, and between it and the next
};

}  // namespace hvlm::ui
