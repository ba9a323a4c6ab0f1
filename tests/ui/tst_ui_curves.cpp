// SPDX-License-Identifier: GPL-3.0-or-later
#include <QLabel>
#include <QScrollArea>
#include <QToolButton>
#include <QWheelEvent>
#include <array>
#include <fstream>
#include <limits>

#include "curve_page.h"
#include "ui/curves/smoothing.h"

using namespace hvlm;
using namespace hvlm::ui;
using namespace hvlm::ui::testing;

namespace {

constexpr int kPatience = 20000;  // ms: a busy machine is slow, not wrong
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

bool near(double a, double b) { return std::abs(a - b) <= 1e-12 * std::max(1.0, std::abs(b)); }
bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

// Steps 0, 1, 2 …, ten to an epoch and to an hour.
Curve curveOf(const std::vector<double>& values, int64_t first_step = 0) {
  Curve curve;
  for (size_t i = 0; i < values.size(); ++i) {
    const int64_t step = first_step + static_cast<int64_t>(i);
    curve.steps.push_back(step);
    curve.epochs.push_back(static_cast<double>(step) / 10.0);
    curve.hours.push_back(static_cast<double>(step) / 10.0);
    curve.values.push_back(values[i]);
  }
  return curve;
}

RunCurves runOf(const std::vector<double>& values, const std::string& tag = "loss/total") {
  RunCurves run;
  run.curves[tag] = curveOf(values);
  return run;
}

CurveLine lineOf(const RunCurves& run, const std::string& tag = "loss/total") {
  return {QStringLiteral("run"), tag, tagName(tag), QColor(Qt::blue), Qt::SolidLine, isValidation(tag), &run};
}

CurveOptions plain(double smoothing = 0.0) {
  CurveOptions options;
  options.smoothing = smoothing;
  return options;
}

QList<double> keysOf(const QCPGraph* graph) {
  QList<double> keys;
  for (const auto& point : *graph->data()) keys.append(point.key);
  return keys;
}
QList<double> valuesOf(const QCPGraph* graph) {
  QList<double> values;
  for (const auto& point : *graph->data()) values.append(point.value);
  return values;
}
QCPGraph* rawOf(const CurvePlot& plot) { return plot.graph(0); }
QCPGraph* brokenOf(const CurvePlot& plot) { return plot.graph(plot.graphCount() - 1); }  // drawn last, on top

QList<double> seamsOf(const CurvePlot& plot) {
  QList<double> places;
  for (int i = 0; i < plot.itemCount(); ++i) {
    if (const auto* line = qobject_cast<QCPItemStraightLine*>(plot.item(i))) places.append(line->point1->coords().x());
  }
  return places;
}

std::vector<double> heldValues(const CurveStore& store, const QString& run, const std::string& tag = "loss/total") {
  const RunCurves* curves = store.of(run);
  if (!curves || !curves->curves.contains(tag)) return {};
  return curves->curves.at(tag).values;
}

void wheel(QWidget* widget, int delta, Qt::KeyboardModifiers keys) {
  const QPointF at = QRectF(widget->rect()).center();
  QWheelEvent event(at, widget->mapToGlobal(at), {}, QPoint(0, delta), Qt::NoButton, keys, Qt::NoScrollPhase, false);
  QApplication::sendEvent(widget, &event);
}

}  // namespace

class TestCurves : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void smoothing_data();
  void smoothing();
  void smoothingInPartsIsTheSame();
  void range_data();
  void range();
  void brokenPointsAreMarks();
  void brokenMarksStayInView_data();
  void brokenMarksStayInView();
  void logScaleHidesWhatItCannotShow();
  void logStepsStartAboveZero();
  void logStepsTellWhatTheyHide_data();
  void logStepsTellWhatTheyHide();
  void rawIsPaleUnderSmooth();
  void newPointsExtendTheLines();
  void axes_data();
  void axes();
  void valuesAtAreTheNearest();
  void seamsOfResumes_data();
  void seamsOfResumes();
  void aSeamComesWithTheFirstPointsAfterIt();
  void eachRunHasItsOwnSeams();
  void bestHeldOutValueIsMarked();
  void cards_data();
  void cards();
  void legendNamesTheSmoothing();
  void legendTellsHiddenPoints();
  void storeEqualsThePoints();
  void storeFollowsAGrowingFile();
  void storeDropsWhatAResumeUndid();
  void storeCountsDamagedLines();
  void storeSaysWhatCannotBeRead();
  void storeForgetsRunsNoLongerShown();
  void zoomBelongsToTheUser();
  void smoothingKeepsTheUsersZoom();
  void aCardThatComesLateShowsItsData();
  void doubleClickFollowsAgain();
  void plainWheelScrollsThePage();
  void linesOfTwoRunsDiffer();
  void emptyPageSaysWhatWillAppear();
};

void TestCurves::smoothing_data() {
  QTest::addColumn<QList<double>>("values");
  QTest::addColumn<double>("weight");
  QTest::addColumn<QList<double>>("expected");
  using L = QList<double>;
  // s: 1, 2.5, 5.25; divided by 1/2, 3/4, 7/8.
  QTest::newRow("weight 0.5, worked by hand") << L{2, 4, 8} << 0.5 << L{2, 2.5 / 0.75, 6};
  // s: 0.1, 0.29, 0.561; divided by 0.1, 0.19, 0.271.
  QTest::newRow("weight 0.9, worked by hand") << L{1, 2, 3} << 0.9 << L{1, 0.29 / 0.19, 0.561 / 0.271};
  QTest::newRow("weight 0 gives the values back") << L{3, -1, 7} << 0.0 << L{3, -1, 7};
  QTest::newRow("a constant stays, also at weight 0.999") << L{5, 5, 5, 5} << 0.999 << L{5, 5, 5, 5};
  QTest::newRow("NaN is passed through and leaves the average as it was") << L{2, kNan, 4} << 0.5 << L{2, kNan, 2.5 / 0.75};
  QTest::newRow("Inf is passed through and leaves the average as it was") << L{2, kInf, 4} << 0.5 << L{2, kInf, 2.5 / 0.75};
  QTest::newRow("NaN at the start harms nothing") << L{kNan, 2, 4} << 0.5 << L{kNan, 2, 2.5 / 0.75};
  QTest::newRow("nothing gives nothing") << L{} << 0.5 << L{};
}
void TestCurves::smoothing() {
  QFETCH(QList<double>, values);
  QFETCH(double, weight);
  QFETCH(QList<double>, expected);
  const std::vector<double> result = smoothed(std::vector<double>(values.begin(), values.end()), weight);
  QCOMPARE(result.size(), static_cast<size_t>(expected.size()));
  for (qsizetype i = 0; i < expected.size(); ++i) {
    const double got = result[static_cast<size_t>(i)];
    QVERIFY2(same(got, expected[i]) || std::abs(got - expected[i]) < 1e-9, qPrintable(QStringLiteral("%1: %2").arg(i).arg(got)));
  }
}

void TestCurves::smoothingInPartsIsTheSame() {
  std::vector<double> values;
  for (int i = 0; i < 200; ++i) values.push_back(std::sin(i * 0.7) + i * 0.01);
  const auto whole = smoothed(values, 0.95);
  DebiasedAverage average(0.95);
  for (size_t i = 0; i < values.size(); ++i) QCOMPARE(average.next(values[i]), whole[i]);
}

void TestCurves::range_data() {
  QTest::addColumn<QList<double>>("values");
  QTest::addColumn<bool>("clip");
  QTest::addColumn<bool>("log");
  QTest::addColumn<double>("lowest");
  QTest::addColumn<double>("highest");
  QTest::addColumn<int>("hidden");
  using L = QList<double>;
  L peak;  // 0 … 99 and one far away
  for (int i = 0; i < 100; ++i) peak.append(i);
  peak.append(1e6);
  QTest::newRow("all finite values are inside") << L{3, -2, kNan, 7, kInf} << false << false << -2.0 << 7.0 << 0;
  QTest::newRow("clipping hides the far one and says so") << peak << true << false << 0.0 << 98.0 + 48.0 << 1;
  QTest::newRow("without clipping it is inside") << peak << false << false << 0.0 << 1e6 << 0;
  QTest::newRow("few points are never clipped") << L{1, 2, 1e6} << true << false << 1.0 << 1e6 << 0;
  QTest::newRow("a log scale hides zero and less, and counts them") << L{0, -1, 0.01, 10} << false << true << 0.01 << 10.0 << 2;
}
void TestCurves::range() {
  QFETCH(QList<double>, values);
  QFETCH(bool, clip);
  QFETCH(bool, log);
  QFETCH(double, lowest);
  QFETCH(double, highest);
  QFETCH(int, hidden);
  const ValueRange result = valueRange(std::vector<double>(values.begin(), values.end()), clip, log);
  QVERIFY(result.any);
  QCOMPARE(result.lowest, lowest);
  QCOMPARE(result.highest, highest);
  QCOMPARE(result.hidden, static_cast<int64_t>(hidden));
  QVERIFY(!valueRange(std::vector<double>{kNan, kInf}, clip, log).any);
}

void TestCurves::brokenPointsAreMarks() {
  const RunCurves run = runOf({1, kNan, 3, kInf, 5});
  CurvePlot plot;
  plot.setLines({lineOf(run)}, plain());
  QCOMPARE(keysOf(rawOf(plot)), (QList<double>{0, 1, 2, 3, 4}));
  const QList<double> raw = valuesOf(rawOf(plot));
  QVERIFY(std::isnan(raw[1]) && std::isnan(raw[3]));  // a gap, not a line across
  QCOMPARE(raw[2], 3.0);
  QCOMPARE(keysOf(brokenOf(plot)), (QList<double>{1, 3}));
  const double foot = valuesOf(brokenOf(plot))[0];
  QVERIFY(foot > plot.yAxis->range().lower && foot < 1.5);  // on screen, at the foot
}

// The user zooms and drags: the marks keep to the foot of what is seen.
void TestCurves::brokenMarksStayInView_data() {
  QTest::addColumn<bool>("log");
  QTest::addColumn<double>("lower");
  QTest::addColumn<double>("upper");
  QTest::newRow("zoomed in, far above the fitted foot") << false << 3.0 << 4.0;
  QTest::newRow("dragged below all values") << false << -900.0 << -800.0;
  QTest::newRow("zoomed in on a logarithmic axis") << true << 2.0 << 3.0;
}
void TestCurves::brokenMarksStayInView() {
  QFETCH(bool, log);
  QFETCH(double, lower);
  QFETCH(double, upper);
  const RunCurves run = runOf({1, kNan, 3, kInf, 5});
  CurvePlot plot;
  plot.resize(400, 300);
  CurveOptions options = plain();
  options.log_y = log;
  plot.setLines({lineOf(run)}, options);
  plot.yAxis->setRange(lower, upper);
  plot.replot(QCustomPlot::rpImmediateRefresh);
  QCOMPARE(keysOf(brokenOf(plot)), (QList<double>{1, 3}));
  for (const double foot : valuesOf(brokenOf(plot))) {
    QVERIFY2(foot > lower && foot < lower + 0.2 * (upper - lower), qPrintable(QString::number(foot)));
  }
}

void TestCurves::logScaleHidesWhatItCannotShow() {
  const RunCurves run = runOf({0.0, -3.0, 0.01, 1.0, 100.0});
  CurvePlot plot;
  CurveOptions options = plain();
  options.log_y = true;
  plot.setLines({lineOf(run)}, options);
  QCOMPARE(plot.yAxis->scaleType(), QCPAxis::stLogarithmic);
  const QList<double> raw = valuesOf(rawOf(plot));
  QVERIFY(std::isnan(raw[0]) && std::isnan(raw[1]));
  QCOMPARE(raw[2], 0.01);
  QCOMPARE(plot.hiddenPoints(), int64_t{2});
  QVERIFY(plot.yAxis->range().lower > 0.0 && plot.yAxis->range().lower <= 0.01 && plot.yAxis->range().upper >= 100.0);
  QVERIFY(brokenOf(plot)->data()->isEmpty());  // they are hidden, not broken
  plot.setLines({lineOf(run)}, plain());
  QCOMPARE(valuesOf(rawOf(plot))[1], -3.0);
  QCOMPARE(plot.hiddenPoints(), int64_t{0});
  const RunCurves negative = runOf({-1, -2});  // nothing can be shown: still a valid axis
  plot.setLines({lineOf(negative)}, options);
  QVERIFY(plot.yAxis->range().lower < plot.yAxis->range().upper);
  plot.resize(300, 200);
  QVERIFY(!plot.grab().isNull());
}

void TestCurves::logStepsStartAboveZero() {
  const RunCurves run = runOf({4, 3, 2, 1});  // steps 0 to 3
  CurvePlot plot;
  CurveOptions options = plain();
  options.log_x = true;
  plot.setLines({lineOf(run)}, options);
  QCOMPARE(plot.xAxis->scaleType(), QCPAxis::stLogarithmic);
  QVERIFY(plot.xAxis->range().lower > 0.0);
  QCOMPARE(plot.xAxis->range().upper, 3.0);
}

void TestCurves::logStepsTellWhatTheyHide_data() {
  QTest::addColumn<int>("first");
  QTest::addColumn<QList<double>>("values");
  QTest::addColumn<bool>("log_y");
  QTest::addColumn<int>("hidden");
  using L = QList<double>;
  QTest::newRow("step 0 has no place") << 0 << L{4, 3, 2, 1} << false << 1;
  QTest::newRow("from step 1 on all are shown") << 1 << L{4, 3, 2, 1} << false << 0;
  QTest::newRow("NaN at step 0 is hidden too") << 0 << L{kNan, 3, 2, 1} << false << 1;
  QTest::newRow("what both axes hide is one point") << 0 << L{-4, 3, -2, 1} << true << 2;
  QTest::newRow("a single point at step 0") << 0 << L{4} << false << 1;
  QTest::newRow("the first ten-thousandth is cut off") << 0 << L(30005, 1.0) << false << 4;  // steps 0 to 3 of 30,004
}
void TestCurves::logStepsTellWhatTheyHide() {
  QFETCH(int, first);
  QFETCH(QList<double>, values);
  QFETCH(bool, log_y);
  QFETCH(int, hidden);
  RunCurves run;
  run.curves["loss/total"] = curveOf(std::vector<double>(values.begin(), values.end()), first);
  CurvePlot plot;
  CurveOptions options = plain();
  options.log_x = true;
  options.log_y = log_y;
  plot.setLines({lineOf(run)}, options);
  QCOMPARE(plot.hiddenPoints(), static_cast<int64_t>(hidden));
  QVERIFY(plot.xAxis->range().lower > 0.0 && plot.xAxis->range().lower < plot.xAxis->range().upper);
}

void TestCurves::rawIsPaleUnderSmooth() {
  const RunCurves run = runOf({2, 4, 8});
  CurvePlot plot;
  plot.setLines({lineOf(run)}, plain(0.5));
  QCOMPARE(valuesOf(plot.graph(0)), (QList<double>{2, 4, 8}));  // what you see is the data: raw is always there
  QVERIFY(near(valuesOf(plot.graph(1))[1], 2.5 / 0.75));
  QCOMPARE(std::lround(plot.graph(0)->pen().color().alphaF() * 100), 30L);
  QCOMPARE(plot.graph(1)->pen().color().alpha(), 255);
  plot.setLines({lineOf(run)}, plain(0.0));
  QCOMPARE(plot.graph(0)->pen().color().alpha(), 255);
  // Held-out points are few: never smoothed.
  const RunCurves holdout = runOf({0.1, 0.3}, "holdout/top1");
  CurvePlot sparse;
  sparse.setLines({lineOf(holdout, "holdout/top1")}, plain(0.9));
  QCOMPARE(valuesOf(sparse.graph(0)), (QList<double>{0.1, 0.3}));
  QCOMPARE(sparse.graph(0)->pen().color().alpha(), 255);
}

void TestCurves::newPointsExtendTheLines() {
  RunCurves run = runOf({1, 2, 3});
  CurvePlot plot;
  plot.setLines({lineOf(run)}, plain(0.5));
  QCPGraph* before = plot.graph(0);
  run.curves["loss/total"] = curveOf({1, 2, 3, 4, kNan, 6});
  plot.setLines({lineOf(run)}, plain(0.5));
  QCOMPARE(plot.graph(0), before);  // not built anew
  QCOMPARE(plot.pointCount(), int64_t{6});
  const auto expected = smoothed(run.curves["loss/total"].values, 0.5);
  const QList<double> smooth = valuesOf(plot.graph(1));
  for (qsizetype i = 0; i < smooth.size(); ++i) QVERIFY(same(smooth[i], expected[static_cast<size_t>(i)]));
  QCOMPARE(keysOf(brokenOf(plot)), (QList<double>{4}));
  QCOMPARE(plot.xAxis->range().upper, 5.0);  // it follows
  run.curves["loss/total"] = curveOf({1, 9});  // older points were undone
  ++run.revision;
  plot.setLines({lineOf(run)}, plain(0.5));
  QCOMPARE(plot.pointCount(), int64_t{2});
  QVERIFY(brokenOf(plot)->data()->isEmpty());
}

void TestCurves::axes_data() {
  QTest::addColumn<int>("axis");
  QTest::addColumn<double>("x");
  QTest::newRow("over steps") << static_cast<int>(CurveAxis::kStep) << 25.0;
  QTest::newRow("over epochs") << static_cast<int>(CurveAxis::kEpoch) << 2.5;
  QTest::newRow("over hours") << static_cast<int>(CurveAxis::kHours) << 2.5;
}
void TestCurves::axes() {
  QFETCH(int, axis);
  QFETCH(double, x);
  RunCurves run;
  run.curves["loss/total"] = curveOf({7, 8}, 24);
  CurvePlot plot;
  CurveOptions options = plain();
  options.axis = static_cast<CurveAxis>(axis);
  plot.setLines({lineOf(run)}, options);
  QCOMPARE(keysOf(rawOf(plot)).last(), x);
}

void TestCurves::valuesAtAreTheNearest() {
  const RunCurves run = runOf({10, 11, kNan, 13});
  RunCurves none;
  CurvePlot plot;
  plot.setLines({lineOf(run), lineOf(none)}, plain());
  QCOMPARE(plot.valuesAt(-5.0)[0], 10.0);
  QCOMPARE(plot.valuesAt(0.4)[0], 10.0);
  QCOMPARE(plot.valuesAt(0.6)[0], 11.0);
  QVERIFY(std::isnan(plot.valuesAt(2.1)[0]));  // what was measured there
  QCOMPARE(plot.valuesAt(99.0)[0], 13.0);
  QVERIFY(std::isnan(plot.valuesAt(0.0)[1]));
  QCOMPARE(plot.lastValues()[0], 13.0);
}

void TestCurves::seamsOfResumes_data() {
  QTest::addColumn<QList<int>>("resumes");
  QTest::addColumn<QList<double>>("seams");
  using I = QList<int>;
  using L = QList<double>;
  QTest::newRow("a run in one piece has no seam") << I{} << L{};
  QTest::newRow("a resume is marked at the step it went on from") << I{2} << L{2};
  QTest::newRow("each resume has its mark") << I{1, 3} << L{1, 3};
  QTest::newRow("a resume without new points is not marked yet") << I{5} << L{};
}
void TestCurves::seamsOfResumes() {
  QFETCH(QList<int>, resumes);
  QFETCH(QList<double>, seams);
  RunCurves run = runOf({1, 2, 3, 4, 5, 6});
  run.curves["loss/focal"] = curveOf({1, 2, 3, 4, 5, 6});
  run.resumes.assign(resumes.begin(), resumes.end());
  CurvePlot plot;
  plot.setLines({lineOf(run), lineOf(run, "loss/focal")}, plain());
  QCOMPARE(seamsOf(plot), seams);  // once, not once per line
}

// Held-out points come late: the card has none after the resume when it is built, and gets its mark with the first of them.
void TestCurves::aSeamComesWithTheFirstPointsAfterIt() {
  RunCurves run = runOf({1, 2, 3, 4, 5, 6});
  run.resumes = {3};
  run.curves["holdout/top1"] = curveOf({0.1}, 2);
  CurvePlot plot;
  const QList<CurveLine> lines = {lineOf(run, "holdout/top1")};
  plot.setLines(lines, plain());
  const QCPGraph* graph = plot.graph(0);
  QCOMPARE(seamsOf(plot), QList<double>());
  run.curves["holdout/top1"].steps.push_back(10);
  run.curves["holdout/top1"].epochs.push_back(1.0);
  run.curves["holdout/top1"].hours.push_back(1.0);
  run.curves["holdout/top1"].values.push_back(0.2);
  plot.setLines(lines, plain());
  QCOMPARE(plot.graph(0), graph);  // not built anew
  QCOMPARE(seamsOf(plot), QList<double>{3});
  plot.setLines(lines, plain());
  QCOMPARE(seamsOf(plot), QList<double>{3});
  // Over epochs it stands where the run was, not at the last evaluation before.
  CurveOptions epochs = plain();
  epochs.axis = CurveAxis::kEpoch;
  plot.setLines(lines, epochs);
  QCOMPARE(seamsOf(plot), QList<double>{0.3});
  plot.restyle(tokensOf(ThemeKind::kDark), 1.5, plot.font());
  QCOMPARE(seamsOf(plot), QList<double>{0.3});
}

void TestCurves::eachRunHasItsOwnSeams() {
  std::array<RunCurves, 3> runs;
  QList<CurveLine> lines;
  for (size_t r = 0; r < runs.size(); ++r) {
    for (const char* tag : {"loss/total", "loss/focal", "loss/temporal"}) {
      runs[r].curves[tag] = curveOf({1, 2, 3, 4, 5, 6});
      CurveLine line = lineOf(runs[r], tag);
      line.run = QString::number(r);
      lines.append(line);
    }
    runs[r].resumes = {static_cast<int64_t>(r) + 1};
  }
  CurvePlot plot;
  plot.setLines(lines, plain());
  QCOMPARE(seamsOf(plot), (QList<double>{1, 2, 3}));
}

void TestCurves::bestHeldOutValueIsMarked() {
  const RunCurves run = runOf({0.1, 0.4, kNan, 0.3}, "holdout/average_map");
  CurvePlot plot;
  plot.setLines({lineOf(run, "holdout/average_map")}, plain());
  QVERIFY(plot.hasBest());
  const QCPGraph* best = plot.graph(plot.graphCount() - 2);
  QCOMPARE(keysOf(best), (QList<double>{1}));
  QCOMPARE(valuesOf(best), (QList<double>{0.4}));
  const RunCurves loss = runOf({3, 2});
  plot.setLines({lineOf(loss)}, plain());
  QVERIFY(!plot.hasBest());
}

void TestCurves::cards_data() {
  QTest::addColumn<std::string>("tag");
  QTest::addColumn<QString>("card");
  QTest::addColumn<QString>("name");
  QTest::newRow("a loss term") << std::string("loss/focal") << "loss" << "focal";
  QTest::newRow("the total loss") << std::string("loss/total") << "loss" << "total";
  QTest::newRow("consistency of training videos") << std::string("train/tc") << "consistency" << "TC";
  QTest::newRow("consistency of held-out videos stands beside it") << std::string("holdout/tc") << "consistency" << "TC (held out)";
  QTest::newRow("effective rank") << std::string("train/effective_rank") << "rank" << "effective rank";
  QTest::newRow("held-out accuracy") << std::string("holdout/top1") << "holdout" << "top-1";
  QTest::newRow("gradient of a term") << std::string("grad/temporal") << "gradients" << "temporal";
  QTest::newRow("learning rate") << std::string("train/lr") << "rate" << "learning rate";
  QTest::newRow("a tag nobody knows is still shown") << std::string("train/some_thing") << "other" << "some thing";
}
void TestCurves::cards() {
  QFETCH(std::string, tag);
  QFETCH(QString, card);
  QFETCH(QString, name);
  QCOMPARE(cardName(cardOf(tag)), card);
  QCOMPARE(tagName(tag), name);
}

void TestCurves::legendNamesTheSmoothing() {
  const RunCurves run = runOf({1.5, 2.5});
  CurveCard card(CardKind::kLoss);
  card.setLines({lineOf(run)}, plain(0.9));
  const auto texts = [&] {
    QStringList all;
    for (const QLabel* label : card.findChildren<QLabel*>()) all.append(label->text());
    return all.join(QLatin1Char('\n'));
  };
  QVERIFY2(texts().contains(QStringLiteral("smoothed 0.9")), qPrintable(texts()));
  QVERIFY(texts().contains(QStringLiteral("total")));
  QVERIFY(texts().contains(QLocale().toString(2.5, 'f', 3)));  // the last raw value
  card.setLines({lineOf(run)}, plain(0.0));
  QVERIFY(!texts().contains(QStringLiteral("smoothed")));
}

void TestCurves::legendTellsHiddenPoints() {
  std::vector<double> values;
  for (int i = 0; i < 100; ++i) values.push_back(i % 7);
  values[50] = 1e6;
  const RunCurves run = runOf(values);
  CurveCard card(CardKind::kLoss);
  CurveOptions options = plain();
  options.clip = true;
  card.setLines({lineOf(run)}, options);
  QStringList all;
  for (const QLabel* label : card.findChildren<QLabel*>()) all.append(label->text());
  QVERIFY2(all.join(QLatin1Char('\n')).contains(QStringLiteral("1 points hidden")) || all.join(QLatin1Char('\n')).contains(QStringLiteral("1 point hidden")),
           qPrintable(all.join(QLatin1Char('\n'))));
  QVERIFY(card.plot()->yAxis->range().upper < 100.0);
}

void TestCurves::storeEqualsThePoints() {
  const Sandbox box;
  const QString run = box.path("run");
  const std::vector<double> loss = {3.5, 2.25, kNan, kInf, -1e-300, 0.1};
  const std::vector<double> rate = {0.1 + 0.2, 5e-4};
  auto points = pointsOf("loss/total", 0, 1, loss);
  for (const auto& point : pointsOf("train/lr", 0, 1, rate)) points.push_back(point);
  writeRecord(run, {});
  writePoints(run, 0, points);
  CurveStore store;
  store.setRuns({run});
  QTRY_COMPARE_WITH_TIMEOUT(heldValues(store, run).size(), loss.size(), kPatience);
  const Curve& held = store.of(run)->curves.at("loss/total");
  for (size_t i = 0; i < loss.size(); ++i) {
    QVERIFY(same(held.values[i], loss[i]));  // every digit
    QCOMPARE(held.steps[i], static_cast<int64_t>(i) + 1);
    QCOMPARE(held.epochs[i], static_cast<double>(i + 1) / 10.0);
    QVERIFY(near(held.hours[i], static_cast<double>(i + 1) / 10.0));
  }
  QCOMPARE(heldValues(store, run, "train/lr"), rate);
  QCOMPARE(store.of(run)->damaged_lines, int64_t{0});
}

void TestCurves::storeFollowsAGrowingFile() {
  const Sandbox box;
  const QString run = box.path("run");
  writeRecord(run, {});
  MetricWriter writer(pathOf(run), 0);
  writer.write(pointsOf("loss/total", 0, 0, {5}));
  CurveStore store;
  store.setRuns({run});
  QTRY_COMPARE_WITH_TIMEOUT(heldValues(store, run), std::vector<double>({5}), kPatience);
  const int64_t revision = store.of(run)->revision;
  writer.write(pointsOf("loss/total", 0, 1, {4, 3}));
  QTRY_COMPARE_WITH_TIMEOUT(heldValues(store, run), std::vector<double>({5, 4, 3}), kPatience);
  writer.write(pointsOf("holdout/top1", 0, 2, {0.5}));
  QTRY_COMPARE_WITH_TIMEOUT(heldValues(store, run, "holdout/top1"), std::vector<double>({0.5}), kPatience);
  QCOMPARE(store.of(run)->revision, revision);  // only appended
}

void TestCurves::storeDropsWhatAResumeUndid() {
  const Sandbox box;
  const QString run = box.path("run");
  writeRecord(run, {});
  writePoints(run, 0, pointsOf("loss/total", 0, 1, {10, 9, 8, 7, 6}));  // steps 1 to 5; the checkpoint was at 3
  CurveStore store;
  store.setRuns({run});
  QTRY_COMPARE_WITH_TIMEOUT(heldValues(store, run).size(), size_t{5}, kPatience);
  const int64_t revision = store.of(run)->revision;
  writeRecord(run, {3});
  writePoints(run, 1, pointsOf("loss/total", 1, 4, {70, 60, 50}));
  QTRY_COMPARE_WITH_TIMEOUT(heldValues(store, run), std::vector<double>({10, 9, 8, 70, 60, 50}), kPatience);
  QCOMPARE(store.of(run)->resumes, std::vector<int64_t>({3}));
  QVERIFY(store.of(run)->revision > revision);
  QCOMPARE(store.of(run)->curves.at("loss/total").steps, std::vector<int64_t>({1, 2, 3, 4, 5, 6}));
}

void TestCurves::storeCountsDamagedLines() {
  const Sandbox box;
  const QString run = box.path("run");
  writeRecord(run, {});
  writePoints(run, 0, pointsOf("loss/total", 0, 0, {2}));
  std::ofstream(pathOf(run) / "metrics.jsonl", std::ios::app) << "{\"step\": half\n";
  writePoints(run, 0, pointsOf("loss/total", 0, 1, {1}));
  CurveStore store;
  store.setRuns({run});
  QTRY_COMPARE_WITH_TIMEOUT(heldValues(store, run), std::vector<double>({2, 1}), kPatience);
  QCOMPARE(store.of(run)->damaged_lines, int64_t{1});
}

void TestCurves::storeSaysWhatCannotBeRead() {
  const Sandbox box;
  const QString good = box.path("good");
  writeRecord(good, {});
  writePoints(good, 0, pointsOf("loss/total", 0, 0, {2}));
  CurveStore store;
  QSignalSpy failed(&store, &CurveStore::failed);
  store.setRuns({box.path("absent"), good});
  QTRY_COMPARE_WITH_TIMEOUT(heldValues(store, good), std::vector<double>({2}), kPatience);  // one bad run costs one run
  QTRY_COMPARE_WITH_TIMEOUT(failed.count(), 1, kPatience);
  QCOMPARE(failed.first().at(0).toString(), box.path("absent"));
  QVERIFY(failed.first().at(1).toString().contains(QStringLiteral("absent")));
}

void TestCurves::storeForgetsRunsNoLongerShown() {
  const Sandbox box;
  const QString a = box.path("a"), b = box.path("b");
  for (const QString& run : {a, b}) {
    writeRecord(run, {});
    writePoints(run, 0, pointsOf("loss/total", 0, 0, {2}));
  }
  CurveStore store;
  store.setRuns({a, b});
  QTRY_VERIFY_WITH_TIMEOUT(store.read(a) && store.read(b), kPatience);
  store.setRuns({b});
  QVERIFY(!store.of(a));
  QVERIFY(store.of(b));
}

void TestCurves::zoomBelongsToTheUser() {
  CurvePage page({5, 4, 3, 2});
  QTRY_VERIFY_WITH_TIMEOUT(page.drawn(4), kPatience);
  CurvePlot* plot = page.plot();
  QVERIFY(page.view.followButton()->isChecked());
  QCOMPARE(plot->xAxis->range().upper, 3.0);
  wheel(plot, 240, Qt::ControlModifier);
  QVERIFY(!page.view.followButton()->isChecked());  // it shows that it is off
  const QCPRange x = plot->xAxis->range(), y = plot->yAxis->range();
  QVERIFY(x.size() < 3.0);
  writePoints(page.run, 0, pointsOf("loss/total", 0, 4, {1, 0.5, 100}));
  QTRY_VERIFY_WITH_TIMEOUT(page.drawn(7), kPatience);
  QCOMPARE(plot->xAxis->range(), x);  // new points never change it
  QCOMPARE(plot->yAxis->range(), y);
  page.view.followButton()->click();
  QTRY_COMPARE_WITH_TIMEOUT(plot->xAxis->range().upper, 6.0, kPatience);
  QVERIFY(plot->yAxis->range().upper >= 100.0);
}

void TestCurves::smoothingKeepsTheUsersZoom() {
  CurvePage page({5, 4, 3, 2});
  QTRY_VERIFY_WITH_TIMEOUT(page.drawn(4), kPatience);
  CurvePlot* plot = page.plot();
  wheel(plot, 240, Qt::ControlModifier);
  const QCPRange x = plot->xAxis->range(), y = plot->yAxis->range();
  CurveOptions options = page.view.options();
  QVERIFY(!options.follow);
  options.smoothing = 0.0;
  page.view.setOptions(options);
  QTRY_COMPARE_WITH_TIMEOUT(plot->graph(0)->pen().color().alpha(), 255, kPatience);  // drawn anew
  QCOMPARE(plot->xAxis->range(), x);
  QCOMPARE(plot->yAxis->range(), y);
}

void TestCurves::aCardThatComesLateShowsItsData() {
  CurvePage page({5, 4, 3, 2});
  QTRY_VERIFY_WITH_TIMEOUT(page.drawn(4), kPatience);
  wheel(page.plot(), 240, Qt::ControlModifier);
  QVERIFY(!page.view.followButton()->isChecked());
  writePoints(page.run, 0, pointsOf("train/effective_rank", 0, 1000, {40, 50, 60}));
  QTRY_VERIFY_WITH_TIMEOUT(page.drawn(3, CardKind::kRank), kPatience);
  const CurvePlot* late = page.plot(CardKind::kRank);
  QVERIFY2(late->xAxis->range().contains(1001.0) && late->yAxis->range().contains(50.0),
           qPrintable(QStringLiteral("x to %1").arg(late->xAxis->range().upper)));
}

void TestCurves::doubleClickFollowsAgain() {
  CurvePage page({5, 4, 3, 2});
  QTRY_VERIFY_WITH_TIMEOUT(page.drawn(4), kPatience);
  wheel(page.plot(), 240, Qt::ControlModifier);
  QVERIFY(!page.view.followButton()->isChecked());
  QTest::mouseDClick(page.plot(), Qt::LeftButton, {}, page.plot()->rect().center());
  QVERIFY(page.view.followButton()->isChecked());
  QTRY_COMPARE_WITH_TIMEOUT(page.plot()->xAxis->range(), QCPRange(0.0, 3.0), kPatience);
}

void TestCurves::plainWheelScrollsThePage() {
  CurvePage page({5, 4, 3, 2});
  QTRY_VERIFY_WITH_TIMEOUT(page.drawn(4), kPatience);
  const QCPRange x = page.plot()->xAxis->range();
  wheel(page.plot(), 240, Qt::NoModifier);
  QCOMPARE(page.plot()->xAxis->range(), x);
  QVERIFY(page.view.followButton()->isChecked());
}

void TestCurves::linesOfTwoRunsDiffer() {
  CurvePage page({5, 4});
  const QString other = page.box.path("other");
  writeRecord(other, {});
  writePoints(other, 0, pointsOf("loss/total", 0, 0, {6, 5, 4}));
  page.view.setRuns({page.run, other});
  QTRY_VERIFY_WITH_TIMEOUT(page.drawn(5), kPatience);
  const auto lines = page.view.linesOf(CardKind::kLoss, tokens());
  QCOMPARE(lines.size(), 2);
  QVERIFY(lines[0].colour != lines[1].colour);
  QCOMPARE(lines[0].name, QStringLiteral("run total"));
  QCOMPARE(lines[1].name, QStringLiteral("other total"));
  page.view.setRuns({page.run});
  QTRY_VERIFY_WITH_TIMEOUT(page.drawn(2), kPatience);
}

void TestCurves::emptyPageSaysWhatWillAppear() {
  CurveStore store;
  CurvesView view(store);
  QStringList texts;
  for (const QLabel* label : view.findChildren<QLabel*>()) texts.append(label->text());
  QVERIFY(texts.join(QLatin1Char('\n')).contains(QStringLiteral("appear here")));
  QVERIFY(view.cards().isEmpty());
}

HVLM_GUI_TEST_MAIN(TestCurves)
#include "tst_ui_curves.moc"
