// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QDialog>

class QTreeWidget;

namespace hvlm::ui {

class History;

// What was done, the newest first; stays open and follows.
class HistoryDialog : public QDialog {
  Q_OBJECT
 public:
  explicit HistoryDialog(History& history, QWidget* parent = nullptr);

 private:
  void fill();
  History& history_;
  QTreeWidget* list_;
};

}  // namespace hvlm::ui
