// SPDX-License-Identifier: Apache-2.0
#include "runs/table.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "runs/claims.h"
#include "support/text.h"

namespace hvlm {
namespace {

constexpr const char* kAbsent = "–";

// ---- escaping

std::string markdownText(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view("|\\`*_~<[]").find(c) != std::string_view::npos) out += '\\';
    out += c == '\n' || c == '\r' ? ' ' : c;
  }
  return out;
}

std::string latexText(const std::string& text) {
  static const std::map<std::string, std::string> kReplaced = {
      {"&", "\\&"},  {"%", "\\%"},  {"$", "\\$"}, {"#", "\\#"}, {"_", "\\_"}, {"{", "\\{"}, {"}", "\\}"},
      {"~", "\\textasciitilde{}"}, {"^", "\\textasciicircum{}"}, {"\\", "\\textbackslash{}"}, {"<", "\\textless{}"},
      {">", "\\textgreater{}"},    {"–", "--"}, {"±", "$\\pm$"}, {"\n", " "}, {"\r", " "}};
  std::string out;
  for (size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const size_t length = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
    const std::string character = text.substr(i, length);
    const auto replaced = kReplaced.find(character);
    out += replaced == kReplaced.end() ? character : replaced->second;
    i += length;
  }
  return out;
}

std::string latexNumber(const std::string& shown) {
  std::string out = latexText(shown);
  if (!out.empty() && out.front() == '-' && !out.starts_with("--")) out.replace(0, 1, "$-$");
  return out;
}

bool hasDeviations(const ResultTable& table, size_t column) {
  return std::any_of(table.rows.begin(), table.rows.end(),
                     [&](const TableRow& row) { return row.cells[column].deviation.has_value(); });
}

// best[row][column]
std::vector<std::vector<bool>> bestCells(const ResultTable& table) {
  std::vector<std::vector<bool>> best(table.rows.size(), std::vector<bool>(table.columns.size(), false));
  for (size_t column = 0; column < table.columns.size(); ++column) {
    for (const size_t row : bestRows(table, column)) best[row][column] = true;
  }
  return best;
}

// ---- from a report

std::optional<double> numberAt(const nlohmann::json& report, const char* pointer) {
  const nlohmann::json::json_pointer place(pointer);
  if (!report.contains(place) || !report.at(place).is_number()) return std::nullopt;
  return report.at(place).get<double>();
}
std::string textAt(const nlohmann::json& report, const char* key) {
  const auto found = report.find(key);
  return found != report.end() && found->is_string() ? found->get<std::string>() : "";
}
TableCell numberCell(std::optional<double> value) {
  return {.text = value ? "" : kAbsent, .value = value, .deviation = std::nullopt};
}
TableCell textCell(const std::string& text) { return {.text = text.empty() ? kAbsent : text, .value = {}, .deviation = {}}; }

std::vector<TableColumn> reportColumns(bool with_claims) {
  std::vector<TableColumn> columns = {{.title = "Row", .is_text = true},
                                      {.title = "Consistency TC"},
                                      {.title = "CAC"},
                                      {.title = "R_x", .higher_is_better = false},
                                      {.title = "Effective rank", .decimals = 1},
                                      {.title = "Top-1"},
                                      {.title = "Average mAP"},
                                      {.title = "mAP@0.5"}};
  if (with_claims) columns.push_back({.title = "\"IoU@0.5\" of the paper"});
  columns.push_back({.title = "Verdict", .is_text = true});
  return columns;
}

TableRow measuredRow(const std::string& name, const nlohmann::json& report, bool with_claims) {
  const std::string verdict = textAt(report, "verdict");
  TableRow row;
  row.cells = {textCell(name),
               numberCell(numberAt(report, "/temporal_consistency")),
               numberCell(numberAt(report, "/consistency/cac")),
               numberCell(numberAt(report, "/consistency/r_x")),
               numberCell(numberAt(report, "/collapse/effective_rank")),
               numberCell(numberAt(report, "/classification/top1")),
               numberCell(numberAt(report, "/localization/average_map")),
               numberCell(numberAt(report, "/localization/map/0.50"))};
  if (with_claims) row.cells.push_back(numberCell(std::nullopt));
  row.cells.push_back(textCell(verdict));
  row.struck = verdict.starts_with("collapsed");
  return row;
}

TableRow claimedRow(const Claim& claim) {
  TableRow row;
  row.claimed = true;
  row.cells = {textCell(std::string(claim.method) + " (claimed)"), numberCell(claim.consistency), numberCell({}), numberCell({}),
               numberCell({}), numberCell(claim.classification), numberCell({}), numberCell({}), numberCell(claim.localisation),
               textCell("")};
  return row;
}

}  // namespace

std::vector<size_t> bestRows(const ResultTable& table, size_t column) {
  std::vector<size_t> best;
  if (table.columns[column].is_text || !table.columns[column].is_ranked) return best;
  double best_value = 0.0;
  for (size_t row = 0; row < table.rows.size(); ++row) {
    const auto value = table.rows[row].cells[column].value;
    if (table.rows[row].struck || table.rows[row].claimed || !table.rows[row].ranked || !value || std::isnan(*value)) continue;
    const bool better = table.columns[column].higher_is_better ? *value > best_value : *value < best_value;
    if (best.empty() || better) {
      best = {row};
      best_value = *value;
    } else if (*value == best_value) {
      best.push_back(row);
    }
  }
  return best;
}

std::string cellText(const TableColumn& column, const TableCell& cell) {
  if (column.is_text || !cell.value) return cell.text.empty() ? kAbsent : cell.text;
  std::string text = fixedNumber(*cell.value, column.decimals);
  if (cell.deviation) text += " ± " + fixedNumber(*cell.deviation, column.decimals);
  return text;
}

std::string tableCsv(const ResultTable& table) {
  std::vector<std::vector<std::string>> lines(table.rows.size() + 1);
  for (size_t column = 0; column < table.columns.size(); ++column) {
    lines[0].push_back(csvText(table.columns[column].title));
    for (size_t row = 0; row < table.rows.size(); ++row) {
      const TableCell& cell = table.rows[row].cells[column];
      lines[row + 1].push_back(cell.value && !table.columns[column].is_text ? exactNumber(*cell.value)
                                                                            : csvText(cellText(table.columns[column], cell)));
    }
    if (!hasDeviations(table, column)) continue;
    lines[0].push_back(csvText(table.columns[column].title + " ±"));
    for (size_t row = 0; row < table.rows.size(); ++row) {
      const auto deviation = table.rows[row].cells[column].deviation;
      lines[row + 1].push_back(deviation ? exactNumber(*deviation) : kAbsent);
    }
  }
  std::string out;
  for (const auto& line : lines) {
    for (size_t i = 0; i < line.size(); ++i) out += (i ? "," : "") + line[i];
    out += "\n";
  }
  return out;
}

std::string tableMarkdown(const ResultTable& table) {
  const auto best = bestCells(table);
  std::string out = table.title.empty() ? "" : "**" + markdownText(table.title) + "**\n\n";
  out += "|";
  for (const TableColumn& column : table.columns) out += " " + markdownText(column.title) + " |";
  out += "\n|";
  for (const TableColumn& column : table.columns) out += column.is_text ? " --- |" : " ---: |";
  out += "\n";
  for (size_t row = 0; row < table.rows.size(); ++row) {
    out += "|";
    for (size_t column = 0; column < table.columns.size(); ++column) {
      std::string text = markdownText(cellText(table.columns[column], table.rows[row].cells[column]));
      if (best[row][column]) text = "**" + text + "**";
      if (table.rows[row].struck && text != kAbsent) text = "~~" + text + "~~";
      out += " " + text + " |";
    }
    out += "\n";
  }
  if (!table.notes.empty()) out += "\n";
  for (const std::string& note : table.notes) out += "- " + markdownText(note) + "\n";
  return out;
}

std::string tableLatex(const ResultTable& table) {
  const auto best = bestCells(table);
  std::string out = "% needs \\usepackage{booktabs} and \\usepackage[normalem]{ulem}\n\\begin{tabular}{";
  for (const TableColumn& column : table.columns) out += column.is_text ? "l" : "r";
  out += "}\n\\toprule\n";
  for (size_t column = 0; column < table.columns.size(); ++column) {
    out += (column ? " & " : "") + latexText(table.columns[column].title);
  }
  out += " \\\\\n\\midrule\n";
  for (size_t row = 0; row < table.rows.size(); ++row) {
    if (row > 0 && table.rows[row].claimed && !table.rows[row - 1].claimed) out += "\\midrule\n";
    for (size_t column = 0; column < table.columns.size(); ++column) {
      const TableCell& cell = table.rows[row].cells[column];
      std::string text = latexNumber(cellText(table.columns[column], cell));
      if (best[row][column]) text = "\\textbf{" + text + "}";
      if (table.rows[row].struck && text != "--") text = "\\sout{" + text + "}";
      out += (column ? " & " : "") + text;
    }
    out += " \\\\\n";
  }
  out += "\\bottomrule\n\\end{tabular}\n";
  for (const std::string& note : table.notes) out += "% " + latexText(note) + "\n";
  return out;
}

nlohmann::json tableJson(const ResultTable& table) {
  nlohmann::json json = {{"title", table.title}, {"notes", table.notes}};
  nlohmann::json& columns = json["columns"] = nlohmann::json::array();
  for (const TableColumn& column : table.columns) {
    columns.push_back({{"title", column.title}, {"decimals", column.decimals}, {"higher_is_better", column.higher_is_better},
                       {"text", column.is_text}});
  }
  nlohmann::json& rows = json["rows"] = nlohmann::json::array();
  for (const TableRow& row : table.rows) {
    nlohmann::json cells = nlohmann::json::array();
    for (const TableCell& cell : row.cells) {
      nlohmann::json one = nlohmann::json::object();
      if (cell.value) one["value"] = std::isfinite(*cell.value) ? nlohmann::json(*cell.value) : nlohmann::json(exactNumber(*cell.value));
      if (cell.deviation) one["deviation"] = *cell.deviation;
      if (!cell.text.empty()) one["text"] = cell.text;
      cells.push_back(std::move(one));
    }
    rows.push_back({{"cells", std::move(cells)}, {"struck", row.struck}, {"claimed", row.claimed}});
  }
  return json;
}

namespace {

// Columns that no row has anything in.
void dropEmptyColumns(ResultTable& table) {
  for (size_t column = table.columns.size(); column-- > 1;) {
    const auto empty = [column](const TableRow& row) { return !row.cells[column].value && row.cells[column].text == kAbsent; };
    if (!std::all_of(table.rows.begin(), table.rows.end(), empty)) continue;
    table.columns.erase(table.columns.begin() + static_cast<std::ptrdiff_t>(column));
    for (TableRow& row : table.rows) row.cells.erase(row.cells.begin() + static_cast<std::ptrdiff_t>(column));
  }
}

}  // namespace

ResultTable reportTable(const nlohmann::json& report, bool with_claims) {
  ResultTable table;
  if (!report.is_object()) return table;
  const bool imported = report.contains("imported");  // has detections alone: the paper claims nothing of them
  with_claims = with_claims && !imported;
  table.title = "Results";
  if (const auto videos = numberAt(report, "/videos")) table.title += ", " + fixedNumber(*videos, 0) + " videos";
  table.columns = reportColumns(with_claims);
  const std::string name = textAt(report, "name");
  table.rows.push_back(measuredRow(name.empty() ? "This run" : name, report, with_claims));
  const auto controls = report.find("controls");
  if (controls != report.end() && controls->is_object()) {
    for (const auto& [control, values] : controls->items()) {
      if (values.is_object()) table.rows.push_back(measuredRow(control, values, with_claims));
    }
  }
  const auto absent = report.find("absent");
  if (absent != report.end() && absent->is_object()) {
    for (const auto& [metric, reason] : absent->items()) {
      if (reason.is_string()) table.notes.push_back(metric + ": " + reason.get<std::string>());
    }
  }
  if (with_claims) {
    for (const Claim& claim : kMainClaims) table.rows.push_back(claimedRow(claim));
    table.notes.emplace_back("Claimed rows are the paper's own statements, not measured here; they are never ranked.");
    for (const std::string_view problem : kClaimProblems) table.notes.emplace_back("About the claims: " + std::string(problem));
  }
  if (imported) dropEmptyColumns(table);
  return table;
}

}  // namespace hvlm
