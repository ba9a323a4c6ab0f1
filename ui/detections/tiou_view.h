// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/detections/detection_data.h"
#include "ui/look/figure_canvas.h"

namespace hvlm::ui {

// mAP by tIoU with the average, beside the control rows of the report: each a line of its own dashes, named with its average.
class TiouView : public FigureCanvas {
  Q_OBJECT
 public:
  explicit TiouView(QWidget* parent = nullptr);
  void setContent(std::shared_ptr<const DetectionData> read, size_t threshold);  // the one that is looked at
  bool hasContent() const override { return data_ != nullptr; }
  void draw(QPainter& painter, const QRectF& place, const FigureStyle& style) const override;
  std::string csv() const override;  // row,tiou,map with a line "average" for each row
  double heightFor(double width) const override;
  size_t thresholdAt(QPointF position) const;  // the nearest; the count of thresholds outside the plot

 Q_SIGNALS:
  void thresholdChosen(int index);

 protected:
  void mouseMoveEvent(QMouseEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  int64_t itemCount() const override { return data_ ? static_cast<int64_t>(data_->thresholds.size()) : 0; }
  int64_t itemColumns() const override { return itemCount(); }
  QRectF itemPlace(int64_t item) const override;

 private:
  struct Row {
    QString name;
    std::vector<double> map;
    double average = 0.0;
  };
  std::vector<Row> rows() const;  // the run first
  QRectF plot(const QRectF& place, const QFont& font) const;
  double legendHeight(double line) const;
  double legendBeside(const QRectF& place, const QFont& font) const;
  void drawLegend(QPainter& painter, const QRectF& place, const FigureStyle& style, const std::vector<Row>& rows) const;

  std::shared_ptr<const DetectionData> data_;
  size_t threshold_ = 0;
};

}  // namespace hvlm::ui
