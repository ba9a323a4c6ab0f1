// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QImage>
#include <vector>

#include "data/catalogue.h"
#include "ui/look/figure_canvas.h"

namespace hvlm::ui {

// The self-similarity matrix of a video: cosine of every step with every other, time along both axes, the true segments as bars beside them and the
// shared time cursor as a cross-hair. A click moves the cursor.
class SimilarityView : public FigureCanvas {
  Q_OBJECT
 public:
  explicit SimilarityView(QWidget* parent = nullptr);
  // `cosines` [steps, steps] row-major; empty clears.
  void setMatrix(std::vector<float> cosines, int64_t steps, double step_seconds);
  void setTruth(const std::vector<Segment>& truth, const QStringList& classes);
  void setCursor(double seconds);
  QRectF matrixRect() const;
  bool isSigned() const { return lowest_ < 0.0; }  // then -1 to 1 with a neutral 0, else from the lowest to 1
  bool hasContent() const override { return steps_ > 0; }
  void draw(QPainter& painter, const QRectF& place, const FigureStyle& style) const override;
  std::string csv() const override;
  QString leftOut(bool picture) const override;
  double heightFor(double width) const override { return width + 14.0; }

 Q_SIGNALS:
  void timeChosen(double seconds);

 protected:
  void mouseMoveEvent(QMouseEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  int64_t itemCount() const override { return steps_ * steps_; }
  int64_t itemColumns() const override { return steps_; }
  QRectF itemPlace(int64_t item) const override;

 private:
  QRectF square(const QRectF& place) const;
  int64_t stepAt(double position, double from, double length) const;
  std::vector<float> cosines_;
  int64_t steps_ = 0;
  double step_seconds_ = 1.0, cursor_ = 0.0, lowest_ = 0.0;
  std::vector<Segment> truth_;
  QStringList classes_;
  std::vector<float> shown_;  // at most kMostSide x kMostSide means
  int64_t side_ = 0;
};

}  // namespace hvlm::ui
