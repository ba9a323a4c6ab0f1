// SPDX-License-Identifier: Apache-2.0
// The tuned text tower, and the heads with the model they stand beside.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include <QtTest>

#include "core/engine/language/head_subjects.h"
#include "core/engine/language/tiny_bert.h"
#include "data/text_vectors.h"
#include "engine/language/language_heads.h"
#include "engine/language/tuned_tower.h"
#include "engine/language/video_texts.h"
#include "support/temporary_folder.h"

using namespace hvlm;
using namespace hvlm::testing;

namespace {

const std::vector<std::string> kTexts = {"a man rides a horse", "the dog runs", "a man rides a horse", "the woman throws the ball and then runs"};

at::Tensor rowsOf(const TextTower& tower) { return textRows(tower, kTexts).vectors; }

RunConfig speakingConfig() {
  RunConfig config;
  config.encoder.dim = 16;
  config.encoder.layers = 1;
  config.encoder.heads = 2;
  config.head.detect = false;
  config.head.answer = config.head.caption = true;
  config.loss.task_weights = "learned";
  config.text.buckets = 64;
  config.language = smallOptions();
  return config;
}

const LanguageVocabulary kVocabulary{{"yes", "no", "two"}, {"a", "man", "rides", "horse", "runs"}, {"a man rides", "a horse runs"}};

}  // namespace

class TestTogether : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void tuningBeginsAtTheFrozenVectors_data();
  void tuningBeginsAtTheFrozenVectors();
  void gradientsReachTheAdaptersAlone();
  void headsAddTheirParametersToTheModel();
  void answersDoNotDependOnTheBatch();
  void descriptionsDoNotDependOnTheBatch_data();
  void descriptionsDoNotDependOnTheBatch();
  void textsOfAVideo();
};

void TestTogether::tuningBeginsAtTheFrozenVectors_data() {
  QTest::addColumn<QString>("kind");
  for (const char* kind : {"lora", "bottleneck", "prefix"}) QTest::newRow(kind) << QString::fromLatin1(kind);
}
void TestTogether::tuningBeginsAtTheFrozenVectors() {
  QFETCH(QString, kind);
  const TemporaryFolder folder;
  const auto frozen = std::make_shared<const MiniLmTower>(writeTower(folder.path(), tinyBert(3)), "");
  ParameterSet set;
  TextOptions options;
  options.tuning = kind.toStdString();
  options.tuning_size = 4;
  const TunedTower tuned(frozen, set, options, 5, at::kFloat);
  QVERIFY(set.size() > 0);
  QCOMPARE(tuned.tag(), "minilm, " + options.tuning);
  QVERIFY(distance(rowsOf(tuned).detach(), rowsOf(*frozen)) < 1e-5);
  QVERIFY(distance(tuned.rows(kTexts)[0], tuned.rows(kTexts)[2]) == 0.0);  // the same text is the same vector
  const std::vector<float> states = tuned.tokenStates(kTexts[1]);
  QCOMPARE(states.size(), frozen->tokenStates(kTexts[1]).size());
  // Changed adapters change the vectors.
  const at::NoGradGuard no_grad;
  at::Generator generator = makeGenerator(9);
  for (const at::Tensor& p : set.tensors()) p.add_(normalInit(p.sizes(), 0.3, generator, at::kFloat));
  QVERIFY(distance(rowsOf(tuned).detach(), rowsOf(*frozen)) > 1e-3);
}

void TestTogether::gradientsReachTheAdaptersAlone() {
  const TemporaryFolder folder;
  const auto frozen = std::make_shared<const MiniLmTower>(writeTower(folder.path(), tinyBert(3)), "");
  ParameterSet set;
  TextOptions options;
  options.tuning = "lora";
  const TunedTower tuned(frozen, set, options, 5, at::kFloat);
  const TextRows rows = textRows(tuned, kTexts);
  QCOMPARE(rows.groups, (std::vector<int64_t>{0, 1, 0, 2}));
  rows.vectors.pow(3).sum().backward();
  for (const Parameter& p : set.all()) {
    const bool first = p.name.find("lora_B") != std::string::npos;  // A has no gradient while B is zero
    QVERIFY2(p.value.grad().defined() && (p.value.grad().abs().sum().item<double>() > 0.0) == first, p.name.c_str());
  }
  QVERIFY(!textRows(*frozen, kTexts).vectors.requires_grad());
}

void TestTogether::headsAddTheirParametersToTheModel() {
  HierarchicalModel model(speakingConfig(), 6, 3, 1);
  const int64_t before = model.parameters().count();
  const LanguageHeads heads(model, kVocabulary, 1);
  QVERIFY(model.parameters().count() > before);
  for (const char* name : {"answer.classifier.weight", "caption.projector_in.weight", "tasks.log_variance"}) QVERIFY2(model.parameters().find(name), name);
  QCOMPARE(heads.taskLogVariance().numel(), int64_t{4});
  QCOMPARE(heads.tower()->tag(), std::string("hashed"));
  HierarchicalModel second(speakingConfig(), 6, 3, 1);
  const LanguageHeads same(second, kVocabulary, 1);
  for (const Parameter& p : model.parameters().all()) QVERIFY2(second.parameters().find(p.name)->equal(p.value), p.name.c_str());
}

void TestTogether::answersDoNotDependOnTheBatch() {
  HierarchicalModel model(speakingConfig(), 6, 3, 1);
  const LanguageHeads heads(model, kVocabulary, 1);
  const at::NoGradGuard no_grad;
  const Packed batch{at::randn({31, 6}, makeGenerator(2)), kOffsets, {}, {}};
  const Packed last{batch.x.slice(0, 10, 31), {0, 21}, {}, {}};
  const at::Tensor together = heads.answerLogits(model.forward(batch), *heads.tower(), {{0, "who runs"}, {2, "how many horses"}, {2, "who runs"}}, 1.0);
  const at::Tensor alone_logits = heads.answerLogits(model.forward(last), *heads.tower(), {{0, "who runs"}}, 1.0);
  QCOMPARE(together.sizes(), at::IntArrayRef({3, 3}));
  QVERIFY(distance(together[2], alone_logits[0]) < 1e-5);
  QVERIFY(distance(together[0], together[2]) > 1e-6);  // the video matters
  QVERIFY(distance(together[1], together[2]) > 1e-6);  // and the question does
}

void TestTogether::descriptionsDoNotDependOnTheBatch_data() {
  QTest::addColumn<QString>("decoding");
  for (const char* decoding : {"greedy", "beam", "nucleus", "consensus"}) QTest::newRow(decoding) << QString::fromLatin1(decoding);
}
void TestTogether::descriptionsDoNotDependOnTheBatch() {
  QFETCH(QString, decoding);
  RunConfig config = speakingConfig();
  config.language.decoding = decoding.toStdString();
  config.language.samples = 5;
  HierarchicalModel model(config, 6, 3, 1);
  const LanguageHeads heads(model, kVocabulary, 1);
  const at::NoGradGuard no_grad;
  const Packed batch{at::randn({31, 6}, makeGenerator(2)), kOffsets, {}, {}};
  const Packed last{batch.x.slice(0, 10, 31), {0, 21}, {}, {}};
  const auto together = heads.describe(model.forward(batch), batch.offsets, {{0, 0, 9}, {2, 3, 12}, {2, 0, 21}}, 7);
  const auto alone_text = heads.describe(model.forward(last), last.offsets, {{0, 3, 12}}, 7);
  QCOMPARE(together.size(), size_t{3});
  QCOMPARE(together[1], alone_text[0]);
  QVERIFY(heads.describe(model.forward(last), last.offsets, {}, 7).empty());
}

void TestTogether::textsOfAVideo() {
  Catalogue catalogue;
  catalogue.classes = {"RideHorse"};
  Video video;
  video.duration_seconds = 10.0;
  video.segments = {{2.0, 4.0, 0}};
  video.captions = {{0.0, 3.0, "A man rides."}, {9.9, 9.95, "Between two steps."}, {4.0, 30.0, "Past the end."}};
  const FeatureSpec spec{.steps_per_second = 1.0};
  const auto captions = textsOf(video, catalogue, spec, 10, {});
  QCOMPARE(captions.size(), size_t{2});
  QCOMPARE(captions[1].last_step, int64_t{10});  // captions past the end stop there
  QCOMPARE(paragraphOf(captions), std::string("A man rides. Past the end."));
  TextOptions labels;
  labels.source = "labels";
  QCOMPARE(textsOf(video, catalogue, spec, 10, labels).front().text, std::string("RideHorse"));
  QCOMPARE(classPrompt("RideHorse"), std::string("a video of someone doing: ride horse"));
}

QTEST_GUILESS_MAIN(TestTogether)
#include "tst_engine_language_together.moc"
