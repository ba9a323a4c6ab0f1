// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QPixmap>
#include <QStringList>
#include <vector>

#include "ui/look/figure_canvas.h"

namespace hvlm::ui {

// A map of points in groups: each group has a colour and a marker of its own and a place in the legend. Ctrl+wheel (or wheel) zooms at the pointer,
// the middle button pans, a double click shows everything.
class ScatterView : public FigureCanvas {
  Q_OBJECT
 public:
  struct Point {
    double x = 0.0, y = 0.0;
    int group = -1;      // -1: no group
    double shade = -1.0; // 0..1: coloured by the sequential scale instead of the group
    QString label;
  };
  explicit ScatterView(QWidget* parent = nullptr);
  // `scale`: what the ends of the sequential scale mean, when points are shaded.
  void setPoints(std::vector<Point> points, const QStringList& groups, const std::pair<QString, QString>& scale = {});
  const std::vector<Point>& points() const { return points_; }
  void setCurrent(int index);  // ringed; -1: none
  int current() const { return current_; }
  int pointAt(QPointF position) const;  // the nearest within a few pixels, or -1
  QPointF placeOf(int index) const;
  void zoomAt(QPointF position, double factor);
  void showAll();
  double zoomFactor() const { return zoom_; }

  bool hasContent() const override { return !points_.empty(); }
  void draw(QPainter& painter, const QRectF& place, const FigureStyle& style) const override;
  std::string csv() const override;
  double heightFor(double width) const override { return width; }

 Q_SIGNALS:
  void pointChosen(int index);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  int64_t itemCount() const override { return static_cast<int64_t>(points_.size()); }
  QRectF itemPlace(int64_t item) const override;
  int64_t itemBeside(int64_t item, int across, int down) const override;  // the nearest in that direction
  void tellItem(int64_t item) override;
  void chooseItem(int64_t item) override;
  bool zoomByKey(double factor) override;

 private:
  QRectF plot(const QRectF& place, const QFont& font) const;
  double legendWidth(const QFont& font) const;
  QPointF mapped(const Point& point, const QRectF& plot) const;
  void drawPoints(QPainter& painter, const QRectF& plot, const FigureStyle& style) const;
  void drawLegend(QPainter& painter, const QRectF& place, const FigureStyle& style) const;
  void forget();
  std::vector<Point> points_;
  QStringList groups_;
  std::vector<int> used_;     // groups that occur, in order
  std::pair<QString, QString> scale_;
  double low_x_ = 0.0, low_y_ = 0.0, span_ = 1.0;
  double zoom_ = 1.0;
  QPointF middle_ = {0.5, 0.5};  // of what is shown, in shares of the whole
  QPointF drag_from_;
  int current_ = -1;
  QPixmap cache_;
};

}  // namespace hvlm::ui
