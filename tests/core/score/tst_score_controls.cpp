// SPDX-License-Identifier: Apache-2.0
#include <QtTest>
#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "score/controls.h"
#include "score/localization.h"
#include "support/golden.h"
#include "support/json_file.h"

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
  void mediansOfEachClass() {
    const std::vector<double> durations = {100.0, 200.0, 50.0, 0.0};  // the last cannot be shared out
    const std::vector<ScoredSegment> truth = {at(0, 10, 50), at(1, 60, 160), at(2, 10, 20), at(0, 0, 90, 0, 1), at(1, 80, 100, 0, 1), at(3, 0, 0)};
    const auto fitted = fitMedianSegments(durations, truth, 3, {.start_share = 0.25, .end_share = 0.8});
    QCOMPARE(fitted.size(), size_t{3});
    QVERIFY(close(fitted[0].start_share, 0.2) && close(fitted[0].end_share, 0.5));   // of .1 .3 .2 and .5 .8 .4
    QVERIFY(close(fitted[1].start_share, 0.2) && close(fitted[1].end_share, 0.7));   // between 0 and .4, .9 and .5
    QVERIFY(close(fitted[2].start_share, 0.25) && close(fitted[2].end_share, 0.8));  // without an instance
    const std::vector<ControlVideo> videos = {{.video = 5, .duration_seconds = 60.0, .labels = {{1, 0.7}, {0, 0.3}}}};
    const auto segments = classSegments(videos, fitted);
    QCOMPARE(segments.size(), size_t{2});
    QVERIFY(close(segments[0].start_seconds, 12.0) && close(segments[0].end_seconds, 42.0));
    QVERIFY(close(segments[1].end_seconds, 30.0));
    QCOMPARE(segments[1].label, int64_t{0});
    QCOMPARE(segments[1].score, 0.3);
  }
  // On the official annotations, against a second implementation: what the truth about the labels alone is worth.
  void oracleRowsOfActivityNet() {
    const std::string folder = testing::sharedFolder("data/activitynet");
    if (folder.empty()) QSKIP("../shared/data/activitynet is not here");
    const nlohmann::json database = readJsonFile(folder + "/activity_net.v1-3.min.json").at("database");
    std::map<std::string, int64_t> labels;
    std::vector<double> durations;
    std::vector<ScoredSegment> training, truth;
    std::vector<ControlVideo> videos;
    for (const auto& [id, video] : database.items()) {
      if (video.at("subset") == "testing") continue;
      const bool held = video.at("subset") == "validation";
      ControlVideo control{static_cast<int64_t>(durations.size()), video.at("duration").get<double>(), {}};
      for (const auto& a : video.at("annotations")) {
        const int64_t label = labels.emplace(a.at("label").get<std::string>(), static_cast<int64_t>(labels.size())).first->second;
        (held ? truth : training).push_back(at(control.video, a.at("segment")[0].get<double>(), a.at("segment")[1].get<double>(), 1.0, label));
        const bool known = std::any_of(control.labels.begin(), control.labels.end(), [label](const ControlLabel& l) { return l.label == label; });
        if (!known) control.labels.push_back({label, 1.0});
      }
      durations.push_back(control.duration_seconds);
      if (held) videos.push_back(control);
    }
    QCOMPARE(videos.size(), size_t{4926});
    const auto check = [&](const std::vector<ScoredSegment>& predictions, double map_50, double map_75, double map_95, double average) {
      const DetectionScore score = scoreDetections(truth, predictions, defaultThresholds());
      return std::abs(score.map[0] - map_50) < 2e-6 && std::abs(score.map[5] - map_75) < 2e-6 && std::abs(score.map[9] - map_95) < 2e-6 &&
             std::abs(score.average_map - average) < 2e-6;
    };
    QVERIFY(check(wholeVideoSegments(videos), 0.347328, 0.193623, 0.047369, 0.202566));
    const auto medians = fitMedianSegments(durations, training, static_cast<int64_t>(labels.size()), {});
    QVERIFY(check(classSegments(videos, medians), 0.356475, 0.144666, 0.007232, 0.171737));
    const double mask = scoreLocalization(truth, wholeVideoSegments(videos)).frame_mask_50;
    QVERIFY2(std::abs(mask - 0.715) < 0.01, qPrintable(QString::number(mask)));  // .715 on the 4,728 that can still be had
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
