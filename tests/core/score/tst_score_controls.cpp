// SPDX-License-Identifier: Apache-2.0
#include <QtTest>
#include <cmath>

#include "score/controls.h"
#include "score/localization.h"

using namespace hvlm;

namespace {

bool close(double a, double b) { return std::abs(a - b) <= 1e-12; }

ScoredSegment at(int64_t video, double start, double end, double score = 0.0, int64_t label = 0) {
  return {.video = video, .label = label, .start_seconds = start, .end_seconds = end, .score = score};
}

// Step probabilities of two classes and background, given the class of each step ('a', 'b', '-').
std::vector<float> steps(const std::string& classes) {
  std::vector<float> rows;
  for (const char c : classes) {
    rows.push_back(c == 'a' ? 0.8f : 0.1f);
    rows.push_back(c == 'b' ? 0.8f : 0.1f);
    rows.push_back(c == '-' ? 0.8f : 0.1f);
  }
  return rows;
}

}  // namespace

class TestScoreControls : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void wholeVideoCoversEachLabel() {
    const std::vector<ControlVideo> videos = {{.video = 4, .duration_seconds = 30.0, .labels = {{1, 0.7}, {2, 0.3}}},
                                              {.video = 5, .duration_seconds = 12.5, .labels = {}}};
    const std::vector<ScoredSegment> segments = wholeVideoSegments(videos);
    QCOMPARE(segments.size(), size_t{2});
    QCOMPARE(segments[1].video, int64_t{4});
    QCOMPARE(segments[1].label, int64_t{2});
    QCOMPARE(segments[1].start_seconds, 0.0);
    QCOMPARE(segments[1].end_seconds, 30.0);
    QCOMPARE(segments[1].score, 0.3);
  }
  void constantSegmentIsAShareOfTheDuration() {
    const std::vector<ControlVideo> videos = {{.video = 0, .duration_seconds = 200.0, .labels = {{3, 1.0}}}};
    const std::vector<ScoredSegment> segments = constantSegments(videos, {.start_share = 0.25, .end_share = 0.8});
    QCOMPARE(segments[0].start_seconds, 50.0);
    QCOMPARE(segments[0].end_seconds, 160.0);
  }
  void theConstantIsFittedToTheInstances() {
    const std::vector<double> durations = {100.0, 200.0, 50.0, 80.0};  // the last has no instance
    const std::vector<ScoredSegment> truth = {at(0, 30, 70), at(1, 60, 140), at(2, 15, 35), at(2, 0, 2)};
    const ConstantSegment fitted = fitConstantSegment(durations, truth);
    QVERIFY(close(fitted.start_share, 0.3));
    QVERIFY(close(fitted.end_share, 0.7));
  }
  void theFitMaximisesHitsBeforeOverlap() {
    // Three short segments at the start can all be hit by [0, .2]; the long one overlaps more but is one video.
    const std::vector<double> durations = {100.0, 100.0, 100.0, 100.0};
    const std::vector<ScoredSegment> truth = {at(0, 0, 20), at(1, 0, 20), at(2, 0, 20), at(3, 0, 100)};
    const ConstantSegment fitted = fitConstantSegment(durations, truth);
    QVERIFY(close(fitted.start_share, 0.0));
    QVERIFY(close(fitted.end_share, 0.2));
  }
  void runsBecomeSegments() {
    const std::vector<ScoredSegment> segments = runsOfSteps(9, steps("-----aaaaaaaaaabbbbbbb"), 2, 2.0);
    QCOMPARE(segments.size(), size_t{2});
    QCOMPARE(segments[0].video, int64_t{9});
    QCOMPARE(segments[0].label, int64_t{0});
    QCOMPARE(segments[0].start_seconds, 10.0);
    QCOMPARE(segments[0].end_seconds, 30.0);
    QCOMPARE(segments[1].label, int64_t{1});
    QCOMPARE(segments[1].end_seconds, 44.0);
    // Two steps at either border mix with the neighbour: means .52, .66 of ten steps, the other six .8.
    QVERIFY(std::abs(segments[0].score - (2 * 0.52 + 2 * 0.66 + 6 * 0.8) / 10) < 1e-6);
    // At the end of the video the last step stands in for those outside.
    QVERIFY(std::abs(segments[1].score - (0.52 + 0.66 + 5 * 0.8) / 7) < 1e-6);
  }
  void lonelyStepsAreSmoothedAway() {
    QVERIFY(runsOfSteps(0, steps("-----a-----b----"), 2, 1.0).empty());
    QCOMPARE(runsOfSteps(0, steps("-----a-----b----"), 2, 1.0, 1).size(), size_t{2});
    QVERIFY(runsOfSteps(0, {}, 2, 1.0).empty());
  }

  void setsOfTimeOverlap() {
    const std::vector<ScoredSegment> a = {at(0, 0, 4), at(0, 2, 6), at(0, 8, 10)};  // 8 s
    const std::vector<ScoredSegment> b = {at(0, 5, 9)};                             // shares [5, 6] and [8, 9]
    QVERIFY(close(maskedIou(a, b), 2.0 / 10.0));
    QCOMPARE(maskedIou({}, {}), 0.0);
    QCOMPARE(maskedIou(a, {}), 0.0);
    QCOMPARE(maskedIou(b, b), 1.0);
  }
  void localisationByHand() {
    // Video 0: two instances; the best prediction meets one, the second the other at tIoU .8. Video 1: missed.
    const std::vector<ScoredSegment> truth = {at(0, 0, 10), at(0, 20, 30), at(1, 0, 10)};
    const std::vector<ScoredSegment> predictions = {at(0, 20, 28, .3, 5), at(0, 0, 10, .9), at(1, 50, 60, .9),
                                                    at(7, 0, 1, 1.0)};
    const LocalizationScore score = scoreLocalization(truth, predictions);
    QCOMPARE(score.videos, int64_t{2});
    QCOMPARE(score.hit_at_50, 0.5);
    QVERIFY(close(score.instance_recall_1, 1.0 / 3.0));
    QVERIFY(close(score.ar_1, 1.0 / 3.0));
    const double both = (10.0 + 7.0) / 30.0;  // the second instance is found at .50 to .80
    QVERIFY(close(score.ar_5, both));
    QVERIFY(close(score.ar_100, both));
    QVERIFY(close(score.auc, (0.5 * (1.0 / 3.0 + both) + 98 * both) / 100));
    QVERIFY(close(score.frame_mask_iou, 0.5 * (10.0 / 20.0)));  // the weak second segment is not in the mask
    QCOMPARE(score.frame_mask_50, 0.5);
    QVERIFY(score.class_agnostic_map > 0.0);
  }
  void oneLabelForAllInstances() {
    const std::vector<ScoredSegment> truth = {at(0, 0, 10, 0, 1)};
    const std::vector<ScoredSegment> predictions = {at(0, 0, 10, .9, 2)};
    QCOMPARE(scoreLocalization(truth, predictions).class_agnostic_map, 1.0);
    QCOMPARE(scoreDetections(truth, predictions, defaultThresholds()).average_map, 0.0);
  }
  void tiesOfTheBestSegmentGoToTheFirst() {
    const std::vector<ScoredSegment> truth = {at(0, 0, 10)};
    QCOMPARE(scoreLocalization(truth, std::vector{at(0, 0, 10, .5), at(0, 50, 60, .5)}).hit_at_50, 1.0);
    QCOMPARE(scoreLocalization(truth, std::vector{at(0, 50, 60, .5), at(0, 0, 10, .5)}).hit_at_50, 0.0);
  }
  void wholeVideoHitsWhatFillsHalf() {
    const std::vector<ControlVideo> videos = {{.video = 0, .duration_seconds = 20.0, .labels = {{0, 1.0}}},
                                              {.video = 1, .duration_seconds = 20.0, .labels = {{0, 1.0}}}};
    const std::vector<ScoredSegment> truth = {at(0, 5, 15), at(1, 5, 14)};
    QCOMPARE(scoreLocalization(truth, wholeVideoSegments(videos)).hit_at_50, 0.5);
  }
  void nothingToFindGivesZeros() {
    QCOMPARE(scoreLocalization({}, std::vector{at(0, 0, 1, 1)}).videos, int64_t{0});
    const std::vector<ScoredSegment> truth = {at(0, 0, 10)};
    QCOMPARE(scoreLocalization(truth, {}).ar_100, 0.0);
  }
};

QTEST_APPLESS_MAIN(TestScoreControls)
#include "tst_score_controls.moc"
