// SPDX-License-Identifier: GPL-3.0-or-later
// The panel Detection: its numbers against the official score, runs of other programs, what is empty or damaged, tables by mouse and keys, files.
#include <QAbstractItemModelTester>
#include <QComboBox>
#include <QFile>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QSlider>
#include <QSvgRenderer>
#include <QTabWidget>
#include <QTableView>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <tuple>

#include "runs/export.h"
#include "runs/run_record.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "ui/detections/detection_panel.h"
#include "ui/detections/detection_tables.h"
#include "ui/detections/error_view.h"
#include "ui/detections/precision_recall_view.h"
#include "ui/detections/tiou_view.h"
#include "ui/exports/export_command.h"
#include "ui/language/found_mark.h"
#include "ui/shell/action_list.h"
#include "ui/shell/elided_label.h"
#include "ui/shell/empty_state.h"
#include "ui/shell/notice_strip.h"
#include "ui/shell/workers.h"
#include "ui/timeline/timeline_panel.h"
#include "ui/window/main_window.h"
#include "ui_fixtures.h"

using namespace hvlm;
using namespace hvlm::ui;
using namespace hvlm::ui::testing;
using Json = nlohmann::json;
namespace fs = std::filesystem;

namespace {

constexpr int kPatience = 20000;  // ms

// A run folder as an import leaves it: no config, no checkpoint, no metrics.
fs::path makeRun(const Sandbox& box, const char* name) {
  const fs::path run = pathOf(box.path(QString::fromLatin1(name)));
  fs::create_directories(run / "predictions");
  RunRecord record;
  record.id = record.name = name;
  record.state = "done";
  writeRunRecord(run, record);
  return run;
}

// Noisy answers on the validation videos of a data set: hits, doubles, wrong classes, nothing for every seventh video.
Predictions noisy(const LoadedData& loaded, uint32_t seed, const char* subset = "validation") {
  std::mt19937 random(seed);
  const auto share = [&] { return static_cast<double>(random() % 1000u) / 1000.0; };
  Predictions out;
  int64_t number = 0;
  for (const int64_t v : loaded.catalogue.subset(subset)) {
    const Video& video = loaded.catalogue.videos[static_cast<size_t>(v)];
    auto& list = out[video.id];
    if (++number % 7 == 0) continue;
    for (const Segment& s : video.segments) {
      for (int i = 0; i < 3; ++i) {
        const size_t label = share() < 0.2 ? random() % loaded.catalogue.classes.size() : static_cast<size_t>(s.label);
        const double length = s.end_seconds - s.start_seconds;
        list.push_back({s.start_seconds + (share() - 0.5) * length * 0.5, s.end_seconds + (share() - 0.5) * length * 0.3, share(), loaded.catalogue.classes[label]});
      }
    }
  }
  return out;
}

void put(const fs::path& run, const Predictions& predictions, const char* subset = "validation") { writePredictions(run / "predictions" / (std::string(subset) + ".json"), predictions); }

Json controlsOf(double average) {
  return {{"majority", {{"classification", {{"top1", 0.2}}}}},
          {"whole video", {{"localization", {{"average_map", average}, {"map", {{"0.50", 0.5}, {"0.75", 0.25}}}}}}},
          {"always best", {{"localization", {{"average_map", average + 0.5}}}}}};
}

}  // namespace

class TestDetections : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase();
  void init();
  void cleanup();
  void cleanupTestCase() { Theme::instance().setKind(ThemeKind::kLight); }
  void theNumbersAreTheOfficialOnes();
  void theReportGivesTheControls();
  void aReportThatCannotBeReadCostsTheControls();
  void filesOfLanguageAreNoDetections();
  void damagedAndForeignFilesAreTold_data();
  void damagedAndForeignFilesAreTold();
  void unknownLabelsAndVideosAreFalsePositives();
  void videosWithoutFeaturesAreAsInTheReport();
  void theLookKeepsWhatDoesNotChange();
  void momentsLeadToTheWorst();
  void tablesSortAndFilter();
  void theEmptyPanelSaysWhatToDo();
  void anImportedRunFillsThePanel();
  void thresholdsChangeTheTables();
  void rowsOpenByMouseAndEnter();
  void faultsAreFilteredByKind();
  void aClassIsShownStrongly();
  void figuresSayWhatIsUnderThePointer();
  void figuresAreDrawnAndExported_data();
  void figuresAreDrawnAndExported();
  void anotherRunForgetsTheFirst();
  void changedFilesAreReadAgain();
  void everyControlHasAName();
  void theCommandLineWritesThem();
  void theWindowOpensTheSegment();

 private:
  QTableView* table(DetectionPanel& panel, const char* name) { return panel.findChild<QTableView*>(QLatin1String(name)); }
  std::unique_ptr<DetectionPanel> filled(const fs::path& run);

  Sandbox box_;
  QString dataset_;
  std::shared_ptr<const LoadedData> loaded_;
  std::unique_ptr<Workspace> workspace_;
  fs::path run_;
};

void TestDetections::initTestCase() {
  dataset_ = makeSynth(box_, 60);
  loaded_ = std::make_shared<const LoadedData>(loadData(dataset_));
  QVERIFY(loaded_->catalogue.subset("validation").size() > 8);
  run_ = makeRun(box_, "imported");
  put(run_, noisy(*loaded_, 1));
}

void TestDetections::init() {
  workspace_ = std::make_unique<Workspace>();
  Theme::instance().setKind(ThemeKind::kLight);
}

void TestDetections::cleanup() {
  workspace_.reset();
  Workers::instance().waitForDone();
}

std::unique_ptr<DetectionPanel> TestDetections::filled(const fs::path& run) {
  auto panel = std::make_unique<DetectionPanel>(*workspace_);
  panel->resize(900, 420);
  panel->show();
  workspace_->openData(dataset_);
  workspace_->setRun(qText(run));
  (void)QTest::qWaitFor([&] { return panel->look() && !panel->busy(); }, kPatience);
  return panel;
}

void TestDetections::theNumbersAreTheOfficialOnes() {
  const auto data = readDetections(qText(run_), *loaded_);
  QVERIFY(data);
  const DetectionScore score = scoreDetections(data->truth, data->predictions, data->thresholds);
  QVERIFY(score.average_map > 0.02 && score.average_map < 0.98);
  QVERIFY(std::abs(data->average_map - score.average_map) <= 1e-12);
  QCOMPARE(data->class_ap.size(), score.class_ap.size());
  for (size_t t = 0; t < data->thresholds.size(); ++t) {
    QVERIFY(std::abs(data->map[t] - score.map[t]) <= 1e-12);
    for (size_t c = 0; c < data->class_ap.size(); ++c) QVERIFY(std::abs(data->class_ap[c][t] - score.class_ap[c][t]) <= 1e-12);
    const DetectionLook look = lookAt(*data, {t, data->thresholds[t], 0.0});
    QVERIFY(std::abs(look.mean.ap - score.map[t]) <= 1e-12);
  }
  // And of the files themselves, as `hvlm score detection` reads them.
  const Json official = scoreDetectionFiles(loaded_->spec.annotations.string(), (run_ / "predictions" / "validation.json").string(), "validation");
  QVERIFY(std::abs(official.at("average_map").get<double>() - data->average_map) <= 1e-12);
  const ResultTable table = classTable(*data);
  QCOMPARE(table.rows.size(), data->class_ap.size() + 1);
  QCOMPARE(*table.rows.front().cells[1].value, data->map[0]);
  QCOMPARE(*table.rows.front().cells[11].value, data->average_map);
}

void TestDetections::theReportGivesTheControls() {
  const fs::path run = makeRun(box_, "reported");
  put(run, noisy(*loaded_, 2));
  const auto videos = loaded_->catalogue.subset("validation").size();
  writeReport(run, {{"subset", "validation"}, {"videos", videos}, {"controls", controlsOf(0.125)}});
  auto data = readDetections(qText(run), *loaded_);
  QCOMPARE(data->controls.size(), size_t{2});
  QCOMPARE(data->controls[0].name, QString("always best"));
  QVERIFY(data->controls[0].map.empty());
  QCOMPARE(data->controls[1].average, 0.125);
  QCOMPARE(data->controls[1].map[0], 0.5);
  QCOMPARE(data->controls[1].map[5], 0.25);
  QVERIFY(std::isnan(data->controls[1].map[1]));
  QVERIFY(data->notes.isEmpty());
  // Measured on other videos: told. Of another subset: not compared.
  writeReport(run, {{"subset", "validation"}, {"videos", 4917}, {"controls", controlsOf(0.125)}});
  data = readDetections(qText(run), *loaded_);
  QCOMPARE(data->notes.size(), 1);
  QVERIFY2(data->notes[0].contains("4917"), qPrintable(data->notes[0]));
  writeReport(run, {{"subset", "testing"}, {"videos", 4917}, {"controls", controlsOf(0.125)}});
  data = readDetections(qText(run), *loaded_);
  QVERIFY(data->controls.empty() && data->notes.isEmpty());
}

void TestDetections::aReportThatCannotBeReadCostsTheControls() {
  const fs::path run = makeRun(box_, "torn");
  put(run, noisy(*loaded_, 2));
  for (const auto& [text, notes] : {std::pair("{\"controls\": ", 1), std::pair("[1, 2]", 1), std::pair("{\"controls\": 5, \"videos\": \"many\"}", 0)}) {
    writeFileAtomic(run / "report.json", text);
    const auto data = readDetections(qText(run), *loaded_);
    QVERIFY(data && data->controls.empty());
    QVERIFY(data->average_map > 0.0);
    QCOMPARE(data->notes.size(), notes);
  }
}

void TestDetections::filesOfLanguageAreNoDetections() {
  const fs::path run = makeRun(box_, "language");
  QVERIFY(detectionSubsets(qText(run)).isEmpty());
  QVERIFY(!readDetections(qText(run), *loaded_));
  for (const char* name : {"validation_answers.json", "validation_captions.json", "training_events.json", "notes.txt"}) writeFileAtomic(run / "predictions" / name, "{}");
  QVERIFY(detectionSubsets(qText(run)).isEmpty());
  QVERIFY(detectionSubsets(box_.path("nowhere")).isEmpty());
  put(run, noisy(*loaded_, 3, "training"), "training");
  put(run, noisy(*loaded_, 3));
  QCOMPARE(detectionSubsets(qText(run)), (QStringList{"validation", "training"}));
  QCOMPARE(readDetections(qText(run), *loaded_)->subset, QString("validation"));
  const auto training = readDetections(qText(run), *loaded_, "training");
  QCOMPARE(training->subset, QString("training"));
  QCOMPARE(training->videos.size(), static_cast<qsizetype>(loaded_->catalogue.subset("training").size()));
}

void TestDetections::damagedAndForeignFilesAreTold_data() {
  QTest::addColumn<QString>("subset");
  QTest::addColumn<QString>("text");
  QTest::addColumn<QString>("word");
  QTest::newRow("torn") << "validation" << "{\"results\": {\"a\": [" << "validation.json";
  QTest::newRow("another schema") << "validation" << "[1, 2, 3]" << "results";
  QTest::newRow("a segment that is no pair") << "validation" << "{\"results\": {\"a\": [{\"label\": \"x\", \"score\": 1, \"segment\": [1]}]}}" << "a";
  QTest::newRow("a subset that the data set lacks") << "dreams" << "{\"results\": {}}" << "validation";
}
void TestDetections::damagedAndForeignFilesAreTold() {
  QFETCH(QString, subset);
  QFETCH(QString, text);
  QFETCH(QString, word);
  const fs::path run = makeRun(box_, "damaged");
  for (const auto& entry : fs::directory_iterator(run / "predictions")) fs::remove(entry.path());
  writeFileAtomic(run / "predictions" / (stdText(subset) + ".json"), stdText(text));
  try {
    readDetections(qText(run), *loaded_);
    QFAIL("nothing was said");
  } catch (const InputError& error) {
    QVERIFY2(QString::fromUtf8(error.what()).contains(word), error.what());
  }
  DetectionPanel panel(*workspace_);
  panel.show();
  workspace_->openData(dataset_);
  workspace_->setRun(qText(run));
  QTRY_VERIFY_WITH_TIMEOUT(workspace_->data() && !panel.busy(), kPatience);
  QVERIFY2(panel.findChild<EmptyState*>()->text().contains(word), qPrintable(panel.findChild<EmptyState*>()->text()));
  QVERIFY(!panel.content() && panel.figures().empty());
}

void TestDetections::unknownLabelsAndVideosAreFalsePositives() {
  const fs::path run = makeRun(box_, "unknown");
  const Video& video = loaded_->catalogue.videos[static_cast<size_t>(loaded_->catalogue.subset("validation").front())];
  const Segment& s = video.segments.front();
  const std::string name = loaded_->catalogue.classes[static_cast<size_t>(s.label)];
  put(run, {{video.id, {{s.start_seconds, s.end_seconds, 0.9, name}, {s.start_seconds, s.end_seconds, 0.8, "Juggling"}, {s.start_seconds, s.end_seconds, 0.7, "Yodelling"}}},
            {"elsewhere", {{0.0, 5.0, 0.6, name}}}});
  const auto data = readDetections(qText(run), *loaded_);
  QCOMPARE(data->classes.size(), static_cast<qsizetype>(loaded_->catalogue.classes.size() + 2));
  QCOMPARE(data->notes.size(), 1);
  const DetectionLook look = lookAt(*data, {0, 0.5, 0.5});
  QCOMPARE(look.videos.size(), static_cast<size_t>(data->videos.size()));
  const auto own = std::find_if(look.videos.begin(), look.videos.end(), [&](const VideoDetections& v) { return data->videos[v.video] == qText(video.id); });
  QCOMPARE(own->false_positives, int64_t{2});
  QCOMPARE(own->best_tiou, 1.0);
  int outside = 0;
  for (const DetectionFault& fault : look.faults) outside += momentOf(*data, fault).video.isEmpty() ? 1 : 0;
  QCOMPARE(outside, 1);
  const auto columns = faultColumns(data, std::make_shared<const DetectionLook>(look));
  const auto last = static_cast<int>(look.faults.size()) - 1;  // the lowest score: the one elsewhere
  QCOMPARE(columns[1].text(last), QString("another video"));
  QCOMPARE(columns[3].text(last), QString("–"));
  QCOMPARE(columns[2].text(last - 1), QString("Yodelling"));
}

void TestDetections::videosWithoutFeaturesAreAsInTheReport() {
  const fs::path run = makeRun(box_, "features");
  LoadedData some = *loaded_;
  const auto validation = some.catalogue.subset("validation");
  const std::string bare = some.catalogue.videos[static_cast<size_t>(validation[0])].id, predicted = some.catalogue.videos[static_cast<size_t>(validation[1])].id;
  some.without_features = {bare, predicted};
  Predictions predictions = noisy(some, 5);
  predictions.erase(bare);
  put(run, predictions);
  const auto all = static_cast<qsizetype>(validation.size());
  QCOMPARE(readDetections(qText(run), some)->videos.size(), all);  // an import: every video counts
  writeReport(run, {{"subset", "validation"}, {"videos", validation.size() - 1}, {"videos_without_features", 1}});
  const auto data = readDetections(qText(run), some);
  QCOMPARE(data->videos.size(), all - 1);
  QVERIFY(!data->videos.contains(qText(bare)) && data->videos.contains(qText(predicted)));
  QCOMPARE(data->notes.size(), 1);
}

void TestDetections::theLookKeepsWhatDoesNotChange() {
  const auto data = readDetections(qText(run_), *loaded_);
  const DetectionLook first = lookAt(*data, {2, data->thresholds[2], 0.0});
  const DetectionLook other = lookAt(*data, {2, data->thresholds[2], 0.6}, &first), anew = lookAt(*data, {2, data->thresholds[2], 0.6});
  QCOMPARE(other.mean.precision, anew.mean.precision);
  QCOMPARE(other.profile.errors[0].gain, anew.profile.errors[0].gain);
  QCOMPARE(other.faults.size(), anew.faults.size());
  QVERIFY(other.faults.size() != first.faults.size());
  const DetectionLook moved = lookAt(*data, {9, data->thresholds[9], 0.0}, &first);
  QVERIFY(moved.mean.ap < first.mean.ap);
  QCOMPARE(moved.profile.threshold, data->thresholds[9]);
  QVERIFY(std::is_sorted(other.videos.begin(), other.videos.end(), [](const VideoDetections& a, const VideoDetections& b) {
    return std::tuple(-a.missed, -a.false_positives, a.best_tiou) < std::tuple(-b.missed, -b.false_positives, b.best_tiou);
  }));
}

void TestDetections::momentsLeadToTheWorst() {
  DetectionData data;
  data.videos = {"missed", "false", "right", "bare"};
  data.durations = {100, 90, 80, 70};
  data.truth = {{0, 0, 5, 10, 1}, {0, 0, 40, 50, 1}, {1, 0, 0, 10, 1}, {2, 0, 30, 40, 1}};
  data.predictions = {{0, 0, 5, 10, .9}, {1, 0, 0, 10, .9}, {1, 0, 70, 75, .5}, {1, 0, 60, 65, .8}, {2, 0, 30, 40, .9}};
  data.thresholds = {0.5};
  data.matches = matchDetections(data.truth, data.predictions, data.thresholds);
  const DetectionLook look = lookAt(data, {0, 0.5, 0.2});
  const auto check = [&](int64_t video, const char* id, double from, double to) {
    const VideoMoment moment = momentOf(data, look, video);
    QCOMPARE(moment.video, QString::fromLatin1(id));
    QCOMPARE(moment.from_seconds, from);
    QCOMPARE(moment.to_seconds, to);
  };
  check(0, "missed", 40, 50);
  check(1, "false", 60, 65);
  check(2, "right", 30, 40);
  check(3, "bare", 0, 70);
  QVERIFY(momentOf(data, look, 4).video.isEmpty());
  QVERIFY(momentOf(data, look, -1).video.isEmpty());
  QCOMPARE(data.videos[look.videos.front().video], QString("missed"));
}

void TestDetections::tablesSortAndFilter() {
  SortedTable model;
  QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
  const std::vector<double> values = {3, std::nan(""), 1, 2};
  const QStringList names = {"c", "B", "a", "d"};
  const auto columns = [&] {
    std::vector<SortedColumn> made;
    made.push_back({.title = "name", .text = [names](int i) { return names[i]; }});
    made.push_back({.title = "value", .tip = "a tip", .decimals = 2, .number = [values](int i) { return values[static_cast<size_t>(i)]; }, .is_strong = true});
    return made;
  };
  model.setItems(4, columns());
  const auto order = [&] {
    QList<int> items;
    for (int row = 0; row < model.rowCount(); ++row) items.append(model.itemAt(row));
    return items;
  };
  QCOMPARE(order(), (QList<int>{0, 1, 2, 3}));
  const QPersistentModelIndex kept = model.index(0, 1);
  model.sort(1, Qt::AscendingOrder);
  QCOMPARE(order(), (QList<int>{2, 3, 0, 1}));
  QCOMPARE(kept.row(), 2);  // the row that is chosen goes along
  model.sort(1, Qt::DescendingOrder);
  QCOMPARE(order(), (QList<int>{0, 3, 2, 1}));  // what has no value stays last
  model.sort(0, Qt::AscendingOrder);
  QCOMPARE(order(), (QList<int>{2, 1, 0, 3}));
  model.setFilter([](int item) { return item != 1; });
  QCOMPARE(order(), (QList<int>{2, 0, 3}));
  QCOMPARE(model.rowOf(1), -1);
  model.setItems(4, columns());  // keeps both
  QCOMPARE(order(), (QList<int>{2, 0, 3}));
  model.setFilter(nullptr);
  model.sort(-1, Qt::AscendingOrder);
  QCOMPARE(order(), (QList<int>{0, 1, 2, 3}));
  QCOMPARE(model.index(0, 1).data().toString(), QString("3.00"));
  QCOMPARE(model.index(1, 1).data().toString(), QString("–"));
  QVERIFY(model.index(0, 1).data(Qt::FontRole).value<QFont>().bold());
  QCOMPARE(model.headerData(1, Qt::Horizontal, Qt::ToolTipRole).toString(), QString("a tip"));
  QCOMPARE(model.itemAt(99), -1);
}

void TestDetections::theEmptyPanelSaysWhatToDo() {
  DetectionPanel panel(*workspace_);
  panel.show();
  auto* empty = panel.findChild<EmptyState*>();
  auto* button = panel.findChild<QPushButton*>("emptyStateButton");
  QVERIFY(empty->isVisible() && empty->text().contains("No run"));
  QSignalSpy asked(empty, &EmptyState::asked);
  QVERIFY(button->isVisible());
  button->click();
  QCOMPARE(asked.value(0).value(0).value<EmptyAsk>(), EmptyAsk::kRuns);
  const fs::path run = makeRun(box_, "bare");
  workspace_->setRun(qText(run));
  QTRY_VERIFY(empty->text().contains("No data set"));
  QSignalSpy open(&panel, &DetectionPanel::openDataAsked), evaluate(&panel, &DetectionPanel::evaluateAsked);
  QVERIFY(button->isVisible());
  button->click();
  QCOMPARE(open.count(), 1);
  panel.setCanEvaluate(true);
  workspace_->openData(dataset_);
  QTRY_VERIFY_WITH_TIMEOUT(empty->text().contains("hvlm eval --run " + qText(run)), kPatience);
  QVERIFY(button->isVisible());
  button->click();
  QCOMPARE(evaluate.count(), 1);
  QVERIFY(!panel.currentFigure() && !panel.currentTable());
  panel.setCanEvaluate(false);
  QVERIFY(!button->isVisible());
  // Evaluated meanwhile: it fills.
  put(run, noisy(*loaded_, 4));
  panel.refresh();
  QTRY_VERIFY_WITH_TIMEOUT(panel.look(), kPatience);
  QVERIFY(!empty->isVisible());
}

void TestDetections::anImportedRunFillsThePanel() {
  const auto panel = filled(run_);
  QVERIFY(panel->look());
  const auto data = panel->content();
  auto* summary = panel->findChild<ElidedLabel*>("detectionSummary");
  QVERIFY2(summary->text().contains(QString::number(data->map[0], 'f', 3)) && summary->text().contains(QString::number(data->average_map, 'f', 3)), qPrintable(summary->text()));
  QCOMPARE(panel->figures().size(), size_t{3});
  auto* classes = table(*panel, "detectionClassTable");
  QCOMPARE(classes->model()->rowCount(), static_cast<int>(data->class_ap.size()));
  QCOMPARE(classes->model()->columnCount(), 14);
  QCOMPARE(classes->model()->index(0, 4).data().toString(), QString::number(data->class_ap[0][0], 'f', 3));
  auto* videos = table(*panel, "detectionVideoTable");
  QCOMPARE(videos->model()->rowCount(), static_cast<int>(data->videos.size()));
  QVERIFY(videos->model()->index(0, 1).data().toInt() >= videos->model()->index(1, 1).data().toInt());
  for (int page = 0; page < 4; ++page) {
    panel->pages()->setCurrentIndex(page);
    QCOMPARE(panel->currentFigure() != nullptr, page < 2);
    QCOMPARE(panel->currentTable().has_value(), page >= 1);  // the faults stand beside the error profile
  }
}

void TestDetections::thresholdsChangeTheTables() {
  const auto panel = filled(run_);
  const auto before = panel->look();
  QSignalSpy shown(panel.get(), &DetectionPanel::shown);
  panel->choose(8, 0.75);
  QTRY_VERIFY_WITH_TIMEOUT(panel->look()->point == panel->point() && !panel->busy(), kPatience);
  QVERIFY(shown.count() >= 1);
  const auto after = panel->look();
  QCOMPARE(after->point.threshold, size_t{8});
  QCOMPARE(after->point.score, 0.75);
  QVERIFY(std::abs(after->point.tiou - 0.9) < 1e-12);
  const DetectionLook expected = lookAt(*panel->content(), after->point);
  QCOMPARE(after->faults.size(), expected.faults.size());
  QCOMPARE(after->mean.ap, panel->content()->map[8]);
  QVERIFY(after->mean.ap < before->mean.ap);
  auto* classes = table(*panel, "detectionClassTable");
  QVERIFY(classes->model()->index(0, 12).data(Qt::FontRole).value<QFont>().bold());
  QVERIFY(!classes->model()->index(0, 4).data(Qt::FontRole).value<QFont>().bold());
  QVERIFY(panel->findChild<ElidedLabel*>("detectionSummary")->text().contains("0.90"));
  // By the figure too.
  auto* figure = panel->findChild<TiouView*>("tiouView");
  QSignalSpy chosen(figure, &TiouView::thresholdChosen);
  QTest::mouseClick(figure, Qt::LeftButton, {}, QPoint(figure->width() - 12, 60));
  QCOMPARE(chosen.count(), 1);
  QTRY_COMPARE_WITH_TIMEOUT(panel->look()->point.threshold, size_t{9}, kPatience);
}

void TestDetections::rowsOpenByMouseAndEnter() {
  const auto panel = filled(run_);
  QSignalSpy asked(panel.get(), &DetectionPanel::momentAsked);
  const auto data = panel->content();
  const auto look = panel->look();
  for (const auto& [page, name] : {std::pair(DetectionPanel::kVideos, "detectionVideoTable"), std::pair(DetectionPanel::kErrors, "detectionFaultTable")}) {
    panel->pages()->setCurrentIndex(page);
    QTableView* view = table(*panel, name);
    QVERIFY(view->model()->rowCount() > 2);
    const auto expected = [&](int row) { return page == DetectionPanel::kVideos ? momentOf(*data, *look, look->videos[static_cast<size_t>(row)].video) : momentOf(*data, look->faults[static_cast<size_t>(row)]); };
    const auto last = [&](int row) {
      const QList<QVariant> said = asked.takeLast();
      QCOMPARE(said[0].toString(), expected(row).video);
      QCOMPARE(said[1].toDouble(), expected(row).from_seconds);
      QCOMPARE(said[2].toDouble(), expected(row).to_seconds);
    };
    asked.clear();
    view->setFocus();
    view->setCurrentIndex(view->model()->index(1, 0));
    QCOMPARE(asked.count(), 0);  // moving about opens nothing
    QTest::keyClick(view, Qt::Key_Return);
    QCOMPARE(asked.count(), 1);
    last(1);
    QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, view->visualRect(view->model()->index(2, 0)).center());
    QCOMPARE(asked.count(), 1);
    last(2);
  }
  // A prediction of no video of the subset is told instead.
  const fs::path run = makeRun(box_, "outside");
  const std::string name = loaded_->catalogue.classes.front();
  put(run, {{"elsewhere", {{0.0, 5.0, 0.9, name}}}});
  workspace_->setRun(qText(run));
  QTRY_VERIFY_WITH_TIMEOUT(panel->look() && panel->content()->run == qText(run), kPatience);
  panel->pages()->setCurrentIndex(DetectionPanel::kErrors);
  QTableView* view = table(*panel, "detectionFaultTable");
  asked.clear();
  view->setCurrentIndex(view->model()->index(view->model()->rowCount() - 1, 0));
  QTest::keyClick(view, Qt::Key_Return);
  QCOMPARE(asked.count(), 0);
  QVERIFY(panel->notice()->isVisible());
}

void TestDetections::faultsAreFilteredByKind() {
  const auto panel = filled(run_);
  panel->pages()->setCurrentIndex(DetectionPanel::kErrors);
  const auto look = panel->look();
  auto* kinds = panel->findChild<QComboBox*>("detectionKindCombo");
  auto* model = table(*panel, "detectionFaultTable")->model();
  QCOMPARE(model->rowCount(), static_cast<int>(look->faults.size()));
  int sum = 0;
  for (int i = 1; i < kinds->count(); ++i) {
    kinds->setCurrentIndex(i);
    QVERIFY(kinds->itemText(i).endsWith(QStringLiteral("(%1)").arg(model->rowCount())));
    if (model->rowCount() > 0) QVERIFY(kinds->itemText(i).startsWith(model->index(0, 0).data().toString()));
    sum += model->rowCount();
  }
  QCOMPARE(sum, static_cast<int>(look->faults.size()));
  // A bar of the profile does the same, and lets it go.
  auto* figure = panel->findChild<ErrorView*>("errorView");
  const QPoint row = figure->rowOf(DetectionError::kLocalization).center().toPoint();
  QTest::mouseClick(figure, Qt::LeftButton, {}, row);
  QCOMPARE(kinds->currentData().toInt(), static_cast<int>(DetectionError::kLocalization));
  const int localization = model->rowCount();
  QTest::mouseClick(figure, Qt::LeftButton, {}, row);
  QCOMPARE(model->rowCount(), static_cast<int>(look->faults.size()));
  QVERIFY(localization < model->rowCount());
  // The choice outlives another threshold.
  kinds->setCurrentIndex(1);
  panel->choose(9, 0.9);
  QTRY_VERIFY_WITH_TIMEOUT(panel->look()->point == panel->point() && !panel->busy(), kPatience);
  QCOMPARE(kinds->currentIndex(), 1);
  for (int r = 0; r < model->rowCount(); ++r) QCOMPARE(model->index(r, 5).data().toString(), QString("–"));
}

void TestDetections::aClassIsShownStrongly() {
  const auto panel = filled(run_);
  auto* figure = panel->findChild<PrecisionRecallView*>("precisionRecallView");
  auto* combo = panel->findChild<QComboBox*>("detectionClassCombo");
  QCOMPARE(figure->chosen(), int64_t{-1});
  panel->pages()->setCurrentIndex(DetectionPanel::kClasses);
  QTableView* view = table(*panel, "detectionClassTable");
  view->setFocus();
  view->setCurrentIndex(view->model()->index(1, 3));
  QTest::keyClick(view, Qt::Key_Enter);
  QCOMPARE(panel->pages()->currentIndex(), static_cast<int>(DetectionPanel::kCurves));
  QCOMPARE(combo->currentText(), view->model()->index(1, 0).data().toString());
  QCOMPARE(panel->content()->classes[figure->chosen()], combo->currentText());
  panel->choose(3, 0.5);
  QTRY_VERIFY_WITH_TIMEOUT(panel->look()->point == panel->point() && !panel->busy(), kPatience);
  QCOMPARE(panel->content()->classes[figure->chosen()], combo->currentText());
  combo->setCurrentIndex(0);
  QCOMPARE(figure->chosen(), int64_t{-1});
}

void TestDetections::figuresSayWhatIsUnderThePointer() {
  const auto panel = filled(run_);
  auto* figure = panel->findChild<PrecisionRecallView*>("precisionRecallView");
  const PrecisionRecall& curve = panel->look()->curves[0];
  QVERIFY(!curve.recall.empty());
  const double recall = curve.recall.front() / 2;
  const QPointF at = figure->pointOf(recall, curve.precisionAt(recall));
  const int64_t label = figure->labelAt(at);
  QVERIFY(label >= 0);
  QCOMPARE(figure->labelAt(QPointF(2, 2)), int64_t{-1});
  QTest::mouseMove(figure, at.toPoint());
  auto* said = panel->findChild<ElidedLabel*>("detectionReadOut");
  QTRY_VERIFY2(said->text().contains("recall") && said->text().contains("score"), qPrintable(said->text()));
  QTest::mouseClick(figure, Qt::LeftButton, {}, at.toPoint());
  QVERIFY(figure->chosen() >= 0);
  panel->pages()->setCurrentIndex(DetectionPanel::kErrors);
  auto* errors = panel->findChild<ErrorView*>("errorView");
  QCOMPARE(errors->kindAt(errors->rowOf(DetectionError::kBackground).center()), std::optional(DetectionError::kBackground));
  QVERIFY(!errors->kindAt(QPointF(1, errors->height() - 1)));
}

void TestDetections::figuresAreDrawnAndExported_data() {
  QTest::addColumn<int>("theme");
  QTest::newRow("light") << static_cast<int>(ThemeKind::kLight);
  QTest::newRow("dark") << static_cast<int>(ThemeKind::kDark);
  QTest::newRow("high contrast") << static_cast<int>(ThemeKind::kHighContrast);
}
void TestDetections::figuresAreDrawnAndExported() {
  QFETCH(int, theme);
  Theme::instance().setKind(static_cast<ThemeKind>(theme));
  const fs::path run = makeRun(box_, "drawn");
  put(run, noisy(*loaded_, 6));
  writeReport(run, {{"controls", controlsOf(0.25)}});
  const auto panel = filled(run);
  const char* heads[] = {"class,recall,precision,score\nmean,", "row,tiou,map\nthis run,0.50,", "part,name,count,share,gain\npredictions,true_positive,"};
  size_t at = 0;
  for (FigureCanvas* figure : panel->figures()) {
    figure->resize(360, 300);
    const QImage image = figure->grab().toImage();
    QCOMPARE(image.pixelColor(1, 1), tokens().base);
    std::set<QRgb> colours;
    for (int y = 0; y < image.height(); y += 2) {
      for (int x = 0; x < image.width(); x += 2) colours.insert(image.pixel(x, y));
    }
    QVERIFY(colours.size() > 8);
    QVERIFY2(figure->csv().starts_with(heads[at]), figure->csv().substr(0, 80).c_str());
    ++at;
    const QByteArray svg = figure->picture(PictureFormat::kSvg);
    QVERIFY(QSvgRenderer(svg).isValid());
    QVERIFY(!svg.contains("<image"));  // vectors stay vectors
    if (theme != static_cast<int>(ThemeKind::kLight)) continue;
    QVERIFY(figure->picture(PictureFormat::kPdf).startsWith("%PDF"));
  }
  QVERIFY(panel->figures()[1]->csv().find("always best,average,0.75") != std::string::npos);
  for (FigureCanvas* figure : panel->figures()) figure->resize(60, 40);  // too small for anything: no harm
  for (FigureCanvas* figure : panel->figures()) QVERIFY(!figure->grab().isNull());
}

void TestDetections::anotherRunForgetsTheFirst() {
  const fs::path other = makeRun(box_, "other"), bare = makeRun(box_, "without");
  put(other, noisy(*loaded_, 9));
  const auto panel = filled(run_);
  const double first = panel->content()->average_map;
  workspace_->setRun(qText(other));
  QVERIFY(!panel->content());  // at once
  workspace_->setRun(qText(bare));
  workspace_->setRun(qText(other));
  QTRY_VERIFY_WITH_TIMEOUT(panel->look(), kPatience);
  QCOMPARE(panel->content()->run, qText(other));
  QVERIFY(panel->content()->average_map != first);
  workspace_->setRun(qText(bare));
  QTRY_VERIFY_WITH_TIMEOUT(panel->findChild<EmptyState*>()->text().contains("hvlm eval"), kPatience);
  // Nothing is read while nobody looks.
  panel->hide();
  workspace_->setRun(qText(run_));
  QTest::qWait(50);
  QVERIFY(!panel->content());
  panel->show();
  QTRY_VERIFY_WITH_TIMEOUT(panel->look(), kPatience);
}

void TestDetections::changedFilesAreReadAgain() {
  const fs::path run = makeRun(box_, "changing");
  put(run, noisy(*loaded_, 11));
  const auto panel = filled(run);
  const auto first = panel->content();
  panel->refresh();
  QTRY_VERIFY_WITH_TIMEOUT(!panel->busy(), kPatience);
  QCOMPARE(panel->content(), first);  // nobody wrote: what is shown stays
  Predictions fewer = noisy(*loaded_, 11);
  for (auto& [id, list] : fewer) list.resize(std::min<size_t>(list.size(), 1));
  put(run, fewer);
  panel->refresh();
  QTRY_VERIFY_WITH_TIMEOUT(panel->content() != first, kPatience);
  QVERIFY(panel->content()->predictions.size() < first->predictions.size());
  // A file that was torn meanwhile leaves the last content, with the reason.
  const auto second = panel->content();
  writeFileAtomic(run / "predictions" / "validation.json", "{");
  panel->refresh();
  QTRY_VERIFY_WITH_TIMEOUT(panel->notice()->isVisible(), kPatience);
  QCOMPARE(panel->content(), second);
}

void TestDetections::everyControlHasAName() {
  const auto panel = filled(run_);
  int seen = 0;
  for (QWidget* widget : panel->findChildren<QWidget*>()) {
    const bool control = qobject_cast<QComboBox*>(widget) || qobject_cast<QSlider*>(widget) || qobject_cast<QTableView*>(widget) || qobject_cast<FigureCanvas*>(widget);
    if (!control || !widget->objectName().size()) continue;
    QVERIFY2(!widget->accessibleName().isEmpty(), qPrintable(widget->objectName()));
    ++seen;
  }
  QVERIFY(seen >= 11);
}

void TestDetections::theCommandLineWritesThem() {
  const auto ask = [&](const QString& run, const char* format) {
    ExportRequest request;
    request.what = QStringLiteral("detection");
    request.format = QLatin1String(format);
    request.run = run;
    request.data = dataset_;
    request.out = box_.path(QStringLiteral("out.") + QLatin1String(format));
    exportFile(request);
    QFile file(request.out);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
  };
  const QByteArray csv = ask(qText(run_), "csv");
  QVERIFY2(csv.startsWith("class,0.50,0.55"), csv.left(80).constData());
  QCOMPARE(csv.count('\n'), static_cast<qsizetype>(loaded_->catalogue.classes.size()) + 2);
  QVERIFY(ask(qText(run_), "tex").contains("tabular"));
  QVERIFY(QSvgRenderer(ask(qText(run_), "svg")).isValid());
  QVERIFY(ask(qText(run_), "png").startsWith("\x89PNG"));
  QVERIFY_THROWS_EXCEPTION(InputError, ask(qText(run_), "gif"));
  try {
    ask(qText(makeRun(box_, "empty")), "csv");
    QFAIL("nothing was said");
  } catch (const InputError& error) {
    QVERIFY2(QByteArray(error.what()).contains("hvlm eval --run"), error.what());
  }
}

void TestDetections::theWindowOpensTheSegment() {
  QueuedPrompts prompts;
  MainWindow window(prompts, Session{});
  window.saveSessionOnClose(false);
  window.resize(1280, 800);
  window.show();
  window.openData(dataset_);
  window.openRun(qText(run_));
  QTRY_VERIFY_WITH_TIMEOUT(window.workspace().video(), kPatience);
  window.actionList()["showDetection"]->trigger();
  DetectionPanel& panel = window.detections();
  QCOMPARE(window.tabs().currentWidget(), static_cast<QWidget*>(&panel));
  QTRY_VERIFY_WITH_TIMEOUT(panel.look() && !panel.busy(), kPatience);
  panel.choose(5, 0.4);
  QTRY_VERIFY_WITH_TIMEOUT(panel.look()->point == panel.point() && !panel.busy(), kPatience);
  panel.pages()->setCurrentIndex(DetectionPanel::kVideos);
  QTableView* view = table(panel, "detectionVideoTable");
  view->setCurrentIndex(view->model()->index(0, 0));
  view->setFocus();
  QTest::keyClick(view, Qt::Key_Return);
  const VideoMoment moment = momentOf(*panel.content(), *panel.look(), panel.look()->videos.front().video);
  QCOMPARE(window.workspace().videoId(), moment.video);
  QCOMPARE(window.workspace().cursorSeconds(), moment.from_seconds);
  QVERIFY(window.foundMark().span());
  QCOMPARE(window.foundMark().span()->second, moment.to_seconds);
  QCOMPARE(window.timeline().view()->options().threshold, 0.4);
  QCOMPARE(window.timeline().view()->options().tiou, 0.75);
  QCOMPARE(window.tabs().currentWidget(), static_cast<QWidget*>(&panel));  // the list stays
  prompts.paths.enqueue(box_.path("videos.csv"));
  window.actionList()["export"]->trigger();
  QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(box_.path("videos.csv")), kPatience);
  panel.pages()->setCurrentIndex(DetectionPanel::kCurves);
  prompts.choices.enqueue(0);  // precision over recall; mAP by tIoU stands beside it
  prompts.paths.enqueue(box_.path("curves.svg"));
  window.actionList()["exportDetections"]->trigger();
  QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(box_.path("curves.svg")), kPatience);
}

HVLM_GUI_TEST_MAIN(TestDetections)
#include "tst_ui_detections.moc"
