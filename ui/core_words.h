// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <string>

// Words of core that the window shows, in its language; what is not known stays as it is. Files keep the English ones.
namespace hvlm::ui {

QString coreWord(const std::string& english);
QString columnTitle(const std::string& english);  // of a result table

}  // namespace hvlm::ui
