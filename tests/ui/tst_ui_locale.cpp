// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers: the locale's on screen, a point in every file, and both read when typed.
#include <QComboBox>
#include <QLabel>

#include "samples.h"
#include "support/text.h"
#include "ui/curves/curve_plot.h"
#include "ui/detections/sorted_table.h"
#include "ui/jobs/job_kinds.h"
#include "ui/look/class_figures.h"
#include "ui/look/parallel_view.h"
#include "ui/look/similarity_view.h"
#include "ui/results/result_model.h"
#include "ui/shell/translation.h"
#include "ui/timeline/time_scale.h"
#include "ui/timeline/timeline_content.h"
#include "ui_fixtures.h"

using namespace hvlm;
using namespace hvlm::ui;
using namespace hvlm::ui::testing;

class TestLocale : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init() { QLocale::setDefault(QLocale(QLocale::German)); }
  void cleanup() { QLocale::setDefault(QLocale::system()); }
  void numbersFollowTheLocale();
  void withinAFileTheyDoNot();
  void typedNumbersAreReadBothWays_data();
  void typedNumbersAreReadBothWays();
  void aJobIsGivenAPoint();
  void theLanguageBringsItsNumbers();
  void tablesAndReadOutsFollow();
  void picturesKeepThePoint();
  void listsOfNumbersKeepThePoint();
};

void TestLocale::numbersFollowTheLocale() {
  QCOMPARE(uiNumber(0.5, 2), QString("0,50"));
  QCOMPARE(uiNumber(-1234.5, 1), QString("-1234,5"));
  QCOMPARE(uiNumber(1234567.25, 2), QString("1\u2009234\u2009567,25"));
  QCOMPARE(uiShortest(0.25, 4), QString("0,25"));
  QCOMPARE(uiCount(9999), QString("9999"));
  QCOMPARE(uiCount(10000), QString("10\u2009000"));
  QCOMPARE(uiCount(-1234567), QString("-1\u2009234\u2009567"));
  QCOMPARE(uiNumber(std::nan(""), 2), QString("NaN"));
  QCOMPARE(uiNumber(-INFINITY, 2), QString("-Inf"));
  QCOMPARE(valueText(12.5), QString("12,50"));
  QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
  QCOMPARE(uiNumber(1234567.25, 2), QString("1\u2009234\u2009567.25"));
}

void TestLocale::withinAFileTheyDoNot() {
  {
    const PlainNumbers plain;
    QCOMPARE(uiNumber(1234567.25, 2), QString("1234567.25"));
    QCOMPARE(uiCount(1234567), QString("1234567"));
  }
  QCOMPARE(uiNumber(0.5, 1), QString("0,5"));
}

void TestLocale::typedNumbersAreReadBothWays_data() {
  QTest::addColumn<QString>("text");
  QTest::addColumn<bool>("good");
  QTest::addColumn<double>("value");
  QTest::newRow("comma") << "1,5" << true << 1.5;
  QTest::newRow("point") << " 1.5 " << true << 1.5;
  QTest::newRow("thin space") << "12\u2009345,5" << true << 12345.5;
  QTest::newRow("exponent") << "1e-3" << true << 0.001;
  QTest::newRow("word") << "half" << false << 0.0;
  QTest::newRow("nothing") << "" << false << 0.0;
  QTest::newRow("two signs") << "1.234,5" << false << 0.0;  // could mean two things: asked for again
}

void TestLocale::typedNumbersAreReadBothWays() {
  QFETCH(QString, text);
  QFETCH(bool, good);
  QFETCH(double, value);
  double read = 0.0;
  QCOMPARE(readUiNumber(text, read), good);
  QCOMPARE(read, value);
}

void TestLocale::aJobIsGivenAPoint() {
  QCOMPARE(parseTime(QStringLiteral("1:02,5")), 62.5);
  QCOMPARE(parseTime(QStringLiteral("1:02.5")), 62.5);
  QVERIFY(parseTime(QStringLiteral("1,2,3")) < 0.0);
  JobKind kind;
  kind.verb = {"probe"};
  JobField field;
  field.label = QStringLiteral("Share");
  field.key = QStringLiteral("--share");
  field.kind = JobField::kNumber;
  kind.fields = {field};
  QString problem;
  QCOMPARE(jobArguments(kind, {{"Share", "0,25"}}, &problem), (QStringList{"probe", "--share", "0.25"}));
  QCOMPARE(jobArguments(kind, {{"Share", "1e-3"}}, &problem), (QStringList{"probe", "--share", "1e-3"}));
  QVERIFY(jobArguments(kind, {{"Share", "some"}}, &problem).isEmpty());
}

void TestLocale::theLanguageBringsItsNumbers() {
  if (!languages().contains("de")) QSKIP("built without translations");
  QVERIFY(useLanguage(QStringLiteral("de")));
  const auto back = qScopeGuard([] { useLanguage(QStringLiteral("en")); });
  QCOMPARE(QLocale().language(), QLocale::German);
  QCOMPARE(uiNumber(0.5, 1), QString("0,5"));
  useLanguage(QStringLiteral("en"));
  QCOMPARE(uiNumber(0.5, 1), QString("0.5"));
}

void TestLocale::tablesAndReadOutsFollow() {
  TableColumn column;
  column.title = "top1";
  column.decimals = 3;
  TableCell cell;
  cell.value = 0.5;
  cell.deviation = 0.01;
  QCOMPARE(shownText(column, cell), QString("0,500 ± 0,010"));
  QCOMPARE(qText(cellText(column, cell)), QString("0.500 ± 0.010"));
  const TimelineContent content = makeContent(makeVideo(100.0), {"Archery", "Biking"}, std::make_shared<VideoInspection>(makeInspection(100)));
  const Matching matching = matchDetections(content.detections, content.truth, 0.2, 0.5, kPredictionLanes);
  QVERIFY2(detectionText(content, matching, 0).contains("0,900"), qPrintable(detectionText(content, matching, 0)));
  QVERIFY(cellText(content, {1, 3}).contains("0,02"));
}

// Text of a figure: the comma on screen, the point in the file.
void TestLocale::picturesKeepThePoint() {
  ReliabilityView view(nullptr);
  view.setBins({{0.2, 0.1, 3}, {0.9, 0.8, 9}});
  view.resize(300, 250);
  const QString svg = QString::fromUtf8(view.picture(PictureFormat::kSvg));
  QVERIFY(svg.contains(QRegularExpression(QStringLiteral(">\\s*0\\.4\\s*<"))));  // a number of an axis
  QVERIFY(!svg.contains(QRegularExpression(QStringLiteral(">[^<]*\\d,\\d[^<]*</text>"))));
  CurvePlot plot;
  QCOMPARE(plot.locale().decimalPoint(), QString(","));
}

void TestLocale::listsOfNumbersKeepThePoint() {
  const auto noComma = [](const std::string& csv, int columns) {
    for (const QString& line : qText(csv).split('\n', Qt::SkipEmptyParts)) {
      if (line.count(',') != columns - 1) return false;
    }
    return qText(csv).contains('.');
  };
  ReliabilityView reliability(nullptr);
  reliability.setBins({{0.2, 0.1, 3}});
  QVERIFY(noComma(reliability.csv(), 3));
  SimilarityView similarity(nullptr);
  similarity.setMatrix({1, 0.5f, 0.5f, 1}, 2, 1.0);
  QVERIFY(noComma(similarity.csv(), 3));
  ParallelView parallel(nullptr);
  parallel.setRuns({{"train.lr", {}, true}, {"top1", {}, false}}, {{0.001, 0.5}, {0.1, 0.9}}, {"one", "two"});
  QVERIFY2(noComma(parallel.csv(), 3), parallel.csv().c_str());
  const TimelineContent content = makeContent(makeVideo(100.0), {"Archery", "Biking"}, std::make_shared<VideoInspection>(makeInspection(100)));
  const Matching matching = matchDetections(content.detections, content.truth, 0.2, 0.5, kPredictionLanes);
  const std::string csv = timelineCsv(content, matching);
  QVERIFY2(noComma(csv, static_cast<int>(qText(csv).section('\n', 0, 0).count(',')) + 1), csv.c_str());
}

HVLM_GUI_TEST_MAIN(TestLocale)
#include "tst_ui_locale.moc"
