// SPDX-License-Identifier: GPL-3.0-or-later
#include <QLabel>
#include <QLineEdit>
#include <QMouseEvent>
#include <QPaintDevice>
#include <QPaintEngine>
#include <QPainter>
#include <QHelpEvent>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QStackedWidget>
#include <QToolTip>
#include <random>

#include "ui/shell/action_list.h"
#include "ui/shell/notice_strip.h"
#include "ui/style/class_colours.h"
#include "ui/timeline/timeline_panel.h"
#include "ui/timeline/timeline_view.h"
#include "ui_fixtures.h"

using namespace hvlm;
using namespace hvlm::ui;
using hvlm::ui::testing::makeInspection;
using hvlm::ui::testing::makeVideo;

namespace {

// Counts what is drawn and draws nothing.
class CountingEngine : public QPaintEngine {
 public:
  CountingEngine() : QPaintEngine(QPaintEngine::AllFeatures) {}
  bool begin(QPaintDevice*) override { return true; }
  bool end() override { return true; }
  void updateState(const QPaintEngineState&) override {}
  Type type() const override { return QPaintEngine::User; }
  void drawRects(const QRectF*, int count) override { shapes += count; }
  void drawRects(const QRect*, int count) override { shapes += count; }
  void drawLines(const QLineF*, int count) override { shapes += count; }
  void drawLines(const QLine*, int count) override { shapes += count; }
  void drawPath(const QPainterPath&) override { ++shapes; }
  void drawPolygon(const QPointF*, int points, PolygonDrawMode) override { shapes += points; }
  void drawTextItem(const QPointF&, const QTextItem&) override { ++texts; }
  void drawPixmap(const QRectF&, const QPixmap&, const QRectF&) override { ++shapes; }
  void drawImage(const QRectF&, const QImage&, const QRectF&, Qt::ImageConversionFlags) override { ++shapes; }
  int64_t shapes = 0, texts = 0;
};
class CountingDevice : public QPaintDevice {
 public:
  QPaintEngine* paintEngine() const override { return &engine; }
  mutable CountingEngine engine;

 protected:
  int metric(PaintDeviceMetric metric) const override {
    switch (metric) {
      case PdmWidth: return 1200;
      case PdmHeight: return 500;
      case PdmWidthMM: return 320;
      case PdmHeightMM: return 130;
      case PdmNumColors: return INT_MAX;
      case PdmDepth: return 32;
      case PdmDevicePixelRatio: return 1;
      case PdmDevicePixelRatioScaled: return static_cast<int>(devicePixelRatioFScale());
      default: return 96;
    }
  }
};

void sendWheel(QWidget* widget, QPointF at, int delta, Qt::KeyboardModifiers keys) {
  QWheelEvent event(at, widget->mapToGlobal(at), {}, QPoint(0, delta), Qt::NoButton, keys, Qt::NoScrollPhase, false);
  QApplication::sendEvent(widget, &event);
}

void sendMove(QWidget* widget, QPointF at) {
  QMouseEvent event(QEvent::MouseMove, at, widget->mapToGlobal(at), Qt::NoButton, Qt::NoButton, Qt::NoModifier);
  QApplication::sendEvent(widget, &event);
}

int pixelsLike(const QImage& image, QRect box, const QColor& colour) {
  int found = 0;
  for (int y = box.top(); y <= box.bottom(); ++y) {
    for (int x = box.left(); x <= box.right(); ++x) found += image.valid(x, y) && image.pixelColor(x, y) == colour;
  }
  return found;
}

const TimelineRow& rowOf(const TimelineView& view, RowKind kind, int64_t level = -1) {
  return *std::find_if(view.rows().begin(), view.rows().end(), [&](const TimelineRow& row) { return row.kind == kind && row.level == level; });
}

// A translucent colour over a ground.
QColor over(const QColor& colour, const QColor& ground) {
  QImage pixel(1, 1, QImage::Format_RGB32);
  pixel.fill(ground);
  QPainter(&pixel).fillRect(0, 0, 1, 1, colour);
  return pixel.pixelColor(0, 0);
}

}  // namespace

class TestTimelineView : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init();
  void cleanup() { view_.reset(); }
  void aClickMovesTheCursor_data();
  void aClickMovesTheCursor();
  void aClickOnACellSelectsIt();
  void aClickOnTheLastPixelSelectsTheLastCell();
  void aSelectedCellShowsItsFamily();
  void aSelectedCellMarksTheTimeItCovers();
  void aLongSegmentIsDrawnUnderLaterOnes();
  void theOverviewShowsHowManyPredictionsThereAre();
  void wholeVideoAndTimeStayVisible();
  void aClickOnItsNameCollapsesALevel();
  void draggingTheRulerMarksARange();
  void theWheelZoomsAtThePointer();
  void everyZoomKeepsTheMomentUnderThePointer();
  void theWheelAloneScrollsAZoomedView();
  void keysZoom_data();
  void keysZoom();
  void keysAreOfTheTimelineAlone();
  void aLevelAloneOrAll();
  void hoveringReadsOutWhatLiesThere_data();
  void hoveringReadsOutWhatLiesThere();
  void thePanelShowsTheReadOut();
  void doubleClickShowsTheWholeVideo();
  void edgesAreVisitedInOrder();
  void newWeightsKeepZoomAndCursor();
  void anotherVideoStartsAnew();
  void drawingIsBoundedByPixels_data();
  void drawingIsBoundedByPixels();
  void thresholdsActAtOnce();
  void anEmptyPanelSaysWhatIsMissing();

 private:
  QPoint at(RowKind kind, double seconds, int64_t level = -1) const;
  const TimelineRow& row(RowKind kind, int64_t level = -1) const;
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

const TimelineRow& TestTimelineView::row(RowKind kind, int64_t level) const { return rowOf(*view_, kind, level); }

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

void TestTimelineView::aClickOnTheLastPixelSelectsTheLastCell() {
  QPoint last = at(RowKind::kLevel, 100.0, 0);
  QCOMPARE(last.x(), kGutter + 1000);
  QTest::mouseClick(view_.get(), Qt::LeftButton, {}, last);
  QCOMPARE(view_->cursorSeconds(), 100.0);
  QCOMPARE(view_->selectedCell(), (CellAddress{0, 99}));
}

void TestTimelineView::aSelectedCellShowsItsFamily() {
  QSignalSpy selected(view_.get(), &TimelineView::cellSelected);
  QTest::mouseClick(view_.get(), Qt::LeftButton, {}, at(RowKind::kLevel, 42.0, 3));
  QCOMPARE(view_->selectedCell(), (CellAddress{3, 5}));  // steps 40 to 47
  QCOMPARE(selected.count(), 1);
  view_->setCursor(90.0);  // out of the way
  const QImage image = view_->grab().toImage();
  const auto inCell = [&](int64_t level, int64_t cell, const QColor& colour) {
    const auto [from, to] = secondsOf(*view_->content().inspection, {level, cell});
    for (const TimelineRow& row : view_->rows()) {
      if (row.kind != RowKind::kLevel || row.level != level) continue;
      const int left = static_cast<int>(view_->scale().pixelAt(from)) + 3;
      const int right = static_cast<int>(view_->scale().pixelAt(std::min(to, 100.0))) - 3;
      return pixelsLike(image, QRect(QPoint(left, row.top), QPoint(right, row.top + row.height)), colour);
    }
    return -1;
  };
  const Tokens& t = tokens();
  QVERIFY(inCell(3, 5, t.cursor) > 20);   // itself
  QVERIFY(inCell(2, 10, t.accent) > 20);  // its children
  QVERIFY(inCell(2, 11, t.accent) > 20);
  QVERIFY(inCell(4, 2, t.text) > 20);     // its parent
  QCOMPARE(inCell(2, 9, t.accent), 0);    // nobody else
  QCOMPARE(inCell(2, 12, t.accent), 0);
  QCOMPARE(inCell(3, 4, t.cursor), 0);
  QCOMPARE(inCell(4, 3, t.text), 0);
  QCOMPARE(inCell(1, 20, t.accent), 0);   // no grandchildren
}

void TestTimelineView::aSelectedCellMarksTheTimeItCovers() {
  view_->setCursor(5.0);  // out of the way
  const auto seen = [&](double seconds) { return view_->grab().toImage().pixelColor(at(RowKind::kTruth, seconds)); };
  const QColor lane = tokens().window, band = over(tokens().range, lane);
  QVERIFY(band != lane);
  QCOMPARE(seen(44.0), lane);
  view_->selectCell({3, 5});  // steps 40 to 47: 40 s to 48 s
  for (const double inside : {40.2, 44.0, 47.8}) QCOMPARE(seen(inside), band);
  for (const double outside : {39.8, 48.2}) QCOMPARE(seen(outside), lane);
  view_->selectCell({});
  QCOMPARE(seen(44.0), lane);
}

void TestTimelineView::aLongSegmentIsDrawnUnderLaterOnes() {
  Video video = makeVideo(1000.0);
  video.segments = {{0.0, 1000.0, 0}};
  for (int i = 1; i <= 200; ++i) video.segments.push_back({i * 1.0, i + 0.5, 1});
  view_->setContent(makeContent(video, {"Archery", "Biking"}, nullptr), false);
  view_->setCursor(500.0);
  view_->zoom(10.0);  // 100 s of it: all the later ones lie before
  QVERIFY(view_->scale().start_seconds > 250.0);
  const QPoint place(at(RowKind::kTruth, 530.0).x(), row(RowKind::kTruth).top + 2);
  QCOMPARE(view_->grab().toImage().pixelColor(place).name(), classColour("Archery").name());
  QSignalSpy hovered(view_.get(), &TimelineView::hovered);
  sendMove(view_.get(), place);
  QVERIFY2(hovered.last().first().toString().contains("truth 1: Archery"), qPrintable(hovered.last().first().toString()));
}

void TestTimelineView::theOverviewShowsHowManyPredictionsThereAre() {
  Video video = makeVideo(100.0);
  video.segments.clear();
  auto seen = std::make_shared<VideoInspection>(makeInspection(100));
  seen->detections = {{20.0, 40.0, 0, 0.9}, {30.0, 40.0, 1, 0.8}, {60.0, 70.0, 1, 0.1}};
  view_->setContent(makeContent(video, {"Archery", "Biking"}, seen), false);
  const auto height = [&](double seconds) {
    const TimelineRow& overview = row(RowKind::kOverview);
    const QRect column(at(RowKind::kOverview, seconds).x(), overview.top, 1, overview.height);
    return pixelsLike(view_->grab().toImage(), column, tokens().muted);
  };
  QCOMPARE(height(10.0), 0);
  QVERIFY(height(25.0) > 0);
  QVERIFY(height(35.0) > height(25.0));  // two over each other
  QCOMPARE(height(65.0), 0);             // below the threshold
  TimelineOptions options = view_->options();
  options.threshold = 0.05;
  view_->setOptions(options);
  QVERIFY(height(65.0) > 0);
}

void TestTimelineView::wholeVideoAndTimeStayVisible() {
  Workspace workspace;
  TimelinePanel panel(workspace);
  TimelineView* view = panel.view();
  view->setContent(makeContent(makeVideo(100.0), {"Archery", "Biking"}, std::make_shared<VideoInspection>(makeInspection(100))), false);
  auto* scroll = panel.findChild<QScrollArea*>("timelineScroll");
  QVERIFY(scroll);
  static_cast<QStackedWidget*>(scroll->parentWidget())->setCurrentWidget(scroll);
  panel.resize(900, 240);
  panel.show();
  QVERIFY(QTest::qWaitForWindowExposed(&panel));
  QTRY_VERIFY(scroll->verticalScrollBar()->maximum() > 40);  // px: the head would be gone
  const int x = static_cast<int>(std::lround(view->scale().pixelAt(15.0)));
  view->setCursor(50.0);
  const auto head = [&] {
    const QImage image = scroll->viewport()->grab().toImage();
    const QRect times(kGutter, rowOf(*view, RowKind::kRuler).top, 700, 20);
    return std::pair(image.pixelColor(x, rowOf(*view, RowKind::kOverview).top + 3), pixelsLike(image, times, tokens().cursor));
  };
  const auto before = head();
  QCOMPARE(before.first.name(), classColour("Archery").name());
  QVERIFY(before.second > 20);
  QCOMPARE(view->headShift(), 0.0);
  scroll->verticalScrollBar()->setValue(scroll->verticalScrollBar()->maximum());
  QVERIFY(view->headShift() > 40.0);
  QCOMPARE(head(), before);
  // And it takes the mouse where it is seen, not what lies beneath.
  const int ruler = rowOf(*view, RowKind::kRuler).top + 10;
  QTest::mousePress(scroll->viewport()->childAt(x, ruler), Qt::LeftButton, {}, view->mapFrom(scroll->viewport(), QPoint(x, ruler)));
  QTest::mouseMove(view, view->mapFrom(scroll->viewport(), QPoint(x + 200, ruler)));
  QTest::mouseRelease(view, Qt::LeftButton, {}, view->mapFrom(scroll->viewport(), QPoint(x + 200, ruler)));
  QVERIFY(view->range());
  QVERIFY(!view->selectedCell().valid());
}

void TestTimelineView::aClickOnItsNameCollapsesALevel() {
  Workspace workspace;
  TimelinePanel panel(workspace);
  TimelineView* view = panel.view();
  view->setContent(makeContent(makeVideo(100.0), {"Archery", "Biking"}, std::make_shared<VideoInspection>(makeInspection(100))), false);
  view->resize(kGutter + 1001 + 10, 320);
  const auto level = [&](int64_t number) { return rowOf(*view, RowKind::kLevel, number); };
  const auto click = [&](int64_t number) { QTest::mouseClick(view, Qt::LeftButton, {}, QPoint(40, level(number).top + 1)); };
  const auto tip = [&](int64_t number) {
    const QPoint place(40, level(number).top + 1);
    QHelpEvent event(QEvent::ToolTip, place, view->mapToGlobal(place));
    QApplication::sendEvent(view, &event);
    return QToolTip::text();
  };
  QSignalSpy changed(&panel, &TimelinePanel::optionsChanged);
  const double cursor = view->cursorSeconds();
  const int whole = level(2).height;
  QVERIFY(whole >= 10);
  QVERIFY2(tip(2).contains("L2 · 25") && tip(2).contains("collapses"), qPrintable(tip(2)));
  click(2);
  QCOMPARE(view->options().collapsed, std::set<int64_t>{2});
  QCOMPARE(level(2).height, kCollapsedHeight);
  QCOMPARE(level(3).height >= 10, true);
  QVERIFY2(tip(2).contains("expands"), qPrintable(tip(2)));
  QCOMPARE(view->cursorSeconds(), cursor);
  QVERIFY(!view->selectedCell().valid());
  click(2);
  QVERIFY(view->options().collapsed.empty());
  QCOMPARE(level(2).height, whole);
  QCOMPARE(changed.count(), 2);
  // By the chosen cell; without one it says what to do.
  panel.toggleChosenLevel();
  QVERIFY(view->options().collapsed.empty());
  QVERIFY(panel.notice()->isVisibleTo(&panel));
  view->selectCell({4, 1});
  panel.toggleChosenLevel();
  QCOMPARE(view->options().collapsed, std::set<int64_t>{4});
  // One that is shown alone has nothing to make room for.
  panel.showLevel(4);
  QCOMPARE(level(4).height >= 10, true);
  click(4);
  QCOMPARE(view->options().collapsed, std::set<int64_t>{4});
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

void TestTimelineView::everyZoomKeepsTheMomentUnderThePointer() {
  std::mt19937 random(2);
  for (int round = 0; round < 40; ++round) {
    view_->zoomWhole();
    for (int notch = 0; notch < 10; ++notch) {
      const QPointF pointer(std::uniform_int_distribution<int>(kGutter, kGutter + 1000)(random), 60);
      const double before = view_->scale().secondsAt(pointer.x());
      sendWheel(view_.get(), pointer, 120, Qt::ControlModifier);
      QVERIFY(std::abs(view_->scale().secondsAt(pointer.x()) - before) < 1e-6);
    }
  }
  for (int notch = 0; notch < 30; ++notch) sendWheel(view_.get(), QPointF(kGutter + 700, 60), -120, Qt::ControlModifier);
  QVERIFY(std::abs(view_->scale().start_seconds) < 1e-9);  // out again ends at the whole video
  QVERIFY(std::abs(view_->scale().endSeconds() - 100.0) < 1e-9);
}

void TestTimelineView::theWheelAloneScrollsAZoomedView() {
  const QPointF pointer(kGutter + 500, 60);
  const TimeScale whole = view_->scale();
  QWheelEvent event(pointer, view_->mapToGlobal(pointer), {}, QPoint(0, -120), Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
  QApplication::sendEvent(view_.get(), &event);
  QVERIFY(!event.isAccepted());  // nothing to scroll: the page around it may
  QCOMPARE(view_->scale(), whole);
  view_->zoom(4.0);
  const double start = view_->scale().start_seconds;
  const double scale = view_->scale().seconds_per_pixel;
  sendWheel(view_.get(), pointer, -120, Qt::NoModifier);
  QVERIFY(view_->scale().start_seconds > start);
  QCOMPARE(view_->scale().seconds_per_pixel, scale);
  for (int i = 0; i < 50; ++i) sendWheel(view_.get(), pointer, 120, Qt::NoModifier);
  QCOMPARE(view_->scale().start_seconds, 0.0);
}

namespace {

// The timeline in a window with a text field, and the zoom keys bound to the timeline as the window binds them.
struct Keyed {
  QWidget window;
  QLineEdit field{&window};
  TimelineView view{&window};
  ActionList actions{&window};
  Keyed() {
    window.resize(1200, 420);
    field.setGeometry(0, 0, 200, 30);
    view.setGeometry(0, 40, kGutter + 1001 + 10, 320);
    view.setContent(makeContent(makeVideo(100.0), {"Archery", "Biking"}, nullptr), false);
    actions.add("zoomIn", "Timeline", "Zoom in", {QKeySequence("+"), QKeySequence("=")}, [this] { view.zoom(1.5); }, nullptr, &view);
    actions.add("zoomOut", "Timeline", "Zoom out", {QKeySequence("-")}, [this] { view.zoom(1 / 1.5); }, nullptr, &view);
    actions.add("zoomWhole", "Timeline", "Whole video", {QKeySequence("0")}, [this] { view.zoomWhole(); }, nullptr, &view);
    window.show();
    window.activateWindow();
  }
  bool focus(QWidget* widget) {
    if (!QTest::qWaitForWindowActive(&window)) return false;
    widget->setFocus();
    return widget->hasFocus();
  }
};

}  // namespace

void TestTimelineView::keysZoom_data() {
  QTest::addColumn<QString>("keys");
  QTest::addColumn<double>("seconds_per_pixel");
  QTest::newRow("+ zooms in") << "+" << 0.1 / 1.5;
  QTest::newRow("= zooms in without Shift") << "=" << 0.1 / 1.5;
  QTest::newRow("- takes it back") << "++-" << 0.1 / 1.5;
  QTest::newRow("- stops at the whole video") << "--" << 0.1;
  QTest::newRow("0 shows the whole video") << "+++0" << 0.1;
}
void TestTimelineView::keysZoom() {
  QFETCH(QString, keys);
  QFETCH(double, seconds_per_pixel);
  Keyed keyed;
  QVERIFY(keyed.focus(&keyed.view));
  keyed.view.setCursor(30.0);
  const double x = keyed.view.scale().pixelAt(30.0);
  QTest::keyClicks(&keyed.view, keys);
  QVERIFY(std::abs(keyed.view.scale().seconds_per_pixel - seconds_per_pixel) < 1e-9);
  if (keys == "+") QVERIFY(std::abs(keyed.view.scale().pixelAt(30.0) - x) < 1e-6);  // about the cursor
}

void TestTimelineView::keysAreOfTheTimelineAlone() {
  Keyed keyed;
  QVERIFY(keyed.focus(&keyed.field));
  QTest::keyClicks(&keyed.field, "+-0");
  QCOMPARE(keyed.field.text(), QString("+-0"));
  QVERIFY(std::abs(keyed.view.scale().seconds_per_pixel - 0.1) < 1e-12);
}

void TestTimelineView::aLevelAloneOrAll() {
  const size_t all = view_->rows().size();
  TimelineOptions options = view_->options();
  options.only_level = 2;
  view_->setOptions(options);
  QCOMPARE(view_->rows().size(), all - 7);
  QCOMPARE(view_->rows().back().level, int64_t{2});
  options.only_level = -1;
  view_->setOptions(options);
  QCOMPARE(view_->rows().size(), all);
}

void TestTimelineView::hoveringReadsOutWhatLiesThere_data() {
  QTest::addColumn<int>("kind");
  QTest::addColumn<double>("seconds");
  QTest::addColumn<int>("level");
  QTest::addColumn<QStringList>("parts");
  const auto kind = [](RowKind k) { return static_cast<int>(k); };
  QTest::newRow("truth: label and span") << kind(RowKind::kTruth) << 15.0 << -1 << QStringList{"0:15.00", "Archery", "0:10.00 – 0:21.00"};
  QTest::newRow("truth: what is missed") << kind(RowKind::kTruth) << 75.0 << -1 << QStringList{"Biking", "missed"};
  QTest::newRow("found: the outline of what no prediction answers")
      << kind(RowKind::kPredictions) << 75.0 << -1 << QStringList{"truth 2: Biking", "1:10.00 – 1:20.00", "missed"};
  QTest::newRow("found: a false one says its best IoU")
      << kind(RowKind::kPredictions) << 45.0 << -1 << QStringList{"Biking 0.600", "best IoU 0.00", "false"};
  // IoU of [10, 20] with [10, 21].
  QTest::newRow("found: label, score, span, IoU, verdict")
      << kind(RowKind::kPredictions) << 15.0 << -1 << QStringList{"Archery 0.900", "0:10.00 – 0:20.00", "IoU 0.91", "matched with truth 1"};
  QTest::newRow("attention: step and its share, as a multiple of even")
      << kind(RowKind::kAttention) << 49.5 << -1 << QStringList{"step 49 of 100", "share 0.0099", "0.99 × even"};
  QTest::newRow("pyramid: level, node, span, share, class and score")
      << kind(RowKind::kLevel) << 42.0 << 3 << QStringList{"level 3, node 5 of 13", "0:40.00 – 0:48.00", "share 0.0769", "1.00 × even", "alpha 0.500", "Biking 0.50"};
  QTest::newRow("the last node ends with the video") << kind(RowKind::kLevel) << 98.0 << 3 << QStringList{"node 12 of 13", "1:36.00 – 1:40.00"};
}
void TestTimelineView::hoveringReadsOutWhatLiesThere() {
  QFETCH(int, kind);
  QFETCH(double, seconds);
  QFETCH(int, level);
  QFETCH(QStringList, parts);
  QSignalSpy hovered(view_.get(), &TimelineView::hovered);
  QPoint pointer = at(static_cast<RowKind>(kind), seconds, level);
  if (static_cast<RowKind>(kind) == RowKind::kPredictions) pointer.ry() -= kLaneHeight / 2;
  sendMove(view_.get(), pointer);
  QCOMPARE(hovered.count(), 1);
  const QString text = hovered.first().first().toString();
  for (const QString& part : parts) QVERIFY2(text.contains(part), qPrintable(text));
  sendMove(view_.get(), QPointF(10, 60));  // the gutter
  QCOMPARE(hovered.last().first().toString(), QString());
}

void TestTimelineView::thePanelShowsTheReadOut() {
  Workspace workspace;
  TimelinePanel panel(workspace);
  auto* label = panel.findChild<QLabel*>("timelineReadOut");
  QVERIFY(label);
  QVERIFY(label->text().contains("Ctrl+wheel"));  // idle: what can be done
  Q_EMIT panel.view()->hovered("0:15.00 · truth");
  QCOMPARE(label->text(), QString("0:15.00 · truth"));
  Q_EMIT panel.view()->hovered(QString());
  QVERIFY(label->text().contains("Ctrl+wheel"));
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
  // They are those of what is shown now.
  TimelineOptions options = view_->options();
  options.threshold = 0.05;  // 60-70 too
  view_->setOptions(options);
  view_->goToEdge(-1);
  QCOMPARE(view_->cursorSeconds(), 60.0);
  view_->setContent(makeContent(makeVideo(100.0), {"Archery", "Biking"}, nullptr), true);
  view_->goToEdge(-1);
  QCOMPARE(view_->cursorSeconds(), 21.0);
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

void TestTimelineView::drawingIsBoundedByPixels_data() {
  QTest::addColumn<double>("zoom");
  QTest::addColumn<bool>("found");
  QTest::newRow("ten hours at once, every instance missed") << 1.0 << false;
  QTest::newRow("ten hours at once, 10,000 detections") << 1.0 << true;
  QTest::newRow("a tenth of it, 10,000 detections") << 10.0 << true;
  QTest::newRow("half a minute, 10,000 detections") << 1200.0 << true;
}
void TestTimelineView::drawingIsBoundedByPixels() {
  QFETCH(double, zoom);
  QFETCH(bool, found);
  constexpr int kWidth = 1000;
  const auto drawn = [&](double hours) {
    const double duration = hours * 3600;
    const int segments = static_cast<int>(hours * 1000);
    Video video = makeVideo(duration);
    video.segments.clear();
    auto seen = std::make_shared<VideoInspection>(makeInspection(static_cast<int64_t>(duration)));
    seen->detections.clear();
    for (int i = 0; i < segments; ++i) {
      const double start = duration * i / segments;
      const double end = start + duration / segments / 2;
      video.segments.push_back({start, end, i % 2});
      // A third answers its instance, the others lie beside it.
      if (found) seen->detections.push_back({start + (i % 3 == 0 ? 0.0 : 1.0), end + (i % 3 == 0 ? 0.0 : 1.0), i % 2, 1.0 - 0.5 * i / segments});
    }
    const TimelineContent content = makeContent(video, {"Archery", "Biking"}, seen);
    const TimelineOptions options;
    const auto rows = layoutRows(content, options, 500);
    const TimeScale scale = zoomedAt(wholeVideo(duration, kGutter, kWidth), kGutter + kWidth / 2, zoom * hours / 10.0, duration);
    const Matching matching = matchDetections(content.detections, content.truth, 0.2, 0.5, kPredictionLanes);
    CountingDevice device;
    QPainter painter(&device);
    TimelinePainter(painter, content, matching, options, scale, rows, tokens(), ColourMap::viridis()).paint({});
    painter.end();
    return std::pair(device.engine.shapes, device.engine.texts);
  };
  const auto [shapes, texts] = drawn(10.0);
  qInfo("%lld shapes, %lld texts", static_cast<long long>(shapes), static_cast<long long>(texts));
  QVERIFY(shapes > 500);
  QVERIFY2(shapes <= 24 * kWidth, qPrintable(QString::number(shapes)));  // 16 rows of cells, lanes and curves: a few shapes a pixel
  QVERIFY2(texts <= 400, qPrintable(QString::number(texts)));
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
