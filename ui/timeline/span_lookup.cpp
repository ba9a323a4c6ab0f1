// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/timeline/span_lookup.h"

#include <algorithm>
#include <functional>
#include <queue>

namespace hvlm::ui {

SpanLookup::SpanLookup(const std::vector<Span>& spans) {
  std::vector<size_t> order;  // by start
  for (size_t i = 0; i < spans.size(); ++i) {
    if (!(spans[i].from_seconds <= spans[i].to_seconds)) continue;
    order.push_back(i);
    moments_.insert(moments_.end(), {spans[i].from_seconds, spans[i].to_seconds});
  }
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return spans[a].from_seconds < spans[b].from_seconds; });
  std::sort(moments_.begin(), moments_.end());
  moments_.erase(std::unique(moments_.begin(), moments_.end()), moments_.end());
  // The first in the list on top; those that are over leave when they come to the top.
  std::priority_queue<size_t, std::vector<size_t>, std::greater<>> open;
  const auto top = [&](const auto& over) {
    while (!open.empty() && over(spans[open.top()].to_seconds)) open.pop();
    return open.empty() ? -1 : spans[open.top()].id;
  };
  auto next = order.begin();
  for (const double moment : moments_) {
    for (; next != order.end() && spans[*next].from_seconds == moment; ++next) open.push(*next);
    on_.push_back(top([moment](double end) { return end < moment; }));
    after_.push_back(top([moment](double end) { return end <= moment; }));
  }
}

int64_t SpanLookup::at(double seconds) const {
  const auto after = std::upper_bound(moments_.begin(), moments_.end(), seconds);
  if (after == moments_.begin()) return -1;
  const auto last = static_cast<size_t>(after - moments_.begin()) - 1;
  return moments_[last] == seconds ? on_[last] : after_[last];
}

}  // namespace hvlm::ui
