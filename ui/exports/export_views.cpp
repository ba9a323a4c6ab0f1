// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/exports/export_views.h"

#include <QFontMetricsF>
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

void drawCard(QCPPainter& painter, const ExportedCard& card, double width, bool titled) {
  const Tokens& light = tokensOf(ThemeKind::kLight);
  double top = 0.0;
  if (titled) {
    painter.setPen(light.text);
    painter.drawText(QRectF(34, 0, width - 40, 12), Qt::AlignLeft | Qt::AlignVCenter, cardTitle(card.kind));
    top = 14.0;
  }
  CurvePlot plot;
  plot.setAttribute(Qt::WA_DontShowOnScreen);
  Tokens page = light;
  page.grid = QColor(0xe6, 0xe9, 0xee);
  plot.restyle(page, kLineWidth, exportFont());
  plot.xAxis->setLabel(axisTitle(card.options.axis));
  plot.setViewport(QRect(0, 0, static_cast<int>(width), static_cast<int>(kPlotHeight)));
  CurveOptions options = card.options;
  options.follow = true;
  options.clip = false;  // the page shows every point
  plot.setLines(card.lines, options);
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
    painter.setPen(light.text);
    painter.drawText(QRectF(x + kSwatch + 4, y, width - x, kLegendRow), Qt::AlignLeft | Qt::AlignVCenter, card.lines[i].name);
  }
}

}  // namespace

QByteArray curvesPicture(const QList<ExportedCard>& cards, PictureFormat format, double width_mm) {
  const double width = width_mm * kPointsPerMm;
  const bool titled = cards.size() > 1;
  double height = 0.0;
  for (const ExportedCard& card : cards) height += cardHeight(card, width, titled);
  const QString title = cards.size() == 1 ? cardTitle(cards.front().kind) : uiText("Curves");
  return renderPicture(format, QSizeF(width, std::max(20.0, height)), title, [&](QCPPainter& painter) {
    for (const ExportedCard& card : cards) {
      painter.save();
      drawCard(painter, card, width, titled);
      painter.restore();
      painter.translate(0, cardHeight(card, width, titled));
    }
  });
}

std::string curvesText(const QList<ExportedCard>& cards) {
  std::map<std::string, Curve> curves;
  bool several = false;
  for (const ExportedCard& card : cards) {
    for (const CurveLine& line : card.lines) several = several || line.run != cards.front().lines.front().run;
  }
  for (const ExportedCard& card : cards) {
    for (const CurveLine& line : card.lines) {
      if (!line.source) continue;
      const auto found = line.source->curves.find(line.tag);
      if (found == line.source->curves.end()) continue;
      const std::string name = several ? pathOf(line.run).filename().string() + "/" + line.tag : line.tag;
      curves[name] = found->second;
    }
  }
  return curvesCsv(curves);
}

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

QByteArray timelinePicture(const TimelineContent& content, const TimelineOptions& options, const TimeScale* part, PictureFormat format,
                           double width_mm) {
  const int width = static_cast<int>(width_mm * kPointsPerMm);
  const auto rows = layoutRows(content, options, 10000);
  TimeScale scale = wholeVideo(content.duration_seconds, kGutter, width - kGutter - 8);
  if (part) scale = showing(scale, part->start_seconds, part->endSeconds(), content.duration_seconds);
  const Matching matching = matchDetections(content.detections, content.truth, options.threshold, options.tiou, kPredictionLanes);
  return renderPicture(format, QSizeF(width, heightOf(rows)), content.video, [&](QCPPainter& painter) {
    painter.fillRect(QRectF(0, 0, width, heightOf(rows)), Qt::white);
    TimelinePainter(painter, content, matching, options, scale, rows, tokensOf(ThemeKind::kLight), ColourMap::viridis()).paint({});
  });
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
