// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "runs/export.h"  // curvesCsv, the curves' counterpart

namespace hvlm {

// A result table that is shown and exported alike: text cells and numbers with their decimals.
struct TableColumn {
  std::string title;
  int decimals = 3;
  bool higher_is_better = true;
  bool is_text = false;
  bool is_ranked = true;  // false: claims and costs, where nothing is best
};
struct TableCell {
  std::string text;              // for text columns, or a note when there is no value ("not measured")
  std::optional<double> value;
  std::optional<double> deviation;  // standard deviation over seeds
};
struct TableRow {
  std::vector<TableCell> cells;
  bool struck = false;   // collapsed: struck through, never ranked first
  bool claimed = false;  // typed in from the paper, never mixed with measured rows
  bool ranked = true;    // false: it was told the truth, so that being best means nothing
};
struct ResultTable {
  std::string title;
  std::vector<TableColumn> columns;
  std::vector<TableRow> rows;
  std::vector<std::string> notes;  // printed below the table: known problems of claims, reasons of absent values
};

// The rows whose value in `column` is the best measured one: struck and claimed rows never are. Empty for text columns.
std::vector<size_t> bestRows(const ResultTable& table, size_t column);
std::string cellText(const TableColumn& column, const TableCell& cell);  // as shown: fixed decimals, "±" deviation, or "–"

std::string tableCsv(const ResultTable& table);  // every digit; a column of deviations follows where there are any
std::string tableMarkdown(const ResultTable& table);
std::string tableLatex(const ResultTable& table);  // booktabs and ulem, best measured value bold, ± deviation
nlohmann::json tableJson(const ResultTable& table);

// The table of one run's report: the run beside its control rows (and, when asked, the paper's claims as claimed rows). Of an imported run
// only the columns it has, and no claims, which are of other figures.
ResultTable reportTable(const nlohmann::json& report, bool with_claims = true);

}  // namespace hvlm
