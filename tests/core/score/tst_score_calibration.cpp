// SPDX-License-Identifier: Apache-2.0
// Scores as shares of right detections: what a fit finds, what it never does, the error by hand, which detections are right.
#include <QtTest>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "score/calibration.h"
#include "support/error.h"

using namespace hvlm;

namespace {

using Flags = std::vector<uint8_t>;

double sigmoid(double z) { return 1.0 / (1.0 + std::exp(-z)); }
double uniform(std::mt19937_64& random) { return static_cast<double>(random() >> 11) * 0x1.0p-53; }

struct Drawn {
  std::vector<double> scores;
  Flags right;
};
// Scores of logit -4 .. 4, right with probability sigmoid(slope logit + offset).
Drawn drawn(int count, double slope, double offset, uint64_t seed) {
  std::mt19937_64 random(seed);
  Drawn d;
  for (int i = 0; i < count; ++i) {
    const double z = 8.0 * uniform(random) - 4.0;
    d.scores.push_back(sigmoid(z));
    d.right.push_back(uniform(random) < sigmoid(slope * z + offset));
  }
  return d;
}

double meanCalibrated(const std::vector<double>& scores, const ScoreCalibration& c) {
  double sum = 0.0;
  for (const double s : scores) sum += calibrated(s, c);
  return sum / static_cast<double>(scores.size());
}

// Cross-entropy with Platt's targets.
double lossOf(const Drawn& d, const ScoreCalibration& c) {
  const auto positives = static_cast<double>(std::count(d.right.begin(), d.right.end(), uint8_t{1}));
  const double negatives = static_cast<double>(d.right.size()) - positives;
  double sum = 0.0;
  for (size_t i = 0; i < d.scores.size(); ++i) {
    const double wanted = d.right[i] ? (positives + 1.0) / (positives + 2.0) : 1.0 / (negatives + 2.0);
    const double p = calibrated(d.scores[i], c);
    sum -= wanted * std::log(p) + (1.0 - wanted) * std::log(1.0 - p);
  }
  return sum;
}

// The official rule written once more: predictions by falling score, each takes the free instance of its video and class that it overlaps most.
Flags rightByHand(const std::vector<ScoredSegment>& truth, const std::vector<ScoredSegment>& predictions, double threshold) {
  std::vector<size_t> order(predictions.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return predictions[a].score > predictions[b].score; });
  std::vector<bool> taken(truth.size(), false);
  Flags right(predictions.size(), 0);
  for (const size_t i : order) {
    const ScoredSegment& p = predictions[i];
    double best = -1.0;
    size_t instance = truth.size();
    for (size_t k = 0; k < truth.size(); ++k) {
      if (taken[k] || truth[k].video != p.video || truth[k].label != p.label) continue;
      const double overlap = overlapOrZero(truth[k].start_seconds, truth[k].end_seconds, p.start_seconds, p.end_seconds);
      if (overlap < threshold || overlap <= best) continue;
      best = overlap;
      instance = k;
    }
    if (instance == truth.size()) continue;
    taken[instance] = true;
    right[i] = 1;
  }
  return right;
}

ScoredSegment at(int64_t video, int64_t label, double start, double end, double score = 0.0) { return {video, label, start, end, score}; }

}  // namespace

class TestScoreCalibration : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void aKnownCurveIsFound_data() {
    QTest::addColumn<double>("slope");
    QTest::addColumn<double>("offset");
    QTest::newRow("scores that are too sure") << 0.4 << 0.0;
    QTest::newRow("scores that are not sure enough") << 1.8 << 0.0;
    QTest::newRow("scores that are too high") << 1.0 << -1.5;
    QTest::newRow("all of it") << 0.7 << 0.9;
    QTest::newRow("scores that are right already") << 1.0 << 0.0;
  }
  void aKnownCurveIsFound() {
    QFETCH(double, slope);
    QFETCH(double, offset);
    const Drawn d = drawn(40000, slope, offset, 7);
    const ScoreCalibration fitted = fitCalibration(d.scores, d.right);
    QVERIFY2(std::abs(fitted.slope - slope) < 0.05 && std::abs(fitted.offset - offset) < 0.06,
             qPrintable(QStringLiteral("%1, %2").arg(fitted.slope).arg(fitted.offset)));
    std::vector<double> after;
    for (const double s : d.scores) after.push_back(calibrated(s, fitted));
    QVERIFY(calibrationError(after, d.right) < 0.01);
    if (slope != 1.0 || offset != 0.0) QVERIFY(calibrationError(d.scores, d.right) > 0.03);
  }

  void noNeighbourOfAFitIsBetter() {
    const Drawn d = drawn(300, 0.6, -0.7, 3);
    const ScoreCalibration fitted = fitCalibration(d.scores, d.right);
    const double least = lossOf(d, fitted);
    for (const double a : {-1e-3, 0.0, 1e-3}) {
      for (const double b : {-1e-3, 0.0, 1e-3}) QVERIFY(lossOf(d, {fitted.slope + a, fitted.offset + b}) >= least - 1e-9);
    }
  }

  void noRankingChanges_data() {
    QTest::addColumn<double>("slope");
    QTest::newRow("a drawn set") << 0.8;
    QTest::newRow("scores that say nothing") << 0.0;
    QTest::newRow("scores that say the opposite") << -1.5;
  }
  void noRankingChanges() {
    QFETCH(double, slope);
    const Drawn d = drawn(2000, slope, -1.0, 11);
    const ScoreCalibration fitted = fitCalibration(d.scores, d.right);
    QVERIFY(fitted.slope > 0.0 && std::isfinite(fitted.offset));
    double before = 0.0;
    for (int i = 1; i < 2000; ++i) {
      const double now = calibrated(i / 2000.0, fitted);
      QVERIFY(now > before && now < 1.0);
      before = now;
    }
    // Whatever the scores are worth, their mean is the share of right ones (Platt's targets move it a little).
    const double share = static_cast<double>(std::count(d.right.begin(), d.right.end(), uint8_t{1})) / 2000.0;
    QVERIFY2(std::abs(meanCalibrated(d.scores, fitted) - share) < 0.01, qPrintable(QStringLiteral("%1 of %2").arg(meanCalibrated(d.scores, fitted)).arg(share)));
  }

  void tooLittleToFitChangesNothing() {
    const std::vector<double> nine = {.1, .2, .3, .4, .5, .6, .7, .8, .9};
    const std::vector<double> ten = {.1, .2, .3, .4, .5, .6, .7, .8, .9, .95};
    for (const ScoreCalibration& c : {fitCalibration({}, {}), fitCalibration(nine, Flags{0, 0, 1, 0, 1, 0, 1, 1, 1}), fitCalibration(ten, Flags(10, 1)), fitCalibration(ten, Flags(10, 0))}) {
      QVERIFY(c.identity());
      for (const double s : {0.0, 1e-9, 0.3, 0.7, 1.0}) QCOMPARE(calibrated(s, c), s);
    }
    QVERIFY(!fitCalibration(ten, Flags{0, 0, 0, 0, 1, 0, 1, 1, 1, 1}).identity());
  }

  void equalScoresBecomeTheShareOfRightOnes() {
    Flags right(100, 0);
    std::fill_n(right.begin(), 30, uint8_t{1});
    const ScoreCalibration fitted = fitCalibration(std::vector<double>(100, 0.8), right);
    const double wanted = (30.0 * 31.0 / 32.0 + 70.0 / 72.0) / 100.0;
    QVERIFY2(fitted.slope > 0.0 && std::abs(calibrated(0.8, fitted) - wanted) < 1e-4, qPrintable(QString::number(calibrated(0.8, fitted))));
  }

  void separableScoresStayFinite() {
    std::vector<double> scores;
    Flags right;
    for (int i = 0; i < 40; ++i) {
      scores.push_back(i < 20 ? 0.1 + i * 0.01 : 0.6 + i * 0.005);
      right.push_back(i >= 20);
    }
    const ScoreCalibration fitted = fitCalibration(scores, right);
    QVERIFY(std::isfinite(fitted.slope) && std::isfinite(fitted.offset) && fitted.slope > 1.0);
    QVERIFY(calibrated(0.1, fitted) < 0.1 && calibrated(0.7, fitted) > 0.9);
  }

  void certainScoresStayFinite() {
    std::vector<double> scores(20, 0.0);
    scores.resize(40, 1.0);
    Flags right(40, 0);
    std::fill_n(right.begin() + 18, 20, uint8_t{1});
    const ScoreCalibration fitted = fitCalibration(scores, right);
    QVERIFY(std::isfinite(fitted.slope) && std::isfinite(fitted.offset) && fitted.slope > 0.0);
    QVERIFY(std::abs(calibrated(0.0, fitted) - 0.1) < 0.1 && std::abs(calibrated(1.0, fitted) - 0.9) < 0.1);
  }

  void listsOfUnequalLengthAreRefused() {
    const std::vector<double> scores(12, 0.5);
    QVERIFY_THROWS_EXCEPTION(ShapeError, fitCalibration(scores, Flags(11, 1)));
    QVERIFY_THROWS_EXCEPTION(ShapeError, fitCalibration({}, Flags(1, 1)));
    QVERIFY_THROWS_EXCEPTION(ShapeError, calibrationError(scores, Flags(13, 1)));
  }

  void theErrorByHand() {
    // Two bins: {0.2, 0.4} hold one right, |1 - 0.6| = 0.4; {0.6, 0.8} hold two, |2 - 1.4| = 0.6; a quarter of the sum.
    const std::vector<double> scores = {0.2, 0.6, 0.4, 0.8};
    const Flags right = {0, 1, 1, 1};
    QVERIFY(std::abs(calibrationError(scores, right, 2) - 0.25) < 1e-12);
    QVERIFY(std::abs(calibrationError(scores, right, 1) - 0.25) < 1e-12);  // |3 - 2| / 4
    QVERIFY(std::abs(calibrationError(scores, right, 1000) - (0.2 + 0.4 + 0.6 + 0.2) / 4.0) < 1e-12);  // each alone
    QVERIFY(std::abs(calibrationError(std::vector<double>{1.0, 0.0}, Flags{1, 0})) < 1e-12);  // 1 lies in the last bin
    QVERIFY(std::abs(calibrationError(std::vector<double>{1.0, 0.0}, Flags{0, 1}) - 1.0) < 1e-12);
    QCOMPARE(calibrationError({}, {}), 0.0);
    QCOMPARE(calibrationError(scores, right, 0), 0.0);
  }

  void doublesAndStrangersAreWrong() {
    const std::vector<ScoredSegment> truth = {at(0, 0, 0, 10), at(0, 0, 20, 30), at(1, 2, 5, 9)};
    const std::vector<ScoredSegment> predictions = {
        at(0, 0, 0, 9, .5),    // the same instance as the next one, which comes first
        at(0, 0, 0, 10, .9),   // right
        at(0, 0, 21, 30, .4),  // right
        at(0, 0, 13, 22, .8),  // overlaps too little
        at(0, 1, 0, 10, .7),   // a class that the truth does not have
        at(0, 2, 5, 9, .6),    // the class is of another video
        at(1, 2, 5, 8, .1),    // right
        at(-1, 0, 0, 10, 1.),  // outside the truth
        at(0, 7, 0, 10, 1.),
    };
    QCOMPARE(rightDetections(truth, predictions), (Flags{0, 1, 1, 0, 0, 0, 1, 0, 0}));
    QCOMPARE(rightDetections(truth, predictions, 0.95), (Flags{0, 1, 0, 0, 0, 0, 0, 0, 0}));
    QCOMPARE(rightDetections({}, predictions), Flags(predictions.size(), 0));
    QCOMPARE(rightDetections(truth, {}), Flags());
  }

  void rightOnesAreThoseOfTheOfficialMatching() {
    std::mt19937_64 random(5);
    const auto below = [&](int64_t n) { return static_cast<int64_t>(random() % static_cast<uint64_t>(n)); };
    int found = 0;
    for (int round = 0; round < 60; ++round) {
      std::vector<ScoredSegment> truth, predictions;
      for (int64_t i = 0; i < 15; ++i) {
        const double start = 50.0 * uniform(random);
        truth.push_back(at(below(4), below(3), start, start + 1.0 + 20.0 * uniform(random)));
      }
      for (int64_t i = 0; i < 80; ++i) {
        const ScoredSegment& near = truth[static_cast<size_t>(below(15))];
        const double start = near.start_seconds + 4.0 * uniform(random) - 2.0;
        predictions.push_back(at(below(12) == 0 ? -1 : near.video, below(6) == 0 ? below(5) : near.label, start,
                                 std::max(start + 0.5, near.end_seconds + 4.0 * uniform(random) - 2.0), uniform(random)));
      }
      for (const double threshold : {0.3, 0.5, 0.9}) {
        const Flags right = rightDetections(truth, predictions, threshold), wanted = rightByHand(truth, predictions, threshold);
        QCOMPARE(right, wanted);
        found += static_cast<int>(std::count(right.begin(), right.end(), uint8_t{1}));
      }
      // As many as the score's own recall counts.
      const std::vector<double> half = {0.5};
      int64_t official = 0;
      for (const ClassMatches& matches : matchDetections(truth, predictions, half).classes) {
        for (const int32_t place : matches.foundAt(0)) official += place >= 0 ? 1 : 0;
      }
      const Flags right = rightDetections(truth, predictions);
      QCOMPARE(static_cast<int64_t>(std::count(right.begin(), right.end(), uint8_t{1})), official);
    }
    QVERIFY(found > 500);
  }
};

QTEST_APPLESS_MAIN(TestScoreCalibration)
#include "tst_score_calibration.moc"
