// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/places.h"

namespace hvlm::ui {

void Places::visit(const Place& place, bool jump) {
  if (!visited_.empty()) {
    Place& now = visited_[at_];
    if (now.run == place.run && now.video == place.video && now.tab == place.tab && (!jump || now.seconds == place.seconds)) {
      now.seconds = place.seconds;
      return;
    }
    visited_.resize(at_ + 1);
  }
  visited_.push_back(place);
  if (visited_.size() > kMost) visited_.erase(visited_.begin());
  at_ = visited_.size() - 1;
}

std::optional<Place> Places::back() {
  if (!canGoBack()) return {};
  return visited_[--at_];
}

std::optional<Place> Places::forward() {
  if (!canGoForward()) return {};
  return visited_[++at_];
}

void Places::clear() {
  visited_.clear();
  at_ = 0;
}

}  // namespace hvlm::ui
