// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QColor>
#include <QString>
#include <vector>

namespace hvlm::ui {

// The colour-blind-safe set of 20 that classes are drawn from.
const std::vector<QColor>& classColourSet();

// The colour of a class, from its name alone: the same in every session, data set and export. Two classes may share a hue of
// the set; a second part of the hash then usually sets them apart by lightness. Always shown with the name.
QColor classColour(const QString& name);

}  // namespace hvlm::ui
