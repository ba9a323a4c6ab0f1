// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/exporter.h"

#include <QFileInfo>
#include <QWidget>

#include "support/atomic_file.h"
#include "ui/compare/compare_view.h"
#include "ui/curves/curves_view.h"
#include "ui/exports/export_views.h"
#include "ui/look/figure_canvas.h"
#include "ui/window/figure_page_dialog.h"
#include "ui/results/results_view.h"
#include "ui/runs/run_table.h"
#include "ui/shell/background.h"
#include "ui/shell/notice_strip.h"
#include "ui/shell/prompts.h"
#include "ui/style/theme.h"
#include "ui/text.h"
#include "ui/timeline/timeline_panel.h"

namespace hvlm::ui {
namespace {

const char* const kPictures = QT_TRANSLATE_NOOP("hvlm", "SVG (*.svg);;PDF (*.pdf);;PNG (*.png);;CSV (*.csv)");
const char* const kTables = QT_TRANSLATE_NOOP("hvlm", "CSV (*.csv);;Markdown (*.md);;LaTeX (*.tex)");

const char* const kFigures = QT_TRANSLATE_NOOP("hvlm", "SVG figure (*.svg);;PDF figure (*.pdf);;PNG figure (*.png)");

std::string stdBytes(const QByteArray& bytes) { return {bytes.constData(), static_cast<size_t>(bytes.size())}; }
QString suffixOf(const QString& file) { return QFileInfo(file).suffix().toLower(); }

}  // namespace

Exporter::Exporter(TimelinePanel& timeline, CurvesView& curves, ResultsView& results, RunTable& runs, CompareView& compare, Prompts& prompts, QWidget* window)
    : QObject(window), timeline_(timeline), curves_(curves), results_(results), runs_(runs), compare_(compare), prompts_(prompts), window_(window) {}

void Exporter::write(const QString& file, std::string bytes, NoticeStrip* notice, const QString& left_out) {
  inBackground(
      this, [file, bytes = std::move(bytes)] { writeFileAtomic(pathOf(file), bytes); },
      [this, file, notice, left_out] {
        notice->show(NoticeLevel::kGood, tr("Exported as %1. %2").arg(file, left_out).trimmed());
        Q_EMIT written(file);
      },
      [notice](const QString& message) { notice->show(NoticeLevel::kBad, message); });
}

void Exporter::exportTimeline() {
  TimelineView* view = timeline_.view();
  if (view->content().video.isEmpty()) {
    timeline_.notice()->show(NoticeLevel::kInfo, tr("There is no timeline to export: choose a video first."));
    return;
  }
  const QString file = prompts_.saveFile(window_, tr("Export timeline"), view->content().video + QStringLiteral("-timeline.svg"),
                                         uiText(kPictures));
  if (file.isEmpty()) return;
  const auto hidden = std::count_if(view->matching().detections.begin(), view->matching().detections.end(),
                                    [](const MatchedDetection& match) { return !match.shown; });
  const QString left_out = hidden > 0 ? tr("%n prediction(s) below the threshold were left out.", nullptr, static_cast<int>(hidden)) : QString();
  if (suffixOf(file) == QLatin1String("csv")) {
    write(file, timelineCsv(view->content(), view->matching()), timeline_.notice(), left_out);
    return;
  }
  const auto format = pictureFormat(suffixOf(file));
  if (!format) {
    timeline_.notice()->show(NoticeLevel::kBad, tr("%1: expected a name ending in svg, pdf, png or csv.").arg(file));
    return;
  }
  const TimeScale scale = view->scale();
  write(file, stdBytes(timelinePicture(view->content(), view->options(), &scale, *format)), timeline_.notice(), left_out);
}

void Exporter::exportCurves(const QString& card) {
  QList<ExportedCard> cards;
  const Tokens& light = tokensOf(ThemeKind::kLight);
  for (const CardKind kind : curves_.cards()) {
    if (!card.isEmpty() && cardName(kind) != card) continue;
    ExportedCard exported{kind, curves_.linesOf(kind, light), curves_.options()};
    if (const CurveCard* shown = curves_.card(kind)) exported.options.log_y = shown->logY();
    cards.append(exported);
  }
  if (cards.isEmpty()) {
    curves_.notice()->show(NoticeLevel::kInfo, tr("There are no curves to export: show a run first."));
    return;
  }
  const QString name = (card.isEmpty() ? QStringLiteral("curves") : card) + QStringLiteral(".svg");
  const QString file = prompts_.saveFile(window_, tr("Export curves"), name, uiText(kPictures));
  if (file.isEmpty()) return;
  if (suffixOf(file) == QLatin1String("csv")) {
    write(file, curvesText(cards), curves_.notice(), QString());
    return;
  }
  const auto format = pictureFormat(suffixOf(file));
  if (!format) {
    curves_.notice()->show(NoticeLevel::kBad, tr("%1: expected a name ending in svg, pdf, png or csv.").arg(file));
    return;
  }
  write(file, stdBytes(curvesPicture(cards, *format)), curves_.notice(), QString());
}

void Exporter::exportTable() {
  if (!results_.hasTable()) {
    results_.notice()->show(NoticeLevel::kInfo, tr("There is no table to export: evaluate the run first."));
    return;
  }
  exportResultTable(results_.table(), QStringLiteral("results.csv"), results_.notice());
}

void Exporter::exportResultTable(const ResultTable& table, const QString& file_name, NoticeStrip* notice) {
  const QString file = prompts_.saveFile(window_, tr("Export table"), file_name, uiText(kTables));
  if (file.isEmpty()) return;
  try {
    write(file, tableText(table, suffixOf(file)), notice, QString());
  } catch (const std::exception& error) {
    notice->show(NoticeLevel::kBad, qText(error.what()));
  }
}

void Exporter::exportFigure(const FigureCanvas& figure, NoticeStrip* notice) {
  QString name = figure.figureName().toLower();
  name.replace(QLatin1Char(' '), QLatin1Char('-'));
  const QString file = prompts_.saveFile(window_, tr("Export %1").arg(figure.figureName()), name + QStringLiteral(".svg"), uiText(kPictures));
  if (file.isEmpty()) return;
  if (suffixOf(file) == QLatin1String("csv")) {
    write(file, figure.csv(), notice, QString());
    return;
  }
  const auto format = pictureFormat(suffixOf(file));
  if (!format) {
    notice->show(NoticeLevel::kBad, tr("%1: expected a name ending in svg, pdf, png or csv.").arg(file));
    return;
  }
  write(file, stdBytes(figure.picture(*format)), notice, QString());
}

void Exporter::exportPage(const std::vector<FigureCanvas*>& figures) {
  std::vector<PageFigure> all;
  const Tokens& light = tokensOf(ThemeKind::kLight);
  for (const CardKind kind : curves_.cards()) {
    ExportedCard card{kind, curves_.linesOf(kind, light), curves_.options()};
    if (const CurveCard* shown = curves_.card(kind)) card.options.log_y = shown->logY();
    all.push_back({cardTitle(kind), [card](double width) { return curvesPicture({card}, PictureFormat::kSvg, width); }});
  }
  if (TimelineView* view = timeline_.view(); !view->content().video.isEmpty()) {
    all.push_back({tr("Timeline"), [content = view->content(), options = view->options()](double width) { return timelinePicture(content, options, nullptr, PictureFormat::kSvg, width); }});
  }
  for (const FigureCanvas* figure : figures) all.push_back({figure->figureName(), [figure](double width) { return figure->picture(PictureFormat::kSvg, width); }});
  if (all.empty()) {
    curves_.notice()->show(NoticeLevel::kInfo, tr("There are no figures yet: show a run first."));
    return;
  }
  auto* dialog = new FigurePageDialog(std::move(all), window_);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(dialog, &FigurePageDialog::exportAsked, this, [this, dialog] {
    const QString file = prompts_.saveFile(dialog, tr("Export the figure page"), QStringLiteral("figures.pdf"), uiText(kFigures));
    const auto format = pictureFormat(suffixOf(file));
    if (file.isEmpty() || !format) return;
    write(file, stdBytes(figurePage(dialog->chosen(), *format, dialog->widthMm())), curves_.notice(), QString());
  });
  dialog->show();
}

void Exporter::exportRunTable() {
  if (runs_.table().rows.empty()) {
    results_.notice()->show(NoticeLevel::kInfo, tr("There is no table of runs to export: open a run first."));
    return;
  }
  const QString file = prompts_.saveFile(window_, tr("Export run table"), QStringLiteral("runs.csv"), uiText(kTables));
  if (file.isEmpty()) return;
  try {
    write(file, tableText(runs_.table(), suffixOf(file)), results_.notice(), QString());
  } catch (const std::exception& error) {
    results_.notice()->show(NoticeLevel::kBad, qText(error.what()));
  }
}

void Exporter::exportComparison() {
  const ReproductionTable* table = compare_.currentTable();
  const auto figure = compare_.currentFigure();
  if (!table && !figure) {
    compare_.notice()->show(NoticeLevel::kInfo, tr("There is nothing to export: open a reproduction first."));
    return;
  }
  QStringList filters;
  if (table) filters.append(uiText(kTables));
  if (figure) filters.append(uiText(kFigures));
  const QString name = table ? qText(table->key) + QStringLiteral(".csv") : figureName(*figure) + QStringLiteral(".svg");
  const QString file = prompts_.saveFile(window_, tr("Export comparison"), name, filters.join(QStringLiteral(";;")));
  if (file.isEmpty()) return;
  try {
    const auto format = figure ? pictureFormat(suffixOf(file)) : std::nullopt;
    if (format) {
      write(file, stdBytes(figurePicture(*compare_.tables(), *figure, stdText(compare_.budget()), *format)), compare_.notice(), QString());
    } else if (table) {
      write(file, tableText(table->table, suffixOf(file)), compare_.notice(), QString());
    } else {
      compare_.notice()->show(NoticeLevel::kBad, tr("%1: expected a name ending in svg, pdf or png.").arg(file));
    }
  } catch (const std::exception& error) {
    compare_.notice()->show(NoticeLevel::kBad, qText(error.what()));
  }
}

}  // namespace hvlm::ui
