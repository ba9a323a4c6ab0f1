// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/results/result_model.h"

#include <QFont>
#include <algorithm>
#include <cmath>

#include "ui/core_words.h"
#include "ui/style/theme.h"
#include "ui/text.h"

namespace hvlm::ui {

void ResultModel::setTable(ResultTable table) {
  beginResetModel();
  table_ = std::move(table);
  best_.clear();
  for (size_t column = 0; column < table_.columns.size(); ++column) best_.push_back(bestRows(table_, column));
  endResetModel();
}

QString shownText(const TableColumn& column, const TableCell& cell) {
  if (column.is_text || !cell.value || !std::isfinite(*cell.value)) return qText(cellText(column, cell));
  const QString text = uiNumber(*cell.value, column.decimals);
  return cell.deviation ? text + QStringLiteral(" ± ") + uiNumber(*cell.deviation, column.decimals) : text;
}

int ResultModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(table_.rows.size()); }
int ResultModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(table_.columns.size());
}

QVariant ResultModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() >= rowCount() || index.column() >= columnCount()) return {};
  const TableRow& row = table_.rows[static_cast<size_t>(index.row())];
  const auto at = static_cast<size_t>(index.column());
  const TableColumn& column = table_.columns[at];
  const TableCell cell = at < row.cells.size() ? row.cells[at] : TableCell{};
  switch (role) {
    case Qt::DisplayRole: {
      QString text = shownText(column, cell);
      if (row.claimed && text.endsWith(QLatin1String(" (claimed)"))) text.chop(10);  // said once, in the window's language
      return row.claimed && index.column() == 0 ? tr("%1 (claimed)").arg(text) : text;
    }
    case Qt::TextAlignmentRole: return int((column.is_text ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    case Qt::FontRole: {
      QFont font;
      font.setStrikeOut(row.struck);
      font.setItalic(row.claimed);
      const auto& best = best_[at];
      font.setBold(std::find(best.begin(), best.end(), static_cast<size_t>(index.row())) != best.end());
      return font;
    }
    case Qt::ForegroundRole: return row.claimed || row.struck ? QVariant(tokens().muted) : QVariant();
    case Qt::ToolTipRole:
      if (row.claimed) return tr("Typed in from the paper, not measured here");
      if (row.struck) return tr("Collapsed or constant in time: never ranked first");
      return qText(cell.text);
    default: return {};
  }
}

QVariant ResultModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section < 0 || section >= columnCount()) return {};
  const TableColumn& column = table_.columns[static_cast<size_t>(section)];
  if (role == Qt::DisplayRole) return columnTitle(column.title);
  if (role == Qt::TextAlignmentRole) return int((column.is_text ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
  return {};
}

}  // namespace hvlm::ui
