// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <optional>
#include <vector>

#include "ui/look/figure_canvas.h"

namespace hvlm::ui {

struct ParallelAxis {
  QString name;
  QStringList categories;  // empty: numbers
  bool logarithmic = false;
};

// Parallel coordinates: a line per run through one axis per option, coloured by the last axis (the figure). Dragging along an axis keeps the runs of
// that range, several axes together; a double click on an axis lets it go. A run without a value passes through the lane below the axes.
// By keyboard: Ctrl+Left and Right choose an axis (with Shift: move it), Ctrl+Up raises the foot of its range, Ctrl+Down lowers the top, Delete lets go.
class ParallelView : public FigureCanvas {
  Q_OBJECT
 public:
  explicit ParallelView(QWidget* parent = nullptr);
  // `rows[i][a]`: the value of run i on axis a; NaN: none. For categories the index.
  void setRuns(std::vector<ParallelAxis> axes, std::vector<std::vector<double>> rows, const QStringList& names);
  void setBrush(int axis, std::optional<std::pair<double, double>> shares);  // of the axis' height, 0 = foot
  bool kept(int row) const;       // within all brushes
  int rowAt(QPointF position) const;
  QPointF pointOf(int row, int axis) const;
  double axisX(int axis) const;
  const std::vector<ParallelAxis>& axes() const { return axes_; }
  void moveAxis(int from, int to);

  bool hasContent() const override { return axes_.size() > 1 && !rows_.empty(); }
  void draw(QPainter& painter, const QRectF& place, const FigureStyle& style) const override;
  std::string csv() const override;
  double heightFor(double width) const override { return width * 0.5; }

 Q_SIGNALS:
  void rowChosen(int row);
  void brushed();

 protected:
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  int64_t itemCount() const override { return static_cast<int64_t>(rows_.size()); }
  QRectF itemPlace(int64_t item) const override;  // its point on the figure's axis
  int64_t itemBeside(int64_t item, int across, int down) const override;  // runs outside the brushes are passed over
  void tellItem(int64_t item) override { tellRow(static_cast<int>(item)); }
  void chooseItem(int64_t item) override { Q_EMIT rowChosen(static_cast<int>(item)); }

 private:
  QRectF plot(const QRectF& place) const;
  double xOf(const QRectF& plot, int axis) const;
  double shareOf(int row, int axis) const;  // height on the axis, 0..1; NaN without a value
  QPointF at(const QRectF& plot, int row, int axis) const;
  int axisAt(QPointF position) const;
  void tellAxis();
  void tellRow(int row);  // -1: none
  QString valueText(int axis, double value) const;

  std::vector<ParallelAxis> axes_;
  std::vector<std::vector<double>> rows_;
  QStringList names_;
  std::vector<std::pair<double, double>> ranges_;  // lowest and highest, by axis; of logarithms where the axis is
  std::vector<std::optional<std::pair<double, double>>> brushes_;
  int dragged_ = -1, moved_ = -1, hovered_ = -1, axis_ = -1;  // axis_: the keyboard's
  double drag_from_ = 0.0;
};

}  // namespace hvlm::ui
