// SPDX-License-Identifier: Apache-2.0
// What benchmarks count and the work they are given; no time is asserted.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <QtTest>
#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "engine/eval/bench.h"
#include "engine/eval/bench_lengths.h"
#include "engine/eval/flops.h"
#include "engine/model/mixers/banded_attention.h"
#include "support/error.h"

using hvlm::benchLengths;
using hvlm::countFlops;
using hvlm::countTraffic;

class TestEvalBench : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void bytesMovedByHand_data();
  void bytesMovedByHand();
  void nothingMovesOutside();
  void backwardAttentionByHand();
  void soFarIsPartOfTheWhole();
  void lengthsAreLikeTheirData_data();
  void lengthsAreLikeTheirData();
  void lengthsAreAlwaysTheSame();
  void wrongLengthsAreRefused_data();
  void wrongLengthsAreRefused();
  void wasteByHand();
  void packingWastesNothing_data();
  void packingWastesNothing();
  void everyRoundTimesEveryWork();
  void aStopIsNoAnswer();
};

void TestEvalBench::bytesMovedByHand_data() {
  using Work = std::function<void()>;
  QTest::addColumn<Work>("work");
  QTest::addColumn<qint64>("bytes");
  const at::Tensor a = at::ones({5, 3}), b = at::ones({3, 7}), bias = at::ones({7}), c = at::ones({5, 3}, at::kDouble);
  const auto row = [](const char* name, Work work, qint64 bytes) { QTest::newRow(name) << std::move(work) << bytes; };
  row("a product reads both and writes one", [=] { at::mm(a, b); }, 4 * (15 + 21 + 35));
  row("a layer of several calls is one", [=] { at::linear(a, b.t(), bias); }, 4 * (15 + 21 + 7 + 35));
  row("a sum of two", [=] { at::add(a, a); }, 4 * (15 + 15 + 15));
  row("doubles are twice as large", [=] { at::add(c, c); }, 8 * (15 + 15 + 15));
  row("adding in place reads and writes", [=] { at::Tensor(a).add_(a); }, 4 * (15 + 15 + 15));
  row("views move nothing", [=] { a.t().narrow(0, 0, 2).unsqueeze(0).view({1, 2, 5}).detach(); }, 0);
  row("a list counts whole", [=] { at::cat({a, a, a}); }, 4 * (3 * 15 + 45));
  row("pieces of a tensor are views", [=] { a.split_with_sizes({2, 3}); }, 0);
  row("memory that nobody filled", [=] { at::empty({1000}); }, 0);
  row("memory that is filled is written", [=] { at::zeros({1000}); }, 4000);
}
void TestEvalBench::bytesMovedByHand() {
  QFETCH(std::function<void()>, work);
  QFETCH(qint64, bytes);
  QCOMPARE(countTraffic(work), bytes);
}

void TestEvalBench::nothingMovesOutside() {
  const at::Tensor a = at::ones({4, 4});
  const auto fails = [&] {
    at::mm(a, a);
    throw std::runtime_error("in the middle");
  };
  QVERIFY_THROWS_EXCEPTION(std::runtime_error, countTraffic(fails));
  at::mm(a, a);
  QCOMPARE(countTraffic([&] { at::mm(a, a); }), 4 * 3 * 16);
  QCOMPARE(countTraffic([] {}), 0);
}

void TestEvalBench::backwardAttentionByHand() {
  const int64_t steps = 6, width = 8, heads = 2, reach = 2;
  int64_t pairs = 0;
  for (int64_t t = 0; t < steps; ++t) {
    for (int64_t u = 0; u < steps; ++u) pairs += std::abs(t - u) <= reach;
  }
  const at::Tensor rows = at::ones({steps, 3 * width});
  const int64_t forward = 4 * pairs * width;
  QCOMPARE(countFlops([&] { hvlm::bandedAttention(rows, {0, steps}, heads, reach); }), forward);
  const at::Tensor leaf = rows.clone().requires_grad_(true);
  QCOMPARE(countFlops([&] { hvlm::bandedAttention(leaf, {0, steps}, heads, reach).sum().backward(); }), 3 * forward);
  QCOMPARE(countFlops([&] {
    const at::NoGradGuard no_grad;
    hvlm::bandedAttention(leaf, {0, steps}, heads, reach);
  }), forward);
  const at::Tensor q = at::ones({1, 2, 9, 4}).requires_grad_(true);
  const int64_t full = 4 * 2 * 9 * 9 * 4;
  QCOMPARE(countFlops([&] { at::scaled_dot_product_attention(q, q, q).sum().backward(); }), full + full / 2 * 5);
}

void TestEvalBench::soFarIsPartOfTheWhole() {
  const at::Tensor a = at::ones({4, 4});
  int64_t flops = -1, bytes = -1;
  QCOMPARE(countFlops([&] {
    countTraffic([&] {
      at::mm(a, a);
      flops = hvlm::flopsSoFar();
      bytes = hvlm::trafficSoFar();
      at::mm(a, a);
    });
  }), 2 * 2 * 64);
  QCOMPARE(flops, 2 * 64);
  QCOMPARE(bytes, 4 * 3 * 16);
}

void TestEvalBench::lengthsAreLikeTheirData_data() {
  QTest::addColumn<QString>("mix");
  QTest::addColumn<qint64>("videos");
  QTest::addColumn<qint64>("shortest");
  QTest::addColumn<qint64>("longest");
  QTest::addColumn<double>("mean");
  QTest::newRow("ucf15") << QStringLiteral("ucf15") << qint64{64} << qint64{36} << qint64{239} << 154.9375;
  QTest::newRow("ActivityNet") << QStringLiteral("activitynet") << qint64{64} << qint64{7} << qint64{237} << 117.046875;
  QTest::newRow("twice as many take all twice") << QStringLiteral("ucf15") << qint64{128} << qint64{36} << qint64{239} << 154.9375;
  QTest::newRow("equal ones") << QStringLiteral("equal") << qint64{3} << qint64{21} << qint64{21} << 21.0;
}
void TestEvalBench::lengthsAreLikeTheirData() {
  QFETCH(QString, mix);
  QFETCH(qint64, videos);
  QFETCH(qint64, shortest);
  QFETCH(qint64, longest);
  QFETCH(double, mean);
  const auto lengths = benchLengths(mix.toStdString(), videos, 21);
  QCOMPARE(static_cast<qint64>(lengths.size()), videos);
  QCOMPARE(*std::min_element(lengths.begin(), lengths.end()), shortest);
  QCOMPARE(*std::max_element(lengths.begin(), lengths.end()), longest);
  QCOMPARE(static_cast<double>(std::accumulate(lengths.begin(), lengths.end(), int64_t{0})) / static_cast<double>(videos), mean);
}

void TestEvalBench::lengthsAreAlwaysTheSame() {
  QCOMPARE(benchLengths("ucf15", 64, 1), benchLengths("ucf15", 64, 250));
  const auto lengths = benchLengths("ucf15", 64, 1);
  QVERIFY(!std::is_sorted(lengths.begin(), lengths.end()));
  for (const int64_t videos : {1, 2, 3, 63, 65, 1000}) {  // a few are spread over the whole
    const auto own = benchLengths("activitynet", videos, 1);
    QCOMPARE(own.size(), static_cast<size_t>(videos));
    QVERIFY(*std::min_element(own.begin(), own.end()) >= 7 && *std::max_element(own.begin(), own.end()) <= 237);
  }
  const auto two = benchLengths("activitynet", 2, 1);
  QVERIFY(std::abs(two[0] - two[1]) > 80);
}

void TestEvalBench::wrongLengthsAreRefused_data() {
  QTest::addColumn<QString>("mix");
  QTest::addColumn<qint64>("videos");
  QTest::addColumn<qint64>("steps");
  QTest::newRow("an unknown list") << QStringLiteral("kinetics") << qint64{4} << qint64{5};
  QTest::newRow("no list") << QString() << qint64{4} << qint64{5};
  QTest::newRow("no videos") << QStringLiteral("ucf15") << qint64{0} << qint64{5};
  QTest::newRow("fewer than none") << QStringLiteral("equal") << qint64{-3} << qint64{5};
  QTest::newRow("videos without steps") << QStringLiteral("equal") << qint64{4} << qint64{0};
}
void TestEvalBench::wrongLengthsAreRefused() {
  QFETCH(QString, mix);
  QFETCH(qint64, videos);
  QFETCH(qint64, steps);
  QVERIFY_THROWS_EXCEPTION(hvlm::InputError, benchLengths(mix.toStdString(), videos, steps));
}

namespace {

hvlm::RunConfig small(const std::string& mixer) {
  hvlm::RunConfig c;
  c.encoder.mixer = mixer;
  c.encoder.dim = 8;
  c.encoder.heads = 2;
  c.encoder.layers = 1;
  c.encoder.stem_convolutions = 1;
  c.pyramid.enabled = mixer != "none";
  c.pyramid.block = "window";
  c.head.detect = mixer != "none";
  c.head.classify = false;
  c.head.video_vector = "mean";
  return c;
}

}  // namespace

void TestEvalBench::wasteByHand() {
  const hvlm::HierarchicalModel model(small("none"), 6, 3, 1);  // every product is per step
  const std::vector<int64_t> lengths = {10, 4, 6, 20};
  const auto waste = hvlm::wasteAccount(model, lengths, {{0, 2}, {1, 3}}, 2);
  QCOMPARE(waste.at("videos").get<int>(), 4);
  QCOMPARE(waste.at("batches").get<int>(), 2);
  QCOMPARE(waste.at("wasted_share").get<double>(), 0.0);
  QCOMPARE(waste.at("flops"), waste.at("flops_alone"));
  QVERIFY(std::abs(waste.at("padded_share").get<double>() - (1.0 - 40.0 / 60.0)) < 1e-12);           // 2 x 10 and 2 x 20 rows for 40
  QVERIFY(std::abs(waste.at("padded_shuffled_share").get<double>() - (1.0 - 40.0 / 60.0)) < 1e-12);  // in list order: the same here
  const auto first = hvlm::wasteAccount(model, lengths, {{0, 2}, {1, 3}}, 1);
  QVERIFY(std::abs(first.at("padded_share").get<double>() - (1.0 - 16.0 / 20.0)) < 1e-12);
  QVERIFY(std::abs(first.at("padded_shuffled_share").get<double>() - (1.0 - 14.0 / 20.0)) < 1e-12);
}

void TestEvalBench::packingWastesNothing_data() {
  QTest::addColumn<QString>("mixer");
  for (const char* mixer : {"full", "flash", "window", "strided", "memory", "linear", "mamba", "maxpool"}) QTest::newRow(mixer) << QString::fromLatin1(mixer);
}
void TestEvalBench::packingWastesNothing() {
  QFETCH(QString, mixer);
  const hvlm::HierarchicalModel model(small(mixer.toStdString()), 6, 3, 1);
  const auto lengths = benchLengths("activitynet", 8, 1);
  const auto waste = hvlm::wasteAccount(model, lengths, {{0, 1, 2, 3}, {4, 5, 6, 7}}, 2);
  QVERIFY2(waste.at("wasted_share").get<double>() < 0.05, waste.dump().c_str());  // docs/performance.md: the target
  QVERIFY(waste.at("padded_share").get<double>() > 0.2);
}

void TestEvalBench::everyRoundTimesEveryWork() {
  std::vector<int> order;
  int64_t asked = 0;
  const auto spreads = hvlm::timeInTurns({[&] { order.push_back(0); }, [&] { order.push_back(1); }}, 3, [&](const std::string&, int64_t done, int64_t total) {
    if (total != 10 || done != asked++) throw std::logic_error("progress");
    return true;
  });
  QCOMPARE(order, (std::vector<int>{0, 1, 0, 1, 0, 1, 0, 1, 0, 1}));  // two rounds of warm-up
  QCOMPARE(spreads.size(), size_t{2});
  for (const hvlm::Spread& spread : spreads) QVERIFY(spread.low <= spread.median && spread.median <= spread.high);
}

void TestEvalBench::aStopIsNoAnswer() {
  int done = 0;
  QVERIFY_THROWS_EXCEPTION(hvlm::Interrupted, hvlm::timeInTurns({[&] { ++done; }}, 5, [&](const std::string&, int64_t, int64_t) { return done < 3; }));
  QCOMPARE(done, 3);
}

QTEST_APPLESS_MAIN(TestEvalBench)
#include "tst_eval_bench.moc"
