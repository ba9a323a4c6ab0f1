// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <QtTest>
#include <cmath>

#include "core/engine/language/head_subjects.h"
#include "engine/language/answer_head.h"
#include "engine/model/model.h"

namespace {

using namespace hvlm::testing;
using hvlm::AskedQuestion;

constexpr int64_t kTextWidth = 8;

// A head with its own parameters.
struct Answers {
  hvlm::ParameterSet set;
  hvlm::AnswerHead head;
  explicit Answers(int64_t width = kWidth, int64_t layers = 2) {
    hvlm::LanguageOptions options = smallOptions();
    options.answer_layers = layers;
    at::Generator generator = hvlm::makeGenerator(2);
    head = hvlm::AnswerHead(set, options, kTextWidth, width, 5, generator, at::kFloat);
  }
};

at::Tensor question(int64_t tokens, uint64_t seed) { return randomSteps(1, tokens, kTextWidth, seed)[0]; }

// Videos in which steps of class A are high in channel 0, and the answers to "does A occur" and "is A more than half of it".
struct Lesson {
  hvlm::Packed batch;
  std::vector<int64_t> answers;  // two a video
};
Lesson lesson(int64_t videos, at::Generator& generator) {
  Lesson out;
  out.batch.offsets = {0};
  std::vector<at::Tensor> rows;
  const auto below = [&](int64_t n) { return at::randint(n, {1}, generator, at::kLong).item<int64_t>(); };
  for (int64_t v = 0; v < videos; ++v) {
    const int64_t steps = 8 + below(13);
    int64_t count = 0;
    do count = below(3) == 0 ? 0 : 1 + below(steps);
    while (std::abs(2.0 * static_cast<double>(count) / static_cast<double>(steps) - 1.0) < 0.2);
    at::Tensor x = hvlm::normalInit({steps, 6}, 0.3, generator, at::kFloat);
    const int64_t first = below(steps - count + 1);
    x.slice(0, first, first + count).select(1, 0).add_(2.0);
    rows.push_back(x);
    out.batch.offsets.push_back(out.batch.offsets.back() + steps);
    out.answers.insert(out.answers.end(), {count > 0, 2 * count > steps});
  }
  out.batch.x = at::cat(rows);
  return out;
}

hvlm::RunConfig lessonConfig() {
  hvlm::RunConfig config;
  config.encoder.dim = kWidth;
  config.encoder.layers = 1;
  config.encoder.heads = 2;
  config.encoder.dropout = 0.0;
  config.head.answer = true;
  return config;
}

}  // namespace

class TestEngineLanguageHeads : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void answersDoNotDependOnOthers();
  void answersDependOnVideoAndQuestion();
  void answersReachAllNodes();
  void answersOfAnyWidth();
  void answersAreLearned();
};

void TestEngineLanguageHeads::answersDoNotDependOnOthers() {
  const Answers answers;
  const hvlm::ModelOutput all = randomOutput();
  const std::vector<AskedQuestion> asked{{0, question(3, 1)}, {0, question(1, 2)}, {1, question(7, 3)},
                                         {2, question(2, 4)}, {2, question(3, 1)}, {2, question(5, 5)}};
  const at::Tensor logits = answers.head(all.pyramid, asked, 0.5, {});
  QCOMPARE(logits.sizes(), at::IntArrayRef({6, 5}));
  for (size_t i = 0; i < asked.size(); ++i) {
    const at::Tensor own = answers.head(all.pyramid, {asked[i]}, 0.5, {});
    QVERIFY(distance(own[0], logits[static_cast<int64_t>(i)]) < 1e-5);
    const hvlm::ModelOutput video = alone(all, static_cast<size_t>(asked[i].video));
    QVERIFY(distance(answers.head(video.pyramid, {{0, asked[i].states}}, 0.5, {})[0], own[0]) < 1e-5);
  }
  QCOMPARE(answers.head(all.pyramid, {}, 0.5, {}).sizes(), at::IntArrayRef({0, 5}));
}

void TestEngineLanguageHeads::answersDependOnVideoAndQuestion() {
  const Answers answers;
  const hvlm::ModelOutput all = randomOutput();
  const auto ask = [&](int64_t video, uint64_t seed, double seconds = 0.5) {
    return answers.head(all.pyramid, {{video, question(3, seed)}}, seconds, {});
  };
  QVERIFY(distance(ask(0, 1), ask(2, 1)) > 1e-3);
  QVERIFY(distance(ask(0, 1), ask(0, 2)) > 1e-3);
  QVERIFY(distance(ask(2, 1, 0.5), ask(2, 1, 50.0)) > 1e-4);  // minutes count, too
  QVERIFY(distance(ask(0, 1), ask(0, 1)) == 0.0);
}

void TestEngineLanguageHeads::answersReachAllNodes() {
  const Answers answers;
  hvlm::ModelOutput all = randomOutput();
  all.pyramid.nodes = all.pyramid.nodes.detach().requires_grad_(true);
  answers.head(all.pyramid, {{0, question(3, 1)}, {2, question(2, 2)}}, 1.0, {}).pow(2).sum().backward();
  const at::Tensor reached = all.pyramid.nodes.grad().abs().sum(1) > 1e-9;
  int64_t rows = 0;
  for (size_t l = 0; l < all.pyramid.offsets.size(); ++l) {
    for (size_t v = 0; v < 3; ++v) {
      const int64_t first = all.pyramid.level_start[l] + all.pyramid.offsets[l][v],
                    last = all.pyramid.level_start[l] + all.pyramid.offsets[l][v + 1];
      const at::Tensor own = reached.slice(0, first, last);
      QVERIFY(v == 1 ? !own.any().item<bool>() : own.all().item<bool>());
      rows += last - first;
    }
  }
  QCOMPARE(rows, all.pyramid.nodes.size(0));
  for (const hvlm::Parameter& p : answers.set.all())
    QVERIFY2(p.value.grad().defined() && p.value.grad().abs().sum().item<double>() > 0.0, p.name.c_str());
}

void TestEngineLanguageHeads::answersOfAnyWidth() {  // the encoder's own heads may divide what four do not
  for (const int64_t width : {6, 9, 12}) {
    const Answers answers(width, 1);
    const hvlm::ModelOutput video = outputOf(randomSteps(1, 7, width, 3)[0], {0, 7});
    QVERIFY(answers.head(video.pyramid, {{0, question(2, 1)}}, 1.0, {}).isfinite().all().item<bool>());
  }
}

void TestEngineLanguageHeads::answersAreLearned() {
  hvlm::HierarchicalModel model(lessonConfig(), 6, 2, 1);
  at::Generator generator = hvlm::makeGenerator(2);
  hvlm::LanguageOptions options = smallOptions();
  options.answer_layers = 1;
  const hvlm::AnswerHead head(model.parameters(), options, kTextWidth, kWidth, 2, generator, at::kFloat);
  const at::Tensor occurs = question(3, 1), half = question(4, 2);
  const auto logits = [&](const Lesson& l) {
    std::vector<AskedQuestion> asked;
    for (int64_t v = 0; v < l.batch.videos(); ++v) asked.insert(asked.end(), {{v, occurs}, {v, half}});
    return head(model.forward(l.batch).pyramid, asked, 1.0, {});
  };
  Adam optimiser(model.parameters().tensors(), 5e-3);
  for (int step = 0; step < 190; ++step) {
    const Lesson l = lesson(16, generator);
    optimiser.step(at::cross_entropy_loss(logits(l), at::tensor(l.answers, at::kLong)));
  }
  const Lesson test = lesson(200, generator);
  const at::Tensor truth = at::tensor(test.answers, at::kLong);
  const at::Tensor right = (logits(test).argmax(1) == truth).to(at::kDouble).view({-1, 2}).mean(0);
  const double share = at::where(truth == 1, 1.0, 0.0).mean().item<double>();
  QVERIFY(share > 0.3 && share < 0.7);
  QVERIFY2(right.min().item<double>() >= 0.95,
           qPrintable(QStringLiteral("%1 %2").arg(right[0].item<double>()).arg(right[1].item<double>())));
}

QTEST_GUILESS_MAIN(TestEngineLanguageHeads)
#include "tst_engine_language_heads.moc"
