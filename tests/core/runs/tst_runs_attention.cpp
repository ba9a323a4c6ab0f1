// SPDX-License-Identifier: Apache-2.0
// Where a model looked after each epoch: a line per video, the later of two for a resumed run.
#include <QTemporaryDir>
#include <QtTest>
#include <cmath>
#include <fstream>
#include <numeric>

#include "runs/attention_log.h"
#include "support/error.h"

using namespace hvlm;

class TestAttention : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void linesComeBack();
  void theLaterLineCounts();
  void damageCostsItsLine();
  void manyStepsBecomeParts();
  void aFolderThatIsNotThere();
};

void TestAttention::linesComeBack() {
  const QTemporaryDir folder;
  const std::filesystem::path run = folder.path().toStdString();
  QVERIFY(readAttention(run).empty());
  appendAttention(run, {{0, 0, "b", 3.0, {0.2f, 0.3f, 0.5f}}, {0, 0, "a", 2.0, {0.5f, 0.5f}}});
  appendAttention(run, {{1, 7, "a", 2.0, {0.25f, 0.75f}}});
  const auto all = readAttention(run);
  QCOMPARE(all.size(), size_t{3});
  QCOMPARE(all[0].video, std::string("a"));  // by epoch, then by id
  QCOMPARE(all[2].epoch, int64_t{1});
  QCOMPARE(all[2].step, int64_t{7});
  QCOMPARE(all[2].attention, (std::vector<float>{0.25f, 0.75f}));
  QCOMPARE(all[1].duration_seconds, 3.0);
}

void TestAttention::theLaterLineCounts() {
  const QTemporaryDir folder;
  const std::filesystem::path run = folder.path().toStdString();
  appendAttention(run, {{1, 5, "a", 2.0, {1.0f}}, {2, 9, "a", 2.0, {1.0f}}});
  appendAttention(run, {{2, 10, "a", 2.0, {0.5f, 0.5f}}});  // resumed from epoch 1
  const auto all = readAttention(run);
  QCOMPARE(all.size(), size_t{2});
  QCOMPARE(all[1].step, int64_t{10});
}

void TestAttention::damageCostsItsLine() {
  const QTemporaryDir folder;
  const std::filesystem::path run = folder.path().toStdString();
  appendAttention(run, {{1, 5, "a", 2.0, {1.0f}}});
  std::ofstream(run / "attention.jsonl", std::ios::app) << "{\"epoch\": 2, \"vid\n{\"epoch\": \"x\"}\n[1]\n{\"epoch\":3,\"step\":1,\"video\":\"a\",\"duration\":1,\"attention\":[]}\n";
  appendAttention(run, {{4, 20, "a", 2.0, {1.0f}}});
  const auto all = readAttention(run);
  QCOMPARE(all.size(), size_t{2});
  QCOMPARE(all[1].epoch, int64_t{4});
}

void TestAttention::manyStepsBecomeParts() {
  std::vector<float> steps(1300, 1.0f / 1300.0f);
  const auto parts = attentionParts(steps);
  QCOMPARE(parts.size(), static_cast<size_t>(kMostAttentionParts));
  QVERIFY(std::abs(std::accumulate(parts.begin(), parts.end(), 0.0) - 1.0) < 1e-4);
  QCOMPARE(attentionParts({0.5f, 0.5f}), (std::vector<float>{0.5f, 0.5f}));
  QVERIFY(attentionParts({}).empty());
}

void TestAttention::aFolderThatIsNotThere() { QVERIFY_THROWS_EXCEPTION(InputError, appendAttention("/nowhere/run", {{1, 5, "a", 2.0, {1.0f}}})); }

QTEST_GUILESS_MAIN(TestAttention)
#include "tst_runs_attention.moc"
