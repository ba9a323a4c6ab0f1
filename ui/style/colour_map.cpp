// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/style/colour_map.h"

#include <algorithm>
#include <cmath>

#include "ui/style/theme.h"

namespace hvlm::ui {

ColourMap::ColourMap(const std::array<const char*, 10>& stops) {
  for (size_t i = 0; i < table_.size(); ++i) {
    const double at = static_cast<double>(i) / 255.0 * 9.0;
    const auto left = std::min<size_t>(static_cast<size_t>(at), 8);
    const double share = at - static_cast<double>(left);
    const QColor a{QLatin1String(stops[left])};
    const QColor b{QLatin1String(stops[left + 1])};
    const auto mix = [share](int x, int y) { return static_cast<int>(std::lround(x + share * (y - x))); };
    table_[i] = qRgb(mix(a.red(), b.red()), mix(a.green(), b.green()), mix(a.blue(), b.blue()));
  }
}

const ColourMap& ColourMap::viridis() {
  static const ColourMap map({"#440154", "#482878", "#3e4989", "#31688e", "#26828e", "#1f9e89", "#35b779", "#6ece58", "#b5de2b",
                              "#fde725"});
  return map;
}

const ColourMap& ColourMap::cividis() {
  static const ColourMap map({"#00224e", "#123570", "#3b496c", "#575d6d", "#707173", "#8a8678", "#a59c74", "#c3b369", "#e1cc55",
                              "#fee838"});
  return map;
}

const ColourMap& ColourMap::diverging() {
  static const ColourMap map({"#08306b", "#2166ac", "#4f94c9", "#a3cbe2", "#f2f2f2", "#f2f2f2", "#f6c184", "#e08a34", "#b35806", "#7f3b08"});
  return map;
}

QRgb ColourMap::at(double share) const {
  if (!(share > 0.0)) return table_.front();
  return table_[static_cast<size_t>(std::lround(std::min(share, 1.0) * 255.0))];
}

const ColourMap& mapOf(ThemeKind kind) { return kind == ThemeKind::kHighContrast ? ColourMap::cividis() : ColourMap::viridis(); }
const ColourMap& dataColours() { return mapOf(Theme::instance().kind()); }

double evenScale(double share_times_count) {
  if (!(share_times_count > 0.0)) return 0.0;
  return std::clamp((std::log2(share_times_count) + 3.0) / 6.0, 0.0, 1.0);
}

}  // namespace hvlm::ui
