// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>
#include <memory>
#include <optional>

#include "ui/timeline/timeline_content.h"
#include "ui/timeline/timeline_painter.h"

namespace hvlm::ui {

// The lanes of one video. Owned by TimelinePanel; GUI thread. Holds no arithmetic of its own: see time_scale.h, timeline_content.h.
class TimelineView : public QWidget {
  Q_OBJECT
 public:
  explicit TimelineView(QWidget* parent = nullptr);
  void setContent(TimelineContent content, bool same_video);  // keeps zoom and cursor when it is the same video
  void setOptions(const TimelineOptions& options);
  const TimelineOptions& options() const { return options_; }
  const TimelineContent& content() const { return content_; }
  const Matching& matching() const { return matching_; }
  const TimeScale& scale() const { return scale_; }
  const std::vector<TimelineRow>& rows() const { return rows_; }
  CellAddress selectedCell() const { return marks_.selected; }
  std::optional<std::pair<double, double>> range() const { return marks_.range; }

  double cursorSeconds() const { return marks_.cursor_seconds.value_or(0.0); }
  void setCursor(double seconds);      // shared time cursor; moves the view when it leaves it
  void moveCursor(double by_seconds);  // says so
  void goToEdge(int direction);        // next or previous segment edge
  void selectCell(CellAddress cell);
  void zoom(double factor);            // about the cursor when it is in view, else about the middle
  void zoomWhole();
  double drawnAt() const;              // rows, scale and places are in pixels over this; larger than 1 where text is
  void zoomToSelection();              // the marked range, else the selected cell
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 Q_SIGNALS:
  void cursorMoved(double seconds);
  void cellSelected(hvlm::ui::CellAddress cell);  // invalid: none
  void hovered(const QString& text);

 protected:
  bool event(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void leaveEvent(QEvent* event) override;

 private:
  enum class Drag { kNone, kRange, kPan, kOverview, kCursor };
  void layOut();
  int across() const;  // its size, over drawnAt()
  int down() const;
  int onScreen(int size) const;
  void rematch();
  void setScale(const TimeScale& scale);
  bool showsWhole() const;
  double clamped(double seconds) const;
  void tellCursor(double seconds);
  void panOverview(double x);

  TimelineContent content_;
  TimelineOptions options_;
  Matching matching_;
  std::vector<TimelineRow> rows_;
  TimeScale scale_;
  TimelineMarks marks_;
  Drag drag_ = Drag::kNone;
  QPointF drag_from_;
  double drag_seconds_ = 0.0;
};

}  // namespace hvlm::ui
