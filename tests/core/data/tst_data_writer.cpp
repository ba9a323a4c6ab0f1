// SPDX-License-Identifier: Apache-2.0
#include <QTemporaryDir>
#include <QtTest>

#include "data/feature_store.h"
#include "data/half.h"
#include "data/hdf5_writer.h"
#include "support/error.h"

using namespace hvlm;

class TestDataWriter : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void floatsComeBackAsTheyWere();
  void bothTypesMayLieInOneFile();
  void anotherFileIsNotReplaced();
};

namespace {

FeatureSpec specOf(const QString& file) {
  FeatureSpec spec;
  spec.store = file.toStdString();
  spec.key = "key";
  spec.steps_per_second = 1.0;
  return spec;
}

}  // namespace

void TestDataWriter::floatsComeBackAsTheyWere() {
  QTemporaryDir folder;
  const QString file = folder.filePath(QStringLiteral("features.h5"));
  const std::vector<float> values = {1.0F / 3.0F, -0.0F, 3.4e38F, 1e-40F, 65536.0F, -7.25F};  // most are no float16
  FeatureWriter writer(file.toStdString(), "key");
  writer.write("a", 3, 2, std::span<const float>(values));
  writer.close();
  const auto store = FeatureStore::open(specOf(file));
  const auto shape = store->shape("a");
  QVERIFY(shape.has_value());
  QCOMPARE(shape->type, std::string("float32"));
  QCOMPARE(shape->rows, int64_t{3});
  const FeatureMatrix read = store->read("a");
  QCOMPARE(read.columns, int64_t{2});
  QCOMPARE(read.values, values);
}

void TestDataWriter::bothTypesMayLieInOneFile() {
  QTemporaryDir folder;
  const QString file = folder.filePath(QStringLiteral("features.h5"));
  const std::vector<float> values = {0.5F, 2.0F};
  std::vector<uint16_t> halves(values.size());
  narrowHalf(values.data(), halves.data(), values.size());
  FeatureWriter writer(file.toStdString(), "key");
  writer.write("half", 1, 2, std::span<const uint16_t>(halves));
  writer.write("whole", 2, 1, std::span<const float>(values));
  writer.close();
  const auto store = FeatureStore::open(specOf(file));
  QCOMPARE(store->shape("half")->type, std::string("float16"));
  QCOMPARE(store->shape("whole")->type, std::string("float32"));
  QCOMPARE(store->read("half").values, store->read("whole").values);
}

void TestDataWriter::anotherFileIsNotReplaced() {
  QTemporaryDir folder;
  const std::string file = folder.filePath(QStringLiteral("features.h5")).toStdString();
  { FeatureWriter(file, "key").close(); }
  QVERIFY_THROWS_EXCEPTION(InputError, FeatureWriter(file, "key"));
}

QTEST_APPLESS_MAIN(TestDataWriter)
#include "tst_data_writer.moc"
