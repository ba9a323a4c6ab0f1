// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <functional>
#include <optional>
#include <vector>

#include "runs/table.h"
#include "ui/exports/export_options.h"

namespace hvlm::ui {

class CompareView;
class CurvesView;
class FigureCanvas;
class NoticeStrip;
class Prompts;
class ResultsView;
class RunTable;
class TimelinePanel;
struct ExportedCard;

// Asks for a file and once for the options, draws on the GUI thread (a few milliseconds); encodes, makes text and writes on a worker. Says in the
// panel what was written and what was left out.
class Exporter : public QObject {
  Q_OBJECT
 public:
  Exporter(TimelinePanel& timeline, CurvesView& curves, ResultsView& results, RunTable& runs, CompareView& compare, Prompts& prompts, QWidget* window);
  void exportTimeline();
  void exportCurves(const QString& card);  // empty: the whole page
  void exportTable();
  void exportRunTable();
  void exportResultTable(const ResultTable& table, const QString& file_name, NoticeStrip* notice, const QString& left_out = {});
  void exportFigure(const FigureCanvas& figure, NoticeStrip* notice);
  void exportPage(const std::vector<FigureCanvas*>& figures);  // asks for the figures, then for a file
  void exportComparison();  // the table of the sub-tab shown, or its figure

  void chooseOptions();                          // asks for them, whether they were chosen or not
  void setOptions(const QJsonObject& state);     // of a session
  QJsonObject optionsState() const;              // empty: never chosen
  ExportOptions options() const { return options_.value_or(ExportOptions{}); }
  void setShownNotice(std::function<NoticeStrip*()> shown) { shown_notice_ = std::move(shown); }  // where to speak while a panel is hidden

 Q_SIGNALS:
  void written(const QString& file);

 private:
  bool haveOptions();  // asks the first time; false: thought better of it
  NoticeStrip* seen(NoticeStrip* notice) const;
  void wrongName(const QString& file, const QString& endings, NoticeStrip* notice) const;
  void run(const QString& file, std::function<void()> work, NoticeStrip* notice, const QString& left_out);
  void write(const QString& file, std::function<std::string()> make, NoticeStrip* notice, const QString& left_out = {});
  QList<ExportedCard> cardsShown(const QString& card) const;

  TimelinePanel& timeline_;
  CurvesView& curves_;
  ResultsView& results_;
  RunTable& runs_;
  CompareView& compare_;
  Prompts& prompts_;
  QWidget* window_;
  std::optional<ExportOptions> options_;
  std::function<NoticeStrip*()> shown_notice_;
};

}  // namespace hvlm::ui
