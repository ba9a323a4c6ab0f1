// SPDX-License-Identifier: Apache-2.0
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "runs/metrics.h"
#include "support/atomic_file.h"
#include "support/error.h"

using hvlm::MetricPoint;
namespace fs = std::filesystem;

namespace {

MetricPoint point(int64_t segment, int64_t step, const std::string& tag, double value) {
  return {.segment = segment, .step = step, .epoch = static_cast<double>(step) / 10.0, .wall_seconds = static_cast<double>(step) * 1.5,
          .tag = tag, .value = value};
}
bool same(const MetricPoint& a, const MetricPoint& b) {
  const bool values = a.value == b.value || (std::isnan(a.value) && std::isnan(b.value));
  return a.segment == b.segment && a.step == b.step && a.epoch == b.epoch && a.wall_seconds == b.wall_seconds && a.tag == b.tag && values;
}
bool same(const std::vector<MetricPoint>& a, const std::vector<MetricPoint>& b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](const auto& x, const auto& y) { return same(x, y); });
}

// An event file read without any code of the program: bitwise CRC-32C, TFRecord frames, protobuf fields.
uint32_t crcOf(const std::string& bytes) {
  uint32_t crc = ~0u;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) ? (crc >> 1) ^ 0x82F63B78u : crc >> 1;
  }
  crc = ~crc;
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
}
template <class T>
T fixedAt(const std::string& bytes, size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}
std::vector<std::string> recordsOf(const std::string& file) {
  std::vector<std::string> records;
  size_t at = 0;
  while (at < file.size()) {
    if (at + 12 > file.size()) throw std::runtime_error("cut within a length");
    const auto length = fixedAt<uint64_t>(file, at);
    if (fixedAt<uint32_t>(file, at + 8) != crcOf(file.substr(at, 8))) throw std::runtime_error("length checksum");
    if (at + 16 + length > file.size()) throw std::runtime_error("cut within data");
    records.push_back(file.substr(at + 12, length));
    if (fixedAt<uint32_t>(file, at + 12 + length) != crcOf(records.back())) throw std::runtime_error("data checksum");
    at += 16 + length;
  }
  return records;
}
struct ProtoField {
  uint64_t number = 0;
  uint64_t varint = 0;
  std::string bytes;
};
std::vector<ProtoField> fieldsOf(const std::string& message) {
  std::vector<ProtoField> fields;
  size_t at = 0;
  const auto varint = [&] {
    uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(message.at(at++));
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.size()) {
    const uint64_t key = varint();
    ProtoField field{.number = key >> 3, .varint = 0, .bytes = {}};
    const uint64_t kind = key & 7;
    if (kind == 0) {
      field.varint = varint();
    } else {
      const size_t length = kind == 1 ? 8 : kind == 5 ? 4 : varint();
      if (at + length > message.size()) throw std::runtime_error("field past the end");
      field.bytes = message.substr(at, length);
      at += length;
    }
    fields.push_back(field);
  }
  return fields;
}
const ProtoField& fieldOf(const std::vector<ProtoField>& fields, uint64_t number) {
  for (const ProtoField& field : fields) {
    if (field.number == number) return field;
  }
  throw std::runtime_error("no field " + std::to_string(number));
}

std::vector<fs::path> eventFiles(const fs::path& run) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(run)) {
    if (entry.path().filename().string().starts_with("events.out.")) files.push_back(entry.path());
  }
  return files;
}

}  // namespace

class TestMetrics : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    run_ = folder_->path().toStdString();
  }
  void pointsReadBackExactly();
  void linesAreOneJsonObjectEach();
  void fileCutAtEveryByteGivesTheWholeLinesBefore();
  void fileGrownByteByByteGivesEachPointOnce();
  void damagedLineCostsThatLineOnly_data();
  void damagedLineCostsThatLineOnly();
  void nextSegmentAfterATornTailStaysWhole();
  void replacedFileIsReadFromTheStart();
  void fullDiskIsSaid();
  void tensorboardRecordsParse();
  void curvesDropWhatAResumeTookBack_data();
  void curvesDropWhatAResumeTookBack();

 private:
  std::unique_ptr<QTemporaryDir> folder_;
  fs::path run_;
};

void TestMetrics::pointsReadBackExactly() {
  const double inf = std::numeric_limits<double>::infinity();
  const std::vector<MetricPoint> points = {point(0, 1, "loss/total", 0.1 + 0.2), point(0, 1, "a \"quoted\" täg\n", -1e-300),
                                           point(1, 2, "grad/temporal", std::nan("")), point(1, 3, "x", inf), point(1, 4, "x", -inf)};
  hvlm::MetricReader reader(run_);
  QVERIFY(reader.poll().empty());
  hvlm::MetricWriter writer(run_, 0);
  writer.write({points[0], points[1]});
  QVERIFY(same(reader.poll(), {points[0], points[1]}));
  writer.write({points[2], points[3], points[4]});
  QVERIFY(same(reader.poll(), {points[2], points[3], points[4]}));
  QVERIFY(reader.poll().empty());
  QCOMPARE(reader.damagedLines(), int64_t{0});
}

void TestMetrics::linesAreOneJsonObjectEach() {
  hvlm::MetricWriter(run_, 2).write({point(2, 5, "loss/total", std::nan("")), point(2, 5, "lr", 0.5)});
  std::istringstream lines(hvlm::readFile(run_ / "metrics.jsonl"));
  std::string line;
  std::getline(lines, line);
  const nlohmann::json expected = {{"segment", 2}, {"step", 5}, {"epoch", 0.5}, {"wall", 7.5}, {"tag", "loss/total"}, {"value", "nan"}};
  QCOMPARE(nlohmann::json::parse(line), expected);
  std::getline(lines, line);
  QCOMPARE(nlohmann::json::parse(line).at("value").get<double>(), 0.5);
}

void TestMetrics::fileCutAtEveryByteGivesTheWholeLinesBefore() {
  std::vector<MetricPoint> points;
  for (int64_t step = 0; step < 12; ++step) points.push_back(point(0, step, step % 2 ? "loss/ä" : "tc", 1.0 / static_cast<double>(step + 1)));
  hvlm::MetricWriter(run_, 0).write(points);
  const std::string whole = hvlm::readFile(run_ / "metrics.jsonl");
  const fs::path cut_run = run_ / "cut";
  fs::create_directory(cut_run);
  for (size_t size = 0; size <= whole.size(); ++size) {
    {
      std::ofstream(cut_run / "metrics.jsonl", std::ios::trunc) << whole.substr(0, size);
    }
    const auto lines = static_cast<size_t>(std::count(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size), '\n'));
    hvlm::MetricReader reader(cut_run);
    QVERIFY2(same(reader.poll(), std::vector<MetricPoint>(points.begin(), points.begin() + static_cast<std::ptrdiff_t>(lines))),
             qPrintable(QString::number(size)));
    QCOMPARE(reader.damagedLines(), int64_t{0});
    // The rest arrives: nothing is lost, nothing comes twice.
    {
      std::ofstream(cut_run / "metrics.jsonl", std::ios::app) << whole.substr(size);
    }
    QCOMPARE(reader.poll().size(), points.size() - lines);
  }
}

void TestMetrics::fileGrownByteByByteGivesEachPointOnce() {
  const std::vector<MetricPoint> points = {point(0, 1, "a", 1), point(0, 2, "b", 2), point(0, 3, "c", 3)};
  hvlm::MetricWriter(run_, 0).write(points);
  const std::string whole = hvlm::readFile(run_ / "metrics.jsonl");
  fs::create_directory(run_ / "slow");
  hvlm::MetricReader reader(run_ / "slow");
  hvlm::AppendFile file(run_ / "slow" / "metrics.jsonl");
  std::vector<MetricPoint> got;
  for (const char c : whole) {
    file.append(std::string(1, c));
    for (const MetricPoint& p : reader.poll()) got.push_back(p);
  }
  QVERIFY(same(got, points));
}

void TestMetrics::damagedLineCostsThatLineOnly_data() {
  QTest::addColumn<QByteArray>("line");
  QTest::addColumn<int>("damaged");
  QTest::newRow("not JSON") << QByteArray("{\"segment\":") << 1;
  QTest::newRow("another schema") << QByteArray("{\"step\":1}") << 1;
  QTest::newRow("a text where a number belongs") << QByteArray(R"({"segment":0,"step":1,"epoch":0,"wall":0,"tag":"a","value":"much"})") << 1;
  QTest::newRow("zeros of a crashed file system") << QByteArray(300, '\0') << 1;
  QTest::newRow("deep brackets") << QByteArray(60000, '[') << 1;
  QTest::newRow("an endless line") << QByteArray(700'000, 'x') << 1;
  QTest::newRow("an empty line") << QByteArray() << 0;
}
void TestMetrics::damagedLineCostsThatLineOnly() {
  QFETCH(QByteArray, line);
  QFETCH(int, damaged);
  hvlm::MetricWriter writer(run_, 0);
  writer.write({point(0, 1, "a", 1)});
  hvlm::AppendFile(run_ / "metrics.jsonl").append(line.toStdString() + "\n");
  writer.write({point(0, 2, "a", 2)});
  hvlm::MetricReader reader(run_);
  QVERIFY(same(reader.poll(), {point(0, 1, "a", 1), point(0, 2, "a", 2)}));
  QCOMPARE(reader.damagedLines(), int64_t{damaged});
}

void TestMetrics::nextSegmentAfterATornTailStaysWhole() {
  hvlm::MetricWriter(run_, 0).write({point(0, 1, "a", 1)});
  hvlm::AppendFile(run_ / "metrics.jsonl").append("{\"segment\":0,\"st");
  hvlm::MetricReader reader(run_);
  QCOMPARE(reader.poll().size(), size_t{1});
  hvlm::MetricWriter(run_, 1).write({point(1, 2, "a", 2)});
  QVERIFY(same(reader.poll(), {point(1, 2, "a", 2)}));
  QCOMPARE(reader.damagedLines(), int64_t{1});
}

void TestMetrics::replacedFileIsReadFromTheStart() {
  hvlm::MetricWriter(run_, 0).write({point(0, 1, "a", 1), point(0, 2, "a", 2)});
  hvlm::MetricReader reader(run_);
  QCOMPARE(reader.poll().size(), size_t{2});
  fs::remove(run_ / "metrics.jsonl");
  hvlm::MetricWriter(run_, 0).write({point(0, 7, "a", 7)});
  QVERIFY(same(reader.poll(), {point(0, 7, "a", 7)}));
}

void TestMetrics::fullDiskIsSaid() {
  fs::create_symlink("/dev/full", run_ / "metrics.jsonl");
  hvlm::MetricWriter writer(run_, 0);
  QVERIFY_THROWS_EXCEPTION(hvlm::InputError, writer.write({point(0, 1, "a", 1)}));
  QVERIFY_THROWS_EXCEPTION(hvlm::InputError, writer.write({point(0, 1, "a", 1)}));
}

void TestMetrics::tensorboardRecordsParse() {
  hvlm::MetricWriter writer(run_, 3);
  writer.write({point(3, 300, "loss/total", 0.25), point(3, 300, "train/tc", std::nan("")), point(3, 301, "loss/total", -2.0)});
  const auto files = eventFiles(run_);
  QCOMPARE(files.size(), size_t{1});
  const QString name = QString::fromStdString(files[0].filename().string());
  const QString pattern = QString("^events\\.out\\.tfevents\\.\\d{10}\\..+\\.%1\\.3$").arg(QCoreApplication::applicationPid());
  QVERIFY2(QRegularExpression(pattern).match(name).hasMatch(), qPrintable(name));

  // Flushed at each write: everything is there while the writer lives.
  const auto records = recordsOf(hvlm::readFile(files[0]));
  QCOMPARE(records.size(), size_t{3});
  QCOMPARE(fieldOf(fieldsOf(records[0]), 3).bytes, std::string("brain.Event:2"));
  const double wall = fixedAt<double>(fieldOf(fieldsOf(records[0]), 1).bytes, 0);
  QVERIFY(wall > 1.6e9 && wall < 1e11);

  const auto event = fieldsOf(records[1]);
  QCOMPARE(fieldOf(event, 2).varint, uint64_t{300});
  const auto values = fieldsOf(fieldOf(event, 5).bytes);
  QCOMPARE(values.size(), size_t{2});
  QCOMPARE(fieldOf(fieldsOf(values[0].bytes), 1).bytes, std::string("loss/total"));
  QCOMPARE(fixedAt<float>(fieldOf(fieldsOf(values[0].bytes), 2).bytes, 0), 0.25f);
  QVERIFY(std::isnan(fixedAt<float>(fieldOf(fieldsOf(values[1].bytes), 2).bytes, 0)));
  QCOMPARE(fieldOf(fieldsOf(records[2]), 2).varint, uint64_t{301});
}

void TestMetrics::curvesDropWhatAResumeTookBack_data() {
  QTest::addColumn<QVector<int>>("segments");
  QTest::addColumn<QVector<int>>("steps");
  QTest::addColumn<QVector<int>>("resumes");
  QTest::addColumn<QVector<int>>("kept");  // positions of the points left, in curve order
  using V = QVector<int>;
  QTest::newRow("one segment keeps all") << V{0, 0, 0} << V{1, 2, 3} << V{} << V{0, 1, 2};
  QTest::newRow("steps past the resume come from the new segment") << V{0, 0, 0, 1, 1} << V{1, 2, 3, 2, 3} << V{1} << V{0, 3, 4};
  QTest::newRow("the step of the checkpoint stays") << V{0, 0, 1} << V{10, 11, 12} << V{11} << V{0, 1, 2};
  QTest::newRow("a later resume can take back more") << V{0, 0, 1, 1, 2} << V{1, 5, 6, 7, 3} << V{5, 2} << V{0, 4};
  QTest::newRow("a resume from the start drops all before") << V{0, 0, 1} << V{1, 2, 1} << V{0} << V{2};
  QTest::newRow("a step measured twice counts once, the later") << V{0, 0, 1} << V{1, 2, 2} << V{2} << V{0, 2};
  QTest::newRow("points come in step order") << V{0, 0, 0} << V{3, 1, 2} << V{} << V{1, 2, 0};
}
void TestMetrics::curvesDropWhatAResumeTookBack() {
  QFETCH(QVector<int>, segments);
  QFETCH(QVector<int>, steps);
  QFETCH(QVector<int>, resumes);
  QFETCH(QVector<int>, kept);
  std::vector<MetricPoint> points;
  for (int i = 0; i < segments.size(); ++i) points.push_back(point(segments[i], steps[i], "loss", i));
  const auto curves = hvlm::curvesOf(points, std::vector<int64_t>(resumes.begin(), resumes.end()));
  const hvlm::Curve& curve = curves.at("loss");
  QCOMPARE(curve.values.size(), static_cast<size_t>(kept.size()));
  for (int i = 0; i < kept.size(); ++i) {
    const auto at = static_cast<size_t>(i);
    QCOMPARE(curve.values[at], static_cast<double>(kept[i]));
    QCOMPARE(curve.steps[at], int64_t{steps[kept[i]]});
    QCOMPARE(curve.hours[at], steps[kept[i]] * 1.5 / 3600.0);
  }
}

QTEST_GUILESS_MAIN(TestMetrics)
#include "tst_runs_metrics.moc"
