// SPDX-License-Identifier: Apache-2.0
#include <QtTest>
#include <cmath>
#include <nlohmann/json.hpp>

#include "runs/claims.h"
#include "runs/table.h"

using hvlm::ResultTable;
using hvlm::TableCell;
using hvlm::TableRow;

namespace {

TableCell text(const std::string& words) { return {.text = words, .value = {}, .deviation = {}}; }
TableCell number(double value, std::optional<double> deviation = {}) { return {.text = "", .value = value, .deviation = deviation}; }

// One ordinary, one better and one collapsed row, and a claim above them all.
ResultTable sample() {
  ResultTable table;
  table.title = "Main_table";
  table.columns = {{.title = "Row", .is_text = true}, {.title = "Top-1"}, {.title = "R_x", .decimals = 2, .higher_is_better = false}};
  table.rows = {
      {.cells = {text("raw, \"plain\" & 50 %"), number(0.5), number(-0.125)}},
      {.cells = {text("ours_v1|x"), number(0.61249, 0.01), number(0.3)}},
      {.cells = {text("flat"), number(0.9), number(-0.5)}, .struck = true},
      {.cells = {text("paper (claimed)"), number(0.95), text("")}, .claimed = true},
  };
  table.notes = {"A note_x."};
  return table;
}

const nlohmann::json kReport = nlohmann::json::parse(R"({
  "videos": 60, "temporal_consistency": 0.75, "consistency": {"cac": 0.5, "r_x": 0.1, "raw": 0.85},
  "collapse": {"effective_rank": 40.25}, "classification": {"top1": 0.8}, "localization": {"map": {"0.50": 0.4}, "average_map": 0.2},
  "verdict": "healthy", "absent": {"qa": "the data set has no questions"},
  "controls": {"majority": {"classification": {"top1": 0.1}},
               "random encoder": {"temporal_consistency": 0.99, "classification": {"top1": 0.95}, "verdict": "collapsed"}}})");

}  // namespace

class TestTable : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void csv();
  void markdown();
  void latex();
  void json();
  void bestIsMeasuredAndNotStruck();
  void tiesAreAllBest();
  void reportGivesRunAndControls();
  void absentMetricsAreADash();
  void claimsAreMarkedAndNeverRanked();
  void importedRunsShowWhatTheyHave();
  void emptyReportGivesARowOfDashes();
};

void TestTable::csv() {
  QCOMPARE(hvlm::tableCsv(sample()),
           std::string("Row,Top-1,Top-1 ±,R_x\n"
                       "\"raw, \"\"plain\"\" & 50 %\",0.5,–,-0.125\n"
                       "ours_v1|x,0.61249,0.01,0.3\n"
                       "flat,0.9,–,-0.5\n"
                       "paper (claimed),0.95,–,–\n"));
}

void TestTable::markdown() {
  QCOMPARE(hvlm::tableMarkdown(sample()),
           std::string("**Main\\_table**\n\n"
                       "| Row | Top-1 | R\\_x |\n"
                       "| --- | ---: | ---: |\n"
                       "| raw, \"plain\" & 50 % | 0.500 | **-0.12** |\n"
                       "| ours\\_v1\\|x | **0.612 ± 0.010** | 0.30 |\n"
                       "| ~~flat~~ | ~~0.900~~ | ~~-0.50~~ |\n"
                       "| paper (claimed) | 0.950 | – |\n"
                       "\n- A note\\_x.\n"));
}

void TestTable::latex() {
  QCOMPARE(hvlm::tableLatex(sample()),
           std::string("% needs \\usepackage{booktabs} and \\usepackage[normalem]{ulem}\n"
                       "\\begin{tabular}{lrr}\n\\toprule\n"
                       "Row & Top-1 & R\\_x \\\\\n\\midrule\n"
                       "raw, \"plain\" \\& 50 \\% & 0.500 & \\textbf{$-$0.12} \\\\\n"
                       "ours\\_v1|x & \\textbf{0.612 $\\pm$ 0.010} & 0.30 \\\\\n"
                       "\\sout{flat} & \\sout{0.900} & \\sout{$-$0.50} \\\\\n"
                       "\\midrule\n"
                       "paper (claimed) & 0.950 & -- \\\\\n"
                       "\\bottomrule\n\\end{tabular}\n"
                       "% A note\\_x.\n"));
}

void TestTable::json() {
  ResultTable table = sample();
  table.rows[0].cells[1].value = std::nan("");
  const nlohmann::json json = nlohmann::json::parse(hvlm::tableJson(table).dump());
  QCOMPARE(json.at("title").get<std::string>(), std::string("Main_table"));
  QCOMPARE(json.at("columns").at(2).at("higher_is_better").get<bool>(), false);
  QCOMPARE(json.at("rows").at(1).at("cells").at(1), (nlohmann::json{{"value", 0.61249}, {"deviation", 0.01}}));
  QCOMPARE(json.at("rows").at(0).at("cells").at(1), (nlohmann::json{{"value", "nan"}}));
  QVERIFY(json.at("rows").at(2).at("struck").get<bool>());
  QVERIFY(json.at("rows").at(3).at("claimed").get<bool>());
}

void TestTable::bestIsMeasuredAndNotStruck() {
  ResultTable table = sample();
  QVERIFY(hvlm::bestRows(table, 0).empty());
  QVERIFY(hvlm::bestRows(table, 1) == std::vector<size_t>{1});
  QVERIFY(hvlm::bestRows(table, 2) == std::vector<size_t>{0});
  table.rows[1].cells[1].value = std::nan("");
  QVERIFY(hvlm::bestRows(table, 1) == std::vector<size_t>{0});
}

void TestTable::tiesAreAllBest() {
  ResultTable table = sample();
  table.rows[0].cells[1].value = table.rows[1].cells[1].value;
  QVERIFY(hvlm::bestRows(table, 1) == (std::vector<size_t>{0, 1}));
}

void TestTable::reportGivesRunAndControls() {
  const ResultTable table = hvlm::reportTable(kReport, false);
  QCOMPARE(hvlm::tableCsv(table),
           std::string("Row,Consistency TC,CAC,R_x,Effective rank,Top-1,Average mAP,mAP@0.5,Verdict\n"
                       "This run,0.75,0.5,0.1,40.25,0.8,0.2,0.4,healthy\n"
                       "majority,–,–,–,–,0.1,–,–,–\n"
                       "random encoder,0.99,–,–,–,0.95,–,–,collapsed\n"));
  QVERIFY(table.rows[2].struck && !table.rows[0].struck);
  QVERIFY(hvlm::bestRows(table, 5) == std::vector<size_t>{0});  // the collapsed row has more and is not ranked
  QVERIFY(table.notes == std::vector<std::string>{"qa: the data set has no questions"});
}

void TestTable::absentMetricsAreADash() {
  const ResultTable table = hvlm::reportTable(kReport, false);
  QCOMPARE(table.rows[1].cells[1].text, std::string("–"));
  QVERIFY(!table.rows[1].cells[1].value);
}

void TestTable::claimsAreMarkedAndNeverRanked() {
  const ResultTable table = hvlm::reportTable(kReport, true);
  QCOMPARE(table.rows.size(), size_t{3} + hvlm::kMainClaims.size());
  const TableRow& ours = table.rows.back();
  QVERIFY(ours.claimed);
  QCOMPARE(ours.cells[0].text, std::string("HierarchicalVLM (claimed)"));
  QCOMPARE(ours.cells[1].value.value(), 0.747);
  QCOMPARE(ours.cells[5].value.value(), 0.841);
  QVERIFY(!ours.cells[7].value);  // the paper's "IoU@0.5" is not mAP@0.5 ...
  QCOMPARE(ours.cells[8].value.value(), 0.728);  // ... and has a column of its own
  for (const TableRow& row : table.rows) QCOMPARE(row.cells.size(), table.columns.size());
  for (size_t column = 0; column < table.columns.size(); ++column) {
    for (const size_t best : hvlm::bestRows(table, column)) QVERIFY(!table.rows[best].claimed);
  }
  const QString markdown = QString::fromStdString(hvlm::tableMarkdown(table));
  for (const auto problem : {"298 MB", "+25.1 %", "494", "117 steps", "0.852"}) QVERIFY2(markdown.contains(problem), problem);
}

void TestTable::importedRunsShowWhatTheyHave() {
  nlohmann::json report = {{"name", "theirs"}, {"localization", {{"average_map", 0.5}, {"map", {{"0.50", 0.75}}}}}, {"absent", {{"verdict", "no weights"}}}};
  QVERIFY(hvlm::reportTable(report, true).columns.size() > 3);
  report["imported"] = {{"file", "theirs.json"}};
  const ResultTable table = hvlm::reportTable(report, true);
  QCOMPARE(table.rows.size(), size_t{1});
  QCOMPARE(table.columns.size(), size_t{3});
  QCOMPARE(table.columns[1].title, std::string("Average mAP"));
  QCOMPARE(*table.rows[0].cells[2].value, 0.75);
  QCOMPARE(table.notes, std::vector<std::string>{"verdict: no weights"});
}

void TestTable::emptyReportGivesARowOfDashes() {
  const ResultTable table = hvlm::reportTable(nlohmann::json::object(), false);
  QCOMPARE(table.rows.size(), size_t{1});
  QVERIFY(hvlm::reportTable(nlohmann::json::array(), false).rows.empty());
}

QTEST_GUILESS_MAIN(TestTable)
#include "tst_runs_table.moc"
