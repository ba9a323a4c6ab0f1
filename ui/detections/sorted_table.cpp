// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/detections/sorted_table.h"

#include <QFont>
#include <QHeaderView>
#include <QTableView>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "ui/style/class_colours.h"
#include "ui/style/text_size.h"
#include "ui/text.h"

namespace hvlm::ui {

void SortedTable::setItems(int count, std::vector<SortedColumn> columns) {
  beginResetModel();
  count_ = count;
  columns_ = std::move(columns);
  rebuild();
  endResetModel();
}

void SortedTable::setFilter(std::function<bool(int)> filter) {
  beginResetModel();
  filter_ = std::move(filter);
  rebuild();
  endResetModel();
}

void SortedTable::sort(int column, Qt::SortOrder order) {
  Q_EMIT layoutAboutToBeChanged();
  const QModelIndexList old = persistentIndexList();  // the row that is chosen goes along
  std::vector<int> items;
  for (const QModelIndex& index : old) items.push_back(itemAt(index.row()));
  sort_column_ = column;
  order_ = order;
  rebuild();
  QModelIndexList moved;
  for (qsizetype i = 0; i < old.size(); ++i) moved.append(index(rowOf(items[static_cast<size_t>(i)]), old[i].column()));
  changePersistentIndexList(old, moved);
  Q_EMIT layoutChanged();
}

// The keys are asked for once each: sorting then compares plain numbers or texts.
void SortedTable::rebuild() {
  shown_.clear();
  for (int item = 0; item < count_; ++item) {
    if (!filter_ || filter_(item)) shown_.push_back(item);
  }
  if (sort_column_ < 0 || sort_column_ >= static_cast<int>(columns_.size())) return;
  const SortedColumn& column = columns_[static_cast<size_t>(sort_column_)];
  const bool rising = order_ == Qt::AscendingOrder;
  if (column.number) {
    std::vector<double> keys(static_cast<size_t>(count_), 0.0);
    for (const int item : shown_) keys[static_cast<size_t>(item)] = column.number(item);
    std::stable_sort(shown_.begin(), shown_.end(), [&](int a, int b) {
      const double x = keys[static_cast<size_t>(a)], y = keys[static_cast<size_t>(b)];
      if (std::isnan(x) || std::isnan(y)) return !std::isnan(x) && std::isnan(y);
      return rising ? x < y : x > y;
    });
    return;
  }
  std::vector<QString> keys(static_cast<size_t>(count_));
  for (const int item : shown_) keys[static_cast<size_t>(item)] = column.text(item);
  std::stable_sort(shown_.begin(), shown_.end(), [&](int a, int b) {
    const int order = QString::compare(keys[static_cast<size_t>(a)], keys[static_cast<size_t>(b)], Qt::CaseInsensitive);
    return rising ? order < 0 : order > 0;
  });
}

int SortedTable::itemAt(int row) const { return row >= 0 && row < static_cast<int>(shown_.size()) ? shown_[static_cast<size_t>(row)] : -1; }

int SortedTable::rowOf(int item) const {
  const auto found = std::find(shown_.begin(), shown_.end(), item);
  return found == shown_.end() ? -1 : static_cast<int>(found - shown_.begin());
}

int SortedTable::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(shown_.size()); }
int SortedTable::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(columns_.size()); }

QVariant SortedTable::data(const QModelIndex& index, int role) const {
  const int item = index.isValid() ? itemAt(index.row()) : -1;
  if (item < 0 || index.column() >= columnCount()) return {};
  const SortedColumn& column = columns_[static_cast<size_t>(index.column())];
  switch (role) {
    case Qt::DisplayRole:
    case Qt::ToolTipRole: {
      if (column.text) return column.text(item);
      if (role == Qt::ToolTipRole) return {};
      const double value = column.number(item);
      return std::isnan(value) ? QStringLiteral("–") : uiNumber(value, column.decimals);
    }
    case Qt::TextAlignmentRole: return int((column.number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    case Qt::DecorationRole: return column.colour_of ? QVariant(classColour(column.colour_of(item))) : QVariant();
    case Qt::FontRole: {
      if (!column.is_strong) return {};
      QFont font;
      font.setBold(true);
      return font;
    }
    default: return {};
  }
}

QVariant SortedTable::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section < 0 || section >= columnCount()) return {};
  const SortedColumn& column = columns_[static_cast<size_t>(section)];
  if (role == Qt::DisplayRole) return column.title;
  if (role == Qt::ToolTipRole && !column.tip.isEmpty()) return column.tip;
  if (role == Qt::TextAlignmentRole) return int((column.number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
  return {};
}

QTableView* sortedTableView(SortedTable* model, const char* name, const QString& accessible, QWidget* parent) {
  auto* view = new QTableView(parent);
  view->setObjectName(QLatin1String(name));
  view->setAccessibleName(accessible);
  view->setModel(model);
  view->setShowGrid(false);
  view->setWordWrap(false);
  view->setTabKeyNavigation(false);
  view->setSelectionBehavior(QAbstractItemView::SelectRows);
  view->setSelectionMode(QAbstractItemView::SingleSelection);
  view->setIconSize(QSize(10, 10));
  view->verticalHeader()->hide();
  view->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  view->verticalHeader()->setDefaultSectionSize(withText(*view, 24));
  view->horizontalHeader()->setHighlightSections(false);
  view->horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);
  view->setSortingEnabled(true);
  return view;
}

}  // namespace hvlm::ui
