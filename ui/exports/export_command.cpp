// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/exports/export_command.h"

#include <algorithm>
#include <future>
#include <nlohmann/json.hpp>

#include "jobs/inspection_text.h"
#include "jobs/runner.h"
#include "runs/checkpoint.h"
#include "runs/run_comparison.h"
#include "runs/run_list.h"
#include "runs/run_record.h"
#include "support/atomic_file.h"
#include "score/embedding_map.h"
#include "support/error.h"
#include "ui/compare/reproduction_figure.h"
#include "ui/detections/detection_tables.h"
#include "ui/detections/error_view.h"
#include "ui/detections/precision_recall_view.h"
#include "ui/detections/tiou_view.h"
#include "ui/exports/clip.h"
#include "ui/exports/export_views.h"
#include "ui/exports/figure_page.h"
#include "ui/look/attention_view.h"
#include "ui/look/class_figures.h"
#include "ui/look/embedding_store.h"
#include "ui/look/parallel_view.h"
#include "ui/look/pyramid_view.h"
#include "ui/look/scatter_view.h"
#include "ui/look/similarity_view.h"
#include "ui/text.h"
#include "ui/workspace.h"

namespace hvlm::ui {
namespace {

QStringList videoFigures() { return {QStringLiteral("icicle"), QStringLiteral("tree"), QStringLiteral("similarity"), QStringLiteral("attention-history"), QStringLiteral("attention-pair")}; }
QStringList detectionFigures() { return {QStringLiteral("precision-recall"), QStringLiteral("tiou"), QStringLiteral("errors")}; }
QStringList detectionTables() { return {QStringLiteral("videos"), QStringLiteral("faults")}; }
QStringList embeddingFigures() { return {QStringLiteral("map"), QStringLiteral("map-tsne"), QStringLiteral("confusion"), QStringLiteral("reliability"), QStringLiteral("classes")}; }

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
  return bytesOf(curvesPicture(cards, *format, request.picture(kTwoColumnsMm)));
}

// Detections that the run has stored, when it has no model that could look at the video.
std::shared_ptr<const StoredDetections> storedIn(const ExportRequest& request, const Video& video) {
  return checkpointNames(pathOf(request.run)).empty() ? StoredRun(request.run).of(video) : nullptr;
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

std::string timelineFile(ExportRequest request, QStringList& left_out) {
  if (request.data.isEmpty()) request.data = qText(readRunRecord(pathOf(request.run)).dataset_file);
  const LoadedData loaded = loadData(request.data);
  const Video* video = loaded.catalogue.find(stdText(request.video));
  if (!video) {
    throw InputError({.where = "--video", .expected = "a video of " + stdText(request.data), .found = "\"" + stdText(request.video) + "\"",
                      .remedy = "\"hvlm inspect\" lists the data set."});
  }
  const auto stored = request.what == QLatin1String("timeline") ? storedIn(request, *video) : nullptr;
  const auto seen = stored ? nullptr : std::make_shared<const VideoInspection>(inspectNow(request, video->id));
  const TimelineContent content = makeContent(*video, loaded.catalogue.classes, seen, stored.get());
  TimelineOptions options;
  if (request.what == QLatin1String("pyramid")) {
    if (request.format == QLatin1String("csv")) return pyramidCsv(*seen);
    if (request.format == QLatin1String("json")) return inspectionJson(*seen).dump(2) + "\n";
    options.truth = options.predictions = false;
  }
  const Matching matching = matchDetections(content.detections, content.truth, options.threshold, options.tiou, kPredictionLanes);
  const auto hidden = std::count_if(matching.detections.begin(), matching.detections.end(), [](const MatchedDetection& match) { return !match.shown; });
  if (options.predictions && hidden > 0) left_out.append(QStringLiteral("%1 predictions with a score below %2").arg(hidden).arg(options.threshold));
  if (request.format == QLatin1String("csv")) return timelineCsv(content, matching);
  const auto format = pictureFormat(request.format);
  if (!format) throw wrongFormat(request, "csv, svg, pdf or png");
  return bytesOf(timelinePicture(content, options, nullptr, *format, request.picture(kTwoColumnsMm)));
}

// Writes the file itself: a film is too large to be held.
void clipFile(ExportRequest request, QStringList& left_out) {
  if (request.data.isEmpty()) request.data = qText(readRunRecord(pathOf(request.run)).dataset_file);
  const LoadedData loaded = loadData(request.data);
  const Video* video = loaded.catalogue.find(stdText(request.video));
  if (!video) {
    throw InputError({.where = "--video", .expected = "a video of " + stdText(request.data), .found = "\"" + stdText(request.video) + "\"",
                      .remedy = "\"hvlm inspect\" lists the data set."});
  }
  ClipRequest clip;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(loaded.spec.videos, none)) {
    if (entry.is_regular_file(none) && bareId(entry.path().stem().string()) == video->id) clip.file = qText(entry.path());
  }
  if (clip.file.isEmpty()) {
    throw InputError({.where = loaded.spec.videos.empty() ? loaded.spec.file.string() + ": videos" : loaded.spec.videos.string(), .expected = "the video file of " + video->id, .found = "none",
                      .remedy = "Name the folder of the video files in dataset.yaml (videos:)."});
  }
  clip.out = request.out;
  clip.video = *video;
  clip.classes = loaded.catalogue.classes;
  clip.stored = storedIn(request, *video);
  if (!clip.stored) clip.inspection = std::make_shared<const VideoInspection>(inspectNow(request, video->id));
  const ClipResult written = writeClip(clip, {});
  if (written.missing > 0) left_out.append(QStringLiteral("%1 frames that could not be decoded").arg(written.missing));
}

std::string figureFile(const ExportRequest& request, const FigureCanvas& figure, QStringList& left_out) {
  const auto format = pictureFormat(request.format);
  if (const QString told = figure.leftOut(format.has_value()); !told.isEmpty()) left_out.append(told);
  if (request.format == QLatin1String("csv")) return figure.csv();
  if (!format) throw wrongFormat(request, "csv, svg, pdf or png");
  return bytesOf(figure.painted(*format, request.picture(kOneColumnMm)).bytes());
}

// Figures of one video under the run's model.
std::string videoFigure(ExportRequest request, QStringList& left_out) {
  if (request.data.isEmpty()) request.data = qText(readRunRecord(pathOf(request.run)).dataset_file);
  const LoadedData loaded = loadData(request.data);
  const Video* video = loaded.catalogue.find(stdText(request.video));
  if (!video) {
    throw InputError({.where = "--video", .expected = "a video of " + stdText(request.data), .found = "\"" + stdText(request.video) + "\"",
                      .remedy = "\"hvlm inspect\" lists the data set."});
  }
  if (request.what == QLatin1String("attention-history")) {
    AttentionHistory figure;
    std::vector<AttentionSnapshot> own;
    for (AttentionSnapshot& s : readAttention(pathOf(request.run))) {
      if (s.video == video->id) own.push_back(std::move(s));
    }
    if (own.empty()) {
      throw InputError({.where = stdText(request.run) + "/attention.jsonl", .expected = "attention of " + video->id + " after each epoch", .found = "none",
                        .remedy = "Training keeps track of the first four videos of validation: name one of these with --video."});
    }
    figure.setSnapshots(std::move(own));
    figure.setRow(-1);
    return figureFile(request, figure, left_out);
  }
  const auto seen = std::make_shared<const VideoInspection>(inspectNow(request, video->id));
  if (request.what == QLatin1String("attention-pair")) {
    if (request.other.isEmpty()) throw InputError({.where = "--other", .expected = "the run to stand beside this one", .found = "none", .remedy = "Name its folder."});
    ExportRequest beside = request;
    beside.run = request.other;
    const VideoInspection other = inspectNow(beside, video->id);
    if (other.attention.size() != seen->attention.size()) {
      throw InputError({.where = stdText(request.other), .expected = std::to_string(seen->attention.size()) + " steps of " + video->id, .found = std::to_string(other.attention.size()), .remedy = "Compare runs of one step length."});
    }
    QStringList classes;
    for (const std::string& name : loaded.catalogue.classes) classes.append(qText(name));
    AttentionPair figure;
    figure.setTruth(video->segments, classes);
    figure.setCurves(seen->attention, other.attention, qText(pathOf(request.run).filename()), qText(pathOf(request.other).filename()), video->duration_seconds);
    return figureFile(request, figure, left_out);
  }
  if (request.what == QLatin1String("similarity")) {
    const int64_t steps = seen->width > 0 ? static_cast<int64_t>(seen->step_vectors.size()) / seen->width : 0;
    constexpr int64_t kMostSteps = 4000;
    if (steps == 0 || steps > kMostSteps) {
      throw InputError({.where = "--video " + video->id, .expected = "1 to 4000 steps for a matrix of all pairs", .found = std::to_string(seen->levels.front().first_step.size()), .remedy = "Choose a shorter video."});
    }
    SimilarityView figure;
    QStringList classes;
    for (const std::string& name : loaded.catalogue.classes) classes.append(qText(name));
    figure.setTruth(video->segments, classes);
    figure.setMatrix(selfSimilarity(seen->step_vectors, steps, seen->width), steps, seen->step_seconds);
    figure.setCursor(-1.0);
    return figureFile(request, figure, left_out);
  }
  PyramidView figure;
  figure.setLayout(request.what == QLatin1String("tree") ? PyramidView::Layout::kTree : PyramidView::Layout::kIcicle);
  figure.setContent(makeContent(*video, loaded.catalogue.classes, seen));
  return figureFile(request, figure, left_out);
}

// Figures of the run's vectors.
std::string embeddingFigure(const ExportRequest& request, QStringList& left_out) {
  const auto file = pathOf(EmbeddingStore::fileOf(request.run));
  if (!std::filesystem::exists(file)) {
    throw InputError({.where = file.string(), .expected = "the vectors of the run's videos", .found = "no such file",
                      .remedy = "Make them: hvlm embed --run " + stdText(request.run) + " --out " + file.string()});
  }
  const EmbeddingFile read = readEmbedding(file);
  if (request.what == QLatin1String("map") || request.what == QLatin1String("map-tsne")) {
    const auto at = request.what == QLatin1String("map") ? principalPlane(read.vectors, read.videoCount(), read.width).at : tsne(read.vectors, read.videoCount(), read.width);
    std::vector<ScatterView::Point> points;
    for (size_t v = 0; v < at.size(); ++v) points.push_back({at[v][0], at[v][1], static_cast<int>(read.labels[v]), -1.0, qText(read.videos[v])});
    QStringList classes;
    for (const std::string& name : read.classes) classes.append(qText(name));
    ScatterView figure;
    figure.setPoints(std::move(points), classes);
    return figureFile(request, figure, left_out);
  }
  ClassFigures figures = classFigures(read);
  if (figures.classes.isEmpty()) {
    throw InputError({.where = file.string(), .expected = "scores of a video classifier", .found = "none", .remedy = "This run has no classifier: train one with head.classify=true."});
  }
  if (request.what == QLatin1String("confusion")) {
    ConfusionView figure;
    figure.setCounts(figures.classes, std::move(figures.counts));
    return figureFile(request, figure, left_out);
  }
  if (request.what == QLatin1String("reliability")) {
    ReliabilityView figure;
    figure.setBins(std::move(figures.bins));
    return figureFile(request, figure, left_out);
  }
  ClassBars figure;
  figure.setBars(std::move(figures.bars));
  return figureFile(request, figure, left_out);
}

// AP by class as a table; as a picture the curves, mAP by tIoU and the error profile on a page.
std::string detectionFile(ExportRequest request, QStringList& left_out) {
  if (request.data.isEmpty()) request.data = qText(readRunRecord(pathOf(request.run)).dataset_file);
  const auto data = readDetections(request.run, loadData(request.data));
  if (!data) {
    throw InputError({.where = stdText(request.run) + "/predictions", .expected = "detections of a subset", .found = "none",
                      .remedy = "Make them: hvlm eval --run " + stdText(request.run) + " (a run without a detection head has none)."});
  }
  const auto format = pictureFormat(request.format);
  if (request.what == QLatin1String("detection") && !format) return tableText(classTable(*data), request.format);
  const auto look = std::make_shared<const DetectionLook>(lookAt(*data, {.threshold = 0, .tiou = data->thresholds.front(), .score = TimelineOptions().threshold}));
  if (request.what == QLatin1String("videos")) return tableText(videoTable(*data, *look), request.format);
  if (request.what == QLatin1String("faults")) {
    if (const int64_t more = look->faults_in_all - static_cast<int64_t>(look->faults.size()); more > 0) left_out.append(QStringLiteral("%1 faults of a lower score").arg(more));
    return tableText(faultTable(*data, *look), request.format);
  }
  PrecisionRecallView curves;
  curves.setContent(data, look);
  TiouView by_tiou;
  by_tiou.setContent(data, look->point.threshold);
  ErrorView errors;
  errors.setProfile(look->profile);
  const PictureOptions options = request.picture(kTwoColumnsMm);
  if (request.what == QLatin1String("precision-recall")) return figureFile(request, curves, left_out);
  if (request.what == QLatin1String("tiou")) return figureFile(request, by_tiou, left_out);
  if (request.what == QLatin1String("errors")) return figureFile(request, errors, left_out);
  std::vector<PageFigure> page;
  for (const FigureCanvas* figure : {static_cast<const FigureCanvas*>(&curves), static_cast<const FigureCanvas*>(&by_tiou), static_cast<const FigureCanvas*>(&errors)}) {
    page.push_back({figure->figureName(), [figure, &options](double width) {
      PictureOptions of_column = options;
      of_column.width_mm = width;
      return figure->painted(PictureFormat::kSvg, of_column).bytes();
    }});
  }
  return bytesOf(figurePage(drawFigures(page, options.width_mm), *format, options));
}

// The runs below a folder as lines through what differs between them.
std::string parallelFile(const ExportRequest& request, QStringList& left_out) {
  std::vector<ComparedRun> runs;
  for (const RunSummary& run : listRuns({pathOf(request.run)})) runs.push_back(readComparedRun(run.folder));
  const auto unreadable = std::erase_if(runs, [](const ComparedRun& run) { return !run.problem.empty(); });
  if (unreadable > 0) left_out.append(QStringLiteral("%1 runs that cannot be read").arg(unreadable));
  const ComparisonAxes read = comparisonAxes(runs, stdText(request.figure.isEmpty() ? QStringLiteral("average_map") : request.figure));
  std::vector<ParallelAxis> axes;
  for (size_t a = 0; a < read.names.size(); ++a) {
    ParallelAxis axis{qText(read.names[a]), {}, read.logarithmic[a]};
    for (const std::string& category : read.categories[a]) axis.categories.append(qText(category));
    axes.push_back(std::move(axis));
  }
  QStringList names;
  for (const ComparedRun& run : runs) names.append(qText(run.name));
  ParallelView figure;
  figure.setRuns(std::move(axes), read.rows, names);
  if (!figure.hasContent()) {
    throw InputError({.where = stdText(request.run), .expected = "runs that differ in a config key", .found = std::to_string(runs.size()) + " that do not", .remedy = "Name a folder of several runs."});
  }
  return figureFile(request, figure, left_out);
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
  return bytesOf(paintedFigure(tables, *kind, budget, *format, request.picture(kTwoColumnsMm)).bytes());
}

std::string bytesFor(const ExportRequest& request, QStringList& left_out);

// The figures named in `figure`, comma between, on one page.
std::string pageFile(const ExportRequest& request, QStringList& left_out) {
  const auto format = pictureFormat(request.format);
  if (!format) throw wrongFormat(request, "svg, pdf or png");
  const PictureOptions options = request.picture(kTwoColumnsMm);
  std::vector<PageFigure> page;
  for (const QString& what : request.figure.split(QLatin1Char(','), Qt::SkipEmptyParts)) {
    const QString name = what.trimmed();
    if (name == QLatin1String("page") || name == QLatin1String("clip")) {
      throw InputError({.where = "--figure", .expected = "figures, such as icicle,confusion,map", .found = "\"" + stdText(name) + "\"", .remedy = "Leave it out."});
    }
    page.push_back({name, [request, name, &left_out](double width_mm) {
      ExportRequest one = request;
      one.what = name, one.format = QStringLiteral("svg"), one.width_mm = width_mm, one.figure.clear();
      return QByteArray::fromStdString(bytesFor(one, left_out));
    }});
  }
  if (page.empty()) {
    throw InputError({.where = "--figure", .expected = "the figures of the page, such as icicle,confusion,map", .found = "none", .remedy = "Name them with commas between."});
  }
  return bytesOf(figurePage(drawFigures(page, options.width_mm), *format, options));
}

std::string bytesFor(const ExportRequest& request, QStringList& left_out) {
  std::string bytes;
  if (request.what == QLatin1String("page")) {
    bytes = pageFile(request, left_out);
  } else if (request.what == QLatin1String("table")) {
    bytes = tableFile(request);
  } else if (request.what == QLatin1String("curves") || request.what.startsWith(QLatin1String("curves/"))) {
    bytes = curvesFile(request);
  } else if (request.what == QLatin1String("timeline") || request.what == QLatin1String("pyramid")) {
    bytes = timelineFile(request, left_out);
  } else if (videoFigures().contains(request.what)) {
    bytes = videoFigure(request, left_out);
  } else if (embeddingFigures().contains(request.what)) {
    bytes = embeddingFigure(request, left_out);
  } else if (request.what == QLatin1String("detection") || detectionFigures().contains(request.what) || detectionTables().contains(request.what)) {
    bytes = detectionFile(request, left_out);
  } else if (request.what == QLatin1String("parallel")) {
    bytes = parallelFile(request, left_out);
  } else if (request.what == QLatin1String("reproduction")) {
    bytes = reproductionFile(request);
  } else {
    const QStringList known = videoFigures() + embeddingFigures() + detectionFigures() + detectionTables();
    throw InputError({.where = "--export", .expected = "table, curves, timeline, pyramid, clip, detection, parallel, reproduction, page, " + stdText(known.join(QStringLiteral(", "))), .found = "\"" + stdText(request.what) + "\"",
                      .remedy = "Choose one of these."});
  }
  return bytes;
}

}  // namespace

QStringList exportFile(const ExportRequest& request) {
  QStringList left_out;
  if (request.what == QLatin1String("clip")) clipFile(request, left_out);
  else writeFileAtomic(pathOf(request.out), bytesFor(request, left_out));
  return left_out;
}

}  // namespace hvlm::ui
