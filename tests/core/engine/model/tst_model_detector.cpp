// SPDX-License-Identifier: Apache-2.0
// The detector's finer parts: start and end scores, distances from bins, the second look, ends that move.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <QtTest>
#include <cmath>
#include <functional>

#include "core/engine/objective/finite_difference.h"
#include "engine/eval/detect.h"
#include "engine/model/candidates.h"
#include "engine/model/edges.h"
#include "engine/model/model.h"
#include "engine/model/trident.h"
#include "engine/objective/detection.h"
#include "engine/objective/edges.h"
#include "score/calibration.h"
#include "support/error.h"

using namespace hvlm;
using hvlm::testing::gradientError;
using hvlm::testing::someRows;
using Offsets = std::vector<int64_t>;

namespace {

constexpr int64_t kInput = 6;
constexpr int64_t kClasses = 3;

RunConfig smallConfig() {
  RunConfig config;
  config.encoder.dim = 8;
  config.encoder.heads = 2;
  config.encoder.layers = 1;
  config.encoder.stem_convolutions = 1;
  config.head.width = 6;
  config.head.detect_levels = 4;
  config.head.detect_layers = 1;
  return config;
}

Packed pack(const std::vector<at::Tensor>& videos) {
  Packed packed{at::cat(videos, 0), {0}, {}, {}};
  for (const at::Tensor& v : videos) packed.offsets.push_back(packed.offsets.back() + v.size(0));
  return packed;
}

// Weights that do something everywhere, biases and pooling vectors too.
void disturb(ParameterSet& set, double by = 0.3) {
  at::Generator generator = makeGenerator(99);
  const at::NoGradGuard no_grad;
  for (const at::Tensor& p : set.tensors()) p.add_(normalInit(p.sizes(), by, generator, p.options().requires_grad(false)));
}

RunIndex indexOf(const Offsets& offsets) { return makeRunIndex(offsets, at::kCPU); }
bool close(const at::Tensor& a, const at::Tensor& b, double tolerance = 1e-10) { return a.sizes() == b.sizes() && at::allclose(a, b, tolerance, tolerance); }
double number(const at::Tensor& t) { return t.item<double>(); }

const at::Tensor& named(const ParameterSet& set, const char* name) {
  const at::Tensor* found = set.find(name);
  if (!found) throw std::runtime_error(std::string("no parameter ") + name);
  return *found;
}

// --- Written once more, row by row ---

at::Tensor layer(const ParameterSet& set, const std::string& name, const at::Tensor& x) {
  return at::mv(named(set, (name + ".weight").c_str()), x) + named(set, (name + ".bias").c_str());
}

at::Tensor borderByHand(const ParameterSet& set, const at::Tensor& h, const at::Tensor& x, int64_t first, int64_t last, int64_t border) {
  const auto row = [&](const at::Tensor& rows, int64_t t) { return t >= first && t < last ? rows[t] : at::zeros({rows.size(1)}, rows.options()); };
  const at::Tensor a = row(x, first + border - 1), b = row(x, first + border);
  const double norms = number(a.norm()) + number(b.norm()), product = number(a.norm()) * number(b.norm());
  const at::Tensor change = at::tensor({number(at::dot(a, b)) / std::max(product, 1e-6), number((a - b).norm()) / std::max(norms, 1e-6)}, at::kDouble);
  return layer(set, "edges.out", at::gelu(layer(set, "edges.hidden", at::cat({row(h, first + border - 1), row(h, first + border), change}))));
}

// [M, 2] by two loops.
at::Tensor tridentByHand(const at::Tensor& ends, const at::Tensor& offsets, int64_t bins, const Offsets& runs) {
  at::Tensor wanted = at::zeros({ends.size(0), 2}, at::kDouble);
  for (size_t r = 0; r + 1 < runs.size(); ++r) {
    for (int64_t i = runs[r]; i < runs[r + 1]; ++i) {
      for (int64_t side = 0; side < 2; ++side) {
        double sum = 0.0, weighted = 0.0;
        for (int64_t bin = 0; bin <= bins; ++bin) {
          const int64_t node = side == 0 ? i - bin : i + bin;
          if (node < runs[r] || node >= runs[r + 1]) continue;
          const double share = std::exp(number(ends[node][side]) + number(offsets[i][side * (bins + 1) + bin]));
          sum += share;
          weighted += share * static_cast<double>(bin);
        }
        wanted[i][side] = weighted / sum;
      }
    }
  }
  return wanted;
}

// Class logits, then the quality logit.
at::Tensor secondLookByHand(const ParameterSet& set, const at::Tensor& h, const at::Tensor& edges, const Offsets& offsets, const BorderSpan& span, bool with_edges) {
  const int64_t first = offsets[static_cast<size_t>(span.video)], steps = offsets[static_cast<size_t>(span.video) + 1] - first;
  const auto mean = [&](int64_t from, int64_t to) {
    at::Tensor sum = at::zeros({h.size(1)}, h.options());
    int64_t count = 0;
    for (int64_t t = std::max<int64_t>(from, 0); t < std::min(to, steps); ++t, ++count) sum = sum + h[first + t];
    return count > 0 ? sum / static_cast<double>(count) : sum;
  };
  const int64_t length = span.last - span.first;
  const int64_t context = std::max<int64_t>(2, static_cast<int64_t>(std::ceil(static_cast<double>(length) / 4.0)));
  std::vector<at::Tensor> read = {mean(span.first, span.last), mean(span.first - context, span.first), mean(span.last, span.last + context),
                                  mean(span.first, std::min(span.first + 2, span.last)), mean(std::max(span.last - 2, span.first), span.last)};
  if (with_edges) {
    read.push_back(edges[first + span.video + span.first].sigmoid());
    read.push_back(edges[first + span.video + span.last].sigmoid());
  }
  read.push_back(at::tensor({std::log(static_cast<double>(length)) / 5.0, static_cast<double>(length) / static_cast<double>(steps)}, at::kDouble));
  const at::Tensor top = at::gelu(layer(set, "rescore.second", at::gelu(layer(set, "rescore.first", at::cat(read)))));
  return at::cat({layer(set, "rescore.class", top), layer(set, "rescore.quality", top)});
}

FeatureSpec everySecond() {
  FeatureSpec spec;
  spec.steps_per_second = 1.0;
  return spec;
}

std::vector<float> logs(std::initializer_list<double> shares) {
  std::vector<float> all;
  for (const double s : shares) all.push_back(static_cast<float>(std::log(s)));
  return all;
}

bool near(double a, double b, double tolerance = 1e-6) { return std::abs(a - b) <= tolerance; }

// "" when both lists say the same.
QString difference(const std::vector<DetectedSegment>& a, const std::vector<DetectedSegment>& b, double tolerance) {
  if (a.size() != b.size()) return QStringLiteral("%1 and %2 segments").arg(a.size()).arg(b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i].label != b[i].label || !near(a[i].start_seconds, b[i].start_seconds, tolerance) || !near(a[i].end_seconds, b[i].end_seconds, tolerance) ||
        !near(a[i].score, b[i].score, tolerance)) {
      return QStringLiteral("place %1: %2-%3 %4 and %5-%6 %7").arg(i).arg(a[i].start_seconds).arg(a[i].end_seconds).arg(a[i].score).arg(b[i].start_seconds).arg(b[i].end_seconds).arg(b[i].score);
    }
  }
  return {};
}

// Output of a detection head with a node for each given (video, position, left, right, scores).
struct GivenNode {
  int64_t video;
  double position, left, right;
  std::vector<double> scores;
};
ModelOutput outputOf(const std::vector<GivenNode>& nodes, const Offsets& offsets) {
  ModelOutput out;
  out.offsets = offsets;
  std::vector<double> logits, distances;
  for (const GivenNode& node : nodes) {
    out.detection_nodes.push_back({node.video, 0, 0, 0, node.position});
    for (const double s : node.scores) logits.push_back(std::log(s / (1.0 - s)));
    distances.insert(distances.end(), {node.left, node.right});
  }
  out.class_logits = at::tensor(logits, at::kDouble).view({static_cast<int64_t>(nodes.size()), -1});
  out.boundaries = at::tensor(distances, at::kDouble).view({-1, 2});
  return out;
}

}  // namespace

class TestModelDetector : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void bordersLieBetweenTheirSteps();
  void bordersOfOneVideoIgnoreTheOthers();
  void bordersStartRareAndSendGradients();

  void distancesFromBinsByHand_data();
  void distancesFromBinsByHand();
  void binsPastTheEndsHaveNoShare();
  void aSureBinIsTheDistance();
  void distancesFromBinsHaveTheirGradient();
  void wrongBinsAreNamed();

  void theSecondLookByHand_data();
  void theSecondLookByHand();
  void theSecondLookIgnoresTheOthers();
  void spansThatLeaveTheirVideoAreNamed();
  void theSecondLookSendsGradientsToTheSteps();

  void anEndMoves_data();
  void anEndMoves();
  void bothEndsMoveByTheirOwnScores();
  void equalEndsAreJoinedWithinAClass();
  void nothingMovesWithoutReachOrScores();
  void segmentsThatCollapseAreDropped();
  void proposalsStayInTheVideo();
  void spansAreWholeBorders_data();
  void spansAreWholeBorders();
  void bordersAreReadVideoByVideo();

  void theModelCarriesWhatTheConfigAsks();
  void gradientsEqualFiniteDifferences_data();
  void gradientsEqualFiniteDifferences();
  void anyLengthWorks_data();
  void anyLengthWorks();
  void detectionsByHand();
  void allClassesSuppressWhenAsked();
  void theSecondLookChangesScoresAsSaid();
  void detectionsDoNotDependOnTheBatch_data();
  void detectionsDoNotDependOnTheBatch();
  void calibrationKeepsTheOrder();
};

// --- start and end scores ---

void TestModelDetector::bordersLieBetweenTheirSteps() {
  ParameterSet set;
  at::Generator generator = makeGenerator(1);
  const EdgeHead head(set, 4, 5, 0.0, generator, at::kDouble);
  disturb(set);
  const Offsets offsets = {0, 3, 4, 9};
  const at::Tensor h = someRows(9, 4);
  at::Tensor x = someRows(9, 6, 0.5);
  x[6].zero_();  // a step without features
  const at::Tensor logits = head(h, x, indexOf(offsets), {});
  QCOMPARE(logits.sizes().vec(), (std::vector<int64_t>{12, 2}));
  const std::vector<int64_t> rows = borderOffsets(offsets);
  QCOMPARE(rows, (std::vector<int64_t>{0, 4, 6, 12}));
  for (size_t r = 0; r + 1 < offsets.size(); ++r) {
    for (int64_t border = 0; border <= offsets[r + 1] - offsets[r]; ++border) {
      QVERIFY(close(logits[rows[r] + border], borderByHand(set, h, x, offsets[r], offsets[r + 1], border)));
    }
  }
}

void TestModelDetector::bordersOfOneVideoIgnoreTheOthers() {
  ParameterSet set;
  at::Generator generator = makeGenerator(1);
  const EdgeHead head(set, 4, 5, 0.0, generator, at::kDouble);
  disturb(set);
  const at::Tensor h = someRows(9, 4), x = someRows(9, 6, 0.5);
  at::Tensor other_h = h.clone(), other_x = x.clone();
  other_h.slice(0, 3, 7).mul_(-50.0).add_(3.0);
  other_x.slice(0, 3, 7).mul_(90.0).add_(1.0);
  const at::Tensor one = head(h, x, indexOf({0, 3, 7, 9}), {}), two = head(other_h, other_x, indexOf({0, 3, 7, 9}), {});
  QVERIFY(close(one.slice(0, 0, 4), two.slice(0, 0, 4)) && close(one.slice(0, 9, 12), two.slice(0, 9, 12)));
  QVERIFY(!close(one.slice(0, 4, 9), two.slice(0, 4, 9), 1e-3));
  QVERIFY(close(head(h.slice(0, 7, 9), x.slice(0, 7, 9), indexOf({0, 2}), {}), one.slice(0, 9, 12)));
}

void TestModelDetector::bordersStartRareAndSendGradients() {
  ParameterSet set;
  at::Generator generator = makeGenerator(1);
  const EdgeHead head(set, 4, 5, 0.1, generator, at::kDouble);
  const at::Tensor h = someRows(1, 4).requires_grad_(true);
  const at::Tensor alone = head(h, at::zeros({1, 6}, at::kDouble), indexOf({0, 1}), {});  // a video of one step has two borders
  QCOMPARE(alone.sizes().vec(), (std::vector<int64_t>{2, 2}));
  QVERIFY(at::isfinite(alone).all().item<bool>());
  QVERIFY(near(number(alone.sigmoid().mean()), 0.05, 0.01));
  head(h, someRows(1, 6), indexOf({0, 1}), {true, makeGenerator(3)}).pow(2).sum().backward();
  QVERIFY(number(h.grad().abs().sum()) > 0.0);
  for (const Parameter& p : set.all()) QVERIFY2(p.value.grad().defined() && number(p.value.grad().abs().sum()) > 0.0, p.name.c_str());
}

// --- distances from bins ---

void TestModelDetector::distancesFromBinsByHand_data() {
  QTest::addColumn<int>("bins");
  QTest::newRow("two bins") << 2;
  QTest::newRow("as many as the longest run has nodes") << 5;
  QTest::newRow("more than any run has nodes") << 9;
}
void TestModelDetector::distancesFromBinsByHand() {
  QFETCH(int, bins);
  const Offsets runs = {0, 1, 4, 10, 12};
  const at::Tensor ends = 3.0 * someRows(12, 2), offsets = 2.0 * someRows(12, 2 * (bins + 1), 0.7);
  const at::Tensor distances = tridentDistances(ends, offsets, bins, indexOf(runs));
  QVERIFY(close(distances, tridentByHand(ends, offsets, bins, runs)));
  QVERIFY((distances >= 0).all().item<bool>() && (distances <= bins).all().item<bool>());
  QVERIFY(close(distances[0], at::zeros({2}, at::kDouble)));  // a node alone has only itself
}

void TestModelDetector::binsPastTheEndsHaveNoShare() {
  const Offsets runs = {0, 4, 8};
  const at::Tensor ends = someRows(8, 2), offsets = someRows(8, 2 * 4, 0.7);
  const at::Tensor distances = tridentDistances(ends, offsets, 3, indexOf(runs));
  at::Tensor louder = offsets.clone();
  louder[4].slice(0, 1, 4).fill_(1e4);  // left of the second run's first node lies nothing
  louder[5].slice(0, 2, 4).fill_(1e4);
  louder[3].slice(0, 5, 8).fill_(1e4);  // and nothing right of the first run's last one
  QVERIFY(close(tridentDistances(ends, louder, 3, indexOf(runs)), distances));
  QCOMPARE(number(distances[4][0]), 0.0);
  QCOMPARE(number(distances[3][1]), 0.0);
  at::Tensor other_run = ends.clone();
  other_run.slice(0, 4, 8).fill_(1e4);
  QVERIFY(close(tridentDistances(other_run, offsets, 3, indexOf(runs)).slice(0, 0, 4), distances.slice(0, 0, 4)));
}

void TestModelDetector::aSureBinIsTheDistance() {
  at::Tensor ends = at::zeros({7, 2}, at::kDouble);
  ends[1][0] = 60.0;  // it starts at node 1 and ends at node 5
  ends[5][1] = 60.0;
  const at::Tensor distances = tridentDistances(ends, at::zeros({7, 10}, at::kDouble), 4, indexOf({0, 7}));
  for (int64_t i = 1; i <= 5; ++i) {
    QVERIFY(near(number(distances[i][0]), static_cast<double>(i - 1), 1e-9));
    QVERIFY(near(number(distances[i][1]), static_cast<double>(5 - i), 1e-9));
  }
}

void TestModelDetector::distancesFromBinsHaveTheirGradient() {
  const Offsets runs = {0, 1, 4, 9};
  const at::Tensor ends = someRows(9, 2), offsets = someRows(9, 8, 0.7), weights = someRows(9, 2, 0.2);
  QVERIFY(gradientError([&](const at::Tensor& e) { return (tridentDistances(e, offsets, 3, indexOf(runs)) * weights).sum(); }, ends) < 1e-8);
  QVERIFY(gradientError([&](const at::Tensor& o) { return (tridentDistances(ends, o, 3, indexOf(runs)) * weights).sum(); }, offsets) < 1e-8);
}

void TestModelDetector::wrongBinsAreNamed() {
  const RunIndex index = indexOf({0, 4});
  QVERIFY_THROWS_EXCEPTION(ShapeError, tridentDistances(at::zeros({4, 2}), at::zeros({4, 6}), 3, index));  // bins
  QVERIFY_THROWS_EXCEPTION(ShapeError, tridentDistances(at::zeros({4, 3}), at::zeros({4, 8}), 3, index));
  QVERIFY_THROWS_EXCEPTION(ShapeError, tridentDistances(at::zeros({4, 2}), at::zeros({3, 8}), 3, index));
  QVERIFY_THROWS_EXCEPTION(ShapeError, tridentDistances(at::zeros({5, 2}), at::zeros({5, 8}), 3, index));  // nodes
  QVERIFY_THROWS_EXCEPTION(ShapeError, tridentDistances(at::zeros({8}), at::zeros({4, 8}), 3, index));
}

// --- second look ---

namespace {

const Offsets kVideos = {0, 7, 8, 20};
const std::vector<BorderSpan> kSpans = {{0, 0, 7}, {0, 2, 4}, {0, 6, 7}, {1, 0, 1}, {2, 0, 12}, {2, 3, 11}, {2, 11, 12}, {2, 3, 11}};

}  // namespace

void TestModelDetector::theSecondLookByHand_data() {
  QTest::addColumn<bool>("with_edges");
  QTest::newRow("with start and end scores") << true;
  QTest::newRow("without") << false;
}
void TestModelDetector::theSecondLookByHand() {
  QFETCH(bool, with_edges);
  ParameterSet set;
  at::Generator generator = makeGenerator(2);
  const RescoreHead head(set, 4, 6, kClasses, 0.0, with_edges, generator, at::kDouble);
  disturb(set);
  const at::Tensor h = someRows(20, 4), edges = with_edges ? 2.0 * someRows(23, 2, 0.4) : at::Tensor();
  const RescoreHead::Scores scores = head(h, edges, indexOf(kVideos), kSpans, {});
  QCOMPARE(scores.class_logits.sizes().vec(), (std::vector<int64_t>{8, kClasses}));
  QCOMPARE(scores.quality_logits.sizes().vec(), (std::vector<int64_t>{8}));
  for (size_t i = 0; i < kSpans.size(); ++i) {
    const at::Tensor wanted = secondLookByHand(set, h, edges, kVideos, kSpans[i], with_edges);
    const auto row = static_cast<int64_t>(i);
    QVERIFY(close(scores.class_logits[row], wanted.slice(0, 0, kClasses)));
    QVERIFY(close(scores.quality_logits[row], wanted[kClasses]));
  }
  const RescoreHead::Scores none = head(h, edges, indexOf(kVideos), {}, {});
  QCOMPARE(none.class_logits.sizes().vec(), (std::vector<int64_t>{0, kClasses}));
  QCOMPARE(none.quality_logits.numel(), int64_t{0});
  // Where nothing is learned and spans outnumber steps, steps are multiplied before they are summed.
  std::vector<BorderSpan> many(kSpans.begin(), kSpans.end());
  for (int64_t first = 0; first < 12; ++first) many.insert(many.end(), {{2, first, first + 1}, {2, first, 12}});
  const at::NoGradGuard no_grad;
  const RescoreHead::Scores quick = head(h, edges, indexOf(kVideos), many, {});
  for (size_t i = 0; i < many.size(); ++i) {
    const at::Tensor wanted = secondLookByHand(set, h, edges, kVideos, many[i], with_edges), found = quick.class_logits[static_cast<int64_t>(i)];
    QVERIFY(close(found, wanted.slice(0, 0, kClasses)) && close(quick.quality_logits[static_cast<int64_t>(i)], wanted[kClasses]));
  }
}

void TestModelDetector::theSecondLookIgnoresTheOthers() {
  ParameterSet set;
  at::Generator generator = makeGenerator(2);
  const RescoreHead head(set, 4, 6, kClasses, 0.0, true, generator, at::kDouble);
  disturb(set);
  const at::Tensor h = someRows(20, 4), edges = someRows(23, 2, 0.4);
  at::Tensor other = h.clone(), other_edges = edges.clone();
  other.slice(0, 0, 8).mul_(1e6);  // sums over the whole pack would lose what is behind it
  other_edges.slice(0, 0, 10).fill_(9.0);
  const std::vector<BorderSpan> spans = {{2, 0, 12}, {2, 0, 3}, {2, 9, 12}};
  const RescoreHead::Scores one = head(h, edges, indexOf(kVideos), spans, {}), two = head(other, other_edges, indexOf(kVideos), spans, {});
  QVERIFY(at::equal(one.class_logits, two.class_logits) && at::equal(one.quality_logits, two.quality_logits));
  const RescoreHead::Scores alone = head(h.slice(0, 8, 20), edges.slice(0, 10, 23), indexOf({0, 12}), std::vector<BorderSpan>{{0, 0, 12}, {0, 0, 3}, {0, 9, 12}}, {});
  QVERIFY(close(one.class_logits, alone.class_logits) && close(one.quality_logits, alone.quality_logits));
}

void TestModelDetector::spansThatLeaveTheirVideoAreNamed() {
  ParameterSet set;
  at::Generator generator = makeGenerator(2);
  const RescoreHead head(set, 4, 6, kClasses, 0.0, false, generator, at::kDouble);
  const at::Tensor h = someRows(20, 4);
  for (const BorderSpan& span : std::vector<BorderSpan>{{0, 0, 8}, {0, 3, 3}, {0, 4, 2}, {0, -1, 3}, {1, 0, 2}, {2, 0, 13}, {3, 0, 1}, {-1, 0, 1}}) {
    QVERIFY_THROWS_EXCEPTION(ShapeError, head(h, {}, indexOf(kVideos), std::vector<BorderSpan>{{0, 0, 7}, span}, {}));
  }
  const HierarchicalModel model(smallConfig(), kInput, kClasses, 1);
  const ModelOutput out = model.forward(pack({at::zeros({5, kInput})}));
  QVERIFY_THROWS_EXCEPTION(ShapeError, model.rescore(out, std::vector<BorderSpan>{{0, 0, 2}}));  // there is no second look
}

void TestModelDetector::theSecondLookSendsGradientsToTheSteps() {
  ParameterSet set;
  at::Generator generator = makeGenerator(2);
  const RescoreHead head(set, 4, 6, kClasses, 0.0, true, generator, at::kDouble);
  disturb(set);
  const at::Tensor edges = someRows(23, 2, 0.4).requires_grad_(true), classes = someRows(8, kClasses, 0.1);
  const auto loss = [&](const at::Tensor& h) {
    const RescoreHead::Scores scores = head(h, edges, indexOf(kVideos), kSpans, {});
    return (scores.class_logits * classes).sum() + scores.quality_logits.pow(2).sum();
  };
  QVERIFY(gradientError(loss, someRows(20, 4)) < 1e-7);
  const at::Tensor h = someRows(20, 4).requires_grad_(true);
  loss(h).backward();
  QVERIFY(!edges.grad().defined());
  for (const Parameter& p : set.all()) QVERIFY2(p.value.grad().defined() && number(p.value.grad().abs().sum()) > 0.0, p.name.c_str());
}

// --- ends that move ---

void TestModelDetector::anEndMoves_data() {
  QTest::addColumn<double>("border");
  QTest::addColumn<double>("length");
  QTest::addColumn<double>("reach");
  QTest::addColumn<QList<double>>("shares");  // of the borders 0, 1, …
  QTest::addColumn<double>("wanted");
  const double e = 1e-9;
  QTest::newRow("onto the sure border beside it") << 4.0 << 10.0 << 0.2 << QList<double>{e, e, e, e, e, 1, e, e, e} << 5.0;
  QTest::newRow("onto one at the end of its reach") << 4.0 << 10.0 << 0.2 << QList<double>{e, e, 1, e, e, e, e, e, e} << 2.0;
  QTest::newRow("not onto one beyond it") << 4.0 << 10.0 << 0.2 << QList<double>{e, e, e, 0.3, e, e, e, 1, e} << 3.0;
  QTest::newRow("a step at least, however short the segment") << 4.0 << 1.0 << 0.1 << QList<double>{e, e, e, 1, e, e, e, e, e} << 3.0;
  QTest::newRow("a step at most then") << 4.0 << 1.0 << 0.1 << QList<double>{e, e, 1, e, 0.5, e, e, e, e} << 4.0;
  QTest::newRow("from between two borders to the nearer of equals") << 4.4 << 10.0 << 0.2 << QList<double>{e, e, 0.5, e, 0.5, e, e, 0.5, e} << 4.0;
  QTest::newRow("the nearer of two alike") << 4.0 << 20.0 << 0.2 << QList<double>{e, 0.9, e, e, e, e, 0.9, e, e} << 6.0;
  QTest::newRow("a far one has to be better by its distance") << 4.0 << 10.0 << 0.2 << QList<double>{e, e, 0.5, e, 0.1, e, e, e, e} << 4.0;  // ln 5 < 2
  QTest::newRow("and then it is") << 4.0 << 10.0 << 0.2 << QList<double>{e, e, 0.8, e, 0.1, e, e, e, e} << 2.0;                            // ln 8 > 2
  QTest::newRow("between two good borders by their scores") << 4.0 << 10.0 << 0.2 << QList<double>{e, e, e, e, 0.6, 0.2, e, e, e} << 4.25;
  QTest::newRow("of three by all their scores") << 4.0 << 10.0 << 0.2 << QList<double>{e, e, e, 0.3, 0.6, 0.1, e, e, e} << 3.8;
  QTest::newRow("at the start of the video") << 0.3 << 10.0 << 0.2 << QList<double>{0.9, e, e, e, e, e, e, e, e} << 0.0;
  QTest::newRow("at its end") << 8.0 << 10.0 << 0.2 << QList<double>{e, e, e, e, e, e, e, e, 0.9} << 8.0;
  QTest::newRow("before the start: onto the first border") << -5.0 << 1.0 << 0.1 << QList<double>{0.9, e, e} << 0.0;
  QTest::newRow("behind the end: onto the last border") << 50.0 << 1.0 << 0.1 << QList<double>{e, e, 0.9} << 2.0;
}
void TestModelDetector::anEndMoves() {
  QFETCH(double, border);
  QFETCH(double, length);
  QFETCH(double, reach);
  QFETCH(QList<double>, shares);
  QFETCH(double, wanted);
  std::vector<float> scores;
  for (const double s : shares) scores.push_back(static_cast<float>(std::log(s)));
  const double moved = movedBorder(border, length, scores, reach);
  QVERIFY2(near(moved, wanted, 1e-5), qPrintable(QString::number(moved)));
}

void TestModelDetector::bothEndsMoveByTheirOwnScores() {
  const double e = 1e-9;
  const BorderScores borders{logs({e, 1, e, e, e, e, 1}), logs({1, e, e, e, e, 1, e})};
  const auto moved = movedSegments({{1.9, 4.2, 2, 0.7, 3}}, borders, 0.2);
  QCOMPARE(moved.size(), size_t{1});
  QVERIFY(near(moved[0].first, 1.0, 1e-5) && near(moved[0].last, 5.0, 1e-5));
  QCOMPARE(moved[0].label, int64_t{2});
  QCOMPARE(moved[0].score, 0.7);
  QCOMPARE(moved[0].row, int64_t{3});
}

void TestModelDetector::equalEndsAreJoinedWithinAClass() {
  const double e = 1e-9;
  const BorderScores borders{logs({e, 1, e, e, e, e, e}), logs({e, e, e, e, e, 1, e})};
  const std::vector<ProposedSegment> near_one = {{1.2, 4.8, 0, 0.4, 0}, {0.9, 5.3, 1, 0.6, 1}, {1.4, 5.1, 0, 0.9, 2}, {0.8, 5.0, 0, 0.5, 3}, {1.1, 5.2, 1, 0.2, 4}};
  const auto moved = movedSegments(near_one, borders, 0.2);
  QCOMPARE(moved.size(), size_t{2});
  QCOMPARE(moved[0].label, int64_t{0});
  QCOMPARE(moved[0].score, 0.9);  // the best of its three …
  QCOMPARE(moved[0].row, int64_t{2});
  QCOMPARE(moved[1].label, int64_t{1});  // … and another class stays for itself
  QCOMPARE(moved[1].score, 0.6);
}

void TestModelDetector::nothingMovesWithoutReachOrScores() {
  const std::vector<ProposedSegment> segments = {{1.2, 4.8, 0, 0.4, 0}, {1.2, 4.8, 0, 0.6, 1}, {0.0, 0.1, 1, 0.6, 1}};
  const double e = 1e-9;
  for (const BorderScores& borders : {BorderScores{}, BorderScores{logs({e, 1, e, e, e, e, e}), logs({e, e, e, e, e, 1, e})}}) {
    const auto same = movedSegments(segments, borders, borders.start.empty() ? 0.2 : 0.0);
    QCOMPARE(same.size(), segments.size());
    for (size_t i = 0; i < same.size(); ++i) QVERIFY(same[i].first == segments[i].first && same[i].last == segments[i].last && same[i].score == segments[i].score);
  }
  QCOMPARE(movedBorder(3.3, 10.0, {}, 0.2), 3.3);
  QVERIFY(movedSegments({}, BorderScores{logs({1, e}), logs({e, 1})}, 0.2).empty());
}

void TestModelDetector::segmentsThatCollapseAreDropped() {
  const double e = 1e-9;
  const BorderScores borders{logs({e, e, 1, e, e}), logs({e, e, 1, e, e})};
  QVERIFY(movedSegments({{1.4, 2.6, 0, 0.9, 0}}, borders, 0.2).empty());
}

void TestModelDetector::proposalsStayInTheVideo() {
  const ModelOutput out = outputOf({{0, 2.0, 1.5, 2.0, {0.9, 0.3, 0.05}}, {0, 0.0, 9.0, 9.0, {0.02, 0.5, 0.8}}, {1, 0.0, 0.2, 0.2, {0.9, 0.9, 0.9}}, {1, 1.0, 0.25, 0.5, {0.01, 0.6, 0.01}}}, {0, 6, 8});
  const at::Tensor p = out.class_logits.sigmoid().to(at::kFloat).contiguous(), d = out.boundaries.to(at::kFloat).contiguous();
  const auto rows = detectionRowsByVideo(out);
  QCOMPARE(rows, (std::vector<std::vector<int64_t>>{{0, 1}, {2, 3}}));
  const auto first = proposedSegments(out, p, d, rows[0], 6, 0.1);
  QCOMPARE(first.size(), size_t{4});
  QVERIFY(near(first[0].first, 1.0) && near(first[0].last, 4.5) && first[0].label == 0 && near(first[0].score, 0.9) && first[0].row == 0);
  QVERIFY(first[1].label == 1 && near(first[1].score, 0.3));
  QVERIFY(first[2].label == 1 && first[2].first == 0.0 && first[2].last == 6.0 && first[2].row == 1);
  QVERIFY(first[3].label == 2);
  const auto second = proposedSegments(out, p, d, rows[1], 2, 0.1);  // the first node's segment is too short
  QCOMPARE(second.size(), size_t{1});
  QVERIFY(near(second[0].first, 1.25) && near(second[0].last, 2.0) && second[0].label == 1);
}

void TestModelDetector::spansAreWholeBorders_data() {
  QTest::addColumn<double>("first");
  QTest::addColumn<double>("last");
  QTest::addColumn<int>("from");
  QTest::addColumn<int>("to");
  QTest::newRow("rounded") << 1.4 << 5.6 << 1 << 6;
  QTest::newRow("a step apart at least") << 3.2 << 3.4 << 3 << 4;
  QTest::newRow("at the end too") << 9.9 << 10.0 << 9 << 10;
  QTest::newRow("within the video") << -3.0 << 40.0 << 0 << 10;
  QTest::newRow("wholly before it") << -9.0 << -3.0 << 0 << 1;
  QTest::newRow("wholly behind it") << 20.0 << 30.0 << 9 << 10;
  QTest::newRow("ends the wrong way round") << 6.0 << 2.0 << 6 << 7;
}
void TestModelDetector::spansAreWholeBorders() {
  QFETCH(double, first);
  QFETCH(double, last);
  QFETCH(int, from);
  QFETCH(int, to);
  QVERIFY(spanOf({first, last, 0, 1.0, 0}, 4, 10) == (BorderSpan{4, from, to}));
  QVERIFY(spanOf({first, last, 0, 1.0, 0}, 4, 1) == (BorderSpan{4, 0, 1}));  // a video of one step has one span
}

void TestModelDetector::bordersAreReadVideoByVideo() {
  ModelOutput out;
  out.offsets = {0, 2, 3};
  QVERIFY(borderScores(out, 0).start.empty() && borderScores(out, 0).end.empty());
  out.edge_logits = someRows(5, 2);
  const BorderScores first = borderScores(out, 0), second = borderScores(out, 1);
  QCOMPARE(first.start.size(), size_t{3});
  QCOMPARE(second.end.size(), size_t{2});
  for (int64_t i = 0; i < 5; ++i) {
    const BorderScores& own = i < 3 ? first : second;
    const auto place = static_cast<size_t>(i < 3 ? i : i - 3);
    QVERIFY(near(own.start[place], number(at::log_sigmoid(out.edge_logits[i][0])), 1e-6));
    QVERIFY(near(own.end[place], number(at::log_sigmoid(out.edge_logits[i][1])), 1e-6));
  }
}

// --- the whole model ---

void TestModelDetector::theModelCarriesWhatTheConfigAsks() {
  RunConfig config = smallConfig();
  const Packed batch = pack({someRows(5, kInput).to(at::kFloat), someRows(3, kInput, 0.4).to(at::kFloat)});
  const HierarchicalModel plain(config, kInput, kClasses, 1);
  QVERIFY(!plain.forward(batch).edge_logits.defined());
  QVERIFY(!plain.parameters().find("edges.out.weight") && !plain.parameters().find("rescore.first.weight") && plain.parameters().find("detect.scale"));
  QCOMPARE(plain.buffers().size(), size_t{2});
  config.head.edges = config.head.rescore = config.detect.calibrate = true;
  config.head.boundary = "trident";
  config.head.trident_bins = 4;
  HierarchicalModel full(config, kInput, kClasses, 1);
  const ModelOutput out = full.forward(batch);
  QCOMPARE(out.edge_logits.sizes().vec(), (std::vector<int64_t>{10, 2}));
  QVERIFY(!full.parameters().find("detect.scale"));
  QCOMPARE(named(full.parameters(), "detect.boundary.out.weight").size(0), int64_t{12});
  QCOMPARE(full.rescore(out, std::vector<BorderSpan>{{0, 0, 5}, {1, 1, 3}}).class_logits.sizes().vec(), (std::vector<int64_t>{2, kClasses}));
  for (size_t i = 0; i < out.detection_nodes.size(); ++i) {
    const double stride = std::pow(2.0, static_cast<double>(out.detection_nodes[i].level));
    const at::Tensor own = out.boundaries[static_cast<int64_t>(i)];
    QVERIFY((own >= 0).all().item<bool>() && (own <= 4.0 * stride).all().item<bool>());
  }
  bool stored = false;
  for (const NamedTensor& buffer : full.buffers()) stored |= buffer.name == "buffers.score_calibration";
  QVERIFY(stored);
  QCOMPARE(full.scoreCalibration(), (std::pair<double, double>{1.0, 0.0}));
  config.head.detect = false;
  const HierarchicalModel off(config, kInput, kClasses, 1);
  QVERIFY(!off.forward(batch).edge_logits.defined() && !off.parameters().find("edges.out.weight") && !off.parameters().find("rescore.first.weight"));
}

void TestModelDetector::gradientsEqualFiniteDifferences_data() {
  QTest::addColumn<bool>("trident");
  QTest::newRow("bins, start and end scores") << true;
  QTest::newRow("second look") << false;
}
void TestModelDetector::gradientsEqualFiniteDifferences() {
  QFETCH(bool, trident);
  RunConfig config = smallConfig();
  config.head.boundary = trident ? "trident" : "offsets";
  config.head.trident_bins = 3;
  config.head.edges = trident;
  config.head.rescore = !trident;  // apart: the second look reads the start and end scores without sending them gradients
  HierarchicalModel model(config, kInput, kClasses, 4, at::kDouble);
  disturb(model.parameters(), 0.2);
  const Packed batch = pack({someRows(9, kInput), someRows(3, kInput, 0.4)});
  const std::vector<std::vector<TruthSegment>> truth = {{{1.2, 6.0, 0}}, {{-0.5, 1.5, 2}}};
  const std::vector<BorderSpan> spans = {{0, 1, 7}, {0, 0, 9}, {1, 0, 2}, {1, 2, 3}};
  const SpanTargets wanted = spanTargets({{0, 0.5, 6.5}, {0, -0.5, 8.5}, {1, -0.5, 1.5}, {1, 1.5, 2.5}}, truth, kClasses, at::kDouble);
  const std::function<at::Tensor()> loss = [&] {
    const ModelOutput out = model.forward(batch);
    at::Tensor sum = diouOffsets(out.boundaries, at::full_like(out.boundaries, 1.7)).mean() + out.class_logits.pow(2).mean();
    if (trident) return sum + edgeLoss(out.edge_logits, edgeTargets(truth, batch.offsets, at::kDouble), 2);
    const RescoreHead::Scores scores = model.rescore(out, spans);
    return sum + rescoreLoss(scores.class_logits, scores.quality_logits, wanted, 4.0);
  };
  loss().backward();
  const at::NoGradGuard no_grad;
  int reached = 0;
  for (const Parameter& p : model.parameters().all()) {
    const at::Tensor gradient = p.value.grad();
    const bool own = p.name.starts_with("edges.") || p.name.starts_with("rescore.") || p.name.starts_with("detect.boundary");
    if (own) QVERIFY2(gradient.defined() && number(gradient.abs().sum()) > 0.0, p.name.c_str());
    reached += own ? 1 : 0;
    for (int64_t i = 0; i < p.value.numel(); i += std::max<int64_t>(p.value.numel() / 3, 1)) {
      const at::Tensor cell = p.value.view({-1})[i];
      const double value = cell.item<double>(), step = 1e-5;
      cell.fill_(value + step);
      const double above = number(loss());
      cell.fill_(value - step);
      const double below = number(loss());
      cell.fill_(value);
      const double expected = (above - below) / (2 * step), actual = gradient.defined() ? gradient.view({-1})[i].item<double>() : 0.0;
      QVERIFY2(near(actual, expected, 1e-7 + 1e-5 * std::abs(expected)), qPrintable(QStringLiteral("%1[%2]: %3, differences %4").arg(QString::fromStdString(p.name)).arg(i).arg(actual).arg(expected)));
    }
  }
  QVERIFY(reached >= 6);
}

void TestModelDetector::anyLengthWorks_data() {
  QTest::addColumn<qint64>("steps");
  for (const qint64 steps : {1, 2, 3, 7, 65}) QTest::addRow("%lld steps", steps) << steps;
}
void TestModelDetector::anyLengthWorks() {
  QFETCH(qint64, steps);
  for (const char* boundary : {"offsets", "trident"}) {
    RunConfig config = smallConfig();
    config.head.boundary = boundary;
    config.head.edges = config.head.rescore = true;
    config.detect.nms = "agnostic";
    config.detect.min_score = 1e-6;
    HierarchicalModel model(config, kInput, kClasses, 2);
    disturb(model.parameters());
    const ModelOutput out = model.forward(pack({someRows(steps, kInput).to(at::kFloat)}));
    QCOMPARE(out.edge_logits.size(0), static_cast<int64_t>(steps) + 1);
    for (const at::Tensor& t : {out.boundaries, out.class_logits, out.edge_logits}) QVERIFY(at::isfinite(t).all().item<bool>());
    const auto duration = static_cast<double>(steps);
    const auto found = detectSegments(model, out, everySecond(), {duration}, config.detect);
    if (steps > 3) QVERIFY(!found.at(0).empty());  // distances from bins leave nothing of the shortest videos
    for (const DetectedSegment& s : found.at(0)) {
      QVERIFY(s.start_seconds >= 0.0 && s.start_seconds < s.end_seconds && s.end_seconds <= duration);
      QVERIFY(s.score > 0.0 && s.score <= 1.0 && s.label >= 0 && s.label < kClasses);
    }
  }
}

// Two proposals around the sure borders 2 and 6 of a video of ten steps, of which a second begins half a step before its centre.
void TestModelDetector::detectionsByHand() {
  RunConfig config = smallConfig();
  config.head.edges = true;
  config.head.classify = false;
  config.detect.video_fusion = 0.0;
  config.detect.edge_reach = 0.25;
  config.detect.min_score = 0.1;
  config.detect.sigma = 0.5;
  const HierarchicalModel model(config, kInput, kClasses, 1);
  ModelOutput out = outputOf({{0, 3.6, 1.9, 2.0, {0.8, 0.01, 0.01}}, {0, 4.0, 1.8, 1.9, {0.6, 0.01, 0.3}}, {0, 8.0, 0.9, 0.9, {0.05, 0.05, 0.05}}}, {0, 10});
  out.edge_logits = at::full({11, 2}, -20.0, at::kDouble);
  out.edge_logits[2][0] = 20.0;
  out.edge_logits[6][1] = 20.0;
  const auto moved = detectSegments(model, out, everySecond(), {10.0}, config.detect).at(0);
  QCOMPARE(moved.size(), size_t{2});  // the two of class 0 came to lie on each other
  QVERIFY(moved[0].label == 0 && near(moved[0].score, 0.8) && near(moved[0].start_seconds, 2.0) && near(moved[0].end_seconds, 6.0));
  QVERIFY(moved[1].label == 2 && near(moved[1].score, 0.3) && near(moved[1].start_seconds, 2.0) && near(moved[1].end_seconds, 6.0));
  DetectOptions still = config.detect;
  still.edge_reach = 0.0;
  const auto unmoved = detectSegments(model, out, everySecond(), {10.0}, still).at(0);
  QCOMPARE(unmoved.size(), size_t{3});
  QVERIFY(near(unmoved[0].start_seconds, 2.2) && near(unmoved[0].end_seconds, 6.1) && near(unmoved[0].score, 0.8));
  ModelOutput none = out;
  none.edge_logits = at::Tensor();
  QCOMPARE(difference(detectSegments(model, none, everySecond(), {10.0}, config.detect).at(0), unmoved, 1e-12), QString());
  // A video that ends before its last step does.
  QVERIFY(near(detectSegments(model, out, everySecond(), {5.5}, config.detect).at(0).at(0).end_seconds, 5.5));
}

void TestModelDetector::allClassesSuppressWhenAsked() {
  RunConfig config = smallConfig();
  config.head.classify = false;
  config.detect.video_fusion = 0.0;
  config.detect.min_score = 0.02;
  config.detect.sigma = 0.5;
  const HierarchicalModel model(config, kInput, kClasses, 1);
  const ModelOutput out = outputOf({{0, 4.0, 2.0, 2.0, {0.8, 0.6, 0.01}}, {0, 12.0, 1.0, 1.0, {0.01, 0.01, 0.5}}}, {0, 16});
  const auto apart = detectSegments(model, out, everySecond(), {16.0}, config.detect).at(0);
  QCOMPARE(apart.size(), size_t{3});
  QVERIFY(near(apart[0].score, 0.8) && near(apart[1].score, 0.6) && apart[1].label == 1 && near(apart[2].score, 0.5));
  config.detect.nms = "agnostic";
  const auto together = detectSegments(model, out, everySecond(), {16.0}, config.detect).at(0);
  QCOMPARE(together.size(), size_t{3});
  QVERIFY(near(together[0].score, 0.8) && together[1].label == 2 && near(together[1].score, 0.5));
  QVERIFY(together[2].label == 1 && near(together[2].score, 0.6 * std::exp(-2.0)));
}

void TestModelDetector::theSecondLookChangesScoresAsSaid() {
  RunConfig config = smallConfig();
  config.head.rescore = true;
  config.head.classify = false;
  config.detect.video_fusion = 0.0;
  config.detect.min_score = 1e-6;
  HierarchicalModel model(config, kInput, kClasses, 1, at::kDouble);
  disturb(model.parameters());
  const ModelOutput whole = model.forward(pack({someRows(6, kInput), someRows(12, kInput, 0.4)}));
  ModelOutput out = outputOf({{1, 4.0, 2.2, 2.6, {0.8, 1e-9, 1e-9}}, {1, 9.0, 1.0, 1.0, {1e-9, 1e-9, 0.5}}}, whole.offsets);
  out.h = whole.h;
  const RescoreHead::Scores scores = model.rescore(out, std::vector<BorderSpan>{{1, 2, 7}, {1, 9, 11}});
  const double first = number(scores.class_logits[0][0].sigmoid() * scores.quality_logits[0].sigmoid());
  const double second = number(scores.class_logits[1][2].sigmoid() * scores.quality_logits[1].sigmoid());
  for (const double fusion : {0.0, 0.3, 1.0}) {
    config.detect.rescore_fusion = fusion;
    const auto found = detectSegments(model, out, everySecond(), {6.0, 12.0}, config.detect);
    QVERIFY(found.at(0).empty());
    QCOMPARE(found.at(1).size(), size_t{2});
    for (const DetectedSegment& s : found[1]) {
      const double wanted = s.label == 0 ? std::pow(0.8, 1.0 - fusion) * std::pow(first, fusion) : std::pow(0.5, 1.0 - fusion) * std::pow(second, fusion);
      QVERIFY2(near(s.score, wanted, 1e-6), qPrintable(QStringLiteral("%1, wanted %2").arg(s.score).arg(wanted)));
    }
    QVERIFY(found[1][0].score >= found[1][1].score);
  }
}

void TestModelDetector::detectionsDoNotDependOnTheBatch_data() {
  QTest::addColumn<QString>("boundary");
  QTest::addColumn<QString>("nms");
  QTest::addColumn<double>("vote");
  QTest::newRow("offsets, all classes") << "offsets" << "agnostic" << 0.0;
  QTest::newRow("trident, all classes") << "trident" << "agnostic" << 0.0;
  QTest::newRow("offsets, by class, voted") << "offsets" << "class" << 0.7;
}
void TestModelDetector::detectionsDoNotDependOnTheBatch() {
  QFETCH(QString, boundary);
  QFETCH(QString, nms);
  QFETCH(double, vote);
  RunConfig config = smallConfig();
  config.head.boundary = boundary.toStdString();
  config.head.edges = config.head.rescore = true;
  config.detect.nms = nms.toStdString();
  config.detect.vote = vote;
  config.detect.min_score = 1e-9;  // untrained scores are low
  HierarchicalModel model(config, kInput, kClasses, 5, at::kDouble);
  disturb(model.parameters(), 0.5);
  const std::vector<at::Tensor> videos = {someRows(23, kInput), someRows(9, kInput, 0.4), someRows(40, kInput, 1.1)};
  const auto together = detectSegments(model, model.forward(pack(videos)), everySecond(), {23.0, 9.0, 40.0}, config.detect);
  const auto loud = detectSegments(model, model.forward(pack({videos[0], videos[1] * 30.0, videos[2]})), everySecond(), {23.0, 9.0, 40.0}, config.detect);
  size_t all = 0;
  for (size_t v = 0; v < videos.size(); ++v) {
    const auto alone = detectSegments(model, model.forward(pack({videos[v]})), everySecond(), {static_cast<double>(videos[v].size(0))}, config.detect).at(0);
    QCOMPARE(difference(together[v], alone, 1e-5), QString());
    if (v != 1) QCOMPARE(difference(together[v], loud[v], 1e-5), QString());
    for (size_t i = 1; i < together[v].size(); ++i) QVERIFY(together[v][i].score <= together[v][i - 1].score);
    all += together[v].size();
  }
  QVERIFY2(all > 20, qPrintable(QString::number(all)));
}

void TestModelDetector::calibrationKeepsTheOrder() {
  RunConfig config = smallConfig();
  config.head.edges = config.head.rescore = true;
  config.detect.calibrate = true;
  HierarchicalModel model(config, kInput, kClasses, 5, at::kDouble);
  disturb(model.parameters(), 0.5);
  const ModelOutput out = model.forward(pack({someRows(23, kInput), someRows(40, kInput, 1.1)}));
  for (const double vote : {0.0, 0.7}) {
    config.detect.vote = vote;
    const auto before = detectSegments(model, out, everySecond(), {23.0, 40.0}, config.detect);
    model.setScoreCalibration(0.4, -1.25);
    QCOMPARE(model.scoreCalibration(), (std::pair<double, double>{0.4, -1.25}));
    const auto after = detectSegments(model, out, everySecond(), {23.0, 40.0}, config.detect);
    model.setScoreCalibration(1.0, 0.0);
    for (size_t v = 0; v < 2; ++v) {
      QVERIFY(before[v].size() > 5);
      auto wanted = before[v];
      for (DetectedSegment& s : wanted) s.score = calibrated(s.score, {0.4, -1.25});
      QCOMPARE(difference(after[v], wanted, 1e-12), QString());
      for (size_t i = 1; i < after[v].size(); ++i) QVERIFY(after[v][i].score <= after[v][i - 1].score);
    }
  }
  HierarchicalModel without(smallConfig(), kInput, kClasses, 5);
  without.setScoreCalibration(0.4, -1.25);  // a run without calibration keeps its scores
  QCOMPARE(without.scoreCalibration(), (std::pair<double, double>{1.0, 0.0}));
}

QTEST_GUILESS_MAIN(TestModelDetector)
#include "tst_model_detector.moc"
