// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>

#include <QtTest>
#include <numeric>

#include "engine/model/parameters.h"
#include "engine/model/pyramid.h"
#include "support/error.h"

using Lengths = std::vector<int64_t>;

namespace {

at::Tensor randomRows(int64_t rows, int64_t width, uint64_t seed) {
  at::Generator generator = hvlm::makeGenerator(seed);
  return hvlm::normalInit({rows, width}, 1.0, generator, at::kDouble);
}

}  // namespace

class TestModelPyramid : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void lengths_data();
  void lengths();
  void spansCoverTheirSteps_data();
  void spansCoverTheirSteps();
  void sharesFollowTheAlphaPath_data();
  void sharesFollowTheAlphaPath();
  void zeroPoolingVectorsPoolTheMean();
  void oddLastStep();
  void limitedLevelsAverageTheTop();
  void packedEqualsAlone_data();
  void packedEqualsAlone();
  void hugeScoresStayFinite();
  void wrongCallsAreNamed();
};

void TestModelPyramid::lengths_data() {
  QTest::addColumn<QString>("mode");
  QTest::addColumn<Lengths>("expected");
  QTest::newRow("floor keeps whole windows") << "floor" << Lengths{250, 125, 62, 31, 15, 7, 3, 1};
  QTest::newRow("ceil keeps the odd step") << "ceil" << Lengths{250, 125, 63, 32, 16, 8, 4, 2, 1};
  QTest::newRow("one step is level 0 alone, floor") << "floor" << Lengths{1};
  QTest::newRow("one step is level 0 alone, ceil") << "ceil" << Lengths{1};
  QTest::newRow("two steps become one") << "floor" << Lengths{2, 1};
  QTest::newRow("three steps, floor") << "floor" << Lengths{3, 1};
  QTest::newRow("three steps, ceil") << "ceil" << Lengths{3, 2, 1};
}

void TestModelPyramid::lengths() {
  QFETCH(QString, mode);
  QFETCH(Lengths, expected);
  QCOMPARE(hvlm::levelLengths(expected.front(), mode.toStdString()), expected);
  const hvlm::PyramidPlan plan = hvlm::planPyramid({0, expected.front()}, mode.toStdString(), -1);
  QCOMPARE(plan.levels(), static_cast<int64_t>(expected.size()));
  for (int64_t l = 0; l < plan.levels(); ++l) QCOMPARE(plan.rows(l), expected[l]);
}

void TestModelPyramid::spansCoverTheirSteps_data() {
  QTest::addColumn<QString>("mode");
  for (const char* mode : {"floor", "ceil"}) QTest::newRow(mode) << mode;
}

void TestModelPyramid::spansCoverTheirSteps() {
  QFETCH(QString, mode);
  for (int64_t steps = 1; steps < 70; ++steps) {
    const auto spans = hvlm::levelSpans(steps, mode.toStdString());
    const hvlm::PyramidPlan plan = hvlm::planPyramid({0, steps}, mode.toStdString(), -1);
    // The steps under a node by walking the parents must be exactly its span.
    std::vector<int64_t> node(steps);
    std::iota(node.begin(), node.end(), 0);
    for (size_t l = 0; l < spans.size(); ++l) {
      for (size_t j = 0; j < spans[l].size(); ++j) {
        for (int64_t i = 0; i < steps; ++i) {
          const bool inside = i >= spans[l][j].first && i <= spans[l][j].second;
          QCOMPARE(node[i] == static_cast<int64_t>(j), inside);
        }
      }
      for (int64_t& n : node) n = n < 0 ? -1 : plan.parent[l][n];
    }
  }
}

void TestModelPyramid::sharesFollowTheAlphaPath_data() { spansCoverTheirSteps_data(); }

void TestModelPyramid::sharesFollowTheAlphaPath() {
  QFETCH(QString, mode);
  const std::vector<int64_t> offsets{0, 1, 3, 16, 53};  // 1, 2, 13, 37 steps
  const at::Tensor h = randomRows(53, 5, 3);
  const hvlm::Pyramid pyramid =
      hvlm::buildPyramid(h, randomRows(6, 5, 4), hvlm::planPyramid(offsets, mode.toStdString(), -1));
  const at::Tensor top = hvlm::topVectors(pyramid);
  for (int64_t b = 0; b < 4; ++b) {
    const auto shares = hvlm::alphaShares(pyramid, b);
    QCOMPARE(static_cast<int64_t>(shares.size()), pyramid.last_level[b] + 1);
    for (const auto& level : shares) QVERIFY(std::abs(std::accumulate(level.begin(), level.end(), 0.0) - 1.0) < 1e-12);
    const std::vector<double> path = hvlm::alphaPath(pyramid, b);
    const at::Tensor mixed = at::matmul(at::tensor(path, at::kDouble), h.slice(0, offsets[b], offsets[b + 1]));
    QVERIFY(at::allclose(mixed, top[b], 0.0, 1e-12));
  }
}

void TestModelPyramid::zeroPoolingVectorsPoolTheMean() {
  const at::Tensor h = randomRows(8, 3, 1);
  const hvlm::Pyramid pyramid =
      hvlm::buildPyramid(h, at::zeros({3, 3}, at::kDouble), hvlm::planPyramid({0, 8}, "floor", -1));
  QVERIFY(at::allclose(hvlm::topVectors(pyramid)[0], h.mean(0), 0.0, 1e-14));
  for (const at::Tensor& alpha : pyramid.alpha) QVERIFY(at::all(alpha == 0.5).item<bool>());
}

void TestModelPyramid::oddLastStep() {
  const at::Tensor h = randomRows(3, 4, 2);
  const at::Tensor w = randomRows(2, 4, 5);
  const hvlm::Pyramid floor = hvlm::buildPyramid(h, w, hvlm::planPyramid({0, 3}, "floor", -1));
  QCOMPARE(floor.parent[0], (std::vector<int64_t>{0, 0, -1}));
  QCOMPARE(floor.alpha[0][2].item<double>(), 0.0);  // no parent
  QCOMPARE(hvlm::alphaPath(floor, 0)[2], 0.0);
  const hvlm::Pyramid ceil = hvlm::buildPyramid(h, w, hvlm::planPyramid({0, 3}, "ceil", -1));
  QCOMPARE(ceil.parent[0], (std::vector<int64_t>{0, 0, 1}));
  QCOMPARE(ceil.alpha[0][2].item<double>(), 1.0);  // no choice
  QVERIFY(at::equal(ceil.nodes[4], h[2]));         // a window of one passes its step on
}

void TestModelPyramid::limitedLevelsAverageTheTop() {
  const at::Tensor h = randomRows(9, 2, 6);  // 8 and 1 steps
  const hvlm::Pyramid pyramid =
      hvlm::buildPyramid(h, at::zeros({1, 2}, at::kDouble), hvlm::planPyramid({0, 8, 9}, "ceil", 1));
  QCOMPARE(pyramid.levels(), int64_t{2});
  const at::Tensor top = hvlm::topVectors(pyramid);
  QVERIFY(at::allclose(top[0], h.slice(0, 0, 8).mean(0), 0.0, 1e-14));
  QVERIFY(at::equal(top[1], h[8]));
  const auto path = hvlm::alphaPath(pyramid, 0);
  QVERIFY(std::abs(std::accumulate(path.begin(), path.end(), 0.0) - 1.0) < 1e-12);
}

void TestModelPyramid::packedEqualsAlone_data() { spansCoverTheirSteps_data(); }

void TestModelPyramid::packedEqualsAlone() {
  QFETCH(QString, mode);
  const std::vector<int64_t> offsets{0, 7, 8, 40, 42};
  const at::Tensor h = randomRows(42, 6, 7);
  const at::Tensor w = randomRows(6, 6, 8);
  const hvlm::Pyramid packed = hvlm::buildPyramid(h, w, hvlm::planPyramid(offsets, mode.toStdString(), -1));
  for (int64_t b = 0; b < 4; ++b) {
    const at::Tensor own = h.slice(0, offsets[b], offsets[b + 1]);
    const hvlm::Pyramid alone = hvlm::buildPyramid(own, w, hvlm::planPyramid({0, own.size(0)}, mode.toStdString(), -1));
    QCOMPARE(alone.levels(), packed.last_level[b] + 1);
    for (int64_t l = 0; l < alone.levels(); ++l) {
      const int64_t first = packed.level_start[l] + packed.offsets[l][b];
      QCOMPARE(packed.offsets[l][b + 1] - packed.offsets[l][b], alone.rows(l));
      QVERIFY(at::allclose(packed.nodes.narrow(0, first, alone.rows(l)),
                           alone.nodes.narrow(0, alone.level_start[l], alone.rows(l)), 0.0, 1e-13));
    }
    QCOMPARE(hvlm::alphaPath(packed, b).size(), hvlm::alphaPath(alone, 0).size());
  }
}

void TestModelPyramid::hugeScoresStayFinite() {
  const at::Tensor h = (randomRows(9, 4, 9) * 1e4).to(at::kFloat).requires_grad_(true);
  const at::Tensor w = at::full({4, 4}, 1e4, at::kFloat).requires_grad_(true);
  const hvlm::Pyramid pyramid = hvlm::buildPyramid(h, w, hvlm::planPyramid({0, 9}, "ceil", -1));
  pyramid.nodes.sum().backward();
  QVERIFY(at::isfinite(pyramid.nodes).all().item<bool>());
  QVERIFY(at::isfinite(h.grad()).all().item<bool>());
  QVERIFY(at::isfinite(w.grad()).all().item<bool>());
}

void TestModelPyramid::wrongCallsAreNamed() {
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::planPyramid({0, 4}, "round", -1));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::levelLengths(0, "ceil"));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::buildPyramid(at::zeros({3, 2}), at::zeros({1, 2}),
                                                                hvlm::planPyramid({0, 4}, "ceil", -1)));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::attentionPool(at::zeros({3, 2}), at::zeros({3}), 2, 2));
}

QTEST_GUILESS_MAIN(TestModelPyramid)
#include "tst_model_pyramid.moc"
