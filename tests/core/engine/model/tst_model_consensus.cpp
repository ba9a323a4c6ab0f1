// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <QtTest>
#include <algorithm>
#include <cmath>
#include <set>

#include "core/engine/objective/finite_difference.h"
#include "engine/model/consensus.h"
#include "support/error.h"

using hvlm::segmentConsensus;
using hvlm::segmentSteps;
using hvlm::testing::gradientError;
using hvlm::testing::someRows;
using Ids = std::vector<int64_t>;

Q_DECLARE_METATYPE(Ids)

class TestModelConsensus : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void centreSteps_data();
  void centreSteps();
  void randomStepsLieInTheirSegments();
  void consensusByHand_data();
  void consensusByHand();
  void attentionIsASoftmaxWithinTheVideo();
  void limitsOfTheKinds();
  void gradientsMatchDifferences();
  void wrongCallsAreNamed();
};

void TestModelConsensus::centreSteps_data() {
  QTest::addColumn<int>("length");
  QTest::addColumn<int>("segments");
  QTest::addColumn<Ids>("steps");
  QTest::newRow("the middle of equal segments") << 9 << 3 << Ids{1, 4, 7};
  QTest::newRow("the later of two middle steps") << 6 << 3 << Ids{1, 3, 5};
  QTest::newRow("segments of different length") << 5 << 2 << Ids{1, 3};
  QTest::newRow("as many steps as segments: each once") << 4 << 4 << Ids{0, 1, 2, 3};
  QTest::newRow("a shorter video repeats its steps") << 2 << 5 << Ids{0, 0, 0, 1, 1};
  QTest::newRow("one step stands for all") << 1 << 3 << Ids{0, 0, 0};
  QTest::newRow("one segment is the middle of the video") << 7 << 1 << Ids{3};
}

void TestModelConsensus::centreSteps() {
  QFETCH(int, length);
  QFETCH(int, segments);
  QFETCH(Ids, steps);
  QCOMPARE(segmentSteps(length, segments), steps);
}

void TestModelConsensus::randomStepsLieInTheirSegments() {
  at::Generator generator = at::detail::createCPUGenerator(3);
  std::vector<std::set<int64_t>> seen(3);
  for (int draw = 0; draw < 200; ++draw) {
    const Ids steps = segmentSteps(8, 3, generator);
    QCOMPARE(steps.size(), size_t{3});
    for (size_t k = 0; k < 3; ++k) seen[k].insert(steps[k]);
  }
  QVERIFY(seen[0] == (std::set<int64_t>{0, 1}));  // every step of each segment, and none of another
  QVERIFY(seen[1] == (std::set<int64_t>{2, 3, 4}));
  QVERIFY(seen[2] == (std::set<int64_t>{5, 6, 7}));
  QCOMPARE(segmentSteps(2, 4, generator), (Ids{0, 0, 1, 1}));
  at::Generator first = at::detail::createCPUGenerator(9), second = at::detail::createCPUGenerator(9);
  QCOMPARE(segmentSteps(1000, 8, first), segmentSteps(1000, 8, second));
}

void TestModelConsensus::consensusByHand_data() {
  QTest::addColumn<QString>("kind");
  QTest::addColumn<double>("first_class");  // of the video with scores (1, 0), (4, -2), (3, 5)
  QTest::addColumn<double>("second_class");
  QTest::newRow("average") << "average" << 8.0 / 3.0 << 1.0;
  QTest::newRow("max is taken per class") << "max" << 4.0 << 5.0;
  QTest::newRow("the two highest of each class") << "topk" << 3.5 << 2.5;
}

void TestModelConsensus::consensusByHand() {
  QFETCH(QString, kind);
  QFETCH(double, first_class);
  QFETCH(double, second_class);
  const at::Tensor logits = at::tensor({9.0, 9.0, 1.0, 0.0, 4.0, -2.0, 3.0, 5.0}, at::kDouble).view({4, 2});
  const at::Tensor expected = at::tensor({9.0, 9.0, first_class, second_class}, at::kDouble).view({2, 2});
  const at::Tensor found = segmentConsensus(logits, {1, 3}, kind.toStdString(), 2);
  QVERIFY(at::allclose(found, expected, 0.0, 1e-12));
  const at::Tensor single = segmentConsensus(logits.to(at::kFloat), {1, 3}, kind.toStdString(), 2);
  QCOMPARE(single.scalar_type(), at::kFloat);
  QVERIFY(at::allclose(single.to(at::kDouble), expected, 0.0, 1e-5));
  const at::Tensor alone = segmentConsensus(logits.narrow(0, 1, 3), {3}, kind.toStdString(), 2);
  QVERIFY(at::equal(alone[0], found[1]));
}

void TestModelConsensus::attentionIsASoftmaxWithinTheVideo() {
  const at::Tensor logits = at::tensor({9.0, 9.0, 1.0, 0.0, 4.0, -2.0}, at::kDouble).view({3, 2});
  const at::Tensor scores = at::tensor({50.0, std::log(3.0), 0.0}, at::kDouble);  // weights 1; 3/4 and 1/4
  const at::Tensor found = segmentConsensus(logits, {1, 2}, "attention", 3, scores);
  QVERIFY(at::allclose(found, at::tensor({9.0, 9.0, 1.75, -0.5}, at::kDouble).view({2, 2}), 0.0, 1e-12));
}

void TestModelConsensus::limitsOfTheKinds() {
  const at::Tensor logits = someRows(7, 4);
  const Ids counts{2, 5};
  QVERIFY(at::equal(segmentConsensus(logits, counts, "topk", 1), segmentConsensus(logits, counts, "max")));
  const at::Tensor average = segmentConsensus(logits, counts, "average");
  QVERIFY(at::allclose(segmentConsensus(logits, counts, "topk", 100), average, 0.0, 1e-12));
  QVERIFY(at::allclose(segmentConsensus(logits, counts, "attention", 3, at::full({7}, 2.0, at::kDouble)), average, 0.0, 1e-12));
}

void TestModelConsensus::gradientsMatchDifferences() {
  const at::Tensor weights = someRows(2, 4, 0.2);
  const at::Tensor scores = someRows(1, 7, 0.4).squeeze(0);
  for (const char* kind : {"average", "max", "topk", "attention"}) {
    const auto loss = [&](const at::Tensor& logits) { return (segmentConsensus(logits, {2, 5}, kind, 2, scores) * weights).sum(); };
    QVERIFY2(gradientError(loss, someRows(7, 4)) < 1e-7, kind);
  }
  const auto by_scores = [&](const at::Tensor& s) { return (segmentConsensus(someRows(7, 4), {2, 5}, "attention", 2, s) * weights).sum(); };
  QVERIFY(gradientError(by_scores, scores) < 1e-7);
}

void TestModelConsensus::wrongCallsAreNamed() {
  const at::Tensor logits = someRows(4, 2);
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, segmentConsensus(logits, {4}, "median"));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, segmentConsensus(logits, {1, 2}, "average"));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, segmentConsensus(logits, {4, 0}, "average"));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, segmentConsensus(logits, {4}, "topk", 0));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, segmentConsensus(logits, {4}, "attention"));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, segmentSteps(0, 3));
}

QTEST_GUILESS_MAIN(TestModelConsensus)
#include "tst_model_consensus.moc"
