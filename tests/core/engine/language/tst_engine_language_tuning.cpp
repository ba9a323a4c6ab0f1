// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <QtTest>
#include <cmath>
#include <utility>

#include "core/engine/language/tiny_decoder.h"
#include "core/engine/language/tuning_subjects.h"
#include "engine/model/adapters/lora.h"

namespace {

using namespace hvlm::testing;
using hvlm::TextTuning;
using hvlm::TextTuningOptions;
using Projection = hvlm::LayerTuning::Projection;
using Branch = hvlm::LayerTuning::Branch;

}  // namespace

class TestEngineLanguageTuning : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void newTuningChangesNothing_data() { kinds(); }
  void newTuningChangesNothing();
  void everyLayerIsTuned_data() { kinds(); }
  void everyLayerIsTuned();
  void parametersAreNamed_data();
  void parametersAreNamed();
  void loraIsAnotherWeight();
  void bottleneckFollowsBothBranches();
  void prefixIsAttendedTo();
  void paddingHasNoInfluence_data() { kinds(); }
  void paddingHasNoInfluence();
  void gradientsReachOnlyTheAdapter_data() { kinds(); }
  void gradientsReachOnlyTheAdapter();
  void tuningLearns_data() { kinds(); }
  void tuningLearns();
  void dropoutOnlyWhileTraining_data() { kinds(); }
  void dropoutOnlyWhileTraining();
  void shareIsTold();
  void wrongOptionsAreRefused();

 private:
  static void kinds() {
    QTest::addColumn<QString>("kind");
    for (const char* kind : {"lora", "bottleneck", "prefix"}) QTest::newRow(kind) << QString::fromUtf8(kind);
  }
};

void TestEngineLanguageTuning::newTuningChangesNothing() {
  QFETCH(QString, kind);
  const Texts texts;
  for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
    Tuned tuned(optionsOf(kind.toStdString(), 0.3), type);
    QVERIFY(at::equal(tuned.embed(texts), tuned.frozen(texts)));
    const auto with = tuned.encoder.states(texts.ids, texts.lengths, &tuned.tuning),
               without = tuned.encoder.states(texts.ids, texts.lengths);
    for (size_t l = 0; l < with.size(); ++l) QVERIFY(at::equal(with[l], without[l]));
    tuned.tuning.setForward({true, hvlm::makeGenerator(1)});
    QVERIFY(at::equal(tuned.embed(texts), tuned.frozen(texts)));
    tuned.scatter();
    QVERIFY(distance(tuned.embed(texts), tuned.frozen(texts)) > 0.01);
  }
}

void TestEngineLanguageTuning::everyLayerIsTuned() {
  QFETCH(QString, kind);
  const Texts texts;
  for (int64_t l = 0; l < kBertLayers; ++l) {
    Tuned tuned(optionsOf(kind.toStdString()));
    const std::string name = "tuning.layers." + std::to_string(l) + ".";
    const at::NoGradGuard no_grad;
    for (const hvlm::Parameter& p : tuned.set.all()) {
      if (p.name.starts_with(name)) at::Tensor(p.value).copy_(hvlm::normalInit(p.value.sizes(), 0.5, tuned.generator, at::kDouble));
    }
    const auto with = tuned.encoder.states(texts.ids, texts.lengths, &tuned.tuning),
               without = tuned.encoder.states(texts.ids, texts.lengths);
    for (int64_t i = 0; i <= kBertLayers; ++i)
      QCOMPARE(distance(with[static_cast<size_t>(i)], without[static_cast<size_t>(i)]) > 0.01, i > l);
  }
}

void TestEngineLanguageTuning::parametersAreNamed_data() {
  QTest::addColumn<QString>("names");  // of a layer
  QTest::addColumn<int>("numbers");    // of both layers
  QTest::newRow("lora") << "query.lora_A.weight query.lora_B.weight value.lora_A.weight value.lora_B.weight" << 2 * 4 * 3 * 24;
  QTest::newRow("bottleneck") << "attention.down.weight attention.down.bias attention.up.weight attention.up.bias "
                                 "feed_forward.down.weight feed_forward.down.bias feed_forward.up.weight feed_forward.up.bias"
                              << 2 * 2 * (2 * 5 * 24 + 5 + 24);
  QTest::newRow("prefix") << "key value gate" << 2 * (2 * 12 * 4 * 2 + 12);
}

void TestEngineLanguageTuning::parametersAreNamed() {
  QFETCH(QString, names);
  QFETCH(int, numbers);
  const Tuned tuned(optionsOf(QTest::currentDataTag()));
  std::vector<std::string> expected;
  for (int layer = 0; layer < 2; ++layer) {
    for (const QString& name : names.split(u' '))
      expected.push_back(QStringLiteral("tuning.layers.%1.%2").arg(layer).arg(name).toStdString());
  }
  QCOMPARE(tuned.set.names(), expected);
  QCOMPARE(tuned.set.count(), int64_t{numbers});
  QCOMPARE(tuned.tuning.trained(), int64_t{numbers});
  // Beside what the set holds already, and only its own are counted.
  hvlm::ParameterSet set;
  at::Generator generator = hvlm::makeGenerator(1);
  set.add("other", at::zeros({7}));
  QCOMPARE(TextTuning(set, tuned.tuning.options(), tuned.encoder, generator, at::kDouble).trained(), int64_t{numbers});
}

// The tuned encoder is the one whose query and value weights are W + alpha / rank B A.
void TestEngineLanguageTuning::loraIsAnotherWeight() {
  const Texts texts;
  const at::NoGradGuard no_grad;
  const Tuned tuned = std::move(Tuned(optionsOf("lora")).scatter());
  hvlm::TensorMap merged = tinyBert(1);
  for (int64_t l = 0; l < kBertLayers; ++l) {
    for (const std::string part : {"query", "value"}) {
      hvlm::PlainTensor& weight = merged.at("encoder.layer." + std::to_string(l) + ".attention.self." + part + ".weight");
      const std::string name = std::to_string(l) + "." + part;
      const at::Tensor change = 2.0 * tuned.leaf(name + ".lora_B.weight").matmul(tuned.leaf(name + ".lora_A.weight"));
      weight = hvlm::toPlain(hvlm::fromPlain(weight, "").to(at::kDouble) + change);
    }
  }
  const hvlm::TextEncoder encoder(merged, "merged", kBertHeads, at::kDouble);
  QVERIFY(distance(tuned.embed(texts), encoder.embed(texts.ids, texts.lengths)) < 1e-12);
  QVERIFY(distance(tuned.embed(texts), tuned.frozen(texts)) > 0.01);
  const at::Tensor x = randomSteps(2, 3, kBertWidth, 1, at::kDouble), y = randomSteps(2, 3, kBertWidth, 2, at::kDouble);
  for (const Projection which : {Projection::kKey, Projection::kOutput}) QVERIFY(at::equal(tuned.tuning.projected(0, which, x, y), y));
  QVERIFY(at::equal(tuned.tuning.branch(0, Branch::kAttention, y), y));
}

void TestEngineLanguageTuning::bottleneckFollowsBothBranches() {
  const at::NoGradGuard no_grad;
  const Tuned tuned = std::move(Tuned(optionsOf("bottleneck")).scatter());
  const at::Tensor y = randomSteps(2, 3, kBertWidth, 2, at::kDouble);
  for (const auto& [which, part] : {std::pair(Branch::kAttention, "1.attention"), std::pair(Branch::kFeedForward, "1.feed_forward")}) {
    const auto leaf = [&](const char* name) { return tuned.leaf(std::string(part) + name); };
    const at::Tensor inner = at::gelu(at::linear(y, leaf(".down.weight"), leaf(".down.bias")));
    QVERIFY(distance(tuned.tuning.branch(1, which, y), y + at::linear(inner, leaf(".up.weight"), leaf(".up.bias"))) < 1e-12);
  }
  QVERIFY(at::equal(tuned.tuning.projected(0, Projection::kQuery, y, y), y));
}

void TestEngineLanguageTuning::prefixIsAttendedTo() {
  const at::NoGradGuard no_grad;
  const Tuned tuned = std::move(Tuned(optionsOf("prefix")).scatter());
  const at::Tensor query = randomSteps(2 * kBertHeads, 3, 2, 1, at::kDouble).view({2, kBertHeads, 3, 2}), context = at::ones_like(query);
  const at::Tensor weights = (query.matmul(tuned.leaf("1.key").transpose(1, 2)) / std::sqrt(2.0)).softmax(-1);
  const at::Tensor expected = context + tuned.leaf("1.gate").tanh().view({kBertHeads, 1, 1}) * weights.matmul(tuned.leaf("1.value"));
  QVERIFY(distance(tuned.tuning.attended(1, query, context), expected) < 1e-12);
}

void TestEngineLanguageTuning::paddingHasNoInfluence() {
  QFETCH(QString, kind);
  const Texts texts;
  Tuned tuned(optionsOf(kind.toStdString()));
  const at::Tensor all = tuned.scatter().embed(texts);
  for (int64_t b = 0; b < 8; ++b) {
    const int64_t length = texts.lengths[static_cast<size_t>(b)];
    QVERIFY(distance(tuned.encoder.embed(texts.ids[b].slice(0, 0, length).unsqueeze(0), {length}, &tuned.tuning)[0], all[b]) < 1e-12);
  }
}

void TestEngineLanguageTuning::gradientsReachOnlyTheAdapter() {
  QFETCH(QString, kind);
  const Texts texts;
  Tuned tuned(optionsOf(kind.toStdString()));
  QVERIFY(!tuned.frozen(texts).requires_grad());  // the encoder has no leaf
  tuned.scatter();
  const auto loss = [&] { return (tuned.embed(texts) * randomSteps(1, 8, kBertWidth, 3, at::kDouble)[0]).sum(); };
  loss().backward();
  for (const hvlm::Parameter& p : tuned.set.all()) {
    QVERIFY2(p.value.grad().defined() && p.value.grad().abs().sum().item<double>() > 1e-9, p.name.c_str());
    const double error = gradientError(loss, p.value, 3);
    QVERIFY2(error < 1e-6, qPrintable(QStringLiteral("%1: %2").arg(QString::fromStdString(p.name)).arg(error)));
  }
  QCOMPARE(hvlm::trainable(tuned.set).size(), tuned.set.all().size());
}

// The two texts of a pair shall find each other among all eight; random texts do not at first.
void TestEngineLanguageTuning::tuningLearns() {
  QFETCH(QString, kind);
  const Texts texts;
  Tuned tuned(optionsOf(kind.toStdString()), at::kFloat);
  const at::Tensor before = tuned.frozen(texts), partner = at::tensor({1, 0, 3, 2, 5, 4, 7, 6}, at::kLong);
  const auto scores = [&] { return (tuned.embed(texts).matmul(tuned.embed(texts).t()) / 0.1).fill_diagonal_(-100.0); };
  const auto found = [&] { return (scores().argmax(1) == partner).sum().item<int64_t>(); };
  QVERIFY(found() <= 4);
  Adam optimiser(hvlm::trainable(tuned.set), 0.02);
  double first = 0.0, last = 0.0;
  for (int step = 0; step < 150; ++step) {
    last = optimiser.step(at::cross_entropy_loss(scores(), partner));
    first = step == 0 ? last : first;
  }
  QVERIFY2(last * 5.0 < first && found() == 8, qPrintable(QStringLiteral("from %1 to %2, %3 found").arg(first).arg(last).arg(found())));
  QVERIFY(at::equal(tuned.frozen(texts), before));
  Tuned other(optionsOf(kind.toStdString()), at::kFloat);
  other.set.copyFrom(tuned.set);
  QVERIFY(at::equal(other.embed(texts), tuned.embed(texts)));  // as stored and read
}

void TestEngineLanguageTuning::dropoutOnlyWhileTraining() {
  QFETCH(QString, kind);
  const Texts texts;
  Tuned tuned(optionsOf(kind.toStdString(), 0.5));
  const at::Tensor kept = tuned.scatter().embed(texts);
  QVERIFY(at::equal(kept, Tuned(optionsOf(kind.toStdString())).scatter().embed(texts)));
  tuned.tuning.setForward({true, hvlm::makeGenerator(1)});
  const at::Tensor one = tuned.embed(texts);
  QVERIFY(distance(one, kept) > 1e-3 && distance(one, tuned.embed(texts)) > 1e-3);
  tuned.tuning.setForward({true, hvlm::makeGenerator(1)});
  QVERIFY(at::equal(tuned.embed(texts), one));
  tuned.tuning.setForward({});
  QVERIFY(at::equal(tuned.embed(texts), kept));
}

void TestEngineLanguageTuning::shareIsTold() {
  hvlm::TensorMap weights = tinyBert(1, 30);
  weights["embeddings.position_ids"] = hvlm::toPlain(at::arange(256, at::kLong));  // no weight
  const int64_t layer = 4 * (24 * 24 + 24) + 2 * (2 * 24) + (48 * 24 + 48) + (24 * 48 + 24);
  const int64_t frozen = (30 + 256 + 2) * 24 + 2 * 24 + 2 * layer;
  QCOMPARE(hvlm::numbersIn(weights), frozen);
  const Tuned tuned(optionsOf("lora"));
  QCOMPARE(tuned.tuning.trainedShare(576), 0.5);
  QCOMPARE(tuned.tuning.summary(frozen), std::string("text encoder with lora: 576 of 17280 numbers are trained (3.33 %)"));
}

void TestEngineLanguageTuning::wrongOptionsAreRefused() {
  const hvlm::TextEncoder encoder(tinyBert(1), "tiny", kBertHeads);
  hvlm::ParameterSet set;
  at::Generator generator = hvlm::makeGenerator(1);
  const std::vector<std::pair<std::string, TextTuningOptions>> wrong{{"kind", {.kind = "adapter"}}, {"rank", {.rank = 0}},
                                                                     {"alpha", {.alpha = 0.0}},     {"bottleneck", {.bottleneck = -1}},
                                                                     {"prefix", {.prefix = 0}},     {"dropout", {.dropout = 1.0}}};
  for (const auto& [named, options] : wrong) {
    const std::string message = messageOf([&, &o = options] { TextTuning(set, o, encoder, generator, at::kFloat); });
    QVERIFY2(message.find("text tuning") != std::string::npos && message.find(named) != std::string::npos, message.c_str());
  }
  QCOMPARE(set.size(), int64_t{0});
  const TextTuning tuning(set, {}, encoder, generator, at::kFloat);
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, TextTuning(set, {}, encoder, generator, at::kFloat));  // the names are taken
}

QTEST_GUILESS_MAIN(TestEngineLanguageTuning)
#include "tst_engine_language_tuning.moc"
