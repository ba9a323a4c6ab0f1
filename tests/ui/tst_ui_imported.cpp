// SPDX-License-Identifier: GPL-3.0-or-later
// Runs of another program in the window: their detections beside the truth, and a sentence wherever a model would be needed.
#include <QComboBox>
#include <QFile>
#include <QSlider>
#include <QSignalSpy>
#include <QTableView>
#include <QTreeWidget>
#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "jobs/foreign_run.h"
#include "made_annotations.h"
#include "runs/export.h"
#include "support/atomic_file.h"
#include "ui/compare/compare_view.h"
#include "ui/curves/curves_view.h"
#include "ui/detections/stored_detections.h"
#include "ui/exports/export_command.h"
#include "ui/look/pyramid_view.h"
#include "ui/look/similarity_view.h"
#include "ui/player/overlay.h"
#include "ui/runs/run_model.h"
#include "ui/runs/run_table.h"
#include "ui/shell/elided_label.h"
#include "ui/shell/empty_state.h"
#include "ui/shell/workers.h"
#include "ui/style/class_colours.h"
#include "ui/timeline/timeline_panel.h"
#include "ui/window/main_window.h"
#include "ui_fixtures.h"

using namespace hvlm;
using namespace hvlm::ui;
using namespace hvlm::ui::testing;

namespace {

constexpr int kPatience = 20000;  // ms

// `one`: run found exactly, jump taken for swim. `two`: swim found with a tIoU of 9/10, and a late one that is false.
const char* const kResults = R"({"version": "VERSION 1.3", "results": {
  "one": [{"label": "swim", "score": 0.8, "segment": [5, 9]}, {"label": "run", "score": 1.0, "segment": [0, 4]}],
  "two": [{"label": "swim", "score": 0.7, "segment": [2, 11]}, {"label": "swim", "score": 0.1, "segment": [15, 16]}]}, "external_data": {}})";

std::vector<RowKind> kindsOf(const std::vector<TimelineRow>& rows) {
  std::vector<RowKind> kinds;
  for (const TimelineRow& row : rows) kinds.push_back(row.kind);
  return kinds;
}

}  // namespace

class TestImported : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase();
  void cleanup() { Workers::instance().waitForDone(); }
  void detectionsAreThoseOfTheVideo();
  void aRunWithoutCheckpointGivesItsOwn();
  void aRunWithoutAnythingGivesNone();
  void theTimelineHasLanesWithoutAModel();
  void theLaneIsPainted();
  void theLineUnderThePointerTells();
  void theVideoShowsThem();
  void theWindowShowsThem();
  void theyStandBesideOwnRuns();
  void aVideoOfAnotherSubsetHasNone();
  void filesAreWrittenWithoutTheWindow();

 private:
  const Video& video(const char* id) const { return *set_->catalogue.find(id); }
  std::shared_ptr<const StoredDetections> stored(const char* id) const { return StoredRun(run_).of(video(id)); }
  std::unique_ptr<MainWindow> opened(QueuedPrompts& prompts);

  Sandbox box_;
  std::unique_ptr<hvlm::testing::MadeAnnotations> set_;
  QString dataset_, run_;
};

void TestImported::initTestCase() {
  set_ = std::make_unique<hvlm::testing::MadeAnnotations>();
  dataset_ = qText(set_->path("dataset.yaml"));
  run_ = qText(set_->path("theirs"));
  importForeignRun({.file = set_->write("results.json", kResults), .data = set_->path("dataset.yaml"), .out = pathOf(run_)});
}

void TestImported::detectionsAreThoseOfTheVideo() {
  const auto one = stored("one");
  QVERIFY(one && one->searched && one->imported());
  QCOMPARE(one->source, QString("results.json"));
  QCOMPARE(one->detections.size(), size_t{2});
  QCOMPARE(one->detections[0].score, 1.0);  // the best first, whatever the order of the file
  QCOMPARE(one->classes[static_cast<size_t>(one->detections[0].label)], std::string("run"));
  QCOMPARE(one->classes[static_cast<size_t>(one->detections[1].label)], std::string("swim"));
  QVERIFY2(one->whyNoModel().contains("imported run: no model"), qPrintable(one->whyNoModel()));
  // A video of the subset that the other program found nothing in was searched all the same.
  const auto three = stored("three");
  QVERIFY(three && three->searched && three->detections.empty());
  const auto four = stored("four");
  QVERIFY(four && !four->searched && four->detections.empty());
  // The same reader goes on from video to video, and sees a file that was written anew.
  StoredRun reader(run_);
  QCOMPARE(reader.of(video("two"))->detections.size(), size_t{2});
  QCOMPARE(reader.of(video("one"))->detections.size(), size_t{2});
}

void TestImported::aRunWithoutCheckpointGivesItsOwn() {
  const std::filesystem::path run = set_->path("own");
  RunRecord record = freshRecord(RunConfig());
  record.state = "done";
  writeRunRecord(run, record);
  QVERIFY(!StoredRun(qText(run)).of(video("two")));  // nothing predicted yet
  StoredRun reader(qText(run));
  writePredictions(run / "predictions" / "validation.json", {{"two", {{1.0, 3.0, 0.5, "jump"}}}});
  const auto found = reader.of(video("two"));
  QVERIFY(found && found->searched && !found->imported());
  QCOMPARE(found->detections.size(), size_t{1});
  QVERIFY2(found->whyNoModel().contains("no checkpoint"), qPrintable(found->whyNoModel()));
  writePredictions(run / "predictions" / "validation.json", {{"two", {{1.0, 3.0, 0.5, "jump"}, {4.0, 5.0, 0.25, "run"}}}});
  QCOMPARE(reader.of(video("two"))->detections.size(), size_t{2});
}

void TestImported::aRunWithoutAnythingGivesNone() {
  QVERIFY(!StoredRun(qText(set_->path("nowhere"))).of(video("two")));
  writeFileAtomic(set_->path("torn/run.json"), "{");
  QVERIFY(!hvlm::testing::refusalOf([&] { StoredRun(qText(set_->path("torn"))).of(video("two")); }).isEmpty());
}

void TestImported::theTimelineHasLanesWithoutAModel() {
  const auto found = stored("one");
  const TimelineContent content = makeContent(video("one"), set_->catalogue.classes, nullptr, found.get());
  QVERIFY(content.searched && content.levels() == 0);
  QCOMPARE(content.detections.size(), size_t{2});
  QCOMPARE(content.classes[content.detections[0].label], QString("run"));
  QCOMPARE(kindsOf(layoutRows(content, {}, 600)),
           (std::vector{RowKind::kOverview, RowKind::kRuler, RowKind::kTruth, RowKind::kPredictions, RowKind::kAbsent, RowKind::kAbsent}));
  TimelineOptions bare;
  bare.attention = false;
  QCOMPARE(layoutRows(content, bare, 600).size(), size_t{5});
  const Matching matching = matchDetections(content.detections, content.truth, 0.2, 0.5, kPredictionLanes);
  QCOMPARE(matching.matched, int64_t{1});
  QCOMPARE(matching.false_ones, int64_t{1});
  QVERIFY(!matching.missed[0] && matching.missed[1]);
  // Without a run there is nothing to say about a model.
  QCOMPARE(kindsOf(layoutRows(makeContent(video("one"), set_->catalogue.classes, nullptr), {}, 600)),
           (std::vector{RowKind::kOverview, RowKind::kRuler, RowKind::kTruth, RowKind::kPredictions}));
}

void TestImported::theLaneIsPainted() {
  const auto found = stored("one");
  const auto pixel = [&](const StoredDetections* given, double seconds) {
    TimelineView view;
    view.resize(1000, 300);
    view.setContent(makeContent(video("one"), set_->catalogue.classes, nullptr, given), false);
    const QImage image = view.grab().toImage().convertToFormat(QImage::Format_RGB32);
    const auto row = std::find_if(view.rows().begin(), view.rows().end(), [](const TimelineRow& r) { return r.kind == RowKind::kPredictions; });
    return QColor(image.pixel(static_cast<int>(view.scale().pixelAt(seconds)), row->top + kLaneHeight - 3));
  };
  QCOMPARE(pixel(found.get(), 3.5), classColour("run"));  // a score of 1 is the full colour
  QVERIFY(pixel(nullptr, 3.5) != classColour("run"));
  QVERIFY(pixel(found.get(), 4.5) != classColour("run"));
}

void TestImported::theLineUnderThePointerTells() {
  const auto found = stored("one");
  TimelineView view;
  view.resize(1000, 300);
  view.setContent(makeContent(video("one"), set_->catalogue.classes, nullptr, found.get()), false);
  const auto tell = [&](RowKind kind, double seconds) {
    const auto row = std::find_if(view.rows().begin(), view.rows().end(), [&](const TimelineRow& r) { return r.kind == kind; });
    return readOut(view.content(), view.matching(), view.rows(), view.scale(), QPointF(view.scale().pixelAt(seconds), row->top + 4));
  };
  const QString hit = tell(RowKind::kPredictions, 2.0);
  QVERIFY2(hit.contains("run 1.000") && hit.contains("IoU 1.00") && hit.contains("matched"), qPrintable(hit));
  QVERIFY2(tell(RowKind::kPredictions, 7.0).contains("false"), qPrintable(tell(RowKind::kPredictions, 7.0)));
  QVERIFY2(tell(RowKind::kTruth, 7.0).contains("missed"), qPrintable(tell(RowKind::kTruth, 7.0)));
  QCOMPARE(tell(RowKind::kAbsent, 7.0), timeText(7.0));
}

void TestImported::theVideoShowsThem() {
  const auto found = stored("two");
  const VideoOverlay at = overlayAt(&video("two"), set_->catalogue.classes, nullptr, 0.0f, 5.0, found.get());
  QCOMPARE(at.predictions, QStringList{"swim 0.70"});
  QVERIFY(at.attention < 0.0);
  QVERIFY(overlayAt(&video("two"), set_->catalogue.classes, nullptr, 0.0f, 13.0, found.get()).predictions.isEmpty());
}

std::unique_ptr<MainWindow> TestImported::opened(QueuedPrompts& prompts) {
  auto window = std::make_unique<MainWindow>(prompts, Session{});
  window->saveSessionOnClose(false);
  window->resize(1280, 800);
  window->show();
  window->openData(dataset_);
  window->openRuns(run_);
  (void)QTest::qWaitFor([&] { return window->workspace().stored() != nullptr; }, kPatience);
  return window;
}

void TestImported::theWindowShowsThem() {
  QueuedPrompts prompts;
  const auto window = opened(prompts);
  Workspace& workspace = window->workspace();
  QVERIFY(workspace.stored());
  workspace.selectVideo("two");
  QVERIFY(!workspace.stored());  // not those of the video before
  QTRY_VERIFY_WITH_TIMEOUT(workspace.stored() && workspace.stored()->video == "two", kPatience);
  TimelinePanel& timeline = window->timeline();
  QCOMPARE(timeline.view()->matching().matched, int64_t{1});
  const auto* detail = timeline.findChild<ElidedLabel*>("timelineDetail");
  QVERIFY2(detail->text().contains("imported from results.json") && detail->text().contains("1 matched, 0 false, 0 missed"), qPrintable(detail->text()));
  timeline.findChild<QSlider*>("tiouSlider")->setValue(95);
  QCOMPARE(timeline.view()->matching().matched, int64_t{0});
  QVERIFY2(detail->text().contains("0 matched, 1 false, 1 missed"), qPrintable(detail->text()));
  timeline.findChild<QSlider*>("thresholdSlider")->setValue(5);
  QCOMPARE(timeline.view()->matching().false_ones, int64_t{2});
  // Where a model is needed, a sentence says that there is none.
  QVERIFY2(window->findChild<PyramidView*>()->emptyText().contains("no model"), qPrintable(window->findChild<PyramidView*>()->emptyText()));
  QVERIFY(window->findChild<SimilarityView*>()->emptyText().contains("no model"));
  auto* tree = window->findChild<QTreeWidget*>("inspectorTree");
  QCOMPARE(tree->findItems("results.json", Qt::MatchExactly | Qt::MatchRecursive, 1).size(), 1);
  // The list says what the run is, and nothing offers to evaluate it.
  auto* runs = window->findChild<RunModel*>();
  QTRY_VERIFY_WITH_TIMEOUT(runs->rowOf(run_) >= 0, kPatience);
  QCOMPARE(runs->index(runs->rowOf(run_), RunModel::kState).data().toString(), QString("imported"));
  QCOMPARE(runs->index(runs->rowOf(run_), RunModel::kEpochs).data().toString(), QString("–"));
  auto* evaluate = window->findChild<QAbstractButton*>("evaluateButton");
  QVERIFY(evaluate);
  QTRY_VERIFY(!evaluate->isEnabled());
}

// The tab Compare sets them beside a run of ours, with the difference to them, and says what an import cannot have.
void TestImported::theyStandBesideOwnRuns() {
  const QString ours = qText(set_->path("beside/ours")), theirs = qText(set_->path("beside/theirs"));
  RunRecord record = freshRecord(tinyConfig(2));
  record.state = "done";
  writeRunRecord(pathOf(ours), record);
  writeFileAtomic(pathOf(ours) / "config.yaml", configYaml(tinyConfig(2)));
  writeReport(pathOf(ours), {{"localization", {{"average_map", 0.875}, {"map", {{"0.50", 0.9375}}}}}, {"classification", {{"top1", 0.75}}}, {"verdict", "healthy"}});
  importForeignRun({.file = set_->path("results.json"), .data = set_->path("dataset.yaml"), .out = pathOf(theirs), .name = "Another tool"});
  QueuedPrompts prompts;
  MainWindow window(prompts, Session{});
  window.saveSessionOnClose(false);
  window.resize(1280, 800);
  window.show();
  window.openData(dataset_);
  window.openRuns(qText(set_->path("beside")));
  auto* model = window.findChild<RunModel*>();
  QTRY_COMPARE_WITH_TIMEOUT(model->rowCount(), 2, kPatience);
  model->setTicked({ours, theirs});
  QTRY_COMPARE_WITH_TIMEOUT(window.runTable().table().rows.size(), size_t{2}, kPatience);
  window.runTable().setBaseline(theirs);
  QTRY_COMPARE(window.runTable().baseline(), theirs);
  window.tabs().setCurrentWidget(&window.compare());
  QVERIFY(window.compare().showsRuns());
  const ResultTable& table = window.runTable().table();
  const auto cell = [&](const char* name, const char* column) {
    const auto row = std::find_if(table.rows.begin(), table.rows.end(), [&](const TableRow& r) { return r.cells.front().text == name; });
    const auto at = std::find_if(table.columns.begin(), table.columns.end(), [&](const TableColumn& c) { return c.title == column; });
    return row == table.rows.end() || at == table.columns.end() ? TableCell{.text = "no such cell"} : row->cells[static_cast<size_t>(at - table.columns.begin())];
  };
  QCOMPARE(cell("ours", "average mAP").value.value_or(-1.0), 0.875);
  const std::optional<double> scored = cell("Another tool", "average mAP").value;
  QVERIFY2(scored && *scored > 0.0 && *scored < 1.0, cell("Another tool", "average mAP").text.c_str());
  QCOMPARE(cell("ours", "Δ average mAP").value.value_or(-1.0), 0.875 - *scored);
  QCOMPARE(cell("Another tool", "top-1").text, std::string("not measured"));
  if (const QString folder = qEnvironmentVariable("HVLM_PICTURES"); !folder.isEmpty()) QVERIFY(window.grab().save(folder + "/imported-runs.png"));
}

void TestImported::aVideoOfAnotherSubsetHasNone() {
  QueuedPrompts prompts;
  const auto window = opened(prompts);
  window->workspace().selectVideo("four");
  QTRY_VERIFY_WITH_TIMEOUT(window->workspace().stored() && window->workspace().stored()->video == "four", kPatience);
  const TimelineContent& content = window->timeline().view()->content();
  QVERIFY(!content.searched && !content.no_model.isEmpty());
  QVERIFY(!window->timeline().findChild<ElidedLabel*>("timelineDetail")->text().contains("missed"));
}

void TestImported::filesAreWrittenWithoutTheWindow() {
  ExportRequest request;
  request.run = run_;
  request.data = dataset_;
  request.video = "two";
  request.what = "timeline";
  request.format = "csv";
  request.out = box_.path("timeline.csv");
  exportFile(request);
  QFile file(request.out);
  QVERIFY(file.open(QIODevice::ReadOnly));
  const QByteArray csv = file.readAll();
  QVERIFY2(csv.contains("found,,0,2,11,\"swim\",0.7"), csv.constData());
  QVERIFY(!csv.contains("cell,"));
  request.format = "svg";
  request.out = box_.path("timeline.svg");
  exportFile(request);
  QFile picture(request.out);
  QVERIFY(picture.open(QIODevice::ReadOnly));
  QVERIFY(picture.readAll().contains("imported run: no model"));
}

HVLM_GUI_TEST_MAIN(TestImported)
#include "tst_ui_imported.moc"
