// SPDX-License-Identifier: Apache-2.0
// The error profile: each kind of error by hand, what its absence would gain, and a whole prediction file.
#include <QtTest>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <random>

#include "score/error_profile.h"
#include "score/official_files.h"
#include "support/error.h"
#include "support/golden.h"
#include "support/json_file.h"

using namespace hvlm;

namespace {

bool close(double a, double b) { return std::abs(a - b) <= 1e-9; }

ScoredSegment at(int64_t video, int64_t label, double start, double end, double score = 0.0) { return {video, label, start, end, score}; }

const ErrorOfKind& of(const ErrorProfile& profile, DetectionError error) { return profile.errors[static_cast<size_t>(error)]; }

double sumOfShares(const ErrorProfile& profile) {
  double sum = profile.true_positive_share;
  for (const ErrorOfKind& e : profile.errors) sum += e.share;
  return sum;
}

// Counts as "true positives, double, wrong label, localisation, confusion, background".
QList<qint64> countsOf(const ErrorProfile& profile) {
  QList<qint64> counts = {profile.true_positives};
  for (const ErrorOfKind& e : profile.errors) counts.push_back(e.count);
  return counts;
}

}  // namespace

class TestScoreProfile : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void eachKindByHand_data() {
    QTest::addColumn<int>("video");
    QTest::addColumn<int>("label");
    QTest::addColumn<double>("start");
    QTest::addColumn<double>("end");
    QTest::addColumn<QList<qint64>>("expected");  // with the hit that stands first
    const auto row = [](const char* name, int video, int label, double start, double end, const QList<qint64>& expected) {
      QTest::newRow(name) << video << label << start << end << expected;
    };
    // Truth: class 0 at [0, 10) of video 0 (met by the first prediction), class 1 at [40, 50) of it, class 0 at [0, 10) of video 1.
    row("the instance is taken: double", 0, 0, 1, 10, {1, 1, 0, 0, 0, 0});
    row("on an instance of another class: wrong label", 0, 0, 40, 50, {1, 0, 1, 0, 0, 0});
    row("half of it missed: localisation", 1, 0, 6, 16, {1, 0, 0, 1, 0, 0});
    row("near an instance of another class: confusion", 0, 0, 46, 56, {1, 0, 0, 0, 1, 0});
    row("far from all: background", 0, 0, 80, 90, {1, 0, 0, 0, 0, 1});
    row("touching by less than a tenth: background", 1, 0, 9, 30, {1, 0, 0, 0, 0, 1});
    row("in a video without instances: background", 2, 0, 0, 10, {1, 0, 0, 0, 0, 1});
    row("outside all videos: background", -1, 0, 0, 10, {1, 0, 0, 0, 0, 1});
    row("of no time: background", 0, 0, 5, 5, {1, 0, 0, 0, 0, 1});
    row("met: no error", 1, 0, 0, 9, {2, 0, 0, 0, 0, 0});
    row("exactly half: met", 1, 0, 0, 5, {2, 0, 0, 0, 0, 0});
    row("a class that the truth does not know is not considered", 0, 7, 0, 10, {1, 0, 0, 0, 0, 0});
  }
  void eachKindByHand() {
    QFETCH(int, video);
    QFETCH(int, label);
    QFETCH(double, start);
    QFETCH(double, end);
    QFETCH(QList<qint64>, expected);
    const std::vector<ScoredSegment> truth = {at(0, 0, 0, 10), at(0, 1, 40, 50), at(1, 0, 0, 10)};
    const std::vector<double> durations = {100, 100, 100};
    const ErrorProfile profile = profileErrors(truth, std::vector{at(0, 0, 0, 10, .9), at(video, label, start, end, .5)}, durations);
    QCOMPARE(countsOf(profile), expected);
    QCOMPARE(profile.predictions, static_cast<int64_t>(label == 7 ? 1 : 2));
    QVERIFY(close(sumOfShares(profile), 1.0));
  }
  void theThresholdDecides() {
    const std::vector<ScoredSegment> truth = {at(0, 0, 0, 10)};
    const std::vector<ScoredSegment> predictions = {at(0, 0, 0, 7, .9)};
    const std::vector<double> durations = {100};
    QCOMPARE(profileErrors(truth, predictions, durations, 0.7).true_positives, int64_t{1});
    QCOMPARE(of(profileErrors(truth, predictions, durations, 0.75), DetectionError::kLocalization).count, int64_t{1});
  }
  void amongEqualInstancesTheOwnLabelCounts() {
    const std::vector<ScoredSegment> truth = {at(0, 1, 0, 10), at(0, 0, 0, 10), at(0, 2, 0, 10)};
    const ErrorProfile profile = profileErrors(truth, std::vector{at(0, 0, 0, 4, .9)}, std::vector<double>{100});
    QCOMPARE(of(profile, DetectionError::kLocalization).count, int64_t{1});
  }
  void onlyTheBestTenTimesTheInstancesCount() {
    const std::vector<ScoredSegment> truth = {at(0, 0, 0, 10), at(0, 1, 0, 10)};
    std::vector<ScoredSegment> predictions;
    for (int i = 0; i < 30; ++i) predictions.push_back(at(0, 0, 50, 60, 1.0 - 0.01 * i));
    predictions.push_back(at(0, 0, 0, 10, 0.1));  // 31st: neither a hit nor found
    const ErrorProfile profile = profileErrors(truth, predictions, std::vector<double>{100});
    QCOMPARE(profile.predictions, int64_t{10});
    QCOMPARE(profile.true_positives, int64_t{0});
    QCOMPARE(of(profile, DetectionError::kBackground).count, int64_t{10});
    QCOMPARE(profile.length[0].found, int64_t{0});
    QCOMPARE(profile.length[0].instances, int64_t{2});
  }
  // One class of 2 instances, one of 4: N = 3. Class 0: a background prediction, then a perfect hit: R = 1/2, precision_N =
  // 1.5 / (1.5 + 1) = .6 and AP_N = .6 / 2; without it .5. Class 1 has nothing.
  void theGainByHand() {
    const std::vector<ScoredSegment> truth = {at(0, 0, 0, 10), at(1, 0, 0, 10), at(2, 1, 0, 10), at(2, 1, 20, 30), at(3, 1, 0, 10), at(3, 1, 20, 30)};
    const std::vector<ScoredSegment> predictions = {at(0, 0, 60, 70, .9), at(0, 0, 0, 10, .8)};
    const ErrorProfile profile = profileErrors(truth, predictions, std::vector<double>(4, 100.0));
    QVERIFY(close(profile.normalized_average_map, 0.5 * 0.3));
    QVERIFY(close(of(profile, DetectionError::kBackground).gain, 0.5 * (0.5 - 0.3)));
    for (const DetectionError e : {DetectionError::kDouble, DetectionError::kWrongLabel, DetectionError::kLocalization, DetectionError::kConfusion}) {
      QCOMPARE(of(profile, e).gain, 0.0);
    }
  }
  // Overlap .7 is a hit up to the threshold .70 and a localisation error above it: deleting it gains at these thresholds only.
  void errorsFollowTheThresholdOfTheGain() {
    const std::vector<ScoredSegment> truth = {at(0, 0, 0, 10), at(1, 0, 0, 10)};
    const std::vector<ScoredSegment> predictions = {at(0, 0, 0, 7.2, .9), at(1, 0, 0, 10, .8)};
    const ErrorProfile profile = profileErrors(truth, predictions, std::vector<double>{100, 100});
    // At 5 thresholds both are hits: AP 1. At the other 5 one hit at R = 1/2 after one wrong: 1 / (1 + 1) * 1/2 = .25, without .5.
    QVERIFY(close(profile.normalized_average_map, 0.5 * (1.0 + 0.25)));
    QVERIFY(close(of(profile, DetectionError::kLocalization).gain, 0.5 * 0.25));
    QCOMPARE(of(profile, DetectionError::kLocalization).count, int64_t{0});  // counted at .5
  }
  void noGainIsNegative() {
    std::mt19937 random(11);
    const auto share = [&] { return static_cast<double>(random() % 1000) / 1000.0; };
    for (int round = 0; round < 20; ++round) {
      std::vector<ScoredSegment> truth, predictions;
      for (int i = 0; i < 40; ++i) {
        const double start = 80.0 * share();
        truth.push_back(at(static_cast<int64_t>(random() % 10), static_cast<int64_t>(random() % 4), start, start + 1.0 + 19.0 * share()));
      }
      for (int i = 0; i < 400; ++i) {
        const ScoredSegment& t = truth[random() % truth.size()];
        const double start = t.start_seconds + 4.0 * (share() - 0.5);
        predictions.push_back(at(t.video, share() < 0.7 ? t.label : static_cast<int64_t>(random() % 5), start, start + 1.0 + 20.0 * share(), share()));
      }
      const ErrorProfile profile = profileErrors(truth, predictions, std::vector<double>(10, 110.0));
      QVERIFY(close(sumOfShares(profile), 1.0));
      QVERIFY(profile.normalized_average_map > 0.0 && profile.normalized_average_map <= 1.0);
      for (const ErrorOfKind& e : profile.errors) QVERIFY(e.gain >= -1e-12);
      for (const auto* bins : {&profile.coverage, &profile.length, &profile.instances}) {
        int64_t instances = 0, found = 0;
        for (const RecallBin& bin : *bins) {
          instances += bin.instances;
          found += bin.found;
        }
        QCOMPARE(instances, int64_t{40});
        QCOMPARE(found, profile.true_positives);
      }
    }
  }
  void recallByBin() {
    // Coverage .1, .2 (still the first bin), .5 and 1; lengths 10, 20, 100 and 200 s.
    const std::vector<ScoredSegment> truth = {at(0, 0, 0, 10), at(0, 0, 40, 60), at(1, 0, 0, 100), at(2, 1, 0, 200)};
    const std::vector<ScoredSegment> predictions = {at(0, 0, 40, 60, .9), at(1, 0, 0, 100, .8)};
    const ErrorProfile profile = profileErrors(truth, predictions, std::vector<double>{100, 200, 200});
    const auto shown = [](const std::vector<RecallBin>& bins) {
      QString text;
      for (const RecallBin& b : bins) text += QStringLiteral("%1/%2 ").arg(b.found).arg(b.instances);
      return text.trimmed();
    };
    QCOMPARE(shown(profile.coverage), QStringLiteral("1/2 0/0 1/1 0/0 0/1"));
    QCOMPARE(shown(profile.length), QStringLiteral("1/2 0/0 1/1 0/0 0/1"));
    QCOMPARE(shown(profile.instances), QStringLiteral("1/2 1/2 0/0 0/0"));
    QVERIFY(std::isinf(profile.length.back().up_to));
    QCOMPARE(profile.length[1].above, 30.0);
    QCOMPARE(profile.coverage[0].recall(), 0.5);
    QCOMPARE(profile.coverage[1].recall(), 0.0);
  }
  void aPerfectDetector() {
    const std::vector<ScoredSegment> truth = {at(0, 0, 0, 10), at(1, 1, 5, 25)};
    const ErrorProfile profile = profileErrors(truth, truth, std::vector<double>{100, 100});
    QCOMPARE(profile.true_positive_share, 1.0);
    QVERIFY(close(profile.normalized_average_map, 1.0));
  }
  void withoutPredictionsOrTruth() {
    const std::vector<ScoredSegment> truth = {at(0, 0, 0, 10)};
    const ErrorProfile profile = profileErrors(truth, {}, std::vector<double>{100});
    QCOMPARE(profile.predictions, int64_t{0});
    QCOMPARE(profile.normalized_average_map, 0.0);
    QCOMPARE(sumOfShares(profile), 0.0);
    QVERIFY_THROWS_EXCEPTION(InputError, profileErrors({}, truth, std::vector<double>{100}));
  }
  // The golden prediction file, against a second implementation of the definitions.
  void aWholeFile() {
    const std::string folder = testing::sharedFolder("data/ucf15");
    if (folder.empty()) QSKIP("../shared/data/ucf15 is not here: its annotations are the truth");
    LabelTable labels;
    DefectList defects;
    const OfficialFile truth_file = readOfficialTruth(folder + "/annotations.json", "validation", true, labels, defects);
    const OfficialFile prediction_file = readOfficialPredictions(testing::goldenFile("detection_ucf15_pred.json"), true, labels, defects);
    const nlohmann::json database = readJsonFile(folder + "/annotations.json").at("database");
    std::map<std::string, int64_t> videos;
    std::vector<double> durations;
    const auto flattened = [&](const OfficialFile& file) {
      std::vector<ScoredSegment> segments;
      for (const FileVideo& video : file.videos) {
        const auto [place, is_new] = videos.emplace(video.id, static_cast<int64_t>(videos.size()));
        if (is_new) durations.push_back(database.at(video.id).at("duration").get<double>());
        for (const FileEntry& e : video.entries) segments.push_back({place->second, e.label, e.start_seconds, e.end_seconds, e.score});
      }
      return segments;
    };
    const std::vector<ScoredSegment> truth = flattened(truth_file);
    const ErrorProfile profile = profileErrors(truth, flattened(prediction_file), durations);
    QCOMPARE(countsOf(profile), (QList<qint64>{181, 182, 1069, 207, 70, 231}));
    QVERIFY(close(profile.normalized_average_map, 0.7692948079555161));
    const double gains[] = {0.0015200071224170664, 0.010976971067350183, 0.034101261350157674, 0.00047835703217957715, 0.0011816200670106136};
    for (size_t e = 0; e < kDetectionErrors; ++e) QVERIFY2(close(profile.errors[e].gain, gains[e]), errorName(static_cast<DetectionError>(e)));
    const auto found = [](const std::vector<RecallBin>& bins) {
      QList<qint64> all;
      for (const RecallBin& b : bins) all << b.instances << b.found;
      return all;
    };
    QCOMPARE(found(profile.coverage), (QList<qint64>{83, 72, 20, 20, 8, 7, 32, 31, 51, 51}));
    QCOMPARE(found(profile.length), (QList<qint64>{86, 75, 20, 20, 39, 38, 36, 35, 13, 13}));
    QCOMPARE(found(profile.instances), (QList<qint64>{136, 133, 39, 35, 10, 9, 9, 4}));
  }
};

QTEST_APPLESS_MAIN(TestScoreProfile)
#include "tst_score_profile.moc"
