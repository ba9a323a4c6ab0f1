// SPDX-License-Identifier: GPL-3.0-or-later
#include <QImageReader>
#include <QPainter>
#include <QSvgRenderer>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "runs/run_record.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/process.h"
#include "support/text.h"
#include "ui/exports/export_command.h"
#include "ui/exports/export_views.h"
#include "ui_fixtures.h"

using namespace hvlm;
using namespace hvlm::ui;
using namespace hvlm::ui::testing;

namespace {

RunCurves someCurves() {
  RunCurves curves;
  for (const char* tag : {"loss/total", "loss/focal", "train/tc", "holdout/average_map"}) {
    Curve& curve = curves.curves[tag];
    for (int i = 1; i <= 40; ++i) {
      curve.steps.push_back(i);
      curve.epochs.push_back(i / 4.0);
      curve.hours.push_back(i / 3600.0);
      curve.values.push_back(1.0 / (i + (tag[0] == 'l' ? 0.1 : 3.7)));
    }
  }
  return curves;
}

TimelineContent someContent() {
  return makeContent(makeVideo(100.0), {"Archery", "Biking"}, std::make_shared<VideoInspection>(makeInspection(100)));
}

std::vector<std::vector<std::string>> readCsv(const std::string& text) {
  std::vector<std::vector<std::string>> rows;
  for (const std::string& line : split(text, '\n')) {
    if (!line.empty()) rows.push_back(split(line, ','));
  }
  return rows;
}

// A run folder with measured points, made by hand.
QString someRun(const Sandbox& box, bool with_report) {
  const auto path = pathOf(box.path("run"));
  std::filesystem::create_directories(path);
  RunRecord record = freshRecord(RunConfig{});
  record.state = "done";
  writeRunRecord(path, record);
  MetricWriter writer(path, 0);
  for (int i = 1; i <= 20; ++i) {
    writer.write({{0, i, i / 10.0, i * 1.0, "loss/total", 3.0 / i}, {0, i, i / 10.0, i * 1.0, "train/tc", 0.5 + 0.01 * i}});
  }
  if (with_report) {
    writeReport(path, {{"verdict", "healthy"}, {"temporal_consistency", 0.61}, {"videos", 9},
                       {"controls", {{"majority", {{"classification", {{"top1", 0.25}}}}}}}});
  }
  return box.path("run");
}

}  // namespace

class TestExport : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void curvesArePictures_data();
  void curvesArePictures();
  void vectorsStayVectors();
  void curvesReadBack();
  void timelinesArePictures();
  void timelineReadsBack();
  void tablesTakeThreeForms();
  void theProgramExports_data();
  void theProgramExports();
  void theProgramRefuses_data();
  void theProgramRefuses();
};

void TestExport::curvesArePictures_data() {
  QTest::addColumn<QString>("suffix");
  QTest::addColumn<QByteArray>("begins");
  QTest::newRow("SVG") << "svg" << QByteArray("<?xml");
  QTest::newRow("PDF") << "pdf" << QByteArray("%PDF");
  QTest::newRow("PNG") << "png" << QByteArray("\x89PNG");
}
void TestExport::curvesArePictures() {
  QFETCH(QString, suffix);
  QFETCH(QByteArray, begins);
  const RunCurves curves = someCurves();
  const auto cards = cardsOf({{"/r/1", &curves}});
  QCOMPARE(cards.size(), 3);
  const QByteArray bytes = curvesPicture(cards, *pictureFormat(suffix));
  QVERIFY(bytes.startsWith(begins));
  QVERIFY(bytes.size() > 2000);
  if (suffix == "png") {
    const QImage image = QImage::fromData(bytes);
    QVERIFY(std::abs(image.width() - 180 / 25.4 * 300) < 2);  // 180 mm at 300 dpi
    QCOMPARE(image.pixelColor(1, 1), QColor(Qt::white));
  }
  if (suffix == "svg") QVERIFY(QSvgRenderer(bytes).isValid());
}

void TestExport::vectorsStayVectors() {
  const RunCurves curves = someCurves();
  const QByteArray svg = curvesPicture(cardsOf({{"/r/1", &curves}}), PictureFormat::kSvg);
  QVERIFY(!svg.contains("<image"));
  QVERIFY(svg.contains("<polyline") || svg.contains("<path"));
  QVERIFY(svg.contains("total"));  // text stays text
  Theme::instance().setKind(ThemeKind::kDark);
  const QByteArray dark = curvesPicture(cardsOf({{"/r/1", &curves}}), PictureFormat::kSvg);
  Theme::instance().setKind(ThemeKind::kLight);
  QCOMPARE(dark, svg);  // always the light style
  const QByteArray timeline = timelinePicture(someContent(), {}, nullptr, PictureFormat::kSvg);
  QVERIFY(!timeline.contains("<image"));
}

void TestExport::curvesReadBack() {
  const RunCurves curves = someCurves();
  const auto rows = readCsv(curvesText(cardsOf({{"/r/1", &curves}})));
  QCOMPARE(rows[0], (std::vector<std::string>{"tag", "step", "epoch", "hours", "value"}));
  std::map<std::string, std::vector<double>> values;
  for (size_t i = 1; i < rows.size(); ++i) values[rows[i][0]].push_back(*parseNumber(rows[i][4]));
  QCOMPARE(values.size(), curves.curves.size());
  for (const auto& [tag, curve] : curves.curves) QCOMPARE(values[tag], curve.values);
}

void TestExport::timelinesArePictures() {
  const TimelineContent content = someContent();
  const QByteArray svg = timelinePicture(content, {}, nullptr, PictureFormat::kSvg);
  QSvgRenderer renderer(svg);
  QVERIFY(renderer.isValid());
  QImage image(renderer.viewBox().size() * 2, QImage::Format_RGB32);
  image.fill(Qt::white);
  QPainter painter(&image);
  renderer.render(&painter);
  painter.end();
  std::set<QRgb> colours;
  for (int y = 0; y < image.height(); y += 3) {
    for (int x = 0; x < image.width(); x += 3) colours.insert(image.pixel(x, y));
  }
  QVERIFY(colours.size() > 20);
  QVERIFY(svg.contains("Archery"));
}

void TestExport::timelineReadsBack() {
  const TimelineContent content = someContent();
  const Matching matching = matchDetections(content.detections, content.truth, 0.2, 0.5, kPredictionLanes);
  const auto rows = readCsv(timelineCsv(content, matching));
  std::map<std::string, int> kinds;
  double share = 0.0;
  for (size_t i = 1; i < rows.size(); ++i) {
    ++kinds[rows[i][0]];
    if (rows[i][0] == "cell" && rows[i][1] == "0") share += *parseNumber(rows[i][7]);
  }
  QCOMPARE(kinds["truth"], 2);
  QCOMPARE(kinds["found"], 2);  // the third is below the threshold
  QCOMPARE(kinds["cell"], 100 + 50 + 25 + 13 + 7 + 4 + 2 + 1);
  QVERIFY(std::abs(share - 1.0) < 1e-5);
}

void TestExport::tablesTakeThreeForms() {
  const ResultTable table = reportTable({{"temporal_consistency", 0.61}, {"verdict", "healthy"}});
  QVERIFY(tableText(table, "csv").find("0.61") != std::string::npos);
  QVERIFY(tableText(table, "md").find("|") != std::string::npos);
  QVERIFY(tableText(table, "tex").find("\\toprule") != std::string::npos);
  QVERIFY_THROWS_EXCEPTION(InputError, tableText(table, "docx"));
}

void TestExport::theProgramExports_data() {
  QTest::addColumn<QString>("what");
  QTest::addColumn<QString>("format");
  QTest::newRow("all cards as SVG") << "curves" << "svg";
  QTest::newRow("one card as PDF") << "curves/loss" << "pdf";
  QTest::newRow("all points as CSV") << "curves" << "csv";
  QTest::newRow("the table as LaTeX") << "table" << "tex";
}
void TestExport::theProgramExports() {
  QFETCH(QString, what);
  QFETCH(QString, format);
  const Sandbox box;
  const QString run = someRun(box, true);
  const QString out = box.path("out." + format);
  const auto result = hvlm::testing::runProgram("hvlm-workbench", {"--export", what, "--format", format, "--run", run, "--out", out});
  QVERIFY2(result.exit_code == 0, result.err.constData());
  QVERIFY(readFile(pathOf(out)).size() > 50);
}

void TestExport::theProgramRefuses_data() {
  QTest::addColumn<QStringList>("arguments");
  QTest::addColumn<int>("code");
  QTest::addColumn<QByteArray>("says");
  QTest::newRow("a run without a report") << QStringList{"--export", "table", "--format", "csv"} << 1 << QByteArray("report.json");
  QTest::newRow("a thing it does not know") << QStringList{"--export", "soup", "--format", "csv"} << 1 << QByteArray("soup");
  QTest::newRow("a card the run has not") << QStringList{"--export", "curves/rank", "--format", "svg"} << 1 << QByteArray("rank");
  QTest::newRow("a picture of a kind it cannot write") << QStringList{"--export", "curves", "--format", "gif"} << 1 << QByteArray("gif");
  QTest::newRow("no format") << QStringList{"--export", "curves"} << 2 << QByteArray("--format");
}
void TestExport::theProgramRefuses() {
  QFETCH(QStringList, arguments);
  QFETCH(int, code);
  QFETCH(QByteArray, says);
  const Sandbox box;
  const QString run = someRun(box, false);
  const QString out = box.path("out");
  const auto result = hvlm::testing::runProgram("hvlm-workbench", arguments + QStringList{"--run", run, "--out", out});
  QCOMPARE(result.exit_code, code);
  QVERIFY2(result.err.contains(says), result.err.constData());
  QVERIFY(!std::filesystem::exists(pathOf(out)));
}

HVLM_GUI_TEST_MAIN(TestExport)
#include "tst_ui_export.moc"
