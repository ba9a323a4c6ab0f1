// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>

#include <QtTest>
#include <cmath>

#include "core/engine/language/adapter_subjects.h"
#include "core/engine/language/tiny_decoder.h"
#include "engine/model/adapters/bottleneck.h"
#include "engine/model/adapters/lora.h"
#include "engine/model/adapters/prefix.h"
#include "support/error.h"

namespace {

using hvlm::LoraOptions;
using hvlm::testing::Adam;
using hvlm::testing::gradientError;
using hvlm::testing::makeSubject;
using hvlm::testing::messageOf;
using hvlm::testing::randomSteps;
using hvlm::testing::relativeDifference;

hvlm::PrefixAttention smallPrefix(hvlm::ParameterSet& set) {
  at::Generator generator = hvlm::makeGenerator(1);
  return {set, "adapter", 1, 2, 1, 3, 2, generator, at::kDouble};
}

}  // namespace

class TestEngineLanguageAdapters : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void newAdapterChangesNothing_data() { kinds(); }
  void newAdapterChangesNothing();
  void gradientsReachOnlyTheAdapter_data() { kinds(); }
  void gradientsReachOnlyTheAdapter();
  void gradientsAgreeWithDifferences_data() { kinds(); }
  void gradientsAgreeWithDifferences();
  void adapterLearns_data() { kinds(); }
  void adapterLearns();
  void loraIsItsFormula();
  void loraBeginsAsAsked();
  void loraDropsOnlyWhileTraining();
  void prefixIsItsFormula();
  void bottleneckIsItsFormula();
  void wrongOptionsAreRefused();

 private:
  static void kinds() {
    QTest::addColumn<QString>("kind");
    for (const char* kind : {"lora", "bottleneck", "prefix"}) QTest::newRow(kind) << QString::fromUtf8(kind);
  }
};

void TestEngineLanguageAdapters::newAdapterChangesNothing() {
  QFETCH(QString, kind);
  const auto subject = makeSubject(kind.toStdString());
  QVERIFY(at::equal(subject->adapted(subject->input), subject->frozen(subject->input)));
  subject->scatter();
  QVERIFY(relativeDifference(subject->adapted(subject->input), subject->frozen(subject->input)) > 0.01);
}

void TestEngineLanguageAdapters::gradientsReachOnlyTheAdapter() {
  QFETCH(QString, kind);
  const auto subject = makeSubject(kind.toStdString());
  subject->scatter();
  subject->adapted(subject->input).pow(2).sum().backward();
  const size_t unused = kind == "prefix" ? 3 : 0;  // the other layer's
  size_t reached = 0;
  for (const hvlm::Parameter& p : subject->adapters()) {
    const at::Tensor gradient = p.value.grad();
    reached += gradient.defined() && gradient.abs().sum().item<double>() > 0.0;
  }
  QCOMPARE(reached + unused, subject->adapters().size());
  for (const char* name : {"base.weight", "base.bias"}) QVERIFY(!subject->set.find(name)->grad().defined());
  QCOMPARE(hvlm::trainable(subject->set).size(), subject->adapters().size());
}

void TestEngineLanguageAdapters::gradientsAgreeWithDifferences() {
  QFETCH(QString, kind);
  const auto subject = makeSubject(kind.toStdString());
  subject->scatter();
  subject->input.requires_grad_(true);
  const auto loss = [&] { return subject->adapted(subject->input).sin().sum(); };
  int checked = 0;
  for (const hvlm::Parameter& p : subject->adapters()) {
    if (kind == "prefix" && p.name.starts_with("adapter.0")) continue;
    const double error = gradientError(loss, p.value, 1000);
    QVERIFY2(error <= 1e-6, qPrintable(QStringLiteral("%1: %2").arg(QString::fromStdString(p.name)).arg(error)));
    ++checked;
  }
  QVERIFY(checked >= 2);
  QVERIFY(gradientError(loss, subject->input, 1000) <= 1e-6);
}

void TestEngineLanguageAdapters::adapterLearns() {
  QFETCH(QString, kind);
  const auto teacher = makeSubject(kind.toStdString());
  teacher->scatter();
  const at::Tensor target = teacher->adapted(teacher->input).detach();
  const auto subject = makeSubject(kind.toStdString());
  Adam optimiser(hvlm::trainable(subject->set), 0.03);
  double first = 0.0, last = 0.0;
  for (int step = 0; step < 400; ++step) {
    last = optimiser.step((subject->adapted(subject->input) - target).pow(2).mean());
    if (step == 0) first = last;
  }
  QVERIFY2(last * 10.0 < first, qPrintable(QStringLiteral("from %1 to %2").arg(first).arg(last)));
  QVERIFY(at::equal(subject->frozen(subject->input), teacher->frozen(subject->input)));
}

void TestEngineLanguageAdapters::loraIsItsFormula() {
  hvlm::ParameterSet set;
  at::Generator generator = hvlm::makeGenerator(1);
  const hvlm::Linear base{at::tensor({1.0, 2.0, 3.0, 4.0}, at::kDouble).view({2, 2}), at::tensor({10.0, 20.0}, at::kDouble)};
  LoraOptions options;
  options.rank = 1;
  options.alpha = 3.0;
  const auto layer = hvlm::LoraLinear::create(set, "q_proj", base, options, generator);
  QCOMPARE(set.names(), (std::vector<std::string>{"q_proj.lora_A.weight", "q_proj.lora_B.weight"}));
  const at::NoGradGuard no_grad;
  layer.a.copy_(at::tensor({1.0, -1.0}, at::kDouble).view({1, 2}));
  layer.b.copy_(at::tensor({2.0, 0.5}, at::kDouble).view({2, 1}));
  // x = (1, 3): base (17, 35); A x = -2; 3 B A x = (-12, -3).
  QVERIFY(at::equal(layer(at::tensor({1.0, 3.0}, at::kDouble)), at::tensor({5.0, 32.0}, at::kDouble)));
  QVERIFY(at::equal(layer.merged(), at::tensor({7.0, -4.0, 4.5, 2.5}, at::kDouble).view({2, 2})));
}

void TestEngineLanguageAdapters::loraBeginsAsAsked() {
  hvlm::ParameterSet set;
  at::Generator generator = hvlm::makeGenerator(1);
  const hvlm::Linear base = hvlm::Linear::create(set, "base", 400, 16, generator, at::kFloat);
  LoraOptions options;
  const at::Tensor uniform = hvlm::LoraLinear::create(set, "u", base, options, generator).a;
  QVERIFY(uniform.abs().max().item<double>() <= 0.05 && uniform.abs().max().item<double>() > 0.049);  // 1 / sqrt(400)
  QVERIFY(std::abs(uniform.std().item<double>() - 0.05 / std::sqrt(3.0)) < 0.001);
  options.init = "gaussian";
  QVERIFY(std::abs(hvlm::LoraLinear::create(set, "g", base, options, generator).a.std().item<double>() - 1.0 / 8.0) < 0.005);
}

void TestEngineLanguageAdapters::loraDropsOnlyWhileTraining() {
  hvlm::ParameterSet set;
  at::Generator generator = hvlm::makeGenerator(1);
  const hvlm::Linear base = hvlm::Linear::create(set, "base", 4, 4, generator, at::kDouble);
  LoraOptions options;
  options.dropout = 0.5;
  const auto layer = hvlm::LoraLinear::create(set, "base", base, options, generator);
  const at::NoGradGuard no_grad;
  layer.b.fill_(0.3);
  const at::Tensor x = randomSteps(1, 4000, 4, 2, at::kDouble).abs();
  const at::Tensor plain = layer(x), dropped = layer(x, {true, hvlm::makeGenerator(3)});
  QVERIFY(at::allclose(plain, at::linear(x, layer.merged(), base.bias), 1e-12, 1e-12));
  QVERIFY(!at::allclose(plain, dropped));
  const at::Tensor shift = (plain - dropped).sum(1).abs().max() / (plain - base(x)).abs().sum(1).max();
  QVERIFY(shift.item<double>() < 0.1);  // only what passes A is dropped, and its mean is kept
}

void TestEngineLanguageAdapters::prefixIsItsFormula() {
  hvlm::ParameterSet set;
  const hvlm::PrefixAttention prefix = smallPrefix(set);
  const at::NoGradGuard no_grad;
  at::Tensor(*set.find("adapter.0.gate")).copy_(at::tensor({0.4, -1.2}, at::kDouble));
  const at::Tensor key = (*set.find("adapter.0.key"))[0], value = (*set.find("adapter.0.value"))[0];
  const at::Tensor query = randomSteps(2, 4, 2, 9, at::kDouble).unsqueeze(0);  // one row, two heads, four steps
  const at::Tensor out = prefix(at::ones_like(query), query, 0);
  for (int64_t head = 0; head < 2; ++head) {
    const double gate = std::tanh(head == 0 ? 0.4 : -1.2);
    for (int64_t t = 0; t < 4; ++t) {
      const at::Tensor weights = (at::mv(key, query[0][head][t]) / std::sqrt(2.0)).exp();
      const at::Tensor expected = 1.0 + gate * at::mv(value.t(), weights / weights.sum());
      QVERIFY(at::allclose(out[0][head][t], expected, 1e-12, 1e-12));
    }
  }
}

void TestEngineLanguageAdapters::bottleneckIsItsFormula() {
  hvlm::ParameterSet set;
  at::Generator generator = hvlm::makeGenerator(1);
  const auto part = hvlm::Bottleneck::create(set, "adapter", 1, 2, "relu", generator, at::kDouble);
  QCOMPARE(set.names(), (std::vector<std::string>{"adapter.down.weight", "adapter.down.bias", "adapter.up.weight", "adapter.up.bias"}));
  const at::NoGradGuard no_grad;
  part.down.weight.copy_(at::tensor({1.0, -1.0}, at::kDouble).view({2, 1}));
  part.up.weight.copy_(at::tensor({3.0, 5.0}, at::kDouble).view({1, 2}));
  part.up.bias.fill_(0.5);
  const at::Tensor x = at::tensor({2.0, -2.0}, at::kDouble).view({2, 1});
  QVERIFY(at::equal(part(x), at::tensor({8.5, 8.5}, at::kDouble).view({2, 1})));  // 2 + 6 + 0.5 and -2 + 10 + 0.5
}

void TestEngineLanguageAdapters::wrongOptionsAreRefused() {
  hvlm::ParameterSet set;
  at::Generator generator = hvlm::makeGenerator(1);
  const hvlm::Linear base = hvlm::Linear::create(set, "base", 4, 4, generator, at::kDouble);
  LoraOptions rank, share, init;
  rank.rank = 0;
  share.dropout = 1.0;
  init.init = "zeros";
  for (const auto& [options, named] : {std::pair(rank, "rank"), std::pair(share, "dropout"), std::pair(init, "init")}) {
    const std::string message = messageOf([&, &o = options] { hvlm::LoraLinear::create(set, "base", base, o, generator); });
    QVERIFY2(message.find(named) != std::string::npos, named);
  }
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::Bottleneck::create(set, "adapter", 4, 2, "sine", generator, at::kDouble));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::PrefixAttention(set, "adapter", 1, 3, 2, 1, 1, generator, at::kDouble));
  QCOMPARE(set.size(), int64_t{2});  // nothing was added on the way
  const hvlm::PrefixAttention prefix = smallPrefix(set);
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, prefix(at::zeros({1, 2, 3, 2}), at::zeros({1, 2, 3, 4}), 0));
}

QTEST_GUILESS_MAIN(TestEngineLanguageAdapters)
#include "tst_engine_language_adapters.moc"
