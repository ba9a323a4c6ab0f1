// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStackedWidget>

#include <memory>
#include <optional>

#include "ui/timeline/pyramid_cells.h"
#include "ui/timeline/timeline_view.h"

class QComboBox;
class QTreeWidget;
class QTreeWidgetItem;

namespace hvlm::ui {

class EmptyState;
class Workspace;

// Values of what is selected: a segment, one cell of the pyramid, the video, the model's view of it, the run with its figures and config and
// what differs from another run. Runs are read on a worker, again when they have changed.
class InspectorPanel : public QStackedWidget {
  Q_OBJECT
 public:
  explicit InspectorPanel(Workspace& workspace, QWidget* parent = nullptr);
  void showCell(CellAddress cell);
  void showSegment(const std::optional<SelectedSegment>& segment);
  void setOtherRuns(const QStringList& folders);  // that the run may be compared with
  void setBaseline(const QString& folder);        // compared with unless another one is chosen; empty: none
  QString comparedWith() const;                   // folder; empty: none
  void refreshRun();                              // reads it again

 private:
  void rebuild();
  QTreeWidgetItem* group(const QString& title);
  void value(QTreeWidgetItem* group, const QString& name, const QString& text);
  void addVideo();
  void addModel();
  void addCell();
  void addSegment();  // inspector_run.cpp
  void addRun();
  void readRuns();
  void fillOthers();

  struct RunFacts;
  Workspace& workspace_;
  QTreeWidget* tree_;
  EmptyState* empty_;
  CellAddress cell_;
  std::optional<SelectedSegment> segment_;
  QComboBox* other_;
  QStringList others_;
  QString baseline_, chosen_;  // the chosen one; empty: the baseline
  std::shared_ptr<const RunFacts> run_, other_run_;
  int64_t newest_read_ = 0;
};

}  // namespace hvlm::ui
