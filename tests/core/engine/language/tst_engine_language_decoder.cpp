// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <QtTest>
#include <cmath>

#include "core/engine/language/tiny_decoder.h"
#include "engine/language/decoder.h"
#include "support/error.h"

namespace {

using hvlm::Decoder;
using hvlm::testing::randomSteps;
using hvlm::testing::relativeDifference;
using hvlm::testing::Tiny;
using hvlm::testing::tinyShape;
using hvlm::testing::whole;

}  // namespace

class TestEngineLanguageDecoder : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void stepByStepEqualsTheWholePass();
  void laterStepsChangeNothingBefore();
  void paddedRowsScoreAsTheyDoAlone();
  void paddedPromptsContinueAsTheyDoAlone();
  void cacheFollowsItsBeams();
  void gradientsAgreeWithDifferences();
  void learnsASequence();
  void refusesWhatDoesNotFit();
};

void TestEngineLanguageDecoder::stepByStepEqualsTheWholePass() {
  for (const int64_t kv_heads : {1, 2, 4}) {
    hvlm::DecoderShape shape = tinyShape();
    shape.kv_heads = kv_heads;
    const Tiny model(shape);
    const at::Tensor x = randomSteps(2, 11, shape.width, 5);
    const at::Tensor expected = model.decoder.forward(x);
    hvlm::KvCache cache{.chunk = 4};
    std::vector<at::Tensor> parts;
    for (const auto& [begin, end] : std::vector<std::pair<int64_t, int64_t>>{{0, 3}, {3, 4}, {4, 5}, {5, 9}, {9, 10}, {10, 11}}) {
      parts.push_back(model.decoder.forward(x.slice(1, begin, end), {}, &cache));
    }
    QVERIFY(relativeDifference(at::cat(parts, 1), expected) <= 1e-5);
    QCOMPARE(cache.used, int64_t{11});
    QCOMPARE(cache.capacity(), int64_t{12});
    QVERIFY(!parts.front().requires_grad() && expected.requires_grad());
  }
}

void TestEngineLanguageDecoder::laterStepsChangeNothingBefore() {
  const Tiny model(tinyShape());
  const at::Tensor x = randomSteps(1, 9, 16, 6);
  const at::Tensor other = at::cat({x.slice(1, 0, 5), randomSteps(1, 4, 16, 7)}, 1);
  const at::Tensor a = model.decoder.forward(x), b = model.decoder.forward(other);
  QVERIFY(relativeDifference(a.slice(1, 0, 5), b.slice(1, 0, 5)) <= 1e-6);
  QVERIFY(relativeDifference(a.slice(1, 5), b.slice(1, 5)) > 0.01);
}

void TestEngineLanguageDecoder::paddedRowsScoreAsTheyDoAlone() {
  const Tiny model(tinyShape());
  const at::Tensor x = randomSteps(3, 8, 16, 8);
  const std::vector<int64_t> lengths = {8, 3, 5};
  const at::Tensor together = model.decoder.forward(x, at::tensor(lengths, at::kLong));
  QVERIFY(together.isfinite().all().item<bool>());
  for (int64_t b = 0; b < 3; ++b) {
    const int64_t length = lengths[static_cast<size_t>(b)];
    const at::Tensor alone = model.decoder.forward(x.slice(0, b, b + 1).slice(1, 0, length));
    QVERIFY(relativeDifference(together.slice(0, b, b + 1).slice(1, 0, length), alone) <= 1e-5);
  }
}

void TestEngineLanguageDecoder::paddedPromptsContinueAsTheyDoAlone() {
  const Tiny model(tinyShape());
  const at::Tensor prompt = randomSteps(3, 6, 16, 9), next = randomSteps(3, 2, 16, 10), last = randomSteps(3, 1, 16, 11);
  const std::vector<int64_t> lengths = {2, 6, 0}, added = {2, 1, 2};
  hvlm::KvCache cache{.chunk = 3};
  model.decoder.forward(prompt, at::tensor(lengths, at::kLong), &cache);
  const at::Tensor second = model.decoder.forward(next, at::tensor(added, at::kLong), &cache);
  const at::Tensor third = model.decoder.forward(last, {}, &cache);
  QVERIFY(at::equal(cache.positions, whole({5, 8, 3})));
  for (int64_t b = 0; b < 3; ++b) {
    const int64_t length = lengths[static_cast<size_t>(b)], more = added[static_cast<size_t>(b)];
    const auto row = [b](const at::Tensor& x) { return x.slice(0, b, b + 1); };
    const at::Tensor joined = at::cat({row(prompt).slice(1, 0, length), row(next).slice(1, 0, more), row(last)}, 1);
    const at::Tensor alone = model.decoder.forward(joined);
    QVERIFY(relativeDifference(row(second).slice(1, 0, more), alone.slice(1, length, length + more)) <= 1e-5);
    QVERIFY(relativeDifference(row(third), alone.slice(1, length + more)) <= 1e-5);
  }
}

void TestEngineLanguageDecoder::cacheFollowsItsBeams() {
  const Tiny model(tinyShape());
  const at::Tensor prompt = randomSteps(2, 4, 16, 12), next = randomSteps(3, 1, 16, 13);
  hvlm::KvCache cache;
  model.decoder.forward(prompt, whole({4, 2}), &cache);
  const at::Tensor order = whole({1, 0, 1});
  cache.reorder(order);
  const at::Tensor out = model.decoder.forward(next, {}, &cache);
  for (int64_t b = 0; b < 3; ++b) {
    const int64_t from = b == 1 ? 0 : 1;
    const at::Tensor alone = model.decoder.forward(at::cat({prompt[from].slice(0, 0, from == 0 ? 4 : 2), next[b]}, 0).unsqueeze(0));
    QVERIFY(relativeDifference(out[b], alone[0].slice(0, -1)) <= 1e-5);
  }
}

void TestEngineLanguageDecoder::gradientsAgreeWithDifferences() {
  hvlm::DecoderShape shape = tinyShape();
  shape.tied = true;
  shape.attention_bias = true;
  const Tiny model(shape, at::kDouble);
  const at::Tensor ids = whole({1, 5, 2, 9}).view({1, 4});
  const auto loss = [&] {
    const at::Tensor logits = model.decoder.logits(model.decoder.forward(model.decoder.embed(ids)));
    return at::cross_entropy_loss(logits.flatten(0, 1), whole({5, 2, 9, 4}));
  };
  for (const hvlm::Parameter& p : model.set.all()) {
    const double error = hvlm::testing::gradientError(loss, p.value, 3);
    QVERIFY2(error <= 1e-6, qPrintable(QStringLiteral("%1: %2").arg(QString::fromStdString(p.name)).arg(error)));
  }
}

void TestEngineLanguageDecoder::learnsASequence() {
  hvlm::ParameterSet set;
  at::Generator generator = hvlm::makeGenerator(4);
  const Decoder decoder(set, "", tinyShape(), generator, at::kFloat);
  const at::Tensor ids = whole({1, 7, 3, 7, 9, 11, 2}).view({1, 7});
  hvlm::testing::Adam optimiser(set.tensors(), 0.01);
  double first = 0.0, last = 0.0;
  for (int step = 1; step <= 60; ++step) {
    const at::Tensor logits = decoder.logits(decoder.forward(decoder.embed(ids.slice(1, 0, 6))));
    last = optimiser.step(at::cross_entropy_loss(logits[0], ids[0].slice(0, 1)));
    if (step == 1) first = last;
  }
  QVERIFY(std::abs(first - std::log(23.0)) < 0.1);  // a new decoder knows nothing
  QVERIFY2(last < 0.05 * first, qPrintable(QString::number(last)));
  QCOMPARE(hvlm::testing::likeliest(decoder, whole({1}), 6), (std::vector<int64_t>{7, 3, 7, 9, 11, 2}));
}

void TestEngineLanguageDecoder::refusesWhatDoesNotFit() {
  hvlm::DecoderShape shape = tinyShape();
  shape.max_positions = 6;
  const Tiny model(shape);
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, model.decoder.forward(randomSteps(1, 2, 15, 1)));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, model.decoder.forward(randomSteps(2, 2, 16, 1), whole({1})));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, model.decoder.forward(randomSteps(1, 2, 16, 1), whole({3})));
  QVERIFY_THROWS_EXCEPTION(hvlm::InputError, model.decoder.embed(whole({23})));
  QVERIFY_THROWS_EXCEPTION(hvlm::InputError, model.decoder.embed(whole({-1})));
  hvlm::KvCache cache;
  model.decoder.forward(randomSteps(1, 5, 16, 1), {}, &cache);
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, model.decoder.forward(randomSteps(2, 1, 16, 1), {}, &cache));
  model.decoder.forward(randomSteps(1, 1, 16, 1), {}, &cache);
  QVERIFY_THROWS_EXCEPTION(hvlm::InputError, model.decoder.forward(randomSteps(1, 1, 16, 1), {}, &cache));
}

QTEST_GUILESS_MAIN(TestEngineLanguageDecoder)
#include "tst_engine_language_decoder.moc"
