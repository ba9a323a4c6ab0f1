// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/compare/compare_model.h"

#include <QFont>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "ui/core_words.h"
#include "ui/results/result_model.h"
#include "ui/style/theme.h"
#include "ui/text.h"

namespace hvlm::ui {
namespace {

constexpr const char* kVerdict = "Verdict";
constexpr qsizetype kLongTitle = 13;  // longer titles take two lines

// Two lines of about the same length.
QString wrapped(const QString& title) {
  if (title.size() <= kLongTitle) return title;
  qsizetype best = -1;
  for (qsizetype i = title.indexOf(QLatin1Char(' ')); i >= 0; i = title.indexOf(QLatin1Char(' '), i + 1)) {
    if (best < 0 || std::abs(2 * i - title.size()) < std::abs(2 * best - title.size())) best = i;
  }
  QString out = title;
  if (best >= 0) out[best] = QLatin1Char('\n');
  return out;
}

bool hasValue(const TableColumn& column, const TableCell& cell) {
  return column.is_text ? !cell.text.empty() : cell.value && !std::isnan(*cell.value);
}

}  // namespace

void CompareModel::setTable(ReproductionTable table, const QString& out) {
  beginResetModel();
  table_ = std::move(table);
  out_ = out;
  best_.clear();
  for (size_t column = 0; column < table_.table.columns.size(); ++column) best_.push_back(bestRows(table_.table, column));
  if (sort_column_ >= static_cast<int>(table_.table.columns.size())) sort_column_ = -1;
  order();
  endResetModel();
}

int CompareModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(table_.table.rows.size()); }
int CompareModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(table_.table.columns.size()); }

bool CompareModel::isClaimed(int column) const {
  const auto at = static_cast<size_t>(column);
  return column >= 0 && at < table_.columns.size() && (table_.columns[at].claimed || table_.table.columns[at].title == "Claimed");
}

bool CompareModel::isBest(const QModelIndex& index) const {
  if (!index.isValid()) return false;
  const auto& best = best_[static_cast<size_t>(index.column())];
  return std::find(best.begin(), best.end(), sourceRow(index.row())) != best.end();
}

int CompareModel::rowOf(const std::string& id) const {
  for (int row = 0; row < rowCount(); ++row) {
    if (table_.row_ids[sourceRow(row)] == id) return row;
  }
  return -1;
}

int CompareModel::columnOf(const std::string& title) const {
  for (int column = 0; column < columnCount(); ++column) {
    if (table_.table.columns[static_cast<size_t>(column)].title == title) return column;
  }
  return -1;
}

const TableCell& CompareModel::cellAt(const QModelIndex& index) const {
  return table_.table.rows[sourceRow(index.row())].cells[static_cast<size_t>(index.column())];
}

QFont CompareModel::fontOf(size_t row, int column, bool best) const {
  QFont font;
  font.setStrikeOut(table_.table.rows[row].struck && !isClaimed(column));
  font.setItalic(isClaimed(column));
  font.setBold(best);
  return font;
}

QVariant CompareModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() >= rowCount() || index.column() >= columnCount()) return {};
  const size_t row = sourceRow(index.row());
  const TableColumn& column = table_.table.columns[static_cast<size_t>(index.column())];
  const TableCell& cell = cellAt(index);
  switch (role) {
    case Qt::DisplayRole: return shownText(column, cell);
    case Qt::TextAlignmentRole: return int((column.is_text ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    case Qt::FontRole: return fontOf(row, index.column(), isBest(index));
    case Qt::BackgroundRole: return isClaimed(index.column()) ? QVariant(tokens().raised) : QVariant();
    case Qt::ForegroundRole:
      if (column.title == kVerdict && !cell.text.empty()) return cell.text == "healthy" ? tokens().good : tokens().bad;
      if (isClaimed(index.column()) || table_.table.rows[row].struck || !table_.table.rows[row].ranked) return tokens().muted;
      return {};
    case Qt::ToolTipRole: return toolTip(index);
    case Qt::AccessibleTextRole: return spoken(index);
    default: return {};
  }
}

QVariant CompareModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (section < 0) return {};
  if (orientation == Qt::Vertical) {
    if (section >= rowCount()) return {};
    const size_t row = sourceRow(section);
    const TableRow& shown = table_.table.rows[row];
    if (role == Qt::DisplayRole) return qText(shown.cells.front().text);
    if (role == Qt::ToolTipRole) return toolTip(index(section, 0));
    if (role == Qt::FontRole) return fontOf(row, 0, false);
    if (role == Qt::ForegroundRole) return shown.struck || !shown.ranked ? tokens().muted : tokens().text;
    if (role == Qt::TextAlignmentRole) return int(Qt::AlignLeft | Qt::AlignVCenter);
    return {};
  }
  if (section >= columnCount()) return {};
  const TableColumn& column = table_.table.columns[static_cast<size_t>(section)];
  switch (role) {
    case Qt::DisplayRole: return wrapped(columnTitle(column.title));
    case Qt::TextAlignmentRole: return int((column.is_text ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    case Qt::AccessibleTextRole: return columnTitle(column.title);
    case Qt::FontRole: {
      QFont font;
      font.setItalic(isClaimed(section));
      return font;
    }
    case Qt::ToolTipRole:
      if (isClaimed(section)) return tr("%1: stated by the paper, not measured here").arg(columnTitle(column.title));
      if (column.is_text || !column.is_ranked) return columnTitle(column.title);
      return column.higher_is_better ? tr("%1: higher is better").arg(columnTitle(column.title)) : tr("%1: lower is better").arg(columnTitle(column.title));
    default: return {};
  }
}

// ---- order

void CompareModel::order() {
  order_.resize(table_.table.rows.size());
  std::iota(order_.begin(), order_.end(), size_t{0});
  if (sort_column_ < 0) return;
  const auto at = static_cast<size_t>(sort_column_);
  const TableColumn& column = table_.table.columns[at];
  const auto bucket = [&](size_t row) {
    const TableRow& shown = table_.table.rows[row];
    if (!hasValue(column, shown.cells[at])) return 2;
    return !isClaimed(sort_column_) && !column.is_text && (shown.struck || !shown.ranked) ? 1 : 0;
  };
  const auto less = [&](size_t a, size_t b) {
    const TableCell& left = table_.table.rows[a].cells[at];
    const TableCell& right = table_.table.rows[b].cells[at];
    return column.is_text ? qText(left.text).localeAwareCompare(qText(right.text)) < 0 : *left.value < *right.value;
  };
  std::stable_sort(order_.begin(), order_.end(), [&](size_t a, size_t b) {
    const int left = bucket(a), right = bucket(b);
    if (left != right) return left < right;
    if (left == 2) return false;
    return sort_order_ == Qt::AscendingOrder ? less(a, b) : less(b, a);
  });
}

void CompareModel::sort(int column, Qt::SortOrder order_asked) {
  Q_EMIT layoutAboutToBeChanged();
  const QModelIndexList before = persistentIndexList();
  std::vector<size_t> rows;
  for (const QModelIndex& each : before) rows.push_back(sourceRow(each.row()));
  sort_column_ = column < columnCount() ? column : -1;
  sort_order_ = order_asked;
  order();
  QModelIndexList after;
  for (qsizetype i = 0; i < before.size(); ++i) {
    const auto place = std::find(order_.begin(), order_.end(), rows[static_cast<size_t>(i)]);
    after.append(index(static_cast<int>(place - order_.begin()), before[i].column()));
  }
  changePersistentIndexList(before, after);
  Q_EMIT layoutChanged();
}

// ---- what stands behind a number

QList<RunBehind> CompareModel::runsBehind(const QModelIndex& index) const {
  QList<RunBehind> behind;
  if (!index.isValid()) return behind;
  const size_t row = sourceRow(index.row());
  const auto at = static_cast<size_t>(index.column());
  const auto& runs = table_.cell_runs[row][at];
  const auto& values = table_.cell_values[row][at];
  for (size_t i = 0; i < runs.size(); ++i) behind.append({qText(runs[i]), i < values.size() ? std::optional(values[i]) : std::nullopt});
  if (!behind.isEmpty() || !table_.columns[at].metric.empty()) return behind;
  for (const auto& run : table_.row_runs[row]) behind.append({qText(run), std::nullopt});
  return behind;
}

QString CompareModel::whyNoRun(const QModelIndex& index) const {
  if (!index.isValid()) return {};
  const QString title = qText(table_.table.columns[static_cast<size_t>(index.column())].title);
  const QString row = qText(table_.table.rows[sourceRow(index.row())].cells.front().text);
  if (isClaimed(index.column())) return tr("%1 of %2 is the paper's own statement: no run here stands behind it.").arg(title, row);
  if (table_.key.starts_with("efficiency")) return tr("%1 of %2 was measured by \"hvlm bench model\": no run stands behind it.").arg(title, row);
  return tr("%1 has no run with a value of %2.").arg(row, title);
}

QString CompareModel::runName(const QString& folder) const {
  const bool below = !out_.isEmpty() && folder.startsWith(out_ + QLatin1Char('/'));
  return below ? folder.mid(out_.size() + 1) : folder;
}

QString CompareModel::toolTip(const QModelIndex& index) const {
  const size_t row = sourceRow(index.row());
  const TableRow& shown = table_.table.rows[row];
  const TableColumn& column = table_.table.columns[static_cast<size_t>(index.column())];
  QStringList lines = {QStringLiteral("<b>%1</b>").arg(qText(shown.cells.front().text).toHtmlEscaped())};
  if (index.column() > 0) lines[0] += QStringLiteral(" · ") + columnTitle(column.title).toHtmlEscaped();
  if (isClaimed(index.column())) {
    lines.append(tr("Stated by the paper, not measured here"));
    for (const std::string& note : table_.claim_notes[row]) lines.append(tr("Known problem: %1").arg(qText(note).toHtmlEscaped()));
  } else {
    for (const RunBehind& run : runsBehind(index)) {
      const QString value = run.value ? QStringLiteral("<b>%1</b> · ").arg(uiNumber(*run.value, column.decimals + 2)) : QString();
      lines.append(value + runName(run.folder).toHtmlEscaped());
    }
    if (isBest(index)) lines.append(tr("Best measured value of this column"));
    if (shown.struck) lines.append(tr("Collapsed: never ranked first"));
    if (!shown.ranked) lines.append(tr("Was told the truth: never ranked first"));
    if (column.is_text && index.column() > 0) lines.append(shownText(column, cellAt(index)).toHtmlEscaped());
  }
  return QStringLiteral("<p>") + lines.join(QStringLiteral("<br>")) + QStringLiteral("</p>");
}

QString CompareModel::spoken(const QModelIndex& index) const {
  const TableRow& row = table_.table.rows[sourceRow(index.row())];
  const TableColumn& column = table_.table.columns[static_cast<size_t>(index.column())];
  QString text = tr("%1, %2: %3").arg(qText(row.cells.front().text), columnTitle(column.title), shownText(column, cellAt(index)));
  if (isClaimed(index.column())) text += tr(", claimed by the paper");
  if (isBest(index)) text += tr(", best measured");
  if (row.struck) text += tr(", collapsed");
  return text;
}

}  // namespace hvlm::ui
