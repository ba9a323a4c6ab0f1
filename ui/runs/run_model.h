// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QAbstractTableModel>
#include <QHash>
#include <QIcon>
#include <QSet>
#include <vector>

#include "runs/run_list.h"

namespace hvlm::ui {

// Runs as listRuns() gave them, a row each; a tick box overlays a run's curves.
class RunModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Column { kName, kState, kVerdict, kTop1, kMap, kEpochs, kTags, kCreated, kColumns };
  using QAbstractTableModel::QAbstractTableModel;
  // Every word must occur in the name, state, verdict, data set, tags or note of a run.
  void setFilter(const QString& text);
  int total() const { return static_cast<int>(runs_.size()); }
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
  QStringList ticked() const;  // folders, in row order, also of runs that the filter hides
  QStringList wanted() const;  // the same, sorted, with those that are not listed (yet)
  void setTicked(const QStringList& folders);
  void setSwatches(const QHash<QString, QIcon>& swatches);  // by folder: the colour of the run's curves; the others have none

 Q_SIGNALS:
  void tickedChanged();

 private:
  void order();
  void refilter();
  std::vector<RunSummary> runs_;     // all, in the order of the table
  std::vector<int> shown_;           // of them, those that pass the filter
  std::vector<int> shown_row_;       // by run; -1 = hidden
  QStringList words_;
  std::vector<int> place_;           // by the order they were given in: where in runs_
  QHash<QString, int> row_of_;  // by folder
  QSet<QString> ticked_;
  QHash<QString, QIcon> swatches_;
  int sort_column_ = kCreated;
  Qt::SortOrder order_ = Qt::DescendingOrder;
};

}  // namespace hvlm::ui
