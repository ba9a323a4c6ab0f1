// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QDialog>

#include "ui/style/class_colours.h"

class QTreeWidget;
class QTreeWidgetItem;

namespace hvlm::ui {

// The classes of the data set with their colours, to be changed one by one; the standard colour of a name comes back with one press.
class ColourEditor : public QDialog {
  Q_OBJECT
 public:
  explicit ColourEditor(const QStringList& classes, QWidget* parent = nullptr);
  void setColour(const QString& class_name, const QColor& colour);  // an invalid one: the standard colour

 Q_SIGNALS:
  void coloursChanged(const hvlm::ui::ClassColours& before, const hvlm::ui::ClassColours& after);

 private:
  void fill();
  QTreeWidget* list_;
  QStringList classes_;
};

}  // namespace hvlm::ui
