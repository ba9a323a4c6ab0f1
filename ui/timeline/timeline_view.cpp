// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/timeline/timeline_view.h"

#include <QMouseEvent>
#include <QPainter>
#include <QStyleOptionFocusRect>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

#include "ui/style/text_size.h"
#include "ui/style/theme.h"

namespace hvlm::ui {
namespace {

constexpr int kRightMargin = 10;

}  // namespace

TimelineView::TimelineView(QWidget* parent) : QWidget(parent) {
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
  content_ = std::move(content);
  if (!keep) {
    marks_ = {};
    marks_.cursor_seconds = 0.0;
    scale_ = wholeVideo(content_.duration_seconds, kGutter, across() - kGutter - kRightMargin);
    Q_EMIT cellSelected({});
  } else if (marks_.selected.level >= content_.levels()) {
    marks_.selected = {};
    Q_EMIT cellSelected({});
  }
  rematch();
  layOut();
}

void TimelineView::setOptions(const TimelineOptions& options) {
  options_ = options;
  rematch();
  layOut();
}

void TimelineView::rematch() {
  matching_ = matchDetections(content_.detections, content_.truth, options_.threshold, options_.tiou, kPredictionLanes);
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
  const double at = *marks_.cursor_seconds;
  if (at < scale_.start_seconds || at > scale_.endSeconds() + scale_.seconds_per_pixel) {
    const double span = scale_.seconds_per_pixel * scale_.width;
    setScale(pannedBy(scale_, at - span / 2 - scale_.start_seconds, content_.duration_seconds));
  }
  update();
}

void TimelineView::tellCursor(double seconds) {
  setCursor(seconds);
  Q_EMIT cursorMoved(cursorSeconds());
}

void TimelineView::moveCursor(double by_seconds) { tellCursor(cursorSeconds() + by_seconds); }

void TimelineView::goToEdge(int direction) {
  std::vector<double> edges{0.0, content_.duration_seconds};
  for (const Segment& segment : content_.truth) edges.insert(edges.end(), {segment.start_seconds, segment.end_seconds});
  for (size_t i = 0; i < matching_.detections.size(); ++i) {
    if (!matching_.detections[i].shown) continue;
    edges.insert(edges.end(), {content_.detections[i].start_seconds, content_.detections[i].end_seconds});
  }
  std::sort(edges.begin(), edges.end());
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

void TimelineView::zoom(double factor) {
  const double x = scale_.pixelAt(cursorSeconds());
  const bool in_view = x >= scale_.left && x <= scale_.left + scale_.width;
  setScale(zoomedAt(scale_, in_view ? x : scale_.left + scale_.width / 2.0, factor, content_.duration_seconds));
}

void TimelineView::zoomWhole() {
  setScale(wholeVideo(content_.duration_seconds, kGutter, across() - kGutter - kRightMargin));
}

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

void TimelineView::panOverview(double x) {
  const double at = (x - scale_.left) / std::max(1, scale_.width - 1) * content_.duration_seconds;
  const double span = scale_.seconds_per_pixel * (scale_.width - 1);
  setScale(pannedBy(scale_, at - span / 2 - scale_.start_seconds, content_.duration_seconds));
}

void TimelineView::mousePressEvent(QMouseEvent* event) {
  drag_from_ = event->position();
  drag_seconds_ = scale_.secondsAt(event->position().x());
  if (event->button() == Qt::MiddleButton) {
    drag_ = Drag::kPan;
    return;
  }
  if (event->button() != Qt::LeftButton || event->position().x() < scale_.left) return;
  const TimelineRow* row = rowAt(rows_, static_cast<int>(event->position().y()));
  if (row && row->kind == RowKind::kOverview) {
    drag_ = Drag::kOverview;
    panOverview(event->position().x());
    return;
  }
  drag_ = row && row->kind == RowKind::kRuler ? Drag::kRange : Drag::kCursor;
  if (drag_ == Drag::kRange) marks_.range.reset();
  tellCursor(drag_seconds_);
  if (row && row->kind == RowKind::kLevel) {
    const int64_t cell = cellAtStep(content_.inspection->levels[static_cast<size_t>(row->level)], stepAt(content_, clamped(drag_seconds_)));
    selectCell(cell >= 0 ? CellAddress{row->level, cell} : CellAddress{});
  } else if (marks_.selected.valid()) {
    selectCell({});
  }
}

void TimelineView::mouseMoveEvent(QMouseEvent* event) {
  const double x = event->position().x();
  switch (drag_) {
    case Drag::kPan:
      setScale(pannedBy(scale_, drag_seconds_ - scale_.secondsAt(x), content_.duration_seconds));
      break;
    case Drag::kOverview: panOverview(x); break;
    case Drag::kCursor: tellCursor(scale_.secondsAt(x)); break;
    case Drag::kRange: {
      const double at = clamped(scale_.secondsAt(x));
      if (std::abs(x - drag_from_.x()) >= 3.0) {
        const double from = clamped(drag_seconds_);
        marks_.range = std::pair(std::min(from, at), std::max(from, at));
        Q_EMIT hovered(tr("%1 – %2, %3 s").arg(timeText(marks_.range->first), timeText(marks_.range->second))
                           .arg(marks_.range->second - marks_.range->first, 0, 'f', 2));
        update();
        return;
      }
      break;
    }
    case Drag::kNone: break;
  }
  Q_EMIT hovered(readOut(content_, matching_, rows_, scale_, event->position()));
}

void TimelineView::mouseReleaseEvent(QMouseEvent*) { drag_ = Drag::kNone; }

void TimelineView::mouseDoubleClickEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  marks_.range.reset();
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
  event->accept();
}

void TimelineView::leaveEvent(QEvent*) { Q_EMIT hovered(QString()); }

}  // namespace hvlm::ui
