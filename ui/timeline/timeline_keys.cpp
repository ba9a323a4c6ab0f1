// SPDX-License-Identifier: GPL-3.0-or-later
// The timeline by keyboard: cells, segments and ranges. Moving the cursor and zooming are actions of the window.
#include <QFontMetricsF>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QToolTip>
#include <algorithm>

#include "ui/style/text_size.h"
#include "ui/timeline/timeline_accessible.h"
#include "ui/timeline/timeline_view.h"

namespace hvlm::ui {

// The cell at the cursor: of a level, cut to those there are.
void TimelineView::chooseCellAtCursor(int64_t level) {
  if (content_.levels() == 0) return;
  if (options_.only_level >= 0) level = options_.only_level;
  level = std::clamp<int64_t>(level, 0, content_.levels() - 1);
  const int64_t cell = cellAtStep(content_.inspection->levels[static_cast<size_t>(level)], stepAt(content_, cursorSeconds()));
  if (cell < 0) return;  // `floor` left it out
  selectCell({level, cell});
  Q_EMIT hovered(textOf(*this, {TimelineItem::Kind::kCell, level, cell}));
  tellCellFocus(*this);
}

// The best prediction at the cursor; pressed again, or without one, the true segment.
void TimelineView::chooseSegmentAtCursor() {
  int64_t found = -1;
  for (size_t i = 0; i < matching_.detections.size() && found < 0; ++i) {
    const DetectedSegment& each = content_.detections[i];
    if (matching_.detections[i].shown && each.start_seconds <= cursorSeconds() && cursorSeconds() <= each.end_seconds) found = static_cast<int64_t>(i);
  }
  const int64_t truth = truthAt(content_, cursorSeconds());
  const auto selected = selectedSegment();
  const bool predicted = found >= 0 && (truth < 0 || !selected || !selected->predicted);
  const int64_t index = predicted ? found : truth;
  selectSegment(predicted, index);
  if (index >= 0) Q_EMIT hovered(textOf(*this, {predicted ? TimelineItem::Kind::kFound : TimelineItem::Kind::kTruth, index}));
}

// The range grows or shrinks at the cursor; its other end stays.
void TimelineView::stretchRange(double by_seconds) {
  const double before = cursorSeconds();
  double anchor = before;
  if (marks_.range) {
    if (marks_.range->first == before) anchor = marks_.range->second;
    else if (marks_.range->second == before) anchor = marks_.range->first;
  }
  moveCursor(by_seconds);
  markRange(std::minmax(anchor, cursorSeconds()));
  if (marks_.range) Q_EMIT hovered(rangeText());
}

void TimelineView::keyPressEvent(QKeyEvent* event) {
  const Qt::KeyboardModifiers keys = event->modifiers() & ~Qt::KeypadModifier;
  const int64_t level = marks_.selected.valid() ? marks_.selected.level : -1;
  const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
  if (enter && keys == Qt::NoModifier) {
    chooseCellAtCursor(std::max<int64_t>(0, level));
  } else if (enter && keys == Qt::ShiftModifier) {
    chooseSegmentAtCursor();
  } else if (event->key() == Qt::Key_Up && keys == Qt::ControlModifier) {  // rows go down the screen by level
    chooseCellAtCursor(level < 0 ? content_.levels() - 1 : level - 1);
  } else if (event->key() == Qt::Key_Down && keys == Qt::ControlModifier) {
    chooseCellAtCursor(level + 1);
  } else if (event->key() == Qt::Key_Left && keys == (Qt::ControlModifier | Qt::ShiftModifier)) {
    stretchRange(-content_.step_seconds);
  } else if (event->key() == Qt::Key_Right && keys == (Qt::ControlModifier | Qt::ShiftModifier)) {
    stretchRange(content_.step_seconds);
  } else if (event->key() == Qt::Key_Escape && marks_.range) {
    markRange({});
  } else if (event->key() == Qt::Key_Escape && marks_.selected.valid()) {
    selectCell({});
  } else {
    QWidget::keyPressEvent(event);
    return;
  }
  event->accept();
}

QString TimelineView::cutNameAt(QPointF at) const {
  if (at.x() >= scale_.left) return {};
  const TimelineRow* row = rowAt(rows_, static_cast<int>(inRows(at).y()));
  const QFontMetricsF metrics(fontFor(font(), drawnAt()));
  return row && metrics.horizontalAdvance(row->label) > scale_.left - 12 ? row->label : QString();
}

bool TimelineView::tipGutter(const QHelpEvent& help) {
  const QString name = cutNameAt(QPointF(help.pos()) / drawnAt());
  if (name.isEmpty()) return false;
  QToolTip::showText(help.globalPos(), name, this);
  return true;
}

}  // namespace hvlm::ui
