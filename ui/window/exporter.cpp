// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/exporter.h"

#include <QFileInfo>
#include <QPointer>
#include <QWidget>
#include <memory>

#include "support/atomic_file.h"
#include "support/error.h"
#include "ui/compare/compare_view.h"
#include "ui/curves/curves_view.h"
#include "ui/exports/export_views.h"
#include "ui/look/figure_canvas.h"
#include "ui/results/results_view.h"
#include "ui/runs/run_table.h"
#include "ui/shell/background.h"
#include "ui/shell/notice_strip.h"
#include "ui/shell/prompts.h"
#include "ui/style/theme.h"
#include "ui/text.h"
#include "ui/timeline/timeline_panel.h"
#include "ui/timeline/timeline_range.h"
#include "ui/window/figure_page_dialog.h"

namespace hvlm::ui {
namespace {

const char* const kPictures = QT_TRANSLATE_NOOP("hvlm", "SVG (*.svg);;PDF (*.pdf);;PNG (*.png);;CSV (*.csv)");
const char* const kCurves = QT_TRANSLATE_NOOP("hvlm", "SVG (*.svg);;PDF (*.pdf);;PNG (*.png);;CSV (*.csv);;pgfplots (*.tex)");
const char* const kTables = QT_TRANSLATE_NOOP("hvlm", "CSV (*.csv);;Markdown (*.md);;LaTeX (*.tex)");

const char* const kFigures = QT_TRANSLATE_NOOP("hvlm", "SVG figure (*.svg);;PDF figure (*.pdf);;PNG figure (*.png)");

std::string stdBytes(const QByteArray& bytes) { return {bytes.constData(), static_cast<size_t>(bytes.size())}; }
QString suffixOf(const QString& file) { return QFileInfo(file).suffix().toLower(); }

// What the file of a timeline is without: predictions below the threshold, and all that lies outside a range.
QString leftOut(const TimelineView& view, const MarkedRange& range) {
  const TimelineContent& content = view.content();
  int hidden = 0;
  for (size_t i = 0; i < content.detections.size(); ++i) {
    const DetectedSegment& found = content.detections[i];
    hidden += !view.matching().detections[i].shown && (!range || touchesRange(*range, found.start_seconds, found.end_seconds));
  }
  QStringList notes;
  if (hidden > 0) notes.append(Exporter::tr("%n prediction(s) below the threshold were left out.", nullptr, hidden));
  if (!range) return notes.join(QLatin1Char(' '));
  const QString from = timeText(range->first), to = timeText(range->second);
  notes.append(Exporter::tr("What lies outside %1 – %2 was left out.").arg(from, to));
  if (view.range() && content.levels() > 0) {
    notes.append(Exporter::tr("The marked range holds %n step(s).", nullptr, static_cast<int>(countOf(content, *range).steps)));
  }
  return notes.join(QLatin1Char(' '));
}

}  // namespace

Exporter::Exporter(TimelinePanel& timeline, CurvesView& curves, ResultsView& results, RunTable& runs, CompareView& compare,
                   Prompts& prompts, QWidget* window)
    : QObject(window),
      timeline_(timeline),
      curves_(curves),
      results_(results),
      runs_(runs),
      compare_(compare),
      prompts_(prompts),
      window_(window) {}

void Exporter::setOptions(const QJsonObject& state) { options_ = exportOptionsFrom(state); }
QJsonObject Exporter::optionsState() const { return options_ ? exportOptionsState(*options_) : QJsonObject(); }

void Exporter::chooseOptions() {
  if (const auto chosen = prompts_.exportOptions(window_, options())) options_ = chosen;
}

bool Exporter::haveOptions() {
  if (!options_) chooseOptions();
  return options_.has_value();
}

// The panel's own strip, or while that is hidden the one of what is shown.
NoticeStrip* Exporter::seen(NoticeStrip* notice) const {
  const bool hidden = window_->isVisible() && !notice->parentWidget()->isVisible();
  NoticeStrip* shown = hidden && shown_notice_ ? shown_notice_() : nullptr;
  return shown ? shown : notice;
}

void Exporter::wrongName(const QString& file, const QString& endings, NoticeStrip* notice) const {
  seen(notice)->show(NoticeLevel::kBad, tr("%1: expected a name ending in %2.").arg(file, endings));
}

void Exporter::run(const QString& file, std::function<void()> work, NoticeStrip* notice, const QString& left_out) {
  const QPointer<NoticeStrip> strip(notice);  // a dialog may be gone by then
  inBackground(
      this, std::move(work),
      [this, file, strip, left_out] {
        if (strip) seen(strip)->show(NoticeLevel::kGood, tr("Exported as %1. %2").arg(file, left_out).trimmed());
        Q_EMIT written(file);
      },
      [this, strip](const QString& message) {
        if (strip) seen(strip)->show(NoticeLevel::kBad, message);
      });
}

void Exporter::write(const QString& file, std::function<std::string()> make, NoticeStrip* notice, const QString& left_out) {
  run(file, [file, make = std::move(make)] { writeFileAtomic(pathOf(file), make()); }, notice, left_out);
}

void Exporter::exportTimeline() {
  NoticeStrip* notice = timeline_.notice();
  TimelineView* view = timeline_.view();
  if (view->content().video.isEmpty()) {
    seen(notice)->show(NoticeLevel::kInfo, tr("There is no timeline to export: choose a video first."));
    return;
  }
  const QString file = prompts_.saveFile(window_, tr("Export timeline"), view->content().video + QStringLiteral("-timeline.svg"),
                                         uiText(kPictures));
  if (file.isEmpty() || !haveOptions()) return;
  const bool csv = suffixOf(file) == QLatin1String("csv");
  const auto format = pictureFormat(suffixOf(file));
  if (!csv && !format) return wrongName(file, tr("svg, pdf, png or csv"), notice);
  // A marked range is what is meant; else a picture is of what is in view.
  const double duration = view->content().duration_seconds;
  TimeScale scale = view->scale();
  MarkedRange range = view->range();
  if (range) {
    scale = showing(scale, range->first, range->second, duration);
  } else if (!csv || options().visible_only) {
    const double from = std::max(0.0, scale.start_seconds), to = std::min(scale.endSeconds(), duration);
    if (to - from < duration * 0.999) range = std::pair(from, to);
  }
  const QString left_out = leftOut(*view, range);
  if (csv) {
    write(
        file, [content = view->content(), matching = view->matching(), range] { return timelineCsv(content, matching, range); }, notice,
        left_out);
    return;
  }
  const PaintedPicture picture = paintedTimeline(view->content(), view->options(), &scale, *format, options().picture());
  write(file, [picture] { return stdBytes(picture.bytes()); }, notice, left_out);
}

QList<ExportedCard> Exporter::cardsShown(const QString& card) const {
  QList<ExportedCard> cards;
  const Tokens& colours = tokensOf(options().picture().style);
  for (const CardKind kind : curves_.cards()) {
    if (!card.isEmpty() && cardName(kind) != card) continue;
    ExportedCard exported{kind, curves_.linesOf(kind, colours), curves_.options()};
    if (CurveCard* shown = curves_.card(kind)) {
      exported.options.log_y = shown->logY();
      const QCPRange range = shown->plot()->xAxis->range();
      if (options().visible_only && !curves_.options().follow)
        exported.range = std::pair(range.lower, range.upper);  // following, the view holds all
    }
    cards.append(exported);
  }
  return cards;
}

void Exporter::exportCurves(const QString& card) {
  NoticeStrip* notice = curves_.notice();
  if (curves_.cards().isEmpty() || (!card.isEmpty() && cardsShown(card).isEmpty())) {
    seen(notice)->show(NoticeLevel::kInfo, tr("There are no curves to export: show a run first."));
    return;
  }
  const QString name = (card.isEmpty() ? QStringLiteral("curves") : card) + QStringLiteral(".svg");
  const QString file = prompts_.saveFile(window_, tr("Export curves"), name, uiText(kCurves));
  if (file.isEmpty() || !haveOptions()) return;
  const QList<ExportedCard> cards = cardsShown(card);
  QStringList left_out;
  const ExportedCurves curves = curvesOfCards(cards);
  if (curves.points_left_out > 0)
    left_out.append(tr("%n point(s) outside the visible range were left out.", nullptr, static_cast<int>(curves.points_left_out)));
  if (suffixOf(file) == QLatin1String("csv")) {
    write(file, [curves] { return curvesCsv(curves.cut()); }, notice, left_out.join(QLatin1Char(' ')));
    return;
  }
  if (suffixOf(file) == QLatin1String("tex")) {
    const QString title = !options().title ? QString() : card.isEmpty() ? uiText("Curves") : cardTitle(cards.front().kind);
    const auto work = [curves, file, title] {
      std::filesystem::path data = pathOf(file);
      data.replace_extension(".dat");
      const PgfPlot plot = curvesPgfplots(curves.cut(), data.filename().string(), stdText(title));
      writeFileAtomic(data, plot.data);
      writeFileAtomic(pathOf(file), plot.tex);
    };
    left_out.prepend(tr("Its numbers are in %1 beside it.").arg(QFileInfo(file).completeBaseName() + QStringLiteral(".dat")));
    run(file, work, notice, left_out.join(QLatin1Char(' ')));
    return;
  }
  const auto format = pictureFormat(suffixOf(file));
  if (!format) return wrongName(file, tr("svg, pdf, png, csv or tex"), notice);
  int64_t undrawable = 0;
  const PaintedPicture picture = paintedCurves(cards, *format, options().picture(), &undrawable);
  if (undrawable > 0) left_out.append(tr("%n point(s) have no place on a logarithmic axis.", nullptr, static_cast<int>(undrawable)));
  write(file, [picture] { return stdBytes(picture.bytes()); }, notice, left_out.join(QLatin1Char(' ')));
}

void Exporter::exportTable() {
  if (!results_.hasTable()) {
    seen(results_.notice())->show(NoticeLevel::kInfo, tr("There is no table to export: evaluate the run first."));
    return;
  }
  exportResultTable(results_.table(), QStringLiteral("results.csv"), results_.notice());
}

void Exporter::exportResultTable(const ResultTable& table, const QString& file_name, NoticeStrip* notice, const QString& left_out) {
  const QString file = prompts_.saveFile(window_, tr("Export table"), file_name, uiText(kTables));
  if (file.isEmpty()) return;
  write(file, [table, suffix = suffixOf(file)] { return tableText(table, suffix); }, notice, left_out);
}

void Exporter::exportFigure(const FigureCanvas& figure, NoticeStrip* notice) {
  QString name = figure.figureName().toLower();
  name.replace(QLatin1Char(' '), QLatin1Char('-'));
  const QString file =
      prompts_.saveFile(window_, tr("Export %1").arg(figure.figureName()), name + QStringLiteral(".svg"), uiText(kPictures));
  if (file.isEmpty() || !haveOptions()) return;
  if (suffixOf(file) == QLatin1String("csv")) {
    write(file, [text = figure.csv()] { return text; }, notice, figure.leftOut(false));
    return;
  }
  const auto format = pictureFormat(suffixOf(file));
  if (!format) return wrongName(file, tr("svg, pdf, png or csv"), notice);
  write(file, [picture = figure.painted(*format, options().picture())] { return stdBytes(picture.bytes()); }, notice, figure.leftOut(true));
}

void Exporter::exportPage(const std::vector<FigureCanvas*>& figures) {
  if (curves_.cards().isEmpty() && timeline_.view()->content().video.isEmpty() && figures.empty()) {
    seen(curves_.notice())->show(NoticeLevel::kInfo, tr("There are no figures yet: show a run first."));
    return;
  }
  if (!haveOptions()) return;
  std::vector<PageFigure> all;
  const PictureOptions options = this->options().picture();
  const auto at = [options](double width) {
    PictureOptions of_column = options;
    of_column.width_mm = width;
    return of_column;
  };
  for (const ExportedCard& card : cardsShown(QString())) {
    all.push_back({cardTitle(card.kind), [card, at](double width) { return curvesPicture({card}, PictureFormat::kSvg, at(width)); }});
  }
  if (TimelineView* view = timeline_.view(); !view->content().video.isEmpty()) {
    all.push_back({tr("Timeline"), [content = view->content(), shown = view->options(), at](double width) {
                     return timelinePicture(content, shown, nullptr, PictureFormat::kSvg, at(width));
                   }});
  }
  for (const FigureCanvas* figure : figures)
    all.push_back({figure->figureName(), [figure, at](double width) { return figure->painted(PictureFormat::kSvg, at(width)).bytes(); }});
  auto* dialog = new FigurePageDialog(std::move(all), options, window_);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(dialog, &FigurePageDialog::exportAsked, this, [this, dialog] {
    const QString file = prompts_.saveFile(dialog, tr("Export the figure page"), QStringLiteral("figures.pdf"), uiText(kFigures));
    if (file.isEmpty()) return;
    const auto format = pictureFormat(suffixOf(file));
    if (!format) return wrongName(file, tr("svg, pdf or png"), dialog->notice());
    const int unticked = dialog->count() - static_cast<int>(dialog->chosen().size());
    const QString left_out = unticked > 0 ? tr("%n figure(s) that are not ticked were left out.", nullptr, unticked) : QString();
    write(
        file,
        [drawn = drawFigures(dialog->chosen(), dialog->pictureOptions().width_mm), format, page = dialog->pictureOptions()] {
          return stdBytes(figurePage(drawn, *format, page));
        },
        dialog->notice(), left_out);
  });
  dialog->show();
}

void Exporter::exportRunTable() {
  NoticeStrip* notice = compare_.notice();  // above the table of runs too
  if (runs_.table().rows.empty()) {
    seen(notice)->show(NoticeLevel::kInfo, tr("There is no table of runs to export: open a run first."));
    return;
  }
  const QString left_out =
      runs_.leftOut() > 0 ? tr("%n run(s) more than the table takes were left out.", nullptr, runs_.leftOut()) : QString();
  const QString file = prompts_.saveFile(window_, tr("Export run table"), QStringLiteral("runs.csv"), uiText(kTables));
  if (file.isEmpty()) return;
  write(file, [table = runs_.table(), suffix = suffixOf(file)] { return tableText(table, suffix); }, notice, left_out);
}

void Exporter::exportComparison() {
  NoticeStrip* notice = compare_.notice();
  const ReproductionTable* table = compare_.currentTable();
  const auto figure = compare_.currentFigure();
  if (!table && !figure) {
    seen(notice)->show(NoticeLevel::kInfo, tr("There is nothing to export: open a reproduction first."));
    return;
  }
  QStringList filters;
  if (table) filters.append(uiText(kTables));
  if (figure) filters.append(uiText(kFigures));
  const QString name = table ? qText(table->key) + QStringLiteral(".csv") : figureName(*figure) + QStringLiteral(".svg");
  const QString file = prompts_.saveFile(window_, tr("Export comparison"), name, filters.join(QStringLiteral(";;")));
  if (file.isEmpty()) return;
  const auto format = figure ? pictureFormat(suffixOf(file)) : std::nullopt;
  if (format) {
    if (!haveOptions()) return;
    try {
      const PaintedPicture picture = paintedFigure(*compare_.tables(), *figure, stdText(compare_.budget()), *format, options().picture());
      write(file, [picture] { return stdBytes(picture.bytes()); }, notice);
    } catch (const InputError& error) {
      seen(notice)->show(NoticeLevel::kBad, qText(error.what()));
    }
  } else if (table) {
    write(file, [made = table->table, suffix = suffixOf(file)] { return tableText(made, suffix); }, notice);
  } else {
    wrongName(file, tr("svg, pdf or png"), notice);
  }
}

}  // namespace hvlm::ui
