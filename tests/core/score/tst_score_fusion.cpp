// SPDX-License-Identifier: Apache-2.0
#include <QtTest>
#include <cmath>
#include <limits>
#include <numeric>

#include "score/fusion.h"

using namespace hvlm;

namespace {

ScoredSegment segment(double start, double end, double score, int64_t label = -1) { return {.video = 0, .label = label, .start_seconds = start, .end_seconds = end, .score = score}; }

}  // namespace

class TestScoreFusion : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void sharesWorkedByHand_data() {
    QTest::addColumn<QList<double>>("scores");
    QTest::addColumn<bool>("logits");
    QTest::addColumn<QList<double>>("shares");
    const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
    QTest::newRow("scores are divided by their sum") << QList<double>{3, 1, 0} << false << QList<double>{.75, .25, 0};
    QTest::newRow("huge scores too") << QList<double>{1e308, 1e308} << false << QList<double>{.5, .5};
    QTest::newRow("logits take the softmax") << QList<double>{std::log(3.0), 0} << true << QList<double>{.75, .25};
    QTest::newRow("large logits do not overflow") << QList<double>{1000, 1000 - std::log(3.0)} << true << QList<double>{.75, .25};
    QTest::newRow("zeros alone share nothing") << QList<double>{0, 0} << false << QList<double>{};
    QTest::newRow("a negative score without logits is none") << QList<double>{1, -1} << false << QList<double>{};
    QTest::newRow("NaN is refused") << QList<double>{1, nan} << true << QList<double>{};
    QTest::newRow("infinity is refused") << QList<double>{1, inf} << false << QList<double>{};
    QTest::newRow("no scores give no shares") << QList<double>{} << false << QList<double>{};
  }
  void sharesWorkedByHand() {
    QFETCH(QList<double>, scores);
    QFETCH(bool, logits);
    QFETCH(QList<double>, shares);
    const auto found = sharesOf(std::vector<double>(scores.begin(), scores.end()), logits);
    QCOMPARE(static_cast<qsizetype>(found.size()), shares.size());
    for (size_t i = 0; i < found.size(); ++i) QVERIFY(std::abs(static_cast<double>(found[i]) - shares[static_cast<qsizetype>(i)]) < 1e-7);
  }
  void proposalsTakeTheTwoLikeliestClasses() {
    const std::vector<float> shares = {.1F, .6F, .3F, 0.F};
    const std::vector<ScoredSegment> proposals = {segment(0, 4, .5), segment(5, 9, .2)};
    const auto product = labelledProposals(proposals, shares, {.labels = 2, .power = 1.0});
    QCOMPARE(product.size(), size_t{4});
    QCOMPARE(product[0].label, int64_t{1});
    QCOMPARE(product[1].label, int64_t{2});
    QVERIFY(std::abs(product[0].score - .3) < 1e-7 && std::abs(product[1].score - .15) < 1e-7 && std::abs(product[3].score - .06) < 1e-7);
    QCOMPARE(product[2].start_seconds, 5.0);
    const auto mean = labelledProposals(proposals, shares);
    for (size_t i = 0; i < mean.size(); ++i) QVERIFY(std::abs(mean[i].score * mean[i].score - product[i].score) < 1e-12);
  }
  void classesWithoutAShareAreLeftOut() {
    QCOMPARE(labelledProposals(std::vector{segment(0, 4, .5)}, std::vector<float>{0.F, 1.F, 0.F}).size(), size_t{1});
    QVERIFY(labelledProposals(std::vector{segment(0, 4, .5)}, {}).empty());
    QVERIFY(labelledProposals(std::vector{segment(0, 4, 0.)}, std::vector<float>{1.F}).empty());
    const auto tied = labelledProposals(std::vector{segment(0, 4, .5)}, std::vector<float>{.25F, .25F, .25F, .25F}, {.labels = 1});
    QCOMPARE(tied[0].label, int64_t{0});  // the lower class among equals
  }
  void aLabelledSegmentStaysAsItIs() {
    const auto kept = labelledProposals(std::vector{segment(0, 4, .5, 2)}, std::vector<float>{1.F, 0.F, 0.F});
    QCOMPARE(kept.size(), size_t{1});
    QCOMPARE(kept[0].label, int64_t{2});
    QCOMPARE(kept[0].score, .5);
  }
  void joinedListsSuppressOneAnother() {
    const std::vector<ScoredSegment> own = {segment(0, 4, .8, 1), segment(20, 24, .4, 1)}, others = {segment(0, 4, .9, 1), segment(0, 4, .7, 2), segment(30, 31, .0005, 1)};
    const auto joined = joinedDetections(own, others, {.sigma = .5, .min_score = .001});
    QCOMPARE(joined.size(), size_t{4});
    QCOMPARE(joined[0].score, .9);
    QCOMPARE(joined[1].score, .7);  // another class
    QCOMPARE(joined[2].score, .4);  // apart
    QVERIFY(std::abs(joined[3].score - .8 * std::exp(-2.0)) < 1e-12);
    const auto agnostic = joinedDetections(own, others, {.sigma = .5, .min_score = .001}, true);
    QVERIFY(std::abs(agnostic[2].score - .8 * std::exp(-2.0)) < 1e-12);
    QVERIFY(std::abs(agnostic[3].score - .7 * std::exp(-4.0)) < 1e-12);
    QCOMPARE(joinedDetections(own, others, {.sigma = .5, .min_score = .001, .keep = 2}).size(), size_t{2});
  }
  void withoutOthersNothingApartChanges() {
    const std::vector<ScoredSegment> own = {segment(0, 4, .8, 1), segment(20, 24, .4, 1), segment(0, 4, .3, 2)};
    const auto joined = joinedDetections(own, {}, {});
    QCOMPARE(joined.size(), own.size());
    for (size_t i = 0; i < own.size(); ++i) QCOMPARE(joined[i].score, own[i].score);
    QVERIFY(joinedDetections({}, {}, {}).empty());
  }
  void equalScoresPutTheOwnFirst() {
    const auto joined = joinedDetections(std::vector{segment(0, 4, .5, 1)}, std::vector{segment(10, 14, .5, 0)}, {});
    QCOMPARE(joined[0].label, int64_t{1});
  }
};

QTEST_APPLESS_MAIN(TestScoreFusion)
#include "tst_score_fusion.moc"
