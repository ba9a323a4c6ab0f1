// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/look/similarity_view.h"

#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "support/text.h"
#include "ui/style/class_colours.h"
#include "ui/text.h"
#include "ui/timeline/time_scale.h"

namespace hvlm::ui {
namespace {

constexpr int64_t kMostSide = 1000;  // pixels of the picture; longer videos are averaged, and the read-out still has each value
constexpr double kBar = 6.0;         // the segments beside the matrix

}  // namespace

SimilarityView::SimilarityView(QWidget* parent) : FigureCanvas(tr("Self-similarity"), tr("How alike the steps of the video are to each other appears here, once a run has looked at it."), parent) {
  setObjectName(QStringLiteral("similarityView"));
}

void SimilarityView::setMatrix(std::vector<float> cosines, int64_t steps, double step_seconds) {
  steps_ = static_cast<int64_t>(cosines.size()) == steps * steps ? steps : 0;
  cosines_ = std::move(cosines);
  step_seconds_ = step_seconds;
  side_ = std::min(steps_, kMostSide);
  shown_.assign(static_cast<size_t>(side_ * side_), 0.0f);
  lowest_ = 1.0;
  for (int64_t y = 0; y < side_; ++y) {
    const int64_t y0 = y * steps_ / side_, y1 = std::max(y0 + 1, (y + 1) * steps_ / side_);
    for (int64_t x = 0; x < side_; ++x) {
      const int64_t x0 = x * steps_ / side_, x1 = std::max(x0 + 1, (x + 1) * steps_ / side_);
      double sum = 0.0;
      for (int64_t i = y0; i < y1; ++i) {
        for (int64_t j = x0; j < x1; ++j) sum += static_cast<double>(cosines_[static_cast<size_t>(i * steps_ + j)]);
      }
      const double mean = sum / static_cast<double>((y1 - y0) * (x1 - x0));
      shown_[static_cast<size_t>(y * side_ + x)] = static_cast<float>(mean);
      lowest_ = std::min(lowest_, mean);
    }
  }
  lowest_ = std::min(0.95, std::floor(lowest_ * 20.0) / 20.0);
  update();
}

void SimilarityView::setTruth(const std::vector<Segment>& truth, const QStringList& classes) {
  truth_ = truth;
  classes_ = classes;
  update();
}

void SimilarityView::setCursor(double seconds) {
  cursor_ = seconds;
  if (steps_ > 0) update();
}

QRectF SimilarityView::square(const QRectF& place) const {
  const double side = std::max(10.0, std::min(place.width() - kBar - 4, place.height() - kBar - 40));
  return {place.left() + kBar + 4 + (place.width() - kBar - 4 - side) / 2.0, place.top() + kBar + 4, side, side};
}
QRectF SimilarityView::matrixRect() const { return square(place()); }

int64_t SimilarityView::stepAt(double position, double from, double length) const {
  const auto step = static_cast<int64_t>((position - from) / length * static_cast<double>(steps_));
  return position >= from && position < from + length ? std::clamp<int64_t>(step, 0, steps_ - 1) : -1;
}

void SimilarityView::draw(QPainter& painter, const QRectF& place, const FigureStyle& style) const {
  const QRectF s = square(place);
  const ColourMap& map = isSigned() ? ColourMap::diverging() : style.map;
  const double low = isSigned() ? -1.0 : lowest_;
  QImage image(static_cast<int>(side_), static_cast<int>(side_), QImage::Format_RGB32);
  for (int y = 0; y < image.height(); ++y) {
    auto* line = reinterpret_cast<QRgb*>(image.scanLine(y));
    for (int x = 0; x < image.width(); ++x) line[x] = map.at((static_cast<double>(shown_[static_cast<size_t>(y * side_ + x)]) - low) / (1.0 - low));
  }
  painter.drawImage(s, image);
  const double duration = static_cast<double>(steps_) * step_seconds_;
  for (const Segment& segment : truth_) {
    if (segment.label < 0 || segment.label >= classes_.size()) continue;
    const double from = segment.start_seconds / duration, to = std::min(1.0, segment.end_seconds / duration);
    const QColor colour = classColour(classes_[segment.label]);
    painter.fillRect(QRectF(s.left() + from * s.width(), s.top() - kBar - 2, (to - from) * s.width(), kBar), colour);
    painter.fillRect(QRectF(s.left() - kBar - 2, s.top() + from * s.height(), kBar, (to - from) * s.height()), colour);
  }
  const double at = std::clamp(cursor_ / duration, 0.0, 1.0);
  painter.setPen(QPen(style.colours.cursor, 1));
  painter.drawLine(QPointF(s.left() + at * s.width(), s.top()), QPointF(s.left() + at * s.width(), s.bottom()));
  painter.drawLine(QPointF(s.left(), s.top() + at * s.height()), QPointF(s.right(), s.top() + at * s.height()));
  painter.setFont(style.font);
  painter.setPen(style.colours.muted);
  painter.drawText(QRectF(s.left(), s.bottom() + 2, s.width(), 14), Qt::AlignLeft, timeText(0.0));
  painter.drawText(QRectF(s.left(), s.bottom() + 2, s.width(), 14), Qt::AlignRight, timeText(duration));
  drawColourScale(painter, {s.left(), s.bottom() + 22}, std::min(90.0, s.width() * 0.4), FigureStyle{style.colours, map, style.font}, uiNumber(low, 2),
                  (isSigned() ? tr("%1 cosine, %2 in the middle").arg(uiNumber(1.0, 2), uiNumber(0.0, 0)) : tr("%1 cosine").arg(uiNumber(1.0, 2))) +
                      (steps_ > side_ ? tr(" · %1 steps averaged to %2 a side").arg(steps_).arg(side_) : QString()));
}

void SimilarityView::mouseMoveEvent(QMouseEvent* event) {
  if (steps_ == 0) return;
  const QRectF s = matrixRect();
  const int64_t x = stepAt(event->position().x(), s.left(), s.width()), y = stepAt(event->position().y(), s.top(), s.height());
  if (x < 0 || y < 0) {
    Q_EMIT hovered(QString());
    return;
  }
  Q_EMIT hovered(tr("step %1 (%2) and step %3 (%4): cosine %5").arg(y).arg(timeText(static_cast<double>(y) * step_seconds_)).arg(x).arg(timeText(static_cast<double>(x) * step_seconds_))
                     .arg(uiNumber(static_cast<double>(cosines_[static_cast<size_t>(y * steps_ + x)]), 3)));
  if (event->buttons() & Qt::LeftButton) Q_EMIT timeChosen((static_cast<double>(x) + 0.5) * step_seconds_);
}

void SimilarityView::mousePressEvent(QMouseEvent* event) {
  if (steps_ == 0 || event->button() != Qt::LeftButton) return;
  const QRectF s = matrixRect();
  const int64_t x = stepAt(event->position().x(), s.left(), s.width());
  if (x >= 0) Q_EMIT timeChosen((static_cast<double>(x) + 0.5) * step_seconds_);
}

QRectF SimilarityView::itemPlace(int64_t item) const {
  const QRectF s = matrixRect();
  const double cell = s.width() / static_cast<double>(steps_);
  return {s.left() + cell * static_cast<double>(item % steps_), s.top() + cell * static_cast<double>(item / steps_), cell, cell};
}

std::string SimilarityView::csv() const {
  std::string text = "step,other,cosine\n";
  for (int64_t i = 0; i < steps_; ++i) {
    for (int64_t j = i; j < steps_; ++j) text += std::to_string(i) + "," + std::to_string(j) + "," + fixedNumber(static_cast<double>(cosines_[static_cast<size_t>(i * steps_ + j)]), 6) + "\n";
  }
  return text;
}

QString SimilarityView::leftOut(bool picture) const {
  return picture && steps_ > side_ ? tr("%1 steps were averaged to %2 a side; a CSV has every value.").arg(steps_).arg(side_) : QString();
}

}  // namespace hvlm::ui
