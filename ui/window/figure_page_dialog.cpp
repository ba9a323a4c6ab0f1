// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/figure_page_dialog.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include "ui/style/icons.h"
#include "ui/text.h"

namespace hvlm::ui {

FigurePageDialog::FigurePageDialog(std::vector<PageFigure> figures, QWidget* parent) : QDialog(parent), figures_(std::move(figures)) {
  setObjectName(QStringLiteral("figurePageDialog"));
  setWindowTitle(tr("Figure page"));
  resize(760, 560);
  auto* row = new QHBoxLayout;
  list_ = new QListWidget(this);
  list_->setObjectName(QStringLiteral("figureList"));
  list_->setAccessibleName(tr("Figures, in the order of the page"));
  list_->setDragDropMode(QAbstractItemView::InternalMove);
  list_->setMaximumWidth(240);
  for (size_t i = 0; i < figures_.size(); ++i) {
    auto* item = new QListWidgetItem(figures_[i].name, list_);
    item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable | Qt::ItemIsDragEnabled);
    item->setCheckState(Qt::Checked);
    item->setData(Qt::UserRole, static_cast<int>(i));
  }
  width_ = new QComboBox(this);
  width_->setAccessibleName(tr("Width of the page"));
  width_->addItem(tr("one column, 85 mm"), kOneColumnMm);
  width_->addItem(tr("two columns, 180 mm"), kTwoColumnsMm);
  export_ = new QPushButton(icon("export", IconTone::kOnAccent), tr("Export…"), this);
  export_->setProperty("primary", true);
  auto* close = new QPushButton(tr("Close"), this);
  preview_ = new QLabel(this);
  preview_->setObjectName(QStringLiteral("figurePreview"));
  preview_->setAlignment(Qt::AlignTop | Qt::AlignHCenter);
  auto* scroll = new QScrollArea(this);
  scroll->setWidget(preview_);
  scroll->setWidgetResizable(true);
  auto* left = new QVBoxLayout;
  left->addWidget(new QLabel(tr("Tick figures; drag to reorder"), this));
  left->addWidget(list_, 1);
  left->addWidget(width_);
  row->addLayout(left);
  row->addWidget(scroll, 1);
  auto* buttons = new QHBoxLayout;
  buttons->addStretch(1);
  buttons->addWidget(close);
  buttons->addWidget(export_);
  auto* column = new QVBoxLayout(this);
  column->addLayout(row, 1);
  column->addLayout(buttons);
  connect(list_, &QListWidget::itemChanged, this, &FigurePageDialog::preview);
  connect(list_->model(), &QAbstractItemModel::rowsMoved, this, &FigurePageDialog::preview);
  connect(width_, &QComboBox::currentIndexChanged, this, &FigurePageDialog::preview);
  connect(export_, &QPushButton::clicked, this, &FigurePageDialog::exportAsked);
  connect(close, &QPushButton::clicked, this, &QDialog::accept);
  preview();
}

double FigurePageDialog::widthMm() const { return width_->currentData().toDouble(); }

void FigurePageDialog::tick(int row, bool on) { list_->item(row)->setCheckState(on ? Qt::Checked : Qt::Unchecked); }

std::vector<PageFigure> FigurePageDialog::chosen() const {
  std::vector<PageFigure> all;
  for (int i = 0; i < list_->count(); ++i) {
    if (list_->item(i)->checkState() == Qt::Checked) all.push_back(figures_[static_cast<size_t>(list_->item(i)->data(Qt::UserRole).toInt())]);
  }
  return all;
}

void FigurePageDialog::preview() {
  const auto figures = chosen();
  export_->setEnabled(!figures.empty());
  if (figures.empty()) {
    preview_->setText(tr("No figure is ticked."));
    return;
  }
  try {
    QPixmap picture;
    picture.loadFromData(figurePage(figures, PictureFormat::kPng, widthMm()));
    constexpr int kWidth = 460;
    preview_->setPixmap(picture.scaledToWidth(std::min(kWidth, picture.width()), Qt::SmoothTransformation));
  } catch (const std::exception& error) {
    preview_->setText(qText(error.what()));
    export_->setEnabled(false);
  }
}

}  // namespace hvlm::ui
