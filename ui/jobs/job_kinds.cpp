// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobs/job_kinds.h"

#include <QFileInfo>

#include "support/text.h"
#include "ui/text.h"

namespace hvlm::ui {
namespace {

constexpr const char* kVideos = "Videos (*.mp4 *.mkv *.webm *.avi *.mov *.ts *.m4v);;All files (*)";
constexpr const char* kConfigs = "Configs (*.yaml *.yml);;All files (*)";
constexpr const char* kDatasets = "Data sets (*.yaml *.yml);;All files (*)";

JobField field(const char* key, const QString& label, JobField::Kind kind, bool required = false, const QString& initial = {}, const QStringList& choices = {},
               const QString& filter = {}) {
  return {QLatin1String(key), label, kind, required, initial, choices, filter};
}

std::vector<JobKind> makeKinds() {
  using F = JobField;
  const QString data = uiText("Data set"), run = uiText("Run"), out = uiText("Output");
  const F dataset = field("--data", data, F::kOpenFile, false, {}, {}, uiText(kDatasets));
  const F of_run = field("--run", run, F::kOpenFolder, true);
  const F subset = field("--subset", uiText("Subset"), F::kText, false, QStringLiteral("validation"));
  const F checkpoint = field("--checkpoint", uiText("Checkpoint"), F::kChoice, false, QStringLiteral("best"), {QStringLiteral("best"), QStringLiteral("last")});
  const auto text = [](const char* word) { return QLatin1String(word); };
  return {
      {text("extract"), uiText("Extract features"), uiText("Features of video files, one vector a second, in the layout of ActivityNet."), {text("extract")}, text("videos"),
       {field("", uiText("Videos"), F::kOpenFolder, true), field("--out", out, F::kSaveFile, true, {}, {}, uiText("HDF5 (*.h5);;All files (*)")),
        field("--backbone", uiText("Backbone"), F::kChoice, false, text("efficientnet-lite0"), {text("efficientnet-lite0"), text("c3d"), text("hog")}),
        field("--weights", uiText("Weights"), F::kOpenFile, false, {}, {}, uiText("Weights (*.safetensors *.pt *.pth);;All files (*)")),
        field("--fps", uiText("Steps a second"), F::kNumber, false, text("1")), field("--pca", uiText("PCA file"), F::kOpenFile, false, {}, {}, uiText("PCA (*.safetensors);;All files (*)")),
        field("--channels", uiText("Motion and saliency too"), F::kSwitch)}},
      {text("pca"), uiText("Fit a PCA"), uiText("Components of a data set's features, to make them narrower."), {text("pca"), text("fit")}, text("fit"),
       {field("--data", data, F::kOpenFile, true, {}, {}, uiText(kDatasets)), field("--dims", uiText("Components"), F::kNumber, false, text("512")),
        field("--whiten", uiText("Unit variance"), F::kSwitch), field("--out", out, F::kSaveFile, true, {}, {}, uiText("PCA (*.safetensors);;All files (*)"))}},
      {text("evaluate"), uiText("Evaluate a run"), uiText("All metrics that a run supports, with their controls; writes its report."), {text("eval")}, text("refresh"),
       {of_run, dataset, checkpoint, subset, field("--no-controls", uiText("Leave the controls out"), F::kSwitch)}},
      {text("predict"), uiText("Predict segments"), uiText("Detections of a subset in the ActivityNet format."), {text("predict")}, text("pyramid"),
       {of_run, dataset, checkpoint, subset, field("--out", out, F::kSaveFile, true, {}, {}, uiText("Results (*.json);;All files (*)"))}},
      {text("embed"), uiText("Embed a subset"), uiText("Vectors of videos and of moments in them, for the map, neighbours and confusions."), {text("embed")}, text("classes"),
       {of_run, dataset, checkpoint, subset, field("--out", out, F::kSaveFile, true, {}, {}, uiText("Embedding (*.safetensors);;All files (*)"))}},
      {text("reproduce"), uiText("Reproduce the tables"), uiText("Every row and table of the paper, measured beside claimed. Takes long; goes on where it was stopped."), {text("reproduce")}, text("table"),
       {field("--data", data, F::kOpenFile, true, {}, {}, uiText(kDatasets)), field("--out", out, F::kSaveFolder, true),
        field("--budget", uiText("Budget"), F::kChoice, false, text("quick"), {text("quick"), text("full")}), field("--seeds", uiText("Seeds"), F::kNumber, false, text("3"))}},
      {text("sweep"), uiText("Search config keys"), uiText("Random search with successive halving on a held-out slice of the training videos; goes on where it was stopped."), {text("sweep")}, text("fit"),
       {field("--config", uiText("Config"), F::kOpenFile, true, text("recommended-small"), {}, uiText(kConfigs)), field("--space", uiText("Space"), F::kOpenFile, true, text("recommended-small"), {}, uiText(kConfigs)),
        field("--data", data, F::kOpenFile, true, {}, {}, uiText(kDatasets)), field("--out", out, F::kSaveFolder, true), field("--trials", uiText("Trials"), F::kNumber, true, text("30")),
        field("--eta", uiText("One of so many goes on"), F::kNumber, false, text("3")), field("--min-epochs", uiText("Epochs of the first rung"), F::kNumber), field("--jobs", uiText("Trials at once"), F::kNumber),
        field("--finish", uiText("Evaluate the best on validation"), F::kSwitch)}},
      {text("demo"), uiText("Make the demo anew"), uiText("Draws 200 videos, extracts their features, trains all phases and writes a report. About seven minutes on two cores."), {text("demo")}, text("demo"),
       {field("--out", out, F::kSaveFolder), field("--videos", uiText("Videos"), F::kNumber, false, text("200")), field("--seed", uiText("Seed"), F::kNumber, false, text("1"))}},
      {text("export"), uiText("Export from a run"), uiText("A table, curves, a pyramid, a timeline, detections or a clip as a file."), {text("export")}, text("export"),
       {of_run, field("--what", uiText("What"), F::kChoice, true, text("table"), {text("table"), text("curves"), text("pyramid"), text("timeline"), text("icicle"), text("tree"), text("similarity"), text("attention-history"), text("map"), text("map-tsne"), text("confusion"), text("reliability"), text("classes"), text("detection"), text("precision-recall"), text("tiou"), text("errors"), text("videos"), text("faults"), text("clip")}),
        field("--format", uiText("Format"), F::kChoice, true, text("csv"), {text("csv"), text("md"), text("tex"), text("json"), text("svg"), text("pdf"), text("png"), text("mp4"), text("mkv"), text("webm"), text("avi")}), dataset,
        field("--video", uiText("Video"), F::kText), field("--width", uiText("Width in mm"), F::kNumber), field("--dpi", uiText("Dots an inch"), F::kNumber), field("--out", out, F::kSaveFile)}},
      {text("mlflow"), uiText("Export runs to MLflow"), uiText("Curves, config, figures and tags of runs as an experiment of MLflow's file store."), {text("runs"), text("mlflow")}, text("export"),
       {field("", uiText("Runs"), F::kOpenFolder, true), field("--out", out, F::kSaveFolder, true), field("--experiment", uiText("Experiment"), F::kText, false, text("hvlm"))}},
      {text("bench-model"), uiText("Measure the model's cost"), uiText("Time and memory over the length of a video, beside this machine's limits."), {text("bench"), text("model")}, text("curve"), {}},
      {text("bench-video"), uiText("Measure video reading"), uiText("Seeking and decoding on this machine."), {text("bench"), text("video")}, text("curve"), {}},
      {text("bench-extract"), uiText("Measure extraction"), uiText("Feature extraction beside the machine's limit."), {text("bench"), text("extract")}, text("curve"), {}},
      {text("bench-train"), uiText("Measure training steps"), uiText("Speed and memory of training on random features or a data set, and what packing wastes."), {text("bench"), text("train")}, text("curve"),
       {field("--config", uiText("Config"), F::kOpenFile, false, text("recommended"), {}, uiText(kConfigs)), dataset}},
      {text("bench-data"), uiText("Measure feature reading"), uiText("One epoch of features as training reads them, beside the speed of a copy."), {text("bench"), text("data")}, text("curve"), {dataset}},
      {text("bench-text"), uiText("Measure search by words"), uiText("A search through an index of videos and moments, and the vector of a sentence."), {text("bench"), text("text")}, text("curve"), {field("--videos", uiText("Videos"), F::kNumber, false, text("20000"))}},
      {text("bench-score"), uiText("Measure scoring"), uiText("Official detection scores of a million made-up predictions."), {text("bench"), text("score")}, text("curve"), {field("--predictions", uiText("Predictions"), F::kNumber, false, text("1000000"))}},
      {text("bench-start"), uiText("Measure the start"), uiText("How long the program takes to start, and to load the compute engine."), {text("bench"), text("start")}, text("curve"), {}},
      {text("bench-pyramid"), uiText("Measure the pyramid kernel"), uiText("Attention pooling of all levels, forward and backward."), {text("bench"), text("pyramid")}, text("curve"), {}},
      {text("bench-loss"), uiText("Measure the loss kernel"), uiText("The temporal loss, forward and backward."), {text("bench"), text("loss")}, text("curve"), {}},
      {text("doctor"), uiText("Examine this machine"), uiText("Versions, codecs, threads, devices and folders."), {text("doctor")}, text("info"), {}},
  };
}

}  // namespace

const std::vector<JobKind>& jobKinds() {
  static const std::vector<JobKind> kinds = makeKinds();
  return kinds;
}

const JobKind* jobKind(const QString& id) {
  for (const JobKind& kind : jobKinds()) {
    if (kind.id == id) return &kind;
  }
  return nullptr;
}

QStringList jobArguments(const JobKind& kind, const QHash<QString, QString>& values, QString* problem) {
  QStringList arguments = kind.verb;
  QStringList positional;
  for (const JobField& field : kind.fields) {
    QString value = values.value(field.label).trimmed();
    if (value.isEmpty() && field.required) {
      if (problem) *problem = uiText("\"%1\" is missing.").arg(field.label);
      return {};
    }
    if (field.kind == JobField::kNumber && !value.isEmpty()) {
      double number = 0.0;
      if (!readUiNumber(value, number)) {
        if (problem) *problem = uiText("\"%1\" wants a number, not \"%2\".").arg(field.label, value);
        return {};
      }
      bool plain = false;
      value.toDouble(&plain);
      if (!plain) value = qText(exactNumber(number));  // the command reads a point
    }
    if (field.kind == JobField::kSwitch) {
      if (value == QLatin1String("1")) arguments.append(field.key);
    } else if (field.key.isEmpty()) {
      positional.append(value);
    } else if (!value.isEmpty() && (field.required || value != field.initial)) {
      arguments << field.key << value;
    }
  }
  return arguments + positional;
}

QHash<QString, QString> initialValues(const JobKind& kind, const JobContext& context) {
  QHash<QString, QString> values;
  for (const JobField& field : kind.fields) {
    QString value = field.initial;
    if (field.key == QLatin1String("--data")) value = context.data;
    if (field.key == QLatin1String("--run")) value = context.run;
    values.insert(field.label, value);
  }
  return values;
}

QString jobTitle(const JobKind& kind, const QHash<QString, QString>& values) {
  for (const JobField& field : kind.fields) {
    const bool names = field.key == QLatin1String("--run") || field.key.isEmpty() || field.key == QLatin1String("--data");
    const QString value = values.value(field.label);
    if (names && !value.isEmpty()) return QStringLiteral("%1: %2").arg(kind.name, QFileInfo(value).fileName());
  }
  return kind.name;
}

}  // namespace hvlm::ui
