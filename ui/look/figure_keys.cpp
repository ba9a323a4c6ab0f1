// SPDX-License-Identifier: GPL-3.0-or-later
// Figures by keyboard, and what shows where it is.
#include <QAccessible>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollArea>
#include <algorithm>

#include "ui/look/figure_canvas.h"
#include "ui/style/theme.h"

namespace hvlm::ui {
namespace {

constexpr double kZoom = 1.25;
constexpr int kFar = 10;          // items that an arrow with Shift goes by
constexpr double kLeast = 10.0;   // pixels of the frame about an item

QMouseEvent mouseAt(const QWidget& widget, QEvent::Type type, QPointF at, Qt::MouseButton button) {
  return QMouseEvent(type, at, widget.mapToGlobal(at), button, type == QEvent::MouseButtonPress ? button : Qt::NoButton, Qt::NoModifier);
}

}  // namespace

int64_t FigureCanvas::itemBeside(int64_t item, int across, int down) const {
  const int64_t columns = std::max<int64_t>(1, itemColumns());
  int64_t next = item + down * columns;
  if (across != 0) {
    next = item + across;
    if (columns > 1 && next / columns != item / columns) return item;
  }
  return next >= 0 && next < itemCount() ? next : item;
}

void FigureCanvas::tellItem(int64_t item) {
  QMouseEvent move = mouseAt(*this, QEvent::MouseMove, itemPlace(item).center(), Qt::NoButton);
  mouseMoveEvent(&move);
}

void FigureCanvas::chooseItem(int64_t item) {
  const QPointF at = itemPlace(item).center();  // the press may change what is shown
  QMouseEvent press = mouseAt(*this, QEvent::MouseButtonPress, at, Qt::LeftButton);
  mousePressEvent(&press);
  QMouseEvent release = mouseAt(*this, QEvent::MouseButtonRelease, at, Qt::LeftButton);
  mouseReleaseEvent(&release);
}

void FigureCanvas::goToItem(int64_t item) {
  item_ = item;
  QString told;
  const auto listening = connect(this, &FigureCanvas::hovered, this, [&told](const QString& text) { told = text; });
  tellItem(item);
  disconnect(listening);
  setAccessibleDescription(told);
  QAccessibleEvent changed(this, QAccessible::DescriptionChanged);
  QAccessible::updateAccessibility(&changed);
  const QPoint middle = (itemPlace(item).center() * drawnAt()).toPoint();
  for (QWidget* above = parentWidget(); above; above = above->parentWidget()) {
    if (auto* area = qobject_cast<QScrollArea*>(above)) area->ensureVisible(mapTo(area->widget(), middle).x(), mapTo(area->widget(), middle).y(), 12, 24);
  }
  update();
}

void FigureCanvas::keyPressEvent(QKeyEvent* event) {
  const Qt::KeyboardModifiers keys = event->modifiers() & ~Qt::KeypadModifier;
  const int64_t count = hasContent() ? itemCount() : 0, now = currentItem();
  const auto walk = [&](int across, int down) {
    int64_t to = now < 0 ? 0 : now;
    for (int i = 0; i < (keys == Qt::ShiftModifier ? kFar : 1) && now >= 0; ++i) to = itemBeside(to, across, down);
    goToItem(to);
  };
  const bool plain = keys == Qt::NoModifier, moves = count > 0 && (plain || keys == Qt::ShiftModifier);
  bool taken = true;
  switch (event->key()) {
    case Qt::Key_Left: moves ? walk(-1, 0) : void(taken = false); break;
    case Qt::Key_Right: moves ? walk(1, 0) : void(taken = false); break;
    case Qt::Key_Up: moves ? walk(0, -1) : void(taken = false); break;
    case Qt::Key_Down: moves ? walk(0, 1) : void(taken = false); break;
    case Qt::Key_Home: moves ? goToItem(0) : void(taken = false); break;
    case Qt::Key_End: moves ? goToItem(count - 1) : void(taken = false); break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space: moves && now >= 0 ? chooseItem(now) : void(taken = false); break;
    case Qt::Key_Plus:
    case Qt::Key_Equal: taken = hasContent() && zoomByKey(kZoom); break;
    case Qt::Key_Minus: taken = hasContent() && zoomByKey(1.0 / kZoom); break;
    case Qt::Key_0: taken = hasContent() && plain && zoomByKey(0.0); break;
    default: taken = false;
  }
  if (taken) event->accept();
  else QWidget::keyPressEvent(event);
}

void FigureCanvas::focusInEvent(QFocusEvent* event) {
  QWidget::focusInEvent(event);
  update();
}

void FigureCanvas::focusOutEvent(QFocusEvent* event) {
  QWidget::focusOutEvent(event);
  update();
}

void FigureCanvas::paintFocus(QPainter& painter) {
  if (dimmed_ && hasContent()) {
    QColor veil = tokens().base;
    veil.setAlphaF(0.6f);
    painter.save();
    painter.resetTransform();
    painter.fillRect(rect(), veil);
    painter.restore();
  }
  if (!hasFocus()) return;
  painter.save();
  painter.resetTransform();
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.setPen(QPen(tokens().accent, 2));
  painter.setBrush(Qt::NoBrush);
  painter.drawRect(QRectF(rect()).adjusted(1, 1, -1, -1));
  if (currentItem() >= 0 && hasContent()) {
    const QRectF place = itemPlace(currentItem());
    QRectF frame(place.topLeft() * drawnAt(), place.size() * drawnAt());
    const double wider = std::max(0.0, kLeast - frame.width()) / 2.0, taller = std::max(0.0, kLeast - frame.height()) / 2.0;
    painter.drawRect(frame.adjusted(-wider, -taller, wider, taller));
  }
  painter.restore();
}

}  // namespace hvlm::ui
