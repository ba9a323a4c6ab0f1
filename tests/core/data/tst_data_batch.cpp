// SPDX-License-Identifier: Apache-2.0
#include <QtTest>
#include <algorithm>
#include <atomic>
#include <cmath>

#include "data/batch.h"
#include "fixtures.h"

using hvlm::testing::messageOf;

namespace {

// Features that tell which video and step they belong to; one video may be missing, one hold a NaN.
class FakeStore : public hvlm::FeatureStore {
 public:
  std::string missing;
  std::string with_nan;
  std::string without_motion;
  mutable std::atomic<int> reads{0};

  std::vector<std::string> ids() const override { return {}; }
  std::optional<hvlm::FeatureShape> shape(std::string_view) const override { return std::nullopt; }
  hvlm::FeatureMatrix read(std::string_view id) const override {
    ++reads;
    if (id == missing) throw hvlm::InputError({.where = "video " + std::string(id), .found = "nothing"});
    const auto number = static_cast<int64_t>(std::stoi(std::string(id)));
    hvlm::FeatureMatrix matrix{number + 1, 2, {}};
    for (int64_t row = 0; row <= number; ++row) {
      matrix.values.push_back(static_cast<float>(number));
      matrix.values.push_back(static_cast<float>(row));
    }
    if (id == with_nan) matrix.values.back() = std::nanf("");
    return matrix;
  }
  // Motion says which video and step it belongs to; nobody has saliency.
  std::optional<std::vector<float>> channel(std::string_view id, const std::string& name, int64_t rows) const override {
    if (name != "motion" || id == without_motion) return std::nullopt;
    std::vector<float> values;
    for (int64_t row = 0; row < rows; ++row) values.push_back(std::stof(std::string(id)) + static_cast<float>(row) / 100);
    return values;
  }
  std::string describe() const override { return "made up"; }
};

hvlm::Catalogue catalogueOf(int videos) {
  hvlm::Catalogue catalogue;
  for (int i = 0; i < videos; ++i) {
    hvlm::Video video;
    video.id = (i < 10 ? "0" : "") + std::to_string(i);
    catalogue.videos.push_back(video);
  }
  catalogue.index();
  return catalogue;
}

std::vector<int64_t> someLengths(int64_t count) {
  std::vector<int64_t> lengths;
  for (int64_t i = 0; i < count; ++i) lengths.push_back(30 + (i * 7919) % 371);
  return lengths;
}

// Steps that padding each batch to its longest video would add, as a share of the real ones.
double paddingShare(const std::vector<std::vector<int64_t>>& batches, const std::vector<int64_t>& lengths) {
  double real = 0.0, padded = 0.0;
  for (const auto& batch : batches) {
    int64_t longest = 0;
    for (const int64_t i : batch) longest = std::max(longest, lengths[static_cast<size_t>(i)]);
    for (const int64_t i : batch) real += static_cast<double>(lengths[static_cast<size_t>(i)]);
    padded += static_cast<double>(longest * static_cast<int64_t>(batch.size()));
  }
  return padded / real - 1.0;
}

}  // namespace

class TestBatch : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void packedVideosLieEndToEnd();
  void eachVideoOccursOnceInAnEpoch_data();
  void eachVideoOccursOnceInAnEpoch();
  void theOrderDependsOnSeedAndEpochOnly();
  void theOrderIsTheSameOnEveryMachine();
  void batchesHoldSimilarLengths();
  void withoutShufflingTheOrderIsKept();
  void batchesComeInOrder();
  void channelsComeWhenEveryVideoHasThem();
  void aFailureComesAfterTheBatchesBeforeIt_data();
  void aFailureComesAfterTheBatchesBeforeIt();
  void readingStaysTwoBatchesAhead();
  void videosAreReadIntoTheBatch();
  void destroyingEarlyStopsReading();
};

void TestBatch::packedVideosLieEndToEnd() {
  const hvlm::Batch batch = hvlm::packBatch({{7, {2, 3, {1, 2, 3, 4, 5, 6}}}, {4, {1, 3, {7, 8, 9}}}});
  QCOMPARE(batch.columns, 3);
  QCOMPARE(batch.offsets, (std::vector<int64_t>{0, 2, 3}));
  QCOMPARE(batch.videos, (std::vector<int64_t>{7, 4}));
  QVERIFY(batch.steps == (hvlm::StepValues{1, 2, 3, 4, 5, 6, 7, 8, 9}));
  QCOMPARE(batch.size(), 2);
  QCOMPARE(batch.rows(), 3);
  QCOMPARE(hvlm::packBatch({}).rows(), 0);
  QVERIFY(messageOf([] {
            hvlm::packBatch({{0, {1, 1, {1}}}, {1, {1, 2, {1, 2}}}});
          }).find("1 and 2 columns") != std::string::npos);
}

void TestBatch::eachVideoOccursOnceInAnEpoch_data() {
  QTest::addColumn<int>("videos");
  QTest::addColumn<int>("batch_size");
  QTest::newRow("a whole number of batches") << 64 << 16;
  QTest::newRow("a last smaller batch") << 333 << 16;
  QTest::newRow("one batch for all") << 10 << 100;
  QTest::newRow("single videos") << 10 << 1;
  QTest::newRow("no video") << 0 << 4;
}
void TestBatch::eachVideoOccursOnceInAnEpoch() {
  QFETCH(int, videos);
  QFETCH(int, batch_size);
  const auto lengths = someLengths(videos);
  for (int64_t epoch = 0; epoch < 3; ++epoch) {
    std::vector<int64_t> seen;
    size_t smaller = 0;
    for (const auto& batch : hvlm::epochOrder(lengths, batch_size, 5, epoch)) {
      QVERIFY(!batch.empty() && batch.size() <= static_cast<size_t>(batch_size));
      smaller += batch.size() < static_cast<size_t>(batch_size) ? 1 : 0;
      seen.insert(seen.end(), batch.begin(), batch.end());
    }
    QVERIFY(smaller <= 1);
    std::sort(seen.begin(), seen.end());
    QCOMPARE(seen.size(), static_cast<size_t>(videos));
    for (size_t i = 0; i < seen.size(); ++i) QCOMPARE(seen[i], static_cast<int64_t>(i));
  }
}

void TestBatch::theOrderDependsOnSeedAndEpochOnly() {
  const auto lengths = someLengths(100);
  const auto first = hvlm::epochOrder(lengths, 8, 1, 0);
  QVERIFY(first == hvlm::epochOrder(lengths, 8, 1, 0));
  QVERIFY(first != hvlm::epochOrder(lengths, 8, 1, 1));
  QVERIFY(first != hvlm::epochOrder(lengths, 8, 2, 0));
}

void TestBatch::theOrderIsTheSameOnEveryMachine() {
  // Checkpoints hold the place in an epoch, so this order is part of the file format.
  const auto batches = hvlm::epochOrder({9, 1, 8, 2, 7, 3}, 2, 1, 0);
  std::string text;
  for (const auto& batch : batches) {
    for (const int64_t i : batch) text += std::to_string(i) + " ";
    text += "/ ";
  }
  QCOMPARE(QString::fromStdString(text), QString("2 0 / 1 3 / 5 4 / "));
}

void TestBatch::batchesHoldSimilarLengths() {
  const auto lengths = someLengths(400);
  std::vector<int64_t> equal(400, 1);
  const double bucketed = paddingShare(hvlm::epochOrder(lengths, 16, 3, 0), lengths);
  const double random = paddingShare(hvlm::epochOrder(equal, 16, 3, 0), lengths);  // nothing to sort by
  QVERIFY2(bucketed < 0.5 * random, qPrintable(QString("%1 against %2").arg(bucketed).arg(random)));
}

void TestBatch::withoutShufflingTheOrderIsKept() {
  QVERIFY(hvlm::epochOrder({5, 1, 4, 2, 3}, 2, 9, 7, false) ==
          (std::vector<std::vector<int64_t>>{{0, 1}, {2, 3}, {4}}));
}

void TestBatch::batchesComeInOrder() {
  const FakeStore store;
  const hvlm::Catalogue catalogue = catalogueOf(12);
  hvlm::BatchPrefetcher prefetcher(store, catalogue, {{3, 1}, {11}, {0, 2, 4}}, 2);
  hvlm::Batch batch;
  QVERIFY(prefetcher.next(batch));
  QCOMPARE(batch.videos, (std::vector<int64_t>{3, 1}));
  QCOMPARE(batch.offsets, (std::vector<int64_t>{0, 4, 6}));
  QCOMPARE(batch.steps[8], 1.0f);
  QVERIFY(prefetcher.next(batch));
  QCOMPARE(batch.rows(), 12);
  QVERIFY(prefetcher.next(batch));
  QCOMPARE(batch.size(), 3);
  QVERIFY(!prefetcher.next(batch));
  QVERIFY(!prefetcher.next(batch));
}

void TestBatch::channelsComeWhenEveryVideoHasThem() {
  FakeStore store;
  store.without_motion = "02";
  const hvlm::Catalogue catalogue = catalogueOf(5);
  hvlm::BatchPrefetcher prefetcher(store, catalogue, {{1, 0}, {1, 2}, {2}, {3}}, 2, true);
  hvlm::Batch batch;
  QVERIFY(prefetcher.next(batch));
  QCOMPARE(batch.motion, (std::vector<float>{1.0f, 1.01f, 0.0f}));
  QVERIFY(batch.saliency.empty());
  for (int i = 0; i < 2; ++i) {  // one video of the batch has none
    QVERIFY(prefetcher.next(batch));
    QVERIFY(batch.motion.empty());
  }
  QVERIFY(prefetcher.next(batch));
  QCOMPARE(batch.motion.size(), static_cast<size_t>(batch.rows()));
  hvlm::BatchPrefetcher not_asked(store, catalogue, {{1, 0}}, 2);
  QVERIFY(not_asked.next(batch));
  QVERIFY(batch.motion.empty());
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::packBatch({{0, {2, 1, {1, 2}}, {0.5f}, {}}}));
}

void TestBatch::aFailureComesAfterTheBatchesBeforeIt_data() {
  QTest::addColumn<QString>("missing");
  QTest::addColumn<QString>("with_nan");
  QTest::addColumn<int>("columns");
  QTest::addColumn<QStringList>("parts");
  QTest::newRow("NaN names video and row") << ""
                                           << "03" << 2 << QStringList{"video 03", "row 3"};
  QTest::newRow("missing features name the video") << "03"
                                                   << "" << 2 << QStringList{"video 03"};
}
void TestBatch::aFailureComesAfterTheBatchesBeforeIt() {
  QFETCH(QString, missing);
  QFETCH(QString, with_nan);
  QFETCH(int, columns);
  QFETCH(QStringList, parts);
  FakeStore store;
  store.missing = missing.toStdString();
  store.with_nan = with_nan.toStdString();
  const hvlm::Catalogue catalogue = catalogueOf(6);
  hvlm::BatchPrefetcher prefetcher(store, catalogue, {{0, 1}, {2}, {3}, {4}}, columns);
  hvlm::Batch batch;
  QTest::qWait(20);  // let it run into the failure first
  QVERIFY(prefetcher.next(batch));
  QVERIFY(prefetcher.next(batch));
  const QString message = QString::fromStdString(messageOf([&] { prefetcher.next(batch); }));
  for (const QString& part : parts) QVERIFY2(message.contains(part), qPrintable(message));
  QVERIFY(!messageOf([&] { prefetcher.next(batch); }).empty());  // and again

  hvlm::BatchPrefetcher narrow(store, catalogue, {{5}}, 3);
  const QString width = QString::fromStdString(messageOf([&] { narrow.next(batch); }));
  QVERIFY2(width.contains("video 05") && width.contains("3 columns"), qPrintable(width));
}

void TestBatch::readingStaysTwoBatchesAhead() {
  const FakeStore store;
  const hvlm::Catalogue catalogue = catalogueOf(20);
  std::vector<std::vector<int64_t>> batches;
  for (int64_t i = 0; i < 20; ++i) batches.push_back({i});
  hvlm::BatchPrefetcher prefetcher(store, catalogue, batches, 2);
  QTRY_COMPARE(store.reads.load(), 2);
  QTest::qWait(30);
  QCOMPARE(store.reads.load(), 2);
  hvlm::Batch batch;
  QVERIFY(prefetcher.next(batch));
  QTRY_COMPARE(store.reads.load(), 3);
}

// A store that tells shapes is read straight into the batch: the same as packing what was read.
void TestBatch::videosAreReadIntoTheBatch() {
  class TellingStore : public FakeStore {
   public:
    std::optional<hvlm::FeatureShape> shape(std::string_view id) const override {
      return hvlm::FeatureShape{std::stoi(std::string(id)) + 1, 2, "float32"};
    }
  };
  TellingStore store;
  const FakeStore silent;
  const hvlm::Catalogue catalogue = catalogueOf(30);
  std::vector<std::vector<int64_t>> order;
  for (int64_t i = 0; i < 40; ++i) order.push_back({i * 7 % 30, i * 11 % 30, i % 30});
  hvlm::BatchPrefetcher together(store, catalogue, order, 2, true), apart(silent, catalogue, order, 2, true);
  hvlm::Batch a, b;
  for (const auto& videos : order) {
    QVERIFY(together.next(a) && apart.next(b));
    QCOMPARE(a.videos, videos);
    QCOMPARE(a.columns, b.columns);
    QCOMPARE(a.offsets, b.offsets);
    QVERIFY(a.steps == b.steps);
    QCOMPARE(a.motion, b.motion);
    QVERIFY(!a.motion.empty() && a.saliency.empty() && a.remade.empty());
  }
  QVERIFY(!together.next(a) && !apart.next(b));
  store.with_nan = "05";
  hvlm::BatchPrefetcher broken(store, catalogue, {{1, 2}, {4, 5}, {6}}, 2);
  QVERIFY(broken.next(a));
  const std::string message = messageOf([&] { broken.next(a); });
  QVERIFY2(message.find("video 05, row 5") != std::string::npos, message.c_str());
  hvlm::BatchPrefetcher narrow(store, catalogue, {{3}}, 7);
  QVERIFY(messageOf([&] { narrow.next(a); }).find("7 columns") != std::string::npos);
}

void TestBatch::destroyingEarlyStopsReading() {
  const FakeStore store;
  const hvlm::Catalogue catalogue = catalogueOf(20);
  std::vector<std::vector<int64_t>> batches(1000, {1, 2, 3});
  { hvlm::BatchPrefetcher prefetcher(store, catalogue, batches, 2); }
  QVERIFY(store.reads.load() <= 9);
}

QTEST_GUILESS_MAIN(TestBatch)
#include "tst_data_batch.moc"
