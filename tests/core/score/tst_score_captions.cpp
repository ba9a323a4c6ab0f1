// SPDX-License-Identifier: Apache-2.0
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <random>

#include "score/caption_text.h"
#include "score/caption_tokens.h"
#include "score/captions.h"
#include "score/dense_captions.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/golden.h"
#include "support/json_file.h"
#include "support/text.h"

using namespace hvlm;
using nlohmann::json;

namespace {

bool close(double a, double b, double within = 1e-12) { return std::abs(a - b) <= within; }
bool near(const json& a, const json& b) { return close(a.get<double>(), b.get<double>(), 1e-9); }

Tokens words(const char* text) { return split(text, ' '); }
std::string joined(const Tokens& tokens) {
  std::string text;
  for (const std::string& token : tokens) text += (text.empty() ? "" : " ") + token;
  return text;
}

json scoreTexts(const std::string& truth, const std::string& predictions) {
  QTemporaryDir folder;
  const std::string a = folder.filePath(QStringLiteral("a.json")).toStdString();
  const std::string b = folder.filePath(QStringLiteral("b.json")).toStdString();
  writeFileAtomic(a, truth);
  writeFileAtomic(b, predictions);
  return scoreCaptionFiles(a, b);
}

const char* const kDense =
    R"({"v_a": {"duration": 20, "timestamps": [[0, 10], [10, 20]], "sentences": ["a man runs fast", "he jumps over a wall"]},
                               "v_b": {"duration": 10, "timestamps": [[0, 10]], "sentences": ["a dog barks at them"]}})";

Tokens randomCaption(std::mt19937& random, size_t least = 1) {
  Tokens tokens(least + random() % 12);
  for (std::string& token : tokens) token = std::string(1, static_cast<char>('a' + random() % 6));
  return tokens;
}
CaptionEvent randomEvent(std::mt19937& random) {
  const double start = static_cast<double>(random() % 50);
  return {start, start + 1.0 + static_cast<double>(random() % 30), randomCaption(random)};
}

}  // namespace

class TestScoreCaptions : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void tokens_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("tokens");
    QTest::newRow("lower case without punctuation")
        << QByteArray("The man, then: runs!  ") << QByteArray("the man then runs");
    QTest::newRow("possessives part") << QByteArray("The man's dogs' ball") << QByteArray("the man 's dogs ball");
    QTest::newRow("negations part") << QByteArray("can't DON'T isn't") << QByteArray("ca n't do n't is n't");
    QTest::newRow("verbs part") << QByteArray("they're I've he'd we'll I'm")
                                << QByteArray("they 're i 've he 'd we 'll i 'm");
    QTest::newRow("fixed pairs part") << QByteArray("cannot gonna 'tis") << QByteArray("can not gon na 't is");
    QTest::newRow("hyphens and slashes join")
        << QByteArray("t-shirt tug-of-war and/or - a--b") << QByteArray("t-shirt tug-of-war and/or a b");
    QTest::newRow("numbers stay whole") << QByteArray("1.5 10,000 10:30 1/2 2nd 10:30pm '90s")
                                        << QByteArray("1.5 10,000 10:30 1/2 2nd 10:30 pm '90s");
    QTest::newRow("stops of abbreviations stay")
        << QByteArray("Mr. X at 5 p.m. etc.") << QByteArray("mr. x at 5 p.m. etc.");
    QTest::newRow("wash is a state only with a capital")
        << QByteArray("a car wash. In Wash.") << QByteArray("a car wash in wash.");
    QTest::newRow("brackets and doubled marks stay")
        << QByteArray("(a) [b] what?! c!") << QByteArray("-lrb- a -rrb- -lsb- b -rsb- what ?! c");
    QTest::newRow("quotes go") << QByteArray("\"hi\" \xE2\x80\x9Cyou\xE2\x80\x9D it\xE2\x80\x99s")
                               << QByteArray("hi you it 's");
    QTest::newRow("letters outside ASCII stay") << QByteArray(
                                                       "Pi\xC3\x91"
                                                       "ata \xC3\x89p\xC3\xA9"
                                                       "e")
                                                << QByteArray(
                                                       "pi\xC3\xB1"
                                                       "ata \xC3\xA9p\xC3\xA9"
                                                       "e");
    QTest::newRow("addresses stay whole")
        << QByteArray("www.a.com/b, @me #tag a@b.com.") << QByteArray("www.a.com/b @me #tag a@b.com");
    QTest::newRow("ampersands join capitals only") << QByteArray("R&B m&ms a & b") << QByteArray("r&b m & ms a & b");
    QTest::newRow("no words") << QByteArray(" .,- \n\t") << QByteArray();
    QTest::newRow("broken UTF-8 is a space") << QByteArray(
                                                    "a\xff"
                                                    "b\xC3 c\xE2\x80")
                                             << QByteArray("a b c");
  }
  void tokens() {
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, tokens);
    QCOMPARE(QByteArray::fromStdString(joined(captionTokens(text.toStdString()))), tokens);
  }
  void anyBytesAreTaken() {
    std::mt19937 random(3);
    for (int round = 0; round < 20000; ++round) {
      std::string text(random() % 24, ' ');
      const char* const often = "a'sntN.,-!?&@#/:(0 19";
      for (char& c : text) c = random() % 4 == 0 ? static_cast<char>(random() % 256) : often[random() % 21];
      for (const std::string& token : captionTokens(text))
        QVERIFY(!token.empty() && token.find(' ') == std::string::npos);
      QVERIFY(asciiOnly(text).size() <= text.size());
    }
    QCOMPARE(asciiOnly("pi\xC3\xB1"
                       "ata \xff"),
             std::string("pi ata  "));
  }

  void bleuByHand() {
    // "the the cat" against "the cat sat": the counts once, cat once: 2 of 3 words; "the cat" 1 of 2 pairs; 0 of 1
    // triples.
    const std::vector<CaptionPair> one = {{words("the the cat"), {words("the cat sat")}}};
    const auto score = bleu(one);
    QVERIFY(close(score[0], 2.0 / 3.0, 1e-8));
    QVERIFY(close(score[1], std::sqrt(2.0 / 3.0 * 0.5), 1e-8));
    QVERIFY(score[2] < 1e-4);
    // Two words against references of 3 and 7: the nearest is 3, brevity exp(1 - 3 / 2).
    const std::vector<CaptionPair> shorter = {{words("a b"), {words("a b c d e f g"), words("a b c")}}};
    QVERIFY(close(bleu(shorter)[0], std::exp(-0.5), 1e-8));
    // As near to 1 as to 3: the shorter, no penalty.
    const std::vector<CaptionPair> tied = {{words("a b"), {words("a b c"), words("a")}}};
    QVERIFY(close(bleu(tied)[0], 1.0, 1e-8));
    QCOMPARE(bleu({})[0], 0.0);
  }
  void rougeByHand() {
    // Common "the cat on": 3 of 4 given, 3 of 6 wanted; 2.44 x .75 x .5 / (.5 + 1.44 x .75).
    const std::vector<Tokens> one = {words("the cat sat on the mat")};
    QVERIFY(close(rougeL(words("the cat was on"), one), 2.44 * 0.75 * 0.5 / (0.5 + 1.44 * 0.75)));
    // The best precision and the best recall may come from different references: 2/2 of the long one, 1/1 of the short
    // one.
    const std::vector<Tokens> two = {words("a b c d"), words("a")};
    QVERIFY(close(rougeL(words("a b"), two), 1.0));
    QCOMPARE(rougeL({}, one), 0.0);
    QCOMPARE(rougeL(words("a"), {}), 0.0);
    QCOMPARE(rougeL(words("dog"), one), 0.0);
  }
  void ciderByHand() {
    // Two documents; every word is in one of them, so all weights are log 2 and cancel: "a b" against "a b" is 1 for n
    // = 1, 2 and nothing for n = 3, 4: 10 x 2 / 4.
    const std::vector<std::vector<Tokens>> documents = {{words("a b")}, {words("c d")}};
    const CiderWeights weights(documents);
    QVERIFY(close(weights.score(words("a b"), documents[0]), 5.0));
    QCOMPARE(weights.score(words("a b"), documents[1]), 0.0);
    // "a b b" against "a b": words (1, 2) . (1, 1) clipped to (1, 1) = 2 / (sqrt 5 sqrt 2); pairs "ab", "bb" against
    // "ab": 1 / sqrt 2; lengths in pairs differ by 1: exp(-1 / 72).
    QVERIFY(close(weights.score(words("a b b"), documents[0]),
                  10.0 / 4 * (2 / std::sqrt(10.0) + 1 / std::sqrt(2.0)) * std::exp(-1.0 / 72)));
    // A word of both documents weighs nothing; one document has no weights at all.
    const std::vector<std::vector<Tokens>> same = {{words("a")}, {words("a")}};
    QCOMPARE(CiderWeights(same).score(words("a"), same[0]), 0.0);
    QCOMPARE(CiderWeights(std::span(documents).first(1)).score(words("a b"), documents[0]), 0.0);
  }
  void identicalCaptionsAreBest() {
    std::mt19937 random(11);
    for (int round = 0; round < 30; ++round) {
      std::vector<CaptionPair> pairs;
      for (int i = 0; i < 6; ++i) {
        const Tokens caption = randomCaption(random, 4);
        pairs.push_back({caption, {caption}});
      }
      const CaptionScore score = scoreCaptions(pairs);
      for (const double b : score.bleu) QVERIFY(close(b, 1.0, 1e-8));
      QVERIFY(close(score.rouge_l, 1.0));
      QVERIFY(score.cider >= 0.0 && score.cider <= 10.0 + 1e-9);
    }
  }
  void scoresStayInRangeAndOrderChangesNothing() {
    std::mt19937 random(12);
    for (int round = 0; round < 60; ++round) {
      std::vector<CaptionPair> pairs;
      for (int i = 0; i < 8; ++i)
        pairs.push_back(
            {random() % 9 == 0 ? Tokens() : randomCaption(random), {randomCaption(random), randomCaption(random)}});
      const CaptionScore score = scoreCaptions(pairs);
      std::shuffle(pairs.begin(), pairs.end(), random);
      const CaptionScore again = scoreCaptions(pairs);
      for (size_t n = 0; n < 4; ++n) {
        QVERIFY(score.bleu[n] >= 0.0 && score.bleu[n] <= 1.0);
        QVERIFY(close(score.bleu[n], again.bleu[n]));
      }
      QVERIFY(score.rouge_l >= 0.0 && score.rouge_l <= 1.0 && close(score.rouge_l, again.rouge_l));
      QVERIFY(score.cider >= 0.0 && score.cider <= 10.0 && close(score.cider, again.cider, 1e-9));
    }
  }

  void overlapByHand() {
    QVERIFY(close(eventOverlap({0, 10, {}}, {5, 15, {}}), 5.0 / 15, 1e-8));
    QCOMPARE(eventOverlap({0, 1, {}}, {2, 3, {}}), 0.0);
    QCOMPARE(eventOverlap({5, 5, {}}, {5, 5, {}}), 0.0);
  }
  void orderedMatchByHand() {
    // Crossing is not allowed: 5 + 4 may not be taken together, 3 + 3 on the diagonal may.
    QCOMPARE(bestOrderedMatch(std::vector<double>{3, 5, 4, 3}, 2, 2), 6.0);
    QCOMPARE(bestOrderedMatch(std::vector<double>{1, 7, 2, 1}, 2, 2), 7.0);
    QCOMPARE(bestOrderedMatch({}, 0, 3), 0.0);
  }
  void orderedMatchIsTheBestOfAll() {
    std::mt19937 random(4);
    for (int round = 0; round < 200; ++round) {
      const size_t rows = 1 + random() % 4, columns = 1 + random() % 4;
      std::vector<double> scores(rows * columns);
      for (double& s : scores) s = static_cast<double>(random() % 10);
      // Every way: row by row, either nothing or a column after the last one taken.
      const std::function<double(size_t, size_t)> best = [&](size_t row, size_t from) {
        if (row == rows) return 0.0;
        double most = best(row + 1, from);
        for (size_t c = from; c < columns; ++c) most = std::max(most, scores[row * columns + c] + best(row + 1, c + 1));
        return most;
      };
      QCOMPARE(bestOrderedMatch(scores, rows, columns), best(0, 0));
    }
  }
  void denseFilesByHand() {
    const json out = scoreTexts(kDense, R"({"results": {"v_a": [{"sentence": "a man runs fast", "timestamp": [0, 10]},
      {"sentence": "nothing alike here", "timestamp": [2, 4]}], "v_z": [{"sentence": "x", "timestamp": [0, 1]}]}})");
    // v_a at 0.5: the first of two events fits one of two references; v_b has none. Halved over two videos.
    QCOMPARE(out["dense"]["0.5"]["precision"], 0.25);
    QCOMPARE(out["dense"]["0.5"]["recall"], 0.25);
    QVERIFY(close(out["dense"]["0.5"]["rouge_l"].get<double>(), 0.25));  // 1 and 0 in v_a, 0 in v_b
    // 4 of 7 words right, lengths 7 and 4 + 1.
    QVERIFY(close(out["dense"]["0.5"]["bleu1"].get<double>(), 4.0 / 7 / 2, 1e-8));
    QCOMPARE(out["dense"].size(), size_t{4});
    // SODA with ROUGE-L: v_a matches 1 x 1: precision 1/2, recall 1/2.
    QVERIFY(close(out["soda"]["rouge_l"]["f1"].get<double>(), 0.25, 1e-8));
    QCOMPARE(out["videos"], 2);
    QCOMPARE(out["videos_predicted"], 1);
    QCOMPARE(out["events"], 2);
    QCOMPARE(out["problems"], (json{{"video_outside", 1}, {"video_without_predictions", 1}}));
    QVERIFY(out["reasons"].contains("meteor"));
  }
  void perfectDenseCaptions() {
    const json out =
        scoreTexts(kDense, R"({"results": {"v_a": [{"sentence": "he jumps over a wall", "timestamp": [10, 20]},
      {"sentence": "a man runs fast", "timestamp": [0, 10]}], "v_b": [{"sentence": "a dog barks at them", "timestamp": [0, 10]}]}})");
    for (const char* key : {"bleu1", "bleu4", "rouge_l", "precision", "recall"})
      QVERIFY2(close(out[key].get<double>(), 1.0, 1e-7), key);
    QVERIFY(close(out["soda"]["rouge_l"]["f1"].get<double>(), 1.0, 1e-7));
  }
  void oddEventsAreCountedAndScored() {
    const json out = scoreTexts(
        kDense,
        R"({"version": "1", "results": {"v_a": [{"sentence": "a", "timestamp": [10, 2]}, {"sentence": "a", "timestamp": [5, 90]},
      {"sentence": "", "timestamp": [0, 10]}, {"sentence": 3, "timestamp": [0, 10]}, {"sentence": "a", "timestamp": [null, 10]}, 4], "v_b": "none"}})");
    QCOMPARE(out["problems"]["reversed_prediction"], 1);
    QCOMPARE(out["problems"]["past_the_end_prediction"], 1);
    QCOMPARE(out["problems"]["bad_prediction"], 4);
    QCOMPARE(out["events"], 3);
    for (const char* key : {"bleu1", "bleu4", "rouge_l", "cider", "precision", "recall"}) {
      QVERIFY2(std::isfinite(out[key].get<double>()) && out[key].get<double>() >= 0.0, key);
    }
  }
  void aVeryLongCaptionIsScored() {
    std::string text;
    for (int i = 0; i < 10000; ++i) text += "word" + std::to_string(i % 700) + " ";
    const json list = {{{"references", {text, "a word0 b"}}, {"hypothesis", text}},
                       {{"references", {"c"}}, {"hypothesis", "c"}}};
    QElapsedTimer timer;
    timer.start();
    const json out = scoreTexts(list.dump(), list.dump());
    QVERIFY(close(out["bleu4"].get<double>(), 1.0, 1e-6));
    QVERIFY(close(out["rouge_l"].get<double>(), 1.0));
    QVERIFY(timer.elapsed() < 5000);
  }
  void twoSetsOfReferences() {
    QTemporaryDir folder;
    const std::vector<std::string> truth = {folder.filePath(QStringLiteral("1.json")).toStdString(),
                                            folder.filePath(QStringLiteral("2.json")).toStdString()};
    const std::string predictions = folder.filePath(QStringLiteral("p.json")).toStdString();
    writeFileAtomic(truth[0], R"({"v": {"duration": 10, "timestamps": [[0, 2]], "sentences": ["a b c d"]}})");
    writeFileAtomic(
        truth[1],
        R"({"v": {"duration": 10, "timestamps": [[0, 10]], "sentences": ["e f g h"]}, "w": {"duration": 5, "timestamps": [[0, 5]], "sentences": ["x"]}})");
    writeFileAtomic(predictions, R"({"results": {"v": [{"sentence": "e f g h", "timestamp": [0, 10]}]}})");
    const json out = scoreCaptionFiles(truth, predictions);
    QCOMPARE(out["videos"], 2);                                           // w is in the second set only
    QVERIFY(close(out["dense"]["0.9"]["precision"].get<double>(), 0.5));  // the better set counts
    QVERIFY(close(out["dense"]["0.9"]["bleu4"].get<double>(), 0.5, 1e-7));
  }
  void videosInAnyOrder() {
    std::mt19937 random(8);
    std::vector<DenseVideo> videos(7);
    for (DenseVideo& video : videos) {
      video.references.resize(2);
      for (auto& set : video.references) {
        for (size_t e = 0; e < 1 + random() % 4; ++e) set.push_back(randomEvent(random));
      }
      for (size_t e = 0; e < random() % 5; ++e) video.predicted.push_back(randomEvent(random));
    }
    const DenseScore score = scoreDense(videos, 0.3);
    const SodaScores soda = scoreSoda(videos);
    std::shuffle(videos.begin(), videos.end(), random);
    const DenseScore again = scoreDense(videos, 0.3);
    QVERIFY(close(score.captions.bleu[1], again.captions.bleu[1]) &&
            close(score.captions.cider, again.captions.cider, 1e-9));
    QVERIFY(close(score.precision, again.precision) && close(score.recall, again.recall));
    QVERIFY(close(soda.cider.f1, scoreSoda(videos).cider.f1, 1e-9));
    QVERIFY(soda.rouge_l.f1 >= 0.0 && soda.rouge_l.f1 <= 1.0);
    QVERIFY(score.precision >= scoreDense(videos, 0.7).precision);
  }

  void pairsByIdAndByPlace() {
    const json out = scoreTexts(
        R"([{"id": 1, "references": ["a b c d"]}, {"id": 2, "references": ["e f g h"]}, {"id": 3, "references": []}, 5])",
        R"([{"id": 2, "hypothesis": "e f g h"}, {"id": 9, "hypothesis": "x"}, {"id": 4, "hypothesis": 4}])");
    QCOMPARE(out["pairs"], 2);
    QVERIFY(close(out["rouge_l"].get<double>(), 0.5));
    QCOMPARE(out["problems"], (json{{"bad_prediction", 1},
                                    {"bad_truth", 2},
                                    {"caption_without_words", 1},
                                    {"item_without_prediction", 1},
                                    {"unknown_id", 1}}));
    QCOMPARE(scoreTexts(R"([{"references": ["a b"]}, {"references": ["c d"]}])",
                        R"([{"hypothesis": "a b"}, {"hypothesis": "c d"}])")["rouge_l"],
             1.0);
  }
  void otherFilesAreRefused_data() {
    QTest::addColumn<QByteArray>("truth");
    QTest::addColumn<QByteArray>("predictions");
    const QByteArray dense(kDense), results(R"({"results": {}})");
    QTest::newRow("an empty file") << QByteArray() << results;
    QTest::newRow("no predictions") << dense << QByteArray();
    QTest::newRow("another list") << QByteArray("[1, 2]") << QByteArray("[1, 2]");
    QTest::newRow("an empty list") << QByteArray("[]") << QByteArray("[]");
    QTest::newRow("results as truth") << results << results;
    QTest::newRow("truth as results") << dense << dense;
    QTest::newRow("detections") << QByteArray(R"({"database": {}})") << results;
    QTest::newRow("a bare NaN") << QByteArray(R"({"v": {"duration": NaN}})") << results;
    QTest::newRow("a number out of range") << QByteArray(R"({"v": {"duration": 1e999}})") << results;
    QTest::newRow("invalid UTF-8") << QByteArray("{\"v\xff\": {}}") << results;
  }
  void otherFilesAreRefused() {
    QFETCH(QByteArray, truth);
    QFETCH(QByteArray, predictions);
    QVERIFY_THROWS_EXCEPTION(InputError, scoreTexts(truth.toStdString(), predictions.toStdString()));
  }

  void officialPairs() {
    const std::string folder = testing::sharedFolder("data/activitynet_captions");
    if (folder.empty()) QSKIP("../shared/data/activitynet_captions is not there");
    const std::string path = folder + "/eval_pairs.json";
    for (const json& pair : readJsonFile(path)) {
      QCOMPARE(joined(captionTokens(asciiOnly(pair["hypothesis"].get<std::string>()))),
               pair["hypothesis_tokens"].get<std::string>());
      for (size_t r = 0; r < pair["references"].size(); ++r) {
        QCOMPARE(joined(captionTokens(asciiOnly(pair["references"][r].get<std::string>()))),
                 pair["reference_tokens"][r].get<std::string>());
      }
    }
    const json expected = readJsonFile(folder + "/expected_eval.json")["sentence_level"];
    const json ours = scoreCaptionFiles(path, path);
    QCOMPARE(ours["pairs"], expected["n"]);
    for (int n = 1; n <= 4; ++n) QVERIFY(near(ours["bleu" + std::to_string(n)], expected["BLEU_" + std::to_string(n)]));
    QVERIFY(near(ours["rouge_l"], expected["ROUGE_L"]));
    QVERIFY(near(ours["cider"], expected["CIDEr"]));
  }
  void officialDense() {
    const std::string folder = testing::sharedFolder("data/activitynet_captions");
    if (folder.empty()) QSKIP("../shared/data/activitynet_captions is not there");
    const json expected = readJsonFile(folder + "/expected_eval.json")["dense"];
    QElapsedTimer timer;
    timer.start();
    const json ours = scoreCaptionFiles(folder + "/eval_dense_refs.json", folder + "/eval_dense_prediction.json");
    QVERIFY(timer.elapsed() < 5000);
    QCOMPARE(ours["videos"], expected["videos_in_refs"]);
    QCOMPARE(ours["videos_predicted"], expected["videos_predicted"]);
    QCOMPARE(ours["events"], expected["events_predicted"]);
    const std::map<std::string, std::string> names = {
        {"bleu1", "Bleu_1"},    {"bleu2", "Bleu_2"}, {"bleu3", "Bleu_3"},        {"bleu4", "Bleu_4"},
        {"rouge_l", "ROUGE_L"}, {"cider", "CIDEr"},  {"precision", "Precision"}, {"recall", "Recall"}};
    for (const auto& [key, name] : names) {
      QVERIFY2(near(ours[key], expected[name + "_mean"]), name.c_str());
      for (size_t t = 0; t < expected["tious"].size(); ++t) {
        const std::string threshold = fixedNumber(expected["tious"][t].get<double>(), 1);
        QVERIFY2(near(ours["dense"][threshold][key], expected[name][t]), (name + " at " + threshold).c_str());
      }
    }
  }
};

QTEST_APPLESS_MAIN(TestScoreCaptions)
#include "tst_score_captions.moc"
