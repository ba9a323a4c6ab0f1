// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <array>
#include <optional>

#include "ui/detections/detection_data.h"
#include "ui/look/figure_canvas.h"

namespace hvlm::ui {

// The error profile: what the predictions are, each kind with its share, its count and what its absence would gain; below it the recall
// by the instances' share of the video, length and number.
class ErrorView : public FigureCanvas {
  Q_OBJECT
 public:
  explicit ErrorView(QWidget* parent = nullptr);
  void setProfile(std::optional<ErrorProfile> profile);
  void setChosen(std::optional<DetectionError> kind);
  bool hasContent() const override { return profile_.has_value(); }
  void draw(QPainter& painter, const QRectF& place, const FigureStyle& style) const override;
  std::string csv() const override;  // part,name,count,share,gain
  double heightFor(double width) const override { return width * 0.85; }
  QSize minimumSizeHint() const override { return {200, 232}; }
  std::optional<DetectionError> kindAt(QPointF position) const;
  QRectF rowOf(DetectionError kind) const;  // on screen

 Q_SIGNALS:
  void kindChosen(int error);  // a DetectionError

 protected:
  void mouseMoveEvent(QMouseEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  int64_t itemCount() const override;  // the kinds, then the bins of recall
  QRectF itemPlace(int64_t item) const override;

 private:
  struct Bins {
    QString title;
    const std::vector<RecallBin>* bins;
  };
  std::vector<Bins> groups() const;
  double rowHeight(const QRectF& place, const QFont& font) const;
  QRectF groupPlace(const QRectF& place, const QFont& font, size_t group) const;
  const RecallBin* binAt(QPointF position, QString* group) const;
  void drawKinds(QPainter& painter, const QRectF& place, const FigureStyle& style) const;
  void drawGroup(QPainter& painter, const QRectF& place, const FigureStyle& style, const Bins& group) const;

  std::optional<ErrorProfile> profile_;
  std::optional<DetectionError> chosen_;
};

}  // namespace hvlm::ui
