// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QFont>
#include <QImage>
#include <QLineF>
#include <QList>
#include <optional>
#include <vector>

#include "ui/style/colour_map.h"
#include "ui/style/tokens.h"
#include "ui/timeline/pyramid_cells.h"
#include "ui/timeline/timeline_content.h"

class QPainter;

namespace hvlm::ui {

struct TimelineMarks {
  std::optional<double> cursor_seconds;
  MarkedRange range;
  CellAddress selected;
  double file_end_seconds = 0.0;  // where the video file ends before the video does; 0: it does not, or is not known
};

// Draws a timeline; the window and the exports share it. Never clips (SVG has no clipping in Qt's generator) and draws at most
// a few shapes per pixel, however long the video.
class TimelinePainter {
 public:
  TimelinePainter(QPainter& painter, const TimelineContent& content, const Matching& matching, const TimelineOptions& options,
                  const TimeScale& scale, const std::vector<TimelineRow>& rows, const Tokens& tokens, const ColourMap& colours);
  void paint(const TimelineMarks& marks);

 private:
  void gutter(const TimelineRow& row);
  void overview(const TimelineRow& row);
  void density(const QRectF& box);
  void ruler(const TimelineRow& row);
  void truth(const TimelineRow& row);
  void predictions(const TimelineRow& row);
  std::vector<size_t> uncoveredDetections() const;
  void attention(const TimelineRow& row);
  void level(const TimelineRow& row);
  void absent(const TimelineRow& row);
  void marks(const TimelineMarks& marks);
  void selection(CellAddress selected);
  void outlineCell(CellAddress cell, const QColor& colour, double width);
  void lane(const TimelineRow& row);
  void laneText(const TimelineRow& row, const QString& text);  // in place of what it would show
  bool laneTaken(int lane_index, const Segment& segment) const;  // by a shown detection
  void segmentText(const QRectF& box, const QString& text, const QColor& ink, const QColor& halo);
  std::optional<QRectF> boxOf(double from, double to, double top, double height) const;  // cut to the lanes; none outside

  QPainter& p_;
  const TimelineContent& content_;
  const Matching& matching_;
  const TimelineOptions& options_;
  const TimeScale& scale_;
  const std::vector<TimelineRow>& rows_;
  const Tokens& t_;
  const ColourMap& colours_;
};

// Diagonal hatching of a rectangle, cut to it.
QList<QLineF> hatchLines(const QRectF& box, double spacing);

}  // namespace hvlm::ui
