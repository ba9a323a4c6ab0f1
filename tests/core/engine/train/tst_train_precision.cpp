// SPDX-License-Identifier: Apache-2.0
// Training with products in half formats and with activation checkpointing: near the float32 run, or equal to it.
#include <ATen/ATen.h>

#include <QTemporaryDir>
#include <QtTest>
#include <cmath>

#include "core/engine/tiny_run.h"
#include "engine/model/layers.h"
#include "engine/train/loss_scale.h"
#include "runs/checkpoint.h"

using namespace hvlm::testing;
namespace fs = std::filesystem;

namespace {

double lastLoss(const Recorder& recorder) {
  double loss = std::nan("");
  for (const auto& step : recorder.all<hvlm::StepEvent>()) {
    for (const auto& [tag, value] : step.values) {
      if (tag == "loss/total") loss = value;
    }
  }
  return loss;
}

std::vector<double> scalesOf(const Recorder& recorder) {
  std::vector<double> scales;
  for (const auto& step : recorder.all<hvlm::StepEvent>()) {
    for (const auto& [tag, value] : step.values) {
      if (tag == "train/loss_scale") scales.push_back(value);
    }
  }
  return scales;
}

std::string lastOf(const std::string& run, const char* file) { return hvlm::readFile(fs::path(run) / "checkpoints" / "last" / file); }
std::string weightsOf(const std::string& run) { return lastOf(run, "weights.safetensors"); }

// Scaled gradients of the classification term leave the range of float16 in the first steps.
hvlm::RunConfig overflowing() {
  hvlm::RunConfig config = tinyConfig();
  config.train.epochs = 5;
  config.train.precision = "float16";
  config.loss.classification = 20.0;
  return config;
}

}  // namespace

class TestTrainPrecision : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init() { folder_ = std::make_unique<QTemporaryDir>(); }
  void halfFormatsEndNearFloat_data();
  void halfFormatsEndNearFloat();
  void floatChangesNothing();
  void recomputingEndsTheSame_data();
  void recomputingEndsTheSame();
  void anOverflowHalvesTheScaleAndLeavesTheStepOut();
  void aStoppedRunEndsTheSame_data();
  void aStoppedRunEndsTheSame();
  void theScaleMoves();
  void theScaleIsKept();

 private:
  std::string path(const char* name) const { return folder_->filePath(QString::fromLatin1(name)).toStdString(); }
  std::unique_ptr<QTemporaryDir> folder_;
};

void TestTrainPrecision::halfFormatsEndNearFloat_data() {
  QTest::addColumn<QString>("precision");
  QTest::newRow("bfloat16") << "bfloat16";
  QTest::newRow("float16") << "float16";
}

void TestTrainPrecision::halfFormatsEndNearFloat() {
  QFETCH(QString, precision);
  const std::string data = writeSet(path("data"), classSet(3, 4, 1));
  hvlm::RunConfig config = tinyConfig();
  config.train.epochs = 3;
  hvlm::JobControl control;
  Recorder plain, other;
  QCOMPARE(runJob(trainSpec(config, data, path("plain")), control, plain), std::string());
  config.train.precision = precision.toStdString();
  QCOMPARE(runJob(trainSpec(config, data, path("half")), control, other), std::string());
  const double wanted = lastLoss(plain), found = lastLoss(other);
  QVERIFY2(std::abs(found - wanted) < 0.1 * wanted, qPrintable(QString("%1 beside %2").arg(found).arg(wanted)));
  QVERIFY(weightsOf(path("plain")) != weightsOf(path("half")));  // the products were really made in another format
  QCOMPARE(scalesOf(plain).size(), size_t{0});
  QCOMPARE(scalesOf(other).empty(), precision == "bfloat16");
}

void TestTrainPrecision::floatChangesNothing() {
  const std::string data = writeSet(path("data"), classSet(3, 4, 1));
  hvlm::RunConfig config = tinyConfig();
  config.train.epochs = 1;
  QCOMPARE(runJob(trainSpec(config, data, path("run"))), std::string());
  QCOMPARE(lastOf(path("run"), "state.json").find("scale"), std::string::npos);  // runs without it keep their bytes
  at::Generator generator = hvlm::makeGenerator(1);
  hvlm::ParameterSet set;
  const hvlm::Linear layer = hvlm::Linear::create(set, "layer", 8, 4, generator, at::kFloat);
  const at::Tensor x = hvlm::normalInit({5, 8}, 1.0, generator, at::kFloat), wanted = at::linear(x, layer.weight, layer.bias);
  {
    const hvlm::ProductPrecision precision(at::kFloat);
    QVERIFY(at::equal(layer(x), wanted));
  }
  {
    const hvlm::ProductPrecision precision(at::kBFloat16);
    QVERIFY(!at::equal(layer(x), wanted));
    QVERIFY(at::allclose(layer(x), wanted, 0.05, 0.05));
    QCOMPARE(layer(x).scalar_type(), at::kFloat);
  }
  QCOMPARE(hvlm::ProductPrecision::current(), at::kFloat);
}

// Not nearly: the way back makes the same products and draws.
void TestTrainPrecision::recomputingEndsTheSame_data() {
  QTest::addColumn<QString>("precision");
  for (const char* precision : {"float32", "bfloat16", "float16"}) QTest::newRow(precision) << precision;
}

void TestTrainPrecision::recomputingEndsTheSame() {
  QFETCH(QString, precision);
  const std::string data = writeSet(path("data"), classSet(2, 3, 1));
  hvlm::RunConfig config = tinyConfig();
  config.train.epochs = 2;
  config.train.precision = precision.toStdString();
  QCOMPARE(runJob(trainSpec(config, data, path("plain"))), std::string());
  config.train.checkpoint_activations = true;
  QCOMPARE(runJob(trainSpec(config, data, path("again"))), std::string());
  QVERIFY(weightsOf(path("plain")) == weightsOf(path("again")));
}

void TestTrainPrecision::anOverflowHalvesTheScaleAndLeavesTheStepOut() {
  const std::string data = writeSet(path("data"), classSet(3, 4, 1));
  hvlm::JobControl control;
  Recorder recorder;
  QCOMPARE(runJob(trainSpec(overflowing(), data, path("run")), control, recorder), std::string());
  const auto steps = recorder.all<hvlm::StepEvent>();
  const auto scales = scalesOf(recorder);
  QCOMPARE(scales.size(), steps.size());
  QCOMPARE(scales.front(), 65536.0);
  int64_t still = 0;
  for (size_t i = 0; i + 1 < steps.size(); ++i) {  // a step that was left out says no rate
    const bool moved = std::any_of(steps[i].values.begin(), steps[i].values.end(), [](const auto& v) { return v.first == "train/lr"; });
    QCOMPARE(scales[i + 1], moved ? scales[i] : 0.5 * scales[i]);
    for (const auto& [tag, value] : steps[i].values) QVERIFY2(std::isfinite(value), tag.c_str());
    still += !moved;
  }
  QVERIFY2(still > 0 && still < static_cast<int64_t>(steps.size()) / 2, qPrintable(QString("%1 of %2").arg(still).arg(steps.size())));
  const hvlm::TrainState state = hvlm::parseState(lastOf(path("run"), "state.json"), "state.json");
  QCOMPARE(state.loss_scale, scales.back());
  QCOMPARE(state.still_steps, still);
}

void TestTrainPrecision::aStoppedRunEndsTheSame_data() {
  QTest::addColumn<int>("steps");  // until it is stopped
  QTest::newRow("after a step that was left out") << 1;
  QTest::newRow("later") << 9;
}

void TestTrainPrecision::aStoppedRunEndsTheSame() {
  QFETCH(int, steps);
  const std::string data = writeSet(path("data"), classSet(3, 4, 1));
  QCOMPARE(runJob(trainSpec(overflowing(), data, path("plain"))), std::string());
  hvlm::JobControl control;
  Recorder stopper;
  stopper.on_step = [&](const hvlm::StepEvent& step) {
    if (step.step == steps) control.requestStop();
  };
  QCOMPARE(runJob(trainSpec(overflowing(), data, path("run")), control, stopper), std::string());
  QVERIFY(hvlm::parseState(lastOf(path("run"), "state.json"), "state.json").still_steps > 0);
  QCOMPARE(runJob(trainSpec(overflowing(), data, path("run"), true)), std::string());
  for (const char* file : {"weights.safetensors", "ema.safetensors", "optimizer.safetensors", "state.json"}) {
    QVERIFY2(lastOf(path("run"), file) == lastOf(path("plain"), file), file);
  }
}

void TestTrainPrecision::theScaleMoves() {
  hvlm::TrainState state;
  QVERIFY(!hvlm::moveLossScale(state, false));
  QCOMPARE(state.loss_scale, 32768.0);
  for (int64_t i = 1; i < hvlm::kGoodSteps; ++i) QVERIFY(hvlm::moveLossScale(state, true));
  QCOMPARE(state.loss_scale, 32768.0);
  QVERIFY(hvlm::moveLossScale(state, true));
  QCOMPARE(state.loss_scale, 65536.0);
  for (int64_t i = 0; i < 20 * hvlm::kGoodSteps; ++i) hvlm::moveLossScale(state, true);
  QCOMPARE(state.loss_scale, hvlm::kLargestLossScale);
  state.loss_scale = 2.0;
  QVERIFY(!hvlm::moveLossScale(state, false));
  try {
    hvlm::moveLossScale(state, false);
    QFAIL("a scale below 1");
  } catch (const hvlm::InputError& error) {
    QVERIFY2(std::string(error.what()).find("train.precision") != std::string::npos, error.what());
  }
}

void TestTrainPrecision::theScaleIsKept() {
  hvlm::TrainState state;
  QVERIFY(hvlm::stateJson(state).find("loss_scale") == std::string::npos);  // as before there was one
  QCOMPARE(hvlm::parseState(hvlm::stateJson(state), "state.json").loss_scale, 65536.0);
  state.loss_scale = 1024.0;
  state.scaled_steps = 7;
  state.still_steps = 6;
  const hvlm::TrainState again = hvlm::parseState(hvlm::stateJson(state), "state.json");
  QCOMPARE(again.loss_scale, 1024.0);
  QCOMPARE(again.scaled_steps, int64_t{7});
  QCOMPARE(again.still_steps, int64_t{6});
}

QTEST_GUILESS_MAIN(TestTrainPrecision)
#include "tst_train_precision.moc"
