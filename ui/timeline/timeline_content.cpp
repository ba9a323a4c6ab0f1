// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/timeline/timeline_content.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

#include "support/text.h"
#include "ui/style/colour_map.h"
#include "ui/text.h"
#include "ui/timeline/pyramid_cells.h"
#include "ui/timeline/timeline_range.h"

namespace hvlm::ui {
namespace {

QString className(const TimelineContent& content, int64_t label) {
  return label >= 0 && label < content.classes.size() ? content.classes[label] : uiText("unknown label");
}

// `names` by the labels of the detections.
void addDetections(TimelineContent& content, const std::vector<std::string>& names, const std::vector<DetectedSegment>& detections) {
  std::vector<int64_t> label_of;
  for (const std::string& name : names) {
    const QString text = qText(name);
    if (!content.classes.contains(text)) content.classes.append(text);
    label_of.push_back(content.classes.indexOf(text));
  }
  content.detections = detections;
  content.searched = true;
  for (DetectedSegment& found : content.detections) {
    const bool known = found.label >= 0 && found.label < static_cast<int64_t>(label_of.size());
    found.label = known ? label_of[static_cast<size_t>(found.label)] : -1;
  }
  std::stable_sort(content.detections.begin(), content.detections.end(),
                   [](const DetectedSegment& a, const DetectedSegment& b) { return a.score > b.score; });
}

void addTruth(TimelineContent& content, const std::vector<Segment>& truth) {
  content.truth = truth;
  std::vector<SpanLookup::Span> spans;
  for (size_t i = 0; i < truth.size(); ++i) {
    content.truth_ends.push_back(i == 0 ? truth[i].end_seconds : std::max(content.truth_ends.back(), truth[i].end_seconds));
    spans.push_back({truth[i].start_seconds, truth[i].end_seconds, static_cast<int64_t>(i)});
  }
  std::reverse(spans.begin(), spans.end());  // the latest start is the first choice
  content.truth_at = SpanLookup(spans);
}

void addInspection(TimelineContent& content) {
  const VideoInspection& seen = *content.inspection;
  addDetections(content, seen.classes, seen.detections);
  content.attention = RangeMax(seen.attention);
  for (const PyramidLevel& level : seen.levels) {
    std::vector<float> even(level.share);
    for (float& value : even) value *= static_cast<float>(level.share.size());
    content.share.emplace_back(std::move(even));
    content.alpha.emplace_back(level.alpha);
    content.score.emplace_back(level.score);
  }
}

}  // namespace

QString cellText(const TimelineContent& content, CellAddress cell) {
  const PyramidLevel& level = content.inspection->levels[static_cast<size_t>(cell.level)];
  const auto at = static_cast<size_t>(cell.cell);
  const auto [from, to] = secondsOf(*content.inspection, cell);
  QString text = uiText("level %1, node %2 of %3 · covers %4 – %5 · share %6 (%7 × even)")
                     .arg(cell.level)
                     .arg(cell.cell)
                     .arg(level.first_step.size())
                     .arg(timeText(from), timeText(std::min(to, content.duration_seconds)))
                     .arg(uiNumber(static_cast<double>(level.share[at]), 4))
                     .arg(uiNumber(static_cast<double>(content.share[static_cast<size_t>(cell.level)].at(cell.cell)), 2));
  if (at < level.alpha.size() && level.parent[at] >= 0) {
    text += uiText(" · alpha %1").arg(uiNumber(static_cast<double>(level.alpha[at]), 3));
  }
  if (at < level.score.size()) {
    const int64_t label = level.label[at];
    const auto& names = content.inspection->classes;
    if (label >= 0 && label < static_cast<int64_t>(names.size())) {
      text += uiText(" · %1 %2").arg(qText(names[static_cast<size_t>(label)]), uiNumber(static_cast<double>(level.score[at]), 2));
    }
  }
  return text;
}

QString truthText(const TimelineContent& content, const Matching& matching, int64_t index) {
  const Segment& segment = content.truth[static_cast<size_t>(index)];
  const bool missed = content.searched && index < static_cast<int64_t>(matching.missed.size()) && matching.missed[static_cast<size_t>(index)];
  return uiText("truth %1: %2 · %3 – %4%5")
      .arg(index + 1)
      .arg(className(content, segment.label), timeText(segment.start_seconds), timeText(segment.end_seconds), missed ? uiText(" · missed") : QString());
}

QString detectionText(const TimelineContent& content, const Matching& matching, int64_t index) {
  const DetectedSegment& found = content.detections[static_cast<size_t>(index)];
  const MatchedDetection& match = matching.detections[static_cast<size_t>(index)];
  const bool matched = match.truth >= 0;
  return (matched ? uiText("found %1: %2 %3 · %4 – %5 · IoU %6 · %7") : uiText("found %1: %2 %3 · %4 – %5 · best IoU %6 · %7"))
      .arg(index + 1)
      .arg(className(content, found.label), uiNumber(found.score, 3), timeText(found.start_seconds), timeText(found.end_seconds),
           uiNumber(matched ? match.matched_iou : match.best_iou, 2),
           matched ? uiText("matched with truth %1").arg(match.truth + 1) : uiText("false"));
}

int64_t stepAt(const TimelineContent& content, double seconds) {
  const double steps = seconds / content.step_seconds;
  const bool at_end = seconds >= content.duration_seconds && steps > 0.0;
  return static_cast<int64_t>(at_end ? std::ceil(steps) - 1.0 : std::floor(steps));
}

TimelineContent makeContent(const Video& video, const std::vector<std::string>& classes,
                            std::shared_ptr<const VideoInspection> inspection, const StoredDetections* stored) {
  TimelineContent content;
  content.video = qText(video.id);
  content.duration_seconds = video.duration_seconds;
  addTruth(content, video.segments);
  for (const std::string& name : classes) content.classes.append(qText(name));
  content.inspection = std::move(inspection);
  if (content.inspection) {
    content.step_seconds = content.inspection->step_seconds;
    if (!(content.duration_seconds > 0.0)) content.duration_seconds = content.inspection->duration_seconds;
    addInspection(content);
  } else if (stored) {
    content.no_model = stored->whyNoModel();
    if (stored->searched) addDetections(content, stored->classes, stored->detections);
  }
  return content;
}

double cellShade(const TimelineContent& content, CellValue value, int64_t level, int64_t first, int64_t last) {
  const auto at = static_cast<size_t>(level);
  switch (value) {
    case CellValue::kAlpha: return last <= content.alpha[at].size() ? static_cast<double>(content.alpha[at].over(first, last)) : 0.0;
    case CellValue::kScore: return last <= content.score[at].size() ? static_cast<double>(content.score[at].over(first, last)) : 0.0;
    case CellValue::kShare: break;
  }
  return last <= content.share[at].size() ? evenScale(static_cast<double>(content.share[at].over(first, last))) : 0.0;
}

std::vector<TimelineRow> layoutRows(const TimelineContent& content, const TimelineOptions& options, int available_height) {
  std::vector<TimelineRow> rows;
  int top = 2;
  const auto add = [&](RowKind kind, int height, const QString& label, int gap, int64_t level = -1) {
    rows.push_back({kind, level, top, height, label});
    top += height + gap;
  };
  add(RowKind::kOverview, 12, uiText("whole video"), 2);
  add(RowKind::kRuler, 20, uiText("time"), 2);
  if (options.truth) add(RowKind::kTruth, kLaneHeight, uiText("truth"), 3);
  if (options.predictions) add(RowKind::kPredictions, kPredictionLanes * (kLaneHeight + 1) - 1, uiText("found"), 3);
  if (options.attention && content.attention.size() > 0) add(RowKind::kAttention, 36, uiText("attention"), 4);
  if (!content.no_model.isEmpty()) {
    if (options.attention) add(RowKind::kAbsent, kLaneHeight, uiText("attention"), 3);
    add(RowKind::kAbsent, kLaneHeight, uiText("pyramid"), 3);
  }
  const int64_t levels = content.levels();
  const int64_t shown = options.only_level >= 0 ? std::min<int64_t>(1, levels) : levels;
  if (shown == 0) return rows;
  const bool alone = options.only_level >= 0;
  const auto collapsed = [&](int64_t level) { return !alone && options.collapsed.contains(level); };
  int whole = 0, thin = 0;
  for (int64_t level = 0; level < shown; ++level) ++(collapsed(level) ? thin : whole);
  const int room = (available_height - top - 2 - thin * (kCollapsedHeight + 1)) / std::max(1, whole) - 1;
  const int height = std::clamp(room, 10, 14);
  for (int64_t level = 0; level < levels; ++level) {
    if (alone && level != std::min<int64_t>(options.only_level, levels - 1)) continue;
    const auto cells = content.inspection->levels[static_cast<size_t>(level)].first_step.size();
    add(RowKind::kLevel, collapsed(level) ? kCollapsedHeight : height, uiText("L%1 · %2").arg(level).arg(cells), 1, level);
  }
  return rows;
}

int heightOf(const std::vector<TimelineRow>& rows) { return rows.empty() ? 0 : rows.back().top + rows.back().height + 2; }

std::vector<TimelineRow> headOf(const std::vector<TimelineRow>& rows) {
  std::vector<TimelineRow> head;
  std::copy_if(rows.begin(), rows.end(), std::back_inserter(head),
               [](const TimelineRow& row) { return row.kind == RowKind::kOverview || row.kind == RowKind::kRuler; });
  return head;
}

const TimelineRow* rowAt(const std::vector<TimelineRow>& rows, int y) {
  for (const TimelineRow& row : rows) {
    if (y >= row.top && y < row.top + row.height) return &row;
  }
  return nullptr;
}

int64_t detectionAt(const Matching& matching, int lane, double seconds) {
  const auto at = static_cast<size_t>(lane);
  return at < matching.shown_at.size() ? matching.shown_at[at].at(seconds) : -1;
}

int64_t truthAt(const TimelineContent& content, double seconds) { return content.truth_at.at(seconds); }

size_t firstTruthReaching(const TimelineContent& content, double seconds) {
  return static_cast<size_t>(std::lower_bound(content.truth_ends.begin(), content.truth_ends.end(), seconds) - content.truth_ends.begin());
}

std::vector<int> detectionDensity(const TimelineContent& content, const Matching& matching, int columns) {
  columns = std::max(1, columns);
  std::vector<int> counts(static_cast<size_t>(columns) + 1, 0);
  const double column_seconds = std::max(content.duration_seconds, 1e-6) / columns;
  const auto column = [columns](double at) { return static_cast<size_t>(std::clamp(at, 0.0, static_cast<double>(columns))); };
  for (size_t i = 0; i < matching.detections.size(); ++i) {
    if (!matching.detections[i].shown) continue;
    // The very end of the video is of the last column.
    const double first = std::min(std::floor(content.detections[i].start_seconds / column_seconds), columns - 1.0);
    const double end = std::max(first + 1.0, std::ceil(content.detections[i].end_seconds / column_seconds));
    ++counts[column(first)];
    --counts[column(end)];
  }
  std::partial_sum(counts.begin(), counts.end(), counts.begin());
  counts.pop_back();
  return counts;
}

QString readOut(const TimelineContent& content, const Matching& matching, const std::vector<TimelineRow>& rows,
                const TimeScale& scale, QPointF at) {
  const double seconds = scale.secondsAt(at.x());
  if (at.x() < scale.left || seconds < 0.0 || seconds > content.duration_seconds) return {};
  QString text = timeText(seconds);
  const int64_t step = stepAt(content, seconds);
  const TimelineRow* row = rowAt(rows, static_cast<int>(at.y()));
  if (!row) return text;
  if (row->kind == RowKind::kTruth) {
    const int64_t index = truthAt(content, seconds);
    if (index < 0) return text;
    return text + QStringLiteral(" · ") + truthText(content, matching, index);
  }
  if (row->kind == RowKind::kPredictions) {
    const int lane = std::clamp((static_cast<int>(at.y()) - row->top) / (kLaneHeight + 1), 0, kPredictionLanes - 1);
    const int64_t index = detectionAt(matching, lane, seconds);
    const int64_t missed = content.searched ? matching.missed_at.at(seconds) : -1;  // its outline lies behind both lanes
    if (index < 0) return missed < 0 ? text : text + QStringLiteral(" · ") + truthText(content, matching, missed);
    return text + QStringLiteral(" · ") + detectionText(content, matching, index);
  }
  if (row->kind == RowKind::kAttention && step < content.attention.size()) {
    const auto share = static_cast<double>(content.attention.at(step));
    return text + uiText(" · step %1 of %2 · share %3 (%4 × even)")
                      .arg(step)
                      .arg(content.attention.size())
                      .arg(uiNumber(share, 4), uiNumber(share * static_cast<double>(content.attention.size()), 2));
  }
  if (row->kind == RowKind::kLevel) {
    const int64_t cell = cellAtStep(content.inspection->levels[static_cast<size_t>(row->level)], step);
    if (cell >= 0) return text + QStringLiteral(" · ") + cellText(content, {row->level, cell});
  }
  return text;
}

std::string timelineCsv(const TimelineContent& content, const Matching& matching, const MarkedRange& range) {
  std::string csv = "kind,level,index,start,end,label,score,value,truth\n";
  const auto quoted = [](const QString& text) {
    QString escaped = text;
    escaped.replace(QLatin1Char('"'), QLatin1String("\"\""));
    return "\"" + stdText(escaped) + "\"";
  };
  const auto span = [](double from, double to) { return exactNumber(from) + "," + exactNumber(to); };
  for (size_t i = 0; i < content.truth.size(); ++i) {
    const Segment& s = content.truth[i];
    if (range && !touchesRange(*range, s.start_seconds, s.end_seconds)) continue;
    csv += "truth,," + std::to_string(i) + "," + span(s.start_seconds, s.end_seconds) + "," + quoted(className(content, s.label)) + ",,,\n";
  }
  for (size_t i = 0; i < content.detections.size(); ++i) {
    const MatchedDetection& match = matching.detections[i];
    const DetectedSegment& d = content.detections[i];
    if (!match.shown || (range && !touchesRange(*range, d.start_seconds, d.end_seconds))) continue;
    csv += "found,," + std::to_string(i) + "," + span(d.start_seconds, d.end_seconds) + "," + quoted(className(content, d.label)) + "," +
           exactNumber(d.score) + "," + exactNumber(match.truth >= 0 ? match.matched_iou : match.best_iou) + "," +
           (match.truth >= 0 ? std::to_string(match.truth) : std::string()) + "\n";
  }
  for (int64_t level = 0; level < content.levels(); ++level) {
    const PyramidLevel& cells = content.inspection->levels[static_cast<size_t>(level)];
    const std::pair all(int64_t{0}, static_cast<int64_t>(cells.first_step.size()));
    const auto [first, last] = range ? cellsOfRange(content, level, *range) : all;
    for (int64_t i = first; i < last; ++i) {
      const auto [from, to] = secondsOf(*content.inspection, {level, i});
      csv += "cell," + std::to_string(level) + "," + std::to_string(i) + "," + span(from, to) + ",,," +
             exactNumber(static_cast<double>(cells.share[static_cast<size_t>(i)])) + ",\n";
    }
  }
  return csv;
}

}  // namespace hvlm::ui
