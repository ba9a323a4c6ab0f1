// SPDX-License-Identifier: Apache-2.0
#include <QtTest>
#include <algorithm>
#include <cmath>

#include "data/text_vectors.h"
#include "support/error.h"

namespace {

using Vector = std::vector<float>;

double dot(const Vector& a, const Vector& b) {
  double sum = 0.0;
  for (size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}
// Sizes of the entries that are not zero, largest first.
Vector sizesOf(const Vector& vector) {
  Vector sizes;
  for (const float value : vector) {
    if (value != 0.0f) sizes.push_back(std::abs(value));
  }
  std::sort(sizes.begin(), sizes.end(), std::greater<>());
  return sizes;
}
bool isNear(double a, double b) { return std::abs(a - b) < 1e-6; }

}  // namespace

class TestDataTextVectors : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void wordsAndPairsByHand();
  void sameVector_data();
  void sameVector();
  void otherVector_data();
  void otherVector();
  void aTextWithoutWordsIsZero();
  void vectorsStayTheSame();
  void unitNormAtAnyWidth();
  void towersByName();
  void sentences_data();
  void sentences();
};

void TestDataTextVectors::wordsAndPairsByHand() {
  const hvlm::HashedTextTower tower(1 << 20);
  QCOMPARE(tower.width(), int64_t{1 << 20});
  const Vector twice = sizesOf(tower.encode("Dog dog"));  // the word twice: root of 2; the pair once
  QCOMPARE(twice.size(), size_t{2});
  QVERIFY(isNear(twice[0], std::sqrt(2.0 / 3.0)));
  QVERIFY(isNear(twice[1], std::sqrt(1.0 / 3.0)));
  const Vector three = sizesOf(tower.encode("a man runs"));  // three words, two pairs
  QCOMPARE(three.size(), size_t{5});
  for (const float size : three) QVERIFY(isNear(size, std::sqrt(0.2)));
  // "a man" shares two words and one pair with it: 3 / sqrt(3 * 5).
  QVERIFY(isNear(dot(tower.encode("a man runs"), tower.encode("a man")), 3.0 / std::sqrt(15.0)));
  QVERIFY(isNear(dot(tower.encode("a man runs"), tower.encode("two cats")), 0.0));
}

void TestDataTextVectors::sameVector_data() {
  QTest::addColumn<QByteArray>("first");
  QTest::addColumn<QByteArray>("second");
  QTest::newRow("case does not count") << QByteArray("A Man RUNS") << QByteArray("a man runs");
  QTest::newRow("punctuation and blanks only separate") << QByteArray(" a man,\n\truns. ") << QByteArray("a man runs");
  QTest::newRow("sentences joined are one paragraph") << QByteArray("A man runs. He falls.") << QByteArray("a man runs he falls");
}
void TestDataTextVectors::sameVector() {
  QFETCH(QByteArray, first);
  QFETCH(QByteArray, second);
  const hvlm::HashedTextTower tower(4096);
  QVERIFY(tower.encode(first.toStdString()) == tower.encode(second.toStdString()));
}

void TestDataTextVectors::otherVector_data() {
  QTest::addColumn<QByteArray>("first");
  QTest::addColumn<QByteArray>("second");
  QTest::newRow("the order of words counts") << QByteArray("man bites dog") << QByteArray("dog bites man");
  QTest::newRow("digits are part of words") << QByteArray("2 men") << QByteArray("3 men");
  QTest::newRow("bytes above 127 are kept") << QByteArray("caf\xC3\xA9") << QByteArray("caf");
  QTest::newRow("a word pair is not the joined word") << QByteArray("foot ball") << QByteArray("football");
}
void TestDataTextVectors::otherVector() {
  QFETCH(QByteArray, first);
  QFETCH(QByteArray, second);
  const hvlm::HashedTextTower tower(4096);
  QVERIFY(dot(tower.encode(first.toStdString()), tower.encode(second.toStdString())) < 0.9);
}

void TestDataTextVectors::aTextWithoutWordsIsZero() {
  const hvlm::HashedTextTower tower(32);
  for (const char* text : {"", "   ", "?! -- ..."}) QVERIFY(tower.encode(text) == Vector(32, 0.0f));
}

// Stored vectors and trained projections rely on the buckets: they may not move between versions.
void TestDataTextVectors::vectorsStayTheSame() {
  const Vector vector = hvlm::HashedTextTower(16).encode("a man runs");
  QString found;
  for (const float value : vector) found += QStringLiteral("%1 ").arg(static_cast<double>(value), 0, 'f', 4);
  QCOMPARE(found.trimmed(), QStringLiteral("0.0000 0.0000 0.4472 0.0000 -0.4472 0.0000 0.4472 0.0000 "
                                           "0.0000 0.0000 0.0000 0.4472 0.4472 0.0000 0.0000 0.0000"));
}

void TestDataTextVectors::unitNormAtAnyWidth() {
  for (const int64_t width : {1, 2, 7, 2048}) {
    const Vector vector = hvlm::HashedTextTower(width).encode("one word");
    QCOMPARE(static_cast<int64_t>(vector.size()), width);
    QVERIFY(isNear(dot(vector, vector), 1.0));
  }
}

void TestDataTextVectors::towersByName() {
  const auto tower = hvlm::makeTextTower("hashed", 64);
  QCOMPARE(tower->width(), int64_t{64});
  QCOMPARE(tower->tag(), std::string("hashed"));
  QVERIFY_THROWS_EXCEPTION(hvlm::InputError, hvlm::makeTextTower("minilm-typo", 64));
  QVERIFY_THROWS_EXCEPTION(hvlm::InputError, hvlm::makeTextTower("hashed", 0));
}

void TestDataTextVectors::sentences_data() {
  QTest::addColumn<QByteArray>("text");
  QTest::addColumn<QByteArray>("expected");
  QTest::newRow("blanks at the ends go") << QByteArray(" \t A man.\r\n") << QByteArray("a man.");
  QTest::newRow("runs of blanks become one") << QByteArray("a \n\t man") << QByteArray("a man");
  QTest::newRow("other bytes stay") << QByteArray("Caf\xC3\x89 9") << QByteArray("caf\xC3\x89 9");
  QTest::newRow("punctuation stays") << QByteArray("A, b!") << QByteArray("a, b!");
  QTest::newRow("nothing stays nothing") << QByteArray("  ") << QByteArray("");
}
void TestDataTextVectors::sentences() {
  QFETCH(QByteArray, text);
  QFETCH(QByteArray, expected);
  QCOMPARE(hvlm::normalisedSentence(text.toStdString()), expected.toStdString());
}

QTEST_GUILESS_MAIN(TestDataTextVectors)
#include "tst_data_text_vectors.moc"
