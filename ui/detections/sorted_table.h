// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QAbstractTableModel>
#include <QColor>
#include <functional>
#include <vector>

class QTableView;

namespace hvlm::ui {

// A column as functions of an item's number. Either has a number, by which it sorts, or a text, or both; NaN is shown as a dash and sorts last.
struct SortedColumn {
  QString title, tip;
  int decimals = 0;
  std::function<double(int item)> number;
  std::function<QString(int item)> text;
  std::function<QString(int item)> colour_of;  // the class whose colour goes before the text
  bool is_strong = false;                      // the column that is looked at
};

// Rows over items that stand elsewhere, sorted and filtered in one pass; only what is on screen is asked for. GUI thread.
class SortedTable : public QAbstractTableModel {
  Q_OBJECT
 public:
  using QAbstractTableModel::QAbstractTableModel;
  // Keeps the filter and the column that is sorted by; without one the items stand in their own order.
  void setItems(int count, std::vector<SortedColumn> columns);
  void setFilter(std::function<bool(int item)> filter);  // null: all
  int itemAt(int row) const;                             // -1: no such row
  int rowOf(int item) const;                             // -1: not shown
  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
  void sort(int column, Qt::SortOrder order) override;  // -1: as the items stand

 private:
  void rebuild();

  int count_ = 0;
  std::vector<SortedColumn> columns_;
  std::function<bool(int)> filter_;
  std::vector<int> shown_;
  int sort_column_ = -1;
  Qt::SortOrder order_ = Qt::AscendingOrder;
};

// A view of such a table in the window's manner: whole rows, 24 px each, sorted by a press on a title, read by tab and arrows.
QTableView* sortedTableView(SortedTable* model, const char* name, const QString& accessible, QWidget* parent);

}  // namespace hvlm::ui
