// SPDX-License-Identifier: Apache-2.0
// What a run stores for its evaluation: written and read back without loss, refused when damaged.
#include <ATen/ATen.h>

#include <QTemporaryDir>
#include <QtTest>

#include "engine/eval/baselines.h"
#include "runs/safetensors.h"
#include "support/atomic_file.h"
#include "support/error.h"

using hvlm::Baselines;
namespace fs = std::filesystem;

namespace {

hvlm::LinearProbe probeOf(int64_t classes, int64_t columns, double value) {
  return {at::arange(classes * columns, at::kFloat).view({classes, columns}) * value, at::full({classes}, -value), 1.0 / 3.0 + value};
}

Baselines full() {
  Baselines b;
  b.classes = {"a \"quoted\" class", "b", "ß"};
  b.main_label_share = {0.1, 0.2, 0.7};
  b.constant_start = 0.05;
  b.constant_end = 0.1 + 0.2;
  b.class_segments = {{0.1, 0.1 + 0.2}, {0.0, 1.0}, {1.0 / 3.0, 0.5}};
  b.raw_video = probeOf(3, 5, 0.25);
  b.raw_step = probeOf(4, 5, 0.5);
  b.random_video = probeOf(3, 2, 0.125);
  b.random_seed = 0xFFFFFFFFFFFFFFF1ull;
  b.run_video = probeOf(3, 2, 2.0);
  b.run_step = probeOf(4, 2, 4.0);
  b.bank = at::arange(8, at::kFloat).view({4, 2});
  b.bank_labels = {0, 2, 1, 2};
  b.checkpoint_step = 77;
  return b;
}

bool sameProbe(const std::optional<hvlm::LinearProbe>& a, const std::optional<hvlm::LinearProbe>& b) {
  if (a.has_value() != b.has_value()) return false;
  return !a || (at::equal(a->weight, b->weight) && at::equal(a->bias, b->bias) && a->scale == b->scale);
}

std::string bytesOf(const fs::path& run) { return hvlm::readFile(run / "probes.safetensors"); }

}  // namespace

class TestEvalBaselines : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void everythingComesBack();
  void aRunWithoutProbes();
  void controlsMayBeLeftOut();
  void noneIsStored();
  void damageIsRefused_data();
  void damageIsRefused();
};

void TestEvalBaselines::everythingComesBack() {
  QTemporaryDir folder;
  const fs::path first = folder.filePath("first").toStdString(), second = folder.filePath("second").toStdString();
  fs::create_directories(first);
  fs::create_directories(second);
  const Baselines b = full();
  hvlm::saveBaselines(first, b);
  const auto read = hvlm::loadBaselines(first);
  QVERIFY(read.has_value());
  QCOMPARE(read->classes, b.classes);
  QCOMPARE(read->main_label_share, b.main_label_share);
  QCOMPARE(read->constant_start, b.constant_start);
  QCOMPARE(read->constant_end, b.constant_end);
  QCOMPARE(read->class_segments.size(), size_t{3});
  for (size_t c = 0; c < 3; ++c) {
    QVERIFY(read->class_segments[c].start_share == b.class_segments[c].start_share && read->class_segments[c].end_share == b.class_segments[c].end_share);
  }
  QCOMPARE(read->random_seed, b.random_seed);
  QCOMPARE(read->bank_labels, b.bank_labels);
  QCOMPARE(read->checkpoint_step, b.checkpoint_step);
  QVERIFY(at::equal(read->bank, b.bank));
  QVERIFY(sameProbe(read->raw_video, b.raw_video) && sameProbe(read->raw_step, b.raw_step) && sameProbe(read->random_video, b.random_video));
  QVERIFY(sameProbe(read->run_video, b.run_video) && sameProbe(read->run_step, b.run_step));
  hvlm::saveBaselines(second, *read);
  QVERIFY(bytesOf(first) == bytesOf(second));
}

void TestEvalBaselines::aRunWithoutProbes() {
  QTemporaryDir folder;
  const fs::path run = folder.path().toStdString();
  Baselines b;
  b.classes = {"only"};
  b.main_label_share = {0.0};
  hvlm::saveBaselines(run, b);
  const auto read = hvlm::loadBaselines(run);
  QVERIFY(read && !read->raw_video && !read->run_step && !read->bank.defined());
}

// What only control rows read may be left out; runs of older versions know no segments by class.
void TestEvalBaselines::controlsMayBeLeftOut() {
  QTemporaryDir folder;
  const fs::path run = folder.path().toStdString();
  Baselines b = full();
  b.raw_step.reset();
  b.random_video.reset();
  b.class_segments.clear();
  hvlm::saveBaselines(run, b);
  const auto read = hvlm::loadBaselines(run);
  QVERIFY(read && read->raw_video && !read->raw_step && !read->random_video && read->run_step && read->class_segments.empty());
}

void TestEvalBaselines::noneIsStored() {
  QTemporaryDir folder;
  QVERIFY(!hvlm::loadBaselines(folder.path().toStdString()).has_value());
}

void TestEvalBaselines::damageIsRefused_data() {
  QTest::addColumn<int>("kind");
  QTest::newRow("cut in half") << 0;
  QTest::newRow("empty") << 1;
  QTest::newRow("another program's tensors") << 2;
  QTest::newRow("a description of another schema") << 3;
  QTest::newRow("a description that is no JSON") << 4;
  QTest::newRow("a bias is missing") << 5;
  QTest::newRow("a scale is missing") << 6;
  QTest::newRow("probes of another number of classes") << 7;
  QTest::newRow("neighbours and labels of another number") << 8;
  QTest::newRow("a neighbour's class does not exist") << 9;
  QTest::newRow("segments of another number of classes") << 10;
  QTest::newRow("the raw steps without the raw videos") << 11;
}

void TestEvalBaselines::damageIsRefused() {
  QFETCH(int, kind);
  QTemporaryDir folder;
  const fs::path run = folder.path().toStdString();
  const fs::path file = run / "probes.safetensors";
  Baselines b = full();
  if (kind == 7) b.run_step = probeOf(3, 2, 1.0);
  if (kind == 8) b.bank_labels.pop_back();
  if (kind == 9) b.bank_labels[1] = 3;
  if (kind == 10) b.class_segments.pop_back();
  if (kind == 11) b.raw_video.reset();
  hvlm::saveBaselines(run, b);
  std::map<std::string, std::string> about;
  hvlm::TensorMap tensors = hvlm::readSafetensors(file, &about);
  const std::string bytes = bytesOf(run);
  switch (kind) {
    case 0: hvlm::writeFileAtomic(file, bytes.substr(0, bytes.size() / 2)); break;
    case 1: hvlm::writeFileAtomic(file, ""); break;
    case 2: hvlm::writeFileAtomic(file, hvlm::encodeSafetensors(tensors)); break;
    case 3: hvlm::writeFileAtomic(file, hvlm::encodeSafetensors(tensors, {{"about", R"({"classes": 5})"}})); break;
    case 4: hvlm::writeFileAtomic(file, hvlm::encodeSafetensors(tensors, {{"about", "{"}})); break;
    case 5: tensors.erase("raw_step.bias"); hvlm::writeFileAtomic(file, hvlm::encodeSafetensors(tensors, about)); break;
    case 6: about["about"].replace(about["about"].find("raw_step"), 8, "row_step"); hvlm::writeFileAtomic(file, hvlm::encodeSafetensors(tensors, about)); break;
    default: break;
  }
  try {
    hvlm::loadBaselines(run);
    QFAIL("read");
  } catch (const hvlm::InputError& error) {
    QVERIFY2(QString::fromUtf8(error.what()).contains("probes.safetensors"), error.what());
    QVERIFY(!error.fault().remedy.empty());
  }
}

QTEST_GUILESS_MAIN(TestEvalBaselines)
#include "tst_eval_baselines.moc"
