// SPDX-License-Identifier: Apache-2.0
#include "core/engine/golden_tensors.h"

#include "core/engine/objective/finite_difference.h"
#include "engine/objective/text.h"
#include "support/error.h"

using namespace hvlm::testing;
using hvlm::TextDirection;
using hvlm::textInfoNce;

namespace {

bool isNear(const at::Tensor& actual, double expected) { return std::abs(actual.item<double>() - expected) < 1e-12; }
at::Tensor logScale(double scale) { return at::full({}, std::log(scale), at::kDouble); }

}  // namespace

class TestObjectiveText : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void golden();
  void sameVideoIsNoNegative();
  void sameTextIsNoNegative();
  void bothGroupsCount();
  void theScaleIsHeldAtAHundred();
  void gradientsMatchDifferences();
  void aZeroTextIsHarmless();
  void wrongCallsAreNamed();
};

void TestObjectiveText::golden() {
  GoldenFile file("infonce.npz");
  for (const std::string& name : file.cases()) {
    const at::Tensor v = leafOf(file.get(name, "a"));
    const at::Tensor t = leafOf(file.get(name, "b"));
    QVERIFY(file.scalar(name, "temperature") >= 0.01);
    const at::Tensor scale = tensorOf(file.get(name, "temperature")).log().neg().requires_grad_(true);
    const at::Tensor both = textInfoNce(v, t, scale, {}, {}, TextDirection::kBoth);
    const at::Tensor one_way = textInfoNce(v, t, scale, {}, {}, TextDirection::kVideoToText);
    const at::Tensor back = textInfoNce(t, v, scale, {}, {}, TextDirection::kVideoToText);
    VERIFY_WITHIN(errorOf(both, file.get(name, "loss")), kDoubleTolerance, name + " loss");
    VERIFY_WITHIN(errorOf(one_way, file.get(name, "loss_a2b")), kDoubleTolerance, name + " a2b");
    VERIFY_WITHIN(errorOf(back, file.get(name, "loss_b2a")), kDoubleTolerance, name + " b2a");
    const auto gradients = gradientsOf(both, {v, t, scale});
    VERIFY_WITHIN(errorOf(gradients[0], file.get(name, "grad_a")), kDoubleTolerance, name + " grad_a");
    VERIFY_WITHIN(errorOf(gradients[1], file.get(name, "grad_b")), kDoubleTolerance, name + " grad_b");
    if (file.has(name, "grad_log_temperature"))
      VERIFY_WITHIN(errorOf(-gradients[2], file.get(name, "grad_log_temperature")), kDoubleTolerance, name + " grad of the scale");
    const at::Tensor single = textInfoNce(v.to(at::kFloat), t.to(at::kFloat), scale.to(at::kFloat), {}, {}, TextDirection::kBoth);
    VERIFY_WITHIN(floatErrorOf(single, file.get(name, "loss")), kFloatTolerance * 10, name + " in float");
  }
}

// Rows of cosine 1 with each other: a row with c candidates left costs log c.
void TestObjectiveText::sameVideoIsNoNegative() {
  const at::Tensor x = at::ones({4, 3}, at::kDouble);
  QVERIFY(isNear(textInfoNce(x, x, logScale(10), {}, {}, TextDirection::kBoth), std::log(4.0)));
  const double expected = (2.0 * std::log(3.0) + 2.0 * std::log(4.0)) / 4.0;
  QVERIFY(isNear(textInfoNce(x, x, logScale(10), {7, 7, 8, 9}, {}, TextDirection::kBoth), expected));
  QVERIFY(isNear(textInfoNce(x, x, logScale(10), {7, 7, 8, 9}, {}, TextDirection::kVideoToText), expected));
  QVERIFY(isNear(textInfoNce(x, x, logScale(10), {7, 7, 7, 7}, {}, TextDirection::kBoth), 0.0));
}

void TestObjectiveText::sameTextIsNoNegative() {
  const at::Tensor x = at::ones({4, 3}, at::kDouble);
  const double expected = (3.0 * std::log(2.0) + std::log(4.0)) / 4.0;
  QVERIFY(isNear(textInfoNce(x, x, logScale(10), {0, 1, 2, 3}, {5, 5, 6, 5}, TextDirection::kBoth), expected));
}

void TestObjectiveText::bothGroupsCount() {
  const at::Tensor x = at::ones({4, 3}, at::kDouble);
  // Row 0: row 1 is of its video, row 2 has its text; row 3 alone is left. Rows 1 and 2 lose one each, row 3 none.
  const double expected = (std::log(2.0) + 2.0 * std::log(3.0) + std::log(4.0)) / 4.0;
  QVERIFY(isNear(textInfoNce(x, x, logScale(10), {0, 0, 1, 2}, {0, 1, 0, 2}, TextDirection::kVideoToText), expected));
  const at::Tensor v = someRows(4, 3).requires_grad_(true);
  const at::Tensor t = someRows(4, 3, 0.5);
  const at::Tensor to_text = textInfoNce(v, t, logScale(10), {0, 0, 1, 2}, {0, 1, 0, 2}, TextDirection::kVideoToText);
  const at::Tensor unit_v = v / v.norm(2, 1, true);
  const at::Tensor logits = 10.0 * at::mm(unit_v, (t / t.norm(2, 1, true)).t());
  const at::Tensor row = logits[0].index_select(0, at::tensor({0, 3}, at::kLong));
  const at::Tensor gradient = gradientsOf(to_text, {v})[0][0];
  const at::Tensor by_hand = gradientsOf((row.logsumexp(0) - row[0]) / 4.0, {v})[0][0];
  QVERIFY(at::allclose(gradient, by_hand, 1e-9, 1e-12));
}

void TestObjectiveText::theScaleIsHeldAtAHundred() {
  const at::Tensor v = someRows(5, 3);
  const at::Tensor t = -v;  // every pair is the worst match: the scale has to come down
  const at::Tensor at_bound = logScale(100).requires_grad_(true);
  const at::Tensor above = logScale(400).requires_grad_(true);
  const at::Tensor expected = textInfoNce(v, t, at_bound, {}, {}, TextDirection::kBoth);
  const at::Tensor held = textInfoNce(v, t, above, {}, {}, TextDirection::kBoth);
  QVERIFY(std::abs(held.item<double>() / expected.item<double>() - 1.0) < 1e-12);
  const double gradient = gradientsOf(held, {above})[0].item<double>();
  QVERIFY(gradient > 0.0);
  QVERIFY(std::abs(gradient / gradientsOf(expected, {at_bound})[0].item<double>() - 1.0) < 1e-9);
}

void TestObjectiveText::gradientsMatchDifferences() {
  for (const TextDirection direction : {TextDirection::kBoth, TextDirection::kVideoToText}) {
    const auto of = [&](const at::Tensor& v, const at::Tensor& t, const at::Tensor& scale) {
      return textInfoNce(v, t, scale, {0, 0, 1, 2, 3}, {0, 1, 2, 0, 4}, direction);
    };
    const at::Tensor v = someRows(5, 3), t = someRows(5, 3, 0.5), scale = logScale(4).reshape({1});
    QVERIFY(gradientError([&](const at::Tensor& x) { return of(x, t, scale); }, v) < 1e-7);
    QVERIFY(gradientError([&](const at::Tensor& x) { return of(v, x, scale); }, t) < 1e-7);
    QVERIFY(gradientError([&](const at::Tensor& x) { return of(v, t, x); }, scale) < 1e-7);
  }
}

void TestObjectiveText::aZeroTextIsHarmless() {
  at::Tensor t = someRows(3, 4, 0.5).to(at::kFloat);
  t.select(0, 1).zero_();
  t.requires_grad_(true);
  const at::Tensor loss = textInfoNce(someRows(3, 4).to(at::kFloat), t, at::zeros({}), {}, {}, TextDirection::kBoth);
  QVERIFY(loss.isfinite().item<bool>());
  loss.backward();
  QVERIFY(t.grad().isfinite().all().item<bool>());
  QCOMPARE(t.grad().select(0, 1).abs().sum().item<double>(), 0.0);
}

void TestObjectiveText::wrongCallsAreNamed() {
  const at::Tensor x = someRows(3, 4);
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, textInfoNce(x, someRows(2, 4), logScale(1), {}, {}, TextDirection::kBoth));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, textInfoNce(x, x, at::zeros({2}), {}, {}, TextDirection::kBoth));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, textInfoNce(x, x, logScale(1), {0, 1}, {}, TextDirection::kBoth));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, textInfoNce(x, x, logScale(1), {}, {0, 1}, TextDirection::kBoth));
}

QTEST_GUILESS_MAIN(TestObjectiveText)
#include "tst_objective_text.moc"
