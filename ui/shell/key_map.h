// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QHash>
#include <QKeySequence>
#include <QList>
#include <QString>
#include <filesystem>
#include <string>

namespace hvlm::ui {

class ActionList;

// Keys that the user has chosen instead of the standard ones, by action id; an empty list means none. keys.json in the configuration folder.
using KeyMap = QHash<QString, QList<QKeySequence>>;

std::filesystem::path keyMapFile();
std::string keyMapJson(const KeyMap& keys);
KeyMap parseKeyMap(const std::string& json);  // throws InputError
// A file that cannot be read is set aside as keys.json.bad and `problem` says so.
KeyMap loadKeyMap(const std::filesystem::path& file, QString* problem);
void saveKeyMap(const std::filesystem::path& file, const KeyMap& keys);  // atomic; throws InputError

// Sets the keys; ids that no action has are left alone. A map that would make two actions answer to one key is refused as a whole: the standard keys
// stay and the clashes are returned.
QStringList applyKeyMap(ActionList& actions, const KeyMap& keys);

}  // namespace hvlm::ui
