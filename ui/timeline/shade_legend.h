// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

#include "ui/timeline/timeline_content.h"

namespace hvlm::ui {

// The colour scale of the pyramid cells with its numbers.
class ShadeLegend : public QWidget {
  Q_OBJECT
 public:
  explicit ShadeLegend(QWidget* parent = nullptr);
  void setValue(CellValue value);
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return sizeHint(); }

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  CellValue value_ = CellValue::kShare;
};

}  // namespace hvlm::ui
