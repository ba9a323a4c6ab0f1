// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>

#include <QtTest>

#include "core/engine/language/tiny_decoder.h"
#include "engine/language/decoder_files.h"
#include "engine/language/decoding.h"
#include "support/error.h"
#include "support/temporary_folder.h"

namespace {

using hvlm::LoraOptions;
using hvlm::testing::Adam;
using hvlm::testing::gradientError;
using hvlm::testing::messageOf;
using hvlm::testing::randomSteps;
using hvlm::testing::relativeDifference;
using hvlm::testing::Tiny;
using hvlm::testing::tinyShape;
using hvlm::testing::whole;

at::Tensor sentence() { return whole({1, 7, 3, 7, 9, 11, 2}).view({1, 7}); }

at::Tensor sentenceLoss(const hvlm::Decoder& decoder, const hvlm::ForwardOptions& forward = {}) {
  const at::Tensor hidden = decoder.forward(decoder.embed(sentence().slice(1, 0, 6)), {}, nullptr, forward);
  return at::cross_entropy_loss(decoder.logits(hidden)[0], sentence()[0].slice(0, 1));
}

// A frozen head bounds how sure a decoder can be (the last norm fixes the length of its rows): one of longer rows can be surer.
void lengthenHead(const Tiny& model) {
  const at::NoGradGuard no_grad;
  at::Tensor(*model.set.find("language.lm_head.weight")).mul_(4.0);
}

void adapt(Tiny& model, const LoraOptions& options) {
  at::Generator generator = hvlm::makeGenerator(9);
  model.decoder.addLora(model.set, options, generator);
}

void scatterAdapters(const hvlm::ParameterSet& set) {
  at::Generator generator = hvlm::makeGenerator(10);
  const at::NoGradGuard no_grad;
  for (const at::Tensor& leaf : hvlm::trainable(set)) {
    leaf.copy_(hvlm::normalInit(leaf.sizes(), 0.2, generator, leaf.options().requires_grad(false)));
  }
}

}  // namespace

class TestEngineLanguageDecoderLora : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void newAdaptersChangeNothing();
  void onlyAdaptersLearn();
  void gradientsAgreeWithDifferences();
  void mergedDecoderComputesTheSame();
  void dropoutNeedsAGeneratorAndDraws();
  void unknownTargetsAreRefused();
  void projectorAloneLearnsThroughAFrozenDecoder();
};

void TestEngineLanguageDecoderLora::newAdaptersChangeNothing() {
  Tiny model(tinyShape());
  const at::Tensor x = randomSteps(2, 6, 16, 2);
  const at::Tensor before = model.decoder.forward(x);
  const int64_t base = model.set.size();
  LoraOptions options;
  options.targets = {"q_proj", "v_proj", "down_proj"};
  adapt(model, options);
  QVERIFY(at::equal(model.decoder.forward(x), before));
  QCOMPARE(model.set.size(), base + 2 * 2 * 3);  // A and B in two layers
  QVERIFY(model.set.find("language.model.layers.1.self_attn.v_proj.lora_A.weight"));
  QVERIFY(model.set.find("language.model.layers.0.mlp.down_proj.lora_B.weight"));
  QVERIFY(!model.set.find("language.model.layers.0.self_attn.k_proj.lora_A.weight"));
}

void TestEngineLanguageDecoderLora::onlyAdaptersLearn() {
  Tiny model(tinyShape());
  lengthenHead(model);
  LoraOptions options;
  options.targets = {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"};
  adapt(model, options);
  const std::vector<at::Tensor> leaves = hvlm::trainable(model.set);
  QCOMPARE(leaves.size(), size_t{2 * 2 * 7});
  Adam optimiser(leaves, 0.02);
  double first = 0.0, last = 0.0;
  for (int step = 0; step < 160; ++step) {
    last = optimiser.step(sentenceLoss(model.decoder));
    if (step == 0) first = last;
  }
  QVERIFY2(last * 10.0 < first, qPrintable(QStringLiteral("from %1 to %2").arg(first).arg(last)));
  const Tiny untouched(tinyShape());
  lengthenHead(untouched);
  for (const hvlm::Parameter& p : untouched.set.all()) QVERIFY2(at::equal(p.value, *model.set.find(p.name)), p.name.c_str());
}

void TestEngineLanguageDecoderLora::gradientsAgreeWithDifferences() {
  Tiny model(tinyShape(), at::kDouble);
  LoraOptions options;
  options.rank = 2;
  adapt(model, options);
  scatterAdapters(model.set);
  int checked = 0;
  for (const hvlm::Parameter& p : model.set.all()) {
    if (!p.value.requires_grad()) continue;
    const double error = gradientError([&] { return sentenceLoss(model.decoder); }, p.value, 2);
    QVERIFY2(error <= 1e-6, qPrintable(QStringLiteral("%1: %2").arg(QString::fromStdString(p.name)).arg(error)));
    ++checked;
  }
  QCOMPARE(checked, 2 * 2 * 4);
}

void TestEngineLanguageDecoderLora::mergedDecoderComputesTheSame() {
  Tiny model(tinyShape(), at::kDouble);
  LoraOptions options;
  options.targets.push_back("up_proj");
  const at::Tensor x = randomSteps(1, 6, 16, 2, at::kDouble);
  const at::Tensor before = model.decoder.forward(x);
  adapt(model, options);
  scatterAdapters(model.set);
  const at::Tensor adapted = model.decoder.forward(x);
  QVERIFY(relativeDifference(adapted, before) > 0.01);
  const hvlm::TemporaryFolder folder;
  hvlm::writeDecoder(model.decoder, folder.path());
  hvlm::ParameterSet set;
  const hvlm::Decoder merged = hvlm::loadDecoder(set, "", folder.path(), at::kDouble).decoder;
  QVERIFY(relativeDifference(merged.forward(x), adapted) <= 1e-12);
}

void TestEngineLanguageDecoderLora::dropoutNeedsAGeneratorAndDraws() {
  Tiny model(tinyShape());
  LoraOptions options;
  options.dropout = 0.5;
  adapt(model, options);
  scatterAdapters(model.set);
  const auto lossOf = [&](uint64_t seed) { return sentenceLoss(model.decoder, {true, hvlm::makeGenerator(seed)}).item<double>(); };
  QCOMPARE(lossOf(1), lossOf(1));
  QVERIFY(lossOf(1) != lossOf(2));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, sentenceLoss(model.decoder, {true, {}}));
}

void TestEngineLanguageDecoderLora::unknownTargetsAreRefused() {
  Tiny model(tinyShape());
  const int64_t base = model.set.size();
  LoraOptions unknown, none;
  unknown.targets = {"q_proj", "w_proj"};
  none.targets.clear();
  QVERIFY(messageOf([&] { adapt(model, unknown); }).find("w_proj") != std::string::npos);
  QVERIFY(messageOf([&] { adapt(model, none); }).find("lora.targets") != std::string::npos);
  QCOMPARE(model.set.size(), base);
  QCOMPARE(hvlm::trainable(model.set).size(), static_cast<size_t>(base));
}

// The first stage of LLaVA: visual vectors pass a trained projector into a frozen decoder, whose answer is the loss.
void TestEngineLanguageDecoderLora::projectorAloneLearnsThroughAFrozenDecoder() {
  Tiny model(tinyShape());
  lengthenHead(model);
  at::Generator generator = hvlm::makeGenerator(1);
  const hvlm::Linear projector = hvlm::Linear::create(model.set, "projector", 10, 16, generator, at::kFloat);
  const at::Tensor visual = randomSteps(1, 4, 10, 3);
  const std::vector<int64_t> answer = {5, 12, 8};
  const auto prefix = [&] { return projector(visual); };
  const auto loss = [&] {
    const at::Tensor words = model.decoder.embed(at::tensor(answer, at::kLong).view({1, 3}));
    const at::Tensor hidden = model.decoder.forward(at::cat({prefix(), words.slice(1, 0, 2)}, 1));
    return at::cross_entropy_loss(model.decoder.logits(hidden)[0].slice(0, 3), at::tensor(answer, at::kLong));
  };
  const int64_t base = model.set.size() - 2;
  loss().backward();
  QVERIFY(model.set.find("language.model.norm.weight")->grad().defined());
  QCOMPARE(hvlm::freeze(model.set, "language."), base);
  QVERIFY(!model.set.find("language.model.norm.weight")->grad().defined());  // a stale gradient would move it once more
  QCOMPARE(hvlm::trainable(model.set).size(), size_t{2});
  Adam optimiser(hvlm::trainable(model.set), 0.03);
  double first = 0.0, last = 0.0;
  for (int step = 0; step < 400; ++step) {
    last = optimiser.step(loss());
    if (step == 0) first = last;
  }
  QVERIFY2(last * 10.0 < first, qPrintable(QStringLiteral("from %1 to %2").arg(first).arg(last)));
  hvlm::GenerationOptions options;
  options.max_tokens = 3;
  QCOMPARE(hvlm::generate(model.decoder, prefix().detach(), options).ids, answer);
  for (const hvlm::Parameter& p : model.set.all()) QCOMPARE(p.value.requires_grad(), p.name.starts_with("projector"));
  QCOMPARE(hvlm::freeze(model.set, "language.", false), base);
  QCOMPARE(hvlm::trainable(model.set).size(), static_cast<size_t>(base + 2));
}

QTEST_GUILESS_MAIN(TestEngineLanguageDecoderLora)
#include "tst_engine_language_decoder_lora.moc"
