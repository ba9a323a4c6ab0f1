// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/timeline/options_state.h"

#include <algorithm>
#include <array>

namespace hvlm::ui {
namespace {

constexpr std::array kValues = {std::pair(CellValue::kShare, "share"), std::pair(CellValue::kAlpha, "alpha"), std::pair(CellValue::kScore, "score")};

}  // namespace

QJsonObject timelineState(const TimelineOptions& o) {
  const auto value = std::find_if(kValues.begin(), kValues.end(), [&](const auto& each) { return each.first == o.value; });
  return {{"truth", o.truth}, {"predictions", o.predictions}, {"attention", o.attention}, {"level", o.only_level}, {"cells", value->second}, {"threshold", o.threshold}, {"tiou", o.tiou}};
}

TimelineOptions timelineOptions(const QJsonObject& state) {
  TimelineOptions o;
  o.truth = state.value("truth").toBool(o.truth);
  o.predictions = state.value("predictions").toBool(o.predictions);
  o.attention = state.value("attention").toBool(o.attention);
  o.only_level = std::max(-1, state.value("level").toInt(o.only_level));
  for (const auto& [value, name] : kValues) {
    if (state.value("cells").toString() == QLatin1String(name)) o.value = value;
  }
  o.threshold = std::clamp(state.value("threshold").toDouble(o.threshold), 0.0, 1.0);
  o.tiou = std::clamp(state.value("tiou").toDouble(o.tiou), 0.0, 1.0);
  return o;
}

}  // namespace hvlm::ui
