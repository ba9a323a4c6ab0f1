// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <QtTest>
#include <cmath>

#include "engine/model/encoder.h"
#include "engine/model/layers.h"
#include "support/error.h"

namespace {

at::Tensor randomRows(int64_t rows, int64_t width, uint64_t seed) {
  at::Generator generator = hvlm::makeGenerator(seed);
  return hvlm::normalInit({rows, width}, 1.0, generator, at::kDouble);
}

hvlm::ForwardOptions training(uint64_t seed) { return {true, hvlm::makeGenerator(seed)}; }

}  // namespace

class TestModelLayers : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void neighboursStayWithinTheirRun();
  void convolutionEqualsThatOfEachRun();
  void convolutionTapByTapIsTheSame();
  void runMeanIsThatOfEachRun();
  void dropoutKeepsTheMean();
  void dropPathDropsWholeRuns();
  void noiseAndStepMaskActOnlyInTraining();
  void parameterSetGuardsItsNames();
};

void TestModelLayers::neighboursStayWithinTheirRun() {
  const at::Tensor x = at::tensor({1.0, 2.0, 3.0, 4.0}, at::kDouble).view({4, 1}).requires_grad_(true);
  const hvlm::RunIndex index = hvlm::makeRunIndex({0, 3, 4}, at::kCPU);
  const at::Tensor out = hvlm::gatherNeighbours(x, index);
  const at::Tensor expected = at::tensor({0, 1, 2, 1, 2, 3, 2, 3, 0, 0, 4, 0}, at::kDouble).view({4, 3});
  QVERIFY(at::equal(out, expected));
  const at::Tensor upstream = at::arange(12, at::kDouble).view({4, 3});
  (out * upstream).sum().backward();
  // Row i is the middle of its own row, the right of the row before and the left of the row after.
  QVERIFY(at::equal(x.grad().view({-1}), at::tensor({1.0 + 3.0, 4.0 + 2.0 + 6.0, 7.0 + 5.0, 10.0}, at::kDouble)));
}

void TestModelLayers::convolutionEqualsThatOfEachRun() {
  hvlm::ParameterSet set;
  at::Generator generator = hvlm::makeGenerator(1);
  const auto convolution = hvlm::Convolution3::create(set, "c", 3, 5, generator, at::kDouble);
  const at::Tensor x = randomRows(9, 3, 2);
  const std::vector<int64_t> offsets{0, 5, 6, 9};
  const at::Tensor out = convolution(x, hvlm::makeRunIndex(offsets, at::kCPU));
  const at::Tensor kernel = convolution.taps.weight.view({5, 3, 3}).transpose(1, 2);  // [out, in, tap]
  for (size_t r = 0; r + 1 < offsets.size(); ++r) {
    const at::Tensor own = x.slice(0, offsets[r], offsets[r + 1]).t().unsqueeze(0);  // [1, in, T]
    const at::Tensor expected = at::conv1d(own, kernel, convolution.taps.bias, 1, 1)[0].t();
    QVERIFY(at::allclose(out.slice(0, offsets[r], offsets[r + 1]), expected, 0.0, 1e-12));
  }
}

// At inference the taps are multiplied one by one, from a number of rows on; runs of one row have no neighbours.
void TestModelLayers::convolutionTapByTapIsTheSame() {
  hvlm::ParameterSet set;
  at::Generator generator = hvlm::makeGenerator(1);
  const auto convolution = hvlm::Convolution3::create(set, "c", 6, 5, generator, at::kDouble);
  for (const std::vector<int64_t>& offsets : {std::vector<int64_t>{0, 64}, {0, 1, 2, 50, 51, 110, 111}, {0, 63}, {0, 40, 41, 42, 200}}) {
    const at::Tensor x = randomRows(offsets.back(), 6, 2);
    const hvlm::RunIndex index = hvlm::makeRunIndex(offsets, at::kCPU);
    const at::Tensor learned = convolution(x, index);
    QVERIFY(learned.requires_grad());
    const at::NoGradGuard no_grad;
    QVERIFY(at::allclose(convolution(x, index), learned, 0.0, 1e-12));
  }
}

void TestModelLayers::runMeanIsThatOfEachRun() {
  const at::Tensor x = randomRows(6, 4, 3);
  const at::Tensor means = hvlm::runMean(x, hvlm::makeRunIndex({0, 2, 6}, at::kCPU));
  QVERIFY(at::allclose(means[0], x.slice(0, 0, 2).mean(0), 0.0, 1e-14));
  QVERIFY(at::allclose(means[1], x.slice(0, 2, 6).mean(0), 0.0, 1e-14));
}

void TestModelLayers::dropoutKeepsTheMean() {
  const at::Tensor x = at::ones({200, 200}, at::kDouble);
  const at::Tensor y = hvlm::dropout(x, 0.25, training(1));
  QVERIFY(std::abs(y.mean().item<double>() - 1.0) < 0.02);
  QVERIFY(std::abs((y == 0).to(at::kDouble).mean().item<double>() - 0.25) < 0.02);
  QVERIFY(hvlm::dropout(x, 0.25, {}).is_same(x));
  QVERIFY(hvlm::dropout(x, 0.0, training(1)).is_same(x));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::dropout(x, 0.25, {true, {}}));
}

void TestModelLayers::dropPathDropsWholeRuns() {
  std::vector<int64_t> offsets{0};
  for (int i = 0; i < 400; ++i) offsets.push_back(offsets.back() + 1 + i % 3);
  const hvlm::RunIndex index = hvlm::makeRunIndex(offsets, at::kCPU);
  const at::Tensor y = hvlm::dropPath(at::ones({index.rows(), 2}, at::kDouble), 0.5, index, training(4));
  const at::Tensor means = hvlm::runMean(y, index);
  QVERIFY(at::logical_or(means == 0.0, means == 2.0).all().item<bool>());
  QVERIFY(std::abs(means.mean().item<double>() - 1.0) < 0.15);
}

void TestModelLayers::noiseAndStepMaskActOnlyInTraining() {
  hvlm::EncoderOptions options;
  options.dim = 8;
  options.heads = 2;
  options.layers = 0;
  options.stem_convolutions = 0;
  options.position = "none";
  options.final_norm = false;
  options.step_mask = 0.5;
  const at::Tensor x = randomRows(300, 4, 5);
  const hvlm::RunIndex index = hvlm::makeRunIndex({0, 300}, at::kCPU);
  hvlm::ParameterSet set;
  at::Generator generator = hvlm::makeGenerator(6);
  const hvlm::Encoder masked(set, options, 4, generator, at::kDouble);
  const at::Tensor plain = masked({x, index.offsets}, index, {});
  const at::Tensor drawn = masked({x, index.offsets}, index, training(7));
  const at::Tensor hidden = (drawn == 0).all(1);  // the bias starts at zero, so a masked step projects to zero
  QVERIFY(std::abs(hidden.to(at::kDouble).mean().item<double>() - 0.5) < 0.1);
  QVERIFY(at::logical_or((drawn == plain).all(1), hidden).all().item<bool>());
  options.step_mask = 0.0;
  options.input_noise = 0.3;
  hvlm::ParameterSet other;
  generator = hvlm::makeGenerator(6);
  const hvlm::Encoder noisy(other, options, 4, generator, at::kDouble);
  QVERIFY(at::equal(noisy({x, index.offsets}, index, {}), plain));
  const at::Tensor difference = noisy({x, index.offsets}, index, training(8)) - plain;
  const at::Tensor scale = other.find("encoder.projection.weight")->norm() * 0.3 / std::sqrt(8.0);
  QVERIFY(std::abs(difference.std().item<double>() / scale.item<double>() - 1.0) < 0.1);
}

void TestModelLayers::parameterSetGuardsItsNames() {
  hvlm::ParameterSet a;
  a.add("one", at::ones({2, 3}));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, a.add("one", at::ones({1})));
  QCOMPARE(a.count(), int64_t{6});
  QVERIFY(a.find("two") == nullptr);
  hvlm::ParameterSet b;
  b.add("one", at::zeros({3, 2}));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, a.copyFrom(b));
  (a.all()[0].value * 2.0).sum().backward();
  QVERIFY(a.all()[0].value.grad().defined());
  a.zeroGrad();
  QVERIFY(!a.all()[0].value.grad().defined());
}

QTEST_GUILESS_MAIN(TestModelLayers)
#include "tst_model_layers.moc"
