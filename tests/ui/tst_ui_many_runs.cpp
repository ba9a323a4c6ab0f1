// SPDX-License-Identifier: GPL-3.0-or-later
// Five hundred runs laid over each other, ten thousand in the list.
#include <QHeaderView>
#include <QIdentityProxyModel>
#include <QLabel>
#include <QMouseEvent>
#include <QSignalSpy>
#include <QTableView>

#include "curve_page.h"
#include "ui/runs/run_model.h"
#include "ui/runs/run_table.h"
#include "ui/shell/notice_strip.h"
#include "ui/shell/workers.h"

using namespace hvlm;
using namespace hvlm::ui;
using namespace hvlm::ui::testing;

namespace {

constexpr int kPatience = 120000;  // ms: a busy machine is slow, not wrong
constexpr int kMany = 10000;

// Counts the rows a view asks for.
class AskedRows : public QIdentityProxyModel {
 public:
  QVariant data(const QModelIndex& index, int role) const override {
    rows.insert(index.row());
    return QIdentityProxyModel::data(index, role);
  }
  mutable QSet<int> rows;
};

QString folderOf(int i) { return QStringLiteral("/runs/%1").arg(i, 5, 10, QLatin1Char('0')); }

std::vector<RunSummary> manyRuns() {
  std::vector<RunSummary> runs;
  for (int i = 0; i < kMany; ++i) {
    RunSummary run;
    run.folder = stdText(folderOf(i));
    run.state = i % 10 == 0 ? "running" : "done";
    run.verdict = i % 7 == 0 ? "collapsed" : "healthy";
    run.record.created = stdText(QStringLiteral("2026-01-%1T%2").arg(i % 28 + 1, 2, 10, QLatin1Char('0')).arg(i, 6, 10, QLatin1Char('0')));
    run.figures = {{"average_map", static_cast<double>(i * 7919 % kMany) / kMany}};
    runs.push_back(std::move(run));
  }
  return runs;
}

}  // namespace

class TestManyRuns : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase();
  void cleanup() { Workers::instance().waitForDone(); }
  void fiveHundredAreAllDrawn();
  void theLegendNamesThoseNearThePointer();
  void whatManyRunsTellIsSortedOnce();
  void moreThanFiveHundredAreSaid();
  void tenThousandAreFilteredAndSorted();
  void theViewAsksForVisibleRunsOnly();

 private:
  Sandbox box_;
  QStringList folders_;  // run i has the values i, i, i
};

void TestManyRuns::initTestCase() {
  for (int i = 0; i < RunTable::kMostRuns; ++i) {
    folders_.append(box_.path(QStringLiteral("runs/%1").arg(i, 3, 10, QLatin1Char('0'))));
    writeRecord(folders_.last(), {});
    const auto value = static_cast<double>(i);
    writePoints(folders_.last(), 0, pointsOf("loss/total", 0, 0, {value, value, value}));
  }
}

void TestManyRuns::fiveHundredAreAllDrawn() {
  CurveStore store;
  CurvesView view(store);
  view.resize(900, 600);
  view.show();
  view.setRuns(folders_);
  const auto plot = [&]() -> CurvePlot* { return view.card(CardKind::kLoss) ? view.card(CardKind::kLoss)->plot() : nullptr; };
  QTRY_VERIFY_WITH_TIMEOUT(plot() && plot()->pointCount() == 3 * RunTable::kMostRuns, kPatience);
  QSet<QString> runs;
  for (const CurveLine& line : plot()->lines()) runs.insert(line.run);
  QCOMPARE(runs.size(), qsizetype{RunTable::kMostRuns});
  QVERIFY(plot()->yAxis->range().contains(0.0) && plot()->yAxis->range().contains(RunTable::kMostRuns - 1.0));
  // The first lines by name, the others by their number.
  const QString legend = view.findChild<QLabel*>("lossLegend")->text();
  QVERIFY2(legend.contains("000&nbsp;total") && !legend.contains("400&nbsp;total"), qPrintable(legend));
  QVERIFY2(legend.contains("and 484 more"), qPrintable(legend));
  QCOMPARE(legend.count("<span"), qsizetype{16});
  // A few have no such end.
  view.setRuns(folders_.mid(0, 3));
  QTRY_VERIFY_WITH_TIMEOUT(plot()->pointCount() == 9, kPatience);
  QVERIFY(!view.findChild<QLabel*>("lossLegend")->text().contains("more"));
}

void TestManyRuns::theLegendNamesThoseNearThePointer() {
  std::vector<RunCurves> runs(RunTable::kMostRuns);
  QList<CurveLine> lines;
  for (int i = 0; i < RunTable::kMostRuns; ++i) {
    RunCurves& run = runs[static_cast<size_t>(i)];
    run.curves["loss/total"] = curvesOf(pointsOf("loss/total", 0, 0, {i * 1.0, i * 1.0, i * 1.0}), {}).begin()->second;
    const QString name = QStringLiteral("r%1").arg(i, 3, 10, QLatin1Char('0'));
    const CurveLine line{folderOf(i), "loss/total", name, QColor(Qt::blue), Qt::SolidLine, false, &run};
    lines.append(line);
  }
  CurveCard card(CardKind::kLoss);
  card.resize(600, 500);
  card.show();
  QVERIFY(QTest::qWaitForWindowExposed(&card));
  card.setLines(lines, CurveOptions());
  CurvePlot* plot = card.plot();
  plot->replot(QCustomPlot::rpImmediateRefresh);
  const QPointF at(plot->xAxis->coordToPixel(1.0), plot->yAxis->coordToPixel(250.0));
  QMouseEvent move(QEvent::MouseMove, at, plot->mapToGlobal(at), Qt::NoButton, Qt::NoButton, Qt::NoModifier);
  QApplication::sendEvent(plot, &move);
  const QString legend = card.findChild<QLabel*>("lossLegend")->text();
  QVERIFY2(legend.contains("r250") && legend.contains("r245") && legend.contains("r255"), qPrintable(legend));
  QVERIFY2(!legend.contains("r000") && !legend.contains("r499"), qPrintable(legend));
  QCOMPARE(legend.count("<span"), qsizetype{16});
  QVERIFY(legend.indexOf("r245") < legend.indexOf("r255"));  // in their order all the same
}

void TestManyRuns::whatManyRunsTellIsSortedOnce() {
  CurveStore store;
  CurvesView view(store);
  view.resize(900, 600);
  view.show();
  view.setRuns(folders_);
  const auto all_read = [&] { return std::all_of(folders_.begin(), folders_.end(), [&](const QString& run) { return store.read(run); }); };
  QTRY_VERIFY_WITH_TIMEOUT(all_read(), kPatience);
  QTRY_VERIFY_WITH_TIMEOUT(view.card(CardKind::kLoss) && view.card(CardKind::kLoss)->plot()->pointCount() == 3 * RunTable::kMostRuns, kPatience);
  const int64_t before = view.regroupings();
  for (const QString& run : std::as_const(folders_)) Q_EMIT store.updated(run);
  QCOMPARE(view.regroupings(), before);
  QTRY_COMPARE_WITH_TIMEOUT(view.regroupings(), before + 1, kPatience);
  view.setOptions(view.options());  // how curves are drawn sorts nothing
  QCOMPARE(view.regroupings(), before + 1);
}

void TestManyRuns::moreThanFiveHundredAreSaid() {
  CurveStore store;
  CurvesView view(store);
  QStringList more = folders_;
  for (int i = 0; i < 37; ++i) more.append(box_.path(QStringLiteral("runs/more%1").arg(i)));
  view.setRuns(more);
  QCOMPARE(store.runs(), folders_);
  QVERIFY2(view.notice()->text().contains("37") && view.notice()->text().contains("500"), qPrintable(view.notice()->text()));
  view.notice()->clear();  // as the window does when another run is shown
  view.setRuns(more);
  QVERIFY(view.notice()->text().contains("37"));
  view.setRuns(folders_.mid(0, 2));
  QVERIFY(view.notice()->text().isEmpty());
  // A message of another kind is left alone.
  view.setRuns(more);
  view.notice()->show(NoticeLevel::kWarning, "something else");
  view.setRuns(folders_.mid(0, 2));
  QCOMPARE(view.notice()->text(), QString("something else"));
}

void TestManyRuns::tenThousandAreFilteredAndSorted() {
  RunModel model;
  QSignalSpy reset(&model, &QAbstractItemModel::modelReset), about(&model, &QAbstractItemModel::layoutAboutToBeChanged);
  QSignalSpy laid(&model, &QAbstractItemModel::layoutChanged);
  model.setRuns(manyRuns());
  QCOMPARE(reset.count(), 1);
  QCOMPARE(model.rowCount(), kMany);
  const QString chosen = folderOf(4321);
  const QPersistentModelIndex kept = model.index(model.rowOf(chosen), RunModel::kName);
  for (const int column : {RunModel::kMap, RunModel::kName, RunModel::kState, RunModel::kCreated}) {
    for (const Qt::SortOrder order : {Qt::AscendingOrder, Qt::DescendingOrder}) {
      model.sort(column, order);
      QVERIFY(kept.isValid());
      QCOMPARE(model.folderAt(kept.row()), chosen);  // the selection went along
      QSet<QString> there;
      for (int row = 0; row < model.rowCount(); ++row) {
        QCOMPARE(model.rowOf(model.folderAt(row)), row);
        there.insert(model.folderAt(row));
      }
      QCOMPARE(there.size(), qsizetype{kMany});  // none lost, none twice
    }
  }
  QCOMPARE(about.count(), laid.count());
  QCOMPARE(laid.count(), 8);
  QCOMPARE(reset.count(), 1);
  model.sort(RunModel::kMap, Qt::DescendingOrder);
  double last = 2.0;
  for (int row = 0; row < model.rowCount(); ++row) {
    const RunSummary& run = *model.runAt(row);
    const double key = run.verdict == "collapsed" ? -2.0 : run.figures.at("average_map");
    QVERIFY2(key <= last, qPrintable(QString::number(row)));
    last = key;
  }
  model.setTicked({folderOf(10), folderOf(11)});
  model.setFilter("running");
  QCOMPARE(reset.count(), 2);
  QCOMPARE(model.rowCount(), kMany / 10);
  QCOMPARE(model.total(), kMany);
  for (int row = 0; row < model.rowCount(); ++row) QCOMPARE(model.runAt(row)->state, std::string("running"));
  QCOMPARE(model.rowOf(folderOf(11)), -1);
  QStringList ticked = model.ticked();  // those that are hidden too
  ticked.sort();
  QCOMPARE(ticked, QStringList({folderOf(10), folderOf(11)}));
  model.setFilter("running 123");
  QCOMPARE(model.rowCount(), 1);
  QCOMPARE(model.folderAt(0), folderOf(1230));
  model.setFilter(QString());
  QCOMPARE(model.rowCount(), kMany);
}

void TestManyRuns::theViewAsksForVisibleRunsOnly() {
  RunModel model;
  model.setRuns(manyRuns());
  AskedRows asked;
  asked.setSourceModel(&model);
  QTableView view;
  view.verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  view.verticalHeader()->setDefaultSectionSize(24);
  view.setModel(&asked);
  view.resize(400, 480);
  view.show();
  QVERIFY(QTest::qWaitForWindowExposed(&view));
  view.grab();
  QVERIFY(asked.rows.size() >= 10);
  QVERIFY2(asked.rows.size() <= 60, qPrintable(QString::number(asked.rows.size())));
  asked.rows.clear();
  view.scrollToBottom();
  view.grab();
  QVERIFY(asked.rows.contains(kMany - 1));
  QVERIFY2(asked.rows.size() <= 60, qPrintable(QString::number(asked.rows.size())));
  // A reading of the same runs, as every two seconds, asks for no more.
  asked.rows.clear();
  model.setRuns(manyRuns());
  view.grab();
  QVERIFY2(asked.rows.size() <= 60, qPrintable(QString::number(asked.rows.size())));
}

HVLM_GUI_TEST_MAIN(TestManyRuns)
#include "tst_ui_many_runs.moc"
