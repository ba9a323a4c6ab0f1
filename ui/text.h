// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QCoreApplication>
#include <QString>
#include <filesystem>
#include <string>

// Texts between core (UTF-8 in std::string) and Qt.
namespace hvlm::ui {

inline QString qText(const std::string& text) { return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())); }
inline QString qText(const char* text) { return QString::fromUtf8(text); }
inline QString qText(const std::filesystem::path& path) { return qText(path.string()); }
inline std::string stdText(const QString& text) { return text.toUtf8().toStdString(); }
inline std::filesystem::path pathOf(const QString& text) { return std::filesystem::path(stdText(text)); }
// tr() for free functions.
inline QString uiText(const char* text) { return QCoreApplication::translate("hvlm", text); }

}  // namespace hvlm::ui
