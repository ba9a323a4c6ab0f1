// SPDX-License-Identifier: GPL-3.0-or-later
// What is dropped on the window: parts of data sets, detections, event files; known by content, told with what fits, and one button further.
#include <QDropEvent>
#include <QFile>
#include <QLabel>
#include <QMimeData>
#include <QPlainTextEdit>
#include <QToolButton>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "jobs/data_file.h"
#include "made_annotations.h"
#include "runs/run_record.h"
#include "runs/tensorboard.h"
#include "ui/log/log_panel.h"
#include "ui/shell/action_list.h"
#include "ui/shell/notice_strip.h"
#include "ui/shell/text_dialog.h"
#include "ui/shell/workers.h"
#include "ui/videos/videos_panel.h"
#include "ui/window/drop.h"
#include "ui/window/import_report.h"
#include "ui/window/main_window.h"
#include "ui/window/welcome_page.h"
#include "ui_fixtures.h"

using namespace hvlm;
using namespace hvlm::ui;
using namespace hvlm::ui::testing;
namespace fs = std::filesystem;

namespace {

constexpr int kPatience = 20000;  // ms

const char* const kCaptions = R"({"v_one": {"duration": 10, "timestamps": [[0, 4], [5, 9]], "sentences": ["a run", "a jump"]},
  "v_two": {"duration": 20, "timestamps": [[2, 12], [13, 14]], "sentences": ["a swim"]}, "v_nine": {"duration": 5, "timestamps": [[0, 1]], "sentences": ["x"]}})";
const char* const kQuestions = R"([{"question_id": "one_0", "video_name": "one", "question": "what"}, {"question_id": "nine_0", "video_name": "nine", "question": "who"}])";
const char* const kAnswers = R"([{"question_id": "one_0", "answer": "running", "type": 1}])";
const char* const kResults = R"({"version": "VERSION 1.3", "results": {"v_one": [{"label": "run", "score": 0.9, "segment": [0, 4]}, {"label": "run", "score": 0.5, "segment": [3, 1]}],
  "two": [{"label": "swim", "score": 0.7, "segment": [2, 11]}], "nine": []}, "external_data": {}})";

}  // namespace

class TestDrop : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init();
  void cleanup();
  void filesAreKnownByTheirContent_data();
  void filesAreKnownByTheirContent();
  void countsAreAgainstTheDataSet();
  void defectsAreNamed();
  void otherFilesStayUnknown_data();
  void otherFilesStayUnknown();
  void theDataSetBesideIsFound();
  void aNewDataSetReadsBack();
  void theReportSaysHowToUseIt_data();
  void theReportSaysHowToUseIt();
  void captionsAreToldAndReported();
  void resultsBecomeARun();
  void resultsWaitForTheirDataSet();
  void annotationsBecomeADataSet();
  void anotherDataSetIsNeverWrittenOver();
  void anEventFileOpensItsRun();
  void aDamagedFileIsOneMessage();

 private:
  void drop(const std::string& path);
  NoticeStrip* notice() { return window_->findChild<VideosPanel*>()->notice(); }
  QToolButton* button(NoticeStrip* strip, const QString& text);
  void openWindow();  // on its first screen
  void openData();    // a window with the data set

  std::unique_ptr<Sandbox> box_;
  std::unique_ptr<hvlm::testing::MadeAnnotations> set_;
  std::unique_ptr<QueuedPrompts> prompts_;
  std::unique_ptr<MainWindow> window_;
};

void TestDrop::init() {
  box_ = std::make_unique<Sandbox>();
  set_ = std::make_unique<hvlm::testing::MadeAnnotations>();
  prompts_ = std::make_unique<QueuedPrompts>();
}

void TestDrop::openWindow() {
  window_ = std::make_unique<MainWindow>(*prompts_, Session{});
  window_->saveSessionOnClose(false);
  window_->resize(1280, 800);
  window_->show();
}

void TestDrop::cleanup() {
  window_.reset();
  Workers::instance().waitForDone();
}

void TestDrop::openData() {
  openWindow();
  window_->openData(qText(set_->path("dataset.yaml")));
  QTRY_VERIFY_WITH_TIMEOUT(window_->workspace().video(), kPatience);
}

void TestDrop::drop(const std::string& path) {
  QMimeData mime;
  mime.setUrls({QUrl::fromLocalFile(qText(path))});
  QDragEnterEvent enter(QPoint(100, 100), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
  QApplication::sendEvent(window_.get(), &enter);
  QDropEvent event(QPointF(100, 100), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
  QApplication::sendEvent(window_.get(), &event);
}

QToolButton* TestDrop::button(NoticeStrip* strip, const QString& text) {
  for (QToolButton* each : strip->findChildren<QToolButton*>()) {
    if (each->text() == text && each->isVisibleTo(strip)) return each;
  }
  return nullptr;
}

void TestDrop::filesAreKnownByTheirContent_data() {
  QTest::addColumn<QByteArray>("text");
  QTest::addColumn<QString>("kind");
  QTest::addColumn<int>("videos");
  QTest::addColumn<int>("items");
  QTest::newRow("annotations") << QByteArray(R"({"database": {"a": {"subset": "training", "duration": 9, "annotations": [{"label": "x", "segment": [1, 2]}]}}})") << "annotations" << 1 << 1;
  QTest::newRow("captions") << QByteArray(kCaptions) << "captions" << 3 << 4;
  QTest::newRow("questions") << QByteArray(kQuestions) << "questions" << 2 << 2;
  QTest::newRow("answers") << QByteArray(kAnswers) << "answers" << 0 << 1;
  QTest::newRow("detections") << QByteArray(kResults) << "results" << 3 << 2;
  QTest::newRow("an event file") << QByteArray::fromStdString(tensorboardRecord(tensorboardVersionEvent(1.0))) << "events" << 0 << 0;
}
void TestDrop::filesAreKnownByTheirContent() {
  QFETCH(QByteArray, text);
  QFETCH(QString, kind);
  QFETCH(int, videos);
  QFETCH(int, items);
  const std::string path = set_->write("holiday.mp4", text.toStdString());  // whatever its name says
  const DataFile file = readDataFile(path, nullptr);
  QCOMPARE(QString::fromLatin1(dataFileKindName(file.kind)), kind);
  QCOMPARE(file.videos, int64_t{videos});
  QCOMPARE(file.items, int64_t{items});
  QCOMPARE(file.matched, int64_t{-1});
  const Dropped found = recognise(qText(path));
  QCOMPARE(found.kind, DropKind::kDataFile);
  QVERIFY(found.file && found.file->kind == file.kind);
  QVERIFY(!droppedSummary(file).isEmpty() && droppedText(file).contains("holiday.mp4") && !dataFileText(file).empty());
}

void TestDrop::countsAreAgainstTheDataSet() {
  const DataFile captions = readDataFile(set_->write("c.json", kCaptions), &set_->catalogue);
  QCOMPARE(captions.matched, int64_t{2});
  QCOMPARE(captions.unknown, std::vector<std::string>{"v_nine"});
  QCOMPARE(captions.mainSubset(), std::string("validation"));
  QCOMPARE(datasetLine(captions), std::string("captions: {validation: c.json}"));
  const DataFile questions = readDataFile(set_->write("q.json", kQuestions), &set_->catalogue);
  QCOMPARE(questions.matched, int64_t{1});
  QCOMPARE(questions.subsets.at("validation"), int64_t{1});
  Catalogue asked = set_->catalogue;
  asked.videos[0].questions.push_back({"one_0", "what", "", -1});
  QCOMPARE(readDataFile(set_->write("a.json", kAnswers), &asked).matched, int64_t{1});
  QCOMPARE(readDataFile(set_->path("a.json"), &set_->catalogue).unknown, std::vector<std::string>{"one_0"});
  const QString summary = droppedSummary(captions);
  QVERIFY2(summary.contains("4 sentences") || summary.contains("3 videos"), qPrintable(summary));
  QVERIFY2(summary.contains("2 are in the open data set, 1 are not"), qPrintable(summary));
}

void TestDrop::defectsAreNamed() {
  const DataFile captions = readDataFile(set_->write("c.json", kCaptions), nullptr);
  QCOMPARE(captions.problems.size(), size_t{1});  // two times, one sentence
  QCOMPARE(captions.problems[0].item, std::string("v_two"));
  const DataFile results = readDataFile(set_->write("r.json", kResults), nullptr);
  QCOMPARE(results.problems.size(), size_t{1});
  QCOMPARE(results.problems[0].kind, std::string("reversed"));
  QVERIFY(droppedText(results).contains("v_one"));
}

void TestDrop::otherFilesStayUnknown_data() {
  QTest::addColumn<QByteArray>("text");
  QTest::newRow("plain text") << QByteArray("hello");
  QTest::newRow("another JSON object") << QByteArray(R"({"answer": 42})");
  QTest::newRow("a list of numbers") << QByteArray("[1, 2, 3]");
  QTest::newRow("an empty file") << QByteArray();
  QTest::newRow("an event file with a wrong checksum") << QByteArray(tensorboardRecord(tensorboardVersionEvent(1.0)).c_str(), 20) + QByteArray(20, 'x');
}
void TestDrop::otherFilesStayUnknown() {
  QFETCH(QByteArray, text);
  const std::string path = set_->write("thing.json", text.toStdString());
  QVERIFY(readDataFile(path, nullptr).kind == DataFileKind::kUnknown);
  QCOMPARE(recognise(qText(path)).kind, DropKind::kUnknown);
  QVERIFY(readDataFile(set_->path("nowhere"), nullptr).kind == DataFileKind::kUnknown);
}

void TestDrop::theDataSetBesideIsFound() {
  const DataFile own = readDataFile(set_->path("annotations.json"), &set_->catalogue);
  QCOMPARE(own.dataset, fs::path(set_->path("dataset.yaml")));
  QCOMPARE(own.subsets.at("training"), int64_t{1});
  QVERIFY(readDataFile(set_->write("c.json", kCaptions), nullptr).dataset.empty());  // lies there, but is not named
}

void TestDrop::aNewDataSetReadsBack() {
  const QString dataset = makeSynth(*box_, 12);
  const fs::path folder = pathOf(dataset).parent_path();
  const DatasetSpec made = readDatasetSpec(pathOf(dataset));
  const DataFile features = readDataFile(made.features.store, nullptr);
  QVERIFY(features.kind == DataFileKind::kFeatures);
  QCOMPARE(features.videos, int64_t{12});
  QCOMPARE(features.columns, int64_t{16});
  const DataFile annotations = readDataFile(made.annotations, nullptr);
  const fs::path other = folder / "other.yaml";
  writeFileAtomic(other, datasetYamlFor(annotations));
  const LoadedData loaded = loadData(qText(other));
  QVERIFY2(loaded.store_problem.isEmpty(), qPrintable(loaded.store_problem));
  QCOMPARE(loaded.catalogue.videos.size(), size_t{12});
  QCOMPARE(loaded.columns, int64_t{16});
  // Names that YAML would read otherwise are in quotes; without features the annotations open all the same.
  fs::create_directories(box_->path("odd").toStdString());
  fs::copy_file(made.annotations, box_->path("odd/12: # yes.json").toStdString());
  const DataFile odd = readDataFile(pathOf(box_->path("odd/12: # yes.json")), nullptr);
  writeFileAtomic(pathOf(box_->path("odd/dataset.yaml")), datasetYamlFor(odd));
  QCOMPARE(loadData(box_->path("odd/dataset.yaml")).catalogue.videos.size(), size_t{12});
}

void TestDrop::theReportSaysHowToUseIt_data() {
  QTest::addColumn<QByteArray>("text");
  QTest::addColumn<QString>("part");
  QTest::newRow("captions") << QByteArray(kCaptions) << "captions: {training: f.json}";
  QTest::newRow("questions") << QByteArray(kQuestions) << "questions: {training: [f.json, ANSWERS.json]}";
  QTest::newRow("answers") << QByteArray(kAnswers) << "questions: {training: [QUESTIONS.json, f.json]}";
  QTest::newRow("detections") << QByteArray(kResults) << "hvlm runs import";
  QTest::newRow("events") << QByteArray::fromStdString(tensorboardRecord(tensorboardVersionEvent(1.0))) << "tensorboard --logdir";
}
void TestDrop::theReportSaysHowToUseIt() {
  QFETCH(QByteArray, text);
  QFETCH(QString, part);
  const DataFile file = readDataFile(set_->write("f.json", text.toStdString()), nullptr);
  QVERIFY2(droppedText(file).contains(part), qPrintable(droppedText(file)));
  QVERIFY2(qText(dataFileText(file)).contains(part), dataFileText(file).c_str());
}

void TestDrop::captionsAreToldAndReported() {
  openData();
  drop(set_->write("c.json", kCaptions));
  QTRY_VERIFY_WITH_TIMEOUT(notice()->text().contains("taken for captions"), kPatience);
  QVERIFY(button(notice(), "Details…"));
  button(notice(), "Details…")->click();
  const auto* dialog = window_->findChild<TextDialog*>();
  QVERIFY(dialog);
  QVERIFY2(dialog->text().contains("captions: {validation: c.json}") && dialog->text().contains("v_nine"), qPrintable(dialog->text()));
  QVERIFY(dialog->text().contains("Taken as the data set"));  // that of the open one follows
  QCOMPARE(window_->workspace().data()->file, qText(set_->path("dataset.yaml")));  // nothing else was opened
}

void TestDrop::resultsBecomeARun() {
  openData();
  drop(set_->write("theirs.json", kResults));
  QTRY_VERIFY_WITH_TIMEOUT(button(notice(), "Import as a run"), kPatience);
  button(notice(), "Import as a run")->click();
  const QString run = box_->path("data/hvlm/runs/made/theirs");
  QTRY_COMPARE_WITH_TIMEOUT(window_->workspace().run(), run, kPatience);
  QVERIFY(readRunRecord(pathOf(run)).isImported());
  QVERIFY2(notice()->text().contains("2 of 3 videos"), qPrintable(notice()->text()));
  drop(set_->path("theirs.json"));  // once more: another folder
  QTRY_VERIFY_WITH_TIMEOUT(button(notice(), "Import as a run"), kPatience);
  button(notice(), "Import as a run")->click();
  QTRY_COMPARE_WITH_TIMEOUT(window_->workspace().run(), run + "-2", kPatience);
}

void TestDrop::resultsWaitForTheirDataSet() {
  openWindow();
  NoticeStrip* welcome = window_->findChild<WelcomePage*>()->notice();
  drop(set_->write("theirs.json", kResults));
  QTRY_VERIFY_WITH_TIMEOUT(button(welcome, "Open data set…"), kPatience);
  prompts_->paths.enqueue(qText(set_->path("dataset.yaml")));
  button(welcome, "Open data set…")->click();
  QTRY_VERIFY_WITH_TIMEOUT(button(notice(), "Import as a run"), kPatience);
}

void TestDrop::annotationsBecomeADataSet() {
  const fs::path folder = pathOf(box_->path("bare"));
  fs::create_directories(folder);
  fs::copy_file(set_->path("annotations.json"), folder / "annotations.json");
  openWindow();
  NoticeStrip* welcome = window_->findChild<WelcomePage*>()->notice();
  drop((folder / "annotations.json").string());
  QTRY_VERIFY_WITH_TIMEOUT(button(welcome, "Make dataset.yaml…"), kPatience);
  prompts_->paths.enqueue(qText(folder / "dataset.yaml"));
  button(welcome, "Make dataset.yaml…")->click();
  QTRY_VERIFY_WITH_TIMEOUT(window_->workspace().video(), kPatience);
  QCOMPARE(window_->workspace().data()->catalogue.videos.size(), size_t{5});
  // The next time it is known to belong there.
  drop((folder / "annotations.json").string());
  QTRY_VERIFY_WITH_TIMEOUT(notice()->text().contains("taken for annotations"), kPatience);
  QVERIFY(button(notice(), "Details…"));
}

void TestDrop::anotherDataSetIsNeverWrittenOver() {
  const fs::path folder = pathOf(box_->path("kept"));
  fs::create_directories(folder);
  fs::copy_file(set_->path("annotations.json"), folder / "annotations.json");
  writeFileAtomic(folder / "mine.yaml", "years of work");
  openWindow();
  NoticeStrip* welcome = window_->findChild<WelcomePage*>()->notice();
  drop((folder / "annotations.json").string());
  QTRY_VERIFY_WITH_TIMEOUT(button(welcome, "Make dataset.yaml…"), kPatience);
  prompts_->paths.enqueue(qText(folder / "mine.yaml"));
  button(welcome, "Make dataset.yaml…")->click();
  QTRY_VERIFY_WITH_TIMEOUT(welcome->text().contains("never written over"), kPatience);
  QCOMPARE(readFile(folder / "mine.yaml"), std::string("years of work"));
}

void TestDrop::anEventFileOpensItsRun() {
  openWindow();
  const fs::path run = pathOf(box_->path("run"));
  RunRecord record = freshRecord(RunConfig());
  record.state = "done";
  writeRunRecord(run, record);
  writeFileAtomic(run / "events.out.tfevents.1.host.2.0", tensorboardRecord(tensorboardVersionEvent(1.0)));
  drop((run / "events.out.tfevents.1.host.2.0").string());
  QTRY_COMPARE_WITH_TIMEOUT(window_->workspace().run(), qText(run), kPatience);
}

void TestDrop::aDamagedFileIsOneMessage() {
  openData();
  drop(set_->write("torn.json", R"({"results": {"one": [)"));
  QTRY_VERIFY_WITH_TIMEOUT(notice()->text().contains("torn.json"), kPatience);
  QVERIFY2(notice()->text().contains("line"), qPrintable(notice()->text()));
  QVERIFY(prompts_->asked.isEmpty());
}

HVLM_GUI_TEST_MAIN(TestDrop)
#include "tst_ui_drop.moc"
