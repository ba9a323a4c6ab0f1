// SPDX-License-Identifier: GPL-3.0-or-later
// Which prediction answers which instance, and what lies at a moment: the quick ways give what the plain ones give.
#include <cmath>
#include <random>

#include "samples.h"
#include "score/detection.h"
#include "support/text.h"
#include "ui/timeline/matching.h"
#include "ui/timeline/span_lookup.h"
#include "ui/timeline/timeline_content.h"

using namespace hvlm;
using namespace hvlm::ui;
using namespace hvlm::ui::testing;

namespace {

bool near(double a, double b) { return std::abs(a - b) <= 1e-9; }

// The rule of method.md 5.3 word for word: every detection looks at every instance.
Matching matchedPlainly(const std::vector<DetectedSegment>& detections, const std::vector<Segment>& truth, double threshold, double tiou,
                        size_t lanes) {
  Matching plain;
  plain.detections.resize(detections.size());
  plain.missed.assign(truth.size(), true);
  std::vector<std::vector<size_t>> taken(lanes);
  for (size_t i = 0; i < detections.size(); ++i) {
    const DetectedSegment& found = detections[i];
    MatchedDetection& result = plain.detections[i];
    if (found.score < threshold) continue;
    result.shown = true;
    double best = -1.0;
    for (size_t t = 0; t < truth.size(); ++t) {
      if (truth[t].label != found.label) continue;
      const double iou = temporalIou(found.start_seconds, found.end_seconds, truth[t].start_seconds, truth[t].end_seconds);
      if (iou > result.best_iou) result.best_iou = iou;
      if (!(iou >= tiou) || !plain.missed[t] || !(iou > best)) continue;
      best = result.matched_iou = iou;
      result.truth = static_cast<int64_t>(t);
    }
    if (result.truth >= 0) plain.missed[static_cast<size_t>(result.truth)] = false;
    (result.truth >= 0 ? plain.matched : plain.false_ones) += 1;
    result.lane = static_cast<int>(lanes) - 1;
    for (size_t lane = 0; lane + 1 < lanes; ++lane) {
      const bool free = std::none_of(taken[lane].begin(), taken[lane].end(), [&](size_t other) {
        return detections[other].start_seconds < found.end_seconds && detections[other].end_seconds > found.start_seconds;
      });
      if (!free) continue;
      result.lane = static_cast<int>(lane);
      taken[lane].push_back(i);
      break;
    }
  }
  return plain;
}

}  // namespace

class TestTimelineMatching : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void matchingEqualsThePlainRule_data();
  void matchingEqualsThePlainRule();
  void theMatchedOverlapIsKeptApartFromTheBest();
  void spanLookupEqualsBruteForce();
  void aLongSegmentIsFoundUnderLaterOnes();
  void detectionsAreCountedByColumn();
};

void TestTimelineMatching::matchingEqualsThePlainRule_data() {
  QTest::addColumn<double>("tiou");
  QTest::addColumn<int>("lanes");
  QTest::newRow("at half of the union") << 0.5 << 2;
  QTest::newRow("at a tenth") << 0.1 << 3;
  QTest::newRow("only what agrees to the end") << 1.0 << 2;
  QTest::newRow("at a limit of nothing, where even what does not overlap is answered") << 0.0 << 2;
  QTest::newRow("all predictions in one lane") << 0.3 << 1;
}
void TestTimelineMatching::matchingEqualsThePlainRule() {
  QFETCH(double, tiou);
  QFETCH(int, lanes);
  std::mt19937 random(29);
  const auto whole = [&](int from, int to) { return static_cast<double>(std::uniform_int_distribution<int>(from, to)(random)); };
  int64_t matched = 0, false_ones = 0;
  for (int round = 0; round < 400; ++round) {
    const int range = round % 2 ? 40 : 400;  // crowded, and with room
    std::vector<Segment> truth;
    std::vector<DetectedSegment> found;
    for (int i = std::uniform_int_distribution<int>(0, 40)(random); i > 0; --i) {
      const double start = whole(0, range);  // whole seconds: equal starts, equal overlaps and segments of no length occur
      truth.push_back({start, start + (i % 9 == 0 ? whole(0, range) : whole(0, 8)), static_cast<int64_t>(whole(-1, 2))});
    }
    const auto earlier = [](const Segment& a, const Segment& b) { return a.start_seconds < b.start_seconds; };
    if (round % 3) std::stable_sort(truth.begin(), truth.end(), earlier);
    for (int i = std::uniform_int_distribution<int>(0, 60)(random); i > 0; --i) {
      const double start = whole(0, range);
      found.push_back({start, start + whole(0, 10), static_cast<int64_t>(whole(-1, 2)), whole(0, 20) / 20.0});
    }
    std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
    const Matching plain = matchedPlainly(found, truth, 0.2, tiou, static_cast<size_t>(lanes));
    const Matching quick = matchDetections(found, truth, 0.2, tiou, lanes);
    for (size_t i = 0; i < found.size(); ++i) {
      const MatchedDetection &a = quick.detections[i], &b = plain.detections[i];
      QVERIFY2(a.shown == b.shown && a.truth == b.truth && a.best_iou == b.best_iou && a.matched_iou == b.matched_iou && a.lane == b.lane,
               qPrintable(QString("round %1, detection %2: %3 and %4").arg(round).arg(i).arg(a.truth).arg(b.truth)));
    }
    QCOMPARE(quick.missed, plain.missed);
    QCOMPARE(quick.matched, plain.matched);
    QCOMPARE(quick.false_ones, plain.false_ones);
    matched += plain.matched;
    false_ones += plain.false_ones;
  }
  QVERIFY(matched > 5 && false_ones > 500);  // both occur
}

void TestTimelineMatching::theMatchedOverlapIsKeptApartFromTheBest() {
  // The second lies best on the first instance, which is taken: it answers the other one.
  const std::vector<Segment> truth = {{0, 10, 0}, {4, 14, 0}};
  const std::vector<DetectedSegment> found = {{0, 10, 0, 0.9}, {1, 11, 0, 0.8}, {1, 11, 0, 0.7}};
  const Matching result = matchDetections(found, truth, 0.2, 0.5, 2);
  QCOMPARE(result.detections[1].truth, int64_t{1});
  QVERIFY(near(result.detections[1].matched_iou, 7.0 / 13.0));
  QVERIFY(near(result.detections[1].best_iou, 9.0 / 11.0));
  QCOMPARE(result.detections[2].truth, int64_t{-1});
  QCOMPARE(result.detections[2].matched_iou, 0.0);
  const TimelineContent content = makeContent(video("a", 20.0, truth), {"x"}, inspection(20, true, found, {"x"}));
  QVERIFY2(detectionText(content, result, 1).contains("IoU 0.54 · matched with truth 2"), qPrintable(detectionText(content, result, 1)));
  QVERIFY2(detectionText(content, result, 2).contains("best IoU 0.82 · false"), qPrintable(detectionText(content, result, 2)));
  const QStringList lines = qText(timelineCsv(content, result)).split(QLatin1Char('\n'));
  QVERIFY2(lines[4].endsWith(QString("0.8,%1,1").arg(qText(exactNumber(7.0 / 13.0)))), qPrintable(lines[4]));
  QVERIFY2(lines[5].endsWith(QString("0.7,%1,").arg(qText(exactNumber(9.0 / 11.0)))), qPrintable(lines[5]));
}

void TestTimelineMatching::spanLookupEqualsBruteForce() {
  std::mt19937 random(31);
  const auto whole = [&](int from, int to) { return static_cast<double>(std::uniform_int_distribution<int>(from, to)(random)); };
  int hits = 0;
  for (int round = 0; round < 300; ++round) {
    std::vector<SpanLookup::Span> spans;
    for (int i = std::uniform_int_distribution<int>(0, 30)(random); i > 0; --i) {
      const double from = whole(0, 50);
      spans.push_back({from, from + whole(-1, 12), 100 + i});  // some end before they begin
    }
    const SpanLookup lookup(spans);
    for (double at = -1.0; at <= 64.0; at += 0.5) {
      int64_t first = -1;
      for (const auto& span : spans) {
        if (first < 0 && at >= span.from_seconds && at <= span.to_seconds) first = span.id;
      }
      QCOMPARE(lookup.at(at), first);
      hits += first >= 0;
    }
  }
  QVERIFY(hits > 5000);
  QCOMPARE(SpanLookup().at(0.0), int64_t{-1});
}

void TestTimelineMatching::aLongSegmentIsFoundUnderLaterOnes() {
  std::vector<Segment> truth = {{0, 1000, 0}};
  for (int i = 1; i <= 200; ++i) truth.push_back({static_cast<double>(i), i + 0.5, 0});
  const TimelineContent content = makeContent(video("a", 1000.0, truth), {"x"}, nullptr);
  QCOMPARE(truthAt(content, 600.0), int64_t{0});
  QCOMPARE(truthAt(content, 150.25), int64_t{150});  // where several lie, the one that began last
  QCOMPARE(truthAt(content, 150.75), int64_t{0});
  QCOMPARE(truthAt(content, 1000.5), int64_t{-1});
  QCOMPARE(firstTruthReaching(content, 600.0), size_t{0});
  QCOMPARE(firstTruthReaching(makeContent(video("a", 1000.0, {truth.begin() + 1, truth.end()}), {"x"}, nullptr), 150.75), size_t{150});
}

void TestTimelineMatching::detectionsAreCountedByColumn() {
  const auto seen = inspection(10, true, {{0, 4, 0, 0.9}, {2, 6, 0, 0.8}, {10, 10, 0, 0.7}, {7, 8, 0, 0.1}}, {"x"});
  const TimelineContent content = makeContent(video("a", 10.0, {}), {"x"}, seen);
  const Matching matching = matchDetections(content.detections, content.truth, 0.2, 0.5, 2);
  // Columns of a second; one at the very end is of the last column, one below the threshold is of none.
  QCOMPARE(detectionDensity(content, matching, 10), (std::vector<int>{1, 1, 2, 2, 1, 1, 0, 0, 0, 1}));
  QCOMPARE(detectionDensity(content, matching, 1), (std::vector<int>{3}));
}

HVLM_GUI_TEST_MAIN(TestTimelineMatching)
#include "tst_ui_timeline_matching.moc"
