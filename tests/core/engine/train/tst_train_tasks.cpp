// SPDX-License-Identifier: Apache-2.0
// Terms of the heads that answer and describe, learned task weights, and texts that are no negatives.
#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <QtTest>
#include <cmath>

#include "engine/objective/text.h"
#include "engine/train/language_terms.h"
#include "engine/train/text_terms.h"
#include "support/error.h"

using namespace hvlm;

namespace {

RunConfig speakingConfig() {
  RunConfig config;
  config.encoder.dim = 16;
  config.encoder.layers = 1;
  config.encoder.heads = 2;
  config.head.detect = false;
  config.head.answer = config.head.caption = true;
  config.text.buckets = 32;
  config.language.width = 16;
  config.language.layers = 1;
  config.language.heads = 2;
  return config;
}

Catalogue twoVideos() {
  Catalogue catalogue;
  catalogue.name = "two";
  Video a{.id = "a", .subset = "training", .duration_seconds = 6.0};
  a.captions = {{0.0, 3.0, "A man rides."}};
  a.questions = {{"a_0", "who rides", "man", 0}, {"a_1", "where", "never heard of", 6}};
  Video b{.id = "b", .subset = "training", .duration_seconds = 4.0};
  catalogue.videos = {a, b};
  return catalogue;
}

}  // namespace

class TestTrainTasks : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void learnedWeightsAreKendalls();
  void otherTermsAreNotWeighed();
  void aTaskWithoutAnythingGivesNoTerm();
  void aVocabularyNeedsSomething();
  void nearTextsAreNoNegatives();
  void learnedWeightsNeedNoHead();
};

void TestTrainTasks::learnedWeightsAreKendalls() {
  const at::Tensor s = at::tensor({0.5, -1.0, 0.25, 2.0}, at::kDouble).requires_grad_(true);
  TotalLoss loss;
  const std::vector<std::tuple<std::string, double, double>> terms = {{"temporal", 0.1, 4.0}, {"classification", 2.0, 0.7}, {"focal", 1.0, 0.3}, {"diou", 2.0, 0.4}, {"caption", 1.5, 1.2}};
  for (const auto& [name, weight, value] : terms) loss.terms.push_back({name, weight, at::tensor(value, at::kDouble), {}});
  weighTasks(loss, s);
  const double expected = 0.1 * 4.0 + 2.0 * 0.7 * std::exp(-0.5) + 0.25 + (0.3 + 2.0 * 0.4) * std::exp(1.0) - 0.5 + 1.5 * 1.2 * std::exp(-2.0) + 1.0;
  QVERIFY(std::abs(loss.total.item<double>() - expected) < 1e-12);
  QCOMPARE(loss.terms[1].value.item<double>(), 0.7);
  const at::Tensor gradient = torch::autograd::grad({loss.total}, {s})[0];
  QVERIFY(std::abs(gradient[0].item<double>() - (0.5 - 1.4 * std::exp(-0.5))) < 1e-12);
  QCOMPARE(gradient[2].item<double>(), 0.0);  // no answers in this batch: nothing moves their weight
}

void TestTrainTasks::otherTermsAreNotWeighed() {
  TotalLoss loss;
  loss.terms.push_back({"temporal", 2.0, at::tensor(3.0, at::kDouble), {}});
  loss.total = at::tensor(6.0, at::kDouble);
  weighTasks(loss, at::ones({4}, at::kDouble));
  QCOMPARE(loss.total.item<double>(), 6.0);
}

void TestTrainTasks::aTaskWithoutAnythingGivesNoTerm() {
  const Catalogue catalogue = twoVideos();
  const RunConfig config = speakingConfig();
  HierarchicalModel model(config, 5, 0, 1);
  const LanguageHeads heads(model, vocabularyOf(catalogue, {0}, config), 1);
  const FeatureSpec spec{.steps_per_second = 1.0};
  const auto terms = [&](const std::vector<int64_t>& videos, const std::vector<int64_t>& offsets) {
    const Packed packed{at::randn({offsets.back(), 5}, makeGenerator(3)), offsets, {}, {}};
    return languageTerms(heads, heads.tower().get(), model.forward(packed), offsets, videos, catalogue, spec, config.loss, {});
  };
  const auto both = terms({0, 1}, {0, 6, 10});
  QCOMPARE(both.size(), size_t{2});
  QCOMPARE(both[0].name, std::string("answer"));
  QCOMPARE(both[1].name, std::string("caption"));
  both[0].value.backward();
  QVERIFY(model.parameters().find("answer.classifier.weight")->grad().defined());
  QVERIFY(!model.parameters().find("caption.projector_in.weight")->grad().defined());
  QCOMPARE(terms({1}, {0, 4}).size(), size_t{0});  // nothing is known of the second video
}

void TestTrainTasks::aVocabularyNeedsSomething() {
  QVERIFY_THROWS_EXCEPTION(InputError, vocabularyOf(twoVideos(), {1}, speakingConfig()));
  const LanguageVocabulary found = vocabularyOf(twoVideos(), {0, 1}, speakingConfig());
  QCOMPARE(found.answers.size(), size_t{2});
  QCOMPARE(found.words, (std::vector<std::string>{"a", "man", "rides"}));
}

void TestTrainTasks::nearTextsAreNoNegatives() {
  const at::Tensor v = at::randn({3, 4}, makeGenerator(1), at::kDouble), t = at::randn({3, 4}, makeGenerator(2), at::kDouble), scale = at::zeros({}, at::kDouble);
  const auto loss = [&](const std::vector<int64_t>& groups, const at::Tensor& apart) { return textInfoNce(v, t, scale, {}, groups, TextDirection::kBoth, apart).item<double>(); };
  at::Tensor apart = at::eye(3, at::kBool);
  apart[0][1] = apart[1][0] = true;
  QVERIFY(std::abs(loss({}, apart) - loss({0, 0, 1}, {})) < 1e-12);  // as if the first two had the same text
  QVERIFY(loss({}, apart) < loss({}, {}));
  QCOMPARE(loss({}, at::ones({3, 3}, at::kBool)), 0.0);  // no negative is left
  QVERIFY_THROWS_EXCEPTION(ShapeError, textInfoNce(v, t, scale, {}, {}, TextDirection::kBoth, at::eye(2, at::kBool)));
}

void TestTrainTasks::learnedWeightsNeedNoHead() {
  RunConfig config = speakingConfig();
  config.head.answer = config.head.caption = false;
  QVERIFY(!usesLanguage(config));
  config.loss.task_weights = "learned";
  QVERIFY(usesLanguage(config));  // classes and segments are weighed too
  HierarchicalModel model(config, 5, 3, 1);
  const LanguageHeads heads(model, vocabularyOf(twoVideos(), {0}, config), 1);
  QVERIFY(heads.taskLogVariance().defined() && !heads.answers() && !heads.captions());
  config.contrast.method = "moco";
  QVERIFY_THROWS_EXCEPTION(InputError, validateConfig(config, "config"));  // the key model has no such parts
}

QTEST_GUILESS_MAIN(TestTrainTasks)
#include "tst_train_tasks.moc"
