// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <QTemporaryDir>
#include <QtTest>
#include <atomic>
#include <cstring>
#include <thread>

#include "data/feature_store.h"
#include "data/half.h"
#include "data/hdf5_writer.h"
#include "fixtures.h"
#include "support/golden.h"

using namespace hvlm::testing;
namespace fs = std::filesystem;

namespace {

constexpr int64_t kRows = 9;
constexpr int64_t kColumns = 5;

hvlm::FeatureSpec specOf(const fs::path& store, const std::string& key = "c3d_features",
                         const std::string& prefix = "") {
  hvlm::FeatureSpec spec;
  spec.store = store;
  spec.key = key;
  spec.prefix = prefix;
  spec.steps_per_second = 1.0;
  return spec;
}

// The expected values, or what is wrong.
std::string wrongWith(const hvlm::FeatureMatrix& matrix, int64_t rows = kRows, int64_t columns = kColumns) {
  if (matrix.rows != rows || matrix.columns != columns)
    return "shape " + std::to_string(matrix.rows) + " x " + std::to_string(matrix.columns);
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < columns; ++c) {
      const float value = matrix.values.at(static_cast<size_t>(r * columns + c));
      if (value != static_cast<float>(valueAt(r, c)))
        return "row " + std::to_string(r) + " column " + std::to_string(c) + ": " + std::to_string(value);
    }
  }
  return "";
}

// All rows read into place, and every stretch of rows, against the same rows of the whole.
std::string wrongStretch(const hvlm::FeatureStore& store) {
  const hvlm::FeatureMatrix all = store.read("abc");
  hvlm::FeatureMatrix placed{all.rows, all.columns, std::vector<float>(all.values.size(), -1.0f)};
  if (store.readInto("abc", {all.rows, all.columns, {}}, placed.values.data()) != -1 || placed.values != all.values) return "read into place";
  if (messageOf([&] { (void)store.readInto("abc", {all.rows - 1, all.columns, {}}, placed.values.data()); }).find("start again") == std::string::npos) return "another shape";
  for (int64_t first = 0; first < all.rows; ++first) {
    for (int64_t count = 1; first + count <= all.rows; ++count) {
      const hvlm::FeatureMatrix part = store.readRows("abc", first, count);
      const auto begin = all.values.begin() + first * all.columns;
      if (part.rows != count || part.columns != all.columns || part.values != std::vector<float>(begin, begin + count * all.columns)) {
        return "rows " + std::to_string(first) + " to " + std::to_string(first + count - 1);
      }
    }
  }
  for (const auto& [first, count] : {std::pair<int64_t, int64_t>{-1, 2}, {0, 0}, {all.rows, 1}, {1, all.rows}}) {
    const std::string message = messageOf([&] { (void)store.readRows("abc", first, count); });
    if (message.find("abc") == std::string::npos || message.find("from row " + std::to_string(first)) == std::string::npos) return "no complaint: " + message;
  }
  return "";
}

// A .npy file; `order` is '<' or '>', `kind` f2, f4 or f8.
std::string npyBytes(int version, char order, const std::string& kind, bool fortran, int64_t rows = kRows,
                     int64_t columns = kColumns, const std::string& shape = "") {
  std::string header = std::string("{'descr': '") + order + kind +
                       "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': " +
                       (shape.empty() ? "(" + std::to_string(rows) + ", " + std::to_string(columns) + ")" : shape) + ", }";
  while ((header.size() + 13) % 64 != 0) header += ' ';
  header += '\n';
  std::string bytes = "\x93NUMPY";
  bytes += static_cast<char>(version);
  bytes += '\0';
  const auto length = header.size();
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i) bytes += static_cast<char>((length >> (8 * i)) & 0xFF);
  bytes += header;
  for (int64_t i = 0; i < rows * columns; ++i) {
    const double value = fortran ? valueAt(i % rows, i / rows) : valueAt(i / columns, i % columns);
    char raw[8];
    size_t size = 8;
    if (kind == "f2") {
      const uint16_t half = hvlm::narrowToHalf(static_cast<float>(value));
      std::memcpy(raw, &half, size = 2);
    } else if (kind == "f4") {
      const auto single = static_cast<float>(value);
      std::memcpy(raw, &single, size = 4);
    } else {
      std::memcpy(raw, &value, 8);
    }
    for (size_t b = 0; b < size; ++b) bytes += raw[order == '>' ? size - 1 - b : b];
  }
  return bytes;
}

}  // namespace

class TestFeatures : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() { H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr); }
  void everyLayoutGivesTheSameValues_data();
  void everyLayoutGivesTheSameValues();
  void stretchesThatHdf5ReadsItself();
  void idsAreFoundWithAndWithoutPrefix();
  void halvesConvertAsIeeeSays();
  void badDatasetsAreNamed_data();
  void badDatasetsAreNamed();
  void aBadVideoDoesNotSpoilTheOthers();
  void badFilesAreRefused();
  void aFileCutAnywhereIsRefusedOrReadsRight();
  void aFileWithFlippedBytesNeverCrashes();
  void nothingIsLockedOrWritten();
  void manyThreadsReadTheSame();
  void everyNpyVariantGivesTheSameValues_data();
  void everyNpyVariantGivesTheSameValues();
  void badNpyFilesAreNamed();
  void channelsLieBesideTheFeatures_data();
  void channelsLieBesideTheFeatures();
  void writtenChannelsAreRead();
  void badChannelsAreNamed_data();
  void badChannelsAreNamed();
  void npyChannelsLieBesideTheFeatures();
  void aCutOrFlippedFileGivesNoOtherChannel();
  void nonFiniteRowsAreFound();
  void longVideosAreReadIntoPlace();
  void ucf15IsRead();

 private:
  fs::path path(const std::string& name) const { return fs::path(folder_.path().toStdString()) / name; }
  QTemporaryDir folder_;
};

void TestFeatures::everyLayoutGivesTheSameValues_data() {
  QTest::addColumn<QString>("name");
  QTest::addColumn<int>("bytes");  // 2, 4, 8, or -4 for big-endian float32
  QTest::addColumn<int>("chunk_rows");
  QTest::addColumn<int>("gzip");
  QTest::addColumn<QString>("key");
  QTest::newRow("official, float32, contiguous") << "v_abc/c3d_features" << 4 << 0 << 0 << "c3d_features";
  QTest::newRow("float16, contiguous") << "v_abc/c3d_features" << 2 << 0 << 0 << "c3d_features";
  QTest::newRow("float64, contiguous") << "v_abc/c3d_features" << 8 << 0 << 0 << "c3d_features";
  QTest::newRow("big-endian float32") << "v_abc/c3d_features" << -4 << 0 << 0 << "c3d_features";
  QTest::newRow("id without v_") << "abc/c3d_features" << 4 << 0 << 0 << "c3d_features";
  QTest::newRow("hyphen in the file") << "v_abc/c3d-features" << 4 << 0 << 0 << "c3d_features";
  QTest::newRow("hyphen in the key") << "v_abc/my_features" << 4 << 0 << 0 << "my-features";
  QTest::newRow("flat with v_") << "v_abc" << 4 << 0 << 0 << "c3d_features";
  QTest::newRow("flat without v_") << "abc" << 2 << 0 << 0 << "c3d_features";
  QTest::newRow("the one matrix of another name") << "v_abc/vgg" << 4 << 0 << 0 << "c3d_features";
  QTest::newRow("empty key finds the one matrix") << "v_abc/vgg" << 2 << 0 << 0 << "";
  QTest::newRow("one chunk, float16") << "v_abc/c3d_features" << 2 << 9 << 0 << "c3d_features";
  QTest::newRow("one chunk larger than the data") << "v_abc/c3d_features" << 4 << 12 << 0 << "c3d_features";
  QTest::newRow("several chunks") << "v_abc/c3d_features" << 4 << 2 << 0 << "c3d_features";
  QTest::newRow("one gzip chunk, float16") << "v_abc/c3d_features" << 2 << 9 << 4 << "c3d_features";
  QTest::newRow("several gzip chunks, float64") << "v_abc/c3d_features" << 8 << 4 << 6 << "c3d_features";
  // A gzip of 10 + level also shuffles the bytes and cuts the columns, one of 20 + level adds a checksum.
  QTest::newRow("shuffled gzip chunks, float16, cut columns") << "v_abc/c3d_features" << 2 << 4 << 14 << "c3d_features";
  QTest::newRow("shuffled gzip chunks, float64, cut columns") << "v_abc/c3d_features" << 8 << 4 << 14 << "c3d_features";
  QTest::newRow("shuffled gzip chunks, big-endian") << "v_abc/c3d_features" << -4 << 4 << 14 << "c3d_features";
  QTest::newRow("gzip chunks with checksum") << "v_abc/c3d_features" << 4 << 4 << 24 << "c3d_features";
}
void TestFeatures::everyLayoutGivesTheSameValues() {
  QFETCH(QString, name);
  QFETCH(int, bytes);
  QFETCH(int, chunk_rows);
  QFETCH(int, gzip);
  QFETCH(QString, key);
  const fs::path file_path = path("layout.h5");
  const hid_t file = createFile(file_path);
  const hid_t half = halfType();
  DatasetForm form;
  form.type = bytes == 2 ? half : bytes == 4 ? H5T_IEEE_F32LE : bytes == 8 ? H5T_IEEE_F64LE : H5T_IEEE_F32BE;
  form.chunk_rows = static_cast<hsize_t>(chunk_rows);
  form.gzip = gzip % 10;
  form.shuffle = gzip / 10 == 1;
  form.chunk_columns = form.shuffle ? 2 : 0;
  form.fletcher = gzip / 10 == 2;
  hsize_t rows = kRows;
  if (chunk_rows > kRows) {  // HDF5 wants fixed sizes to be at least the chunk, so this one can grow
    const hsize_t size[2] = {kRows, kColumns};
    const hsize_t most[2] = {H5S_UNLIMITED, kColumns};
    const hsize_t chunk[2] = {static_cast<hsize_t>(chunk_rows), kColumns};
    const hid_t group = H5Gcreate2(file, "v_abc", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    const hid_t space = H5Screate_simple(2, size, most);
    const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(creation, 2, chunk);
    const hid_t dataset = H5Dcreate2(group, "c3d_features", form.type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
    H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, matrixValues(kRows, kColumns).data());
    H5Dclose(dataset);
    H5Pclose(creation);
    H5Sclose(space);
    H5Gclose(group);
  } else {
    writeDataset(file, name.toStdString(), {rows, kColumns}, matrixValues(kRows, kColumns), form);
  }
  H5Tclose(half);
  H5Fclose(file);

  const auto store = hvlm::FeatureStore::open(specOf(file_path, key.toStdString()));
  QCOMPARE(store->ids(), std::vector<std::string>{"abc"});
  const auto shape = store->shape("abc");
  QVERIFY(shape.has_value());
  QCOMPARE(shape->type, std::string(bytes == 2 ? "float16" : bytes == 8 ? "float64" : "float32"));
  for (const char* id : {"abc", "v_abc"}) QCOMPARE(wrongWith(store->read(id)), std::string());
  QCOMPARE(wrongStretch(*store), std::string());
  QVERIFY(QString::fromStdString(store->describe()).contains("1 videos, 5 columns"));
}

// Behind a user block the bytes do not lie where the file says, so HDF5 reads them.
void TestFeatures::stretchesThatHdf5ReadsItself() {
  for (const hid_t type : {H5T_IEEE_F32LE, H5T_IEEE_F64BE}) {
    const hid_t creation = H5Pcreate(H5P_FILE_CREATE);
    H5Pset_userblock(creation, 512);
    const hid_t file = H5Fcreate(path("block.h5").c_str(), H5F_ACC_TRUNC, creation, H5P_DEFAULT);
    writeDataset(file, "v_abc/c3d_features", {kRows, kColumns}, matrixValues(kRows, kColumns), {.type = type});
    H5Fclose(file);
    H5Pclose(creation);
    const auto store = hvlm::FeatureStore::open(specOf(path("block.h5")));
    QCOMPARE(wrongWith(store->read("abc")), std::string());
    QCOMPARE(wrongStretch(*store), std::string());
  }
}

void TestFeatures::idsAreFoundWithAndWithoutPrefix() {
  const hid_t file = createFile(path("ids.h5"));
  for (const char* name : {"v_abc/c3d_features", "v_-x_y/c3d_features", "v_v_Vg4a8igc0/c3d_features"}) {
    writeDataset(file, name, {kRows, kColumns}, matrixValues(kRows, kColumns));
  }
  H5Fclose(file);
  const auto store = hvlm::FeatureStore::open(specOf(path("ids.h5")));
  QCOMPARE(store->ids(), (std::vector<std::string>{"-x_y", "abc", "v_Vg4a8igc0"}));
  for (const char* id : {"abc", "v_abc", "-x_y", "v_-x_y", "v_Vg4a8igc0", "v_v_Vg4a8igc0"})
    QVERIFY2(store->shape(id), id);
  QVERIFY(!store->shape("nobody"));
  QVERIFY(messageOf([&] { (void)store->read("nobody"); }).find("nobody") != std::string::npos);
}

void TestFeatures::halvesConvertAsIeeeSays() {
  struct Row {
    uint16_t half;
    float value;
  };
  for (const Row& row :
       {Row{0x0000, 0.0f}, Row{0x3C00, 1.0f}, Row{0xC000, -2.0f}, Row{0x7BFF, 65504.0f}, Row{0x0001, 0x1p-24f},
        Row{0x03FF, 0x1.ff8p-15f}, Row{0x0400, 0x1p-14f}, Row{0x7C00, INFINITY}, Row{0x3555, 0.333251953125f}}) {
    float wide = -1.0f;
    hvlm::widenHalf(&row.half, &wide, 1);
    QCOMPARE(wide, row.value);
    QCOMPARE(hvlm::narrowToHalf(row.value), row.half);
  }
  QCOMPARE(hvlm::narrowToHalf(65519.0f), uint16_t{0x7BFF});
  QCOMPARE(hvlm::narrowToHalf(65520.0f), uint16_t{0x7C00});
  QCOMPARE(hvlm::narrowToHalf(1.0f + 0x1p-11f), uint16_t{0x3C00});  // a tie goes to the even one
  QCOMPARE(hvlm::narrowToHalf(1.0f + 3 * 0x1p-11f), uint16_t{0x3C02});
  QCOMPARE(hvlm::narrowToHalf(0x1p-25f), uint16_t{0x0000});
  // The processor's way equals the portable one for all 65,536 patterns, and narrowing takes each back.
  std::vector<uint16_t> all(65536);
  for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<uint16_t>(i);
  std::vector<float> fast(all.size()), plain(all.size());
  hvlm::widenHalf(all.data(), fast.data(), all.size());
  hvlm::widenHalfPortably(all.data(), plain.data(), all.size());
  QCOMPARE(std::memcmp(fast.data(), plain.data(), fast.size() * sizeof(float)), 0);
  for (size_t i = 0; i < all.size(); ++i) {
    if (!std::isnan(plain[i])) QCOMPARE(hvlm::narrowToHalf(plain[i]), all[i]);
  }
  // Narrowing in bulk rounds as one by one, also between two halves.
  std::vector<float> between(plain);
  for (size_t i = 0; i < between.size(); ++i)
    between[i] = std::isfinite(plain[i]) ? plain[i] * (1.0f + static_cast<float>(i % 9) * 0x1p-13f) : 0.0f;
  std::vector<uint16_t> narrowed(between.size());
  hvlm::narrowHalf(between.data(), narrowed.data(), between.size());
  for (size_t i = 0; i < between.size(); ++i) QCOMPARE(narrowed[i], hvlm::narrowToHalf(between[i]));
}

void TestFeatures::badDatasetsAreNamed_data() {
  QTest::addColumn<QString>("kind");
  QTest::addColumn<QString>("part");
  QTest::newRow("one row of numbers") << "rank1"
                                      << "rank 1";
  QTest::newRow("a cube") << "rank3"
                          << "rank 3";
  QTest::newRow("whole numbers") << "integer"
                                 << "another type";
  QTest::newRow("no row") << "empty"
                          << "0 x 5";
  QTest::newRow("a size of terabytes") << "huge"
                                       << "1 GiB";
  QTest::newRow("created but not written") << "unwritten"
                                           << "never written";
  QTest::newRow("two matrices and none of the name") << "ambiguous"
                                                     << "2 matrices";
  QTest::newRow("a group without a matrix") << "nothing"
                                            << "no float matrix";
}
void TestFeatures::badDatasetsAreNamed() {
  QFETCH(QString, kind);
  QFETCH(QString, part);
  const fs::path file_path = path("bad.h5");
  const hid_t file = createFile(file_path);
  const std::string name = "v_abc/c3d_features";
  if (kind == "rank1") writeDataset(file, name, {6}, std::vector<double>(6));
  if (kind == "rank3") writeDataset(file, name, {2, 3, 4}, std::vector<double>(24));
  if (kind == "integer") writeDataset(file, name, {2, 3}, std::vector<double>(6), {.type = H5T_STD_I32LE});
  if (kind == "empty") writeDataset(file, name, {0, 5}, {});
  if (kind == "huge") writeDataset(file, name, {hsize_t{1} << 40, 500}, {}, {.chunk_rows = 1});
  if (kind == "unwritten") writeDataset(file, name, {4, 5}, {});
  if (kind == "ambiguous") {
    writeDataset(file, "v_abc/one", {2, 3}, std::vector<double>(6));
    writeDataset(file, "v_abc/two", {2, 3}, std::vector<double>(6));
  }
  if (kind == "nothing") H5Gclose(H5Gcreate2(file, "v_abc", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  H5Fclose(file);
  const auto store = hvlm::FeatureStore::open(specOf(file_path));
  const QString message = QString::fromStdString(messageOf([&] { (void)store->read("abc"); }));
  QVERIFY2(message.contains(part) && message.contains("bad.h5: /v_abc"), qPrintable(message));
  QVERIFY(!messageOf([&] { (void)store->shape("abc"); }).empty());
}

void TestFeatures::aBadVideoDoesNotSpoilTheOthers() {
  const hid_t file = createFile(path("mixed.h5"));
  writeDataset(file, "v_aaa/c3d_features", {6}, std::vector<double>(6));
  writeDataset(file, "v_bbb/c3d_features", {kRows, kColumns}, matrixValues(kRows, kColumns));
  H5Fclose(file);
  const auto store = hvlm::FeatureStore::open(specOf(path("mixed.h5")));
  QVERIFY(!messageOf([&] { (void)store->read("aaa"); }).empty());
  QCOMPARE(wrongWith(store->read("bbb")), std::string());
  QVERIFY(QString::fromStdString(store->describe()).contains("5 columns"));
}

void TestFeatures::badFilesAreRefused() {
  writeText(path("text.h5"), "this is not HDF5");
  writeText(path("zero.h5"), "");
  H5Fclose(createFile(path("hollow.h5")));
  fs::create_directories(path("nothing_here"));
  for (const char* name : {"text.h5", "zero.h5", "hollow.h5", "missing.h5", "nothing_here"}) {
    const std::string message = messageOf([&] { (void)hvlm::FeatureStore::open(specOf(path(name))); });
    QVERIFY2(message.find(name) != std::string::npos, name);
    QVERIFY(message.find('\n') == std::string::npos);
  }
}

void TestFeatures::aFileCutAnywhereIsRefusedOrReadsRight() {
  const hid_t file = createFile(path("whole.h5"));
  writeDataset(file, "v_abc/c3d_features", {kRows, kColumns}, matrixValues(kRows, kColumns),
               {.chunk_rows = 3, .gzip = 4});
  writeDataset(file, "v_xyz/c3d_features", {kRows, kColumns}, matrixValues(kRows, kColumns));
  H5Fclose(file);
  const auto size = fs::file_size(path("whole.h5"));
  int refused = 0;
  for (uintmax_t cut = 0; cut < size; cut += 97) {
    fs::copy_file(path("whole.h5"), path("cut.h5"), fs::copy_options::overwrite_existing);
    fs::resize_file(path("cut.h5"), cut);
    const std::string message = messageOf([&] {
      const auto store = hvlm::FeatureStore::open(specOf(path("cut.h5")));
      for (const std::string& id : store->ids()) {
        if (!wrongWith(store->read(id)).empty()) QFAIL("a cut file gave other values");
      }
    });
    refused += message.empty() ? 0 : 1;
    if (!message.empty()) QVERIFY2(message.find("cut.h5") != std::string::npos, message.c_str());
  }
  QVERIFY(refused > 5);
}

void TestFeatures::aFileWithFlippedBytesNeverCrashes() {
  const hid_t file = createFile(path("sound.h5"));
  const hid_t half = halfType();
  writeDataset(file, "v_abc/c3d_features", {kRows, kColumns}, matrixValues(kRows, kColumns),
               {.chunk_rows = 3, .gzip = 4, .shuffle = true});
  writeDataset(file, "v_xyz/c3d_features", {kRows, kColumns}, matrixValues(kRows, kColumns), {.type = half});
  writeDataset(file, "flat", {kRows, kColumns}, matrixValues(kRows, kColumns), {.type = H5T_IEEE_F32BE});
  H5Tclose(half);
  H5Fclose(file);
  std::ifstream in(path("sound.h5"), std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), {});
  int refused = 0;
  for (size_t at = 8; at < bytes.size(); at += 7) {
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ (at % 2 ? 0xFF : 0x05));
    writeText(path("flipped.h5"), flipped);
    refused += messageOf([&] {
                 const auto store = hvlm::FeatureStore::open(specOf(path("flipped.h5")));
                 for (const std::string& id : store->ids()) (void)store->read(id);
               }).empty()
                   ? 0
                   : 1;
  }
  QVERIFY(refused > 20);
}

void TestFeatures::nothingIsLockedOrWritten() {
  const hid_t file = createFile(path("open.h5"));
  writeDataset(file, "v_abc/c3d_features", {kRows, kColumns}, matrixValues(kRows, kColumns));
  H5Fclose(file);
  const auto before = fs::last_write_time(path("open.h5"));
  const auto store = hvlm::FeatureStore::open(specOf(path("open.h5")));
  (void)store->read("abc");
  // A second opening for writing by someone else is not held up by a lock of ours.
  const int descriptor = ::open(path("open.h5").c_str(), O_RDWR);
  struct flock lock = {};
  lock.l_type = F_WRLCK;
  QVERIFY(descriptor >= 0);
  QCOMPARE(::fcntl(descriptor, F_OFD_SETLK, &lock), 0);
  ::close(descriptor);
  QCOMPARE(fs::last_write_time(path("open.h5")), before);
}

void TestFeatures::manyThreadsReadTheSame() {
  const hid_t file = createFile(path("threads.h5"));
  for (int i = 0; i < 12; ++i) {
    writeDataset(file, "v_" + std::to_string(i) + "/c3d_features", {kRows, kColumns}, matrixValues(kRows, kColumns),
                 {.chunk_rows = hsize_t(i % 3 == 0 ? 4 : 0), .gzip = i % 3 == 0 ? 3 : 0});
  }
  H5Fclose(file);
  const auto store = hvlm::FeatureStore::open(specOf(path("threads.h5")));
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      std::optional<hvlm::UrgentReads> urgent;
      if (t == 0) urgent.emplace();
      for (int i = 0; i < 60; ++i) wrong += wrongWith(store->read(std::to_string((i + t) % 12))).empty() ? 0 : 1;
    });
  }
  for (std::thread& thread : threads) thread.join();
  QCOMPARE(wrong.load(), 0);
}

void TestFeatures::everyNpyVariantGivesTheSameValues_data() {
  QTest::addColumn<int>("version");
  QTest::addColumn<QString>("type");
  QTest::addColumn<bool>("fortran");
  QTest::addColumn<QString>("file");
  QTest::addColumn<QString>("prefix");
  for (const int version : {1, 2, 3}) {
    for (const char* type : {"<f2", "<f4", "<f8"}) {
      for (const bool fortran : {false, true}) {
        QTest::newRow(
            qPrintable(QString("format %1.0, %2, %3").arg(version).arg(type, fortran ? "Fortran order" : "C order")))
            << version << type << fortran << "abc.npy"
            << "";
      }
    }
  }
  QTest::newRow("big-endian") << 1 << ">f4" << false << "abc.npy"
                              << "";
  QTest::newRow("v_ in the name") << 1 << "<f4" << false << "v_abc.npy"
                                  << "v_";
  QTest::newRow("v_ in the name, no prefix given") << 1 << "<f4" << false << "v_abc.npy"
                                                   << "";
  QTest::newRow("another prefix") << 1 << "<f4" << false << "rgb_v_abc.npy"
                                  << "rgb_";
}
void TestFeatures::everyNpyVariantGivesTheSameValues() {
  QFETCH(int, version);
  QFETCH(QString, type);
  QFETCH(bool, fortran);
  QFETCH(QString, file);
  QFETCH(QString, prefix);
  const fs::path folder = path("npy");
  fs::remove_all(folder);
  fs::create_directories(folder);
  writeText(folder / file.toStdString(), npyBytes(version, type.toStdString()[0], type.mid(1).toStdString(), fortran));
  writeText(folder / "notes.txt", "not a matrix");
  const auto store = hvlm::FeatureStore::open(specOf(folder, "", prefix.toStdString()));
  QCOMPARE(store->ids(), std::vector<std::string>{"abc"});
  QCOMPARE(wrongWith(store->read("v_abc")), std::string());
  QCOMPARE(wrongStretch(*store), std::string());
  QCOMPARE(store->shape("abc")->columns, kColumns);
}

void TestFeatures::badNpyFilesAreNamed() {
  const fs::path folder = path("badnpy");
  fs::create_directories(folder);
  const std::string good = npyBytes(1, '<', "f4", false);
  const auto replaced = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    return text;
  };
  const std::vector<std::pair<std::string, std::string>> files = {{"cut", good.substr(0, good.size() - 1)},
                                                                  {"header", good.substr(0, 20)},
                                                                  {"empty", ""},
                                                                  {"text", "hello, this is text"},
                                                                  {"object", replaced("<f4", "|O4")},
                                                                  {"ints", replaced("<f4", "<i4")},
                                                                  {"rank", replaced("(9, 5)", "(45,) ")},
                                                                  {"huge", replaced("(9, 5)", "(9999999999, 99)")},
                                                                  {"wide", replaced("(9, 5)", "(9, 6)")},
                                                                  {"format", std::string(good).replace(6, 1, "\x09")},
                                                                  {"code", replaced("'descr'", "__im('a')")}};
  for (const auto& [name, bytes] : files) writeText(folder / (name + ".npy"), bytes);
  const auto store = hvlm::FeatureStore::open(specOf(folder));
  QCOMPARE(store->ids().size(), files.size());
  for (const auto& [name, bytes] : files) {
    const std::string message = messageOf([&] { (void)store->read(name); });
    QVERIFY2(message.find(name + ".npy") != std::string::npos, name.c_str());
  }
}

void TestFeatures::channelsLieBesideTheFeatures_data() {
  QTest::addColumn<QString>("video");
  QTest::addColumn<QString>("features");
  QTest::addColumn<bool>("column");
  QTest::addColumn<int>("bytes");
  QTest::addColumn<int>("chunk_rows");
  QTest::newRow("a vector of float32") << "v_abc" << "c3d_features" << false << 4 << 0;
  QTest::newRow("a column of float32") << "v_abc" << "c3d_features" << true << 4 << 0;
  QTest::newRow("a column beside the one matrix of another name") << "v_abc" << "vgg" << true << 4 << 0;
  QTest::newRow("a vector of float16") << "v_abc" << "c3d_features" << false << 2 << 0;
  QTest::newRow("a column of float64") << "abc" << "c3d_features" << true << 8 << 0;
  QTest::newRow("big-endian") << "v_abc" << "c3d_features" << false << -4 << 0;
  QTest::newRow("a vector in gzip chunks") << "v_abc" << "c3d_features" << false << 4 << 4;
  QTest::newRow("a column in gzip chunks") << "v_abc" << "c3d_features" << true << 2 << 4;
  QTest::newRow("a vector in one chunk") << "v_abc" << "c3d_features" << false << 8 << -9;
}
void TestFeatures::channelsLieBesideTheFeatures() {
  QFETCH(QString, video);
  QFETCH(QString, features);
  QFETCH(bool, column);
  QFETCH(int, bytes);
  QFETCH(int, chunk_rows);
  const std::string group = video.toStdString() + "/";
  const hid_t file = createFile(path("channels.h5"));
  const hid_t half = halfType();
  DatasetForm form;
  form.type = bytes == 2 ? half : bytes == 4 ? H5T_IEEE_F32LE : bytes == 8 ? H5T_IEEE_F64LE : H5T_IEEE_F32BE;
  form.chunk_rows = static_cast<hsize_t>(std::abs(chunk_rows));
  form.gzip = chunk_rows > 0 ? 4 : 0;
  const std::vector<hsize_t> size = column ? std::vector<hsize_t>{kRows, 1} : std::vector<hsize_t>{kRows};
  const std::vector<double> motion{0, 0.5, 1, 1.5, 2, 0.25, 0, 8, 3};
  const std::vector<double> saliency(kRows, 0.125);
  writeDataset(file, group + features.toStdString(), {kRows, kColumns}, matrixValues(kRows, kColumns));
  writeDataset(file, group + "motion", size, motion, form);
  writeDataset(file, group + "saliency", size, saliency, form);
  writeDataset(file, "v_bare/c3d_features", {kRows, kColumns}, matrixValues(kRows, kColumns));
  writeDataset(file, "flat", {kRows, kColumns}, matrixValues(kRows, kColumns));
  H5Tclose(half);
  H5Fclose(file);
  const auto store = hvlm::FeatureStore::open(specOf(path("channels.h5")));
  QCOMPARE(store->ids(), (std::vector<std::string>{"abc", "bare", "flat"}));
  QCOMPARE(wrongWith(store->read("abc")), std::string());
  for (const char* id : {"abc", "v_abc"}) {
    QVERIFY(store->channel(id, "motion", kRows) == std::vector<float>(motion.begin(), motion.end()));
    QVERIFY(store->channel(id, "saliency", kRows) == std::vector<float>(saliency.begin(), saliency.end()));
    QVERIFY(!store->channel(id, "audio", kRows));
  }
  for (const char* id : {"bare", "flat", "nobody"}) QVERIFY(!store->channel(id, "motion", kRows));
}

void TestFeatures::writtenChannelsAreRead() {
  std::vector<uint16_t> halves, motion;
  for (const double value : matrixValues(kRows, kColumns)) halves.push_back(hvlm::narrowToHalf(static_cast<float>(value)));
  for (int64_t i = 0; i < kRows; ++i) motion.push_back(hvlm::narrowToHalf(static_cast<float>(i) / 4));
  hvlm::FeatureWriter writer(path("written.h5"));
  writer.write("abc", kRows, kColumns, halves);
  writer.writeChannel("abc", "motion", motion);
  writer.close();
  const auto store = hvlm::FeatureStore::open(specOf(path("written.h5"), ""));
  QCOMPARE(wrongWith(store->read("abc")), std::string());
  const auto read = store->channel("abc", "motion", kRows);
  QVERIFY(read.has_value());
  for (int64_t i = 0; i < kRows; ++i) QCOMPARE(read->at(static_cast<size_t>(i)), static_cast<float>(i) / 4);
  QVERIFY(!store->channel("abc", "saliency", kRows));
}

void TestFeatures::badChannelsAreNamed_data() {
  QTest::addColumn<QString>("kind");
  QTest::addColumn<QString>("part");
  QTest::newRow("too few values") << "short" << "9 values";
  QTest::newRow("too many values") << "long" << "found 10";
  QTest::newRow("a size of terabytes") << "huge" << "1 GiB";
  QTest::newRow("two columns") << "wide" << "2 columns";
  QTest::newRow("a cube") << "cube" << "rank 3";
  QTest::newRow("a single number") << "scalar" << "rank 0";
  QTest::newRow("NaN") << "nan" << "row 4";
  QTest::newRow("a number beyond float32") << "inf" << "row 4";
  QTest::newRow("a negative number") << "negative" << "-0.5";
  QTest::newRow("whole numbers") << "integer" << "another type";
  QTest::newRow("created but not written") << "unwritten" << "never written";
  QTest::newRow("a group") << "group" << "something else";
}
void TestFeatures::badChannelsAreNamed() {
  QFETCH(QString, kind);
  QFETCH(QString, part);
  const hid_t file = createFile(path("badchannel.h5"));
  const std::string name = "v_abc/motion";
  std::vector<double> values(kRows, 1.0);
  writeDataset(file, "v_abc/c3d_features", {kRows, kColumns}, matrixValues(kRows, kColumns));
  if (kind == "short") writeDataset(file, name, {kRows - 1}, std::vector<double>(kRows - 1));
  if (kind == "long") writeDataset(file, name, {kRows + 1, 1}, std::vector<double>(kRows + 1));
  if (kind == "huge") writeDataset(file, name, {hsize_t{1} << 40}, {}, {.chunk_rows = 1});
  if (kind == "wide") writeDataset(file, name, {kRows, 2}, std::vector<double>(2 * kRows));
  if (kind == "cube") writeDataset(file, name, {kRows, 1, 1}, values);
  if (kind == "scalar") writeDataset(file, name, {}, {1.0});
  if (kind == "nan") values[4] = std::nan("");
  if (kind == "inf") values[4] = 1e300;
  if (kind == "negative") values[4] = -0.5;
  if (kind == "nan" || kind == "inf" || kind == "negative") writeDataset(file, name, {kRows}, values, {.type = H5T_IEEE_F64LE});
  if (kind == "integer") writeDataset(file, name, {kRows}, values, {.type = H5T_STD_I32LE});
  if (kind == "unwritten") writeDataset(file, name, {kRows}, {});
  if (kind == "group") H5Gclose(H5Gcreate2(file, name.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  H5Fclose(file);
  const auto store = hvlm::FeatureStore::open(specOf(path("badchannel.h5")));
  const QString message = QString::fromStdString(messageOf([&] { (void)store->channel("abc", "motion", kRows); }));
  QVERIFY2(message.contains(part) && message.contains("badchannel.h5: /v_abc/motion"), qPrintable(message));
  QCOMPARE(wrongWith(store->read("abc")), std::string());  // the features are sound
}

void TestFeatures::npyChannelsLieBesideTheFeatures() {
  const fs::path folder = path("npychannels");
  fs::create_directories(folder);
  const auto write = [&](const std::string& name, const std::string& bytes) { writeText(folder / (name + ".npy"), bytes); };
  const std::string vector_shape = "(" + std::to_string(kRows) + ",)";
  const std::string features = npyBytes(1, '<', "f4", false);
  for (const char* name : {"rgb_abc", "rgb_short", "rgb_wide", "rgb_negative", "rgb_ints"}) write(name, features);
  write("rgb_abc.motion", npyBytes(1, '<', "f8", false, kRows, 1, vector_shape));
  write("rgb_abc.saliency", npyBytes(2, '>', "f2", true, kRows, 1));
  write("rgb_short.motion", npyBytes(1, '<', "f4", false, kRows - 1, 1));
  write("rgb_wide.motion", features);
  std::string negative = npyBytes(1, '<', "f4", false, kRows, 1, vector_shape);
  negative.back() = static_cast<char>(negative.back() ^ 0x80);  // the sign of the last value
  write("rgb_negative.motion", negative);
  std::string ints = npyBytes(1, '<', "f4", false, kRows, 1, vector_shape);
  write("rgb_ints.motion", ints.replace(ints.find("<f4"), 3, "<i4"));
  write("rgb_lonely.motion", features);  // features of a video of that name: there is no rgb_lonely.npy
  const auto store = hvlm::FeatureStore::open(specOf(folder, "", "rgb_"));
  QCOMPARE(store->ids(), (std::vector<std::string>{"abc", "ints", "lonely.motion", "negative", "short", "wide"}));
  QCOMPARE(wrongWith(store->read("abc")), std::string());
  for (const char* channel : {"motion", "saliency"}) {
    const auto values = store->channel("v_abc", channel, kRows);
    QVERIFY2(values && values->size() == static_cast<size_t>(kRows), channel);
    for (int64_t i = 0; i < kRows; ++i) QCOMPARE(values->at(static_cast<size_t>(i)), static_cast<float>(valueAt(i, 0)));
  }
  QVERIFY(!store->channel("short", "saliency", kRows));
  QVERIFY(!store->channel("nobody", "motion", kRows));
  for (const auto& [id, part] : std::vector<std::pair<std::string, std::string>>{
           {"short", "9 values"}, {"wide", "5 columns"}, {"negative", "row 8"}, {"ints", "<i4"}}) {
    const std::string message = messageOf([&] { (void)store->channel(id, "motion", kRows); });
    QVERIFY2(message.find(part) != std::string::npos && message.find(id + ".motion.npy") != std::string::npos, message.c_str());
  }
}

void TestFeatures::aCutOrFlippedFileGivesNoOtherChannel() {
  const std::vector<double> motion{0, 0.5, 1, 1.5, 2, 0.25, 0, 8, 3};
  const hid_t file = createFile(path("soundchannel.h5"));
  writeDataset(file, "v_abc/c3d_features", {kRows, kColumns}, matrixValues(kRows, kColumns));
  writeDataset(file, "v_abc/motion", {kRows}, motion, {.chunk_rows = 4, .gzip = 4, .shuffle = true});
  writeDataset(file, "v_abc/saliency", {kRows, 1}, motion);
  H5Fclose(file);
  std::ifstream in(path("soundchannel.h5"), std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), {});
  int refused = 0;
  const auto tryReading = [&](const std::string& changed, bool cut) {
    writeText(path("changed.h5"), changed);
    const std::string message = messageOf([&] {
      const auto store = hvlm::FeatureStore::open(specOf(path("changed.h5")));
      for (const char* name : {"motion", "saliency"}) {
        const auto values = store->channel("abc", name, kRows);
        if (values && values->size() != static_cast<size_t>(kRows)) QFAIL("another length than asked for");
        if (cut && values && *values != std::vector<float>(motion.begin(), motion.end())) QFAIL("a cut file gave other values");
      }
    });
    refused += message.empty() ? 0 : 1;
  };
  for (size_t size = 0; size < bytes.size(); size += 97) tryReading(bytes.substr(0, size), true);
  for (size_t at = 8; at < bytes.size(); at += 7) {
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ (at % 2 ? 0xFF : 0x05));
    tryReading(flipped, false);
  }
  QVERIFY(refused > 20);
}

void TestFeatures::nonFiniteRowsAreFound() {
  hvlm::FeatureMatrix matrix{3, 4, std::vector<float>(12, 1.0f)};
  QCOMPARE(hvlm::firstNonFinite(matrix), -1);
  matrix.values[9] = INFINITY;
  QCOMPARE(hvlm::firstNonFinite(matrix), 2);
  matrix.values[4] = std::nanf("");
  QCOMPARE(hvlm::firstNonFinite(matrix), 1);
}

// Longer than what is read at a time: values, and the row of the first that is not finite.
void TestFeatures::longVideosAreReadIntoPlace() {
  constexpr int64_t kLong = 301, kWide = 700;
  QTemporaryDir folder;
  const fs::path file = fs::path(folder.path().toStdString()) / "long.h5";
  std::vector<float> values(static_cast<size_t>(kLong * kWide));
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 2039) / 16.0f;
  std::vector<float> bad = values;
  bad[static_cast<size_t>(277 * kWide + 3)] = bad[static_cast<size_t>(300 * kWide)] = std::nanf("");
  {
    hvlm::FeatureWriter writer(file, "c3d_features");
    for (const auto& [name, what] : {std::pair("whole", &values), {"broken", &bad}}) {
      std::vector<uint16_t> halves(what->size());
      hvlm::narrowHalf(what->data(), halves.data(), halves.size());
      writer.write(std::string(name) + "32", kLong, kWide, std::span<const float>(*what));
      writer.write(std::string(name) + "16", kLong, kWide, std::span<const uint16_t>(halves));
    }
    writer.close();
  }
  const auto store = hvlm::FeatureStore::open(specOf(file));
  std::vector<float> placed(values.size());
  for (const std::string kind : {"16", "32"}) {
    const auto shape = store->shape("whole" + kind).value();
    QCOMPARE(store->readInto("whole" + kind, shape, placed.data()), -1);
    QVERIFY(placed == values);
    QCOMPARE(store->readInto("broken" + kind, shape, placed.data()), 277);
  }
}

void TestFeatures::ucf15IsRead() {
  const std::string folder = sharedFolder("data/ucf15");
  if (folder.empty()) QSKIP("../shared/data/ucf15 is not here");
  const auto store = hvlm::FeatureStore::open(hvlm::readDatasetSpec(folder + "/dataset.yaml").features);
  QCOMPARE(store->ids().size(), size_t{450});
  int64_t steps = 0;
  for (const std::string& id : store->ids()) {
    const hvlm::FeatureMatrix matrix = store->read(id);
    QCOMPARE(matrix.columns, 512);
    QCOMPARE(hvlm::firstNonFinite(matrix), -1);
    steps += matrix.rows;
  }
  QCOMPARE(steps, 49560 + 21214);
  QCOMPARE(QString::fromStdString(store->describe()), QString("HDF5 features.h5, 450 videos, 512 columns, float16"));
}

QTEST_GUILESS_MAIN(TestFeatures)
#include "tst_data_features.moc"
