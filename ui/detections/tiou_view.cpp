// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/detections/tiou_view.h"

#include <QFontMetricsF>
#include <QMouseEvent>
#include <QPainter>
#include <cmath>

#include "support/text.h"
#include "ui/detections/precision_recall_view.h"
#include "ui/text.h"

namespace hvlm::ui {
namespace {

constexpr double kSwatch = 22.0;
constexpr double kLegendWidth = 300.0;
constexpr double kLeastPlot = 100.0;  // a plot that is lower says little

// The run is solid; control rows differ by dashes as well as by colour.
QPen penOf(size_t row, const FigureStyle& style) {
  static const QList<QVector<qreal>> dashes = {{4, 3}, {1, 2}, {7, 3}, {4, 2, 1, 2}, {2, 2}, {9, 2, 2, 2}};
  QPen pen(style.colours.series[row % style.colours.series.size()], row == 0 ? 2.2 : 1.3);
  if (row > 0) pen.setDashPattern(dashes[static_cast<qsizetype>((row - 1) % static_cast<size_t>(dashes.size()))]);
  return pen;
}

}  // namespace

TiouView::TiouView(QWidget* parent) : FigureCanvas(tr("mAP by tIoU"), tr("How mAP falls as the overlap asked for rises, beside the control rows, appears here."), parent) {
  setObjectName(QStringLiteral("tiouView"));
}

void TiouView::setContent(std::shared_ptr<const DetectionData> read, size_t threshold) {
  data_ = std::move(read);
  threshold_ = threshold;
  update();
}

std::vector<TiouView::Row> TiouView::rows() const {
  std::vector<Row> rows;
  if (!data_) return rows;
  rows.push_back({tr("this run"), data_->map, data_->average_map});
  for (const ControlMap& control : data_->controls) rows.push_back({control.name, control.map, control.average});
  return rows;
}

QRectF TiouView::plot(const QRectF& place, const QFont& font) const {
  const double line = QFontMetricsF(font).height(), beside = legendBeside(place, font);
  if (beside > 0.0) return place.adjusted(line + 26, 6, -beside - 20, -2 * line - 10);
  return place.adjusted(line + 26, 6, -8, -2 * line - 10 - legendHeight(line));
}

double TiouView::legendHeight(double line) const { return line * static_cast<double>(data_->controls.size() + 2) + 6; }  // a title and the run

// The legend stands on the right of a wide figure and of one that has no height to give; below any other, then 0.
double TiouView::legendBeside(const QRectF& place, const QFont& font) const {
  const double line = QFontMetricsF(font).height();
  const bool wide = place.width() >= 2.0 * kLegendWidth && place.width() >= 1.6 * place.height();
  const bool low = place.height() - 2 * line - 16 - legendHeight(line) < kLeastPlot;
  return wide || low ? std::min(kLegendWidth, place.width() * 0.52) : 0.0;
}

double TiouView::heightFor(double width) const { return width * 0.6 + 11.0 * static_cast<double>(data_ ? data_->controls.size() + 2 : 2); }

void TiouView::drawLegend(QPainter& painter, const QRectF& place, const FigureStyle& style, const std::vector<Row>& rows) const {
  const QFontMetricsF metrics(style.font);
  const QRectF p = plot(place, style.font);
  const double line = metrics.height(), number = metrics.horizontalAdvance(QStringLiteral("0.000")) + 2;
  const double beside = legendBeside(place, style.font);
  double y = beside > 0.0 ? p.top() - 4 : p.bottom() + 2 * line + 12;
  const double from = beside > 0.0 ? p.right() + 20 : p.left(), width = beside > 0.0 ? beside : std::min(p.width(), 340.0);
  painter.setPen(style.colours.muted);
  painter.drawText(QRectF(from + width - 140, y, 140, line), Qt::AlignRight | Qt::AlignVCenter, tr("average mAP"));
  for (size_t r = 0; r < rows.size(); ++r) {
    y += line;
    painter.setPen(penOf(r, style));
    painter.drawLine(QPointF(from, y + line / 2), QPointF(from + kSwatch, y + line / 2));
    painter.setPen(style.colours.text);
    drawElided(painter, QRectF(from + kSwatch + 6, y, width - kSwatch - 12 - number, line), Qt::AlignLeft | Qt::AlignVCenter, rows[r].name, style.font);
    painter.drawText(QRectF(from + width - number, y, number, line), Qt::AlignRight | Qt::AlignVCenter, uiNumber(rows[r].average, 3));
  }
}

void TiouView::draw(QPainter& painter, const QRectF& place, const FigureStyle& style) const {
  const QRectF p = plot(place, style.font);
  const std::vector<Row> all = rows();
  painter.setRenderHint(QPainter::Antialiasing, true);
  const double from = data_->thresholds.front(), to = data_->thresholds.back();
  drawShareAxes(painter, p, style, tr("tIoU"), tr("mAP"), data_->thresholds, from, to, 2);
  const auto x = [&](size_t t) { return p.left() + (data_->thresholds[t] - from) / (to - from) * p.width(); };
  painter.setPen(QPen(style.colours.muted, 1, Qt::DotLine));
  painter.drawLine(QPointF(x(threshold_), p.top()), QPointF(x(threshold_), p.bottom()));
  for (size_t r = all.size(); r-- > 0;) {  // the run last, over the others
    const std::vector<double>& map = all[r].map;
    painter.setPen(penOf(r, style));
    QPolygonF line;
    for (size_t t = 0; t < map.size(); ++t) {
      if (!std::isnan(map[t])) line << QPointF(x(t), p.bottom() - map[t] * p.height());
    }
    painter.drawPolyline(line);
    if (r > 0) continue;
    painter.setBrush(style.colours.base);
    for (const QPointF& point : line) painter.drawEllipse(point, 2.6, 2.6);
    painter.setBrush(Qt::NoBrush);
  }
  drawLegend(painter, place, style, all);
}

size_t TiouView::thresholdAt(QPointF position) const {
  if (!data_) return 0;
  const QRectF p = plot(place(), screenStyle().font);
  const size_t count = data_->thresholds.size();
  if (!p.adjusted(-8, 0, 8, 0).contains(position)) return count;
  const double share = std::clamp((position.x() - p.left()) / p.width(), 0.0, 1.0);
  return static_cast<size_t>(std::lround(share * static_cast<double>(count - 1)));
}

void TiouView::mouseMoveEvent(QMouseEvent* event) {
  const size_t t = thresholdAt(event->position());
  if (!data_ || t >= data_->thresholds.size()) {
    Q_EMIT hovered(QString());
    return;
  }
  QStringList parts = {tr("mAP@%1").arg(uiNumber(data_->thresholds[t], 2))};
  for (const Row& row : rows()) {
    if (t < row.map.size() && !std::isnan(row.map[t])) parts.append(QStringLiteral("%1 %2").arg(row.name, uiNumber(row.map[t], 3)));
  }
  Q_EMIT hovered(parts.join(QStringLiteral(" · ")));
}

void TiouView::mousePressEvent(QMouseEvent* event) {
  const size_t t = thresholdAt(event->position());
  if (data_ && t < data_->thresholds.size()) Q_EMIT thresholdChosen(static_cast<int>(t));
}

QRectF TiouView::itemPlace(int64_t item) const {
  const QRectF p = plot(place(), screenStyle().font);
  const double x = p.left() + p.width() * static_cast<double>(item) / static_cast<double>(std::max<int64_t>(1, itemCount() - 1));
  return {x - 5, p.top(), 10, p.height()};
}

std::string TiouView::csv() const {
  std::string text = "row,tiou,map\n";
  for (const Row& row : rows()) {
    const std::string name = csvText(stdText(row.name));
    for (size_t t = 0; t < row.map.size(); ++t) {
      if (!std::isnan(row.map[t])) text += name + "," + fixedNumber(data_->thresholds[t], 2) + "," + exactNumber(row.map[t]) + "\n";
    }
    text += name + ",average," + exactNumber(row.average) + "\n";
  }
  return text;
}

}  // namespace hvlm::ui
