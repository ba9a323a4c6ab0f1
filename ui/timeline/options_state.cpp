// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/timeline/options_state.h"

#include <QJsonArray>
#include <algorithm>
#include <array>

namespace hvlm::ui {
namespace {

constexpr qint64 kMostLevels = 64;  // halving 2^63 steps gives no more
constexpr std::array kValues = {std::pair(CellValue::kShare, "share"), std::pair(CellValue::kAlpha, "alpha"), std::pair(CellValue::kScore, "score")};

}  // namespace

QJsonObject timelineState(const TimelineOptions& o) {
  const auto value = std::find_if(kValues.begin(), kValues.end(), [&](const auto& each) { return each.first == o.value; });
  QJsonObject state{{"truth", o.truth}, {"predictions", o.predictions}, {"attention", o.attention}, {"level", o.only_level},
                    {"cells", value->second}, {"threshold", o.threshold}, {"tiou", o.tiou}};
  QJsonArray collapsed;
  for (const int64_t level : o.collapsed) collapsed.append(static_cast<qint64>(level));
  if (!collapsed.isEmpty()) state.insert(QStringLiteral("collapsed"), collapsed);  // without any, as earlier versions wrote it
  return state;
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
  const QJsonArray collapsed = state.value("collapsed").toArray();
  for (const QJsonValue& level : collapsed) {
    if (const qint64 number = level.toInteger(-1); number >= 0 && number < kMostLevels) o.collapsed.insert(number);
  }
  return o;
}

}  // namespace hvlm::ui
