// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QComboBox>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QSvgRenderer>
#include <QTabWidget>
#include <QTableView>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "runs/methods.h"
#include "runs/metrics.h"
#include "runs/reproduction.h"
#include "runs/reproduction_plan.h"
#include "runs/run_record.h"
#include "support/atomic_file.h"
#include "support/json_file.h"
#include "support/process.h"
#include "ui/compare/compare_model.h"
#include "ui/compare/compare_page.h"
#include "ui/compare/compare_view.h"
#include "ui/compare/figure_view.h"
#include "ui/compare/reproduction_figure.h"
#include "ui/exports/export_views.h"
#include "ui/results/results_view.h"
#include "ui/runs/run_model.h"
#include "ui/runs/runs_panel.h"
#include "ui/shell/action_list.h"
#include "ui/shell/notice_strip.h"
#include "ui/shell/workers.h"
#include "ui/window/drop.h"
#include "ui/window/main_window.h"
#include "ui_fixtures.h"

using namespace hvlm;
using namespace hvlm::ui;
using namespace hvlm::ui::testing;
using Json = nlohmann::json;

namespace {

constexpr int kPatience = 20000;  // ms

Json report(double value, const std::string& verdict) {
  return {{"temporal_consistency", value},
          {"consistency", {{"raw", 0.9}, {"cac", value / 2}, {"r_x", 0.1}}},
          {"collapse", {{"effective_rank", 10.0 * value}, {"mean_std", 0.3}}},
          {"verdict", verdict},
          {"classification", {{"protocol", "linear probe"}, {"top1", value}, {"probe", value}, {"knn", 0.4}}},
          {"localization_probe", {{"map", {{"0.50", 0.8 * value}}}, {"average_map", 0.05}}},
          {"feature_quality", {{"intra", 0.2}, {"inter", 0.8}, {"separation", 0.6}, {"silhouette", 0.3}}},
          {"parameters", 1000},
          {"videos", 5}};
}

// A finished run of one row, as training and evaluation leave it, of a data set that is not there.
std::filesystem::path makeRun(const std::filesystem::path& out, const std::string& row, uint64_t seed, const Json& content,
                              const std::vector<MetricPoint>& points = {}, const std::string& budget = "quick") {
  const auto run = cellFolder(out, {.row = row, .budget = budget, .seed = seed});
  const RunConfig config = methodConfig(*findMethodRow(row), budgetFile(budget), seed);
  std::filesystem::create_directories(run / "checkpoints");
  RunRecord record = freshRecord(config);
  record.dataset_hash = "d1";
  record.dataset_name = "toy";
  record.state = "done";
  writeRunRecord(run, record);
  writeFileAtomic(run / "config.yaml", configYaml(config));
  writeReport(run, content);
  if (!points.empty()) MetricWriter(run, 0).write(points);
  return run;
}

std::vector<MetricPoint> collapsePoints(double towards, double shift) {
  std::vector<MetricPoint> points;
  for (int epoch = 1; epoch <= 20; ++epoch) {
    const double share = 1.0 - std::exp(-0.25 * epoch);
    const auto add = [&](const char* tag, double value) {
      points.push_back({.segment = 0, .step = epoch * 10, .epoch = static_cast<double>(epoch), .wall_seconds = epoch * 2.0, .tag = tag, .value = value});
    };
    add("holdout/tc", 0.4 + (towards - 0.4) * share + shift);
    add("holdout/r_x", 0.1 + (towards - 0.3) * share + shift);
    if (epoch % 4 == 1) add("holdout/effective_rank", 60.0 - 50.0 * (towards - 0.4) * share + 20 * shift);
  }
  return points;
}

void measureCosts(const std::filesystem::path& out) {
  for (const EfficiencyTask& task : efficiencyTasks(out, 2)) {
    const double slope = task.row == "transformer" ? 1.7 : 1.03;
    Json lengths = Json::array();
    for (const double steps : {250.0, 500.0, 1000.0, 2000.0, 4000.0, 8192.0}) {
      const double seconds = (task.row == "full" ? 0.03 : 0.02) * std::pow(steps / 250.0, slope);
      lengths.push_back({{"steps", steps}, {"seconds", {{"median", seconds}, {"iqr_low", seconds}, {"iqr_high", seconds}}}, {"steps_per_second", steps / seconds},
                         {"videos_per_second", 1.0 / seconds}, {"utilisation", 0.5}, {"peak_bytes", 1e6 * std::pow(steps / 250.0, slope + 0.1)}});
    }
    writeJsonFile(task.file, {{"mixer", task.row == "transformer" ? "full" : "window"}, {"parameters", 2e6}, {"parameters_trainable", 2e6}, {"bytes_fp32", 8e6}, {"bytes_fp16", 4e6},
                              {"flops_per_step", 1e6}, {"slope_time", slope}, {"slope_memory", slope + 0.1}, {"threads", task.threads}, {"lengths", lengths}});
  }
}

// Below `out`: some rows, the Direct Transformer collapsed, MoCo with three seeds, both curves of the collapse, costs.
void writeAll(const std::filesystem::path& out) {
  const Json raw_controls = {{"majority class", {{"classification", {{"top1", 0.07}}}, {"localization", {{"map", {{"0.50", 0.02}}}}}}},
                             {"oracle segments", {{"localization", {{"map", {{"0.50", 0.99}}}}}}}};
  Json raw = report(0.4, "healthy");
  raw["controls"] = raw_controls;
  makeRun(out, "raw", 1, raw);
  makeRun(out, "transformer", 1, report(0.95, "collapsed"));
  for (const uint64_t seed : {1, 2, 3}) makeRun(out, "moco", seed, report(0.5 + 0.02 * static_cast<double>(seed), "healthy"));
  makeRun(out, "recommended", 1, report(0.7, "healthy"));
  for (const uint64_t seed : {1, 2}) {
    const double shift = 0.02 * static_cast<double>(seed);
    makeRun(out, "a04", seed, report(0.97 - shift, "collapsed"), collapsePoints(0.99, -shift));
    makeRun(out, "a05", seed, report(0.6 + shift, "healthy"), collapsePoints(0.65, shift));
  }
  measureCosts(out);
  writeReproduction(out, collectTables(out));
}

// The same, copied from one that is made once; a copy finds its own runs.
void makeReproduction(const std::filesystem::path& out) {
  static const QTemporaryDir made;
  const auto from = pathOf(made.filePath("out"));
  if (!std::filesystem::exists(from)) writeAll(from);
  std::filesystem::copy(from, out, std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
}
void rebuild(const std::filesystem::path& out) { writeReproduction(out, collectTables(out)); }

const ReproductionTable& tableOf(const ReproductionTables& all, const std::string& key) {
  return *std::find_if(all.tables.begin(), all.tables.end(), [&](const ReproductionTable& table) { return table.key == key; });
}

int columnOf(const CompareModel& model, const char* metric, bool claimed) {
  for (size_t i = 0; i < model.table().columns.size(); ++i) {
    if (model.table().columns[i].metric == metric && model.table().columns[i].claimed == claimed) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace

class TestCompare : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init();
  void cleanup();
  void theModelKeepsItsRules();
  void aStruckRowIsNeverBest();
  void claimsLookUnlikeMeasurements();
  void sortingKeepsRanksApart_data();
  void sortingKeepsRanksApart();
  void sortingKeepsTheCell();
  void aTipNamesSeedsRunsAndProblems();
  void aDoubleClickOpensTheOneRun();
  void severalSeedsAskWhichRun();
  void enterOpensTheRunToo();
  void aClaimHasNoRunAndSaysSo();
  void aFreshViewSaysWhatToDo();
  void aFolderWithoutTablesSaysWhatToDo();
  void newTablesAreReadByThemselves();
  void damagedTablesKeepTheOldOnes();
  void aWrongFolderKeepsTheOldOne();
  void bothBudgetsCanBeChosen();
  void tablesAreCopiedInThreeForms();
  void figuresNameTheirRows_data();
  void figuresNameTheirRows();
  void aFigureWithoutDataSaysSo();
  void meansAreOverTheSeedsThatHaveAValue();
  void theProgramDrawsFigures_data();
  void theProgramDrawsFigures();
  void theProgramRefuses_data();
  void theProgramRefuses();
  void theWindowOpensTheRunBehindANumber();
  void theWindowExportsAndRemembers();

 private:
  std::filesystem::path out() const { return pathOf(box_->path("out")); }
  void openIn(CompareView& view) const;
  std::unique_ptr<Sandbox> box_;
};

void TestCompare::init() { box_ = std::make_unique<Sandbox>(); }
void TestCompare::cleanup() {
  Workers::instance().waitForDone();
  box_.reset();
}

void TestCompare::openIn(CompareView& view) const {
  view.resize(1000, 500);
  view.show();
  view.open(box_->path("out"));
  QTRY_VERIFY_WITH_TIMEOUT(view.hasTables(), kPatience);
}

void TestCompare::theModelKeepsItsRules() {
  makeReproduction(out());
  const ReproductionTables all = readReproduction(out());
  CompareModel model;
  QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
  for (const ReproductionTable& table : all.tables) {
    model.setTable(table, qText(all.folder));
    QCOMPARE(model.rowCount(), static_cast<int>(table.table.rows.size()));
    for (int column = -1; column < model.columnCount(); ++column) model.sort(column, Qt::DescendingOrder);
  }
}

void TestCompare::aStruckRowIsNeverBest() {
  makeReproduction(out());
  const ReproductionTables all = readReproduction(out());
  CompareModel model;
  model.setTable(tableOf(all, "main"), qText(all.folder));
  const int column = columnOf(model, "temporal_consistency", false);
  const QModelIndex collapsed = model.index(model.rowOf("transformer"), column);  // 0.95, the highest number of all
  const QModelIndex best = model.index(model.rowOf("recommended"), column);
  QVERIFY(!model.isBest(collapsed));
  QVERIFY(model.data(collapsed, Qt::FontRole).value<QFont>().strikeOut());
  QVERIFY(!model.data(collapsed, Qt::FontRole).value<QFont>().bold());
  QVERIFY(model.headerData(collapsed.row(), Qt::Vertical, Qt::FontRole).value<QFont>().strikeOut());
  QVERIFY(model.isBest(best));
  QVERIFY(model.data(best, Qt::FontRole).value<QFont>().bold());
  QVERIFY(model.data(collapsed, Qt::AccessibleTextRole).toString().contains("collapsed"));
}

void TestCompare::claimsLookUnlikeMeasurements() {
  makeReproduction(out());
  const ReproductionTables all = readReproduction(out());
  CompareModel model;
  model.setTable(tableOf(all, "main"), qText(all.folder));
  const int row = model.rowOf("transformer");
  const QModelIndex claimed = model.index(row, columnOf(model, "temporal_consistency", true));
  QCOMPARE(claimed.data().toString(), QString("0.582"));
  const QFont font = claimed.data(Qt::FontRole).value<QFont>();
  QVERIFY(font.italic() && !font.strikeOut() && !font.bold());  // what the paper says does not collapse with our run
  QVERIFY(claimed.data(Qt::BackgroundRole).value<QColor>().isValid());
  QVERIFY(!model.index(row, claimed.column() - 1).data(Qt::BackgroundRole).isValid());
  for (int each = 0; each < model.rowCount(); ++each) QVERIFY(!model.isBest(model.index(each, claimed.column())));
  const QModelIndex moco = model.index(model.rowOf("moco"), columnOf(model, "temporal_consistency", false));
  QCOMPARE(moco.data().toString(), QString("0.540 ± 0.020"));
  model.setTable(tableOf(all, "efficiency"), qText(all.folder));
  QCOMPARE(model.index(0, model.columnOf("Parameters")).data().toString(), QString::fromUtf8("2\u2009000\u2009000"));
}

void TestCompare::sortingKeepsRanksApart_data() {
  QTest::addColumn<QString>("metric");
  QTest::addColumn<bool>("claimed");
  QTest::addColumn<bool>("descending");
  QTest::addColumn<QString>("first");
  QTest::addColumn<QString>("collapsed_after");  // row that comes before the collapsed one
  QTest::newRow("the best measured row comes first, the collapsed one after all ranked") << "temporal_consistency" << false << true << "recommended" << "raw";
  QTest::newRow("the other way round the collapsed one still comes after") << "temporal_consistency" << false << false << "raw" << "recommended";
  QTest::newRow("claims rank by themselves") << "temporal_consistency" << true << false << "transformer" << "";
}
void TestCompare::sortingKeepsRanksApart() {
  QFETCH(QString, metric);
  QFETCH(bool, claimed);
  QFETCH(bool, descending);
  QFETCH(QString, first);
  QFETCH(QString, collapsed_after);
  makeReproduction(out());
  const ReproductionTables all = readReproduction(out());
  CompareModel model;
  model.setTable(tableOf(all, "main"), qText(all.folder));
  model.sort(columnOf(model, metric.toUtf8().constData(), claimed), descending ? Qt::DescendingOrder : Qt::AscendingOrder);
  QCOMPARE(model.rowOf(first.toStdString()), 0);
  if (!collapsed_after.isEmpty()) QCOMPARE(model.rowOf("transformer"), model.rowOf(collapsed_after.toStdString()) + 1);
  model.sort(-1);
  for (int row = 0; row < model.rowCount(); ++row) QCOMPARE(model.sourceRow(row), static_cast<size_t>(row));
}

void TestCompare::sortingKeepsTheCell() {
  makeReproduction(out());
  CompareView view;
  openIn(view);
  QTableView* table = view.page("main")->view("main");
  CompareModel* model = view.page("main")->model("main");
  const int column = columnOf(*model, "classification", false);
  table->setCurrentIndex(model->index(model->rowOf("moco"), column));
  table->sortByColumn(column, Qt::DescendingOrder);
  QCOMPARE(table->currentIndex(), model->index(model->rowOf("moco"), column));
}

void TestCompare::aTipNamesSeedsRunsAndProblems() {
  makeReproduction(out());
  const ReproductionTables all = readReproduction(out());
  CompareModel model;
  model.setTable(tableOf(all, "main"), qText(all.folder));
  const int column = columnOf(model, "temporal_consistency", false);
  const QString moco = model.index(model.rowOf("moco"), column).data(Qt::ToolTipRole).toString();
  for (const char* part : {"0.52000", "0.54000", "0.56000", "runs/quick/moco/seed-1", "runs/quick/moco/seed-3"}) QVERIFY2(moco.contains(part), qPrintable(moco));
  const QString claim = model.index(model.rowOf("transformer"), columnOf(model, "average", true)).data(Qt::ToolTipRole).toString();
  QVERIFY2(claim.contains("0.593"), qPrintable(claim));  // the stated average is not the mean
}

void TestCompare::aDoubleClickOpensTheOneRun() {
  makeReproduction(out());
  CompareView view;
  openIn(view);
  QTableView* table = view.page("main")->view("main");
  CompareModel* model = view.page("main")->model("main");
  const QModelIndex cell = model->index(model->rowOf("recommended"), columnOf(*model, "classification", false));
  table->scrollTo(cell);
  QSignalSpy asked(&view, &CompareView::openRunAsked);
  QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, table->visualRect(cell).center());
  QCOMPARE(asked.count(), 0);  // one click chooses
  QTest::mouseDClick(table->viewport(), Qt::LeftButton, {}, table->visualRect(cell).center());
  QCOMPARE(asked.count(), 1);
  QCOMPARE(asked.first().first().toString(), box_->path("out/runs/quick/recommended/seed-1"));
}

void TestCompare::severalSeedsAskWhichRun() {
  makeReproduction(out());
  CompareView view;
  openIn(view);
  ComparePage* page = view.page("main");
  QTableView* table = page->view("main");
  CompareModel* model = page->model("main");
  QSignalSpy asked(&view, &CompareView::openRunAsked);
  table->setCurrentIndex(model->index(model->rowOf("moco"), columnOf(*model, "classification", false)));
  page->openRunBehind(table);
  auto* menu = page->findChild<QMenu*>("runsMenu");
  QVERIFY(menu && menu->isVisible());
  QCOMPARE(menu->actions().size(), 3);
  QCOMPARE(asked.count(), 0);
  menu->actions()[1]->trigger();
  menu->close();
  QCOMPARE(asked.count(), 1);
  QCOMPARE(asked.first().first().toString(), box_->path("out/runs/quick/moco/seed-2"));
}

void TestCompare::enterOpensTheRunToo() {
  makeReproduction(out());
  CompareView view;
  ActionList actions(&view);  // its keys, as the window has them
  view.addActions(actions, QString());
  openIn(view);
  QVERIFY(QTest::qWaitForWindowActive(&view));
  QTableView* table = view.page("main")->view("main");
  CompareModel* model = view.page("main")->model("main");
  table->setFocus();
  table->setCurrentIndex(model->index(model->rowOf("recommended"), columnOf(*model, "classification", false)));
  QSignalSpy asked(&view, &CompareView::openRunAsked);
  QTest::keyClick(table, Qt::Key_Return);
  QCOMPARE(asked.count(), 1);
}

void TestCompare::aClaimHasNoRunAndSaysSo() {
  makeReproduction(out());
  CompareView view;
  openIn(view);
  ComparePage* page = view.page("main");
  CompareModel* model = page->model("main");
  QSignalSpy asked(&view, &CompareView::openRunAsked);
  page->view("main")->setCurrentIndex(model->index(model->rowOf("moco"), columnOf(*model, "classification", true)));
  page->openRunBehind(page->view("main"));
  QCOMPARE(asked.count(), 0);
  QVERIFY(view.notice()->isVisible());
  QVERIFY2(view.notice()->text().contains("paper"), qPrintable(view.notice()->text()));
}

void TestCompare::aFreshViewSaysWhatToDo() {
  CompareView view;
  view.show();
  QStringList texts;
  for (const QLabel* label : view.findChildren<QLabel*>()) {
    if (label->isVisible()) texts.append(label->text());
  }
  QVERIFY2(texts.join('\n').contains("hvlm reproduce"), qPrintable(texts.join('\n')));
  QSignalSpy asked(&view, &CompareView::openAsked);
  auto* button = view.findChild<QAbstractButton*>("emptyStateButton");
  QVERIFY(button->isVisible());
  button->click();
  QCOMPARE(asked.count(), 1);
  QVERIFY(!view.currentTable() && !view.currentFigure());
}

void TestCompare::aFolderWithoutTablesSaysWhatToDo() {
  std::filesystem::create_directories(out());
  CompareView view;
  view.show();
  view.open(box_->path("out"));
  QTRY_VERIFY_WITH_TIMEOUT(view.notice()->isVisible(), kPatience);
  QVERIFY2(view.notice()->text().contains("hvlm reproduce"), qPrintable(view.notice()->text()));
  QVERIFY(!view.hasTables());
  makeReproduction(out());  // and takes them once they are there
  QTRY_VERIFY_WITH_TIMEOUT(view.hasTables(), kPatience);
  QVERIFY(!view.notice()->isVisible());
}

void TestCompare::newTablesAreReadByThemselves() {
  makeReproduction(out());
  CompareView view;
  openIn(view);
  CompareModel* model = view.page("main")->model("main");
  const int column = columnOf(*model, "classification", false);
  view.page("main")->view("main")->setCurrentIndex(model->index(model->rowOf("moco"), column));
  makeRun(out(), "simclr", 1, report(0.31, "healthy"));
  for (const uint64_t seed : {1, 2, 3}) writeReport(out() / "runs/quick/moco" / ("seed-" + std::to_string(seed)), report(0.6 + 0.02 * static_cast<double>(seed), "healthy"));
  rebuild(out());
  QTRY_VERIFY_WITH_TIMEOUT(model->rowOf("simclr") >= 0, kPatience);
  QTRY_COMPARE_WITH_TIMEOUT(model->index(model->rowOf("moco"), column).data().toString(), QString("0.640 ± 0.020"), kPatience);
  QCOMPARE(view.page("main")->view("main")->currentIndex(), model->index(model->rowOf("moco"), column));  // the cell chosen stays chosen
}

void TestCompare::damagedTablesKeepTheOldOnes() {
  makeReproduction(out());
  CompareView view;
  openIn(view);
  const int rows = view.page("main")->model("main")->rowCount();
  writeFileAtomic(out() / "tables.json", "{\"main\": [");
  QTRY_VERIFY_WITH_TIMEOUT(view.notice()->isVisible(), kPatience);
  QVERIFY2(view.notice()->text().contains("tables.json"), qPrintable(view.notice()->text()));
  QCOMPARE(view.page("main")->model("main")->rowCount(), rows);
  writeFileAtomic(out() / "tables.json", "{\"main\": []}");
  QTRY_VERIFY_WITH_TIMEOUT(view.notice()->text().contains("schema"), kPatience);
  makeReproduction(out());  // repaired
  QTRY_VERIFY_WITH_TIMEOUT(!view.notice()->isVisible(), kPatience);
  QCOMPARE(view.page("main")->model("main")->rowCount(), rows);
}

void TestCompare::aWrongFolderKeepsTheOldOne() {
  makeReproduction(out());
  CompareView view;
  openIn(view);
  view.open(box_->path("nowhere"));
  QTRY_VERIFY_WITH_TIMEOUT(view.notice()->isVisible(), kPatience);
  QCOMPARE(view.folder(), box_->path("out"));
  Workers::instance().waitForDone();
  QCoreApplication::processEvents();
  makeRun(out(), "simclr", 1, report(0.31, "healthy"));
  rebuild(out());
  QTRY_VERIFY_WITH_TIMEOUT(view.page("main")->model("main")->rowOf("simclr") >= 0, kPatience);  // still followed
  QCOMPARE(view.recent(), QStringList{box_->path("out")});
}

void TestCompare::bothBudgetsCanBeChosen() {
  makeReproduction(out());
  makeRun(out(), "full", 1, report(0.66, "healthy"), {}, "full");
  rebuild(out());
  CompareView view;
  openIn(view);
  auto* budget = view.findChild<QComboBox*>("compareBudget");
  QVERIFY(budget->isVisible());
  CompareModel* model = view.page("main")->model("main");
  QVERIFY(model->rowOf("moco") >= 0);
  budget->setFocus();
  QTest::keyClick(budget, Qt::Key_Down);
  QCOMPARE(view.budget(), QString("full"));
  QVERIFY(model->rowOf("moco") < 0);
  QVERIFY(model->rowOf("full") >= 0);
}

void TestCompare::tablesAreCopiedInThreeForms() {
  makeReproduction(out());
  CompareView view;
  openIn(view);
  const ResultTable& table = view.page("main")->model("main")->table().table;
  for (const char* form : {"csv", "md", "tex"}) {
    view.copyAs(QLatin1String(form));
    QCOMPARE(QGuiApplication::clipboard()->text(), qText(tableText(table, QLatin1String(form))));
  }
}

void TestCompare::figuresNameTheirRows_data() {
  QTest::addColumn<QString>("figure");
  QTest::addColumn<QStringList>("names");
  QTest::newRow("the collapse, its two rows") << "collapse" << QStringList{"4 + temporal loss, no hinge", "Effective rank", "epoch", "mean of 2 seeds"};
  QTest::newRow("the main table, its methods") << "main" << QStringList{"Direct Transformer", "MoCo v2", "claimed by the paper", "collapsed"};
  QTest::newRow("the ablation, its rows") << "ablation" << QStringList{"4 + temporal loss, no hinge"};
  QTest::newRow("the costs, their slopes") << "efficiency" << QStringList{"Direct Transformer", "1.70", "1.03", "8192"};
}
void TestCompare::figuresNameTheirRows() {
  QFETCH(QString, figure);
  QFETCH(QStringList, names);
  makeReproduction(out());
  const ReproductionTables all = readReproduction(out());
  const QByteArray svg = figurePicture(all, *figureKind(figure), "quick", PictureFormat::kSvg);
  QVERIFY(QSvgRenderer(svg).isValid());
  QVERIFY(!svg.contains("<image"));
  const QString text = QString::fromUtf8(svg);
  for (const QString& name : names) QVERIFY2(text.contains(name), qPrintable(name));
  Theme::instance().setKind(ThemeKind::kDark);
  const QByteArray dark = figurePicture(all, *figureKind(figure), "quick", PictureFormat::kSvg);
  Theme::instance().setKind(ThemeKind::kLight);
  QCOMPARE(dark, svg);  // always the light style
}

void TestCompare::aFigureWithoutDataSaysSo() {
  makeRun(out(), "moco", 1, report(0.5, "healthy"));
  rebuild(out());
  const ReproductionTables all = readReproduction(out());
  for (const FigureKind kind : {FigureKind::kCollapse, FigureKind::kAblation, FigureKind::kEfficiency}) {
    QVERIFY(!hasFigure(all, kind, "quick"));
    QVERIFY(figurePicture(all, kind, "quick", PictureFormat::kSvg).contains("yet"));
  }
  QVERIFY(hasFigure(all, FigureKind::kMain, "quick"));
}

void TestCompare::meansAreOverTheSeedsThatHaveAValue() {
  const double nothing = std::nan("");
  const CollapseCurve first{.row = "a04", .name = "", .budget = "", .seed = 1, .run = {}, .epochs = {1, 2, 3}, .tc = {0.2, nothing, 0.6}, .r_x = {}, .effective_rank = {}};
  const CollapseCurve second{.row = "a04", .name = "", .budget = "", .seed = 2, .run = {}, .epochs = {1, 2}, .tc = {0.4, nothing}, .r_x = {}, .effective_rank = {}};
  const MeanCurve mean = meanOverSeeds({&first, &second}, &CollapseCurve::tc);
  QCOMPARE(mean.epochs, (QVector<double>{1, 3}));
  QCOMPARE(mean.values.size(), 2);
  QVERIFY(std::abs(mean.values[0] - 0.3) < 1e-12 && mean.values[1] == 0.6);
}

void TestCompare::theProgramDrawsFigures_data() {
  QTest::addColumn<QString>("figure");
  QTest::addColumn<QString>("format");
  QTest::addColumn<QByteArray>("begins");
  QTest::newRow("the collapse as SVG") << "collapse" << "svg" << QByteArray("<?xml");
  QTest::newRow("the main table as PDF") << "main" << "pdf" << QByteArray("%PDF");
  QTest::newRow("the costs as PNG") << "efficiency" << "png" << QByteArray("\x89PNG");
  QTest::newRow("the ablation of a named budget") << "ablation/quick" << "svg" << QByteArray("<?xml");
}
void TestCompare::theProgramDrawsFigures() {
  QFETCH(QString, figure);
  QFETCH(QString, format);
  QFETCH(QByteArray, begins);
  makeReproduction(out());
  const QString file = box_->path("figure." + format);
  const auto result = hvlm::testing::runProgram("hvlm-workbench", {"--export", "reproduction", "--figure", figure, "--run", box_->path("out"), "--format", format, "--out", file});
  QVERIFY2(result.exit_code == 0, result.err.constData());
  QVERIFY(readFile(pathOf(file)).starts_with(begins.toStdString()));
}

void TestCompare::theProgramRefuses_data() {
  QTest::addColumn<QStringList>("arguments");
  QTest::addColumn<QByteArray>("says");
  QTest::newRow("a figure it does not know") << QStringList{"--figure", "soup", "--format", "svg"} << QByteArray("soup");
  QTest::newRow("no figure") << QStringList{"--format", "svg"} << QByteArray("--figure");
  QTest::newRow("a budget that was not run") << QStringList{"--figure", "main/full", "--format", "svg"} << QByteArray("full");
  QTest::newRow("a format that is no picture") << QStringList{"--figure", "main", "--format", "csv"} << QByteArray("csv");
}
void TestCompare::theProgramRefuses() {
  QFETCH(QStringList, arguments);
  QFETCH(QByteArray, says);
  makeRun(out(), "moco", 1, report(0.5, "healthy"));
  rebuild(out());
  const QString file = box_->path("figure");
  const auto result = hvlm::testing::runProgram("hvlm-workbench", QStringList{"--export", "reproduction", "--run", box_->path("out"), "--out", file} + arguments);
  QCOMPARE(result.exit_code, 1);
  QVERIFY2(result.err.contains(says), result.err.constData());
  QVERIFY(!std::filesystem::exists(pathOf(file)));
}

void TestCompare::theWindowOpensTheRunBehindANumber() {
  makeReproduction(out());
  QueuedPrompts prompts;
  MainWindow window(prompts, Session{});
  window.saveSessionOnClose(false);
  window.resize(1280, 800);
  window.show();
  QCOMPARE(recognise(box_->path("out")).kind, DropKind::kReproduction);
  QCOMPARE(recognise(box_->path("out/tables.json")).path, box_->path("out"));
  window.openPath(box_->path("out/tables.json"));
  QTRY_VERIFY_WITH_TIMEOUT(window.compare().hasTables(), kPatience);
  QCOMPARE(window.tabs().currentWidget(), &window.compare());
  ComparePage* page = window.compare().page("main");
  CompareModel* model = page->model("main");
  page->view("main")->setCurrentIndex(model->index(model->rowOf("recommended"), columnOf(*model, "classification", false)));
  page->openRunBehind(page->view("main"));
  const QString run = box_->path("out/runs/quick/recommended/seed-1");
  QTRY_COMPARE_WITH_TIMEOUT(window.workspace().run(), run, kPatience);
  QCOMPARE(window.tabs().currentWidget(), &window.results());
  QTRY_VERIFY_WITH_TIMEOUT(window.results().hasTable(), kPatience);
  std::filesystem::rename(out() / "runs/quick/raw", out() / "runs/quick/raw-away");
  page->view("main")->setCurrentIndex(model->index(model->rowOf("raw"), columnOf(*model, "classification", false)));
  page->openRunBehind(page->view("main"));
  QTRY_VERIFY_WITH_TIMEOUT(window.compare().notice()->text().contains("raw/seed-1"), kPatience);
  QCOMPARE(window.workspace().run(), run);
}

void TestCompare::theWindowExportsAndRemembers() {
  makeReproduction(out());
  QueuedPrompts prompts;
  MainWindow window(prompts, Session{});
  window.saveSessionOnClose(false);
  window.show();
  prompts.paths.enqueue(box_->path("out"));
  window.actionList()["openReproduction"]->trigger();
  QTRY_VERIFY_WITH_TIMEOUT(window.compare().hasTables(), kPatience);
  const auto written = [&](const char* name) {
    prompts.paths.enqueue(box_->path(name));
    window.actionList()["export"]->trigger();
    const auto file = pathOf(box_->path(name));
    [&] { QTRY_VERIFY_WITH_TIMEOUT(std::filesystem::exists(file), kPatience); }();
    return std::filesystem::exists(file) ? readFile(file) : std::string();
  };
  QCOMPARE(written("main.csv"), tableCsv(window.compare().currentTable()->table));
  QVERIFY(written("main.svg").find("MoCo v2") != std::string::npos);
  window.compare().subTabs().setCurrentIndex(window.compare().subTabs().count() - 1);
  QVERIFY(written("collapse.svg").find("epoch") != std::string::npos);
  const Session last = window.session();
  QCOMPARE(last.reproduction, box_->path("out"));
  const Session read = parseSession(sessionJson(last));
  QCOMPARE(read.recent_reproductions, QStringList{box_->path("out")});
  MainWindow again(prompts, read);
  again.saveSessionOnClose(false);
  again.restore(read);
  QTRY_VERIFY_WITH_TIMEOUT(again.compare().hasTables(), kPatience);
}

HVLM_GUI_TEST_MAIN(TestCompare)
#include "tst_ui_compare.moc"
