// SPDX-License-Identifier: Apache-2.0
// Golden values of image_efficientnet_lite0.npz: every case, every field.
#include "core/engine/golden_tensors.h"

#include <ATen/ATen.h>

#include <filesystem>
#include <set>

#include "engine/backbone/backbone.h"
#include "engine/backbone/efficientnet.h"

using namespace hvlm::testing;

namespace {

constexpr double kTolerance = 2e-5;  // float32, of the largest magnitude

double errorOf(const at::Tensor& found, const at::Tensor& expected) {
  if (found.sizes() != expected.sizes()) return 1e300;
  return (found.to(at::kDouble) - expected).abs().max().item<double>() / std::max(1e-300, expected.abs().max().item<double>());
}

}  // namespace

class TestBackboneGolden : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void image_efficientnet_lite0();
};

void TestBackboneGolden::image_efficientnet_lite0() {
  const std::string weights = hvlm::importedWeights("efficientnet-lite0");
  if (!std::filesystem::exists(weights)) {
    QVERIFY2(qEnvironmentVariable("HVLM_REQUIRE_WEIGHTS") != QStringLiteral("1"), "the weights package was not imported (./run --setup-only does it)");
    QSKIP("the weights package is not on this machine");
  }
  const auto arrays = readNpz(goldenFile("image_efficientnet_lite0.npz"));
  std::set<std::string> used;
  const auto get = [&](const std::string& name) -> const NpyArray& {
    used.insert(name);
    return arrays.at(name);
  };
  const hvlm::EfficientNetLite0 network(hvlm::readSafetensors(weights), weights);
  const at::Tensor pixels = tensorOf(get("pixels")).permute({0, 3, 1, 2}).to(at::kFloat).contiguous();
  const at::Tensor mean = at::tensor({0.485f, 0.456f, 0.406f}).view({1, 3, 1, 1}), deviation = at::tensor({0.229f, 0.224f, 0.225f}).view({1, 3, 1, 1});
  for (const std::string scaling : {"lite", "imagenet"}) {
    const at::Tensor x = scaling == "lite" ? (pixels - 127.0) / 128.0 : (pixels / 255.0 - mean) / deviation;
    const auto expected = [&](const std::string& field) { return tensorOf(get(scaling + "_" + field)); };
    const at::Tensor stem = network.stem(x);
    QVERIFY(errorOf(stem.mean({2, 3}), expected("stem_mean")) < kTolerance);
    QVERIFY(errorOf(network.block(0, stem).mean({2, 3}), expected("block0_mean")) < kTolerance);
    const at::Tensor features = network.features(x), logits = network.logits(features);
    QVERIFY2(errorOf(features, expected("features")) < kTolerance, qPrintable(QString::number(errorOf(features, expected("features")))));
    QVERIFY2(errorOf(logits, expected("logits")) < kTolerance, qPrintable(QString::number(errorOf(logits, expected("logits")))));
    const auto [values, places] = at::softmax(logits.to(at::kDouble), 1).topk(5, 1);
    QVERIFY(places.equal(expected("top5").to(at::kLong)));
    QVERIFY(errorOf(values, expected("top5_prob")) < 1e-4);
  }
  // The backbone takes bytes as decoders give them.
  const auto backbone = hvlm::makeBackbone({});
  QCOMPARE(backbone->width(), int64_t{1280});
  const at::Tensor bytes = tensorOf(get("pixels")).to(at::kByte).unsqueeze(1).contiguous();
  QVERIFY(errorOf(backbone->forward(bytes), tensorOf(get("lite_features"))) < kTolerance);
  for (const auto& [name, array] : arrays) QVERIFY2(used.contains(name), ("unknown field " + name).c_str());
}

QTEST_GUILESS_MAIN(TestBackboneGolden)
#include "tst_backbone_golden.moc"
