// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QDialog>

namespace hvlm::ui {

class ActionList;

// Every action with its keys, and the way to the manual; not modal.
class KeySheet : public QDialog {
  Q_OBJECT
 public:
  explicit KeySheet(const ActionList& actions, QWidget* parent = nullptr);

 Q_SIGNALS:
  void manualAsked();
};

}  // namespace hvlm::ui
