// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>

#include <QTemporaryDir>
#include <QtTest>
#include <filesystem>
#include <fstream>
#include <set>

#include "core/engine/language/tiny_bert.h"
#include "engine/language/text_tower.h"

namespace {

namespace fs = std::filesystem;
using namespace hvlm::testing;
using hvlm::MiniLmTower;

const std::vector<std::string> kTexts{"a man rides the horse", "the dog runs after the ball.", "a cat"};

at::Tensor rowOf(const std::vector<float>& values) { return at::tensor(values); }
double distance(const at::Tensor& a, const at::Tensor& b) { return a.sizes() == b.sizes() ? (a - b).abs().max().item<double>() : INFINITY; }

std::set<std::string> filesIn(const fs::path& folder) {
  std::set<std::string> names;
  if (fs::exists(folder)) {
    for (const auto& entry : fs::directory_iterator(folder)) names.insert(entry.path().filename().string());
  }
  return names;
}

void writeText(const fs::path& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }
std::string textOf(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

class TestEngineLanguageTowerCache : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init() { folder_ = std::make_unique<QTemporaryDir>(); }
  void secondTowerComputesNothing();
  void cacheGoesByTheContentOfTheWeights();
  void damagedCacheIsPassedOver_data();
  void damagedCacheIsPassedOver();
  void cacheOfTwoTowersIsJoined();
  void diskThatTakesNothingIsNoError();

 private:
  fs::path at(const std::string& name) const { return fs::path(folder_->path().toStdString()) / name; }
  fs::path cacheFile() const {
    const auto names = filesIn(at("cache"));
    return names.size() == 1 ? at("cache") / *names.begin() : fs::path();
  }
  std::unique_ptr<QTemporaryDir> folder_;
};

void TestEngineLanguageTowerCache::secondTowerComputesNothing() {
  const fs::path weights = writeTower(at("w"), tinyBert(1));
  std::vector<std::vector<float>> first;
  {
    const MiniLmTower tower(weights, at("cache"));
    QCOMPARE(tower.computed(), int64_t{0});
    first = tower.encodeAll(kTexts);
    QCOMPARE(tower.computed(), int64_t{3});
    QCOMPARE(tower.encodeAll(kTexts), first);
    QCOMPARE(tower.computed(), int64_t{3});
  }
  QCOMPARE(filesIn(at("cache")).size(), size_t{1});
  const MiniLmTower again(weights, at("cache"));
  QCOMPARE(again.encodeAll(kTexts), first);  // to the last bit
  QCOMPARE(again.encode(kTexts[1]), first[1]);
  QCOMPARE(again.computed(), int64_t{0});
  again.encode("the cat runs");
  QCOMPARE(again.computed(), int64_t{1});
  const MiniLmTower without(weights, {});
  QVERIFY(distance(rowOf(without.encode(kTexts[2])), rowOf(first[2])) < 1e-5);
  QCOMPARE(without.computed(), int64_t{1});
}

void TestEngineLanguageTowerCache::cacheGoesByTheContentOfTheWeights() {
  std::vector<float> one, other;
  {
    const MiniLmTower tower(writeTower(at("one"), tinyBert(1)), at("cache"));
    one = tower.encode(kTexts[0]);
  }
  {
    const MiniLmTower tower(writeTower(at("two"), tinyBert(2)), at("cache"));
    other = tower.encode(kTexts[0]);
    QCOMPARE(tower.computed(), int64_t{1});
  }
  QVERIFY(distance(rowOf(one), rowOf(other)) > 0.01);
  QCOMPARE(filesIn(at("cache")).size(), size_t{2});
  const MiniLmTower copy(writeTower(at("elsewhere"), tinyBert(1), tinyVocabulary(), "copy"), at("cache"));
  QCOMPARE(copy.encode(kTexts[0]), one);
  QCOMPARE(copy.computed(), int64_t{0});
}

void TestEngineLanguageTowerCache::damagedCacheIsPassedOver_data() {
  QTest::addColumn<QString>("damage");
  for (const char* damage : {"empty", "junk", "cut", "no keys", "other width", "other type", "fewer keys"})
    QTest::newRow(damage) << QString::fromUtf8(damage);
}

void TestEngineLanguageTowerCache::damagedCacheIsPassedOver() {
  QFETCH(QString, damage);
  const fs::path weights = writeTower(at("w"), tinyBert(1));
  std::vector<std::vector<float>> first;
  {
    const MiniLmTower tower(weights, at("cache"));
    first = tower.encodeAll(kTexts);
  }
  const fs::path file = cacheFile();
  QVERIFY(!file.empty());
  const std::string bytes = textOf(file);
  hvlm::TensorMap tensors = hvlm::readSafetensors(file);
  const auto write = [&](const hvlm::TensorMap& map) { hvlm::writeSafetensors(file, map); };
  if (damage == QStringLiteral("empty")) writeText(file, "");
  if (damage == QStringLiteral("junk")) writeText(file, std::string(5000, '\xff'));
  if (damage == QStringLiteral("cut")) writeText(file, bytes.substr(0, bytes.size() / 2));
  if (damage == QStringLiteral("no keys")) write({{"vectors", tensors.at("vectors")}});
  if (damage == QStringLiteral("other width"))
    write({{"keys", tensors.at("keys")}, {"vectors", hvlm::toPlain(at::zeros({3, kBertWidth + 1}))}});
  if (damage == QStringLiteral("other type"))
    write({{"keys", tensors.at("keys")}, {"vectors", hvlm::toPlain(at::zeros({3, kBertWidth}, at::kDouble))}});
  if (damage == QStringLiteral("fewer keys"))
    write({{"keys", hvlm::toPlain(at::zeros({2, 32}, at::kByte))}, {"vectors", tensors.at("vectors")}});
  {
    const MiniLmTower tower(weights, at("cache"));
    QCOMPARE(tower.encodeAll(kTexts), first);
    QCOMPARE(tower.computed(), int64_t{3});
  }
  const MiniLmTower mended(weights, at("cache"));
  QCOMPARE(mended.encodeAll(kTexts), first);
  QCOMPARE(mended.computed(), int64_t{0});
}

void TestEngineLanguageTowerCache::cacheOfTwoTowersIsJoined() {
  const fs::path weights = writeTower(at("w"), tinyBert(1));
  const MiniLmTower one(weights, at("cache")), two(weights, at("cache"));
  one.encode(kTexts[0]);
  two.encode(kTexts[1]);
  one.save();
  two.save();
  const MiniLmTower both(weights, at("cache"));
  both.encodeAll({kTexts[0], kTexts[1]});
  QCOMPARE(both.computed(), int64_t{0});
}

void TestEngineLanguageTowerCache::diskThatTakesNothingIsNoError() {
  const fs::path weights = writeTower(at("w"), tinyBert(1));
  writeText(at("cache"), "a file where the folder should be");
  {
    const MiniLmTower tower(weights, at("cache"));
    QCOMPARE(tower.encode(kTexts[0]).size(), size_t{kBertWidth});
    tower.save();
  }
  QCOMPARE(textOf(at("cache")), std::string("a file where the folder should be"));
}

QTEST_GUILESS_MAIN(TestEngineLanguageTowerCache)
#include "tst_engine_language_tower_cache.moc"
