// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/curves/curve_plot.h"

#include <QLocale>
#include <algorithm>
#include <cmath>
#include <optional>

#include "ui/style/theme.h"
#include "ui/text.h"

namespace hvlm::ui {
namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

QColor pale(QColor colour) {
  colour.setAlphaF(0.30f);
  return colour;
}

}  // namespace

double axisValue(const Curve& curve, size_t i, CurveAxis axis) {
  switch (axis) {
    case CurveAxis::kEpoch: return curve.epochs[i];
    case CurveAxis::kHours: return curve.hours[i];
    case CurveAxis::kStep: break;
  }
  return static_cast<double>(curve.steps[i]);
}

QString axisTitle(CurveAxis axis) {
  switch (axis) {
    case CurveAxis::kEpoch: return uiText("epoch");
    case CurveAxis::kHours: return uiText("hours");
    case CurveAxis::kStep: break;
  }
  return uiText("step");
}

QString valueText(double value) {
  if (std::isnan(value)) return uiText("NaN");
  if (std::isinf(value)) return value > 0 ? uiText("Inf") : uiText("-Inf");
  const double size = std::abs(value);
  if (size > 0 && (size < 1e-3 || size >= 1e5)) return QLocale().toString(value, 'g', 3);
  return QLocale().toString(value, 'f', size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 3 : 4);
}

CurvePlot::CurvePlot(QWidget* parent) : QCustomPlot(parent) {
  setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
  setNoAntialiasingOnDrag(true);
  setPlottingHint(QCP::phFastPolylines, true);
  setAutoAddPlottableToLegend(false);
  axisRect()->setupFullAxesBox(false);
  axisRect()->setRangeZoomFactor(0.8);
  xAxis2->setVisible(false);
  yAxis2->setVisible(false);
  setFocusPolicy(Qt::StrongFocus);
  restyle(tokens(), 1.5, smallFont(QWidget::font()));
}

QFont smallFont(QFont font) {
  if (font.pointSizeF() > 0) font.setPointSizeF(font.pointSizeF() * 0.9);
  return font;
}

void CurvePlot::restyle(const Tokens& t, double line_width, const QFont& small) {
  tokens_ = t;
  line_width_ = line_width;
  setBackground(QBrush(t.base));
  for (QCPAxis* axis : {xAxis, yAxis}) {
    axis->setBasePen(QPen(t.border, 1));
    axis->setTickPen(QPen(t.border, 1));
    axis->setSubTickPen(Qt::NoPen);
    axis->setTickLengthIn(0);
    axis->setTickLengthOut(4);
    axis->setTickLabelColor(t.muted);
    axis->setLabelColor(t.muted);
    axis->setTickLabelFont(small);
    axis->setLabelFont(small);
    axis->grid()->setPen(QPen(t.grid, 1));
    axis->grid()->setZeroLinePen(QPen(t.border, 1));
    axis->grid()->setSubGridVisible(false);
  }
  build();
}

bool CurvePlot::sameLines(const QList<CurveLine>& lines) const {
  if (lines.size() != lines_.size()) return false;
  for (qsizetype i = 0; i < lines.size(); ++i) {
    const CurveLine& a = lines[i];
    const CurveLine& b = lines_[i];
    if (a.run != b.run || a.tag != b.tag || a.colour != b.colour || a.style != b.style) return false;
    if (!a.source || a.source->revision != drawn_[static_cast<size_t>(i)].revision) return false;
  }
  return true;
}

void CurvePlot::setLines(const QList<CurveLine>& lines, const CurveOptions& options) {
  CurveOptions drawing = options;
  drawing.follow = options_.follow;
  const bool same = drawing == options_ && sameLines(lines);
  // Smoothing moves no axis: the user's zoom stays. A plot that showed nothing yet has no zoom to keep.
  drawing.smoothing = options_.smoothing;
  const bool other_view = drawing != options_ || pointCount() == 0;
  options_ = options;
  lines_ = lines;
  if (!same) {
    build();
  } else {
    for (size_t i = 0; i < drawn_.size(); ++i) takePoints(drawn_[i], lines_[static_cast<qsizetype>(i)]);
  }
  if (options_.follow || other_view) fitView();
  placeMarks();
}

const Curve* CurvePlot::curveOf(const CurveLine& line) const {
  if (!line.source) return nullptr;
  const auto found = line.source->curves.find(line.tag);
  return found == line.source->curves.end() ? nullptr : &found->second;
}

double CurvePlot::xOf(const Curve& curve, size_t i) const { return axisValue(curve, i, options_.axis); }

void CurvePlot::build() {
  clearItems();
  clearPlottables();
  seams_.clear();
  drawn_.assign(static_cast<size_t>(lines_.size()), {});
  broken_x_.clear();
  const auto scale = [](QCPAxis* axis, bool log) {
    axis->setScaleType(log ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    QSharedPointer<QCPAxisTicker> ticker(log ? new QCPAxisTickerLog : new QCPAxisTicker);
    if (!log) ticker->setTickCount(5);
    axis->setTicker(ticker);
    axis->setNumberFormat(log ? QStringLiteral("eb") : QStringLiteral("gb"));
    axis->setNumberPrecision(log ? 0 : 5);
  };
  scale(xAxis, options_.log_x);
  scale(yAxis, options_.log_y);
  const bool smooth = options_.smoothing > 0.0;
  // Pale raw lines first, so that no smoothed line is covered.
  for (size_t i = 0; i < drawn_.size(); ++i) {
    const CurveLine& line = lines_[static_cast<qsizetype>(i)];
    drawn_[i].average = DebiasedAverage(options_.smoothing);
    drawn_[i].revision = line.source ? line.source->revision : -1;
    drawn_[i].raw = addGraph();
    const bool sparse = line.markers;  // few points: drawn as they are
    drawn_[i].raw->setPen(QPen(smooth && !sparse ? pale(line.colour) : line.colour, smooth && !sparse ? 1.0 : line_width_, line.style));
    if (line.markers) {
      drawn_[i].raw->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDisc, line.colour, 4.5));
    }
  }
  for (size_t i = 0; i < drawn_.size() && smooth; ++i) {
    const CurveLine& line = lines_[static_cast<qsizetype>(i)];
    if (line.markers) continue;
    drawn_[i].smooth = addGraph();
    drawn_[i].smooth->setPen(QPen(line.colour, line_width_, line.style));
  }
  best_ = addGraph();
  best_->setLineStyle(QCPGraph::lsNone);
  best_->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssStar, QPen(tokens_.cursor, 1.6), Qt::NoBrush, 11));
  broken_ = addGraph();
  broken_->setLineStyle(QCPGraph::lsNone);
  broken_->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssTriangle, QPen(tokens_.bad, 1.4), QBrush(tokens_.base), 8));
  for (size_t i = 0; i < drawn_.size(); ++i) takePoints(drawn_[i], lines_[static_cast<qsizetype>(i)]);
  for (const CurveLine& line : lines_) {
    const Curve* curve = curveOf(line);
    if (!curve || (!seams_.isEmpty() && line.run == lines_.front().run)) continue;
    for (const int64_t from : line.source->resumes) {
      const auto after = std::upper_bound(curve->steps.begin(), curve->steps.end(), from);
      if (after == curve->steps.begin() || after == curve->steps.end()) continue;
      auto* seam = new QCPItemStraightLine(this);
      const double x = xOf(*curve, static_cast<size_t>(after - curve->steps.begin()) - 1);
      // Types first: changing one converts the coordinates by the pixels, which a plot not laid out yet does not have.
      seam->point1->setTypeY(QCPItemPosition::ptAxisRectRatio);
      seam->point2->setTypeY(QCPItemPosition::ptAxisRectRatio);
      seam->point1->setCoords(x, 0);
      seam->point2->setCoords(x, 1);
      seam->setPen(QPen(tokens_.muted, 1, Qt::DashDotLine));
      seams_.append(seam);
    }
  }
}

void CurvePlot::takePoints(Drawn& drawn, const CurveLine& line) {
  const Curve* curve = curveOf(line);
  if (!curve || !drawn.raw) return;
  // The last point may have been measured again; those before it stand.
  const size_t count = curve->steps.size();
  if (drawn.taken >= count) return;
  QVector<double> x, raw, smooth;
  for (size_t i = drawn.taken; i < count; ++i) {
    const double at = xOf(*curve, i);
    const double value = curve->values[i];
    const bool drawable = std::isfinite(value) && !(options_.log_y && value <= 0.0);
    if (!std::isfinite(value)) broken_x_.push_back(at);
    x.append(at);
    raw.append(drawable ? value : kNothing);
    const double mean = drawn.average.next(value);
    smooth.append(std::isfinite(mean) && !(options_.log_y && mean <= 0.0) ? mean : kNothing);
  }
  drawn.taken = count;
  drawn.raw->addData(x, raw, true);
  if (drawn.smooth) drawn.smooth->addData(x, smooth, true);
}

void CurvePlot::fitView() {
  double low = 0, high = 0, left = 0, right = 0;
  bool any = false;
  hidden_ = 0;
  for (const CurveLine& line : lines_) {
    const Curve* curve = curveOf(line);
    if (!curve || curve->steps.empty()) continue;
    const ValueRange range = valueRange(curve->values, options_.clip, options_.log_y);
    hidden_ += range.hidden;
    const double first = xOf(*curve, 0);
    const double last = xOf(*curve, curve->steps.size() - 1);
    if (!range.any) continue;
    low = any ? std::min(low, range.lowest) : range.lowest;
    high = any ? std::max(high, range.highest) : range.highest;
    left = any ? std::min(left, first) : first;
    right = any ? std::max(right, last) : last;
    any = true;
  }
  if (!any) {
    xAxis->setRange(0, 1);
    yAxis->setRange(0, 1);
    return;
  }
  if (options_.log_y) {
    const double ratio = std::pow(std::max(high / low, 1.01), 0.06);
    yAxis->setRange(low / ratio, high * ratio);
  } else {
    const double slack = high > low ? (high - low) * 0.06 : high == 0.0 ? 1.0 : std::abs(high) * 0.1;
    yAxis->setRange(low - slack, high + slack);
  }
  if (options_.log_x) {
    xAxis->setRange(std::max(left, right * 1e-4), std::max(right, left * 1.01));
  } else {
    const bool markers = std::any_of(lines_.begin(), lines_.end(), [](const CurveLine& line) { return line.markers; });
    const double rim = markers ? 0.015 * (right - left) : 0.0;  // so that no marker is cut
    xAxis->setRange(left - rim, right > left ? right + rim : left + 1.0);
  }
}

void CurvePlot::placeMarks() {
  if (!best_ || !broken_) return;
  best_line_ = -1;
  best_->data()->clear();
  for (qsizetype i = 0; i < lines_.size(); ++i) {
    const std::string& tag = lines_[i].tag;
    if (tag != "holdout/average_map" && tag != "holdout/score") continue;
    const Curve* curve = curveOf(lines_[i]);
    if (!curve || curve->values.empty()) continue;
    std::optional<size_t> best;
    for (size_t k = 0; k < curve->values.size(); ++k) {
      if (std::isfinite(curve->values[k]) && (!best || curve->values[k] > curve->values[*best])) best = k;
    }
    if (!best) continue;
    best_->addData(xOf(*curve, *best), curve->values[*best]);
    best_line_ = static_cast<int>(i);
    break;
  }
  broken_->data()->clear();
  const double share = 0.05;
  const QCPRange y = yAxis->range();
  const double foot = options_.log_y ? y.lower * std::pow(y.upper / y.lower, share) : y.lower + share * y.size();
  QVector<double> x(broken_x_.begin(), broken_x_.end());
  broken_->setData(x, QVector<double>(x.size(), foot));
}

int64_t CurvePlot::pointCount() const {
  int64_t count = 0;
  for (const Drawn& drawn : drawn_) count += drawn.raw ? drawn.raw->dataCount() : 0;
  return count;
}

QList<double> CurvePlot::valuesAt(double x) const {
  QList<double> values;
  for (const CurveLine& line : lines_) {
    const Curve* curve = curveOf(line);
    double value = kNothing;
    if (curve && !curve->steps.empty()) {
      size_t low = 0, high = curve->steps.size();
      while (low < high) {
        const size_t middle = (low + high) / 2;
        (xOf(*curve, middle) < x ? low : high) = xOf(*curve, middle) < x ? middle + 1 : middle;
      }
      if (low == curve->steps.size() || (low > 0 && x - xOf(*curve, low - 1) < xOf(*curve, low) - x)) --low;
      value = curve->values[low];
    }
    values.append(value);
  }
  return values;
}

QList<double> CurvePlot::lastValues() const {
  QList<double> values;
  for (const CurveLine& line : lines_) {
    const Curve* curve = curveOf(line);
    values.append(curve && !curve->values.empty() ? curve->values.back() : kNothing);
  }
  return values;
}

void CurvePlot::wheelEvent(QWheelEvent* event) {
  if (!event->modifiers().testFlag(Qt::ControlModifier)) {
    event->ignore();  // the page scrolls
    return;
  }
  Q_EMIT userZoomed();
  QCustomPlot::wheelEvent(event);
}

void CurvePlot::mouseMoveEvent(QMouseEvent* event) {
  if (event->buttons().testFlag(Qt::LeftButton)) Q_EMIT userZoomed();
  QCustomPlot::mouseMoveEvent(event);
}

void CurvePlot::mouseDoubleClickEvent(QMouseEvent* event) {
  QCustomPlot::mouseDoubleClickEvent(event);
  Q_EMIT resetAsked();
}

}  // namespace hvlm::ui
