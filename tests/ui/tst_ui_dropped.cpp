// SPDX-License-Identifier: GPL-3.0-or-later
// What the window says of several things that are dropped at once, of runs, configs and folders of videos; and that data sets stay as they were.
#include <QDropEvent>
#include <QMimeData>
#include <QToolButton>
#include <filesystem>

#include "made_annotations.h"
#include "runs/config.h"
#include "runs/run_record.h"
#include "ui/compare/compare_view.h"
#include "ui/player/video_files.h"
#include "ui/player/video_panel.h"
#include "ui/runs/run_model.h"
#include "ui/runs/runs_panel.h"
#include "ui/shell/action_list.h"
#include "ui/shell/notice_strip.h"
#include "ui/shell/text_dialog.h"
#include "ui/shell/workers.h"
#include "ui/training/training_panel.h"
#include "ui/videos/videos_panel.h"
#include "ui/window/drop.h"
#include "ui/window/import_report.h"
#include "ui/window/main_window.h"
#include "ui_fixtures.h"
#include "video/video_writer.h"

using namespace hvlm;
using namespace hvlm::ui;
using namespace hvlm::ui::testing;
namespace fs = std::filesystem;

namespace {

constexpr int kPatience = 20000;  // ms
const char* const kCaptions = R"({"v_one": {"duration": 10, "timestamps": [[0, 4]], "sentences": ["a run"]}, "two": {"duration": 20, "timestamps": [[2, 12]], "sentences": ["a swim"]}})";

}  // namespace

class TestDropped : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init();
  void cleanup();
  void aRunIsTold();
  void aFolderOfRunsIsCounted();
  void aConfigIsTold();
  void aFolderOfVideosIsCounted();
  void severalAreOneNotice();
  void aDataSetComesFirst();
  void theDataSetIsToldEvenWithoutFindings();
  void prefixesAreCounted();
  void dataSetsAreNeverWritten();

 private:
  void drop(const QStringList& paths);
  NoticeStrip* notice() { return window_->videos().notice(); }
  QStringList buttons();
  void press(const QString& text);
  void openWindow(bool with_data);
  QString makeRun(const std::string& name, const std::string& dataset);
  std::string video(const std::string& name);

  std::unique_ptr<Sandbox> box_;
  std::unique_ptr<hvlm::testing::MadeAnnotations> set_;
  std::unique_ptr<QueuedPrompts> prompts_;
  std::unique_ptr<MainWindow> window_;
};

void TestDropped::init() {
  box_ = std::make_unique<Sandbox>();
  set_ = std::make_unique<hvlm::testing::MadeAnnotations>();
  prompts_ = std::make_unique<QueuedPrompts>();
}

void TestDropped::cleanup() {
  window_.reset();
  Workers::instance().waitForDone();
}

void TestDropped::openWindow(bool with_data) {
  window_ = std::make_unique<MainWindow>(*prompts_, Session{});
  window_->saveSessionOnClose(false);
  window_->resize(1280, 800);
  window_->show();
  if (!with_data) return;
  window_->openData(qText(set_->path("dataset.yaml")));
  QTRY_VERIFY_WITH_TIMEOUT(window_->workspace().video(), kPatience);
}

void TestDropped::drop(const QStringList& paths) {
  QMimeData mime;
  QList<QUrl> urls;
  for (const QString& path : paths) urls.append(QUrl::fromLocalFile(path));
  mime.setUrls(urls);
  QDragEnterEvent enter(QPoint(100, 100), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
  QApplication::sendEvent(window_.get(), &enter);
  QDropEvent event(QPointF(100, 100), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
  QApplication::sendEvent(window_.get(), &event);
}

QStringList TestDropped::buttons() {
  QStringList texts;
  for (const QToolButton* each : notice()->findChildren<QToolButton*>(QStringLiteral("noticeActionButton"))) texts.append(each->text());
  return texts;
}

void TestDropped::press(const QString& text) {
  for (QToolButton* each : notice()->findChildren<QToolButton*>(QStringLiteral("noticeActionButton"))) {
    if (each->text() == text) return each->click();
  }
  QFAIL(qPrintable(text));
}

QString TestDropped::makeRun(const std::string& name, const std::string& dataset) {
  const fs::path folder = pathOf(box_->path(QStringLiteral("runs"))) / name;
  RunRecord record = freshRecord(RunConfig());
  record.state = "done";
  record.step = 120;
  record.dataset_file = dataset;
  record.dataset_name = "elsewhere";
  writeRunRecord(folder, record);
  return qText(folder);
}

std::string TestDropped::video(const std::string& name) {
  const fs::path folder = pathOf(box_->path(QStringLiteral("films")));
  fs::create_directories(folder);
  VideoWriter writer(folder / name, {.width = 64, .height = 48, .rate_num = 10});
  for (int i = 0; i < 10; ++i) {
    writer.write({.width = 64, .height = 48, .layout = PixelLayout::rgb24, .pixels = std::vector<uint8_t>(size_t{3} * 64 * 48, static_cast<uint8_t>(10 * i)), .problem = {}});
  }
  writer.close();
  return (folder / name).string();
}

void TestDropped::aRunIsTold() {
  openWindow(true);
  const QString run = makeRun("mine", set_->path("dataset.yaml"));
  drop({run});
  QTRY_VERIFY_WITH_TIMEOUT(notice()->text().contains("mine was taken for a run: done, step 120"), kPatience);
  QVERIFY2(notice()->text().contains("of the open data set"), qPrintable(notice()->text()));
  QCOMPARE(notice()->property("level").toString(), QStringLiteral("info"));
  QCOMPARE(window_->workspace().run(), run);
  const Dropped other = recognise(makeRun("theirs", set_->path("other.yaml")), window_->workspace().data());
  QCOMPARE(other.matched, int64_t{0});
  QCOMPARE(other.missed, int64_t{1});
  QVERIFY2(other.summary.contains("elsewhere, which is not the open one"), qPrintable(other.summary));
}

void TestDropped::aFolderOfRunsIsCounted() {
  makeRun("a", set_->path("dataset.yaml"));
  makeRun("b", set_->path("other.yaml"));
  const fs::path torn = pathOf(box_->path(QStringLiteral("runs"))) / "torn";
  fs::create_directories(torn);
  writeFileAtomic(torn / "run.json", "{");
  openWindow(true);
  drop({box_->path(QStringLiteral("runs"))});
  QTRY_VERIFY_WITH_TIMEOUT(notice()->text().contains("folder of runs: 2 of them; 1 are of the open data set, 1 are not; 1 cannot be read"), kPatience);
  QCOMPARE(notice()->property("level").toString(), QStringLiteral("warning"));
  press(QStringLiteral("Details…"));
  const auto* dialog = window_->findChild<TextDialog*>();
  QVERIFY(dialog && dialog->text().contains("torn: "));
}

void TestDropped::aConfigIsTold() {
  openWindow(true);
  const std::string config = set_->write("mine.yaml", configYaml(tinyConfig(3)));
  drop({qText(config)});
  QTRY_VERIFY_WITH_TIMEOUT(notice()->text().contains("mine.yaml was taken for a training config"), kPatience);
}

void TestDropped::aFolderOfVideosIsCounted() {
  openWindow(true);
  video("v_two.mp4");
  video("holiday.mp4");
  const std::string one = video("one.mp4");
  writeFileAtomic(pathOf(box_->path(QStringLiteral("films/notes.txt"))), "no video");
  drop({box_->path(QStringLiteral("films"))});
  QTRY_VERIFY_WITH_TIMEOUT(notice()->text().contains("folder of videos: 3 of them; 2 are in the open data set and linked to it, 1 are not; 1 other files"), kPatience);
  QTRY_COMPARE_WITH_TIMEOUT(window_->workspace().videoId(), QStringLiteral("one"), kPatience);
  QTRY_COMPARE_WITH_TIMEOUT(window_->player().file(), qText(one), kPatience);
  press(QStringLiteral("Details…"));
  const auto* dialog = window_->findChild<TextDialog*>();
  QVERIFY(dialog);
  for (const char* part : {"two: ", "v_two.mp4", "holiday.mp4: no video of the open data set", "notes.txt: no video"}) QVERIFY2(dialog->text().contains(part), qPrintable(dialog->text()));
}

void TestDropped::severalAreOneNotice() {
  openWindow(true);
  const std::string captions = set_->write("c.json", kCaptions), config = set_->write("mine.yaml", configYaml(tinyConfig(3)));
  drop({qText(captions), qText(config), makeRun("mine", set_->path("dataset.yaml")), qText(set_->write("plain.txt", "hello"))});
  QTRY_VERIFY_WITH_TIMEOUT(notice()->text().startsWith("4 "), kPatience);
  for (const char* part : {"c.json was taken for captions", "mine.yaml was taken for a training config", "mine was taken for a run", "plain.txt is neither"}) {
    QVERIFY2(notice()->text().contains(part), qPrintable(notice()->text()));
  }
  QCOMPARE(notice()->property("level").toString(), QStringLiteral("warning"));  // one of them is unknown
  QCOMPARE(buttons(), QStringList{"Details…"});
  press(QStringLiteral("Details…"));
  QCOMPARE(window_->findChildren<TextDialog*>().size(), 1);
  const QString report = window_->findChild<TextDialog*>()->text();
  QVERIFY2(report.contains("captions: {validation: c.json}") && report.contains("mine was taken for a run"), qPrintable(report));
}

void TestDropped::aDataSetComesFirst() {
  openWindow(false);
  const std::string captions = set_->write("c.json", kCaptions);
  drop({qText(captions), qText(set_->path("dataset.yaml"))});
  // The captions are counted against the data set that came with them.
  QTRY_VERIFY_WITH_TIMEOUT(notice()->text().contains("2 are in the open data set, 0 are not"), kPatience);
  QVERIFY2(notice()->text().contains("Taken as the data set"), qPrintable(notice()->text()));
  QCOMPARE(window_->workspace().data()->file, qText(set_->path("dataset.yaml")));
}

void TestDropped::theDataSetIsToldEvenWithoutFindings() {
  const QString dataset = makeSynth(*box_, 8);
  openWindow(false);
  drop({dataset});
  QTRY_VERIFY_WITH_TIMEOUT(notice()->text().contains("Taken as the data set"), kPatience);
  QVERIFY2(notice()->text().contains("8 videos, 8 with features"), qPrintable(notice()->text()));
  // A data set that cannot be read does not hold back what came with it.
  const std::string bad = set_->write("bad.yaml", "name: bad\nannotations: gone.json\nfeatures: {store: gone/, steps_per_second: 1}\n");
  drop({qText(bad), qText(set_->write("c.json", kCaptions))});
  QTRY_VERIFY_WITH_TIMEOUT(notice()->text().contains("c.json was taken for captions"), kPatience);
}

void TestDropped::prefixesAreCounted() {
  const DataFile captions = readDataFile(set_->write("c.json", kCaptions), &set_->catalogue);
  QCOMPARE(captions.videos, int64_t{2});
  QCOMPARE(captions.prefixed, int64_t{1});
  QCOMPARE(captions.matched, int64_t{2});
  QVERIFY2(droppedText(captions).contains("1 of 2 ids"), qPrintable(droppedText(captions)));
  QVERIFY2(qText(dataFileText(captions)).contains("1 of 2 ids"), dataFileText(captions).c_str());
  const std::string mixed = set_->write("mixed.json", R"({"database": {"v_one": {"subset": "training", "duration": 9, "annotations": []}, "two": {"subset": "training", "duration": 9, "annotations": []}}})");
  const DataFile annotations = readDataFile(mixed, nullptr);
  QCOMPARE(annotations.problems.size(), size_t{1});
  QCOMPARE(annotations.problems[0].kind, std::string("mixed_prefix"));
  QVERIFY2(annotations.problems[0].detail.starts_with("1 of 2"), annotations.problems[0].detail.c_str());
}

// Opened, looked into, reported, exported from, and closed: every byte and time of the data set is as before.
void TestDropped::dataSetsAreNeverWritten() {
  const QString dataset = makeSynth(*box_, 8);
  const fs::path folder = pathOf(dataset).parent_path();
  const auto state = [&] {
    std::map<std::string, std::pair<std::string, fs::file_time_type>> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.is_regular_file()) files[entry.path().string()] = {readFile(entry.path()), entry.last_write_time()};
      else files[entry.path().string()] = {std::string(), entry.last_write_time()};
    }
    return files;
  };
  const auto before = state();
  QVERIFY(before.size() >= 3);
  openWindow(false);
  drop({dataset, qText(folder)});
  QTRY_VERIFY_WITH_TIMEOUT(window_->workspace().video(), kPatience);
  QTRY_VERIFY_WITH_TIMEOUT(!notice()->text().isEmpty(), kPatience);
  for (int i = 0; i < 3; ++i) window_->videos().selectNext(1);
  prompts_->paths.enqueue(box_->path(QStringLiteral("timeline.svg")));
  window_->actionList()["exportTimeline"]->trigger();
  QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(box_->path(QStringLiteral("timeline.svg"))), kPatience);
  window_->close();
  cleanup();
  QVERIFY(state() == before);
}

HVLM_GUI_TEST_MAIN(TestDropped)
#include "tst_ui_dropped.moc"
