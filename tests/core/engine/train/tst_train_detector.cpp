// SPDX-License-Identifier: Apache-2.0
// Training with the detector's finer parts on a tiny set with hard cuts: it learns, resumes to the byte and finds the cuts.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include <QTemporaryDir>
#include <QtTest>
#include <cmath>

#include "core/engine/tiny_run.h"
#include "engine/entry/session.h"
#include "engine/eval/detect.h"
#include "engine/objective/edges.h"
#include "engine/train/detection_terms.h"
#include "runs/run_folder.h"
#include "score/detection.h"

using namespace hvlm::testing;
namespace fs = std::filesystem;

namespace {

using Points = std::vector<std::pair<std::string, double>>;

double valueOf(const Points& values, const std::string& tag) {
  for (const auto& [name, value] : values) {
    if (name == tag) return value;
  }
  return std::nan("");
}

// Videos of 30 to 50 seconds with two or three segments of 5 to 11 steps. Inside a segment its class's channel is high, from one
// step to the next; in the background two more channels change slowly.
MadeSet cutSet(int64_t training, int64_t held, int64_t classes = 3) {
  MadeSet set;
  set.columns = classes + 3;
  for (int64_t i = 0; i < training + held; ++i) {
    MadeVideo video;
    video.id = "video" + std::to_string(100 + i);
    video.subset = i < training ? "training" : "validation";
    const uint64_t own = hvlm::mixSeed(77, static_cast<uint64_t>(i));
    uint64_t drawn = 0;
    const auto below = [&](uint64_t n) { return static_cast<int64_t>(hvlm::mixSeed(own, ++drawn) % n); };
    const int64_t steps = 30 + below(21);
    std::vector<int64_t> label(static_cast<size_t>(steps), -1);
    for (int64_t at = 2 + below(5); at + 5 < steps && video.segments.size() < 3;) {
      const int64_t end = std::min(at + 5 + below(7), steps), c = (i + below(static_cast<uint64_t>(classes))) % classes;
      video.segments.push_back({static_cast<double>(at), static_cast<double>(end), "class " + std::to_string(c)});
      std::fill(label.begin() + at, label.begin() + end, c);
      at = end + 3 + below(6);
    }
    for (int64_t t = 0; t < steps; ++t) {
      for (int64_t k = 0; k < set.columns; ++k) {
        const double slow = k > classes ? std::sin(0.15 * static_cast<double>(t + 10 * k + i)) : 0.0;
        const double high = label[static_cast<size_t>(t)] == k ? 2.0 : 0.0;
        video.values.push_back(static_cast<float>(high + slow) + 0.3f * noiseAt(own, static_cast<uint64_t>(t * set.columns + k)));
      }
    }
    set.videos.push_back(std::move(video));
  }
  return set;
}

hvlm::RunConfig detectorConfig() {
  hvlm::RunConfig c = tinyConfig();
  c.head.edges = c.head.rescore = true;
  c.train.recompose = 0.5;
  c.train.stretch = 0.2;
  c.detect.calibrate = true;
  return c;
}

std::map<std::string, std::string> outcomeOf(const std::string& run) {
  std::map<std::string, std::string> outcome;
  for (const char* which : {"last", "best"}) {
    outcome[which] = hvlm::checkpointLink(run, which);
    for (const char* file : {"weights.safetensors", "ema.safetensors", "optimizer.safetensors", "state.json"}) {
      outcome[std::string(which) + "/" + file] = hvlm::readFile(fs::path(run) / "checkpoints" / which / file);
    }
  }
  outcome["probes"] = hvlm::readFile(fs::path(run) / "probes.safetensors");
  return outcome;
}

// Official score of the validation videos under other ways of detecting.
hvlm::DetectionScore scoreOf(const hvlm::LoadedModel& trained, const hvlm::Dataset& data, const hvlm::DetectOptions& options) {
  const at::NoGradGuard no_grad;
  std::vector<hvlm::ScoredSegment> truth, found;
  for (const int64_t v : data.catalogue.subset("validation")) {
    const hvlm::Video& video = data.catalogue.videos[static_cast<size_t>(v)];
    for (const hvlm::Segment& s : video.segments) truth.push_back({v, s.label, s.start_seconds, s.end_seconds, 0.0});
    hvlm::FeatureMatrix features = data.store->read(video.id);
    const at::Tensor x = at::from_blob(features.values.data(), {features.rows, features.columns}, at::kFloat).clone();
    const hvlm::ModelOutput out = trained.model->forward({x, {0, features.rows}, {}, {}});
    const auto detected = hvlm::detectSegments(*trained.model, out, data.spec.features, {video.duration_seconds}, options);
    for (const auto& s : detected.at(0)) {
      found.push_back({v, s.label, s.start_seconds, s.end_seconds, s.score});
    }
  }
  return hvlm::scoreDetections(truth, found, hvlm::defaultThresholds());
}

hvlm::Packed someVideos() {
  at::Generator generator = hvlm::makeGenerator(5);
  return {hvlm::normalInit({31, 6}, 1.0, generator, at::kFloat), {0, 18, 19, 31}, {}, {}};
}
const hvlm::BatchTargets kTargets{.label_sets = {{0, 1}, {}, {2}}, .segments = {{{1.5, 7.5, 0}, {9.5, 14.5, 1}}, {}, {{-0.5, 11.5, 2}}}};

}  // namespace

class TestTrainDetector : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init() { folder_ = std::make_unique<QTemporaryDir>(); }
  void termsAreOnlyWhatIsAskedFor();
  void termsAreDrawnFromTheStepsGenerator();
  void eachTermTeachesItsHead();
  void aTrainingShowsBothTerms();
  void aStoppedTrainingEndsTheSame_data();
  void aStoppedTrainingEndsTheSame();
  void theCurveOfScoresIsKept();
  void cutsAreFound();
  void distancesFromBinsTrainToo();
  void smallSetsTrain_data();
  void smallSetsTrain();

 private:
  std::string path(const char* name) const { return folder_->filePath(QString::fromLatin1(name)).toStdString(); }
  std::unique_ptr<QTemporaryDir> folder_;
};

void TestTrainDetector::termsAreOnlyWhatIsAskedFor() {
  const auto names = [](const hvlm::RunConfig& config) {
    hvlm::HierarchicalModel model(config, 6, 3, 1);
    const hvlm::Packed batch = someVideos();
    std::vector<std::string> found;
    for (const auto& term : hvlm::detectorTerms(model, model.forward(batch), kTargets, config.loss, {true, hvlm::makeGenerator(1)})) found.push_back(term.name);
    return found;
  };
  using Names = std::vector<std::string>;
  hvlm::RunConfig config = tinyConfig();
  QCOMPARE(names(config), Names{});
  config.head.edges = true;
  QCOMPARE(names(config), Names{"edges"});
  config.head.rescore = true;
  QCOMPARE(names(config), (Names{"edges", "rescore"}));
  config.loss.edges = 0.0;
  QCOMPARE(names(config), Names{"rescore"});
  config.loss.rescore = 0.0;
  QCOMPARE(names(config), Names{});
  config.loss.edges = config.loss.rescore = 1.0;
  config.head.edges = false;
  QCOMPARE(names(config), Names{"rescore"});
}

void TestTrainDetector::termsAreDrawnFromTheStepsGenerator() {
  hvlm::RunConfig config = detectorConfig();
  config.head.dropout = 0.0;
  config.loss.edges = 0.3;
  config.loss.rescore = 0.7;
  hvlm::HierarchicalModel model(config, 6, 3, 1);
  const hvlm::Packed batch = someVideos();
  const hvlm::ModelOutput out = model.forward(batch);
  const auto values = [&](uint64_t seed) {
    const auto terms = hvlm::detectorTerms(model, out, kTargets, config.loss, {true, hvlm::makeGenerator(seed)});
    return std::vector<double>{terms.at(0).value.item<double>(), terms.at(1).value.item<double>(), terms.at(0).weight, terms.at(1).weight};
  };
  const auto one = values(1), again = values(1), other = values(2);
  QVERIFY(one == again);
  QCOMPARE(one[0], other[0]);  // every border, nothing drawn
  QVERIFY(one[1] != other[1]);
  QVERIFY(std::isfinite(one[1]) && one[1] > 0.0);
  QCOMPARE(one[2], 0.3);
  QCOMPARE(one[3], 0.7);
  const at::Tensor wanted = hvlm::edgeLoss(out.edge_logits, hvlm::edgeTargets(kTargets.segments, batch.offsets, out.edge_logits.options()), 3);
  QCOMPARE(one[0], wanted.item<double>());
}

void TestTrainDetector::eachTermTeachesItsHead() {
  const hvlm::RunConfig config = detectorConfig();
  hvlm::HierarchicalModel model(config, 6, 3, 1);
  const hvlm::ForwardOptions forward{true, hvlm::makeGenerator(3)};
  const hvlm::Packed batch = someVideos();
  const hvlm::ModelOutput out = model.forward(batch, forward);
  const auto terms = hvlm::detectorTerms(model, out, kTargets, config.loss, forward);
  std::vector<at::Tensor> leaves = model.parameters().tensors();
  const auto names = model.parameters().names();
  for (const hvlm::LossTerm& term : terms) {
    const auto gradients = torch::autograd::grad({term.value}, leaves, {}, true, false, true);
    for (size_t i = 0; i < names.size(); ++i) {
      const bool moves = gradients[i].defined() && gradients[i].abs().sum().item<double>() > 0.0;
      if (names[i].starts_with("edges.") || names[i].starts_with("rescore.")) QCOMPARE(moves, names[i].starts_with(term.name + "."));
      if (names[i] == "encoder.projection.weight") QVERIFY(moves);
      if (names[i].starts_with("detect.")) QVERIFY2(!moves, names[i].c_str());  // proposals are read, not taught
    }
  }
}

void TestTrainDetector::aTrainingShowsBothTerms() {
  hvlm::RunConfig config = detectorConfig();
  config.train.weight_decay = 0.0;  // which would move every weight
  config.train.epochs = 4;
  const std::string data = writeSet(path("data"), cutSet(14, 2));
  hvlm::JobControl control;
  Recorder recorder;
  QCOMPARE(runJob(trainSpec(config, data, path("run")), control, recorder), std::string());
  const auto steps = recorder.all<hvlm::StepEvent>();
  QVERIFY(steps.size() >= 12);
  const hvlm::LossOptions w = config.loss;
  for (const auto& step : steps) {
    double sum = 0.0;
    for (const auto& [term, weight] : std::map<std::string, double>{{"temporal", w.temporal}, {"regulariser", w.regulariser}, {"classification", w.classification}, {"focal", w.focal},
                                                                   {"diou", w.diou}, {"edges", w.edges}, {"rescore", w.rescore}}) {
      const double value = valueOf(step.values, "loss/" + term);
      QVERIFY2(std::isfinite(value), term.c_str());
      sum += weight * value;
    }
    QVERIFY(std::abs(sum - valueOf(step.values, "loss/total")) < 1e-4 * (1.0 + sum));
  }
  for (const char* tag : {"grad/edges", "grad/rescore"}) QVERIFY2(valueOf(steps.front().values, tag) > 0.0, tag);
  const hvlm::LoadedModel trained = hvlm::loadModel(path("run"), "last");
  hvlm::HierarchicalModel fresh(config, 6, 3, config.seed);
  int own = 0;
  for (const hvlm::Parameter& p : fresh.parameters().all()) {
    if (!p.name.starts_with("edges.") && !p.name.starts_with("rescore.")) continue;
    ++own;
    QVERIFY2((*trained.model->parameters().find(p.name) - p.value).abs().max().item<double>() > 1e-5, p.name.c_str());
  }
  QCOMPARE(own, 12);
  // The same training without them says nothing of them.
  hvlm::RunConfig plain = tinyConfig();
  plain.train.epochs = 1;
  Recorder other;
  QCOMPARE(runJob(trainSpec(plain, data, path("plain")), control, other), std::string());
  for (const char* tag : {"loss/edges", "loss/rescore"}) QVERIFY(std::isnan(valueOf(other.all<hvlm::StepEvent>().front().values, tag)));
  for (const auto& event : other.all<hvlm::EvaluatedEvent>()) QVERIFY(std::isnan(valueOf(event.values, "holdout/calibration_slope")));
}

void TestTrainDetector::aStoppedTrainingEndsTheSame_data() {
  QTest::addColumn<QList<int>>("stops");
  QTest::newRow("in the middle of an epoch") << QList<int>{5};
  QTest::newRow("after the first step, at the end of an epoch and before the last step") << QList<int>{1, 6, 11};
}
void TestTrainDetector::aStoppedTrainingEndsTheSame() {
  QFETCH(QList<int>, stops);
  hvlm::RunConfig config = detectorConfig();
  config.train.epochs = 4;
  const std::string data = writeSet(path("data"), cutSet(14, 2));
  QCOMPARE(runJob(trainSpec(config, data, path("plain"))), std::string());
  QCOMPARE(hvlm::readRunRecord(path("plain")).step, int64_t{12});
  for (qsizetype i = 0; i <= stops.size(); ++i) {
    hvlm::JobControl control;
    Recorder recorder;
    const int64_t stop_at = i < stops.size() ? stops[i] : -1;
    recorder.on_step = [&](const hvlm::StepEvent& step) {
      if (step.step == stop_at) control.requestStop();
    };
    QCOMPARE(runJob(trainSpec(config, data, path("run"), i > 0), control, recorder), std::string());
  }
  QCOMPARE(hvlm::resumeSteps(hvlm::readRunRecord(path("run"))), std::vector<int64_t>(stops.begin(), stops.end()));
  const auto plain = outcomeOf(path("plain")), stopped = outcomeOf(path("run"));
  for (const auto& [name, bytes] : plain) QVERIFY2(stopped.at(name) == bytes, (name + " differs").c_str());
}

// The curve is the one that the held-out slice asked for when the checkpoint was written, and a report says so.
void TestTrainDetector::theCurveOfScoresIsKept() {
  hvlm::RunConfig config = detectorConfig();
  config.train.epochs = 10;
  config.train.lr = 5e-3;
  config.train.holdout = 0.3;
  config.train.evaluate_epochs = 5;
  const std::string data = writeSet(path("data"), cutSet(20, 4));
  hvlm::JobControl control;
  Recorder recorder;
  QCOMPARE(runJob(trainSpec(config, data, path("run")), control, recorder), std::string());
  for (const char* which : {"last", "best"}) {
    std::vector<std::string> warnings;
    const auto content = hvlm::loadCheckpoint(path("run"), which, &warnings);
    QVERIFY(content && content->files.at("weights").contains("buffers.score_calibration"));
    QCOMPARE(content->files.at("weights").at("buffers.score_calibration").shape, std::vector<int64_t>{2});
    const auto [slope, offset] = hvlm::loadModel(path("run"), which).model->scoreCalibration();
    bool said = false;
    for (const auto& event : recorder.all<hvlm::EvaluatedEvent>()) {
      QVERIFY(valueOf(event.values, "holdout/calibration_slope") > 0.0);
      QVERIFY(std::isfinite(valueOf(event.values, "holdout/calibration_error")) && std::isfinite(valueOf(event.values, "holdout/calibration_error_before")));
      if (event.step != content->step) continue;
      said = true;
      QCOMPARE(static_cast<float>(slope), static_cast<float>(valueOf(event.values, "holdout/calibration_slope")));
      QCOMPARE(static_cast<float>(offset), static_cast<float>(valueOf(event.values, "holdout/calibration_offset")));
    }
    QVERIFY2(said, which);
    QVERIFY(slope != 1.0 || offset != 0.0);
  }
  const auto report = evaluated({.run_folder = path("run"), .data = data, .threads = 1});
  QVERIFY(report.at("localization").at("calibrated").get<bool>());
  const double error = report.at("localization").at("calibration_error").get<double>();
  QVERIFY(error >= 0.0 && error <= 1.0);
}

// Trained once; what the start and end scores and the second look are worth shows when the same weights detect without them.
void TestTrainDetector::cutsAreFound() {
  hvlm::RunConfig config = detectorConfig();
  config.train.epochs = 15;
  config.train.lr = 5e-3;
  config.train.holdout = 0.1;
  config.train.evaluate_epochs = 0;
  config.train.select = "last";
  config.encoder.dropout = config.encoder.drop_path = config.encoder.step_mask = 0.0;
  const std::string file = writeSet(path("data"), cutSet(40, 20));
  QCOMPARE(runJob(trainSpec(config, file, path("run"))), std::string());
  const hvlm::LoadedModel trained = hvlm::loadModel(path("run"), "last");
  const auto data = hvlm::inClassesOf(trained.state, hvlm::openDataset(file), path("run"));
  hvlm::DetectOptions options = config.detect;
  const hvlm::DetectionScore with = scoreOf(trained, *data, options);
  options.edge_reach = 0.0;
  const hvlm::DetectionScore without = scoreOf(trained, *data, options);
  options.rescore_fusion = 0.0;
  const hvlm::DetectionScore neither = scoreOf(trained, *data, options);
  const QString figures = QStringLiteral("average mAP %1, without moved ends %2, without the second look either %3; at tIoU 0.95 %4, %5, %6")
                              .arg(with.average_map, 0, 'f', 3).arg(without.average_map, 0, 'f', 3).arg(neither.average_map, 0, 'f', 3)
                              .arg(with.map.back(), 0, 'f', 3).arg(without.map.back(), 0, 'f', 3).arg(neither.map.back(), 0, 'f', 3);
  qInfo("%s", qPrintable(figures));
  QVERIFY2(with.average_map > 0.9 && with.average_map > without.average_map + 0.1 && without.average_map > neither.average_map, qPrintable(figures));
  QVERIFY2(with.map.back() > without.map.back() + 0.4, qPrintable(figures));  // where an end must be right to a small part of a step
}

void TestTrainDetector::distancesFromBinsTrainToo() {
  hvlm::RunConfig config = detectorConfig();
  config.head.boundary = "trident";
  config.head.trident_bins = 6;
  config.train.epochs = 20;
  config.train.lr = 5e-3;
  config.train.evaluate_epochs = 0;
  config.train.recompose = config.train.stretch = 0.0;  // the same videos, so that the losses of steps compare
  const std::string data = writeSet(path("data"), cutSet(14, 4));
  hvlm::JobControl control;
  Recorder recorder;
  QCOMPARE(runJob(trainSpec(config, data, path("run")), control, recorder), std::string());
  const auto steps = recorder.all<hvlm::StepEvent>();
  for (const char* tag : {"loss/diou", "loss/edges"}) {  // the second look's grows with the number of proposals
    double first = 0.0, last = 0.0;
    for (size_t i = 0; i < 3; ++i) {
      first += valueOf(steps[i].values, tag);
      last += valueOf(steps[steps.size() - 1 - i].values, tag);
    }
    QVERIFY2(last < 0.7 * first, qPrintable(QStringLiteral("%1: %2 -> %3").arg(QLatin1String(tag)).arg(first).arg(last)));
  }
  const auto report = evaluated({.run_folder = path("run"), .data = data, .subset = "training", .checkpoint = "last", .threads = 1});
  QVERIFY(report.at("localization").at("average_map").get<double>() > 0.3);
}

void TestTrainDetector::smallSetsTrain_data() {
  QTest::addColumn<int>("videos");
  QTest::addColumn<int>("classes");
  QTest::addColumn<double>("holdout");
  QTest::newRow("one class") << 6 << 1 << 0.2;
  QTest::newRow("one video, none held out: the scores stay as they are") << 1 << 2 << 0.0;
}
void TestTrainDetector::smallSetsTrain() {
  QFETCH(int, videos);
  QFETCH(int, classes);
  QFETCH(double, holdout);
  hvlm::RunConfig config = detectorConfig();
  config.train.recompose = 1.0;
  config.train.epochs = 2;
  config.train.holdout = holdout;
  const std::string data = writeSet(path("data"), cutSet(videos, 1, classes));
  if (holdout == 0.0) {  // nothing to fit a curve on
    QVERIFY(runJob(trainSpec(config, data, path("run"))).find("detect.calibrate") != std::string::npos);
    config.detect.calibrate = false;
  }
  QCOMPARE(runJob(trainSpec(config, data, path("run"))), std::string());
  if (holdout == 0.0) QCOMPARE(hvlm::loadModel(path("run"), "last").model->scoreCalibration(), (std::pair<double, double>{1.0, 0.0}));
  QVERIFY(evaluated({.run_folder = path("run"), .data = data, .checkpoint = "last", .threads = 1}).contains("localization"));
}

QTEST_GUILESS_MAIN(TestTrainDetector)
#include "tst_train_detector.moc"
