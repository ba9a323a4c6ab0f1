// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>

#include <QtTest>
#include <cmath>
#include <limits>

#include "engine/objective/detection.h"
#include "support/error.h"

using hvlm::AssignmentNode;
using hvlm::TruthSegment;
using Rows = std::vector<int64_t>;
using Nodes = std::vector<AssignmentNode>;
using Segments = std::vector<TruthSegment>;
Q_DECLARE_METATYPE(AssignmentNode)
Q_DECLARE_METATYPE(TruthSegment)

class TestObjectiveDetection : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void rangesDoubleByLevel();
  void assignment_data();
  void assignment();
  void distancesAndCounts();
  void sameExtentSharesItsNode();
  void runningMean();
  void lossesOfAPerfectAndAnEmptyBatch();
  void gammaZeroIsPlainCrossEntropy();
  void wrongShapesAreNamed();
};

void TestObjectiveDetection::rangesDoubleByLevel() {
  const double infinity = std::numeric_limits<double>::infinity();
  const std::vector<std::pair<double, double>> expected{{0, 4}, {4, 8}, {8, 16}, {16, 32}, {32, 64}, {64, infinity}};
  for (int64_t l = 0; l < 6; ++l) QCOMPARE(hvlm::regressionRange(l, 6), expected[l]);
  QCOMPARE(hvlm::regressionRange(0, 1), (std::pair<double, double>{0, infinity}));
}

void TestObjectiveDetection::assignment_data() {
  QTest::addColumn<Nodes>("nodes");
  QTest::addColumn<Segments>("segments");
  QTest::addColumn<Rows>("expected");  // segment of each node, -1 = background
  // Six steps at level 0; the segment 1..5 has its centre at 3, so steps 2, 3, 4 lie within 1.5 strides.
  const Nodes steps{{0, 0}, {0, 1}, {0, 2}, {0, 3}, {0, 4}, {0, 5}};
  QTest::newRow("nodes near the centre answer") << steps << Segments{{1, 5, 0}} << Rows{-1, -1, 0, 0, 0, -1};
  QTest::newRow("a node outside the segment does not, however near")
      << steps << Segments{{2.6, 3.4, 0}} << Rows{-1, -1, -1, 0, -1, -1};
  QTest::newRow("the border of the radius belongs to it")
      << steps << Segments{{1.5, 3.5, 0}} << Rows{-1, -1, 0, 0, -1, -1};
  QTest::newRow("the end of a segment belongs to it") << steps << Segments{{2, 3, 0}} << Rows{-1, -1, 0, 0, -1, -1};
  QTest::newRow("a segment between two steps gets none") << steps << Segments{{2.2, 2.8, 0}} << Rows(6, -1);
  QTest::newRow("of two segments the shortest wins")
      << steps << Segments{{0, 4.8, 0}, {2, 4, 1}} << Rows{-1, 0, 1, 1, 1, -1};
  QTest::newRow("of two equally short the first wins")
      << steps << Segments{{1, 3, 0}, {2, 4, 1}} << Rows{-1, 0, 0, 0, 1, -1};
  // Length 12: distances reach 6 to 12, so level 0 never answers, level 1 does while the larger distance is below 8.
  QTest::newRow("the level follows the larger distance")
      << Nodes{{0, 16}, {1, 16.5}, {1, 18.5}, {2, 17.5}} << Segments{{10, 22, 0}} << Rows{-1, 0, -1, -1};
  QTest::newRow("a range's lower end belongs to it") << Nodes{{0, 14}, {1, 14}} << Segments{{10, 18, 0}} << Rows{-1, 0};
  QTest::newRow("the last level has no upper end") << Nodes{{5, 500}} << Segments{{0, 1000, 0}} << Rows{0};
  QTest::newRow("no segments, all background") << steps << Segments{} << Rows(6, -1);
}

void TestObjectiveDetection::assignment() {
  QFETCH(Nodes, nodes);
  QFETCH(Segments, segments);
  QFETCH(Rows, expected);
  QCOMPARE(hvlm::assignSegments(nodes, segments).segment, expected);
}

void TestObjectiveDetection::distancesAndCounts() {
  const Nodes nodes{{0, 2}, {0, 3}, {0, 9}};
  const Segments segments{{1, 4.5, 0}, {6.1, 6.3, 1}};
  const hvlm::Assignment a = hvlm::assignSegments(nodes, segments);
  QCOMPARE(a.segment, (Rows{0, 0, -1}));
  QCOMPARE(a.left, (std::vector<double>{1, 2, 0}));
  QCOMPARE(a.right, (std::vector<double>{2.5, 1.5, 0}));
  QCOMPARE(a.positives, int64_t{2});
  QCOMPARE(a.segments_without_positive, int64_t{1});
  const hvlm::DetectionTargets t =
      hvlm::detectionTargets({{0, 9}, {0, 2}, {0, 3}, {0, 2}}, {1, 0, 0, 1}, {segments, {}}, 2, {}, at::kDouble);
  QCOMPARE(t.positives, int64_t{2});
  QCOMPARE(t.segments, int64_t{2});
  QCOMPARE(t.segments_without_positive, int64_t{1});
  QVERIFY(at::equal(t.positive_rows, at::tensor({1, 2}, at::kLong)));
  QVERIFY(at::equal(t.distances, at::tensor({1.0, 2.5, 2.0, 1.5}, at::kDouble).view({2, 2})));
  QVERIFY(at::equal(t.classes, at::tensor({0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0}, at::kDouble).view({4, 2})));
}

void TestObjectiveDetection::sameExtentSharesItsNode() {
  const Segments segments{{1, 3, 0}, {1, 3, 2}};
  const hvlm::DetectionTargets t = hvlm::detectionTargets({{0, 2}}, {0}, {segments}, 3, {}, at::kFloat);
  QCOMPARE(t.positives, int64_t{1});
  QCOMPARE(t.segments_without_positive, int64_t{0});
  QVERIFY(at::equal(t.classes, at::tensor({1.0F, 0.0F, 1.0F}).view({1, 3})));
}

void TestObjectiveDetection::runningMean() {
  hvlm::RunningPositives mean;
  QCOMPARE(mean.update(20), 20.0);
  QCOMPARE(mean.update(10), 19.0);
  hvlm::RunningPositives restored{mean.value};
  QCOMPARE(restored.update(0), 0.9 * 19.0 + 0.1);
  QCOMPARE(hvlm::RunningPositives().update(0), 1.0);  // never divides by zero
}

void TestObjectiveDetection::lossesOfAPerfectAndAnEmptyBatch() {
  const hvlm::DetectionTargets t = hvlm::detectionTargets({{0, 2}, {0, 7}}, {0, 0}, {{{1, 3, 1}}}, 2, {}, at::kFloat);
  const at::Tensor logits = (t.classes * 2.0 - 1.0) * 50.0;
  const at::Tensor distances = at::ones({2, 2});
  const hvlm::DetectionLoss perfect = hvlm::detectionLoss(logits, distances, t, 1.0);
  QVERIFY(perfect.focal.item<double>() < 1e-12);
  QVERIFY(std::abs(perfect.diou.item<double>()) < 1e-6);
  const hvlm::DetectionTargets none = hvlm::detectionTargets({{0, 2}}, {0}, {{}}, 2, {}, at::kFloat);
  const at::Tensor scores = at::zeros({1, 2}).requires_grad_(true);
  const at::Tensor offsets = at::ones({1, 2}).requires_grad_(true);
  const hvlm::DetectionLoss empty = hvlm::detectionLoss(scores, offsets, none, 1.0);
  (empty.focal + empty.diou).backward();
  QCOMPARE(empty.diou.item<double>(), 0.0);
  QCOMPARE(offsets.grad().abs().sum().item<double>(), 0.0);
  QVERIFY(scores.grad().abs().sum().item<double>() > 0.0);
}

void TestObjectiveDetection::gammaZeroIsPlainCrossEntropy() {
  const at::Tensor logits = at::tensor({0.0, 2.0}, at::kDouble);
  const at::Tensor targets = at::tensor({1.0, 0.0}, at::kDouble);
  const at::Tensor loss = hvlm::focalLoss(logits, targets, {-1.0, 0.0});
  QVERIFY(std::abs(loss[0].item<double>() - std::log(2.0)) < 1e-15);
  QVERIFY(std::abs(loss[1].item<double>() - std::log1p(std::exp(2.0))) < 1e-15);
  QVERIFY(std::abs(hvlm::focalLoss(logits, targets, {0.25, 2.0})[0].item<double>() - 0.25 * 0.25 * std::log(2.0)) <
          1e-15);
}

void TestObjectiveDetection::wrongShapesAreNamed() {
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::focalLoss(at::zeros({2, 3}), at::zeros({3, 2})));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError,
                           hvlm::focalSumPerVideo(at::zeros({2, 3}), at::zeros({2, 3}), at::tensor({0, 1}, at::kLong)));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::diouOffsets(at::zeros({2, 3}), at::zeros({2, 3})));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::detectionTargets({{0, 1}}, {0}, {{{0, 2, 5}}}, 3, {}, at::kFloat));
}

QTEST_GUILESS_MAIN(TestObjectiveDetection)
#include "tst_objective_detection.moc"
