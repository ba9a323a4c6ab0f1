// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/compare/reproduction_figure.h"

#include <QFontMetricsF>
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "support/text.h"
#include "ui/text.h"

namespace hvlm::ui {
namespace {

constexpr double kRowHeight = 13.0;    // points
constexpr double kEdge = 0.6;          // rows of space above the first and below the last one
constexpr double kTop = 5.0;           // above the data: half a tick label
constexpr double kTitleHeight = 15.0;  // above a panel
constexpr double kTicksHeight = 16.0;  // tick labels below a panel
constexpr double kAxisHeight = 29.0;   // tick labels and the axis label
constexpr double kLegendRow = 12.0;
constexpr double kPanelGap = 14.0;
constexpr double kTickGutter = 30.0;   // left of a panel with its own y axis
constexpr double kRim = 10.0;           // half a tick label, and more than half a marker
constexpr double kCurvePanel = 132.0;
constexpr double kCostPanel = 168.0;
constexpr double kLine = 1.25;
constexpr double kThin = 0.6;
constexpr double kMarker = 4.5;
constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

// ---- parts of every figure

void styleAxis(QCPAxis* axis, const Tokens& t) {
  axis->setBasePen(QPen(t.border, 1));
  axis->setTickPen(QPen(t.border, 1));
  axis->setSubTickPen(Qt::NoPen);
  axis->setTickLengthIn(0);
  axis->setTickLengthOut(3);
  axis->setTickLabelPadding(2);
  axis->setLabelPadding(1);
  axis->setTickLabelColor(t.text);
  axis->setLabelColor(t.text);
  axis->setTickLabelFont(exportFont());
  axis->setLabelFont(exportFont());
  axis->grid()->setPen(QPen(t.grid, 0.75));
  axis->grid()->setZeroLinePen(QPen(t.grid, 0.75));
  axis->grid()->setSubGridVisible(false);
}

// A plot on a page: a title above, data, axes with fixed margins, so that panels line up and nothing is cut.
class Panel {
 public:
  Panel(const Tokens& colours, double left, double bottom) : colours_(colours), left_(left), bottom_(bottom) {
    plot_.setAttribute(Qt::WA_DontShowOnScreen);
    plot_.setBackground(QBrush(colours.base));
    plot_.axisRect()->setAutoMargins(QCP::msNone);
    for (QCPAxis* axis : {plot_.xAxis, plot_.yAxis}) styleAxis(axis, colours);
  }
  QCustomPlot* operator->() { return &plot_; }
  QCustomPlot& plot() { return plot_; }

  void draw(QCPPainter& painter, QRectF place, const QString& title) {
    painter.setFont(exportFont());
    painter.setPen(colours_.text);
    painter.drawText(QRectF(place.left() + left_, place.top(), place.width() - left_, kTitleHeight - 3), Qt::AlignLeft | Qt::AlignVCenter, title);
    const int width = static_cast<int>(place.width()), height = static_cast<int>(place.height() - kTitleHeight);
    plot_.axisRect()->setMargins(QMargins(static_cast<int>(left_), static_cast<int>(kTop), static_cast<int>(kRim), static_cast<int>(bottom_)));
    painter.save();
    painter.translate(place.left(), place.top() + kTitleHeight);
    plot_.toPainter(&painter, width, height);
    painter.restore();
  }

 private:
  const Tokens& colours_;
  double left_, bottom_;
  QCustomPlot plot_;
};

struct LegendEntry {
  QString text;
  QPen line = Qt::NoPen;
  QCPScatterStyle marker = QCPScatterStyle(QCPScatterStyle::ssNone);
};

constexpr double kSwatch = 18.0;
double neededBy(const LegendEntry& entry) { return kSwatch + 4 + QFontMetricsF(exportFont()).horizontalAdvance(entry.text) + 14; }

int legendRows(const QList<LegendEntry>& entries, double width) {
  double x = 0.0;
  int rows = entries.isEmpty() ? 0 : 1;
  for (const LegendEntry& entry : entries) {
    if (x > 0.0 && x + neededBy(entry) > width) {
      x = 0.0;
      ++rows;
    }
    x += neededBy(entry);
  }
  return rows;
}

void drawLegend(QCPPainter& painter, const QList<LegendEntry>& entries, QPointF corner, double width, const Tokens& colours) {
  double x = 0.0, y = 0.0;
  painter.setAntialiasing(true);
  for (const LegendEntry& entry : entries) {
    if (x > 0.0 && x + neededBy(entry) > width) {
      x = 0.0;
      y += kLegendRow;
    }
    const QPointF middle(corner.x() + x + kSwatch / 2, corner.y() + y + kLegendRow / 2);
    if (entry.line.style() != Qt::NoPen) {
      painter.setPen(entry.line);
      painter.drawLine(QLineF(middle.x() - kSwatch / 2, middle.y(), middle.x() + kSwatch / 2, middle.y()));
    }
    if (entry.marker.shape() != QCPScatterStyle::ssNone) {
      entry.marker.applyTo(&painter, QPen(colours.text));
      entry.marker.drawShape(&painter, middle);
    }
    painter.setPen(colours.text);
    painter.setBrush(Qt::NoBrush);
    painter.drawText(QRectF(corner.x() + x + kSwatch + 4, corner.y() + y, neededBy(entry), kLegendRow), Qt::AlignLeft | Qt::AlignVCenter, entry.text);
    x += neededBy(entry);
  }
}

void drawSentence(QCPPainter& painter, double width, const QString& text, const Tokens& colours) {
  painter.setFont(exportFont());
  painter.setPen(colours.muted);
  painter.drawText(QRectF(0, 0, width, 40), Qt::AlignCenter, text);
}

const ReproductionTable* tableOf(const ReproductionTables& tables, const std::string& key, const std::string& budget) {
  for (const ReproductionTable& table : tables.tables) {
    if (table.key == key && table.budget == budget) return &table;
  }
  return nullptr;
}

// ---- measured beside claimed

struct Measure {
  const char* metric;
  const char* title;
};
constexpr std::array<Measure, 3> kMeasures = {{{"temporal_consistency", QT_TRANSLATE_NOOP("hvlm", "Consistency TC")},
                                               {"classification", QT_TRANSLATE_NOOP("hvlm", "Top-1 accuracy")},
                                               {"localization", QT_TRANSLATE_NOOP("hvlm", "mAP@0.5")}}};

int columnOf(const ReproductionTable& table, const char* metric, bool claimed) {
  for (size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].metric == metric && table.columns[i].claimed == claimed) return static_cast<int>(i);
  }
  return -1;
}

const TableCell* cellOf(const ReproductionTable& table, size_t row, const char* metric, bool claimed) {
  const int column = columnOf(table, metric, claimed);
  if (column < 0) return nullptr;
  const TableCell& cell = table.table.rows[row].cells[static_cast<size_t>(column)];
  return cell.value && std::isfinite(*cell.value) ? &cell : nullptr;
}

// Rows with something to draw, in the table's order.
std::vector<size_t> drawnRows(const ReproductionTable& table) {
  std::vector<size_t> rows;
  for (size_t row = 0; row < table.table.rows.size(); ++row) {
    const bool any = std::any_of(kMeasures.begin(), kMeasures.end(), [&](const Measure& measure) {
      return cellOf(table, row, measure.metric, false) || cellOf(table, row, measure.metric, true);
    });
    if (any) rows.push_back(row);
  }
  return rows;
}

struct Markers {
  QCPScatterStyle measured, collapsed, told, claimed;
  explicit Markers(const Tokens& t)
      : measured(QCPScatterStyle::ssDisc, QPen(t.series[0], 1), QBrush(t.series[0]), kMarker),
        collapsed(QCPScatterStyle::ssCross, QPen(t.bad, 1.5), Qt::NoBrush, kMarker + 1),
        told(QCPScatterStyle::ssSquare, QPen(t.muted, 1), QBrush(t.muted), kMarker),
        claimed(QCPScatterStyle::ssDiamond, QPen(t.series[1], 1.25), Qt::NoBrush, kMarker + 2) {}
};

struct Points {
  QVector<double> rows, values, deviations;
  void add(double row, const TableCell& cell) {
    rows.append(row);
    values.append(*cell.value);
    deviations.append(cell.deviation.value_or(0.0) > 0.0 ? *cell.deviation : kNothing);
  }
};

// Points of one marker. A QCPCurve keeps the order by row; a graph would sort by value and mix up the error bars.
void addPoints(QCustomPlot& plot, const Points& points, const QCPScatterStyle& marker) {
  auto* curve = new QCPCurve(plot.xAxis, plot.yAxis);
  curve->setLineStyle(QCPCurve::lsNone);
  curve->setScatterStyle(marker);
  curve->setData(points.rows, points.values, points.rows, true);
  auto* bars = new QCPErrorBars(plot.xAxis, plot.yAxis);
  bars->setErrorType(QCPErrorBars::etKeyError);
  bars->setDataPlottable(curve);
  bars->setData(points.deviations);
  bars->setPen(QPen(marker.pen().color(), 1));
  bars->setWhiskerWidth(7);
  bars->setSymbolGap(0);
}

void fillMeasure(QCustomPlot& plot, const ReproductionTable& table, const std::vector<size_t>& rows, const char* metric, const Tokens& colours) {
  const Markers markers(colours);
  Points measured, collapsed, told, claimed;
  double low = std::numeric_limits<double>::infinity(), high = -low;
  const auto widen = [&](const TableCell& cell) {
    low = std::min(low, *cell.value - cell.deviation.value_or(0.0));
    high = std::max(high, *cell.value + cell.deviation.value_or(0.0));
  };
  for (size_t i = 0; i < rows.size(); ++i) {
    const TableRow& row = table.table.rows[rows[i]];
    if (const TableCell* cell = cellOf(table, rows[i], metric, true)) {
      claimed.add(static_cast<double>(i), *cell);
      widen(*cell);
    }
    const TableCell* cell = cellOf(table, rows[i], metric, false);
    if (!cell) continue;
    (row.struck ? collapsed : row.ranked ? measured : told).add(static_cast<double>(i), *cell);
    widen(*cell);
  }
  addPoints(plot, claimed, markers.claimed);
  addPoints(plot, told, markers.told);
  addPoints(plot, collapsed, markers.collapsed);
  addPoints(plot, measured, markers.measured);
  if (low > high) low = 0.0, high = 1.0;
  // Whole steps, so that both ends carry a number.
  const double step = high - low > 0.35 ? 0.2 : 0.1;
  low = step * std::floor(low / step + 1e-9);
  high = std::max(step * std::ceil(high / step - 1e-9), low + step);
  plot.xAxis->setRange(low - 0.04 * (high - low), high + 0.04 * (high - low));
  QSharedPointer<QCPAxisTickerFixed> tenths(new QCPAxisTickerFixed);
  tenths->setTickStep(step);
  plot.xAxis->setTicker(tenths);
  plot.xAxis->setNumberFormat(QStringLiteral("f"));
  plot.xAxis->setNumberPrecision(1);
  plot.yAxis->setRange(-kEdge, static_cast<double>(rows.size()) - 1 + kEdge);
  plot.yAxis->setRangeReversed(true);
  QSharedPointer<QCPAxisTickerFixed> each(new QCPAxisTickerFixed);
  each->setTickStep(1);
  plot.yAxis->setTicker(each);
  plot.yAxis->setTickLabels(false);
  plot.yAxis->setTickPen(Qt::NoPen);
}

QList<LegendEntry> comparisonLegend(const ReproductionTable& table, const std::vector<size_t>& rows, const Tokens& colours) {
  const Markers markers(colours);
  QList<LegendEntry> legend = {{uiText("measured, mean ± deviation over seeds"), QPen(Qt::NoPen), markers.measured},
                               {uiText("claimed by the paper (\"IoU@0.5\" beside mAP@0.5)"), QPen(Qt::NoPen), markers.claimed}};
  const auto any = [&](const auto& which) { return std::any_of(rows.begin(), rows.end(), [&](size_t row) { return which(table.table.rows[row]); }); };
  if (any([](const TableRow& row) { return row.struck; })) legend.append({uiText("measured, collapsed"), QPen(Qt::NoPen), markers.collapsed});
  if (any([](const TableRow& row) { return !row.ranked && !row.struck; })) legend.append({uiText("was told the truth"), QPen(Qt::NoPen), markers.told});
  return legend;
}

double nameWidth(const ReproductionTable& table, const std::vector<size_t>& rows, double width) {
  const QFontMetricsF metrics(exportFont());
  double widest = 0.0;
  for (const size_t row : rows) widest = std::max(widest, metrics.horizontalAdvance(qText(table.table.rows[row].cells.front().text)));
  return std::min(widest + 8, 0.42 * width);
}

double comparisonPanel(const std::vector<size_t>& rows) { return kTitleHeight + kTop + kRowHeight * static_cast<double>(rows.size()) + kTicksHeight; }

void drawComparison(QCPPainter& painter, const ReproductionTable& table, double width, const Tokens& colours) {
  const std::vector<size_t> rows = drawnRows(table);
  const double names = nameWidth(table, rows, width);
  const double height = comparisonPanel(rows);
  const double each = (width - names - 2 * kPanelGap) / 3;
  const QFontMetricsF metrics(exportFont());
  const double step = (height - kTitleHeight - kTop - kTicksHeight) / (static_cast<double>(rows.size()) + 2 * kEdge - 1);
  painter.setFont(exportFont());
  for (size_t i = 0; i < rows.size(); ++i) {
    const TableRow& row = table.table.rows[rows[i]];
    painter.setPen(row.struck || !row.ranked ? colours.muted : colours.text);
    const double middle = kTitleHeight + kTop + step * (static_cast<double>(i) + kEdge);
    painter.drawText(QRectF(0, middle - kRowHeight / 2, names - 6, kRowHeight), Qt::AlignRight | Qt::AlignVCenter,
                     metrics.elidedText(qText(row.cells.front().text), Qt::ElideRight, names - 6));
  }
  for (size_t i = 0; i < kMeasures.size(); ++i) {
    Panel panel(colours, kRim, kTicksHeight);
    fillMeasure(panel.plot(), table, rows, kMeasures[i].metric, colours);
    panel.draw(painter, QRectF(names + static_cast<double>(i) * (each + kPanelGap), 0, each, height), uiText(kMeasures[i].title));
  }
  drawLegend(painter, comparisonLegend(table, rows, colours), QPointF(kRim, height + 2), width - kRim, colours);
}

// ---- collapse

using Seeds = std::vector<const CollapseCurve*>;

std::vector<Seeds> collapseRows(const ReproductionTables& tables, const std::string& budget) {
  std::map<std::string, Seeds> rows;
  for (const CollapseCurve& curve : tables.collapse) {
    if (curve.budget == budget && !curve.epochs.empty()) rows[curve.row].push_back(&curve);
  }
  std::vector<Seeds> list;
  for (auto& [row, seeds] : rows) list.push_back(std::move(seeds));
  return list;
}

struct Quantity {
  const char* title;
  std::vector<double> CollapseCurve::*values;
};
constexpr std::array<Quantity, 3> kQuantities = {{{QT_TRANSLATE_NOOP("hvlm", "Consistency (TC)"), &CollapseCurve::tc},
                                                  {QT_TRANSLATE_NOOP("hvlm", "Between videos (R_x)"), &CollapseCurve::r_x},
                                                  {QT_TRANSLATE_NOOP("hvlm", "Effective rank"), &CollapseCurve::effective_rank}}};

QPen meanPen(size_t row, const Tokens& colours) { return QPen(colours.series[(row + 1) % 2], 2.0, row == 0 ? Qt::DashLine : Qt::SolidLine); }

void addCurve(QCustomPlot& plot, const MeanCurve& curve, const QPen& pen, bool marked) {
  QCPGraph* graph = plot.addGraph();
  graph->setPen(pen);
  if (marked || curve.epochs.size() == 1) graph->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDisc, pen.color(), 3.5));
  graph->setData(curve.epochs, curve.values, true);
}

// The first row, dashed, lies over the second: where both are the same, both are seen.
void fillQuantity(QCustomPlot& plot, const std::vector<Seeds>& rows, std::vector<double> CollapseCurve::*values, const Tokens& colours) {
  for (size_t row = rows.size(); row-- > 0;) {
    QPen thin = meanPen(row, colours);
    QColor pale = thin.color();
    pale.setAlphaF(0.45f);
    thin = QPen(pale, kThin);
    for (const CollapseCurve* seed : rows[row]) addCurve(plot, meanOverSeeds({seed}, values), thin, false);
  }
  for (size_t row = rows.size(); row-- > 0;) addCurve(plot, meanOverSeeds(rows[row], values), meanPen(row, colours), false);
  plot.rescaleAxes();
  const QCPRange y = plot.yAxis->range(), x = plot.xAxis->range();
  const double slack = y.size() > 0 ? 0.06 * y.size() : 0.1;
  plot.yAxis->setRange(y.lower - slack, y.upper + slack);
  const double rim = x.size() > 0 ? 0.02 * x.size() : 0.5;
  plot.xAxis->setRange(x.lower - rim, x.upper + rim);
  for (QCPAxis* axis : {plot.xAxis, plot.yAxis}) {
    QSharedPointer<QCPAxisTicker> ticker(new QCPAxisTicker);
    ticker->setTickCount(4);
    axis->setTicker(ticker);
    axis->setNumberFormat(QStringLiteral("gb"));
    axis->setNumberPrecision(4);
  }
  plot.xAxis->setLabel(uiText("epoch"));
}

QList<LegendEntry> collapseLegend(const std::vector<Seeds>& rows, const Tokens& colours) {
  QList<LegendEntry> legend;
  for (size_t row = 0; row < rows.size(); ++row) {
    const QString name = qText(rows[row].front()->name);
    const auto seeds = static_cast<int>(rows[row].size());
    legend.append({seeds > 1 ? uiText("%1 (thick: mean of %2 seeds)").arg(name).arg(seeds) : uiText("%1 (one seed)").arg(name), meanPen(row, colours)});
  }
  return legend;
}

void drawCollapse(QCPPainter& painter, const std::vector<Seeds>& rows, double width, const Tokens& colours) {
  const double height = kTitleHeight + kCurvePanel;
  const double each = (width - 2 * kPanelGap) / 3;
  for (size_t i = 0; i < kQuantities.size(); ++i) {
    Panel panel(colours, kTickGutter, kAxisHeight);
    fillQuantity(panel.plot(), rows, kQuantities[i].values, colours);
    panel.draw(painter, QRectF(static_cast<double>(i) * (each + kPanelGap), 0, each, height), uiText(kQuantities[i].title));
  }
  drawLegend(painter, collapseLegend(rows, colours), QPointF(kTickGutter, height + 2), width - kTickGutter, colours);
}

// ---- efficiency

struct Cost {
  const char* title;
  std::vector<double> EfficiencyCurve::*values;
  double unit;
};
constexpr std::array<Cost, 2> kCosts = {{{QT_TRANSLATE_NOOP("hvlm", "Time of one pass (s)"), &EfficiencyCurve::seconds, 1.0},
                                         {QT_TRANSLATE_NOOP("hvlm", "Peak memory (MB)"), &EfficiencyCurve::peak_bytes, 1e6}}};

QPen costPen(size_t row, const Tokens& colours) {
  static constexpr Qt::PenStyle kStyles[] = {Qt::SolidLine, Qt::DashLine, Qt::DashDotLine, Qt::DotLine};
  static constexpr size_t kHues[] = {1, 2, 0, 3};
  return QPen(colours.series[kHues[row % 4]], kLine, kStyles[row % 4]);
}
QCPScatterStyle costMarker(size_t row, const Tokens& colours) {
  static constexpr QCPScatterStyle::ScatterShape kShapes[] = {QCPScatterStyle::ssSquare, QCPScatterStyle::ssTriangle, QCPScatterStyle::ssDisc, QCPScatterStyle::ssDiamond};
  const QColor colour = costPen(row, colours).color();
  return QCPScatterStyle(kShapes[row % 4], QPen(colour, 1), QBrush(kShapes[row % 4] == QCPScatterStyle::ssDisc ? colour : colours.base), kMarker);
}

QSharedPointer<QCPAxisTickerText> lengthTicks(const std::vector<EfficiencyCurve>& rows) {
  QSharedPointer<QCPAxisTickerText> ticker(new QCPAxisTickerText);
  ticker->setSubTickCount(0);
  for (const EfficiencyCurve& row : rows) {
    for (const double steps : row.steps) ticker->addTick(steps, qText(fixedNumber(steps, 0)));
  }
  return ticker;
}

void fillCost(QCustomPlot& plot, const std::vector<EfficiencyCurve>& rows, const Cost& cost, const Tokens& colours) {
  double low = std::numeric_limits<double>::infinity(), high = 0.0, shortest = low, longest = 0.0;
  for (size_t row = 0; row < rows.size(); ++row) {
    QVector<double> x, y;
    for (size_t i = 0; i < rows[row].steps.size(); ++i) {
      const double value = (rows[row].*cost.values)[i] / cost.unit;
      if (!(value > 0.0) || !(rows[row].steps[i] > 0.0)) continue;
      x.append(rows[row].steps[i]);
      y.append(value);
      low = std::min(low, value), high = std::max(high, value);
      shortest = std::min(shortest, x.back()), longest = std::max(longest, x.back());
    }
    QCPGraph* graph = plot.addGraph();
    graph->setPen(costPen(row, colours));
    graph->setScatterStyle(costMarker(row, colours));
    graph->setData(x, y);
  }
  plot.xAxis->setScaleType(QCPAxis::stLogarithmic);
  plot.yAxis->setScaleType(QCPAxis::stLogarithmic);
  plot.xAxis->setTicker(lengthTicks(rows));
  QSharedPointer<QCPAxisTickerLog> decades(new QCPAxisTickerLog);
  plot.yAxis->setTicker(decades);
  plot.yAxis->setNumberFormat(QStringLiteral("gb"));
  plot.yAxis->setNumberPrecision(6);
  plot.xAxis->setLabel(uiText("length in steps"));
  if (!(high > 0.0)) return;
  plot.xAxis->setRange(shortest / 1.15, longest * 1.15);
  // Whole decades, so that both ends carry a number.
  plot.yAxis->setRange(0.9 * std::pow(10.0, std::floor(std::log10(low))), 1.1 * std::pow(10.0, std::ceil(std::log10(high))));
}

QString slopeText(std::optional<double> slope) { return slope ? qText(fixedNumber(*slope, 2)) : QStringLiteral("–"); }

QList<LegendEntry> costLegend(const std::vector<EfficiencyCurve>& rows, const Tokens& colours) {
  QList<LegendEntry> legend;
  for (size_t row = 0; row < rows.size(); ++row) {
    const QString mixer = rows[row].mixer.empty() ? QString() : uiText(", %1 mixer").arg(qText(rows[row].mixer));
    legend.append({uiText("%1%2: slope of time %3, of memory %4").arg(qText(rows[row].name), mixer, slopeText(rows[row].slope_time), slopeText(rows[row].slope_memory)),
                   costPen(row, colours), costMarker(row, colours)});
  }
  return legend;
}

void drawCosts(QCPPainter& painter, const std::vector<EfficiencyCurve>& rows, double width, const Tokens& colours) {
  const double height = kTitleHeight + kCostPanel;
  const double each = (width - kPanelGap) / 2;
  for (size_t i = 0; i < kCosts.size(); ++i) {
    Panel panel(colours, kTickGutter, kAxisHeight);
    fillCost(panel.plot(), rows, kCosts[i], colours);
    panel.draw(painter, QRectF(static_cast<double>(i) * (each + kPanelGap), 0, each, height), uiText(kCosts[i].title));
  }
  drawLegend(painter, costLegend(rows, colours), QPointF(kTickGutter, height + 2), width - kTickGutter, colours);
}

// ---- which

QString emptySentence(FigureKind kind) {
  switch (kind) {
    case FigureKind::kCollapse: return uiText("Rows 4 and 5 of the ablation have no finished run yet.");
    case FigureKind::kEfficiency: return uiText("Time and memory have not been measured yet.");
    case FigureKind::kMain:
    case FigureKind::kAblation: break;
  }
  return uiText("No row of this table has a finished run yet.");
}

}  // namespace

QString figureName(FigureKind kind) {
  switch (kind) {
    case FigureKind::kCollapse: return QStringLiteral("collapse");
    case FigureKind::kMain: return QStringLiteral("main");
    case FigureKind::kAblation: return QStringLiteral("ablation");
    case FigureKind::kEfficiency: break;
  }
  return QStringLiteral("efficiency");
}

QString figureTitle(FigureKind kind) {
  switch (kind) {
    case FigureKind::kCollapse: return uiText("Collapse");
    case FigureKind::kMain: return uiText("Main table");
    case FigureKind::kAblation: return uiText("Ablation");
    case FigureKind::kEfficiency: break;
  }
  return uiText("Efficiency");
}

std::optional<FigureKind> figureKind(const QString& name) {
  for (const FigureKind kind : kAllFigures) {
    if (figureName(kind) == name) return kind;
  }
  return std::nullopt;
}

MeanCurve meanOverSeeds(const std::vector<const CollapseCurve*>& seeds, std::vector<double> CollapseCurve::*values) {
  std::map<double, std::pair<double, int>> sums;
  for (const CollapseCurve* seed : seeds) {
    for (size_t i = 0; i < seed->epochs.size(); ++i) {
      const double value = (seed->*values)[i];
      if (!std::isfinite(value)) continue;
      sums[seed->epochs[i]].first += value;
      sums[seed->epochs[i]].second += 1;
    }
  }
  MeanCurve mean;
  for (const auto& [epoch, sum] : sums) {
    mean.epochs.append(epoch);
    mean.values.append(sum.first / sum.second);
  }
  return mean;
}

bool hasFigure(const ReproductionTables& tables, FigureKind kind, const std::string& budget) {
  if (kind == FigureKind::kCollapse) return !collapseRows(tables, budget).empty();
  if (kind == FigureKind::kEfficiency) return !tables.efficiency.empty();
  const ReproductionTable* table = tableOf(tables, stdText(figureName(kind)), budget);
  return table && !drawnRows(*table).empty();
}

QSizeF figureSize(const ReproductionTables& tables, FigureKind kind, const std::string& budget, double width) {
  if (!hasFigure(tables, kind, budget)) return QSizeF(width, 40);
  const Tokens& light = tokensOf(ThemeKind::kLight);
  double panel = 0.0, legend_width = width - kTickGutter;
  QList<LegendEntry> legend;
  if (kind == FigureKind::kCollapse) {
    panel = kTitleHeight + kCurvePanel;
    legend = collapseLegend(collapseRows(tables, budget), light);
  } else if (kind == FigureKind::kEfficiency) {
    panel = kTitleHeight + kCostPanel;
    legend = costLegend(tables.efficiency, light);
  } else {
    const ReproductionTable& table = *tableOf(tables, stdText(figureName(kind)), budget);
    const std::vector<size_t> rows = drawnRows(table);
    panel = comparisonPanel(rows);
    legend = comparisonLegend(table, rows, light);
    legend_width = width - kRim;
  }
  return QSizeF(width, panel + 6 + kLegendRow * legendRows(legend, legend_width));
}

void drawFigure(QCPPainter& painter, const ReproductionTables& tables, FigureKind kind, const std::string& budget, double width, const Tokens& colours) {
  painter.setFont(exportFont());
  painter.fillRect(QRectF(QPointF(0, 0), figureSize(tables, kind, budget, width)), colours.base);
  if (!hasFigure(tables, kind, budget)) {
    drawSentence(painter, width, emptySentence(kind), colours);
  } else if (kind == FigureKind::kCollapse) {
    drawCollapse(painter, collapseRows(tables, budget), width, colours);
  } else if (kind == FigureKind::kEfficiency) {
    drawCosts(painter, tables.efficiency, width, colours);
  } else {
    drawComparison(painter, *tableOf(tables, stdText(figureName(kind)), budget), width, colours);
  }
}

QByteArray figurePicture(const ReproductionTables& tables, FigureKind kind, const std::string& budget, PictureFormat format, double width_mm) {
  return paintedFigure(tables, kind, budget, format, {.width_mm = width_mm}).bytes();
}

PaintedPicture paintedFigure(const ReproductionTables& tables, FigureKind kind, const std::string& budget, PictureFormat format, const PictureOptions& options) {
  const double width = options.width_mm * kPointsPerMm;
  const auto draw = [&](QCPPainter& painter) { drawFigure(painter, tables, kind, budget, width, tokensOf(options.style)); };
  return paintPicture(format, figureSize(tables, kind, budget, width), figureTitle(kind), draw, options);
}

}  // namespace hvlm::ui
