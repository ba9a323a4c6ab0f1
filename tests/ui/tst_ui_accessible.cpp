// SPDX-License-Identifier: GPL-3.0-or-later
// What assistive tools and the keyboard reach: the items of the timeline, of the figures and of the plots, and the ring that shows where one is.
#include <QAccessible>
#include <QLineEdit>
#include <QListView>
#include <QPushButton>
#include <QScrollArea>
#include <QSignalSpy>
#include <QStringListModel>
#include <QTabBar>
#include <QTabWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include "samples.h"
#include "ui/curves/curve_plot.h"
#include "ui/look/attention_view.h"
#include "ui/look/class_figures.h"
#include "ui/look/parallel_view.h"
#include "ui/look/pyramid_view.h"
#include "ui/look/scatter_view.h"
#include "ui/look/similarity_view.h"
#include "ui/player/film_strip.h"
#include "ui/timeline/timeline_accessible.h"
#include "ui/timeline/timeline_view.h"
#include "ui_fixtures.h"

using namespace hvlm;
using namespace hvlm::ui;
using namespace hvlm::ui::testing;

namespace {

TimelineContent content(int64_t steps = 100) {
  return makeContent(makeVideo(static_cast<double>(steps)), {"Archery", "Biking"}, std::make_shared<VideoInspection>(makeInspection(steps)));
}

std::unique_ptr<TimelineView> timeline() {
  auto view = std::make_unique<TimelineView>();
  view->setContent(content(), false);
  TimelineOptions options;
  options.threshold = 0.2;
  view->setOptions(options);
  view->resize(900, 320);
  view->show();
  return view;
}

template <class View>
std::unique_ptr<View> shown(QSize size = {320, 260}) {
  auto view = std::make_unique<View>(nullptr);
  view->resize(size);
  view->show();
  view->activateWindow();
  return view;
}

int ringPixels(QWidget& widget) {
  const QImage image = widget.grab().toImage();
  int found = 0;
  for (int x = 6; x < image.width() - 6; ++x) {
    for (const int y : {0, 1, image.height() - 2, image.height() - 1}) found += image.pixelColor(x, y) == tokens().accent;
  }
  return found;
}

// Focus given and taken by an event: the offscreen window need not be the active one.
void setFocused(QWidget& widget, bool on) {
  widget.activateWindow();
  QVERIFY(QTest::qWaitForWindowActive(widget.window()));
  if (on) widget.setFocus();
  else widget.clearFocus();
  QCOMPARE(widget.hasFocus(), on);
}

}  // namespace

class TestAccessible : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void theTimelineIsAListOfWhatIsInView();
  void namesAreWhatHoverSays();
  void placesAreOnScreenAndHit();
  void zoomLeavesOutWhatIsNotInView();
  void theSelectedCellIsTheLastChild();
  void manyItemsAreBounded();
  void pressingAnItemMovesTheCursor();
  void keysChooseCells();
  void keysChooseSegmentsAndRanges();
  void keysWalkTheFigures_data();
  void keysWalkTheFigures();
  void keysWalkTheMapByDirection();
  void keysZoom();
  void keysPanAPlot();
  void keysGoOverTheFilmStrip();
  void focusHasARing_data();
  void focusHasARing();
  void theRingOfAControlMovesNothing();
  void cutNamesAreToldWhole();
};

void TestAccessible::theTimelineIsAListOfWhatIsInView() {
  const auto view = timeline();
  QAccessibleInterface* face = QAccessible::queryAccessibleInterface(view.get());
  QVERIFY(face);
  QCOMPARE(face->role(), QAccessible::List);
  QCOMPARE(face->text(QAccessible::Name), QString("Timeline"));
  QCOMPARE(face->childCount(), 4);  // two true segments, two predictions of score 0.2 and more
  for (int i = 0; i < face->childCount(); ++i) {
    QAccessibleInterface* child = face->child(i);
    QVERIFY(child && child->isValid());
    QCOMPARE(child->role(), QAccessible::ListItem);
    QCOMPARE(face->indexOfChild(child), i);
    QCOMPARE(child->parent(), face);
  }
  QVERIFY(!face->child(4));
  QVERIFY(!face->child(-1));
  TimelineOptions options = view->options();
  options.truth = false;
  view->setOptions(options);
  QCOMPARE(face->childCount(), 2);
}

void TestAccessible::namesAreWhatHoverSays() {
  const auto view = timeline();
  QAccessibleInterface* face = QAccessible::queryAccessibleInterface(view.get());
  QSignalSpy told(view.get(), &TimelineView::hovered);
  for (int i = 0; i < face->childCount(); ++i) {
    const QString name = face->child(i)->text(QAccessible::Name);
    const QPoint at = view->mapFromGlobal(face->child(i)->rect().center());
    QMouseEvent move(QEvent::MouseMove, at, view->mapToGlobal(at), Qt::NoButton, Qt::NoButton, Qt::NoModifier);
    QApplication::sendEvent(view.get(), &move);
    QVERIFY2(told.last().first().toString().endsWith(name), qPrintable(told.last().first().toString() + " / " + name));
  }
  QCOMPARE(face->child(0)->text(QAccessible::Name), QString("truth 1: Archery · 0:10.00 – 0:21.00"));
  QVERIFY(face->child(2)->text(QAccessible::Name).startsWith("found 1: Archery 0.900 · 0:10.00 – 0:20.00"));
}

void TestAccessible::placesAreOnScreenAndHit() {
  const auto view = timeline();
  QAccessibleInterface* face = QAccessible::queryAccessibleInterface(view.get());
  for (int i = 0; i < face->childCount(); ++i) {
    const QRect place = face->child(i)->rect();
    QVERIFY(!place.isEmpty());
    QVERIFY(face->rect().contains(place));
    QCOMPARE(face->indexOfChild(face->childAt(place.center().x(), place.center().y())), i);
  }
  const QRect first = face->child(0)->rect();
  QVERIFY(std::abs(view->mapFromGlobal(first.topLeft()).x() - view->scale().pixelAt(10.0)) <= 1.0);
  QVERIFY(std::abs(first.width() - 11.0 / view->scale().seconds_per_pixel) <= 2.0);
  QVERIFY(!face->childAt(view->mapToGlobal(QPoint(2, 2)).x(), view->mapToGlobal(QPoint(2, 2)).y()));
}

void TestAccessible::zoomLeavesOutWhatIsNotInView() {
  const auto view = timeline();
  QAccessibleInterface* face = QAccessible::queryAccessibleInterface(view.get());
  QAccessibleInterface* last = face->child(1);  // 70 to 80 s
  QVERIFY(last->text(QAccessible::Name).contains("Biking"));
  view->setRange(std::pair(5.0, 25.0));
  view->zoomToSelection();
  QCOMPARE(face->childCount(), 2);
  for (int i = 0; i < face->childCount(); ++i) QVERIFY(face->child(i)->text(QAccessible::Name).contains("Archery"));
}

void TestAccessible::theSelectedCellIsTheLastChild() {
  const auto view = timeline();
  setFocused(*view, true);
  QAccessibleInterface* face = QAccessible::queryAccessibleInterface(view.get());
  view->selectCell({2, 3});
  QCOMPARE(face->childCount(), 5);
  QAccessibleInterface* cell = face->child(4);
  QVERIFY2(cell->text(QAccessible::Name).startsWith("level 2, node 3 of 25"), qPrintable(cell->text(QAccessible::Name)));
  QVERIFY(cell->state().selected && cell->state().focused);
  QCOMPARE(face->focusChild(), cell);
  view->selectCell({});
  QCOMPARE(face->childCount(), 4);
}

void TestAccessible::manyItemsAreBounded() {
  TimelineView view;
  Video video = makeVideo(10000.0);
  video.segments.clear();
  for (int i = 0; i < 4000; ++i) video.segments.push_back({i * 2.5, i * 2.5 + 1.0, 0});
  view.setContent(makeContent(video, {"Archery"}, nullptr), false);
  view.resize(900, 200);
  QCOMPARE(visibleItems(view).size(), kMostTimelineItems);
  QCOMPARE(QAccessible::queryAccessibleInterface(&view)->childCount(), static_cast<int>(kMostTimelineItems));
}

void TestAccessible::pressingAnItemMovesTheCursor() {
  const auto view = timeline();
  QSignalSpy moved(view.get(), &TimelineView::cursorMoved);
  QAccessibleInterface* item = QAccessible::queryAccessibleInterface(view.get())->child(1);
  auto* actions = static_cast<QAccessibleActionInterface*>(item->interface_cast(QAccessible::ActionInterface));
  QVERIFY(actions && actions->actionNames().contains(QAccessibleActionInterface::pressAction()));
  actions->doAction(QAccessibleActionInterface::pressAction());
  QCOMPARE(moved.count(), 1);
  QCOMPARE(view->cursorSeconds(), 70.0);
}

void TestAccessible::keysChooseCells() {
  const auto view = timeline();
  view->setCursor(42.0);
  QTest::keyClick(view.get(), Qt::Key_Return);
  QCOMPARE(view->selectedCell(), (CellAddress{0, 42}));
  QTest::keyClick(view.get(), Qt::Key_Down, Qt::ControlModifier);
  QCOMPARE(view->selectedCell(), (CellAddress{1, 21}));
  QTest::keyClick(view.get(), Qt::Key_Down, Qt::ControlModifier);
  QCOMPARE(view->selectedCell(), (CellAddress{2, 10}));
  QTest::keyClick(view.get(), Qt::Key_Up, Qt::ControlModifier);
  QCOMPARE(view->selectedCell(), (CellAddress{1, 21}));
  view->setCursor(10.0);
  QTest::keyClick(view.get(), Qt::Key_Enter);
  QCOMPARE(view->selectedCell(), (CellAddress{1, 5}));
  for (int i = 0; i < 20; ++i) QTest::keyClick(view.get(), Qt::Key_Down, Qt::ControlModifier);
  QCOMPARE(view->selectedCell(), (CellAddress{view->content().levels() - 1, 0}));
  QTest::keyClick(view.get(), Qt::Key_Escape);
  QVERIFY(!view->selectedCell().valid());
}

void TestAccessible::keysChooseSegmentsAndRanges() {
  const auto view = timeline();
  view->setCursor(12.0);
  QTest::keyClick(view.get(), Qt::Key_Return, Qt::ShiftModifier);
  QVERIFY(view->selectedSegment() && view->selectedSegment()->predicted);
  QTest::keyClick(view.get(), Qt::Key_Return, Qt::ShiftModifier);
  QVERIFY(view->selectedSegment() && !view->selectedSegment()->predicted);
  QCOMPARE(view->selectedSegment()->end_seconds, 21.0);
  QSignalSpy marked(view.get(), &TimelineView::rangeMarked);
  for (int i = 0; i < 3; ++i) QTest::keyClick(view.get(), Qt::Key_Right, Qt::ControlModifier | Qt::ShiftModifier);
  QCOMPARE(marked.count(), 3);
  QVERIFY(view->range() == MarkedRange(std::pair(12.0, 15.0)));
  QCOMPARE(view->cursorSeconds(), 15.0);
  QTest::keyClick(view.get(), Qt::Key_Left, Qt::ControlModifier | Qt::ShiftModifier);
  QVERIFY(view->range() == MarkedRange(std::pair(12.0, 14.0)));
  QTest::keyClick(view.get(), Qt::Key_Escape);
  QVERIFY(!view->range());
}

void TestAccessible::keysWalkTheFigures_data() {
  QTest::addColumn<QString>("figure");
  for (const char* name : {"confusion", "bars", "reliability", "similarity", "pair", "history", "parallel"}) QTest::newRow(name) << QString(name);
}

// Every figure: keys move the current item, say it as the pointer would, and Enter does what a click there does.
void TestAccessible::keysWalkTheFigures() {
  QFETCH(QString, figure);
  std::unique_ptr<FigureCanvas> view;
  QList<QVariant> chosen;
  QList<Qt::Key> keys = {Qt::Key_Home, Qt::Key_Right, Qt::Key_Down};
  QList<QVariant> expected;
  if (figure == "confusion") {
    auto made = shown<ConfusionView>();
    made->setCounts({"a", "b", "c"}, {5, 1, 0, 2, 7, 3, 0, 0, 4});
    connect(made.get(), &ConfusionView::cellChosen, this, [&chosen](int truth, int predicted) { chosen << QPoint(predicted, truth); });
    expected << QPoint(1, 1);
    view = std::move(made);
  } else if (figure == "bars") {
    auto made = shown<ClassBars>();
    made->setBars({{"a", 0.9, 10, 0}, {"b", 0.5, 4, 1}, {"c", 0.2, 5, 2}});
    connect(made.get(), &ClassBars::classChosen, this, [&chosen](int index) { chosen << index; });
    expected << 2;
    view = std::move(made);
  } else if (figure == "reliability") {
    auto made = shown<ReliabilityView>();
    made->setBins({{0.2, 0.1, 3}, {0.5, 0.6, 4}, {0.9, 0.8, 9}});
    keys = {Qt::Key_Home, Qt::Key_Right};
    view = std::move(made);  // a click does nothing there
  } else if (figure == "similarity") {
    auto made = shown<SimilarityView>();
    made->setMatrix({1, 0.5f, 0.2f, 0.5f, 1, 0.4f, 0.2f, 0.4f, 1}, 3, 2.0);
    connect(made.get(), &SimilarityView::timeChosen, this, [&chosen](double seconds) { chosen << seconds; });
    expected << 3.0;
    view = std::move(made);
  } else if (figure == "pair") {
    auto made = shown<AttentionPair>();
    made->setCurves({0.1f, 0.2f, 0.7f, 0.0f}, {}, "one", {}, 8.0);
    connect(made.get(), &AttentionPair::timeChosen, this, [&chosen](double seconds) { chosen << std::round(seconds); });
    keys = {Qt::Key_End, Qt::Key_Left};
    expected << 5.0;
    view = std::move(made);
  } else if (figure == "history") {
    auto made = shown<AttentionHistory>();
    std::vector<AttentionSnapshot> snapshots(3);
    for (size_t i = 0; i < snapshots.size(); ++i) {
      snapshots[i].epoch = static_cast<int64_t>(i) + 1;
      snapshots[i].duration_seconds = 4.0;
      snapshots[i].attention = {0.5f, 0.5f};
    }
    made->setSnapshots(snapshots);
    connect(made.get(), &AttentionHistory::rowChosen, this, [&chosen](int row) { chosen << row; });
    expected << 1;
    view = std::move(made);
  } else {
    auto made = shown<ParallelView>();
    made->setRuns({{"train.lr", {}, true}, {"top1", {}, false}}, {{0.001, 0.5}, {0.1, 0.9}, {0.01, 0.7}}, {"one", "two", "three"});
    made->setBrush(1, std::pair(0.0, 0.6));  // leaves out the second
    connect(made.get(), &ParallelView::rowChosen, this, [&chosen](int row) { chosen << row; });
    keys = {Qt::Key_Home, Qt::Key_Down};
    expected << 2;
    view = std::move(made);
  }
  QCOMPARE(view->focusPolicy(), Qt::StrongFocus);
  QCOMPARE(view->currentItem(), -1);
  QSignalSpy told(view.get(), &FigureCanvas::hovered);
  for (const Qt::Key key : keys) QTest::keyClick(view.get(), key);
  QVERIFY(view->currentItem() >= 0);
  QCOMPARE(told.count(), keys.size());
  QVERIFY(!told.last().first().toString().isEmpty());
  QCOMPARE(view->accessibleDescription(), told.last().first().toString());
  QTest::keyClick(view.get(), Qt::Key_Return);
  QCOMPARE(chosen, expected);
}

void TestAccessible::keysWalkTheMapByDirection() {
  const auto view = shown<ScatterView>();
  view->setPoints({{0, 0, 0, -1, "low left"}, {1, 0, 0, -1, "low right"}, {0, 1, 0, -1, "high left"}, {1, 1, 0, -1, "high right"}}, {"group"});
  QSignalSpy chosen(view.get(), &ScatterView::pointChosen);
  QSignalSpy told(view.get(), &FigureCanvas::hovered);
  QTest::keyClick(view.get(), Qt::Key_Home);
  QTest::keyClick(view.get(), Qt::Key_Up);
  QCOMPARE(told.last().first().toString(), QString("high left"));
  QTest::keyClick(view.get(), Qt::Key_Right);
  QCOMPARE(told.last().first().toString(), QString("high right"));
  QTest::keyClick(view.get(), Qt::Key_Right);  // nothing is there
  QCOMPARE(view->currentItem(), 3);
  QTest::keyClick(view.get(), Qt::Key_Space);
  QCOMPARE(chosen.last().first().toInt(), 3);
  QCOMPARE(view->current(), 3);
}

void TestAccessible::keysZoom() {
  const auto map = shown<ScatterView>();
  map->setPoints({{0, 0, 0, -1, "a"}, {1, 1, 0, -1, "b"}}, {"group"});
  QTest::keyClick(map.get(), Qt::Key_Plus);
  QVERIFY(map->zoomFactor() > 1.2);
  QTest::keyClick(map.get(), Qt::Key_Minus);
  QVERIFY(std::abs(map->zoomFactor() - 1.0) < 1e-9);
  QTest::keyClick(map.get(), Qt::Key_Plus);
  QTest::keyClick(map.get(), Qt::Key_0);
  QCOMPARE(map->zoomFactor(), 1.0);
  const auto pyramid = shown<PyramidView>({500, 300});
  pyramid->setContent(content());
  const double whole = pyramid->scale().seconds_per_pixel;
  QTest::keyClick(pyramid.get(), Qt::Key_Plus);
  QVERIFY(pyramid->scale().seconds_per_pixel < whole);
  QTest::keyClick(pyramid.get(), Qt::Key_0);
  QCOMPARE(pyramid->scale().seconds_per_pixel, whole);
}

void TestAccessible::keysPanAPlot() {
  CurvePlot plot;
  plot.resize(400, 300);
  plot.show();
  plot.xAxis->setRange(0, 100);
  plot.yAxis->setRange(0, 10);
  QSignalSpy zoomed(&plot, &CurvePlot::userZoomed);
  QSignalSpy reset(&plot, &CurvePlot::resetAsked);
  QTest::keyClick(&plot, Qt::Key_Right);
  QCOMPARE(plot.xAxis->range().lower, 10.0);
  QCOMPARE(plot.xAxis->range().upper, 110.0);
  QTest::keyClick(&plot, Qt::Key_Up);
  QCOMPARE(plot.yAxis->range().lower, 1.0);
  QTest::keyClick(&plot, Qt::Key_Plus);
  QVERIFY(std::abs(plot.xAxis->range().size() - 80.0) < 1e-9);
  QVERIFY(std::abs(plot.xAxis->range().center() - 60.0) < 1e-9);
  QTest::keyClick(&plot, Qt::Key_Minus);
  QVERIFY(std::abs(plot.xAxis->range().size() - 100.0) < 1e-9);
  QCOMPARE(zoomed.count(), 4);  // so that new points leave the view alone
  QTest::keyClick(&plot, Qt::Key_0);
  QCOMPARE(reset.count(), 1);
}

void TestAccessible::keysGoOverTheFilmStrip() {
  FilmStrip strip;
  strip.setVideo(QStringLiteral("/nonexistent.mp4"));
  strip.setPlace(0.5);
  strip.show();
  QSignalSpy sought(&strip, &FilmStrip::sought);
  QTest::keyClick(&strip, Qt::Key_End);
  QCOMPARE(sought.last().first().toDouble(), 1.0);
  QTest::keyClick(&strip, Qt::Key_Home);
  QCOMPARE(sought.last().first().toDouble(), 0.0);
  QTest::keyClick(&strip, Qt::Key_Right, Qt::ControlModifier);
  QVERIFY(sought.last().first().toDouble() > 0.5);
  QCOMPARE(sought.count(), 3);
}

void TestAccessible::focusHasARing_data() {
  QTest::addColumn<QString>("widget");
  for (const char* name : {"figure", "map", "plot", "timeline", "film strip", "list"}) QTest::newRow(name) << QString(name);
}

void TestAccessible::focusHasARing() {
  QFETCH(QString, widget);
  QWidget window;
  auto* column = new QVBoxLayout(&window);
  auto* other = new QPushButton(QStringLiteral("other"), &window);
  QWidget* subject = nullptr;
  if (widget == "figure") {
    auto* view = new ConfusionView(&window);
    view->setCounts({"a", "b"}, {1, 2, 3, 4});
    subject = view;
  } else if (widget == "map") {
    auto* view = new ScatterView(&window);
    view->setPoints({{0, 0, 0, -1, "a"}, {1, 1, 0, -1, "b"}}, {"group"});
    subject = view;
  } else if (widget == "plot") {
    subject = new CurvePlot(&window);
  } else if (widget == "timeline") {
    auto* view = new TimelineView(&window);
    view->setContent(content(), false);
    subject = view;
  } else if (widget == "film strip") {
    subject = new FilmStrip(&window);
  } else {
    auto* list = new QListView(&window);
    list->setModel(new QStringListModel({"one", "two"}, list));
    subject = list;
  }
  column->addWidget(other);
  column->addWidget(subject);
  window.resize(420, 320);
  window.show();
  window.activateWindow();
  QVERIFY(QTest::qWaitForWindowActive(&window));
  other->setFocus();
  QVERIFY(!subject->hasFocus());
  QCOMPARE(ringPixels(*subject), 0);
  subject->setFocus();
  QVERIFY(subject->hasFocus());
  // Two pixels at the top and two at the foot, but for rounded corners.
  QVERIFY2(ringPixels(*subject) >= 4 * (subject->width() - 16), qPrintable(QString::number(ringPixels(*subject))));
}

void TestAccessible::theRingOfAControlMovesNothing() {
  QWidget window;
  auto* column = new QVBoxLayout(&window);
  auto* list = new QListView(&window);
  list->setModel(new QStringListModel({"one", "two"}, list));
  auto* button = new QToolButton(&window);
  button->setText(QStringLiteral("log"));
  auto* check = new QToolButton(&window);
  check->setText(QStringLiteral("log"));
  check->setCheckable(true);
  auto* line = new QLineEdit(&window);
  auto* tabs = new QTabWidget(&window);
  tabs->addTab(new QWidget, QStringLiteral("one"));
  for (QWidget* each : std::initializer_list<QWidget*>{list, button, check, line, tabs}) column->addWidget(each);
  window.show();
  window.activateWindow();
  QVERIFY(QTest::qWaitForWindowActive(&window));
  line->setFocus();
  const QRect viewport = list->viewport()->geometry();
  list->setFocus();
  QCOMPARE(list->viewport()->geometry(), viewport);
  line->setFocus();
  for (QToolButton* each : {button, check}) {
    const QSize size = each->sizeHint();
    each->setFocusPolicy(Qt::StrongFocus);
    each->setFocus();
    QVERIFY(each->hasFocus());
    QCOMPARE(each->sizeHint(), size);
    QVERIFY(ringPixels(*each) >= 4 * (each->width() - 16));
    line->setFocus();
  }
  const QRect tab = tabs->tabBar()->tabRect(0);
  tabs->tabBar()->setFocus();
  QCOMPARE(tabs->tabBar()->tabRect(0), tab);
  QVERIFY(tabs->tabBar()->grab().toImage().pixelColor(tab.center().x(), tab.top()) == tokens().accent);
}

void TestAccessible::cutNamesAreToldWhole() {
  const QString name = QStringLiteral("Assembling a bicycle while somebody else is watching from the window of a house");
  const auto bars = shown<ClassBars>({220, 100});
  bars->setBars({{name, 0.9, 10, 0}, {"b", 0.5, 4, 1}});
  bars->grab();
  const QRectF first(8, 8, 60, 16);
  QCOMPARE(bars->wholeTextAt(first.center()), name);
  QCOMPARE(bars->wholeTextAt(QPointF(40, 36)), QString());  // "b" is whole
  TimelineView view;
  view.setContent(content(), false);
  view.resize(900, 320);
  const auto truth = std::find_if(view.rows().begin(), view.rows().end(), [](const TimelineRow& row) { return row.kind == RowKind::kTruth; });
  QCOMPARE(view.cutNameAt(QPointF(20, truth->top + 1)), QString());
  QFont large = view.font();
  large.setLetterSpacing(QFont::AbsoluteSpacing, 10.0);
  view.setFont(large);
  bool any = false;
  for (const TimelineRow& row : view.rows()) any = any || view.cutNameAt(QPointF(20, row.top + 1)) == row.label;
  QVERIFY(any);
}

HVLM_GUI_TEST_MAIN(TestAccessible)
#include "tst_ui_accessible.moc"
