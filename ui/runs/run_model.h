// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QAbstractTableModel>
#include <QHash>
#include <QSet>
#include <vector>

#include "runs/run_list.h"

namespace hvlm::ui {

// Runs as listRuns() gave them, a row each; a tick box overlays a run's curves.
class RunModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Column { kName, kState, kVerdict, kTop1, kMap, kEpochs, kCreated, kColumns };
  using QAbstractTableModel::QAbstractTableModel;
  void setRuns(std::vector<RunSummary> runs);  // keeps ticks and selection where the folder is the same
  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  bool setData(const QModelIndex& index, const QVariant& value, int role) override;
  Qt::ItemFlags flags(const QModelIndex& index) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
  void sort(int column, Qt::SortOrder order) override;

  const RunSummary* runAt(int row) const;
  QString folderAt(int row) const;
  int rowOf(const QString& folder) const;
  QStringList ticked() const;  // folders, in row order
  void setTicked(const QStringList& folders);

 Q_SIGNALS:
  void tickedChanged();

 private:
  void order();
  std::vector<RunSummary> runs_;
  QHash<QString, int> row_of_;  // by folder
  QSet<QString> ticked_;
  int sort_column_ = kCreated;
  Qt::SortOrder order_ = Qt::DescendingOrder;
};

}  // namespace hvlm::ui
