// SPDX-License-Identifier: Apache-2.0
// Int8 weights: products near those of float32, each row by itself, and nothing of it where gradients are wanted or the scope has ended.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <QtTest>
#include <cmath>

#include "engine/model/int8_weights.h"
#include "engine/model/model.h"
#include "support/error.h"

namespace {

struct Subject {
  hvlm::ParameterSet set;
  at::Generator generator = hvlm::makeGenerator(3);
  hvlm::Linear layer;
  at::Tensor x;
  explicit Subject(int64_t in = 96, int64_t out = 72, int64_t rows = 50) {
    layer = hvlm::Linear::create(set, "layer", in, out, generator, at::kFloat);
    x = hvlm::normalInit({rows, in}, 1.5, generator, at::kFloat) + 0.7;
    const at::NoGradGuard no_grad;
    layer.bias.copy_(hvlm::normalInit({out}, 1.0, generator, at::kFloat));
  }
  at::Tensor plain() const { return at::linear(x, layer.weight, layer.bias); }
};

double apart(const at::Tensor& found, const at::Tensor& wanted) { return ((found - wanted).norm() / wanted.norm()).item<double>(); }

}  // namespace

class TestModelInt8 : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() {
    if (!hvlm::Int8Weights::supported()) QSKIP("this processor has no int8 products");
  }
  void productsAreNear();
  void whereGradientsAreWantedNothingChanges();
  void aRowStandsAlone();
  void manyRows();
  void sumsAreExact();
  void rowsWithoutRangeOrNumbers();
  void changedWeightsArePackedAgain();
  void smallLayersStay();
  void aModelStaysNear();
};

void TestModelInt8::productsAreNear() {
  const at::NoGradGuard no_grad;
  const Subject s;
  const at::Tensor plain = s.plain();
  {
    hvlm::Int8Weights int8(s.set);
    QCOMPARE(int8.layers(), int64_t{0});
    const at::Tensor found = s.layer(s.x);
    QCOMPARE(int8.layers(), int64_t{1});
    QVERIFY(!at::equal(found, plain));
    QVERIFY2(apart(found, plain) < 0.02, qPrintable(QString::number(apart(found, plain))));
    QVERIFY(at::equal(s.layer(s.x.view({5, 10, 96})), found.view({5, 10, 72})));
    int8.setActive(false);
    QVERIFY(at::equal(s.layer(s.x), plain));
    int8.setActive(true);
    QVERIFY(at::equal(s.layer(s.x), found));
  }
  QVERIFY(at::equal(s.layer(s.x), plain));  // the scope has ended
}

void TestModelInt8::whereGradientsAreWantedNothingChanges() {
  const Subject s;
  const hvlm::Int8Weights int8(s.set);
  QVERIFY(at::equal(s.layer(s.x), s.plain()));
  QVERIFY(s.layer(s.x).requires_grad());
}

void TestModelInt8::aRowStandsAlone() {
  const at::NoGradGuard no_grad;
  const Subject s;
  const hvlm::Int8Weights int8(s.set);
  const at::Tensor together = s.layer(s.x * at::arange(1, 51).unsqueeze(1));  // rows of very different size
  for (const int64_t r : {0, 1, 17, 49}) QVERIFY(at::equal(s.layer((s.x * at::arange(1, 51).unsqueeze(1)).slice(0, r, r + 1)), together.slice(0, r, r + 1)));
}

// More than one portion.
void TestModelInt8::manyRows() {
  const at::NoGradGuard no_grad;
  const Subject s(64, 64, 1500);
  const hvlm::Int8Weights int8(s.set);
  const at::Tensor found = s.layer(s.x);
  QVERIFY(apart(found, s.plain()) < 0.02);
  QVERIFY(at::equal(found.slice(0, 1200), s.layer(s.x.slice(0, 1200))));
}

// The largest codes of both sides: sums of pairs that would leave 16 bits if the codes were larger.
void TestModelInt8::sumsAreExact() {
  const at::NoGradGuard no_grad;
  Subject s(256, 64, 3);
  s.layer.weight.fill_(1.0);
  s.layer.bias.fill_(0.0);
  s.x.fill_(1.0);
  s.x.select(1, 0).fill_(0.0);
  const hvlm::Int8Weights int8(s.set);
  QVERIFY(at::allclose(s.layer(s.x), at::full({3, 64}, 255.0), 1e-5));
}

void TestModelInt8::rowsWithoutRangeOrNumbers() {
  const at::NoGradGuard no_grad;
  Subject s;
  s.x[0].fill_(0.0);
  s.x[1].fill_(2.5);
  s.x[2][7] = std::nan("");
  s.x[3][95] = std::numeric_limits<float>::infinity();
  const hvlm::Int8Weights int8(s.set);
  const at::Tensor found = s.layer(s.x), plain = s.plain();
  QVERIFY(at::equal(found[0], s.layer.bias));
  QVERIFY(apart(found[1], plain[1]) < 0.02);
  QVERIFY(at::isnan(found[2]).all().item<bool>() && at::isnan(found[3]).all().item<bool>());
  QVERIFY(apart(found.slice(0, 4), plain.slice(0, 4)) < 0.02);
}

void TestModelInt8::changedWeightsArePackedAgain() {
  const at::NoGradGuard no_grad;
  const Subject s;
  const hvlm::Int8Weights int8(s.set);
  const at::Tensor before = s.layer(s.x);
  s.layer.weight.mul_(-2.0);
  QVERIFY(apart(s.layer(s.x), s.plain()) < 0.02);
  QVERIFY(apart(s.layer(s.x), before) > 1.0);
}

void TestModelInt8::smallLayersStay() {
  const at::NoGradGuard no_grad;
  const Subject s(96, 15);
  const hvlm::Int8Weights int8(s.set);
  QVERIFY(at::equal(s.layer(s.x), s.plain()));
}

void TestModelInt8::aModelStaysNear() {
  const at::NoGradGuard no_grad;
  hvlm::RunConfig config;
  config.encoder.dim = 64;
  config.encoder.heads = 4;
  config.encoder.mixer = "window";
  config.pyramid.block = "conv";
  config.head.width = 64;
  config.head.edges = true;
  const hvlm::HierarchicalModel model(config, 32, 5, 1);
  at::Generator generator = hvlm::makeGenerator(9);
  const hvlm::Packed pack{hvlm::normalInit({70, 32}, 1.0, generator, at::kFloat), {0, 30, 70}, {}, {}};
  const hvlm::ModelOutput plain = model.forward(pack);
  const hvlm::Int8Weights int8(model.parameters());
  const hvlm::ModelOutput found = model.forward(pack);
  QVERIFY(int8.layers() > 8);
  QVERIFY(!at::equal(found.h, plain.h));
  for (const auto& [a, b] : {std::pair{found.h, plain.h}, std::pair{found.video_logits, plain.video_logits}, std::pair{found.boundaries, plain.boundaries}}) {
    QVERIFY2(apart(a, b) < 0.05, qPrintable(QString::number(apart(a, b))));
  }
  const hvlm::ModelOutput alone = model.forward({pack.x.slice(0, 30), {0, 40}, {}, {}});
  QVERIFY(at::allclose(alone.h, found.h.slice(0, 30), 0.0, 1e-5));
}

QTEST_GUILESS_MAIN(TestModelInt8)
#include "tst_model_int8.moc"
