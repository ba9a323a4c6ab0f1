// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/curves/curve_plot.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>

#include "ui/shell/background.h"
#include "ui/style/theme.h"
#include "ui/text.h"

namespace hvlm::ui {
namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
constexpr size_t kWhole = 8192;       // points that a graph holds as they are
constexpr size_t kAtOnce = 200'000;   // points that are taken without a worker
constexpr int kLeastColumns = 400;    // of a plot that has no size yet
constexpr double kLogShare = 1e-4;    // of a logarithmic horizontal axis, from its end

QVector<QCPGraphData> pointsOf(const std::vector<double>& x, const MinMaxSeries& y, const std::vector<size_t>& places) {
  QVector<QCPGraphData> points;
  points.reserve(static_cast<qsizetype>(places.size()));
  for (const size_t i : places) points.append(QCPGraphData(x[i], y.at(i)));
  return points;
}

// It was shared once, and its owner has let it go.
bool isGone(const std::weak_ptr<const RunCurves>& held) {
  const std::weak_ptr<const RunCurves> never;
  return held.expired() && (held.owner_before(never) || never.owner_before(held));
}

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
  if (size > 0 && (size < 1e-3 || size >= 1e5)) return uiShortest(value, 3);
  return uiNumber(value, size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 3 : 4);
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
  connect(this, &QCustomPlot::beforeReplot, this, &CurvePlot::fillGraphs);
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
  placeMarks();
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
    for (size_t i = 0; i < drawn_.size(); ++i) takePoints(i);
  }
  if (options_.follow || other_view) fitView();
  placeMarks();
  fillGraphs();
}

// The first place of a curve at or after an x of the axis.
size_t CurvePlot::placeOf(const Curve& curve, double x) const {
  size_t low = 0, high = curve.steps.size();
  while (low < high) {
    const size_t middle = (low + high) / 2;
    (xOf(curve, middle) < x ? low : high) = xOf(curve, middle) < x ? middle + 1 : middle;
  }
  return low;
}

const Curve* CurvePlot::curveOf(const CurveLine& line) const {
  if (!line.source || isGone(line.held)) return nullptr;
  const auto found = line.source->curves.find(line.tag);
  return found == line.source->curves.end() ? nullptr : &found->second;
}

double CurvePlot::xOf(const Curve& curve, size_t i) const { return axisValue(curve, i, options_.axis); }

void CurvePlot::build() {
  std::map<std::pair<QString, std::string>, Points> before;
  if (options_.axis == built_.axis && options_.log_y == built_.log_y) {
    for (Drawn& drawn : drawn_) before[{drawn.run, drawn.tag}] = std::move(drawn.points);
  }
  built_ = options_;
  clearItems();
  clearPlottables();
  seams_.clear();
  seam_places_.clear();
  drawn_.clear();
  drawn_.resize(static_cast<size_t>(lines_.size()));
  ++build_number_;
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
    drawn_[i].run = line.run;
    drawn_[i].tag = line.tag;
    drawn_[i].points.average = DebiasedAverage(options_.smoothing);
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
  for (size_t i = 0; i < drawn_.size(); ++i) {
    takePoints(i);
    if (drawn_[i].waiting) drawn_[i].points = std::move(before[{drawn_[i].run, drawn_[i].tag}]);  // shown until the new ones are there
  }
}

void CurvePlot::Points::take(const Curve& curve, const CurveOptions& options, bool smooths) {
  // The last point may have been measured again; those before it stand.
  const size_t count = curve.steps.size();
  x.reserve(count);
  raw.reserve(count);
  if (smooths) smooth.reserve(count);
  for (size_t i = x.size(); i < count; ++i) {
    const double at = axisValue(curve, i, options.axis);
    const double value = curve.values[i];
    const bool finite = std::isfinite(value), drawable = finite && !(options.log_y && value <= 0.0);
    if (!finite) broken.push_back(at);
    undrawable += finite && !drawable;
    x.push_back(at);
    raw.append(drawable ? value : kNothing);
    if (!smooths) continue;
    const double mean = average.next(value);
    smooth.append(std::isfinite(mean) && !(options.log_y && mean <= 0.0) ? mean : kNothing);
  }
}

void CurvePlot::takePoints(size_t index) {
  Drawn& drawn = drawn_[index];
  const CurveLine& line = lines_[static_cast<qsizetype>(index)];
  const Curve* curve = curveOf(line);
  if (!curve || !drawn.raw || drawn.waiting || drawn.points.x.size() >= curve->steps.size()) return;
  if (const auto source = line.held.lock(); source && curve->steps.size() - drawn.points.x.size() > kAtOnce) {
    takeInBackground(index, source);
    return;
  }
  drawn.points.take(*curve, options_, drawn.smooth != nullptr);
}

// The points go to the worker and come back; what was measured meanwhile is taken then.
void CurvePlot::takeInBackground(size_t index, std::shared_ptr<const RunCurves> source) {
  Drawn& drawn = drawn_[index];
  drawn.waiting = true;
  struct Taken {
    Points points;
    std::shared_ptr<const RunCurves> source;  // given back on this thread, so that the store sees who shares it
  };
  auto taken = std::make_shared<Taken>(Taken{std::move(drawn.points), std::move(source)});
  drawn.points = {};
  inBackground(
      this,
      [taken, tag = lines_[static_cast<qsizetype>(index)].tag, options = options_, smooths = drawn.smooth != nullptr] {
        taken->points.take(taken->source->curves.at(tag), options, smooths);
      },
      [this, taken, index, number = build_number_] {
        taken->source.reset();
        if (number != build_number_) return;
        const bool first = pointCount() == 0;
        drawn_[index].points = std::move(taken->points);
        drawn_[index].waiting = false;
        takePoints(index);
        if (options_.follow || first) fitView();
        placeMarks();
        replot(QCustomPlot::rpQueuedReplot);
      });
}

bool CurvePlot::busy() const {
  return std::any_of(drawn_.begin(), drawn_.end(), [](const Drawn& drawn) { return drawn.waiting; });
}

bool CurvePlot::thinned() const {
  return std::any_of(drawn_.begin(), drawn_.end(), [](const Drawn& drawn) { return drawn.points.x.size() > kWhole; });
}

// Short lines whole, long ones as the columns of the view show them, marks at its foot. Before each redraw, so after every zoom.
void CurvePlot::fillGraphs() {
  const int columns = std::max(kLeastColumns, static_cast<int>(std::ceil(viewport().width() * bufferDevicePixelRatio())));
  const QCPRange range = xAxis->range();
  for (Drawn& drawn : drawn_) {
    const std::vector<double>& x = drawn.points.x;
    for (const auto& [graph, series] : {std::pair(drawn.raw, &drawn.points.raw), std::pair(drawn.smooth, &drawn.points.smooth)}) {
      if (!graph || (x.size() <= kWhole && static_cast<size_t>(graph->dataCount()) == x.size())) continue;
      std::vector<size_t> places(x.size() <= kWhole ? x.size() : 0);
      std::iota(places.begin(), places.end(), size_t{0});
      if (series->size() != x.size()) places.clear();  // smoothed for the first time, and on its way
      else if (x.size() > kWhole) places = visiblePoints(*series, x, range.lower, range.upper, columns, options_.log_x);
      graph->data()->set(pointsOf(x, *series, places), true);
    }
  }
  if (!broken_ || broken_->data()->isEmpty()) return;
  const double foot = markFoot();
  if (broken_->data()->constBegin()->value == foot) return;
  for (auto mark = broken_->data()->begin(); mark != broken_->data()->end(); ++mark) mark->value = foot;
}

void CurvePlot::fitView() {
  double low = 0, high = 0, left = 0, right = 0;
  bool any = false;
  hidden_ = 0;
  std::vector<ValueRange> ranges(static_cast<size_t>(lines_.size()));
  for (qsizetype i = 0; i < lines_.size(); ++i) {
    const Curve* curve = curveOf(lines_[i]);
    if (!curve || curve->steps.empty()) continue;
    const Points& points = drawn_[static_cast<size_t>(i)].points;
    const ValueRange range = options_.clip ? valueRange(curve->values, true, options_.log_y)
                                           : ValueRange{points.raw.lowest(), points.raw.highest(), points.undrawable, points.raw.any()};
    hidden_ += range.hidden;
    ranges[static_cast<size_t>(i)] = range;
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
    // Step 0 has no place on a logarithmic axis, and the first ten-thousandth would take most of it.
    const double begin = right > 0.0 ? std::max(left, right * kLogShare) : 1.0;
    xAxis->setRange(begin, std::max(right, begin * 1.01));
    for (qsizetype i = 0; i < lines_.size(); ++i) {
      if (const Curve* curve = curveOf(lines_[i])) hidden_ += cutOff(*curve, begin, ranges[static_cast<size_t>(i)]);
    }
  } else {
    const bool markers = std::any_of(lines_.begin(), lines_.end(), [](const CurveLine& line) { return line.markers; });
    const double rim = markers ? 0.015 * (right - left) : 0.0;  // so that no marker is cut
    xAxis->setRange(left - rim, right > left ? right + rim : left + 1.0);
  }
}

// Points left of `begin`, without those that their value hides already.
int64_t CurvePlot::cutOff(const Curve& curve, double begin, const ValueRange& range) const {
  const size_t count = placeOf(curve, begin);
  int64_t more = 0;
  for (size_t i = 0; i < count; ++i) {
    const double value = curve.values[i];
    const bool outside = options_.clip && range.any && (value < range.lowest || value > range.highest);
    const bool told = std::isfinite(value) && ((options_.log_y && value <= 0.0) || outside);
    more += !told;
  }
  return more;
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
  QVector<double> x;
  for (const Drawn& drawn : drawn_) {
    for (const double at : drawn.points.broken) x.append(at);
  }
  broken_->setData(x, QVector<double>(x.size(), markFoot()));
  placeSeams();
}

// Where marks of NaN and Inf stand: a little above the foot of the view, whatever it is.
double CurvePlot::markFoot() const {
  constexpr double kShare = 0.05;
  const QCPRange y = yAxis->range();
  return options_.log_y && y.lower > 0.0 ? y.lower * std::pow(y.upper / y.lower, kShare) : y.lower + kShare * y.size();
}

// One mark per run and resume that this card has points after.
void CurvePlot::placeSeams() {
  std::map<QString, std::pair<const RunCurves*, int64_t>> runs;  // and the last step that is drawn here
  for (const CurveLine& line : lines_) {
    const Curve* curve = curveOf(line);
    if (!curve || curve->steps.empty() || line.source->resumes.empty()) continue;
    auto& [source, last] = runs.try_emplace(line.run, line.source, curve->steps.back()).first->second;
    last = std::max(last, curve->steps.back());
  }
  std::vector<double> places;
  for (const auto& [run, drawn] : runs) {
    for (const int64_t from : drawn.first->resumes) {
      const auto x = from < drawn.second ? seamX(*drawn.first, from) : std::nullopt;
      if (x) places.push_back(*x);
    }
  }
  if (places == seam_places_) return;
  seam_places_ = std::move(places);
  for (QCPItemStraightLine* seam : std::as_const(seams_)) removeItem(seam);
  seams_.clear();
  for (const double x : seam_places_) {
    auto* seam = new QCPItemStraightLine(this);
    // Types first: changing one converts the coordinates by the pixels, which a plot not laid out yet does not have.
    seam->point1->setTypeY(QCPItemPosition::ptAxisRectRatio);
    seam->point2->setTypeY(QCPItemPosition::ptAxisRectRatio);
    seam->point1->setCoords(x, 0);
    seam->point2->setCoords(x, 1);
    seam->setPen(QPen(tokens_.muted, 1, Qt::DashDotLine));
    seams_.append(seam);
  }
}

// A step on the axis; epochs and hours are those of the nearest point before it, of any curve of the run.
std::optional<double> CurvePlot::seamX(const RunCurves& source, int64_t from) const {
  if (options_.axis == CurveAxis::kStep) return static_cast<double>(from);
  std::optional<double> x;
  int64_t nearest = -1;
  for (const auto& [tag, curve] : source.curves) {
    const auto after = std::upper_bound(curve.steps.begin(), curve.steps.end(), from);
    if (after == curve.steps.begin() || *std::prev(after) <= nearest) continue;
    nearest = *std::prev(after);
    x = xOf(curve, static_cast<size_t>(after - curve.steps.begin()) - 1);
  }
  return x;
}

int64_t CurvePlot::pointCount() const {
  int64_t count = 0;
  for (const Drawn& drawn : drawn_) count += static_cast<int64_t>(drawn.points.x.size());
  return count;
}

QList<double> CurvePlot::valuesAt(double x) const {
  QList<double> values;
  for (const CurveLine& line : lines_) {
    const Curve* curve = curveOf(line);
    double value = kNothing;
    if (curve && !curve->steps.empty()) {
      size_t low = placeOf(*curve, x);
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
  const QPointF at = event->position();
  const double x = xAxis->pixelToCoord(at.x()), y = yAxis->pixelToCoord(at.y());
  QCustomPlot::wheelEvent(event);
  // Other numbers at the axes give the margins another width: what was below the pointer comes back below it.
  const auto hold = [](QCPAxis& axis, double pixel, double value) {
    const double now = axis.pixelToCoord(pixel);
    const QCPRange range = axis.range();
    if (axis.scaleType() == QCPAxis::stLinear) axis.moveRange(value - now);
    else if (now > 0.0 && value > 0.0) axis.setRange(range.lower * value / now, range.upper * value / now);
  };
  hold(*xAxis, at.x(), x);
  hold(*yAxis, at.y(), y);
  replot(QCustomPlot::rpQueuedReplot);
}

namespace {

// QCustomPlot pans by the left button alone.
QMouseEvent asLeft(const QMouseEvent& event) {
  const auto mapped = [](Qt::MouseButtons buttons) { return buttons.testFlag(Qt::MiddleButton) ? (buttons & ~Qt::MouseButtons(Qt::MiddleButton)) | Qt::LeftButton : buttons; };
  return QMouseEvent(event.type(), event.position(), event.globalPosition(), event.button() == Qt::MiddleButton ? Qt::LeftButton : event.button(), mapped(event.buttons()), event.modifiers());
}

}  // namespace

void CurvePlot::mousePressEvent(QMouseEvent* event) {
  QMouseEvent left = asLeft(*event);
  QCustomPlot::mousePressEvent(&left);
}

void CurvePlot::mouseReleaseEvent(QMouseEvent* event) {
  QMouseEvent left = asLeft(*event);
  QCustomPlot::mouseReleaseEvent(&left);
}

void CurvePlot::mouseMoveEvent(QMouseEvent* event) {
  QMouseEvent left = asLeft(*event);
  if (left.buttons().testFlag(Qt::LeftButton)) Q_EMIT userZoomed();
  QCustomPlot::mouseMoveEvent(&left);
}

void CurvePlot::mouseDoubleClickEvent(QMouseEvent* event) {
  QCustomPlot::mouseDoubleClickEvent(event);
  Q_EMIT resetAsked();
}

}  // namespace hvlm::ui
