// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/exports/export_command.h"

#include <algorithm>
#include <future>
#include <nlohmann/json.hpp>

#include "jobs/inspection_text.h"
#include "jobs/runner.h"
#include "runs/run_record.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "ui/compare/reproduction_figure.h"
#include "ui/exports/export_views.h"
#include "ui/text.h"
#include "ui/workspace.h"

namespace hvlm::ui {
namespace {

std::string bytesOf(const QByteArray& bytes) { return {bytes.constData(), static_cast<size_t>(bytes.size())}; }

InputError wrongFormat(const ExportRequest& request, const char* expected) {
  return InputError({.where = "--format", .expected = expected, .found = "\"" + stdText(request.format) + "\" for " + stdText(request.what),
                     .remedy = "Choose one of these."});
}

std::string tableFile(const ExportRequest& request) {
  const auto report = readReport(pathOf(request.run));
  if (!report) {
    throw InputError({.where = stdText(request.run) + "/report.json", .expected = "the report of an evaluation", .found = "no such file",
                      .remedy = "Run \"hvlm eval\" on this run first."});
  }
  return tableText(reportTable(*report), request.format);
}

std::string curvesFile(const ExportRequest& request) {
  RunCurves curves;
  MetricReader reader(pathOf(request.run));
  curves.resumes = resumeSteps(readRunRecord(pathOf(request.run)));
  curves.curves = curvesOf(reader.poll(), curves.resumes);
  if (curves.curves.empty()) {
    throw InputError({.where = stdText(request.run) + "/metrics.jsonl", .expected = "measured points", .found = "none",
                      .remedy = "Train the run first."});
  }
  QList<ExportedCard> cards = cardsOf({{request.run, &curves}});
  if (const qsizetype slash = request.what.indexOf(QLatin1Char('/')); slash >= 0) {
    const QString wanted = request.what.mid(slash + 1);
    cards.removeIf([&](const ExportedCard& card) { return cardName(card.kind) != wanted; });
    if (cards.isEmpty()) {
      throw InputError({.where = "--export", .expected = "a card that this run has", .found = "\"" + stdText(wanted) + "\"",
                        .remedy = "Leave the part after the slash out to export all cards."});
    }
  }
  if (request.format == QLatin1String("csv")) return curvesText(cards);
  const auto format = pictureFormat(request.format);
  if (!format) throw wrongFormat(request, "csv, svg, pdf or png");
  return bytesOf(curvesPicture(cards, *format));
}

VideoInspection inspectNow(const ExportRequest& request, const std::string& video) {
  std::promise<VideoInspection> promise;
  std::future<VideoInspection> answer = promise.get_future();
  JobRunner runner;
  InspectSpec spec;
  spec.run_folder = stdText(request.run);
  spec.data = stdText(request.data);
  spec.video = video;
  spec.threads = request.threads;
  runner.inspect("export", spec, [&](VideoInspection seen) { promise.set_value(std::move(seen)); },
                 [&](const std::string& message) { promise.set_exception(std::make_exception_ptr(std::runtime_error(message))); });
  return answer.get();
}

std::string timelineFile(ExportRequest request) {
  if (request.data.isEmpty()) request.data = qText(readRunRecord(pathOf(request.run)).dataset_file);
  const LoadedData loaded = loadData(request.data);
  const Video* video = loaded.catalogue.find(stdText(request.video));
  if (!video) {
    throw InputError({.where = "--video", .expected = "a video of " + stdText(request.data), .found = "\"" + stdText(request.video) + "\"",
                      .remedy = "\"hvlm inspect\" lists the data set."});
  }
  const auto seen = std::make_shared<const VideoInspection>(inspectNow(request, video->id));
  const TimelineContent content = makeContent(*video, loaded.catalogue.classes, seen);
  TimelineOptions options;
  if (request.what == QLatin1String("pyramid")) {
    if (request.format == QLatin1String("csv")) return pyramidCsv(*seen);
    if (request.format == QLatin1String("json")) return inspectionJson(*seen).dump(2) + "\n";
    options.truth = options.predictions = false;
  }
  if (request.format == QLatin1String("csv")) {
    return timelineCsv(content, matchDetections(content.detections, content.truth, options.threshold, options.tiou, kPredictionLanes));
  }
  const auto format = pictureFormat(request.format);
  if (!format) throw wrongFormat(request, "csv, svg, pdf or png");
  return bytesOf(timelinePicture(content, options, nullptr, *format));
}

std::string reproductionFile(const ExportRequest& request) {
  const qsizetype slash = request.figure.indexOf(QLatin1Char('/'));
  const auto kind = figureKind(request.figure.left(slash));
  if (!kind) {
    throw InputError({.where = "--figure", .expected = "collapse, main, ablation or efficiency", .found = "\"" + stdText(request.figure) + "\"",
                      .remedy = "Choose one of these."});
  }
  const auto format = pictureFormat(request.format);
  if (!format) throw wrongFormat(request, "svg, pdf or png");
  const ReproductionTables tables = readReproduction(pathOf(request.run));
  const std::string budget = slash < 0 ? tables.budgets.front() : stdText(request.figure.mid(slash + 1));
  if (std::find(tables.budgets.begin(), tables.budgets.end(), budget) == tables.budgets.end()) {
    throw InputError({.where = "--figure", .expected = "a budget that " + stdText(request.run) + " holds runs of", .found = "\"" + budget + "\"",
                      .remedy = "Leave the part after the slash out to draw those of " + tables.budgets.front() + "."});
  }
  return bytesOf(figurePicture(tables, *kind, budget, *format));
}

}  // namespace

void exportFile(const ExportRequest& request) {
  std::string bytes;
  if (request.what == QLatin1String("table")) {
    bytes = tableFile(request);
  } else if (request.what == QLatin1String("curves") || request.what.startsWith(QLatin1String("curves/"))) {
    bytes = curvesFile(request);
  } else if (request.what == QLatin1String("timeline") || request.what == QLatin1String("pyramid")) {
    bytes = timelineFile(request);
  } else if (request.what == QLatin1String("reproduction")) {
    bytes = reproductionFile(request);
  } else {
    throw InputError({.where = "--export", .expected = "table, curves, timeline, pyramid or reproduction", .found = "\"" + stdText(request.what) + "\"",
                      .remedy = "Choose one of these."});
  }
  writeFileAtomic(pathOf(request.out), bytes);
}

}  // namespace hvlm::ui
