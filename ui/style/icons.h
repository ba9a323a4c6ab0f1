// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QIcon>
#include <QString>

namespace hvlm::ui {

// One of the program's own drawings in resources/icons ("play"), coloured from the theme each time it is painted, so that it
// follows a switch while running.
QIcon icon(const char* name);
enum class IconTone { kText, kAccent, kOnAccent, kGood, kWarning, kBad, kMuted };
QIcon icon(const char* name, IconTone tone);
void initResources();  // registers the compiled-in files; call once in each program

}  // namespace hvlm::ui
