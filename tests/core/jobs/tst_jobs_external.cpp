// SPDX-License-Identifier: Apache-2.0
// Class scores of videos and proposals that other systems wrote.
#include <QtTest>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "jobs/external_scores.h"
#include "made_annotations.h"

using namespace hvlm;
using namespace hvlm::testing;

namespace {

constexpr size_t kOne = 0, kThree = 1, kTwo = 2;  // places among the validation videos, sorted by id

bool near(const std::vector<float>& a, const std::vector<double>& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (std::abs(static_cast<double>(a[i]) - b[i]) > 1e-6) return false;
  }
  return true;
}

}  // namespace

class TestJobsExternal : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void everyFormGivesTheShares_data();
  void everyFormGivesTheShares();
  void logitsTakeTheSoftmaxInTheWholeFile();
  void defectsAreCountedAndNamed();
  void videosGivenTwiceKeepTheLater();
  void unusableScoresAreRefused_data();
  void unusableScoresAreRefused();
  void proposalsNeedNoLabel();
  void proposalsAreBroughtIntoTheVideo();
  void largeScoresAreDividedByTheHighest();
  void unusableProposalsAreRefused();
  void tablesWithAndWithoutAHeader_data();
  void tablesWithAndWithoutAHeader();
  void whatWasMatchedIsSaidInWords();

 private:
  VideoScores scores(const std::string& text) { return readVideoScores(set_.write("scores", text), set_.catalogue, set_.validation); }
  Proposals proposals(const std::string& text) { return readProposals(set_.write("proposals", text), set_.catalogue, set_.validation); }
  MadeAnnotations set_;
};

void TestJobsExternal::everyFormGivesTheShares_data() {
  QTest::addColumn<QString>("text");
  QTest::addColumn<QString>("form");
  QTest::newRow("classification results") << R"({"version": "1", "results": {"one": [{"label": "run", "score": 3}, {"label": "swim", "score": 1}], "v_two": [{"label": "swim", "score": 0.5}]}})" << "classification results";
  QTest::newRow("rows with a class list, in its own order") << R"({"results": {"v_one": [1, 0, 3], "v_two": [0.5, 0, 0]}, "class": ["swim", "jump", "run"]})" << "rows of scores";
  QTest::newRow("rows before and in a list, an unknown class among them") << R"({"class": ["swim", "fly", "jump", "run"], "results": {"one": [[1, 7, 0, 3]], "two": [[0.5, 1, 0, 0]]}})" << "rows of scores";
  QTest::newRow("a table by commas") << "one,run,3\none,swim,1\nv_two,swim,0.5\n" << "table";
  QTest::newRow("a table by tabs with a header in another order") << "score\tvideo\tlabel\r\n3\tone\trun\r\n1\tone\tswim\r\n0.5\ttwo\tswim\r\n" << "table";
}
void TestJobsExternal::everyFormGivesTheShares() {
  QFETCH(QString, text);
  QFETCH(QString, form);
  const VideoScores read = scores(text.toStdString());
  QCOMPARE(QString::fromStdString(read.match.form), form);
  QCOMPARE(read.shares.size(), size_t{3});
  QVERIFY(near(read.shares[kOne], {0, .75, .25}));
  QVERIFY(near(read.shares[kTwo], {0, 0, 1}));
  QVERIFY(read.shares[kThree].empty());
  QCOMPARE(read.match.videos, int64_t{3});
  QCOMPARE(read.match.matched, int64_t{2});
  QVERIFY(read.scale.find("divided") != std::string::npos);
}

void TestJobsExternal::logitsTakeTheSoftmaxInTheWholeFile() {
  const double l = std::log(3.0);
  const VideoScores read = scores("one,run," + std::to_string(l) + "\none,swim,0\ntwo,swim,5\nthree,jump,-2\n");
  QVERIFY(read.scale.find("softmax") != std::string::npos);
  QVERIFY(near(read.shares[kOne], {0, .75, .25}));  // although this video has no negative number
  QVERIFY(near(read.shares[kThree], {1, 0, 0}));
  for (const auto& row : read.shares) QVERIFY(std::abs(std::accumulate(row.begin(), row.end(), 0.0) - 1.0) < 1e-6);
}

void TestJobsExternal::defectsAreCountedAndNamed() {
  const VideoScores read = scores(R"({"results": {"one": [{"label": "run", "score": 1}, {"label": "fly", "score": 1}, {"label": "run", "score": 3}, {"score": 1}, 7],
    "two": [{"label": "run", "score": NaN}], "three": [{"label": "run", "score": 0}], "four": [{"label": "run", "score": 1}], "nine": [], "ten": [], "list": 3}})");
  const nlohmann::json json = matchJson(read.match), problems = json.at("problems"), examples = json.at("problem_examples");
  QCOMPARE(problems.at("unknown_video"), 2);
  QCOMPARE(examples.at("unknown_video"), nlohmann::json({"nine", "ten"}));
  QCOMPARE(examples.at("unknown_label"), nlohmann::json({"fly"}));
  QCOMPARE(problems.at("not_finite"), 1);
  QCOMPARE(problems.at("no_scores"), 1);
  QCOMPARE(examples.at("no_scores"), nlohmann::json({"three"}));
  QVERIFY(problems.at("bad_entry").get<int>() >= 3);
  QCOMPARE(read.match.elsewhere, int64_t{1});
  QVERIFY(read.shares[kTwo].empty());
}

void TestJobsExternal::videosGivenTwiceKeepTheLater() {
  const VideoScores read = scores(R"({"results": {"one": [{"label": "run", "score": 1}], "one": [{"label": "jump", "score": 1}], "v_one": [{"label": "swim", "score": 1}]}})");
  QVERIFY(near(read.shares[kOne], {0, 0, 1}));
  QCOMPARE(matchJson(read.match).at("problems").at("duplicate_video"), 2);
  const VideoScores labels = scores("one,run,1\none,run,3\none,jump,1\n");
  QVERIFY(near(labels.shares[kOne], {.25, .75, 0}));
  QCOMPARE(matchJson(labels.match).at("problems").at("duplicate_label"), 1);
}

void TestJobsExternal::unusableScoresAreRefused_data() {
  QTest::addColumn<QByteArray>("text");
  QTest::addColumn<QString>("part");
  QTest::newRow("an empty file") << QByteArray("  ") << "an empty file";
  QTest::newRow("annotations") << QByteArray(R"({"database": {}})") << "\"database\"";
  QTest::newRow("rows without a class list") << QByteArray(R"({"results": {"one": [1, 2, 3]}})") << "an order is not guessed";
  QTest::newRow("a class list of numbers") << QByteArray(R"({"results": {"one": [1, 2, 3]}, "class": [1, 2, 3]})") << "list of class names";
  QTest::newRow("rows of another length") << QByteArray(R"({"results": {"one": [1, 2]}, "class": ["run", "jump", "swim"]})") << "2 numbers";
  QTest::newRow("other videos") << QByteArray("x,run,1\ny,run,1\n") << "unknown_video";
  QTest::newRow("other classes") << QByteArray("one,fly,1\n") << "unknown_label";
  QTest::newRow("a header without a column") << QByteArray("video,score\none,1\n") << "a column \"label\"";
  QTest::newRow("a quote without an end") << QByteArray("one,\"run,1\n") << "a quote without an end";
  QTest::newRow("a cut file") << QByteArray(R"({"results": {"one": [)") << "line 1";
  QTest::newRow("a deep file") << QByteArray(R"({"results": {"one": )") + QByteArray(200, '[') << "levels deep";
}
void TestJobsExternal::unusableScoresAreRefused() {
  QFETCH(QByteArray, text);
  QFETCH(QString, part);
  const QString message = refusalOf([&] { scores(text.toStdString()); });
  QVERIFY2(message.contains(part), qPrintable(message));
}

void TestJobsExternal::proposalsNeedNoLabel() {
  const Proposals read = proposals(R"({"results": {"v_one": [{"score": 0.2, "segment": [0, 3]}, {"score": 0.9, "segment": [5, 9], "label": "jump"}], "two": [{"score": 1, "segment": [2, 11]}]}})");
  QCOMPARE(read.segments[kOne].size(), size_t{2});
  QCOMPARE(read.segments[kOne][0].score, .9);  // falling
  QCOMPARE(read.segments[kOne][0].label, int64_t{0});
  QCOMPARE(read.segments[kOne][1].label, int64_t{-1});
  QCOMPARE(read.segments[kTwo].front().video, static_cast<int64_t>(kTwo));
  QCOMPARE(read.match.matched, int64_t{2});
  QCOMPARE(read.divided_by, 1.0);
}
void TestJobsExternal::proposalsAreBroughtIntoTheVideo() {
  const Proposals read = proposals(R"({"results": {"one": [{"score": 0.2, "segment": [-1, 30]}, {"score": 0.3, "segment": [11, 12]}, {"score": -0.1, "segment": [1, 2]}]}})");
  QCOMPARE(read.segments[kOne].size(), size_t{1});
  QCOMPARE(read.segments[kOne][0].start_seconds, 0.0);
  QCOMPARE(read.segments[kOne][0].end_seconds, 10.0);
  QCOMPARE(matchJson(read.match).at("problems"), nlohmann::json({{"negative_score", 1}, {"outside_video", 1}}));
}
void TestJobsExternal::largeScoresAreDividedByTheHighest() {
  const Proposals read = proposals(R"({"results": {"one": [{"score": 2, "segment": [0, 3]}, {"score": 8, "segment": [0, 4]}]}})");
  QCOMPARE(read.divided_by, 8.0);
  QCOMPARE(read.segments[kOne][0].score, 1.0);
  QCOMPARE(read.segments[kOne][1].score, .25);
}
void TestJobsExternal::unusableProposalsAreRefused() {
  QVERIFY(refusalOf([&] { proposals(R"({"results": {}})"); }).contains(QStringLiteral("none at all")));
  QVERIFY(refusalOf([&] { proposals(R"({"results": {"x": [{"score": 1, "segment": [0, 1]}]}})"); }).contains(QStringLiteral("unknown_video")));
  QVERIFY(refusalOf([&] { proposals(R"({"results": [1]})"); }).contains(QStringLiteral("a list \"results\"")));
}

void TestJobsExternal::tablesWithAndWithoutAHeader_data() {
  QTest::addColumn<QByteArray>("text");
  QTest::newRow("no header") << QByteArray("one,1,2,run,0.5\n");
  QTest::newRow("ActionFormer's names, in another order") << QByteArray("label,score,t-start,t-end,video-id\nrun,0.5,1,2,one\n");
  QTest::newRow("quotes, a byte order mark and an empty line") << QByteArray("\xEF\xBB\xBF\"one\", 1 ,2,\"run\",0.5\r\n\r\n");
  QTest::newRow("no last line break") << QByteArray("one\t1\t2\trun\t0.5");
  QTest::newRow("rows that are too short or hold words are counted") << QByteArray("one,1,2,run,0.5\none,1,2\none,a,2,run,0.5\n");
}
void TestJobsExternal::tablesWithAndWithoutAHeader() {
  QFETCH(QByteArray, text);
  const Proposals read = proposals(text.toStdString());
  QCOMPARE(read.segments[kOne].size(), size_t{1});
  const ScoredSegment& s = read.segments[kOne].front();
  QVERIFY(s.label == 1 && s.start_seconds == 1.0 && s.end_seconds == 2.0 && s.score == .5);
  if (text.contains("one,a")) QCOMPARE(matchJson(read.match).at("problems"), nlohmann::json({{"bad_row", 1}, {"bad_entry", 1}}));
}

void TestJobsExternal::whatWasMatchedIsSaidInWords() {
  const VideoScores read = scores("one,run,3\nfour,run,1\nnine,run,1\n");
  const QString said = QString::fromStdString(matchText(matchJson(read.match)));
  QCOMPARE(said, QStringLiteral("scores (table): 1 of 3 videos, 1 of other subsets passed by; 1 unknown_video (nine)"));
}

QTEST_APPLESS_MAIN(TestJobsExternal)
#include "tst_jobs_external.moc"
