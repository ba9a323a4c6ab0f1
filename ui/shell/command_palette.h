// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QAbstractListModel>
#include <QDialog>
#include <QPointer>

class QAction;
class QLineEdit;
class QListView;

namespace hvlm::ui {

class ActionList;

// How well a text answers a query: every word of the query must occur; a hit at the start of a word counts more. 0 = not at all.
int matchScore(const QString& text, const QString& query);

// The actions that answer the query, best first.
class CommandModel : public QAbstractListModel {
  Q_OBJECT
 public:
  explicit CommandModel(const ActionList& actions, QObject* parent = nullptr);
  void setQuery(const QString& query);
  int rowCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  Qt::ItemFlags flags(const QModelIndex& index) const override;
  QAction* actionAt(int row) const;

 private:
  const ActionList& actions_;
  QList<QAction*> shown_;
};

// Ctrl+P: type a few letters, Enter runs the action, Esc closes.
class CommandPalette : public QDialog {
  Q_OBJECT
 public:
  explicit CommandPalette(const ActionList& actions, QWidget* parent = nullptr);
  void popUp();
  CommandModel* model() { return model_; }

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void runSelected();
  QLineEdit* query_;
  QListView* list_;
  CommandModel* model_;
};

}  // namespace hvlm::ui
