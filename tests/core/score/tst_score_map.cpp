// SPDX-License-Identifier: Apache-2.0
// Maps of embeddings. Oracle: scikit-learn 1.9.1 on the same points (PCA; TSNE with init="pca", learning_rate="auto", angle 0.5, 750 iterations).
#include <QtTest>
#include <cmath>
#include <limits>

#include "score/embedding_map.h"
#include "support/error.h"

using namespace hvlm;

namespace {

constexpr int64_t kPoints = 300, kWidth = 10, kClusters = 5;

// Five clusters; the oracle computed the same formula.
std::vector<float> samplePoints() {
  std::vector<float> points;
  for (int64_t i = 0; i < kPoints; ++i) {
    for (int64_t k = 0; k < kWidth; ++k) {
      const auto n = static_cast<double>(i), c = static_cast<double>(i % kClusters), x = static_cast<double>(k);
      points.push_back(static_cast<float>(3.0 * std::sin(1.7 * c + 0.9 * x * (c + 1.0)) + std::sin(12.9898 * n + 78.233 * x * (1.0 + 0.01 * n))));
    }
  }
  return points;
}

double distance(const MapPoint& a, const MapPoint& b) { return std::hypot(a[0] - b[0], a[1] - b[1]); }

// Share of points whose nearest neighbour in the map is of their own cluster.
double purity(const std::vector<MapPoint>& map) {
  int64_t own = 0;
  for (size_t i = 0; i < map.size(); ++i) {
    size_t best = i == 0 ? 1 : 0;
    for (size_t j = 0; j < map.size(); ++j) {
      if (j != i && distance(map[i], map[j]) < distance(map[i], map[best])) best = j;
    }
    own += static_cast<int64_t>(i) % kClusters == static_cast<int64_t>(best) % kClusters;
  }
  return static_cast<double>(own) / static_cast<double>(map.size());
}

}  // namespace

class TestMap : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void thePlaneIsThatOfTheOracle();
  void flatPointsHaveAFlatPlane();
  void theMapIsAsGoodAsTheOracles_data();
  void theMapIsAsGoodAsTheOracles();
  void theGradientIsThatOfTheDivergence();
  void theApproximationIsNear();
  void samePointsSameMap();
  void pointsInOnePlaceEnd();
  void fewPointsAndBadOnes();
  void itCanBeStopped();
  void neighboursByHand();
  void similarityByHand();
};

void TestMap::thePlaneIsThatOfTheOracle() {
  const PrincipalPlane plane = principalPlane(samplePoints(), kPoints, kWidth);
  const struct {
    size_t row;
    MapPoint at;
  } expected[] = {{0, {-2.167329138243962, -6.872484759379402}}, {7, {-3.248343898085688, 1.9843508671272265}}, {299, {5.447385024105751, 0.10834593907833112}}};
  for (const auto& [row, at] : expected) QVERIFY2(distance(plane.at[row], at) < 1e-5, qPrintable(QString::number(distance(plane.at[row], at))));
  QVERIFY(std::abs(plane.share[0] - 0.46361788) < 1e-6);
  QVERIFY(std::abs(plane.share[1] - 0.26141176) < 1e-6);
}

void TestMap::flatPointsHaveAFlatPlane() {
  std::vector<float> line;
  for (int i = 0; i < 20; ++i) line.insert(line.end(), {static_cast<float>(i), 2.0f * static_cast<float>(i), 0.0f});
  const PrincipalPlane plane = principalPlane(line, 20, 3);
  QVERIFY(std::abs(plane.share[0] - 1.0) < 1e-9);
  for (const MapPoint& p : plane.at) QCOMPARE(p[1], 0.0);
  const PrincipalPlane same = principalPlane(std::vector<float>(12, 5.0f), 4, 3);
  for (const MapPoint& p : same.at) QCOMPARE(p, (MapPoint{0.0, 0.0}));
}

void TestMap::theMapIsAsGoodAsTheOracles_data() {
  QTest::addColumn<double>("perplexity");
  QTest::addColumn<double>("oracle");  // its kl_divergence_
  QTest::newRow("30") << 30.0 << 0.34826934;
  QTest::newRow("10") << 10.0 << 0.47960249;
}
void TestMap::theMapIsAsGoodAsTheOracles() {
  QFETCH(double, perplexity);
  QFETCH(double, oracle);
  const auto points = samplePoints();
  TsneOptions options;
  options.perplexity = perplexity;
  const auto map = tsne(points, kPoints, kWidth, options);
  const double divergence = tsneDivergence(points, kPoints, kWidth, map, perplexity);
  qInfo("divergence %.4f, the oracle's %.4f; purity %.3f", divergence, oracle, purity(map));
  QVERIFY(divergence < oracle * 1.05);
  QVERIFY(divergence > 0.0);
  QVERIFY(purity(map) > 0.95);
}

void TestMap::theGradientIsThatOfTheDivergence() {
  const auto all = samplePoints();
  constexpr int64_t kFew = 40;
  const std::vector<float> points(all.begin(), all.begin() + kFew * kWidth);
  std::vector<MapPoint> map = principalPlane(points, kFew, kWidth).at;
  const auto slope = tsneGradient(points, kFew, kWidth, map, 8.0, 0.0);
  for (const size_t i : {size_t{0}, size_t{13}, size_t{39}}) {
    for (size_t c = 0; c < 2; ++c) {
      const double step = 1e-5, before = map[i][c];
      map[i][c] = before + step;
      const double up = tsneDivergence(points, kFew, kWidth, map, 8.0);
      map[i][c] = before - step;
      const double down = tsneDivergence(points, kFew, kWidth, map, 8.0);
      map[i][c] = before;
      QVERIFY2(std::abs((up - down) / (2.0 * step) - slope[i][c]) < 1e-6, qPrintable(QString("%1 %2").arg((up - down) / (2.0 * step)).arg(slope[i][c])));
    }
  }
}

void TestMap::theApproximationIsNear() {
  const auto points = samplePoints();
  const auto map = principalPlane(points, kPoints, kWidth).at;
  const auto exact = tsneGradient(points, kPoints, kWidth, map, 30.0, 0.0), near = tsneGradient(points, kPoints, kWidth, map, 30.0, 0.5);
  double difference = 0.0, size = 0.0;
  for (size_t i = 0; i < map.size(); ++i) {
    difference += std::pow(distance(exact[i], near[i]), 2);
    size += std::pow(std::hypot(exact[i][0], exact[i][1]), 2);
  }
  QVERIFY2(std::sqrt(difference / size) < 0.05, qPrintable(QString::number(std::sqrt(difference / size))));
  // With a tiny theta every point is met by itself.
  const auto fine = tsneGradient(points, kPoints, kWidth, map, 30.0, 1e-9);
  for (size_t i = 0; i < map.size(); ++i) QVERIFY(distance(exact[i], fine[i]) < 1e-12);
}

void TestMap::samePointsSameMap() {
  const auto points = samplePoints();
  TsneOptions options;
  options.iterations = 120;
  QCOMPARE(tsne(points, kPoints, kWidth, options), tsne(points, kPoints, kWidth, options));
}

void TestMap::pointsInOnePlaceEnd() {
  std::vector<float> points(200 * 3, 1.0f);
  for (const MapPoint& p : tsne(points, 200, 3)) QVERIFY(std::isfinite(p[0]) && std::isfinite(p[1]));
  for (size_t i = 0; i < 100 * 3; ++i) points[i] = 2.0f;  // two piles
  const auto map = tsne(points, 200, 3);
  for (const MapPoint& p : map) QVERIFY(std::isfinite(p[0]) && std::isfinite(p[1]));
  double between = 1e300;
  for (size_t i = 0; i < 100; ++i) {
    for (size_t j = 100; j < 200; ++j) between = std::min(between, distance(map[i], map[j]));
  }
  QVERIFY(between > 0.0);
}

void TestMap::fewPointsAndBadOnes() {
  QVERIFY(tsne({}, 0, 3).empty());
  QCOMPARE(tsne(std::vector<float>{1, 2, 3}, 1, 3).size(), size_t{1});
  QCOMPARE(tsne(std::vector<float>{0, 0, 1, 0, 0, 1}, 3, 2).size(), size_t{3});
  QCOMPARE(tsne(std::vector<float>{0, 0, 1, 0, 0, 1, 1, 1}, 4, 2).size(), size_t{4});
  QVERIFY_THROWS_EXCEPTION(InputError, tsne(std::vector<float>{0, std::numeric_limits<float>::quiet_NaN()}, 1, 2));
  QVERIFY_THROWS_EXCEPTION(InputError, principalPlane(std::vector<float>{0, 1, 2}, 2, 2));
}

void TestMap::itCanBeStopped() {
  TsneOptions options;
  int calls = 0;
  options.progress = [&](int done, int total) {
    ++calls;
    return done < 10 && total == options.iterations;
  };
  QCOMPARE(tsne(samplePoints(), kPoints, kWidth, options).size(), static_cast<size_t>(kPoints));
  QCOMPARE(calls, 10);
}

void TestMap::neighboursByHand() {
  const std::vector<float> points = {1, 0, 0, 2, 1, 1, 0, 0, -1, 0};
  const auto found = nearestByCosine(points, 5, 2, std::vector<float>{3, 0}, 3, 0);
  QCOMPARE(found.size(), size_t{3});
  QCOMPARE(found[0].index, int64_t{2});
  QVERIFY(std::abs(found[0].similarity - std::sqrt(0.5f)) < 1e-6f);
  QCOMPARE(found[1].index, int64_t{1});  // 0, as the zero vector: the lower index first
  QCOMPARE(found[2].index, int64_t{3});
  QCOMPARE(nearestByCosine(points, 5, 2, std::vector<float>{3, 0}, 99).size(), size_t{5});
}

void TestMap::similarityByHand() {
  const auto s = selfSimilarity(std::vector<float>{1, 0, 0, 0, 3, 4}, 3, 2);
  const std::vector<float> expected = {1, 0, 0.6f, 0, 0, 0, 0.6f, 0, 1};
  for (size_t i = 0; i < 9; ++i) QVERIFY(std::abs(s[i] - expected[i]) < 1e-6f);
  QVERIFY(selfSimilarity({}, 0, 4).empty());
}

QTEST_GUILESS_MAIN(TestMap)
#include "tst_score_map.moc"
