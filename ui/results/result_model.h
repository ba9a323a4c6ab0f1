// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QAbstractTableModel>

#include "runs/table.h"

namespace hvlm::ui {

// A cell as the screen shows it: numbers in the locale, deviations with ±.
QString shownText(const TableColumn& column, const TableCell& cell);

// A result table on screen: best measured value bold, collapsed rows struck through, claims in italics and marked.
class ResultModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  using QAbstractTableModel::QAbstractTableModel;
  void setTable(ResultTable table);
  const ResultTable& table() const { return table_; }
  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  ResultTable table_;
  std::vector<std::vector<size_t>> best_;  // rows, by column
};

}  // namespace hvlm::ui
