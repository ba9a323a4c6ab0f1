// SPDX-License-Identifier: Apache-2.0
// The linear probe against what its optimum must satisfy, neighbours by hand, cluster figures by hand.
#include <ATen/ATen.h>

#include <QtTest>
#include <cmath>

#include "data/catalogue.h"
#include "data/feature_store.h"
#include "engine/eval/embed.h"
#include "engine/eval/probe.h"
#include "engine/eval/separation.h"
#include "score/classification.h"
#include "support/error.h"
#include "support/golden.h"
#include "support/hash.h"

using hvlm::fitLinearProbe;
using hvlm::LinearProbe;

namespace {

at::Tensor noise(int64_t count, int64_t columns, uint64_t seed) {
  at::Tensor x = at::empty({count, columns}, at::kFloat);
  for (int64_t i = 0; i < x.numel(); ++i) {
    x.data_ptr<float>()[i] = static_cast<float>(static_cast<double>(hvlm::mixSeed(seed, static_cast<uint64_t>(i)) >> 11) * 0x1.0p-52 - 1.0);
  }
  return x;
}

// The objective in double at any weights of the scaled problem, written here on its own.
double objective(const at::Tensor& x, const std::vector<int64_t>& labels, const at::Tensor& weight, const at::Tensor& bias, double c) {
  const at::Tensor logits = x.mm(weight.t()) + bias;
  double loss = 0.0;
  for (size_t i = 0; i < labels.size(); ++i) {
    const auto row = static_cast<int64_t>(i);
    loss += (logits[row].logsumexp(0) - logits[row][labels[i]]).item<double>();
  }
  return loss + weight.pow(2).sum().item<double>() / (2.0 * c);
}

struct Problem {
  at::Tensor x;
  std::vector<int64_t> labels;
};
// Overlapping classes, so the optimum is finite even with little regularisation.
Problem overlapping(int64_t rows, int64_t columns, int64_t classes, uint64_t seed) {
  Problem p{noise(rows, columns, seed), {}};
  const at::Tensor centres = noise(classes, columns, seed + 1);
  for (int64_t i = 0; i < rows; ++i) {
    const auto label = static_cast<int64_t>(hvlm::mixSeed(seed + 2, static_cast<uint64_t>(i)) % static_cast<uint64_t>(classes));
    p.labels.push_back(label);
    p.x[i].add_(centres[label], 0.6);
  }
  return p;
}

}  // namespace

class TestEvalProbe : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void theGradientVanishesAtTheOptimum_data();
  void theGradientVanishesAtTheOptimum();
  void noStepAwayIsBetter();
  void oneDimensionAgainstBisection_data();
  void oneDimensionAgainstBisection();
  void scaleOfFeaturesDoesNotMatter();
  void aClassWithoutRows();
  void aSingleClass();
  void theSameRowsGiveTheSame();
  void itCanBeStopped();
  void wrongCallsAreNamed();
  void neighbourVotesByHand();
  void equalVotesGoToTheNearer();
  void fewerNeighboursThanAsked();
  void clusterFiguresByHand();
  void referenceFiguresOfUcf15();
};

void TestEvalProbe::theGradientVanishesAtTheOptimum_data() {
  QTest::addColumn<int>("rows");
  QTest::addColumn<int>("columns");
  QTest::addColumn<int>("classes");
  QTest::addColumn<double>("c");
  QTest::newRow("two classes") << 60 << 3 << 2 << 1.0;
  QTest::newRow("seven classes, more columns than rows of a class") << 150 << 20 << 7 << 1.0;
  QTest::newRow("strong regularisation") << 80 << 6 << 4 << 0.01;
  QTest::newRow("weak regularisation") << 300 << 4 << 3 << 100.0;
}

// Optimality in double: sum over rows of (p - y) is 0 for each bias; sum of (p - y) x + w / C is 0 for each weight.
void TestEvalProbe::theGradientVanishesAtTheOptimum() {
  QFETCH(int, rows);
  QFETCH(int, columns);
  QFETCH(int, classes);
  QFETCH(double, c);
  const Problem p = overlapping(rows, columns, classes, 1);
  const LinearProbe probe = fitLinearProbe(p.x, p.labels, classes, c);
  const at::Tensor x = p.x.to(at::kDouble) / probe.scale;
  const at::Tensor w = probe.weight.to(at::kDouble);
  const at::Tensor y = at::one_hot(at::tensor(p.labels, at::kLong), classes).to(at::kDouble);
  const at::Tensor residual = at::softmax(x.mm(w.t()) + probe.bias.to(at::kDouble), 1) - y;
  const double of_bias = residual.sum(0).abs().max().item<double>();
  const double of_weight = (residual.t().mm(x) + w / c).abs().max().item<double>();
  const double at_start = (at::full_like(y, 1.0 / classes) - y).t().mm(x).abs().max().item<double>();
  QVERIFY2(of_bias < 2e-3 * at_start && of_weight < 2e-3 * at_start,
           qPrintable(QStringLiteral("bias %1, weight %2, at zero %3").arg(of_bias).arg(of_weight).arg(at_start)));
  QVERIFY(std::abs(probe.scale - p.x.norm(2, 1).mean().item<double>()) < 1e-4);
}

void TestEvalProbe::noStepAwayIsBetter() {
  const Problem p = overlapping(100, 5, 3, 4);
  const LinearProbe probe = fitLinearProbe(p.x, p.labels, 3);
  const at::Tensor x = p.x.to(at::kDouble) / probe.scale;
  const at::Tensor w = probe.weight.to(at::kDouble);
  const at::Tensor b = probe.bias.to(at::kDouble);
  const double best = objective(x, p.labels, w, b, 1.0);
  QVERIFY(best < 0.9 * objective(x, p.labels, at::zeros_like(w), at::zeros_like(b), 1.0));
  for (uint64_t seed = 10; seed < 40; ++seed) {
    const at::Tensor dw = noise(3, 5, seed).to(at::kDouble) * 0.03;
    const at::Tensor db = noise(1, 3, seed + 100).view({3}).to(at::kDouble) * 0.03;
    QVERIFY(objective(x, p.labels, w + dw, b + db, 1.0) > best);
  }
}

void TestEvalProbe::oneDimensionAgainstBisection_data() {
  QTest::addColumn<double>("c");
  for (const double c : {0.1, 1.0, 10.0}) QTest::addRow("C = %g", c) << c;
}

// Points 1, 1, 3 of class 1 and -1, -1, -3, 0.5, -0.5 mirrored, so the bias is 0 and one weight is left: softmax of (-w, w) is a
// logistic of 2 w x with penalty 2 w^2 / (2 C). Its derivative is solved by bisection.
void TestEvalProbe::oneDimensionAgainstBisection() {
  QFETCH(double, c);
  const std::vector<double> points = {1, 1, 3, -0.5};
  std::vector<float> x;
  std::vector<int64_t> labels;
  for (const double point : points) {
    x.insert(x.end(), {static_cast<float>(point), static_cast<float>(-point)});
    labels.insert(labels.end(), {1, 0});
  }
  const double scale = (1 + 1 + 3 + 0.5) / 4.0;
  const auto derivative = [&](double w) {
    double sum = 2.0 * w / c;
    for (const double point : points) sum -= 2.0 * 2.0 * (point / scale) / (1.0 + std::exp(2.0 * w * point / scale));  // two rows each
    return sum;
  };
  double low = 0.0, high = 100.0;
  QVERIFY(derivative(low) < 0.0 && derivative(high) > 0.0);
  for (int i = 0; i < 200; ++i) (derivative((low + high) / 2) < 0.0 ? low : high) = (low + high) / 2;
  const LinearProbe probe = fitLinearProbe(at::tensor(x, at::kFloat).view({8, 1}), labels, 2, c);
  QVERIFY(std::abs(probe.scale - scale) < 1e-6);
  const double w = probe.weight[1][0].item<double>();
  QVERIFY2(std::abs(w - low) < 1e-3 * low, qPrintable(QStringLiteral("weight %1, bisection %2").arg(w).arg(low)));
  QVERIFY(std::abs(probe.weight[0][0].item<double>() + w) < 1e-3);
  QVERIFY(probe.bias.abs().max().item<double>() < 1e-3);
}

void TestEvalProbe::scaleOfFeaturesDoesNotMatter() {
  const Problem p = overlapping(80, 6, 3, 5);
  const at::Tensor a = fitLinearProbe(p.x, p.labels, 3).probabilities(p.x);
  const at::Tensor b = fitLinearProbe(p.x * 1000.0, p.labels, 3).probabilities(p.x * 1000.0);
  QVERIFY(at::allclose(a, b, 1e-3, 1e-3));
}

void TestEvalProbe::aClassWithoutRows() {
  const Problem p = overlapping(90, 4, 3, 6);
  const LinearProbe probe = fitLinearProbe(p.x, p.labels, 5);  // classes 3 and 4 never occur
  const at::Tensor scores = probe.probabilities(p.x);
  QCOMPARE(scores.size(1), int64_t{5});
  QVERIFY(at::isfinite(scores).all().item<bool>());
  QVERIFY((scores.narrow(1, 3, 2).sum(1) < 0.1).all().item<bool>());
  QVERIFY(at::equal(probe.logits(p.x).argmax(1), fitLinearProbe(p.x, p.labels, 3).logits(p.x).argmax(1)));
}

void TestEvalProbe::aSingleClass() {
  const LinearProbe probe = fitLinearProbe(noise(10, 3, 7), std::vector<int64_t>(10, 0), 1);
  QVERIFY(at::allclose(probe.probabilities(noise(4, 3, 8)), at::ones({4, 1})));
}

void TestEvalProbe::theSameRowsGiveTheSame() {
  const Problem p = overlapping(120, 8, 4, 9);
  const LinearProbe a = fitLinearProbe(p.x, p.labels, 4);
  const LinearProbe b = fitLinearProbe(p.x.clone(), p.labels, 4);
  QVERIFY(at::equal(a.weight, b.weight) && at::equal(a.bias, b.bias));
}

void TestEvalProbe::itCanBeStopped() {
  const Problem p = overlapping(50, 4, 3, 10);
  int asked = 0;
  QVERIFY_THROWS_EXCEPTION(hvlm::Interrupted, fitLinearProbe(p.x, p.labels, 3, 1.0, 300, [&] { return ++asked < 3; }));
  QCOMPARE(asked, 3);
}

void TestEvalProbe::wrongCallsAreNamed() {
  QVERIFY_THROWS_EXCEPTION(hvlm::InputError, fitLinearProbe(at::zeros({0, 3}), {}, 2));
  QVERIFY_THROWS_EXCEPTION(hvlm::InputError, fitLinearProbe(at::zeros({2, 3}), {0}, 2));
}

void TestEvalProbe::neighbourVotesByHand() {
  // Directions at 0, 10, 20, 90 and 100 degrees; only angles count, not lengths.
  const auto at_angle = [](double degrees, double length) {
    const double radians = degrees * std::acos(-1.0) / 180.0;
    return at::tensor({length * std::cos(radians), length * std::sin(radians)}, at::kDouble).to(at::kFloat);
  };
  const at::Tensor bank = at::stack({at_angle(0, 1), at_angle(10, 50), at_angle(20, 0.1), at_angle(90, 3), at_angle(100, 1)});
  const std::vector<int64_t> labels = {0, 1, 1, 2, 2};
  const at::Tensor x = at::stack({at_angle(12, 1), at_angle(80, 9)});
  const at::Tensor votes = hvlm::nearestNeighbourVotes(bank, labels, x, 4, 3);
  QVERIFY(at::allclose(votes[0], at::tensor({1.0 / 3, 2.0 / 3, 0.0, 0.0}, at::kDouble).to(at::kFloat), 0.0, 0.01));
  QVERIFY(at::allclose(votes[1], at::tensor({0.0, 1.0 / 3, 2.0 / 3, 0.0}, at::kDouble).to(at::kFloat), 0.0, 0.01));
  QVERIFY(at::allclose(votes.sum(1), at::ones({2})));
}

void TestEvalProbe::equalVotesGoToTheNearer() {
  // Nearest first: classes 2, 0, 0, 2. Both have two votes; summed places are equal too, only the very nearest decides.
  const at::Tensor bank = at::tensor({1.0, 0.0, 1.0, 0.1, 1.0, 0.2, 1.0, 0.3}, at::kDouble).view({4, 2}).to(at::kFloat);
  const at::Tensor x = at::tensor({1.0, 0.0}, at::kDouble).view({1, 2}).to(at::kFloat);
  QCOMPARE(hvlm::nearestNeighbourVotes(bank, {2, 0, 0, 2}, x, 3, 4).argmax(1).item<int64_t>(), int64_t{2});
  QCOMPARE(hvlm::nearestNeighbourVotes(bank, {0, 2, 2, 0}, x, 3, 4).argmax(1).item<int64_t>(), int64_t{0});
  // More votes still win over a nearer one.
  QCOMPARE(hvlm::nearestNeighbourVotes(bank, {2, 0, 0, 1}, x, 3, 4).argmax(1).item<int64_t>(), int64_t{0});
}

void TestEvalProbe::fewerNeighboursThanAsked() {
  const at::Tensor votes = hvlm::nearestNeighbourVotes(at::eye(2), {0, 1}, at::eye(2), 2, 20);
  QVERIFY(at::equal(votes.argmax(1), at::tensor({0, 1}, at::kLong)));
}

// Vectors in four corners around their mean, classes left and right: what feature quality must say of them.
void TestEvalProbe::clusterFiguresByHand() {
  const at::Tensor x = at::tensor({3.0, 1.0, 3.0, -1.0, -3.0, 1.0, -3.0, -1.0}, at::kDouble).view({4, 2}) + 7.0;
  const std::vector<int64_t> labels = {4, 4, 9, 9};
  const double cosine = 3.0 / std::sqrt(10.0);  // of a vector with its class mean
  const hvlm::CentredSeparation s = hvlm::centredSeparation(x, labels);
  QVERIFY(std::abs(s.intra - (1.0 - cosine)) < 1e-12);
  QVERIFY(std::abs(s.inter - 2.0) < 1e-12);
  QVERIFY(std::abs(s.separation - (1.0 + cosine)) < 1e-12);
  QVERIFY(std::abs(hvlm::scatterRatio(x, labels) - 9.0) < 1e-12);  // 0.9 between, 0.1 within
  QVERIFY(std::abs(hvlm::clusterAgreement(x, labels) - 1.0) < 1e-12);
  QVERIFY(hvlm::clusterAgreement(x, {0, 1, 0, 1}) < 1e-12);
  QCOMPARE(hvlm::clusterAgreement(x, {5, 5, 5, 5}), 1.0);
  QVERIFY(hvlm::clusterAgreement(noise(200, 8, 11), overlapping(200, 2, 4, 12).labels) < 0.1);
}

// data/README.md of ucf15: mean-pooled linear classifier 0.8615, per-second frame accuracy 0.9237.
void TestEvalProbe::referenceFiguresOfUcf15() {
  const std::string folder = hvlm::testing::sharedFolder("data/ucf15");
  if (folder.empty()) QSKIP("../shared/data/ucf15 is not here");
  const hvlm::DatasetSpec spec = hvlm::readDatasetSpec(folder + "/dataset.yaml");
  const hvlm::Catalogue catalogue = hvlm::readCatalogue(spec);
  const auto store = hvlm::FeatureStore::open(spec.features);
  const auto classes = static_cast<int64_t>(catalogue.classes.size());
  QCOMPARE(classes, int64_t{10});
  const auto training = catalogue.subset("training");
  const auto validation = catalogue.subset("validation");
  const hvlm::EmbeddedSet fitted = hvlm::rawSet(*store, catalogue, training);
  const hvlm::EmbeddedSet scored = hvlm::rawSet(*store, catalogue, validation);

  const LinearProbe of_videos = fitLinearProbe(fitted.video_vectors, hvlm::mainLabelsOf(catalogue, training), classes);
  const at::Tensor scores = of_videos.probabilities(scored.video_vectors).contiguous();
  const auto figures = hvlm::scoreClassification({scores.const_data_ptr<float>(), static_cast<size_t>(scores.numel())}, classes,
                                                 hvlm::labelSetsOf(catalogue, validation), hvlm::mainLabelsOf(catalogue, validation));
  QVERIFY2(std::abs(figures.top1_main - 0.8615384615384616) < 1e-9, qPrintable(QString::number(figures.top1_main, 'g', 10)));

  auto step_labels = hvlm::stepLabelsOf(catalogue, spec.features, fitted);
  auto wanted = hvlm::stepLabelsOf(catalogue, spec.features, scored);
  for (auto* list : {&step_labels, &wanted}) {
    for (int64_t& label : *list) label = label < 0 ? classes : label;
  }
  const LinearProbe of_steps = fitLinearProbe(fitted.steps, step_labels, classes + 1);
  const double accuracy = of_steps.logits(scored.steps).argmax(1).eq(at::tensor(wanted, at::kLong)).to(at::kDouble).mean().item<double>();
  QVERIFY2(std::abs(accuracy - 0.9236824738380315) < 0.003, qPrintable(QString::number(accuracy, 'g', 10)));
}

QTEST_GUILESS_MAIN(TestEvalProbe)
#include "tst_eval_probe.moc"
