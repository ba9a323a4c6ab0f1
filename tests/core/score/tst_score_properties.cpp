// SPDX-License-Identifier: Apache-2.0
// Laws of suppression, matching and AP on many drawn lists, with ties, crowded and empty classes.
#include <QtTest>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "score/detection.h"
#include "support/random.h"

using namespace hvlm;

namespace {

struct Drawn {
  std::vector<ScoredSegment> truth, predictions;
};

// Whole seconds, so that overlaps are simple fractions and equal segments occur; class 5 has no instance, class 4 no prediction.
ScoredSegment segment(SplitMix& draw, int64_t videos, int64_t labels) {
  const auto start = static_cast<double>(draw.below(40)), length = static_cast<double>(1 + draw.below(20));
  return {.video = draw.below(videos), .label = draw.below(labels), .start_seconds = start, .end_seconds = start + length};
}
Drawn drawn(uint64_t seed, bool ties) {
  SplitMix draw(seed);
  Drawn lists;
  const int64_t instances = 5 + draw.below(30), predictions = draw.below(120);
  for (int64_t i = 0; i < instances; ++i) lists.truth.push_back(segment(draw, 6, 5));
  for (int64_t i = 0; i < predictions; ++i) {
    ScoredSegment s = i % 3 == 0 && !lists.truth.empty() ? lists.truth[static_cast<size_t>(draw.below(instances))] : segment(draw, 7, 4);
    if (s.label == 4) s.label = 5;
    if (i % 3 == 0) s.end_seconds += static_cast<double>(draw.below(4));
    s.score = ties ? static_cast<double>(1 + draw.below(8)) / 8.0 : 0.001 + 0.9 * draw.uniform();
    lists.predictions.push_back(s);
  }
  return lists;
}
double mapOf(const std::vector<ScoredSegment>& truth, const std::vector<ScoredSegment>& predictions) { return scoreDetections(truth, predictions, defaultThresholds()).average_map; }
double iou(const ScoredSegment& a, const ScoredSegment& b) { return overlapOrZero(a.start_seconds, a.end_seconds, b.start_seconds, b.end_seconds); }

std::vector<int64_t> shuffled(size_t count, uint64_t seed) {
  SplitMix draw(seed);
  std::vector<int64_t> order(count);
  std::iota(order.begin(), order.end(), int64_t{0});
  for (size_t i = count; i > 1; --i) std::swap(order[i - 1], order[static_cast<size_t>(draw.below(static_cast<int64_t>(i)))]);
  return order;
}
std::vector<ScoredSegment> inOrder(const std::vector<ScoredSegment>& list, const std::vector<int64_t>& order) {
  std::vector<ScoredSegment> out;
  for (const int64_t i : order) out.push_back(list[static_cast<size_t>(i)]);
  return out;
}

void seeds() {
  QTest::addColumn<quint64>("seed");
  QTest::addColumn<bool>("ties");
  for (quint64 seed = 1; seed <= 25; ++seed) {
    QTest::addRow("seed %llu, scores apart", seed) << seed << false;
    QTest::addRow("seed %llu, scores with ties", seed) << seed << true;
  }
}

}  // namespace

class TestScoreProperties : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void softNmsIsItsDefinition_data() { seeds(); }
  void softNmsIsItsDefinition();
  void orderOfTheInputPlaysNoPart_data() { seeds(); }
  void orderOfTheInputPlaysNoPart();
  void aNarrowGaussianIsHardSuppression_data() { seeds(); }
  void aNarrowGaussianIsHardSuppression();
  void hardNmsKeepsOneOfEachCrowd_data() { seeds(); }
  void hardNmsKeepsOneOfEachCrowd();
  void classesAreSuppressedApart_data() { seeds(); }
  void classesAreSuppressedApart();
  void matchesAreOneToOneAndMeetTheThreshold_data() { seeds(); }
  void matchesAreOneToOneAndMeetTheThreshold();
  void theTruthItselfScoresOne_data() { seeds(); }
  void theTruthItselfScoresOne();
  void onlyTheOrderOfScoresCounts_data() { seeds(); }
  void onlyTheOrderOfScoresCounts();
  void falsePositivesCostOnlyAboveHits_data() { seeds(); }
  void falsePositivesCostOnlyAboveHits();
  void copiesAreFalsePositives_data() { seeds(); }
  void copiesAreFalsePositives();
  void namesOfClassesAndVideosPlayNoPart_data() { seeds(); }
  void namesOfClassesAndVideosPlayNoPart();
};

void TestScoreProperties::softNmsIsItsDefinition() {
  QFETCH(quint64, seed);
  QFETCH(bool, ties);
  const auto list = drawn(seed, ties).predictions;
  const SuppressionOptions options{.sigma = 0.4, .min_score = 0.05};
  const std::vector<Kept> kept = softNms(list, options);
  QCOMPARE(kept.empty(), list.empty());
  std::set<int64_t> seen;
  for (size_t k = 0; k < kept.size(); ++k) {
    const ScoredSegment& own = list[static_cast<size_t>(kept[k].index)];
    QVERIFY(seen.insert(kept[k].index).second);
    QVERIFY(kept[k].score <= own.score);                           // never raised
    QVERIFY(k == 0 || kept[k].score <= kept[k - 1].score);         // picked by decayed score
    QVERIFY(k == 0 || kept[k].score >= options.min_score);
    double expected = own.score;
    for (size_t before = 0; before < k; ++before) {
      const double u = iou(list[static_cast<size_t>(kept[before].index)], own);
      expected *= std::exp(-u * u / options.sigma);
    }
    QVERIFY(std::abs(kept[k].score - expected) < 1e-12);
  }
  for (size_t i = 0; i < list.size(); ++i) {  // what is missing has decayed below the limit
    if (seen.contains(static_cast<int64_t>(i))) continue;
    double left = list[i].score;
    for (const Kept& k : kept) left *= std::exp(-std::pow(iou(list[static_cast<size_t>(k.index)], list[i]), 2) / options.sigma);
    QVERIFY(left < options.min_score);
  }
  const std::vector<Kept> few = softNms(list, {.sigma = 0.4, .min_score = 0.05, .keep = 3});
  QCOMPARE(few.size(), std::min<size_t>(3, kept.size()));
  for (size_t k = 0; k < few.size(); ++k) QCOMPARE(few[k].index, kept[k].index);
}

void TestScoreProperties::orderOfTheInputPlaysNoPart() {
  QFETCH(quint64, seed);
  QFETCH(bool, ties);
  if (ties) return;  // among equals the order decides, by contract
  const auto list = drawn(seed, ties).predictions;
  const auto order = shuffled(list.size(), seed + 100);
  const auto a = softNmsByClass(list, {}), b = softNmsByClass(inOrder(list, order), {});
  QCOMPARE(a.size(), b.size());
  for (size_t k = 0; k < a.size(); ++k) {
    QCOMPARE(order[static_cast<size_t>(b[k].index)], a[k].index);
    QCOMPARE(b[k].score, a[k].score);
  }
}

void TestScoreProperties::aNarrowGaussianIsHardSuppression() {
  QFETCH(quint64, seed);
  QFETCH(bool, ties);
  const auto list = drawn(seed, ties).predictions;
  const auto soft = softNms(list, {.sigma = 1e-9, .min_score = 1e-6}), hard = hardNms(list, {.threshold = 1e-12});
  QCOMPARE(soft.size(), hard.size());
  for (size_t k = 0; k < soft.size(); ++k) {
    QCOMPARE(soft[k].index, hard[k].index);
    QCOMPARE(soft[k].score, hard[k].score);
    for (size_t other = 0; other < k; ++other) QCOMPARE(iou(list[static_cast<size_t>(soft[k].index)], list[static_cast<size_t>(soft[other].index)]), 0.0);
  }
  const auto wide = softNms(list, {.sigma = 1e12, .min_score = 0.0});
  QCOMPARE(wide.size(), list.size());  // and a wide one takes nothing away
}

void TestScoreProperties::hardNmsKeepsOneOfEachCrowd() {
  QFETCH(quint64, seed);
  QFETCH(bool, ties);
  const auto list = drawn(seed, ties).predictions;
  const auto kept = hardNms(list, {.threshold = 0.5});
  std::set<int64_t> in;
  for (const Kept& k : kept) in.insert(k.index);
  for (size_t i = 0; i < list.size(); ++i) {
    bool covered = false;
    for (const Kept& k : kept) {
      if (k.index == static_cast<int64_t>(i)) continue;
      const bool over = iou(list[static_cast<size_t>(k.index)], list[i]) >= 0.5;
      QVERIFY(!(over && in.contains(static_cast<int64_t>(i))));
      covered = covered || (over && k.score >= list[i].score);
    }
    QCOMPARE(covered, !in.contains(static_cast<int64_t>(i)));
  }
}

void TestScoreProperties::classesAreSuppressedApart() {
  QFETCH(quint64, seed);
  QFETCH(bool, ties);
  const auto list = drawn(seed, ties).predictions;
  std::map<int64_t, std::vector<Kept>> by_class;
  for (const Kept& k : softNmsByClass(list, {})) by_class[list[static_cast<size_t>(k.index)].label].push_back(k);
  for (int64_t label = 0; label < 7; ++label) {
    std::vector<ScoredSegment> own;
    std::vector<int64_t> places;
    for (size_t i = 0; i < list.size(); ++i) {
      if (list[i].label == label) own.push_back(list[i]), places.push_back(static_cast<int64_t>(i));
    }
    std::map<int64_t, double> alone, together;
    for (const Kept& k : softNms(own, {})) alone[places[static_cast<size_t>(k.index)]] = k.score;
    for (const Kept& k : by_class[label]) together[k.index] = k.score;
    QCOMPARE(together, alone);
  }
}

void TestScoreProperties::matchesAreOneToOneAndMeetTheThreshold() {
  QFETCH(quint64, seed);
  QFETCH(bool, ties);
  const Drawn lists = drawn(seed, ties);
  const auto thresholds = defaultThresholds();
  const DetectionMatches matches = matchDetections(lists.truth, lists.predictions, thresholds);
  std::set<int64_t> labels;
  for (const ScoredSegment& t : lists.truth) labels.insert(t.label);
  QCOMPARE(matches.classes.size(), labels.size());
  for (const ClassMatches& of_class : matches.classes) {
    for (size_t k = 1; k < of_class.ranked.size(); ++k) {
      QVERIFY(lists.predictions[static_cast<size_t>(of_class.ranked[k - 1])].score >= lists.predictions[static_cast<size_t>(of_class.ranked[k])].score);
    }
    for (size_t t = 0; t < thresholds.size(); ++t) {
      std::set<int32_t> taken;
      for (size_t k = 0; k < of_class.ranked.size(); ++k) {
        const int32_t place = of_class.foundAt(t)[k];
        const ScoredSegment& p = lists.predictions[static_cast<size_t>(of_class.ranked[k])];
        QCOMPARE(p.label, of_class.label);
        if (place >= 0) {
          QVERIFY(taken.insert(place).second);
          const ScoredSegment& g = lists.truth[static_cast<size_t>(of_class.instances[static_cast<size_t>(place)])];
          QVERIFY(g.video == p.video && g.label == p.label && iou(p, g) >= thresholds[t]);
          continue;
        }
        for (size_t i = 0; i < of_class.instances.size(); ++i) {  // a false positive found nothing free
          const ScoredSegment& g = lists.truth[static_cast<size_t>(of_class.instances[i])];
          QVERIFY(g.video != p.video || iou(p, g) < thresholds[t] || taken.contains(static_cast<int32_t>(i)));
        }
      }
    }
  }
}

void TestScoreProperties::theTruthItselfScoresOne() {
  QFETCH(quint64, seed);
  QFETCH(bool, ties);
  Drawn lists = drawn(seed, ties);
  SplitMix draw(seed + 7);
  lists.predictions = lists.truth;
  for (ScoredSegment& s : lists.predictions) s.score = ties ? 0.5 : draw.uniform();
  QVERIFY(std::abs(mapOf(lists.truth, lists.predictions) - 1.0) < 1e-12);
  QCOMPARE(mapOf(lists.truth, {}), 0.0);
}

void TestScoreProperties::onlyTheOrderOfScoresCounts() {
  QFETCH(quint64, seed);
  QFETCH(bool, ties);
  const Drawn lists = drawn(seed, ties);
  const double expected = mapOf(lists.truth, lists.predictions);
  QVERIFY(expected >= 0.0 && expected <= 1.0);
  std::vector<ScoredSegment> half = lists.predictions, bent = lists.predictions, turned = lists.predictions;
  for (ScoredSegment& s : half) s.score *= 0.5;
  for (ScoredSegment& s : bent) s.score = -1.0 / s.score;
  QCOMPARE(mapOf(lists.truth, half), expected);
  QCOMPARE(mapOf(lists.truth, bent), expected);
  if (ties) return;
  QCOMPARE(mapOf(lists.truth, inOrder(turned, shuffled(turned.size(), seed))), expected);
}

void TestScoreProperties::falsePositivesCostOnlyAboveHits() {
  QFETCH(quint64, seed);
  QFETCH(bool, ties);
  const Drawn lists = drawn(seed, ties);
  const double expected = mapOf(lists.truth, lists.predictions);
  std::vector<ScoredSegment> below = lists.predictions, above = lists.predictions, outside = lists.predictions;
  for (int64_t label = 0; label < 5; ++label) {
    below.push_back({.video = -1, .label = label, .start_seconds = 0, .end_seconds = 5, .score = 1e-6});
    above.push_back({.video = 0, .label = label, .start_seconds = 900, .end_seconds = 905, .score = 2.0});
  }
  outside.push_back({.video = 0, .label = 6, .start_seconds = 0, .end_seconds = 5, .score = 2.0});  // a class without instances
  QCOMPARE(mapOf(lists.truth, below), expected);
  QCOMPARE(mapOf(lists.truth, outside), expected);
  if (expected > 0.0) QVERIFY(mapOf(lists.truth, above) < expected);
  else QCOMPARE(mapOf(lists.truth, above), 0.0);
}

void TestScoreProperties::copiesAreFalsePositives() {
  QFETCH(quint64, seed);
  QFETCH(bool, ties);
  Drawn lists = drawn(seed, ties);
  // Instances apart from one another, so that a copy finds nothing else.
  for (size_t i = 0; i < lists.truth.size(); ++i) lists.truth[i].start_seconds = 100.0 * static_cast<double>(i), lists.truth[i].end_seconds = lists.truth[i].start_seconds + 10.0;
  std::vector<ScoredSegment> once = lists.truth, twice, late;
  for (size_t i = 0; i < once.size(); ++i) once[i].score = 1.0 - 0.01 * static_cast<double>(i);
  late = once;
  for (const ScoredSegment& s : once) {
    twice.push_back(s);
    twice.push_back(s), twice.back().score -= 0.001;
    late.push_back(s), late.back().score -= 0.9;
  }
  std::map<int64_t, size_t> instances;
  for (const ScoredSegment& t : lists.truth) ++instances[t.label];
  double expected = 0.0;  // hits at ranks 1, 3, 5, …: precision k / (2 k - 1), and the highest one from there on counts
  for (const auto& [label, count] : instances) {
    double ap = 0.0;
    for (size_t k = 1; k <= count; ++k) ap += static_cast<double>(k) / static_cast<double>(2 * k - 1);
    expected += ap / static_cast<double>(count) / static_cast<double>(instances.size());
  }
  QVERIFY(std::abs(mapOf(lists.truth, twice) - expected) < 1e-12);
  QVERIFY(std::abs(mapOf(lists.truth, late) - 1.0) < 1e-12);  // below every hit they cost nothing
  const DetectionMatches matches = matchDetections(lists.truth, twice, defaultThresholds());
  for (const ClassMatches& of_class : matches.classes) {
    for (size_t k = 0; k < of_class.ranked.size(); ++k) QCOMPARE(of_class.foundAt(0)[k] >= 0, k % 2 == 0);
  }
}

void TestScoreProperties::namesOfClassesAndVideosPlayNoPart() {
  QFETCH(quint64, seed);
  QFETCH(bool, ties);
  const Drawn lists = drawn(seed, ties);
  Drawn other = lists;
  for (auto* list : {&other.truth, &other.predictions}) {
    for (ScoredSegment& s : *list) {
      s.label = 50 - s.label;
      s.video = 10 * s.video + 3;
    }
  }
  QVERIFY(std::abs(mapOf(other.truth, other.predictions) - mapOf(lists.truth, lists.predictions)) < 1e-12);
  const DetectionScore score = scoreDetections(lists.truth, lists.predictions, defaultThresholds());
  for (size_t c = 0; c < score.labels.size(); ++c) {  // each class alone scores as it does among others
    std::vector<ScoredSegment> truth, predictions;
    std::copy_if(lists.truth.begin(), lists.truth.end(), std::back_inserter(truth), [&](const ScoredSegment& s) { return s.label == score.labels[c]; });
    std::copy_if(lists.predictions.begin(), lists.predictions.end(), std::back_inserter(predictions), [&](const ScoredSegment& s) { return s.label == score.labels[c]; });
    QCOMPARE(scoreDetections(truth, predictions, defaultThresholds()).map, score.class_ap[c]);
    if (score.labels[c] == 4) QVERIFY(predictions.empty() && score.class_ap[c] == std::vector<double>(10, 0.0));
  }
}

QTEST_APPLESS_MAIN(TestScoreProperties)
#include "tst_score_properties.moc"
