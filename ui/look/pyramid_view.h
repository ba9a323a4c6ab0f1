// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <memory>

#include "ui/look/figure_canvas.h"
#include "ui/timeline/pyramid_cells.h"
#include "ui/timeline/timeline_content.h"

namespace hvlm::ui {

class ActionList;

// The temporal pyramid of a video as an icicle (the top token above, its children below it, the steps at the foot) or as a tree whose lines are as
// wide as the attention that flows along them. The cell chosen here is the one chosen in the timeline, and the other way round.
class PyramidView : public FigureCanvas {
  Q_OBJECT
 public:
  enum class Layout { kIcicle, kTree };
  explicit PyramidView(QWidget* parent = nullptr);
  void setContent(const TimelineContent& content);  // without an inspection: empty
  void setLayout(Layout layout);
  Layout layoutKind() const { return layout_; }
  void setValue(CellValue value);
  void select(CellAddress cell);  // invalid: none
  CellAddress selected() const { return selected_; }
  void setCursor(double seconds);
  CellAddress cellAt(QPointF position) const;
  QRectF cellRect(CellAddress cell) const;   // as drawn in an icicle; the node's middle in a tree
  QString textOf(CellAddress cell) const;    // exact values in one line
  std::vector<CellAddress> pathOf(CellAddress cell) const;  // up to the top, itself first
  enum class Step { kUp, kDown, kBefore, kAfter };  // to the parent, the child with the most attention, the neighbours
  void walk(Step step);                      // without a chosen cell: from the top
  void addActions(ActionList& actions, const QString& group);  // walk(), by keys that act here
  void zoomAt(double x, double factor);
  void showAll();
  TimeScale scale() const { return scale_; }

  bool hasContent() const override { return content_.levels() > 0; }
  void draw(QPainter& painter, const QRectF& place, const FigureStyle& style) const override;
  std::string csv() const override;
  double heightFor(double) const override { return 20.0 * static_cast<double>(content_.levels()) + 40.0; }

 Q_SIGNALS:
  void cellSelected(hvlm::ui::CellAddress cell);
  void timeChosen(double seconds);

 protected:
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  bool zoomByKey(double factor) override;  // about the cursor where it is in view
  void wheelEvent(QWheelEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  struct Frame {  // where things go on one surface
    QRectF lanes;
    TimeScale scale;
    double row = 0.0;
  };
  Frame frameFor(const QRectF& place, const TimeScale* shown) const;
  QRectF rectIn(const Frame& frame, CellAddress cell) const;
  void drawIcicle(QPainter& painter, const Frame& frame, const FigureStyle& style) const;
  void drawTree(QPainter& painter, const Frame& frame, const FigureStyle& style) const;
  void drawMarks(QPainter& painter, const Frame& frame, const FigureStyle& style) const;
  void choose(CellAddress cell);
  void fit(bool whole);

  TimelineContent content_;
  TimeScale scale_;
  Layout layout_ = Layout::kIcicle;
  CellValue value_ = CellValue::kShare;
  CellAddress selected_;
  double cursor_ = 0.0;
  double drag_seconds_ = 0.0;
};

}  // namespace hvlm::ui
