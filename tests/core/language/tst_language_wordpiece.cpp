// SPDX-License-Identifier: Apache-2.0
#include <QtTest>
#include <nlohmann/json.hpp>
#include <numeric>

#include "language/text_codes.h"
#include "language/wordpiece.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/golden.h"
#include "support/json_file.h"
#include "support/temporary_folder.h"

using namespace hvlm;
using nlohmann::json;
using Ids = std::vector<int64_t>;

namespace {

std::string dataFile(const char* name) { return hvlm::testing::sourceFolder() + "/tests/data/language/" + name; }

const WordPiece& miniLm() {
  static const WordPiece made = WordPiece::fromVocabulary(dataFile("minilm_vocab.txt"));
  return made;
}

template <class Work>
QString refusal(Work work) {
  try {
    work();
  } catch (const InputError& error) {
    return QString::fromUtf8(error.what());
  }
  return {};
}

json smallFile() {
  return json::parse(
      R"({"added_tokens": [{"id": 3, "content": "[SEP]", "special": true, "single_word": false, "lstrip": false, "rstrip": false,
    "normalized": false}, {"id": 2, "content": "[CLS]", "special": true, "normalized": false}], "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null,
    "lowercase": true}, "pre_tokenizer": {"type": "BertPreTokenizer"}, "post_processor": {"type": "TemplateProcessing",
    "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
    "pair": [], "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]}, "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]}}},
    "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true}, "model": {"type": "WordPiece", "unk_token": "[UNK]",
    "continuing_subword_prefix": "##", "max_input_chars_per_word": 8, "vocab": {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "e": 4, "##e": 5,
    "\u00e9": 6, "E": 7, "run": 8, "##ning": 9, ".": 10}}})");
}

Ids smallIds(const json& file, std::string_view text) {
  return WordPiece::fromJson(file, "small.json").encode(text, {.special_tokens = false});
}

}  // namespace

class TestLanguageWordPiece : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void generatedSentencesHaveTheReferenceIds();
  void goldenSentencesHaveTheReferenceIdsAndMasks();
  void emptyTextIsTheTwoOuterTokens();
  void longTextIsCutBeforeTheLastToken();
  void badUtf8IsLeftOut_data();
  void badUtf8IsLeftOut();
  void decodeGivesTheReferenceText();
  void settingsOfTheFileAreFollowed();
  void tokenizerMustFitItsWeights();
  void vocabularyAndFileAgree();
  void unusableFilesAreRefused_data();
  void unusableFilesAreRefused();
  void unusableVocabulariesAreRefused();
};

void TestLanguageWordPiece::generatedSentencesHaveTheReferenceIds() {
  const json cases = readJsonFile(dataFile("wordpiece_references.json"));
  QVERIFY(cases["ids"].size() >= 1000);
  QCOMPARE(cases["ids"].size(), cases["texts"].size());
  for (size_t i = 0; i < cases["texts"].size(); ++i) {
    const std::string text = cases["texts"][i];
    const Ids expected = cases["ids"][i];
    if (miniLm().encode(text, {.max_length = 0}) != expected) QFAIL(("sentence " + std::to_string(i) + ": " + text).c_str());
  }
}

void TestLanguageWordPiece::goldenSentencesHaveTheReferenceIdsAndMasks() {
  if (hvlm::testing::sharedFolder("golden").empty()) QSKIP("the golden sentences are not here");
  const auto golden = hvlm::testing::readNpz(hvlm::testing::goldenFile("text_minilm.npz"));
  const auto& bytes = golden.at("utf8");
  const auto& offsets = golden.at("offsets");
  const auto& ids = golden.at("ids");
  const auto& mask = golden.at("attention_mask");
  const int64_t width = ids.shape.at(1);
  const int64_t count = ids.shape.at(0);
  QVERIFY(count >= 25);
  QCOMPARE(offsets.size(), count + 1);
  for (int64_t i = 0; i < count; ++i) {
    std::string text;
    for (auto at = static_cast<size_t>(offsets.values[i]); at < static_cast<size_t>(offsets.values[i + 1]); ++at) {
      text.push_back(static_cast<char>(static_cast<unsigned char>(bytes.values[at])));
    }
    const Ids found = miniLm().encode(text);
    for (int64_t column = 0; column < width; ++column) {
      const bool valid = column < static_cast<int64_t>(found.size());
      const auto place = static_cast<size_t>(i * width + column);
      QCOMPARE(static_cast<double>(valid), mask.values[place]);
      QCOMPARE(static_cast<double>(valid ? found[static_cast<size_t>(column)] : miniLm().special().pad), ids.values[place]);
    }
  }
}

void TestLanguageWordPiece::emptyTextIsTheTwoOuterTokens() {
  QCOMPARE(miniLm().encode(""), (Ids{101, 102}));
  QCOMPARE(miniLm().encode(" \t\n"), (Ids{101, 102}));
  QCOMPARE(miniLm().encode("", {.special_tokens = false}), Ids{});
  QCOMPARE(miniLm().special().begin, 101);
  QCOMPARE(miniLm().special().end, 102);
  QCOMPARE(miniLm().special().unknown, 100);
  QCOMPARE(miniLm().special().pad, 0);
  QCOMPARE(miniLm().special().mask, 103);
  QCOMPARE(miniLm().vocabularySize(), 30522);
}

void TestLanguageWordPiece::longTextIsCutBeforeTheLastToken() {
  std::string text;
  for (int i = 0; i < 10'000; ++i) text += "surfing ";
  const Ids all = miniLm().encode(text, {.max_length = 0});
  QCOMPARE(all.size(), size_t{10'002});
  const Ids cut = miniLm().encode(text, {.max_length = 250});
  QCOMPARE(miniLm().encode(text).size(), size_t{256});  // its own limit
  QCOMPARE(cut.size(), size_t{250});
  QCOMPARE(cut.front(), 101);
  QCOMPARE(cut.back(), 102);
  QVERIFY(std::equal(cut.begin(), cut.end() - 1, all.begin()));
  QCOMPARE(miniLm().encode("antidisestablishmentarianism", {.max_length = 4}).size(), size_t{4});  // cut inside a word
  QCOMPARE(miniLm().encode("a dog", {.max_length = 2}), (Ids{101, 102}));
  QVERIFY(refusal([] { miniLm().encode("a dog", {.max_length = 1}); }).contains("at least 2"));
}

void TestLanguageWordPiece::badUtf8IsLeftOut_data() {
  QTest::addColumn<QByteArray>("bytes");
  QTest::addColumn<QByteArray>("same");      // text with the same ids
  QTest::addColumn<QByteArray>("replaced");  // by U+FFFD, one a maximal bad part
  QTest::newRow("a lone continuation byte") << QByteArray("do\x80g") << QByteArray("dog") << QByteArray("do\xEF\xBF\xBDg");
  QTest::newRow("a character cut off at the end") << QByteArray("dog\xE6\xB5") << QByteArray("dog") << QByteArray("dog\xEF\xBF\xBD");
  QTest::newRow("a character cut off by a letter") << QByteArray("\xF0\x9F\x8Fg") << QByteArray("g") << QByteArray("\xEF\xBF\xBDg");
  QTest::newRow("an overlong form is two parts") << QByteArray("\xC0\xAFx") << QByteArray("x") << QByteArray("\xEF\xBF\xBD\xEF\xBF\xBDx");
  QTest::newRow("a surrogate is three parts") << QByteArray("\xED\xA0\x80") << QByteArray("")
                                              << QByteArray("\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  QTest::newRow("past the last code point") << QByteArray("\xF4\x90\x80\x80") << QByteArray("")
                                            << QByteArray("\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

void TestLanguageWordPiece::badUtf8IsLeftOut() {
  QFETCH(QByteArray, bytes);
  QFETCH(QByteArray, same);
  QFETCH(QByteArray, replaced);
  QCOMPARE(miniLm().encode(bytes.toStdString()), miniLm().encode(same.toStdString()));
  QCOMPARE(QByteArray::fromStdString(validUtf8(bytes.toStdString())), replaced);
  QCOMPARE(encodeUtf8(decodeUtf8(bytes.toStdString())), replaced.toStdString());
}

void TestLanguageWordPiece::decodeGivesTheReferenceText() {
  const json cases = readJsonFile(dataFile("wordpiece_references.json"));
  size_t checked = 0;
  for (size_t i = 0; i < cases["decoded"].size(); ++i, ++checked) {
    const Ids ids = cases["ids"][i];
    QCOMPARE(miniLm().decode(ids), cases["decoded"][i].get<std::string>());
  }
  QVERIFY(checked >= 100);
  QCOMPARE(miniLm().decode(Ids{101, 3899, 102, 999'999, -4}, false), std::string("[CLS] dog [SEP]"));
  QCOMPARE(miniLm().bytesOf(miniLm().idOf("##ing")), std::string("ing"));
}

void TestLanguageWordPiece::settingsOfTheFileAreFollowed() {
  json file = smallFile();
  QCOMPARE(smallIds(file, "\u00c9e"), (Ids{4, 5}));  // strip_accents null follows lowercase
  file["normalizer"]["strip_accents"] = false;
  QCOMPARE(smallIds(file, "\u00c9"), (Ids{6}));
  file["normalizer"]["lowercase"] = false;
  file["normalizer"]["strip_accents"] = true;
  QCOMPARE(smallIds(file, "\u00c9"), (Ids{7}));
  file["normalizer"]["strip_accents"] = nullptr;  // follows lowercase: off
  QCOMPARE(smallIds(file, "\u00c9"), (Ids{1}));
  QCOMPARE(smallIds(file, "running"), (Ids{8, 9}));
  QCOMPARE(smallIds(file, "runningee"), (Ids{1}));  // nine characters, eight at most
  QCOMPARE(smallIds(file, "[SEP]e[sep]").front(), 3);
  QCOMPARE(WordPiece::fromJson(file, "small.json").encode("e."), (Ids{2, 4, 10, 3}));
  QCOMPARE(WordPiece::fromJson(file, "small.json").decode(Ids{2, 8, 9, 10, 3}), std::string("running."));
  file["decoder"]["cleanup"] = false;
  QCOMPARE(WordPiece::fromJson(file, "small.json").decode(Ids{8, 9, 10}), std::string("running ."));
}

void TestLanguageWordPiece::tokenizerMustFitItsWeights() {
  QVERIFY(miniLm().fits(30522));
  QVERIFY(miniLm().fits(30528));
  QVERIFY(!miniLm().fits(30521));
  miniLm().requireFit(30522, "model.safetensors");
  const QString message = refusal([] { miniLm().requireFit(30521, "model.safetensors"); });
  for (const char* part : {"30521", "the id 30521", "model.safetensors", "minilm_vocab.txt"})
    QVERIFY2(message.contains(part), qPrintable(message));
}

void TestLanguageWordPiece::vocabularyAndFileAgree() {
  const TemporaryFolder folder;
  json file = smallFile();
  json vocabulary = json::object();
  for (const char* name : {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "dog", "##s", "."}) vocabulary[name] = vocabulary.size();
  file["model"]["vocab"] = vocabulary;
  writeFileAtomic(folder.path() / "tokenizer.json", file.dump());
  writeFileAtomic(folder.path() / "vocab.txt", "[PAD]\r\n[UNK]\r\n[CLS]\r\n[SEP]\r\n[MASK]\r\ndog\r\n##s\r\n.\r\n");
  const auto from_json = loadTokenizer(folder.path() / "tokenizer.json");
  const auto from_text = loadTokenizer(folder.path() / "vocab.txt");
  QCOMPARE(from_text->vocabularySize(), 8);
  QCOMPARE(from_json->encode("Dogs. [SEP] x"), (Ids{2, 5, 6, 7, 3, 1, 3}));
  QCOMPARE(from_text->encode("Dogs. [SEP] x"), from_json->encode("Dogs. [SEP] x"));
}

void TestLanguageWordPiece::unusableFilesAreRefused_data() {
  QTest::addColumn<QString>("path");   // JSON pointer that is set to
  QTest::addColumn<QString>("value");  // this
  QTest::addColumn<QString>("part");   // of the message
  QTest::newRow("another normaliser is named") << "/normalizer/type"
                                               << "\"Precompiled\""
                                               << "Precompiled";
  QTest::newRow("another pre-tokenizer is named") << "/pre_tokenizer/type"
                                                  << "\"Whitespace\""
                                                  << "Whitespace";
  QTest::newRow("no pre-tokenizer") << "/pre_tokenizer"
                                    << "null"
                                    << "null";
  QTest::newRow("another post-processor is named") << "/post_processor/type"
                                                   << "\"RobertaProcessing\""
                                                   << "RobertaProcessing";
  QTest::newRow("another decoder is named") << "/decoder/type"
                                            << "\"CTC\""
                                            << "CTC";
  QTest::newRow("a setting nobody knows") << "/normalizer/romanise"
                                          << "true"
                                          << "romanise";
  QTest::newRow("a flag that is a text") << "/normalizer/lowercase"
                                         << "\"yes\""
                                         << "yes";
  QTest::newRow("the unknown token is not in the vocabulary") << "/model/unk_token"
                                                              << "\"<none>\""
                                                              << "<none>";
  QTest::newRow("two tokens with one id") << "/model/vocab/e"
                                          << "5"
                                          << "an id of its own";
  QTest::newRow("a negative id") << "/model/vocab/e"
                                 << "-5"
                                 << "-5";
  QTest::newRow("an id past the bound") << "/model/vocab/e"
                                        << "1000000"
                                        << "1000000";
  QTest::newRow("an id far past the bound") << "/model/vocab/e"
                                            << "18446744073709551615"
                                            << "999999";
  QTest::newRow("an id that is no number") << "/model/vocab/e"
                                           << "\"4\""
                                           << "a whole number";
  QTest::newRow("a vocabulary that is a list") << "/model/vocab"
                                               << "[]"
                                               << "vocab";
  QTest::newRow("an empty vocabulary") << "/model/vocab"
                                       << "{}"
                                       << "1 to 1000000";
  QTest::newRow("an added token at odds with the vocabulary") << "/added_tokens/0/id"
                                                              << "9"
                                                              << "contradicts";
  QTest::newRow("a post-processor with an unknown id") << "/post_processor/special_tokens/[CLS]/ids/0"
                                                       << "77"
                                                       << "77";
  QTest::newRow("a post-processor without the text") << "/post_processor/single"
                                                     << "[]"
                                                     << "one Sequence";
}

void TestLanguageWordPiece::unusableFilesAreRefused() {
  QFETCH(QString, path);
  QFETCH(QString, value);
  QFETCH(QString, part);
  json file = smallFile();
  WordPiece::fromJson(file, "small.json");  // sound as it is
  file[json::json_pointer(path.toStdString())] = json::parse(value.toStdString());
  const QString message = refusal([&] { WordPiece::fromJson(file, "small.json"); });
  QVERIFY2(message.contains(part) && message.contains("small.json"), qPrintable(message));
}

void TestLanguageWordPiece::unusableVocabulariesAreRefused() {
  const TemporaryFolder folder;
  const auto path = folder.path() / "vocab.txt";
  const auto message = [&](const std::string& text) {
    writeFileAtomic(path, text);
    return refusal([&] { loadTokenizer(path); });
  };
  QVERIFY(message("").contains("vocab.txt"));
  QVERIFY(message("[PAD]\n[UNK]\n[CLS]\n[SEP]\n").contains("[MASK]"));
  QVERIFY(message("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\na\n").contains("one entry for a token"));
  QVERIFY(message(std::string((size_t{64} << 20) + 1, 'x')).contains("vocab.txt"));
  QVERIFY(refusal([&] { loadTokenizer(folder.path() / "missing.txt"); }).contains("missing.txt"));
}

QTEST_GUILESS_MAIN(TestLanguageWordPiece)
#include "tst_language_wordpiece.moc"
