// SPDX-License-Identifier: GPL-3.0-or-later
// What is chosen in one figure is chosen in the others: pyramid, timeline and inspector; confusions, neighbours and lines that lead to videos and runs.
#include <QComboBox>
#include <QSignalSpy>
#include <QTabWidget>
#include <QTableWidget>
#include <QTreeWidget>
#include <nlohmann/json.hpp>
#include <span>

#include "jobs/embedding_file.h"
#include "made_annotations.h"
#include "runs/run_record.h"
#include "score/embedding_map.h"
#include "support/atomic_file.h"
#include "ui/look/features_panel.h"
#include "ui/look/parallel_view.h"
#include "ui/look/pyramid_panel.h"
#include "ui/runs/run_model.h"
#include "ui/runs/run_table.h"
#include "ui/runs/runs_panel.h"
#include "ui/shell/workers.h"
#include "ui/timeline/timeline_panel.h"
#include "ui/window/main_window.h"
#include "ui/window/panel_pins.h"
#include "ui_fixtures.h"

using namespace hvlm;
using namespace hvlm::ui;
using namespace hvlm::ui::testing;

namespace {

constexpr int kPatience = 20000;  // ms

// Of the videos that MadeAnnotations has: one (run), two (swim, taken for run) and three (none).
EmbeddingFile embedding() {
  EmbeddingFile e;
  e.run_id = "r", e.subset = "validation", e.width = 3;
  e.classes = {"jump", "run", "swim"};
  e.videos = {"one", "two", "three"};
  e.vectors = {1, 0, 0, 0.9f, 0.1f, 0, 0, 0, 1};
  e.scores = {0.1f, 0.8f, 0.1f, 0.1f, 0.6f, 0.3f, 0.2f, 0.5f, 0.3f};
  e.labels = {1, 2, -1};
  for (int64_t v = 0; v < 3; ++v) {
    for (int64_t s = 0; s < 4; ++s) {
      e.moment_video.push_back(v), e.moment_step.push_back(s), e.moment_label.push_back(e.labels[static_cast<size_t>(v)]);
      for (int64_t k = 0; k < 3; ++k) e.moments.push_back(e.vectors[static_cast<size_t>(v * 3 + k)] + 0.01f * static_cast<float>(s * (k + 1)));
    }
  }
  return e;
}

// More moments than a map takes, all of the video "one" but for a twin of moment 0 at the end of "two", where the thinned map has a gap.
constexpr int64_t kManyMoments = 9001, kWidth = 128;
EmbeddingFile manyMoments() {
  EmbeddingFile e = embedding();
  e.width = kWidth;
  e.vectors.assign(static_cast<size_t>(3 * kWidth), 1.0f);
  e.moments.assign(static_cast<size_t>(kManyMoments * kWidth), 0.0f);
  e.moment_video.assign(kManyMoments, 0);
  e.moment_step.assign(kManyMoments, 0);
  e.moment_label.assign(kManyMoments, 1);
  for (int64_t m = 0; m < kManyMoments; ++m) {
    e.moment_step[static_cast<size_t>(m)] = m % 10;
    float* row = e.moments.data() + m * kWidth;
    row[1 + m % (kWidth - 1)] = 1.0f;  // at right angles to moment 0
    row[0] = 0.1f;
  }
  for (const int64_t m : {int64_t{0}, kManyMoments - 2}) {
    float* row = e.moments.data() + m * kWidth;
    std::fill(row, row + kWidth, 0.0f);
    row[0] = 1.0f;
  }
  e.moment_video[kManyMoments - 2] = 1;
  e.moment_step[kManyMoments - 2] = 6;
  return e;
}

}  // namespace

class TestLinked : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() { set_ = std::make_unique<hvlm::testing::MadeAnnotations>(); }
  void init() { box_ = std::make_unique<Sandbox>(); }
  void cleanup();
  void aCellIsChosenEverywhere();
  void aPinnedPyramidKeepsItsCell();
  void theSimilarityIsThatOfTheVideo();
  void tooManyStepsAreSaid();
  void aConfusionLeadsToAVideo();
  void neighboursOfAMoment();
  void neighboursAreSoughtAmongAllMoments();
  void momentsAreShadedByTheirShareOfTheVideo();
  void aLineOfTheTableOpensItsRun();

 private:
  void openData(Workspace& workspace);
  std::unique_ptr<MainWindow> window(QueuedPrompts& prompts);
  std::unique_ptr<hvlm::testing::MadeAnnotations> set_;
  std::unique_ptr<Sandbox> box_;
};

void TestLinked::cleanup() {
  Workers::instance().waitForDone();
  box_.reset();
}

void TestLinked::openData(Workspace& workspace) {
  workspace.openData(qText(set_->path("dataset.yaml")));
  QTRY_VERIFY_WITH_TIMEOUT(workspace.video(), kPatience);
}

std::unique_ptr<MainWindow> TestLinked::window(QueuedPrompts& prompts) {
  auto made = std::make_unique<MainWindow>(prompts, Session{});
  made->saveSessionOnClose(false);
  made->resize(1280, 800);
  made->show();
  made->openData(qText(set_->path("dataset.yaml")));
  [&] { QTRY_VERIFY_WITH_TIMEOUT(made->workspace().video(), kPatience); }();
  made->workspace().selectVideo("two");
  made->workspace().setInspection(std::make_shared<VideoInspection>(makeInspection(20)));
  made->tabs().setCurrentWidget(&made->pyramid());
  QCoreApplication::processEvents();
  return made;
}

void TestLinked::aCellIsChosenEverywhere() {
  QueuedPrompts prompts;
  auto shown = window(prompts);
  PyramidView* pyramid = shown->pyramid().view();
  TimelineView* timeline = shown->timeline().view();
  auto* tree = shown->findChild<QTreeWidget*>("inspectorTree");
  const auto inspected = [tree](const QString& name) {
    const auto found = tree->findItems(name, Qt::MatchExactly | Qt::MatchRecursive, 0);
    return found.isEmpty() ? QString() : found.first()->text(1);
  };
  QVERIFY(pyramid->hasContent());
  QVERIFY(inspected("node").isEmpty());
  // A click in the pyramid.
  const CellAddress third = {2, 3};
  QTest::mouseClick(pyramid, Qt::LeftButton, {}, pyramid->cellRect(third).center().toPoint());
  QCOMPARE(pyramid->selected(), third);
  QCOMPARE(timeline->selectedCell(), third);
  QCOMPARE(inspected("level"), QString("2"));
  QVERIFY2(inspected("node").startsWith("3 of "), qPrintable(inspected("node")));
  // A choice in the timeline.
  const CellAddress fifth = {1, 5};
  timeline->selectCell(fifth);
  QCOMPARE(pyramid->selected(), fifth);
  QCOMPARE(inspected("level"), QString("1"));
  QVERIFY2(inspected("node").startsWith("5 of "), qPrintable(inspected("node")));
  // The keys of the pyramid walk in all of them.
  QTest::keyClick(pyramid, Qt::Key_Right);
  QCOMPARE(timeline->selectedCell(), (CellAddress{1, 6}));
  QVERIFY2(inspected("node").startsWith("6 of "), qPrintable(inspected("node")));
  // Nothing chosen is nothing chosen everywhere, and so is another video.
  timeline->selectCell({});
  QVERIFY(!pyramid->selected().valid() && inspected("node").isEmpty());
  timeline->selectCell(fifth);
  shown->workspace().selectVideo("one");
  QVERIFY(!timeline->selectedCell().valid() && !pyramid->selected().valid() && inspected("node").isEmpty());
}

void TestLinked::aPinnedPyramidKeepsItsCell() {
  QueuedPrompts prompts;
  auto shown = window(prompts);
  PyramidView* pyramid = shown->pyramid().view();
  TimelineView* timeline = shown->timeline().view();
  timeline->selectCell({2, 3});
  shown->pins().setPinned(&shown->pyramid(), true);
  timeline->selectCell({1, 5});
  QCOMPARE(pyramid->selected(), (CellAddress{2, 3}));
  QTest::mouseClick(pyramid, Qt::LeftButton, {}, pyramid->cellRect({2, 1}).center().toPoint());
  QCOMPARE(pyramid->selected(), (CellAddress{2, 1}));
  QCOMPARE(timeline->selectedCell(), (CellAddress{1, 5}));
}

void TestLinked::theSimilarityIsThatOfTheVideo() {
  Workspace workspace;
  FeaturesPanel panel(workspace);
  openData(workspace);
  workspace.selectVideo("one");
  QVERIFY(!panel.similarity()->hasContent());
  auto seen = std::make_shared<VideoInspection>();
  seen->video = "one";
  seen->width = 2;
  seen->step_vectors = {1, 0, 0, 1, 2, 0};  // the first and the third are alike
  workspace.setInspection(seen);
  QTRY_VERIFY_WITH_TIMEOUT(panel.similarity()->hasContent(), kPatience);
  QCOMPARE(panel.currentFigure(), static_cast<FigureCanvas*>(panel.similarity()));
  const QStringList lines = qText(panel.similarity()->csv()).split(QLatin1Char('\n'));
  QVERIFY(lines.size() > 3);
  QCOMPARE(lines.mid(1, 3), QStringList({"0,0,1.000000", "0,1,0.000000", "0,2,1.000000"}));
  // The matrix of a video that is no longer shown is not drawn.
  workspace.setInspection(seen);
  workspace.selectVideo("two");
  Workers::instance().waitForDone();
  QCoreApplication::processEvents();
  QVERIFY(!panel.similarity()->hasContent());
}

void TestLinked::tooManyStepsAreSaid() {
  Workspace workspace;
  FeaturesPanel panel(workspace);
  openData(workspace);
  auto seen = std::make_shared<VideoInspection>();
  seen->width = 1;
  seen->step_vectors.assign(4001, 1.0f);
  workspace.setInspection(seen);
  QVERIFY2(panel.similarity()->emptyText().contains("4000"), qPrintable(panel.similarity()->emptyText()));
  QVERIFY(!panel.similarity()->hasContent());
}

void TestLinked::aConfusionLeadsToAVideo() {
  writeEmbedding(pathOf(EmbeddingStore::fileOf(box_->path("run"))), embedding());
  Workspace workspace;
  FeaturesPanel panel(workspace);
  panel.resize(800, 500);
  panel.show();
  openData(workspace);
  workspace.selectVideo("one");
  workspace.setRun(box_->path("run"));
  QTRY_VERIFY_WITH_TIMEOUT(panel.store().embedding(), kPatience);
  panel.pages()->setCurrentIndex(2);
  ConfusionView* confusion = panel.confusion();
  QTRY_VERIFY(confusion->isVisible() && confusion->cellRect(2, 1).width() > 2.0);
  QTest::mouseClick(confusion, Qt::LeftButton, {}, confusion->cellRect(2, 1).center().toPoint());  // swimming taken for running
  QCOMPARE(workspace.videoId(), QString("two"));
  QTest::mouseClick(confusion, Qt::LeftButton, {}, confusion->cellRect(0, 2).center().toPoint());  // nobody was
  QCOMPARE(workspace.videoId(), QString("two"));
  QTest::mouseClick(confusion, Qt::LeftButton, {}, confusion->cellRect(1, 1).center().toPoint());
  QCOMPARE(workspace.videoId(), QString("one"));
}

void TestLinked::neighboursOfAMoment() {
  writeEmbedding(pathOf(EmbeddingStore::fileOf(box_->path("run"))), embedding());
  Workspace workspace;
  openData(workspace);
  EmbeddingStore store;
  MapPanel panel(workspace, store);
  panel.resize(700, 360);
  panel.show();
  QSignalSpy mapped(&panel, &MapPanel::mapped);
  panel.choose(MapPanel::kMoments, MapPanel::kPlane, MapPanel::kClass);
  store.setRun(box_->path("run"));
  QTRY_COMPARE_WITH_TIMEOUT(mapped.count(), 1, kPatience);
  QCOMPARE(panel.view()->points().size(), size_t{12});
  Q_EMIT panel.view()->pointChosen(5);  // the second step of "two"
  QCOMPARE(workspace.videoId(), QString("two"));
  QCOMPARE(workspace.cursorSeconds(), 1.5);
  const QTableWidget* table = panel.neighbours();
  QCOMPARE(table->rowCount(), 11);
  // In the order that the cosines have, without itself.
  const EmbeddingFile file = embedding();
  const auto expected = nearestByCosine(file.moments, file.momentCount(), file.width, std::span(file.moments).subspan(15, 3), 12, 5);
  for (int row = 0; row < table->rowCount(); ++row) {
    const auto moment = static_cast<size_t>(expected[static_cast<size_t>(row)].index);
    const QString name = table->item(row, 0)->text();
    QVERIFY2(name.startsWith(qText(file.videos[static_cast<size_t>(file.moment_video[moment])])), qPrintable(name));
    QCOMPARE(table->item(row, 2)->text(), QString::number(static_cast<double>(expected[static_cast<size_t>(row)].similarity), 'f', 3));
  }
  // A click on a neighbour goes there; the list stays, so that the next one can be looked at.
  QString last;
  int row = 0;
  while (row < table->rowCount() && !table->item(row, 0)->text().startsWith("one")) ++row;
  QVERIFY(row < table->rowCount());
  const auto chosen = static_cast<size_t>(expected[static_cast<size_t>(row)].index);
  last = table->item(0, 0)->text();
  Q_EMIT panel.neighbours()->cellClicked(row, 0);
  QCOMPARE(workspace.videoId(), QString("one"));
  QCOMPARE(workspace.cursorSeconds(), static_cast<double>(file.moment_step[chosen]) + 0.5);
  QCOMPARE(panel.view()->current(), static_cast<int>(chosen));
  QTest::qWait(300);  // longer than the ring waits before it follows
  QCOMPARE(table->item(0, 0)->text(), last);
}

void TestLinked::neighboursAreSoughtAmongAllMoments() {
  writeEmbedding(pathOf(EmbeddingStore::fileOf(box_->path("run"))), manyMoments());
  Workspace workspace;
  openData(workspace);
  workspace.selectVideo("one");
  EmbeddingStore store;
  MapPanel panel(workspace, store);
  panel.resize(700, 360);
  panel.show();
  QSignalSpy mapped(&panel, &MapPanel::mapped);
  panel.choose(MapPanel::kMoments, MapPanel::kPlane, MapPanel::kTime);
  store.setRun(box_->path("run"));
  QTRY_COMPARE_WITH_TIMEOUT(mapped.count(), 1, 3 * kPatience);
  const auto shown = static_cast<int64_t>(panel.view()->points().size());
  QVERIFY(shown <= MapPanel::kMostMapped && shown < kManyMoments);
  bool two_is_mapped = false;
  for (int point = 0; point < static_cast<int>(shown); ++point) two_is_mapped = two_is_mapped || panel.placeOf(point).first == 1;
  QVERIFY(!two_is_mapped);  // else this proves nothing
  Q_EMIT panel.view()->pointChosen(0);
  QVERIFY(panel.searching());  // on a worker: the window goes on
  QTRY_VERIFY_WITH_TIMEOUT(!panel.searching(), kPatience);
  QVERIFY(panel.neighbours()->rowCount() > 0);
  QVERIFY2(panel.neighbours()->item(0, 0)->text().startsWith("two"), qPrintable(panel.neighbours()->item(0, 0)->text()));
  QCOMPARE(panel.neighbours()->item(0, 2)->text(), QString("1.000"));
  Q_EMIT panel.neighbours()->cellClicked(0, 0);  // not in the map, and still led to
  QCOMPARE(workspace.videoId(), QString("two"));
  QCOMPARE(workspace.cursorSeconds(), 6.5);
  QCOMPARE(panel.view()->current(), -1);
  // Of two questions the later one is answered.
  Q_EMIT panel.view()->pointChosen(5);
  Q_EMIT panel.view()->pointChosen(0);
  QTRY_VERIFY_WITH_TIMEOUT(!panel.searching(), kPatience);
  Workers::instance().waitForDone();
  QCoreApplication::processEvents();
  QVERIFY(panel.neighbours()->item(0, 0)->text().startsWith("two"));
}

void TestLinked::momentsAreShadedByTheirShareOfTheVideo() {
  EmbeddingFile file = embedding();
  for (size_t m = 4; m < 8; ++m) file.moment_step[m] *= 10;  // "two" is longer: its last moment is step 30
  writeEmbedding(pathOf(EmbeddingStore::fileOf(box_->path("run"))), file);
  Workspace workspace;
  EmbeddingStore store;
  MapPanel panel(workspace, store);
  QSignalSpy mapped(&panel, &MapPanel::mapped);
  panel.choose(MapPanel::kMoments, MapPanel::kPlane, MapPanel::kTime);
  store.setRun(box_->path("run"));
  QTRY_COMPARE_WITH_TIMEOUT(mapped.count(), 1, kPatience);
  const auto& points = panel.view()->points();
  QCOMPARE(points.size(), size_t{12});
  for (size_t i = 0; i < points.size(); ++i) QCOMPARE(points[i].shade, static_cast<double>(i % 4) / 3.0);
}

void TestLinked::aLineOfTheTableOpensItsRun() {
  QStringList folders;
  for (int i = 0; i < 3; ++i) {
    const QString folder = box_->path(QStringLiteral("runs/r%1").arg(i));
    std::filesystem::create_directories(pathOf(folder));
    RunConfig config;
    config.train.lr = 0.001 * (i + 1);
    config.encoder.layers = i + 1;
    RunRecord record = freshRecord(config);
    record.state = "done";
    writeRunRecord(pathOf(folder), record);
    writeFileAtomic(pathOf(folder) / "config.yaml", configYaml(config));
    writeReport(pathOf(folder), {{"classification", {{"top1", 0.2 + 0.2 * i}}}, {"verdict", "healthy"}});
    folders.append(folder);
  }
  QueuedPrompts prompts;
  auto shown = window(prompts);
  shown->runs().addFolder(box_->path("runs"));
  QTRY_COMPARE_WITH_TIMEOUT(shown->runs().model()->rowCount(), 3, kPatience);
  shown->runs().model()->setTicked(folders);
  ParallelView* parallel = shown->runTable().parallel();
  QTRY_VERIFY_WITH_TIMEOUT(parallel->hasContent() && shown->runTable().runs().size() == 3, kPatience);
  QVERIFY(shown->workspace().run().isEmpty());
  for (int row : {2, 0}) {
    const QString expected = qText(shown->runTable().runs()[static_cast<size_t>(row)].folder);
    Q_EMIT parallel->rowChosen(row);
    QCOMPARE(shown->workspace().run(), expected);
    QTRY_VERIFY_WITH_TIMEOUT(shown->runTable().runs().size() == 3 && parallel->hasContent(), kPatience);
    Workers::instance().waitForDone();
    QCoreApplication::processEvents();
  }
}

HVLM_GUI_TEST_MAIN(TestLinked)
#include "tst_ui_linked.moc"
