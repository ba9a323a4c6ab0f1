// SPDX-License-Identifier: Apache-2.0
// What every sequence mixer owes, whatever it does: borders, lengths, gradients, memory, its place in the model.
#include <ATen/ATen.h>

#include <QtTest>

#include "core/engine/model/mixer_cases.h"
#include "engine/model/model.h"
#include "support/error.h"

using namespace hvlm::testing;

namespace {

// A case of each mixer, and the options that change what it computes.
void addMixers() {
  QTest::addColumn<QString>("mixer");
  QTest::addColumn<QStringList>("settings");
  for (const std::string& name : allMixers())
    QTest::newRow(name.c_str()) << QString::fromStdString(name) << QStringList();
  QTest::newRow("memory, fifo") << "memory" << QStringList{"encoder.mixer_memory_policy=fifo"};
  QTest::newRow("memory, concatenation") << "memory" << QStringList{"encoder.mixer_memory_fusion=concatenation"};
  QTest::newRow("mamba, one direction") << "mamba" << QStringList{"encoder.mixer_bidirectional=false"};
}

hvlm::EncoderOptions fetched() {
  QFETCH(QString, mixer);
  QFETCH(QStringList, settings);
  hvlm::RunConfig config;
  config.encoder = tinyOptions(mixer.toStdString());
  for (const QString& setting : settings) hvlm::applySettings(config, {setting.toStdString()});
  return config.encoder;
}

hvlm::RunConfig modelConfig(const hvlm::EncoderOptions& encoder) {
  hvlm::RunConfig config;
  config.encoder = encoder;
  config.head.width = 8;
  config.head.detect_levels = 3;
  return config;
}

}  // namespace

class TestModelMixers : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void neighboursChangeNothing_data() { addMixers(); }
  void neighboursChangeNothing();
  void oddNeighboursOfNanChangeNothing_data() { addMixers(); }
  void oddNeighboursOfNanChangeNothing();
  void anyLengthWorks_data() { addMixers(); }
  void anyLengthWorks();
  void gradientsEqualFiniteDifferences_data() { addMixers(); }
  void gradientsEqualFiniteDifferences();
  void theSameSeedGivesTheSame_data() { addMixers(); }
  void theSameSeedGivesTheSame();
  void memoryGrowsWithTheLength_data();
  void memoryGrowsWithTheLength();
  void wholeModelTrainsAndRestores_data() { addMixers(); }
  void wholeModelTrainsAndRestores();
  void attentionMixersShareTheirFirstWeights();
  void wrongOptionsAreNamed();
};

void TestModelMixers::neighboursChangeNothing() {
  const TinyMixer mixer(fetched());
  const at::Tensor first = randomTensor({13, 8}, 1);
  const at::Tensor last = randomTensor({6, 8}, 2);
  const at::Tensor out = mixer(at::cat({first, randomTensor({5, 8}, 3), last}), {0, 13, 18, 24});
  const at::Tensor other = mixer(at::cat({first, randomTensor({90, 8}, 4) * 100.0, last}), {0, 13, 103, 109});
  QVERIFY(largestDifference(out.slice(0, 0, 13), other.slice(0, 0, 13)) < 1e-12);
  QVERIFY(largestDifference(out.slice(0, 18, 24), other.slice(0, 103, 109)) < 1e-12);
  QVERIFY(largestDifference(out.slice(0, 18, 24), mixer(last)) < 1e-12);
  QVERIFY(largestDifference(out.slice(0, 0, 13), mixer(first)) < 1e-12);
}

void TestModelMixers::oddNeighboursOfNanChangeNothing() {
  const TinyMixer mixer(fetched());
  const at::Tensor run = randomTensor({7, 8}, 2).requires_grad_(true);
  const at::Tensor broken = at::full({3, 8}, std::numeric_limits<double>::quiet_NaN(), at::kDouble);
  const at::Tensor out = mixer(at::cat({broken, run, broken}), {0, 3, 10, 13}).slice(0, 3, 10);
  QVERIFY(largestDifference(out, mixer(run)) < 1e-12);
  out.sum().backward();
  QVERIFY(at::isfinite(run.grad()).all().item<bool>());
}

void TestModelMixers::anyLengthWorks() {
  const TinyMixer mixer(fetched(), at::kFloat);
  for (const int64_t steps : {1, 2, 3, 7, 33, 64, 65, 301}) {
    const at::Tensor run = randomTensor({steps, 8}, 5, at::kFloat).requires_grad_(true);
    const at::Tensor out = mixer(run);
    QCOMPARE(out.sizes().vec(), (std::vector<int64_t>{steps, 8}));
    out.square().sum().backward();
    QVERIFY(at::isfinite(out).all().item<bool>());
    QVERIFY(at::isfinite(run.grad()).all().item<bool>());
    QVERIFY(run.grad().abs().sum().item<double>() > 0.0);
  }
}

void TestModelMixers::gradientsEqualFiniteDifferences() {
  const TinyMixer mixer(fetched());
  const at::Tensor x = randomTensor({16, 8}, 6).requires_grad_(true);  // more steps than slots; runs of 1, 4 and 11
  std::vector<std::pair<std::string, at::Tensor>> leaves{{"x", x}};
  for (const hvlm::Parameter& p : mixer.set.all()) leaves.emplace_back(p.name, p.value);
  const QString fault = gradientFault([&] { return mixer(x, {0, 1, 5, 16}); }, leaves, 16);
  QVERIFY2(fault.isEmpty(), qPrintable(fault));
}

void TestModelMixers::theSameSeedGivesTheSame() {
  const TinyMixer a(fetched(), at::kFloat, 7);
  const TinyMixer b(fetched(), at::kFloat, 7);
  const at::Tensor x = randomTensor({150, 8}, 8, at::kFloat);
  at::Tensor gradients[2];
  for (int i = 0; i < 2; ++i) {
    const at::Tensor leaf = x.clone().requires_grad_(true);
    const at::Tensor out = (i == 0 ? a : b)(leaf, {0, 140, 150});
    (out * x).sum().backward();
    gradients[i] = leaf.grad();
  }
  QVERIFY(at::equal(gradients[0], gradients[1]));
  QVERIFY(at::equal(a(x), b(x)));
}

void TestModelMixers::memoryGrowsWithTheLength_data() {
  QTest::addColumn<QString>("mixer");
  QTest::addColumn<bool>("linear");
  for (const std::string& name : allMixers()) {
    if (name != "full") QTest::addRow("%s grows linearly", name.c_str()) << QString::fromStdString(name) << true;
  }
  QTest::newRow("a whole matrix of scores does not") << "dense" << false;
}

// Forward and backward pass of one video; bytes are counted where tensors are allocated.
void TestModelMixers::memoryGrowsWithTheLength() {
  QFETCH(QString, mixer);
  QFETCH(bool, linear);
  const bool dense = mixer == "dense";
  const TinyMixer tiny(tinyOptions(dense ? "full" : mixer.toStdString()), at::kFloat);
  const auto counted = [&](int64_t steps) {
    const at::Tensor x = randomTensor({steps, 8}, 9, at::kFloat).requires_grad_(true);
    const std::vector<at::Tensor> heads = tiny.options.mixer == "full" ? tiny.projected(x) : std::vector<at::Tensor>();
    return AllocationCounter::during([&] {
      const at::Tensor out = dense ? denseAttention(heads[0], heads[1], heads[2]) : tiny(x);
      out.sum().backward();
    });
  };
  const int64_t longest = dense ? 1024 : 8192;
  const auto half = counted(longest / 2);
  const auto whole = counted(longest);
  const double growth = static_cast<double>(whole->peak()) / static_cast<double>(half->peak());
  const double largest = static_cast<double>(whole->largest()) / static_cast<double>(half->largest());
  const bool is_linear = growth < 2.15 && largest < 2.15;
  QVERIFY2(is_linear == linear,
           qPrintable(QStringLiteral("peak x %1, largest tensor x %2 for twice the steps").arg(growth).arg(largest)));
  if (linear) QVERIFY(whole->largest() < longest * longest);  // a byte for each pair of steps would be more
}

void TestModelMixers::wholeModelTrainsAndRestores() {
  const hvlm::RunConfig config = modelConfig(fetched());
  hvlm::validateConfig(config, "test");
  hvlm::HierarchicalModel model(config, 6, 3, 1);
  hvlm::Packed batch{randomTensor({21, 6}, 10, at::kFloat), {0, 1, 8, 21}};
  const hvlm::ModelOutput out = model.forward(batch, {true, hvlm::makeGenerator(2)});
  (out.video_logits.square().sum() + out.class_logits.square().sum()).backward();
  for (const hvlm::Parameter& p : model.parameters().all()) {
    if (p.name.find(".layers.") == std::string::npos) continue;
    QVERIFY2(p.value.grad().defined() && at::isfinite(p.value.grad()).all().item<bool>(), p.name.c_str());
  }
  // Weights and buffers are all there is: a model of another seed that takes them over computes the same.
  hvlm::HierarchicalModel other(config, 6, 3, 2);
  QVERIFY(!at::equal(other.encode(batch), model.encode(batch)));
  other.parameters().copyFrom(model.parameters());
  const auto from = model.buffers();
  const auto to = other.buffers();
  QCOMPARE(from.size(), to.size());
  for (size_t i = 0; i < from.size(); ++i) {
    QCOMPARE(from[i].name, to[i].name);
    to[i].value.copy_(from[i].value);
  }
  QVERIFY(at::equal(other.encode(batch), model.encode(batch)));
}

void TestModelMixers::attentionMixersShareTheirFirstWeights() {
  const TinyMixer full(tinyOptions("full"));
  for (const char* name : {"flash", "window", "strided", "global", "memory", "linear", "performer"}) {
    const TinyMixer other(tinyOptions(name));
    for (const hvlm::Parameter& p : full.set.all()) QVERIFY2(at::equal(*other.set.find(p.name), p.value), name);
  }
}

void TestModelMixers::wrongOptionsAreNamed() {
  hvlm::ParameterSet set;
  at::Generator generator = hvlm::makeGenerator(1);
  hvlm::EncoderOptions options = tinyOptions("sideways");
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::makeMixer(set, "m", options, generator, at::kFloat));
  options = tinyOptions("flash");
  options.heads = 3;
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::makeMixer(set, "n", options, generator, at::kFloat));
  QVERIFY(!hvlm::makeMixer(set, "n", tinyOptions("none"), generator, at::kFloat));
}

QTEST_GUILESS_MAIN(TestModelMixers)
#include "tst_model_mixers.moc"
