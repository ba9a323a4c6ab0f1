// SPDX-License-Identifier: Apache-2.0
// Golden values and gradients of temporal.npz, collapse.npz, infonce.npz, detloss.npz: every case, every field.
#include "core/engine/golden_tensors.h"

#include "engine/objective/classification.h"
#include "engine/objective/collapse.h"
#include "engine/objective/detection.h"
#include "engine/objective/infonce.h"
#include "engine/objective/temporal.h"

using namespace hvlm::testing;

namespace {

double tolerance(at::ScalarType type) { return type == at::kDouble ? kDoubleTolerance : kFloatTolerance; }
double difference(const at::Tensor& actual, const NpyArray& expected) {
  return actual.scalar_type() == at::kDouble ? errorOf(actual, expected) : floatErrorOf(actual, expected);
}

}  // namespace

class TestObjectiveGolden : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void temporal();
  void collapse();
  void infonce();
  void detloss();

 private:
  void temporalSingle(GoldenFile& file, const std::string& name, at::ScalarType type);
  void temporalBatch(GoldenFile& file, const std::string& name, at::ScalarType type);
  void diou(GoldenFile& file, const std::string& name);
  void focal(GoldenFile& file, const std::string& name, at::ScalarType type);
  void crossEntropy(GoldenFile& file, const std::string& name, at::ScalarType type);
};

void TestObjectiveGolden::temporalSingle(GoldenFile& file, const std::string& name, at::ScalarType type) {
  const at::Tensor h = leafOf(file.get(name, "h"), type);
  const hvlm::TemporalLoss loss = hvlm::temporalLoss(h, {0, h.size(0)});
  VERIFY_WITHIN(difference(hvlm::temporalTerms(h), file.get(name, "terms")), tolerance(type), name + " terms");
  VERIFY_WITHIN(difference(loss.sum, file.get(name, "sum")), tolerance(type), name + " sum");
  VERIFY_WITHIN(difference(loss.mean_videos, file.get(name, "mean")), tolerance(type), name + " mean");
  VERIFY_WITHIN(difference(loss.mean_pairs, file.get(name, "mean")), tolerance(type), name + " mean over pairs");
  if (type == at::kFloat) return;  // gradients of size 1e-13 and 1e5 in one array
  VERIFY_WITHIN(difference(gradientsOf(loss.sum, {h})[0], file.get(name, "grad_sum")), tolerance(type),
                name + " grad_sum");
  VERIFY_WITHIN(difference(gradientsOf(loss.mean_videos, {h})[0], file.get(name, "grad_mean")), tolerance(type),
                name + " grad_mean");
}

void TestObjectiveGolden::temporalBatch(GoldenFile& file, const std::string& name, at::ScalarType type) {
  const at::Tensor h = leafOf(file.get(name, "h"), type);
  const hvlm::TemporalLoss loss = hvlm::temporalLossPadded(h, integersOf(file.get(name, "lengths")));
  QCOMPARE(loss.pairs, integersOf(file.get(name, "pairs")));
  VERIFY_WITHIN(difference(loss.per_video_sum, file.get(name, "per_video_sum")), tolerance(type),
                name + " per_video_sum");
  VERIFY_WITHIN(difference(loss.sum, file.get(name, "sum")), tolerance(type), name + " sum");
  VERIFY_WITHIN(difference(loss.mean_pairs, file.get(name, "mean_pairs")), tolerance(type), name + " mean_pairs");
  VERIFY_WITHIN(difference(loss.mean_videos, file.get(name, "mean_videos")), tolerance(type), name + " mean_videos");
  VERIFY_WITHIN(difference(gradientsOf(loss.sum, {h})[0], file.get(name, "grad_sum")), tolerance(type),
                name + " grad_sum");
  VERIFY_WITHIN(difference(gradientsOf(loss.mean_pairs, {h})[0], file.get(name, "grad_mean_pairs")), tolerance(type),
                name + " grad_mean_pairs");
  VERIFY_WITHIN(difference(gradientsOf(loss.mean_videos, {h})[0], file.get(name, "grad_mean_videos")), tolerance(type),
                name + " grad_mean_videos");
}

void TestObjectiveGolden::temporal() {
  GoldenFile file("temporal.npz");
  for (const at::ScalarType type : {at::kDouble, at::kFloat}) {
    for (const std::string& name : file.cases()) {
      if (file.has(name, "lengths")) {
        temporalBatch(file, name, type);
      } else {
        temporalSingle(file, name, type);
      }
      if (QTest::currentTestFailed()) return;
    }
  }
  VERIFY_ALL_USED(file);
}

void TestObjectiveGolden::collapse() {
  GoldenFile file("collapse.npz");
  for (const std::string& name : file.cases()) {
    if (!file.has(name, "x")) continue;  // "<case>_unbiased" and "<case>_biased" hold the results of "<case>"
    const double tau = file.scalar(name, "tau");
    QCOMPARE(tau, name == "tau_half" ? 0.5 : 0.1);
    for (const bool unbiased : {true, false}) {
      const std::string result = name + (unbiased ? "_unbiased" : "_biased");
      const at::Tensor x = leafOf(file.get(name, "x"));
      const at::Tensor rows = file.has(name, "mask") ? hvlm::maskedRows(x, tensorOf(file.get(name, "mask"))) : x;
      if (file.has(name, "mask")) {  // the padding is one large number: were it seen, the deviations would show it
        const at::Tensor padding = hvlm::maskedRows(x, tensorOf(file.get(name, "mask")) == 0);
        QCOMPARE(padding.min().item<double>(), padding.max().item<double>());
      }
      const at::Tensor loss = hvlm::collapsePerDim(rows, tau, unbiased);
      if (!file.has(result, "loss")) {  // one row with n - 1: fewer than two rows give no loss
        QCOMPARE(rows.size(0), int64_t{1});
        QVERIFY(unbiased);
        QCOMPARE(loss.item<double>(), 0.0);
        continue;
      }
      VERIFY_WITHIN(errorOf(hvlm::columnDeviation(rows, unbiased), file.get(result, "std")), kDoubleTolerance,
                    result + " std");
      VERIFY_WITHIN(errorOf(loss, file.get(result, "loss")), kDoubleTolerance, result + " loss");
      VERIFY_WITHIN(errorOf(gradientsOf(loss, {x})[0], file.get(result, "grad")), kDoubleTolerance, result + " grad");
      const at::Tensor single = rows.detach().to(at::kFloat);
      VERIFY_WITHIN(floatErrorOf(hvlm::collapsePerDim(single, tau, unbiased), file.get(result, "loss")), 1e-4,
                    result + " in float");
    }
  }
  VERIFY_ALL_USED(file);
}

void TestObjectiveGolden::infonce() {
  GoldenFile file("infonce.npz");
  for (const std::string& name : file.cases()) {
    const at::Tensor a = leafOf(file.get(name, "a"));
    const at::Tensor b = leafOf(file.get(name, "b"));
    const at::Tensor temperature = leafOf(file.get(name, "temperature"));
    const hvlm::InfoNce result = hvlm::infoNce(a, b, temperature);
    VERIFY_WITHIN(errorOf(result.logits, file.get(name, "logits")), kDoubleTolerance, name + " logits");
    VERIFY_WITHIN(errorOf(result.loss, file.get(name, "loss")), kDoubleTolerance, name + " loss");
    VERIFY_WITHIN(errorOf(result.a2b, file.get(name, "loss_a2b")), kDoubleTolerance, name + " a2b");
    VERIFY_WITHIN(errorOf(result.b2a, file.get(name, "loss_b2a")), kDoubleTolerance, name + " b2a");
    const auto gradients = gradientsOf(result.loss, {a, b, temperature});
    VERIFY_WITHIN(errorOf(gradients[0], file.get(name, "grad_a")), kDoubleTolerance, name + " grad_a");
    VERIFY_WITHIN(errorOf(gradients[1], file.get(name, "grad_b")), kDoubleTolerance, name + " grad_b");
    if (file.has(name, "grad_temperature")) {
      VERIFY_WITHIN(errorOf(gradients[2], file.get(name, "grad_temperature")), kDoubleTolerance,
                    name + " grad_temperature");
      const at::Tensor log_temperature = tensorOf(file.get(name, "temperature")).log().requires_grad_(true);
      const at::Tensor loss = hvlm::infoNce(a, b, log_temperature.exp()).loss;
      VERIFY_WITHIN(errorOf(gradientsOf(loss, {log_temperature})[0], file.get(name, "grad_log_temperature")),
                    kDoubleTolerance, name + " grad_log_temperature");
    }
    const hvlm::InfoNce single = hvlm::infoNce(a.to(at::kFloat), b.to(at::kFloat), temperature.to(at::kFloat));
    VERIFY_WITHIN(floatErrorOf(single.loss, file.get(name, "loss")), kFloatTolerance * 10, name + " in float");
  }
  VERIFY_ALL_USED(file);
}

void TestObjectiveGolden::diou(GoldenFile& file, const std::string& name) {
  const auto function = name == "diou_offsets" ? hvlm::diouOffsets : hvlm::diouSegments;
  const at::Tensor predicted = leafOf(file.get(name, "pred"));
  const at::Tensor loss = function(predicted, tensorOf(file.get(name, "target")));
  VERIFY_WITHIN(errorOf(loss, file.get(name, "loss")), kDoubleTolerance, name + " loss");
  VERIFY_WITHIN(errorOf(loss.sum(), file.get(name, "sum")), kDoubleTolerance, name + " sum");
  VERIFY_WITHIN(errorOf(loss.mean(), file.get(name, "mean")), kDoubleTolerance, name + " mean");
  const at::Tensor target = tensorOf(file.get(name, "target"));
  QCOMPARE(valuesOf(at::isclose(predicted, target).any(1)), file.get(name, "tie").values);
  // Where coordinates are equal the gradient is not unique; ours shares it between both sides, as the file does.
  const at::Tensor gradient = gradientsOf(loss, {predicted}, tensorOf(file.get(name, "upstream")))[0];
  VERIFY_WITHIN(errorOf(gradient, file.get(name, "grad_pred")), kDoubleTolerance, name + " grad_pred");
}

void TestObjectiveGolden::focal(GoldenFile& file, const std::string& name, at::ScalarType type) {
  const at::Tensor logits = leafOf(file.get(name, "logits"), type);
  const at::Tensor targets = tensorOf(file.get(name, "target"), type);
  const hvlm::FocalOptions options{file.scalar(name, "alpha"), file.scalar(name, "gamma")};
  QVERIFY2(QString::fromStdString(name).endsWith(QStringLiteral("_a%1_g%2").arg(options.alpha).arg(options.gamma)),
           name.c_str());
  const at::Tensor loss = hvlm::focalLoss(logits, targets, options);
  VERIFY_WITHIN(difference(loss, file.get(name, "loss")), tolerance(type), name + " loss");
  VERIFY_WITHIN(difference(loss.sum(), file.get(name, "sum")), tolerance(type), name + " sum");
  VERIFY_WITHIN(difference(loss.mean(), file.get(name, "mean")), tolerance(type), name + " mean");
  VERIFY_WITHIN(difference(gradientsOf(loss, {logits})[0], file.get(name, "grad_sum")), tolerance(type),
                name + " grad_sum");
  const at::Tensor per_video = hvlm::focalSumPerVideo(
      logits, targets, at::tensor({0, 3, 3, static_cast<int>(logits.size(0))}, at::kLong), options);
  VERIFY_WITHIN(difference(per_video.sum(), file.get(name, "sum")), tolerance(type), name + " sums per video");
  QCOMPARE(per_video[1].item<double>(), 0.0);
}

void TestObjectiveGolden::crossEntropy(GoldenFile& file, const std::string& name, at::ScalarType type) {
  const at::Tensor logits = leafOf(file.get(name, "logits"), type);
  std::vector<std::vector<int64_t>> sets;
  for (const int64_t label : integersOf(file.get(name, "target"))) sets.push_back({label});
  const at::Tensor targets = hvlm::labelSetTargets(sets, logits.size(1), logits.options().requires_grad(false));
  const at::Tensor loss = hvlm::crossEntropy(logits, targets, file.scalar(name, "smoothing"));
  VERIFY_WITHIN(difference(loss, file.get(name, "loss")), tolerance(type), name + " loss");
  VERIFY_WITHIN(difference(gradientsOf(loss, {logits})[0], file.get(name, "grad")), tolerance(type), name + " grad");
  VERIFY_WITHIN(difference(logits.softmax(1), file.get(name, "probs")), tolerance(type), name + " probs");
}

void TestObjectiveGolden::detloss() {
  GoldenFile file("detloss.npz");
  for (const std::string& name : file.cases()) {
    if (name.starts_with("diou")) {
      diou(file, name);
    } else {
      for (const at::ScalarType type : {at::kDouble, at::kFloat}) {
        if (name.starts_with("focal")) {
          focal(file, name, type);
        } else {
          QVERIFY2(name.starts_with("cross_entropy"), name.c_str());
          crossEntropy(file, name, type);
        }
      }
    }
    if (QTest::currentTestFailed()) return;
  }
  VERIFY_ALL_USED(file);
}

QTEST_GUILESS_MAIN(TestObjectiveGolden)
#include "tst_objective_golden.moc"
