// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QPointF>
#include <QString>
#include <QStringList>
#include <memory>
#include <set>
#include <vector>

#include "data/catalogue.h"
#include "jobs/inspection.h"
#include "ui/detections/stored_detections.h"
#include "ui/timeline/matching.h"
#include "ui/timeline/pyramid_cells.h"
#include "ui/timeline/range_max.h"
#include "ui/timeline/span_lookup.h"
#include "ui/timeline/time_scale.h"

namespace hvlm::ui {

// What a pyramid cell's colour says.
enum class CellValue { kShare, kAlpha, kScore };

struct TimelineOptions {
  bool truth = true;
  bool predictions = true;
  bool attention = true;
  int only_level = -1;  // -1: all levels
  CellValue value = CellValue::kShare;
  double threshold = 0.2;
  double tiou = 0.5;
  std::set<int64_t> collapsed;  // levels that are a thin line; one that is shown alone is shown whole
  bool operator==(const TimelineOptions&) const = default;
};

// One video as the timeline draws it: annotations and, when a model looked at it, what it saw. Class numbers of both are made
// one list. Without a model there may be detections alone (StoredDetections). Look-up tables are built once here, so that drawing costs what is on screen.
struct TimelineContent {
  QString video;
  double duration_seconds = 0.0;
  double step_seconds = 1.0;
  QStringList classes;
  std::vector<Segment> truth;                // by start; labels into classes
  std::vector<double> truth_ends;            // by truth: the latest end up to here, in seconds
  SpanLookup truth_at;                       // where several cover a moment, the one that began last
  std::vector<DetectedSegment> detections;   // falling score; labels into classes
  std::shared_ptr<const VideoInspection> inspection;  // null: nothing was inspected
  bool searched = false;   // somebody looked for segments: a truth without a detection is missed
  QString no_model;        // why there is neither attention nor pyramid; empty: there is, or nothing is known yet
  RangeMax attention;
  std::vector<RangeMax> share, alpha, score;  // by level; share is times the cells of the level: 1 = even
  int64_t levels() const { return inspection ? static_cast<int64_t>(inspection->levels.size()) : 0; }
};
// The step that covers a moment; the very end of the video belongs to the last step. At or past `steps` where none does.
int64_t stepAt(const TimelineContent& content, double seconds);
TimelineContent makeContent(const Video& video, const std::vector<std::string>& classes,
                            std::shared_ptr<const VideoInspection> inspection, const StoredDetections* stored = nullptr);

// Colour scale position in [0, 1] of a cell's (or a range's largest) value.
double cellShade(const TimelineContent& content, CellValue value, int64_t level, int64_t first, int64_t last);

// kAbsent: in the place of attention and levels where there is no model, with the reason.
enum class RowKind { kOverview, kRuler, kTruth, kPredictions, kAttention, kLevel, kAbsent };
struct TimelineRow {
  RowKind kind = RowKind::kRuler;
  int64_t level = -1;
  int top = 0;
  int height = 0;
  QString label;
};
constexpr int kGutter = 88;
constexpr int kPredictionLanes = 2;
constexpr int kLaneHeight = 18;
constexpr int kCollapsedHeight = 3;
// Rows from the top. Levels are 10 to 14 px each, as the height allows, collapsed ones 3 px.
std::vector<TimelineRow> layoutRows(const TimelineContent& content, const TimelineOptions& options, int available_height);
int heightOf(const std::vector<TimelineRow>& rows);
// The rows that stay visible while the others scroll: the whole video and the time.
std::vector<TimelineRow> headOf(const std::vector<TimelineRow>& rows);
const TimelineRow* rowAt(const std::vector<TimelineRow>& rows, int y);

// What lies under a point, in one line: time, level, cell, value, label, score, IoU.
QString readOut(const TimelineContent& content, const Matching& matching, const std::vector<TimelineRow>& rows,
                const TimeScale& scale, QPointF at);
// What it says of one item, without the time under the pointer; the index must be valid.
QString truthText(const TimelineContent& content, const Matching& matching, int64_t index);
QString detectionText(const TimelineContent& content, const Matching& matching, int64_t index);
QString cellText(const TimelineContent& content, CellAddress cell);
// Index of the detection under a point of the predictions row, the best-scored one; or -1. The same for truth. O(log n).
int64_t detectionAt(const Matching& matching, int lane, double seconds);
int64_t truthAt(const TimelineContent& content, double seconds);
// Index of the first instance that may reach a moment: all before it are over by then.
size_t firstTruthReaching(const TimelineContent& content, double seconds);
// How many shown detections lie over each of `columns` equal parts of the video.
std::vector<int> detectionDensity(const TimelineContent& content, const Matching& matching, int columns);

// Everything shown, a line each, for spreadsheets: kind,level,index,start,end,label,score,value,truth. Times in seconds. The value of a
// detection is its IoU with the instance `truth` that it answers, without one its best IoU with any of its label; of a cell its share.
// With a range: the segments that have time in common with it and the cells of timeline_range.h.
std::string timelineCsv(const TimelineContent& content, const Matching& matching, const MarkedRange& range = {});

}  // namespace hvlm::ui
