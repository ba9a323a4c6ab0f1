// SPDX-License-Identifier: Apache-2.0
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QtTest>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <random>

#include "score/answers.h"
#include "score/text_proxies.h"
#include "score/wups.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/golden.h"
#include "support/json_file.h"

using namespace hvlm;
using nlohmann::json;

namespace {

bool close(double a, double b, double within = 1e-12) { return std::abs(a - b) <= within; }
bool near(const json& a, const json& b) { return close(a.get<double>(), b.get<double>(), 1e-9); }

struct Folder {
  QTemporaryDir folder;
  std::string put(const char* name, const std::string& text) {
    const std::string path = folder.filePath(QString::fromUtf8(name)).toStdString();
    writeFileAtomic(path, text);
    return path;
  }
};

const char* const kTruth =
    R"([{"question_id": "v_a_1", "answer": "yes", "type": 3}, {"question_id": "v_a_2", "answer": "dance", "type": 0},
  {"question_id": "v_b_1", "answer": "2", "type": 7}, {"question_id": "v_b_2", "answer": "no", "type": 3}])";

json scoreTexts(const std::string& predictions, const std::string& truth = kTruth) {
  Folder f;
  AnswerFileOptions options;
  options.wordnet = "";
  return scoreAnswerFiles(f.put("a.json", truth), f.put("p.json", predictions), options);
}

// entity > {animal > {canine > dog, feline > cat}, thing}; loop1 and loop2 are each other's hypernyms; verbs walk and
// run have no common hypernym. "dogge" is an irregular form of dog.
void writeMiniWordNet(Folder& f) {
  f.put("data.noun",
        "  1 licence\n"
        "00000001 03 n 01 entity 0 000 | all\n"
        "00000002 03 n 01 animal 0 001 @ 00000001 n 0000 | x\n"
        "00000003 03 n 01 canine 0 001 @ 00000002 n 0000 | x\n"
        "00000004 03 n 01 feline 0 001 @ 00000002 n 0000 | x\n"
        "00000005 03 n 02 dog 0 hound 0 002 @ 00000003 n 0000 ~ 00000099 n 0000 | x\n"
        "00000006 03 n 01 cat 0 001 @ 00000004 n 0000 | x\n"
        "00000007 03 n 01 thing 0 001 @ 00000001 n 0000 | x\n"
        "00000008 03 n 01 loop1 0 001 @ 00000009 n 0000 | x\n"
        "00000009 03 n 01 loop2 0 001 @ 00000008 n 0000 | x\n"
        "00000010 03 n 01 lost 0 001 @ 99999999 n 0000 | x\n");
  f.put("index.noun",
        "  1 licence\n"
        "dog n 1 2 @ ~ 1 1 00000005  \nhound n 1 2 @ ~ 1 1 00000005  \ncat n 1 1 @ 1 1 00000006  \nthing n 1 1 @ 1 0 "
        "00000007  \n"
        "animal n 1 1 @ 1 0 00000002  \nloop1 n 1 1 @ 1 0 00000008  \nloop2 n 1 1 @ 1 0 00000009  \nlost n 1 1 @ 1 0 "
        "00000010  \n");
  f.put("noun.exc", "dogge dog\n");
  f.put("data.verb", "00000001 29 v 01 walk 0 000 01 + 02 00 | x\n00000002 29 v 01 run 0 000 01 + 02 00 | x\n");
  f.put("index.verb", "walk v 1 0 1 1 00000001  \nrun v 1 0 1 1 00000002  \n");
}

}  // namespace

class TestScoreAnswers : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void countsByHand() {
    const std::vector<AnsweredQuestion> list = {{"yes", "yes", 3, true}, {"yes", "Yes", 3, true},
                                                {"red", "red", 4, true}, {"run", "run", 0, true},
                                                {"run", "", 0, false},   {"x", "x", 12, true}};
    const AnswerScore score = scoreAnswers(list);
    QCOMPARE(score.all.questions, 6);
    QCOMPARE(score.all.correct, 4);  // "Yes" is not "yes"
    QCOMPARE(score.free.questions, 3);
    QCOMPARE(score.free.correct, 2);
    QCOMPARE(score.types[0].share(), std::optional<double>(0.5));
    QVERIFY(!score.types[1].share());
    QVERIFY(!score.official_free);
    QCOMPARE(score.missing, 1);
    QCOMPARE(scoreAnswers({}).all.questions, 0);
  }
  void anEmptyAnswerIsNotAMissingOne() {
    QCOMPARE(scoreAnswers(std::vector<AnsweredQuestion>{{"", "", 8, true}}).all.correct, 1);
    QCOMPARE(scoreAnswers(std::vector<AnsweredQuestion>{{"", "", 8, false}}).all.correct, 0);
  }
  void theOfficialSlipDependsOnTheOrder() {
    // One right question of each type; types 8, 7, 6 come first and are dropped from the divisor in place of 0, 1, 2.
    // Type 8 has three more: right answers of 3..8 = 9; questions of all but the first three types = 6; 9 / 6
    // exceeds 1.
    std::vector<AnsweredQuestion> list(3, {"a", "a", 8, true});
    for (int type = 8; type >= 0; --type) list.push_back({"a", "a", type, true});
    QCOMPARE(scoreAnswers(list).official_free, std::optional<double>(1.5));
    std::reverse(list.begin(), list.end());  // types 0, 1, 2 first: the right divisor
    QCOMPARE(scoreAnswers(list).official_free, std::optional<double>(1.0));
  }
  void scoresStayInRangeAndOrderChangesNothing() {
    std::mt19937 random(5);
    for (int round = 0; round < 50; ++round) {
      std::vector<AnsweredQuestion> list;
      for (int i = 0; i < 40; ++i) {
        list.push_back({std::to_string(random() % 3), std::to_string(random() % 3), static_cast<int>(random() % 9),
                        random() % 5 != 0});
      }
      const AnswerScore score = scoreAnswers(list);
      std::shuffle(list.begin(), list.end(), random);
      const AnswerScore again = scoreAnswers(list);
      QCOMPARE(score.all.correct, again.all.correct);
      QCOMPARE(score.free.correct, again.free.correct);
      QVERIFY(score.all.correct <= score.all.questions && score.free.correct <= score.free.questions);
    }
  }

  void filesByHand() {
    const json out = scoreTexts(R"([{"question_id": "v_a_1", "answer": "no"}, {"question_id": "v_a_1", "answer": "yes"},
      {"question_id": "v_b_1", "answer": 2}, {"question_id": "v_b_2", "answer": "no"}, {"question_id": "v_z_1", "answer": "no"}, 7])");
    QCOMPARE(out["all"], 0.5);  // the last of v_a_1 and v_b_2; v_b_1 is no text, v_a_2 is missing
    QVERIFY(close(out["free"].get<double>(), 2.0 / 3.0));
    QCOMPARE(out["per_type"], (json{{"0", 0.0}, {"3", 1.0}, {"7", 0.0}}));
    QCOMPARE(out["per_type_counts"]["3"], (json{{"name", "yes/no"}, {"questions", 2}, {"correct", 2}}));
    QCOMPARE(out["predictions"], 3);
    QCOMPARE(out["missing"], 2);
    QCOMPARE(out["unknown_ids"], 1);
    QCOMPARE(out["problems"]["duplicate_prediction"], 1);
    QCOMPARE(out["problems"]["bad_prediction"], 2);
    QCOMPARE(out["problem_examples"]["bad_prediction"], (json{"v_b_1", "item 5"}));
    QVERIFY(!out.contains("official_free") && out["reasons"].contains("official_free"));
    QVERIFY(!out.contains("controls") && out["reasons"].contains("controls"));
    QVERIFY(out.contains("wups") != out["reasons"].contains("wups"));
  }
  void repeatedTruthKeepsItsFirst() {
    const json out =
        scoreTexts(R"([{"question_id": "a", "answer": "1"}])", R"([{"question_id": "a", "answer": "1", "type": 7},
      {"question_id": "a", "answer": "2", "type": 7}, {"question_id": "b", "answer": "2", "type": 9}, {"question_id": "c", "answer": "2"}])");
    QCOMPARE(out["all"], 1.0);
    QCOMPARE(out["problems"]["duplicate_truth"], 1);
    QCOMPARE(out["problems"]["bad_truth"], 2);
  }
  void noPredictionsAreAllMissing() {
    QCOMPARE(scoreTexts("[]")["missing"], 4);
    QCOMPARE(scoreTexts("[]")["all"], 0.0);
  }
  void otherFilesAreRefused_data() {
    QTest::addColumn<QByteArray>("predictions");
    QTest::addColumn<QByteArray>("truth");
    const QByteArray good = R"([{"question_id": "v_a_1", "answer": "no"}])";
    QTest::newRow("an empty file") << QByteArray() << QByteArray(kTruth);
    QTest::newRow("an empty truth") << good << QByteArray("[]");
    QTest::newRow("an object") << QByteArray(R"({"v_a_1": "no"})") << QByteArray(kTruth);
    QTest::newRow("questions in place of answers")
        << QByteArray(R"([{"question_id": "v_a_1", "question": "is it"}])") << QByteArray(kTruth);
    QTest::newRow("predictions as truth: no types") << good << good;
    QTest::newRow("invalid UTF-8") << QByteArray("[{\"question_id\": \"a\xff\", \"answer\": \"no\"}]")
                                   << QByteArray(kTruth);
    QTest::newRow("cut off") << QByteArray("[{\"question_id\": \"v_a") << QByteArray(kTruth);
    QTest::newRow("too deep") << QByteArray(500, '[') << QByteArray(kTruth);
  }
  void otherFilesAreRefused() {
    QFETCH(QByteArray, predictions);
    QFETCH(QByteArray, truth);
    QVERIFY_THROWS_EXCEPTION(InputError, scoreTexts(predictions.toStdString(), truth.toStdString()));
  }
  void controlsByHand() {
    Folder f;
    AnswerFileOptions options;
    options.questions = f.put("q.json", R"([{"question_id": "v_a_1", "video_name": "a", "question": "Is it red?"},
      {"question_id": "v_a_2", "video_name": "a", "question": "what is he doing now"}, {"question_id": "v_b_1", "video_name": "b", "question": "how many dogs"},
      {"question_id": "v_b_2", "video_name": "x", "question": "zzz"}])");
    options.training_answers = f.put(
        "ta.json", R"([{"question_id": "1", "answer": "yes", "type": 3}, {"question_id": "2", "answer": "2", "type": 7},
      {"question_id": "3", "answer": "no", "type": 3}, {"question_id": "4", "answer": "no", "type": 3}, {"question_id": "5", "answer": "dance", "type": 0}])");
    options.training_questions = f.put(
        "tq.json",
        R"([{"question_id": "1", "question": "is it  red"}, {"question_id": "2", "question": "how many cats are there"},
      {"question_id": "3", "question": "is it blue"}, {"question_id": "4", "question": "are they red"}, {"question_id": "5", "question": "what is he doing"}])");
    const json out = scoreAnswerFiles(f.put("a.json", kTruth), f.put("p.json", "[]"), options);
    QCOMPARE(out["vocabulary_share"], 1.0);
    QCOMPARE(out["controls"]["majority"]["all"], 0.25);          // "no", twice: only v_b_2
    QCOMPARE(out["controls"]["majority_of_type"]["all"], 0.75);  // no, dance, 2, no against yes, dance, 2, no
    // Same question: yes. First four words: dance. First two words: 2. Nothing alike: no, the majority. All right.
    QCOMPARE(out["controls"]["question_only"]["all"], 1.0);
    QCOMPARE(out["videos"], 3);
    QCOMPARE(out["problems"]["video_name_differs"], 1);
  }

  void similarityByHand() {
    Folder f;
    writeMiniWordNet(f);
    const WordNet words(f.folder.path().toStdString());
    QCOMPARE(words.synsets(), size_t{12});
    QVERIFY(
        close(words.similarity("dog", "cat"), 2.0 * 2 / (2.0 * 2 + 4)));  // animal is 2 nodes deep, 2 steps from each
    QVERIFY(close(words.similarity("dogs", "thing"),
                  2.0 / (2.0 + 3 + 1)));  // "dogs" is looked up as dog; common is the root
    QVERIFY(close(words.similarity("dogge", "animal"), 2.0 * 2 / (2.0 * 2 + 2)));
    QCOMPARE(words.similarity("dog", "hound"), 1.0);                         // one sense
    QVERIFY(close(words.similarity("walk", "ran"), 0.0));                    // no list of irregular verbs here
    QVERIFY(close(words.similarity("walked", "run"), 2.0 / (2.0 + 1 + 1)));  // the imaginary root, one step from each
    QCOMPARE(words.similarity("lost", "dog"), 0.0);                          // its hypernym does not exist
    QCOMPARE(words.similarity("qwerty", "dog"), 0.0);
    QCOMPARE(words.similarity("qwerty", "qwerty"), 1.0);
    const double loop = words.similarity("loop1", "loop2");
    QVERIFY(loop > 0.0 && loop < 1.0);
    Wups wups(words);
    QCOMPARE(wups.of("dog", "dog", 0.9), 1.0);
    QVERIFY(close(wups.of("dog", "cat", 0.0), 0.5));
    QVERIFY(close(wups.of("dog", "cat", 0.9), 0.05));
    QVERIFY(close(wups.of("Dog, thing", "dog", 0.0),
                  1.0 / 3.0));  // from the answer: 1 x w(thing, dog) = 2 / 6; from the truth: 1
    QCOMPARE(wups.of("", "dog", 0.0), 0.0);
    const std::vector<AnsweredQuestion> list = {
        {"dog", "cat", 5, true}, {"dog", "dog", 5, true}, {"dog", "dog", 5, false}};
    QVERIFY(close(wups.mean(list, 0.9), 1.05 / 3.0));
  }
  void otherDatabasesAreRefused() {
    Folder empty, other;
    QVERIFY_THROWS_EXCEPTION(InputError, WordNet(empty.folder.path().toStdString()));
    other.put("data.noun", "hello world\n\xff\xfe\n00000001 03 n 99999999999999 x\n");
    other.put("index.noun", "dog\n");
    QVERIFY_THROWS_EXCEPTION(InputError, WordNet(other.folder.path().toStdString()));
    other.put("data.noun", "00000001 03 n 01 a 0 999 @ \n");
    QVERIFY_THROWS_EXCEPTION(InputError, WordNet(other.folder.path().toStdString()));
  }
  void theRealDatabase() {
    const char* given = std::getenv("HVLM_WORDNET");
    const std::string folder = given != nullptr ? given : kSystemWordNet;
    if (!std::filesystem::exists(folder + "/index.noun")) QSKIP("no WordNet database: install wordnet-base");
    const WordNet words(folder);  // values of NLTK 3.10
    QVERIFY(close(words.similarity("dog", "cat"), 6.0 / 7.0));
    QVERIFY(close(words.similarity("run", "walk"), 0.9));
    QVERIFY(close(words.similarity("man", "woman"), 12.0 / 17.0));
    QVERIFY(close(words.similarity("blue", "red"), 0.875));
  }

  void proxiesByHand() {
    QVERIFY(close(tokenF1({"a", "red", "red", "car"}, {"a", "red", "bus"}), 2.0 * 2 / 7));  // a and one red are shared
    QCOMPARE(tokenF1({}, {}), 1.0);
    QCOMPARE(tokenF1({"a"}, {}), 0.0);
    const std::vector<Tokens> events = {{"he", "jumps"}, {"she", "runs"}, {"dog", "barks"}};
    QCOMPARE(eventOrderTau({"first", "he", "jumps", "then", "she", "runs", "a", "dog", "barks"}, events),
             std::optional<double>(1.0));
    QCOMPARE(eventOrderTau({"a", "dog", "barks", "then", "she", "runs", "he", "jumps"}, events),
             std::optional<double>(-1.0));
    // Order 2, 1, 3: one pair of three the wrong way round.
    QVERIFY(close(*eventOrderTau({"she", "runs", "he", "jumps", "dog", "barks"}, events), 1.0 / 3.0));
    QVERIFY(!eventOrderTau({"he", "jumps"}, events));
    QVERIFY(!eventOrderTau({}, events));
    QCOMPARE(selfAgreement("A man runs.", "a man runs"), 1.0);
    QVERIFY(close(selfAgreement("a man runs", "the man sits"), 1.0 / 3.0));
  }

  void officialFiles_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("part");
    QTest::addColumn<QString>("predictions");
    QTest::newRow("the example predictions") << "pred_val_example.json vs val_a.json"
                                             << "val"
                                             << "pred_val_example.json";
    QTest::newRow("the perturbed predictions") << "pred_test_perturbed.json vs test_a.json"
                                               << "test"
                                               << "pred_test_perturbed.json";
  }
  void officialFiles() {
    QFETCH(QString, name);
    QFETCH(QString, part);
    QFETCH(QString, predictions);
    const std::string folder = testing::sharedFolder("data/activitynet_qa");
    if (folder.empty()) QSKIP("../shared/data/activitynet_qa is not there");
    const json all = readJsonFile(folder + "/expected_eval.json");
    const json& expected = all.at(name.toStdString());
    QElapsedTimer timer;
    timer.start();
    const json ours =
        scoreAnswerFiles(folder + "/" + part.toStdString() + "_a.json", folder + "/" + predictions.toStdString());
    if (!ours.contains("wups")) QVERIFY2(timer.elapsed() < 2000, "the whole set takes well under a second");
    QCOMPARE(ours["questions"], expected["n_questions"]);
    QCOMPARE(ours["predictions"], expected["n_predictions"]);
    QCOMPARE(ours["correct"], expected["correct"]);
    QVERIFY(near(ours["all"], expected["all"]));
    QVERIFY(near(ours["free"], expected["free"]));
    QVERIFY(near(ours["official_free"], expected["free_as_printed_by_official_script"]));
    QCOMPARE(ours["per_type"].size(), expected["per_type"].size());
    for (const auto& [type_name, row] : expected["per_type"].items()) {
      const std::string type = row["type"].dump();
      QVERIFY2(near(ours["per_type"][type], row["accuracy"]), type_name.c_str());
      QCOMPARE(ours["per_type_counts"][type]["questions"], row["count"]);
      QCOMPARE(ours["per_type_counts"][type]["correct"], row["correct"]);
    }
  }
  void officialControlsAndCounts() {
    const std::string folder = testing::sharedFolder("data/activitynet_qa");
    if (folder.empty()) QSKIP("../shared/data/activitynet_qa is not there");
    const json all = readJsonFile(folder + "/expected_eval.json");
    for (const auto& [part, expected] : all["dataset"].items()) {
      AnswerFileOptions options;
      options.questions = folder + "/" + part + "_q.json";
      options.training_answers = folder + "/train_a.json";
      options.training_questions = folder + "/train_q.json";
      const std::string truth = folder + "/" + part + "_a.json";
      const json ours = scoreAnswerFiles(truth, truth, options);
      QCOMPARE(ours["all"], 1.0);
      QCOMPARE(ours["problems"], json::object());  // ids unique and the same in both files, every id names its video
      QCOMPARE(ours["questions"], expected["questions"]);
      QCOMPARE(ours["videos"], expected["videos"]);
      QCOMPARE(ours["distinct_answers"], expected["distinct_answers"]);
      for (const auto& [type, count] : expected["types"].items())
        QCOMPARE(ours["per_type_counts"][type]["questions"], count);
      if (part == "test") {
        QVERIFY(near(ours["controls"]["majority"]["all"], 0.13775));  // method.md: 13.8 %
        QVERIFY(close(ours["controls"]["question_only"]["all"].get<double>(), 0.286, 0.002));
      }
      if (part != "val") continue;
      const json& reference = all["reference: most frequent train answer of the (known) type, val"];
      QVERIFY(near(ours["controls"]["majority_of_type"]["all"], reference["all"]));
      QVERIFY(near(ours["controls"]["majority_of_type"]["free"], reference["free"]));
      for (const auto& [type_name, row] : reference["per_type"].items()) {
        QVERIFY2(near(ours["controls"]["majority_of_type"]["per_type"][row["type"].dump()], row["accuracy"]),
                 type_name.c_str());
      }
    }
  }
};

QTEST_APPLESS_MAIN(TestScoreAnswers)
#include "tst_score_answers.moc"
