// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <vector>

#include "runs/table.h"

namespace hvlm::ui {

class CompareView;
class CurvesView;
class FigureCanvas;
class NoticeStrip;
class Prompts;
class ResultsView;
class RunTable;
class TimelinePanel;

// Asks for a file, draws on the GUI thread (a few milliseconds), writes on a worker, says in the panel what was written.
class Exporter : public QObject {
  Q_OBJECT
 public:
  Exporter(TimelinePanel& timeline, CurvesView& curves, ResultsView& results, RunTable& runs, CompareView& compare, Prompts& prompts, QWidget* window);
  void exportTimeline();
  void exportCurves(const QString& card);  // empty: the whole page
  void exportTable();
  void exportRunTable();
  void exportResultTable(const ResultTable& table, const QString& file_name, NoticeStrip* notice);
  void exportFigure(const FigureCanvas& figure, NoticeStrip* notice);
  void exportPage(const std::vector<FigureCanvas*>& figures);  // asks for the figures, then for a file
  void exportComparison();  // the table of the sub-tab shown, or its figure

 Q_SIGNALS:
  void written(const QString& file);

 private:
  void write(const QString& file, std::string bytes, NoticeStrip* notice, const QString& left_out);

  TimelinePanel& timeline_;
  CurvesView& curves_;
  ResultsView& results_;
  RunTable& runs_;
  CompareView& compare_;
  Prompts& prompts_;
  QWidget* window_;
};

}  // namespace hvlm::ui
