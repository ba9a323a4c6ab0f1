// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/exports/export_options.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QLabel>
#include <QPushButton>
#include <QSpinBox>
#include <QVBoxLayout>

#include "ui/style/theme.h"

namespace hvlm::ui {

PictureOptions ExportOptions::picture() const {
  return {.width_mm = width_mm, .dpi = dpi, .style = as_on_screen ? Theme::instance().kind() : ThemeKind::kLight, .title = title};
}

QJsonObject exportOptionsState(const ExportOptions& o) {
  return {{"width_mm", o.width_mm}, {"dpi", o.dpi}, {"as_on_screen", o.as_on_screen}, {"visible_only", o.visible_only}, {"title", o.title}};
}

std::optional<ExportOptions> exportOptionsFrom(const QJsonObject& state) {
  if (state.isEmpty()) return std::nullopt;
  const ExportOptions o{.width_mm = state["width_mm"].toDouble(),
                        .dpi = state["dpi"].toInt(),
                        .as_on_screen = state["as_on_screen"].toBool(),
                        .visible_only = state["visible_only"].toBool(),
                        .title = state["title"].toBool()};
  const bool drawable = o.width_mm >= kLeastWidthMm && o.width_mm <= kMostWidthMm && o.dpi >= kLeastDpi && o.dpi <= kMostDpi;
  return drawable ? std::optional(o) : std::nullopt;
}

ExportOptionsDialog::ExportOptionsDialog(const ExportOptions& now, QWidget* parent) : QDialog(parent) {
  setObjectName(QStringLiteral("exportOptionsDialog"));
  setWindowTitle(tr("Export options"));
  width_ = new QDoubleSpinBox(this);
  width_->setObjectName(QStringLiteral("exportWidth"));
  width_->setRange(kLeastWidthMm, kMostWidthMm);
  width_->setDecimals(0);
  width_->setSuffix(tr(" mm"));
  width_->setToolTip(tr("A column of a paper is 85 mm wide, a page 180 mm."));
  width_->setValue(now.width_mm);
  dpi_ = new QSpinBox(this);
  dpi_->setObjectName(QStringLiteral("exportDpi"));
  dpi_->setRange(kLeastDpi, kMostDpi);
  dpi_->setValue(now.dpi);
  dpi_->setToolTip(tr("Dots an inch of a PNG; SVG and PDF are vectors."));
  style_ = new QComboBox(this);
  style_->setObjectName(QStringLiteral("exportStyle"));
  style_->addItems({tr("light, for paper"), tr("as on screen")});
  style_->setCurrentIndex(now.as_on_screen ? 1 : 0);
  points_ = new QComboBox(this);
  points_->setObjectName(QStringLiteral("exportPoints"));
  points_->addItems({tr("all"), tr("the visible range")});
  points_->setToolTip(tr("Points of curves, and segments and cells of a timeline as CSV."));
  points_->setCurrentIndex(now.visible_only ? 1 : 0);
  title_ = new QCheckBox(tr("Title above the picture"), this);
  title_->setObjectName(QStringLiteral("exportTitle"));
  title_->setChecked(now.title);
  auto* form = new QFormLayout;
  form->addRow(tr("Width"), width_);
  form->addRow(tr("Dots an inch"), dpi_);
  form->addRow(tr("Style"), style_);
  form->addRow(tr("Points"), points_);
  form->addRow(QString(), title_);
  auto* hint = new QLabel(tr("Every export takes these from now on. Change them with File, Export options…"), this);
  hint->setWordWrap(true);
  hint->setProperty("role", "muted");
  auto* buttons = new QDialogButtonBox(this);
  QPushButton* use = buttons->addButton(tr("Use these"), QDialogButtonBox::AcceptRole);
  use->setProperty("primary", true);
  use->setDefault(true);
  buttons->addButton(tr("Cancel"), QDialogButtonBox::RejectRole);
  connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  auto* column = new QVBoxLayout(this);
  column->addLayout(form);
  column->addWidget(hint);
  column->addWidget(buttons);
}

ExportOptions ExportOptionsDialog::options() const {
  return {.width_mm = width_->value(),
          .dpi = dpi_->value(),
          .as_on_screen = style_->currentIndex() == 1,
          .visible_only = points_->currentIndex() == 1,
          .title = title_->isChecked()};
}

}  // namespace hvlm::ui
