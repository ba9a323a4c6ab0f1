// SPDX-License-Identifier: Apache-2.0
// The defining property of each attention mixer, against dense attention in double precision.
#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <QtTest>
#include <cmath>

#include "core/engine/model/mixer_cases.h"
#include "engine/model/mixers/kinds.h"
#include "engine/model/mixers/tiled_attention.h"
#include "support/error.h"

using namespace hvlm::testing;

namespace {

constexpr double kExact = 1e-9;
const std::vector<int64_t> kLengths = {1, 2, 7, 63, 64, 65, 300, 513};  // around the sizes of the tiles

// Result and gradients of two functions of the same input and parameters; the largest difference of all.
double differenceWithGradients(const TinyMixer& mixer, const at::Tensor& run,
                               const std::function<at::Tensor(const at::Tensor&)>& expected) {
  const at::Tensor x = run.clone().requires_grad_(true);
  std::vector<at::Tensor> leaves{x};
  for (const hvlm::Parameter& p : mixer.set.all()) leaves.push_back(p.value);
  const at::Tensor upstream = randomTensor(run.sizes(), 55);
  const auto gradients = [&](const at::Tensor& out) {
    return torch::autograd::grad({(out * upstream).sum()}, leaves, {}, false, false, true);
  };
  const at::Tensor actual_out = mixer(x);
  const at::Tensor expected_out = expected(x);
  double difference = largestDifference(actual_out, expected_out);
  const auto a = gradients(actual_out);
  const auto e = gradients(expected_out);
  for (size_t i = 0; i < leaves.size(); ++i) {
    const double scale = std::max(1.0, e[i].abs().max().item<double>());
    difference = std::max(difference, largestDifference(a[i], e[i]) / scale);
  }
  return difference;
}

void addLengths() {
  QTest::addColumn<qint64>("steps");
  for (const int64_t steps : kLengths) QTest::addRow("%lld steps", static_cast<long long>(steps)) << qint64{steps};
}

}  // namespace

class TestModelMixersAttention : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void flashEqualsFull_data() { addLengths(); }
  void flashEqualsFull();
  void flashBearsExtremeScores();
  void windowEqualsBandedAttention_data() { addLengths(); }
  void windowEqualsBandedAttention();
  void windowOverAllEqualsFull_data() { addLengths(); }
  void windowOverAllEqualsFull();
  void stridedEqualsAttentionToEveryKey_data() { addLengths(); }
  void stridedEqualsAttentionToEveryKey();
  void globalEqualsItsTwoMaskedRounds_data() { addLengths(); }
  void globalEqualsItsTwoMaskedRounds();
  void globalTokensCarryAcrossTheVideo();
  void memoryWithRoomForAllEqualsFull_data() { addLengths(); }
  void memoryWithRoomForAllEqualsFull();
  void mergedMemoryCountsEachStep();
  void mergedMemoryEqualsAttentionToSlotMeans();
  void fifoMemoryKeepsTheNewest();
  void concatenationJoinsStepAndRead();
  void linearEqualsItsQuadraticForm_data() { addLengths(); }
  void linearEqualsItsQuadraticForm();
  void performerEqualsItsQuadraticForm();
  void performerConvergesToSoftmax();
  void performerBearsExtremeValues();
  void featuresAreOrthogonalAndOfGaussianLength();
  void wrongShapesAreNamed();
};

void TestModelMixersAttention::flashEqualsFull() {
  QFETCH(qint64, steps);
  const TinyMixer flash(tinyOptions("flash"));
  const auto dense = [&](const at::Tensor& x) {
    const auto h = flash.projected(x);
    return flash.outwards(denseAttention(h[0], h[1], h[2]));
  };
  const at::Tensor run = randomTensor({steps, 8}, 1) * 2.0;
  QVERIFY(differenceWithGradients(flash, run, dense) < kExact);
  const TinyMixer full(tinyOptions("full"));
  QVERIFY(differenceWithGradients(full, run, [&](const at::Tensor& x) { return full(x); }) < kExact);
  QVERIFY(largestDifference(full(run), flash(run)) < kExact);
  const TinyMixer single(tinyOptions("flash"), at::kFloat), reference(tinyOptions("full"), at::kFloat);
  QVERIFY(largestDifference(single(run.to(at::kFloat)), reference(run.to(at::kFloat))) < 1e-5);
}

void TestModelMixersAttention::flashBearsExtremeScores() {
  const at::Tensor rows = randomTensor({1, 2, 300, 4}, 2, at::kFloat) * 200.0;  // scores of some 1e5
  const at::Tensor out = hvlm::tiledAttention(rows, rows, rows);
  const at::Tensor dense = denseAttention(rows[0], rows[0], rows[0]);
  QVERIFY(at::isfinite(out).all().item<bool>());
  QVERIFY(largestDifference(out[0], dense) < 1e-1);  // values of some 200, scores exact to 1e-2
}

void TestModelMixersAttention::windowEqualsBandedAttention() {
  QFETCH(qint64, steps);
  for (const int64_t window : {1, 3, 9, 151}) {
    hvlm::EncoderOptions options = tinyOptions("window");
    options.mixer_window = window;
    const TinyMixer mixer(options);
    const double difference = differenceWithGradients(mixer, randomTensor({steps, 8}, 3), [&](const at::Tensor& x) {
      const auto h = mixer.projected(x);
      return mixer.outwards(denseAttention(h[0], h[1], h[2], bandMask(steps, window / 2)));
    });
    QVERIFY2(difference < kExact, qPrintable(QStringLiteral("window %1: %2").arg(window).arg(difference)));
  }
}

void TestModelMixersAttention::windowOverAllEqualsFull() {
  QFETCH(qint64, steps);
  const TinyMixer full(tinyOptions("full"));
  hvlm::EncoderOptions options = tinyOptions("window");
  const at::Tensor run = randomTensor({steps, 8}, 4);
  for (const int64_t window : {2 * steps - 1, 2 * steps + 7}) {
    options.mixer_window = window;
    QVERIFY(largestDifference(TinyMixer(options)(run), full(run)) < kExact);
  }
  if (steps < 3) return;
  options.mixer_window = 2 * steps - 3;  // the first step no longer sees the last
  QVERIFY(largestDifference(TinyMixer(options)(run)[0], full(run)[0]) > 1e-7);
}

void TestModelMixersAttention::stridedEqualsAttentionToEveryKey() {
  QFETCH(qint64, steps);
  for (const int64_t stride : {1, 2, 5, 1000}) {
    hvlm::EncoderOptions options = tinyOptions("strided");
    options.mixer_stride = stride;
    const TinyMixer mixer(options);
    const at::Tensor seen = (at::arange(steps) % stride == 0).expand({steps, steps});
    const double difference = differenceWithGradients(mixer, randomTensor({steps, 8}, 5), [&](const at::Tensor& x) {
      const auto h = mixer.projected(x);
      return mixer.outwards(denseAttention(h[0], h[1], h[2], seen));
    });
    QVERIFY2(difference < kExact, qPrintable(QStringLiteral("stride %1: %2").arg(stride).arg(difference)));
  }
}

// [tokens; steps] as one sequence: in round one only the tokens' rows are read, in round two only the steps'.
void TestModelMixersAttention::globalEqualsItsTwoMaskedRounds() {
  QFETCH(qint64, steps);
  const TinyMixer mixer(tinyOptions("global"));
  const int64_t tokens = mixer.options.mixer_globals;
  at::Tensor seen = at::ones({tokens + steps, tokens + steps}, at::kBool);
  seen.slice(0, tokens).slice(1, tokens).copy_(bandMask(steps, mixer.options.mixer_window / 2));
  const auto round = [&](const at::Tensor& sequence) {
    const auto h = mixer.projected(sequence);
    return mixer.outwards(denseAttention(h[0], h[1], h[2], seen));
  };
  const double difference = differenceWithGradients(mixer, randomTensor({steps, 8}, 6), [&](const at::Tensor& x) {
    const at::Tensor learned = mixer.value("self_attn.globals");
    const at::Tensor informed = learned + round(at::cat({learned, x})).slice(0, 0, tokens);
    return round(at::cat({informed, x})).slice(0, tokens);
  });
  QVERIFY2(difference < kExact, qPrintable(QString::number(difference)));
}

void TestModelMixersAttention::globalTokensCarryAcrossTheVideo() {
  const auto influence = [](const char* name) {
    const TinyMixer mixer(tinyOptions(name));
    const at::Tensor x = randomTensor({200, 8}, 7).requires_grad_(true);
    mixer(x)[0].sum().backward();
    const at::Tensor* tokens = mixer.set.find("m.self_attn.globals");
    if (tokens && !(tokens->grad().norm().item<double>() > 1e-6)) return -1.0;
    return x.grad()[199].norm().item<double>();  // of the last step on the first
  };
  QVERIFY(influence("global") > 0.0);
  QCOMPARE(influence("window"), 0.0);
}

void TestModelMixersAttention::memoryWithRoomForAllEqualsFull() {
  QFETCH(qint64, steps);
  const TinyMixer full(tinyOptions("full"));
  const at::Tensor run = randomTensor({steps, 8}, 8);
  for (const char* policy : {"merge", "fifo"}) {
    hvlm::EncoderOptions options = tinyOptions("memory");
    options.mixer_memory_policy = policy;
    for (const int64_t slots : {int64_t{steps}, int64_t{steps} + 3}) {
      options.mixer_memory = slots;
      QVERIFY(largestDifference(TinyMixer(options)(run), full(run)) < kExact);
    }
    if (steps < 3) continue;
    options.mixer_memory = steps - 1;
    QVERIFY(largestDifference(TinyMixer(options)(run), full(run)) > 1e-7);
  }
}

// Steps that are equal within each slot: nothing is lost by merging, as long as a slot weighs as much as its steps.
void TestModelMixersAttention::mergedMemoryCountsEachStep() {
  const TinyMixer full(tinyOptions("full"));
  const TinyMixer memory(tinyOptions("memory"));
  const at::Tensor scenes = randomTensor({4, 8}, 9);
  const at::Tensor slot_of_step = at::tensor({0, 0, 1, 1, 1, 2, 2, 3, 3, 3}, at::kLong);  // 10 steps: borders 2, 5, 7
  const at::Tensor run = scenes.index_select(0, slot_of_step);
  QVERIFY(largestDifference(memory(run), full(run)) < kExact);
}

void TestModelMixersAttention::mergedMemoryEqualsAttentionToSlotMeans() {
  const TinyMixer mixer(tinyOptions("memory"));
  for (const int64_t steps : {5, 11, 130}) {
    const double difference = differenceWithGradients(mixer, randomTensor({steps, 8}, 10), [&](const at::Tensor& x) {
      std::vector<at::Tensor> means;
      at::Tensor sizes = at::empty({4}, at::kDouble);
      for (int64_t j = 0; j < 4; ++j) {
        means.push_back(x.slice(0, j * steps / 4, (j + 1) * steps / 4).mean(0));
        sizes[j] = static_cast<double>((j + 1) * steps / 4 - j * steps / 4);
      }
      const auto bank = mixer.projected(at::stack(means));
      return mixer.outwards(denseAttention(mixer.projected(x)[0], bank[1], bank[2], {}, sizes.log()));
    });
    QVERIFY2(difference < kExact, qPrintable(QString::number(difference)));
  }
}

void TestModelMixersAttention::fifoMemoryKeepsTheNewest() {
  hvlm::EncoderOptions options = tinyOptions("memory");
  options.mixer_memory_policy = "fifo";
  const TinyMixer mixer(options);
  const at::Tensor seen = (at::arange(11) >= 7).expand({11, 11});
  const double difference = differenceWithGradients(mixer, randomTensor({11, 8}, 11), [&](const at::Tensor& x) {
    const auto h = mixer.projected(x);
    return mixer.outwards(denseAttention(h[0], h[1], h[2], seen));
  });
  QVERIFY2(difference < kExact, qPrintable(QString::number(difference)));
}

void TestModelMixersAttention::concatenationJoinsStepAndRead() {
  hvlm::EncoderOptions options = tinyOptions("memory");
  options.mixer_memory_fusion = "concatenation";
  const TinyMixer mixer(options);
  const double difference = differenceWithGradients(mixer, randomTensor({3, 8}, 12), [&](const at::Tensor& x) {
    const auto h = mixer.projected(x);
    const at::Tensor read = denseAttention(h[0], h[1], h[2]).transpose(0, 1).reshape({3, 8});
    const at::Tensor weight = mixer.value("self_attn.out_proj.weight");
    return at::matmul(x, weight.slice(1, 0, 8).t()) + at::matmul(read, weight.slice(1, 8).t()) +
           mixer.value("self_attn.out_proj.bias");
  });
  QVERIFY2(difference < kExact, qPrintable(QString::number(difference)));
}

void TestModelMixersAttention::linearEqualsItsQuadraticForm() {
  QFETCH(qint64, steps);
  const TinyMixer mixer(tinyOptions("linear"));
  const double difference =
      differenceWithGradients(mixer, randomTensor({steps, 8}, 13) * 3.0, [&](const at::Tensor& x) {
        const auto h = mixer.projected(x);
        const at::Tensor weight = at::matmul(at::elu(h[0]) + 1.0, (at::elu(h[1]) + 1.0).transpose(1, 2));  // [H, T, T]
        return mixer.outwards(at::matmul(weight / weight.sum(-1, true), h[2]));
      });
  QVERIFY2(difference < kExact, qPrintable(QString::number(difference)));
}

// exp(w q - |q|^2 / 2) exp(w k - |k|^2 / 2), summed over the features, in place of exp(q k).
void TestModelMixersAttention::performerEqualsItsQuadraticForm() {
  const TinyMixer mixer(tinyOptions("performer"));
  const at::Tensor w = mixer.mixer->buffers().front().value;
  QCOMPARE(w.sizes().vec(), (std::vector<int64_t>{16, 4}));
  const auto features = [&](const at::Tensor& x) {
    const at::Tensor scaled = x / std::sqrt(2.0);  // fourth root of 4 channels
    return (at::matmul(scaled, w.t()) - 0.5 * scaled.square().sum(-1, true)).exp();
  };
  const double difference = differenceWithGradients(mixer, randomTensor({41, 8}, 14), [&](const at::Tensor& x) {
    const auto h = mixer.projected(x);
    const at::Tensor weight = at::matmul(features(h[0]), features(h[1]).transpose(1, 2));
    return mixer.outwards(at::matmul(weight / weight.sum(-1, true), h[2]));
  });
  QVERIFY2(difference < kExact, qPrintable(QString::number(difference)));
}

void TestModelMixersAttention::performerConvergesToSoftmax() {
  const at::Tensor run = randomTensor({40, 8}, 15) * 0.5;
  const auto error = [&](int64_t features) {
    double sum = 0.0;
    for (uint64_t seed = 1; seed <= 8; ++seed) {
      hvlm::EncoderOptions options = tinyOptions("performer");
      options.mixer_features = features;
      const TinyMixer mixer(options, at::kDouble, seed);
      const auto h = mixer.projected(run);
      const at::Tensor exact = mixer.outwards(denseAttention(h[0], h[1], h[2]));
      sum += ((mixer(run) - exact).norm() / exact.norm()).item<double>();
    }
    return sum / 8.0;
  };
  double before = error(16);
  const double first = before;
  // In the limit the error falls with the root of the features, by 2.8 each time; few features do less.
  for (const int64_t features : {128, 1024, 8192}) {
    const double now = error(features);
    const double fall = features == 128 ? 1.4 : 2.0;
    QVERIFY2(now < before / fall,
             qPrintable(QStringLiteral("%1 features: %2 after %3").arg(features).arg(now).arg(before)));
    before = now;
  }
  QVERIFY2(before < 0.02 && before < first / 8.0, qPrintable(QStringLiteral("%1 from %2").arg(before).arg(first)));
}

void TestModelMixersAttention::performerBearsExtremeValues() {
  const TinyMixer mixer(tinyOptions("performer"), at::kFloat);
  const at::Tensor x = (randomTensor({50, 8}, 16, at::kFloat) * 300.0).requires_grad_(true);
  const at::Tensor out = mixer(x);
  out.sum().backward();
  QVERIFY(at::isfinite(out).all().item<bool>());
  QVERIFY(at::isfinite(x.grad()).all().item<bool>());
  const at::Tensor values = mixer.projected(x)[2];
  QVERIFY(out.abs().max().item<double>() < 20.0 * values.abs().max().item<double>());  // weights sum to one
}

void TestModelMixersAttention::featuresAreOrthogonalAndOfGaussianLength() {
  at::Generator generator = hvlm::makeGenerator(3);
  const at::Tensor w = hvlm::orthogonalFeatures(4003, 16, generator, at::kDouble);
  QCOMPARE(w.sizes().vec(), (std::vector<int64_t>{4003, 16}));
  for (const int64_t first : {0, 16, 3984}) {
    const at::Tensor block = w.slice(0, first, first + 16);
    const at::Tensor product = at::matmul(block, block.t());
    QVERIFY((product - product.diagonal().diag()).abs().max().item<double>() < 1e-9);
  }
  const at::Tensor squares = w.square().sum(1);  // chi squared with 16 degrees of freedom
  QVERIFY(std::abs(squares.mean().item<double>() - 16.0) < 0.5);
  QVERIFY(std::abs(squares.var().item<double>() - 32.0) < 4.0);
  QVERIFY(std::abs(w.mean().item<double>()) < 0.02);
}

void TestModelMixersAttention::wrongShapesAreNamed() {
  const at::Tensor q = at::zeros({1, 2, 5, 4});
  const at::Tensor k = at::zeros({1, 2, 7, 4});
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::tiledAttention(q, k, q));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::tiledAttention(q, k, k, {.reach = 1}));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::tiledAttention(q, k, k, {.key_bias = at::zeros({5})}));
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::tiledAttention(at::zeros({1, 3, 5, 4}), k, k));
}

QTEST_GUILESS_MAIN(TestModelMixersAttention)
#include "tst_model_mixers_attention.moc"
