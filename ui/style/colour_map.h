// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QColor>
#include <array>

#include "ui/style/tokens.h"

namespace hvlm::ui {

// A perceptual sequential map of 256 colours: viridis, or cividis where contrast must be highest.
class ColourMap {
 public:
  static const ColourMap& viridis();
  static const ColourMap& cividis();
  static const ColourMap& diverging();  // signed values: blue below, neutral in the middle, orange above; apart for the colour-blind
  QRgb at(double share) const;  // clamped to [0, 1]; NaN gives the lowest

 private:
  explicit ColourMap(const std::array<const char*, 10>& stops);
  std::array<QRgb, 256> table_{};
};
const ColourMap& mapOf(ThemeKind kind);
const ColourMap& dataColours();  // the one of the theme in force

// Position on the scale of a share relative to an even spread: 1/8 of even or less is 0, even is 0.5, 8 times or more is 1.
double evenScale(double share_times_count);

}  // namespace hvlm::ui
