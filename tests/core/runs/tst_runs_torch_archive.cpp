// SPDX-License-Identifier: Apache-2.0
// Tensors of PyTorch files, old and new form, without executing anything.
#include <QtTest>
#include <cstring>
#include <random>

#include "runs/torch_archive.h"
#include "support/error.h"

using namespace hvlm;

namespace {

std::string little(uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
  return out;
}
std::string text(const std::string& s) { return "X" + little(s.size(), 4) + s; }

// {"layer.weight": a tensor of storage "0" with these sizes and strides}
std::string tensorPickle(uint8_t rows, uint8_t columns, uint8_t row_stride, uint8_t column_stride, uint8_t elements, uint8_t offset = 0) {
  const auto k = [](uint8_t v) { return std::string("K") + static_cast<char>(v); };
  return std::string("\x80\x02") + "ccollections\nOrderedDict\n)R(" + text("layer.weight") + "ctorch._utils\n_rebuild_tensor_v2\n((" + text("storage") + "ctorch\nFloatStorage\n" + text("0") + text("cpu") +
         k(elements) + "NtQ" + k(offset) + k(rows) + k(columns) + "\x86" + k(row_stride) + k(column_stride) + "\x86" + "\x89" + "ccollections\nOrderedDict\n)RtRu.";
}

std::string floats(const std::vector<float>& values) {
  std::string bytes(values.size() * 4, '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

std::string legacy(const std::string& pickle, const std::vector<float>& values) {
  const std::string magic = std::string("\x80\x02\x8a\x0a") + std::string("\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 10) + ".";
  return magic + "\x80\x02M\xe9\x03." + "\x80\x02}." + pickle + std::string("\x80\x02](") + text("0") + "e." + little(values.size(), 8) + floats(values);
}

std::string zipOf(const std::vector<std::pair<std::string, std::string>>& members, bool packed = false) {
  std::string out, directory;
  for (const auto& [name, data] : members) {
    const std::string head = little(20, 2) + little(0, 2) + little(packed ? 8 : 0, 2) + little(0, 4) + little(0, 4) + little(data.size(), 4) + little(data.size(), 4) + little(name.size(), 2) + little(0, 2);
    directory += "PK\x01\x02" + little(20, 2) + head + little(0, 2) + little(0, 2) + little(0, 2) + little(0, 4) + little(out.size(), 4) + name;
    out += "PK\x03\x04" + head + name + data;
  }
  return out + directory + "PK\x05\x06" + little(0, 4) + little(members.size(), 2) + little(members.size(), 2) + little(directory.size(), 4) + little(out.size(), 4) + little(0, 2);
}

std::vector<float> valuesOf(const PlainTensor& tensor) {
  std::vector<float> values(tensor.bytes.size() / 4);
  std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
  return values;
}

std::string refusal(const std::string& bytes) {
  try {
    decodeTorchArchive(bytes, "file.pt");
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

class TestTorchArchive : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void bothFormsGiveTheTensor();
  void stridesAreHonoured();
  void whatIsNoTensorIsRefused_data();
  void whatIsNoTensorIsRefused();
  void everyCutIsRefused();
  void damageNeverCrashes();
};

void TestTorchArchive::bothFormsGiveTheTensor() {
  const std::string pickle = tensorPickle(2, 3, 3, 1, 6);
  const std::vector<float> values = {1, 2, 3, 4, 5, 6};
  for (const std::string& bytes : {legacy(pickle, values), zipOf({{"model/data.pkl", pickle}, {"model/data/0", floats(values)}, {"model/version", "3\n"}})}) {
    const TensorMap tensors = decodeTorchArchive(bytes, "file");
    QCOMPARE(tensors.size(), size_t{1});
    QCOMPARE(tensors.at("layer.weight").dtype, std::string("F32"));
    QCOMPARE(tensors.at("layer.weight").shape, (std::vector<int64_t>{2, 3}));
    QCOMPARE(valuesOf(tensors.at("layer.weight")), values);
  }
}

void TestTorchArchive::stridesAreHonoured() {
  const TensorMap turned = decodeTorchArchive(legacy(tensorPickle(2, 3, 1, 2, 7, 1), {9, 1, 4, 2, 5, 3, 6}), "file");
  QCOMPARE(valuesOf(turned.at("layer.weight")), (std::vector<float>{1, 2, 3, 4, 5, 6}));
}

void TestTorchArchive::whatIsNoTensorIsRefused_data() {
  QTest::addColumn<QByteArray>("bytes");
  QTest::addColumn<QByteArray>("fragment");
  const auto row = [](const char* name, const std::string& bytes, const char* fragment) { QTest::newRow(name) << QByteArray::fromStdString(bytes) << QByteArray(fragment); };
  row("code", legacy(std::string("\x80\x02") + "cos\nsystem\n(" + text("rm -rf /") + "tR.", {1}), "os system");
  row("code by its newer opcode", legacy(std::string("\x80\x04") + text("builtins") + text("eval") + "\x93" + ".", {1}), "builtins eval");
  row("an opcode that builds objects", legacy(std::string("\x80\x02") + "(i__main__\nX\n.", {1}), "opcode");
  row("beyond its storage", legacy(tensorPickle(2, 4, 4, 1, 6), {1, 2, 3, 4, 5, 6}), "beyond its storage");
  row("an offset beyond its storage", legacy(tensorPickle(2, 3, 3, 1, 6, 1), {1, 2, 3, 4, 5, 6}), "beyond its storage");
  row("TorchScript", zipOf({{"m/data.pkl", tensorPickle(1, 1, 1, 1, 1)}, {"m/code/model.py", "x"}}), "--trust");
  row("packed members", zipOf({{"m/data.pkl", tensorPickle(1, 1, 1, 1, 1)}}, true), "packed");
  row("no data", zipOf({{"m/version", "3"}}), "data.pkl");
  row("a storage that is not there", zipOf({{"m/data.pkl", tensorPickle(1, 1, 1, 1, 1)}}), "no storage");
  row("text", "hello", "another kind");
  row("nothing", "", "another kind");
}
void TestTorchArchive::whatIsNoTensorIsRefused() {
  QFETCH(QByteArray, bytes);
  QFETCH(QByteArray, fragment);
  const std::string said = refusal(bytes.toStdString());
  QVERIFY2(said.find(fragment.toStdString()) != std::string::npos, said.c_str());
}

void TestTorchArchive::everyCutIsRefused() {
  const std::vector<float> values = {1, 2, 3, 4, 5, 6};
  for (const std::string& whole : {legacy(tensorPickle(2, 3, 3, 1, 6), values), zipOf({{"m/data.pkl", tensorPickle(2, 3, 3, 1, 6)}, {"m/data/0", floats(values)}})}) {
    for (size_t length = 0; length < whole.size(); ++length) {
      // The very last bytes of a zip are its comment's length.
      if (whole.size() - length <= 2 && whole.starts_with("PK")) continue;
      QVERIFY2(!refusal(whole.substr(0, length)).empty(), qPrintable(QString::number(length)));
    }
  }
}

void TestTorchArchive::damageNeverCrashes() {
  const std::vector<float> values = {1, 2, 3, 4, 5, 6};
  std::mt19937 random(3);
  int refused = 0;
  for (int i = 0; i < 4000; ++i) {
    std::string bytes = i % 2 ? legacy(tensorPickle(2, 3, 3, 1, 6), values) : zipOf({{"m/data.pkl", tensorPickle(2, 3, 3, 1, 6)}, {"m/data/0", floats(values)}});
    for (int n = 0; n < 1 + i % 5; ++n) bytes[random() % bytes.size()] = static_cast<char>(random());
    refused += !refusal(bytes).empty();
  }
  QVERIFY(refused > 1000);
}

QTEST_GUILESS_MAIN(TestTorchArchive)
#include "tst_runs_torch_archive.moc"
