// SPDX-License-Identifier: Apache-2.0
// The selective scan against its recurrence, its stability, and the pooling mixer.
#include <ATen/ATen.h>

#include <QtTest>
#include <cmath>

#include "core/engine/model/mixer_cases.h"
#include "engine/model/mixers/selective_scan.h"
#include "support/error.h"

using namespace hvlm::testing;

namespace {

struct ScanCase {
  at::Tensor x, step, rate, input, output;
  ScanCase(int64_t rows, int64_t inner, int64_t state, uint64_t seed)
      : x(randomTensor({rows, inner}, seed)),
        step(randomTensor({rows, inner}, seed + 1).abs() * 0.5 + 0.01),
        rate(-(randomTensor({inner, state}, seed + 2).abs() + 0.1)),
        input(randomTensor({rows, state}, seed + 3)),
        output(randomTensor({rows, state}, seed + 4)) {}
  at::Tensor scan(const std::vector<int64_t>& offsets) const {
    return hvlm::selectiveScan(x, step, rate, input, output, offsets);
  }
  // One step after another, as the definition says it.
  at::Tensor recurrence(const std::vector<int64_t>& offsets) const {
    std::vector<at::Tensor> rows;
    for (size_t r = 0; r + 1 < offsets.size(); ++r) {
      at::Tensor h = at::zeros(rate.sizes(), at::kDouble);  // [E, S]
      for (int64_t t = offsets[r]; t < offsets[r + 1]; ++t) {
        h = (step[t].unsqueeze(1) * rate).exp() * h + (step[t] * x[t]).unsqueeze(1) * input[t];
        rows.push_back(at::matmul(h, output[t]));
      }
    }
    return at::stack(rows);
  }
};

at::Tensor row(const TinyMixer& m, const char* name) { return m.value(std::string("mamba.") + name); }

// One direction of the block, written step by step; rows of one run.
at::Tensor blockByHand(const TinyMixer& m, const std::string& side, const at::Tensor& u) {
  const auto at_side = [&](const char* name) { return m.value("mamba." + side + "." + name); };
  const int64_t steps = u.size(0);
  const int64_t state = m.options.mixer_state;
  const int64_t rank = at_side("dt_proj.weight").size(1);
  const at::Tensor rate = -at_side("A_log").exp();
  at::Tensor h = at::zeros(rate.sizes(), at::kDouble);
  std::vector<at::Tensor> rows;
  for (int64_t t = 0; t < steps; ++t) {
    at::Tensor local = at_side("conv1d.bias");
    for (int64_t tap = 0; tap < 4; ++tap) {
      if (t + tap - 3 >= 0) local = local + at_side("conv1d.weight").select(1, tap) * u[t + tap - 3];
    }
    const at::Tensor x = local * local.sigmoid();
    const at::Tensor chosen = at::matmul(at_side("x_proj.weight"), x);
    const at::Tensor dt =
        (1.0 + (at::matmul(at_side("dt_proj.weight"), chosen.slice(0, 0, rank)) + at_side("dt_proj.bias")).exp()).log();
    const at::Tensor b = chosen.slice(0, rank, rank + state);
    const at::Tensor c = chosen.slice(0, rank + state);
    h = (dt.unsqueeze(1) * rate).exp() * h + (dt * x).unsqueeze(1) * b;
    rows.push_back(at::matmul(h, c) + at_side("D") * x);
  }
  return at::stack(rows);
}

}  // namespace

class TestModelMixersScan : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void scanEqualsTheRecurrence_data();
  void scanEqualsTheRecurrence();
  void scanGradientsEqualFiniteDifferences();
  void mambaEqualsItsStepByStepForm_data();
  void mambaEqualsItsStepByStepForm();
  void mambaIsStableOverLongVideos_data();
  void mambaIsStableOverLongVideos();
  void statesStayBelowTheirBound();
  void stepsChooseWhatIsKept();
  void oneDirectionLooksBackOnly();
  void initialStepsAndRatesAreThoseOfTheSource();
  void maxpoolEqualsTheLargestOfTheWindow_data();
  void maxpoolEqualsTheLargestOfTheWindow();
  void wrongShapesAreNamed();
};

void TestModelMixersScan::scanEqualsTheRecurrence_data() {
  QTest::addColumn<QList<qint64>>("offsets");
  QTest::newRow("one step") << QList<qint64>{0, 1};
  QTest::newRow("less than a chunk") << QList<qint64>{0, 13};
  QTest::newRow("a chunk") << QList<qint64>{0, 32};
  QTest::newRow("a chunk and a step") << QList<qint64>{0, 33};
  QTest::newRow("many chunks") << QList<qint64>{0, 203};
  QTest::newRow("runs of 1, 40, 2 and 70") << QList<qint64>{0, 1, 41, 43, 113};
}

void TestModelMixersScan::scanEqualsTheRecurrence() {
  QFETCH(QList<qint64>, offsets);
  const std::vector<int64_t> borders(offsets.begin(), offsets.end());
  ScanCase c(borders.back(), 5, 3, 20);
  const at::Tensor upstream = randomTensor({borders.back(), 5}, 30);
  std::vector<std::vector<at::Tensor>> gradients;
  std::vector<at::Tensor> results;
  for (const bool by_hand : {false, true}) {
    gradients.emplace_back();
    for (at::Tensor* t : {&c.x, &c.step, &c.rate, &c.input, &c.output}) *t = t->detach().clone().requires_grad_(true);
    results.push_back(by_hand ? c.recurrence(borders) : c.scan(borders));
    (results.back() * upstream).sum().backward();
    for (const at::Tensor& t : {c.x, c.step, c.rate, c.input, c.output}) gradients.back().push_back(t.grad());
  }
  QVERIFY(largestDifference(results[0], results[1]) < 1e-12);
  for (size_t i = 0; i < 5; ++i) {
    const double scale = std::max(1.0, gradients[1][i].abs().max().item<double>());
    QVERIFY2(largestDifference(gradients[0][i], gradients[1][i]) < 1e-12 * scale, qPrintable(QString::number(i)));
  }
}

void TestModelMixersScan::scanGradientsEqualFiniteDifferences() {
  ScanCase c(37, 2, 2, 40);
  for (at::Tensor* t : {&c.x, &c.step, &c.rate, &c.input, &c.output}) t->requires_grad_(true);
  const QString fault = gradientFault(
      [&] {
        return c.scan({0, 1, 37});
      },
      {{"x", c.x}, {"step", c.step}, {"rate", c.rate}, {"input", c.input}, {"output", c.output}}, 20);
  QVERIFY2(fault.isEmpty(), qPrintable(fault));
}

void TestModelMixersScan::mambaEqualsItsStepByStepForm_data() {
  QTest::addColumn<qint64>("steps");
  QTest::addColumn<bool>("bidirectional");
  for (const qint64 steps : {1, 2, 3, 5, 70}) {
    QTest::addRow("%lld steps, one direction", static_cast<long long>(steps)) << steps << false;
    QTest::addRow("%lld steps, both directions", static_cast<long long>(steps)) << steps << true;
  }
}

void TestModelMixersScan::mambaEqualsItsStepByStepForm() {
  QFETCH(qint64, steps);
  QFETCH(bool, bidirectional);
  hvlm::EncoderOptions options = tinyOptions("mamba");
  options.mixer_bidirectional = bidirectional;
  const TinyMixer mixer(options);
  const at::Tensor run = randomTensor({steps, 8}, 41);
  const std::vector<at::Tensor> halves = at::matmul(run, row(mixer, "in_proj.weight").t()).chunk(2, 1);
  at::Tensor expected = blockByHand(mixer, "forward", halves[0]);
  if (bidirectional) expected = expected + blockByHand(mixer, "backward", halves[0].flip(0)).flip(0);
  expected = at::matmul(expected * halves[1] * halves[1].sigmoid(), row(mixer, "out_proj.weight").t());
  QVERIFY(largestDifference(mixer(run), expected) < 1e-11);
}

void TestModelMixersScan::mambaIsStableOverLongVideos_data() {
  QTest::addColumn<qint64>("steps");
  QTest::newRow("8,192 steps") << qint64{8192};
  QTest::newRow("10,000 steps") << qint64{10000};
}

void TestModelMixersScan::mambaIsStableOverLongVideos() {
  QFETCH(qint64, steps);
  const TinyMixer mixer(tinyOptions("mamba"), at::kFloat);
  // The hardest input for a state that adds up: the same large step again and again.
  const at::Tensor x = (randomTensor({1, 8}, 42, at::kFloat) * 10.0).expand({steps, 8}).clone().requires_grad_(true);
  const at::Tensor out = mixer(x);
  out.sum().backward();
  QVERIFY(at::isfinite(out).all().item<bool>());
  QVERIFY(at::isfinite(x.grad()).all().item<bool>());
  for (const hvlm::Parameter& p : mixer.set.all())
    QVERIFY2(at::isfinite(p.value.grad()).all().item<bool>(), p.name.c_str());
  const double late = out.abs().max().item<double>();
  const double early = mixer(x.slice(0, 0, 2048).detach()).abs().max().item<double>();
  QVERIFY2(late < 1.01 * early, qPrintable(QStringLiteral("%1 after %2").arg(late).arg(early)));  // it has settled
}

// A geometric sum: |h| <= max |input x| step / (1 - exp(-step |rate|)) <= max |input x| (step + 1 / |rate|).
void TestModelMixersScan::statesStayBelowTheirBound() {
  ScanCase c(8192, 1, 1, 50);
  c.output.fill_(1.0);  // the result is the state itself
  const double bound = ((c.x * c.input).abs().max() * (c.step.max() + 1.0 / c.rate.abs().min())).item<double>();
  const at::Tensor state = c.scan({0, 8192});
  QVERIFY(at::isfinite(state).all().item<bool>());
  QVERIFY(state.abs().max().item<double>() <= bound);
  c.x.fill_(1.0);
  c.input.fill_(1.0);
  c.step.fill_(0.1);
  c.rate.fill_(-2.0);
  const double limit = 0.1 / (1.0 - std::exp(-0.2));
  QVERIFY(std::abs(c.scan({0, 8192})[8191].item<double>() - limit) < 1e-9);
}

// Input, output and step size come from the data: at a large step the past is forgotten, at a small one it stays.
void TestModelMixersScan::stepsChooseWhatIsKept() {
  const TinyMixer mixer(tinyOptions("mamba"));
  for (const char* name : {"x_proj.weight", "dt_proj.weight"}) {
    const at::Tensor run = randomTensor({20, 8}, 51);
    const at::Tensor before = mixer(run);
    const at::Tensor weight = row(mixer, (std::string("forward.") + name).c_str());
    const at::Tensor stored = weight.detach().clone();
    weight.detach().zero_();  // choices that no longer depend on the step
    QVERIFY2(largestDifference(mixer(run), before) > 1e-4, name);
    weight.detach().copy_(stored);
  }
  ScanCase c(3, 1, 1, 52);
  c.rate.fill_(-1.0);
  c.x.copy_(at::tensor({1.0, 0.0, 0.0}, at::kDouble).view({3, 1}));
  c.input.fill_(1.0);
  c.output.fill_(1.0);
  c.step.copy_(at::tensor({1.0, 1e-6, 50.0}, at::kDouble).view({3, 1}));
  const at::Tensor y = c.scan({0, 3});
  QVERIFY(std::abs(y[1].item<double>() - 1.0) < 1e-5);
  QVERIFY(std::abs(y[2].item<double>()) < 1e-12);
}

void TestModelMixersScan::oneDirectionLooksBackOnly() {
  for (const bool bidirectional : {false, true}) {
    hvlm::EncoderOptions options = tinyOptions("mamba");
    options.mixer_bidirectional = bidirectional;
    const TinyMixer mixer(options);
    const at::Tensor x = randomTensor({50, 8}, 53).requires_grad_(true);
    mixer(x)[20].sum().backward();
    const double past = x.grad().slice(0, 0, 20).norm().item<double>();
    const double future = x.grad().slice(0, 21).norm().item<double>();
    QVERIFY(past > 1e-6);
    QCOMPARE(future > 1e-6, bidirectional);
    if (!bidirectional) QCOMPARE(future, 0.0);
  }
}

void TestModelMixersScan::initialStepsAndRatesAreThoseOfTheSource() {
  hvlm::ParameterSet set;
  at::Generator generator = hvlm::makeGenerator(5);
  hvlm::EncoderOptions options = tinyOptions("mamba");
  options.dim = 64;
  hvlm::makeMixer(set, "m", options, generator, at::kFloat);
  for (const std::string side : {"forward", "backward"}) {
    const at::Tensor steps = at::softplus(set.find("m.mamba." + side + ".dt_proj.bias")->detach().to(at::kDouble));
    QVERIFY(steps.min().item<double>() >= 0.999e-3 && steps.max().item<double>() <= 1.001e-1);
    QVERIFY(steps.log().std().item<double>() > 1.0);  // spread over the whole range
    const at::Tensor rate = set.find("m.mamba." + side + ".A_log")->detach().exp();
    QVERIFY(largestDifference(rate[7], at::tensor({1.0, 2.0, 3.0}, at::kFloat)) < 1e-6);
  }
  for (const hvlm::Parameter& p : set.all())
    QCOMPARE(p.decay, p.value.dim() == 2 && !QString::fromStdString(p.name).endsWith("A_log"));
}

void TestModelMixersScan::maxpoolEqualsTheLargestOfTheWindow_data() {
  QTest::addColumn<qint64>("window");
  for (const qint64 window : {1, 3, 9, 101}) QTest::addRow("window %lld", static_cast<long long>(window)) << window;
}

void TestModelMixersScan::maxpoolEqualsTheLargestOfTheWindow() {
  QFETCH(qint64, window);
  hvlm::EncoderOptions options = tinyOptions("maxpool");
  options.mixer_window = window;
  const TinyMixer mixer(options);
  QCOMPARE(mixer.set.size(), int64_t{0});
  for (const int64_t steps : {1, 2, 5, 40}) {
    const at::Tensor x = (randomTensor({steps, 8}, 60) - 5.0).requires_grad_(true);  // below zero: padding must not win
    const at::Tensor out = mixer(x);
    at::Tensor counts = at::zeros_like(x);
    for (int64_t t = 0; t < steps; ++t) {
      const int64_t first = std::max<int64_t>(0, t - window / 2);
      const at::Tensor seen = x.detach().slice(0, first, t + window / 2 + 1);
      QVERIFY(at::equal(out[t], seen.amax(0)));
      for (int64_t channel = 0; channel < 8; ++channel) {
        counts[first + seen.argmax(0)[channel].item<int64_t>()][channel] += 1.0;
      }
    }
    out.sum().backward();
    QVERIFY(at::equal(x.grad(), counts));
  }
}

void TestModelMixersScan::wrongShapesAreNamed() {
  const ScanCase c(6, 2, 3, 70);
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, c.scan({0, 5}));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::selectiveScan(c.x, c.step, c.rate.t(), c.input, c.output, {0, 6}));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::selectiveScan(c.x, c.input, c.rate, c.input, c.output, {0, 6}));
}

QTEST_GUILESS_MAIN(TestModelMixersScan)
#include "tst_model_mixers_scan.moc"
