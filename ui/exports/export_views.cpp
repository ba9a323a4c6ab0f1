// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/exports/export_views.h"

#include <QFontMetricsF>
#include <QSet>
#include <algorithm>
#include <cmath>
#include <map>

#include "runs/export.h"
#include "support/error.h"
#include "ui/style/colour_map.h"
#include "ui/text.h"
#include "ui/timeline/timeline_painter.h"

namespace hvlm::ui {
namespace {

constexpr double kPlotHeight = 130.0;  // points
constexpr double kLegendRow = 11.0;
constexpr double kSwatch = 16.0;
constexpr double kLineWidth = 1.25;

struct LegendPlace {
  double x = 0.0;
  int row = 0;
};

// Places of the legend's entries in rows below a plot.
std::vector<LegendPlace> legendPlaces(const QList<CurveLine>& lines, double width, int* rows) {
  const QFontMetricsF metrics(exportFont());
  std::vector<LegendPlace> places;
  double x = 0.0;
  int row = 0;
  for (const CurveLine& line : lines) {
    const double needed = kSwatch + 4 + metrics.horizontalAdvance(line.name) + 12;
    if (x > 0.0 && x + needed > width) {
      x = 0.0;
      ++row;
    }
    places.push_back({x, row});
    x += needed;
  }
  *rows = lines.isEmpty() ? 0 : row + 1;
  return places;
}

double cardHeight(const ExportedCard& card, double width, bool titled) {
  int rows = 0;
  legendPlaces(card.lines, width - 40, &rows);
  return kPlotHeight + rows * kLegendRow + 8 + (titled ? 14 : 0);
}

// Returns how many points have no place on a logarithmic axis.
int64_t drawCard(QCPPainter& painter, const ExportedCard& card, double width, bool titled, ThemeKind style) {
  const Tokens& colours = tokensOf(style);
  double top = 0.0;
  if (titled) {
    painter.setPen(colours.text);
    painter.drawText(QRectF(34, 0, width - 40, 12), Qt::AlignLeft | Qt::AlignVCenter, cardTitle(card.kind));
    top = 14.0;
  }
  CurvePlot plot;
  plot.setAttribute(Qt::WA_DontShowOnScreen);
  plot.setLocale(QLocale::c());
  Tokens page = colours;
  if (style == ThemeKind::kLight) page.grid = QColor(0xe6, 0xe9, 0xee);
  plot.restyle(page, kLineWidth, exportFont());
  plot.xAxis->setLabel(axisTitle(card.options.axis));
  plot.setViewport(QRect(0, 0, static_cast<int>(width), static_cast<int>(kPlotHeight)));
  CurveOptions options = card.options;
  options.follow = true;
  options.clip = false;  // the page shows every point
  plot.setLines(card.lines, options);
  if (card.range) plot.xAxis->setRange(card.range->first, card.range->second);
  plot.axisRect()->setMinimumMargins(QMargins(30, 4, 8, 10));
  painter.save();
  painter.translate(0, top);
  plot.toPainter(&painter, static_cast<int>(width), static_cast<int>(kPlotHeight));
  painter.restore();
  int rows = 0;
  const auto places = legendPlaces(card.lines, width - 40, &rows);
  painter.setAntialiasing(true);
  painter.setFont(exportFont());
  for (qsizetype i = 0; i < card.lines.size(); ++i) {
    const LegendPlace& place = places[static_cast<size_t>(i)];
    const double x = 34 + place.x;
    const double y = top + kPlotHeight + 2 + place.row * kLegendRow;
    painter.setPen(QPen(card.lines[i].colour, kLineWidth, card.lines[i].style));
    painter.drawLine(QLineF(x, y + kLegendRow / 2, x + kSwatch, y + kLegendRow / 2));
    painter.setPen(colours.text);
    painter.drawText(QRectF(x + kSwatch + 4, y, width - x, kLegendRow), Qt::AlignLeft | Qt::AlignVCenter, card.lines[i].name);
  }
  return plot.hiddenPoints();
}

}  // namespace

PaintedPicture paintedCurves(const QList<ExportedCard>& cards, PictureFormat format, const PictureOptions& options, int64_t* undrawable) {
  const double width = options.width_mm * kPointsPerMm;
  const bool titled = cards.size() > 1;  // told apart by their names
  double height = 0.0;
  for (const ExportedCard& card : cards) height += cardHeight(card, width, titled);
  const QString title = cards.size() == 1 ? cardTitle(cards.front().kind) : uiText("Curves");
  const auto draw = [&](QCPPainter& painter) {
    for (const ExportedCard& card : cards) {
      painter.save();
      const int64_t hidden = drawCard(painter, card, width, titled, options.style);
      if (undrawable) *undrawable += hidden;
      painter.restore();
      painter.translate(0, cardHeight(card, width, titled));
    }
  };
  return paintPicture(format, QSizeF(width, std::max(20.0, height)), title, draw, options);
}

QByteArray curvesPicture(const QList<ExportedCard>& cards, PictureFormat format, const PictureOptions& options) { return paintedCurves(cards, format, options).bytes(); }

ExportedCurves curvesOfCards(const QList<ExportedCard>& cards) {
  ExportedCurves out;
  QSet<QString> runs;
  for (const ExportedCard& card : cards) {
    for (const CurveLine& line : card.lines) runs.insert(line.run);
  }
  for (const ExportedCard& card : cards) {
    for (const CurveLine& line : card.lines) {
      // Where the store shares its curves they are held as they are, else copied: the caller's may go.
      const std::shared_ptr<const RunCurves> shared = line.held.lock();
      const RunCurves* source = shared ? shared.get() : line.source;
      if (!source) continue;
      const auto found = source->curves.find(line.tag);
      if (found == source->curves.end()) continue;
      const Curve& curve = found->second;
      const std::string name = runs.size() > 1 ? pathOf(line.run).filename().string() + "/" + line.tag : line.tag;
      size_t from = 0, to = curve.steps.size();
      if (card.range) {
        while (from < to && axisValue(curve, from, card.options.axis) < card.range->first) ++from;
        while (to > from && axisValue(curve, to - 1, card.options.axis) > card.range->second) --to;
      }
      out.points_left_out += static_cast<int64_t>(curve.steps.size() - (to - from));
      out.parts[name] = {from, to};
      out.curves[name] = shared ? std::shared_ptr<const Curve>(shared, &curve) : std::make_shared<const Curve>(curve);
    }
  }
  return out;
}

std::map<std::string, Curve> ExportedCurves::cut() const {
  std::map<std::string, Curve> out;
  for (const auto& [name, curve] : curves) {
    const auto [from, to] = parts.at(name);
    const auto part = [from = static_cast<std::ptrdiff_t>(from), to = static_cast<std::ptrdiff_t>(to)](const auto& all) {
      return std::decay_t<decltype(all)>(all.begin() + from, all.begin() + to);
    };
    Curve& cut = out[name];
    cut.steps = part(curve->steps);
    cut.epochs = part(curve->epochs);
    cut.hours = part(curve->hours);
    cut.values = part(curve->values);
  }
  return out;
}

std::string curvesText(const QList<ExportedCard>& cards) { return curvesCsv(curvesOfCards(cards).cut()); }

QList<ExportedCard> cardsOf(const QList<std::pair<QString, const RunCurves*>>& runs) {
  const Tokens& light = tokensOf(ThemeKind::kLight);
  std::map<CardKind, ExportedCard> cards;
  for (qsizetype r = 0; r < runs.size(); ++r) {
    std::vector<std::string> tags;
    for (const auto& [tag, curve] : runs[r].second->curves) tags.push_back(tag);
    std::stable_sort(tags.begin(), tags.end(), [](const auto& a, const auto& b) { return tagRank(a) < tagRank(b); });
    for (const std::string& tag : tags) {
      ExportedCard& card = cards[cardOf(tag)];
      card.kind = cardOf(tag);
      CurveLine line{runs[r].first, tag, tagName(tag), {}, Qt::SolidLine, isValidation(tag), runs[r].second};
      const auto index = static_cast<size_t>(card.lines.size());
      line.colour = light.series[index % light.series.size()];
      if (line.markers) line.style = Qt::DashLine;
      if (runs.size() > 1) line.name = QStringLiteral("%1 %2").arg(qText(pathOf(line.run).filename()), line.name);
      card.lines.append(line);
    }
  }
  QList<ExportedCard> list;
  for (auto& [kind, card] : cards) list.append(card);
  return list;
}

PaintedPicture paintedTimeline(const TimelineContent& content, const TimelineOptions& options, const TimeScale* part, PictureFormat format,
                               const PictureOptions& picture) {
  const int width = static_cast<int>(picture.width_mm * kPointsPerMm);
  const auto rows = layoutRows(content, options, 10000);
  TimeScale scale = wholeVideo(content.duration_seconds, kGutter, width - kGutter - 8);
  if (part) scale = showing(scale, part->start_seconds, part->endSeconds(), content.duration_seconds);
  const Matching matching = matchDetections(content.detections, content.truth, options.threshold, options.tiou, kPredictionLanes);
  const Tokens& colours = tokensOf(picture.style);
  const auto draw = [&](QCPPainter& painter) {
    painter.fillRect(QRectF(0, 0, width, heightOf(rows)), picture.style == ThemeKind::kLight ? QColor(Qt::white) : colours.base);
    TimelinePainter(painter, content, matching, options, scale, rows, colours, mapOf(picture.style)).paint({});
  };
  return paintPicture(format, QSizeF(width, heightOf(rows)), content.video, draw, picture);
}

QByteArray timelinePicture(const TimelineContent& content, const TimelineOptions& options, const TimeScale* part, PictureFormat format,
                           const PictureOptions& picture) {
  return paintedTimeline(content, options, part, format, picture).bytes();
}

std::string tableText(const ResultTable& table, const QString& suffix) {
  const QString lower = suffix.toLower();
  if (lower == QLatin1String("csv")) return tableCsv(table);
  if (lower == QLatin1String("md")) return tableMarkdown(table);
  if (lower == QLatin1String("tex")) return tableLatex(table);
  throw InputError({.where = "table export", .expected = "csv, md or tex", .found = "\"" + stdText(suffix) + "\"",
                    .remedy = "Choose one of these endings."});
}

}  // namespace hvlm::ui
