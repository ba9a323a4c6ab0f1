// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractItemModelTester>

#include "ui/log/log_panel.h"
#include "ui/results/result_model.h"
#include "ui/runs/run_model.h"
#include "ui/videos/video_model.h"
#include "ui_fixtures.h"

using namespace hvlm;
using namespace hvlm::ui;

namespace {

std::shared_ptr<const LoadedData> manyVideos(int count) {
  auto data = std::make_shared<LoadedData>();
  data->catalogue.classes = {"Archery", "Biking", "Cricket"};
  for (int i = 0; i < count; ++i) {
    Video video;
    video.id = QStringLiteral("v%1").arg(i, 5, 10, QLatin1Char('0')).toStdString();
    video.subset = i % 4 == 0 ? "validation" : "training";
    video.duration_seconds = 30 + (i * 7) % 200;
    video.segments = {{1.0, 9.0, i % 3}};
    data->catalogue.videos.push_back(video);
  }
  data->catalogue.index();
  return data;
}

RunSummary run(const char* folder, const char* created, const char* verdict, double map) {
  RunSummary summary;
  summary.folder = folder;
  summary.state = "done";
  summary.verdict = verdict;
  summary.record.created = created;
  summary.figures = {{"average_map", map}, {"top1", map / 2}};
  return summary;
}

}  // namespace

class TestModels : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void videosAreFiltered_data();
  void videosAreFiltered();
  void twentyThousandVideosKeepTheModelsRules();
  void sortingKeepsTheSelection();
  void runsKeepTicksOverAReading();
  void aCollapsedRunIsNeverFirst();
  void anUnreadableRunIsOneRow();
  void theLogKeepsItsLastLines();
  void resultsMarkWhatTheyMean();
};

void TestModels::videosAreFiltered_data() {
  QTest::addColumn<QString>("text");
  QTest::addColumn<QString>("subset");
  QTest::addColumn<int>("label");
  QTest::addColumn<int>("rows");
  QTest::newRow("nothing asked shows all") << "" << "" << -1 << 120;
  QTest::newRow("a subset") << "" << "validation" << -1 << 30;
  QTest::newRow("a class") << "" << "" << 0 << 40;
  QTest::newRow("part of an id") << "V0001" << "" << -1 << 10;
  QTest::newRow("a class name in any case") << "biking" << "" << -1 << 40;
  QTest::newRow("all words must occur") << "biking v0001" << "" << -1 << 4;
  QTest::newRow("together") << "biking" << "validation" << 1 << 10;
  QTest::newRow("nothing fits") << "swimming" << "" << -1 << 0;
}
void TestModels::videosAreFiltered() {
  QFETCH(QString, text);
  QFETCH(QString, subset);
  QFETCH(int, label);
  QFETCH(int, rows);
  VideoModel model;
  QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
  model.setData(manyVideos(120));
  model.setFilter({text, subset, label});
  QCOMPARE(model.rowCount(), rows);
  QCOMPARE(model.total(), 120);
}

void TestModels::twentyThousandVideosKeepTheModelsRules() {
  VideoModel model;
  QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
  model.setData(manyVideos(20000));
  QCOMPARE(model.rowCount(), 20000);
  model.setFilter({"cricket", "validation", -1});
  QCOMPARE(model.rowCount(), 1666);
  model.sort(VideoModel::kLength, Qt::DescendingOrder);
  for (int i = 1; i < model.rowCount(); ++i) QVERIFY(model.videoAt(i - 1)->duration_seconds >= model.videoAt(i)->duration_seconds);
  model.setFilter({});
  QCOMPARE(model.rowCount(), 20000);
}

void TestModels::sortingKeepsTheSelection() {
  VideoModel model;
  QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
  model.setData(manyVideos(50));
  const QPersistentModelIndex kept = model.index(7, VideoModel::kLength);
  const QString id = qText(model.videoAt(7)->id);
  model.sort(VideoModel::kLength, Qt::AscendingOrder);
  QVERIFY(kept.isValid());
  QCOMPARE(qText(model.videoAt(kept.row())->id), id);
  QCOMPARE(model.rowOf(id), kept.row());
}

void TestModels::runsKeepTicksOverAReading() {
  RunModel model;
  QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
  model.setRuns({run("/r/1", "2026-01-01", "healthy", 0.5), run("/r/2", "2026-01-02", "healthy", 0.6)});
  QSignalSpy ticked(&model, &RunModel::tickedChanged);
  QVERIFY(model.setData(model.index(0, RunModel::kName), Qt::Checked, Qt::CheckStateRole));
  QCOMPARE(ticked.count(), 1);
  QCOMPARE(model.ticked(), QStringList("/r/2"));  // newest first
  model.setRuns({run("/r/1", "2026-01-01", "healthy", 0.5), run("/r/2", "2026-01-02", "healthy", 0.7), run("/r/3", "2026-01-03", "healthy", 0.1)});
  QCOMPARE(model.ticked(), QStringList("/r/2"));
  QCOMPARE(model.rowOf("/r/3"), 0);
}

void TestModels::aCollapsedRunIsNeverFirst() {
  RunModel model;
  QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
  model.setRuns({run("/r/1", "2026-01-01", "collapsed", 0.9), run("/r/2", "2026-01-02", "healthy", 0.2)});
  model.sort(RunModel::kMap, Qt::DescendingOrder);
  QCOMPARE(model.folderAt(0), QString("/r/2"));
  QVERIFY(model.data(model.index(1, RunModel::kMap), Qt::FontRole).value<QFont>().strikeOut());
}

void TestModels::anUnreadableRunIsOneRow() {
  RunModel model;
  QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
  RunSummary broken;
  broken.folder = "/r/3";
  broken.problem = "run.json: expected JSON";
  model.setRuns({run("/r/1", "2026-01-01", "healthy", 0.9), broken});
  QCOMPARE(model.rowCount(), 2);
  const int row = model.rowOf("/r/3");
  QCOMPARE(model.data(model.index(row, RunModel::kState), Qt::DisplayRole).toString(), QString("unreadable"));
  QVERIFY(model.data(model.index(row, 0), Qt::ToolTipRole).toString().contains("expected JSON"));
}

void TestModels::theLogKeepsItsLastLines() {
  LogModel model;
  QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
  std::vector<LogEntry> entries;
  for (int i = 0; i < LogModel::kMost + 10; ++i) {
    entries.push_back({QDateTime::currentDateTime(), i % 100 == 0 ? LogLevel::kWarning : LogLevel::kInfo, QString("line %1").arg(i)});
  }
  model.append(entries);
  QCOMPARE(model.rowCount(), LogModel::kMost);
  QVERIFY(model.data(model.index(0, 0), Qt::DisplayRole).toString().endsWith("line 10"));
  model.append({{QDateTime::currentDateTime(), LogLevel::kError, "the last"}});
  QCOMPARE(model.rowCount(), LogModel::kMost);
  model.setFilter("", LogLevel::kWarning);
  QCOMPARE(model.rowCount(), 51);
  model.setFilter("LAST", LogLevel::kInfo);
  QCOMPARE(model.rowCount(), 1);
  QVERIFY(model.allText().contains("the last"));
}

void TestModels::resultsMarkWhatTheyMean() {
  ResultModel model;
  QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
  ResultTable table;
  table.columns = {{"Row", 0, true, true}, {"Top-1", 3, true, false}};
  const auto row = [](const char* name, double value, bool struck, bool claimed) {
    TableRow made;
    made.cells = {{name, {}, {}}, {"", value, {}}};
    made.struck = struck;
    made.claimed = claimed;
    return made;
  };
  table.rows = {row("ours", 0.5, false, false), row("collapsed", 0.9, true, false), row("paper", 0.95, false, true)};
  model.setTable(table);
  QCOMPARE(model.data(model.index(0, 1), Qt::DisplayRole).toString(), QString("0.500"));
  QVERIFY(model.data(model.index(0, 1), Qt::FontRole).value<QFont>().bold());
  QVERIFY(!model.data(model.index(1, 1), Qt::FontRole).value<QFont>().bold());
  QVERIFY(model.data(model.index(1, 1), Qt::FontRole).value<QFont>().strikeOut());
  QVERIFY(model.data(model.index(2, 0), Qt::DisplayRole).toString().contains("claimed"));
  QVERIFY(!model.data(model.index(2, 1), Qt::FontRole).value<QFont>().bold());
}

HVLM_GUI_TEST_MAIN(TestModels)
#include "tst_ui_models.moc"
