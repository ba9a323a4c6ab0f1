// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>

#include <QtTest>
#include <cmath>

#include "core/engine/objective/finite_difference.h"
#include "engine/objective/vicreg.h"
#include "support/error.h"

using hvlm::testing::gradientError;
using hvlm::testing::someRows;

namespace {

bool isNear(const at::Tensor& actual, double expected) { return std::abs(actual.item<double>() - expected) < 1e-12; }

}  // namespace

class TestObjectiveVicreg : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void varianceByHand();
  void covarianceByHand();
  void fewerThanTwoRowsGiveZero();
  void gradientsMatchDifferences();
  void aConstantColumnKeepsAFiniteGradient();
  void floatAgreesWithDouble();
  void wrongShapesAreNamed();
};

void TestObjectiveVicreg::varianceByHand() {
  // Columns of variance 2, 0 and 1/2 (n - 1 = 1).
  const at::Tensor x = at::tensor({1.0, 5.0, 0.0, 3.0, 5.0, 1.0}, at::kDouble).view({2, 3});
  const double constant = 1.0 - std::sqrt(1e-4);
  const double half = 1.0 - std::sqrt(0.5 + 1e-4);
  QVERIFY(isNear(hvlm::varianceLoss(x), (0.0 + constant + half) / 3.0));
  QVERIFY(isNear(hvlm::varianceLoss(x, 2.0), (2.0 - std::sqrt(2.0001) + 1.0 + constant + 1.0 + half) / 3.0));
}

void TestObjectiveVicreg::covarianceByHand() {
  // Centred columns (-1, 0, 1), (-2, 0, 2) and (1, -2, 1): Cov_01 = 2, Cov_02 = Cov_12 = 0; both orders count.
  const at::Tensor x = at::tensor({0.0, 8.0, 1.0, 1.0, 10.0, -2.0, 2.0, 12.0, 1.0}, at::kDouble).view({3, 3});
  QVERIFY(isNear(hvlm::covarianceLoss(x), 2.0 * 4.0 / 3.0));
  QVERIFY(isNear(hvlm::covarianceLoss(x.narrow(1, 0, 1)), 0.0));
}

void TestObjectiveVicreg::fewerThanTwoRowsGiveZero() {
  for (const int64_t rows : {0, 1}) {
    const at::Tensor x = at::ones({rows, 4}, at::kDouble).requires_grad_(true);
    const at::Tensor loss = hvlm::varianceLoss(x) + hvlm::covarianceLoss(x);
    QCOMPARE(loss.item<double>(), 0.0);
    loss.backward();
    QCOMPARE(x.grad().abs().sum().item<double>(), 0.0);
  }
}

void TestObjectiveVicreg::gradientsMatchDifferences() {
  QVERIFY(gradientError([](const at::Tensor& x) { return hvlm::varianceLoss(x); }, someRows(7, 5)) < 1e-8);
  QVERIFY(gradientError([](const at::Tensor& x) { return hvlm::covarianceLoss(x); }, someRows(7, 5)) < 1e-8);
}

void TestObjectiveVicreg::aConstantColumnKeepsAFiniteGradient() {
  const at::Tensor x = at::full({6, 3}, 2.0, at::kFloat).requires_grad_(true);
  (hvlm::varianceLoss(x) + hvlm::covarianceLoss(x)).backward();
  QVERIFY(x.grad().isfinite().all().item<bool>());
}

void TestObjectiveVicreg::floatAgreesWithDouble() {
  const at::Tensor x = someRows(40, 9);
  const at::Tensor single = x.to(at::kFloat);
  QCOMPARE(hvlm::varianceLoss(single).scalar_type(), at::kFloat);
  QVERIFY(std::abs(hvlm::varianceLoss(single).item<double>() - hvlm::varianceLoss(x).item<double>()) < 1e-6);
  QVERIFY(std::abs(hvlm::covarianceLoss(single).item<double>() - hvlm::covarianceLoss(x).item<double>()) < 1e-6);
}

void TestObjectiveVicreg::wrongShapesAreNamed() {
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::varianceLoss(at::zeros({3})));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::covarianceLoss(at::zeros({3, 2, 2})));
}

QTEST_GUILESS_MAIN(TestObjectiveVicreg)
#include "tst_objective_vicreg.moc"
