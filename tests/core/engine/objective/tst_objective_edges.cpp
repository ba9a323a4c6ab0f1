// SPDX-License-Identifier: Apache-2.0
// Targets and losses of the start and end scores and of the second look, by hand and by finite differences.
#include <ATen/ATen.h>

#include <QtTest>
#include <cmath>

#include "core/engine/objective/finite_difference.h"
#include "engine/objective/edges.h"
#include "support/error.h"

using namespace hvlm;
using hvlm::testing::gradientError;
using hvlm::testing::someRows;
using Numbers = std::vector<double>;
using Segments = std::vector<TruthSegment>;
Q_DECLARE_METATYPE(TruthSegment)

namespace {

at::Tensor column(const Numbers& values) { return at::tensor(values, at::kDouble); }
bool close(const at::Tensor& a, const at::Tensor& b, double tolerance = 1e-6) { return a.sizes() == b.sizes() && at::allclose(a, b, 0.0, tolerance); }

// Cross-entropy of one logit.
double entropy(double logit, double target) {
  const double p = 1.0 / (1.0 + std::exp(-logit));
  return -target * std::log(p) - (1.0 - target) * std::log(1.0 - p);
}

}  // namespace

class TestObjectiveEdges : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void borders_data();
  void borders();
  void eachVideoHasItsOwnBorders();
  void wrongOffsetsAreNamed();
  void theEdgeLossByHand();
  void theEdgeLossHasItsGradient();
  void spans_data();
  void spans();
  void aSpanMayBeRightForTwoClasses();
  void noSpansNoTargets();
  void wrongLabelsAreNamed();
  void theSecondLookLossByHand();
  void spansThatTeachNoClassStillTeachQuality();
  void theSecondLookLossHasItsGradient();
  void wrongShapesAreNamed();
};

void TestObjectiveEdges::borders_data() {
  QTest::addColumn<Segments>("segments");
  QTest::addColumn<Numbers>("starts");  // of the five borders of four steps; border i at position i - 0.5
  QTest::addColumn<Numbers>("ends");
  QTest::newRow("no segment") << Segments{} << Numbers{0, 0, 0, 0, 0} << Numbers{0, 0, 0, 0, 0};
  QTest::newRow("on borders") << Segments{{0.5, 2.5, 0}} << Numbers{0, 1, 0, 0, 0} << Numbers{0, 0, 0, 1, 0};
  QTest::newRow("between borders") << Segments{{0.75, 2.0, 0}} << Numbers{0, 0.75, 0.25, 0, 0} << Numbers{0, 0, 0.5, 0.5, 0};
  QTest::newRow("at both ends of the video") << Segments{{-0.5, 3.5, 0}} << Numbers{1, 0, 0, 0, 0} << Numbers{0, 0, 0, 0, 1};
  QTest::newRow("just within both ends") << Segments{{-0.25, 3.25, 0}} << Numbers{0.75, 0.25, 0, 0, 0} << Numbers{0, 0, 0, 0.25, 0.75};
  QTest::newRow("outside the video") << Segments{{-7, 12, 0}} << Numbers{1, 0, 0, 0, 0} << Numbers{0, 0, 0, 0, 1};
  QTest::newRow("wholly before it") << Segments{{-9, -4, 0}} << Numbers{1, 0, 0, 0, 0} << Numbers{1, 0, 0, 0, 0};
  QTest::newRow("one ends where the next begins") << Segments{{-0.5, 1.5, 0}, {1.5, 3.5, 1}} << Numbers{1, 0, 1, 0, 0} << Numbers{0, 0, 1, 0, 1};
  QTest::newRow("of two near one border the larger share counts")
      << Segments{{0.75, 3.5, 0}, {0.9, 3.5, 1}} << Numbers{0, 0.75, 0.4, 0, 0} << Numbers{0, 0, 0, 0, 1};
}
void TestObjectiveEdges::borders() {
  QFETCH(Segments, segments);
  QFETCH(Numbers, starts);
  QFETCH(Numbers, ends);
  const at::Tensor targets = edgeTargets({segments}, {0, 4}, at::kDouble);
  QVERIFY(targets.scalar_type() == at::kDouble);
  QCOMPARE(targets.sizes().vec(), (std::vector<int64_t>{5, 2}));
  QVERIFY(close(targets.select(1, 0), column(starts)));
  QVERIFY(close(targets.select(1, 1), column(ends)));
}

void TestObjectiveEdges::eachVideoHasItsOwnBorders() {
  // Videos of two, one and three steps: borders 0-2, 3-4 and 5-8.
  const at::Tensor targets = edgeTargets({{{0.5, 1.5, 0}}, {{-0.5, 0.5, 0}}, {{-0.5, 0.5, 0}, {0.5, 1.5, 0}}}, {0, 2, 3, 6}, at::kDouble);
  QVERIFY(close(targets.select(1, 0), column({0, 1, 0, 1, 0, 1, 1, 0, 0})));
  QVERIFY(close(targets.select(1, 1), column({0, 0, 1, 0, 1, 0, 1, 1, 0})));
  // What lies outside one video marks nothing of the next.
  const at::Tensor outside = edgeTargets({{{5, 9, 0}}, {}}, {0, 2, 4}, at::kDouble);
  QVERIFY(close(outside.select(1, 0), column({0, 0, 1, 0, 0, 0})));
  QVERIFY(close(outside.select(1, 1), column({0, 0, 1, 0, 0, 0})));
}

void TestObjectiveEdges::wrongOffsetsAreNamed() {
  QVERIFY_THROWS_EXCEPTION(ShapeError, edgeTargets({{}, {}}, {0, 4}, at::kFloat));
  QVERIFY_THROWS_EXCEPTION(ShapeError, edgeTargets({{}}, {0, 2, 4}, at::kFloat));
}

void TestObjectiveEdges::theEdgeLossByHand() {
  const at::Tensor logits = at::tensor(Numbers{-2, 1, 0.5, -3, 2, 0}, at::kDouble).view({3, 2});
  const at::Tensor targets = at::tensor(Numbers{0, 0, 1, 0, 0.25, 0.75}, at::kDouble).view({3, 2});
  double sum = 0.0;
  for (int64_t i = 0; i < 6; ++i) sum += entropy(logits.view({-1})[i].item<double>(), targets.view({-1})[i].item<double>());
  QVERIFY(std::abs(edgeLoss(logits, targets, 3).item<double>() - sum / 6.0) < 1e-12);
  QVERIFY(std::abs(edgeLoss(logits, targets, 0).item<double>() - sum) < 1e-12);  // none to divide by
  QVERIFY(edgeLoss(40.0 * (2.0 * targets.round() - 1.0), targets.round(), 1).item<double>() < 1e-15);
  QVERIFY(std::isfinite(edgeLoss(logits * 1e4, targets, 1).item<double>()));
  QVERIFY_THROWS_EXCEPTION(ShapeError, edgeLoss(logits, targets.narrow(0, 0, 2), 1));
  QVERIFY_THROWS_EXCEPTION(ShapeError, edgeLoss(logits, targets.view({2, 3}), 1));
}

void TestObjectiveEdges::theEdgeLossHasItsGradient() {
  const at::Tensor targets = edgeTargets({{{0.75, 3.1, 0}}, {{-0.5, 1.0, 0}}}, {0, 5, 8}, at::kDouble);
  QVERIFY(gradientError([&](const at::Tensor& logits) { return edgeLoss(3.0 * logits, targets, 2); }, someRows(10, 2)) < 1e-8);
}

void TestObjectiveEdges::spans_data() {
  QTest::addColumn<double>("first");
  QTest::addColumn<double>("last");
  QTest::addColumn<double>("quality");
  QTest::addColumn<bool>("right");
  QTest::addColumn<bool>("ignored");
  // Against one segment from 10 to 20.
  QTest::newRow("the segment itself") << 10.0 << 20.0 << 1.0 << true << false;
  QTest::newRow("half of it, the border of right") << 10.0 << 15.0 << 0.5 << true << false;
  QTest::newRow("twice as long") << 10.0 << 30.0 << 0.5 << true << false;
  QTest::newRow("a little less than half") << 10.0 << 14.5 << 0.45 << false << true;
  QTest::newRow("the border of what is ignored") << 10.0 << 14.0 << 0.4 << false << true;
  QTest::newRow("less than that") << 10.0 << 13.9 << 0.39 << false << false;
  QTest::newRow("beside it") << 20.0 << 30.0 << 0.0 << false << false;
  QTest::newRow("far from it") << -9.0 << -1.0 << 0.0 << false << false;
}
void TestObjectiveEdges::spans() {
  QFETCH(double, first);
  QFETCH(double, last);
  QFETCH(double, quality);
  QFETCH(bool, right);
  QFETCH(bool, ignored);
  // The same times in another video mean nothing.
  const SpanTargets targets = spanTargets({{1, first, last}, {0, first, last}}, {{}, {{10, 20, 2}}}, 4, at::kDouble);
  QVERIFY(close(targets.classes, at::tensor(Numbers{0, 0, right ? 1.0 : 0.0, 0, 0, 0, 0, 0}, at::kDouble).view({2, 4})));
  QVERIFY(close(targets.weights, column({ignored ? 0.0 : 1.0, 1.0})));
  QVERIFY(close(targets.quality, column({quality, 0.0})));
  // Of several segments the best one counts.
  const SpanTargets among = spanTargets({{0, first, last}}, {{{100, 140, 0}, {10, 20, 2}, {18, 30, 1}}}, 4, at::kDouble);
  QVERIFY(among.quality.item<double>() >= quality - 1e-6);
  if (right) QVERIFY(close(among.classes[0][2], at::ones({}, at::kDouble)));
}

void TestObjectiveEdges::aSpanMayBeRightForTwoClasses() {
  const SpanTargets targets = spanTargets({{0, 0, 10}}, {{{0, 10, 1}, {0, 8, 0}, {0, 7, 0}, {0, 4.5, 2}}}, 3, at::kDouble);
  QVERIFY(close(targets.classes, at::tensor(Numbers{1, 1, 0}, at::kDouble).view({1, 3})));
  QVERIFY(close(targets.weights, column({1.0})));  // 0.45 with the third does not matter beside a right one
  QVERIFY(close(targets.quality, column({1.0})));
  const SpanTargets strict = spanTargets({{0, 0, 10}}, {{{0, 8, 0}}}, 3, at::kDouble, 0.7, 0.9);
  QVERIFY(close(strict.classes, at::zeros({1, 3}, at::kDouble)) && close(strict.weights, column({0.0})));
}

void TestObjectiveEdges::noSpansNoTargets() {
  const SpanTargets targets = spanTargets({}, {{{0, 10, 1}}}, 3, at::kDouble);
  QCOMPARE(targets.classes.sizes().vec(), (std::vector<int64_t>{0, 3}));
  QCOMPARE(rescoreLoss(at::zeros({0, 3}, at::kDouble), at::zeros({0}, at::kDouble), targets, 16.0).item<double>(), 0.0);
}

void TestObjectiveEdges::wrongLabelsAreNamed() {
  QVERIFY_THROWS_EXCEPTION(ShapeError, spanTargets({{0, 0, 10}}, {{{0, 10, 3}}}, 3, at::kFloat));
  QVERIFY_THROWS_EXCEPTION(ShapeError, spanTargets({{0, 0, 10}}, {{{0, 10, -1}}}, 3, at::kFloat));
}

void TestObjectiveEdges::theSecondLookLossByHand() {
  const SpanTargets targets{at::tensor(Numbers{1, 0, 0, 0}, at::kDouble).view({2, 2}), column({1, 1}), column({0.8, 0.1})};
  const at::Tensor classes = at::tensor(Numbers{2, -1, 0.5, -4}, at::kDouble).view({2, 2});
  const double wanted = entropy(2, 1) + entropy(-1, 0) + entropy(0.5, 0) + entropy(-4, 0) + entropy(1.5, 0.8) + entropy(-2, 0.1);
  QVERIFY(std::abs(rescoreLoss(classes, column({1.5, -2}), targets, 1.0).item<double>() - wanted) < 1e-12);
  QVERIFY(std::abs(rescoreLoss(classes, column({1.5, -2}), targets, 32.0).item<double>() - wanted / 32.0) < 1e-12);
}

void TestObjectiveEdges::spansThatTeachNoClassStillTeachQuality() {
  const SpanTargets targets{at::zeros({2, 3}, at::kDouble), column({0, 1}), column({0.45, 0})};
  const at::Tensor classes = someRows(2, 3).requires_grad_(true), quality = column({1, -1}).requires_grad_(true);
  rescoreLoss(classes, quality, targets, 2.0).backward();
  QVERIFY((classes.grad()[0] == 0).all().item<bool>());
  QVERIFY((classes.grad()[1] > 0).all().item<bool>());
  QVERIFY((quality.grad() != 0).all().item<bool>());
}

void TestObjectiveEdges::theSecondLookLossHasItsGradient() {
  const SpanTargets targets = spanTargets({{0, 0, 10}, {0, 2, 9}, {1, 0, 4}, {1, 3, 8}, {0, 0, 4.4}}, {{{0, 10, 1}}, {{3, 8, 0}}}, 3, at::kDouble);
  const at::Tensor quality = someRows(5, 1, 0.3).view({5});
  QVERIFY(gradientError([&](const at::Tensor& classes) { return rescoreLoss(2.0 * classes, quality, targets, 16.0); }, someRows(5, 3)) < 1e-8);
  QVERIFY(gradientError([&](const at::Tensor& q) { return rescoreLoss(someRows(5, 3), 2.0 * q, targets, 16.0); }, quality) < 1e-8);
}

void TestObjectiveEdges::wrongShapesAreNamed() {
  const SpanTargets targets = spanTargets({{0, 0, 10}, {0, 2, 9}}, {{{0, 10, 1}}}, 3, at::kFloat);
  QVERIFY_THROWS_EXCEPTION(ShapeError, rescoreLoss(at::zeros({2, 4}), at::zeros({2}), targets, 1.0));
  QVERIFY_THROWS_EXCEPTION(ShapeError, rescoreLoss(at::zeros({1, 3}), at::zeros({2}), targets, 1.0));
  QVERIFY_THROWS_EXCEPTION(ShapeError, rescoreLoss(at::zeros({2, 3}), at::zeros({3}), targets, 1.0));
  QVERIFY_THROWS_EXCEPTION(ShapeError, rescoreLoss(at::zeros({2, 3}), at::zeros({2, 1}), targets, 1.0));
}

QTEST_GUILESS_MAIN(TestObjectiveEdges)
#include "tst_objective_edges.moc"
