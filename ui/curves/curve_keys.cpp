// SPDX-License-Identifier: GPL-3.0-or-later
// Plots by keyboard.
#include <QKeyEvent>
#include <QPainter>
#include <algorithm>

#include "ui/curves/curve_plot.h"
#include "ui/style/theme.h"

namespace hvlm::ui {
namespace {

constexpr double kZoom = 0.8;   // of the range that is left
constexpr double kPan = 0.1;    // of the range

void zoom(QCPAxis& axis, double factor) {
  const QCPRange range = axis.range();
  axis.scaleRange(factor, axis.scaleType() == QCPAxis::stLogarithmic ? std::sqrt(range.lower * range.upper) : range.center());
}

void pan(QCPAxis& axis, double shares) {
  if (axis.scaleType() == QCPAxis::stLogarithmic) axis.moveRange(std::pow(axis.range().upper / axis.range().lower, shares));
  else axis.moveRange(shares * axis.range().size());
}

// Keeps its width, on a logarithmic axis its ratio.
void moveTo(QCPAxis& axis, double end, bool upper) {
  const QCPRange range = axis.range();
  if (axis.scaleType() == QCPAxis::stLogarithmic) {
    if (end > 0.0) axis.moveRange(end / (upper ? range.upper : range.lower));  // step 0 has no place there
  } else {
    axis.moveRange(end - (upper ? range.upper : range.lower));
  }
}

}  // namespace

void CurvePlot::keyPressEvent(QKeyEvent* event) {
  const Qt::KeyboardModifiers keys = event->modifiers() & ~Qt::KeypadModifier;
  const bool along_x = keys == Qt::ShiftModifier && event->key() != Qt::Key_Plus;  // + may need Shift itself
  if (keys & ~Qt::ShiftModifier) {
    QCustomPlot::keyPressEvent(event);
    return;
  }
  const auto ends = [this] {
    QCPRange all;
    bool any = false;
    for (const Drawn& drawn : drawn_) {
      const std::vector<double>& x = drawn.points.x;
      const auto first = xAxis->scaleType() == QCPAxis::stLogarithmic ? std::upper_bound(x.begin(), x.end(), 0.0) : x.begin();
      if (first == x.end()) continue;
      const QCPRange own(*first, x.back());
      all = any ? QCPRange(std::min(all.lower, own.lower), std::max(all.upper, own.upper)) : own;
      any = true;
    }
    return any ? all : xAxis->range();
  };
  switch (event->key()) {
    case Qt::Key_Plus:
    case Qt::Key_Equal:
    case Qt::Key_Minus:
    case Qt::Key_Underscore: {
      const double factor = event->key() == Qt::Key_Plus || event->key() == Qt::Key_Equal ? kZoom : 1.0 / kZoom;
      zoom(*xAxis, factor);
      if (!along_x) zoom(*yAxis, factor);
      break;
    }
    case Qt::Key_Left: pan(*xAxis, -kPan); break;
    case Qt::Key_Right: pan(*xAxis, kPan); break;
    case Qt::Key_Up: pan(*yAxis, kPan); break;
    case Qt::Key_Down: pan(*yAxis, -kPan); break;
    case Qt::Key_Home: moveTo(*xAxis, ends().lower, false); break;
    case Qt::Key_End: moveTo(*xAxis, ends().upper, true); break;
    case Qt::Key_0:
      event->accept();
      Q_EMIT resetAsked();
      return;
    default: QCustomPlot::keyPressEvent(event); return;
  }
  event->accept();
  Q_EMIT userZoomed();
  replot(QCustomPlot::rpQueuedReplot);
}

void CurvePlot::paintEvent(QPaintEvent* event) {
  QCustomPlot::paintEvent(event);
  if (!hasFocus()) return;
  QPainter painter(this);
  painter.setPen(QPen(tokens().accent, 2));
  painter.drawRect(QRectF(rect()).adjusted(1, 1, -1, -1));
}

void CurvePlot::focusInEvent(QFocusEvent* event) {
  QCustomPlot::focusInEvent(event);
  update();
}

void CurvePlot::focusOutEvent(QFocusEvent* event) {
  QCustomPlot::focusOutEvent(event);
  update();
}

}  // namespace hvlm::ui
