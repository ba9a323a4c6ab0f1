// SPDX-License-Identifier: Apache-2.0
#include <QtTest>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/language/video_texts.h"
#include "engine/language/vocabulary.h"
#include "support/error.h"

namespace {

using hvlm::LanguageVocabulary;
using Words = std::vector<std::string>;

// Videos whose captions and answers are given; the last one is none of the training videos.
hvlm::Catalogue catalogueOf(const std::vector<std::pair<Words, Words>>& videos) {
  hvlm::Catalogue catalogue;
  catalogue.name = "made";
  for (const auto& [captions, answers] : videos) {
    hvlm::Video video;
    video.id = "v" + std::to_string(catalogue.videos.size());
    for (const std::string& text : captions) video.captions.push_back({0.0, 1.0, text});
    for (const std::string& answer : answers) video.questions.push_back({"q", "what?", answer, 0});
    catalogue.videos.push_back(video);
  }
  return catalogue;
}

hvlm::RunConfig configWith(bool answer, bool caption) {
  hvlm::RunConfig config;
  config.head.answer = answer;
  config.head.caption = caption;
  return config;
}

const std::vector<std::pair<Words, Words>> kVideos{{{"A man rides a horse.", "The man falls"}, {"yes", "horse", ""}},
                                                   {{"a dog runs"}, {"no", "yes", "blue"}},
                                                   {{"secret words"}, {"secret", "secret", "secret"}}};

std::string messageOf(const std::function<void()>& call) {
  try {
    call();
  } catch (const hvlm::InputError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

class TestEngineLanguageVocabulary : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void mostFrequentComeFirst();
  void onlyWhatTheHeadsAskFor();
  void nothingToLearnIsRefused();
  void sentencesAreSpreadEvenly();
  void jsonGivesItBack();
  void damagedJsonIsRefused();
  void indexFindsWords();
  void wordsOfASentence_data();
  void wordsOfASentence();
  void longWordsStayText();
  void sentenceOfItsWords();
  void classNamesAsWords_data();
  void classNamesAsWords();
};

void TestEngineLanguageVocabulary::mostFrequentComeFirst() {
  const hvlm::Catalogue catalogue = catalogueOf(kVideos);
  hvlm::RunConfig config = configWith(true, true);
  const LanguageVocabulary all = hvlm::vocabularyOf(catalogue, {0, 1}, config);
  QCOMPARE(all.answers, (Words{"yes", "blue", "horse", "no"}));
  QCOMPARE(all.words, (Words{"a", "man", "dog", "falls", "horse", "rides", "runs", "the"}));
  QCOMPARE(all.sentences, (Words{"A man rides a horse.", "The man falls", "a dog runs"}));
  config.language.answers = 2;
  config.language.words = 3;
  const LanguageVocabulary some = hvlm::vocabularyOf(catalogue, {0, 1}, config);
  QCOMPARE(some.answers, (Words{"yes", "blue"}));
  QCOMPARE(some.words, (Words{"a", "man", "dog"}));
}

void TestEngineLanguageVocabulary::onlyWhatTheHeadsAskFor() {
  const hvlm::Catalogue catalogue = catalogueOf(kVideos);
  const LanguageVocabulary answers = hvlm::vocabularyOf(catalogue, {0}, configWith(true, false));
  QCOMPARE(answers.answers.size(), size_t{2});
  QVERIFY(answers.words.empty() && answers.sentences.empty());
  const LanguageVocabulary words = hvlm::vocabularyOf(catalogue, {0}, configWith(false, true));
  QVERIFY(words.answers.empty() && !words.words.empty());
  QVERIFY(hvlm::vocabularyOf(catalogue, {0}, configWith(false, false)) == LanguageVocabulary{});
}

void TestEngineLanguageVocabulary::nothingToLearnIsRefused() {
  const hvlm::Catalogue catalogue = catalogueOf({{{"a man"}, {}}, {{"... !"}, {"yes"}}, {{}, {""}}});
  const auto message = [&](std::vector<int64_t> videos, bool answer, bool caption) {
    return messageOf([&] { hvlm::vocabularyOf(catalogue, videos, configWith(answer, caption)); });
  };
  for (const std::string& said : {message({0}, true, true), message({2}, true, false), message({}, true, false)}) {
    QVERIFY2(said.find("made") != std::string::npos && said.find("head.answer") != std::string::npos, said.c_str());
  }
  for (const std::string& said : {message({1}, true, true), message({2}, false, true), message({}, false, true)}) {
    QVERIFY2(said.find("head.caption") != std::string::npos && said.find("captions") != std::string::npos, said.c_str());
  }
  QVERIFY(message({0, 1}, true, true).empty());
}

void TestEngineLanguageVocabulary::sentencesAreSpreadEvenly() {
  Words captions;
  for (int i = 0; i < 12'000; ++i) captions.push_back("word " + std::to_string(i));
  const LanguageVocabulary kept = hvlm::vocabularyOf(catalogueOf({{captions, {}}}), {0}, configWith(false, true));
  QCOMPARE(kept.sentences.size(), size_t{4'000});
  QCOMPARE(kept.sentences.front(), captions.front());
  QCOMPARE(kept.sentences.back(), captions[11'997]);
  QCOMPARE(kept.words.size(), size_t{10'000});
}

void TestEngineLanguageVocabulary::jsonGivesItBack() {
  const LanguageVocabulary made{{"yes", "two \"three\""}, {"a", "caf\xc3\xa9", "man's"}, {"A man's caf\xc3\xa9.", ""}};
  const std::string text = hvlm::vocabularyJson(made).dump();
  QVERIFY(hvlm::vocabularyOfJson(nlohmann::json::parse(text), "checkpoint") == made);
  QVERIFY(hvlm::vocabularyOfJson(hvlm::vocabularyJson({}), "checkpoint") == LanguageVocabulary{});
  QVERIFY(hvlm::vocabularyOfJson(nlohmann::json(), "checkpoint") == LanguageVocabulary{});
}

void TestEngineLanguageVocabulary::damagedJsonIsRefused() {
  for (const char* text : {R"({"words": "a"})", R"({"words": [1]})", R"({"words": ["a", null]})", R"({"words": {"a": 1}})"}) {
    const std::string message = messageOf([&] { hvlm::vocabularyOfJson(nlohmann::json::parse(text), "checkpoint"); });
    QVERIFY2(message.find("checkpoint: words") != std::string::npos, text);
  }
}

void TestEngineLanguageVocabulary::indexFindsWords() {
  const hvlm::VocabularyIndex index({{"yes", "no"}, {"a", "man", "rides"}, {}});
  QCOMPARE(index.answer("no"), int64_t{1});
  QCOMPARE(index.answer("No"), int64_t{-1});
  QCOMPARE(index.encode("A man, riding, rides!", 10), (std::vector<int64_t>{4, 5, hvlm::kUnknownWord, 6}));
  QCOMPARE(index.encode("A man, riding, rides!", 2), (std::vector<int64_t>{4, 5}));
  QVERIFY(index.encode("...", 10).empty() && index.encode("a", 0).empty());
}

void TestEngineLanguageVocabulary::wordsOfASentence_data() {
  QTest::addColumn<QString>("sentence");
  QTest::addColumn<QStringList>("words");
  QTest::newRow("marks are left out") << QStringLiteral("A man's dog, isn't it? (Yes!)")
                                      << QStringList{"a", "man's", "dog", "isn't", "it", "yes"};
  QTest::newRow("hyphens part, digits stay") << QStringLiteral("3-year-old 2x") << QStringList{"3", "year", "old", "2x"};
  QTest::newRow("letters of other scripts are kept")
      << QString::fromUtf8("Caf\xc3\xa9 \xc3\x89t\xc3\xa9")
      << QStringList{QString::fromUtf8("caf\xc3\xa9"), QString::fromUtf8("\xc3\x89t\xc3\xa9")};
  QTest::newRow("nothing") << QString() << QStringList{};
  QTest::newRow("only marks") << QStringLiteral(" .,-_\n\t") << QStringList{};
}

void TestEngineLanguageVocabulary::wordsOfASentence() {
  QFETCH(QString, sentence);
  QFETCH(QStringList, words);
  QStringList found;
  for (const std::string& word : hvlm::wordsOfSentence(sentence.toStdString())) found.push_back(QString::fromStdString(word));
  QCOMPARE(found, words);
}

// A caption without blanks is one long word: it is cut between two characters, or the vocabulary could not be stored.
void TestEngineLanguageVocabulary::longWordsStayText() {
  for (const std::string character : {"a", "\xc3\xa9", "\xe4\xbb\x96", "\xf0\x9f\x8e\xb8"}) {
    for (const std::string start : {"", "x", "xy", "xyz"}) {
      std::string text = start;
      for (int i = 0; i < 300; ++i) text += character;
      const Words words = hvlm::wordsOfSentence(text + " end");
      QCOMPARE(words.size(), size_t{2});
      QVERIFY(words[0].size() <= 200 && words[0].size() > 190 && text.starts_with(words[0]));
      QCOMPARE((words[0].size() - start.size()) % character.size(), size_t{0});
      const LanguageVocabulary vocabulary = hvlm::vocabularyOf(catalogueOf({{{text}, {}}}), {0}, configWith(false, true));
      QVERIFY(hvlm::vocabularyOfJson(nlohmann::json::parse(hvlm::vocabularyJson(vocabulary).dump()), "") == vocabulary);
    }
  }
  QVERIFY(hvlm::wordsOfSentence(std::string(100'000, '\xbf'))[0].size() <= 200);
  QCOMPARE(hvlm::wordsOfSentence(std::string(300, 'a') + " \xbf")[1], std::string("\xbf"));
}

void TestEngineLanguageVocabulary::sentenceOfItsWords() {
  QCOMPARE(hvlm::sentenceOfWords({"a", "man", "rides"}), std::string("A man rides."));
  QCOMPARE(hvlm::sentenceOfWords({"\xc3\xa9t\xc3\xa9"}), std::string("\xc3\xa9t\xc3\xa9."));
  QCOMPARE(hvlm::sentenceOfWords({"2x"}), std::string("2x."));
  QCOMPARE(hvlm::sentenceOfWords({}), std::string());
  QCOMPARE(hvlm::wordsOfSentence(hvlm::sentenceOfWords({"the", "man's", "dog"})), (Words{"the", "man's", "dog"}));
}

void TestEngineLanguageVocabulary::classNamesAsWords_data() {
  QTest::addColumn<QString>("name");
  QTest::addColumn<QString>("words");
  QTest::newRow("joined") << "ApplyLipstick"
                          << "apply lipstick";
  QTest::newRow("underscores") << "apply__lip_stick"
                               << "apply lip stick";
  QTest::newRow("blanks") << "Apply  Lipstick"
                          << "apply lipstick";
  QTest::newRow("hyphens") << "Tai-Chi"
                           << "tai chi";
  QTest::newRow("capitals alone") << "BMX"
                                  << "bmx";
  QTest::newRow("marks at the ends") << "_Apply lipstick_ "
                                     << "apply lipstick";
  QTest::newRow("nothing") << ""
                           << "";
  QTest::newRow("as it is") << "yo yo 2"
                            << "yo yo 2";
}

void TestEngineLanguageVocabulary::classNamesAsWords() {
  QFETCH(QString, name);
  QFETCH(QString, words);
  QCOMPARE(QString::fromStdString(hvlm::classWords(name.toStdString())), words);
  QCOMPARE(QString::fromStdString(hvlm::classPrompt(name.toStdString())), QStringLiteral("a video of someone doing: ") + words);
}

QTEST_GUILESS_MAIN(TestEngineLanguageVocabulary)
#include "tst_engine_language_vocabulary.moc"
