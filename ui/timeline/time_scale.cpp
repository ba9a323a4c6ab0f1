// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/timeline/time_scale.h"

#include <QStringList>
#include <algorithm>
#include <array>
#include <cmath>

#include "ui/text.h"

namespace hvlm::ui {
namespace {

TimeScale inside(TimeScale scale, double duration) {
  const double coarsest = std::max(duration, 1e-6) / std::max(1, scale.width - 1);
  scale.seconds_per_pixel = std::clamp(scale.seconds_per_pixel, std::min(kFinestSecondsPerPixel, coarsest), coarsest);
  const double span = scale.seconds_per_pixel * (scale.width - 1);
  scale.start_seconds = std::clamp(scale.start_seconds, 0.0, std::max(0.0, duration - span));
  return scale;
}

constexpr std::array<double, 24> kSteps = {0.01, 0.02, 0.05, 0.1,  0.2,  0.5,  1,    2,    5,     10,    15,    30,
                                           60,   120,  300,  600,  900,  1800, 3600, 7200, 14400, 21600, 43200, 86400};

}  // namespace

TimeScale wholeVideo(double duration, int left, int width) {
  TimeScale scale;
  scale.left = left;
  scale.width = std::max(2, width);
  scale.seconds_per_pixel = std::max(duration, 1e-6) / (scale.width - 1);
  return scale;
}

TimeScale zoomedAt(const TimeScale& scale, double x, double factor, double duration) {
  TimeScale zoomed = scale;
  const double at = scale.secondsAt(x);
  zoomed.seconds_per_pixel = scale.seconds_per_pixel / factor;
  const double coarsest = std::max(duration, 1e-6) / std::max(1, scale.width - 1);
  zoomed.seconds_per_pixel = std::clamp(zoomed.seconds_per_pixel, std::min(kFinestSecondsPerPixel, coarsest), coarsest);
  zoomed.start_seconds = at - (x - scale.left) * zoomed.seconds_per_pixel;
  return inside(zoomed, duration);
}

TimeScale pannedBy(const TimeScale& scale, double seconds, double duration) {
  TimeScale panned = scale;
  panned.start_seconds += seconds;
  return inside(panned, duration);
}

TimeScale resized(const TimeScale& scale, int left, int width, double duration, bool whole) {
  if (whole) return wholeVideo(duration, left, width);
  TimeScale next = scale;
  next.left = left;
  next.width = std::max(2, width);
  return inside(next, duration);
}

TimeScale showing(const TimeScale& scale, double from, double to, double duration) {
  TimeScale next = scale;
  next.seconds_per_pixel = std::max(1e-6, to - from) / std::max(1, scale.width - 1);
  next.start_seconds = from;
  return inside(next, duration);
}

std::vector<Tick> ticksOf(const TimeScale& scale, double duration, int label_pixels) {
  const double wanted = scale.seconds_per_pixel * label_pixels;
  size_t major = 0;
  while (major + 1 < kSteps.size() && kSteps[major] < wanted) ++major;
  const double step = kSteps[major];
  double minor = step;
  for (const int parts : {5, 3, 2}) {
    if (step / parts / scale.seconds_per_pixel >= 6.0) {
      minor = step / parts;
      break;
    }
  }
  std::vector<Tick> ticks;
  const double end = std::min(duration, scale.endSeconds());
  const auto first = static_cast<int64_t>(std::ceil(scale.start_seconds / minor - 1e-9));
  const auto last = static_cast<int64_t>(std::floor(end / minor + 1e-9));
  const auto every = static_cast<int64_t>(std::llround(step / minor));
  for (int64_t i = first; i <= last; ++i) {
    const double seconds = static_cast<double>(i) * minor;
    ticks.push_back({seconds, i % every == 0 ? shortTimeText(seconds, step) : QString()});
  }
  return ticks;
}

QString timeText(double seconds) {
  const int64_t hundredths = std::llround(std::max(0.0, seconds) * 100.0);
  const int64_t hours = hundredths / 360000;
  const int64_t minutes = hundredths / 6000 % 60;
  const QString tail = QStringLiteral("%1.%2").arg(hundredths / 100 % 60, 2, 10, QLatin1Char('0')).arg(hundredths % 100, 2, 10, QLatin1Char('0'));
  if (hours == 0) return QStringLiteral("%1:%2").arg(minutes).arg(tail);
  return QStringLiteral("%1:%2:%3").arg(hours).arg(minutes, 2, 10, QLatin1Char('0')).arg(tail);
}

QString shortTimeText(double seconds, double tick_seconds) {
  const QString full = timeText(seconds);
  if (tick_seconds >= 1.0) return full.left(full.size() - 3);
  if (tick_seconds >= 0.1) return full.left(full.size() - 1);
  return full;
}

double parseTime(const QString& text) {
  double seconds = 0.0;
  const QStringList parts = text.trimmed().split(QLatin1Char(':'));
  if (parts.isEmpty() || parts.size() > 3) return -1.0;
  for (const QString& part : parts) {
    double value = 0.0;
    if (!readUiNumber(part, value) || value < 0.0 || !std::isfinite(value)) return -1.0;
    seconds = seconds * 60.0 + value;
  }
  return seconds;
}

}  // namespace hvlm::ui
