// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/exports/clip.h"

#include <QFileInfo>
#include <QImage>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "support/error.h"
#include "ui/exports/picture.h"
#include "ui/player/overlay.h"
#include "ui/text.h"
#include "video/video_reader.h"
#include "video/video_writer.h"

namespace hvlm::ui {
namespace {

constexpr int kMostWidth = 1920, kMostHeight = 1080;

WriterOptions optionsFor(const QString& out) {
  const QString suffix = QFileInfo(out).suffix().toLower();
  WriterOptions options;
  options.threads = 2;
  if (suffix == QLatin1String("webm")) options.codec = "vp9";
  else if (suffix == QLatin1String("avi")) options.codec = "mpeg4";
  else if (suffix != QLatin1String("mp4") && suffix != QLatin1String("mkv")) {
    throw InputError({.where = stdText(out), .expected = "a name ending in mp4, mkv, webm or avi", .found = stdText(suffix), .remedy = "Choose one of these."});
  }
  return options;
}

}  // namespace

ClipResult writeClip(const ClipRequest& request, const std::function<bool(int64_t, int64_t)>& progress) {
  const PlainNumbers plain;
  WriterOptions options = optionsFor(request.out);
  ReaderOptions reading;
  reading.max_width = kMostWidth;
  reading.max_height = kMostHeight;
  VideoReader reader(pathOf(request.file), reading);
  const std::vector<double>& times = reader.index().times;
  if (times.empty()) throw InputError({.where = stdText(request.file), .expected = "frames", .found = "none", .remedy = "See hvlm probe."});
  const double start = times.front(), end = request.to_seconds < 0.0 ? times.back() - start : request.to_seconds;
  const int64_t first = reader.frameAt(start + std::max(0.0, request.from_seconds)), last = reader.frameAt(start + end);
  if (last < first) throw InputError({.where = stdText(request.file), .expected = "a part with frames", .found = "an empty one", .remedy = "Set the marks in and out the other way round."});
  const double rate = times.size() > 1 ? static_cast<double>(times.size() - 1) / std::max(times.back() - start, 1e-6) : 25.0;
  options.rate_num = static_cast<int>(std::clamp(std::lround(rate * 1000.0), 1L, 240000L));
  options.rate_den = 1000;
  const float peak = attentionPeak(request.inspection.get());
  const double duration = std::max(times.back() - start, 1e-6);
  std::unique_ptr<VideoWriter> writer;
  QImage canvas;
  ClipResult result;
  for (int64_t i = first; i <= last; ++i) {
    if (progress && !progress(i - first, last - first + 1)) throw Interrupted("stopped; no clip was written");
    const FramePtr frame = reader.frame(i);
    if (!frame->problem.empty() || frame->pixels.empty()) {
      ++result.missing;
      continue;
    }
    if (!writer) {
      options.width = frame->width / 2 * 2;
      options.height = frame->height / 2 * 2;
      writer = std::make_unique<VideoWriter>(pathOf(request.out), options);
      canvas = QImage(options.width, options.height, QImage::Format_RGB32);
    }
    const double seconds = times[static_cast<size_t>(i)] - start;
    QPainter painter(&canvas);
    painter.drawImage(0, 0, QImage(frame->pixels.data(), frame->width, frame->height, frame->width * 4, QImage::Format_RGB32));
    QFont font = exportFont();
    font.setPixelSize(std::max(11, options.height / 26));
    painter.setFont(font);
    const VideoOverlay overlay = overlayAt(&request.video, request.classes, request.inspection.get(), peak, seconds, request.stored.get());
    drawAttention(painter, canvas.rect(), overlay);
    drawLabels(painter, canvas.rect(), overlay);
    painter.fillRect(QRectF(0, options.height - 4, options.width, 4), QColor(0, 0, 0, 150));
    painter.fillRect(QRectF(0, options.height - 4, options.width * seconds / duration, 4), QColor(255, 90, 90));
    painter.end();
    Frame picture{.index = result.frames, .width = options.width, .height = options.height, .layout = PixelLayout::bgra32, .pixels = {}, .problem = {}};
    picture.pixels.resize(static_cast<size_t>(canvas.sizeInBytes()));
    for (int y = 0; y < canvas.height(); ++y) std::copy_n(canvas.constScanLine(y), options.width * 4, picture.pixels.begin() + static_cast<std::ptrdiff_t>(y) * options.width * 4);
    writer->writeAt(picture, times[static_cast<size_t>(i)] - times[static_cast<size_t>(first)]);
    ++result.frames;
  }
  if (!writer) throw InputError({.where = stdText(request.file), .expected = "frames that can be decoded", .found = "none", .remedy = "See hvlm probe."});
  writer->close();
  return result;
}

}  // namespace hvlm::ui
