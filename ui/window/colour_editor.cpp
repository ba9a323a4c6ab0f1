// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/colour_editor.h"

#include <QColorDialog>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QPushButton>
#include <QTreeWidget>
#include <QVBoxLayout>

namespace hvlm::ui {

ColourEditor::ColourEditor(const QStringList& classes, QWidget* parent) : QDialog(parent), classes_(classes) {
  setObjectName(QStringLiteral("colourEditor"));
  setWindowTitle(tr("Class colours"));
  resize(360, 420);
  auto* column = new QVBoxLayout(this);
  list_ = new QTreeWidget(this);
  list_->setObjectName(QStringLiteral("colourList"));
  list_->setAccessibleName(tr("Classes and their colours"));
  list_->setColumnCount(2);
  list_->setHeaderLabels({tr("Class"), tr("Colour")});
  list_->setRootIsDecorated(false);
  list_->header()->setSectionResizeMode(0, QHeaderView::Stretch);
  list_->header()->setStretchLastSection(false);
  auto* change = new QPushButton(tr("Change…"), this);
  auto* standard = new QPushButton(tr("Standard colour"), this);
  auto* close = new QPushButton(tr("Close"), this);
  auto* buttons = new QHBoxLayout;
  buttons->addWidget(change);
  buttons->addWidget(standard);
  buttons->addStretch(1);
  buttons->addWidget(close);
  column->addWidget(list_, 1);
  column->addLayout(buttons);
  const auto ask = [this] {
    const QTreeWidgetItem* item = list_->currentItem();
    if (!item) return;
    auto* dialog = new QColorDialog(classColour(item->text(0)), this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QColorDialog::colorSelected, this, [this, name = item->text(0)](const QColor& colour) { setColour(name, colour); });
    dialog->open();
  };
  connect(list_, &QTreeWidget::itemActivated, this, ask);
  connect(change, &QPushButton::clicked, this, ask);
  connect(standard, &QPushButton::clicked, this, [this] {
    if (const QTreeWidgetItem* item = list_->currentItem()) setColour(item->text(0), QColor());
  });
  connect(close, &QPushButton::clicked, this, &QDialog::accept);
  fill();
}

void ColourEditor::fill() {
  const int row = list_->indexOfTopLevelItem(list_->currentItem());
  list_->clear();
  for (const QString& name : classes_) {
    auto* item = new QTreeWidgetItem(list_, {name, classColour(name).name()});
    item->setData(1, Qt::DecorationRole, classColour(name));
  }
  list_->setCurrentItem(list_->topLevelItem(std::max(0, row)));
}

void ColourEditor::setColour(const QString& class_name, const QColor& colour) {
  const ClassColours before = chosenClassColours();
  ClassColours after = before;
  if (colour.isValid() && colour != standardClassColour(class_name)) after.insert(class_name, colour);
  else after.remove(class_name);
  if (after == before) return;
  setClassColours(after);
  fill();
  Q_EMIT coloursChanged(before, after);
}

}  // namespace hvlm::ui
