// SPDX-License-Identifier: Apache-2.0
// Temporal consistency and its controls on vectors small enough to work out by hand (method.md 5.1, and the two facts of 2).
#include <ATen/ATen.h>

#include <QtTest>
#include <cmath>
#include <numeric>

#include "engine/eval/consistency.h"
#include "engine/objective/collapse.h"
#include "engine/objective/temporal.h"
#include "support/error.h"
#include "support/hash.h"

using hvlm::Consistency;
using hvlm::measureConsistency;

namespace {

at::Tensor rows(std::initializer_list<double> values, int64_t columns) {
  return at::tensor(std::vector<double>(values), at::kDouble).view({-1, columns}).to(at::kFloat);
}

// Numbers in [-1, 1), the same on every machine.
at::Tensor noise(int64_t count, int64_t columns, uint64_t seed) {
  at::Tensor x = at::empty({count, columns}, at::kFloat);
  for (int64_t i = 0; i < x.numel(); ++i) {
    x.data_ptr<float>()[i] = static_cast<float>(static_cast<double>(hvlm::mixSeed(seed, static_cast<uint64_t>(i)) >> 11) * 0x1.0p-52 - 1.0);
  }
  return x;
}

std::vector<int64_t> evenOffsets(int64_t videos, int64_t steps) {
  std::vector<int64_t> offsets;
  for (int64_t v = 0; v <= videos; ++v) offsets.push_back(v * steps);
  return offsets;
}

bool near(double a, double b, double tolerance = 1e-5) { return std::abs(a - b) <= tolerance; }

}  // namespace

#define VERIFY_NEAR(actual, expected, ...)                                                                                   \
  QVERIFY2(near(actual, expected __VA_OPT__(, ) __VA_ARGS__),                                                                \
           qPrintable(QStringLiteral(#actual " is %1, expected %2").arg(actual, 0, 'g', 12).arg(expected, 0, 'g', 12)))

class TestEvalConsistency : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void neighboursAreMacroOverVideos();
  void farPairsAreFiveStepsApart();
  void pairsOfDifferentVideos();
  void adjustedFiguresByHand();
  void centringTakesTheSharedPartAway();
  void verdicts_data();
  void verdicts();
  void verdictBorders();
  void onlyDirectionsCount();
  void factOneDirectionIsFree();
  void factUnitRowsHaveSmallDeviations();
  void effectiveRanks_data();
  void effectiveRanks();
  void deviationsAndDeadDimensions();
  void withinVideoShareByHand();
  void uniformityByHand();
  void boundariesByHand();
  void boundariesOfRandomVectorsTellNothing();
  void rocByHand_data();
  void rocByHand();
  void theOrderOfVideosHardlyMatters();
  void theSameVectorsGiveTheSame();
  void shortAndSingleVideos();
};

void TestEvalConsistency::neighboursAreMacroOverVideos() {
  // Video 0: cosines 1, 0, 0; video 1: cosine -1; video 2 has one step. A mean over pairs would be 0.
  const at::Tensor h = rows({1, 0, 2, 0, 0, 3, 1, 0, /**/ 1, 1, -1, -1, /**/ 5, 5}, 2);
  const Consistency c = measureConsistency(h, {0, 4, 6, 7}, {});
  VERIFY_NEAR(c.tc, (1.0 / 3.0 - 1.0) / 2.0);
  QCOMPARE(c.tc_of_video.size(), size_t{2});  // what the interval is drawn from
  VERIFY_NEAR(c.tc_of_video[0], 1.0 / 3.0);
  VERIFY_NEAR(c.tc_of_video[1], -1.0);
  QCOMPARE(hvlm::temporalConsistency(h, {0, 4, 6, 7}), c.tc);
  QCOMPARE(hvlm::temporalConsistency(h.narrow(0, 0, 1), {0, 1}), 0.0);
}

void TestEvalConsistency::farPairsAreFiveStepsApart() {
  // Six steps: only the first and the last are five apart, and they are opposite; all others point elsewhere.
  const at::Tensor h = rows({1, 0, 0, 1, 0, 1, 0, 1, 0, 1, -1, 0}, 2);
  const Consistency c = measureConsistency(h, {0, 6}, {});
  QVERIFY(c.has_far_steps);
  VERIFY_NEAR(c.r_in, -1.0);
  VERIFY_NEAR(c.tc, 3.0 / 5.0);
  VERIFY_NEAR(c.ts, (0.6 + 1.0) / 2.0);
  QVERIFY(!measureConsistency(h.narrow(0, 0, 5), {0, 5}, {}).has_far_steps);
}

void TestEvalConsistency::pairsOfDifferentVideos() {
  // Every video stands still, at 0, 60 and 120 degrees: pairs of different videos have cosines .5, .5, -.5.
  const double s = std::sqrt(3.0) / 2.0;
  const at::Tensor h = rows({1, 0, 1, 0, /**/ 0.5, s, 0.5, s, 0.5, s, /**/ -0.5, s, -0.5, s}, 2);
  const Consistency c = measureConsistency(h, {0, 2, 5, 7}, {});
  VERIFY_NEAR(c.tc, 1.0);
  VERIFY_NEAR(c.r_x, 1.0 / 6.0, 0.01);
  VERIFY_NEAR(c.cac, 1.0);
}

void TestEvalConsistency::adjustedFiguresByHand() {
  // Two videos that swing between (1, 0) and (cos 60, sin 60) in step with each other: neighbours .5, others half 1, half .5.
  const double s = std::sqrt(3.0) / 2.0;
  std::vector<double> values;
  for (int i = 0; i < 200; ++i) values.insert(values.end(), {i % 2 ? 0.5 : 1.0, i % 2 ? s : 0.0});
  const at::Tensor h = at::tensor(values, at::kDouble).view({200, 2}).to(at::kFloat);
  const Consistency c = measureConsistency(h, {0, 100, 200}, {});
  VERIFY_NEAR(c.tc, 0.5);
  VERIFY_NEAR(c.r_x, 0.75, 0.01);
  VERIFY_NEAR(c.r_in, 0.75, 0.03);
  VERIFY_NEAR(c.cac, (c.tc - c.r_x) / (1.0 - c.r_x), 1e-12);
  VERIFY_NEAR(c.ts, (c.tc - c.r_in) / (1.0 - c.r_in), 1e-12);
  VERIFY_NEAR(c.cac, -1.0, 0.1);
}

void TestEvalConsistency::centringTakesTheSharedPartAway() {
  // Everything stands at (100, .) and swings by one: raw cosines near 1, centred ones exactly -1.
  std::vector<double> values;
  for (int i = 0; i < 40; ++i) values.insert(values.end(), {100.0, i % 2 ? 1.0 : -1.0});
  const Consistency c = measureConsistency(at::tensor(values, at::kDouble).view({40, 2}).to(at::kFloat), {0, 20, 40}, {});
  QVERIFY(c.tc > 0.999);
  VERIFY_NEAR(c.centred, -1.0);
  QCOMPARE(c.cac, 0.0);  // 1 - r_x is below 1e-3
}

void TestEvalConsistency::verdicts_data() {
  QTest::addColumn<int>("kind");
  QTest::addColumn<QString>("verdict");
  QTest::newRow("identical vectors have collapsed") << 0 << "collapsed";
  QTest::newRow("one direction at several lengths has collapsed") << 1 << "collapsed";
  QTest::newRow("two opposite directions are one dimension, so collapsed") << 2 << "collapsed";
  QTest::newRow("a large shared part leaves nothing to tell videos apart, so collapsed") << 3 << "collapsed";
  QTest::newRow("videos that differ but stand still are constant in time") << 4 << "constant in time";
  QTest::newRow("a trace of movement is still constant in time") << 5 << "constant in time";
  QTest::newRow("random vectors are healthy") << 6 << "healthy";
}

void TestEvalConsistency::verdicts() {
  QFETCH(int, kind);
  QFETCH(QString, verdict);
  const int64_t videos = 12, steps = 20, width = 16;
  const at::Tensor random = noise(videos * steps, width, 1);
  const at::Tensor still = noise(videos, width, 2).repeat_interleave(steps, 0);
  const at::Tensor direction = noise(1, width, 3);
  const at::Tensor lengths = noise(videos * steps, 1, 4);
  const std::vector<at::Tensor> all = {
      direction.expand({videos * steps, width}).contiguous(), direction * (lengths.abs() + 0.1), direction * lengths.sign(),
      random + 100.0, still, still + 0.005 * random, random};
  const Consistency c = measureConsistency(all[static_cast<size_t>(kind)], evenOffsets(videos, steps), {});
  QVERIFY2(c.verdict == verdict.toStdString(), qPrintable(QStringLiteral("%1, effective rank %2, r_x %3, within %4")
      .arg(QString::fromStdString(c.verdict)).arg(c.effective_rank).arg(c.r_x).arg(c.within_std_share)));
  if (kind == 0) {
    QCOMPARE(c.effective_rank, 0.0);
    QCOMPARE(c.cac, 0.0);
    QCOMPARE(c.ts, 0.0);
    VERIFY_NEAR(c.tc, 1.0);
    VERIFY_NEAR(c.mean_std, 0.0);
  }
}

void TestEvalConsistency::verdictBorders() {
  QCOMPARE(hvlm::verdictOf(1.999, 0.0, 1.0), std::string("collapsed"));
  QCOMPARE(hvlm::verdictOf(2.0, 0.0, 1.0), std::string("healthy"));
  QCOMPARE(hvlm::verdictOf(50.0, 0.9991, 1.0), std::string("collapsed"));
  QCOMPARE(hvlm::verdictOf(50.0, 0.9989, 1.0), std::string("healthy"));
  QCOMPARE(hvlm::verdictOf(50.0, 0.0, 0.0099), std::string("constant in time"));
  QCOMPARE(hvlm::verdictOf(50.0, 0.0, 0.0101), std::string("healthy"));
  QCOMPARE(hvlm::verdictOf(1.0, 0.0, 0.0), std::string("collapsed"));  // the worse one is said
}

void TestEvalConsistency::onlyDirectionsCount() {
  const at::Tensor h = noise(90, 8, 5);
  const at::Tensor scaled = h * (noise(90, 1, 6).abs() + 0.5);
  const auto offsets = evenOffsets(3, 30);
  const Consistency a = measureConsistency(h, offsets, {});
  const Consistency b = measureConsistency(scaled, offsets, {});
  VERIFY_NEAR(a.tc, b.tc);
  VERIFY_NEAR(a.r_x, b.r_x);
  VERIFY_NEAR(a.r_in, b.r_in);
}

// method.md 2, fact (a): h = a_b u costs nothing under the paper's loss although every cosine in the data set is 1.
void TestEvalConsistency::factOneDirectionIsFree() {
  const at::Tensor u = noise(1, 32, 7);
  const at::Tensor lengths = at::tensor({1.0, 2.0, 4.0}, at::kFloat).repeat_interleave(10).unsqueeze(1);  // of three videos
  const at::Tensor h = lengths * u;
  const auto offsets = evenOffsets(3, 10);
  QVERIFY(hvlm::temporalLoss(h, offsets).mean_videos.item<double>() < 1e-6);
  QCOMPARE(hvlm::collapseObjective(h, 0.1, "paper").item<double>(), 0.0);
  const Consistency c = measureConsistency(h, offsets, {});
  VERIFY_NEAR(c.tc, 1.0);
  VERIFY_NEAR(c.r_x, 1.0);
  QCOMPARE(c.cac, 0.0);
  QCOMPARE(c.verdict, std::string("collapsed"));
}

// Fact (b): the mean deviation of unit rows is at most 1 / sqrt(d), so tau = 0.1 is out of reach for d > 100.
void TestEvalConsistency::factUnitRowsHaveSmallDeviations() {
  for (const int64_t d : {4, 64, 256}) {
    const at::Tensor x = noise(500, d, 8);
    const at::Tensor unit = x / x.norm(2, 1, true);
    const Consistency c = measureConsistency(unit, {0, 500}, {});
    const double bound = 1.0 / std::sqrt(static_cast<double>(d));
    QVERIFY2(c.mean_std <= bound * std::sqrt(500.0 / 499.0) + 1e-9, qPrintable(QString::number(c.mean_std)));
    QVERIFY(c.mean_std > 0.9 * bound);  // and these random rows come close
    const double hinge = hvlm::collapseObjective(unit, 0.1, "paper").item<double>();
    QCOMPARE(hinge > 0.0, d == 256);
  }
}

void TestEvalConsistency::effectiveRanks_data() {
  QTest::addColumn<int>("dimensions");
  QTest::newRow("one direction has rank 1") << 1;
  QTest::newRow("two equal directions have rank 2") << 2;
  QTest::newRow("five equal directions have rank 5") << 5;
}

void TestEvalConsistency::effectiveRanks() {
  QFETCH(int, dimensions);
  // Plus and minus each axis: centred, all singular values equal.
  const at::Tensor axes = at::eye(8, at::kFloat).narrow(0, 0, dimensions);
  const at::Tensor h = at::cat({axes, -axes, axes, -axes}, 0);
  VERIFY_NEAR(measureConsistency(h, {0, h.size(0)}, {}).effective_rank, static_cast<double>(dimensions), 1e-4);
  VERIFY_NEAR(measureConsistency(h + 3.0, {0, h.size(0)}, {}).effective_rank, static_cast<double>(dimensions), 1e-4);
}

void TestEvalConsistency::deviationsAndDeadDimensions() {
  // Columns: deviation sqrt(4/3) of 1, -1; ten times that; constant; next to nothing.
  const at::Tensor h = rows({1, 10, 7, 1e-4, -1, -10, 7, -1e-4, 1, 10, 7, 1e-4, -1, -10, 7, -1e-4}, 4);
  const Consistency c = measureConsistency(h, {0, 4}, {});
  const double s = std::sqrt(4.0 / 3.0);
  VERIFY_NEAR(c.mean_std, 11.0001 * s / 4.0);
  VERIFY_NEAR(c.min_std, 0.0, 1e-9);
  QCOMPARE(c.dead_dimensions, 0.5);
}

void TestEvalConsistency::withinVideoShareByHand() {
  // Video means at 4 and -4, steps one above and one below: within 4 x 1, total 4 x 17.
  const at::Tensor h = rows({5, 0, 3, 0, -3, 0, -5, 0}, 2);
  const auto c = measureConsistency(h, {0, 2, 4}, {});
  VERIFY_NEAR(c.within_std_share, std::sqrt(4.0 / 68.0));
  VERIFY_NEAR(c.within_std, std::sqrt(4.0 / static_cast<double>(h.numel())));
}

void TestEvalConsistency::uniformityByHand() {
  // Two still videos at a right angle: every pair is sqrt(2) apart.
  const at::Tensor h = rows({1, 0, 1, 0, 0, 1, 0, 1}, 2);
  VERIFY_NEAR(measureConsistency(h, {0, 2, 4}, {}).uniformity, -4.0);
}

void TestEvalConsistency::boundariesByHand() {
  // Background, background, class 3 x 3, background x 2, then a second video all of class 1.
  const at::Tensor h = rows({1, 0, 1, 0, 0, 1, 0, 1, 0, 1, 1, 0, 1, 0, /**/ 1, 0, 1, 0, 1, 0}, 2);
  const std::vector<int64_t> labels = {-1, -1, 3, 3, 3, -1, -1, 1, 1, 1};
  const Consistency c = measureConsistency(h, {0, 7, 10}, labels);
  QVERIFY(c.has_boundaries);
  // Pairs inside segments have cosine 1, the two across boundaries 0.
  VERIFY_NEAR(c.boundary_contrast, 1.0);
  // Pairs of video 0: all six lie within a step of one of the changes at 1 and 4. Of these, two score 1 and four score 0; the two
  // pairs of video 1 score 0. So a positive beats a negative in 2 of 6 and ties in 4 of 6.
  VERIFY_NEAR(c.boundary_auc, (2.0 + 0.5 * 4.0) / 6.0);
  // With a longer still stretch the far pairs are negatives as well, and the video border is no boundary.
  const at::Tensor far = rows({1, 0, 1, 0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 1, 0, 1, /**/ 1, 0, 1, 0}, 2);
  const Consistency d = measureConsistency(far, {0, 8, 10}, {0, 0, 0, 0, 1, 1, 1, 1, 0, 0});
  // Seven pairs in video 0, change at 3, positives at 2, 3, 4 scoring 0, 1, 0; negatives 0, 1, 5, 6 and one of video 1, all 0.
  VERIFY_NEAR(d.boundary_auc, (5.0 + 0.5 * 10.0) / 15.0);
  QVERIFY(!measureConsistency(far, {0, 8, 10}, {0, 0, 0, 0, 0, 0, 0, 0, 1, 1}).has_boundaries);
  QCOMPARE(measureConsistency(far, {0, 8, 10}, {}).boundary_auc, 0.0);
}

void TestEvalConsistency::boundariesOfRandomVectorsTellNothing() {
  std::vector<int64_t> labels;
  for (int i = 0; i < 3000; ++i) labels.push_back((i / 30) % 2 ? 0 : -1);
  const Consistency c = measureConsistency(noise(3000, 16, 9), evenOffsets(10, 300), labels);
  VERIFY_NEAR(c.boundary_auc, 0.5, 0.05);
  VERIFY_NEAR(c.boundary_contrast, 0.0, 0.05);
}

void TestEvalConsistency::rocByHand_data() {
  QTest::addColumn<QList<double>>("scores");
  QTest::addColumn<QList<int>>("positive");
  QTest::addColumn<double>("area");
  QTest::newRow("perfect order") << QList<double>{1, 2, 3, 4} << QList<int>{0, 0, 1, 1} << 1.0;
  QTest::newRow("reversed order") << QList<double>{4, 3, 2, 1} << QList<int>{0, 0, 1, 1} << 0.0;
  QTest::newRow("one pair of four the wrong way round") << QList<double>{1, 3, 2, 4} << QList<int>{0, 0, 1, 1} << 0.75;
  QTest::newRow("ties count half") << QList<double>{1, 2, 2, 3} << QList<int>{0, 0, 1, 1} << 0.875;
  QTest::newRow("all equal is chance") << QList<double>{2, 2, 2, 2, 2} << QList<int>{0, 1, 0, 1, 1} << 0.5;
  QTest::newRow("no positives is chance") << QList<double>{1, 2} << QList<int>{0, 0} << 0.5;
  QTest::newRow("no negatives is chance") << QList<double>{1, 2} << QList<int>{1, 1} << 0.5;
  QTest::newRow("nothing is chance") << QList<double>{} << QList<int>{} << 0.5;
}

void TestEvalConsistency::rocByHand() {
  QFETCH(QList<double>, scores);
  QFETCH(QList<int>, positive);
  QFETCH(double, area);
  QCOMPARE(hvlm::areaUnderRoc({scores.begin(), scores.end()}, std::vector<uint8_t>(positive.begin(), positive.end())), area);
}

void TestEvalConsistency::theOrderOfVideosHardlyMatters() {
  const int64_t videos = 30, steps = 25, width = 12;
  // Videos have a part of their own and drift.
  const at::Tensor h = (noise(videos, width, 10).repeat_interleave(steps, 0) + noise(videos * steps, width, 11) * 0.7 + 0.3)
                           .view({videos, steps, width});
  std::vector<int64_t> order(static_cast<size_t>(videos));
  std::iota(order.begin(), order.end(), 0);
  std::vector<int64_t> labels;
  for (int64_t i = 0; i < videos * steps; ++i) labels.push_back((i / 6) % 3 == 0 ? 0 : -1);
  const at::Tensor label_rows = at::tensor(labels, at::kLong).view({videos, steps});
  const Consistency a = measureConsistency(h.reshape({-1, width}), evenOffsets(videos, steps), labels);
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    std::sort(order.begin(), order.end(), [seed](int64_t x, int64_t y) {
      return hvlm::mixSeed(seed, static_cast<uint64_t>(x)) < hvlm::mixSeed(seed, static_cast<uint64_t>(y));
    });
    const at::Tensor index = at::tensor(order, at::kLong);
    const at::Tensor moved_labels = label_rows.index_select(0, index).contiguous();
    const Consistency b = measureConsistency(h.index_select(0, index).reshape({-1, width}), evenOffsets(videos, steps),
                                             {moved_labels.data_ptr<int64_t>(), moved_labels.data_ptr<int64_t>() + videos * steps});
    VERIFY_NEAR(b.tc, a.tc);  // exact figures
    VERIFY_NEAR(b.centred, a.centred);
    VERIFY_NEAR(b.effective_rank, a.effective_rank);
    VERIFY_NEAR(b.mean_std, a.mean_std);
    VERIFY_NEAR(b.within_std_share, a.within_std_share);
    VERIFY_NEAR(b.boundary_auc, a.boundary_auc);
    VERIFY_NEAR(b.boundary_contrast, a.boundary_contrast);
    VERIFY_NEAR(b.r_x, a.r_x, 0.01);  // sampled ones
    VERIFY_NEAR(b.r_in, a.r_in, 0.02);
    VERIFY_NEAR(b.uniformity, a.uniformity, 0.05);
    QCOMPARE(b.verdict, a.verdict);
  }
}

void TestEvalConsistency::theSameVectorsGiveTheSame() {
  const at::Tensor h = noise(200, 8, 12);
  const Consistency a = measureConsistency(h, evenOffsets(4, 50), {});
  const Consistency b = measureConsistency(h.clone(), evenOffsets(4, 50), {});
  QCOMPARE(a.r_x, b.r_x);
  QCOMPARE(a.r_in, b.r_in);
  QCOMPARE(a.uniformity, b.uniformity);
}

void TestEvalConsistency::shortAndSingleVideos() {
  const at::Tensor h = noise(9, 4, 13);
  const Consistency one = measureConsistency(h, {0, 9}, {});
  QVERIFY(!one.has_other_videos);
  QVERIFY(one.has_far_steps);
  const Consistency mixed = measureConsistency(h, {0, 1, 2, 9}, {});
  QVERIFY(mixed.has_other_videos && std::isfinite(mixed.tc) && std::isfinite(mixed.r_x));
  QVERIFY(!hvlm::hasNeighbours({0, 1, 2, 3}));
  QVERIFY(!hvlm::hasNeighbours({0}));
  QVERIFY_THROWS_EXCEPTION(hvlm::InputError, measureConsistency(h.narrow(0, 0, 3), {0, 1, 2, 3}, {}));
}

QTEST_GUILESS_MAIN(TestEvalConsistency)
#include "tst_eval_consistency.moc"
