// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>

#include <QTemporaryDir>
#include <QtTest>
#include <filesystem>
#include <fstream>
#include <thread>

#include "core/engine/language/tiny_bert.h"
#include "engine/language/text_tower.h"
#include "engine/model/text_encoder.h"
#include "language/wordpiece.h"
#include "support/error.h"

namespace {

namespace fs = std::filesystem;
using namespace hvlm::testing;
using hvlm::MiniLmTower;

const std::vector<std::string> kTexts{"a man rides the horse", "the dog runs after the ball.", "a cat"};

at::Tensor rowOf(const std::vector<float>& values) { return at::tensor(values); }
at::Tensor rowsOf(const std::vector<float>& values) { return at::tensor(values).view({-1, kBertWidth}); }
double distance(const at::Tensor& a, const at::Tensor& b) { return a.sizes() == b.sizes() ? (a - b).abs().max().item<double>() : INFINITY; }

std::string messageOf(const std::function<void()>& call) {
  try {
    call();
  } catch (const hvlm::InputError& error) {
    return error.what();
  }
  return "";
}
bool says(const std::string& message, const std::string& part) { return message.find(part) != std::string::npos; }

void writeText(const fs::path& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }
std::string manyWords(int64_t count) {
  std::string text;
  for (int64_t i = 0; i < count; ++i) text += i % 3 == 0 ? "the " : i % 3 == 1 ? "dog " : "runs ";
  return text;
}

}  // namespace

class TestEngineLanguageTower : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init() { folder_ = std::make_unique<QTemporaryDir>(); }
  void textsAreKnownByTheirContent();
  void oddTextsWork_data();
  void oddTextsWork();
  void longTextIsCut();
  void tokenStatesAreTheLastLayer();
  void orderOfTextsIsKept();
  void threadsGetTheSame();
  void unfittingFilesAreRefused();
  void configNamesTheTower();

 private:
  fs::path at(const std::string& name) const { return fs::path(folder_->path().toStdString()) / name; }
  std::unique_ptr<QTemporaryDir> folder_;
};

void TestEngineLanguageTower::textsAreKnownByTheirContent() {
  const MiniLmTower tower(writeTower(at("w"), tinyBert(1)), {});
  const auto twice = tower.encodeAll({kTexts[0], kTexts[1], kTexts[0]});
  QCOMPARE(tower.computed(), int64_t{2});
  QCOMPARE(twice[0], twice[2]);
  QVERIFY(distance(rowOf(twice[0]), rowOf(twice[1])) > 0.01);
  QVERIFY(tower.encodeAll({}).empty());
  QCOMPARE(tower.tag(), std::string("minilm"));
  QCOMPARE(tower.width(), kBertWidth);
}

void TestEngineLanguageTower::oddTextsWork_data() {
  QTest::addColumn<QByteArray>("text");
  QTest::addColumn<int>("tokens");  // with [CLS] and [SEP]
  QTest::newRow("empty") << QByteArray() << 2;
  QTest::newRow("blanks") << QByteArray(" \t\n ") << 2;
  QTest::newRow("ten thousand words") << QByteArray::fromStdString(manyWords(10'000)) << 256;
  QTest::newRow("one very long word") << QByteArray(100'000, 'q') << 3;
  QTest::newRow("invalid UTF-8") << QByteArray("a man \xff\xfe\xc3 rides") << 5;
  QTest::newRow("a character that is cut") << QByteArray("dog \xe4\xbb") << 3;
  QTest::newRow("null bytes") << QByteArray("dog\0cat", 7) << 8;
  QTest::newRow("literal signs") << QByteArray("[CLS] dog [SEP] [MASK]") << 6;
}

void TestEngineLanguageTower::oddTextsWork() {
  QFETCH(QByteArray, text);
  QFETCH(int, tokens);
  const fs::path weights = writeTower(at("w"), tinyBert(1));
  const std::string bytes = text.toStdString();
  const MiniLmTower tower(weights, at("cache"));
  const at::Tensor vector = rowOf(tower.encode(bytes)), states = rowsOf(tower.tokenStates(bytes));
  QVERIFY(std::abs(vector.norm().item<double>() - 1.0) < 1e-5);
  QVERIFY(states.isfinite().all().item<bool>());
  const auto ids = hvlm::WordPiece::fromVocabulary(fs::path(weights).replace_extension(".vocab.txt")).encode(bytes, {.max_length = 256});
  QCOMPARE(states.size(0), static_cast<int64_t>(ids.size()));
  if (!bytes.starts_with("dog") || bytes.find('\0') == std::string::npos) QCOMPARE(states.size(0), int64_t{tokens});
  // Among others it is the same text.
  const auto rows = MiniLmTower(weights, {}).encodeAll({kTexts[0], bytes, kTexts[1]});
  QVERIFY(distance(rowOf(rows[1]), vector) < 1e-5);
  const hvlm::TextEncoder encoder(tinyBert(1), "tiny", kBertHeads);
  QVERIFY(distance(encoder.embed(at::tensor(ids, at::kLong).unsqueeze(0), {static_cast<int64_t>(ids.size())})[0], vector) < 1e-5);
}

void TestEngineLanguageTower::longTextIsCut() {
  const MiniLmTower tower(writeTower(at("w"), tinyBert(1)), {});
  const auto rows = tower.encodeAll({manyWords(254), manyWords(255), manyWords(10'000), manyWords(253)});
  QVERIFY(distance(rowOf(rows[0]), rowOf(rows[1])) < 1e-5);  // 254 words, [CLS] and [SEP]
  QVERIFY(distance(rowOf(rows[0]), rowOf(rows[2])) < 1e-5);
  QVERIFY(distance(rowOf(rows[0]), rowOf(rows[3])) > 1e-5);
}

void TestEngineLanguageTower::tokenStatesAreTheLastLayer() {
  const fs::path weights = writeTower(at("w"), tinyBert(1));
  const MiniLmTower tower(weights, {});
  const at::Tensor states = rowsOf(tower.tokenStates(kTexts[0]));
  QCOMPARE(states.size(0), int64_t{7});
  QCOMPARE(tower.computed(), int64_t{0});  // vectors only
  const auto ids = hvlm::WordPiece::fromVocabulary(fs::path(weights).replace_extension(".vocab.txt")).encode(kTexts[0]);
  const hvlm::TextEncoder encoder(tinyBert(1), "tiny", kBertHeads);
  const auto all = encoder.states(at::tensor(ids, at::kLong).unsqueeze(0), {7});
  QCOMPARE(all.size(), size_t{3});
  QVERIFY(distance(states, all.back()[0]) < 1e-6);
  QVERIFY(distance(states, all[1][0]) > 0.01);
  const at::Tensor mean = states.mean(0);
  QVERIFY(distance(mean / mean.norm(), rowOf(tower.encode(kTexts[0]))) < 1e-5);
  QCOMPARE(tower.tokenStates(kTexts[0]), tower.tokenStates(kTexts[0]));
}

void TestEngineLanguageTower::orderOfTextsIsKept() {
  std::vector<std::string> texts;
  for (int64_t i = 0; i < 90; ++i) texts.push_back(manyWords(1 + (i * 37) % 41) + std::string(1, static_cast<char>('b' + i % 24)));
  texts.push_back(texts[3]);
  texts.emplace_back();
  const fs::path weights = writeTower(at("w"), tinyBert(1));
  const MiniLmTower together(weights, {}), apart(weights, {});
  const auto rows = together.encodeAll(texts);
  QCOMPARE(rows.size(), texts.size());
  for (size_t i = 0; i < texts.size(); ++i) {
    QVERIFY2(distance(rowOf(rows[i]), rowOf(apart.encode(texts[i]))) < 1e-5, texts[i].c_str());
    QVERIFY(i == 0 || distance(rowOf(rows[i]), rowOf(rows[i - 1])) > 1e-4);  // so a mistaken order would be seen
  }
}

void TestEngineLanguageTower::threadsGetTheSame() {
  const fs::path weights = writeTower(at("w"), tinyBert(1));
  const auto expected = MiniLmTower(weights, {}).encodeAll(kTexts);
  const MiniLmTower tower(weights, {});
  std::vector<std::vector<std::vector<float>>> found(4);
  {
    std::vector<std::jthread> threads;
    for (auto& own : found) {
      threads.emplace_back([&own, &tower] {
        for (const std::string& text : kTexts) {
          tower.tokenStates(text);
          own.push_back(tower.encode(text));
        }
      });
    }
  }
  for (const auto& own : found) {
    for (size_t i = 0; i < kTexts.size(); ++i) QVERIFY(distance(rowOf(own[i]), rowOf(expected[i])) < 1e-5);
  }
  QCOMPARE(tower.computed(), int64_t{3});
}

void TestEngineLanguageTower::unfittingFilesAreRefused() {
  const auto open = [](const fs::path& weights) { return messageOf([&] { MiniLmTower(weights, {}).width(); }); };
  std::string message = open(at("none/tiny.safetensors"));
  QVERIFY2(says(message, "tiny.safetensors") && says(message, "minilm"), message.c_str());
  const fs::path alone = writeTower(at("alone"), tinyBert(1));
  fs::remove(at("alone/tiny.vocab.txt"));
  message = open(alone);
  QVERIFY2(says(message, "tiny.vocab.txt") && says(message, "no such file"), message.c_str());

  std::vector<std::string> tokens = tinyVocabulary();
  const auto rows = static_cast<int64_t>(tokens.size());
  tokens.emplace_back("elephant");
  message = open(writeTower(at("longer"), tinyBert(1), tokens));
  QVERIFY2(says(message, "elephant") && says(message, "ids below " + std::to_string(rows)) && says(message, "tiny.safetensors"),
           message.c_str());
  QVERIFY(open(writeTower(at("shorter"), tinyBert(1, rows + 5))).empty());  // rows without a token are padding
  tokens.erase(tokens.begin() + 3);
  message = open(writeTower(at("no sign"), tinyBert(1), tokens));
  QVERIFY2(says(message, "[SEP]"), message.c_str());

  hvlm::TensorMap weights = tinyBert(1);
  weights.erase("encoder.layer.1.output.dense.weight");
  message = open(writeTower(at("lost"), weights));
  QVERIFY2(says(message, "encoder.layer.1.output.dense.weight"), message.c_str());
  weights = tinyBert(1);
  weights["encoder.layer.0.attention.self.key.bias"] = hvlm::toPlain(at::zeros({kBertWidth + 1}));
  message = open(writeTower(at("bent"), weights));
  QVERIFY2(says(message, "attention.self.key.bias") && says(message, "[25]"), message.c_str());
  writeText(at("bent/tiny.safetensors"), "no weights at all");
  QVERIFY(!open(at("bent/tiny.safetensors")).empty());
}

void TestEngineLanguageTower::configNamesTheTower() {
  hvlm::TextOptions options;
  options.buckets = 64;
  QCOMPARE(hvlm::openTextTower(options)->tag(), std::string("hashed"));
  QCOMPARE(hvlm::openTextTower(options)->width(), int64_t{64});
  const QByteArray before = qgetenv("XDG_CACHE_HOME");
  qputenv("XDG_CACHE_HOME", QByteArray::fromStdString(at("home").string()));
  options.tower = "minilm";
  const std::string message = messageOf([&] { hvlm::openTextTower(options); });
  const fs::path weights = hvlm::miniLmWeights();
  writeTower(weights.parent_path(), tinyBert(1), tinyVocabulary(), weights.stem().string());
  std::vector<std::shared_ptr<const hvlm::TextTower>> towers{hvlm::openTextTower(options), hvlm::openTextTower(options)};
  const std::vector<float> row = towers[0]->encode(kTexts[0]);
  towers = {hvlm::openTextTower(options), hvlm::openTextTower(options)};
  if (before.isNull()) {
    qunsetenv("XDG_CACHE_HOME");
  } else {
    qputenv("XDG_CACHE_HOME", before);
  }
  QVERIFY2(says(message, weights.string()) && says(message, "hashed"), message.c_str());
  QVERIFY(weights.string().starts_with(at("home").string()));
  QVERIFY(towers[0] == towers[1]);
  QCOMPARE(towers[0]->tag(), std::string("minilm"));
  QCOMPARE(towers[1]->encode(kTexts[0]), row);
}

QTEST_GUILESS_MAIN(TestEngineLanguageTower)
#include "tst_engine_language_tower.moc"
