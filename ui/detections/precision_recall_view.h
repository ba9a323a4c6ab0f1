// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/detections/detection_data.h"
#include "ui/look/figure_canvas.h"

namespace hvlm::ui {

// Precision over recall at one tIoU: a thin line by class, the mean over them thick, the chosen class as thick with the point that the
// score threshold reaches.
class PrecisionRecallView : public FigureCanvas {
  Q_OBJECT
 public:
  explicit PrecisionRecallView(QWidget* parent = nullptr);
  void setContent(std::shared_ptr<const DetectionData> read, std::shared_ptr<const DetectionLook> look);
  void setChosen(int64_t label);  // -1: none
  int64_t chosen() const { return chosen_; }
  int64_t labelAt(QPointF position) const;  // of the nearest line; -1: none is near
  QPointF pointOf(double recall, double precision) const;  // on screen
  bool hasContent() const override { return look_ && !look_->curves.empty(); }
  void draw(QPainter& painter, const QRectF& place, const FigureStyle& style) const override;
  std::string csv() const override;  // class,recall,precision,score: a line for each step, the mean without scores
  double heightFor(double width) const override { return width * 0.78; }

 Q_SIGNALS:
  void classChosen(qint64 label);

 protected:
  void mouseMoveEvent(QMouseEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  int64_t itemCount() const override { return hasContent() ? static_cast<int64_t>(look_->curves.size()) : 0; }
  QRectF itemPlace(int64_t item) const override;  // the middle of a class' line
  void tellItem(int64_t item) override;
  void chooseItem(int64_t item) override;

 private:
  QRectF plot(const QRectF& place, const QFont& font) const;
  void drawLegend(QPainter& painter, const QRectF& place, const FigureStyle& style) const;
  const PrecisionRecall* curveOf(int64_t label) const;
  QString nameOf(int64_t label) const { return data_->classes.value(label); }

  std::shared_ptr<const DetectionData> data_;
  std::shared_ptr<const DetectionLook> look_;
  int64_t chosen_ = -1;
};

// Axes with a light grid: shares from 0 to 1 upwards, `x_from` to `x_to` along the foot.
void drawShareAxes(QPainter& painter, const QRectF& plot, const FigureStyle& style, const QString& x_name, const QString& y_name,
                   const std::vector<double>& x_ticks, double x_from, double x_to, int x_decimals);

}  // namespace hvlm::ui
