// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/curves/min_max_series.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace hvlm::ui {
namespace {

constexpr size_t kLeaf = 64, kFan = 8;

// The first place at or after `from` whose x is at least `value`; near places first, as parts follow one another.
size_t placeAfter(std::span<const double> x, size_t from, double value) {
  size_t low = from, step = 16;
  while (low + step < x.size() && x[low + step] < value) {
    low += step;
    step *= 2;
  }
  const size_t high = std::min(x.size(), low + step + 1);
  return static_cast<size_t>(std::lower_bound(x.begin() + static_cast<std::ptrdiff_t>(low), x.begin() + static_cast<std::ptrdiff_t>(high), value) - x.begin());
}

}  // namespace

void MinMaxSeries::take(Extremes& all, int64_t place) const {
  if (place < 0) return;
  const double value = values_[static_cast<size_t>(place)];
  if (std::isnan(value)) return;
  if (all.lowest < 0 || value < values_[static_cast<size_t>(all.lowest)]) all.lowest = place;
  if (all.highest < 0 || value > values_[static_cast<size_t>(all.highest)]) all.highest = place;
}

void MinMaxSeries::append(double value) {
  values_.push_back(value);
  if (!std::isnan(value)) {
    lowest_ = finite_ > 0 ? std::min(lowest_, value) : value;
    highest_ = finite_ > 0 ? std::max(highest_, value) : value;
    ++finite_;
  }
  if (values_.size() % kLeaf != 0) return;
  Extremes leaf;
  for (size_t i = values_.size() - kLeaf; i < values_.size(); ++i) take(leaf, static_cast<int64_t>(i));
  if (levels_.empty()) levels_.emplace_back();
  levels_[0].push_back(leaf);
  for (size_t level = 0; levels_[level].size() % kFan == 0; ++level) {  // a block of the next level is whole
    Extremes block;
    for (size_t i = levels_[level].size() - kFan; i < levels_[level].size(); ++i) {
      take(block, levels_[level][i].lowest);
      take(block, levels_[level][i].highest);
    }
    if (levels_.size() == level + 1) levels_.emplace_back();
    levels_[level + 1].push_back(block);
  }
}

MinMaxSeries::Extremes MinMaxSeries::extremes(size_t from, size_t to) const {
  Extremes all;
  to = std::min(to, values_.size());
  const auto scan = [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) take(all, static_cast<int64_t>(i));
  };
  size_t first = (from + kLeaf - 1) / kLeaf, last = to / kLeaf;  // whole leaves inside
  if (first >= last) {
    scan(from, to);
    return all;
  }
  scan(from, first * kLeaf);
  scan(last * kLeaf, to);
  const auto blocks = [&](const std::vector<Extremes>& level, size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
      take(all, level[i].lowest);
      take(all, level[i].highest);
    }
  };
  for (size_t level = 0; first < last; ++level) {  // the ragged ends at this level, what is whole one level up
    const size_t up_first = (first + kFan - 1) / kFan, up_last = last / kFan;
    if (up_first >= up_last || level + 1 >= levels_.size()) {
      blocks(levels_[level], first, last);
      break;
    }
    blocks(levels_[level], first, up_first * kFan);
    blocks(levels_[level], up_last * kFan, last);
    first = up_first;
    last = up_last;
  }
  return all;
}

std::vector<size_t> visiblePoints(const MinMaxSeries& series, std::span<const double> x, double left, double right, int columns, bool log_x) {
  std::vector<size_t> places;
  if (x.empty() || columns < 1 || !(right > left)) return places;
  places.reserve(static_cast<size_t>(columns) * 4 + 2);
  const bool log = log_x && left > 0.0;
  const auto edge = [&](int column) {
    const double share = static_cast<double>(column) / columns;
    return log ? left * std::pow(right / left, share) : left + (right - left) * share;
  };
  size_t from = static_cast<size_t>(std::lower_bound(x.begin(), x.end(), left) - x.begin());
  if (from > 0) places.push_back(from - 1);
  for (int column = 0; column < columns && from < x.size(); ++column) {
    const size_t to = column + 1 == columns ? static_cast<size_t>(std::upper_bound(x.begin() + static_cast<std::ptrdiff_t>(from), x.end(), right) - x.begin())
                                            : placeAfter(x, from, edge(column + 1));
    if (to == from) continue;
    const MinMaxSeries::Extremes found = series.extremes(from, to);
    if (found.lowest < 0) {
      places.push_back(from);
    } else {
      std::array<size_t, 4> few = {from, static_cast<size_t>(found.lowest), static_cast<size_t>(found.highest), to - 1};
      std::sort(few.begin(), few.end());
      places.insert(places.end(), few.begin(), std::unique(few.begin(), few.end()));
    }
    from = to;
  }
  if (from < x.size()) places.push_back(from);
  return places;
}

}  // namespace hvlm::ui
