// SPDX-License-Identifier: GPL-3.0-or-later
// A marked range and a chosen cell: what is counted is what is exported, and ruler, player and film strip show the same.
#include <QFile>
#include <QLabel>
#include <QSignalSpy>
#include <random>

#include "samples.h"
#include "support/text.h"
#include "ui/player/film_strip.h"
#include "ui/player/video_panel.h"
#include "ui/shell/action_list.h"
#include "ui/shell/notice_strip.h"
#include "ui/shell/session.h"
#include "ui/shell/workers.h"
#include "ui/timeline/options_state.h"
#include "ui/timeline/timeline_panel.h"
#include "ui/timeline/timeline_range.h"
#include "ui/window/exporter.h"
#include "ui/window/main_window.h"

using namespace hvlm;
using namespace hvlm::ui;
using namespace hvlm::ui::testing;

namespace {

constexpr int kPatience = 20000;  // ms

TimelineContent someContent(double step_seconds = 1.0) {
  const auto seen = std::make_shared<VideoInspection>(makeInspection(100, step_seconds));
  return makeContent(makeVideo(100.0 * step_seconds), {"Archery", "Biking"}, seen);
}

const TimelineRow* rulerOf(const std::vector<TimelineRow>& rows) {
  return &*std::find_if(rows.begin(), rows.end(), [](const TimelineRow& row) { return row.kind == RowKind::kRuler; });
}

struct Rows {
  int truth = 0, found = 0, cells = 0, steps = 0;
  int64_t last_step = -1;
};
Rows rowsOf(const std::string& csv) {
  Rows rows;
  for (const std::string& line : split(csv, '\n')) {
    rows.truth += line.starts_with("truth,");
    rows.found += line.starts_with("found,");
    if (!line.starts_with("cell,")) continue;
    ++rows.cells;
    const auto parts = split(line, ',');
    if (parts[1] != "0") continue;
    ++rows.steps;
    rows.last_step = std::stoll(std::string(parts[2]));
  }
  return rows;
}

}  // namespace

class TestTimelineRanges : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init() { box_ = std::make_unique<Sandbox>(); }
  void cleanup();
  void aRangeOfStepsEndsAtItsLastStep_data();
  void aRangeOfStepsEndsAtItsLastStep();
  void whatIsCountedIsWhatIsExported();
  void theReadOutCountsWhatIsExported();
  void aClickOnTheRulerLeavesTheRange();
  void theFileHoldsTheMarkedRange();
  void rulerAndMarksAreOne();
  void anotherVideoHasNoRange();
  void theFilmStripMarksASpan();
  void aChosenCellReachesThePlayer();
  void collapsedLevelsAreUndoneAndKept();

 private:
  void open();
  void mark(double from_seconds, double to_seconds);
  TimelineView& view() { return *window_->timeline().view(); }
  std::unique_ptr<Sandbox> box_;
  std::unique_ptr<QueuedPrompts> prompts_;
  std::unique_ptr<MainWindow> window_;
};

// A window whose timeline shows a video of 100 steps under a model.
void TestTimelineRanges::open() {
  prompts_ = std::make_unique<QueuedPrompts>();
  window_ = std::make_unique<MainWindow>(*prompts_, Session{});
  window_->saveSessionOnClose(false);
  view().setContent(someContent(), false);
}

void TestTimelineRanges::cleanup() {
  window_.reset();
  Workers::instance().waitForDone();
  prompts_.reset();
  box_.reset();
}

// A drag on the ruler, as the mouse makes it.
void TestTimelineRanges::mark(double from_seconds, double to_seconds) {
  view().resize(kGutter + 1001 + 10, 320);  // a tenth of a second a pixel
  view().zoomWhole();
  const TimelineRow* ruler = rulerOf(view().rows());
  const auto place = [&](double seconds) { return QPoint(static_cast<int>(std::lround(view().scale().pixelAt(seconds))), ruler->top + 8); };
  QTest::mousePress(&view(), Qt::LeftButton, {}, place(from_seconds));
  if (to_seconds != from_seconds) QTest::mouseMove(&view(), place(to_seconds));
  QTest::mouseRelease(&view(), Qt::LeftButton, {}, place(to_seconds));
}

void TestTimelineRanges::aRangeOfStepsEndsAtItsLastStep_data() {
  QTest::addColumn<double>("step_seconds");
  QTest::addColumn<double>("from");
  QTest::addColumn<double>("to");
  QTest::addColumn<int>("first");
  QTest::addColumn<int>("count");
  QTest::newRow("five whole steps") << 1.0 << 10.0 << 15.0 << 10 << 5;
  QTest::newRow("an edge inside a step takes the step") << 1.0 << 10.5 << 15.5 << 10 << 6;
  QTest::newRow("within one step") << 1.0 << 10.2 << 10.4 << 10 << 1;
  QTest::newRow("the whole video") << 1.0 << 0.0 << 100.0 << 0 << 100;
  QTest::newRow("the end of the video") << 1.0 << 99.5 << 100.0 << 99 << 1;
  QTest::newRow("steps that seconds do not divide") << 16.0 / 30.0 << 3 * (16.0 / 30.0) << 10 * (16.0 / 30.0) << 3 << 7;
  QTest::newRow("tenths, which binary numbers have not") << 0.1 << 0.3 << 0.7 << 3 << 4;
}
void TestTimelineRanges::aRangeOfStepsEndsAtItsLastStep() {
  QFETCH(double, step_seconds);
  QFETCH(double, from);
  QFETCH(double, to);
  QFETCH(int, first);
  QFETCH(int, count);
  const TimelineContent content = someContent(step_seconds);
  const auto [begin, end] = cellsOfRange(content, 0, {from, to});
  QCOMPARE(begin, int64_t{first});
  QCOMPARE(end - begin, int64_t{count});
  QCOMPARE(countOf(content, {from, to}).steps, int64_t{count});
  QCOMPARE(cellsOfRange(content, content.levels(), {from, to}), (std::pair<int64_t, int64_t>(0, 0)));
}

void TestTimelineRanges::whatIsCountedIsWhatIsExported() {
  std::mt19937 random(37);
  std::uniform_real_distribution<double> at(0.0, 40.0);
  int64_t counted = 0;
  for (int round = 0; round < 200; ++round) {
    const bool ceil = round % 2 == 0;
    const auto seen = inspection(std::uniform_int_distribution<int64_t>(1, 60)(random), ceil, {{5, 9, 0, 0.9}, {20, 30, 0, 0.8}}, {"x"});
    const TimelineContent content = makeContent(video("a", 60.0, {{2, 4, 0}, {25, 26, 0}}), {"x"}, seen);
    const Matching matching = matchDetections(content.detections, content.truth, 0.2, 0.5, kPredictionLanes);
    const double a = at(random), b = at(random);
    const std::pair range(std::min(a, b), std::max(a, b));
    const RangeCount count = countOf(content, range);
    const Rows rows = rowsOf(timelineCsv(content, matching, range));
    QCOMPARE(int64_t{rows.steps}, count.steps);
    QCOMPARE(int64_t{rows.cells}, count.cells);
    QCOMPARE(rows.truth, (range.first < 4 && range.second > 2) + (range.first < 26 && range.second > 25));
    QCOMPARE(rows.found, (range.first < 9 && range.second > 5) + (range.first < 30 && range.second > 20));
    const auto [first, last] = cellsOfRange(content, 0, range);
    if (count.steps > 0) QCOMPARE(rows.last_step, first + count.steps - 1);  // n cells end at cell n - 1
    counted += count.cells;
  }
  QVERIFY(counted > 2000);
}

void TestTimelineRanges::theReadOutCountsWhatIsExported() {
  open();
  QSignalSpy hovered(&view(), &TimelineView::hovered);
  mark(20.0, 40.0);
  QCOMPARE(*view().range(), std::pair(20.0, 40.0));
  const Rows rows = rowsOf(timelineCsv(view().content(), view().matching(), view().range()));
  QCOMPARE(rows.steps, 20);
  QCOMPARE(rows.last_step, int64_t{39});
  const QString text = hovered.last().first().toString();
  QVERIFY2(text.contains("0:20.00 – 0:40.00, 20.00 s"), qPrintable(text));
  QVERIFY2(text.contains(QString(" %1 step").arg(rows.steps)) && text.contains(QString(" %1 cell").arg(rows.cells)), qPrintable(text));
  // It stays there for whoever points at the range later, and only there.
  const TimelineRow* ruler = rulerOf(view().rows());
  const auto point = [&](double seconds, int y) {
    const QPointF place(view().scale().pixelAt(seconds), y);
    QMouseEvent event(QEvent::MouseMove, place, view().mapToGlobal(place), Qt::NoButton, Qt::NoButton, Qt::NoModifier);
    QApplication::sendEvent(&view(), &event);
    return hovered.last().first().toString();
  };
  QCOMPARE(point(30.0, ruler->top + 5), text);
  QVERIFY(!point(50.0, ruler->top + 5).contains("step"));
  QVERIFY(!point(30.0, ruler->top + ruler->height + 10).contains("cell(s)"));
  // Without a model there are no cells to count.
  view().setContent(makeContent(makeVideo(100.0), {"Archery", "Biking"}, nullptr), true);
  mark(20.0, 41.0);
  QVERIFY2(!hovered.last().first().toString().contains("step"), qPrintable(hovered.last().first().toString()));
}

void TestTimelineRanges::aClickOnTheRulerLeavesTheRange() {
  open();
  mark(20.0, 40.0);
  QSignalSpy marked(&view(), &TimelineView::rangeMarked);
  mark(70.0, 70.0);
  QCOMPARE(view().cursorSeconds(), 70.0);
  QVERIFY(view().range() && *view().range() == std::pair(20.0, 40.0));
  QCOMPARE(marked.count(), 0);
  mark(50.0, 60.0);
  QVERIFY(*view().range() == std::pair(50.0, 60.0));
  QTest::mouseDClick(&view(), Qt::LeftButton, {}, QPoint(kGutter + 300, view().rows()[2].top + 4));
  QVERIFY(!view().range());
  QVERIFY(!window_->player().clock().marks());
}

void TestTimelineRanges::theFileHoldsTheMarkedRange() {
  open();
  const auto exported = [&](const char* name) {
    const QString file = box_->path(name);
    prompts_->paths.enqueue(file);
    QSignalSpy written(&window_->exporter(), &Exporter::written);
    window_->exporter().exportTimeline();
    if (!QTest::qWaitFor([&] { return !written.isEmpty(); }, kPatience)) return std::string();
    QFile read(file);
    return read.open(QIODevice::ReadOnly) ? read.readAll().toStdString() : std::string();
  };
  const auto notice = [&] {
    QString text;
    for (const QLabel* label : window_->timeline().notice()->findChildren<QLabel*>()) text += label->text();
    return text;
  };
  const Rows whole = rowsOf(exported("whole.csv"));
  QCOMPARE(whole.steps, 100);
  QCOMPARE(whole.found, 2);
  QVERIFY2(!notice().contains("marked range"), qPrintable(notice()));
  QVERIFY2(notice().contains("below the threshold"), qPrintable(notice()));  // 60 s to 70 s
  mark(20.0, 45.0);
  const Rows part = rowsOf(exported("part.csv"));
  QCOMPARE(int64_t{part.steps}, countOf(view().content(), *view().range()).steps);
  QCOMPARE(part.steps, 25);
  QCOMPARE(part.last_step, int64_t{44});
  QCOMPARE(part.truth, 1);  // the one up to 21 s
  QCOMPARE(part.found, 1);
  QVERIFY2(notice().contains("outside 0:20.00 – 0:45.00") && notice().contains("holds 25 step"), qPrintable(notice()));
  QVERIFY2(!notice().contains("below the threshold"), qPrintable(notice()));
  const std::string picture = exported("part.svg");
  QVERIFY(picture.find("0:30") != std::string::npos);  // on the ruler of the range
  QVERIFY(picture.find("1:10") == std::string::npos);
}

void TestTimelineRanges::rulerAndMarksAreOne() {
  open();
  const PlaybackClock& clock = window_->player().clock();
  ActionList& actions = window_->actionList();
  mark(20.0, 40.0);
  QVERIFY(clock.marks() && *clock.marks() == std::pair(20.0, 40.0));
  actions["clearMarks"]->trigger();
  QVERIFY(!clock.marks());
  QVERIFY(!view().range());
  // I and O at the cursor, in any order; one alone is no range.
  window_->workspace().setCursor(60.0);
  actions["markOut"]->trigger();
  QVERIFY(!view().range());
  window_->workspace().setCursor(50.0);
  actions["markIn"]->trigger();
  QVERIFY(view().range() && *view().range() == std::pair(50.0, 60.0));
  mark(10.0, 15.0);
  QVERIFY(*clock.marks() == std::pair(10.0, 15.0));
  window_->workspace().setCursor(12.0);
  actions["markIn"]->trigger();
  QVERIFY(*view().range() == std::pair(12.0, 15.0));
}

void TestTimelineRanges::anotherVideoHasNoRange() {
  open();
  mark(20.0, 40.0);
  view().setContent(someContent(), true);  // new weights
  QVERIFY(view().range());
  view().setContent(makeContent(makeVideo(50.0), {"Archery", "Biking"}, nullptr), false);
  QVERIFY(!view().range());
  QVERIFY(!window_->player().clock().marks());
  view().setRange(std::pair(40.0, 90.0));  // cut to the video
  QVERIFY(*view().range() == std::pair(40.0, 50.0));
  view().setRange(std::pair(60.0, 90.0));
  QVERIFY(!view().range());
}

void TestTimelineRanges::theFilmStripMarksASpan() {
  FilmStrip strip;
  strip.resize(400, 40);
  strip.setVideo(box_->path("not-there.mp4"));  // no pictures: the ground alone
  strip.setPlace(0.9);
  const auto seen = [&](int x, int y) { return strip.grab().toImage().pixelColor(x, y); };
  const QColor ground = seen(10, 20);
  QCOMPARE(seen(150, 20), ground);
  strip.setSpan(FilmStrip::Span(std::pair(0.25, 0.5)));
  for (const int x : {101, 150, 198}) {
    QVERIFY(seen(x, 20) != ground);
    QCOMPARE(seen(x, 1), tokens().accent);
    QCOMPARE(seen(x, 38), tokens().accent);
  }
  for (const int x : {97, 203}) {
    QCOMPARE(seen(x, 20), ground);
    QCOMPARE(seen(x, 1), ground);
  }
  strip.setSpan({});
  QCOMPARE(seen(150, 20), ground);
}

void TestTimelineRanges::aChosenCellReachesThePlayer() {
  open();
  QVERIFY(!window_->player().span());
  view().selectCell({3, 5});  // steps 40 to 47
  QVERIFY(window_->player().span() && *window_->player().span() == std::pair(40.0, 48.0));
  view().selectCell({});
  QVERIFY(!window_->player().span());
}

void TestTimelineRanges::collapsedLevelsAreUndoneAndKept() {
  open();
  ActionList& actions = window_->actionList();
  QCOMPARE(actions["collapseLevel"]->shortcut(), QKeySequence(Qt::Key_C));
  view().selectCell({3, 5});
  actions["collapseLevel"]->trigger();
  QCOMPARE(view().options().collapsed, std::set<int64_t>{3});
  QCOMPARE(timelineOptions(window_->session().timeline).collapsed, std::set<int64_t>{3});
  actions["undo"]->trigger();
  QVERIFY(view().options().collapsed.empty());
  actions["redo"]->trigger();
  QCOMPARE(view().options().collapsed, std::set<int64_t>{3});
}

HVLM_GUI_TEST_MAIN(TestTimelineRanges)
#include "tst_ui_timeline_ranges.moc"
