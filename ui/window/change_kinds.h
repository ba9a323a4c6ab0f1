// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QLatin1String>

namespace hvlm::ui {

// Kinds of changes in the history (Change::kind): part of the format of its file.
inline constexpr QLatin1String kColours("class colours"), kTimeline("timeline"), kTicked("ticked"), kBaseline("baseline"), kNotes("notes"), kTrash("trash"), kLayout("layout"),
    kScheme("colour scheme"), kForm("training form"), kKeys("keys"), kLinks("video files"), kRunColours("run colours");

}  // namespace hvlm::ui
