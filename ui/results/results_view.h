// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

#include "runs/table.h"

class QLabel;
class QStackedWidget;
class QTableView;
class QToolButton;

namespace hvlm::ui {

class EmptyState;
class NoticeStrip;
class ResultModel;

// report.json of the run shown: the run beside its controls and the paper's claims. Read on a worker.
class ResultsView : public QWidget {
  Q_OBJECT
 public:
  explicit ResultsView(QWidget* parent = nullptr);
  void setRun(const QString& folder);
  void refresh();
  void setCanEvaluate(bool can);
  bool hasTable() const;
  const ResultTable& table() const;
  ResultModel* model() { return model_; }
  NoticeStrip* notice() { return notice_; }

 Q_SIGNALS:
  void evaluateAsked();
  void exportAsked();
  void tableChanged();

 private:
  void offerEvaluation();
  void arrive(const QString& folder, std::optional<ResultTable> table, const QString& verdict);

  QString run_;
  bool can_evaluate_ = false;
  ResultModel* model_;
  QTableView* view_;
  QStackedWidget* pages_;
  EmptyState* empty_;
  NoticeStrip* notice_;
  QLabel* title_;
  QLabel* verdict_;
  QLabel* notes_;
  QToolButton* evaluate_;
};

}  // namespace hvlm::ui
