// SPDX-License-Identifier: Apache-2.0
// Intervals by bootstrap over videos: a weighted draw is the official score of the drawn videos.
#include <QtTest>
#include <cmath>
#include <numeric>
#include <random>

#include "score/bootstrap.h"
#include "score/classification.h"
#include "support/error.h"

using namespace hvlm;

namespace {

constexpr int64_t kVideos = 7;

// Several classes, several instances a video, near and far predictions, all scores different; the last video has no instance.
void fill(std::vector<ScoredSegment>& truth, std::vector<ScoredSegment>& predictions) {
  std::mt19937 random(4);
  const auto share = [&] { return static_cast<double>(random() % 1000) / 1000.0; };
  for (int64_t v = 0; v < kVideos; ++v) {
    for (int k = 0; k < 3; ++k) {
      const double start = 60.0 * share();
      const auto label = static_cast<int64_t>(random() % 3);
      if (v + 1 < kVideos) truth.push_back({v, label, start, start + 10.0, 0.0});
      for (int i = 0; i < 4; ++i) {
        const double moved = start + 6.0 * (share() - 0.5);
        predictions.push_back({v, i == 0 ? (label + 1) % 3 : label, moved, moved + 8.0 + 4.0 * share(), share() + 1e-5 * static_cast<double>(predictions.size())});
      }
    }
  }
}

// Each video as often as `times` says, copies under numbers of their own.
std::vector<ScoredSegment> drawn(const std::vector<ScoredSegment>& segments, const std::vector<int32_t>& times) {
  std::vector<ScoredSegment> out;
  for (int32_t copy = 0; copy < 3; ++copy) {
    for (ScoredSegment s : segments) {
      if (times[static_cast<size_t>(s.video)] <= copy) continue;
      s.video += 100 * copy;
      out.push_back(s);
    }
  }
  return out;
}

}  // namespace

class TestScoreBootstrap : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void aDrawIsTheScoreOfTheDrawnVideos_data() {
    QTest::addColumn<QList<int>>("times");
    QTest::newRow("each video once: the score itself") << QList<int>{1, 1, 1, 1, 1, 1, 1};
    QTest::newRow("some twice and thrice, some not") << QList<int>{2, 0, 3, 1, 0, 1, 0};
    QTest::newRow("one video only") << QList<int>{0, 0, 0, 3, 0, 0, 0};
    QTest::newRow("false positives of a video without instances") << QList<int>{1, 0, 1, 0, 1, 0, 3};
  }
  void aDrawIsTheScoreOfTheDrawnVideos() {
    QFETCH(QList<int>, times);
    std::vector<ScoredSegment> truth, predictions;
    fill(truth, predictions);
    const std::vector<int32_t> weights(times.begin(), times.end());
    const auto thresholds = defaultThresholds();
    const DetectionScore expected = scoreDetections(drawn(truth, weights), drawn(predictions, weights), thresholds);
    const std::vector<double> map = DetectionResampler(truth, predictions, thresholds, kVideos).map(weights);
    QCOMPARE(map.size(), thresholds.size());
    for (size_t t = 0; t < map.size(); ++t) QVERIFY2(std::abs(map[t] - expected.map[t]) < 1e-12, qPrintable(QString::number(t)));
    QVERIFY(expected.map[0] > 0.0);
  }
  void nothingDrawnHasAnInstance() {
    std::vector<ScoredSegment> truth, predictions;
    fill(truth, predictions);
    QVERIFY(DetectionResampler(truth, predictions, defaultThresholds(), kVideos).map(std::vector<int32_t>{0, 0, 0, 0, 0, 0, 7}).empty());
  }
  void theIntervalHoldsTheScore() {
    std::vector<ScoredSegment> truth, predictions;
    fill(truth, predictions);
    const DetectionScore score = scoreDetections(truth, predictions, defaultThresholds());
    const DetectionIntervals a = bootstrapDetections(truth, predictions, kVideos);
    const DetectionIntervals b = bootstrapDetections(truth, predictions, kVideos);
    QVERIFY(a.map_50.low < score.map[0] && score.map[0] < a.map_50.high);
    QVERIFY(a.average_map.low < score.average_map && score.average_map < a.average_map.high);
    QCOMPARE(a.map_50.low, b.map_50.low);
    QCOMPARE(a.average_map.high, b.average_map.high);
  }
  void withoutPredictionsItIsZero() {
    std::vector<ScoredSegment> truth, predictions;
    fill(truth, predictions);
    const DetectionIntervals none = bootstrapDetections(truth, {}, kVideos);
    QCOMPARE(none.map_50.low, 0.0);
    QCOMPARE(none.average_map.high, 0.0);
    QVERIFY_THROWS_EXCEPTION(InputError, bootstrapDetections({}, predictions, kVideos));
  }
  void aPerfectDetectorHasNoSpread() {
    std::vector<ScoredSegment> truth, predictions;
    fill(truth, predictions);
    const DetectionIntervals perfect = bootstrapDetections(truth, truth, kVideos);
    QVERIFY(std::abs(perfect.average_map.low - 1.0) < 1e-12 && std::abs(perfect.average_map.high - 1.0) < 1e-12);
  }
  void everyDrawHasAsManyVideos() {
    int draws = 0;
    eachBootstrapDraw(13, [&](std::span<const int32_t> times) {
      ++draws;
      QCOMPARE(std::accumulate(times.begin(), times.end(), 0), 13);
    });
    QCOMPARE(draws, kBootstrapDraws);
    eachBootstrapDraw(0, [](std::span<const int32_t>) { QFAIL("drew from nothing"); });
  }
  void theMeanOfManyIsNearlyNormal() {
    std::vector<double> values;
    for (int i = 0; i < 400; ++i) values.push_back(i % 2);
    const Interval interval = bootstrapMean(values);
    QVERIFY(std::abs(interval.low - (0.5 - 1.96 * 0.025)) < 0.006);
    QVERIFY(std::abs(interval.high - (0.5 + 1.96 * 0.025)) < 0.006);
    const Interval one = bootstrapMean(std::vector<double>{0.7});
    QCOMPARE(one.low, 0.7);
    QCOMPARE(one.high, 0.7);
    QCOMPARE(bootstrapMean({}).high, 0.0);
  }
  void quantilesAreBetweenRanks() {
    std::vector<double> values(101);
    std::iota(values.rbegin(), values.rend(), 0.0);
    const Interval interval = percentileInterval(values);
    QVERIFY(std::abs(interval.low - 2.5) < 1e-9 && std::abs(interval.high - 97.5) < 1e-9);
  }
};

QTEST_APPLESS_MAIN(TestScoreBootstrap)
#include "tst_score_bootstrap.moc"
