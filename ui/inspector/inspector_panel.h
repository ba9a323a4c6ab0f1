// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStackedWidget>

#include "ui/timeline/pyramid_cells.h"

class QTreeWidget;
class QTreeWidgetItem;

namespace hvlm::ui {

class EmptyState;
class Workspace;

// Values of what is selected: the video, the model's view of it, one cell of its pyramid.
class InspectorPanel : public QStackedWidget {
  Q_OBJECT
 public:
  explicit InspectorPanel(Workspace& workspace, QWidget* parent = nullptr);
  void showCell(CellAddress cell);

 private:
  void rebuild();
  QTreeWidgetItem* group(const QString& title);
  void value(QTreeWidgetItem* group, const QString& name, const QString& text);
  void addVideo();
  void addModel();
  void addCell();

  Workspace& workspace_;
  QTreeWidget* tree_;
  EmptyState* empty_;
  CellAddress cell_;
};

}  // namespace hvlm::ui
