// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/look/parallel_view.h"

#include <QFontMetricsF>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>
#include <limits>

#include "support/text.h"
#include "ui/text.h"

namespace hvlm::ui {
namespace {

constexpr double kHead = 18.0, kFoot = 18.0, kLane = 14.0;  // names above, ends below, the lane of those without a value
constexpr double kReach = 6.0;

double scaled(double value, bool logarithmic) { return logarithmic ? std::log10(value) : value; }

// Distance of a point from a segment.
double distanceTo(QPointF p, QPointF a, QPointF b) {
  const QPointF ab = b - a, ap = p - a;
  const double length = QPointF::dotProduct(ab, ab), t = length > 0.0 ? std::clamp(QPointF::dotProduct(ap, ab) / length, 0.0, 1.0) : 0.0;
  const QPointF d = ap - t * ab;
  return std::hypot(d.x(), d.y());
}

}  // namespace

ParallelView::ParallelView(QWidget* parent)
    : FigureCanvas(tr("Parallel coordinates of runs"), tr("How options and a figure go together appears here, once several runs with different options are ticked."), parent) {
  setObjectName(QStringLiteral("parallelView"));
}

void ParallelView::setRuns(std::vector<ParallelAxis> axes, std::vector<std::vector<double>> rows, const QStringList& names) {
  axes_ = std::move(axes);
  rows_ = std::move(rows);
  names_ = names;
  brushes_.assign(axes_.size(), std::nullopt);
  ranges_.clear();
  hovered_ = axis_ = -1;
  for (size_t a = 0; a < axes_.size(); ++a) {
    double low = INFINITY, high = -INFINITY;
    for (const auto& row : rows_) {
      if (std::isnan(row[a])) continue;
      const double v = scaled(row[a], axes_[a].logarithmic);
      low = std::min(low, v), high = std::max(high, v);
    }
    if (!axes_[a].categories.isEmpty()) low = 0.0, high = static_cast<double>(axes_[a].categories.size() - 1);
    if (!(low < high)) low -= 0.5, high = low + 1.0;  // all alike: in the middle
    ranges_.emplace_back(low, high);
  }
  update();
}

QRectF ParallelView::plot(const QRectF& place) const { return place.adjusted(60, kHead + 2, -50, -kFoot - kLane - 2); }
double ParallelView::xOf(const QRectF& p, int axis) const { return axes_.size() < 2 ? p.center().x() : p.left() + p.width() * axis / static_cast<double>(axes_.size() - 1); }
double ParallelView::axisX(int axis) const { return xOf(plot(place()), axis); }

double ParallelView::shareOf(int row, int axis) const {
  const double value = rows_[static_cast<size_t>(row)][static_cast<size_t>(axis)];
  if (std::isnan(value)) return value;
  const auto [low, high] = ranges_[static_cast<size_t>(axis)];
  return (scaled(value, axes_[static_cast<size_t>(axis)].logarithmic) - low) / (high - low);
}

QPointF ParallelView::at(const QRectF& p, int row, int axis) const {
  const double share = shareOf(row, axis);
  return {xOf(p, axis), std::isnan(share) ? p.bottom() + kLane : p.bottom() - share * p.height()};
}
QPointF ParallelView::pointOf(int row, int axis) const { return at(plot(place()), row, axis); }

bool ParallelView::kept(int row) const {
  for (size_t a = 0; a < axes_.size(); ++a) {
    if (!brushes_[a]) continue;
    const double share = shareOf(row, static_cast<int>(a));
    if (std::isnan(share) || share < brushes_[a]->first - 1e-9 || share > brushes_[a]->second + 1e-9) return false;
  }
  return true;
}

void ParallelView::setBrush(int axis, std::optional<std::pair<double, double>> shares) {
  brushes_[static_cast<size_t>(axis)] = shares;
  update();
  Q_EMIT brushed();
}

void ParallelView::moveAxis(int from, int to) {
  if (from == to || from < 0 || to < 0 || std::max(from, to) >= static_cast<int>(axes_.size()) - 1) return;  // the figure stays last
  const auto move = [from, to](auto& list) {
    auto item = std::move(list[static_cast<size_t>(from)]);
    list.erase(list.begin() + from);
    list.insert(list.begin() + to, std::move(item));
  };
  move(axes_);
  move(ranges_);
  move(brushes_);
  for (auto& row : rows_) move(row);
  update();
}

QString ParallelView::valueText(int axis, double value) const {
  const ParallelAxis& a = axes_[static_cast<size_t>(axis)];
  if (std::isnan(value)) return tr("none");
  if (!a.categories.isEmpty()) return a.categories.value(static_cast<int>(value));
  return uiShortest(value, 4);
}

void ParallelView::draw(QPainter& painter, const QRectF& place, const FigureStyle& style) const {
  const QRectF p = plot(place);
  const int count = static_cast<int>(axes_.size()), last = count - 1;
  painter.setRenderHint(QPainter::Antialiasing, true);
  const auto line = [&](int row, const QPen& pen) {
    painter.setPen(pen);
    for (int a = 0; a + 1 < count; ++a) painter.drawLine(at(p, row, a), at(p, row, a + 1));
  };
  QColor pale = style.colours.muted;
  pale.setAlphaF(0.15f);
  for (int pass = 0; pass < 2; ++pass) {  // those outside first, under the others
    for (int row = 0; row < static_cast<int>(rows_.size()); ++row) {
      if (kept(row) != (pass == 1)) continue;
      const double share = shareOf(row, last);
      line(row, pass == 0 ? QPen(pale, 1) : std::isnan(share) ? QPen(style.colours.muted, 1, Qt::DotLine) : QPen(QColor(style.map.at(share)), 1.4));
    }
  }
  if (hovered_ >= 0 && hovered_ < static_cast<int>(rows_.size())) line(hovered_, QPen(style.colours.text, 2.2));
  painter.setFont(style.font);
  const double room = count > 1 ? p.width() / (count - 1) : p.width();
  for (int a = 0; a < count; ++a) {
    const double x = xOf(p, a);
    painter.setPen(QPen(a == axis_ ? style.colours.accent : style.colours.text, a == axis_ ? 2 : 1));
    painter.drawLine(QPointF(x, p.top()), QPointF(x, p.bottom()));
    painter.setPen(style.colours.text);
    drawElided(painter, QRectF(x - room / 2 + 2, place.top(), room - 4, kHead - 2), Qt::AlignHCenter | Qt::AlignVCenter, axes_[static_cast<size_t>(a)].name.section(QLatin1Char('.'), -1), style.font);
    painter.setPen(style.colours.muted);
    const auto label = [&](double y, const QString& text) { drawElided(painter, QRectF(x + 3, y - 7, room - 6, 14), Qt::AlignLeft | Qt::AlignVCenter, text, style.font); };
    const auto [low, high] = ranges_[static_cast<size_t>(a)];
    const ParallelAxis& axis = axes_[static_cast<size_t>(a)];
    if (!axis.categories.isEmpty()) {
      for (int c = 0; c < axis.categories.size(); ++c) label(p.bottom() - p.height() * (axis.categories.size() > 1 ? c / (axis.categories.size() - 1.0) : 0.5), axis.categories[c]);
    } else {
      label(p.bottom() - 6, uiShortest(axis.logarithmic ? std::pow(10.0, low) : low, 3));
      label(p.top() + 6, uiShortest(axis.logarithmic ? std::pow(10.0, high) : high, 3));
    }
    if (const auto& brush = brushes_[static_cast<size_t>(a)]) {
      painter.fillRect(QRectF(QPointF(x - 5, p.bottom() - brush->second * p.height()), QPointF(x + 5, p.bottom() - brush->first * p.height())), style.colours.range);
    }
  }
  const bool missing = std::any_of(rows_.begin(), rows_.end(), [](const auto& row) { return std::any_of(row.begin(), row.end(), [](double v) { return std::isnan(v); }); });
  if (!missing) return;
  painter.setPen(style.colours.muted);
  painter.drawText(QRectF(place.left(), p.bottom() + kLane - 7, 56, 14), Qt::AlignLeft | Qt::AlignVCenter, tr("no value"));
}

int ParallelView::axisAt(QPointF position) const {
  for (int a = 0; a < static_cast<int>(axes_.size()); ++a) {
    if (std::abs(position.x() - axisX(a)) < kReach) return a;
  }
  return -1;
}

int ParallelView::rowAt(QPointF position) const {
  int best = -1;
  double nearest = kReach;
  for (int row = 0; row < static_cast<int>(rows_.size()); ++row) {
    if (!kept(row)) continue;
    for (int a = 0; a + 1 < static_cast<int>(axes_.size()); ++a) {
      const double distance = distanceTo(position, pointOf(row, a), pointOf(row, a + 1));
      if (distance < nearest) nearest = distance, best = row;
    }
  }
  return best;
}

void ParallelView::mousePressEvent(QMouseEvent* event) {
  if (!hasContent() || event->button() != Qt::LeftButton) return;
  const int axis = axisAt(event->position());
  const QRectF p = plot(place());
  if (axis >= 0 && event->position().y() < p.top()) {
    moved_ = axis;
  } else if (axis >= 0) {
    dragged_ = axis;
    drag_from_ = std::clamp((p.bottom() - event->position().y()) / p.height(), 0.0, 1.0);
  } else if (const int row = rowAt(event->position()); row >= 0) {
    Q_EMIT rowChosen(row);
  }
}

void ParallelView::mouseMoveEvent(QMouseEvent* event) {
  if (!hasContent()) return;
  if (dragged_ >= 0) {
    const QRectF p = plot(place());
    const double now = std::clamp((p.bottom() - event->position().y()) / p.height(), 0.0, 1.0);
    if (std::abs(now - drag_from_) > 0.01) setBrush(dragged_, std::minmax(now, drag_from_));
    return;
  }
  tellRow(rowAt(event->position()));
}

void ParallelView::tellRow(int row) {
  if (row != hovered_) {
    hovered_ = row;
    update();
  }
  if (row < 0) {
    Q_EMIT hovered(QString());
    return;
  }
  QStringList parts = {names_.value(row)};
  for (int a = 0; a < static_cast<int>(axes_.size()); ++a) parts.append(QStringLiteral("%1 %2").arg(axes_[static_cast<size_t>(a)].name.section(QLatin1Char('.'), -1), valueText(a, rows_[static_cast<size_t>(row)][static_cast<size_t>(a)])));
  Q_EMIT hovered(parts.join(QStringLiteral(" · ")));
}

QRectF ParallelView::itemPlace(int64_t item) const {
  const QPointF at = pointOf(static_cast<int>(item), static_cast<int>(axes_.size()) - 1);
  return {at.x() - 6, at.y() - 6, 12, 12};
}

int64_t ParallelView::itemBeside(int64_t item, int across, int down) const {
  const int by = across + down;
  for (int64_t next = item + by; next >= 0 && next < itemCount(); next += by) {
    if (kept(static_cast<int>(next))) return next;
  }
  return item;
}

void ParallelView::mouseReleaseEvent(QMouseEvent* event) {
  if (moved_ >= 0) {
    int to = 0;
    for (int a = 1; a < static_cast<int>(axes_.size()); ++a) {
      if (std::abs(event->position().x() - axisX(a)) < std::abs(event->position().x() - axisX(to))) to = a;
    }
    moveAxis(moved_, to);
  }
  dragged_ = moved_ = -1;
}

void ParallelView::mouseDoubleClickEvent(QMouseEvent* event) {
  const int axis = hasContent() ? axisAt(event->position()) : -1;
  if (axis >= 0) setBrush(axis, std::nullopt);
}

void ParallelView::keyPressEvent(QKeyEvent* event) {
  constexpr double kStep = 0.05;  // of an axis' height
  const bool ctrl = event->modifiers() & Qt::ControlModifier, shift = event->modifiers() & Qt::ShiftModifier;
  const int across = event->key() == Qt::Key_Right ? 1 : event->key() == Qt::Key_Left ? -1 : 0, last = static_cast<int>(axes_.size()) - 1;
  if (hasContent() && ctrl && across != 0) {
    const int to = axis_ < 0 ? 0 : std::clamp(axis_ + across, 0, last);
    if (shift && axis_ >= 0 && axis_ < last && to < last) moveAxis(axis_, to);
    if (!shift || (axis_ < last && to < last)) axis_ = to;
    tellAxis();
  } else if (hasContent() && axis_ >= 0 && ctrl && (event->key() == Qt::Key_Up || event->key() == Qt::Key_Down)) {
    auto [low, high] = brushes_[static_cast<size_t>(axis_)].value_or(std::pair(0.0, 1.0));
    event->key() == Qt::Key_Up ? low = std::min(low + kStep, high) : high = std::max(high - kStep, low);
    setBrush(axis_, std::pair(low, high));
    tellAxis();
  } else if (hasContent() && axis_ >= 0 && (event->key() == Qt::Key_Delete || event->key() == Qt::Key_Backspace)) {
    setBrush(axis_, std::nullopt);
    tellAxis();
  } else {
    FigureCanvas::keyPressEvent(event);
  }
}

// Which axis the keyboard is at, and how many runs its range and the others' keep.
void ParallelView::tellAxis() {
  int shown = 0;
  for (int row = 0; row < static_cast<int>(rows_.size()); ++row) shown += kept(row) ? 1 : 0;
  const QString text = tr("axis %1: %2 of %n run(s) kept", nullptr, static_cast<int>(rows_.size())).arg(axes_[static_cast<size_t>(axis_)].name).arg(shown);
  setAccessibleDescription(text);
  Q_EMIT hovered(text);
  update();
}

std::string ParallelView::csv() const {
  std::string text = "run";
  for (const ParallelAxis& axis : axes_) text += "," + csvText(stdText(axis.name));
  text += "\n";
  for (size_t i = 0; i < rows_.size(); ++i) {
    text += csvText(stdText(names_.value(static_cast<int>(i))));
    for (size_t a = 0; a < axes_.size(); ++a) text += "," + (std::isnan(rows_[i][a]) ? std::string() : (axes_[a].categories.isEmpty() ? exactNumber(rows_[i][a]) : csvText(stdText(valueText(static_cast<int>(a), rows_[i][a])))));
    text += "\n";
  }
  return text;
}

}  // namespace hvlm::ui
