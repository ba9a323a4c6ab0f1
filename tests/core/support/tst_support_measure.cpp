// SPDX-License-Identifier: Apache-2.0
#include <QtTest>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

#include "support/measure.h"

using namespace hvlm;

class TestMeasure : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void quartilesByHand_data();
  void quartilesByHand();
  void aSpreadHasThreeKeys();
  void workIsDoneOnce();
  void copiesOfAnySizeAndThreadsHaveASpeed_data();
  void copiesOfAnySizeAndThreadsHaveASpeed();
  void thePeakSeesMemoryThatIsGone();
};

void TestMeasure::quartilesByHand_data() {
  QTest::addColumn<std::vector<double>>("values");
  QTest::addColumn<double>("low");
  QTest::addColumn<double>("median");
  QTest::addColumn<double>("high");
  QTest::newRow("nothing is zeros") << std::vector<double>{} << 0.0 << 0.0 << 0.0;
  QTest::newRow("one value is all three") << std::vector<double>{3.0} << 3.0 << 3.0 << 3.0;
  QTest::newRow("two values are read between") << std::vector<double>{4.0, 0.0} << 1.0 << 2.0 << 3.0;
  QTest::newRow("five values in any order") << std::vector<double>{5.0, 1.0, 4.0, 2.0, 3.0} << 2.0 << 3.0 << 4.0;
  QTest::newRow("a far one moves nothing") << std::vector<double>{1.0, 2.0, 3.0, 4.0, 1e9} << 2.0 << 3.0 << 4.0;
}
void TestMeasure::quartilesByHand() {
  QFETCH(std::vector<double>, values);
  QFETCH(double, low);
  QFETCH(double, median);
  QFETCH(double, high);
  const Spread spread = spreadOf(values);
  QCOMPARE(spread.low, low);
  QCOMPARE(spread.median, median);
  QCOMPARE(spread.high, high);
}

void TestMeasure::aSpreadHasThreeKeys() {
  QCOMPARE(spreadJson({2.0, 1.0, 3.0}), (nlohmann::json{{"median", 2.0}, {"iqr_low", 1.0}, {"iqr_high", 3.0}}));
}

void TestMeasure::workIsDoneOnce() {
  int done = 0;
  QVERIFY(secondsOf([&] { ++done; }) >= 0.0);
  QCOMPARE(done, 1);
}

void TestMeasure::copiesOfAnySizeAndThreadsHaveASpeed_data() {
  QTest::addColumn<qint64>("threads");
  QTest::addColumn<qint64>("bytes");
  QTest::newRow("one thread") << qint64{1} << qint64{1 << 20};
  QTest::newRow("two threads") << qint64{2} << qint64{1 << 20};
  QTest::newRow("more threads than cores") << qint64{64} << qint64{1 << 20};
  QTest::newRow("fewer bytes than threads") << qint64{8} << qint64{3};
  QTest::newRow("no thread is one") << qint64{0} << qint64{4096};
}
void TestMeasure::copiesOfAnySizeAndThreadsHaveASpeed() {
  QFETCH(qint64, threads);
  QFETCH(qint64, bytes);
  const double speed = copyBandwidth(threads, bytes);
  QVERIFY(std::isfinite(speed) && speed > 0.0);
}

void TestMeasure::thePeakSeesMemoryThatIsGone() {
  constexpr int64_t kBytes = int64_t{96} << 20;
  if (!resetPeakResident()) QSKIP("this system cannot reset the peak of resident memory");
  const int64_t before = peakResidentBytes();
  {
    const auto block = std::make_unique<char[]>(kBytes);  // zeroed, so every page is there
    QCOMPARE(block[kBytes / 2], '\0');
  }
  const int64_t peak = peakResidentBytes();
  QVERIFY2(peak >= before + kBytes * 9 / 10, qPrintable(QStringLiteral("%1 after %2").arg(peak).arg(before)));
  QVERIFY(resetPeakResident());
  QVERIFY(peakResidentBytes() < peak - kBytes / 2);
}

QTEST_APPLESS_MAIN(TestMeasure)
#include "tst_support_measure.moc"
