// SPDX-License-Identifier: GPL-3.0-or-later
// Curves of many points: what is drawn has every extreme that can be seen, costs what is seen, and is made beside the window's thread.
#include <cmath>
#include <limits>
#include <random>
#include <set>

#include "ui/curves/curve_plot.h"
#include "ui/curves/min_max_series.h"
#include "ui/shell/workers.h"
#include "ui_fixtures.h"

using namespace hvlm;
using namespace hvlm::ui;
using namespace hvlm::ui::testing;

namespace {

constexpr int kPatience = 20000;  // ms
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

Curve longCurve(size_t count) {
  Curve curve;
  for (size_t i = 0; i < count; ++i) {
    curve.steps.push_back(static_cast<int64_t>(i));
    curve.epochs.push_back(static_cast<double>(i) / 100.0);
    curve.hours.push_back(static_cast<double>(i) / 1e6);
    curve.values.push_back(1.0 + 0.1 * std::sin(static_cast<double>(i)));
  }
  return curve;
}

CurveLine lineOf(const RunCurves& run) { return {QStringLiteral("run"), "loss/total", QStringLiteral("total"), QColor(Qt::blue), Qt::SolidLine, false, &run}; }

CurveOptions plain(double smoothing = 0.0) {
  CurveOptions options;
  options.smoothing = smoothing;
  return options;
}

bool holds(const QCPGraph* graph, double key, double value) {
  for (const QCPGraphData& point : *graph->data()) {
    if (point.key == key && point.value == value) return true;
  }
  return false;
}

}  // namespace

class TestLongCurves : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void cleanup() { Workers::instance().waitForDone(); }
  void extremesAreThoseOfALook();
  void everyVisibleExtremeIsKept_data();
  void everyVisibleExtremeIsKept();
  void aViewBesideThePointsIsALine();
  void aLongCurveIsDrawnFromItsExtremes();
  void aCurveThatGrowsLongStaysWhole();
  void manyPointsAreTakenOnAWorker();
  void whatWasShownStaysMeanwhile();
  void aSourceThatIsGoneSaysNothing();
};

void TestLongCurves::extremesAreThoseOfALook() {
  std::mt19937 random(3);
  for (const size_t count : {size_t{1}, size_t{63}, size_t{64}, size_t{65}, size_t{512}, size_t{5000}, size_t{40000}}) {
    MinMaxSeries series;
    for (size_t i = 0; i < count; ++i) series.append(random() % 5 == 0 ? kNan : static_cast<double>(random() % 1000));
    for (int look = 0; look < 300; ++look) {
      const size_t from = random() % count, to = from + random() % (count - from + 1);
      double low = INFINITY, high = -INFINITY;
      for (size_t i = from; i < to; ++i) {
        if (std::isnan(series.at(i))) continue;
        low = std::min(low, series.at(i)), high = std::max(high, series.at(i));
      }
      const MinMaxSeries::Extremes found = series.extremes(from, to);
      if (low > high) {
        QVERIFY(found.lowest < 0 && found.highest < 0);
        continue;
      }
      QVERIFY(found.lowest >= static_cast<int64_t>(from) && found.highest < static_cast<int64_t>(to));
      QCOMPARE(series.at(static_cast<size_t>(found.lowest)), low);
      QCOMPARE(series.at(static_cast<size_t>(found.highest)), high);
    }
  }
}

void TestLongCurves::everyVisibleExtremeIsKept_data() {
  QTest::addColumn<bool>("log_x");
  QTest::addColumn<bool>("uneven");
  QTest::addColumn<bool>("gaps");
  QTest::newRow("even steps") << false << false << false;
  QTest::newRow("a logarithmic axis") << true << false << false;
  QTest::newRow("uneven hours, several points at one") << false << true << false;
  QTest::newRow("with gaps") << false << false << true;
  QTest::newRow("all together") << true << true << true;
}
void TestLongCurves::everyVisibleExtremeIsKept() {
  QFETCH(bool, log_x);
  QFETCH(bool, uneven);
  QFETCH(bool, gaps);
  std::mt19937 random(5);
  std::vector<double> x;
  MinMaxSeries series;
  for (int i = 0; i < 60000; ++i) {
    x.push_back(x.empty() ? 1.0 : x.back() + (uneven ? static_cast<double>(random() % 7 * (random() % 7)) : 1.0));
    series.append(gaps && i / 3000 % 3 == 1 ? kNan : static_cast<double>(random() % 100000));
  }
  constexpr int kColumns = 300;
  for (int view = 0; view < 20; ++view) {
    const double share = static_cast<double>(random() % 900) / 1000.0, width = view == 0 ? 1.0 : 0.01 + 0.09 * static_cast<double>(random() % 10);
    const double left = x.front() + (view == 0 ? 0.0 : share) * (x.back() - x.front()), right = left + width * (x.back() - x.front());
    const std::vector<size_t> places = visiblePoints(series, x, left, right, kColumns, log_x);
    QVERIFY(places.size() <= 4 * kColumns + 2);
    QVERIFY(std::is_sorted(places.begin(), places.end()) && std::adjacent_find(places.begin(), places.end()) == places.end());
    std::vector<std::pair<double, double>> wanted(kColumns, {INFINITY, -INFINITY}), found = wanted;
    const auto column = [&](double at) {
      const double where = log_x ? std::log(at / left) / std::log(right / left) : (at - left) / (right - left);
      return std::clamp(static_cast<int>(where * kColumns), 0, kColumns - 1);
    };
    const auto add = [&](std::vector<std::pair<double, double>>& to, size_t i) {
      if (x[i] < left || x[i] > right || std::isnan(series.at(i))) return;
      auto& [low, high] = to[static_cast<size_t>(column(x[i]))];
      low = std::min(low, series.at(i)), high = std::max(high, series.at(i));
    };
    for (size_t i = 0; i < x.size(); ++i) add(wanted, i);
    for (const size_t i : places) add(found, i);
    // Points that lie on an edge may be counted to either neighbour by the arithmetic above: the pair of both columns holds them.
    for (int c = 0; c + 1 < kColumns; ++c) {
      const auto pair_of = [c](const auto& all) { return std::pair(std::min(all[c].first, all[c + 1].first), std::max(all[c].second, all[c + 1].second)); };
      QCOMPARE(pair_of(found), pair_of(wanted));
    }
    // The line enters and leaves the view.
    const auto first = static_cast<size_t>(std::lower_bound(x.begin(), x.end(), left) - x.begin());
    if (first > 0) QCOMPARE(places.front(), first - 1);
    const auto after = static_cast<size_t>(std::upper_bound(x.begin(), x.end(), right) - x.begin());
    if (after < x.size()) QCOMPARE(places.back(), after);
  }
}

void TestLongCurves::aViewBesideThePointsIsALine() {
  MinMaxSeries series;
  const std::vector<double> x = {0.0, 10.0, 20.0};
  for (const double value : {1.0, 2.0, 3.0}) series.append(value);
  QCOMPARE(visiblePoints(series, x, 11.0, 12.0, 100, false), (std::vector<size_t>{1, 2}));
  QCOMPARE(visiblePoints(series, x, -5.0, -1.0, 100, false), (std::vector<size_t>{0}));
  QCOMPARE(visiblePoints(series, x, 30.0, 31.0, 100, false), (std::vector<size_t>{2}));
  QVERIFY(visiblePoints(series, x, 1.0, 1.0, 100, false).empty());
  QVERIFY(visiblePoints(MinMaxSeries(), {}, 0.0, 1.0, 100, false).empty());
}

void TestLongCurves::aLongCurveIsDrawnFromItsExtremes() {
  RunCurves run;
  Curve& curve = run.curves["loss/total"] = longCurve(300000);
  curve.values[123456] = 50.0;
  curve.values[200001] = -7.0;
  curve.values[250000] = kNan;
  CurvePlot plot;
  plot.resize(700, 300);
  plot.setLines({lineOf(run)}, plain(0.6));
  QCOMPARE(plot.pointCount(), int64_t{300000});
  QVERIFY(plot.yAxis->range().contains(50.0) && plot.yAxis->range().contains(-7.0));
  const auto few = [&] { return plot.graph(0)->dataCount() <= 4 * 700 + 2 && plot.graph(1)->dataCount() <= 4 * 700 + 2; };
  plot.replot(QCustomPlot::rpImmediateRefresh);
  QVERIFY(few() && plot.thinned());
  QVERIFY(holds(plot.graph(0), 123456.0, 50.0) && holds(plot.graph(0), 200001.0, -7.0));
  plot.xAxis->setRange(123000.0, 124000.0);  // every point of a narrow view, as it was measured
  plot.replot(QCustomPlot::rpImmediateRefresh);
  QVERIFY(few());
  for (size_t i = 123000; i <= 124000; ++i) QVERIFY(holds(plot.graph(0), static_cast<double>(i), curve.values[i]));
  QVERIFY(!holds(plot.graph(0), 200001.0, -7.0));
}

void TestLongCurves::aCurveThatGrowsLongStaysWhole() {
  RunCurves run;
  const Curve all = longCurve(20000);
  Curve& curve = run.curves["loss/total"];
  CurvePlot plot;
  plot.resize(700, 300);
  for (const size_t count : {size_t{5000}, size_t{8192}, size_t{8193}, size_t{20000}}) {
    curve.steps.assign(all.steps.begin(), all.steps.begin() + static_cast<std::ptrdiff_t>(count));
    curve.epochs.assign(all.epochs.begin(), all.epochs.begin() + static_cast<std::ptrdiff_t>(count));
    curve.hours.assign(all.hours.begin(), all.hours.begin() + static_cast<std::ptrdiff_t>(count));
    curve.values.assign(all.values.begin(), all.values.begin() + static_cast<std::ptrdiff_t>(count));
    plot.setLines({lineOf(run)}, plain());
    QCOMPARE(plot.pointCount(), static_cast<int64_t>(count));
    QVERIFY(holds(plot.graph(0), 0.0, all.values[0]));
    QVERIFY(holds(plot.graph(0), static_cast<double>(count - 1), all.values[count - 1]));
    if (count <= 8192) QCOMPARE(plot.graph(0)->dataCount(), static_cast<int>(count));
  }
}

void TestLongCurves::manyPointsAreTakenOnAWorker() {
  auto shared = std::make_shared<RunCurves>();
  shared->curves["loss/total"] = longCurve(400000);
  CurvePlot at_once, beside;
  for (CurvePlot* plot : {&at_once, &beside}) plot->resize(700, 300);
  at_once.setLines({lineOf(*shared)}, plain(0.6));
  QVERIFY(!at_once.busy());
  CurveLine line = lineOf(*shared);
  line.held = shared;
  beside.setLines({line}, plain(0.6));
  QVERIFY(beside.busy());
  QCOMPARE(beside.pointCount(), int64_t{0});
  QTRY_VERIFY_WITH_TIMEOUT(!beside.busy(), kPatience);
  QCOMPARE(shared.use_count(), 1);  // given back
  QCOMPARE(beside.pointCount(), int64_t{400000});
  QCOMPARE(beside.xAxis->range(), at_once.xAxis->range());
  QCOMPARE(beside.yAxis->range(), at_once.yAxis->range());
  for (CurvePlot* plot : {&at_once, &beside}) plot->replot(QCustomPlot::rpImmediateRefresh);
  for (int g = 0; g < 2; ++g) {
    QCOMPARE(beside.graph(g)->dataCount(), at_once.graph(g)->dataCount());
    for (int i = 0; i < beside.graph(g)->dataCount(); ++i) {
      const auto a = beside.graph(g)->data()->at(i), b = at_once.graph(g)->data()->at(i);
      QVERIFY(a->key == b->key && a->value == b->value);
    }
  }
}

void TestLongCurves::whatWasShownStaysMeanwhile() {
  auto shared = std::make_shared<RunCurves>();
  shared->curves["loss/total"] = longCurve(400000);
  CurveLine line = lineOf(*shared);
  line.held = shared;
  CurvePlot plot;
  plot.resize(700, 300);
  plot.setLines({line}, plain(0.6));
  QTRY_VERIFY_WITH_TIMEOUT(!plot.busy(), kPatience);
  plot.setLines({line}, plain(0.9));  // smoothed anew: that takes a while
  QVERIFY(plot.busy());
  plot.replot(QCustomPlot::rpImmediateRefresh);
  QVERIFY(plot.graph(0)->dataCount() > 1000 && plot.graph(1)->dataCount() > 1000);
  plot.setLines({line}, plain(0.95));  // and again before it is there
  QTRY_VERIFY_WITH_TIMEOUT(!plot.busy(), kPatience);
  Workers::instance().waitForDone();
  QCoreApplication::processEvents();
  CurvePlot fresh;
  fresh.resize(700, 300);
  fresh.setLines({lineOf(*shared)}, plain(0.95));
  for (CurvePlot* each : {&plot, &fresh}) each->replot(QCustomPlot::rpImmediateRefresh);
  QCOMPARE(plot.graph(1)->dataCount(), fresh.graph(1)->dataCount());
  for (int i = 0; i < plot.graph(1)->dataCount(); ++i) QCOMPARE(plot.graph(1)->data()->at(i)->value, fresh.graph(1)->data()->at(i)->value);
}

void TestLongCurves::aSourceThatIsGoneSaysNothing() {
  auto shared = std::make_shared<RunCurves>();
  shared->curves["loss/total"] = longCurve(10);
  CurveLine line = lineOf(*shared);
  line.held = shared;
  CurvePlot plot;
  plot.setLines({line}, plain());
  QCOMPARE(plot.valuesAt(0.0)[0], 1.0);
  shared.reset();  // a run that is no longer shown, before the card hears of it
  QVERIFY(std::isnan(plot.valuesAt(0.0)[0]) && std::isnan(plot.lastValues()[0]));
  QCOMPARE(plot.graph(0)->dataCount(), 10);  // what was drawn stays
}

HVLM_GUI_TEST_MAIN(TestLongCurves)
#include "tst_ui_long_curves.moc"
