// SPDX-License-Identifier: Apache-2.0
#include <QTemporaryDir>
#include <QtTest>
#include <cmath>
#include <nlohmann/json.hpp>

#include "score/detection.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/golden.h"
#include "support/json_file.h"

using namespace hvlm;
using nlohmann::json;

namespace {

ScoredSegment at(int64_t video, double start, double end, double score = 0.0, int64_t label = 0) {
  return {.video = video, .label = label, .start_seconds = start, .end_seconds = end, .score = score};
}
double mapAtHalf(const std::vector<ScoredSegment>& truth, const std::vector<ScoredSegment>& predictions,
                 DetectionProtocol protocol = DetectionProtocol::kOfficial) {
  const std::vector<double> half = {0.5};
  return scoreDetections(truth, predictions, half, protocol).average_map;
}

const char* const kTruth =
    R"({"version": "", "taxonomy": [], "database": {
      "b": {"subset": "validation", "duration": 10, "annotations": [{"label": "run", "segment": [0, 4]}]},
      "a": {"subset": "validation", "annotations": [{"segment": [1.0, 2.0], "label": "jump"}, {"label": "run", "segment": [5, 9]}]},
      "t": {"annotations": [{"label": "swim", "segment": [0, 1]}], "subset": "training"},
      "e": {"subset": "testing", "annotations": []}}})";

// Writes both texts aside and scores them; the message of an InputError is kept.
class Files {
 public:
  explicit Files(const std::string& truth = kTruth) { write("truth.json", truth); }
  std::string write(const std::string& name, const std::string& text) {
    writeFileAtomic(path(name), text);
    return path(name);
  }
  std::string path(const std::string& name) const {
    return folder_.filePath(QString::fromStdString(name)).toStdString();
  }
  json score(const std::string& predictions, const std::string& subset = "validation") {
    error.clear();
    try {
      return scoreDetectionFiles(path("truth.json"), write("predictions.json", predictions), subset);
    } catch (const InputError& e) {
      error = e.what();
      return {};
    }
  }
  std::string error;

 private:
  QTemporaryDir folder_;
};

void compareWithExpected(const json& ours, const json& expected) {
  const auto thresholds = expected["tiou_thresholds"].get<std::vector<double>>();
  QCOMPARE(defaultThresholds(), thresholds);
  QCOMPARE(ours["ground_truth"], expected["n_ground_truth"]);
  QCOMPARE(ours["predictions"], expected["n_predictions"]);
  QVERIFY(std::abs(ours["average_map"].get<double>() - expected["average_mAP"].get<double>()) <= 1e-9);
  size_t t = 0;
  QCOMPARE(ours["map"].size(), expected["mAP"].size());
  for (const auto& [key, value] : ours["map"].items()) {  // keys sort as numbers
    QVERIFY(std::abs(value.get<double>() - expected["mAP"][t++].get<double>()) <= 1e-9);
  }
  QCOMPARE(ours["per_class"].size(), expected["per_class_ap"].size());
  for (const auto& [label, ap] : expected["per_class_ap"].items()) {
    QVERIFY2(ours["per_class"].contains(label), label.c_str());
    for (size_t i = 0; i < ap.size(); ++i) {
      QVERIFY2(std::abs(ours["per_class"][label]["ap"][i].get<double>() - ap[i].get<double>()) <= 1e-9, label.c_str());
    }
  }
}

}  // namespace

class TestScoreDetection : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void workedByHand_data() {
    QTest::addColumn<QList<double>>(
        "predictions");  // start, end, score by turns; truth [0, 10] and [20, 30] of one video
    QTest::addColumn<double>("map");
    QTest::newRow("both found is 1") << QList<double>{0, 10, .9, 20, 30, .8} << 1.0;
    QTest::newRow("one found first is a half") << QList<double>{0, 10, .9, 50, 60, .8} << 0.5;
    QTest::newRow("one found second is a quarter") << QList<double>{0, 10, .7, 50, 60, .8} << 0.25;
    QTest::newRow("a second prediction of one instance is false")
        << QList<double>{0, 10, .9, 0, 10, .8, 20, 30, .7} << (1.0 + 2.0 / 3.0) / 2;
    QTest::newRow("the envelope lifts the first precision")
        << QList<double>{50, 60, .9, 0, 10, .8, 20, 30, .7} << 2.0 / 3.0;
    QTest::newRow("a tIoU of exactly the threshold counts") << QList<double>{0, 5, .9} << 0.5;
    QTest::newRow("just below the threshold does not") << QList<double>{0, 4.99, .9} << 0.0;
    QTest::newRow("a reversed prediction is false") << QList<double>{9, 0, .9} << 0.0;
    QTest::newRow("no prediction is 0") << QList<double>{} << 0.0;
  }
  void workedByHand() {
    QFETCH(QList<double>, predictions);
    QFETCH(double, map);
    const std::vector<ScoredSegment> truth = {at(0, 0, 10), at(0, 20, 30)};
    std::vector<ScoredSegment> list;
    for (int i = 0; i + 2 < predictions.size(); i += 3)
      list.push_back(at(0, predictions[i], predictions[i + 1], predictions[i + 2]));
    QVERIFY(std::abs(mapAtHalf(truth, list) - map) < 1e-12);
  }
  void otherVideosAndClassesAreFalse() {
    const std::vector<ScoredSegment> truth = {at(0, 0, 10)};
    QCOMPARE(mapAtHalf(truth, {at(1, 0, 10, .9), at(0, 0, 10, .8)}), 0.5);
    QCOMPARE(mapAtHalf(truth, {at(-1, 0, 10, .9), at(0, 0, 10, .8)}), 0.5);
    QCOMPARE(mapAtHalf(truth, {at(0, 0, 10, .9, 5), at(0, 0, 10, .8)}),
             1.0);  // a class outside the truth plays no part
  }
  void classesAreAveragedAndCounted() {
    const std::vector<ScoredSegment> truth = {at(0, 0, 10, 0, 7), at(0, 0, 10, 0, 3)};
    const DetectionScore score = scoreDetections(truth, std::vector{at(0, 0, 10, .9, 7)}, defaultThresholds());
    QCOMPARE(score.labels, (std::vector<int64_t>{3, 7}));
    QCOMPARE(score.labels_without_predictions, std::vector<int64_t>{3});
    QCOMPARE(score.average_map, 0.5);
    QCOMPARE(score.class_ap[0], std::vector<double>(10, 0.0));
    QCOMPARE(score.class_ap[1], std::vector<double>(10, 1.0));
  }
  void tiedScoresTakeTheLaterEntryFirst() {
    const std::vector<ScoredSegment> truth = {at(0, 0, 10)};
    QCOMPARE(mapAtHalf(truth, {at(0, 0, 10, .5), at(0, 50, 60, .5)}), 0.5);
    QCOMPARE(mapAtHalf(truth, {at(0, 50, 60, .5), at(0, 0, 10, .5)}), 1.0);
    const std::vector<double> half = {0.5};
    const std::vector<ScoredSegment> three = {at(0, 0, 10, .5), at(1, 0, 10, .5), at(2, 0, 10, .4)};
    QCOMPARE(scoreDetections(truth, three, half).ties, int64_t{2});
  }
  void equalInstancesGiveTheLaterOneFirst() {
    // [0, 10] lies as near to [0, 8] as to [2, 10]. The later one is taken, so the next prediction finds the first one
    // free.
    const std::vector<ScoredSegment> truth = {at(0, 0, 8), at(0, 2, 10)};
    QCOMPARE(mapAtHalf(truth, {at(0, 0, 10, .9), at(0, 0, 5, .8)}), 1.0);
    QCOMPARE(mapAtHalf(truth, {at(0, 0, 10, .9), at(0, 5, 10, .8)}), 0.5);
    QCOMPARE(mapAtHalf(truth, {at(0, 0, 10, .9), at(0, 5, 10, .8)}, DetectionProtocol::kCommon), 1.0);
  }
  void pointsMatchPoints() {
    const std::vector<ScoredSegment> truth = {at(0, 3, 3)};
    QCOMPARE(mapAtHalf(truth, {at(0, 3, 3, .9)}), 1.0);
    QCOMPARE(mapAtHalf(truth, {at(0, 2, 4, .9)}), 0.0);
    QCOMPARE(mapAtHalf({at(0, 0, 10)}, {at(0, 10, 0, .9)}), 1.0);  // the union of lengths 10 and -10 is 0 too
    // NaN sorts above 1: the point is taken although another instance is equal.
    QCOMPARE(mapAtHalf({at(0, 0, 4), at(0, 3, 3)}, {at(0, 3, 3, .9), at(0, 0, 4, .8)}), 1.0);
  }
  void commonDropsPointsAndDuplicates() {
    const std::vector<ScoredSegment> truth = {at(0, 0, 10), at(0, 0.0005, 10.0005), at(0, 3, 3)};
    const std::vector<ScoredSegment> predictions = {at(0, 0, 10, .9), at(0, 0.001, 9.9995, .8), at(0, 4, 4, .7),
                                                    at(1, 0, 10, .6)};
    const std::vector<double> half = {0.5};
    const DetectionScore score = scoreDetections(truth, predictions, half, DetectionProtocol::kCommon);
    QCOMPARE(score.ground_truth, int64_t{1});
    QCOMPARE(score.predictions, int64_t{2});
    QCOMPARE(score.average_map, 1.0);
  }
  void commonOrdersTiesByVideoAndStart() {
    const std::vector<ScoredSegment> truth = {at(1, 0, 10)};
    const auto common = DetectionProtocol::kCommon;
    QCOMPARE(mapAtHalf(truth, {at(2, 0, 10, .5), at(1, 0, 10, .5)}, common), 1.0);
    QCOMPARE(mapAtHalf(truth, {at(1, 0, 10, .5), at(0, 0, 10, .5)}, common), 0.5);
    QCOMPARE(mapAtHalf(truth, {at(1, 40, 50, .5), at(1, 0, 10, .5)}, common), 1.0);
  }
  void emptyTruthIsRefused() {
    QVERIFY_THROWS_EXCEPTION(InputError, mapAtHalf({}, {at(0, 0, 1, 1)}));
    QVERIFY_THROWS_EXCEPTION(InputError, mapAtHalf({at(0, 1, 1)}, {}, DetectionProtocol::kCommon));
  }

  void filesGiveTheContractsKeys() {
    Files files;
    const json out = files.score(R"({"results": {
      "a": [{"label": "run", "score": 0.5, "segment": [5, 9]}, {"label": "jump", "score": 1, "segment": [1, 2]}],
      "b": [{"label": "run", "score": 0.5, "segment": [0, 4]}]}})");
    QCOMPARE(files.error, std::string());
    QCOMPARE(out["average_map"], 1.0);
    QCOMPARE(out["map"].size(), size_t{10});
    QCOMPARE(out["map"]["0.50"], 1.0);
    QCOMPARE(out["map"]["0.95"], 1.0);
    QCOMPARE(out["per_class"]["jump"]["average"], 1.0);
    QCOMPARE(out["per_class"]["run"]["ap"].size(), size_t{10});
    QVERIFY(!out["per_class"].contains("swim"));
    QCOMPARE(out["ground_truth"], 3);
    QCOMPARE(out["predictions"], 3);
    QCOMPARE(out["ties"], 2);
    QVERIFY(out["problems"].empty());
  }
  void smallDefectsAreCounted() {
    Files files;
    const json out = files.score(R"({"results": {
      "a": [{"label": "run", "score": 0.5, "segment": [5, 9]}, {"label": "fly", "score": 0.5, "segment": [5, 9]},
            {"score": 0.5, "segment": [5, 9]}, {"label": "run", "score": "0.5", "segment": [5, 9]},
            {"label": "run", "score": 0.5, "segment": [5]}, {"label": "run", "score": 0.5, "segment": [5, [9]]}, null, 7, []],
      "b": {"label": "run"}, "t": [{"label": "run", "score": 0.1, "segment": [0, 1]}],
      "z": [{"label": "run", "score": 0.1, "segment": [2, 2]}, {"label": "run", "score": 0.2, "segment": [3, 2]}],
      "q": null}})");
    QCOMPARE(files.error, std::string());
    const json& problems = out["problems"];
    QCOMPARE(problems["bad_prediction"], 9);  // seven entries of a, b, q
    QCOMPARE(problems["unknown_class"], 1);
    QCOMPARE(problems["video_outside"], 3);
    QCOMPARE(problems["zero_length_prediction"], 1);
    QCOMPARE(problems["reversed_prediction"], 1);
    QCOMPARE(problems["class_without_predictions"], 1);
    QCOMPARE(problems["video_without_predictions"], 1);
    QCOMPARE(out["problem_examples"]["unknown_class"], json({"fly"}));
    QCOMPARE(out["predictions"], 5);
    QCOMPARE(out["per_class"]["run"]["ap"][0], 0.5);
  }
  void aVideoGivenTwiceKeepsItsLastContent() {
    Files files;
    const json out = files.score(R"({"results": {"b": [{"label": "run", "score": 0.5, "segment": [0, 4]}],
      "a": [], "b": [{"label": "run", "score": 0.5, "segment": [8, 9]}]}})");
    QCOMPARE(out["predictions"], 1);
    QCOMPARE(out["average_map"], 0.0);
    QCOMPARE(out["problems"]["duplicate_prediction_video"], 1);
  }
  void unusableFilesAreRefused_data() {
    QTest::addColumn<QString>("predictions");
    QTest::addColumn<QString>("subset");
    QTest::addColumn<QString>("part");  // of the message
    const QString good = QStringLiteral("{\"results\": {}}");
    QTest::newRow("an empty file") << QString() << "validation"
                                   << "an empty file";
    QTest::newRow("an empty object") << "{}"
                                     << "validation"
                                     << "an empty object";
    QTest::newRow("a list") << "[1, 2]"
                            << "validation"
                            << "no object at all";
    QTest::newRow("annotations in place of predictions") << QString::fromUtf8(kTruth) << "validation"
                                                         << "the keys version, taxonomy, database";
    QTest::newRow("results that are no object") << "{\"results\": [1]}"
                                                << "validation"
                                                << "something else under that key";
    QTest::newRow("a cut file names the line") << "{\"results\":\n {\"a\": ["
                                               << "validation"
                                               << "line 2";
    QTest::newRow("a number out of range") << "{\"results\": {\"a\": [1e999]}}"
                                           << "validation"
                                           << "a number out of range";
    QTest::newRow("a too deep file") << QString(100, QLatin1Char('[')) << "validation"
                                     << "levels deep";
    QTest::newRow("an unknown subset names the known ones") << good << "test"
                                                            << "testing, training, validation";
    QTest::newRow("a subset without annotations") << good << "testing"
                                                  << "empty subset";
    QTest::newRow("no subset at all") << good << ""
                                      << "testing, training, validation";
  }
  void unusableFilesAreRefused() {
    QFETCH(QString, predictions);
    QFETCH(QString, subset);
    QFETCH(QString, part);
    Files files;
    files.score(predictions.toStdString(), subset.toStdString());
    QVERIFY2(QString::fromStdString(files.error).contains(part), files.error.c_str());
    QVERIFY(!QString::fromStdString(files.error).contains(QLatin1Char('\n')));
  }
  void unusableTruthIsRefused() {
    for (const std::string& truth :
         {std::string(), std::string("{}"), std::string("{\"database\": {}}"), std::string("{\"results\": {}}")}) {
      Files files(truth);
      files.score("{\"results\": {}}");
      QVERIFY2(!files.error.empty(), truth.c_str());
    }
    Files files;
    QVERIFY_THROWS_EXCEPTION(InputError,
                             scoreDetectionFiles(files.path("missing.json"), files.path("truth.json"), "validation"));
  }

  void officialFiles_data() {
    QTest::addColumn<QString>("name");
    QTest::newRow("the sample submission") << "sample";
    QTest::newRow("the perturbed submission, with ties and points") << "perturbed";
  }
  void officialFiles() {
    QFETCH(QString, name);
    const std::string folder = testing::sharedFolder("data/activitynet");
    if (folder.empty()) QSKIP("../shared/data/activitynet is not there");
    const json expected = readJsonFile(folder + "/expected_eval.json")["cases"][name.toStdString()]["detection"];
    const json ours = scoreDetectionFiles(folder + "/activity_net.v1-3.min.json",
                                          folder + "/" + expected["prediction_file"].get<std::string>(), "validation");
    compareWithExpected(ours, expected);
  }
};

QTEST_APPLESS_MAIN(TestScoreDetection)
#include "tst_score_detection.moc"
