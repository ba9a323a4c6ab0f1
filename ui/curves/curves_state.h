// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QJsonObject>

namespace hvlm::ui {

class CurvesView;

// How the curves are drawn, as data that outlives the window: axis, smoothing, logarithms, clipping, following. What a file leaves out, or has out of
// range, is as in a fresh window.
QJsonObject curvesState(const CurvesView& view);
void restoreCurves(CurvesView& view, const QJsonObject& state);

}  // namespace hvlm::ui
