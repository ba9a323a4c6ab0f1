// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QDialog>

#include "ui/style/tokens.h"

class QComboBox;

namespace hvlm::ui {

class ActionList;

// What is chosen of the settings when the dialog opens.
struct SettingsNow {
  bool theme_chosen = false;  // false: colours like the system
  ThemeKind theme = ThemeKind::kLight;
  QString language;           // "en", "de"; empty: like the system
};

// The settings of the window in one place. Each is an action of the list, which it fires: nothing is kept here. Not modal.
class SettingsDialog : public QDialog {
  Q_OBJECT
 public:
  SettingsDialog(const ActionList& actions, const SettingsNow& now, QWidget* parent = nullptr);

 Q_SIGNALS:
  void trainingOptionsAsked(const QString& words);  // threads and device are options of each run

 private:
  // One of several actions, by name; `current` is its place.
  QComboBox* choice(const char* name, const QString& accessible, const QStringList& ids, qsizetype current);
  const ActionList& actions_;
};

}  // namespace hvlm::ui
