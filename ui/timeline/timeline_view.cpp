// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/timeline/timeline_view.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QStyleOptionFocusRect>
#include <QToolTip>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>
#include <utility>

#include "ui/style/text_size.h"
#include "ui/style/theme.h"
#include "ui/text.h"
#include "ui/timeline/timeline_accessible.h"
#include "ui/timeline/timeline_range.h"

namespace hvlm::ui {
namespace {

constexpr int kRightMargin = 10;

}  // namespace

TimelineView::TimelineView(QWidget* parent) : QWidget(parent) {
  installTimelineAccessible();
  setObjectName(QStringLiteral("timelineView"));
  setAccessibleName(tr("Timeline"));
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
  marks_.cursor_seconds = 0.0;
  QFont small = font();
  small.setPointSizeF(small.pointSizeF() * 0.9);
  setFont(small);
  connect(&Theme::instance(), &Theme::changed, this, [this] { update(); });
}

void TimelineView::setContent(TimelineContent content, bool same_video) {
  const bool keep = same_video && std::abs(content.duration_seconds - content_.duration_seconds) < 1e-9;
  if (!keep || segment_predicted_ || segment_ >= static_cast<int64_t>(content.truth.size())) segment_ = -1;
  content_ = std::move(content);
  matching_ = {};  // of the detections before: whoever hears of the cell or the range must not look into it
  if (!keep) {
    marks_ = {};
    marks_.cursor_seconds = 0.0;
    scale_ = wholeVideo(content_.duration_seconds, kGutter, across() - kGutter - kRightMargin);
    Q_EMIT cellSelected({});
    Q_EMIT rangeMarked({});
  } else if (marks_.selected.level >= content_.levels()) {
    marks_.selected = {};
    Q_EMIT cellSelected({});
  }
  rematch();
  layOut();
}

void TimelineView::setFileEnd(double seconds) {
  if (std::exchange(marks_.file_end_seconds, seconds) != seconds) update();
}

void TimelineView::setOptions(const TimelineOptions& options) {
  options_ = options;
  rematch();
  layOut();
}

void TimelineView::rematch() {
  edges_.reset();
  matching_ = matchDetections(content_.detections, content_.truth, options_.threshold, options_.tiou, kPredictionLanes);
  Q_EMIT segmentSelected();
  setAccessibleDescription(tr("%n annotated segment(s), ", nullptr, static_cast<int>(content_.truth.size())) +
                           tr("%1 matched and %2 false predictions, %3 pyramid levels")
                               .arg(matching_.matched).arg(matching_.false_ones).arg(content_.levels()));
}

void TimelineView::layOut() {
  rows_ = layoutRows(content_, options_, down());
  updateGeometry();
  update();
}

QSize TimelineView::sizeHint() const {
  const auto rows = layoutRows(content_, options_, 10000);
  return {640, onScreen(heightOf(rows))};
}

QSize TimelineView::minimumSizeHint() const { return {320, onScreen(heightOf(layoutRows(content_, options_, 0)))}; }

int TimelineView::across() const { return static_cast<int>(width() / drawnAt()); }
int TimelineView::down() const { return static_cast<int>(height() / drawnAt()); }
int TimelineView::onScreen(int size) const { return static_cast<int>(std::ceil(size * drawnAt())); }
double TimelineView::drawnAt() const { return textScale(*this); }

bool TimelineView::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip && tipGutter(*static_cast<QHelpEvent*>(event))) return true;
  if (event->type() == QEvent::ToolTip) {
    const auto* help = static_cast<QHelpEvent*>(event);
    const TimelineRow* row = levelNamedAt(QPointF(help->pos()) / drawnAt());
    QString text;
    if (row) text = (options_.collapsed.contains(row->level) ? tr("%1: a click expands this level") : tr("%1: a click collapses this level")).arg(row->label);
    QToolTip::showText(help->globalPos(), text, this);
    return true;
  }
  const auto scaled = drawnAt() == 1.0 ? nullptr : scaledEvent(*event, drawnAt());
  if (!scaled) return QWidget::event(event);
  const bool taken = QWidget::event(scaled.get());
  event->setAccepted(scaled->isAccepted());
  return taken;
}

bool TimelineView::showsWhole() const {
  return scale_.seconds_per_pixel * (scale_.width - 1) >= content_.duration_seconds * (1.0 - 1e-9);
}

void TimelineView::setScale(const TimeScale& scale) {
  scale_ = scale;
  update();
}

double TimelineView::clamped(double seconds) const { return std::clamp(seconds, 0.0, content_.duration_seconds); }

void TimelineView::setCursor(double seconds) {
  marks_.cursor_seconds = clamped(seconds);
  if (follow_ || !playing_) pullCursorIntoView();
  update();
}

void TimelineView::pullCursorIntoView() {
  const double at = cursorSeconds();
  if (at >= scale_.start_seconds && at <= scale_.endSeconds() + scale_.seconds_per_pixel) return;
  const double span = scale_.seconds_per_pixel * scale_.width;
  setScale(pannedBy(scale_, at - span / 2 - scale_.start_seconds, content_.duration_seconds));
}

void TimelineView::setFollow(bool on) {
  if (std::exchange(follow_, on) == on) return;
  if (on) pullCursorIntoView();
  Q_EMIT followChanged(on);
}

// By hand: whoever looks elsewhere while it plays is not pulled back.
void TimelineView::panned() {
  if (playing_) setFollow(false);
}

void TimelineView::tellCursor(double seconds) {
  setCursor(seconds);
  pullCursorIntoView();
  Q_EMIT cursorMoved(cursorSeconds());
}

void TimelineView::moveCursor(double by_seconds) { tellCursor(cursorSeconds() + by_seconds); }

void TimelineView::goToEdge(int direction) {
  if (!edges_) {
    edges_ = {0.0, content_.duration_seconds};
    for (const Segment& segment : content_.truth) edges_->insert(edges_->end(), {segment.start_seconds, segment.end_seconds});
    for (size_t i = 0; i < matching_.detections.size(); ++i) {
      if (!matching_.detections[i].shown) continue;
      edges_->insert(edges_->end(), {content_.detections[i].start_seconds, content_.detections[i].end_seconds});
    }
    std::sort(edges_->begin(), edges_->end());
  }
  const std::vector<double>& edges = *edges_;
  constexpr double kSame = 1e-6;
  if (direction > 0) {
    const auto next = std::upper_bound(edges.begin(), edges.end(), cursorSeconds() + kSame);
    if (next != edges.end()) tellCursor(*next);
  } else {
    const auto here = std::lower_bound(edges.begin(), edges.end(), cursorSeconds() - kSame);
    if (here != edges.begin()) tellCursor(*std::prev(here));
  }
}

void TimelineView::selectCell(CellAddress cell) {
  marks_.selected = cell;
  update();
  Q_EMIT cellSelected(cell);
}

void TimelineView::selectSegment(bool predicted, int64_t index) {
  const auto count = static_cast<int64_t>(predicted ? content_.detections.size() : content_.truth.size());
  const int64_t wanted = index < count ? index : -1;
  if (wanted == segment_ && (wanted < 0 || predicted == segment_predicted_)) return;
  segment_predicted_ = predicted;
  segment_ = wanted;
  Q_EMIT segmentSelected();
}

std::optional<SelectedSegment> TimelineView::selectedSegment() const {
  if (segment_ < 0) return std::nullopt;
  const auto named = [this](int64_t label) { return label >= 0 && label < content_.classes.size() ? content_.classes[label] : tr("unknown label"); };
  const auto times = [](double from, double to) { return tr("%1 – %2").arg(timeText(from), timeText(to)); };
  SelectedSegment s;
  s.predicted = segment_predicted_;
  s.judged = segment_predicted_ || content_.searched;
  const auto at = static_cast<size_t>(segment_);
  if (segment_predicted_) {
    const DetectedSegment& found = content_.detections[at];
    const MatchedDetection& match = matching_.detections[at];
    s.label = named(found.label);
    s.start_seconds = found.start_seconds, s.end_seconds = found.end_seconds;
    s.score = found.score;
    s.matched = match.truth >= 0;
    s.iou = s.matched ? match.matched_iou : match.best_iou;
    if (s.matched) s.counterpart = times(content_.truth[static_cast<size_t>(match.truth)].start_seconds, content_.truth[static_cast<size_t>(match.truth)].end_seconds);
    return s;
  }
  const Segment& truth = content_.truth[at];
  s.label = named(truth.label);
  s.start_seconds = truth.start_seconds, s.end_seconds = truth.end_seconds;
  for (size_t i = 0; i < matching_.detections.size(); ++i) {
    const MatchedDetection& match = matching_.detections[i];
    if (!match.shown || match.truth != segment_) continue;
    s.matched = true;
    s.iou = match.matched_iou;
    s.score = content_.detections[i].score;
    s.counterpart = times(content_.detections[i].start_seconds, content_.detections[i].end_seconds);
  }
  return s;
}

void TimelineView::zoom(double factor) {
  const double x = scale_.pixelAt(cursorSeconds());
  const bool in_view = x >= scale_.left && x <= scale_.left + scale_.width;
  setScale(zoomedAt(scale_, in_view ? x : scale_.left + scale_.width / 2.0, factor, content_.duration_seconds));
}

void TimelineView::zoomWhole() {
  setScale(wholeVideo(content_.duration_seconds, kGutter, across() - kGutter - kRightMargin));
}

std::optional<std::pair<double, double>> TimelineView::zoomedTo() const {
  if (showsWhole()) return {};
  return std::pair(scale_.start_seconds, scale_.endSeconds());
}

void TimelineView::zoomTo(double from_seconds, double to_seconds) { setScale(showing(scale_, from_seconds, to_seconds, content_.duration_seconds)); }

void TimelineView::zoomToSelection() {
  if (marks_.range) {
    setScale(showing(scale_, marks_.range->first, marks_.range->second, content_.duration_seconds));
  } else if (marks_.selected.valid() && content_.inspection) {
    const auto [from, to] = secondsOf(*content_.inspection, marks_.selected);
    setScale(showing(scale_, from, to, content_.duration_seconds));
  }
}

void TimelineView::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const Tokens& t = tokens();
  painter.fillRect(rect(), t.base);
  painter.save();
  painter.scale(drawnAt(), drawnAt());
  painter.setFont(fontFor(font(), drawnAt()));
  TimelinePainter(painter, content_, matching_, options_, scale_, rows_, t, dataColours()).paint(marks_);
  paintChevrons(painter);
  paintHead(painter);
  painter.restore();
  if (hasFocus()) {
    painter.setPen(QPen(t.accent, 2));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(QRectF(rect()).adjusted(1, 1, -1, -1));
  }
}

void TimelineView::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  scale_ = resized(scale_, kGutter, across() - kGutter - kRightMargin, content_.duration_seconds, showsWhole());
  rows_ = layoutRows(content_, options_, down());
}

// The head stays where it is seen: all of it is drawn anew.
void TimelineView::moveEvent(QMoveEvent* event) {
  QWidget::moveEvent(event);
  update();
}

double TimelineView::headShift() const { return isWindow() ? 0.0 : std::max(0, -pos().y()) / drawnAt(); }

void TimelineView::paintHead(QPainter& painter) const {
  const double shift = headShift();
  const std::vector<TimelineRow> head = headOf(rows_);
  if (shift <= 0.0 || head.empty()) return;
  painter.save();
  painter.translate(0, shift);
  painter.fillRect(QRectF(0, 0, across() + 1, heightOf(head)), tokens().base);
  TimelinePainter(painter, content_, matching_, options_, scale_, head, tokens(), dataColours()).paint(marks_);
  painter.fillRect(QRectF(0, heightOf(head) - 1, across() + 1, 1), tokens().border);
  painter.restore();
}

bool TimelineView::canCollapse(const TimelineRow& row) const { return row.kind == RowKind::kLevel && options_.only_level < 0; }

// Between the name of a level and its cells: down when it is whole, to the right when it is collapsed.
void TimelineView::paintChevrons(QPainter& painter) const {
  painter.setRenderHint(QPainter::Antialiasing, true);
  painter.setPen(Qt::NoPen);
  painter.setBrush(tokens().muted);
  for (const TimelineRow& row : rows_) {
    if (!canCollapse(row)) continue;
    const double middle = row.top + row.height / 2.0, x = scale_.left - 7.0;
    const bool thin = options_.collapsed.contains(row.level);
    const QPolygonF right({QPointF(x + 1, row.top), QPointF(x + 4, middle), QPointF(x + 1, row.top + row.height)});
    const QPolygonF down({QPointF(x, middle - 1.5), QPointF(x + 5, middle - 1.5), QPointF(x + 2.5, middle + 2)});
    painter.drawPolygon(thin ? right : down);
  }
  painter.setRenderHint(QPainter::Antialiasing, false);
}

QPointF TimelineView::inRows(QPointF at) const {
  const double shift = headShift();
  const bool in_head = shift > 0.0 && at.y() >= shift && at.y() < shift + heightOf(headOf(rows_));
  return in_head ? at - QPointF(0, shift) : at;
}

const TimelineRow* TimelineView::levelNamedAt(QPointF at) const {
  const QPointF place = inRows(at);
  if (place.x() >= scale_.left) return nullptr;
  for (const TimelineRow& row : rows_) {
    if (canCollapse(row) && place.y() >= row.top && place.y() < row.top + row.height + 1) return &row;
  }
  return nullptr;
}

void TimelineView::setRange(const MarkedRange& range) {
  marks_.range.reset();
  if (range) {
    const double from = clamped(std::min(range->first, range->second)), to = clamped(std::max(range->first, range->second));
    if (from < to) marks_.range = std::pair(from, to);
  }
  update();
}

void TimelineView::markRange(const MarkedRange& range) {
  const MarkedRange before = marks_.range;
  setRange(range);
  if (marks_.range != before) Q_EMIT rangeMarked(marks_.range);
}

QString TimelineView::rangeText() const {
  const auto [from, to] = *marks_.range;
  QString text = tr("%1 – %2, %3 s").arg(timeText(from), timeText(to), uiNumber(to - from, 2));
  if (content_.levels() == 0) return text;
  const RangeCount count = countOf(content_, *marks_.range);
  text += tr(" · %n step(s)", nullptr, static_cast<int>(count.steps));
  return text + tr(" · %n cell(s) of all levels", nullptr, static_cast<int>(count.cells));
}

void TimelineView::panOverview(double x) {
  const double at = (x - scale_.left) / std::max(1, scale_.width - 1) * content_.duration_seconds;
  const double span = scale_.seconds_per_pixel * (scale_.width - 1);
  setScale(pannedBy(scale_, at - span / 2 - scale_.start_seconds, content_.duration_seconds));
  panned();
}

void TimelineView::mousePressEvent(QMouseEvent* event) {
  drag_from_ = event->position();
  drag_seconds_ = scale_.secondsAt(event->position().x());
  if (event->button() == Qt::MiddleButton) {
    drag_ = Drag::kPan;
    return;
  }
  if (event->button() != Qt::LeftButton) return;
  if (const TimelineRow* named = levelNamedAt(event->position())) {
    Q_EMIT collapseAsked(named->level);
    return;
  }
  if (event->position().x() < scale_.left) return;
  const TimelineRow* row = rowAt(rows_, static_cast<int>(inRows(event->position()).y()));
  if (row && row->kind == RowKind::kOverview) {
    drag_ = Drag::kOverview;
    panOverview(event->position().x());
    return;
  }
  drag_ = row && row->kind == RowKind::kRuler ? Drag::kRange : Drag::kCursor;
  tellCursor(drag_seconds_);
  if (row && row->kind == RowKind::kLevel) {
    const int64_t cell = cellAtStep(content_.inspection->levels[static_cast<size_t>(row->level)], stepAt(content_, clamped(drag_seconds_)));
    selectCell(cell >= 0 ? CellAddress{row->level, cell} : CellAddress{});
  } else if (marks_.selected.valid()) {
    selectCell({});
  }
  int64_t chosen = -1;
  bool predicted = false;
  if (row && row->kind == RowKind::kTruth) {
    chosen = truthAt(content_, clamped(drag_seconds_));
  } else if (row && row->kind == RowKind::kPredictions) {
    const int lane = std::clamp((static_cast<int>(inRows(event->position()).y()) - row->top) / (kLaneHeight + 1), 0, kPredictionLanes - 1);
    chosen = detectionAt(matching_, lane, clamped(drag_seconds_));
    predicted = chosen >= 0;
    if (!predicted && content_.searched) chosen = matching_.missed_at.at(clamped(drag_seconds_));  // its outline
  }
  selectSegment(predicted, chosen);
}

void TimelineView::mouseMoveEvent(QMouseEvent* event) {
  const double x = event->position().x();
  switch (drag_) {
    case Drag::kPan:
      setScale(pannedBy(scale_, drag_seconds_ - scale_.secondsAt(x), content_.duration_seconds));
      panned();
      break;
    case Drag::kOverview: panOverview(x); break;
    case Drag::kCursor: tellCursor(scale_.secondsAt(x)); break;
    case Drag::kRange: {
      const double at = clamped(scale_.secondsAt(x));
      if (std::abs(x - drag_from_.x()) >= 3.0) {
        const double from = clamped(drag_seconds_);
        markRange(std::pair(std::min(from, at), std::max(from, at)));
        if (!marks_.range) break;
        Q_EMIT hovered(rangeText());
        return;
      }
      break;
    }
    case Drag::kNone: break;
  }
  const QPointF place = inRows(event->position());
  const double seconds = scale_.secondsAt(x);
  const TimelineRow* row = rowAt(rows_, static_cast<int>(place.y()));
  const bool on_ruler = row && row->kind == RowKind::kRuler && x >= scale_.left;
  const bool in_range = on_ruler && marks_.range && seconds >= marks_.range->first && seconds <= marks_.range->second;
  Q_EMIT hovered(in_range ? rangeText() : readOut(content_, matching_, rows_, scale_, place));
}

void TimelineView::mouseReleaseEvent(QMouseEvent*) { drag_ = Drag::kNone; }

void TimelineView::mouseDoubleClickEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  markRange({});
  zoomWhole();
}

void TimelineView::wheelEvent(QWheelEvent* event) {
  const double notches = event->angleDelta().y() / 120.0;
  const double sideways = event->angleDelta().x() / 120.0;
  if (event->modifiers().testFlag(Qt::ControlModifier)) {
    setScale(zoomedAt(scale_, event->position().x(), std::pow(1.25, notches), content_.duration_seconds));
    event->accept();
    return;
  }
  if (showsWhole()) {
    event->ignore();  // the scroll area around it takes it
    return;
  }
  const double span = scale_.seconds_per_pixel * scale_.width;
  setScale(pannedBy(scale_, -(notches + sideways) * span * 0.1, content_.duration_seconds));
  panned();
  event->accept();
}

void TimelineView::leaveEvent(QEvent*) { Q_EMIT hovered(QString()); }

}  // namespace hvlm::ui
