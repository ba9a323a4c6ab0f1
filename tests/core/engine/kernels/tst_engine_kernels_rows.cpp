// SPDX-License-Identifier: Apache-2.0
// Pooling of the pyramid and attention within a band: fused beside plain.
#include <ATen/ATen.h>

#include <QtTest>

#include "engine/kernels/band_attention.h"
#include "engine/kernels/level_pooling.h"
#include "engine/model/mixers/banded_attention.h"
#include "engine/model/mixers/tiled_attention.h"
#include "engine/model/pyramid.h"
#include "../model/mixer_cases.h"
#include "kernel_cases.h"

using namespace hvlm::testing;

namespace {

// Everything that a pyramid gives: nodes, levels before their blocks, weights. Leaves: steps [N, D], pooling vectors [K, D].
struct PyramidCase {
  std::string kind = "attention";
  std::string mode = "ceil";
  int64_t levels = -1;
  bool blocks = false;
};
Work pyramidWork(const Lengths& lengths, const PyramidCase& c) {
  return [=](const std::vector<at::Tensor>& leaves) {
    hvlm::LevelPooling how{c.kind, {}};
    if (c.kind == "attention_max") how.from_maxima = [](const at::Tensor& maxima, int64_t) { return at::tanh(maxima) * 0.5; };
    hvlm::LevelBlock block;
    if (c.blocks) block = [](const at::Tensor& rows, int64_t level, const hvlm::RunIndex&) { return rows + at::sin(rows) / static_cast<double>(level); };
    const hvlm::Pyramid pyramid = hvlm::buildPyramid(leaves[0], leaves[1], hvlm::planPyramid(offsetsOf(lengths), c.mode, c.levels), block, how);
    std::vector<at::Tensor> all{pyramid.nodes};
    all.insert(all.end(), pyramid.pooled.begin(), pyramid.pooled.end());
    all.insert(all.end(), pyramid.alpha.begin(), pyramid.alpha.end());
    return all;
  };
}
std::vector<at::Tensor> pyramidLeaves(const Lengths& lengths, int64_t width, uint64_t seed = 1) {
  return {randomRows({offsetsOf(lengths).back(), width}, seed), randomRows({3, width}, seed + 1, 1.0 / std::sqrt(static_cast<double>(width)))};
}

Work bandWork(const Lengths& lengths, int64_t heads, int64_t reach) {
  return [=](const std::vector<at::Tensor>& leaves) { return std::vector<at::Tensor>{hvlm::bandedAttention(leaves[0], offsetsOf(lengths), heads, reach)}; };
}

}  // namespace

class TestKernelRows : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void pyramidEqualsPlain_data();
  void pyramidEqualsPlain();
  void pyramidOfRandomShapes();
  void pyramidLargerThanTheCaches();
  void pyramidGradientsAreSlopes_data();
  void pyramidGradientsAreSlopes();
  void pyramidIsTheSameForAnyThreads_data();
  void pyramidIsTheSameForAnyThreads();
  void aNeighbourChangesNoNode_data();
  void aNeighbourChangesNoNode();
  void hugeScoresStayFinite();
  void equalChildrenShareTheGradientOfTheirMaximum();
  void rowsThatLieOtherwiseAreTaken();
  void noStepsAreNoWindows();
  void bandEqualsPlain_data();
  void bandEqualsPlain();
  void bandOfRandomShapes();
  void bandGradientsAreSlopes_data();
  void bandGradientsAreSlopes();
  void bandIsTheSameForAnyThreads();
  void aNeighbourChangesNoAttention();
  void rowsBeyondTheReachDoNotCount();
  void largeScoresOfAttentionStayFinite();
  void otherHeadsAndTypesTakeThePlainVersion();
  void theWeightsAreNotKept();
};

void TestKernelRows::pyramidEqualsPlain_data() {
  QTest::addColumn<Lengths>("lengths");
  QTest::addColumn<qint64>("width");
  QTest::newRow("one step") << Lengths{1} << qint64{8};
  QTest::newRow("two steps") << Lengths{2} << qint64{8};
  QTest::newRow("three steps") << Lengths{3} << qint64{16};
  QTest::newRow("an odd number") << Lengths{777} << qint64{24};
  QTest::newRow("videos that stop at other levels") << Lengths{1, 2, 13, 37, 1, 3, 250, 16} << qint64{40};
  QTest::newRow("one channel") << Lengths{5, 33} << qint64{1};
  QTest::newRow("channels that fill no vector") << Lengths{5, 33} << qint64{7};
  QTest::newRow("one more than a vector") << Lengths{5, 33} << qint64{9};
  QTest::newRow("a vector and a half") << Lengths{5, 33} << qint64{13};
  QTest::newRow("wide rows") << Lengths{50, 31} << qint64{1024};
  QTest::newRow("20,000 steps") << Lengths{20000} << qint64{16};
}
void TestKernelRows::pyramidEqualsPlain() {
  SKIP_WITHOUT_FUSED();
  QFETCH(Lengths, lengths);
  QFETCH(qint64, width);
  const auto leaves = pyramidLeaves(lengths, width);
  for (const char* mode : {"ceil", "floor"}) {
    for (const char* kind : {"attention", "mean", "attention_max"}) {
      for (const int64_t levels : {int64_t{-1}, int64_t{2}, int64_t{5}}) {
        for (const bool blocks : {false, true}) {
          const QString wrong = differenceFromPlain(pyramidWork(lengths, {kind, mode, levels, blocks}), leaves);
          QVERIFY2(wrong.isEmpty(), qPrintable(QStringLiteral("%1 %2 %3 %4: ").arg(kind, mode).arg(levels).arg(blocks) + wrong));
        }
      }
    }
  }
}

void TestKernelRows::pyramidOfRandomShapes() {
  SKIP_WITHOUT_FUSED();
  for (int i = 0; i < 60; ++i) {
    at::Generator generator = hvlm::makeGenerator(static_cast<uint64_t>(i));
    const at::Tensor drawn = at::empty({12}, at::kLong).random_(1, 90, generator);
    const auto number = [&](int64_t at) { return drawn[at].item<int64_t>(); };
    Lengths lengths;
    for (int64_t b = 0; b < 1 + number(0) % 6; ++b) lengths.push_back(number(1 + b));
    const PyramidCase c{number(8) % 3 == 0 ? "mean" : number(8) % 3 == 1 ? "attention" : "attention_max", number(9) % 2 == 0 ? "ceil" : "floor", -1, number(10) % 2 == 0};
    const QString wrong = differenceFromPlain(pyramidWork(lengths, c), pyramidLeaves(lengths, number(11), static_cast<uint64_t>(100 + i)));
    QVERIFY2(wrong.isEmpty(), qPrintable(QStringLiteral("case %1: ").arg(i) + wrong));
  }
}

void TestKernelRows::pyramidLargerThanTheCaches() {
  SKIP_WITHOUT_FUSED();
  const Lengths lengths{2100, 41};
  const auto leaves = pyramidLeaves(lengths, 512);
  for (const PyramidCase& c : {PyramidCase{}, PyramidCase{.kind = "mean", .mode = "floor"}}) {
    const QString wrong = differenceFromPlain(pyramidWork(lengths, c), leaves);
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
  }
  QVERIFY(sameForAnyThreads(pyramidWork(lengths, {}), leaves));
}

void TestKernelRows::pyramidGradientsAreSlopes_data() {
  QTest::addColumn<QString>("kind");
  QTest::addColumn<QString>("mode");
  QTest::addColumn<bool>("blocks");
  for (const char* kind : {"attention", "mean", "attention_max"}) {
    for (const char* mode : {"ceil", "floor"}) {
      for (const bool blocks : {false, true}) QTest::addRow("%s, %s, %s", kind, mode, blocks ? "a level at a time" : "all levels") << kind << mode << blocks;
    }
  }
}
void TestKernelRows::pyramidGradientsAreSlopes() {
  SKIP_WITHOUT_FUSED();
  QFETCH(QString, kind);
  QFETCH(QString, mode);
  QFETCH(bool, blocks);
  const Lengths lengths{1, 2, 7, 19};
  // The weights are for looking at and give no gradient: they are left out of the loss.
  const Work work = [=](const std::vector<at::Tensor>& leaves) {
    auto all = pyramidWork(lengths, {kind.toStdString(), mode.toStdString(), -1, blocks})(leaves);
    std::erase_if(all, [](const at::Tensor& t) { return t.dim() == 1; });
    return all;
  };
  const QString wrong = differenceFromSlopes(work, pyramidLeaves(lengths, 5));
  QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
}

void TestKernelRows::pyramidIsTheSameForAnyThreads_data() {
  QTest::addColumn<Lengths>("lengths");
  QTest::newRow("one long video") << Lengths{3001};
  QTest::newRow("many videos") << Lengths{400, 1, 2, 333, 250, 7, 129, 640};
}
void TestKernelRows::pyramidIsTheSameForAnyThreads() {
  SKIP_WITHOUT_FUSED();
  QFETCH(Lengths, lengths);
  for (const bool blocks : {false, true}) QVERIFY(sameForAnyThreads(pyramidWork(lengths, {"attention", "ceil", -1, blocks}), pyramidLeaves(lengths, 256)));
}

void TestKernelRows::aNeighbourChangesNoNode_data() { QTest::addColumn<bool>("blocks"); QTest::newRow("all levels") << false; QTest::newRow("a level at a time") << true; }
void TestKernelRows::aNeighbourChangesNoNode() {
  SKIP_WITHOUT_FUSED();
  QFETCH(bool, blocks);
  const Lengths lengths{21, 50, 34};
  const auto results = [&](const Lengths& own, const at::Tensor& steps, const at::Tensor& pooling, int64_t video) {
    const at::Tensor leaf = steps.clone().requires_grad_(true);
    const hvlm::PyramidPlan plan = hvlm::planPyramid(offsetsOf(own), "ceil", -1);
    hvlm::LevelBlock block;
    if (blocks) block = [](const at::Tensor& rows, int64_t, const hvlm::RunIndex&) { return rows * 2; };
    const hvlm::Pyramid pyramid = hvlm::buildPyramid(leaf, pooling, plan, block);
    std::vector<at::Tensor> rows;
    for (int64_t l = 0; l <= plan.last_level[video]; ++l) {
      rows.push_back(pyramid.nodes.slice(0, plan.level_start[l] + plan.offsets[l][video], plan.level_start[l] + plan.offsets[l][video + 1]));
    }
    at::cat(rows).pow(2).sum().backward();
    rows.push_back(leaf.grad().slice(0, plan.offsets[0][video], plan.offsets[0][video + 1]));
    return rows;
  };
  at::Tensor steps = randomRows({105, 32}, 3);
  const at::Tensor pooling = randomRows({2, 32}, 4, 0.2);
  const auto alone = results({50}, steps.slice(0, 21, 71), pooling, 0);
  QVERIFY(sameBits(results(lengths, steps, pooling, 1), alone));
  steps.slice(0, 0, 21).fill_(std::numeric_limits<float>::quiet_NaN());
  steps.slice(0, 71).fill_(std::numeric_limits<float>::infinity());
  QVERIFY(sameBits(results(lengths, steps, pooling, 1), alone));
}

void TestKernelRows::hugeScoresStayFinite() {
  const auto results = resultsOf(pyramidWork({9, 4}, {}), {randomRows({13, 16}, 1, 1e3), randomRows({2, 16}, 2, 1e4)});
  for (const at::Tensor& t : results) QVERIFY(at::isfinite(t).all().item<bool>());
}

void TestKernelRows::equalChildrenShareTheGradientOfTheirMaximum() {
  SKIP_WITHOUT_FUSED();
  const at::Tensor below = at::tensor({1.0F, 5.0F, 1.0F, 3.0F, 7.0F, -1.0F}).view({3, 2}).requires_grad_(true);
  const hvlm::PooledLevel level = hvlm::poolOneLevel(below, {}, {0, 3}, {0, 2}, true);
  QVERIFY(at::equal(level.maxima, at::tensor({1.0F, 5.0F, 7.0F, -1.0F}).view({2, 2})));
  level.maxima.sum().backward();
  QVERIFY(at::equal(below.grad(), at::tensor({0.5F, 1.0F, 0.5F, 0.0F, 1.0F, 1.0F}).view({3, 2})));
  at::Tensor broken = below.detach().clone();
  broken[0][0] = std::numeric_limits<float>::quiet_NaN();
  broken[1][1] = std::numeric_limits<float>::quiet_NaN();
  const at::Tensor seen = at::isnan(hvlm::poolOneLevel(broken, {}, {0, 3}, {0, 2}, true).maxima);
  QVERIFY(at::equal(seen, at::tensor({1, 1, 0, 0}).view({2, 2}).to(at::kBool)));
}

void TestKernelRows::rowsThatLieOtherwiseAreTaken() {
  SKIP_WITHOUT_FUSED();
  const at::Tensor steps = randomRows({24, 30}, 5), pooling = randomRows({2, 24}, 6);
  const auto plan = hvlm::planPyramid({0, 30}, "ceil", -1);
  const auto turned = hvlm::buildPyramid(steps.t(), pooling, plan), straight = hvlm::buildPyramid(steps.t().contiguous(), pooling, plan);
  QVERIFY(sameBits(turned.nodes, straight.nodes));
  const at::Tensor projected = randomRows({48, 30}, 7);
  QVERIFY(sameBits(hvlm::bandedAttention(projected.t(), {0, 30}, 2, 3), hvlm::bandedAttention(projected.t().contiguous(), {0, 30}, 2, 3)));
}

void TestKernelRows::noStepsAreNoWindows() {
  SKIP_WITHOUT_FUSED();
  const at::Tensor none = at::zeros({0, 8}).requires_grad_(true);
  const hvlm::PooledLevel level = hvlm::poolOneLevel(none, at::ones({8}), {0, 0, 0}, {0, 0, 0}, true);
  QCOMPARE(level.out.size(0), 0);
  (level.out.sum() + level.maxima.sum()).backward();
  QCOMPARE(none.grad().size(0), 0);
  const hvlm::PooledLevels all = hvlm::poolAllLevels(none, at::ones({1, 8}), {{0, 0}, {{0, 0}}});
  QCOMPARE(all.nodes.size(0), 0);
  // Empty videos beside others: three rows, of which one has no parent.
  const at::Tensor rows = randomRows({3, 8}, 1);
  const hvlm::PooledLevels some = hvlm::poolAllLevels(rows, {}, {{0, 3, 4}, {{0, 0, 3, 3}, {0, 0, 1, 1}}});
  QVERIFY(at::allclose(some.nodes[3], rows.slice(0, 0, 2).mean(0)));
  QCOMPARE(some.alpha[2].item<float>(), 0.0F);
}

void TestKernelRows::bandEqualsPlain_data() {
  QTest::addColumn<Lengths>("lengths");
  QTest::addColumn<qint64>("channels");
  QTest::addColumn<qint64>("heads");
  QTest::addColumn<qint64>("reach");
  const auto row = [](const char* name, const Lengths& lengths, qint64 channels, qint64 heads, qint64 reach) { QTest::newRow(name) << lengths << channels << heads << reach; };
  row("no rows", {0}, 8, 2, 3);
  row("one row", {1}, 8, 2, 3);
  row("two rows", {2}, 8, 1, 3);
  row("a row sees itself alone", {40}, 16, 2, 0);
  row("the recommended window", {250, 99, 1}, 64, 4, 16);
  row("the blocks of a pyramid", {125, 63, 32, 16, 8, 4, 2, 1, 1}, 64, 4, 4);
  row("empty runs in between", {0, 9, 0, 0, 17, 0}, 24, 3, 5);
  row("a reach past all rows", {30, 7}, 8, 2, 500);
  row("an odd reach over several chunks", {400}, 8, 2, 7);
  row("a wide reach over several chunks", {1500}, 16, 1, 100);
  row("a reach as long as a chunk", {900}, 8, 1, 256);
  row("20,000 rows", {20000}, 8, 1, 16);
}
void TestKernelRows::bandEqualsPlain() {
  SKIP_WITHOUT_FUSED();
  QFETCH(Lengths, lengths);
  QFETCH(qint64, channels);
  QFETCH(qint64, heads);
  QFETCH(qint64, reach);
  const at::Tensor projected = randomRows({offsetsOf(lengths).back(), 3 * channels * heads}, 11);
  QVERIFY(hvlm::bandIsFused(projected, channels));
  const QString wrong = differenceFromPlain(bandWork(lengths, heads, reach), {projected});
  QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
}

void TestKernelRows::bandOfRandomShapes() {
  SKIP_WITHOUT_FUSED();
  for (int i = 0; i < 60; ++i) {
    at::Generator generator = hvlm::makeGenerator(static_cast<uint64_t>(i));
    const at::Tensor drawn = at::empty({10}, at::kLong).random_(0, 200, generator);
    const auto number = [&](int64_t at) { return drawn[at].item<int64_t>(); };
    Lengths lengths;
    for (int64_t b = 0; b < 1 + number(0) % 5; ++b) lengths.push_back(number(1 + b));
    const int64_t channels = 8 * (1 + number(6) % 4), heads = 1 + number(7) % 3;
    const QString wrong = differenceFromPlain(bandWork(lengths, heads, number(8) % 40), {randomRows({offsetsOf(lengths).back(), 3 * channels * heads}, static_cast<uint64_t>(100 + i))});
    QVERIFY2(wrong.isEmpty(), qPrintable(QStringLiteral("case %1: ").arg(i) + wrong));
  }
}

void TestKernelRows::bandGradientsAreSlopes_data() {
  QTest::addColumn<qint64>("reach");
  for (const qint64 reach : {0, 1, 4, 30}) QTest::addRow("reach %lld", reach) << reach;
}
void TestKernelRows::bandGradientsAreSlopes() {
  SKIP_WITHOUT_FUSED();
  QFETCH(qint64, reach);
  const QString wrong = differenceFromSlopes(bandWork({1, 0, 11, 3}, 2, reach), {randomRows({15, 48}, 13)});
  QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
}

void TestKernelRows::bandIsTheSameForAnyThreads() {
  SKIP_WITHOUT_FUSED();
  for (const Lengths& lengths : {Lengths{700}, Lengths{300, 1, 99, 0, 250}}) QVERIFY(sameForAnyThreads(bandWork(lengths, 4, 16), {randomRows({offsetsOf(lengths).back(), 192}, 17)}));
}

void TestKernelRows::aNeighbourChangesNoAttention() {
  SKIP_WITHOUT_FUSED();
  const auto results = [](const Lengths& lengths, const at::Tensor& projected, int64_t first, int64_t last) {
    const at::Tensor leaf = projected.clone().requires_grad_(true);
    const at::Tensor own = hvlm::bandedAttention(leaf, offsetsOf(lengths), 2, 6).slice(0, first, last);
    own.pow(2).sum().backward();
    return std::vector<at::Tensor>{own.detach(), leaf.grad().slice(0, first, last)};
  };
  at::Tensor projected = randomRows({90, 48}, 19);
  const auto alone = results({40}, projected.slice(0, 20, 60), 0, 40);
  QVERIFY(sameBits(results({20, 40, 30}, projected, 20, 60), alone));
  projected.slice(0, 0, 20).fill_(std::numeric_limits<float>::quiet_NaN());
  projected.slice(0, 60).fill_(1e30F);
  QVERIFY(sameBits(results({20, 40, 30}, projected, 20, 60), alone));
}

void TestKernelRows::rowsBeyondTheReachDoNotCount() {
  SKIP_WITHOUT_FUSED();
  at::Tensor projected = randomRows({64, 48}, 23);
  const at::Tensor before = hvlm::bandedAttention(projected, {0, 64}, 2, 5);
  projected[40] = randomRows({48}, 24, 3.0);
  const at::Tensor after = hvlm::bandedAttention(projected, {0, 64}, 2, 5);
  for (int64_t t = 0; t < 64; ++t) QCOMPARE(sameBits(before[t], after[t]), std::abs(t - 40) > 5);
}

void TestKernelRows::largeScoresOfAttentionStayFinite() {
  SKIP_WITHOUT_FUSED();
  const at::Tensor projected = randomRows({50, 48}, 29, 60.0);  // scores of some 10,000: most weights are 0, some 1
  for (const at::Tensor& t : resultsOf(bandWork({50}, 2, 8), {projected})) QVERIFY(at::isfinite(t).all().item<bool>());
  const QString wrong = differenceFromPlain(bandWork({50}, 2, 8), {projected * 0.05});
  QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
}

void TestKernelRows::otherHeadsAndTypesTakeThePlainVersion() {
  QVERIFY(!hvlm::bandIsFused(randomRows({4, 36}, 1), 6));
  QVERIFY(!hvlm::bandIsFused(randomRows({4, 48}, 1).to(at::kDouble), 8));
  QVERIFY(!hvlm::bandIsFused(randomRows({4, 48}, 1).to(at::kHalf), 8));
  const PlainGuard plain;
  QVERIFY(!hvlm::bandIsFused(randomRows({4, 48}, 1), 8));
  QVERIFY(!hvlm::fusedFor(randomRows({4, 48}, 1)));
}

void TestKernelRows::theWeightsAreNotKept() {
  SKIP_WITHOUT_FUSED();
  const at::Tensor projected = randomRows({1000, 48}, 31).requires_grad_(true);
  at::Tensor out;
  const auto counter = AllocationCounter::during([&] { out = hvlm::bandedAttention(projected, {0, 1000}, 2, 64); });
  QCOMPARE(counter->largest(), 1000 * 16 * 4);               // the result
  QVERIFY(counter->peak() < 1000 * 16 * 4 + 1000 * 2 * 2 * 4 + 4096);  // and two numbers per row and head, not 129 of them
  const at::Tensor parts = projected.detach().view({1, 1000, 3, 2, 8}).permute({2, 0, 3, 1, 4});
  const at::Tensor tiled = hvlm::tiledAttention(parts[0], parts[1], parts[2], {.reach = 64}).transpose(1, 2).reshape({1000, 16});
  QVERIFY(relativeDistance(out, tiled) < 2e-6);
}

QTEST_GUILESS_MAIN(TestKernelRows)
#include "tst_engine_kernels_rows.moc"
