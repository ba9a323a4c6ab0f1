// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hvlm::ui {

// Values of a growing series with the places of the extremes of ever longer runs of them, made once as the values come. What a view of
// P columns shows is then found in O(P) steps, however many values lie behind it. NaN is a gap. Pure; one thread at a time.
class MinMaxSeries {
 public:
  void reserve(size_t count) { values_.reserve(count); }
  void append(double value);
  size_t size() const { return values_.size(); }
  double at(size_t i) const { return values_[i]; }
  bool any() const { return finite_ > 0; }  // a value that is no gap
  double lowest() const { return lowest_; }
  double highest() const { return highest_; }

  struct Extremes {
    int64_t lowest = -1, highest = -1;  // places; -1: nothing but gaps
  };
  Extremes extremes(size_t from, size_t to) const;  // over [from, to)

 private:
  void take(Extremes& all, int64_t place) const;
  std::vector<double> values_;
  std::vector<std::vector<Extremes>> levels_;  // [0]: of kLeaf values, each next one of kFan of the level below; whole blocks only
  size_t finite_ = 0;
  double lowest_ = 0.0, highest_ = 0.0;
};

// Places of the points that draw the same picture as all of those at `x` (not falling, one for each value): of each of `columns` equal
// parts of [left, right] the first, the last and both extremes, in order, and one point beyond either end, so that the line enters the
// view. A part with nothing but gaps gives one of them. `log_x`: parts are equal on a logarithmic axis. At most 4 columns + 2 places.
std::vector<size_t> visiblePoints(const MinMaxSeries& series, std::span<const double> x, double left, double right, int columns, bool log_x);

}  // namespace hvlm::ui
