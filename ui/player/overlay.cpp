// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/player/overlay.h"

#include <QPainter>
#include <algorithm>

#include "ui/text.h"

namespace hvlm::ui {

float attentionPeak(const VideoInspection* seen) { return seen && !seen->attention.empty() ? *std::max_element(seen->attention.begin(), seen->attention.end()) : 0.0f; }

VideoOverlay overlayAt(const Video* video, const std::vector<std::string>& classes, const VideoInspection* seen, float attention_peak, double seconds,
                       const StoredDetections* stored) {
  constexpr qsizetype kMostLabels = 3;
  constexpr double kLowestScore = 0.3;
  VideoOverlay overlay;
  if (video) {
    for (const Segment& segment : video->segments) {
      const bool now = seconds >= segment.start_seconds && seconds < segment.end_seconds;
      if (now && segment.label >= 0) overlay.truth << qText(classes[static_cast<size_t>(segment.label)]);
    }
  }
  const auto name_found = [&](const std::vector<DetectedSegment>& detections, const std::vector<std::string>& names) {
    for (const DetectedSegment& found : detections) {
      const bool now = seconds >= found.start_seconds && seconds < found.end_seconds && found.score >= kLowestScore && found.label >= 0;
      if (now && overlay.predictions.size() < kMostLabels) overlay.predictions << uiText("%1 %2").arg(qText(names[static_cast<size_t>(found.label)])).arg(uiNumber(found.score, 2));
    }
  };
  if (!seen && stored) name_found(stored->detections, stored->classes);
  if (!seen) return overlay;
  name_found(seen->detections, seen->classes);
  if (attention_peak > 0.0f && seen->step_seconds > 0.0 && !seen->attention.empty()) {
    const auto step = std::clamp<int64_t>(static_cast<int64_t>(seconds / seen->step_seconds), 0, static_cast<int64_t>(seen->attention.size()) - 1);
    overlay.attention = static_cast<double>(seen->attention[static_cast<size_t>(step)] / attention_peak);
  }
  return overlay;
}

void drawAttention(QPainter& painter, const QRectF& picture, const VideoOverlay& overlay) {
  if (overlay.attention < 0.0) return;
  const double width = 1.0 + 7.0 * overlay.attention;
  QColor colour(255, 176, 32);
  colour.setAlphaF(static_cast<float>(0.35 + 0.65 * overlay.attention));
  painter.setPen(QPen(colour, width, Qt::SolidLine, Qt::SquareCap, Qt::MiterJoin));
  painter.setBrush(Qt::NoBrush);
  painter.drawRect(picture.adjusted(width / 2, width / 2, -width / 2, -width / 2));
}

void drawLabels(QPainter& painter, const QRectF& picture, const VideoOverlay& overlay) {
  double top = picture.top() + 10;
  const auto line = [&](const QString& text, const QColor& mark) {
    const QRectF box(picture.left() + 10, top, std::min<double>(painter.fontMetrics().horizontalAdvance(text) + 24, picture.width() - 20), painter.fontMetrics().height() + 6);
    painter.fillRect(box, QColor(0, 0, 0, 170));
    painter.fillRect(QRectF(box.left(), box.top(), 4, box.height()), mark);
    painter.setPen(Qt::white);
    painter.drawText(box.adjusted(10, 0, -6, 0), Qt::AlignVCenter, painter.fontMetrics().elidedText(text, Qt::ElideRight, static_cast<int>(box.width() - 16)));
    top += box.height() + 4;
  };
  for (const QString& label : overlay.truth) line(uiText("truth: %1").arg(label), QColor(88, 196, 120));
  for (const QString& label : overlay.predictions) line(uiText("predicted: %1").arg(label), QColor(90, 160, 250));
}

}  // namespace hvlm::ui
