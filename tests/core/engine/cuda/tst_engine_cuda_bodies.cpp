// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <QtTest>

#include "close_tensors.h"
#include "engine/cuda/operators.h"
#include "engine/kernels/kernels.h"
#include "engine/model/mixers/banded_attention.h"
#include "engine/model/parameters.h"
#include "engine/model/pyramid.h"
#include "engine/objective/temporal.h"
#include "engine/train/optimizer.h"
#include "grid_emulator.h"
#include "support/error.h"

using namespace hvlm;
using namespace hvlm::cuda;
using namespace hvlm::cuda::testing;
using Lengths = std::vector<int64_t>;
Q_DECLARE_METATYPE(Lengths)

#define CLOSE(found, expected, relative)                                 \
  do {                                                                   \
    const std::string apart = difference(found, expected, relative);     \
    QVERIFY2(apart.empty(), apart.c_str());                              \
  } while (false)

namespace {

at::Generator& random() {
  static at::Generator generator = makeGenerator(11);
  return generator;
}
at::Tensor draw(at::IntArrayRef sizes, at::ScalarType type, double scale = 1.0) {
  return (at::empty(sizes, at::kDouble).normal_(0.0, scale, random())).to(type);
}
at::Tensor leaf(const at::Tensor& values) { return values.detach().clone().requires_grad_(true); }
std::vector<at::Tensor> gradients(const at::Tensor& loss, const std::vector<at::Tensor>& inputs) { return torch::autograd::grad({loss}, inputs, {}, false, false, true); }

Lengths bordersOf(const Lengths& lengths) {
  Lengths offsets{0};
  for (const int64_t length : lengths) offsets.push_back(offsets.back() + length);
  return offsets;
}
double tolerance(at::ScalarType type) { return type == at::kDouble ? 1e-11 : 1e-5; }
constexpr at::ScalarType kTypes[] = {at::kDouble, at::kFloat};

LevelBorders bordersOf(const PyramidPlan& plan) { return {plan.level_start, plan.offsets}; }

// The result under each order of blocks and threads; all must be the same bits.
template <class F>
bool sameInAnyOrder(F f) {
  std::vector<at::Tensor> first;
  bool same = true;
  for (const Order order : {Order::kForward, Order::kBackward, Order::kShuffled}) {
    emulator().order = order;
    const std::vector<at::Tensor> found = f();
    if (first.empty()) first = found;
    for (size_t i = 0; i < found.size(); ++i) same = same && at::equal(found[i], first[i]);
  }
  emulator().order = Order::kForward;
  return same;
}

}  // namespace

class TestBodies : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase();
  void cleanup();
  void poolingEqualsThePlainPyramid_data();
  void poolingEqualsThePlainPyramid();
  void poolingPassesOverAnEmptyVideo();
  void poolingIsStableForScoresOfAnySize();
  void attentionEqualsThePlainOne_data();
  void attentionEqualsThePlainOne();
  void temporalLossEqualsThePlainOne_data();
  void temporalLossEqualsThePlainOne();
  void adamwEqualsThePlainOptimiser_data();
  void adamwEqualsThePlainOptimiser();
  void nothingDependsOnTheOrderOfThreads();
  void theEmulatorSeesAMissingBarrier();
  void whatDoesNotFitIsRefused();
};

void TestBodies::initTestCase() { forcePlain(true); }  // the reference is the plain version, not another fused one
void TestBodies::cleanup() { QVERIFY2(!emulator().wrote_past_end, "a body wrote past its shared memory"); }

void TestBodies::poolingEqualsThePlainPyramid_data() {
  QTest::addColumn<Lengths>("lengths");
  QTest::addColumn<int>("width");
  QTest::addColumn<int>("vectors");
  QTest::addColumn<int>("levels");
  QTest::addColumn<QString>("mode");
  for (const char* mode : {"ceil", "floor"}) {
    const QString m = QString::fromUtf8(mode);
    const auto row = [&](const char* name) -> QTestData& { return QTest::addRow("%s, %s", name, mode); };
    row("one step is its own top") << Lengths{1} << 3 << 1 << -1 << m;
    row("two steps") << Lengths{2} << 1 << 1 << -1 << m;
    row("an odd video has an orphan or a window of one") << Lengths{3} << 5 << 2 << -1 << m;
    row("a whole tile") << Lengths{32} << 33 << 4 << -1 << m;
    row("one row past a tile") << Lengths{33} << 32 << 16 << -1 << m;
    row("videos of all sizes") << Lengths{7, 1, 64, 31, 250, 2} << 40 << 16 << -1 << m;
    row("more levels than vectors") << Lengths{100, 9} << 12 << 2 << -1 << m;
    row("two levels only") << Lengths{50, 3} << 8 << 16 << 2 << m;
    row("no level at all") << Lengths{5, 4} << 8 << 3 << 0 << m;
    row("three passes") << Lengths{2500} << 4 << 16 << -1 << m;
  }
}
void TestBodies::poolingEqualsThePlainPyramid() {
  QFETCH(Lengths, lengths);
  QFETCH(int, width);
  QFETCH(int, vectors);
  QFETCH(int, levels);
  QFETCH(QString, mode);
  const PyramidPlan plan = planPyramid(bordersOf(lengths), mode.toStdString(), levels);
  for (const at::ScalarType type : kTypes) {
    const at::Tensor steps = draw({plan.rows(0), width}, type), pooling = draw({vectors, width}, type, 0.5);
    const at::Tensor weights = draw({plan.level_start.back(), width}, type);
    const at::Tensor plain_steps = leaf(steps), plain_pooling = leaf(pooling), own_steps = leaf(steps), own_pooling = leaf(pooling);
    const Pyramid plain = buildPyramid(plain_steps, plain_pooling, plan);
    const PooledLevels own = poolLevels(emulatedKernels(), own_steps, own_pooling, bordersOf(plan));
    CLOSE(own.nodes, plain.nodes, tolerance(type));
    for (size_t l = 0; l < plain.alpha.size(); ++l) {
      const at::Tensor alpha = own.alpha.narrow(0, plan.level_start[l], plan.rows(static_cast<int64_t>(l)));
      CLOSE(alpha, plain.alpha[l], 1e-6);
    }
    QVERIFY(!own.alpha.requires_grad());
    const auto expected = gradients((plain.nodes * weights).sum(), {plain_steps, plain_pooling});
    const auto found = gradients((own.nodes * weights).sum(), {own_steps, own_pooling});
    CLOSE(found[0], expected[0], tolerance(type));
    CLOSE(found[1], expected[1].defined() ? expected[1] : at::zeros_like(pooling), tolerance(type));
  }
}

// The plan of the plain version has no empty videos; their borders are put in by hand.
void TestBodies::poolingPassesOverAnEmptyVideo() {
  const PyramidPlan plan = planPyramid({0, 5, 12}, "ceil", -1);
  LevelBorders with_empty = bordersOf(plan);
  for (auto& offsets : with_empty.offsets) offsets = {0, 0, offsets[1], offsets[1], offsets[2], offsets[2]};
  const at::Tensor steps = draw({12, 6}, at::kDouble), pooling = draw({4, 6}, at::kDouble);
  QVERIFY(at::equal(poolLevels(emulatedKernels(), steps, pooling, with_empty).nodes, poolLevels(emulatedKernels(), steps, pooling, bordersOf(plan)).nodes));
  const LevelBorders nothing{{0, 0}, {{0, 0}}};
  QCOMPARE(poolLevels(emulatedKernels(), at::empty({0, 6}), pooling.to(at::kFloat), nothing).nodes.size(0), int64_t{0});
}

void TestBodies::poolingIsStableForScoresOfAnySize() {
  const PyramidPlan plan = planPyramid({0, 9}, "ceil", -1);
  const at::Tensor steps = leaf(draw({9, 4}, at::kFloat, 1e4)), pooling = leaf(draw({4, 4}, at::kFloat, 1e4));
  const PooledLevels own = poolLevels(emulatedKernels(), steps, pooling, bordersOf(plan));
  CLOSE(own.nodes, buildPyramid(steps, pooling, plan).nodes, 1e-5);
  for (const at::Tensor& g : gradients(own.nodes.sum(), {steps, pooling})) QVERIFY(g.isfinite().all().item<bool>());
}

void TestBodies::attentionEqualsThePlainOne_data() {
  QTest::addColumn<Lengths>("lengths");
  QTest::addColumn<int>("heads");
  QTest::addColumn<int>("channels");
  QTest::addColumn<int>("reach");
  QTest::newRow("one row sees itself") << Lengths{1} << 1 << 1 << 3;
  QTest::newRow("no row at all") << Lengths{} << 2 << 4 << 3;
  QTest::newRow("empty runs among others") << Lengths{0, 3, 0, 7, 1, 0} << 2 << 5 << 2;
  QTest::newRow("reach 0 gives the values") << Lengths{9, 4} << 3 << 8 << 0;
  QTest::newRow("many short runs in one block of rows") << Lengths{1, 1, 2, 1, 3, 1, 1, 2} << 2 << 16 << 4;
  QTest::newRow("a window wider than the run") << Lengths{20} << 2 << 7 << 64;
  QTest::newRow("a window of several chunks") << Lengths{150} << 1 << 9 << 40;
  QTest::newRow("a window of one chunk exactly") << Lengths{80} << 1 << 4 << 12;
  QTest::newRow("heads of 128 channels") << Lengths{37, 3} << 1 << 128 << 8;
  QTest::newRow("heads of 33 channels") << Lengths{41} << 2 << 33 << 16;
  QTest::newRow("a long video") << Lengths{700, 11} << 2 << 4 << 8;
}
void TestBodies::attentionEqualsThePlainOne() {
  QFETCH(Lengths, lengths);
  QFETCH(int, heads);
  QFETCH(int, channels);
  QFETCH(int, reach);
  const Lengths offsets = bordersOf(lengths);
  const int64_t width = int64_t{heads} * channels;
  for (const at::ScalarType type : kTypes) {
    const at::Tensor projected = draw({offsets.back(), 3 * width}, type, 1.5), weights = draw({offsets.back(), width}, type);
    const at::Tensor plain_in = leaf(projected), own_in = leaf(projected);
    const at::Tensor plain = bandedAttention(plain_in, offsets, heads, reach), own = windowAttention(emulatedKernels(), own_in, offsets, heads, reach);
    CLOSE(own, plain, tolerance(type));
    if (offsets.back() == 0) continue;
    CLOSE(gradients((own * weights).sum(), {own_in})[0], gradients((plain * weights).sum(), {plain_in})[0], tolerance(type));
  }
}

void TestBodies::temporalLossEqualsThePlainOne_data() {
  QTest::addColumn<Lengths>("lengths");
  QTest::addColumn<int>("width");
  QTest::addColumn<bool>("gated");
  QTest::addColumn<bool>("zeros");
  QTest::newRow("one step has no term") << Lengths{1} << 4 << false << false;
  QTest::newRow("no step at all") << Lengths{0} << 4 << false << false;
  QTest::newRow("empty videos among others") << Lengths{0, 5, 0, 1, 2, 0} << 7 << false << false;
  QTest::newRow("two columns") << Lengths{17} << 2 << false << false;
  QTest::newRow("gated") << Lengths{9, 30} << 33 << true << false;
  QTest::newRow("rows of zeros have no direction") << Lengths{12, 3} << 8 << false << true;
  QTest::newRow("rows of zeros, gated") << Lengths{12, 3} << 8 << true << true;
  QTest::newRow("more terms than threads") << Lengths{1000, 257} << 6 << true << false;
}
void TestBodies::temporalLossEqualsThePlainOne() {
  QFETCH(Lengths, lengths);
  QFETCH(int, width);
  QFETCH(bool, gated);
  QFETCH(bool, zeros);
  const Lengths offsets = bordersOf(lengths);
  for (const at::ScalarType type : kTypes) {
    at::Tensor h = draw({offsets.back(), width}, type);
    if (zeros) {
      for (const int64_t row : {0, 3, 4, 11, 13}) h[row].fill_(row == 4 ? 1e-11 : 0.0);
    }
    const at::Tensor gate = gated ? draw({offsets.back() - 1}, type).abs() : at::Tensor();
    const at::Tensor weights = draw({static_cast<int64_t>(lengths.size())}, type);
    const at::Tensor plain_in = leaf(h), own_in = leaf(h);
    const at::Tensor plain = temporalLoss(plain_in, offsets, gate).per_video_sum, own = temporalSums(emulatedKernels(), own_in, offsets, gate);
    CLOSE(own, plain, tolerance(type));
    const at::Tensor expected = gradients((plain * weights).sum(), {plain_in})[0];
    CLOSE(gradients((own * weights).sum(), {own_in})[0], expected, tolerance(type));
  }
}

void TestBodies::adamwEqualsThePlainOptimiser_data() {
  QTest::addColumn<double>("clip");
  QTest::addColumn<double>("decay");
  QTest::newRow("without clipping or average") << 0.0 << 0.0;
  QTest::newRow("with an average") << 0.0 << 0.999;
  QTest::newRow("clipped, with an average of few steps") << 0.5 << 0.3;
}
void TestBodies::adamwEqualsThePlainOptimiser() {
  QFETCH(double, clip);
  QFETCH(double, decay);
  const std::vector<std::vector<int64_t>> shapes = {{}, {1}, {0}, {7, 9}, {4096}, {4097}, {3, 5, 11}, {6}};
  for (const at::ScalarType type : kTypes) {
    std::vector<OptimizedTensor> tensors;
    std::vector<AdamWTensor> own;
    for (size_t i = 0; i < shapes.size(); ++i) {
      const double weight_decay = i % 2 == 0 ? 0.0 : 0.1;
      const at::Tensor value = draw(shapes[i], type);
      tensors.push_back({"t" + std::to_string(i), leaf(value), weight_decay});
      own.push_back({value.clone(), {}, at::zeros_like(value), at::zeros_like(value), decay > 0 ? value.clone() : at::Tensor(), weight_decay});
    }
    AdamW plain(tensors, {});
    MovingAverage average([&] {
      std::vector<at::Tensor> values;
      for (const auto& t : tensors) values.push_back(t.value);
      return values;
    }(), decay);
    for (int64_t n = 1; n <= 5; ++n) {
      std::vector<at::Tensor> values;
      for (size_t i = 0; i < tensors.size(); ++i) {
        // The last tensor gets no gradient: it stays, and its average moves to it.
        own[i].gradient = i + 1 == tensors.size() ? at::Tensor() : draw(shapes[i], type);
        if (own[i].gradient.defined()) tensors[i].value.mutable_grad() = own[i].gradient.clone();
        values.push_back(tensors[i].value);
      }
      const double norm = plain.clipGradients(clip);
      const auto before = static_cast<double>(average.updates());
      plain.step(1e-2);
      average.update(values);
      const AdamWStep step{.step = n, .lr = 1e-2, .gradient_scale = clip > 0 ? std::min(1.0, clip / (norm + 1e-6)) : 1.0, .average_decay = std::min(decay, (1.0 + before) / (10.0 + before))};
      adamwStep(emulatedKernels(), own, step);
      for (size_t i = 0; i < tensors.size(); ++i) {
        CLOSE(own[i].value, tensors[i].value, tolerance(type));
        CLOSE(own[i].first, plain.firstMoments()[i], tolerance(type));
        CLOSE(own[i].second, plain.secondMoments()[i], tolerance(type));
        if (decay > 0) CLOSE(own[i].average, average.averages()[i], tolerance(type));
      }
      plain.zeroGrad();
    }
  }
}

void TestBodies::nothingDependsOnTheOrderOfThreads() {
  const PyramidPlan plan = planPyramid({0, 70, 71, 100}, "ceil", -1);
  const at::Tensor steps = draw({100, 37}, at::kFloat), pooling = draw({3, 37}, at::kFloat);
  QVERIFY(sameInAnyOrder([&] {
    const at::Tensor s = leaf(steps), p = leaf(pooling);
    const PooledLevels own = poolLevels(emulatedKernels(), s, p, bordersOf(plan));
    auto found = gradients(own.nodes.pow(2).sum(), {s, p});
    found.insert(found.end(), {own.nodes, own.alpha});
    return found;
  }));
  const at::Tensor projected = draw({60, 3 * 24}, at::kFloat);
  QVERIFY(sameInAnyOrder([&] {
    const at::Tensor x = leaf(projected);
    const at::Tensor own = windowAttention(emulatedKernels(), x, {0, 13, 60}, 3, 20);
    return std::vector<at::Tensor>{own, gradients(own.pow(2).sum(), {x})[0]};
  }));
  QVERIFY(sameInAnyOrder([&] {
    const at::Tensor h = leaf(steps);
    const at::Tensor own = temporalSums(emulatedKernels(), h, {0, 40, 100});
    return std::vector<at::Tensor>{own, gradients(own.sum(), {h})[0]};
  }));
}

namespace {

// Reads its neighbour's number in the phase that writes it.
struct Racing {
  struct Args {
    float* out;
  };
  using State = NoState;
  static int64_t blocks(const Args&) { return 1; }
  static int64_t sharedValues(const Args&) { return kThreads; }
  static int64_t phases(const Args&, int64_t) { return 1; }
  static void phase(int64_t, Place place, float* shared, const Args& a, State&) {
    shared[place.thread] = static_cast<float>(place.thread);
    a.out[place.thread] = shared[(place.thread + 1) % kThreads];
  }
};
struct Overrunning : Racing {
  static void phase(int64_t, Place place, float* shared, const Args&, State&) { shared[place.thread + 1] = 1.0f; }
};

}  // namespace

void TestBodies::theEmulatorSeesAMissingBarrier() {
  QVERIFY(!sameInAnyOrder([&] {
    const at::Tensor out = at::empty({kThreads});
    const Racing::Args args{out.data_ptr<float>()};
    runGrid<Racing, float>(&args, nullptr);
    return std::vector<at::Tensor>{at::nan_to_num(out, -1.0)};
  }));
  const at::Tensor out = at::empty({kThreads});
  const Racing::Args args{out.data_ptr<float>()};
  runGrid<Overrunning, float>(&args, nullptr);
  QVERIFY(emulator().wrote_past_end);
  emulator().wrote_past_end = false;
}

void TestBodies::whatDoesNotFitIsRefused() {
  const KernelSet& kernels = emulatedKernels();
  QVERIFY(attentionFits(1024, 8));
  QVERIFY(!attentionFits(1024, 4));
  QVERIFY(!attentionFits(10, 3));
  QVERIFY_THROWS_EXCEPTION(ShapeError, windowAttention(kernels, at::zeros({4, 3 * 256}), {0, 4}, 1, 2));
  QVERIFY_THROWS_EXCEPTION(ShapeError, windowAttention(kernels, at::zeros({4, 12}), {0, 5}, 1, 2));
  QVERIFY_THROWS_EXCEPTION(ShapeError, windowAttention(kernels, at::zeros({4, 12}), {0, 3, 2, 4}, 1, 2));
  QVERIFY_THROWS_EXCEPTION(ShapeError, poolLevels(kernels, at::zeros({4, 3}), at::zeros({1, 2}), bordersOf(planPyramid({0, 4}, "ceil", -1))));
  QVERIFY_THROWS_EXCEPTION(ShapeError, poolLevels(kernels, at::zeros({5, 3}), at::zeros({1, 3}), bordersOf(planPyramid({0, 4}, "ceil", -1))));
  QVERIFY_THROWS_EXCEPTION(ShapeError, temporalSums(kernels, at::zeros({4, 3}), {0, 3}));
  QVERIFY_THROWS_EXCEPTION(ShapeError, temporalSums(kernels, at::zeros({4, 3}), {0, 4}, at::zeros({4})));
  QVERIFY_THROWS_EXCEPTION(ShapeError, temporalSums(kernels, at::zeros({4, 3}, at::kHalf), {0, 4}));
  QVERIFY_THROWS_EXCEPTION(ShapeError, adamwStep(kernels, {{at::zeros({2}), at::zeros({3}), at::zeros({2}), at::zeros({2}), {}, 0.0}}, {}));
  QVERIFY_THROWS_EXCEPTION(ShapeError, adamwStep(kernels, {{at::zeros({2}), at::zeros({2}), {}, {}, {}, 0.0}}, {}));
  const KernelSet floats{&emulatedTable<float>(), nullptr};
  QVERIFY_THROWS_EXCEPTION(ShapeError, temporalSums(floats, at::zeros({4, 3}, at::kDouble), {0, 4}));
  QVERIFY(!kernelsFor(at::zeros({2})));  // a tensor of the CPU takes the plain version
}

QTEST_GUILESS_MAIN(TestBodies)
#include "tst_engine_cuda_bodies.moc"
