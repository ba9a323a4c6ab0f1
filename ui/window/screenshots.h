// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <QStringList>

namespace hvlm::ui {

class MainWindow;

// Saves one picture of the window and of each panel, light and dark, once everything shown has been read. Returns the files.
// Throws InputError when something asked for does not come.
QStringList takeScreenshots(MainWindow& window, const QString& folder);

}  // namespace hvlm::ui
