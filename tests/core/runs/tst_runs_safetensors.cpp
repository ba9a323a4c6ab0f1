// SPDX-License-Identifier: Apache-2.0
#include <QTemporaryDir>
#include <QtTest>
#include <cstring>

#include "runs/safetensors.h"
#include "support/atomic_file.h"
#include "support/error.h"

using hvlm::PlainTensor;
using hvlm::TensorMap;

namespace {

PlainTensor floats(std::vector<int64_t> shape, const std::vector<float>& values) {
  PlainTensor tensor{.dtype = "F32", .shape = std::move(shape), .bytes = std::vector<std::byte>(values.size() * 4)};
  if (!values.empty()) std::memcpy(tensor.bytes.data(), values.data(), tensor.bytes.size());
  return tensor;
}

// A file with this header text and so many zero bytes of data; `length` lies about the header when given.
std::string fileOf(const std::string& header, size_t data_bytes, std::optional<uint64_t> length = std::nullopt) {
  const uint64_t said = length.value_or(header.size());
  std::string out(8, '\0');
  std::memcpy(out.data(), &said, 8);
  return out + header + std::string(data_bytes, '\0');
}

QString refusal(const std::string& bytes) {
  try {
    hvlm::decodeSafetensors(bytes, "w.safetensors");
  } catch (const hvlm::InputError& error) {
    return QString::fromUtf8(error.what());
  }
  return {};
}

}  // namespace

class TestSafetensors : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void whatIsWrittenReadsBack();
  void knownBytes();
  void sameContentGivesTheSameBytes();
  void attacksAreRefused_data();
  void attacksAreRefused();
  void everyTruncationIsRefused();
  void fileReaderRefusesWhatTheMemoryReaderRefuses();
  void fullDiskIsSaid();
};

void TestSafetensors::whatIsWrittenReadsBack() {
  TensorMap tensors;
  tensors["b"] = floats({2, 3}, {1, 2, 3, 4, 5, 6});
  tensors["a scalar"] = floats({}, {0.5f});
  tensors["empty"] = floats({0, 7}, {});
  tensors["wide"] = PlainTensor{.dtype = "I64", .shape = {1}, .bytes = std::vector<std::byte>(8, std::byte{3})};
  tensors["mask"] = PlainTensor{.dtype = "U8", .shape = {3}, .bytes = std::vector<std::byte>(3, std::byte{9})};
  QTemporaryDir folder;
  const auto file = std::filesystem::path(folder.path().toStdString()) / "t.safetensors";
  hvlm::writeSafetensors(file, tensors, {{"format", "pt"}});
  QCOMPARE(hvlm::readFile(file), hvlm::encodeSafetensors(tensors, {{"format", "pt"}}));
  std::map<std::string, std::string> metadata = {{"left", "over"}};
  for (const TensorMap& back : {hvlm::readSafetensors(file, &metadata), hvlm::decodeSafetensors(hvlm::readFile(file), "t")}) {
    QCOMPARE(back.size(), tensors.size());
    for (const auto& [name, tensor] : tensors) {
      QCOMPARE(back.at(name).dtype, tensor.dtype);
      QVERIFY(back.at(name).shape == tensor.shape);
      QVERIFY(back.at(name).bytes == tensor.bytes);
    }
  }
  const std::map<std::string, std::string> expected = {{"format", "pt"}};
  QVERIFY(metadata == expected);
}

void TestSafetensors::knownBytes() {
  const std::string bytes = hvlm::encodeSafetensors({{"x", floats({1}, {1.0f})}});
  const std::string header = R"({"x":{"data_offsets":[0,4],"dtype":"F32","shape":[1]}})";
  const std::string padded = header + std::string((8 - header.size() % 8) % 8, ' ');
  QCOMPARE(bytes, fileOf(padded, 0) + std::string("\x00\x00\x80\x3f", 4));
}

void TestSafetensors::sameContentGivesTheSameBytes() {
  TensorMap one;
  one["a"] = floats({1}, {1});
  one["b"] = floats({1}, {2});
  TensorMap two;
  two["b"] = floats({1}, {2});
  two["a"] = floats({1}, {1});
  QCOMPARE(hvlm::encodeSafetensors(one), hvlm::encodeSafetensors(two));
}

void TestSafetensors::attacksAreRefused_data() {
  QTest::addColumn<QByteArray>("bytes");
  QTest::addColumn<QString>("part");
  const auto row = [](const char* name, const std::string& bytes, const char* part) {
    QTest::newRow(name) << QByteArray::fromStdString(bytes) << QString::fromUtf8(part);
  };
  const std::string good = R"("dtype":"F32","shape":[1],"data_offsets":[0,4])";
  row("an empty file", "", "at least 10 bytes");
  row("header longer than 100 MB", fileOf("{}", 0, 100'000'001), "at most 100 MB");
  row("header length of 2^64 - 1", fileOf("{}", 0, ~uint64_t{0}), "at most 100 MB");
  row("header longer than the file", fileOf("{}", 0, 50), "end of the file");
  row("header that is no object", fileOf("[1]", 0), "begins with {");
  row("broken JSON", fileOf(R"({"x":{)", 0), "valid JSON header");
  row("text behind the header", fileOf("{} x", 0), "valid JSON header");
  row("deep JSON", fileOf(R"({"x":)" + std::string(100'000, '['), 0), "deeper");
  row("a shape of many dimensions", fileOf(R"({"x":{"dtype":"F32","data_offsets":[0,4],"shape":[1)" + [] {
        std::string more;
        for (int i = 0; i < 40; ++i) more += ",1";
        return more;
      }() + "]}}", 4), "32 dimensions");
  row("the same tensor twice", fileOf("{\"x\":{" + good + "},\"x\":{" + good + "}}", 4), "twice");
  row("the same key twice", fileOf(R"({"x":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 4), "twice");
  row("two tensors over the same bytes", fileOf("{\"x\":{" + good + "},\"y\":{" + good + "}}", 4), "overlap");
  row("tensors that overlap by some bytes", fileOf(R"({"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"y":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", 8), "overlap");
  row("a hole between tensors", fileOf("{\"x\":{" + good + R"(},"y":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}})", 12), "hole");
  row("a hole before the first", fileOf(R"({"x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", 8), "hole");
  row("data behind the last", fileOf("{\"x\":{" + good + "}}", 5), "4 bytes of data");
  row("data past the end", fileOf("{\"x\":{" + good + "}}", 3), "4 bytes of data");
  row("data without a tensor", fileOf("{}", 3), "0 bytes of data");
  row("a shape that overflows", fileOf(R"({"x":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}})", 0), "64 bits");
  row("a shape that overflows to the right size", fileOf(R"({"x":{"dtype":"F32","shape":[4611686018427387905,1],"data_offsets":[0,4]}})", 4), "64 bits");
  row("a size that is not the shape's", fileOf(R"({"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", 4), "8 bytes for this shape");
  row("offsets that go back", fileOf(R"({"x":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", 4), "offsets 4 to 0");
  row("a negative extent", fileOf(R"({"x":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", 4), "whole number");
  row("a fractional extent", fileOf(R"({"x":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}})", 4), "whole number");
  row("an extent past 2^63", fileOf(R"({"x":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,4]}})", 4), "2^63");
  row("three offsets", fileOf(R"({"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}})", 4), "two data_offsets");
  row("an unknown dtype", fileOf(R"({"x":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}})", 4), "F31");
  row("a tensor without a shape", fileOf(R"({"x":{"dtype":"F32","data_offsets":[0,4]}})", 4), "dtype, shape and data_offsets");
  row("a tensor that is a text", fileOf(R"({"x":"F32"})", 0), "dtype, shape and data_offsets");
  row("metadata that is no text", fileOf(R"({"__metadata__":{"a":1}})", 0), "texts by name");
  row("metadata that is a list", fileOf(R"({"__metadata__":["a"]})", 0), "texts by name");
  row("a name that is not UTF-8", fileOf("{\"\xff\":{" + good + "}}", 4), "valid JSON header");
}
void TestSafetensors::attacksAreRefused() {
  QFETCH(QByteArray, bytes);
  QFETCH(QString, part);
  const QString message = refusal(bytes.toStdString());
  QVERIFY2(message.contains(part), qPrintable("\"" + message + "\" lacks " + part));
  QVERIFY(message.contains("w.safetensors"));
}

void TestSafetensors::everyTruncationIsRefused() {
  const std::string whole = hvlm::encodeSafetensors({{"x", floats({2}, {1, 2})}, {"y", floats({1}, {3})}});
  QVERIFY(refusal(whole).isEmpty());
  for (size_t size = 0; size < whole.size(); ++size) QVERIFY2(!refusal(whole.substr(0, size)).isEmpty(), qPrintable(QString::number(size)));
}

void TestSafetensors::fileReaderRefusesWhatTheMemoryReaderRefuses() {
  QTemporaryDir folder;
  const auto file = std::filesystem::path(folder.path().toStdString()) / "t.safetensors";
  const std::string whole = hvlm::encodeSafetensors({{"x", floats({2}, {1, 2})}});
  for (const size_t size : {size_t{0}, size_t{4}, size_t{9}, whole.size() / 2, whole.size() - 1}) {
    hvlm::writeFileAtomic(file, whole.substr(0, size));
    QVERIFY_THROWS_EXCEPTION(hvlm::InputError, hvlm::readSafetensors(file));
  }
  QVERIFY_THROWS_EXCEPTION(hvlm::InputError, hvlm::readSafetensors(file.parent_path()));
  QVERIFY_THROWS_EXCEPTION(hvlm::InputError, hvlm::readSafetensors(file.parent_path() / "missing"));
}

void TestSafetensors::fullDiskIsSaid() {
  QString message;
  try {
    hvlm::writeSafetensors("/dev/full", {{"x", floats({1}, {1})}});
  } catch (const hvlm::InputError& error) {
    message = QString::fromUtf8(error.what());
  }
  QVERIFY2(message.contains("/dev/full") && message.contains("Free some space"), qPrintable(message));
}

QTEST_GUILESS_MAIN(TestSafetensors)
#include "tst_runs_safetensors.moc"
