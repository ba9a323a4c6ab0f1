// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <QtTest>
#include <cmath>
#include <limits>

#include "engine/model/merging.h"
#include "engine/model/parameters.h"
#include "support/error.h"

namespace {

at::Tensor randomRows(int64_t rows, int64_t width, uint64_t seed) {
  at::Generator generator = hvlm::makeGenerator(seed);
  return hvlm::normalInit({rows, width}, 1.0, generator, at::kDouble);
}

// Random rows of which no two point away from each other.
at::Tensor positiveRows(int64_t rows, int64_t width, uint64_t seed) { return randomRows(rows, width, seed).abs() + 0.1; }

// Row t of each is the direction of angles[t] degrees: neighbours' cosines are known.
at::Tensor directions(const std::vector<double>& angles) {
  at::Tensor x = at::zeros({static_cast<int64_t>(angles.size()), 2}, at::kDouble);
  for (size_t t = 0; t < angles.size(); ++t) {
    const double radians = angles[t] * std::acos(-1.0) / 180;
    x[static_cast<int64_t>(t)][0] = std::cos(radians);
    x[static_cast<int64_t>(t)][1] = std::sin(radians);
  }
  return x;
}

hvlm::MergeOptions constantRatio(double ratio, const std::string& criterion = "similarity") {
  hvlm::MergeOptions options;
  options.ratio = ratio;
  options.criterion = criterion;
  return options;
}

hvlm::MergeOptions adaptive(double least, double most, double threshold) {
  hvlm::MergeOptions options;
  options.schedule = "adaptive";
  options.min_ratio = least;
  options.max_ratio = most;
  options.threshold = threshold;
  return options;
}

std::vector<int64_t> valuesOf(const at::Tensor& t) {
  const at::Tensor c = t.contiguous();
  return {c.data_ptr<int64_t>(), c.data_ptr<int64_t>() + c.numel()};
}

at::Tensor numbers(const std::vector<double>& values) { return at::tensor(values, at::kDouble); }

// What is wrong with a plan whatever its options, or "".
std::string wrongWith(const hvlm::MergePlan& plan, const std::vector<int64_t>& offsets) {
  const int64_t n = offsets.back();
  if (plan.rows() != n || plan.weight_of_row.size(0) != n) return "rows";
  if (plan.size.size(0) != plan.tokens() || plan.mass.size(0) != plan.tokens()) return "tokens";
  if (plan.offsets.size() != offsets.size()) return "runs";
  if (plan.size.sum().item<int64_t>() != n) return "sizes do not sum to the rows";
  if (plan.size.min().item<int64_t>() < 1 || plan.size.max().item<int64_t>() > 3) return "a token of no or of more than three rows";
  if (!(plan.weight_of_row > 0).all().item<bool>()) return "a row without weight";
  const at::Tensor sums = at::zeros({plan.tokens()}, plan.weight_of_row.options()).index_add(0, plan.token_of_row, plan.weight_of_row);
  if (!at::allclose(sums, at::ones_like(sums), 0.0, 1e-6)) return "weights of a token do not sum to 1";
  const std::vector<int64_t> tokens = valuesOf(plan.token_of_row);
  for (size_t r = 0; r + 1 < offsets.size(); ++r) {
    int64_t expected = plan.offsets[r];
    for (int64_t i = offsets[r]; i < offsets[r + 1]; ++i) {
      const int64_t token = tokens[static_cast<size_t>(i)];
      if (i > offsets[r] && token == expected + 1) ++expected;
      if (token != expected) return "row " + std::to_string(i) + " is out of order";
    }
    if (expected + 1 != plan.offsets[r + 1]) return "run " + std::to_string(r) + " ends elsewhere";
  }
  return "";
}

int64_t mergesOf(const hvlm::MergePlan& plan) { return plan.rows() - plan.tokens(); }

}  // namespace

class TestModelMerging : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void nothingMergedIsTheIdentity();
  void tokensConserveRowsWeightsAndOrder_data();
  void tokensConserveRowsWeightsAndOrder();
  void constantRatioMergesThatManyRows_data();
  void constantRatioMergesThatManyRows();
  void bestNeighboursMergeFirst();
  void adaptiveStaysWithinItsLimits_data();
  void adaptiveStaysWithinItsLimits();
  void importantStepsMergeLast_data();
  void importantStepsMergeLast();
  void importantStepsDominateTheirToken();
  void featureChannelsAreThoseOfTheDefinition();
  void aRunsPlanIsItsOwn_data();
  void aRunsPlanIsItsOwn();
  void oppositeAndZeroRowsNeverCancel();
  void notANumberIsLeftAlone();
  void mergedRowsAreWeightedMeans();
  void gradientsAreThoseOfFiniteDifferences();
  void threadsDoNotChangeTheResult();
  void positionsAreThoseOfTheFirstRows();
  void wrongShapesAreRefused();
};

void TestModelMerging::nothingMergedIsTheIdentity() {
  const at::Tensor x = randomRows(7, 3, 1);
  const hvlm::MergePlan plan = hvlm::planMerge(x, {0, 4, 7}, constantRatio(0));
  QCOMPARE(plan.tokens(), 7);
  QCOMPARE(plan.offsets, (std::vector<int64_t>{0, 4, 7}));
  QVERIFY(at::equal(hvlm::mergeRows(x, plan), x));
  QVERIFY(at::equal(hvlm::unmergeRows(x, plan), x));
}

void TestModelMerging::tokensConserveRowsWeightsAndOrder_data() {
  QTest::addColumn<QString>("criterion");
  QTest::addColumn<QString>("schedule");
  for (const char* criterion : {"similarity", "importance"}) {
    for (const char* schedule : {"constant", "adaptive"}) QTest::addRow("%s %s", criterion, schedule) << criterion << schedule;
  }
}
void TestModelMerging::tokensConserveRowsWeightsAndOrder() {
  QFETCH(QString, criterion);
  QFETCH(QString, schedule);
  const std::vector<int64_t> offsets{0, 1, 3, 6, 33, 73, 75};
  hvlm::MergeOptions options = adaptive(0.2, 0.5, 0.3);
  options.criterion = criterion.toStdString();
  options.schedule = schedule.toStdString();
  options.ratio = 0.4;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const at::Tensor x = randomRows(75, 3, seed);
    const hvlm::MergePlan plan = hvlm::planMerge(x, offsets, options);
    QCOMPARE(wrongWith(plan, offsets), std::string());
    QVERIFY(mergesOf(plan) > 0);
    const at::Tensor merged = hvlm::mergeRows(x, plan);
    QCOMPARE(merged.size(0), plan.tokens());
    const at::Tensor back = hvlm::unmergeRows(merged, plan);
    QVERIFY(back.sizes() == x.sizes());
    const std::vector<int64_t> tokens = valuesOf(plan.token_of_row);
    for (int64_t i = 0; i < 75; ++i) QVERIFY(at::equal(back[i], merged[tokens[static_cast<size_t>(i)]]));
    if (criterion == "similarity") {  // plain means: the sizes carry the sum
      QVERIFY(at::allclose((merged * plan.size.unsqueeze(1)).sum(0), x.sum(0), 0.0, 1e-12));
      QVERIFY(at::equal(plan.mass, plan.size.to(at::kDouble)));
    }
    QVERIFY(at::allclose((merged * plan.mass.unsqueeze(1)).sum(0),
                         (x * (plan.weight_of_row * plan.mass.index_select(0, plan.token_of_row)).unsqueeze(1)).sum(0), 0.0, 1e-12));
  }
}

void TestModelMerging::constantRatioMergesThatManyRows_data() {
  QTest::addColumn<int>("rows");
  QTest::addColumn<double>("ratio");
  QTest::addColumn<int>("merges");
  QTest::newRow("one row has nobody to merge with") << 1 << 0.5 << 0;
  QTest::newRow("two rows at one half become one") << 2 << 0.5 << 1;
  QTest::newRow("two rows at less stay") << 2 << 0.49 << 0;
  QTest::newRow("three rows at one half become two") << 3 << 0.5 << 1;
  QTest::newRow("an odd length is rounded down") << 9 << 0.5 << 4;
  QTest::newRow("a quarter of ten") << 10 << 0.25 << 2;
  QTest::newRow("a share is counted without its rounding error") << 100 << 0.29 << 29;
  QTest::newRow("half of a long run") << 1000 << 0.5 << 500;
}
void TestModelMerging::constantRatioMergesThatManyRows() {
  QFETCH(int, rows);
  QFETCH(double, ratio);
  QFETCH(int, merges);
  for (const char* criterion : {"similarity", "importance"}) {
    const hvlm::MergePlan plan = hvlm::planMerge(positiveRows(rows, 4, 3), {0, rows}, constantRatio(ratio, criterion));
    QCOMPARE(mergesOf(plan), int64_t{merges});
    QCOMPARE(wrongWith(plan, {0, rows}), std::string());
  }
  // All rows equal, zeros included: ties must not cost a merge.
  for (const double value : {1.0, 0.0}) {
    const at::Tensor same = at::full({rows, 4}, value, at::kDouble);
    QCOMPARE(mergesOf(hvlm::planMerge(same, {0, rows}, constantRatio(ratio))), int64_t{merges});
  }
}

void TestModelMerging::bestNeighboursMergeFirst() {
  // Cosines fall with the angle between neighbours: 40, 30, 20, 0, 50 degrees.
  const at::Tensor x = directions({0, 40, 70, 90, 90, 140});
  const hvlm::MergePlan one = hvlm::planMerge(x, {0, 6}, constantRatio(1.0 / 6));
  QCOMPARE(valuesOf(one.token_of_row), (std::vector<int64_t>{0, 1, 2, 3, 3, 4}));  // row 4 takes row 3, not row 5
  const hvlm::MergePlan two = hvlm::planMerge(x, {0, 6}, constantRatio(2.0 / 6));
  QCOMPARE(valuesOf(two.token_of_row), (std::vector<int64_t>{0, 1, 2, 2, 2, 3}));  // row 2 takes row 3 as well
  QCOMPARE(valuesOf(two.size), (std::vector<int64_t>{1, 1, 3, 1}));
  // The length of a vector plays no part.
  const at::Tensor scaled = x * numbers({5, 0.1, 3, 7, 0.2, 1}).unsqueeze(1);
  QCOMPARE(valuesOf(hvlm::planMerge(scaled, {0, 6}, constantRatio(2.0 / 6)).token_of_row), valuesOf(two.token_of_row));
}

void TestModelMerging::adaptiveStaysWithinItsLimits_data() {
  QTest::addColumn<double>("least");
  QTest::addColumn<double>("most");
  QTest::addColumn<double>("threshold");
  QTest::addColumn<int>("merges");
  // Of the five pairs of these ten rows, two are equal, one lies at 0.87 and two at 0.5.
  QTest::newRow("pairs over the threshold are merged") << 0.0 << 0.5 << 0.9 << 2;
  QTest::newRow("a lower threshold merges more") << 0.0 << 0.5 << 0.8 << 3;
  QTest::newRow("all of them") << 0.0 << 0.5 << 0.2 << 5;
  QTest::newRow("at least the lower limit, rounded up") << 0.35 << 0.5 << 0.9 << 4;
  QTest::newRow("at most the upper limit, rounded down") << 0.0 << 0.19 << 0.2 << 1;
  QTest::newRow("the upper limit wins") << 0.25 << 0.25 << 0.9 << 2;
  QTest::newRow("an upper limit of nothing") << 0.0 << 0.0 << -1.0 << 0;
}
void TestModelMerging::adaptiveStaysWithinItsLimits() {
  QFETCH(double, least);
  QFETCH(double, most);
  QFETCH(double, threshold);
  QFETCH(int, merges);
  // Orthogonal pairs of planes, so that a row has no neighbour but its own pair's.
  at::Tensor x = at::zeros({10, 10}, at::kDouble);
  const std::vector<double> angles{0, 60, 0, 30, 60};
  for (int64_t pair = 0; pair < 5; ++pair) {
    const double radians = angles[static_cast<size_t>(pair)] * std::acos(-1.0) / 180;
    x[2 * pair][2 * pair] = 1;
    x[2 * pair + 1][2 * pair] = std::cos(radians);
    x[2 * pair + 1][2 * pair + 1] = std::sin(radians);
  }
  const hvlm::MergePlan plan = hvlm::planMerge(x, {0, 10}, adaptive(least, most, threshold));
  QCOMPARE(mergesOf(plan), int64_t{merges});
  QCOMPARE(wrongWith(plan, {0, 10}), std::string());
}

void TestModelMerging::importantStepsMergeLast_data() {
  QTest::addColumn<bool>("as_motion");
  QTest::newRow("a spike of motion") << true;
  QTest::newRow("a spike of saliency") << false;
}
void TestModelMerging::importantStepsMergeLast() {
  QFETCH(bool, as_motion);
  // Rows 2 and 3 are equal but important; the others turn by ten degrees a step.
  const at::Tensor x = directions({0, 10, 20, 20, 30, 40, 50, 60});
  const at::Tensor spike = numbers({0.1, 0, 8, 8, 0, 0.1, 0, 0});
  const at::Tensor flat = at::ones({8}, at::kDouble);
  hvlm::MergeOptions options = constantRatio(0.125, "importance");
  const auto tokens = [&] {
    return valuesOf(hvlm::planMerge(x, {0, 8}, options, as_motion ? spike : flat, as_motion ? flat : spike).token_of_row);
  };
  QVERIFY(tokens()[2] != tokens()[3]);
  (as_motion ? options.motion : options.saliency) = 0;  // the same channel without weight
  QCOMPARE(tokens()[2], tokens()[3]);
  options = constantRatio(0.125);  // and the criterion that reads none
  QCOMPARE(tokens()[2], tokens()[3]);
}

void TestModelMerging::importantStepsDominateTheirToken() {
  const at::Tensor x = directions({0, 60});
  const hvlm::MergePlan plan =
      hvlm::planMerge(x, {0, 2}, constantRatio(0.5, "importance"), numbers({4, 0}), at::zeros({2}, at::kDouble));
  QCOMPARE(plan.tokens(), 1);
  // Importance 1 and 0, each with the floor of 0.001.
  QVERIFY(at::allclose(plan.weight_of_row, numbers({1.001 / 1.002, 0.001 / 1.002}), 0.0, 1e-12));
  QVERIFY(at::allclose(plan.mass, numbers({1.002}), 0.0, 1e-12));
  // Nothing important at all: the plain mean.
  const at::Tensor none = at::zeros({2}, at::kDouble);
  QVERIFY(at::allclose(hvlm::planMerge(x, {0, 2}, constantRatio(0.5, "importance"), none, none).weight_of_row, numbers({0.5, 0.5})));
}

void TestModelMerging::featureChannelsAreThoseOfTheDefinition() {
  const std::vector<int64_t> offsets{0, 3, 14, 15, 40};
  const at::Tensor x = randomRows(40, 3, 5);
  at::Tensor motion = at::zeros({40}, at::kDouble);
  at::Tensor saliency = at::zeros({40}, at::kDouble);
  for (size_t r = 0; r + 1 < offsets.size(); ++r) {
    for (int64_t i = offsets[r]; i < offsets[r + 1]; ++i) {
      if (i > offsets[r]) motion[i] = (x[i] - x[i - 1]).norm();
      const at::Tensor around = x.slice(0, std::max(offsets[r], i - 4), std::min(offsets[r + 1], i + 5));
      saliency[i] = (x[i] - around.mean(0)).norm();
    }
  }
  const hvlm::MergeOptions options = constantRatio(0.4, "importance");
  const hvlm::MergePlan given = hvlm::planMerge(x, offsets, options, motion, saliency);
  for (const bool both : {true, false}) {
    const hvlm::MergePlan own = both ? hvlm::planMerge(x, offsets, options) : hvlm::planMerge(x, offsets, options, motion);
    QVERIFY(at::equal(own.token_of_row, given.token_of_row));
    QVERIFY(at::allclose(own.mass, given.mass, 0.0, 1e-9));
    QVERIFY(at::allclose(own.weight_of_row, given.weight_of_row, 0.0, 1e-9));
  }
}

void TestModelMerging::aRunsPlanIsItsOwn_data() {
  QTest::addColumn<QString>("criterion");
  QTest::newRow("similarity") << "similarity";
  QTest::newRow("importance") << "importance";
}
void TestModelMerging::aRunsPlanIsItsOwn() {
  QFETCH(QString, criterion);
  const hvlm::MergeOptions options = constantRatio(0.4, criterion.toStdString());
  const std::vector<int64_t> offsets{0, 12, 13, 30, 32};
  const at::Tensor x = randomRows(32, 5, 8).to(at::kFloat);
  const hvlm::MergePlan all = hvlm::planMerge(x, offsets, options);
  const at::Tensor merged = hvlm::mergeRows(x, all);
  for (size_t r = 0; r + 1 < offsets.size(); ++r) {
    const at::Tensor own = x.slice(0, offsets[r], offsets[r + 1]);
    const hvlm::MergePlan alone = hvlm::planMerge(own, {0, own.size(0)}, options);
    QVERIFY(at::equal(alone.token_of_row, all.token_of_row.slice(0, offsets[r], offsets[r + 1]) - all.offsets[r]));
    QVERIFY(at::equal(alone.weight_of_row, all.weight_of_row.slice(0, offsets[r], offsets[r + 1])));
    QVERIFY(at::equal(hvlm::mergeRows(own, alone), merged.slice(0, all.offsets[r], all.offsets[r + 1])));
  }
}

void TestModelMerging::oppositeAndZeroRowsNeverCancel() {
  const at::Tensor v = numbers({1, 2, 3});
  const at::Tensor zero = at::zeros({3}, at::kDouble);
  // Opposite neighbours are never merged, whatever the ratio asks for.
  QCOMPARE(mergesOf(hvlm::planMerge(at::stack({v, -v, v, -v}), {0, 4}, constantRatio(0.5))), int64_t{0});
  QCOMPARE(mergesOf(hvlm::planMerge(at::stack({v, -v}), {0, 2}, adaptive(0.5, 0.5, -1))), int64_t{0});
  // Around a row of zeros they would cancel, so that only one of them goes in.
  const at::Tensor around = at::stack({v, zero, -v, zero, zero});
  const hvlm::MergePlan plan = hvlm::planMerge(around, {0, 5}, constantRatio(0.5));
  QCOMPARE(wrongWith(plan, {0, 5}), std::string());
  const at::Tensor tight = at::stack({v, zero, -v});
  QCOMPARE(mergesOf(hvlm::planMerge(tight, {0, 3}, constantRatio(0.5))), int64_t{1});
  // Rows of few directions and many zeros, so that all such cases occur: a token with a row other than zero is not zero.
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const at::Tensor x = randomRows(24, 1, seed).mul(1.2).round().clamp(-1, 1) * v;
    for (const char* criterion : {"similarity", "importance"}) {
      const hvlm::MergePlan own = hvlm::planMerge(x, {0, 24}, constantRatio(0.5, criterion));
      const at::Tensor merged = hvlm::mergeRows(x, own);
      QVERIFY(at::isfinite(merged).all().item<bool>());
      const at::Tensor held = at::zeros({own.tokens()}, at::kDouble).index_add(0, own.token_of_row, x.norm(2, 1));
      QVERIFY(at::equal(held > 0, merged.norm(2, 1) > 0));
    }
  }
  const at::Tensor nothing = at::zeros({9, 3}, at::kDouble);
  for (const char* criterion : {"similarity", "importance"}) {
    const hvlm::MergePlan own = hvlm::planMerge(nothing, {0, 9}, constantRatio(0.5, criterion));
    QVERIFY(at::equal(hvlm::mergeRows(nothing, own), at::zeros({own.tokens(), 3}, at::kDouble)));
  }
}

void TestModelMerging::notANumberIsLeftAlone() {
  at::Tensor x = positiveRows(12, 3, 4);
  x[5][1] = std::numeric_limits<double>::quiet_NaN();
  for (const char* criterion : {"similarity", "importance"}) {
    const hvlm::MergePlan plan = hvlm::planMerge(x, {0, 12}, constantRatio(0.5, criterion));
    QCOMPARE(wrongWith(plan, {0, 12}), std::string());
    const at::Tensor merged = hvlm::mergeRows(x, plan);
    QCOMPARE(at::isnan(merged).any(1).sum().item<int64_t>(), int64_t{1});  // its own token and no other
  }
}

void TestModelMerging::mergedRowsAreWeightedMeans() {
  const std::vector<int64_t> offsets{0, 9, 20};
  for (const at::ScalarType type : {at::kDouble, at::kFloat}) {
    const at::Tensor x = positiveRows(20, 4, 6).to(type);
    const hvlm::MergePlan plan = hvlm::planMerge(x, offsets, constantRatio(0.5, "importance"));
    QVERIFY(plan.size.max().item<int64_t>() == 3);
    QVERIFY(plan.weight_of_row.scalar_type() == type);
    const at::Tensor expected = at::zeros({plan.tokens(), 4}, x.options()).index_add(0, plan.token_of_row, x * plan.weight_of_row.unsqueeze(1));
    QVERIFY(at::allclose(hvlm::mergeRows(x, plan), expected, 0.0, type == at::kDouble ? 1e-14 : 1e-6));
  }
  const at::Tensor half = positiveRows(20, 4, 6).to(at::kHalf);
  QVERIFY(hvlm::mergeRows(half, hvlm::planMerge(half, offsets, constantRatio(0.5))).scalar_type() == at::kHalf);
}

void TestModelMerging::gradientsAreThoseOfFiniteDifferences() {
  const at::Tensor start = positiveRows(13, 3, 11);
  const hvlm::MergePlan plan = hvlm::planMerge(start, {0, 6, 13}, constantRatio(0.5, "importance"));
  QVERIFY(plan.size.max().item<int64_t>() == 3);
  QVERIFY(!plan.weight_of_row.requires_grad());
  const at::Tensor upstream = randomRows(13, 3, 12);
  // Curved, so that a wrong row or weight shows.
  const auto loss = [&](const at::Tensor& x) { return (hvlm::unmergeRows(hvlm::mergeRows(x, plan).sin(), plan) * upstream).sum(); };
  const at::Tensor x = start.clone().requires_grad_(true);
  loss(x).backward();
  const double step = 1e-6;
  for (int64_t i = 0; i < 13; ++i) {
    for (int64_t j = 0; j < 3; ++j) {
      at::Tensor up = start.clone(), down = start.clone();
      up[i][j] += step;
      down[i][j] -= step;
      const double numeric = (loss(up) - loss(down)).item<double>() / (2 * step);
      QVERIFY(std::abs(numeric - x.grad()[i][j].item<double>()) < 1e-8);
    }
  }
}

void TestModelMerging::threadsDoNotChangeTheResult() {
  const at::Tensor start = randomRows(3000, 16, 13).to(at::kFloat);
  const std::vector<int64_t> offsets{0, 1000, 1001, 3000};
  const auto result = [&](int threads) {
    at::set_num_threads(threads);
    const at::Tensor x = start.clone().requires_grad_(true);
    const hvlm::MergePlan plan = hvlm::planMerge(x, offsets, constantRatio(0.5, "importance"));
    const at::Tensor y = hvlm::unmergeRows(hvlm::mergeRows(x, plan), plan);
    (y * start.sin()).sum().backward();
    return at::cat({y.detach(), x.grad()});
  };
  const at::Tensor one = result(1);
  const at::Tensor two = result(2);
  at::set_num_threads(1);
  QVERIFY(at::equal(one, two));
}

void TestModelMerging::positionsAreThoseOfTheFirstRows() {
  const at::Tensor x = directions({0, 40, 70, 90, 90, 140, 0, 90, 90});
  const std::vector<int64_t> offsets{0, 6, 9};
  const hvlm::MergePlan plan = hvlm::planMerge(x, offsets, constantRatio(0.34));
  QCOMPARE(valuesOf(plan.token_of_row), (std::vector<int64_t>{0, 1, 2, 2, 2, 3, 4, 5, 5}));
  QCOMPARE(valuesOf(hvlm::mergedPositions(plan, hvlm::makeRunIndex(offsets, at::kCPU))), (std::vector<int64_t>{0, 1, 2, 5, 0, 1}));
}

void TestModelMerging::wrongShapesAreRefused() {
  const at::Tensor x = randomRows(6, 2, 1);
  const hvlm::MergeOptions options = constantRatio(0.5);
  const hvlm::MergePlan plan = hvlm::planMerge(x, {0, 6}, options);
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::planMerge(x, {0, 5}, options));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::planMerge(x, {1, 6}, options));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::planMerge(x, {0, 3, 3, 6}, options));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::planMerge(x, {0, 6}, options, at::ones({5})));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::planMerge(x, {0, 6}, options, {}, at::ones({6, 1})));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::mergeRows(x.slice(0, 0, 5), plan));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::unmergeRows(x, plan));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::mergedPositions(plan, hvlm::makeRunIndex({0, 5}, at::kCPU)));
}

QTEST_GUILESS_MAIN(TestModelMerging)
#include "tst_model_merging.moc"
