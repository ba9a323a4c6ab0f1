// SPDX-License-Identifier: Apache-2.0
// What a model costs: operations against closed forms, bytes against tensors of known size, the result's invariants. No time is asserted.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <QtTest>
#include <cmath>
#include <stdexcept>

#include "core/engine/tiny_run.h"
#include "engine/eval/efficiency.h"
#include "engine/eval/flops.h"
#include "engine/model/model.h"

using namespace hvlm::testing;
using hvlm::countFlops;
using hvlm::peakTensorBytes;
using nlohmann::json;

namespace {

constexpr int64_t kInput = 6, kWidth = 8, kHeads = 2, kHidden = 16;

// The projection and one transformer layer, nothing else.
hvlm::RunConfig oneLayer(const std::string& mixer) {
  hvlm::RunConfig c;
  c.encoder.mixer = mixer;
  c.encoder.dim = kWidth;
  c.encoder.heads = kHeads;
  c.encoder.layers = 1;
  c.encoder.stem_convolutions = 0;
  c.pyramid.enabled = false;
  c.head.classify = false;
  c.head.detect = false;
  c.head.video_vector = "mean";
  return c;
}

int64_t flopsOf(const hvlm::RunConfig& config, const std::vector<int64_t>& lengths) {
  const hvlm::HierarchicalModel model(config, kInput, 3, 1);
  hvlm::Packed batch{{}, {0}, {}, {}};
  for (const int64_t steps : lengths) batch.offsets.push_back(batch.offsets.back() + steps);
  batch.x = at::ones({batch.offsets.back(), kInput});
  return countFlops([&] {
    const at::NoGradGuard no_grad;
    model.forward(batch);
  });
}

// All but the mixing itself: input projection, query, key and value, output projection, feed-forward.
int64_t stepFlops() { return 2 * (kInput * kWidth + 3 * kWidth * kWidth + kWidth * kWidth + 2 * kWidth * kHidden); }

int64_t pairsWithin(int64_t steps, int64_t reach) {
  int64_t pairs = 0;
  for (int64_t t = 0; t < steps; ++t) {
    for (int64_t u = 0; u < steps; ++u) pairs += std::abs(t - u) <= reach;
  }
  return pairs;
}

hvlm::MeasureSpec tinySpec() {
  hvlm::MeasureSpec spec;
  spec.config = tinyConfig();
  spec.input_dim = 8;
  spec.classes = 3;
  spec.lengths = {32, 64, 128, 256};
  spec.repeats = 3;
  spec.threads = 1;
  return spec;
}

}  // namespace

class TestEvalEfficiency : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void productsByHand_data();
  void productsByHand();
  void attentionByHand_data();
  void attentionByHand();
  void twiceTheLengthOfAWindowIsTwiceTheWork();
  void theScanCountsItsStates();
  void otherVideosOfABatchDoNotMatter_data();
  void otherVideosOfABatchDoNotMatter();
  void nothingIsCountedOutside();
  void bytesByHand();
  void blocksFromBeforeDoNotCount();
  void slopesByHand();
  void theResultAgreesWithItself();
  void aFrozenConfigTrainsNothing();
  void rawFeaturesCostNothing();
  void itCanBeStopped();
  void theJobSendsItsResult();
  void wrongSizesAreRefused_data();
  void wrongSizesAreRefused();
};

void TestEvalEfficiency::productsByHand_data() {
  using Work = std::function<void()>;
  QTest::addColumn<Work>("work");
  QTest::addColumn<qint64>("flops");
  const at::Tensor a = at::ones({5, 3}), b = at::ones({3, 7}), bias = at::ones({7}), v = at::ones({3}), w = at::ones({7, 3});
  const auto row = [](const char* name, Work work, qint64 flops) { QTest::newRow(name) << std::move(work) << flops; };
  row("a matrix product is 2 m n k", [=] { at::mm(a, b); }, 2 * 5 * 3 * 7);
  row("a linear layer is its product alone", [=] { at::linear(a, w, bias); }, 2 * 5 * 3 * 7);
  row("a linear layer without bias too", [=] { at::linear(a, w); }, 2 * 5 * 3 * 7);
  row("on rows of three dimensions all rows count", [=] { at::linear(at::ones({2, 5, 3}), w, bias); }, 2 * 2 * 5 * 3 * 7);
  row("a stack of linear layers is their sum", [=] { at::linear(at::relu(at::linear(a, w, bias)), w.t().contiguous(), v); }, 2 * (2 * 5 * 3 * 7));
  row("matrix times vector is counted once", [=] { at::matmul(a, v); }, 2 * 5 * 3);
  row("vector times matrix", [=] { at::matmul(v, b); }, 2 * 3 * 7);
  row("a dot product", [=] { at::dot(v, v); }, 2 * 3);
  row("every matrix of a batch counts", [=] { at::bmm(at::ones({4, 5, 3}), at::ones({4, 3, 7})); }, 4 * 2 * 5 * 3 * 7);
  row("large matrices of a batch are counted once", [=] { at::bmm(at::ones({2, 90, 80}), at::ones({2, 80, 70})); }, 2 * 2 * 90 * 80 * 70);
  row("a product in four dimensions", [=] { at::matmul(at::ones({1, 4, 5, 3}), at::ones({1, 4, 3, 7})); }, 4 * 2 * 5 * 3 * 7);
  row("a batched product that is added", [=] { at::baddbmm(at::ones({4, 5, 7}), at::ones({4, 5, 3}), at::ones({4, 3, 7})); }, 4 * 2 * 5 * 3 * 7);
  row("sums, norms and activations are left out", [=] { at::layer_norm(at::gelu(a), {3}).softmax(1).sum(); }, 0);
  row("backward is two products more", [=] {
    const at::Tensor x = at::ones({5, 3}).set_requires_grad(true), y = at::ones({3, 7}).set_requires_grad(true);
    at::mm(x, y).sum().backward();
  }, 3 * 2 * 5 * 3 * 7);
}
void TestEvalEfficiency::productsByHand() {
  QFETCH(std::function<void()>, work);
  QFETCH(qint64, flops);
  QCOMPARE(countFlops(work), flops);
}

void TestEvalEfficiency::attentionByHand_data() {
  QTest::addColumn<QString>("mixer");
  QTest::addColumn<qint64>("steps");
  QTest::addColumn<qint64>("pairs");  // of a step and one it sees
  for (const qint64 steps : {1, 2, 37, 300}) {
    for (const char* mixer : {"full", "flash"}) {
      QTest::addRow("%s attention of %lld steps is all pairs", mixer, steps) << QString::fromLatin1(mixer) << steps << steps * steps;
    }
    QTest::addRow("a window of nine over %lld steps is the pairs that are there", steps) << QStringLiteral("window") << steps << qint64{pairsWithin(steps, 4)};
  }
  QTest::newRow("every fourth of 10 steps is 3 keys") << QStringLiteral("strided") << qint64{10} << qint64{30};
}
void TestEvalEfficiency::attentionByHand() {
  QFETCH(QString, mixer);
  QFETCH(qint64, steps);
  QFETCH(qint64, pairs);
  QCOMPARE(flopsOf(oneLayer(mixer.toStdString()), {steps}), steps * stepFlops() + 4 * pairs * kWidth);
}

void TestEvalEfficiency::twiceTheLengthOfAWindowIsTwiceTheWork() {
  const hvlm::RunConfig window = oneLayer("window"), full = oneLayer("full");
  // What the two ends lack does not depend on the length.
  const int64_t lacking = 4 * kWidth * 4 * 5;
  QCOMPARE(flopsOf(window, {2000}) + lacking, 2 * (flopsOf(window, {1000}) + lacking));
  QVERIFY(flopsOf(full, {2000}) > 3 * flopsOf(full, {1000}));
}

void TestEvalEfficiency::theScanCountsItsStates() {
  hvlm::RunConfig config = oneLayer("mamba");
  config.encoder.mixer_bidirectional = false;
  const int64_t states = config.encoder.mixer_expand * kWidth * config.encoder.mixer_state, steps = 50;
  hvlm::RunConfig wider = config;
  wider.encoder.mixer_state *= 2;
  // Of one more number carried: the recurrence and its reading, and the rows of the projection that choose both.
  const int64_t selection = 2 * 2 * config.encoder.mixer_state * config.encoder.mixer_expand * kWidth;
  QCOMPARE(flopsOf(wider, {steps}) - flopsOf(config, {steps}), steps * (4 * states + selection));
}

void TestEvalEfficiency::otherVideosOfABatchDoNotMatter_data() {
  QTest::addColumn<QString>("mixer");
  for (const char* mixer : {"full", "flash", "window", "strided", "memory", "linear", "performer", "mamba", "maxpool", "none"}) QTest::newRow(mixer) << QString::fromLatin1(mixer);
}
void TestEvalEfficiency::otherVideosOfABatchDoNotMatter() {
  QFETCH(QString, mixer);
  hvlm::RunConfig config = tinyConfig();
  config.encoder.mixer = mixer.toStdString();
  config.pyramid.block = "window";
  const int64_t first = flopsOf(config, {30}), second = flopsOf(config, {75});
  QVERIFY(first > 0);
  QCOMPARE(flopsOf(config, {30, 75}), first + second);
  QCOMPARE(flopsOf(config, {75, 30, 30}), 2 * first + second);
}

void TestEvalEfficiency::nothingIsCountedOutside() {
  const at::Tensor a = at::ones({4, 4});
  const auto fails = [&] {
    at::mm(a, a);
    throw std::runtime_error("in the middle");
  };
  QVERIFY_THROWS_EXCEPTION(std::runtime_error, countFlops(fails));
  at::mm(a, a);
  QCOMPARE(countFlops([&] { at::mm(a, a); }), 2 * 4 * 4 * 4);
  QCOMPARE(countFlops([] {}), 0);
}

void TestEvalEfficiency::bytesByHand() {
  QCOMPARE(peakTensorBytes([] {}), 0);
  QCOMPARE(peakTensorBytes([] { at::empty({1000}, at::kFloat); }), 4000);
  QCOMPARE(peakTensorBytes([] { at::empty({1000}, at::kDouble); }), 8000);
  QCOMPARE(peakTensorBytes([] {  // one after the other: the larger
    at::empty({1000}, at::kFloat);
    at::empty({300}, at::kFloat);
  }), 4000);
  QCOMPARE(peakTensorBytes([] {  // together: their sum; a view takes nothing
    const at::Tensor a = at::empty({1000}, at::kFloat), b = at::empty({300}, at::kFloat), view = a.narrow(0, 0, 500);
  }), 5200);
  QCOMPARE(peakTensorBytes([] {  // what backward makes is seen as well: leaf, square (a scalar sum), and the gradients
    const at::Tensor x = at::empty({1000}, at::kFloat).set_requires_grad(true);
    x.exp().sum().backward();
  }) >= 12000, true);
}

void TestEvalEfficiency::blocksFromBeforeDoNotCount() {
  at::Tensor before = at::empty({100000}, at::kFloat), outliving;
  QCOMPARE(peakTensorBytes([&] {
    before.reset();
    at::empty({1000}, at::kFloat);
  }), 4000);
  QCOMPARE(peakTensorBytes([&] { outliving = at::empty({50000}, at::kFloat); }), 200000);
  QCOMPARE(peakTensorBytes([&] {
    outliving.reset();
    at::empty({1000}, at::kFloat);
  }), 4000);
}

void TestEvalEfficiency::slopesByHand() {
  const std::vector<double> x = {250, 500, 1000}, square = {3 * 250.0 * 250, 3 * 500.0 * 500, 3e6}, constant = {7, 7, 7}, zero = {0, 0, 0};
  QVERIFY(std::abs(hvlm::logLogSlope(x, square) - 2.0) < 1e-12);
  QVERIFY(std::abs(hvlm::logLogSlope(x, x) - 1.0) < 1e-12);
  QVERIFY(std::abs(hvlm::logLogSlope(x, constant)) < 1e-12);
  // By hand: logs to the base two are (0, 1, 2) and (0, 0, 3); least squares gives 3 / 2.
  QVERIFY(std::abs(hvlm::logLogSlope(std::vector<double>{1, 2, 4}, std::vector<double>{1, 1, 8}) - 1.5) < 1e-12);
  QVERIFY(std::isnan(hvlm::logLogSlope(x, zero)));
  QVERIFY(std::isnan(hvlm::logLogSlope(std::vector<double>{5}, std::vector<double>{5})));
  QVERIFY(std::isnan(hvlm::logLogSlope(std::vector<double>{5, 5}, std::vector<double>{5, 6})));
}

void TestEvalEfficiency::theResultAgreesWithItself() {
  const hvlm::MeasureSpec spec = tinySpec();
  const json r = hvlm::measureEfficiency(spec, {});
  const hvlm::HierarchicalModel model(spec.config, spec.input_dim, spec.classes, spec.config.seed);
  const int64_t parameters = model.parameters().count();
  QCOMPARE(r.at("parameters").get<int64_t>(), parameters);
  QCOMPARE(r.at("parameters_trainable").get<int64_t>(), parameters);
  QCOMPARE(r.at("bytes_fp32").get<int64_t>(), 4 * parameters);
  QCOMPARE(r.at("bytes_fp16").get<int64_t>(), 2 * parameters);
  QCOMPARE(r.at("config_hash").get<std::string>(), hvlm::configHash(spec.config));
  QCOMPARE(r.at("mixer").get<std::string>(), spec.config.encoder.mixer);
  QCOMPARE(r.at("dtype").get<std::string>(), std::string("float32"));
  QCOMPARE(r.at("device").get<std::string>(), std::string("cpu"));
  QCOMPARE(r.at("batch").get<int64_t>(), 1);
  QCOMPARE(r.at("input_dim").get<int64_t>(), spec.input_dim);
  QVERIFY(r.at("threads").get<int64_t>() >= 1);
  const double gemm = r.at("gemm_gflops");
  QVERIFY(gemm > 0);
  QCOMPARE(r.at("lengths").size(), spec.lengths.size());
  int64_t bytes = 0, train_bytes = 0, flops = 0;
  for (size_t i = 0; i < spec.lengths.size(); ++i) {
    const json& one = r.at("lengths")[i];
    const double median = one.at("seconds").at("median"), steps = one.at("steps"), work = one.at("flops");
    QCOMPARE(one.at("steps").get<int64_t>(), spec.lengths[i]);
    QVERIFY(one.at("seconds").at("iqr_low").get<double>() <= median && median <= one.at("seconds").at("iqr_high").get<double>());
    QVERIFY(one.at("train_seconds_iqr_low").get<double>() <= one.at("train_seconds").get<double>());
    QVERIFY(one.at("train_seconds").get<double>() <= one.at("train_seconds_iqr_high").get<double>());
    QVERIFY(std::abs(one.at("steps_per_second").get<double>() * median / steps - 1.0) < 1e-9);
    QVERIFY(std::abs(one.at("videos_per_second").get<double>() * median - 1.0) < 1e-9);
    QVERIFY(std::abs(one.at("gflops").get<double>() * median * 1e9 / work - 1.0) < 1e-9);
    QVERIFY(std::abs(one.at("utilisation").get<double>() * gemm / one.at("gflops").get<double>() - 1.0) < 1e-9);
    QVERIFY(one.at("peak_bytes").get<int64_t>() > bytes);
    QVERIFY(one.at("train_peak_bytes").get<int64_t>() > train_bytes);
    QVERIFY(one.at("train_peak_bytes").get<int64_t>() > one.at("peak_bytes").get<int64_t>());  // what backward needs is kept
    QVERIFY(one.at("flops").get<int64_t>() > flops);
    bytes = one.at("peak_bytes");
    train_bytes = one.at("train_peak_bytes");
    flops = one.at("flops");
  }
  for (const char* key : {"slope_time", "slope_memory", "slope_train_time", "slope_train_memory", "slope_flops"}) {
    QVERIFY2(r.at(key).is_number() && std::isfinite(r.at(key).get<double>()), key);
  }
  const json& first = r.at("lengths")[0];
  QCOMPARE(r.at("flops_per_step").get<double>(), first.at("flops").get<double>() / first.at("steps").get<double>());
  const json again = hvlm::measureEfficiency(spec, {});  // counts and bytes are exact
  for (size_t i = 0; i < spec.lengths.size(); ++i) {
    for (const char* key : {"flops", "peak_bytes", "train_peak_bytes"}) QCOMPARE(again.at("lengths")[i].at(key).get<int64_t>(), r.at("lengths")[i].at(key).get<int64_t>());
  }
}

void TestEvalEfficiency::aFrozenConfigTrainsNothing() {
  hvlm::MeasureSpec spec = tinySpec();
  spec.config.train.epochs = 0;
  spec.lengths = {16};
  spec.repeats = 1;
  const json r = hvlm::measureEfficiency(spec, {});
  QVERIFY(r.at("parameters").get<int64_t>() > 0);
  QCOMPARE(r.at("parameters_trainable").get<int64_t>(), 0);
  QVERIFY(!std::isfinite(r.at("slope_time").get<double>()));  // one length has no slope; null once it is text
  QVERIFY(json::parse(r.dump()).at("slope_time").is_null());
}

void TestEvalEfficiency::rawFeaturesCostNothing() {
  hvlm::MeasureSpec spec = tinySpec();
  spec.config = oneLayer("full");
  spec.config.encoder.kind = "raw";
  spec.lengths = {16, 32};
  spec.repeats = 1;
  const json r = json::parse(hvlm::measureEfficiency(spec, {}).dump());
  QCOMPARE(r.at("parameters").get<int64_t>(), 0);
  QCOMPARE(r.at("lengths")[1].at("flops").get<int64_t>(), 0);
  QVERIFY(r.at("slope_flops").is_null());
}

void TestEvalEfficiency::itCanBeStopped() {
  int64_t asked = 0;
  const auto stop_at_fifth = [&](const std::string&, int64_t, int64_t) { return ++asked < 5; };
  QVERIFY_THROWS_EXCEPTION(hvlm::Interrupted, hvlm::measureEfficiency(tinySpec(), stop_at_fifth));
  QCOMPARE(asked, 5);
}

void TestEvalEfficiency::theJobSendsItsResult() {
  hvlm::JobControl control;
  Recorder recorder;
  QCOMPARE(runJob(tinySpec(), control, recorder), std::string());
  const auto finished = recorder.all<hvlm::FinishedEvent>();
  QCOMPARE(finished.size(), size_t{1});
  QVERIFY(!finished.front().stopped);
  QCOMPARE(json::parse(finished.front().result_json).at("threads").get<int64_t>(), 1);
  for (const auto& phase : recorder.all<hvlm::PhaseEvent>()) QVERIFY(phase.total == 0 || phase.done < phase.total);

  Recorder stopped;
  stopped.on_event = [&](const hvlm::JobEvent&) { control.requestStop(); };
  QVERIFY_THROWS_EXCEPTION(hvlm::Interrupted, runJob(tinySpec(), control, stopped));
  QVERIFY(stopped.all<hvlm::FinishedEvent>().empty());
}

void TestEvalEfficiency::wrongSizesAreRefused_data() {
  using Spoil = std::function<void(hvlm::MeasureSpec&)>;
  QTest::addColumn<Spoil>("spoil");
  QTest::addColumn<QString>("fragment");
  const auto row = [](const char* name, Spoil spoil, const char* fragment) { QTest::newRow(name) << std::move(spoil) << QString::fromLatin1(fragment); };
  row("no length", [](auto& s) { s.lengths.clear(); }, "lengths");
  row("a length of nothing", [](auto& s) { s.lengths = {16, 0}; }, "found 0");
  row("no repeat", [](auto& s) { s.repeats = 0; }, "repeats");
  row("features without columns", [](auto& s) { s.input_dim = 0; }, "input width");
  row("a device that is not there", [](auto& s) { s.config.device = "cuda"; }, "cuda");
  row("a config that cannot be", [](auto& s) { s.config.encoder.heads = 3; }, "encoder.heads");
}
void TestEvalEfficiency::wrongSizesAreRefused() {
  QFETCH(std::function<void(hvlm::MeasureSpec&)>, spoil);
  QFETCH(QString, fragment);
  hvlm::MeasureSpec spec = tinySpec();
  spoil(spec);
  const std::string message = runJob(spec);
  QVERIFY2(QString::fromStdString(message).contains(fragment), message.c_str());
}

QTEST_GUILESS_MAIN(TestEvalEfficiency)
#include "tst_eval_efficiency.moc"
