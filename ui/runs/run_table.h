// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QHash>
#include <QTimer>
#include <QWidget>
#include <memory>
#include <vector>

#include "runs/run_comparison.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QStackedWidget;
class QTableView;

namespace hvlm::ui {

class ElidedLabel;
class EmptyState;
class ParallelView;
class ResultModel;

// The runs that are ticked (or all that are listed) side by side: differing options first, seeds as mean and deviation, deltas to a pinned baseline.
// Configs and reports are read on a worker; a run is read again when it changed.
class RunTable : public QWidget {
  Q_OBJECT
 public:
  static constexpr int kMostRuns = 500;  // compared at once
  explicit RunTable(QWidget* parent = nullptr);

  void setRuns(const QStringList& folders);   // what to compare, at most kMostRuns of them
  void setBaseline(const QString& folder);    // empty: none
  QString baseline() const;
  void setGrouped(bool grouped);
  bool grouped() const;
  void refresh();                             // reads the runs again
  const ResultTable& table() const;
  int leftOut() const { return left_out_; }   // runs beyond kMostRuns
  ParallelView* parallel() { return parallel_; }
  const std::vector<ComparedRun>& runs() const { return *runs_; }

 Q_SIGNALS:
  void exportAsked();
  void baselineChanged(const QString& folder);
  void runsRead();
  void runChosen(const QString& folder);  // a line of the parallel coordinates

 private:
  void rebuild();
  void fillBaselines();
  void chooseFigure();
  void fillParallel();

  QStringList folders_;
  int left_out_ = 0;
  std::shared_ptr<const std::vector<ComparedRun>> runs_ = std::make_shared<const std::vector<ComparedRun>>();
  int64_t newest_ = 0;
  QCheckBox* group_;
  QComboBox* baseline_;
  ResultModel* model_;
  QTableView* view_;
  ParallelView* parallel_;
  ElidedLabel* read_out_;
  QComboBox* figure_;
  QLabel* notes_;
  QStackedWidget* pages_;
  EmptyState* empty_;
};

}  // namespace hvlm::ui
