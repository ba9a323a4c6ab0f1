// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractButton>
#include <QAbstractItemModelTester>
#include <QComboBox>
#include <QHeaderView>
#include <QIdentityProxyModel>
#include <QLabel>
#include <QLineEdit>
#include <QTableView>
#include <nlohmann/json.hpp>

#include "runs/run_record.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "ui/exports/export_views.h"
#include "ui/log/log_panel.h"
#include "ui/results/result_model.h"
#include "ui/results/results_view.h"
#include "ui/runs/run_model.h"
#include "ui/videos/thumbnails.h"
#include "ui/videos/video_model.h"
#include "ui/player/video_files.h"
#include "ui/videos/videos_panel.h"
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

constexpr int kPatience = 20000;  // ms: a busy machine is slow, not wrong

// Counts the rows a view asks for.
class AskedRows : public QIdentityProxyModel {
 public:
  QVariant data(const QModelIndex& index, int role) const override {
    rows.insert(index.row());
    return QIdentityProxyModel::data(index, role);
  }
  mutable QSet<int> rows;
};

TableRow tableRow(const char* name, std::optional<double> value, bool struck, bool claimed) {
  TableRow made;
  made.cells = {{name, {}, {}}, {"", value, {}}};
  made.struck = struck;
  made.claimed = claimed;
  return made;
}

nlohmann::json sampleReport() {
  return nlohmann::json::parse(R"({
    "videos": 60, "temporal_consistency": 0.75, "consistency": {"cac": 0.5, "r_x": 0.1, "raw": 0.85},
    "collapse": {"effective_rank": 40.25}, "classification": {"top1": 0.8}, "localization": {"map": {"0.50": 0.4}, "average_map": 0.2},
    "verdict": "healthy",
    "controls": {"majority": {"classification": {"top1": 0.1}},
                 "random encoder": {"temporal_consistency": 0.99, "classification": {"top1": 0.95}, "verdict": "collapsed"}}})");
}

}  // namespace

class TestModels : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void videosAreFiltered_data();
  void videosAreFiltered();
  void videosAreFilteredByLengthAndState();
  void twentyThousandVideosKeepTheModelsRules();
  void theViewAsksForVisibleRowsOnly();
  void videosSortByEachColumn_data();
  void videosSortByEachColumn();
  void sortingKeepsTheSelection();
  void theClassOfAVideoIsItsLongest();
  void noDataIsNoRows();
  void thePanelSearchesAndFilters();
  void thePanelSaysWhyItIsEmpty();
  void runsKeepTicksOverAReading();
  void aReadingOfTheSameRunsKeepsTheSelection();
  void runsSortByEachColumn_data();
  void runsSortByEachColumn();
  void aCollapsedRunIsNeverFirst();
  void anUnreadableRunIsOneRow();
  void theLogKeepsItsLastLines();
  void resultsMarkWhatTheyMean();
  void theBestIsNeverACollapsedRowOrAClaim();
  void exportedTextIsThatOfTheTable_data();
  void exportedTextIsThatOfTheTable();
  void aReportIsShownAsItsTable();
  void aRunWithoutReportSaysSo();
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

void TestModels::videosAreFilteredByLengthAndState() {
  const hvlm::ui::testing::Sandbox box;
  Workspace workspace;
  VideoFiles files(workspace);
  Thumbnails thumbnails(files);
  auto data = std::make_shared<LoadedData>(*manyVideos(6));  // 30, 37, … 65 s
  data->catalogue.videos[1].segments.clear();
  data->catalogue.videos[2].held_out = true;
  data->catalogue.problems = {{"reversed", "v00003", "9 to 1 s"}, {"reversed", "v00003", "5 to 2 s"}, {"past_end_rounding", "v00004", "by 0.1 s"}, {"bad_taxonomy", "annotations.json", ""}};
  data->without_features = {"v00005"};
  VideoModel model;
  QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
  model.setThumbnails(&thumbnails);
  model.setData(data);
  const auto shown = [&](const VideoFilter& filter) {
    model.setFilter(filter);
    QStringList ids;
    for (int row = 0; row < model.rowCount(); ++row) ids.append(qText(model.videoAt(row)->id).right(1));
    return ids.join(QLatin1Char(' '));
  };
  QCOMPARE(shown({.from_seconds = 37, .to_seconds = 58}), QString("1 2 3"));  // a length at the upper edge is of the next range
  QCOMPARE(shown({.from_seconds = 58}), QString("4 5"));
  QCOMPARE(shown({.state = VideoState::kAnnotated}), QString("0 2 3 4 5"));
  QCOMPARE(shown({.state = VideoState::kUnannotated}), QString("1"));
  QCOMPARE(shown({.state = VideoState::kHeldOut}), QString("2"));
  QCOMPARE(shown({.state = VideoState::kMarked}), QString("3 5"));
  QVERIFY2(model.mark(0).contains("(2)") && model.data(model.index(0, VideoModel::kId), Qt::ToolTipRole).toString().contains(model.mark(0)), qPrintable(model.mark(0)));
  QVERIFY(model.data(model.index(1, VideoModel::kId), Qt::AccessibleTextRole).toString().contains("no features"));
  QCOMPARE(shown({.state = VideoState::kWithFile}), QString());
  files.link("v00000", box.path("a.mp4"));
  model.filesChanged();
  QCOMPARE(model.rowCount(), 1);
  QCOMPARE(shown({.to_seconds = 40, .state = VideoState::kWithoutFile}), QString("1"));
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

void TestModels::theViewAsksForVisibleRowsOnly() {
  VideoModel model;
  model.setData(manyVideos(20000));
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
  QVERIFY(asked.rows.contains(19999));
  QVERIFY2(asked.rows.size() <= 60, qPrintable(QString::number(asked.rows.size())));
}

void TestModels::videosSortByEachColumn_data() {
  QTest::addColumn<int>("column");
  QTest::newRow("by id") << static_cast<int>(VideoModel::kId);
  QTest::newRow("by length") << static_cast<int>(VideoModel::kLength);
  QTest::newRow("by number of segments") << static_cast<int>(VideoModel::kSegments);
  QTest::newRow("by subset") << static_cast<int>(VideoModel::kSubset);
}
void TestModels::videosSortByEachColumn() {
  QFETCH(int, column);
  auto data = std::make_shared<LoadedData>(*manyVideos(60));
  for (size_t i = 0; i < data->catalogue.videos.size(); ++i) {
    data->catalogue.videos[i].segments.resize(i * 13 % 5, Segment{0, 1, 0});
  }
  data->catalogue.index();
  VideoModel model;
  QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
  model.setData(data);
  const auto key = [&](int row) -> std::pair<double, std::string> {
    const Video* video = model.videoAt(row);
    switch (column) {
      case VideoModel::kLength: return {video->duration_seconds, ""};
      case VideoModel::kSegments: return {static_cast<double>(video->segments.size()), ""};
      case VideoModel::kSubset: return {0.0, video->subset};
      default: return {0.0, video->id};
    }
  };
  for (const Qt::SortOrder order : {Qt::DescendingOrder, Qt::AscendingOrder}) {
    model.sort(column, order);
    QSet<QString> ids;
    for (int row = 0; row < model.rowCount(); ++row) {
      ids.insert(qText(model.videoAt(row)->id));
      if (row > 0) QVERIFY(order == Qt::AscendingOrder ? key(row - 1) <= key(row) : key(row - 1) >= key(row));
    }
    QCOMPARE(ids.size(), 60);
  }
}

void TestModels::theClassOfAVideoIsItsLongest() {
  auto data = std::make_shared<LoadedData>();
  data->catalogue.classes = {"Archery", "Biking"};
  Video both, none;
  both.id = "both";
  both.segments = {{0, 4, 0}, {5, 15, 1}, {20, 24, 0}};  // 8 s of Archery, 10 s of Biking
  none.id = "none";
  data->catalogue.videos = {both, none};
  data->catalogue.index();
  VideoModel model;
  QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
  model.setData(data);
  QVERIFY(model.data(model.index(0, VideoModel::kId), Qt::AccessibleTextRole).toString().contains("Biking"));
  QVERIFY(model.data(model.index(0, VideoModel::kId), Qt::DecorationRole).isValid());
  QVERIFY(model.data(model.index(1, VideoModel::kId), Qt::AccessibleTextRole).toString().contains("no label"));
  QVERIFY(!model.data(model.index(1, VideoModel::kId), Qt::DecorationRole).isValid());
  model.setFilter({"archery", {}, -1});  // a class it also has
  QCOMPARE(model.rowCount(), 1);
  QCOMPARE(model.rowOf("none"), -1);
  QCOMPARE(model.rowOf("v_both"), 0);  // with or without "v_"
}

void TestModels::noDataIsNoRows() {
  VideoModel model;
  QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
  model.setFilter({"x", {}, -1});
  model.sort(VideoModel::kLength, Qt::DescendingOrder);
  QCOMPARE(model.rowCount(), 0);
  QCOMPARE(model.rowOf("a"), -1);
  QVERIFY(!model.videoAt(0));
}

void TestModels::thePanelSearchesAndFilters() {
  const hvlm::ui::testing::Sandbox box;
  Workspace workspace;
  VideoFiles files(workspace);
  VideosPanel panel(workspace, files);
  panel.resize(300, 400);
  panel.show();
  workspace.openData(hvlm::ui::testing::makeSynth(box));
  QTRY_VERIFY_WITH_TIMEOUT(workspace.data() && !workspace.loading(), kPatience);
  const Catalogue& catalogue = workspace.data()->catalogue;
  QCOMPARE(panel.model()->rowCount(), 24);
  auto* search = panel.findChild<QLineEdit*>("videoSearchEdit");
  auto* subset = panel.findChild<QComboBox*>("subsetCombo");
  auto* classes = panel.findChild<QComboBox*>("classCombo");
  auto* count = panel.findChild<QLabel*>("videoCount");
  auto* table = panel.findChild<QTableView*>("videoTable");
  QVERIFY(search && subset && classes && count && table);
  QCOMPARE(subset->count(), static_cast<int>(catalogue.subsetNames().size()) + 1);
  QCOMPARE(classes->count(), static_cast<int>(catalogue.classes.size()) + 1);
  subset->setCurrentText("validation");
  const int validation = static_cast<int>(catalogue.subset("validation").size());
  QCOMPARE(panel.model()->rowCount(), validation);
  QVERIFY(count->text().startsWith(QString("%1 of 24").arg(validation)));
  subset->setCurrentIndex(0);
  classes->setCurrentIndex(1);
  QVERIFY(panel.model()->rowCount() > 0 && panel.model()->rowCount() < 24);
  classes->setCurrentIndex(0);
  auto* length = panel.findChild<QComboBox*>("lengthCombo");
  auto* state = panel.findChild<QComboBox*>("stateCombo");
  QVERIFY(length && state && length->count() >= 2);
  length->setCurrentIndex(1);
  QVERIFY2(length->currentText().contains(QString("(%1)").arg(panel.model()->rowCount())), qPrintable(length->currentText()));  // as many as it said
  length->setCurrentIndex(0);
  state->setCurrentIndex(state->findText("without a video file"));
  QCOMPARE(panel.model()->rowCount(), 24);
  state->setCurrentIndex(state->findText("with a video file"));
  QCOMPARE(panel.model()->rowCount(), 0);
  state->setCurrentIndex(0);
  const QString id = qText(catalogue.videos[5].id);
  QTest::keyClicks(search, id);
  QTRY_COMPARE_WITH_TIMEOUT(panel.model()->rowCount(), 1, kPatience);
  QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, table->visualRect(panel.model()->index(0, 0)).center());
  QCOMPARE(workspace.videoId(), id);
  search->clear();
  QTRY_COMPARE_WITH_TIMEOUT(panel.model()->rowCount(), 24, kPatience);
  QCOMPARE(table->currentIndex().row(), panel.model()->rowOf(id));  // still the one chosen
  panel.selectNext(1);
  QCOMPARE(workspace.videoId(), qText(panel.model()->videoAt(panel.model()->rowOf(id) + 1)->id));
  for (int i = 0; i < 40; ++i) panel.selectNext(1);
  QCOMPARE(workspace.videoId(), qText(catalogue.videos.back().id));  // the end is the end
}

void TestModels::thePanelSaysWhyItIsEmpty() {
  Workspace workspace;
  VideoFiles files(workspace);
  VideosPanel panel(workspace, files);
  QSignalSpy asked(&panel, &VideosPanel::openDataAsked);
  panel.findChild<QAbstractButton*>("emptyStateButton")->click();
  QCOMPARE(asked.count(), 1);
  QSignalSpy failed(&workspace, &Workspace::dataFailed);
  workspace.openData("/nowhere/dataset.yaml");
  QTRY_COMPARE_WITH_TIMEOUT(failed.count(), 1, kPatience);
  QVERIFY(failed.first().first().toString().contains("/nowhere/dataset.yaml"));
  QVERIFY(!workspace.loading());
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

void TestModels::aReadingOfTheSameRunsKeepsTheSelection() {
  RunModel model;
  QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
  model.setRuns({run("/r/1", "2026-01-01", "healthy", 0.5), run("/r/2", "2026-01-02", "healthy", 0.6)});
  const QPersistentModelIndex kept = model.index(1, 0);
  QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
  QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
  model.setRuns({run("/r/2", "2026-01-02", "healthy", 0.9), run("/r/1", "2026-01-01", "collapsed", 0.1)});
  QCOMPARE(reset.count(), 0);
  QVERIFY(changed.count() >= 1);
  QVERIFY(kept.isValid());
  QCOMPARE(model.folderAt(kept.row()), QString("/r/1"));
  QCOMPARE(model.data(model.index(kept.row(), RunModel::kVerdict), Qt::DisplayRole).toString(), QString("collapsed"));
}

void TestModels::runsSortByEachColumn_data() {
  QTest::addColumn<int>("column");
  QTest::addColumn<QString>("order");  // descending, by the last letter of the folder
  QTest::newRow("by name") << static_cast<int>(RunModel::kName) << "cba";
  QTest::newRow("by state") << static_cast<int>(RunModel::kState) << "bca";
  QTest::newRow("by top-1, runs without one last") << static_cast<int>(RunModel::kTop1) << "bac";
  QTest::newRow("by mAP, runs without one last") << static_cast<int>(RunModel::kMap) << "bac";
  QTest::newRow("by epochs done, as numbers") << static_cast<int>(RunModel::kEpochs) << "cab";
  QTest::newRow("by start, the newest first") << static_cast<int>(RunModel::kCreated) << "acb";
}
void TestModels::runsSortByEachColumn() {
  QFETCH(int, column);
  QFETCH(QString, order);
  RunSummary a = run("/r/a", "2026-03-01", "healthy", 0.2), b = run("/r/b", "2026-01-01", "healthy", 0.3), c = run("/r/c", "2026-02-01", "healthy", 0.9);
  a.state = "done", b.state = "running", c.state = "lost";
  a.record.epochs_done = 9, b.record.epochs_done = 3, c.record.epochs_done = 10;
  c.figures.clear();
  RunModel model;
  QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
  model.setRuns({a, b, c});
  model.sort(column, Qt::DescendingOrder);
  QString shown;
  for (int row = 0; row < 3; ++row) shown += model.folderAt(row).back();
  QCOMPARE(shown, order);
  for (int row = 0; row < 3; ++row) QCOMPARE(model.rowOf(model.folderAt(row)), row);
  if (column == RunModel::kTop1) QCOMPARE(model.data(model.index(2, column), Qt::DisplayRole).toString(), QString::fromUtf8("–"));
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

void TestModels::theBestIsNeverACollapsedRowOrAClaim() {
  ResultModel model;
  QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
  ResultTable table;
  table.columns = {{"Row", 0, true, true}, {"R_x", 2, false, false}};  // lower is better
  table.rows = {tableRow("a", 0.3, false, false), tableRow("b", 0.2, false, false), tableRow("flat", 0.0, true, false),
                tableRow("paper", 0.1, false, true), tableRow("none", std::nullopt, false, false)};
  model.setTable(table);
  const auto bold = [&](int row) { return model.data(model.index(row, 1), Qt::FontRole).value<QFont>().bold(); };
  QVERIFY(bold(1));
  QVERIFY(!bold(0) && !bold(2) && !bold(3) && !bold(4));
  QVERIFY(model.data(model.index(2, 0), Qt::FontRole).value<QFont>().strikeOut());
  QVERIFY(model.data(model.index(2, 0), Qt::ToolTipRole).toString().contains("Collapsed"));
  QVERIFY(!model.data(model.index(3, 0), Qt::FontRole).value<QFont>().strikeOut());
  QVERIFY(model.data(model.index(3, 0), Qt::FontRole).value<QFont>().italic());
  QCOMPARE(model.data(model.index(4, 1), Qt::DisplayRole).toString(), QString::fromUtf8("–"));
  QCOMPARE(model.headerData(1, Qt::Horizontal, Qt::DisplayRole).toString(), QString("R_x"));
  // What is on screen is what the table's own text says.
  for (int row = 0; row < model.rowCount(); ++row) {
    QCOMPARE(model.data(model.index(row, 1), Qt::DisplayRole).toString(),
             qText(cellText(table.columns[1], table.rows[static_cast<size_t>(row)].cells[1])));
  }
}

void TestModels::exportedTextIsThatOfTheTable_data() {
  QTest::addColumn<QString>("suffix");
  QTest::newRow("CSV") << "csv";
  QTest::newRow("Markdown") << "md";
  QTest::newRow("LaTeX") << "tex";
}
void TestModels::exportedTextIsThatOfTheTable() {
  QFETCH(QString, suffix);
  const ResultTable table = reportTable(sampleReport());
  const std::string expected = suffix == "csv" ? tableCsv(table) : suffix == "md" ? tableMarkdown(table) : tableLatex(table);
  QCOMPARE(tableText(table, suffix), expected);
  QVERIFY(expected.size() > 100);
  QVERIFY_THROWS_EXCEPTION(InputError, (void)tableText(table, "doc"));
}

void TestModels::aReportIsShownAsItsTable() {
  const hvlm::ui::testing::Sandbox box;
  QDir().mkpath(box.path("run"));
  writeReport(pathOf(box.path("run")), sampleReport());
  ResultsView view;
  view.resize(600, 300);
  view.show();
  QVERIFY(!view.hasTable());
  view.setRun(box.path("run"));
  QTRY_VERIFY_WITH_TIMEOUT(view.hasTable(), kPatience);
  for (const char* suffix : {"csv", "md", "tex"}) QCOMPARE(tableText(view.table(), suffix), tableText(reportTable(sampleReport()), suffix));
  auto* verdict = view.findChild<QLabel*>("verdictLabel");
  QVERIFY(verdict && verdict->text().contains("healthy"));
  int struck = 0;
  for (int row = 0; row < view.model()->rowCount(); ++row) {
    struck += view.model()->data(view.model()->index(row, 0), Qt::FontRole).value<QFont>().strikeOut();
  }
  QCOMPARE(struck, 1);  // the collapsed control
  view.setRun(QString());
  QVERIFY(!view.hasTable());
}

void TestModels::aRunWithoutReportSaysSo() {
  const hvlm::ui::testing::Sandbox box;
  QDir().mkpath(box.path("run"));
  ResultsView view;
  view.show();
  view.setCanEvaluate(true);
  view.setRun(box.path("run"));
  const auto said = [&] {
    QStringList texts;
    for (const QLabel* label : view.findChildren<QLabel*>()) texts.append(label->text());
    return texts.join('\n');
  };
  QTRY_VERIFY_WITH_TIMEOUT(said().contains("no report yet"), kPatience);
  QSignalSpy asked(&view, &ResultsView::evaluateAsked);
  auto* button = view.findChild<QAbstractButton*>("emptyStateButton");
  QVERIFY(button->isVisible());
  button->click();
  QCOMPARE(asked.count(), 1);
  writeFileAtomic(pathOf(box.path("run/report.json")), "{ half");
  view.refresh();
  QTRY_VERIFY_WITH_TIMEOUT(said().contains("report.json"), kPatience);  // a damaged one is said in the panel
  QVERIFY(!view.hasTable());
}

HVLM_GUI_TEST_MAIN(TestModels)
#include "tst_ui_models.moc"
