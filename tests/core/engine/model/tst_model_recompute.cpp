// SPDX-License-Identifier: Apache-2.0
// Activation checkpointing gives the losses and gradients of the plain pass, draws included, and leaves nothing behind.
#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <QtTest>

#include "engine/model/model.h"

namespace {

hvlm::Packed someVideos() {
  at::Generator generator = hvlm::makeGenerator(5);
  return {hvlm::normalInit({41, 6}, 1.0, generator, at::kFloat), {0, 18, 19, 41}, {}, {}};
}

hvlm::RunConfig configOf(const std::string& block, const std::string& merge) {
  hvlm::RunConfig config;
  config.encoder.dim = 16;
  config.encoder.heads = 2;
  config.encoder.mixer = "window";
  config.encoder.mixer_window = 5;
  config.encoder.dropout = 0.3;
  config.encoder.drop_path = 0.3;
  config.pyramid.block = block;
  config.pyramid.block_window = 3;
  config.merge.where = merge;
  config.head.width = 8;
  config.head.dropout = 0.2;
  config.head.detect_layers = 3;
  config.head.edges = true;
  return config;
}

struct Outcome {
  double loss = 0.0;
  std::vector<at::Tensor> gradients;
  uint64_t next_draw = 0;  // what the generator gives after the pass
};

at::Tensor lossOf(const hvlm::ModelOutput& out) {
  return out.class_logits.pow(2).mean() + out.boundaries.log1p().mean() + out.edge_logits.cos().mean() + out.video_logits.sin().sum() + out.pyramid.nodes.abs().mean();
}

Outcome passOf(const hvlm::RunConfig& config, bool recompute) {
  const hvlm::HierarchicalModel model(config, 6, 3, 1);
  at::Generator generator = hvlm::makeGenerator(7);
  const at::Tensor loss = lossOf(model.forward(someVideos(), {true, generator, recompute}));
  loss.backward();
  Outcome outcome{loss.item<double>(), {}, 0};
  for (const hvlm::Parameter& p : model.parameters().all()) outcome.gradients.push_back(p.value.grad());
  outcome.next_draw = static_cast<uint64_t>(at::empty({}, at::kLong).random_(generator).item<int64_t>());
  return outcome;
}

}  // namespace

class TestModelRecompute : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void theSameGradients_data();
  void theSameGradients();
  void aTermAloneLeavesNoGradientBehind();
  void twoWaysBackDrawTheSame();
};

void TestModelRecompute::theSameGradients_data() {
  QTest::addColumn<QString>("block");
  QTest::addColumn<QString>("merge");
  for (const char* block : {"none", "conv", "window"}) {
    for (const char* merge : {"none", "before"}) QTest::addRow("block %s, merging %s", block, merge) << block << merge;
  }
}

void TestModelRecompute::theSameGradients() {
  QFETCH(QString, block);
  QFETCH(QString, merge);
  const hvlm::RunConfig config = configOf(block.toStdString(), merge.toStdString());
  const Outcome plain = passOf(config, false), again = passOf(config, true);
  QCOMPARE(again.loss, plain.loss);
  QCOMPARE(again.next_draw, plain.next_draw);
  QCOMPARE(again.gradients.size(), plain.gradients.size());
  int64_t moved = 0;
  for (size_t i = 0; i < plain.gradients.size(); ++i) {
    QCOMPARE(again.gradients[i].defined(), plain.gradients[i].defined());
    if (!plain.gradients[i].defined()) continue;
    const double away = (again.gradients[i] - plain.gradients[i]).abs().max().item<double>();
    // Merged tokens are read once more after the layers: their gradients are summed in another order.
    const double allowed = merge == "none" ? 0.0 : 1e-6 * (1.0 + plain.gradients[i].abs().max().item<double>());
    QVERIFY2(away <= allowed, qPrintable(QString::number(away)));
    moved += plain.gradients[i].abs().max().item<double>() > 0.0;
  }
  QVERIFY(moved > 20);
}

void TestModelRecompute::aTermAloneLeavesNoGradientBehind() {
  const hvlm::HierarchicalModel model(configOf("window", "none"), 6, 3, 1);
  const hvlm::ModelOutput out = model.forward(someVideos(), {true, hvlm::makeGenerator(7), true});
  const auto gradient = torch::autograd::grad({out.pyramid.nodes.pow(2).sum()}, {out.h}, {}, /*retain_graph=*/true);
  QVERIFY(gradient[0].abs().max().item<double>() > 0.0);
  for (const hvlm::Parameter& p : model.parameters().all()) QVERIFY2(!p.value.grad().defined(), p.name.c_str());
}

void TestModelRecompute::twoWaysBackDrawTheSame() {
  const hvlm::HierarchicalModel model(configOf("conv", "none"), 6, 3, 1);
  const hvlm::ModelOutput out = model.forward(someVideos(), {true, hvlm::makeGenerator(7), true});
  const at::Tensor loss = lossOf(out);
  const auto leaves = model.parameters().tensors();
  const auto first = torch::autograd::grad({loss}, leaves, {}, true, false, true);
  const auto second = torch::autograd::grad({loss}, leaves, {}, true, false, true);
  for (size_t i = 0; i < leaves.size(); ++i) QVERIFY(!first[i].defined() || at::equal(first[i], second[i]));
}

QTEST_GUILESS_MAIN(TestModelRecompute)
#include "tst_model_recompute.moc"
