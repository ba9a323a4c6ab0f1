// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>

#include <QtTest>
#include <cmath>
#include <map>
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
using hvlm::testing::messageOf;
using hvlm::testing::optionsOf;
using hvlm::testing::prompt;
using hvlm::testing::temptation;
using hvlm::testing::Tiny;
using hvlm::testing::tinyShape;
using hvlm::testing::whole;
using hvlm::testing::wholeScore;

}  // namespace

class TestEngineLanguageSampling : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void samplesFollowTheCutDistribution_data();
  void samplesFollowTheCutDistribution();
  void sameSeedDrawsTheSame();
  void callbackSeesEveryTokenAndStops();
  void noRunComesTwice();
  void refusesWhatDoesNotFit();
};

void TestEngineLanguageSampling::samplesFollowTheCutDistribution_data() {
  QTest::addColumn<double>("top_p");
  QTest::addColumn<int>("top_k");
  QTest::addColumn<double>("temperature");
  QTest::addColumn<QList<double>>("expected");  // after token 0, whose probabilities are 0.4, 0.3, 0.2, 0.1
  QTest::newRow("all tokens") << 1.0 << 0 << 1.0 << QList<double>{0.4, 0.3, 0.2, 0.1};
  QTest::newRow("nucleus of two") << 0.65 << 0 << 1.0 << QList<double>{4.0 / 7, 3.0 / 7, 0, 0};
  QTest::newRow("nucleus that needs the third token") << 0.75 << 0 << 1.0 << QList<double>{4.0 / 9, 3.0 / 9, 2.0 / 9, 0};
  QTest::newRow("nucleus of one") << 0.1 << 0 << 1.0 << QList<double>{1, 0, 0, 0};
  QTest::newRow("three likeliest") << 1.0 << 3 << 1.0 << QList<double>{4.0 / 9, 3.0 / 9, 2.0 / 9, 0};
  QTest::newRow("half the temperature squares") << 1.0 << 0 << 0.5 << QList<double>{16.0 / 30, 9.0 / 30, 4.0 / 30, 1.0 / 30};
  QTest::newRow("top k before nucleus") << 0.6 << 3 << 1.0 << QList<double>{4.0 / 7, 3.0 / 7, 0, 0};
}
void TestEngineLanguageSampling::samplesFollowTheCutDistribution() {
  QFETCH(double, top_p);
  QFETCH(int, top_k);
  QFETCH(double, temperature);
  QFETCH(QList<double>, expected);
  const Chain chain({0.4, 0.3, 0.2, 0.1,  //
                     0.1, 0.2, 0.3, 0.4,  //
                     0.3, 0.4, 0.1, 0.2,  //
                     0.2, 0.1, 0.4, 0.3});
  GenerationOptions options = optionsOf("sample", 6000);
  options.top_p = top_p;
  options.top_k = top_k;
  options.temperature = temperature;
  const std::vector<int64_t> ids = chain.run(options, hvlm::makeGenerator(7)).ids;
  QCOMPARE(ids.size(), size_t{6000});
  for (int64_t state = 0; state < 4; ++state) {  // each row holds the same four numbers in another order
    std::map<int64_t, double> counts;
    double visits = 0.0;
    for (size_t i = 0; i < ids.size(); ++i) {
      if ((i == 0 ? 0 : ids[i - 1]) != state) continue;
      counts[ids[i]] += 1.0;
      visits += 1.0;
    }
    double chi_square = 0.0;
    for (int64_t token = 0; token < 4; ++token) {
      const double probability = std::exp(chain.log_probabilities[state][token].item<double>());
      const auto rank = static_cast<qsizetype>(std::lround(4.0 - 10.0 * probability));  // 0.4 is the first
      const double wanted = visits * expected[rank];
      if (expected[rank] == 0.0) {
        QCOMPARE(counts[token], 0.0);
      } else if (visits > 0.0) {
        chi_square += (counts[token] - wanted) * (counts[token] - wanted) / wanted;
      }
    }
    QVERIFY2(chi_square < 21.1, qPrintable(QString::number(chi_square)));  // p = 1e-4 for three degrees of freedom
    QVERIFY(state != 0 || visits > 500.0);
  }
}

void TestEngineLanguageSampling::sameSeedDrawsTheSame() {
  const Tiny model(tinyShape());
  const GenerationOptions options = optionsOf("sample", 12);
  at::Generator one = hvlm::makeGenerator(1), same = hvlm::makeGenerator(1);
  const Generated first = hvlm::generate(model.decoder, prompt(model.decoder), options, one);
  const Generated again = hvlm::generate(model.decoder, prompt(model.decoder), options, same);
  QCOMPARE(again.ids, first.ids);
  QVERIFY(std::abs(first.log_probability - wholeScore(model.decoder, first.ids)) < 1e-4);
  const Generated further = hvlm::generate(model.decoder, prompt(model.decoder), options, one);  // the caller's generator has moved on
  QVERIFY(further.ids != first.ids);
}

void TestEngineLanguageSampling::callbackSeesEveryTokenAndStops() {
  const Tiny model(tinyShape());
  std::vector<int64_t> seen;
  double total = 0.0;
  const auto on_token = [&](int64_t id, double log_probability) {
    seen.push_back(id);
    total += log_probability;
    return seen.size() < 5;
  };
  const Generated result = hvlm::generate(model.decoder, prompt(model.decoder), optionsOf("greedy", 20), {}, on_token);
  QCOMPARE(result.finish, Finish::kStopped);
  QCOMPARE(result.ids, seen);
  QCOMPARE(seen, likeliest(model.decoder, whole({3, 11, 6}), 5));
  QVERIFY(std::abs(total - result.log_probability) < 1e-12);
}

void TestEngineLanguageSampling::noRunComesTwice() {
  QCOMPARE(hvlm::repeatedBy({1, 2, 3, 1, 2}, 3), std::vector<int64_t>{3});
  QCOMPARE(hvlm::repeatedBy({1, 2, 3, 1, 2}, 2), std::vector<int64_t>{3});
  QCOMPARE(hvlm::repeatedBy({1, 2}, 1), (std::vector<int64_t>{1, 2}));
  QCOMPARE(hvlm::repeatedBy({1, 1}, 3), std::vector<int64_t>{});
  for (const char* method : {"greedy", "beam", "sample"}) {
    GenerationOptions options = optionsOf(method, 40);
    options.no_repeat_ngram = 2;
    const std::vector<int64_t> ids = temptation().run(options, hvlm::makeGenerator(2)).ids;
    std::set<std::pair<int64_t, int64_t>> pairs;
    for (size_t i = 1; i < ids.size(); ++i) QVERIFY2(pairs.insert({ids[i - 1], ids[i]}).second, method);
    QVERIFY(ids.size() > 3 && ids.size() < 18);  // four tokens have sixteen pairs
  }
}

void TestEngineLanguageSampling::refusesWhatDoesNotFit() {
  const auto message = [](GenerationOptions options) { return messageOf([&] { temptation().run(options, hvlm::makeGenerator(1)); }); };
  GenerationOptions bad = optionsOf("guess", 3);
  QVERIFY(message(bad).find("method") != std::string::npos);
  bad = optionsOf("sample", 3);
  bad.temperature = 0.0;
  QVERIFY(message(bad).find("temperature") != std::string::npos);
  bad = optionsOf("beam", 3);
  bad.beams = 0;
  QVERIFY(message(bad).find("beams") != std::string::npos);
  QVERIFY(!messageOf([] { temptation().run(optionsOf("sample", 3)); }).empty());  // no generator
  QVERIFY(!messageOf([] { temptation().run(optionsOf("beam", 3), {}, [](int64_t, double) { return true; }); }).empty());
  const Chain broken({NAN, 0.5, 0.5, 0.5});
  for (const char* method : {"greedy", "beam", "sample"}) {
    QVERIFY(messageOf([&] { broken.run(optionsOf(method, 3), hvlm::makeGenerator(1)); }).find("NaN") != std::string::npos);
  }
  hvlm::KvCache cache;
  QVERIFY_THROWS_EXCEPTION(hvlm::ShapeError, hvlm::generate(temptation().step(), at::zeros({2, 4}), cache, optionsOf("greedy", 2)));
}

QTEST_GUILESS_MAIN(TestEngineLanguageSampling)
#include "tst_engine_language_sampling.moc"
