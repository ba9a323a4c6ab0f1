// SPDX-License-Identifier: GPL-3.0-or-later
#include <QPainter>
#include <QPicture>
#include <QPushButton>

#include "ui/timeline/timeline_panel.h"
#include "ui/timeline/timeline_view.h"
#include "ui_fixtures.h"

using namespace hvlm;
using namespace hvlm::ui;
using hvlm::ui::testing::makeInspection;
using hvlm::ui::testing::makeVideo;

class TestTimelineView : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init();
  void cleanup() { view_.reset(); }
  void aClickMovesTheCursor_data();
  void aClickMovesTheCursor();
  void aClickOnACellSelectsIt();
  void draggingTheRulerMarksARange();
  void theWheelZoomsAtThePointer();
  void doubleClickShowsTheWholeVideo();
  void edgesAreVisitedInOrder();
  void newWeightsKeepZoomAndCursor();
  void anotherVideoStartsAnew();
  void drawingIsBoundedByPixels();
  void thresholdsActAtOnce();
  void anEmptyPanelSaysWhatIsMissing();

 private:
  QPoint at(RowKind kind, double seconds, int64_t level = -1) const;
  std::unique_ptr<TimelineView> view_;
};

void TestTimelineView::init() {
  view_ = std::make_unique<TimelineView>();
  view_->setContent(makeContent(makeVideo(100.0), {"Archery", "Biking"}, std::make_shared<VideoInspection>(makeInspection(100))), false);
  view_->resize(kGutter + 1001 + 10, 320);
  view_->show();
  QVERIFY(QTest::qWaitForWindowExposed(view_.get()));
}

QPoint TestTimelineView::at(RowKind kind, double seconds, int64_t level) const {
  for (const TimelineRow& row : view_->rows()) {
    if (row.kind == kind && row.level == level) {
      return {static_cast<int>(std::lround(view_->scale().pixelAt(seconds))), row.top + row.height / 2};
    }
  }
  return {};
}

void TestTimelineView::aClickMovesTheCursor_data() {
  QTest::addColumn<int>("x");
  QTest::addColumn<double>("seconds");
  QTest::newRow("left edge is the first moment") << kGutter << 0.0;
  QTest::newRow("right edge is the last moment") << kGutter + 1000 << 100.0;
  QTest::newRow("the middle is the middle") << kGutter + 500 << 50.0;
}
void TestTimelineView::aClickMovesTheCursor() {
  QFETCH(int, x);
  QFETCH(double, seconds);
  QSignalSpy moved(view_.get(), &TimelineView::cursorMoved);
  QTest::mouseClick(view_.get(), Qt::LeftButton, {}, QPoint(x, at(RowKind::kTruth, 0).y()));
  QCOMPARE(moved.count(), 1);
  QCOMPARE(moved.first().first().toDouble(), seconds);
}

void TestTimelineView::aClickOnACellSelectsIt() {
  QTest::mouseClick(view_.get(), Qt::LeftButton, {}, at(RowKind::kLevel, 42.0, 3));
  QCOMPARE(view_->selectedCell(), (CellAddress{3, 5}));
  const QImage marked = view_->grab().toImage();
  QTest::mouseClick(view_.get(), Qt::LeftButton, {}, at(RowKind::kTruth, 42.0));
  QVERIFY(!view_->selectedCell().valid());
  QVERIFY(marked != view_->grab().toImage());
}

void TestTimelineView::draggingTheRulerMarksARange() {
  QTest::mousePress(view_.get(), Qt::LeftButton, {}, at(RowKind::kRuler, 20.0));
  QTest::mouseMove(view_.get(), at(RowKind::kRuler, 40.0));
  QTest::mouseRelease(view_.get(), Qt::LeftButton, {}, at(RowKind::kRuler, 40.0));
  QVERIFY(view_->range().has_value());
  QCOMPARE(view_->range()->first, 20.0);
  QCOMPARE(view_->range()->second, 40.0);
  view_->zoomToSelection();
  QVERIFY(std::abs(view_->scale().start_seconds - 20.0) < 1e-6);
  QVERIFY(std::abs(view_->scale().endSeconds() - 40.0) < 1e-6);
}

void TestTimelineView::theWheelZoomsAtThePointer() {
  const QPointF pointer = at(RowKind::kTruth, 30.0);
  QWheelEvent wheel(pointer, view_->mapToGlobal(pointer), {}, QPoint(0, 240), Qt::NoButton, Qt::ControlModifier, Qt::NoScrollPhase, false);
  QApplication::sendEvent(view_.get(), &wheel);
  QVERIFY(view_->scale().seconds_per_pixel < 0.09);
  QVERIFY(std::abs(view_->scale().secondsAt(pointer.x()) - 30.0) < 1e-6);
  const double start = view_->scale().start_seconds;
  QWheelEvent scroll(pointer, view_->mapToGlobal(pointer), {}, QPoint(0, -120), Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
  QApplication::sendEvent(view_.get(), &scroll);
  QVERIFY(view_->scale().start_seconds > start);
}

void TestTimelineView::doubleClickShowsTheWholeVideo() {
  view_->zoom(10.0);
  QTest::mouseDClick(view_.get(), Qt::LeftButton, {}, at(RowKind::kTruth, view_->scale().start_seconds + 0.5));
  QCOMPARE(view_->scale(), wholeVideo(100.0, kGutter, 1001));
}

void TestTimelineView::edgesAreVisitedInOrder() {
  view_->setCursor(0.0);
  QList<double> visited;
  for (int i = 0; i < 7; ++i) {
    view_->goToEdge(1);
    visited.append(view_->cursorSeconds());
  }
  // Truth 10-21 and 70-80; shown detections 10-20 and 40-50; the end.
  QCOMPARE(visited, QList<double>({10, 20, 21, 40, 50, 70, 80}));
  view_->goToEdge(-1);
  QCOMPARE(view_->cursorSeconds(), 70.0);
}

void TestTimelineView::newWeightsKeepZoomAndCursor() {
  view_->setCursor(33.0);
  view_->zoom(4.0);
  view_->selectCell({2, 3});
  const TimeScale scale = view_->scale();
  auto seen = std::make_shared<VideoInspection>(makeInspection(100));
  seen->step = 8;
  view_->setContent(makeContent(makeVideo(100.0), {"Archery", "Biking"}, seen), true);
  QCOMPARE(view_->scale(), scale);
  QCOMPARE(view_->cursorSeconds(), 33.0);
  QCOMPARE(view_->selectedCell(), (CellAddress{2, 3}));
}

void TestTimelineView::anotherVideoStartsAnew() {
  view_->zoom(4.0);
  view_->selectCell({2, 3});
  view_->setContent(makeContent(makeVideo(50.0), {"Archery", "Biking"}, nullptr), false);
  QCOMPARE(view_->scale().seconds_per_pixel, 0.05);
  QVERIFY(!view_->selectedCell().valid());
}

void TestTimelineView::drawingIsBoundedByPixels() {
  const auto drawn = [](double hours, int segments) {
    const auto steps = static_cast<int64_t>(hours * 3600);
    Video video = makeVideo(hours * 3600);
    video.segments.clear();
    for (int i = 0; i < segments; ++i) {
      const double start = hours * 3600 * i / segments;
      video.segments.push_back({start, start + hours * 1800 / segments, i % 2});
    }
    const TimelineContent content = makeContent(video, {"Archery", "Biking"}, std::make_shared<VideoInspection>(makeInspection(steps)));
    const TimelineOptions options;
    const auto rows = layoutRows(content, options, 500);
    const TimeScale scale = wholeVideo(hours * 3600, kGutter, 1000);
    const Matching matching = matchDetections(content.detections, content.truth, 0.2, 0.5, kPredictionLanes);
    QPicture picture;
    QPainter painter(&picture);
    TimelinePainter(painter, content, matching, options, scale, rows, tokens(), ColourMap::viridis()).paint({});
    painter.end();
    return picture.size();
  };
  const uint hour = drawn(1.0, 1000);
  const uint ten_hours = drawn(10.0, 10000);
  qInfo("bytes of drawing: %u for one hour, %u for ten", hour, ten_hours);
  QVERIFY(ten_hours < 2 * hour + 200000);
}

void TestTimelineView::thresholdsActAtOnce() {
  Workspace workspace;
  TimelinePanel panel(workspace);
  panel.view()->setContent(makeContent(makeVideo(100.0), {"Archery", "Biking"}, std::make_shared<VideoInspection>(makeInspection(100))), false);
  QCOMPARE(panel.view()->matching().false_ones, int64_t{1});
  panel.setThreshold(0.05);
  QCOMPARE(panel.view()->matching().false_ones, int64_t{2});
  panel.setThreshold(0.95);
  QCOMPARE(panel.view()->matching().matched, int64_t{0});
  QVERIFY(panel.view()->matching().missed[0]);
}

void TestTimelineView::anEmptyPanelSaysWhatIsMissing() {
  Workspace workspace;
  TimelinePanel panel(workspace);
  panel.show();
  QSignalSpy asked(&panel, &TimelinePanel::openDataAsked);
  auto* button = panel.findChild<QPushButton*>("emptyStateButton");
  QVERIFY(button && button->isVisibleTo(&panel));
  button->click();
  QCOMPARE(asked.count(), 1);
}

HVLM_GUI_TEST_MAIN(TestTimelineView)
#include "tst_ui_timeline_view.moc"
