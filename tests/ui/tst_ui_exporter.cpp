// SPDX-License-Identifier: GPL-3.0-or-later
// The exporter and its dialogs as the window drives them; files are read back.
#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QImage>
#include <QListWidget>
#include <QPushButton>
#include <QSpinBox>
#include <QSvgRenderer>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "jobs/inspection_text.h"
#include "runs/run_record.h"
#include "support/atomic_file.h"
#include "support/text.h"
#include "ui/compare/compare_view.h"
#include "ui/curves/curves_view.h"
#include "ui/exports/export_options.h"
#include "ui/exports/export_views.h"
#include "ui/look/attention_panel.h"
#include "ui/look/class_figures.h"
#include "ui/look/features_panel.h"
#include "ui/look/parallel_view.h"
#include "ui/look/pyramid_panel.h"
#include "ui/look/scatter_view.h"
#include "ui/look/similarity_view.h"
#include "ui/jobs/job_kinds.h"
#include "ui/results/results_view.h"
#include "ui/runs/run_table.h"
#include "ui/runs/runs_panel.h"
#include "ui/shell/action_list.h"
#include "ui/shell/notice_strip.h"
#include "ui/shell/session.h"
#include "ui/timeline/timeline_panel.h"
#include "ui/window/exporter.h"
#include "ui/window/figure_page_dialog.h"
#include "ui/window/main_window.h"
#include "ui_fixtures.h"

using namespace hvlm;
using namespace hvlm::ui;
using namespace hvlm::ui::testing;

namespace {

constexpr int kPatience = 20000;

// Answers the options too, and counts how often it was asked.
class OptionPrompts : public QueuedPrompts {
 public:
  std::optional<ExportOptions> answer = ExportOptions{};
  int options_asked = 0;
  std::optional<ExportOptions> exportOptions(QWidget*, const ExportOptions&) override {
    ++options_asked;
    return answer;
  }
};

std::vector<std::vector<std::string>> readCsv(const QString& file) {
  std::vector<std::vector<std::string>> rows;
  for (const std::string& line : split(readFile(pathOf(file)), '\n')) {
    std::string plain = line;
    std::erase(plain, '"');  // no comma stands in the texts of these tests
    if (!plain.empty()) rows.push_back(split(plain, ','));
  }
  return rows;
}

PageFigure square(const QString& name) {
  return {name, [name](double width) {
            return renderPicture(PictureFormat::kSvg, QSizeF(width * kPointsPerMm, width * kPointsPerMm), name,
                                 [&](QCPPainter& painter) { painter.drawText(QPointF(10, 20), name); });
          }};
}

}  // namespace

class TestExporter : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase();
  void optionsComeBack();
  void theDialogSaysWhatWasChosen();
  void optionsAreAskedOnce();
  void cancelledOptionsWriteNothing();
  void curvesAsPgfplots();
  void onlyTheVisibleRange();
  void picturesTakeTheOptions();
  void tablesOfTheRun();
  void timelinesSayWhatIsLeftOut();
  void aWrongNameIsTold();
  void exportingChangesNothing();
  void figuresReadBack();
  void thePageIsReordered();
  void thePageIsExported();
  void noticesStandWhereOneLooks();
  void jobsOfferTheNewKinds();

 private:
  QString path(const char* name) const { return box_.path(QString::fromLatin1(name)); }
  Sandbox box_;
  OptionPrompts prompts_;
  std::unique_ptr<MainWindow> window_;
  QString run_;
  bool exported(const QString& file) {
    for (int wait = 0; wait < kPatience && written_ != file; wait += 20) QTest::qWait(20);
    return std::exchange(written_, QString()) == file;
  }
  QString written_;
};

void TestExporter::initTestCase() {
  run_ = path("runs/one");
  std::filesystem::create_directories(pathOf(run_));
  RunRecord record = freshRecord(RunConfig{});
  record.state = "done";
  writeRunRecord(pathOf(run_), record);
  writeFileAtomic(pathOf(run_) / "config.yaml", configYaml(RunConfig{}));
  {
    MetricWriter writer(pathOf(run_), 0);
    for (int i = 1; i <= 40; ++i)
      writer.write({{0, i, i / 10.0, i * 1.0, "loss/total", 3.0 / i}, {0, i, i / 10.0, i * 1.0, "train/tc", 0.5 + 0.01 * i}});
  }
  writeReport(pathOf(run_), {{"verdict", "healthy"}, {"temporal_consistency", 0.61}, {"videos", 9}});
  window_ = std::make_unique<MainWindow>(prompts_, Session{});
  window_->saveSessionOnClose(false);
  window_->resize(1200, 800);
  window_->show();
  connect(&window_->exporter(), &Exporter::written, this, [this](const QString& file) { written_ = file; });
  window_->runs().addFolder(run_);
  window_->openRun(run_);
  QTRY_VERIFY_WITH_TIMEOUT(window_->curves().cards().size() == 2, kPatience);
  QTRY_VERIFY_WITH_TIMEOUT(window_->results().hasTable(), kPatience);
}

void TestExporter::optionsComeBack() {
  const ExportOptions all{.width_mm = 120, .dpi = 144, .as_on_screen = true, .visible_only = true, .title = true};
  QCOMPARE(exportOptionsFrom(exportOptionsState(all)).value(), all);
  QVERIFY(!exportOptionsFrom({}));
  QJsonObject wild = exportOptionsState(all);
  wild["dpi"] = 100000;
  QVERIFY(!exportOptionsFrom(wild));
  Session session;
  session.exports = exportOptionsState(all);
  QCOMPARE(parseSession(sessionJson(session)).exports, session.exports);
}

void TestExporter::theDialogSaysWhatWasChosen() {
  ExportOptionsDialog dialog({});
  QCOMPARE(dialog.options(), ExportOptions{});
  dialog.findChild<QDoubleSpinBox*>("exportWidth")->setValue(85);
  dialog.findChild<QSpinBox*>("exportDpi")->setValue(600);
  dialog.findChild<QComboBox*>("exportStyle")->setCurrentIndex(1);
  dialog.findChild<QComboBox*>("exportPoints")->setCurrentIndex(1);
  dialog.findChild<QCheckBox*>("exportTitle")->setChecked(true);
  const ExportOptions wanted{.width_mm = 85, .dpi = 600, .as_on_screen = true, .visible_only = true, .title = true};
  QCOMPARE(dialog.options(), wanted);
  QCOMPARE(ExportOptionsDialog(wanted).options(), wanted);
}

void TestExporter::optionsAreAskedOnce() {
  window_->exporter().setOptions({});
  prompts_.options_asked = 0;
  for (const char* name : {"first.csv", "second.csv"}) {
    prompts_.paths.enqueue(path(name));
    window_->exporter().exportCurves(QString());
    QVERIFY(exported(path(name)));
  }
  QCOMPARE(prompts_.options_asked, 1);
  prompts_.answer = ExportOptions{.width_mm = 100};
  window_->actionList()["exportOptions"]->trigger();
  QCOMPARE(prompts_.options_asked, 2);
  QCOMPARE(exportOptionsFrom(window_->session().exports).value().width_mm, 100.0);
  prompts_.answer = ExportOptions{};
  const auto rows = readCsv(path("second.csv"));
  QCOMPARE(rows.size(), size_t{81});
  QCOMPARE(*parseNumber(rows[1][4]), 3.0);  // loss/total at step 1
}

void TestExporter::cancelledOptionsWriteNothing() {
  window_->exporter().setOptions({});
  prompts_.answer = std::nullopt;
  prompts_.paths.enqueue(path("cancelled.svg"));
  window_->exporter().exportCurves(QString());
  prompts_.answer = ExportOptions{};
  QTest::qWait(50);
  QVERIFY(!QFile::exists(path("cancelled.svg")));
  QVERIFY(window_->session().exports.isEmpty());
}

void TestExporter::curvesAsPgfplots() {
  window_->exporter().setOptions(exportOptionsState({}));
  prompts_.paths.enqueue(path("loss.tex"));
  window_->exporter().exportCurves(QStringLiteral("loss"));
  QVERIFY(exported(path("loss.tex")));
  const std::string tex = readFile(pathOf(path("loss.tex")));
  QVERIFY(tex.find("{loss.dat}") != std::string::npos);
  const auto lines = split(readFile(pathOf(path("loss.dat"))), '\n');
  QCOMPARE(lines[0], std::string("step c1"));
  QCOMPARE(split(lines[2], ' '), (std::vector<std::string>{"2", "1.5"}));
  QVERIFY2(window_->curves().notice()->text().contains("loss.dat"), qPrintable(window_->curves().notice()->text()));
}

void TestExporter::onlyTheVisibleRange() {
  window_->exporter().setOptions(exportOptionsState({.visible_only = true}));
  window_->curves().followButton()->setChecked(false);
  for (const CardKind kind : window_->curves().cards()) window_->curves().card(kind)->plot()->xAxis->setRange(10.0, 20.0);
  prompts_.paths.enqueue(path("part.csv"));
  window_->exporter().exportCurves(QStringLiteral("loss"));
  QVERIFY(exported(path("part.csv")));
  const auto rows = readCsv(path("part.csv"));
  QCOMPARE(rows.size(), size_t{12});
  QCOMPARE(rows[1][1], std::string("10"));
  QCOMPARE(rows.back()[1], std::string("20"));
  QVERIFY2(window_->curves().notice()->text().contains("29 point"), qPrintable(window_->curves().notice()->text()));
  window_->curves().followButton()->setChecked(true);
}

void TestExporter::picturesTakeTheOptions() {
  window_->exporter().setOptions(exportOptionsState({.width_mm = 100, .dpi = 100}));
  prompts_.paths.enqueue(path("plain.png"));
  window_->exporter().exportCurves(QStringLiteral("loss"));
  QVERIFY(exported(path("plain.png")));
  const QImage plain(path("plain.png"));
  QVERIFY(std::abs(plain.width() - 100.0 / 25.4 * 100.0) < 2.0);
  QCOMPARE(plain.pixelColor(1, 1), QColor(Qt::white));
  Theme::instance().setKind(ThemeKind::kDark);
  window_->exporter().setOptions(exportOptionsState({.width_mm = 100, .dpi = 100, .as_on_screen = true, .title = true}));
  prompts_.paths.enqueue(path("dark.png"));
  window_->exporter().exportCurves(QStringLiteral("loss"));
  QVERIFY(exported(path("dark.png")));
  const QImage dark(path("dark.png"));
  QCOMPARE(dark.pixelColor(1, 1), tokensOf(ThemeKind::kDark).base);
  QVERIFY(dark.height() > plain.height());  // the title
  Theme::instance().setKind(ThemeKind::kLight);
  window_->exporter().setOptions(exportOptionsState({}));
}

void TestExporter::tablesOfTheRun() {
  prompts_.paths.enqueue(path("results.csv"));
  window_->exporter().exportTable();
  QVERIFY(exported(path("results.csv")));
  QVERIFY(readFile(pathOf(path("results.csv"))).find("0.61") != std::string::npos);
  window_->tabs().setCurrentWidget(&window_->compare());
  QTRY_VERIFY_WITH_TIMEOUT(!window_->runTable().table().rows.empty(), kPatience);
  prompts_.paths.enqueue(path("runs.md"));
  window_->exporter().exportRunTable();
  QVERIFY(exported(path("runs.md")));
  QVERIFY(readFile(pathOf(path("runs.md"))).find("| one") != std::string::npos);
  QVERIFY(window_->compare().notice()->text().contains(path("runs.md")));
}

void TestExporter::timelinesSayWhatIsLeftOut() {
  TimelineView* view = window_->timeline().view();
  view->setContent(makeContent(makeVideo(100.0), {"Archery", "Biking"}, std::make_shared<VideoInspection>(makeInspection(100))), false);
  prompts_.paths.enqueue(path("timeline.csv"));
  window_->exporter().exportTimeline();
  QVERIFY(exported(path("timeline.csv")));
  QVERIFY2(window_->timeline().notice()->text().contains("1 prediction"), qPrintable(window_->timeline().notice()->text()));
  const auto rows = readCsv(path("timeline.csv"));
  const std::string head = "kind,level,index,start,end,label,score,value,truth";
  QCOMPARE(rows[0], split(head, ','));
  // The command line writes the same columns, and the same numbers of what both hold.
  const std::string core = timelineCsv(makeInspection(100), {{10.0, 21.0, "Archery"}, {70.0, 80.0, "Biking"}});
  QCOMPARE(split(core, '\n')[0], head);
  std::vector<std::vector<std::string>> of_core;
  for (const std::string& line : split(core, '\n')) {
    if (!line.empty()) of_core.push_back(split(line, ','));
  }
  QCOMPARE(of_core.size(), rows.size() + 1);  // and the one below the threshold
  for (const auto& row : rows) {
    if (row[0] == "cell" || row[0] == "kind") QVERIFY(std::find(of_core.begin(), of_core.end(), row) != of_core.end());
    if (row[0] != "found") continue;
    const auto same =
        std::find_if(of_core.begin(), of_core.end(), [&](const auto& other) { return other[0] == "found" && other[2] == row[2]; });
    QVERIFY(same != of_core.end());
    for (const size_t column : {3u, 4u, 6u, 7u, 8u}) QCOMPARE((*same)[column], row[column]);
  }
  prompts_.paths.enqueue(path("timeline.svg"));
  window_->exporter().exportTimeline();
  QVERIFY(exported(path("timeline.svg")));
  QVERIFY(QSvgRenderer(path("timeline.svg")).isValid());
}

void TestExporter::aWrongNameIsTold() {
  window_->tabs().setCurrentWidget(&window_->curves());
  prompts_.paths.enqueue(path("curves.gif"));
  window_->exporter().exportCurves(QString());
  QVERIFY2(window_->curves().notice()->text().contains("tex"), qPrintable(window_->curves().notice()->text()));
  QVERIFY(!QFile::exists(path("curves.gif")));
}

// What was exported is a file, and nothing of the project or the session.
void TestExporter::exportingChangesNothing() {
  const std::string before = sessionJson(window_->session());
  const bool changed = window_->projectChanged();
  for (const char* name : {"same.svg", "same.csv", "same.tex", "same.pdf"}) {
    prompts_.paths.enqueue(path(name));
    window_->exporter().exportCurves(QString());
    QVERIFY(exported(path(name)));
  }
  prompts_.paths.enqueue(path("same.md"));
  window_->exporter().exportTable();
  QVERIFY(exported(path("same.md")));
  QCOMPARE(sessionJson(window_->session()), before);
  QCOMPARE(window_->projectChanged(), changed);
}

void TestExporter::figuresReadBack() {
  ConfusionView confusion;
  confusion.setCounts({"Archery", "Biking"}, {5, 1, 2, 7});
  ReliabilityView reliability;
  reliability.setBins({{0.25, 0.5, 4}, {0.75, 0.8125, 16}});
  ClassBars bars;
  bars.setBars({{"Archery", 0.625, 8, 0}, {"Biking", 0.875, 16, 1}});
  SimilarityView similarity;
  similarity.setMatrix({1.0f, 0.25f, 0.25f, 1.0f}, 2, 1.0);
  ScatterView scatter;
  scatter.setPoints({{0.5, -1.5, 0, -1.0, "a"}, {2.25, 3.0, 1, -1.0, "b"}}, {"Archery", "Biking"});
  ParallelView parallel;
  parallel.setRuns({{"train.lr", {}, false}, {"average_map", {}, false}}, {{0.5, 0.25}, {1.0, 0.75}}, {"one", "two"});
  const auto table = [&](const FigureCanvas& figure, const char* name) {
    prompts_.paths.enqueue(path(name));
    window_->exporter().exportFigure(figure, window_->features().notice());
    return exported(path(name)) ? readCsv(path(name)) : std::vector<std::vector<std::string>>();
  };
  const auto counts = table(confusion, "confusion.csv");
  QCOMPARE(counts, (std::vector<std::vector<std::string>>{{"truth", "Archery", "Biking"}, {"Archery", "5", "1"}, {"Biking", "2", "7"}}));
  const auto numbers = [](const std::vector<std::vector<std::string>>& rows, size_t row, std::vector<size_t> columns) {
    std::vector<double> values;
    for (const size_t column : columns) values.push_back(parseNumber(rows.at(row).at(column)).value_or(std::nan("")));
    return values;
  };
  QCOMPARE(numbers(table(reliability, "reliability.csv"), 2, {0, 1, 2}), (std::vector<double>{0.75, 0.8125, 16}));
  const auto read_bars = table(bars, "bars.csv");
  QCOMPARE(read_bars.at(1).at(0), std::string("Biking"));  // the best first
  QCOMPARE(numbers(read_bars, 2, {1, 2}), (std::vector<double>{0.625, 8}));
  QCOMPARE(numbers(table(similarity, "similarity.csv"), 2, {0, 1, 2}), (std::vector<double>{0, 1, 0.25}));
  QCOMPARE(numbers(table(scatter, "map.csv"), 2, {0, 1}), (std::vector<double>{2.25, 3.0}));
  QCOMPARE(numbers(table(parallel, "parallel.csv"), 2, {1, 2}), (std::vector<double>{1.0, 0.75}));
  prompts_.paths.enqueue(path("bars.pdf"));
  window_->exporter().exportFigure(bars, window_->features().notice());
  QVERIFY(exported(path("bars.pdf")));
  QVERIFY(readFile(pathOf(path("bars.pdf"))).starts_with("%PDF"));
}

void TestExporter::thePageIsReordered() {
  FigurePageDialog dialog({square("a"), square("b"), square("c")}, {.width_mm = 120});
  QCOMPARE(dialog.widthMm(), 120.0);
  dialog.show();
  dialog.activateWindow();
  QVERIFY(QTest::qWaitForWindowActive(&dialog));
  const auto names = [&] {
    QStringList all;
    for (const PageFigure& figure : dialog.chosen()) all.append(figure.name);
    return all.join(QString());
  };
  QCOMPARE(names(), QString("abc"));
  auto* list = dialog.findChild<QListWidget*>("figureList");
  list->setFocus();
  QTest::keyClick(list, Qt::Key_Down, Qt::AltModifier);
  QCOMPARE(names(), QString("bac"));
  QTest::keyClick(list, Qt::Key_Down, Qt::AltModifier);
  QTest::keyClick(list, Qt::Key_Down, Qt::AltModifier);  // at the end it stays
  QCOMPARE(names(), QString("bca"));
  QTest::keyClick(list, Qt::Key_Up, Qt::AltModifier);
  QCOMPARE(names(), QString("bac"));
  QTest::keyClick(list, Qt::Key_Space);  // ticks off
  QCOMPARE(names(), QString("bc"));
  auto* export_button = dialog.findChild<QPushButton*>("figurePageExport");
  QVERIFY(export_button->isEnabled());
  for (int row = 0; row < dialog.count(); ++row) dialog.tick(row, false);
  QVERIFY(!export_button->isEnabled());
  dialog.tick(2, true);
  auto* width = dialog.findChild<QComboBox*>("figurePageWidth");
  width->setCurrentIndex(0);
  QCOMPARE(dialog.pictureOptions().width_mm, kOneColumnMm);
}

void TestExporter::thePageIsExported() {
  window_->exporter().setOptions(exportOptionsState({.width_mm = 120}));
  window_->actionList()["exportPage"]->trigger();
  auto* dialog = window_->findChild<FigurePageDialog*>();
  QVERIFY(dialog && dialog->count() >= 2);
  prompts_.paths.enqueue(path("page.doc"));
  dialog->findChild<QPushButton*>("figurePageExport")->click();
  QVERIFY2(dialog->notice()->text().contains("pdf"), qPrintable(dialog->notice()->text()));  // a wrong name is told there
  dialog->tick(0, false);
  prompts_.paths.enqueue(path("page.svg"));
  dialog->findChild<QPushButton*>("figurePageExport")->click();
  QVERIFY(exported(path("page.svg")));
  QVERIFY2(dialog->notice()->text().contains("1 figure"), qPrintable(dialog->notice()->text()));
  QSvgRenderer page(path("page.svg"));
  QVERIFY(page.isValid());
  QVERIFY(std::abs(page.viewBoxF().width() - 120.0 * kPointsPerMm) < 1.0);
  dialog->close();
}

void TestExporter::noticesStandWhereOneLooks() {
  window_->exporter().setOptions(exportOptionsState({}));
  window_->tabs().setCurrentWidget(&window_->pyramid());
  window_->actionList()["export"]->trigger();  // no model has looked at a video
  QVERIFY(!window_->pyramid().notice()->text().isEmpty());
  window_->tabs().setCurrentWidget(&window_->attention());
  window_->actionList()["export"]->trigger();
  QVERIFY(!window_->attention().notice()->text().isEmpty());
  window_->tabs().setCurrentWidget(&window_->results());
  window_->curves().notice()->clear();
  window_->results().notice()->clear();
  prompts_.paths.enqueue(path("elsewhere.csv"));
  window_->actionList()["exportCurves"]->trigger();  // while another tab is shown
  QVERIFY(exported(path("elsewhere.csv")));
  QVERIFY(window_->results().notice()->text().contains("elsewhere.csv"));
  QVERIFY(window_->curves().notice()->text().isEmpty());
}

void TestExporter::jobsOfferTheNewKinds() {
  for (const char* id : {"bench-train", "bench-data", "bench-text", "bench-score", "bench-start", "bench-pyramid", "bench-loss"})
    QVERIFY2(jobKind(QString::fromLatin1(id)), id);
  const JobKind* kind = jobKind("export");
  QHash<QString, QString> values = initialValues(*kind, {});
  for (const JobField& field : kind->fields) {
    if (field.key == "--run") values[field.label] = "/r";
    if (field.key == "--what") values[field.label] = "clip";
    if (field.key == "--format") values[field.label] = "mp4";
    if (field.key == "--what") QVERIFY(field.choices.contains("clip") && field.choices.contains("detection"));
    if (field.key == "--format") QVERIFY(field.choices.contains("mp4"));
  }
  QCOMPARE(jobArguments(*kind, values, nullptr), (QStringList{"export", "--run", "/r", "--what", "clip", "--format", "mp4"}));
}

HVLM_GUI_TEST_MAIN(TestExporter)
#include "tst_ui_exporter.moc"
