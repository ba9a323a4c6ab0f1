// SPDX-License-Identifier: Apache-2.0
// Temporal cosine loss and the optimiser's sweep beside their plain versions, and the switch between both.
#include <ATen/ATen.h>

#include <QtTest>
#include <QCoreApplication>

#include "engine/kernels/kernels.h"
#include "engine/objective/temporal.h"
#include "engine/train/optimizer.h"
#include "kernel_cases.h"
#include "support/error.h"
#include "support/process.h"

using namespace hvlm::testing;

namespace {

// All that the loss gives. Leaf: rows [N, D].
Work temporalWork(const Lengths& lengths, bool gated) {
  return [=](const std::vector<at::Tensor>& leaves) {
    const auto offsets = offsetsOf(lengths);
    const int64_t pairs = std::max<int64_t>(offsets.back() - 1, 0);
    const at::Tensor gate = gated ? randomRows({pairs}, 5).abs().clamp_max(1.0).to(leaves[0].scalar_type()) : at::Tensor();
    const hvlm::TemporalLoss loss = hvlm::temporalLoss(leaves[0], offsets, gate);
    return std::vector<at::Tensor>{loss.per_video_sum, loss.sum, loss.mean_pairs, loss.mean_videos};
  };
}

// Some tensors of a network, with their gradients, state and average.
struct Trained {
  std::vector<at::Tensor> values, gradients;
  std::unique_ptr<hvlm::AdamW> adam;
  std::unique_ptr<hvlm::MovingAverage> average;
  explicit Trained(at::ScalarType type = at::kFloat) {
    uint64_t seed = 50;
    std::vector<hvlm::OptimizedTensor> tensors;
    for (const std::vector<int64_t>& sizes : std::vector<std::vector<int64_t>>{{1}, {7}, {8}, {33}, {0}, {16385}, {130, 257}, {64, 64}}) {
      values.push_back(randomRows(sizes, ++seed).to(type).requires_grad_(true));
      tensors.push_back({"t" + std::to_string(seed), values.back(), seed % 2 == 0 ? 0.05 : 0.0});
    }
    adam = std::make_unique<hvlm::AdamW>(std::move(tensors), hvlm::AdamWOptions{});
    average = std::make_unique<hvlm::MovingAverage>(values, 0.99);
  }
  // The gradients of step `i`; the fourth tensor has none in every other step.
  void draw(int64_t i, double scale = 1.0) {
    adam->zeroGrad();
    for (size_t t = 0; t < values.size(); ++t) {
      if (t == 3 && i % 2 == 1) continue;
      values[t].mutable_grad() = randomRows(values[t].sizes(), 1000 * static_cast<uint64_t>(i + 1) + t, scale).to(values[t].scalar_type());
    }
  }
  std::vector<at::Tensor> all() {
    std::vector<at::Tensor> state;
    for (const std::vector<at::Tensor>* list : {&values, &adam->firstMoments(), &adam->secondMoments(), &average->averages()}) {
      for (const at::Tensor& t : *list) state.push_back(t.detach().clone());
    }
    return state;
  }
};

// State and norms after some steps.
std::vector<at::Tensor> trained(int64_t steps, at::ScalarType type, bool together) {
  Trained net(type);
  std::vector<double> norms;
  for (int64_t i = 0; i < steps; ++i) {
    net.draw(i, i % 3 == 0 ? 0.001 : 1.0);  // some below the clip
    norms.push_back(net.adam->clipGradients(3.0));
    if (together) {
      net.adam->step(1e-2, net.average.get());
    } else {
      net.adam->step(1e-2);
      net.average->update(net.values);
    }
  }
  auto state = net.all();
  state.push_back(at::tensor(norms, at::kDouble));
  return state;
}

}  // namespace

class TestKernelTraining : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void temporalEqualsPlain_data();
  void temporalEqualsPlain();
  void oneChannelHasNoDirectionToLearn();
  void temporalGradientsAreSlopes_data();
  void temporalGradientsAreSlopes();
  void temporalIsTheSameForAnyThreads();
  void aNeighbourChangesNoTerm();
  void rowsWithoutDirectionGiveNothing();
  void theSmoothnessGateEqualsPlain_data();
  void theSmoothnessGateEqualsPlain();
  void wrongCallsAreNamed();
  void theSweepEqualsPlain();
  void theSweepWithTheAverageIsBoth();
  void theSweepIsTheSameForAnyThreads();
  void gradientsThatLieOtherwiseAreTaken();
  void theClipSurvivesASwitchToPlain();
  void doubleTensorsAreScaledAtOnce();
  void gradientsThatAreNotFiniteShow();
  void autogradSeesTheStep();
  void anAverageOfOtherTensorsIsRefused();
  void whyPlain_data();
  void whyPlain();
  void theSwitchTurnsBothWays();
  void theEnvironmentAsksForPlain();
};

void TestKernelTraining::temporalEqualsPlain_data() {
  QTest::addColumn<Lengths>("lengths");
  QTest::addColumn<qint64>("width");
  QTest::newRow("no steps") << Lengths{0} << qint64{8};
  QTest::newRow("no steps in any of three videos") << Lengths{0, 0, 0} << qint64{8};
  QTest::newRow("one step") << Lengths{1} << qint64{8};
  QTest::newRow("two steps") << Lengths{2} << qint64{8};
  QTest::newRow("two channels") << Lengths{33} << qint64{2};
  QTest::newRow("an odd number of channels") << Lengths{5, 33} << qint64{37};
  QTest::newRow("empty videos in between") << Lengths{0, 5, 0, 0, 17, 1, 0} << qint64{24};
  QTest::newRow("wide rows") << Lengths{100, 31} << qint64{1024};
  QTest::newRow("20,000 steps") << Lengths{20000} << qint64{16};
}
void TestKernelTraining::temporalEqualsPlain() {
  SKIP_WITHOUT_FUSED();
  QFETCH(Lengths, lengths);
  QFETCH(qint64, width);
  for (const bool gated : {false, true}) {
    const QString wrong = differenceFromPlain(temporalWork(lengths, gated), {randomRows({offsetsOf(lengths).back(), width}, 1)});
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
  }
}

void TestKernelTraining::oneChannelHasNoDirectionToLearn() {
  SKIP_WITHOUT_FUSED();
  const auto results = resultsOf(temporalWork({33}, false), {randomRows({33, 1}, 1)});
  const int64_t turns = std::llround(results[1].item<double>() / 2.0);  // a cosine is 1 or -1
  QVERIFY(turns > 0 && std::abs(results[1].item<double>() - 2.0 * static_cast<double>(turns)) < 1e-5);
  QVERIFY(results[4].abs().max().item<double>() < 1e-4);  // zero but for rounding: rows near 0 make it larger
}

void TestKernelTraining::temporalGradientsAreSlopes_data() {
  QTest::addColumn<bool>("gated");
  QTest::newRow("every pair counts") << false;
  QTest::newRow("gated") << true;
}
void TestKernelTraining::temporalGradientsAreSlopes() {
  SKIP_WITHOUT_FUSED();
  QFETCH(bool, gated);
  const QString wrong = differenceFromSlopes(temporalWork({1, 6, 0, 2, 9}, gated), {randomRows({18, 5}, 2)});
  QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
}

void TestKernelTraining::temporalIsTheSameForAnyThreads() {
  SKIP_WITHOUT_FUSED();
  QVERIFY(sameForAnyThreads(temporalWork({700, 1, 0, 399}, true), {randomRows({1100, 128}, 3)}));
}

void TestKernelTraining::aNeighbourChangesNoTerm() {
  SKIP_WITHOUT_FUSED();
  const auto results = [](const Lengths& lengths, const at::Tensor& rows, int64_t video, int64_t first, int64_t last) {
    const at::Tensor leaf = rows.clone().requires_grad_(true);
    const at::Tensor own = hvlm::temporalLoss(leaf, offsetsOf(lengths)).per_video_sum[video];
    own.backward();
    return std::vector<at::Tensor>{own.detach(), leaf.grad().slice(0, first, last)};
  };
  at::Tensor rows = randomRows({90, 24}, 7);
  const auto alone = results({40}, rows.slice(0, 20, 60), 0, 0, 40);
  QVERIFY(sameBits(results({20, 40, 30}, rows, 1, 20, 60), alone));
  rows.slice(0, 0, 20).fill_(std::numeric_limits<float>::quiet_NaN());
  rows.slice(0, 60).fill_(std::numeric_limits<float>::infinity());
  QVERIFY(sameBits(results({20, 40, 30}, rows, 1, 20, 60), alone));
}

void TestKernelTraining::rowsWithoutDirectionGiveNothing() {
  SKIP_WITHOUT_FUSED();
  at::Tensor rows = randomRows({6, 9}, 8);
  rows[2].zero_();
  rows[3].fill_(1e-10F);
  rows.requires_grad_(true);
  const hvlm::TemporalLoss loss = hvlm::temporalLoss(rows, {0, 6});
  loss.sum.backward();
  QCOMPARE(rows.grad()[2].abs().sum().item<float>(), 0.0F);
  QCOMPARE(rows.grad()[3].abs().sum().item<float>(), 0.0F);
  QVERIFY(rows.grad()[0].abs().sum().item<float>() > 0.0F);
  const PlainGuard plain;
  QVERIFY(relativeDistance(loss.sum, hvlm::temporalLoss(rows.detach().to(at::kDouble), {0, 6}).sum) < 1e-6);  // three pairs of cosine 0
}

void TestKernelTraining::theSmoothnessGateEqualsPlain_data() {
  QTest::addColumn<qint64>("steps");
  for (const qint64 steps : {0, 1, 2, 100}) QTest::addRow("%lld steps", steps) << steps;
}
void TestKernelTraining::theSmoothnessGateEqualsPlain() {
  SKIP_WITHOUT_FUSED();
  QFETCH(qint64, steps);
  const at::Tensor x = randomRows({steps, 37}, 9) + 0.5;
  const at::Tensor fused = hvlm::smoothnessGate(x);
  const PlainGuard plain;
  QVERIFY(relativeDistance(fused, hvlm::smoothnessGate(x.to(at::kDouble))) < 1e-6);
}

void TestKernelTraining::wrongCallsAreNamed() {
  const at::Tensor rows = randomRows({10, 4}, 1);
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::temporalLoss(rows, {0, 9}));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::temporalLoss(rows, {0, 50, 10}));  // falls: would read past the rows
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::temporalLoss(rows, {0, 10}, at::ones({10})));
}

void TestKernelTraining::theSweepEqualsPlain() {
  SKIP_WITHOUT_FUSED();
  const auto fused = trained(20, at::kFloat, true);
  const PlainGuard plain;
  const auto exact = trained(20, at::kDouble, false);
  QCOMPARE(fused.size(), exact.size());
  for (size_t i = 0; i < fused.size(); ++i) {
    const double distance = relativeDistance(fused[i], exact[i]);
    QVERIFY2(distance < 1e-6, qPrintable(QStringLiteral("state %1: %2").arg(i).arg(distance)));
  }
}

void TestKernelTraining::theSweepWithTheAverageIsBoth() { QVERIFY(sameBits(trained(7, at::kFloat, true), trained(7, at::kFloat, false))); }

void TestKernelTraining::theSweepIsTheSameForAnyThreads() {
  SKIP_WITHOUT_FUSED();
  const ThreadsGuard one(1);
  const auto first = trained(5, at::kFloat, true);
  for (const int threads : {1, 2, 3, 7}) {
    const ThreadsGuard more(threads);
    QVERIFY(sameBits(trained(5, at::kFloat, true), first));
  }
}

void TestKernelTraining::gradientsThatLieOtherwiseAreTaken() {
  Trained a, b;
  for (Trained* net : {&a, &b}) net->draw(0);
  at::Tensor& turned = b.values[7].mutable_grad();
  turned = turned.t().contiguous().t();
  QVERIFY(!turned.is_contiguous());
  QCOMPARE(a.adam->clipGradients(1.0), b.adam->clipGradients(1.0));
  a.adam->step(0.1);
  b.adam->step(0.1);
  QVERIFY(sameBits(a.all(), b.all()));
}

void TestKernelTraining::theClipSurvivesASwitchToPlain() {
  Trained a, b;
  for (Trained* net : {&a, &b}) {
    net->draw(0);
    net->adam->clipGradients(0.5);
  }
  a.adam->step(0.1);
  {
    const PlainGuard plain;
    b.adam->step(0.1);
  }
  for (size_t i = 0; i < a.values.size(); ++i) QVERIFY(relativeDistance(a.adam->firstMoments()[i], b.adam->firstMoments()[i]) < 1e-6);
  // A clip counts once: the next step has its own.
  for (Trained* net : {&a, &b}) {
    net->draw(1, 1e-4);
    net->adam->clipGradients(0.0);
    net->adam->step(0.1);
  }
  for (size_t i = 0; i < a.values.size(); ++i) QVERIFY(relativeDistance(a.adam->firstMoments()[i], b.adam->firstMoments()[i]) < 1e-6);
}

void TestKernelTraining::doubleTensorsAreScaledAtOnce() {
  Trained net(at::kDouble);
  net.draw(0);
  const double before = net.values[6].grad().norm().item<double>();
  const double norm = net.adam->clipGradients(0.5);
  QVERIFY(std::abs(net.values[6].grad().norm().item<double>() - before * 0.5 / (norm + 1e-6)) < 1e-9);
}

void TestKernelTraining::gradientsThatAreNotFiniteShow() {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    Trained net;
    net.draw(0);
    net.values[6].mutable_grad()[3][5] = bad;
    QVERIFY(!std::isfinite(net.adam->clipGradients(1.0)));
  }
}

void TestKernelTraining::autogradSeesTheStep() {
  Trained net;
  net.draw(0);
  const at::Tensor kept = net.values[2] * net.values[2];  // remembers the value for its backward pass
  net.adam->step(0.1);
  QVERIFY_THROWS_EXCEPTION(c10::Error, kept.sum().backward());
}

void TestKernelTraining::anAverageOfOtherTensorsIsRefused() {
  Trained net;
  hvlm::MovingAverage other({at::zeros({3})}, 0.9);
  net.draw(0);
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, net.adam->step(0.1, &other));
}

void TestKernelTraining::whyPlain_data() {
  QTest::addColumn<bool>("avx2");
  QTest::addColumn<bool>("fma");
  QTest::addColumn<QByteArray>("environment");  // null: not set
  QTest::addColumn<QString>("says");            // empty: fused
  QTest::newRow("a newer processor") << true << true << QByteArray() << "";
  QTest::newRow("nothing asked for") << true << true << QByteArray("") << "";
  QTest::newRow("asked for fused ones") << true << true << QByteArray("0") << "";
  QTest::newRow("asked for plain ones") << true << true << QByteArray("1") << "HVLM_PLAIN_KERNELS";
  QTest::newRow("no AVX2") << false << true << QByteArray() << "no AVX2";
  QTest::newRow("no FMA") << true << false << QByteArray("0") << "no FMA";
  QTest::newRow("an old processor") << false << false << QByteArray() << "no AVX2 and no FMA";
}
void TestKernelTraining::whyPlain() {
  QFETCH(bool, avx2);
  QFETCH(bool, fma);
  QFETCH(QByteArray, environment);
  QFETCH(QString, says);
  const QString why = QString::fromStdString(hvlm::whyPlain(avx2, fma, environment.isNull() ? nullptr : environment.constData()));
  QCOMPARE(why.isEmpty(), says.isEmpty());
  QVERIFY2(why.contains(says), qPrintable(why));
}

void TestKernelTraining::theSwitchTurnsBothWays() {
  const bool before = hvlm::fusedAvailable();
  {
    const PlainGuard plain;
    QVERIFY(!hvlm::fusedAvailable());
  }
  QCOMPARE(hvlm::fusedAvailable(), before);
}

void TestKernelTraining::theEnvironmentAsksForPlain() {
  if (qEnvironmentVariableIsSet("HVLM_PLAIN_KERNELS")) {  // this test in the child process below
    QVERIFY(!hvlm::fusedAvailable());
    hvlm::temporalLoss(randomRows({10, 4}, 1), {0, 10});
    return;
  }
  const ProcessResult child = runProgram(QCoreApplication::applicationFilePath(), {QStringLiteral("theEnvironmentAsksForPlain")}, 120, {}, {QStringLiteral("HVLM_PLAIN_KERNELS=1")});
  QCOMPARE(child.exit_code, 0);
  QCOMPARE(child.err.count("the plain kernels are used"), 1);  // said once
}

QTEST_GUILESS_MAIN(TestKernelTraining)
#include "tst_engine_kernels_training.moc"
