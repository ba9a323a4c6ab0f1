// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <list>
#include <map>

#include "video/frame.h"

namespace hvlm::video {

// Decoded pictures by presentation stamp, bounded by bytes; the least recently used go first. The newest always stays.
class FrameCache {
 public:
  explicit FrameCache(int64_t limit) : limit_(limit) {}

  FramePtr find(int64_t stamp) {
    const auto found = entries_.find(stamp);
    if (found == entries_.end()) return nullptr;
    order_.splice(order_.begin(), order_, found->second.place);
    return found->second.frame;
  }
  void insert(int64_t stamp, FramePtr frame) {
    if (const auto old = entries_.find(stamp); old != entries_.end()) remove(old);
    bytes_ += size(*frame);
    order_.push_front(stamp);
    entries_[stamp] = {std::move(frame), order_.begin()};
    while (bytes_ > limit_ && entries_.size() > 1) remove(entries_.find(order_.back()));
  }
  // The entry nearest to `stamp`, or null.
  FramePtr nearest(int64_t stamp) const {
    auto after = entries_.lower_bound(stamp);
    if (after == entries_.end()) return entries_.empty() ? nullptr : std::prev(after)->second.frame;
    if (after == entries_.begin()) return after->second.frame;
    const auto before = std::prev(after);
    return stamp - before->first <= after->first - stamp ? before->second.frame : after->second.frame;
  }
  int64_t bytes() const { return bytes_; }
  int64_t limit() const { return limit_; }

 private:
  struct Entry {
    FramePtr frame;
    std::list<int64_t>::iterator place;
  };
  static int64_t size(const Frame& frame) { return static_cast<int64_t>(frame.pixels.size() + sizeof(Frame) + 64); }
  void remove(std::map<int64_t, Entry>::iterator entry) {
    bytes_ -= size(*entry->second.frame);
    order_.erase(entry->second.place);
    entries_.erase(entry);
  }

  int64_t limit_, bytes_ = 0;
  std::list<int64_t> order_;  // newest first
  std::map<int64_t, Entry> entries_;
};

}  // namespace hvlm::video
