// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <QSizeF>
#include <QString>
#include <array>
#include <optional>

#include "runs/reproduction.h"
#include "ui/exports/picture.h"
#include "ui/style/tokens.h"

// The pictures of a reproduction, drawn from its tables alone. Shared by the window, its exports and `--export reproduction`.
namespace hvlm::ui {

enum class FigureKind { kCollapse, kMain, kAblation, kEfficiency };
inline constexpr std::array kAllFigures = {FigureKind::kCollapse, FigureKind::kMain, FigureKind::kAblation, FigureKind::kEfficiency};
QString figureName(FigureKind kind);  // "collapse", "main", "ablation", "efficiency"
QString figureTitle(FigureKind kind);
std::optional<FigureKind> figureKind(const QString& name);

// A figure that has nothing to show yet holds one sentence that says so.
bool hasFigure(const ReproductionTables& tables, FigureKind kind, const std::string& budget);
QSizeF figureSize(const ReproductionTables& tables, FigureKind kind, const std::string& budget, double width);  // points
void drawFigure(QCPPainter& painter, const ReproductionTables& tables, FigureKind kind, const std::string& budget, double width, const Tokens& colours);
QByteArray figurePicture(const ReproductionTables& tables, FigureKind kind, const std::string& budget, PictureFormat format,
                         double width_mm = kTwoColumnsMm);  // in the light style
PaintedPicture paintedFigure(const ReproductionTables& tables, FigureKind kind, const std::string& budget, PictureFormat format, const PictureOptions& options);

// Mean over the seeds that have a finite value, by epoch.
struct MeanCurve {
  QVector<double> epochs, values;
};
MeanCurve meanOverSeeds(const std::vector<const CollapseCurve*>& seeds, std::vector<double> CollapseCurve::*values);

}  // namespace hvlm::ui
