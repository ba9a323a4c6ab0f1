// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <optional>
#include <utility>

namespace hvlm::ui {

// Where playing stands: position in seconds of presentation time, speed, marks, loop. Plain logic; the panel's timer drives it.
class PlaybackClock {
 public:
  void setRange(double start, double end);  // of the video; keeps the position inside
  double start() const { return start_; }
  double end() const { return end_; }
  double position() const { return position_; }
  void seek(double seconds);                // clamped
  bool isPlaying() const { return playing_; }
  double speed() const { return speed_; }   // negative backward; 0.1 to 16 in size
  void setSpeed(double speed);
  bool toggle();                            // Space, K; at the end it stays there: false, and nothing plays
  void restart();                           // plays from the start
  void pause() { playing_ = false; }
  void press(int direction);                // J (-1), L (+1): each repeat doubles up to 16x, the other direction starts at 1x
  // Moves on by so many seconds of the wall's clock; at an end it stops, within looped marks it goes round.
  void advance(double wall_seconds);

  void markIn(std::optional<double> seconds = {}) { in_ = seconds.value_or(position_); order(); }  // none: where it stands
  void markOut(std::optional<double> seconds = {}) { out_ = seconds.value_or(position_); order(); }
  void clearMarks();
  std::optional<std::pair<double, double>> marks() const;  // when both are set
  void setLoop(bool on) { loop_ = on; }
  bool loops() const { return loop_; }

 private:
  void order();
  double start_ = 0.0, end_ = 0.0, position_ = 0.0, speed_ = 1.0;
  bool playing_ = false, loop_ = false;
  std::optional<double> in_, out_;
};

}  // namespace hvlm::ui
