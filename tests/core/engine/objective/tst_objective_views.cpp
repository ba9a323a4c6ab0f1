// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <QtTest>
#include <cmath>

#include "core/engine/objective/finite_difference.h"
#include "engine/objective/views.h"
#include "support/error.h"

using hvlm::testing::someRows;

namespace {

// Resampling alone, of the whole video unless a test says otherwise.
hvlm::ViewOptions plain(int64_t steps) {
  return {.steps = steps, .crop_min = 1.0, .crop_max = 1.0, .step_mask = 0.0, .noise = 0.0, .channel_drop = 0.0};
}
at::Tensor viewOf(const at::Tensor& x, const std::vector<int64_t>& offsets, const hvlm::ViewOptions& options, const at::Tensor& deviation = {},
                  uint64_t seed = 1) {
  at::Generator generator = at::detail::createCPUGenerator(seed);
  return hvlm::makeView(x, offsets, options, deviation, generator);
}

}  // namespace

class TestObjectiveViews : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void aWholeCropOfTheSameLengthIsTheVideo();
  void resamplingIsLinear();
  void cropsStayInsideTheirVideo();
  void oneStepIsRepeated();
  void maskedStepsAreZero();
  void droppedChannelsAreZeroThroughoutAVideo();
  void noiseFollowsEachChannel();
  void gradientFlowsThroughTheResampling();
  void theGeneratorDecides();
  void bothPrecisions();
  void wrongCallsAreNamed();
};

void TestObjectiveViews::aWholeCropOfTheSameLengthIsTheVideo() {
  const at::Tensor x = someRows(10, 3);
  QVERIFY(at::allclose(viewOf(x, {0, 5, 10}, plain(5)), x, 0.0, 1e-12));
}

void TestObjectiveViews::resamplingIsLinear() {
  const at::Tensor x = at::tensor({0.0, 10.0, 30.0, 7.0, 5.0}, at::kDouble).unsqueeze(1);  // videos of 3 and 2 steps
  const at::Tensor view = viewOf(x, {0, 3, 5}, plain(5)).squeeze(1);
  QVERIFY(at::allclose(view, at::tensor({0.0, 5.0, 10.0, 20.0, 30.0, 7.0, 6.5, 6.0, 5.5, 5.0}, at::kDouble), 0.0, 1e-12));
  QVERIFY(at::allclose(viewOf(x, {0, 3, 5}, plain(1)).squeeze(1), at::tensor({10.0, 6.0}, at::kDouble), 0.0, 1e-12));
  QVERIFY(at::allclose(viewOf(x, {0, 3, 5}, plain(2)).squeeze(1), at::tensor({0.0, 30.0, 7.0, 5.0}, at::kDouble), 0.0, 1e-12));
}

void TestObjectiveViews::cropsStayInsideTheirVideo() {
  // The value of a step is its place, so a view of a linear ramp tells where it was cut.
  const at::Tensor x = at::cat({at::arange(0, 101, at::kDouble), at::arange(1000, 1041, at::kDouble)}).unsqueeze(1);
  hvlm::ViewOptions options = plain(9);
  options.crop_min = 0.3;
  options.crop_max = 0.8;
  double shortest = 1.0, longest = 0.0, earliest = 1.0, latest = 0.0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const at::Tensor views = viewOf(x, {0, 101, 142}, options, {}, seed).view({2, 9});
    for (int64_t b = 0; b < 2; ++b) {
      const double extent = b == 0 ? 100.0 : 40.0;
      const double from = (views[b][0].item<double>() - (b == 0 ? 0.0 : 1000.0)) / extent;
      const double to = (views[b][8].item<double>() - (b == 0 ? 0.0 : 1000.0)) / extent;
      QVERIFY(from >= -1e-9 && to <= 1.0 + 1e-9);
      QVERIFY(at::allclose(views[b].diff(), at::full({8}, (to - from) * extent / 8.0, at::kDouble), 0.0, 1e-9));
      shortest = std::min(shortest, to - from);
      longest = std::max(longest, to - from);
      earliest = std::min(earliest, from);
      latest = std::max(latest, to);
    }
  }
  QVERIFY(shortest >= 0.3 - 1e-9 && shortest < 0.31);
  QVERIFY(longest <= 0.8 + 1e-9 && longest > 0.79);
  QVERIFY(earliest < 0.02 && latest > 0.98);
}

void TestObjectiveViews::oneStepIsRepeated() {
  const at::Tensor x = someRows(1, 4);
  hvlm::ViewOptions options = plain(3);
  options.crop_min = 0.3;
  QVERIFY(at::equal(viewOf(x, {0, 1}, options), x.expand({3, 4})));
}

void TestObjectiveViews::maskedStepsAreZero() {
  hvlm::ViewOptions options = plain(500);
  options.step_mask = 0.15;
  options.noise = 0.1;  // comes before the mask, so that masked steps are exactly zero
  const at::Tensor view = viewOf(at::ones({8, 5}, at::kDouble), {0, 4, 8}, options, at::ones({5}, at::kDouble));
  const at::Tensor zeros = (view == 0).sum(1);  // [B*L]
  QVERIFY(((zeros == 0) | (zeros == 5)).all().item<bool>());
  const double share = (zeros == 5).to(at::kDouble).mean().item<double>();
  QVERIFY2(std::abs(share - 0.15) < 0.04, qPrintable(QString::number(share)));
}

void TestObjectiveViews::droppedChannelsAreZeroThroughoutAVideo() {
  hvlm::ViewOptions options = plain(6);
  options.channel_drop = 0.1;
  const at::Tensor view = viewOf(at::full({9, 1000}, 3.0, at::kDouble), {0, 2, 9}, options).view({2, 6, 1000});
  const at::Tensor kept = (view == 3.0).sum(1);  // [B, D] steps that kept the channel, at their own size
  QVERIFY(((kept == 0) | (kept == 6)).all().item<bool>());
  const double share = (kept == 0).to(at::kDouble).mean().item<double>();
  QVERIFY2(std::abs(share - 0.1) < 0.03, qPrintable(QString::number(share)));
  QVERIFY(!at::equal(kept[0], kept[1]));
}

void TestObjectiveViews::noiseFollowsEachChannel() {
  hvlm::ViewOptions options = plain(4000);
  options.noise = 0.1;
  const at::Tensor deviation = at::tensor({1.0, 20.0, 0.0}, at::kDouble);
  const at::Tensor view = viewOf(at::full({2, 3}, 7.0, at::kDouble), {0, 2}, options, deviation);
  const at::Tensor found = view.std(0);
  QVERIFY(std::abs(found[0].item<double>() / 0.1 - 1.0) < 0.05);
  QVERIFY(std::abs(found[1].item<double>() / 2.0 - 1.0) < 0.05);
  QCOMPARE(found[2].item<double>(), 0.0);
  QVERIFY(std::abs(view.select(1, 0).mean().item<double>() - 7.0) < 0.01);
}

void TestObjectiveViews::gradientFlowsThroughTheResampling() {
  hvlm::ViewOptions options = plain(7);
  options.crop_min = 0.3;
  options.step_mask = 0.2;
  options.noise = 0.1;
  options.channel_drop = 0.2;
  const auto loss = [&](const at::Tensor& x) { return viewOf(x, {0, 4, 9}, options, at::ones({3}, at::kDouble), 5).pow(2).sum(); };
  QVERIFY(hvlm::testing::gradientError(loss, someRows(9, 3)) < 1e-7);
}

void TestObjectiveViews::theGeneratorDecides() {
  const at::Tensor x = someRows(30, 4);
  const at::Tensor deviation = at::ones({4}, at::kDouble);
  const hvlm::ViewOptions options{.steps = 8};
  QVERIFY(at::equal(viewOf(x, {0, 10, 30}, options, deviation, 2), viewOf(x, {0, 10, 30}, options, deviation, 2)));
  QVERIFY(!at::equal(viewOf(x, {0, 10, 30}, options, deviation, 2), viewOf(x, {0, 10, 30}, options, deviation, 3)));
  at::Generator generator = at::detail::createCPUGenerator(2);
  const at::Tensor first = hvlm::makeView(x, {0, 10, 30}, options, deviation, generator);
  QVERIFY(!at::equal(first, hvlm::makeView(x, {0, 10, 30}, options, deviation, generator)));  // the second view is another one
}

void TestObjectiveViews::bothPrecisions() {
  const at::Tensor x = someRows(30, 4);
  hvlm::ViewOptions options = plain(8);
  options.crop_min = 0.3;
  const at::Tensor single = viewOf(x.to(at::kFloat), {0, 10, 30}, options);
  QCOMPARE(single.scalar_type(), at::kFloat);
  QCOMPARE(single.sizes(), (at::IntArrayRef{16, 4}));
  QVERIFY(at::allclose(single.to(at::kDouble), viewOf(x, {0, 10, 30}, options), 0.0, 1e-5));
}

void TestObjectiveViews::wrongCallsAreNamed() {
  const at::Tensor x = someRows(4, 3);
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, viewOf(x, {0, 5}, plain(4)));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, viewOf(x, {0, 2, 2, 4}, plain(4)));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, viewOf(x, {0, 4}, plain(0)));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, viewOf(x, {0, 4}, {.steps = 4, .crop_min = 0.9, .crop_max = 0.3, .noise = 0.0}));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, viewOf(x, {0, 4}, {.steps = 4, .noise = 0.1}, at::ones({2})));
}

QTEST_GUILESS_MAIN(TestObjectiveViews)
#include "tst_objective_views.moc"
