// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/player/video_view.h"

#include <QMouseEvent>
#include <QPainter>

#include <algorithm>

#include "ui/style/theme.h"
#include "ui/text.h"

namespace hvlm::ui {

VideoView::VideoView(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("videoView"));
  setAccessibleName(tr("Video picture"));
  setFocusPolicy(Qt::StrongFocus);
  setMinimumSize(160, 100);
}

void VideoView::setFrame(const ShownFrame& frame, double pixel_aspect) {
  shown_ = frame;
  aspect_ = pixel_aspect > 0.0 ? pixel_aspect : 1.0;
  setAccessibleDescription(tr("Frame %1 of %2").arg(frame.index).arg(frame.frames));
  update();
}

void VideoView::clear() {
  shown_ = {};
  overlay_ = {};
  update();
}

void VideoView::setOverlay(const VideoOverlay& overlay) {
  overlay_ = overlay;
  update();
}

void VideoView::setSimilarity(const std::vector<float>& cosines) {
  cosines_ = cosines;
  update();
}

QRectF VideoView::pictureRect() const {
  double width = 16.0, height = 9.0;
  if (shown_.frame && shown_.frame->width > 0) width = shown_.frame->width * aspect_, height = shown_.frame->height;
  const double scale = std::min((this->width() - 8) / width, (this->height() - 8) / height);
  const QSizeF size(width * scale, height * scale);
  return {QPointF((this->width() - size.width()) / 2, (this->height() - size.height()) / 2), size};
}

void VideoView::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.fillRect(rect(), QColor(16, 16, 18));
  if (!shown_.frame) return;
  const QRectF area = pictureRect();
  const Frame& frame = *shown_.frame;
  if (frame.problem.empty() && !frame.pixels.empty()) {
    const QImage image(frame.pixels.data(), frame.width, frame.height, frame.width * 4, QImage::Format_RGB32);
    painter.setRenderHint(QPainter::SmoothPixmapTransform);
    painter.drawImage(area, image);
  } else {
    painter.fillRect(area, QColor(40, 40, 44));
    painter.fillRect(area, QBrush(QColor(95, 95, 100), Qt::BDiagPattern));
    painter.setPen(QColor(235, 235, 235));
    painter.drawText(area.adjusted(12, 12, -12, -12), Qt::AlignCenter | Qt::TextWordWrap, tr("Frame %1 is missing: %2").arg(shown_.index).arg(qText(frame.problem)));
  }
  paintOverlay(painter, area);
  if (hasFocus()) {
    painter.setPen(QPen(tokens().accent, 2));
    painter.drawRect(QRectF(rect()).adjusted(1, 1, -1, -1));
  }
}

void VideoView::paintOverlay(QPainter& painter, const QRectF& area) const {
  if (attention_) drawAttention(painter, area, overlay_);
  if (labels_) drawLabels(painter, area, overlay_);
  if (similarity_ && cosines_.size() > 1) {
    const QRectF strip(area.left() + 10, area.bottom() - 46, area.width() - 20, 36);
    painter.fillRect(strip, QColor(0, 0, 0, 150));
    QPolygonF curve;
    const auto n = static_cast<double>(cosines_.size() - 1);
    for (size_t i = 0; i < cosines_.size(); ++i) {
      curve << QPointF(strip.left() + strip.width() * static_cast<double>(i) / n, strip.bottom() - 3 - (strip.height() - 6) * std::clamp<double>(cosines_[i], 0.0, 1.0));
    }
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(QColor(240, 240, 240), 1.4));
    painter.drawPolyline(curve);
    painter.setPen(QPen(QColor(255, 90, 90), 1.5));
    const double x = strip.left() + strip.width() * std::clamp(overlay_.place, 0.0, 1.0);
    painter.drawLine(QPointF(x, strip.top()), QPointF(x, strip.bottom()));
  }
}

void VideoView::mousePressEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton) Q_EMIT pressed();
}

}  // namespace hvlm::ui
