// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/style/class_colours.h"

#include "support/hash.h"
#include "ui/text.h"

namespace hvlm::ui {

// Hues of Paul Tol's and of Okabe and Ito's sets, picked to differ in lightness where they are close in hue.
const std::vector<QColor>& classColourSet() {
  static const std::vector<QColor> set = [] {
    std::vector<QColor> colours;
    for (const char* name : {"#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#ee7733", "#009988", "#ddaa77",
                             "#882255", "#88ccee", "#999933", "#cc6677", "#117733", "#7a6fd0", "#e69f00", "#56b4e9", "#cc3311",
                             "#d58fc0", "#44aa99"}) {
      colours.emplace_back(QLatin1String(name));
    }
    return colours;
  }();
  return set;
}

QColor classColour(const QString& name) {
  const uint64_t hash = hash64(stdText(name));
  const auto& set = classColourSet();
  const QColor base = set[hash % set.size()];
  switch ((hash / set.size()) % 3) {
    case 1: return base.lighter(118);
    case 2: return base.darker(122);
    default: return base;
  }
}

}  // namespace hvlm::ui
