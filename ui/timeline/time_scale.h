// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace hvlm::ui {

// Maps seconds to pixels of the timeline. A value; the view holds one.
struct TimeScale {
  double start_seconds = 0.0;      // at pixel `left`
  double seconds_per_pixel = 1.0;
  int left = 0;                    // first pixel of the lanes, right of the gutter
  int width = 1;                   // pixels of the lanes

  double secondsAt(double x) const { return start_seconds + (x - left) * seconds_per_pixel; }
  double pixelAt(double seconds) const { return left + (seconds - start_seconds) / seconds_per_pixel; }
  double endSeconds() const { return secondsAt(left + width - 1); }
  bool operator==(const TimeScale&) const = default;
};

// Seconds from the beginning of the video, the earlier first; none where nothing is marked.
using MarkedRange = std::optional<std::pair<double, double>>;

constexpr double kFinestSecondsPerPixel = 1e-3;

// The whole video: its first moment at the first pixel, its last at the last.
TimeScale wholeVideo(double duration_seconds, int left, int width);
// Zooms so that the moment under pixel `x` stays there; factor > 1 shows less. Kept inside the video.
TimeScale zoomedAt(const TimeScale& scale, double x, double factor, double duration_seconds);
TimeScale pannedBy(const TimeScale& scale, double seconds, double duration_seconds);
TimeScale resized(const TimeScale& scale, int left, int width, double duration_seconds, bool whole);
TimeScale showing(const TimeScale& scale, double from_seconds, double to_seconds, double duration_seconds);

struct Tick {
  double seconds = 0.0;
  QString text;  // empty for a minor tick
};
// Ticks at 1, 2, 5, 10, 15, 30 s, 1, 2, 5 min … with labels at least `label_pixels` apart.
std::vector<Tick> ticksOf(const TimeScale& scale, double duration_seconds, int label_pixels);

QString timeText(double seconds);       // m:ss.cc, h:mm:ss.cc from an hour on
QString shortTimeText(double seconds, double tick_seconds);  // m:ss, with decimals only where the ticks need them
// Reads "1:02.5", "62.5" or "1:00:02"; negative when it is not a time.
double parseTime(const QString& text);

}  // namespace hvlm::ui
