// SPDX-License-Identifier: Apache-2.0
#include <QtTest>
#include <cmath>

#include "score/detection.h"

using namespace hvlm;

namespace {

ScoredSegment segment(double start, double end, double score, int64_t label = 0) {
  return {.video = 0, .label = label, .start_seconds = start, .end_seconds = end, .score = score};
}

}  // namespace

class TestScoreSuppression : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void overlapOfPairs_data() {
    QTest::addColumn<double>("start_a");
    QTest::addColumn<double>("end_a");
    QTest::addColumn<double>("start_b");
    QTest::addColumn<double>("end_b");
    QTest::addColumn<double>("iou");
    QTest::newRow("equal segments have 1") << 1.0 << 3.0 << 1.0 << 3.0 << 1.0;
    QTest::newRow("half of each shared is a third") << 0.0 << 2.0 << 1.0 << 3.0 << 1.0 / 3.0;
    QTest::newRow("touching segments have 0") << 0.0 << 1.0 << 1.0 << 2.0 << 0.0;
    QTest::newRow("apart they have 0") << 0.0 << 1.0 << 5.0 << 6.0 << 0.0;
    QTest::newRow("a point inside a segment has 0") << 0.0 << 4.0 << 2.0 << 2.0 << 0.0;
  }
  void overlapOfPairs() {
    QFETCH(double, start_a);
    QFETCH(double, end_a);
    QFETCH(double, start_b);
    QFETCH(double, end_b);
    QFETCH(double, iou);
    QCOMPARE(temporalIou(start_a, end_a, start_b, end_b), iou);
    QCOMPARE(overlapOrZero(start_a, end_a, start_b, end_b), iou);
  }
  void twoPointsHaveNoOverlapNumber() {
    QVERIFY(std::isnan(temporalIou(2.0, 2.0, 2.0, 2.0)));
    QVERIFY(std::isnan(temporalIou(2.0, 2.0, 7.0, 7.0)));
    QCOMPARE(overlapOrZero(2.0, 2.0, 2.0, 2.0), 0.0);
  }
  void hardDropsAtTheThreshold() {
    const std::vector<ScoredSegment> segments = {segment(0, 2, .8), segment(0, 1, .9), segment(10, 11, .1)};
    SuppressionOptions options;
    options.threshold = 0.5;  // exactly the tIoU of the first two
    const std::vector<Kept> kept = hardNms(segments, options);
    QCOMPARE(kept.size(), size_t{2});
    QCOMPARE(kept[0].index, int64_t{1});
    QCOMPARE(kept[1].index, int64_t{2});
    options.threshold = 0.51;
    QCOMPARE(hardNms(segments, options).size(), size_t{3});
    options.keep = 1;
    QCOMPARE(hardNms(segments, options).size(), size_t{1});
  }
  void softDecaysByTheGaussian() {
    const std::vector<ScoredSegment> segments = {segment(0, 2, .8), segment(0, 1, .9)};
    SuppressionOptions options;
    options.sigma = 0.5;
    const std::vector<Kept> kept = softNms(segments, options);
    QCOMPARE(kept.size(), size_t{2});
    QCOMPARE(kept[0].index, int64_t{1});
    QCOMPARE(kept[0].score, 0.9);
    QCOMPARE(kept[1].score, 0.8 * std::exp(-0.5));  // tIoU 0.5, squared over sigma
    options.min_score = 0.5;
    QCOMPARE(softNms(segments, options).size(), size_t{1});
  }
  void classesDoNotSuppressOneAnother() {
    const std::vector<ScoredSegment> segments = {segment(0, 2, .8, 3), segment(0, 2, .9, 1), segment(0, 2, .5, 3)};
    const std::vector<Kept> kept = softNmsByClass(segments, {.sigma = 0.5});
    QCOMPARE(kept.size(), size_t{3});
    QCOMPARE(kept[0].index, int64_t{1});
    QCOMPARE(kept[1].index, int64_t{0});
    QCOMPARE(kept[1].score, 0.8);
    QCOMPARE(kept[2].score, 0.5 * std::exp(-2.0));
    QCOMPARE(softNmsByClass(segments, {.sigma = 0.5, .keep = 2}).size(), size_t{2});
  }
  void votersMoveTheEnds() {
    const std::vector<ScoredSegment> segments = {segment(0, 10, .6), segment(0, 11, .2), segment(0, 100, .9),
                                                 segment(0, 10, .9, 7)};
    const std::vector<Kept> kept = {{0, 0.55}};
    const std::vector<ScoredSegment> voted = voteBoundaries(segments, kept, 0.9);
    QCOMPARE(voted.size(), size_t{1});
    QCOMPARE(voted[0].score, 0.55);
    QCOMPARE(voted[0].start_seconds, 0.0);
    QCOMPARE(voted[0].end_seconds, (0.6 * 10 + 0.2 * 11) / 0.8);  // neither the long one nor the other class votes
  }
  void nothingGivesNothing() {
    QVERIFY(hardNms({}, {}).empty());
    QVERIFY(softNms({}, {}).empty());
    QVERIFY(softNmsByClass({}, {}).empty());
    QVERIFY(voteBoundaries({}, {}, 0.9).empty());
  }
};

QTEST_APPLESS_MAIN(TestScoreSuppression)
#include "tst_score_suppression.moc"
