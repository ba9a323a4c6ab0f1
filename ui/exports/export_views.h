// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <QList>
#include <QString>

#include "runs/table.h"
#include "ui/curves/curve_plot.h"
#include "ui/exports/picture.h"
#include "ui/timeline/timeline_content.h"

// What the window and `--export` write, always in the light style. Pure of the window: nothing on screen changes.
namespace hvlm::ui {

// One plot of a page of curves.
struct ExportedCard {
  CardKind kind = CardKind::kLoss;
  QList<CurveLine> lines;
  CurveOptions options;
};
QByteArray curvesPicture(const QList<ExportedCard>& cards, PictureFormat format, double width_mm = kTwoColumnsMm);
std::string curvesText(const QList<ExportedCard>& cards);  // CSV of all points: tag,step,epoch,hours,value

QByteArray timelinePicture(const TimelineContent& content, const TimelineOptions& options, const TimeScale* part, PictureFormat format,
                           double width_mm = kTwoColumnsMm);

// CSV, Markdown or LaTeX by suffix ("csv", "md", "tex"); throws InputError for another one.
std::string tableText(const ResultTable& table, const QString& suffix);

// All lines of a card for runs whose curves are held elsewhere (command line).
QList<ExportedCard> cardsOf(const QList<std::pair<QString, const RunCurves*>>& runs);

}  // namespace hvlm::ui
