// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <QList>
#include <QString>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "runs/table.h"
#include "ui/curves/curve_plot.h"
#include "ui/exports/picture.h"
#include "ui/timeline/timeline_content.h"

// What the window and `--export` write, in the light style unless told otherwise. Pure of the window: nothing on screen changes.
namespace hvlm::ui {

// One plot of a page of curves.
struct ExportedCard {
  CardKind kind = CardKind::kLoss;
  QList<CurveLine> lines;
  CurveOptions options;
  std::optional<std::pair<double, double>> range = {};  // on the axis of the options: only what lies in it
};
// GUI thread. `undrawable`, when asked for: points that have no place on a logarithmic axis.
PaintedPicture paintedCurves(const QList<ExportedCard>& cards, PictureFormat format, const PictureOptions& options = {}, int64_t* undrawable = nullptr);
QByteArray curvesPicture(const QList<ExportedCard>& cards, PictureFormat format, const PictureOptions& options = {});

// The points of cards, taken where the curves may be looked at; the rest of an export goes on on any thread.
struct ExportedCurves {
  std::map<std::string, std::shared_ptr<const Curve>> curves;               // by tag, or run/tag of several runs
  std::map<std::string, std::pair<size_t, size_t>> parts;                    // [from, to) of each
  int64_t points_left_out = 0;                                               // outside the ranges
  std::map<std::string, Curve> cut() const;                                  // copies of the parts
};
ExportedCurves curvesOfCards(const QList<ExportedCard>& cards);
std::string curvesText(const QList<ExportedCard>& cards);  // CSV of all points in range: tag,step,epoch,hours,value

PaintedPicture paintedTimeline(const TimelineContent& content, const TimelineOptions& options, const TimeScale* part, PictureFormat format,
                               const PictureOptions& picture = {});
QByteArray timelinePicture(const TimelineContent& content, const TimelineOptions& options, const TimeScale* part, PictureFormat format,
                           const PictureOptions& picture = {});

// CSV, Markdown or LaTeX by suffix ("csv", "md", "tex"); throws InputError for another one.
std::string tableText(const ResultTable& table, const QString& suffix);

// All lines of a card for runs whose curves are held elsewhere (command line).
QList<ExportedCard> cardsOf(const QList<std::pair<QString, const RunCurves*>>& runs);

}  // namespace hvlm::ui
