// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QDialog>

#include "ui/shell/key_map.h"

class QKeySequenceEdit;
class QLabel;
class QLineEdit;
class QPushButton;
class QTreeWidget;
class QTreeWidgetItem;

namespace hvlm::ui {

// Every action with its keys, to be changed. A key that another action has is refused with that action's name; nothing clashes, ever.
class KeyEditor : public QDialog {
  Q_OBJECT
 public:
  KeyEditor(ActionList& actions, const KeyMap& chosen, QWidget* parent = nullptr);
  const KeyMap& chosen() const { return chosen_; }
  void choose(const QString& action_id);                 // selects the row
  bool setKey(const QString& action_id, const QKeySequence& key);  // false when it clashes
  void resetKey(const QString& action_id);
  void resetAll();
  void take(const KeyMap& chosen);  // changed elsewhere, and in force already
  QString problem() const;

 Q_SIGNALS:
  void keysChanged(const hvlm::ui::KeyMap& chosen);

 private:
  void fill();
  void filter(const QString& text);
  QString current() const;
  void showItem(QTreeWidgetItem* item);
  void told(const QString& problem);

  ActionList& actions_;
  KeyMap chosen_;
  QLineEdit* search_;
  QTreeWidget* tree_;
  QKeySequenceEdit* edit_;
  QPushButton* reset_;
  QLabel* problem_;
};

}  // namespace hvlm::ui
