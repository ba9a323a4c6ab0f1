// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <QtTest>
#include <functional>

#include "engine/model/model.h"
#include "engine/objective/classification.h"
#include "engine/objective/cross_scale.h"
#include "engine/objective/detection.h"
#include "engine/objective/temporal.h"
#include "support/error.h"

namespace {

constexpr int64_t kInput = 6;
constexpr int64_t kClasses = 3;

hvlm::RunConfig smallConfig() {
  hvlm::RunConfig config;
  config.encoder.dim = 16;
  config.encoder.layers = 2;
  config.encoder.heads = 4;
  config.head.width = 8;
  config.head.detect_levels = 4;
  return config;
}

at::Tensor randomRows(int64_t rows, uint64_t seed, at::ScalarType type = at::kFloat) {
  at::Generator generator = hvlm::makeGenerator(seed);
  return hvlm::normalInit({rows, kInput}, 1.0, generator, type);
}

hvlm::Packed pack(const std::vector<at::Tensor>& videos) {
  hvlm::Packed packed;
  packed.x = at::cat(videos, 0);
  packed.offsets = {0};
  for (const at::Tensor& v : videos) packed.offsets.push_back(packed.offsets.back() + v.size(0));
  return packed;
}

// Weights that do something everywhere: what starts at zero (pooling vectors, biases) is moved.
void disturb(hvlm::HierarchicalModel& model) {
  at::Generator generator = hvlm::makeGenerator(99);
  const at::NoGradGuard no_grad;
  for (const at::Tensor& p : model.parameters().tensors()) {
    p.add_(hvlm::normalInit(p.sizes(), 0.2, generator, p.options().requires_grad(false)));
  }
}

struct Variant {
  std::string mode;
  std::string block;
  std::string vector;
  std::string mixer;
};

hvlm::RunConfig configOf(const Variant& v) {
  hvlm::RunConfig config = smallConfig();
  config.pyramid.mode = v.mode;
  config.pyramid.block = v.block;
  config.head.video_vector = v.vector;
  config.encoder.mixer = v.mixer;
  config.loss.cross = 0.1;
  return config;
}

// All that the model says about one video, in one row.
at::Tensor aboutVideo(const hvlm::ModelOutput& out, const hvlm::Packed& batch, int64_t b) {
  std::vector<at::Tensor> parts{out.h.slice(0, batch.offsets[b], batch.offsets[b + 1]).reshape({-1}),
                                out.video_vector[b], out.video_logits[b]};
  for (int64_t l = 0; l <= out.pyramid.last_level[b]; ++l) {
    const int64_t start = out.pyramid.level_start[l];
    parts.push_back(out.pyramid.nodes.slice(0, start + out.pyramid.offsets[l][b], start + out.pyramid.offsets[l][b + 1])
                        .reshape({-1}));
  }
  for (size_t i = 0; i < out.detection_nodes.size(); ++i) {
    if (out.detection_nodes[i].video != b) continue;
    parts.push_back(out.class_logits[static_cast<int64_t>(i)]);
    parts.push_back(out.boundaries[static_cast<int64_t>(i)]);
  }
  return at::cat(parts);
}

}  // namespace
Q_DECLARE_METATYPE(Variant)

class TestModelForward : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void temporalLossReachesTheFirstLayer_data();
  void temporalLossReachesTheFirstLayer();
  void neighboursChangeNothing_data();
  void neighboursChangeNothing();
  void anyLengthWorks_data();
  void anyLengthWorks();
  void shapesAndPositions();
  void gradientsEqualFiniteDifferences_data();
  void gradientsEqualFiniteDifferences();
  void oneBatchCanBeOverfitted();
  void theSameSeedGivesTheSame();
  void channelStatisticsStandardise();
  void switchedOffPartsAreAbsent();
  void decayIsForMatricesOnly();
  void wrongCallsAreNamed();
};

void TestModelForward::temporalLossReachesTheFirstLayer_data() {
  QTest::addColumn<QString>("mixer");
  QTest::addColumn<bool>("pre_norm");
  QTest::newRow("full attention, pre-norm") << "full" << true;
  QTest::newRow("full attention, post-norm") << "full" << false;
  QTest::newRow("no mixer") << "none" << true;
}

void TestModelForward::temporalLossReachesTheFirstLayer() {
  QFETCH(QString, mixer);
  QFETCH(bool, pre_norm);
  hvlm::RunConfig config = smallConfig();
  config.encoder.mixer = mixer.toStdString();
  config.encoder.pre_norm = pre_norm;
  hvlm::HierarchicalModel model(config, kInput, kClasses, 1);
  const hvlm::Packed batch = pack({randomRows(9, 1), randomRows(4, 2)});
  const hvlm::ModelOutput out = model.forward(batch, {true, hvlm::makeGenerator(5)});
  hvlm::temporalObjective(hvlm::temporalLoss(out.h, batch.offsets), "mean").backward();
  for (const char* name :
       {"encoder.projection.weight", "encoder.stem.0.convolution.weight", "encoder.layers.0.linear1.weight"}) {
    const at::Tensor* p = model.parameters().find(name);
    QVERIFY2(p && p->grad().defined() && p->grad().norm().item<double>() > 1e-6, name);
  }
}

void TestModelForward::neighboursChangeNothing_data() {
  QTest::addColumn<Variant>("variant");
  QTest::newRow("ceil, top") << Variant{"ceil", "none", "top", "full"};
  QTest::newRow("floor, mean") << Variant{"floor", "none", "mean", "full"};
  QTest::newRow("ceil, blocks, attention over levels") << Variant{"ceil", "conv", "attention", "full"};
  QTest::newRow("floor, blocks, no mixer") << Variant{"floor", "conv", "top", "none"};
}

void TestModelForward::neighboursChangeNothing() {
  QFETCH(Variant, variant);
  hvlm::HierarchicalModel model(configOf(variant), kInput, kClasses, 3);
  disturb(model);
  const at::Tensor first = randomRows(13, 1);
  const at::Tensor last = randomRows(6, 2);
  const hvlm::Packed batch = pack({first, randomRows(5, 3), last});
  const hvlm::ModelOutput out = model.forward(batch);
  const hvlm::Packed changed = pack({first, randomRows(21, 4) * 100.0, last});
  const hvlm::ModelOutput other = model.forward(changed);
  const hvlm::Packed alone_batch = pack({last});
  const hvlm::ModelOutput alone = model.forward(alone_batch);
  QVERIFY(at::allclose(aboutVideo(out, batch, 0), aboutVideo(other, changed, 0), 1e-5, 1e-5));
  QVERIFY(at::allclose(aboutVideo(out, batch, 2), aboutVideo(other, changed, 2), 1e-5, 1e-5));
  QVERIFY(at::allclose(aboutVideo(out, batch, 2), aboutVideo(alone, alone_batch, 0), 1e-5, 1e-5));
}

void TestModelForward::anyLengthWorks_data() {
  QTest::addColumn<qint64>("steps");
  for (const qint64 steps : {1, 2, 3, 7, 64, 101}) QTest::addRow("%lld steps", steps) << steps;
}

void TestModelForward::anyLengthWorks() {
  QFETCH(qint64, steps);
  for (const char* mode : {"ceil", "floor"}) {
    for (const char* vector : {"top", "mean", "attention"}) {
      const hvlm::RunConfig config = configOf({mode, "conv", vector, "full"});
      const hvlm::HierarchicalModel model(config, kInput, kClasses, 2);
      const hvlm::Packed batch = pack({randomRows(steps, 1)});
      const hvlm::ModelOutput out = model.forward(batch, {true, hvlm::makeGenerator(1)});
      for (const at::Tensor& t : {out.h, out.video_logits, out.class_logits, out.boundaries})
        QVERIFY(at::isfinite(t).all().item<bool>());
      QVERIFY((out.boundaries >= 0).all().item<bool>());
      QCOMPARE(out.cross_projection.defined(), steps > 1);
      (out.video_logits.sum() + out.class_logits.sum() + out.boundaries.sum()).backward();
      QVERIFY(at::isfinite(model.parameters().find("encoder.projection.weight")->grad()).all().item<bool>());
    }
  }
}

void TestModelForward::shapesAndPositions() {
  const hvlm::HierarchicalModel model(smallConfig(), kInput, kClasses, 2);
  QCOMPARE(model.detectLevels(), int64_t{4});
  const hvlm::ModelOutput out = model.forward(pack({randomRows(5, 1), randomRows(2, 2)}));
  QCOMPARE(out.h.sizes().vec(), (std::vector<int64_t>{7, 16}));
  QCOMPARE(out.pyramid.level_start, (std::vector<int64_t>{0, 7, 11, 13, 14}));  // 5 3 2 1 and 2 1
  QCOMPARE(out.class_logits.sizes().vec(), (std::vector<int64_t>{14, kClasses}));
  QCOMPARE(out.boundaries.sizes().vec(), (std::vector<int64_t>{14, 2}));
  const hvlm::DetectionNode odd = out.detection_nodes[9];  // third node of level 1: the fifth step alone
  QCOMPARE(odd.level, int64_t{1});
  QCOMPARE(odd.first_step, int64_t{4});
  QCOMPARE(odd.last_step, int64_t{4});
  QCOMPARE(odd.position, 4.0);
  const hvlm::DetectionNode second = out.detection_nodes[10];
  QCOMPARE(second.video, int64_t{1});
  QCOMPARE(second.position, 0.5);
  // Before training every class is rare and distances are two strides of the level.
  QVERIFY(std::abs(out.class_logits.sigmoid().mean().item<double>() - 0.01) < 0.003);
  QVERIFY(at::allclose(out.boundaries.select(1, 0), at::tensor({2, 2, 2, 2, 2, 2, 2, 4, 4, 4, 4, 8, 8, 16}, at::kFloat),
                       0.2, 0.0));
}

void TestModelForward::gradientsEqualFiniteDifferences_data() { neighboursChangeNothing_data(); }

void TestModelForward::gradientsEqualFiniteDifferences() {
  QFETCH(Variant, variant);
  hvlm::RunConfig config = configOf(variant);
  config.encoder.dim = 8;
  config.encoder.heads = 2;
  config.encoder.layers = 1;
  config.encoder.stem_convolutions = 1;
  config.encoder.pre_norm = variant.mode == "ceil";
  hvlm::HierarchicalModel model(config, kInput, kClasses, 4, at::kDouble);
  disturb(model);
  const hvlm::Packed batch = pack({randomRows(5, 1, at::kDouble), randomRows(3, 2, at::kDouble)});
  const at::Tensor labels = hvlm::labelSetTargets({{0}, {1, 2}}, kClasses, at::kDouble);
  const std::function<at::Tensor()> loss = [&] {
    const hvlm::ModelOutput out = model.forward(batch);
    // A fixed target for the cross term: its own is cut from the gradient, which differences cannot see.
    return hvlm::temporalLoss(out.h, batch.offsets).mean_videos + hvlm::crossEntropy(out.video_logits, labels, 0.1) +
           hvlm::focalLoss(out.class_logits, at::full_like(out.class_logits, 0.3)).mean() +
           hvlm::diouOffsets(out.boundaries, at::full_like(out.boundaries, 1.7)).mean() +
           hvlm::crossScaleLoss(out.cross_projection, at::ones_like(out.cross_target));
  };
  loss().backward();
  const at::NoGradGuard no_grad;
  for (const hvlm::Parameter& p : model.parameters().all()) {
    const at::Tensor gradient = p.value.grad();
    for (int64_t i = 0; i < p.value.numel(); i += std::max<int64_t>(p.value.numel() / 3, 1)) {
      const at::Tensor cell = p.value.view({-1})[i];
      const double value = cell.item<double>();
      const double step = 1e-5;
      cell.fill_(value + step);
      const double above = loss().item<double>();
      cell.fill_(value - step);
      const double below = loss().item<double>();
      cell.fill_(value);
      const double expected = (above - below) / (2 * step);
      const double actual = gradient.defined() ? gradient.view({-1})[i].item<double>() : 0.0;
      QVERIFY2(std::abs(actual - expected) < 1e-7 + 1e-5 * std::abs(expected),
               qPrintable(QStringLiteral("%1[%2]: %3, differences %4")
                              .arg(QString::fromStdString(p.name))
                              .arg(i)
                              .arg(actual)
                              .arg(expected)));
    }
  }
}

void TestModelForward::oneBatchCanBeOverfitted() {
  hvlm::HierarchicalModel model(smallConfig(), kInput, kClasses, 6);
  const hvlm::Packed batch = pack({randomRows(24, 1), randomRows(17, 2), randomRows(30, 3)});
  const std::vector<std::vector<hvlm::TruthSegment>> truth{{{3, 9, 0}}, {{8, 14, 1}}, {{2, 6, 2}, {12, 25, 2}}};
  const at::Tensor labels = hvlm::labelSetTargets({{0}, {1}, {2}}, kClasses, at::kFloat);
  std::vector<at::Tensor> first, second;  // Adam's moments
  for (const at::Tensor& p : model.parameters().tensors()) {
    first.push_back(at::zeros_like(p).detach());
    second.push_back(at::zeros_like(p).detach());
  }
  double start = 0.0;
  double end = 0.0;
  hvlm::ModelOutput out;
  hvlm::DetectionTargets targets;
  for (int step = 1; step <= 120; ++step) {
    out = model.forward(batch);
    std::vector<hvlm::AssignmentNode> nodes;
    std::vector<int64_t> videos;
    for (const hvlm::DetectionNode& n : out.detection_nodes) {
      nodes.push_back({n.level, n.position});
      videos.push_back(n.video);
    }
    targets = hvlm::detectionTargets(nodes, videos, truth, kClasses, {model.detectLevels(), 1.5}, at::kFloat);
    QCOMPARE(targets.segments_without_positive, int64_t{0});
    const auto parts =
        hvlm::detectionLoss(out.class_logits, out.boundaries, targets, static_cast<double>(targets.positives));
    const at::Tensor loss = hvlm::crossEntropy(out.video_logits, labels) + parts.focal + parts.diou;
    end = loss.item<double>();
    if (step == 1) start = end;
    model.parameters().zeroGrad();
    loss.backward();
    const at::NoGradGuard no_grad;
    const auto leaves = model.parameters().tensors();
    for (size_t i = 0; i < leaves.size(); ++i) {
      if (!leaves[i].grad().defined()) continue;
      first[i].mul_(0.9).add_(leaves[i].grad(), 0.1);
      second[i].mul_(0.999).addcmul_(leaves[i].grad(), leaves[i].grad(), 0.001);
      leaves[i].sub_(0.01 * (first[i] / (1 - std::pow(0.9, step))) /
                     ((second[i] / (1 - std::pow(0.999, step))).sqrt() + 1e-8));
    }
  }
  QVERIFY2(end < 0.1 * start, qPrintable(QStringLiteral("loss %1 -> %2").arg(start).arg(end)));
  QVERIFY(at::equal(out.video_logits.argmax(1), at::tensor({0, 1, 2}, at::kLong)));
  const at::Tensor found = out.boundaries.index_select(0, targets.positive_rows);
  QVERIFY(hvlm::diouOffsets(found, targets.distances).mean().item<double>() < 0.15);
  // Every positive node names its class as likelier than not, every other node none.
  const at::Tensor likely = out.class_logits.sigmoid() > 0.5;
  QVERIFY(at::equal(likely.to(at::kFloat), targets.classes));
}

void TestModelForward::theSameSeedGivesTheSame() {
  const hvlm::RunConfig config = smallConfig();
  hvlm::HierarchicalModel a(config, kInput, kClasses, 7);
  hvlm::HierarchicalModel b(config, kInput, kClasses, 7);
  hvlm::HierarchicalModel c(config, kInput, kClasses, 8);
  const hvlm::Packed batch = pack({randomRows(12, 1)});
  const auto logits = [&](const hvlm::HierarchicalModel& model, uint64_t seed) {
    return model.forward(batch, {true, hvlm::makeGenerator(seed)}).video_logits;
  };
  QVERIFY(at::equal(logits(a, 1), logits(b, 1)));
  QVERIFY(!at::equal(logits(a, 1), logits(a, 2)));  // dropout drew something else
  QVERIFY(!at::equal(a.forward(batch).video_logits, c.forward(batch).video_logits));
  QVERIFY(at::equal(a.forward(batch).video_logits, a.forward(batch).video_logits));  // nothing random outside training
  c.parameters().copyFrom(a.parameters());
  QVERIFY(at::equal(a.forward(batch).video_logits, c.forward(batch).video_logits));
  QCOMPARE(a.parameters().names(), c.parameters().names());
}

void TestModelForward::channelStatisticsStandardise() {
  hvlm::HierarchicalModel model(smallConfig(), kInput, kClasses, 7);
  const at::Tensor x = randomRows(10, 1);
  const at::Tensor mean = at::arange(kInput, at::kFloat);
  at::Tensor deviation = at::full({kInput}, 4.0);
  deviation[2] = 0.0;  // does not vary: only centred
  const at::Tensor before = model.encode(pack({x}));
  model.setChannelStatistics(mean, deviation);
  at::Tensor scale = deviation.clone();
  scale[2] = 1.0;
  QVERIFY(at::allclose(model.encode(pack({x * scale + mean})), before, 1e-4, 1e-4));
  QCOMPARE(model.buffers().size(), size_t{2});
  QVERIFY(at::equal(model.buffers()[1].value, deviation));
}

void TestModelForward::switchedOffPartsAreAbsent() {
  hvlm::RunConfig config = smallConfig();
  config.pyramid.enabled = false;
  config.head.classify = false;
  config.head.detect = false;
  const hvlm::HierarchicalModel model(config, kInput, kClasses, 1);
  const hvlm::ModelOutput out = model.forward(pack({randomRows(8, 1)}));
  QCOMPARE(out.pyramid.levels(), int64_t{1});
  QVERIFY(at::allclose(out.video_vector[0], out.h.mean(0), 1e-5, 1e-6));
  QVERIFY(!out.video_logits.defined() && !out.class_logits.defined() && !out.cross_projection.defined());
  QVERIFY(!model.parameters().find("pyramid.pooling") && !model.parameters().find("head.classifier.weight"));
}

void TestModelForward::decayIsForMatricesOnly() {
  hvlm::RunConfig config = configOf({"ceil", "conv", "attention", "full"});
  const hvlm::HierarchicalModel model(config, kInput, kClasses, 1);
  for (const hvlm::Parameter& p : model.parameters().all()) {
    QVERIFY2(p.decay == (p.value.dim() == 2 && p.name != "pyramid.pooling"), p.name.c_str());
  }
}

void TestModelForward::wrongCallsAreNamed() {
  const hvlm::HierarchicalModel model(smallConfig(), kInput, kClasses, 1);
  const at::Tensor x = randomRows(4, 1);
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, model.forward({at::zeros({4, kInput + 1}), {0, 4}}));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, model.forward({x, {0, 3}}));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, model.forward({x, {0, 4, 4}}));  // an empty video
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, model.forward({x, {0, 4}}, {true, {}}));
  hvlm::RunConfig config = smallConfig();
  config.encoder.heads = 3;
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::HierarchicalModel(config, kInput, kClasses, 1));
}

QTEST_GUILESS_MAIN(TestModelForward)
#include "tst_model_forward.moc"
