// SPDX-License-Identifier: GPL-3.0-or-later
// Attention beside that of another model, and how it was learned: what is asked of the engine, what is shown, the epochs played.
#include <QComboBox>
#include <QDir>
#include <QLabel>
#include <QSignalSpy>
#include <QSlider>
#include <QTabWidget>
#include <QToolButton>
#include <atomic>
#include <chrono>
#include <thread>

#include "fake_engine.h"
#include "made_annotations.h"
#include "runs/attention_log.h"
#include "runs/checkpoint.h"
#include "support/error.h"
#include "ui/look/attention_panel.h"
#include "ui/shell/workers.h"
#include "ui/training/job_controller.h"
#include "ui_fixtures.h"

using namespace hvlm;
using namespace hvlm::ui;
using namespace hvlm::ui::testing;

namespace {

constexpr int kPatience = 20000;  // ms

VideoInspection seenWith(std::vector<float> attention, const std::string& video = "one") {
  VideoInspection seen;
  seen.video = video;
  seen.step = 7;
  seen.attention = std::move(attention);
  return seen;
}

AttentionSnapshot snapshot(int64_t epoch, const std::string& video = "one") {
  const float share = 0.1f * static_cast<float>(epoch + 1);
  return {.epoch = epoch, .step = epoch * 10, .video = video, .duration_seconds = 10.0, .attention = {share, 1.0f - share}};
}

}  // namespace

class TestAttentionPanel : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() { set_ = std::make_unique<hvlm::testing::MadeAnnotations>(); }
  void init();
  void cleanup();
  void checkpointsAndOtherRunsAreOffered();
  void theOtherModelIsShownBesideIt();
  void aRunThatIsNotListedIsCompared();
  void whatCannotBeLookedAtIsSaid();
  void anAnswerForAnotherVideoIsDropped();
  void theScrubberGoesThroughTheEpochs();
  void whoLooksBackStaysThere();
  void newEpochsAreReadWhenTheModelImproves();
  void thePlayButtonGoesToTheLastEpoch();
  void aVideoThatIsNotTrackedSaysWhichAre();

 private:
  QComboBox* other() { return panel_->findChild<QComboBox*>("attentionOtherCombo"); }
  QString checkpoint(int64_t step) { return qText(checkpointName(step)); }
  QString run() { return box_->path("runs/own"); }
  void writeHistory(int64_t from, int64_t to);
  QString beside() { return qText(panel_->pair()->csv()).section(QLatin1Char('\n'), 0, 0); }
  QString learned() { return qText(panel_->findChild<AttentionPair*>("attentionLearned")->csv()).section(QLatin1Char('\n'), 0, 0); }

  std::unique_ptr<hvlm::testing::MadeAnnotations> set_;
  std::unique_ptr<Sandbox> box_;
  std::unique_ptr<FakeEngine> engine_;
  std::unique_ptr<Workspace> workspace_;
  std::unique_ptr<JobController> controller_;
  std::unique_ptr<AttentionPanel> panel_;
};

void TestAttentionPanel::init() {
  box_ = std::make_unique<Sandbox>();
  engine_ = std::make_unique<FakeEngine>();
  workspace_ = std::make_unique<Workspace>();
  controller_ = std::make_unique<JobController>(nullptr, engine_->factory());
  panel_ = std::make_unique<AttentionPanel>(*workspace_, *controller_);
  panel_->resize(700, 420);
  panel_->show();
  for (const int64_t step : {120, 240}) QDir().mkpath(run() + "/checkpoints/" + qText(checkpointName(step)));
  workspace_->openData(qText(set_->path("dataset.yaml")));
  QTRY_VERIFY_WITH_TIMEOUT(workspace_->data(), kPatience);
  workspace_->selectVideo("one");
  QCOMPARE(workspace_->videoId(), QString("one"));
}

void TestAttentionPanel::cleanup() {
  panel_.reset();
  controller_.reset();
  workspace_.reset();
  Workers::instance().waitForDone();
  engine_.reset();
  box_.reset();
}

void TestAttentionPanel::writeHistory(int64_t from, int64_t to) {
  QDir().mkpath(run());
  for (int64_t epoch = from; epoch <= to; ++epoch) appendAttention(pathOf(run()), {snapshot(epoch), snapshot(epoch, "two")});
}

void TestAttentionPanel::checkpointsAndOtherRunsAreOffered() {
  QTRY_COMPARE_WITH_TIMEOUT(other()->count(), 1, kPatience);  // nothing, without a run
  panel_->setOtherRuns({run(), box_->path("runs/second"), box_->path("runs/third")});
  workspace_->setRun(run());
  QTRY_COMPARE_WITH_TIMEOUT(other()->count(), 5, kPatience);  // nothing, two checkpoints, two other runs; not the run itself twice
  QCOMPARE(other()->itemText(1), QString("this run at %1").arg(checkpoint(120)));
  QCOMPARE(other()->itemText(2), QString("this run at %1").arg(checkpoint(240)));
  QCOMPARE(other()->itemText(3), QString("run second"));
  QCOMPARE(other()->itemText(4), QString("run third"));
  other()->setCurrentIndex(4);
  panel_->setOtherRuns({run(), box_->path("runs/third")});
  QTRY_COMPARE_WITH_TIMEOUT(other()->count(), 4, kPatience);
  QCOMPARE(other()->currentText(), QString("run third"));  // what was chosen stays chosen
}

void TestAttentionPanel::theOtherModelIsShownBesideIt() {
  engine_->on_inspect = [](const InspectSpec&) { return seenWith({0.5f, 0.5f}); };
  workspace_->setRun(run());
  QTRY_COMPARE_WITH_TIMEOUT(other()->count(), 3, kPatience);
  workspace_->setInspection(std::make_shared<VideoInspection>(seenWith({0.25f, 0.75f})));
  QCOMPARE(beside(), QString("seconds,step 7"));
  QVERIFY(panel_->difference().isEmpty());
  other()->setFocus();
  QTest::keyClick(other(), Qt::Key_Down);
  QTRY_VERIFY_WITH_TIMEOUT(panel_->difference().contains("overlap"), kPatience);
  QCOMPARE(engine_->inspected().size(), size_t{1});
  const InspectSpec asked = engine_->inspected().front();
  QCOMPARE(asked.run_folder, stdText(run()));
  QCOMPARE(asked.checkpoint, checkpointName(120));
  QCOMPARE(asked.video, std::string("one"));
  QCOMPARE(asked.data, stdText(workspace_->data()->file));
  QVERIFY2(panel_->difference().contains("0.750"), qPrintable(panel_->difference()));  // 0.25 + 0.5
  QCOMPARE(beside(), QString("seconds,step 7,this run at %1").arg(checkpoint(120)));
  QTest::keyClick(other(), Qt::Key_Up);  // nothing again
  QVERIFY(panel_->difference().isEmpty());
  QCOMPARE(beside(), QString("seconds,step 7"));
  QCOMPARE(engine_->inspected().size(), size_t{1});
}

void TestAttentionPanel::aRunThatIsNotListedIsCompared() {
  engine_->on_inspect = [](const InspectSpec&) { return seenWith({0.25f, 0.75f}); };
  workspace_->setRun(run());
  QTRY_COMPARE_WITH_TIMEOUT(other()->count(), 3, kPatience);
  workspace_->setInspection(std::make_shared<VideoInspection>(seenWith({0.25f, 0.75f})));
  panel_->compareWith(box_->path("runs/far"), "best");
  QCOMPARE(other()->currentText(), QString("run far"));
  QTRY_VERIFY_WITH_TIMEOUT(panel_->difference().contains("overlap 1.000"), kPatience);
  QCOMPARE(engine_->inspected().back().run_folder, stdText(box_->path("runs/far")));
  QCOMPARE(engine_->inspected().back().checkpoint, std::string("best"));
  panel_->compareWith(run(), checkpoint(240));  // one that is listed is not listed twice
  QCOMPARE(other()->currentIndex(), 2);
  QCOMPARE(other()->count(), 4);
  QTRY_COMPARE_WITH_TIMEOUT(engine_->inspected().back().checkpoint, checkpointName(240), kPatience);
}

void TestAttentionPanel::whatCannotBeLookedAtIsSaid() {
  engine_->on_inspect = [](const InspectSpec&) -> VideoInspection {
    throw InputError({.where = "runs/own", .expected = "weights", .found = "a damaged file", .remedy = "Take an earlier one."});
  };
  workspace_->setRun(run());
  QTRY_COMPARE_WITH_TIMEOUT(other()->count(), 3, kPatience);
  workspace_->setInspection(std::make_shared<VideoInspection>(seenWith({0.25f, 0.75f})));
  panel_->compareWith(run(), checkpoint(120));
  QTRY_VERIFY_WITH_TIMEOUT(panel_->difference().contains("a damaged file"), kPatience);
  QCOMPARE(beside(), QString("seconds,step 7"));  // its own stays
}

// The engine is still busy with the first video when another is chosen.
void TestAttentionPanel::anAnswerForAnotherVideoIsDropped() {
  const auto open = std::make_shared<std::atomic<bool>>(false);
  const auto in_any_case = qScopeGuard([open] { *open = true; });
  engine_->on_inspect = [open](const InspectSpec& spec) {
    while (!*open) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return spec.video == "one" ? seenWith({1.0f, 0.0f}) : seenWith({0.5f, 0.5f}, "two");
  };
  workspace_->setRun(run());
  QTRY_COMPARE_WITH_TIMEOUT(other()->count(), 3, kPatience);
  panel_->compareWith(run(), checkpoint(120));
  QTRY_COMPARE_WITH_TIMEOUT(engine_->inspected().size(), size_t{1}, kPatience);
  workspace_->selectVideo("two");
  workspace_->setInspection(std::make_shared<VideoInspection>(seenWith({0.5f, 0.5f}, "two")));
  *open = true;
  QTRY_VERIFY_WITH_TIMEOUT(panel_->difference().contains("overlap"), kPatience);
  QVERIFY2(panel_->difference().contains("overlap 1.000"), qPrintable(panel_->difference()));  // that of the second video
  QCOMPARE(engine_->inspected().back().video, std::string("two"));
}

void TestAttentionPanel::theScrubberGoesThroughTheEpochs() {
  writeHistory(0, 3);
  workspace_->setRun(run());
  QTRY_COMPARE_WITH_TIMEOUT(panel_->history()->snapshots().size(), size_t{4}, kPatience);  // this video's alone
  QSlider* scrubber = panel_->scrubber();
  QVERIFY(scrubber->isEnabled());
  QCOMPARE(scrubber->maximum(), 3);
  QCOMPARE(scrubber->value(), 3);  // the last
  QCOMPARE(panel_->history()->row(), 3);
  QCOMPARE(learned(), QString("seconds,epoch 3,epoch 3"));
  scrubber->setValue(1);
  QCOMPARE(panel_->history()->row(), 1);
  QCOMPARE(learned(), QString("seconds,epoch 1,epoch 3"));
  QStringList labels;
  for (const QLabel* label : panel_->findChildren<QLabel*>()) labels.append(label->text());
  QVERIFY2(labels.contains("epoch 1"), qPrintable(labels.join(" | ")));
  Q_EMIT panel_->history()->rowChosen(2);  // a click on a row
  QCOMPARE(scrubber->value(), 2);
  QCOMPARE(learned(), QString("seconds,epoch 2,epoch 3"));
}

void TestAttentionPanel::whoLooksBackStaysThere() {
  writeHistory(0, 3);
  workspace_->setRun(run());
  QTRY_COMPARE_WITH_TIMEOUT(panel_->history()->snapshots().size(), size_t{4}, kPatience);
  writeHistory(4, 4);
  panel_->readHistory();
  QTRY_COMPARE_WITH_TIMEOUT(panel_->scrubber()->maximum(), 4, kPatience);
  QCOMPARE(panel_->scrubber()->value(), 4);  // at the end it follows
  panel_->scrubber()->setValue(1);
  writeHistory(5, 5);
  panel_->readHistory();
  QTRY_COMPARE_WITH_TIMEOUT(panel_->scrubber()->maximum(), 5, kPatience);
  QCOMPARE(panel_->scrubber()->value(), 1);
  QCOMPARE(panel_->history()->row(), 1);
  QCOMPARE(learned(), QString("seconds,epoch 1,epoch 5"));
}

void TestAttentionPanel::newEpochsAreReadWhenTheModelImproves() {
  writeHistory(0, 1);
  workspace_->setRun(run());
  QTRY_COMPARE_WITH_TIMEOUT(panel_->history()->snapshots().size(), size_t{2}, kPatience);
  writeHistory(2, 2);
  Q_EMIT controller_->modelImproved(box_->path("runs/elsewhere"));
  Workers::instance().waitForDone();
  QCoreApplication::processEvents();
  QCOMPARE(panel_->history()->snapshots().size(), size_t{2});  // not this run
  Q_EMIT controller_->modelImproved(run());
  QTRY_COMPARE_WITH_TIMEOUT(panel_->history()->snapshots().size(), size_t{3}, kPatience);
}

void TestAttentionPanel::thePlayButtonGoesToTheLastEpoch() {
  writeHistory(0, 3);
  workspace_->setRun(run());
  QTRY_COMPARE_WITH_TIMEOUT(panel_->history()->snapshots().size(), size_t{4}, kPatience);
  panel_->findChild<QTabWidget*>("attentionTabs")->setCurrentIndex(1);
  const auto buttons = panel_->findChildren<QToolButton*>();
  const auto play = std::find_if(buttons.begin(), buttons.end(), [](const QToolButton* b) { return b->accessibleName() == "Play the epochs"; });
  QVERIFY(play != buttons.end());
  QSignalSpy moved(panel_->scrubber(), &QSlider::valueChanged);
  QTest::mouseClick(*play, Qt::LeftButton);
  QTRY_VERIFY_WITH_TIMEOUT(moved.count() >= 4, kPatience);
  QList<int> epochs;
  for (const auto& each : moved) epochs.append(each.first().toInt());
  QCOMPARE(epochs, (QList<int>{0, 1, 2, 3}));  // from the start, each once
  QCOMPARE(panel_->history()->row(), 3);
}

void TestAttentionPanel::aVideoThatIsNotTrackedSaysWhichAre() {
  workspace_->setRun(run());
  QTRY_VERIFY_WITH_TIMEOUT(panel_->history()->emptyText().contains("kept no track"), kPatience);
  QVERIFY(!panel_->scrubber()->isEnabled());
  writeHistory(0, 3);
  workspace_->selectVideo("three");
  QTRY_VERIFY_WITH_TIMEOUT(panel_->history()->emptyText().contains("one, two"), kPatience);
  QVERIFY(!panel_->history()->hasContent());
  workspace_->selectVideo("two");
  QTRY_COMPARE_WITH_TIMEOUT(panel_->history()->snapshots().size(), size_t{4}, kPatience);
  QVERIFY(panel_->scrubber()->isEnabled());
}

HVLM_GUI_TEST_MAIN(TestAttentionPanel)
#include "tst_ui_attention_panel.moc"
