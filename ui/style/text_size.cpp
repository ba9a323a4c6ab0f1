// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/style/text_size.h"

#include <QFontInfo>
#include <QMouseEvent>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

namespace hvlm::ui {
namespace {

constexpr double kUsual = 14.0;  // pixels: the letter height of 10 points at 96 dpi, rounded up

}  // namespace

double textScale(const QWidget& widget) { return std::max(1.0, QFontInfo(widget.font()).pixelSize() / kUsual); }
int withText(const QWidget& widget, int pixels) { return static_cast<int>(std::lround(pixels * textScale(widget))); }

QFont fontFor(const QFont& font, double scale) {
  QFont made = font;
  if (font.pointSizeF() > 0) made.setPointSizeF(font.pointSizeF() / scale);
  else made.setPixelSize(std::max(1, static_cast<int>(std::lround(font.pixelSize() / scale))));
  return made;
}

std::unique_ptr<QEvent> scaledEvent(const QEvent& event, double scale) {
  switch (event.type()) {
    case QEvent::MouseButtonPress:
    case QEvent::MouseButtonRelease:
    case QEvent::MouseButtonDblClick:
    case QEvent::MouseMove: {
      const auto& e = static_cast<const QMouseEvent&>(event);
      return std::make_unique<QMouseEvent>(e.type(), e.position() / scale, e.scenePosition(), e.globalPosition(), e.button(), e.buttons(), e.modifiers(), e.pointingDevice());
    }
    case QEvent::Wheel: {
      const auto& e = static_cast<const QWheelEvent&>(event);
      return std::make_unique<QWheelEvent>(e.position() / scale, e.globalPosition(), e.pixelDelta(), e.angleDelta(), e.buttons(), e.modifiers(), e.phase(), e.inverted(), Qt::MouseEventNotSynthesized,
                                           e.pointingDevice());
    }
    default: return nullptr;
  }
}

}  // namespace hvlm::ui
