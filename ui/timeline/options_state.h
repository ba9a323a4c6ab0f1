// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QJsonObject>

#include "ui/timeline/timeline_content.h"

namespace hvlm::ui {

// What the timeline shows, as data that outlives the window. What a file leaves out, or has out of range, is as in a fresh window.
QJsonObject timelineState(const TimelineOptions& options);
TimelineOptions timelineOptions(const QJsonObject& state);

}  // namespace hvlm::ui
