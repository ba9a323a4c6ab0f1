// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QDialog>

namespace hvlm::ui {

class ActionList;

// Every action with its keys; not modal.
class KeySheet : public QDialog {
  Q_OBJECT
 public:
  explicit KeySheet(const ActionList& actions, QWidget* parent = nullptr);
};

}  // namespace hvlm::ui
