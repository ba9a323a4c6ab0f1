// SPDX-License-Identifier: Apache-2.0
// Everything a training step and an evaluation do, with the model on a second device: no tensor may stay behind on the CPU where the
// device's are wanted, no number of the device may be read through a pointer, and the results are those of the CPU.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include <QtTest>

#include "close_tensors.h"
#include "engine/eval/detect.h"
#include "engine/model/model.h"
#include "engine/train/contrast.h"
#include "engine/train/detection_terms.h"
#include "engine/train/level_terms.h"
#include "engine/train/optimizer.h"
#include "engine/train/terms.h"
#include "pretend_device.h"
#include "runs/config.h"

using namespace hvlm;
using namespace hvlm::cuda::testing;
using namespace hvlm::testing;

namespace {

constexpr int64_t kColumns = 6, kClasses = 3;

RunConfig tinyConfig(const QString& settings) {
  RunConfig c;
  c.encoder.dim = 16;
  c.encoder.layers = 1;
  c.encoder.heads = 2;
  c.encoder.mixer_window = 4;
  c.encoder.dropout = 0.1;
  c.head.detect_levels = 3;
  c.head.detect_layers = 1;
  c.head.width = 16;
  std::vector<std::string> list;
  for (const QString& setting : settings.split(QLatin1Char(' '), Qt::SkipEmptyParts)) list.push_back(setting.toStdString());
  applySettings(c, list);
  return c;
}

BatchTargets someTargets() {
  BatchTargets targets;
  targets.label_sets = {{0}, {2}, {1}};
  targets.segments = {{{1.0, 6.0, 0}, {8.0, 12.0, 0}}, {{0.0, 3.5, 2}}, {{2.0, 4.0, 1}}};
  return targets;
}

// One model, its batch and its optimiser on one device.
struct Side {
  HierarchicalModel model;
  Packed packed;
  AdamW optimizer;
  MovingAverage average;
  RunningPositives positives;

  Side(const RunConfig& config, const at::Tensor& x, const std::vector<int64_t>& offsets, at::Device device)
      : model(config, kColumns, kClasses, 5, at::TensorOptions().device(device)), packed{x.to(device), offsets, {}, {}}, optimizer(tensorsOf(model), {}), average(model.parameters().tensors(), 0.9) {
    model.setChannelStatistics(at::zeros({kColumns}), at::ones({kColumns}));
  }
  static std::vector<OptimizedTensor> tensorsOf(const HierarchicalModel& model) {
    std::vector<OptimizedTensor> tensors;
    for (const Parameter& p : model.parameters().all()) tensors.push_back({p.name, p.value, p.decay ? 0.05 : 0.0});
    return tensors;
  }
  double step(const RunConfig& config) {
    const ForwardOptions forward{.training = true, .generator = makeGenerator(9)};
    at::Generator generator = makeGenerator(10);
    optimizer.zeroGrad();
    const ModelOutput output = model.forward(packed, forward);
    std::vector<LossTerm> more = detectorTerms(model, output, someTargets(), config.loss, forward);
    for (LossTerm& term : levelTerms(output, config.loss, generator)) more.push_back(std::move(term));
    const TotalLoss loss = totalLoss(output, packed, someTargets(), config.loss, kClasses, model.detectLevels(), positives, std::move(more));
    loss.total.backward();
    optimizer.clipGradients(0.5);
    optimizer.step(1e-2);
    average.update(model.parameters().tensors());
    return loss.total.item<double>();
  }
};

}  // namespace

class TestSecondDevice : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase();
  void mixingIsSeen();
  void everyKindOfModelLivesOnTheDevice_data();
  void everyKindOfModelLivesOnTheDevice();
  void contrastLivesOnTheDevice_data();
  void contrastLivesOnTheDevice();
};

void TestSecondDevice::initTestCase() {
  pretendDevice();
  at::set_num_threads(1);
}

void TestSecondDevice::mixingIsSeen() {
  const at::Tensor here = at::ones({3}), there = here.to(pretendDevice());
  QVERIFY(there.device() == pretendDevice());
  QVERIFY(at::equal((there + there).to(at::kCPU), here + here));
  QCOMPARE((there * 2).sum().item<double>(), 6.0);
  QVERIFY(at::equal(there.slice(0, 1).view({2, 1}).to(at::kCPU), at::ones({2, 1})));
  QVERIFY(mixedUses().empty());
  QVERIFY_THROWS_EXCEPTION(std::exception, there + here);
  QVERIFY_THROWS_EXCEPTION(std::exception, there.index_select(0, at::zeros({1}, at::kLong)));
  QCOMPARE(mixedUses().size(), size_t{1});  // LibTorch refuses the sum by itself
}

void TestSecondDevice::everyKindOfModelLivesOnTheDevice_data() {
  QTest::addColumn<QString>("settings");
  for (const char* mixer : {"full", "flash", "window", "strided", "global", "memory", "linear", "performer", "mamba", "maxpool"}) {
    QTest::addRow("mixer %s", mixer) << QStringLiteral("encoder.mixer=%1").arg(QString::fromUtf8(mixer));
  }
  QTest::newRow("input noise, masks and drop path") << "encoder.input_noise=0.1 encoder.step_mask=0.2 encoder.drop_path=0.2 encoder.layers=2";
  QTest::newRow("a stem of convolutions, no positions") << "encoder.stem_convolutions=2 encoder.position=none";
  QTest::newRow("raw features") << "encoder.kind=raw";
  QTest::newRow("a plain network") << "encoder.kind=mlp";
  QTest::newRow("no pyramid") << "pyramid.enabled=false head.detect=false";
  QTest::newRow("floor mode") << "pyramid.mode=floor";
  QTest::newRow("mean pooling") << "pyramid.pooling=mean";
  QTest::newRow("maximum pooling") << "pyramid.pooling=max";
  QTest::newRow("attention and maxima") << "pyramid.pooling=attention_max";
  QTest::newRow("convolutions between levels") << "pyramid.block=conv pyramid.level_norm=true";
  QTest::newRow("window attention between levels") << "pyramid.block=window";
  QTest::newRow("the video vector by attention") << "head.video_vector=attention";
  QTest::newRow("the video vector by mean") << "head.video_vector=mean";
  QTest::newRow("trident boundaries, edges and a second look") << "head.boundary=trident head.edges=true head.rescore=true";
  QTest::newRow("cross-scale term") << "loss.cross=0.5";
  QTest::newRow("gated temporal loss on all levels") << "loss.temporal=0.3 loss.gate_smoothness=true loss.temporal_scope=levels";
  QTest::newRow("terms by level") << "loss.variance=0.5 loss.covariance=0.5 loss.step_contrast=0.5 loss.persistence=0.5";
  QTest::newRow("merged tokens before the encoder") << "merge.where=before";
  QTest::newRow("merged tokens between levels") << "merge.where=between pyramid.block=conv";
}
void TestSecondDevice::everyKindOfModelLivesOnTheDevice() {
  QFETCH(QString, settings);
  const RunConfig config = tinyConfig(settings);
  const std::vector<int64_t> offsets{0, 17, 22, 30};
  at::Generator generator = makeGenerator(4);
  const at::Tensor x = normalInit({30, kColumns}, 1.0, generator, at::kFloat);
  Side cpu(config, x, offsets, at::kCPU), device(config, x, offsets, pretendDevice());
  try {
    for (int n = 0; n < 2; ++n) {
      const double expected = cpu.step(config), found = device.step(config);
      QVERIFY2(std::abs(found - expected) <= 1e-4 * std::abs(expected), qPrintable(QStringLiteral("loss %1, expected %2").arg(found).arg(expected)));
    }
    const at::NoGradGuard no_grad;
    const Packed on_cpu{x, offsets, {}, {}};  // as evaluation hands it over
    const ModelOutput expected = cpu.model.forward(on_cpu), found = device.model.forward(on_cpu);
    QVERIFY(found.h.device() == pretendDevice());
    std::string apart = difference(found.video_vector, expected.video_vector, 1e-3);
    QVERIFY2(apart.empty(), apart.c_str());
    const FeatureSpec spec{.steps_per_second = 1.0};
    const auto wanted = detectSegments(cpu.model, expected, spec, {17.0, 5.0, 8.0}, config.detect), got = detectSegments(device.model, found, spec, {17.0, 5.0, 8.0}, config.detect);
    QCOMPARE(got.size(), wanted.size());
    for (size_t b = 0; b < got.size(); ++b) QCOMPARE(got[b].size(), wanted[b].size());
  } catch (const std::exception& error) {
    QFAIL(QByteArray(error.what()).left(400).constData());
  }
}

void TestSecondDevice::contrastLivesOnTheDevice_data() {
  QTest::addColumn<QString>("method");
  QTest::newRow("a queue and a slow encoder") << "moco";
  QTest::newRow("two views") << "simclr";
}
void TestSecondDevice::contrastLivesOnTheDevice() {
  QFETCH(QString, method);
  const RunConfig config = tinyConfig(QStringLiteral("head.detect=false contrast.dim=8 contrast.queue=4 contrast.method=%1").arg(method));
  const std::vector<int64_t> offsets{0, 17, 22, 30};
  at::Generator generator = makeGenerator(4);
  const at::Tensor x = normalInit({30, kColumns}, 1.0, generator, at::kFloat);
  Side cpu(config, x, offsets, at::kCPU), device(config, x, offsets, pretendDevice());
  ContrastTask on_cpu(config, cpu.model, nullptr, 3), on_device(config, device.model, nullptr, 3);
  const FeatureSpec spec{.steps_per_second = 1.0};
  const auto lossOf = [&](Side& side, ContrastTask& task) {
    const ForwardOptions forward{.training = true, .generator = makeGenerator(9)};
    const at::Tensor loss = task.terms(side.model, side.packed, {0, 1, 2}, {}, spec, side.model.buffers()[1].value, forward).front().value;
    loss.backward();
    task.afterStep(side.model);
    return loss.item<double>();
  };
  try {
    for (int n = 0; n < 3; ++n) {
      const double expected = lossOf(cpu, on_cpu), found = lossOf(device, on_device);
      QVERIFY2(std::abs(found - expected) <= 1e-4 * std::max(1e-3, std::abs(expected)), qPrintable(QStringLiteral("loss %1, expected %2").arg(found).arg(expected)));
    }
  } catch (const std::exception& error) {
    QFAIL(QByteArray(error.what()).left(400).constData());
  }
}

QTEST_GUILESS_MAIN(TestSecondDevice)
#include "tst_engine_cuda_second_device.moc"
