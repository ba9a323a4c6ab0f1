// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>

#include <QtTest>
#include <cmath>
#include <set>

#include "core/engine/language/chains.h"
#include "core/engine/language/tiny_decoder.h"
#include "engine/language/decoding.h"
#include "support/error.h"

namespace {

using hvlm::Finish;
using hvlm::Generated;
using hvlm::GenerationOptions;
using hvlm::testing::Chain;
using hvlm::testing::likeliest;
using hvlm::testing::optionsOf;
using hvlm::testing::prompt;
using hvlm::testing::temptation;
using hvlm::testing::Tiny;
using hvlm::testing::tinyShape;
using hvlm::testing::whole;
using hvlm::testing::wholeScore;

}  // namespace

class TestEngineLanguageDecoding : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void greedyTakesTheLikeliest();
  void greedyOfADecoderStopsWhereItsPositionsEnd();
  void beamOfOneIsGreedy_data();
  void beamOfOneIsGreedy();
  void beamFindsTheBetterSequence();
  void endBelowTheBeamsIsNotTaken();
  void lengthPenaltyPrefersLongerOnes();
  void wideBeamFindsTheBestOfAll();
  void beamScoresAreThoseOfTheDecoder();
};

void TestEngineLanguageDecoding::greedyTakesTheLikeliest() {
  const Generated result = temptation().run(optionsOf("greedy", 10, {1}));
  QCOMPARE(result.ids, std::vector<int64_t>{2});
  QCOMPARE(result.finish, Finish::kEnd);
  QVERIFY(std::abs(result.log_probability - std::log(0.6 * 0.3)) < 1e-12);
  const Generated cut = temptation().run(optionsOf("greedy", 1, {1}));
  QCOMPARE(cut.ids, std::vector<int64_t>{2});
  QCOMPARE(cut.finish, Finish::kLength);
}

void TestEngineLanguageDecoding::greedyOfADecoderStopsWhereItsPositionsEnd() {
  hvlm::DecoderShape shape = tinyShape();
  shape.max_positions = 12;
  const Tiny model(shape);
  const Generated result = hvlm::generate(model.decoder, prompt(model.decoder), optionsOf("greedy", 50));
  QCOMPARE(result.ids, likeliest(model.decoder, whole({3, 11, 6}), 10));  // 3 + 9 positions; the tenth token needs none
  QVERIFY(std::abs(result.log_probability - wholeScore(Tiny(tinyShape()).decoder, result.ids)) < 1e-4);
}

void TestEngineLanguageDecoding::beamOfOneIsGreedy_data() {
  QTest::addColumn<double>("length_penalty");
  QTest::addColumn<int>("no_repeat_ngram");
  QTest::newRow("plain") << 0.0 << 0;
  QTest::newRow("with a length penalty") << 1.0 << 0;
  QTest::newRow("without repeats") << 0.6 << 2;
}
void TestEngineLanguageDecoding::beamOfOneIsGreedy() {
  QFETCH(double, length_penalty);
  QFETCH(int, no_repeat_ngram);
  int ended = 0;
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    const Tiny model(tinyShape(), at::kFloat, seed);
    GenerationOptions options = optionsOf("greedy", 20, {5, 9});
    options.no_repeat_ngram = no_repeat_ngram;
    options.beams = 1;
    options.length_penalty = length_penalty;
    const Generated greedy = hvlm::generate(model.decoder, prompt(model.decoder), options);
    options.method = "beam";
    const Generated beam = hvlm::generate(model.decoder, prompt(model.decoder), options);
    QCOMPARE(beam.ids, greedy.ids);
    QCOMPARE(beam.finish, greedy.finish);
    QVERIFY(std::abs(beam.log_probability - greedy.log_probability) < 1e-9);
    ended += greedy.finish == Finish::kEnd;
  }
  QVERIFY(ended > 0 && ended < 8);  // both ways of ending were seen
}

void TestEngineLanguageDecoding::beamFindsTheBetterSequence() {
  for (const bool early_stop : {true, false}) {
    GenerationOptions options = optionsOf("beam", 6, {1});
    options.beams = 2;
    options.length_penalty = 0.0;
    options.early_stop = early_stop;
    const std::vector<Generated> results = temptation().beams(options);
    QCOMPARE(results.front().ids, std::vector<int64_t>{3});
    QCOMPARE(results.front().finish, Finish::kEnd);
    QVERIFY(std::abs(results.front().log_probability - std::log(0.4)) < 1e-12);
    QVERIFY(results.front().log_probability > temptation().run(optionsOf("greedy", 6, {1})).log_probability);
    QCOMPARE(results.size(), size_t{2});
    QVERIFY(results[0].score >= results[1].score);
  }
}

void TestEngineLanguageDecoding::endBelowTheBeamsIsNotTaken() {
  // Second step, best first: [2, end] 0.2805, [2, 4] 0.2295, [3, end] 0.196, [3, 4] 0.1862: the third is no beam of two.
  const Chain chain({0.00, 0.00, 0.51, 0.49, 0.00,  //
                     0.20, 0.20, 0.20, 0.20, 0.20,  //
                     0.00, 0.55, 0.00, 0.00, 0.45,  //
                     0.00, 0.40, 0.22, 0.00, 0.38,  //
                     0.00, 0.95, 0.00, 0.05, 0.00});
  GenerationOptions options = optionsOf("beam", 6, {1});
  options.beams = 2;
  options.length_penalty = 0.0;
  const std::vector<Generated> results = chain.beams(options);
  QCOMPARE(results.size(), size_t{2});
  QCOMPARE(results[0].ids, std::vector<int64_t>{2});
  QCOMPARE(results[1].ids, (std::vector<int64_t>{2, 4}));
}

void TestEngineLanguageDecoding::lengthPenaltyPrefersLongerOnes() {
  // After the start: end (0.5), or 2 (0.5) which then leads to 3 and the end almost surely.
  const Chain chain({0.00, 0.50, 0.50, 0.00,   //
                     0.25, 0.25, 0.25, 0.25,   //
                     0.00, 0.02, 0.00, 0.98,   //
                     0.00, 0.98, 0.02, 0.00});
  GenerationOptions options = optionsOf("beam", 6, {1});
  options.beams = 2;
  options.early_stop = false;
  options.length_penalty = 0.0;
  QCOMPARE(chain.run(options).ids, std::vector<int64_t>{});
  options.length_penalty = 1.0;
  const Generated longer = chain.run(options);
  QCOMPARE(longer.ids, (std::vector<int64_t>{2, 3}));
  const double log_probability = std::log(0.5 * 0.98 * 0.98);
  QVERIFY(std::abs(longer.log_probability - log_probability) < 1e-12);
  QVERIFY(std::abs(longer.score - log_probability / (8.0 / 6.0)) < 1e-12);  // three tokens with the end: (5 + 3) / (5 + 1)
}

void TestEngineLanguageDecoding::wideBeamFindsTheBestOfAll() {
  hvlm::DecoderShape shape = tinyShape();
  shape.vocabulary = 12;
  const Tiny model(shape);
  const auto score = [&](const std::vector<int64_t>& ids) { return wholeScore(model.decoder, ids); };
  double best = -INFINITY;
  std::vector<int64_t> best_ids;
  for (int64_t a = 0; a < 12; ++a) {
    for (int64_t b = 0; b < 12; ++b) {
      const double value = score({a, b});
      if (value > best) best = value, best_ids = {a, b};
    }
  }
  GenerationOptions options = optionsOf("beam", 2);
  options.beams = 144;
  const Generated found = hvlm::generate(model.decoder, prompt(model.decoder), options);
  QCOMPARE(found.ids, best_ids);
  QVERIFY(std::abs(found.log_probability - best) < 1e-4);
}

void TestEngineLanguageDecoding::beamScoresAreThoseOfTheDecoder() {
  const Tiny model(tinyShape());  // its cache is reordered on the way: a wrong row would give other scores
  GenerationOptions options = optionsOf("beam", 7);
  options.beams = 4;
  hvlm::KvCache cache;
  const at::Tensor hidden = model.decoder.forward(prompt(model.decoder), {}, &cache);
  const auto step = [&](const at::Tensor& last, hvlm::KvCache& state) {
    return model.decoder.logits(model.decoder.forward(model.decoder.embed(last.unsqueeze(1)), {}, &state).select(1, 0));
  };
  const std::vector<Generated> results = hvlm::beamSearch(step, model.decoder.logits(hidden.select(1, -1)), cache, options);
  QCOMPARE(results.size(), size_t{4});
  std::set<std::vector<int64_t>> different;
  for (const Generated& result : results) {
    QCOMPARE(result.ids.size(), size_t{7});
    QVERIFY(std::abs(result.log_probability - wholeScore(model.decoder, result.ids)) < 1e-4);
    different.insert(result.ids);
  }
  QCOMPARE(different.size(), size_t{4});
}

QTEST_GUILESS_MAIN(TestEngineLanguageDecoding)
#include "tst_engine_language_decoding.moc"
