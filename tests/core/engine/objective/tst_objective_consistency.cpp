// SPDX-License-Identifier: Apache-2.0
// Facts about the temporal, collapse, cross-scale, contrastive and classification terms that the golden files do not
// hold.
#include <ATen/ATen.h>

#include <QtTest>
#include <cmath>

#include "engine/objective/classification.h"
#include "engine/objective/collapse.h"
#include "engine/objective/cross_scale.h"
#include "engine/objective/infonce.h"
#include "engine/objective/temporal.h"
#include "support/error.h"

class TestObjectiveConsistency : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void oneDirectionCostsNothing();
  void unitRowsNeverReachTau();
  void pairsNeverCrossVideos();
  void sumAndMeanForms();
  void theGateSparesBoundaries();
  void crossScaleStopsItsTarget();
  void groupsAreNeverNegatives();
  void labelSetsAreSpread();
  void unlabelledVideosAreLeftOut();
  void wrongCallsAreNamed();
};

// method.md 2, fact (a): the paper's loss does not exclude collapse.
void TestObjectiveConsistency::oneDirectionCostsNothing() {
  const at::Tensor u = at::tensor({1.0, -2.0, 0.5, 3.0}, at::kDouble);
  const at::Tensor h = at::tensor({1.0, 2.0, 5.0, 9.0, 4.0}, at::kDouble).unsqueeze(1) * u;
  QVERIFY(std::abs(hvlm::temporalLoss(h, {0, 5}).sum.item<double>()) < 1e-14);
  QCOMPARE(hvlm::collapsePaper(h, 0.1).item<double>(), 0.0);
}

// Fact (b): the mean deviation of unit rows is at most 1 / sqrt(d), up to n / (n - 1).
void TestObjectiveConsistency::unitRowsNeverReachTau() {
  const int64_t d = 128;
  const at::Tensor sign = (at::arange(64 * d).remainder(7) > 2).to(at::kDouble).view({64, d}) * 2 - 1;
  const at::Tensor h = sign / std::sqrt(static_cast<double>(d));
  QVERIFY(hvlm::columnDeviation(h, false).mean().item<double>() <= 1.0 / std::sqrt(static_cast<double>(d)) + 1e-12);
  QVERIFY(hvlm::collapsePaper(h, 0.1).item<double>() > 0.0);
}

void TestObjectiveConsistency::pairsNeverCrossVideos() {
  const at::Tensor h = at::tensor({1.0, 0.0, 2.0, 0.0, 0.0, 1.0, 0.0, 3.0}, at::kDouble).view({4, 2});
  const hvlm::TemporalLoss joined = hvlm::temporalLoss(h, {0, 4});
  const hvlm::TemporalLoss apart = hvlm::temporalLoss(h, {0, 2, 4});
  QCOMPARE(joined.sum.item<double>(), 1.0);
  QCOMPARE(apart.sum.item<double>(), 0.0);
  QCOMPARE(apart.pairs, (std::vector<int64_t>{1, 1}));
}

void TestObjectiveConsistency::sumAndMeanForms() {
  // Video 0: one pair of term 1; video 1: three pairs of term 2; video 2: no pair.
  const at::Tensor h =
      at::tensor({1.0, 0.0, 0.0, 1.0, 1.0, 0.0, -1.0, 0.0, 1.0, 0.0, -1.0, 0.0, 5.0, 5.0}, at::kDouble).view({7, 2});
  const hvlm::TemporalLoss loss = hvlm::temporalLoss(h, {0, 2, 6, 7});
  QCOMPARE(loss.sum.item<double>(), 7.0);
  QCOMPARE(loss.mean_pairs.item<double>(), 1.75);
  QCOMPARE(loss.mean_videos.item<double>(), 1.5);
  QCOMPARE(hvlm::temporalObjective(loss, "sum").item<double>(), 7.0 / 3.0);
  QCOMPARE(hvlm::temporalObjective(loss, "mean").item<double>(), 1.5);
}

void TestObjectiveConsistency::theGateSparesBoundaries() {
  const at::Tensor raw = at::tensor({1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, -1.0, 1.0, -1.0}, at::kDouble).view({5, 2});
  const at::Tensor gate = hvlm::smoothnessGate(raw);
  QVERIFY(at::allclose(gate, at::tensor({1.0, 0.0, 0.0, 0.25}, at::kDouble), 0.0, 1e-12));
  const at::Tensor h =
      at::tensor({1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0}, at::kDouble).view({5, 2}).requires_grad_(true);
  const hvlm::TemporalLoss loss = hvlm::temporalLoss(h, {0, 5}, gate);
  QVERIFY(std::abs(loss.sum.item<double>() - 1.25) < 1e-12);
  loss.sum.backward();
  QCOMPARE(h.grad()[2].abs().sum().item<double>(), 0.0);  // both its pairs are gated off
}

void TestObjectiveConsistency::crossScaleStopsItsTarget() {
  const at::Tensor p = at::tensor({1.0, 0.0, 3.0, 0.0}, at::kDouble).view({2, 2}).requires_grad_(true);
  const at::Tensor t = at::tensor({0.0, 2.0, 4.0, 0.0}, at::kDouble).view({2, 2}).requires_grad_(true);
  const at::Tensor loss = hvlm::crossScaleLoss(p, t);
  loss.backward();
  QCOMPARE(loss.item<double>(), 0.5);
  QVERIFY(p.grad().abs().sum().item<double>() > 0.0);
  QVERIFY(!t.grad().defined());
  QCOMPARE(hvlm::crossScaleLoss(at::zeros({0, 2}), at::zeros({0, 2})).item<double>(), 0.0);
  const at::Tensor zero = at::zeros({1, 2}).requires_grad_(true);
  const at::Tensor untouched = hvlm::crossScaleLoss(zero, at::ones({1, 2}));
  untouched.backward();
  QCOMPARE(untouched.item<double>(), 1.0);
  QCOMPARE(zero.grad().abs().sum().item<double>(), 0.0);
}

void TestObjectiveConsistency::groupsAreNeverNegatives() {
  const at::Tensor a = at::tensor({1.0, 0.0, 1.0, 0.1, 0.0, 1.0}, at::kDouble).view({3, 2});
  const at::Tensor temperature = at::tensor({0.5}, at::kDouble);
  const hvlm::InfoNce grouped = hvlm::infoNce(a, a, temperature, {7, 7, 8});
  // Row 0 sees itself and row 2 only.
  const at::Tensor s = grouped.logits;
  const double row0 = -std::log(std::exp(s[0][0].item<double>()) /
                                (std::exp(s[0][0].item<double>()) + std::exp(s[0][2].item<double>())));
  const double row1 = -std::log(std::exp(s[1][1].item<double>()) /
                                (std::exp(s[1][1].item<double>()) + std::exp(s[1][2].item<double>())));
  const double row2 = -s[2].log_softmax(0)[2].item<double>();
  QVERIFY(std::abs(grouped.a2b.item<double>() - (row0 + row1 + row2) / 3.0) < 1e-12);
  QCOMPARE(hvlm::infoNce(a, a, temperature, {1, 1, 1}).loss.item<double>(), 0.0);
  const at::Tensor leaf = a.clone().requires_grad_(true);
  hvlm::infoNce(leaf, a, temperature, {7, 7, 8}).loss.backward();
  QVERIFY(at::isfinite(leaf.grad()).all().item<bool>());
}

void TestObjectiveConsistency::labelSetsAreSpread() {
  const at::Tensor t = hvlm::labelSetTargets({{2}, {0, 1, 1}, {}}, 3, at::kDouble);
  QVERIFY(at::equal(t, at::tensor({0.0, 0.0, 1.0, 0.5, 0.5, 0.0, 0.0, 0.0, 0.0}, at::kDouble).view({3, 3})));
}

void TestObjectiveConsistency::unlabelledVideosAreLeftOut() {
  const at::Tensor logits = at::tensor({0.0, 0.0, 9.0, -9.0}, at::kDouble).view({2, 2});
  const at::Tensor t = hvlm::labelSetTargets({{0}, {}}, 2, at::kDouble);
  QVERIFY(std::abs(hvlm::crossEntropy(logits, t).item<double>() - std::log(2.0)) < 1e-12);
  QCOMPARE(hvlm::crossEntropy(logits, at::zeros({2, 2}, at::kDouble)).item<double>(), 0.0);
}

void TestObjectiveConsistency::wrongCallsAreNamed() {
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::temporalLoss(at::zeros({3, 2}), {0, 4}));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::temporalObjective({}, "median"));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::collapseObjective(at::zeros({3, 2}), 0.1, "none"));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::crossScaleLoss(at::zeros({3, 2}), at::zeros({2, 2})));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::infoNce(at::zeros({3, 2}), at::zeros({2, 2}), at::ones({1})));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::labelSetTargets({{4}}, 4, at::kFloat));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::crossEntropy(at::zeros({3, 2}), at::zeros({3, 3})));
}

QTEST_GUILESS_MAIN(TestObjectiveConsistency)
#include "tst_objective_consistency.moc"
