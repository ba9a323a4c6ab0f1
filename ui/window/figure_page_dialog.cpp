// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/figure_page_dialog.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include "ui/shell/notice_strip.h"
#include "ui/style/icons.h"
#include "ui/text.h"

namespace hvlm::ui {

FigurePageDialog::FigurePageDialog(std::vector<PageFigure> figures, const PictureOptions& options, QWidget* parent)
    : QDialog(parent), figures_(std::move(figures)), options_(options) {
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
  if (width_->findData(options.width_mm) < 0) width_->addItem(tr("%1 mm").arg(options.width_mm), options.width_mm);
  width_->setObjectName(QStringLiteral("figurePageWidth"));
  width_->setCurrentIndex(width_->findData(options.width_mm));
  auto* up = new QPushButton(tr("Move &up"), this);
  auto* down = new QPushButton(tr("Move &down"), this);
  list_->installEventFilter(this);
  up->setToolTip(tr("The chosen figure one place up (Alt+Up)"));
  down->setToolTip(tr("The chosen figure one place down (Alt+Down)"));
  notice_ = new NoticeStrip(this);
  export_ = new QPushButton(icon("export", IconTone::kOnAccent), tr("Export…"), this);
  export_->setObjectName(QStringLiteral("figurePageExport"));
  export_->setProperty("primary", true);
  auto* close = new QPushButton(tr("Close"), this);
  preview_ = new QLabel(this);
  preview_->setObjectName(QStringLiteral("figurePreview"));
  preview_->setAlignment(Qt::AlignTop | Qt::AlignHCenter);
  auto* scroll = new QScrollArea(this);
  scroll->setWidget(preview_);
  scroll->setWidgetResizable(true);
  auto* left = new QVBoxLayout;
  left->addWidget(new QLabel(tr("Tick figures; drag or Alt+Up and Alt+Down to reorder"), this));
  left->addWidget(list_, 1);
  auto* moves = new QHBoxLayout;
  moves->addWidget(up);
  moves->addWidget(down);
  left->addLayout(moves);
  left->addWidget(width_);
  row->addLayout(left);
  row->addWidget(scroll, 1);
  auto* buttons = new QHBoxLayout;
  buttons->addStretch(1);
  buttons->addWidget(close);
  buttons->addWidget(export_);
  auto* column = new QVBoxLayout(this);
  column->addWidget(notice_);
  column->addLayout(row, 1);
  column->addLayout(buttons);
  connect(list_, &QListWidget::itemChanged, this, &FigurePageDialog::preview);
  connect(list_->model(), &QAbstractItemModel::rowsMoved, this, &FigurePageDialog::preview);
  connect(width_, &QComboBox::currentIndexChanged, this, &FigurePageDialog::preview);
  connect(up, &QPushButton::clicked, this, [this] { moveChosen(-1); });
  connect(down, &QPushButton::clicked, this, [this] { moveChosen(1); });
  list_->setCurrentRow(0);
  connect(export_, &QPushButton::clicked, this, &FigurePageDialog::exportAsked);
  connect(close, &QPushButton::clicked, this, &QDialog::accept);
  preview();
}

double FigurePageDialog::widthMm() const { return width_->currentData().toDouble(); }

PictureOptions FigurePageDialog::pictureOptions() const {
  PictureOptions options = options_;
  options.width_mm = widthMm();
  return options;
}

bool FigurePageDialog::eventFilter(QObject* watched, QEvent* event) {
  if (watched == list_ && event->type() == QEvent::KeyPress) {
    const auto* key = static_cast<QKeyEvent*>(event);
    const bool up = key->key() == Qt::Key_Up, down = key->key() == Qt::Key_Down;
    if ((up || down) && (key->modifiers() & Qt::AltModifier)) {
      moveChosen(up ? -1 : 1);
      return true;
    }
  }
  return QDialog::eventFilter(watched, event);
}

int FigurePageDialog::count() const { return list_->count(); }

void FigurePageDialog::moveChosen(int rows) {
  const int from = list_->currentRow(), to = from + rows;
  if (from < 0 || to < 0 || to >= list_->count()) return;
  list_->insertItem(to, list_->takeItem(from));
  list_->setCurrentRow(to);
  preview();
}

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
    PictureOptions preview_options = pictureOptions();
    preview_options.dpi = std::min(preview_options.dpi, 150);  // drawn for a screen
    QPixmap picture;
    picture.loadFromData(figurePage(drawFigures(figures, widthMm()), PictureFormat::kPng, preview_options));
    constexpr int kWidth = 460;
    preview_->setPixmap(picture.scaledToWidth(std::min(kWidth, picture.width()), Qt::SmoothTransformation));
  } catch (const std::exception& error) {
    preview_->setText(qText(error.what()));
    export_->setEnabled(false);
  }
}

}  // namespace hvlm::ui
