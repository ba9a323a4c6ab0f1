// SPDX-License-Identifier: Apache-2.0
// A look into detections: curves by hand and against the official score, what became of each video, every fault.
#include <QtTest>
#include <cmath>
#include <random>

#include "score/detection_curves.h"
#include "score/error_profile.h"

using namespace hvlm;

namespace {

bool close(double a, double b) { return std::abs(a - b) <= 1e-12; }

ScoredSegment at(int64_t video, int64_t label, double start, double end, double score = 0.0) { return {video, label, start, end, score}; }

double areaOf(const PrecisionRecall& curve) {
  double area = 0.0, before = 0.0;
  for (size_t k = 0; k < curve.recall.size(); ++k) {
    area += (curve.recall[k] - before) * curve.precision[k];
    before = curve.recall[k];
  }
  return area;
}

// Instances and predictions around them, with ties, doubles, wrong labels, videos outside and classes without truth.
struct Sample {
  std::vector<ScoredSegment> truth, predictions;
};
Sample randomSample(uint32_t seed, int64_t videos = 20, int64_t classes = 5) {
  std::mt19937 random(seed);
  const auto below = [&](int n) { return static_cast<int64_t>(random() % static_cast<uint32_t>(n)); };
  Sample sample;
  for (int64_t v = 0; v < videos; ++v) {
    for (int64_t i = 0; i < 1 + below(4); ++i) {
      const double start = static_cast<double>(below(80));
      sample.truth.push_back(at(v, below(static_cast<int>(classes)), start, start + 1.0 + static_cast<double>(below(20))));
    }
    for (int64_t i = 0; i < below(30); ++i) {
      const ScoredSegment& near = sample.truth[static_cast<size_t>(below(static_cast<int>(sample.truth.size())))];
      const double start = near.start_seconds + static_cast<double>(below(5)) - 2.0;
      const int64_t label = below(5) == 0 ? below(static_cast<int>(classes) + 1) : near.label;
      sample.predictions.push_back(at(below(20) == 0 ? -1 : near.video, label, start, start + 1.0 + static_cast<double>(below(20)),
                                      static_cast<double>(below(50)) / 50.0));
    }
  }
  return sample;
}

}  // namespace

class TestScoreCurves : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void aCurveByHand() {
    // Hits at ranks 1, 3 and 4 of five predictions; four instances: precision 1, 2/3, 3/4, interpolated 1, 3/4, 3/4.
    const std::vector<ScoredSegment> truth = {at(0, 0, 0, 10), at(0, 0, 20, 30), at(0, 0, 40, 50), at(0, 0, 60, 70)};
    const std::vector<ScoredSegment> predictions = {at(0, 0, 0, 10, .9), at(0, 0, 80, 90, .8), at(0, 0, 20, 30, .7), at(0, 0, 40, 50, .6),
                                                    at(0, 0, 81, 90, .5)};
    const std::vector<double> thresholds = {0.5};
    const auto curves = precisionRecall(matchDetections(truth, predictions, thresholds), predictions, 0);
    QCOMPARE(curves.size(), size_t{1});
    QCOMPARE(curves[0].recall, (std::vector<double>{0.25, 0.5, 0.75}));
    QCOMPARE(curves[0].precision, (std::vector<double>{1.0, 0.75, 0.75}));
    QCOMPARE(curves[0].score, (std::vector<double>{.9, .7, .6}));
    QCOMPARE(curves[0].instances, int64_t{4});
    QCOMPARE(curves[0].predictions, int64_t{5});
    QVERIFY(close(curves[0].ap, 0.625));
    QCOMPARE(curves[0].precisionAt(0.0), 1.0);
    QCOMPARE(curves[0].precisionAt(0.25), 1.0);
    QCOMPARE(curves[0].precisionAt(0.26), 0.75);
    QCOMPARE(curves[0].precisionAt(0.75), 0.75);
    QCOMPARE(curves[0].precisionAt(0.76), 0.0);
  }
  void withoutHitsTheCurveIsEmpty() {
    const std::vector<ScoredSegment> truth = {at(0, 0, 0, 10), at(0, 1, 0, 10)};
    const std::vector<ScoredSegment> predictions = {at(0, 0, 50, 60, .9)};
    const std::vector<double> thresholds = {0.5};
    const auto curves = precisionRecall(matchDetections(truth, predictions, thresholds), predictions, 0);
    QCOMPARE(curves.size(), size_t{2});
    for (const PrecisionRecall& curve : curves) {
      QVERIFY(curve.recall.empty());
      QCOMPARE(curve.ap, 0.0);
      QCOMPARE(curve.precisionAt(0.0), 0.0);
    }
    const PrecisionRecall mean = meanPrecisionRecall(curves);
    QVERIFY(mean.recall.empty());
    QCOMPARE(mean.ap, 0.0);
    QCOMPARE(mean.instances, int64_t{2});
    QVERIFY(meanPrecisionRecall({}).recall.empty());
  }
  void theAreaIsTheOfficialAp_data() {
    QTest::addColumn<int>("seed");
    for (int seed = 1; seed <= 12; ++seed) QTest::addRow("random detections %d", seed) << seed;
  }
  void theAreaIsTheOfficialAp() {
    QFETCH(int, seed);
    const Sample sample = randomSample(static_cast<uint32_t>(seed));
    const auto thresholds = defaultThresholds();
    const DetectionScore score = scoreDetections(sample.truth, sample.predictions, thresholds);
    const DetectionMatches matches = matchDetections(sample.truth, sample.predictions, thresholds);
    QVERIFY(score.map.front() > 0.05);  // else nothing is compared
    for (size_t t = 0; t < thresholds.size(); ++t) {
      const auto curves = precisionRecall(matches, sample.predictions, t);
      QCOMPARE(curves.size(), score.labels.size());
      for (size_t c = 0; c < curves.size(); ++c) {
        QCOMPARE(curves[c].label, score.labels[c]);
        QVERIFY(close(curves[c].ap, score.class_ap[c][t]));
        QVERIFY(close(areaOf(curves[c]), score.class_ap[c][t]));
        QVERIFY(std::is_sorted(curves[c].precision.rbegin(), curves[c].precision.rend()));
        QVERIFY(std::is_sorted(curves[c].score.rbegin(), curves[c].score.rend()));
      }
      const PrecisionRecall mean = meanPrecisionRecall(curves);
      QVERIFY(close(mean.ap, score.map[t]));
      QVERIFY(close(areaOf(mean), score.map[t]));
      QCOMPARE(mean.instances, score.ground_truth);
      for (const double recall : {0.0, 0.1, 1.0 / 3.0, 0.5, 0.9, 1.0}) {
        double sum = 0.0;
        for (const PrecisionRecall& curve : curves) sum += curve.precisionAt(recall);
        QVERIFY(close(mean.precisionAt(recall), sum / static_cast<double>(curves.size())));
      }
    }
  }
  void aVideoIsSummedUpByHand() {
    const std::vector<ScoredSegment> truth = {at(0, 0, 0, 10), at(0, 0, 20, 30), at(1, 1, 0, 10)};
    const std::vector<ScoredSegment> predictions = {
        at(0, 0, 0, 10, .9),    // finds the first
        at(0, 0, 20, 30, .3),   // finds the second, at a low score
        at(0, 0, 1, 10, .8),    // double
        at(0, 7, 50, 60, .7),   // a class that the truth does not know
        at(1, 1, 6, 16, .6),    // 4 of 16 seconds
        at(1, 0, 0, 10, .6),    // another class: no overlap that counts
        at(-1, 0, 0, 10, .95),  // no video of the list
        at(5, 0, 0, 10, .95)};
    const std::vector<double> thresholds = {0.5};
    const DetectionMatches matches = matchDetections(truth, predictions, thresholds);
    const auto low = summarizeVideos(truth, predictions, matches, {0, 0.5, 0.0}, 3);
    QCOMPARE(low.size(), size_t{3});
    QCOMPARE(low[0].instances, int64_t{2});
    QCOMPARE(low[0].missed, int64_t{0});
    QCOMPARE(low[0].predictions, int64_t{4});
    QCOMPARE(low[0].false_positives, int64_t{2});
    QVERIFY(close(low[0].best_tiou, 1.0));
    QCOMPARE(low[1].missed, int64_t{1});
    QCOMPARE(low[1].false_positives, int64_t{2});
    QVERIFY(close(low[1].best_tiou, 0.25));
    QCOMPARE(low[2].video, int64_t{2});
    QCOMPARE(low[2].instances + low[2].predictions, int64_t{0});
    const auto high = summarizeVideos(truth, predictions, matches, {0, 0.5, 0.75}, 3);
    QCOMPARE(high[0].missed, int64_t{1});
    QCOMPARE(high[0].predictions, int64_t{2});
    QCOMPARE(high[0].false_positives, int64_t{1});
    QCOMPARE(high[1].missed, int64_t{1});
    QCOMPARE(high[1].best_tiou, 0.0);
    QVERIFY(summarizeVideos(truth, predictions, matches, {0, 0.5, 0.0}, 0).empty());
  }
  void everyFaultIsTold() {
    const std::vector<ScoredSegment> truth = {at(0, 0, 0, 10), at(0, 1, 40, 50), at(1, 0, 0, 10)};
    const std::vector<ScoredSegment> predictions = {
        at(0, 0, 0, 10, .9),   // right
        at(0, 0, 1, 10, .4),   // double
        at(0, 0, 40, 50, .8),  // wrong label
        at(1, 0, 6, 16, .5),   // localisation
        at(0, 0, 46, 56, .6),  // confusion
        at(0, 1, 80, 90, .7),  // background
        at(9, 1, 0, 10, .3),   // a video without instances
        at(0, 1, 41, 50, .1)}; // right, below the score
    const std::vector<double> thresholds = {0.5};
    const auto faults = detectionFaults(truth, predictions, matchDetections(truth, predictions, thresholds), {0, 0.5, 0.2});
    QCOMPARE(faults.size(), size_t{8});
    QVERIFY(faults[0].isMissed() && faults[1].isMissed());
    QCOMPARE(faults[0].instance, int64_t{1});  // only found below the score
    QCOMPARE(faults[0].tiou, 0.0);
    QCOMPARE(faults[1].instance, int64_t{2});
    QVERIFY(close(faults[1].tiou, 0.25));
    const std::vector<int64_t> order = {2, 5, 4, 3, 1, 6};  // by falling score
    const std::vector<DetectionError> kinds = {DetectionError::kWrongLabel, DetectionError::kBackground, DetectionError::kConfusion,
                                               DetectionError::kLocalization, DetectionError::kDouble, DetectionError::kBackground};
    for (size_t i = 0; i < order.size(); ++i) {
      QCOMPARE(faults[i + 2].prediction, order[i]);
      QVERIFY2(faults[i + 2].error == kinds[i], errorName(faults[i + 2].error));
    }
    QCOMPARE(faults[2].instance, int64_t{1});
    QCOMPARE(faults.back().instance, int64_t{-1});
    QVERIFY(detectionFaults(truth, predictions, matchDetections(truth, predictions, thresholds), {0, 0.5, 2.0}).size() == truth.size());
  }
  // The profile counts the best 10 N predictions of a class: with fewer of them, and all kept, both tell the same.
  void faultsAndProfileAgree_data() {
    QTest::addColumn<int>("seed");
    QTest::addColumn<double>("tiou");
    for (int seed = 1; seed <= 4; ++seed) {
      for (const double tiou : {0.5, 0.75}) QTest::addRow("random detections %d at %.2f", seed, tiou) << seed << tiou;
    }
  }
  void faultsAndProfileAgree() {
    QFETCH(int, seed);
    QFETCH(double, tiou);
    Sample sample = randomSample(static_cast<uint32_t>(seed));
    std::erase_if(sample.predictions, [](const ScoredSegment& p) { return p.label >= 5; });  // classes that the profile leaves out
    const std::vector<double> thresholds = {tiou};
    const DetectionMatches matches = matchDetections(sample.truth, sample.predictions, thresholds);
    const ErrorProfile profile = profileErrors(sample.truth, sample.predictions, std::vector<double>(20, 100.0), tiou);
    QCOMPARE(profile.predictions, static_cast<int64_t>(sample.predictions.size()));
    std::array<int64_t, kDetectionErrors> counts{};
    int64_t missed = 0, wrong = 0;
    for (const DetectionFault& fault : detectionFaults(sample.truth, sample.predictions, matches, {0, tiou, 0.0})) {
      if (fault.isMissed()) ++missed;
      else ++counts[static_cast<size_t>(fault.error)], ++wrong;
    }
    for (size_t e = 0; e < kDetectionErrors; ++e) QCOMPARE(counts[e], profile.errors[e].count);
    QCOMPARE(missed, static_cast<int64_t>(sample.truth.size()) - profile.true_positives);
    // And with the videos, but for predictions outside them.
    int64_t outside = 0, of_videos = 0, missed_of_videos = 0;
    for (const ScoredSegment& p : sample.predictions) outside += p.video < 0 ? 1 : 0;
    for (const VideoDetections& video : summarizeVideos(sample.truth, sample.predictions, matches, {0, tiou, 0.0}, 20)) {
      of_videos += video.false_positives;
      missed_of_videos += video.missed;
      QVERIFY(video.best_tiou >= (video.missed < video.instances ? tiou : 0.0));
    }
    QCOMPARE(of_videos + outside, wrong);
    QCOMPARE(missed_of_videos, missed);
  }
};

QTEST_APPLESS_MAIN(TestScoreCurves)
#include "tst_score_curves.moc"
