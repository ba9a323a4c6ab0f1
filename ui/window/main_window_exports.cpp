// SPDX-License-Identifier: GPL-3.0-or-later
// What of the panels is exported, and where it is said.
#include <QTabWidget>

#include "ui/compare/compare_view.h"
#include "ui/curves/curves_view.h"
#include "ui/detections/detection_panel.h"
#include "ui/look/attention_panel.h"
#include "ui/look/features_panel.h"
#include "ui/look/parallel_view.h"
#include "ui/look/pyramid_panel.h"
#include "ui/results/results_view.h"
#include "ui/runs/run_table.h"
#include "ui/shell/action_list.h"
#include "ui/shell/notice_strip.h"
#include "ui/shell/prompts.h"
#include "ui/text.h"
#include "ui/window/exporter.h"
#include "ui/window/main_window.h"

namespace hvlm::ui {

void MainWindow::makeExportActions() {
  const QString file = tr("File");
  actions_->add("exportParallel", file, tr("Export &parallel coordinates…"), {}, [this] {
    showRunTable();
    if (table_->parallel()->hasContent()) exporter_->exportFigure(*table_->parallel(), compare_->notice());
    else compare_->notice()->show(NoticeLevel::kInfo, tr("There is no figure to export yet."));
  }, "export");
  actions_->add("exportOptions", file, tr("Export optio&ns…"), {}, [this] { exporter_->chooseOptions(); }, "export");
  exporter_->setShownNotice([this] { return shownNotice(); });
}

// Of the tab that is shown; null where that has none.
NoticeStrip* MainWindow::shownNotice() {
  const QWidget* tab = tabs_->currentWidget();
  if (!tabs_->isVisible()) return dropNotice();
  if (tab == results_) return results_->notice();
  if (tab == features_) return features_->notice();
  if (tab == detections_) return detections_->notice();
  if (tab == compare_) return compare_->notice();
  if (tab == pyramid_) return pyramid_->notice();
  if (tab == attention_) return attention_->notice();
  return tab == curves_ ? curves_->notice() : dropNotice();
}

std::vector<FigureCanvas*> MainWindow::allFigures() {
  std::vector<FigureCanvas*> all = features_->figures();
  if (pyramid_->view()->hasContent()) all.insert(all.begin(), pyramid_->view());
  for (FigureCanvas* figure : {static_cast<FigureCanvas*>(attention_->pair()), static_cast<FigureCanvas*>(attention_->history())}) {
    if (figure->hasContent()) all.push_back(figure);
  }
  if (table_->parallel()->hasContent()) all.push_back(table_->parallel());
  for (FigureCanvas* figure : detections_->figures()) all.push_back(figure);
  return all;
}

// Of several things that stand side by side the one that is wanted; -1: none.
int MainWindow::chooseExport(const QStringList& names) {
  if (names.size() < 2) return static_cast<int>(names.size()) - 1;
  const int answer = prompts_.choose(this, tr("Which one should be exported?"),
                                     tr("They stand side by side; the figure page takes several."), names + QStringList{tr("Cancel")});
  return answer < names.size() ? answer : -1;
}

// Of the tab that is shown.
void MainWindow::exportFigure() {
  std::vector<FigureCanvas*> figures;
  NoticeStrip* notice = features_->notice();
  if (tabs_->currentWidget() == pyramid_) {
    notice = pyramid_->notice();
    figures = {pyramid_->view()};
  } else if (tabs_->currentWidget() == attention_) {
    notice = attention_->notice();
    figures = {attention_->currentFigure()};
  } else {
    figures = features_->currentFigures();
  }
  std::erase_if(figures, [](const FigureCanvas* figure) { return !figure || !figure->hasContent(); });
  if (figures.empty()) {
    notice->show(NoticeLevel::kInfo, tr("There is no figure to export yet."));
    return;
  }
  QStringList names;
  for (const FigureCanvas* figure : figures) names.append(figure->figureName());
  if (const int chosen = chooseExport(names); chosen >= 0) exporter_->exportFigure(*figures[static_cast<size_t>(chosen)], notice);
}

// A figure or the table of the page that is shown.
void MainWindow::exportDetections() {
  showWelcome(false);
  tabs_->setCurrentWidget(detections_);
  NoticeStrip* notice = detections_->notice();
  const std::vector<FigureCanvas*> figures = detections_->currentFigures();
  const auto table = detections_->currentTable();
  QStringList names;
  for (const FigureCanvas* figure : figures) names.append(figure->figureName());
  if (table) names.append(table->title.empty() ? tr("Table") : qText(table->title));
  if (names.isEmpty()) {
    notice->show(NoticeLevel::kInfo, tr("There is nothing to export yet: show a run that has predictions."));
    return;
  }
  const int chosen = chooseExport(names);
  if (chosen < 0) return;
  if (chosen < static_cast<int>(figures.size())) {
    exporter_->exportFigure(*figures[static_cast<size_t>(chosen)], notice);
    return;
  }
  const int page = detections_->pages()->currentIndex();
  const QString name = page == DetectionPanel::kClasses  ? QStringLiteral("ap-by-class.csv")
                       : page == DetectionPanel::kErrors ? QStringLiteral("faults.csv")
                                                         : QStringLiteral("videos.csv");
  const int hidden = page == DetectionPanel::kErrors ? detections_->faultsLeftOut() : 0;
  exporter_->exportResultTable(*table, name, notice,
                               hidden > 0 ? tr("%n fault(s) of another kind or a lower score were left out.", nullptr, hidden) : QString());
}

}  // namespace hvlm::ui
