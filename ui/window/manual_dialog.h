// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QDialog>

namespace hvlm::ui {

// The manual of the window, docs/window.md, which is part of the program. Not modal.
class ManualDialog : public QDialog {
  Q_OBJECT
 public:
  explicit ManualDialog(QWidget* parent = nullptr);
};

}  // namespace hvlm::ui
