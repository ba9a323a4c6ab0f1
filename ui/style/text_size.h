// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QEvent>
#include <QWidget>
#include <memory>

namespace hvlm::ui {

// How much larger than usual the text of a widget is: 1 up to 10 points at 96 dpi, 2 for text at 200 % (the platform's font or its text scaling).
double textScale(const QWidget& widget);
// A size in pixels that holds text, grown with it.
int withText(const QWidget& widget, int pixels);
// Drawings whose rows and margins are made for usual text are painted that much larger as a whole, with a font that much smaller.
QFont fontFor(const QFont& font, double scale);
// A mouse or wheel event with its place in units of such a drawing; null for any other event.
std::unique_ptr<QEvent> scaledEvent(const QEvent& event, double scale);

}  // namespace hvlm::ui
