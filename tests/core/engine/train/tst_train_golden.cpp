// SPDX-License-Identifier: Apache-2.0
// Golden figures of adamw.npz and schedule.npz: every case, every field.
#include <ATen/ATen.h>

#include <QtTest>

#include "engine/train/optimizer.h"
#include "engine/train/schedule.h"
#include "support/golden.h"

using hvlm::testing::GoldenFile;
using hvlm::testing::NpyArray;
using hvlm::testing::relativeError;

namespace {

at::Tensor tensorOf(const NpyArray& array) { return at::tensor(array.values, at::kDouble).view(array.shape); }
std::vector<double> valuesOf(const at::Tensor& tensor) {
  const at::Tensor flat = tensor.detach().to(at::kDouble).contiguous().view({-1});
  return {flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel()};
}
std::vector<double> rowOf(const NpyArray& array, int64_t row) { return valuesOf(tensorOf(array)[row]); }

}  // namespace

#define VERIFY_CLOSE(actual, expected, what)                                                                     \
  do {                                                                                                           \
    const double error_ = relativeError(actual, expected);                                                       \
    QVERIFY2(error_ <= 1e-9, qPrintable(QStringLiteral("%1: error %2").arg(QString::fromStdString(what)).arg(error_))); \
  } while (false)

class TestTrainGolden : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void adamw();
  void schedule();
};

void TestTrainGolden::adamw() {
  GoldenFile file("adamw.npz");
  for (const std::string& name : file.cases()) {
    const at::Tensor x = tensorOf(file.get(name, "x"));
    const at::Tensor y = tensorOf(file.get(name, "y"));
    at::Tensor w = tensorOf(file.get(name, "w0")).clone().set_requires_grad(true);
    at::Tensor b = tensorOf(file.get(name, "b0")).clone().set_requires_grad(true);
    hvlm::AdamW optimizer({{"w", w, file.scalar(name, "weight_decay")}, {"b", b, file.scalar(name, "weight_decay_bias")}},
                          {.beta1 = file.scalar(name, "beta1"), .beta2 = file.scalar(name, "beta2"), .eps = file.scalar(name, "eps")});
    const int64_t steps = file.get(name, "step_loss").shape.at(0);
    for (int64_t i = 0; i < steps; ++i) {
      const std::string at = name + " step " + std::to_string(i) + " ";
      optimizer.zeroGrad();
      const at::Tensor loss = (at::addmm(b, x, w.t()) - y).pow(2).mean();
      loss.backward();
      const double norm = optimizer.clipGradients(file.scalar(name, "clip"));
      VERIFY_CLOSE(std::vector<double>{loss.item<double>()}, rowOf(file.get(name, "step_loss"), i), at + "loss");
      VERIFY_CLOSE(std::vector<double>{norm}, rowOf(file.get(name, "step_grad_norm"), i), at + "norm");
      VERIFY_CLOSE(valuesOf(w.grad()), rowOf(file.get(name, "step_grad_w"), i), at + "grad w");
      VERIFY_CLOSE(valuesOf(b.grad()), rowOf(file.get(name, "step_grad_b"), i), at + "grad b");
      optimizer.step(file.scalar(name, "lr"));
      VERIFY_CLOSE(valuesOf(w), rowOf(file.get(name, "step_w"), i), at + "w");
      VERIFY_CLOSE(valuesOf(b), rowOf(file.get(name, "step_b"), i), at + "b");
      VERIFY_CLOSE(valuesOf(optimizer.firstMoments()[0]), rowOf(file.get(name, "step_m_w"), i), at + "m w");
      VERIFY_CLOSE(valuesOf(optimizer.secondMoments()[0]), rowOf(file.get(name, "step_v_w"), i), at + "v w");
      VERIFY_CLOSE(valuesOf(optimizer.firstMoments()[1]), rowOf(file.get(name, "step_m_b"), i), at + "m b");
      VERIFY_CLOSE(valuesOf(optimizer.secondMoments()[1]), rowOf(file.get(name, "step_v_b"), i), at + "v b");
    }
  }
  QVERIFY2(file.unused().empty(), "unknown fields");
}

void TestTrainGolden::schedule() {
  GoldenFile file("schedule.npz");
  for (const std::string& name : file.cases()) {
    const auto total = static_cast<int64_t>(file.scalar(name, "total"));
    const auto warmup = static_cast<int64_t>(file.scalar(name, "warmup"));
    const double base = file.scalar(name, "base");
    const double minimum = file.scalar(name, "minimum");
    const auto& expected = file.get(name, "lr").values;
    std::vector<double> rates;
    if (file.has(name, "start_factor")) {  // PyTorch's own chain differs in its warm-up only: start_factor to 1 over `warmup` steps
      const double start = file.scalar(name, "start_factor");
      for (int64_t i = 0; i < static_cast<int64_t>(expected.size()); ++i) {
        rates.push_back(i < warmup ? base * (start + (1.0 - start) * static_cast<double>(i) / static_cast<double>(warmup))
                                   : hvlm::learningRate(i, total, warmup, base, minimum));
      }
    } else {
      for (int64_t i = 0; i < static_cast<int64_t>(expected.size()); ++i) rates.push_back(hvlm::learningRate(i, total, warmup, base, minimum));
    }
    QCOMPARE(rates.size(), expected.size());
    VERIFY_CLOSE(rates, expected, name);
  }
  QVERIFY2(file.unused().empty(), "unknown fields");
}

QTEST_GUILESS_MAIN(TestTrainGolden)
#include "tst_train_golden.moc"
