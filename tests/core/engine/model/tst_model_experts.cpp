// SPDX-License-Identifier: Apache-2.0
// Residual experts of domains before the video classifier: what each way of choosing computes, and how many numbers it has.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <QtTest>
#include <cmath>

#include "engine/model/experts.h"
#include "engine/model/model.h"
#include "support/error.h"

using namespace hvlm;

namespace {

constexpr int64_t kWidth = 12, kDomains = 3, kRows = 9;

HeadOptions optionsOf(const std::string& kind, double confidence = 0.7) {
  HeadOptions options;
  options.experts = kind;
  options.domains = kDomains;
  options.expert_width = 5;
  options.expert_confidence = confidence;
  return options;
}

// Experts with weights that do something; the same ones for every kind that has a router.
struct Made {
  ParameterSet set;
  DomainExperts experts;
  explicit Made(const HeadOptions& options, at::ScalarType type = at::kDouble) {
    at::Generator generator = makeGenerator(4);
    experts = DomainExperts(set, options, kWidth, generator, at::TensorOptions(type));
    at::Generator others = makeGenerator(7);
    const at::NoGradGuard no_grad;
    for (const Parameter& p : set.all()) at::Tensor(p.value).copy_(normalInit(p.value.sizes(), p.name.find("router") == std::string::npos ? 0.5 : 1.5, others, at::kDouble));
  }
  at::Tensor weight(const std::string& name) const { return *set.find("head." + name); }
  // What expert k adds, worked by hand.
  at::Tensor added(int64_t k, const at::Tensor& x) const {
    const std::string at_k = "experts." + std::to_string(k);
    const at::Tensor inner = at::gelu(at::matmul(x, weight(at_k + ".down.weight").t()) + weight(at_k + ".down.bias"));
    return at::matmul(inner, weight(at_k + ".up.weight").t()) + weight(at_k + ".up.bias");
  }
  at::Tensor logits(const at::Tensor& x) const { return at::matmul(x, weight("router.weight").t()) + weight("router.bias"); }
};

at::Tensor someRows() {
  at::Generator generator = makeGenerator(11);
  return normalInit({kRows, kWidth}, 1.0, generator, at::kDouble);
}
bool close(const at::Tensor& a, const at::Tensor& b) { return at::allclose(a, b, 1e-10, 1e-12); }

RunConfig configOf(const std::string& kind) {
  RunConfig config;
  config.encoder.dim = 16;
  config.encoder.layers = 1;
  config.encoder.heads = 2;
  config.head.width = 8;
  config.head.detect_levels = 3;
  config.head.experts = kind;
  config.head.domains = kDomains;
  config.head.expert_width = 6;
  return config;
}

}  // namespace

class TestModelExperts : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void softAddsAllByTheirLikelihood();
  void hardAddsTheLikeliestOfTheSameLogits();
  void confidenceIsHardWhereSureAndElseSoft();
  void untrainedOnesChangeNothing_data();
  void untrainedOnesChangeNothing();
  void oneExpertHasTheNumbersOfAll_data();
  void oneExpertHasTheNumbersOfAll();
  void theRouterLearnsThroughAHardChoice();
  void balanceIsOneWhenEvenAndTheirNumberWhenCollapsed();
  void theNumberOfDomainsMustBeKnown();
};

void TestModelExperts::softAddsAllByTheirLikelihood() {
  const Made made(optionsOf("soft"));
  const at::Tensor x = someRows();
  const DomainExperts::Output out = made.experts(x);
  QVERIFY(close(out.router, made.logits(x)));
  const at::Tensor likelihood = made.logits(x).softmax(1);
  at::Tensor expected = x;
  for (int64_t k = 0; k < kDomains; ++k) expected = expected + likelihood.slice(1, k, k + 1) * made.added(k, x);
  QVERIFY(close(out.vectors, expected));
}

void TestModelExperts::hardAddsTheLikeliestOfTheSameLogits() {
  const Made soft(optionsOf("soft")), hard(optionsOf("hard"));
  const at::Tensor x = someRows();
  const DomainExperts::Output out = hard.experts(x);
  QVERIFY(at::equal(out.router, soft.experts(x).router));
  const at::Tensor likelihood = out.router.softmax(1), which = out.router.argmax(1);
  QVERIFY(which.min().item<int64_t>() < which.max().item<int64_t>());  // the rows do not all choose the same one
  for (int64_t i = 0; i < kRows; ++i) {
    const int64_t k = which[i].item<int64_t>();
    QVERIFY(close(out.vectors[i], x[i] + likelihood[i][k] * hard.added(k, x)[i]));
  }
  // A tie goes to the first.
  const at::NoGradGuard no_grad;
  hard.weight("router.weight").zero_();
  hard.weight("router.bias").zero_();
  QVERIFY(close(hard.experts(x).vectors, x + hard.added(0, x) / static_cast<double>(kDomains)));
}

void TestModelExperts::confidenceIsHardWhereSureAndElseSoft() {
  const at::Tensor x = someRows();
  const at::Tensor soft = Made(optionsOf("soft")).experts(x).vectors, hard = Made(optionsOf("hard")).experts(x).vectors;
  const at::Tensor best = std::get<0>(Made(optionsOf("soft")).logits(x).softmax(1).max(1));
  const double between = best.median().item<double>();
  const at::Tensor out = Made(optionsOf("confidence", between)).experts(x).vectors;
  int64_t sure = 0;
  for (int64_t i = 0; i < kRows; ++i) {
    const bool is_sure = best[i].item<double>() >= between;
    sure += is_sure;
    QVERIFY(close(out[i], is_sure ? hard[i] : soft[i]));
    QVERIFY(!close(hard[i], soft[i]));
  }
  QVERIFY(sure > 0 && sure < kRows);
  QVERIFY(close(Made(optionsOf("confidence", 0.0)).experts(x).vectors, hard));
  QVERIFY(close(Made(optionsOf("confidence", 1.0)).experts(x).vectors, soft));
}

void TestModelExperts::untrainedOnesChangeNothing_data() {
  QTest::addColumn<QString>("kind");
  QTest::addColumn<QString>("vector");
  for (const char* kind : {"single", "hard", "soft", "confidence"}) {
    for (const char* vector : {"top", "mean", "attention"}) QTest::addRow("%s, %s", kind, vector) << kind << vector;
  }
}
void TestModelExperts::untrainedOnesChangeNothing() {
  QFETCH(QString, kind);
  QFETCH(QString, vector);
  RunConfig with = configOf(kind.toStdString()), without = configOf("none");
  with.head.video_vector = without.head.video_vector = vector.toStdString();
  HierarchicalModel plain(without, 6, 4, 1), model(with, 6, 4, 1);
  {
    const at::NoGradGuard no_grad;
    for (const Parameter& p : plain.parameters().all()) at::Tensor(*model.parameters().find(p.name)).copy_(p.value);
  }
  QVERIFY(model.parameters().size() > plain.parameters().size());
  at::Generator generator = makeGenerator(5);
  const Packed batch{normalInit({17, 6}, 1.0, generator, at::kFloat), {0, 7, 8, 17}, {}, {}};
  const ModelOutput expected = plain.forward(batch), out = model.forward(batch);
  QVERIFY(at::equal(out.video_logits, expected.video_logits));
  QVERIFY(at::equal(out.video_vector, expected.video_vector));
  QVERIFY(at::equal(out.class_logits, expected.class_logits));
  QVERIFY(!expected.router_logits.defined());
  QCOMPARE(out.router_logits.defined(), kind != "single");
  if (kind != "single") QVERIFY(out.router_logits.sizes() == at::IntArrayRef({3, kDomains}));
}

void TestModelExperts::oneExpertHasTheNumbersOfAll_data() {
  QTest::addColumn<int>("domains");
  QTest::addColumn<int>("inner");
  for (const auto& [domains, inner] : std::vector<std::pair<int, int>>{{1, 1}, {2, 1}, {3, 5}, {5, 32}, {20, 7}, {64, 32}}) {
    QTest::addRow("%d experts of width %d", domains, inner) << domains << inner;
  }
}
void TestModelExperts::oneExpertHasTheNumbersOfAll() {
  QFETCH(int, domains);
  QFETCH(int, inner);
  HeadOptions options = optionsOf("hard");
  options.domains = domains;
  options.expert_width = inner;
  const int64_t all = Made(options).set.count();
  options.experts = "single";
  const int64_t one = Made(options).set.count();
  QVERIFY2(std::abs(all - one) <= 2 * kWidth + 1, qPrintable(QStringLiteral("%1 and %2").arg(all).arg(one)));
}

void TestModelExperts::theRouterLearnsThroughAHardChoice() {
  const Made made(optionsOf("hard"));
  const at::Tensor x = someRows();
  const DomainExperts::Output out = made.experts(x);
  out.vectors.square().sum().backward();
  QVERIFY(made.weight("router.weight").grad().abs().max().item<double>() > 1e-6);
  // An expert that no row has chosen learns nothing.
  const at::Tensor which = out.router.argmax(1);
  for (int64_t k = 0; k < kDomains; ++k) {
    const at::Tensor gradient = made.weight("experts." + std::to_string(k) + ".down.weight").grad();
    const bool is_chosen = which.eq(k).any().item<bool>();
    QCOMPARE(gradient.defined() && gradient.abs().max().item<double>() > 0.0, is_chosen);
  }
}

void TestModelExperts::balanceIsOneWhenEvenAndTheirNumberWhenCollapsed() {
  const auto balance = [](const at::Tensor& logits) { return routerBalance(logits).item<double>(); };
  QVERIFY(std::abs(balance(at::zeros({6, 4}, at::kDouble)) - 1.0) < 1e-12);
  QVERIFY(std::abs(balance(at::eye(4, at::kDouble).repeat({3, 1}) * 50.0) - 1.0) < 1e-12);  // each has its share of the rows
  at::Tensor collapsed = at::zeros({6, 4}, at::kDouble);
  collapsed.slice(1, 2, 3).fill_(60.0);
  QVERIFY(std::abs(balance(collapsed) - 4.0) < 1e-12);
  // A case worked by hand: shares of rows 1/2 and 1/2, mean likelihoods (0.8 + 0.4) / 2 and (0.2 + 0.6) / 2.
  const at::Tensor logits = at::tensor({0.8, 0.2, 0.4, 0.6}, at::kDouble).log().view({2, 2}).requires_grad_(true);
  const at::Tensor value = routerBalance(logits);
  QVERIFY(std::abs(value.item<double>() - 2.0 * (0.5 * 0.6 + 0.5 * 0.4)) < 1e-12);
  collapsed = (at::ones({3, 2}, at::kDouble) * at::tensor({1.0, 0.0}, at::kDouble)).requires_grad_(true);
  routerBalance(collapsed).backward();
  QVERIFY((collapsed.grad().select(1, 0) > 0.0).all().item<bool>());  // going down it takes from the one that has all
}

void TestModelExperts::theNumberOfDomainsMustBeKnown() {
  for (const char* kind : {"single", "hard", "soft", "confidence"}) {
    RunConfig config = configOf(kind);
    config.head.domains = 0;
    QVERIFY_THROWS_EXCEPTION(ShapeError, HierarchicalModel(config, 6, 4, 1));
  }
  RunConfig config = configOf("none");
  config.head.domains = 0;
  QVERIFY(!HierarchicalModel(config, 6, 4, 1).parameters().find("head.router.weight"));
}

QTEST_GUILESS_MAIN(TestModelExperts)
#include "tst_model_experts.moc"
