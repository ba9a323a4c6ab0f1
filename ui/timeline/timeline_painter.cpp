// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/timeline/timeline_painter.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

#include "ui/style/class_colours.h"
#include "ui/text.h"

namespace hvlm::ui {
namespace {

QColor withAlpha(QColor colour, double alpha) {
  colour.setAlphaF(static_cast<float>(std::clamp(alpha, 0.0, 1.0)));
  return colour;
}

// The colour as it looks over a background, opaque: what text on it must be readable against.
QColor over(const QColor& colour, const QColor& background) {
  const double a = static_cast<double>(colour.alphaF());
  const auto mix = [a](int x, int y) { return static_cast<int>(std::lround(a * x + (1.0 - a) * y)); };
  return {mix(colour.red(), background.red()), mix(colour.green(), background.green()), mix(colour.blue(), background.blue())};
}

constexpr int kLegible = 8;  // px: rows below it have no room for a name beside their neighbours'

// True when a box narrower than two pixels would only paint over the pixel of one before it; else takes its pixels.
bool hasItsPixel(const QRectF& box, double& painted_to) {
  if (box.width() < 2.0 && std::floor(box.left()) < painted_to) return true;
  painted_to = std::floor(box.left()) + 1.0;
  return false;
}

}  // namespace

QList<QLineF> hatchLines(const QRectF& box, double spacing) {
  QList<QLineF> lines;
  // Lines x + y = c; c moves in steps that do not depend on the box, so neighbours line up.
  const double first = std::ceil((box.left() + box.top()) / spacing) * spacing;
  for (double c = first; c < box.right() + box.bottom(); c += spacing) {
    const double x0 = std::max(box.left(), c - box.bottom());
    const double x1 = std::min(box.right(), c - box.top());
    if (x1 > x0) lines.append(QLineF(x0, c - x0, x1, c - x1));
  }
  return lines;
}

TimelinePainter::TimelinePainter(QPainter& painter, const TimelineContent& content, const Matching& matching,
                                 const TimelineOptions& options, const TimeScale& scale, const std::vector<TimelineRow>& rows,
                                 const Tokens& tokens, const ColourMap& colours)
    : p_(painter), content_(content), matching_(matching), options_(options), scale_(scale), rows_(rows), t_(tokens),
      colours_(colours) {}

void TimelinePainter::paint(const TimelineMarks& given) {
  for (const TimelineRow& row : rows_) {
    gutter(row);
    switch (row.kind) {
      case RowKind::kOverview: overview(row); break;
      case RowKind::kRuler: ruler(row); break;
      case RowKind::kTruth: truth(row); break;
      case RowKind::kPredictions: predictions(row); break;
      case RowKind::kAttention: attention(row); break;
      case RowKind::kLevel: level(row); break;
      case RowKind::kAbsent: absent(row); break;
    }
  }
  marks(given);
}

std::optional<QRectF> TimelinePainter::boxOf(double from, double to, double top, double height) const {
  const double left = std::max(scale_.pixelAt(from), static_cast<double>(scale_.left));
  const double right = std::min(scale_.pixelAt(to), static_cast<double>(scale_.left + scale_.width));
  if (right < scale_.left || left > scale_.left + scale_.width || right < left) return std::nullopt;
  return QRectF(left, top, std::max(1.0, right - left), height);
}

void TimelinePainter::gutter(const TimelineRow& row) {
  p_.setPen(row.kind == RowKind::kLevel ? t_.muted : t_.text);
  if (row.kind == RowKind::kOverview || row.kind == RowKind::kRuler) p_.setPen(t_.muted);
  const QRectF box(4, row.top, scale_.left - 12, row.height);
  const QFontMetricsF metrics(p_.font());
  const QString text = metrics.elidedText(row.label, Qt::ElideRight, box.width());
  if (row.kind == RowKind::kAttention) {
    p_.drawText(QRectF(box.left(), row.top, box.width(), 18), Qt::AlignRight | Qt::AlignVCenter, text);
    p_.setPen(t_.muted);
    p_.drawText(QRectF(box.left(), row.top + 18, box.width(), 18), Qt::AlignRight | Qt::AlignVCenter,
                uiText("max %1").arg(uiShortest(static_cast<double>(content_.attention.overAll()), 2)));
    return;
  }
  if (row.height < kLegible) return;  // a collapsed level: its tool tip names it
  const double slack = std::max(0.0, metrics.height() - row.height);  // levels are lower than a line of text
  p_.drawText(box.adjusted(0, -slack / 2, 0, slack / 2), Qt::AlignRight | Qt::AlignVCenter, text);
}

void TimelinePainter::lane(const TimelineRow& row) {
  p_.fillRect(QRectF(scale_.left, row.top, scale_.width, row.height), t_.window);
}

// Columns as high as there are shown detections, the fullest one fills the box; equal neighbours in one rectangle.
void TimelinePainter::density(const QRectF& box) {
  const std::vector<int> counts = detectionDensity(content_, matching_, scale_.width);
  const int most = std::max(1, *std::max_element(counts.begin(), counts.end()));
  for (size_t from = 0, to = 0; from < counts.size(); from = to) {
    while (to < counts.size() && counts[to] == counts[from]) ++to;
    if (counts[from] == 0) continue;
    const double height = std::max(1.0, std::round(box.height() * counts[from] / most));
    p_.fillRect(QRectF(box.left() + static_cast<double>(from), box.bottom() - height, static_cast<double>(to - from), height), t_.muted);
  }
}

void TimelinePainter::overview(const TimelineRow& row) {
  lane(row);
  constexpr double kStrip = 5.0;  // px: truth above, how many predictions there are below
  const double pixel = std::max(content_.duration_seconds, 1e-6) / scale_.width;
  density(QRectF(scale_.left, row.top + row.height - kStrip, scale_.width, kStrip));
  double painted_to = -1.0;
  for (const Segment& segment : content_.truth) {
    const double left = std::floor(segment.start_seconds / pixel);
    const double right = std::max(left + 1.0, std::round(segment.end_seconds / pixel));
    if (right <= painted_to) continue;
    const double from = std::max(left, painted_to);
    const QString name = segment.label >= 0 && segment.label < content_.classes.size() ? content_.classes[segment.label] : QString();
    p_.fillRect(QRectF(scale_.left + from, row.top + 1, right - from, kStrip), classColour(name));
    painted_to = right;
  }
  const double from = scale_.start_seconds / pixel;
  const double to = std::min(content_.duration_seconds, scale_.endSeconds() + scale_.seconds_per_pixel) / pixel;
  if (to - from < scale_.width - 1.5) {
    const QRectF window(scale_.left + from, row.top + 0.5, std::max(3.0, to - from), row.height - 1.0);
    p_.fillRect(window, t_.range);
    p_.setPen(QPen(t_.accent, 1));
    p_.setBrush(Qt::NoBrush);
    p_.drawRect(window);
  }
}

void TimelinePainter::ruler(const TimelineRow& row) {
  const double bottom = row.top + row.height - 0.5;
  p_.setPen(QPen(t_.border, 1));
  p_.drawLine(QPointF(scale_.left, bottom), QPointF(scale_.left + scale_.width, bottom));
  const QFontMetricsF metrics(p_.font());
  double free_from = scale_.left - 100.0;
  for (const Tick& tick : ticksOf(scale_, content_.duration_seconds, 84)) {
    const double x = scale_.pixelAt(tick.seconds);
    p_.setPen(QPen(tick.text.isEmpty() ? t_.border : t_.muted, 1));
    p_.drawLine(QPointF(x, bottom - (tick.text.isEmpty() ? 3 : 6)), QPointF(x, bottom));
    if (tick.text.isEmpty()) continue;
    const double width = metrics.horizontalAdvance(tick.text);
    const double left = std::clamp(x - width / 2, static_cast<double>(scale_.left), scale_.left + scale_.width - width);
    if (left < free_from) continue;
    p_.drawText(QRectF(left, row.top, width + 2, row.height - 6), Qt::AlignLeft | Qt::AlignVCenter, tick.text);
    free_from = left + width + 10;
  }
}

void TimelinePainter::segmentText(const QRectF& box, const QString& text, const QColor& ink, const QColor& halo) {
  if (box.width() < 22.0) return;
  const QFontMetricsF metrics(p_.font());
  const QString shown = metrics.elidedText(text, Qt::ElideRight, box.width() - 8);
  if (shown.size() < 2) return;
  if (halo.isValid()) {
    const QRectF back(box.left() + 2, box.top() + 2, std::min(box.width() - 4, metrics.horizontalAdvance(shown) + 5), box.height() - 4);
    p_.fillRect(back, halo);
  }
  p_.setPen(ink);
  p_.drawText(box.adjusted(4, 0, -4, 0), Qt::AlignLeft | Qt::AlignVCenter, shown);
}

void TimelinePainter::truth(const TimelineRow& row) {
  lane(row);
  const auto begin = content_.truth.begin() + static_cast<std::ptrdiff_t>(firstTruthReaching(content_, scale_.start_seconds));
  double painted_to = -1.0;
  for (auto it = begin; it != content_.truth.end() && it->start_seconds <= scale_.endSeconds(); ++it) {
    const auto box = boxOf(it->start_seconds, it->end_seconds, row.top, row.height);
    if (!box || hasItsPixel(*box, painted_to)) continue;
    const QString name = it->label >= 0 && it->label < content_.classes.size() ? content_.classes[it->label] : uiText("unknown");
    const QColor colour = classColour(name);
    p_.fillRect(*box, colour);
    segmentText(*box, name, readableOn(colour), {});
  }
}

// Those that show at least one pixel column beside better-scored ones of their lane, best first: no more than columns.
std::vector<size_t> TimelinePainter::uncoveredDetections() const {
  std::vector<size_t> order;
  std::vector<std::vector<bool>> covered(kPredictionLanes, std::vector<bool>(static_cast<size_t>(scale_.width) + 2, false));
  for (size_t i = 0; i < content_.detections.size(); ++i) {
    const MatchedDetection& match = matching_.detections[i];
    const auto box = match.shown ? boxOf(content_.detections[i].start_seconds, content_.detections[i].end_seconds, 0, 1) : std::nullopt;
    if (!box) continue;
    const auto from = covered[static_cast<size_t>(match.lane)].begin() + static_cast<std::ptrdiff_t>(box->left() - scale_.left);
    const auto to = from + std::max<std::ptrdiff_t>(1, static_cast<std::ptrdiff_t>(box->width()));
    if (std::find(from, to, false) == to) continue;
    std::fill(from, to, true);
    order.push_back(i);
  }
  return order;
}

void TimelinePainter::predictions(const TimelineRow& row) {
  for (int lane_index = 0; lane_index < kPredictionLanes; ++lane_index) {
    p_.fillRect(QRectF(scale_.left, row.top + lane_index * (kLaneHeight + 1), scale_.width, kLaneHeight), t_.window);
  }
  if (!content_.searched) {
    laneText(row, content_.no_model.isEmpty() ? uiText("appears when a run has a model that can look at this video")
                                              : uiText("the run has no detections of this video's subset"));
    return;
  }
  p_.setRenderHint(QPainter::Antialiasing, true);
  double painted_to = -1.0;
  for (size_t i = 0; i < matching_.missed.size(); ++i) {
    if (!matching_.missed[i]) continue;
    const Segment& segment = content_.truth[i];
    const auto box = boxOf(segment.start_seconds, segment.end_seconds, row.top, row.height);
    if (!box || hasItsPixel(*box, painted_to)) continue;
    const QString name = segment.label >= 0 && segment.label < content_.classes.size() ? content_.classes[segment.label] : QString();
    const QColor outline = over(withAlpha(classColour(name), 0.9), t_.base);
    if (box->width() < 4.0) {  // too narrow for dashes to be seen
      p_.fillRect(QRectF(box->left(), box->top(), 1.0, box->height()), outline);
      continue;
    }
    QPen pen(outline, 1.2, Qt::DashLine);
    p_.setPen(pen);
    p_.setBrush(Qt::NoBrush);
    p_.drawRect(box->adjusted(0.6, 0.6, -0.6, -0.6));
    if (box->width() < 22.0 || laneTaken(1, segment)) continue;  // no room for words
    const QRectF below(box->left(), row.top + kLaneHeight + 1, box->width(), kLaneHeight);
    segmentText(below, uiText("missed %1").arg(name), t_.muted, {});
  }
  const std::vector<size_t> order = uncoveredDetections();
  for (auto it = order.rbegin(); it != order.rend(); ++it) {  // best score on top
    const MatchedDetection& match = matching_.detections[*it];
    const DetectedSegment& found = content_.detections[*it];
    const double top = row.top + match.lane * (kLaneHeight + 1);
    const auto box = boxOf(found.start_seconds, found.end_seconds, top, kLaneHeight);
    if (!box) continue;
    const QString name = found.label >= 0 && found.label < content_.classes.size() ? content_.classes[found.label] : QString();
    const QColor colour = classColour(name);
    if (box->width() < 3.0) {  // no room for a shape: a matched one is a full column, a false one is broken in the middle
      const QColor column = withAlpha(colour, 0.25 + 0.75 * found.score);
      p_.fillRect(*box, t_.window);
      if (match.truth >= 0) {
        p_.fillRect(*box, column);
      } else {
        p_.fillRect(QRectF(box->left(), box->top(), box->width(), box->height() / 3.0), column);
        p_.fillRect(QRectF(box->left(), box->bottom() - box->height() / 3.0, box->width(), box->height() / 3.0), column);
      }
      continue;
    }
    p_.fillRect(*box, t_.window);
    const QString text = QStringLiteral("%1 %2").arg(uiNumber(found.score, 2), name);
    if (match.truth >= 0) {
      const QColor fill = withAlpha(colour, 0.25 + 0.75 * found.score);
      p_.fillRect(*box, fill);
      p_.setPen(QPen(colour, 1));
      p_.setBrush(Qt::NoBrush);
      p_.drawRect(box->adjusted(0.5, 0.5, -0.5, -0.5));
      segmentText(*box, text, readableOn(over(fill, t_.window)), {});
    } else {
      p_.setPen(QPen(withAlpha(colour, 0.3 + 0.7 * found.score), 1.1));
      p_.drawLines(hatchLines(*box, 5.0));
      p_.setBrush(Qt::NoBrush);
      p_.drawRect(box->adjusted(0.5, 0.5, -0.5, -0.5));
      segmentText(*box, text, t_.text, withAlpha(t_.window, 0.85));
    }
  }
  p_.setRenderHint(QPainter::Antialiasing, false);
}

void TimelinePainter::laneText(const TimelineRow& row, const QString& text) {
  const QRectF box(scale_.left + 8, row.top, scale_.width - 16, kLaneHeight);
  p_.setPen(t_.muted);
  p_.drawText(box, Qt::AlignLeft | Qt::AlignVCenter, QFontMetricsF(p_.font()).elidedText(text, Qt::ElideRight, box.width()));
}

void TimelinePainter::absent(const TimelineRow& row) {
  lane(row);
  laneText(row, content_.no_model);
}

bool TimelinePainter::laneTaken(int lane_index, const Segment& segment) const {
  for (size_t i = 0; i < matching_.detections.size(); ++i) {
    if (!matching_.detections[i].shown || matching_.detections[i].lane != lane_index) continue;
    const DetectedSegment& found = content_.detections[i];
    if (found.start_seconds < segment.end_seconds && found.end_seconds > segment.start_seconds) return true;
  }
  return false;
}

void TimelinePainter::attention(const TimelineRow& row) {
  lane(row);
  const double largest = static_cast<double>(content_.attention.overAll());
  if (!(largest > 0.0)) return;
  const int64_t steps = content_.attention.size();
  const double bottom = row.top + row.height;
  QPolygonF line;
  const double step_pixels = content_.step_seconds / scale_.seconds_per_pixel;
  const auto yOf = [&](double value) { return bottom - value / largest * (row.height - 3); };
  if (step_pixels >= 1.0) {
    const auto first = std::max<int64_t>(0, static_cast<int64_t>(scale_.start_seconds / content_.step_seconds));
    for (int64_t i = first; i < steps && static_cast<double>(i) * content_.step_seconds <= scale_.endSeconds(); ++i) {
      const auto box = boxOf(static_cast<double>(i) * content_.step_seconds, static_cast<double>(i + 1) * content_.step_seconds, 0, 1);
      if (!box) continue;
      const double y = yOf(static_cast<double>(content_.attention.at(i)));
      line << QPointF(box->left(), y) << QPointF(box->right(), y);
    }
  } else {
    for (int x = 0; x < scale_.width; ++x) {
      const double from = scale_.secondsAt(scale_.left + x) / content_.step_seconds;
      const auto first = std::clamp<int64_t>(static_cast<int64_t>(from), 0, steps - 1);
      const auto last = std::clamp<int64_t>(static_cast<int64_t>(from + 1.0 / step_pixels) + 1, first + 1, steps);
      line << QPointF(scale_.left + x, yOf(static_cast<double>(content_.attention.over(first, last))));
    }
  }
  if (line.isEmpty()) return;
  QPolygonF area = line;
  area << QPointF(line.last().x(), bottom) << QPointF(line.first().x(), bottom);
  p_.setRenderHint(QPainter::Antialiasing, true);
  p_.setPen(Qt::NoPen);
  p_.setBrush(withAlpha(t_.accent, 0.22));
  p_.drawPolygon(area);
  p_.setBrush(Qt::NoBrush);
  // A line of more than one pixel is built as an outline: too much for one that goes up and down at every column.
  p_.setPen(QPen(t_.accent, step_pixels >= 1.0 ? 1.25 : 1.0));
  p_.drawPolyline(line);
  p_.setRenderHint(QPainter::Antialiasing, false);
}

void TimelinePainter::level(const TimelineRow& row) {
  const PyramidLevel& cells = content_.inspection->levels[static_cast<size_t>(row.level)];
  const double step = content_.step_seconds;
  const auto [first, last] = cellsTouching(cells, static_cast<int64_t>(std::floor(scale_.start_seconds / step)),
                                           static_cast<int64_t>(std::ceil(scale_.endSeconds() / step)) + 1);
  if (last - first <= scale_.width / 2) {
    for (int64_t i = first; i < last; ++i) {
      const auto at = static_cast<size_t>(i);
      const double end = std::min(static_cast<double>(cells.last_step[at] + 1) * step, std::max(content_.duration_seconds, step));
      auto box = boxOf(static_cast<double>(cells.first_step[at]) * step, end, row.top, row.height);
      if (!box) continue;
      if (box->width() > 3.0) box->setRight(box->right() - 1.0);
      p_.fillRect(*box, QColor(colours_.at(cellShade(content_, options_.value, row.level, i, i + 1))));
    }
    return;
  }
  // More cells than pixels: one column each, the largest value of its cells; equal neighbours in one rectangle.
  int run_start = 0;
  QRgb run_colour = 0;
  const auto flush = [&](int x) {
    if (x > run_start && run_colour != 0) {
      p_.fillRect(QRectF(scale_.left + run_start, row.top, x - run_start, row.height), QColor(run_colour));
    }
    run_start = x;
  };
  for (int x = 0; x < scale_.width; ++x) {
    const auto from = static_cast<int64_t>(std::floor(scale_.secondsAt(scale_.left + x) / step));
    const auto to = std::max(from + 1, static_cast<int64_t>(std::floor(scale_.secondsAt(scale_.left + x + 1) / step)));
    const auto [a, b] = cellsTouching(cells, from, to);
    const QRgb colour = a < b ? colours_.at(cellShade(content_, options_.value, row.level, a, b)) : 0;
    if (colour != run_colour) {
      flush(x);
      run_colour = colour;
    }
  }
  flush(scale_.width);
}

void TimelinePainter::outlineCell(CellAddress cell, const QColor& colour, double width) {
  for (const TimelineRow& row : rows_) {
    if (row.kind != RowKind::kLevel || row.level != cell.level) continue;
    const auto [from, to] = secondsOf(*content_.inspection, cell);
    const auto box = boxOf(from, std::min(to, content_.duration_seconds), row.top, row.height);
    if (!box) return;
    p_.setBrush(Qt::NoBrush);
    p_.setPen(QPen(t_.base, width + 2.0));  // a rim, so that it stands out on any colour of the map
    p_.drawRect(box->adjusted(0.5, 0.5, -0.5, -0.5));
    p_.setPen(QPen(colour, width));
    p_.drawRect(box->adjusted(0.5, 0.5, -0.5, -0.5));
    return;
  }
}

void TimelinePainter::selection(CellAddress selected) {
  if (!content_.inspection || !selected.valid() || selected.level >= content_.levels()) return;
  const auto [from, to] = secondsOf(*content_.inspection, selected);
  if (const auto box = boxOf(from, std::min(to, content_.duration_seconds), rows_.front().top, heightOf(rows_) - rows_.front().top - 2)) {
    p_.fillRect(*box, t_.range);
  }
  const auto [first, last] = childrenOf(*content_.inspection, selected);
  for (int64_t child = first; child < last; ++child) outlineCell({selected.level - 1, child}, t_.accent, 1.5);
  if (const CellAddress parent = parentOf(*content_.inspection, selected); parent.valid()) outlineCell(parent, t_.text, 1.5);
  outlineCell(selected, t_.cursor, 2.0);
}

void TimelinePainter::marks(const TimelineMarks& given) {
  const double top = rows_.empty() ? 0.0 : rows_.front().top;
  const double bottom = heightOf(rows_);
  if (given.range) {
    if (const auto box = boxOf(given.range->first, given.range->second, top, bottom - top)) p_.fillRect(*box, t_.range);
  }
  if (given.file_end_seconds > 0.0) {
    for (const TimelineRow& row : rows_) {
      if (row.kind != RowKind::kTruth) continue;
      if (const auto box = boxOf(given.file_end_seconds, content_.duration_seconds, row.top, row.height)) {
        p_.setPen(QPen(t_.text, 1.0));
        p_.drawLines(hatchLines(*box, 6.0));
      }
    }
  }
  selection(given.selected);
  if (!given.cursor_seconds) return;
  for (const TimelineRow& row : rows_) {
    if (row.kind != RowKind::kOverview) continue;
    const double x = scale_.left + *given.cursor_seconds / std::max(content_.duration_seconds, 1e-6) * (scale_.width - 1);
    p_.fillRect(QRectF(x - 0.5, row.top, 1.5, row.height), t_.cursor);
  }
  const double x = scale_.pixelAt(*given.cursor_seconds);
  if (x < scale_.left - 1 || x > scale_.left + scale_.width + 1) return;
  for (const TimelineRow& row : rows_) {
    if (row.kind != RowKind::kRuler) continue;
    p_.fillRect(QRectF(x - 0.75, row.top, 1.5, bottom - row.top), t_.cursor);
    const QString text = timeText(*given.cursor_seconds);
    const double width = QFontMetricsF(p_.font()).horizontalAdvance(text) + 8;
    const double left = std::clamp(x - width / 2, static_cast<double>(scale_.left), scale_.left + scale_.width - width);
    p_.fillRect(QRectF(left, row.top, width, 15), t_.cursor);
    p_.setPen(readableOn(t_.cursor));
    p_.drawText(QRectF(left, row.top, width, 15), Qt::AlignCenter, text);
  }
}

}  // namespace hvlm::ui
