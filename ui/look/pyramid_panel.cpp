// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/look/pyramid_panel.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>
#include <QVBoxLayout>

#include "ui/detections/stored_detections.h"
#include "ui/shell/elided_label.h"
#include "ui/shell/empty_state.h"
#include "ui/shell/notice_strip.h"
#include "ui/style/icons.h"
#include "ui/workspace.h"

namespace hvlm::ui {

PyramidPanel::PyramidPanel(Workspace& workspace, QWidget* parent) : QWidget(parent), workspace_(workspace) {
  setObjectName(QStringLiteral("pyramidPanel"));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(8, 6, 8, 4);
  column->setSpacing(4);
  view_ = new PyramidView(this);
  layout_ = new QComboBox(this);
  layout_->setObjectName(QStringLiteral("pyramidLayoutCombo"));
  layout_->setAccessibleName(tr("How the pyramid is drawn"));
  layout_->addItems({tr("icicle"), tr("tree")});
  value_ = new QComboBox(this);
  value_->setObjectName(QStringLiteral("pyramidValueCombo"));
  value_->setAccessibleName(tr("What the colour says"));
  value_->addItems({tr("share"), tr("alpha"), tr("score")});
  const auto button = [this](const char* icon_name, const QString& tip) {
    auto* made = new QToolButton(this);
    made->setIcon(icon(icon_name));
    made->setToolTip(tip);
    made->setAccessibleName(tip);
    return made;
  };
  auto* whole = button("fit", tr("Whole video (double click)"));
  auto* save = button("export", tr("Export the pyramid…"));
  auto* bar = new QHBoxLayout;
  bar->setSpacing(6);
  bar->addWidget(layout_);
  bar->addWidget(value_);
  bar->addStretch(1);
  bar->addWidget(whole);
  bar->addWidget(save);
  read_out_ = new ElidedLabel(this);
  read_out_->setProperty("role", "muted");
  notice_ = new NoticeStrip(this);
  column->addWidget(notice_);
  column->addLayout(bar);
  column->addWidget(view_, 1);
  column->addWidget(read_out_);
  connect(layout_, &QComboBox::currentIndexChanged, this, [this](int at) { view_->setLayout(at == 0 ? PyramidView::Layout::kIcicle : PyramidView::Layout::kTree); });
  connect(value_, &QComboBox::currentIndexChanged, this, [this](int at) { view_->setValue(static_cast<CellValue>(at)); });
  connect(whole, &QToolButton::clicked, view_, &PyramidView::showAll);
  connect(save, &QToolButton::clicked, this, &PyramidPanel::exportAsked);
  connect(view_, &PyramidView::timeChosen, &workspace_, &Workspace::setCursor);
  connect(&workspace_, &Workspace::cursorChanged, view_, &PyramidView::setCursor);
  const auto tell = [this](const QString& text) { read_out_->setText(text.isEmpty() ? tr("click chooses a cell · arrow keys walk · Ctrl+wheel zooms · middle button pans") : text); };
  connect(view_, &PyramidView::hovered, this, tell);
  tell(QString());
  for (const auto signal : {&Workspace::dataChanged, &Workspace::videoChanged, &Workspace::inspectionChanged}) connect(&workspace_, signal, this, &PyramidPanel::reload);
  for (const auto signal : {&Workspace::runChanged, &Workspace::loadingChanged}) connect(&workspace_, signal, this, &PyramidPanel::reload);
  reload();
}

void PyramidPanel::reload() {
  const Video* video = workspace_.video();
  const auto seen = workspace_.inspection();
  const auto stored = workspace_.stored();
  view_->setReason(stored ? stored->whyNoModel() : QString());
  view_->offer(stored ? EmptyAsk::kRuns : lacking(workspace_, true));
  view_->setDimmed(video && !seen && workspace_.awaiting());
  if (view_->dimmed() && view_->hasContent()) return;
  if (!video || !seen) {
    view_->setContent(TimelineContent{});
    return;
  }
  view_->setContent(makeContent(*video, workspace_.data()->catalogue.classes, seen));
  view_->setCursor(workspace_.cursorSeconds());
}

}  // namespace hvlm::ui
