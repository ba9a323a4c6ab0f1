// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>
#include <memory>
#include <optional>

#include "ui/timeline/timeline_content.h"
#include "ui/timeline/timeline_painter.h"

class QHelpEvent;

namespace hvlm::ui {

// One segment of the video, annotated or predicted, as it stands under the thresholds of the timeline.
struct SelectedSegment {
  bool predicted = false;
  QString label;
  double start_seconds = 0.0, end_seconds = 0.0;
  double score = 0.0;     // of a predicted one
  bool judged = false;    // somebody predicted here: matched or not can be said
  bool matched = false;   // it answers an instance, or is answered
  double iou = 0.0;       // with its counterpart; of a predicted one without one the best with any of its label
  QString counterpart;    // the times of what it is matched with; empty without
};

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
  const MarkedRange& range() const { return marks_.range; }
  void setRange(const MarkedRange& range);  // seconds; cut to the video, none where nothing is left of it; says nothing

  double cursorSeconds() const { return marks_.cursor_seconds.value_or(0.0); }
  void setFileEnd(double seconds);     // where the file of the video ends too early: hatched from there; 0: it does not
  double fileEnd() const { return marks_.file_end_seconds; }
  void setCursor(double seconds);      // shared time cursor; moves the view when it leaves it
  void moveCursor(double by_seconds);  // says so
  void goToEdge(int direction);        // next or previous segment edge
  void selectCell(CellAddress cell);
  void selectSegment(bool predicted, int64_t index);  // of the truth or the detections; -1: none
  std::optional<SelectedSegment> selectedSegment() const;
  // While it plays the view goes along with the cursor; panning while it plays ends that.
  void setPlaying(bool playing) { playing_ = playing; }
  void setFollow(bool on);
  bool follows() const { return follow_; }
  void zoom(double factor);            // about the cursor when it is in view, else about the middle
  void zoomWhole();
  std::optional<std::pair<double, double>> zoomedTo() const;  // first and last second that are shown; none: the whole video
  void zoomTo(double from_seconds, double to_seconds);        // kept inside the video
  // How far the whole video and the time have moved down to stay at the top of what is visible, in units of rows().
  double headShift() const;
  QString cutNameAt(QPointF at) const;  // the whole name of a row whose gutter has no room for it, in units of rows(); else empty
  double drawnAt() const;              // rows, scale and places are in pixels over this; larger than 1 where text is
  void zoomToSelection();              // the marked range, else the selected cell
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 Q_SIGNALS:
  void cursorMoved(double seconds);
  void cellSelected(hvlm::ui::CellAddress cell);  // invalid: none
  void segmentSelected();                         // or what is known of it changed; see selectedSegment()
  void followChanged(bool on);                    // by the user's panning, or by setFollow()
  void hovered(const QString& text);
  void rangeMarked(const hvlm::ui::MarkedRange& range);  // by the mouse, or gone with the video it was of
  void collapseAsked(qint64 level);                      // a click on its name

 protected:
  bool event(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void moveEvent(QMoveEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;  // timeline_keys.cpp

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
  void chooseCellAtCursor(int64_t level);
  void chooseSegmentAtCursor();
  void stretchRange(double by_seconds);
  bool tipGutter(const QHelpEvent& help);  // the whole of a name that is cut
  void panned();
  void pullCursorIntoView();
  void markRange(const MarkedRange& range);
  QString rangeText() const;
  QPointF inRows(QPointF at) const;                 // the place of rows() that is drawn there
  const TimelineRow* levelNamedAt(QPointF at) const;  // whose name in the gutter lies there and can be pressed
  bool canCollapse(const TimelineRow& row) const;
  void paintHead(QPainter& painter) const;
  void paintChevrons(QPainter& painter) const;

  TimelineContent content_;
  TimelineOptions options_;
  Matching matching_;
  std::vector<TimelineRow> rows_;
  TimeScale scale_;
  TimelineMarks marks_;
  bool segment_predicted_ = false;
  int64_t segment_ = -1;  // the selected one: into the detections, or the truth
  bool playing_ = false, follow_ = true;
  Drag drag_ = Drag::kNone;
  QPointF drag_from_;
  double drag_seconds_ = 0.0;
  std::optional<std::vector<double>> edges_;  // of what is shown, in seconds, rising; made when they are asked for
};

}  // namespace hvlm::ui
