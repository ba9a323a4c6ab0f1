// SPDX-License-Identifier: GPL-3.0-or-later
#include <random>

#include "ui/timeline/pyramid_cells.h"
#include "ui/timeline/timeline_painter.h"
#include "ui_fixtures.h"

using namespace hvlm;
using namespace hvlm::ui;
using hvlm::ui::testing::makeInspection;
using hvlm::ui::testing::makeVideo;

class TestTimelineModel : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void pixelsAreSeconds_data();
  void pixelsAreSeconds();
  void zoomKeepsTheMomentUnderThePointer();
  void zoomAndPanStayInsideTheVideo();
  void ticksKeepTheirDistance_data();
  void ticksKeepTheirDistance();
  void timesAreText_data();
  void timesAreText();
  void timesAreRead_data();
  void timesAreRead();
  void theLargestOfARangeIsFound();
  void cellsAreFound();
  void floorLeavesAnOrphan();
  void kinshipGoesBothWays();
  void detectionsMeetTheTruth();
  void oneInstanceIsMatchedOnce();
  void overlappingDetectionsTakeLanes();
  void classesOfRunAndDataAreOneList();
  void rowsStandInOrder();
  void theReadOutNamesWhatIsThere();
  void hatchingStaysInside();
};

void TestTimelineModel::pixelsAreSeconds_data() {
  QTest::addColumn<int>("x");
  QTest::addColumn<double>("seconds");
  QTest::newRow("the first pixel is the first moment") << 88 << 0.0;
  QTest::newRow("the last pixel is the last moment") << 1088 << 100.0;
  QTest::newRow("the middle is the middle") << 588 << 50.0;
}
void TestTimelineModel::pixelsAreSeconds() {
  QFETCH(int, x);
  QFETCH(double, seconds);
  const TimeScale scale = wholeVideo(100.0, 88, 1001);
  QCOMPARE(scale.secondsAt(x), seconds);
  QCOMPARE(scale.pixelAt(seconds), static_cast<double>(x));
}

void TestTimelineModel::zoomKeepsTheMomentUnderThePointer() {
  const TimeScale scale = wholeVideo(100.0, 88, 1001);
  const TimeScale zoomed = zoomedAt(scale, 388, 4.0, 100.0);
  QVERIFY(std::abs(zoomed.secondsAt(388) - 30.0) < 1e-9);
  QVERIFY(std::abs(zoomed.seconds_per_pixel - 0.025) < 1e-12);
}

void TestTimelineModel::zoomAndPanStayInsideTheVideo() {
  TimeScale scale = wholeVideo(100.0, 88, 1001);
  scale = zoomedAt(scale, 88, 0.1, 100.0);
  QCOMPARE(scale.seconds_per_pixel, 0.1);
  scale = pannedBy(zoomedAt(scale, 500, 8.0, 100.0), 1e9, 100.0);
  QVERIFY(std::abs(scale.endSeconds() - 100.0) < 1e-9);
  scale = pannedBy(scale, -1e9, 100.0);
  QCOMPARE(scale.start_seconds, 0.0);
  for (int i = 0; i < 100; ++i) scale = zoomedAt(scale, 300, 2.0, 100.0);
  QVERIFY(scale.seconds_per_pixel >= kFinestSecondsPerPixel);
}

void TestTimelineModel::ticksKeepTheirDistance_data() {
  QTest::addColumn<double>("duration");
  QTest::newRow("a second") << 1.0;
  QTest::newRow("two minutes") << 117.3;
  QTest::newRow("ten hours") << 36000.0;
}
void TestTimelineModel::ticksKeepTheirDistance() {
  QFETCH(double, duration);
  const TimeScale scale = wholeVideo(duration, 88, 800);
  const auto ticks = ticksOf(scale, duration, 80);
  double last = -1e9;
  int labelled = 0;
  for (const Tick& tick : ticks) {
    QVERIFY(tick.seconds >= -1e-9 && tick.seconds <= duration + 1e-6);
    if (tick.text.isEmpty()) continue;
    ++labelled;
    QVERIFY(scale.pixelAt(tick.seconds) - last >= 79.0);
    last = scale.pixelAt(tick.seconds);
  }
  QVERIFY(labelled >= 3);
  QVERIFY(ticks.size() < 200);
}

void TestTimelineModel::timesAreText_data() {
  QTest::addColumn<double>("seconds");
  QTest::addColumn<QString>("text");
  QTest::newRow("zero") << 0.0 << "0:00.00";
  QTest::newRow("hundredths are rounded") << 41.199 << "0:41.20";
  QTest::newRow("rounding carries into the minute") << 59.999 << "1:00.00";
  QTest::newRow("hours appear when needed") << 3723.5 << "1:02:03.50";
}
void TestTimelineModel::timesAreText() {
  QFETCH(double, seconds);
  QFETCH(QString, text);
  QCOMPARE(timeText(seconds), text);
}

void TestTimelineModel::timesAreRead_data() {
  QTest::addColumn<QString>("text");
  QTest::addColumn<double>("seconds");
  QTest::newRow("seconds") << "62.5" << 62.5;
  QTest::newRow("minutes") << "1:02.5" << 62.5;
  QTest::newRow("hours") << "1:00:02" << 3602.0;
  QTest::newRow("words are refused") << "soon" << -1.0;
  QTest::newRow("signs are refused") << "-3" << -1.0;
  QTest::newRow("four parts are refused") << "1:2:3:4" << -1.0;
}
void TestTimelineModel::timesAreRead() {
  QFETCH(QString, text);
  QFETCH(double, seconds);
  QCOMPARE(parseTime(text), seconds);
}

void TestTimelineModel::theLargestOfARangeIsFound() {
  std::mt19937 random(1);
  for (const int size : {1, 2, 3, 7, 64, 100}) {
    std::vector<float> values;
    for (int i = 0; i < size; ++i) values.push_back(static_cast<float>(random() % 1000));
    const RangeMax table(values);
    for (int a = 0; a < size; ++a) {
      for (int b = a + 1; b <= size; ++b) QCOMPARE(table.over(a, b), *std::max_element(values.begin() + a, values.begin() + b));
    }
    QCOMPARE(table.overAll(), *std::max_element(values.begin(), values.end()));
  }
}

void TestTimelineModel::cellsAreFound() {
  const VideoInspection seen = makeInspection(10);  // 10 5 3 2 1
  QCOMPARE(cellAtStep(seen.levels[1], 9), int64_t{4});
  QCOMPARE(cellAtStep(seen.levels[2], 9), int64_t{2});
  QCOMPARE(cellsTouching(seen.levels[1], 3, 5), (std::pair<int64_t, int64_t>(1, 3)));
  QCOMPARE(cellsTouching(seen.levels[0], 0, 1000), (std::pair<int64_t, int64_t>(0, 10)));
  QCOMPARE(cellsTouching(seen.levels[0], 50, 60).first, cellsTouching(seen.levels[0], 50, 60).second);
}

void TestTimelineModel::floorLeavesAnOrphan() {
  VideoInspection seen;
  seen.levels = {{{0, 1, 2, 3, 4}, {0, 1, 2, 3, 4}, {0, 0, 1, 1, -1}, {}, {}, {}, {}}, {{0, 2}, {1, 3}, {-1, -1}, {}, {}, {}, {}}};
  QCOMPARE(cellAtStep(seen.levels[1], 4), int64_t{-1});
  QVERIFY(!parentOf(seen, {0, 4}).valid());
  QCOMPARE(childrenOf(seen, {1, 1}), (std::pair<int64_t, int64_t>(2, 4)));
}

void TestTimelineModel::kinshipGoesBothWays() {
  const VideoInspection seen = makeInspection(250);
  for (int64_t level = 1; level < static_cast<int64_t>(seen.levels.size()); ++level) {
    int64_t covered = 0;
    for (int64_t cell = 0; cell < static_cast<int64_t>(seen.levels[static_cast<size_t>(level)].first_step.size()); ++cell) {
      const auto [first, last] = childrenOf(seen, {level, cell});
      QVERIFY(last - first >= 1 && last - first <= 2);
      for (int64_t child = first; child < last; ++child) QCOMPARE(parentOf(seen, {level - 1, child}), (CellAddress{level, cell}));
      covered += last - first;
    }
    QCOMPARE(covered, static_cast<int64_t>(seen.levels[static_cast<size_t>(level - 1)].first_step.size()));
  }
}

void TestTimelineModel::detectionsMeetTheTruth() {
  const std::vector<Segment> truth = {{10, 20, 0}, {40, 50, 1}};
  const std::vector<DetectedSegment> found = {{10, 20, 0, 0.9}, {40, 50, 0, 0.8}, {41, 50, 1, 0.3}, {0, 5, 0, 0.05}};
  Matching m = matchDetections(found, truth, 0.1, 0.5, 2);
  QCOMPARE(m.detections[0].truth, int64_t{0});
  QCOMPARE(m.detections[1].truth, int64_t{-1});  // another label
  QCOMPARE(m.detections[2].truth, int64_t{1});
  QVERIFY(std::abs(m.detections[2].best_iou - 0.9) < 1e-12);
  QVERIFY(!m.detections[3].shown);
  QCOMPARE(m.matched, int64_t{2});
  QCOMPARE(m.false_ones, int64_t{1});
  QVERIFY(!m.missed[0] && !m.missed[1]);
  m = matchDetections(found, truth, 0.5, 0.5, 2);
  QVERIFY(m.missed[1]);
  m = matchDetections(found, truth, 0.1, 0.95, 2);
  QVERIFY(m.missed[1]);
}

void TestTimelineModel::oneInstanceIsMatchedOnce() {
  const std::vector<Segment> truth = {{10, 20, 0}};
  const std::vector<DetectedSegment> found = {{10, 19, 0, 0.9}, {10, 20, 0, 0.8}};
  const Matching m = matchDetections(found, truth, 0.0, 0.5, 2);
  QCOMPARE(m.detections[0].truth, int64_t{0});
  QCOMPARE(m.detections[1].truth, int64_t{-1});
  QCOMPARE(m.detections[1].best_iou, 1.0);
}

void TestTimelineModel::overlappingDetectionsTakeLanes() {
  const std::vector<DetectedSegment> found = {{10, 20, 0, 0.9}, {15, 25, 0, 0.8}, {30, 40, 0, 0.7}, {12, 22, 0, 0.6}};
  const Matching m = matchDetections(found, {}, 0.0, 0.5, 2);
  QCOMPARE(m.detections[0].lane, 0);
  QCOMPARE(m.detections[1].lane, 1);
  QCOMPARE(m.detections[2].lane, 0);
  QCOMPARE(m.detections[3].lane, 1);  // the last lane takes what fits nowhere
}

void TestTimelineModel::classesOfRunAndDataAreOneList() {
  auto seen = std::make_shared<VideoInspection>(makeInspection(100));
  seen->classes = {"Biking", "Archery"};  // another order than the data set's
  const TimelineContent content = makeContent(makeVideo(100.0), {"Archery", "Biking", "Cricket"}, seen);
  QCOMPARE(content.classes, QStringList({"Archery", "Biking", "Cricket"}));
  QCOMPARE(content.detections[0].label, int64_t{1});
}

void TestTimelineModel::rowsStandInOrder() {
  const TimelineContent content = makeContent(makeVideo(100.0), {"Archery", "Biking"}, std::make_shared<VideoInspection>(makeInspection(100)));
  TimelineOptions options;
  const auto rows = layoutRows(content, options, 1000);
  QCOMPARE(rows.size(), size_t{5 + 8});  // 100 50 25 13 7 4 2 1
  for (size_t i = 1; i < rows.size(); ++i) QVERIFY(rows[i].top >= rows[i - 1].top + rows[i - 1].height);
  QCOMPARE(rows.back().height, 14);
  QCOMPARE(layoutRows(content, options, 10).back().height, 10);
  options.only_level = 3;
  options.truth = false;
  const auto few = layoutRows(content, options, 1000);
  QCOMPARE(few.size(), size_t{5});
  QCOMPARE(few.back().level, int64_t{3});
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
