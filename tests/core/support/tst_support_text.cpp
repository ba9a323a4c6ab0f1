// SPDX-License-Identifier: Apache-2.0
#include <QtTest>
#include <clocale>
#include <cmath>

#include "support/error.h"
#include "support/hash.h"
#include "support/text.h"

using namespace hvlm;

class TestText : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void nearestWordFindsSlips_data();
  void nearestWordFindsSlips();
  void numbersReadBackAsTheSameDouble();
  void numbersTakeNoPartOfAText();
  void csvQuotesOnlyWhatNeedsIt();
  void shortenedCutsBetweenCharacters();
  void bytesForPeople();
  void checksumsAreTheStandardOnes();
  void aFaultIsOneLineWithoutItsEmptyParts();
};

void TestText::nearestWordFindsSlips_data() {
  QTest::addColumn<QString>("word");
  QTest::addColumn<QString>("nearest");
  QTest::newRow("a letter exchanged") << "trian" << "train";
  QTest::newRow("a letter missing") << "evl" << "eval";
  QTest::newRow("a key without its group") << "heads" << "encoder.heads";
  QTest::newRow("another word altogether") << "xylophone" << "";
}
void TestText::nearestWordFindsSlips() {
  QFETCH(QString, word);
  QFETCH(QString, nearest);
  const std::vector<std::string> known = {"train", "eval", "predict", "encoder.heads"};
  QCOMPARE(QString::fromStdString(nearestWord(word.toStdString(), known)), nearest);
}

void TestText::numbersReadBackAsTheSameDouble() {
  for (const double value : {0.1, 1.0 / 3.0, 1e300, -5e-324, 12345678901234567.0}) QCOMPARE(parseNumber(exactNumber(value)), std::optional(value));
  QCOMPARE(exactNumber(0.1), std::string("0.1"));
  QVERIFY(std::isnan(*parseNumber(exactNumber(std::nan("")))));
  QCOMPARE(fixedNumber(2.0 / 3.0, 3), std::string("0.667"));
}

void TestText::numbersTakeNoPartOfAText() {
  for (const char* text : {"", "1,5", "1.5 s", "0x10", " 1", "--1"}) QVERIFY2(!parseNumber(text), text);
  QCOMPARE(parseNumber("+1.5"), std::optional(1.5));
}

void TestText::csvQuotesOnlyWhatNeedsIt() {
  QCOMPARE(csvText("plain text"), std::string("plain text"));
  QCOMPARE(csvText("a,b"), std::string("\"a,b\""));
  QCOMPARE(csvText("say \"x\""), std::string("\"say \"\"x\"\"\""));
  QCOMPARE(csvText("two\nlines"), std::string("\"two\nlines\""));
}

void TestText::shortenedCutsBetweenCharacters() {
  QCOMPARE(shortened("short", 10), std::string("short"));
  QCOMPARE(shortened("Zürich", 2), std::string("Z…"));  // ü is two bytes; half of it never stays
}

void TestText::bytesForPeople() {
  QCOMPARE(humanBytes(999), std::string("999 B"));
  QCOMPARE(humanBytes(530604548), std::string("531 MB"));
  QCOMPARE(humanBytes(1.5e9), std::string("1.5 GB"));
}

void TestText::checksumsAreTheStandardOnes() {
  QCOMPARE(crc32c("123456789"), uint32_t{0xE3069283});  // the check value of CRC-32C
  QCOMPARE(crc32c(std::string(32, '\0')), uint32_t{0x8A9136AA});  // RFC 3720, B.4
  QCOMPARE(contentHash("a").size(), size_t{32});
  QVERIFY(contentHash("a") != contentHash("b"));
  QVERIFY(mixSeed(1, 2, 3) != mixSeed(1, 3, 2));
  QCOMPARE(mixSeed(1, 2, 3), mixSeed(1, 2, 3));
}

void TestText::aFaultIsOneLineWithoutItsEmptyParts() {
  QCOMPARE(oneLine({.where = "a.h5", .expected = "16 columns", .found = "24", .remedy = "Take another."}),
           std::string("a.h5: expected 16 columns, found 24. Take another."));
  QCOMPARE(oneLine({.where = "", .expected = "", .found = "two\nlines", .remedy = ""}), std::string("found two lines."));
}

QTEST_GUILESS_MAIN(TestText)
#include "tst_support_text.moc"
