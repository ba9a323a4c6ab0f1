// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStringList>
#include <QWidget>
#include <vector>

#include "runs/reproduction.h"

class QLabel;
class QMenu;
class QScrollArea;
class QTableView;

namespace hvlm::ui {

class CompareModel;

// One sub-tab of the comparison: one table or several below each other, and their notes.
class ComparePage : public QWidget {
  Q_OBJECT
 public:
  ComparePage(const QStringList& keys, QWidget* parent = nullptr);  // of tables, "main" …
  void setTables(const ReproductionTables& tables, const std::string& budget);  // keeps the cell chosen and the order
  CompareModel* model(const QString& key) const;
  QTableView* view(const QString& key) const;
  const ReproductionTable* current() const;  // the one with the keyboard, else the first
  QList<QTableView*> views() const;
  void copyCells(const QTableView* view);    // those selected, to the clipboard
  void openRunBehind(QTableView* view);      // of the cell chosen; asks which when there are several

 protected:
  void resizeEvent(QResizeEvent* event) override;

 Q_SIGNALS:
  void openRunAsked(const QString& folder);
  void told(const QString& text);  // why there is nothing to open

 private:
  struct Part {
    QString key;
    QLabel* title = nullptr;
    CompareModel* model = nullptr;
    QTableView* view = nullptr;
  };
  Part makePart(const QString& key);
  void fitColumns(const Part& part);
  void fillRunsMenu(const Part& part, const QModelIndex& index);
  void showMenu(const Part& part, QPoint at);
  void copySelection(const Part& part);
  const Part* partOf(const QTableView* view) const;

  std::vector<Part> parts_;
  QLabel* notes_;
  QScrollArea* notes_scroll_;
  QMenu* menu_;
};

}  // namespace hvlm::ui
