// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/player/playback_clock.h"

#include <algorithm>
#include <cmath>

namespace hvlm::ui {

void PlaybackClock::setRange(double start, double end) {
  start_ = start;
  end_ = std::max(start, end);
  position_ = std::clamp(position_, start_, end_);
}

void PlaybackClock::seek(double seconds) { position_ = std::clamp(seconds, start_, end_); }

void PlaybackClock::setSpeed(double speed) {
  const double size = std::clamp(std::abs(speed), 0.1, 16.0);
  speed_ = speed < 0 ? -size : size;
}

bool PlaybackClock::toggle() {
  if (!playing_ && position_ >= end_ && !loop_) return false;  // play and restart are two things
  playing_ = !playing_;
  if (playing_ && speed_ < 0) speed_ = 1.0;
  return true;
}

void PlaybackClock::restart() {
  position_ = start_;
  speed_ = std::abs(speed_);
  playing_ = true;
}

void PlaybackClock::press(int direction) {
  const bool same = playing_ && (speed_ > 0) == (direction > 0);
  setSpeed(same ? speed_ * (std::abs(speed_) < 1.0 ? 1.0 / std::abs(speed_) : 2.0) : direction);
  playing_ = true;
}

void PlaybackClock::advance(double wall_seconds) {
  if (!playing_) return;
  position_ += speed_ * wall_seconds;
  const auto range = marks();
  if (loop_ && range && range->second > range->first) {
    const double length = range->second - range->first;
    if (position_ > range->second || position_ < range->first) position_ = range->first + std::fmod(std::fmod(position_ - range->first, length) + length, length);
    return;
  }
  if (loop_ && !range && end_ > start_ && (position_ > end_ || position_ < start_)) {
    position_ = speed_ > 0 ? start_ : end_;
    return;
  }
  if (position_ >= end_ || position_ <= start_) {
    const bool over = (speed_ > 0 && position_ >= end_) || (speed_ < 0 && position_ <= start_);
    position_ = std::clamp(position_, start_, end_);
    if (over) playing_ = false;
  }
}

void PlaybackClock::clearMarks() {
  in_.reset();
  out_.reset();
}

std::optional<std::pair<double, double>> PlaybackClock::marks() const {
  if (!in_ || !out_) return std::nullopt;
  return std::pair(*in_, *out_);
}

void PlaybackClock::order() {
  if (in_ && out_ && *in_ > *out_) std::swap(in_, out_);
}

}  // namespace hvlm::ui
