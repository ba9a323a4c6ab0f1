// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QColor>
#include <QPalette>
#include <QString>
#include <array>

// The one table of colours that widgets, plots and exports share. Pure: no widget, no state.
namespace hvlm::ui {

enum class ThemeKind { kLight, kDark, kHighContrast };

struct Tokens {
  bool dark = false;
  QColor window, base, raised;     // panels / tables and plots / bars and headers
  QColor text, muted, disabled;    // muted keeps 4.5:1 on base
  QColor border, grid;             // hairlines / plot grid
  QColor accent, on_accent;        // selection, focus ring, the one primary button
  QColor good, warning, bad;       // always with an icon or a word
  QColor cursor, range;            // the shared time cursor / a marked range
  std::array<QColor, 10> series;   // lines of runs and of loss terms
};
const Tokens& tokensOf(ThemeKind kind);
QPalette paletteOf(const Tokens& tokens);
ThemeKind kindOf(const QPalette& platform);  // which of the three suits a platform with this palette
constexpr double kTitleSize = 1.15, kSmallSize = 0.9;  // of the body
QString styleSheetOf(const Tokens& tokens, ThemeKind kind, double body_points = 0.0);  // of the program's font; 0: titles and small texts keep its size
double contrastRatio(const QColor& a, const QColor& b);  // WCAG 2, 1 to 21
QColor readableOn(const QColor& background);             // near-black or white, whichever reads better
QString themeName(ThemeKind kind);                       // "light", "dark", "contrast"
ThemeKind themeNamed(const QString& name);               // light for any other

}  // namespace hvlm::ui
