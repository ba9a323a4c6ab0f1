// SPDX-License-Identifier: GPL-3.0-or-later
// Figures that look into features and pyramids: their numbers by hand, what lies under the pointer, keys, zoom, export; each in all three themes.
#include <QComboBox>
#include <QLabel>
#include <QMouseEvent>
#include <QSignalSpy>
#include <QSvgRenderer>
#include <QTableWidget>
#include <QTest>
#include <cmath>
#include <limits>
#include <set>

#include "samples.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "ui/exports/figure_page.h"
#include "ui/look/attention_view.h"
#include "ui/look/class_figures.h"
#include "ui/look/features_panel.h"
#include "ui/look/map_panel.h"
#include "ui/look/parallel_view.h"
#include "ui/look/pyramid_panel.h"
#include "ui/look/pyramid_view.h"
#include "ui/look/scatter_view.h"
#include "ui/look/similarity_view.h"
#include "ui/shell/empty_state.h"
#include "ui/shell/action_list.h"
#include "ui_fixtures.h"

using namespace hvlm;
using namespace hvlm::ui;
using namespace hvlm::ui::testing;

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

TimelineContent content(int64_t steps, bool ceil = true) {
  auto seen = std::make_shared<VideoInspection>(makeInspection(steps));
  if (!ceil) {
    seen->mode = "floor";
    seen->levels = pyramid(steps, false);
  }
  return makeContent(makeVideo(static_cast<double>(steps)), {"Archery", "Biking"}, seen);
}

std::vector<ScatterView::Point> points() { return {{0, 0, 0, -1, "a"}, {1, 0, 1, -1, "b"}, {0, 1, 0, -1, "c"}, {1, 1, -1, -1, "d"}}; }

void fill(ParallelView& view) {
  view.setRuns({{"encoder.mixer", {"full", "window"}, false}, {"train.lr", {}, true}, {"top1", {}, false}}, {{0, 0.001, 0.5}, {1, 0.1, 0.9}, {0, 0.01, kNone}}, {"one", "two", "three"});
}

void hover(QWidget& widget, QPointF at, Qt::MouseButtons buttons = Qt::NoButton) {
  QMouseEvent event(QEvent::MouseMove, at, widget.mapToGlobal(at), Qt::NoButton, buttons, Qt::NoModifier);
  QApplication::sendEvent(&widget, &event);
}

int coloursOf(QWidget& widget) {
  const QImage image = widget.grab().toImage().convertToFormat(QImage::Format_RGB32);
  std::set<QRgb> colours;
  for (int y = 0; y < image.height(); ++y) {
    for (int x = 0; x < image.width(); ++x) colours.insert(image.pixel(x, y));
  }
  return static_cast<int>(colours.size());
}

EmbeddingFile embedding() {
  EmbeddingFile e;
  e.run_id = "r", e.subset = "validation", e.width = 3;
  e.classes = {"Archery", "Biking"};
  e.videos = {"x", "y", "z"};
  e.vectors = {1, 0, 0, 0.9f, 0.1f, 0, 0, 0, 1};
  e.scores = {0.9f, 0.1f, 0.6f, 0.4f, 0.7f, 0.3f};
  e.labels = {0, 0, 1};
  for (int64_t v = 0; v < 3; ++v) {
    for (int64_t s = 0; s < 4; ++s) {
      e.moment_video.push_back(v), e.moment_step.push_back(s), e.moment_label.push_back(s == 0 ? -1 : e.labels[static_cast<size_t>(v)]);
      for (int64_t k = 0; k < 3; ++k) e.moments.push_back(e.vectors[static_cast<size_t>(v * 3 + k)] + 0.01f * static_cast<float>(s * (k + 1)));
    }
  }
  return e;
}

}  // namespace

class TestLook : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void cleanup() { Theme::instance().setKind(ThemeKind::kLight); }
  void confusionByHand();
  void reliabilityByHand();
  void eachFigureIsDrawnInEachTheme_data();
  void eachFigureIsDrawnInEachTheme();
  void emptyFiguresSayWhatWillAppear();
  void figuresAreExportedInTheLightStyle_data();
  void figuresAreExportedInTheLightStyle();
  void theConfusionSaysWhatIsUnderThePointer();
  void barsAreInOrder();
  void theMatrixKnowsItsTimes();
  void longMatricesAreAveraged();
  void aPointIsFoundAndChosen();
  void zoomKeepsThePointUnderThePointer();
  void manyPointsAreDrawnOnce();
  void theIcicleCoversTimeAndLevels_data();
  void theIcicleCoversTimeAndLevels();
  void orphansAreTold();
  void keysWalkThePyramid();
  void thePathLeadsToTheTop();
  void zoomKeepsTheTimeUnderThePointer();
  void aTreeHasNodesWhereTheCellsAre();
  void tenHoursAreDrawn();
  void brushesKeepRuns();
  void axesAreReachedByKeys();
  void aRunWithoutAValueIsInTheLane();
  void aLineIsChosen();
  void axesMoveButTheFigureStaysLast();
  void attentionIsCompared();
  void epochsAreScrubbed();
  void aPageHasItsFigures();
  void theMapFollowsAndLeads();
  void aThinnedMapSaysSo();
  void theFeaturesNeedAnEmbedding();

 private:
  std::vector<std::unique_ptr<FigureCanvas>> all(bool filled);
};

std::vector<std::unique_ptr<FigureCanvas>> TestLook::all(bool filled) {
  auto confusion = std::make_unique<ConfusionView>();
  auto reliable = std::make_unique<ReliabilityView>();
  auto bars = std::make_unique<ClassBars>();
  auto matrix = std::make_unique<SimilarityView>();
  auto scatter = std::make_unique<ScatterView>();
  auto icicle = std::make_unique<PyramidView>();
  auto tree = std::make_unique<PyramidView>();
  auto parallel = std::make_unique<ParallelView>();
  tree->setLayout(PyramidView::Layout::kTree);
  if (filled) {
    confusion->setCounts({"Archery", "Biking"}, {3, 1, 0, 4});
    reliable->setBins(reliability(std::vector<double>{0.2, 0.8, 0.9}, {true, true, false}, 5));
    bars->setBars({{"Archery", 0.5, 4, 0}, {"Biking", 0.75, 8, 1}});
    matrix->setMatrix({1, 0.5f, 0.5f, 1}, 2, 1.0);
    matrix->setTruth({{0.0, 1.0, 0}}, {"Archery"});
    scatter->setPoints(points(), {"Archery", "Biking"});
    icicle->setContent(content(20));
    tree->setContent(content(20));
    fill(*parallel);
  }
  std::vector<std::unique_ptr<FigureCanvas>> views;
  views.push_back(std::move(confusion));
  views.push_back(std::move(reliable));
  views.push_back(std::move(bars));
  views.push_back(std::move(matrix));
  views.push_back(std::move(scatter));
  views.push_back(std::move(icicle));
  views.push_back(std::move(tree));
  views.push_back(std::move(parallel));
  for (const auto& view : views) view->resize(320, 240);
  return views;
}

void TestLook::confusionByHand() {
  const std::vector<int64_t> truth = {0, 0, 1, 1, 2, -1, 0}, said = {0, 1, 1, 1, 9, 0, 0};
  QCOMPARE(confusionMatrix(truth, said, 3), (std::vector<int64_t>{2, 1, 0, 0, 2, 0, 0, 0, 0}));
  QCOMPARE(confusionMatrix({}, {}, 2), (std::vector<int64_t>{0, 0, 0, 0}));
}

void TestLook::reliabilityByHand() {
  const auto bins = reliability(std::vector<double>{0.1, 0.3, 0.9, 1.0, kNone, 2.0}, {true, false, true, true, true, true}, 2);
  QCOMPARE(bins[0].count, int64_t{2});
  QCOMPARE(bins[0].confidence, 0.2);
  QCOMPARE(bins[0].accuracy, 0.5);
  QCOMPARE(bins[1].count, int64_t{2});  // 1.0 belongs to the last
  QVERIFY(std::abs(expectedCalibrationError(bins) - (2.0 * 0.3 + 2.0 * 0.05) / 4.0) < 1e-12);
  QCOMPARE(expectedCalibrationError(reliability({}, {}, 10)), 0.0);
}

void TestLook::eachFigureIsDrawnInEachTheme_data() {
  QTest::addColumn<ThemeKind>("kind");
  QTest::newRow("light") << ThemeKind::kLight;
  QTest::newRow("dark") << ThemeKind::kDark;
  QTest::newRow("contrast") << ThemeKind::kHighContrast;
}
void TestLook::eachFigureIsDrawnInEachTheme() {
  QFETCH(ThemeKind, kind);
  Theme::instance().setKind(kind);
  for (const auto& view : all(true)) {
    QVERIFY2(view->hasContent() && coloursOf(*view) > 8, qPrintable(view->objectName()));
    QCOMPARE(view->grab().toImage().pixelColor(1, 1), tokensOf(kind).base);
    QVERIFY(!view->accessibleName().isEmpty());
  }
}

void TestLook::emptyFiguresSayWhatWillAppear() {
  for (const auto& view : all(false)) {
    QVERIFY2(!view->hasContent(), qPrintable(view->objectName()));
    QVERIFY2(coloursOf(*view) > 2, qPrintable(view->objectName()));  // a sentence
  }
}

void TestLook::figuresAreExportedInTheLightStyle_data() {
  QTest::addColumn<int>("which");
  for (int i = 0; i < 8; ++i) QTest::addRow("%d", i) << i;
}
void TestLook::figuresAreExportedInTheLightStyle() {
  QFETCH(int, which);
  const auto views = all(true);
  const FigureCanvas& figure = *views[static_cast<size_t>(which)];
  const QByteArray light = figure.picture(PictureFormat::kSvg);
  Theme::instance().setKind(ThemeKind::kDark);
  QCOMPARE(figure.picture(PictureFormat::kSvg), light);
  QSvgRenderer svg(light);
  QVERIFY(svg.isValid());
  QVERIFY(std::abs(svg.viewBoxF().width() - kOneColumnMm * kPointsPerMm) < 1.0);
  QImage png;
  QVERIFY(png.loadFromData(figure.picture(PictureFormat::kPng, kTwoColumnsMm)));
  QVERIFY(std::abs(png.width() - 180.0 / 25.4 * kPngDpi) < 2.0);
  QVERIFY(figure.picture(PictureFormat::kPdf).startsWith("%PDF"));
  const std::string csv = figure.csv();
  QVERIFY(std::count(csv.begin(), csv.end(), '\n') > 1);
}

void TestLook::theConfusionSaysWhatIsUnderThePointer() {
  ConfusionView view;
  view.resize(300, 300);
  view.setCounts({"Archery", "Biking"}, {3, 1, 0, 4});
  QSignalSpy told(&view, &FigureCanvas::hovered), chosen(&view, &ConfusionView::cellChosen);
  hover(view, view.cellRect(0, 1).center());
  QVERIFY(!told.isEmpty());
  const QString text = told.last().first().toString();
  QVERIFY2(text.contains("Archery taken for Biking") && text.contains("1 of 4") && text.contains("0.250"), qPrintable(text));
  QTest::mouseClick(&view, Qt::LeftButton, {}, view.cellRect(1, 0).center().toPoint());
  QCOMPARE(chosen.last().at(0).toInt(), 1);
  QCOMPARE(chosen.last().at(1).toInt(), 0);
  QCOMPARE(view.cellAt({0, 0}), QPoint(-1, -1));
  QVERIFY(view.csv().find("\"Archery\",3,1") != std::string::npos);
  view.setCounts({"Archery"}, {1, 2});  // not a square: nothing is drawn
  QVERIFY(!view.hasContent());
}

void TestLook::barsAreInOrder() {
  ClassBars view;
  view.resize(300, 100);
  view.setBars({{"b", 0.5, 4, 0}, {"a", 0.75, 8, 1}, {"c", 0.5, 2, 2}});
  QCOMPARE(view.bars()[0].name, QString("a"));
  QCOMPARE(view.bars()[1].name, QString("b"));
  QSignalSpy chosen(&view, &ClassBars::classChosen);
  QTest::mouseClick(&view, Qt::LeftButton, {}, QPoint(50, 12));
  QCOMPARE(chosen.last().first().toInt(), 1);
}

void TestLook::theMatrixKnowsItsTimes() {
  SimilarityView view;
  view.resize(300, 340);
  view.setMatrix({1, 0.25f, 0.25f, 1}, 2, 2.0);
  QSignalSpy told(&view, &FigureCanvas::hovered), time(&view, &SimilarityView::timeChosen);
  const QRectF m = view.matrixRect();
  hover(view, QPointF(m.left() + m.width() * 0.75, m.top() + m.height() * 0.25));
  QVERIFY(!told.isEmpty());
  QVERIFY2(told.last().first().toString().contains("step 0") && told.last().first().toString().contains("0.250"), qPrintable(told.last().first().toString()));
  QTest::mouseClick(&view, Qt::LeftButton, {}, QPointF(m.left() + m.width() * 0.75, m.center().y()).toPoint());
  QCOMPARE(time.last().first().toDouble(), 3.0);
  const QImage before = view.grab().toImage();
  view.setCursor(3.0);
  QVERIFY(view.grab().toImage() != before);
  view.setMatrix({1, 0, 0}, 2, 1.0);  // not a square
  QVERIFY(!view.hasContent());
}

void TestLook::longMatricesAreAveraged() {
  constexpr int64_t kSteps = 1500;
  std::vector<float> matrix(kSteps * kSteps, 0.0f);
  for (int64_t i = 0; i < kSteps; ++i) matrix[static_cast<size_t>(i * kSteps + i)] = 1.0f;
  SimilarityView view;
  view.resize(400, 440);
  view.setMatrix(std::move(matrix), kSteps, 1.0);
  QVERIFY(coloursOf(view) > 3);
  QSignalSpy time(&view, &SimilarityView::timeChosen);
  QTest::mouseClick(&view, Qt::LeftButton, {}, view.matrixRect().center().toPoint());
  QVERIFY(std::abs(time.last().first().toDouble() - 750.0) < 5.0);
}

void TestLook::aPointIsFoundAndChosen() {
  ScatterView view;
  view.resize(300, 300);
  view.setPoints(points(), {"Archery", "Biking"});
  QSignalSpy chosen(&view, &ScatterView::pointChosen), told(&view, &FigureCanvas::hovered);
  for (int i = 0; i < 4; ++i) QCOMPARE(view.pointAt(view.placeOf(i)), i);
  QVERIFY(view.placeOf(1).x() > view.placeOf(0).x() && view.placeOf(2).y() < view.placeOf(0).y());  // y goes up
  QTest::mouseClick(&view, Qt::LeftButton, {}, view.placeOf(2).toPoint());
  QCOMPARE(chosen.last().first().toInt(), 2);
  QCOMPARE(view.current(), 2);
  hover(view, view.placeOf(3));
  QCOMPARE(told.last().first().toString(), QString("d"));
  QCOMPARE(view.pointAt({1, 1}), -1);
  QVERIFY(view.csv().find("\"Biking\",\"b\"") != std::string::npos);
}

void TestLook::zoomKeepsThePointUnderThePointer() {
  ScatterView view;
  view.resize(300, 300);
  view.setPoints(points(), {"Archery", "Biking"});
  const QPointF before = view.placeOf(1);
  view.zoomAt(before, 3.0);
  QVERIFY(QLineF(view.placeOf(1), before).length() < 1e-6);
  QVERIFY(std::abs(view.placeOf(0).x() - before.x()) > 300.0);
  QTest::mouseDClick(&view, Qt::LeftButton, {}, QPoint(5, 5));
  QCOMPARE(view.zoomFactor(), 1.0);
  view.zoomAt({10, 10}, 0.01);
  QCOMPARE(view.zoomFactor(), 1.0);  // never less than everything
}

void TestLook::manyPointsAreDrawnOnce() {
  std::vector<ScatterView::Point> many;
  for (int i = 0; i < 20000; ++i) many.push_back({std::sin(i * 1.1) * i, std::cos(i * 0.7) * i, i % 30, -1, QString::number(i)});
  QStringList groups;
  for (int i = 0; i < 30; ++i) groups.append(QStringLiteral("class %1").arg(i));
  ScatterView view;
  view.resize(400, 300);
  view.setPoints(std::move(many), groups);
  const QImage first = view.grab().toImage();
  view.setCurrent(7);
  QVERIFY(view.grab().toImage() != first);
  view.setCurrent(-1);
  QCOMPARE(view.grab().toImage(), first);
}

void TestLook::theIcicleCoversTimeAndLevels_data() {
  QTest::addColumn<int>("steps");
  for (const int steps : {1, 2, 5, 90, 250}) QTest::addRow("%d", steps) << steps;
}
void TestLook::theIcicleCoversTimeAndLevels() {
  QFETCH(int, steps);
  PyramidView view;
  view.resize(640, 300);
  view.setContent(content(steps));
  const auto& levels = makeInspection(steps).levels;
  for (int64_t l = 0; l < static_cast<int64_t>(levels.size()); ++l) {
    double share = 0.0;
    for (int64_t c = 0; c < static_cast<int64_t>(levels[static_cast<size_t>(l)].first_step.size()); ++c) {
      const QRectF r = view.cellRect({l, c});
      QVERIFY(r.width() > 0.0);
      if (r.width() > 1.0) QCOMPARE(view.cellAt(r.center()), (CellAddress{l, c}));
      share += static_cast<double>(levels[static_cast<size_t>(l)].share[static_cast<size_t>(c)]);
    }
    QVERIFY(std::abs(share - 1.0) < 1e-3);
  }
  // The top is above the steps.
  QVERIFY(levels.size() == 1 || view.cellRect({static_cast<int64_t>(levels.size()) - 1, 0}).top() < view.cellRect({0, 0}).top());
}

void TestLook::orphansAreTold() {
  PyramidView view;
  view.resize(400, 200);
  view.setContent(content(5, false));  // 5 > 2 > 1: step 4 has no parent
  const QString text = view.textOf({0, 4});
  QVERIFY2(text.contains("left out"), qPrintable(text));
  QVERIFY(!view.textOf({0, 0}).contains("left out"));
  QVERIFY(view.textOf({9, 0}).isEmpty());
  QCOMPARE(view.pathOf({0, 4}).size(), size_t{1});
}

void TestLook::keysWalkThePyramid() {
  PyramidView view;
  view.resize(400, 200);
  view.setContent(content(8));
  ActionList actions(&view);  // its keys, as the window has them
  view.addActions(actions, QString());
  view.show();
  QVERIFY(QTest::qWaitForWindowActive(&view));
  view.setFocus();
  QSignalSpy selected(&view, &PyramidView::cellSelected);
  QTest::keyClick(&view, Qt::Key_Down);
  QCOMPARE(view.selected(), (CellAddress{3, 0}));
  QTest::keyClick(&view, Qt::Key_Down);
  QCOMPARE(view.selected().level, int64_t{2});
  QTest::keyClick(&view, Qt::Key_Right);
  QCOMPARE(view.selected(), (CellAddress{2, 1}));
  QTest::keyClick(&view, Qt::Key_Right);
  QCOMPARE(view.selected(), (CellAddress{2, 1}));  // the end is the end
  QTest::keyClick(&view, Qt::Key_Left);
  QTest::keyClick(&view, Qt::Key_Up);
  QCOMPARE(view.selected(), (CellAddress{3, 0}));
  QVERIFY(selected.count() >= 5);
  QVERIFY(view.accessibleDescription().contains("level 3"));
}

void TestLook::thePathLeadsToTheTop() {
  PyramidView view;
  view.resize(400, 200);
  view.setContent(content(8));
  QCOMPARE(view.pathOf({0, 5}), (std::vector<CellAddress>{{0, 5}, {1, 2}, {2, 1}, {3, 0}}));
  QSignalSpy time(&view, &PyramidView::timeChosen);
  QTest::mouseClick(&view, Qt::LeftButton, {}, view.cellRect({0, 5}).center().toPoint());
  QCOMPARE(view.selected(), (CellAddress{0, 5}));
  QVERIFY(std::abs(time.last().first().toDouble() - 5.5) < 0.1);
  const QImage selected = view.grab().toImage();
  view.select({});
  QVERIFY(view.grab().toImage() != selected);
}

void TestLook::zoomKeepsTheTimeUnderThePointer() {
  PyramidView view;
  view.resize(600, 200);
  view.setContent(content(250));
  const double before = view.scale().secondsAt(300);
  view.zoomAt(300, 4.0);
  QVERIFY(std::abs(view.scale().secondsAt(300) - before) < 1e-9);
  view.showAll();
  QVERIFY(std::abs(view.scale().start_seconds) < 1e-9);
}

void TestLook::aTreeHasNodesWhereTheCellsAre() {
  PyramidView view;
  view.resize(400, 240);
  view.setContent(content(8));
  const QImage icicle = view.grab().toImage();
  view.setLayout(PyramidView::Layout::kTree);
  const QImage tree = view.grab().toImage();
  QVERIFY(tree != icicle);
  QCOMPARE(view.cellAt(view.cellRect({1, 2}).center()), (CellAddress{1, 2}));
  QVERIFY(tree.pixelColor(view.cellRect({1, 2}).center().toPoint()) != tokens().base);
  view.setValue(CellValue::kAlpha);
  QVERIFY(view.grab().toImage() != tree);
}

void TestLook::tenHoursAreDrawn() {
  PyramidView view;
  view.resize(1200, 300);
  view.setContent(content(36000));
  QVERIFY(coloursOf(view) > 8);
  view.setLayout(PyramidView::Layout::kTree);
  QVERIFY(coloursOf(view) > 8);
}

void TestLook::brushesKeepRuns() {
  ParallelView view;
  view.resize(420, 240);
  fill(view);
  QSignalSpy brushed(&view, &ParallelView::brushed);
  view.setBrush(0, std::pair(0.8, 1.0));
  QVERIFY(!view.kept(0) && view.kept(1) && !view.kept(2));
  view.setBrush(1, std::pair(0.0, 0.1));  // and
  QVERIFY(!view.kept(1));
  view.setBrush(0, std::nullopt);
  QVERIFY(view.kept(0) && !view.kept(2));
  view.setBrush(1, std::nullopt);
  // The same with the mouse: along the first axis, from the foot to the middle.
  const QPointF foot = view.pointOf(0, 0), head = view.pointOf(1, 0);
  QTest::mousePress(&view, Qt::LeftButton, {}, foot.toPoint());
  hover(view, (foot + head) / 2, Qt::LeftButton);
  QTest::mouseRelease(&view, Qt::LeftButton, {}, ((foot + head) / 2).toPoint());
  QVERIFY(view.kept(0) && !view.kept(1));
  QTest::mouseDClick(&view, Qt::LeftButton, {}, ((foot + head) / 2).toPoint());
  QVERIFY(view.kept(1));
  QVERIFY(brushed.count() >= 5);
}

void TestLook::axesAreReachedByKeys() {
  ParallelView view;
  view.resize(420, 240);
  fill(view);
  QSignalSpy told(&view, &FigureCanvas::hovered);
  QTest::keyClick(&view, Qt::Key_Up, Qt::ControlModifier);  // no axis is chosen yet
  QVERIFY(view.kept(0) && view.kept(1));
  QTest::keyClick(&view, Qt::Key_Right, Qt::ControlModifier);
  QVERIFY2(told.last().first().toString().contains("encoder.mixer"), qPrintable(told.last().first().toString()));
  QTest::keyClick(&view, Qt::Key_Up, Qt::ControlModifier);  // the foot of the range: "full" is out
  QVERIFY(!view.kept(0) && view.kept(1));
  QVERIFY2(told.last().first().toString().contains("1 of 3"), qPrintable(told.last().first().toString()));
  QTest::keyClick(&view, Qt::Key_Delete);
  QVERIFY(view.kept(0));
  QTest::keyClick(&view, Qt::Key_Down, Qt::ControlModifier);  // the top: "window"
  QVERIFY(view.kept(0) && !view.kept(1));
  QTest::keyClick(&view, Qt::Key_Right, Qt::ControlModifier | Qt::ShiftModifier);
  QCOMPARE(view.axes()[1].name, QString("encoder.mixer"));
  QVERIFY(view.kept(0) && !view.kept(1));  // its range went along
  QTest::keyClick(&view, Qt::Key_Right, Qt::ControlModifier | Qt::ShiftModifier);
  QCOMPARE(view.axes()[2].name, QString("top1"));  // the figure stays last
}

void TestLook::aRunWithoutAValueIsInTheLane() {
  ParallelView view;
  view.resize(420, 240);
  fill(view);
  QVERIFY(view.pointOf(2, 2).y() > view.pointOf(0, 2).y());
  view.setBrush(2, std::pair(0.0, 1.0));
  QVERIFY(!view.kept(2));
  // The axis of the learning rate is logarithmic: 0.01 is half way.
  QVERIFY(std::abs(view.pointOf(2, 1).y() - (view.pointOf(0, 1).y() + view.pointOf(1, 1).y()) / 2.0) < 1e-6);
}

void TestLook::aLineIsChosen() {
  ParallelView view;
  view.resize(420, 240);
  fill(view);
  QSignalSpy chosen(&view, &ParallelView::rowChosen), told(&view, &FigureCanvas::hovered);
  const QPointF middle = (view.pointOf(1, 1) + view.pointOf(1, 2)) / 2.0;
  hover(view, middle);
  QVERIFY(!told.isEmpty());
  QVERIFY2(told.last().first().toString().contains("two") && told.last().first().toString().contains("lr 0.1"), qPrintable(told.last().first().toString()));
  QTest::mouseClick(&view, Qt::LeftButton, {}, middle.toPoint());
  QCOMPARE(chosen.last().first().toInt(), 1);
}

void TestLook::axesMoveButTheFigureStaysLast() {
  ParallelView view;
  view.resize(420, 240);
  fill(view);
  view.setBrush(0, std::pair(0.8, 1.0));
  view.moveAxis(0, 1);
  QCOMPARE(view.axes()[1].name, QString("encoder.mixer"));
  QVERIFY(view.kept(1) && !view.kept(0));  // the brush went along
  view.moveAxis(0, 2);
  QCOMPARE(view.axes()[2].name, QString("top1"));
}

void TestLook::attentionIsCompared() {
  const AttentionDifference same = compareAttention({0.25f, 0.75f}, {0.25f, 0.75f}), other = compareAttention({1.0f, 0.0f}, {0.0f, 1.0f});
  QCOMPARE(same.overlap, 1.0);
  QVERIFY(std::abs(same.correlation - 1.0) < 1e-9);
  QCOMPARE(other.overlap, 0.0);
  QVERIFY(std::abs(other.correlation + 1.0) < 1e-9);
  QCOMPARE(compareAttention({1.0f}, {0.5f, 0.5f}).overlap, 0.0);
  QCOMPARE(compareAttention({0.5f, 0.5f}, {0.5f, 0.5f}).correlation, 0.0);  // flat
  AttentionPair view;
  view.resize(400, 200);
  view.setCurves({0.25f, 0.75f}, {0.5f, 0.5f}, "one", "two", 10.0);
  view.setTruth({{0.0, 5.0, 0}}, {"Archery"});
  QSignalSpy told(&view, &FigureCanvas::hovered), time(&view, &AttentionPair::timeChosen);
  hover(view, {380, 60});
  QVERIFY2(told.last().first().toString().contains("one 0.7500") && told.last().first().toString().contains("two 0.5000"), qPrintable(told.last().first().toString()));
  QTest::mouseClick(&view, Qt::LeftButton, {}, QPoint(380, 60));
  QVERIFY(time.last().first().toDouble() > 8.0);
  QVERIFY(coloursOf(view) > 5);
  QVERIFY(view.csv().starts_with("seconds,one,two\n2.500,0.25"));
}

void TestLook::epochsAreScrubbed() {
  AttentionHistory view;
  view.resize(400, 200);
  QVERIFY(!view.hasContent());
  view.setSnapshots({{0, 0, "a", 10.0, {0.5f, 0.5f}}, {1, 4, "a", 10.0, {0.1f, 0.9f}}, {2, 8, "a", 10.0, {0.0f, 1.0f}}});
  QCOMPARE(view.row(), 2);  // the last one
  QSignalSpy chosen(&view, &AttentionHistory::rowChosen), told(&view, &FigureCanvas::hovered);
  hover(view, {300, 80});
  QVERIFY2(told.last().first().toString().contains("epoch 1, step 4"), qPrintable(told.last().first().toString()));
  QTest::mouseClick(&view, Qt::LeftButton, {}, QPoint(300, 12));
  QCOMPARE(chosen.last().first().toInt(), 0);
  view.setRow(0);
  view.setSnapshots({{0, 0, "a", 10.0, {0.5f, 0.5f}}, {1, 4, "a", 10.0, {0.1f, 0.9f}}});
  QCOMPARE(view.row(), 0);  // whoever looks back stays there
  QVERIFY(QSvgRenderer(view.picture(PictureFormat::kSvg)).isValid());
}

void TestLook::aPageHasItsFigures() {
  ScatterView scatter;
  scatter.setPoints(points(), {"Archery", "Biking"});
  ConfusionView confusion;
  confusion.setCounts({"Archery", "Biking"}, {3, 1, 0, 4});
  const std::vector<PageFigure> figures = {{"map", [&](double w) { return scatter.picture(PictureFormat::kSvg, w); }}, {"confusion", [&](double w) { return confusion.picture(PictureFormat::kSvg, w); }}};
  QSvgRenderer narrow(figurePage(figures, PictureFormat::kSvg, kOneColumnMm)), wide(figurePage(figures, PictureFormat::kSvg, kTwoColumnsMm));
  QVERIFY(narrow.isValid() && wide.isValid());
  QVERIFY(narrow.viewBoxF().height() > narrow.viewBoxF().width() * 1.8);  // below each other
  QVERIFY(wide.viewBoxF().height() < wide.viewBoxF().width());           // beside each other
  QVERIFY(figurePage(figures, PictureFormat::kSvg, kOneColumnMm).contains("(b)"));
  QVERIFY(figurePage(figures, PictureFormat::kPdf, kTwoColumnsMm).startsWith("%PDF"));
  QVERIFY_THROWS_EXCEPTION(InputError, figurePage({}, PictureFormat::kSvg, kOneColumnMm));
  QVERIFY_THROWS_EXCEPTION(InputError, figurePage({{"broken", [](double) { return QByteArray("<svg"); }}}, PictureFormat::kSvg, kOneColumnMm));
}

void TestLook::theMapFollowsAndLeads() {
  const Sandbox box;
  writeEmbedding(pathOf(EmbeddingStore::fileOf(box.path("run"))), embedding());
  Workspace workspace;
  EmbeddingStore store;
  MapPanel panel(workspace, store);
  panel.resize(700, 360);
  panel.show();
  QSignalSpy mapped(&panel, &MapPanel::mapped);
  store.setRun(box.path("run"));
  QTRY_COMPARE(mapped.count(), 1);
  QCOMPARE(panel.view()->points().size(), size_t{3});
  // x and y are neighbours.
  Q_EMIT panel.view()->pointChosen(0);
  QCOMPARE(panel.neighbours()->rowCount(), 2);
  QCOMPARE(panel.neighbours()->item(0, 0)->text(), QString("y"));
  QCOMPARE(panel.neighbours()->item(0, 1)->text(), QString("Archery"));
  for (const auto method : {MapPanel::kPlane, MapPanel::kTsne}) {
    for (const auto colour : {MapPanel::kClass, MapPanel::kRight, MapPanel::kTime, MapPanel::kVideo, MapPanel::kRun}) {
      mapped.clear();
      panel.choose(MapPanel::kMoments, method, colour);
      QVERIFY(panel.busy());
      QTRY_COMPARE(mapped.count(), 1);
      QCOMPARE(panel.view()->points().size(), size_t{12});
      QVERIFY(coloursOf(*panel.view()) > 3);
    }
  }
  QCOMPARE(panel.placeOf(5), (std::pair<int64_t, double>(1, 1.5)));
  // z was taken for Archery.
  panel.choose(MapPanel::kVideos, MapPanel::kPlane, MapPanel::kRight);
  QTRY_VERIFY(!panel.busy());
  QCOMPARE(panel.view()->points()[0].group, 0);
  QCOMPARE(panel.view()->points()[2].group, 1);
  // A second run of the same width lies beside it, one of another width does not.
  writeEmbedding(pathOf(EmbeddingStore::fileOf(box.path("other"))), embedding());
  panel.choose(MapPanel::kVideos, MapPanel::kPlane, MapPanel::kRun);
  panel.setOtherRuns({box.path("run"), box.path("other"), box.path("nowhere")});
  QTRY_COMPARE(panel.view()->points().size(), size_t{6});
}

void TestLook::aThinnedMapSaysSo() {
  const Sandbox box;
  EmbeddingFile many;
  many.run_id = "r", many.subset = "validation", many.width = 2;
  many.classes = {"Archery"};
  for (int v = 0; v < 9000; ++v) {
    many.videos.push_back("v" + std::to_string(v));
    many.vectors.insert(many.vectors.end(), {std::sin(0.01f * static_cast<float>(v)), std::cos(0.003f * static_cast<float>(v))});
    many.scores.push_back(1.0f);
    many.labels.push_back(0);
  }
  writeEmbedding(pathOf(EmbeddingStore::fileOf(box.path("run"))), many);
  Workspace workspace;
  EmbeddingStore store;
  MapPanel panel(workspace, store);
  QSignalSpy mapped(&panel, &MapPanel::mapped);
  panel.show();
  store.setRun(box.path("run"));
  QTRY_COMPARE_WITH_TIMEOUT(mapped.count(), 1, 20000);
  QCOMPARE(panel.view()->points().size(), size_t{3000});
  const QString said = panel.findChild<QLabel*>("mapSample")->text();
  QVERIFY2(said.contains(uiCount(3000)) && said.contains(uiCount(9000)), qPrintable(said));
  writeEmbedding(pathOf(EmbeddingStore::fileOf(box.path("small"))), embedding());
  store.setRun(box.path("small"));
  QTRY_COMPARE(mapped.count(), 2);
  QVERIFY(panel.findChild<QLabel*>("mapSample")->text().isEmpty());
}

void TestLook::theFeaturesNeedAnEmbedding() {
  const Sandbox box;
  Workspace workspace;
  FeaturesPanel panel(workspace);
  panel.resize(700, 400);
  panel.show();
  QSignalSpy asked(&panel, &FeaturesPanel::embedAsked);
  QVERIFY(!panel.currentFigure());
  workspace.setRun(box.path("run"));
  panel.pages()->setCurrentIndex(1);
  auto* empty = panel.pages()->currentWidget()->findChild<EmptyState*>();
  QTRY_VERIFY(empty && empty->isVisible());
  empty->findChild<QAbstractButton*>("emptyStateButton")->click();
  QCOMPARE(asked.count(), 1);
  writeEmbedding(pathOf(EmbeddingStore::fileOf(box.path("run"))), embedding());
  panel.store().refresh();
  QTRY_VERIFY(panel.store().embedding());
  QCOMPARE(panel.confusion()->count(0, 0), int64_t{2});
  QCOMPARE(panel.confusion()->count(1, 0), int64_t{1});
  QCOMPARE(panel.bars()->bars().front().name, QString("Archery"));
  QVERIFY(panel.reliabilityView()->hasContent());
  panel.pages()->setCurrentIndex(2);
  QCOMPARE(panel.currentFigure(), static_cast<FigureCanvas*>(panel.confusion()));
  // A damaged file is told in place.
  writeFileAtomic(pathOf(EmbeddingStore::fileOf(box.path("run"))), "not an embedding");
  panel.store().refresh();
  QTRY_VERIFY(!panel.store().problem().isEmpty());
  QVERIFY(panel.pages()->currentWidget()->findChild<EmptyState*>()->text().contains("embedding"));
}

HVLM_GUI_TEST_MAIN(TestLook)
#include "tst_ui_look.moc"
