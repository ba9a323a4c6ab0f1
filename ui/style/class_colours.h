// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QColor>
#include <QHash>
#include <QString>
#include <filesystem>
#include <string>
#include <vector>

namespace hvlm::ui {

// The colour-blind-safe set of 20 that classes are drawn from.
const std::vector<QColor>& classColourSet();

// The colour of a class, from its name alone: the same in every session, data set and export. Two classes may share a hue of
// the set; a second part of the hash then usually sets them apart by lightness. Always shown with the name.
// The user may have chosen another one (setClassColours). Any thread.
QColor classColour(const QString& name);
QColor standardClassColour(const QString& name);  // from the name alone

// Colours that the user has chosen, by class name: colours.json in the configuration folder.
using ClassColours = QHash<QString, QColor>;
void setClassColours(const ClassColours& chosen);
ClassColours chosenClassColours();
std::filesystem::path classColoursFile();
std::string classColoursJson(const ClassColours& chosen);
ClassColours parseClassColours(const std::string& json);  // throws InputError
// A file that cannot be read is set aside as colours.json.bad and `problem` says so.
ClassColours loadClassColours(const std::filesystem::path& file, QString* problem);

}  // namespace hvlm::ui
