// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/look/scatter_view.h"

#include <QFontMetricsF>
#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>
#include <set>

#include "support/text.h"
#include "ui/style/class_colours.h"
#include "ui/style/text_size.h"
#include "ui/style/theme.h"
#include "ui/text.h"

namespace hvlm::ui {
namespace {

constexpr double kReach = 8.0;  // pixels
constexpr double kMostZoom = 500.0;
constexpr int kMostLegend = 24;

// A few shapes, so that groups differ without colour.
void drawMarker(QPainter& painter, QPointF at, int group, double r) {
  switch (group < 0 ? 0 : group % 5) {
    case 0: painter.drawEllipse(at, r, r); break;
    case 1: painter.drawRect(QRectF(at.x() - r * 0.9, at.y() - r * 0.9, r * 1.8, r * 1.8)); break;
    case 2: painter.drawPolygon(QPolygonF({at + QPointF(0, -r * 1.2), at + QPointF(r * 1.1, r * 0.8), at + QPointF(-r * 1.1, r * 0.8)})); break;
    case 3: painter.drawPolygon(QPolygonF({at + QPointF(0, -r * 1.3), at + QPointF(r * 1.3, 0), at + QPointF(0, r * 1.3), at + QPointF(-r * 1.3, 0)})); break;
    default: painter.drawPolygon(QPolygonF({at + QPointF(0, r * 1.2), at + QPointF(r * 1.1, -r * 0.8), at + QPointF(-r * 1.1, -r * 0.8)})); break;
  }
}

}  // namespace

ScatterView::ScatterView(QWidget* parent) : FigureCanvas(tr("Embedding map"), tr("Videos or moments as a map appear here: what the model takes for alike lies together."), parent) {
  setObjectName(QStringLiteral("scatterView"));
  setFocusPolicy(Qt::StrongFocus);
  connect(&Theme::instance(), &Theme::changed, this, [this] { forget(); });
}

void ScatterView::forget() {
  cache_ = QPixmap();
  update();
}

void ScatterView::setPoints(std::vector<Point> points, const QStringList& groups, const std::pair<QString, QString>& scale) {
  points_ = std::move(points);
  groups_ = groups;
  scale_ = scale;
  current_ = -1;
  std::set<int> used;
  double high_x = -INFINITY, high_y = -INFINITY;
  low_x_ = low_y_ = INFINITY;
  for (const Point& p : points_) {
    if (p.group >= 0 && p.group < groups_.size()) used.insert(p.group);
    low_x_ = std::min(low_x_, p.x), high_x = std::max(high_x, p.x);
    low_y_ = std::min(low_y_, p.y), high_y = std::max(high_y, p.y);
  }
  used_.assign(used.begin(), used.end());
  span_ = std::max({high_x - low_x_, high_y - low_y_, 1e-12});
  // The shorter side is centred.
  low_x_ -= (span_ - (high_x - low_x_)) / 2.0;
  low_y_ -= (span_ - (high_y - low_y_)) / 2.0;
  showAll();
}

void ScatterView::showAll() {
  zoom_ = 1.0;
  middle_ = {0.5, 0.5};
  forget();
}

void ScatterView::setCurrent(int index) {
  current_ = index;
  update();
}

double ScatterView::legendWidth(const QFont& font) const {
  const QFontMetricsF metrics(font);
  double longest = 0.0;
  for (const int group : used_) longest = std::max(longest, metrics.horizontalAdvance(groups_[group]));
  return used_.empty() ? 0.0 : longest + 20.0;
}

QRectF ScatterView::plot(const QRectF& place, const QFont& font) const {
  const double legend = std::min(legendWidth(font), place.width() * 0.35);
  return place.adjusted(0, 0, -legend - 4, scale_.first.isEmpty() ? 0 : -18);
}

QPointF ScatterView::mapped(const Point& point, const QRectF& plot) const {
  const double side = std::min(plot.width(), plot.height()) * 0.94 * zoom_;
  return {plot.center().x() + ((point.x - low_x_) / span_ - middle_.x()) * side, plot.center().y() - ((point.y - low_y_) / span_ - middle_.y()) * side};
}

QPointF ScatterView::placeOf(int index) const { return mapped(points_[static_cast<size_t>(index)], plot(place(), screenStyle().font)); }

void ScatterView::drawPoints(QPainter& painter, const QRectF& plot, const FigureStyle& style) const {
  // Smaller where there are many, and where the figure is small (a column of a paper).
  const double r = (points_.size() > 5000 ? 2.0 : points_.size() > 800 ? 2.6 : 3.6) * std::clamp(plot.width() / 400.0, 0.4, 1.2);
  painter.setPen(Qt::NoPen);
  painter.setRenderHint(QPainter::Antialiasing, points_.size() <= 5000);
  for (const Point& point : points_) {
    const QPointF at = mapped(point, plot);
    if (!plot.contains(at)) continue;
    QColor colour = style.colours.muted;
    if (point.shade >= 0.0) colour = QColor(style.map.at(point.shade));
    else if (point.group >= 0 && point.group < groups_.size()) colour = classColour(groups_[point.group]);
    painter.setBrush(colour);
    drawMarker(painter, at, point.shade >= 0.0 ? 0 : point.group, r);
  }
  painter.setBrush(Qt::NoBrush);
  painter.setRenderHint(QPainter::Antialiasing, true);
}

void ScatterView::drawLegend(QPainter& painter, const QRectF& place, const FigureStyle& style) const {
  const double width = std::min(legendWidth(style.font), place.width() * 0.35);
  const QFontMetricsF metrics(style.font);
  const double row = metrics.height() + 3.0;
  const int fits = std::min(kMostLegend, std::max(1, static_cast<int>(place.height() / row) - 1));
  painter.setRenderHint(QPainter::Antialiasing, true);
  for (int i = 0; i < static_cast<int>(used_.size()) && i < fits; ++i) {
    const QString& name = groups_[used_[static_cast<size_t>(i)]];
    const double top = place.top() + row * i;
    painter.setPen(Qt::NoPen);
    painter.setBrush(classColour(name));
    drawMarker(painter, {place.right() - width + 6, top + row / 2}, used_[static_cast<size_t>(i)], 3.6);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(style.colours.text);
    drawElided(painter, QRectF(place.right() - width + 16, top, width - 16, row), Qt::AlignLeft | Qt::AlignVCenter, name, style.font);
  }
  if (static_cast<int>(used_.size()) > fits) {
    painter.setPen(style.colours.muted);
    painter.drawText(QRectF(place.right() - width + 16, place.top() + row * fits, width - 16, row), Qt::AlignLeft | Qt::AlignVCenter, tr("and %1 more").arg(used_.size() - static_cast<size_t>(fits)));
  }
}

void ScatterView::draw(QPainter& painter, const QRectF& place, const FigureStyle& style) const {
  painter.setFont(style.font);
  drawPoints(painter, plot(place, style.font), style);
  drawLegend(painter, place, style);
  if (!scale_.first.isEmpty()) drawColourScale(painter, {place.left(), place.bottom() - 11}, 90.0, style, scale_.first, scale_.second);
}

void ScatterView::paintEvent(QPaintEvent* event) {
  if (points_.empty()) {
    FigureCanvas::paintEvent(event);
    return;
  }
  // Points are drawn once for each look; the ring moves over them.
  const double ratio = devicePixelRatioF();
  if (cache_.isNull() || cache_.size() != (QSizeF(size()) * ratio).toSize()) {
    cache_ = QPixmap((QSizeF(size()) * ratio).toSize());
    cache_.setDevicePixelRatio(ratio);
    cache_.fill(tokens().base);
    QPainter painter(&cache_);
    drawOnScreen(painter);
  }
  QPainter painter(this);
  painter.drawPixmap(0, 0, cache_);
  paintFocus(painter);
  painter.scale(drawnAt(), drawnAt());
  if (current_ < 0 || current_ >= static_cast<int>(points_.size())) return;
  painter.setRenderHint(QPainter::Antialiasing, true);
  painter.setPen(QPen(tokens().cursor, 2));
  painter.drawEllipse(placeOf(current_), 8, 8);
}

int ScatterView::pointAt(QPointF position) const {
  const QRectF p = plot(place(), screenStyle().font);
  int best = -1;
  double nearest = kReach * kReach;
  for (size_t i = 0; i < points_.size(); ++i) {
    const QPointF d = mapped(points_[i], p) - position;
    const double distance = d.x() * d.x() + d.y() * d.y();
    if (distance < nearest) nearest = distance, best = static_cast<int>(i);
  }
  return best;
}

void ScatterView::zoomAt(QPointF position, double factor) {
  const QRectF p = plot(place(), screenStyle().font);
  const double side = std::min(p.width(), p.height()) * 0.94;
  const QPointF offset((position.x() - p.center().x()) / side, -(position.y() - p.center().y()) / side);
  const double before = zoom_;
  zoom_ = std::clamp(zoom_ * factor, 1.0, kMostZoom);
  middle_ += offset / before - offset / zoom_;
  if (zoom_ == 1.0) middle_ = {0.5, 0.5};
  forget();
}

QRectF ScatterView::itemPlace(int64_t item) const {
  const QPointF at = placeOf(static_cast<int>(item));
  return {at.x() - 6, at.y() - 6, 12, 12};
}

// Within a right angle about the direction; those aside count double.
int64_t ScatterView::itemBeside(int64_t item, int across, int down) const {
  const QRectF p = plot(place(), screenStyle().font);
  const QPointF from = mapped(points_[static_cast<size_t>(item)], p);
  int64_t best = item;
  double nearest = INFINITY;
  for (size_t i = 0; i < points_.size(); ++i) {
    const QPointF d = mapped(points_[i], p) - from;
    const double ahead = d.x() * across + d.y() * down, aside = std::abs(d.x() * down) + std::abs(d.y() * across);
    if (ahead <= 1e-9 || aside > ahead) continue;
    if (const double far = ahead + 2.0 * aside; far < nearest) nearest = far, best = static_cast<int64_t>(i);
  }
  return best;
}

void ScatterView::tellItem(int64_t item) {
  const QRectF p = plot(place(), screenStyle().font);
  if (const QPointF at = placeOf(static_cast<int>(item)); !p.contains(at)) {  // zoomed past it: it comes to the middle
    const double side = std::min(p.width(), p.height()) * 0.94 * zoom_;
    middle_ += QPointF((at.x() - p.center().x()) / side, -(at.y() - p.center().y()) / side);
    forget();
  }
  Q_EMIT hovered(points_[static_cast<size_t>(item)].label);
}

void ScatterView::chooseItem(int64_t item) {
  setCurrent(static_cast<int>(item));
  Q_EMIT pointChosen(static_cast<int>(item));
}

bool ScatterView::zoomByKey(double factor) {
  if (factor == 0.0) showAll();
  else zoomAt(currentItem() >= 0 ? placeOf(static_cast<int>(currentItem())) : plot(place(), screenStyle().font).center(), factor);
  return true;
}

void ScatterView::wheelEvent(QWheelEvent* event) {
  if (event->modifiers() & Qt::ControlModifier) {
    zoomAt(event->position(), std::pow(1.0015, event->angleDelta().y()));
  } else if (zoom_ > 1.0) {  // scrolls over what is zoomed
    middle_ += QPointF(-event->angleDelta().x(), event->angleDelta().y()) / (1200.0 * zoom_);
    forget();
  } else {
    event->ignore();
    return;
  }
  event->accept();
}

void ScatterView::mousePressEvent(QMouseEvent* event) {
  drag_from_ = event->position();
  if (event->button() != Qt::LeftButton) return;
  const int at = pointAt(event->position());
  if (at < 0) return;
  setCurrent(at);
  Q_EMIT pointChosen(at);
}

void ScatterView::mouseMoveEvent(QMouseEvent* event) {
  if (event->buttons() & Qt::MiddleButton) {
    const QRectF p = plot(place(), screenStyle().font);
    const double side = std::min(p.width(), p.height()) * 0.94 * zoom_;
    const QPointF by = event->position() - drag_from_;
    middle_ += QPointF(-by.x() / side, by.y() / side);
    drag_from_ = event->position();
    forget();
    return;
  }
  const int at = pointAt(event->position());
  Q_EMIT hovered(at < 0 ? QString() : points_[static_cast<size_t>(at)].label);
}

void ScatterView::mouseDoubleClickEvent(QMouseEvent*) { showAll(); }
void ScatterView::resizeEvent(QResizeEvent*) { forget(); }

std::string ScatterView::csv() const {
  std::string text = "x,y,group,label\n";
  for (const Point& p : points_) {
    QString label = p.label, group = p.group >= 0 && p.group < groups_.size() ? groups_[p.group] : QString();
    label.replace(QLatin1Char('"'), QStringLiteral("\"\""));
    group.replace(QLatin1Char('"'), QStringLiteral("\"\""));
    text += fixedNumber(p.x, 6) + "," + fixedNumber(p.y, 6) + ",\"" + stdText(group) + "\",\"" + stdText(label) + "\"\n";
  }
  return text;
}

}  // namespace hvlm::ui
