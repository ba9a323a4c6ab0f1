// SPDX-License-Identifier: Apache-2.0
#include <QTemporaryDir>
#include <QtTest>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "runs/weight_numbers.h"
#include "runs/weight_tools.h"
#include "support/atomic_file.h"
#include "support/error.h"

using namespace hvlm;
namespace fs = std::filesystem;

namespace {

template <class T>
PlainTensor tensorOf(const std::string& dtype, std::vector<int64_t> shape, const std::vector<T>& values) {
  PlainTensor tensor{.dtype = dtype, .shape = std::move(shape), .bytes = std::vector<std::byte>(values.size() * sizeof(T))};
  std::memcpy(tensor.bytes.data(), values.data(), tensor.bytes.size());
  return tensor;
}
PlainTensor floats(std::vector<int64_t> shape, const std::vector<float>& values) { return tensorOf("F32", std::move(shape), values); }
PlainTensor narrow(const std::string& dtype, const std::vector<float>& values) {
  std::vector<uint16_t> bits;
  for (const float value : values) bits.push_back(dtype == "F16" ? toHalf(value) : toBfloat(value));
  return tensorOf(dtype, {static_cast<int64_t>(values.size())}, bits);
}

bool same(const PlainTensor& a, const PlainTensor& b) { return a.dtype == b.dtype && a.shape == b.shape && a.bytes == b.bytes; }

// A safetensors file of this header without any data; `said` lies about the header's length.
std::string headerOnly(const std::string& header, uint64_t said, size_t data_bytes) {
  std::string out(8, '\0');
  std::memcpy(out.data(), &said, 8);
  return out + header + std::string(data_bytes, '\0');
}

const std::vector<float> kA = {1, 2, -1, 0.5f, 0, 3, 4, -2};           // [2, 4]
const std::vector<float> kB = {1, 0, 2, -1, 0.25f, 3};                 // [3, 2]
const std::vector<float> kW = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};  // [3, 4]

std::vector<float> merged(double scale) {
  std::vector<float> w = kW;
  for (size_t i = 0; i < 3; ++i) {
    for (size_t j = 0; j < 4; ++j) w[i * 4 + j] += static_cast<float>(scale * (kB[i * 2] * kA[j] + kB[i * 2 + 1] * kA[4 + j]));
  }
  return w;
}

float largestDifference(const std::vector<float>& a, const std::vector<float>& b) {
  float most = a.size() == b.size() ? 0.0f : std::numeric_limits<float>::infinity();
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) most = std::max(most, std::abs(a[i] - b[i]));
  return most;
}

}  // namespace

class TestWeightTools : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init() { folder_ = std::make_unique<QTemporaryDir>(); }
  void narrowNumbersRoundToTheNearest();
  void deltaAndItsInverse();
  void narrowDeltasComeBackWithinRounding_data();
  void narrowDeltasComeBackWithinRounding();
  void grownCopiedAndLeftOutAreCounted();
  void outMayBeAnInput();
  void badDeltasAreRefused_data();
  void badDeltasAreRefused();
  void loraIsTheProduct_data();
  void loraIsTheProduct();
  void wholeTensorsOfAnAdapterReplaceTheBase();
  void badAdaptersAreRefused_data();
  void badAdaptersAreRefused();
  void shardsBecomeOneFile();
  void badShardsAreRefused_data();
  void badShardsAreRefused();

 private:
  fs::path file(const std::string& name) const { return fs::path(folder_->path().toStdString()) / name; }
  fs::path write(const std::string& name, const TensorMap& tensors) const {
    fs::create_directories(file(name).parent_path());
    writeSafetensors(file(name), tensors);
    return file(name);
  }
  fs::path writeAdapter(const TensorMap& tensors, const std::string& config) const {
    write("adapter/adapter_model.safetensors", tensors);
    if (!config.empty()) writeFileAtomic(file("adapter/adapter_config.json"), config);
    return file("adapter");
  }
  // What `work` throws; fails when it writes `out`, harms what is there, or leaves another file behind.
  QString refusal(const std::function<void(const fs::path& out)>& work) const {
    const auto names = [&] {
      std::set<std::string> all;
      for (const auto& entry : fs::recursive_directory_iterator(folder_->path().toStdString())) all.insert(entry.path().string());
      return all;
    };
    const auto attempt = [&](const fs::path& out) -> QString {
      try {
        work(out);
      } catch (const InputError& error) {
        return QString::fromUtf8(error.what());
      }
      return QStringLiteral("not refused");
    };
    const auto before = names();
    const QString text = attempt(file("out.safetensors"));
    if (names() != before) return QStringLiteral("something was written: ") + text;
    writeFileAtomic(file("kept.safetensors"), "mine");
    const QString again = attempt(file("kept.safetensors"));
    return readFile(file("kept.safetensors")) == "mine" && again == text ? text : QStringLiteral("what was there is gone: ") + again;
  }
  void checkRefusal(const std::function<void(const fs::path& out)>& work, const QStringList& fragments) const {
    const QString text = refusal(work);
    for (const QString& fragment : fragments)
      QVERIFY2(text.contains(fragment), qPrintable(fragment + QStringLiteral(" is not in: ") + text));
    QVERIFY2(!text.startsWith(QStringLiteral("something")) && !text.startsWith(QStringLiteral("what was")), qPrintable(text));
  }
  std::unique_ptr<QTemporaryDir> folder_;
};

void TestWeightTools::narrowNumbersRoundToTheNearest() {
  const auto value = [](uint32_t bits) {  // of a positive half, by its definition
    const auto fraction = static_cast<double>(bits & 0x3FFu);
    return (bits >> 10) == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024.0 + fraction, static_cast<int>(bits >> 10) - 25);
  };
  for (uint32_t bits = 0; bits < 0x7C00u; ++bits) {
    const auto half = static_cast<uint16_t>(bits);
    const auto here = static_cast<float>(value(bits)), middle = static_cast<float>((value(bits) + value(bits + 1)) / 2.0);
    if (fromHalf(half) != here || toHalf(here) != half || toHalf(-here) != (half | 0x8000u))
      QFAIL(qPrintable(QStringLiteral("half %1").arg(bits)));
    if (toHalf(middle) != bits + (bits & 1u)) QFAIL(qPrintable(QStringLiteral("a tie goes to even: %1").arg(bits)));
    if (toHalf(std::nextafter(middle, 0.0f)) != bits || toHalf(std::nextafter(middle, 1e9f)) != bits + 1)
      QFAIL(qPrintable(QStringLiteral("beside the tie: %1").arg(bits)));
  }
  QCOMPARE(toHalf(1e9f), uint16_t{0x7C00});
  QVERIFY(std::isnan(fromHalf(toHalf(std::nanf("")))) && std::isnan(fromBfloat(toBfloat(std::nanf("")))));
  QCOMPARE(fromBfloat(0x3FC0), 1.5f);
  QCOMPARE(toBfloat(1.00390625f), uint16_t{0x3F80});  // ties to even: between 3F80 and 3F81 …
  QCOMPARE(toBfloat(1.01171875f), uint16_t{0x3F82});  // … and between 3F81 and 3F82
  QCOMPARE(toBfloat(std::numeric_limits<float>::max()), uint16_t{0x7F80});
}

void TestWeightTools::deltaAndItsInverse() {
  constexpr int64_t kFar = int64_t{1} << 60;
  const TensorMap base = {{"w", floats({2, 2}, {1, -2, 0.5f, 4})},
                          {"n", tensorOf<int64_t>("I64", {2}, {-3, kFar})},
                          {"u", tensorOf<uint8_t>("U8", {2}, {200, 7})}};
  const TensorMap target = {{"w", floats({2, 2}, {1.25f, 3, 0.5f, -4})},
                            {"n", tensorOf<int64_t>("I64", {2}, {5, -kFar})},
                            {"u", tensorOf<uint8_t>("U8", {2}, {100, 9})}};
  write("base.safetensors", base);
  write("target.safetensors", target);
  const WeightToolReport made = makeDelta(file("base.safetensors"), file("target.safetensors"), file("delta.safetensors"));
  QCOMPARE(made.changed, int64_t{3});
  const TensorMap delta = readSafetensors(file("delta.safetensors"));
  QVERIFY(same(delta.at("w"), floats({2, 2}, {0.25f, 5, 0, -8})));
  QVERIFY(same(delta.at("n"), tensorOf<int64_t>("I64", {2}, {8, -2 * kFar})));
  const WeightToolReport applied = applyDelta(file("base.safetensors"), file("delta.safetensors"), file("again.safetensors"));
  QCOMPARE(applied.tensors, int64_t{3});
  QCOMPARE(applied.copied + applied.grown + applied.left_out + applied.shards, int64_t{0});
  for (const auto& [name, tensor] : readSafetensors(file("again.safetensors"))) QVERIFY2(same(tensor, target.at(name)), name.c_str());
}

void TestWeightTools::narrowDeltasComeBackWithinRounding_data() {
  QTest::addColumn<QByteArray>("name");
  QTest::addColumn<double>("epsilon");  // of a number of size one
  QTest::newRow("half") << QByteArrayLiteral("F16") << std::ldexp(1.0, -11);
  QTest::newRow("bfloat16") << QByteArrayLiteral("BF16") << std::ldexp(1.0, -8);
}
void TestWeightTools::narrowDeltasComeBackWithinRounding() {
  QFETCH(double, epsilon);
  QFETCH(QByteArray, name);
  const std::string dtype = name.toStdString();
  std::vector<float> base, target;
  for (int i = 0; i < 200; ++i) {
    base.push_back(std::sin(static_cast<float>(i)));
    target.push_back(std::cos(3.0f * static_cast<float>(i)));
  }
  write("base.safetensors", {{"w", narrow(dtype, base)}});
  write("target.safetensors", {{"w", narrow(dtype, target)}});
  makeDelta(file("base.safetensors"), file("target.safetensors"), file("delta.safetensors"));
  applyDelta(file("base.safetensors"), file("delta.safetensors"), file("again.safetensors"));
  const PlainTensor again = readSafetensors(file("again.safetensors")).at("w");
  QCOMPARE(again.dtype, dtype);
  const float off = largestDifference(tensorFloats(again), tensorFloats(narrow(dtype, target)));
  QVERIFY2(off <= 3.0 * epsilon,
           qPrintable(QString::number(static_cast<double>(off))));  // |delta| < 2: one rounding of it and one of the sum
  // Another dtype in the base is no hindrance: the sum is in the delta's.
  write("wide.safetensors", {{"w", floats({2}, {1, 2})}});
  write("small.safetensors", {{"w", narrow(dtype, {0.5f, -1})}});
  applyDelta(file("wide.safetensors"), file("small.safetensors"), file("sum.safetensors"));
  QVERIFY(same(readSafetensors(file("sum.safetensors")).at("w"), narrow(dtype, {1.5f, 1})));
}

void TestWeightTools::grownCopiedAndLeftOutAreCounted() {
  write("base/model.safetensors",
        {{"embed", floats({2, 2}, {1, 2, 3, 4})}, {"w", floats({1}, {5})}, {"old", floats({1}, {6})}, {"older", floats({}, {6})}});
  write("delta.safetensors", {{"embed", floats({3, 2}, {10, 10, 10, 10, 7, 8})}, {"w", floats({1}, {1})}, {"new", floats({2}, {8, 9})}});
  const WeightToolReport report = applyDelta(file("base"), file("delta.safetensors"), file("out.safetensors"));  // a folder with one model
  const TensorMap out = readSafetensors(file("out.safetensors"));
  QCOMPARE(out.size(), size_t{3});
  QVERIFY(same(out.at("embed"), floats({3, 2}, {11, 12, 13, 14, 7, 8})));
  QVERIFY(same(out.at("new"), floats({2}, {8, 9})));
  QCOMPARE(std::vector<int64_t>({report.tensors, report.changed, report.copied, report.grown, report.left_out}),
           std::vector<int64_t>({3, 2, 1, 1, 2}));
  makeDelta(file("base"), file("out.safetensors"), file("back.safetensors"));
  for (const auto& [name, tensor] : readSafetensors(file("back.safetensors")))
    QVERIFY2(same(tensor, readSafetensors(file("delta.safetensors")).at(name)), name.c_str());
}

void TestWeightTools::outMayBeAnInput() {
  write("base.safetensors", {{"w", floats({2}, {1, 2})}});
  write("delta.safetensors", {{"w", floats({2}, {4, 5})}});
  applyDelta(file("base.safetensors"), file("delta.safetensors"), file("delta.safetensors"));
  QVERIFY(same(readSafetensors(file("delta.safetensors")).at("w"), floats({2}, {5, 7})));
  fs::create_hard_link(file("base.safetensors"), file("as before.safetensors"));
  applyDelta(file("base.safetensors"), file("delta.safetensors"), file("base.safetensors"));
  QVERIFY(same(readSafetensors(file("base.safetensors")).at("w"), floats({2}, {6, 9})));
  // Renamed into place, not written over: who has the old file open goes on reading the old one.
  QVERIFY(same(readSafetensors(file("as before.safetensors")).at("w"), floats({2}, {1, 2})));
}

void TestWeightTools::badDeltasAreRefused_data() {
  QTest::addColumn<QString>("delta");  // the file's whole content; the base holds w, F32 [2, 2]
  QTest::addColumn<QStringList>("fragments");
  const auto row = [](const char* name, const std::string& bytes, const QStringList& fragments) {
    QTest::newRow(name) << QString::fromLatin1(bytes.data(), static_cast<qsizetype>(bytes.size())) << fragments;
  };
  const auto words = [](const char* list) { return QString::fromUtf8(list).split(QLatin1Char('|')); };
  row("another second dimension", encodeSafetensors({{"w", floats({2, 3}, {1, 2, 3, 4, 5, 6})}}),
      words("delta.safetensors: w|[2, 2]|[2, 3]"));
  row("shorter than the base", encodeSafetensors({{"w", floats({1, 2}, {1, 2})}}), words("delta.safetensors: w|[2, 2]|[1, 2]"));
  row("another number of dimensions", encodeSafetensors({{"w", floats({4}, {1, 2, 3, 4})}}), words("delta.safetensors: w|[2, 2]|[4]"));
  row("whole numbers on floats", encodeSafetensors({{"w", tensorOf<int64_t>("I64", {2, 2}, {1, 2, 3, 4})}}),
      words("delta.safetensors: w|F32|I64"));
  row("no name in common", encodeSafetensors({{"v", floats({1}, {1})}}), words("delta.safetensors|none of the same name"));
  const std::string pair =
      R"({"v":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"w":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})";
  row("overlapping offsets", headerOnly(pair, pair.size(), 12), words("delta.safetensors: w|overlap at byte 4"));
  row("a header larger than allowed", headerOnly("{}", 200'000'000, 8), words("delta.safetensors|at most 100 MB|200000000"));
  row("a header longer than the file", headerOnly("{}", 4000, 8), words("delta.safetensors|4000|the end of the file"));
}
void TestWeightTools::badDeltasAreRefused() {
  QFETCH(QString, delta);
  QFETCH(QStringList, fragments);
  write("base.safetensors", {{"w", floats({2, 2}, {1, 2, 3, 4})}});
  writeFileAtomic(file("delta.safetensors"), delta.toLatin1().toStdString());
  checkRefusal([&](const fs::path& out) { applyDelta(file("base.safetensors"), file("delta.safetensors"), out); }, fragments);
}

void TestWeightTools::loraIsTheProduct_data() {
  QTest::addColumn<QString>("a_name");  // of the two halves in the adapter
  QTest::addColumn<QString>("b_name");
  QTest::addColumn<QString>("config");  // adapter_config.json; "" is none
  QTest::addColumn<double>("asked");    // alpha given by hand; 0 is none
  QTest::addColumn<double>("scale");    // expected; r = 2
  const QString a = QStringLiteral("base_model.model.m.q.lora_A.weight"), b = QStringLiteral("base_model.model.m.q.lora_B.weight");
  const QString plain = QStringLiteral(R"({"peft_type": "LORA", "r": 2, "lora_alpha": 16, "use_dora": false, "alpha_pattern": {}})");
  QTest::newRow("PEFT's names, alpha of the config") << a << b << plain << 0.0 << 8.0;
  QTest::newRow("PEFT's names with the adapter's own") << "base_model.model.m.q.lora_A.default.weight"
                                                       << "base_model.model.m.q.lora_B.default.weight" << plain << 0.0 << 8.0;
  QTest::newRow("names without a prefix") << "m.q.lora_a"
                                          << "m.q.lora_b" << plain << 0.0 << 8.0;
  QTest::newRow("alpha by hand goes first") << a << b << plain << 3.0 << 1.5;
  QTest::newRow("alpha by hand, no config") << a << b << QString() << 4.0 << 2.0;
  QTest::newRow("rank-stabilised") << a << b << R"({"lora_alpha": 16, "use_rslora": true})" << 0.0 << 16.0 / std::sqrt(2.0);
  QTest::newRow("rank-stabilised, alpha by hand") << a << b << R"({"lora_alpha": 16, "use_rslora": true})" << 2.0 << std::sqrt(2.0);
}
void TestWeightTools::loraIsTheProduct() {
  QFETCH(QString, a_name);
  QFETCH(QString, b_name);
  QFETCH(QString, config);
  QFETCH(double, asked);
  QFETCH(double, scale);
  const fs::path adapter =
      writeAdapter({{a_name.toStdString(), floats({2, 4}, kA)}, {b_name.toStdString(), floats({3, 2}, kB)}}, config.toStdString());
  const auto alpha = asked == 0.0 ? std::nullopt : std::optional(asked);
  const PlainTensor other = floats({2}, {7, 8});
  for (const char* name : {"m.q.weight", "m.q"}) {  // the layer's weight, or a parameter of that name
    const fs::path base = write("base.safetensors", {{name, floats({3, 4}, kW)}, {"m.other.weight", other}});
    const WeightToolReport report = mergeLora(base, adapter, file("out.safetensors"), alpha);
    QCOMPARE(std::vector<int64_t>({report.tensors, report.changed, report.copied}), std::vector<int64_t>({2, 1, 1}));
    const TensorMap out = readSafetensors(file("out.safetensors"));
    QVERIFY(same(out.at("m.other.weight"), other));
    QCOMPARE(out.at(name).dtype, std::string("F32"));
    QVERIFY(largestDifference(tensorFloats(out.at(name)), merged(scale)) < 3e-5f);  // numbers up to 150
  }
  // In the base's dtype, out over the base, the adapter's file by name.
  PlainTensor half = narrow("F16", kW);
  half.shape = {3, 4};
  const fs::path base = write("half.safetensors", {{"m.q.weight", half}});
  mergeLora(base, adapter / "adapter_model.safetensors", base, alpha);
  const PlainTensor out = readSafetensors(base).at("m.q.weight");
  QCOMPARE(out.dtype, std::string("F16"));
  std::vector<float> expected = merged(scale);
  for (float& value : expected) value = fromHalf(toHalf(value));
  QVERIFY(largestDifference(tensorFloats(out), expected) <= 0.07f);  // one unit in the last place of 128
}

void TestWeightTools::wholeTensorsOfAnAdapterReplaceTheBase() {
  const fs::path base =
      write("base.safetensors", {{"q.weight", floats({3, 4}, kW)}, {"q.bias", floats({3}, {1, 1, 1})}, {"head.weight", floats({1}, {1})}});
  const fs::path adapter = writeAdapter({{"base_model.model.q.lora_A.weight", floats({2, 4}, kA)},
                                         {"base_model.model.q.lora_B.weight", floats({3, 2}, kB)},
                                         {"base_model.model.q.bias", floats({3}, {4, 5, 6})}},
                                        R"({"lora_alpha": 2})");
  const WeightToolReport report = mergeLora(base, adapter, file("out.safetensors"));
  const TensorMap out = readSafetensors(file("out.safetensors"));
  QCOMPARE(report.tensors, int64_t{3});
  QVERIFY(same(out.at("q.bias"), floats({3}, {4, 5, 6})));
  QVERIFY(same(out.at("head.weight"), floats({1}, {1})));
  QVERIFY(same(out.at("q.weight"), floats({3, 4}, merged(1.0))));
}

void TestWeightTools::badAdaptersAreRefused_data() {
  QTest::addColumn<QString>("config");
  QTest::addColumn<QStringList>("names");  // tensors of the adapter: shape by the last part, "A", "B" or else [3]
  QTest::addColumn<double>("asked");
  QTest::addColumn<QStringList>("fragments");
  const auto words = [](const char* list) { return QString::fromUtf8(list).split(QLatin1Char('|'), Qt::SkipEmptyParts); };
  const QStringList pair = words("base_model.model.q.lora_A.weight|base_model.model.q.lora_B.weight");
  const QString good = QStringLiteral(R"({"lora_alpha": 16})");
  QTest::newRow("no config, no alpha") << QString() << pair << 0.0 << words("adapter_config.json|--alpha");
  QTest::newRow("config without alpha") << "{}" << pair << 0.0 << words("adapter_config.json|lora_alpha|--alpha");
  QTest::newRow("alpha of nothing") << R"({"lora_alpha": 0})" << pair << 0.0 << words("adapter_config.json|lora_alpha");
  QTest::newRow("alpha of no number") << good << pair << std::nan("") << words("alpha|finite");
  QTest::newRow("config that is no JSON") << "nothing" << pair << 0.0 << words("adapter_config.json|JSON");
  QTest::newRow("DoRA by its config") << R"({"lora_alpha": 16, "use_dora": true})" << pair << 0.0 << words("adapter_config.json|use_dora");
  QTest::newRow("DoRA by its tensors") << good << pair + words("base_model.model.q.lora_magnitude_vector") << 0.0
                                       << words("lora_magnitude_vector|another kind of part");
  QTest::newRow("alpha by layer") << R"({"lora_alpha": 16, "alpha_pattern": {"q": 8}})" << pair << 2.0
                                  << words("adapter_config.json|alpha_pattern");
  QTest::newRow("turned weights") << R"({"lora_alpha": 16, "fan_in_fan_out": true})" << pair << 0.0 << words("fan_in_fan_out");
  QTest::newRow("half a pair, A") << good << words("base_model.model.q.lora_A.weight") << 0.0 << words("adapter: q|A alone");
  QTest::newRow("half a pair, B") << good << words("q.lora_b") << 0.0 << words("adapter: q|B alone");
  QTest::newRow("two pairs of a layer") << good << pair + words("q.lora_a|q.lora_b") << 0.0 << words("one pair a layer");
  QTest::newRow("a layer that the base lacks") << good << words("v.lora_a|v.lora_b") << 0.0
                                               << words("base.safetensors: v|none of this name");
  QTest::newRow("a layer of another shape") << good << words("wide.lora_a|wide.lora_b") << 0.0
                                            << words("adapter: wide|[2, 2]|[2, 4]|[3, 2]");
  QTest::newRow("a layer of whole numbers") << good << words("whole.lora_a|whole.lora_b") << 0.0 << words("adapter: whole|I64");
  QTest::newRow("a tensor of its own") << good << pair + words("base_model.model.new") << 0.0
                                       << words("adapter: base_model.model.new|of its own");
  QTest::newRow("a whole tensor of another shape")
      << good << pair + words("wide.weight") << 0.0 << words("adapter: wide.weight|[2, 2]|[3]");
  QTest::newRow("no pair at all") << good << words("base_model.model.bias") << 0.0 << words("adapter|lora_A");
}
void TestWeightTools::badAdaptersAreRefused() {
  QFETCH(QString, config);
  QFETCH(QStringList, names);
  QFETCH(double, asked);
  QFETCH(QStringList, fragments);
  const fs::path base = write("base.safetensors", {{"q.weight", floats({3, 4}, kW)},
                                                   {"bias", floats({3}, {1, 2, 3})},
                                                   {"wide.weight", floats({2, 2}, {1, 2, 3, 4})},
                                                   {"whole.weight", tensorOf<int64_t>("I64", {3, 4}, std::vector<int64_t>(12))}});
  TensorMap tensors;
  for (const QString& name : names) {
    const QString low = name.toLower();
    tensors[name.toStdString()] = low.contains(QStringLiteral("lora_a"))   ? floats({2, 4}, kA)
                                  : low.contains(QStringLiteral("lora_b")) ? floats({3, 2}, kB)
                                                                           : floats({3}, {1, 2, 3});
  }
  const fs::path adapter = writeAdapter(tensors, config.toStdString());
  checkRefusal([&](const fs::path& out) { mergeLora(base, adapter, out, asked == 0.0 ? std::nullopt : std::optional(asked)); }, fragments);
}

void TestWeightTools::shardsBecomeOneFile() {
  const TensorMap all = {{"a", floats({2}, {1, 2})}, {"b", tensorOf<int64_t>("I64", {1}, {-9})}, {"c", narrow("BF16", {1, 2, 3})}};
  write("model/model-1.safetensors", {{"a", all.at("a")}, {"c", all.at("c")}});
  write("model/model-2.safetensors", {{"b", all.at("b")}});
  writeFileAtomic(
      file("model/model.safetensors.index.json"),
      R"({"weight_map": {"a": "model-1.safetensors", "c": "model-1.safetensors", "b": "model-2.safetensors"}})");
  const WeightToolReport report = consolidate(file("model"), file("one.safetensors"));
  QCOMPARE(std::vector<int64_t>({report.shards, report.tensors, report.copied, report.changed}), std::vector<int64_t>({2, 3, 3, 0}));
  std::map<std::string, std::string> metadata;
  const TensorMap one = readSafetensors(file("one.safetensors"), &metadata);
  QCOMPARE(one.size(), all.size());
  for (const auto& [name, tensor] : all) QVERIFY2(same(one.at(name), tensor), name.c_str());
  QVERIFY(metadata == (std::map<std::string, std::string>{{"format", "pt"}}));       // what loaders of such files look for
  consolidate(file("model/model.safetensors.index.json"), file("two.safetensors"));  // the index itself
  QCOMPARE(readFile(file("two.safetensors")), readFile(file("one.safetensors")));
  QCOMPARE(consolidate(file("one.safetensors"), file("one.safetensors")).shards, int64_t{1});  // a lone file stays what it is
  QCOMPARE(readFile(file("two.safetensors")), readFile(file("one.safetensors")));
}

void TestWeightTools::badShardsAreRefused_data() {
  QTest::addColumn<QString>("index");  // 1.safetensors holds a and b, 2.safetensors b, 3.safetensors c
  QTest::addColumn<QStringList>("fragments");
  const auto row = [](const char* name, const char* map, const char* fragments) {
    QTest::newRow(name) << QStringLiteral(R"({"weight_map": %1})").arg(QString::fromLatin1(map))
                        << QString::fromUtf8(fragments).split(QLatin1Char('|'));
  };
  row("a shard that is not there", R"({"a": "1.safetensors", "b": "1.safetensors", "d": "4.safetensors"})", "4.safetensors|no such file");
  row("a tensor in two shards", R"({"a": "1.safetensors", "b": "1.safetensors", "x": "2.safetensors"})", "2.safetensors: x|none");
  row("a tensor twice, the later one named", R"({"a": "1.safetensors", "b": "2.safetensors"})", "1.safetensors: b|one more");
  row("a tensor twice, each index entry good",
      R"({"a": "1.safetensors", "b": "1.safetensors", "c": "3.safetensors", "e": "5.safetensors"})", "5.safetensors: a|a second time");
  row("a tensor that the index does not name", R"({"a": "1.safetensors"})", "1.safetensors: b|one more");
  row("a tensor that no shard holds", R"({"c": "3.safetensors", "d": "3.safetensors"})", "3.safetensors: d|none");
  row("a way out of the folder", R"({"a": "../1.safetensors"})", "index.json: a|beside the index|../1.safetensors");
  row("a path from the root", R"({"a": "/etc/passwd"})", "index.json: a|beside the index");
  row("the folder above", R"({"a": ".."})", "index.json: a|beside the index");
  row("a shard that is no text", R"({"a": 1})", "index.json: a|beside the index");
  row("an index of nothing", "{}", "index.json|weight_map");
  row("an index of another kind", "[]", "index.json|weight_map");
}
void TestWeightTools::badShardsAreRefused() {
  QFETCH(QString, index);
  QFETCH(QStringList, fragments);
  const PlainTensor tensor = floats({1}, {1});
  write("1.safetensors", {{"a", tensor}});  // beside the folder: where a path out of it would lead
  write("model/1.safetensors", {{"a", tensor}, {"b", tensor}});
  write("model/2.safetensors", {{"b", tensor}});
  write("model/3.safetensors", {{"c", tensor}});
  write("model/5.safetensors", {{"a", tensor}, {"e", tensor}});
  writeFileAtomic(file("model/model.safetensors.index.json"), index.toStdString());
  checkRefusal([&](const fs::path& out) { consolidate(file("model"), out); }, fragments);
  fs::remove(file("model/model.safetensors.index.json"));
  checkRefusal([&](const fs::path& out) { consolidate(file("model"), out); },
               {QStringLiteral("one model"), QStringLiteral("4 that could be it")});
}

QTEST_GUILESS_MAIN(TestWeightTools)
#include "tst_runs_weight_tools.moc"
