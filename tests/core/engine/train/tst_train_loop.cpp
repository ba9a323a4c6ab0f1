// SPDX-License-Identifier: Apache-2.0
// Training through the engine's interface: it learns, says what it writes, obeys, and fails with a reason and nothing lost.
#include <ATen/ATen.h>

#include <QTemporaryDir>
#include <QtTest>
#include <cmath>
#include <limits>
#include <set>

#include "runs/attention_log.h"
#include "core/engine/tiny_run.h"
#include "engine/entry/session.h"
#include "engine/eval/evaluate.h"
#include "engine/objective/temporal.h"
#include "engine/train/trainer.h"
#include "runs/run_folder.h"

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

bool contains(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

}  // namespace

class TestTrainLoop : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init();
  void aTinySetIsLearntByHeart();
  void metricsAreWhatWasSaid();
  void theFolderTellsTheRun();
  void theBestIsKept();
  void patienceEndsTheTraining();
  void pauseHaltsAndGoesOn();
  void anotherProcessPausesAndStops();
  void stopKeepsACheckpoint();
  void stopBeforeTheFirstStep();
  void stopDuringTheHeldOutSlice();
  void inspectionIsServedWhilePaused();
  void inspectingAnotherRunChangesNothing();
  void badFeaturesAreNamed_data();
  void badFeaturesAreNamed();
  void explosionIsNamedAndTheLastCheckpointKept();
  void poisonedWeightsAreNamed_data();
  void poisonedWeightsAreNamed();
  void foldersAreGuarded();
  void aFailedResumeKeepsTheCurves();
  void nothingToLearnIsSaid();
  void aTrainedRunStaysDone();
  void temporalLossAloneMovesTheFirstLayer();
  void theHeldOutSliceIsFixed_data();
  void theHeldOutSliceIsFixed();
  void smallSets_data();
  void smallSets();

 private:
  std::string path(const char* name) const { return folder_->filePath(QString::fromLatin1(name)).toStdString(); }
  std::string made(int64_t classes = 2, int64_t per_class = 6, int64_t held = 1) { return writeSet(path("data"), classSet(classes, per_class, held)); }
  std::unique_ptr<QTemporaryDir> folder_;
};

void TestTrainLoop::init() { folder_ = std::make_unique<QTemporaryDir>(); }

void TestTrainLoop::aTinySetIsLearntByHeart() {
  const std::string data = made(3, 3, 1);
  hvlm::RunConfig config = tinyConfig();
  config.train.epochs = 60;
  config.train.lr = 5e-3;
  config.train.evaluate_epochs = 0;
  config.train.holdout = 0.0;
  config.loss.label_smoothing = 0.0;
  config.encoder.dropout = config.encoder.drop_path = config.head.dropout = 0.0;
  hvlm::JobControl control;
  Recorder recorder;
  QCOMPARE(runJob(trainSpec(config, data, path("run")), control, recorder), std::string());
  const auto steps = recorder.all<hvlm::StepEvent>();
  QCOMPARE(steps.size(), size_t{180});  // nine videos in batches of four
  for (const char* tag : {"loss/total", "loss/classification", "loss/focal", "loss/diou"}) {
    const double first = valueOf(steps.front().values, tag), last = valueOf(steps.back().values, tag);
    QVERIFY2(last < 0.35 * first, qPrintable(QStringLiteral("%1: %2 -> %3").arg(QLatin1String(tag)).arg(first).arg(last)));
  }
  const auto report = evaluated({.run_folder = path("run"), .data = data, .subset = "training", .checkpoint = "last", .threads = 1});
  QCOMPARE(report.at("classification").at("top1").get<double>(), 1.0);
  QVERIFY2(report.at("localization").at("map").at("0.50").get<double>() > 0.9, report.at("localization").at("map").dump().c_str());
}

void TestTrainLoop::metricsAreWhatWasSaid() {
  hvlm::JobControl control;
  Recorder recorder;
  QCOMPARE(runJob(trainSpec(tinyConfig(), made(), path("run")), control, recorder), std::string());
  std::map<int64_t, Points> said;
  for (const auto& step : recorder.all<hvlm::StepEvent>()) said[step.step] = step.values;
  std::map<int64_t, Points> said_of_holdout;
  for (const auto& event : recorder.all<hvlm::EvaluatedEvent>()) said_of_holdout[event.step] = event.values;
  QCOMPARE(said_of_holdout.size(), size_t{3});
  std::map<int64_t, Points> written, written_of_holdout;
  hvlm::MetricReader reader(path("run"));
  double wall = 0.0;
  for (const hvlm::MetricPoint& point : reader.poll()) {
    (point.tag.starts_with("holdout/") ? written_of_holdout : written)[point.step].emplace_back(point.tag, point.value);
    QVERIFY(std::isfinite(point.value));
    QVERIFY(point.wall_seconds >= wall);
    wall = point.wall_seconds;
  }
  QCOMPARE(reader.damagedLines(), int64_t{0});
  QVERIFY(written == said);
  QVERIFY(written_of_holdout == said_of_holdout);
  for (const char* tag : {"loss/temporal", "loss/regulariser", "loss/classification", "loss/focal", "loss/diou", "loss/total", "train/lr", "train/grad_norm",
                          "train/tc", "train/r_x", "train/mean_std", "train/effective_rank"}) {
    QVERIFY2(std::isfinite(valueOf(said.at(1), tag)), tag);
  }
  // The total is the weighted sum of its terms; each epoch's first step tells the gradient of every term.
  const hvlm::LossOptions w = tinyConfig().loss;
  for (const auto& [step, values] : said) {
    const double sum = w.temporal * valueOf(values, "loss/temporal") + w.regulariser * valueOf(values, "loss/regulariser") +
                       w.classification * valueOf(values, "loss/classification") + w.focal * valueOf(values, "loss/focal") + w.diou * valueOf(values, "loss/diou");
    QVERIFY(std::abs(sum - valueOf(values, "loss/total")) < 1e-5 * (1.0 + sum));
    QCOMPARE(std::isfinite(valueOf(values, "grad/temporal")), (step - 1) % 3 == 0);
  }
}

void TestTrainLoop::theFolderTellsTheRun() {
  const std::string data = made();
  hvlm::JobControl control;
  Recorder recorder;
  QCOMPARE(runJob(trainSpec(tinyConfig(), data, path("run")), control, recorder), std::string());
  const hvlm::RunRecord record = hvlm::readRunRecord(path("run"));
  QCOMPARE(record.state, std::string("done"));
  QCOMPARE(record.step, int64_t{9});
  QCOMPARE(record.epochs_done, int64_t{3});
  QCOMPARE(record.total_epochs, int64_t{3});
  QCOMPARE(record.threads, int64_t{1});
  QCOMPARE(record.config_hash, hvlm::configHash(tinyConfig()));
  QVERIFY(!record.dataset_hash.empty() && !record.split_hash.empty() && !record.libraries.empty());
  QCOMPARE(hvlm::configHash(hvlm::readRunConfig(path("run") + "/config.yaml")), record.config_hash);
  QVERIFY(fs::exists(path("run") + "/probes.safetensors"));
  QVERIFY(!hvlm::isLocked(path("run")));
  const auto started = recorder.all<hvlm::StartedEvent>();
  QCOMPARE(started.size(), size_t{1});
  QCOMPARE(started[0].from_step, int64_t{0});
  QCOMPARE(started[0].total_steps, int64_t{9});
  QCOMPARE(recorder.all<hvlm::EpochEvent>().size(), size_t{3});
  const auto finished = recorder.all<hvlm::FinishedEvent>();
  QCOMPARE(finished.size(), size_t{1});
  QVERIFY(!finished[0].stopped);
  QCOMPARE(nlohmann::json::parse(finished[0].result_json).at("step").get<int64_t>(), int64_t{9});
}

void TestTrainLoop::theBestIsKept() {
  hvlm::JobControl control;
  Recorder recorder;
  hvlm::RunConfig config = tinyConfig();
  config.train.epochs = 6;
  config.train.lr = 1e-2;
  QCOMPARE(runJob(trainSpec(config, made(3, 6), path("run")), control, recorder), std::string());
  double best = -1e300;
  int64_t best_step = -1;
  for (const auto& event : recorder.all<hvlm::EvaluatedEvent>()) {
    const double score = valueOf(event.values, "holdout/score");
    QCOMPARE(event.is_best, score > best);
    const double parts = 0.5 * (valueOf(event.values, "holdout/top1") + valueOf(event.values, "holdout/average_map"));
    QVERIFY(std::abs(parts - score) < 1e-12);
    if (score > best) {
      best = score;
      best_step = event.step;
    }
  }
  QCOMPARE(hvlm::checkpointLink(path("run"), "best"), hvlm::checkpointName(best_step));
  QCOMPARE(hvlm::checkpointLink(path("run"), "last"), hvlm::checkpointName(24));
  QCOMPARE(hvlm::loadModel(path("run"), "best").state.step, best_step);
}

// A score that cannot rise any more ends the training after `patience` evaluations, and a resume does not go on.
void TestTrainLoop::patienceEndsTheTraining() {
  hvlm::JobControl control;
  Recorder recorder;
  hvlm::RunConfig config = tinyConfig();
  config.train.epochs = 60;
  config.train.lr = 1e-2;
  config.train.evaluate_epochs = 1;
  config.train.patience = 2;
  QCOMPARE(runJob(trainSpec(config, made(3, 6), path("run")), control, recorder), std::string());
  const auto evaluations = recorder.all<hvlm::EvaluatedEvent>();
  QVERIFY2(evaluations.size() < 60, "the score of a tiny set is at its top long before");
  QVERIFY(!evaluations[evaluations.size() - 1].is_best && !evaluations[evaluations.size() - 2].is_best);
  QVERIFY(evaluations[evaluations.size() - 3].is_best);
  const hvlm::RunRecord record = hvlm::readRunRecord(path("run"));
  QCOMPARE(record.state, std::string("done"));
  // Looked at over its epochs.
  const auto seen = hvlm::readAttention(path("run"));
  QVERIFY(!seen.empty());
  QCOMPARE(seen.front().epoch, int64_t{0});
  QCOMPARE(seen.back().epoch, static_cast<int64_t>(evaluations.size()));
  config.train.select = "last";
  QVERIFY(runJob(trainSpec(config, made(3, 6), path("other")), control, recorder).find("train.patience") != std::string::npos);
}

void TestTrainLoop::pauseHaltsAndGoesOn() {
  hvlm::JobControl control;
  Recorder recorder;
  int64_t polls = 0, step_at_pause = -1;
  recorder.on_step = [&](const hvlm::StepEvent& step) {
    if (step.step == 3) control.requestPause(true);
  };
  // The trainer asks for work between steps, and again and again while it is paused.
  control.between_steps = [&](const std::string&, const hvlm::JobControl::InspectFn&) {
    if (!control.pauseRequested() || ++polls < 12) return;
    const auto steps = recorder.all<hvlm::StepEvent>();
    step_at_pause = steps.back().step;
    control.requestPause(false);
  };
  QCOMPARE(runJob(trainSpec(tinyConfig(), made(), path("run")), control, recorder), std::string());
  QCOMPARE(step_at_pause, int64_t{3});  // no step came while it was paused
  const auto states = recorder.all<hvlm::StateEvent>();
  QCOMPARE(states.size(), size_t{2});
  QCOMPARE(states[0].state, std::string("paused"));
  QCOMPARE(states[0].step, int64_t{3});
  QCOMPARE(states[1].state, std::string("running"));
  QCOMPARE(recorder.all<hvlm::StepEvent>().back().step, int64_t{9});
  QCOMPARE(hvlm::readRunRecord(path("run")).state, std::string("done"));
  // The same weights as without a pause.
  QCOMPARE(runJob(trainSpec(tinyConfig(), path("data") + "/dataset.yaml", path("plain"))), std::string());
  QVERIFY(hvlm::readFile(path("run") + "/checkpoints/last/weights.safetensors") == hvlm::readFile(path("plain") + "/checkpoints/last/weights.safetensors"));
}

void TestTrainLoop::anotherProcessPausesAndStops() {
  hvlm::JobControl control;
  Recorder recorder;
  int64_t polls = 0;
  recorder.on_step = [&](const hvlm::StepEvent& step) {
    if (step.step == 2) hvlm::writeControl(path("run"), hvlm::ControlRequest::kPause);
    if (step.step == 5) hvlm::writeControl(path("run"), hvlm::ControlRequest::kStop);
  };
  control.between_steps = [&](const std::string&, const hvlm::JobControl::InspectFn&) {
    const auto states = recorder.all<hvlm::StateEvent>();
    if (!states.empty() && states.back().state == "paused" && ++polls == 5) {
      if (hvlm::readRunRecord(path("run")).state == "paused") hvlm::writeControl(path("run"), hvlm::ControlRequest::kResume);
    }
  };
  QCOMPARE(runJob(trainSpec(tinyConfig(), made(), path("run")), control, recorder), std::string());
  QCOMPARE(recorder.all<hvlm::StepEvent>().back().step, int64_t{5});
  QVERIFY(recorder.all<hvlm::FinishedEvent>().at(0).stopped);
  QCOMPARE(hvlm::readRunRecord(path("run")).state, std::string("stopped"));
  // The old request does not stop the resumed run.
  QCOMPARE(runJob(trainSpec(tinyConfig(), path("data") + "/dataset.yaml", path("run"), true)), std::string());
  QCOMPARE(hvlm::readRunRecord(path("run")).state, std::string("done"));
}

void TestTrainLoop::stopKeepsACheckpoint() {
  hvlm::JobControl control;
  Recorder recorder;
  recorder.on_step = [&](const hvlm::StepEvent& step) {
    if (step.step == 5) control.requestStop();
  };
  QCOMPARE(runJob(trainSpec(tinyConfig(), made(), path("run")), control, recorder), std::string());
  QCOMPARE(recorder.all<hvlm::StepEvent>().back().step, int64_t{5});
  QCOMPARE(recorder.all<hvlm::CheckpointEvent>().back().step, int64_t{5});
  QCOMPARE(hvlm::checkpointLink(path("run"), "last"), hvlm::checkpointName(5));
  const auto finished = recorder.all<hvlm::FinishedEvent>();
  QVERIFY(finished.size() == 1 && finished[0].stopped);
  const hvlm::RunRecord record = hvlm::readRunRecord(path("run"));
  QCOMPARE(record.state, std::string("stopped"));
  QCOMPARE(record.step, int64_t{5});
  QVERIFY(!fs::exists(path("run") + "/probes.safetensors"));
  std::vector<std::string> warnings;
  QVERIFY(hvlm::loadCheckpoint(path("run"), "last", &warnings).has_value());
  QVERIFY(warnings.empty());
}

void TestTrainLoop::stopBeforeTheFirstStep() {
  hvlm::JobControl control;
  Recorder recorder;
  recorder.on_event = [&](const hvlm::JobEvent& event) {
    const auto* phase = std::get_if<hvlm::PhaseEvent>(&event);
    if (phase && phase->phase == "reading features") control.requestStop();
  };
  QCOMPARE(runJob(trainSpec(tinyConfig(), made(), path("run")), control, recorder), std::string());
  QVERIFY(recorder.all<hvlm::StepEvent>().empty());
  QVERIFY(recorder.all<hvlm::FinishedEvent>().at(0).stopped);
  QCOMPARE(hvlm::checkpointLink(path("run"), "last"), hvlm::checkpointName(0));
  const std::string data = path("data") + "/dataset.yaml";
  QCOMPARE(runJob(trainSpec(tinyConfig(), data, path("run"), true)), std::string());
  QCOMPARE(runJob(trainSpec(tinyConfig(), data, path("plain"))), std::string());
  for (const char* file : {"weights", "ema", "optimizer"}) {
    const std::string name = std::string("/checkpoints/last/") + file + ".safetensors";
    QVERIFY2(hvlm::readFile(path("run") + name) == hvlm::readFile(path("plain") + name), file);
  }
}

void TestTrainLoop::stopDuringTheHeldOutSlice() {
  const std::string data = made();
  hvlm::JobControl control;
  Recorder recorder;
  recorder.on_step = [&](const hvlm::StepEvent& step) {
    if (step.step == 6) control.requestStop();  // the last one of the second epoch
  };
  QCOMPARE(runJob(trainSpec(tinyConfig(), data, path("run")), control, recorder), std::string());
  QCOMPARE(recorder.all<hvlm::EvaluatedEvent>().size(), size_t{1});
  QCOMPARE(recorder.all<hvlm::EpochEvent>().size(), size_t{1});
  Recorder second;
  hvlm::JobControl free;
  QCOMPARE(runJob(trainSpec(tinyConfig(), data, path("run"), true), free, second), std::string());
  QCOMPARE(second.all<hvlm::StartedEvent>().at(0).from_step, int64_t{6});
  const auto slices = second.all<hvlm::EvaluatedEvent>();
  QCOMPARE(slices.size(), size_t{2});  // the one that was cut short is made up for
  QCOMPARE(slices[0].step, int64_t{6});
  QCOMPARE(second.all<hvlm::EpochEvent>().at(0).epoch, int64_t{2});
}

void TestTrainLoop::inspectionIsServedWhilePaused() {
  hvlm::JobControl control;
  Recorder recorder;
  hvlm::VideoInspection seen;
  recorder.on_step = [&](const hvlm::StepEvent& step) {
    if (step.step == 4) control.requestPause(true);
  };
  control.between_steps = [&](const std::string& run, const hvlm::JobControl::InspectFn& inspect) {
    if (!control.pauseRequested()) return;
    QCOMPARE(run, path("run"));
    seen = inspect("v_video0x1");
    control.requestPause(false);
  };
  QCOMPARE(runJob(trainSpec(tinyConfig(), made(), path("run")), control, recorder), std::string());
  QCOMPARE(seen.video, std::string("video0x1"));
  QCOMPARE(seen.step, int64_t{4});
  QVERIFY(seen.levels.size() > 3);
  QCOMPARE(seen.class_scores.size(), size_t{2});
  QCOMPARE(seen.attention.size(), seen.levels[0].first_step.size());
  QCOMPARE(seen.neighbour_similarity.size(), seen.attention.size() - 1);
  double sum = 0.0;
  for (const float share : seen.attention) sum += share;
  QVERIFY(std::abs(sum - 1.0) < 1e-4);
}

// The window looks at a finished run of another class order, with more threads, while a run trains on the same data set.
void TestTrainLoop::inspectingAnotherRunChangesNothing() {
  const std::string two = made(2);
  const std::string three = writeSet(path("three"), classSet(3, 6, 1));
  hvlm::RunConfig config = tinyConfig();
  config.train.epochs = 1;
  QCOMPARE(runJob(trainSpec(config, three, path("other"))), std::string());
  QCOMPARE(runJob(trainSpec(tinyConfig(), two, path("plain"))), std::string());
  hvlm::JobControl control;
  Recorder recorder;
  int looks = 0;
  control.between_steps = [&](const std::string&, const hvlm::JobControl::InspectFn&) {
    const auto seen = theEngine().inspect({.run_folder = path("other"), .data = two, .video = "video1x0", .threads = 2});
    QCOMPARE(seen.class_scores.size(), size_t{3});
    ++looks;
  };
  QCOMPARE(runJob(trainSpec(tinyConfig(), two, path("run")), control, recorder), std::string());
  QVERIFY(looks >= 9);
  QVERIFY(hvlm::readFile(path("run") + "/checkpoints/last/weights.safetensors") == hvlm::readFile(path("plain") + "/checkpoints/last/weights.safetensors"));
}

void TestTrainLoop::badFeaturesAreNamed_data() {
  QTest::addColumn<QString>("video");
  QTest::addColumn<bool>("infinite");
  QTest::newRow("NaN in a training video") << "video1x3" << false;
  QTest::newRow("infinity in a training video") << "video1x3" << true;
}

void TestTrainLoop::badFeaturesAreNamed() {
  QFETCH(QString, video);
  QFETCH(bool, infinite);
  MadeSet set = classSet(2, 6, 1);
  for (MadeVideo& v : set.videos) {
    if (v.id == video.toStdString()) v.values[static_cast<size_t>(7 * set.columns + 2)] = infinite ? std::numeric_limits<float>::infinity() : std::nanf("");
  }
  const std::string data = writeSet(path("data"), set);
  for (const double holdout : {0.0, 0.9}) {  // trained on, and held out: found before any step either way
    hvlm::RunConfig config = tinyConfig();
    config.train.holdout = holdout;
    hvlm::JobControl control;
    Recorder recorder;
    const std::string run = path(holdout > 0.0 ? "held" : "run");
    const std::string message = runJob(trainSpec(config, data, run), control, recorder);
    QVERIFY2(contains(message, video.toLatin1().constData()) && contains(message, "row 7"), message.c_str());
    QVERIFY(recorder.all<hvlm::StepEvent>().empty());
    const hvlm::RunRecord record = hvlm::readRunRecord(run);
    QCOMPARE(record.state, std::string("failed"));
    QCOMPARE(record.failure, message);
  }
}

void TestTrainLoop::explosionIsNamedAndTheLastCheckpointKept() {
  hvlm::RunConfig config = tinyConfig();
  config.train.epochs = 40;
  config.train.lr = 10.0;
  config.train.min_lr = 10.0;
  config.train.weight_decay = 0.3;  // doubles each weight at a step
  config.train.warmup_epochs = 0.0;
  config.train.clip = 0.0;
  config.train.checkpoint_steps = 2;
  config.train.evaluate_epochs = 0;
  hvlm::JobControl control;
  Recorder recorder;
  const std::string message = runJob(trainSpec(config, made(), path("run")), control, recorder);
  QVERIFY2(contains(message, "loss.") && contains(message, " at step ") && contains(message, "is kept"), message.c_str());
  const auto steps = recorder.all<hvlm::StepEvent>();
  QVERIFY2(steps.size() > 4, message.c_str());
  QVERIFY2(contains(message, ("at step " + std::to_string(steps.back().step)).c_str()), message.c_str());
  QVERIFY(recorder.all<hvlm::FinishedEvent>().empty());
  const hvlm::RunRecord record = hvlm::readRunRecord(path("run"));
  QCOMPARE(record.state, std::string("failed"));
  QCOMPARE(record.failure, message);
  std::vector<std::string> warnings;
  const auto kept = hvlm::loadCheckpoint(path("run"), "last", &warnings);
  QVERIFY(kept && warnings.empty());
  QCOMPARE(kept->step, steps.back().step / 2 * 2);
}

void TestTrainLoop::poisonedWeightsAreNamed_data() {
  QTest::addColumn<bool>("heads");
  QTest::newRow("with heads a loss term shows it") << true;
  QTest::newRow("without heads every term stays finite, the encoder's output shows it") << false;
}

// NaN in a weight of the last checkpoint: the resumed run fails at that step and says where.
void TestTrainLoop::poisonedWeightsAreNamed() {
  QFETCH(bool, heads);
  hvlm::RunConfig config = tinyConfig();
  config.head.classify = config.head.detect = heads;
  const std::string data = made();
  hvlm::JobControl control;
  Recorder recorder;
  recorder.on_step = [&](const hvlm::StepEvent& step) {
    if (step.step == 4) control.requestStop();
  };
  QCOMPARE(runJob(trainSpec(config, data, path("run")), control, recorder), std::string());
  auto content = hvlm::loadCheckpoint(path("run"), "last", nullptr).value();
  const float nan = std::nanf("");
  std::memcpy(content.files.at("weights").at("encoder.layers.0.linear2.bias").bytes.data(), &nan, sizeof nan);
  hvlm::saveCheckpoint(path("run"), content, false);
  const std::string message = runJob(trainSpec(config, data, path("run"), true));
  QVERIFY2(contains(message, "at step 4") && contains(message, heads ? "loss.classification" : "the encoder's output"), message.c_str());
  QCOMPARE(hvlm::readRunRecord(path("run")).state, std::string("failed"));
  QCOMPARE(hvlm::checkpointLink(path("run"), "last"), hvlm::checkpointName(4));
}

void TestTrainLoop::foldersAreGuarded() {
  const std::string data = made();
  hvlm::RunConfig config = tinyConfig();
  config.train.epochs = 1;
  QVERIFY(contains(runJob(trainSpec(config, data, path("nothing"), true)), "resume"));
  QCOMPARE(runJob(trainSpec(config, data, path("run"))), std::string());
  const std::string record = hvlm::readFile(path("run") + "/run.json");
  const std::string used = runJob(trainSpec(config, data, path("run")));
  QVERIFY2(contains(used, "--resume"), used.c_str());
  hvlm::RunConfig other = config;
  other.train.lr = 0.123;
  const std::string another = runJob(trainSpec(other, data, path("run"), true));
  QVERIFY2(contains(another, "train.lr") && contains(another, "0.123"), another.c_str());
  QVERIFY(hvlm::readFile(path("run") + "/run.json") == record);
  // What does not change the result may change: thread count and checkpoint cadence.
  other = config;
  other.train.threads = 2;
  other.train.checkpoint_steps = 7;
  QCOMPARE(runJob(trainSpec(other, data, path("run"), true)), std::string());
  const std::string elsewhere = writeSet(path("elsewhere"), classSet(2, 7, 1, 99));
  const std::string set = runJob(trainSpec(config, elsewhere, path("run"), true));
  QVERIFY2(contains(set, "data set"), set.c_str());
}

// A resume that fails before it knows its step (here: the weights do not fit) must not make readers drop what was measured.
void TestTrainLoop::aFailedResumeKeepsTheCurves() {
  const std::string data = made();
  hvlm::JobControl control;
  Recorder recorder;
  recorder.on_step = [&](const hvlm::StepEvent& step) {
    if (step.step == 4) control.requestStop();
  };
  QCOMPARE(runJob(trainSpec(tinyConfig(), data, path("run")), control, recorder), std::string());
  auto content = hvlm::loadCheckpoint(path("run"), "last", nullptr).value();
  auto damaged = content;
  damaged.files.at("weights").erase("encoder.layers.0.linear2.bias");
  hvlm::saveCheckpoint(path("run"), damaged, false);
  const std::string message = runJob(trainSpec(tinyConfig(), data, path("run"), true));
  QVERIFY2(contains(message, "encoder.layers.0.linear2.bias"), message.c_str());
  const auto curve = [&] {
    hvlm::MetricReader reader(path("run"));
    return hvlm::curvesOf(reader.poll(), hvlm::resumeSteps(hvlm::readRunRecord(path("run")))).at("loss/total").steps;
  };
  QCOMPARE(curve(), (std::vector<int64_t>{1, 2, 3, 4}));
  hvlm::saveCheckpoint(path("run"), content, false);
  QCOMPARE(runJob(trainSpec(tinyConfig(), data, path("run"), true)), std::string());
  QCOMPARE(curve(), (std::vector<int64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9}));
  QCOMPARE(hvlm::resumeSteps(hvlm::readRunRecord(path("run"))), std::vector<int64_t>{4});
}

void TestTrainLoop::nothingToLearnIsSaid() {
  MadeSet set = classSet(2, 5, 1);
  for (MadeVideo& video : set.videos) {
    if (video.subset == "training") video.segments.clear();
  }
  const std::string data = writeSet(path("data"), set);
  const std::string unlabelled = runJob(trainSpec(tinyConfig(), data, path("run")));
  QVERIFY2(contains(unlabelled, "annotated videos"), unlabelled.c_str());
  QVERIFY(!fs::exists(path("run") + "/run.json"));
  // Without the terms that need labels it trains; probes are absent and the report says why.
  hvlm::RunConfig config = tinyConfig();
  config.loss.classification = config.loss.focal = config.loss.diou = 0.0;
  QCOMPARE(runJob(trainSpec(config, data, path("self"))), std::string());
  const auto report = evaluated({.run_folder = path("self"), .data = data, .threads = 1});
  QVERIFY(contains(report.at("absent").at("frame_accuracy").get<std::string>(), "no annotations"));
  QVERIFY(contains(report.at("absent").at("controls").get<std::string>(), "no annotations"));
  config.loss.temporal = config.loss.regulariser = 0.0;
  const std::string none = runJob(trainSpec(config, data, path("none")));
  QVERIFY2(contains(none, "every loss term is off"), none.c_str());
  hvlm::RunConfig subset = tinyConfig();
  subset.train.training_subset = "train";
  const std::string unknown = runJob(trainSpec(subset, data, path("unknown")));
  QVERIFY2(contains(unknown, "\"train\"") && contains(unknown, "training"), unknown.c_str());
}

void TestTrainLoop::aTrainedRunStaysDone() {
  MadeSet set = classSet(2, 6, 2);
  const std::string data = writeSet(path("data"), set);
  for (const MadeVideo& video : set.videos) {
    if (video.subset == "validation") fs::remove(path("data") + "/features/v_" + video.id + ".npy");
  }
  hvlm::TrainSpec spec = trainSpec(tinyConfig(), data, path("run"));
  spec.evaluate_after = true;
  const std::string message = runJob(spec);
  QVERIFY2(contains(message, "none of them"), message.c_str());  // what was asked for failed and is said …
  QCOMPARE(hvlm::readRunRecord(path("run")).state, std::string("done"));  // … but the run is whole
  QVERIFY(fs::exists(path("run") + "/probes.safetensors"));
}

// A required test of method.md 2: the temporal loss acts on H, so it reaches the first layer of the encoder.
void TestTrainLoop::temporalLossAloneMovesTheFirstLayer() {
  const std::string data = made();
  hvlm::RunConfig config = tinyConfig();
  config.head.classify = config.head.detect = false;
  config.loss.temporal = 1.0;
  config.loss.regulariser = 0.0;
  config.train.weight_decay = 0.0;
  config.train.epochs = 4;
  hvlm::JobControl control;
  Recorder recorder;
  QCOMPARE(runJob(trainSpec(config, data, path("run")), control, recorder), std::string());
  for (const auto& step : recorder.all<hvlm::StepEvent>()) {
    QVERIFY(valueOf(step.values, "train/grad_norm") > 1e-6);
    QCOMPARE(valueOf(step.values, "loss/total"), valueOf(step.values, "loss/temporal"));
  }
  const hvlm::LoadedModel trained = hvlm::loadModel(path("run"), "last");
  hvlm::HierarchicalModel fresh(config, 8, 2, config.seed);
  for (const char* name : {"encoder.projection.weight", "encoder.stem.0.convolution.weight", "encoder.layers.0.linear1.weight"}) {
    const double moved = (*trained.model->parameters().find(name) - *fresh.parameters().find(name)).abs().max().item<double>();
    QVERIFY2(moved > 1e-4, name);
  }
  const at::Tensor x = at::arange(80, at::kFloat).sin().view({10, 8});
  hvlm::temporalObjective(hvlm::temporalLoss(fresh.forward({x, {0, 10}}).h, {0, 10}), "mean").backward();
  QVERIFY(fresh.parameters().find("encoder.projection.weight")->grad().norm().item<double>() > 1e-6);
}

void TestTrainLoop::theHeldOutSliceIsFixed_data() {
  QTest::addColumn<int>("videos");
  QTest::addColumn<double>("share");
  QTest::addColumn<int>("held");
  QTest::newRow("a tenth of twenty") << 20 << 0.1 << 2;
  QTest::newRow("a tenth of two is one") << 2 << 0.1 << 1;
  QTest::newRow("one video is trained on") << 1 << 0.1 << 0;
  QTest::newRow("and still when nearly all are asked for") << 1 << 0.9 << 0;
  QTest::newRow("no share, no slice") << 20 << 0.0 << 0;
  QTest::newRow("no videos at all") << 0 << 0.5 << 0;
}

void TestTrainLoop::theHeldOutSliceIsFixed() {
  QFETCH(int, videos);
  QFETCH(double, share);
  QFETCH(int, held);
  hvlm::Catalogue catalogue;
  std::vector<int64_t> all;
  for (int i = 0; i < videos; ++i) {
    catalogue.videos.push_back({.id = "id" + std::to_string(i)});
    all.push_back(i);
  }
  const auto [kept, out] = hvlm::splitHoldout(catalogue, all, share);
  QCOMPARE(static_cast<int>(out.size()), held);
  QCOMPARE(static_cast<int>(kept.size()), videos - held);
  std::set<int64_t> both(kept.begin(), kept.end());
  both.insert(out.begin(), out.end());
  QCOMPARE(static_cast<int>(both.size()), videos);
  std::reverse(all.begin(), all.end());
  QVERIFY(hvlm::splitHoldout(catalogue, all, share).second == out);
  if (videos < 2) return;
  catalogue.videos[1].held_out = true;  // the data set's own list goes before the hash, wherever a slice is wanted
  const auto by_list = hvlm::splitHoldout(catalogue, all, share);
  if (share > 0.0) QVERIFY(by_list.second == std::vector<int64_t>{1});
  QCOMPARE(by_list.first.size() + by_list.second.size(), all.size());
  if (share == 0.0) QVERIFY(by_list.second.empty());
}

void TestTrainLoop::smallSets_data() {
  QTest::addColumn<int>("per_class");
  QTest::addColumn<int>("batch");
  QTest::addColumn<double>("holdout");
  QTest::addColumn<int>("epochs");
  QTest::newRow("one video of each class, none held out") << 1 << 4 << 0.0 << 2;
  QTest::newRow("batches of one video") << 3 << 1 << 0.2 << 1;
  QTest::newRow("one batch holds everything") << 3 << 100 << 0.2 << 2;
  QTest::newRow("no epoch: the untrained model is stored and evaluated") << 3 << 4 << 0.2 << 0;
}

void TestTrainLoop::smallSets() {
  QFETCH(int, per_class);
  QFETCH(int, batch);
  QFETCH(double, holdout);
  QFETCH(int, epochs);
  hvlm::RunConfig config = tinyConfig();
  config.train.batch_size = batch;
  config.train.holdout = holdout;
  config.train.epochs = epochs;
  const std::string data = made(2, per_class, 1);
  QCOMPARE(runJob(trainSpec(config, data, path("run"))), std::string());
  const auto report = evaluated({.run_folder = path("run"), .data = data, .threads = 1});
  QVERIFY(report.at("classification").contains("probe"));
  QCOMPARE(report.at("controls").size(), size_t{9});
}

QTEST_GUILESS_MAIN(TestTrainLoop)
#include "tst_train_loop.moc"
