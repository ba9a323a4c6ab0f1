// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QAbstractTableModel>
#include <QString>
#include <optional>

#include "runs/reproduction.h"

namespace hvlm::ui {

// A run behind a number.
struct RunBehind {
  QString folder;
  std::optional<double> value;  // what it measured; nothing for a whole row
};

// One table of a reproduction on screen. Rows are named by the vertical header and by column 0 alike. Best measured value bold,
// collapsed rows struck through, claimed columns in italics on a tint of their own.
class CompareModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  using QAbstractTableModel::QAbstractTableModel;
  void setTable(ReproductionTable table, const QString& out);  // keeps the order that was sorted by; `out`: folder that run folders are named below
  const ReproductionTable& table() const { return table_; }
  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
  // Rows that are ranked come first, then collapsed ones and those that were told the truth, then those without a value, whichever
  // way round. Column -1 gives the order of the paper.
  void sort(int column, Qt::SortOrder order = Qt::AscendingOrder) override;

  size_t sourceRow(int row) const { return order_[static_cast<size_t>(row)]; }
  int rowOf(const std::string& id) const;          // -1 when there is none
  int columnOf(const std::string& title) const;    // -1 when there is none
  bool isClaimed(int column) const;
  bool isBest(const QModelIndex& index) const;
  QList<RunBehind> runsBehind(const QModelIndex& index) const;  // of the number; of the whole row for its texts and costs
  QString whyNoRun(const QModelIndex& index) const;
  QString runName(const QString& folder) const;    // below `out` where it is

 private:
  const TableCell& cellAt(const QModelIndex& index) const;
  QString toolTip(const QModelIndex& index) const;
  QString spoken(const QModelIndex& index) const;
  QFont fontOf(size_t row, int column, bool best) const;
  void order();

  ReproductionTable table_;
  QString out_;
  std::vector<std::vector<size_t>> best_;  // rows, by column
  std::vector<size_t> order_;              // shown row -> row of the table
  int sort_column_ = -1;
  Qt::SortOrder sort_order_ = Qt::AscendingOrder;
};

}  // namespace hvlm::ui
