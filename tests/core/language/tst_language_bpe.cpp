// SPDX-License-Identifier: Apache-2.0
#include <QtTest>
#include <nlohmann/json.hpp>

#include "language/bpe_file.h"
#include "language/stream_decoder.h"
#include "language/text_codes.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/golden.h"
#include "support/json_file.h"
#include "support/temporary_folder.h"

using namespace hvlm;
using nlohmann::json;
using Ids = std::vector<int64_t>;

namespace {

json dataJson(const std::string& name) { return readJsonFile(hvlm::testing::sourceFolder() + "/tests/data/language/" + name); }

// A trained file with some of its parts put in place of the trained ones; "model" is updated key by key.
json patched(json file, const json& parts) {
  for (const auto& [key, value] : parts.items()) {
    if (key == "model") {
      file["model"].update(value);
    } else {
      file[key] = value;
    }
  }
  return file;
}

Bpe trained(const char* base, const json& parts = json::object()) {
  return readBpe(patched(dataJson(std::string("bpe_") + base + ".json"), parts), base);
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

// Tokens a, b, c, aa, aaa, ab, bc by the merges "a a", "aa a", "b c", "a b".
json tiny(const json& model = json::object()) {
  json file = json::parse(R"({"model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "c": 2, "aa": 3, "aaa": 4, "bc": 5, "ab": 6, "<unk>": 7},
    "merges": ["a a", ["aa", "a"], "b c", "a b"], "unk_token": null, "byte_fallback": false, "fuse_unk": false, "ignore_merges": false}})");
  file["model"].update(model);
  return file;
}

Ids tinyIds(std::string_view text, const json& model = json::object()) { return readBpe(tiny(model), "tiny.json").encode(text); }

std::string streamed(const Tokenizer& tokenizer, const Ids& ids, bool& whole) {
  StreamDecoder decoder(tokenizer);
  std::string all;
  for (const int64_t id : ids) {
    const std::string part = decoder.push(id);
    whole = whole && validUtf8(part) == part;
    all += part;
  }
  return all + decoder.finish();
}

}  // namespace

class TestLanguageBpe : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void idsAndTextsAreTheReferences_data();
  void idsAndTextsAreTheReferences();
  void mergesFollowTheirOrderByHand();
  void longWordsAreMergedLikeShortOnes();
  void unknownCharacters();
  void streamGivesTheWholeTextInWholeCharacters_data();
  void streamGivesTheWholeTextInWholeCharacters();
  void characterIsHeldBackUntilItIsWhole();
  void streamOfBadBytesEnds();
  void badUtf8IsReplaced();
  void longestLengthKeepsTheTokensAround();
  void tokenizerMustFitItsWeights();
  void specialTokensAreLeftOutOfText();
  void unknownPartsAreNamed_data();
  void unknownPartsAreNamed();
  void unusableFilesAreRefused();
};

void TestLanguageBpe::idsAndTextsAreTheReferences_data() {
  QTest::addColumn<int>("index");
  const json references = dataJson("bpe_references.json");
  for (size_t i = 0; i < references["cases"].size(); ++i) {
    const json& one = references["cases"][i];
    QTest::newRow((one["base"].get<std::string>() + ": " + one["name"].get<std::string>()).c_str()) << static_cast<int>(i);
  }
}

void TestLanguageBpe::idsAndTextsAreTheReferences() {
  QFETCH(int, index);
  static const json references = dataJson("bpe_references.json");
  const json& one = references["cases"][static_cast<size_t>(index)];
  const Bpe tokenizer = trained(one["base"].get<std::string>().c_str(), one["parts"]);
  QVERIFY(one["texts"].size() >= 60);
  QCOMPARE(one["texts"].size(), one["ids"].size());
  for (size_t i = 0; i < one["texts"].size(); ++i) {
    const std::string text = references["texts"][one["texts"][i].get<size_t>()];
    const Ids expected = one["ids"][i];
    const Ids found = tokenizer.encode(text);
    if (found != expected) QFAIL((json(text).dump() + ": " + json(found).dump() + " not " + json(expected).dump()).c_str());
    if (i < one["decoded"].size()) QCOMPARE(tokenizer.decode(found), one["decoded"][i].get<std::string>());
  }
}

void TestLanguageBpe::mergesFollowTheirOrderByHand() {
  QCOMPARE(tinyIds("abc"), (Ids{0, 5}));  // "b c" stands before "a b"
  QCOMPARE(tinyIds("ab"), (Ids{6}));
  QCOMPARE(tinyIds("aaaa"), (Ids{3, 3}));   // the leftmost pair first, then the next one
  QCOMPARE(tinyIds("aaaaa"), (Ids{3, 4}));  // aa aa a
  QCOMPARE(tinyIds("aab"), (Ids{3, 1}));
  QCOMPARE(tinyIds(""), Ids{});
  QCOMPARE(tinyIds("aab", {{"ignore_merges", true}}), (Ids{3, 1}));
  QCOMPARE(tinyIds("ab", {{"merges", json::array()}}), (Ids{0, 1}));
  QCOMPARE(tinyIds("ab", {{"merges", json::array()}, {"ignore_merges", true}}), (Ids{6}));
}

void TestLanguageBpe::longWordsAreMergedLikeShortOnes() {
  const size_t pairs = 100'000;
  QCOMPARE(tinyIds(std::string(2 * pairs, 'a')), Ids(pairs, 3));
  std::string text;
  for (size_t i = 0; i < pairs; ++i) text += "abc";
  const Ids ids = tinyIds(text);
  QCOMPARE(ids.size(), 2 * pairs);
  QCOMPARE(ids[2 * pairs - 2], 0);
  QCOMPARE(ids[2 * pairs - 1], 5);
}

void TestLanguageBpe::unknownCharacters() {
  QCOMPARE(tinyIds("axyb"), (Ids{6}));  // left out, before merging
  QCOMPARE(tinyIds("axyb", {{"unk_token", "<unk>"}}), (Ids{0, 7, 7, 1}));
  QCOMPARE(tinyIds("axyb", {{"unk_token", "<unk>"}, {"fuse_unk", true}}), (Ids{0, 7, 1}));
  json vocabulary = tiny()["model"]["vocab"];
  vocabulary["<0xC3>"] = 8;
  vocabulary["<0xA9>"] = 9;
  const json bytes = {{"vocab", vocabulary}, {"byte_fallback", true}, {"unk_token", "<unk>"}};
  QCOMPARE(tinyIds("a\u00e9b", bytes), (Ids{0, 8, 9, 1}));
  QCOMPARE(tinyIds("a\u00e8b", bytes), (Ids{0, 7, 1}));  // its second byte has no token
}

void TestLanguageBpe::streamGivesTheWholeTextInWholeCharacters_data() {
  QTest::addColumn<QByteArray>("base");
  QTest::addColumn<QByteArray>("parts");
  QTest::newRow("bytes") << QByteArray("bytes") << QByteArray("{}");
  QTest::newRow("blank stripped by the decoder") << QByteArray("metaspace") << QByteArray("{}");
  const QByteArray space = R"({"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true})";
  QTest::newRow("blank left out by Metaspace") << QByteArray("metaspace")
                                               << QByteArray(R"({"normalizer": null, "pre_tokenizer": )") + space +
                                                      R"(, "decoder": {"type": "Sequence",
    "decoders": [{"type": "ByteFallback"}, )" + space +
                                                      "]}}";
}

void TestLanguageBpe::streamGivesTheWholeTextInWholeCharacters() {
  QFETCH(QByteArray, base);
  QFETCH(QByteArray, parts);
  const json references = dataJson("bpe_references.json");
  const Bpe tokenizer = trained(base.constData(), json::parse(parts.toStdString()));
  for (const json& text : references["texts"]) {
    const Ids ids = tokenizer.encode(text.get<std::string>());
    bool whole = true;
    QCOMPARE(streamed(tokenizer, ids, whole), tokenizer.decode(ids));
    QVERIFY(whole);
  }
}

void TestLanguageBpe::characterIsHeldBackUntilItIsWhole() {
  const Bpe tokenizer = trained("metaspace");
  const auto byte = [&](const char* token) { return tokenizer.idOf(token); };
  StreamDecoder decoder(tokenizer);
  QCOMPARE(decoder.push(1), std::string());  // <s>
  QCOMPARE(decoder.push(tokenizer.idOf("\u2581a")), std::string("a"));
  for (const char* token : {"<0xF0>", "<0x9F>", "<0x98>"}) QCOMPARE(decoder.push(byte(token)), std::string());
  QCOMPARE(decoder.push(byte("<0x80>")), std::string("\U0001f600"));
  QCOMPARE(decoder.push(tokenizer.idOf("\u2581a")), std::string(" a"));
  QCOMPARE(decoder.push(-1), std::string());
  QCOMPARE(decoder.push(1'000'000), std::string());
  QCOMPARE(decoder.push(byte("<0xC3>")), std::string());
  QCOMPARE(decoder.push(byte("<0xA9>")), std::string("\u00e9"));
  QCOMPARE(decoder.finish(), std::string());
  QCOMPARE(decoder.push(tokenizer.idOf("\u2581a")), std::string("a"));  // as new
}

void TestLanguageBpe::streamOfBadBytesEnds() {
  const Bpe tokenizer = trained("metaspace");
  StreamDecoder decoder(tokenizer);
  QCOMPARE(decoder.push(tokenizer.idOf("<0xE6>")), std::string());
  QCOMPARE(decoder.finish(), std::string("\uFFFD"));
  QCOMPARE(decoder.push(tokenizer.idOf("<0x80>")), std::string("\uFFFD"));  // begins no character
  QCOMPARE(decoder.push(tokenizer.idOf("<0xE6>")), std::string());
  QVERIFY(decoder.push(tokenizer.idOf("a")).ends_with("a"));
}

void TestLanguageBpe::badUtf8IsReplaced() {
  const Bpe tokenizer = trained("bytes");
  QCOMPARE(tokenizer.encode("a \xF0\x9F man"), tokenizer.encode("a \uFFFD man"));
  QCOMPARE(tokenizer.decode(tokenizer.encode("\x80")), std::string("\uFFFD"));
}

void TestLanguageBpe::longestLengthKeepsTheTokensAround() {
  const Bpe tokenizer = trained("metaspace");
  const Ids all = tokenizer.encode("a man rides a bicycle slowly");
  const Ids cut = tokenizer.encode("a man rides a bicycle slowly", {.max_length = 4});
  QCOMPARE(cut.size(), size_t{4});
  QCOMPARE(cut.front(), 1);
  QVERIFY(std::equal(cut.begin(), cut.end(), all.begin()));
  QCOMPARE(tokenizer.encode("a man rides a bicycle slowly", {.special_tokens = false}), Ids(all.begin() + 1, all.end()));
  QCOMPARE(tokenizer.special().begin, 1);
  QCOMPARE(tokenizer.special().end, 2);
  QCOMPARE(tokenizer.special().unknown, 0);
  QCOMPARE(tokenizer.special().pad, -1);
}

void TestLanguageBpe::tokenizerMustFitItsWeights() {
  const Bpe tokenizer = trained("bytes");
  QVERIFY(tokenizer.fits(tokenizer.vocabularySize()));
  QVERIFY(!tokenizer.fits(tokenizer.vocabularySize() - 1));
  const QString message = refusal([&] { tokenizer.requireFit(700, "decoder.safetensors"); });
  for (const char* part : {"700", "decoder.safetensors", "799"}) QVERIFY2(message.contains(part), qPrintable(message));
}

void TestLanguageBpe::specialTokensAreLeftOutOfText() {
  const Bpe tokenizer = trained("bytes");
  const Ids ids = tokenizer.encode("eggs<|endoftext|>");
  QCOMPARE(ids.back(), 0);
  QVERIFY(tokenizer.isSpecial(0));
  QCOMPARE(tokenizer.decode(ids), std::string("eggs"));
  QCOMPARE(tokenizer.decode(ids, false), std::string("eggs<|endoftext|>"));
}

void TestLanguageBpe::unknownPartsAreNamed_data() {
  QTest::addColumn<QString>("parts");
  QTest::addColumn<QString>("name");
  QTest::newRow("normaliser") << R"({"normalizer": {"type": "Nmt"}})"
                              << "Nmt";
  QTest::newRow("normaliser with settings") << R"({"normalizer": {"type": "Precompiled", "precompiled_charsmap": "x"}})"
                                            << "\"Precompiled\"";
  QTest::newRow("normaliser in a sequence") << R"({"normalizer": {"type": "Sequence", "normalizers": [{"type": "StripAccents"}]}})"
                                            << "StripAccents";
  QTest::newRow("replacing a pattern") << R"({"normalizer": {"type": "Replace", "pattern": {"Regex": "a+"}, "content": ""}})"
                                       << "String";
  QTest::newRow("pre-tokenizer") << R"({"pre_tokenizer": {"type": "UnicodeScripts"}})"
                                 << "UnicodeScripts";
  QTest::newRow("behaviour") << R"({"pre_tokenizer": {"type": "Split", "pattern": {"String": "a"}, "behavior": "Doubled"}})"
                             << "Doubled";
  QTest::newRow("broken pattern") << R"({"pre_tokenizer": {"type": "Split", "pattern": {"Regex": "(a"}, "behavior": "Removed"}})"
                                  << "regular expression";
  QTest::newRow("prepend scheme") << R"({"pre_tokenizer": {"type": "Metaspace", "replacement": "_", "prepend_scheme": "last"}})"
                                  << "last";
  QTest::newRow("long replacement") << R"({"pre_tokenizer": {"type": "Metaspace", "replacement": "__"}})"
                                    << "one character";
  QTest::newRow("setting") << R"({"pre_tokenizer": {"type": "Digits", "roman": true}})"
                           << "roman";
  QTest::newRow("decoder") << R"({"decoder": {"type": "BPEDecoder", "suffix": "</w>"}})"
                           << "BPEDecoder";
  QTest::newRow("post-processor") << R"({"post_processor": {"type": "BertProcessing"}})"
                                  << "BertProcessing";
  QTest::newRow("dropout") << R"({"model": {"dropout": 0.1}})"
                           << "dropout";
  QTest::newRow("end of word") << R"({"model": {"end_of_word_suffix": "</w>"}})"
                               << "end_of_word_suffix";
  QTest::newRow("prefix inside words") << R"({"model": {"continuing_subword_prefix": "##"}})"
                                       << "continuing_subword_prefix";
  QTest::newRow("model setting") << R"({"model": {"magic": 1}})"
                                 << "magic";
  QTest::newRow("merge of an unknown token") << R"({"model": {"merges": ["zz a"]}})"
                                             << "merge 0";
  QTest::newRow("merge of three") << R"({"model": {"merges": ["a b c"]}})"
                                  << "merges[0]";
  QTest::newRow("merge that is a number") << R"({"model": {"merges": [["a", 1]]}})"
                                          << "merges[0]";
  QTest::newRow("merges that are a text") << R"({"model": {"merges": "a b"}})"
                                          << "merges";
  QTest::newRow("unknown token without an id") << R"({"model": {"unk_token": "<none>"}})"
                                               << "<none>";
  QTest::newRow("a huge id") << R"({"model": {"vocab": {"a": 1000000}}})"
                             << "1000000";
  QTest::newRow("added token without an id") << R"({"added_tokens": [{"content": "<x>"}]})"
                                             << "added_tokens[0]";
}

void TestLanguageBpe::unknownPartsAreNamed() {
  QFETCH(QString, parts);
  QFETCH(QString, name);
  const QString message = refusal([&] { readBpe(patched(tiny(), json::parse(parts.toStdString())), "tiny.json"); });
  QVERIFY2(message.contains(name) && message.contains("tiny.json"), qPrintable(message));
}

void TestLanguageBpe::unusableFilesAreRefused() {
  const TemporaryFolder folder;
  const auto path = folder.path() / "tokenizer.json";
  const auto message = [&](const std::string& text) {
    writeFileAtomic(path, text);
    return refusal([&] { loadTokenizer(path); });
  };
  QVERIFY(message(tiny().dump()).isEmpty());
  QCOMPARE(loadTokenizer(path)->encode("abc"), (Ids{0, 5}));
  json old = tiny();
  old["model"].erase("type");
  QVERIFY(message(old.dump()).isEmpty());
  QVERIFY(message("").contains("tokenizer.json"));
  QVERIFY(message("[1]").contains("tokenizer.json"));
  QVERIFY(message("{}").contains("model"));
  QVERIFY(message(R"({"model": {"type": "Unigram", "vocab": []}})").contains("Unigram"));
  QVERIFY(message(R"({"model": {"type": "BPE"}})").contains("vocab"));
  QVERIFY(message(tiny().dump().substr(0, 60)).contains("valid JSON"));
  QVERIFY(message(std::string(100, '[') + std::string(100, ']')).contains("deep"));
  QVERIFY(message(std::string((size_t{64} << 20) + 1, ' ')).contains("tokenizer.json"));
  json nested = {{"type", "NFC"}};
  for (int i = 0; i < 20; ++i) nested = {{"type", "Sequence"}, {"normalizers", {nested}}};
  json file = tiny();
  file["normalizer"] = nested;
  QVERIFY(message(file.dump()).contains("deep"));
}

QTEST_GUILESS_MAIN(TestLanguageBpe)
#include "tst_language_bpe.moc"
