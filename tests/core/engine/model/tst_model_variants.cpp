// SPDX-License-Identifier: Apache-2.0
// What a config may choose beside the plain transformer: poolings, blocks, encoders, video vectors, merging, heads of losses.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <QtTest>
#include <functional>

#include "engine/model/mixers/banded_attention.h"
#include "engine/model/mixers/tiled_attention.h"
#include "engine/model/model.h"
#include "support/error.h"

namespace {

constexpr int64_t kInput = 6;
constexpr int64_t kClasses = 3;

at::Tensor randomRows(int64_t rows, int64_t columns, uint64_t seed, at::ScalarType type = at::kFloat) {
  at::Generator generator = hvlm::makeGenerator(seed);
  return hvlm::normalInit({rows, columns}, 1.0, generator, type);
}

hvlm::Packed pack(const std::vector<at::Tensor>& videos) {
  hvlm::Packed packed;
  packed.x = at::cat(videos, 0);
  packed.offsets = {0};
  for (const at::Tensor& v : videos) packed.offsets.push_back(packed.offsets.back() + v.size(0));
  return packed;
}

void disturb(hvlm::HierarchicalModel& model) {
  at::Generator generator = hvlm::makeGenerator(99);
  const at::NoGradGuard no_grad;
  for (const at::Tensor& p : model.parameters().tensors()) p.add_(hvlm::normalInit(p.sizes(), 0.2, generator, p.options().requires_grad(false)));
}

using Change = std::function<void(hvlm::RunConfig&)>;

hvlm::RunConfig smallConfig(const Change& change) {
  hvlm::RunConfig config;
  config.encoder.dim = 16;
  config.encoder.layers = 1;
  config.encoder.heads = 4;
  config.encoder.stem_convolutions = 1;
  config.encoder.drop_path = 0.0;  // a dropped branch has no gradient
  config.head.width = 8;
  config.head.detect_levels = 4;
  change(config);
  hvlm::validateConfig(config, "test");
  return config;
}

struct Variant {
  const char* name;
  Change change;
};
const std::vector<Variant>& variants() {
  static const std::vector<Variant> all = {
      {"mean pooling", [](hvlm::RunConfig& c) { c.pyramid.pooling = "mean"; }},
      {"max pooling", [](hvlm::RunConfig& c) { c.pyramid.pooling = "max"; }},
      {"attention and max pooling", [](hvlm::RunConfig& c) { c.pyramid.pooling = "attention_max"; }},
      {"window blocks with level norm", [](hvlm::RunConfig& c) { c.pyramid.block = "window", c.pyramid.block_window = 3, c.pyramid.level_norm = true; }},
      {"floor and window blocks", [](hvlm::RunConfig& c) { c.pyramid.mode = "floor", c.pyramid.block = "window"; }},
      {"an encoder of single steps",
       [](hvlm::RunConfig& c) { c.encoder.kind = "mlp", c.pyramid.enabled = false, c.head.detect = false, c.head.video_vector = "mean"; }},
      {"segments with average consensus", [](hvlm::RunConfig& c) { c.head.video_vector = "segments", c.head.test_segments = 5; }},
      {"segments with attention consensus", [](hvlm::RunConfig& c) { c.head.video_vector = "segments", c.head.consensus = "attention"; }},
      {"merging before the layers", [](hvlm::RunConfig& c) { c.merge.where = "before", c.merge.ratio = 0.4; }},
      {"merging by importance", [](hvlm::RunConfig& c) { c.merge.where = "before", c.merge.criterion = "importance"; }},
      {"adaptive merging", [](hvlm::RunConfig& c) { c.merge.where = "before", c.merge.schedule = "adaptive", c.merge.threshold = 0.0; }},
      {"merging between the levels", [](hvlm::RunConfig& c) { c.merge.where = "between", c.pyramid.block = "window"; }},
      {"window attention", [](hvlm::RunConfig& c) { c.encoder.mixer = "window", c.encoder.mixer_window = 5; }},
  };
  return all;
}

class TestModelVariants : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void aVideoScoresAloneAsInAPack_data() { addVariants(); }
  void aVideoScoresAloneAsInAPack();
  void theOrderOfThePackChangesNothing_data() { addVariants(); }
  void theOrderOfThePackChangesNothing();
  void gradientsReachEveryWeight_data() { addVariants(); }
  void gradientsReachEveryWeight();
  void rawFeaturesAreHandedThrough();
  void anEncoderOfSingleStepsSeesNoNeighbour();
  void poolingsAreWhatTheySay();
  void sharesOfEveryPoolingSumToOne_data();
  void sharesOfEveryPoolingSumToOne();
  void levelNormLeavesUnitScale();
  void randomSegmentsDifferWhileTraining();
  void mergingChangesTheLayersAndNotTheLengths();
  void headsOfLossesAreThereOnlyWhenUsed();
  void bandsEqualTiles_data();
  void bandsEqualTiles();
  void bandsHaveTheGradientOfTiles();
  void aBandOfOneIsTheValueItself();
  void wrongBandsAreRefused();

 private:
  static void addVariants() {
    QTest::addColumn<int>("variant");
    for (size_t i = 0; i < variants().size(); ++i) QTest::newRow(variants()[i].name) << static_cast<int>(i);
  }
};

// What the model says about video b as one row.
at::Tensor about(const hvlm::ModelOutput& out, const hvlm::Packed& batch, int64_t b) {
  std::vector<at::Tensor> parts{out.h.slice(0, batch.offsets[b], batch.offsets[b + 1]).reshape({-1}), out.video_vector[b], out.video_logits[b]};
  for (size_t i = 0; i < out.detection_nodes.size(); ++i) {
    if (out.detection_nodes[i].video != b) continue;
    parts.push_back(out.class_logits[static_cast<int64_t>(i)]);
    parts.push_back(out.boundaries[static_cast<int64_t>(i)]);
  }
  return at::cat(parts);
}

void TestModelVariants::aVideoScoresAloneAsInAPack() {
  QFETCH(int, variant);
  hvlm::HierarchicalModel model(smallConfig(variants()[variant].change), kInput, kClasses, 5);
  disturb(model);
  const std::vector<at::Tensor> videos{randomRows(9, kInput, 1), randomRows(1, kInput, 2), randomRows(14, kInput, 3), randomRows(2, kInput, 4)};
  const hvlm::Packed together = pack(videos);
  const hvlm::ModelOutput all = model.forward(together);
  for (size_t b = 0; b < videos.size(); ++b) {
    const hvlm::Packed own = pack({videos[b]});
    const at::Tensor difference = (about(all, together, static_cast<int64_t>(b)) - about(model.forward(own), own, 0)).abs().max();
    QVERIFY2(difference.item<double>() < 1e-5, qPrintable(QString("video %1 differs by %2").arg(b).arg(difference.item<double>())));
  }
}

void TestModelVariants::theOrderOfThePackChangesNothing() {
  QFETCH(int, variant);
  hvlm::HierarchicalModel model(smallConfig(variants()[variant].change), kInput, kClasses, 5);
  disturb(model);
  const at::Tensor a = randomRows(7, kInput, 1), b = randomRows(12, kInput, 2), c = randomRows(3, kInput, 3);
  const hvlm::Packed there = pack({a, b, c}), back = pack({c, b, a});
  const hvlm::ModelOutput x = model.forward(there), y = model.forward(back);
  for (const int64_t i : {0, 1, 2}) QVERIFY((about(x, there, i) - about(y, back, 2 - i)).abs().max().item<double>() < 1e-5);
}

void TestModelVariants::gradientsReachEveryWeight() {
  QFETCH(int, variant);
  hvlm::HierarchicalModel model(smallConfig(variants()[variant].change), kInput, kClasses, 5);
  disturb(model);
  const hvlm::ModelOutput out = model.forward(pack({randomRows(40, kInput, 1), randomRows(23, kInput, 2)}),
                                              {.training = true, .generator = hvlm::makeGenerator(1)});
  at::Tensor sum = out.video_logits.pow(2).sum() + out.h.pow(3).sum();
  if (out.class_logits.defined()) sum = sum + out.class_logits.pow(2).sum() + out.boundaries.pow(2).sum();
  sum.backward();
  for (const hvlm::Parameter& p : model.parameters().all()) {
    // 40 steps have six levels: pooling vectors of higher ones are not reached.
    if (p.name.starts_with("pyramid.blocks.") || p.name.starts_with("pyramid.maxima.")) {
      if (p.name[15] > '5') continue;
    }
    QVERIFY2(p.value.grad().defined() && p.value.grad().abs().sum().item<double>() > 0.0, p.name.c_str());
  }
}

void TestModelVariants::rawFeaturesAreHandedThrough() {
  const hvlm::RunConfig config = smallConfig([](hvlm::RunConfig& c) {
    c.encoder.kind = "raw", c.pyramid.enabled = false, c.head.detect = c.head.classify = false, c.head.video_vector = "mean";
    c.loss.temporal = c.loss.regulariser = c.loss.classification = c.loss.focal = c.loss.diou = 0.0;
    c.train.epochs = 0;
  });
  const hvlm::HierarchicalModel model(config, kInput, kClasses, 5);
  QCOMPARE(model.parameters().count(), 0);
  QCOMPARE(model.width(), kInput);
  const hvlm::Packed batch = pack({randomRows(4, kInput, 1), randomRows(3, kInput, 2)});
  const hvlm::ModelOutput out = model.forward(batch, {.training = true, .generator = hvlm::makeGenerator(1)});
  QVERIFY(at::equal(out.h, batch.x));
  QVERIFY(at::allclose(out.video_vector[1], batch.x.narrow(0, 4, 3).mean(0)));
}

void TestModelVariants::anEncoderOfSingleStepsSeesNoNeighbour() {
  const hvlm::HierarchicalModel model(smallConfig(variants()[5].change), kInput, kClasses, 5);
  at::Tensor x = randomRows(5, kInput, 1);
  const at::Tensor before = model.encode(pack({x})).clone();
  x[2].add_(1.0);
  const at::Tensor after = model.encode(pack({x}));
  for (const int64_t t : {0, 1, 3, 4}) QVERIFY(at::equal(before[t], after[t]));
  QVERIFY(!at::equal(before[2], after[2]));
}

void TestModelVariants::poolingsAreWhatTheySay() {
  const at::Tensor h = at::tensor({1.0, 8.0, 3.0, 2.0, 5.0, 5.0}, at::kDouble).view({3, 2});
  const auto built = [&](const std::string& kind) { return hvlm::buildPyramid(h, at::zeros({1, 2}, at::kDouble), hvlm::planPyramid({0, 3}, "ceil", 1), {}, {kind, {}}); };
  const auto is = [](const at::Tensor& row, double a, double b) { return at::allclose(row, at::tensor({a, b}, at::kDouble)); };
  QVERIFY(is(built("mean").nodes[3], 2.0, 5.0));
  QVERIFY(is(built("mean").nodes[4], 5.0, 5.0));  // a window of one
  const hvlm::Pyramid most = built("max");
  QVERIFY(is(most.nodes[3], 3.0, 8.0));
  QVERIFY(is(most.nodes[4], 5.0, 5.0));
  QCOMPARE(most.alpha[0][0].item<double>(), 0.5);  // each step won one of the two channels
  QCOMPARE(most.alpha[0][2].item<double>(), 1.0);
  const hvlm::Pyramid both = hvlm::buildPyramid(h, at::zeros({1, 2}, at::kDouble), hvlm::planPyramid({0, 3}, "ceil", 1), {},
                                                {"attention_max", [](const at::Tensor& maxima, int64_t) { return 10.0 * maxima; }});
  QVERIFY(is(both.nodes[3], 2.0 + 30.0, 5.0 + 80.0));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, built("median"));
}

void TestModelVariants::sharesOfEveryPoolingSumToOne_data() {
  QTest::addColumn<QString>("kind");
  for (const char* kind : {"attention", "mean", "max", "attention_max"}) QTest::newRow(kind) << kind;
}
void TestModelVariants::sharesOfEveryPoolingSumToOne() {
  QFETCH(QString, kind);
  const at::Tensor h = randomRows(20, 5, 3, at::kDouble);
  const hvlm::Pyramid pyramid =
      hvlm::buildPyramid(h, randomRows(6, 5, 4, at::kDouble), hvlm::planPyramid({0, 13, 20}, "ceil", -1), {}, {kind.toStdString(), {}});
  for (const int64_t video : {0, 1}) {
    double sum = 0.0;
    for (const double share : hvlm::alphaPath(pyramid, video)) sum += share;
    QVERIFY(std::abs(sum - 1.0) < 1e-6);
  }
}

void TestModelVariants::levelNormLeavesUnitScale() {
  hvlm::HierarchicalModel model(smallConfig(variants()[3].change), kInput, kClasses, 5);
  disturb(model);
  const hvlm::ModelOutput out = model.forward(pack({randomRows(16, kInput, 1)}));
  const at::Tensor above = out.pyramid.nodes.narrow(0, 16, 15).to(at::kDouble);
  QVERIFY(above.mean(1).abs().max().item<double>() < 1e-5);
  QVERIFY((above.var(1, false) - 1.0).abs().max().item<double>() < 1e-3);
}

void TestModelVariants::randomSegmentsDifferWhileTraining() {
  hvlm::RunConfig config = smallConfig([](hvlm::RunConfig& c) { c.head.video_vector = "segments", c.head.segments = 2, c.encoder.dropout = c.head.dropout = 0.0; });
  const hvlm::HierarchicalModel model(config, kInput, kClasses, 5);
  const hvlm::Packed batch = pack({randomRows(40, kInput, 1)});
  const auto vector = [&](uint64_t seed) { return model.forward(batch, {.training = true, .generator = hvlm::makeGenerator(seed)}).video_vector; };
  QVERIFY(at::equal(vector(1), vector(1)));
  QVERIFY(!at::equal(vector(1), vector(2)));
  QVERIFY(at::equal(model.forward(batch).video_vector, model.forward(batch).video_vector));
}

void TestModelVariants::mergingChangesTheLayersAndNotTheLengths() {
  const hvlm::RunConfig plain = smallConfig([](hvlm::RunConfig&) {});
  hvlm::RunConfig merged = plain;
  merged.merge.where = "before";
  merged.merge.ratio = 0.5;
  const hvlm::Packed batch = pack({randomRows(11, kInput, 1)});
  const at::Tensor a = hvlm::HierarchicalModel(plain, kInput, kClasses, 5).encode(batch);
  const at::Tensor b = hvlm::HierarchicalModel(merged, kInput, kClasses, 5).encode(batch);
  QCOMPARE(a.sizes(), b.sizes());
  QVERIFY(!at::allclose(a, b));
  merged.merge.ratio = 0.0;
  QVERIFY(at::allclose(a, hvlm::HierarchicalModel(merged, kInput, kClasses, 5).encode(batch), 1e-5, 1e-6));
}

void TestModelVariants::headsOfLossesAreThereOnlyWhenUsed() {
  const hvlm::HierarchicalModel plain(smallConfig([](hvlm::RunConfig&) {}), kInput, kClasses, 5);
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, plain.contrastVectors(at::zeros({1, 16})));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, plain.sharedVideo(at::zeros({1, 16})));
  const hvlm::HierarchicalModel text(smallConfig([](hvlm::RunConfig& c) { c.loss.text = 1.0, c.text.buckets = 32, c.text.dim = 7; }), kInput, kClasses, 5);
  QCOMPARE(text.sharedText(at::zeros({2, 32})).size(1), 7);
  QVERIFY(std::abs(text.logLogitScale().item<double>() - std::log(1.0 / 0.07)) < 1e-6);
  const hvlm::HierarchicalModel moco(smallConfig([](hvlm::RunConfig& c) { c.contrast.method = "moco", c.contrast.dim = 9; }), kInput, kClasses, 5);
  QCOMPARE(moco.contrastVectors(at::zeros({3, 16})).size(1), 9);
}

// tiledAttention over each run of a pack.
at::Tensor tiles(const at::Tensor& projected, const std::vector<int64_t>& offsets, int64_t heads, int64_t reach) {
  const int64_t width = projected.size(1) / 3;
  std::vector<at::Tensor> out;
  for (size_t r = 0; r + 1 < offsets.size(); ++r) {
    const at::Tensor run = projected.slice(0, offsets[r], offsets[r + 1]).view({1, -1, 3, heads, width / heads}).permute({2, 0, 3, 1, 4});
    const at::Tensor read = hvlm::tiledAttention(run[0], run[1], run[2], {.reach = reach});
    out.push_back(read.transpose(1, 2).reshape({-1, width}));
  }
  return at::cat(out);
}

void TestModelVariants::bandsEqualTiles_data() {
  QTest::addColumn<int>("reach");
  for (const int reach : {0, 1, 4, 11, 40}) QTest::addRow("a reach of %d", reach) << reach;
}
void TestModelVariants::bandsEqualTiles() {
  QFETCH(int, reach);
  const std::vector<int64_t> offsets{0, 1, 12, 14, 43};
  for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
    const at::Tensor projected = 3.0 * randomRows(43, 3 * 20, 7, type);
    const at::Tensor difference = hvlm::bandedAttention(projected, offsets, 2, reach) - tiles(projected, offsets, 2, reach);
    QVERIFY(difference.abs().max().item<double>() < (type == at::kFloat ? 1e-5 : 1e-12));
  }
}

void TestModelVariants::bandsHaveTheGradientOfTiles() {
  const std::vector<int64_t> offsets{0, 3, 17};
  const at::Tensor upstream = randomRows(17, 12, 9, at::kDouble);
  const auto gradient = [&](bool banded) {
    at::Tensor projected = randomRows(17, 36, 8, at::kDouble).requires_grad_(true);
    const at::Tensor out = banded ? hvlm::bandedAttention(projected, offsets, 3, 2) : tiles(projected, offsets, 3, 2);
    (out * upstream).sum().backward();
    return projected.grad();
  };
  QVERIFY(at::allclose(gradient(true), gradient(false), 1e-10, 1e-12));
}

void TestModelVariants::aBandOfOneIsTheValueItself() {
  const at::Tensor projected = randomRows(6, 24, 3);
  QVERIFY(at::allclose(hvlm::bandedAttention(projected, {0, 6}, 2, 0), projected.narrow(1, 16, 8)));
}

void TestModelVariants::wrongBandsAreRefused() {
  const at::Tensor projected = randomRows(6, 24, 3);
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::bandedAttention(projected, {0, 5}, 2, 1));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::bandedAttention(projected, {0, 6}, 5, 1));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::bandedAttention(projected, {0, 6}, 2, -1));
}

}  // namespace

QTEST_GUILESS_MAIN(TestModelVariants)
#include "tst_model_variants.moc"
