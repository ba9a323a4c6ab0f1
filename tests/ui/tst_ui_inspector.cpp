// SPDX-License-Identifier: GPL-3.0-or-later
// What is selected, in the inspector: a segment of the timeline, the run shown and how it differs from another; runs in the list with
// their tags and the colour of their curves.
#include <QColorDialog>
#include <QComboBox>
#include <QSignalSpy>
#include <QTreeWidget>
#include <fstream>
#include <nlohmann/json.hpp>

#include "runs/run_notes.h"
#include "runs/run_record.h"
#include "ui/curves/curve_store.h"
#include "ui/curves/curves_view.h"
#include "ui/inspector/inspector_panel.h"
#include "ui/runs/run_model.h"
#include "ui/runs/run_table.h"
#include "ui/runs/runs_panel.h"
#include "ui/shell/action_list.h"
#include "ui/shell/history.h"
#include "ui/shell/workers.h"
#include "ui/timeline/timeline_panel.h"
#include "ui/window/main_window.h"
#include "ui_fixtures.h"

using namespace hvlm;
using namespace hvlm::ui;
using namespace hvlm::ui::testing;

namespace {

constexpr int kLong = 30000;  // ms; an upper bound for a state that must come

// The value beside a name, in a group whose title begins so; empty when there is none.
QString shown(const QTreeWidget& tree, const QString& group, const QString& name) {
  for (int i = 0; i < tree.topLevelItemCount(); ++i) {
    const QTreeWidgetItem* top = tree.topLevelItem(i);
    if (!top->text(0).startsWith(group)) continue;
    for (int k = 0; k < top->childCount(); ++k) {
      if (top->child(k)->text(0) == name) return top->child(k)->text(1);
    }
  }
  return {};
}

}  // namespace

class TestInspector : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init();
  void cleanup();
  void aClickedSegmentIsShown();
  void aSegmentFollowsTheThresholds();
  void theRunIsShownWithItsFiguresAndConfig();
  void theRunIsComparedWithTheBaselineOrAChosenOne();
  void aRunThatCannotBeReadSaysWhy();
  void runsHaveTagsInAColumn();
  void runsKeepTheirColour();
  void theSwatchIsTheCurvesColour();
  void aColourCanBeChosenAndUndone();

 private:
  QString makeRun(const QString& name, double learning_rate, double top1);
  QTreeWidget& tree() { return *window_->findChild<QTreeWidget*>("inspectorTree"); }
  void openSynth();
  // A click in the middle of a segment of the truth, or of a prediction of the first lane.
  void click(RowKind kind, double seconds);
  std::unique_ptr<Sandbox> box_;
  std::unique_ptr<QueuedPrompts> prompts_;
  std::unique_ptr<MainWindow> window_;
};

void TestInspector::init() {
  box_ = std::make_unique<Sandbox>();
  prompts_ = std::make_unique<QueuedPrompts>();
  window_ = std::make_unique<MainWindow>(*prompts_, Session{});
  window_->saveSessionOnClose(false);
  window_->resize(1280, 800);
  window_->show();
  QVERIFY(QTest::qWaitForWindowActive(window_.get()));
}

void TestInspector::cleanup() {
  window_.reset();
  Workers::instance().waitForDone();
  prompts_.reset();
  box_.reset();
}

void TestInspector::openSynth() {
  window_->openData(makeSynth(*box_));
  QTRY_VERIFY_WITH_TIMEOUT(window_->workspace().video(), kLong);
}

QString TestInspector::makeRun(const QString& name, double learning_rate, double top1) {
  const std::filesystem::path folder = pathOf(box_->path("runs/" + name));
  std::filesystem::create_directories(folder);
  RunConfig config = tinyConfig(3);
  config.train.lr = learning_rate;
  RunRecord record = freshRecord(config);
  record.name = stdText(name);
  record.state = "done";
  record.epochs_done = record.total_epochs = 3;
  record.dataset_name = "synth";
  writeRunRecord(folder, record);
  std::ofstream(folder / "config.yaml") << configYaml(config);
  writeReport(folder, {{"classification", {{"top1", top1}}}});
  return qText(folder);
}

void TestInspector::click(RowKind kind, double seconds) {
  TimelineView* view = window_->timeline().view();
  const auto row = std::find_if(view->rows().begin(), view->rows().end(), [kind](const TimelineRow& each) { return each.kind == kind; });
  QVERIFY(row != view->rows().end());
  QTest::mouseClick(view, Qt::LeftButton, {}, QPointF(view->scale().pixelAt(seconds), row->top + row->height / 4.0).toPoint());
}

void TestInspector::aClickedSegmentIsShown() {
  openSynth();
  const Video& video = *window_->workspace().video();
  const Segment segment = video.segments.front();
  VideoInspection seen = makeInspection(static_cast<int64_t>(video.duration_seconds));
  seen.video = video.id;
  seen.classes = window_->workspace().data()->catalogue.classes;
  const double length = segment.end_seconds - segment.start_seconds;
  seen.detections = {{segment.start_seconds, segment.start_seconds + 0.8 * length, segment.label, 0.9}};
  window_->workspace().setInspection(std::make_shared<VideoInspection>(seen));
  const double middle = segment.start_seconds + length / 3.0;
  click(RowKind::kTruth, middle);
  const QString label = qText(seen.classes[static_cast<size_t>(segment.label)]);
  QCOMPARE(shown(tree(), "Annotated segment", "label"), label);
  QCOMPARE(shown(tree(), "Annotated segment", "verdict"), QString("matched"));
  QVERIFY2(shown(tree(), "Annotated segment", "IoU").startsWith("0.8") || shown(tree(), "Annotated segment", "IoU").startsWith("0.7"), qPrintable(shown(tree(), "Annotated segment", "IoU")));
  click(RowKind::kPredictions, middle);
  QCOMPARE(shown(tree(), "Predicted segment", "label"), label);
  QCOMPARE(shown(tree(), "Predicted segment", "score"), QLocale().toString(0.9, 'f', 3));
  QCOMPARE(shown(tree(), "Predicted segment", "verdict"), QString("matched"));
  QVERIFY(!shown(tree(), "Predicted segment", "annotation").isEmpty());
  QVERIFY(shown(tree(), "Annotated segment", "label").isEmpty());  // one at a time
  click(RowKind::kRuler, middle);
  QVERIFY(shown(tree(), "Predicted segment", "label").isEmpty());
}

void TestInspector::aSegmentFollowsTheThresholds() {
  openSynth();
  const Video& video = *window_->workspace().video();
  const Segment segment = video.segments.front();
  VideoInspection seen = makeInspection(static_cast<int64_t>(video.duration_seconds));
  seen.video = video.id;
  seen.classes = window_->workspace().data()->catalogue.classes;
  seen.detections = {{segment.start_seconds, segment.end_seconds, segment.label, 0.5}};
  window_->workspace().setInspection(std::make_shared<VideoInspection>(seen));
  click(RowKind::kTruth, (segment.start_seconds + segment.end_seconds) / 2.0);
  QCOMPARE(shown(tree(), "Annotated segment", "verdict"), QString("matched"));
  window_->timeline().setThreshold(0.8);
  QCOMPARE(shown(tree(), "Annotated segment", "verdict"), QString("missed"));
  QCOMPARE(shown(tree(), "Annotated segment", "IoU"), QStringLiteral("–"));
  window_->workspace().selectVideo(qText(window_->workspace().data()->catalogue.videos.back().id));
  QVERIFY(shown(tree(), "Annotated segment", "label").isEmpty());
}

void TestInspector::theRunIsShownWithItsFiguresAndConfig() {
  const QString run = makeRun("0001", 1e-3, 0.75);
  window_->openRuns(run);
  QTRY_COMPARE_WITH_TIMEOUT(shown(tree(), "Run", "state"), QString("done"), kLong);
  QCOMPARE(shown(tree(), "Run", "epochs"), QString("3/3"));
  QCOMPARE(shown(tree(), "Run", "top1"), QLocale().toString(0.75, 'f', 4));
  QCOMPARE(shown(tree(), "Config", "train.epochs"), QString("3"));
  // It changed: read again.
  RunRecord record = readRunRecord(pathOf(run));
  record.state = "failed";
  writeRunRecord(pathOf(run), record);
  window_->findChild<InspectorPanel*>()->refreshRun();
  QTRY_COMPARE_WITH_TIMEOUT(shown(tree(), "Run", "state"), QString("failed"), kLong);
}

void TestInspector::theRunIsComparedWithTheBaselineOrAChosenOne() {
  const QString first = makeRun("0001", 1e-3, 0.75), second = makeRun("0002", 2e-3, 0.5), third = makeRun("0003", 1e-3, 0.25);
  window_->openRuns(box_->path("runs"));
  window_->openRun(first);
  QTRY_COMPARE_WITH_TIMEOUT(shown(tree(), "Run", "run"), QString("0001"), kLong);
  auto* other = window_->findChild<QComboBox*>("inspectorOtherRun");
  QTRY_COMPARE_WITH_TIMEOUT(other->count(), 4, kLong);  // the baseline, or one of three
  const auto differs = [this](const QString& name) { return shown(tree(), "Differs from " + name, "train.lr"); };
  QVERIFY(differs("0002").isEmpty());
  window_->runTable().setBaseline(second);
  QTRY_VERIFY_WITH_TIMEOUT(!differs("0002").isEmpty(), kLong);
  QVERIFY2(differs("0002").contains("there 0.002"), qPrintable(differs("0002")));
  QVERIFY2(shown(tree(), "Run", "top1").contains("there"), qPrintable(shown(tree(), "Run", "top1")));
  QVERIFY(shown(tree(), "Differs from 0002", "train.epochs").isEmpty());  // the same there
  other->setCurrentIndex(other->findData(third));
  Q_EMIT other->activated(other->currentIndex());
  QTRY_COMPARE_WITH_TIMEOUT(shown(tree(), "Differs from 0003", "options"), QString("the same"), kLong);
}

void TestInspector::aRunThatCannotBeReadSaysWhy() {
  const QString run = makeRun("0001", 1e-3, 0.75);
  std::ofstream(pathOf(run) / "config.yaml") << "train: [";
  window_->workspace().setRun(run);
  QTRY_VERIFY_WITH_TIMEOUT(shown(tree(), "Run", "problem").contains("config.yaml"), kLong);
}

void TestInspector::runsHaveTagsInAColumn() {
  const QString run = makeRun("0001", 1e-3, 0.75);
  makeRun("0002", 1e-3, 0.5);
  RunNotes notes;
  notes.tags = {"good", "paper"};
  writeRunNotes(pathOf(run), notes);
  window_->openRuns(box_->path("runs"));
  RunModel* model = window_->runs().model();
  QTRY_COMPARE_WITH_TIMEOUT(model->rowCount(), 2, kLong);
  QCOMPARE(model->headerData(RunModel::kTags, Qt::Horizontal, Qt::DisplayRole).toString(), QString("Tags"));
  QCOMPARE(model->index(model->rowOf(run), RunModel::kTags).data().toString(), QString("good, paper"));
  model->sort(RunModel::kTags, Qt::DescendingOrder);
  QCOMPARE(model->folderAt(0), run);
}

void TestInspector::runsKeepTheirColour() {
  const Tokens& t = tokensOf(ThemeKind::kLight);
  RunColours colours;
  colours.show({"a", "b", "c"});
  QCOMPARE(colours.colour("b", t), t.series[1]);
  colours.show({"c", "b"});  // another order, and one is gone
  QCOMPARE(colours.colour("b", t), t.series[1]);
  QCOMPARE(colours.colour("c", t), t.series[2]);
  colours.show({"d", "c", "b"});  // the new one takes the place that is free
  QCOMPARE(colours.colour("d", t), t.series[0]);
  QStringList many;
  for (int i = 0; i < 12; ++i) many.append(QStringLiteral("run %1").arg(i));
  RunColours full;
  full.show(many);
  QCOMPARE(full.colour(many[10], t), t.series[0]);  // the eleventh has the first colour, in dashes
  QCOMPARE(full.dash(many[9]), 0);
  QCOMPARE(full.dash(many[10]), 1);
  full.choose(many[10], QColor("#123456"));
  QCOMPARE(full.colour(many[10], t), QColor("#123456"));
  full.choose(many[10], QColor());
  QCOMPARE(full.colour(many[10], t), t.series[0]);
}

void TestInspector::theSwatchIsTheCurvesColour() {
  const QString first = makeRun("0001", 1e-3, 0.75), second = makeRun("0002", 2e-3, 0.5);
  window_->openRuns(box_->path("runs"));
  RunModel* model = window_->runs().model();
  QTRY_COMPARE_WITH_TIMEOUT(model->rowCount(), 2, kLong);
  const auto swatch = [&](const QString& folder) { return model->index(model->rowOf(folder), RunModel::kName).data(Qt::DecorationRole).value<QIcon>(); };
  model->setTicked({first});
  QVERIFY(swatch(first).isNull());  // alone its colours tell the terms
  model->setTicked({first, second});
  for (const QString& folder : {first, second}) {
    QVERIFY(!swatch(folder).isNull());
    const QImage picture = swatch(folder).pixmap(24, 24).toImage();
    QCOMPARE(picture.pixelColor(1, picture.height() / 2).name(), window_->curves().runColours().colour(folder, tokens()).name());
  }
  QVERIFY(window_->curves().runColours().colour(first, tokens()) != window_->curves().runColours().colour(second, tokens()));
}

void TestInspector::aColourCanBeChosenAndUndone() {
  const QString first = makeRun("0001", 1e-3, 0.75), second = makeRun("0002", 2e-3, 0.5);
  window_->openRuns(box_->path("runs"));
  QTRY_COMPARE_WITH_TIMEOUT(window_->runs().model()->rowCount(), 2, kLong);
  window_->runs().model()->setTicked({first, second});
  window_->runs().showCurrent(second);
  const auto colour = [&] { return window_->curves().runColours().colour(second, tokens()); };
  const QColor before = colour();
  window_->actionList()["colourRun"]->trigger();
  auto* dialog = window_->findChild<QColorDialog*>("runColourDialog");
  QVERIFY(dialog);
  dialog->setCurrentColor(QColor("#aa22cc"));
  dialog->accept();
  QCOMPARE(colour(), QColor("#aa22cc"));
  QCOMPARE(parseSession(sessionJson(window_->session())).run_colours.value(second), QString("#aa22cc"));
  window_->history().undo();
  QCOMPARE(colour(), before);
  window_->history().redo();
  QCOMPARE(colour(), QColor("#aa22cc"));
  window_->actionList()["standardColourRun"]->trigger();
  QCOMPARE(colour(), before);
}

HVLM_GUI_TEST_MAIN(TestInspector)
#include "tst_ui_inspector.moc"
