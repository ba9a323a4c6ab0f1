// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

#include "ui/language/answerer.h"

class QComboBox;
class QLabel;
class QLineEdit;

namespace hvlm::ui {

class ElidedLabel;
class Prompts;

// Chooses who answers. The address, the model's name and the key of a server are kept here only, in memory; nothing is filled in
// beforehand, and the form says where the evidence goes. GUI thread.
class BackendForm : public QWidget {
  Q_OBJECT
 public:
  BackendForm(Prompts& prompts, QWidget* parent = nullptr);
  Backend backend() const;
  void setBackend(BackendKind kind);
  void chooseModel();

 Q_SIGNALS:
  void changed();

 private:
  QWidget* modelBox();
  QWidget* serverBox();
  QLineEdit* edit(const char* name, const QString& text);
  void refresh();

  Prompts& prompts_;
  QString model_folder_;
  QComboBox* kind_;
  QWidget *model_, *server_;
  ElidedLabel* folder_;
  QComboBox* template_;
  QLineEdit *address_, *name_, *key_;
  QLabel* where_;
};

}  // namespace hvlm::ui
