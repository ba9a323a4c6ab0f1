// SPDX-License-Identifier: Apache-2.0
// The report of `eval`: every key a run can have, a reason for every other, every control row, nothing fitted on what is evaluated.
#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <QTemporaryDir>
#include <QtTest>
#include <cmath>

#include "core/engine/tiny_run.h"
#include "data/synth.h"
#include "engine/eval/detect.h"
#include "engine/eval/evaluate.h"
#include "engine/model/int8_weights.h"
#include "runs/export.h"
#include "runs/run_folder.h"

using namespace hvlm::testing;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

json pick(const json& report, const std::string& pointer) {
  const json::json_pointer where(pointer);
  return report.contains(where) ? report.at(where) : json();
}

bool isShare(const json& value) { return value.is_number() && value.get<double>() >= 0.0 && value.get<double>() <= 1.0; }

// Two ends around the value, within what rounding allows.
bool isInterval(const json& interval, const json& value) {
  return interval.is_array() && interval.size() == 2 && value.is_number() && interval[0].get<double>() <= value.get<double>() + 1e-12 &&
         value.get<double>() <= interval[1].get<double>() + 1e-12;
}

std::string bytesOf(const fs::path& file) { return hvlm::readFile(file); }

const char* const kLocalization[] = {"/map/0.50", "/map/0.75", "/map/0.95", "/average_map", "/hit_at_50"};
const char* const kReadings[] = {"/map_50", "/hit_at_50", "/instance_recall_at_1", "/frame_mask_at_50"};
const char* const kClassification[] = {"/top1", "/top1_main", "/top5", "/map"};

}  // namespace

#define VERIFY_SHARE(report, pointer) \
  QVERIFY2(isShare(pick(report, pointer)), qPrintable(QString::fromStdString(std::string(pointer) + ": " + pick(report, pointer).dump())))

class TestEvalReport : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase();
  void everyKeyIsThere();
  void theProbeLocalisesAsTheHeadDoes();
  void errorsAreProfiled();
  void controlsAreLeftOutOnRequest();
  void labelSources_data();
  void labelSources();
  void externalLabelsNeedTheirProbe();
  void rawFeaturesAreARun();
  void textIsTagged();
  void everyControlRowIsThere();
  void predictionsAreScoredAsReported();
  void labelsOfTheSubsetFitNothing();
  void aVideoIsScoredAlone();
  void votingMovesEndsOnly();
  void whatARunCannotHaveHasAReason_data();
  void whatARunCannotHaveHasAReason();
  void int8WeightsAreSaid();
  void aStoppedRunHasNoProbes();
  void aSubsetWithoutAnnotations();
  void videosOfOneStep();
  void aSingleClass();
  void fewerClassesAreRenumbered();
  void mismatchesAreNamed_data();
  void mismatchesAreNamed();
  void damagedProbesAreRefused();

 private:
  std::string path(const char* name) const { return folder_.filePath(QString::fromLatin1(name)).toStdString(); }
  QTemporaryDir folder_;
  std::string data_, run_;
};

void TestEvalReport::initTestCase() {
  hvlm::SynthOptions synth;
  synth.videos = 26;
  synth.dim = 12;
  synth.classes = 3;
  synth.mean_steps = 24;
  hvlm::writeSynthetic(synth, path("data"));
  data_ = path("data") + "/dataset.yaml";
  run_ = path("run");
  QCOMPARE(runJob(trainSpec(tinyConfig(), data_, run_)), std::string());
}

void TestEvalReport::everyKeyIsThere() {
  const json report = evaluated({.run_folder = run_, .data = data_, .threads = 1});
  for (const char* key : {"/classification/top1", "/classification/top1_main", "/classification/top5", "/classification/map", "/classification/probe",
                          "/classification/knn", "/localization/average_map", "/localization/hit_at_50", "/frame_accuracy", "/consistency/boundary_auc",
                          "/collapse/dead_dimensions", "/classification/macro_top1", "/classification/hit_at_1", "/classification/fine_tuned", "/classification/probe_top5",
                          "/classification/probe_map", "/classification/probe_macro_top1", "/classification/probe_top1_main", "/feature_quality/knn"}) {
    VERIFY_SHARE(report, key);
  }
  for (int percent = 50; percent <= 95; percent += 5) VERIFY_SHARE(report, "/localization/map/0." + std::to_string(percent));
  for (const char* key : {"/temporal_consistency", "/consistency/raw", "/consistency/cac", "/consistency/ts", "/consistency/r_in", "/consistency/r_x",
                          "/consistency/centred", "/collapse/mean_std", "/collapse/min_std", "/collapse/effective_rank", "/feature_quality/intra",
                          "/feature_quality/inter", "/feature_quality/separation", "/feature_quality/silhouette", "/videos", "/seconds",
                          "/consistency/uniformity", "/consistency/within_std", "/consistency/within_std_share", "/consistency/boundary_contrast", "/step_seconds",
                          "/feature_quality/scatter_ratio", "/feature_quality/kmeans_nmi", "/feature_quality/effective_rank", "/parameters"}) {
    QVERIFY2(pick(report, key).is_number(), key);
  }
  QVERIFY(pick(report, "/verdict").is_string());
  QCOMPARE(pick(report, "/parameters_trainable"), pick(report, "/parameters"));
  QCOMPARE(pick(report, "/encoder"), json("transformer"));
  QVERIFY(!report.contains("text") && !report.contains("label_text"));
  QCOMPARE(pick(report, "/classification/protocol"), json("fine-tuned head"));
  QCOMPARE(pick(report, "/classification/fine_tuned"), pick(report, "/classification/top1"));
  for (const auto& [value, interval] : {std::pair("/classification/top1", "/classification/top1_interval"), std::pair("/classification/probe", "/classification/probe_interval"),
                                        std::pair("/classification/knn", "/classification/knn_interval"), std::pair("/temporal_consistency", "/consistency/tc_interval"),
                                        std::pair("/consistency/cac", "/consistency/cac_interval"), std::pair("/localization/average_map", "/localization/average_map_interval"),
                                        std::pair("/localization/map/0.50", "/localization/map_50_interval")}) {
    QVERIFY2(isInterval(pick(report, interval), pick(report, value)), interval);
  }
  for (const char* key : {"retrieval", "qa", "captions"}) QVERIFY2(pick(report, std::string("/absent/") + key).is_string() && !report.contains(key), key);
  QCOMPARE(report.at("absent").size(), size_t{4});
  QCOMPARE(hvlm::readReport(run_).value(), report);
}

// The probe localises every run alike, with the keys of the own head; both say the four readings in one place.
void TestEvalReport::theProbeLocalisesAsTheHeadDoes() {
  const json report = evaluated({.run_folder = run_, .data = data_, .threads = 1});
  const json& own = report.at("localization");
  const json& probe = report.at("localization_probe");
  for (const auto& [key, value] : own.items()) QVERIFY2(probe.contains(key), key.c_str());
  QCOMPARE(probe.size(), own.size());
  for (const json* of : {&own, &probe}) {
    QCOMPARE(pick(*of, "/readings/map_50"), pick(*of, "/map/0.50"));
    for (const char* key : {"/hit_at_50", "/instance_recall_at_1", "/frame_mask_at_50"}) QCOMPARE(pick(*of, std::string("/readings") + key), pick(*of, key));
    QCOMPARE(of->at("readings").size(), size_t{4});
  }
  QCOMPARE(own.at("labels"), json("own: head and video classifier"));
  QCOMPARE(probe.at("labels"), json("own: per-second probe"));
  QVERIFY(own.at("predictions") != probe.at("predictions"));
}

void TestEvalReport::errorsAreProfiled() {
  const json report = evaluated({.run_folder = run_, .data = data_, .threads = 1});
  const json& profile = report.at("error_profile");
  QCOMPARE(profile.at("of"), json("localization"));
  QCOMPARE(profile.at("threshold"), json(0.5));
  double shares = 0.0;
  int64_t count = 0;
  for (const char* kind : {"true_positive", "double", "wrong_label", "localization", "confusion", "background"}) {
    shares += profile.at(kind).at("share").get<double>();
    count += profile.at(kind).at("count").get<int64_t>();
    if (std::string(kind) != "true_positive") QVERIFY2(profile.at(kind).at("gain").get<double>() >= -1e-12, kind);
  }
  QVERIFY(std::abs(shares - 1.0) < 1e-9);
  QCOMPARE(json(count), profile.at("predictions"));
  VERIFY_SHARE(profile, "/normalized_average_map");
  for (const auto& [by, bins] : {std::pair("coverage", size_t{5}), std::pair("length", size_t{5}), std::pair("instances", size_t{4})}) {
    const json& list = profile.at("recall").at(by);
    QCOMPARE(list.size(), bins);
    int64_t instances = 0;
    for (const json& bin : list) {
      instances += bin.at("instances").get<int64_t>();
      QCOMPARE(bin.contains("recall"), bin.at("instances").get<int64_t>() > 0);
    }
    QCOMPARE(json(instances), pick(report, "/localization/ground_truth"));
  }
}

void TestEvalReport::controlsAreLeftOutOnRequest() {
  const json whole = evaluated({.run_folder = run_, .data = data_, .threads = 1});
  json part = evaluated({.run_folder = run_, .data = data_, .threads = 1, .write_report = false, .controls = false});
  QVERIFY(!part.contains("controls"));
  QCOMPARE(pick(part, "/absent/controls"), json("left out on request"));
  part.at("absent").erase("controls");
  for (const auto& [key, value] : whole.items()) {
    if (key != "controls" && key != "seconds") QVERIFY2(part.at(key) == value, key.c_str());
  }
  // A run that never fitted them says so, and has all the rest.
  QTemporaryDir own;
  const std::string run = own.filePath("run").toStdString();
  hvlm::TrainSpec spec = trainSpec(tinyConfig(), data_, run);
  spec.controls = false;
  QCOMPARE(runJob(spec), std::string());
  const auto baselines = hvlm::loadBaselines(run);
  QVERIFY(baselines && baselines->run_step && baselines->raw_video && !baselines->raw_step && !baselines->random_video);
  const json report = evaluated({.run_folder = run, .data = data_, .threads = 1});
  QVERIFY(QString::fromStdString(report.at("absent").at("controls").get<std::string>()).startsWith("left out on request"));
  QCOMPARE(report.at("absent").size(), size_t{5});
  for (const char* key : {"classification", "localization", "localization_probe", "temporal_consistency"}) QVERIFY2(report.at(key) == whole.at(key), key);
}

// Where the classes of the detections come from: the config decides, evaluation and predictions agree.
void TestEvalReport::labelSources_data() {
  QTest::addColumn<QString>("source");
  QTest::addColumn<QString>("expected");
  QTest::newRow("own") << "own" << "own: head and video classifier";
  QTest::newRow("external") << "external" << "external: raw features + linear";
  QTest::newRow("oracle") << "oracle" << "oracle: true labels";
}

void TestEvalReport::labelSources() {
  QFETCH(QString, source);
  QFETCH(QString, expected);
  QTemporaryDir own;
  const std::string run = own.filePath("run").toStdString();
  hvlm::RunConfig config = tinyConfig();
  config.detect.labels = source.toStdString();
  hvlm::TrainSpec spec = trainSpec(config, data_, run);
  spec.controls = false;
  QCOMPARE(runJob(spec), std::string());
  const json report = evaluated({.run_folder = run, .data = data_, .threads = 1});
  QCOMPARE(pick(report, "/localization/labels"), json(expected.toStdString()));
  const std::string out = own.filePath("p.json").toStdString();
  QCOMPARE(runJob(hvlm::PredictSpec{.run_folder = run, .data = data_, .out = out, .threads = 1}), std::string());
  QVERIFY(bytesOf(out) == bytesOf(run + "/predictions/validation.json"));

  const auto data = hvlm::openDataset(data_);
  const auto videos = hvlm::usableVideos(*data, "validation");
  const json results = json::parse(bytesOf(out)).at("results");
  const auto truth = hvlm::labelSetsOf(data->catalogue, videos);
  int64_t other = 0, all = 0;
  for (size_t i = 0; i < videos.size(); ++i) {
    for (const json& d : results.at(data->catalogue.videos[static_cast<size_t>(videos[i])].id)) {
      const auto& classes = data->catalogue.classes;
      const auto label = static_cast<int64_t>(std::find(classes.begin(), classes.end(), d.at("label").get<std::string>()) - classes.begin());
      other += std::find(truth[i].begin(), truth[i].end(), label) == truth[i].end();
      ++all;
    }
  }
  QVERIFY(all > 0);
  QCOMPARE(other == 0, source == "oracle");  // the truth lets no other class stand
  if (source == "oracle") return;

  // The classes' scores in the segments are those of the named source: three runs of one seed differ by it alone.
  const hvlm::LoadedModel loaded = hvlm::loadModel(run, "best");
  const auto baselines = hvlm::loadBaselines(run);
  const at::Tensor given = hvlm::detectionLabelScores({*loaded.model, *data->store, data->catalogue, data->spec.features, videos, baselines});
  QCOMPARE(given.defined(), source == "external");
  if (!given.defined()) return;
  const auto raw = hvlm::rawSet(*data->store, data->catalogue, videos, false);
  QVERIFY(at::equal(given, baselines->raw_video->probabilities(raw.video_vectors)));
}

void TestEvalReport::externalLabelsNeedTheirProbe() {
  QTemporaryDir own;
  const std::string run = own.filePath("run").toStdString();
  hvlm::RunConfig config = tinyConfig();
  config.detect.labels = "external";
  hvlm::JobControl control;
  Recorder recorder;
  recorder.on_step = [&](const hvlm::StepEvent& step) {
    if (step.step == 2) control.requestStop();
  };
  QCOMPARE(runJob(trainSpec(config, data_, run), control, recorder), std::string());
  const std::string message = runJob(hvlm::EvaluateSpec{.run_folder = run, .data = data_, .threads = 1});
  QVERIFY2(QString::fromStdString(message).contains("detect.labels"), message.c_str());
}

// Raw features as a run: nothing to train, the same probes, no untrained encoder beside it.
void TestEvalReport::rawFeaturesAreARun() {
  QTemporaryDir own;
  const std::string run = own.filePath("run").toStdString();
  hvlm::RunConfig config;
  config.encoder.kind = "raw";
  config.pyramid.enabled = false;
  config.head.classify = config.head.detect = false;
  config.head.video_vector = "mean";
  config.loss.temporal = config.loss.regulariser = config.loss.classification = config.loss.focal = config.loss.diou = 0.0;
  config.train.epochs = 0;
  config.train.threads = 1;
  QCOMPARE(runJob(trainSpec(config, data_, run)), std::string());
  const json report = evaluated({.run_folder = run, .data = data_, .threads = 1});
  const json& row = report.at("controls").at("raw features + linear");
  QCOMPARE(report.at("controls").size(), size_t{8});
  QVERIFY(!report.at("controls").contains("random encoder + linear"));
  QCOMPARE(report.at("encoder"), json("raw"));
  QCOMPARE(report.at("parameters_trainable"), json(0));
  for (const char* key : {"localization", "classification.fine_tuned"}) QVERIFY2(report.at("absent").contains(key), key);
  // It is its own control row.
  QVERIFY(report.at("temporal_consistency") == row.at("temporal_consistency") && pick(report, "/consistency/raw") == row.at("temporal_consistency"));
  QVERIFY(report.at("collapse") == row.at("collapse"));
  QVERIFY(pick(report, "/classification/probe") == pick(row, "/classification/top1") && pick(report, "/classification/protocol") == json("linear probe"));
  QVERIFY(report.at("localization_probe") == pick(report, "/controls/per-second linear runs/localization"));
  QCOMPARE(pick(report, "/error_profile/of"), json("localization_probe"));
  // And the same without the control rows.
  const json part = evaluated({.run_folder = run, .data = data_, .threads = 1, .write_report = false, .controls = false});
  for (const char* key : {"consistency", "collapse", "classification", "localization_probe", "error_profile"}) QVERIFY2(part.at(key) == report.at(key), key);
}

void TestEvalReport::textIsTagged() {
  QTemporaryDir own;
  const std::string run = own.filePath("run").toStdString();
  hvlm::RunConfig config = tinyConfig();
  config.loss.text = 0.5;
  config.text.source = "labels";
  config.text.buckets = 64;
  config.text.dim = 8;
  config.train.epochs = 1;
  QCOMPARE(runJob(trainSpec(config, data_, run)), std::string());
  const json report = evaluated({.run_folder = run, .data = data_, .threads = 1, .controls = false});
  QCOMPARE(report.at("text"), json("hashed"));
  QCOMPARE(report.at("label_text"), json(true));
  const json& found = report.at("retrieval");
  for (const char* which : {"text_to_video", "video_to_text", "text_to_moment"}) {
    for (const char* key : {"/r1", "/r5", "/r10", "/chance_r1"}) VERIFY_SHARE(found.at(which), key);
    QVERIFY(found.at(which).at("median_rank").get<double>() >= 1.0);
  }
  QVERIFY(found.at("grounding").at("0.5").at("r1").get<double>() <= found.at("grounding").at("0.5").at("r5").get<double>());
  VERIFY_SHARE(report, "/classification/zero_shot");
}

void TestEvalReport::everyControlRowIsThere() {
  const json report = evaluated({.run_folder = run_, .data = data_, .threads = 1});
  const json& controls = report.at("controls");
  QCOMPARE(controls.size(), size_t{9});
  for (const char* row : {"majority", "raw features + linear", "random encoder + linear"}) {
    for (const char* key : kClassification) VERIFY_SHARE(controls.at(row).at("classification"), key);
  }
  for (const char* row : {"raw features + linear", "random encoder + linear"}) {
    QVERIFY2(pick(controls.at(row), "/temporal_consistency").is_number() && pick(controls.at(row), "/verdict").is_string(), row);
    QVERIFY2(pick(controls.at(row), "/feature_quality/separation").is_number(), row);
  }
  for (const char* row : {"whole video", "constant segment", "oracle label + whole video", "oracle label + class-median segment", "per-second linear runs"}) {
    const json& localization = controls.at(row).at("localization");
    for (const char* key : kLocalization) VERIFY_SHARE(localization, key);
    for (const char* key : kReadings) VERIFY_SHARE(localization.at("readings"), key);
    QVERIFY2(isInterval(pick(localization, "/average_map_interval"), pick(localization, "/average_map")), row);
  }
  const json& mask = controls.at("always action").at("localization");
  VERIFY_SHARE(mask, "/frame_mask_at_50");
  VERIFY_SHARE(mask, "/frame_mask_iou");
  QCOMPARE(mask.at("readings"), (json{{"frame_mask_at_50", mask.at("frame_mask_at_50")}}));  // a mask has neither labels nor segments
  const json& oracle = controls.at("oracle label + whole video").at("localization");
  QCOMPARE(oracle.at("labels"), json("oracle: true labels"));
  // The whole video for each label: what a mask of the whole video covers, and no worse than guessed labels.
  QCOMPARE(oracle.at("frame_mask_iou"), mask.at("frame_mask_iou"));
  QVERIFY(pick(oracle, "/average_map").get<double>() >= pick(controls, "/whole video/localization/average_map").get<double>());
  VERIFY_SHARE(controls.at("per-second linear runs"), "/frame_accuracy");
  for (const auto& [name, row] : controls.items()) QCOMPARE(row.at("videos"), report.at("videos"));
  QCOMPARE(pick(report, "/consistency/raw"), pick(controls.at("raw features + linear"), "/temporal_consistency"));
}

void TestEvalReport::predictionsAreScoredAsReported() {
  const json report = evaluated({.run_folder = run_, .data = data_, .threads = 1});
  const json scored = hvlm::scoreDetectionFiles(path("data") + "/annotations.json", run_ + "/predictions/validation.json", "validation");
  // Times are repaired and sorted in one, as written in the other; these annotations have no defects.
  QVERIFY(std::abs(scored.at("average_map").get<double>() - pick(report, "/localization/average_map").get<double>()) < 1e-12);
  QCOMPARE(scored.at("ground_truth"), pick(report, "/localization/ground_truth"));
  QCOMPARE(scored.at("predictions"), pick(report, "/localization/predictions"));
}

// The same features under two permutations of the validation labels: figures move, but probes and predictions stay byte for byte.
void TestEvalReport::labelsOfTheSubsetFitNothing() {
  const std::string probes = bytesOf(run_ + "/probes.safetensors");
  std::string predictions;
  std::vector<json> reports;
  for (const int shift : {0, 1, 2}) {
    const fs::path other = path("permuted") + std::to_string(shift);
    fs::copy(path("data"), other, fs::copy_options::recursive);
    json annotations = json::parse(bytesOf(other / "annotations.json"));
    std::vector<std::string> labels;
    for (const auto& [id, video] : annotations.at("database").items()) {
      for (const json& a : video.at("annotations")) labels.push_back(a.at("label").get<std::string>());
    }
    std::sort(labels.begin(), labels.end());
    labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
    for (auto& [id, video] : annotations.at("database").items()) {
      if (video.at("subset") != "validation") continue;
      for (json& a : video.at("annotations")) {
        const auto place = static_cast<size_t>(std::find(labels.begin(), labels.end(), a.at("label").get<std::string>()) - labels.begin());
        a.at("label") = labels[(place + static_cast<size_t>(shift)) % labels.size()];
      }
    }
    hvlm::writeFileAtomic(other / "annotations.json", annotations.dump());
    reports.push_back(evaluated({.run_folder = run_, .data = (other / "dataset.yaml").string(), .threads = 1}));
    QVERIFY(bytesOf(run_ + "/probes.safetensors") == probes);
    const std::string now = bytesOf(run_ + "/predictions/validation.json");
    if (shift == 0) predictions = now;
    QVERIFY(now == predictions);
  }
  double sum = 0.0;  // each one-label video is right under at most one permutation
  for (const json& report : reports) {
    QCOMPARE(report.at("temporal_consistency"), reports[0].at("temporal_consistency"));
    QCOMPARE(pick(report, "/controls/constant segment/segment"), pick(reports[0], "/controls/constant segment/segment"));
    sum += pick(report, "/classification/top1_main").get<double>();
  }
  QVERIFY(std::abs(sum - 1.0) < 1e-12);
}

void TestEvalReport::aVideoIsScoredAlone() {
  const hvlm::LoadedModel loaded = hvlm::loadModel(run_, "best");
  const auto data = hvlm::openDataset(data_);
  const auto videos = hvlm::usableVideos(*data, "validation");
  const auto embed = [&](const std::vector<int64_t>& some) {
    return hvlm::embedVideos(*loaded.model, *data->store, data->catalogue, data->spec.features, some);
  };
  const hvlm::EmbeddedSet all = embed(videos);
  for (size_t i = 0; i < videos.size(); ++i) {
    const hvlm::EmbeddedSet one = embed({videos[i]});
    const auto place = static_cast<int64_t>(i);
    QVERIFY(at::allclose(one.steps, all.steps.slice(0, all.offsets[i], all.offsets[i + 1]), 1e-4, 1e-5));
    QVERIFY(at::allclose(one.video_vectors[0], all.video_vectors[place], 1e-4, 1e-5));
    QVERIFY(at::allclose(one.video_scores[0], all.video_scores[place], 1e-4, 1e-6));
    QCOMPARE(one.detections[0].size(), all.detections[i].size());
    for (size_t k = 0; k < one.detections[0].size(); ++k) {
      QVERIFY(std::abs(one.detections[0][k].score - all.detections[i][k].score) < 1e-5);
      if (k > 0) QVERIFY(one.detections[0][k].score <= one.detections[0][k - 1].score);
    }
    // The raw control as well.
    const hvlm::EmbeddedSet raw = hvlm::rawSet(*data->store, data->catalogue, {videos[i]});
    QVERIFY(at::allclose(raw.video_vectors[0], raw.steps.mean(0), 1e-5, 1e-6));
  }
}

void TestEvalReport::votingMovesEndsOnly() {
  hvlm::LoadedModel loaded = hvlm::loadModel(run_, "best");
  const auto data = hvlm::openDataset(data_);
  const auto videos = hvlm::usableVideos(*data, "validation");
  const hvlm::FeatureMatrix matrix = data->store->read(data->catalogue.videos[static_cast<size_t>(videos[0])].id);
  const c10::InferenceMode no_grad;
  const hvlm::ModelOutput output = loaded.model->forward({at::tensor(matrix.values).view({matrix.rows, matrix.columns}), {0, matrix.rows}});
  hvlm::DetectOptions options = loaded.config.detect;
  const double duration = static_cast<double>(matrix.rows);
  const auto plain = hvlm::detectSegments(*loaded.model, output, data->spec.features, {duration}, options).front();
  options.vote = 0.6;
  const auto voted = hvlm::detectSegments(*loaded.model, output, data->spec.features, {duration}, options).front();
  QVERIFY(plain.size() > 5);
  QCOMPARE(voted.size(), plain.size());
  int moved = 0;
  for (size_t i = 0; i < plain.size(); ++i) {
    QCOMPARE(voted[i].label, plain[i].label);
    QCOMPARE(voted[i].score, plain[i].score);
    QVERIFY(voted[i].start_seconds >= 0.0 && voted[i].end_seconds <= duration && voted[i].start_seconds < voted[i].end_seconds);
    moved += voted[i].start_seconds != plain[i].start_seconds;
  }
  QVERIFY(moved > 0);
}

void TestEvalReport::whatARunCannotHaveHasAReason_data() {
  QTest::addColumn<bool>("classify");
  QTest::addColumn<bool>("detect");
  QTest::newRow("no detection head") << true << false;
  QTest::newRow("no classifier: the stored probe classifies") << false << true;
  QTest::newRow("no head at all") << false << false;
}

void TestEvalReport::whatARunCannotHaveHasAReason() {
  QFETCH(bool, classify);
  QFETCH(bool, detect);
  hvlm::RunConfig config = tinyConfig();
  config.head.classify = classify;
  config.head.detect = detect;
  if (!classify) config.detect.video_fusion = 0.0;
  config.train.epochs = 1;
  QTemporaryDir own;
  const std::string run = own.filePath("run").toStdString();
  QCOMPARE(runJob(trainSpec(config, data_, run)), std::string());
  const json report = evaluated({.run_folder = run, .data = data_, .threads = 1});
  QCOMPARE(report.contains("localization"), detect);
  QCOMPARE(pick(report, "/absent/localization").is_string(), !detect);
  QCOMPARE(pick(report, "/classification/protocol"), json(classify ? "fine-tuned head" : "linear probe"));
  VERIFY_SHARE(report, "/classification/probe");
  if (!classify) QCOMPARE(pick(report, "/classification/top1"), pick(report, "/classification/probe"));
  QCOMPARE(pick(report, "/absent/classification.fine_tuned").is_string(), !classify);
  VERIFY_SHARE(report, "/localization_probe/average_map");
  QCOMPARE(pick(report, "/error_profile/of"), json(detect ? "localization" : "localization_probe"));
  QCOMPARE(report.at("controls").size(), size_t{9});
  const std::string refused = runJob(hvlm::PredictSpec{.run_folder = run, .data = data_, .out = own.filePath("p.json").toStdString(), .threads = 1});
  QCOMPARE(refused.empty(), detect);
  QCOMPARE(fs::exists(own.filePath("p.json").toStdString()), detect);
}

// Results and reports that were made with int8 weights say so; only a format that there is is taken.
void TestEvalReport::int8WeightsAreSaid() {
  QTemporaryDir own;
  const std::string out = own.filePath("p.json").toStdString();
  const std::string message = runJob(hvlm::PredictSpec{.run_folder = run_, .data = data_, .out = out, .threads = 1, .weights = "int4"});
  QVERIFY2(message.find("float32 or int8") != std::string::npos && message.find("int4") != std::string::npos, message.c_str());
  QVERIFY(!fs::exists(out));
  if (!hvlm::Int8Weights::supported()) QSKIP("this processor has no int8 products");
  QCOMPARE(runJob(hvlm::PredictSpec{.run_folder = run_, .data = data_, .out = out, .threads = 1, .weights = "int8"}), std::string());
  const json report = evaluated({.run_folder = run_, .data = data_, .threads = 1, .write_report = false, .controls = false, .weights = "int8"});
  QCOMPARE(pick(report, "/weights"), json("int8"));
  const json plain = evaluated({.run_folder = run_, .data = data_, .threads = 1, .write_report = false, .controls = false});
  QVERIFY(!plain.contains("weights"));
  const double rounded = pick(report, "/temporal_consistency").get<double>(), exact = pick(plain, "/temporal_consistency").get<double>();
  QVERIFY2(std::abs(rounded - exact) < 0.01, qPrintable(QString("%1 against %2").arg(rounded).arg(exact)));
}

void TestEvalReport::aStoppedRunHasNoProbes() {
  QTemporaryDir own;
  const std::string run = own.filePath("run").toStdString();
  hvlm::JobControl control;
  Recorder recorder;
  recorder.on_step = [&](const hvlm::StepEvent& step) {
    if (step.step == 2) control.requestStop();
  };
  QCOMPARE(runJob(trainSpec(tinyConfig(), data_, run), control, recorder), std::string());
  const json report = evaluated({.run_folder = run, .data = data_, .threads = 1});
  for (const char* key : {"controls", "frame_accuracy", "classification.probe", "classification.knn", "localization_probe"}) {
    QVERIFY2(report.at("absent").contains(key) && QString::fromStdString(report.at("absent").at(key).get<std::string>()).contains("training has not ended"), key);
  }
  VERIFY_SHARE(report, "/classification/top1");
  QVERIFY(pick(report, "/consistency/raw").is_number());  // needs no fit
  QVERIFY(!report.contains("controls") && !report.contains("frame_accuracy"));
}

void TestEvalReport::aSubsetWithoutAnnotations() {
  MadeSet set = classSet(2, 5, 3);
  for (MadeVideo& video : set.videos) {
    if (video.subset == "validation") video.segments.clear();
  }
  QTemporaryDir own;
  const std::string data = writeSet(own.filePath("data").toStdString(), set);
  const std::string run = own.filePath("run").toStdString();
  QCOMPARE(runJob(trainSpec(tinyConfig(), data, run)), std::string());
  const json report = evaluated({.run_folder = run, .data = data, .threads = 1});
  for (const char* key : {"classification", "localization", "localization_probe", "error_profile", "feature_quality", "frame_accuracy", "controls"}) {
    QVERIFY2(!report.contains(key) && report.at("absent").contains(key), key);
  }
  QVERIFY(report.at("absent").contains("consistency.boundary_auc"));
  QVERIFY(pick(report, "/temporal_consistency").is_number() && pick(report, "/consistency/raw").is_number());
  QVERIFY(fs::exists(run + "/predictions/validation.json"));
}

void TestEvalReport::videosOfOneStep() {
  MadeSet set = classSet(2, 6, 4);
  for (MadeVideo& video : set.videos) {
    if (video.subset == "validation") {
      const std::string label = video.segments[0].label;
      video.values.resize(static_cast<size_t>(set.columns));
      video.segments = {{0.0, 1.0, label}};
    } else if (video.id.ends_with("0")) {
      video.values.resize(static_cast<size_t>(set.columns));  // one of them in training as well
      video.segments[0] = {0.0, 1.0, video.segments[0].label};
    }
  }
  QTemporaryDir own;
  const std::string data = writeSet(own.filePath("data").toStdString(), set);
  const std::string run = own.filePath("run").toStdString();
  QCOMPARE(runJob(trainSpec(tinyConfig(), data, run)), std::string());
  const json report = evaluated({.run_folder = run, .data = data, .threads = 1});
  for (const char* key : {"temporal_consistency", "consistency", "collapse", "verdict"}) {
    QVERIFY2(!report.contains(key) && report.at("absent").contains(key), key);
  }
  VERIFY_SHARE(report, "/classification/top1");
  VERIFY_SHARE(report, "/localization/average_map");
  QCOMPARE(report.at("controls").size(), size_t{9});
}

void TestEvalReport::aSingleClass() {
  QTemporaryDir own;
  const std::string data = writeSet(own.filePath("data").toStdString(), classSet(1, 6, 3));
  const std::string run = own.filePath("run").toStdString();
  QCOMPARE(runJob(trainSpec(tinyConfig(), data, run)), std::string());
  const json report = evaluated({.run_folder = run, .data = data, .threads = 1});
  QCOMPARE(pick(report, "/classification/top1"), json(1.0));
  QCOMPARE(pick(report, "/classification/knn"), json(1.0));
  QCOMPARE(report.at("controls").size(), size_t{9});
  VERIFY_SHARE(report, "/frame_accuracy");
}

// A data set that knows only the last two of the run's three classes: its labels are renumbered for the run, not in the data set
// that other jobs share.
void TestEvalReport::fewerClassesAreRenumbered() {
  QTemporaryDir own;
  const MadeSet set = classSet(3, 6, 4);
  const std::string data = writeSet(own.filePath("data").toStdString(), set);
  const std::string run = own.filePath("run").toStdString();
  QCOMPARE(runJob(trainSpec(tinyConfig(), data, run)), std::string());
  MadeSet fewer = set;
  std::erase_if(fewer.videos, [](const MadeVideo& video) { return video.segments[0].label == "class 0"; });
  const std::string other = writeSet(own.filePath("fewer").toStdString(), fewer);
  const json whole = evaluated({.run_folder = run, .data = data, .threads = 1});
  const json part = evaluated({.run_folder = run, .data = other, .threads = 1});
  const json again = evaluated({.run_folder = run, .data = other, .threads = 1});
  QCOMPARE(pick(part, "/videos"), json(8));
  QCOMPARE(pick(again, "/classification"), pick(part, "/classification"));
  // 12 videos in all, 4 of class 0: what is right among 8 is right among 12.
  const double right = pick(whole, "/classification/top1").get<double>() * 12.0;
  const double of_part = pick(part, "/classification/top1").get<double>() * 8.0;
  QVERIFY2(of_part <= right + 1e-9 && of_part >= right - 4.0 - 1e-9, qPrintable(QStringLiteral("%1 of 12, %2 of 8").arg(right).arg(of_part)));
  const auto opened = hvlm::openDataset(other);
  QCOMPARE(opened->catalogue.classes, (std::vector<std::string>{"class 1", "class 2"}));
  for (const hvlm::Video& video : opened->catalogue.videos) QVERIFY(video.segments[0].label < 2);
  // And a run of its own can be trained on it afterwards.
  hvlm::RunConfig config = tinyConfig();
  config.train.epochs = 1;
  QCOMPARE(runJob(trainSpec(config, other, own.filePath("second").toStdString())), std::string());
  QCOMPARE(hvlm::loadModel(own.filePath("second").toStdString(), "last").state.classes.size(), size_t{2});
}

void TestEvalReport::mismatchesAreNamed_data() {
  QTest::addColumn<int>("kind");
  QTest::addColumn<QString>("expected");
  QTest::newRow("a class the run does not know") << 0 << "class 9";
  QTest::newRow("steps of another length") << 1 << "steps of 1.000 s";
  QTest::newRow("features of another width") << 2 << "8 columns";
  QTest::newRow("one video of another width") << 3 << "8 columns";
  QTest::newRow("an unknown subset") << 4 << "\"testing\"";
  QTest::newRow("a folder that is no run") << 5 << "a run folder";
  QTest::newRow("NaN in a video") << 6 << "row 3";
}

void TestEvalReport::mismatchesAreNamed() {
  QFETCH(int, kind);
  QFETCH(QString, expected);
  QTemporaryDir own;
  MadeSet set = classSet(2, 5, 3);
  std::string run = own.filePath("run").toStdString();
  hvlm::RunConfig config = tinyConfig();
  config.train.epochs = 1;
  QCOMPARE(runJob(trainSpec(config, writeSet(own.filePath("data").toStdString(), set), run)), std::string());
  if (kind == 0) set.videos[0].segments[0].label = "class 9";
  if (kind == 1) set.steps_per_second = 2.0;
  if (kind == 2) {
    set.columns = 4;
    for (MadeVideo& video : set.videos) video.values.resize(video.values.size() / 4 * 4);
  }
  if (kind == 6) set.videos[6].values[3 * 8 + 2] = std::nanf("");
  std::string data = writeSet(own.filePath("other").toStdString(), set);
  if (kind == 3) {
    MadeSet one{.columns = 7, .videos = {set.videos[5]}};
    one.videos[0].values.resize(70);
    writeSet(own.filePath("one").toStdString(), one);
    fs::copy_file(own.filePath("one/features/v_").toStdString() + one.videos[0].id + ".npy",
                  own.filePath("other/features/v_").toStdString() + one.videos[0].id + ".npy", fs::copy_options::overwrite_existing);
  }
  if (kind == 5) run = own.filePath("data").toStdString();
  const std::string subset = kind == 4 ? "testing" : "validation";
  const std::string message = runJob(hvlm::EvaluateSpec{.run_folder = run, .data = data, .subset = subset, .threads = 1});
  QVERIFY2(QString::fromStdString(message).contains(expected), message.c_str());
  QVERIFY(!fs::exists(run + "/report.json"));
}

void TestEvalReport::damagedProbesAreRefused() {
  const std::string file = run_ + "/probes.safetensors";
  const std::string whole = bytesOf(file);
  hvlm::writeFileAtomic(file, whole.substr(0, whole.size() / 2));
  const std::string message = runJob(hvlm::EvaluateSpec{.run_folder = run_, .data = data_, .threads = 1});
  hvlm::writeFileAtomic(file, whole);
  QVERIFY2(QString::fromStdString(message).contains("probes.safetensors"), message.c_str());
}

QTEST_GUILESS_MAIN(TestEvalReport)
#include "tst_eval_report.moc"
