// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/look/pyramid_view.h"

#include <QAccessible>
#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

#include "support/text.h"
#include "ui/shell/action_list.h"
#include "ui/style/theme.h"
#include "ui/text.h"
#include "ui/timeline/pyramid_cells.h"

namespace hvlm::ui {
namespace {

constexpr double kNames = 56.0;  // "L3 · 63"
constexpr double kFoot = 30.0;   // colour scale

QString scaleEnd(CellValue value, bool high) {
  if (value == CellValue::kShare) return high ? uiText("8 × even share") : uiText("⅛");
  if (value == CellValue::kAlpha) return high ? uiText("1 attention in its window") : QStringLiteral("0");
  return high ? uiText("1 class score") : QStringLiteral("0");
}

}  // namespace

PyramidView::PyramidView(QWidget* parent) : FigureCanvas(tr("Temporal pyramid"), tr("The temporal pyramid of the chosen video appears here, once a run has looked at it."), parent) {
  setObjectName(QStringLiteral("pyramidView"));
  setFocusPolicy(Qt::StrongFocus);
}

void PyramidView::setContent(const TimelineContent& content) {
  const bool same = content.video == content_.video && content.levels() == content_.levels();
  content_ = content;
  if (!same) selected_ = {};
  fit(!same);
  update();
}

void PyramidView::setLayout(Layout layout) {
  layout_ = layout;
  update();
}
void PyramidView::setValue(CellValue value) {
  value_ = value;
  update();
}

void PyramidView::setCursor(double seconds) {
  cursor_ = seconds;
  if (hasContent()) update();
}

void PyramidView::fit(bool whole) {
  const QRectF p = place();
  const int left = static_cast<int>(p.left() + kNames), width = std::max(1, static_cast<int>(p.width() - kNames));
  scale_ = whole ? wholeVideo(content_.duration_seconds, left, width) : resized(scale_, left, width, content_.duration_seconds, false);
}

void PyramidView::showAll() {
  fit(true);
  update();
}

void PyramidView::zoomAt(double x, double factor) {
  scale_ = zoomedAt(scale_, x, factor, content_.duration_seconds);
  update();
}

PyramidView::Frame PyramidView::frameFor(const QRectF& place, const TimeScale* shown) const {
  Frame frame;
  frame.lanes = place.adjusted(kNames, 0, 0, -kFoot);
  frame.scale = shown ? *shown : wholeVideo(content_.duration_seconds, static_cast<int>(frame.lanes.left()), std::max(1, static_cast<int>(frame.lanes.width())));
  frame.row = frame.lanes.height() / static_cast<double>(std::max<int64_t>(1, content_.levels()));
  return frame;
}

// The top level is the first row.
QRectF PyramidView::rectIn(const Frame& frame, CellAddress cell) const {
  const auto [from, to] = secondsOf(*content_.inspection, cell);
  const double left = frame.scale.pixelAt(from), right = frame.scale.pixelAt(std::min(to, content_.duration_seconds));
  const double top = frame.lanes.top() + frame.row * static_cast<double>(content_.levels() - 1 - cell.level);
  return {left, top, std::max(0.5, right - left), frame.row};
}
QRectF PyramidView::cellRect(CellAddress cell) const { return rectIn(frameFor(place(), &scale_), cell); }

void PyramidView::drawIcicle(QPainter& painter, const Frame& frame, const FigureStyle& style) const {
  const double step = content_.step_seconds;
  const double from = std::max(0.0, frame.scale.secondsAt(frame.lanes.left())), to = std::min(content_.duration_seconds, frame.scale.secondsAt(frame.lanes.right()));
  for (int64_t l = 0; l < content_.levels(); ++l) {
    const PyramidLevel& level = content_.inspection->levels[static_cast<size_t>(l)];
    const auto [first, last] = cellsTouching(level, static_cast<int64_t>(from / step), static_cast<int64_t>(std::ceil(to / step)));
    const double gap = frame.row > 6 ? 1.0 : 0.0;
    for (int64_t c = first; c < last;) {
      QRectF r = rectIn(frame, {l, c});
      // Cells narrower than a pixel share a column, which shows the largest of them.
      int64_t end = c + 1;
      while (end < last && r.width() < 1.0 && rectIn(frame, {l, end}).left() < r.left() + 1.0) ++end;
      const QColor fill = QColor(style.map.at(cellShade(content_, value_, l, c, end)));
      const QRectF visible = r.adjusted(0, 0, r.width() > 4 ? -1 : 0, -gap) & frame.lanes;
      painter.fillRect(visible, fill);
      const bool orphan = level.parent[static_cast<size_t>(c)] < 0 && l + 1 < content_.levels();
      if (orphan) drawHatch(painter, visible, readableOn(fill));  // `floor` left it out of the pyramid
      c = end;
    }
  }
}

void PyramidView::drawTree(QPainter& painter, const Frame& frame, const FigureStyle& style) const {
  painter.setRenderHint(QPainter::Antialiasing, true);
  const auto middle = [&](CellAddress cell) { return rectIn(frame, cell).center(); };
  const double step = content_.step_seconds;
  const double from = std::max(0.0, frame.scale.secondsAt(frame.lanes.left())), to = std::min(content_.duration_seconds, frame.scale.secondsAt(frame.lanes.right()));
  painter.save();
  painter.setClipRect(frame.lanes);
  for (int pass = 0; pass < 2; ++pass) {  // lines first, nodes over them
    for (int64_t l = 0; l < content_.levels(); ++l) {
      const PyramidLevel& level = content_.inspection->levels[static_cast<size_t>(l)];
      const auto [first, last] = cellsTouching(level, static_cast<int64_t>(from / step), static_cast<int64_t>(std::ceil(to / step)));
      const auto most = static_cast<int64_t>(frame.lanes.width());
      const int64_t every = std::max<int64_t>(1, (last - first) / std::max<int64_t>(1, most / 3));  // nodes nearer than three pixels are thinned
      for (int64_t c = first; c < last; c += every) {
        const auto at = static_cast<size_t>(c);
        if (pass == 0) {
          if (level.parent[at] < 0) continue;
          QColor line = style.colours.muted;
          line.setAlphaF(static_cast<float>(0.25 + 0.75 * static_cast<double>(level.alpha[at])));
          painter.setPen(QPen(line, 0.6 + 3.0 * static_cast<double>(level.alpha[at])));
          painter.drawLine(middle({l, c}), middle({l + 1, level.parent[at]}));
        } else {
          painter.setPen(QPen(style.colours.base, 0.8));
          painter.setBrush(QColor(style.map.at(cellShade(content_, value_, l, c, c + 1))));
          const double r = std::clamp(frame.row * 0.22, 1.6, 7.0);
          painter.drawEllipse(middle({l, c}), r, r);
        }
      }
    }
  }
  painter.restore();
  painter.setBrush(Qt::NoBrush);
}

std::vector<CellAddress> PyramidView::pathOf(CellAddress cell) const {
  std::vector<CellAddress> path;
  while (cell.valid() && content_.inspection && cell.level < content_.levels()) {
    path.push_back(cell);
    cell = parentOf(*content_.inspection, cell);
  }
  return path;
}

void PyramidView::drawMarks(QPainter& painter, const Frame& frame, const FigureStyle& style) const {
  painter.setRenderHint(QPainter::Antialiasing, false);
  if (selected_.valid() && selected_.level < content_.levels()) {
    painter.save();
    painter.setClipRect(frame.lanes.adjusted(-1, -1, 1, 1));
    // The way up, and what it is made of, down to the steps.
    for (const CellAddress& each : pathOf(selected_)) {
      painter.setPen(QPen(style.colours.text, 1));
      painter.drawRect(rectIn(frame, each).adjusted(0, 0, -1, -1));
    }
    const auto [from, to] = secondsOf(*content_.inspection, selected_);
    QColor band = style.colours.range;
    const double left = frame.scale.pixelAt(from), right = frame.scale.pixelAt(std::min(to, content_.duration_seconds)), top = rectIn(frame, selected_).bottom();
    painter.fillRect(QRectF(left, top, right - left, frame.lanes.bottom() - top), band);
    painter.setPen(QPen(style.colours.cursor, 2));
    painter.drawRect(rectIn(frame, selected_).adjusted(1, 1, -1, -1));
    painter.restore();
  }
  const double x = frame.scale.pixelAt(cursor_);
  if (x < frame.lanes.left() || x > frame.lanes.right()) return;
  painter.setPen(QPen(style.colours.cursor, 1));
  painter.drawLine(QPointF(x, frame.lanes.top()), QPointF(x, frame.lanes.bottom()));
}

void PyramidView::draw(QPainter& painter, const QRectF& place, const FigureStyle& style) const {
  const bool on_screen = place == this->place();
  const Frame frame = frameFor(place, on_screen ? &scale_ : nullptr);
  painter.setFont(style.font);
  for (int64_t l = 0; l < content_.levels(); ++l) {
    const double top = frame.lanes.top() + frame.row * static_cast<double>(content_.levels() - 1 - l);
    painter.setPen(style.colours.muted);
    if (frame.row >= 9.0) painter.drawText(QRectF(place.left(), top, kNames - 6, frame.row), Qt::AlignRight | Qt::AlignVCenter, tr("L%1 · %2").arg(l).arg(content_.inspection->levels[static_cast<size_t>(l)].first_step.size()));
  }
  if (layout_ == Layout::kIcicle) drawIcicle(painter, frame, style);
  else drawTree(painter, frame, style);
  if (on_screen) drawMarks(painter, frame, style);
  painter.setPen(style.colours.muted);
  const double foot = frame.lanes.bottom() + 2;
  painter.drawText(QRectF(frame.lanes.left(), foot, frame.lanes.width(), 13), Qt::AlignLeft, timeText(std::max(0.0, frame.scale.secondsAt(frame.lanes.left()))));
  painter.drawText(QRectF(frame.lanes.left(), foot, frame.lanes.width(), 13), Qt::AlignRight, timeText(std::min(content_.duration_seconds, frame.scale.secondsAt(frame.lanes.right()))));
  drawColourScale(painter, {frame.lanes.left(), foot + 18}, 90.0, style, scaleEnd(value_, false), scaleEnd(value_, true));
}

CellAddress PyramidView::cellAt(QPointF position) const {
  if (!hasContent()) return {};
  const Frame frame = frameFor(place(), &scale_);
  if (!frame.lanes.contains(position)) return {};
  const int64_t level = content_.levels() - 1 - static_cast<int64_t>((position.y() - frame.lanes.top()) / frame.row);
  if (level < 0 || level >= content_.levels()) return {};
  const auto step = static_cast<int64_t>(frame.scale.secondsAt(position.x()) / content_.step_seconds);
  const int64_t cell = cellAtStep(content_.inspection->levels[static_cast<size_t>(level)], step);
  return cell < 0 ? CellAddress{} : CellAddress{level, cell};
}

QString PyramidView::textOf(CellAddress cell) const {
  if (!cell.valid() || !hasContent() || cell.level >= content_.levels()) return {};
  const PyramidLevel& level = content_.inspection->levels[static_cast<size_t>(cell.level)];
  const auto at = static_cast<size_t>(cell.cell);
  const auto [from, to] = secondsOf(*content_.inspection, cell);
  QString text = tr("level %1, node %2 of %3 · steps %4 – %5 · %6 – %7 · share %8")
                     .arg(cell.level).arg(cell.cell).arg(level.first_step.size()).arg(level.first_step[at]).arg(level.last_step[at])
                     .arg(timeText(from), timeText(std::min(to, content_.duration_seconds))).arg(uiNumber(static_cast<double>(level.share[at]), 4));
  if (level.parent[at] >= 0) text += tr(" · alpha %1 in node %2 of level %3").arg(uiNumber(static_cast<double>(level.alpha[at]), 3)).arg(level.parent[at]).arg(cell.level + 1);
  else if (cell.level + 1 < content_.levels()) text += tr(" · left out of the level above");
  return text;
}

void PyramidView::select(CellAddress cell) {
  if (cell == selected_) return;
  selected_ = cell;
  setAccessibleDescription(textOf(cell));
  QAccessibleEvent changed(this, QAccessible::DescriptionChanged);
  QAccessible::updateAccessibility(&changed);
  update();
}

void PyramidView::choose(CellAddress cell) {
  if (!cell.valid()) return;
  select(cell);
  Q_EMIT hovered(textOf(cell));
  Q_EMIT cellSelected(cell);
}

void PyramidView::mousePressEvent(QMouseEvent* event) {
  drag_seconds_ = scale_.secondsAt(event->position().x());
  if (event->button() != Qt::LeftButton) return;
  const CellAddress cell = cellAt(event->position());
  choose(cell);
  if (cell.valid() && cell.level == 0) Q_EMIT timeChosen(scale_.secondsAt(event->position().x()));
}

void PyramidView::mouseMoveEvent(QMouseEvent* event) {
  if (event->buttons() & Qt::MiddleButton) {
    scale_ = pannedBy(scale_, drag_seconds_ - scale_.secondsAt(event->position().x()), content_.duration_seconds);
    update();
    return;
  }
  Q_EMIT hovered(textOf(cellAt(event->position())));
}

void PyramidView::mouseDoubleClickEvent(QMouseEvent*) { showAll(); }

void PyramidView::wheelEvent(QWheelEvent* event) {
  if (!hasContent()) return;
  if (event->modifiers() & Qt::ControlModifier) zoomAt(event->position().x(), std::pow(1.0015, event->angleDelta().y()));
  else scale_ = pannedBy(scale_, -event->angleDelta().y() * scale_.seconds_per_pixel * 0.5, content_.duration_seconds);
  update();
  event->accept();
}

void PyramidView::walk(Step step) {
  if (!hasContent()) return;
  const CellAddress top{content_.levels() - 1, 0};
  const CellAddress now = selected_.valid() ? selected_ : top;
  const PyramidLevel& level = content_.inspection->levels[static_cast<size_t>(now.level)];
  switch (step) {
    case Step::kUp: choose(selected_.valid() ? parentOf(*content_.inspection, now) : top); break;
    case Step::kDown: {
      const auto [first, last] = childrenOf(*content_.inspection, now);
      if (!selected_.valid()) {
        choose(top);
      } else if (first < last) {
        const std::vector<float>& alpha = content_.inspection->levels[static_cast<size_t>(now.level - 1)].alpha;
        const auto best = std::max_element(alpha.begin() + first, alpha.begin() + last);
        choose({now.level - 1, best - alpha.begin()});
      }
      break;
    }
    case Step::kBefore: choose({now.level, std::max<int64_t>(0, now.cell - 1)}); break;
    case Step::kAfter: choose({now.level, std::min(static_cast<int64_t>(level.first_step.size()) - 1, now.cell + 1)}); break;
  }
}

void PyramidView::addActions(ActionList& actions, const QString& group) {
  const auto add = [&](const char* id, const QString& text, Qt::Key key, Step step) {
    actions.add(id, group, text, {QKeySequence(key)}, [this, step] { walk(step); }, nullptr, this);
  };
  add("pyramidUp", tr("Pyramid: to the parent"), Qt::Key_Up, Step::kUp);
  add("pyramidDown", tr("Pyramid: to the child with the most attention"), Qt::Key_Down, Step::kDown);
  add("pyramidBefore", tr("Pyramid: to the node before"), Qt::Key_Left, Step::kBefore);
  add("pyramidAfter", tr("Pyramid: to the node after"), Qt::Key_Right, Step::kAfter);
}

void PyramidView::resizeEvent(QResizeEvent*) {
  const bool whole = scale_.seconds_per_pixel * scale_.width >= content_.duration_seconds * 0.999;
  fit(whole);
}

bool PyramidView::zoomByKey(double factor) {
  const QRectF lanes = frameFor(place(), &scale_).lanes;
  const double x = scale_.pixelAt(cursor_);
  if (factor == 0.0) showAll();
  else zoomAt(x >= lanes.left() && x <= lanes.right() ? x : lanes.center().x(), factor);
  return true;
}

std::string PyramidView::csv() const {
  std::string text = "level,node,first_step,last_step,parent,alpha,share\n";
  for (int64_t l = 0; l < content_.levels(); ++l) {
    const PyramidLevel& level = content_.inspection->levels[static_cast<size_t>(l)];
    for (size_t c = 0; c < level.first_step.size(); ++c) {
      text += std::to_string(l) + "," + std::to_string(c) + "," + std::to_string(level.first_step[c]) + "," + std::to_string(level.last_step[c]) + "," + std::to_string(level.parent[c]) + "," +
              fixedNumber(static_cast<double>(level.alpha[c]), 6) + "," + fixedNumber(static_cast<double>(level.share[c]), 8) + "\n";
    }
  }
  return text;
}

}  // namespace hvlm::ui
