// SPDX-License-Identifier: Apache-2.0
// Sentences against the nodes of every pyramid level (loss.segment_text_nodes = levels).
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <QtTest>
#include <cmath>

#include "engine/language/text_tower.h"
#include "engine/objective/text.h"
#include "engine/train/text_terms.h"

using namespace hvlm;

namespace {

RunConfig configOf(const std::string& mode, const std::string& nodes) {
  RunConfig config;
  config.encoder.dim = 16;
  config.encoder.layers = 1;
  config.encoder.heads = 2;
  config.head.detect = false;
  config.pyramid.mode = mode;
  config.loss.segment_text = 0.8;
  config.loss.segment_text_nodes = nodes;
  config.text.buckets = 64;
  config.text.dim = 8;
  return config;
}

// Two videos of 13 and 6 steps. Sentences: a middle part, one up to the end, one up to the step before it, one of a single step.
const std::vector<int64_t> kOffsets = {0, 13, 19};
const std::vector<std::vector<VideoText>>& texts() {
  static const std::vector<std::vector<VideoText>> all = {{{"a man rides", 1, 9, 0, 0}, {"he falls at last", 8, 13, 0, 0}, {"almost over now", 8, 12, 0, 0}, {"blink", 4, 5, 0, 0}}, {{"whole thing here", 0, 6, 0, 0}}};
  return all;
}

struct Case {
  RunConfig config;
  HierarchicalModel model;
  std::shared_ptr<const TextTower> tower;
  ModelOutput output;
  explicit Case(RunConfig c) : config(std::move(c)), model(config, 5, 0, 1), tower(openTextTower(config.text)) {
    output = model.forward({at::randn({kOffsets.back(), 5}, makeGenerator(3)), kOffsets, {}, {}});
  }
  std::vector<LossTerm> terms() const { return textTerms(model, *tower, output, texts(), kOffsets, config.loss); }
  LossTerm term(const std::string& name) const {
    for (LossTerm& t : terms()) {
      if (t.name == name) return t;
    }
    return {};
  }
  double value(const std::string& name) const { return term(name).value.item<double>(); }
  // Another content for one node.
  void disturb(int64_t level, int64_t video, int64_t node) {
    Pyramid& p = output.pyramid;
    at::Tensor rows = p.levels_of_nodes[static_cast<size_t>(level)].detach().clone();
    rows[p.offsets[static_cast<size_t>(level)][static_cast<size_t>(video)] + node].add_(at::randn({16}, makeGenerator(9)) * 10.0);
    p.levels_of_nodes[static_cast<size_t>(level)] = rows;
  }
};

int64_t stepsOf(size_t video) { return kOffsets[video + 1] - kOffsets[video]; }

// Nodes of a level whose every step lies in the sentence, from the spans of the pyramid.
std::vector<int64_t> nodesWithin(const std::string& mode, size_t video, int64_t level, const VideoText& text) {
  std::vector<int64_t> within;
  const auto spans = levelSpans(stepsOf(video), mode);
  if (level >= static_cast<int64_t>(spans.size())) return within;
  const auto& nodes = spans[static_cast<size_t>(level)];
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].first >= text.first_step && nodes[i].second < text.last_step) within.push_back(static_cast<int64_t>(i));
  }
  return within;
}

}  // namespace

class TestTrainTextLevels : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void eachLevelHasATermOfItsOwn_data() { addModes(); }
  void eachLevelHasATermOfItsOwn();
  void eachTermIsOfTheNodesWithin_data() { addModes(); }
  void eachTermIsOfTheNodesWithin();
  void onlyNodesWithinAreRead_data() { addModes(); }
  void onlyNodesWithinAreRead();
  void theLastNarrowerNodeCounts();
  void stepsAloneAreAsBefore();
  void gradientsReachTheNodes();

 private:
  static void addModes() {
    QTest::addColumn<QString>("mode");
    QTest::newRow("ceil") << "ceil";
    QTest::newRow("floor") << "floor";
  }
};

void TestTrainTextLevels::eachLevelHasATermOfItsOwn() {
  QFETCH(QString, mode);
  const Case made(configOf(mode.toStdString(), "levels"));
  std::vector<std::string> expected;
  const int64_t levels = made.output.pyramid.levels();
  QCOMPARE(levels, int64_t{mode == "ceil" ? 5 : 4});
  for (int64_t level = 1; level < levels; ++level) {
    int64_t sentences = 0;
    for (size_t v = 0; v < 2; ++v) {
      for (const VideoText& t : texts()[v]) sentences += !nodesWithin(mode.toStdString(), v, level, t).empty();
    }
    if (sentences >= 2) expected.push_back("segment_text_" + std::to_string(level));
  }
  QVERIFY(expected.size() >= 2 && static_cast<int64_t>(expected.size()) < levels - 1);  // the top has too few
  expected.emplace_back("segment_text");
  std::vector<std::string> names;
  for (const LossTerm& term : made.terms()) {
    names.push_back(term.name);
    QVERIFY(std::abs(term.weight - 0.8 / static_cast<double>(levels)) < 1e-12);
  }
  QCOMPARE(names, expected);
}

void TestTrainTextLevels::eachTermIsOfTheNodesWithin() {
  QFETCH(QString, mode);
  const Case made(configOf(mode.toStdString(), "levels"));
  for (const int64_t level : {1, 2}) {
    std::vector<std::string> sentences;
    std::vector<int64_t> videos;
    std::vector<at::Tensor> means;
    const Pyramid& pyramid = made.output.pyramid;
    for (size_t v = 0; v < 2; ++v) {
      for (const VideoText& t : texts()[v]) {
        const std::vector<int64_t> within = nodesWithin(mode.toStdString(), v, level, t);
        if (within.empty()) continue;
        const at::Tensor rows = at::tensor(within, at::kLong) + pyramid.offsets[static_cast<size_t>(level)][v] + pyramid.level_start[static_cast<size_t>(level)];
        sentences.push_back(t.text);
        videos.push_back(static_cast<int64_t>(v));
        means.push_back(pyramid.nodes.index_select(0, rows).mean(0));
      }
    }
    const TextRows rows = textRows(*made.tower, sentences);
    const at::Tensor expected = textInfoNce(made.model.sharedVideo(at::stack(means)), made.model.sharedText(rows.vectors), made.model.logLogitScale(), videos, rows.groups, TextDirection::kBoth);
    QVERIFY(std::abs(made.value("segment_text_" + std::to_string(level)) - expected.item<double>()) < 1e-5);
  }
}

void TestTrainTextLevels::onlyNodesWithinAreRead() {
  QFETCH(QString, mode);
  const Case made(configOf(mode.toStdString(), "levels"));
  for (int64_t level = 1; level <= 2; ++level) {
    const std::string name = "segment_text_" + std::to_string(level);
    for (size_t v = 0; v < 2; ++v) {
      const size_t nodes = levelSpans(stepsOf(v), mode.toStdString())[static_cast<size_t>(level)].size();
      for (size_t i = 0; i < nodes; ++i) {
        bool is_read = false;
        for (const VideoText& t : texts()[v]) {
          for (const int64_t n : nodesWithin(mode.toStdString(), v, level, t)) is_read = is_read || n == static_cast<int64_t>(i);
        }
        Case other(made.config);
        other.disturb(level, static_cast<int64_t>(v), static_cast<int64_t>(i));
        QVERIFY2((other.value(name) != made.value(name)) == is_read, qPrintable(QStringLiteral("level %1, video %2, node %3").arg(level).arg(v).arg(i)));
      }
    }
  }
}

// Step 12 of 13 is a node of its own on level 1: of the sentence that goes to the end, not of the one that ends before it.
void TestTrainTextLevels::theLastNarrowerNodeCounts() {
  const auto spans = levelSpans(13, "ceil");
  QVERIFY(spans[1].back() == (std::pair<int64_t, int64_t>{12, 12}));
  const auto with = [](const std::vector<std::vector<VideoText>>& said, bool disturbed) {
    Case made(configOf("ceil", "levels"));
    if (disturbed) made.disturb(1, 0, 6);
    for (const LossTerm& term : textTerms(made.model, *made.tower, made.output, said, kOffsets, made.config.loss)) {
      if (term.name == "segment_text_1") return term.value.item<double>();
    }
    return std::nan("");
  };
  const std::vector<std::vector<VideoText>> to_the_end = {{{"a man rides", 8, 13, 0, 0}}, {{"whole thing here", 0, 6, 0, 0}}};
  const std::vector<std::vector<VideoText>> before_it = {{{"a man rides", 8, 12, 0, 0}}, {{"whole thing here", 0, 6, 0, 0}}};
  const std::vector<std::vector<VideoText>> alone = {{{"a man rides", 12, 13, 0, 0}}, {{"whole thing here", 0, 6, 0, 0}}};
  QVERIFY(with(to_the_end, false) != with(to_the_end, true));
  QCOMPARE(with(before_it, false), with(before_it, true));
  QVERIFY(std::isfinite(with(alone, false)) && with(alone, false) != with(alone, true));
}

void TestTrainTextLevels::stepsAloneAreAsBefore() {
  const Case levels(configOf("ceil", "levels")), steps(configOf("ceil", "steps"));
  const auto terms = steps.terms();
  QCOMPARE(terms.size(), size_t{1});
  QCOMPARE(terms.front().name, std::string("segment_text"));
  QCOMPARE(terms.front().weight, 0.8);
  QCOMPARE(terms.front().value.item<double>(), levels.value("segment_text"));
}

void TestTrainTextLevels::gradientsReachTheNodes() {
  RunConfig config = configOf("ceil", "levels");
  config.pyramid.block = "conv";
  const Case made(config);
  made.term("segment_text_2").value.backward();
  for (const char* name : {"pyramid.blocks.2.convolution.weight", "pyramid.blocks.1.convolution.weight", "encoder.projection.weight"}) {
    const at::Tensor* p = made.model.parameters().find(name);
    QVERIFY2(p && p->grad().defined() && p->grad().abs().max().item<double>() > 0.0, name);
  }
  const at::Tensor* above = made.model.parameters().find("pyramid.blocks.3.convolution.weight");
  QVERIFY(above && !above->grad().defined());
}

QTEST_GUILESS_MAIN(TestTrainTextLevels)
#include "tst_train_text_levels.moc"
