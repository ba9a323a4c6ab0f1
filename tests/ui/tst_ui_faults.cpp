// SPDX-License-Identifier: GPL-3.0-or-later
// One bad item costs one item and says so where it is: files that end too early or cannot be read, equal faults, memory that ran out.
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QToolButton>
#include <filesystem>

#include "core/video/clips.h"
#include "fake_engine.h"
#include "made_annotations.h"
#include "ui/log/log_panel.h"
#include "ui/player/video_files.h"
#include "ui/player/video_panel.h"
#include "ui/shell/notice_strip.h"
#include "ui/shell/workers.h"
#include "ui/timeline/timeline_view.h"
#include "ui/training/job_controller.h"
#include "ui/training/training_panel.h"
#include "ui/videos/thumbnails.h"
#include "ui/videos/video_model.h"
#include "ui_fixtures.h"

using namespace hvlm;
using namespace hvlm::ui;
using namespace hvlm::ui::testing;
namespace fs = std::filesystem;

namespace {

constexpr int kPatience = 20000;  // ms

QToolButton* actionOf(NoticeStrip* strip, const QString& start) {
  for (QToolButton* each : strip->findChildren<QToolButton*>(QStringLiteral("noticeActionButton"))) {
    if (each->text().startsWith(start)) return each;
  }
  return nullptr;
}

// Runs out of memory at its third step, then does what it is asked.
class HungryEngine : public FakeEngine {
 public:
  void run(const JobSpec& spec, JobControl&, JobObserver& observer) override {
    const auto& train = std::get<TrainSpec>(spec);
    {
      const std::lock_guard lock(mutex_);
      specs_.push_back(train);
    }
    observer.onEvent(StartedEvent{.run_folder = train.run_folder, .total_steps = 10});
    if (asked().size() > 1) {
      observer.onEvent(FinishedEvent{.summary = "done"});
      return;
    }
    fs::create_directories(fs::path(train.run_folder) / "checkpoints" / "last");
    writeFileAtomic(fs::path(train.run_folder) / "config.yaml", configYaml(train.config));
    observer.onEvent(StepEvent{.step = 2});
    throw std::runtime_error("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9000000000 bytes.");
  }
  std::vector<TrainSpec> asked() const {
    const std::lock_guard lock(mutex_);
    return specs_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<TrainSpec> specs_;
};

}  // namespace

class TestFaults : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void aFileThatEndsTooEarlyIsSaid();
  void whatIsPastTheEndIsHatched();
  void aBrokenFileMarksItsRow();
  void equalLinesAreOneRowWithACount();
  void memoryThatRanOutOffersWhatNeedsLess();
};

void TestFaults::aFileThatEndsTooEarlyIsSaid() {
  const hvlm::testing::MadeAnnotations set;
  Workspace workspace;
  VideoFiles files(workspace);
  VideoPanel panel(workspace, files);
  panel.resize(400, 300);
  panel.show();
  workspace.openData(qText(set.path("dataset.yaml")));
  QTRY_VERIFY_WITH_TIMEOUT(workspace.data(), kPatience);
  const std::string clip = set.path("two.mp4");
  hvlm::testing::writeClip(clip, {}, 100);  // 4 s; its annotation reaches 12 s
  QSignalSpy ends(&panel, &VideoPanel::fileEnds), asked(&panel, &VideoPanel::linkAsked), opened(&panel, &VideoPanel::opened);
  workspace.selectVideo(QStringLiteral("two"));
  files.link(QStringLiteral("two"), qText(clip));
  QTRY_COMPARE_WITH_TIMEOUT(opened.count(), 1, kPatience);
  QCOMPARE(panel.notice()->text(), QStringLiteral("two.mp4 ends after 4.0 s; its annotations reach 12.0 s. Segments past the end are shown hatched."));
  QCOMPARE(ends.last().at(0).toDouble(), 4.0);
  QVERIFY(actionOf(panel.notice(), QStringLiteral("Link another file")));
  // Copied again, it is whole; looked at anew, nothing is said any more.
  hvlm::testing::writeClip(clip, {}, 320);
  actionOf(panel.notice(), QStringLiteral("Re-check file"))->click();
  QTRY_COMPARE_WITH_TIMEOUT(opened.count(), 2, kPatience);
  QVERIFY2(panel.notice()->text().isEmpty(), qPrintable(panel.notice()->text()));
  QCOMPARE(ends.last().at(0).toDouble(), 0.0);
  QVERIFY(asked.isEmpty());
}

void TestFaults::whatIsPastTheEndIsHatched() {
  TimelineView view;
  view.resize(600, 400);
  Video video = makeVideo(100.0);
  video.segments = {{0.0, 100.0, 0}};
  view.setContent(makeContent(video, {"Archery", "Biking"}, nullptr), false);
  view.show();
  const QImage before = view.grab().toImage();
  view.setFileEnd(50.0);
  const QImage after = view.grab().toImage();
  const auto row = std::find_if(view.rows().begin(), view.rows().end(), [](const TimelineRow& r) { return r.kind == RowKind::kTruth; });
  QVERIFY(row != view.rows().end());
  const auto differing = [&](double from, double to) {
    int count = 0;
    for (int x = static_cast<int>(view.scale().pixelAt(from)) + 2; x < static_cast<int>(view.scale().pixelAt(to)) - 2; ++x) {
      for (int y = static_cast<int>(row->top); y < static_cast<int>(row->top + row->height); ++y) count += before.pixel(x, y) != after.pixel(x, y) ? 1 : 0;
    }
    return count;
  };
  QCOMPARE(differing(0.0, 50.0), 0);
  QVERIFY(differing(50.0, 100.0) > 20);
  view.setFileEnd(0.0);
  QCOMPARE(view.grab().toImage(), before);
}

void TestFaults::aBrokenFileMarksItsRow() {
  const Sandbox box;
  const hvlm::testing::MadeAnnotations set;
  Workspace workspace;
  VideoFiles files(workspace);
  Thumbnails thumbnails(files);
  VideoModel model;
  model.setThumbnails(&thumbnails);
  workspace.openData(qText(set.path("dataset.yaml")));
  QTRY_VERIFY_WITH_TIMEOUT(workspace.data(), kPatience);
  model.setData(workspace.data());
  hvlm::testing::writeClip(set.path("two.mp4"), {}, 30);
  files.linkAll({{QStringLiteral("one"), qText(set.write("one.mp4", "not a video"))}, {QStringLiteral("two"), qText(set.path("two.mp4"))}});
  const QString two_before = model.mark(model.rowOf(QStringLiteral("two"))), one_before = model.mark(model.rowOf(QStringLiteral("one")));
  QSignalSpy arrived(&thumbnails, &Thumbnails::arrived);
  for (const char* id : {"one", "two"}) thumbnails.of(QLatin1String(id));
  QTRY_COMPARE_WITH_TIMEOUT(arrived.count(), 2, kPatience);
  const int one = model.rowOf(QStringLiteral("one")), two = model.rowOf(QStringLiteral("two"));
  QVERIFY2(model.mark(one).contains("one.mp4") && model.mark(one) != one_before, qPrintable(model.mark(one)));
  QCOMPARE(model.mark(two), two_before);
  QVERIFY(model.data(model.index(one, VideoModel::kId), Qt::DisplayRole).toString().contains(QStringLiteral("⚠")));
  QVERIFY(model.data(model.index(one, VideoModel::kId), Qt::ToolTipRole).toString().contains(QStringLiteral("one.mp4")));
  // A broken file is a file.
  model.setFilter({.state = VideoState::kWithFile});
  QCOMPARE(model.rowCount(), 2);
  QVERIFY(model.rowOf(QStringLiteral("one")) >= 0);
  Workers::instance().waitForDone();
}

void TestFaults::equalLinesAreOneRowWithACount() {
  LogModel model;
  const QDateTime now = QDateTime::currentDateTime();
  std::vector<LogEntry> faults(250, LogEntry{now, LogLevel::kError, QStringLiteral("the disk is full")});
  model.append(faults);
  QCOMPARE(model.rowCount(), 1);
  model.append(faults);
  model.append({{now, LogLevel::kInfo, QStringLiteral("read")}, {now, LogLevel::kError, QStringLiteral("the disk is full")}});
  QCOMPARE(model.rowCount(), 3);
  const auto text = [&](int row) { return model.data(model.index(row), Qt::DisplayRole).toString(); };
  QVERIFY2(text(0).endsWith(QStringLiteral("the disk is full  ×500")), qPrintable(text(0)));
  QVERIFY(text(1).endsWith(QStringLiteral("read")) && text(2).endsWith(QStringLiteral("full")));
  QVERIFY(model.allText().contains(QStringLiteral("×500")));
  // What stands between them is filtered away: they are neighbours.
  model.setFilter(QString(), LogLevel::kError);
  QCOMPARE(model.rowCount(), 1);
  QVERIFY2(text(0).endsWith(QStringLiteral("×501")), qPrintable(text(0)));
  model.setFilter(QString(), LogLevel::kDebug);
  QCOMPARE(model.rowCount(), 3);
  QVERIFY(text(0).endsWith(QStringLiteral("×500")));
}

void TestFaults::memoryThatRanOutOffersWhatNeedsLess() {
  const Sandbox box;
  HungryEngine engine;
  QueuedPrompts prompts;
  Workspace workspace;
  JobController controller(nullptr, engine.factory());
  TrainingPanel panel(workspace, controller, prompts);
  panel.show();
  workspace.openData(makeSynth(box, 8));
  QTRY_VERIFY_WITH_TIMEOUT(workspace.data(), kPatience);
  panel.put(QString(), tinyConfig(2));
  panel.setRunFolder(box.path(QStringLiteral("run")));
  panel.startNew();
  QTRY_COMPARE_WITH_TIMEOUT(controller.status().state, JobState::kFailed, kPatience);
  QTRY_VERIFY_WITH_TIMEOUT(panel.notice()->text().startsWith(QStringLiteral("Training ran out of memory at step 3 (batch 4")), kPatience);
  QVERIFY(actionOf(panel.notice(), QStringLiteral("Go on, computing")) && actionOf(panel.notice(), QStringLiteral("Open settings")));
  actionOf(panel.notice(), QStringLiteral("Go on with batch 2"))->click();
  QTRY_COMPARE_WITH_TIMEOUT(engine.asked().size(), size_t{2}, kPatience);
  const TrainSpec second = engine.asked().at(1);
  QCOMPARE(second.config.train.batch_size, int64_t{2});
  QVERIFY(!second.resume && second.run_folder != engine.asked().at(0).run_folder);
  QCOMPARE(qText(second.config.train.init), box.path(QStringLiteral("run")));  // from its weights
  QTRY_COMPARE_WITH_TIMEOUT(controller.status().state, JobState::kDone, kPatience);
  Workers::instance().waitForDone();
}

HVLM_GUI_TEST_MAIN(TestFaults)
#include "tst_ui_faults.moc"
