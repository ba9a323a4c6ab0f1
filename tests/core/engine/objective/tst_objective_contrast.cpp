// SPDX-License-Identifier: Apache-2.0
#include "core/engine/golden_tensors.h"

#include <ATen/CPUGeneratorImpl.h>

#include <map>
#include <numeric>
#include <set>

#include "core/engine/objective/finite_difference.h"
#include "engine/objective/contrast.h"
#include "engine/objective/infonce.h"
#include "support/error.h"

using namespace hvlm::testing;
using Ids = std::vector<int64_t>;

namespace {

bool isNear(const at::Tensor& actual, double expected) { return std::abs(actual.item<double>() - expected) < 1e-12; }
at::Generator generatorOf(uint64_t seed) { return at::detail::createCPUGenerator(seed); }
at::Tensor column(const std::vector<double>& values) { return at::tensor(values, at::kDouble).unsqueeze(1); }
Ids upTo(int64_t n) {
  Ids ids(static_cast<size_t>(n));
  std::iota(ids.begin(), ids.end(), int64_t{0});
  return ids;
}

}  // namespace

class TestObjectiveContrast : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void queueLossByHand();
  void queueLossLeavesOutTheSameVideo();
  void anEmptyQueueGivesZero();
  void queueLossEqualsGoldenRows();
  void keysAndQueueGetNoGradient();
  void queueGradientMatchesDifferences();
  void queueIsFirstInFirstOut();
  void queueOfMoreThanItsCapacityKeepsTheLast();
  void queueGoesOnFromItsState();
  void queueKeepsValuesAndNoGraph();
  void momentumFormula();
  void ntXentByHand();
  void ntXentGradientMatchesDifferences();
  void aZeroRowHasNoGradient();
  void stepContrastByHand_data();
  void stepContrastByHand();
  void stepContrastGradient();
  void stepContrastOfNothing();
  void stepPairsAreNeighbours();
  void everyStepIsDrawnOnce();
  void cropsAreContiguous();
  void cropsAreDifferentiable();
  void sameSeedSameDraws();
  void floatAgreesWithDouble();
  void wrongCallsAreNamed();
};

void TestObjectiveContrast::queueLossByHand() {
  // Lengths do not count: cosines 1 (key), 0 and -1 (queue) at temperature 0.5.
  const at::Tensor q = at::tensor({2.0, 0.0}, at::kDouble).view({1, 2});
  const at::Tensor k = at::tensor({7.0, 0.0}, at::kDouble).view({1, 2});
  const at::Tensor queue = at::tensor({0.0, 3.0, -0.1, 0.0}, at::kDouble).view({2, 2});
  const hvlm::QueueInfoNce result = hvlm::queueInfoNce(q, k, queue, {1, 2}, {0}, 0.5);
  QVERIFY(at::allclose(result.logits, at::tensor({2.0, 0.0, -2.0}, at::kDouble).view({1, 3}), 0.0, 1e-12));
  QVERIFY(isNear(result.loss, std::log(std::exp(2.0) + 1.0 + std::exp(-2.0)) - 2.0));
}

void TestObjectiveContrast::queueLossLeavesOutTheSameVideo() {
  const at::Tensor q = someRows(3, 4);
  const at::Tensor k = someRows(3, 4, 0.3);
  const at::Tensor queue = someRows(5, 4, 0.9);
  // Video 8 is in the queue twice; for its query they must not exist.
  const at::Tensor all = hvlm::queueInfoNce(q, k, queue, {8, 1, 8, 2, 3}, {8, 9, 4}, 0.2).loss;
  const at::Tensor rest = queue.index_select(0, at::tensor({1, 3, 4}, at::kLong));
  const at::Tensor first = hvlm::queueInfoNce(q.narrow(0, 0, 1), k.narrow(0, 0, 1), rest, {1, 2, 3}, {8}, 0.2).loss;
  const at::Tensor others = hvlm::queueInfoNce(q.narrow(0, 1, 2), k.narrow(0, 1, 2), queue, {8, 1, 8, 2, 3}, {9, 4}, 0.2).loss;
  QVERIFY(isNear(all, (first.item<double>() + 2.0 * others.item<double>()) / 3.0));
  QVERIFY(isNear(hvlm::queueInfoNce(q, k, queue, {5, 5, 5, 5, 5}, {5, 5, 5}, 0.2).loss, 0.0));  // nothing but itself
}

void TestObjectiveContrast::anEmptyQueueGivesZero() {
  const at::Tensor q = someRows(3, 4).requires_grad_(true);
  const hvlm::KeyQueue queue(8, 4, at::kDouble);
  const at::Tensor loss = hvlm::queueInfoNce(q, someRows(3, 4, 0.3), queue.rows(), queue.videos(), {0, 1, 2}, 0.2).loss;
  QCOMPARE(loss.item<double>(), 0.0);
  loss.backward();
  QCOMPARE(q.grad().abs().sum().item<double>(), 0.0);
}

// With the batch's own keys as the queue, each row is a row of InfoNCE: its own entry is left out as the same video.
void TestObjectiveContrast::queueLossEqualsGoldenRows() {
  GoldenFile file("infonce.npz");
  for (const std::string& name : file.cases()) {
    const at::Tensor a = leafOf(file.get(name, "a"));
    const at::Tensor b = tensorOf(file.get(name, "b"));
    const Ids ids = upTo(a.size(0));
    const double temperature = file.scalar(name, "temperature");
    const at::Tensor loss = hvlm::queueInfoNce(a, b, b, ids, ids, temperature).loss;
    VERIFY_WITHIN(errorOf(loss, file.get(name, "loss_a2b")), kDoubleTolerance, name + " loss");
    const at::Tensor reference = hvlm::infoNce(a, b, at::full({}, temperature, at::kDouble)).a2b;
    const at::Tensor expected = gradientsOf(reference, {a})[0];
    const double largest = std::max(expected.abs().max().item<double>(), 1e-3);
    VERIFY_WITHIN((gradientsOf(loss, {a})[0] - expected).abs().max().item<double>() / largest, kDoubleTolerance, name + " gradient");
  }
}

void TestObjectiveContrast::keysAndQueueGetNoGradient() {
  const at::Tensor q = someRows(3, 4).requires_grad_(true);
  const at::Tensor k = someRows(3, 4, 0.3).requires_grad_(true);
  const at::Tensor queue = someRows(6, 4, 0.9).requires_grad_(true);
  hvlm::queueInfoNce(q, k, queue, {10, 11, 12, 13, 14, 15}, {0, 1, 2}, 0.2).loss.backward();
  QVERIFY(q.grad().abs().sum().item<double>() > 0.0);
  QVERIFY(!k.grad().defined());
  QVERIFY(!queue.grad().defined());
}

void TestObjectiveContrast::queueGradientMatchesDifferences() {
  const auto loss = [](const at::Tensor& q) {
    return hvlm::queueInfoNce(q, someRows(4, 3, 0.3), someRows(6, 3, 0.9), {0, 7, 2, 7, 7, 7}, {0, 1, 2, 3}, 0.2).loss;
  };
  QVERIFY(gradientError(loss, someRows(4, 3)) < 1e-7);
}

void TestObjectiveContrast::queueIsFirstInFirstOut() {
  hvlm::KeyQueue queue(4, 1, at::kDouble);
  QCOMPARE(queue.size(), int64_t{0});
  QCOMPARE(queue.rows().sizes(), (at::IntArrayRef{0, 1}));
  double next = 0.0;
  for (int64_t pushed = 3; pushed <= 30; pushed += 3) {  // three at a time into four slots: every kind of wrap
    const auto first = static_cast<int64_t>(next);
    queue.push(column({next, next + 1, next + 2}), {100 + first, 101 + first, 102 + first});
    next += 3.0;
    QCOMPARE(queue.pushed(), pushed);
    QCOMPARE(queue.size(), std::min<int64_t>(pushed, 4));  // never more than the crops seen
    const int64_t oldest = pushed - queue.size();
    std::vector<double> values;
    Ids videos;
    for (int64_t i = oldest; i < pushed; ++i) {
      values.push_back(static_cast<double>(i));
      videos.push_back(100 + i);
    }
    QCOMPARE(valuesOf(queue.rows()), values);
    QCOMPARE(queue.videos(), videos);
  }
}

void TestObjectiveContrast::queueOfMoreThanItsCapacityKeepsTheLast() {
  hvlm::KeyQueue queue(3, 1, at::kDouble);
  queue.push(column({9.0}), {9});
  queue.push(column({0, 1, 2, 3, 4, 5, 6}), {0, 1, 2, 3, 4, 5, 6});
  QCOMPARE(valuesOf(queue.rows()), (std::vector<double>{4, 5, 6}));
  QCOMPARE(queue.videos(), (Ids{4, 5, 6}));
  queue.push(column({7.0}), {7});
  QCOMPARE(valuesOf(queue.rows()), (std::vector<double>{5, 6, 7}));
  queue.push(at::zeros({0, 1}, at::kDouble), {});
  QCOMPARE(queue.videos(), (Ids{5, 6, 7}));
}

void TestObjectiveContrast::queueGoesOnFromItsState() {
  hvlm::KeyQueue whole(4, 1, at::kDouble);
  whole.push(column({0, 1, 2, 3, 4, 5}), {0, 1, 2, 3, 4, 5});
  const hvlm::KeyQueue restored_from = whole;
  hvlm::KeyQueue restored(4, 1, at::kDouble);
  at::Tensor(restored.keys()).copy_(restored_from.keys());
  at::Tensor(restored.videoIds()).copy_(restored_from.videoIds());
  at::Tensor(restored.counters()).copy_(restored_from.counters());
  QCOMPARE(restored.videos(), whole.videos());
  whole.push(column({6, 7, 8}), {6, 7, 8});
  restored.push(column({6, 7, 8}), {6, 7, 8});
  QCOMPARE(valuesOf(restored.rows()), (std::vector<double>{5, 6, 7, 8}));
  QVERIFY(at::equal(restored.keys(), whole.keys()));
  QVERIFY(at::equal(restored.videoIds(), whole.videoIds()));
  QVERIFY(at::equal(restored.counters(), whole.counters()));
}

void TestObjectiveContrast::queueKeepsValuesAndNoGraph() {
  hvlm::KeyQueue queue(4, 3);
  const at::Tensor keys = at::ones({2, 3}).requires_grad_(true);
  queue.push(keys, {1, 2});
  const at::Tensor seen = queue.rows();
  QVERIFY(!seen.requires_grad());
  keys.detach().fill_(5.0);
  queue.push(at::zeros({3, 3}), {3, 4, 5});
  QVERIFY(at::equal(seen, at::ones({2, 3})));  // neither the pushed tensor nor a later push reaches what was handed out
}

void TestObjectiveContrast::momentumFormula() {
  const at::Tensor k = at::tensor({1.0, -4.0}, at::kDouble);
  const at::Tensor q = at::tensor({3.0, 6.0}, at::kDouble).requires_grad_(true);
  const at::Tensor k2 = at::full({2, 2}, 10.0, at::kDouble);
  hvlm::momentumUpdate({k, k2}, {q, at::zeros({2, 2}, at::kDouble)}, 0.9);
  QVERIFY(at::allclose(k, at::tensor({0.9 * 1 + 0.1 * 3, 0.9 * -4 + 0.1 * 6}, at::kDouble), 0.0, 1e-15));
  QVERIFY(at::allclose(k2, at::full({2, 2}, 9.0, at::kDouble), 0.0, 1e-14));
  QVERIFY(!k.requires_grad());
  QCOMPARE(valuesOf(q), (std::vector<double>{3.0, 6.0}));
  for (int i = 0; i < 100; ++i) hvlm::momentumUpdate({k}, {q}, 0.9);  // the distance shrinks by m at each step
  const double left = std::pow(0.9, 101);
  QVERIFY(at::allclose(k, q.detach() + left * at::tensor({1.0 - 3.0, -4.0 - 6.0}, at::kDouble), 0.0, 1e-12));
  hvlm::momentumUpdate({k}, {q}, 0.0);
  QVERIFY(at::equal(k, q.detach()));
}

void TestObjectiveContrast::ntXentByHand() {
  const at::Tensor a = at::tensor({1.0, 0.0, 0.0, 2.0}, at::kDouble).view({2, 2});
  const at::Tensor b = at::tensor({0.0, 3.0, 0.0, 1.0}, at::kDouble).view({2, 2});
  const double e = std::exp(1.0);
  // First of a: all others at cosine 0. First of b: its partner at 0, both second views at 1. The second views: partner and one other at 1.
  const double expected = (std::log(3.0) + std::log(1.0 + 2.0 * e) + 2.0 * (std::log(2.0 * e + 1.0) - 1.0)) / 4.0;
  QVERIFY(isNear(hvlm::ntXent(a, b, 1.0), expected));
  const at::Tensor eye = at::eye(2, at::kDouble);
  QVERIFY(isNear(hvlm::ntXent(eye, eye, 0.5), std::log(1.0 + 2.0 * std::exp(-2.0))));
  QVERIFY(isNear(hvlm::ntXent(eye.narrow(0, 0, 1), eye.narrow(0, 1, 1), 0.5), 0.0));  // one pair: no negative
}

void TestObjectiveContrast::ntXentGradientMatchesDifferences() {
  QVERIFY(gradientError([](const at::Tensor& a) { return hvlm::ntXent(a, someRows(4, 3, 0.7), 0.3); }, someRows(4, 3)) < 1e-7);
  QVERIFY(gradientError([](const at::Tensor& b) { return hvlm::ntXent(someRows(4, 3), b, 0.3); }, someRows(4, 3, 0.7)) < 1e-7);
}

void TestObjectiveContrast::aZeroRowHasNoGradient() {
  at::Tensor rows = someRows(4, 3).to(at::kFloat);
  rows.select(0, 2).zero_();
  rows.requires_grad_(true);
  hvlm::ntXent(rows, someRows(4, 3, 0.7).to(at::kFloat), 0.3).backward();
  QVERIFY(rows.grad().isfinite().all().item<bool>());
  QCOMPARE(rows.grad().select(0, 2).abs().sum().item<double>(), 0.0);
  QVERIFY(rows.grad().select(0, 1).abs().sum().item<double>() > 0.0);
}

void TestObjectiveContrast::stepContrastByHand_data() {
  QTest::addColumn<int>("gap");
  QTest::addColumn<double>("sum");  // of exp(cosine) over the negatives of row 0 whose positive is row 1
  const double e = std::exp(1.0);
  const double other_video = e + std::exp(-1.0);
  QTest::newRow("only steps beyond the gap count") << 2 << other_video + 1.0;
  QTest::newRow("a smaller gap lets in the step between") << 1 << other_video + 1.0 + std::exp(-1.0);
  QTest::newRow("without a gap the anchor and its positive still are no negatives") << 0 << other_video + 1.0 + std::exp(-1.0);
  QTest::newRow("a gap beyond the video leaves the other video alone, whatever the rows' distance") << 100 << other_video;
}

void TestObjectiveContrast::stepContrastByHand() {
  QFETCH(int, gap);
  QFETCH(double, sum);
  const at::Tensor h = at::tensor({1.0, 0.0, 2.0, 0.0, -1.0, 0.0, 0.0, 1.0, 3.0, 0.0, -1.0, 0.0}, at::kDouble).view({6, 2});
  const at::Tensor loss = hvlm::stepContrast(h, {0, 4, 6}, {0}, {1}, {0, 1, 2, 3, 4, 5}, gap, 1.0);
  QVERIFY(isNear(loss, std::log(std::exp(1.0) + sum) - 1.0));
}

void TestObjectiveContrast::stepContrastGradient() {
  const auto loss = [](const at::Tensor& h) {
    return hvlm::stepContrast(h, {0, 5, 6, 10}, {0, 3, 7, 9}, {1, 2, 8, 8}, {0, 2, 4, 5, 9, 6}, 1, 0.3);
  };
  QVERIFY(gradientError(loss, someRows(10, 3)) < 1e-7);
  const at::Tensor h = someRows(6, 3).requires_grad_(true);
  hvlm::stepContrast(h, {0, 6}, {0}, {1}, {0, 1, 2, 3, 4, 5}, 3, 0.3).backward();
  for (const int64_t unseen : {2, 3}) QCOMPARE(h.grad()[unseen].abs().sum().item<double>(), 0.0);
  for (const int64_t seen : {0, 1, 4, 5}) QVERIFY(h.grad()[seen].abs().sum().item<double>() > 0.0);
}

void TestObjectiveContrast::stepContrastOfNothing() {
  const at::Tensor h = someRows(4, 3).requires_grad_(true);
  QCOMPARE(hvlm::stepContrast(h, {0, 4}, {}, {}, {0, 1}, 1, 0.3).item<double>(), 0.0);
  QCOMPARE(hvlm::stepContrast(h, {0, 4}, {0}, {1}, {}, 1, 0.3).item<double>(), 0.0);
  const at::Tensor none_far = hvlm::stepContrast(h, {0, 4}, {0, 1}, {1, 2}, {0, 1, 2, 3}, 8, 0.3);
  QCOMPARE(none_far.item<double>(), 0.0);
  none_far.backward();
  QCOMPARE(h.grad().abs().sum().item<double>(), 0.0);
}

void TestObjectiveContrast::stepPairsAreNeighbours() {
  const Ids offsets{0, 1, 3, 8, 9};  // videos of 1, 2, 5 and 1 steps
  at::Generator generator = generatorOf(3);
  std::map<int64_t, std::set<int64_t>> partners;
  for (int draw = 0; draw < 60; ++draw) {
    const hvlm::StepPairs pairs = hvlm::drawStepPairs(offsets, 4, generator);
    QCOMPARE(pairs.anchors.size(), size_t{4});
    QCOMPARE(std::set<int64_t>(pairs.anchors.begin(), pairs.anchors.end()).size(), size_t{4});
    for (size_t i = 0; i < 4; ++i) partners[pairs.anchors[i]].insert(pairs.positives[i]);
  }
  const std::map<int64_t, std::set<int64_t>> all{{1, {2}}, {2, {1}}, {3, {4}}, {4, {3, 5}}, {5, {4, 6}}, {6, {5, 7}}, {7, {6}}};
  QVERIFY(partners == all);  // both neighbours where there are two, never across a border, no video of one step
  QCOMPARE(hvlm::drawStepPairs(offsets, 1000, generator).anchors.size(), size_t{7});
  QVERIFY(hvlm::drawStepPairs({0, 1, 2}, 5, generator).anchors.empty());
}

void TestObjectiveContrast::everyStepIsDrawnOnce() {
  at::Generator generator = generatorOf(4);
  Ids rows = hvlm::drawSteps({0, 1, 3, 8, 9}, 100, generator);
  QVERIFY(rows != upTo(9));
  std::sort(rows.begin(), rows.end());
  QCOMPARE(rows, upTo(9));
  QCOMPARE(hvlm::drawSteps({0, 9}, 3, generator).size(), size_t{3});
}

void TestObjectiveContrast::cropsAreContiguous() {
  const Ids offsets{0, 1, 3, 10};
  const at::Tensor x = at::eye(10, at::kDouble);  // the mean of a crop tells its nodes
  at::Generator generator = generatorOf(5);
  std::set<std::pair<int64_t, int64_t>> seen;  // of the last video: first node and length
  for (int draw = 0; draw < 300; ++draw) {
    const hvlm::CropPair crops = hvlm::twoCropVectors(x, offsets, 0.5, generator);
    QCOMPARE(crops.videos, (Ids{1, 2}));
    for (const at::Tensor& side : {crops.first, crops.second}) {
      QCOMPARE(side.sizes(), (at::IntArrayRef{2, 10}));
      for (int64_t v = 0; v < 2; ++v) {
        const at::Tensor nodes = side[v].nonzero().squeeze(1);
        const int64_t first = nodes.min().item<int64_t>();
        const int64_t length = nodes.numel();
        QCOMPARE(nodes.max().item<int64_t>(), first + length - 1);
        QVERIFY(first >= offsets[static_cast<size_t>(v) + 1] && first + length <= offsets[static_cast<size_t>(v) + 2]);
        QVERIFY(isNear(side[v].sum(), 1.0));
        if (v == 1) seen.insert({first, length});
      }
    }
  }
  std::set<std::pair<int64_t, int64_t>> possible;  // from ceil(0.5 * 7) = 4 nodes to all 7
  for (int64_t length = 4; length <= 7; ++length) {
    for (int64_t first = 3; first + length <= 10; ++first) possible.insert({first, length});
  }
  QVERIFY(seen == possible);
  const hvlm::CropPair whole = hvlm::twoCropVectors(x, offsets, 1.0, generator);
  QVERIFY(at::equal(whole.first, whole.second));
  QCOMPARE(hvlm::twoCropVectors(x.narrow(0, 0, 1), {0, 1}, 0.5, generator).first.sizes(), (at::IntArrayRef{0, 10}));
}

void TestObjectiveContrast::cropsAreDifferentiable() {
  const auto loss = [](const at::Tensor& x) {
    at::Generator generator = generatorOf(6);
    const hvlm::CropPair crops = hvlm::twoCropVectors(x, {0, 4, 7, 12}, 0.3, generator);
    return hvlm::infoNce(crops.first, crops.second, at::full({}, 0.2, at::kDouble)).loss;
  };
  QVERIFY(gradientError(loss, someRows(12, 3)) < 1e-7);
}

void TestObjectiveContrast::sameSeedSameDraws() {
  const auto draw = [](uint64_t seed) {
    at::Generator generator = generatorOf(seed);
    const hvlm::StepPairs pairs = hvlm::drawStepPairs({0, 50, 90}, 20, generator);
    const Ids steps = hvlm::drawSteps({0, 50, 90}, 20, generator);
    const hvlm::CropPair crops = hvlm::twoCropVectors(someRows(90, 2), {0, 50, 90}, 0.3, generator);
    return std::tuple(pairs.anchors, pairs.positives, steps, valuesOf(crops.first), valuesOf(crops.second));
  };
  QVERIFY(draw(7) == draw(7));
  QVERIFY(draw(7) != draw(8));
}

void TestObjectiveContrast::floatAgreesWithDouble() {
  const at::Tensor a = someRows(8, 6);
  const at::Tensor b = someRows(8, 6, 0.4);
  const auto all = [](const at::Tensor& x, const at::Tensor& y) {
    return hvlm::queueInfoNce(x, y, y, upTo(8), upTo(8), 0.2).loss + hvlm::ntXent(x, y, 0.2) +
           hvlm::stepContrast(x, {0, 8}, {0, 4}, {1, 3}, upTo(8), 2, 0.2);
  };
  const at::Tensor single = all(a.to(at::kFloat), b.to(at::kFloat));
  QCOMPARE(single.scalar_type(), at::kFloat);
  QVERIFY(std::abs(single.item<double>() - all(a, b).item<double>()) < 1e-5);
}

void TestObjectiveContrast::wrongCallsAreNamed() {
  const at::Tensor x = someRows(3, 4);
  at::Generator generator = generatorOf(1);
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::queueInfoNce(x, x, x, {1, 2}, {1, 2, 3}, 0.2));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::queueInfoNce(x, someRows(3, 5), x, {1, 2, 3}, {1, 2, 3}, 0.2));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::queueInfoNce(x, x, x, {1, 2, 3}, {1, 2, 3}, 0.0));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::KeyQueue(0, 3));
  hvlm::KeyQueue queue(4, 3);
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, queue.push(x, {1, 2, 3}));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::momentumUpdate({x}, {someRows(4, 3)}, 0.9));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::momentumUpdate({x}, {}, 0.9));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::ntXent(x, someRows(2, 4), 0.1));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::stepContrast(x, {0, 4}, {0}, {1}, {2}, 1, 0.1));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::stepContrast(x, {0, 3}, {0}, {3}, {2}, 1, 0.1));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::twoCropVectors(x, {0, 3}, 0.0, generator));
}

QTEST_GUILESS_MAIN(TestObjectiveContrast)
#include "tst_objective_contrast.moc"
