// SPDX-License-Identifier: GPL-3.0-or-later
#include <QJsonDocument>
#include <cmath>
#include <random>

#include "samples.h"
#include "score/detection.h"
#include "ui/timeline/matching.h"
#include "ui/timeline/options_state.h"
#include "ui/timeline/pyramid_cells.h"
#include "ui/timeline/range_max.h"
#include "ui/timeline/time_scale.h"
#include "ui/timeline/timeline_content.h"
#include "ui/timeline/timeline_painter.h"

using namespace hvlm;
using namespace hvlm::ui;
using namespace hvlm::ui::testing;

namespace {

bool near(double a, double b, double tolerance = 1e-9) { return std::abs(a - b) <= tolerance; }

// Area under the precision envelope, worked from the matches the timeline shows, as method.md 5.3 says.
double averagePrecision(const Matching& matching, size_t truth) {
  std::vector<double> recall{0.0}, precision{0.0};
  double hits = 0.0, shown = 0.0;
  for (const MatchedDetection& detection : matching.detections) {
    shown += 1.0;
    hits += detection.truth >= 0 ? 1.0 : 0.0;
    recall.push_back(hits / static_cast<double>(truth));
    precision.push_back(hits / shown);
  }
  recall.push_back(1.0);
  precision.push_back(0.0);
  for (size_t i = precision.size() - 1; i-- > 0;) precision[i] = std::max(precision[i], precision[i + 1]);
  double area = 0.0;
  for (size_t i = 1; i < recall.size(); ++i) area += (recall[i] - recall[i - 1]) * precision[i];
  return area;
}

}  // namespace

Q_DECLARE_METATYPE(std::vector<hvlm::DetectedSegment>)
Q_DECLARE_METATYPE(std::vector<hvlm::Segment>)
Q_DECLARE_METATYPE(hvlm::ui::TimelineOptions)

class TestTimelineModel : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void wholeVideoFills_data();
  void wholeVideoFills();
  void pixelsAndSecondsAreInverse();
  void zoomKeepsTheMomentUnderThePointer();
  void zoomStaysInsideTheVideo();
  void panStopsAtTheEnds();
  void showingARange();
  void resizing_data();
  void resizing();
  void timeText_data();
  void timeText();
  void shortTimeText_data();
  void shortTimeText();
  void parseTime_data();
  void parseTime();
  void timeTextReadsBack();
  void ticks_data();
  void ticks();
  void ticksNeverCrowd();
  void cellsTouchingEqualsBruteForce_data();
  void cellsTouchingEqualsBruteForce();
  void familyEqualsBruteForce_data();
  void familyEqualsBruteForce();
  void floorLeavesTheOddStepUncovered();
  void rangeOfCellsEndsAtTheLastCell();
  void rangeMaxEqualsBruteForce();
  void matching_data();
  void matching();
  void matchingGivesTheOfficialScore();
  void lanesKeepOverlapsApart();
  void contentMergesClassLists();
  void rowsFollowTheOptions_data();
  void rowsFollowTheOptions();
  void theReadOutNamesWhatIsThere();
  void hatchingStaysInside();
  void csvHoldsWhatIsShown();
  void collapsedLevelsAreThin_data();
  void collapsedLevelsAreThin();
  void collapsedLevelsAreKept_data();
  void collapsedLevelsAreKept();
};

void TestTimelineModel::wholeVideoFills_data() {
  QTest::addColumn<double>("duration");
  QTest::addColumn<int>("width");
  QTest::newRow("a 100 s video over 1001 pixels") << 100.0 << 1001;
  QTest::newRow("ten hours over 500 pixels") << 36000.0 << 500;
  QTest::newRow("a tenth of a second over 2000 pixels") << 0.1 << 2000;
}
void TestTimelineModel::wholeVideoFills() {
  QFETCH(double, duration);
  QFETCH(int, width);
  const TimeScale scale = wholeVideo(duration, 88, width);
  QVERIFY(near(scale.secondsAt(88), 0.0));
  QVERIFY(near(scale.secondsAt(88 + width - 1), duration));
  QVERIFY(near(scale.endSeconds(), duration));
}

void TestTimelineModel::pixelsAndSecondsAreInverse() {
  TimeScale scale;
  scale.start_seconds = 12.5;
  scale.seconds_per_pixel = 0.25;
  scale.left = 88;
  scale.width = 400;
  QCOMPARE(scale.secondsAt(88), 12.5);
  QCOMPARE(scale.secondsAt(188), 37.5);
  QCOMPARE(scale.pixelAt(37.5), 188.0);
  for (int x = 88; x < 488; ++x) QVERIFY(near(scale.pixelAt(scale.secondsAt(x)), x));
}

void TestTimelineModel::zoomKeepsTheMomentUnderThePointer() {
  std::mt19937 random(3);
  const double duration = 600.0;
  int compared = 0;
  for (int round = 0; round < 500; ++round) {
    TimeScale scale = wholeVideo(duration, 88, 900);
    for (int notch = 0; notch < 12; ++notch) {
      const double x = 88.0 + std::uniform_real_distribution<double>(0, 899)(random);
      const double before = scale.secondsAt(x);
      const TimeScale zoomed = zoomedAt(scale, x, 1.25, duration);
      QVERIFY(near(zoomed.secondsAt(x), before, 1e-7));  // zooming in: always inside the video
      QVERIFY(zoomed.seconds_per_pixel <= scale.seconds_per_pixel);
      scale = zoomed;
      ++compared;
    }
  }
  QCOMPARE(compared, 6000);
}

void TestTimelineModel::zoomStaysInsideTheVideo() {
  const double duration = 60.0;
  TimeScale scale = zoomedAt(wholeVideo(duration, 88, 601), 88 + 600, 8.0, duration);
  QVERIFY(near(scale.endSeconds(), duration));
  scale = zoomedAt(scale, 88, 1.0 / 100.0, duration);  // out again, far beyond the whole
  QVERIFY(near(scale.start_seconds, 0.0));
  QVERIFY(near(scale.endSeconds(), duration));
  scale = zoomedAt(scale, 300, 1e9, duration);
  QVERIFY(near(scale.seconds_per_pixel, kFinestSecondsPerPixel));
}

void TestTimelineModel::panStopsAtTheEnds() {
  const double duration = 100.0;
  const TimeScale scale = showing(wholeVideo(duration, 88, 101), 40, 60, duration);
  QVERIFY(near(pannedBy(scale, -5, duration).start_seconds, 35));
  QVERIFY(near(pannedBy(scale, -500, duration).start_seconds, 0));
  QVERIFY(near(pannedBy(scale, 500, duration).endSeconds(), 100));
  QVERIFY(near(pannedBy(scale, 500, duration).start_seconds, 80));
}

void TestTimelineModel::showingARange() {
  const TimeScale scale = showing(wholeVideo(100.0, 88, 201), 25, 35, 100.0);
  QVERIFY(near(scale.secondsAt(88), 25));
  QVERIFY(near(scale.endSeconds(), 35));
}

void TestTimelineModel::resizing_data() {
  QTest::addColumn<bool>("whole");
  QTest::addColumn<double>("start");
  QTest::addColumn<double>("end");
  QTest::newRow("a whole video stays whole") << true << 0.0 << 100.0;
  QTest::newRow("a part keeps its start and its scale") << false << 20.0 << 60.0;
}
void TestTimelineModel::resizing() {
  QFETCH(bool, whole);
  QFETCH(double, start);
  QFETCH(double, end);
  TimeScale scale = wholeVideo(100.0, 88, 201);
  if (!whole) scale = showing(scale, 20, 40, 100.0);
  scale = resized(scale, 88, 401, 100.0, whole);
  QVERIFY(near(scale.start_seconds, start));
  QVERIFY(near(scale.endSeconds(), end));
}

void TestTimelineModel::timeText_data() {
  QTest::addColumn<double>("seconds");
  QTest::addColumn<QString>("text");
  QTest::newRow("zero") << 0.0 << "0:00.00";
  QTest::newRow("hundredths are rounded") << 41.206 << "0:41.21";
  QTest::newRow("rounding carries into minutes") << 59.996 << "1:00.00";
  QTest::newRow("minutes are not padded") << 161.0 << "2:41.00";
  QTest::newRow("an hour shows hours") << 3600.0 << "1:00:00.00";
  QTest::newRow("ten hours") << 36061.5 << "10:01:01.50";
  QTest::newRow("a negative time is shown as zero") << -1.0 << "0:00.00";
}
void TestTimelineModel::timeText() {
  QFETCH(double, seconds);
  QFETCH(QString, text);
  QCOMPARE(hvlm::ui::timeText(seconds), text);
}

void TestTimelineModel::shortTimeText_data() {
  QTest::addColumn<double>("tick");
  QTest::addColumn<QString>("text");
  QTest::newRow("ticks of seconds show no decimals") << 5.0 << "1:02";
  QTest::newRow("ticks of tenths show one") << 0.2 << "1:02.5";
  QTest::newRow("ticks of hundredths show two") << 0.05 << "1:02.50";
}
void TestTimelineModel::shortTimeText() {
  QFETCH(double, tick);
  QFETCH(QString, text);
  QCOMPARE(hvlm::ui::shortTimeText(62.5, tick), text);
}

void TestTimelineModel::parseTime_data() {
  QTest::addColumn<QString>("text");
  QTest::addColumn<double>("seconds");
  QTest::newRow("minutes and seconds") << "1:02.5" << 62.5;
  QTest::newRow("seconds alone") << "62.5" << 62.5;
  QTest::newRow("hours") << "1:00:02" << 3602.0;
  QTest::newRow("blanks around it are nothing") << "  0:07 " << 7.0;
  QTest::newRow("a word is no time") << "soon" << -1.0;
  QTest::newRow("nothing is no time") << "" << -1.0;
  QTest::newRow("a part left out is no time") << "1::2" << -1.0;
  QTest::newRow("a negative part is no time") << "-3" << -1.0;
  QTest::newRow("four parts are no time") << "1:2:3:4" << -1.0;
  QTest::newRow("infinity is no time") << "inf" << -1.0;
  QTest::newRow("NaN is no time") << "nan" << -1.0;
}
void TestTimelineModel::parseTime() {
  QFETCH(QString, text);
  QFETCH(double, seconds);
  QCOMPARE(hvlm::ui::parseTime(text), seconds);
}

void TestTimelineModel::timeTextReadsBack() {
  for (int i = 0; i < 1000; ++i) {
    const double seconds = i * 41.37;
    QVERIFY(near(hvlm::ui::parseTime(hvlm::ui::timeText(seconds)), seconds, 0.0051));
  }
}

void TestTimelineModel::ticks_data() {
  QTest::addColumn<double>("duration");
  QTest::addColumn<int>("width");
  QTest::addColumn<QStringList>("labels");
  // 100 s over 1001 pixels: 84 pixels are 8.4 s, so 10 s it is.
  QTest::newRow("10 s where 84 pixels are 8.4 s")
      << 100.0 << 1001
      << QStringList{"0:00", "0:10", "0:20", "0:30", "0:40", "0:50", "1:00", "1:10", "1:20", "1:30", "1:40"};
  QTest::newRow("2 h where 84 pixels are 1.68 h") << 36000.0 << 501 << QStringList{"0:00", "2:00:00", "4:00:00", "6:00:00", "8:00:00", "10:00:00"};
  QTest::newRow("tenths where the video is a second long") << 1.0 << 501 << QStringList{"0:00.0", "0:00.2", "0:00.4", "0:00.6", "0:00.8", "0:01.0"};
}
void TestTimelineModel::ticks() {
  QFETCH(double, duration);
  QFETCH(int, width);
  QFETCH(QStringList, labels);
  QStringList shown;
  double before = -1.0;
  for (const Tick& tick : ticksOf(wholeVideo(duration, 88, width), duration, 84)) {
    QVERIFY(tick.seconds > before);
    before = tick.seconds;
    if (!tick.text.isEmpty()) shown.append(tick.text);
  }
  QCOMPARE(shown, labels);
}

void TestTimelineModel::ticksNeverCrowd() {
  std::mt19937 random(5);
  for (int round = 0; round < 300; ++round) {
    const double duration = std::exp(std::uniform_real_distribution<double>(std::log(0.5), std::log(80000.0))(random));
    const int width = std::uniform_int_distribution<int>(100, 3000)(random);
    TimeScale scale = wholeVideo(duration, 88, width);
    scale = zoomedAt(scale, 88 + width / 3.0, std::uniform_real_distribution<double>(1, 500)(random), duration);
    double label = -1e9, mark = -1e9;
    for (const Tick& tick : ticksOf(scale, duration, 84)) {
      const double x = scale.pixelAt(tick.seconds);
      QVERIFY(tick.seconds >= scale.start_seconds - 1e-6 && tick.seconds <= duration + 1e-6);
      QVERIFY(x - mark >= 5.99);
      mark = x;
      if (tick.text.isEmpty()) continue;
      QVERIFY(x - label >= 83.9);
      label = x;
    }
  }
}

void TestTimelineModel::cellsTouchingEqualsBruteForce_data() {
  QTest::addColumn<bool>("ceil");
  QTest::newRow("ceil: binary search finds the cells a scan finds") << true;
  QTest::newRow("floor: binary search finds the cells a scan finds") << false;
}
void TestTimelineModel::cellsTouchingEqualsBruteForce() {
  QFETCH(bool, ceil);
  std::mt19937 random(7);
  int64_t found = 0;
  for (int round = 0; round < 200; ++round) {
    const int64_t steps = std::uniform_int_distribution<int64_t>(1, 300)(random);
    const auto levels = pyramid(steps, ceil);
    const auto& level = levels[std::uniform_int_distribution<size_t>(0, levels.size() - 1)(random)];
    for (int query = 0; query < 40; ++query) {
      const int64_t from = std::uniform_int_distribution<int64_t>(-3, steps + 3)(random);
      const int64_t to = std::uniform_int_distribution<int64_t>(from + 1, steps + 9)(random);
      std::vector<int64_t> scan;
      for (size_t i = 0; i < level.first_step.size(); ++i) {
        if (level.first_step[i] < to && level.last_step[i] >= from) scan.push_back(static_cast<int64_t>(i));
      }
      const auto [first, last] = cellsTouching(level, from, to);
      QCOMPARE(last - first, static_cast<int64_t>(scan.size()));
      if (!scan.empty()) {
        QCOMPARE(first, scan.front());
        QCOMPARE(last - 1, scan.back());
      }
      int64_t at = -1;
      for (size_t i = 0; i < level.first_step.size(); ++i) {
        if (level.first_step[i] <= from && from <= level.last_step[i]) at = static_cast<int64_t>(i);
      }
      QCOMPARE(cellAtStep(level, from), at);
      found += last - first;
    }
  }
  QVERIFY(found > 10000);
}

void TestTimelineModel::familyEqualsBruteForce_data() {
  QTest::addColumn<bool>("ceil");
  QTest::newRow("ceil: children are the cells that name this parent") << true;
  QTest::newRow("floor: children are the cells that name this parent, orphans have none") << false;
}
void TestTimelineModel::familyEqualsBruteForce() {
  QFETCH(bool, ceil);
  for (const int64_t steps : {1, 2, 3, 7, 20, 81, 250}) {
    const auto seen = inspection(steps, ceil, {}, {"a"});
    for (int64_t level = 0; level < static_cast<int64_t>(seen->levels.size()); ++level) {
      const auto cells = static_cast<int64_t>(seen->levels[static_cast<size_t>(level)].first_step.size());
      for (int64_t cell = 0; cell < cells; ++cell) {
        const CellAddress here{level, cell};
        std::vector<int64_t> scan;
        if (level > 0) {
          const auto& parents = seen->levels[static_cast<size_t>(level - 1)].parent;
          for (size_t i = 0; i < parents.size(); ++i) {
            if (parents[i] == cell) scan.push_back(static_cast<int64_t>(i));
          }
        }
        const auto [first, last] = childrenOf(*seen, here);
        QCOMPARE(last - first, static_cast<int64_t>(scan.size()));
        if (!scan.empty()) QCOMPARE(first, scan.front());
        for (int64_t child = first; child < last; ++child) QCOMPARE(parentOf(*seen, {level - 1, child}), here);
        const auto [from, to] = secondsOf(*seen, here);
        QCOMPARE(from, static_cast<double>(seen->levels[static_cast<size_t>(level)].first_step[static_cast<size_t>(cell)]));
        QCOMPARE(to, static_cast<double>(seen->levels[static_cast<size_t>(level)].last_step[static_cast<size_t>(cell)] + 1));
      }
    }
    QVERIFY(!parentOf(*seen, {static_cast<int64_t>(seen->levels.size()) - 1, 0}).valid());
  }
}

void TestTimelineModel::floorLeavesTheOddStepUncovered() {
  const auto seen = inspection(125, false, {}, {"a"});  // the paper's 125 > 62 > 31
  QCOMPARE(seen->levels[1].first_step.size(), size_t{62});
  QCOMPARE(seen->levels[2].first_step.size(), size_t{31});
  QCOMPARE(cellAtStep(seen->levels[0], 124), int64_t{124});
  QCOMPARE(cellAtStep(seen->levels[1], 124), int64_t{-1});
  QVERIFY(!parentOf(*seen, {0, 124}).valid());
  QCOMPARE(parentOf(*seen, {0, 123}), (CellAddress{1, 61}));
}

void TestTimelineModel::rangeOfCellsEndsAtTheLastCell() {
  const auto seen = inspection(50, true, {}, {"a"});
  const auto [first, last] = cellsTouching(seen->levels[0], 10, 15);  // five steps: 10, 11, 12, 13, 14
  QCOMPARE(first, int64_t{10});
  QCOMPARE(last - first, int64_t{5});
  QCOMPARE(secondsOf(*seen, {0, last - 1}).second, 15.0);
  // A cell boundary belongs to the cell that begins there.
  QCOMPARE(cellAtStep(seen->levels[1], 1), int64_t{0});
  QCOMPARE(cellAtStep(seen->levels[1], 2), int64_t{1});
}

void TestTimelineModel::rangeMaxEqualsBruteForce() {
  std::mt19937 random(11);
  for (int round = 0; round < 60; ++round) {
    std::vector<float> values(std::uniform_int_distribution<size_t>(1, 400)(random));
    for (float& value : values) value = std::uniform_real_distribution<float>(-1, 1)(random);
    const RangeMax table(values);
    QCOMPARE(table.size(), static_cast<int64_t>(values.size()));
    QCOMPARE(table.overAll(), *std::max_element(values.begin(), values.end()));
    for (int query = 0; query < 200; ++query) {
      const auto first = std::uniform_int_distribution<size_t>(0, values.size() - 1)(random);
      const auto last = std::uniform_int_distribution<size_t>(first + 1, values.size())(random);
      QCOMPARE(table.over(static_cast<int64_t>(first), static_cast<int64_t>(last)),
               *std::max_element(values.begin() + static_cast<std::ptrdiff_t>(first), values.begin() + static_cast<std::ptrdiff_t>(last)));
    }
  }
  QCOMPARE(RangeMax().size(), int64_t{0});
  QCOMPARE(RangeMax().overAll(), 0.0f);
}

void TestTimelineModel::matching_data() {
  QTest::addColumn<std::vector<DetectedSegment>>("detections");
  QTest::addColumn<std::vector<Segment>>("truth");
  QTest::addColumn<double>("threshold");
  QTest::addColumn<double>("tiou");
  QTest::addColumn<QList<int>>("answers");  // by detection; -2 = not shown
  QTest::addColumn<QList<int>>("missed");
  using D = std::vector<DetectedSegment>;
  using T = std::vector<Segment>;
  using I = QList<int>;
  QTest::newRow("a detection on the truth answers it") << D{{10, 20, 0, 0.9}} << T{{10, 20, 0}} << 0.2 << 0.5 << I{0} << I{};
  QTest::newRow("another class answers nothing") << D{{10, 20, 1, 0.9}} << T{{10, 20, 0}} << 0.2 << 0.5 << I{-1} << I{0};
  QTest::newRow("one truth is answered once, by the higher score")
      << D{{11, 20, 0, 0.9}, {10, 20, 0, 0.8}} << T{{10, 20, 0}} << 0.2 << 0.5 << I{0, -1} << I{};
  // tIoU with [0,10] is 8/12 = .667, with [4,14] it is 8/12 for [2,12]; [3,13]: .538 and .818.
  QTest::newRow("the highest tIoU is taken, not the first") << D{{3, 13, 0, 0.9}} << T{{0, 10, 0}, {4, 14, 0}} << 0.2 << 0.5 << I{1} << I{0};
  QTest::newRow("a detection whose best truth is taken answers the next best one")
      << D{{4, 14, 0, 0.9}, {3, 13, 0, 0.8}} << T{{0, 10, 0}, {4, 14, 0}} << 0.2 << 0.5 << I{1, 0} << I{};
  QTest::newRow("tIoU at the limit counts") << D{{0, 5, 0, 0.9}} << T{{0, 10, 0}} << 0.2 << 0.5 << I{0} << I{};
  QTest::newRow("tIoU below the limit does not") << D{{0, 4.99, 0, 0.9}} << T{{0, 10, 0}} << 0.2 << 0.5 << I{-1} << I{0};
  QTest::newRow("a detection below the threshold is not shown and answers nothing")
      << D{{10, 20, 0, 0.19}} << T{{10, 20, 0}} << 0.2 << 0.5 << I{-2} << I{0};
  QTest::newRow("a detection at the threshold is shown") << D{{10, 20, 0, 0.2}} << T{{10, 20, 0}} << 0.2 << 0.5 << I{0} << I{};
  QTest::newRow("segments that only touch have nothing in common") << D{{0, 10, 0, 0.9}} << T{{10, 20, 0}} << 0.0 << 0.1 << I{-1} << I{0};
  QTest::newRow("without truth all are false") << D{{0, 10, 0, 0.9}, {20, 30, 1, 0.5}} << T{} << 0.2 << 0.5 << I{-1, -1} << I{};
  QTest::newRow("without detections all are missed") << D{} << T{{0, 1, 0}, {2, 3, 1}} << 0.2 << 0.5 << I{} << I{0, 1};
}
void TestTimelineModel::matching() {
  QFETCH(std::vector<DetectedSegment>, detections);
  QFETCH(std::vector<Segment>, truth);
  QFETCH(double, threshold);
  QFETCH(double, tiou);
  QFETCH(QList<int>, answers);
  QFETCH(QList<int>, missed);
  const Matching result = matchDetections(detections, truth, threshold, tiou, 2);
  QCOMPARE(result.detections.size(), detections.size());
  int64_t matched = 0, false_ones = 0;
  for (qsizetype i = 0; i < answers.size(); ++i) {
    const MatchedDetection& detection = result.detections[static_cast<size_t>(i)];
    QCOMPARE(detection.shown, answers[i] != -2);
    if (detection.shown) QCOMPARE(detection.truth, static_cast<int64_t>(answers[i]));
    matched += answers[i] >= 0;
    false_ones += answers[i] == -1;
  }
  QCOMPARE(result.matched, matched);
  QCOMPARE(result.false_ones, false_ones);
  QList<int> not_answered;
  for (size_t i = 0; i < result.missed.size(); ++i) {
    if (result.missed[i]) not_answered.append(static_cast<int>(i));
  }
  QCOMPARE(not_answered, missed);
}

// The matches on screen are those that the evaluator counts: the same average precision, over random videos and limits.
void TestTimelineModel::matchingGivesTheOfficialScore() {
  std::mt19937 random(13);
  std::uniform_real_distribution<double> at(0, 100), length(2, 30);
  double sum = 0.0;
  for (int round = 0; round < 300; ++round) {
    std::vector<Segment> truth;
    std::vector<DetectedSegment> found;
    std::vector<ScoredSegment> scored_truth, scored;
    for (int i = 0; i < 6; ++i) {
      const double start = at(random), end = start + length(random);
      truth.push_back({start, end, 0});
      scored_truth.push_back({0, 0, start, end, 0.0});
    }
    for (int i = 0; i < 15; ++i) {
      const Segment& near_one = truth[static_cast<size_t>(i % 6)];
      const double start = near_one.start_seconds + std::uniform_real_distribution<double>(-4, 4)(random);
      const double end = std::max(start + 0.5, near_one.end_seconds + std::uniform_real_distribution<double>(-4, 4)(random));
      found.push_back({start, end, 0, std::uniform_real_distribution<double>(0.01, 1)(random)});
    }
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
    for (const auto& one : found) scored.push_back({0, 0, one.start_seconds, one.end_seconds, one.score});
    const double tiou = std::vector<double>{0.3, 0.5, 0.75}[static_cast<size_t>(round % 3)];
    const double official = scoreDetections(scored_truth, scored, std::vector<double>{tiou}).map.at(0);
    const Matching shown = matchDetections(found, truth, 0.0, tiou, 2);
    QVERIFY2(near(averagePrecision(shown, truth.size()), official, 1e-12),
             qPrintable(QStringLiteral("%1 and %2").arg(averagePrecision(shown, truth.size())).arg(official)));
    sum += official;
  }
  QVERIFY(sum / 300 > 0.2 && sum / 300 < 0.95);  // neither all hit nor all missed
}

void TestTimelineModel::lanesKeepOverlapsApart() {
  const std::vector<DetectedSegment> found = {{10, 20, 0, 0.9}, {15, 25, 0, 0.8}, {20, 30, 0, 0.7}, {12, 22, 0, 0.6}};
  const Matching result = matchDetections(found, {}, 0.2, 0.5, 2);
  QCOMPARE(result.detections[0].lane, 0);
  QCOMPARE(result.detections[1].lane, 1);  // overlaps the first
  QCOMPARE(result.detections[2].lane, 0);  // begins where the first ends
  QCOMPARE(result.detections[3].lane, 1);  // no lane is free: the last one
}

void TestTimelineModel::contentMergesClassLists() {
  // The model knows its classes in another order, and one that the data set does not.
  const auto seen = inspection(8, true, {{0, 2, 1, 0.3}, {2, 4, 2, 0.9}, {4, 6, 7, 0.5}}, {"zeta", "alpha", "new"});
  const TimelineContent content = makeContent(video("a", 8.0, {{0, 2, 0}}), {"alpha", "beta", "zeta"}, seen);
  QCOMPARE(content.classes, (QStringList{"alpha", "beta", "zeta", "new"}));
  QCOMPARE(content.detections[0].score, 0.9);  // by falling score
  QCOMPARE(content.detections[0].label, int64_t{3});
  QCOMPARE(content.detections[1].label, int64_t{-1});  // a class number nobody knows
  QCOMPARE(content.detections[2].label, int64_t{0});
  QVERIFY(near(static_cast<double>(content.share[0].at(3)), static_cast<double>(seen->levels[0].share[3]) * 8.0, 1e-6));
}

void TestTimelineModel::rowsFollowTheOptions_data() {
  QTest::addColumn<TimelineOptions>("options");
  QTest::addColumn<QStringList>("labels");
  TimelineOptions all, no_truth, attention_only, one, beyond;
  no_truth.truth = false;
  attention_only.truth = attention_only.predictions = false;
  one.only_level = 1;
  beyond.only_level = 9;
  const QStringList head{"whole video", "time"};
  const QStringList levels{"L0 · 5", "L1 · 3", "L2 · 2", "L3 · 1"};
  QTest::newRow("all rows, a level each") << all << (head + QStringList{"truth", "found", "attention"} + levels);
  QTest::newRow("without truth") << no_truth << (head + QStringList{"found", "attention"} + levels);
  QTest::newRow("attention and levels alone") << attention_only << (head + QStringList{"attention"} + levels);
  QTest::newRow("one level alone") << one << (head + QStringList{"truth", "found", "attention", "L1 · 3"});
  QTest::newRow("a level that is not there shows the top") << beyond << (head + QStringList{"truth", "found", "attention", "L3 · 1"});
}
void TestTimelineModel::rowsFollowTheOptions() {
  QFETCH(TimelineOptions, options);
  QFETCH(QStringList, labels);
  const TimelineContent content = makeContent(video("a", 5.0, {}), {"x"}, inspection(5, true, {}, {"x"}));
  for (const int height : {0, 250, 2000}) {
    const auto rows = layoutRows(content, options, height);
    QStringList shown;
    int below = 0;
    for (const TimelineRow& row : rows) {
      shown.append(row.label);
      QVERIFY(row.top >= below);  // no row covers another
      below = row.top + row.height;
      if (row.kind == RowKind::kLevel) QVERIFY(row.height >= 10 && row.height <= 14);
      QCOMPARE(rowAt(rows, row.top), &row);
      QCOMPARE(rowAt(rows, row.top + row.height - 1), &row);
    }
    QCOMPARE(shown, labels);
    QVERIFY(heightOf(rows) >= below);
  }
  QCOMPARE(rowAt(layoutRows(content, options, 0), 5000), nullptr);
}

void TestTimelineModel::collapsedLevelsAreThin_data() {
  QTest::addColumn<TimelineOptions>("options");
  QTest::addColumn<QList<int>>("thin");
  TimelineOptions none, two, beyond, alone, all;
  two.collapsed = {0, 2};
  beyond.collapsed = {7};
  alone.collapsed = {1, 2};
  alone.only_level = 1;
  all.collapsed = {0, 1, 2, 3};
  QTest::newRow("none") << none << QList<int>{};
  QTest::newRow("two of four") << two << QList<int>{0, 2};
  QTest::newRow("one that is not there") << beyond << QList<int>{};
  QTest::newRow("one that is shown alone is whole") << alone << QList<int>{};
  QTest::newRow("all") << all << QList<int>{0, 1, 2, 3};
}
void TestTimelineModel::collapsedLevelsAreThin() {
  QFETCH(TimelineOptions, options);
  QFETCH(QList<int>, thin);
  const TimelineContent content = makeContent(video("a", 5.0, {}), {"x"}, inspection(5, true, {}, {"x"}));
  TimelineOptions whole = options;
  whole.collapsed.clear();
  for (const int height : {0, 250, 2000}) {
    const auto rows = layoutRows(content, options, height);
    QCOMPARE(rows.size(), layoutRows(content, whole, height).size());
    int below = 0;
    for (const TimelineRow& row : rows) {
      QVERIFY(row.top >= below);
      below = row.top + row.height;
      if (row.kind != RowKind::kLevel) continue;
      if (thin.contains(static_cast<int>(row.level))) QCOMPARE(row.height, kCollapsedHeight);
      else QVERIFY(row.height >= 10 && row.height <= 14);
    }
    if (!thin.isEmpty()) QVERIFY(heightOf(rows) < heightOf(layoutRows(content, whole, height)));
  }
}

void TestTimelineModel::collapsedLevelsAreKept_data() {
  QTest::addColumn<QByteArray>("json");
  QTest::addColumn<QList<int>>("levels");
  QTest::newRow("a list of levels") << QByteArray(R"({"collapsed": [2, 0]})") << QList<int>{0, 2};
  QTest::newRow("left out by an earlier version") << QByteArray("{}") << QList<int>{};
  QTest::newRow("what is no level is passed over") << QByteArray(R"({"collapsed": [-1, 1e9, "x", 1.5, null, 3]})") << QList<int>{3};
  QTest::newRow("no list at all") << QByteArray(R"({"collapsed": "all"})") << QList<int>{};
}
void TestTimelineModel::collapsedLevelsAreKept() {
  QFETCH(QByteArray, json);
  QFETCH(QList<int>, levels);
  const TimelineOptions read = timelineOptions(QJsonDocument::fromJson(json).object());
  QCOMPARE(QList<int>(read.collapsed.begin(), read.collapsed.end()), levels);
  QVERIFY(timelineOptions(timelineState(read)) == read);
  QCOMPARE(timelineState(read).contains("collapsed"), !levels.isEmpty());
}

void TestTimelineModel::csvHoldsWhatIsShown() {
  const auto seen = inspection(3, true, {{0, 2, 0, 0.9}, {1, 2, 0, 0.1}}, {"say \"hi\""});
  const TimelineContent content = makeContent(video("a", 3.0, {{0, 2, 0}}), {"say \"hi\""}, seen);
  const Matching shown = matchDetections(content.detections, content.truth, 0.2, 0.5, 2);
  const QStringList lines = qText(timelineCsv(content, shown)).split(QLatin1Char('\n'), Qt::SkipEmptyParts);
  QCOMPARE(lines[0], QStringLiteral("kind,level,index,start,end,label,score,value,truth"));
  QCOMPARE(lines[1], QStringLiteral("truth,,0,0,2,\"say \"\"hi\"\"\",,,"));
  QCOMPARE(lines[2], QStringLiteral("found,,0,0,2,\"say \"\"hi\"\"\",0.9,1,0"));  // the one below the threshold is left out
  QVERIFY(lines[3].startsWith(QStringLiteral("cell,0,0,0,1,,,")));
  QCOMPARE(lines.size(), 1 + 1 + 1 + (3 + 2 + 1));  // as many cells as the pyramid has
  QVERIFY(lines.last().startsWith(QStringLiteral("cell,2,0,0,3,,,")));
}

void TestTimelineModel::theReadOutNamesWhatIsThere() {
  const TimelineContent content = makeContent(makeVideo(100.0), {"Archery", "Biking"}, std::make_shared<VideoInspection>(makeInspection(100)));
  const TimelineOptions options;
  const Matching matching = matchDetections(content.detections, content.truth, 0.2, 0.5, kPredictionLanes);
  const auto rows = layoutRows(content, options, 1000);
  const TimeScale scale = wholeVideo(100.0, kGutter, 1001);
  const auto at = [&](RowKind kind, double seconds, int64_t level = -1) {
    for (const TimelineRow& row : rows) {
      if (row.kind == kind && row.level == level) return readOut(content, matching, rows, scale, {scale.pixelAt(seconds), row.top + 2.0});
    }
    return QString();
  };
  QVERIFY(at(RowKind::kTruth, 15.0).contains("Archery"));
  QVERIFY(at(RowKind::kTruth, 75.0).contains("missed"));
  QVERIFY(at(RowKind::kPredictions, 15.0).contains("0.900"));
  QVERIFY(at(RowKind::kPredictions, 15.0).contains("matched"));
  QVERIFY(at(RowKind::kPredictions, 45.0).contains("false"));
  // The outline of what nothing answers.
  QVERIFY(at(RowKind::kPredictions, 75.0).contains("truth 2: Biking · 1:10.00 – 1:20.00 · missed"));
  QCOMPARE(at(RowKind::kPredictions, 85.0), hvlm::ui::timeText(85.0));
  QVERIFY(at(RowKind::kAttention, 15.5).contains("step 15 of 100"));
  QVERIFY(at(RowKind::kLevel, 15.5, 2).contains("level 2, node 3 of 25"));
  QVERIFY(readOut(content, matching, rows, scale, {10.0, 10.0}).isEmpty());
}

void TestTimelineModel::hatchingStaysInside() {
  const QRectF box(103.5, 20, 41, 18);
  const auto lines = hatchLines(box, 5.0);
  QVERIFY(lines.size() > 5);
  for (const QLineF& line : lines) {
    for (const QPointF& p : {line.p1(), line.p2()}) {
      QVERIFY(p.x() >= box.left() - 1e-9 && p.x() <= box.right() + 1e-9 && p.y() >= box.top() - 1e-9 && p.y() <= box.bottom() + 1e-9);
    }
  }
}

HVLM_GUI_TEST_MAIN(TestTimelineModel)
#include "tst_ui_timeline_model.moc"
