// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/curves/curves_state.h"

#include <QJsonArray>
#include <algorithm>
#include <array>

#include "ui/curves/curves_view.h"

namespace hvlm::ui {
namespace {

constexpr std::array kAxes = {std::pair(CurveAxis::kStep, "step"), std::pair(CurveAxis::kEpoch, "epoch"), std::pair(CurveAxis::kHours, "hours")};

}  // namespace

QJsonObject curvesState(const CurvesView& view) {
  const CurveOptions& o = view.options();
  const auto axis = std::find_if(kAxes.begin(), kAxes.end(), [&](const auto& each) { return each.first == o.axis; });
  QJsonArray log_cards;
  for (const CardKind kind : kAllCards) {
    if (view.logCards().contains(kind)) log_cards.append(cardName(kind));
  }
  return {{"axis", axis->second}, {"smoothing", o.smoothing}, {"log_x", o.log_x}, {"log_y", log_cards}, {"clip", o.clip}, {"follow", o.follow}};
}

void restoreCurves(CurvesView& view, const QJsonObject& state) {
  constexpr double kMostSmoothing = 0.999;
  CurveOptions o;
  for (const auto& [axis, name] : kAxes) {
    if (state.value("axis").toString() == QLatin1String(name)) o.axis = axis;
  }
  o.smoothing = std::clamp(state.value("smoothing").toDouble(o.smoothing), 0.0, kMostSmoothing);
  o.log_x = state.value("log_x").toBool(o.log_x);
  o.clip = state.value("clip").toBool(o.clip);
  o.follow = state.value("follow").toBool(o.follow);
  const QJsonArray named = state.value("log_y").toArray();
  QSet<CardKind> log_cards;
  for (const CardKind kind : kAllCards) {
    if (named.contains(cardName(kind))) log_cards.insert(kind);
  }
  view.setOptions(o);
  view.setLogCards(log_cards);
}

}  // namespace hvlm::ui
