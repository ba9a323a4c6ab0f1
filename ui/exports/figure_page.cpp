// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/exports/figure_page.h"

#include <QSvgRenderer>
#include <algorithm>
#include <memory>

#include "support/error.h"
#include "ui/text.h"

namespace hvlm::ui {
namespace {

constexpr double kGap = 10.0;    // points between figures
constexpr double kLetter = 12.0;

size_t columnsOf(size_t figures, double width_mm) { return width_mm > kOneColumnMm + 1.0 && figures > 1 ? 2 : 1; }
double columnOf(size_t columns, double width_mm) {
  return (width_mm * kPointsPerMm - kGap * static_cast<double>(columns - 1)) / static_cast<double>(columns);
}  // points

}  // namespace

std::vector<DrawnFigure> drawFigures(const std::vector<PageFigure>& figures, double width_mm) {
  const double width = columnOf(columnsOf(figures.size(), width_mm), width_mm) / kPointsPerMm;
  std::vector<DrawnFigure> drawn;
  for (const PageFigure& figure : figures) drawn.push_back({figure.name, figure.svg(width)});
  return drawn;
}

QByteArray figurePage(const std::vector<PageFigure>& figures, PictureFormat format, double width_mm) {
  return figurePage(drawFigures(figures, width_mm), format, {.width_mm = width_mm});
}

QByteArray figurePage(const std::vector<DrawnFigure>& figures, PictureFormat format, const PictureOptions& options) {
  if (figures.empty())
    throw InputError({.where = "figure page", .expected = "one figure at least", .found = "none", .remedy = "Choose some."});
  const size_t columns = columnsOf(figures.size(), options.width_mm);
  const double page = options.width_mm * kPointsPerMm, column = columnOf(columns, options.width_mm);
  struct Placed {
    std::unique_ptr<QSvgRenderer> svg;
    QRectF at;
    QString letter;
  };
  std::vector<Placed> placed;
  double top = 0.0, row = 0.0;
  for (size_t i = 0; i < figures.size(); ++i) {
    if (i % columns == 0 && i > 0) top += row + kGap, row = 0.0;
    auto svg = std::make_unique<QSvgRenderer>(figures[i].svg);
    const QSizeF size = svg->viewBoxF().size();
    if (!svg->isValid() || size.isEmpty())
      throw InputError({.where = stdText(figures[i].name), .expected = "a figure that can be drawn", .found = "none", .remedy = ""});
    const double height = column * size.height() / size.width();
    placed.push_back({std::move(svg), QRectF(static_cast<double>(i % columns) * (column + kGap), top + kLetter, column, height),
                      QStringLiteral("(%1)").arg(QChar('a' + static_cast<int>(i % 26)))});
    row = std::max(row, height + kLetter);
  }
  PictureOptions plain = options;
  plain.title = false;  // each figure has its own
  const auto draw = [&](QCPPainter& painter) {
    for (const Placed& each : placed) {
      QFont bold = exportFont();
      bold.setBold(true);
      painter.setFont(bold);
      painter.setPen(options.style == ThemeKind::kLight ? QColor(Qt::black) : tokensOf(options.style).text);
      painter.drawText(QRectF(each.at.left(), each.at.top() - kLetter, 40, kLetter), Qt::AlignLeft | Qt::AlignVCenter, each.letter);
      each.svg->render(&painter, each.at);
    }
  };
  return renderPicture(format, QSizeF(page, top + row), uiText("Figures"), draw, plain);
}

}  // namespace hvlm::ui
