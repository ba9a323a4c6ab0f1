// SPDX-License-Identifier: Apache-2.0
#include <QTemporaryDir>
#include <QtTest>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "score/classification.h"
#include "score/retrieval.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/golden.h"
#include "support/json_file.h"

using namespace hvlm;
using nlohmann::json;

namespace {

bool close(double a, double b) { return std::abs(a - b) <= 1e-12; }

const char* const kTruth =
    R"({"database": {
      "a": {"subset": "validation", "annotations": [{"label": "run", "segment": [0, 1]}, {"label": "jump", "segment": [0, 1]},
                                                    {"label": "run", "segment": [2, 3]}]},
      "b": {"subset": "validation", "annotations": [{"label": "swim"}]},
      "c": {"subset": "validation", "annotations": []}}})";

json scoreTexts(const std::string& predictions, const std::string& truth = kTruth) {
  QTemporaryDir folder;
  const std::string a = folder.filePath(QStringLiteral("a.json")).toStdString();
  const std::string b = folder.filePath(QStringLiteral("b.json")).toStdString();
  writeFileAtomic(a, truth);
  writeFileAtomic(b, predictions);
  return scoreClassificationFiles(a, b, "validation");
}

}  // namespace

class TestScoreClassification : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void interpolatedPrecision_data() {
    QTest::addColumn<QList<int>>("hits");
    QTest::addColumn<int>("positives");
    QTest::addColumn<double>("ap");
    QTest::newRow("all found first is 1") << QList<int>{1, 1} << 2 << 1.0;
    QTest::newRow("nothing found is 0") << QList<int>{0, 0} << 2 << 0.0;
    QTest::newRow("later higher precision lifts earlier ones") << QList<int>{0, 1, 1} << 2 << 2.0 / 3.0;
    QTest::newRow("missed positives count") << QList<int>{1} << 4 << 0.25;
    QTest::newRow("no positives is 0") << QList<int>{0} << 0 << 0.0;
  }
  void interpolatedPrecision() {
    QFETCH(QList<int>, hits);
    QFETCH(int, positives);
    QFETCH(double, ap);
    const std::vector<uint8_t> flags(hits.begin(), hits.end());
    QVERIFY(close(interpolatedAp(flags, positives), ap));
  }

  void setsOfLabelsByHand() {
    // Four videos, three classes; video 1 has two labels.
    const std::vector<float> scores = {.7f, .2f, .1f, .1f, .8f, .1f, .2f, .5f, .3f, .3f, .3f, .3f};
    const std::vector<std::vector<int64_t>> labels = {{0}, {0, 1}, {2}, {0}};
    const std::vector<int64_t> main = {0, 0, 2, 0};
    const ClassificationScore score = scoreClassification(scores, 3, labels, main);
    QCOMPARE(score.top1, 0.75);      // video 2 is wrong; the tie of video 3 goes to the lowest class
    QCOMPARE(score.top1_main, 0.5);  // video 1's best class is its other label
    QCOMPARE(score.top5, 1.0);
    QCOMPARE(score.macro_top1, 0.5);  // class 0 all, class 2 none, class 1 is nobody's main label
    // class 0: ranks 0, 3, 2, 1 -> hits 1 1 0 1; class 1: 1 first; class 2: the tie of 2 and 3 takes 3 first.
    const double ap0 = (1.0 + 1.0 + 0.75) / 3.0;
    QVERIFY(close(score.map, (ap0 + 1.0 + 0.5) / 3.0));
    QVERIFY(score.low <= score.top1 && score.top1 <= score.high);
    QVERIFY(score.low >= 0.0 && score.high <= 1.0 && score.low < score.high);
  }
  void theIntervalIsTheSameEachTime() {
    std::vector<float> scores;
    std::vector<std::vector<int64_t>> labels;
    std::vector<int64_t> main;
    for (int v = 0; v < 400; ++v) {  // 300 of 400 right
      scores.insert(scores.end(), {1.0f, 0.0f});
      labels.push_back({v % 4 == 0 ? 1 : 0});
      main.push_back(labels.back()[0]);
    }
    const ClassificationScore first = scoreClassification(scores, 2, labels, main);
    const ClassificationScore second = scoreClassification(scores, 2, labels, main);
    QCOMPARE(first.low, second.low);
    QCOMPARE(first.high, second.high);
    const double half_width = 1.96 * std::sqrt(0.75 * 0.25 / 400.0);  // normal approximation
    QVERIFY(std::abs(first.low - (0.75 - half_width)) < 0.01);
    QVERIFY(std::abs(first.high - (0.75 + half_width)) < 0.01);
  }
  void notANumberIsNeverBest() {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const std::vector<float> scores = {nan, .1f};
    const ClassificationScore score = scoreClassification(scores, 2, {{0}}, {0});
    QCOMPARE(score.top1, 0.0);
    QCOMPARE(topClasses(std::vector<double>{std::nan(""), -1.0}, 2), std::vector<int64_t>{1});
  }
  void noVideosAreRefused() { QVERIFY_THROWS_EXCEPTION(InputError, scoreClassification({}, 3, {}, {})); }

  void tiesAreOneThreshold() {
    QVERIFY(close(averagePrecision(std::vector<double>{1, 1, 1, 1}, std::vector<int64_t>{1, 0, 0, 0}), 0.25));
    QVERIFY(
        close(averagePrecision(std::vector<double>{2, 1, 0}, std::vector<int64_t>{0, 1, 1}), (0.5 + 2.0 / 3.0) / 2));
    QCOMPARE(averagePrecision(std::vector<double>{2, 1}, std::vector<int64_t>{0, 0}), 0.0);
  }
  void confusionRowsAreTruth() {
    const std::vector<int64_t> confusion =
        confusionMatrix(std::vector<int64_t>{0, 1, 1}, std::vector<int64_t>{0, 0, 1}, 3);
    QCOMPARE(confusion, (std::vector<int64_t>{1, 1, 0, 0, 1, 0, 0, 0, 0}));
    QCOMPARE(meanClassRecall(confusion, 3), 0.75);
  }
  void ranksOfACollapsedModelAreChance() {
    const std::vector<double> similarity(16, 0.5);
    const Ranks ranks = rankTruth(similarity, 4, std::vector<int64_t>{0, 1, 2, 3});
    QCOMPARE(ranks.mid, std::vector<double>(4, 2.5));
    QCOMPARE(scoreRanks(ranks.mid).r1, 0.0);
    QCOMPARE(scoreRanks(ranks.mid).r5, 1.0);
    const std::vector<double> broken(16, std::nan(""));
    QCOMPARE(rankTruth(broken, 4, std::vector<int64_t>{0, 1, 2, 3}).mid, std::vector<double>(4, 4.0));
    QCOMPARE(scoreRanks(std::vector<double>{1, 2, 60}).geometric_mean, std::cbrt(1.0 / 3 * 2.0 / 3 * 2.0 / 3));
    QVERIFY(close(scoreRanks(std::vector<double>{1, 2, 60}).r50, 2.0 / 3));
  }

  void filesByHand() {
    const json out = scoreTexts(R"({"results": {
      "a": [{"label": "run", "score": 0.9}, {"label": "swim", "score": 0.8}, {"label": "jump", "score": 0.7}],
      "b": [{"label": "fly", "score": 0.9}, {"label": "swim", "score": 0.5}],
      "z": [{"label": "jump", "score": 0.7}]}})");
    QCOMPARE(out["ground_truth"], 3);  // (a, run), (a, jump), (b, swim)
    QCOMPARE(out["predictions"], 6);
    QCOMPARE(out["per_class"]["run"], 1.0);
    QCOMPARE(out["per_class"]["swim"], 0.5);
    QCOMPARE(out["per_class"]["jump"], 0.5);  // z ties and comes later, so first
    QVERIFY(close(out["map"].get<double>(), 2.0 / 3.0));
    QCOMPARE(out["hit_at"]["1"], 0.5);
    QCOMPARE(out["average_hit_at"]["1"], 0.25);
    QCOMPARE(out["hit_at"]["3"], 1.0);
    QCOMPARE(out["average_hit_at"]["3"], 1.0);
    QCOMPARE(out["hit_at"].size(), size_t{3});
    QCOMPARE(out["ties"], 2);
    QCOMPARE(out["problems"]["unknown_class"], 1);
    QCOMPARE(out["problems"]["video_outside"], 1);
    QCOMPARE(out["problems"]["video_without_predictions"], 1);  // c, which has no label
  }
  void tiedEntriesOfAVideoTakeTheLaterFirst() {
    const json out =
        scoreTexts(R"({"results": {"b": [{"label": "run", "score": 0.5}, {"label": "swim", "score": 0.5}]}})");
    QCOMPARE(out["hit_at"]["1"], 0.5);
    const json other =
        scoreTexts(R"({"results": {"b": [{"label": "swim", "score": 0.5}, {"label": "run", "score": 0.5}]}})");
    QCOMPARE(other["hit_at"]["1"], 0.0);
  }
  void aClassGivenTwiceForAVideoIsFalseTheSecondTime() {
    const json out = scoreTexts(
        R"({"results": {"x": [], "b": [{"label": "swim", "score": 0.9}, {"label": "swim", "score": 0.8}]}})");
    QCOMPARE(out["per_class"]["swim"], 1.0);
    QCOMPARE(out["predictions"], 2);
  }
  void otherSchemasAreRefused() {
    QVERIFY_THROWS_EXCEPTION(InputError, scoreTexts("{}"));
    QVERIFY_THROWS_EXCEPTION(InputError, scoreTexts(""));
    QVERIFY_THROWS_EXCEPTION(InputError, scoreTexts(kTruth));
    QVERIFY_THROWS_EXCEPTION(InputError, scoreTexts("{\"results\": {}}", "{\"results\": {}}"));
  }

  void officialFiles_data() {
    QTest::addColumn<QString>("name");
    QTest::newRow("the sample submission") << "sample";
    QTest::newRow("the perturbed submission, with ties") << "perturbed";
  }
  void officialFiles() {
    QFETCH(QString, name);
    const std::string folder = testing::sharedFolder("data/activitynet");
    if (folder.empty()) QSKIP("../shared/data/activitynet is not there");
    const json expected = readJsonFile(folder + "/expected_eval.json")["cases"][name.toStdString()]["classification"];
    const json ours =
        scoreClassificationFiles(folder + "/activity_net.v1-3.min.json",
                                 folder + "/" + expected["prediction_file"].get<std::string>(), "validation");
    const auto near = [](const json& a, const json& b) { return std::abs(a.get<double>() - b.get<double>()) <= 1e-9; };
    QCOMPARE(ours["ground_truth"], expected["n_ground_truth"]);
    QCOMPARE(ours["predictions"], expected["n_predictions"]);
    QVERIFY(near(ours["map"], expected["mAP"]));
    for (const std::string k : {"1", "3", "5"}) {
      QVERIFY(near(ours["hit_at"][k], expected["hit_at_" + k]));
      QVERIFY(near(ours["average_hit_at"][k], expected["avg_hit_at_" + k]));
    }
    QCOMPARE(ours["per_class"].size(), expected["per_class_ap"].size());
    for (const auto& [label, ap] : expected["per_class_ap"].items())
      QVERIFY2(near(ours["per_class"][label], ap), label.c_str());
  }
};

QTEST_APPLESS_MAIN(TestScoreClassification)
#include "tst_score_classification.moc"
